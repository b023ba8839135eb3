"""Many pairs of worlds: what the programme changes, and how far worlds differ in that.

One world is one draw of luck, and luck moves the yen by tens where the programme moves it by hundredths.  So what
`itcho run` shows first is a set of pairs: the same world with the policy and without the programme, under many seeds.
The world that is kept to be explored is the **typical** one of the set, from which the others are least far away.

Source: Kaufman and Rousseeuw, *Finding groups in data* (1990), for the medoid (``itcho.experiments.studies.medoids``).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from itcho.agents.errors import InputError
from itcho.experiments.processes import in_processes
from itcho.experiments.runs.run_request import LEAST_PAIRS, NO_PROGRAMME, RunRequest, run_economy
from itcho.experiments.runs.typical_world import TYPICAL_OF, medoid_seed
from itcho.experiments.runs.yen_parts import YenWay, yen_bands, yen_way
from itcho.experiments.side_process import side_by_side
from itcho.experiments.studies.fiscal_years import MONTHS, by_fiscal_year, complete_only, last_year
from itcho.experiments.studies.study import default_better
from itcho.model.collapse import WorldCollapsed
from itcho.model.twin import opened_under

if TYPE_CHECKING:
    from itcho.model.economy import JapanEconomy
    from itcho.model.parameters import Parameters
    from itcho.model.policies import Policy

FloatArray = NDArray[np.float64]

OUTCOMES = (
    "usdjpy",
    "jgb_10y_pct",
    "deficit_trn_yen_fy",
    "gov_debt_to_gdp_pct",
    "real_gdp_growth_pct",
    "unemployment_pct",
    "current_account_trn_yen",
    "productivity_gain_pct",
    "adoption_pct",
    "domestic_ai_share_home_pct",
    "japan_share_global_ai_pct",
    "softbank_ltv_pct",
    "approval_pct",
)
"""What the first table shows; of each it is commonly said which way is worse."""
BAND_PCT = (5.0, 95.0)
"""Percentiles over pairs between which nine effects of ten lie."""
READ_IN = (5, 10)
"""Complete fiscal years, counted from the first, in which effects are read; and the last one of shorter runs."""
FIXED_PARAMETERS = "fixed"
"""All worlds of a set have the parameters that were asked for: what differs between them is luck."""
NO_CHANGE = 1e-9
"""Relative to the level: a difference below it is rounding, and neither better nor worse."""


@dataclass(frozen=True)
class Pair:
    """A world with the policy and without the programme, by fiscal year.

    Attributes
    ----------
    seed : of both.
    fiscal_years, months : the years the runs hold, and how many months of each.
    with_policy, without : (years × :data:`OUTCOMES`).
    path : :data:`TYPICAL_OF` at the end of each year of the run with the policy, (years × outcomes).
    yen : who moved it, with the policy and without the programme; None if a world collapsed.
    collapse : how one of the two worlds ended before its time; the arrays are empty then.
    """

    seed: int
    fiscal_years: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    with_policy: FloatArray = field(default_factory=lambda: np.empty((0, len(OUTCOMES))))
    without: FloatArray = field(default_factory=lambda: np.empty((0, len(OUTCOMES))))
    path: FloatArray = field(default_factory=lambda: np.empty((0, len(TYPICAL_OF))))
    yen: tuple[YenWay, YenWay] | None = None
    collapse: WorldCollapsed | None = None


@dataclass(frozen=True)
class EffectRow:
    """An outcome in a fiscal year, over all pairs.

    Attributes
    ----------
    outcome, fiscal_year : what and when.
    without, with_policy, effect : means over pairs; the effect is the mean of the pairs' differences.
    low_90, high_90 : the effects between which nine pairs of ten lie.
    share_worse : share of pairs whose world is worse with the policy; None where no way is worse.
    median, farthest : of the effects; the farthest is the one farthest from the median.
    """

    outcome: str
    fiscal_year: int
    without: float
    with_policy: float
    effect: float
    low_90: float
    high_90: float
    share_worse: float | None
    median: float
    farthest: float

    @property
    def is_pulled(self) -> bool:
        """Whether few worlds pull the mean effect out of the band."""
        return not self.low_90 <= self.effect <= self.high_90

    def record(self) -> dict[str, Any]:
        """As JSON and a table hold it."""
        return {
            "outcome": self.outcome,
            "fiscal_year": self.fiscal_year,
            "without": self.without,
            "with": self.with_policy,
            "effect": self.effect,
            "low_90": self.low_90,
            "high_90": self.high_90,
            "share_worse": self.share_worse,
        }


@dataclass(frozen=True)
class Ensemble:
    """Pairs that finished.

    Attributes
    ----------
    asked : how many pairs were asked for; their seeds are 1 to that.
    fiscal_years, months : the years the runs hold, and how many months of each.
    seeds : of the pairs that finished.
    with_policy, without : (pairs × years × :data:`OUTCOMES`).
    yen : who moved it in each pair, with the policy and without the programme.
    typical_seed : of the world from which the others are least far away.
    collapsed : what became of the other pairs, by seed.
    """

    asked: int
    fiscal_years: tuple[int, ...]
    months: tuple[int, ...]
    seeds: tuple[int, ...]
    with_policy: FloatArray
    without: FloatArray
    yen: tuple[tuple[YenWay, YenWay], ...]
    typical_seed: int
    collapsed: dict[int, str]

    @property
    def years_read(self) -> tuple[int, ...]:
        """The fiscal years in which effects are read: the fifth and tenth complete one and the last."""
        years = pd.DataFrame({"months": self.months}, index=list(self.fiscal_years))
        complete = complete_only(years).index.tolist()
        if not complete:
            return (last_year(years)[0],)
        return tuple(sorted({*(complete[place - 1] for place in READ_IN if place <= len(complete)), complete[-1]}))

    def rows(self) -> list[EffectRow]:
        """Effects in the years that are read, by year, then outcome."""
        found = []
        for year in self.years_read:
            place = self.fiscal_years.index(year)
            for column, name in enumerate(OUTCOMES):
                with_policy, without = self.with_policy[:, place, column], self.without[:, place, column]
                if np.isfinite(with_policy).all() and np.isfinite(without).all():
                    found.append(effect_row(name, year, with_policy, without))
        return found

    def yen_rows(self) -> list[dict[str, Any]]:
        """Bands over pairs of what each group did to the yen, and of what the programme changed of that."""
        return [band.record() for band in yen_bands(self.yen)]

    def record(self) -> dict[str, Any]:
        """As ``itcho run --json`` prints it."""
        return {
            "pairs": len(self.seeds),
            "parameters": FIXED_PARAMETERS,
            "typical_seed": self.typical_seed,
            "rows": [row.record() for row in self.rows()],
            "yen_bands": self.yen_rows(),
        }

    def manifest_record(self) -> dict[str, Any]:
        """How the set was made, for the folder of its typical world."""
        return {
            "pairs": self.asked,
            "finished": len(self.seeds),
            "parameters": FIXED_PARAMETERS,
            "typical_seed": self.typical_seed,
        }

    def worlds(self) -> pd.DataFrame:
        """Every pair by fiscal year: seed, year, months, then each outcome with and without."""
        tables = []
        for place, seed in enumerate(self.seeds):
            table = pd.DataFrame({"seed": seed, "fiscal_year": self.fiscal_years, "months": self.months})
            for column, name in enumerate(OUTCOMES):
                table[name] = self.with_policy[place, :, column]
                table[f"without_{name}"] = self.without[place, :, column]
            tables.append(table)
        return pd.concat(tables, ignore_index=True)


def effect_row(name: str, year: int, with_policy: FloatArray, without: FloatArray) -> EffectRow:
    """What the policy does to an outcome in a year, over pairs.

    Parameters
    ----------
    with_policy, without : (pairs,) values of the pairs.

    Examples
    --------
    >>> row = effect_row("usdjpy", 2030, np.array([151.0, 160.0, 148.0, 170.0]), np.array([150.0, 160.0, 149.0, 168.0]))
    >>> row.without, row.with_policy, row.effect, row.share_worse
    (156.75, 157.25, 0.5, 0.5)
    """
    effects = with_policy - without
    better = default_better(name)
    share: float | None = None
    if better != "neither":
        moved = np.abs(effects) > NO_CHANGE * np.abs(without)
        share = float((moved & (effects > 0.0 if better == "lower" else effects < 0.0)).mean())
    low, high = np.percentile(effects, BAND_PCT).tolist()
    means = float(without.mean()), float(with_policy.mean()), float(effects.mean())
    median = float(np.median(effects))
    farthest = float(effects[np.abs(effects - median).argmax()])
    return EffectRow(name, year, *means, low, high, share, median, farthest)


def run_pair(request: RunRequest, parameters: Parameters, policy: Policy, seed: int) -> Pair:
    """Run a world with the policy and without the programme; a collapse is part of the answer."""
    try:
        with_policy, without = _opened(replace(request, seed=seed), parameters, policy)
        monthly = with_policy.run(years=request.years).monthly_table()
        yen = yen_way(with_policy.fx_attribution(), monthly["usdjpy"])
        twin, yen_without = monthly, yen
        if without is not None:
            twin = without.run(years=request.years).monthly_table()
            yen_without = yen_way(without.fx_attribution(), twin["usdjpy"])
    except WorldCollapsed as collapse:
        return Pair(seed, collapse=collapse)
    shown = ["month", *OUTCOMES]
    years = by_fiscal_year(monthly[shown])
    ends = slice(MONTHS - 1, None, MONTHS)
    return Pair(
        seed,
        tuple(years.index.tolist()),
        tuple(years["months"].tolist()),
        years[list(OUTCOMES)].to_numpy(dtype=np.float64),
        by_fiscal_year(twin[shown])[list(OUTCOMES)].to_numpy(dtype=np.float64),
        monthly[list(TYPICAL_OF)].to_numpy(dtype=np.float64)[ends],
        (yen, yen_without),
    )


def _opened(request: RunRequest, parameters: Parameters, policy: Policy) -> tuple[JapanEconomy, JapanEconomy | None]:
    """The worlds of a pair before their first month; no second one where the policy is to have no programme."""
    if policy.name == NO_PROGRAMME:
        return request.economy(policy, parameters), None
    without = request.economy(NO_PROGRAMME, parameters)
    if request.behaviours.replaced:  # what is a user's own may remember what it saw, or not bear to be copied
        return request.economy(policy, parameters), without
    return opened_under(without, policy), without


def run_ensemble(
    request: RunRequest, parameters: Parameters, policy: Policy, advance: Callable[[], None] = lambda: None
) -> Ensemble:
    """Run all pairs, on all cores this process may use.

    Parameters
    ----------
    request : its ``pairs`` says how many; its seed says nothing.
    advance : called after each pair.

    Raises
    ------
    WorldCollapsed : in fewer than :data:`LEAST_PAIRS` pairs no world collapsed.
    """
    work = partial(run_pair, request, parameters, policy)
    seeds = range(1, request.pairs + 1)
    workers = _cores()
    forks = sys.platform.startswith("linux")
    if forks:
        _load_what_is_compiled(request, parameters)
    pairs = side_by_side(work, seeds, workers, advance) if forks else in_processes(work, seeds, workers, advance)
    return ensemble_of(pairs)


def _load_what_is_compiled(request: RunRequest, parameters: Parameters) -> None:
    """Run a small world for a year: forks made afterwards share what is compiled, which takes each a second to load."""
    small = replace(request, seed=1, years=1, investors=300, importers=300, adopters=300)
    with suppress(WorldCollapsed):
        run_economy(small, NO_PROGRAMME, parameters)


def ensemble_of(pairs: Sequence[Pair]) -> Ensemble:
    """Pairs as one set.  Raises WorldCollapsed if fewer than :data:`LEAST_PAIRS` finished."""
    finished = [pair for pair in pairs if pair.collapse is None]
    collapsed = {pair.seed: pair.collapse for pair in pairs if pair.collapse is not None}
    if len(finished) < LEAST_PAIRS:
        raise next(iter(collapsed.values()))
    return Ensemble(
        len(pairs),
        finished[0].fiscal_years,
        finished[0].months,
        tuple(pair.seed for pair in finished),
        np.stack([pair.with_policy for pair in finished]),
        np.stack([pair.without for pair in finished]),
        tuple(pair.yen for pair in finished if pair.yen is not None),
        medoid_seed(tuple(pair.seed for pair in finished), np.stack([pair.path for pair in finished])),
        {seed: str(collapse) for seed, collapse in collapsed.items()},
    )


def require_same_typical(found: Ensemble, kept_seed: int) -> None:
    """Refuse a set made again whose typical world is another.

    Raises
    ------
    InputError : it is.
    """
    if found.typical_seed != kept_seed:
        raise InputError(
            f"the same inputs give another set of worlds: its typical world is seed {found.typical_seed}, and the kept "
            f"one is seed {kept_seed}"
        )


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
