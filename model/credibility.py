"""How loose markets believe fiscal policy to be, and what they ask for it.

Investors hold one belief z, between 0 and 1, that the fiscal regime is loose.  Its log-odds move with what can be seen:
a deficit that is announced, a tranche paid although the project has missed its target, a rescue; and the other way with
every fiscal year in which none of that happened.  Against the belief at the start, z raises the premium that bond
holders ask for on what they hold anyway and the value that currency traders give the dollar, and sends savings abroad.

The channel is off unless the scenario asks for it.  The weight of announcements is fitted to January 2026, when a tax
cut of 0.73% of GDP was followed by 19 basis points on the 10-year yield and about 1% on USD/JPY.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


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
    def at_start(cls, parameters: Any) -> FiscalDoubt:
        """The belief at the start of a run."""
        belief = parameters.credibility_opening_belief
        return cls(math.log(belief / (1.0 - belief)), belief)

    @property
    def belief(self) -> float:
        """The belief z that fiscal policy is loose, 0 to 1."""
        return 1.0 / (1.0 + math.exp(-(self.log_odds + self.doubt_abroad)))

    @property
    def moved(self) -> float:
        """The belief less what it was at the start."""
        return self.belief - self.opening_belief

    def hear(
        self, announced_pct_gdp: float, gate_waived: bool, bail_outs: int, year_ends: bool, parameters: Any
    ) -> None:
        """Move the log-odds with the month's news.

        Parameters
        ----------
        announced_pct_gdp : yearly deficit announced and in force, percent of GDP; only what is new is news.
        gate_waived : whether a tranche was paid although its target was missed.
        bail_outs : rescues since the start of the run.
        year_ends : whether a fiscal year ends; one without cause for doubt counts as a rule that was kept.
        """
        p = parameters
        news = max(0.0, announced_pct_gdp - self.announced_pct_gdp)
        rescues = bail_outs - self.bail_outs
        self.log_odds += (
            p.credibility_deficit_weight_per_pp * news
            + p.credibility_waived_gate_weight * gate_waived
            + p.credibility_bail_out_weight * rescues
        )
        self.announced_pct_gdp, self.bail_outs = max(self.announced_pct_gdp, announced_pct_gdp), bail_outs
        self.clean = self.clean and not (news > 0.0 or gate_waived or rescues)
        if year_ends:
            if self.clean:
                self.log_odds -= p.credibility_kept_rule_weight
            self.clean = True


def announced_programme_trn_yen(economy: Any) -> float:
    """What the programme has announced and not yet spent, trillion yen."""
    government = economy.government
    left = government.announced_trn_yen() - government.memory.programme_spent_trn_yen
    return float(max(0.0, left))


def judge_fiscal_policy(economy: Any) -> None:
    """Let markets hear what the government has announced, paid and rescued by this month."""
    doubt = economy.fiscal_doubt
    if doubt is None:
        return
    p, government, clock = economy.parameters, economy.government, economy.clock
    doubt.doubt_abroad = economy.outside.path.sovereign_doubt_logit
    programme = government.announced_trn_yen() / p.jgb_outlook_years
    announced = (
        economy.disturbances.announced_deficit_pct_gdp
        + government.memory.announced_extra_deficit_pct_gdp
        + 100.0 * programme / economy.state.nominal_gdp_four_quarters
    )
    doubt.hear(announced, _gate_waived(economy), government.memory.bail_outs, clock.is_fiscal_year_end, p)


def _gate_waived(economy: Any) -> bool:
    """Whether a new fiscal year's tranche was paid to a project that is further behind than its published target."""
    clock, payments = economy.clock, economy.government.support.payments
    to_the_project = any(payment.rows.size == 1 for payment in payments)
    if clock.month == 0 or not clock.is_fiscal_year_start or not to_the_project:
        return False
    gap_months = -12.0 * float(economy.ai_services.capability.gaps()[0])
    return gap_months > economy.parameters.programme_target_gap_months


def required_premium_pp(economy: Any) -> float:
    """Premium that bond holders ask for beyond that of the start, percentage points."""
    doubt = economy.fiscal_doubt
    return 0.0 if doubt is None else float(economy.parameters.credibility_premium_pp * doubt.moved)


def expected_loss_on_yen_pp(economy: Any) -> float:
    """What investors deduct from the return on yen bonds before they compare it with that on foreign ones.

    The premium that doubt put on the yield is pay for risk, and the fall of the yen to its lower value is expected over
    the coming year; percentage points.
    """
    return required_premium_pp(economy) + 100.0 * dollar_value_log(economy)


def dollar_value_log(economy: Any) -> float:
    """What doubt adds to the value that currency traders give the dollar, log points."""
    doubt = economy.fiscal_doubt
    return 0.0 if doubt is None else float(economy.parameters.credibility_dollar_value_share * doubt.moved)
