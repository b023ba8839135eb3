"""The ledger: postings, settlement, records and checks; usable on its own."""

from __future__ import annotations

from itcho.model.ledger.ledger import PARTIES, Ledger

__all__ = ["PARTIES", "Ledger"]
