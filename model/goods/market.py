"""Goods and services: prices and trade, and the demand that households and firms decide on.

Import prices pass into consumer prices with a lag; volumes traded answer to relative prices with a lag.

Magnitudes: ESRI short-run model (2015), Cabinet Office, trade elasticities 1.2-1.9 in sum with a J-curve of four to six
quarters, Phillips slope 0.03-0.25 a year (OECD; De Veirman 2009), pass-through of a 10% depreciation 0.1-0.5 pp in
year 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from itcho.agents.firms import Firms
from itcho.agents.households import Households, SpendingOutlook, believed_inflation_pct
from itcho.agents.views import ParameterValues
from itcho.model.outside_world import OutsideWorld
from itcho.model.state import EconomyState


class Demand(NamedTuple):
    """Demand of a month, nominal, trillion yen; ``real_*`` at start prices."""

    consumption: float
    housing_investment: float
    business_investment: float
    exports: float
    imports: float
    real_total: float


@dataclass(frozen=True)
class BaseFlows:
    """Monthly run-rates at the start, trillion yen: the published year, carried to the start date by its growth."""

    consumption: float
    government_consumption: float
    public_investment: float
    housing_investment: float
    business_investment: float
    exports: float
    imports: float
    gdp: float
    disposable_income: float


class GoodsMarket:
    """Prices, trade, and what households and firms buy.

    Attributes
    ----------
    households, firms : who decides what is consumed, invested and charged.
    export_access, export_margin : factors on the volume and on the yen receipts of exports that tariffs abroad allow.
    neutral_real_rate_pct : the real lending rate that neither raises nor lowers demand.
    """

    def __init__(self, base: BaseFlows, parameters: ParameterValues, pass_through: bool = True) -> None:
        self.p = parameters
        self.fx_pass_through = parameters.import_price_fx_pass_through if pass_through else 0.0
        self.base = base
        self.households = Households(base.consumption, base.housing_investment, base.disposable_income, parameters)
        self.firms = Firms(base.business_investment, parameters)
        self.export_access = self.export_margin = 1.0
        self.export_competitiveness = 0.0
        self.import_competitiveness = 0.0
        self.neutral_real_rate_pct = 0.0
        self.long_run_neutral_pct = 0.0

    def update_prices(self, state: EconomyState, outside: OutsideWorld, shock: float) -> None:
        """Set this month's price indices from last month's gap, expectations and the yen."""
        p = self.p
        annual = self.firms.price_growth_pct(
            state.expected_inflation_pct, state.underlying_inflation_pct, state.smoothed_gap_pct, shock
        )
        state.domestic_price *= 1.0 + annual / 1200.0
        state.domestic_price_history.append(state.domestic_price)
        state.underlying_inflation_pct = 100.0 * (state.domestic_price / state.domestic_price_history[-13] - 1.0)
        wanted = outside.import_price_usd * state.usdjpy_index**self.fx_pass_through
        # Prices that follow with a lag stand behind by it; a lead keeps the opening on the path of steady growth.
        growth = outside.us_inflation_pct / 1200.0
        speed, retail_speed = p.import_price_adjustment_monthly, p.retail_pass_through_monthly
        lead = math.exp(growth * (1.0 - speed) / speed)
        retail_lead = math.exp(growth * (1.0 - retail_speed) / retail_speed)
        state.import_price *= (lead * wanted / state.import_price) ** speed
        state.retail_import_price *= (retail_lead * state.import_price / state.retail_import_price) ** retail_speed
        state.export_price = (
            state.domestic_price ** (1.0 - p.export_price_fx_share)
            * (outside.foreign_price_level * state.usdjpy_index) ** p.export_price_fx_share
        )
        share = p.consumer_import_share
        state.consumer_price = state.domestic_price ** (1.0 - share) * state.retail_import_price**share
        taxed = p.consumption_taxed_share * state.consumption_tax_points / (100.0 + p.consumption_tax_rate_pct)
        state.consumer_price *= 1.0 + taxed
        state.consumer_price_history.append(state.consumer_price)
        believed = believed_inflation_pct(state.consumer_inflation_pct, p)
        state.expected_inflation_pct += p.expectation_speed_monthly * (believed - state.expected_inflation_pct)

    def demand(
        self,
        state: EconomyState,
        outside: OutsideWorld,
        government_real: float,
        shocks: Sequence[float],
    ) -> Demand:
        """Demand of the month at this month's prices; ``government_real`` is public demand relative to the start."""
        p, base = self.p, self.base
        households, firms = self.households, self.firms
        households.be_shocked(shocks[0])
        firms.be_shocked(shocks[1])
        self.neutral_real_rate_pct += p.neutral_rate_speed_monthly * (
            self.long_run_neutral_pct - self.neutral_real_rate_pct
        )
        outlook = self._outlook(state)
        consumption = households.consume(outlook, shocks[2])
        business, housing = firms.invest(outlook), households.build_houses(outlook)
        real_exchange = outside.foreign_price_level * state.usdjpy_index / state.domestic_price
        self.export_competitiveness += p.trade_adjustment_monthly * (
            math.log(real_exchange) - self.export_competitiveness
        )
        relative_price = state.import_price / state.domestic_price
        self.import_competitiveness += p.trade_adjustment_monthly * (
            math.log(relative_price) - self.import_competitiveness
        )
        exports = base.exports * outside.demand * math.exp(p.export_elasticity * self.export_competitiveness)
        exports *= self.export_access
        absorbed = (consumption + housing + business + government_real) / (
            base.consumption
            + base.housing_investment
            + base.business_investment
            + base.government_consumption
            + base.public_investment
        )
        share = absorbed ** (p.import_demand_elasticity - 1.0) * math.exp(
            -p.import_elasticity * self.import_competitiveness
        )
        # The import share of demand nears a ceiling: most services cannot be bought abroad.
        ceiling = p.import_share_ceiling_ratio
        imports = base.imports * absorbed * share * (1.0 + 1.0 / ceiling) / (1.0 + share / ceiling)
        investment_price = (
            state.domestic_price ** (1.0 - p.investment_import_share) * state.import_price**p.investment_import_share
        )
        return Demand(
            consumption=consumption * state.consumer_price,
            housing_investment=housing * investment_price,
            business_investment=business * investment_price,
            exports=exports * state.export_price * self.export_margin,
            imports=imports * state.import_price,
            real_total=consumption + housing + business + exports - imports,
        )

    def _outlook(self, state: EconomyState) -> SpendingOutlook:
        return SpendingOutlook(
            real_income_trn_yen=state.disposable_income / state.consumer_price,
            potential_index=state.potential_gdp / self.base.gdp,
            real_equity_wealth=state.equity_wealth_real,
            real_rate_gap_pp=self._real_rate_pct(state) - self.neutral_real_rate_pct,
            smoothed_gap_pct=state.smoothed_gap_pct,
        )

    def move_export_access(self, access: float, margin: float) -> None:
        """Let volume and receipts of exports go part of the way to the factors that tariffs abroad allow."""
        speed = self.p.trade_adjustment_monthly
        self.export_access += speed * (access - self.export_access)
        self.export_margin += speed * (margin - self.export_margin)

    def start_rates(self, state: EconomyState) -> None:
        """Take today's real lending rate as neutral for the opening flows.

        What holds demand down at the start (real incomes after the price rise of 2022-25) fades, and the neutral rate
        goes to the natural rate with the lending margin of the start.
        """
        p = self.p
        self.neutral_real_rate_pct = self._real_rate_pct(state)
        natural = p.natural_real_rate_pct + p.inflation_target_pct
        lending = state.lending_rate_pct + p.lending_rate_pass_through * (natural - state.policy_rate_pct)
        self.long_run_neutral_pct = lending - p.inflation_target_pct

    @staticmethod
    def _real_rate_pct(state: EconomyState) -> float:
        return state.lending_rate_pct - state.expected_inflation_pct
