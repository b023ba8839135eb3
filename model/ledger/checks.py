"""What must add up each month: rows, columns, balance sheets and redundant identities; a leak says where it is.

Flows are derived again from the journal's legs, and not from the balance sheets that the postings moved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.model.ledger.journal import flows_from_legs
from itcho.model.ledger.residuals import CHECKS, SMALLEST_STOCK_TRN_YEN, worst_of_month, worst_residual

if TYPE_CHECKING:
    from itcho.model.ledger.ledger import Ledger

Array = NDArray[np.float64]

RELATIVE_TOLERANCE = 1e-9
"""Largest residual of a row or column, as a share of its own gross flow; or of its gross stock, which counts as at
least :data:`itcho.model.ledger.residuals.SMALLEST_STOCK_TRN_YEN`."""

_STOCK_FLOOR_SHARE = 1e-3
"""A stock that is run down keeps the rounding of its better days: it counts as at least this share of its peak."""


class LedgerLeak(RuntimeError):  # noqa: N818 - a leak is what users of stock-flow models call it
    """A row, a column or a balance sheet does not add up."""


class Flows(NamedTuple):
    """What flowed in a month, from the journal's legs; gross flows measure residuals and disregard signs.

    Attributes
    ----------
    current : (purposes, parties) receipts less payments.
    traded : (instruments, parties) purchases less sales.
    gross_purpose : (purposes,) both legs of the payments.
    gross_traded : (instruments,) both legs of the trades.
    gross_instrument : (instruments,) trades and what is paid through the instrument.
    gross_party : (parties,) own payments and trades, and what others pay through the accounts the party keeps.
    """

    current: Array
    traded: Array
    gross_purpose: Array
    gross_traded: Array
    gross_instrument: Array
    gross_party: Array


def flows_of_month(ledger: Ledger) -> Flows:
    """Flows of the running month, derived from the journal's legs and not from the balance sheets."""
    journal = ledger.journal
    flows = flows_from_legs(
        journal.codes,
        journal.legs,
        journal.count,
        len(ledger.purposes),
        len(ledger.instruments),
        ledger._settlement.passes,
    )
    return Flows(*flows)


def check_month(ledger: Ledger, flows: Flows) -> float:
    """Check a month by row, by column, against the balance sheets and in redundant identities.

    Returns the largest residual relative to its own gross flow.

    Raises
    ------
    LedgerLeak : naming the row, the sector, the month and the amount.
    """
    worst = worst_of_month(
        *flows,
        ledger._financial,
        ledger.positions,
        ledger._opening,
        ledger._revaluation,
        ledger._settlement.rows,
        ledger._peak_stock,
        _STOCK_FLOOR_SHARE,
        ledger.is_claim,
    ).tolist()
    largest = 0.0
    for check, (row, column, relative) in zip(CHECKS, worst, strict=True):
        if not relative <= RELATIVE_TOLERANCE:
            leak = _leak(ledger, flows, check, int(row), int(column))
            raise LedgerLeak(f"month {ledger.months + 1}: {leak}")
        largest = max(largest, relative)
    return max(largest, _check_identities(ledger))


def _leak(ledger: Ledger, flows: Flows, check: str, row: int, column: int) -> str:
    """What to tell of the worst residual of one of :data:`itcho.model.ledger.residuals.CHECKS`."""
    moved = ledger._financial
    if check == "purposes":
        name, residual, gross = ledger.purposes[row], flows.current[row].sum(), flows.gross_purpose[row]
        at_fault = _suspect(ledger, flows, (ledger.journal.instrument < 0) & (ledger.journal.purpose == row))
        return _does_not_add(f"flow row '{name}'{at_fault}", residual, gross)
    if check in ("trades", "moves"):
        matrix, gross = (flows.traded, flows.gross_traded) if check == "trades" else (moved, flows.gross_instrument)
        at_fault = _suspect(ledger, flows, ledger.journal.instrument == row)
        return _does_not_add(f"flow row '{ledger.instruments[row]}'{at_fault}", matrix[row].sum(), gross[row])
    if check == "legs":
        gap = flows.traded[row, column] - moved[row, column]
        return (
            f"traded flow row '{ledger.instruments[row]}', {_named(ledger, column)}: legs differ by {gap:.6e} trn yen"
        )
    if check == "columns":
        residual = flows.current[:, column].sum() - moved[:, column].sum()
        return _does_not_add(f"column of {_named(ledger, column)}", residual, flows.gross_party[column])
    if check == "stocks":
        expected = ledger._opening[row, column] + moved[row, column] + ledger._revaluation[row, column]
        return (
            f"balance sheet row '{ledger.instruments[row]}', {_named(ledger, column)}: "
            f"stock differs from flows and revaluations by {ledger.positions[row, column] - expected:.6e} trn yen"
        )
    if check == "claims":
        return _open_claims(ledger, row)
    return f"deficits and savings sum to {flows.current.sum():.6e} trn yen, not zero"


def _does_not_add(what: str, residual: float, gross: float) -> str:
    return f"{what} does not add to zero: residual {residual:.6e} trn yen of a gross flow of {gross:.6e}"


def _open_claims(ledger: Ledger, row: int) -> str:
    holder = _named(ledger, int(np.argmax(np.abs(ledger.positions[row]))))
    return (
        f"instrument '{ledger.instruments[row]}' does not add to zero: residual {ledger.positions[row].sum():.6e} "
        f"trn yen (largest holder: {holder})"
    )


def _named(ledger: Ledger, column: int) -> str:
    """A party and its sector, as errors name them."""
    party = ledger.parties[column]
    return f"sector '{party.sector.value}' (party {party.name})"


def _suspect(ledger: Ledger, flows: Flows, postings: NDArray[np.bool_]) -> str:
    """For a leaking row with these postings, the party whose own column does not balance."""
    journal = ledger.journal
    unequal = postings & (journal.paid != journal.received)
    named = np.zeros(len(ledger.parties), dtype=bool)
    named[journal.payer[unequal]] = named[journal.payee[unequal]] = True
    moved = ledger._financial.copy()
    moved[ledger._settlement.rows] = flows.traded[ledger._settlement.rows]
    gap = np.abs(flows.current.sum(axis=0) - ledger._financial.sum(axis=0))
    gap = np.maximum(gap, np.abs(flows.traded - moved).sum(axis=0))
    # Rounding grows with a party's payments, so a small gap of a small party counts for more than of a large one.
    gap /= np.maximum(flows.gross_party, 1e-300)
    if named.any():
        gap[~named] = -1.0
    return f", {_named(ledger, int(np.argmax(gap)))}"


def check_positions(ledger: Ledger, when: str) -> None:
    """Check that every instrument but real assets adds to zero over its holders and issuers.

    Raises
    ------
    LedgerLeak : naming the instrument, the largest holder and the amount.
    """
    gross = np.maximum(np.abs(ledger.positions).sum(axis=1), SMALLEST_STOCK_TRN_YEN)
    row, relative = worst_residual(np.where(ledger.is_claim, ledger.positions.sum(axis=1), 0.0), gross)
    if not relative <= RELATIVE_TOLERANCE:
        raise LedgerLeak(f"{when}: {_open_claims(ledger, row)}")


def _check_identities(ledger: Ledger) -> float:
    worst = 0.0
    for name, identity in ledger.identities.items():
        left, right = identity()
        relative = abs(left - right) / max(abs(left), abs(right), SMALLEST_STOCK_TRN_YEN)
        if not relative <= RELATIVE_TOLERANCE:
            raise LedgerLeak(f"month {ledger.months + 1}: {name}: {left:.12g} against {right:.12g} trn yen")
        worst = max(worst, relative)
    return worst
