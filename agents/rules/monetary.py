"""Monetary rules of the Bank of Japan: the slot, and the rules of the Taylor family."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from itcho.agents.rules.rule import Rule
from itcho.agents.rules.settings import number
from itcho.agents.views import ParameterValues


class MonetaryView(NamedTuple):
    """What the bank looks at, now or on its projection; percent throughout.

    Attributes
    ----------
    inflation_pct : average of underlying inflation over a year, without what the bank looks through.
    gap_pct : smoothed output gap.
    policy_rate_pct : where the rate stands.
    highest_rate_pct : the highest it has been since the rule is in force.
    price_gap_pct : domestic prices above a path that grew at the target since the rule is in force.
    yen_gap_pct : how much weaker the yen is than its slow average.
    natural_real_rate_pct : the bank's estimate of the natural real rate.
    """

    inflation_pct: float
    gap_pct: float
    policy_rate_pct: float
    highest_rate_pct: float
    price_gap_pct: float
    yen_gap_pct: float
    natural_real_rate_pct: float


class Fading(NamedTuple):
    """How what the bank looks at is expected to go back to normal, as parts of it that are left after a quarter.

    Attributes
    ----------
    gap : of the output gap and of the yen's distance from its average.
    inflation : of inflation's distance from the target and of the price gap.
    looked_through_pp : part of inflation that the bank looks through now: it has been left out of the view.
    looked_through : of that part.
    """

    gap: float
    inflation: float
    looked_through_pp: float = 0.0
    looked_through: float = 0.0


NO_FLOOR_PCT = -100.0
"""No bond yields less."""


class YieldCap(NamedTuple):
    """A promise to buy government bonds, and how few of those planned if their yield falls.

    Attributes
    ----------
    yield_pct : 10-year yield that the purchases are to keep from being exceeded.
    largest_share : of all bonds in the bank's and in private hands that the bank will own.
    floor_pct : 10-year yield below which it buys less than it planned; it sells none.
    """

    yield_pct: float
    largest_share: float
    floor_pct: float = NO_FLOOR_PCT


class MonetaryRule(Rule):
    """The slot: the rate the rule asks for, how fast the shadow rate goes there, and the step actually taken."""

    slot: ClassVar[str] = "monetary"

    def wanted_rate_pct(self, view: MonetaryView, p: ParameterValues) -> float:
        """The rate that the rule asks for without inertia."""
        raise NotImplementedError

    def next_shadow_pct(self, shadow_pct: float, wanted_pct: float, view: MonetaryView) -> float:
        """The shadow rate after one meeting; two meetings a quarter."""
        keep = self.quarterly_inertia(view) ** 0.5
        return float(keep * shadow_pct + (1.0 - keep) * wanted_pct)

    def decide_pct(self, rate_pct: float, shadow_pct: float, p: ParameterValues) -> float:
        """The policy rate after the meeting: the whole number of steps that comes nearest to the shadow rate."""
        steps = round((shadow_pct - rate_pct) / STEP_PP)
        return max(p.effective_lower_bound_pct, rate_pct + STEP_PP * steps) if steps else rate_pct

    def quarterly_inertia(self, view: MonetaryView) -> float:
        """Weight on the previous rate over a quarter, with which institutions project the path."""
        return 0.0

    def projected_rates_pct(
        self, now: MonetaryView, fading: Fading, quarters: int, p: ParameterValues
    ) -> tuple[list[float], float]:
        """The rates of the coming quarters if the rule is followed while all it looks at fades, and where they end."""
        target, lowest = p.inflation_target_pct, p.effective_lower_bound_pct
        inflation, gap, rate, highest, prices, yen, natural = now
        passing = fading.looked_through_pp
        excess = inflation + passing - target
        path = []
        for _ in range(quarters):
            gap *= fading.gap
            excess *= fading.inflation
            passing *= fading.looked_through
            prices *= fading.inflation
            yen *= fading.gap
            view = MonetaryView(target + excess - passing, gap, rate, highest, prices, yen, natural)
            keep = self.quarterly_inertia(view)
            rate = max(lowest, keep * rate + (1.0 - keep) * self.wanted_rate_pct(view, p))
            highest = max(highest, rate)
            path.append(rate)
        return path, self.wanted_rate_pct(MonetaryView(target, 0.0, rate, highest, 0.0, 0.0, natural), p)

    def yield_cap(self) -> YieldCap | None:
        """The 10-year yield above which the bank buys, and how far; None if it does not."""
        return None


STEP_PP = 0.25
"""Size of a step, percentage points: the Bank of Japan's practice."""

INERTIA, INFLATION_RESPONSE, GAP_RESPONSE = 0.82, 2.1, 0.465
"""Settings of the Bank of Japan's own rule: per quarter, and percentage points per percentage point."""


@dataclass(frozen=True)
class InertialTaylor(MonetaryRule):
    """Inertial Taylor rule in steps of 25 basis points.

    ``wanted = r* + target + inflation_response (inflation − target) + gap_response gap``; at each of eight meetings a
    year the shadow rate closes ``1 − inertia^(1/2)`` of the distance; the rate moves by one step when the shadow is at
    least half a step away, and never below the effective lower bound.

    Evidence: Taylor (1993); Miyazawa (2011) for Japan; estimates for Japan have inertia of 0.80-0.94, responses of
    1.2-2.5 to inflation and of 0.1-1 to the gap, within which the defaults were searched on the response targets; steps
    and meetings are the Bank of Japan's practice.

    Attributes
    ----------
    inertia : per quarter.
    inflation_response, gap_response : percentage points per percentage point.
    step_pp : size of a step.
    """

    name: ClassVar[str] = "inertial-taylor"
    inertia: float = number(INERTIA, 0.0, 0.99, "per quarter")
    inflation_response: float = number(INFLATION_RESPONSE, 1.0, 3.0, "pp per pp")
    gap_response: float = number(GAP_RESPONSE, 0.0, 1.5, "pp per pp")
    step_pp: float = number(STEP_PP, 0.01, 1.0, "pp")

    def wanted_rate_pct(self, view: MonetaryView, p: ParameterValues) -> float:
        """The rate that the rule asks for without inertia."""
        return taylor_rate_pct(view, self.inflation_response, self.gap_response, p)

    def decide_pct(self, rate_pct: float, shadow_pct: float, p: ParameterValues) -> float:
        """One step towards the shadow rate if it is at least half a step away."""
        distance = shadow_pct - rate_pct
        if abs(distance) < self.step_pp / 2.0:
            return rate_pct
        return max(p.effective_lower_bound_pct, rate_pct + (self.step_pp if distance > 0.0 else -self.step_pp))

    def quarterly_inertia(self, view: MonetaryView) -> float:
        """The rule's own inertia."""
        return self.inertia

    def projected_rates_pct(
        self, now: MonetaryView, fading: Fading, quarters: int, p: ParameterValues
    ) -> tuple[list[float], float]:
        """As for any rule, to the bit; Taylor's rate needs neither the rest of what the bank sees nor a view of it."""
        kind = type(self)
        if (
            kind.wanted_rate_pct is not InertialTaylor.wanted_rate_pct
            or kind.quarterly_inertia is not InertialTaylor.quarterly_inertia
        ):
            return super().projected_rates_pct(now, fading, quarters, p)
        target, lowest = p.inflation_target_pct, p.effective_lower_bound_pct
        inflation_response, gap_response, keep = self.inflation_response, self.gap_response, self.inertia
        neutral, rate = now.natural_real_rate_pct + target, now.policy_rate_pct
        gap_lasts, inflation_lasts, passing, passing_lasts = fading
        gap, excess = now.gap_pct, now.inflation_pct + passing - target
        rest, path = 1.0 - keep, []
        for _ in range(quarters):
            gap *= gap_lasts
            excess *= inflation_lasts
            passing *= passing_lasts
            wanted = neutral + inflation_response * (target + excess - passing - target) + gap_response * gap
            rate = keep * rate + rest * wanted
            if rate < lowest:
                rate = lowest
            path.append(rate)
        return path, neutral


def taylor_rate_pct(view: MonetaryView, inflation_response: float, gap_response: float, p: ParameterValues) -> float:
    """Taylor's rate: natural rate, target, and the responses to inflation above target and to the gap."""
    rate: float = (
        view.natural_real_rate_pct
        + p.inflation_target_pct
        + inflation_response * (view.inflation_pct - p.inflation_target_pct)
        + gap_response * view.gap_pct
    )
    return rate


@dataclass(frozen=True)
class Taylor(MonetaryRule):
    """Taylor's rule without inertia: at each meeting the rate goes to the step nearest to what the rule asks for.

    Evidence: Taylor (1993), coefficients 1.5 and 0.5; inertia lowers the volatility of rates at a small loss (from
    memory).

    Attributes
    ----------
    inflation_response, gap_response : percentage points per percentage point.
    """

    name: ClassVar[str] = "taylor"
    inflation_response: float = number(1.5, 1.0, 3.0, "pp per pp")
    gap_response: float = number(0.5, 0.0, 1.5, "pp per pp")

    def wanted_rate_pct(self, view: MonetaryView, p: ParameterValues) -> float:
        """The rate that the rule asks for."""
        return taylor_rate_pct(view, self.inflation_response, self.gap_response, p)


@dataclass(frozen=True)
class YenAugmented(InertialTaylor):
    """The inertial Taylor rule, and a higher rate when the yen is weaker than its slow average.

    Evidence: estimates of the exchange rate's place in reaction functions are mixed: 0 to 0.3 points per 10%; it adds
    little where pass-through is below half a point per 10% (from memory).

    Attributes
    ----------
    inertia : per quarter.
    inflation_response, gap_response : percentage points per percentage point.
    step_pp : size of a step.
    yen_response : percentage points of rate per 10% of yen weakness.
    """

    name: ClassVar[str] = "yen-augmented"
    yen_response: float = number(0.2, 0.0, 3.0, "pp per 10%")

    def wanted_rate_pct(self, view: MonetaryView, p: ParameterValues) -> float:
        """Taylor's rate and the answer to the yen."""
        return super().wanted_rate_pct(view, p) + self.yen_response * view.yen_gap_pct / 10.0


@dataclass(frozen=True)
class EarlyNormalisation(InertialTaylor):
    """One step at every meeting until the rate is neutral; the inertial Taylor rule from then on.

    Evidence: the bank's range for the neutral rate is 1.0-2.5%.

    Attributes
    ----------
    inertia : per quarter, once the rate has been neutral.
    inflation_response, gap_response : percentage points per percentage point.
    step_pp : size of a step.
    neutral_rate_pct : where the steps end.
    """

    name: ClassVar[str] = "early-normalisation"
    neutral_rate_pct: float = number(1.75, 0.0, 5.0, "% a year")

    def _rising(self, view: MonetaryView) -> bool:
        return view.highest_rate_pct < self.neutral_rate_pct - 0.5 * self.step_pp

    def wanted_rate_pct(self, view: MonetaryView, p: ParameterValues) -> float:
        """Neutral, until it has been reached."""
        return self.neutral_rate_pct if self._rising(view) else super().wanted_rate_pct(view, p)

    def quarterly_inertia(self, view: MonetaryView) -> float:
        """Two steps a quarter close most of what is left; afterwards the rule's own inertia."""
        if not self._rising(view):
            return self.inertia
        left = self.neutral_rate_pct - view.policy_rate_pct
        return max(0.0, 1.0 - 2.0 * self.step_pp / left)

    def next_shadow_pct(self, shadow_pct: float, wanted_pct: float, view: MonetaryView) -> float:
        """Straight to neutral on the way up."""
        return wanted_pct if self._rising(view) else super().next_shadow_pct(shadow_pct, wanted_pct, view)
