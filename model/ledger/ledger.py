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
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from itcho.agents.population import AnyPopulation, MemberRows
from itcho.agents.vocabulary import DEPOSITS, INSTRUMENTS, Party, Sector
from itcho.model.ledger.checks import RELATIVE_TOLERANCE, LedgerLeak, check_month, check_positions, flows_of_month
from itcho.model.ledger.journal import (
    FLOWS,
    PURPOSE,
    STOCKS,
    Codes,
    Journal,
    MemberRoutes,
    Routes,
)
from itcho.model.ledger.records import MemberEdges, MonthlyFlows, sums_by_index
from itcho.model.ledger.residuals import move_prices
from itcho.model.ledger.settlement import PAYMENT, settlement_system

__all__ = ["PARTIES", "RELATIVE_TOLERANCE", "Ledger", "LedgerLeak", "MemberEdges", "MonthlyFlows", "Side"]

Array = NDArray[np.float64]


class _Everybody:
    """All parties of a ledger in their order, on one side of a vectorised posting."""

    def __reduce__(self) -> str:
        return "PARTIES"


PARTIES = _Everybody()
"""In place of a party: all of them, with one amount each.  What a party would pay itself is no posting."""


Side = str | tuple[str, ...] | MemberRows | _Everybody
"""Who pays or is paid."""

Amount: TypeAlias = float | Array
"""Trillion yen: one number, or one per member or party."""
_Names = str | tuple[str, ...]


def _column_of(population: AnyPopulation, instrument: str) -> tuple[Array, float]:
    """The column in which members hold an instrument and its sign in a net position; empty if there is none."""
    name, sign = population.positions.get(instrument, ("", 1))
    return (population.numbers(name) if name else np.empty(0)), float(sign)


def _check_names(
    parties: tuple[Party, ...], instruments: tuple[str, ...], real_assets: Sequence[str], shape: tuple[int, ...]
) -> None:
    """Raise ValueError with all that is wrong with the names of a ledger and the shape of its opening."""
    wrong = []
    for kind, names in (("party", [party.name for party in parties]), ("instrument", list(instruments))):
        twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
        wrong += [f"{kind} {name!r} is there {names.count(name)} times" for name in twice]
    wrong += [f"real asset {name!r} is no instrument" for name in real_assets if name not in instruments]
    if shape != (len(instruments), len(parties)):
        wrong.append(f"the opening has shape {shape}, not (instruments, parties) = {(len(instruments), len(parties))}")
    if wrong:
        raise ValueError("; ".join(wrong))


class Ledger:
    """Double-entry accounts of all parties.

    Parameters
    ----------
    parties : the columns.
    opening : (instruments × parties) net positions, trillion yen; every row must add to zero.
    instruments : the rows of the balance sheet.
    keep_edges : whether closed months keep their edge lists.
    keep_member_edges : whether payments of single members of populations are kept too.
    real_assets : instruments that somebody holds and nobody owes, such as dwellings; see :meth:`produce`.

    Raises
    ------
    LedgerLeak : an opening row does not add to zero.
    ValueError : a name is there twice, a real asset is no instrument, the opening has another shape, or nobody keeps
        an account that should be kept.

    Attributes
    ----------
    is_claim : (instruments,) whether somebody owes what others hold.
    """

    def __init__(
        self,
        parties: Sequence[Party],
        opening: Array,
        instruments: Sequence[str] = INSTRUMENTS,
        keep_edges: bool = True,
        keep_member_edges: bool = False,
        real_assets: Sequence[str] = (),
    ) -> None:
        self.parties = tuple(parties)
        self.instruments = tuple(instruments)
        _check_names(self.parties, self.instruments, real_assets, np.shape(opening))
        self.is_claim = np.array([name not in real_assets for name in self.instruments], dtype=np.bool_)
        self.party_index = {party.name: index for index, party in enumerate(self.parties)}
        self._settlement = settlement_system(self.parties, self.instruments)
        self.instrument_index = {name: index for index, name in enumerate(self.instruments)}
        self.purposes: list[str] = []
        self.purpose_index: dict[str, int] = {}
        positions = np.array(opening, dtype=np.float64)
        self._open_books(np.stack([positions, np.zeros_like(positions)]))
        self.keep_edges = keep_edges
        self.history: list[MonthlyFlows] = []
        self.keep_member_edges = keep_member_edges
        self.member_edges: list[MemberEdges] = []
        self._by_members: list[int] = []
        self.identities: dict[str, Callable[[], tuple[float, float]]] = {}
        # By payer, payee, instrument (none is "") and purpose; members stand for their population.
        self._routes: dict[tuple[Side, Side, str, str], Routes] = {}
        self._routes_of_several: dict[tuple[Side, Side, _Names, _Names], Routes] = {}
        self._routes_of_members: dict[tuple[object, Side, bool, str, _Names], MemberRoutes] = {}
        self._routes_between_members: dict[tuple[object, object, str, str], tuple[MemberRoutes, MemberRoutes]] = {}
        self._of_sector: dict[Sector, NDArray[np.int64]] = {}
        self._columns_of: dict[tuple[str, ...], NDArray[np.int64]] = {}
        self._rows_of: dict[tuple[str, ...], NDArray[np.int64]] = {}
        self._population_parties: dict[object, NDArray[np.int64]] = {}
        self._population_labels: dict[object, NDArray[np.int64]] = {}
        self._peak_stock: Array = np.zeros(len(self.instruments))
        self.journal = Journal()
        self._start_month()
        check_positions(self, "opening balance sheet")

    def _open_books(self, books: Array) -> None:
        """Take (stocks and flows × instruments × parties), of which three names show parts."""
        self.positions: Array = books[STOCKS]
        self._financial: Array = books[FLOWS]
        self._books: Array = books.reshape(2, -1)

    def __setstate__(self, state: dict[str, object]) -> None:
        # A copy of an array's part is no part of the array's copy.
        self.__dict__.update(state)
        self._open_books(self._books.reshape(2, *self.positions.shape))

    @property
    def months(self) -> int:
        """Number of closed months."""
        return len(self.history)

    @property
    def max_relative_residual(self) -> float:
        """The largest residual of any closed month, relative to its own gross flow."""
        return max((month.max_relative_residual for month in self.history), default=0.0)

    def register_population(self, population: AnyPopulation, party_names: Sequence[str]) -> None:
        """Let the members of ``population`` pay: label ``k`` of its ``label_of_row`` books under ``party_names[k]``."""
        self._population_parties[population] = np.array([self.party_index[name] for name in party_names])
        self._population_labels[population] = np.ascontiguousarray(population.label_of_row, dtype=np.int64)

    def parties_of_members(self, population: AnyPopulation) -> NDArray[np.int64]:
        """Party index under which each member of a registered population books, (n,)."""
        return np.asarray(self._population_parties[population][population.label_of_row])

    def of_sector(self, sector: Sector) -> NDArray[np.int64]:
        """Columns of :attr:`positions` of a sector's parties; not to be changed."""
        columns = self._of_sector.get(sector)
        if columns is None:
            found = [place for place, party in enumerate(self.parties) if party.sector == sector]
            columns = self._of_sector[sector] = np.array(found, dtype=np.int64)
        return columns

    def columns_of(self, parties: tuple[str, ...]) -> NDArray[np.int64]:
        """Columns of :attr:`positions` of these parties; not to be changed."""
        columns = self._columns_of.get(parties)
        if columns is None:
            columns = self._columns_of[parties] = np.array([self.party_index[name] for name in parties])
        return columns

    def rows_of(self, instruments: tuple[str, ...]) -> NDArray[np.int64]:
        """Rows of :attr:`positions` that hold these instruments; not to be changed."""
        rows = self._rows_of.get(instruments)
        if rows is None:
            rows = self._rows_of[instruments] = np.array([self.instrument_index[name] for name in instruments])
        return rows

    def pay(self, payer: Side, payee: Side, amount: Amount, purpose: str | tuple[str, ...]) -> None:
        """Pay ``amount`` trillion yen for ``purpose``.

        With members on one side or both, ``amount`` is an array of one amount per member; with several parties on one
        side (names, or :data:`PARTIES` for all), of one amount per party; with as many on both sides, each pays the one
        in its place.  With members on one side and several parties on the other, ``amount`` has a row for each of
        those.  Where there are several, ``purpose`` may differ between them.  A negative amount is a payment the other
        way.

        Raises
        ------
        KeyError : unknown party.
        """
        route = self._routes.get((payer, payee, "", purpose))  # type: ignore[arg-type]  # several are not there
        if route is None:
            self._book(payer, payee, amount, purpose, "")
            return
        self.journal.post(self._books, route, float(amount))

    def trade(
        self,
        buyer: Side,
        seller: Side,
        instrument: str | tuple[str, ...],
        quantity: Amount,
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
        route = self._routes.get((buyer, seller, instrument, purpose))  # type: ignore[arg-type]  # the same
        if route is None:
            self._book(buyer, seller, quantity if price == 1.0 else quantity * price, purpose, instrument)
            return
        self.journal.post(self._books, route, float(quantity) * price)

    def write_off(self, lender: str, borrower: str | MemberRows, instrument: str, amount: Amount) -> None:
        """Cancel ``amount`` of what ``borrower`` owes ``lender``; no money moves."""
        row = self.instrument_index[instrument]
        amounts = np.atleast_1d(np.asarray(amount, dtype=np.float64))
        self._other_change(row, self.party_index[lender], -float(amounts.sum()))
        if isinstance(borrower, str):
            self._other_change(row, self.party_index[borrower], float(amounts.sum()))
            return
        column, sign = _column_of(borrower.population, instrument)
        if column.size:
            column[borrower.rows] += sign * amounts
        for party, value in zip(*self._by_party(borrower, amounts), strict=True):
            self._other_change(row, int(party), float(value))

    def produce(self, owner: str, real_asset: str, amount: float) -> None:
        """Add ``amount`` trillion yen of a real asset to what ``owner`` has; a negative amount is wear.

        The work of making it is paid for as any other; what stands afterwards is nobody's debt.

        Raises
        ------
        ValueError : the instrument is a claim, which only a trade can create.
        """
        row = self.instrument_index[real_asset]
        if self.is_claim[row]:
            raise ValueError(f"{real_asset} is a claim: it comes into the world by a trade with who owes it")
        self._other_change(row, self.party_index[owner], float(amount))

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
        held: float = self.positions.item(self.instrument_index[instrument], self.party_index[party])
        return held

    def close_month(self) -> MonthlyFlows:
        """Check the month by row, by column, against the balance sheets and in redundant identities; start the next.

        Raises
        ------
        LedgerLeak : naming the row, the sector, the month and the amount.
        """
        flows = flows_of_month(self)
        worst = check_month(self, flows)
        closed = MonthlyFlows(flows.current, self._financial.copy(), self._revaluation, worst, *self._postings())
        self.history.append(closed)
        self._start_month()
        return closed

    @property
    def month_revaluation(self) -> Array:
        """Price changes, write-offs and reclassifications of the running month so far (instruments × parties)."""
        return self._revaluation

    def net_lending(self, current: Array) -> Array:
        """Net lending of each party: receipts less payments, (parties,)."""
        return np.asarray(current.sum(axis=0))

    def forget_months_after(self, closed: int) -> None:
        """Let go of the flows of months after so many."""
        del self.history[closed:]

    def _start_month(self) -> None:
        self.journal.clear()
        self._opening: Array = self.positions.copy()
        self._financial.fill(0.0)
        self._revaluation: Array = np.zeros(self.positions.shape)
        self._by_members = []

    def _purpose(self, purpose: str) -> int:
        index = self.purpose_index.get(purpose)
        if index is None:
            index = len(self.purposes)
            self.purpose_index[purpose] = index
            self.purposes.append(purpose)
        return index

    def _by_party(self, side: MemberRows, amounts: Array) -> tuple[NDArray[np.int64], Array]:
        party_of_label = self._population_parties[side.population]
        label = side.population.label_of_row[side.rows]
        sums = sums_by_index(label, amounts, party_of_label.size)
        used = np.flatnonzero(sums)
        return party_of_label[used], sums[used]

    def _book(self, payer: Side, payee: Side, amount: Amount, purpose: _Names, instrument: _Names) -> None:
        """Write a posting of a kind that is new, or a vectorised one, and move the members' own columns."""
        first = self.journal.count
        if isinstance(payer, MemberRows):
            amounts = np.ascontiguousarray(amount, dtype=np.float64)
            if isinstance(payee, MemberRows):
                self._book_between_members(payer, payee, amounts, str(purpose), str(instrument))
            else:
                self._book_members(payer, payee, True, amounts, purpose, str(instrument))
        elif isinstance(payee, MemberRows):
            amounts = np.ascontiguousarray(amount, dtype=np.float64)
            self._book_members(payee, payer, False, amounts, purpose, str(instrument))
        elif isinstance(payer, str) and isinstance(payee, str) and isinstance(instrument, str):
            self._post(payer, payee, str(purpose), instrument, float(amount))
            return
        else:
            amounts = np.ascontiguousarray(amount, dtype=np.float64)
            self._book_several(payer, payee, amounts, purpose, instrument)
            return
        if self.keep_member_edges:
            row = self.instrument_index[str(instrument)] if instrument else PAYMENT
            self._by_members.extend(range(first, self.journal.count))
            self._keep_member_edges(payer, payee, amounts, purpose, row)

    def _post(self, payer: str, payee: str, purpose: str, instrument: str, amount: float) -> None:
        """Write one posting between parties, and remember its route."""
        key = payer, payee, instrument, purpose
        route = self._routes.get(key)
        if route is None:
            row = self.instrument_index[instrument] if instrument else PAYMENT
            sides = (self.party_index[payer],), (self.party_index[payee],)
            route = self._routes[key] = self._settlement.routes(*sides, (row,)).copy()
            route[:, PURPOSE] = self._purpose(purpose)
        self.journal.post(self._books, route, amount)

    def _routes_between(
        self,
        payers: tuple[str, ...],
        payees: tuple[str, ...],
        instruments: tuple[str, ...],
        purposes: tuple[str, ...],
    ) -> Routes:
        """Routes of postings from each payer to the payee in the same place; one name stands for all places."""
        rows = self.instrument_index | {"": PAYMENT}
        size = max(len(payers), len(payees), len(instruments), len(purposes))
        payers, payees, instruments, purposes = (
            names * size if len(names) == 1 else names for names in (payers, payees, instruments, purposes)
        )
        routes = self._settlement.routes(
            tuple(self.party_index[name] for name in payers),
            tuple(self.party_index[name] for name in payees),
            tuple(rows[name] for name in instruments),
        ).copy()
        routes[:, PURPOSE] = [self._purpose(name) for name in purposes]
        return routes

    def _book_several(self, payer: Side, payee: Side, amounts: Array, purpose: _Names, instrument: _Names) -> None:
        """Write a posting for each of several parties or instruments."""
        key = payer, payee, instrument, purpose
        routes = self._routes_of_several.get(key)
        if routes is None:
            names = (self._names(side) for side in key)
            routes = self._routes_of_several[key] = self._routes_between(*names)
        if amounts.shape != routes.shape[:1]:
            raise ValueError(f"{purpose}: amounts have shape {amounts.shape}, {len(routes)} are needed")
        self.journal.post_each(self._books, routes, amounts)

    def _names(self, side: Side) -> tuple[str, ...]:
        """One or several names as several, :data:`PARTIES` by name."""
        if side is PARTIES:
            return tuple(self.party_index)
        return side if isinstance(side, tuple) else (str(side),)

    def _keep_member_edges(
        self, payer: Side, payee: Side, amounts: Array, purpose: str | tuple[str, ...], row: int
    ) -> None:
        several = next((side for side in (payer, payee) if isinstance(side, tuple)), None)
        if several is None:
            source, target = cast(str | MemberRows, payer), cast(str | MemberRows, payee)
            edges = MemberEdges(self.months, source, target, self._purpose(str(purpose)), row, amounts.copy())
            self.member_edges.append(edges)
            return
        purposes = (purpose,) * len(several) if isinstance(purpose, str) else purpose
        for party, part, what in zip(several, amounts, purposes, strict=True):
            one, other = (party, payee) if payer is several else (payer, party)
            self._keep_member_edges(one, other, part, what, row)

    def _book_members(
        self, members: MemberRows, other: Side, members_pay: bool, amounts: Array, purpose: _Names, instrument: str
    ) -> None:
        """Write a posting for each party under which members book and each other party, and move the members."""
        key = members.population, other, members_pay, instrument, purpose
        kind = self._routes_of_members.get(key)
        if kind is None:
            kind = self._routes_of_members[key] = self._member_routes(members, *key[1:])
        rows = members.numbers
        by_other = amounts[np.newaxis] if amounts.ndim == 1 else amounts
        if by_other.shape != (len(kind.routes), rows.size):
            raise ValueError(
                f"{purpose}: amounts have shape {amounts.shape}, one for each of {rows.size} members needed"
            )
        self.journal.post_members(self._books, kind, rows, by_other)

    def _member_routes(
        self, members: MemberRows, other: Side, members_pay: bool, instrument: str, purpose: _Names
    ) -> MemberRoutes:
        population = members.population
        booked_under = tuple(self.parties[place].name for place in self._population_parties[population])
        others = self._names(other)
        purposes = purpose if isinstance(purpose, tuple) else (purpose,) * len(others)
        routes = []
        for party, what in zip(others, purposes, strict=True):
            payers, payees = (booked_under, (party,)) if members_pay else ((party,), booked_under)
            routes.append(self._routes_between(payers, payees, (instrument,), (what,)))
        out = -1.0 if members_pay else 1.0
        (cash, cash_sign), (held, held_sign) = _column_of(population, DEPOSITS), _column_of(population, instrument)
        label = self._population_labels[population]
        return MemberRoutes(np.stack(routes), label, cash, held, out * cash_sign, -out * held_sign)

    def _book_between_members(
        self, payer: MemberRows, payee: MemberRows, amounts: Array, purpose: str, instrument: str
    ) -> None:
        """Write a posting for each pair of parties under which members book, and move the members; rows may repeat."""
        key = payer.population, payee.population, instrument, purpose
        kinds = self._routes_between_members.get(key)
        if kinds is None:
            kinds = self._routes_between_members[key] = self._routes_of_both(payer, payee, instrument, purpose)
        self.journal.post_between(self._books, kinds, payer.numbers, payee.numbers, amounts)

    def _routes_of_both(
        self, payer: MemberRows, payee: MemberRows, instrument: str, purpose: str
    ) -> tuple[MemberRoutes, MemberRoutes]:
        """What postings between members move, on the payers' side and on the payees'; the routes are the same."""
        names = [
            tuple(self.parties[place].name for place in self._population_parties[side.population].tolist())
            for side in (payer, payee)
        ]
        pairs = [(one, other) for one in names[0] for other in names[1]]
        payers, payees = tuple(one for one, _ in pairs), tuple(other for _, other in pairs)
        routes = self._routes_between(payers, payees, (instrument,), (purpose,))
        routes = routes.reshape(len(names[0]), len(names[1]), -1)
        sides = []
        for side, out in ((payer, -1.0), (payee, 1.0)):
            (cash, cash_sign), (held, held_sign) = (
                _column_of(side.population, name) for name in (DEPOSITS, instrument)
            )
            label = self._population_labels[side.population]
            sides.append(MemberRoutes(routes, label, cash, held, out * cash_sign, -out * held_sign))
        return sides[0], sides[1]

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
