"""Owners of data-centre sites: clouds, distributors, and developers that rent of no cloud at home.

Each has the power that its sites are connected to, tenants who fill them, a memory of how fast these grew, a margin
that it keeps free, and places in the queue for more.  Margins are spread over quantiles, from none to twice the mean.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]

_GOLDEN = 0.5 * (5.0**0.5 - 1.0)


def margins(owners: int, mean: float) -> Array:
    """Power beyond what its tenants need that each owner keeps, a share of the need, (owners,)."""
    # Multiples of the golden ratio are spread evenly, however many there are, and follow no order of size.
    return np.asarray(2.0 * mean * ((np.arange(owners) + 0.5) * _GOLDEN % 1.0))


def site_of(owners: int, developer: NDArray[np.int32], cloud: NDArray[np.int32], share: Array) -> IntArray:
    """At whose site each importer's chips stand: a developer's at the cloud it rents most of, others' at their own.

    Parameters
    ----------
    developer, cloud, share : edges of rented compute: rows of both, and the part of what the developer rents.
    """
    sites = np.arange(owners)
    # Of edges written twice the last one stays, and the largest is written last.
    order = np.argsort(share, kind="stable")
    sites[developer[order]] = cloud[order]
    return sites


@njit(cache=True)
def apply_for_power(
    needed: Array,
    seen: Array,
    growth: Array,
    margin: Array,
    connected: Array,
    queued: Array,
    horizon_months: float,
    memory_months: float,
    withdrawn_share: float,
    asked: Array,
    kept: Array,
) -> None:
    """Write what each owner applies for and what it keeps of former applications.

    An owner applies for what it expects to miss when a connection would be there: its need goes on growing by as much a
    month as it has seen.  Who has applied for more than it now expects to need takes a part of that back.

    Parameters
    ----------
    needed, seen : power its tenants need now and needed last month; the second is brought up to date.
    growth : that it expects, power a month; changed.
    margin : share of the need that it keeps free.
    connected, queued : power that it has, and that it has applied for.
    horizon_months : how far ahead it looks.
    withdrawn_share : part of what is too much that is taken back within a month.
    asked, kept : new applications, and the part kept of those that wait; written.
    """
    for i in range(needed.size):
        asked[i], kept[i] = 0.0, 1.0
        growth[i] += (needed[i] - seen[i] - growth[i]) / memory_months
        seen[i] = needed[i]
        expected = max(needed[i] + growth[i] * horizon_months, 0.0) * (1.0 + margin[i])
        missing = expected - connected[i] - queued[i]
        if missing > 0.0:
            asked[i] = missing
        elif queued[i] > 0.0:
            kept[i] = 1.0 - withdrawn_share * min(-missing / queued[i], 1.0)
