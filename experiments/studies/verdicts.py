"""What may be said of a difference: four verdicts, one rule, for every table, report and page.

A verdict is computed from the numbers that stand beside it and says nothing that they do not bear out.
"""

from __future__ import annotations

import math
from typing import Literal

Verdict = Literal["clear", "same-sign", "small", "cannot-tell"]
CLEAR: Verdict = "clear"
SAME_SIGN: Verdict = "same-sign"
SMALL: Verdict = "small"
CANNOT_TELL: Verdict = "cannot-tell"
VERDICTS: tuple[Verdict, ...] = (CLEAR, SAME_SIGN, SMALL, CANNOT_TELL)

MEANING: dict[Verdict, str] = {
    CLEAR: "zero is outside the interval",
    SAME_SIGN: "zero is inside the interval, at least 95% of worlds agree on the sign, the size is uncertain",
    SMALL: "the whole interval is too small to matter",
    CANNOT_TELL: "zero is inside the interval, and so are effects that matter",
}

ONE_WORLD = "one world has no interval"

SAME_SIGN_SHARE = 0.95
FEWEST_SAME_SIGN = 6
"""Worlds from which one sign in all of them is no coin's luck at 5%: 2 × 0.5^6 = 3%, 2 × 0.5^5 = 6%."""


def verdict_on(
    low: float, high: float, share_higher: float, share_lower: float, n: int, smallest_effect: float
) -> Verdict:
    """The verdict on a mean difference.

    Parameters
    ----------
    low, high : its interval, in the outcome's unit; NaN where there is none.
    share_higher, share_lower : shares of the worlds in which the difference is above and below zero.
    n : worlds.
    smallest_effect : smallest effect of interest, in the outcome's unit, zero or more.

    Examples
    --------
    >>> [verdict_on(low, high, 0.97, 0.03, 100, 0.1) for low, high in ((0.2, 0.9), (-0.2, 0.9), (0.02, 0.09))]
    ['clear', 'same-sign', 'small']
    >>> verdict_on(-0.2, 0.9, 0.6, 0.4, 100, 0.1)
    'cannot-tell'
    """
    if not (math.isnan(low) or math.isnan(high)):
        if low == high == 0.0 or (-smallest_effect < low and high < smallest_effect):
            return SMALL
        if low > 0.0 or high < 0.0:
            return CLEAR
    if n >= FEWEST_SAME_SIGN and max(share_higher, share_lower) >= SAME_SIGN_SHARE:
        return SAME_SIGN
    return CANNOT_TELL


def sign_of(verdict: Verdict, low: float, share_higher: float) -> int:
    """Sign of the difference that the verdict stands for: 1 or -1, 0 where it stands for none."""
    if verdict == CLEAR:
        return 1 if low > 0.0 else -1
    if verdict == SAME_SIGN:
        return 1 if share_higher >= SAME_SIGN_SHARE else -1
    return 0


def in_words(sign: int, better: int) -> str:
    """A sign as a reader means it: ``better`` or ``worse`` where one way is, else ``higher`` or ``lower``.

    Parameters
    ----------
    sign : of the difference; 0 gives an empty text.
    better : 1 if higher is better, -1 if lower is, 0 if neither.
    """
    if sign == 0:
        return ""
    if better == 0:
        return "higher" if sign > 0 else "lower"
    return "better" if sign == better else "worse"
