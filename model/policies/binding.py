"""Puts the rules of a policy in force: which agent follows which rule in which month."""

from __future__ import annotations

from typing import Any

from itcho.agents.rules.rule import SLOTS


def put_in_force(economy: Any) -> None:
    """At the start of a month, give each agent the rules that its policy's dates name for this month."""
    policy = economy.policy
    if not policy.changes:
        return
    now = economy.clock.now
    for slot in SLOTS:
        rule = policy.rule(slot, now)
        if slot == "monetary":
            if rule != economy.bank_of_japan.rule:
                economy.bank_of_japan.take_rule(rule)
        else:
            setattr(economy.government, slot, rule)
