"""Limits on record: what every limit of :data:`itcho.agents.limits.LIMITS` did in a month.

Readings that come with a month's records are taken from there; the others are read off the agents as the month leaves
them.  Nothing here changes anything.
"""

from __future__ import annotations

import math
from typing import cast

import numpy as np
from numpy.typing import NDArray

from itcho.agents.carry_traders import carry_limits
from itcho.agents.investors import CARRY, FUND, HOUSEHOLD, INSURER_PENSION, TRADER
from itcho.agents.limits import (
    BOJ_LOWER_BOUND,
    CARRY_MARGIN,
    CARRY_RISK,
    CARRY_STOP,
    DEALER_CAPACITY,
    EQUITY_SALES,
    SOFTBANK_COLLATERAL,
    SOFTBANK_DATA_CENTRES,
    SOFTBANK_RATIO,
    SOFTBANK_SALES,
    SUBSIDY_BUDGET,
    TRADER_SIZE,
    TRADER_WEALTH,
    Limit,
    LimitReading,
)
from itcho.agents.speculative_traders import currency_trader_limits
from itcho.model.finance.currency_orders import carry_appetite_now
from itcho.model.finance.foreign_exchange import CARRY_COLUMNS, TRADER_COLUMNS, Carry
from itcho.model.month_records import ClosedMonth
from itcho.model.outside_world import SESSIONS_A_MONTH
from itcho.model.world import World

Array = NDArray[np.float64]

_ROUNDING = 1e-9


def month_limits(world: World, month: ClosedMonth) -> dict[str, LimitReading]:
    """What each limit did in the month just closed, by its name; a limit that nobody came near to ask is left out."""
    found = (
        *month.ai.chips.limits,
        *_of_carry_traders(world),
        *_of_speculative_traders(world),
        _of_dealers(world),
        world.treasurers.reading(world.foreign_exchange.log_price),
        *_of_softbank(world, month),
        _of_the_bank_of_japan(world),
        _of_equity_sales(world, month),
        _of_subsidies(month),
        *world.holder_limits.readings(),
        *world.superlongs.readings(),
        *world.portfolios.limit_readings(),
        *world.softbank_holders.readings(),
        *world.softbank_group.readings(),
    )
    return {reading.limit: reading for reading in found if reading is not None}


def _readings(found: Array, limits: tuple[Limit, ...], in_yen: float) -> tuple[LimitReading, ...]:
    """Readings from (limits, 3) figures whose last are billion dollars."""
    return tuple(
        limit.reading(slack, bound, withheld * in_yen)
        for limit, (slack, bound, withheld) in zip(limits, found.tolist(), strict=True)
    )


def _of_carry_traders(world: World) -> tuple[LimitReading, ...]:
    market, in_yen, found = world.foreign_exchange, world.state.usdjpy / 1000.0, np.empty((3, 3))
    calm = market.risk_limit(world.outside.path.world_volatility_factor)
    carry_limits(
        *cast(Carry, world.portfolios.columns_of(CARRY, CARRY_COLUMNS)),
        market.carry_book_bn_usd,
        carry_appetite_now(world),
        calm,
        world.foreign_exchange.p.carry_margin_share,
        market.recent[-6] - market.recent[-1],
        world.parameters.carry_pause_days - SESSIONS_A_MONTH,
        1.0 / in_yen,
        found,
    )
    return _readings(found, (CARRY_STOP, CARRY_RISK, CARRY_MARGIN), in_yen)


def _of_speculative_traders(world: World) -> tuple[LimitReading, ...]:
    market, p, in_yen = world.foreign_exchange, world.parameters, world.state.usdjpy / 1000.0
    weight, _, exposure, leverage, wealth, held = world.portfolios.columns_of(TRADER, TRADER_COLUMNS)
    gdp_bn_usd, found = _gdp_bn_usd(world), np.empty((2, 3))
    currency_trader_limits(
        weight,
        exposure,
        leverage,
        wealth,
        held,
        market.p.trader_value_slope_pct_gdp * gdp_bn_usd * (market.value.log_value + market.opinion - market.log_price),
        p.trader_limit_pct_gdp / 100.0 * gdp_bn_usd,
        1.0 / in_yen,
        p.trader_leverage_limit,
        p.trader_ruin_share,
        found,
    )
    return _readings(found, (TRADER_SIZE, TRADER_WEALTH), in_yen)


_LOWEST_USDJPY = 1.0
"""Yen per dollar below which no world goes on."""


def _gdp_bn_usd(world: World) -> float:
    """Four quarters' GDP at the rate that is believed to be fair, or the lowest that a world can have."""
    fair = max(math.exp(world.foreign_exchange.value.log_value), _LOWEST_USDJPY)
    return world.state.nominal_gdp_four_quarters * 1000.0 / fair


def _of_dealers(world: World) -> LimitReading:
    market, p = world.foreign_exchange, world.parameters
    used = abs(market.inventory_bn_usd) / (p.dealer_capacity_pct_gdp / 100.0 * _gdp_bn_usd(world))
    return DEALER_CAPACITY.reading(1.0 - used, float(used >= 1.0), 0.0)


def _of_softbank(world: World, month: ClosedMonth) -> tuple[LimitReading, ...]:
    p, seen, plan = world.parameters, world.softbank_group.seen, month.softbank.plan
    if seen is None:
        return ()
    corp, normal = world.softbank_corp, p.softbank_ltv_normal_limit_pct
    unsold = max(0.0, seen.sale_wanted - plan.sale_listed)
    uncovered = max(0.0, seen.margin_wanted - max(seen.margin_room, 0.0)) + max(0.0, -seen.margin_room)
    cut = max(0.0, corp.wanted_trn_yen - corp.spent_trn_yen)
    return (
        SOFTBANK_RATIO.reading(1.0 - seen.ltv_pct / normal, float(seen.sale_wanted > _ROUNDING), seen.sale_wanted),
        SOFTBANK_SALES.reading(
            1.0 - seen.sale_wanted / p.softbank_sale_limit_trn_yen_monthly, float(unsold > _ROUNDING), unsold
        ),
        SOFTBANK_COLLATERAL.reading(
            seen.margin_room / max(seen.margin_room + world.softbank_group.asset_backed, _ROUNDING),
            float(uncovered > _ROUNDING),
            uncovered,
        ),
        SOFTBANK_DATA_CENTRES.reading(1.0 - seen.ltv_pct / normal, float(cut > _ROUNDING), cut),
    )


def _of_the_bank_of_japan(world: World) -> LimitReading:
    lowest, meeting = world.parameters.effective_lower_bound_pct, world.bank_of_japan.meeting
    rate = world.bank_of_japan.policy_rate_pct
    held_up = meeting is not None and meeting.decided_pct <= lowest + _ROUNDING and meeting.wanted_pct < lowest
    return BOJ_LOWER_BOUND.reading(rate - lowest, float(held_up), 0.0)


def _of_equity_sales(world: World, month: ClosedMonth) -> LimitReading:
    share, allocation = world.parameters.equity_sale_limit_share_monthly, world.portfolios.allocation
    held, room, bound, withheld = 1e-12, 0.0, 0.0, 0.0
    for kind in (HOUSEHOLD, INSURER_PENSION, FUND):
        own, wanted, done = (
            world.portfolios.equity_held[kind],
            allocation.equity_wanted[kind],
            month.portfolio.equity[kind],
        )
        kept_back = max(0.0, done - wanted)
        held += own
        room += max(-1.0, 1.0 - max(-wanted, 0.0) / max(share * own, 1e-12)) * own
        bound += own if kept_back > _ROUNDING else 0.0
        withheld += kept_back
    return EQUITY_SALES.reading(room / held, bound / held, withheld)


def _of_subsidies(month: ClosedMonth) -> LimitReading | None:
    services, support = month.ai.services, month.support
    claims = services.adoption_subsidy_due, services.contract_vouchers_due
    budgets = support.adoption_budget_trn_yen, support.contract_budget_trn_yen
    claimed = sum(claims)
    if claimed <= 0.0:
        return None
    refused = sum(max(0.0, claim - budget) for claim, budget in zip(claims, budgets, strict=True))
    return SUBSIDY_BUDGET.reading(
        max(-1.0, 1.0 - claimed / max(sum(budgets), _ROUNDING)), float(refused > _ROUNDING), refused
    )
