"""The steps of a month, in the order in which :meth:`itcho.model.economy.JapanEconomy.step` calls them.

Each step takes the world and the records of what happened earlier in the month, asks the agents whose turn it is, and
applies what follows: prices and the ledger move here and in the files these steps call, and nowhere else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.agents.asset_allocation import ReturnOutlook
from itcho.agents.bond_holders import RatesAbroad, SupplyView, supply_outlook_trn_yen
from itcho.agents.compiled import total
from itcho.agents.foreign_suppliers import SupplierTier, designers_markup
from itcho.agents.government import public_growth_over_potential, spend_budget
from itcho.agents.investors import TYPE_PARTIES
from itcho.agents.population import MemberRows
from itcho.agents.rules.subsidy import Support
from itcho.agents.softbank import GroupPlan
from itcho.agents.softbank_holders import SoftBankOrders
from itcho.agents.vocabulary import (
    AI_FIRM_EQUITY,
    BANK_OF_JAPAN,
    BANKS,
    DEALERS_ABROAD,
    FIRMS,
    FOREIGN_GOODS,
    FOREIGN_INVESTORS,
    FUND_UNITS,
    GOVERNMENT,
    HOUSEHOLDS,
    JAPANESE_EQUITY,
    JGB_BUCKETS,
    LOANS,
    LOCAL_AND_SOCIAL_SECURITY,
    RESERVES,
    SOFTBANK_CORP,
    SOFTBANK_EQUITY,
    Sector,
)
from itcho.model import added_agents
from itcho.model.ai.postings import ai_services_imports, post_ai_services
from itcho.model.ai.records import AIDrivers, IndustryDrivers
from itcho.model.disturbances import Disturbances, DisturbedMonth, Shock
from itcho.model.finance.bonds import path_averages_pct
from itcho.model.finance.holder_limits import HolderView
from itcho.model.finance.jgb_ladder import FIRST_SUPERLONG_BUCKET
from itcho.model.finance.portfolios import PortfolioMonth
from itcho.model.finance.superlongs import BondsToHold
from itcho.model.finance.yield_cap import purchases_beyond_plan, trade_with_the_bank
from itcho.model.goods.market import Demand
from itcho.model.ledger.records import total_of_columns
from itcho.model.measure.household_groups import HouseholdMonth
from itcho.model.measure.national_wealth import household_wealth
from itcho.model.month_records import AIMonth, BondMonth, IncomeMonth, OutputMonth, PublicDemand, SoftBankMonth
from itcho.model.policies import put_in_force
from itcho.model.public import programme
from itcho.model.public.rescue import consider_rescue, judge_backing
from itcho.model.public.trade_deal import carry_out_deal
from itcho.model.public.treasury import SHORTER_BUCKETS, SUPERLONG_BUCKETS, trade_bonds
from itcho.model.rewire import rewire, take_second_sources
from itcho.model.world import World

Array = NDArray[np.float64]

MONTHS_A_YEAR = 12.0


def begin_month(world: World, shocks: Sequence[Shock]) -> Disturbances:
    """Advance the calendar and the outside world, put dated rules in force, rewire the graph, in April pass the budget.

    Returns
    -------
    What the shocks of an experiment do to the month.
    """
    clock, outside, p = world.clock, world.outside, world.parameters
    clock.advance()
    put_in_force(world.policy, clock, world.government, world.bank_of_japan)
    before = outside.take_out_shift()
    outside.advance(clock.month, world.scenario, p, world.streams)
    disturbed = DisturbedMonth(Disturbances(), clock, outside)
    for shock in shocks:
        shock(disturbed)
    disturbances = disturbed.disturbances
    for change in disturbances.rewirings:
        rewire(world, change)
    take_second_sources(world)
    outside.shift_us_rate(disturbances.us_rate_shift_pp, before, p)
    outside.bear(disturbances.fuel_price_factor, disturbances.world_demand_factor)
    if world.ai_boom is not None:
        world.ai_boom.advance(clock.month, outside.ai_demand)
        made = world.chip_makers.sell(world.ai_boom.capex_over_expected)
        outside.buy_of_makers(made / (MONTHS_A_YEAR * world.opening.flows.exports))
    by_law = world.opening.consumption_tax_points(clock.month)
    world.state.begin_month(outside.natural_drift_pp, by_law + disturbances.consumption_tax_points)
    if clock.is_fiscal_year_start:
        surprise = float(world.streams.normals("supplementary budgets", clock.month, 1)[0])
        world.government.meet_a_new_year(surprise, world.state.nominal_gdp_four_quarters, clock.month == 0)
    if clock.month > 0 and clock.is_fiscal_year_start:
        face = world.treasury.general_account_bonds_face()
        debt = world.treasury.gross_debt_trn_yen(world.ledger)
        world.government.start_fiscal_year(world.state, face, debt, p)
    return disturbances


def meet_at_the_bank_of_japan(world: World, disturbances: Disturbances) -> None:
    """Hold this month's policy meetings; bank rates follow the policy rate."""
    p, state, bank = world.parameters, world.state, world.bank_of_japan
    bank.watch(state, p)
    bank.announce(disturbances.policy_rates_announced_pct)
    if not bank.follow_announcement():
        for _ in range(world.clock.meetings_this_month):
            bank.meet(state, p)
    policy_rate_pct, lending = bank.policy_rate_pct + disturbances.policy_rate_shift_pp, state.lending_rate_pct
    incomes = world.incomes
    wanted = incomes.lending_rate_start_pct + p.lending_rate_pass_through * (
        policy_rate_pct - incomes.policy_rate_start_pct
    )
    state.take_interest_rates(policy_rate_pct, lending + p.bank_rate_adjustment_monthly * (wanted - lending))


def set_prices(world: World) -> None:
    """Consumer, import and export prices of the month."""
    shock = float(world.streams.normals("prices", world.month, 1)[0])
    weather = float(world.streams.normals("weather", world.month, 1)[0])
    world.goods.update_prices(world.state, world.outside, shock, weather)


def pay_programme(world: World, last: AIMonth | None) -> Support:
    """Pay the AI programme out of the special account as its rule decides; ``last`` is the AI industry's last month."""
    return programme.pay_support(world, last)


def buy_chips_under_a_deal(world: World) -> Array | None:
    """Carry out a trade deal; returns the chips that importers order under it, trillion yen by row, or None."""
    return carry_out_deal(world)


def build_data_centres(world: World) -> None:
    """SoftBank Corp's data-centre plan: equity in its data-centre business, while it owns that."""
    if not (world.softbank_accounts.stands and world.softbank_accounts.links.owns_data_centres):
        return
    spending = world.softbank_corp.data_centre_spending(world.softbank_accounts.position.ltv_pct)
    row = world.chip_importers.row_of_name("softbank_corp_data_centres")
    members = MemberRows(world.chip_importers, slice(row, row + 1))
    world.ledger.trade(SOFTBANK_CORP, members, AI_FIRM_EQUITY, np.array([spending]), 1.0, "data_centre_plan")


def run_ai_industry(
    world: World, disturbances: Disturbances, support: Support, bought_under_deal: Array | None, last: AIMonth | None
) -> AIMonth:
    """Chips are ordered, shipped and paid; AI services are sold with them; AI firms settle their accounts."""
    month, ledger, streams, state = world.month, world.ledger, world.streams, world.state
    drivers, path = _industry_drivers(world, disturbances, bought_under_deal, last), world.outside.path
    chips = world.chip_market.step(month, drivers, ledger, world.chip_tiers)
    service_drivers = AIDrivers(
        usdjpy=state.usdjpy,
        cpi_index=state.consumer_price,
        nominal_gdp_index=drivers.nominal_gdp_index,
        real_wage_index=state.wage / state.consumer_price,
        global_ai_demand_index=world.outside.ai_demand,
        adoption_subsidy_share_of_cost=support.adoption_cost_share,
        domestic_content_share_required=support.domestic_content_share,
        contract_terms=support.contract_terms,
        served_share=chips.served_share,
        served_by_laboratories=np.array([min(laboratory.capacity, 1.0) for laboratory in world.laboratories]),
        frontier_progress_multiplier=path.frontier_progress_factor,
        algorithmic_progress_multiplier=path.algorithmic_progress_factor,
        catch_up_multiplier=path.catch_up_factor,
        data_availability_index=path.data_availability,
        usefulness_shift_sd=path.usefulness_shift_sd,
    )
    services = world.ai_services.step(month, service_drivers, streams)
    if not world.ai_services.asleep:
        post_ai_services(ledger, world.chip_importers, world.ai_services.laboratories, services)
    programme.pay_adopters(world, services, support)
    defaults = programme.watch_defaults(world)
    firms = world.ai_firm_finance.step(month, drivers, ledger, chips, streams)
    for row in firms.entered_rows.tolist():
        world.ai_services.restart(row)
    for row in firms.failed_rows.tolist():
        world.ai_services.close(row)
    programme.settle_guarantees(world, defaults)
    programme.collect_royalty(world, support)
    state.take_productivity_gain(services.productivity_gain_pct)
    return AIMonth(
        chips=chips,
        services=services,
        firms=firms,
        services_imports=ai_services_imports(services) + firms.licences,
        service_exports=total(services.export_revenue),
    )


def _industry_drivers(
    world: World, disturbances: Disturbances, bought_under_deal: Array | None, last: AIMonth | None
) -> IndustryDrivers:
    state, outside, boom = world.state, world.outside, world.ai_boom
    path = outside.path
    capacity = path.chip_capacity * disturbances.chip_capacity
    own_capacity, capacities = disturbances.supplier_capacity, []
    for supplier in world.suppliers:
        own = own_capacity.get(supplier.name, 1.0) * world.supply_graph.equipped(supplier.name, own_capacity)
        capacities.append(supplier.produce_with(own if supplier.tier is SupplierTier.LABORATORY else capacity * own))
    history = state.real_gdp_history
    return IndustryDrivers(
        usdjpy=state.usdjpy,
        usdjpy_start=state.usdjpy_start,
        usdjpy_average_3m=state.usdjpy_average_3m,
        cpi_index=state.consumer_price,
        nominal_gdp_index=state.nominal_gdp_index,
        real_gdp_index=(history[-3] + history[-2] + history[-1]) / 3.0 / world.opening.flows.gdp,
        wage_index=state.wage,
        lending_rate_pct=state.lending_rate_pct,
        chip_capacity=np.array(capacities),
        global_ai_demand_index=outside.ai_demand if boom is None else boom.chip_orders,
        import_fuel_price_index=outside.fuel_price_usd * state.usdjpy_index,
        corporate_tax_rate=world.parameters.corporate_tax_rate,
        loan_guarantee_share=programme.guaranteed_share(world),
        chip_purchases_trn_yen=bought_under_deal,
        chip_dollar_price_factor=path.chip_price_factor,
        chip_price_markup=_chip_price_markup(world, last),
        data_centre_cost_factor=path.data_centre_cost_factor,
        funding_climate=1.0 if boom is None else boom.funding_climate,
    )


def _chip_price_markup(world: World, last: AIMonth | None) -> float:
    """Designers decide their prices; what is paid over list prices for chips as they were shipped last month."""
    shares = list(world.opening.designer_shares)
    if last is not None:
        shipped = last.chips.shipped_by_supplier_bn_usd
        shipped_last = [shipped[row] for row in world.chip_tiers.edges.designer_row]
        shares = shipped_last if sum(shipped_last) > 0.0 else shares
    return designers_markup(world.chip_designers, shares, world.chip_tiers.availability, world.parameters)


def run_goods_and_labour(world: World, disturbances: Disturbances, ai: AIMonth) -> OutputMonth:
    """Demand, output, employment and wages; payments between households, firms, government and abroad."""
    p, state, base = world.parameters, world.state, world.opening.flows
    trend = state.trend_potential * (1.0 + p.trend_potential_growth_pct / 1200.0)
    usual = trend * (1.0 + state.productivity_gain_pct / 100.0)
    capital = world.goods.capital_over_usual_log(math.log(usual))
    state.take_potential(trend, base.potential_gdp * usual * math.exp(p.capital_income_share * capital))
    public = _public_demand(world, disturbances)
    real_public = (public.consumption + public.investment) / state.domestic_price
    shocks = world.streams.normals("demand", world.month, 3).tolist()
    demand = world.goods.demand(state, world.outside, real_public, shocks)
    demand = _produce(world, demand, public, real_public, ai)
    _post_demand(world, demand, public, ai)
    participation = float(world.streams.normals("participation", world.month, 1)[0])
    return OutputMonth(demand=demand, public=public, wage_bill=world.labour.step(state, participation))


def _produce(world: World, demand: Demand, public: PublicDemand, real_public: float, ai: AIMonth) -> Demand:
    """Measure the month's output; what capacity cannot make is bought abroad. Returns demand with those imports."""
    state, firms = world.state, ai.firms
    nominal_gdp = (
        demand.consumption
        + demand.housing_investment
        + demand.business_investment
        + demand.exports
        - demand.imports
        + public.consumption
        + public.investment
        + firms.domestic_investment
        + ai.service_exports
        - ai.services_imports
    )
    dollar = state.usdjpy_index * world.outside.foreign_price_level
    real_gdp = (
        demand.real_total
        + real_public
        + firms.domestic_investment / state.domestic_price
        + (ai.service_exports - ai.services_imports) / dollar
    )
    spill = _capacity_spill(world, real_gdp)
    state.take_output(nominal_gdp - spill * state.import_price, real_gdp - spill)
    return demand._replace(imports=demand.imports + spill * state.import_price)


def _capacity_spill(world: World, demanded: float) -> float:
    """Real demand that domestic capacity cannot meet and that is met from abroad, at start prices."""
    p, state = world.parameters, world.state
    capacity = state.potential_gdp * (1.0 + p.capacity_slack_pct / 100.0)
    return p.capacity_spill_share * max(0.0, demanded - capacity)


def _public_demand(world: World, disturbances: Disturbances) -> PublicDemand:
    p, state, local = world.parameters, world.state, world.opening.local
    central = spend_budget(world.government.budget, p)
    ageing = public_growth_over_potential(p.government_real_growth_pct, world.month, p)
    growth = state.potential_gdp / world.opening.flows.potential_gdp * ageing * state.domestic_price
    extra_pct_gdp = disturbances.public_investment_pct_gdp
    if extra_pct_gdp != 0.0:
        extra = extra_pct_gdp / 1200.0 * state.nominal_gdp_four_quarters
        central = replace(central, investment=central.investment + extra)
    return PublicDemand(
        central=central,
        consumption=central.consumption + local.consumption * growth,
        investment=central.investment + local.investment * growth,
        local_transfers=local.transfers * growth,
    )


def _post_demand(world: World, demand: Demand, public: PublicDemand, ai: AIMonth) -> None:
    pay, central = world.ledger.pay, public.central
    finance, other = world.ai_firm_finance, ai.firms.other_revenue
    _, households, public_sector = map(sum, zip(*ai.services.spending_trn_yen.tolist(), strict=True))
    bought_from_ai = households + finance.other_sales(HOUSEHOLDS, other)
    public_from_ai = public_sector + finance.other_sales(LOCAL_AND_SOCIAL_SECURITY, other)
    pay(HOUSEHOLDS, FIRMS, demand.consumption - bought_from_ai, "consumption")
    pay(HOUSEHOLDS, FIRMS, demand.housing_investment, "housing_investment")
    pay(FOREIGN_GOODS, FIRMS, demand.exports, "exports")
    pay(FIRMS, FOREIGN_GOODS, demand.imports, "imports")
    pay(GOVERNMENT, FIRMS, central.consumption, "government_consumption")
    pay(GOVERNMENT, FIRMS, central.investment, "public_investment")
    local = public.consumption - central.consumption - public_from_ai
    pay(LOCAL_AND_SOCIAL_SECURITY, FIRMS, local, "government_consumption")
    pay(LOCAL_AND_SOCIAL_SECURITY, FIRMS, public.investment - central.investment, "public_investment")
    pay(LOCAL_AND_SOCIAL_SECURITY, FIRMS, public.local_transfers, "other_government_transfers")


def pay_incomes_and_taxes(world: World, disturbances: Disturbances, ai: AIMonth, output: OutputMonth) -> IncomeMonth:
    """Wages, taxes, transfers, coupons, interest, dividends and income from abroad."""
    relief_pct_gdp = disturbances.household_tax_cut_pct_gdp - world.government.tax_effort_pct_gdp
    cut = relief_pct_gdp / 1200.0 * world.state.nominal_gdp_four_quarters
    state, ledger, incomes, year = world.state, world.ledger, world.incomes, world.government.year
    wage_bill = output.wage_bill
    incomes.learn_tax_yield(float(world.streams.normals("tax yields", world.month, 1)[0]))
    incomes.post_labour_and_transfers(ledger, state, wage_bill, ai.firms.wages, world.month)
    taxes = incomes.post_taxes(ledger, state, wage_bill, output.demand.consumption, ai.firms.corporate_tax, cut)
    incomes.count_spending(output.demand.consumption + output.demand.housing_investment)
    state.take_profits(incomes.profits(state, wage_bill, output.demand.consumption))
    coupons, interest, special = world.treasury.pay_coupons(ledger, state.policy_rate_pct)
    from_abroad = incomes.post_property_income(ledger, state, coupons)
    year.book_taxes(taxes.total, ai_taxes(world, ai))
    programme.count_taxes(world, ai.firms)
    year.book_interest(interest, special)
    world.government.memory.tax_bases.add(wage_bill, state.profits, taxes.consumption, special)
    return IncomeMonth(from_abroad, _settle_with_the_bank_of_japan(world, coupons, from_abroad))


def ai_taxes(world: World, ai: AIMonth) -> float:
    """Taxes on the value added of the AI layers in a month, trillion yen."""
    value_added = ai.firms.revenue - ai.firms.inputs - ai.firms.licences
    return world.parameters.ai_value_added_tax_share * max(0.0, value_added)


def _settle_with_the_bank_of_japan(
    world: World, coupons: Mapping[str, float], from_abroad: Mapping[str, float]
) -> float:
    """Interest on reserves, the bank's profit, and what it pays to the ministry, which is returned."""
    ledger, incomes, opening = world.ledger, world.incomes, world.opening
    pay = ledger.pay
    rate = max(0.0, world.state.policy_rate_pct)
    on_reserves = rate / 1200.0 * ledger.position(RESERVES, BANKS)
    funds = incomes.fund_yield * max(0.0, ledger.position(FUND_UNITS, BANK_OF_JAPAN)) / 12.0
    lending = incomes.boj_lending_yield * max(0.0, ledger.position(LOANS, BANK_OF_JAPAN)) / 12.0
    pay(BANK_OF_JAPAN, BANKS, on_reserves, "boj_interest_on_reserves")
    pay(FIRMS, BANK_OF_JAPAN, funds, "etf_distributions_to_boj")
    pay(BANKS, BANK_OF_JAPAN, lending, "boj_lending_interest")
    amortised = opening.boj_amortisation_share * coupons.get(BANK_OF_JAPAN, 0.0)
    profit = coupons.get(BANK_OF_JAPAN, 0.0) - amortised + funds + lending - on_reserves + from_abroad[BANK_OF_JAPAN]
    remittance = opening.boj_remittance_share * world.bank_of_japan.remittance(profit)
    pay(BANK_OF_JAPAN, GOVERNMENT, remittance, "boj_remittance")
    return remittance


def spend_public_money(world: World, public: PublicDemand, incomes: IncomeMonth) -> None:
    """Transfers and revenue of the general account beside taxes and purchases; books the fiscal year's figures."""
    p, year, central, pay = world.parameters, world.government.year, public.central, world.ledger.pay
    pay(
        GOVERNMENT,
        LOCAL_AND_SOCIAL_SECURITY,
        central.transfers_to_local_and_social_security,
        "local_allocation_and_social_security",
    )
    pay(GOVERNMENT, FIRMS, central.transfers_to_firms, "other_government_transfers")
    pay(GOVERNMENT, FOREIGN_GOODS, central.transfers_abroad, "secondary_income")
    fees = world.opening.fees_from_firms_trn_yen * world.state.consumer_price
    pay(FIRMS, GOVERNMENT, fees, "non_tax_revenue")
    year.book_spending(central.total, world.government.budget.redemption / 12.0)
    year.book_other_revenue(fees + incomes.boj_remittance + p.fx_reserve_income_transfer_trn_yen_year / 12.0)


def plan_portfolios(world: World, incomes: IncomeMonth) -> PortfolioMonth:
    """Investors plan purchases abroad, equity and contractual saving."""
    from_abroad = incomes.from_abroad
    state, doubt = world.state, world.fiscal_doubt
    expected_loss = 0.0 if doubt is None else doubt.expected_loss_on_yen_pp(world.parameters)
    gap = world.outside.us_10y_pct - state.yields_pct[10.0]
    outlook = ReturnOutlook(gap - world.opening.yield_gap_pp + expected_loss)
    mood = float(world.streams.normals("portfolio preference", world.month, 1)[0])
    capital = world.goods.firms.capital * state.domestic_price
    plan = world.portfolios.plan(world.ledger, capital, from_abroad[GOVERNMENT], outlook, mood)
    world.portfolios.post(world.ledger, plan)
    world.structural.post(world.ledger, state, world.month)
    return plan


def decide_softbank(world: World, support: Support) -> SoftBankMonth:
    """SoftBank Group pays interest, is rescued or restructured if it must be, then invests, sells and refinances."""
    group, ledger, state, accounts = world.softbank_group, world.ledger, world.state, world.softbank_accounts
    if not accounts.stands:
        return SoftBankMonth(GroupPlan(), 0.0, SoftBankOrders.none())
    abroad = accounts.pay_interest(ledger, group, state.policy_rate_pct - world.incomes.policy_rate_start_pct)
    accounts.look(group, ledger)
    if consider_rescue(world) > 0.0:
        accounts.look(group, ledger)
    if accounts.restructure(ledger, group) > 0.0:
        accounts.look(group, ledger)
    group.consider_bids(_companies_on_offer(world), world.month, accounts.position, state.usdjpy, world.parameters)
    plan = group.plan(world.month, accounts.position, state.usdjpy, world.parameters)
    dollars = abroad + accounts.carry_out(ledger, group, plan)
    accounts.look(group, ledger)
    judge_backing(world, support)
    orders = _trade_softbank(world)
    return SoftBankMonth(plan, dollars, orders, _equity_pressed_pct(world, orders.others_sold_trn_yen))


def _equity_pressed_pct(world: World, sold_trn_yen: float) -> float:
    """Fall of the price of Japanese shares for what margin calls made households sell of them, percent."""
    if sold_trn_yen == 0.0:
        return 0.0
    ledger = world.ledger
    held = ledger.positions[ledger.instrument_index[JAPANESE_EQUITY]]
    return 100.0 * world.parameters.equity_sale_pressure * sold_trn_yen / float(np.maximum(held, 0.0).sum())


def _companies_on_offer(world: World) -> tuple[float, ...]:
    """Prices of companies that are on offer to SoftBank this month, bn USD; none with the noise off."""
    if world.streams.noise_off:
        return ()
    p = world.parameters
    small, large = world.streams.uniforms("companies on offer", world.month, (2,)).tolist()
    chances = (
        (p.softbank_small_bid_bn_usd, small < p.softbank_small_bids_year / MONTHS_A_YEAR),
        (p.softbank_large_bid_bn_usd, large < 1.0 / (p.softbank_large_bid_years * MONTHS_A_YEAR)),
    )
    return tuple(price for price, offered in chances if offered)


def _trade_softbank(world: World) -> SoftBankOrders:
    """Holders of SoftBank's shares trade them with each other, through dealers, and meet margin calls."""
    shares, ledger = world.softbank_shares, world.ledger
    orders = world.softbank_holders.decide(shares.index, shares.risk_ratio, shares.discount_pct)
    # Sellers come first, so that dealers have what buyers take.
    for kind, bought in sorted(orders.bought.items(), key=lambda order: order[1]):
        if bought:
            ledger.trade(TYPE_PARTIES[kind], DEALERS_ABROAD, SOFTBANK_EQUITY, bought, 1.0, "equity_trading")
    if sold := orders.others_sold_trn_yen:
        for party, bought in ((HOUSEHOLDS, -sold), (FOREIGN_INVESTORS, sold)):
            ledger.trade(party, DEALERS_ABROAD, JAPANESE_EQUITY, bought, 1.0, "equity_trading")
    return orders


def let_added_agents_act(world: World, outcomes: Mapping[str, float]) -> added_agents.OrdersByParty:
    """Agents that a user added earn their income, decide, pay and order dollars.

    ``outcomes`` are those of the month before, which the agents see.
    """
    return added_agents.act(world, outcomes)


def judge_fiscal_policy(world: World, disturbances: Disturbances, support: Support) -> None:
    """Markets hear what the government announced, paid and rescued, and judge how loose it is."""
    doubt = world.fiscal_doubt
    if doubt is None:
        return
    p, government, clock = world.parameters, world.government, world.clock
    doubt.hear_from_abroad(world.outside.path.sovereign_doubt_logit)
    announced = government.announced_trn_yen() / p.jgb_outlook_years
    announced_pct_gdp = (
        disturbances.announced_deficit_pct_gdp
        + government.memory.announced_extra_deficit_pct_gdp
        + 100.0 * announced / world.state.nominal_gdp_four_quarters
    )
    waived = programme.gate_waived(world, support)
    doubt.hear(announced_pct_gdp, waived, government.memory.bail_outs, clock.is_fiscal_year_end, p)


def finance_the_government(world: World, disturbances: Disturbances) -> BondMonth:
    """Redeem, issue, clear the bond market, and let the Bank of Japan buy what its plan says."""
    ledger, treasury, p, office = world.ledger, world.treasury, world.parameters, world.debt_office
    office.hear(world.superlongs.tail_bp)
    treasury.redeem(ledger)
    treasury.shorten(office.cut_share)
    needs = treasury.money_needed(ledger, max(p.treasury_cash_floor_trn_yen, world.opening.treasury_cash_trn_yen))
    sold, bills = treasury.issue(ledger, needs, p.bills_share_of_refunding)
    reserves = ledger.position(RESERVES, BANKS)
    wanted = world.bank_of_japan.purchases(world.month, reserves, world.state.nominal_gdp_index, p)
    bonds, superlongs = treasury.on_the_market_trn_yen(ledger)
    purchases, usual_share = min(wanted, bonds), superlongs / bonds
    bank_buys = world.bank_of_japan.superlong_purchases(purchases, usual_share, office.auction_failed, superlongs)
    issued = total(sold) + bills - treasury.last_redemption.face_trn_yen
    world.issuance_expectations.learn(issued, world.government.programme_left_trn_yen)
    sold_long, usual_long = total(sold[FIRST_SUPERLONG_BUCKET:]), treasury.usual_profile.superlong_share * total(sold)
    world.superlongs.take_supply(sold_long - usual_long - (bank_buys - usual_share * purchases))
    bought = _clear_bonds(world, disturbances, Supply(bonds - purchases, superlongs - bank_buys, purchases, bank_buys))
    planned = world.bank_of_japan.plan_purchases(world.month)
    return BondMonth(bought, issued, planned, wanted, sold_long, usual_long, bank_buys)


class Supply(NamedTuple):
    """Bonds of a month, trillion yen: left to private holders by the Bank of Japan's plan, and what it buys."""

    private: float
    private_superlongs: float
    purchases: float
    superlong_purchases: float


def _clear_bonds(world: World, disturbances: Disturbances, supply: Supply) -> Mapping[str, float]:
    """Clear the bond market and trade; returns what parties bought, trillion yen."""
    private, purchases = supply.private, supply.purchases
    ledger, p, state, portfolios = world.ledger, world.parameters, world.state, world.portfolios
    portfolios.reconcile_bonds(ledger)
    path, terminal = world.bank_of_japan.expected_path_pct(state, p)
    abroad = _rates_abroad(world, path_averages_pct(path, terminal)[10.0])
    mandates = portfolios.jgb_mandates(ledger, state.yields_pct[10.0], state.policy_rate_pct, abroad)
    doubt, market, limits = world.fiscal_doubt, world.bonds, world.holder_limits
    outlook = supply_outlook(world, disturbances.announced_deficit_pct_gdp)
    required = 0.0 if doubt is None else doubt.premium_pp(p)
    view = HolderView(
        premium_pp=market.demanded_premium_pp,
        superlong_yield_pct=state.yields_pct[30.0],
        equity_index=state.equity_index,
        softbank_index=world.softbank_shares.index,
        pension_assets_trn_yen=portfolios.pension_assets_trn_yen,
    )
    demand = limits.bend(mandates, view)

    def clear(stock: float) -> float:
        return market.clear(stock, demand, outlook, path, terminal, required)

    extra = purchases_beyond_plan(world, private, purchases, clear)
    limits.record(demand, market.demanded_premium_pp)
    held = demand.held_at(private - extra)
    net = portfolios.take_bonds(held)
    net[BANK_OF_JAPAN] = purchases + extra
    # What a cap makes the bank buy beyond its plan is bonds in the market's mix: it may have to buy nearly all of them.
    # What a floor makes it leave out is of all that it planned.
    if extra > 0.0:
        bought_long = extra * supply.private_superlongs / private
    else:
        bought_long = extra * supply.superlong_purchases / max(purchases, 1e-300)
    stock = BondsToHold(supply.private_superlongs - bought_long, private - extra, state.nominal_gdp_index)
    superlongs = portfolios.sums_by_party(world.superlongs.clear(demand, held, stock))
    market.take_superlong_gap(world.superlongs.gap_pp)
    rows = ledger.rows_of(SUPERLONG_BUCKETS)
    swapped = {
        party: wanted - total(np.maximum(ledger.positions[rows, ledger.party_index[party]], 0.0))
        for party, wanted in superlongs.items()
    }
    swapped[BANK_OF_JAPAN] = supply.superlong_purchases + bought_long
    trade = trade_with_the_bank if extra > 0.0 else trade_bonds
    trade(ledger, {party: bought - swapped[party] for party, bought in net.items()}, SHORTER_BUCKETS)
    trade(ledger, swapped, SUPERLONG_BUCKETS)
    return net


def _rates_abroad(world: World, policy_path_10y_pct: float) -> RatesAbroad:
    """What holders compare JGBs with this month."""
    outside, state = world.outside, world.state
    return RatesAbroad(
        us_10y_pct=outside.us_10y_pct - outside.natural_drift_pp,
        us_policy_rate_pct=outside.us_policy_rate_pct,
        policy_path_10y_pct=policy_path_10y_pct,
        income=outside.foreign_price_level * outside.demand_trend * state.usdjpy_index,
    )


def supply_outlook(world: World, announced_deficit_pct_gdp: float) -> float:
    """What private holders are expected to absorb beyond their mandates across the horizon, trillion yen."""
    p, ledger, government = world.parameters, world.ledger, world.government
    extra = government.memory.announced_extra_deficit_pct_gdp + announced_deficit_pct_gdp
    view = SupplyView(
        announced_deficit_trn_yen_year=extra / 100.0 * world.state.nominal_gdp_four_quarters if extra else 0.0,
        boj_holdings_trn_yen=total(ledger.positions[ledger.rows_of(JGB_BUCKETS), ledger.party_index[BANK_OF_JAPAN]]),
        boj_purchases_trn_yen_month=world.bank_of_japan.plan_purchases(max(world.month, 0)),
        programme_left_trn_yen=government.programme_left_trn_yen,
    )
    return supply_outlook_trn_yen(world.issuance_expectations.expected_trn_yen_year, view, p)


def count_households(world: World) -> None:
    """Split what households received, paid and own in the month among their groups."""
    incomes, state = world.incomes, world.state
    month = HouseholdMonth(
        earned=incomes.earned,
        benefits=incomes.benefits,
        property=incomes.property_income,
        contributions=incomes.contributions,
        taxes=incomes.household_taxes,
        consumption_tax=incomes.consumption_tax,
        disposable=incomes.disposable_income,
        spent=incomes.household_spending,
    )
    debt = world.treasury.gross_debt_trn_yen(world.ledger)
    world.household_groups.live(month, world.ledger, state.consumer_price, debt)


def close_the_books(world: World, ai: AIMonth) -> None:
    """Square the dealers, share out what parties got among members, check every row and column, and update what is
    known to everybody.
    """
    ledger = world.ledger
    world.structural.square_dealers(ledger)
    world.structural.cover_overdrafts(ledger, world.treasury)
    world.portfolios.reconcile(ledger)
    ledger.close_month()
    state = world.state
    if "wealth" in world.without:
        state.take_wealth(state.potential_gdp / world.opening.flows.potential_gdp)
    else:
        state.take_wealth(household_wealth(ledger) / world.opening.wealth_trn_yen / state.consumer_price)
    count_households(world)
    world.government.hear_the_public(state, ai.services.domestic_ai_share_home_pct)
    current = ledger.history[-1].current
    world.twelve_months.add(
        current_account=-total_of_columns(current, ledger.of_sector(Sector.REST_OF_WORLD)),
        chip_imports=ai.chips.chip_imports_trn_yen,
        fiscal_balance=total_of_columns(current, ledger.of_sector(Sector.GOVERNMENT)),
    )
