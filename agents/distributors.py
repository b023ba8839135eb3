"""Distributors of AI chips: what they order of designers to serve their customers and to keep a stock.

A distributor orders what was ordered of it, and closes a part of the gap between the position it wants and the one it
has.  Its position is stock and units on order, less what it owes its customers; it wants months of expected sales.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit

Array = NDArray[np.float64]


class RestockingLaws(NamedTuple):
    """Constants of the rule.

    Attributes
    ----------
    adjustment_months : over which a gap in the position is ordered.
    expectation_months : memory of expected sales.
    cover_months : stock wanted, in months of expected sales.
    """

    adjustment_months: float
    expectation_months: float
    cover_months: float


@njit(cache=True, no_cpython_wrapper=True, inline="always")
def restock(demanded: Array, laws: RestockingLaws, expected_sales: Array, position_gap: Array, orders: Array) -> None:
    """Write each distributor's orders of a month, and move what it expects and the gap it is left with.

    Parameters
    ----------
    demanded : (distributors,) ordered of it this month, bn USD.
    expected_sales : (distributors,) a month, bn USD; changed.
    position_gap : (distributors,) position wanted less position, bn USD; changed.
    orders : (distributors,) bn USD, not below zero; written.
    """
    for k in range(demanded.size):
        orders[k] = max(demanded[k] + position_gap[k] / laws.adjustment_months, 0.0)
        change = (demanded[k] - expected_sales[k]) / laws.expectation_months
        expected_sales[k] += change
        position_gap[k] += laws.cover_months * change - (orders[k] - demanded[k])
