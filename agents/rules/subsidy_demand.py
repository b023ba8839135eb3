"""Support from the demand side: help for firms that adopt AI, and a requirement to buy at home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from itcho.agents.named_importers import NATIONAL_AI_COMPANY
from itcho.agents.rules.settings import amounts, choice, number, whole
from itcho.agents.rules.subsidy import RECIPIENTS, ProgrammeView, ScheduledRule, SubsidyRule, Support


@dataclass(frozen=True)
class AdoptionSubsidy(SubsidyRule):
    """The state bears part of what it costs firms to make AI part of their work, whosever AI it is.

    The share falls when the month's money would not do; what is left at the end of a year is carried over.

    Evidence: in Japan use is the bottleneck: 26.7% of people against 68.8% in the United States had used generative AI
    in FY2024 (MIC White Paper).

    Attributes
    ----------
    cost_share : of integration cost that the state bears.
    amounts_trn_yen : budget by fiscal year, from ``first_fiscal_year`` on; what is left over can be spent later.
    first_fiscal_year : of the amounts.
    dose : multiplies every amount.
    """

    name: ClassVar[str] = "adoption-subsidy"
    cost_share: float = number(0.5, 0.0, 1.0, "share")
    amounts_trn_yen: tuple[float, ...] = amounts((0.2, 0.2, 0.2, 0.2, 0.2), 0.0, 100.0, "trn yen")
    first_fiscal_year: int = whole(2026, 2024, 2100, "fiscal year")
    dose: float = number(1.0, 0.0, 100.0, "times")

    def announced_trn_yen(self) -> float:
        """The amounts of all years, trillion yen; nothing if the state bears no part of the cost."""
        return self.dose * sum(self.amounts_trn_yen) if self.cost_share > 0.0 else 0.0

    def support(self, view: ProgrammeView) -> Support:
        """The share that the money left allows."""
        years = max(0, view.fiscal_year - self.first_fiscal_year + 1)
        left = max(0.0, self.dose * sum(self.amounts_trn_yen[:years]) - view.spent_trn_yen)
        expected = self.cost_share * view.adoption_cost_trn_yen
        share = self.cost_share * (min(1.0, left / expected) if expected > 0.0 else float(left > 0.0))
        return Support(adoption_cost_share=share, adoption_budget_trn_yen=left)


@dataclass(frozen=True)
class DomesticContent(ScheduledRule):
    """A part of public bodies and regulated industries must buy their models from suppliers controlled in Japan.

    The requirement is phased in, and meets contracts when they are signed.  It costs the budget nothing by itself;
    amounts to the recipient can be added.  Buyers who are forced take what is behind the frontier, which slows
    adoption.

    Evidence: content rules raise prices by 20-100% in the short run (judgement); learning from them is small and spills
    over borders (Goldberg and others 2024).

    Attributes
    ----------
    amounts_trn_yen : paid to the recipient by fiscal year, from ``first_fiscal_year`` on.
    first_fiscal_year : of the amounts.
    dose : multiplies every amount.
    required_share : part of regulated buyers that are bound.
    first_month : of the run, in which the phase-in begins.
    phase_in_months : time to the full requirement.
    recipient : ledger party that receives the amounts.
    """

    name: ClassVar[str] = "domestic-content"
    amounts_trn_yen: tuple[float, ...] = amounts((), 0.0, 100.0, "trn yen")
    required_share: float = number(0.5, 0.0, 1.0, "share")
    first_month: int = whole(0, 0, 600, "months")
    phase_in_months: int = whole(24, 1, 240, "months")
    recipient: str = choice(NATIONAL_AI_COMPANY, RECIPIENTS)

    def is_due(self, month: int, fiscal_year: int) -> bool:
        """From the first month on, and in fiscal years that have an amount."""
        required = self.required_share > 0.0 and month >= self.first_month
        return required or super().is_due(month, fiscal_year)

    def support(self, view: ProgrammeView) -> Support:
        """The requirement of the month, and the money."""
        phase = min(1.0, max(0.0, (view.month - self.first_month + 1) / self.phase_in_months))
        return Support(
            view.to_one(self.recipient, self.due_trn_yen(view)), domestic_content_share=self.required_share * phase
        )
