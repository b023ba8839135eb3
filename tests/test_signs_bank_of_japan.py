"""The Bank of Japan's signs, dates and limits, with numbers worked out by hand."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np
import pytest

from itcho.agents.bank_of_japan import BankOfJapan
from itcho.agents.rules.monetary import (
    EarlyNormalisation,
    Fading,
    InertialTaylor,
    MonetaryRule,
    MonetaryView,
    Taylor,
    YenAugmented,
    YieldCap,
)
from itcho.agents.rules.monetary_targets import ConstantRate, PriceLevelTarget, YieldCurveControl
from itcho.agents.vocabulary import BANK_OF_JAPAN, BANKS, FIRMS, FUND_UNITS, GOVERNMENT, JGB_BUCKETS, LOANS, RESERVES
from itcho.model import monthly_steps
from itcho.model.disturbances import Disturbances
from itcho.model.finance.yield_cap import purchases_beyond_plan, trade_with_the_bank
from tests.hand_ledger import HandLedger, given, given_state

P = given(
    inflation_target_pct=2.0,
    natural_real_rate_pct=0.5,
    natural_rate_growth_response=1.5,
    natural_rate_learning_monthly=0.0,
    reckoned_rate_effect_pct=-0.8,
    reckoned_rate_lag_months=2.0,
    neutral_rate_speed_monthly=0.1,
    trend_potential_growth_pct=0.4,
    effective_lower_bound_pct=-0.1,
    reserve_floor_trn_yen=400.0,
    expected_gap_persistence_quarterly=0.5,
    expected_inflation_persistence_quarterly=0.8,
)


class Onlooker(MonetaryRule):
    """Asks for what there is, and keeps what it was shown."""

    def __init__(self) -> None:
        self.seen: list[MonetaryView] = []

    def wanted_rate_pct(self, view: MonetaryView, p: Any) -> float:
        self.seen.append(view)
        return view.policy_rate_pct


def bank(rule: MonetaryRule | None = None, rate: float = 1.0, inflation: float = 1.0) -> BankOfJapan:
    plan = {0: 3.0, 4: 2.5, 10: 2.0}
    return BankOfJapan(mesa.Model(), rule or Onlooker(), rate, plan, inflation, 0.5)


def world(**values: Any) -> Any:
    return given_state(
        **{
            "usdjpy": 150.0,
            "domestic_price": 1.0,
            "underlying_inflation_pct": 4.0,
            "expected_inflation_pct": 2.0,
            "smoothed_gap_pct": 0.7,
            "potential_growth_trend_pct": 0.4,
            "natural_rate_drift_pp": 0.0,
        }
        | values
    )


def seen(inflation: float = 2.0, gap: float = 0.0, rate: float = 1.0, **more: float) -> MonetaryView:
    other = {
        "highest_rate_pct": rate,
        "price_gap_pct": 0.0,
        "yen_gap_pct": 0.0,
        "natural_real_rate_pct": 0.5,
    } | more
    return MonetaryView(inflation, gap, rate, **other)


def test_it_sees_a_weaker_yen_as_a_positive_gap_and_high_prices_too() -> None:
    rule = Onlooker()
    boj = bank(rule)
    boj.watch(world(), P)
    boj.meet(world(), P)
    # Inflation goes a sixth of the way from 1 to 4; yen and prices stand where they began.
    assert rule.seen[0] == pytest.approx((1.5, 0.7, 1.0, 1.0, 0.0, 0.0, 0.5), abs=1e-12)
    boj.watch(world(usdjpy=165.0, domestic_price=1.03), P)
    boj.meet(world(smoothed_gap_pct=-0.4), P)
    # ln 1.1 = 0.0953102, of which the average took a 24th; ln 1.03 = 0.0295588 less a twelfth of ln 1.02 = 0.0198026.
    assert rule.seen[1] == pytest.approx((1.5 + 2.5 / 6.0, -0.4, 1.0, 1.0, 2.790858, 9.133892, 0.5), rel=1e-6)


def test_the_natural_rate_follows_potential_growth_and_learns_from_gaps_that_its_rate_does_not_explain() -> None:
    learning, rule = given(**vars(P) | {"natural_rate_learning_monthly": 0.02}), Onlooker()
    boj = bank(rule)
    # 1 less 2 is 1.5 points below the natural 0.5, which would open a gap of 1.2, half of it now: of 1.5 the rest, 0.9,
    # is news, and a fiftieth of that is learned.  One and a half times what growth is over its trend comes with it.
    boj.watch(world(smoothed_gap_pct=1.5, potential_growth_trend_pct=0.6), learning)
    assert boj.natural_real_rate_pct == pytest.approx(0.5 + 0.018 + 0.3)
    # 1.818 below is 1.4544 in the end and 0.6 + 0.4272 now: a gap that is no larger teaches nothing.
    boj.watch(world(smoothed_gap_pct=1.0272), learning)
    assert boj.natural_real_rate_pct == pytest.approx(0.518)
    # Output below potential though the rate is 2.018 low: 1.6144 in the end, 1.3208 now, are missing as well.
    boj.watch(world(smoothed_gap_pct=-0.5, expected_inflation_pct=2.5), learning)
    assert boj.natural_real_rate_pct == pytest.approx(0.518 - 0.02 * (0.5 + 1.3208))
    boj.meet(world(), learning)
    assert rule.seen[0].natural_real_rate_pct == boj.natural_real_rate_pct


def test_what_the_opening_leaves_unexplained_is_held_to_be_passing() -> None:
    learning = given(**vars(P) | {"natural_rate_learning_monthly": 0.02})
    boj = bank()
    day = world(smoothed_gap_pct=-0.8, underlying_inflation_pct=1.0)
    # 1.5 points below natural have made 1.2, and the gap is -0.8: 2 are missing, of which a tenth passes a month.
    boj.open_with(1.0, day, learning, InertialTaylor())
    boj.watch(day, learning)
    assert boj.natural_real_rate_pct == pytest.approx(0.5 - 0.02 * (2.0 - 1.8))
    # 1.496 below is 1.1968 in the end and 1.1984 now: 1.9984 are missing, and 1.62 were to be.
    boj.watch(day, learning)
    assert boj.natural_real_rate_pct == pytest.approx(0.496 - 0.02 * (1.9984 - 1.62))


def test_a_natural_rate_that_drifts_is_seen_by_the_bank() -> None:
    boj = bank()
    boj.watch(world(natural_rate_drift_pp=-0.3), P)
    assert boj.natural_real_rate_pct == pytest.approx(0.2)


def test_what_is_looked_through_is_not_answered_and_passes() -> None:
    rule = Onlooker()
    boj = bank(rule, inflation=3.0)
    boj.looked_through_pp, boj.looked_through_left = 0.8, 0.512
    boj.watch(world(underlying_inflation_pct=3.0), P)
    boj.meet(world(), P)
    # The cube root of 0.512 is 0.8: a month's part of what is left after a quarter.
    assert rule.seen[0].inflation_pct == pytest.approx(3.0 - 0.64)


def test_the_projection_lets_inflation_fade_and_what_is_looked_through_pass_at_rates_of_their_own() -> None:
    # Inflation is 3 and 0.8 of it is looked through: 2.2 are seen.  After a quarter 0.8 of 1 and 0.25 of 0.8 are left,
    # after two 0.64 and 0.05: 0.6 and 0.59 over the target.
    now, fading = seen(2.2, 0.0, 1.0), Fading(0.5, 0.8, 0.8, 0.25)
    path, terminal = Taylor(1.5, 0.5).projected_rates_pct(now, fading, 2, P)
    assert path == pytest.approx([2.5 + 1.5 * 0.6, 2.5 + 1.5 * 0.59])
    assert terminal == pytest.approx(2.5)
    path, _ = InertialTaylor(0.9, 1.5, 0.4).projected_rates_pct(now, fading, 2, P)
    assert path == pytest.approx([0.9 + 0.34, 0.9 * 1.24 + 0.1 * (2.5 + 1.5 * 0.59)])


def test_believed_quarters_let_what_is_looked_through_pass_as_well() -> None:
    boj = bank(Taylor(1.5, 0.5), rate=1.0, inflation=3.0)
    boj.looked_through_pp, boj.looked_through_left = 0.8, 0.25
    boj.announce([1.0, 1.0, 1.0])
    path, _ = boj.expected_path_pct(world(smoothed_gap_pct=0.0), P, 2)
    assert path == pytest.approx([1.0, 2.5 + 1.5 * 0.59])


OPENING_RULE = InertialTaylor(inertia=0.8, inflation_response=2.0, gap_response=0.5)


def opened(yield_2y_pct: float, rate: float = 1.0, inflation: float = 3.0) -> tuple[BankOfJapan, float]:
    """A bank that has opened with this yield, and the mean of its projected rates over two years."""
    boj, state = bank(OPENING_RULE, rate, inflation), world(smoothed_gap_pct=0.4)
    boj.open_with(yield_2y_pct, state, P, OPENING_RULE)
    return boj, sum(boj.expected_path_pct(state, P, 8)[0]) / 8.0


def test_a_bank_opens_content_with_its_rate_and_with_the_two_year_yield() -> None:
    boj, mean = opened(1.6)
    # The rule asks for 2.5 + 2 x 1 + 0.5 x 0.4 = 4.7, which is 3.7 too much: 1.85 points are looked through.
    assert boj.looked_through_pp == pytest.approx(1.85)
    assert (boj.shadow_rate_pct, boj.policy_rate_pct) == pytest.approx((1.0, 1.0))
    assert 0.0 < boj.looked_through_left < 0.99
    assert mean == pytest.approx(1.6, abs=1e-9)
    # A lower yield is a bank that waits longer.
    assert opened(1.3)[0].looked_through_left > boj.looked_through_left
    boj.meet(world(smoothed_gap_pct=0.4), P)
    assert boj.policy_rate_pct == 1.0


def test_a_yield_that_no_patience_explains_moves_the_shadow_rate_by_at_most_half_a_step() -> None:
    # What is looked through passes within a quarter: 4.5, 4.3.. are asked for; more is to be had from the shadow alone.
    fastest = opened(9.0)[0]
    assert (fastest.looked_through_left, fastest.shadow_rate_pct) == (0.0, 1.125)
    most = opened(9.0)[1]
    boj, mean = opened(most - 0.01)
    assert 1.0 < boj.shadow_rate_pct < 1.125
    assert mean == pytest.approx(most - 0.01, abs=1e-9)
    slowest = opened(-9.0)[0]
    assert (slowest.looked_through_left, slowest.shadow_rate_pct) == (0.99, 0.875)


def test_rules_start_from_the_natural_rate_that_the_bank_believes_in() -> None:
    low = seen(3.0, 2.0, natural_real_rate_pct=-0.25)
    for rule in (InertialTaylor(0.9, 1.5, 0.4), YieldCurveControl(1.0, 0.7, "taylor", 0.64), Taylor(1.5, 0.4)):
        assert rule.wanted_rate_pct(low, P) - rule.wanted_rate_pct(seen(3.0, 2.0), P) == pytest.approx(-0.75)
    for rule in (InertialTaylor(0.9, 1.5, 0.4), Taylor(1.5, 0.4)):
        _, terminal = rule.projected_rates_pct(low, Fading(0.5, 0.8), 2, P)
        assert terminal == pytest.approx(1.75)


def test_a_new_rule_starts_its_price_path_and_its_highest_rate_anew() -> None:
    boj = bank(Taylor(), rate=1.0)
    boj.watch(world(), P)
    boj.policy_rate_pct, rule = 0.25, Onlooker()
    boj.take_rule(rule)
    boj.watch(world(domestic_price=1.2), P)
    boj.meet(world(), P)
    assert rule.seen[0].highest_rate_pct == 0.25
    assert rule.seen[0].price_gap_pct == 0.0


def test_a_meeting_moves_the_shadow_rate_then_the_rate_and_remembers_the_highest() -> None:
    boj = bank(Taylor(inflation_response=1.5, gap_response=0.5), rate=1.0, inflation=3.0)
    boj.meet(world(smoothed_gap_pct=1.0), P)
    # 0.5 + 2 + 1.5 x 1 + 0.5 x 1
    assert (boj.shadow_rate_pct, boj.policy_rate_pct, boj.highest_rate_pct) == pytest.approx((4.5, 4.5, 4.5))
    boj.meet(world(smoothed_gap_pct=-3.0), P)
    assert (boj.shadow_rate_pct, boj.policy_rate_pct, boj.highest_rate_pct) == pytest.approx((2.5, 2.5, 4.5))


def test_at_the_bound_the_rule_stands_half_a_step_below_and_rises_when_it_asks_to() -> None:
    boj = bank(InertialTaylor(inertia=0.81, inflation_response=1.5, gap_response=0.5), rate=0.0, inflation=-8.0)
    for _ in range(8):
        boj.meet(world(smoothed_gap_pct=-3.0), P)
    # The lower bound is -0.1: no meeting leaves the rule further than 0.125 below it.
    assert (boj.shadow_rate_pct, boj.policy_rate_pct) == pytest.approx((-0.225, -0.1))
    boj.average_inflation_pct = 4.0
    # 0.5 + 2 + 1.5 x 2 - 0.5 x 3 = 4, a tenth of the way at each meeting: -0.225 + 0.4225 is half a step above -0.1.
    boj.meet(world(smoothed_gap_pct=-3.0), P)
    assert (boj.shadow_rate_pct, boj.policy_rate_pct) == pytest.approx((0.1975, 0.15))


def test_rules_are_shown_the_highest_rate_so_far_also_after_it_came_down() -> None:
    rule = Onlooker()
    boj = bank(rule, rate=1.0)
    boj.highest_rate_pct = 2.0
    boj.meet(world(), P)
    assert rule.seen[0].highest_rate_pct == 2.0


def test_the_plan_of_purchases_steps_down_on_its_dates_and_a_floor_of_reserves_adds_to_it() -> None:
    boj = bank()
    assert [boj.plan_purchases(month) for month in (0, 3, 4, 9, 10, 99)] == [3.0, 3.0, 2.5, 2.5, 2.0, 2.0]
    assert boj.purchases(4, 390.0, 1.0, P) == 12.5
    assert boj.purchases(4, 410.0, 1.0, P) == 2.5
    # What banks need grows with the economy.
    assert boj.purchases(4, 410.0, 1.05, P) == pytest.approx(12.5)


def test_extra_purchases_close_the_gap_to_the_cap_as_far_as_the_largest_share_allows() -> None:
    boj = bank(YieldCurveControl(cap_pct=1.5, largest_share=0.5))
    # Half a point above the cap at 40 trillion a point is 20; half of 600 + 200 less 200 leaves room for 200.
    assert boj.extra_purchases(2.0, 40.0, 600.0, 200.0) == pytest.approx(20.0)
    # Half of 210 + 200 leaves 5.
    assert boj.extra_purchases(2.0, 40.0, 210.0, 200.0) == pytest.approx(5.0)
    assert boj.extra_purchases(2.0, 40.0, 100.0, 200.0) == 0.0
    assert boj.extra_purchases(1.4, 40.0, 600.0, 200.0) == 0.0
    assert bank(Taylor()).extra_purchases(9.0, 40.0, 600.0, 200.0) == 0.0


def test_under_the_floor_the_bank_leaves_out_of_its_plan_what_would_lift_the_yield_and_sells_none() -> None:
    boj = bank(InertialTaylor())
    boj.commit(2.0, YieldCap(0.1, 0.8, -0.1))
    # A tenth of a point under the floor at 40 trillion a point is 4.
    assert boj.extra_purchases(-0.2, 40.0, 600.0, 200.0, 6.0) == pytest.approx(-4.0)
    assert boj.extra_purchases(-0.2, 40.0, 600.0, 200.0, 3.0) == -3.0
    assert boj.extra_purchases(-0.2, 40.0, 600.0, 200.0) == 0.0
    assert [boj.extra_purchases(rate, 40.0, 600.0, 200.0, 6.0) for rate in (-0.1, 0.0, 0.1)] == [0.0, 0.0, 0.0]
    assert boj.extra_purchases(0.2, 40.0, 600.0, 200.0, 6.0) == pytest.approx(4.0)
    # Without a floor it buys as planned however low the yield.
    boj.commit(2.0, YieldCap(0.1, 0.8))
    assert boj.extra_purchases(-9.0, 40.0, 600.0, 200.0, 6.0) == 0.0


def test_losses_are_made_good_before_profit_is_paid_out() -> None:
    boj = bank()
    assert boj.remittance(0.3) == pytest.approx(0.3)
    assert boj.remittance(-0.5) == 0.0
    assert boj.carried_loss_trn_yen == pytest.approx(0.5)
    assert boj.remittance(0.2) == 0.0
    assert boj.carried_loss_trn_yen == pytest.approx(0.3)
    assert boj.remittance(0.4) == pytest.approx(0.1)
    assert boj.carried_loss_trn_yen == 0.0
    assert boj.remittance(0.4) == pytest.approx(0.4)


def test_the_expected_path_begins_between_rate_and_shadow_rate() -> None:
    boj = bank(ConstantRate(), rate=1.0)
    boj.shadow_rate_pct = 2.0
    path, terminal = boj.expected_path_pct(world(), P, quarters=3)
    assert path == pytest.approx([1.5] * 3)
    assert terminal == pytest.approx(1.5)
    assert len(boj.expected_path_pct(world(), P)[0]) == 40
    assert boj.expected_path_pct(world(), P, 1, Taylor())[1] == pytest.approx(2.5)


def test_what_the_bank_looks_at_fades_at_its_own_rates_on_the_projected_path() -> None:
    # Inflation 3, gap 2, price gap 4, yen gap 10.  After a quarter the excess of 1 is 0.8, the gap of 2 is 1; after
    # two, 0.64 and 0.5; the rate without inertia is 2.5 + 1.5 excess + 0.5 gap.
    now = seen(3.0, 2.0, 1.0, price_gap_pct=4.0, yen_gap_pct=10.0)
    path, terminal = Taylor(1.5, 0.5).projected_rates_pct(now, Fading(0.5, 0.8), 2, P)
    assert path == pytest.approx([2.5 + 1.2 + 0.5, 2.5 + 0.96 + 0.25])
    assert terminal == pytest.approx(2.5)
    # With inertia of 0.9 a quarter: 0.9 x 1.0 + 0.1 x (2.5 + 1.2 + 0.4).
    path, terminal = InertialTaylor(0.9, 1.5, 0.4).projected_rates_pct(now, Fading(0.5, 0.8), 1, P)
    assert (path[0], terminal) == pytest.approx((1.31, 2.5))
    # The yen's gap of 10 is 5 after a quarter: 2 x 5 / 10 more, of which a tenth counts.
    path, _ = YenAugmented(0.9, 1.5, 0.4, yen_response=2.0).projected_rates_pct(now, Fading(0.5, 0.8), 1, P)
    assert path[0] == pytest.approx(1.41)
    # The price gap of 4 is 3.2 after a quarter; wanted 2.5 + 1.0 x 0.8 + 0.5 x 1 + 0.5 x 3.2 = 5.4.
    path, _ = PriceLevelTarget(0.9).projected_rates_pct(now, Fading(0.5, 0.8), 1, P)
    assert path[0] == pytest.approx(0.9 + 0.54)
    for rule in (Taylor(3.0, 1.5), InertialTaylor(0.0, 3.0, 1.5)):
        assert rule.projected_rates_pct(seen(-2.0, -2.0), Fading(0.9, 0.9), 1, P)[0] == [-0.1]


def test_two_meetings_make_a_quarters_inertia_and_steps_round_to_a_quarter_point() -> None:
    rule = InertialTaylor(inertia=0.81)
    assert rule.next_shadow_pct(1.0, 3.0, seen()) == pytest.approx(0.9 * 1.0 + 0.1 * 3.0)
    assert rule.decide_pct(1.0, 1.1, P) == 1.0
    assert rule.decide_pct(1.0, 1.13, P) == 1.25
    assert rule.decide_pct(1.0, 5.0, P) == 1.25
    assert rule.decide_pct(1.0, 0.85, P) == 0.75
    assert rule.decide_pct(0.0, -2.0, P) == -0.1
    assert InertialTaylor(step_pp=0.5).decide_pct(1.0, 1.3, P) == 1.5
    assert Taylor().decide_pct(1.0, 1.66, P) == 1.75
    assert Taylor().decide_pct(1.0, 0.3, P) == 0.25
    assert Taylor().decide_pct(0.1, -3.0, P) == -0.1
    assert Taylor().decide_pct(0.1, 0.2, P) == 0.1
    assert Taylor().next_shadow_pct(1.0, 3.0, seen()) == 3.0


def test_rates_answer_to_inflation_the_gap_the_yen_and_the_price_level() -> None:
    assert InertialTaylor(0.9, 1.5, 0.4).wanted_rate_pct(seen(3.0, 2.0), P) == pytest.approx(2.5 + 1.5 + 0.8)
    assert InertialTaylor(0.9, 1.5, 0.4).wanted_rate_pct(seen(1.0, -1.0), P) == pytest.approx(2.5 - 1.5 - 0.4)
    weak = seen(2.0, 0.0, yen_gap_pct=10.0)
    assert YenAugmented(yen_response=0.2).wanted_rate_pct(weak, P) == pytest.approx(2.7)
    high = seen(2.0, 0.0, price_gap_pct=3.0)
    assert PriceLevelTarget(price_level_response=0.5).wanted_rate_pct(high, P) == pytest.approx(4.0)
    assert ConstantRate().wanted_rate_pct(seen(9.0, 9.0, 0.75), P) == 0.75
    assert ConstantRate().quarterly_inertia(seen()) == 0.0


def test_a_cap_holds_the_short_rate_or_follows_taylor() -> None:
    held, taylor = YieldCurveControl(1.5, 0.8), YieldCurveControl(1.0, 0.7, "taylor", 0.64)
    assert held.wanted_rate_pct(seen(3.0, 2.0, 0.5), P) == 0.5
    # The bank's own responses, 2.1 and 0.465.
    assert taylor.wanted_rate_pct(seen(3.0, 2.0, 0.5), P) == pytest.approx(2.5 + 2.1 + 0.93)
    assert (held.quarterly_inertia(seen()), taylor.quarterly_inertia(seen())) == (0.0, 0.64)
    assert taylor.yield_cap() == YieldCap(1.0, 0.7)
    assert Taylor().yield_cap() is None


def test_early_normalisation_steps_up_until_neutral_has_been_reached() -> None:
    rule = EarlyNormalisation(0.81, inflation_response=1.5, neutral_rate_pct=1.75)
    low, done = seen(4.0, 0.0, 0.75, highest_rate_pct=1.5), seen(4.0, 0.0, 0.75, highest_rate_pct=1.65)
    assert rule.wanted_rate_pct(low, P) == 1.75
    assert rule.wanted_rate_pct(done, P) == pytest.approx(5.5)
    assert rule.next_shadow_pct(0.75, 1.75, low) == 1.75
    assert rule.next_shadow_pct(1.0, 3.0, done) == pytest.approx(1.2)
    # Two steps of a quarter point out of the whole point that is left.
    assert rule.quarterly_inertia(low) == pytest.approx(0.5)
    assert rule.quarterly_inertia(seen(2.0, 0.0, 1.5, highest_rate_pct=1.5)) == 0.0
    assert rule.quarterly_inertia(done) == 0.81


def test_purchases_beyond_the_plan_bring_the_yield_to_the_cap() -> None:
    boj = bank(YieldCurveControl(cap_pct=1.5, largest_share=0.9))
    market = given(term_premium_pct=0.7, slope_trn_per_pp=40.0)
    market.take_back_clearing = lambda premium: setattr(market, "term_premium_pct", premium)
    economy = given(
        bank_of_japan=boj,
        bonds=market,
        parameters=given(jgb_duration_years=5.0),
        ledger=HandLedger({(JGB_BUCKETS[0], BANK_OF_JAPAN): 100.0, (JGB_BUCKETS[1], BANK_OF_JAPAN): 50.0}),
    )
    premiums = []

    def clear(stock: float) -> float:
        premiums.append(market.term_premium_pct)
        market.term_premium_pct = 99.0
        return 2.0 + (stock - 200.0) / 50.0

    # Demand of 40 and value of 5 / 100 x 200 = 10 make 50 trillion a point: half a point above the cap asks for 25.
    assert purchases_beyond_plan(economy, 200.0, 3.0, clear) == pytest.approx(25.0)
    assert premiums == [0.7, 0.7]
    # The bank has 153 with the plan's 3; 0.45 of 200 + 153 is 158.85.
    boj.take_rule(YieldCurveControl(cap_pct=1.5, largest_share=0.45))
    market.term_premium_pct = 0.7
    assert purchases_beyond_plan(economy, 200.0, 3.0, clear) == pytest.approx(5.85)
    boj.take_rule(Taylor())
    assert purchases_beyond_plan(economy, 200.0, 3.0, clear) == 0.0
    # 2.0 lies 0.1 under the floor: at 50 trillion a point 5 fewer would lift it, and 3 are all that is planned.
    boj.take_rule(InertialTaylor())
    boj.commit(9.0, YieldCap(3.0, 0.8, 2.1))
    assert purchases_beyond_plan(economy, 200.0, 7.0, clear) == pytest.approx(-5.0)
    assert purchases_beyond_plan(economy, 200.0, 3.0, clear) == pytest.approx(-3.0)


def test_holders_sell_before_the_bank_buys_what_dealers_do_not_have(monkeypatch: pytest.MonkeyPatch) -> None:
    order = []
    monkeypatch.setattr("itcho.model.finance.yield_cap.trade_bonds", lambda ledger, *terms: order.append(terms))
    wanted = {"households": -2.0, BANK_OF_JAPAN: 5.0, BANKS: -3.0}
    trade_with_the_bank(HandLedger(), wanted, JGB_BUCKETS[3:])  # type: ignore[arg-type]
    assert order == [
        ({"households": -2.0, BANKS: -3.0}, JGB_BUCKETS[3:]),
        ({BANK_OF_JAPAN: 5.0}, JGB_BUCKETS[3:]),
    ]


def test_after_a_failed_auction_the_bank_buys_super_longs_only() -> None:
    boj = bank(Taylor())
    assert boj.superlong_purchases(4.0, 0.25, False, 90.0) == 1.0
    assert boj.superlong_purchases(4.0, 0.25, True, 90.0) == 4.0
    # It buys no more than there is.
    assert boj.superlong_purchases(4.0, 0.25, True, 3.0) == 3.0


def test_run_off_is_redemptions_less_twelve_months_of_purchases() -> None:
    economy = outlook_economy()
    # 550 trillion over 5.5 years is 100 a year, less 12 x 2.5; dealers' reserves absorb 0.6 of it.
    assert monthly_steps.supply_outlook(economy, 0.0) == pytest.approx(3.0 * (30.0 + 0.4 * 70.0) + 0.25)
    economy.month = 10
    assert monthly_steps.supply_outlook(economy, 0.0) == pytest.approx(3.0 * (30.0 + 0.4 * 76.0) + 0.25)
    economy.government.memory.announced_extra_deficit_pct_gdp = 0.25
    # 0.75% of 600 is 4.5 a year.
    assert monthly_steps.supply_outlook(economy, 0.5) == pytest.approx(3.0 * (30.0 + 4.5 + 0.4 * 76.0) + 0.25)
    economy.month = -1
    assert monthly_steps.supply_outlook(economy, 0.5) == pytest.approx(3.0 * (30.0 + 4.5 + 0.4 * 64.0) + 0.25)


def outlook_economy() -> Any:
    positions = np.zeros((len(JGB_BUCKETS) + 1, 2))
    positions[: len(JGB_BUCKETS), 1] = 550.0 / len(JGB_BUCKETS)
    positions[-1, :], positions[:, 0] = 77.0, 33.0
    ledger = given(
        positions=positions,
        rows_of=lambda names: np.arange(len(names)),
        party_index={BANKS: 0, BANK_OF_JAPAN: 1},
    )
    return given(
        parameters=given(jgb_outlook_years=3.0, boj_redemption_years=5.5, bank_reserve_swap_share=0.6),
        state=given(nominal_gdp_four_quarters=600.0),
        government=given(memory=given(announced_extra_deficit_pct_gdp=0.0), programme_left_trn_yen=0.25),
        ledger=ledger,
        bank_of_japan=bank(),
        month=4,
        issuance_expectations=given(expected_trn_yen_year=30.0),
    )


def test_the_bank_pays_interest_on_reserves_and_remits_part_of_what_is_left() -> None:
    ledger = HandLedger({(RESERVES, BANKS): 480.0, (FUND_UNITS, BANK_OF_JAPAN): 60.0, (LOANS, BANK_OF_JAPAN): 120.0})
    economy = given(
        ledger=ledger,
        incomes=given(fund_yield=0.02, boj_lending_yield=0.01),
        bank_of_japan=bank(),
        state=given(policy_rate_pct=0.5),
        opening=given(boj_amortisation_share=0.25, boj_remittance_share=0.95),
    )
    from_abroad = {BANK_OF_JAPAN: 0.05}
    remitted = monthly_steps._settle_with_the_bank_of_japan(economy, {BANK_OF_JAPAN: 0.4}, from_abroad)
    # Reserves cost 0.5% of 480 a year, 0.2 a month; funds bring 0.1, loans 0.1; coupons 0.4 less a quarter.
    assert ledger.paid(BANK_OF_JAPAN, BANKS, "boj_interest_on_reserves") == pytest.approx(0.2)
    assert ledger.paid(FIRMS, BANK_OF_JAPAN, "etf_distributions_to_boj") == pytest.approx(0.1)
    assert ledger.paid(BANKS, BANK_OF_JAPAN, "boj_lending_interest") == pytest.approx(0.1)
    profit = 0.4 - 0.1 + 0.1 + 0.1 - 0.2 + 0.05
    assert ledger.paid(BANK_OF_JAPAN, GOVERNMENT, "boj_remittance") == pytest.approx(0.95 * profit)
    assert remitted == pytest.approx(0.3325)
    # A negative rate costs banks nothing; a loss is carried.
    economy.state.policy_rate_pct, ledger.posted = -0.1, []
    monthly_steps._settle_with_the_bank_of_japan(economy, {}, from_abroad)
    assert ledger.paid(BANK_OF_JAPAN, BANKS, "boj_interest_on_reserves") == 0.0
    economy.state.policy_rate_pct = 2.0
    assert monthly_steps._settle_with_the_bank_of_japan(economy, {}, from_abroad) == 0.0
    assert economy.bank_of_japan.carried_loss_trn_yen == pytest.approx(0.8 - 0.25)
    # Who has lent nothing and holds no funds gets nothing for them.
    economy.ledger = bare = HandLedger({(RESERVES, BANKS): 480.0})
    monthly_steps._settle_with_the_bank_of_japan(economy, {}, from_abroad)
    assert bare.paid(BANKS, BANK_OF_JAPAN, "boj_lending_interest") == 0.0
    assert bare.paid(FIRMS, BANK_OF_JAPAN, "etf_distributions_to_boj") == 0.0


def test_meetings_of_the_month_are_held_and_banks_lending_rates_follow_part_of_the_way() -> None:
    boj = bank(InertialTaylor(0.0, 1.5, 0.4), rate=1.0, inflation=2.0)
    state = world(underlying_inflation_pct=2.0, smoothed_gap_pct=0.0, policy_rate_pct=0.0, lending_rate_pct=1.5)
    economy = given(
        parameters=given(**vars(P), lending_rate_pass_through=0.6, bank_rate_adjustment_monthly=0.25),
        state=state,
        bank_of_japan=boj,
        clock=given(meetings_this_month=2),
        incomes=given(lending_rate_start_pct=1.4, policy_rate_start_pct=0.75),
    )
    monthly_steps.meet_at_the_bank_of_japan(economy, Disturbances(policy_rate_shift_pp=0.1))
    # Taylor's rate is 2.5: two meetings, two steps; the shock of an experiment comes on top and is no decision.
    assert boj.policy_rate_pct == pytest.approx(1.5)
    assert state.policy_rate_pct == pytest.approx(1.6)
    # Wanted 1.4 + 0.6 x 0.85 = 1.91, a quarter of the way from 1.5.
    assert state.lending_rate_pct == pytest.approx(1.6025)
    # What was announced for the month is set without a meeting.
    monthly_steps.meet_at_the_bank_of_japan(economy, Disturbances(policy_rates_announced_pct=np.array([2.25, 3.0])))
    assert (boj.policy_rate_pct, boj.shadow_rate_pct, state.policy_rate_pct) == (2.25, 2.25, 2.25)
    assert boj.highest_rate_pct == 2.25
    monthly_steps.meet_at_the_bank_of_japan(economy, Disturbances())
    assert boj.announced_rates_pct == ()


# What had been announced.


def rising(inflation: float, until: float | None, cap: YieldCap | None = None) -> BankOfJapan:
    # Wants 0.5 + 2 + 2.1 x (inflation - 2) + 0.465 x 10: far above zero.
    promised = bank(InertialTaylor(inertia=0.0), 0.0, inflation)
    promised.commit(until, cap)
    return promised


@pytest.mark.parametrize(("inflation", "rate"), [(1.9, 0.0), (1.96, 0.25)])
def test_a_promised_rate_stands_until_inflation_is_there_as_published(inflation: float, rate: float) -> None:
    promised = rising(inflation, 2.0, YieldCap(0.1, 0.8))
    promised.meet(world(smoothed_gap_pct=10.0), P)
    assert promised.policy_rate_pct == rate
    # With the promise goes the cap.
    assert promised.yield_cap() == (YieldCap(0.1, 0.8) if rate == 0.0 else None)
    assert promised.kept_until_inflation_pct == (2.0 if rate == 0.0 else None)


def test_a_promise_leaves_cuts_alone_and_binds_no_other_rule() -> None:
    promised = rising(1.0, 2.0)
    promised.meet(world(smoothed_gap_pct=-10.0), P)
    assert promised.policy_rate_pct == -0.1
    promised.take_rule(Taylor())
    assert promised.kept_until_inflation_pct is None
    promised.commit(2.0)
    assert promised.kept_until_inflation_pct is None


def test_the_projected_path_rises_only_when_projected_inflation_is_there() -> None:
    promised, free = rising(1.2, 1.8), rising(1.2, None)
    here = world(smoothed_gap_pct=10.0)
    path, end = promised.expected_path_pct(here, P, 10)
    rule, same_end = free.expected_path_pct(here, P, 10)
    # 2 - 0.8 x 0.8^n passes 1.75 at n = 6 (0.21 left): six quarters stand still.
    assert path[:6] == [0.0] * 6
    assert min(rule[:6]) > 0.0
    assert (path[6:], end) == (rule[6:], same_end)
