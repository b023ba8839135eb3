"""Rules that turn figures of paired runs into verdicts on mechanisms, tails and shares: pure functions.

Every rule names what would refute the claim; a claim without a figure of its own is held against the smallest effect
that counts, which each experiment states.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from itcho.experiments.studies.statistics import t_interval

FloatArray = NDArray[np.float64]
Row = tuple[str, float | None, float | None, float | None, str]

HOLDS, PARTLY, FAILS, UNKNOWN = "holds", "partly", "fails", "cannot-tell"
LIKELY, UNLIKELY = 0.5, 0.1
"""A tail claim holds from the first probability on and fails below the second, as claims on levels do."""
DRAWS = 2000


@dataclass(frozen=True)
class Effect:
    """A mean over seeds with its 95% interval.

    Attributes
    ----------
    mean, low, high : of the paired differences.
    median : of them.
    share_zero : share of seeds in which nothing changed at all.
    n : seeds.
    """

    mean: float
    low: float
    high: float
    median: float
    share_zero: float
    n: int

    @property
    def half_width(self) -> float:
        """Half the width of the interval."""
        return (self.high - self.low) / 2.0


def effect(differences: FloatArray | Sequence[float]) -> Effect:
    """Mean, Student interval, median and share of zeros of paired differences.

    Raises
    ------
    ValueError : none, or one that is not finite.
    """
    values = np.asarray(differences, dtype=np.float64)
    if values.size == 0 or not np.isfinite(values).all():
        raise ValueError(f"{values.size} differences, {int((~np.isfinite(values)).sum())} of them not finite")
    low, high = t_interval(values)
    middle = float(values.mean())
    return Effect(middle, low, high, float(np.median(values)), float((values == 0.0).mean()), values.size)


def ratio_effect(top: FloatArray, bottom: FloatArray, rng: np.random.Generator) -> Effect:
    """Sum of ``top`` over sum of ``bottom`` with a bootstrap interval over seeds; median of the ratios by seed.

    The ratio is not defined where the sum below is not above zero.
    """
    return bootstrap(lambda rows: _ratio(rows[:, 0].sum(), rows[:, 1].sum()), np.column_stack([top, bottom]), rng)


def _ratio(top: float, bottom: float) -> float:
    return top / bottom if bottom > 0.0 else math.nan


def bootstrap(statistic: Callable[[FloatArray], float], rows: FloatArray, rng: np.random.Generator) -> Effect:
    """A statistic of all seeds with its percentile interval; seeds are rows and are resampled whole.

    Resamples in which the statistic is not defined count as lower and as higher than all others, so that an interval
    that needs them has no end.
    """
    count = len(rows)
    found = np.array([statistic(rows[chosen]) for chosen in rng.integers(0, count, size=(DRAWS, count))])
    each = np.array([statistic(rows[[seed]]) for seed in range(count)])
    known = each[np.isfinite(each)]
    median = float(np.median(known)) if known.size else math.nan
    low, high = (
        float(np.quantile(np.where(np.isnan(found), worst, found), level, method="nearest"))
        for worst, level in ((-math.inf, 0.025), (math.inf, 0.975))
    )
    return Effect(statistic(rows), low, high, median, float((each == 0.0).mean()), count)


def sign_verdict(found: Effect, counts: float, sign: float = 1.0) -> str:
    """Whether an effect has the claimed sign and a size that counts.

    Holds if the whole interval is at least ``counts`` in the claimed direction; partly if it only has the sign; fails
    if it has the other sign, or is zero with a half-width below a quarter of what counts; else cannot-tell.

    Parameters
    ----------
    found : the effect.
    counts : smallest effect that counts, above zero, in its unit.
    sign : claimed direction, 1 or -1.
    """
    low, high = sorted((sign * found.low, sign * found.high))
    if not math.isfinite(sign * found.mean) or math.isnan(low):
        return UNKNOWN
    if low >= counts:
        return HOLDS
    if low > 0.0:
        return PARTLY
    if high < 0.0 or found.half_width < counts / 4.0:
        return FAILS
    return UNKNOWN


def tail_verdict(probability: float) -> str:
    """Whether an event is likely enough to call the claim borne out: as for levels, from 50%, and not below 10%."""
    return HOLDS if probability >= LIKELY else FAILS if probability < UNLIKELY else PARTLY


def joint_verdict(parts: Sequence[str]) -> str:
    """A claim of several parts: holds or fails if all do; partly if some part is borne out; else cannot-tell."""
    for same in (HOLDS, FAILS):
        if all(part == same for part in parts):
            return same
    return PARTLY if any(part in (HOLDS, PARTLY) for part in parts) else UNKNOWN


def shares_verdict(found: Sequence[Effect], claimed: Sequence[float], widest: float = 30.0) -> str:
    """Whether percentages that add up are those claimed, each within 10% of itself.

    Holds if all are within; partly if one is within, or the same one is largest; fails otherwise.  If an interval is
    wider than ``widest`` points, cannot-tell.
    """
    if any(not math.isfinite(share.half_width) or 2.0 * share.half_width > widest for share in found):
        return UNKNOWN
    within = [abs(share.mean - figure) <= max(0.1 * figure, 0.5) for share, figure in zip(found, claimed, strict=True)]
    if all(within):
        return HOLDS
    same_first = int(np.argmax([share.mean for share in found])) == int(np.argmax(claimed))
    return PARTLY if any(within) or same_first else FAILS


def wilson_interval(hits: int, trials: int) -> tuple[float, float]:
    """Wilson's 95% interval of a frequency (Wilson, JASA 22, 1927); 0 to 1 without trials.

    Examples
    --------
    >>> low, high = wilson_interval(0, 20)
    >>> round(low, 3), round(high, 3)
    (0.0, 0.161)
    """
    if trials == 0:
        return 0.0, 1.0
    z = 1.959964
    share = hits / trials
    middle = share + z * z / (2.0 * trials)
    reach = z * math.sqrt(share * (1.0 - share) / trials + z * z / (4.0 * trials * trials))
    scale = 1.0 + z * z / trials
    return max(0.0, (middle - reach) / scale), min(1.0, (middle + reach) / scale)


def effect_rows(label: str, found: Effect, unit: str) -> tuple[Row, ...]:
    """Rows of the full explanation: the mean with its interval, the median, and the share of zero effects."""
    return (
        (label, finite(found.mean), finite(found.low), finite(found.high), unit),
        (f"{label}: median", finite(found.median), None, None, unit),
        (f"{label}: share of zero effects", 100.0 * found.share_zero, None, None, "%"),
    )


def finite(value: float) -> float | None:
    """The value, or ``None`` if it is not finite."""
    return float(value) if math.isfinite(value) else None
