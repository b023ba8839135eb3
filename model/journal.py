"""The journal of a month: every posting with both legs, and the compiled calls that write it.

A posting moves the balance sheets at once, with its bank settlement, so that a position can be read at any moment.
The flow matrix is derived again from the journal's legs when the month is closed (:func:`flows_from_legs`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.compiled import njit

Array = NDArray[np.float64]
Codes = NDArray[np.int32]

PAYMENT = -1
"""In place of an instrument: the posting is a payment and no trade."""

STOCKS, FLOWS = 0, 1
"""Layers of the books: net positions, and the month's net acquisitions."""

_PAYER, _PAYEE, _PURPOSE, _INSTRUMENT = range(4)
_PAID, _RECEIVED = range(2)


class Journal:
    """The postings of a month, both legs kept apart.

    Attributes
    ----------
    codes : (capacity, 4) payer, payee, purpose and instrument of each posting.  In a trade the payer is the buyer and
        the payee the seller; the instrument of a payment is :data:`PAYMENT`.
    legs : (capacity, 2) money paid and money received, trillion yen.
    count : number of postings.
    """

    __slots__ = ("codes", "count", "legs")

    def __init__(self, capacity: int = 1024) -> None:
        self.codes: Codes = np.empty((capacity, 4), dtype=np.int32)
        self.legs: Array = np.empty((capacity, 2))
        self.count = 0

    def __len__(self) -> int:
        return self.count

    def make_room(self, postings: int) -> None:
        """Let at least so many more postings fit."""
        wanted = self.count + postings
        if wanted <= len(self.legs):
            return
        codes, legs = self.codes[: self.count], self.legs[: self.count]
        self.codes, self.legs = np.empty((2 * wanted, 4), dtype=np.int32), np.empty((2 * wanted, 2))
        self.codes[: self.count], self.legs[: self.count] = codes, legs

    @property
    def payer(self) -> Codes:
        """Party that pays or buys, a view."""
        return self.codes[: self.count, _PAYER]

    @property
    def payee(self) -> Codes:
        """Party that is paid or sells, a view."""
        return self.codes[: self.count, _PAYEE]

    @property
    def purpose(self) -> Codes:
        """Purpose indices, a view."""
        return self.codes[: self.count, _PURPOSE]

    @property
    def instrument(self) -> Codes:
        """Instrument indices, a view; −1 for a payment."""
        return self.codes[: self.count, _INSTRUMENT]

    @property
    def paid(self) -> Array:
        """The payers' legs, trillion yen, a view."""
        return self.legs[: self.count, _PAID]

    @property
    def received(self) -> Array:
        """The payees' legs, trillion yen, a view."""
        return self.legs[: self.count, _RECEIVED]


@njit(cache=True, no_cpython_wrapper=True)
def _settle(books: Array, place: NDArray[np.int64], sign: Array, party: int, receipt: float) -> None:
    """Move a party's means of payment, and those of who keeps its account."""
    for cell in range(sign.shape[1]):
        if sign[party, cell] == 0.0:
            break
        row, column = place[party, cell, 0], place[party, cell, 1]
        for layer in range(2):
            books[layer, row, column] += sign[party, cell] * receipt


@njit(cache=True)
def post(
    codes: Codes,
    legs: Array,
    count: int,
    books: Array,
    place: NDArray[np.int64],
    sign: Array,
    payer: int,
    payee: int,
    purpose: int,
    instrument: int,
    amount: float,
) -> int:
    """Write one posting and move the books; a negative amount runs the other way.  Returns the number of postings.

    Parameters
    ----------
    codes, legs, count : of the :class:`Journal`, which must have room.
    books : (2, instruments, parties), see :data:`STOCKS`.
    place, sign : of the :class:`model.settlement.SettlementSystem`.
    """
    if amount == 0.0:
        return count
    if amount < 0.0:
        payer, payee, amount = payee, payer, -amount
    codes[count, 0] = payer
    codes[count, 1] = payee
    codes[count, 2] = purpose
    codes[count, 3] = instrument
    legs[count, 0] = amount
    legs[count, 1] = amount
    _settle(books, place, sign, payer, -amount)
    _settle(books, place, sign, payee, amount)
    if instrument >= 0:
        for layer in range(2):
            books[layer, instrument, payer] += amount
            books[layer, instrument, payee] -= amount
    return count + 1


@njit(cache=True)
def post_members(
    codes: Codes,
    legs: Array,
    count: int,
    books: Array,
    place: NDArray[np.int64],
    sign: Array,
    party_of_label: NDArray[np.int64],
    label: NDArray[np.int64],
    amounts: Array,
    other: int,
    members_pay: bool,
    purpose: int,
    instrument: int,
    columns: tuple[Array, Array],
    factors: tuple[float, float],
) -> int:
    """Write one posting for each party under which members book, and move the members; see :func:`post`.

    Parameters
    ----------
    party_of_label, label : the party of each label, and the label of each member.
    amounts : (members,) trillion yen.
    other : the party on the other side; what its own members pay it is no posting.
    members_pay : whether members pay (or buy), else they are paid.
    columns, factors : columns of the members that move by a factor times the amounts; empty ones do not.
    """
    sums = np.zeros(party_of_label.size)
    for member in range(amounts.size):
        sums[label[member]] += amounts[member]
    for k in range(2):
        column, factor = columns[k], factors[k]
        for member in range(column.size):
            column[member] += factor * amounts[member]
    total, side = 0.0, 1.0 if members_pay else -1.0
    for k in range(sums.size):
        party, amount = party_of_label[k], sums[k]
        if party == other or amount == 0.0:
            continue
        payer, payee = (party, other) if members_pay == (amount > 0.0) else (other, party)
        codes[count, 0] = payer
        codes[count, 1] = payee
        codes[count, 2] = purpose
        codes[count, 3] = instrument
        legs[count, 0] = abs(amount)
        legs[count, 1] = abs(amount)
        count += 1
        total += amount
        _settle(books, place, sign, party, -side * amount)
        if instrument >= 0:
            for layer in range(2):
                books[layer, instrument, party] += side * amount
    _settle(books, place, sign, other, side * total)
    if instrument >= 0:
        for layer in range(2):
            books[layer, instrument, other] -= side * total
    return count


@njit(cache=True)
def post_members_to_each(
    codes: Codes,
    legs: Array,
    count: int,
    books: Array,
    place: NDArray[np.int64],
    sign: Array,
    party_of_label: NDArray[np.int64],
    label: NDArray[np.int64],
    amounts: Array,
    others: NDArray[np.int64],
    members_pay: bool,
    purposes: NDArray[np.int64],
    instrument: int,
    columns: tuple[Array, Array],
    factors: tuple[float, float],
) -> int:
    """As :func:`post_members`, with several parties in turn: ``amounts`` is (parties, members)."""
    for k in range(others.size):
        count = post_members(
            codes,
            legs,
            count,
            books,
            place,
            sign,
            party_of_label,
            label,
            amounts[k],
            others[k],
            members_pay,
            purposes[k],
            instrument,
            columns,
            factors,
        )
    return count


@njit(cache=True)
def post_instruments(
    codes: Codes,
    legs: Array,
    count: int,
    books: Array,
    place: NDArray[np.int64],
    sign: Array,
    payer: int,
    payee: int,
    purpose: int,
    instruments: NDArray[np.int64],
    amounts: Array,
) -> int:
    """Write one posting for each instrument; see :func:`post`."""
    for k in range(amounts.size):
        count = post(codes, legs, count, books, place, sign, payer, payee, purpose, instruments[k], amounts[k])
    return count


@njit(cache=True)
def flows_from_legs(
    codes: Codes, legs: Array, count: int, purposes: int, instruments: int, parties: int
) -> tuple[Array, Array, Array, Array, Array]:
    """Flow matrices and gross flows of a month, from the journal's legs and not from the balance sheets.

    Returns
    -------
    Receipts less payments (purposes, parties); purchases less sales (instruments, parties); and gross flows, both legs
    added without regard to sign, by purpose and by instrument, and by party the legs it pays or is paid.
    """
    current, traded = np.zeros((purposes, parties)), np.zeros((instruments, parties))
    gross_purpose, gross_instrument, gross_party = np.zeros(purposes), np.zeros(instruments), np.zeros(parties)
    for k in range(count):
        payer, payee, purpose, instrument = codes[k, 0], codes[k, 1], codes[k, 2], codes[k, 3]
        out, into = legs[k, 0], legs[k, 1]
        if instrument < 0:
            current[purpose, payee] += into
            current[purpose, payer] -= out
            gross_purpose[purpose] += abs(out) + abs(into)
        else:
            traded[instrument, payer] += out
            traded[instrument, payee] -= into
            gross_instrument[instrument] += abs(out) + abs(into)
        gross_party[payer] += abs(out)
        gross_party[payee] += abs(out)
    return current, traded, gross_purpose, gross_instrument, gross_party
