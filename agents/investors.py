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
    cooldown: Array


Investors: TypeAlias = Population[InvestorColumns]
"""The population of investors."""


def type_slices(members: int) -> tuple[slice[int, int, int], ...]:
    """Rows of each type in a population of ``members`` (at least one member of each)."""
    counts = np.maximum(1, np.floor(np.array(TYPE_SHARES) * members)).astype(int)
    counts[HOUSEHOLD] += members - counts.sum()
    ends = np.cumsum(counts)
    return tuple(slice(int(end - count), int(end)) for end, count in zip(ends, counts, strict=True))


def make_investor_columns(
    members: int, holdings: dict[int, dict[str, float]], p: ParameterValues, rng: np.random.Generator
) -> InvestorColumns:
    """Columns of a new population.

    Parameters
    ----------
    members : number of members, at least 7.
    holdings : by type, the opening holdings of its party: ``deposits``, ``jgb``, ``equity``, ``foreign`` in trillion
        yen.
    p : parameters.
    rng : construction stream.

    Returns
    -------
    Columns of length ``members``: ``type``; ``weight`` (adds to 1 within a type); ``deposits``, ``jgb``, ``equity``,
    ``foreign`` (trillion yen); ``position_usd`` (billion dollars, carry and traders); ``tilt`` (threshold of attitude
    below which a trader is a chartist); ``exposure`` (loading on group signals, weighted mean 1); ``stop_loss`` (log
    points in five sessions), ``headroom`` (limit over opening position), ``cooldown`` (sessions).
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
    columns["position_usd"][rows[CARRY]] = columns["weight"][rows[CARRY]] * holdings[CARRY]["position_usd"]
    return columns
