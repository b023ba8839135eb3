"""How loose markets believe fiscal policy to be, and what they ask for it.

Investors hold one belief z, between 0 and 1, that the fiscal regime is loose.  Its log-odds move with what can be seen:
a deficit that is announced, a tranche paid although the project has missed its target, a rescue; and back to where they
stood with every fiscal year in which none of that happened.  Against the belief at the start, z raises the premium that
bond holders ask for on what they hold anyway and the value that currency traders give the dollar, and sends savings
abroad.

A scenario may switch the channel off.  Downgrades move nothing: those of 2011 and 2014 moved yields by 0 to 1 basis
point.  The weight of announcements is fitted to January 2026, when a tax
cut of 0.73% of GDP was followed by 19 basis points on the 10-year yield and about 1% on USD/JPY.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from itcho.agents.views import ParameterValues


@dataclass
class FiscalDoubt:
    """Markets' belief that fiscal policy is loose.

    Attributes
    ----------
    log_odds : of the belief formed from Japan's own record.
    opening_belief : at the start of the run.
    doubt_abroad : log-odds added while governments everywhere are doubted.
    announced_pct_gdp : largest yearly deficit announced so far, percent of GDP.
    bail_outs : rescues seen so far.
    clean : whether the running fiscal year has given no cause for doubt.
    """

    log_odds: float
    opening_belief: float
    doubt_abroad: float = 0.0
    announced_pct_gdp: float = 0.0
    bail_outs: int = 0
    clean: bool = True

    @classmethod
    def at_start(cls, parameters: ParameterValues) -> FiscalDoubt:
        """The belief at the start of a run."""
        belief = parameters.credibility_opening_belief
        log_odds = math.log(belief / (1.0 - belief))
        # As it is computed later, so that nothing moves to the bit before there is news.
        return cls(log_odds, 1.0 / (1.0 + math.exp(-log_odds)))

    @property
    def belief(self) -> float:
        """The belief z that fiscal policy is loose, 0 to 1."""
        return 1.0 / (1.0 + math.exp(-(self.log_odds + self.doubt_abroad)))

    @property
    def moved(self) -> float:
        """The belief less what it was at the start."""
        return self.belief - self.opening_belief

    def hear(
        self, announced_pct_gdp: float, gate_waived: bool, bail_outs: int, year_ends: bool, parameters: ParameterValues
    ) -> None:
        """Move the log-odds with the month's news.

        Parameters
        ----------
        announced_pct_gdp : yearly deficit announced and in force, percent of GDP; only what is new is news.
        gate_waived : whether a tranche was paid although its target was missed.
        bail_outs : rescues since the start of the run.
        year_ends : whether a fiscal year ends; one without cause for doubt brings back some of what was lost.
        """
        p = parameters
        news = max(0.0, announced_pct_gdp - self.announced_pct_gdp)
        rescues = bail_outs - self.bail_outs
        self.log_odds += (
            p.credibility_deficit_weight_per_pp * news
            + weight_of_a_waived_gate(p) * gate_waived
            + p.credibility_bail_out_weight * rescues
        )
        self.announced_pct_gdp, self.bail_outs = max(self.announced_pct_gdp, announced_pct_gdp), bail_outs
        self.clean = self.clean and not (news > 0.0 or gate_waived or rescues)
        if year_ends:
            if self.clean:
                record = math.log(self.opening_belief / (1.0 - self.opening_belief))
                self.log_odds = max(self.log_odds - p.credibility_kept_rule_weight, min(self.log_odds, record))
            self.clean = True

    def hear_from_abroad(self, logit: float) -> None:
        """Take over the log-odds by which governments everywhere are doubted."""
        self.doubt_abroad = logit

    def premium_pp(self, p: ParameterValues) -> float:
        """Premium that bond holders ask for beyond that of the start, percentage points."""
        return float(p.credibility_premium_pp * self.moved)

    def dollar_value_log(self, p: ParameterValues) -> float:
        """What the belief adds to the value that currency traders give the dollar, log points."""
        return float(p.credibility_dollar_value_share * self.moved)

    def expected_loss_on_yen_pp(self, p: ParameterValues) -> float:
        """What investors deduct from the return on yen bonds before they compare it with that on foreign ones.

        The premium that doubt put on the yield is pay for risk, and the fall of the yen to its lower value is expected
        over the coming year; percentage points.
        """
        return self.premium_pp(p) + 100.0 * self.dollar_value_log(p)


def weight_of_a_waived_gate(p: ParameterValues) -> float:
    """Log-odds of a loose regime that a waived gate adds, by Bayes' rule.

    A loose regime pays whatever was missed.  A tight one stops a project with the chance that makes up, at the opening
    belief z, the chance s with which a cabinet stops before anything is spent: s / (1 - z).  Few are stopped under
    either, so that paying on is hardly news.  A project that is stopped is none here.
    """
    stopped_by_a_tight_regime = p.gate_stop_probability / (1.0 - p.credibility_opening_belief)
    return -math.log1p(-stopped_by_a_tight_regime)


class FrozenDoubt(FiscalDoubt):
    """A belief that no news moves."""

    def hear(
        self, announced_pct_gdp: float, gate_waived: bool, bail_outs: int, year_ends: bool, parameters: ParameterValues
    ) -> None:
        """Nothing is news."""

    def hear_from_abroad(self, logit: float) -> None:
        """Nor is doubt abroad."""
