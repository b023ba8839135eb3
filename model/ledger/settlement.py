"""Bank settlement: which means of payment move when a party is paid, and who keeps its account.

A *route* is what a posting between two parties writes, worked out once for all postings of the kind: payer, payee,
purpose and instrument, as they stand in the journal, then each cell of the books that moves and how its sign is.

There are two ways to say who keeps whose account.  Japan's parties name a :class:`Settlement`: one bank, one central
bank, dealers abroad.  A ledger of several banks or currencies names each party's keeper and account instead: a payment
climbs from keeper to keeper on both sides until it meets, and where it never does, the two topmost keepers owe each
other ``interbank_claims``.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from itcho.agents.vocabulary import (
    DEALERS_ABROAD,
    DEPOSITS,
    GOVERNMENT_DEPOSITS,
    INTERBANK_CLAIMS,
    OFFSHORE_DOLLARS,
    RESERVES,
    Party,
    Settlement,
)

MEANS_OF_PAYMENT = (DEPOSITS, RESERVES, GOVERNMENT_DEPOSITS, OFFSHORE_DOLLARS)

FIRST_CELL = 4
"""Where the cells of a route begin, behind payer, payee, purpose and instrument."""

PAYMENT = -1
"""In place of an instrument: the posting is a payment and no trade."""


class SettlementSystem:
    """How the parties of a ledger settle; depends on nothing else and never changes.

    Parameters
    ----------
    parties, instruments : columns and rows of the ledger.

    Attributes
    ----------
    row : row of each means of payment; −1 if the ledger has none.
    rows : those that exist, (k,).
    bank, central_bank, dealer : who keeps deposits, reserves and the treasury account, and dollar accounts; −1 if there
        is nobody.
    passes : (parties, levels, 2) the means of payment through which a party's payments pass, by row, each with who
        keeps the account, by column; −1 for none.

    Raises
    ------
    ValueError : a keeper or an account is not in the ledger, keepers go round in a circle, or some name a keeper where
        others settle in Japan's way.
    """

    def __init__(self, parties: tuple[Party, ...], instruments: tuple[str, ...]) -> None:
        def columns(kind: Settlement) -> NDArray[np.int64]:
            return np.array([k for k, party in enumerate(parties) if party.settlement == kind], dtype=np.int64)

        def first(places: NDArray[np.int64]) -> int:
            return int(places[0]) if places.size else -1

        self._keepers = _keepers(parties, instruments)
        accounts = tuple(dict.fromkeys(party.account for party in parties if party.keeper))
        means = (*accounts, INTERBANK_CLAIMS) if accounts else MEANS_OF_PAYMENT
        self.row = {name: instruments.index(name) if name in instruments else -1 for name in means}
        self.rows = np.array([row for row in self.row.values() if row >= 0], dtype=np.int64)
        self.bank = first(columns(Settlement.BANK))
        self.central_bank = first(columns(Settlement.CENTRAL_BANK))
        self.dealer = next((k for k, party in enumerate(parties) if party.name == DEALERS_ABROAD), -1)
        self._columns = len(parties)
        self._moved = [self._cells(place, party.settlement) for place, party in enumerate(parties)]
        # A payer's cells, a payee's, and two of an instrument.
        self._width = 2 * max((len(moved) for moved in self._moved), default=0) + 2

        levels = max(2, *(len(above) + 1 for above in self._keepers)) if accounts else 2
        self.passes = np.full((len(parties), levels, 2), -1, dtype=np.int64)
        for place, party in enumerate(parties):
            for k, (name, keeper) in enumerate(self._passes(place, party.settlement)):
                self.passes[place, k] = self.row[name], keeper
        self._routes: dict[tuple[tuple[int, ...], ...], NDArray[np.int64]] = {}

    def _passes(self, place: int, settlement: Settlement) -> list[tuple[str, int]]:
        if above := self._keepers[place]:
            return [(account, keeper) for account, keeper in above]
        if any(self._keepers):
            return [(INTERBANK_CLAIMS, place)]
        deposits = DEPOSITS, self.bank
        reserves = RESERVES, self.central_bank
        return {
            Settlement.BANK_DEPOSIT: [deposits],
            Settlement.BANK: [],
            Settlement.CENTRAL_BANK: [reserves] if place == self.central_bank else [],
            Settlement.TREASURY_ACCOUNT: [(GOVERNMENT_DEPOSITS, self.central_bank), reserves],
            Settlement.DOLLAR_ACCOUNT: [deposits, (OFFSHORE_DOLLARS, self.dealer)],
        }[settlement]

    def routes(
        self, payers: tuple[int, ...], payees: tuple[int, ...], instruments: tuple[int, ...]
    ) -> NDArray[np.int64]:
        """What postings of one write, (postings, :data:`FIRST_CELL` + 2 × cells); not to be changed.

        Payer, payee, purpose (left 0) and instrument (:data:`PAYMENT` for none); then in turn the place of a cell in
        the balance sheet, row by row, and its sign.  What stands behind the first sign of zero does not count.
        """
        key = payers, payees, instruments
        routes = self._routes.get(key)
        if routes is None:
            routes = self._routes[key] = np.zeros((len(payers), FIRST_CELL + 2 * self._width), dtype=np.int64)
            for route, payer, payee, instrument in zip(routes, payers, payees, instruments, strict=True):
                cells = self._cells_between(payer, payee, instrument)
                route[:FIRST_CELL] = payer, payee, 0, instrument
                route[FIRST_CELL : FIRST_CELL + len(cells)] = cells
        return routes

    def _cells_between(self, payer: int, payee: int, instrument: int) -> list[int]:
        """Place and sign in turn of each cell that a posting of one moves."""
        moved = [(row, column, -sign) for row, column, sign in self._moved[payer]] + self._moved[payee]
        if instrument != PAYMENT:
            moved += [(instrument, payer, 1), (instrument, payee, -1)]
        signs: dict[int, int] = {}
        for row, column, sign in moved:
            cell = row * self._columns + column
            signs[cell] = signs.get(cell, 0) + sign
        # What is given and taken again, such as deposits by the bank of both, does not move.
        unsettled = [cell for cell, sign in signs.items() if cell < 0 and sign]
        if unsettled:
            raise ValueError(
                f"a payment between parties {payer} and {payee} needs the instrument {INTERBANK_CLAIMS}: nobody keeps "
                "an account for the banks of both"
            )
        return [number for cell, sign in signs.items() if sign for number in (cell, sign)]

    def _cells_of_keepers(self, party: int) -> list[tuple[int, int, int]]:
        """As :meth:`_cells`, climbing from keeper to keeper; what the topmost is left with is a claim on another.

        The row of a claim that the ledger does not have is negative: it must cancel against the other side's.
        """
        cells, top = [], party
        for account, keeper in self._keepers[party]:
            cells += [(self.row[account], top, 1), (self.row[account], keeper, -1)]
            top = keeper
        return [*cells, (self.row[INTERBANK_CLAIMS], top, 1)]

    def _cells(self, party: int, settlement: Settlement) -> list[tuple[int, int, int]]:
        """Row, column and sign of each cell that a receipt of one moves, with the other side of each."""
        if any(self._keepers):
            return self._cells_of_keepers(party)
        bank, central, dealer = self.bank, self.central_bank, self.dealer
        reserves = [(RESERVES, bank, -1), (RESERVES, central, 1)]
        moved = {
            Settlement.BANK_DEPOSIT: [(DEPOSITS, party, 1), (DEPOSITS, bank, -1)],
            Settlement.BANK: [],
            Settlement.CENTRAL_BANK: reserves,
            Settlement.TREASURY_ACCOUNT: [
                (GOVERNMENT_DEPOSITS, party, 1),
                (GOVERNMENT_DEPOSITS, central, -1),
                *reserves,
            ],
            Settlement.DOLLAR_ACCOUNT: [
                (OFFSHORE_DOLLARS, party, 1),
                (OFFSHORE_DOLLARS, dealer, -1),
                (DEPOSITS, dealer, 1),
                (DEPOSITS, bank, -1),
            ],
        }[settlement]
        if settlement == Settlement.DOLLAR_ACCOUNT and dealer < 0:
            return []
        if settlement == Settlement.TREASURY_ACCOUNT and central < 0:
            return []
        return [(self.row[name], at, sign) for name, at, sign in moved if self.row[name] >= 0 and at >= 0]


def _keepers(parties: tuple[Party, ...], instruments: tuple[str, ...]) -> list[list[tuple[str, int]]]:
    """For each party the accounts that its payments pass, with who keeps them, from its own bank upwards.

    Raises
    ------
    ValueError : see :class:`SettlementSystem`.
    """
    place = {party.name: column for column, party in enumerate(parties)}
    named = [party for party in parties if party.keeper or party.account]
    keep_accounts = {party.keeper for party in named}
    wrong = [f"{party.name}: keeper {party.keeper!r} is no party" for party in named if party.keeper not in place]
    wrong += [
        f"{party.name}: account {party.account!r} is no instrument"
        for party in named
        if party.account not in instruments
    ]
    if named:
        wrong += [
            f"{party.name} names no keeper of its account, as others do, and keeps none"
            for party in parties
            if not party.keeper and party.name not in keep_accounts
        ]
    found: list[list[tuple[str, int]]] = []
    for party in () if wrong else parties:
        above: list[tuple[str, int]] = []
        now = party
        while now.keeper:
            if len(above) > len(parties):
                raise ValueError(f"{party.name}: its keepers go round in a circle")
            above.append((now.account, place[now.keeper]))
            now = parties[place[now.keeper]]
        found.append(above)
    if wrong:
        raise ValueError("; ".join(wrong))
    return found


@lru_cache(maxsize=32)
def settlement_system(parties: tuple[Party, ...], instruments: tuple[str, ...]) -> SettlementSystem:
    """The system of these parties, made once for all ledgers that have them."""
    return SettlementSystem(parties, instruments)
