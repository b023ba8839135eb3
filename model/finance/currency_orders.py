"""From the month's payments and plans to orders in the currency market.

Each line of the balance of payments has an exchanged share.  Income from abroad is exchanged in a share found once, at
the start, such that exchanged lines and planned purchases abroad sum to zero there: the yen has no drift that nobody
trades for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from itcho.agents.carry_traders import carry_appetite
from itcho.agents.investors import BANK, FOREIGN, FUND, HOUSEHOLD, INSURER_PENSION
from itcho.agents.vocabulary import BANK_OF_JAPAN, GOVERNMENT
from itcho.model.added_agents import OrdersByParty, dollars_ordered_bn_usd
from itcho.model.disturbances import Disturbances
from itcho.model.finance.foreign_exchange import CLIENTS
from itcho.model.finance.portfolios import PortfolioMonth, Portfolios
from itcho.model.finance.sessions import SessionOrders
from itcho.model.goods.incomes import IncomeFlows
from itcho.model.goods.market import BaseFlows
from itcho.model.ledger.ledger import Ledger
from itcho.model.month_records import AIMonth, BondMonth, IncomeMonth, OutputMonth, SoftBankMonth
from itcho.model.opening import OpeningImports
from itcho.model.outside_world import SESSIONS_A_MONTH
from itcho.model.world import World

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
    income = _net_income(world.incomes, incomes)
    lines["income_and_transfers"] -= world.opening.exchanged_income_share * income
    lines["softbank"] = softbank.dollars_bought
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
        carry_appetite=_carry_appetite(world),
        equity_drift=_equity_drift(world),
    )


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
        "direct_investment": p.direct_investment_exchanged_share * plan.direct_investment,
        "foreign_investors": -p.foreign_equity_exchanged_share * plan.equity[FOREIGN]
        - p.foreign_bond_exchanged_share * bonds.foreign_purchases
        - ai.firms.equity_from_abroad,
    }


def opening_exchanged_share(
    incomes: IncomeFlows,
    portfolios: Portfolios,
    ledger: Ledger,
    base: BaseFlows,
    imports: OpeningImports,
    opening: Mapping[str, float],
) -> float:
    """Share of income from abroad that is exchanged, such that the exchanged lines of the opening year sum to zero.

    Parameters
    ----------
    incomes, portfolios, ledger, base : at the start.
    imports : yearly imports of chips by other firms and of AI services.
    opening : the AI firms' opening flows, trillion yen a year.
    """
    p = portfolios.p
    scale = incomes.scale
    purchases = (
        p.household_foreign_purchases_trn_yen_year
        + p.fund_foreign_purchases_trn_yen_year
        + (1.0 - p.insurer_hedged_share) * p.insurer_foreign_purchases_trn_yen_year
        + p.bank_exchanged_share * p.bank_foreign_purchases_trn_yen_year
        + p.direct_investment_exchanged_share * p.direct_investment_trn_yen_year
    )
    equity = portfolios.allocation.opening_foreign_equity_trn_yen_year()
    bonds = p.foreign_jgb_growth_pct / 100.0 * portfolios.mandates.held_at_start[FOREIGN]
    abroad = imports.chips_of_other_firms + imports.ai_services + opening["chip_imports"] + opening["licences"]
    transfers = incomes.base["secondary_firms"] + incomes.base["secondary_households"]
    lines = (
        base.imports
        - base.exports
        + scale * abroad
        + transfers
        + incomes.base["secondary_government"]
        + (purchases - p.foreign_equity_exchanged_share * equity - p.foreign_bond_exchanged_share * bonds) / 12.0
    )
    return float(np.clip(lines / incomes.opening_net_income(ledger), 0.0, 1.0))


def _net_income(incomes: IncomeFlows, month: IncomeMonth) -> float:
    """Primary income from abroad that can be exchanged: without the government's and the Bank of Japan's."""
    received = 0.0
    for party, amount in month.from_abroad.items():
        if party not in (GOVERNMENT, BANK_OF_JAPAN):
            received += amount
    return received - incomes.paid_by_firms - incomes.paid_by_banks


def _carry_appetite(world: World) -> float:
    """Wanted carry book against the start."""
    if "carry" in world.without:
        return 1.0
    gap = world.outside.us_policy_rate_pct - world.state.policy_rate_pct
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
