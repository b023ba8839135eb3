"""What households and firms spend, charge and pay as they decide it, with numbers worked out by hand."""

from __future__ import annotations

import math

import pytest

from itcho.agents.firms import Firms, WageView, extra_dividends_trn_yen, wage_growth_pct
from itcho.agents.households import Households, SpendingOutlook, believed_inflation_pct, counted_income
from tests.hand_ledger import given

TASTES = {
    "price_shock_persistence": 0.5,
    "price_shock_sd_pp": 2.0,
    "fresh_food_persistence": 0.5,
    "fresh_food_sd_pct": 0.2,
    "inflation_target_pct": 2.0,
    "inflation_persistence_monthly": 0.6,
    "phillips_slope": 0.2,
    "import_cost_response": 0.05,
    "adaptive_households_share": 0.3,
    "consumption_shock_persistence": 0.9,
    "consumption_shock_sd": 0.01,
    "investment_shock_persistence": 0.8,
    "investment_shock_sd": 0.02,
    "income_perception_speed_monthly": 0.2,
    "consumption_income_response": 0.0,
    "consumption_wealth_elasticity": 0.2,
    "consumption_rate_semi_elasticity": 0.01,
    "consumption_adjustment_monthly": 0.3,
    "consumption_noise_sd": 0.005,
    "investment_accelerator": 1.5,
    "investment_rate_semi_elasticity": 0.05,
    "investment_capital_response": 0.5,
    "investment_output_response": 0.0,
    "investment_adjustment_monthly": 0.15,
}


def outlook(**changed: float) -> SpendingOutlook:
    usual = {
        "real_income_trn_yen": 30.0,
        "potential_index": 1.0,
        "potential_growth": 0.0,
        "real_wealth": 1.0,
        "real_rate_gap_pp": 0.0,
        "gap_log": 0.0,
    }
    return SpendingOutlook(**usual | changed)


def households(**changed: float) -> Households:
    return Households(25.0, 30.0, given(**TASTES | changed))


def firms(**changed: float) -> Firms:
    """Firms that invest 1% of their capital of 1000 a month, of which 0.8% wears out."""
    return Firms(10.0, 1000.0, 0.002, given(**TASTES | changed))


@pytest.mark.parametrize(
    ("changed", "wanted_log"),
    [
        ({}, 0.0),
        # A fifth of a tenth more income is perceived; the elasticity is what wealth leaves of one.
        ({"real_income_trn_yen": 33.0}, 0.8 * math.log(1.02)),
        ({"real_income_trn_yen": 27.0}, 0.8 * math.log(0.98)),
        ({"real_wealth": 1.5}, 0.2 * math.log(1.5)),
        ({"real_wealth": 0.8}, 0.2 * math.log(0.8)),
        ({"real_rate_gap_pp": 2.0}, -0.02),
        ({"real_rate_gap_pp": -2.0}, 0.02),
        # The cycle and potential output alone move no household.
        ({"gap_log": 0.05, "potential_index": 1.1}, 0.0),
    ],
)
def test_households_go_three_tenths_of_the_way_to_what_they_want(changed: dict[str, float], wanted_log: float) -> None:
    its = households()
    assert its.consume(outlook(**changed), 0.0) == pytest.approx(25.0 * math.exp(0.3 * wanted_log))
    assert its.consumption == pytest.approx(25.0 * math.exp(0.3 * wanted_log))


def test_consumption_grows_with_potential_and_part_of_what_income_grows_beyond_it() -> None:
    growing = outlook(potential_growth=0.01)
    # Potential growth of 1%, of which four tenths are income growth that does not come.
    assert households().consume(growing, 0.0) == pytest.approx(25.0 * math.exp(0.01))
    answering = households(consumption_income_response=0.4, consumption_adjustment_monthly=0.0)
    assert answering.consume(growing, 0.0) == pytest.approx(25.0 * math.exp(0.006))
    # Perceived income grows by a fifth of a tenth: four tenths of it at once.
    assert answering.consume(outlook(real_income_trn_yen=33.0), 0.0) == pytest.approx(
        25.0 * math.exp(0.006 + 0.4 * math.log(1.02))
    )
    poorer = households(consumption_income_response=0.4, consumption_adjustment_monthly=0.0)
    assert poorer.consume(outlook(real_income_trn_yen=27.0), 0.0) == pytest.approx(
        25.0 * math.exp(0.4 * math.log(0.98))
    )


def test_income_is_perceived_slowly_and_shocks_to_consumption_fade() -> None:
    its = households()
    its.consume(outlook(real_income_trn_yen=33.0), 0.0)
    assert its.perceived_income == pytest.approx(30.6)
    its.consume(outlook(real_income_trn_yen=33.0), 0.0)
    assert its.perceived_income == pytest.approx(31.08)
    its.be_shocked(2.0)
    its.be_shocked(-1.0)
    assert its.consumption_shock == pytest.approx(0.9 * 0.02 - 0.01)
    shaken = households()
    shaken.be_shocked(2.0)
    assert shaken.consume(outlook(), 0.0) == pytest.approx(25.0 * math.exp(0.3 * 0.02))


def test_a_passing_wish_to_consume_is_taken_back_a_month_later() -> None:
    its = households()
    assert its.consume(outlook(), 2.0) == pytest.approx(25.0 * math.exp(0.01))
    assert its.consume(outlook(), -1.0) == pytest.approx(25.0 * math.exp(-0.005))
    assert its.consume(outlook(), 0.0) == pytest.approx(25.0)


def test_a_part_of_what_property_yields_counts_as_income() -> None:
    p = given(property_income_counted_share=0.4)
    # Of 5 from property 2 count.
    assert counted_income(30.0, 5.0, p) == pytest.approx(27.0)
    # Who pays more interest than property yields feels it in the same part.
    assert counted_income(30.0, -1.0, p) == pytest.approx(30.6)


@pytest.mark.parametrize(
    ("changed", "more_output_than_capital", "wanted_log"),
    [
        ({}, 0.0, 0.0),
        ({"gap_log": 0.02}, 0.0, 0.03),
        ({"gap_log": -0.02}, 0.0, -0.03),
        ({"real_rate_gap_pp": 2.0}, 0.0, -0.1),
        ({"real_rate_gap_pp": -1.0}, 0.0, 0.05),
        # Output that usually needs a tenth more capital.
        ({}, 0.1, 0.05),
        ({}, -0.1, -0.05),
        # Households' income and wealth alone move no firm.
        ({"real_income_trn_yen": 60.0, "real_wealth": 2.0, "potential_index": 1.1}, 0.0, 0.0),
    ],
)
def test_firms_go_part_of_the_way_to_the_investment_they_want(
    changed: dict[str, float], more_output_than_capital: float, wanted_log: float
) -> None:
    its = firms()
    found = its.invest(outlook(**changed), more_output_than_capital)
    assert found == its.investment == pytest.approx(10.0 * math.exp(0.15 * wanted_log))
    # The part that is left is closed by as much again.
    again = its.invest(outlook(**changed), more_output_than_capital)
    assert again / found == pytest.approx(math.exp(0.15 * 0.85 * wanted_log) * (1.0 + (found - 8.0) / 1000.0))


def test_investment_answers_at_once_to_a_change_of_the_gap_and_not_to_its_level() -> None:
    its = firms(investment_output_response=0.5, investment_adjustment_monthly=0.0)
    first = its.invest(outlook(gap_log=0.02), 0.0)
    assert first == pytest.approx(10.0 * math.exp(0.01))
    ratio = first / 1000.0
    capital = 1000.0 + first - 8.0
    assert its.invest(outlook(gap_log=0.02), 0.0) == pytest.approx(ratio * capital)
    capital += ratio * capital - 0.008 * capital
    assert its.invest(outlook(gap_log=-0.01), 0.0) == pytest.approx(capital * 0.01 * math.exp(-0.005))


def test_capital_is_what_investment_leaves_after_wear_and_tear() -> None:
    its = firms()
    its.invest(outlook(), 0.0)
    # Ten more and 0.8% worn out: as much growth as potential output has.
    assert its.capital == pytest.approx(1002.0)
    assert its.invest(outlook(), 0.0) == pytest.approx(10.02)
    assert its.capital == pytest.approx(1002.0 * 1.002)


def test_a_wish_to_invest_lasts() -> None:
    its = firms()
    its.be_shocked(1.0)
    assert its.invest(outlook(), 0.0) == pytest.approx(10.0 * math.exp(0.15 * 0.02))
    its.be_shocked(0.5)
    assert its.investment_shock == pytest.approx(0.8 * 0.02 + 0.01)


@pytest.mark.parametrize(
    ("terms", "wanted"),
    [
        ((2.0, 0.0, 0.0, 0.0), 2.0),
        ((4.0, 0.0, 0.0, 0.0), 4.0),
        ((2.0, 0.03, 0.0, 0.0), 2.6),
        ((2.0, -0.03, 0.0, 0.0), 1.4),
        ((2.0, 0.0, 10.0, 0.0), 2.5),
        ((2.0, 0.0, -10.0, 0.0), 1.5),
    ],
)
def test_firms_raise_prices_with_expectations_demand_and_import_costs(
    terms: tuple[float, float, float, float], wanted: float
) -> None:
    its = firms()
    # Four tenths of the way from 2 to what they want, then four tenths of the rest.
    assert its.price_growth_pct(*terms) == pytest.approx(2.0 + 0.4 * (wanted - 2.0))
    assert its.price_growth_pct(*terms) == pytest.approx(2.0 + 0.64 * (wanted - 2.0))


def test_inflation_starts_where_it_has_been_and_goes_on_in_part() -> None:
    its = firms()
    its.start_prices(3.0)
    assert its.price_growth_pct(2.0, 0.0, 0.0, 0.0) == pytest.approx(2.6)
    assert its.inflation_pct == pytest.approx(2.6)


def test_a_price_shock_fades_and_leaves_no_inertia() -> None:
    its = firms()
    assert its.price_growth_pct(2.0, 0.0, 0.0, 0.25) == pytest.approx(2.5)
    assert its.price_growth_pct(2.0, 0.0, 0.0, 0.0) == pytest.approx(2.25)
    assert its.inflation_pct == pytest.approx(2.0)


def test_companies_pay_out_part_of_what_they_hold_beyond_their_usual_funds() -> None:
    p = given(excess_funds_payout_share_year=0.6)
    # A twentieth a month of 40 more than usual, and as much less of 40 below.
    assert extra_dividends_trn_yen(240.0, 200.0, p) == pytest.approx(2.0)
    assert extra_dividends_trn_yen(160.0, 200.0, p) == pytest.approx(-2.0)


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
    assert believed_inflation_pct(5.0, 1.5, given(**TASTES)) == pytest.approx(0.3 * 5.0 + 0.7 * 1.5)
