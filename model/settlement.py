"""Bank settlement: which means of payment move when a party is paid, and who keeps its account."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from agents.vocabulary import (
    DEALERS_ABROAD,
    DEPOSITS,
    GOVERNMENT_DEPOSITS,
    OFFSHORE_DOLLARS,
    RESERVES,
    Party,
    Settlement,
)

MEANS_OF_PAYMENT = (DEPOSITS, RESERVES, GOVERNMENT_DEPOSITS, OFFSHORE_DOLLARS)


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
    by_deposit, by_dollar, by_treasury : columns of the parties that settle so.
    place : (parties, cells, 2) row and column of each cell that a party's receipt of one moves.
    sign : (parties, cells) by how much; what stands behind the first zero does not count.
    """

    def __init__(self, parties: tuple[Party, ...], instruments: tuple[str, ...]) -> None:
        def columns(kind: Settlement) -> NDArray[np.int64]:
            return np.array([k for k, party in enumerate(parties) if party.settlement == kind], dtype=np.int64)

        def first(places: NDArray[np.int64]) -> int:
            return int(places[0]) if places.size else -1

        self.row = {name: instruments.index(name) if name in instruments else -1 for name in MEANS_OF_PAYMENT}
        self.rows = np.array([row for row in self.row.values() if row >= 0], dtype=np.int64)
        self.by_deposit = columns(Settlement.BANK_DEPOSIT)
        self.by_dollar = columns(Settlement.DOLLAR_ACCOUNT)
        self.by_treasury = columns(Settlement.TREASURY_ACCOUNT)
        self.bank = first(columns(Settlement.BANK))
        self.central_bank = first(columns(Settlement.CENTRAL_BANK))
        self.dealer = next((k for k, party in enumerate(parties) if party.name == DEALERS_ABROAD), -1)
        cells = [self._cells(place, party.settlement) for place, party in enumerate(parties)]
        width = max((len(moved) for moved in cells), default=0) + 1
        self.place = np.zeros((len(cells), width, 2), dtype=np.int64)
        self.sign = np.zeros((len(cells), width))
        for place, moved in enumerate(cells):
            for k, (row, column, sign) in enumerate(moved):
                self.place[place, k] = row, column
                self.sign[place, k] = sign

    def _cells(self, party: int, settlement: Settlement) -> list[tuple[int, int, float]]:
        """Row, column and sign of each cell that a receipt of one moves, with the other side of each."""
        bank, central, dealer = self.bank, self.central_bank, self.dealer
        reserves = [(RESERVES, bank, -1.0), (RESERVES, central, 1.0)]
        moved = {
            Settlement.BANK_DEPOSIT: [(DEPOSITS, party, 1.0), (DEPOSITS, bank, -1.0)],
            Settlement.BANK: [],
            Settlement.CENTRAL_BANK: reserves,
            Settlement.TREASURY_ACCOUNT: [
                (GOVERNMENT_DEPOSITS, party, 1.0),
                (GOVERNMENT_DEPOSITS, central, -1.0),
                *reserves,
            ],
            Settlement.DOLLAR_ACCOUNT: [
                (OFFSHORE_DOLLARS, party, 1.0),
                (OFFSHORE_DOLLARS, dealer, -1.0),
                (DEPOSITS, dealer, 1.0),
                (DEPOSITS, bank, -1.0),
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
