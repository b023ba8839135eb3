"""Claims on SoftBank: state backing, distress and the market, how commitments are paid, its worst weeks and years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from itcho.experiments.claims.claim import Answer, Claim, Effort
from itcho.experiments.claims.mechanism_verdicts import (
    Effect,
    Row,
    bootstrap,
    effect,
    effect_rows,
    finite,
    joint_verdict,
    sign_verdict,
    tail_verdict,
    wilson_interval,
)
from itcho.experiments.claims.paired_runs import Trial, TrialRun, run_trials
from itcho.model.scenarios import SCENARIOS

FloatArray = NDArray[np.float64]

YEAR, WEEK = 12, 5
BELIEFS = (0.0, 0.7)


@dataclass(frozen=True)
class SoftBankDistress:
    """SoftBank Group's holdings abroad lose part of their value in one month, and nobody else's do.

    Attributes
    ----------
    fall : share of value lost.
    month : of the run, from 0.
    """

    fall: float = 0.6
    month: int = 3
    name: str = "softbank-distress"

    def __call__(self, economy: Any) -> None:
        """Write the month's disturbance."""
        if economy.clock.month == self.month:
            economy.disturbances.softbank_holdings_log_return += float(np.log1p(-self.fall))


def seeds_of(effort: Effort) -> range:
    """The seeds of an effort: 1 to its number."""
    return range(1, effort.seeds + 1)


def seed_note(effort: Effort, years: float) -> str:
    """What was run, for the notes."""
    return f"Seeds 1 to {effort.seeds}, {years:g} years a run; pairs share every random number."


def state_backing(claim: Claim, effort: Effort) -> Answer:
    """Moral hazard: leverage and losses if SoftBank is sure that the state stands behind it, against not at all."""
    rng = np.random.default_rng(20260331)
    strength = rng.uniform(0.0, 0.8, size=effort.seeds)
    trials = [
        Trial(
            seed,
            years=5,
            parameters=(("softbank_moral_hazard_elasticity", float(strength[seed - 1])),),
            belief_in_backing=belief,
        )
        for belief in BELIEFS
        for seed in seeds_of(effort)
    ]
    runs = run_trials(trials, effort.workers)
    calm, sure = runs[: effort.seeds], runs[effort.seeds :]

    def difference(name: str, read: Any = np.mean) -> Effect:
        pairs = zip(sure, calm, strict=True)
        return effect([float(read(b.monthly[name]) - read(a.monthly[name])) for b, a in pairs])

    leverage = difference("softbank_ltv_pct")
    bought = difference("investment", np.sum)
    spread = difference("spread_pct")
    losses = difference("creditors_loss", lambda path: path[-1])
    risk, cost = sign_verdict(leverage, 1.0), sign_verdict(spread, 0.1, -1.0)
    table: tuple[Row, ...] = (
        *effect_rows("loan-to-value, mean of five years", leverage, "pp"),
        *effect_rows("holdings bought beyond commitments", bought, "trn yen"),
        *effect_rows("credit spread", spread, "pp"),
        *effect_rows("written off by creditors", losses, "trn yen"),
    )
    return Answer(
        claim,
        joint_verdict((risk, cost)),
        f"Belief in state backing of 0.7 instead of 0 moves SoftBank's loan-to-value by {leverage.mean:+.1f} pp and "
        f"its spread by {spread.mean:+.2f} pp.",
        unit="pp",
        model=leverage.mean,
        low=leverage.low,
        high=leverage.high,
        runs=len(runs),
        table=table,
        notes=(
            seed_note(effort, 5),
            f"Cheaper failure (spread down by 0.1 pp or more): {cost}. More risk (loan-to-value up by 1 pp or more): "
            f"{risk}.",
            "The elasticity of its target leverage to that belief is drawn anew in each pair from 0 to 0.8, its "
            "published range: zero, no moral hazard at all, is inside. Backing lowers the Group's spread by a tenth of "
            "the belief only, since it attaches to the national company and SoftBank Corp first.",
            "Only SoftBank Group's own leverage answers to the belief; the national AI company's does not.",
        ),
        paths=mean_paths({"belief 0": calm, "belief 0.7": sure}, "softbank_ltv_pct"),
    )


def softbank_failure(claim: Claim, effort: Effort) -> Answer:
    """Distress of SoftBank alone, and what Japanese shares do: the others, and the market with SoftBank in it."""
    from itcho.agents.vocabulary import FIRMS, JAPANESE_EQUITY
    from itcho.experiments.claims.paired_runs import build_trial

    shock = SoftBankDistress()
    seeds = seeds_of(effort)
    runs = run_trials(
        [Trial(seed) for seed in seeds] + [Trial(seed, years=3, shocks=(shock,)) for seed in seeds], effort.workers
    )
    calm, struck = runs[: effort.seeds], runs[effort.seeds :]
    economy = build_trial(Trial(1))
    softbank_value = economy.start_state.fact("softbank_market_value_trn_yen")
    weight = softbank_value / (softbank_value - economy.ledger.position(JAPANESE_EQUITY, FIRMS))
    last = shock.month + YEAR

    def fall(name: str) -> FloatArray:
        pairs = zip(struck, calm, strict=True)
        return np.array([100.0 * (b.monthly[name][last] / a.monthly[name][last] - 1.0) for b, a in pairs])

    others = effect(fall("japan_equity_index"))
    own = effect(fall("softbank_equity_index"))
    market = effect(
        [100.0 * (_market(b, weight, last) / _market(a, weight, last) - 1.0) for b, a in zip(struck, calm, strict=True)]
    )
    direct, contagion = sign_verdict(market, 1.0, -1.0), sign_verdict(others, 1.0, -1.0)
    return Answer(
        claim,
        joint_verdict((direct, contagion)),
        f"A year after SoftBank's holdings lose {shock.fall:.0%}, the market is {market.mean:+.2f}% against its twin, "
        f"the other shares {others.mean:+.2f}%.",
        unit="%",
        model=market.mean,
        low=market.low,
        high=market.high,
        runs=len(runs),
        table=(
            *effect_rows("whole market", market, "%"),
            *effect_rows("other Japanese shares", others, "%"),
            *effect_rows("SoftBank's shares", own, "%"),
            ("SoftBank's weight in the market", 100.0 * weight, None, None, "%"),
        ),
        notes=(
            seed_note(effort, 3),
            f"The market falls by 1% or more: {direct}. Other shares do: {contagion}.",
            "Contagion runs through what SoftBank's losses do to households' wealth, lenders and data-centre building; "
            "the model has no index funds that sell other shares and no mood that spreads from one share.",
            "SoftBank weighs more in the Nikkei 225, which weights by price, than in the market by value used here.",
        ),
        paths=mean_paths({"with distress": struck, "without": calm}, "japan_equity_index", 36),
    )


def _market(run: TrialRun, weight: float, month: int) -> float:
    path = run.monthly
    return float(weight * path["softbank_equity_index"][month] + (1.0 - weight) * path["japan_equity_index"][month])


def openai_commitment(claim: Claim, effort: Effort) -> Answer:
    """How the signed payments are funded: the run with them against the run without."""
    seeds = seeds_of(effort)
    runs = run_trials(
        [Trial(seed) for seed in seeds] + [Trial(seed, years=2, dated_events=False) for seed in seeds], effort.workers
    )
    signed, free = runs[: effort.seeds], runs[effort.seeds :]
    months = YEAR

    def difference(name: str) -> FloatArray:
        pairs = zip(signed, free, strict=True)
        return np.array([float((a.monthly[name][:months] - b.monthly[name][:months]).sum()) for a, b in pairs])

    paid = difference("commitment")
    bought_less = -difference("investment")
    funded = {
        "sales of holdings": difference("sales"),
        "loans and bonds": difference("loans_and_bonds"),
        "margin debt": difference("margin_loans"),
        "other purchases given up": bought_less,
    }
    shares = {name: effect(100.0 * part / paid) for name, part in funded.items()}
    shares["cash"] = effect(100.0 * (1.0 - np.sum(list(funded.values()), axis=0) / paid))
    peak = effect(
        [
            float((a.monthly["softbank_ltv_pct"][:months] - b.monthly["softbank_ltv_pct"][:months]).max())
            for a, b in zip(signed, free, strict=True)
        ]
    )
    parts = [sign_verdict(shares[name], 5.0) for name in ("sales of holdings", "loans and bonds", "margin debt")]
    verdict = joint_verdict([*parts, sign_verdict(peak, 1.0)])
    said = ", ".join(f"{name} {share.mean:.0f}%" for name, share in shares.items())
    return Answer(
        claim,
        verdict,
        f"Of {paid.mean():.1f} trn yen paid in FY2026: {said}; loan-to-value peaks {peak.mean:.1f} pp higher.",
        unit="pp",
        model=peak.mean,
        low=peak.low,
        high=peak.high,
        runs=len(runs),
        table=(
            *effect_rows("peak loan-to-value against no payments", peak, "pp"),
            *(row for name, share in shares.items() for row in effect_rows(name, share, "% of payments")),
        ),
        notes=(
            seed_note(effort, 2),
            "Each of sales, loans and bonds, and margin debt must bear 5% or more of the payments, and loan-to-value "
            f"rise by 1 pp or more: {', '.join(parts)}.",
            "The run starts after the first payments (34.6 bn USD by the end of 2025, SoftBank Group); the 30 bn USD "
            "of April, July and October 2026 are what is tested.",
        ),
        paths=mean_paths({"with payments": signed, "without": free}, "softbank_ltv_pct", 24),
    )


BUST, FIRST_BUST_MONTH, BUST_MONTHS = "ai-bust", 6, 24
"""The scenario, and the months of the run in which its equity prices fall."""


def leverage_week(claim: Claim, effort: Effort) -> Answer:
    """How often SoftBank's shares lose as much in five sessions: in a bust, and without one."""
    seeds = seeds_of(effort)
    limit = claim.low if claim.low is not None else 20.0
    runs = run_trials(
        [Trial(seed, years=3, scenario=BUST) for seed in seeds] + [Trial(seed) for seed in seeds], effort.workers
    )
    first, last = 21 * FIRST_BUST_MONTH, 21 * (FIRST_BUST_MONTH + BUST_MONTHS)
    bust = [_weeks_pct(run.daily["softbank_equity_index"][first:last]) for run in runs[: effort.seeds]]
    calm = [_weeks_pct(run.daily["softbank_equity_index"]) for run in runs[effort.seeds :]]
    frequency, calm_frequency = tail_frequency(bust, limit), tail_frequency(calm, limit)
    within = share_with_event(bust, limit)
    low, high = wilson_interval(round(within * effort.seeds), effort.seeds)
    worst = np.array([weeks.min() for weeks in bust])
    return Answer(
        claim,
        tail_verdict(within),
        f"In a two-year AI bust {frequency.mean:.1f}% of weeks lose {limit:.0f}% or more ({calm_frequency.mean:.1f}% "
        f"without one); {within:.0%} of busts see such a week.",
        unit="% of weeks",
        model=frequency.mean,
        low=finite(frequency.low),
        high=finite(frequency.high),
        probability=within,
        runs=len(runs),
        table=(
            *effect_rows("weeks of a bust with such a loss", frequency, "% of weeks"),
            *effect_rows("weeks without a bust", calm_frequency, "% of weeks"),
            ("busts with such a week", 100.0 * within, 100.0 * low, 100.0 * high, "% of busts"),
            ("worst week of a bust, median", float(np.median(worst)), None, None, "%"),
        ),
        notes=(
            seed_note(effort, 3),
            "Holds if half of the busts have such a week, fails below a tenth; Wilson's interval for that share, and "
            "a bootstrap over seeds for weeks. Weeks are five sessions, without overlap.",
            SCENARIOS[BUST].description,
        ),
    )


def _weeks_pct(prices: FloatArray) -> FloatArray:
    """Returns of weeks that do not overlap, percent."""
    closes = np.concatenate([[1.0], prices[WEEK - 1 :: WEEK]])
    return 100.0 * (closes[1:] / closes[:-1] - 1.0)


def tail_frequency(gains: list[FloatArray], limit: float) -> Effect:
    """Percentage of periods that lose ``limit`` or more, with an interval that resamples whole runs."""
    shares = np.array([[100.0 * float((values <= -limit).mean())] for values in gains])
    return bootstrap(lambda rows: float(rows.mean()), shares, np.random.default_rng(20260405))


def share_with_event(gains: list[FloatArray], limit: float) -> float:
    """Share of runs in which some period loses ``limit`` or more."""
    return float(np.mean([bool((values <= -limit).any()) for values in gains]))


def holdings_gain_trn_yen(run: TrialRun) -> FloatArray:
    """Gain on SoftBank's foreign holdings at their marks by month, trillion yen; the first month is left out."""
    path = run.monthly
    flows = path["commitment"] + path["investment"] - path["marked_sales"]
    return np.asarray(np.diff(path["holdings"]) - flows[1:])


def holdings_return(run: TrialRun) -> FloatArray:
    """Monthly return on SoftBank's foreign holdings at their marks, from the second month on."""
    path = run.monthly
    flows = path["commitment"] + path["investment"] - path["marked_sales"]
    return np.asarray(holdings_gain_trn_yen(run) / np.maximum(path["holdings"][:-1] + flows[1:], 1e-9))


def vision_fund_losses(claim: Claim, effort: Effort) -> Answer:
    """How often a fiscal year's loss on the holdings is as large."""
    runs = run_trials([Trial(seed) for seed in seeds_of(effort)], effort.workers)
    limit = claim.low if claim.low is not None else 5.3
    years = [holdings_gain_trn_yen(run)[YEAR - 1 : 10 * YEAR - 1].reshape(-1, YEAR).sum(axis=1) for run in runs]
    frequency, within = tail_frequency(years, limit), share_with_event(years, limit)
    low, high = wilson_interval(round(within * effort.seeds), effort.seeds)
    size = [run.monthly["holdings"] for run in runs]
    return Answer(
        claim,
        tail_verdict(within),
        f"A fiscal year with a loss of {limit:.1f} trn yen or more comes up in {frequency.mean:.0f}% of years; "
        f"{within:.0%} of ten-year runs have one.",
        unit="% of years",
        model=frequency.mean,
        low=finite(frequency.low),
        high=finite(frequency.high),
        probability=within,
        runs=len(runs),
        table=(
            *effect_rows("fiscal years with such a loss", frequency, "% of years"),
            *effect_rows("fiscal years 2027-30 with one", tail_frequency([gains[:4] for gains in years], limit), "%"),
            ("runs with such a year", 100.0 * within, 100.0 * low, 100.0 * high, "% of runs"),
            ("gain of a year, 5% quantile", float(np.quantile(np.concatenate(years), 0.05)), None, None, "trn yen"),
            ("holdings, mean over all months", float(np.mean(size)), None, None, "trn yen"),
        ),
        notes=(
            seed_note(effort, 10),
            "Holdings grow in many runs, and a loss in yen with them: the row on 2027-30 is near today's size.",
            "Fiscal years 2027 to 2035; holdings are the funds' and all others abroad, at their marks. Holds if half "
            "of ten-year runs have such a year, fails below a tenth.",
            "SoftBank Group reported an investment loss of 5.28 trn yen for the funds in FY2022, and a net loss of "
            "0.97 trn yen for the group.",
        ),
    )


def mean_paths(
    groups: dict[str, list[TrialRun]], name: str, months: int | None = None
) -> dict[str, tuple[tuple[float, ...], tuple[float, ...]]]:
    """Mean monthly path of an outcome by group of runs, over years since the start."""
    lines = {}
    for label, runs in groups.items():
        length = min(len(run.monthly[name]) for run in runs)
        length = length if months is None else min(length, months)
        path = np.mean([run.monthly[name][:length] for run in runs], axis=0)
        lines[label] = (tuple(((np.arange(length) + 1) / YEAR).tolist()), tuple(path.tolist()))
    return lines
