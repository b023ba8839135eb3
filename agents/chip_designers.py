"""Chip designers abroad: the components that they order of foundries and memory makers.

A designer orders what its production needs and closes a part of the gap in its inventory of each component, by one of
two rules: after last period's output (Inoue and Todo 2019), or after expected demand, with what is under way counted
(base stock), under which one shock is not ordered twice.  Every firm of a production network orders this way; what
designers ask over list prices, and how they share what is short, is in :mod:`itcho.agents.foreign_suppliers`.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit

Array = NDArray[np.float64]
IntArray = NDArray[np.int32]


class OrderRule(IntEnum):
    """How a firm orders its inputs."""

    INOUE_TODO = 0
    """What last period's output needs, and a part of the gap in inventory; the target moves with that output.

    A firm that makes nothing in a period orders nothing, and so never makes anything again.
    """
    BASE_STOCK = 1
    """What expected demand needs, and a part of the gap in inventory plus what is under way.

    Made for tiers: where firms supply one another in a circle, orders that answer orders can grow without end after a
    long stop.
    """


_INOUE_TODO = 0


@njit(cache=True, no_cpython_wrapper=True, inline="always")
def order_inputs(
    rule: int,
    customer: IntArray,
    base_flow: Array,
    inventory_target: Array,
    activity: Array,
    inventory: Array,
    position_gap: Array,
    adjustment_periods: float,
    ordered: Array,
) -> None:
    """Write what each customer orders of each of its suppliers.

    Parameters
    ----------
    rule : of :class:`OrderRule`.
    customer, base_flow : (E,) who orders, and units a period when all is as usual.
    inventory_target, inventory : (E,) wanted when all is as usual, and held.
    activity : (N,) output that a customer orders for, over its usual one.
    position_gap : (E,) wanted less held and under way; read under base stock.
    adjustment_periods : over which a gap is ordered.
    ordered : (E,) units, not below zero; written.
    """
    for e in range(ordered.size):
        level, gap = activity[customer[e]], position_gap[e]
        if rule == _INOUE_TODO:
            gap = inventory_target[e] * level - inventory[e]
        ordered[e] = max(base_flow[e] * level + gap / adjustment_periods, 0.0)


@njit(cache=True, no_cpython_wrapper=True, inline="always")
def expect_demand(
    customer: IntArray,
    position_target: Array,
    base_output: Array,
    demand: Array,
    expectation_weight: float,
    expected_demand: Array,
    position_gap: Array,
) -> None:
    """Let firms under base stock learn from the period's demand, and want a position that goes with what they expect.

    Parameters
    ----------
    customer, position_target : (E,) who orders, and the position wanted when all is as usual.
    base_output, demand : (N,) units a period: usual output, and what was ordered of each.
    expectation_weight : part of a surprise that enters what is expected.
    expected_demand, position_gap : (N,) and (E,); changed.
    """
    for e in range(customer.size):
        c = customer[e]
        change = expectation_weight * (demand[c] - expected_demand[c])
        position_gap[e] += position_target[e] * (change / base_output[c])
    for i in range(expected_demand.size):
        expected_demand[i] += expectation_weight * (demand[i] - expected_demand[i])
