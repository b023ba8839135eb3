"""Building an economy: agents, populations, graph, ledger and markets from a start state and parameters."""

from __future__ import annotations

from typing import Any

import numpy as np

from itcho.agents.adopters import add_adopter_columns
from itcho.agents.bank_of_japan import BankOfJapan
from itcho.agents.chip_importers import (
    IMPORTER_POSITIONS,
    ChipImporter,
    align_expectations,
    make_importer_columns,
    opening_chip_price,
    opening_growth_monthly,
    opening_orders_bn_usd,
)
from itcho.agents.foreign_suppliers import SUPPLIERS, SupplierTier, common_rule, foreign_suppliers
from itcho.agents.government import Budget, Government, spend_budget
from itcho.agents.investors import CARRY, make_investor_columns
from itcho.agents.named_importers import IMPORTER_LABELS, IMPORTER_PARTIES, importer_names, label_of_row
from itcho.agents.population import Population
from itcho.agents.rules.monetary import InertialTaylor
from itcho.agents.softbank import SoftBankCorp, SoftBankGroup
from itcho.agents.vocabulary import (
    CORE_PARTIES,
    GOVERNMENT_DEPOSITS,
    HOUSEHOLDS,
    INSURERS_AND_PENSIONS,
    INVESTMENT_FUNDS,
    LOCAL_AND_SOCIAL_SECURITY,
    PUBLIC_PENSION_CLAIM,
    SOFTBANK_CORP,
    TREASURY_BILLS,
    Party,
    Sector,
    Settlement,
)
from itcho.model.added_agents import make_agents, take_over_openings
from itcho.model.ai_capability import add_service_columns
from itcho.model.chip_edges import tier_shares
from itcho.model.credibility import FiscalDoubt, announced_programme_trn_yen
from itcho.model.currency_orders import opening_exchanged_share
from itcho.model.income_flows import IncomeFlows
from itcho.model.jgb_ladder import IssuanceProfile, JGBLadder, opening_yields_by_slot_pct
from itcho.model.ledger import Ledger
from itcho.model.markets.ai_firm_finance import AiFirmFinance
from itcho.model.markets.ai_services import AIServicesMarket, ai_opening
from itcho.model.markets.bonds import BondMarket
from itcho.model.markets.chips import ChipMarket
from itcho.model.markets.equities import EquityMarket, SoftBankShares
from itcho.model.markets.foreign_exchange import ForeignExchangeMarket
from itcho.model.markets.goods import GoodsMarket
from itcho.model.markets.labour import LabourMarket
from itcho.model.monthly_steps import supply_outlook
from itcho.model.opening import (
    OpeningImports,
    base_flows,
    importer_opening,
    month_scale,
    opening_positions,
)
from itcho.model.outside_world import OutsideWorld
from itcho.model.portfolios import Portfolios, holdings_by_type
from itcho.model.public_finance import Treasury
from itcho.model.softbank_accounts import SoftBankAccounts, group_position, open_group
from itcho.model.start_states.loader import StartState
from itcho.model.state import EconomyState, growing_history
from itcho.model.structural_flows import StructuralFlows
from itcho.model.supply_chain import ChipTiers
from itcho.model.supply_chain_links import build_graph


def supplier_parties() -> tuple[Party, ...]:
    """Ledger parties of the named foreign suppliers; they are paid in dollars."""
    return tuple(Party(facts.name, Sector.REST_OF_WORLD, Settlement.DOLLAR_ACCOUNT, facts.label) for facts in SUPPLIERS)


def opening_budget(start: StartState) -> Budget:
    """The initial budget of the first fiscal year, with a supplementary budget of the usual size still to come."""
    fact = start.fact
    other = (
        fact("budget_spending_trn_yen")
        - fact("budget_social_security_trn_yen")
        - fact("budget_local_allocation_trn_yen")
        - fact("budget_defence_trn_yen")
        - fact("budget_debt_service_trn_yen")
    )
    return Budget(
        social_security=fact("budget_social_security_trn_yen"),
        local_allocation=fact("budget_local_allocation_trn_yen"),
        defence=fact("budget_defence_trn_yen"),
        other=other,
        supplementary=0.0,
        redemption=fact("budget_redemption_trn_yen"),
        other_revenue=fact("budget_other_revenue_trn_yen"),
    )


def years_from_2026(start: StartState) -> float:
    """Years from 2026-03-31 to the start date."""
    return (start.date.year - 2026) + (start.date.month - 3) / 12.0


def make_state(start: StartState, parameters: Any) -> EconomyState:
    """The public state at the start date, with histories on the growth path that the published year implies."""
    p, fact = parameters, start.fact
    scale = month_scale(p)
    state = EconomyState()
    real_growth = p.trend_potential_growth_pct + p.opening_growth_over_trend_pct
    gdp = start.gdp_by_expenditure()
    state.nominal_gdp_history = growing_history(gdp, p.opening_nominal_growth_pct, 25)
    state.real_gdp_history = growing_history(gdp, real_growth, 25)
    factor = scale * gdp / (state.real_gdp_history[-1] * float(np.exp(real_growth / 2400.0)))
    state.real_gdp_history = type(state.real_gdp_history)(
        (value * factor for value in state.real_gdp_history), maxlen=25
    )
    state.nominal_gdp = state.real_gdp = state.potential_gdp = scale * gdp
    state.nominal_gdp_start = scale * gdp
    inflation = fact("cpi_inflation_yoy_pct")
    past = np.exp(inflation / 1200.0 * np.arange(-24, 1))
    state.consumer_price_history = type(state.nominal_gdp_history)(past.tolist(), maxlen=25)
    state.domestic_price_history = type(state.nominal_gdp_history)(past.tolist(), maxlen=25)
    state.underlying_inflation_pct = inflation
    state.expected_inflation_pct = (
        p.adaptive_households_share * inflation + (1.0 - p.adaptive_households_share) * p.inflation_target_pct
    )
    state.unemployment_pct = fact("unemployment_rate_pct")
    state.policy_rate_pct = fact("policy_rate_pct")
    state.lending_rate_pct = p.lending_margin_pct + p.lending_rate_pass_through * state.policy_rate_pct
    state.usdjpy = state.usdjpy_start = state.usdjpy_average = state.usdjpy_average_3m = fact("usdjpy")
    state.yields_pct = {years: fact(f"jgb_{years:.0f}y_pct") for years in (2.0, 5.0, 10.0, 20.0, 30.0, 40.0)}
    return state


def build(economy: Any, start: StartState, sizes: dict[str, int]) -> None:
    """Fill ``economy`` with its agents, markets and accounts."""
    p = economy.parameters
    economy.state = make_state(start, p)
    economy.outside = OutsideWorld(
        us_policy_rate_pct=start.fact("us_policy_rate_pct"),
        us_10y_pct=start.fact("us_10y_pct"),
        us_inflation_pct=p.us_inflation_pct,
        us_rate_path_pct=start.fact("us_policy_rate_pct"),
        us_rate_start_pct=start.fact("us_policy_rate_pct"),
    )
    _build_single_agents(economy, start)
    opening = _build_importers(economy, start, sizes["importers"])
    _build_ledger(economy, start)
    _build_public_side(economy, start)
    _build_investors(economy, start, sizes["investors"])
    _build_ai_side(economy, start, opening, sizes["adopters"])
    _build_markets(economy, start, opening)
    _build_softbank(economy, start)


def purchase_plan(start: StartState) -> dict[int, float]:
    """The Bank of Japan's announced JGB purchases, trillion yen a month, by the first month (of the run) they hold."""
    plan = {0: start.fact("boj_jgb_purchases_monthly_trn_yen")}
    for event in start.events_of("boj_jgb_purchases_monthly"):
        plan[max(0, months_after(start, event.date))] = event.value
    return plan


def months_after(start: StartState, date: Any) -> int:
    """Index of the month of the run that holds ``date``."""
    return int((date.year - start.date.year) * 12 + date.month - start.date.month - 1)


def _build_single_agents(economy: Any, start: StartState) -> None:
    p, policy = economy.parameters, economy.policy
    economy.government = Government(
        economy,
        policy.subsidy,
        policy.fiscal,
        policy.intervention,
        policy.trade,
        opening_budget(start),
        p.approval_mean_pct,
    )
    economy.bank_of_japan = BankOfJapan(
        economy,
        policy.monetary,
        start.fact("policy_rate_pct"),
        purchase_plan(start),
        start.fact("cpi_inflation_yoy_pct"),
    )
    commitments: dict[int, float] = {}
    if economy.dated_events:
        for event in start.events_of("softbank_openai_payment"):
            months = months_after(start, event.date)
            commitments[months] = commitments.get(months, 0.0) + event.value
    economy.softbank_group = SoftBankGroup(economy, commitments, p.softbank_backing_belief)
    economy.softbank_corp = SoftBankCorp(economy, p.softbank_corp_plan_trn_yen, int(p.softbank_corp_plan_months))
    economy.suppliers = foreign_suppliers(economy, p)
    economy.added_agents = make_agents(economy, economy.added_agent_factories)


def opening_ai_sales(spending_trn_yen: tuple[float, float, float], p: Any) -> tuple[float, float]:
    """AI services bought in Japan in the past year, trillion yen: what was paid abroad, and what AI firms here sold."""
    model, cloud, application = spending_trn_yen
    cloud_abroad = cloud * (1.0 - p.ai_domestic_cloud_share) * p.ai_foreign_cloud_offshore_share
    abroad = (
        model * (1.0 - p.ai_domestic_model_share) + cloud_abroad + application * (1.0 - p.ai_domestic_application_share)
    )
    by_developers = application * p.ai_domestic_application_share * p.ai_application_developer_share
    return abroad, model * p.ai_domestic_model_share + cloud - cloud_abroad + by_developers


def _build_importers(economy: Any, start: StartState, size: int) -> dict[str, float]:
    p = economy.parameters
    ai = ai_opening(p, start.fact("usdjpy"), years_from_2026(start))
    opening = importer_opening(start)
    opening["usdjpy"] = start.fact("usdjpy")
    opening["years_from_2026"] = years_from_2026(start)
    economy.ai_opening = ai
    economy.opening_ai_imports_trn_yen, opening["ai_services"] = opening_ai_sales(ai.spending_trn_yen, p)
    opening["other_firms_chip_imports"] = (
        start.fact("semiconductor_imports_trn_yen_fy")
        + start.fact("computer_imports_trn_yen_fy")
        - opening["chip_imports"]
    )
    columns = make_importer_columns(size, opening, p, economy.streams.setup("importers"))
    labels = label_of_row(columns["role"])
    economy.chip_importers = economy.register_population(
        Population(
            economy,
            ChipImporter,
            columns,
            economy.next_unique_id,
            names=importer_names(size),
            label_of_row=labels,
            positions=IMPORTER_POSITIONS,
        )
    )
    return opening


def _build_ledger(economy: Any, start: StartState) -> None:
    added = economy.added_agents
    parties = (*CORE_PARTIES, *IMPORTER_PARTIES, *supplier_parties(), *(agent.party for agent in added))
    importers = economy.chip_importers
    matrix = opening_positions(
        start,
        [party.name for party in parties],
        importers.columns,
        importers.label_of_row,
        IMPORTER_LABELS,
        economy.parameters.carry_book_ratio,
    )
    take_over_openings(added, [party.name for party in parties], matrix)
    economy.ledger = Ledger(parties, matrix)
    economy.ledger.register_population(importers, IMPORTER_LABELS)


def _build_public_side(economy: Any, start: StartState) -> None:
    p, state = economy.parameters, economy.state
    curve = opening_yields_by_slot_pct(start)
    ladder = JGBLadder.opening(start, curve, p)
    bills = -economy.ledger.position(TREASURY_BILLS, "government")
    economy.treasury_cash_start_trn_yen = economy.ledger.position(GOVERNMENT_DEPOSITS, "government")
    fiscal_loan = start.fact("jgb_fiscal_loan_fund_market_value_trn_yen")
    share = fiscal_loan / (fiscal_loan + start.fact("jgb_ordinary_market_value_trn_yen"))
    economy.treasury = Treasury(
        ladder, IssuanceProfile.from_parameters(p), curve, start.fact("gov_gross_debt_trn_yen"), bills, share
    )
    budget = economy.government.budget
    budget.supplementary = p.supplementary_budget_pct_gdp / 100.0 * state.nominal_gdp_four_quarters
    central = spend_budget(budget, p)
    scale = month_scale(p)
    from_firms = (
        budget.other_revenue - start.fact("boj_remittance_trn_yen_fy") - p.fx_reserve_income_transfer_trn_yen_year
    ) / 12.0
    economy.local_base = {
        "consumption": scale * start.flow("government_consumption", "government", "firms") - central.consumption,
        "investment": scale * start.flow("public_investment") - central.investment,
        "transfers": -scale * start.flow("other_government_transfers") + from_firms - central.transfers_to_firms,
    }
    economy.revenue_from_firms = from_firms


def _build_investors(economy: Any, start: StartState, size: int) -> None:
    p, ledger = economy.parameters, economy.ledger
    holdings = holdings_by_type(ledger)
    book = ledger.position("offshore_dollars", "carry_traders") * 1000.0 / start.fact("usdjpy")
    holdings[CARRY] = {"position_usd": book}
    columns = make_investor_columns(size, holdings, p, economy.streams.setup("investors"))
    economy.investors = economy.register_population(Population(economy, "Investor", columns, economy.next_unique_id))
    economy.portfolios = Portfolios(economy.investors, ledger, p)
    ledger.identities["bonds issued and bonds held"] = lambda: economy.treasury.market_value_identity(ledger)
    ledger.identities["carry traders' dollars"] = economy.carry_dollars_identity
    economy.carry_book_bn_usd = book


def _build_ai_side(economy: Any, start: StartState, opening: dict[str, float], adopters: int) -> None:
    p, streams = economy.parameters, economy.streams
    importers = economy.chip_importers
    economy.supply_graph = build_graph(importers, economy.suppliers, adopters, p, streams.setup("graph"))
    graph = economy.supply_graph
    columns: dict[str, Any] = {"size": graph.adopter_size.copy()}
    add_adopter_columns(
        columns, p, streams.setup("adopters"), economy.ai_opening.use_share, economy.ai_opening.deep_share
    )
    economy.adopters = economy.register_population(Population(economy, "Adopter", columns, economy.next_unique_id))
    add_service_columns(importers, p, streams.setup("services"))
    economy.laboratories = [agent for agent in economy.suppliers if agent.tier == SupplierTier.LABORATORY]
    indptr, indices = graph.adopter_peers
    economy.ai_services = AIServicesMarket(
        p, importers, economy.adopters, indptr, indices, economy.laboratories, economy.ai_opening
    )
    growth = opening_growth_monthly(opening, p)
    align_expectations(importers.columns, opening_chip_price(opening, p), growth, p)
    economy.chip_market = ChipMarket(importers, [agent.name for agent in economy.suppliers], opening, p)
    orders = opening_orders_bn_usd(importers.columns, opening, p)
    designers = economy.chip_designers = [agent for agent in economy.suppliers if agent.tier == SupplierTier.DESIGNER]
    economy.designer_shares = tier_shares(economy.suppliers, SupplierTier.DESIGNER, p).tolist()
    economy.chip_tiers = ChipTiers(
        graph.chip_edges,
        economy.suppliers,
        orders,
        p,
        rationing=common_rule(designers),
        growth_monthly=growth,
    )
    economy.ai_firm_finance = AiFirmFinance(importers, opening, p)


def _build_markets(economy: Any, start: StartState, opening: dict[str, float]) -> None:
    p, state, ledger = economy.parameters, economy.state, economy.ledger
    imports = OpeningImports(opening["other_firms_chip_imports"], economy.opening_ai_imports_trn_yen)
    economy.incomes = IncomeFlows(start, ledger, state.policy_rate_pct, p)
    incomes = economy.incomes
    incomes.lending_rate_start_pct = state.lending_rate_pct
    incomes.pension_claim_start = ledger.position(PUBLIC_PENSION_CLAIM, LOCAL_AND_SOCIAL_SECURITY)
    incomes.corp_interest = p.softbank_corp_interest_pct / 100.0 * -ledger.position("loans", SOFTBANK_CORP) / 12.0
    _, per_holder, _ = economy.treasury.coupons(ledger)
    coupons = {
        party: float(per_holder[ledger.party_index[party]])
        for party in (HOUSEHOLDS, INSURERS_AND_PENSIONS, INVESTMENT_FUNDS)
    }
    income = incomes.household_income_start(ledger, coupons[HOUSEHOLDS])
    scale = month_scale(p)
    received = scale * (
        start.flow("primary_income_received", "rest_of_world", "investors")
        + start.flow("dividends", "firms", "investors")
    )
    claims = incomes.pension_income
    incomes.attribution_start_gap = -scale * start.flow("attributed_income") - (
        coupons[INSURERS_AND_PENSIONS] + coupons[INVESTMENT_FUNDS] + received - claims
    )
    base = base_flows(start, imports, income, p)
    state.disposable_income = income
    economy.base = base
    economy.goods = GoodsMarket(base, p, "pass_through" not in economy.without)
    economy.goods.start_rates(state)
    economy.labour = LabourMarket(scale * start.flow("wages"), base.gdp, state.unemployment_pct, p)
    # The opening curve is the market's under the rule that the bank has been following, whatever rule begins now.
    path, terminal = economy.bank_of_japan.expected_path_pct(state, p, rule=InertialTaylor())
    economy.bonds = BondMarket(state.yields_pct, path, terminal, p)
    economy.foreign_exchange = ForeignExchangeMarket(state.usdjpy, p, economy.streams.noise_off)
    economy.foreign_exchange.carry_book_bn_usd = economy.carry_book_bn_usd
    economy.expected_policy_path_pct = (path, terminal)
    economy.equities = EquityMarket(p)
    economy.exchanged_income_share = opening_exchanged_share(economy, imports, opening)
    _open_supply_outlook(economy, start)
    economy.structural = StructuralFlows(ledger, state.lending_rate_pct, p)
    economy.equity_wealth_start = economy.household_equity_wealth()
    economy.yield_gap_start_pp = economy.outside.us_10y_pct - state.yields_pct[10.0]
    economy.real_yield_start_pp = state.yields_pct[10.0] - state.expected_inflation_pct
    economy.usdjpy_averages = [state.usdjpy] * 3
    economy.chip_import_history = growing_history(
        start.fact("semiconductor_imports_trn_yen_fy") + start.fact("computer_imports_trn_yen_fy"), 6.0
    )
    economy.current_account_history = growing_history(-start.net_lending("rest_of_world"), 0.0)
    _share_of_boj_profit(economy, start)
    economy.foreign_assets_start_to_gdp = economy.net_foreign_assets() / state.nominal_gdp_four_quarters


def _open_supply_outlook(economy: Any, start: StartState) -> None:
    """What holders expect of issuance at the start: the budget as it stands, without the programme."""
    p, budget, scale = economy.parameters, economy.government.budget, month_scale(economy.parameters)
    taxes = (
        "tax_income_central",
        "tax_inheritance_central",
        "tax_corporate_central",
        "tax_consumption_central",
        "tax_other_central",
    )
    revenue = 12.0 * scale * sum(start.flow(name) for name in taxes) + budget.other_revenue
    spending = 12.0 * spend_budget(budget, p).total
    interest = 12.0 * float(economy.treasury.ladder.coupon_due_trn_yen().sum()) * economy.treasury.general_account_share
    reserves = p.fx_reserve_income_transfer_trn_yen_year
    economy.expected_issuance_trn_yen_year = spending + interest - revenue + reserves
    economy.programme_announced_before_trn_yen = announced_programme_trn_yen(economy)
    economy.bonds.outlook_start = supply_outlook(economy) - economy.programme_announced_before_trn_yen
    doubted = economy.scenario.credibility and "credibility" not in economy.without
    economy.fiscal_doubt = FiscalDoubt.at_start(p) if doubted else None


def _share_of_boj_profit(economy: Any, start: StartState) -> None:
    """What the bank amortises of its coupons, and what it pays out of profit, as in the published year."""
    flow = start.flow
    coupons = flow("jgb_coupons", "government", "bank_of_japan")
    economy.boj_amortisation_share = flow("boj_premium_amortisation") / coupons
    profit = (
        coupons
        - flow("boj_premium_amortisation")
        + flow("etf_distributions_to_boj")
        + flow("boj_lending_interest")
        - flow("boj_interest_on_reserves")
        + flow("primary_income_received", "rest_of_world", "bank_of_japan")
    )
    economy.boj_remittance_share = min(1.0, flow("boj_remittance") / max(profit, 1e-9))


def _build_softbank(economy: Any, start: StartState) -> None:
    group, ledger = economy.softbank_group, economy.ledger
    open_group(group, start, ledger)
    economy.softbank_accounts = SoftBankAccounts(start, ledger, economy.parameters)
    position = group_position(group, ledger)
    economy.softbank_position = position
    group.spread_pct = group.credit_spread_pct(position.ltv_pct, economy.parameters)
    economy.softbank_shares = SoftBankShares(
        economy.parameters, start.fact("softbank_market_value_trn_yen"), position.net_asset_value
    )
