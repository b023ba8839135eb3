"""The world that a view watches, A, and the one beside it, B, month by month together on the same random numbers.

B is A without its programme, or has another policy.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import mesa
import numpy as np
import pandas as pd

from itcho.agents.errors import InputError
from itcho.experiments.cli.errors import Mistakes
from itcho.experiments.runs.run_spec import OPTION
from itcho.experiments.runs.typical_world import WhereItLies, where_it_lies
from itcho.experiments.studies.fiscal_years import MONTHS
from itcho.experiments.view.depths import shown_label
from itcho.experiments.view.flows import KEYS, Sankey, edge_differences, programme_sankey
from itcho.experiments.view.frames import Frame, Scene, frame_of, scene_of
from itcho.experiments.view.months_played import MonthsPlayed, frame
from itcho.experiments.view.settings import AS_IN_POLICY, NO_PROGRAMME, ViewSettings
from itcho.model.clock import Month
from itcho.model.economy import JapanEconomy
from itcho.model.policies import Policy
from itcho.model.policies import policy as find_policy
from itcho.model.sizes import LONGEST_WATCHED_YEARS, VIEW_LIMITS, whole_number


class LiveWorld(mesa.Model):
    """A model for SolaraViz: an economy with its twin on the same random numbers.

    Parameters
    ----------
    settings : what the view was started with; the other arguments replace single settings of it.
    outside : the scenario; later Mesa 3 takes an argument called ``scenario`` for one of its own objects.
    policy, rng, investors, importers, adopters : as in ``JapanEconomy``; numbers also as text.
    beside : policy of the other world, or :data:`itcho.experiments.view.settings.NO_PROGRAMME`.
    subsidy, fiscal, monetary, intervention, trade, rescue : name of the rule in a slot, or "as in the policy".

    Attributes
    ----------
    economy, twin : A and B; B is ``None`` where it would be A's equal, as no policy of A has a programme.
    played, twin_played : what both did in each month.
    settings : what is in force, or will be from the next month on.
    problem : what was wrong with the arguments; the settings are used instead then.
    """

    def __init__(
        self,
        settings: ViewSettings | None = None,
        rng: Any = None,
        outside: str | None = None,
        policy: str | None = None,
        beside: str | None = None,
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
        world = {"scenario": outside, "policy": policy, "beside": beside, "seed": rng} | sizes
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
        self._other_stages: list[tuple[Month | None, str, Policy]] = [(None, wanted.beside, self._other_policy())]
        self._between_months = threading.RLock()
        self.economy = wanted.economy(_chain(self._stages), keep_decisions=True)
        self._edges, self._twin_edges = EdgeSums(), EdgeSums()
        flows: dict[tuple[str, str], int] = {}
        self.played, self.twin_played = MonthsPlayed(self.scene, flows), MonthsPlayed(self.scene, flows)
        self.played.add(self.economy)
        self.twin: JapanEconomy | None = None
        self._where: dict[int, WhereItLies | None] = {}
        self._follow_with_twin()
        for _ in range(wanted.months):
            self.step()

    def step(self) -> None:
        """Run one month of both; nothing after :data:`itcho.model.sizes.LONGEST_WATCHED_YEARS`."""
        with self._between_months:
            if self.months < 12 * LONGEST_WATCHED_YEARS:
                self.economy.step()
                self._edges.add(self.economy)
                self.played.add(self.economy)
                if self.twin is not None:
                    self._step_twin(self.twin)
            self.running = self.months < 12 * LONGEST_WATCHED_YEARS

    def _step_twin(self, twin: JapanEconomy) -> None:
        twin.step()
        self._twin_edges.add(twin)
        self.twin_played.add(twin)

    def switch_next_month(self, policy: str, rules: Mapping[str, str], beside: str | None = None) -> None:
        """Put another policy in force from the next month on, in B too where it is A without its programme.

        Parameters
        ----------
        policy : its name or file.
        rules : rule by slot where it differs from the policy's, or "as in the policy".
        beside : B's policy; as before if ``None``.

        Raises
        ------
        InputError : an unknown policy or rule; nothing is changed then.
        """
        other = self.settings.beside if beside is None else beside
        wanted = _with(self.settings, {"policy": policy, "beside": other}, dict(rules))
        with self._between_months:
            first = self.economy.clock.now.plus(1)
            self._stages = [stage for stage in self._stages if stage[0] != first]
            if wanted.resolved_policy() != self._stages[-1][1]:
                self._stages.append((first, wanted.resolved_policy()))
            self.settings = wanted
            self.economy.follow(_chain(self._stages))
            self._other_stages = [stage for stage in self._other_stages if stage[0] != first]
            if self._other_policy() != self._other_stages[-1][2]:
                self._other_stages.append((first, other, self._other_policy()))
            self._follow_with_twin()

    def _other_policy(self) -> Policy:
        """What B's settings ask for."""
        asked = self.settings.beside
        return self._stages[-1][1].without("subsidy") if asked == NO_PROGRAMME else find_policy(asked)

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

    @property
    def beside(self) -> tuple[str, Month | None]:
        """How B is called in the last month, and since when if it was another world before."""
        now = self.economy.clock.now
        first, asked, policy = [stage for stage in self._other_stages if stage[0] is None or stage[0] <= now][-1]
        return ("no programme" if asked == NO_PROGRAMME else policy.label), (
            None if all(stage[1] == asked for stage in self._other_stages) else first
        )

    @property
    def is_twin(self) -> bool:
        """Whether B has been A without its programme all along."""
        return all(asked == NO_PROGRAMME for _, asked, _ in self._other_stages)

    def _follow_with_twin(self) -> None:
        """Give B its policies; make it where there was no need of one."""
        whole = self.economy.policy
        without = whole.without("subsidy")
        policy = without if self.is_twin else _chain([(first, policy) for first, _, policy in self._other_stages])
        if self.twin is not None:
            self.twin.follow(policy)
        elif not self.is_twin or whole.subsidy != without.subsidy or whole.changes != without.changes:
            twin = self.settings.economy(policy, keep_decisions=True)
            self.twin_played.add(twin)
            for _ in range(self.months):
                self._step_twin(twin)
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
        return {party.name: shown_label(party.name, party.label or party.name) for party in self.economy.ledger.parties}

    def frame(self) -> Frame:
        """The month just closed."""
        return frame_of(self.economy, self.scene)

    def picture(self, which: str, place: int, span: str) -> dict[str, Any]:
        """Who paid whom, for the page.

        Parameters
        ----------
        which : ``a``, ``b`` or ``difference``, A less B.
        place : the last month that counts; 0 is the opening.
        span : one of :data:`itcho.experiments.view.months_played.SPANS`.
        """
        played = self.twin_played if which == "b" and self.twin is not None else self.played
        first = self.first_of(place, span)
        payments = played.between(first, place)
        signed = which == "difference" and self.twin is not None
        if signed:
            payments = payments.plus(self.twin_played.between(first, place), -1.0)
        parties = [party.name for party in self.economy.ledger.parties]
        return frame(payments, played.size(place, parties), self.date(place), played.flow_list(), signed)

    def first_of(self, place: int, span: str) -> int:
        """The first month of a span that ends with a month."""
        if span == "month" or place == 0:
            return place
        if span == "all":
            return 1
        year = self._month(place).fiscal_year
        return next(at for at in range(1, place + 1) if self._month(at).fiscal_year == year)

    def _month(self, place: int) -> Month:
        return self.economy.clock.now.plus(place - self.months)

    def date(self, place: int) -> str:
        """The end of a month as an ISO date; of the opening for 0."""
        return self._month(place).end.isoformat()

    def where(self) -> WhereItLies | None:
        """Where A lies among the worlds of its kind, once it has run for a year; read once a year."""
        years = self.months // MONTHS
        if years not in self._where:
            self._where = {years: where_it_lies(self.economy)}
        return self._where[years]

    def sankey(self) -> Sankey | None:
        """Where the programme's money went so far; ``None`` without a payment, or if B is another policy."""
        if self.twin is None or not self.is_twin or not self.months:
            return None
        return programme_sankey(edge_differences(self._edges.table(), self._twin_edges.table()), self.labels)


def _chain(stages: Sequence[tuple[Month | None, Policy]]) -> Policy:
    """Policies in force one after another as one with dates."""
    whole = stages[0][1]
    for first, policy in stages[1:]:
        assert first is not None
        whole = whole.followed_by(policy, first)
    return whole


class EdgeSums:
    """Edges of the ledger summed month by month, so that a long run costs no more to show than a short one."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str, str, str], float] = {}
        self._year = 0

    def add(self, economy: JapanEconomy) -> None:
        """Add the last closed month."""
        ledger = economy.ledger
        self._year = economy.clock.now.fiscal_year
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
