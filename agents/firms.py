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


def extra_dividends_trn_yen(held_trn_yen: float, usual_trn_yen: float, p: ParameterValues) -> float:
    """What companies pay out in a month beyond what follows profits: part of what they hold beyond their usual funds.

    Below the usual they keep back; what dividends can bear is for the caller to say.

    Evidence: dividend smoothing, Lintner 1956; target cash holdings, Opler, Pinkowitz, Stulz and Williamson 1999.
    """
    return p.excess_funds_payout_share_year / 12.0 * (held_trn_yen - usual_trn_yen)


class Firms:
    """Price setting, investment and the capital it builds.

    Investment in houses is part of it: both are bought until capital is in its usual proportion to output.

    Parameters
    ----------
    investment : of the opening month, at start prices, trillion yen.
    capital : at the opening, at start prices, trillion yen.
    growth : of potential output at the opening, a month.
    gap_log : output over potential at the opening, logarithm.  Investment stands where that gap and an equal wish to
        invest put it; both fade.

    Attributes
    ----------
    capital : at start prices, trillion yen.
    investment : at start prices, trillion yen a month.
    investment_ratio_log : what firms take investment to be over capital, logarithm.
    inflation_pct : of domestic prices in the month, percent a year, without the month's shock.
    price_shock, investment_shock : what moves prices (percent a year) and investment (logarithm) beside the rest.
    """

    def __init__(
        self, investment: float, capital: float, growth: float, parameters: ParameterValues, gap_log: float = 0.0
    ) -> None:
        self.p = parameters
        self.investment = investment
        self.capital = capital
        p = parameters
        self.investment_ratio_log = math.log(investment / capital)
        answer = p.investment_accelerator + p.investment_capital_response
        self._usual_ratio_log = self.investment_ratio_log - (1.0 + answer) * gap_log
        self._worn_out = math.exp(self._usual_ratio_log) - growth
        self._gap_log = gap_log
        self.inflation_pct = parameters.inflation_target_pct
        self.price_shock = 0.0
        self.investment_shock = gap_log

    def start_prices(self, inflation_pct: float) -> None:
        """Raise prices, at first, as they have risen in the year before the start, percent."""
        self.inflation_pct = inflation_pct

    def price_growth_pct(
        self, expected_inflation_pct: float, gap_log: float, import_inflation_pct: float, shock: float
    ) -> float:
        """Growth of domestic prices, percent a year: a hybrid Phillips curve.

        Parameters
        ----------
        expected_inflation_pct : percent.
        gap_log : output over potential, logarithm, smoothed over a quarter.
        import_inflation_pct : of imports over home prices, over the last twelve months, percent.
        shock : standardised.
        """
        p = self.p
        self.price_shock = p.price_shock_persistence * self.price_shock + p.price_shock_sd_pp * shock
        wanted = (
            expected_inflation_pct + p.phillips_slope * 100.0 * gap_log + p.import_cost_response * import_inflation_pct
        )
        self.inflation_pct += (1.0 - p.inflation_persistence_monthly) * (wanted - self.inflation_pct)
        return self.inflation_pct + self.price_shock

    def be_shocked(self, shock: float) -> None:
        """Let the lasting wish to invest move; ``shock`` is standardised."""
        p = self.p
        self.investment_shock = p.investment_shock_persistence * self.investment_shock + p.investment_shock_sd * shock

    def invest(self, outlook: SpendingOutlook, output_over_usual_capital_log: float) -> float:
        """Investment of the month in business and houses; capital is what it leaves.

        Parameters
        ----------
        output_over_usual_capital_log : the capital that output usually needs over the capital there is, logarithm.
        """
        p = self.p
        wanted = (
            self._usual_ratio_log
            + p.investment_accelerator * outlook.gap_log
            - p.investment_rate_semi_elasticity * outlook.real_rate_gap_pp
            + p.investment_capital_response * output_over_usual_capital_log
            + self.investment_shock
        )
        self.investment_ratio_log += p.investment_output_response * (outlook.gap_log - self._gap_log)
        self.investment_ratio_log += p.investment_adjustment_monthly * (wanted - self.investment_ratio_log)
        self._gap_log = outlook.gap_log
        self.investment = self.capital * math.exp(self.investment_ratio_log)
        self.capital += self.investment - self._worn_out * self.capital
        return self.investment
