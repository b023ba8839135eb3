"""Investors: households, insurers and pensions, banks, funds, foreign real money, carry traders and speculative
traders.

One population, a struct of arrays in which members of a type stand together.  Members carry weights and differ in their
exposure to group signals; news is drawn for the group, so that the size of the population does not change volatility.
Domestic investors plan purchases once a month and have them executed session by session; traders and carry traders
decide in every session.
"""

from __future__ import annotations

from typing import TypeAlias, TypedDict, cast

import numpy as np
from numpy.typing import NDArray

from itcho.agents.population import Population
from itcho.agents.views import ParameterValues

Array = NDArray[np.float64]

HOUSEHOLD, INSURER_PENSION, BANK, FUND, FOREIGN, CARRY, TRADER = range(7)
TYPE_PARTIES = (
    "households",
    "insurers_and_pensions",
    "banks",
    "investment_funds",
    "foreign_investors",
    "carry_traders",
    "speculative_traders",
)
TYPE_SHARES = (0.50, 0.05, 0.05, 0.10, 0.05, 0.10, 0.15)
"""Share of members of each type; a choice of resolution, not of economics."""


class InvestorColumns(TypedDict, total=False):
    """The investors' columns, one entry per member; :func:`make_investor_columns` says what they hold."""

    type: NDArray[np.int8]
    weight: Array
    deposits: Array
    jgb: Array
    equity: Array
    foreign: Array
    position_usd: Array
    tilt: Array
    exposure: Array
    stop_loss: Array
    headroom: Array
    leverage: Array
    wealth: Array
    cooldown: Array


Investors: TypeAlias = Population[InvestorColumns]
"""The population of investors."""


def type_slices(members: int) -> tuple[slice[int, int, int], ...]:
    """Rows of each type in a population of ``members`` (at least one member of each)."""
    counts = np.maximum(1, np.floor(np.array(TYPE_SHARES) * members)).astype(int)
    counts[HOUSEHOLD] += members - counts.sum()
    ends = np.cumsum(counts)
    return tuple(slice(int(end - count), int(end)) for end, count in zip(ends, counts, strict=True))


def trading_capital_shares(members: int, p: ParameterValues) -> tuple[float, float]:
    """Wealth over position at the start of carry traders, and over the largest position of speculative traders.

    ``members`` is the size of the population.
    """
    shares = []
    for kind, leverage in ((CARRY, _carry_leverage), (TRADER, _trader_leverage)):
        rows = type_slices(members)[kind]
        count = rows.stop - rows.start
        shares.append(float((1.0 / leverage((np.arange(count) + 0.5) / count, p)).mean()))
    return shares[0], shares[1]


def _trader_leverage(quantile: Array, p: ParameterValues) -> Array:
    """Largest position over wealth, from the lowest to the highest along the quantiles."""
    return np.asarray(p.trader_leverage_low * (p.trader_leverage_high / p.trader_leverage_low) ** quantile)


def _carry_leverage(stratum: Array, p: ParameterValues) -> Array:
    """Position over wealth, from the highest to the lowest along the strata."""
    return np.asarray(p.carry_leverage_high * (p.carry_leverage_low / p.carry_leverage_high) ** stratum)


def make_investor_columns(
    members: int, holdings: dict[int, dict[str, float]], p: ParameterValues, rng: np.random.Generator
) -> InvestorColumns:
    """Columns of a new population.

    Parameters
    ----------
    members : number of members, at least 7.
    holdings : by type, the opening holdings of its party: ``deposits``, ``jgb``, ``equity``, ``foreign`` in trillion
        yen; of carry traders ``position_usd`` in billion dollars and ``book``, the same in trillion yen; of speculative
        traders ``limit``, the largest position in trillion yen.
    p : parameters.
    rng : construction stream.

    Returns
    -------
    Columns of length ``members``: ``type``; ``weight`` (adds to 1 within a type); ``deposits``, ``jgb``, ``equity``,
    ``foreign`` (trillion yen); ``position_usd`` (billion dollars, carry and traders); ``tilt`` (threshold of attitude
    below which a trader is a chartist); ``exposure`` (loading on group signals, weighted mean 1); ``stop_loss`` (log
    points in five sessions), ``headroom`` (limit over opening position), ``leverage`` (of carry traders: opening
    position over wealth; of speculative traders: largest position over wealth), ``wealth`` (trillion yen, of both),
    ``cooldown`` (sessions).
    """
    rows = type_slices(members)
    columns: InvestorColumns = {
        "weight": np.zeros(members),
        "deposits": np.zeros(members),
        "jgb": np.zeros(members),
        "equity": np.zeros(members),
        "foreign": np.zeros(members),
        "position_usd": np.zeros(members),
        "tilt": np.zeros(members),
        "exposure": np.zeros(members),
        "stop_loss": np.zeros(members),
        "headroom": np.ones(members),
        "leverage": np.zeros(members),
        "wealth": np.zeros(members),
        "cooldown": np.zeros(members),
        "type": np.zeros(members, dtype=np.int8),
    }
    assets = cast(dict[str, Array], columns)
    for kind, span in enumerate(rows):
        count = span.stop - span.start
        quantile = rng.permutation((np.arange(count) + 0.5) / count)
        tail = p.wealth_pareto_exponent if kind == HOUSEHOLD else p.institution_size_pareto_exponent
        weight = (1.0 - quantile) ** (-1.0 / tail)
        if kind in (CARRY, TRADER):
            weight = np.ones(count)
        weight /= weight.sum()
        columns["type"][span] = kind
        columns["weight"][span] = weight
        exposure = 0.5 + rng.permutation((np.arange(count) + 0.5) / count)
        columns["exposure"][span] = exposure / (weight * exposure).sum()
        stratum = rng.permutation((np.arange(count) + 0.5) / count)
        columns["tilt"][span] = np.log(stratum / (1.0 - stratum))
        columns["stop_loss"][span] = p.carry_stop_loss_low + stratum * (p.carry_stop_loss_high - p.carry_stop_loss_low)
        columns["headroom"][span] = 1.05 + quantile
        for name in ("deposits", "jgb", "equity", "foreign"):
            assets[name][span] = weight * holdings.get(kind, {}).get(name, 0.0)
        if kind == CARRY:
            # Who works with more borrowed money stops sooner.
            columns["leverage"][span] = _carry_leverage(stratum, p)
            columns["position_usd"][span] = weight * holdings[kind]["position_usd"]
            columns["wealth"][span] = weight * holdings[kind]["book"] / columns["leverage"][span]
        elif kind == TRADER:
            columns["leverage"][span] = _trader_leverage(quantile, p)
            columns["wealth"][span] = weight * holdings[kind]["limit"] / columns["leverage"][span]
    return columns


def make_members_alike(columns: InvestorColumns, kind: int) -> None:
    """Let the members of a type differ in nothing, in place; what they have in all stays.

    Parameters
    ----------
    columns : made by :func:`make_investor_columns`.
    kind : the type.
    """
    rows = type_slices(columns["type"].size)[kind]
    arrays = cast(dict[str, Array], columns)
    capital = columns["leverage"][rows].copy()
    for name in ("deposits", "jgb", "equity", "foreign", "position_usd", "wealth"):
        arrays[name][rows] = arrays[name][rows].mean()
    weight = columns["weight"][rows].copy()
    for name in ("tilt", "exposure", "stop_loss", "headroom"):
        arrays[name][rows] = (weight * arrays[name][rows]).sum()
    columns["weight"][rows] = 1.0 / weight.size
    if kind in (CARRY, TRADER):
        # Capital goes with one over leverage, and stays what it is in all.
        columns["leverage"][rows] = 1.0 / (weight / capital).sum()


def take_members(columns: InvestorColumns, others: InvestorColumns, kind: int) -> None:
    """Put other draws of the members of a type in the place of those there are."""
    rows = type_slices(columns["type"].size)[kind]
    mine, theirs = cast(dict[str, Array], columns), cast(dict[str, Array], others)
    for name in mine:
        mine[name][rows] = theirs[name][rows]
