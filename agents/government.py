"""The government: the general account of the Ministry of Finance and the AI special account of METI.

The budget follows Japan's own books: redemption transfer under the 60-year rule, local allocation as a share of taxes,
social security that grows with ageing and prices, supplementary budgets as a share of GDP.  What is borrowed is what is
spent and not covered: no deficit is set.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray

from itcho.agents.rules.fiscal import FiscalRule, FiscalView
from itcho.agents.rules.intervention import NEVER, InterventionRule, InterventionView, NoIntervention
from itcho.agents.rules.subsidy import Guarantee, ProgrammeView, SubsidyRule, Support
from itcho.agents.rules.trade import Deal, TradeRule, TradeView
from itcho.agents.world import CalendarView, ParameterView, WorldView


@dataclass
class Budget:
    """Plan for one fiscal year, trillion yen.

    ``other`` holds all programme spending that is not social security, local allocation or defence; ``redemption`` is
    the transfer that retires bonds and is no expenditure of the economy.
    """

    social_security: float
    local_allocation: float
    defence: float
    other: float
    supplementary: float
    redemption: float
    other_revenue: float

    @property
    def discretionary(self) -> float:
        """What a fiscal rule can cut: defence, other and supplementary spending."""
        return self.defence + self.other + self.supplementary


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


@dataclass
class Memory:
    """What the government remembers for its rules.

    Attributes
    ----------
    programme_spent_trn_yen, programme_received_trn_yen : since the start.
    announced_extra_deficit_pct_gdp : a lasting deficit that was announced.
    bail_outs : so many.
    of_rule : what each subsidy rule asked to remember, by its name.
    guaranteed_trn_yen : balance of guaranteed loans by importer row; None before the first.
    guarantee : its terms.
    stake_paid_trn_yen : paid for shares that are still held.
    deal_bought_trn_yen : chips bought under a trade deal.
    debt_to_gdp_start_pct, primary_balance_start_pct : when a fiscal rule was first asked.
    """

    programme_spent_trn_yen: float = 0.0
    announced_extra_deficit_pct_gdp: float = 0.0
    bail_outs: int = 0
    programme_received_trn_yen: float = 0.0
    of_rule: dict[str, dict[str, Any]] = field(default_factory=dict)
    guaranteed_trn_yen: NDArray[np.float64] | None = None
    guarantee: Guarantee = field(default_factory=lambda: Guarantee(0.0, 0.0))
    stake_paid_trn_yen: float = 0.0
    deal_bought_trn_yen: float = 0.0
    debt_to_gdp_start_pct: float | None = None
    primary_balance_start_pct: float = 0.0


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


SESSIONS_OF_AVERAGE = 252


class Government(mesa.Agent):
    """Ministry of Finance and METI.

    Attributes
    ----------
    subsidy, fiscal, intervention, trade : the rules in force.
    budget : this fiscal year's plan.
    year : the running fiscal year's figures; ``last_year`` those of the year before.
    support : what the programme does this month.
    memory, market : what it remembers for its rules.
    approval_pct : public approval.
    """

    def __init__(
        self,
        model: Any,
        subsidy: SubsidyRule,
        fiscal: FiscalRule,
        intervention: InterventionRule,
        trade: TradeRule,
        budget: Budget,
        approval_pct: float,
    ) -> None:
        super().__init__(model)
        self.subsidy, self.fiscal, self.intervention, self.trade = subsidy, fiscal, intervention, trade
        self.budget = budget
        self.year = FiscalYearToDate()
        self.last_year: FiscalYearToDate | None = None
        self.approval_pct = approval_pct
        self.memory = Memory()
        self.market = MarketMemory()
        self.support = Support()
        self.reserves_start_bn_usd: float | None = None
        self.history: list[FiscalYearToDate] = []
        self._taxes_expected_trn_yen = 0.0

    def start_fiscal_year(
        self,
        world: WorldView,
        calendar: CalendarView,
        bonds_face_trn_yen: float,
        gross_debt_trn_yen: float,
        p: ParameterView,
    ) -> None:
        """Pass next year's budget from this year's outturn."""
        done = self.year
        self.last_year = done
        self.history.append(done)
        self.year = FiscalYearToDate()
        self.market.bought_bn_usd = self.market.sold_bn_usd = 0.0
        prices = 1.0 + max(0.0, world.consumer_inflation_pct) / 100.0
        old = self.budget
        draft = Budget(
            social_security=old.social_security * prices * (1.0 + p.social_security_ageing_growth_pct / 100.0),
            local_allocation=p.local_allocation_share_of_taxes * done.tax,
            defence=old.defence * prices * (1.0 + p.defence_real_growth_pct / 100.0),
            other=old.other * prices * (1.0 + p.other_spending_real_growth_pct / 100.0),
            supplementary=p.supplementary_budget_pct_gdp / 100.0 * world.nominal_gdp_four_quarters,
            redemption=p.redemption_share_of_bonds * bonds_face_trn_yen,
            other_revenue=old.other_revenue * prices,
        )
        factor = self.fiscal.discretionary_factor(self._fiscal_view(draft, done, world, gross_debt_trn_yen, p))
        if factor != 1.0:
            draft.defence *= factor
            draft.other *= factor
            draft.supplementary *= factor
        self.budget = draft

    def _fiscal_view(
        self, draft: Budget, done: FiscalYearToDate, world: WorldView, gross_debt_trn_yen: float, p: ParameterView
    ) -> FiscalView:
        """What the fiscal rule sees of a draft budget, after the year ``done``."""
        gdp, memory = world.nominal_gdp_four_quarters, self.memory
        debt = 100.0 * gross_debt_trn_yen / gdp
        planned = draft.social_security + draft.local_allocation + draft.discretionary + done.interest
        deficit = planned - done.tax - draft.other_revenue
        programme = done.programme + done.special_interest - done.programme_revenue
        if memory.debt_to_gdp_start_pct is None:
            memory.debt_to_gdp_start_pct = debt
            memory.primary_balance_start_pct = 100.0 * (done.interest - deficit - programme) / gdp
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
            debt_to_gdp_start_pct=memory.debt_to_gdp_start_pct,
            primary_balance_start_pct=memory.primary_balance_start_pct,
        )

    def remembered_by(self, rule: SubsidyRule) -> dict[str, Any]:
        """What a subsidy rule asked to remember."""
        return self.memory.of_rule.get(rule.name, {})

    def decide_support(self, view: ProgrammeView) -> Support:
        """What the programme does this month."""
        self.support = self.subsidy.support(view)
        if self.support.remember:
            self.memory.of_rule[self.subsidy.name] = dict(self.support.remember)
        return self.support

    def decide_deal(self, month: int) -> Deal:
        """The month's part of a trade deal."""
        return self.trade.deal(TradeView(month, self.memory.deal_bought_trn_yen))

    def book_programme(self, spent_trn_yen: float = 0.0, received_trn_yen: float = 0.0) -> None:
        """Book programme money paid and returned."""
        self.year.programme += spent_trn_yen
        self.memory.programme_spent_trn_yen += spent_trn_yen
        self.year.programme_revenue += received_trn_yen
        self.memory.programme_received_trn_yen += received_trn_yen

    def intervene(self, log_price: float, reserves_bn_usd: float) -> float:
        """Dollars to buy in a session (negative: to sell), given the last close and the reserves before the month."""
        seen = self.market
        seen.log_average = self._watch([log_price], reserves_bn_usd)
        order = self.intervention.order_bn_usd(
            InterventionView(
                log_price,
                seen.log_average,
                seen.log_prices[0],
                seen.running,
                seen.last_order_bn_usd,
                seen.since,
                seen.bought_bn_usd,
                seen.sold_bn_usd,
                reserves_bn_usd,
                self.reserves_start_bn_usd or 0.0,
            )
        )
        seen.last_order_bn_usd = order
        if order == 0.0:
            seen.running, seen.since = 0, seen.since + 1.0
            return 0.0
        seen.running, seen.since = seen.running + 1, 0.0
        seen.bought_bn_usd += max(0.0, order)
        seen.sold_bn_usd += max(0.0, -order)
        return order

    @property
    def stays_out(self) -> bool:
        """Whether the rule in force never trades, whatever happens in the market."""
        return type(self.intervention).order_bn_usd is NoIntervention.order_bn_usd

    def stay_out(self, log_prices: list[float], reserves_bn_usd: float) -> None:
        """As :meth:`intervene` before each of these sessions, by a ministry that :attr:`stays_out`."""
        seen = self.market
        seen.log_average = self._watch(log_prices, reserves_bn_usd)
        seen.last_order_bn_usd, seen.running, seen.since = 0.0, 0, seen.since + len(log_prices)

    def _watch(self, log_prices: list[float], reserves_bn_usd: float) -> float:
        """Remember closes, and the reserves before the first; returns the slow average after them."""
        self.market.log_prices.extend(log_prices)
        average = self.market.log_average
        if average is None:
            average, self.reserves_start_bn_usd = log_prices[0], reserves_bn_usd
        for log_price in log_prices:
            average += (log_price - average) / SESSIONS_OF_AVERAGE
        return average

    def hear_the_public(self, world: WorldView, bail_out: bool, ai_success_pp: float, p: ParameterView) -> None:
        """Update approval: it fades to its mean, falls with inflation above target and unemployment."""
        fading = p.approval_persistence
        self.approval_pct = (
            fading * self.approval_pct
            + (1.0 - fading) * p.approval_mean_pct
            - p.approval_inflation_response
            * (1.0 - fading)
            * max(0.0, world.consumer_inflation_pct - p.inflation_target_pct)
            - p.approval_unemployment_response
            * (1.0 - fading)
            * (world.unemployment_pct - p.approval_unemployment_norm_pct)
            - (p.approval_bail_out_response if bail_out else 0.0)
            + p.approval_ai_response * ai_success_pp
        )
        self.approval_pct = min(100.0, max(0.0, self.approval_pct))


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


def spend_budget(budget: Budget, p: ParameterView) -> CentralSpending:
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
