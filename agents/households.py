"""Households: how much they consume and how much they spend on housing.

Consumption moves part of the way to what permanent income, potential output, wealth and the real rate make households
want.  What they want is anchored on income and on potential output, so that productivity is met by demand only through
wages, profits and prices.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from itcho.agents.views import ParameterValues


@dataclass(frozen=True, slots=True)
class SpendingOutlook:
    """What households and firms see when they decide what to spend.

    Attributes
    ----------
    real_income_trn_yen : households' disposable income of last month at consumer prices.
    potential_index : potential output, 1 at the start.
    real_equity_wealth : households' equity at consumer prices, 1 at the start.
    real_rate_gap_pp : real lending rate over what is neutral for demand.
    smoothed_gap_pct : output gap, smoothed.
    """

    real_income_trn_yen: float
    potential_index: float
    real_equity_wealth: float
    real_rate_gap_pp: float
    smoothed_gap_pct: float


class Households:
    """Households' spending, at start prices, trillion yen a month.

    Parameters
    ----------
    consumption, housing_investment, disposable_income : of the opening month.

    Attributes
    ----------
    consumption, housing : what they buy.
    permanent_income : what they take their income to be.
    """

    def __init__(
        self, consumption: float, housing_investment: float, disposable_income: float, parameters: ParameterValues
    ) -> None:
        self.p = parameters
        self._opening_consumption, self._opening_housing = consumption, housing_investment
        self._opening_income = disposable_income
        self.consumption = consumption
        self.housing = housing_investment
        self.permanent_income = disposable_income
        self.consumption_shock = 0.0
        self._noise_before = 0.0

    def be_shocked(self, shock: float) -> None:
        """Let the lasting wish to consume move; ``shock`` is standardised."""
        p = self.p
        self.consumption_shock = (
            p.consumption_shock_persistence * self.consumption_shock + p.consumption_shock_sd * shock
        )

    def consume(self, outlook: SpendingOutlook, transitory: float) -> float:
        """Consumption of the month; ``transitory`` is standardised and is taken back a month later."""
        p, potential = self.p, outlook.potential_index
        self.permanent_income += p.permanent_income_speed_monthly * (
            outlook.real_income_trn_yen - self.permanent_income
        )
        wanted = self._opening_consumption * math.exp(
            p.consumption_income_weight * math.log(self.permanent_income / self._opening_income)
            + (1.0 - p.consumption_income_weight) * math.log(potential)
            + p.consumption_wealth_elasticity * math.log(outlook.real_equity_wealth / potential)
            - p.consumption_rate_semi_elasticity * outlook.real_rate_gap_pp
            + self.consumption_shock
        )
        self.consumption += p.consumption_adjustment_monthly * (wanted - self.consumption)
        self.consumption *= math.exp(p.consumption_noise_sd * transitory - self._noise_before)
        self._noise_before = p.consumption_noise_sd * transitory
        return self.consumption

    def build_houses(self, outlook: SpendingOutlook) -> float:
        """Housing investment of the month."""
        p = self.p
        wanted = (
            self._opening_housing
            * outlook.potential_index
            * math.exp(-p.housing_rate_semi_elasticity * outlook.real_rate_gap_pp)
        )
        self.housing += p.investment_adjustment_monthly * (wanted - self.housing)
        return self.housing


def believed_inflation_pct(seen_pct: float, p: ParameterValues) -> float:
    """Inflation that households and firms expect: some take what they see, the rest the target."""
    return p.adaptive_households_share * seen_pct + (1.0 - p.adaptive_households_share) * p.inflation_target_pct
