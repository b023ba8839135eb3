"""Support in stages: the next tranche is paid only if the national company keeps up with the frontier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from itcho.agents.named_importers import NATIONAL_AI_COMPANY
from itcho.agents.rules.gate import CABINETS, OBEDIENT, stops
from itcho.agents.rules.settings import amounts, choice, flag, number, whole
from itcho.agents.rules.subsidy import ANNOUNCED_TRN_YEN, RECIPIENTS, ProgrammeView, SubsidyRule, Support


@dataclass(frozen=True)
class StageGated(SubsidyRule):
    """Tranches by stage, a gate before each, and a stop-loss.

    The first tranche is paid at once, in equal months over a stage.  When a stage ends, its gate is looked at: if the
    national company's gap to the frontier is within it, the next tranche begins; if not, the money waits and the gate
    is looked at again.  The project is given up for good when the gap exceeds the stop-loss at a review, or when the
    next instalment would bring the cost above the cap; money not yet committed then goes back.

    Evidence: later tranches of the national project depend on results (NEDO, June 2026); Howell (2022): design matters
    more than amount, first-phase grants work and later ones do not.  A cabinet need not obey its gates.  Gates are
    judgement: the model's path without shocks has gaps of 23, 19, 18 and 18 months at the four reviews.

    Attributes
    ----------
    amounts_trn_yen : tranche of each stage.
    gates_months : largest gap at which the second, third ... tranche begins; the last one holds for all later stages.
    stop_gap_months : the project is given up above this gap.
    cost_cap_trn_yen : the project is given up when it would cost more.
    stage_months : length of a stage.
    review_months : time until a gate that was missed is looked at again.
    claw_back : whether money not committed goes back when the project is given up.
    first_fiscal_year : the first tranche begins in its April.
    dose : multiplies every amount.
    recipient : ledger party that receives it.
    cabinet : what a cabinet does at a missed gate or above the stop-loss; see :mod:`itcho.agents.rules.gate`.
    """

    name: ClassVar[str] = "stage-gated"
    amounts_trn_yen: tuple[float, ...] = amounts(ANNOUNCED_TRN_YEN, 0.0, 100.0, "trn yen")
    gates_months: tuple[float, ...] = amounts((24.0, 21.0, 20.0, 20.0), 0.0, 120.0, "months of frontier progress")
    stop_gap_months: float = number(30.0, 0.0, 120.0, "months of frontier progress")
    cost_cap_trn_yen: float = number(1.5, 0.0, 1000.0, "trn yen")
    stage_months: int = whole(12, 1, 60, "months")
    review_months: int = whole(3, 1, 24, "months")
    claw_back: bool = flag(True)
    first_fiscal_year: int = whole(2026, 2024, 2100, "fiscal year")
    dose: float = number(1.0, 0.0, 100.0, "times")
    recipient: str = choice(NATIONAL_AI_COMPANY, RECIPIENTS)
    cabinet: str = choice(OBEDIENT, CABINETS)

    def announced_trn_yen(self) -> float:
        """The tranches of all stages, trillion yen."""
        return self.dose * sum(self.amounts_trn_yen)

    def support(self, view: ProgrammeView) -> Support:
        """The month's instalment, if the stage is open."""
        if view.fiscal_year < self.first_fiscal_year or not self.amounts_trn_yen:
            return Support()
        seen: dict[str, int] = {
            "stage": view.remembered_number("stage"),
            "paid_months": view.remembered_number("paid_months"),
            "wait": view.remembered_number("wait"),
            "given_up": bool(view.remembered_number("given_up")),
        }
        if seen["given_up"]:
            return Support()
        waived = False
        if seen["paid_months"] >= self.stage_months:
            if seen["stage"] + 1 >= len(self.amounts_trn_yen):
                return Support(remember=seen)
            if seen["wait"] > 0:
                return Support(remember={**seen, "wait": seen["wait"] - 1})
            missed = view.frontier_gap_months > min(self._gate_months(seen["stage"]), self.stop_gap_months)
            if missed and self.cabinet != OBEDIENT:
                if stops(self.cabinet, view.gate()):
                    return self._give_up(view, seen)
                waived = True
            elif view.frontier_gap_months > self.stop_gap_months:
                return self._give_up(view, seen)
            elif missed:
                return Support(remember={**seen, "wait": self.review_months - 1})
            seen |= {"stage": seen["stage"] + 1, "paid_months": 0}
        amount = self.dose * self.amounts_trn_yen[seen["stage"]] / self.stage_months
        # A hair of room, so that the rounding of the sums cannot stop what the cap allows.
        if view.spent_trn_yen + amount > self.cost_cap_trn_yen + 1e-9:
            return self._give_up(view, seen)
        seen["paid_months"] += 1
        return Support(view.to_one(self.recipient, amount), gate_waived=waived, remember=seen)

    def _gate_months(self, stage: int) -> float:
        return self.gates_months[min(stage, len(self.gates_months) - 1)] if self.gates_months else float("inf")

    def _give_up(self, view: ProgrammeView, seen: dict[str, int]) -> Support:
        rows = np.array([view.row_of(self.recipient)]) if self.claw_back else None
        return Support(claw_back=rows, given_up=True, remember={**seen, "given_up": True})
