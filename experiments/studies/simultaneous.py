"""Intervals that hold all at once, each as wide as its own column needs.

Every column is studentised and bootstrapped with the others, replicate by replicate, and measured on its own bootstrap
distribution (prepivoting), so that all columns have the same error rate and both tails of each have half of it.  What
the columns share is one number, that error rate: a wild column moves it between Bonferroni's and the level of a single
column, and moves nothing else of its neighbours.

Sources: Beran, *Balanced simultaneous confidence sets*, JASA 83 (1988), for prepivoting; Hall, *Theoretical comparison
of bootstrap confidence intervals*, Annals of Statistics 16 (1988), for the studentised bootstrap; Romano and Wolf,
*Stepwise multiple testing as formalized data snooping*, Econometrica 73 (2005), for stepdown; Holm, Scandinavian
Journal of Statistics 6 (1979), for what stepdown never exceeds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

FloatArray = NDArray[np.float64]

RESAMPLES = 20_000
"""Tails of one column among hundreds are looked up in these: ten times what a single interval needs."""
FEWEST_EFFECTS = 5
"""Columns with fewer values other than zero have no tails of their own: too many resamples would have none."""
FEWEST_REPLICATES = 20
"""With fewer replicates neither tails nor dependence are learnt from them: Student's tails and Bonferroni's and Holm's
bounds stand."""
SKEWED_FROM = 1.96
"""Standard errors of a normal sample's skewness from which an interval may be wider than Bonferroni's."""
_EDGE = 10
"""Tails with fewer resamples than this are drawn on from here with Student's shape."""
_SMALLEST_STRETCH = 0.1
"""A tail is never taken for shorter than this part of Student's, whatever few resamples say."""
_NUMBERS_AT_ONCE = 4_000_000
OPEN_ZERO = math.ulp(0.0)
"""End of an interval that reaches zero and does not hold it: the smallest number above zero."""


@dataclass(frozen=True)
class SimultaneousIntervals:
    """Intervals that hold all at once, and the tests that go with them.

    Attributes
    ----------
    low, high : (columns,).  Zero is outside exactly if ``p_stepdown`` is below one less the level; where only the
        later steps of stepdown exclude it, the end on its side is :data:`OPEN_ZERO` with its sign.
    p_values : of a mean of zero, each column on its own, (columns,).
    p_stepdown : the same, adjusted for all columns by stepdown, (columns,).
    p_holm : the same, adjusted by Holm without using the dependence of columns, (columns,).
    error_each : error rate of each column: between (1 - level) / columns and 1 - level; NaN for one replicate.
    """

    low: FloatArray
    high: FloatArray
    p_values: FloatArray
    p_stepdown: FloatArray
    p_holm: FloatArray
    error_each: float


def simultaneous_intervals(
    differences: FloatArray, rng: np.random.Generator, level: float = 0.95, resamples: int = RESAMPLES
) -> SimultaneousIntervals:
    """Balanced simultaneous intervals of all column means.

    Parameters
    ----------
    differences : paired differences, (replicates × columns); rows are resampled whole, so columns may depend on each
        other, as they do under common random numbers.
    rng : what is drawn depends on the number of replicates and resamples alone, never on the differences.

    Returns
    -------
    An interval reaches to the column's own bootstrapped tails at the common error rate, and at least to Student's.  Of
    a column whose skewness a normal sample might have, it is no wider in all than Bonferroni's: it is moved towards
    the longer tail.  A column that does not vary gets its mean as both ends and is no test.  Tails are Student's for a
    column with fewer than :data:`FEWEST_EFFECTS` values other than zero, and with fewer than :data:`FEWEST_REPLICATES`
    replicates all intervals are Student's with Bonferroni's correction.

    Raises
    ------
    ValueError : a difference is not finite, or there is none.
    """
    values = finite(differences)
    n, columns = values.shape
    if n < 2:
        nothing = np.full(columns, math.nan)
        return SimultaneousIntervals(nothing, nothing, nothing, nothing, nothing, math.nan)
    means = values.mean(axis=0)
    errors = values.std(axis=0, ddof=1) / math.sqrt(n)
    # A column of equal numbers has a spread of rounding only.
    tested = (np.ptp(values, axis=0) > 0.0) & (errors > 0.0)
    p_values = np.where(means == 0.0, 1.0, 0.0)
    low, high = means.copy(), means.copy()
    if not tested.any():
        return SimultaneousIntervals(low, high, p_values, p_values, p_values, 1.0 - level)
    tests = _Tests(values[:, tested], means[tested] / errors[tested], rng, 1.0 - level, resamples)
    below, above = tests.reach()
    low[tested], high[tested] = means[tested] - above * errors[tested], means[tested] + below * errors[tested]
    stepdown, by_holm = p_values.copy(), p_values.copy()
    p_values[tested], stepdown[tested], by_holm[tested] = tests.p_values, tests.stepdown(), holm(tests.p_values)
    claimed = tested & (stepdown < 1.0 - level)
    low = np.where(claimed & (means > 0.0), np.maximum(low, OPEN_ZERO), low)
    high = np.where(claimed & (means < 0.0), np.minimum(high, -OPEN_ZERO), high)
    return SimultaneousIntervals(low, high, p_values, stepdown, by_holm, tests.error_each)


class _Tests:
    """The columns that vary: their bootstrap, its tails, and what follows from both."""

    def __init__(
        self, values: FloatArray, statistics: FloatArray, rng: np.random.Generator, error: float, resamples: int
    ) -> None:
        self.n, self.columns = values.shape
        self.bonferroni = error / self.columns
        bootstrapped = _bootstrapped(values, rng, resamples)
        order = np.argsort(bootstrapped, axis=1, kind="stable")
        self.prepivoted = _two_sided_ranks(order)
        self.error_each = self._error_each(error)
        many = self.enough & ((values != 0.0).sum(axis=0) >= FEWEST_EFFECTS)
        skewed = many & (np.abs(skewness(values)) > SKEWED_FROM * _skewness_error(self.n))
        tails = np.take_along_axis(bootstrapped, order, axis=1)
        self.below, self.above = self._stretches(tails, many, skewed)
        # A high mean is held against its lower end, a low one against its upper end.
        stretch = np.where(statistics > 0.0, self.above, self.below)
        self.p_values = 2.0 * stdtr(self.n - 1, -np.abs(statistics) / stretch)

    @property
    def enough(self) -> bool:
        """Whether there are replicates enough to learn tails and dependence from."""
        return self.n >= FEWEST_REPLICATES

    def _error_each(self, error: float) -> float:
        """The common error rate, between Bonferroni's and that of a single column.

        It is the largest at which the first step of :meth:`stepdown` rejects what lies below it.
        """
        if not self.enough:
            return self.bonferroni
        smallest = np.sort(self.prepivoted.min(axis=0))
        place = math.ceil(error * (len(smallest) + 1) - 1.0) - 1
        return min(max(float(smallest[place]) if place >= 0 else 0.0, self.bonferroni), error)

    def _stretches(
        self, tails: FloatArray, many: NDArray[np.bool_], skewed: NDArray[np.bool_]
    ) -> tuple[FloatArray, FloatArray]:
        """How far each tail reaches, over Student's at the common error rate: lower and upper, (columns,) each."""
        student = self._student(self.error_each)
        own = np.stack([
            -_lower_quantile(tails, self.error_each / 2.0, self.n),
            -_lower_quantile(-tails[:, ::-1], self.error_each / 2.0, self.n),
        ]) / student  # fmt: skip
        own = np.where(many, own, 1.0)
        both = np.maximum(own, 1.0)
        # What cannot be told from a normal sample is moved towards its longer tail, within Bonferroni's width: first
        # the shorter side gives way, to its own quantile at most, then the longer one.
        most = 2.0 * self._student(self.bonferroni) / student
        excess = np.where(skewed, 0.0, np.maximum(both.sum(axis=0) - most, 0.0))
        near, each = np.argmin(both, axis=0), np.arange(self.columns)
        given = np.minimum(excess, both[near, each] - np.minimum(own[near, each], both[near, each]))
        both[near, each] -= given
        both[1 - near, each] -= excess - given
        below, above = np.maximum(both, _SMALLEST_STRETCH)
        return below, above

    def _student(self, rate: float) -> float:
        return -float(stdtrit(self.n - 1, rate / 2.0))

    def reach(self) -> tuple[FloatArray, FloatArray]:
        """Standard errors from the mean to its upper and to its lower end, (columns,) each."""
        student = self._student(self.error_each)
        return self.below * student, self.above * student

    def stepdown(self) -> FloatArray:
        """Adjusted p-values: each is held against the smallest of those that are not rejected before it."""
        if not self.enough:
            return holm(self.p_values)
        order = np.argsort(self.p_values, kind="stable")
        found = np.empty(self.columns)
        smallest = np.full(self.prepivoted.shape[1], math.inf)
        for rank in range(self.columns - 1, -1, -1):
            column = order[rank]
            smallest = np.minimum(smallest, self.prepivoted[column])
            p_value = self.p_values[column]
            joint = float((smallest <= p_value).sum() + 1) / (len(smallest) + 1)
            # Holm's bound holds whatever the dependence, and needs no resamples to count.
            found[column] = max(p_value, min(joint, (self.columns - rank) * p_value))
        found[order] = np.maximum.accumulate(found[order])
        return np.minimum(found, 1.0)


def finite(values: FloatArray) -> FloatArray:
    """``values`` as numbers.

    Raises
    ------
    ValueError : one is not finite, or there is none.
    """
    found = np.asarray(values, dtype=np.float64)
    if found.size == 0:
        raise ValueError("there is nothing to summarise")
    if not np.isfinite(found).all():
        raise ValueError(f"{int((~np.isfinite(found)).sum())} of {found.size} values are not finite")
    return found


def skewness(values: FloatArray) -> FloatArray:
    """Sample skewness of each column, (columns,); 0 for one that does not vary."""
    centred = values - values.mean(axis=0)
    scale = np.abs(centred).max(axis=0)
    centred = centred / np.where(scale > 0.0, scale, 1.0)
    second, third = (centred**2).mean(axis=0), (centred**3).mean(axis=0)
    return np.asarray(np.where(second > 0.0, third / np.where(second > 0.0, second, 1.0) ** 1.5, 0.0))


def _skewness_error(n: int) -> float:
    """Standard deviation of the skewness of a normal sample."""
    return math.sqrt(6.0 * (n - 2) / ((n + 1) * (n + 3)))


def _bootstrapped(values: FloatArray, rng: np.random.Generator, resamples: int) -> FloatArray:
    """Bootstrapped t-statistics around the observed means, (columns × resamples)."""
    n, columns = values.shape
    centred = values - values.mean(axis=0)
    centred = centred / np.abs(centred).max(axis=0)
    sums = np.concatenate([centred, centred**2], axis=1)
    found = np.empty((columns, resamples))
    portion = max(1, _NUMBERS_AT_ONCE // n)
    for first in range(0, resamples, portion):
        count = min(portion, resamples - first)
        places = rng.integers(0, n, size=(count, n)) + n * np.arange(count)[:, None]
        # Sums over resampled rows are counts times values: no (resamples × n × columns) array is made.
        counts = np.bincount(places.ravel(), minlength=n * count).reshape(count, n).astype(np.float64)
        mean, square = np.split(counts @ sums / n, 2, axis=1)
        spread = np.sqrt(np.maximum(square - mean**2, 0.0) / (n - 1))
        # A resample of equal values has no t: it counts as farther out than all others, on its mean's side.
        safe = spread > 1e-9
        t = np.where(safe, mean / np.where(safe, spread, 1.0), np.where(mean == 0.0, 0.0, np.copysign(math.inf, mean)))
        found[:, first : first + count] = t.T
    known = np.isfinite(found)
    farthest = np.where(known, np.abs(found), 0.0).max(axis=1, keepdims=True)
    return np.clip(found, -farthest, farthest)


def _two_sided_ranks(order: NDArray[np.int64]) -> FloatArray:
    """Each resample's value on its column's own bootstrap distribution, as a two-sided p, (columns × resamples)."""
    resamples = order.shape[1]
    place = np.arange(resamples) + 0.5
    ranked = 2.0 * np.minimum(place, resamples - place) / resamples
    found = np.empty(order.shape)
    np.put_along_axis(found, order, np.broadcast_to(ranked, order.shape), axis=1)
    return found


def _lower_quantile(tails: FloatArray, share: float, n: int) -> FloatArray:
    """Quantile of each row of ascending values, (rows,); drawn on with Student's shape where resamples are few."""
    resamples = tails.shape[1]
    edge = max(share, min(0.25, _EDGE / resamples))
    place = edge * (resamples - 1)
    first = int(place)
    second = min(first + 1, resamples - 1)
    found = tails[:, first] + (place - first) * (tails[:, second] - tails[:, first])
    return np.asarray(found * float(stdtrit(n - 1, share)) / float(stdtrit(n - 1, edge)))


def holm(p_values: FloatArray) -> FloatArray:
    """Holm's adjusted p-values: the chance of any false claim is kept; NaN stays NaN.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03, 0.005])).round(3).tolist()
    [0.03, 0.06, 0.06, 0.02]
    """
    return stepwise(p_values, lambda ordered: np.maximum.accumulate(ordered * np.arange(len(ordered), 0, -1)))


def stepwise(p_values: FloatArray, step: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """P-values adjusted in ascending order by ``step``, at most 1; NaN stays NaN and does not count."""
    values = np.asarray(p_values, dtype=np.float64)
    found = np.full(values.shape, math.nan)
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(values[known], kind="stable")]
    found[order] = np.minimum(step(values[order]), 1.0)
    return found
