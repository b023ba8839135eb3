"""Policies across futures: regret, the robustness measures of McPhail and others, and trade-offs between outcomes.

Scenarios are not weighted: they are futures, not forecasts.  Levels are means over replicates, which is what regret
needs: regret on single noisy runs is mostly noise.

Sources: Savage, JASA 46 (1951), for regret; McPhail, Maier, Kwakkel, Giuliani, Castelletti and Westra, *Robustness
metrics: how are they calculated, when should they be used and why do they give different results?*, Earth's Future 6
(2018), whose names the measures keep; Starr (1962) for the domain criterion.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from itcho.experiments.studies.statistics import resample_rows

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """A robustness measure.

    Attributes
    ----------
    name, label : what it is called.
    meaning : in one line.
    higher_is_better : how its values are read.
    values : by policy.
    best : names of the best policies; more than one if they tie.
    """

    name: str
    label: str
    meaning: str
    higher_is_better: bool
    values: dict[str, float]
    best: tuple[str, ...]


def regret(payoff: FloatArray) -> FloatArray:
    """How far each policy falls short of the best one in each scenario.

    Parameters
    ----------
    payoff : higher is better, (policies × scenarios).

    Examples
    --------
    >>> regret(np.array([[10.0, 3, -2], [6, 5, 2], [4, 4, 3]])).max(axis=1).tolist()
    [5.0, 4.0, 6.0]
    """
    return payoff.max(axis=0) - payoff


def _mean_variance(levels: FloatArray, higher_is_better: bool) -> FloatArray:
    """McPhail's two forms: (mean + 1) / (sd + 1) for outcomes to be raised, their product for others."""
    mean, spread = levels.mean(axis=1) + 1.0, levels.std(axis=1) + 1.0
    return mean / spread if higher_is_better else mean * spread


def _undesirable_deviations(payoff: FloatArray) -> FloatArray:
    """Sum over the scenarios worse than the policy's own median of how far below it they lie."""
    return np.maximum(np.median(payoff, axis=1, keepdims=True) - payoff, 0.0).sum(axis=1)


def _skewness(payoff: FloatArray) -> FloatArray:
    low, middle, high = np.quantile(payoff, [0.1, 0.5, 0.9], axis=1)
    half = (high - low) / 2.0
    return np.where(half > 0.0, ((high + low) / 2.0 - middle) / np.where(half > 0.0, half, 1.0), 0.0)


def _peakedness(payoff: FloatArray) -> FloatArray:
    lowest, low, high, highest = np.quantile(payoff, [0.1, 0.25, 0.75, 0.9], axis=1)
    inner = high - low
    return np.where(inner > 0.0, (highest - lowest) / np.where(inner > 0.0, inner, 1.0), 0.0)


@dataclass(frozen=True)
class _Definition:
    name: str
    label: str
    meaning: str
    higher_is_better: bool
    is_level: bool
    compute: Callable[[FloatArray], FloatArray]


_DEFINITIONS = (
    _Definition("maximin", "Maximin", "level in the policy's worst scenario", True, True, lambda p: p.min(axis=1)),
    _Definition("maximax", "Maximax", "level in the policy's best scenario", True, True, lambda p: p.max(axis=1)),
    _Definition("laplace", "Laplace", "mean level, scenarios weighted equally", True, True, lambda p: p.mean(axis=1)),
    _Definition(
        "minimax_regret", "Maximum regret", "largest shortfall from the best policy of a scenario", False, False,
        lambda p: regret(p).max(axis=1),
    ),
    _Definition(
        "regret_p90", "90th percentile of regret", "shortfall not exceeded in nine scenarios of ten", False, False,
        lambda p: np.quantile(regret(p), 0.9, axis=1),
    ),
    _Definition(
        "mean_regret", "Mean regret", "mean shortfall from the best policy of a scenario", False, False,
        lambda p: regret(p).mean(axis=1),
    ),
    _Definition(
        "undesirable_deviations", "Undesirable deviations", "sum of shortfalls from the policy's own median", False,
        False, _undesirable_deviations,
    ),
    _Definition(
        "percentile_skewness", "Percentile-based skewness", "above zero: good surprises reach further than bad ones",
        True, False, _skewness,
    ),
    _Definition(
        "percentile_peakedness", "Percentile-based peakedness", "10-90 range over the interquartile range", True, False,
        _peakedness,
    ),
)  # fmt: skip


def hurwicz(payoff: FloatArray, optimism: float = 0.5) -> FloatArray:
    """Worst and best level, weighted by ``optimism``.

    Examples
    --------
    >>> hurwicz(np.array([[10.0, 3, -2], [6, 5, 2], [4, 4, 3]])).tolist()
    [4.0, 4.0, 3.5]
    """
    return (1.0 - optimism) * payoff.min(axis=1) + optimism * payoff.max(axis=1)


def starr(payoff: FloatArray, threshold: float) -> FloatArray:
    """Starr's domain criterion: share of the scenarios in which the level reaches the threshold."""
    return (payoff >= threshold).mean(axis=1)


def robustness_card(
    levels: FloatArray,
    policies: tuple[str, ...],
    higher_is_better: bool = True,
    optimism: float = 0.5,
    threshold: float | None = None,
) -> list[Measure]:
    """All measures for one outcome.

    Parameters
    ----------
    levels : mean levels, (policies × scenarios).
    policies : names of the rows.
    higher_is_better : whether higher levels are better.
    optimism : Hurwicz's weight of the best scenario, 0 to 1.
    threshold : level to be reached, for Starr's criterion; without it the criterion is left out.

    Raises
    ------
    ValueError : a level is not finite, or shapes do not fit.
    """
    if levels.ndim != 2 or levels.shape[0] != len(policies) or not np.isfinite(levels).all():
        raise ValueError(f"a finite table with {len(policies)} rows is needed, not one of shape {levels.shape}")
    sign = 1.0 if higher_is_better else -1.0
    hurwicz_definition = _Definition(
        "hurwicz", "Hurwicz", f"worst level × {1.0 - optimism:g} + best level × {optimism:g}", True, True,
        lambda p: hurwicz(p, optimism),
    )  # fmt: skip
    card = []
    for one in (*_DEFINITIONS[:2], hurwicz_definition, *_DEFINITIONS[2:]):
        values, higher = one.compute(sign * levels), one.higher_is_better
        if one.is_level:  # shown as the level it is
            values, higher = sign * values, higher_is_better
        card.append(_measure(one.name, one.label, one.meaning, higher, values, policies))
    meaning = "(mean + 1) / (sd + 1)" if higher_is_better else "(mean + 1) × (sd + 1)"
    values = _mean_variance(levels, higher_is_better)
    card.append(_measure("mean_variance", "Mean-variance", meaning, higher_is_better, values, policies))
    if threshold is not None:
        meaning = f"share of scenarios that reach {threshold:g}"
        reached = starr(sign * levels, sign * threshold)
        card.append(_measure("starr", "Starr's domain", meaning, True, reached, policies))
    return card


def _measure(
    name: str, label: str, meaning: str, higher: bool, values: FloatArray, policies: tuple[str, ...]
) -> Measure:
    best = values.max() if higher else values.min()
    scale = np.abs(values).max()
    winners = tuple(
        policy for policy, value in zip(policies, values, strict=True) if abs(value - best) <= 1e-12 * scale
    )
    return Measure(name, label, meaning, higher, dict(zip(policies, map(float, values), strict=True)), winners)


def disagreement(card: list[Measure]) -> dict[str, tuple[str, ...]]:
    """Which policy each measure prefers: policy to the labels of the measures that put it first (ties count)."""
    found: dict[str, tuple[str, ...]] = {}
    for measure in card:
        for policy in measure.best:
            found[policy] = (*found.get(policy, ()), measure.label)
    return found


def dominated(levels: FloatArray) -> NDArray[np.bool_]:
    """Which policies are dominated: another is at least as good in every outcome and better in one.

    Parameters
    ----------
    levels : higher is better, (..., policies × outcomes).
    """
    theirs, own = levels[..., None, :, :], levels[..., :, None, :]
    return np.asarray(((theirs >= own).all(axis=-1) & (theirs > own).any(axis=-1)).any(axis=-1), dtype=np.bool_)


def fronts(levels: FloatArray) -> list[list[int]]:
    """Non-dominated sorting: the Pareto set, then the Pareto set of the rest, and so on.

    Examples
    --------
    >>> fronts(-np.array([[1.0, 2], [2, 1], [2, 2], [3, 3]]))
    [[0, 1], [2], [3]]
    """
    left = np.arange(len(levels))
    found = []
    while len(left):
        out = dominated(levels[left])
        found.append([int(row) for row in left[~out]])
        left = left[out]
    return found


@dataclass(frozen=True)
class ParetoSet:
    """Which policies no other one beats in everything.

    Attributes
    ----------
    outcomes : what is traded off.
    members : the Pareto set of the mean levels.
    p_member : bootstrap probability of each policy of being in it.
    """

    outcomes: tuple[str, ...]
    members: tuple[str, ...]
    p_member: Mapping[str, float]


def pareto_set(
    levels: FloatArray,
    policies: tuple[str, ...],
    outcomes: tuple[str, ...],
    rng: np.random.Generator,
    resamples: int = 1000,
) -> ParetoSet:
    """The Pareto set and how sure it is.

    Parameters
    ----------
    levels : higher is better, (replicates × policies × outcomes), paired; replicates are resampled whole.
    """
    n = len(levels)
    relative = levels - levels[:, :1]  # against the first policy, so that what is equal stays exactly equal
    inside = np.zeros(len(policies))
    for chosen in resample_rows(n, rng, resamples, levels.shape[1] * levels.shape[2]):
        inside += (~dominated(relative[chosen].mean(axis=1))).sum(axis=0)
    members = tuple(np.array(policies)[~dominated(relative.mean(axis=0))].tolist())
    return ParetoSet(outcomes, members, dict(zip(policies, (inside / resamples).tolist(), strict=True)))


def hypervolume(points: FloatArray, reference: FloatArray) -> float:
    """Volume dominated by points and bounded by a reference point that is worse than all, two outcomes.

    Parameters
    ----------
    points : lower is better, (points × 2).
    reference : (2,).
    """
    inside = points[(points < reference).all(axis=1)]
    volume, ceiling = 0.0, float(reference[1])
    for first, second in inside[np.lexsort((inside[:, 1], inside[:, 0]))]:
        if second < ceiling:
            volume += (float(reference[0]) - float(first)) * (ceiling - float(second))
            ceiling = float(second)
    return volume
