"""What the deciding of each kind of agent is worth: `itcho ablate`.

A kind is frozen, or its members are made alike, and the same seeds are run with and without that.  Of each run the mean
of the second half of its years is taken, and of what markets set, or the kind itself decides about, the standard
deviation of monthly changes over all of it: limits and thresholds act in months, and leave few traces in means of
years.  Beside it stands a placebo in which nothing but the luck of that kind's members is another one: what the placebo
does, the ablation must do more of to count.
"""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from itcho.agents.ablation import ALIKE, BOND_FLOOD, FROZEN, KIND_BY_NAME, KINDS, REDRAWN, Ablation
from itcho.agents.errors import InputError
from itcho.experiments.processes import in_processes
from itcho.experiments.progress import progress
from itcho.experiments.runs.run_spec import OPTION
from itcho.experiments.studies.statistics import RESAMPLES, resample_rows
from itcho.experiments.whole_files import check_folder, write_files
from itcho.model.input_files import csv_of, input_text, printable
from itcho.model.sizes import DEFAULT_POLICY, DEFAULT_SCENARIO, DEFAULT_YEARS, number_mistakes
from itcho.model.version import MODEL_VERSION

FloatArray = NDArray[np.float64]

HEADLINES = (
    "usdjpy",
    "jgb_10y_pct",
    "gov_debt_to_gdp_pct",
    "domestic_ai_share_home_pct",
    "domestic_ai_share_home_cloud_pct",
    "domestic_ai_share_home_applications_pct",
    "productivity_gain_pct",
    "softbank_ltv_pct",
)
MEAN, VOLATILITY = "mean", "volatility"
SET_BY_MARKETS = ("usdjpy", "jgb_10y_pct", "softbank_ltv_pct")
"""Headlines of which the volatility is compared as well."""
MEASURES = tuple((name, MEAN) for name in HEADLINES) + tuple((name, VOLATILITY) for name in SET_BY_MARKETS)
"""What is compared of every kind: outcome and statistic."""


def own_measures(kind: str) -> tuple[tuple[str, str], ...]:
    """What is compared of a kind because it decides about it: means and volatilities of its own outcomes."""
    return tuple((name, statistic) for name in KIND_BY_NAME[kind].own for statistic in (MEAN, VOLATILITY))


OWN = tuple(dict.fromkeys(measure for kind in KINDS for measure in own_measures(kind.name)))
"""What is compared of the kinds that decide about it."""
KEPT = MEASURES + OWN
"""What is kept of a run, in the order of :attr:`ArmRun.values`."""
DEFAULT_SEEDS = 48
LEAST_SEEDS = 3
LEAST_SHIFT_SD, LEAST_RATIO, MOST_RATIO = 0.3, 0.8, 1.25
"""A mean shift counts from the first on, in standard deviations over seeds; a ratio of them outside the other two."""
LEVEL = 0.95
FLOOD_PCT_GDP = 10.0
"""Public investment a year beyond the budget, paid by bonds, in a flood of bonds."""
_TASKS_AT_ONCE = 96
"""Runs after which what there is is kept: a call that is stopped loses no more than these."""
RUNS_FILE, TABLE_FILE = "runs.csv", "ablation.csv"


@dataclass(frozen=True)
class Arm:
    """One run.

    Attributes
    ----------
    scenario, seed, years : as in ``JapanEconomy``; the scenario may be a flood of bonds in the baseline.
    kind, way : what is ablated and how; both empty in the run without ablation.
    policy : by name.
    """

    scenario: str
    kind: str
    way: str
    seed: int
    years: int
    policy: str = DEFAULT_POLICY


@dataclass(frozen=True)
class ArmRun:
    """What is kept of a run.

    Attributes
    ----------
    values : of each of :data:`KEPT`; empty if it failed.
    failure : empty, or the error that ended the run.
    """

    values: tuple[float, ...] = ()
    failure: str = ""


@dataclass(frozen=True)
class Row:
    """One kind, one ablation, one scenario, one measure, over pairs of runs with the same seed.

    Attributes
    ----------
    kind, ablation, scenario, outcome : what was compared.
    rms_sd : root mean square of ablated less usual, over the standard deviation over seeds of the usual runs; that of
        two unrelated worlds is 1.4.
    mean_shift_sd, low, high : mean of ablated less usual in the same unit, with its interval of 95% (bootstrap of
        pairs).
    sd_ratio, ratio_low, ratio_high : standard deviation over seeds, ablated over usual, with its interval.
    placebo_rms_sd, placebo_low, placebo_high, placebo_ratio_low, placebo_ratio_high : the same of the placebo; without
        luck of its own a kind has a placebo that changes nothing.
    pairs, collapsed : pairs that finished, and ablated runs that did not.
    counts : whether the shift or the ratio is large, with its interval clear of the placebo's.
    model_version : of the model that made the runs.
    statistic : of the outcome in a run: the mean of the second half of its years, or its volatility, the standard
        deviation of monthly changes over all of them.
    policy : of the runs.
    """

    kind: str
    ablation: str
    scenario: str
    outcome: str
    rms_sd: float
    mean_shift_sd: float
    low: float
    high: float
    sd_ratio: float
    ratio_low: float
    ratio_high: float
    placebo_rms_sd: float
    placebo_low: float
    placebo_high: float
    placebo_ratio_low: float
    placebo_ratio_high: float
    pairs: int
    collapsed: int
    counts: bool
    model_version: int = MODEL_VERSION
    statistic: str = MEAN
    policy: str = DEFAULT_POLICY


@dataclass(frozen=True)
class Shift:
    """What differs between two sets of runs with the same seeds; see :class:`Row` for units."""

    rms: float
    mean: float
    low: float
    high: float
    ratio: float
    ratio_low: float
    ratio_high: float


NO_SHIFT = Shift(0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0)
_NOTHING_KNOWN = Shift(*(math.nan,) * 7)


def run_arm(arm: Arm) -> ArmRun:
    """Make one run; an error of the model is part of the answer, so that one bad seed does not lose the others."""
    from itcho.experiments.evidence.shocks import PublicInvestment
    from itcho.model.economy import JapanEconomy

    ablation = Ablation(arm.kind, arm.way) if arm.kind else None
    flood = arm.scenario == BOND_FLOOD
    scenario, shocks = (DEFAULT_SCENARIO, [PublicInvestment(FLOOD_PCT_GDP)]) if flood else (arm.scenario, [])
    try:
        economy = JapanEconomy(
            scenario, arm.policy, rng=arm.seed, years=arm.years, shocks=shocks, ablation=ablation
        ).run()
    except Exception as error:
        return ArmRun(failure=f"{type(error).__name__}: {error}")
    table = economy.monthly_table()
    late = table.iloc[len(table) // 2 :]
    return ArmRun(
        tuple(
            float(late[name].mean()) if statistic == MEAN else float(table[name].diff().std())
            for name, statistic in KEPT
        )
    )


def shift(usual: FloatArray, other: FloatArray, scale: float, rng: np.random.Generator) -> Shift:
    """What differs between two sets of runs, pair by pair.

    Parameters
    ----------
    usual, other : values by seed, (pairs,) each.
    scale : standard deviation over seeds.
    rng : of the bootstrap, which draws pairs.
    """
    if usual.size < LEAST_SEEDS or not scale > 0.0:
        return _NOTHING_KNOWN
    moved = (other - usual) / scale
    spread = float(usual.std(ddof=1))
    if not moved.any():
        return NO_SHIFT
    means, ratios = [], []
    for rows in resample_rows(usual.size, rng, RESAMPLES):
        means.append(moved[rows].mean(axis=1))
        below = usual[rows].std(axis=1, ddof=1)
        # A sample that drew one pair alone has no spread, and says nothing about ratios.
        ratios.append(other[rows].std(axis=1, ddof=1)[below > 0.0] / below[below > 0.0])
    ends = [0.5 - 0.5 * LEVEL, 0.5 + 0.5 * LEVEL]
    low, high = np.quantile(np.concatenate(means), ends).tolist()
    ratio_low, ratio_high = np.quantile(np.concatenate(ratios), ends).tolist()
    return Shift(
        rms=float(np.sqrt((moved * moved).mean())),
        mean=float(moved.mean()),
        low=low,
        high=high,
        ratio=float(other.std(ddof=1)) / spread if spread > 0.0 else math.nan,
        ratio_low=ratio_low,
        ratio_high=ratio_high,
    )


def counts(found: Shift, placebo: Shift) -> bool:
    """Whether an ablation counts: it shifts the mean or changes the spread enough, and not as its placebo does."""
    shifted = abs(found.mean) >= LEAST_SHIFT_SD and (found.low > placebo.high or found.high < placebo.low)
    spread = not LEAST_RATIO <= found.ratio <= MOST_RATIO
    apart = found.ratio_low > placebo.ratio_high or found.ratio_high < placebo.ratio_low
    return bool(shifted or (spread and apart))


def scenarios_of(kind: str, asked: Sequence[str]) -> tuple[str, ...]:
    """Scenarios in which a kind is ablated: those asked for, or the baseline and the one where it ought to matter."""
    return tuple(dict.fromkeys(asked or (DEFAULT_SCENARIO, KIND_BY_NAME[kind].scenario)))


def ways_of(kind: str) -> tuple[str, ...]:
    """What can be shown of a kind: frozen, and made alike where it has members that differ."""
    return (FROZEN, ALIKE) if KIND_BY_NAME[kind].alike else (FROZEN,)


def placebo_of(kind: str) -> str:
    """The kind whose placebo is this one's: kinds whose luck is the same share it, but for investors' types."""
    luck = KIND_BY_NAME[kind].luck
    return kind if luck == ("investors",) else next(other.name for other in KINDS if other.luck == luck)


def arms(kinds: Sequence[str], scenarios: Sequence[str], seeds: int, years: int) -> list[Arm]:
    """All runs that the table needs, each once."""
    found: dict[Arm, None] = {}
    for kind in kinds:
        policy = KIND_BY_NAME[kind].policy
        luck = (REDRAWN,) if KIND_BY_NAME[kind].luck else ()
        for scenario in scenarios_of(kind, scenarios):
            for seed in range(1, seeds + 1):
                found[Arm(scenario, "", "", seed, years, policy)] = None
                for way in ways_of(kind):
                    found[Arm(scenario, kind, way, seed, years, policy)] = None
                for way in luck:
                    found[Arm(scenario, placebo_of(kind), way, seed, years, policy)] = None
    return list(found)


def make_rows(
    runs: Mapping[Arm, ArmRun], kinds: Sequence[str], scenarios: Sequence[str], seeds: int, years: int
) -> list[Row]:
    """The table from its runs."""
    rows = []
    for kind in kinds:
        for scenario in scenarios_of(kind, scenarios):
            for way in ways_of(kind):
                rows += _rows_of(runs, kind, way, scenario, range(1, seeds + 1), years)
    return rows


def _rows_of(
    runs: Mapping[Arm, ArmRun], kind: str, way: str, scenario: str, seeds: Sequence[int], years: int
) -> list[Row]:
    of_kind = KIND_BY_NAME[kind]

    def made(ablated: str, how: str) -> list[ArmRun]:
        return [runs[Arm(scenario, ablated, how, seed, years, of_kind.policy)] for seed in seeds]

    usual, ablated = made("", ""), made(kind, way)
    drawn = made(placebo_of(kind), REDRAWN) if of_kind.luck else usual
    rows = []
    for outcome, statistic in (*MEASURES, *own_measures(kind)):
        place = KEPT.index((outcome, statistic))
        everyone = np.array([run.values[place] for run in usual if run.values])
        scale = float(everyone.std(ddof=1)) if everyone.size > 1 else math.nan
        # Equal draws for ablation and placebo, so that their intervals differ by what they are of alone.
        found, placebo = (
            shift(*_pairs(usual, others, place), scale, np.random.default_rng(place)) for others in (ablated, drawn)
        )
        rows.append(
            Row(
                kind=kind,
                ablation=way,
                scenario=scenario,
                outcome=outcome,
                rms_sd=found.rms,
                mean_shift_sd=found.mean,
                low=found.low,
                high=found.high,
                sd_ratio=found.ratio,
                ratio_low=found.ratio_low,
                ratio_high=found.ratio_high,
                placebo_rms_sd=placebo.rms,
                placebo_low=placebo.low,
                placebo_high=placebo.high,
                placebo_ratio_low=placebo.ratio_low,
                placebo_ratio_high=placebo.ratio_high,
                pairs=sum(bool(one.values and other.values) for one, other in zip(usual, ablated, strict=True)),
                collapsed=sum(bool(other.failure) for other in ablated),
                counts=counts(found, placebo),
                statistic=statistic,
                policy=of_kind.policy,
            )
        )
    return rows


def _pairs(usual: Sequence[ArmRun], others: Sequence[ArmRun], place: int) -> tuple[FloatArray, FloatArray]:
    both = [(one.values[place], two.values[place]) for one, two in zip(usual, others, strict=True)
            if one.values and two.values]  # fmt: skip
    found = np.array(both, dtype=np.float64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def without_a_row(rows: Sequence[Row]) -> dict[str, list[str]]:
    """Kinds without a counting row, by ablation."""
    asked = dict.fromkeys((row.ablation, row.kind) for row in rows)
    good = {(row.ablation, row.kind) for row in rows if row.counts}
    return {way: [kind for other, kind in asked if other == way and (way, kind) not in good] for way in (FROZEN, ALIKE)}


def mistakes(scenarios: Sequence[str], kinds: Sequence[str], seeds: int, years: int, workers: int) -> list[str]:
    """All that is wrong with what was asked for."""
    from itcho.model.scenarios import scenario as find_scenario

    found = number_mistakes(OPTION, LEAST_SEEDS, seeds=seeds, years=years, workers=workers)
    for kind in kinds:
        try:
            Ablation(kind, FROZEN)
        except InputError as error:
            found += error.messages
    for name in scenarios:
        if name == BOND_FLOOD:
            continue
        try:
            find_scenario(name)
        except InputError as error:
            found += error.messages
    return found


def ablate(
    scenarios: Sequence[str] = (),
    kinds: Sequence[str] = (),
    seeds: int = DEFAULT_SEEDS,
    years: int = DEFAULT_YEARS,
    workers: int = 1,
    out: Path | None = None,
) -> list[Row]:
    """Run and compare.

    Parameters
    ----------
    scenarios : names, among them that of the flood of bonds; none for the baseline and, kind by kind, the scenario in
        which it ought to matter.
    kinds : out of :data:`itcho.agents.ablation.KINDS`; none for all.
    seeds : how many pairs; their seeds are 1, 2, 3, ...
    years : length of a run; its second half is compared.
    workers : processes.
    out : folder that keeps the runs as they come, so that a later call goes on where this one stopped.

    Raises
    ------
    InputError : listing all mistakes at once; nothing has been run or written then.
    """
    if wrong := [*mistakes(scenarios, kinds, seeds, years, workers), *check_folder(out)]:
        raise InputError(wrong)
    named = tuple(dict.fromkeys(kinds)) or tuple(kind.name for kind in KINDS)
    wanted = arms(named, scenarios, seeds, years)
    runs = _kept_runs(out)
    missing = [arm for arm in wanted if arm not in runs]
    with progress(f"{len(missing)} runs of {years} years", len(missing)) as advance:
        for first in range(0, len(missing), _TASKS_AT_ONCE):
            chunk = missing[first : first + _TASKS_AT_ONCE]
            runs |= dict(zip(chunk, in_processes(run_arm, chunk, workers, advance), strict=True))
            _keep_runs(out, runs)
    return make_rows(runs, named, scenarios, seeds, years)


_VALUE_COLUMNS = tuple(name if statistic == MEAN else f"{name}_{statistic}" for name, statistic in KEPT)
_RUN_COLUMNS = ("model_version", "policy", "scenario", "kind", "way", "seed", "years", "failure", *_VALUE_COLUMNS)


def _kept_runs(out: Path | None) -> dict[Arm, ArmRun]:
    """Runs of this model version that a folder keeps."""
    if out is None or not os.path.lexists(out / RUNS_FILE):
        return {}
    runs = {}
    name = f"table of runs {printable(out / RUNS_FILE)}"
    header, *lines = csv_of(input_text(out / RUNS_FILE, "table of runs"), name) or [[]]
    if tuple(header) != _RUN_COLUMNS:
        # Of runs that were kept with other measures nothing can be said.
        return {}
    for number, cells in enumerate(lines, start=2):
        try:
            line = dict(zip(header, cells, strict=True))
            if line["model_version"] != str(MODEL_VERSION):
                continue
            numbers = int(line["seed"]), int(line["years"])
            arm = Arm(line["scenario"], line["kind"], line["way"], *numbers, line["policy"])
            values = () if line["failure"] else tuple(float(line[column]) for column in _VALUE_COLUMNS)
        except (KeyError, ValueError):
            remedy = "remove the file, and its runs are made again"
            raise InputError([f"{name}, line {number}, is damaged: {remedy}"]) from None
        runs[arm] = ArmRun(values, line["failure"])
    return runs


def _keep_runs(out: Path | None, runs: Mapping[Arm, ArmRun]) -> None:
    """Write all runs anew beside the old file, and put them in its place when they are whole."""
    if out is None:
        return
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_RUN_COLUMNS)
    for arm, run in runs.items():
        values = [repr(value) for value in run.values] or [""] * len(_VALUE_COLUMNS)
        what = arm.scenario, arm.kind, arm.way, arm.seed, arm.years
        writer.writerow([MODEL_VERSION, arm.policy, *what, run.failure, *values])
    write_files({out / RUNS_FILE: text.getvalue()})


def plain_row(row: Row) -> dict[str, str | float | int | bool | None]:
    """A row as JSON can hold it: four digits, null for what is not known."""
    return {
        name: (round(value, 4) if math.isfinite(value) else None) if isinstance(value, float) else value
        for name, value in asdict(row).items()
    }


def table_text(rows: Sequence[Row]) -> str:
    """The rows as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [field.name for field in fields(Row)]
    writer.writerow(names)
    for row in rows:
        plain = plain_row(row)
        writer.writerow(["" if plain[name] is None else plain[name] for name in names])
    return text.getvalue()


def read_table(path: Path) -> list[Row]:
    """The rows of a file that :func:`table_text` made."""
    with path.open(encoding="utf-8", newline="") as file:
        return [_row_of(line) for line in csv.DictReader(file)]


def _row_of(line: Mapping[str, str]) -> Row:
    found: dict[str, str | float | int | bool] = {}
    for field in fields(Row):
        if field.name not in line:
            # Tables were written with means alone.
            continue
        text = line[field.name]
        if field.type == "float":
            found[field.name] = float(text or "nan")
        elif field.type == "int":
            found[field.name] = int(text)
        else:
            found[field.name] = text == "True" if field.type == "bool" else text
    return Row(**found)  # type: ignore[arg-type]  # each has its field's type
