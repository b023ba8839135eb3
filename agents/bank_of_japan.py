"""The Bank of Japan: sets the policy rate at eight meetings a year and runs its bond purchases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from itcho.agents.mesa_typed import Agent, Model
from itcho.agents.places import Placed
from itcho.agents.rules import checked
from itcho.agents.rules.monetary import STEP_PP, Fading, InertialTaylor, MonetaryRule, MonetaryView, YieldCap
from itcho.agents.views import ParameterValues, WorldView

YEN_MEMORY_MONTHS = 24.0
"""Memory of the slow average of USD/JPY that the yen is held against."""
TWO_YEARS_QUARTERS = 8
PUBLISHED_TO_PP = 0.1
"""Inflation is published to a tenth of a point: it is at a figure from half of that below."""
MOST_LEFT = 0.99
"""Most that can be left after a quarter of what the bank looks through: what never passed would not be passing."""


def _root_or_nearest(miss: Callable[[float], float], low: float, high: float) -> float:
    """Where ``miss`` is zero between two ends, or the end with the smaller miss if it has one sign at both."""
    at_low, at_high = miss(low), miss(high)
    if at_low * at_high < 0.0:
        return float(brentq(miss, low, high))
    return low if abs(at_low) <= abs(at_high) else high


class Meeting(NamedTuple):
    """What the bank saw and decided when it last set its rate; percent throughout.

    Attributes
    ----------
    inflation_pct, gap_pct : average underlying inflation, and the smoothed output gap.
    natural_real_rate_pct : its estimate.
    before_pct : the policy rate before the month.
    wanted_pct : what its rule asks for without inertia; of an announced rate, that rate.
    shadow_pct : where the rule stands between steps.
    decided_pct : the policy rate after the month's meetings.
    announced : whether the rate had been announced.
    """

    inflation_pct: float
    gap_pct: float
    natural_real_rate_pct: float
    before_pct: float
    wanted_pct: float
    shadow_pct: float
    decided_pct: float
    announced: bool


class BankOfJapan(Placed, Agent):
    """The central bank.

    Attributes
    ----------
    rule : its monetary rule.
    policy_rate_pct : target for the overnight rate.
    shadow_rate_pct : where the rule stands between steps; at the lower bound no more than half a step below it.
    purchase_plan_trn_yen : JGBs bought a month by the first month (of the run) for which the plan says so.
    carried_loss_trn_yen : losses still to be made good before profit is paid out again.
    average_inflation_pct : what it looks at: the average of underlying inflation over a year.
    natural_real_rate_pct : its estimate of the natural real rate.
    looked_through_pp : part of that inflation which it holds to be passing and does not answer; negative if it answers
        inflation that is not there yet.
    looked_through_left : of that part after a quarter.
    meeting : what it saw and decided this month; None in a month without a meeting.
    kept_until_inflation_pct : average inflation before which it has promised not to raise its rate; None if it has not.
    announced_cap : on the 10-year yield, while that promise stands; None if there is none.
    announced_rates_pct : policy rates by month, this month first, that it has announced and keeps to; empty if the rule
        decides.
    """

    def __init__(
        self,
        model: Model,
        rule: MonetaryRule,
        policy_rate_pct: float,
        purchases: dict[int, float],
        inflation_pct: float,
        natural_real_rate_pct: float,
    ) -> None:
        super().__init__(model)
        self.rule = rule
        self.policy_rate_pct = policy_rate_pct
        self.shadow_rate_pct = policy_rate_pct
        self.purchase_plan_trn_yen = purchases
        self.carried_loss_trn_yen = 0.0
        self.average_inflation_pct = inflation_pct
        self.natural_real_rate_pct = natural_real_rate_pct
        self.looked_through_pp = self.looked_through_left = 0.0
        self._natural_rate_learned_pp = self._rate_effect_pct = self._passing_gap_pct = 0.0
        self.announced_rates_pct: tuple[float, ...] = ()
        self.kept_until_inflation_pct: float | None = None
        self.announced_cap: YieldCap | None = None
        self._log_usdjpy_average: float | None = None
        self._yen_gap_pct = self._price_gap_pct = 0.0
        self.meeting: Meeting | None = None
        self.take_rule(rule)

    def take_rule(self, rule: MonetaryRule) -> None:
        """Follow ``rule`` from now on; what was promised under the usual one binds no other."""
        self.rule = rule
        if type(rule) is not InertialTaylor:
            self.commit(None)
        self.highest_rate_pct = self.policy_rate_pct
        self._log_price_path: float | None = None

    def _view(self, gap_pct: float = 0.0, rate_pct: float | None = None) -> MonetaryView:
        """What the bank looks at with this smoothed output gap, from its own rate or another one."""
        rate = self.policy_rate_pct if rate_pct is None else rate_pct
        highest = max(self.highest_rate_pct, rate)
        return MonetaryView(
            self.average_inflation_pct - self.looked_through_pp,
            gap_pct,
            rate,
            highest,
            self._price_gap_pct,
            self._yen_gap_pct,
            self.natural_real_rate_pct,
        )

    def open_with(self, yield_2y_pct: float, world: WorldView, p: ParameterValues, rule: InertialTaylor) -> None:
        """Find how the bank looks at the day, so that the path it projects pays the two-year yield.

        It has just kept its rate: its rule asks for no other one, once it has looked through part of inflation.  How
        fast that part is held to pass, and what is left, where the shadow rate stands within half a step of the rate,
        are what the yield says.

        Parameters
        ----------
        yield_2y_pct : of that day.
        rule : that the bank has been following.
        """
        self._rate_effect_pct = self._lasting_rate_effect_pct(world, p)
        self._passing_gap_pct = world.smoothed_gap_pct - self._rate_effect_pct
        rate, half = self.policy_rate_pct, 0.5 * rule.step_pp
        self.shadow_rate_pct, self.looked_through_pp = rate, 0.0
        asked = rule.wanted_rate_pct(self._view(world.smoothed_gap_pct), p)
        self.looked_through_pp = (asked - rate) / rule.inflation_response

        def excess_pct(shadow_rate_pct: float, left: float) -> float:
            self.shadow_rate_pct, self.looked_through_left = shadow_rate_pct, left
            path, _ = self.expected_path_pct(world, p, TWO_YEARS_QUARTERS, rule)
            return sum(path) / TWO_YEARS_QUARTERS - yield_2y_pct

        left = _root_or_nearest(lambda left: excess_pct(rate, left), 0.0, MOST_LEFT)
        shadow = _root_or_nearest(lambda shadow: excess_pct(shadow, left), rate - half, rate + half)
        self.shadow_rate_pct, self.looked_through_left = shadow, left

    def _lasting_rate_effect_pct(self, world: WorldView, p: ParameterValues) -> float:
        """What the bank reckons its real rate, if it stayed, would have made of the output gap, percent."""
        # A gap that opened because the real rate lies below the natural one says nothing about the natural rate.
        over_natural_pp = self.policy_rate_pct - world.expected_inflation_pct - self.natural_real_rate_pct
        return p.reckoned_rate_effect_pct * over_natural_pp

    def commit(self, until_inflation_pct: float | None, cap: YieldCap | None = None) -> None:
        """Stand by what has been announced: no rise before inflation is there, and until then no yield above a cap.

        Parameters
        ----------
        until_inflation_pct : average inflation that ends the commitment; None if there is none.
        cap : on the 10-year yield, or None.
        """
        if until_inflation_pct is not None and type(self.rule) is not InertialTaylor:
            return
        self.kept_until_inflation_pct, self.announced_cap = until_inflation_pct, cap

    def _keep_commitment(self, decided_pct: float) -> float:
        """The decision within the commitment, which ends once inflation as published is where it was to be."""
        until = self.kept_until_inflation_pct
        if until is None:
            return decided_pct
        if self.average_inflation_pct < until - PUBLISHED_TO_PP / 2.0:
            return min(decided_pct, self.policy_rate_pct)
        self.commit(None)
        return decided_pct

    def _keep_path(self, path: list[float], fading: Fading, p: ParameterValues) -> list[float]:
        """A projected path within the commitment: no rise in the quarters before projected inflation is there."""
        until = self.kept_until_inflation_pct
        if until is None:
            return path
        excess, kept = self.average_inflation_pct - p.inflation_target_pct, 0
        while kept < len(path) and p.inflation_target_pct + excess < until - PUBLISHED_TO_PP / 2.0:
            excess *= fading.inflation
            kept += 1
        return [min(rate, self.policy_rate_pct) for rate in path[:kept]] + path[kept:]

    def announce(self, rates_pct: Sequence[float] | NDArray[np.float64] | None) -> None:
        """Announce the policy rates of this month and of months to come; ``None`` announces nothing."""
        self.announced_rates_pct = () if rates_pct is None else tuple(map(float, rates_pct))

    def follow_announcement(self) -> bool:
        """Set the rate that was announced for this month, if one was; the rule goes on from there when none is."""
        if not self.announced_rates_pct:
            return False
        before = self.policy_rate_pct
        self.policy_rate_pct = self.shadow_rate_pct = self.announced_rates_pct[0]
        self._note(before, self._view(), self.policy_rate_pct, announced=True)
        self.highest_rate_pct = max(self.highest_rate_pct, self.policy_rate_pct)
        return True

    def meet(self, world: WorldView, p: ParameterValues) -> None:
        """Hold one policy meeting."""
        view = self._view(world.smoothed_gap_pct)
        rule, rate = self.rule, partial(checked.rate_pct, self, self.rule)
        wanted = rate("wanted_rate_pct", rule.wanted_rate_pct(view, p))
        rate("quarterly_inertia", rule.quarterly_inertia(view))
        shadow = rate("next_shadow_pct", rule.next_shadow_pct(self.shadow_rate_pct, wanted, view))
        lowest = min(p.effective_lower_bound_pct, self.policy_rate_pct)
        # The rule stands between steps: at the bound it does not go on to where no rate can follow.  A promise to keep
        # the rate low for longer is one (see ``commit``), and no habit.
        self.shadow_rate_pct = max(shadow, lowest - 0.5 * STEP_PP)
        before = self.policy_rate_pct if self.meeting is None else self.meeting.before_pct
        decided = rule.decide_pct(self.policy_rate_pct, self.shadow_rate_pct, p)
        self.policy_rate_pct = self._keep_commitment(rate("decide_pct", decided, lowest))
        self._note(before, view, wanted, announced=False)
        self.highest_rate_pct = max(self.highest_rate_pct, self.policy_rate_pct)

    def _note(self, before_pct: float, view: MonetaryView, wanted_pct: float, announced: bool) -> None:
        """Remember what was seen and decided."""
        self.meeting = Meeting(
            view.inflation_pct,
            view.gap_pct,
            view.natural_real_rate_pct,
            before_pct,
            wanted_pct,
            self.shadow_rate_pct,
            self.policy_rate_pct,
            announced,
        )

    def watch(self, world: WorldView, p: ParameterValues) -> None:
        """Update the natural rate, average inflation, the yen's slow average, and the price path since the rule began.

        The bank's staff see the natural rate drift with the world's and follow potential growth, and infer the rest
        from the part of the output gap that the bank's own rate does not explain (Laubach and Williams 2003).  What the
        opening left unexplained did not change their estimate of that day: they hold it to be passing.
        """
        self.meeting = None
        self._passing_gap_pct *= 1.0 - p.neutral_rate_speed_monthly
        self._rate_effect_pct += (
            self._lasting_rate_effect_pct(world, p) - self._rate_effect_pct
        ) / p.reckoned_rate_lag_months
        surprise_pct = world.smoothed_gap_pct - self._rate_effect_pct - self._passing_gap_pct
        self._natural_rate_learned_pp += p.natural_rate_learning_monthly * surprise_pct
        self.natural_real_rate_pct = (
            p.natural_real_rate_pct
            + world.natural_rate_drift_pp
            + p.natural_rate_growth_response * (world.potential_growth_trend_pct - p.trend_potential_growth_pct)
            + self._natural_rate_learned_pp
        )
        self.average_inflation_pct += (world.underlying_inflation_pct - self.average_inflation_pct) / 6.0
        self.looked_through_pp *= self.looked_through_left ** (1.0 / 3.0)
        log_usdjpy, log_price = log(world.usdjpy), log(world.domestic_price)
        if self._log_usdjpy_average is None:
            self._log_usdjpy_average = log_usdjpy
        self._log_usdjpy_average += (log_usdjpy - self._log_usdjpy_average) / YEN_MEMORY_MONTHS
        self._yen_gap_pct = 100.0 * (log_usdjpy - self._log_usdjpy_average)
        if self._log_price_path is None:
            self._log_price_path = log_price
        else:
            self._log_price_path += log(1.0 + p.inflation_target_pct / 100.0) / 12.0
        self._price_gap_pct = 100.0 * (log_price - self._log_price_path)

    def plan_purchases(self, month: int) -> float:
        """JGB purchases of the month: the announced plan; its last step holds from then on."""
        plan = self.purchase_plan_trn_yen
        return plan[max([first for first in plan if first <= month])]

    def purchases(self, month: int, reserves_trn_yen: float, nominal_gdp_index: float, p: ParameterValues) -> float:
        """JGB purchases of the month: the plan, and whatever more keeps reserves at their floor.

        Run-off ends where banks would be left with fewer reserves than they need, which grow with the economy.
        """
        floor = p.reserve_floor_trn_yen * nominal_gdp_index
        return self.plan_purchases(month) + max(0.0, floor - reserves_trn_yen)

    @staticmethod
    def superlong_purchases(
        purchases_trn_yen: float, usual_share: float, auction_failed: bool, on_sale: float
    ) -> float:
        """What of the month's purchases is super-longs: the market's mix, and all of them after a failed auction.

        Parameters
        ----------
        purchases_trn_yen : of JGBs of all maturities.
        usual_share : of super-longs in the market.
        on_sale : super-longs that there are to buy, trillion yen.
        """
        return min(purchases_trn_yen * (1.0 if auction_failed else usual_share), on_sale)

    def yield_cap(self) -> YieldCap | None:
        """The cap on the 10-year yield of the rule in force, or the one that stands announced; None if neither."""
        cap = checked.yield_cap(self, self.rule)
        return self.announced_cap if cap is None else cap

    def extra_purchases(
        self,
        yield_10y_pct: float,
        slope_trn_per_pp: float,
        private_trn_yen: float,
        own_trn_yen: float,
        left_trn_yen: float = 0.0,
    ) -> float:
        """JGBs to buy beyond the plan so that the 10-year yield does not stand above the rule's cap, trillion yen.

        Below zero where it stands under the floor: what of the plan is not bought.

        Parameters
        ----------
        yield_10y_pct : at which the market would clear.
        slope_trn_per_pp : how much more holders want for each percentage point.
        private_trn_yen, own_trn_yen : what private holders and the bank would then have.
        left_trn_yen : purchases of the month that it could still leave out.
        """
        cap = self.yield_cap()
        if cap is None or cap.floor_pct <= yield_10y_pct <= cap.yield_pct:
            return 0.0
        if yield_10y_pct < cap.floor_pct:
            return -min((cap.floor_pct - yield_10y_pct) * slope_trn_per_pp, left_trn_yen)
        room = cap.largest_share * (private_trn_yen + own_trn_yen) - own_trn_yen
        return max(0.0, min((yield_10y_pct - cap.yield_pct) * slope_trn_per_pp, room))

    def remittance(self, profit_trn_yen: float) -> float:
        """What of a month's profit is paid to the ministry; losses are carried forward and made good first."""
        if profit_trn_yen < 0.0:
            self.carried_loss_trn_yen -= profit_trn_yen
            return 0.0
        made_good = min(profit_trn_yen, self.carried_loss_trn_yen)
        self.carried_loss_trn_yen -= made_good
        return profit_trn_yen - made_good

    def expected_path_pct(
        self, world: WorldView, p: ParameterValues, quarters: int = 40, rule: MonetaryRule | None = None
    ) -> tuple[list[float], float]:
        """The path institutions project with the rule in force (or another): quarterly rates, and where they end.

        Inflation and gap, and with them prices and the yen, are expected to return to target and to zero at the rates
        in the registry.  Whole quarters that were announced are believed; the rule goes on from the last of them.
        """
        rule = self.rule if rule is None else rule
        now = self._view(world.smoothed_gap_pct, 0.5 * (self.policy_rate_pct + self.shadow_rate_pct))
        passing, passing_left = self.looked_through_pp, self.looked_through_left
        fading = Fading(
            p.expected_gap_persistence_quarterly, p.expected_inflation_persistence_quarterly, passing, passing_left
        )
        rates = self.announced_rates_pct
        believed = [sum(rates[month : month + 3]) / 3.0 for month in range(0, len(rates) - 2, 3)][:quarters]
        if believed:
            gap_left, inflation_left = fading.gap ** len(believed), fading.inflation ** len(believed)
            excess = now.inflation_pct + passing - p.inflation_target_pct
            passing *= passing_left ** len(believed)
            fading = fading._replace(looked_through_pp=passing)
            now = now._replace(
                inflation_pct=p.inflation_target_pct + inflation_left * excess - passing,
                gap_pct=gap_left * now.gap_pct,
                policy_rate_pct=rates[3 * len(believed) - 1],
                price_gap_pct=inflation_left * now.price_gap_pct,
                yen_gap_pct=gap_left * now.yen_gap_pct,
            )
        left = quarters - len(believed)
        answer = rule.projected_rates_pct(now, fading, left, p)
        later, end = checked.projected_rates_pct(self, rule, answer, left)
        return self._keep_path([*believed, *later] if believed else later, fading, p), end
