"""The model's face towards Mesa: ordinary agents and populations together under ``model.agents``.

Mesa registers each agent as an object.  Members of a population are rows, so :class:`PopulationModel` lists ordinary
agents (registered by Mesa itself) first and then every population, without making the members.  Written against the
part of Mesa that 3.3.1 and later 3.x releases share.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import mesa
import numpy as np
from mesa.agent import Agent
from numpy.typing import NDArray

from itcho.agents.lazy_agent_set import LazyAgentSet, Rows
from itcho.agents.population import MemberSet, Population
from itcho.model.randomness import coerce_seed

Source = Sequence[Agent] | Population


class AllAgents(LazyAgentSet):
    """Agents of several kinds as one Mesa ``AgentSet``: ordinary ones first, then the populations in order.

    Parameters
    ----------
    model : the model they belong to.
    sources : sequences of ordinary agents, and populations.
    positions : places in the chain of sources; None for all, in order.
    """

    def __init__(self, model: Any, sources: Sequence[Source], positions: Rows | None = None) -> None:
        self._model = model
        self._sources = tuple(sources)
        self._starts = np.cumsum([0, *(len(source) for source in self._sources)])
        self._chosen = positions

    @property
    def model(self) -> Any:
        """The model of the agents."""
        return self._model

    def _positions(self) -> Rows:
        return np.arange(self._starts[-1]) if self._chosen is None else self._chosen

    def __len__(self) -> int:
        return int(self._starts[-1]) if self._chosen is None else self._chosen.size

    def _agent(self, position: int) -> Any:
        place = int(np.searchsorted(self._starts, position, side="right")) - 1
        return self._sources[place][position - int(self._starts[place])]

    def __iter__(self) -> Iterator[Any]:
        if self._chosen is not None:
            return super().__iter__()
        return (agent for source in self._sources for agent in source)

    def _with(self, positions: Rows) -> AllAgents:
        return AllAgents(self._model, self._sources, positions)

    def _put(self, positions: Rows) -> None:
        self._chosen = positions

    def __contains__(self, agent: object) -> bool:
        for source, start in zip(self._sources, self._starts, strict=False):
            if agent in source:
                local = agent.row if isinstance(source, Population) else list(source).index(agent)  # type: ignore
                return self._chosen is None or bool(np.any(self._chosen == start + local))
        return False

    def _parts(self) -> Iterator[tuple[Source, NDArray[np.bool_], Rows]]:
        """For each source: the source, which of this set's agents come from it, and their places in it."""
        positions = self._positions()
        for place, source in enumerate(self._sources):
            here = (positions >= self._starts[place]) & (positions < self._starts[place + 1])
            yield source, here, positions[here] - self._starts[place]

    def _of_type(self, agent_type: type) -> NDArray[np.bool_]:
        wanted = np.zeros(len(self), dtype=bool)
        for source, here, local in self._parts():
            if isinstance(source, Population):
                wanted[here] = issubclass(source.member_class, agent_type)
            else:
                wanted[here] = [isinstance(source[place], agent_type) for place in local.tolist()]
        return wanted

    def _values(self, attribute: str, handle_missing: str = "error", default_value: Any = None) -> list[Any]:
        values: list[Any] = [None] * len(self)
        for source, here, local in self._parts():
            if isinstance(source, Population):
                part = MemberSet(source, local).get(attribute, handle_missing, default_value)
            else:
                agents = [source[place] for place in local.tolist()]
                missing_allowed = () if handle_missing == "error" else (default_value,)
                part = [getattr(agent, attribute, *missing_allowed) for agent in agents]
            for place, value in zip(np.flatnonzero(here).tolist(), part, strict=True):
                values[place] = value
        return values

    def map(self, method: Any, *args: Any, **kwargs: Any) -> list[Any]:
        """What a method (by name) or a function returns for each agent, in order."""
        if self._chosen is not None:
            return super().map(method, *args, **kwargs)
        returned: list[Any] = []
        for source in self._sources:
            if isinstance(source, Population):
                returned.extend(source.members.map(method, *args, **kwargs))
            elif isinstance(method, str):
                returned.extend([getattr(agent, method)(*args, **kwargs) for agent in source])
            else:
                returned.extend([method(agent, *args, **kwargs) for agent in source])
        return returned


class OutcomeCollector(mesa.DataCollector):
    """Mesa's collector of the model's ``outcomes``; reporters of a user's own can be added to it.

    Parameters
    ----------
    outcomes : names to report.
    """

    def __init__(self, outcomes: Iterable[str]) -> None:
        self._outcomes = tuple(outcomes)
        super().__init__({name: (lambda model, name=name: model.outcomes[name]) for name in self._outcomes})

    def collect(self, model: Any) -> None:
        """Add the figures of the month."""
        if len(self.model_reporters) > len(self._outcomes) or self.agent_reporters or self.agenttype_reporters:
            super().collect(model)
            return
        # What Mesa does for reporters of plain numbers, without a call and a copy for each; 3.5 also notes the time.
        if hasattr(self, "_collection_steps"):
            self._collection_steps.append(model.time)
        outcomes = model.outcomes
        for name, months in self.model_vars.items():
            months.append(outcomes[name])


class PopulationModel(mesa.Model):
    """A Mesa model whose agents are ordinary agents and populations.

    Ordinary agents register as always (``Agent.__init__``) or by :meth:`register_single`; make them before the
    populations, so that ids run through single agents first.  Build a population with
    ``first_unique_id=model.next_unique_id`` and hand it to :meth:`register_population`.

    Parameters
    ----------
    rng : seed, also as text (see :func:`itcho.model.randomness.coerce_seed`).

    Attributes
    ----------
    seed : the whole-number seed that was used.
    """

    # Later Mesa 3 has a property of this name that takes only its own Scenario class; a plain attribute goes first.
    scenario: Any = None

    def __init__(self, *, rng: Any = None) -> None:
        self._populations: dict[type, Population] = {}
        self._next_unique_id = 1
        self.seed = coerce_seed(rng)
        super().__init__(rng=self.seed)

    @property
    def next_unique_id(self) -> int:
        """The id that the next agent or the first row of the next population gets."""
        return self._next_unique_id

    def register_agent(self, agent: Any) -> None:
        """Register an ordinary agent (``Agent.__init__`` calls this) and give it the next id."""
        super().register_agent(agent)
        agent.unique_id = self._next_unique_id
        self._next_unique_id += 1
        # Mesa 3.3 counts ids in a class attribute keyed by model, which would keep every model alive for ever.
        counters = getattr(Agent, "_ids", None)
        if counters is not None:
            counters.pop(self, None)

    def register_single(self, agent: Any) -> Any:
        """Register an ordinary agent unless it is registered already; returns it."""
        if agent not in self._all_agents:
            self.register_agent(agent)
        return agent

    def register_population(self, population: Population) -> Population:
        """Make a population's members agents of the model; returns it.

        Raises
        ------
        ValueError : its kind is registered already, or its ids overlap those given out.
        """
        if population.member_class in self._populations:
            raise ValueError(f"a population of {population.kind} is registered already")
        if population.first_unique_id < self._next_unique_id:
            raise ValueError(
                f"{population.kind} starts at unique_id {population.first_unique_id}, but ids below "
                f"{self._next_unique_id} are taken; build it with first_unique_id=model.next_unique_id"
            )
        self._populations[population.member_class] = population
        self._next_unique_id = population.first_unique_id + len(population)
        return population

    @property
    def singles(self) -> list[Any]:
        """The ordinary agents, in the order of their registration."""
        return list(self._all_agents)

    @property
    def populations(self) -> dict[str, Population]:
        """The populations by kind, in order."""
        return {population.kind: population for population in self._populations.values()}

    @property
    def agents(self) -> AllAgents:
        """All agents: ordinary ones, then the members of each population.  A fresh set at each call."""
        return AllAgents(self, (self.singles, *self._populations.values()))

    @property
    def agents_by_type(self) -> Mapping[type, Any]:
        """Agent sets by class; a population stands under the class of its members."""
        members = {kind: population.members for kind, population in self._populations.items()}
        return {**self._agents_by_type, **members}

    @property
    def agent_types(self) -> list[type]:
        """The classes in :attr:`agents_by_type`."""
        return [*self._agents_by_type, *self._populations]

    def remove_all_agents(self) -> None:
        """Remove the ordinary agents and let go of the populations."""
        super().remove_all_agents()
        self._populations.clear()
