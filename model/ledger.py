"""The one ledger: every yen moves through :meth:`Ledger.pay` or :meth:`Ledger.trade`.

The ledger keeps net positions (instrument × party, trillion yen at market value; an asset is positive, a liability
negative) and a journal of postings with both legs.  Bank settlement is posted by the same call: deposits, reserves, the
treasury account and the dollar accounts that foreigners hold with dealers move with the payment.  At the end of each
month the flow matrix is derived again from the journal's legs and checked by row, by column and against the balance
sheets; a leak raises :class:`LedgerLeak` naming the row, the sector, the month and the amount.

The layout is the transaction-flow matrix of Godley and Lavoie, *Monetary Economics* (2007), with a revaluation matrix
beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.population import MemberRows
from agents.vocabulary import (
    DEPOSITS,
    GOVERNMENT_DEPOSITS,
    INSTRUMENTS,
    OFFSHORE_DOLLARS,
    RESERVES,
    Party,
    Settlement,
)

Array = NDArray[np.float64]

RELATIVE_TOLERANCE = 1e-9
"""Largest residual of a row or column, as a share of its own gross flow (or gross stock)."""

_STOCK_FLOOR_SHARE = 1e-3
"""A stock that is run down keeps the rounding of its better days: it counts as at least this share of its peak."""

_PAYMENT = -1


def _sums(index: NDArray[np.int64], amounts: Array, size: int = 0) -> Array:
    """Amounts added up by index.  numpy's own count of nothing is whole numbers, which would cut off what is added."""
    return np.bincount(index, amounts, size).astype(np.float64, copy=False)


class LedgerLeak(RuntimeError):  # noqa: N818 - a leak is what users of stock-flow models call it
    """A row, a column or a balance sheet does not add up."""


@dataclass
class Journal:
    """The postings of a month, both legs kept apart.

    Attributes
    ----------
    payer, payee : party indices.  In a trade the payer is the buyer and the payee the seller.
    purpose : purpose indices.
    instrument : instrument index of a trade, −1 for a payment.
    paid, received : the two legs of the money, trillion yen.
    """

    payer: list[int] = field(default_factory=list)
    payee: list[int] = field(default_factory=list)
    purpose: list[int] = field(default_factory=list)
    instrument: list[int] = field(default_factory=list)
    paid: list[float] = field(default_factory=list)
    received: list[float] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.payer)

    def add(self, payer: int, payee: int, purpose: int, instrument: int, amount: float) -> None:
        """Append one posting with two equal legs."""
        self.payer.append(payer)
        self.payee.append(payee)
        self.purpose.append(purpose)
        self.instrument.append(instrument)
        self.paid.append(amount)
        self.received.append(amount)

    def slice(self, start: int) -> tuple[NDArray[np.int64], ...]:
        """Integer columns from posting ``start`` on: payer, payee, purpose, instrument."""
        return tuple(
            np.asarray(column[start:], dtype=np.int64)
            for column in (self.payer, self.payee, self.purpose, self.instrument)
        )


@dataclass(frozen=True)
class MonthlyFlows:
    """What the ledger keeps of a closed month.

    Attributes
    ----------
    current : (purposes × parties) receipts less payments.
    financial : (instruments × parties) net acquisitions.
    revaluation : (instruments × parties) price changes, write-offs and reclassifications.
    edges : columns payer, payee, purpose, instrument, amount of the month's postings, equal keys summed.
    max_relative_residual : the largest residual found, relative to its own gross flow.
    """

    current: Array
    financial: Array
    revaluation: Array
    edges: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Array]
    max_relative_residual: float


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
        self.instrument_index = {name: index for index, name in enumerate(self.instruments)}
        self.purposes: list[str] = []
        self.purpose_index: dict[str, int] = {}
        self.positions: Array = np.array(opening, dtype=np.float64)
        self.journal = Journal()
        self.keep_edges = keep_edges
        self.history: list[MonthlyFlows] = []
        self.keep_member_edges = False
        self.member_edges: list[MemberEdges] = []
        self._settled = 0
        self._by_members: list[int] = []
        self.identities: dict[str, Callable[[], tuple[float, float]]] = {}
        self._population_parties: dict[int, NDArray[np.int64]] = {}
        self._peak_stock: Array = np.zeros(len(self.instruments))
        self._start_month()
        self._prepare_settlement()
        self._check_positions("opening balance sheet")

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

    def parties_of_members(self, population: Any) -> NDArray[np.int64]:
        """Party index under which each member of a registered population books, (n,)."""
        return np.asarray(self._population_parties[id(population)][population.label_of_row])

    def pay(self, payer: str | MemberRows, payee: str | MemberRows, amount: Any, purpose: str) -> None:
        """Pay ``amount`` trillion yen for ``purpose``.

        With members on one side or both, ``amount`` is an array of one amount per member.  A negative amount is a
        payment the other way.

        Raises
        ------
        KeyError : unknown party.
        """
        if isinstance(payer, str) and isinstance(payee, str):
            value = float(amount)
            if value == 0.0:
                return
            source, target = self.party_index[payer], self.party_index[payee]
            if value < 0.0:
                source, target, value = target, source, -value
            self.journal.add(source, target, self._purpose(purpose), _PAYMENT, value)
            return
        amounts = np.asarray(amount, dtype=np.float64)
        self._move_members(payer, DEPOSITS, -amounts)
        self._move_members(payee, DEPOSITS, amounts)
        self._book(payer, payee, amounts, self._purpose(purpose), _PAYMENT)

    def trade(
        self,
        buyer: str | MemberRows,
        seller: str | MemberRows,
        instrument: str,
        quantity: Any,
        price: float,
        purpose: str,
    ) -> None:
        """Buy ``quantity`` of ``instrument`` at ``price``; the seller may be the issuer, whose liability then rises.

        A negative quantity is a trade the other way.  With members on a side, ``quantity`` is an array.

        Raises
        ------
        KeyError : unknown party or instrument.
        """
        row = self.instrument_index[instrument]
        if isinstance(buyer, str) and isinstance(seller, str):
            value = float(quantity) * price
            if value == 0.0:
                return
            source, target = self.party_index[buyer], self.party_index[seller]
            if value < 0.0:
                source, target, value = target, source, -value
            self.journal.add(source, target, self._purpose(purpose), row, value)
            return
        values = np.asarray(quantity, dtype=np.float64) * price
        for side, sign in ((buyer, 1.0), (seller, -1.0)):
            self._move_members(side, instrument, sign * values)
            self._move_members(side, DEPOSITS, -sign * values)
        self._book(buyer, seller, values, self._purpose(purpose), row)

    def write_off(self, lender: str, borrower: str | MemberRows, instrument: str, amount: Any) -> None:
        """Cancel ``amount`` of what ``borrower`` owes ``lender``; no money moves."""
        row = self.instrument_index[instrument]
        amounts = np.atleast_1d(np.asarray(amount, dtype=np.float64))
        self.settle()
        self._other_change(row, self.party_index[lender], -float(amounts.sum()))
        if isinstance(borrower, str):
            self._other_change(row, self.party_index[borrower], float(amounts.sum()))
            return
        self._move_members(borrower, instrument, amounts)
        for party, value in zip(*self._by_party(borrower, amounts), strict=True):
            self._other_change(row, int(party), float(value))

    def revalue(self, instrument: str, rate: float) -> None:
        """Change the price of ``instrument`` by ``rate`` (0.01 is one percent), for holders and issuers alike."""
        if rate == 0.0:
            return
        row = self.instrument_index[instrument]
        self.settle()
        change = self.positions[row] * rate
        self._revaluation[row] += change
        self.positions[row] += change

    def revalue_claim(self, instrument: str, holder: str, issuer: str, amount: float) -> None:
        """Change the value of what ``holder`` has against ``issuer`` by ``amount`` trillion yen, on both sides."""
        self.settle()
        row = self.instrument_index[instrument]
        self._other_change(row, self.party_index[holder], amount)
        self._other_change(row, self.party_index[issuer], -amount)

    def reclassify(self, source: str, target: str, share: float) -> None:
        """Move ``share`` of every position in ``source`` to ``target`` (a bond that grows a year shorter)."""
        self.settle()
        change = self.positions[self.instrument_index[source]] * share
        for name, sign in ((source, -1.0), (target, 1.0)):
            row = self.instrument_index[name]
            self._revaluation[row] += sign * change
            self.positions[row] += sign * change

    def position(self, instrument: str, party: str) -> float:
        """Net position of ``party`` in ``instrument`` now, trillion yen."""
        self.settle()
        return float(self.positions[self.instrument_index[instrument], self.party_index[party]])

    def settle(self) -> None:
        """Carry the postings made since the last call into the balance sheets, with their bank settlement."""
        start = self._settled
        if start == len(self.journal):
            return
        journal = self.journal
        payer = np.array(journal.payer[start:], dtype=np.intp)
        payee = np.array(journal.payee[start:], dtype=np.intp)
        instrument = np.array(journal.instrument[start:], dtype=np.intp)
        amount = np.array(journal.paid[start:])
        self._settled = len(journal)
        parties = len(self.parties)
        cash = _sums(payee, amount, parties) - _sums(payer, amount, parties)
        moved = (self._settlement @ cash).reshape(-1, parties)
        traded = instrument >= 0
        bought, buyer, seller, value = instrument[traded], payer[traded], payee[traded], amount[traded]
        for matrix in (self._financial, self.positions):
            matrix[self._settlement_rows] += moved
            if value.size:
                np.add.at(matrix, (bought, buyer), value)
                np.subtract.at(matrix, (bought, seller), value)

    def close_month(self) -> MonthlyFlows:
        """Check the month by row, by column, against the balance sheets and in redundant identities; start the next.

        Raises
        ------
        LedgerLeak : naming the row, the sector, the month and the amount.
        """
        self.settle()
        current, traded = self._flows_from_legs()
        gross = self._gross_flows()
        worst = max(
            self._check_rows(current, traded, gross),
            self._check_columns(current, traded, gross),
            self._check_balance_sheets(gross),
            self._check_identities(current, gross),
        )
        closed = MonthlyFlows(
            current, self._financial, self._revaluation, self._edges() if self.keep_edges else _NO_EDGES, worst
        )
        self.history.append(closed)
        self.journal = Journal()
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
        self._opening: Array = self.positions.copy()
        self._financial: Array = np.zeros_like(self.positions)
        self._revaluation: Array = np.zeros_like(self.positions)
        self._settled = 0
        self._by_members = []

    def _prepare_settlement(self) -> None:
        def members(*kinds: Settlement) -> NDArray[np.bool_]:
            return np.array([party.settlement in kinds for party in self.parties])

        self._by_deposit = members(Settlement.BANK_DEPOSIT)
        self._by_dollar = members(Settlement.DOLLAR_ACCOUNT)
        self._by_treasury = members(Settlement.TREASURY_ACCOUNT)
        self._bank = self._only(members(Settlement.BANK))
        self._central_bank = self._only(members(Settlement.CENTRAL_BANK))
        self._dealer = self.party_index.get("dealers_abroad", -1)
        self._rows = {
            name: self.instrument_index.get(name, -1)
            for name in (DEPOSITS, RESERVES, GOVERNMENT_DEPOSITS, OFFSHORE_DOLLARS)
        }

        # Settlement is linear in each party's net receipts: a matrix from receipts to the rows of means of payment.
        self._settlement_rows = np.array([row for row in self._rows.values() if row >= 0], dtype=np.intp)
        units = [self._settlement_flow(unit)[self._settlement_rows].ravel() for unit in np.eye(len(self.parties))]
        self._settlement: Array = np.array(units).T

    @staticmethod
    def _only(mask: NDArray[np.bool_]) -> int:
        found = np.flatnonzero(mask)
        return int(found[0]) if found.size else -1

    def _settlement_flow(self, cash: Array) -> Array:
        """Turn each party's net receipts into movements of its means of payment, with the other side of each."""
        flow = np.zeros_like(self.positions)
        deposits = np.where(self._by_deposit, cash, 0.0)
        if self._dealer >= 0 and self._by_dollar.any():
            dollars = np.where(self._by_dollar, cash, 0.0)
            total = dollars.sum()
            deposits[self._dealer] += total
            flow[self._rows[OFFSHORE_DOLLARS]] += dollars
            flow[self._rows[OFFSHORE_DOLLARS], self._dealer] -= total
        flow[self._rows[DEPOSITS]] += deposits
        if self._bank >= 0:
            flow[self._rows[DEPOSITS], self._bank] -= deposits.sum()
        if self._central_bank >= 0:
            treasury = np.where(self._by_treasury, cash, 0.0)
            flow[self._rows[GOVERNMENT_DEPOSITS]] += treasury
            flow[self._rows[GOVERNMENT_DEPOSITS], self._central_bank] -= treasury.sum()
            reserves = -treasury.sum() - cash[self._central_bank]
            flow[self._rows[RESERVES], self._bank] += reserves
            flow[self._rows[RESERVES], self._central_bank] -= reserves
        return flow

    def _purpose(self, purpose: str) -> int:
        index = self.purpose_index.get(purpose)
        if index is None:
            index = len(self.purposes)
            self.purpose_index[purpose] = index
            self.purposes.append(purpose)
        return index

    @staticmethod
    def _move_members(side: str | MemberRows, instrument: str, amounts: Array) -> None:
        if isinstance(side, str):
            return
        held = side.population.positions.get(instrument)
        if held is not None:
            column, sign = held
            side.population.columns[column][side.rows] += sign * amounts

    def _by_party(self, side: MemberRows, amounts: Array) -> tuple[NDArray[np.int64], Array]:
        party_of_label = self._population_parties[id(side.population)]
        label = side.population.label_of_row[side.rows]
        sums = _sums(label, amounts, party_of_label.size)
        used = np.flatnonzero(sums)
        return party_of_label[used], sums[used]

    def _book(
        self, payer: str | MemberRows, payee: str | MemberRows, amounts: Array, purpose: int, instrument: int
    ) -> None:
        if isinstance(payer, str):
            assert isinstance(payee, MemberRows)
            fixed = self.party_index[payer]
            pairs = [(fixed, int(party), value) for party, value in zip(*self._by_party(payee, amounts), strict=True)]
        elif isinstance(payee, str):
            fixed = self.party_index[payee]
            pairs = [(int(party), fixed, value) for party, value in zip(*self._by_party(payer, amounts), strict=True)]
        else:
            pairs = self._member_pairs(payer, payee, amounts)
        first = len(self.journal)
        for source, target, value in pairs:
            if value < 0.0:
                source, target, value = target, source, -value
            if value != 0.0 and source != target:
                self.journal.add(source, target, purpose, instrument, float(value))
        if self.keep_member_edges:
            self._by_members.extend(range(first, len(self.journal)))
            self.member_edges.append(MemberEdges(self.months, payer, payee, purpose, instrument, amounts.copy()))

    def _member_pairs(self, payer: MemberRows, payee: MemberRows, amounts: Array) -> list[tuple[int, int, float]]:
        from_party = self._population_parties[id(payer.population)][payer.population.label_of_row[payer.rows]]
        to_party = self._population_parties[id(payee.population)][payee.population.label_of_row[payee.rows]]
        sums = _sums(from_party * len(self.parties) + to_party, amounts)
        return [(int(k) // len(self.parties), int(k) % len(self.parties), float(sums[k])) for k in np.flatnonzero(sums)]

    def _other_change(self, row: int, party: int, amount: float) -> None:
        self._revaluation[row, party] += amount
        self.positions[row, party] += amount

    def _flows_from_legs(self) -> tuple[Array, Array]:
        """Current and traded flow matrices, derived from the journal's legs and not from the balance sheets."""
        parties = len(self.parties)
        payer, payee, purpose, instrument = self.journal.slice(0)
        paid, received = np.asarray(self.journal.paid), np.asarray(self.journal.received)
        is_trade = instrument >= 0
        pays = ~is_trade
        size = len(self.purposes) * parties
        current = _sums(purpose[pays] * parties + payee[pays], received[pays], size) - _sums(
            purpose[pays] * parties + payer[pays], paid[pays], size
        )
        size = len(self.instruments) * parties
        traded = _sums(instrument[is_trade] * parties + payer[is_trade], paid[is_trade], size) - _sums(
            instrument[is_trade] * parties + payee[is_trade], received[is_trade], size
        )
        return current.reshape(-1, parties), traded.reshape(-1, parties)

    def _gross_flows(self) -> GrossFlows:
        payer, payee, purpose, instrument = self.journal.slice(0)
        amount = np.abs(self.journal.paid)
        legs, parties, trades = amount + np.abs(self.journal.received), len(self.parties), instrument >= 0
        traded = _sums(instrument[trades], legs[trades], len(self.instruments))
        party = _sums(payer, amount, parties) + _sums(payee, amount, parties)
        moved, kept = traded.copy(), party.copy()
        central = party[self._central_bank] if self._central_bank >= 0 else 0.0
        dollars, treasury = party[self._by_dollar].sum(), party[self._by_treasury].sum()
        # What passes through a means of payment, and through the party that keeps its accounts: the net flow can be all
        # but zero while much passes through it.
        for name, keeper, through in (
            (DEPOSITS, self._bank, party[self._by_deposit].sum() + dollars),
            (OFFSHORE_DOLLARS, self._dealer, dollars),
            (GOVERNMENT_DEPOSITS, self._central_bank, treasury),
            (RESERVES, self._central_bank, treasury + central),
        ):
            if self._rows[name] >= 0:
                moved[self._rows[name]] += through
            if keeper >= 0:
                kept[keeper] += through
        return GrossFlows(_sums(purpose[~trades], legs[~trades], len(self.purposes)), traded, moved, kept)

    def _check_rows(self, current: Array, traded: Array, gross: GrossFlows) -> float:
        _, _, purpose, instrument = self.journal.slice(0)

        def of_purpose(row: int) -> str:
            return f"flow row '{self.purposes[row]}'" + self._suspect((instrument < 0) & (purpose == row), gross)

        def of_instrument(row: int) -> str:
            return f"flow row '{self.instruments[row]}'" + self._suspect(instrument == row, gross)

        return max(
            self._check(current, 1, of_purpose, gross.purpose),
            self._check(traded, 1, of_instrument, gross.traded),
            self._check(self._financial, 1, of_instrument, gross.instrument),
        )

    def _check_columns(self, current: Array, traded: Array, gross: GrossFlows) -> float:
        # A trade's money leg is in the settlement rows of the financial matrix and its instrument leg in `traded`; the
        # other rows of the two must agree, and what is left of each column must add to zero.
        untouched = self._financial.copy()
        settlement = [row for row in self._rows.values() if row >= 0]
        untouched[settlement] = traded[settlement]
        self._check_equal(traded, untouched, "traded flow", gross.traded)
        stacked = np.vstack([current, -self._financial])

        def of_party(column: int) -> str:
            party = self.parties[column]
            return f"column of sector '{party.sector.value}' (party {party.name})"

        return self._check(stacked, 0, of_party, gross.party)

    def _check_equal(self, left: Array, right: Array, what: str, turnover: Array) -> None:
        gap = np.abs(left - right)
        gross = np.maximum(turnover, gap.max(axis=1))[:, np.newaxis]
        relative = gap / np.maximum(gross, 1e-300)
        if not relative.max(initial=0.0) <= RELATIVE_TOLERANCE:
            row, column = np.unravel_index(np.argmax(relative), gap.shape)
            raise LedgerLeak(
                f"month {self.months + 1}: {what} row '{self.instruments[row]}', sector "
                f"'{self.parties[column].sector.value}' (party {self.parties[column].name}): legs differ by "
                f"{left[row, column] - right[row, column]:.6e} trn yen"
            )

    def _check(self, matrix: Array, axis: int, name: Callable[[int], str], gross: Array) -> float:
        if not matrix.size:
            return 0.0
        residual = matrix.sum(axis=axis)
        relative = np.abs(residual) / np.maximum(gross, 1e-300)
        relative[np.abs(residual) < 1e-300] = 0.0
        worst = int(np.argmax(relative))
        if not relative[worst] <= RELATIVE_TOLERANCE:
            raise LedgerLeak(
                f"month {self.months + 1}: {name(worst)} does not add to zero: residual {residual[worst]:.6e} trn "
                f"yen of a gross flow of {gross[worst]:.6e}"
            )
        return float(relative[worst])

    def _suspect(self, postings: NDArray[np.bool_], gross: GrossFlows) -> str:
        """For a leaking row with these postings, the party whose own column does not balance."""
        payer, payee, _, _ = self.journal.slice(0)
        unequal = postings & (np.asarray(self.journal.paid) != np.asarray(self.journal.received))
        named = np.zeros(len(self.parties), dtype=bool)
        named[payer[unequal]] = named[payee[unequal]] = True
        current, traded = self._flows_from_legs()
        moved = self._financial.copy()
        settlement = [row for row in self._rows.values() if row >= 0]
        moved[settlement] = traded[settlement]
        gap = np.abs(current.sum(axis=0) - self._financial.sum(axis=0))
        gap = np.maximum(gap, np.abs(traded - moved).sum(axis=0))
        # Rounding grows with a party's payments, so a small gap of a small party counts for more than of a large one.
        gap /= np.maximum(gross.party, 1e-300)
        if named.any():
            gap[~named] = -1.0
        party = self.parties[int(np.argmax(gap))]
        return f", sector '{party.sector.value}' (party {party.name})"

    def _check_balance_sheets(self, gross: GrossFlows) -> float:
        expected = self._opening + self._financial + self._revaluation
        during = np.abs(self._opening).sum(axis=1) + gross.instrument + np.abs(self._revaluation).sum(axis=1)
        self._peak_stock = np.maximum(self._peak_stock, during)
        gap = np.abs(self.positions - expected) / self._gross_stock()[:, np.newaxis]
        if not gap.max() <= RELATIVE_TOLERANCE:
            row, column = np.unravel_index(np.argmax(gap), gap.shape)
            raise LedgerLeak(
                f"month {self.months + 1}: balance sheet row '{self.instruments[row]}', sector "
                f"'{self.parties[column].sector.value}' (party {self.parties[column].name}): stock differs from flows "
                f"and revaluations by {self.positions[row, column] - expected[row, column]:.6e} trn yen"
            )
        return max(float(gap.max()), self._check_positions(f"month {self.months + 1}"))

    def _gross_stock(self) -> Array:
        """Gross stock of each instrument; see :data:`_STOCK_FLOOR_SHARE` for one that is run down."""
        return np.maximum(np.abs(self.positions).sum(axis=1), np.maximum(_STOCK_FLOOR_SHARE * self._peak_stock, 1e-12))

    def _check_positions(self, when: str) -> float:
        residual = self.positions.sum(axis=1)
        relative = np.abs(residual) / self._gross_stock()
        worst = int(np.argmax(relative))
        if not relative[worst] <= RELATIVE_TOLERANCE:
            party = self.parties[int(np.argmax(np.abs(self.positions[worst])))]
            raise LedgerLeak(
                f"{when}: instrument '{self.instruments[worst]}' does not add to zero: residual {residual[worst]:.6e} "
                f"trn yen (largest holder: sector '{party.sector.value}', party {party.name})"
            )
        return float(relative[worst])

    def _check_identities(self, current: Array, gross: GrossFlows) -> float:
        saving = current.sum(axis=0)
        worst = abs(float(saving.sum())) / max(float(gross.purpose.sum()), 1e-12)
        if not worst <= RELATIVE_TOLERANCE:
            raise LedgerLeak(
                f"month {self.months + 1}: deficits and savings sum to {saving.sum():.6e} trn yen, not zero"
            )
        for name, identity in self.identities.items():
            left, right = identity()
            relative = abs(left - right) / max(abs(left), abs(right), 1e-12)
            if not relative <= RELATIVE_TOLERANCE:
                raise LedgerLeak(f"month {self.months + 1}: {name}: {left:.12g} against {right:.12g} trn yen")
            worst = max(worst, relative)
        return worst

    def _edges(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Array]:
        payer, payee, purpose, instrument = self.journal.slice(0)
        amount = np.array(self.journal.paid)
        if self._by_members:
            named = np.delete(np.arange(amount.size), self._by_members)
            payer, payee, purpose, instrument, amount = (
                column[named] for column in (payer, payee, purpose, instrument, amount)
            )
        if not amount.size:
            return _NO_EDGES
        parties, instruments = len(self.parties), len(self.instruments) + 1
        key = ((purpose * instruments + instrument + 1) * parties + payer) * parties + payee
        keys, inverse = np.unique(key, return_inverse=True)
        sums = _sums(inverse, amount)
        rest, to = np.divmod(keys, parties)
        rest, source = np.divmod(rest, parties)
        what, kind = np.divmod(rest, instruments)
        return source, to, what, kind - 1, sums


_NO_EDGES = (
    np.empty(0, np.int64),
    np.empty(0, np.int64),
    np.empty(0, np.int64),
    np.empty(0, np.int64),
    np.empty(0, np.float64),
)
