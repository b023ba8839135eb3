"""A second designer for those who buy of one: who looks for it, and how long it takes to be able to use its chips.

Software ties a buyer to its designer.  Some have made theirs run on other chips long before they need to; the others
need months of work for it, which they begin when their designer fails to deliver.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from itcho.agents.views import ParameterValues

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]
Flags = NDArray[np.bool_]


class SecondSources:
    """Buyers' work on a second designer's chips.

    A buyer of a single designer looks for another one in every month in which it expects to get less than a given part
    of what it claims.  Who can use other chips already takes them at once, the others after months of work; work that
    is done is not lost.

    Parameters
    ----------
    draws : (n,) uniform, one for every buyer: who is ready.
    parameters : parameters by attribute.

    Attributes
    ----------
    ready : (n,) who can use other chips.
    worked : (n,) months of work on them.
    looking : rows that looked for another designer in the last month.
    taken : rows of these that got an edge to one.
    """

    def __init__(self, draws: Array, parameters: ParameterValues) -> None:
        p = parameters
        self.ready: Flags = draws < p.supply_qualified_share
        self.worked = np.zeros(draws.size, dtype=np.int64)
        self.looking: IntArray = np.zeros(0, dtype=np.int64)
        self.taken: IntArray = self.looking
        self._months, self._least_fill = p.supply_qualifying_months, p.supply_search_fill

    def look(self, single: Flags, expected_fill: Array) -> IntArray:
        """Rows that take a second designer from this month on.

        Parameters
        ----------
        single : (n,) who buys of one designer and of nobody else.
        expected_fill : (n,) part of its claims that each expects to get.
        """
        looking = np.flatnonzero(single & (expected_fill < self._least_fill))
        self.looking, self.taken = looking, looking[:0]
        working = looking[~self.ready[looking]]
        self.worked[working] += 1
        self.ready[working] = self.worked[working] > self._months
        return looking[self.ready[looking]]

    def take(self, rows: IntArray) -> None:
        """Have an edge to another designer for these of the rows that looked for one."""
        self.taken = rows


def best_other(own: int, availability: Array, size: Array) -> int:
    """Place of the designer that could deliver most but for one's own, or -1 if nobody delivers.

    Parameters
    ----------
    own : place of the buyer's own designer.
    availability : (designers,) what each could start last month over what was ordered of it.
    size : (designers,) share of each in what is bought.
    """
    could = availability * size
    could[own] = 0.0
    best = int(np.argmax(could))
    return best if could[best] > 0.0 else -1
