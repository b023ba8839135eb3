"""Buyers of imports: what sellers abroad charge them in yen, and how much they buy.

Sellers price to the Japanese market, save for fuel, which costs what it costs in dollars.

Evidence: import prices and volumes, ESRI short-run model 2022 (Cabinet Office), equations 12, 67 and 68; import content
of demand, Q-JEM 2019 (Bank of Japan).
"""

from __future__ import annotations

import math

from itcho.agents.views import ParameterValues


class ImportBuyers:
    """Households and firms as buyers of goods and services abroad, other than chips and AI services.

    Attributes
    ----------
    goods_price_log, fuel_price_log : of imports other than fuel and of fuel, in yen over home prices, logarithms.
    volume_log : imports over potential output, logarithm, 0 at the start.
    """

    def __init__(self, parameters: ParameterValues) -> None:
        self.p = parameters
        self.goods_price_log = 0.0
        self.fuel_price_log = 0.0
        self.volume_log = 0.0
        self._real_yen_log = 0.0
        self._absorption_log = 0.0
        self._exports_log = 0.0

    def face_prices(self, real_yen_log: float, goods_abroad_log: float, fuel_abroad_log: float) -> float:
        """Take the month's prices; returns the price of imports over home prices.

        Parameters
        ----------
        real_yen_log : 0 at the start; up is weaker.
        goods_abroad_log, fuel_abroad_log : dollar prices of the goods bought and of fuel over prices abroad.
        """
        p, before = self.p, self._real_yen_log
        wanted = p.import_price_fx_share_long_run * before + goods_abroad_log
        self.goods_price_log += p.import_price_fx_share * (real_yen_log - before) - p.import_price_speed_monthly * (
            self.goods_price_log - wanted
        )
        self.fuel_price_log += p.fuel_price_speed_monthly * (
            p.fuel_price_fx_share * real_yen_log + p.fuel_price_oil_share * fuel_abroad_log - self.fuel_price_log
        )
        self._real_yen_log = real_yen_log
        return math.exp(self.price_log)

    @property
    def price_log(self) -> float:
        """Price of imports over home prices, logarithm."""
        weight = self.p.import_fuel_share
        return (1.0 - weight) * self.goods_price_log + weight * self.fuel_price_log

    def buy(self, absorption_log: float, export_content_log: float, place_log: float) -> float:
        """Buy the month's imports; returns them over potential output, 1 at the start.

        Parameters
        ----------
        absorption_log : domestic demand over potential output.
        export_content_log : exports over their trend, weighted by their part in domestic demand.
        place_log : production that came home, of which half replaces imports.
        """
        p, before = self.p, self._absorption_log
        wanted = (
            p.import_demand_elasticity * before
            + p.import_export_elasticity * self._exports_log
            - p.import_price_elasticity * self.goods_price_log
            - p.import_fuel_price_elasticity * p.import_fuel_share * self.fuel_price_log
            - 0.5 * place_log
        )
        self.volume_log += p.import_demand_elasticity_at_once * (
            absorption_log - before
        ) + p.import_volume_speed_monthly * (wanted - self.volume_log)
        self._absorption_log, self._exports_log = absorption_log, export_content_log
        return math.exp(self.volume_log)
