"""Paths of the model from an origin, each with its own seed, rule settings and uncertain parameters.

A forecast begins from a start state and from the laws that were estimated at its origin.  Three variants share seeds,
parameters and laws: the model; the model given the US policy rate as it was (and fuel prices, where the folder has
them); and the model with every behavioural channel frozen at trend, which is what behaviour has to beat.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from itcho.agents.rules.monetary import InertialTaylor, MonetaryRule
from itcho.agents.rules.monetary_targets import ConstantRate
from itcho.experiments.evidence.hindcast import KnownUSRate
from itcho.experiments.evidence.stylised_facts import read_table
from itcho.experiments.forecasts.laws import parameters_with
from itcho.experiments.forecasts.protocol import CONDITIONAL, FROZEN, HORIZONS, MODEL, QUARTERS, SERIES
from itcho.experiments.forecasts.uncertainty import (
    PLAUSIBLE,
    ParameterMode,
    drawn_rule,
    open_under_own_rule,
    parameters_of_path,
)
from itcho.experiments.processes import garbage_kept, in_processes
from itcho.model.collapse import WorldCollapsed
from itcho.model.disturbances import DisturbedMonth, Shock
from itcho.model.economy import CHANNELS, JapanEconomy
from itcho.model.policies import policy
from itcho.model.randomness import Streams
from itcho.model.start_states import available
from itcho.model.start_states.start_state import StartState

FloatArray = NDArray[np.float64]
VARIANTS = (MODEL, FROZEN, CONDITIONAL)
JUDGED_FOR_TODAY = ("initial_misalignment_pct",)
"""Judgements about the dates of the start states that come with the package: nothing is judged so for other dates."""
DRIFT, GROWTH_OVER_DRIFT = "trend_potential_growth_pct", "opening_growth_over_trend_pct"

MONTHS_A_QUARTER = 3
MONTHS = MONTHS_A_QUARTER * QUARTERS
PATHS_AT_ONCE = 10
"""Paths of a piece of work: pieces are short enough that processes end together."""
INVESTORS, IMPORTERS, ADOPTERS = 300, 60, 100
"""Sizes of the populations of a forecast: medians and volatility do not depend on them."""


@dataclass(frozen=True)
class Origin:
    """Where the paths of an origin begin.

    Attributes
    ----------
    name : the date.
    start : the start state.
    estimated : parameters as estimated at the origin.
    us_rate_pct : the US policy rate by month of the run, for the conditional variant; empty if it is not known.
    fuel_price_log : dollar price of oil over that of the origin's quarter, logarithm by month of the run, likewise.
    """

    name: str
    start: StartState
    estimated: Mapping[str, float]
    us_rate_pct: tuple[float, ...] = ()
    fuel_price_log: tuple[float, ...] = ()


@dataclass(frozen=True)
class KnownFuelPrice:
    """The dollar price of fuel at what it was, where that is known; elsewhere the model's own law holds.

    Attributes
    ----------
    price_log : dollar price over that of the quarter before the run, logarithm by month, NaN where it is not known.
    """

    price_log: tuple[float, ...]
    name: ClassVar[str] = "known-fuel-price"

    def __call__(self, month: DisturbedMonth) -> None:
        """Write the month's disturbance."""
        outside, index = month.outside, month.clock.month
        known = self.price_log[index] if index < len(self.price_log) else math.nan
        if math.isfinite(known):
            moved = known - math.log(outside.foreign_price_level) - outside.fuel_price_log
            month.disturbances.fuel_price_factor *= math.exp(moved)


@dataclass(frozen=True)
class PathTask:
    """Some paths of an origin.

    Attributes
    ----------
    origin : where they begin.
    variant : one of :data:`VARIANTS`.
    mode : whether parameters and rule settings are drawn.
    seed : of the forecast.
    paths : numbers of the paths, from 1.
    settings : parameters that stand over everything else, drawn, dated and estimated ones.
    """

    origin: Origin
    variant: str
    mode: ParameterMode
    seed: int
    paths: tuple[int, ...]
    settings: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class PathAnswer:
    """What the paths of a task say.

    Attributes
    ----------
    values : (paths, series, horizons), NaN where a series has no figure at a horizon and where a world collapsed.
    collapsed : what ended the paths that did not reach the last horizon.
    """

    values: FloatArray
    collapsed: tuple[str, ...]


def path_seed(seed: int, path: int, origin: str) -> int:
    """The seed of a path's economy: the same for every variant, which makes them comparable, another at each origin."""
    return int(Streams(seed).generator(f"forecast path {origin}", path).integers(1, 2**31))


def frozen_parameters() -> dict[str, float]:
    """The parameters that freeze every behavioural channel at trend."""
    return {row["parameter"]: float(row["frozen"]) for row in read_table("frozen_channels.csv")}


def economy_of(task: PathTask, path: int) -> JapanEconomy:
    """The economy of one path, before its first month."""
    origin, frozen = task.origin, task.variant == FROZEN
    dated = origin.start.constants
    values = parameters_of_path(dated, task.mode, task.seed, path)
    if origin.name not in available():
        values |= {name: 0.0 for name in JUDGED_FOR_TODAY if name not in dated}
    values |= origin.estimated
    if {DRIFT, GROWTH_OVER_DRIFT} <= values.keys() & dated.keys():
        # The last year's growth is what it was, whatever the drift is estimated to be.
        values[GROWTH_OVER_DRIFT] += dated[DRIFT].value - values[DRIFT]
    values |= frozen_parameters() if frozen else {}
    values |= task.settings
    rule: MonetaryRule = drawn_rule(task.seed, path) if task.mode == PLAUSIBLE else InertialTaylor()
    followed = "actual" if origin.start.fact("ai_programme_total_trn_yen") > 0.0 else "none"
    known = (KnownUSRate(origin.us_rate_pct), KnownFuelPrice(origin.fuel_price_log))
    shocks: tuple[Shock, ...] = known if task.variant == CONDITIONAL else ()
    economy = JapanEconomy(
        start=origin.start,
        policy=policy(followed).with_rules({"monetary": ConstantRate() if frozen else rule}),
        rng=path_seed(task.seed, path, origin.name),
        years=QUARTERS // 4,
        investors=INVESTORS,
        importers=IMPORTERS,
        adopters=ADOPTERS,
        parameters=parameters_with(values),
        without=CHANNELS if frozen else (),
        shocks=shocks,
        keep_decisions=False,
        measure_every=MONTHS_A_QUARTER,
    )
    open_under_own_rule(economy)
    return economy


def run_paths(task: PathTask) -> PathAnswer:
    """Run the paths of a task; a world that collapses is an answer, and its figures before stay."""
    values = np.full((len(task.paths), len(SERIES), len(HORIZONS)), np.nan)
    collapsed = []
    with garbage_kept():
        for place, path in enumerate(task.paths):
            try:
                _run_path(economy_of(task, path), values[place])
            except WorldCollapsed as collapse:
                collapsed.append(f"{task.origin.name}, path {path}: {collapse}")
    return PathAnswer(values, tuple(collapsed))


def _run_path(economy: JapanEconomy, found: FloatArray) -> None:
    """Run a path and write its figures, (series, horizons)."""
    state, twelve = economy.state, economy.world.twelve_months
    real, nominal = _last_quarter(state.real_gdp_history), _last_quarter(state.nominal_gdp_history)
    at = {horizon: place for place, horizon in enumerate(HORIZONS)}
    for quarter in range(1, QUARTERS + 1):
        means = dict.fromkeys(("cpi_yoy_pct", "usdjpy", "jgb_10y_pct", "policy_rate_pct", "unemployment_pct"), 0.0)
        for _ in range(MONTHS_A_QUARTER):
            economy.step()
            means["cpi_yoy_pct"] += state.consumer_inflation_pct
            means["usdjpy"] += state.usdjpy_average
            means["jgb_10y_pct"] += float(economy.closed_month.prices.jgb_10y.mean())
            means["policy_rate_pct"] += state.policy_rate_pct
            means["unemployment_pct"] += state.unemployment_pct
        real_before, nominal_before = real, nominal
        real, nominal = _last_quarter(state.real_gdp_history), _last_quarter(state.nominal_gdp_history)
        if quarter not in at:
            continue
        real_growth, nominal_growth = 400.0 * math.log(real / real_before), 400.0 * math.log(nominal / nominal_before)
        figures = {name: total / MONTHS_A_QUARTER for name, total in means.items()} | {
            "real_gdp_growth_pct": real_growth,
            "nominal_gdp_growth_pct": nominal_growth,
            "gdp_deflator_growth_pct": nominal_growth - real_growth,
        }
        if quarter % 4 == 0:
            figures["government_deficit_trn_yen_fy"] = -sum(twelve.fiscal_balance)
            figures["current_account_trn_yen_fy"] = sum(twelve.current_account)
        for name, value in figures.items():
            found[SERIES.index(name), at[quarter]] = value


def _last_quarter(history: Sequence[float]) -> float:
    return math.fsum(list(history)[-MONTHS_A_QUARTER:])


def path_tasks(
    origins: Sequence[Origin],
    variants: Sequence[str],
    mode: ParameterMode,
    seed: int,
    paths: int,
    settings: Mapping[str, float] | None = None,
) -> list[PathTask]:
    """The pieces of work, origin by origin within each variant."""
    numbers = range(1, paths + 1)
    pieces = [tuple(numbers[first : first + PATHS_AT_ONCE]) for first in range(0, paths, PATHS_AT_ONCE)]
    return [
        PathTask(origin, variant, mode, seed, piece, settings or {})
        for variant in variants
        for origin in origins
        for piece in pieces
    ]


def model_paths(
    tasks: Sequence[PathTask], workers: int = 1, on_done: Callable[[], None] = lambda: None
) -> dict[tuple[str, str], PathAnswer]:
    """Run all pieces; the paths of each variant and origin together, in order."""
    answers = in_processes(run_paths, tasks, workers, on_done)
    together: dict[tuple[str, str], list[PathAnswer]] = {}
    for task, answer in zip(tasks, answers, strict=True):
        together.setdefault((task.variant, task.origin.name), []).append(answer)
    return {
        key: PathAnswer(
            np.concatenate([one.values for one in parts]), tuple(text for one in parts for text in one.collapsed)
        )
        for key, parts in together.items()
    }
