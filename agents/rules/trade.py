"""Trade rules: deals that the government can make with the United States."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from agents.world import CalendarView


class TradeRule(Protocol):
    """The slot: extra purchases of US chips in a month."""

    @property
    def name(self) -> str:
        """How the rule is called."""
        ...

    def chip_purchase_trn_yen(self, calendar: CalendarView) -> float:
        """Purchases agreed with the United States for this month, trillion yen."""
        ...


@dataclass(frozen=True)
class StatusQuo:
    """No deal beyond those in force."""

    name: str = "status-quo"

    def chip_purchase_trn_yen(self, calendar: CalendarView) -> float:
        """Nothing."""
        return 0.0
