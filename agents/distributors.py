"""Distributors of AI chips: what they order of designers to serve their customers and to keep a stock.

A distributor hands on what was ordered of it, and keeps a stock by an (s, S) rule: it lets its position fall behind
what it wants, and orders the whole gap once that is a given part of it.  Its position is stock and units on order, less
what it owes its customers; it wants months of expected sales, and no more than its money can hold.
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
    reorder_share : of the position wanted, the gap at which it is ordered.
    expectation_months : memory of expected sales.
    """

    reorder_share: float
    expectation_months: float


@njit(cache=True, no_cpython_wrapper=True, inline="always")
def restock(
    demanded: Array,
    allowed_months: Array,
    laws: RestockingLaws,
    expected_sales: Array,
    cover_months: Array,
    position_gap: Array,
    orders: Array,
) -> None:
    """Write each distributor's orders of a month, and move what it expects and the gap it is left with.

    Parameters
    ----------
    demanded : (distributors,) ordered of it this month, bn USD.
    allowed_months : (distributors,) stock that it may hold, in months of expected sales.
    expected_sales : (distributors,) a month, bn USD; changed.
    cover_months : (distributors,) stock that it wants, in months of expected sales; takes what is allowed.
    position_gap : (distributors,) position wanted less position, bn USD; changed.
    orders : (distributors,) bn USD, not below zero; written.
    """
    for k in range(demanded.size):
        change = (demanded[k] - expected_sales[k]) / laws.expectation_months
        before = cover_months[k] * expected_sales[k]
        expected_sales[k] += change
        cover_months[k] = allowed_months[k]
        wanted = cover_months[k] * expected_sales[k]
        position_gap[k] += wanted - before
        # What is too much is sold out of stock.
        missing = abs(position_gap[k]) >= laws.reorder_share * wanted
        orders[k] = max(demanded[k] + (position_gap[k] if missing else 0.0), 0.0)
        position_gap[k] -= orders[k] - demanded[k]


@njit(cache=True, no_cpython_wrapper=True, inline="always")
def stock_months(
    wanted_months: float,
    money: Array,
    yen_per_dollar: float,
    expected_sales: Array,
    allowed_months: Array,
) -> None:
    """Write the stock that each distributor may hold, in months of expected sales: what it wants, or its money buys.

    Parameters
    ----------
    money : (distributors,) cash and what may still be borrowed, trillion yen.
    yen_per_dollar : in thousands, for amounts in billion dollars and trillion yen.
    """
    for k in range(money.size):
        month = expected_sales[k] * yen_per_dollar
        allowed_months[k] = min(wanted_months, max(money[k], 0.0) / month) if month > 0.0 else wanted_months
