"""Residuals of the ledger's matrices: where they are largest, relative to what flowed or stands.

A figure that is no number counts as larger than any other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit

Array = NDArray[np.float64]

CHECKS = ("purposes", "trades", "moves", "legs", "columns", "stocks", "claims", "savings")
"""What must add up: rows of payments, of trades and of all that moved; legs of trades against what moved; columns;
stocks against flows and revaluations; holders of each instrument against its issuers; deficits against savings.
"""


SMALLEST_STOCK_TRN_YEN = 1e-3
"""A gross stock counts as at least a billion yen: what is left over of less is rounding of the stocks that it was moved
against, and at the ledger's tolerance of 1e-9 a residual below one yen is none."""


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
def worst_gap(left: Array, right: Array, skipped: NDArray[np.int64], gross: Array) -> tuple[int, int, float]:
    """Row, column and size of the largest difference of two matrices, relative to the row's gross flow or stock.

    That counts as at least the row's largest difference; ``skipped`` rows are not compared.
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


@njit(cache=True, fastmath={"reassoc", "nsz"})  # sums in any order, which processors do several numbers at a time
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
    claims: NDArray[np.bool_],
) -> Array:
    """Row (or 0), column (or 0) and relative size of the worst residual of each of :data:`CHECKS`, (checks, 3).

    Parameters
    ----------
    current to gross_party : flows from the journal's legs, see :func:`itcho.model.ledger.journal.flows_from_legs`.
    moved : (instruments, parties) net acquisitions as they were posted to the balance sheets.
    positions, opening, revaluation : (instruments, parties) balance sheets, those of the month before, price changes.
    settlement_rows : rows of means of payment, in which payments are settled beside trades.
    peak : (instruments,) the largest gross stock so far; raised to what stood and moved this month.
    floor_share : a gross stock counts as at least this share of its peak.
    claims : (instruments,) whether somebody owes what others hold; real assets are owed by nobody.
    """
    instruments, parties = positions.shape
    stock, expected = np.empty(instruments), np.empty(positions.shape)
    for row in range(instruments):
        during, held = gross_instrument[row], 0.0
        for column in range(parties):
            expected[row, column] = opening[row, column] + moved[row, column] + revaluation[row, column]
            during += abs(opening[row, column]) + abs(revaluation[row, column])
            held += abs(positions[row, column])
        if not during <= peak[row]:
            peak[row] = during
        stock[row] = max(held, max(floor_share * peak[row], SMALLEST_STOCK_TRN_YEN))
    worst = np.zeros((8, 3))
    columns = np.zeros((4, parties))
    matrices = (current, traded, moved, positions)
    measures = (gross_purpose, gross_traded, gross_instrument, stock)
    for k, place in enumerate((0, 1, 2, 6)):
        matrix = matrices[k]
        rows = np.zeros(matrix.shape[0])
        for row in range(matrix.shape[0]):
            found = 0.0
            for column in range(parties):
                found += matrix[row, column]
                columns[k, column] += matrix[row, column]
            rows[row] = found if place != 6 or claims[row] else 0.0
        worst[place, 0], worst[place, 2] = worst_residual(rows, measures[k])
    left_over, saving, paid = np.zeros(parties), 0.0, 0.0
    for column in range(parties):
        left_over[column] = columns[0, column] - columns[2, column]
        saving += columns[0, column]
    for row in range(gross_purpose.size):
        paid += gross_purpose[row]
    # A trade's money leg is in the settlement rows of what moved and its instrument leg in `traded`; the other rows of
    # the two must agree, and what is left of each column must add to zero.
    worst[3, 0], worst[3, 1], worst[3, 2] = worst_gap(traded, moved, settlement_rows, gross_traded)
    worst[4, 1], worst[4, 2] = worst_residual(left_over, gross_party)
    worst[5, 0], worst[5, 1], worst[5, 2] = worst_gap(positions, expected, np.zeros(0, dtype=np.int64), stock)
    worst[7, 2] = abs(saving) / max(paid, 1e-12)
    return worst


@njit(cache=True)
def move_prices(positions: Array, revaluation: Array, source: int, target: int, rate: float) -> None:
    """Add ``rate`` of every position in row ``source`` to row ``target``, and to the revaluations."""
    for column in range(positions.shape[1]):
        change = positions[source, column] * rate
        positions[target, column] += change
        revaluation[target, column] += change
