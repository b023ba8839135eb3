"""The power queue: grid connections that owners of sites apply for and wait for, and chips that stand without power.

Power is measured in units of compute of the start.  A later unit needs less of it, as chips turn out more for a watt.
The grid connects so much a year and no more, first come, first served; what was applied for before the start fills the
first years.  Two sites have their power by other ways and by an announced date: SoftBank Corp's at Sakai, a factory's
supply that it took over, and at Tomakomai.  Chips beyond what is connected at the site where they are to stand wait,
move to where there is room, and are no compute until they have power.

Who owns sites decides what to apply for: :mod:`itcho.agents.data_centre_sites`.

Sources: a connection near Tokyo usually takes eight years to build and has been done in four (news-pic.com, 2024);
forty centres waited at Inzai for 2.5 GW in 2024, and 18 GW were applied for in all of Japan by 2029, where the grid's
planners count on 6.16 by FY2034 (OCCTO, press, 2025).
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit
from itcho.agents.data_centre_sites import apply_for_power, margins
from itcho.agents.views import ParameterValues

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]


class PowerQueue:
    """Power that is connected, and applications for more.

    Parameters
    ----------
    units : of compute at each owner's site at the start, (owners,).
    parameters : attribute access (``power_...``, ``chip_power_efficiency_growth``, ``data_centre_building_months``).
    chip_price_index : of the start.
    expected_growth : of compute that owners expect at the start, log points a month.
    announced_gw : (owners,) of sites that have power by other ways than the queue, and ``announced_month`` in which.

    Attributes
    ----------
    connections_a_month : power that the grid can connect, units of compute of the start.
    connected : power at each owner's sites, units of compute of the start, (owners,).
    queued : power that each has applied for and waits for, (owners,).
    used : units of compute that stand at each owner's sites, (owners,).
    queue : applications by month, oldest first: the month, and how much each owner applied for in it over the part that
        it has kept of its applications until then.
    moving_share : part of the chips without power that find a place elsewhere within a month, where there is room.
    bounded : whether the grid connects so much and no more; if not, there is power for everybody.
    """

    def __init__(
        self,
        units: Array,
        parameters: ParameterValues,
        chip_price_index: float,
        expected_growth: float,
        announced_gw: Array,
        announced_month: int,
    ) -> None:
        p = parameters
        units_a_gw = p.power_chips_bn_usd_per_gw / chip_price_index
        self.connections_a_month = p.power_connections_gw_year * p.power_ai_share * units_a_gw / 12.0
        self._announced, self._announced_month = announced_gw * units_a_gw, announced_month
        self._memory = p.power_growth_memory_months
        self._efficiency = p.chip_power_efficiency_growth / 12.0
        self._least_months = 12.0 * p.power_connection_least_years
        self._margin = margins(units.size, p.power_spare_share)
        # Who moves to another owner's site fits out a place there first.
        self.moving_share = 1.0 / p.data_centre_building_months
        self._seen = units.copy()
        self._expected_growth = units * (expected_growth - self._efficiency)
        self._furthest_months = 12.0 * p.power_connection_years
        self._withdrawn = p.power_withdrawal_share / 12.0
        self._asked, self._kept = np.empty(units.size), np.empty(units.size)
        self._scale = np.ones(units.size)
        self._months = 0
        self.bounded = True
        self.used = units.copy()
        self.connected = units * (1.0 + self._margin)
        part = self.connected / max(float(self.connected.sum()), 1e-300)
        months = round(12.0 * p.power_connection_years)
        # Who has waited longest is served first.
        self.queue = deque((month - months, self.connections_a_month * part) for month in range(months))
        self.queued = self.connections_a_month * months * part + self._announced

    @property
    def wait_months(self) -> float:
        """From an application of today to its connection, as the queue stands, in months."""
        ahead = float((self.queued - self._announced).sum())
        return max(ahead / max(self.connections_a_month, 1e-300), self._least_months)

    def advance(self) -> Array:
        """Connect what the grid builds this month; returns the units of compute that each site has power for."""
        if self._months == self._announced_month:
            self.connected += self._announced
            self.queued -= self._announced
            self._announced = np.zeros(self.connected.size)
        left = self.connections_a_month
        while left > 0.0 and self.queue and self._months - self.queue[0][0] >= self._least_months:
            month, applied = self.queue[0]
            built = applied * self._scale
            total = float(built.sum())
            if total > left:
                built *= left / total
                self.queue[0] = month, applied * (1.0 - left / total)
            else:
                self.queue.popleft()
            self.connected += built
            self.queued -= built
            left -= total
        self._months += 1
        if not self.bounded:
            return np.full(self.connected.size, math.inf)
        return self.connected * math.exp(self._efficiency * self._months)

    def connect_everybody(self) -> None:
        """Let all have the power that they need from now on."""
        self.bounded = False

    def apply(self, waiting_units: Array) -> None:
        """Let owners apply for what they expect to miss, though not further ahead than is usual, and withdraw.

        Parameters
        ----------
        waiting_units : of compute that wait for power at each owner's site.
        """
        less = math.exp(-self._efficiency * self._months)
        apply_for_power(
            (self.used + waiting_units) * less,
            self._seen,
            self._expected_growth,
            self._margin,
            self.connected,
            self.queued,
            min(self.wait_months, self._furthest_months),
            self._memory,
            self._withdrawn,
            self._asked,
            self._kept,
        )
        self._scale *= self._kept
        self.queued -= (1.0 - self._kept) * (self.queued - self._announced)
        if self._asked.any():
            self.queue.append((self._months, self._asked / self._scale))
            self.queued += self._asked


@njit(cache=True, no_cpython_wrapper=True)
def _take_in(
    compute: tuple[Array, Array],
    waiting: tuple[Array, Array],
    programme_orders: Array,
    delivered: Array,
    backlog: Array,
    kept: float,
    price: float,
) -> float:
    """Wear compute out, and let what was delivered wait for power; returns the units that still work.

    Parameters as for :func:`install`.
    """
    working = 0.0
    for i in range(delivered.size):
        before = backlog[i] + delivered[i]
        programme = delivered[i] * min(programme_orders[i] / max(before, 1e-15), 1.0)
        programme_orders[i] -= programme
        compute[0][i] *= kept
        compute[1][i] *= kept
        waiting[0][i] += delivered[i] / price
        waiting[1][i] += programme / price
        working += compute[0][i]
    return working


@njit(cache=True, no_cpython_wrapper=True)
def _give_power(working: float, used: Array, powered: Array, moving_share: float, left: Array, part: Array) -> None:
    """Connect what waits at each site as far as it has power, and let some of the rest move to sites with room.

    Parameters
    ----------
    working : units that work, wherever they stand.
    used, powered, moving_share : as for :func:`install`.
    left : units that wait at each site; afterwards those that still do.
    part : of what waits for each site, what is connected; written.
    """
    stood, short, free = 0.0, 0.0, 0.0
    for k in range(used.size):
        stood += used[k]
    room = np.empty(used.size)
    for k in range(used.size):
        # Chips wear alike wherever they stand, and what a failure takes is missing everywhere.
        used[k] *= working / max(stood, 1e-300)
        room[k] = max(powered[k] - used[k], 0.0)
        part[k] = 1.0 if left[k] <= room[k] else room[k] / left[k]
        used[k] += part[k] * left[k]
        room[k] -= part[k] * left[k]
        left[k] *= 1.0 - part[k]
        short += left[k]
        free += room[k]
    if short > 0.0 and free > 0.0:
        moved = min(moving_share, free / short)
        for k in range(used.size):
            used[k] += moved * short * room[k] / free
            left[k] *= 1.0 - moved
            part[k] += (1.0 - part[k]) * moved


@njit(cache=True)
def install(
    compute: tuple[Array, Array],
    waiting: tuple[Array, Array],
    own_waiting: Array,
    outstanding: Array,
    programme_orders: Array,
    delivered: Array,
    backlog: Array,
    kept: float,
    price: float,
    site: IntArray,
    used: Array,
    powered: Array,
    moving_share: float,
    left: Array,
) -> tuple[float, float]:
    """Wear compute out to the part ``kept``, and connect what was delivered and what waits, as far as there is power.

    Chips go to the site of their owner first.  Of those that find no power there a part moves to sites with room, more
    to those with more.  All that wait for a site get the same part of its room.  The programme's part goes with its
    orders.

    Parameters
    ----------
    compute, waiting : units that work and that wait for power, of all kinds and of which the programme's; changed.
    own_waiting : units that wait and are not the programme's; written.
    outstanding, programme_orders : bn USD; changed.
    delivered, backlog : chips received this month, and ordered and not yet there, bn USD.
    price : of a unit, bn USD.
    site : whose site each importer's chips are to stand at, a row.
    used : units that stand at each site, guests' among them; changed.
    powered : units that each site has power for.
    moving_share : of the chips without power that move within the month, where there is room.
    left : units that wait for power at each site in the end; written.

    Returns
    -------
    Units of compute, and units that wait.
    """
    rows = delivered.size
    working = _take_in(compute, waiting, programme_orders, delivered, backlog, kept, price)
    for i in range(rows):
        left[i] = 0.0
    for i in range(rows):
        left[site[i]] += waiting[0][i]
    part = np.empty(rows)
    _give_power(working, used, powered, moving_share, left, part)
    units, queued = 0.0, 0.0
    for i in range(rows):
        connected, programme = part[site[i]] * waiting[0][i], part[site[i]] * waiting[1][i]
        compute[0][i] += connected
        compute[1][i] += programme
        waiting[0][i] -= connected
        waiting[1][i] -= programme
        outstanding[i] = backlog[i]
        own_waiting[i] = waiting[0][i] - waiting[1][i]
        units += compute[0][i]
        queued += waiting[0][i]
    return units, queued
