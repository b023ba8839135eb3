"""The steps of a month, in the order in which :meth:`itcho.model.economy.JapanEconomy.step` calls them.

Each step reads the state, asks the agents whose turn it is, and applies what follows: prices and the ledger move here
and in the files these steps call, and nowhere else.
"""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from itcho.agents.compiled import total
from itcho.agents.foreign_suppliers import SupplierTier, designers_markup
from itcho.agents.government import spend_budget
from itcho.agents.investors import ReturnOutlook
from itcho.agents.population import MemberRows
from itcho.agents.vocabulary import (
    BANK_OF_JAPAN,
    BANKS,
    FIRMS,
    FOREIGN_GOODS,
    FUND_UNITS,
    GOVERNMENT,
    HOUSEHOLDS,
    JGB_BUCKETS,
    LOANS,
    LOCAL_AND_SOCIAL_SECURITY,
    RESERVES,
    SOFTBANK_CORP,
)
from itcho.model import added_agents, credibility, programme
from itcho.model.ai_postings import ai_services_imports, post_ai_services
from itcho.model.bail_out import consider_rescue
from itcho.model.currency_orders import currency_orders
from itcho.model.disturbances import Disturbances
from itcho.model.markets.ai_services import AIDrivers
from itcho.model.policies import put_in_force
from itcho.model.portfolios import clearing_holdings
from itcho.model.public_finance import trade_bonds
from itcho.model.reserves import settle_intervention
from itcho.model.revaluation import revalue_positions
from itcho.model.sessions import run_sessions
from itcho.model.softbank_accounts import group_position
from itcho.model.trade_deal import carry_out_deal
from itcho.model.yield_cap import purchases_beyond_plan, trade_with_the_bank


def begin_month(economy: Any) -> None:
    """Advance the calendar and the outside world; in April pass the budget."""
    economy.clock.advance()
    month = economy.clock.month
    put_in_force(economy)
    shift_before = economy.disturbances.us_rate_shift_pp
    economy.outside.us_policy_rate_pct -= shift_before
    economy.outside.advance(month, economy.scenario, economy.parameters, economy.streams)
    economy.intervention_bn_usd = economy.intervention_yen_trn = 0.0
    economy.disturbances = Disturbances()
    for shock in economy.shocks:
        shock(economy)
    shift = economy.disturbances.us_rate_shift_pp
    economy.outside.us_policy_rate_pct += shift
    economy.outside.us_10y_pct += economy.parameters.us_10y_pass_through * (shift - shift_before)
    if month > 0 and economy.clock.is_fiscal_year_start:
        face = economy.treasury.general_account_bonds_face()
        debt = economy.treasury.gross_debt_trn_yen(economy.ledger)
        economy.government.start_fiscal_year(economy.state, economy.clock, face, debt, economy.parameters)


def meet_at_the_bank_of_japan(economy: Any) -> None:
    """Hold this month's policy meetings; bank rates follow the policy rate."""
    p, state, bank = economy.parameters, economy.state, economy.bank_of_japan
    bank.watch(state, p)
    for _ in range(economy.clock.meetings_this_month):
        bank.meet(state, p)
    state.policy_rate_pct = bank.policy_rate_pct + economy.disturbances.policy_rate_shift_pp
    incomes = economy.incomes
    wanted = incomes.lending_rate_start_pct + p.lending_rate_pass_through * (
        state.policy_rate_pct - incomes.policy_rate_start_pct
    )
    state.lending_rate_pct += p.bank_rate_adjustment_monthly * (wanted - state.lending_rate_pct)


def set_prices(economy: Any) -> None:
    """Consumer, import and export prices of the month."""
    shock = float(economy.streams.normals("prices", economy.clock.month, 1)[0])
    economy.goods.update_prices(economy.state, economy.outside, shock)


def pay_programme(economy: Any) -> None:
    """Pay the AI programme out of the special account as its rule decides, and carry out a trade deal."""
    programme.pay_support(economy)
    carry_out_deal(economy)
    _build_data_centres(economy)


def _build_data_centres(economy: Any) -> None:
    """SoftBank Corp's data-centre plan: equity in its data-centre business."""
    spending = economy.softbank_corp.data_centre_spending(economy.softbank_position.ltv_pct, economy.parameters)
    row = economy.chip_importers.row_of_name("softbank_corp_data_centres")
    members = MemberRows(economy.chip_importers, slice(row, row + 1))
    economy.ledger.trade(SOFTBANK_CORP, members, "ai_firm_equity", np.array([spending]), 1.0, "data_centre_plan")


def run_ai_industry(economy: Any) -> None:
    """Chips are ordered, shipped and paid; AI services are sold with them; AI firms settle their accounts."""
    month, ledger, streams = economy.clock.month, economy.ledger, economy.streams
    state, drivers, path = economy.state, _ai_drivers(economy), economy.outside.path
    economy.chips = economy.chip_market.step(month, drivers, ledger, economy.chip_tiers, streams)
    service_drivers = AIDrivers(
        usdjpy=state.usdjpy,
        cpi_index=state.consumer_price,
        nominal_gdp_index=drivers.nominal_gdp_index,
        real_wage_index=state.wage / state.consumer_price,
        global_ai_demand_index=economy.outside.ai_demand,
        adoption_subsidy_share_of_cost=economy.government.support.adoption_cost_share,
        domestic_content_share_required=economy.government.support.domestic_content_share,
        served_share=economy.chips.served_share,
        frontier_progress_multiplier=path.frontier_progress_factor,
        algorithmic_progress_multiplier=path.algorithmic_progress_factor,
        catch_up_multiplier=path.catch_up_factor,
        data_availability_index=path.data_availability,
        usefulness_shift_sd=path.usefulness_shift_sd,
    )
    economy.services = economy.ai_services.step(month, service_drivers, streams)
    post_ai_services(ledger, economy.chip_importers, economy.ai_services.laboratories, economy.services)
    programme.pay_adopters(economy)
    defaults = programme.watch_defaults(economy)
    economy.ai_firms = economy.ai_firm_finance.step(month, drivers, ledger, economy.chips, streams)
    programme.settle_guarantees(economy, defaults)
    programme.collect_royalty(economy)
    state.productivity_gain_pct = economy.services.productivity_gain_pct
    activity = economy.ai_firms.programme_activity
    economy.programme_return_trn_yen += economy.parameters.ai_value_added_tax_share * activity


def _ai_drivers(economy: Any) -> SimpleNamespace:
    state, outside = economy.state, economy.outside
    path = outside.path
    capacity = path.chip_capacity * economy.disturbances.chip_capacity
    own_capacity, capacities = economy.disturbances.supplier_capacity, []
    for supplier in economy.suppliers:
        own = own_capacity.get(supplier.name, 1.0)
        supplier.capacity = own if supplier.tier is SupplierTier.LABORATORY else capacity * own
        capacities.append(supplier.capacity)
    history = state.real_gdp_history
    return SimpleNamespace(
        usdjpy=state.usdjpy,
        usdjpy_start=state.usdjpy_start,
        usdjpy_average_3m=state.usdjpy_average_3m,
        cpi_index=state.consumer_price,
        nominal_gdp_index=state.nominal_gdp_index,
        real_gdp_index=(history[-3] + history[-2] + history[-1]) / 3.0 / economy.base.gdp,
        wage_index=state.wage,
        lending_rate_pct=state.lending_rate_pct,
        chip_capacity=np.array(capacities),
        global_ai_demand_index=outside.ai_demand,
        import_fuel_price_index=outside.import_price_usd * state.usdjpy_index,
        corporate_tax_rate=economy.parameters.corporate_tax_rate,
        loan_guarantee_share=programme.guaranteed_share(economy),
        chip_purchases_trn_yen=economy.chip_purchases_trn_yen,
        chip_dollar_price_factor=path.chip_price_factor,
        chip_price_markup=_chip_price_markup(economy),
        data_centre_cost_factor=path.data_centre_cost_factor,
    )


def _chip_price_markup(economy: Any) -> float:
    """Designers decide their prices; what is paid over list prices for chips as they were shipped last month."""
    shares: list[float] = economy.designer_shares
    if economy.chips is not None:
        shipped = economy.chips.shipped_by_supplier_bn_usd
        last = [shipped[row] for row in economy.chip_tiers.edges.designer_row]
        shares = last if sum(last) > 0.0 else shares
    return designers_markup(economy.chip_designers, shares, economy.chip_tiers.availability, economy.parameters)


def run_goods_and_labour(economy: Any) -> None:
    """Demand, output, employment and wages; payments between households, firms, government and abroad."""
    p, state, base = economy.parameters, economy.state, economy.base
    month = economy.clock.month
    state.trend_potential *= 1.0 + p.trend_potential_growth_pct / 1200.0
    state.potential_gdp = base.gdp * state.trend_potential * (1.0 + state.productivity_gain_pct / 100.0)
    public = _public_demand(economy)
    real_public = (public["consumption"] + public["investment"]) / state.domestic_price
    shocks = economy.streams.normals("demand", month, 3).tolist()
    demand = economy.goods.demand(state, economy.outside, real_public, shocks)
    services, firms = economy.services, economy.ai_firms
    abroad = ai_services_imports(services) + firms.licences
    ai_exports = total(services.export_revenue)
    state.nominal_gdp = (
        demand.consumption
        + demand.housing_investment
        + demand.business_investment
        + demand.exports
        - demand.imports
        + public["consumption"]
        + public["investment"]
        + firms.domestic_investment
        + ai_exports
        - abroad
    )
    dollar = state.usdjpy_index * economy.outside.foreign_price_level
    state.real_gdp = (
        demand.real_total
        + real_public
        + firms.domestic_investment / state.domestic_price
        + (ai_exports - abroad) / dollar
    )
    spill = _capacity_spill(economy)
    demand = demand._replace(imports=demand.imports + spill * state.import_price)
    state.nominal_gdp -= spill * state.import_price
    state.real_gdp -= spill
    state.nominal_gdp_history.append(state.nominal_gdp)
    state.real_gdp_history.append(state.real_gdp)
    state.output_gap_pct = 100.0 * (state.real_gdp / state.potential_gdp - 1.0)
    state.smoothed_gap_pct += (state.output_gap_pct - state.smoothed_gap_pct) / 3.0
    _post_demand(economy, demand, public)
    economy.demand = demand
    economy.wage_bill = economy.labour.step(state)


def _capacity_spill(economy: Any) -> float:
    """Real demand that domestic capacity cannot meet and that is met from abroad, at start prices."""
    p, state = economy.parameters, economy.state
    capacity = state.potential_gdp * (1.0 + p.capacity_slack_pct / 100.0)
    return p.capacity_spill_share * max(0.0, state.real_gdp - capacity)


def _public_demand(economy: Any) -> dict[str, float]:
    """Nominal public demand of the month and who pays it."""
    p, state, local = economy.parameters, economy.state, economy.local_base
    central = spend_budget(economy.government.budget, p)
    growth = math.exp(p.government_real_growth_pct / 1200.0 * economy.clock.month) * state.domestic_price
    extra_pct_gdp = economy.disturbances.public_investment_pct_gdp
    if extra_pct_gdp != 0.0:
        extra = extra_pct_gdp / 1200.0 * state.nominal_gdp_four_quarters
        central = replace(central, investment=central.investment + extra)
    economy.central_spending = central
    return {
        "consumption": central.consumption + local["consumption"] * growth,
        "investment": central.investment + local["investment"] * growth,
        "local_transfers": local["transfers"] * growth,
    }


def _post_demand(economy: Any, demand: Any, public: dict[str, float]) -> None:
    pay, central = economy.ledger.pay, economy.central_spending
    services, finance, other = economy.services, economy.ai_firm_finance, economy.ai_firms.other_revenue
    _, households, public_sector = map(sum, zip(*services.spending_trn_yen.tolist(), strict=True))
    bought_from_ai = households + finance.other_sales(HOUSEHOLDS, other)
    public_from_ai = public_sector + finance.other_sales(LOCAL_AND_SOCIAL_SECURITY, other)
    pay(HOUSEHOLDS, FIRMS, demand.consumption - bought_from_ai, "consumption")
    pay(HOUSEHOLDS, FIRMS, demand.housing_investment, "housing_investment")
    pay(FOREIGN_GOODS, FIRMS, demand.exports, "exports")
    pay(FIRMS, FOREIGN_GOODS, demand.imports, "imports")
    pay(GOVERNMENT, FIRMS, central.consumption, "government_consumption")
    pay(GOVERNMENT, FIRMS, central.investment, "public_investment")
    local = public["consumption"] - central.consumption - public_from_ai
    pay(LOCAL_AND_SOCIAL_SECURITY, FIRMS, local, "government_consumption")
    pay(LOCAL_AND_SOCIAL_SECURITY, FIRMS, public["investment"] - central.investment, "public_investment")
    pay(LOCAL_AND_SOCIAL_SECURITY, FIRMS, public["local_transfers"], "other_government_transfers")


def pay_incomes_and_taxes(economy: Any) -> None:
    """Wages, taxes, transfers, coupons, interest, dividends and income from abroad."""
    state, ledger, incomes, year = economy.state, economy.ledger, economy.incomes, economy.government.year
    incomes.post_labour_and_transfers(ledger, state, economy.wage_bill, economy.ai_firms.wages)
    ai_tax = economy.ai_firms.corporate_tax
    taxes = incomes.post_taxes(ledger, state, economy.wage_bill, economy.demand.consumption, ai_tax)
    state.profits = incomes.profits(state, economy.wage_bill)
    coupons, interest, special = economy.treasury.pay_coupons(ledger, state.policy_rate_pct)
    year.special_interest += special
    economy.foreign_income = incomes.post_property_income(ledger, state, coupons)
    year.tax += taxes.total
    year.ai_tax += ai_taxes(economy)
    year.interest += interest
    economy.interest_trn_yen = interest
    _settle_with_the_bank_of_japan(economy, coupons)


def ai_taxes(economy: Any) -> float:
    """Taxes on the value added of the AI layers in a month, trillion yen."""
    firms = economy.ai_firms
    value_added = firms.revenue - firms.inputs - firms.licences
    return economy.parameters.ai_value_added_tax_share * max(0.0, value_added)


def _settle_with_the_bank_of_japan(economy: Any, coupons: dict[str, float]) -> None:
    """Interest on reserves, the bank's profit and what it pays to the ministry."""
    ledger, incomes, bank = economy.ledger, economy.incomes, economy.bank_of_japan
    pay = ledger.pay
    rate = max(0.0, economy.state.policy_rate_pct)
    on_reserves = rate / 1200.0 * ledger.position(RESERVES, BANKS)
    funds = incomes.fund_yield * max(0.0, ledger.position(FUND_UNITS, BANK_OF_JAPAN)) / 12.0
    lending = incomes.boj_lending_yield * max(0.0, ledger.position(LOANS, BANK_OF_JAPAN)) / 12.0
    pay(BANK_OF_JAPAN, BANKS, on_reserves, "boj_interest_on_reserves")
    pay(FIRMS, BANK_OF_JAPAN, funds, "etf_distributions_to_boj")
    pay(BANKS, BANK_OF_JAPAN, lending, "boj_lending_interest")
    amortised = economy.boj_amortisation_share * coupons.get(BANK_OF_JAPAN, 0.0)
    profit = (
        coupons.get(BANK_OF_JAPAN, 0.0)
        - amortised
        + funds
        + lending
        - on_reserves
        + economy.foreign_income[BANK_OF_JAPAN]
    )
    remittance = economy.boj_remittance_share * bank.remittance(profit)
    pay(BANK_OF_JAPAN, GOVERNMENT, remittance, "boj_remittance")
    economy.boj_remittance_trn_yen = remittance


def spend_public_money(economy: Any) -> None:
    """Transfers and revenue of the general account beside taxes and purchases; books the fiscal year's figures."""
    ledger, state, budget = economy.ledger, economy.state, economy.government.budget
    year, central, p = economy.government.year, economy.central_spending, economy.parameters
    pay = ledger.pay
    pay(
        GOVERNMENT,
        LOCAL_AND_SOCIAL_SECURITY,
        central.transfers_to_local_and_social_security,
        "local_allocation_and_social_security",
    )
    pay(GOVERNMENT, FIRMS, central.transfers_to_firms, "other_government_transfers")
    pay(GOVERNMENT, FOREIGN_GOODS, central.transfers_abroad, "secondary_income")
    fees = economy.revenue_from_firms * state.consumer_price
    pay(FIRMS, GOVERNMENT, fees, "non_tax_revenue")
    year.primary_spending += central.total
    year.redemption += budget.redemption / 12.0
    year.other_revenue += fees + economy.boj_remittance_trn_yen + p.fx_reserve_income_transfer_trn_yen_year / 12.0


def plan_portfolios(economy: Any) -> None:
    """Investors plan purchases abroad, equity and contractual saving."""
    state, ledger, portfolios = economy.state, economy.ledger, economy.portfolios
    gap = economy.outside.us_10y_pct - state.yields_pct[10.0]
    excess = gap - economy.yield_gap_start_pp + credibility.expected_loss_on_yen_pp(economy)
    outlook = ReturnOutlook(excess, state.yields_pct[10.0])
    mood = float(economy.streams.normals("portfolio preference", economy.clock.month, 1)[0])
    economy.portfolio_plan = portfolios.plan(state.nominal_gdp_index, outlook, mood)
    portfolios.post(ledger, economy.portfolio_plan)
    economy.structural.post(ledger, state)


def decide_softbank(economy: Any) -> None:
    """SoftBank Group pays interest, then invests, sells and refinances."""
    group, ledger, p, state = economy.softbank_group, economy.ledger, economy.parameters, economy.state
    accounts = economy.softbank_accounts
    abroad = accounts.pay_interest(ledger, group, state.policy_rate_pct - economy.incomes.policy_rate_start_pct)
    position = group_position(group, ledger)
    if consider_rescue(economy, position) > 0.0:
        position = group_position(group, ledger)
    loss = accounts.restructure(ledger, group, position)
    if loss > 0.0:
        economy.softbank_loss_trn_yen += loss
        position = group_position(group, ledger)
    plan = group.plan(economy.clock.month, position, state.usdjpy, p)
    economy.softbank_dollars_trn_yen = abroad + accounts.carry_out(ledger, group, plan)
    economy.softbank_plan = plan
    economy.softbank_position = group_position(group, ledger)


def let_added_agents_act(economy: Any) -> None:
    """Agents that a user added earn their income, decide, pay and order dollars."""
    added_agents.act(economy)


def judge_fiscal_policy(economy: Any) -> None:
    """Markets hear what the government announced, paid and rescued, and judge how loose it is."""
    credibility.judge_fiscal_policy(economy)


def finance_the_government(economy: Any) -> None:
    """Redeem, issue, clear the bond market, and let the Bank of Japan buy what its plan says."""
    ledger, treasury, p = economy.ledger, economy.treasury, economy.parameters
    treasury.redeem(ledger)
    needs = treasury.money_needed(ledger, max(p.treasury_cash_floor_trn_yen, economy.treasury_cash_start_trn_yen))
    sold, bills = treasury.issue(ledger, needs, p.bills_share_of_refunding)
    reserves = ledger.position(RESERVES, BANKS)
    purchases = economy.bank_of_japan.purchases(economy.clock.month, reserves, p)
    on_the_market = treasury.on_the_market_trn_yen(ledger)
    purchases = min(purchases, p.boj_purchase_limit_share_monthly * on_the_market)
    private = on_the_market - purchases
    economy.net_issuance_trn_yen = total(sold) + bills - treasury.last_redemption.face_trn_yen
    _clear_bonds(economy, private, purchases)


def _clear_bonds(economy: Any, private: float, purchases: float) -> None:
    ledger, p, state, portfolios = economy.ledger, economy.parameters, economy.state, economy.portfolios
    portfolios.reconcile_bonds(ledger)
    demand = portfolios.jgb_mandates(ledger, state.yields_pct[10.0], state.policy_rate_pct)
    slope = demand.total_slope
    path, terminal = economy.bank_of_japan.expected_path_pct(state, p)
    _learn_issuance(economy)
    outlook = supply_outlook(economy)
    required = credibility.required_premium_pp(economy)

    def clear(stock: float) -> float:
        return float(economy.bonds.clear(stock, demand.total_wanted, slope, outlook, path, terminal, required))

    extra = purchases_beyond_plan(economy, private, purchases, slope, clear)
    net = portfolios.take_bonds(clearing_holdings(demand.wanted, demand.slope, private - extra))
    net[BANK_OF_JAPAN] = purchases + extra
    (trade_with_the_bank if extra > 0.0 else trade_bonds)(ledger, net)
    economy.foreign_bond_purchases_trn_yen = net["foreign_investors"]


def _learn_issuance(economy: Any) -> None:
    """Holders judge the ministry's yearly net issuance by the last year's months, without what the programme had
    announced: that they expect anyway.
    """
    announced = credibility.announced_programme_trn_yen(economy)
    paid = economy.programme_announced_before_trn_yen - announced
    economy.programme_announced_before_trn_yen = announced
    smooth, month = economy.expected_issuance_trn_yen_year, economy.net_issuance_trn_yen - max(0.0, paid)
    economy.expected_issuance_trn_yen_year = smooth + (12.0 * month - smooth) / 12.0


def supply_outlook(economy: Any) -> float:
    """What private holders are expected to absorb beyond their mandates across the horizon, trillion yen."""
    p, state = economy.parameters, economy.state
    extra = economy.government.memory.announced_extra_deficit_pct_gdp + economy.disturbances.announced_deficit_pct_gdp
    announced = extra / 100.0 * state.nominal_gdp_four_quarters if extra else 0.0
    ledger = economy.ledger
    boj = total(ledger.positions[ledger.rows_of(JGB_BUCKETS), ledger.party_index[BANK_OF_JAPAN]])
    purchases = economy.bank_of_japan.plan_purchases(max(economy.clock.month, 0), p)
    run_off = boj / p.boj_redemption_years - 12.0 * purchases
    absorbed = (1.0 - p.bank_reserve_swap_share) * run_off
    programme_left = credibility.announced_programme_trn_yen(economy)
    return p.jgb_outlook_years * (economy.expected_issuance_trn_yen_year + announced + absorbed) + programme_left


def trade_sessions(economy: Any) -> None:
    """Twenty-one sessions of currency, equity and bonds."""
    economy.prices = run_sessions(economy, currency_orders(economy))
    settle_intervention(economy)
    added_agents.settle_dollars(economy)


def revalue_balance_sheets(economy: Any) -> None:
    """Bring balance sheets to the month's closing prices."""
    revalue_positions(economy)


def close_the_books(economy: Any) -> None:
    """Square the dealers, share out what parties got among members, check every row and column, and update the
    state.
    """
    economy.structural.square_dealers(economy.ledger)
    economy.structural.cover_overdrafts(economy.ledger, economy.treasury)
    economy.portfolios.reconcile(economy.ledger)
    economy.ledger.close_month()
    state, government = economy.state, economy.government
    wealth = economy.household_equity_wealth() / economy.equity_wealth_start / state.consumer_price
    state.equity_wealth_real = 1.0 if "wealth" in economy.without else wealth
    share = economy.services.domestic_ai_share_home_pct
    before = economy.domestic_share_before_pct
    success = 0.0 if before is None else share - before
    rescued = government.memory.bail_outs > economy.bail_outs_before
    economy.bail_outs_before = government.memory.bail_outs
    government.hear_the_public(state, rescued, success, economy.parameters)
    economy.domestic_share_before_pct = share
