"""Scores of forecasts, and the two naive forecasts that a model has to beat: a random walk and an AR(1).

The continuous ranked probability score (CRPS) is in the unit of what is forecast; for a forecast without spread it is
the absolute error.  Gneiting and Raftery (2007); the fair form for ensembles is Ferro (2014).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

FloatArray = NDArray[np.float64]

FEWEST_CHANGES, FEWEST_PAIRS = 8, 12
"""Fewest changes from quarter to quarter for a random walk's sd, and fewest pairs of quarters for an AR(1)."""


def fair_ensemble_crps(members: FloatArray, actual: float) -> float:
    """CRPS of an ensemble, without the bias of its finite size: ``mean |x − y| − ½ mean |x − x'|`` over pairs.

    Parameters
    ----------
    members : (members,), at least two.
    actual : what happened.

    Examples
    --------
    >>> round(fair_ensemble_crps(np.array([0.0, 1.0]), 0.0), 6)
    0.0
    """
    ordered = np.sort(np.asarray(members, dtype=np.float64))
    m = ordered.size
    if m < 2:
        raise ValueError("an ensemble needs at least two members")
    # Sorted, the sum of |x − x'| over pairs is a weighted sum.
    pairs = float(((2.0 * np.arange(1, m + 1) - m - 1.0) * ordered).sum())
    return float(np.abs(ordered - actual).mean()) - pairs / (m * (m - 1.0))


def gaussian_crps(mean: float, sd: float, actual: float) -> float:
    """CRPS of a normal distribution, in closed form.

    Examples
    --------
    >>> round(gaussian_crps(0.0, 1.0, 0.0), 6)
    0.233695
    """
    if sd <= 0.0:
        return abs(actual - mean)
    z = (actual - mean) / sd
    density = math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    return float(sd * (z * (2.0 * float(ndtr(z)) - 1.0) + 2.0 * density - 1.0 / math.sqrt(math.pi)))


def lognormal_crps(log_mean: float, log_sd: float, actual: float) -> float:
    """CRPS of a forecast whose logarithm is normal, in closed form (Baran and Lerch 2015).

    Examples
    --------
    >>> round(lognormal_crps(0.0, 0.001, math.exp(0.001)) / gaussian_crps(1.0, 0.001, math.exp(0.001)), 2)
    1.0
    """
    if log_sd <= 0.0:
        return abs(actual - math.exp(log_mean))
    z = (math.log(actual) - log_mean) / log_sd
    mean = math.exp(log_mean + 0.5 * log_sd * log_sd)
    own = float(ndtr(z - log_sd)) + float(ndtr(log_sd / math.sqrt(2.0))) - 1.0
    return actual * (2.0 * float(ndtr(z)) - 1.0) - 2.0 * mean * own


def pit_counts(members: FloatArray, actuals: FloatArray, bins: int = 10) -> list[int]:
    """How often what happened lies in each part of the ensemble: flat if the spread is right (Gneiting et al. 2007).

    Parameters
    ----------
    members : (members × quarters).
    actuals : (quarters,).
    bins : parts of equal probability.

    Examples
    --------
    >>> pit_counts(np.arange(10.0)[:, None] * np.ones(3), np.array([-1.0, 4.5, 20.0]), bins=2)
    [1, 2]
    """
    ranks = (members < actuals).mean(axis=0) + 0.5 * (members == actuals).mean(axis=0)
    return np.histogram(ranks, bins=bins, range=(0.0, 1.0))[0].tolist()


def coverage(members: FloatArray, actuals: FloatArray, level: float) -> float:
    """Share of quarters in which what happened lies inside the central band of the ensemble.

    Parameters
    ----------
    members : (members × quarters).
    actuals : (quarters,).
    level : such as 0.9 for the band from the 5th to the 95th percentile.
    """
    tail = 50.0 * (1.0 - level)
    low, high = np.percentile(members, (tail, 100.0 - tail), axis=0)
    return float(((low <= actuals) & (actuals <= high)).mean())


def root_mean_square(errors: FloatArray) -> float:
    """Root of the mean square."""
    return float(np.sqrt(np.mean(np.square(errors))))


@dataclass(frozen=True)
class GaussianForecast:
    """A naive forecast by horizon.

    Attributes
    ----------
    mean, sd : (horizons,).
    """

    mean: FloatArray
    sd: FloatArray

    def crps(self, actuals: FloatArray) -> float:
        """Mean CRPS over the horizons."""
        columns = zip(self.mean.tolist(), self.sd.tolist(), actuals.tolist(), strict=True)
        return float(np.mean([gaussian_crps(mean, sd, actual) for mean, sd, actual in columns]))

    def rmse(self, actuals: FloatArray) -> float:
        """Root mean square error of the mean."""
        return root_mean_square(self.mean - actuals)


@dataclass(frozen=True)
class LogNormalForecast:
    """A naive forecast by horizon whose logarithm is normal.

    Attributes
    ----------
    mean : its median, in the unit of what is forecast, (horizons,).
    sd : of its logarithm, (horizons,).
    """

    mean: FloatArray
    sd: FloatArray

    def crps(self, actuals: FloatArray) -> float:
        """Mean CRPS over the horizons."""
        columns = zip(self.mean.tolist(), self.sd.tolist(), actuals.tolist(), strict=True)
        return float(np.mean([lognormal_crps(math.log(middle), sd, actual) for middle, sd, actual in columns]))

    def rmse(self, actuals: FloatArray) -> float:
        """Root mean square error of the median."""
        return root_mean_square(self.mean - actuals)


NaiveForecast = GaussianForecast | LogNormalForecast


def log_random_walk(history: FloatArray, first: float, horizons: NDArray[np.int64]) -> LogNormalForecast | None:
    """A random walk of the logarithm, without drift: for prices, which move by parts of themselves.

    Parameters
    ----------
    history, first, horizons : as in :func:`random_walk`.

    Returns
    -------
    None where :func:`random_walk` gives none.
    """
    walk = random_walk(np.log(history), math.log(first) if first > 0.0 else math.nan, horizons)
    return None if walk is None else LogNormalForecast(np.full(horizons.size, first), walk.sd)


def random_walk(history: FloatArray, first: float, horizons: NDArray[np.int64]) -> GaussianForecast | None:
    """A random walk without drift: its variance grows with the horizon.

    Parameters
    ----------
    history : quarters in a row, NaN where unknown; the sd of its changes is the random walk's.
    first : last known value.
    horizons : quarters ahead, from 1.

    Returns
    -------
    None if there are fewer than :data:`FEWEST_CHANGES` changes or no first value.
    """
    changes = np.diff(history)
    changes = changes[np.isfinite(changes)]
    if changes.size < FEWEST_CHANGES or not math.isfinite(first):
        return None
    sd = float(changes.std(ddof=1))
    return GaussianForecast(np.full(horizons.size, first), sd * np.sqrt(horizons))


def first_order_autoregression(
    history: FloatArray, first: float, horizons: NDArray[np.int64]
) -> GaussianForecast | None:
    """A first-order autoregression with a constant, by least squares on the history alone.

    Parameters
    ----------
    history, first, horizons : as in :func:`random_walk`.

    Returns
    -------
    None if there are fewer than :data:`FEWEST_PAIRS` pairs of quarters, no variation or no first value.
    """
    before, after = history[:-1], history[1:]
    known = np.isfinite(before) & np.isfinite(after)
    before, after = before[known], after[known]
    if before.size < FEWEST_PAIRS or not math.isfinite(first) or float(np.ptp(before)) == 0.0:
        return None
    design = np.column_stack([np.ones(before.size), before])
    constant, keep = np.linalg.lstsq(design, after, rcond=None)[0].tolist()
    residuals = after - design @ np.array([constant, keep])
    variance = float(residuals @ residuals) / (before.size - 2)
    longest = int(horizons.max())
    mean, spread = np.empty(longest), np.empty(longest)
    level, total = first, 0.0
    for step in range(longest):
        level = constant + keep * level
        total = variance + keep * keep * total
        mean[step], spread[step] = level, math.sqrt(total)
    return GaussianForecast(mean[horizons - 1], spread[horizons - 1])
