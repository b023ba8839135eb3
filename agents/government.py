"""The government: the general account of the Ministry of Finance and the AI special account of METI.

The budget follows Japan's own books: redemption transfer under the 60-year rule, local allocation as a share of taxes,
social security that grows with ageing and prices, supplementary budgets as a share of GDP.  What is borrowed is what is
spent and not covered: no deficit is set.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from itcho.agents.mesa_typed import Agent, Model
from itcho.agents.places import Placed
from itcho.agents.politics import Politics
from itcho.agents.rules import checked
from itcho.agents.rules.fiscal import FiscalRule, FiscalView
from itcho.agents.rules.intervention import NEVER, InterventionRule, InterventionView, NoIntervention
from itcho.agents.rules.rescue import DistressView, Rescue, RescueRule
from itcho.agents.rules.rule import Rule
from itcho.agents.rules.subsidy import NOTHING, Guarantee, ProgrammeView, SubsidyRule, Support
from itcho.agents.rules.subsidy import Memory as RuleMemory
from itcho.agents.rules.trade import Deal, TradeRule, TradeView
from itcho.agents.tax_bases import TaxBases
from itcho.agents.views import ParameterValues, WorldView


@dataclass
class Budget:
    """Plan for one fiscal year, trillion yen.

    ``other`` holds all programme spending that is not social security, local allocation or defence; ``redemption`` is
    the transfer that retires bonds and is no expenditure of the economy; ``interest`` and ``tax`` are as drafted.
    """

    social_security: float
    local_allocation: float
    defence: float
    other: float
    supplementary: float
    redemption: float
    other_revenue: float
    interest: float = 0.0
    tax: float = 0.0

    @property
    def initial_spending(self) -> float:
        """The initial budget with debt service: all but what is supplementary."""
        programmes = self.social_security + self.local_allocation + self.defence + self.other
        return programmes + self.redemption + self.interest

    @property
    def initial_bond_dependency_pct(self) -> float:
        """New bonds of the initial budget as a share of it."""
        spending = self.initial_spending
        return 100.0 * (spending - self.tax - self.other_revenue) / spending if spending > 0.0 else 0.0

    @property
    def discretionary(self) -> float:
        """What a fiscal rule can cut: defence, other and supplementary spending."""
        return self.defence + self.other + self.supplementary

    def cut(self, factor: float) -> None:
        """Multiply discretionary spending by a fiscal rule's factor."""
        self.defence *= factor
        self.other *= factor
        self.supplementary *= factor

    def plan_supplementary(self, trn_yen: float) -> None:
        """Take another sum for what is supplementary."""
        self.supplementary = trn_yen


@dataclass
class FiscalYearToDate:
    """What has happened in the running fiscal year, trillion yen."""

    primary_spending: float = 0.0
    interest: float = 0.0
    special_interest: float = 0.0
    redemption: float = 0.0
    tax: float = 0.0
    other_revenue: float = 0.0
    programme: float = 0.0
    programme_revenue: float = 0.0
    ai_tax: float = 0.0

    def book_spending(self, primary: float, redemption: float = 0.0) -> None:
        """Book programme spending of the general account and its redemption transfer."""
        self.primary_spending += primary
        self.redemption += redemption

    def book_taxes(self, all_central: float, on_ai: float) -> None:
        """Book the general account's taxes, and taxes on the AI layers' value added, which are part of all taxes."""
        self.tax += all_central
        self.ai_tax += on_ai

    def book_other_revenue(self, received: float) -> None:
        """Book revenue of the general account beside taxes."""
        self.other_revenue += received

    def book_interest(self, general: float, special: float) -> None:
        """Book interest of the general and of the AI special account."""
        self.interest += general
        self.special_interest += special

    def book_programme(self, spent: float, received: float) -> None:
        """Book programme money paid and returned."""
        self.programme += spent
        self.programme_revenue += received

    @property
    def new_bonds(self) -> float:
        """Bonds of the general account: what spending, with redemption, exceeds revenue."""
        return self.total_spending - self.tax - self.other_revenue

    @property
    def total_spending(self) -> float:
        """Spending of the general account with debt service."""
        return self.primary_spending + self.interest + self.redemption

    @property
    def deficit(self) -> float:
        """Net borrowing of central government with the AI special account."""
        return (
            self.primary_spending
            + self.interest
            + self.special_interest
            + self.programme
            - self.tax
            - self.other_revenue
            - self.programme_revenue
        )

    @property
    def primary_balance(self) -> float:
        """Revenue less spending without debt service, AI special account included."""
        return self.interest + self.special_interest - self.deficit

    @property
    def bond_dependency_pct(self) -> float:
        """New bonds as a share of the general account's spending."""
        return 100.0 * self.new_bonds / self.total_spending if self.total_spending > 0.0 else 0.0


@dataclass(frozen=True, slots=True)
class BudgetDecision:
    """What the fiscal rule saw of a draft budget and made of it.

    Attributes
    ----------
    view : the draft.
    factor : on discretionary spending.
    tax_effort_pct_gdp : households' taxes beyond the tax code of the start.
    """

    view: FiscalView
    factor: float
    tax_effort_pct_gdp: float


@dataclass
class Memory:
    """What the government remembers for its rules.

    Attributes
    ----------
    programme_spent_trn_yen, programme_received_trn_yen : since the start.
    programme_return_trn_yen : what came back, taxes on programme-funded activity among it, since the start.
    project_open, project_behind, project_given_up : whether a project is being paid for, is behind its published target
        meanwhile, was given up.
    months_behind : months in which one was.
    tax_bases : what was taxed since the start.
    announced_extra_deficit_pct_gdp : a lasting deficit that was announced.
    bail_outs, bail_outs_judged : rescues so far, and those on which the public has had its say.
    domestic_ai_share_pct : when the public last had its say; None before.
    of_rule : what each subsidy rule asked to remember, by its name.
    guaranteed_trn_yen : balance of guaranteed loans by importer row; None before the first.
    guarantee : its terms.
    deal_bought_trn_yen, deal_months : chips bought under a trade deal, and months since the first.
    deal_months_unanswered : see :class:`itcho.agents.rules.trade.TradeView`.
    debt_to_gdp_opening_pct : at the start of the run.
    debt_to_gdp_start_pct, primary_balance_start_pct : when a fiscal rule was first asked.
    """

    programme_spent_trn_yen: float = 0.0
    announced_extra_deficit_pct_gdp: float = 0.0
    bail_outs: int = 0
    bail_outs_judged: int = 0
    domestic_ai_share_pct: float | None = None
    programme_received_trn_yen: float = 0.0
    of_rule: dict[str, RuleMemory] = field(default_factory=dict)
    guaranteed_trn_yen: NDArray[np.float64] | None = None
    guarantee: Guarantee = field(default_factory=lambda: Guarantee(0.0, 0.0))
    programme_return_trn_yen: float = 0.0
    project_open: bool = False
    project_behind: bool = False
    project_given_up: bool = False
    months_behind: int = 0
    tax_bases: TaxBases = field(default_factory=TaxBases)
    deal_bought_trn_yen: float = 0.0
    deal_months: int = 0
    deal_months_unanswered: int = 0
    debt_to_gdp_opening_pct: float = 0.0
    debt_to_gdp_start_pct: float | None = None
    primary_balance_start_pct: float = 0.0

    def count_programme(self, spent_trn_yen: float, received_trn_yen: float) -> None:
        """Count programme money paid and returned."""
        self.programme_spent_trn_yen += spent_trn_yen
        self.programme_received_trn_yen += received_trn_yen

    def count_return(self, amount_trn_yen: float) -> None:
        """Count what came back of the programme's money."""
        self.programme_return_trn_yen += amount_trn_yen

    def watch_project(self, paid: bool, given_up: bool, finished: bool, behind: bool) -> None:
        """Keep whether a project is being paid for and behind its published target, and for how many months it was.

        Parameters
        ----------
        paid, given_up : whether it got money this month, and whether it was given up.
        finished : whether all the money announced is spent.
        behind : whether it is farther behind the frontier than its target.
        """
        self.project_given_up = self.project_given_up or given_up
        self.project_open = (self.project_open or paid) and not (self.project_given_up or finished)
        self.project_behind = self.project_open and behind
        self.months_behind += self.project_behind

    def take_guarantee(self, terms: Guarantee) -> None:
        """Take the terms on which loans are guaranteed from now on."""
        self.guarantee = terms

    def guaranteed_loans(self, importers: int) -> NDArray[np.float64]:
        """Balance of guaranteed loans by importer row, trillion yen, to be written; zeros before the first."""
        if self.guaranteed_trn_yen is None:
            self.guaranteed_trn_yen = np.zeros(importers)
        return self.guaranteed_trn_yen

    def open_debt(self, debt_to_gdp_pct: float) -> None:
        """Take the debt ratio of the start, percent."""
        self.debt_to_gdp_opening_pct = debt_to_gdp_pct

    def open_fiscal_rule(self, debt_to_gdp_pct: float, primary_balance_pct: float) -> None:
        """Keep where debt and balance stood when a fiscal rule was first asked."""
        self.debt_to_gdp_start_pct = debt_to_gdp_pct
        self.primary_balance_start_pct = primary_balance_pct

    def count_bail_out(self) -> None:
        """Count a rescue."""
        self.bail_outs += 1

    def judge(self, domestic_ai_share_pct: float) -> tuple[bool, float]:
        """Let the public have its say: whether there was a rescue since, and the change of the domestic share in AI."""
        bail_out = self.bail_outs > self.bail_outs_judged
        before = self.domestic_ai_share_pct
        ai_success_pp = 0.0 if before is None else domestic_ai_share_pct - before
        self.bail_outs_judged, self.domestic_ai_share_pct = self.bail_outs, domestic_ai_share_pct
        return bail_out, ai_success_pp

    def count_deal_purchase(self, amount_trn_yen: float) -> None:
        """Count chips bought under a trade deal."""
        self.deal_bought_trn_yen += amount_trn_yen

    def begin_deal_month(self) -> int:
        """Count a month of the deal; returns the months since the first purchase."""
        self.deal_months += 1
        return self.deal_months

    def answer_deal(self, relief_pp: float) -> None:
        """Take the month's relief for what was bought."""
        self.deal_months_unanswered = 0 if relief_pp > 0.0 else self.deal_months_unanswered + 1


@dataclass
class MarketMemory:
    """What the ministry remembers of the currency market and of its own trades.

    Attributes
    ----------
    log_prices : of the last 21 sessions.
    log_average : exponential average with the memory of a year of sessions; None before the first session.
    running, last_order_bn_usd, since : see :class:`itcho.agents.rules.intervention.InterventionView`.
    bought_bn_usd, sold_bn_usd : in the running fiscal year.
    """

    log_prices: deque[float] = field(default_factory=lambda: deque(maxlen=21))
    log_average: float | None = None
    running: int = 0
    last_order_bn_usd: float = 0.0
    since: float = NEVER
    bought_bn_usd: float = 0.0
    sold_bn_usd: float = 0.0

    def start_fiscal_year(self) -> None:
        """Begin to count purchases and sales again."""
        self.bought_bn_usd = self.sold_bn_usd = 0.0

    def watch(self, log_prices: list[float]) -> float:
        """Remember closes; returns the slow average after them."""
        self.log_prices.extend(log_prices)
        average = log_prices[0] if self.log_average is None else self.log_average
        for log_price in log_prices:
            average += (log_price - average) / SESSIONS_OF_AVERAGE
        self.log_average = average
        return average

    def note_order(self, order_bn_usd: float) -> None:
        """Remember a session's order, 0 if there was none."""
        self.last_order_bn_usd = order_bn_usd
        if order_bn_usd == 0.0:
            self.rest(1)
            return
        self.running, self.since = self.running + 1, 0.0
        self.bought_bn_usd += max(0.0, order_bn_usd)
        self.sold_bn_usd += max(0.0, -order_bn_usd)

    def rest(self, sessions: int) -> None:
        """Remember sessions without an order."""
        self.last_order_bn_usd, self.running, self.since = 0.0, 0, self.since + sessions


SESSIONS_OF_AVERAGE = 252

GOVERNMENT_SLOTS = ("subsidy", "fiscal", "intervention", "trade", "rescue")
"""Slots of a policy whose rules the government follows."""


class Government(Placed, Agent):
    """Ministry of Finance and METI.

    Attributes
    ----------
    subsidy, fiscal, intervention, trade, rescue : the rules in force.
    budget : this fiscal year's plan.
    year : the running fiscal year's figures; ``last_year`` those of the year before.
    support : what the programme does this month.
    memory, market : what it remembers for its rules.
    politics : the public's worry and approval, and the cabinet's majority.
    tax_effort_pct_gdp : households' taxes beyond the tax code of the start, percent of GDP.
    budget_decision : of the last April; None before the first.
    deal_decided : the month's part of a trade deal.
    """

    def __init__(
        self,
        model: Model,
        subsidy: SubsidyRule,
        fiscal: FiscalRule,
        intervention: InterventionRule,
        trade: TradeRule,
        rescue: RescueRule,
        budget: Budget,
        politics: Politics,
    ) -> None:
        super().__init__(model)
        self.subsidy, self.fiscal, self.intervention, self.trade = subsidy, fiscal, intervention, trade
        self.rescue = rescue
        self.budget = budget
        self.year = FiscalYearToDate()
        self.last_year: FiscalYearToDate | None = None
        self.politics = politics
        self.tax_effort_pct_gdp = 0.0
        self.budget_decision: BudgetDecision | None = None
        self.deal_decided = Deal()
        self.memory = Memory()
        self.market = MarketMemory()
        self.support = Support()
        self.reserves_start_bn_usd: float | None = None
        self.history: list[FiscalYearToDate] = []

    def meet_a_new_year(self, news: float, gdp_trn_yen: float, is_first: bool) -> None:
        """Take the fiscal year's news of what no budget foresaw, a standard normal number, at a nominal GDP.

        The first year's budget stands already, and is extended; later ones are passed with the news
        (:meth:`start_fiscal_year`).
        """
        self.politics.meet_surprise(news)
        if is_first:
            self.budget.plan_supplementary(self.politics.supplementary_trn_yen(gdp_trn_yen))

    def start_fiscal_year(
        self,
        world: WorldView,
        bonds_face_trn_yen: float,
        gross_debt_trn_yen: float,
        p: ParameterValues,
    ) -> None:
        """Pass next year's budget from this year's outturn."""
        done = self.year
        self.last_year = done
        self.history.append(done)
        self.year = FiscalYearToDate()
        self.market.start_fiscal_year()
        prices = 1.0 + max(0.0, world.consumer_inflation_pct) / 100.0
        old, month = self.budget, 12 * len(self.history)

        def real(growth_pct: float) -> float:
            now, before = (public_growth_over_potential(growth_pct, passed, p) for passed in (month, month - 12))
            return (1.0 + world.potential_growth_pct / 100.0) * now / before

        draft = Budget(
            social_security=old.social_security * prices * real(p.social_security_ageing_growth_pct),
            local_allocation=p.local_allocation_share_of_taxes * done.tax,
            defence=old.defence * prices * real(p.defence_real_growth_pct),
            other=old.other * prices * real(p.other_spending_real_growth_pct),
            supplementary=self.politics.supplementary_trn_yen(world.nominal_gdp_four_quarters),
            redemption=p.redemption_share_of_bonds * bonds_face_trn_yen,
            other_revenue=old.other_revenue * prices,
            interest=done.interest,
            tax=done.tax * prices * (1.0 + world.potential_growth_pct / 100.0),
        )
        view = self._fiscal_view(draft, done, world, gross_debt_trn_yen, p)
        self.tax_effort_pct_gdp = checked.tax_effort_pct_gdp(self, self.fiscal, view, p)
        factor = checked.discretionary_factor(self, self.fiscal, view)
        self.budget_decision = BudgetDecision(view, factor, self.tax_effort_pct_gdp)
        if factor != 1.0:
            draft.cut(factor)
        self.budget = draft

    def _fiscal_view(
        self, draft: Budget, done: FiscalYearToDate, world: WorldView, gross_debt_trn_yen: float, p: ParameterValues
    ) -> FiscalView:
        """What the fiscal rule sees of a draft budget, after the year ``done``."""
        gdp, memory = world.nominal_gdp_four_quarters, self.memory
        debt = 100.0 * gross_debt_trn_yen / gdp
        planned = draft.social_security + draft.local_allocation + draft.discretionary + done.interest
        deficit = planned - done.tax - draft.other_revenue
        programme = done.programme + done.special_interest - done.programme_revenue
        if memory.debt_to_gdp_start_pct is None:
            memory.open_fiscal_rule(debt, 100.0 * (done.interest - deficit - programme) / gdp)
        return FiscalView(
            planned_deficit_trn_yen=deficit,
            programme_deficit_trn_yen=programme,
            discretionary_trn_yen=draft.discretionary,
            public_investment_trn_yen=12.0 * spend_budget(draft, p).investment,
            interest_trn_yen=done.interest,
            redemption_trn_yen=draft.redemption,
            nominal_gdp_trn_yen=gdp,
            output_gap_pct=world.smoothed_gap_pct,
            debt_to_gdp_pct=debt,
            debt_to_gdp_opening_pct=memory.debt_to_gdp_opening_pct,
            debt_to_gdp_start_pct=debt if memory.debt_to_gdp_start_pct is None else memory.debt_to_gdp_start_pct,
            primary_balance_start_pct=memory.primary_balance_start_pct,
            tax_effort_pct_gdp=self.tax_effort_pct_gdp,
        )

    def remembered_by(self, rule: SubsidyRule) -> RuleMemory:
        """What a subsidy rule asked to remember."""
        return self.memory.of_rule.get(rule.name, NOTHING)

    def decide_support(self, view: ProgrammeView) -> Support:
        """What the programme does this month."""
        self.support = checked.support(self, self.subsidy, view)
        if self.support.remember:
            self.memory.of_rule[self.subsidy.name] = dict(self.support.remember)
        return self.support

    def take_rule(self, slot: str, rule: Rule) -> None:
        """Follow ``rule`` in ``slot`` from now on.

        Raises
        ------
        ValueError : a slot that is not the government's.
        """
        if slot not in GOVERNMENT_SLOTS:
            raise ValueError(f"the government has no slot '{slot}'; it has {', '.join(GOVERNMENT_SLOTS)}")
        setattr(self, slot, rule)

    @property
    def programme_left_trn_yen(self) -> float:
        """What the programme has announced and not yet spent, trillion yen."""
        return max(0.0, self.announced_trn_yen() - self.memory.programme_spent_trn_yen)

    def decide_rescue(self, view: DistressView) -> Rescue | None:
        """Whether the company behind the national project is rescued from its distress, and how."""
        rescue = checked.rescue(self, self.rescue, view)
        if rescue is not None:
            self.memory.count_bail_out()
        return rescue

    def decide_deal(self, month: int) -> Deal:
        """The month's part of a trade deal."""
        memory = self.memory
        view = TradeView(month, memory.deal_bought_trn_yen, memory.deal_months_unanswered)
        self.deal_decided = checked.deal(self, self.trade, view)
        return self.deal_decided

    def announced_trn_yen(self) -> float:
        """Money that the programme announces in all, as far as it names an amount, trillion yen."""
        return checked.announced_trn_yen(self, self.subsidy)

    def book_programme(self, spent_trn_yen: float = 0.0, received_trn_yen: float = 0.0) -> None:
        """Book programme money paid and returned."""
        self.year.book_programme(spent_trn_yen, received_trn_yen)
        self.memory.count_programme(spent_trn_yen, received_trn_yen)

    def intervene(self, log_price: float, reserves_bn_usd: float) -> float:
        """Dollars to buy in a session (negative: to sell), given the last close and the reserves before the month."""
        seen = self.market
        self._note_reserves(reserves_bn_usd)
        average = seen.watch([log_price])
        order = checked.order_bn_usd(
            self,
            self.intervention,
            InterventionView(
                log_price,
                average,
                seen.log_prices[0],
                seen.running,
                seen.last_order_bn_usd,
                seen.since,
                seen.bought_bn_usd,
                seen.sold_bn_usd,
                reserves_bn_usd,
                self.reserves_start_bn_usd or 0.0,
            ),
        )
        seen.note_order(order)
        return order

    @property
    def stays_out(self) -> bool:
        """Whether the rule in force never trades, whatever happens in the market."""
        return type(self.intervention).order_bn_usd is NoIntervention.order_bn_usd

    def stay_out(self, log_prices: list[float], reserves_bn_usd: float) -> None:
        """As :meth:`intervene` before each of these sessions, by a ministry that :attr:`stays_out`."""
        self._note_reserves(reserves_bn_usd)
        self.market.watch(log_prices)
        self.market.rest(len(log_prices))

    def _note_reserves(self, reserves_bn_usd: float) -> None:
        """Remember the reserves before the first session."""
        if self.market.log_average is None:
            self.reserves_start_bn_usd = reserves_bn_usd

    @property
    def approval_pct(self) -> float:
        """People who approve of the cabinet, percent."""
        return self.politics.approval_pct

    def hear_the_public(self, world: WorldView, domestic_ai_share_pct: float) -> None:
        """Let the public judge the month, and hold the election that is due."""
        bail_out, ai_success_pp = self.memory.judge(domestic_ai_share_pct)
        behind = self.memory.project_behind
        self.politics.hear(world.consumer_inflation_pct, world.unemployment_pct, bail_out, ai_success_pp, behind)
        self.politics.pass_month()

    @property
    def sunk_share(self) -> float:
        """Part of the programme's announced money that is spent, 0 to 1."""
        announced = self.announced_trn_yen()
        return min(1.0, self.memory.programme_spent_trn_yen / announced) if announced > 0.0 else 0.0


@dataclass(frozen=True)
class CentralSpending:
    """How the general account's programme spending is spent, trillion yen in a month."""

    transfers_to_local_and_social_security: float
    consumption: float
    investment: float
    transfers_to_firms: float
    transfers_abroad: float

    @property
    def total(self) -> float:
        """All of it."""
        return (
            self.transfers_to_local_and_social_security
            + self.consumption
            + self.investment
            + self.transfers_to_firms
            + self.transfers_abroad
        )


def public_growth_over_potential(real_growth_pct: float, month: int, p: ParameterValues) -> float:
    """Level of a kind of public spending against potential output, 1 at the start.

    It grows at its own pace at first; what it grows faster or slower than potential output gives way as ageing ends.

    Examples
    --------
    At 0.9% against 0.45% of potential output and a half-life of 8 years it ends 5.3% above where it was.
    """
    beyond_pct, half_life = real_growth_pct - p.trend_potential_growth_pct, p.public_growth_half_life_years
    years = half_life / math.log(2.0) * (1.0 - 0.5 ** (month / (12.0 * half_life)))
    return math.exp(beyond_pct / 100.0 * years)


def spend_budget(budget: Budget, p: ParameterValues) -> CentralSpending:
    """Divide one month of the budget by kind; shares are in the registry."""
    own = (budget.defence + budget.other) / 12.0
    extra = budget.supplementary / 12.0
    consumption = p.central_consumption_share * own + p.supplementary_consumption_share * extra
    investment = p.central_investment_share * own + p.supplementary_investment_share * extra
    abroad = p.central_abroad_share * own
    local = p.supplementary_local_share * extra
    return CentralSpending(
        transfers_to_local_and_social_security=(budget.social_security + budget.local_allocation) / 12.0 + local,
        consumption=consumption,
        investment=investment,
        transfers_to_firms=own + extra - consumption - investment - abroad - local,
        transfers_abroad=abroad,
    )
