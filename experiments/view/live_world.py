"""The world that a view watches: an economy and its twin without the programme, month by month together."""

from __future__ import annotations

import dataclasses
from functools import cached_property
from typing import Any

import mesa
import numpy as np
import pandas as pd

from itcho.agents.errors import InputError
from itcho.experiments.fiscal_years import fiscal_year_of_months
from itcho.experiments.view.flows import KEYS, Sankey, edge_differences, programme_sankey
from itcho.experiments.view.frames import Frame, Scene, frame_of, scene_of
from itcho.experiments.view.settings import AS_IN_POLICY, ViewSettings
from itcho.model.economy import JapanEconomy

MOST_YEARS = 50


class LiveWorld(mesa.Model):
    """A model for SolaraViz: an economy with its twin on the same random numbers.

    Parameters
    ----------
    settings : what the view was started with; the other arguments replace single settings of it.
    outside : the scenario; later Mesa 3 takes an argument called ``scenario`` for one of its own objects.
    policy, rng, investors, importers, adopters : as in ``JapanEconomy``; numbers also as text.
    subsidy, fiscal, monetary, intervention, trade : name of the rule in a slot, or "as in the policy".

    Attributes
    ----------
    economy, twin : the twin is ``None`` where the policy has no programme.
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
        }
        sizes = {"investors": investors, "importers": importers, "adopters": adopters}
        world = {"scenario": outside, "policy": policy, "seed": rng} | sizes
        self.problem = ""
        try:
            wanted = _with(wanted, _given(world), _given(slots)).checked()
        except InputError as error:
            self.problem = "; ".join(error.messages)
        super().__init__(rng=wanted.seed)
        # Mesa 3.3 keeps every model alive through this class attribute.
        getattr(mesa.Agent, "_ids", {}).pop(self, None)
        self.settings = wanted
        chosen = wanted.resolved_policy()
        self.economy = _economy(wanted, chosen)
        without = chosen.without("subsidy")
        has_programme = chosen.subsidy != without.subsidy or chosen.changes != without.changes
        self.twin = _economy(wanted, without) if has_programme else None
        self._edges = EdgeSums()
        self._twin_edges = EdgeSums()
        for _ in range(wanted.months):
            self.step()

    def step(self) -> None:
        """Run one month of both."""
        self.economy.step()
        self._edges.add(self.economy)
        if self.twin is not None:
            self.twin.step()
            self._twin_edges.add(self.twin)
        self.running = self.months < 12 * MOST_YEARS

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
    """Settings changed by the arguments of a reset, which come from text fields.

    Raises
    ------
    InputError : a number that is none.
    """
    wrong = []
    for name in ("seed", "investors", "importers", "adopters"):
        if name in changes:
            text = str(changes[name]).replace(",", "").replace("_", "").strip()
            if text.lstrip("-").isdecimal():
                changes[name] = int(text)
            else:
                wrong.append(f"{name} = '{changes[name]}' must be a whole number")
    if wrong:
        raise InputError(wrong)
    rules = dict(settings.rules) | slots
    return dataclasses.replace(
        settings, rules={slot: rule for slot, rule in rules.items() if rule != AS_IN_POLICY}, **changes
    )


def _economy(settings: ViewSettings, policy: Any) -> JapanEconomy:
    return JapanEconomy(
        scenario=settings.scenario,
        policy=policy,
        start=settings.start,
        rng=settings.seed,
        investors=settings.investors,
        importers=settings.importers,
        adopters=settings.adopters,
        parameters=dict(settings.parameters),
    )
