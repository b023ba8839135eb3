"""Claims on the yen's character: haven or risk currency, and a fall that is made good by AI exports."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from itcho.agents.rules.monetary_targets import ConstantRate
from itcho.agents.rules.subsidy import ScheduledRule
from itcho.experiments.claims.claim import Answer, Claim, Effort
from itcho.experiments.claims.mechanism_verdicts import (
    FAILS,
    HOLDS,
    PARTLY,
    UNKNOWN,
    Effect,
    effect,
    effect_rows,
    sign_verdict,
)
from itcho.experiments.claims.paired_runs import Trial, TrialRun, run_trials
from itcho.experiments.claims.softbank_claims import YEAR, seed_note, seeds_of
from itcho.model.policies import Policy, policy
from itcho.model.scenarios import Episode, OutsidePath, Scenario

FloatArray = NDArray[np.float64]

STRESS_COUNTS_PCT = 0.5
EARLY, LATE, LAST_YEAR = 3, 54, 5
"""Months of the run in which world equity falls, and years of the claim: 2026 to 2030."""
EFFECT_COUNTS_PCT = 0.1
MONTH = 21


def easy_money() -> Policy:
    """The actual programme with a policy rate that never rises."""
    return replace(
        policy("actual"),
        name="actual-easy-money",
        label="Actual programme, rate never raised",
        monetary=ConstantRate(),
        changes=(),
    )


def haven_correlation(run: TrialRun, first_year: int, last_year: int) -> float:
    """Correlation of weekly moves of USD/JPY with those of world equity: above zero, the yen rises when shares fall.

    Parameters
    ----------
    run : with daily prices.
    first_year, last_year : years of the run, from 0, the last not included.
    """
    span = slice(first_year * YEAR * MONTH, last_year * YEAR * MONTH, 5)
    yen, world = (np.diff(np.log(run.daily[name][span])) for name in ("usdjpy", "world_equity_index"))
    return float(np.corrcoef(yen, world)[0, 1])


def stress(first_month: int) -> Scenario:
    """A world in which shares fall by about 8% in one month and leveraged traders face more risk for half a year."""
    return Scenario(
        f"world-equity-fall-in-month-{first_month + 1}",
        "World equity falls",
        "World equity falls by about 8% in a month; volatility is two and a half times its norm and fades.",
        "July-August 2024 without its change of US rates: VIX more than doubled (monthly mean)",
        (
            Episode(first_month, 1, OutsidePath(world_equity_drift_shift_pct=-100.0)),
            Episode(first_month, 6, OutsidePath(world_volatility_factor=2.5), fade_months=4),
        ),
    )


def haven_to_risk(claim: Claim, effort: Effort) -> Answer:
    """What the yen does when world equity falls: early without easy money and programme, late with and without."""
    seeds = seeds_of(effort)
    arms: dict[str, list[Trial]] = {}
    for label, rules in (("plain", "none"), ("eased", easy_money())):
        years = {"plain": 10, "eased": LAST_YEAR}[label]  # the plain twins serve other claims too
        arms[label] = [Trial(seed, years=years, policy=rules) for seed in seeds]
        arms[f"{label}, late"] = [
            Trial(seed, years=LATE // YEAR + 1, policy=rules, scenario=stress(LATE)) for seed in seeds
        ]
    arms["plain, early"] = [
        Trial(seed, years=EARLY // YEAR + 1, policy="none", scenario=stress(EARLY)) for seed in seeds
    ]
    made = run_trials([trial for trials in arms.values() for trial in trials], effort.workers)
    runs = {label: made[place * effort.seeds : (place + 1) * effort.seeds] for place, label in enumerate(arms)}

    def response(label: str, twin: str, month: int) -> FloatArray:
        pairs = zip(runs[label], runs[twin], strict=True)
        return np.array([response_pct(a, b, month) for a, b in pairs])

    late_eased, late_plain = response("eased, late", "eased", LATE), response("plain, late", "plain", LATE)
    early = effect(response("plain, early", "plain", EARLY))
    late, shift = effect(late_eased), effect(late_eased - late_plain)
    before = effect([haven_correlation(run, 0, 2) for run in runs["plain"]])
    after = effect([haven_correlation(run, 2, LAST_YEAR) for run in runs["eased"]])
    return Answer(
        claim,
        haven_verdict(early, late, shift),
        f"When world equity falls by 8%, USD/JPY moves by {early.mean:+.1f}% early in the run and by {late.mean:+.1f}% "
        f"late under easy money and the programme, which shift it by {shift.mean:+.1f} points.",
        unit="% of USD/JPY",
        model=shift.mean,
        low=shift.low,
        high=shift.high,
        runs=len(made),
        table=(
            *effect_rows("late, shift by easy money and programme", shift, "pp"),
            *effect_rows("early, neither", early, "%"),
            *effect_rows("late, neither", effect(late_plain), "%"),
            *effect_rows("late, easy money and programme", late, "%"),
            *effect_rows("weekly correlation without a fall, years 1-2, neither", before, "correlation"),
            *effect_rows("weekly correlation without a fall, years 3-5, both", after, "correlation"),
        ),
        notes=(
            seed_note(effort, LAST_YEAR),
            "Mean of the month of the fall and the two after it against the twin without the fall; down is a haven. "
            "0.5% counts. Holds if the yen rises early, falls late with easy money and programme, and they did it; "
            "partly if they only move it that way; fails if they do not, or move it the other way; it cannot be said "
            "if the yen is no haven to begin with.",
            "Easy money is a policy rate that stays where it is. In ordinary weeks the yen and world equity share no "
            "news in this model; in falls they are linked by the limits and stop-losses of carry traders and by "
            "SoftBank's sales abroad.",
        ),
    )


def response_pct(stressed: TrialRun, twin: TrialRun, month: int) -> float:
    """Effect on USD/JPY in the month of a fall and the two after it, percent."""
    span = slice(month, month + 3)
    return float(100.0 * np.log(stressed.monthly["usdjpy_average"][span] / twin.monthly["usdjpy_average"][span]).mean())


def haven_verdict(early: Effect, late: Effect, shift: Effect) -> str:
    """Whether a haven at first turns into a risk currency, because of what is claimed to turn it.

    Parameters
    ----------
    early, late : what USD/JPY does when shares fall, %, below zero for a haven.
    shift : what easy money and the programme add late in the run.
    """
    if sign_verdict(early, STRESS_COUNTS_PCT, -1.0) not in (HOLDS, PARTLY):
        return UNKNOWN
    moved = sign_verdict(shift, STRESS_COUNTS_PCT)
    if moved == HOLDS and late.low > 0.0:
        return HOLDS
    return PARTLY if moved == HOLDS else moved


def fall_then_verify(claim: Claim, effort: Effort) -> Answer:
    """The programme's effect on USD/JPY over ten years: weaker at first, recovered later, with more AI exports."""
    seeds = seeds_of(effort)
    rules: tuple[str | Policy, ...] = ("actual", "none", tenfold())
    runs = run_trials([Trial(seed, policy=rule) for rule in rules for seed in seeds], effort.workers)
    with_it, without, large = (runs[place * effort.seeds : (place + 1) * effort.seeds] for place in range(3))
    pairs = list(zip(with_it, without, strict=True))
    by_year, by_year_large = yearly_effect_pct(with_it, without), yearly_effect_pct(large, without)
    early_large = effect(by_year_large[:, :2].mean(axis=1))
    recovered_large = effect(by_year_large[:, 8:].mean(axis=1) - by_year_large[:, :2].mean(axis=1))
    early, late = effect(by_year[:, :2].mean(axis=1)), effect(by_year[:, 8:].mean(axis=1))
    recovered = effect(by_year[:, 8:].mean(axis=1) - by_year[:, :2].mean(axis=1))
    name = "ai_service_exports_trn_yen"
    exports = effect([float(a.monthly[name][-1] - b.monthly[name][-1]) for a, b in pairs])
    years = tuple(float(year) for year in range(1, 11))
    return Answer(
        claim,
        reversal_verdict(early, recovered, exports),
        f"The programme moves USD/JPY by {early.mean:+.2f}% in the first two years and {late.mean:+.2f}% in the last "
        f"two; AI exports of the tenth year change by {exports.mean:+.3f} trn yen.",
        unit="%",
        model=recovered.mean,
        low=recovered.low,
        high=recovered.high,
        runs=len(runs),
        table=(
            *effect_rows("years 1-2", early, "%"),
            *effect_rows("years 9-10", late, "%"),
            *effect_rows("years 9-10 less years 1-2", recovered, "%"),
            *effect_rows("AI exports, tenth year", exports, "trn yen"),
            *effect_rows("ten times the dose, years 1-2", early_large, "%"),
            *effect_rows("ten times the dose, years 9-10 less years 1-2", recovered_large, "%"),
        ),
        notes=(
            seed_note(effort, 10),
            "Up is a weaker yen; 0.1% counts. Holds if the yen falls first, comes back by as much and AI exports are "
            "higher; fails if it does not fall first, or falls and does not come back.",
        ),
        paths={
            "mean": (years, tuple(by_year.mean(axis=0).tolist())),
            "median": (years, tuple(np.median(by_year, axis=0).tolist())),
            "ten times the dose, mean": (years, tuple(by_year_large.mean(axis=0).tolist())),
        },
    )


def tenfold() -> Policy:
    """The actual programme with ten times the money."""
    actual = policy("actual")
    if not isinstance(actual.subsidy, ScheduledRule):
        raise TypeError(f"the actual programme pays by {actual.subsidy.name}, not by a schedule that has a dose")
    return replace(actual, name="actual-tenfold", subsidy=replace(actual.subsidy, dose=10.0))


def yearly_effect_pct(runs: list[TrialRun], twins: list[TrialRun]) -> FloatArray:
    """Effect on USD/JPY by seed and year of the run, percent, (seeds, 10)."""
    name = "usdjpy_average"
    paths = [100.0 * np.log(a.monthly[name] / b.monthly[name]) for a, b in zip(runs, twins, strict=True)]
    return np.asarray(np.reshape(paths, (len(runs), 10, YEAR)).mean(axis=2))


def reversal_verdict(early: Effect, recovered: Effect, exports: Effect) -> str:
    """Whether a fall comes first and is made good later while exports are higher.

    Parameters
    ----------
    early : effect on the price of the dollar at first, %.
    recovered : effect at the end less effect at first, %.
    exports : effect on AI exports at the end.
    """
    falls = sign_verdict(early, EFFECT_COUNTS_PCT)
    returns = sign_verdict(recovered, EFFECT_COUNTS_PCT, -1.0)
    if falls == FAILS or returns == FAILS:
        return FAILS
    if falls == HOLDS and returns == HOLDS and exports.low > 0.0:
        return HOLDS
    return UNKNOWN if UNKNOWN in (falls, returns) else PARTLY
