"""Rescues in the ledger: new shares of SoftBank Group that the state buys."""

from __future__ import annotations

from itcho.agents.named_importers import NAMED_IMPORTERS
from itcho.agents.rules.rescue import DistressView
from itcho.agents.rules.subsidy import Support
from itcho.agents.vocabulary import GOVERNMENT, SOFTBANK_EQUITY, SOFTBANK_GROUP
from itcho.model.public.programme import gate_waived
from itcho.model.world import World

PURPOSE = "bail_out"

SUPPORTED_ROWS = tuple(
    row
    for row, firm in enumerate(NAMED_IMPORTERS)
    if firm.name in ("national_ai_company", "softbank_corp_data_centres")
)
"""Importers that SoftBank's group leads or owns."""


def judge_backing(world: World, support: Support) -> None:
    """Let the Group judge from the month's support, waived gates and rescues how far the state stands behind it."""
    memory, to_the_group = world.government.memory, 0.0
    if support.payments:
        paid = world.chip_importers.columns["subsidy_trn_yen"]
        to_the_group = sum(paid.item(row) for row in SUPPORTED_ROWS if row < paid.size)
    rescues = memory.bail_outs - memory.bail_outs_judged
    waived, ends = gate_waived(world, support), world.clock.is_fiscal_year_end
    world.softbank_group.hear(to_the_group, waived, rescues, ends, world.parameters)


def consider_rescue(world: World) -> float:
    """Once for each spell of distress, ask the government, and carry out what it decides; returns what it paid.

    A spell begins when loan-to-value passes the limit of exceptional times.  The state has a stake only while the
    programme runs through SoftBank's group, and the graph an edge of support.
    """
    if not world.softbank_accounts.links.may_be_rescued:
        return 0.0
    p, group, government = world.parameters, world.softbank_group, world.government
    position, limit = world.softbank_accounts.position, p.softbank_ltv_exceptional_limit_pct
    if not group.enter_distress(position.ltv_pct > limit, government.memory.programme_spent_trn_yen > 0.0):
        return 0.0
    streams = world.streams
    lot = 0.5 if streams.noise_off else float(streams.generator("bail-out", world.month).random())
    rescue = government.decide_rescue(
        DistressView(
            net_debt_trn_yen=position.net_debt,
            holdings_trn_yen=position.holdings,
            limit_pct=limit,
            belief_in_backing=group.belief_in_backing,
            reaches_share=p.softbank_backing_to_group_share,
            lot=lot,
        )
    )
    if rescue is None:
        return 0.0
    paid = rescue.paid_trn_yen
    world.ledger.trade(GOVERNMENT, SOFTBANK_GROUP, SOFTBANK_EQUITY, paid, 1.0, PURPOSE)
    world.softbank_shares.issue(paid, position.net_asset_value)
    return paid
