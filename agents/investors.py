"""Investors: households, insurers and pensions, banks, funds, foreign real money, carry traders and speculative
traders.

One population, a struct of arrays in which members of a type stand together.  Members carry weights and differ in their
exposure to group signals; news is drawn for the group, so that the size of the population does not change volatility.
Domestic investors plan purchases once a month and have them executed session by session; traders and carry traders
decide in every session.

Speculative traders follow the structural stochastic volatility model of Franke and Westerhoff (2012, "Structural
stochastic volatility in asset pricing dynamics", Journal of Economic Dynamics and Control 36), read as a discrete
choice between a fundamentalist and a chartist rule by members who differ in their predisposition.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit

Array = NDArray[np.float64]

HOUSEHOLD, INSURER_PENSION, BANK, FUND, FOREIGN, CARRY, TRADER = range(7)
TYPE_NAMES = ("household", "insurer_pension", "bank", "fund", "foreign", "carry", "trader")
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


def type_slices(members: int) -> tuple[slice, ...]:
    """Rows of each type in a population of ``members`` (at least one member of each)."""
    counts = np.maximum(1, np.floor(np.array(TYPE_SHARES) * members)).astype(int)
    counts[HOUSEHOLD] += members - counts.sum()
    ends = np.cumsum(counts)
    return tuple(slice(int(end - count), int(end)) for end, count in zip(ends, counts, strict=True))


def make_investor_columns(
    members: int, holdings: dict[int, dict[str, float]], p: Any, rng: np.random.Generator
) -> dict:
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
    columns = {
        name: np.zeros(members)
        for name in ("weight", "deposits", "jgb", "equity", "foreign", "position_usd", "tilt", "exposure", "stop_loss")
    }
    columns["headroom"] = np.ones(members)
    columns["cooldown"] = np.zeros(members)
    columns["type"] = np.zeros(members, dtype=np.int8)
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
            columns[name][span] = weight * holdings.get(kind, {}).get(name, 0.0)
    columns["position_usd"][rows[CARRY]] = columns["weight"][rows[CARRY]] * holdings[CARRY]["position_usd"]
    return columns


class ReturnOutlook(NamedTuple):
    """What investors expect, relative to the start of the run.

    Attributes
    ----------
    foreign_excess_pp : change since the start in the yield of foreign over Japanese assets, percentage points.
    jgb_10y_pct : yield at which they judge JGBs, percent.
    """

    foreign_excess_pp: float
    jgb_10y_pct: float


@njit(cache=True)
def buy_assets(bounds, weight, exposure, base, response, foreign_excess_pp, stakes, foreign, deposits, equity, bought):  # type: ignore[no-untyped-def]
    """Let the members of each type that stands first buy their month's foreign assets and equity, trillion yen.

    A type's purchases of foreign assets are ``base`` at the start's return differential and ``response`` more or less
    for each percentage point of ``foreign_excess_pp``; a member's part follows its weight and, in the response, its
    exposure.  It pays with deposits.  Where ``base`` is below zero members sell, each no more than it has.  Of its
    type's purchases of equity, ``stakes``, a member takes a part by weight.

    Parameters
    ----------
    bounds : rows ``bounds[kind]`` to ``bounds[kind + 1]`` are the type's members.
    weight, exposure, foreign, deposits, equity : columns of the members; the last three are moved.
    base, response, stakes : by type; ``bought`` takes what each buys of foreign assets.
    """
    for kind in range(len(base)):
        total = 0.0
        for i in range(bounds[kind], bounds[kind + 1]):
            order = weight[i] * base[kind] * max(0.0, 1.0 + response[kind] * exposure[i] * foreign_excess_pp)
            order = max(order, -foreign[i])
            foreign[i] += order
            deposits[i] -= order
            equity[i] += weight[i] * stakes[kind]
            total += order
        bought[kind] = total


def jgb_demand(
    holding: Array, balance_sheet: Array, mandate_share: float, slope_share_per_pp: float, speed: float
) -> tuple[Array, Array]:
    """Net purchases of JGBs wanted by the members of a type as ``intercept + slope × yield gap``, trillion yen.

    The mandate is a share of the balance sheet; the yield gap is that of the 10-year yield over the type's hurdle, in
    percentage points.  Members close ``speed`` of the distance to the mandate in a month.
    """
    return speed * (mandate_share * balance_sheet - holding), slope_share_per_pp * balance_sheet


@njit(cache=True)
def trader_orders(weight, tilt, exposure, position, attitude, pull, trend, news_f, news_c, scale):  # type: ignore[no-untyped-def]
    """Orders of speculative traders in one session.

    A member is a fundamentalist if the group's attitude exceeds its tilt, else a chartist.  Returns the
    fundamentalists' share by weight, and the group's orders by fundamentalists, by chartists, and on news (billion
    dollars, buying dollars positive); adds each order to ``position``.
    """
    share, by_value, by_chart = 0.0, 0.0, 0.0
    value_order, chart_order = pull + news_f, trend + news_c
    # Choices instead of branches: which way a member goes is hard to predict.
    for i in range(weight.size):
        load = weight[i] * exposure[i] * scale
        fundamentalist = attitude > tilt[i]
        share += weight[i] if fundamentalist else 0.0
        by_value += load if fundamentalist else 0.0
        by_chart += 0.0 if fundamentalist else load
        position[i] += load * (value_order if fundamentalist else chart_order)
    return share, by_value * pull, by_chart * trend, by_value * news_f + by_chart * news_c


@njit(cache=True)
def carry_orders(weight, exposure, headroom, stop_loss, cooldown, position, book, appetite, limit, speed, loss, pause):  # type: ignore[no-untyped-def]
    """Orders of carry traders in one session, billion dollars in all (buying dollars positive).

    A member wants ``book × weight`` times its response to the group's ``appetite`` (1 at the start), within a leverage
    limit that moves with ``limit`` (long-run over current volatility); it closes ``speed`` of the distance in a
    session. After a loss of more than its ``stop_loss`` over five sessions it sells half of what it has and stays out
    for ``pause`` sessions.
    """
    total = 0.0
    for i in range(weight.size):
        if cooldown[i] > 0.0:
            cooldown[i] -= 1.0
        own = book * weight[i]
        wanted = min(own * max(0.0, 1.0 + exposure[i] * (appetite - 1.0)), own * headroom[i] * limit)
        order = 0.0
        if loss > stop_loss[i] and cooldown[i] == 0.0 and position[i] > 0.0:
            order = -0.5 * position[i]
            cooldown[i] = pause
        elif cooldown[i] == 0.0 or wanted < position[i]:
            order = speed * (wanted - position[i])
        position[i] += order
        total += order
    return total
