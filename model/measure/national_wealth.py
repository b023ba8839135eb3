"""Sums over balance sheets: what households have in equity, and what Japan has abroad."""

from __future__ import annotations

from itcho.agents.views import ParameterValues
from itcho.agents.vocabulary import (
    FUND_UNITS,
    HOUSEHOLDS,
    JAPANESE_EQUITY,
    OTHER_FOREIGN_ASSETS,
    SOFTBANK_EQUITY,
    WORLD_EQUITY,
    Sector,
)
from itcho.model.ledger.ledger import Ledger
from itcho.model.ledger.records import total_of_columns


def household_equity_wealth(ledger: Ledger, p: ParameterValues) -> float:
    """Households' listed equity and fund units, trillion yen (of fund units the part in equity)."""
    held = ledger.position
    return (
        held(JAPANESE_EQUITY, HOUSEHOLDS)
        + held(SOFTBANK_EQUITY, HOUSEHOLDS)
        + p.equity_share_of_fund_units * held(FUND_UNITS, HOUSEHOLDS)
    )


def household_wealth(ledger: Ledger) -> float:
    """Households' financial assets less their debts, trillion yen."""
    return float(ledger.positions[:, ledger.party_index[HOUSEHOLDS]].sum())


def net_foreign_assets(ledger: Ledger) -> float:
    """Japan's claims on the rest of the world less its debts to it, trillion yen."""
    return -float(total_of_columns(ledger.positions, ledger.of_sector(Sector.REST_OF_WORLD)))


def dollar_assets(ledger: Ledger, p: ParameterValues) -> float:
    """Japan's assets abroad whose yen value moves with the dollar, trillion yen; of other assets the part that does."""
    abroad, owed = ledger.of_sector(Sector.REST_OF_WORLD), ledger.positions
    equity, other = (ledger.instrument_index[name] for name in (WORLD_EQUITY, OTHER_FOREIGN_ASSETS))
    return -float(
        total_of_columns(owed[equity : equity + 1], abroad)
        + p.fx_share_of_foreign_assets * total_of_columns(owed[other : other + 1], abroad)
    )
