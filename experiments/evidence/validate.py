"""Validation: the model's responses and stylised facts held against published ones, row by row.

A row is met if the mean over seeds lies in the published range, missed if it does not; the 95% interval of the mean
stands beside it.  A row with no agent's decision between shock and answer is `by construction` and not counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from itcho.experiments.evidence.long_run_facts import MEASURES as LONG_RUN_MEASURES
from itcho.experiments.evidence.long_run_facts import TABLE as LONG_RUN_TABLE
from itcho.experiments.evidence.long_run_facts import estimate as estimate_pooled
from itcho.experiments.evidence.long_run_facts import panel_of
from itcho.experiments.evidence.respond import (
    Estimate,
    FloatArray,
    Pair,
    Pairs,
    PairTask,
    Path,
    make_pairs,
    mean_with_interval,
    outcome_response,
    ratio_with_interval,
    run_path,
)
from itcho.experiments.evidence.response_targets import Target, target_estimates, target_months
from itcho.experiments.evidence.shocks import debt_service_rise_trn_yen, loan_to_value_after_falls_pct
from itcho.experiments.evidence.stylised_facts import (
    FactRun,
    FactTask,
    estimate_facts,
    read_table,
    real_quarterly_moments,
)
from itcho.experiments.processes import in_processes
from itcho.model.disturbances import DisturbedMonth
from itcho.model.measure.outcomes import OUTCOMES
from itcho.model.parameters import registry
from itcho.model.sizes import DEFAULT_START

Verdict = Literal["met", "missed", "by construction", "not reached"]

RULE = (
    "A row is met if the mean over seeds lies in the published range. Rows by construction follow from opening balance "
    "sheets or from laws that are put in, and are not counted."
)
MONTHS = {
    "public-investment": 12,
    "policy-rate": 12,
    "yen": 12,
    "rate-gap": 12,
    "intervention": 4,
    "dollar-demand": 60,
    "deficit-news": 1,
    "chip-cut": 24,
}
"""Length of the shocked run that a shock's rows need."""
FALLS_PCT = (17.6, 31.3, 41.1)
SALE_SESSIONS, FALL_SESSIONS, LATER_SESSIONS = 3, 5, 63
AI_OUTPUT_FALL_PCT = 1.0
INFLATION_TARGET_PCT = registry()["inflation_target_pct"].value


@dataclass(frozen=True)
class Size:
    """How many seeds a validation takes.

    Attributes
    ----------
    pairs, targets : pairs for the response table, and of five years for the response targets.
    runs, graphs : ten-year runs and graphs of 20,000 adopters for facts.
    frozen : ten-year runs in which the policy rate stays where it stands, against the first of ``runs``.
    """

    pairs: int
    runs: int
    graphs: int
    targets: int
    frozen: int = 0


QUICK = Size(pairs=10, runs=12, graphs=1, targets=6, frozen=12)
FULL = Size(pairs=240, runs=200, graphs=3, targets=60, frozen=100)


@dataclass(frozen=True)
class Row:
    """One published figure and the model's answer.

    Attributes
    ----------
    id, shock : of the row; the shock of a stylised fact is ``none``.
    what, unit, decimals : what is measured and how it is shown.
    low, high : published range; an open end is infinite.
    source : publisher or paper.
    estimate : the model's mean with its interval and number of seeds.
    verdict : by the rule of this module.
    published, real, tolerance : of facts: the published figure, the same estimator on a real series (NaN if there is
        none), and how the range was set.
    noise_off : the same response on the path without random shocks; NaN for facts.
    outcome, year, central : of response targets: what answers when, and the figure that is likeliest in the range.
    """

    id: str
    shock: str
    what: str
    unit: str
    decimals: int
    low: float
    high: float
    source: str
    estimate: Estimate
    verdict: Verdict
    published: float = math.nan
    real: float = math.nan
    tolerance: str = ""
    noise_off: float = math.nan
    outcome: str = ""
    year: int | None = None
    central: float = math.nan


@dataclass(frozen=True)
class Accounting:
    """Accounting and noise-off checks.

    Attributes
    ----------
    runs, months : runs and months whose books were closed.
    max_relative_residual : largest residual of any row or column of any month, over its own gross flow.
    same_bits_twice : whether a run without noise made twice is the same bit for bit.
    idle_shock_same_bits : whether a run with a shock that does nothing is the undisturbed run bit for bit.
    """

    runs: int
    months: int
    max_relative_residual: float
    same_bits_twice: bool
    idle_shock_same_bits: bool


@dataclass(frozen=True)
class Validation:
    """All rows, facts and response targets, the accounting checks, and what failed."""

    rows: tuple[Row, ...]
    facts: tuple[Row, ...]
    accounting: Accounting
    size: Size
    failures: tuple[str, ...]
    targets: tuple[Row, ...] = ()
    start: str = "2026-03-31"

    def count(self, verdict: Verdict) -> int:
        """Rows and facts with this verdict; targets are counted by themselves."""
        return sum(row.verdict == verdict for row in (*self.rows, *self.facts))

    @property
    def targets_met(self) -> int:
        """Response targets whose mean lies in the band."""
        return sum(row.verdict == "met" for row in self.targets)


def validate(size: Size, workers: int = 2, on_done: Callable[[], None] = lambda: None, start: str = "") -> Validation:
    """Run everything; ``on_done`` is called :func:`steps` times.

    Raises
    ------
    ValueError : no pair or no run has finished.
    """
    where = start or DEFAULT_START
    tasks: list[PairTask | FactTask] = [PairTask(seed, MONTHS, start=where) for seed in range(1, size.pairs + 1)]
    tasks += [FactTask(seed, start=where) for seed in range(1, size.runs + 1)]
    first_frozen = len(tasks)
    tasks += [FactTask(seed, frozen_rate=True, start=where) for seed in range(1, size.frozen + 1)]
    last_frozen = len(tasks)
    tasks += [FactTask(seed, graph=True, start=where) for seed in range(1, size.graphs + 1)]
    tasks.append(PairTask(1, MONTHS, start=where, noise=False))
    five_years = target_months()
    own, first_target = len(tasks) - 1, len(tasks)
    tasks += [PairTask(seed, five_years, start=where) for seed in range(1, size.targets + 1)]
    tasks.append(PairTask(1, five_years, start=where, noise=False))
    answers = in_processes(_work, tasks, workers, on_done)
    failures = tuple(f"seed {one.seed}: {one.failure}" for one in answers if one.failure)
    pairs, without_noise = _pairs(answers[:own]), _pairs(answers[own:first_target])
    of_targets, quiet_targets = _pairs(answers[first_target:-1]), _pairs(answers[-1:])
    frozen = _fact_runs(answers[first_frozen:last_frozen])
    runs = _fact_runs([*answers[:first_frozen], *answers[last_frozen:]])
    if not pairs or not runs or not of_targets:
        raise ValueError(f"nothing to validate, every run failed; the first: {failures[0]}")
    return Validation(
        tuple(response_rows(pairs, without_noise, where)),
        (*fact_rows(runs), *long_run_rows(runs), *rule_rows(runs, frozen)),
        _account([*pairs, *of_targets], [*runs, *frozen], where),
        size,
        failures,
        tuple(target_rows(of_targets, quiet_targets)),
        where,
    )


def _pairs(answers: Sequence[Pairs | FactRun]) -> list[Pairs]:
    return [one for one in answers if isinstance(one, Pairs) and not one.failure]


def _fact_runs(answers: Sequence[Pairs | FactRun]) -> list[FactRun]:
    return [one for one in answers if isinstance(one, FactRun) and not one.failure]


def steps(size: Size) -> int:
    """How many tasks a validation of this size has."""
    return size.pairs + size.runs + size.frozen + size.graphs + size.targets + 2


def _work(task: PairTask | FactTask) -> Pairs | FactRun:
    return make_pairs(task) if isinstance(task, PairTask) else estimate_facts(task)


def response_rows(pairs: Sequence[Pairs], without_noise: Sequence[Pairs] = (), start: str = DEFAULT_START) -> list[Row]:
    """The response table; ``without_noise`` are pairs made with the noise off."""
    fixed = _constructed(start)
    rows = []
    for line in read_table("response_table.csv"):
        name, shock = line["id"], line["shock"]
        quiet = math.nan
        if name in fixed:
            estimate = fixed[name]
        else:
            estimate = MEASURES[name]([one.by_shock[shock] for one in pairs])
            if without_noise:
                quiet = MEASURES[name]([one.by_shock[shock] for one in without_noise]).mean
        rows.append(_row(line, shock, line["response"], estimate, noise_off=quiet))
    return rows


def target_rows(pairs: Sequence[Pairs], without_noise: Sequence[Pairs] = ()) -> list[Row]:
    """The response targets; ``without_noise`` are pairs made with the noise off."""
    return [_target_row(*found) for found in target_estimates(pairs, without_noise)]


def _target_row(target: Target, estimate: Estimate, quiet: Estimate) -> Row:
    return Row(
        target.id,
        target.shock,
        f"{OUTCOMES[target.outcome].label}, year {target.year}",
        target.unit,
        target.decimals,
        target.low,
        target.high,
        target.source,
        estimate,
        verdict_of(target.low, target.high, estimate, by_construction=False),
        noise_off=quiet.mean,
        outcome=target.outcome,
        year=target.year,
        central=target.central,
    )


def fact_rows(runs: Sequence[FactRun]) -> list[Row]:
    """The stylised facts, estimated run by run."""
    real = real_quarterly_moments()
    rows = []
    for line in read_table("stylised_facts.csv"):
        name = line["id"]
        values = np.array([run.values[name] for run in runs if name in run.values])
        rows.append(
            _row(
                line,
                "none",
                line["fact"],
                mean_with_interval(values),
                published=float(line["published"] or "nan"),
                real=real.get(name, math.nan),
                tolerance=line["tolerance"],
            )
        )
    return rows


def long_run_rows(runs: Sequence[FactRun]) -> list[Row]:
    """The facts of years and decades, estimated on all runs together; none without a run."""
    whole = [run.monthly for run in runs if run.monthly]
    if not whole:
        return []
    panel = panel_of(whole)
    return [
        _row(
            line,
            "none",
            line["fact"],
            estimate_pooled(LONG_RUN_MEASURES[line["id"]], panel),
            published=float(line["published"] or "nan"),
            tolerance=line["tolerance"],
            outcome=line["outcome"],
            year=int(line["year"]) if line["year"] else None,
        )
        for line in read_table(LONG_RUN_TABLE)
    ]


def rule_rows(runs: Sequence[FactRun], frozen: Sequence[FactRun]) -> list[Row]:
    """Whether the bank's rule does better than a policy rate that stays where it stands; no row without a pair."""
    gains = rule_gains_pp2(runs, frozen)
    if not gains.size:
        return []
    row = Row(
        "rule-over-frozen-rate",
        "none",
        "loss with a frozen policy rate less loss under the rule: squared deviation of CPI from target and half the "
        "squared gap, mean of ten years",
        "pp²",
        2,
        0.0,
        math.inf,
        "no published figure: a rule that does worse than none says nothing about rules",
        mean_with_interval(gains),
        "met",
        tolerance="above 0",
    )
    return [replace(row, verdict=verdict_of(row.low, row.high, row.estimate, by_construction=False))]


def rule_gains_pp2(runs: Sequence[FactRun], frozen: Sequence[FactRun]) -> FloatArray:
    """Loss with a frozen rate less loss under the rule, seed by seed; seeds that one of the two lacks are left out."""
    under_rule = {run.seed: loss_pp2(run.monthly) for run in runs if run.monthly}
    return np.array(
        [loss_pp2(run.monthly) - under_rule[run.seed] for run in frozen if run.monthly and run.seed in under_rule]
    )


def loss_pp2(monthly: Mapping[str, FloatArray]) -> float:
    """Mean over months of the squared deviation of CPI inflation from its target and half the squared gap.

    Examples
    --------
    >>> loss_pp2({"cpi_yoy_pct": np.array([2.0, 4.0]), "output_gap_pct": np.array([2.0, 0.0])})
    3.0
    """
    deviation, gap = monthly["cpi_yoy_pct"] - INFLATION_TARGET_PCT, monthly["output_gap_pct"]
    return float((deviation**2 + 0.5 * gap**2).mean())


def _row(line: dict[str, str], shock: str, what: str, estimate: Estimate, **more: Any) -> Row:
    low, high = float(line["low"] or "-inf"), float(line["high"] or "inf")
    return Row(
        line["id"],
        shock,
        what,
        line["unit"],
        int(line["decimals"]),
        low,
        high,
        line["source"],
        estimate,
        verdict_of(low, high, estimate, line["by_construction"] == "yes"),
        **more,
    )


def verdict_of(low: float, high: float, estimate: Estimate, by_construction: bool) -> Verdict:
    """The verdict on a row; ``not reached`` if no seed gave a figure."""
    if by_construction:
        return "by construction"
    if not math.isfinite(estimate.mean):
        return "not reached"
    return "met" if low <= estimate.mean <= high else "missed"


def _constructed(start: str) -> dict[str, Estimate]:
    rises = debt_service_rise_trn_yen(start).tolist()
    ratios = loan_to_value_after_falls_pct(FALLS_PCT, start).tolist()
    found = {f"debt-service-{year}y": value for year, value in enumerate(rises, start=1)}
    found |= {f"ltv-{fall}": value for fall, value in zip(FALLS_PCT, ratios, strict=True)}
    return {name: Estimate(value, value, value, 1) for name, value in found.items()}


def _year_one_gdp(pairs: Sequence[Pair]) -> Estimate:
    name = "real_gdp_trn_yen"
    ratios = [pair.shocked.monthly[name][:12].sum() / pair.twin.monthly[name][:12].sum() for pair in pairs]
    return mean_with_interval(100.0 * (np.array(ratios) - 1.0))


def _year_one_cpi(pairs: Sequence[Pair]) -> Estimate:
    """Difference of the year's mean price level on the year before: of the year's mean twelve-month inflation."""
    return mean_with_interval(np.array([outcome_response(pair, "cpi_yoy_pct")[:12].mean() for pair in pairs]))


def _usdjpy_log_pct(pair: Pair) -> FloatArray:
    return np.asarray(100.0 * np.log(pair.shocked.usdjpy / pair.twin.usdjpy))


def _usdjpy_after(months: int) -> Callable[[Sequence[Pair]], Estimate]:
    return lambda pairs: mean_with_interval(np.array([_usdjpy_log_pct(pair)[21 * months - 1] for pair in pairs]))


def _largest_falls(pairs: Sequence[Pair]) -> FloatArray:
    return np.array([_usdjpy_log_pct(pair)[:FALL_SESSIONS].min() for pair in pairs])


def _fall_left(pairs: Sequence[Pair]) -> Estimate:
    left = np.array([_usdjpy_log_pct(pair)[SALE_SESSIONS + LATER_SESSIONS - 1] for pair in pairs])
    return ratio_with_interval(100.0 * left, _largest_falls(pairs))


def _yield_after_a_month(pairs: Sequence[Pair]) -> Estimate:
    return mean_with_interval(np.array([100.0 * outcome_response(pair, "jgb_10y_pct")[0] for pair in pairs]))


def months_until_ai_output_falls(pair: Pair) -> float:
    """Whole months before the first in which AI services made in Japan are 1% below the twin; its length if none is."""
    short = pair.shocked.ai_output <= (1.0 - AI_OUTPUT_FALL_PCT / 100.0) * pair.twin.ai_output
    return float(np.argmax(short)) if short.any() else float(short.size)


def _beyond_cover(pairs: Sequence[Pair]) -> Estimate:
    return mean_with_interval(
        np.array([months_until_ai_output_falls(pair) - pair.twin.chip_cover_months for pair in pairs])
    )


MEASURES: dict[str, Callable[[Sequence[Pair]], Estimate]] = {
    "public-investment": _year_one_gdp,
    "policy-rate": _year_one_gdp,
    "yen-cpi": _year_one_cpi,
    "yen-gdp": _year_one_gdp,
    "rate-gap": _usdjpy_after(12),
    "intervention-fall": lambda pairs: mean_with_interval(_largest_falls(pairs)),
    "intervention-left": _fall_left,
    "dollar-demand-1y": _usdjpy_after(12),
    "dollar-demand-5y": _usdjpy_after(60),
    "deficit-news": _yield_after_a_month,
    "chip-cut": _beyond_cover,
}
"""What each row of the response table measures on the pairs of its shock."""


class _Idle:
    """A shock that does nothing."""

    name = "idle"

    def __call__(self, month: DisturbedMonth) -> None:
        """Do nothing."""


def _account(pairs: Sequence[Pairs], runs: Sequence[FactRun], start: str) -> Accounting:
    """Gather the ledgers' residuals, and compare paths that must be the same bit for bit."""
    paths = [path for one in pairs for pair in one.by_shock.values() for path in (pair.twin, pair.shocked)]
    closed = [run for run in runs if run.months]
    quiet, noisy = PairTask(1, {}, start=start, noise=False), PairTask(1, {}, start=start)
    first = run_path(quiet, 12)
    return Accounting(
        runs=len(paths) + len(closed),
        months=sum(path.ai_output.size for path in paths) + sum(run.months for run in closed),
        max_relative_residual=max(
            *(path.max_relative_residual for path in paths), *(run.max_relative_residual for run in closed), 0.0
        ),
        same_bits_twice=_same(first, run_path(quiet, 12)),
        idle_shock_same_bits=_same(run_path(noisy, 12), run_path(noisy, 12, shocks=(_Idle(),))),
    )


def _same(one: Path, other: Path) -> bool:
    monthly = all(np.array_equal(one.monthly[name], other.monthly[name], equal_nan=True) for name in one.monthly)
    return monthly and bool(np.array_equal(one.usdjpy, other.usdjpy))
