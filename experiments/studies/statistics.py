"""Statistics of paired differences: what common random numbers make sharp, and nothing they make wrong.

All functions are pure; bootstraps take the generator they draw from.  Replicates are rows and are resampled whole, so
the dependence between policies and outcomes of a replicate is kept.

Sources: Efron, *Better bootstrap confidence intervals*, JASA 82 (1987), for BCa; Benjamini and Hochberg, JRSS B 57
(1995); Hsu, *Multiple comparisons* (1996), for the set of those not worse than the best.  Intervals that hold all at
once are in :mod:`itcho.experiments.studies.simultaneous`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from itcho.experiments.studies.simultaneous import SimultaneousIntervals as SimultaneousIntervals
from itcho.experiments.studies.simultaneous import finite, stepwise
from itcho.experiments.studies.simultaneous import holm as holm
from itcho.experiments.studies.simultaneous import simultaneous_intervals as simultaneous_intervals

FloatArray = NDArray[np.float64]
Interval = tuple[float, float]

RESAMPLES = 2000
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
    policy, baseline = finite(policy), finite(baseline)
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

    return stepwise(p_values, step)


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
    resamples : for ``p_best``.

    Raises
    ------
    ValueError : a level is not finite.
    """
    values = finite(levels)
    n, policies = values.shape
    # Taken from the replicate's mean, or rounding of large levels would break ties at random.
    values = values - values[:, [0]]
    wins = np.zeros(policies)
    for chosen in resample_rows(n, rng, resamples, policies):
        means = values[chosen].mean(axis=1)
        best = np.isclose(means, means.max(axis=1, keepdims=True), rtol=1e-12, atol=0.0)
        wins += (best / best.sum(axis=1, keepdims=True)).sum(axis=0)
    pairs = [(one, other) for one in range(policies) for other in range(one + 1, policies)]
    not_worse = np.ones(policies, dtype=np.bool_)
    if pairs and n >= 2:
        lead = np.stack([values[:, one] - values[:, other] for one, other in pairs], axis=1)
        ends = simultaneous_intervals(lead, rng, level)
        for (one, other), low, high in zip(pairs, ends.low, ends.high, strict=True):
            not_worse[one] &= high >= 0.0
            not_worse[other] &= low <= 0.0
    return Ranking(wins / wins.sum(), not_worse)
