"""Ratios of two paired effects: what a trillion yen buys, what part of an effect is left.

The interval is Fieller's: all ratios ``r`` for which zero is inside Student's interval of the mean of
``numerator − r × denominator``.  Where the denominator cannot be told from zero, that set has no end on one side or on
both, and the ratio says so in words; it never becomes a blank.

Source: Fieller, JRSS B 16 (1954).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

FloatArray = NDArray[np.float64]

Reading = Literal["between", "at-least", "at-most", "open", "nothing", "one-world"]
"""What stands for the ratio: an interval; one end; no end at all; nothing over nothing; one world, without interval."""


@dataclass(frozen=True)
class Ratio:
    """A ratio of means with its interval.

    Attributes
    ----------
    value : ratio of the means; None where the denominator is zero.
    low, high : ends of the interval; None where it has none.
    reading : how it is read.
    """

    value: float | None
    low: float | None
    high: float | None
    reading: Reading


def fieller(numerator: FloatArray, denominator: FloatArray, smallest_denominator: float, level: float = 0.95) -> Ratio:
    """Ratio of two means over the same worlds; the denominator is meant to be positive.

    Parameters
    ----------
    numerator, denominator : by world, (n,) each.
    smallest_denominator : stands for a denominator that is zero in every world, so that "at least" has a number.

    Examples
    --------
    >>> fieller(np.array([1.0, 1.1, 0.9]), np.array([2.0, 2.2, 1.8]), 0.01).reading
    'between'
    >>> fieller(np.array([1.0, 1.0, 1.0]), np.zeros(3), 0.01)
    Ratio(value=None, low=100.0, high=None, reading='at-least')
    """
    above, below = float(numerator.mean()), float(denominator.mean())
    value = above / below if below != 0.0 else None
    if not numerator.any() and not denominator.any():
        return Ratio(None, None, None, "nothing")
    n = len(numerator)
    if n < 2:
        return Ratio(value, None, None, "one-world")
    t = float(stdtrit(n - 1, 0.5 + level / 2.0))
    spread = np.cov(numerator, denominator) / n
    if not denominator.any():
        reach = t * math.sqrt(spread[0, 0])
        return _one_sided(above - reach, above + reach, smallest_denominator)
    # r lies in the set if a r² − 2 b r + c <= 0.
    a = below**2 - t**2 * float(spread[1, 1])
    b = above * below - t**2 * float(spread[0, 1])
    c = above**2 - t**2 * float(spread[0, 0])
    # Rounding alone must not make an interval of no width an empty one.
    root = math.sqrt(max(b**2 - a * c, 0.0))
    if a > 0.0:
        return Ratio(value, (b - root) / a, (b + root) / a, "between")
    if c <= 0.0 or a == 0.0:
        return Ratio(value, None, None, "open")
    ends = sorted(((b - root) / a, (b + root) / a))
    return Ratio(value, ends[1], None, "at-least") if above > 0.0 else Ratio(value, None, ends[0], "at-most")


def _one_sided(low: float, high: float, smallest: float) -> Ratio:
    if low > 0.0:
        return Ratio(None, low / smallest, None, "at-least")
    if high < 0.0:
        return Ratio(None, None, high / smallest, "at-most")
    return Ratio(None, None, None, "open")
