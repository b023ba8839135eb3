"""Rescues: what the state does when the company that leads the national project is in distress."""

from __future__ import annotations

from typing import Any

from itcho.agents.named_importers import NAMED_IMPORTERS
from itcho.agents.softbank import GroupPosition
from itcho.agents.vocabulary import GOVERNMENT, SOFTBANK_EQUITY, SOFTBANK_GROUP
from itcho.model.credibility import gate_waived

PURPOSE = "bail_out"

SUPPORTED_ROWS = tuple(
    row
    for row, firm in enumerate(NAMED_IMPORTERS)
    if firm.name in ("national_ai_company", "softbank_corp_data_centres")
)
"""Importers that SoftBank's group leads or owns."""


def judge_backing(economy: Any) -> None:
    """Let the Group judge from the month's support, waived gates and rescues how far the state stands behind it."""
    importers, government, support = economy.chip_importers, economy.government, 0.0
    if government.support.payments:
        paid = importers.columns["subsidy_trn_yen"]
        support = sum(paid.item(row) for row in SUPPORTED_ROWS if row < paid.size)
    rescues = government.memory.bail_outs - economy.bail_outs_before
    ends = economy.clock.is_fiscal_year_end
    economy.softbank_group.hear(support, gate_waived(economy), rescues, ends, economy.parameters)


def consider_rescue(economy: Any, position: GroupPosition) -> float:
    """Once for each spell of distress, decide whether the state buys new SoftBank shares; returns what it paid.

    A spell begins when loan-to-value passes the limit of exceptional times.  The state has a stake only while the
    programme runs through SoftBank's group; then it rescues with the chance in which the company believes, as far as
    backing reaches the Group at all.  It pays what brings loan-to-value back to the limit.  Without shocks the state
    does what is more likely.  ``position`` is the Group's before.
    """
    p, group, government = economy.parameters, economy.softbank_group, economy.government
    limit = p.softbank_ltv_exceptional_limit_pct
    if position.ltv_pct <= limit:
        group.rescue_considered = False
        return 0.0
    if group.rescue_considered or government.memory.programme_spent_trn_yen <= 0.0:
        return 0.0
    group.rescue_considered = True
    chance = group.belief_in_backing * p.softbank_backing_to_group_share
    streams = economy.streams
    drawn = 0.5 if streams.noise_off else float(streams.generator("bail-out", economy.clock.month).random())
    if drawn >= chance:
        return 0.0
    paid = position.net_debt - limit / 100.0 * position.holdings
    economy.ledger.trade(GOVERNMENT, SOFTBANK_GROUP, SOFTBANK_EQUITY, paid, 1.0, PURPOSE)
    economy.softbank_shares.issue(paid, position.net_asset_value)
    government.memory.bail_outs += 1
    return paid
