"""What limits do to those who meet them: room, who is bound and what is withheld, worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from itcho.agents.carry_traders import carry_limits
from itcho.agents.chip_importers import OrderFindings
from itcho.agents.importer_rows import limits_of_orders, order_chips, orders_by_role
from itcho.agents.limits import SOFTBANK_SALES, LimitReading
from itcho.agents.speculative_traders import currency_trader_limits


def test_a_reading_of_members_weighs_them() -> None:
    reading = SOFTBANK_SALES.of_members(
        np.array([1.0, 3.0]), np.array([0.5, -0.1]), np.array([False, True]), np.array([0.0, 0.2])
    )
    assert reading == LimitReading("softbank", "softbank_sales", pytest.approx(0.05), 0.75, 0.2)


def test_carry_limits_by_hand() -> None:
    one = np.ones(3)
    found = np.empty((3, 3))
    # Book 90 at appetite 1: each wants 30.  Wealth of 2 at 5 dollars is 10 backed.
    carry_limits(
        one / 3.0, one, np.array([2.0, 2.0, 2.0]), np.array([0.04, 0.08, 0.08]), np.array([2.0, 1.0, 2.0]),
        np.array([45.0, 0.0, 0.0]), np.array([2.0, 2.0, 0.5]), np.array([10.0, 20.0, 8.0]),
        90.0, 1.0, 1.0, 0.5, 0.02, 39.0, 5.0, found,
    )  # fmt: skip
    # Loss 0.02 of stops 0.04, 0.08, 0.08; the first stopped this month (45 of 60 sessions left).
    assert found[0] == pytest.approx([(0.5 + 0.75 + 0.75) / 3.0, 1.0 / 3.0, 10.0])
    # Limits 40, 20 and 10: the second lacks 10, the third 20.
    assert found[1] == pytest.approx([(0.25 - 0.5 - 1.0) / 3.0, 2.0 / 3.0, 30.0])
    # Margin of a half secures 20, 20 and 5: the first would hold 30, the third 10. Half of it secures twice as much of
    # what is held, 10, 20 and 8, before a broker closes it.
    assert found[2] == pytest.approx([(0.75 + 0.5 + 0.2) / 3.0, 2.0 / 3.0, 15.0])
    # Whom a broker closed this month has nothing left: the margin is what keeps it from the 20 that it may hold.
    carry_limits(
        np.ones(1), np.ones(1), np.full(1, 2.0), np.full(1, 0.04), np.full(1, 2.0), np.full(1, 45.0), np.full(1, 2.0),
        np.zeros(1), 90.0, 1.0, 1.0, 0.5, 0.02, 39.0, 5.0, found,
    )  # fmt: skip
    assert found[2] == pytest.approx([1.0, 1.0, 20.0 + 20.0])
    assert found[0, 1:].tolist() == [0.0, 0.0]


def test_limits_of_speculative_traders_by_hand() -> None:
    found = np.empty((2, 3))
    half = np.full(2, 0.5)
    # Both want half of -120; the largest position is half of 100; wealth secures 5 x 8 and 5 x 100.
    currency_trader_limits(
        half, np.ones(2), np.full(2, 5.0), np.array([8.0, 100.0]), np.array([-20.0, 10.0]), -120.0, 100.0, 1.0, 5.0,
        0.1, found,
    )  # fmt: skip
    assert found[0] == pytest.approx([-0.2, 1.0, 20.0])
    assert found[1] == pytest.approx([0.5 * (0.5 + 0.98), 0.5, 10.0])


def order(budget: float, debt: float, plant: float, ahead: float) -> tuple[float, OrderFindings]:
    """A firm that lacks 10 bn USD of compute beyond the ``ahead`` on order, with a trillion of cash, at 100 yen."""
    zero, sent, taken_back = np.zeros(1), np.zeros(1), np.zeros(1)
    seen: Any = (
        (zero, zero, zero), (np.array([ahead]), zero),
        np.array([plant]), (np.ones(1), zero), (np.array([debt]), zero), zero,
        (zero, np.ones(1)), np.array([10.0]), 1.0, 100.0, 0.1, (1.0 + ahead / 10.0, 0.0, 1.0, budget, 0.1),
        (0.4, 0.6, 0.0),
    )  # fmt: skip
    found = OrderFindings.of(1)
    order_chips(*seen, sent, taken_back)
    limits_of_orders(*seen, found.found, found.wanted_bn_usd)
    return float(sent[0]), found


@pytest.mark.parametrize(
    ("budget", "debt", "plant", "ahead", "sent", "withheld", "slack"),
    [
        (1.0, 0.0, 4.0, 0.0, 10.0, (0.0, 0.0, 0.0), (0.0, 1.0, 1.0)),
        (0.8, 0.0, 4.0, 0.0, 8.0, (2.0, 0.0, 0.0), (-0.2, 1.0, 1.0)),
        (1.2, 0.0, 4.0, 0.0, 12.0, (0.0, 0.0, 0.0), (0.2, 1.0, 1.0)),
        # A leverage of 2.5 over 5 is half way from the soft limit of 0.4 to the hard one of 0.6.
        (1.0, 2.5, 4.0, 0.0, 5.0, (0.0, 5.0, 0.0), (0.0, -0.25, 1.0)),
        # Cash of 1 and credit of 0.6 x 10 pay for 7 trillion, of which 6.3 is on order.
        (1.0, 0.0, 9.0, 63.0, 7.0, (0.0, 0.0, 3.0), (0.0, 1.0, 0.1)),
    ],
)
def test_what_budget_credit_and_cash_withhold(
    budget: float,
    debt: float,
    plant: float,
    ahead: float,
    sent: float,
    withheld: tuple[float, float, float],
    slack: tuple[float, float, float],
) -> None:
    ordered, found = order(budget, debt, plant, ahead)
    assert (ordered, found.wanted_bn_usd[0]) == pytest.approx((sent, 10.0))
    readings = found.readings(100.0)
    assert [one.withheld_trn_yen for one in readings] == pytest.approx([0.1 * amount for amount in withheld])
    assert [one.bound_share for one in readings] == [float(amount > 0.0) for amount in withheld]
    assert [one.slack for one in readings] == pytest.approx(list(slack))


def test_orders_are_summed_by_role() -> None:
    sums = np.empty((3, 3))
    orders_by_role(np.array([0, 2, 2], dtype=np.int8), np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 2.0]), sums)
    assert sums.tolist() == [[1.0, 0.0, 2.0], [1.0, 0.0, 5.0], [1.0, 0.0, 3.0]]


def one_carry_trader(**changed: float) -> list[list[float]]:
    """Limits of a trader that wants 30 of a book of 60, holds 10, may hold 40 and has margin for 20."""
    usual = {
        "weight": 0.5, "exposure": 1.0, "headroom": 2.0, "stop": 0.04, "leverage": 2.0, "cooldown": 0.0, "wealth": 2.0,
        "position": 10.0, "book": 60.0, "appetite": 1.0, "limit": 1.0, "margin": 0.5, "loss": 0.01,
        "stopped_above": 39.0, "dollars": 5.0,
    } | changed  # fmt: skip
    found = np.empty((3, 3))
    values = list(usual.values())
    carry_limits(*(np.array([value]) for value in values[:8]), *values[8:], found)
    return [row.tolist() for row in found]


def test_a_carry_trader_is_bound_by_what_it_wants_and_may_hold() -> None:
    stop, risk, margin = one_carry_trader()
    assert stop == [0.75, 0.0, 0.0]
    assert risk == [0.25, 0.0, 0.0]
    assert margin == [0.75, 1.0, 10.0]
    # Half as exposed to an appetite of 2: half as much again, 45, of which risk allows 40.
    _, risk, margin = one_carry_trader(exposure=0.5, appetite=2.0)
    assert (risk, margin) == ([pytest.approx(-0.125), 1.0, 5.0], [0.75, 1.0, 20.0])
    # Without appetite nothing is wanted, and nothing withheld.
    assert one_carry_trader(exposure=2.0, appetite=0.0)[1:] == [[1.0, 0.0, 0.0], [0.75, 0.0, 0.0]]
    # A limit twice as wide allows 80; a margin of a quarter 40.
    assert one_carry_trader(limit=2.0)[1] == [0.625, 0.0, 0.0]
    assert one_carry_trader(margin=0.25)[2] == [0.875, 0.0, 0.0]


def test_a_carry_trader_without_wealth_has_no_room() -> None:
    _, risk, margin = one_carry_trader(wealth=-1.0)
    assert risk == [-1.0, 1.0, 30.0]
    assert margin[:2] == [-1.0, 0.0]
    # Far beyond every limit the room is no less than minus all of it; a loss of 9% of a stop of 4% as well.
    assert one_carry_trader(loss=0.09, wealth=0.1, position=90.0)[0][0] == -1.0
    assert one_carry_trader(wealth=0.1)[1][0] == -1.0
    assert one_carry_trader(wealth=0.1, position=90.0)[2][0] == -1.0


def test_little_wealth_is_some() -> None:
    # 0.1 billion dollars backed: 0.4 at risk, 0.2 secured.  Of a book of 0.4 half is wanted.
    _, risk, margin = one_carry_trader(wealth=0.02, book=0.4, position=0.1)
    assert risk == [pytest.approx(0.5), 0.0, 0.0]
    assert margin == [pytest.approx(0.75), 0.0, 0.0]
    assert one_carry_trader(cooldown=1.0)[0] == [0.75, 0.0, 10.0]
    # Whoever owes dollars has all of the room.
    assert one_carry_trader(position=-10.0)[2][0] == 1.0


def test_a_stop_counts_in_its_month_and_withholds_as_long_as_it_lasts() -> None:
    assert one_carry_trader(cooldown=39.0)[0] == [0.75, 0.0, 10.0]
    assert one_carry_trader(cooldown=40.0)[0] == [0.75, 1.0, 10.0]
    # Who holds more than it may lacks nothing.
    assert one_carry_trader(cooldown=40.0, position=25.0)[0] == [0.75, 1.0, 0.0]
    closed = one_carry_trader(cooldown=40.0, position=0.0)
    assert (closed[0], closed[2]) == ([0.75, 0.0, 0.0], [1.0, 1.0, 30.0])


def one_trader(**changed: float) -> list[list[float]]:
    """Limits of a trader that wants 60 short, may hold 50, has wealth for 40 and holds 10."""
    usual = {
        "weight": 0.5, "exposure": 1.0, "leverage": 5.0, "wealth": 8.0, "position": -10.0, "wanted": -120.0,
        "limit": 100.0, "dollars": 1.0, "most": 5.0, "ruin": 0.1,
    } | changed  # fmt: skip
    found, values = np.empty((2, 3)), list(usual.values())
    currency_trader_limits(*(np.array([value]) for value in values[:5]), *values[5:], found)
    return [row.tolist() for row in found]


def test_a_speculative_trader_is_bound_by_its_size_and_by_its_wealth() -> None:
    assert one_trader() == [[pytest.approx(-0.2), 1.0, 10.0], [0.75, 1.0, 10.0]]
    # Long is as far as short; less than it may hold binds nobody.
    assert one_trader(wanted=120.0, position=10.0) == one_trader()
    assert one_trader(wanted=60.0) == [[pytest.approx(0.4), 0.0, 0.0], [0.75, 0.0, 0.0]]
    assert one_trader(exposure=0.5, wealth=10.0, dollars=2.0) == [[pytest.approx(0.4), 0.0, 0.0], [0.9, 0.0, 0.0]]
    # A tenth of the capital that a limit of 50 commits, 5 times leveraged, is 1: at 1 it may hold nothing.
    assert one_trader(wealth=1.0)[1] == [-1.0, 1.0, 50.0]
    assert one_trader(wealth=1.01)[1] == [pytest.approx(1.0 - 10.0 / 5.05), 1.0, pytest.approx(50.0 - 5.05)]
    # Far beyond, the room is minus all of it.
    assert one_trader(wealth=1.01, position=-40.0, wanted=500.0)[1][0] == -1.0
    assert one_trader(wanted=500.0)[0][0] == -1.0
    assert one_trader(limit=0.0) == [[-1.0, 1.0, 60.0], [0.75, 0.0, 0.0]]


def test_traders_are_weighed() -> None:
    found = np.empty((2, 3))
    # A quarter is bound by size, three quarters are not; the weights add to 2.
    weight, exposure = np.array([0.5, 1.5]), np.array([4.0, 0.5])
    rich = np.full(2, 1e6)
    currency_trader_limits(weight, exposure, np.ones(2), rich, np.zeros(2), 10.0, 20.0, 1.0, 5.0, 0.1, found)
    assert found[0] == pytest.approx([(0.5 * -1.0 + 1.5 * 0.75) / 2.0, 0.25, 10.0])
    assert found[1] == pytest.approx([1.0, 0.0, 0.0])
