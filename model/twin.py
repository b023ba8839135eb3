"""The same opening under another policy: what two worlds that differ in their policy share before their first month.

Building a world takes a tenth of running it for ten years, and almost all of that is the same whatever the policy:
contracts get their ages, the graph is drawn, markets live through the days before the start.  A copy costs a sixth.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING

from itcho.agents.government import GOVERNMENT_SLOTS
from itcho.model.construction import announced_commitment, open_expectations
from itcho.model.measure.outcomes import observe
from itcho.model.policies import Policy
from itcho.model.policies import policy as find_policy

if TYPE_CHECKING:
    from itcho.model.economy import JapanEconomy


def opened_under(economy: JapanEconomy, policy: str | Policy) -> JapanEconomy:
    """A copy of an economy before its first month, as it would have been built under another policy, bit for bit.

    ``JapanEconomy.branch`` lets another policy begin where nobody expected it; here it is the one that was announced
    when the economy opened.

    Parameters
    ----------
    economy : no month has been run; it stays as it is.
    policy : as ``JapanEconomy`` takes it.

    Raises
    ------
    InputError : an unknown name.
    ValueError : a month has been run, or agents of a user's own have seen the policy under which they were made.
    """
    if len(economy.ledger.history) or economy.added_agents:
        raise ValueError("only an economy before its first month, without added agents, can open under another policy")
    found = find_policy(policy)
    other = copy.deepcopy(economy)
    world = other.world = replace(other.world, policy=found)
    for slot in GOVERNMENT_SLOTS:
        world.government.take_rule(slot, found.rule(slot))
    bank = world.bank_of_japan
    bank.take_rule(found.monetary)
    bank.commit(*announced_commitment(world.start_state, other.dated_events))
    open_expectations(world)
    other.outcomes = observe(world)
    return other
