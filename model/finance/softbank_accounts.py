"""SoftBank's postings: what its plan means for balance sheets, and the marks of its holdings."""

from __future__ import annotations

import math

from itcho.agents.creditors import uncovered_by_assets_trn_yen, write_off_unsecured
from itcho.agents.softbank import GroupPlan, GroupPosition, SoftBankGroup
from itcho.agents.softbank_assets import OwnMoves
from itcho.agents.views import ParameterValues
from itcho.agents.vocabulary import (
    BANKS,
    DEPOSITS,
    FIRMS,
    FOREIGN_AI_EQUITY,
    FOREIGN_INVESTORS,
    JAPANESE_EQUITY,
    LOANS,
    OTHER_DEBT_SECURITIES,
    SOFTBANK_GROUP,
)
from itcho.model.chips.compiled_graph import GroupLinks
from itcho.model.ledger.ledger import Ledger
from itcho.model.opening import implied_rate
from itcho.model.start_states.loader import StartState


def open_group(group: SoftBankGroup, start: StartState, ledger: Ledger, parameters: ParameterValues) -> None:
    """Set the Group's holdings and asset-backed debt at the start; they add to its foreign AI equity in the ledger."""
    arm = start.fact("softbank_holding_arm_trn_yen")
    listed = arm + start.fact("softbank_holding_t_mobile_and_deutsche_telekom_trn_yen")
    asset_backed = start.fact("softbank_debt_margin_loan_on_arm_trn_yen") + start.fact(
        "softbank_debt_loan_on_softbank_corp_shares_trn_yen"
    )
    openai = start.fact("softbank_holding_openai_trn_yen")
    group.open_books(listed, ledger.position(FOREIGN_AI_EQUITY, SOFTBANK_GROUP) - listed, asset_backed, arm, openai)
    group.ask_spread(group_position(group, ledger).ltv_pct, parameters)


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


def _abroad(lenders: tuple[tuple[str, float], ...]) -> float:
    """Part of a debt that is held abroad."""
    return sum(share for party, share in lenders if party == FOREIGN_INVESTORS)


class SoftBankAccounts:
    """Implied rates on the Group's debt and the posting of its plans.

    Attributes
    ----------
    position : the Group's balance sheet when last looked at.
    written_off_trn_yen : by its creditors since the start.
    stands : whether the Group has a balance sheet of its own; before 2024 start states have it inside other firms.
    links : who lends to the Group, from the graph.
    """

    def __init__(
        self, group: SoftBankGroup, start: StartState, ledger: Ledger, parameters: ParameterValues, links: GroupLinks
    ) -> None:
        self.p = parameters
        self.links = links
        self.position = group_position(group, ledger)
        self.written_off_trn_yen = 0.0
        self.stands = any(self.position)
        self.loan_rate = implied_rate(
            start.flow("loan_interest", "softbank_group"), -ledger.position(LOANS, SOFTBANK_GROUP)
        )
        self.bond_rate = implied_rate(
            start.flow("bond_interest", "softbank_group"), -ledger.position(OTHER_DEBT_SECURITIES, SOFTBANK_GROUP)
        )
        self.spread_start_pct: float | None = None
        self._spread_seen_pct: float | None = None
        self._bank_write_offs_trn_yen = 0.0

    def link(self, links: GroupLinks) -> None:
        """Follow a graph that has changed."""
        self.links = links

    def look(self, group: SoftBankGroup, ledger: Ledger) -> None:
        """Take the Group's balance sheet as it stands."""
        self.position = group_position(group, ledger)

    def pay_interest(self, ledger: Ledger, group: SoftBankGroup, policy_rate_change_pct: float) -> float:
        """Pay a month's interest and running costs; returns what left Japan, trillion yen."""
        if self.spread_start_pct is None:
            self.spread_start_pct = group.spread_pct
        moved = (policy_rate_change_pct + 0.5 * (group.spread_pct - self.spread_start_pct)) / 100.0
        loans = -ledger.position(LOANS, SOFTBANK_GROUP)
        bonds = -ledger.position(OTHER_DEBT_SECURITIES, SOFTBANK_GROUP)
        loan_interest = max(0.0, self.loan_rate + moved) * loans / 12.0
        bond_interest = max(0.0, self.bond_rate + moved) * bonds / 12.0
        on_shares = group.asset_backed / loans * loan_interest if loans > 0.0 else 0.0
        links = self.links
        for lenders, amount, purpose in (
            (links.lenders, loan_interest - on_shares, "loan_interest"),
            (links.margin_lenders, on_shares, "loan_interest"),
            (links.bondholders, bond_interest, "bond_interest"),
        ):
            for lender, share in lenders:
                ledger.pay(SOFTBANK_GROUP, lender, share * amount, purpose)
        ledger.pay(SOFTBANK_GROUP, FIRMS, self.p.softbank_running_cost_trn_yen_year / 12.0, "softbank_running_costs")
        return (
            _abroad(links.margin_lenders) * on_shares
            + _abroad(links.lenders) * (loan_interest - on_shares)
            + _abroad(links.bondholders) * bond_interest
        )

    def restructure(self, ledger: Ledger, group: SoftBankGroup) -> float:
        """If debt has eaten the holdings, let creditors write off what they decide; returns the loss, trillion yen."""
        uncovered = uncovered_by_assets_trn_yen(self.position, group)
        if uncovered > 0.0:
            for lender, share in self.links.margin_lenders:
                ledger.write_off(lender, SOFTBANK_GROUP, LOANS, share * uncovered)
            group.lose_asset_backed(uncovered)
            self.look(group, ledger)
        loss = write_off_unsecured(self.position, self.p)
        for holder, share in self.links.bondholders:
            ledger.write_off(holder, SOFTBANK_GROUP, OTHER_DEBT_SECURITIES, share * loss.bonds)
        for lender, share in self.links.lenders:
            ledger.write_off(lender, SOFTBANK_GROUP, LOANS, share * loss.loans)
        lost = uncovered + loss.bonds + loss.loans
        self.written_off_trn_yen += lost
        self._bank_write_offs_trn_yen += sum(
            share * amount
            for lenders, amount in (
                (self.links.margin_lenders, uncovered),
                (self.links.bondholders, loss.bonds),
                (self.links.lenders, loss.loans),
            )
            for party, share in lenders
            if party == BANKS
        )
        return lost

    def lost_by_banks(self, group: SoftBankGroup) -> float:
        """What the month cost banks on the Group's debt, trillion yen; a gain is negative.

        They write off what is lost, and value the rest at the spread that lenders ask.
        """
        position, links = self.position, self.links
        owed = sum(share * position.bonds for party, share in links.bondholders if party == BANKS)
        owed += sum(share * position.loans for party, share in links.lenders if party == BANKS)
        before = group.spread_pct if self._spread_seen_pct is None else self._spread_seen_pct
        wider, self._spread_seen_pct = group.spread_pct - before, group.spread_pct
        lost = self._bank_write_offs_trn_yen + self.p.softbank_debt_duration_years / 100.0 * wider * owed
        self._bank_write_offs_trn_yen = 0.0
        return lost

    def carry_out(self, ledger: Ledger, group: SoftBankGroup, plan: GroupPlan) -> float:
        """Post the plan; returns dollars bought for yen on balance, in trillion yen."""
        trade = ledger.trade
        bought = plan.commitment + plan.investment
        trade(SOFTBANK_GROUP, FOREIGN_INVESTORS, FOREIGN_AI_EQUITY, plan.commitment, 1.0, "softbank_commitment")
        trade(SOFTBANK_GROUP, FOREIGN_INVESTORS, FOREIGN_AI_EQUITY, plan.investment, 1.0, "softbank_investment")
        discount = self.p.softbank_unlisted_sale_discount
        pressed = 0.5 * plan.price_pressure
        listed = group.listed
        trade(
            FOREIGN_INVESTORS, SOFTBANK_GROUP, FOREIGN_AI_EQUITY, plan.sale_listed, 1.0 - pressed, "softbank_asset_sale"
        )
        if plan.sale_listed:
            lost = pressed * plan.sale_listed + plan.price_pressure * (listed - plan.sale_listed)
            ledger.revalue_claim(FOREIGN_AI_EQUITY, SOFTBANK_GROUP, FOREIGN_INVESTORS, -lost)
        if plan.deferral_fee:
            ledger.pay(SOFTBANK_GROUP, FOREIGN_INVESTORS, plan.deferral_fee, "loan_interest")
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
        for lenders, instrument, amount, purpose in (
            (self.links.bondholders, OTHER_DEBT_SECURITIES, plan.new_bonds, "softbank_bonds"),
            (self.links.lenders, LOANS, plan.new_loans, "softbank_loans"),
            (self.links.margin_lenders, LOANS, plan.new_asset_backed, "softbank_margin_loans"),
        ):
            for lender, share in lenders:
                trade(lender, SOFTBANK_GROUP, instrument, share * amount, 1.0, purpose)
        group.book(plan)
        sold = (1.0 - pressed) * plan.sale_listed + (1.0 - discount) * plan.sale_unlisted
        return bought + plan.deferral_fee - plan.dollar_funded - sold

    def mark(
        self,
        ledger: Ledger,
        group: SoftBankGroup,
        ai_log_return: float,
        usdjpy_log_change: float,
        own_news: float,
        quarter_end: bool,
        own: OwnMoves = OwnMoves(),  # noqa: B008 - a tuple, which nobody can change
    ) -> None:
        """Move holdings with the month's prices; unlisted ones are marked at the quarter's end, part of the way."""
        before = group.listed + group.unlisted_mark
        group.mark(ai_log_return, math.exp(usdjpy_log_change), own_news, quarter_end, self.p, own)
        if before > 0.0:
            ledger.revalue(FOREIGN_AI_EQUITY, (group.listed + group.unlisted_mark) / before - 1.0)
