"""Building an economy: agents, populations, graph, ledger and markets from a start state and parameters."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import NamedTuple, cast

import networkx
import numpy as np

from itcho.agents.ablation import ALIKE, REDRAWN, Ablation, does
from itcho.agents.added_agent import AddedAgent
from itcho.agents.adopters import AdopterColumns, add_adopter_columns
from itcho.agents.bank_of_japan import BankOfJapan
from itcho.agents.behaviours import AS_MODELLED, Behaviours
from itcho.agents.bond_holders import IssuanceExpectations, RatesAbroad
from itcho.agents.carry_traders import ExpectedRateGap
from itcho.agents.chip_importers import (
    IMPORTER_POSITIONS,
    ChipImporter,
    ImporterColumns,
    align_expectations,
    make_importer_columns,
    opening_chip_price,
    opening_growth_monthly,
    opening_orders_bn_usd,
)
from itcho.agents.chip_makers import ChipMakers
from itcho.agents.compiled import total
from itcho.agents.debt_office import DebtOffice
from itcho.agents.fiscal_doubt import FiscalDoubt
from itcho.agents.foreign_suppliers import SUPPLIERS, ForeignSupplier, SupplierTier, common_rule, foreign_suppliers
from itcho.agents.government import Budget, Government, spend_budget
from itcho.agents.households import EXPERIENCE_YEARS, believed_inflation_pct, counted_income
from itcho.agents.investors import (
    CARRY,
    INSURER_PENSION,
    TRADER,
    TYPE_PARTIES,
    InvestorColumns,
    make_investor_columns,
    make_members_alike,
    take_members,
)
from itcho.agents.named_importers import DEVELOPER, IMPORTER_LABELS, IMPORTER_PARTIES, importer_names, label_of_row
from itcho.agents.negotiator import Negotiator
from itcho.agents.politics import Politics
from itcho.agents.population import Population
from itcho.agents.rules.monetary import NO_FLOOR_PCT, InertialTaylor, YieldCap
from itcho.agents.rules.monetary_targets import YieldCurveControl
from itcho.agents.softbank import SoftBankCorp, SoftBankGroup
from itcho.agents.softbank_holders import SoftBankHolders
from itcho.agents.treasurers import MEMBERS, Treasurers
from itcho.agents.vocabulary import (
    CARRY_TRADERS,
    CORE_PARTIES,
    GOVERNMENT,
    GOVERNMENT_DEPOSITS,
    HOUSEHOLDS,
    INSURANCE_PENSION_CLAIMS,
    INSURERS_AND_PENSIONS,
    INVESTMENT_FUNDS,
    OFFSHORE_DOLLARS,
    OFFSHORE_YEN,
    PUBLIC_PENSION_CLAIM,
    SPECULATIVE_TRADERS,
    TREASURY_BILLS,
    Party,
    Sector,
    Settlement,
)
from itcho.model.ablation import alike_facts, alike_parameters, alike_roles
from itcho.model.added_agents import AgentFactory, make_agents, take_over_openings
from itcho.model.ai.boom import AIBoom
from itcho.model.ai.capability import add_service_columns
from itcho.model.ai.firm_finance import AiFirmFinance
from itcho.model.ai.records import AIOpening, ai_opening
from itcho.model.ai.services import AIServicesMarket
from itcho.model.chips.edges import tier_shares
from itcho.model.chips.graph import SupplyChainGraph
from itcho.model.chips.links import NamedImporters, build_graph
from itcho.model.chips.market import ChipMarket
from itcho.model.chips.tiers import ChipTiers
from itcho.model.clock import Clock
from itcho.model.finance.bonds import BondMarket, path_averages_pct
from itcho.model.finance.burn_in import PASTS, burn_in_currency, burn_in_equities
from itcho.model.finance.equities import EquityMarket, SoftBankShares
from itcho.model.finance.foreign_exchange import ForeignExchangeMarket
from itcho.model.finance.holder_limits import HolderLimits
from itcho.model.finance.jgb_ladder import IssuanceProfile, JGBLadder, opening_yields_by_slot_pct
from itcho.model.finance.portfolios import HoldingCells, Portfolios, holdings_by_type
from itcho.model.finance.softbank_accounts import SoftBankAccounts, open_group
from itcho.model.finance.structural_flows import StructuralFlows
from itcho.model.finance.superlongs import SuperlongMarket
from itcho.model.goods.incomes import IncomeFlows
from itcho.model.goods.labour import LabourMarket
from itcho.model.goods.market import BaseFlows, GoodsMarket
from itcho.model.ledger.ledger import Ledger
from itcho.model.measure.household_groups import HouseholdGroups
from itcho.model.measure.national_wealth import household_wealth, net_foreign_assets
from itcho.model.mesa_face import PopulationModel
from itcho.model.monthly_steps import supply_outlook
from itcho.model.opening import (
    OpeningImports,
    base_flows,
    commit_trading_capital,
    importer_opening,
    month_scale,
    opening_positions,
)
from itcho.model.opening_draws import draw_opening_gap, out_of_range
from itcho.model.outside_world import OutsideWorld
from itcho.model.parameters import Parameters, registry
from itcho.model.policies import Policy
from itcho.model.public.treasury import Treasury
from itcho.model.randomness import Streams
from itcho.model.scenarios import Scenario
from itcho.model.start_states.checks import OPTIONAL_FACTS
from itcho.model.start_states.loader import StartState
from itcho.model.state import EconomyState, growing_history, remembered_prices
from itcho.model.world import LocalDemand, Opening, TwelveMonths, World

USDJPY_VOLATILITY, EQUITY_VOLATILITY = OPTIONAL_FACTS
"""Facts of a start state: root mean square of daily log changes in the quarter before it, percent."""
EQUITY_VOLATILITY_PCT = 1.44
"""Of the Nikkei 225 from 1985 to 2020 (Yahoo Finance closes), where a start state does not say."""


def supplier_parties() -> tuple[Party, ...]:
    """Ledger parties of the named foreign suppliers; they are paid in dollars."""
    return tuple(Party(facts.name, Sector.REST_OF_WORLD, Settlement.DOLLAR_ACCOUNT, facts.label) for facts in SUPPLIERS)


def opening_budget(start: StartState, supplementary_trn_yen: float) -> Budget:
    """The initial budget of the first fiscal year, with a supplementary budget of the usual size."""
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
        supplementary=supplementary_trn_yen,
        redemption=fact("budget_redemption_trn_yen"),
        other_revenue=fact("budget_other_revenue_trn_yen"),
        interest=fact("budget_interest_trn_yen"),
        tax=fact("budget_tax_trn_yen"),
    )


YEARS_OF_THE_FIRST_AI = -2.0
"""Years from 2026-03-31 to the first date with figures of AI: how a market that sleeps is laid out."""


def years_from_2026(start: StartState) -> float:
    """Years from 2026-03-31 to the start date."""
    return (start.date.year - 2026) + (start.date.month - 3) / 12.0


def make_state(start: StartState, parameters: Parameters) -> EconomyState:
    """The public state at the start date, with histories on the growth path that the published year implies."""
    p, fact = parameters, start.fact
    scale = month_scale(p)
    real_growth = p.trend_potential_growth_pct + p.opening_growth_over_trend_pct
    gdp = start.gdp_by_expenditure()
    real_gdp_history = growing_history(gdp, real_growth, 25)
    factor = scale * gdp / (real_gdp_history[-1] * float(np.exp(real_growth / 2400.0)))
    potential_gdp = scale * gdp / (1.0 + p.opening_output_gap_pct / 100.0)
    past_growth = np.exp(p.trend_potential_growth_pct / 1200.0 * np.arange(-12, 1))
    inflation = fact("cpi_inflation_yoy_pct")
    underlying = fact("underlying_inflation_pct") if "underlying_inflation_pct" in start.facts else inflation
    anchor = p.inflation_target_pct + p.opening_anchor_over_target_pp
    experienced = p.inflation_target_pct + p.opening_anchor_over_target_pp / p.anchor_experience_share
    past = np.exp(underlying / 1200.0 * np.arange(-12, 1))
    policy_rate_pct, usdjpy = fact("policy_rate_pct"), fact("usdjpy")
    return EconomyState(
        nominal_gdp=scale * gdp,
        real_gdp=scale * gdp,
        potential_gdp=potential_gdp,
        nominal_gdp_start=scale * gdp,
        nominal_gdp_history=growing_history(gdp, p.opening_nominal_growth_pct, 25),
        real_gdp_history=deque((value * factor for value in real_gdp_history), maxlen=25),
        potential_gdp_history=deque((potential_gdp * past_growth).tolist(), maxlen=13),
        potential_growth_trend_pct=p.trend_potential_growth_pct,
        output_gap_pct=p.opening_output_gap_pct,
        smoothed_gap_pct=p.opening_output_gap_pct,
        consumer_price_history=deque(_past_consumer_prices(start, inflation), maxlen=25),
        domestic_price_history=remembered_prices(past.tolist(), _earlier_inflation_pct(start), experienced),
        underlying_inflation_pct=underlying,
        expected_inflation_pct=believed_inflation_pct(inflation, anchor, p),
        unemployment_pct=fact("unemployment_rate_pct"),
        policy_rate_pct=policy_rate_pct,
        lending_rate_pct=p.lending_margin_pct + p.lending_rate_pass_through * policy_rate_pct,
        usdjpy=usdjpy,
        usdjpy_start=usdjpy,
        usdjpy_average=usdjpy,
        usdjpy_average_3m=usdjpy,
        usdjpy_averages=deque([usdjpy] * 3, maxlen=3),
        yields_pct={years: fact(f"jgb_{years:.0f}y_pct") for years in (2.0, 5.0, 10.0, 20.0, 30.0, 40.0)},
    )


def _past_consumer_prices(start: StartState, inflation_pct: float) -> list[float]:
    """Consumer prices of the 25 months to the start, at which they are 1."""
    past = np.exp(inflation_pct / 1200.0 * np.arange(-24, 1))
    known = [f"consumer_prices_{quarters}_quarters_before_pct" for quarters in (1, 2, 3)]
    if all(name in start.facts for name in known):
        # Figures are means of quarters: each of its months stands at its mean, so that steps stay where they were.
        past[-3:] = 1.0
        for quarters, name in enumerate(known, start=1):
            past[-3 * quarters - 3 : -3 * quarters] = 1.0 + start.fact(name) / 100.0
    prices: list[float] = past.tolist()
    return prices


def _earlier_inflation_pct(start: StartState) -> list[float]:
    """Inflation of the years before the last one, newest first; all alike where the start state lacks them."""
    names = [f"consumer_inflation_{years}_years_before_pct" for years in range(2, EXPERIENCE_YEARS + 1)]
    return [start.facts[name].value if name in start.facts else 0.0 for name in names]


@dataclass(frozen=True)
class Request:
    """What an economy is built from.

    Attributes
    ----------
    start, scenario, policy, parameters : as given; the scenario on the run's calendar.
    without : channels that are switched off.
    dated_events : whether the start state's dated events happen.
    sizes : of the populations, by kind.
    added_agents : makers of agents of the user's own.
    streams : of random numbers.
    member_edges : whether payments of single members of populations are kept.
    graph : a graph of the user's own in the place of the one that is drawn, or None.
    ablation : of a kind of agent, or None.
    behaviours : functions of the user's own in the place of the model's behaviours.
    """

    start: StartState
    scenario: Scenario
    policy: Policy
    parameters: Parameters
    without: frozenset[str]
    dated_events: bool
    sizes: Mapping[str, int]
    added_agents: Sequence[AgentFactory]
    streams: Streams
    member_edges: bool
    graph: networkx.MultiDiGraph | None = None
    ablation: Ablation | None = None
    behaviours: Behaviours = AS_MODELLED

    def does(self, way: str, kind: str) -> bool:
        """Whether the ablation does this to this kind of agent."""
        return does(self.ablation, way, kind)


def build(model: PopulationModel, request: Request) -> World:
    """Make the agents, accounts and markets of an economy; agents register with ``model``.

    Agents are made before populations, so that ids run through single agents first.
    """
    start, streams = request.start, request.streams
    p = alike_parameters(draw_opening_gap(start, request.parameters, streams), request.ablation)
    request = replace(request, parameters=p)
    state = make_state(start, p)
    politics = Politics(p, state.nominal_gdp_four_quarters, request.does(ALIKE, "politics"))
    singles = _make_single_agents(model, request, politics, state.underlying_inflation_pct)
    ai = ai_opening(p, start.fact("usdjpy"), years_from_2026(start) if start.sells_ai else YEARS_OF_THE_FIRST_AI)
    ai_imports, ai_sales = opening_ai_sales(ai.spending_trn_yen, p) if start.sells_ai else (0.0, 0.0)
    flows = _opening_of_importers(start, ai_sales)
    importers = _make_importers(model, request, flows)
    ledger = _make_ledger(request, importers, singles.added_agents, state.nominal_gdp_four_quarters)
    treasury = _make_treasury(start, ledger, p)
    carry_book = ledger.position(OFFSHORE_DOLLARS, CARRY_TRADERS) * 1000.0 / start.fact("usdjpy")
    investors = _make_investors(model, request, ledger, carry_book, state.nominal_gdp_four_quarters)
    portfolios = Portfolios(investors, ledger, p)
    industry = _make_ai_industry(model, request, importers, singles, ai, flows)
    incomes, base = _make_incomes(request, ledger, treasury, state, flows, ai_imports)
    rates = _open_central_bank(singles.bank_of_japan, request, state)
    portfolios.mandates.open_with(_rates_abroad(start, rates), state.policy_rate_pct)
    debt = treasury.gross_debt_trn_yen(ledger)
    singles.government.memory.open_debt(100.0 * debt / state.nominal_gdp_four_quarters)
    softbank_accounts = _open_softbank(singles.softbank_group, request, ledger, industry.supply_graph)
    opening = _opening_figures(request, state, ledger, singles, base, ai, ai_imports, carry_book, rates)
    markets = _make_markets(request, state, base, carry_book, rates, softbank_accounts)
    world = World(
        start_state=start,
        scenario=request.scenario,
        policy=request.policy,
        parameters=p,
        without=request.without,
        behaviours=request.behaviours,
        streams=streams,
        clock=Clock(start.date),
        outside=_outside_at_start(start, p),
        state=state,
        opening=opening,
        government=singles.government,
        bank_of_japan=singles.bank_of_japan,
        softbank_group=singles.softbank_group,
        softbank_corp=singles.softbank_corp,
        suppliers=singles.suppliers,
        laboratories=singles.of_tier(SupplierTier.LABORATORY),
        chip_designers=singles.of_tier(SupplierTier.DESIGNER),
        chip_importers=importers,
        investors=investors,
        adopters=industry.adopters,
        added_agents=singles.added_agents,
        negotiator=Negotiator(_reservation_factor(request)),
        issuance_expectations=IssuanceExpectations(_budgeted_issuance(start, singles.government.budget, treasury, p)),
        fiscal_doubt=(
            FiscalDoubt.at_start(p) if request.scenario.credibility and "credibility" not in request.without else None
        ),
        ledger=ledger,
        treasury=treasury,
        portfolios=portfolios,
        holder_limits=HolderLimits(portfolios, state.yields_pct[30.0], p),
        superlongs=SuperlongMarket(portfolios, ledger, p),
        debt_office=DebtOffice(p),
        incomes=incomes,
        structural=StructuralFlows(ledger, state.lending_rate_pct, p),
        softbank_accounts=softbank_accounts,
        softbank_holders=SoftBankHolders(investors, portfolios.rows, p),
        twelve_months=_twelve_months_before(start),
        household_groups=HouseholdGroups(p, ledger, treasury.gross_debt_trn_yen(ledger)),
        goods=markets.goods,
        labour=markets.labour,
        bonds=markets.bonds,
        equities=markets.equities,
        softbank_shares=markets.softbank_shares,
        foreign_exchange=markets.foreign_exchange,
        treasurers=_make_treasurers(request, state.usdjpy),
        chip_market=industry.chip_market,
        chip_tiers=industry.chip_tiers,
        supply_graph=industry.supply_graph,
        ai_services=industry.ai_services,
        ai_firm_finance=industry.ai_firm_finance,
        ai_boom=AIBoom.at_start(p, 2026.25 + years_from_2026(start)) if start.sells_ai else None,
        chip_makers=ChipMakers(p),
    )
    ledger.identities["bonds issued and bonds held"] = partial(treasury.market_value_identity, ledger)
    ledger.identities["carry traders' dollars"] = partial(carry_balance_identity, world)
    ledger.identities["currency traders' wealth"] = partial(trader_wealth_identity, world)
    ledger.identities["dollars bought and sold"] = partial(dollar_positions_identity, world)
    return world


def open_expectations(world: World) -> None:
    """Let bond holders take in, once an economy stands, what its programme announces."""
    announced = world.government.programme_left_trn_yen
    world.issuance_expectations.hear(announced)
    world.bonds.open_outlook(supply_outlook(world, 0.0) - announced)


def open_minds(world: World) -> None:
    """Draw the states of mind of the start: what traders believe, and how they have read the days before.

    With the noise off they stay where they rest, at the centre of what is believed.
    """
    if world.streams.noise_off:
        return
    p, streams, start = world.parameters, world.streams, world.start_state
    traders = world.portfolios.columns_of(TRADER, ("weight", "tilt", "exposure"))
    observed = observed_volatility_pct(start, EQUITY_VOLATILITY, EQUITY_VOLATILITY_PCT)
    world.outside.open_volatility(burn_in_equities(world.equities, traders, observed, p, streams))
    prior = registry()["initial_misalignment_pct"]
    uniform = streams.setup("misalignment of the yen").random(PASTS)
    burn_in_currency(
        world.foreign_exchange,
        traders,
        observed_volatility_pct(start, USDJPY_VOLATILITY, p.fx_long_run_daily_volatility_pct),
        p,
        streams,
        out_of_range(prior.low, p.initial_misalignment_pct, prior.high, uniform),
    )


def observed_volatility_pct(start: StartState, fact: str, usual_pct: float) -> float:
    """The fact of a start state, or what is usual if it is not known there."""
    return start.facts[fact].value if fact in start.facts else usual_pct


def follow_behaviours(world: World) -> None:
    """Let all who behave by a function of the user's own do so from the first month on; the opening is the model's."""
    world.goods.follow(world.behaviours)
    world.foreign_exchange.value.follow(world.behaviours)
    world.ai_services.contracts.follow(world.behaviours)


def carry_dollars_identity(world: World) -> tuple[float, float]:
    """Carry traders' dollars from their members and from the ledger, trillion yen: equal, or the ledger leaks."""
    rows = world.portfolios.rows[CARRY]
    members = total(world.investors.columns["position_usd"][rows]) * world.state.usdjpy / 1000.0
    return members, world.ledger.position(OFFSHORE_DOLLARS, CARRY_TRADERS)


def carry_balance_identity(world: World) -> tuple[float, float]:
    """The same with the opening book on both sides: closed positions are not compared with the rounding of nothing."""
    members, booked = carry_dollars_identity(world)
    book = world.opening.carry_book_bn_usd * world.state.usdjpy / 1000.0
    return book + members, book + booked


def trader_wealth_identity(world: World) -> tuple[float, float]:
    """Currency traders' wealth from their members and from the ledger, trillion yen."""
    columns, rows, ledger = world.investors.columns, world.portfolios.rows, world.ledger
    members = total(columns["wealth"][rows[CARRY]]) + total(columns["wealth"][rows[TRADER]])
    parties = (CARRY_TRADERS, SPECULATIVE_TRADERS)
    return members, sum(ledger.position(name, party) for name in (OFFSHORE_DOLLARS, OFFSHORE_YEN) for party in parties)


def dollar_positions_identity(world: World) -> tuple[float, float]:
    """Carry traders' opening dollars, and where they are with all that was bought and sold since the start."""
    columns, rows, market = world.investors.columns, world.portfolios.rows, world.foreign_exchange
    traders = total(columns["position_usd"][rows[CARRY]]) + total(columns["position_usd"][rows[TRADER]])
    # In a quiet world traders end with nearly nothing: what has added up is held against the book that was there.
    others = market.inventory_bn_usd + traders
    return market.carry_book_bn_usd, market.client_bn_usd + market.held_bn_usd + others


def purchase_plan(start: StartState) -> dict[int, float]:
    """The Bank of Japan's announced JGB purchases, trillion yen a month, by the first month (of the run) they hold."""
    plan = {0: start.fact("boj_jgb_purchases_monthly_trn_yen")}
    for event in start.events_of("boj_jgb_purchases_monthly"):
        plan[max(0, months_after(start, event.date))] = event.value
    return plan


def announced_commitment(start: StartState, dated_events: bool) -> tuple[float | None, YieldCap | None]:
    """What the Bank of Japan had announced: inflation before which it does not raise its rate, and a cap till then."""
    until, caps = start.events_of("boj_rate_kept_until_inflation"), start.events_of("boj_cap_on_10y_yield")
    if not dated_events or not until:
        return None, None
    if not caps:
        return until[-1].value, None
    floors = start.events_of("boj_floor_on_10y_yield")
    floor_pct = floors[-1].value if floors else NO_FLOOR_PCT
    return until[-1].value, YieldCap(caps[-1].value, YieldCurveControl().largest_share, floor_pct)


def tax_steps(start: StartState, p: Parameters) -> tuple[tuple[int, float], ...]:
    """Steps of the consumption tax that were law at the start: first month, and rate over that of the start."""
    events = start.events_of("consumption_tax_rate_pct")
    return tuple((months_after(start, event.date), event.value - p.consumption_tax_rate_pct) for event in events)


def months_after(start: StartState, date: date) -> int:
    """Index of the month of the run that holds ``date``."""
    return int((date.year - start.date.year) * 12 + date.month - start.date.month - 1)


class SingleAgents(NamedTuple):
    """The agents that are no members of a population."""

    government: Government
    bank_of_japan: BankOfJapan
    softbank_group: SoftBankGroup
    softbank_corp: SoftBankCorp
    suppliers: tuple[ForeignSupplier, ...]
    added_agents: tuple[AddedAgent, ...]

    def of_tier(self, tier: SupplierTier) -> tuple[ForeignSupplier, ...]:
        """Suppliers of a tier, in order."""
        return tuple(agent for agent in self.suppliers if agent.tier == tier)


def _make_single_agents(
    model: PopulationModel, request: Request, politics: Politics, underlying_inflation_pct: float
) -> SingleAgents:
    p, policy, start = request.parameters, request.policy, request.start
    government = Government(
        model,
        policy.subsidy,
        policy.fiscal,
        policy.intervention,
        policy.trade,
        policy.rescue,
        opening_budget(start, politics.opening_supplementary_trn_yen),
        politics,
    )
    bank_of_japan = BankOfJapan(
        model,
        policy.monetary,
        start.fact("policy_rate_pct"),
        purchase_plan(start),
        underlying_inflation_pct,
        request.parameters.natural_real_rate_pct,
    )
    commitments: dict[int, float] = {}
    if request.dated_events:
        for event in start.events_of("softbank_openai_payment"):
            months = months_after(start, event.date)
            commitments[months] = commitments.get(months, 0.0) + event.value
    softbank_group = SoftBankGroup(model, commitments, p.softbank_backing_belief)
    if request.dated_events:
        for limit, end in zip(
            start.events_of("softbank_bridge_facility_limit"),
            start.events_of("softbank_bridge_facility_end"),
            strict=True,
        ):
            softbank_group.open_line(limit.value, months_after(start, end.date))
    return SingleAgents(
        government=government,
        bank_of_japan=bank_of_japan,
        softbank_group=softbank_group,
        softbank_corp=SoftBankCorp(model, p.softbank_corp_plan_trn_yen, int(p.softbank_corp_plan_months)),
        suppliers=tuple(foreign_suppliers(model, p, alike_facts(SUPPLIERS, request.ablation))),
        added_agents=make_agents(model, request.added_agents),
    )


class OpeningRates(NamedTuple):
    """What markets expect of the Bank of Japan's rate at the start.

    Attributes
    ----------
    path_pct : quarterly rates.
    terminal_pct : where they end.
    """

    path_pct: list[float]
    terminal_pct: float


def _open_central_bank(bank: BankOfJapan, request: Request, state: EconomyState) -> OpeningRates:
    """Let the Bank of Japan stand by what it had announced; returns what is expected of its rate.

    The opening curve is the market's under the rule that the bank has been following, whatever rule begins now.
    """
    p = request.parameters
    bank.open_with(state.yields_pct[2.0], state, p, InertialTaylor())
    bank.commit(*announced_commitment(request.start, request.dated_events))
    return OpeningRates(*bank.expected_path_pct(state, p, rule=InertialTaylor()))


def _rates_abroad(start: StartState, rates: OpeningRates) -> RatesAbroad:
    """What holders of bonds compare at the start."""
    return RatesAbroad(
        us_10y_pct=start.fact("us_10y_pct"),
        us_policy_rate_pct=start.fact("us_policy_rate_pct"),
        policy_path_10y_pct=path_averages_pct(*rates)[10.0],
        income=1.0,
    )


def _outside_at_start(start: StartState, p: Parameters) -> OutsideWorld:
    """Rates and inflation in the United States as they stand."""
    return OutsideWorld(
        us_policy_rate_pct=start.fact("us_policy_rate_pct"),
        us_10y_pct=start.fact("us_10y_pct"),
        us_inflation_pct=p.us_inflation_pct,
        us_rate_path_pct=start.fact("us_policy_rate_pct"),
        us_rate_start_pct=start.fact("us_policy_rate_pct"),
    )


def _open_softbank(
    group: SoftBankGroup, request: Request, ledger: Ledger, supply_graph: SupplyChainGraph
) -> SoftBankAccounts:
    """Give the group its opening accounts, and the stakes that the supply chain names."""
    start, p, links = request.start, request.parameters, supply_graph.compiled.group
    open_group(group, start, ledger, p)
    group.hold_openai(links.has_stake_in_openai)
    return SoftBankAccounts(group, start, ledger, p, links)


def _opening_figures(
    request: Request,
    state: EconomyState,
    ledger: Ledger,
    singles: SingleAgents,
    base: BaseFlows,
    ai: AIOpening,
    ai_imports_trn_yen: float,
    carry_book_bn_usd: float,
    rates: OpeningRates,
) -> Opening:
    """What later months are held against."""
    start, p = request.start, request.parameters
    local, fees = _local_demand(start, singles.government.budget, p)
    amortisation, remittance = _share_of_boj_profit(start)
    return Opening(
        flows=base,
        local=local,
        ai=ai,
        ai_imports_trn_yen=ai_imports_trn_yen,
        fees_from_firms_trn_yen=fees,
        treasury_cash_trn_yen=ledger.position(GOVERNMENT_DEPOSITS, GOVERNMENT),
        boj_amortisation_share=amortisation,
        boj_remittance_share=remittance,
        expected_rate_gap=ExpectedRateGap(start.fact("policy_rate_pct"), rates.path_pct),
        carry_book_bn_usd=carry_book_bn_usd,
        designer_shares=tuple(tier_shares(singles.suppliers, SupplierTier.DESIGNER, p).tolist()),
        wealth_trn_yen=household_wealth(ledger),
        yield_gap_pp=start.fact("us_10y_pct") - state.yields_pct[10.0],
        real_yield_pct=state.yields_pct[10.0] - state.expected_inflation_pct,
        foreign_assets_to_gdp=net_foreign_assets(ledger) / state.nominal_gdp_four_quarters,
        consumption_tax_steps=tax_steps(start, p) if request.dated_events else (),
    )


def _twelve_months_before(start: StartState) -> TwelveMonths:
    """Months of the published year, spread on the growth that each had."""
    chips = start.fact("semiconductor_imports_trn_yen_fy") + start.fact("computer_imports_trn_yen_fy")
    return TwelveMonths(
        current_account=growing_history(-start.net_lending("rest_of_world"), 0.0),
        chip_imports=growing_history(chips, 6.0),
        fiscal_balance=growing_history(start.net_lending("government"), 0.0),
    )


def _make_treasurers(request: Request, usdjpy: float) -> Treasurers:
    """Treasurers of exporters and importers, who differ in when they hedge unless an ablation makes them alike."""
    shape = (2, MEMBERS)
    alike = request.does(ALIKE, "treasurers")
    places = np.full(shape, 0.5) if alike else request.streams.setup("treasurers").random(shape)
    return Treasurers(usdjpy, places, request.parameters)


class Markets(NamedTuple):
    """Markets for goods, labour, bonds, shares and dollars."""

    goods: GoodsMarket
    labour: LabourMarket
    bonds: BondMarket
    equities: EquityMarket
    softbank_shares: SoftBankShares
    foreign_exchange: ForeignExchangeMarket


def _make_markets(
    request: Request,
    state: EconomyState,
    base: BaseFlows,
    carry_book_bn_usd: float,
    rates: OpeningRates,
    softbank: SoftBankAccounts,
) -> Markets:
    """Markets at the prices, rates and flows of the start."""
    start, p = request.start, request.parameters
    goods = GoodsMarket(base, state.counted_income, p, "pass_through" not in request.without)
    goods.firms.start_prices(state.underlying_inflation_pct)
    goods.start_rates(state)
    return Markets(
        goods=goods,
        labour=LabourMarket(
            month_scale(p) * start.flow("wages"), base.gdp, state.unemployment_pct, p, state.output_gap_pct
        ),
        bonds=BondMarket(state.yields_pct, *rates, p),
        equities=EquityMarket(p),
        softbank_shares=SoftBankShares(
            p, start.fact("softbank_market_value_trn_yen"), softbank.position.net_asset_value
        ),
        foreign_exchange=ForeignExchangeMarket(
            state.usdjpy, carry_book_bn_usd, state.nominal_gdp_four_quarters, p, request.streams.noise_off
        ),
    )


def opening_ai_sales(spending_trn_yen: tuple[float, float, float], p: Parameters) -> tuple[float, float]:
    """AI services bought in Japan in the past year, trillion yen: what was paid abroad, and what AI firms here sold."""
    model, cloud, application = spending_trn_yen
    cloud_abroad = cloud * (1.0 - p.ai_domestic_cloud_share) * p.ai_foreign_cloud_offshore_share
    models_at_home = model * (p.ai_domestic_model_share + p.ai_open_weights_share)
    abroad = model - models_at_home + cloud_abroad + application * (1.0 - p.ai_domestic_application_share)
    by_developers = application * p.ai_domestic_application_share * p.ai_application_developer_share
    return abroad, models_at_home + cloud - cloud_abroad + by_developers


def _opening_of_importers(start: StartState, ai_sales_trn_yen: float) -> dict[str, float]:
    """The AI firms' opening stocks and flows, trillion yen, with what their files want to know beside them."""
    opening = importer_opening(start)
    opening["usdjpy"] = start.fact("usdjpy")
    opening["years_from_2026"] = years_from_2026(start)
    opening["ai_services"] = ai_sales_trn_yen
    opening["other_firms_chip_imports"] = (
        start.fact("semiconductor_imports_trn_yen_fy")
        + start.fact("computer_imports_trn_yen_fy")
        - opening["chip_imports"]
    )
    return opening


def _make_importers(model: PopulationModel, request: Request, opening: dict[str, float]) -> Population[ImporterColumns]:
    size = request.sizes["importers"]
    columns = make_importer_columns(
        size, opening, request.parameters, request.streams.setup("importers"), alike_roles(request.ablation)
    )
    return model.register_population(
        Population(
            model,
            ChipImporter,
            columns,
            model.next_unique_id,
            names=importer_names(size),
            label_of_row=label_of_row(columns["role"]),
            positions=IMPORTER_POSITIONS,
        )
    )


def _make_ledger(
    request: Request,
    importers: Population[ImporterColumns],
    added: Sequence[AddedAgent],
    nominal_gdp_trn_yen: float,
) -> Ledger:
    parties = (*CORE_PARTIES, *IMPORTER_PARTIES, *supplier_parties(), *(agent.party for agent in added))
    names = [party.name for party in parties]
    matrix = opening_positions(
        request.start,
        names,
        importers.arrays,
        importers.label_of_row,
        IMPORTER_LABELS,
        request.parameters.carry_book_ratio,
    )
    commit_trading_capital(matrix, names, request.sizes["investors"], nominal_gdp_trn_yen, request.parameters)
    take_over_openings(added, names, matrix)
    ledger = Ledger(parties, matrix, keep_member_edges=request.member_edges)
    ledger.register_population(importers, IMPORTER_LABELS)
    return ledger


def _make_treasury(start: StartState, ledger: Ledger, p: Parameters) -> Treasury:
    curve = opening_yields_by_slot_pct(start)
    ladder = JGBLadder.opening(start, curve, p)
    bills = -ledger.position(TREASURY_BILLS, GOVERNMENT)
    fiscal_loan = start.fact("jgb_fiscal_loan_fund_market_value_trn_yen")
    share = fiscal_loan / (fiscal_loan + start.fact("jgb_ordinary_market_value_trn_yen"))
    return Treasury(
        ladder, IssuanceProfile.from_parameters(p), curve, start.fact("gov_gross_debt_trn_yen"), bills, share
    )


def _local_demand(start: StartState, budget: Budget, p: Parameters) -> tuple[LocalDemand, float]:
    """Demand of local governments at the start, and the fees that firms pay the general account, a month."""
    central, scale = spend_budget(budget, p), month_scale(p)
    fees = (
        budget.other_revenue - start.fact("boj_remittance_trn_yen_fy") - p.fx_reserve_income_transfer_trn_yen_year
    ) / 12.0
    local = LocalDemand(
        consumption=scale * start.flow("government_consumption", "government", "firms") - central.consumption,
        investment=scale * start.flow("public_investment") - central.investment,
        transfers=-scale * start.flow("other_government_transfers") + fees - central.transfers_to_firms,
    )
    return local, fees


def _make_investors(
    model: PopulationModel,
    request: Request,
    ledger: Ledger,
    carry_book_bn_usd: float,
    nominal_gdp_trn_yen: float,
) -> Population[InvestorColumns]:
    p, holdings = request.parameters, holdings_by_type(ledger, HoldingCells(ledger))
    holdings[CARRY] = {"position_usd": carry_book_bn_usd, "book": ledger.position(OFFSHORE_DOLLARS, CARRY_TRADERS)}
    holdings[TRADER] = {"limit": p.trader_limit_pct_gdp / 100.0 * nominal_gdp_trn_yen}
    public = ledger.position(PUBLIC_PENSION_CLAIM, INSURERS_AND_PENSIONS)
    holdings[INSURER_PENSION]["public_pension_share"] = public / (
        public + ledger.position(INSURANCE_PENSION_CLAIMS, INSURERS_AND_PENSIONS)
    )
    make = partial(make_investor_columns, request.sizes["investors"], holdings, p)
    columns = make(request.streams.setup("investors"))
    for kind, name in enumerate(TYPE_PARTIES):
        if request.does(ALIKE, name):
            make_members_alike(columns, kind)
        elif request.does(REDRAWN, name):
            # Types are drawn one after the other from a stream: the others keep their draws.
            columns, others = make(Streams(request.streams.seed).setup("investors")), columns
            take_members(columns, others, kind)
    return model.register_population(Population(model, "Investor", columns, model.next_unique_id))


class AIIndustry(NamedTuple):
    """The AI industry's graph, users and markets."""

    supply_graph: SupplyChainGraph
    adopters: Population[AdopterColumns]
    ai_services: AIServicesMarket
    chip_market: ChipMarket
    chip_tiers: ChipTiers
    ai_firm_finance: AiFirmFinance


def _make_ai_industry(
    model: PopulationModel,
    request: Request,
    importers: Population[ImporterColumns],
    singles: SingleAgents,
    ai: AIOpening,
    opening: dict[str, float],
) -> AIIndustry:
    p, streams, suppliers = request.parameters, request.streams, list(singles.suppliers)
    graph = build_graph(
        # A population has its columns as attributes.
        cast(NamedImporters, importers),
        suppliers,
        request.sizes["adopters"],
        p,
        streams.setup("graph"),
    )
    if request.graph is not None:
        graph.take(request.graph)
    links = graph.compiled
    columns: AdopterColumns = {"size": graph.adopter_size.copy()}
    add_adopter_columns(
        columns,
        p,
        streams.setup("adopters"),
        ai.use_share,
        ai.deep_share,
        ai.policy_share,
        request.does(ALIKE, "adopters"),
    )
    adopters = model.register_population(Population(model, "Adopter", columns, model.next_unique_id))
    add_service_columns(importers, p, streams.setup("services"), DEVELOPER in alike_roles(request.ablation))
    indptr, indices = graph.adopter_peers
    laboratories = list(singles.of_tier(SupplierTier.LABORATORY))
    services = AIServicesMarket(
        p,
        importers,
        adopters,
        indptr,
        indices,
        laboratories,
        ai,
        taste_key(streams),
        request.does(ALIKE, "individuals"),
        asleep=not request.start.sells_ai,
    )
    growth = opening_growth_monthly(opening, p)
    align_expectations(importers.columns, opening_chip_price(opening, p), growth, p)
    chip_market = ChipMarket(
        importers, [agent.name for agent in suppliers], opening, p, links, taste_key=taste_key(streams)
    )
    chip_tiers = ChipTiers(
        links,
        suppliers,
        opening_orders_bn_usd(importers.columns, opening, p),
        p,
        rationing=common_rule(singles.of_tier(SupplierTier.DESIGNER)),
        growth_monthly=growth,
    )
    return AIIndustry(graph, adopters, services, chip_market, chip_tiers, AiFirmFinance(importers, opening, p, links))


def _reservation_factor(request: Request) -> float:
    """The least that the United States take for relief, over what they usually ask for; log-normal."""
    if request.streams.noise_off:
        return 1.0
    luck = request.streams.setup("negotiator").standard_normal()
    return float(np.exp(request.parameters.us_reservation_sd * luck))


def taste_key(streams: Streams) -> int:
    """What members' tastes are keyed by: the seed's own; one for all with the noise off."""
    return 0 if streams.noise_off else int(streams.setup("tastes").integers(1, 2**32))


def _make_incomes(
    request: Request,
    ledger: Ledger,
    treasury: Treasury,
    state: EconomyState,
    opening: Mapping[str, float],
    ai_imports_trn_yen: float,
) -> tuple[IncomeFlows, BaseFlows]:
    """Incomes with the rates that opening stocks and published flows imply, and the run-rates of demand."""
    p, start, scale = request.parameters, request.start, month_scale(request.parameters)
    incomes = IncomeFlows(start, ledger, state.policy_rate_pct, state.lending_rate_pct, p)
    _, per_holder, _ = treasury.coupons(ledger)
    coupons = {
        party: float(per_holder[ledger.party_index[party]])
        for party in (HOUSEHOLDS, INSURERS_AND_PENSIONS, INVESTMENT_FUNDS)
    }
    income = incomes.household_income_start(coupons[HOUSEHOLDS])
    received = scale * (
        start.flow("primary_income_received", "rest_of_world", "investors")
        + start.flow("dividends", "firms", "investors")
    )
    incomes.open_attribution(coupons[INSURERS_AND_PENSIONS] + coupons[INVESTMENT_FUNDS] + received)
    state.take_incomes(income, counted_income(income, incomes.open_property_income(coupons[HOUSEHOLDS]), p))
    imports = OpeningImports(opening["other_firms_chip_imports"], ai_imports_trn_yen)
    return incomes, base_flows(start, imports, income, p)


def _budgeted_issuance(start: StartState, budget: Budget, treasury: Treasury, p: Parameters) -> float:
    """What holders expect of issuance at the start: a year of the budget as it stands, without the programme."""
    taxes = (
        "tax_income_central",
        "tax_inheritance_central",
        "tax_corporate_central",
        "tax_consumption_central",
        "tax_other_central",
    )
    revenue = 12.0 * month_scale(p) * sum(start.flow(name) for name in taxes) + budget.other_revenue
    spending = 12.0 * spend_budget(budget, p).total
    interest = 12.0 * float(treasury.ladder.coupon_due_trn_yen().sum()) * treasury.general_account_share
    return spending + interest - revenue + p.fx_reserve_income_transfer_trn_yen_year


def _share_of_boj_profit(start: StartState) -> tuple[float, float]:
    """What the bank amortises of its coupons, and what it pays out of profit, as in the published year."""
    flow = start.flow
    coupons = flow("jgb_coupons", "government", "bank_of_japan")
    profit = (
        coupons
        - flow("boj_premium_amortisation")
        + flow("etf_distributions_to_boj")
        + flow("boj_lending_interest")
        - flow("boj_interest_on_reserves")
        + flow("primary_income_received", "rest_of_world", "bank_of_japan")
    )
    return flow("boj_premium_amortisation") / coupons, min(1.0, flow("boj_remittance") / max(profit, 1e-9))
