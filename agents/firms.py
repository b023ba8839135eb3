"""Firms other than AI firms: the prices they set, what they invest and how they raise wages."""

from __future__ import annotations

import math
from dataclasses import dataclass

from itcho.agents.households import SpendingOutlook
from itcho.agents.views import ParameterValues


@dataclass(frozen=True, slots=True)
class WageView:
    """What firms see when they set wages.

    Attributes
    ----------
    expected_inflation_pct, unemployment_pct, natural_unemployment_pct : percent.
    ai_productivity_growth_pct : growth of productivity through AI that is felt in pay, percent a year.
    usual_wage_share, wage_share_gap : wages over GDP at the start, and that less today's.
    """

    expected_inflation_pct: float
    unemployment_pct: float
    natural_unemployment_pct: float
    ai_productivity_growth_pct: float
    usual_wage_share: float
    wage_share_gap: float


def wage_growth_pct(view: WageView, p: ParameterValues) -> float:
    """Wage growth, percent a year: prices, productivity, tightness, and a return to the usual share."""
    return (
        view.expected_inflation_pct
        + p.trend_potential_growth_pct
        - p.labour_force_growth_pct
        + view.ai_productivity_growth_pct
        + p.wage_tightness_response * (view.natural_unemployment_pct - view.unemployment_pct)
        + p.wage_share_correction * view.wage_share_gap / view.usual_wage_share * 100.0
    )


class Firms:
    """Price setting and business investment.

    Parameters
    ----------
    business_investment : of the opening month, at start prices, trillion yen.

    Attributes
    ----------
    business : investment, at start prices, trillion yen a month.
    price_shock, investment_shock : what moves prices (percent a year) and investment (logarithm) beside the rest.
    """

    def __init__(self, business_investment: float, parameters: ParameterValues) -> None:
        self.p = parameters
        self._opening_investment = business_investment
        self.business = business_investment
        self.price_shock = 0.0
        self.investment_shock = 0.0

    def price_growth_pct(
        self, expected_inflation_pct: float, underlying_inflation_pct: float, smoothed_gap_pct: float, shock: float
    ) -> float:
        """Growth of domestic prices, percent a year: an accelerationist Phillips curve with anchored expectations.

        Parameters
        ----------
        expected_inflation_pct, underlying_inflation_pct, smoothed_gap_pct : percent.
        shock : standardised.
        """
        p = self.p
        self.price_shock = p.price_shock_persistence * self.price_shock + p.price_shock_sd_pp * shock
        anchored = (
            p.inflation_anchor_weight * p.inflation_target_pct
            + (1.0 - p.inflation_anchor_weight) * expected_inflation_pct
        )
        return (
            (1.0 - p.inflation_persistence) * anchored
            + p.inflation_persistence * underlying_inflation_pct
            + p.phillips_slope * smoothed_gap_pct
            + self.price_shock
        )

    def be_shocked(self, shock: float) -> None:
        """Let the lasting wish to invest move; ``shock`` is standardised."""
        p = self.p
        self.investment_shock = p.investment_shock_persistence * self.investment_shock + p.investment_shock_sd * shock

    def invest(self, outlook: SpendingOutlook) -> float:
        """Business investment of the month."""
        p, potential = self.p, outlook.potential_index
        wanted = (
            self._opening_investment
            * potential
            * math.exp(
                p.investment_accelerator * outlook.smoothed_gap_pct / 100.0
                - p.investment_rate_semi_elasticity * outlook.real_rate_gap_pp
                + p.investment_equity_elasticity * math.log(outlook.real_equity_wealth / potential)
                + self.investment_shock
            )
        )
        self.business += p.investment_adjustment_monthly * (wanted - self.business)
        return self.business
