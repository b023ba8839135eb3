"""Claims on SoftBank's shares: what moves them, and whether a rule on its fund's return beats holding them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from itcho.experiments.claims.claim import Answer, Claim, Effort
from itcho.experiments.claims.mechanism_verdicts import (
    FAILS,
    HOLDS,
    PARTLY,
    Effect,
    bootstrap,
    effect,
    effect_rows,
    finite,
    shares_verdict,
    sign_verdict,
)
from itcho.experiments.claims.paired_runs import OWN_NEWS, TECHNOLOGY, Trial, TrialRun, run_trials
from itcho.experiments.claims.softbank_claims import YEAR, holdings_return, mean_paths, seed_note, seeds_of

FloatArray = NDArray[np.float64]

TRADING_COST = 0.001
QUARTER = 3
COUNTS_PP = 1.0


def follow_threshold(
    share_prices: FloatArray, fund_returns: FloatArray, cash_rate_pct: FloatArray, threshold_pct: float
) -> tuple[FloatArray, FloatArray]:
    """Wealth of who leaves SoftBank when its fund's trailing yearly return is below a threshold, and of who stays.

    Decided at quarters' ends, when marks are known, for the next quarter; a change costs :data:`TRADING_COST`.

    Parameters
    ----------
    share_prices : at months' ends, (months,).
    fund_returns : monthly returns on the fund, of the same months, (months,).
    cash_rate_pct : what cash earns, percent a year, (months,).
    threshold_pct : percent a year.

    Returns
    -------
    Wealth with the rule, and wealth of buy-and-hold: 1 at the end of the first twelve months, (months - 11,) each.
    """
    trailing = np.array(
        [100.0 * np.expm1(np.log1p(fund_returns[end - YEAR : end]).sum()) for end in range(YEAR, len(share_prices) + 1)]
    )
    shares = share_prices[YEAR - 1 :]
    ruled, invested = [1.0], True
    for month in range(len(shares) - 1):
        cost = 0.0
        if month % QUARTER == 0:
            wanted = bool(trailing[month] >= threshold_pct)
            cost = TRADING_COST if wanted != invested else 0.0
            invested = wanted
        grown = shares[month + 1] / shares[month] if invested else 1.0 + cash_rate_pct[YEAR + month] / 1200.0
        ruled.append(ruled[-1] * (1.0 - cost) * grown)
    return np.array(ruled), shares / shares[0]


def worst_fall_pct(wealth: FloatArray) -> float:
    """Largest fall from a former high, percent."""
    return float(100.0 * (1.0 - wealth / np.maximum.accumulate(wealth)).max())


def _growth_pct(wealth: FloatArray) -> float:
    return float(100.0 * YEAR / (len(wealth) - 1) * math.log(max(wealth[-1], 1e-9)))


def _reward(wealth: FloatArray) -> float:
    """Yearly mean over standard deviation of monthly log returns; 0 for who never took a risk."""
    returns = np.diff(np.log(np.maximum(wealth, 1e-9)))
    spread = float(returns.std())
    return float(returns.mean()) / spread * math.sqrt(YEAR) if spread > 1e-6 else 0.0


def vision_fund_rule(claim: Claim, effort: Effort) -> Answer:
    """The rule against buy-and-hold on the same paths."""
    runs = run_trials([Trial(seed) for seed in seeds_of(effort)], effort.workers)
    threshold = claim.low if claim.low is not None else 15.0
    pairs = [_both(run, threshold) for run in runs]
    growth = effect([_growth_pct(ruled) - _growth_pct(held) for ruled, held in pairs])
    reward = effect([_reward(ruled) - _reward(held) for ruled, held in pairs])
    fall = effect([worst_fall_pct(ruled) - worst_fall_pct(held) for ruled, held in pairs])
    years = np.arange(len(pairs[0][0])) / YEAR + 1.0
    return Answer(
        claim,
        rule_verdict(growth, reward, fall),
        f"Leaving below {threshold:.0f}% changes yearly log growth by {growth.mean:+.1f} points and the worst fall by "
        f"{fall.mean:+.0f} points against buy-and-hold.",
        unit="log points a year",
        model=growth.mean,
        low=growth.low,
        high=growth.high,
        probability=float(np.mean([ruled[-1] > held[-1] for ruled, held in pairs])),
        runs=len(runs),
        table=(
            *effect_rows("growth, rule less buy-and-hold", growth, "log points a year"),
            *effect_rows("growth per unit of risk", reward, "ratio"),
            *effect_rows("worst fall", fall, "points"),
        ),
        notes=(
            seed_note(effort, 10),
            "Decided each quarter on the trailing yearly return at marks; out of the shares the money earns the policy "
            "rate; each change costs 0.1%. Holds if growth is higher by 1 point a year or more; partly if growth per "
            "unit of risk is higher, or growth is not worse by 1 point while the worst fall is smaller; fails if "
            "growth is lower and reward for risk is not higher.",
            "Probability is the share of paths on which the rule ends with more.",
        ),
        paths={
            "rule, median": (tuple(years.tolist()), tuple(np.median([p[0] for p in pairs], axis=0).tolist())),
            "buy and hold, median": (tuple(years.tolist()), tuple(np.median([p[1] for p in pairs], axis=0).tolist())),
        },
    )


def _both(run: TrialRun, threshold: float) -> tuple[FloatArray, FloatArray]:
    # The first month's return is not known from months' ends; it counts as none.
    returns = np.concatenate([[0.0], holdings_return(run)])
    return follow_threshold(run.monthly["softbank_equity_index"], returns, run.monthly["policy_rate_pct"], threshold)


def rule_verdict(growth: Effect, reward: Effect, fall: Effect) -> str:
    """Whether a trading rule is good advice: more growth; or as much with less risk; or neither."""
    plain = sign_verdict(growth, COUNTS_PP)
    if plain == HOLDS:
        return HOLDS
    if plain == PARTLY or reward.low > 0.0 or (growth.low > -COUNTS_PP and fall.high < 0.0):
        return PARTLY
    if growth.high < 0.0 and reward.low <= 0.0:
        return FAILS
    return plain


def covariance_shares_pct(parts: FloatArray) -> FloatArray:
    """Shares of the variance of a sum that its parts account for by covariance, percent, (parts,); they add to 100.

    Parameters
    ----------
    parts : (observations, parts).
    """
    centred = parts - parts.mean(axis=0)
    total = centred.sum(axis=1)
    return np.asarray(100.0 * (centred * total[:, None]).sum(axis=0) / float((total**2).sum()))


def risk_mix(claim: Claim, effort: Effort) -> Answer:
    """Sources of risk switched off one after another in paired runs; the variance of yearly returns divided."""
    seeds = seeds_of(effort)
    loose = [Trial(seed, years=5, policy="none", belief_in_backing=0.0) for seed in seeds]
    calm = [Trial(seed, 5, "none", belief_in_backing=0.0, silent=(TECHNOLOGY,)) for seed in seeds]
    quiet = [Trial(seed, 5, "none", belief_in_backing=0.0, silent=(TECHNOLOGY, OWN_NEWS)) for seed in seeds]
    runs = run_trials([*(Trial(seed) for seed in seeds), *loose, *calm, *quiet], effort.workers)
    returns = np.array([_yearly_log_returns(run) for run in runs]).reshape(4, effort.seeds, -1)
    parts = np.stack([returns[0] - returns[1], returns[1] - returns[2], returns[2] - returns[3], returns[3]], axis=-1)
    rng = np.random.default_rng(20260402)

    def share(columns: list[int]) -> Effect:
        return bootstrap(
            lambda rows: float(covariance_shares_pct(rows.reshape(-1, 4))[columns].sum()),
            parts.reshape(effort.seeds, -1),
            rng,
        )

    policy, technology, own, market = (share([column]) for column in range(4))
    wide = share([2, 3])
    claimed = (40.0, 30.0, 30.0)
    found = (policy, technology, wide)
    rows = (
        ("policy tie (claimed 40)", policy),
        ("technology cycle (claimed 30)", technology),
        ("market, with SoftBank's own news (claimed 30)", wide),
        ("of which world and Japanese markets, yen", market),
        ("of which SoftBank's own news", own),
    )
    return Answer(
        claim,
        shares_verdict(found, claimed),
        f"Of the variance of SoftBank's yearly returns the policy tie makes {policy.mean:.1f}%, the technology cycle "
        f"{technology.mean:.0f}% and markets {wide.mean:.0f}%.",
        unit="% of variance (policy tie)",
        model=policy.mean,
        low=finite(policy.low),
        high=finite(policy.high),
        runs=len(runs),
        table=tuple(row for label, part in rows for row in effect_rows(label, part, "%")[:1]),
        notes=(
            seed_note(effort, 5),
            "Switched off in this order: programme and belief in state backing; AI's own news, world AI demand and "
            "marks of unlisted holdings; news of SoftBank alone. A part's share is its covariance with the whole.",
            "Each share counts as met within 10% of the figure claimed; intervals are bootstrapped over seeds.",
        ),
        paths=mean_paths({"actual": runs[: effort.seeds]}, "softbank_equity_index"),
    )


def _yearly_log_returns(run: TrialRun) -> FloatArray:
    path = np.concatenate([[1.0], run.monthly["softbank_equity_index"][: 5 * YEAR]])
    return np.asarray(np.diff(np.log(path[::YEAR])))
