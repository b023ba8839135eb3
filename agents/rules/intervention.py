"""Rules for intervention in the currency market."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class InterventionRule(Protocol):
    """The slot: dollars bought in a session."""

    @property
    def name(self) -> str:
        """How the rule is called."""
        ...

    def order_bn_usd(self, log_prices: list[float], month: int, session: int) -> float:
        """Dollars to buy (negative: to sell) in this session, billion; ``log_prices`` of the last sessions."""
        ...


@dataclass(frozen=True)
class NoIntervention:
    """The ministry stays out of the market."""

    name: str = "none"

    def order_bn_usd(self, log_prices: list[float], month: int, session: int) -> float:
        """Nothing."""
        return 0.0
