"""Who orders how many chips and components, by hand: distributors, chip designers, and buyers of several designers."""

from __future__ import annotations

import numpy as np
import pytest

from itcho.agents.chip_designers import OrderRule, expect_demand, order_inputs
from itcho.agents.compiled import njit
from itcho.agents.distributors import RestockingLaws, restock, stock_months
from itcho.agents.importer_rows import prefer_available

LAWS = RestockingLaws(reorder_share=0.25, expectation_months=4.0)

# The rules are written into their callers, which alone can call them where they are compiled.
restock_once = njit()(
    lambda demanded, allowed, laws, sales, cover, gap, orders: restock(
        demanded, allowed, laws, sales, cover, gap, orders
    )
)
stock_once = njit()(lambda wanted, money, yen, sales, allowed: stock_months(wanted, money, yen, sales, allowed))
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


def restocked(demanded: float, sales: float, gap: float, cover: float = 2.0, allowed: float = 2.0) -> list[float]:
    """Orders, and afterwards expected sales, months of stock wanted and the gap, of one distributor."""
    state = [np.array([value]) for value in (sales, cover, gap)]
    orders = np.empty(1)
    restock_once(np.array([demanded]), np.array([allowed]), LAWS, *state, orders)
    return [orders.item(), *(value.item() for value in state)]


def test_a_distributor_orders_its_whole_gap_once_that_is_a_quarter_of_what_it_wants() -> None:
    # Sales of 8 move by a quarter of the surprise of 2, to 8.5; it wants 17, and its gap of 3 grows by 1 to 4 < 4.25.
    assert restocked(10.0, 8.0, 3.0) == pytest.approx([10.0, 8.5, 2.0, 4.0])
    # A gap of 4 grows to 5: it orders what it sold and 5 more.
    assert restocked(10.0, 8.0, 4.0) == pytest.approx([15.0, 8.5, 2.0, 0.0])


def test_a_distributor_with_too_much_orders_nothing_and_its_gap_closes_by_what_it_sells() -> None:
    assert restocked(1.0, 1.0, -30.0) == pytest.approx([0.0, 1.0, 2.0, -29.0])


def test_a_distributor_short_of_money_wants_less_and_sells_out_of_its_stock() -> None:
    # One month of sales of 8 instead of two: 8 too many in its position, all of a quarter of 8 and more.
    assert restocked(8.0, 8.0, 0.0, allowed=1.0) == pytest.approx([0.0, 8.0, 1.0, 0.0])


def test_money_holds_a_stock_of_so_many_months() -> None:
    allowed = np.empty(3)
    # A month's sales of 2 bn dollars at 150 yen are 0.3 trillion: 0.45 hold a month and a half.
    stock_once(2.0, np.array([0.45, 9.0, -1.0]), 0.15, np.array([2.0, 2.0, 2.0]), allowed)
    assert allowed == pytest.approx([1.5, 2.0, 0.0])


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
