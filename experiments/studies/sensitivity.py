"""What drives an outcome: Sobol indices from Saltelli rows, and Morris's elementary effects.

Both take the outputs of rows as ``itcho.experiments.studies.design`` makes them.  All points of a row share their
seeds, so a stochastic model's noise does not pass for an effect of the parameters; what the seeds contribute is an
index of its own.

A number that is not finite raises and names its row: filled with a zero, it would turn every index into nonsense that
looks like an answer.

Sources: Jansen, Computer Physics Communications 117 (1999), and Saltelli et al., *Variance based sensitivity analysis
of model output*, Computer Physics Communications 181 (2010), for the estimators; Morris, Technometrics 33 (1991), and
Campolongo, Cariboni and Saltelli, Environmental Modelling & Software 22 (2007), for mu*.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from itcho.experiments.studies.statistics import resample_rows

FloatArray = NDArray[np.float64]

RESAMPLES = 1000


@dataclass(frozen=True)
class Estimates:
    """One number for each parameter, with its percentile bootstrap interval over rows; (parameters,) each.

    Attributes
    ----------
    value, low, high : NaN where the outputs do not vary.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True)
class SobolIndices:
    """Shares of the variance of an output.

    Attributes
    ----------
    first : of each parameter alone.  With noise, its interactions with the seeds count as its own.
    total : of each parameter with all its interactions.
    seed_share : of the seeds alone; near 0 for a function without noise.  NaN if the outputs do not vary.
    mean, variance : of the output over the A and B points.
    rows : of the design.
    """

    first: Estimates
    total: Estimates
    seed_share: float
    mean: float
    variance: float
    rows: int


@dataclass(frozen=True)
class MorrisEffects:
    """Elementary effects: change of the output when a parameter crosses its whole range, at the rate seen in one step.

    Attributes
    ----------
    mu : mean effect.
    mu_star : mean absolute effect: effects of both signs do not cancel.
    sigma : standard deviation of the effects over walks: how far from linear and additive; NaN with a single walk.
    walks : of the design.
    """

    mu: Estimates
    mu_star: Estimates
    sigma: FloatArray
    walks: int


def sobol_indices(
    outputs: FloatArray, rng: np.random.Generator, level: float = 0.95, resamples: int = RESAMPLES
) -> SobolIndices:
    """First-order (Saltelli 2010) and total (Jansen) indices.

    Parameters
    ----------
    outputs : of the points A, B, AB_1, AB_2, ... of each row, (rows × parameters + 2).

    Raises
    ------
    ValueError : an output is not finite (the message names its row and point), or the shape does not fit.
    """
    values = _checked(outputs, least_columns=3, names=_saltelli_point)
    middle = float(values[:, :2].mean())
    variance = float(values[:, :2].var())
    # Against rounding: what varies by a few last digits of a large level is not explained by anything.
    still = variance <= (1e-13 * abs(middle)) ** 2
    first, total, seeds = _sobol(values[None] - middle)
    drawn = [_sobol(values[chosen] - middle)[:2] for chosen in _resampled(values, rng, resamples)]
    firsts, totals = (np.concatenate([pair[place] for pair in drawn]) for place in (0, 1))
    return SobolIndices(
        first=_estimates(first[0], firsts, level, still),
        total=_estimates(total[0], totals, level, still),
        seed_share=math.nan if still else float(seeds[0]),
        mean=middle,
        variance=0.0 if still else variance,
        rows=len(values),
    )


def _sobol(samples: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """First-order, total and seed indices of many samples, (samples × rows × parameters + 2); NaN without variance.

    ``samples`` are centred: the estimators do not depend on the mean, their scatter does.
    """
    a, b, mixed = samples[..., 0], samples[..., 1], samples[..., 2:]
    variance = samples[..., :2].var(axis=(-2, -1))
    varies = np.where(variance > 0.0, variance, math.nan)
    first = (b[..., None] * (mixed - a[..., None])).mean(axis=-2) / varies[..., None]
    total = ((a[..., None] - mixed) ** 2).mean(axis=-2) / (2.0 * varies[..., None])
    pooled = samples[..., :2].mean(axis=(-2, -1))
    seeds = ((a - pooled[..., None]) * (b - pooled[..., None])).mean(axis=-1) / varies
    return first, total, seeds


def morris_effects(
    shares: FloatArray,
    outputs: FloatArray,
    rng: np.random.Generator,
    level: float = 0.95,
    resamples: int = RESAMPLES,
) -> MorrisEffects:
    """Elementary effects of each parameter.

    Parameters
    ----------
    shares : quantiles of the walks, (walks × parameters + 1 × parameters); one parameter changes at each step, and each
        changes once.
    outputs : (walks × parameters + 1).

    Raises
    ------
    ValueError : an output is not finite (the message names its walk and step), the shapes do not fit, or the points are
        no such walks.
    """
    values = _checked(outputs, least_columns=2, names=lambda step: f"step {step}")
    walks, parameters = len(values), values.shape[1] - 1
    if shares.shape != (walks, parameters + 1, parameters):
        raise ValueError(f"{walks} walks of {parameters + 1} points are needed, not {shares.shape}")
    steps = np.diff(shares, axis=1)
    changed = steps != 0.0
    if not ((changed.sum(axis=1) == 1).all() and (changed.sum(axis=2) == 1).all()):
        raise ValueError("every step of a walk must change one parameter, and every parameter must change once")
    rates = np.diff(values, axis=1)[..., None] / np.where(changed, steps, 1.0)
    effects = np.where(changed, rates, 0.0).sum(axis=1)
    drawn = [
        (effects[chosen].mean(axis=1), np.abs(effects[chosen]).mean(axis=1))
        for chosen in _resampled(effects, rng, resamples)
    ]
    means, sizes = (np.concatenate([pair[place] for pair in drawn]) for place in (0, 1))
    return MorrisEffects(
        mu=_estimates(effects.mean(axis=0), means, level),
        mu_star=_estimates(np.abs(effects).mean(axis=0), sizes, level),
        sigma=effects.std(axis=0, ddof=1) if walks > 1 else np.full(parameters, math.nan),
        walks=walks,
    )


def _saltelli_point(column: int) -> str:
    return ("point A", "point B")[column] if column < 2 else f"point AB_{column - 1}"


def _checked(outputs: FloatArray, least_columns: int, names: Callable[[int], str]) -> FloatArray:
    values = np.asarray(outputs, dtype=np.float64)
    if values.ndim != 2 or len(values) == 0 or values.shape[1] < least_columns:
        raise ValueError(f"outputs of whole rows are needed, (rows × at least {least_columns}), not {values.shape}")
    bad = np.argwhere(~np.isfinite(values))
    if len(bad):
        row, column = map(int, bad[0])
        more = f", and {len(bad) - 1} more" if len(bad) > 1 else ""
        raise ValueError(
            f"row {row}, {names(column)}: the output is {values[row, column]}{more}; no index is computed from it"
        )
    return values


def _resampled(values: FloatArray, rng: np.random.Generator, resamples: int) -> list[NDArray[np.int64]]:
    return list(resample_rows(len(values), rng, resamples, values.shape[1]))


def _estimates(value: FloatArray, drawn: FloatArray, level: float, still: bool = False) -> Estimates:
    """Percentile intervals; resamples in which nothing varies have no index and are left out."""
    nothing = np.full(value.shape, math.nan)
    if still:
        return Estimates(nothing, nothing, nothing)
    drawn = drawn[np.isfinite(drawn).all(axis=1)]
    if len(drawn) == 0:
        return Estimates(value, nothing, nothing)
    low, high = np.quantile(drawn, [0.5 - level / 2.0, 0.5 + level / 2.0], axis=0)
    return Estimates(value, low, high)
