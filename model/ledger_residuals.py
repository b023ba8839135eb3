"""Residuals of the ledger's matrices: where they are largest, relative to what flowed or stands.

A figure that is no number counts as larger than any other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.compiled import njit

Array = NDArray[np.float64]

CHECKS = ("purposes", "trades", "moves", "legs", "columns", "stocks", "claims", "savings")
"""What must add up: rows of payments, of trades and of all that moved; legs of trades against what moved; columns;
stocks against flows and revaluations; holders of each instrument against its issuers; deficits against savings.
"""


_ANY_ORDER = {"reassoc", "nsz"}
"""Sums may be added up in any order, which processors do several numbers at a time."""


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


@njit(cache=True, no_cpython_wrapper=True, fastmath=_ANY_ORDER)
def _gross(row: Array) -> float:
    """Sum without regard to sign."""
    gross = 0.0
    for column in range(row.size):
        gross += abs(row[column])
    return gross


@njit(cache=True, no_cpython_wrapper=True)
def _widest(gaps: Array) -> tuple[int, float]:
    """Place and size of the largest gap, without regard to sign."""
    at, widest = 0, 0.0
    for column in range(gaps.size):
        gap = abs(gaps[column])
        if not gap <= widest:
            at, widest = column, gap
            if gap != gap:  # not a number
                break
    return at, widest


@njit(cache=True)
def worst_leg(left: Array, right: Array, skipped: NDArray[np.int64], gross: Array) -> tuple[int, int, float]:
    """Row, column and size of the largest difference of two matrices, relative to the row's gross flow.

    The gross flow of a row counts as at least its largest difference; ``skipped`` rows are not compared.
    """
    worst_row, worst_column, largest = 0, 0, 0.0
    gaps = np.empty(left.shape[1])
    for row in range(gross.size):
        compared = True
        for k in range(skipped.size):
            compared = compared and skipped[k] != row
        for column in range(gaps.size):
            gaps[column] = left[row, column] - right[row, column]
        # No gap is wider than all of them together.
        if not compared or _gross(gaps) <= largest * gross[row]:
            continue
        at, gap = _widest(gaps)
        relative = gap / max(max(gross[row], gap), 1e-300)
        if not relative <= largest:
            worst_row, worst_column, largest = row, at, relative
            if relative != relative:
                break
    return worst_row, worst_column, largest


@njit(cache=True, no_cpython_wrapper=True)
def _worst_stock(
    positions: Array, opening: Array, flows: Array, revaluation: Array, stock: Array
) -> tuple[int, int, float]:
    """Row, column and size of the largest gap between a stock and what flows and revaluations make of it.

    Relative to the row's gross ``stock``.
    """
    worst_row, worst_column, largest = 0, 0, 0.0
    gaps = np.empty(positions.shape[1])
    for row in range(stock.size):
        for column in range(gaps.size):
            expected = opening[row, column] + flows[row, column] + revaluation[row, column]
            gaps[column] = positions[row, column] - expected
        if _gross(gaps) <= largest * stock[row]:
            continue
        at, gap = _widest(gaps)
        relative = gap / stock[row]
        if not relative <= largest:
            worst_row, worst_column, largest = row, at, relative
            if relative != relative:
                break
    return worst_row, worst_column, largest


@njit(cache=True)
def gross_stock(positions: Array, peak: Array, floor_share: float) -> Array:
    """Gross stock of each row, at least ``floor_share`` of its peak, (rows,)."""
    stock = np.empty(positions.shape[0])
    for row in range(positions.shape[0]):
        stock[row] = max(_gross(positions[row]), max(floor_share * peak[row], 1e-12))
    return stock


@njit(cache=True, no_cpython_wrapper=True, fastmath=_ANY_ORDER)
def _sums(matrix: Array) -> tuple[Array, Array]:
    """What each row and each column adds to."""
    of_row, of_column = np.zeros(matrix.shape[0]), np.zeros(matrix.shape[1])
    for row in range(matrix.shape[0]):
        found = 0.0
        for column in range(matrix.shape[1]):
            found += matrix[row, column]
            of_column[column] += matrix[row, column]
        of_row[row] = found
    return of_row, of_column


@njit(cache=True)
def worst_of_month(
    current: Array,
    traded: Array,
    gross_purpose: Array,
    gross_traded: Array,
    gross_instrument: Array,
    gross_party: Array,
    moved: Array,
    positions: Array,
    opening: Array,
    revaluation: Array,
    settlement_rows: NDArray[np.int64],
    peak: Array,
    floor_share: float,
) -> Array:
    """Row (or 0), column (or 0) and relative size of the worst residual of each of :data:`CHECKS`, (checks, 3).

    Parameters
    ----------
    current to gross_party : flows from the journal's legs, see :func:`model.journal.flows_from_legs`.
    moved : (instruments, parties) net acquisitions as they were posted to the balance sheets.
    positions, opening, revaluation : (instruments, parties) balance sheets, those of the month before, price changes.
    settlement_rows : rows of means of payment, in which payments are settled beside trades.
    peak : (instruments,) the largest gross stock so far; raised to what stood and moved this month.
    floor_share : a gross stock counts as at least this share of its peak.
    """
    of_purpose, saving = _sums(current)
    of_traded, _ = _sums(traded)
    of_moved, acquired = _sums(moved)
    claims, _ = _sums(positions)
    worst = np.zeros((8, 3))
    worst[0, 0], worst[0, 2] = worst_residual(of_purpose, gross_purpose)
    worst[1, 0], worst[1, 2] = worst_residual(of_traded, gross_traded)
    worst[2, 0], worst[2, 2] = worst_residual(of_moved, gross_instrument)
    # A trade's money leg is in the settlement rows of what moved and its instrument leg in `traded`; the other rows of
    # the two must agree, and what is left of each column must add to zero.
    worst[3, 0], worst[3, 1], worst[3, 2] = worst_leg(traded, moved, settlement_rows, gross_traded)
    worst[4, 1], worst[4, 2] = worst_residual(saving - acquired, gross_party)
    for row in range(peak.size):
        during = gross_instrument[row] + _gross(opening[row]) + _gross(revaluation[row])
        if not during <= peak[row]:
            peak[row] = during
    stock = gross_stock(positions, peak, floor_share)
    worst[5, 0], worst[5, 1], worst[5, 2] = _worst_stock(positions, opening, moved, revaluation, stock)
    worst[6, 0], worst[6, 2] = worst_residual(claims, stock)
    worst[7, 2] = abs(saving.sum()) / max(gross_purpose.sum(), 1e-12)
    return worst


@njit(cache=True)
def move_prices(positions: Array, revaluation: Array, source: int, target: int, rate: float) -> None:
    """Add ``rate`` of every position in row ``source`` to row ``target``, and to the revaluations."""
    for column in range(positions.shape[1]):
        change = positions[source, column] * rate
        positions[target, column] += change
        revaluation[target, column] += change
