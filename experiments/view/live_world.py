"""The world that a view watches: an economy and its twin without the programme, month by month together."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import mesa
import numpy as np
import pandas as pd

from itcho.agents.errors import InputError
from itcho.experiments.cli.errors import Mistakes
from itcho.experiments.runs.run_spec import OPTION
from itcho.experiments.studies.fiscal_years import fiscal_year_of_months
from itcho.experiments.view.flows import KEYS, Sankey, edge_differences, programme_sankey
from itcho.experiments.view.frames import Frame, Scene, frame_of, scene_of
from itcho.experiments.view.settings import AS_IN_POLICY, ViewSettings
from itcho.model.clock import Month
from itcho.model.economy import JapanEconomy
from itcho.model.policies import Policy
from itcho.model.sizes import LONGEST_WATCHED_YEARS, VIEW_LIMITS, whole_number


class LiveWorld(mesa.Model):
    """A model for SolaraViz: an economy with its twin on the same random numbers.

    Parameters
    ----------
    settings : what the view was started with; the other arguments replace single settings of it.
    outside : the scenario; later Mesa 3 takes an argument called ``scenario`` for one of its own objects.
    policy, rng, investors, importers, adopters : as in ``JapanEconomy``; numbers also as text.
    subsidy, fiscal, monetary, intervention, trade, rescue : name of the rule in a slot, or "as in the policy".

    Attributes
    ----------
    economy, twin : the twin is ``None`` where no policy of this world has a programme.
    settings : what is in force, or will be from the next month on.
    problem : what was wrong with the arguments; the settings are used instead then.
    """

    def __init__(
        self,
        settings: ViewSettings | None = None,
        rng: Any = None,
        outside: str | None = None,
        policy: str | None = None,
        subsidy: str | None = None,
        fiscal: str | None = None,
        monetary: str | None = None,
        intervention: str | None = None,
        trade: str | None = None,
        rescue: str | None = None,
        investors: Any = None,
        importers: Any = None,
        adopters: Any = None,
    ) -> None:
        wanted = settings or ViewSettings()
        slots = {
            "subsidy": subsidy,
            "fiscal": fiscal,
            "monetary": monetary,
            "intervention": intervention,
            "trade": trade,
            "rescue": rescue,
        }
        sizes = {"investors": investors, "importers": importers, "adopters": adopters}
        world = {"scenario": outside, "policy": policy, "seed": rng} | sizes
        self.problem = ""
        try:
            wanted = _with(wanted, _given(world), _given(slots))
        except InputError as error:
            self.problem = "; ".join(error.messages)
        super().__init__(rng=wanted.seed)
        # Mesa 3.3 keeps every model alive through this class attribute.
        getattr(mesa.Agent, "_ids", {}).pop(self, None)
        self.settings = wanted
        self._stages: list[tuple[Month | None, Policy]] = [(None, wanted.resolved_policy())]
        self._between_months = threading.RLock()
        self.economy = wanted.economy(self._whole_policy(), keep_decisions=True)
        self._edges, self._twin_edges = EdgeSums(), EdgeSums()
        self.twin: JapanEconomy | None = None
        self._follow_with_twin()
        for _ in range(wanted.months):
            self.step()

    def step(self) -> None:
        """Run one month of both; nothing after :data:`itcho.model.sizes.LONGEST_WATCHED_YEARS`."""
        with self._between_months:
            if self.months < 12 * LONGEST_WATCHED_YEARS:
                self.economy.step()
                self._edges.add(self.economy)
                if self.twin is not None:
                    self.twin.step()
                    self._twin_edges.add(self.twin)
            self.running = self.months < 12 * LONGEST_WATCHED_YEARS

    def switch_next_month(self, policy: str, rules: Mapping[str, str]) -> None:
        """Put another policy in force from the next month on, in the twin too, but for the programme.

        Parameters
        ----------
        policy : its name or file.
        rules : rule by slot where it differs from the policy's, or "as in the policy".

        Raises
        ------
        InputError : an unknown policy or rule; nothing is changed then.
        """
        wanted = _with(self.settings, {"policy": policy}, dict(rules))
        with self._between_months:
            first = self.economy.clock.now.plus(1)
            self._stages = [stage for stage in self._stages if stage[0] != first]
            if wanted.resolved_policy() != self._stages[-1][1]:
                self._stages.append((first, wanted.resolved_policy()))
            self.settings = wanted
            self.economy.follow(self._whole_policy())
            self._follow_with_twin()

    @property
    def policy_in_force(self) -> tuple[Policy, Month | None]:
        """The policy of the last month (or of the opening), and its first month if another one came before it."""
        now = self.economy.clock.now
        first, policy = [stage for stage in self._stages if stage[0] is None or stage[0] <= now][-1]
        return policy, first

    @property
    def policy_to_come(self) -> tuple[Policy, Month] | None:
        """The policy that the next month begins with, if it is another one, and that month."""
        first, policy = self._stages[-1]
        return None if first is None or first <= self.economy.clock.now else (policy, first)

    def _whole_policy(self) -> Policy:
        """All policies of this world as one with dates."""
        whole = self._stages[0][1]
        for first, policy in self._stages[1:]:
            assert first is not None
            whole = whole.followed_by(policy, first)
        return whole

    def _follow_with_twin(self) -> None:
        """Give the twin this world's policies without their programmes; make it where there was no need of one."""
        without = self.economy.policy.without("subsidy")
        if self.twin is not None:
            self.twin.follow(without)
        elif self.economy.policy.subsidy != without.subsidy or self.economy.policy.changes != without.changes:
            twin = self.settings.economy(without)
            for _ in range(self.months):
                twin.step()
                self._twin_edges.add(twin)
            self.twin = twin

    @property
    def months(self) -> int:
        """Months run so far."""
        return int(self.economy.ledger.months)

    @cached_property
    def scene(self) -> Scene:
        """Who stands where in the picture."""
        return scene_of(self.economy)

    @cached_property
    def labels(self) -> dict[str, str]:
        """How parties are shown, by name."""
        return {party.name: party.label or party.name for party in self.economy.ledger.parties}

    def frame(self) -> Frame:
        """The month just closed."""
        return frame_of(self.economy, self.scene)

    def sankey(self) -> Sankey | None:
        """Where the programme's money went so far; ``None`` without a twin or a payment."""
        if self.twin is None or not self.months:
            return None
        return programme_sankey(edge_differences(self._edges.table(), self._twin_edges.table()), self.labels)


class EdgeSums:
    """Edges of the ledger summed month by month, so that a long run costs no more to show than a short one."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str, str, str], float] = {}
        self._year = 0

    def add(self, economy: JapanEconomy) -> None:
        """Add the last closed month."""
        ledger = economy.ledger
        self._year = int(fiscal_year_of_months(pd.Series([economy.records.dates[-1]])).iloc[0])
        names = [party.name for party in ledger.parties]
        instruments = (*ledger.instruments, "deposits")
        for payer, payee, purpose, instrument, amount in zip(
            *(column.tolist() for column in ledger.history[-1].edges), strict=True
        ):
            key = (names[payer], names[payee], instruments[instrument], ledger.purposes[purpose])
            self._sums[key] = self._sums.get(key, 0.0) + amount

    def table(self) -> pd.DataFrame:
        """``fiscal_year, payer, payee, instrument, purpose, amount_trn_yen``, all months in the last year's rows."""
        table = pd.DataFrame(list(self._sums), columns=KEYS)
        table.insert(0, "fiscal_year", self._year)
        return table.assign(amount_trn_yen=np.fromiter(self._sums.values(), np.float64, len(self._sums)))


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _with(settings: ViewSettings, changes: dict[str, Any], slots: dict[str, str]) -> ViewSettings:
    """Settings changed by what was chosen, which comes from text fields, and checked.

    Raises
    ------
    InputError : all mistakes at once.
    """
    mistakes = Mistakes()
    taken: dict[str, Any] = {}
    for name, value in changes.items():
        with mistakes.caught():
            taken[name] = whole_number(OPTION + name, value, VIEW_LIMITS[name]) if name in VIEW_LIMITS else value
    rules = {slot: rule for slot, rule in (dict(settings.rules) | slots).items() if rule != AS_IN_POLICY}
    wanted = dataclasses.replace(settings, rules=rules, **taken)
    with mistakes.caught():
        wanted.checked()
    mistakes.raise_if_any()
    return wanted
