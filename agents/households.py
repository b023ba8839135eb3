"""Households: how much they consume and how much they spend on housing.

Consumption moves part of the way, each month, to what income, wealth and the real rate make households want.  Of what
their property yields they count a part as income; the rest reaches spending as wealth.

Evidence: ESRI short-run model 2022 (Cabinet Office) and Q-JEM 2019 (Bank of Japan) for speed and elasticities;
propensity to consume out of wealth 0.01-0.03 (Bertaut 2002; Chodorow-Reich, Nenov and Simsek 2021).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from itcho.agents.behaviours import AS_MODELLED, LARGEST_FACTOR, Behaviours
from itcho.agents.views import ParameterValues


@dataclass(frozen=True, slots=True)
class SpendingOutlook:
    """What households and firms see when they decide what to spend.

    Attributes
    ----------
    real_income_trn_yen : what households count as income, of last month, at consumer prices.
    potential_index : potential output, 1 at the start; ``potential_growth`` its growth in the month.
    real_wealth : households' net wealth at consumer prices, 1 at the start.
    real_rate_gap_pp : real lending rate over what is neutral for demand.
    gap_log : output over potential of last month, logarithm, smoothed over a quarter.
    """

    real_income_trn_yen: float
    potential_index: float
    potential_growth: float
    real_wealth: float
    real_rate_gap_pp: float
    gap_log: float


class Households:
    """Households' consumption, at start prices, trillion yen a month.

    Parameters
    ----------
    consumption, income : of the opening month; the income as households count it.
    opening_wish_log : how far the wish to consume stands above its usual at the opening, logarithm; it fades as wishes
        do.

    Attributes
    ----------
    consumption : what they buy.
    perceived_income : what they take their income to be.
    outlook, wanted : what they saw last (None before), and the consumption that they move towards.
    behaviours : whose ``saver`` says what they want, where it is not the model's own.
    """

    def __init__(
        self, consumption: float, income: float, parameters: ParameterValues, opening_wish_log: float = 0.0
    ) -> None:
        self.p = parameters
        self._usual_consumption, self._opening_income = consumption * math.exp(-opening_wish_log), income
        self.consumption = consumption
        self.perceived_income = income
        self.consumption_shock = opening_wish_log
        self.behaviours = AS_MODELLED
        self._noise_before = 0.0
        self.outlook: SpendingOutlook | None = None
        self.wanted = consumption

    def follow(self, behaviours: Behaviours) -> None:
        """Behave so from now on."""
        self.behaviours = behaviours

    def be_shocked(self, shock: float) -> None:
        """Let the lasting wish to consume move; ``shock`` is standardised."""
        p = self.p
        self.consumption_shock = (
            p.consumption_shock_persistence * self.consumption_shock + p.consumption_shock_sd * shock
        )

    def consume(self, outlook: SpendingOutlook, transitory: float) -> float:
        """Consumption of the month; ``transitory`` is standardised and is taken back a month later."""
        p, before = self.p, self.perceived_income
        self.perceived_income += p.income_perception_speed_monthly * (outlook.real_income_trn_yen - before)
        income_growth = math.log(self.perceived_income / before)
        wanted = self._wanted_log(outlook) + self.consumption_shock
        self.outlook, self.wanted = outlook, math.exp(wanted)
        lasting = math.log(self.consumption) - self._noise_before
        growth = outlook.potential_growth
        lasting += (
            growth
            + p.consumption_income_response * (income_growth - growth)
            + p.consumption_adjustment_monthly * (wanted - lasting)
        )
        self._noise_before = p.consumption_noise_sd * transitory
        self.consumption = math.exp(lasting + self._noise_before)
        return self.consumption

    def _wanted_log(self, outlook: SpendingOutlook) -> float:
        """Logarithm of the consumption that income, wealth and the real rate make households want."""
        p, saver = self.p, self.behaviours.saver
        income = self.perceived_income / self._opening_income
        if saver is not None:
            answer = saver(income, outlook.real_wealth, outlook.real_rate_gap_pp)
            factor = self.behaviours.number("saver", answer, 1.0 / LARGEST_FACTOR, LARGEST_FACTOR)
            return math.log(self._usual_consumption) + math.log(factor)
        return (
            math.log(self._usual_consumption)
            + (1.0 - p.consumption_wealth_elasticity) * math.log(income)
            + p.consumption_wealth_elasticity * math.log(outlook.real_wealth)
            - p.consumption_rate_semi_elasticity * outlook.real_rate_gap_pp
        )


def counted_income(disposable: float, from_property: float, p: ParameterValues) -> float:
    """What households count as income of their disposable income, given what of it their property yields."""
    return disposable - (1.0 - p.property_income_counted_share) * from_property


EXPERIENCE_YEARS = 10
"""Years of inflation that people remember when they say what they expect in the long run."""


def anchored_inflation_pct(experienced_pct: float, p: ParameterValues) -> float:
    """Inflation expected in the long run, percent a year: in part the target, in part what people have lived through.

    Evidence: learning from experience, Malmendier and Nagel 2016; Diamond, Watanabe and Watanabe 2020 for Japan.

    Parameters
    ----------
    experienced_pct : mean inflation of the last ten years, without what passes.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> anchored_inflation_pct(1.0, SimpleNamespace(inflation_target_pct=2.0, anchor_experience_share=0.5))
    1.5
    """
    share = p.anchor_experience_share
    return float((1.0 - share) * p.inflation_target_pct + share * experienced_pct)


def believed_inflation_pct(seen_pct: float, anchor_pct: float, p: ParameterValues) -> float:
    """Inflation that households and firms expect: some take what they see, the rest their long-run anchor.

    ``anchor_pct`` is the inflation expected in the long run, percent a year.
    """
    return p.adaptive_households_share * seen_pct + (1.0 - p.adaptive_households_share) * anchor_pct
