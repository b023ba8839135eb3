"""The power queue by hand: what is connected and when, and chips that stand without power."""

from __future__ import annotations

import math

import numpy as np
import pytest

from itcho.model.chips.power import PowerQueue, install
from itcho.model.economy import JapanEconomy
from tests.hand_ledger import given

LAW = {
    "power_connection_years": 0.25,
    "power_spare_share": 0.1,
    "power_connections_growth": 0.12,
    "power_growth_memory_months": 2.0,
    "chip_power_efficiency_growth": 0.24,
}


def test_connections_arrive_in_their_turn_and_later_chips_need_less_power() -> None:
    """100 units and a tenth to spare; connections grow at 1% a month, compute for a watt at 2%."""
    queue = PowerQueue(100.0, given(**LAW))  # type: ignore[arg-type]
    assert queue.connected == pytest.approx(110.0)
    assert queue.applied == pytest.approx(110.0 * np.diff(np.exp([0.0, 0.01, 0.02, 0.03])))
    assert queue.advance() == pytest.approx(110.0 * math.exp(0.01) * math.exp(0.02))
    # 106 units need 106 exp(-0.02); half of the growth seen is believed, and three months of it are applied for.
    queue.apply(106.0)
    needed = 106.0 * math.exp(-0.02)
    growth = 0.5 * 0.01 + 0.5 * math.log(needed / 100.0)
    missing = needed * math.exp(3.0 * growth) * 1.1 - 110.0 * math.exp(0.03)
    assert queue.applied[-1] == pytest.approx(missing)
    for _ in range(2):
        queue.advance()
        queue.apply(1.0)
    assert queue.connected == pytest.approx(110.0 * math.exp(0.03))
    queue.advance()
    assert queue.connected == pytest.approx(110.0 * math.exp(0.03) + missing)


def test_chips_without_power_wait_and_are_no_compute() -> None:
    """10 and 20 units wear to 9 and 18; 4 and 8 arrive, a quarter of the first for the programme; power for 33."""
    compute = np.array([10.0, 20.0]), np.array([2.0, 0.0])
    waiting = np.zeros(2), np.zeros(2)
    outstanding, programme = np.zeros(2), np.array([2.0, 0.0])
    delivered, backlog = np.array([8.0, 16.0]), np.array([0.0, 1.0])
    working, queued = install(compute, waiting, outstanding, programme, delivered, backlog, 0.9, 2.0, 33.0)
    # Six of twelve units are connected.
    assert (working, queued) == pytest.approx((33.0, 6.0))
    assert compute[0] == pytest.approx([11.0, 22.0])
    assert compute[1] == pytest.approx([2.3, 0.0])
    assert waiting[0] == pytest.approx([2.0, 4.0])
    assert waiting[1] == pytest.approx([0.5, 0.0])
    # They are on their way for their owners: 2 units at 2, and 4 at 2 beside a backlog of 1.
    assert outstanding == pytest.approx([4.0, 9.0])
    nothing = np.zeros(2)
    working, queued = install(compute, waiting, outstanding, programme, nothing, nothing, 1.0, 2.0, 1000.0)
    assert (working, queued) == pytest.approx((39.0, 0.0))
    assert compute[1] == pytest.approx([2.8, 0.0])
    # Where wear and power leave no room, nothing is connected and nothing is taken away.
    working, queued = install(compute, waiting, outstanding, programme, delivered, nothing, 1.0, 2.0, 20.0)
    assert (working, queued) == pytest.approx((39.0, 12.0))


def test_a_queue_that_does_not_bind_changes_nothing_and_one_that_binds_leaves_chips_without_power() -> None:
    small = {"rng": 1, "investors": 40, "importers": 60, "adopters": 60, "noise": False, "years": 3}

    def after(**changed: float) -> JapanEconomy:
        return JapanEconomy(policy="none", parameters=changed, **small).run()  # type: ignore[arg-type]

    usual, ample = after(), after(power_spare_share=0.3)
    assert usual.outcomes == ample.outcomes
    assert usual.closed_month.ai.chips.waiting_for_power_bn_usd == 0.0
    short = after(power_spare_share=0.0, power_connections_growth=0.05, chip_power_efficiency_growth=0.2)
    assert short.closed_month.ai.chips.waiting_for_power_bn_usd > 0.0
    assert short.chip_importers.columns["compute"].sum() < usual.chip_importers.columns["compute"].sum()
