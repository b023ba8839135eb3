"""Monetary rules that aim at something else than Taylor's: the price level, the long yield, no change at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from itcho.agents.rules.monetary import (
    GAP_RESPONSE,
    INERTIA,
    INFLATION_RESPONSE,
    InertialTaylor,
    MonetaryRule,
    MonetaryView,
    YieldCap,
    taylor_rate_pct,
)
from itcho.agents.rules.settings import choice, number
from itcho.agents.views import ParameterValues


@dataclass(frozen=True)
class PriceLevelTarget(InertialTaylor):
    """The rate answers to the price level against a path that grows at the target, so that bygones are not bygones.

    ``wanted = r* + target + price_level_response (price gap) + gap_response gap``, with inertia.  The path begins when
    the rule comes into force.

    Evidence: helps at the lower bound if it is believed (from memory).

    Attributes
    ----------
    inertia : per quarter.
    inflation_response : to inflation above target, beside the price level.
    gap_response : percentage points per percentage point.
    step_pp : size of a step.
    price_level_response : percentage points of rate per percent of price gap.
    """

    name: ClassVar[str] = "price-level-target"
    inflation_response: float = number(1.0, 1.0, 3.0, "pp per pp")
    gap_response: float = number(0.5, 0.0, 1.5, "pp per pp")
    price_level_response: float = number(0.5, 0.0, 3.0, "pp per %")

    def wanted_rate_pct(self, view: MonetaryView, p: ParameterValues) -> float:
        """Real natural rate, expected inflation at target, and the answers to the price level and the gap."""
        return super().wanted_rate_pct(view, p) + self.price_level_response * view.price_gap_pct


@dataclass(frozen=True)
class ConstantRate(MonetaryRule):
    """The policy rate stays where it stands when the rule comes into force.

    Evidence: a yardstick, no proposal.
    """

    name: ClassVar[str] = "constant"

    def wanted_rate_pct(self, view: MonetaryView, p: ParameterValues) -> float:
        """Where it stands."""
        return view.policy_rate_pct


@dataclass(frozen=True)
class YieldCurveControl(MonetaryRule):
    """The bank buys as many government bonds as it takes when the 10-year yield would rise above a cap.

    What it buys is paid in reserves, on which it pays interest.  The cap gives way once the bank owns so much that
    there is no market left.

    Evidence: Bank of Japan, September 2016 to March 2024 (caps of 0.25 to 1.0%); in 2022 the volatility went to the yen
    and to the bank's balance sheet.

    Attributes
    ----------
    cap_pct : of the 10-year yield.
    largest_share : of all bonds in its own and in private hands that the bank will own.
    short_rate : held where it stands, or set by the Taylor rule.
    inertia : per quarter, under the Taylor rule.
    """

    name: ClassVar[str] = "yield-curve-control"
    cap_pct: float = number(1.5, -0.5, 10.0, "% a year")
    largest_share: float = number(0.8, 0.0, 0.9, "share")
    short_rate: str = choice("held", ("held", "taylor"))
    inertia: float = number(INERTIA, 0.0, 0.99, "per quarter")

    def wanted_rate_pct(self, view: MonetaryView, p: ParameterValues) -> float:
        """Where the rate stands, or Taylor's rate."""
        if self.short_rate == "held":
            return view.policy_rate_pct
        return taylor_rate_pct(view, INFLATION_RESPONSE, GAP_RESPONSE, p)

    def quarterly_inertia(self, view: MonetaryView) -> float:
        """None while the rate is held."""
        return 0.0 if self.short_rate == "held" else self.inertia

    def yield_cap(self) -> YieldCap | None:
        """The cap."""
        return YieldCap(self.cap_pct, self.largest_share)
