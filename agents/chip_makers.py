"""Japan's makers of chip equipment and materials, of memory and sensors, and of power chips.

The world's AI capex orders from them, some months late and as far as they can make it; they build where they are busy.
What they sell more or less than on the usual path is exported more or less.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from itcho.agents.views import ParameterValues

Array = NDArray[np.float64]


@dataclass(frozen=True)
class MakerFacts:
    """One line of the opening table.

    Attributes
    ----------
    name : snake_case identifier, unique.
    sales : trillion yen a year.
    ai_share : part of sales that goes with the world's AI capex.
    source : where the figures are from, and how well known.
    """

    name: str
    sales: float
    ai_share: float
    source: str


_EQUIPMENT = "SEAJ: sales of Japanese equipment makers FY2025 4.91 trn yen (implied by its forecast); split judged"
_MEMORY = "METI: chips made at home about 5 trn yen; split and part for AI judged"

MAKERS: tuple[MakerFacts, ...] = (
    MakerFacts("tokyo_electron", 2.4, 1.0, _EQUIPMENT),
    MakerFacts("advantest", 0.9, 1.0, _EQUIPMENT),
    MakerFacts("other_equipment", 1.6, 1.0, _EQUIPMENT),
    MakerFacts("kioxia", 1.7, 0.4, _MEMORY),
    MakerFacts("sony_sensors", 1.8, 0.0, _MEMORY),
    MakerFacts("other_memory", 0.4, 0.2, _MEMORY),
    MakerFacts("rohm", 0.45, 0.1, _MEMORY),
    MakerFacts("mitsubishi_power", 0.3, 0.1, _MEMORY),
    MakerFacts("other_power", 0.35, 0.1, _MEMORY),
)
"""Makers at home: three each of equipment, of memory and sensors, of power chips."""


class ChipMakers:
    """The makers, month by month.

    Attributes
    ----------
    sales : of each at a yearly rate at start prices on its usual path, trillion yen, (makers,).
    capacity : what each can make of that.
    """

    def __init__(self, parameters: ParameterValues) -> None:
        p = parameters
        self._usual = np.array([one.sales for one in MAKERS])
        self._ai_share = np.array([one.ai_share for one in MAKERS])
        self._capacity_use, self._speed = p.makers_usual_utilisation, p.makers_capacity_speed_monthly
        self._elasticity, self._abroad = p.makers_capex_elasticity, p.makers_export_share
        self._waiting = deque([1.0] * round(p.makers_order_lag_months))
        self.sales = self._usual.copy()
        self.capacity = self._usual / self._capacity_use
        self.orders_held = False

    def hold_orders(self) -> None:
        """Get the usual orders from now on, whatever is spent abroad."""
        self.orders_held = True

    def sell(self, world_capex: float) -> float:
        """Sell the month's orders; returns what is exported over the usual path, trillion yen a year.

        Parameters
        ----------
        world_capex : AI capex abroad over its expected path.
        """
        self._waiting.append(1.0 if self.orders_held else world_capex)
        ordered = self._waiting.popleft() ** self._elasticity
        wanted = self._usual * (1.0 + self._ai_share * (ordered - 1.0))
        self.sales = np.minimum(wanted, self.capacity)
        busy = np.maximum(wanted / self.capacity - self._capacity_use, 0.0)
        self.capacity *= 1.0 + self._speed * busy
        return self._abroad * float((self.sales - self._usual).sum())
