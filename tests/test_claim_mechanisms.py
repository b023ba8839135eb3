"""Claims on mechanisms: rules that can go both ways, experiments that can refute, and the handles they pull."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from itcho.experiments.claims import loop_finance
from itcho.experiments.claims.claim import MODEL_VERDICTS, Answer, Claim, Effort
from itcho.experiments.claims.distribution_claims import (
    WEALTHIER,
    gain_verdict,
    layers_verdict,
    wealthier_share_less_burden,
)
from itcho.experiments.claims.mechanism_verdicts import (
    FAILS,
    HOLDS,
    PARTLY,
    UNKNOWN,
    Effect,
    bootstrap,
    effect,
    joint_verdict,
    ratio_effect,
    shares_verdict,
    sign_verdict,
    tail_verdict,
    wilson_interval,
)
from itcho.experiments.claims.mechanisms import MECHANISMS, answer
from itcho.experiments.claims.paired_runs import (
    OWN_NEWS,
    TECHNOLOGY,
    SilencedStreams,
    Trial,
    build_trial,
    equal_designer_parameters,
    run_trial,
    run_trials,
)
from itcho.experiments.claims.softbank_claims import (
    SoftBankDistress,
    holdings_gain_trn_yen,
    share_with_event,
    tail_frequency,
)
from itcho.experiments.claims.softbank_share_claims import (
    TRADING_COST,
    covariance_shares_pct,
    follow_threshold,
    rule_verdict,
    worst_fall_pct,
)
from itcho.experiments.claims.supply_chain_claims import DesignerStops
from itcho.experiments.claims.yen_claims import easy_money, haven_verdict, reversal_verdict, stress, tenfold
from itcho.model.randomness import Streams

SMALL = Effort(seeds=3, quick=True)


def found(mean: float, half: float = 0.1) -> Effect:
    """An effect with a given mean and half-width."""
    return Effect(mean, mean - half, mean + half, mean, 0.0, 50)


def claim(name: str, kind: str = "mechanism", low: float | None = None) -> Claim:
    """A claim as the registry would hold it."""
    return Claim(name, "topic", "what is claimed", "quantity", "unit", "any", kind, low, low)


# Rules.


@pytest.mark.parametrize(
    ("mean", "half", "sign", "expected"),
    [
        (2.0, 0.5, 1.0, HOLDS),
        (1.0, 0.5, 1.0, PARTLY),
        (0.0, 0.2, 1.0, FAILS),
        (-2.0, 0.5, 1.0, FAILS),
        (0.0, 1.0, 1.0, UNKNOWN),
        (-2.0, 0.5, -1.0, HOLDS),
        (2.0, 0.5, -1.0, FAILS),
        (math.nan, math.nan, 1.0, UNKNOWN),
    ],
)
def test_a_sign_can_hold_fail_and_stay_open(mean: float, half: float, sign: float, expected: str) -> None:
    assert sign_verdict(found(mean, half), 1.0, sign) == expected


def test_an_effect_that_is_zero_in_every_seed_fails() -> None:
    nothing = effect([0.0] * 10)
    assert nothing.share_zero == 1.0
    assert sign_verdict(nothing, 1.0) == FAILS


def test_effects_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="1 of them not finite"):
        effect([1.0, math.nan])


def test_ratio_of_sums_is_not_the_mean_of_ratios() -> None:
    ratio = ratio_effect(np.array([1.0, 30.0]), np.array([1.0, 10.0]), np.random.default_rng(1))
    assert ratio.mean == pytest.approx(31.0 / 11.0)
    assert ratio.low >= 1.0
    assert ratio.high <= 3.0


def test_ratio_without_a_base_has_no_interval() -> None:
    ratio = ratio_effect(np.array([1.0, 1.0]), np.array([1.0, -1.0]), np.random.default_rng(1))
    assert not math.isfinite(ratio.low)
    assert sign_verdict(ratio, 0.1) == UNKNOWN


def test_bootstrap_covers_the_mean_of_known_draws() -> None:
    rows = np.random.default_rng(3).normal(5.0, 1.0, size=(200, 1))
    interval = bootstrap(lambda chosen: float(chosen.mean()), rows, np.random.default_rng(4))
    assert interval.low < 5.0 < interval.high
    assert interval.half_width == pytest.approx(1.96 / math.sqrt(200), rel=0.2)


def test_tail_follows_the_rule_of_levels() -> None:
    assert [tail_verdict(chance) for chance in (0.5, 0.49, 0.1, 0.09)] == [HOLDS, PARTLY, PARTLY, FAILS]


def test_several_parts_together() -> None:
    assert joint_verdict([HOLDS, HOLDS]) == HOLDS
    assert joint_verdict([FAILS, FAILS]) == FAILS
    assert joint_verdict([HOLDS, FAILS]) == PARTLY
    assert joint_verdict([FAILS, UNKNOWN]) == UNKNOWN


def test_shares_are_met_within_a_tenth_of_themselves() -> None:
    claimed = (40.0, 30.0, 30.0)
    assert shares_verdict([found(41), found(29), found(30)], claimed) == HOLDS
    assert shares_verdict([found(5), found(31), found(64)], claimed) == PARTLY
    assert shares_verdict([found(5), found(50), found(45)], claimed) == FAILS
    assert shares_verdict([found(5), found(50), found(45, 20.0)], claimed) == UNKNOWN


def test_wilson_interval_of_nothing_seen_is_not_zero() -> None:
    low, high = wilson_interval(0, 10)
    assert low == 0.0
    assert 0.2 < high < 0.35


def test_haven_needs_a_haven_to_begin_with() -> None:
    assert haven_verdict(found(-2), found(2), found(4)) == HOLDS
    assert haven_verdict(found(-2), found(-1), found(1)) == PARTLY
    assert haven_verdict(found(-2), found(-3), found(-1)) == FAILS
    assert haven_verdict(found(0, 0.01), found(2), found(4)) == UNKNOWN


def test_reversal_needs_a_fall_a_return_and_exports() -> None:
    assert reversal_verdict(found(1), found(-1), found(1)) == HOLDS
    assert reversal_verdict(found(1), found(-1), found(0)) == PARTLY
    assert reversal_verdict(found(1), found(1), found(1)) == FAILS
    assert reversal_verdict(found(-1), found(-1), found(1)) == FAILS
    assert reversal_verdict(found(0, 1), found(-1), found(1)) == UNKNOWN


def test_gains_and_layers() -> None:
    assert gain_verdict(HOLDS, HOLDS) == HOLDS
    assert gain_verdict(HOLDS, FAILS) == PARTLY
    assert gain_verdict(FAILS, FAILS) == FAILS
    assert gain_verdict(FAILS, UNKNOWN) == UNKNOWN
    assert layers_verdict([found(1)] * 3) == HOLDS
    assert layers_verdict([found(1), found(0.0, 0.001), found(1)]) == PARTLY
    assert layers_verdict([found(0.0, 0.001)] * 3) == FAILS


def test_wealthier_halves_gain_beyond_what_they_pay() -> None:
    assert WEALTHIER.sum() == 5
    gains = np.where(WEALTHIER, 0.6, 0.2)  # 3 of 4 yen go to them
    assert wealthier_share_less_burden(gains[None], burden_pct=30.0) == pytest.approx(45.0)
    assert math.isnan(wealthier_share_less_burden(-gains[None], burden_pct=30.0))


def test_trading_rule_can_win_and_lose() -> None:
    assert rule_verdict(found(3), found(0), found(0)) == HOLDS
    assert rule_verdict(found(0), found(0), found(-9)) == PARTLY
    assert rule_verdict(found(-3), found(-0.5), found(-9)) == FAILS
    assert rule_verdict(found(0, 5), found(0), found(0)) == UNKNOWN


# Instruments of the experiments.


def test_threshold_rule_leaves_after_bad_years_and_pays_for_it() -> None:
    falling = np.concatenate([np.ones(12), 0.9 ** np.arange(1, 13)])
    ruled, held = follow_threshold(falling, np.full(24, -0.02), np.zeros(24), 15.0)
    assert ruled[-1] == pytest.approx(1.0 - TRADING_COST)
    assert held[-1] == pytest.approx(0.9**12)


def test_threshold_rule_stays_in_while_the_fund_does_well() -> None:
    rising = 1.02 ** np.arange(24)
    ruled, held = follow_threshold(rising, np.full(24, 0.02), np.zeros(24), 15.0)
    np.testing.assert_allclose(ruled, held)


def test_threshold_rule_sees_no_future() -> None:
    """What happens after a quarter's end cannot move what was decided at it."""
    prices, returns = np.linspace(1.0, 2.0, 36), np.full(36, 0.03)
    later = returns.copy()
    later[24:] = -0.5
    first, _ = follow_threshold(prices, returns, np.zeros(36), 15.0)
    second, _ = follow_threshold(prices, later, np.zeros(36), 15.0)
    np.testing.assert_array_equal(first[:13], second[:13])
    assert first[-1] != second[-1]


def test_worst_fall() -> None:
    assert worst_fall_pct(np.array([1.0, 2.0, 1.0, 3.0])) == pytest.approx(50.0)


def test_variance_shares_of_independent_parts() -> None:
    parts = np.random.default_rng(5).normal(size=(20000, 3)) * np.array([2.0, 1.0, 1.0])
    shares = covariance_shares_pct(parts)
    assert shares.sum() == pytest.approx(100.0)
    np.testing.assert_allclose(shares, [66.7, 16.7, 16.7], atol=1.5)


def test_tails_count_periods_and_runs() -> None:
    gains = [np.array([-6.0, 1.0, 2.0, 3.0]), np.array([1.0, 1.0, 1.0, 1.0])]
    assert tail_frequency(gains, 5.0).mean == pytest.approx(12.5)
    assert share_with_event(gains, 5.0) == pytest.approx(0.5)


def test_loops_amplify_and_no_ties_do_not() -> None:
    even = np.ones(len(loop_finance.TIES))
    whole, cut = loop_finance.exposures(even, True), loop_finance.exposures(even, False)
    assert loop_finance.loss_of_shock(whole) > loop_finance.loss_of_shock(cut) > 0.0
    assert loop_finance.comovement(whole) > loop_finance.comovement(cut)
    empty = np.zeros_like(whole)
    assert loop_finance.loss_of_shock(empty) == 0.0
    assert loop_finance.comovement(empty) == pytest.approx(0.36)


# Handles in the model.


def test_handles_that_change_nothing_leave_a_run_bit_for_bit() -> None:
    plain = run_trial(Trial(1, years=1))
    idle = run_trial(Trial(1, years=1, shocks=(SoftBankDistress(fall=0.0), DesignerStops(months=0))))
    assert not plain.failure
    for name, values in plain.monthly.items():
        np.testing.assert_array_equal(values, idle.monthly[name])


def test_distress_hits_softbank_alone() -> None:
    plain, struck = run_trial(Trial(2, years=1)), run_trial(Trial(2, years=1, shocks=(SoftBankDistress(),)))
    before = SoftBankDistress().month
    np.testing.assert_array_equal(plain.daily["world_equity_index"], struck.daily["world_equity_index"])
    np.testing.assert_array_equal(
        plain.monthly["softbank_equity_index"][:before], struck.monthly["softbank_equity_index"][:before]
    )
    assert struck.monthly["softbank_equity_index"][before] < 0.6 * plain.monthly["softbank_equity_index"][before]
    assert struck.monthly["softbank_ltv_pct"][-1] > plain.monthly["softbank_ltv_pct"][-1]
    others = struck.monthly["japan_equity_index"] / plain.monthly["japan_equity_index"]
    assert abs(others[before] - 1.0) < 0.01


def test_a_designer_stops_alone() -> None:
    economy = build_trial(Trial(1, years=1, shocks=(DesignerStops("nvidia", 1),)))
    economy.step()
    capacity = {supplier.name: supplier.capacity for supplier in economy.suppliers}
    assert capacity.pop("nvidia") == 0.0
    assert set(capacity.values()) == {1.0}
    economy.step()
    assert all(supplier.capacity == 1.0 for supplier in economy.suppliers)


def test_equal_designers_differ_in_shares_only() -> None:
    equal = equal_designer_parameters()
    shares = [equal[f"supply_share_{name}"] for name in ("nvidia", "amd", "broadcom")]
    assert shares == pytest.approx([1.0 / 3.0] * 3)
    assert all("share_" in name for name in equal.differences())
    loss = {flag: run_trial(Trial(1, 1, equal_designers=flag, measure_graph=True)).designer_loss for flag in (0, 1)}
    assert loss[0]["nvidia"] > 2.0 * loss[1]["nvidia"]


def test_silenced_streams_touch_nothing_else() -> None:
    plain, silent = Streams(7), SilencedStreams(7, (TECHNOLOGY, OWN_NEWS))
    draws = plain.student_t("world equity", 3, (2, 21), 6.0), silent.student_t("world equity", 3, (2, 21), 6.0)
    np.testing.assert_array_equal(draws[0][0], draws[1][0])
    assert (draws[1][1] == 0.0).all()
    assert (silent.student_t("softbank shares", 3, (21,), 6.0) == 0.0).all()
    np.testing.assert_array_equal(
        plain.student_t("currency traders", 3, (21, 2), 6.0), silent.student_t("currency traders", 3, (21, 2), 6.0)
    )
    outside = plain.normals("outside world", 3, 6), silent.normals("outside world", 3, 6)
    assert outside[1][3] == 0.0
    np.testing.assert_array_equal(np.delete(outside[0], 3), np.delete(outside[1], 3))


def test_a_trial_keeps_the_groups_of_its_last_month() -> None:
    run, economy = run_trial(Trial(1, years=1)), build_trial(Trial(1, years=1)).run()
    assert run.group_gains.tolist() == economy.world.household_groups.gains_trn_yen.tolist()
    assert run.group_burdens.tolist() == economy.world.household_groups.burdens_trn_yen.tolist()
    assert (run.group_burdens > 0.0).all()


def test_gains_on_holdings_leave_out_what_was_bought_and_sold() -> None:
    run = run_trial(Trial(3, years=1))
    path = run.monthly
    flows = path["commitment"] + path["investment"] - path["marked_sales"]
    gains = holdings_gain_trn_yen(run)
    assert gains.sum() + flows[1:].sum() == pytest.approx(path["holdings"][-1] - path["holdings"][0])


def test_worlds_and_rules_of_the_yen_claims() -> None:
    assert easy_money().monetary.name == "constant"
    assert easy_money().subsidy == tenfold().subsidy.__class__()
    assert tenfold().subsidy.dose == 10.0
    world = stress(96)
    assert world.outside(95).world_equity_drift_shift_pct == 0.0
    assert world.outside(96).world_equity_drift_shift_pct == -100.0
    assert world.outside(96).world_volatility_factor == 2.5


# Answers.


def assert_complete(found_answer: Answer) -> None:
    """An answer has all that is printed: verdict, sentence, rows, notes."""
    assert found_answer.verdict in MODEL_VERDICTS
    assert found_answer.why.endswith(".")
    assert found_answer.unit
    assert found_answer.notes
    assert found_answer.model is not None
    assert math.isfinite(found_answer.model)
    for label, *figures, unit in found_answer.table:
        assert label
        assert unit
        assert all(figure is None or math.isfinite(figure) for figure in figures), label
    labels = [row[0] for row in found_answer.table]
    assert len(labels) == len(set(labels))
    for xs, ys in found_answer.paths.values():
        assert len(xs) == len(ys) > 0


@pytest.mark.slow
def test_real_answers_of_short_experiments() -> None:
    for name in ("dc-cost", "circular-finance", "nvidia-concentration"):
        given = answer(claim(name), SMALL)
        assert_complete(given)
        assert given.claim.id == name
        assert given.low is not None
        assert given.low <= given.model <= given.high


def test_runs_are_made_once() -> None:
    first = run_trials([Trial(11, years=1), Trial(11, years=1)])
    assert first[0] is first[1] is run_trials([Trial(11, years=1)])[0]


def test_a_failed_run_is_told() -> None:
    with pytest.raises(RuntimeError, match=r"seed 1: .*no_such_scenario"):
        run_trials([Trial(1, years=1, scenario="no_such_scenario")])


def test_an_unknown_claim_is_refused() -> None:
    with pytest.raises(KeyError, match="no experiment"):
        answer(claim("no-such-claim"), SMALL)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(MECHANISMS))
def test_every_experiment_answers(name: str) -> None:
    figure = {"leverage-week": 20.0, "vf-losses": 5.3, "softbank-vf-threshold": 15.0}.get(name)
    given = answer(claim(name, low=figure), replace(SMALL, seeds=3))
    assert_complete(given)
