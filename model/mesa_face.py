"""The model's face towards Mesa: ordinary agents and populations together under ``model.agents``.

Mesa registers each agent as an object.  Members of a population are rows, so :class:`PopulationModel` lists ordinary
agents (registered by Mesa itself) first and then every population, without making the members.  Written against the
part of Mesa that 3.3.1 and later 3.x releases share.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Protocol, Self, cast

import mesa
import numpy as np
from numpy.typing import NDArray

from itcho.agents.errors import InputError
from itcho.agents.lazy_agent_set import Arguments, LazyAgentSet, Method, Rows
from itcho.agents.mesa_typed import Agent, AgentSet, DataCollector, Model
from itcho.agents.population import AnyPopulation, ColumnsT, Member, MemberSet, Population
from itcho.model.randomness import coerce_seed

Source = Sequence[Agent] | AnyPopulation


class AllAgents(LazyAgentSet):
    """Agents of several kinds as one Mesa ``AgentSet``: ordinary ones first, then the populations in order.

    Parameters
    ----------
    model : the model they belong to.
    sources : sequences of ordinary agents, and populations.
    positions : places in the chain of sources; None for all, in order.
    """

    def __init__(self, model: Model, sources: Sequence[Source], positions: Rows | None = None) -> None:
        self._model = model
        self._sources = tuple(sources)
        self._starts = np.cumsum([0, *(len(source) for source in self._sources)])
        self._chosen = positions

    @property
    def model(self) -> Model:
        """The model of the agents."""
        return self._model

    def _positions(self) -> Rows:
        return np.arange(self._starts[-1]) if self._chosen is None else self._chosen

    def __len__(self) -> int:
        return int(self._starts[-1]) if self._chosen is None else self._chosen.size

    def _agent(self, position: int) -> Agent:
        place = int(np.searchsorted(self._starts, position, side="right")) - 1
        return self._sources[place][position - int(self._starts[place])]

    def __iter__(self) -> Iterator[Agent]:
        if self._chosen is not None:
            return super().__iter__()
        return (agent for source in self._sources for agent in source)

    def _with(self, positions: Rows) -> Self:
        return type(self)(self._model, self._sources, positions)

    def _put(self, positions: Rows) -> None:
        self._chosen = positions

    def __contains__(self, agent: object) -> bool:
        for source, start in zip(self._sources, self._starts, strict=False):
            if agent in source:
                local = agent.row if isinstance(agent, Member) else list(source).index(agent)  # type: ignore[arg-type]  # an agent, being in it
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

    def _values(self, attribute: str, handle_missing: str = "error", default_value: object = None) -> list[object]:
        values: list[object] = [None] * len(self)
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

    def map(self, method: Method[Arguments], *args: Arguments.args, **kwargs: Arguments.kwargs) -> list[object]:
        """What a method (by name) or a function returns for each agent, in order."""
        if self._chosen is not None:
            return super().map(method, *args, **kwargs)
        returned: list[object] = []
        for source in self._sources:
            if isinstance(source, Population):
                returned.extend(source.members.map(method, *args, **kwargs))
            elif isinstance(method, str):
                returned.extend([getattr(agent, method)(*args, **kwargs) for agent in source])
            else:
                returned.extend([method(agent, *args, **kwargs) for agent in source])
        return returned


class HasOutcomes(Protocol):
    """A model with the month's figures by name."""

    outcomes: Mapping[str, float]


_EXAMPLES = (
    '{"reserves": lambda model: model.ledger.position("reserves", "banks")}',
    '{"cash": "cash_trn_yen"}',
    '{ChipImporter: {"cash": "cash_trn_yen"}}',
)


# Functions with a place in a module, unlike Mesa's own, so that another process finds them.
def _outcome(name: str, model: Model) -> float:
    return cast(HasOutcomes, model).outcomes[name]


def _attribute(name: str, agent: Agent) -> object:
    return getattr(agent, name, None)


class OutcomeCollector(DataCollector):
    """Mesa's collector of the model's ``outcomes``; reporters of a user's own can be added to it.

    Parameters
    ----------
    outcomes : names to report.
    model_reporters, agent_reporters, agenttype_reporters : reporters of a user's own, as in Mesa.

    Raises
    ------
    InputError : no reporters by name, or the name of an outcome; all mistakes at once.
    """

    def __init__(
        self,
        outcomes: Iterable[str],
        model_reporters: Mapping[str, object] | None = None,
        agent_reporters: Mapping[str, object] | None = None,
        agenttype_reporters: Mapping[type, Mapping[str, object]] | None = None,
    ) -> None:
        self._outcomes = tuple(outcomes)
        given: dict[str, object] = {
            "model_reporters": model_reporters or {},
            "agent_reporters": agent_reporters or {},
            "agenttype_reporters": agenttype_reporters or {},
        }
        mistakes = [
            f"{argument} = {reporters!r} has to be a mapping such as {example}"
            for (argument, reporters), example in zip(given.items(), _EXAMPLES, strict=True)
            if not isinstance(reporters, Mapping)
        ]
        taken = sorted(set(self._outcomes) & set(given["model_reporters"]))
        mistakes += [f"model_reporters: '{name}' is an outcome, which is collected already" for name in taken]
        if mistakes:
            raise InputError(mistakes)
        own = {name: partial(_outcome, name) for name in self._outcomes}
        super().__init__(own | dict(given["model_reporters"]), given["agent_reporters"], given["agenttype_reporters"])

    def _new_agent_reporter(self, name: str, reporter: object) -> None:
        super()._new_agent_reporter(name, partial(_attribute, reporter) if isinstance(reporter, str) else reporter)

    def _new_agenttype_reporter(self, agent_type: type, name: str, reporter: object) -> None:
        by_name = partial(_attribute, reporter) if isinstance(reporter, str) else reporter
        super()._new_agenttype_reporter(agent_type, name, by_name)

    def collect(self, model: Model) -> None:
        """Add the figures of the month."""
        if len(self.model_reporters) > len(self._outcomes) or self.agent_reporters or self.agenttype_reporters:
            super().collect(model)
            return
        # What Mesa does for reporters of plain numbers, without a call and a copy for each; 3.5 also notes the time.
        if hasattr(self, "_collection_steps"):
            self._collection_steps.append(model.time)
        outcomes = cast(HasOutcomes, model).outcomes
        for name, months in self.model_vars.items():
            months.append(outcomes[name])

    def forget_months_after(self, closed: int) -> None:
        """Let go of months after so many."""
        for months in self.model_vars.values():
            del months[closed:]
        for records in (self._agent_records, self._agenttype_records):
            for step in [step for step in records if step > closed]:
                del records[step]
        if hasattr(self, "_collection_steps"):
            del self._collection_steps[closed:]


def warn_of_lost_seed() -> None:
    """Say so if it is Mesa's ``batch_run`` that makes a model without a seed.

    From Mesa 3.4 on it puts its own argument in the place of a seed among ``parameters``, and its rows do not tell
    which seed was drawn instead.
    """
    frame = inspect.currentframe()
    while frame is not None:
        if frame.f_globals.get("__name__") == "mesa.batchrunner":
            seeds = "batch_run(..., rng=[1, 2])" if _BATCH_RUN_SEEDS else "parameters={'rng': [1, 2], ...}"
            warnings.warn(
                "batch_run made this world without a seed (a seed among its parameters is replaced by newer Mesas), so "
                f"that it cannot be made again; give seeds as {seeds}",
                stacklevel=2,
            )
            return
        frame = frame.f_back


_BATCH_RUN_SEEDS = "rng" in inspect.signature(getattr(mesa, "batch_run", lambda: None)).parameters


class PopulationModel(Model):
    """A Mesa model whose agents are ordinary agents and populations.

    Ordinary agents register as always (``Agent.__init__``); make them before the
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
    scenario: object = None

    def __init__(self, *, rng: object = None) -> None:
        self._populations: dict[type[Agent], AnyPopulation] = {}
        self._next_unique_id = 1
        if rng is None:
            warn_of_lost_seed()
        self.seed = coerce_seed(rng)
        super().__init__(rng=self.seed)

    def _may_step(self) -> None:
        """Raise an error if the model must not be stepped; called before Mesa counts the step."""

    def _wrapped_step(self, *arguments: object, **named: object) -> None:
        # What Mesa puts in the place of step(): from 3.5 on it does nothing at all once a step has raised.
        self._may_step()
        super()._wrapped_step(*arguments, **named)

    @property
    def next_unique_id(self) -> int:
        """The id that the next agent or the first row of the next population gets."""
        return self._next_unique_id

    def register_agent(self, agent: Agent) -> None:
        """Register an ordinary agent (``Agent.__init__`` calls this) and give it the next id."""
        super().register_agent(agent)
        agent.unique_id = self._next_unique_id
        self._next_unique_id += 1
        # Mesa 3.3 counts ids in a class attribute keyed by model, which would keep every model alive for ever.
        counters = getattr(Agent, "_ids", None)
        if counters is not None:
            counters.pop(self, None)

    def register_population(self, population: Population[ColumnsT]) -> Population[ColumnsT]:
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
    def singles(self) -> list[Agent]:
        """The ordinary agents, in the order of their registration."""
        return list(self._all_agents)

    @property
    def populations(self) -> dict[str, AnyPopulation]:
        """The populations by kind, in order."""
        return {population.kind: population for population in self._populations.values()}

    @property
    def agents(self) -> AllAgents:
        """All agents: ordinary ones, then the members of each population.  A fresh set at each call."""
        return AllAgents(self, (self.singles, *self._populations.values()))

    @property
    def agents_by_type(self) -> Mapping[type[Agent], AgentSet]:
        """Agent sets by class; a population stands under the class of its members."""
        members = {kind: population.members for kind, population in self._populations.items()}
        return {**self._agents_by_type, **members}

    @property
    def agent_types(self) -> list[type[Agent]]:
        """The classes in :attr:`agents_by_type`."""
        return [*self._agents_by_type, *self._populations]

    def remove_all_agents(self) -> None:
        """Remove the ordinary agents and let go of the populations."""
        super().remove_all_agents()
        self._populations.clear()
