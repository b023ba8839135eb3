"""Claims on who gains: households against taxpayers, few firms against all, and the layers of the AI industry."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from itcho.experiments.claims import tax_shares
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
from itcho.experiments.claims.paired_runs import Trial, TrialRun, build_trial, run_trials
from itcho.experiments.claims.softbank_claims import YEAR, seed_note, seeds_of

FloatArray = NDArray[np.float64]

LAYERS = {
    "hardware": "hardware_sales",
    "infrastructure": "infrastructure_sales",
    "applications and models": "application_sales",
}
PROGRAMME_YEARS = 5
LAYER_COUNTS_TRN_YEN = 0.05
SHARE_COUNTS_PP = 5.0


def private_gain(claim: Claim, effort: Effort) -> Answer:
    """Who gains from the programme, by tenth of households and among AI firms, and who pays the taxes."""
    seeds = seeds_of(effort)
    runs = run_trials([Trial(seed, policy=name) for name in ("actual", "none") for seed in seeds], effort.workers)
    with_it, without = runs[: effort.seeds], runs[effort.seeds :]
    pairs = list(zip(with_it, without, strict=True))
    capital = np.array([a.wealth_by_decile - b.wealth_by_decile for a, b in pairs])
    wages = np.array([float((a.monthly["wages"] - b.monthly["wages"]).sum()) for a, b in pairs])
    gains = capital + wages[:, None] * np.array(tax_shares.PAY.percent) / 100.0
    economy = build_trial(Trial(1))
    owners = np.mean([100.0 * run.wealth_by_decile / run.wealth_by_decile.sum() for run in without], axis=0)
    taxes = tax_shares.tax_shares_pct(tax_shares.central_tax_mix(economy.start_state), owners)
    rng = np.random.default_rng(20260404)
    top = bootstrap(top_share_less_taxes(float(taxes[-1])), gains, rng)
    total, from_capital, from_wages = effect(gains.sum(axis=1)), effect(capital.sum(axis=1)), effect(wages)
    few = effect([_top_hundredth_pct(run.support_by_firm) for run in with_it])
    firms = sign_verdict(Effect(few.mean - 50.0, few.low - 50.0, few.high - 50.0, few.median - 50.0, 0.0, few.n), 5.0)
    households = UNKNOWN if total.low <= 0.0 <= total.high else sign_verdict(top, SHARE_COUNTS_PP)
    mean_gains = gains.mean(axis=0)
    return Answer(
        claim,
        gain_verdict(firms, households),
        f"{few.mean:.0f}% of the programme's money goes to one AI firm in a hundred; households gain "
        f"{total.mean:+.2f} trn yen by the tenth year, and the top tenth pays {taxes[-1]:.0f}% of taxes.",
        unit="% of programme money",
        model=few.mean,
        low=few.low,
        high=few.high,
        runs=len(runs),
        table=(
            *effect_rows("programme money to the top hundredth of AI firms", few, "%"),
            *effect_rows("households' gain by the tenth year", total, "trn yen"),
            *effect_rows("of which shares and funds", from_capital, "trn yen"),
            *effect_rows("of which wages", from_wages, "trn yen"),
            *effect_rows("top tenth's share of gains less its share of taxes", top, "pp"),
            *(
                (f"tenth {place + 1}: gain; share of taxes {share:.1f}%", float(gain), None, None, "trn yen")
                for place, (gain, share) in enumerate(zip(mean_gains, taxes, strict=True))
            ),
        ),
        notes=(
            seed_note(effort, 10),
            f"Few firms gain: the top hundredth gets 55% or more of the money: {firms}. The top tenth of households "
            f"gains a share at least 5 pp above its share of taxes: {households} (it cannot be said while the interval "
            "of all gains holds zero).",
            "Household wealth follows a Pareto law, alike for all assets (wealth_pareto_exponent): the top tenth has "
            f"{owners[-1]:.0f}% of shares and funds; in Japan it is likely to have more.",
            "Tenths are of wealth for shares and funds, of pay for wages, of income for taxes; owners bear the "
            "corporate tax.",
            *(f"{row.what}: {row.source}." for row in tax_shares.TABLE),
        ),
        paths={
            "gain of a tenth, trn yen": (tuple(range(1, 11)), tuple(mean_gains.tolist())),
        },
    )


def top_share_less_taxes(top_tax_pct: float):  # type: ignore[no-untyped-def]
    """Statistic over seeds: the top tenth's share of all gains less its share of taxes, percentage points."""

    def statistic(rows: FloatArray) -> float:
        total = float(rows.sum())
        return 100.0 * float(rows[:, -1].sum()) / total - top_tax_pct if total > 0.0 else math.nan

    return statistic


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
