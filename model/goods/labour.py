"""Labour: employment follows output (Okun), wages follow prices, productivity and tightness, bonuses follow the cycle.

Okun coefficient for Japan: −0.15 points of unemployment per point of the output gap (Ball, Leigh and Loungani, NBER
18668).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from itcho.agents.firms import WageView, wage_growth_pct
from itcho.agents.views import ParameterValues
from itcho.model.state import EconomyState

WageRule: TypeAlias = Callable[[WageView, ParameterValues], float]
"""Growth of wages, percent a year, as :func:`itcho.agents.firms.wage_growth_pct` has it."""


class LabourMarket:
    """Remembers the wage share at the start, to which pay returns slowly.

    Attributes
    ----------
    wage_growth_pct : how firms raise wages.
    seen, decided_pct : what they last saw (None before), and by how much they raised wages, percent a year.
    """

    def __init__(
        self,
        wage_bill: float,
        nominal_gdp: float,
        unemployment_pct: float,
        parameters: ParameterValues,
        output_gap_pct: float = 0.0,
    ) -> None:
        self.p = parameters
        self.base_wage_bill = wage_bill
        self.base_share = wage_bill / nominal_gdp
        self.labour_force = 1.0
        self.opening_unemployment_pct = unemployment_pct
        self.natural_unemployment_pct = unemployment_pct + parameters.okun_coefficient * output_gap_pct
        self._usual_unemployment_pct = self.natural_unemployment_pct
        self.wage_growth_pct: WageRule = wage_growth_pct
        self.seen: WageView | None = None
        self.decided_pct = 0.0

    def raise_wages_by(self, rule: WageRule) -> None:
        """Let firms raise wages by this rule from now on."""
        self.wage_growth_pct = rule

    def step(self, state: EconomyState, participation: float = 0.0) -> float:
        """Move employment and wages by a month; return the economy's wage bill, trillion yen.

        Parameters
        ----------
        state : of the month.
        participation : standardised news of who looks for work, and for how long, at a given output.
        """
        p = self.p
        before = self.natural_unemployment_pct
        self.natural_unemployment_pct = (
            self._usual_unemployment_pct
            + p.natural_unemployment_persistence * (before - self._usual_unemployment_pct)
            + p.natural_unemployment_sd_pp * participation
        )
        unemployment = max(0.5, state.unemployment_pct + (self.natural_unemployment_pct - before))
        wanted = max(0.5, self.natural_unemployment_pct - p.okun_coefficient * state.output_gap_pct)
        unemployment += p.employment_adjustment_monthly * (wanted - unemployment)
        self.labour_force *= 1.0 + p.labour_force_growth_pct / 1200.0
        employment = self.labour_force * (100.0 - unemployment) / (100.0 - self.opening_unemployment_pct)
        felt_before = state.productivity_felt_pct
        felt = felt_before + p.wage_productivity_speed_monthly * (state.productivity_gain_pct - felt_before)
        ai_growth_pct = 12.0 * (felt - felt_before)
        bill = self.base_wage_bill * state.wage * employment
        # What is bargained over is a share of output: in a month whose imports eat it up, wages have all of it.
        wage_share = min(1.0, bill / state.nominal_gdp) if state.nominal_gdp > 0.0 else self.base_share
        share_gap = self.base_share - wage_share
        view = WageView(
            expected_inflation_pct=state.expected_inflation_pct,
            unemployment_pct=unemployment,
            natural_unemployment_pct=self.natural_unemployment_pct,
            ai_productivity_growth_pct=ai_growth_pct,
            usual_wage_share=self.base_share,
            wage_share_gap=share_gap,
        )
        annual = self.wage_growth_pct(view, p)
        self.seen, self.decided_pct = view, annual
        state.take_labour(unemployment, employment, state.wage * (1.0 + annual / 1200.0), felt)
        bonus = 1.0 + p.bonus_cyclicality * state.smoothed_gap_pct / 100.0
        return self.base_wage_bill * state.wage * state.employment * bonus
