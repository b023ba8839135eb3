"""Support that shares in success: the state takes shares and a royalty on revenue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from itcho.agents.named_importers import NATIONAL_AI_COMPANY
from itcho.agents.rules.settings import choice, number, whole
from itcho.agents.rules.subsidy import EQUITY, GRANT, RECIPIENTS, ProgrammeView, Royalty, ScheduledRule, Support


@dataclass(frozen=True)
class EquityStake(ScheduledRule):
    """The schedule's money against shares, and a royalty on revenue until a multiple of the money is back.

    The royalty leaves the recipient less to invest with.  The shares are sold to other firms, at their price of the
    day, when the holding period is over.

    Evidence: Laplane and Mazzucato (2019) on public returns from innovation policy; rates and multiple are judgement.

    Attributes
    ----------
    amounts_trn_yen : by fiscal year, from ``first_fiscal_year`` on.
    first_fiscal_year : of the amounts.
    dose : multiplies every amount.
    equity_share : part of the money that buys shares; the rest is a grant.
    royalty_share : of the recipient's revenue.
    royalty_from_month : of the run.
    return_multiple : the royalty ends when so many times the money has come back.
    holding_months : time from the first payment to the sale of the shares.
    recipient : ledger party that receives it.
    """

    name: ClassVar[str] = "equity-stake"
    equity_share: float = number(0.5, 0.0, 1.0, "share")
    royalty_share: float = number(0.05, 0.0, 0.5, "share of revenue")
    royalty_from_month: int = whole(24, 0, 600, "months")
    return_multiple: float = number(1.5, 0.0, 10.0, "times")
    holding_months: int = whole(108, 1, 600, "months")
    recipient: str = choice(NATIONAL_AI_COMPANY, RECIPIENTS)

    def support(self, view: ProgrammeView) -> Support:
        """The month's money, the royalty that is owed, and the sale when its time has come."""
        due = self.due_trn_yen(view)
        shares = view.to_one(self.recipient, self.equity_share * due, EQUITY)
        rest = view.to_one(self.recipient, (1.0 - self.equity_share) * due, GRANT)
        first = view.remembered.get("first_month", view.month if due > 0.0 else None)
        owed = self.return_multiple * view.spent_trn_yen - view.received_trn_yen
        royalty = None
        if owed > 0.0 and self.royalty_share > 0.0 and view.month >= self.royalty_from_month:
            royalty = Royalty(np.array([view.row_of(self.recipient)]), self.royalty_share, owed)
        sell = first is not None and view.month == first + self.holding_months
        return Support(
            (*shares, *rest), royalty=royalty, sell_stake=sell, remember={} if first is None else {"first_month": first}
        )
