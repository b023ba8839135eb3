"""A ledger to work with by hand: holdings are given, postings are listed, nothing else happens."""

from __future__ import annotations

from types import FunctionType, SimpleNamespace
from typing import Any

import numpy as np

from itcho.agents.vocabulary import BANKS
from itcho.model.chips.compiled_graph import GiverShares
from itcho.model.state import EconomyState


class HandLedger:
    """What rules and steps call on a ledger.

    Parameters
    ----------
    holdings : net positions by (instrument, party); all others are zero.
    """

    def __init__(self, holdings: dict[tuple[str, str], float] | None = None) -> None:
        self.holdings = dict(holdings or {})
        self.posted: list[tuple[Any, ...]] = []

    def position(self, instrument: str, party: str) -> float:
        """What a party holds, less what it owes."""
        return self.holdings.get((instrument, party), 0.0)

    def pay(self, payer: Any, payee: Any, amount: Any, purpose: str) -> None:
        """List a payment."""
        self.posted.append(("pay", payer, payee, purpose, amount))

    def trade(self, buyer: Any, seller: Any, instrument: Any, amount: Any, price: float, purpose: str) -> None:
        """List a trade: the buyer gets the claim, the seller money."""
        self.posted.append(("trade", buyer, seller, instrument, amount, price, purpose))

    def write_off(self, lender: str, borrower: Any, instrument: str, amount: Any) -> None:
        """List a loss."""
        self.posted.append(("write off", lender, borrower, instrument, amount))

    def revalue(self, instrument: str, rate: float) -> None:
        """List a change of price."""
        self.posted.append(("revalue", instrument, rate))

    def revalue_claim(self, instrument: str, holder: str, issuer: str, amount: float) -> None:
        """List a gain on one claim."""
        self.posted.append(("revalue claim", instrument, holder, issuer, amount))

    def paid(self, payer: str, payee: str, purpose: str) -> float:
        """All that one party paid to another for a purpose."""
        return float(sum(np.sum(each[4]) for each in self.posted if each[:4] == ("pay", payer, payee, purpose)))

    def traded(self, buyer: str, seller: str, instrument: str) -> float:
        """All that one party bought of an instrument from another."""
        return float(sum(np.sum(each[4]) for each in self.posted if each[:4] == ("trade", buyer, seller, instrument)))

    def written_off(self, lender: str, borrower: str, instrument: str) -> float:
        """All that a lender lost."""
        return float(
            sum(np.sum(each[4]) for each in self.posted if each[:4] == ("write off", lender, borrower, instrument))
        )

    def revalued(self, instrument: str) -> float:
        """The change of an instrument's price."""
        (rate,) = (each[2] for each in self.posted if each[:2] == ("revalue", instrument))
        return float(rate)


def given(**values: Any) -> Any:
    """An object with these attributes: parameters, a view, the few things of an economy that a step looks at."""
    return SimpleNamespace(**values)


_METHODS = {name: one for name, one in vars(EconomyState).items() if isinstance(one, FunctionType) and name[0] != "_"}
_HandState = type("_HandState", (SimpleNamespace,), _METHODS)


def given_state(**values: Any) -> Any:
    """A public state with these figures, also of those that the real one works out, and with the real one's methods."""
    return _HandState(**values)


def graph_of(importers: int) -> Any:
    """A graph in which banks lend to every importer and the state may support everybody."""
    return given(
        compiled=given(
            lenders=GiverShares((BANKS,), np.ones((1, importers))),
            supported=np.ones(importers, dtype=bool),
            firms_supported=True,
        )
    )
