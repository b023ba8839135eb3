"""Changes of the graph in a running economy: the arrays of a month follow at once."""

from __future__ import annotations

import numpy as np

from itcho.agents.second_sources import best_other
from itcho.model.chips.rewiring import Edge, Rewiring
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
    world.softbank_accounts.link(links.group)
    world.softbank_group.hold_openai(links.group.has_stake_in_openai)


def take_second_sources(world: World) -> None:
    """Give those who look for a second designer, and can use its chips, an edge to the one that could deliver most.

    It takes its part by the designers' shares in Japan; how much is ordered of it while the other one is short is the
    buyer's tilt.
    """
    market, tiers = world.chip_market, world.chip_tiers
    single, fill = market.single_source, world.chip_importers.columns["expected_fill"]
    rows = market.second_sources.look(single >= 0, fill)
    if not rows.size:
        return
    shares, availability = np.array(world.opening.designer_shares), np.array(tiers.availability)
    names = [market.suppliers[row] for row in tiers.edges.designer_row]
    added, taken = [], []
    for row in rows.tolist():
        own = int(single[row])
        other = best_other(own, availability, shares)
        if other >= 0:
            part = float(shares[other] / (shares[other] + shares[own]))
            added.append(Edge(names[other], world.chip_importers.name_of_row(row), "chips", part))
            taken.append(row)
    if added:
        market.second_sources.take(np.array(taken, dtype=np.int64))
        rewire(world, Rewiring(add=tuple(added)))
