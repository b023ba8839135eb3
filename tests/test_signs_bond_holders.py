"""Bond holders: how much they want to hold, and what they expect to have to absorb, worked out by hand."""

from __future__ import annotations

import pytest

from itcho.agents.bond_holders import (
    BalanceSheets,
    BondMandates,
    IssuanceExpectations,
    RatesAbroad,
    SupplyView,
    supply_outlook_trn_yen,
)
from itcho.agents.investors import (
    BANK,
    FOREIGN,
    FUND,
    HOUSEHOLD,
    INSURER_PENSION,
)
from tests.hand_ledger import given

JGB_START = {HOUSEHOLD: 12.0, INSURER_PENSION: 300.0, BANK: 100.0, FUND: 20.0, FOREIGN: 70.0}
MANDATES = given(
    household_jgb_purchases_trn_yen_year=2.4,
    jgb_demand_slope_share_per_pp=0.05,
    foreign_share_response_per_pp=0.2,
    jgb_foreign_yield_weight=0.25,
    bank_hurdle_pp=0.5,
    bank_hurdle_width_pp=1.0,
    bank_swap_adjustment_monthly=0.25,
    bank_reserve_swap_share=0.6,
    mandate_half_life_years=1.0 / 12.0,
)


SHEETS = BalanceSheets(reserves=500.0, deposits=1000.0, claims=500.0, fund_units=250.0)
ABROAD = RatesAbroad(us_10y_pct=4.0, us_policy_rate_pct=3.5, policy_path_10y_pct=1.5, income=1.0)


def opened(**changed: float) -> BondMandates:
    """Mandates that hold the rates of :data:`ABROAD` and a policy rate of 1."""
    mandates = BondMandates(JGB_START, SHEETS, given(**vars(MANDATES) | changed))
    mandates.open_with(ABROAD, 1.0)
    return mandates


def test_bond_mandates_are_shares_of_balance_sheets_and_foreigners_of_the_worlds_income() -> None:
    mandates = opened()
    same = mandates.decide(SHEETS, JGB_START, 0.0, 1.0, 1.0, ABROAD)
    assert same.wanted == pytest.approx((12.0, 300.0, 100.0, 20.0, 70.0))
    assert same.slopes == pytest.approx((0.0, 25.0, 50.0, 0.0, 14.0))
    # Two years on, reserves of 100 are gone; a yield 9 points over the policy rate would make banks fully willing,
    # and they get a quarter of the way in a month: 0.6 x 100 x 0.25.  All hold what they want.
    grown = BalanceSheets(400.0, 1100.0, 550.0, 225.0)
    held = {INSURER_PENSION: 330.0, BANK: 125.0, FUND: 18.0, FOREIGN: 77.0}
    later = mandates.decide(grown, held, 2.0, 10.0, 1.0, ABROAD._replace(income=1.1))
    assert later.wanted == pytest.approx((16.8, 330.0, 125.0, 18.0, 77.0))
    assert later.slopes == pytest.approx((0.0, 27.5, 55.0, 0.0, 15.4))
    # Banks that are given more reserves than at the start give bonds back, as far as they are willing.
    given_back = 0.6 * 100.0 * 0.4375
    held = JGB_START | {BANK: 100.0 - given_back}
    flooded = mandates.decide(SHEETS._replace(reserves=600.0), held, 0.0, 10.0, 1.0, ABROAD)
    assert flooded.wanted[BANK] == pytest.approx(100.0 - given_back)


def test_holders_get_used_to_what_they_have_ended_up_with() -> None:
    mandates = opened()
    held = {HOUSEHOLD: 99.0, INSURER_PENSION: 350.0, BANK: 80.0, FUND: 30.0, FOREIGN: 84.0}
    # Half of the way in a month, both up and down; households' plans are their own.
    first = mandates.decide(SHEETS, held, 0.0, 1.0, 1.0, ABROAD)
    assert first.wanted == pytest.approx((12.0, 325.0, 90.0, 25.0, 77.0))
    assert first.slopes[-1] == pytest.approx(14.0)
    assert mandates.decide(SHEETS, held, 0.0, 1.0, 1.0, ABROAD).wanted == pytest.approx((12.0, 337.5, 85.0, 27.5, 80.5))
    slow = opened(mandate_half_life_years=2.0)
    for _ in range(24):
        found = slow.decide(SHEETS, held, 0.0, 1.0, 1.0, ABROAD)
    assert found.wanted == pytest.approx((12.0, 325.0, 90.0, 25.0, 77.0))


def test_banks_do_not_get_used_to_bonds_they_swapped_reserves_for() -> None:
    mandates = opened()
    fewer = SHEETS._replace(reserves=400.0)
    # Fully willing at once: 0.6 x 100.
    held = JGB_START | {BANK: 160.0}
    for _ in range(2):
        assert mandates.decide(fewer, held, 0.0, 9.0, 1.0, ABROAD).wanted[BANK] == pytest.approx(160.0)


def test_a_hedged_pick_up_that_falls_makes_holders_abroad_sell() -> None:
    # 1.5 of expected rates, and 3.5 less 1.0 for a dollar lent for yen, less 4.0.
    assert ABROAD.hedged_pick_up_pp(1.0) == pytest.approx(0.0)
    # The Bank of Japan's rate is half a point up and the Federal Reserve's half a point down: a point less, a fifth.
    worse = ABROAD._replace(us_policy_rate_pct=3.0)
    sold = JGB_START | {FOREIGN: 56.0}
    its = opened(mandate_half_life_years=1e9)
    wanted = its.decide(SHEETS, JGB_START, 0.0, 1.5, 1.5, worse).wanted
    # Nobody else is moved.
    assert wanted == pytest.approx((12.0, 300.0, 100.0, 20.0, 56.0))
    assert its.decide(SHEETS, sold, 0.0, 1.5, 1.5, worse).wanted[FOREIGN] == pytest.approx(56.0)
    assert its.decide(SHEETS, sold, 0.0, 1.0, 1.0, ABROAD).wanted[FOREIGN] == pytest.approx(70.0)


def test_those_who_do_get_used_hold_what_the_pick_up_is_worth_beside_their_mandate() -> None:
    mandates = opened()
    worse = ABROAD._replace(us_policy_rate_pct=2.5)
    sold = JGB_START | {FOREIGN: 56.0}
    for _ in range(3):
        # 56 held is 70 less a fifth of 70: there is nothing to get used to.
        assert mandates.decide(SHEETS, sold, 0.0, 1.0, 1.0, worse).wanted[FOREIGN] == pytest.approx(56.0)


def test_a_higher_yield_abroad_makes_insurers_and_banks_want_less() -> None:
    mandates = opened()
    dearer = ABROAD._replace(us_10y_pct=5.0)
    # A quarter of what a point at home would make them want more: 0.25 x 25 and 0.25 x 50; abroad a fifth less.
    demand = mandates.decide(SHEETS, JGB_START, 0.0, 1.0, 1.0, dearer)
    assert demand.wanted[INSURER_PENSION] == pytest.approx(293.75)
    assert demand.wanted[BANK] == pytest.approx(87.5)
    assert demand.wanted[FUND] == pytest.approx(20.0)
    # It goes on as long as the yield abroad stands there.
    assert mandates.decide(SHEETS, JGB_START, 0.0, 1.0, 1.0, dearer).wanted[BANK] == pytest.approx(87.5)


def test_holders_learn_a_years_issuance_without_what_the_programme_had_announced() -> None:
    holders = IssuanceExpectations(24.0)
    holders.hear(0.8)
    # A tenth was paid out of what was announced: 12 x 3.0 is 12 above 24, a twelfth of which is learned.
    holders.learn(3.1, 0.7)
    assert holders.expected_trn_yen_year == pytest.approx(25.0)
    # More is announced: nothing of it has been issued.
    holders.learn(3.1, 1.0)
    assert holders.expected_trn_yen_year == pytest.approx(25.0 + (37.2 - 25.0) / 12.0)
    holders.expected_trn_yen_year = 24.0
    holders.learn(2.3, 0.7)
    assert holders.expected_trn_yen_year == pytest.approx(24.0)


def test_the_outlook_is_issuance_and_run_off_over_the_horizon_and_what_the_programme_has_left() -> None:
    p = given(jgb_outlook_years=3.0, boj_redemption_years=5.5, bank_reserve_swap_share=0.6)
    # 550 over 5.5 years less 12 x 2.5 run off; banks take six tenths of it.
    assert supply_outlook_trn_yen(30.0, SupplyView(0.0, 550.0, 2.5, 0.25), p) == pytest.approx(3.0 * 58.0 + 0.25)
    assert supply_outlook_trn_yen(30.0, SupplyView(4.5, 550.0, 2.5, 0.0), p) == pytest.approx(3.0 * 62.5)
    # A bank that buys more than is repaid leaves less to others.
    assert supply_outlook_trn_yen(30.0, SupplyView(0.0, 550.0, 10.0, 0.0), p) == pytest.approx(3.0 * (30.0 - 8.0))
