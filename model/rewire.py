"""Changes of the graph in a running economy: the arrays of a month follow at once."""

from __future__ import annotations

from itcho.model.chips.rewiring import Rewiring
from itcho.model.world import World


def rewire(world: World, change: Rewiring) -> None:
    """Change edges of the graph, and let everybody follow it.

    Raises
    ------
    InputError : what is wrong with the change, all of it; nothing has changed then.
    """
    world.supply_graph.rewire(change)
    follow_graph(world)


def follow_graph(world: World) -> None:
    """Hand the compiled graph to those who act on it."""
    links = world.supply_graph.compiled
    world.chip_tiers.rewire(links)
    world.chip_market.link(links)
    world.ai_firm_finance.link(links)
    world.softbank_accounts.links = links.group
    world.softbank_group.has_stake_in_openai = links.group.has_stake_in_openai
