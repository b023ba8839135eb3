"""What this project uses of Mesa, with types.

Mesa says nothing about its types, so that a class built on it would be unchecked.  A type checker reads the
declarations below; a run gets Mesa's own classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["Agent", "AgentSet", "DataCollector", "GroupBy", "Model"]

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from random import Random

    import numpy as np
    import pandas as pd

    class Model:
        """A model: its generators, its agents and its clock."""

        rng: np.random.Generator
        random: Random
        time: float
        running: bool
        steps: int
        _all_agents: AgentSet
        _agents_by_type: dict[type[Agent], AgentSet]

        def __init__(self, *, rng: int | None = None) -> None: ...
        def register_agent(self, agent: Agent) -> None:
            """Enter an agent in the lists."""

        def remove_all_agents(self) -> None:
            """Take all agents out."""

        def _wrapped_step(self, *arguments: object, **named: object) -> None: ...

    class Agent:
        """Somebody who acts."""

        model: Model
        unique_id: int
        pos: object

        def __init__(self, model: Model) -> None: ...
        def step(self) -> None:
            """Act; a kind of agents says how."""

        def advance(self) -> None:
            """Finish acting; a kind of agents says how."""

        def remove(self) -> None:
            """Leave the model."""

    class AgentSet(Iterable[Agent]):
        """An ordered set of agents; Mesa makes it a set and a sequence."""

    class GroupBy:
        """Groups of agents by what they have in common."""

        groups: Mapping[object, AgentSet | list[Agent]]

        def __init__(self, groups: Mapping[object, AgentSet | list[Agent]]) -> None: ...

    class DataCollector:
        """What reporters said, month by month."""

        model_reporters: dict[str, object]
        agent_reporters: dict[str, object]
        agenttype_reporters: dict[type[Agent], object]
        model_vars: dict[str, list[object]]
        tables: dict[str, dict[str, object]]
        _collection_steps: list[float]
        _agent_records: dict[int, object]
        _agenttype_records: dict[int, object]

        def __init__(
            self,
            model_reporters: Mapping[str, object] | None = None,
            agent_reporters: Mapping[str, object] | None = None,
            agenttype_reporters: Mapping[type, Mapping[str, object]] | None = None,
            tables: Mapping[str, list[str]] | None = None,
        ) -> None: ...
        def _new_agent_reporter(self, name: str, reporter: object) -> None: ...
        def _new_agenttype_reporter(self, agent_type: type, name: str, reporter: object) -> None: ...
        def collect(self, model: Model) -> None:
            """Ask the reporters."""

        def get_table_dataframe(self, table_name: str) -> pd.DataFrame:
            """A table as a frame."""
            raise NotImplementedError
else:
    from mesa import DataCollector, Model
    from mesa.agent import Agent, AgentSet

    try:
        from mesa.agentset import GroupBy
    except ImportError:  # before Mesa 3.5
        from mesa.agent import GroupBy
