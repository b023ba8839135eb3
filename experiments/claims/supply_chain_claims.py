"""Claims on the supply chain: one chip designer, circles of finance, and what a weak yen does to data centres."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from itcho.experiments.claims import loop_finance
from itcho.experiments.claims.claim import Answer, Claim, Effort
from itcho.experiments.claims.mechanism_verdicts import (
    Effect,
    effect,
    effect_rows,
    finite,
    joint_verdict,
    ratio_effect,
    sign_verdict,
)
from itcho.experiments.claims.paired_runs import DESIGNERS, Trial, TrialRun, run_trials
from itcho.experiments.claims.softbank_claims import YEAR, mean_paths, seed_note, seeds_of
from itcho.experiments.evidence.shocks import HeldYen
from itcho.model.disturbances import DisturbedMonth

FloatArray = NDArray[np.float64]

SESSIONS_A_YEAR = 252
DRAWS_A_SEED = 40
RATIO_COUNTS, CORRELATION_COUNTS, ELASTICITY_COUNTS = 0.1, 0.05, 0.1


@dataclass(frozen=True)
class DesignerStops:
    """One chip designer delivers nothing for some months from the start.

    Attributes
    ----------
    designer : supplier's name.
    months : how long.
    """

    designer: str = "nvidia"
    months: int = YEAR
    name: str = "designer-stops"

    def __call__(self, month: DisturbedMonth) -> None:
        """Write the month's disturbance."""
        if month.clock.month < self.months:
            month.disturbances.supplier_capacity[self.designer] = 0.0


def concentration(claim: Claim, effort: Effort) -> Answer:
    """Loss when the largest designer stops: with designers' shares as they are, and with equal shares."""
    seeds = seeds_of(effort)
    arms = {
        (equal, stopped): [
            Trial(
                seed,
                years=2,
                shocks=(DesignerStops(),) if stopped else (),
                equal_designers=equal,
                measure_graph=stopped,
            )
            for seed in seeds
        ]
        for equal in (False, True)
        for stopped in (False, True)
    }
    made = run_trials([trial for trials in arms.values() for trial in trials], effort.workers)
    found = {arm: made[place * effort.seeds : (place + 1) * effort.seeds] for place, arm in enumerate(arms)}
    graph = {equal: _graph_loss_pct(found[equal, True]) for equal in (False, True)}

    def lost(name: str) -> tuple[FloatArray, FloatArray]:
        as_is, equal = (
            np.array([_lost_pct(a, b, name) for a, b in zip(found[arm, True], found[arm, False], strict=True)])
            for arm in (False, True)
        )
        return as_is, equal

    rng = np.random.default_rng(20260406)
    chips, compute, services = (lost(f) for f in ("chips_delivered_bn_usd", "compute_bn_usd", "ai_services_at_home"))
    static = ratio_effect(graph[False][0], graph[True][0], rng)
    average = ratio_effect(graph[False][1], graph[True][1], rng)
    dynamic = ratio_effect(*chips, rng)
    parts = (sign_verdict(less_one(static), RATIO_COUNTS), sign_verdict(less_one(dynamic), RATIO_COUNTS))
    return Answer(
        claim,
        joint_verdict(parts),
        f"If the largest designer stops for a year, {chips[0].mean():.1f}% of two years' chips are lost as things are "
        f"and {chips[1].mean():.1f}% with equal designers; on the graph the loss is {static.mean:.1f} times as large.",
        unit="ratio of chips lost",
        model=dynamic.mean,
        low=finite(dynamic.low),
        high=finite(dynamic.high),
        runs=len(made),
        table=(
            *effect_rows("chips lost, as it is over equal designers", dynamic, "ratio"),
            *effect_rows("flows lost on the graph, largest stops", static, "ratio"),
            *effect_rows("flows lost on the graph, mean over who stops", average, "ratio"),
            *(
                row
                for label, pair in (("chips", chips), ("compute", compute), ("AI services at home", services))
                for row in (
                    *effect_rows(f"{label} lost, graph as it is", effect(pair[0]), "%")[:1],
                    *effect_rows(f"{label} lost, equal designers", effect(pair[1]), "%")[:1],
                    *effect_rows(f"{label} lost, difference", effect(pair[0] - pair[1]), "pp"),
                )
            ),
        ),
        notes=(
            seed_note(effort, 2),
            f"A tenth more loss counts. On the graph: {parts[0]}; in runs with orders, stocks and substitution: "
            f"{parts[1]}.",
            "Equal designers have the same total orders; foundry, memory and all else are as they are.",
            "If each designer is as likely to stop as any other, concentration changes the size of the worst loss; the "
            "row on the mean over who stops shows what is left of it.",
            "Buyers in Japan turn to the other designers within months; buyers abroad are not made to do the same, so "
            "losses are likely too small in both arms.",
        ),
        paths={
            f"{label}, {state}": line
            for label, equal in (("as it is", False), ("equal", True))
            for state, line in mean_paths(
                {"stopped": found[equal, True], "twin": found[equal, False]}, "chips_delivered_bn_usd"
            ).items()
        },
    )


def less_one(ratio: Effect) -> Effect:
    """A ratio as what it adds."""
    return replace(ratio, mean=ratio.mean - 1.0, low=ratio.low - 1.0, high=ratio.high - 1.0, median=ratio.median - 1.0)


def _graph_loss_pct(runs: list[TrialRun]) -> tuple[FloatArray, FloatArray]:
    """Share of flows lost when the largest designer stops, and on average over who stops, percent, by seed."""
    losses = np.array([[run.designer_loss[name] for name in DESIGNERS] for run in runs])
    return 100.0 * losses.max(axis=1), 100.0 * losses.mean(axis=1)


def _lost_pct(shocked: TrialRun, twin: TrialRun, name: str) -> float:
    return float(100.0 * (1.0 - shocked.monthly[name].sum() / twin.monthly[name].sum()))


def circular_finance(claim: Claim, effort: Effort) -> Answer:
    """DebtRank and co-movement of AI companies with the ties that close loops, and with those cut."""
    rng = np.random.default_rng(20260403)
    draws = [loop_finance.draw_weights(rng) for _ in range(DRAWS_A_SEED * effort.seeds)]
    rank = {
        loops: np.array([loop_finance.loss_of_shock(loop_finance.exposures(weights, loops)) for weights in draws])
        for loops in (True, False)
    }
    together = {
        loops: np.array([loop_finance.comovement(loop_finance.exposures(weights, loops)) for weights in draws])
        for loops in (True, False)
    }
    amplified = rank[True] / rank[False] - 1.0
    moved = together[True] - together[False]
    loss, correlation = spread_of(amplified), spread_of(moved)
    parts = (sign_verdict(loss, RATIO_COUNTS), sign_verdict(correlation, CORRELATION_COUNTS))
    return Answer(
        claim,
        joint_verdict(parts),
        f"The ties that close loops multiply what follows from a halved OpenAI by {1.0 + loss.mean:.2f} and raise the "
        f"mean correlation of the companies by {correlation.mean:+.2f}.",
        unit="ratio",
        model=1.0 + loss.mean,
        low=1.0 + loss.low,
        high=1.0 + loss.high,
        runs=0,
        table=(
            ("value lost beyond the shock, with loops", 100.0 * float(rank[True].mean()), None, None, "%"),
            ("value lost beyond the shock, loops cut", 100.0 * float(rank[False].mean()), None, None, "%"),
            ("amplification less 1", loss.mean, loss.low, loss.high, "ratio"),
            ("mean correlation, with loops", float(together[True].mean()), None, None, "correlation"),
            ("mean correlation, loops cut", float(together[False].mean()), None, None, "correlation"),
            ("change of correlation", correlation.mean, correlation.low, correlation.high, "correlation"),
        ),
        notes=(
            f"{len(draws)} draws of amounts from half to twice the announced ones; the interval holds 95% of draws.",
            f"10% more loss counts: {parts[0]}; 0.05 of correlation counts: {parts[1]}.",
            "Network experiment on published ties, without runs of the economy: the companies' own balance sheets lie "
            "outside Japan, where the model has one AI-equity factor that moves all of them together by construction.",
            "More ties cannot lower the spread of losses; what could refute the claim is that they hardly raise it.",
            *(f"{tie.holder} on {tie.on}: {tie.bn_usd:g} bn USD ({tie.source})." for tie in loop_finance.TIES),
        ),
    )


def spread_of(values: FloatArray) -> Effect:
    """Mean of draws with the interval that holds 95% of them: uncertainty of amounts does not shrink with draws."""
    low, high = np.quantile(values, [0.025, 0.975])
    zero = float((values == 0.0).mean())
    return Effect(float(values.mean()), float(low), float(high), float(np.median(values)), zero, values.size)


CONSTRUCTION_RISE, YEN_2020, YEN_2023 = 0.69, 106.8, 140.5
"""Rise of building cost in 2021-23 that is claimed; USD/JPY means of 2020 and 2023 (Federal Reserve H.10)."""


def data_centre_cost(claim: Claim, effort: Effort) -> Answer:
    """Cost of a data centre with the yen held 10% weaker than in the twin, for a year."""
    seeds = seeds_of(effort)
    twins = run_trials([Trial(seed) for seed in seeds], effort.workers)
    trials = [
        Trial(seed, years=1, shocks=(HeldYen(tuple(twin.daily["usdjpy"][:SESSIONS_A_YEAR].tolist())),))
        for seed, twin in zip(seeds, twins, strict=True)
    ]
    weak = run_trials(trials, effort.workers)

    def elasticity(name: str) -> FloatArray:
        return np.array(
            [
                float(np.log(a.monthly[name][1:YEAR] / b.monthly[name][1:YEAR]).mean() / math.log(1.1))
                for a, b in zip(weak, twins, strict=True)
            ]
        )

    centre, compute = effect(elasticity("data_centre_cost_index")), effect(elasticity("compute_cost_index"))
    explained = 100.0 * centre.mean * math.log(YEN_2023 / YEN_2020) / math.log1p(CONSTRUCTION_RISE)
    return Answer(
        claim,
        sign_verdict(centre, ELASTICITY_COUNTS),
        f"A yen weaker by 10% makes a data centre dearer by {10.0 * centre.mean:.1f}%; the yen's fall explains "
        f"{explained:.0f}% of a rise of 69%.",
        unit="elasticity",
        model=centre.mean,
        low=centre.low,
        high=centre.high,
        runs=2 * effort.seeds,
        table=(
            *effect_rows("cost of a data centre to the yen", centre, "elasticity"),
            *effect_rows("cost of a unit of compute to the yen", compute, "elasticity"),
            ("share of the claimed rise that the yen explains", explained, None, None, "%"),
        ),
        notes=(
            seed_note(effort, 1),
            "Months 2 to 12; the price of the dollar in each session is 10% above the twin's. 0.1 counts.",
            "Imported equipment and fuel carry the effect at once, domestic prices later; shares are parameters "
            "(data_centre_import_share, electricity_imported_fuel_share).",
        ),
    )
