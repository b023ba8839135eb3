"""The foreign exchange reserves: what the ministry buys and sells in the sessions is posted here.

The other side of the order is taken by dealers abroad.  Dollars sold are foreign assets that the rest of the world
takes back against yen, which dealers deliver; the ministry's yen then save it from raising money.  Dollars bought are
paid with financing bills, as the ministry's foreign exchange fund does.
"""

from __future__ import annotations

from typing import Any

from itcho.agents.vocabulary import BANKS, FOREIGN_INVESTORS, GOVERNMENT, OTHER_FOREIGN_ASSETS, TREASURY_BILLS

PURPOSE, BILLS = "currency_intervention", "financing_bills"


def reserves_bn_usd(economy: Any) -> float:
    """The government's foreign assets at the rate of the last month, as last settled, billion dollars."""
    ledger = economy.ledger
    held = ledger.positions[ledger.instrument_index[OTHER_FOREIGN_ASSETS], ledger.party_index[GOVERNMENT]]
    return float(held) * 1000.0 / float(economy.state.usdjpy)


def settle_intervention(economy: Any) -> None:
    """Post the dollars that the ministry bought or sold this month, at the average rate of its sessions."""
    dollars = economy.intervention_bn_usd
    if dollars == 0.0:
        return
    yen = economy.intervention_yen_trn
    economy.ledger.trade(GOVERNMENT, FOREIGN_INVESTORS, OTHER_FOREIGN_ASSETS, yen, 1.0, PURPOSE)
    if yen > 0.0:
        economy.ledger.trade(BANKS, GOVERNMENT, TREASURY_BILLS, yen, 1.0, BILLS)
        economy.net_issuance_trn_yen += yen
