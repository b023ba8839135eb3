"""Support that follows what firms spend themselves: matching money and the incremental tax credit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from itcho.agents.rules.settings import choice, flag, number
from itcho.agents.rules.subsidy import GROUPS, ProgrammeView, ScheduledRule, Support


@dataclass(frozen=True)
class MatchingGrant(ScheduledRule):
    """So many yen for each yen that firms invest of their own in chips and plant, up to the year's budget.

    Who invests more gets more; what a slow year leaves is carried over to the next.

    Evidence: crowding-out of private research money is rejected, additional money is small (Dimos and Pugh 2016).

    Attributes
    ----------
    amounts_trn_yen : budget by fiscal year, from ``first_fiscal_year`` on.
    first_fiscal_year : of the amounts.
    dose : multiplies every amount.
    match_share : public yen per private yen.
    recipients : whose investment is matched.
    """

    name: ClassVar[str] = "matching-grant"
    match_share: float = number(0.5, 0.0, 5.0, "yen per yen")
    recipients: str = choice("developers", GROUPS)

    def announced_trn_yen(self) -> float:
        """The amounts of all years, trillion yen; nothing if the rule's share makes them void."""
        return super().announced_trn_yen() if self.match_share > 0.0 else 0.0

    def support(self, view: ProgrammeView) -> Support:
        """The match of last month's investment."""
        rows = view.rows(self.recipients)
        claims = self.match_share * view.own_investment_trn_yen[rows]
        room = min(_rest_of_year(self.left_trn_yen(view), view), float(claims.sum()))
        return Support(view.to_many(rows, claims, room))


@dataclass(frozen=True)
class IncrementalTaxCredit(ScheduledRule):
    """A credit on what firms invest of their own above the average of the months before.

    Unless it is refundable, firms with losses carried forward get nothing, and all claims together cannot exceed a
    share of the sector's corporate tax.

    Evidence: Kasahara, Shimotsu and Suzuki (2014) for Japan's credit of 2003; incremental schemes do best (Dimos and
    others 2022); Japan's credit is capped at a quarter of the tax.

    Attributes
    ----------
    amounts_trn_yen : budget by fiscal year, from ``first_fiscal_year`` on.
    first_fiscal_year : of the amounts.
    dose : multiplies every amount.
    credit_share : of what exceeds the base.
    base_memory_months : of the average that is the base.
    refundable : whether firms without tax to pay get it.
    cap_share_of_tax : of the sector's corporate tax, if it is not refundable.
    recipients : who can claim.
    """

    name: ClassVar[str] = "incremental-tax-credit"
    credit_share: float = number(0.25, 0.0, 1.0, "share")
    base_memory_months: float = number(24.0, 1.0, 120.0, "months")
    refundable: bool = flag(False)
    cap_share_of_tax: float = number(0.25, 0.0, 1.0, "share")
    recipients: str = choice("developers_and_clouds", GROUPS)

    def announced_trn_yen(self) -> float:
        """The amounts of all years, trillion yen; nothing if the rule's share makes them void."""
        return super().announced_trn_yen() if self.credit_share > 0.0 else 0.0

    def support(self, view: ProgrammeView) -> Support:
        """The credit on last month's investment above its base."""
        spent = view.own_investment_trn_yen
        base = view.remembered.get("base")
        if base is None or len(base) != len(spent) or view.month <= 1:
            # Nothing was seen before the first month; its investment is the first base.
            return Support(remember={"base": spent.copy()})
        rows = view.rows(self.recipients)
        claims = self.credit_share * np.maximum(spent[rows] - base[rows], 0.0)
        room = _rest_of_year(self.left_trn_yen(view), view)
        if not self.refundable:
            claims = np.where(view.importers["losses_carried_trn_yen"][rows] > 0.0, 0.0, claims)
            room = min(room, self.cap_share_of_tax * view.ai_corporate_tax_trn_yen)
        base = base + (spent - base) / self.base_memory_months
        return Support(view.to_many(rows, claims, min(room, float(claims.sum()))), remember={"base": base})


def _rest_of_year(left_trn_yen: float, view: ProgrammeView) -> float:
    """What can be spent this month so that the money lasts to the end of the fiscal year."""
    return left_trn_yen / (12 - view.month_of_fiscal_year)
