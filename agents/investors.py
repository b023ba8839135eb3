"""Investors: households, insurers and pensions, banks, funds, foreign real money, carry traders and speculative
traders.

One population, a struct of arrays in which members of a type stand together.  Members carry weights and differ in their
exposure to group signals; news is drawn for the group, so that the size of the population does not change volatility.
Domestic investors plan purchases once a month and have them executed session by session; traders and carry traders
decide in every session.
"""

from __future__ import annotations

from collections.abc import Mapping
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
INSURER, PUBLIC_PENSION, CORPORATE_PENSION = range(3)
"""Mandates among insurers and pensions; other types have one mandate each, 0."""
_FEWEST_WITH_PENSIONS = 4
_MEMBERS_PER_CORPORATE_PENSION = 4
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
    softbank: Array
    softbank_cost: Array
    position_usd: Array
    tilt: Array
    exposure: Array
    stop_loss: Array
    headroom: Array
    leverage: Array
    wealth: Array
    cooldown: Array
    strictness: Array
    room: Array
    mandate: NDArray[np.int8]


Investors: TypeAlias = Population[InvestorColumns]
"""The population of investors."""


def type_slices(members: int) -> tuple[slice[int, int, int], ...]:
    """Rows of each type in a population of ``members`` (at least one member of each)."""
    counts = np.maximum(1, np.floor(np.array(TYPE_SHARES) * members)).astype(int)
    counts[HOUSEHOLD] += members - counts.sum()
    ends = np.cumsum(counts)
    return tuple(slice(int(end - count), int(end)) for end, count in zip(ends, counts, strict=True))


def stratified(weight: Array, base: int = 2) -> Array:
    """Places between 0 and 1 that are evenly spread among members of about the same weight, (members,).

    The share of a type's weight beyond a threshold must not depend on how many members it has; hence van der Corput's
    sequence in order of weight, and no draw.

    Parameters
    ----------
    weight : of the members.
    base : of the sequence; another one for another trait.
    """
    number, places, part = np.arange(1, weight.size + 1), np.zeros(weight.size), 1.0
    while number.any():
        part /= base
        places += part * (number % base)
        number //= base
    spread = np.empty(weight.size)
    spread[np.argsort(-weight, kind="stable")] = places
    return spread


def _room(kind: int, weight: Array, strictness: Array, p: ParameterValues) -> Array:
    """Room below its limit that each member has over its type's mean, (members,)."""
    spreads = {BANK: p.bank_rate_risk_headroom_log_sd, FOREIGN: p.softbank_risk_room_log_sd}
    if kind == INSURER_PENSION:
        room = 1.0 + p.insurer_gains_to_bonds_spread * (1.0 - 2.0 * strictness)
    else:
        room = np.exp(spreads.get(kind, 0.0) * normal_quantile(1.0 - strictness))
    found: Array = room * weight.sum() / (weight * room).sum()
    return found


def normal_quantile(places: Array) -> Array:
    """Standard normal value below which a share ``places`` lies, by Tukey's lambda (Joiner and Rosenblatt 1971)."""
    inside = np.clip(places, 1e-4, 1.0 - 1e-4)
    value: Array = 5.05 * (inside**0.135 - (1.0 - inside) ** 0.135)
    return value


def mandates_of(count: int) -> NDArray[np.int8]:
    """Mandates of ``count`` insurers and pensions in order: the public fund, corporate funds, insurers.

    Fewer than four members are insurers all.
    """
    mandate = np.full(count, INSURER, dtype=np.int8)
    if count >= _FEWEST_WITH_PENSIONS:
        mandate[: 1 + count // _MEMBERS_PER_CORPORATE_PENSION] = CORPORATE_PENSION
        mandate[0] = PUBLIC_PENSION
    return mandate


def _weigh_pensions(weight: Array, mandate: NDArray[np.int8], public_share: float, p: ParameterValues) -> None:
    """Give the funds together their part of what insurers and pensions have, in place."""
    if not (mandate == PUBLIC_PENSION).any():
        return
    corporate = p.corporate_pension_share_of_claims
    for kind, share in (
        (PUBLIC_PENSION, public_share),
        (CORPORATE_PENSION, corporate),
        (INSURER, 1.0 - public_share - corporate),
    ):
        weight[mandate == kind] *= share / weight[mandate == kind].sum()


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
    """Position over wealth, from the highest to the lowest along the strata; retail accounts stand first."""
    share = p.retail_fx_share_of_carry
    place = np.clip((stratum - share) / (1.0 - share), 0.0, 1.0)
    of_funds = p.carry_leverage_high * (p.carry_leverage_low / p.carry_leverage_high) ** place
    if share == 0.0:
        return np.asarray(of_funds)
    spread = np.exp(p.retail_fx_leverage_log_sd * normal_quantile(1.0 - np.minimum(stratum / share, 1.0)))
    of_accounts = np.minimum(p.retail_fx_leverage_median * spread, 1.0 / p.carry_margin_share)
    return np.asarray(np.where(stratum < share, of_accounts, of_funds))


def retail_accounts(stop_loss: Array, p: ParameterValues) -> NDArray[np.bool_]:
    """Which carry traders are retail accounts, (carry traders,): the first to stop, as they have borrowed most.

    Parameters
    ----------
    stop_loss : of the carry traders as they were made, log points.
    """
    width = p.carry_stop_loss_high - p.carry_stop_loss_low
    first: NDArray[np.bool_] = stop_loss < p.carry_stop_loss_low + p.retail_fx_share_of_carry * width
    return first


def make_investor_columns(
    members: int, holdings: dict[int, dict[str, float]], p: ParameterValues, rng: np.random.Generator
) -> InvestorColumns:
    """Columns of a new population.

    Parameters
    ----------
    members : number of members, at least 7.
    holdings : by type, the opening holdings of its party: ``deposits``, ``jgb``, ``equity``, ``foreign``,
        ``softbank`` in trillion yen; of carry traders ``position_usd`` in billion dollars and ``book``, the same in
        trillion yen; of speculative traders ``limit``, the largest position in trillion yen; of insurers and pensions
        ``public_pension_share``, the public fund's part of what they have.
    p : parameters.
    rng : construction stream.

    Returns
    -------
    Columns of length ``members``: ``type``; ``weight`` (adds to 1 within a type); ``deposits``, ``jgb``, ``equity``,
    ``foreign`` (trillion yen); ``softbank`` and ``softbank_cost`` (its shares at market value and at what they were
    bought for, trillion yen); ``position_usd`` (billion dollars, carry and traders); ``tilt`` (threshold of attitude
    below which a trader is a chartist); ``exposure`` (loading on group signals, weighted mean 1); ``stop_loss`` (log
    points in five sessions), ``headroom`` (limit over opening position), ``leverage`` (of carry traders: opening
    position over wealth; of speculative traders: largest position over wealth), ``wealth`` (trillion yen, of both),
    ``cooldown`` (sessions); ``strictness`` (place between the member whose rules leave most room and the one whose
    leave least, 0 to 1), ``room`` (below a type's limit over its mean, weighted mean 1), ``mandate`` (of insurers and
    pensions: 0 insurer, 1 public pension, 2 corporate pension).
    """
    columns = _blank_columns(members)
    for kind, rows in enumerate(type_slices(members)):
        columns["type"][rows] = kind
        _fill_type(columns, kind, rows, holdings.get(kind, {}), p, rng)
    return columns


def _blank_columns(members: int) -> InvestorColumns:
    """Columns of members that have nothing yet and differ in nothing."""
    return {
        "weight": np.zeros(members),
        "deposits": np.zeros(members),
        "jgb": np.zeros(members),
        "equity": np.zeros(members),
        "foreign": np.zeros(members),
        "softbank": np.zeros(members),
        "softbank_cost": np.zeros(members),
        "position_usd": np.zeros(members),
        "tilt": np.zeros(members),
        "exposure": np.zeros(members),
        "stop_loss": np.zeros(members),
        "headroom": np.ones(members),
        "leverage": np.zeros(members),
        "wealth": np.zeros(members),
        "cooldown": np.zeros(members),
        "strictness": np.zeros(members),
        "room": np.ones(members),
        "mandate": np.zeros(members, dtype=np.int8),
        "type": np.zeros(members, dtype=np.int8),
    }


def _fill_type(
    columns: InvestorColumns,
    kind: int,
    rows: slice[int, int, int],
    holdings: Mapping[str, float],
    p: ParameterValues,
    rng: np.random.Generator,
) -> None:
    """Draw the members of a type and give them what their party holds."""
    count = rows.stop - rows.start
    quantile = rng.permutation((np.arange(count) + 0.5) / count)
    weight = _draw_weights(kind, quantile, p)
    if kind == INSURER_PENSION:
        columns["mandate"][rows] = mandate = mandates_of(count)
        _weigh_pensions(weight, mandate, holdings.get("public_pension_share", 0.0), p)
    columns["strictness"][rows] = strictness = stratified(weight)
    # Room is the insurers' among insurers and pensions: funds have bands.
    columns["room"][rows] = _room(kind, weight * (columns["mandate"][rows] == INSURER), strictness, p)
    columns["weight"][rows] = weight
    exposure = 0.5 + rng.permutation((np.arange(count) + 0.5) / count)
    columns["exposure"][rows] = exposure / (weight * exposure).sum()
    stratum = rng.permutation((np.arange(count) + 0.5) / count)
    columns["tilt"][rows] = np.log(stratum / (1.0 - stratum))
    columns["stop_loss"][rows] = p.carry_stop_loss_low + stratum * (p.carry_stop_loss_high - p.carry_stop_loss_low)
    columns["headroom"][rows] = 1.05 + quantile
    _give_holdings(columns, rows, holdings, p)
    if kind == CARRY:
        # Who works with more borrowed money stops sooner.
        columns["leverage"][rows] = _carry_leverage(stratum, p)
        columns["position_usd"][rows] = weight * holdings["position_usd"]
        columns["wealth"][rows] = weight * holdings["book"] / columns["leverage"][rows]
    elif kind == TRADER:
        columns["leverage"][rows] = _trader_leverage(quantile, p)
        columns["wealth"][rows] = weight * holdings["limit"] / columns["leverage"][rows]


def _draw_weights(kind: int, quantile: Array, p: ParameterValues) -> Array:
    """Weights of a type's members by their quantiles, sum 1: Pareto, and all alike among those who trade currency."""
    tail = p.wealth_pareto_exponent if kind == HOUSEHOLD else p.institution_size_pareto_exponent
    weight: Array = np.ones(quantile.size) if kind in (CARRY, TRADER) else (1.0 - quantile) ** (-1.0 / tail)
    weight /= weight.sum()
    return weight


def _give_holdings(
    columns: InvestorColumns, rows: slice[int, int, int], holdings: Mapping[str, float], p: ParameterValues
) -> None:
    """Split among a type's members what it holds: by weight, and SoftBank by liking too."""
    weight, assets = columns["weight"][rows], cast(dict[str, Array], columns)
    for name in ("deposits", "jgb", "equity", "foreign"):
        assets[name][rows] = weight * holdings.get(name, 0.0)
    # Some hold much of SoftBank, most little.
    liking = weight * np.exp(p.softbank_concentration_log_sd * normal_quantile(stratified(weight, 3)))
    columns["softbank"][rows] = liking / liking.sum() * holdings.get("softbank", 0.0)
    columns["softbank_cost"][rows] = columns["softbank"][rows]


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
    weight, mandate = columns["weight"][rows].copy(), columns["mandate"][rows]
    for name in ("tilt", "exposure", "stop_loss", "headroom"):
        arrays[name][rows] = (weight * arrays[name][rows]).sum()
    # Who trades under another mandate is another kind of member.
    for one in np.unique(mandate):
        same = np.flatnonzero(mandate == one) + rows.start
        for name in (
            "weight",
            "deposits",
            "jgb",
            "equity",
            "foreign",
            "softbank",
            "softbank_cost",
            "position_usd",
            "wealth",
        ):
            arrays[name][same] = arrays[name][same].mean()
    columns["room"][rows], columns["strictness"][rows] = 1.0, 0.5
    if kind in (CARRY, TRADER):
        # Capital goes with one over leverage, and stays what it is in all.
        columns["leverage"][rows] = 1.0 / (weight / capital).sum()


def take_members(columns: InvestorColumns, others: InvestorColumns, kind: int) -> None:
    """Put other draws of the members of a type in the place of those there are."""
    rows = type_slices(columns["type"].size)[kind]
    mine, theirs = cast(dict[str, Array], columns), cast(dict[str, Array], others)
    for name in mine:
        mine[name][rows] = theirs[name][rows]
