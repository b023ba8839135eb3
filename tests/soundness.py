"""What must hold in every month of every run, whatever the parameters: used by several tests."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from itcho.agents.vocabulary import (
    CURRENCY,
    DEPOSITS,
    FOREIGN_AI_EQUITY,
    GOVERNMENT_DEPOSITS,
    INSTRUMENTS,
    JAPANESE_EQUITY,
    JGB_BUCKETS,
    OTHER_FOREIGN_ASSETS,
    RESERVES,
    SOFTBANK_EQUITY,
    TREASURY_BILLS,
    WORLD_EQUITY,
    Settlement,
)
from itcho.model.economy import JapanEconomy
from itcho.model.ledger.ledger import RELATIVE_TOLERANCE

SMALL = {"investors": 200, "importers": 60, "adopters": 100}
NOTHING_TRN_YEN = 1e-9
"""Rounding left in a stock of hundreds of trillions."""

ISSUERS = {
    DEPOSITS: {"banks"},
    CURRENCY: {"bank_of_japan"},
    RESERVES: {"bank_of_japan"},
    GOVERNMENT_DEPOSITS: {"bank_of_japan"},
    TREASURY_BILLS: {"government"},
    **{bucket: {"government", "ai_special_account"} for bucket in JGB_BUCKETS},
    JAPANESE_EQUITY: {"firms", "banks", "softbank_corp"},
    WORLD_EQUITY: {"foreign_investors"},
    OTHER_FOREIGN_ASSETS: {"foreign_investors"},
    FOREIGN_AI_EQUITY: {"foreign_investors"},
    SOFTBANK_EQUITY: {"softbank_group"},
}
"""Instruments of which nobody but the issuers can hold less than nothing."""

NOT_NEGATIVE = {
    "ChipImporter": (
        "cash_trn_yen",
        "debt_trn_yen",
        "bonds",
        "compute",
        "plant",
        "compute_book_trn_yen",
        "orders_outstanding_bn_usd",
    ),
    "Investor": ("weight", "deposits", "jgb", "equity", "foreign"),
    "Adopter": ("use_share", "deep"),
}
"""Columns of members that cannot be negative."""


def run_soundly(months: int, **arguments: Any) -> JapanEconomy:
    """Run ``months`` and check every one of them; a failure names the month and what is wrong."""
    economy = JapanEconomy(**{**SMALL, **arguments})
    debt = national_debt(economy)
    log_usdjpy = float(np.log(economy.state.usdjpy))
    for month in range(1, months + 1):
        economy.step()
        wrong = [*not_finite(economy), *negative_stocks(economy), *ladder_gaps(economy, debt)]
        parts = sum(economy.foreign_exchange.parts.values())
        moved = float(np.log(economy.state.usdjpy)) - log_usdjpy
        if abs(parts - moved) > 1e-12:
            wrong.append(f"USD/JPY moved by {moved!r}, but its parts add to {parts!r}")
        assert not wrong, f"month {month}: " + "; ".join(wrong)
        debt = national_debt(economy)
        log_usdjpy = float(np.log(economy.state.usdjpy))
    assert economy.ledger.months == months
    assert economy.ledger.max_relative_residual <= RELATIVE_TOLERANCE
    return economy


def not_finite(economy: JapanEconomy) -> list[str]:
    """Outcomes and prices of the month that are no numbers."""
    found = [name for name, value in economy.outcomes.items() if not np.isfinite(value)]
    for name in ("usdjpy", "equity", "softbank", "world"):
        prices = getattr(economy.closed_month.prices, name)
        if not (np.isfinite(prices) & (prices > 0.0)).all():
            found.append(f"daily {name}")
    if not np.isfinite(economy.ledger.positions).all():
        found.append("balance sheets")
    return [f"{name} is not finite (or, a price, not positive)" for name in found]


def negative_stocks(economy: JapanEconomy) -> list[str]:
    """Stocks below zero that cannot be."""
    ledger, found = economy.ledger, []
    for row, instrument in enumerate(INSTRUMENTS):
        issuers = ISSUERS.get(instrument)
        if issuers is None:
            continue
        for place in np.flatnonzero(ledger.positions[row] < -NOTHING_TRN_YEN).tolist():
            party = ledger.parties[place]
            # The dealers' yen account is an overdraft by nature: they settle for all of abroad.
            overdraft = instrument == DEPOSITS and party.settlement is not Settlement.BANK_DEPOSIT
            if party.name not in issuers and not overdraft:
                found.append(f"{party.name} holds {ledger.positions[row, place]:.6g} of {instrument}")
    for kind, columns in NOT_NEGATIVE.items():
        population = economy.populations[kind]
        for column in columns:
            values = population.columns[column]
            row = int(np.argmin(values))
            if values[row] < -NOTHING_TRN_YEN:
                found.append(f"{kind}.{column} of {population.name_of_row(row)} is {values[row]:.6g}")
    return found


def national_debt(economy: JapanEconomy) -> float:
    """JGBs and bills at face: gross debt without what local governments and social security owe besides."""
    return economy.treasury.gross_debt_trn_yen(economy.ledger) - economy.treasury.other_debt_trn_yen


def ladder_gaps(economy: JapanEconomy, debt_before: float) -> list[str]:
    """Where the debt ladder and the balance sheets disagree."""
    treasury, found = economy.treasury, []
    issued, held = treasury.market_value_identity(economy.ledger)
    if abs(issued - held) > 1e-9 * held:
        found.append(f"the ladder is worth {issued!r}, holders have {held!r}")
    grown = national_debt(economy) - debt_before
    month = economy.closed_month
    issued_net = month.bonds.net_issuance + max(0.0, month.prices.currency.intervention_yen_trn)
    if abs(grown - issued_net) > 1e-9 * debt_before:
        found.append(f"debt grew by {grown!r}, net issuance was {issued_net!r}")
    return found


def fingerprint(economy: JapanEconomy) -> str:
    """One text for everything a run keeps: two runs with the same bits have the same."""
    digest = hashlib.sha256()
    for table in (
        economy.monthly_table(),
        economy.daily_table(),
        economy.flow_table(),
        economy.edge_table(),
        economy.fx_attribution(),
        *(population.to_frame() for population in economy.populations.values()),
    ):
        digest.update(table.to_csv().encode())
    return digest.hexdigest()
