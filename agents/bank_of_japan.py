"""The Bank of Japan: sets the policy rate at eight meetings a year and runs its bond purchases."""

from __future__ import annotations

from typing import Any

import mesa

from agents.rules.monetary import MonetaryRule
from agents.world import ParameterView, WorldView


class BankOfJapan(mesa.Agent):
    """The central bank.

    Attributes
    ----------
    rule : its monetary rule.
    policy_rate_pct : target for the overnight rate.
    shadow_rate_pct : where the rule stands between steps.
    purchase_plan_trn_yen : JGBs bought a month by the first month (of the run) for which the plan says so.
    carried_loss_trn_yen : losses still to be made good before profit is paid out again.
    average_inflation_pct : what it looks at: the average of underlying inflation over a year.
    """

    def __init__(
        self, model: Any, rule: MonetaryRule, policy_rate_pct: float, purchases: dict[int, float], inflation_pct: float
    ) -> None:
        super().__init__(model)
        self.rule = rule
        self.policy_rate_pct = policy_rate_pct
        self.shadow_rate_pct = policy_rate_pct
        self.purchase_plan_trn_yen = purchases
        self.carried_loss_trn_yen = 0.0
        self.average_inflation_pct = inflation_pct

    def meet(self, world: WorldView, p: ParameterView) -> None:
        """Hold one policy meeting."""
        wanted = self.rule.wanted_rate_pct(self.average_inflation_pct, world.smoothed_gap_pct, p)
        self.shadow_rate_pct = self.rule.next_shadow_pct(self.shadow_rate_pct, wanted)
        self.policy_rate_pct = self.rule.decide_pct(self.policy_rate_pct, self.shadow_rate_pct, p)

    def watch(self, world: WorldView, p: ParameterView) -> None:
        """Update the average of underlying inflation."""
        self.average_inflation_pct += (world.underlying_inflation_pct - self.average_inflation_pct) / 6.0

    def plan_purchases(self, month: int, p: ParameterView) -> float:
        """JGB purchases of the month: the announced plan; its last step holds from then on."""
        return self.purchase_plan_trn_yen[max(first for first in self.purchase_plan_trn_yen if first <= month)]

    def purchases(self, month: int, reserves_trn_yen: float, p: ParameterView) -> float:
        """JGB purchases of the month: the plan, and whatever more keeps reserves at their floor.

        Run-off ends where banks would be left with fewer reserves than they need.
        """
        return self.plan_purchases(month, p) + max(0.0, p.reserve_floor_trn_yen - reserves_trn_yen)

    def remittance(self, profit_trn_yen: float) -> float:
        """What of a month's profit is paid to the ministry; losses are carried forward and made good first."""
        if profit_trn_yen < 0.0:
            self.carried_loss_trn_yen -= profit_trn_yen
            return 0.0
        made_good = min(profit_trn_yen, self.carried_loss_trn_yen)
        self.carried_loss_trn_yen -= made_good
        return profit_trn_yen - made_good

    def expected_path_pct(self, world: WorldView, p: ParameterView, quarters: int = 40) -> tuple[list[float], float]:
        """The path institutions project with the rule in force: quarterly rates and the rate they end at.

        Inflation and gap are expected to return to target and to zero at the rates in the registry.
        """
        keep = self.rule.quarterly_inertia()
        gap, excess = world.smoothed_gap_pct, self.average_inflation_pct - p.inflation_target_pct
        rate = 0.5 * (self.policy_rate_pct + self.shadow_rate_pct)
        path = []
        for _ in range(quarters):
            gap *= p.expected_gap_persistence_quarterly
            excess *= p.expected_inflation_persistence_quarterly
            wanted = self.rule.wanted_rate_pct(p.inflation_target_pct + excess, gap, p)
            rate = max(p.effective_lower_bound_pct, keep * rate + (1.0 - keep) * wanted)
            path.append(rate)
        return path, self.rule.wanted_rate_pct(p.inflation_target_pct, 0.0, p)
