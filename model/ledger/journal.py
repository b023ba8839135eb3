"""The journal of a month: every posting with both legs, and the compiled calls that write it.

A posting moves the balance sheets at once, with its bank settlement, so that a position can be read at any moment.
The flow matrix is derived again from the journal's legs when the month is closed (:func:`flows_from_legs`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit
from itcho.model.ledger.settlement import FIRST_CELL

Array = NDArray[np.float64]
Codes = NDArray[np.int32]
Routes = NDArray[np.int64]

STOCKS, FLOWS = 0, 1
"""Layers of the books: net positions, and the month's net acquisitions."""

_PAYER, _PAYEE, PURPOSE, _INSTRUMENT = range(4)
"""Places of a posting's codes, in the journal and at the start of a route."""

_PAID, _RECEIVED = range(2)


class MemberRoutes(NamedTuple):
    """What postings of one kind between a population and others move; see :func:`post_members`."""

    routes: Routes
    label: NDArray[np.int64]
    cash: Array
    held: Array
    cash_factor: float
    held_factor: float


class Journal:
    """The postings of a month, both legs kept apart.

    Attributes
    ----------
    codes : (capacity, 4) payer, payee, purpose and instrument of each posting.  In a trade the payer is the buyer and
        the payee the seller; the instrument of a payment is :data:`PAYMENT`.
    legs : (capacity, 2) money paid and money received, trillion yen.
    count : number of postings.
    capacity : number of postings that fit.
    """

    __slots__ = ("capacity", "codes", "count", "legs")

    def __init__(self, capacity: int = 1024) -> None:
        self.codes: Codes = np.empty((capacity, 4), dtype=np.int32)
        self.legs: Array = np.empty((capacity, 2))
        self.count, self.capacity = 0, capacity

    def __len__(self) -> int:
        return self.count

    def make_room(self, postings: int) -> None:
        """Let at least so many more postings fit."""
        wanted = self.count + postings
        if wanted <= self.capacity:
            return
        codes, legs = self.codes[: self.count], self.legs[: self.count]
        self.capacity = 2 * wanted
        self.codes, self.legs = np.empty((self.capacity, 4), dtype=np.int32), np.empty((self.capacity, 2))
        self.codes[: self.count], self.legs[: self.count] = codes, legs

    def clear(self) -> None:
        """Begin again without postings."""
        self.count = 0

    def post(self, books: Array, routes: Routes, amount: float) -> None:
        """Write one posting and move the books; see :func:`post`."""
        if self.count == self.capacity:
            self.make_room(1)
        self.count = post(self.codes, self.legs, self.count, books, routes, amount)

    def post_each(self, books: Array, routes: Routes, amounts: Array) -> None:
        """Write one posting for each route and move the books; see :func:`post_each`."""
        if self.count + len(routes) > self.capacity:
            self.make_room(len(routes))
        self.count = post_each(self.codes, self.legs, self.count, books, routes, amounts)

    def post_members(self, books: Array, kind: MemberRoutes, rows: NDArray[np.int64], amounts: Array) -> None:
        """Write the postings of members and move the books and the members; see :func:`post_members`."""
        postings = kind.routes.shape[0] * kind.routes.shape[1]
        if self.count + postings > self.capacity:
            self.make_room(postings)
        self.count = post_members(
            self.codes,
            self.legs,
            self.count,
            books,
            kind.routes,
            kind.label,
            rows,
            amounts,
            kind.cash,
            kind.held,
            kind.cash_factor,
            kind.held_factor,
        )

    def post_between(
        self,
        books: Array,
        kinds: tuple[MemberRoutes, MemberRoutes],
        payers: NDArray[np.int64],
        payees: NDArray[np.int64],
        amounts: Array,
    ) -> None:
        """Write the postings between members and move the books and the members; see :func:`post_between`."""
        one, other = kinds
        postings = one.routes.shape[0] * one.routes.shape[1]
        if self.count + postings > self.capacity:
            self.make_room(postings)
        self.count = post_between(
            self.codes,
            self.legs,
            self.count,
            books,
            one.routes,
            (one.label, other.label),
            payers,
            payees,
            amounts,
            (one.cash, one.held, other.cash, other.held),
            (one.cash_factor, one.held_factor, other.cash_factor, other.held_factor),
        )

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
        return self.codes[: self.count, PURPOSE]

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


@njit(inline="always")
def _write(codes: Codes, legs: Array, count: int, books: Array, routes: Routes, k: int, amount: float) -> int:
    """Write one posting along route ``k`` and move the books; returns the number of postings."""
    payer, payee = routes[k, _PAYER], routes[k, _PAYEE]
    if amount < 0.0:
        payer, payee = payee, payer
    codes[count, _PAYER] = payer
    codes[count, _PAYEE] = payee
    codes[count, PURPOSE] = routes[k, PURPOSE]
    codes[count, _INSTRUMENT] = routes[k, _INSTRUMENT]
    legs[count, _PAID] = abs(amount)
    legs[count, _RECEIVED] = abs(amount)
    for place in range(FIRST_CELL, routes.shape[1], 2):
        cell, sign = routes[k, place], routes[k, place + 1]
        if sign == 0:
            break
        books[STOCKS, cell] += sign * amount
        books[FLOWS, cell] += sign * amount
    return count + 1


@njit(cache=True)
def post(codes: Codes, legs: Array, count: int, books: Array, routes: Routes, amount: float) -> int:
    """Write one posting and move the books; a negative amount runs the other way.  Returns the number of postings.

    Parameters
    ----------
    codes, legs, count : of the :class:`Journal`, which must have room.
    books : (2, instruments * parties), see :data:`STOCKS`.
    routes : (1, width) what a posting of one writes, see :meth:`itcho.model.ledger.settlement.SettlementSystem.routes`.
    amount : trillion yen.
    """
    return count if amount == 0.0 else _write(codes, legs, count, books, routes, 0, amount)


@njit(cache=True)
def post_each(codes: Codes, legs: Array, count: int, books: Array, routes: Routes, amounts: Array) -> int:
    """Write one posting for each route, (postings, width), and amount; see :func:`post`.

    What a party would pay itself is no posting.
    """
    for k in range(amounts.size):
        if amounts[k] != 0.0 and routes[k, _PAYER] != routes[k, _PAYEE]:
            count = _write(codes, legs, count, books, routes, k, amounts[k])
    return count


@njit(cache=True)
def post_members(
    codes: Codes,
    legs: Array,
    count: int,
    books: Array,
    routes: Routes,
    label: NDArray[np.int64],
    rows: NDArray[np.int64],
    amounts: Array,
    cash: Array,
    held: Array,
    cash_factor: float,
    held_factor: float,
) -> int:
    """Write one posting for each party under which members book, and move the members; see :func:`post`.

    Parameters
    ----------
    routes : (others, labels, width) by party on the other side and label of members; what the members of a party
        would pay that party itself is no posting.
    label : label of each row of the population.
    rows : (members,) rows of those who pay or are paid.
    amounts : (others, members) trillion yen.
    cash, held : columns of the population that move by their factor times the amounts; empty ones do not.
    """
    sums = np.zeros(routes.shape[:2])
    for member in range(rows.size):
        row, amount = rows[member], 0.0
        if not 0 <= row < label.size:
            raise IndexError("a row that the population does not have")
        for other in range(amounts.shape[0]):
            sums[other, label[row]] += amounts[other, member]
            amount += amounts[other, member]
        if cash.size > 0:
            cash[row] += cash_factor * amount
        if held.size > 0:
            held[row] += held_factor * amount
    for other in range(amounts.shape[0]):
        count = post_each(codes, legs, count, books, routes[other], sums[other])
    return count


@njit(cache=True)
def post_between(
    codes: Codes,
    legs: Array,
    count: int,
    books: Array,
    routes: Routes,
    labels: tuple[NDArray[np.int64], NDArray[np.int64]],
    payers: NDArray[np.int64],
    payees: NDArray[np.int64],
    amounts: Array,
    columns: tuple[Array, Array, Array, Array],
    factors: tuple[float, float, float, float],
) -> int:
    """Write one posting for each pair of parties under which members book, and move the members; see :func:`post`.

    Parameters
    ----------
    routes : (payers' labels, payees' labels, width); what members of one party would pay each other is no posting.
    labels : of each row of the payers' population and of the payees'.
    payers, payees : (postings,) rows, which may repeat.
    columns, factors : the payers' cash and holding and then the payees', and by what they move; empty ones do not.
    """
    sums = np.zeros(routes.shape[:2])
    for k in range(amounts.size):
        payer, payee, amount = payers[k], payees[k], amounts[k]
        if not (0 <= payer < labels[0].size and 0 <= payee < labels[1].size):
            raise IndexError("a row that the population does not have")
        sums[labels[0][payer], labels[1][payee]] += amount
        for side in range(4):
            if columns[side].size > 0:
                columns[side][payer if side < 2 else payee] += factors[side] * amount
    for label in range(routes.shape[0]):
        count = post_each(codes, legs, count, books, routes[label], sums[label])
    return count


@njit(cache=True)
def flows_from_legs(
    codes: Codes, legs: Array, count: int, purposes: int, instruments: int, passes: NDArray[np.int64]
) -> tuple[Array, Array, Array, Array, Array, Array]:
    """Flow matrices and gross flows of a month, from the journal's legs and not from the balance sheets.

    Parameters
    ----------
    codes, legs, count : of the :class:`Journal`.
    purposes, instruments : how many there are.
    passes : of the :class:`itcho.model.ledger.settlement.SettlementSystem`.

    Returns
    -------
    Receipts less payments (purposes, parties); purchases less sales (instruments, parties); and gross flows, both legs
    added without regard to sign: of payments by purpose; of trades by instrument, without and with what is paid through
    the instrument; and by party the legs it pays or is paid, with what passes through the accounts it keeps.
    """
    parties = passes.shape[0]
    current, traded = np.zeros((purposes, parties)), np.zeros((instruments, parties))
    gross_purpose, gross_traded, gross_party = np.zeros(purposes), np.zeros(instruments), np.zeros(parties)
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
            gross_traded[instrument] += abs(out) + abs(into)
        gross_party[payer] += abs(out)
        gross_party[payee] += abs(out)
    # A net flow can be all but zero while much passes through a means of payment and who keeps its accounts.
    moved, kept = gross_traded.copy(), gross_party.copy()
    for party in range(parties):
        for k in range(passes.shape[1]):
            row, keeper = passes[party, k, 0], passes[party, k, 1]
            if row >= 0:
                moved[row] += gross_party[party]
            if keeper >= 0:
                kept[keeper] += gross_party[party]
    return current, traded, gross_purpose, gross_traded, moved, kept
