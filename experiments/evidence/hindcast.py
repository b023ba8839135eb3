"""Hindcast: the model run from a start state over quarters that have happened since, and scored on them.

The world outside Japan may follow what happened: the US policy rate does, from the file's own column or from a small
table, and the US 10-year yield moves with it as the model has it.  Nothing inside Japan sees a figure of the file, no
programme is paid that was not announced at the start, and no parameter is chosen on these quarters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from itcho.agents.errors import InputError
from itcho.experiments.evidence.forecast_scores import (
    GaussianForecast,
    NaiveForecast,
    coverage,
    fair_ensemble_crps,
    first_order_autoregression,
    log_random_walk,
    pit_counts,
    random_walk,
    root_mean_square,
)
from itcho.experiments.evidence.hindcast_files import GDP, SCORED, US_RATE, QuarterlyFigures, parse_quarterly
from itcho.experiments.evidence.hindcast_units import base_remark, unit_mistakes
from itcho.experiments.evidence.stylised_facts import read_table
from itcho.experiments.languages import Sentence
from itcho.experiments.processes import in_processes
from itcho.model.clock import Clock, Month
from itcho.model.disturbances import DisturbedMonth

if TYPE_CHECKING:
    from itcho.experiments.forecasts.uncertainty import ParameterMode

FloatArray = NDArray[np.float64]

CONDITIONAL, UNCONDITIONAL = "conditional", "unconditional"
"""Tracks: the US policy rate is given where it is known, or nothing is."""
LAST_MONTH = ("usdjpy", "jgb_10y_pct", "policy_rate_pct")
"""Prices of the day, which the start state knows later than the last quarter's mean."""
OPENING_GROWTH = "opening growth"
"""Growth of gross domestic product in the quarter before the run, beside the columns' opening values."""

MONTHS_A_QUARTER = 3
SEEDS, QUICK_SEEDS = 200, 40
LEAST_SEEDS = 2
LONGEST_QUARTERS = 80
PLAUSIBLE_SEED = 1
"""Seed of the drawn parameters; a run's own seed is the number of its draw."""


class KnownUSRate:
    """The US policy rate at what it was; afterwards it moves as the model has it, from where it then stands.

    Parameters
    ----------
    rate_pct : by month of the run, NaN where it is not known.
    """

    name = "known-us-rate"

    def __init__(self, rate_pct: Sequence[float]) -> None:
        self.rate_pct = tuple(rate_pct)
        self._shift_pp = 0.0

    def __call__(self, month: DisturbedMonth) -> None:
        """Write the month's disturbance."""
        index = month.clock.month
        known = self.rate_pct[index] if index < len(self.rate_pct) else math.nan
        if math.isfinite(known):
            self._shift_pp = known - month.outside.us_policy_rate_pct
        month.disturbances.us_rate_shift_pp += self._shift_pp


@dataclass(frozen=True)
class HindcastTask:
    """One seed's run.

    Attributes
    ----------
    seed, start, policy : as in ``JapanEconomy``.
    months : length of the run.
    us_rate_pct : by month of the run, NaN where it is not known; empty if nothing is given.
    parameters : whether rule settings and uncertain parameters are drawn, by the seed.
    """

    seed: int
    start: str
    policy: str
    months: int
    us_rate_pct: tuple[float, ...] = ()
    parameters: ParameterMode = "central"


@dataclass(frozen=True)
class HindcastRun:
    """What a run says of each column, by month, and what it opened at; ``failure`` says what ended it, if anything."""

    seed: int
    monthly: dict[str, FloatArray] = field(default_factory=dict)
    opening: dict[str, float] = field(default_factory=dict)
    failure: str = ""


def run_hindcast(task: HindcastTask) -> HindcastRun:
    """Run one seed; an error in it is a failure of this seed alone."""
    from itcho.experiments.forecasts.laws import parameters_with
    from itcho.experiments.forecasts.uncertainty import PLAUSIBLE, drawn_rule, open_under_own_rule, parameters_of_path
    from itcho.model.economy import JapanEconomy
    from itcho.model.policies import policy
    from itcho.model.start_states import load

    drawn = task.parameters == PLAUSIBLE
    try:
        start, followed = load(task.start), policy(task.policy)
        values = parameters_of_path(start.constants, task.parameters, PLAUSIBLE_SEED, task.seed)
        economy = JapanEconomy(
            start=start,
            policy=followed.with_rules({"monetary": drawn_rule(PLAUSIBLE_SEED, task.seed)}) if drawn else followed,
            rng=task.seed,
            parameters=parameters_with(values) if drawn else None,
            shocks=(KnownUSRate(task.us_rate_pct),) if task.us_rate_pct else (),
        )
        if drawn:
            open_under_own_rule(economy)
        opening = _opening(economy)
        monthly = {name: np.empty(task.months) for name in SCORED}
        for month in range(task.months):
            economy.step()
            for name, value in _month(economy).items():
                monthly[name][month] = value
    except Exception as error:  # One bad seed must not lose the others.
        return HindcastRun(task.seed, failure=f"{type(error).__name__}: {error}")
    return HindcastRun(task.seed, monthly, opening)


def _month(economy: Any) -> dict[str, float]:
    """What a quarter's figure is made of: means of sessions for prices, flows of the month at a yearly rate or not."""
    state = economy.state
    return {
        "usdjpy": state.usdjpy_average,
        "jgb_10y_pct": float(economy.closed_month.prices.jgb_10y.mean()),
        "policy_rate_pct": state.policy_rate_pct,
        "cpi_yoy_pct": state.consumer_inflation_pct,
        "nominal_gdp_trn_yen": 12.0 * state.nominal_gdp,
        "chip_imports_trn_yen": economy.closed_month.ai.chips.chip_imports_trn_yen,
    }


def _opening(economy: Any) -> dict[str, float]:
    """The quarter before the run as the start state has it."""
    state = economy.state
    gdp = list(state.nominal_gdp_history)
    quarter, before = sum(gdp[-MONTHS_A_QUARTER:]), sum(gdp[-2 * MONTHS_A_QUARTER : -MONTHS_A_QUARTER])
    return {
        OPENING_GROWTH: 400.0 * math.log(quarter / before),
        "usdjpy": state.usdjpy,
        "jgb_10y_pct": state.yields_pct[10.0],
        "policy_rate_pct": state.policy_rate_pct,
        "cpi_yoy_pct": state.consumer_inflation_pct,
        "nominal_gdp_trn_yen": 4.0 * quarter,
        "chip_imports_trn_yen": sum(list(economy.world.twelve_months.chip_imports)[-MONTHS_A_QUARTER:]),
    }


def by_quarter(name: str, monthly: FloatArray) -> FloatArray:
    """Quarters from months: the sum of chip imports, the mean of all else.

    Parameters
    ----------
    name : one of :data:`~itcho.experiments.evidence.hindcast_files.SCORED`.
    monthly : (months,), whole quarters.

    Returns
    -------
    (quarters,).
    """
    quarters = monthly.reshape(-1, MONTHS_A_QUARTER)
    return quarters.sum(axis=1) if name == "chip_imports_trn_yen" else quarters.mean(axis=1)


@dataclass(frozen=True)
class HindcastSeries:
    """One column: the model's fan, what happened, and the naive forecasts.

    Gross domestic product is scored by its growth, 400 times the change of its logarithm from quarter to quarter: a
    level has a base, and its error is that of all quarters before.

    Attributes
    ----------
    name : of the column.
    track : :data:`CONDITIONAL` or :data:`UNCONDITIONAL`.
    quarters : first months of the quarters that are scored, (quarters,).
    actuals : what happened, (quarters,).
    members : the model, (seeds × quarters).
    random_walk, autoregression : naive forecasts, None where history does not give them; the random walk of the
        exchange rate is one of its logarithm.
    last_month : no change from what the start state knows, a price of the day; None for other columns.
    """

    name: str
    track: str
    quarters: tuple[Month, ...]
    actuals: FloatArray
    members: FloatArray
    random_walk: NaiveForecast | None
    autoregression: GaussianForecast | None
    last_month: NaiveForecast | None

    @property
    def median(self) -> FloatArray:
        """The middle of the fan."""
        return np.asarray(np.median(self.members, axis=0))

    def percentile(self, at: float) -> FloatArray:
        """A percentile of the fan."""
        return np.asarray(np.percentile(self.members, at, axis=0))

    def scores(self) -> dict[str, float | None]:
        """Coverage, CRPS and RMSE (of the median), and those of the naive forecasts."""
        columns = zip(self.members.T, self.actuals.tolist(), strict=True)
        walk, regression, last = self.random_walk, self.autoregression, self.last_month
        return {
            "coverage_50": coverage(self.members, self.actuals, 0.5),
            "coverage_90": coverage(self.members, self.actuals, 0.9),
            "crps": float(np.mean([fair_ensemble_crps(members, actual) for members, actual in columns])),
            "rmse": root_mean_square(self.median - self.actuals),
            "rw_crps": None if walk is None else walk.crps(self.actuals),
            "rw_rmse": None if walk is None else walk.rmse(self.actuals),
            "ar1_crps": None if regression is None else regression.crps(self.actuals),
            "ar1_rmse": None if regression is None else regression.rmse(self.actuals),
            "last_month_crps": None if last is None else last.crps(self.actuals),
            "last_month_rmse": None if last is None else last.rmse(self.actuals),
        }

    def pit(self) -> list[int]:
        """How often what happened lies in each tenth of the fan."""
        return pit_counts(self.members, self.actuals)


@dataclass(frozen=True)
class Hindcast:
    """A hindcast.

    Attributes
    ----------
    start, policy : of the runs.
    parameters : whether rule settings and uncertain parameters were drawn.
    seeds : runs that finished, in the track with fewer.
    series : by column, in the order of the file's columns; where the US rate was given, first the conditional track and
        then the unconditional one.
    notes : choices that the figures rest on, in sentences.
    failures : what ended the runs that did not finish.
    """

    start: str
    policy: str
    parameters: str
    seeds: int
    series: tuple[HindcastSeries, ...]
    notes: tuple[str, ...]
    failures: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What a hindcast will run and score.

    Attributes
    ----------
    start, policy : of the runs.
    opened : date of the start state.
    first : first quarter that the run covers fully.
    actuals : quarters that are scored, and the US rate.
    history : quarters before the start, or None.
    months : length of the runs.
    us_rate_pct : by month of the run, NaN where it is not known.
    notes : in sentences.
    """

    start: str
    policy: str
    opened: date
    first: Month
    actuals: QuarterlyFigures
    history: QuarterlyFigures | None
    months: int
    us_rate_pct: tuple[float, ...]
    notes: tuple[str, ...]


def plan_hindcast(start: str, actuals: QuarterlyFigures, history: QuarterlyFigures | None = None) -> Plan:
    """Hold the files against the start and say what is run.

    Raises
    ------
    InputError : figures in another unit or on another base than the start state's, quarters before the start (all of
        these at once), no quarter that the run covers fully, a horizon beyond 20 years.
    """
    from itcho.model.parameters import Parameters
    from itcho.model.start_states import load

    state = load(start)
    clock = Clock(state.date)
    notes: list[str] = []
    opening = clock.opening.plus(1)
    first = opening.plus(-(opening.month_of_year - 1) % MONTHS_A_QUARTER)
    partly = first.plus(-MONTHS_A_QUARTER)
    wrong = unit_mistakes(actuals, state, "--actuals")
    if history is not None:
        wrong += unit_mistakes(before_the_start(history, state.date), state, "--history", before=True)
    early = [quarter for quarter in actuals.quarters if quarter < (partly if first != opening else first)]
    if early:
        found = ", ".join(map(_day, early))
        wrong.append(f"--actuals: {found} lie before the start {state.date}; the first full quarter is {_day(first)}")
    if wrong:
        raise InputError(wrong)
    if first != opening and partly in actuals.quarters:
        notes.append(Sentence("The run covers the quarter of {day} only in part; it is not scored.", day=_day(partly)))
    kept = actuals.where([quarter >= first for quarter in actuals.quarters])
    known = np.array([[np.isfinite(kept.columns[name][place]) for name in SCORED if name in kept.columns]
                      for place in range(len(kept.quarters))], dtype=np.bool_)  # fmt: skip
    if not known.any():
        raise InputError([f"--actuals: has no figure of {', '.join(SCORED)} from {_day(first)} on"])
    last = kept.quarters[int(np.flatnonzero(known.any(axis=1))[-1])]
    if last - first >= MONTHS_A_QUARTER * LONGEST_QUARTERS:
        raise InputError([f"--actuals: {_day(last)} lies more than {LONGEST_QUARTERS} quarters after {state.date}"])
    months = last.plus(MONTHS_A_QUARTER) - opening
    rate = us_rate_by_month(opening, months, kept)
    days = int(np.isfinite(rate).sum())
    notes.append(
        Sentence(
            "The US policy rate is given to the model in {days} of {months} months; nothing inside Japan is given.",
            days=days,
            months=months,
        )
        if days
        else Sentence("The US policy rate is not given: the model's own law holds, and nothing inside Japan is given.")
    )
    if remark := base_remark(kept, state, Parameters().opening_nominal_growth_pct):
        notes.append(remark)
    policy = "actual" if state.fact("ai_programme_total_trn_yen") > 0.0 else "none"
    before = None if history is None else before_the_start(history, state.date)
    if history is not None and before is not None and len(before.quarters) < len(history.quarters):
        left_out = len(history.quarters) - len(before.quarters)
        notes.append(Sentence("History: {count} quarters that end after the start are left out.", count=left_out))
    return Plan(start, policy, state.date, first, kept, before, months, rate, tuple(notes))


def _day(quarter: Month) -> str:
    return f"{quarter}-01"


def before_the_start(history: QuarterlyFigures, start: date) -> QuarterlyFigures:
    """Quarters that had ended at the start."""
    return history.where([quarter.plus(2).end <= start for quarter in history.quarters])


def us_rate_by_month(opening: Month, months: int, actuals: QuarterlyFigures) -> tuple[float, ...]:
    """The US policy rate as it was, by month of the run: the file's, else the table's, else NaN."""
    steps = {Month.of(row["month"]): float(row[US_RATE]) for row in read_table("us_policy_rate_since_2024.csv")}
    given = dict(zip(actuals.quarters, actuals.columns.get(US_RATE, np.empty(0)).tolist(), strict=False))
    rates = []
    for index in range(months):
        month = opening.plus(index)
        quarter = month.plus(-((month.month_of_year - 1) % MONTHS_A_QUARTER))
        known = given.get(quarter, math.nan)
        if not math.isfinite(known) and min(steps) <= month <= max(steps):
            known = steps[max(step for step in steps if step <= month)]
        rates.append(known)
    return tuple(rates)


def packaged_history() -> QuarterlyFigures:
    """Quarterly figures of 2000-2020 that come with the project."""
    rows = read_table("hindcast_history.csv")
    text = "\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)])
    return parse_quarterly(text, "hindcast_history.csv")


def tracks_of(plan: Plan) -> dict[str, tuple[float, ...]]:
    """The tracks that are run, and the US rate that each is given."""
    known = any(map(math.isfinite, plan.us_rate_pct))
    return {CONDITIONAL: plan.us_rate_pct, UNCONDITIONAL: ()} if known else {UNCONDITIONAL: ()}


def hindcast(
    plan: Plan,
    seeds: int = SEEDS,
    workers: int = 1,
    on_done: Callable[[], None] = lambda: None,
    parameters: ParameterMode = "central",
) -> Hindcast:
    """Run the seeds 1, 2, 3, ... on each track and score them; ``on_done`` is called after each run.

    Raises
    ------
    ValueError : fewer than two runs of a track have finished.
    """
    tracks, numbers = tracks_of(plan), range(1, seeds + 1)
    tasks = [
        HindcastTask(seed, plan.start, plan.policy, plan.months, given, parameters)
        for given in tracks.values()
        for seed in numbers
    ]
    answers = in_processes(run_hindcast, tasks, workers, on_done)
    series, notes, failures, finished = [], list(plan.notes), [], []
    for place, track in enumerate(tracks):
        of_track = answers[place * seeds : (place + 1) * seeds]
        runs = [one for one in of_track if not one.failure]
        failures += [f"{track}, seed {one.seed}: {one.failure}" for one in of_track if one.failure]
        if len(runs) < 2:
            raise ValueError(f"a hindcast needs two runs that finish; {'; '.join(failures[:1]) or 'one was asked for'}")
        finished.append(len(runs))
        for name in plan.actuals.columns:
            if name in SCORED and np.isfinite(plan.actuals.columns[name]).any():
                series.append(_score(name, track, plan, runs))
    notes.append(_first_value_note(plan))
    return Hindcast(plan.start, plan.policy, parameters, min(finished), tuple(series), tuple(notes), tuple(failures))


def _score(name: str, track: str, plan: Plan, runs: Sequence[HindcastRun]) -> HindcastSeries:
    """The series of one column; the naive forecasts start from the quarter before the first."""
    values = plan.actuals.columns[name]
    skipped = plan.months % MONTHS_A_QUARTER
    paths = np.array([by_quarter(name, run.monthly[name][skipped:]) for run in runs])
    own = _grid(plan.history, name)
    sample = own if own.size else _grid(before_the_start(packaged_history(), plan.opened), name)
    last = _last_history_value(plan, name)
    opening = runs[0].opening[name]
    first = opening if last is None else last
    if name == GDP:
        values = _growth_of_actuals(plan, first)
        paths = growth_pct(np.column_stack([[run.opening[name] for run in runs], paths]))
        own, sample = growth_pct(own), growth_pct(sample)
        # Without a history there is only the growth that the start state opens with.
        first = float(own[-1]) if last is not None and own.size and math.isfinite(own[-1]) else math.nan
        first = first if math.isfinite(first) else runs[0].opening[OPENING_GROWTH]
    known = np.isfinite(values)
    quarters = tuple(quarter for quarter, keep in zip(plan.actuals.quarters, known, strict=True) if keep)
    ahead = np.array([(quarter - plan.first) // MONTHS_A_QUARTER for quarter in quarters], dtype=np.int64)
    walk = log_random_walk if name == "usdjpy" else random_walk
    return HindcastSeries(
        name,
        track,
        quarters,
        values[known],
        paths[:, ahead],
        walk(sample, first, ahead + 1),
        first_order_autoregression(own, first, ahead + 1) if own.size else None,
        walk(sample, opening, ahead + 1) if name in LAST_MONTH else None,
    )


def growth_pct(levels: FloatArray) -> FloatArray:
    """400 times the change of the logarithm from quarter to quarter, along the last axis: one figure fewer.

    Examples
    --------
    >>> growth_pct(np.array([1.0, math.exp(0.01), math.exp(0.01)])).round(9).tolist()
    [4.0, 0.0]
    """
    return 400.0 * np.diff(np.log(levels)) if levels.size else levels


def _growth_of_actuals(plan: Plan, before: float) -> FloatArray:
    """Growth of gross domestic product in the quarters of the file, NaN where a quarter or the one before is unknown.

    ``before`` is the figure of the quarter before the first that the run covers.
    """
    known = dict(zip(plan.actuals.quarters, plan.actuals.columns[GDP].tolist(), strict=True))
    known[plan.first.plus(-MONTHS_A_QUARTER)] = before
    pairs = [(known.get(one.plus(-MONTHS_A_QUARTER), math.nan), known[one]) for one in plan.actuals.quarters]
    return np.array([growth_pct(np.array(pair))[0] for pair in pairs])


def _grid(figures: QuarterlyFigures | None, name: str) -> FloatArray:
    """A column on every quarter from the first to the last, NaN where nothing is known; empty if there is none."""
    if figures is None or name not in figures.columns or not np.isfinite(figures.columns[name]).any():
        return np.empty(0)
    places = [(quarter - figures.quarters[0]) // MONTHS_A_QUARTER for quarter in figures.quarters]
    grid = np.full(places[-1] + 1, math.nan)
    grid[places] = figures.columns[name]
    return grid


def _last_history_value(plan: Plan, name: str) -> float | None:
    """History's figure for the quarter before the first scored one, if it is there."""
    before = plan.first.plus(-MONTHS_A_QUARTER)
    if plan.history is None or name not in plan.history.columns or before not in plan.history.quarters:
        return None
    value = float(plan.history.columns[name][plan.history.quarters.index(before)])
    return value if math.isfinite(value) else None


def _first_value_note(plan: Plan) -> Sentence:
    reached = [name for name in SCORED if _last_history_value(plan, name) is not None]
    own = [name for name in SCORED if _grid(plan.history, name).size]
    given = "the history given, the packaged quarters of 2000-2020 where it has none"
    packaged = GDP in plan.actuals.columns and not _grid(plan.history, GDP).size
    base = " The packaged gross domestic product is on the 2015 base; only its changes are read."
    opening = "the start state's opening value"
    begin = "the last quarter of the history for {names}, and at the start state's opening value for the others"
    return Sentence(
        "The naive forecasts begin at {begin}; the random walk has no drift, and its sd is that of quarterly changes "
        "in {spread}; that of the exchange rate walks in logarithms. Gross domestic product is scored by its "
        "growth.{base}",
        begin=Sentence(begin, names=", ".join(reached)) if reached else Sentence(opening),
        spread=Sentence(given if own else "the packaged quarters of 2000-2020"),
        base=Sentence(base) if packaged else "",
    )


def hindcast_record(result: Hindcast) -> dict[str, Any]:
    """The hindcast as JSON can hold it."""
    return {
        "start": result.start,
        "seeds": result.seeds,
        "parameters": result.parameters,
        "series": [
            {
                "name": one.name,
                "track": one.track,
                "scored_as": "growth, % at annual rate" if one.name == GDP else "as it stands",
                "quarters": len(one.quarters),
                **one.scores(),
                "pit": one.pit(),
            }
            for one in result.series
        ],
    }
