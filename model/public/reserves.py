"""The foreign exchange reserves: what the ministry buys and sells in the sessions is posted here.

The other side of the order is taken by dealers abroad.  Dollars sold are foreign assets that the rest of the world
takes back against yen, which dealers deliver; the ministry's yen then save it from raising money.  Dollars bought are
paid with financing bills, as the ministry's foreign exchange fund does.
"""

from __future__ import annotations

from itcho.agents.vocabulary import BANKS, FOREIGN_INVESTORS, GOVERNMENT, OTHER_FOREIGN_ASSETS, TREASURY_BILLS
from itcho.model.finance.foreign_exchange import CurrencyMonth
from itcho.model.ledger.ledger import Ledger
from itcho.model.world import World

PURPOSE, BILLS = "currency_intervention", "financing_bills"


def reserves_bn_usd(world: World) -> float:
    """The government's foreign assets at the rate of the last month, as last settled, billion dollars."""
    ledger = world.ledger
    held = ledger.positions[ledger.instrument_index[OTHER_FOREIGN_ASSETS], ledger.party_index[GOVERNMENT]]
    return float(held) * 1000.0 / float(world.state.usdjpy)


def settle_intervention(ledger: Ledger, month: CurrencyMonth) -> None:
    """Post the dollars that the ministry bought or sold this month, at the average rate of its sessions."""
    if month.intervention_bn_usd == 0.0:
        return
    yen = month.intervention_yen_trn
    ledger.trade(GOVERNMENT, FOREIGN_INVESTORS, OTHER_FOREIGN_ASSETS, yen, 1.0, PURPOSE)
    if yen > 0.0:
        ledger.trade(BANKS, GOVERNMENT, TREASURY_BILLS, yen, 1.0, BILLS)
