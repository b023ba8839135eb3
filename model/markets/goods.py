"""Goods and services: who wants what, at which prices, and what output and inflation follow.

Each component of demand moves part of the way to what its buyers want.  Wants are anchored on income and on potential
output, so that AI-driven productivity is met by demand only through wages, profits and prices.  Domestic prices follow
an accelerationist Phillips curve with partly anchored expectations; import prices pass into consumer prices with a lag.

Magnitudes: ESRI short-run model (2015), Cabinet Office, trade elasticities 1.2-1.9 in sum with a J-curve of four to six
quarters, Phillips slope 0.03-0.25 a year (OECD; De Veirman 2009), pass-through of a 10% depreciation 0.1-0.5 pp in
year 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

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
    """Remembers the real components and moves them each month.

    Attributes
    ----------
    export_access, export_margin : factors on the volume and on the yen receipts of exports that tariffs abroad allow.
    """

    export_access = 1.0
    export_margin = 1.0

    def __init__(self, base: BaseFlows, parameters: Any, pass_through: bool = True) -> None:
        self.p = parameters
        self.fx_pass_through = parameters.import_price_fx_pass_through if pass_through else 0.0
        self.base = base
        self.consumption = base.consumption
        self.housing = base.housing_investment
        self.business = base.business_investment
        self.export_competitiveness = 0.0
        self.import_competitiveness = 0.0
        self.permanent_income = base.disposable_income
        self.consumption_shock = 0.0
        self.investment_shock = 0.0
        self.price_shock = 0.0
        self.neutral_real_rate_pct = 0.0
        self.long_run_neutral_pct = 0.0

    def update_prices(self, state: EconomyState, outside: OutsideWorld, shock: float) -> None:
        """Set this month's price indices from last month's gap, expectations and the yen."""
        p = self.p
        self.price_shock = p.price_shock_persistence * self.price_shock + p.price_shock_sd_pp * shock
        anchored = (
            p.inflation_anchor_weight * p.inflation_target_pct
            + (1.0 - p.inflation_anchor_weight) * state.expected_inflation_pct
        )
        annual = (
            (1.0 - p.inflation_persistence) * anchored
            + p.inflation_persistence * state.underlying_inflation_pct
            + p.phillips_slope * state.smoothed_gap_pct
            + self.price_shock
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
        state.consumer_price_history.append(state.consumer_price)
        adaptive = state.consumer_inflation_pct
        believed = p.adaptive_households_share * adaptive + (1.0 - p.adaptive_households_share) * p.inflation_target_pct
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
        self.consumption_shock = (
            p.consumption_shock_persistence * self.consumption_shock + p.consumption_shock_sd * shocks[0]
        )
        self.investment_shock = (
            p.investment_shock_persistence * self.investment_shock + p.investment_shock_sd * shocks[1]
        )
        self.neutral_real_rate_pct += p.neutral_rate_speed_monthly * (
            self.long_run_neutral_pct - self.neutral_real_rate_pct
        )
        self._consume(state, shocks[2])
        self._invest(state)
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
        absorbed = (self.consumption + self.housing + self.business + government_real) / (
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
            consumption=self.consumption * state.consumer_price,
            housing_investment=self.housing * investment_price,
            business_investment=self.business * investment_price,
            exports=exports * state.export_price * self.export_margin,
            imports=imports * state.import_price,
            real_total=self.consumption + self.housing + self.business + exports - imports,
        )

    def _consume(self, state: EconomyState, transitory: float) -> None:
        p, base = self.p, self.base
        real_income = state.disposable_income / state.consumer_price
        self.permanent_income += p.permanent_income_speed_monthly * (real_income - self.permanent_income)
        potential = state.potential_gdp / base.gdp
        wanted = base.consumption * math.exp(
            p.consumption_income_weight * math.log(self.permanent_income / base.disposable_income)
            + (1.0 - p.consumption_income_weight) * math.log(potential)
            + p.consumption_wealth_elasticity * math.log(state.equity_wealth_real / potential)
            - p.consumption_rate_semi_elasticity * (self._real_rate_pct(state) - self.neutral_real_rate_pct)
            + self.consumption_shock
        )
        self.consumption += p.consumption_adjustment_monthly * (wanted - self.consumption)
        self.consumption *= math.exp(p.consumption_noise_sd * transitory - self._noise_before)
        self._noise_before = p.consumption_noise_sd * transitory

    _noise_before: float = 0.0

    def _invest(self, state: EconomyState) -> None:
        p, base = self.p, self.base
        potential = state.potential_gdp / base.gdp
        rate = self._real_rate_pct(state) - self.neutral_real_rate_pct
        business = (
            base.business_investment
            * potential
            * math.exp(
                p.investment_accelerator * state.smoothed_gap_pct / 100.0
                - p.investment_rate_semi_elasticity * rate
                + p.investment_equity_elasticity * math.log(state.equity_wealth_real / potential)
                + self.investment_shock
            )
        )
        self.business += p.investment_adjustment_monthly * (business - self.business)
        housing = base.housing_investment * potential * math.exp(-p.housing_rate_semi_elasticity * rate)
        self.housing += p.investment_adjustment_monthly * (housing - self.housing)

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
