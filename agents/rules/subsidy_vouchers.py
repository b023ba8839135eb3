"""Compute vouchers: the programme's money in many hands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from itcho.agents.rules.settings import choice, number
from itcho.agents.rules.subsidy import Array, ProgrammeView, ScheduledRule, Support


@dataclass(frozen=True)
class ComputeVouchers(ScheduledRule):
    """Vouchers for compute to all developers controlled in Japan, by size, with a ceiling for each.

    Evidence: many tries diversify: one success in n has probability 1 − (1 − p)^n.  The ceiling is judgement.

    Attributes
    ----------
    amounts_trn_yen : by fiscal year, from ``first_fiscal_year`` on.
    first_fiscal_year : of the amounts.
    dose : multiplies every amount.
    largest_share : no developer gets more of the money than this.
    size_weight : exponent of size in the split; 0 gives every developer the same.
    national_company : whether the national company is among them.
    """

    name: ClassVar[str] = "compute-vouchers"
    largest_share: float = number(0.1, 0.001, 1.0, "share")
    size_weight: float = number(1.0, 0.0, 1.0, "exponent")
    national_company: str = choice("left-out", ("left-out", "included"))

    def support(self, view: ProgrammeView) -> Support:
        """The month's vouchers."""
        rows = view.rows("developers")
        if self.national_company == "left-out":
            rows = rows[rows != view.row_of("national_ai_company")]
        weights = capped_shares(view.importers["size"][rows] ** self.size_weight, self.largest_share)
        return Support(view.to_many(rows, weights, self.due_trn_yen(view)))


def capped_shares(weights: Array, largest: float) -> Array:
    """Shares in proportion to weights, none above ``largest`` (equal shares if they cannot all fit under it)."""
    if weights.size == 0 or largest * weights.size <= 1.0:
        return np.full(weights.size, 1.0 / max(weights.size, 1))
    shares = weights / weights.sum()
    for _ in range(weights.size):
        above = shares > largest * (1.0 + 1e-12)
        if not above.any():
            break
        capped = above | (shares == largest)
        free = ~capped
        shares[capped] = largest
        shares[free] *= (1.0 - largest * float(capped.sum())) / float(shares[free].sum())
    return shares
