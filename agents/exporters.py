"""Exporters: what they charge abroad, how much they sell, and where they produce.

They price to market: little of a weaker yen is passed on in foreign currency, so that volumes answer little and fast to
relative prices.  Over many years a weak yen brings production home: that slow answer, not the price elasticity of
volumes, is what makes a weaker yen raise the trade balance for good.

Evidence: export prices and volumes, ESRI short-run model 2022 (Cabinet Office), equations 9 and 65; world demand, Q-JEM
2019 (Bank of Japan); long-run response of trade, Boehm, Levchenko and Pandalai-Nayar 2023; growing countries export
more varieties, Krugman 1989.
"""

from __future__ import annotations

import math
from collections import deque

from itcho.agents.views import ParameterValues

YEAR = 12


class Exporters:
    """Exporters of goods and services other than AI services.

    The real yen is the logarithm of yen per dollar times prices abroad over prices at home, 0 at the start; up is
    weaker.

    Attributes
    ----------
    relative_price_log : export price in yen over home prices, logarithm.
    volume_log : exports over the trend of world demand, logarithm.
    place_log : how much production has moved to Japan for the real yen's sake, logarithm of exports.
    """

    def __init__(self, parameters: ParameterValues) -> None:
        self.p = parameters
        self.relative_price_log = 0.0
        self.volume_log = 0.0
        self.place_log = 0.0
        self._real_yen_log = 0.0
        self._world_log = 0.0
        self._abroad = deque([0.0] * (YEAR + 1), maxlen=YEAR + 1)

    def set_price(self, real_yen_log: float) -> float:
        """Price the month's exports; returns their price over home prices.

        Examples
        --------
        Of a yen 10% weaker at a pass-through of 0.4 into yen prices at once, export prices rise 4%.
        """
        p, before = self.p, self._real_yen_log
        self.relative_price_log += p.export_price_fx_share * (real_yen_log - before) - p.export_price_speed_monthly * (
            self.relative_price_log - p.export_price_fx_share_long_run * before
        )
        self._real_yen_log = real_yen_log
        return math.exp(self.relative_price_log)

    def sell(self, world_demand_log: float, productivity_log: float) -> float:
        """Sell the month's exports, after :meth:`set_price`; returns them over the trend of world demand.

        Parameters
        ----------
        world_demand_log : world demand over its trend.
        productivity_log : potential output over its trend; a country that makes more sells more varieties abroad.
        """
        p, before = self.p, self._world_log
        wanted = (
            p.export_demand_elasticity * before
            - p.export_price_elasticity * self._abroad[-1]
            + self.place_log
            + productivity_log
        )
        self.volume_log += (
            p.export_demand_elasticity_at_once * (world_demand_log - before)
            + p.export_volume_speed_monthly * (wanted - self.volume_log)
            - p.export_price_change_response * (self._abroad[-1] - self._abroad[0]) / 3.0
        )
        self.place_log += p.place_of_production_speed_monthly * (
            p.place_of_production_elasticity * self._real_yen_log - self.place_log
        )
        self._world_log = world_demand_log
        self._abroad.append(self.relative_price_log - self._real_yen_log)
        return math.exp(self.volume_log)
