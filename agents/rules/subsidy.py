"""The subsidy slot: what the government does for AI firms and adopters in a month, and the rules that pay by calendar.

A rule sees a :class:`ProgrammeView` and returns :class:`Support`, the month's decision.  The model posts it, and keeps
what the rule wants remembered on the government.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from itcho.agents.chip_importers import ImporterColumns
from itcho.agents.named_importers import CLOUD, DEVELOPER, NAMED_IMPORTERS, NATIONAL_AI_COMPANY
from itcho.agents.rules.gate import GateView, no_cabinet
from itcho.agents.rules.rule import Rule
from itcho.agents.rules.settings import amounts, choice, number, whole

Array = NDArray[np.float64]
Rows = NDArray[np.int64]

GRANT, EQUITY, GUARANTEED_LOAN = "grant", "equity", "guaranteed-loan"
"""A grant is a transfer; for equity the government gets shares; a guaranteed loan is a bank's money."""

FORMS = (GRANT, EQUITY, GUARANTEED_LOAN)

Memory: TypeAlias = Mapping[str, int | Array]
"""What a rule wants to find again next month, by name."""

NOTHING: Memory = {}

GROUPS = ("national_ai_company", "developers", "clouds", "developers_and_clouds")
"""Groups of firms controlled in Japan that support can go to."""

RECIPIENTS = tuple(firm.name for firm in NAMED_IMPORTERS)


@dataclass(frozen=True)
class Payment:
    """Money that reaches chip importers in a month.

    Attributes
    ----------
    rows : distinct rows of the importers.
    amounts_trn_yen : to each of them, trillion yen.
    form : GRANT, EQUITY or GUARANTEED_LOAN.
    """

    rows: Rows
    amounts_trn_yen: Array
    form: str = GRANT


@dataclass(frozen=True)
class Guarantee:
    """Terms of the state's guarantee of loans.

    Attributes
    ----------
    share : part of a loss that the state bears (0 to 1).
    fee_pct : yearly fee on the guaranteed balance, percent.
    """

    share: float
    fee_pct: float


@dataclass(frozen=True)
class Royalty:
    """A share of revenue that recipients owe the state.

    Attributes
    ----------
    rows : who owes it.
    share_of_revenue : 0 to 1.
    limit_trn_yen : at most so much this month, in all.
    """

    rows: Rows
    share_of_revenue: float
    limit_trn_yen: float


@dataclass(frozen=True)
class ContractTerms:
    """Terms on which firms contract for models of AI.

    Attributes
    ----------
    voucher_share : of the price of contracts with developers controlled in Japan that the state bears (-0.95 to 0.95;
        below zero they bear a surcharge).
    voucher_on_all : whether for all that are signed; else for those that are new to their supplier.
    certified_at_home_only : whether regulated buyers may take suppliers controlled in Japan only.
    regulated_share : part of firms that are regulated, at least.
    tender_probability : that a public contract is put out to tender when its term ends; None leaves it as it is.
    """

    voucher_share: float = 0.0
    voucher_on_all: bool = False
    certified_at_home_only: bool = False
    regulated_share: float = 0.0
    tender_probability: float | None = None


USUAL_TERMS = ContractTerms()


@dataclass(frozen=True)
class Support:
    """What the government does for AI in a month.

    Attributes
    ----------
    payments : money that reaches importers.
    guarantee : terms of the guaranteed loans among them.
    royalty : owed this month.
    claw_back : rows that must return programme money they have not committed.
    sell_stake : whether the government sells the shares it got.
    adoption_cost_share : part of firms' integration cost that the state bears (0 to 1).
    adoption_budget_trn_yen : at most so much this month.
    domestic_content_share : domestic share required of the regulated part of demand (0 to 1).
    contract_terms : on which firms contract for models.
    contract_budget_trn_yen : at most so much is paid for vouchers this month.
    gate_waived : whether money is paid although its target was missed, as the rule itself knows.
    given_up : whether the project is given up for good this month.
    remember : what the rule wants to find in ``ProgrammeView.remembered`` next month.
    """

    payments: tuple[Payment, ...] = ()
    guarantee: Guarantee | None = None
    royalty: Royalty | None = None
    claw_back: Rows | None = None
    sell_stake: bool = False
    adoption_cost_share: float = 0.0
    adoption_budget_trn_yen: float = 0.0
    domestic_content_share: float = 0.0
    contract_terms: ContractTerms = USUAL_TERMS
    contract_budget_trn_yen: float = 0.0
    gate_waived: bool = False
    given_up: bool = False
    remember: Memory = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True)
class ProgrammeView:
    """What the ministry knows when it decides on the programme's month.

    Attributes
    ----------
    month : of the run, 0 first.
    fiscal_year, month_of_fiscal_year : the calendar; month 0 is April.
    frontier_gap_months : the national company's gap, in months of frontier progress at the start.
    spent_trn_yen, received_trn_yen : programme money paid and returned since the start.
    spent_this_year_trn_yen : paid in the running fiscal year.
    adoption_cost_trn_yen : firms' integration cost of last month.
    ai_corporate_tax_trn_yen : corporate tax of the AI firms last month.
    nominal_gdp_trn_yen : last four quarters.
    domestic_ai_share_pct : of the model layer at home.
    usdjpy : yen per dollar.
    own_investment : counts what ``own_investment_trn_yen`` says, for rules that look at it.
    importers : the importers' columns by name; read them, do not write.
    row_of : row of a named importer.
    remembered : what this rule asked to remember.
    gate : what the cabinet is like at a missed gate; drawn when it is asked for.
    """

    month: int
    fiscal_year: int
    month_of_fiscal_year: int
    frontier_gap_months: float
    spent_trn_yen: float
    received_trn_yen: float
    spent_this_year_trn_yen: float
    adoption_cost_trn_yen: float
    ai_corporate_tax_trn_yen: float
    nominal_gdp_trn_yen: float
    domestic_ai_share_pct: float
    usdjpy: float
    own_investment: Callable[[], Array]
    importers: ImporterColumns
    row_of: Callable[[str], int]
    remembered: Memory
    gate: Callable[[], GateView] = no_cabinet

    @property
    def own_investment_trn_yen(self) -> Array:
        """Importers' own orders of chips and plant last month, by row, without programme money."""
        return self.own_investment()

    def remembered_number(self, name: str, default: int = 0) -> int:
        """A whole number that this rule asked to remember."""
        found = self.remembered.get(name, default)
        return found if isinstance(found, int) else default

    def remembered_amounts(self, name: str) -> Array | None:
        """Amounts by importer that this rule asked to remember; None if there are none."""
        found = self.remembered.get(name)
        return found if isinstance(found, np.ndarray) else None

    def rows(self, group: str) -> Rows:
        """Rows of a group out of :data:`GROUPS`, ascending."""
        if group == NATIONAL_AI_COMPANY:
            return np.array([self.row_of(NATIONAL_AI_COMPANY)])
        role, home = self.importers["role"], self.importers["domestic_control"]
        wanted = {"developers": (DEVELOPER,), "clouds": (CLOUD,), "developers_and_clouds": (DEVELOPER, CLOUD)}[group]
        return np.flatnonzero(np.isin(role, wanted) & home)

    def to_one(self, recipient: str, amount_trn_yen: float, form: str = GRANT) -> tuple[Payment, ...]:
        """A payment to one named importer; none if the amount is zero."""
        if amount_trn_yen == 0.0:
            return ()
        return (Payment(np.array([self.row_of(recipient)]), np.array([amount_trn_yen]), form),)

    def to_many(self, rows: Rows, weights: Array, amount_trn_yen: float, form: str = GRANT) -> tuple[Payment, ...]:
        """A payment shared among rows in proportion to weights; none if there is nothing to share."""
        total = float(weights.sum())
        if amount_trn_yen <= 0.0 or total <= 0.0:
            return ()
        return (Payment(rows, weights * (amount_trn_yen / total), form),)


class SubsidyRule(Rule):
    """The slot: the month's support, given what the ministry knows."""

    slot: ClassVar[str] = "subsidy"

    def support(self, view: ProgrammeView) -> Support:
        """What to do this month."""
        raise NotImplementedError

    def announced_trn_yen(self) -> float:
        """Money that the rule announces in all, as far as it names an amount, trillion yen."""
        return 0.0

    def is_due(self, month: int, fiscal_year: int) -> bool:
        """Whether the rule gives support in a month as far as the calendar tells; what else it gives, payments tell.

        Parameters
        ----------
        month : of the run, 0 first.
        fiscal_year : it lies in.
        """
        del month, fiscal_year
        return False


@dataclass(frozen=True)
class NoSubsidy(SubsidyRule):
    """No programme: nothing is spent and nothing is raised."""

    name: ClassVar[str] = "none"

    def support(self, view: ProgrammeView) -> Support:
        """Nothing."""
        return _NO_SUPPORT


_NO_SUPPORT = Support()

ANNOUNCED_TRN_YEN = (0.3873, 0.153175, 0.153175, 0.153175, 0.153175)
"""FY2026 as in METI's budget, and the rest of one trillion yen in even parts."""


@dataclass(frozen=True)
class ScheduledRule(SubsidyRule):
    """A rule whose money comes from amounts by fiscal year; the rules built on it say who gets it and on what terms.

    Attributes
    ----------
    amounts_trn_yen : by fiscal year, from ``first_fiscal_year`` on.
    first_fiscal_year : of the amounts.
    dose : multiplies every amount.
    """

    amounts_trn_yen: tuple[float, ...] = amounts(ANNOUNCED_TRN_YEN, 0.0, 100.0, "trn yen")
    first_fiscal_year: int = whole(2026, 2024, 2100, "fiscal year")
    dose: float = number(1.0, 0.0, 100.0, "times")

    def due_trn_yen(self, view: ProgrammeView) -> float:
        """One twelfth of the fiscal year's amount."""
        year = view.fiscal_year - self.first_fiscal_year
        if not 0 <= year < len(self.amounts_trn_yen):
            return 0.0
        return self.dose * self.amounts_trn_yen[year] / 12.0

    def announced_trn_yen(self) -> float:
        """The amounts of all years, trillion yen."""
        return self.dose * sum(self.amounts_trn_yen)

    def is_due(self, month: int, fiscal_year: int) -> bool:
        """In fiscal years that have an amount."""
        year = fiscal_year - self.first_fiscal_year
        return 0 <= year < len(self.amounts_trn_yen) and self.dose * self.amounts_trn_yen[year] > 0.0

    def left_trn_yen(self, view: ProgrammeView) -> float:
        """What is still unspent of the amounts up to this fiscal year, if money not spent is carried over."""
        years = max(0, view.fiscal_year - self.first_fiscal_year + 1)
        return max(0.0, self.dose * sum(self.amounts_trn_yen[:years]) - view.spent_trn_yen)


@dataclass(frozen=True)
class FiveYearSchedule(ScheduledRule):
    """The programme as announced: 0.3873 trillion yen in FY2026 and 1.0 in all over FY2026-30, paid month by month.

    Evidence: METI budget line for FY2026 (0.3873); plan of about one trillion yen over five years (Yomiuri, December
    2025); the split of the later years is not announced and is taken as even.

    Attributes
    ----------
    amounts_trn_yen : by fiscal year, from ``first_fiscal_year`` on.
    first_fiscal_year : of the amounts.
    dose : multiplies every amount.
    recipient : ledger party that receives it.
    """

    name: ClassVar[str] = "five-year-schedule"
    recipient: str = choice(NATIONAL_AI_COMPANY, RECIPIENTS)

    def support(self, view: ProgrammeView) -> Support:
        """One twelfth of the fiscal year's amount."""
        return Support(view.to_one(self.recipient, self.due_trn_yen(view)))


@dataclass(frozen=True)
class LumpSum(SubsidyRule):
    """All the money at once, in the first month from the given one on in which the rule is in force.

    Evidence: a meta-regression finds 7.5% of additional private money per yen of support whatever its rhythm (Dimos and
    others 2022); early money has the worst selection and leaves no say afterwards (Howell 2022 on stages).

    Attributes
    ----------
    amount_trn_yen : paid once.
    first_fiscal_year, first_month : not before this month; 0 is April.
    recipient : ledger party that receives it.
    """

    name: ClassVar[str] = "lump-sum"
    amount_trn_yen: float = number(1.0, 0.0, 100.0, "trn yen")
    first_fiscal_year: int = whole(2026, 2024, 2100, "fiscal year")
    first_month: int = whole(0, 0, 11, "month of the fiscal year")
    recipient: str = choice(NATIONAL_AI_COMPANY, RECIPIENTS)

    def announced_trn_yen(self) -> float:
        """The amount, trillion yen."""
        return self.amount_trn_yen

    def support(self, view: ProgrammeView) -> Support:
        """Everything, once."""
        reached = (view.fiscal_year, view.month_of_fiscal_year) >= (self.first_fiscal_year, self.first_month)
        if not reached or view.remembered.get("paid", False):
            return _NO_SUPPORT
        return Support(view.to_one(self.recipient, self.amount_trn_yen), remember={"paid": True})
