"""Demand for bonds with limits: what each member takes at a premium, and the premium at which members take a stock.

A member wants its mandate and more for each point of premium, up to the most and down to the least that its own limit
allows.  A limit bends demand and does not stop it: who is paid enough raises capital, or sells at a loss, for more.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit

Array = NDArray[np.float64]

_ROUNDS = 80
_CLOSE = 1e-13


class MemberDemand(NamedTuple):
    """What members with mandates want to hold, and how much more per point of premium, trillion yen.

    Attributes
    ----------
    wanted, slope : by member, (members,), at the opening premium and for each percentage point more.
    least, most : that each holds before its own limit bends its demand, (members,).
    beyond : part of its usual response with which a member goes beyond its limit.
    total_wanted, total_slope : sums, limits left aside.
    """

    wanted: Array
    slope: Array
    least: Array
    most: Array
    beyond: float
    total_wanted: float
    total_slope: float

    def premium_pp(self, stock: float, value_lost_per_pp: float = 0.0) -> float:
        """Premium beyond the opening one at which members want a ``stock``, trillion yen, percentage points.

        Parameters
        ----------
        value_lost_per_pp : by the stock for each point of premium, trillion yen.
        """
        return _clearing_premium(self.wanted, self.slope, self.least, self.most, self.beyond, stock, value_lost_per_pp)

    def slope_at(self, premium_pp: float) -> float:
        """How much more members want for each point of premium, limits counted, trillion yen."""
        return _demand(self.wanted, self.slope, self.least, self.most, self.beyond, premium_pp)[1]

    def held_at(self, stock: float) -> Array:
        """What every member ends up holding of a ``stock``, trillion yen, (members,).

        Nobody sells short: who would go below zero holds nothing and the others clear the rest, in proportion to their
        mandates where nobody responds to yields.
        """
        held = np.empty_like(self.wanted)
        _hold(self.wanted, self.slope, self.least, self.most, self.beyond, self.premium_pp(stock), stock, held)
        return held

    def at(self, premium_pp: float) -> Array:
        """What members want at a premium, limits counted, (members,)."""
        held = np.empty_like(self.wanted)
        _hold(self.wanted, self.slope, self.least, self.most, self.beyond, premium_pp, -1.0, held)
        return held

    def without_limits(self, premium_pp: float) -> Array:
        """What members would want if no limit bent their demand, (members,)."""
        free: Array = self.wanted + self.slope * premium_pp
        return np.maximum(free, 0.0)


@njit(cache=True)
def want_bonds(
    bounds: NDArray[np.int64],
    weight: Array,
    exposure: Array,
    mandates: tuple[float, ...],
    slopes: tuple[float, ...],
    wanted: Array,
    slope: Array,
) -> None:
    """Write what each member wants to hold and how much more per point of premium.

    ``mandates`` and ``slopes`` hold them by kind of member, whose rows are ``bounds[kind]`` to ``bounds[kind + 1]``.
    """
    for kind in range(len(mandates)):
        for i in range(bounds[kind], bounds[kind + 1]):
            wanted[i] = weight[i] * mandates[kind]
            slope[i] = weight[i] * exposure[i] * slopes[kind]


def unlimited(wanted: Array, slope: Array) -> MemberDemand:
    """Demand of members without limits of their own."""
    nothing, all_of_it = np.zeros(wanted.size), np.full(wanted.size, np.inf)
    return MemberDemand(wanted, slope, nothing, all_of_it, 0.0, float(wanted.sum()), float(slope.sum()))


@njit(cache=True)
def _demand(
    wanted: Array, slope: Array, least: Array, most: Array, beyond: float, premium: float
) -> tuple[float, float]:
    """What members want together at a premium, and how much more for each point."""
    total, response = 0.0, 0.0
    for i in range(wanted.size):
        own, steep = wanted[i] + slope[i] * premium, slope[i]
        if own > most[i]:
            own, steep = most[i] + beyond * (own - most[i]), beyond * steep
        elif own < least[i]:
            own, steep = least[i] + beyond * (own - least[i]), beyond * steep
        if own > 0.0:
            total += own
            response += steep
    return total, response


@njit(cache=True)
def _clearing_premium(
    wanted: Array, slope: Array, least: Array, most: Array, beyond: float, stock: float, value_lost: float
) -> float:
    """Root of a sum that rises with the premium, piece by piece a straight line: Newton's steps between brackets."""
    low, high, premium = -np.inf, np.inf, 0.0
    for _ in range(_ROUNDS):
        total, response = _demand(wanted, slope, least, most, beyond, premium)
        short, steep = stock - value_lost * premium - total, response + value_lost
        if abs(short) <= _CLOSE * max(abs(stock), 1.0):
            break
        if short > 0.0:
            low = premium
        else:
            high = premium
        if steep > 0.0:
            following = premium + short / steep
        elif short < 0.0 or np.isinf(high):
            break
        else:
            following = high
        if following <= low or following >= high:
            following = 0.5 * (low + high)
        if following == premium:
            break
        premium = following
    return premium


@njit(cache=True)
def _hold(
    wanted: Array,
    slope: Array,
    least: Array,
    most: Array,
    beyond: float,
    premium: float,
    stock: float,
    held: Array,
) -> None:
    """Write what members hold at a premium, scaled to the stock unless that is negative."""
    total = 0.0
    for i in range(wanted.size):
        own = wanted[i] + slope[i] * premium
        if own > most[i]:
            own = most[i] + beyond * (own - most[i])
        elif own < least[i]:
            own = least[i] + beyond * (own - least[i])
        held[i] = max(own, 0.0)
        total += held[i]
    if stock < 0.0:
        return
    factor = stock / total if total > 0.0 else 0.0
    for i in range(wanted.size):
        held[i] *= factor
