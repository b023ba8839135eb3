"""Who orders how many chips and components, by hand: distributors, chip designers, and buyers of several designers."""

from __future__ import annotations

import numpy as np
import pytest

from itcho.agents.chip_designers import OrderRule, expect_demand, order_inputs
from itcho.agents.compiled import njit
from itcho.agents.distributors import RestockingLaws, restock
from itcho.agents.importer_rows import prefer_available

LAWS = RestockingLaws(adjustment_months=3.0, expectation_months=4.0, cover_months=2.0)

# The rules are written into their callers, which alone can call them where they are compiled.
restock_once = njit()(lambda demanded, laws, sales, gap, orders: restock(demanded, laws, sales, gap, orders))
prefer_once = njit()(lambda now, lasting, a, b, tilt: prefer_available(now, lasting, a, b, tilt))
expect_once = njit()(
    lambda customer, target, base, demand, weight, expected, gap: expect_demand(
        customer, target, base, demand, weight, expected, gap
    )
)
order_once = njit()(
    lambda rule, customer, flow, target, activity, held, gap, periods, ordered: order_inputs(
        rule, customer, flow, target, activity, held, gap, periods, ordered
    )
)


def test_a_distributor_orders_what_it_sold_and_a_third_of_what_its_position_lacks() -> None:
    sales, gap, orders = np.array([8.0]), np.array([6.0]), np.empty(1)
    restock_once(np.array([10.0]), LAWS, sales, gap, orders)
    assert orders[0] == pytest.approx(12.0)  # 10 sold, and 6 / 3 of the gap
    assert sales[0] == pytest.approx(8.5)  # a quarter of the surprise of 2
    assert gap[0] == pytest.approx(5.0)  # 6, 1 more for the higher stock wanted, 2 fewer for what was ordered


def test_a_distributor_with_too_much_orders_nothing_and_its_gap_closes_by_what_it_sells() -> None:
    sales, gap, orders = np.array([1.0]), np.array([-30.0]), np.empty(1)
    restock_once(np.array([1.0]), LAWS, sales, gap, orders)
    assert orders[0] == 0.0
    assert sales[0] == 1.0
    assert gap[0] == pytest.approx(-29.0)


@pytest.mark.parametrize(
    ("rule", "level", "held", "gap", "wanted"),
    [
        (OrderRule.INOUE_TODO, 1.2, 54.0, 99.0, 13.0),  # 12 for output, and a sixth of 60 wanted less 54 held
        (OrderRule.INOUE_TODO, 1.0, 50.0, 99.0, 10.0),
        (OrderRule.INOUE_TODO, 0.5, 70.0, 99.0, 0.0),  # 5 less 45 / 6 is below zero
        (OrderRule.BASE_STOCK, 1.2, 54.0, 3.0, 12.5),  # 12 for what is expected, and a sixth of the gap
        (OrderRule.BASE_STOCK, 1.2, 54.0, -3.0, 11.5),
    ],
)
def test_a_designer_orders_components(rule: OrderRule, level: float, held: float, gap: float, wanted: float) -> None:
    ordered = np.empty(1)
    order_once(
        int(rule),
        np.array([0], dtype=np.int32),
        np.array([10.0]),
        np.array([50.0]),
        np.array([level]),
        np.array([held]),
        np.array([gap]),
        6.0,
        ordered,
    )
    assert ordered[0] == pytest.approx(wanted)


def test_a_designer_expects_a_part_of_a_surprise_and_wants_a_position_that_goes_with_it() -> None:
    expected, gap = np.array([100.0, 20.0]), np.array([0.0])
    expect_once(
        np.array([0], dtype=np.int32),
        np.array([60.0]),
        np.array([100.0, 20.0]),
        np.array([110.0, 20.0]),
        0.1,
        expected,
        gap,
    )
    assert expected == pytest.approx([101.0, 20.0])
    assert gap[0] == pytest.approx(0.6)  # one percent more of a position of 60


def test_buyers_turn_to_designers_that_could_serve_them() -> None:
    tilt = np.empty(3)
    prefer_once(np.array([1.0, 0.25, 0.0]), np.array([1.0, 0.5, 1.0]), 0.5, 2.0, tilt)
    assert tilt == pytest.approx([1.0, 0.5 * 0.25, 1e-9])
