"""The one ledger: every yen moves through :meth:`Ledger.pay` or :meth:`Ledger.trade`.

The ledger keeps net positions (instrument × party, trillion yen at market value; an asset is positive, a liability
negative) and a journal of postings with both legs.  Bank settlement is posted by the same call: deposits, reserves, the
treasury account and the dollar accounts that foreigners hold with dealers move at once with the payment.  At the end of
each month the flow matrix is derived again from the journal's legs and checked by row, by column and against the
balance sheets; a leak raises :class:`LedgerLeak` naming the row, the sector, the month and the amount.

The layout is the transaction-flow matrix of Godley and Lavoie, *Monetary Economics* (2007), with a revaluation matrix
beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.population import MemberRows
from agents.vocabulary import DEPOSITS, INSTRUMENTS, Party, Sector
from model.journal import (
    FLOWS,
    PAYMENT,
    STOCKS,
    Codes,
    Journal,
    post,
    post_instruments,
    post_members,
    post_members_to_each,
)
from model.ledger_checks import RELATIVE_TOLERANCE, LedgerLeak, check_month, check_positions, flows_of_month
from model.ledger_records import MemberEdges, MonthlyFlows, sums_by_index
from model.ledger_residuals import move_prices
from model.settlement import settlement_system

__all__ = ["PARTIES", "RELATIVE_TOLERANCE", "Ledger", "LedgerLeak", "MemberEdges", "MonthlyFlows", "Side"]

Array = NDArray[np.float64]


class _Everybody:
    """All parties of a ledger in their order, on one side of a vectorised posting."""


PARTIES = _Everybody()
"""In place of a party: all of them, with one amount each.  What a party would pay itself is no posting."""


_NO_COLUMNS = (np.empty(0), np.empty(0))
"""No columns of members move."""


Side = str | tuple[str, ...] | MemberRows | _Everybody
"""Who pays or is paid."""


class Ledger:
    """Double-entry accounts of all parties.

    Parameters
    ----------
    parties : the columns.
    opening : (instruments × parties) net positions, trillion yen; every row must add to zero.
    instruments : the rows of the balance sheet.
    keep_edges : whether closed months keep their edge lists.

    Raises
    ------
    LedgerLeak : an opening row does not add to zero.
    """

    def __init__(
        self,
        parties: Sequence[Party],
        opening: Array,
        instruments: Sequence[str] = INSTRUMENTS,
        keep_edges: bool = True,
    ) -> None:
        self.parties = tuple(parties)
        self.instruments = tuple(instruments)
        self.party_index = {party.name: index for index, party in enumerate(self.parties)}
        self._settlement = settlement_system(self.parties, self.instruments)
        self.instrument_index = {name: index for index, name in enumerate(self.instruments)}
        self.purposes: list[str] = []
        self.purpose_index: dict[str, int] = {}
        positions = np.array(opening, dtype=np.float64)
        self._books: Array = np.stack([positions, np.zeros_like(positions)])
        self.positions: Array = self._books[STOCKS]
        self._financial: Array = self._books[FLOWS]
        self.keep_edges = keep_edges
        self.history: list[MonthlyFlows] = []
        self.keep_member_edges = False
        self.member_edges: list[MemberEdges] = []
        self._by_members: list[int] = []
        self.identities: dict[str, Callable[[], tuple[float, float]]] = {}
        self._every_party = np.arange(len(self.parties))
        self._columns_of_parties: dict[tuple[str, ...], NDArray[np.int64]] = {}
        self._of_sector: dict[Sector, NDArray[np.int64]] = {}
        self._rows_of: dict[tuple[str, ...], NDArray[np.int64]] = {}
        self._population_parties: dict[int, NDArray[np.int64]] = {}
        self._columns_of: dict[tuple[int, str], tuple[Array, float]] = {}
        self._population_labels: dict[int, NDArray[np.int64]] = {}
        self._peak_stock: Array = np.zeros(len(self.instruments))
        self._start_month()
        check_positions(self, "opening balance sheet")

    @property
    def months(self) -> int:
        """Number of closed months."""
        return len(self.history)

    @property
    def max_relative_residual(self) -> float:
        """The largest residual of any closed month, relative to its own gross flow."""
        return max((month.max_relative_residual for month in self.history), default=0.0)

    def register_population(self, population: Any, party_names: Sequence[str]) -> None:
        """Let the members of ``population`` pay: label ``k`` of its ``label_of_row`` books under ``party_names[k]``."""
        self._population_parties[id(population)] = np.array([self.party_index[name] for name in party_names])
        self._population_labels[id(population)] = np.ascontiguousarray(population.label_of_row, dtype=np.int64)

    def parties_of_members(self, population: Any) -> NDArray[np.int64]:
        """Party index under which each member of a registered population books, (n,)."""
        return np.asarray(self._population_parties[id(population)][population.label_of_row])

    def of_sector(self, sector: Sector) -> NDArray[np.int64]:
        """Columns of :attr:`positions` of a sector's parties; not to be changed."""
        columns = self._of_sector.get(sector)
        if columns is None:
            found = [place for place, party in enumerate(self.parties) if party.sector == sector]
            columns = self._of_sector[sector] = np.array(found, dtype=np.int64)
        return columns

    def _places_of(self, parties: tuple[str, ...]) -> NDArray[np.int64]:
        """Columns of these parties; not to be changed."""
        places = self._columns_of_parties.get(parties)
        if places is None:
            places = np.array([self.party_index[name] for name in parties])
            self._columns_of_parties[parties] = places
        return places

    def rows_of(self, instruments: tuple[str, ...]) -> NDArray[np.int64]:
        """Rows of :attr:`positions` that hold these instruments; not to be changed."""
        rows = self._rows_of.get(instruments)
        if rows is None:
            rows = self._rows_of[instruments] = np.array([self.instrument_index[name] for name in instruments])
        return rows

    def pay(self, payer: Side, payee: Side, amount: Any, purpose: str | tuple[str, ...]) -> None:
        """Pay ``amount`` trillion yen for ``purpose``.

        With members on one side or both, ``amount`` is an array of one amount per member; with several parties on one
        side (names, or :data:`PARTIES` for all), of one amount per party.  With members on one side and several parties
        on the other, ``amount`` has a row for each of those, and ``purpose`` may differ between them.  A negative
        amount is a payment the other way.

        Raises
        ------
        KeyError : unknown party.
        """
        if isinstance(payer, str) and isinstance(payee, str):
            self._post(payer, payee, str(purpose), PAYMENT, float(amount))
            return
        self._book(payer, payee, np.ascontiguousarray(amount, dtype=np.float64), purpose, "")

    def trade(
        self,
        buyer: Side,
        seller: Side,
        instrument: str | tuple[str, ...],
        quantity: Any,
        price: float,
        purpose: str | tuple[str, ...],
    ) -> None:
        """Buy ``quantity`` of ``instrument`` at ``price``; the seller may be the issuer, whose liability then rises.

        A negative quantity is a trade the other way.  With members or :data:`PARTIES` on a side, ``quantity`` is an
        array; with several instruments between two parties, one of a quantity for each.

        Raises
        ------
        KeyError : unknown party or instrument.
        """
        if isinstance(instrument, tuple):
            self._book_instruments(str(buyer), str(seller), instrument, quantity * price, str(purpose))
            return
        if isinstance(buyer, str) and isinstance(seller, str):
            self._post(buyer, seller, str(purpose), self.instrument_index[instrument], float(quantity) * price)
            return
        self._book(buyer, seller, np.ascontiguousarray(quantity, dtype=np.float64) * price, purpose, instrument)

    def write_off(self, lender: str, borrower: str | MemberRows, instrument: str, amount: Any) -> None:
        """Cancel ``amount`` of what ``borrower`` owes ``lender``; no money moves."""
        row = self.instrument_index[instrument]
        amounts = np.atleast_1d(np.asarray(amount, dtype=np.float64))
        self._other_change(row, self.party_index[lender], -float(amounts.sum()))
        if isinstance(borrower, str):
            self._other_change(row, self.party_index[borrower], float(amounts.sum()))
            return
        column, sign = self._column_of(borrower.population, instrument)
        if column.size:
            column[borrower.rows] += sign * amounts
        for party, value in zip(*self._by_party(borrower, amounts), strict=True):
            self._other_change(row, int(party), float(value))

    def revalue(self, instrument: str, rate: float) -> None:
        """Change the price of ``instrument`` by ``rate`` (0.01 is one percent), for holders and issuers alike."""
        if rate == 0.0:
            return
        row = self.instrument_index[instrument]
        move_prices(self.positions, self._revaluation, row, row, float(rate))

    def revalue_claim(self, instrument: str, holder: str, issuer: str, amount: float) -> None:
        """Change the value of what ``holder`` has against ``issuer`` by ``amount`` trillion yen, on both sides."""
        row = self.instrument_index[instrument]
        self._other_change(row, self.party_index[holder], amount)
        self._other_change(row, self.party_index[issuer], -amount)

    def reclassify(self, source: str, target: str, share: float) -> None:
        """Move ``share`` of every position in ``source`` to ``target`` (a bond that grows a year shorter)."""
        row = self.instrument_index[source]
        move_prices(self.positions, self._revaluation, row, self.instrument_index[target], float(share))
        move_prices(self.positions, self._revaluation, row, row, -float(share))

    def position(self, instrument: str, party: str) -> float:
        """Net position of ``party`` in ``instrument`` now, trillion yen."""
        return float(self.positions.item(self.instrument_index[instrument], self.party_index[party]))

    def close_month(self) -> MonthlyFlows:
        """Check the month by row, by column, against the balance sheets and in redundant identities; start the next.

        Raises
        ------
        LedgerLeak : naming the row, the sector, the month and the amount.
        """
        current, traded, gross = flows_of_month(self)
        worst = check_month(self, current, traded, gross)
        closed = MonthlyFlows(current, self._financial.copy(), self._revaluation, worst, *self._postings())
        self.history.append(closed)
        self._start_month()
        return closed

    @property
    def month_revaluation(self) -> Array:
        """Price changes, write-offs and reclassifications of the running month so far (instruments × parties)."""
        return self._revaluation

    def net_lending(self, current: Array) -> Array:
        """Net lending of each party: receipts less payments, (parties,)."""
        return current.sum(axis=0)

    def _start_month(self) -> None:
        self.journal = Journal()
        self._opening: Array = self.positions.copy()
        self._financial[:] = 0.0
        self._revaluation: Array = np.zeros_like(self.positions)
        self._by_members = []

    def _purpose(self, purpose: str) -> int:
        index = self.purpose_index.get(purpose)
        if index is None:
            index = len(self.purposes)
            self.purpose_index[purpose] = index
            self.purposes.append(purpose)
        return index

    def _post(self, payer: str, payee: str, purpose: str, instrument: int, amount: float) -> None:
        """Write one posting between parties."""
        journal, settlement = self.journal, self._settlement
        if journal.count == len(journal.legs):
            journal.make_room(1)
        journal.count = post(
            journal.codes,
            journal.legs,
            journal.count,
            self._books,
            settlement.place,
            settlement.sign,
            self.party_index[payer],
            self.party_index[payee],
            self._purpose(purpose),
            instrument,
            amount,
        )

    def _column_of(self, population: Any, instrument: str) -> tuple[Array, float]:
        """The column in which members hold an instrument and its sign in a net position; empty if there is none."""
        key = id(population), instrument
        found = self._columns_of.get(key)
        if found is None:
            name, sign = population.positions.get(instrument, ("", 1))
            column = population.columns[name] if name else np.empty(0)
            found = self._columns_of[key] = column, float(sign)
        return found

    def _by_party(self, side: MemberRows, amounts: Array) -> tuple[NDArray[np.int64], Array]:
        party_of_label = self._population_parties[id(side.population)]
        label = side.population.label_of_row[side.rows]
        sums = sums_by_index(label, amounts, party_of_label.size)
        used = np.flatnonzero(sums)
        return party_of_label[used], sums[used]

    def _book_instruments(
        self, payer: str, payee: str, instruments: tuple[str, ...], amounts: Array, purpose: str
    ) -> None:
        journal, settlement = self.journal, self._settlement
        journal.make_room(len(instruments))
        journal.count = post_instruments(
            journal.codes,
            journal.legs,
            journal.count,
            self._books,
            settlement.place,
            settlement.sign,
            self.party_index[payer],
            self.party_index[payee],
            self._purpose(purpose),
            self.rows_of(instruments),
            amounts,
        )

    def _book(self, payer: Side, payee: Side, amounts: Array, purpose: str | tuple[str, ...], instrument: str) -> None:
        """Write a vectorised posting, a payment without an instrument, and move the members' own columns."""
        first, row = len(self.journal), self.instrument_index[instrument] if instrument else PAYMENT
        if isinstance(payer, MemberRows) and isinstance(payee, MemberRows):
            self._book_between_members(payer, payee, amounts, str(purpose), instrument, row)
        elif isinstance(payer, MemberRows):
            self._book_members(payer, payee, True, amounts, purpose, instrument, row)
        elif isinstance(payee, MemberRows):
            self._book_members(payee, payer, False, amounts, purpose, instrument, row)
        else:
            several_pay = not isinstance(payer, str)
            several, other = (payer, payee) if several_pay else (payee, payer)
            places = self._places_of(several) if isinstance(several, tuple) else self._every_party
            each = self._every_party[: places.size]
            self._post_members(places, each, other, several_pay, amounts, purpose, row, _NO_COLUMNS, (0.0, 0.0))
            return
        if self.keep_member_edges:
            self._by_members.extend(range(first, len(self.journal)))
            self._keep_member_edges(payer, payee, amounts, purpose, row)

    def _keep_member_edges(
        self, payer: Side, payee: Side, amounts: Array, purpose: str | tuple[str, ...], row: int
    ) -> None:
        several = next((side for side in (payer, payee) if isinstance(side, tuple)), None)
        if several is None:
            edges = MemberEdges(self.months, payer, payee, self._purpose(str(purpose)), row, amounts.copy())  # type: ignore[arg-type]
            self.member_edges.append(edges)
            return
        purposes = (purpose,) * len(several) if isinstance(purpose, str) else purpose
        for party, part, what in zip(several, amounts, purposes, strict=True):
            source, target = (party, payee) if payer is several else (payer, party)
            self._keep_member_edges(source, target, part, what, row)

    def _book_members(
        self,
        members: MemberRows,
        other: Side,
        members_pay: bool,
        amounts: Array,
        purpose: str | tuple[str, ...],
        instrument: str,
        row: int,
    ) -> None:
        rows, key = members.rows, id(members.population)
        label = self._population_labels[key][rows]
        cash, cash_sign = self._column_of(members.population, DEPOSITS)
        held, held_sign = self._column_of(members.population, instrument) if instrument else (_NO_COLUMNS[1], 0.0)
        out = -1.0 if members_pay else 1.0
        factors = out * cash_sign, -out * held_sign
        columns = _NO_COLUMNS
        if isinstance(rows, slice):
            columns = cash[rows], held[rows]
        elif amounts.shape[-1:] == label.shape:
            in_all = amounts if amounts.ndim == 1 else amounts.sum(axis=0)
            for column, factor in zip((cash, held), factors, strict=True):
                if column.size:
                    column[rows] += factor * in_all
        parties = self._population_parties[key]
        self._post_members(parties, label, other, members_pay, amounts, purpose, row, columns, factors)

    def _post_members(
        self,
        party_of_label: NDArray[np.int64],
        label: NDArray[np.int64],
        other: Side,
        members_pay: bool,
        amounts: Array,
        purpose: str | tuple[str, ...],
        row: int,
        columns: tuple[Array, Array],
        factors: tuple[float, float],
    ) -> None:
        journal, settlement = self.journal, self._settlement
        if amounts.shape[-1:] != label.shape:
            raise ValueError(
                f"{purpose}: amounts have shape {amounts.shape}, one for each of {label.size} members needed"
            )
        if isinstance(other, tuple):
            purposes = (purpose,) * len(other) if isinstance(purpose, str) else purpose
            journal.make_room(party_of_label.size * len(other))
            journal.count = post_members_to_each(
                journal.codes,
                journal.legs,
                journal.count,
                self._books,
                settlement.place,
                settlement.sign,
                party_of_label,
                label,
                amounts,
                self._places_of(other),
                members_pay,
                np.array([self._purpose(name) for name in purposes]),
                row,
                columns,
                factors,
            )
            return
        journal.make_room(party_of_label.size)
        journal.count = post_members(
            journal.codes,
            journal.legs,
            journal.count,
            self._books,
            settlement.place,
            settlement.sign,
            party_of_label,
            label,
            amounts,
            self.party_index[str(other)],
            members_pay,
            self._purpose(str(purpose)),
            row,
            columns,
            factors,
        )

    def _book_between_members(
        self, payer: MemberRows, payee: MemberRows, amounts: Array, purpose: str, instrument: str, row: int
    ) -> None:
        for side, out in ((payer, -1.0), (payee, 1.0)):
            for name, factor in ((DEPOSITS, out), (instrument, -out)):
                column, sign = self._column_of(side.population, name)
                if column.size:
                    column[side.rows] += factor * sign * amounts
        for source, target, value in self._member_pairs(payer, payee, amounts):
            if source != target:
                self._post(self.parties[source].name, self.parties[target].name, purpose, row, value)

    def _member_pairs(self, payer: MemberRows, payee: MemberRows, amounts: Array) -> list[tuple[int, int, float]]:
        from_party = self._population_parties[id(payer.population)][payer.population.label_of_row[payer.rows]]
        to_party = self._population_parties[id(payee.population)][payee.population.label_of_row[payee.rows]]
        sums = sums_by_index(from_party * len(self.parties) + to_party, amounts)
        return [(int(k) // len(self.parties), int(k) % len(self.parties), float(sums[k])) for k in np.flatnonzero(sums)]

    def _other_change(self, row: int, party: int, amount: float) -> None:
        self._revaluation[row, party] += amount
        self.positions[row, party] += amount

    def _postings(self) -> tuple[Codes, Array]:
        """What edges are counted from: codes and amounts of the month's postings."""
        journal = self.journal
        if not self.keep_edges:
            return np.empty((0, 4), np.int32), np.empty(0)
        codes, amounts = journal.codes[: journal.count], journal.paid
        if not self._by_members:
            return codes.copy(), amounts.copy()
        named = np.delete(np.arange(journal.count), self._by_members)
        return codes[named], amounts[named]
