"""The graph as a space of Mesa: a cell for each name, connected where there is an edge, and the agents in their cells.

It is made when somebody asks for it, from the graph as it is then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx
from mesa.discrete_space import Cell, Network

from itcho.agents.errors import InputError
from itcho.agents.mesa_typed import Agent

if TYPE_CHECKING:
    from itcho.model.economy import JapanEconomy


class EconomySpace(Network):  # type: ignore[misc]  # Mesa says nothing about its types
    """The named agents of an economy on its graph.

    Parameters
    ----------
    economy : whose graph and agents.

    Attributes
    ----------
    G : the graph without directions and kinds; the graph itself is ``economy.graph``.
    """

    def __init__(self, economy: JapanEconomy) -> None:
        super().__init__(nx.Graph(economy.world.supply_graph.network), random=economy.random)
        self._agents = dict(_agents_by_name(economy))
        for name, agent in self._agents.items():
            self[name].add_agent(agent)

    def cell_of(self, agent: Agent) -> Cell:
        """The cell in which an agent is.

        Raises
        ------
        InputError : it has none, as adopters and investors, whose links are arrays.
        """
        name = next((name for name, known in self._agents.items() if known == agent), "")
        if not name:
            raise InputError(
                f"{agent!r} has no cell: the graph names suppliers, importers and institutions; "
                "economy.graph_with_members() has adopters too"
            )
        return self[name]

    def neighbours_of(self, agent: Agent) -> list[Agent]:
        """The agents at the other ends of an agent's edges, by name; institutions that are no agents are left out."""
        near = sorted(self.cell_of(agent).connections)
        return [self._agents[name] for name in near if name in self._agents]


def _agents_by_name(economy: JapanEconomy) -> list[tuple[str, Agent]]:
    world, importers = economy.world, economy.chip_importers
    singles: list[tuple[str, Agent]] = [
        ("government", world.government),
        ("bank_of_japan", world.bank_of_japan),
        ("softbank_group", world.softbank_group),
        ("softbank_corp", world.softbank_corp),
    ]
    singles += [(supplier.name, supplier) for supplier in world.suppliers]
    return singles + [(importers.name_of_row(row), importers.member(row)) for row in range(len(importers))]
