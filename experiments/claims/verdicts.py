"""How a verdict is computed: tolerances of a claimed figure, and the rules for facts, levels and effects.

Nothing else in the project decides a verdict of these kinds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

FloatArray = NDArray[np.float64]

RELATIVE_TOLERANCE = 0.10
USDJPY_TOLERANCE = 2.5
SHARE_TOLERANCE_PP = 0.5
HOLDS_FROM, FAILS_BELOW = 0.5, 0.1
"""Probabilities of a range at which a level holds, and below which it fails."""
SHARP_PART_OF_CLAIM = 0.25
"""An interval around zero rules a claimed effect out if its half-width is below this part of the claim."""

_SHARES = frozenset({"pct", "pp", "ratio", "share"})


@dataclass(frozen=True)
class Range:
    """A claimed range with its tolerance; an end may be infinite.

    Attributes
    ----------
    low, high : what a figure has to lie between, both ends included.
    size : of the claim as stated, in absolute terms: the smaller end that is finite and not zero; 0 for a bare sign.
    """

    low: float
    high: float
    size: float = 0.0

    def holds(self, value: float) -> bool:
        """Whether ``value`` lies in the range, rounding of its last digit apart."""
        slack = 1e-9 * max(1.0, abs(value))
        return self.low - slack <= value <= self.high + slack

    @property
    def sign(self) -> int:
        """Sign that the claim gives the figure: +1, -1, or 0 if the range has both."""
        return 1 if self.low >= 0.0 else -1 if self.high <= 0.0 else 0


def claimed_range(low: float | None, high: float | None, unit: str) -> Range:
    """The range that a claim is tested on.

    A single figure means 10% to both sides, at least half a point for shares and ratios, and 2.5 yen for USD/JPY.  A
    missing end is open.

    Raises
    ------
    ValueError : neither end is given.

    Examples
    --------
    >>> claimed_range(160.0, 160.0, "yen_per_usd")
    Range(low=157.5, high=162.5, size=160.0)
    >>> claimed_range(3.0, 3.0, "pct").low
    2.5
    """
    if low is None and high is None:
        raise ValueError("a claim without a figure has no range")
    sizes = [abs(end) for end in (low, high) if end]
    size = min(sizes) if sizes else 0.0
    if low is not None and low == high:
        half = RELATIVE_TOLERANCE * abs(low)
        if unit == "yen_per_usd":
            half = USDJPY_TOLERANCE
        elif unit in _SHARES:
            half = max(half, SHARE_TOLERANCE_PP)
        return Range(low - half, low + half, size)
    return Range(-math.inf if low is None else low, math.inf if high is None else high, size)


@dataclass(frozen=True)
class Figure:
    """A published figure beside the claimed one.

    Attributes
    ----------
    part : which part of the claim it answers.
    claimed : the claimed range.
    value : the figure.
    status : ``current``, ``earlier`` (an earlier publication for the same period) or ``context`` (not compared).
    """

    part: str
    claimed: Range
    value: float
    status: str


_WORST_FIRST = ("false", "dated", "depends on definition", "true")


def fact_verdict(figures: Sequence[Figure]) -> str:
    """Verdict of a claim from the figures: the worst of its parts.

    A part is true if the current figure of every definition matches, depends on definition if some do, dated if only
    an earlier publication does, else false.

    Raises
    ------
    ValueError : a part has no current figure, or there is none at all.
    """
    parts: dict[str, list[Figure]] = {}
    for figure in figures:
        parts.setdefault(figure.part, []).append(figure)
    if not parts:
        raise ValueError("a claim of fact needs a figure")
    verdicts = {_part_verdict(part) for part in parts.values()}
    return next(verdict for verdict in _WORST_FIRST if verdict in verdicts)


def _part_verdict(figures: Sequence[Figure]) -> str:
    matched = [figure.claimed.holds(figure.value) for figure in figures if figure.status == "current"]
    if not matched:
        raise ValueError(f"'{figures[0].part}' has no current figure")
    if all(matched):
        return "true"
    if any(matched):
        return "depends on definition"
    earlier = any(figure.claimed.holds(figure.value) for figure in figures if figure.status == "earlier")
    return "dated" if earlier else "false"


def level_verdict(probability: float) -> str:
    """Verdict of a claimed level from the probability of its range.

    Examples
    --------
    >>> [level_verdict(p) for p in (0.5, 0.1, 0.09)]
    ['holds', 'partly', 'fails']
    """
    if probability >= HOLDS_FROM:
        return "holds"
    return "fails" if probability < FAILS_BELOW else "partly"


def effect_verdict(low: float, high: float, claimed: Range) -> str:
    """Verdict of a claimed effect from the 95% interval of its mean.

    It holds if the interval lies in the claimed range; partly if the sign is right and the size is not; it fails if the
    sign is wrong, or if zero is inside and the half-width is below a quarter of the claim (for a bare sign: if every
    effect is zero); else cannot-tell.
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return "cannot-tell"
    # Zero at an end of a bare sign's range is no effect, and no effect is not the sign.
    inside = claimed.low <= low and high <= claimed.high
    if inside and not low <= 0.0 <= high:
        return "holds"
    if low <= 0.0 <= high:
        half = (high - low) / 2.0
        return "fails" if half < SHARP_PART_OF_CLAIM * claimed.size or half == 0.0 else "cannot-tell"
    right = claimed.sign == 0 or (low > 0.0) == (claimed.sign > 0)
    return "partly" if right else "fails"


def worst(verdicts: Sequence[str]) -> str:
    """The verdict of a claim that says several things at once: the least favourable."""
    order = ("fails", "cannot-tell", "partly", "holds")
    return next(verdict for verdict in order if verdict in verdicts)


def share_interval(successes: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson's interval of a probability.

    Examples
    --------
    >>> tuple(round(end, 3) for end in share_interval(5, 10))
    (0.237, 0.763)
    """
    if trials == 0:
        return math.nan, math.nan
    z, share = float(norm.ppf(0.5 + level / 2.0)), successes / trials
    centre = (share + z * z / (2.0 * trials)) / (1.0 + z * z / trials)
    half = z * math.sqrt(share * (1.0 - share) / trials + z * z / (4.0 * trials**2)) / (1.0 + z * z / trials)
    return max(0.0, centre - half), min(1.0, centre + half)


def dose_needed(doses: Sequence[float], means: Sequence[float], claimed: Range) -> float | None:
    """The smallest dose whose mean effect reaches the claimed range, on straight lines between the doses given.

    Returns
    -------
    ``None`` if no dose that is given, or between those, reaches the range.

    Examples
    --------
    >>> dose_needed([0.0, 1.0, 3.0], [0.0, 1.0, 5.0], Range(3.0, 4.0, 3.0))
    2.0
    """
    if not doses:
        return None
    if claimed.holds(means[0]):
        return doses[0]
    for place in range(1, len(doses)):
        before, mean = means[place - 1], means[place]
        near = claimed.low if before < claimed.low else claimed.high
        if (before - near) * (mean - near) <= 0.0:
            share = (near - before) / (mean - before)
            return doses[place - 1] + share * (doses[place] - doses[place - 1])
    return None


def dose_beyond(doses: Sequence[float], means: Sequence[float], claimed: Range) -> float | None:
    """The dose at which the last straight line, drawn on, would reach the range; ``None`` if it leads away from it."""
    if len(doses) < 2:
        return None
    slope = (means[-1] - means[-2]) / (doses[-1] - doses[-2])
    near = claimed.low if means[-1] < claimed.low else claimed.high
    if slope == 0.0 or (near - means[-1]) / slope < 0.0:
        return None
    return doses[-1] + (near - means[-1]) / slope
