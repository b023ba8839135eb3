"""A trade deal with the United States: chips that firms order beyond their plans, and tariffs that come down for it.

Whether they come down, and stay down, is the answer of :class:`itcho.agents.negotiator.Negotiator`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from itcho.agents.chip_importers import split_exactly
from itcho.agents.government import Memory
from itcho.agents.named_importers import CLOUD, DEVELOPER
from itcho.agents.negotiator import Negotiator
from itcho.agents.population import MemberRows
from itcho.agents.rules.trade import Deal
from itcho.agents.views import ParameterValues
from itcho.agents.vocabulary import AI_SPECIAL_ACCOUNT
from itcho.model.world import World

Array = NDArray[np.float64]

PURPOSE = "chip_purchase_deal"


def relief_granted_pp(
    memory: Memory,
    negotiator: Negotiator,
    deal: Deal,
    granted_share: float,
    lot: Callable[[], float],
    p: ParameterValues,
) -> float:
    """Tariff relief in force this month, percentage points; moves the clock of the deal.

    Parameters
    ----------
    memory : the government's; what it remembers of the deal is changed.
    negotiator : of the United States.
    granted_share : part of the relief that the United States grant at all: the scenario's.
    lot : see :meth:`itcho.agents.negotiator.Negotiator.answer`.
    """
    if memory.deal_bought_trn_yen <= 0.0:
        return 0.0
    months = memory.begin_deal_month()
    relief = granted_share * negotiator.answer(deal, memory.deal_bought_trn_yen, months, lot, p)
    memory.answer_deal(relief)
    return relief


def _lot(world: World) -> float:
    streams = world.streams
    return 0.5 if streams.noise_off else float(streams.generator("tariff review", world.month).random())


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
    granted = relief_granted_pp(
        government.memory, world.negotiator, deal, path.tariff_relief_share, partial(_lot, world), p
    )
    relief = granted / 100.0 * p.us_share_of_exports
    relief -= path.us_tariff_pp / 100.0 * p.us_share_of_exports
    passed = p.tariff_price_pass_through
    world.goods.move_export_access(
        access=1.0 + p.tariff_export_elasticity * passed * relief, margin=1.0 + (1.0 - passed) * relief
    )
    return bought
