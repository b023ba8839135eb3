"""A trade deal with the United States: chips that firms order beyond their plans, and tariffs that come down for it.

The United States ask for an amount in yen for each point of relief, spread over some months.  At each review they look
at what was bought: as much as is due by then, and the whole relief holds until the next review; less, and none does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from itcho.agents.chip_importers import split_exactly
from itcho.agents.government import Memory
from itcho.agents.named_importers import CLOUD, DEVELOPER
from itcho.agents.population import MemberRows
from itcho.agents.rules.trade import Deal
from itcho.agents.views import ParameterValues
from itcho.agents.vocabulary import AI_SPECIAL_ACCOUNT
from itcho.model.world import World

Array = NDArray[np.float64]

PURPOSE = "chip_purchase_deal"


def chips_due_trn_yen(tariff_relief_pp: float, months: int, p: ParameterValues) -> float:
    """Chips that the United States ask to be bought ``months`` after the first purchase, for this relief."""
    asked: float = p.us_chips_asked_trn_yen_per_pp * tariff_relief_pp
    return asked * min(1.0, months / p.us_chips_asked_months)


def relief_granted_pp(memory: Memory, deal: Deal, granted_share: float, p: ParameterValues) -> float:
    """Tariff relief in force this month, percentage points; moves the clock of the deal and holds a review when due.

    Parameters
    ----------
    memory : the government's; what it remembers of the deal is changed.
    granted_share : part of the relief that the United States grant at all: the scenario's.
    """
    if memory.deal_bought_trn_yen <= 0.0:
        return 0.0
    months = memory.begin_deal_month()
    if months % round(p.us_deal_review_months) == 0:
        memory.review_deal(chips_due_trn_yen(deal.tariff_relief_pp, months, p))
    relief = deal.tariff_relief_pp * granted_share if memory.deal_kept else 0.0
    memory.answer_deal(relief)
    return relief


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
        # The state pays along its edges of support.
        paid = deal.subsidy_share * np.where(world.supply_graph.compiled.supported[rows], amounts, 0.0)
        if paid.any():
            world.ledger.pay(AI_SPECIAL_ACCOUNT, MemberRows(importers, rows), paid, PURPOSE)
            government.book_programme(spent_trn_yen=float(paid.sum()))
        government.memory.count_deal_purchase(deal.chip_purchase_trn_yen)
    path = world.outside.path
    relief = relief_granted_pp(government.memory, deal, path.tariff_relief_share, p) / 100.0 * p.us_share_of_exports
    relief -= path.us_tariff_pp / 100.0 * p.us_share_of_exports
    passed = p.tariff_price_pass_through
    world.goods.move_export_access(
        access=1.0 + p.tariff_export_elasticity * passed * relief, margin=1.0 + (1.0 - passed) * relief
    )
    return bought
