"""Paths that were really taken: the few runs that stand for all best (medoids).

A pointwise median is no path: it is smoother than any run.  Medoids are runs, so they show what a path looks like.

Source: Kaufman and Rousseeuw, *Finding groups in data* (1990), for partitioning around medoids.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

MOST_PATHS = 1000


def medoids(paths: FloatArray, count: int = 3) -> list[int]:
    """The runs from which the summed distance of all runs to the nearest of them is least.

    Built one by one, then improved by exchanges until none helps; there is no chance in it.  Distances are Euclidean.
    Of more than :data:`MOST_PATHS` runs the first so many are looked at.

    Parameters
    ----------
    paths : (runs × times).

    Returns
    -------
    Row numbers, the run with the largest following first; fewer than ``count`` if there are no more different paths.

    Raises
    ------
    ValueError : a path is not finite.

    Examples
    --------
    >>> medoids(np.array([[0.0], [0.1], [0.2], [5.0], [5.1], [5.2], [5.3]]), 2)
    [4, 1]
    """
    looked_at = np.asarray(paths[:MOST_PATHS], dtype=np.float64)
    if not np.isfinite(looked_at).all():
        raise ValueError(f"row {int(np.argwhere(~np.isfinite(looked_at))[0][0])} of the paths is not finite")
    squares = (looked_at**2).sum(axis=1)
    # Rounding may leave a square a little below zero.
    apart = np.sqrt(np.maximum(squares[:, None] + squares - 2.0 * looked_at @ looked_at.T, 0.0))
    np.fill_diagonal(apart, 0.0)
    chosen: list[int] = []
    for _ in range(min(count, len(np.unique(looked_at, axis=0)))):
        chosen.append(int(np.argmin(_costs_with(apart, chosen))))
    improved = True
    while improved:
        improved = False
        for place in range(len(chosen)):
            others = chosen[:place] + chosen[place + 1 :]
            costs = _costs_with(apart, others)
            best = int(np.argmin(costs))
            if costs[best] < costs[chosen[place]] * (1.0 - 1e-12):
                chosen[place], improved = best, True
    followers = np.bincount(np.argmin(apart[:, chosen], axis=1), minlength=len(chosen))
    return [chosen[place] for place in np.argsort(-followers, kind="stable")]


def _costs_with(apart: FloatArray, chosen: list[int]) -> FloatArray:
    """Summed distances to the nearest of the chosen runs and one more, for each run that may be the one more."""
    if not chosen:
        return np.asarray(apart.sum(axis=0))
    return np.asarray(np.minimum(apart, apart[:, chosen].min(axis=1)[:, None]).sum(axis=0))
