"""Statistics against answers known from elsewhere."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from itcho.experiments.studies.robustness import (
    disagreement,
    dominated,
    fronts,
    hurwicz,
    hypervolume,
    pareto_set,
    regret,
    robustness_card,
    starr,
)
from itcho.experiments.studies.statistics import (
    bca_interval,
    benjamini_hochberg,
    half_width,
    holm,
    paired_summary,
    rank_policies,
    simultaneous_intervals,
)

FloatArray = NDArray[np.float64]
# Efron's law schools: mean LSAT score and grade-point average of 15 schools.
LSAT = [576, 635, 558, 578, 666, 580, 555, 661, 651, 605, 653, 575, 545, 572, 594]
GPA = [3.39, 3.30, 2.81, 3.03, 3.44, 3.07, 3.00, 3.43, 3.36, 3.13, 3.12, 2.74, 2.76, 2.88, 2.96]
PAYOFF = np.array([[10.0, 3, -2], [6, 5, 2], [4, 4, 3]])


def correlations(samples: FloatArray) -> FloatArray:
    centred = samples - samples.mean(axis=1, keepdims=True)
    x, y = centred[..., 0], centred[..., 1]
    return np.asarray((x * y).sum(axis=1) / np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1)))


def test_bca_of_efrons_law_schools() -> None:
    rows = np.column_stack([LSAT, GPA])
    assert correlations(rows[None])[0] == pytest.approx(0.776374, abs=1e-6)
    low, high = bca_interval(correlations, rows, np.random.default_rng(1), resamples=20_000)
    assert (low, high) == pytest.approx((0.331, 0.942), abs=0.02)


def test_bca_agrees_with_scipy_on_a_skewed_mean() -> None:
    from scipy.stats import bootstrap

    rows = np.random.default_rng(2).lognormal(size=40)
    theirs = bootstrap((rows,), np.mean, n_resamples=20_000, method="BCa", rng=np.random.default_rng(3))
    ours = bca_interval(lambda s: s.mean(axis=1), rows, np.random.default_rng(4), resamples=20_000)
    expected = (theirs.confidence_interval.low, theirs.confidence_interval.high)
    assert ours == pytest.approx(expected, rel=0.02)


def test_bca_of_what_does_not_vary_is_a_point() -> None:
    def means(samples: FloatArray) -> FloatArray:
        return np.asarray(samples.mean(axis=1))

    assert bca_interval(means, np.full(9, 2.5), np.random.default_rng(1)) == (2.5, 2.5)
    assert all(map(math.isnan, bca_interval(means, np.ones(2), np.random.default_rng(1))))


def test_holm_and_benjamini_hochberg() -> None:
    p_values = np.array([0.01, 0.04, 0.03, 0.005])
    assert holm(p_values) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert benjamini_hochberg(p_values) == pytest.approx([0.02, 0.04, 0.04, 0.02])
    assert holm(np.array([0.9, 0.8])) == pytest.approx([1.0, 1.0])
    assert np.isnan(holm(np.array([math.nan, 0.01]))).tolist() == [True, False]


def test_the_paired_summary_agrees_with_scipy() -> None:
    from scipy.stats import ttest_rel

    rng = np.random.default_rng(5)
    common = rng.normal(100.0, 5.0, 80)
    baseline, policy = common + rng.normal(0, 0.5, 80), common + 0.4 + rng.normal(0, 0.5, 80)
    found = paired_summary(policy, baseline, rng)
    theirs = ttest_rel(policy, baseline)
    assert found.p_value == pytest.approx(theirs.pvalue)
    assert found.t == pytest.approx(tuple(theirs.confidence_interval()))
    assert half_width(policy - baseline) == pytest.approx((found.t[1] - found.t[0]) / 2)
    # Var(D) = s1² + s2² − 2 ρ s1 s2
    s1, s2 = policy.std(ddof=1), baseline.std(ddof=1)
    variance = s1**2 + s2**2 - 2 * found.correlation * s1 * s2
    assert found.sd**2 == pytest.approx(variance)
    assert found.variance_ratio == pytest.approx((s1**2 + s2**2) / variance)
    assert found.variance_ratio > 20


def test_a_policy_without_effect_has_a_difference_of_exactly_zero() -> None:
    levels = np.random.default_rng(6).normal(150, 10, 30)
    found = paired_summary(levels, levels.copy(), np.random.default_rng(1))
    assert (found.mean, found.t, found.bca, found.p_value) == (0.0, (0.0, 0.0), (0.0, 0.0), 1.0)
    assert (found.share_zero, found.share_higher) == (1.0, 0.0)


def test_what_is_not_finite_raises() -> None:
    bad = np.array([1.0, math.nan, 3.0])
    with pytest.raises(ValueError, match="1 of 3 values are not finite"):
        paired_summary(bad, np.ones(3), np.random.default_rng(1))
    with pytest.raises(ValueError, match="not finite"):
        simultaneous_intervals(bad[:, None], np.random.default_rng(1))
    with pytest.raises(ValueError, match="pairs"):
        paired_summary(np.ones(3), np.ones(4), np.random.default_rng(1))


def test_ranking_shares_ties_and_keeps_the_best() -> None:
    rng = np.random.default_rng(10)
    noise = rng.normal(0, 10, size=(60, 1))
    levels = noise + np.array([0.0, 0.0, 5.0]) + 0.1 * rng.normal(size=(60, 3)) * np.array([0, 0, 1])
    found = rank_policies(levels, rng)
    assert found.p_best == pytest.approx([0.0, 0.0, 1.0])
    assert found.not_worse.tolist() == [False, False, True]
    tied = rank_policies(levels[:, :2], rng)
    assert tied.p_best == pytest.approx([0.5, 0.5])
    assert tied.not_worse.all()


@pytest.mark.slow
def test_the_set_holds_the_best_in_all_but_one_case_of_twenty() -> None:
    rng = np.random.default_rng(11)
    held = []
    for _ in range(100):
        levels = rng.normal(size=(25, 1)) + np.array([0.0, 0.05, 0.1]) + 0.3 * rng.normal(size=(25, 3))
        held.append(bool(rank_policies(levels, rng, resamples=200).not_worse[2]))
    assert np.mean(held) >= 0.93


def test_regret_and_robustness_of_the_hand_table() -> None:
    assert regret(PAYOFF).max(axis=1).tolist() == [5.0, 4.0, 6.0]
    card = {one.name: one for one in robustness_card(PAYOFF, ("A", "B", "C"), threshold=3.0)}
    assert card["minimax_regret"].best == ("B",)
    assert card["maximin"].best == ("C",)
    assert card["maximax"].best == ("A",)
    assert card["laplace"].best == ("B",)
    assert card["hurwicz"].best == ("A", "B")
    assert list(card["hurwicz"].values.values()) == [4.0, 4.0, 3.5]
    assert list(hurwicz(PAYOFF, 0.0)) == [-2.0, 2.0, 3.0]
    assert list(card["starr"].values.values()) == pytest.approx([2 / 3, 2 / 3, 1.0])
    assert card["undesirable_deviations"].values == {"A": 5.0, "B": 3.0, "C": 1.0}
    assert card["mean_variance"].values["C"] == pytest.approx((11 / 3 + 1) / (np.std([4, 4, 3]) + 1))
    assert card["regret_p90"].values["A"] == pytest.approx(np.quantile([0, 2, 5], 0.9))
    assert "Maximin" in disagreement(list(card.values()))["C"]


def test_robustness_turns_round_when_lower_is_better() -> None:
    card = {one.name: one for one in robustness_card(-PAYOFF, ("A", "B", "C"), False, threshold=-3.0)}
    assert card["maximin"].values == {"A": 2.0, "B": -2.0, "C": -3.0}
    assert card["maximin"].best == ("C",)
    assert card["minimax_regret"].values == {"A": 5.0, "B": 4.0, "C": 6.0}
    assert card["starr"].values["C"] == starr(PAYOFF, 3.0)[2] == 1.0


def test_skewness_and_peakedness_by_hand() -> None:
    levels = np.array([[0.0, 1.0, 2.0, 3.0, 10.0]])
    low, lower, middle, upper, high = np.quantile(levels[0], [0.1, 0.25, 0.5, 0.75, 0.9])
    card = {one.name: one.values["A"] for one in robustness_card(levels, ("A",))}
    assert card["percentile_skewness"] == pytest.approx(((high + low) / 2 - middle) / ((high - low) / 2))
    assert card["percentile_peakedness"] == pytest.approx((high - low) / (upper - lower))


def test_fronts_and_dominance() -> None:
    assert fronts(-np.array([[1.0, 2], [2, 1], [2, 2], [3, 3]])) == [[0, 1], [2], [3]]
    assert dominated(np.array([[1.0, 1.0], [1.0, 1.0]])).tolist() == [False, False]


def test_hypervolume_of_zdt1() -> None:
    first = np.linspace(0.0, 1.0, 20_001)
    front = np.column_stack([first, 1.0 - np.sqrt(first)])
    assert hypervolume(front, np.array([1.1, 1.1])) == pytest.approx(0.876667, abs=2e-4)


def test_the_pareto_set_knows_how_sure_it_is() -> None:
    rng = np.random.default_rng(12)
    means = np.array([[1.0, 0.5], [0.5, 1.0], [0.0, 0.0]])
    found = pareto_set(means + 0.1 * rng.normal(size=(40, 3, 2)), ("A", "B", "C"), ("x", "y"), rng)
    assert found.members == ("A", "B")
    assert found.p_member["A"] == 1.0
    assert found.p_member["C"] < 0.01
