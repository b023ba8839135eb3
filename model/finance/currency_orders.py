"""From the month's payments and plans to orders in the currency market.

Each line of the balance of payments is exchanged but for what its own financing says is not: reinvested earnings, the
reserves' income, what banks fund abroad and what insurers hedge.  Nothing makes the lines sum to zero.
"""

from __future__ import annotations

import math

import numpy as np

from itcho.agents.behaviours import LARGEST_FACTOR
from itcho.agents.carry_traders import carry_appetite
from itcho.agents.investors import BANK, FOREIGN, FUND, HOUSEHOLD, INSURER_PENSION
from itcho.agents.views import ParameterValues
from itcho.agents.vocabulary import (
    BANKS,
    FIRMS,
    FOREIGN_INVESTORS,
    HOUSEHOLDS,
    INSURERS_AND_PENSIONS,
    INVESTMENT_FUNDS,
)
from itcho.model.added_agents import OrdersByParty, dollars_ordered_bn_usd
from itcho.model.disturbances import Disturbances
from itcho.model.finance.foreign_exchange import CLIENTS, CurrencyMonth
from itcho.model.finance.portfolios import PortfolioMonth
from itcho.model.finance.sessions import SessionOrders
from itcho.model.goods.incomes import IncomeFlows
from itcho.model.ledger.ledger import Ledger
from itcho.model.month_records import AIMonth, BondMonth, IncomeMonth, OutputMonth, SoftBankMonth
from itcho.model.outside_world import SESSIONS_A_MONTH
from itcho.model.world import World

HEDGES = "currency_hedges"
_INDEX = {name: place for place, name in enumerate(CLIENTS)}
_ORDER_DOLLARS = ("chip_imports", "intervention", "added_agents")
"""Clients whose orders are fixed in dollars."""


def currency_orders(
    world: World,
    disturbances: Disturbances,
    ai: AIMonth,
    output: OutputMonth,
    incomes: IncomeMonth,
    portfolio: PortfolioMonth,
    softbank: SoftBankMonth,
    added: OrdersByParty,
    bonds: BondMonth,
) -> SessionOrders:
    """What clients want in the sessions of this month."""
    lines = _lines(world, ai, output, portfolio, bonds)
    lines["income_and_transfers"] -= exchanged_income(world.incomes, incomes, world.parameters)
    lines["direct_investment"] -= reinvested_earnings(incomes, world.parameters)
    lines["softbank"] = softbank.dollars_bought
    lines["foreign_investors"] -= world.parameters.foreign_equity_exchanged_share * (
        softbank.holders.bought[FOREIGN] + softbank.holders.others_sold_trn_yen
    )
    yen = np.array([0.0 if name in _ORDER_DOLLARS else lines[name] for name in CLIENTS])
    dollars = np.zeros((len(CLIENTS), SESSIONS_A_MONTH))
    dollars[_INDEX["chip_imports"]] = ai.chips.dollar_payments_bn_usd_by_session
    if disturbances.dollar_demand_bn_usd:
        dollars[_INDEX["direct_investment"]] += disturbances.dollar_demand_bn_usd / SESSIONS_A_MONTH
    if added:
        dollars[_INDEX["added_agents"]] = dollars_ordered_bn_usd(added) / SESSIONS_A_MONTH
    if disturbances.intervention_bn_usd is not None:
        planned = disturbances.intervention_bn_usd[:SESSIONS_A_MONTH]
        dollars[_INDEX["intervention"], : len(planned)] += planned
    return SessionOrders(
        yen_trn=yen,
        dollars_bn=dollars,
        carry_appetite=carry_appetite_now(world),
        equity_drift=_equity_drift(world),
        exports_trn_yen=output.demand.exports,
        imports_trn_yen=output.demand.imports,
        softbank_discount_pct=softbank.holders.discount_pct,
        equity_pressed_pct=softbank.equity_pressed_pct,
    )


def settle_hedges(ledger: Ledger, month: CurrencyMonth) -> None:
    """Post what firms' forward contracts brought or cost them this month against the rates at which trade is booked.

    Dealers square what they are sold forward with investors abroad, who pay it.
    """
    ledger.pay(FOREIGN_INVESTORS, FIRMS, month.hedge_gain_trn_yen, HEDGES)


def _lines(world: World, ai: AIMonth, output: OutputMonth, plan: PortfolioMonth, bonds: BondMonth) -> dict[str, float]:
    """Exchanged purchases of dollars by client, without income, trillion yen."""
    p, demand, incomes = world.parameters, output.demand, world.incomes
    transfers = output.public.central.transfers_abroad + world.state.nominal_gdp_index * (
        incomes.base["secondary_firms"] + incomes.base["secondary_households"]
    )
    return {
        "goods_trade": demand.imports - demand.exports,
        "ai_services": ai.services_imports - ai.service_exports,
        "income_and_transfers": transfers,
        "households_and_funds": plan.foreign[HOUSEHOLD] + plan.foreign[FUND],
        "insurers_and_pensions": (1.0 - p.insurer_hedged_share) * plan.foreign[INSURER_PENSION],
        "banks": p.bank_exchanged_share * plan.foreign[BANK],
        "direct_investment": plan.direct_investment,
        "foreign_investors": -p.foreign_equity_exchanged_share * plan.equity[FOREIGN]
        - p.foreign_bond_exchanged_share * bonds.foreign_purchases
        - ai.firms.equity_from_abroad,
    }


def reinvested_earnings(month: IncomeMonth, p: ParameterValues) -> float:
    """What affiliates abroad earn and keep, trillion yen: income and direct investment at once, exchanged by nobody."""
    return p.reinvested_earnings_share * month.from_abroad[FIRMS]


def exchanged_income(incomes: IncomeFlows, month: IncomeMonth, p: ParameterValues) -> float:
    """Primary income that is exchanged for yen, net, trillion yen.

    What the state and the Bank of Japan earn stays in their reserves, what affiliates keep is reinvested, and banks
    fund most of what they have abroad there.
    """
    received, banks = month.from_abroad, p.bank_exchanged_share
    households = sum(received[party] for party in (HOUSEHOLDS, INSURERS_AND_PENSIONS, INVESTMENT_FUNDS))
    firms = received[FIRMS] - reinvested_earnings(month, p) - incomes.paid_by_firms
    return households + firms + banks * (received[BANKS] - incomes.paid_by_banks)


def carry_appetite_now(world: World) -> float:
    """Wanted carry book against the start."""
    if "carry" in world.without:
        return 1.0
    gap = world.outside.us_policy_rate_pct - world.state.policy_rate_pct
    carry = world.behaviours.carry
    if carry is not None:
        return world.behaviours.number("carry", carry(gap, expected_rate_gap_pp(world)), 0.0, LARGEST_FACTOR)
    return carry_appetite(gap, expected_rate_gap_pp(world), world.parameters)


def expected_rate_gap_pp(world: World) -> float:
    """The gap between US and Japanese policy rates that was expected at the start for this month.

    The US rate was expected to go to neutral, the Bank of Japan's along its rule.
    """
    us_rate = world.outside.expected_us_rate_pct(world.month, world.parameters)
    return world.opening.expected_rate_gap.in_month(world.month, us_rate)


def _equity_drift(world: World) -> float:
    """Growth of the value of Japanese equity that is traded in over the month, log points a session."""
    p, state, incomes = world.parameters, world.state, world.incomes
    profit = math.log(max(0.1, incomes.smoothed_profit / incomes.profit_base))
    nominal = math.log(state.nominal_gdp_index)
    real_yield = state.yields_pct[10.0] - state.expected_inflation_pct - world.opening.real_yield_pct
    value = (
        (1.0 - p.equity_profit_weight) * nominal
        + p.equity_profit_weight * profit
        - p.equity_yield_duration / 100.0 * real_yield
    )
    return world.equities.drift_towards(value, p.equity_trend_speed_monthly, SESSIONS_A_MONTH)
