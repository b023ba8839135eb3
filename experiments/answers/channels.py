"""Channels through which a policy works, each with the switch of the model that carries it.

A channel is off where its parameter stands at the value at which the mechanism does nothing, where the economy is built
without it, or where its rule stands still.  Nothing is approximated: a mechanism without such a value is no channel
here and counts to what is left when all channels are off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from itcho.model.scenarios import Scenario


@dataclass(frozen=True)
class Channel:
    """A mechanism that can be switched off in both arms of a pair.

    Attributes
    ----------
    name : of the channel; ``words.csv`` has what it is called, as ``channel:<name>``.
    without : what the economy is built without, out of ``itcho.model.economy.CHANNELS``.
    parameters : values at which its mechanisms do nothing.
    rate_stands_still : whether the Bank of Japan's rate stays where it is.
    """

    name: str
    without: str = ""
    parameters: Mapping[str, float] = field(default_factory=dict)
    rate_stands_still: bool = False


CHANNELS: dict[str, Channel] = {
    one.name: one
    for one in (
        Channel("carry", without="carry"),
        Channel("credibility", without="credibility"),
        Channel("pass-through", without="pass_through"),
        Channel("wealth", without="wealth"),
        Channel("monetary", rate_stands_still=True),
        Channel("taxes", parameters={"debt_feedback_response": 0.0}),
        Channel("learning", parameters={"ai_learning_from_users": 0.0}),
        Channel("peers", parameters={"ai_contract_peer_weight": 0.0, "ai_peer_weight": 0.0}),
        Channel(
            "lock-in",
            parameters={
                "ai_contract_lock_in_models": 0.0,
                "ai_contract_attachment": 0.0,
                "ai_individual_lock_in": 0.0,
            },
        ),
        Channel(
            "capacity",
            parameters={
                "ai_cloud_capacity_elasticity": 0.0,
                "compute_congestion_elasticity": 0.0,
                "ai_capacity_diversion_share": 0.0,
            },
        ),
        Channel("people", parameters={"ai_people_mobility": 0.0}),
        Channel("crowding-in", parameters={"programme_additionality": 0.0}),
        Channel("backing", parameters={"softbank_moral_hazard_elasticity": 0.0}),
    )
}
"""In the order in which they are listed."""

DIRECT = "direct"
"""What is left of an effect when all channels are off."""


def at_work(scenario: Scenario) -> tuple[str, ...]:
    """Channels that do something in a scenario: belief in fiscal policy moves only where the scenario shakes it."""
    return tuple(name for name, one in CHANNELS.items() if one.without != "credibility" or scenario.credibility)
