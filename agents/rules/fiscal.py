"""Fiscal rules: what a rule makes of the budget that the ministry would otherwise pass in April.

A rule returns a factor on discretionary spending (defence, other and supplementary spending).  It works on next year's
plan: taxes and interest of the year that ends, the ministry's own draft of spending.  Each rule cuts, or spends, at
most a share of discretionary spending a year.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from itcho.agents.rules.rule import Rule
from itcho.agents.rules.settings import number
from itcho.agents.views import ParameterValues


@dataclass(frozen=True)
class FiscalView:
    """What the ministry knows when it passes the budget; amounts in trillion yen for the year to come.

    Attributes
    ----------
    planned_deficit_trn_yen : net borrowing of the general account under the draft.
    programme_deficit_trn_yen : net borrowing of the AI special account in the year that ends.
    discretionary_trn_yen : what the rule can change.
    public_investment_trn_yen : investment of the general account under the draft.
    interest_trn_yen, redemption_trn_yen : of the general account.
    nominal_gdp_trn_yen : of the last four quarters.
    output_gap_pct : smoothed.
    debt_to_gdp_pct : gross debt of general government now; debt_to_gdp_start_pct when the rule was first asked;
        debt_to_gdp_opening_pct at the start of the run.
    primary_balance_start_pct : of GDP, under the draft when the rule was first asked.
    tax_effort_pct_gdp : households' taxes beyond the tax code of the start in the year that ends, percent of GDP.
    """

    planned_deficit_trn_yen: float
    programme_deficit_trn_yen: float
    discretionary_trn_yen: float
    public_investment_trn_yen: float
    interest_trn_yen: float
    redemption_trn_yen: float
    nominal_gdp_trn_yen: float
    output_gap_pct: float
    debt_to_gdp_pct: float
    debt_to_gdp_start_pct: float
    debt_to_gdp_opening_pct: float
    primary_balance_start_pct: float
    tax_effort_pct_gdp: float

    @property
    def whole_deficit_trn_yen(self) -> float:
        """Net borrowing with the AI special account."""
        return self.planned_deficit_trn_yen + self.programme_deficit_trn_yen

    @property
    def primary_balance_pct(self) -> float:
        """Primary balance under the draft, with the AI special account, percent of GDP."""
        return 100.0 * (self.interest_trn_yen - self.whole_deficit_trn_yen) / self.nominal_gdp_trn_yen

    def factor(self, saving_trn_yen: float, largest_change_share: float) -> float:
        """Factor on discretionary spending that saves so much, changed by at most a share of it."""
        if self.discretionary_trn_yen <= 0.0:
            return 1.0
        change = saving_trn_yen / self.discretionary_trn_yen
        return 1.0 - max(-largest_change_share, min(largest_change_share, change))


class FiscalRule(Rule):
    """The slot: the share of discretionary spending that the rule lets through."""

    slot: ClassVar[str] = "fiscal"

    def tax_effort_pct_gdp(self, view: FiscalView, p: ParameterValues) -> float:
        """Households' taxes and contributions beyond the tax code of the start, percent of GDP.

        The usual practice: in time more as the debt is above where it stood at the start, less as it is below.
        Evidence: Bohn (1998) finds that primary balances answer to debt (0.03-0.05 for the United States), Galí and
        Perotti (2003) that most of a year's stance is last year's (both from memory).
        """
        wanted = p.debt_feedback_response * (view.debt_to_gdp_pct - view.debt_to_gdp_opening_pct)
        return p.debt_feedback_inertia * view.tax_effort_pct_gdp + (1.0 - p.debt_feedback_inertia) * wanted

    def discretionary_factor(self, view: FiscalView) -> float:
        """Factor on next year's discretionary spending (1 leaves the budget as it is)."""
        raise NotImplementedError


@dataclass(frozen=True)
class NoFiscalRule(FiscalRule):
    """The budget as it is; taxes answer to debt as usual."""

    name: ClassVar[str] = "none"

    def discretionary_factor(self, view: FiscalView) -> float:
        """One."""
        return 1.0


@dataclass(frozen=True)
class FixedTaxes(FiscalRule):
    """The budget as it is, and taxes that never answer to debt.

    Evidence: a yardstick, no proposal: what the usual practice is worth.
    """

    name: ClassVar[str] = "fixed-taxes"

    def tax_effort_pct_gdp(self, view: FiscalView, p: ParameterValues) -> float:
        """None."""
        return 0.0

    def discretionary_factor(self, view: FiscalView) -> float:
        """One."""
        return 1.0


@dataclass(frozen=True)
class IssuanceCap(FiscalRule):
    """New bonds of the general account stay under a cap; what is above it is cut.

    Evidence: the cabinet's cap of 44 trillion yen of FY2010-14; new bonds of the FY2026 budget are 29.6.  Bonds of the
    AI special account are outside, as they are in the budget.

    Attributes
    ----------
    cap_trn_yen : new bonds in a year.
    largest_change_share : of discretionary spending that can be cut in a year.
    """

    name: ClassVar[str] = "issuance-cap"
    cap_trn_yen: float = number(30.0, 0.0, 500.0, "trn yen")
    largest_change_share: float = number(0.1, 0.0, 1.0, "share")

    def discretionary_factor(self, view: FiscalView) -> float:
        """Cut what exceeds the cap."""
        above = view.planned_deficit_trn_yen + view.redemption_trn_yen - self.cap_trn_yen
        return view.factor(max(0.0, above), self.largest_change_share)


@dataclass(frozen=True)
class DebtBrake(FiscalRule):
    """The structural deficit stays under a limit; a slump may add to it, a boom takes away.

    Evidence: Germany's brake of 2009 (0.35% of GDP); budget semi-elasticity of 0.35 (OECD).

    Attributes
    ----------
    limit_pct_gdp : structural deficit with the AI special account.
    semi_elasticity : deficit per point of output gap, percent of GDP.
    largest_change_share : of discretionary spending that can be cut in a year.
    """

    name: ClassVar[str] = "debt-brake"
    limit_pct_gdp: float = number(0.35, 0.0, 10.0, "% of GDP")
    semi_elasticity: float = number(0.35, 0.0, 1.0, "pp per pp")
    largest_change_share: float = number(0.1, 0.0, 1.0, "share")

    def discretionary_factor(self, view: FiscalView) -> float:
        """Cut what exceeds the limit and the cycle's part."""
        allowed = (self.limit_pct_gdp - self.semi_elasticity * view.output_gap_pct) / 100.0 * view.nominal_gdp_trn_yen
        return view.factor(max(0.0, view.whole_deficit_trn_yen - allowed), self.largest_change_share)


@dataclass(frozen=True)
class PrimaryBalance(FiscalRule):
    """The primary balance goes to its target, by so much of GDP a year at most.

    Evidence: Japan's target since FY2001; since January 2026 the government looks at several years together (Cabinet
    Office).  The rule only ever saves.

    Attributes
    ----------
    target_pct_gdp : primary balance of central government with the AI special account.
    speed_pct_gdp : improvement asked for in a year.
    largest_change_share : of discretionary spending that can be cut in a year.
    """

    name: ClassVar[str] = "primary-balance"
    target_pct_gdp: float = number(0.0, -10.0, 10.0, "% of GDP")
    speed_pct_gdp: float = number(0.25, 0.0, 5.0, "% of GDP a year")
    largest_change_share: float = number(0.1, 0.0, 1.0, "share")

    def discretionary_factor(self, view: FiscalView) -> float:
        """Save what is missing, at most at the speed."""
        missing = max(0.0, min(self.speed_pct_gdp, self.target_pct_gdp - view.primary_balance_pct))
        return view.factor(missing / 100.0 * view.nominal_gdp_trn_yen, self.largest_change_share)


@dataclass(frozen=True)
class GoldenRule(FiscalRule):
    """The general account borrows for investment only; the AI programme counts as investment and is outside.

    Part of current spending is relabelled as investment, which the rule cannot see.

    Evidence: Article 4 of Japan's Public Finance Act; relabelling of 10-30% (judgement).

    Attributes
    ----------
    relabelled_share : spending counted as investment on top of it, as a share of investment.
    speed_pct_gdp : saving asked for in a year, at most.
    largest_change_share : of discretionary spending that can be cut in a year.
    """

    name: ClassVar[str] = "golden-rule"
    relabelled_share: float = number(0.2, 0.0, 1.0, "share")
    speed_pct_gdp: float = number(0.25, 0.0, 5.0, "% of GDP a year")
    largest_change_share: float = number(0.1, 0.0, 1.0, "share")

    def discretionary_factor(self, view: FiscalView) -> float:
        """Cut what is borrowed beyond investment."""
        allowed = (1.0 + self.relabelled_share) * view.public_investment_trn_yen
        most = self.speed_pct_gdp / 100.0 * view.nominal_gdp_trn_yen
        saving = min(most, max(0.0, view.planned_deficit_trn_yen - allowed))
        return view.factor(saving, self.largest_change_share)


@dataclass(frozen=True)
class DebtFeedback(FiscalRule):
    """The primary balance answers to debt: so much better for each point of debt above where it was, and worse below.

    Evidence: Bohn (1998): 0.03-0.05 for the United States (from memory).

    Attributes
    ----------
    response : primary balance per point of debt, both percent of GDP.
    largest_change_share : of discretionary spending that can be changed in a year.
    """

    name: ClassVar[str] = "debt-feedback"
    response: float = number(0.04, 0.0, 1.0, "pp per pp")
    largest_change_share: float = number(0.1, 0.0, 1.0, "share")

    def tax_effort_pct_gdp(self, view: FiscalView, p: ParameterValues) -> float:
        """None: spending answers instead."""
        return 0.0

    def discretionary_factor(self, view: FiscalView) -> float:
        """Bring the primary balance to what the debt asks for."""
        wanted = view.primary_balance_start_pct + self.response * (view.debt_to_gdp_pct - view.debt_to_gdp_start_pct)
        missing = wanted - view.primary_balance_pct
        return view.factor(missing / 100.0 * view.nominal_gdp_trn_yen, self.largest_change_share)
