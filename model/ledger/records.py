"""What the ledger keeps: closed months, and postings member by member."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit
from itcho.agents.population import MemberRows
from itcho.model.ledger.journal import Codes

Array = NDArray[np.float64]


def sums_by_index(index: NDArray[np.int64], amounts: Array, size: int = 0) -> Array:
    """Amounts added up by index.  numpy's own count of nothing is whole numbers, which would cut off what is added."""
    return np.bincount(index, amounts, size).astype(np.float64, copy=False)


@njit(cache=True)
def total_of_columns(matrix: Array, columns: NDArray[np.int64]) -> float:
    """All figures of a matrix in some columns, added up."""
    found = 0.0
    for row in range(matrix.shape[0]):
        for k in range(columns.size):
            found += matrix[row, columns[k]]
    return found


@dataclass(frozen=True)
class MonthlyFlows:
    """What the ledger keeps of a closed month.

    Attributes
    ----------
    current : (purposes × parties) receipts less payments.
    financial : (instruments × parties) net acquisitions.
    revaluation : (instruments × parties) price changes, write-offs and reclassifications.
    max_relative_residual : the largest residual found, relative to its own gross flow.
    codes, amounts : payer, payee, purpose and instrument, (postings, 4), and trillion yen of the month's postings,
        without those kept member by member.
    """

    current: Array
    financial: Array
    revaluation: Array
    max_relative_residual: float
    codes: Codes
    amounts: Array

    @cached_property
    def edges(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Array]:
        """Columns payer, payee, purpose, instrument, amount of the month's postings, equal keys summed."""
        payer, payee, purpose, instrument = self.codes.T.astype(np.int64)
        parties, instruments = self.current.shape[1], len(self.financial) + 1
        key = ((purpose * instruments + instrument + 1) * parties + payer) * parties + payee
        keys, inverse = np.unique(key, return_inverse=True)
        sums = sums_by_index(inverse, self.amounts)
        rest, to = np.divmod(keys, parties)
        rest, source = np.divmod(rest, parties)
        what, kind = np.divmod(rest, instruments)
        return source, to, what, kind - 1, sums


@dataclass(frozen=True)
class MemberEdges:
    """One vectorised posting, member by member.

    Attributes
    ----------
    month : index of the month in the ledger's history.
    payer, payee : parties or members; in a trade the buyer and the seller.
    purpose, instrument : indices; instrument −1 for a payment.
    amounts : trillion yen, one per member; a negative amount runs the other way.
    """

    month: int
    payer: str | MemberRows
    payee: str | MemberRows
    purpose: int
    instrument: int
    amounts: Array
