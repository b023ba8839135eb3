"""Bank settlement: which means of payment move when a party is paid, and who keeps its account.

A *route* is what a posting between two parties writes, worked out once for all postings of the kind: payer, payee,
purpose and instrument, as they stand in the journal, then each cell of the books that moves and how its sign is.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from itcho.agents.vocabulary import (
    DEALERS_ABROAD,
    DEPOSITS,
    GOVERNMENT_DEPOSITS,
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
    passes : (parties, 2, 2) the means of payment through which a party's payments pass, by row, each with who keeps
        the account, by column; −1 for none.
    """

    def __init__(self, parties: tuple[Party, ...], instruments: tuple[str, ...]) -> None:
        def columns(kind: Settlement) -> NDArray[np.int64]:
            return np.array([k for k, party in enumerate(parties) if party.settlement == kind], dtype=np.int64)

        def first(places: NDArray[np.int64]) -> int:
            return int(places[0]) if places.size else -1

        self.row = {name: instruments.index(name) if name in instruments else -1 for name in MEANS_OF_PAYMENT}
        self.rows = np.array([row for row in self.row.values() if row >= 0], dtype=np.int64)
        self.bank = first(columns(Settlement.BANK))
        self.central_bank = first(columns(Settlement.CENTRAL_BANK))
        self.dealer = next((k for k, party in enumerate(parties) if party.name == DEALERS_ABROAD), -1)
        self._columns = len(parties)
        self._moved = [self._cells(place, party.settlement) for place, party in enumerate(parties)]
        # A payer's cells, a payee's, and two of an instrument.
        self._width = 2 * max((len(moved) for moved in self._moved), default=0) + 2

        self.passes = np.full((len(parties), 2, 2), -1, dtype=np.int64)
        for place, party in enumerate(parties):
            for k, (name, keeper) in enumerate(self._passes(place, party.settlement)):
                self.passes[place, k] = self.row[name], keeper
        self._routes: dict[tuple[tuple[int, ...], ...], NDArray[np.int64]] = {}

    def _passes(self, place: int, settlement: Settlement) -> list[tuple[str, int]]:
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
        return [number for cell, sign in signs.items() if sign for number in (cell, sign)]

    def _cells(self, party: int, settlement: Settlement) -> list[tuple[int, int, int]]:
        """Row, column and sign of each cell that a receipt of one moves, with the other side of each."""
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


@lru_cache(maxsize=32)
def settlement_system(parties: tuple[Party, ...], instruments: tuple[str, ...]) -> SettlementSystem:
    """The system of these parties, made once for all ledgers that have them."""
    return SettlementSystem(parties, instruments)
