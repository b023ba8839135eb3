"""Rescues: what the state does when the company that leads the national project is in distress."""

from __future__ import annotations

from typing import Any

from itcho.agents.softbank import GroupPosition
from itcho.agents.vocabulary import GOVERNMENT, SOFTBANK_EQUITY, SOFTBANK_GROUP

PURPOSE = "bail_out"


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
