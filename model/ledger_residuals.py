"""Residuals of the ledger's matrices: where they are largest, relative to what flowed or stands.

A figure that is no number counts as larger than any other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.compiled import njit

Array = NDArray[np.float64]


@njit(cache=True)
def worst_residual(residual: Array, gross: Array) -> tuple[int, float]:
    """Index of the residual that is largest relative to its gross flow, and how large it is."""
    worst, largest = 0, 0.0
    for k in range(residual.size):
        relative = abs(residual[k]) / max(gross[k], 1e-300)
        if abs(residual[k]) < 1e-300:
            continue
        if not relative <= largest:
            worst, largest = k, relative
            if relative != relative:  # not a number
                break
    return worst, largest


@njit(cache=True)
def worst_leg(left: Array, right: Array, skipped: NDArray[np.int64], gross: Array) -> tuple[int, int, float]:
    """Row, column and size of the largest difference of two matrices, relative to the row's gross flow.

    The gross flow of a row counts as at least its largest difference; ``skipped`` rows are not compared.
    """
    worst_row, worst_column, largest = 0, 0, 0.0
    for row in range(gross.size):
        compared = True
        for k in range(skipped.size):
            compared = compared and skipped[k] != row
        if not compared:
            continue
        scale, at, gap = gross[row], 0, 0.0
        for column in range(left.shape[1]):
            apart = abs(left[row, column] - right[row, column])
            if not apart <= gap:
                at, gap = column, apart
                if apart != apart:  # not a number
                    return row, column, apart
        relative = gap / max(max(scale, gap), 1e-300)
        if relative > largest:
            worst_row, worst_column, largest = row, at, relative
    return worst_row, worst_column, largest


@njit(cache=True)
def worst_stock(
    positions: Array, opening: Array, flows: Array, revaluation: Array, gross: Array, peak: Array, floor_share: float
) -> tuple[int, int, float]:
    """Row, column and size of the largest gap between a stock and what flows and revaluations make of it.

    Relative to the row's gross stock, which counts as at least ``floor_share`` of its ``peak``; raises ``peak`` to what
    stood and moved this month.  Also see :func:`gross_stock`.
    """
    worst_row, worst_column, largest = 0, 0, 0.0
    for row in range(gross.size):
        during = gross[row]
        for column in range(positions.shape[1]):
            during += abs(opening[row, column]) + abs(revaluation[row, column])
        if not during <= peak[row]:
            peak[row] = during
    for row in range(gross.size):
        stock = 0.0
        for column in range(positions.shape[1]):
            stock += abs(positions[row, column])
        stock = max(stock, max(floor_share * peak[row], 1e-12))
        for column in range(positions.shape[1]):
            expected = opening[row, column] + flows[row, column] + revaluation[row, column]
            relative = abs(positions[row, column] - expected) / stock
            if not relative <= largest:
                worst_row, worst_column, largest = row, column, relative
                if relative != relative:  # not a number
                    return worst_row, worst_column, largest
    return worst_row, worst_column, largest


def gross_stock(positions: Array, peak: Array, floor_share: float) -> Array:
    """Gross stock of each row, at least ``floor_share`` of its peak."""
    return np.maximum(np.abs(positions).sum(axis=1), np.maximum(floor_share * peak, 1e-12))


@njit(cache=True)
def move_prices(positions: Array, revaluation: Array, source: int, target: int, rate: float) -> None:
    """Add ``rate`` of every position in row ``source`` to row ``target``, and to the revaluations."""
    for column in range(positions.shape[1]):
        change = positions[source, column] * rate
        positions[target, column] += change
        revaluation[target, column] += change
