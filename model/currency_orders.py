"""From the month's payments and plans to orders in the currency market.

Each line of the balance of payments has an exchanged share.  Income from abroad is exchanged in a share found once, at
the start, such that exchanged lines and planned purchases abroad sum to zero there: the yen has no drift that nobody
trades for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from itcho.agents.compiled import total
from itcho.agents.investors import BANK, FOREIGN, FUND, HOUSEHOLD, INSURER_PENSION
from itcho.agents.vocabulary import BANK_OF_JAPAN, GOVERNMENT
from itcho.model.added_agents import dollars_ordered_bn_usd
from itcho.model.ai_postings import ai_services_imports
from itcho.model.markets.foreign_exchange import CLIENTS
from itcho.model.opening import OpeningImports
from itcho.model.outside_world import SESSIONS_A_MONTH
from itcho.model.sessions import SessionOrders

_INDEX = {name: place for place, name in enumerate(CLIENTS)}
_ORDER_DOLLARS = ("chip_imports", "intervention", "added_agents")
"""Clients whose orders are fixed in dollars."""


def currency_orders(economy: Any) -> SessionOrders:
    """What clients want in the sessions of this month."""
    p, state, disturbances = economy.parameters, economy.state, economy.disturbances
    lines = _lines(economy)
    income = _net_income(economy)
    lines["income_and_transfers"] -= economy.exchanged_income_share * income
    lines["softbank"] = economy.softbank_dollars_trn_yen
    yen = np.array([0.0 if name in _ORDER_DOLLARS else lines[name] for name in CLIENTS])
    dollars = np.zeros((len(CLIENTS), SESSIONS_A_MONTH))
    dollars[_INDEX["chip_imports"]] = economy.chips.dollar_payments_bn_usd_by_session
    if disturbances.dollar_demand_bn_usd:
        dollars[_INDEX["direct_investment"]] += disturbances.dollar_demand_bn_usd / SESSIONS_A_MONTH
    if economy.added_orders:
        dollars[_INDEX["added_agents"]] = dollars_ordered_bn_usd(economy) / SESSIONS_A_MONTH
    if disturbances.intervention_bn_usd is not None:
        planned = disturbances.intervention_bn_usd[:SESSIONS_A_MONTH]
        dollars[_INDEX["intervention"], : len(planned)] += planned
    economy.client_yen_trn = lines
    return SessionOrders(
        yen_trn=yen,
        dollars_bn=dollars,
        equity_trn=0.0,
        carry_appetite=_carry_appetite(economy, p, state),
        equity_drift=_equity_drift(economy),
    )


def _lines(economy: Any) -> dict[str, float]:
    """Exchanged purchases of dollars by client, without income, trillion yen."""
    p, demand, plan = economy.parameters, economy.demand, economy.portfolio_plan
    services, firms = economy.services, economy.ai_firms
    central, incomes, smooth = economy.central_spending, economy.incomes, economy.state.nominal_gdp_index
    transfers = central.transfers_abroad + smooth * (
        incomes.base["secondary_firms"] + incomes.base["secondary_households"]
    )
    bonds = economy.foreign_bond_purchases_trn_yen
    return {
        "goods_trade": demand.imports - demand.exports,
        "chip_imports": total(economy.chips.dollar_payments_bn_usd_by_session) * economy.state.usdjpy / 1000.0,
        "ai_services": ai_services_imports(services) + firms.licences - total(services.export_revenue),
        "income_and_transfers": transfers,
        "households_and_funds": plan.foreign[HOUSEHOLD] + plan.foreign[FUND],
        "insurers_and_pensions": (1.0 - p.insurer_hedged_share) * plan.foreign[INSURER_PENSION],
        "banks": p.bank_exchanged_share * plan.foreign[BANK],
        "direct_investment": p.direct_investment_exchanged_share * plan.direct_investment,
        "foreign_investors": -p.foreign_equity_exchanged_share * plan.equity[FOREIGN]
        - p.foreign_bond_exchanged_share * bonds
        - firms.equity_from_abroad,
    }


def opening_exchanged_share(economy: Any, imports: OpeningImports, opening: Mapping[str, float]) -> float:
    """Share of income from abroad that is exchanged, such that the exchanged lines of the opening year sum to zero.

    Parameters
    ----------
    economy : with its opening flows, incomes and portfolios.
    imports : yearly imports of chips by other firms and of AI services.
    opening : the AI firms' opening flows, trillion yen a year.
    """
    p, base, incomes = economy.parameters, economy.base, economy.incomes
    scale = incomes.scale
    purchases = (
        p.household_foreign_purchases_trn_yen_year
        + p.fund_foreign_purchases_trn_yen_year
        + (1.0 - p.insurer_hedged_share) * p.insurer_foreign_purchases_trn_yen_year
        + p.bank_exchanged_share * p.bank_foreign_purchases_trn_yen_year
        + p.direct_investment_exchanged_share * p.direct_investment_trn_yen_year
    )
    equity = economy.portfolios.opening_foreign_equity_trn_yen_year()
    bonds = p.foreign_jgb_growth_pct / 100.0 * economy.portfolios.jgb_start[FOREIGN]
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
    return float(np.clip(lines / incomes.opening_net_income(economy.ledger), 0.0, 1.0))


def _net_income(economy: Any) -> float:
    """Primary income from abroad that can be exchanged: without the government's and the Bank of Japan's."""
    incomes, received = economy.incomes, 0.0
    for party, amount in economy.foreign_income.items():
        if party not in (GOVERNMENT, BANK_OF_JAPAN):
            received += amount
    return received - incomes.paid_by_firms - incomes.paid_by_banks


def _carry_appetite(economy: Any, p: Any, state: Any) -> float:
    """Wanted carry book against the start: it answers to the rate gap beyond what was expected at the start."""
    if "carry" in economy.without:
        return 1.0
    gap = economy.outside.us_policy_rate_pct - state.policy_rate_pct
    return max(0.0, 1.0 + p.carry_rate_response_per_pp * (gap - expected_rate_gap_pp(economy)))


def expected_rate_gap_pp(economy: Any) -> float:
    """The gap between US and Japanese policy rates that was expected at the start for this month.

    The US rate was expected to go to neutral, the Bank of Japan's along its rule.
    """
    month = economy.clock.month
    path, terminal = economy.expected_policy_path_pct
    quarter, part = divmod(month + 1, 3)
    before = economy.start_state.fact("policy_rate_pct") if quarter == 0 else path[min(quarter, len(path)) - 1]
    after = path[quarter] if quarter < len(path) else terminal
    japan = before + part / 3.0 * (after - before) if quarter < len(path) else path[-1]
    return float(economy.outside.expected_us_rate_pct(month, economy.parameters) - japan)


def _equity_drift(economy: Any) -> float:
    """Growth of the value of Japanese equity that is traded in over the month, log points a session."""
    p, state, incomes = economy.parameters, economy.state, economy.incomes
    profit = math.log(max(0.1, incomes.smoothed_profit / incomes.profit_base))
    nominal = math.log(state.nominal_gdp_index)
    real_yield = state.yields_pct[10.0] - state.expected_inflation_pct - economy.real_yield_start_pp
    value = (
        (1.0 - p.equity_profit_weight) * nominal
        + p.equity_profit_weight * profit
        - p.equity_yield_duration / 100.0 * real_yield
    )
    gap = float(value) - economy.equity_value_followed
    growth = p.equity_trend_speed_monthly * gap
    economy.equity_value_followed += growth
    return growth / SESSIONS_A_MONTH
