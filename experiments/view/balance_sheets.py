"""Balance sheets by month: who holds and owes what, read off the ledger's own stocks and flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from itcho.model.economy import JapanEconomy


def balance_sheet_table(economy: JapanEconomy) -> pd.DataFrame:
    """Net positions of every party: ``month, party, instrument, amount_trn_yen``.

    The first month is the opening balance sheet.  An asset is positive, a liability negative; positions of zero are
    left out.  Stocks of earlier months are the last one's less the flows and revaluations since, which the ledger has
    checked against each other every month.
    """
    ledger = economy.ledger
    changes = np.array([month.financial + month.revaluation for month in ledger.history])
    stocks = np.empty((len(changes) + 1, *ledger.positions.shape))
    stocks[-1] = ledger.positions
    if len(changes):
        # From the last month backwards, so that the table ends exactly where the ledger stands.
        stocks[:-1] = ledger.positions - np.cumsum(changes[::-1], axis=0)[::-1]
        # A stock that was never held keeps the rounding of the sums.
        scale = np.abs(changes).sum(axis=0) + np.abs(ledger.positions)
        stocks[:-1][np.abs(stocks[:-1]) <= 1e-12 * scale] = 0.0
    months = np.array([economy.start_state.date.isoformat(), *economy.records.dates], dtype=object)
    when, what, who = np.nonzero(stocks)
    return pd.DataFrame(
        {
            "month": months[when],
            "party": np.array([party.name for party in ledger.parties], dtype=object)[who],
            "instrument": np.array(ledger.instruments, dtype=object)[what],
            "amount_trn_yen": stocks[when, what, who],
        }
    )


def assets_by_month(balance_sheets: pd.DataFrame) -> pd.DataFrame:
    """Financial assets of each party, trillion yen: one row per month, one column per party."""
    held = balance_sheets[balance_sheets["amount_trn_yen"] > 0.0]
    assets = held.pivot_table(index="month", columns="party", values="amount_trn_yen", aggfunc="sum", sort=False)
    return assets.fillna(0.0)
