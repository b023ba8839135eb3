"""Monetary rules of the Bank of Japan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from agents.world import ParameterView


class MonetaryRule(Protocol):
    """The slot: the rate the rule asks for, how fast the shadow rate goes there, and the step actually taken."""

    @property
    def name(self) -> str:
        """How the rule is called."""
        ...

    def wanted_rate_pct(self, inflation_pct: float, gap_pct: float, p: ParameterView) -> float:
        """The rate that the rule asks for without inertia."""
        ...

    def next_shadow_pct(self, shadow_pct: float, wanted_pct: float) -> float:
        """The shadow rate after one meeting."""
        ...

    def decide_pct(self, rate_pct: float, shadow_pct: float, p: ParameterView) -> float:
        """The policy rate after the meeting."""
        ...

    def quarterly_inertia(self) -> float:
        """Weight on the previous shadow rate over a quarter, with which institutions project the path."""
        ...


@dataclass(frozen=True)
class InertialTaylor:
    """Inertial Taylor rule in steps of 25 basis points.

    ``wanted = r* + target + inflation_response (inflation − target) + gap_response gap``; at each of eight meetings a
    year the shadow rate closes ``1 − inertia^(1/2)`` of the distance; the rate moves by one step when the shadow is at
    least half a step away, and never below the effective lower bound.

    Evidence: Taylor (1993); Miyazawa (2011) for Japan; inertia 0.8-0.96 in estimates for Japan; steps and meetings are
    the Bank of Japan's practice.

    Attributes
    ----------
    inertia : per quarter, 0 to 0.99.
    inflation_response : 1.0 to 3.0.
    gap_response : 0 to 1.5.
    step_pp : size of a step, percentage points.
    """

    inertia: float = 0.90
    inflation_response: float = 1.5
    gap_response: float = 0.4
    step_pp: float = 0.25
    name: str = "inertial-taylor"

    def wanted_rate_pct(self, inflation_pct: float, gap_pct: float, p: ParameterView) -> float:
        """The rate that the rule asks for without inertia."""
        return (
            p.natural_real_rate_pct
            + p.inflation_target_pct
            + self.inflation_response * (inflation_pct - p.inflation_target_pct)
            + self.gap_response * gap_pct
        )

    def next_shadow_pct(self, shadow_pct: float, wanted_pct: float) -> float:
        """The shadow rate after one meeting; two meetings a quarter."""
        keep = self.inertia**0.5
        return keep * shadow_pct + (1.0 - keep) * wanted_pct

    def decide_pct(self, rate_pct: float, shadow_pct: float, p: ParameterView) -> float:
        """One step towards the shadow rate if it is at least half a step away."""
        distance = shadow_pct - rate_pct
        if abs(distance) < self.step_pp / 2.0:
            return rate_pct
        return max(p.effective_lower_bound_pct, rate_pct + (self.step_pp if distance > 0.0 else -self.step_pp))

    def quarterly_inertia(self) -> float:
        """The rule's own inertia."""
        return self.inertia
