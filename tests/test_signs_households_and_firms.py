"""Signs, dates and limits of consumption, investment, trade, prices, employment and wages, worked out by hand."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

import numpy as np
import pytest

from itcho.agents.households import anchored_inflation_pct
from itcho.model import monthly_steps
from itcho.model.disturbances import Disturbances
from itcho.model.goods.labour import LabourMarket
from itcho.model.goods.market import BaseFlows, Demand, GoodsMarket
from itcho.model.state import EconomyState, remembered_prices
from itcho.model.world import LocalDemand
from tests.hand_ledger import HandLedger, given

BASE = BaseFlows(25.0, 9.0, 2.0, 2.0, 8.0, 9.0, 10.0, 50.0, 30.0)

STILL = {
    "anchor_experience_share": 0.4,
    "price_shock_persistence": 0.5,
    "price_shock_sd_pp": 2.0,
    "fresh_food_persistence": 0.5,
    "fresh_food_sd_pct": 0.2,
    "inflation_target_pct": 2.0,
    "inflation_persistence_monthly": 0.6,
    "phillips_slope": 0.2,
    "import_cost_response": 0.05,
    "export_price_fx_share": 0.4,
    "export_price_fx_share_long_run": 0.3,
    "export_price_speed_monthly": 0.1,
    "import_price_fx_share": 0.35,
    "import_price_fx_share_long_run": 0.4,
    "import_price_speed_monthly": 0.2,
    "fuel_price_fx_share": 0.9,
    "fuel_price_oil_share": 0.8,
    "fuel_price_speed_monthly": 0.5,
    "import_fuel_share": 0.25,
    "consumer_energy_share": 0.02,
    "consumption_taxed_share": 0.6,
    "consumption_tax_rate_pct": 10.0,
    "adaptive_households_share": 0.3,
    "expectation_speed_monthly": 0.05,
    "trend_potential_growth_pct": 0.5,
    "natural_rate_growth_response": 1.5,
    "neutral_rate_speed_monthly": 0.1,
    "consumption_shock_persistence": 0.9,
    "consumption_shock_sd": 0.01,
    "investment_shock_persistence": 0.8,
    "investment_shock_sd": 0.02,
    "export_demand_elasticity_at_once": 2.0,
    "export_demand_elasticity": 1.5,
    "export_price_elasticity": 0.5,
    "export_price_change_response": 0.06,
    "export_volume_speed_monthly": 0.2,
    "place_of_production_elasticity": 0.25,
    "place_of_production_speed_monthly": 0.04,
    "import_demand_elasticity_at_once": 0.4,
    "import_demand_elasticity": 1.6,
    "import_export_elasticity": 0.3,
    "import_price_elasticity": 0.2,
    "import_fuel_price_elasticity": 0.1,
    "import_volume_speed_monthly": 0.1,
    "investment_import_share": 0.25,
    "income_perception_speed_monthly": 0.2,
    "consumption_income_response": 0.0,
    "consumption_wealth_elasticity": 0.2,
    "consumption_rate_semi_elasticity": 0.01,
    "consumption_adjustment_monthly": 0.3,
    "consumption_noise_sd": 0.005,
    "capital_to_output_ratio": 2.5,
    "investment_accelerator": 1.5,
    "investment_rate_semi_elasticity": 0.05,
    "investment_capital_response": 0.5,
    "investment_output_response": 0.0,
    "investment_adjustment_monthly": 0.15,
    "export_access_speed_monthly": 0.1,
    "natural_real_rate_pct": 0.25,
    "lending_rate_pass_through": 0.6,
}


def outside(**values: float) -> Any:
    usual = {
        "goods_price_log": 0.0,
        "fuel_price_log": 0.0,
        "foreign_price_level": 1.0,
        "demand_trend": 1.0,
        "demand_over_trend_log": 0.0,
        "makers_factor": 1.0,
    }
    return given(**usual | values)


def state(**values: Any) -> EconomyState:
    usual = {
        "real_gdp": 50.0,
        "potential_gdp": 50.0,
        "potential_growth_trend_pct": 0.5,
        "disposable_income": 30.0,
        "counted_income": 28.0,
        "lending_rate_pct": 1.5,
        "expected_inflation_pct": 2.0,
        "policy_rate_pct": 0.75,
        "domestic_price_history": deque([1.0 / 1.02] * 121, maxlen=121),
        "consumer_price_history": deque([1.0] * 13),
        "real_gdp_history": deque([50.0] * 12),
        "nominal_gdp_history": deque([50.0] * 12),
        "potential_gdp_history": deque([50.0] * 13, maxlen=13),
    }
    return EconomyState(**usual | values)


def market(pass_through: bool = True, **changed: float) -> GoodsMarket:
    goods = GoodsMarket(BASE, 28.0, given(**STILL | changed), pass_through)
    goods.neutral_real_rate_pct = goods.long_run_neutral_pct = -0.5
    return goods


def demand(
    goods: GoodsMarket, economy: EconomyState, abroad: Any = None, public: float = 11.0, shocks: Any = (0, 0, 0)
) -> Demand:
    return goods.demand(economy, abroad or outside(), public, shocks)


# Prices.


def test_inflation_is_its_past_expectations_the_gap_import_costs_and_a_shock() -> None:
    economy = state(expected_inflation_pct=3.0, smoothed_gap_pct=2.0)
    goods = market()
    goods.firms.start_prices(1.0)
    goods.firms.price_shock = 1.0
    # Imports other than fuel have risen 4% over home prices in a year.
    goods._import_prices.append(0.04)
    goods.update_prices(economy, outside(), 0.5)
    # Wanted 3 + 0.2 x 2 + 0.05 x 4 = 3.6, four tenths of the way from 1; 0.5 x 1 + 2 x 0.5.
    annual = 1.0 + 0.4 * 2.6 + 1.5
    assert economy.domestic_price == pytest.approx(1.0 + annual / 1200.0)
    # Against twelve months before.
    assert economy.underlying_inflation_pct == pytest.approx(100.0 * ((1.0 + annual / 1200.0) * 1.02 - 1.0))
    assert economy.domestic_price_history[-1] == economy.domestic_price


def test_import_costs_push_prices_for_twelve_months() -> None:
    economy = state()
    goods = market(pass_through=False, inflation_persistence_monthly=0.0, expectation_speed_monthly=0.0)
    goods._import_prices.append(0.04)
    rates = []
    for _ in range(14):
        goods.update_prices(economy, outside(), 0.0)
        rates.append(goods.firms.inflation_pct)
    # A twentieth of 4% up against a year before; a year after it has gone again, as much down.
    assert rates == pytest.approx([2.2, *[2.0] * 11, 1.8, 2.0])


def test_a_weaker_yen_reaches_prices_of_trade_over_home_prices_and_energy_in_shops() -> None:
    economy = state(usdjpy=165.0)
    goods = market(pass_through=True)
    goods.update_prices(economy, outside(foreign_price_level=1.02), 0.0)
    home = 1.0 + 2.0 / 1200.0
    real = math.log(1.1 * 1.02 / home)
    assert goods.real_yen_log(economy, outside(foreign_price_level=1.02)) == pytest.approx(real)
    assert economy.export_price == pytest.approx(home * math.exp(0.4 * real))
    goods_log, fuel_log = 0.35 * real, 0.5 * 0.9 * real
    assert economy.import_price == pytest.approx(home * math.exp(0.75 * goods_log + 0.25 * fuel_log))
    assert economy.consumer_price == pytest.approx(home * math.exp(0.02 * fuel_log))
    # Costs of the months to come: imports without fuel, by their part in all imports.
    assert goods._import_prices[-1] == pytest.approx(0.75 * goods_log)
    still = state(usdjpy=165.0)
    market(pass_through=False).update_prices(still, outside(foreign_price_level=1.02), 0.0)
    assert (still.import_price, still.export_price, still.consumer_price) == pytest.approx((home, home, home))


def test_dearer_goods_and_fuel_abroad_reach_imports() -> None:
    economy = state(domestic_price=1.0)
    goods = market(inflation_target_pct=0.0)
    economy.expected_inflation_pct = 0.0
    goods.update_prices(economy, outside(goods_price_log=0.05, fuel_price_log=0.1), 0.0)
    # A fifth of the way to 5%; half of the way to eight tenths of 10%.
    assert economy.import_price == pytest.approx(math.exp(0.75 * 0.01 + 0.25 * 0.04))
    assert economy.consumer_price == pytest.approx(math.exp(0.02 * 0.04))


def test_bad_weather_raises_prices_in_shops_and_passes() -> None:
    economy, usual = state(), state()
    goods, still = market(consumer_energy_share=0.0), market(consumer_energy_share=0.0)
    for weather, left_pct in ((2.0, 0.4), (0.0, 0.2), (-1.0, -0.1)):
        goods.update_prices(economy, outside(), 0.0, weather)
        still.update_prices(usual, outside(), 0.0)
        # 0.2% for each standard deviation, of which half is left a month later; what firms charge at home stands.
        assert economy.consumer_price == pytest.approx(economy.domestic_price * math.exp(left_pct / 100.0))
    assert economy.domestic_price == pytest.approx(usual.domestic_price, abs=1e-5)


def test_a_higher_consumption_tax_raises_consumer_prices_as_far_as_goods_are_taxed() -> None:
    usual, taxed = state(), state(consumption_tax_points=2.2)
    for each in (usual, taxed):
        market().update_prices(each, outside(), 0.0)
    # 2.2 points on 110 are 2%, on six tenths of what is bought.
    assert taxed.consumer_price == pytest.approx(usual.consumer_price * 1.012)
    assert taxed.domestic_price == usual.domestic_price
    assert taxed.consumer_price_history[-1] == taxed.consumer_price


def test_expectations_go_to_past_inflation_in_part_and_to_the_target_and_experience() -> None:
    economy = state(expected_inflation_pct=1.0, domestic_price_history=deque([1.0] * 120))
    market(consumer_energy_share=0.0).update_prices(economy, outside(), 0.0)
    # Twelve months before, consumer prices were 1: inflation is the month's 2 - 0.4 = 1.6 over 1200.
    # The same month is all that happened in the ten years that are remembered.
    experienced = 1200.0 / 120.0 * math.log(1.0 + 1.6 / 1200.0)
    believed = 0.3 * 100.0 * 1.6 / 1200.0 + 0.7 * (0.6 * 2.0 + 0.4 * experienced)
    assert economy.expected_inflation_pct == pytest.approx(1.0 + 0.05 * (believed - 1.0))


def test_years_before_the_start_are_remembered_with_the_mean_that_was_experienced() -> None:
    recent = [math.exp(0.02 / 12.0 * month) for month in range(-12, 1)]
    remembered = list(remembered_prices(recent, [0.0, 1.0], 1.5))
    assert remembered[-13:] == recent
    assert len(remembered) == 37
    # 2% last year, so that the two before add to 4.5 - 2 = 2.5: each is 0.75 points above what is known of it.
    older, newer = (100.0 * math.log(remembered[last] / remembered[last - 12]) for last in (12, 24))
    assert (older, newer) == pytest.approx((1.75, 0.75))
    assert state(domestic_price_history=deque(remembered)).experienced_inflation_pct == pytest.approx(1.5)


def test_what_was_low_long_ago_leaves_the_memory_and_raises_what_is_expected() -> None:
    # Ten years at 2% but for the first, in which prices stood still; another year at 2% drops it.
    prices = [1.0] * 12 + [math.exp(0.02 / 12.0 * month) for month in range(109)]
    remembered = deque(prices, maxlen=121)
    economy = state(domestic_price_history=remembered)
    p = given(**STILL)
    assert anchored_inflation_pct(economy.experienced_inflation_pct, p) == pytest.approx(0.6 * 2.0 + 0.4 * 1.8)
    remembered.extend(prices[-1] * math.exp(0.02 / 12.0 * month) for month in range(1, 13))
    assert anchored_inflation_pct(economy.experienced_inflation_pct, p) == pytest.approx(2.0)


# Demand.


def test_at_the_start_demand_is_what_it_was() -> None:
    found = demand(market(), state())
    assert found == pytest.approx((25.0, 2.0, 8.0, 9.0, 10.0, 34.0))


def test_consumption_follows_counted_income_wealth_prices_and_the_real_rate() -> None:
    income = demand(market(), state(counted_income=30.8, disposable_income=99.0)).consumption
    # A fifth of a tenth more income is perceived; eight tenths of it are wanted, three tenths of the way.
    assert income == pytest.approx(25.0 * math.exp(0.3 * 0.8 * math.log(1.02)))
    wealth = demand(market(), state(wealth_real=1.5)).consumption
    assert wealth == pytest.approx(25.0 * math.exp(0.3 * 0.2 * math.log(1.5)))
    dear = demand(market(neutral_rate_speed_monthly=0.0), state(lending_rate_pct=3.5)).consumption
    assert dear == pytest.approx(25.0 * math.exp(-0.3 * 0.02))
    expected = demand(market(), state(expected_inflation_pct=3.0)).consumption
    assert expected == pytest.approx(25.0 * math.exp(0.3 * 0.01))
    # What prices take from income, spending gives back in yen.
    dearer = market()
    found = demand(dearer, state(consumer_price=1.1, counted_income=30.8))
    assert dearer.households.consumption == pytest.approx(25.0)
    assert found.consumption == pytest.approx(27.5)


def test_consumption_grows_as_potential_output_has_grown_since_the_month_before() -> None:
    goods = market()
    demand(goods, state(potential_gdp=50.5))
    assert goods.households.consumption == pytest.approx(25.25)
    # No growth this month: part of the way back to what unchanged income buys.
    demand(goods, state(potential_gdp=50.5))
    assert goods.households.consumption == pytest.approx(25.25 * math.exp(-0.3 * math.log(1.01)))


def test_shocks_reach_consumption_investment_and_noise_in_their_order() -> None:
    lasting, building, passing = market(), market(), market()
    demand(lasting, state(), shocks=(1.0, 0.0, 0.0))
    demand(building, state(), shocks=(0.0, 1.0, 0.0))
    demand(passing, state(), shocks=(0.0, 0.0, 2.0))
    assert lasting.households.consumption == pytest.approx(25.0 * math.exp(0.3 * 0.01))
    assert building.firms.investment == pytest.approx(10.0 * math.exp(0.15 * 0.02))
    assert passing.households.consumption == pytest.approx(25.0 * math.exp(0.01))
    assert (lasting.firms.investment, building.households.consumption) == pytest.approx((10.0, 25.0))


def test_investment_follows_the_gap_the_rate_and_what_capital_output_needs() -> None:
    boom = market()
    demand(boom, state(smoothed_gap_pct=2.0))
    # One and a half times the gap, and half of the capital that output over potential needs.
    assert boom.firms.investment == pytest.approx(10.0 * math.exp(0.15 * (1.5 + 0.5) * 0.02))
    dear = market(neutral_rate_speed_monthly=0.0)
    demand(dear, state(lending_rate_pct=3.5))
    assert dear.firms.investment == pytest.approx(10.0 * math.exp(-0.15 * 0.05 * 2.0))
    # Potential output a tenth higher needs a tenth more capital: half of it is wanted.
    larger = market()
    demand(larger, state(potential_gdp=55.0))
    assert larger.firms.investment == pytest.approx(10.0 * math.exp(0.15 * 0.5 * math.log(1.1)))
    rich = market()
    rich.firms.capital *= 1.1
    demand(rich, state())
    assert rich.firms.investment == pytest.approx(11.0 * math.exp(-0.15 * 0.5 * math.log(1.1)))


def test_capital_at_the_start_is_years_of_output_and_counts_over_what_potential_usually_has() -> None:
    goods = market()
    # Two and a half years of 600.
    assert goods.firms.capital == pytest.approx(1500.0)
    assert goods.capital_over_usual_log(0.0) == pytest.approx(0.0)
    goods.firms.capital = 1650.0
    assert goods.capital_over_usual_log(0.03) == pytest.approx(math.log(1.1) - 0.03)


def test_the_neutral_rate_goes_from_todays_to_the_natural_one_with_the_lending_margin() -> None:
    goods = market()
    goods.start_rates(state(lending_rate_pct=1.5, expected_inflation_pct=1.8, policy_rate_pct=0.75))
    assert goods.neutral_real_rate_pct == pytest.approx(-0.3)
    # Lending rate at a policy rate of 2.25: 1.5 + 0.6 x 1.5 = 2.4, less 2.
    assert goods.long_run_neutral_pct == pytest.approx(0.4)
    demand(goods, state())
    assert goods.neutral_real_rate_pct == pytest.approx(-0.3 + 0.07)


def test_the_neutral_rate_follows_what_potential_output_grows_beyond_its_trend() -> None:
    goods = market()
    # 0.4 points more growth at one and a half times; a tenth of the way.
    demand(goods, state(potential_growth_trend_pct=0.9))
    assert goods.neutral_real_rate_pct == pytest.approx(-0.5 + 0.1 * 0.6)
    demand(goods, state(potential_growth_trend_pct=0.1))
    assert goods.neutral_real_rate_pct == pytest.approx(-0.44 + 0.1 * (-1.1 + 0.44))


def test_exports_are_sold_on_the_trend_of_world_demand_as_far_as_tariffs_allow() -> None:
    goods = market()
    goods.export_access, goods.export_margin = 0.9, 0.95
    found = demand(
        goods,
        state(export_price=1.2, trend_potential=0.98),
        outside(demand_trend=1.03, demand_over_trend_log=0.02, makers_factor=0.99),
    )
    # Twice 2% at once; a fifth of what potential output is over its trend; chip makers sell 1% of exports less.
    volume = 9.0 * 0.99 * 1.03 * math.exp(0.04 + 0.2 * math.log(1.0 / 0.98)) * 0.9
    assert found.exports == pytest.approx(volume * 1.2 * 0.95)
    assert found.real_total == pytest.approx(25.0 + 10.0 + volume - found.imports)


def test_imports_follow_demand_over_potential_what_exports_contain_and_place() -> None:
    # Public demand up by 4.6 of 46: absorption a tenth higher, of which 0.4 at once.
    found = demand(market(), state(import_price=1.2), public=15.6)
    assert found.imports == pytest.approx(10.0 * 1.2 * math.exp(0.4 * math.log(1.1)))
    # Potential output a tenth higher: imports with it, less what demand falls short of it and then the correction.
    larger = demand(market(consumption_adjustment_monthly=1.0), state(potential_gdp=55.0))
    assert larger.consumption == pytest.approx(27.5)
    invested = 10.0 * math.exp(0.15 * 0.5 * math.log(1.1))
    short = math.log((27.5 + invested + 11.0) / 46.0) - math.log(1.1)
    assert larger.imports == pytest.approx(11.0 * math.exp(0.4 * short))
    content = market(trend_potential_growth_pct=0.0, neutral_rate_speed_monthly=0.0)
    demand(content, state(), outside(demand_over_trend_log=0.02))
    found = demand(content, state(), outside(demand_over_trend_log=0.02))
    # Exports were 4% up, nine parts in 46 of demand; three tenths of that is wanted, a tenth of the way.
    assert found.imports == pytest.approx(10.0 * math.exp(0.1 * 0.3 * 9.0 / 46.0 * 0.04))
    home = market()
    home.exporters.place_log = 0.03
    # Of production that came home, 4% of the way is gone by the time imports are bought.
    assert demand(home, state()).imports == pytest.approx(10.0 * math.exp(-0.1 * 0.5 * 0.03 * 0.96))


def test_investment_is_bought_at_a_mix_of_domestic_and_import_prices_in_its_opening_parts() -> None:
    found = demand(market(), state(import_price=1.2, domestic_price=1.1))
    mixed = 1.1**0.75 * 1.2**0.25
    assert found.housing_investment == pytest.approx(2.0 * mixed)
    assert found.business_investment == pytest.approx(8.0 * mixed)
    assert found.imports == pytest.approx(12.0)
    assert found.real_total == pytest.approx(25.0 + 2.0 + 8.0 + 9.0 - 10.0)


def test_access_and_receipts_of_exports_go_part_of_the_way_to_what_tariffs_allow() -> None:
    goods = market()
    goods.move_export_access(0.9, 1.1)
    assert (goods.export_access, goods.export_margin) == pytest.approx((0.99, 1.01))
    goods.move_export_access(0.9, 1.1)
    assert (goods.export_access, goods.export_margin) == pytest.approx((0.981, 1.019))


# Labour.

WORK = {
    "okun_coefficient": 0.2,
    "employment_adjustment_monthly": 0.25,
    "labour_force_growth_pct": -0.6,
    "natural_unemployment_sd_pp": 0.1,
    "natural_unemployment_persistence": 0.9,
    "wage_productivity_speed_monthly": 0.1,
    "trend_potential_growth_pct": 0.5,
    "wage_tightness_response": 1.5,
    "wage_share_correction": 0.3,
    "bonus_cyclicality": 2.0,
}


def labour(**changed: float) -> LabourMarket:
    return LabourMarket(25.0, 50.0, 2.5, given(**WORK | changed))


def worker_state(**values: Any) -> EconomyState:
    return state(**{"nominal_gdp": 50.0, "unemployment_pct": 2.5, "expected_inflation_pct": 2.0} | values)


def test_unemployment_falls_in_a_boom_part_of_the_way_and_not_below_half_a_percent() -> None:
    boom = worker_state(output_gap_pct=2.0)
    labour().step(boom)
    assert boom.unemployment_pct == pytest.approx(2.5 - 0.25 * 0.4)
    assert boom.employment == pytest.approx((1.0 - 0.6 / 1200.0) * 97.6 / 97.5)
    wild = worker_state(output_gap_pct=50.0)
    labour(employment_adjustment_monthly=1.0).step(wild)
    assert wild.unemployment_pct == pytest.approx(0.5)


def test_who_looks_for_work_moves_unemployment_at_once_and_for_long_but_not_tightness() -> None:
    after = state(unemployment_pct=2.5)
    market = labour(employment_adjustment_monthly=0.5)
    market.step(after, 2.0)
    # 0.1 points for each standard deviation, in what is usual as in what is: nobody's pay is tighter for it.
    assert (after.unemployment_pct, market.natural_unemployment_pct) == pytest.approx((2.7, 2.7))
    market.step(after)
    # Nine tenths are left of it, and half the way there is gone in employment.
    assert (after.unemployment_pct, market.natural_unemployment_pct) == pytest.approx((2.68, 2.68))


def test_wages_follow_prices_productivity_tightness_and_the_labour_share() -> None:
    steady = worker_state()
    market = labour(labour_force_growth_pct=0.0)
    bill = market.step(steady)
    assert steady.wage == pytest.approx(1.0 + 2.5 / 1200.0)
    assert bill == pytest.approx(25.0 * (1.0 + 2.5 / 1200.0))
    fewer = worker_state()
    labour(wage_share_correction=0.0).step(fewer)
    assert fewer.wage == pytest.approx(1.0 + (2.0 + 0.5 + 0.6) / 1200.0)
    tight = worker_state(unemployment_pct=2.0)
    labour(labour_force_growth_pct=0.0, employment_adjustment_monthly=0.0, wage_share_correction=0.0).step(tight)
    assert tight.wage == pytest.approx(1.0 + (2.5 + 0.75) / 1200.0)
    # Output has risen and pay has not: the share is 25 / 52 instead of 25 / 50.
    low = worker_state(nominal_gdp=52.0)
    labour(labour_force_growth_pct=0.0).step(low)
    assert low.wage == pytest.approx(1.0 + (2.5 + 0.3 * 100.0 * (1.0 - 50.0 / 52.0)) / 1200.0)
    # Imports eat up output: wages are twice what is left, and have all of it instead of half.
    eaten = worker_state(nominal_gdp=12.5)
    labour(labour_force_growth_pct=0.0).step(eaten)
    assert eaten.wage == pytest.approx(1.0 + (2.5 - 0.3 * 100.0) / 1200.0)
    unknown = worker_state(nominal_gdp=0.0)
    labour(labour_force_growth_pct=0.0).step(unknown)
    assert unknown.wage == pytest.approx(1.0 + 2.5 / 1200.0)


def test_gains_from_ai_are_felt_in_pay_a_tenth_a_month() -> None:
    gain = worker_state(productivity_gain_pct=3.0, productivity_felt_pct=1.0)
    labour(labour_force_growth_pct=0.0).step(gain)
    assert gain.productivity_felt_pct == pytest.approx(1.2)
    assert gain.wage == pytest.approx(1.0 + (2.5 + 12.0 * 0.2) / 1200.0)


def test_bonuses_follow_the_cycle() -> None:
    boom = worker_state(smoothed_gap_pct=1.5)
    bill = labour(labour_force_growth_pct=0.0).step(boom)
    assert bill == pytest.approx(25.0 * boom.wage * 1.03)


# The month's accounts of output.


def test_output_is_what_is_bought_less_what_comes_from_abroad() -> None:
    central = given(consumption=4.0, investment=1.0)
    now = state(
        domestic_price=1.25,
        import_price=1.5,
        usdjpy=165.0,
        smoothed_gap_pct=0.3,
        nominal_gdp_start=50.0,
        productivity_gain_pct=2.0,
        potential_growth_trend_pct=1.5,
    )
    economy = given(
        parameters=given(
            trend_potential_growth_pct=0.6,
            capacity_slack_pct=-80.0,
            capacity_spill_share=0.5,
            government_real_growth_pct=1.4,
            public_growth_half_life_years=2.0,
            capital_income_share=0.4,
        ),
        state=now,
        opening=given(flows=BASE, local=LocalDemand(5.0, 1.0, 0.5)),
        month=24,
        government=given(budget=None),
        streams=given(normals=lambda name, month, count: np.zeros(count)),
        goods=given(
            demand=lambda *given_: Demand(26.0, 2.0, 8.0, 9.0, 11.0, 33.0),
            capital_over_usual_log=lambda usual_log: 0.05 - usual_log,
        ),
        outside=outside(foreign_price_level=1.2),
        labour=given(step=lambda state, participation: 27.0),
        ledger=HandLedger(),
    )
    ai: Any = given(firms=given(domestic_investment=0.5), services_imports=0.5, service_exports=0.1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(monthly_steps, "spend_budget", lambda budget, p: central)
        posted = []
        patch.setattr(monthly_steps, "_post_demand", lambda world, *terms: posted.append(terms))
        output = monthly_steps.run_goods_and_labour(economy, Disturbances(), ai)
    trend = 1.0005
    # Four tenths of the 5% that capital is over what the start's potential usually has, less potential's own rise.
    potential = 50.0 * trend * 1.02 * math.exp(0.4 * (0.05 - math.log(trend * 1.02)))
    # What grows 0.8 points faster than potential output at first, over half of two years' half-life.
    growth = potential / 50.0 * math.exp(0.008 / math.log(2.0)) * 1.25
    public = 4.0 + 1.0 + 6.0 * growth
    real = 33.0 + public / 1.25 + 0.5 / 1.25 + (0.1 - 0.5) / (1.1 * 1.2)
    # Half of what exceeds a fifth of potential comes from abroad.
    spill = 0.5 * (real - 0.2 * potential)
    assert now.potential_gdp == now.potential_gdp_history[-1] == pytest.approx(potential)
    # A sixtieth of the way to what potential output grew in twelve months.
    grown = 100.0 * (potential / 50.0 - 1.0)
    assert now.potential_growth_pct == pytest.approx(grown)
    assert now.potential_growth_trend_pct == pytest.approx(1.5 + (grown - 1.5) / 60.0)
    assert now.nominal_gdp == pytest.approx(26.0 + 2.0 + 8.0 + 9.0 - 11.0 + public + 0.5 + 0.1 - 0.5 - 1.5 * spill)
    assert now.real_gdp == pytest.approx(real - spill)
    assert (now.nominal_gdp_history[-1], now.real_gdp_history[-1]) == (now.nominal_gdp, now.real_gdp)
    gap = 100.0 * ((real - spill) / potential - 1.0)
    assert now.output_gap_pct == pytest.approx(gap)
    assert now.smoothed_gap_pct == pytest.approx(0.3 + (gap - 0.3) / 3.0)
    ((bought, paid, industry),) = posted
    assert industry is ai
    assert bought.imports == pytest.approx(11.0 + 1.5 * spill)
    assert (paid.central, paid.consumption, paid.investment, paid.local_transfers) == (
        central,
        pytest.approx(4.0 + 5.0 * growth),
        pytest.approx(1.0 + growth),
        pytest.approx(0.5 * growth),
    )
    assert (output.demand, output.public, output.wage_bill) == (bought, paid, 27.0)


def test_capacity_that_is_not_used_spills_nothing() -> None:
    economy = given(
        parameters=given(capacity_slack_pct=2.0, capacity_spill_share=0.5),
        state=given(potential_gdp=50.0),
    )
    assert monthly_steps._capacity_spill(economy, 50.5) == 0.0
    assert monthly_steps._capacity_spill(economy, 52.0) == pytest.approx(0.5)
