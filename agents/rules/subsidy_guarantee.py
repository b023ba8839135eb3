"""Support through banks: the state guarantees loans instead of paying."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from itcho.agents.rules.settings import choice, number
from itcho.agents.rules.subsidy import GROUPS, GUARANTEED_LOAN, Guarantee, ProgrammeView, ScheduledRule, Support


@dataclass(frozen=True)
class LoanGuarantee(ScheduledRule):
    """Banks lend the schedule's amounts for the programme's purpose, and the state bears a part of their losses.

    Guaranteed loans carry the same part of the credit spread less; borrowers pay a fee; a firm that fails costs the
    state its part of what lenders write off.  Firms that owe more than the limit get none.

    Evidence: Act of 2025 that lets the Information-technology Promotion Agency guarantee bank loans to chip makers;
    guarantees are cheap when given and leave a liability of 5-20% of the amount (judgement).

    Attributes
    ----------
    amounts_trn_yen : new loans by fiscal year, from ``first_fiscal_year`` on.
    first_fiscal_year : of the amounts.
    dose : multiplies every amount.
    guaranteed_share : of a loss.
    fee_pct : on the guaranteed balance.
    leverage_limit_share : debt over assets above which a firm gets no guaranteed loan.
    recipients : who can borrow, in proportion to their size.
    """

    name: ClassVar[str] = "loan-guarantee"
    guaranteed_share: float = number(0.8, 0.0, 1.0, "share")
    fee_pct: float = number(0.5, 0.0, 10.0, "% a year")
    leverage_limit_share: float = number(0.6, 0.0, 2.0, "share")
    recipients: str = choice("developers_and_clouds", GROUPS)

    def announced_trn_yen(self) -> float:
        """None: the loans are the banks' money, and what the state may lose is not announced."""
        return 0.0

    def support(self, view: ProgrammeView) -> Support:
        """The month's loans and the terms of the guarantee."""
        rows = view.rows(self.recipients)
        columns = view.importers
        debt = columns["debt_trn_yen"][rows] + columns["bonds"][rows]
        assets = columns["compute_book_trn_yen"][rows] + columns["plant"][rows] + columns["cash_trn_yen"][rows]
        sound = debt <= self.leverage_limit_share * np.maximum(assets, 1e-12)
        weights = np.where(sound, columns["size"][rows], 0.0)
        loans = view.to_many(rows, weights, self.due_trn_yen(view), GUARANTEED_LOAN)
        return Support(loans, guarantee=Guarantee(self.guaranteed_share, self.fee_pct))
