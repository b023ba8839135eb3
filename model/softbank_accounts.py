"""SoftBank's postings: what its plan means for balance sheets, and the marks of its holdings."""

from __future__ import annotations

import math
from typing import Any

from itcho.agents.softbank import GroupPlan, GroupPosition, SoftBankGroup
from itcho.agents.vocabulary import (
    BANKS,
    DEPOSITS,
    FIRMS,
    FOREIGN_AI_EQUITY,
    FOREIGN_INVESTORS,
    HOUSEHOLDS,
    JAPANESE_EQUITY,
    LOANS,
    OTHER_DEBT_SECURITIES,
    SOFTBANK_GROUP,
)
from itcho.model.ledger import Ledger
from itcho.model.start_states.loader import StartState


def open_group(group: SoftBankGroup, start: StartState, ledger: Ledger) -> None:
    """Set the Group's holdings and asset-backed debt at the start; they add to its foreign AI equity in the ledger."""
    listed = start.fact("softbank_holding_arm_trn_yen") + start.fact(
        "softbank_holding_t_mobile_and_deutsche_telekom_trn_yen"
    )
    total = ledger.position(FOREIGN_AI_EQUITY, SOFTBANK_GROUP)
    group.listed = listed
    group.unlisted_mark = group.unlisted_true = total - listed
    group.asset_backed = start.fact("softbank_debt_margin_loan_on_arm_trn_yen") + start.fact(
        "softbank_debt_loan_on_softbank_corp_shares_trn_yen"
    )


def group_position(group: SoftBankGroup, ledger: Ledger) -> GroupPosition:
    """The Group's balance sheet as the company reports it."""
    held = ledger.position
    return GroupPosition(
        listed=group.listed,
        unlisted=group.unlisted_mark,
        telecom=held(JAPANESE_EQUITY, SOFTBANK_GROUP),
        cash=held(DEPOSITS, SOFTBANK_GROUP),
        bonds=-held(OTHER_DEBT_SECURITIES, SOFTBANK_GROUP),
        loans=-held(LOANS, SOFTBANK_GROUP) - group.asset_backed,
        asset_backed=group.asset_backed,
    )


BONDHOLDERS = ((HOUSEHOLDS, 0.5), (BANKS, 0.25), (FOREIGN_INVESTORS, 0.25))
"""Who holds the Group's bonds: retail bonds with households, foreign-currency bonds abroad (2.0 of 7.2 trn yen)."""


class SoftBankAccounts:
    """Implied rates on the Group's debt and the posting of its plans."""

    def __init__(self, start: StartState, ledger: Ledger, parameters: Any) -> None:
        self.p = parameters
        self.loan_rate = start.flow("loan_interest", "softbank_group") / -ledger.position(LOANS, SOFTBANK_GROUP)
        self.bond_rate = start.flow("bond_interest", "softbank_group") / -ledger.position(
            OTHER_DEBT_SECURITIES, SOFTBANK_GROUP
        )
        self.spread_start_pct: float | None = None

    def pay_interest(self, ledger: Ledger, group: SoftBankGroup, policy_rate_change_pct: float) -> float:
        """Pay a month's interest and running costs; returns what left Japan, trillion yen."""
        if self.spread_start_pct is None:
            self.spread_start_pct = group.spread_pct
        moved = (policy_rate_change_pct + 0.5 * (group.spread_pct - self.spread_start_pct)) / 100.0
        loans = -ledger.position(LOANS, SOFTBANK_GROUP)
        bonds = -ledger.position(OTHER_DEBT_SECURITIES, SOFTBANK_GROUP)
        loan_interest = max(0.0, self.loan_rate + moved) * loans / 12.0
        bond_interest = max(0.0, self.bond_rate + moved) * bonds / 12.0
        abroad = group.asset_backed / loans * loan_interest if loans > 0.0 else 0.0
        ledger.pay(SOFTBANK_GROUP, BANKS, loan_interest - abroad, "loan_interest")
        ledger.pay(SOFTBANK_GROUP, FOREIGN_INVESTORS, abroad, "loan_interest")
        for holder, share in BONDHOLDERS:
            ledger.pay(SOFTBANK_GROUP, holder, share * bond_interest, "bond_interest")
        ledger.pay(SOFTBANK_GROUP, FIRMS, self.p.softbank_running_cost_trn_yen_year / 12.0, "softbank_running_costs")
        return abroad + 0.25 * bond_interest

    def restructure(self, ledger: Ledger, group: SoftBankGroup, position: GroupPosition) -> float:
        """If debt has eaten the holdings, creditors write off what exceeds the share they keep; returns the loss.

        Asset-backed lenders have the asset alone and lose what it no longer covers; banks and bondholders share the
        rest in proportion.  ``position`` is the Group's before.
        """
        p = self.p
        uncovered = max(0.0, group.asset_backed - group.listed - group.unlisted_mark - position.telecom)
        if uncovered > 0.0:
            ledger.write_off(FOREIGN_INVESTORS, SOFTBANK_GROUP, LOANS, uncovered)
            group.asset_backed -= uncovered
            position = group_position(group, ledger)
        if position.ltv_pct < p.softbank_insolvency_ltv_pct:
            return uncovered
        kept = p.softbank_restructured_ltv_pct / 100.0 * max(position.holdings, 0.0) + position.cash
        debt = position.bonds + position.loans
        loss = max(0.0, debt - kept)
        bonds = loss * position.bonds / debt
        for holder, share in BONDHOLDERS:
            ledger.write_off(holder, SOFTBANK_GROUP, OTHER_DEBT_SECURITIES, share * bonds)
        ledger.write_off(BANKS, SOFTBANK_GROUP, LOANS, loss - bonds)
        return uncovered + loss

    def carry_out(self, ledger: Ledger, group: SoftBankGroup, plan: GroupPlan) -> float:
        """Post the plan; returns dollars bought for yen on balance, in trillion yen."""
        trade = ledger.trade
        bought = plan.commitment + plan.investment
        trade(SOFTBANK_GROUP, FOREIGN_INVESTORS, FOREIGN_AI_EQUITY, plan.commitment, 1.0, "softbank_commitment")
        trade(SOFTBANK_GROUP, FOREIGN_INVESTORS, FOREIGN_AI_EQUITY, plan.investment, 1.0, "softbank_investment")
        discount = self.p.softbank_unlisted_sale_discount
        trade(FOREIGN_INVESTORS, SOFTBANK_GROUP, FOREIGN_AI_EQUITY, plan.sale_listed, 1.0, "softbank_asset_sale")
        trade(
            FOREIGN_INVESTORS,
            SOFTBANK_GROUP,
            FOREIGN_AI_EQUITY,
            plan.sale_unlisted,
            1.0 - discount,
            "softbank_asset_sale",
        )
        if plan.sale_unlisted:
            ledger.revalue_claim(FOREIGN_AI_EQUITY, SOFTBANK_GROUP, FOREIGN_INVESTORS, -discount * plan.sale_unlisted)
        for holder, share in BONDHOLDERS:
            trade(holder, SOFTBANK_GROUP, OTHER_DEBT_SECURITIES, share * plan.new_bonds, 1.0, "softbank_bonds")
        trade(BANKS, SOFTBANK_GROUP, LOANS, plan.new_loans, 1.0, "softbank_loans")
        trade(FOREIGN_INVESTORS, SOFTBANK_GROUP, LOANS, plan.new_asset_backed, 1.0, "softbank_margin_loans")
        group.asset_backed += plan.new_asset_backed
        group.listed += plan.investment - plan.sale_listed
        # A sale takes the same part of what holdings are worth as of what they are marked at.
        kept = 1.0 - plan.sale_unlisted / group.unlisted_mark if group.unlisted_mark > 0.0 else 1.0
        group.unlisted_mark = kept * group.unlisted_mark + plan.commitment
        group.unlisted_true = kept * group.unlisted_true + plan.commitment
        sold = plan.sale_listed + (1.0 - discount) * plan.sale_unlisted
        return bought - plan.dollar_funded - sold

    def mark(
        self,
        ledger: Ledger,
        group: SoftBankGroup,
        ai_log_return: float,
        usdjpy_log_change: float,
        own_news: float,
        quarter_end: bool,
    ) -> None:
        """Move holdings with the month's prices; unlisted ones are marked at the quarter's end, part of the way."""
        p = self.p
        before = group.listed + group.unlisted_mark
        fx = math.exp(usdjpy_log_change)
        group.listed *= math.exp(ai_log_return) * fx
        wobble = p.softbank_unlisted_volatility_pct / 100.0 / math.sqrt(12.0) * own_news
        group.unlisted_true *= math.exp(ai_log_return + wobble) * fx
        group.unlisted_mark *= fx
        if quarter_end and group.unlisted_mark > 0.0:
            group.unlisted_mark += p.softbank_mark_lag_share * (group.unlisted_true - group.unlisted_mark)
        if before > 0.0:
            ledger.revalue(FOREIGN_AI_EQUITY, (group.listed + group.unlisted_mark) / before - 1.0)
