"""Puts the rules of a policy in force: which agent follows which rule in which month."""

from __future__ import annotations

from itcho.agents.bank_of_japan import BankOfJapan
from itcho.agents.government import GOVERNMENT_SLOTS, Government
from itcho.model.clock import Clock
from itcho.model.policies.policy import Policy


def put_in_force(policy: Policy, clock: Clock, government: Government, bank: BankOfJapan) -> None:
    """At the start of a month, give each agent the rules that its policy's dates name for this month."""
    if not policy.changes:
        return
    follow(policy, clock, government, bank)


def follow(policy: Policy, clock: Clock, government: Government, bank: BankOfJapan) -> None:
    """Give each agent the rules that the policy names for the current month."""
    for slot in GOVERNMENT_SLOTS:
        government.take_rule(slot, policy.rule(slot, clock.now))
    monetary = policy.rule("monetary", clock.now)
    if monetary != bank.rule:
        bank.take_rule(monetary)
