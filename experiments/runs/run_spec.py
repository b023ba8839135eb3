"""What a run can be asked for, in one place: command line, studies, view and Python ask by a :class:`RunSpec`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from itcho.agents.behaviours import AS_MODELLED, Behaviours
from itcho.experiments.cli.errors import Mistakes
from itcho.experiments.runs.typical_world import default_seed
from itcho.model.sizes import (
    DEFAULT_ADOPTERS,
    DEFAULT_IMPORTERS,
    DEFAULT_INVESTORS,
    DEFAULT_POLICY,
    DEFAULT_SCENARIO,
    DEFAULT_START,
    DEFAULT_YEARS,
    RUN_LIMITS,
    Limits,
)

if TYPE_CHECKING:
    from itcho.model.economy import JapanEconomy
    from itcho.model.parameters import Parameters
    from itcho.model.policies import Policy
    from itcho.model.scenarios import Scenario
    from itcho.model.start_states import StartState

OPTION = "--"
"""What a field's name begins with on the command line."""


@dataclass(frozen=True)
class RunSpec:
    """A run as it was asked for, before anything is checked.

    Attributes
    ----------
    scenario, policy, start : names, files, or the things themselves.
    seed, years, investors, importers, adopters : as in ``JapanEconomy``.
    parameters : values by name that differ from the registry.
    full_edges : whether the edge table names anonymous members.
    behaviours : functions of the user's own in the place of the model's behaviours.
    """

    scenario: str | Scenario = DEFAULT_SCENARIO
    policy: str | Policy = DEFAULT_POLICY
    start: str | Path | StartState = DEFAULT_START
    seed: int = field(default_factory=default_seed)
    years: int = DEFAULT_YEARS
    investors: int = DEFAULT_INVESTORS
    importers: int = DEFAULT_IMPORTERS
    adopters: int = DEFAULT_ADOPTERS
    parameters: Mapping[str, float] = field(default_factory=dict)
    full_edges: bool = False
    behaviours: Behaviours = AS_MODELLED

    def resolved_policy(self) -> Policy:
        """The policy itself.

        Raises
        ------
        InputError : it is unknown, or its file has mistakes.
        """
        from itcho.model.policies import policy

        return policy(self.policy)

    def resolved_parameters(self) -> Parameters:
        """The registry with the values that differ.

        Raises
        ------
        InputError : unknown names, values out of bounds.
        """
        from itcho.model.parameters import Parameters

        return Parameters().replaced_by(self.parameters)

    def mistakes(self, prefix: str = "", limits: Mapping[str, Limits] = RUN_LIMITS) -> list[str]:
        """All that is wrong with the request; empty if nothing is.

        Parameters
        ----------
        prefix : what the names of numbers begin with where it was asked: ``--`` or ``study.``.
        limits : floors and ceilings by field.
        """
        from itcho.model.scenarios import scenario
        from itcho.model.start_states import load

        found = Mistakes()
        with found.caught():
            scenario(self.scenario)
        with found.caught():
            self.resolved_policy()
        with found.caught():
            load(self.start)
        for name in limits:
            if hasattr(self, name) and (mistake := limits[name].mistake(prefix + name, getattr(self, name))):
                found.add(mistake)
        with found.caught():
            self.resolved_parameters()
        return found.messages

    def notes(self) -> list[str]:
        """Sentences on dated parts of policy and scenario that are never in force, or act later than they begin.

        Raises
        ------
        InputError : policy, scenario or start cannot be read.
        """
        from itcho.model.clock import Month
        from itcho.model.policies.timing import timing_notes
        from itcho.model.scenarios import scenario
        from itcho.model.start_states import load

        begins = Month.of(load(self.start).date).plus(1)
        return timing_notes(self.resolved_policy(), scenario(self.scenario), begins, 12 * self.years)

    def economy(
        self,
        policy: str | Policy | None = None,
        parameters: Parameters | Mapping[str, float] | None = None,
        without: Collection[str] = (),
        keep_decisions: bool = False,
    ) -> JapanEconomy:
        """Build the economy, before its first month.

        Parameters
        ----------
        policy, parameters : in place of the request's own.
        without : channels that are off.
        keep_decisions : whether the economy keeps its agents' decisions; many runs beside one another need none.

        Raises
        ------
        InputError : all mistakes that construction finds.
        """
        from itcho.model.economy import JapanEconomy

        return JapanEconomy(
            scenario=self.scenario,
            policy=self.resolved_policy() if policy is None else policy,
            start=self.start,
            rng=self.seed,
            years=self.years,
            investors=self.investors,
            importers=self.importers,
            adopters=self.adopters,
            parameters=self.parameters if parameters is None else parameters,
            member_edges=self.full_edges,
            without=without,
            keep_decisions=keep_decisions,
            behaviours=self.behaviours,
        )
