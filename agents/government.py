"""The government: the general account of the Ministry of Finance and the AI special account of METI.

The budget follows Japan's own books: redemption transfer under the 60-year rule, local allocation as a share of taxes,
social security that grows with ageing and prices, supplementary budgets as a share of GDP.  What is borrowed is what is
spent and not covered: no deficit is set.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import mesa

from agents.rules.fiscal import FiscalRule
from agents.rules.intervention import InterventionRule
from agents.rules.subsidy import Grant, SubsidyRule
from agents.rules.trade import TradeRule
from agents.world import CalendarView, ParameterView, WorldView


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
    """What the government remembers for its rules."""

    programme_spent_trn_yen: float = 0.0
    announced_extra_deficit_pct_gdp: float = 0.0
    bail_outs: int = 0


class Government(mesa.Agent):
    """Ministry of Finance and METI.

    Attributes
    ----------
    subsidy, fiscal, intervention, trade : the rules in force.
    budget : this fiscal year's plan.
    year : the running fiscal year's figures; ``last_year`` those of the year before.
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
        self._rule_factor = 1.0
        self.history: list[FiscalYearToDate] = []
        self._taxes_expected_trn_yen = 0.0

    def start_fiscal_year(
        self, world: WorldView, calendar: CalendarView, bonds_face_trn_yen: float, p: ParameterView
    ) -> None:
        """Pass next year's budget from this year's outturn."""
        done = self.year
        self.last_year = done
        self.history.append(done)
        self.year = FiscalYearToDate()
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
        planned = draft.social_security + draft.local_allocation + draft.discretionary + done.interest
        factor = self.fiscal.discretionary_factor(planned - done.tax - draft.other_revenue, draft.discretionary, world)
        if factor != 1.0:
            draft.defence *= factor
            draft.other *= factor
            draft.supplementary *= factor
        self.budget = draft

    def programme_grants(self, calendar: CalendarView, world: WorldView) -> tuple[Grant, ...]:
        """Tranches of the AI programme to pay this month."""
        return self.subsidy.grants(calendar, world)

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
