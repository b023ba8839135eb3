"""Claims on who gains: households against taxpayers, few firms against all, and the layers of the AI industry."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from numpy.typing import NDArray

from itcho.agents.household_groups import NAMES as GROUP_NAMES
from itcho.experiments.claims.claim import Answer, Claim, Effort
from itcho.experiments.claims.mechanism_verdicts import (
    FAILS,
    HOLDS,
    PARTLY,
    UNKNOWN,
    Effect,
    bootstrap,
    effect,
    effect_rows,
    finite,
    sign_verdict,
)
from itcho.experiments.claims.paired_runs import Trial, TrialRun, run_trials
from itcho.experiments.claims.softbank_claims import YEAR, seed_note, seeds_of
from itcho.model.measure.outcomes import OUTCOMES

FloatArray = NDArray[np.float64]

LAYERS = {
    "hardware": "hardware_sales",
    "infrastructure": "infrastructure_sales",
    "applications and models": "application_sales",
}
PROGRAMME_YEARS = 5
LAYER_COUNTS_TRN_YEN = 0.05
SHARE_COUNTS_PP = 5.0
WEALTHIER = np.array([name.endswith("upper") for name in GROUP_NAMES])
"""(groups,) which are the wealthier half of their age."""
GROUP_LABELS = tuple(OUTCOMES[f"gain_{name}_trn_yen"].label.partition(": ")[2] for name in GROUP_NAMES)


def private_gain(claim: Claim, effort: Effort) -> Answer:
    """Who gains from the programme, by group of households and among AI firms, and who pays the taxes."""
    seeds = seeds_of(effort)
    runs = run_trials([Trial(seed, policy=name) for name in ("actual", "none") for seed in seeds], effort.workers)
    with_it, without = runs[: effort.seeds], runs[effort.seeds :]
    gains = np.array([a.group_gains - b.group_gains for a, b in zip(with_it, without, strict=True)])
    burdens = np.mean([run.group_burdens for run in with_it], axis=0)
    pays = 100.0 * burdens / burdens.sum()
    wealthy_pay = float(pays[WEALTHIER].sum())
    wealthy = bootstrap(
        partial(wealthier_share_less_burden, burden_pct=wealthy_pay), gains, np.random.default_rng(20260404)
    )
    total = effect(gains.sum(axis=1))
    few = effect([_top_hundredth_pct(run.support_by_firm) for run in with_it])
    firms = sign_verdict(Effect(few.mean - 50.0, few.low - 50.0, few.high - 50.0, few.median - 50.0, 0.0, few.n), 5.0)
    households = UNKNOWN if total.low <= 0.0 <= total.high else sign_verdict(wealthy, SHARE_COUNTS_PP)
    of_group = [effect(gains[:, place]) for place in range(len(GROUP_NAMES))]
    return Answer(
        claim,
        gain_verdict(firms, households),
        f"{few.mean:.0f}% of the programme's money goes to one AI firm in a hundred; households gain "
        f"{total.mean:+.2f} trn yen by the tenth year, and the wealthier half of each age pays {wealthy_pay:.0f}% of "
        "taxes and contributions.",
        unit="% of programme money",
        model=few.mean,
        low=few.low,
        high=few.high,
        runs=len(runs),
        table=(
            *effect_rows("programme money to the top hundredth of AI firms", few, "%"),
            *effect_rows("households' gain by the tenth year", total, "trn yen"),
            *effect_rows("wealthier halves' share of gains less their share of burdens", wealthy, "pp"),
            *(
                (f"{GROUP_LABELS[place]}: gain; share of burdens {pays[place]:.1f}%", *_interval(one), "trn yen")
                for place, one in enumerate(of_group)
            ),
        ),
        notes=(
            seed_note(effort, 10),
            f"Few firms gain: the top hundredth gets 55% or more of the money: {firms}. The wealthier halves of the "
            f"five ages gain a share at least 5 pp above their share of burdens: {households} (cannot-tell while the "
            "interval of all gains holds zero).",
            "A group's gain is what it has spent since the start and owns beyond it; its burden is taxes and "
            "contributions with its part of what public debt rose by; both at prices of the start (the outcomes "
            "`gain_` and `burden_` of every run). Burdens hold the central tax on consumption by what each spends.",
            "The claim speaks of the top tenth; the model's groups are five ages by two halves of wealth, and what a "
            "tenth would have beyond its half is not known to it. Parts of groups in earnings, benefits and assets "
            "are fixed (J-FLEC 2024; Nomura Research Institute 2023; the rest by judgement).",
        ),
        paths={
            "gain of a group, trn yen": (tuple(range(1, len(GROUP_NAMES) + 1)), tuple(gains.mean(axis=0).tolist())),
        },
    )


def _interval(one: Effect) -> tuple[float, float | None, float | None]:
    return one.mean, finite(one.low), finite(one.high)


def wealthier_share_less_burden(rows: FloatArray, *, burden_pct: float) -> float:
    """The wealthier halves' share of all gains less their share of burdens, percentage points; nan without gains.

    Parameters
    ----------
    rows : (seeds, groups) gains.
    burden_pct : the wealthier halves' share of taxes and contributions.
    """
    total = float(rows.sum())
    return 100.0 * float(rows[:, WEALTHIER].sum()) / total - burden_pct if total > 0.0 else math.nan


def gain_verdict(firms: str, households: str) -> str:
    """Whether few firms gain while all pay: few firms get the money, and gains are more unequal than taxes."""
    if firms == FAILS and households == FAILS:
        return FAILS
    if firms == HOLDS and households == HOLDS:
        return HOLDS
    return PARTLY if HOLDS in (firms, households) or PARTLY in (firms, households) else UNKNOWN


def _top_hundredth_pct(support: FloatArray) -> float:
    """Share of programme money that goes to the hundredth of firms that get most, percent; 0 without a programme."""
    total = float(support.sum())
    first = max(1, support.size // 100)
    return 100.0 * float(np.sort(support)[-first:].sum()) / total if total > 0.0 else 0.0


def three_layers(claim: Claim, effort: Effort) -> Answer:
    """Sales of each layer's suppliers in Japan over the programme's five years, with it less without it."""
    seeds = seeds_of(effort)
    runs = run_trials([Trial(seed, policy=name) for name in ("actual", "none") for seed in seeds], effort.workers)
    pairs = list(zip(runs[: effort.seeds], runs[effort.seeds :], strict=True))
    months = YEAR * PROGRAMME_YEARS
    gains = {
        layer: effect([_summed(a, name, months) - _summed(b, name, months) for a, b in pairs])
        for layer, name in LAYERS.items()
    }
    later = {
        layer: effect([_summed(a, name, 10 * YEAR) - _summed(b, name, 10 * YEAR) for a, b in pairs])
        for layer, name in LAYERS.items()
    }
    said = ", ".join(f"{layer} {gain.mean:+.2f}" for layer, gain in gains.items())
    whole = effect(
        [sum(_summed(a, name, months) - _summed(b, name, months) for name in LAYERS.values()) for a, b in pairs]
    )
    return Answer(
        claim,
        layers_verdict(list(gains.values())),
        f"Sales over FY2026-30 change by {said} trn yen.",
        unit="trn yen",
        model=whole.mean,
        low=finite(whole.low),
        high=finite(whole.high),
        runs=len(runs),
        table=(
            *effect_rows("all three layers, FY2026-30", whole, "trn yen"),
            *(row for layer, gain in gains.items() for row in effect_rows(f"{layer}, FY2026-30", gain, "trn yen")),
            *(row for layer, gain in later.items() for row in effect_rows(f"{layer}, ten years", gain, "trn yen")[:1]),
        ),
        notes=(
            seed_note(effort, 10),
            "Holds if every layer gains 0.05 trn yen or more (a twentieth of the programme); partly if some layer "
            "does; fails if none does.",
            "Suppliers controlled in Japan. Hardware: distributors, and plant and equipment that AI firms buy at home; "
            "infrastructure: clouds and data centres; applications and models: developers and integrators, exports "
            "included. Programme grants are not counted as sales.",
        ),
        paths={
            layer: (
                tuple(((np.arange(10 * YEAR) + 1) / YEAR).tolist()),
                tuple(np.cumsum(np.mean([a.monthly[name] - b.monthly[name] for a, b in pairs], axis=0)).tolist()),
            )
            for layer, name in LAYERS.items()
        },
    )


def layers_verdict(gains: list[Effect]) -> str:
    """Whether gains reach all layers, some, or none."""
    verdicts = [sign_verdict(gain, LAYER_COUNTS_TRN_YEN) for gain in gains]
    if all(verdict == HOLDS for verdict in verdicts):
        return HOLDS
    if HOLDS in verdicts:
        return PARTLY
    return UNKNOWN if UNKNOWN in verdicts else PARTLY if PARTLY in verdicts else FAILS


def _summed(run: TrialRun, name: str, months: int) -> float:
    return float(run.monthly[name][:months].sum())
