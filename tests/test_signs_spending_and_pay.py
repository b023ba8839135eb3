"""What households and firms spend, charge and pay as they decide it, with numbers worked out by hand."""

from __future__ import annotations

import math

import pytest

from itcho.agents.firms import Firms, WageView, wage_growth_pct
from itcho.agents.households import Households, SpendingOutlook, believed_inflation_pct
from tests.hand_ledger import given

TASTES = given(
    price_shock_persistence=0.5,
    price_shock_sd_pp=2.0,
    inflation_anchor_weight=0.75,
    inflation_target_pct=2.0,
    inflation_persistence=0.6,
    phillips_slope=0.2,
    adaptive_households_share=0.3,
    consumption_shock_persistence=0.9,
    consumption_shock_sd=0.01,
    investment_shock_persistence=0.8,
    investment_shock_sd=0.02,
    permanent_income_speed_monthly=0.2,
    consumption_income_weight=0.8,
    consumption_wealth_elasticity=0.04,
    consumption_rate_semi_elasticity=0.01,
    consumption_adjustment_monthly=0.3,
    consumption_noise_sd=0.005,
    investment_accelerator=1.5,
    investment_rate_semi_elasticity=0.05,
    investment_equity_elasticity=0.1,
    investment_adjustment_monthly=0.15,
    housing_rate_semi_elasticity=0.08,
)


def outlook(**changed: float) -> SpendingOutlook:
    usual = {
        "real_income_trn_yen": 30.0,
        "potential_index": 1.0,
        "real_equity_wealth": 1.0,
        "real_rate_gap_pp": 0.0,
        "smoothed_gap_pct": 0.0,
    }
    return SpendingOutlook(**usual | changed)


def households() -> Households:
    return Households(25.0, 2.0, 30.0, TASTES)


def firms() -> Firms:
    return Firms(8.0, TASTES)


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({}, 1.0),
        # A fifth of a tenth more income is taken to be permanent; eight tenths of its logarithm are spent.
        ({"real_income_trn_yen": 33.0}, 1.02**0.8),
        ({"real_income_trn_yen": 27.0}, 0.98**0.8),
        # Potential counts two tenths, less what wealth lags behind it.
        ({"potential_index": 1.1}, 1.1**0.2 * 1.1**-0.04),
        ({"real_equity_wealth": 1.5}, 1.5**0.04),
        ({"real_rate_gap_pp": 2.0}, math.exp(-0.02)),
        ({"real_rate_gap_pp": -2.0}, math.exp(0.02)),
        # The cycle alone moves no household.
        ({"smoothed_gap_pct": 5.0}, 1.0),
    ],
)
def test_households_go_three_tenths_of_the_way_to_what_they_want(changed: dict[str, float], wanted: float) -> None:
    its = households()
    assert its.consume(outlook(**changed), 0.0) == pytest.approx(25.0 * (1.0 + 0.3 * (wanted - 1.0)))


def test_permanent_income_follows_slowly_and_shocks_to_consumption_fade() -> None:
    its = households()
    its.consume(outlook(real_income_trn_yen=33.0), 0.0)
    assert its.permanent_income == pytest.approx(30.6)
    its.consume(outlook(real_income_trn_yen=33.0), 0.0)
    assert its.permanent_income == pytest.approx(31.08)
    its.be_shocked(2.0)
    its.be_shocked(-1.0)
    assert its.consumption_shock == pytest.approx(0.9 * 0.02 - 0.01)
    shaken = households()
    shaken.be_shocked(2.0)
    assert shaken.consume(outlook(), 0.0) == pytest.approx(25.0 * (1.0 + 0.3 * (math.exp(0.02) - 1.0)))


def test_a_passing_wish_to_consume_is_taken_back_a_month_later() -> None:
    its = households()
    assert its.consume(outlook(), 2.0) == pytest.approx(25.0 * math.exp(0.01))
    back = (0.7 * 25.0 * math.exp(0.01) + 0.3 * 25.0) * math.exp(-0.01)
    assert its.consume(outlook(), 0.0) == pytest.approx(back)
    assert its.consume(outlook(), -2.0) == pytest.approx((0.7 * back + 7.5) * math.exp(-0.01))


def test_houses_are_built_with_potential_and_less_when_credit_is_dear() -> None:
    assert households().build_houses(outlook()) == pytest.approx(2.0)
    assert households().build_houses(outlook(potential_index=1.1)) == pytest.approx(2.0 * 1.015)
    dear = 1.0 + 0.15 * (math.exp(-0.16) - 1.0)
    its = households()
    assert its.build_houses(outlook(real_rate_gap_pp=2.0)) == pytest.approx(2.0 * dear)
    assert its.build_houses(outlook()) == pytest.approx(2.0 * (dear + 0.15 * (1.0 - dear)))


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({}, 1.0),
        ({"smoothed_gap_pct": 2.0}, math.exp(0.03)),
        ({"smoothed_gap_pct": -2.0}, math.exp(-0.03)),
        ({"real_rate_gap_pp": 2.0}, math.exp(-0.1)),
        ({"real_equity_wealth": 1.5}, 1.5**0.1),
        ({"potential_index": 1.1}, 1.1**0.9),
        # Households' income alone moves no firm.
        ({"real_income_trn_yen": 60.0}, 1.0),
    ],
)
def test_firms_go_part_of_the_way_to_the_investment_they_want(changed: dict[str, float], wanted: float) -> None:
    its = firms()
    assert its.invest(outlook(**changed)) == pytest.approx(8.0 * (1.0 + 0.15 * (wanted - 1.0)))
    assert its.business == pytest.approx(8.0 * (1.0 + 0.15 * (wanted - 1.0)))


def test_a_wish_to_invest_lasts() -> None:
    its = firms()
    its.be_shocked(1.0)
    assert its.invest(outlook()) == pytest.approx(8.0 * (1.0 + 0.15 * (math.exp(0.02) - 1.0)))
    its.be_shocked(0.5)
    assert its.investment_shock == pytest.approx(0.8 * 0.02 + 0.01)


def test_firms_raise_prices_with_expectations_the_past_demand_and_shocks() -> None:
    # At the target nothing pushes; three quarters of expectations are anchored, and four tenths of them count.
    assert firms().price_growth_pct(2.0, 2.0, 0.0, 0.0) == pytest.approx(2.0)
    assert firms().price_growth_pct(4.0, 2.0, 0.0, 0.0) == pytest.approx(2.2)
    assert firms().price_growth_pct(2.0, 1.0, 0.0, 0.0) == pytest.approx(1.4)
    assert firms().price_growth_pct(2.0, 2.0, -3.0, 0.0) == pytest.approx(1.4)
    its = firms()
    assert its.price_growth_pct(2.0, 2.0, 0.0, 0.25) == pytest.approx(2.5)
    assert its.price_growth_pct(2.0, 2.0, 0.0, 0.0) == pytest.approx(2.25)


WAGES = given(
    trend_potential_growth_pct=0.6,
    labour_force_growth_pct=-0.4,
    wage_tightness_response=0.5,
    wage_share_correction=0.1,
)


@pytest.mark.parametrize(
    ("changed", "growth"),
    [
        ({}, 2.0 + 0.6 + 0.4),  # Prices, and output for each of fewer workers.
        ({"expected_inflation_pct": 1.0}, 2.0),
        ({"ai_productivity_growth_pct": 0.7}, 3.7),
        ({"unemployment_pct": 2.0}, 3.25),  # Half a point tighter than usual.
        ({"unemployment_pct": 3.5}, 2.5),
        ({"natural_unemployment_pct": 3.0}, 3.25),
        ({"wage_share_gap": 0.025}, 3.5),  # 5% of the usual share are to be caught up with.
        ({"wage_share_gap": -0.05}, 2.0),
        ({"wage_share_gap": 0.025, "usual_wage_share": 0.25}, 4.0),
    ],
)
def test_wages_follow_prices_productivity_tightness_and_the_usual_share(
    changed: dict[str, float], growth: float
) -> None:
    usual = {
        "expected_inflation_pct": 2.0,
        "unemployment_pct": 2.5,
        "natural_unemployment_pct": 2.5,
        "ai_productivity_growth_pct": 0.0,
        "usual_wage_share": 0.5,
        "wage_share_gap": 0.0,
    }
    assert wage_growth_pct(WageView(**usual | changed), WAGES) == pytest.approx(growth)


def test_some_believe_the_inflation_they_see_and_the_rest_the_target() -> None:
    assert believed_inflation_pct(5.0, TASTES) == pytest.approx(0.3 * 5.0 + 0.7 * 2.0)
