"""A trade deal with the United States: chips that firms order beyond their plans, and tariffs that come down for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from itcho.agents.chip_importers import split_exactly
from itcho.agents.named_importers import CLOUD, DEVELOPER
from itcho.agents.population import MemberRows
from itcho.agents.vocabulary import AI_SPECIAL_ACCOUNT
from itcho.model.world import World

Array = NDArray[np.float64]

PURPOSE = "chip_purchase_deal"


def carry_out_deal(world: World) -> Array | None:
    """Pay the state's part of the month's purchases and move exports' access; returns the chips bought by importer.

    A change of US tariffs (relief that the United States grant, or a scenario's rise) is shared between prices in the
    United States, which move the volume sold there, and exporters' receipts.  Volumes and receipts get there as slowly
    as trade answers to prices.
    """
    p, government, importers = world.parameters, world.government, world.chip_importers
    deal = government.decide_deal(world.clock.month)
    bought: Array | None = None
    if deal.chip_purchase_trn_yen > 0.0:
        columns = importers.columns
        rows = np.flatnonzero(np.isin(columns["role"], (CLOUD, DEVELOPER)) & columns["domestic_control"])
        amounts = split_exactly(deal.chip_purchase_trn_yen, columns["size"][rows])
        bought = np.zeros(len(importers))
        bought[rows] = amounts
        paid = deal.subsidy_share * amounts
        if paid.any():
            world.ledger.pay(AI_SPECIAL_ACCOUNT, MemberRows(importers, rows), paid, PURPOSE)
            government.book_programme(spent_trn_yen=float(paid.sum()))
        government.memory.deal_bought_trn_yen += deal.chip_purchase_trn_yen
    path = world.outside.path
    relief = deal.tariff_relief_pp / 100.0 * path.tariff_relief_share * p.us_share_of_exports
    relief -= path.us_tariff_pp / 100.0 * p.us_share_of_exports
    passed = p.tariff_price_pass_through
    world.goods.move_export_access(
        access=1.0 + p.export_elasticity * passed * relief, margin=1.0 + (1.0 - passed) * relief
    )
    return bought
