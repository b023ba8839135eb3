"""Statistics of paired differences: what common random numbers make sharp, and nothing they make wrong.

All functions are pure; bootstraps take the generator they draw from.  Replicates are rows and are resampled whole, so
the dependence between policies and outcomes of a replicate is kept.

Sources: Efron, *Better bootstrap confidence intervals*, JASA 82 (1987), for BCa; Romano and Wolf, *Stepwise multiple
testing as formalized data snooping*, Econometrica 73 (2005), for the studentised maximum; Holm, Scandinavian Journal of
Statistics 6 (1979); Benjamini and Hochberg, JRSS B 57 (1995); Hsu, *Multiple comparisons* (1996), for the set of those
not worse than the best.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtr, stdtrit

FloatArray = NDArray[np.float64]
Interval = tuple[float, float]

RESAMPLES = 2000
FEWEST_EFFECTS = 5
"""Columns with fewer values other than zero are kept out of the bootstrap: too many resamples would have none."""
_NUMBERS_AT_ONCE = 4_000_000
NO_INTERVAL: Interval = (math.nan, math.nan)


@dataclass(frozen=True)
class PairedSummary:
    """A policy against the baseline, one outcome, paired by replicate.

    Attributes
    ----------
    n : replicates.
    policy_mean, baseline_mean : levels.
    mean, median : of the differences policy − baseline.
    sd : standard deviation of the differences.
    t : Student's interval of the mean.
    bca, median_bca : BCa bootstrap intervals of mean and median.
    p_value : of Student's test that the mean difference is zero; 1 if all differences are zero.
    share_higher, share_zero : shares of replicates with a difference above zero, and of exactly zero.
    correlation : of the two levels; NaN if one of them does not vary.
    variance_ratio : variance of the difference of independent runs over that of the paired ones; infinite if the
        differences do not vary.
    """

    n: int
    policy_mean: float
    baseline_mean: float
    mean: float
    median: float
    sd: float
    t: Interval
    bca: Interval
    median_bca: Interval
    p_value: float
    share_higher: float
    share_zero: float
    correlation: float
    variance_ratio: float


def paired_summary(
    policy: FloatArray, baseline: FloatArray, rng: np.random.Generator, level: float = 0.95, resamples: int = RESAMPLES
) -> PairedSummary:
    """Summarise paired replicates.

    Parameters
    ----------
    policy, baseline : levels, (n,) each.

    Raises
    ------
    ValueError : a level is not finite, lengths differ, or there is none.
    """
    policy, baseline = _finite(policy), _finite(baseline)
    if policy.shape != baseline.shape:
        raise ValueError(f"{len(policy)} values against {len(baseline)}: pairs are needed")
    difference = policy - baseline
    n = len(difference)
    sd = float(difference.std(ddof=1)) if n > 1 else math.nan
    apart = float(policy.var(ddof=1) + baseline.var(ddof=1)) if n > 1 else math.nan
    varies = n > 1 and policy.std() > 0.0 and baseline.std() > 0.0
    return PairedSummary(
        n=n,
        policy_mean=float(policy.mean()),
        baseline_mean=float(baseline.mean()),
        mean=float(difference.mean()),
        median=float(np.median(difference)),
        sd=sd,
        t=t_interval(difference, level),
        bca=bca_interval(_row_means, difference, rng, level, resamples),
        median_bca=bca_interval(_row_medians, difference, rng, level, resamples),
        p_value=t_test(difference),
        share_higher=float((difference > 0.0).mean()),
        share_zero=float((difference == 0.0).mean()),
        correlation=float(np.corrcoef(policy, baseline)[0, 1]) if varies else math.nan,
        variance_ratio=apart / sd**2 if n > 1 and sd > 0.0 else math.inf if n > 1 else math.nan,
    )


def _row_means(sample: FloatArray) -> FloatArray:
    return sample.mean(axis=1)


def _row_medians(sample: FloatArray) -> FloatArray:
    return np.median(sample, axis=1)


def _finite(values: FloatArray) -> FloatArray:
    found = np.asarray(values, dtype=np.float64)
    if found.size == 0:
        raise ValueError("there is nothing to summarise")
    if not np.isfinite(found).all():
        raise ValueError(f"{int((~np.isfinite(found)).sum())} of {found.size} values are not finite")
    return found


def half_width(difference: FloatArray, level: float = 0.95) -> float:
    """Half the width of Student's interval of the mean; infinite for fewer than two values."""
    n = len(difference)
    if n < 2:
        return math.inf
    return float(stdtrit(n - 1, 0.5 + level / 2.0) * difference.std(ddof=1) / math.sqrt(n))


def t_interval(difference: FloatArray, level: float = 0.95) -> Interval:
    """Student's interval of the mean; NaN for fewer than two values."""
    if len(difference) < 2:
        return NO_INTERVAL
    middle, half = float(difference.mean()), half_width(difference, level)
    return middle - half, middle + half


def t_test(difference: FloatArray) -> float:
    """Two-sided p-value of a mean of zero; NaN for fewer than two values, 1 if all are zero."""
    n = len(difference)
    if n < 2:
        return math.nan
    error = float(difference.std(ddof=1)) / math.sqrt(n)
    mean = float(difference.mean())
    if error == 0.0:
        return 1.0 if mean == 0.0 else 0.0
    return float(2.0 * stdtr(n - 1, -abs(mean / error)))


def resample_rows(n: int, rng: np.random.Generator, resamples: int, width: int = 1) -> Iterator[NDArray[np.int64]]:
    """Row numbers drawn with replacement, (some resamples × n), in portions that fit into memory."""
    portion = max(1, _NUMBERS_AT_ONCE // max(1, n * width))
    for first in range(0, resamples, portion):
        yield rng.integers(0, n, size=(min(portion, resamples - first), n))


def bca_interval(
    statistic: Callable[[FloatArray], FloatArray],
    rows: FloatArray,
    rng: np.random.Generator,
    level: float = 0.95,
    resamples: int = RESAMPLES,
) -> Interval:
    """Bias-corrected and accelerated bootstrap interval.

    Parameters
    ----------
    statistic : of many samples at once: (samples × n × ...) to (samples,).
    rows : the sample, (n × ...); rows are resampled whole.

    Returns
    -------
    The interval; NaN for fewer than three rows, a point if all rows are equal.
    """
    n = len(rows)
    if n < 3:
        return NO_INTERVAL
    observed = float(statistic(rows[None])[0])
    if (rows == rows[0]).all():
        return observed, observed
    width = int(np.prod(rows.shape[1:], dtype=int))
    drawn = np.concatenate([statistic(rows[chosen]) for chosen in resample_rows(n, rng, resamples, width)])
    # Ties count half, so that a statistic with few values is not taken for biased.
    below = (np.sum(drawn < observed) + 0.5 * np.sum(drawn == observed)) / len(drawn)
    bias = float(ndtri(np.clip(below, 0.5 / len(drawn), 1.0 - 0.5 / len(drawn))))
    left_out = _jackknife(statistic, rows, width)
    deviation = left_out.mean() - left_out
    spread = float((deviation**2).sum()) ** 1.5
    acceleration = float((deviation**3).sum()) / (6.0 * spread) if spread > 0.0 else 0.0
    tails = ndtri(np.array([0.5 - level / 2.0, 0.5 + level / 2.0]))
    shares = ndtr(bias + (bias + tails) / (1.0 - acceleration * (bias + tails)))
    low, high = np.quantile(drawn, shares)
    return float(low), float(high)


def _jackknife(statistic: Callable[[FloatArray], FloatArray], rows: FloatArray, width: int) -> FloatArray:
    """The statistic without each row in turn, (n,)."""
    n = len(rows)
    portion = max(1, _NUMBERS_AT_ONCE // (n * width))
    found = []
    for first in range(0, n, portion):
        out = np.arange(first, min(first + portion, n))
        kept = np.arange(n - 1) + (np.arange(n - 1) >= out[:, None])
        found.append(statistic(rows[kept]))
    return np.concatenate(found)


@dataclass(frozen=True)
class SimultaneousIntervals:
    """Intervals that hold all at once.

    Attributes
    ----------
    low, high : (columns,).
    critical : how many standard errors they reach to each side.
    """

    low: FloatArray
    high: FloatArray
    critical: float


def simultaneous_intervals(
    differences: FloatArray, rng: np.random.Generator, level: float = 0.95, resamples: int = RESAMPLES
) -> SimultaneousIntervals:
    """Intervals of all column means at once: the bootstrap of the largest studentised deviation.

    Parameters
    ----------
    differences : paired differences, (replicates × columns); rows are resampled whole, so columns may depend on each
        other, as they do under common random numbers.

    Returns
    -------
    A column that does not vary gets its mean as both ends.  One with fewer than :data:`FEWEST_EFFECTS` values other
    than zero is left out of the bootstrap and gets a Student interval with Bonferroni's correction.

    Raises
    ------
    ValueError : a difference is not finite.
    """
    values = _finite(differences)
    n, columns = values.shape
    means = values.mean(axis=0)
    if n < 2:
        nothing = np.full(columns, math.nan)
        return SimultaneousIntervals(nothing, nothing, math.nan)
    errors = values.std(axis=0, ddof=1) / math.sqrt(n)
    varies = errors > 0.0
    many = varies & ((values != 0.0).sum(axis=0) >= FEWEST_EFFECTS)
    # Never less than Student's own interval: with few replicates the bootstrap alone would be too narrow.
    reach = float(stdtrit(n - 1, 0.5 + level / 2.0))
    if many.any():
        largest = [np.abs(t).max(axis=1) for t in _studentised(values[:, many], means[many], rng, resamples)]
        reach = max(reach, float(np.quantile(np.concatenate(largest), level)))
    bonferroni = float(stdtrit(n - 1, 1.0 - (1.0 - level) / (2.0 * columns)))
    half = np.where(many, reach, max(bonferroni, reach)) * errors
    return SimultaneousIntervals(means - half, means + half, reach)


def _studentised(
    values: FloatArray, means: FloatArray, rng: np.random.Generator, resamples: int
) -> Iterator[FloatArray]:
    """Bootstrapped t-statistics around the observed means, (some resamples × columns)."""
    n, columns = values.shape
    centred = values - means
    for chosen in resample_rows(n, rng, resamples, columns):
        # Sums over resampled rows are counts times values: no (resamples × n × columns) array is made.
        places = chosen + n * np.arange(len(chosen))[:, None]
        counts = np.bincount(places.ravel(), minlength=n * len(chosen)).reshape(len(chosen), n).astype(np.float64)
        first, second = counts @ centred / n, counts @ centred**2 / n
        errors = np.sqrt(np.maximum(second - first**2, 0.0) / (n - 1))
        safe = errors > 1e-12 * np.abs(values).max(axis=0)
        yield np.where(safe, first / np.where(safe, errors, 1.0), 0.0)


def holm(p_values: FloatArray) -> FloatArray:
    """Holm's adjusted p-values: the chance of any false claim is kept; NaN stays NaN.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03, 0.005])).round(3).tolist()
    [0.03, 0.06, 0.06, 0.02]
    """
    return _stepwise(p_values, lambda ordered: np.maximum.accumulate(ordered * np.arange(len(ordered), 0, -1)))


def benjamini_hochberg(p_values: FloatArray) -> FloatArray:
    """Adjusted p-values that keep the share of false claims, for screening only; NaN stays NaN.

    Examples
    --------
    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03, 0.005])).round(3).tolist()
    [0.02, 0.04, 0.04, 0.02]
    """

    def step(ordered: FloatArray) -> FloatArray:
        raised = ordered * len(ordered) / np.arange(1, len(ordered) + 1)
        return np.minimum.accumulate(raised[::-1])[::-1]

    return _stepwise(p_values, step)


def _stepwise(p_values: FloatArray, step: Callable[[FloatArray], FloatArray]) -> FloatArray:
    values = np.asarray(p_values, dtype=np.float64)
    found = np.full(values.shape, math.nan)
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(values[known], kind="stable")]
    found[order] = np.minimum(step(values[order]), 1.0)
    return found


@dataclass(frozen=True)
class Ranking:
    """Which of several policies is best, higher levels being better.

    Attributes
    ----------
    p_best : share of bootstrap resamples in which each has the best mean, ties shared; sums to 1, (policies,).
    not_worse : whether each cannot be told from the best: the set holds the truly best one with the given
        probability, (policies,).
    """

    p_best: FloatArray
    not_worse: NDArray[np.bool_]


def rank_policies(
    levels: FloatArray, rng: np.random.Generator, level: float = 0.95, resamples: int = RESAMPLES
) -> Ranking:
    """Rank policies on their mean levels.

    Parameters
    ----------
    levels : higher is better, (replicates × policies), paired.

    Raises
    ------
    ValueError : a level is not finite.
    """
    values = _finite(levels)
    n, policies = values.shape
    # Taken from the replicate's mean, or rounding of large levels would break ties at random.
    values = values - values[:, [0]]
    wins = np.zeros(policies)
    for chosen in resample_rows(n, rng, resamples, policies):
        means = values[chosen].mean(axis=1)
        best = np.isclose(means, means.max(axis=1, keepdims=True), rtol=1e-12, atol=0.0)
        wins += (best / best.sum(axis=1, keepdims=True)).sum(axis=0)
    ahead = [(other, own) for own in range(policies) for other in range(policies) if other != own]
    not_worse = np.ones(policies, dtype=np.bool_)
    if ahead and n >= 2:
        lead = np.stack([values[:, other] - values[:, own] for other, own in ahead], axis=1)
        # One side of a two-sided interval: the level is met, and a little more.
        ends = simultaneous_intervals(lead, rng, level, resamples)
        for (_, own), low in zip(ahead, ends.low, strict=True):
            not_worse[own] &= low <= 0.0
    return Ranking(wins / wins.sum(), not_worse)
