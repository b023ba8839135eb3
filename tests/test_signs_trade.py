"""What exporters charge and sell, what imports cost and how many are bought, with numbers worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from itcho.agents.exporters import Exporters
from itcho.agents.import_buyers import ImportBuyers
from tests.hand_ledger import given

EXPORTS = {
    "export_price_fx_share": 0.4,
    "export_price_fx_share_long_run": 0.3,
    "export_price_speed_monthly": 0.1,
    "export_demand_elasticity_at_once": 2.0,
    "export_demand_elasticity": 1.5,
    "export_price_elasticity": 0.5,
    "export_price_change_response": 0.06,
    "export_volume_speed_monthly": 0.2,
    "place_of_production_elasticity": 0.25,
    "place_of_production_speed_monthly": 0.04,
}

ONE_AT_A_TIME = {
    "export_demand_elasticity_at_once": 0.0,
    "export_demand_elasticity": 0.0,
    "export_price_elasticity": 0.0,
    "export_price_change_response": 0.0,
    "place_of_production_elasticity": 0.0,
}


def exporters(**changed: float) -> Exporters:
    return Exporters(given(**EXPORTS | changed))


def only(**terms: float) -> Exporters:
    """Exporters whose volumes answer to these terms alone."""
    return exporters(**ONE_AT_A_TIME | terms)


def volumes(its: Exporters, real_yen: list[float], world: float = 0.0, productivity: float = 0.0) -> list[float]:
    """Logarithms of the volumes sold in months with these real yen."""
    found = []
    for yen in real_yen:
        its.set_price(yen)
        found.append(math.log(its.sell(world, productivity)))
    return found


# Prices of exports.


def test_exporters_pass_part_of_a_weaker_yen_into_yen_prices_at_once_and_take_some_back() -> None:
    its = exporters()
    # 0.4 of 10% at once; then a tenth of the way from 4% to 0.3 of 10%.
    assert its.set_price(0.1) == pytest.approx(math.exp(0.04))
    assert its.set_price(0.1) == pytest.approx(math.exp(0.039))
    assert its.set_price(0.1) == pytest.approx(math.exp(0.0381))
    assert its.relative_price_log == pytest.approx(0.0381)
    # The yen comes back: 4% down at once, and the correction still answers to the month before.
    assert its.set_price(0.0) == pytest.approx(math.exp(0.0381 - 0.04 - 0.1 * (0.0381 - 0.03)))


def test_a_stronger_yen_lowers_export_prices_as_far_as_a_weaker_one_raises_them() -> None:
    weak, strong = exporters(), exporters()
    for yen in (0.1, 0.15, 0.05):
        weak.set_price(yen)
        strong.set_price(-yen)
    assert strong.relative_price_log == pytest.approx(-weak.relative_price_log)
    # 0.04; + 0.02 - 0.1 (0.04 - 0.03); - 0.04 - 0.1 (0.059 - 0.045).
    assert weak.relative_price_log == pytest.approx(0.0176)


# Volumes of exports.


def test_without_anything_new_exports_follow_the_trend_of_world_demand() -> None:
    assert volumes(exporters(), [0.0] * 14) == pytest.approx([0.0] * 14)


def test_world_demand_moves_exports_more_at_once_than_in_the_long_run() -> None:
    its = only(export_demand_elasticity_at_once=2.0, export_demand_elasticity=1.5)
    # Twice 2% at once; then a fifth of the way from 4% to 1.5 x 2%.
    assert volumes(its, [0.0, 0.0], world=0.02) == pytest.approx([0.04, 0.04 + 0.2 * (0.03 - 0.04)])
    # Demand is gone: 4% less at once, while what is wanted is still last month's.
    assert volumes(its, [0.0]) == pytest.approx([0.038 - 0.04 + 0.2 * (0.03 - 0.038)])


def test_cheaper_exports_abroad_sell_more_a_month_later() -> None:
    its = only(export_price_elasticity=0.5)
    # Yen 10% weaker, export prices 4% up: 6% cheaper abroad, of which half is wanted, a fifth of the way.
    assert volumes(its, [0.1, 0.1]) == pytest.approx([0.0, 0.2 * 0.5 * 0.06])
    its = only(export_price_elasticity=0.5)
    assert volumes(its, [-0.1, -0.1]) == pytest.approx([0.0, -0.006])


def test_exports_rise_while_prices_abroad_have_fallen_over_a_year() -> None:
    its = only(export_price_change_response=0.06, export_volume_speed_monthly=0.0, export_price_speed_monthly=0.0)
    # A third a month of 0.06 times 6%, for as long as the year before knew dearer exports.
    found = volumes(its, [0.1] * 15)
    assert found[:3] == pytest.approx([0.0, 0.0012, 0.0024])
    assert found[12] == pytest.approx(12 * 0.0012)
    assert found[14] == pytest.approx(found[12])


def test_a_lasting_weak_yen_brings_production_home_slowly() -> None:
    its = only(place_of_production_elasticity=0.25)
    # A quarter of 10% is the place that firms would take; 4% of the way a month.
    found = volumes(its, [0.1, 0.1, 0.1])
    assert its.place_log == pytest.approx(0.025 * (1.0 - 0.96**3))
    assert found == pytest.approx([0.0, 0.2 * 0.001, 0.0002 + 0.2 * (0.025 * (1.0 - 0.96**2) - 0.0002)])
    for _ in range(2):
        its.set_price(0.0)
        its.sell(0.0, 0.0)
    assert its.place_log == pytest.approx(0.025 * (1.0 - 0.96**3) * 0.96**2)
    strong = only(place_of_production_elasticity=0.25)
    volumes(strong, [-0.1])
    assert strong.place_log == pytest.approx(-0.001)


def test_a_country_that_makes_more_sells_more_abroad() -> None:
    assert volumes(only(), [0.0, 0.0], productivity=0.05) == pytest.approx([0.01, 0.018])


# Prices of imports.

IMPORTS = {
    "import_price_fx_share": 0.35,
    "import_price_fx_share_long_run": 0.4,
    "import_price_speed_monthly": 0.2,
    "fuel_price_fx_share": 0.9,
    "fuel_price_oil_share": 0.8,
    "fuel_price_speed_monthly": 0.5,
    "import_fuel_share": 0.25,
    "import_demand_elasticity_at_once": 0.4,
    "import_demand_elasticity": 1.6,
    "import_export_elasticity": 0.3,
    "import_price_elasticity": 0.2,
    "import_fuel_price_elasticity": 0.1,
    "import_volume_speed_monthly": 0.1,
}


def buyers(**changed: float) -> ImportBuyers:
    return ImportBuyers(given(**IMPORTS | changed))


def test_sellers_abroad_pass_part_of_a_weaker_yen_on_at_once_and_some_more_later() -> None:
    its = buyers()
    its.face_prices(0.1, 0.0, 0.0)
    assert its.goods_price_log == pytest.approx(0.035)
    its.face_prices(0.1, 0.0, 0.0)
    # A fifth of the way from 3.5% to 4%.
    assert its.goods_price_log == pytest.approx(0.036)
    its.face_prices(0.0, 0.0, 0.0)
    assert its.goods_price_log == pytest.approx(0.036 - 0.035 + 0.2 * (0.04 - 0.036))


def test_dearer_goods_abroad_cost_more_in_japan_in_time() -> None:
    its = buyers()
    its.face_prices(0.0, 0.05, 0.0)
    assert (its.goods_price_log, its.fuel_price_log) == pytest.approx((0.01, 0.0))
    its.face_prices(0.0, 0.05, 0.0)
    assert its.goods_price_log == pytest.approx(0.018)


def test_fuel_costs_what_it_costs_in_dollars() -> None:
    weak, dear = buyers(), buyers()
    # Half of the way to nine tenths of a yen 10% weaker; half of the way to eight tenths of oil 20% dearer.
    weak.face_prices(0.1, 0.0, 0.0)
    dear.face_prices(0.0, 0.0, 0.2)
    assert (weak.fuel_price_log, dear.fuel_price_log) == pytest.approx((0.045, 0.08))
    dear.face_prices(0.0, 0.0, 0.2)
    assert dear.fuel_price_log == pytest.approx(0.12)
    assert dear.goods_price_log == 0.0


def test_the_price_of_imports_weighs_fuel_and_the_rest() -> None:
    its = buyers()
    # Goods 3.5% dearer, fuel half of the way to 9% and 16%.
    assert its.face_prices(0.1, 0.0, 0.2) == pytest.approx(math.exp(0.75 * 0.035 + 0.25 * 0.125))
    assert its.price_log == pytest.approx(0.0575)


# Volumes of imports.


@pytest.mark.parametrize(
    ("terms", "first", "second"),
    [
        # 5% more demand: 0.4 of it at once, then a tenth of the way to 1.6 times.
        ((0.05, 0.0, 0.0), 0.02, 0.02 + 0.1 * (0.08 - 0.02)),
        ((-0.05, 0.0, 0.0), -0.02, -0.026),
        # Three tenths of what exports are up is wanted, a month later.
        ((0.0, 0.04, 0.0), 0.0, 0.1 * 0.012),
        # Half of the production that came home replaces imports.
        ((0.0, 0.0, 0.03), -0.0015, -0.0015 + 0.1 * (-0.015 + 0.0015)),
    ],
)
def test_imports_follow_demand_exports_and_where_firms_produce(
    terms: tuple[float, float, float], first: float, second: float
) -> None:
    its = buyers()
    assert its.buy(*terms) == pytest.approx(math.exp(first))
    assert its.buy(*terms) == pytest.approx(math.exp(second))
    assert its.volume_log == pytest.approx(second)


def test_dearer_imports_are_bought_less() -> None:
    its: Any = buyers()
    its.goods_price_log = 0.05
    assert its.buy(0.0, 0.0, 0.0) == pytest.approx(math.exp(-0.1 * 0.2 * 0.05))
    its = buyers()
    its.fuel_price_log = 0.4
    # A tenth of fuel's quarter of imports.
    assert its.buy(0.0, 0.0, 0.0) == pytest.approx(math.exp(-0.1 * 0.1 * 0.25 * 0.4))


def test_what_was_bought_for_demand_and_exports_that_are_gone_is_given_up_in_time() -> None:
    its = buyers()
    its.buy(0.05, 0.04, 0.0)
    its.buy(0.0, 0.0, 0.0)
    # Two percent less at once, yet what is wanted is still last month's 1.6 x 5% and 0.3 x 4%.
    assert its.volume_log == pytest.approx(0.02 - 0.02 + 0.1 * (0.08 + 0.012 - 0.02))
    its.buy(0.0, 0.0, 0.0)
    assert its.volume_log == pytest.approx(0.0072 * 0.9)
