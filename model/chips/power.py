"""The power queue: grid connections that data centres apply for and wait for, and chips that stand without power.

Power is measured in units of compute of the start.  A later unit needs less of it, as chips turn out more for a watt.
Owners apply for what they expect to need when a connection is there, years ahead; what was applied for before the start
arrives in its turn.  Chips beyond what is connected wait, and are no compute until there is power for them.

Sources: a connection near Tokyo usually takes eight years to build and has been done in four (news-pic.com, 2024);
supply at Inzai, 1.7 GW in 2024 and 2.3 in FY2027 (TEPCO Power Grid, press).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit
from itcho.agents.views import ParameterValues

Array = NDArray[np.float64]


class PowerQueue:
    """Power that is connected, and applications for more.

    Parameters
    ----------
    units : of compute at the start.
    parameters : attribute access (``power_...``, ``chip_power_efficiency_growth``).

    Attributes
    ----------
    connected : power that is there, units of compute of the start.
    applied : (months until a connection is built,) what arrives in each month to come, the next one first.
    """

    def __init__(self, units: float, parameters: ParameterValues) -> None:
        p = parameters
        self._spare, self._memory = 1.0 + p.power_spare_share, p.power_growth_memory_months
        self._efficiency = p.chip_power_efficiency_growth / 12.0
        self._growth = p.power_connections_growth / 12.0
        self._needed = units
        self._months = 0
        self.connected = units * self._spare
        months = np.arange(round(12.0 * p.power_connection_years) + 1)
        self.applied = np.diff(self.connected * np.exp(self._growth * months))

    def advance(self) -> float:
        """Connect what was built this month; returns the units of compute that there is power for now."""
        self.connected += float(self.applied[0])
        self.applied[:-1] = self.applied[1:]
        self.applied[-1] = 0.0
        self._months += 1
        return self.connected * math.exp(self._efficiency * self._months)

    def apply(self, units: float) -> None:
        """Apply for what is expected to be missing when a connection would be there.

        Growth is learned from one month's need to the next; from none at all nothing is learned.

        Parameters
        ----------
        units : of compute that are there or wait for power.
        """
        needed = units * math.exp(-self._efficiency * self._months)
        if needed > 0.0 and self._needed > 0.0:
            self._growth += (math.log(needed / self._needed) - self._growth) / self._memory
        self._needed = needed
        expected = needed * math.exp(self._growth * self.applied.size) * self._spare
        self.applied[-1] = max(expected - self.connected - float(self.applied.sum()), 0.0)


@njit(cache=True)
def install(
    compute: tuple[Array, Array],
    waiting: tuple[Array, Array],
    outstanding: Array,
    programme_orders: Array,
    delivered: Array,
    backlog: Array,
    kept: float,
    price: float,
    powered: float,
) -> tuple[float, float]:
    """Wear compute out to the part ``kept``, and connect what was delivered and what waits, as far as there is power.

    The programme's part goes with its orders.  Owners count chips that wait for power among those on their way.

    Parameters
    ----------
    compute, waiting : units that work and that wait for power, of all kinds and of which the programme's; changed.
    outstanding, programme_orders : bn USD; changed.
    delivered, backlog : chips received this month, and ordered and not yet there, bn USD.
    price : of a unit, bn USD.
    powered : units that there is power for.

    Returns
    -------
    Units of compute, and units that wait.
    """
    working, queued = 0.0, 0.0
    for i in range(delivered.size):
        before = backlog[i] + delivered[i]
        programme = delivered[i] * min(programme_orders[i] / max(before, 1e-15), 1.0)
        programme_orders[i] -= programme
        compute[0][i] *= kept
        compute[1][i] *= kept
        waiting[0][i] += delivered[i] / price
        waiting[1][i] += programme / price
        working += compute[0][i]
        queued += waiting[0][i]
    part = 1.0
    if working + queued > powered:
        part = max(powered - working, 0.0) / max(queued, 1e-300)
    units, queued = 0.0, 0.0
    for i in range(delivered.size):
        connected, programme = part * waiting[0][i], part * waiting[1][i]
        compute[0][i] += connected
        compute[1][i] += programme
        waiting[0][i] -= connected
        waiting[1][i] -= programme
        outstanding[i] = backlog[i] + waiting[0][i] * price
        units += compute[0][i]
        queued += waiting[0][i]
    return units, queued
