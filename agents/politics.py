"""The public and the cabinet: worry about prices, approval, elections, and what they do to budgets and gates.

Ten groups of households worry about prices by their own baskets and approve of the cabinet.  The cabinet keeps its
majority or loses it at elections, adds to the supplementary budget as people worry and as it lacks a majority, and
decides at a missed target whether to stop a project.

Evidence: Cabinet Office polls of 2024 and 2025 (66 and 73% ask for price measures); supplementary budgets of FY2023 to
FY2025 (13.2, 13.9, 18.3 trillion yen, with a majority, without one in one house, in neither): three points, no more; 12
of 3,638 public works stopped at review (Jiji, FY2008).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import total
from itcho.agents.household_groups import GroupParts
from itcho.agents.views import ParameterValues

Array = NDArray[np.float64]

PP_BETWEEN_POLLS = 7.0
"""From 66 to 73: the step of worry in which its weights are told."""


def _odds(share: float) -> float:
    return math.log(share / (1.0 - share))


class Politics:
    """Worry and approval by group, and the cabinet's majority.

    Parameters
    ----------
    parameters : attribute access (``worry_...``, ``approval_...``, ``election_...``, ``gate_...``).
    gdp_trn_yen : nominal GDP of a year at the start.
    alike : whether all groups have the same basket and pay the same.

    Attributes
    ----------
    remembered : (10,) own inflation above target as it is remembered, percentage points.
    worry, approval : (10,) percent.
    majority : whether the cabinet has one.
    months_to_election : until the next one.
    surprise_pct_gdp : what the fiscal year's supplementary budget holds that no budget foresaw, percent of GDP.
    """

    def __init__(self, parameters: ParameterValues, gdp_trn_yen: float, alike: bool = False) -> None:
        p = self.p = parameters
        self.parts = GroupParts(alike)
        opening = _odds(p.worry_start_pct / 100.0) - _odds(p.worry_norm_pct / 100.0)
        self.remembered = opening / p.worry_inflation_response * self.parts.food
        self.worry = self._worried()
        self.approval = np.full(self.worry.size, p.approval_start_pct)
        # Who pays more taxes a head minds money lost more.
        self._pays = 0.5 * (1.0 + self.parts.earned / self.parts.people)
        self._gdp_start = gdp_trn_yen
        self.surprise_pct_gdp = 0.0
        self.majority = True
        self.months_to_election = round(p.election_first_month)

    def _worried(self) -> Array:
        odds = _odds(self.p.worry_norm_pct / 100.0) + self.p.worry_inflation_response * self.remembered
        return np.asarray(100.0 / (1.0 + np.exp(-odds)))

    @property
    def worry_pct(self) -> float:
        """People who ask for measures against prices, percent."""
        return total(self.parts.people * self.worry)

    @property
    def approval_pct(self) -> float:
        """People who approve of the cabinet, percent."""
        return total(self.parts.people * self.approval)

    def force_approval(self, approval_pct: float) -> None:
        """Let every group approve as much."""
        self.approval = np.full(self.worry.size, approval_pct)

    def hear(
        self, inflation_pct: float, unemployment_pct: float, rescued: bool, ai_success_pp: float, behind: bool = False
    ) -> None:
        """Let the public live through a month.

        Parameters
        ----------
        inflation_pct : of consumer prices over twelve months.
        unemployment_pct : of the labour force.
        rescued : whether a company was rescued.
        ai_success_pp : rise of the domestic share in AI.
        behind : whether a project that is being paid for is behind its published target.
        """
        p = self.p
        own = (inflation_pct - p.inflation_target_pct) * self.parts.food
        self.remembered = self.remembered + (own - self.remembered) / p.worry_memory_months
        self.worry = self._worried()
        wanted = (
            p.approval_mean_pct
            - p.approval_worry_response * (self.worry - p.worry_norm_pct)
            - p.approval_unemployment_response * (unemployment_pct - p.approval_unemployment_norm_pct)
        )
        minded = p.approval_bail_out_response * rescued + p.approval_missed_target_response * behind
        news = p.approval_ai_response * ai_success_pp - minded * self._pays
        fading = p.approval_persistence
        self.approval = np.clip(fading * self.approval + (1.0 - fading) * wanted + news, 0.0, 100.0)

    def pass_month(self) -> None:
        """Come a month nearer to the next election, and hold it when it is due."""
        self.months_to_election -= 1
        if self.months_to_election <= 0:
            self.majority = self.approval_pct >= self.p.election_approval_limit_pct
            self.months_to_election = round(self.p.election_interval_months)

    def meet_surprise(self, news: float) -> None:
        """Take a fiscal year's news, a standard normal number: disasters and crises at home and abroad, or none."""
        p = self.p
        self.surprise_pct_gdp = (
            p.supplementary_surprise_persistence * self.surprise_pct_gdp + p.supplementary_surprise_sd_pct_gdp * news
        )

    def supplementary_trn_yen(self, gdp_trn_yen: float) -> float:
        """The supplementary budget, trillion yen, at a nominal GDP.

        Examples
        --------
        Worry of 73% and a majority: 13.2 + 4.4 = 17.6 at the GDP of the start; without one 18.3.
        """
        p = self.p
        # Three budgets say nothing of worry below or above that of their years.
        worried = min(1.0, max(0.0, (self.worry_pct - p.worry_norm_pct) / PP_BETWEEN_POLLS))
        amount = p.supplementary_budget_trn_yen + p.supplementary_worry_response_trn_yen * worried
        amount += 0.0 if self.majority else p.supplementary_no_majority_trn_yen
        amount += self.surprise_pct_gdp / 100.0 * self._gdp_start
        return max(0.0, float(amount * gdp_trn_yen / self._gdp_start))

    @property
    def opening_supplementary_trn_yen(self) -> float:
        """The supplementary budget at the GDP of the start."""
        return self.supplementary_trn_yen(self._gdp_start)

    def stop_probability(self, sunk_share: float) -> float:
        """How likely the cabinet is to stop a project that has missed its target.

        Parameters
        ----------
        sunk_share : part of the announced money that is spent.
        """
        p = self.p
        odds = (
            _odds(p.gate_stop_probability)
            + p.gate_worry_weight * (self.worry_pct - p.worry_norm_pct) / PP_BETWEEN_POLLS
            + p.gate_disapproval_weight * (self.approval_pct < p.election_approval_limit_pct)
            - p.gate_sunk_weight * sunk_share
        )
        return 1.0 / (1.0 + math.exp(-odds))


class FrozenPolitics(Politics):
    """A public and a cabinet that stay as they were at the start; what a year brings is luck and comes all the same."""

    def hear(
        self, inflation_pct: float, unemployment_pct: float, rescued: bool, ai_success_pp: float, behind: bool = False
    ) -> None:
        """Nothing moves."""

    def pass_month(self) -> None:
        """No election."""
