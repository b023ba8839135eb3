"""Subsidy rules: who receives the programme's money, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from agents.world import CalendarView, WorldView


@dataclass(frozen=True)
class Grant:
    """Money for one recipient in a month, trillion yen; ``recipient`` is a ledger party."""

    recipient: str
    amount_trn_yen: float


class SubsidyRule(Protocol):
    """The slot: grants of the month, given the calendar and what is public."""

    @property
    def name(self) -> str:
        """How the rule is called."""
        ...

    def grants(self, calendar: CalendarView, world: WorldView) -> tuple[Grant, ...]:
        """Grants to pay this month."""
        ...


@dataclass(frozen=True)
class NoSubsidy:
    """No programme: nothing is spent and nothing is raised."""

    name: str = "none"

    def grants(self, calendar: CalendarView, world: WorldView) -> tuple[Grant, ...]:
        """Nothing."""
        return ()


@dataclass(frozen=True)
class FiveYearSchedule:
    """The programme as announced: 0.3873 trillion yen in FY2026 and 1.0 in all over FY2026-30, paid month by month.

    Evidence: METI budget line for FY2026 (0.3873); plan of about one trillion yen over five years (Yomiuri, December
    2025); the split of the later years is not announced and is taken as even.

    Attributes
    ----------
    amounts_trn_yen : by fiscal year, from ``first_fiscal_year`` on.
    dose : multiplies every amount (bounds 0 to 100).
    recipient : ledger party that receives it.
    """

    amounts_trn_yen: tuple[float, ...] = (0.3873, 0.153175, 0.153175, 0.153175, 0.153175)
    first_fiscal_year: int = 2026
    dose: float = 1.0
    recipient: str = "national_ai_company"
    name: str = "five-year-schedule"

    def grants(self, calendar: CalendarView, world: WorldView) -> tuple[Grant, ...]:
        """One twelfth of the fiscal year's amount."""
        year = calendar.fiscal_year - self.first_fiscal_year
        if not 0 <= year < len(self.amounts_trn_yen):
            return ()
        return (Grant(self.recipient, self.dose * self.amounts_trn_yen[year] / 12.0),)
