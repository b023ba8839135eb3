"""Goods and services: prices and trade, and the demand that households and firms decide on.

The month's prices follow from what firms, exporters and sellers abroad charge; the month's volumes from what households
and firms, exporters and buyers of imports want.  Output over potential, and what capital firms have built, decide the
next month's.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from itcho.agents.behaviours import AS_MODELLED, Behaviours
from itcho.agents.exporters import Exporters
from itcho.agents.firms import Firms
from itcho.agents.households import Households, SpendingOutlook, anchored_inflation_pct, believed_inflation_pct
from itcho.agents.import_buyers import ImportBuyers
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
    output_gap_pct: float = 0.0

    @property
    def potential_gdp(self) -> float:
        """What the opening month's output would be without a gap."""
        return self.gdp / (1.0 + self.output_gap_pct / 100.0)

    @property
    def investment(self) -> float:
        """In business and houses."""
        return self.business_investment + self.housing_investment

    @property
    def absorption(self) -> float:
        """Domestic demand."""
        return self.consumption + self.investment + self.government_consumption + self.public_investment


class GoodsMarket:
    """Prices, trade, and what households and firms buy.

    Parameters
    ----------
    base : run-rates of the opening.
    counted_income : of the opening, as households count it, trillion yen a month.
    pass_through : False holds prices in trade at what they would be at the opening's real yen.

    Attributes
    ----------
    households, firms, exporters, import_buyers : who decides what is bought, sold and charged.
    export_access, export_margin : factors on the volume and on the yen receipts of exports that tariffs abroad allow.
    neutral_real_rate_pct : the real lending rate that neither raises nor lowers demand.
    fresh_food_log : what fresh food adds to consumer prices.
    """

    def __init__(
        self, base: BaseFlows, counted_income: float, parameters: ParameterValues, pass_through: bool = True
    ) -> None:
        p = self.p = parameters
        self.pass_through = pass_through
        self.base = base
        gap_log = math.log1p(base.output_gap_pct / 100.0)
        self.households = Households(base.consumption, counted_income, p, gap_log)
        self.behaviours = AS_MODELLED
        # A year's output is what capital is measured by.
        capital = p.capital_to_output_ratio * 12.0 * base.potential_gdp
        self.firms = Firms(base.investment, capital, p.trend_potential_growth_pct / 1200.0, p, gap_log)
        self.exporters = Exporters(p)
        self.import_buyers = ImportBuyers(p)
        self._usual_capital_log = math.log(capital / base.potential_gdp)
        self.export_access = self.export_margin = 1.0
        self.neutral_real_rate_pct = 0.0
        self.long_run_neutral_pct = 0.0
        self.fresh_food_log = 0.0
        self._import_prices = deque([0.0] * 13, maxlen=13)
        self._potential_before = base.potential_gdp

    def follow(self, behaviours: Behaviours) -> None:
        """Let households and firms behave so from now on."""
        self.behaviours = behaviours
        self.households.follow(behaviours)

    def update_prices(self, state: EconomyState, outside: OutsideWorld, shock: float, weather: float = 0.0) -> None:
        """Set this month's price indices from last month's gap, expectations, the yen and the harvest's ``weather``."""
        p = self.p
        import_inflation_pct = 100.0 * (self._import_prices[-1] - self._import_prices[0])
        annual = self.firms.price_growth_pct(
            state.expected_inflation_pct, state.smoothed_gap_pct / 100.0, import_inflation_pct, shock
        )
        state.raise_domestic_price(annual)
        felt = self.real_yen_log(state, outside) if self.pass_through else 0.0
        export_price = state.domestic_price * self.exporters.set_price(felt)
        buyers = self.import_buyers
        faced = buyers.face_prices(felt, outside.goods_price_log, outside.fuel_price_log)
        self._import_prices.append((1.0 - p.import_fuel_share) * buyers.goods_price_log)
        self.fresh_food_log = p.fresh_food_persistence * self.fresh_food_log + p.fresh_food_sd_pct / 100.0 * weather
        moved = p.consumer_energy_share * buyers.fuel_price_log + self.fresh_food_log
        taxed = p.consumption_taxed_share * state.consumption_tax_points / (100.0 + p.consumption_tax_rate_pct)
        consumer_price = state.domestic_price * math.exp(moved) * (1.0 + taxed)
        state.take_prices(export_price, state.domestic_price * faced, consumer_price)
        anchor_pct = anchored_inflation_pct(state.experienced_inflation_pct, p)
        believed = self._believed_inflation_pct(state.consumer_inflation_pct, anchor_pct)
        state.expect_inflation(believed, p.expectation_speed_monthly)

    def _believed_inflation_pct(self, seen_pct: float, anchor_pct: float) -> float:
        expectations = self.behaviours.expectations
        if expectations is None:
            return believed_inflation_pct(seen_pct, anchor_pct, self.p)
        return self.behaviours.number("expectations", expectations(seen_pct, anchor_pct), -50.0, 50.0)

    @staticmethod
    def real_yen_log(state: EconomyState, outside: OutsideWorld) -> float:
        """Yen per dollar times prices abroad over prices at home, logarithm, 0 at the start; up is weaker."""
        return math.log(outside.foreign_price_level * state.usdjpy_index / state.domestic_price)

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
        growth_pp = state.potential_growth_trend_pct - p.trend_potential_growth_pct
        natural = self.long_run_neutral_pct + state.natural_rate_drift_pp + p.natural_rate_growth_response * growth_pp
        self.neutral_real_rate_pct += p.neutral_rate_speed_monthly * (natural - self.neutral_real_rate_pct)
        outlook = self._outlook(state)
        consumption = households.consume(outlook, shocks[2])
        usual_capital = self._usual_capital_log + math.log(state.potential_gdp) + outlook.gap_log
        investment = firms.invest(outlook, usual_capital - math.log(firms.capital))
        productivity_log = math.log(outlook.potential_index / state.trend_potential)
        exporters, buyers = self.exporters, self.import_buyers
        exports = base.exports * outside.demand_trend * self.export_access * outside.makers_factor
        exports *= exporters.sell(outside.demand_over_trend_log, productivity_log)
        absorption_log = math.log((consumption + investment + government_real) / base.absorption)
        absorption_log -= math.log(outlook.potential_index)
        content = base.exports / base.absorption * exporters.volume_log
        imports = base.imports * outlook.potential_index * buyers.buy(absorption_log, content, exporters.place_log)
        self._potential_before = state.potential_gdp
        import_share = p.investment_import_share
        investment_price = state.domestic_price ** (1.0 - import_share) * state.import_price**import_share
        housing = investment * base.housing_investment / base.investment
        return Demand(
            consumption=consumption * state.consumer_price,
            housing_investment=housing * investment_price,
            business_investment=(investment - housing) * investment_price,
            exports=exports * state.export_price * self.export_margin,
            imports=imports * state.import_price,
            real_total=consumption + investment + exports - imports,
        )

    def capital_over_usual_log(self, trend_log: float) -> float:
        """Capital over what potential output usually has, logarithm.

        ``trend_log`` is potential output at usual capital, 0 at the start.
        """
        return math.log(self.firms.capital / self.base.potential_gdp) - self._usual_capital_log - trend_log

    def _outlook(self, state: EconomyState) -> SpendingOutlook:
        return SpendingOutlook(
            real_income_trn_yen=state.counted_income / state.consumer_price,
            potential_index=state.potential_gdp / self.base.potential_gdp,
            potential_growth=math.log(state.potential_gdp / self._potential_before),
            real_wealth=state.wealth_real,
            real_rate_gap_pp=self._real_rate_pct(state) - self.neutral_real_rate_pct,
            gap_log=state.smoothed_gap_pct / 100.0,
        )

    def move_export_access(self, access: float, margin: float) -> None:
        """Let volume and receipts of exports go part of the way to the factors that tariffs abroad allow."""
        speed = self.p.export_access_speed_monthly
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
