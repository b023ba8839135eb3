"""What must add up each month: rows, columns, balance sheets and redundant identities; a leak says where it is.

Flows are derived again from the journal's legs, and not from the balance sheets that the postings moved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.vocabulary import DEPOSITS, GOVERNMENT_DEPOSITS, OFFSHORE_DOLLARS, RESERVES
from model.journal import flows_from_legs
from model.ledger_residuals import gross_stock, worst_leg, worst_residual, worst_stock

Array = NDArray[np.float64]

RELATIVE_TOLERANCE = 1e-9
"""Largest residual of a row or column, as a share of its own gross flow (or gross stock)."""

_STOCK_FLOOR_SHARE = 1e-3
"""A stock that is run down keeps the rounding of its better days: it counts as at least this share of its peak."""


class LedgerLeak(RuntimeError):  # noqa: N818 - a leak is what users of stock-flow models call it
    """A row, a column or a balance sheet does not add up."""


@dataclass(frozen=True)
class GrossFlows:
    """What flowed in a month, added without regard to sign: the measure of each residual.

    Attributes
    ----------
    purpose : (purposes,) both legs of the payments.
    traded : (instruments,) both legs of the trades.
    instrument : (instruments,) trades and what is paid through the instrument.
    party : (parties,) own payments and trades, and what others pay through the accounts the party keeps.
    """

    purpose: Array
    traded: Array
    instrument: Array
    party: Array


def check_month(ledger: Any, current: Array, traded: Array, gross: GrossFlows) -> float:
    """Check a month by row, by column, against the balance sheets and in redundant identities.

    Returns the largest residual relative to its own gross flow.

    Raises
    ------
    LedgerLeak : naming the row, the sector, the month and the amount.
    """
    return max(
        _check_rows(ledger, current, traded, gross),
        _check_columns(ledger, current, traded, gross),
        _check_balance_sheets(ledger, gross),
        _check_identities(ledger, current, gross),
    )


def flows_of_month(ledger: Any) -> tuple[Array, Array, GrossFlows]:
    """Current and traded flow matrices, derived from the journal's legs and not from the balance sheets."""
    journal = ledger.journal
    current, traded, purpose, instrument, party = flows_from_legs(
        journal.codes,
        journal.legs,
        journal.count,
        len(ledger.purposes),
        len(ledger.instruments),
        len(ledger.parties),
    )
    return current, traded, _gross_flows(ledger, purpose, instrument, party)


def _gross_flows(ledger: Any, purpose: Array, traded: Array, party: Array) -> GrossFlows:
    moved, kept, settlement = traded.copy(), party.copy(), ledger._settlement
    bank, central_bank = settlement.bank, settlement.central_bank
    central = party[central_bank] if central_bank >= 0 else 0.0
    dollars, treasury = party[settlement.by_dollar].sum(), party[settlement.by_treasury].sum()
    # What passes through a means of payment, and through the party that keeps its accounts: the net flow can be all
    # but zero while much passes through it.
    for name, keeper, through in (
        (DEPOSITS, bank, party[settlement.by_deposit].sum() + dollars),
        (OFFSHORE_DOLLARS, settlement.dealer, dollars),
        (GOVERNMENT_DEPOSITS, central_bank, treasury),
        (RESERVES, central_bank, treasury + central),
    ):
        if settlement.row[name] >= 0:
            moved[settlement.row[name]] += through
        if keeper >= 0:
            kept[keeper] += through
    return GrossFlows(purpose, traded, moved, kept)


def _check_rows(ledger: Any, current: Array, traded: Array, gross: GrossFlows) -> float:
    purpose, instrument = ledger.journal.purpose, ledger.journal.instrument

    def of_purpose(row: int) -> str:
        return f"flow row '{ledger.purposes[row]}'" + _suspect(ledger, (instrument < 0) & (purpose == row), gross)

    def of_instrument(row: int) -> str:
        return f"flow row '{ledger.instruments[row]}'" + _suspect(ledger, instrument == row, gross)

    return max(
        _check(ledger, current.sum(axis=1), of_purpose, gross.purpose),
        _check(ledger, traded.sum(axis=1), of_instrument, gross.traded),
        _check(ledger, ledger._financial.sum(axis=1), of_instrument, gross.instrument),
    )


def _check_columns(ledger: Any, current: Array, traded: Array, gross: GrossFlows) -> float:
    # A trade's money leg is in the settlement rows of the financial matrix and its instrument leg in `traded`; the
    # other rows of the two must agree, and what is left of each column must add to zero.
    moved = ledger._financial
    row, column, relative = worst_leg(traded, moved, ledger._settlement.rows, gross.traded)
    if not relative <= RELATIVE_TOLERANCE:
        raise LedgerLeak(
            f"month {ledger.months + 1}: traded flow row '{ledger.instruments[row]}', {_named(ledger, column)}: legs "
            f"differ by {traded[row, column] - moved[row, column]:.6e} trn yen"
        )

    def of_party(column: int) -> str:
        return f"column of {_named(ledger, column)}"

    return _check(ledger, current.sum(axis=0) - moved.sum(axis=0), of_party, gross.party)


def _named(ledger: Any, column: int) -> str:
    """A party and its sector, as errors name them."""
    party = ledger.parties[column]
    return f"sector '{party.sector.value}' (party {party.name})"


def _check(ledger: Any, residual: Array, name: Callable[[int], str], gross: Array) -> float:
    worst, relative = worst_residual(residual, gross)
    if not relative <= RELATIVE_TOLERANCE:
        raise LedgerLeak(
            f"month {ledger.months + 1}: {name(worst)} does not add to zero: residual {residual[worst]:.6e} trn "
            f"yen of a gross flow of {gross[worst]:.6e}"
        )
    return relative


def _suspect(ledger: Any, postings: NDArray[np.bool_], gross: GrossFlows) -> str:
    """For a leaking row with these postings, the party whose own column does not balance."""
    journal = ledger.journal
    unequal = postings & (journal.paid != journal.received)
    named = np.zeros(len(ledger.parties), dtype=bool)
    named[journal.payer[unequal]] = named[journal.payee[unequal]] = True
    current, traded, _ = flows_of_month(ledger)
    moved = ledger._financial.copy()
    moved[ledger._settlement.rows] = traded[ledger._settlement.rows]
    gap = np.abs(current.sum(axis=0) - ledger._financial.sum(axis=0))
    gap = np.maximum(gap, np.abs(traded - moved).sum(axis=0))
    # Rounding grows with a party's payments, so a small gap of a small party counts for more than of a large one.
    gap /= np.maximum(gross.party, 1e-300)
    if named.any():
        gap[~named] = -1.0
    return f", {_named(ledger, int(np.argmax(gap)))}"


def _check_balance_sheets(ledger: Any, gross: GrossFlows) -> float:
    row, column, relative = worst_stock(
        ledger.positions,
        ledger._opening,
        ledger._financial,
        ledger._revaluation,
        gross.instrument,
        ledger._peak_stock,
        _STOCK_FLOOR_SHARE,
    )
    if not relative <= RELATIVE_TOLERANCE:
        expected = ledger._opening[row, column] + ledger._financial[row, column] + ledger._revaluation[row, column]
        raise LedgerLeak(
            f"month {ledger.months + 1}: balance sheet row '{ledger.instruments[row]}', {_named(ledger, column)}: "
            f"stock differs from flows and revaluations by {ledger.positions[row, column] - expected:.6e} trn yen"
        )
    return max(relative, check_positions(ledger, f"month {ledger.months + 1}"))


def check_positions(ledger: Any, when: str) -> float:
    """Check that every instrument adds to zero over its holders and issuers; returns the largest relative residual.

    Raises
    ------
    LedgerLeak : naming the instrument, the largest holder and the amount.
    """
    residual = ledger.positions.sum(axis=1)
    worst, relative = worst_residual(residual, gross_stock(ledger.positions, ledger._peak_stock, _STOCK_FLOOR_SHARE))
    if not relative <= RELATIVE_TOLERANCE:
        holder = _named(ledger, int(np.argmax(np.abs(ledger.positions[worst]))))
        raise LedgerLeak(
            f"{when}: instrument '{ledger.instruments[worst]}' does not add to zero: residual {residual[worst]:.6e} "
            f"trn yen (largest holder: {holder})"
        )
    return relative


def _check_identities(ledger: Any, current: Array, gross: GrossFlows) -> float:
    saving = current.sum(axis=0)
    worst = abs(float(saving.sum())) / max(float(gross.purpose.sum()), 1e-12)
    if not worst <= RELATIVE_TOLERANCE:
        raise LedgerLeak(f"month {ledger.months + 1}: deficits and savings sum to {saving.sum():.6e} trn yen, not zero")
    for name, identity in ledger.identities.items():
        left, right = identity()
        relative = abs(left - right) / max(abs(left), abs(right), 1e-12)
        if not relative <= RELATIVE_TOLERANCE:
            raise LedgerLeak(f"month {ledger.months + 1}: {name}: {left:.12g} against {right:.12g} trn yen")
        worst = max(worst, relative)
    return worst
