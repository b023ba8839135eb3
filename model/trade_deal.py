"""A trade deal with the United States: chips that firms order beyond their plans, and tariffs that come down for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from itcho.agents.chip_importers import split_exactly
from itcho.agents.named_importers import CLOUD, DEVELOPER
from itcho.agents.population import MemberRows
from itcho.agents.vocabulary import AI_SPECIAL_ACCOUNT

PURPOSE = "chip_purchase_deal"


def carry_out_deal(economy: Any) -> None:
    """Pay the state's part of the month's purchases, hand them to the chip market, and move exports' access.

    A change of US tariffs (relief that the United States grant, or a scenario's rise) is shared between prices in the
    United States, which move the volume sold there, and exporters' receipts.  Volumes and receipts get there as slowly
    as trade answers to prices.
    """
    p, government, importers = economy.parameters, economy.government, economy.chip_importers
    deal = government.decide_deal(economy.clock.month)
    economy.chip_purchases_trn_yen = None
    if deal.chip_purchase_trn_yen > 0.0:
        columns = importers.columns
        rows = np.flatnonzero(np.isin(columns["role"], (CLOUD, DEVELOPER)) & columns["domestic_control"])
        amounts = split_exactly(deal.chip_purchase_trn_yen, columns["size"][rows])
        economy.chip_purchases_trn_yen = np.zeros(len(importers))
        economy.chip_purchases_trn_yen[rows] = amounts
        paid = deal.subsidy_share * amounts
        if paid.any():
            economy.ledger.pay(AI_SPECIAL_ACCOUNT, MemberRows(importers, rows), paid, PURPOSE)
            government.book_programme(spent_trn_yen=float(paid.sum()))
        government.memory.deal_bought_trn_yen += deal.chip_purchase_trn_yen
    path = economy.outside.path
    relief = deal.tariff_relief_pp / 100.0 * path.tariff_relief_share * p.us_share_of_exports
    relief -= path.us_tariff_pp / 100.0 * p.us_share_of_exports
    passed = p.tariff_price_pass_through
    goods = economy.goods
    for name, wanted in (
        ("export_access", 1.0 + p.export_elasticity * passed * relief),
        ("export_margin", 1.0 + (1.0 - passed) * relief),
    ):
        now = getattr(goods, name)
        setattr(goods, name, now + p.trade_adjustment_monthly * (wanted - now))
