"""Signs, dates and limits of consumption, investment, trade, prices, employment and wages, worked out by hand."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

import pytest

from itcho.model import monthly_steps
from itcho.model.disturbances import Disturbances
from itcho.model.goods.labour import LabourMarket
from itcho.model.goods.market import BaseFlows, Demand, GoodsMarket
from itcho.model.state import EconomyState
from itcho.model.world import LocalDemand
from tests.hand_ledger import HandLedger, given

BASE = BaseFlows(25.0, 9.0, 2.0, 2.0, 8.0, 9.0, 10.0, 50.0, 30.0)

STILL = {
    "import_price_fx_pass_through": 0.8,
    "price_shock_persistence": 0.5,
    "price_shock_sd_pp": 2.0,
    "inflation_anchor_weight": 0.75,
    "inflation_target_pct": 2.0,
    "inflation_persistence": 0.6,
    "phillips_slope": 0.2,
    "import_price_adjustment_monthly": 0.25,
    "retail_pass_through_monthly": 0.1,
    "export_price_fx_share": 0.4,
    "consumer_import_share": 0.2,
    "consumption_taxed_share": 0.6,
    "consumption_tax_rate_pct": 10.0,
    "adaptive_households_share": 0.3,
    "expectation_speed_monthly": 0.05,
    "consumption_shock_persistence": 0.9,
    "consumption_shock_sd": 0.01,
    "investment_shock_persistence": 0.8,
    "investment_shock_sd": 0.02,
    "neutral_rate_speed_monthly": 0.1,
    "trade_adjustment_monthly": 0.1,
    "export_elasticity": 0.7,
    "import_demand_elasticity": 1.5,
    "import_elasticity": 0.6,
    "import_share_ceiling_ratio": 2.0,
    "investment_import_share": 0.25,
    "permanent_income_speed_monthly": 0.2,
    "consumption_income_weight": 0.8,
    "consumption_wealth_elasticity": 0.04,
    "consumption_rate_semi_elasticity": 0.01,
    "consumption_adjustment_monthly": 0.3,
    "consumption_noise_sd": 0.005,
    "investment_accelerator": 1.5,
    "investment_rate_semi_elasticity": 0.05,
    "investment_equity_elasticity": 0.1,
    "investment_adjustment_monthly": 0.15,
    "housing_rate_semi_elasticity": 0.08,
    "natural_real_rate_pct": 0.25,
    "lending_rate_pass_through": 0.6,
}


def outside(**values: float) -> Any:
    usual = {"import_price_usd": 1.0, "us_inflation_pct": 0.0, "foreign_price_level": 1.0, "demand": 1.0}
    return given(**usual | values)


def state(**values: Any) -> EconomyState:
    usual = {
        "potential_gdp": 50.0,
        "disposable_income": 30.0,
        "lending_rate_pct": 1.5,
        "expected_inflation_pct": 2.0,
        "policy_rate_pct": 0.75,
        "domestic_price_history": deque([1.0 / 1.02] * 13),
        "consumer_price_history": deque([1.0] * 13),
        "real_gdp_history": deque([50.0] * 12),
        "nominal_gdp_history": deque([50.0] * 12),
    }
    return EconomyState(**usual | values)


def market(pass_through: bool = True, **changed: float) -> GoodsMarket:
    goods = GoodsMarket(BASE, given(**STILL | changed), pass_through)
    goods.neutral_real_rate_pct = goods.long_run_neutral_pct = -0.5
    return goods


def demand(
    goods: GoodsMarket, economy: EconomyState, abroad: Any = None, public: float = 11.0, shocks: Any = (0, 0, 0)
) -> Demand:
    return goods.demand(economy, abroad or outside(), public, shocks)


# Prices.


def test_inflation_is_expectations_the_past_the_gap_and_a_shock() -> None:
    economy = state(expected_inflation_pct=3.0, underlying_inflation_pct=1.0, smoothed_gap_pct=2.0)
    goods = market()
    goods.firms.price_shock = 1.0
    goods.update_prices(economy, outside(), 0.5)
    # Anchored 0.75 x 2 + 0.25 x 3 = 2.25, four tenths of it; six tenths of 1; 0.2 x 2; 0.5 x 1 + 2 x 0.5.
    annual = 0.4 * 2.25 + 0.6 + 0.4 + 1.5
    assert economy.domestic_price == pytest.approx(1.0 + annual / 1200.0)
    # Against twelve months before.
    assert economy.underlying_inflation_pct == pytest.approx(100.0 * ((1.0 + annual / 1200.0) * 1.02 - 1.0))


def test_a_weaker_yen_reaches_import_prices_then_shops_with_a_lag() -> None:
    economy = state(usdjpy=180.0, domestic_price=1.0, expected_inflation_pct=2.0)
    goods = market(pass_through=True)
    goods.p.phillips_slope = 0.0
    goods.update_prices(economy, outside(import_price_usd=1.1), 0.0)
    wanted = 1.1 * 1.2**0.8
    border = wanted**0.25
    assert economy.import_price == pytest.approx(border)
    assert economy.retail_import_price == pytest.approx(border**0.1)
    domestic = 1.0 + 2.0 / 1200.0
    assert economy.export_price == pytest.approx(domestic**0.6 * 1.2**0.4)
    assert economy.consumer_price == pytest.approx(domestic**0.8 * border ** (0.1 * 0.2))
    still = state(usdjpy=180.0)
    market(pass_through=False).update_prices(still, outside(), 0.0)
    assert still.import_price == pytest.approx(1.0)


def test_a_higher_consumption_tax_raises_consumer_prices_as_far_as_goods_are_taxed() -> None:
    usual, taxed = state(), state(consumption_tax_points=2.2)
    for each in (usual, taxed):
        market().update_prices(each, outside(), 0.0)
    # 2.2 points on 110 are 2%, on six tenths of what is bought.
    assert taxed.consumer_price == pytest.approx(usual.consumer_price * 1.012)
    assert taxed.domestic_price == usual.domestic_price
    assert taxed.consumer_price_history[-1] == taxed.consumer_price


def test_lagging_prices_lead_by_what_they_would_fall_behind_in_steady_growth() -> None:
    economy = state()
    market().update_prices(economy, outside(us_inflation_pct=2.4), 0.0)
    # 0.2% a month: a quarter of a lead of three months; a tenth of what lies ahead and nine months more.
    assert economy.import_price == pytest.approx(math.exp(0.002 * 0.75))
    assert economy.retail_import_price == pytest.approx(math.exp(0.1 * (0.002 * 0.75 + 0.002 * 9.0)))


def test_expectations_go_to_past_inflation_in_part_and_to_the_target() -> None:
    economy = state(expected_inflation_pct=1.0, domestic_price_history=deque([0.98] * 13))
    goods = market(consumer_import_share=0.0)
    goods.update_prices(economy, outside(), 0.0)
    # Twelve months before, consumer prices were 1: inflation is the month's 0.4 x 1.75 + 0.6 x 2 = 1.9 over 1200.
    believed = 0.3 * 100.0 * 1.9 / 1200.0 + 0.7 * 2.0
    assert economy.expected_inflation_pct == pytest.approx(1.0 + 0.05 * (believed - 1.0))


# Demand.


def test_at_the_start_demand_is_what_it_was() -> None:
    found = demand(market(), state())
    assert found == pytest.approx((25.0, 2.0, 8.0, 9.0, 10.0, 34.0))


def test_consumption_follows_income_wealth_and_the_real_rate() -> None:
    income = demand(market(), state(disposable_income=33.0)).consumption
    # Permanent income takes a fifth of 10%; eight tenths of its logarithm are wanted, three tenths of the way.
    assert income == pytest.approx(25.0 * (1.0 + 0.3 * (1.02**0.8 - 1.0)))
    wealth = demand(market(), state(equity_wealth_real=1.5)).consumption
    assert wealth == pytest.approx(25.0 * (1.0 + 0.3 * (1.5**0.04 - 1.0)))
    dear = demand(market(neutral_rate_speed_monthly=0.0), state(lending_rate_pct=3.5)).consumption
    assert dear == pytest.approx(25.0 * (1.0 + 0.3 * (math.exp(-0.02) - 1.0)))
    expected = demand(market(), state(expected_inflation_pct=3.0)).consumption
    assert expected == pytest.approx(25.0 * (1.0 + 0.3 * (math.exp(0.01) - 1.0)))


def test_consumption_follows_potential_and_prices() -> None:
    larger = market()
    demand(larger, state(potential_gdp=55.0))
    # Two tenths on potential, less what wealth is short of it.
    assert larger.households.consumption == pytest.approx(25.0 * (1.0 + 0.3 * (1.1**0.2 * 1.1**-0.04 - 1.0)))
    dearer = market()
    found = demand(dearer, state(consumer_price=1.1, disposable_income=33.0))
    assert dearer.households.consumption == pytest.approx(25.0)
    assert found.consumption == pytest.approx(27.5)


def test_shocks_to_consumption_last_and_noise_goes_back() -> None:
    goods = market()
    demand(goods, state(), shocks=(1.0, 0.0, 0.0))
    first = 25.0 * (1.0 + 0.3 * (math.exp(0.01) - 1.0))
    assert goods.households.consumption == pytest.approx(first)
    demand(goods, state())
    assert goods.households.consumption == pytest.approx(first + 0.3 * (25.0 * math.exp(0.009) - first))
    noisy = market()
    demand(noisy, state(), shocks=(0.0, 0.0, 2.0))
    assert noisy.households.consumption == pytest.approx(25.0 * math.exp(0.01))
    demand(noisy, state())
    # It goes back to where it would be, up to a third of the way that had begun.
    assert noisy.households.consumption == pytest.approx((0.7 * 25.0 * math.exp(0.01) + 0.3 * 25.0) * math.exp(-0.01))


def test_investment_follows_the_gap_the_rate_equity_and_a_lasting_shock() -> None:
    boom = market()
    demand(boom, state(smoothed_gap_pct=2.0))
    assert boom.firms.business == pytest.approx(8.0 * (1.0 + 0.15 * (math.exp(0.03) - 1.0)))
    dear = market(neutral_rate_speed_monthly=0.0)
    demand(dear, state(lending_rate_pct=3.5))
    assert dear.firms.business == pytest.approx(8.0 * (1.0 + 0.15 * (math.exp(-0.1) - 1.0)))
    assert dear.households.housing == pytest.approx(2.0 * (1.0 + 0.15 * (math.exp(-0.16) - 1.0)))
    rich = market()
    demand(rich, state(equity_wealth_real=1.5))
    assert rich.firms.business == pytest.approx(8.0 * (1.0 + 0.15 * (1.5**0.1 - 1.0)))
    larger = market()
    demand(larger, state(potential_gdp=55.0))
    assert larger.firms.business == pytest.approx(8.0 * (1.0 + 0.15 * (1.1**0.9 - 1.0)))
    assert larger.households.housing == pytest.approx(2.0 * 1.015)
    shaken = market()
    demand(shaken, state(), shocks=(0.0, 1.0, 0.0))
    first = 8.0 * (1.0 + 0.15 * (math.exp(0.02) - 1.0))
    assert shaken.firms.business == pytest.approx(first)
    demand(shaken, state())
    assert shaken.firms.business == pytest.approx(first + 0.15 * (8.0 * math.exp(0.016) - first))


def test_the_neutral_rate_goes_from_todays_to_the_natural_one_with_the_lending_margin() -> None:
    goods = market()
    goods.start_rates(state(lending_rate_pct=1.5, expected_inflation_pct=1.8, policy_rate_pct=0.75))
    assert goods.neutral_real_rate_pct == pytest.approx(-0.3)
    # Lending rate at a policy rate of 2.25: 1.5 + 0.6 x 1.5 = 2.4, less 2.
    assert goods.long_run_neutral_pct == pytest.approx(0.4)
    demand(goods, state())
    assert goods.neutral_real_rate_pct == pytest.approx(-0.3 + 0.07)


def test_exports_follow_the_real_rate_slowly_and_what_tariffs_leave() -> None:
    goods = market()
    goods.export_access, goods.export_margin = 0.9, 0.95
    found = demand(
        goods, state(usdjpy=180.0, domestic_price=1.1, export_price=1.2), outside(foreign_price_level=1.05, demand=1.03)
    )
    real = math.log(1.05 * 1.2 / 1.1)
    volume = 9.0 * 1.03 * math.exp(0.7 * 0.1 * real) * 0.9
    assert found.exports == pytest.approx(volume * 1.2 * 0.95)
    again = demand(
        goods, state(usdjpy=180.0, domestic_price=1.1, export_price=1.2), outside(foreign_price_level=1.05, demand=1.03)
    )
    assert again.exports == pytest.approx(9.0 * 1.03 * math.exp(0.7 * 0.19 * real) * 0.9 * 1.2 * 0.95)


def test_imports_follow_demand_more_than_one_for_one_up_to_a_ceiling_and_fall_with_their_price() -> None:
    # Public demand up by 4.6 of 46: absorption 1.1; the share 1.1 ** 0.5 nears its ceiling of 1 + 2.
    share = 1.1**0.5
    found = demand(market(), state(), public=15.6)
    assert found.imports == pytest.approx(10.0 * 1.1 * share * 1.5 / (1.0 + share / 2.0))
    dear = demand(market(), state(import_price=1.2, domestic_price=1.1))
    share = math.exp(-0.6 * 0.1 * math.log(1.2 / 1.1))
    assert dear.imports == pytest.approx(10.0 * 1.2 * share * 1.5 / (1.0 + share / 2.0))


def test_investment_is_bought_at_a_mix_of_domestic_and_import_prices() -> None:
    found = demand(market(trade_adjustment_monthly=0.0), state(import_price=1.2, domestic_price=1.1))
    mixed = 1.1**0.75 * 1.2**0.25
    assert found.housing_investment == pytest.approx(2.0 * mixed)
    assert found.business_investment == pytest.approx(8.0 * mixed)
    assert found.real_total == pytest.approx(25.0 + 2.0 + 8.0 + 9.0 - 10.0)


# Labour.

WORK = {
    "okun_coefficient": 0.2,
    "employment_adjustment_monthly": 0.25,
    "labour_force_growth_pct": -0.6,
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
    )
    economy = given(
        parameters=given(
            trend_potential_growth_pct=0.6,
            capacity_slack_pct=-80.0,
            capacity_spill_share=0.5,
            government_real_growth_pct=1.2,
        ),
        state=now,
        opening=given(flows=BASE, local=LocalDemand(5.0, 1.0, 0.5)),
        month=10,
        government=given(budget=None),
        streams=given(normals=lambda name, month, count: given(tolist=lambda: [0.0] * count)),
        goods=given(demand=lambda *given_: Demand(26.0, 2.0, 8.0, 9.0, 11.0, 33.0)),
        outside=outside(foreign_price_level=1.2),
        labour=given(step=lambda state: 27.0),
        ledger=HandLedger(),
    )
    ai: Any = given(firms=given(domestic_investment=0.5), services_imports=0.5, service_exports=0.1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(monthly_steps, "spend_budget", lambda budget, p: central)
        posted = []
        patch.setattr(monthly_steps, "_post_demand", lambda world, *terms: posted.append(terms))
        output = monthly_steps.run_goods_and_labour(economy, Disturbances(), ai)
    growth = math.exp(0.01) * 1.25
    public = 4.0 + 1.0 + 6.0 * growth
    trend = 1.0005
    potential = 50.0 * trend * 1.02
    real = 33.0 + public / 1.25 + 0.5 / 1.25 + (0.1 - 0.5) / (1.1 * 1.2)
    # Half of what exceeds a fifth of potential comes from abroad.
    spill = 0.5 * (real - 0.2 * potential)
    assert now.potential_gdp == pytest.approx(potential)
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
        state=given(potential_gdp=50.0, real_gdp=50.5),
    )
    assert monthly_steps._capacity_spill(economy) == 0.0
    economy.state.real_gdp = 52.0
    assert monthly_steps._capacity_spill(economy) == pytest.approx(0.5)
