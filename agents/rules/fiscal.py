"""Fiscal rules: what a rule makes of the budget that the ministry would otherwise pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from agents.world import WorldView


class FiscalRule(Protocol):
    """The slot: the share of discretionary spending that the rule lets through."""

    @property
    def name(self) -> str:
        """How the rule is called."""
        ...

    def discretionary_factor(
        self, planned_deficit_trn_yen: float, discretionary_trn_yen: float, world: WorldView
    ) -> float:
        """Factor on next year's discretionary spending (1 leaves the budget as it is)."""
        ...


@dataclass(frozen=True)
class NoFiscalRule:
    """The budget as it is."""

    name: str = "none"

    def discretionary_factor(
        self, planned_deficit_trn_yen: float, discretionary_trn_yen: float, world: WorldView
    ) -> float:
        """One."""
        return 1.0
