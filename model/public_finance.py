"""The Treasury's operations: coupons, redemption, refunding, new bonds and bills, and who ends up holding them.

Interest and redemption run on face and follow the ladder; balance sheets stand at market value on both sides.  New
bonds are sold at par; what holders buy is what clears the bond market.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agents.vocabulary import (
    AI_SPECIAL_ACCOUNT,
    BANK_OF_JAPAN,
    BANKS,
    GOVERNMENT,
    GOVERNMENT_DEPOSITS,
    JGB_BUCKETS,
    TREASURY_BILLS,
)
from model.jgb_ladder import KNOT_YEARS, IssuanceProfile, JGBLadder, yields_by_slot_pct
from model.ledger import PARTIES, Ledger

Array = NDArray[np.float64]

ISSUERS = (GOVERNMENT, AI_SPECIAL_ACCOUNT)


@dataclass(frozen=True)
class Redemption:
    """Bonds that matured in a month.

    Attributes
    ----------
    face_trn_yen : repaid in all.
    by_issuer : repaid by each issuer.
    """

    face_trn_yen: float
    by_issuer: dict[str, float]


class Treasury:
    """Keeper of the ladder.

    Attributes
    ----------
    ladder : coupon bonds by months to maturity.
    yields_by_slot : percent, as of the last revaluation.
    other_debt_trn_yen : gross debt of general government that is neither ladder nor bills, at face.
    general_account_share : part of the ladder's interest that the general account bears (the rest is the fiscal loan
        fund's, which banks pay back as interest on its lending).
    """

    def __init__(
        self,
        ladder: JGBLadder,
        profile: IssuanceProfile,
        yields_by_slot: Array,
        gross_debt: float,
        bills: float,
        fiscal_loan_share: float,
    ) -> None:
        self.ladder = ladder
        self.profile = profile
        self.yields_by_slot = yields_by_slot
        self.other_debt_trn_yen = gross_debt - ladder.face_outstanding_trn_yen - bills
        self.general_account_share = 1.0 - fiscal_loan_share
        self.fiscal_loan_face = fiscal_loan_share * ladder.face_outstanding_trn_yen
        self.last_redemption = Redemption(0.0, {})
        self._known_price: Array | None = None

    def _slot_price(self) -> Array:
        """Prices of the ladder's slots at the last revaluation's yields; they hold until it ages or bonds are sold."""
        if self._known_price is None:
            self._known_price = self.ladder.price(self.yields_by_slot)
        return self._known_price

    def _values(self) -> Array:
        """Market value of each bucket of the ladder, trillion yen."""
        return self.ladder.bucket_values(self.yields_by_slot, self._slot_price())

    def gross_debt_trn_yen(self, ledger: Ledger) -> float:
        """General government's gross debt at face."""
        bills = -sum(ledger.position(TREASURY_BILLS, issuer) for issuer in ISSUERS)
        return self.ladder.face_outstanding_trn_yen + bills + self.other_debt_trn_yen

    def general_account_bonds_face(self) -> float:
        """Face on which the general account makes its redemption transfer."""
        return max(0.0, self.ladder.face_outstanding_trn_yen - self.fiscal_loan_face)

    def pay_coupons(self, ledger: Ledger, policy_rate_pct: float) -> tuple[dict[str, float], float, float]:
        """Pay a month's coupons and bill discount.

        Returns
        -------
        Receipts by holder, and the interest of the general and of the AI special account, trillion yen.
        """
        due, per_holder, issuer_share = self.coupons(ledger)
        for issuer in ISSUERS:
            ledger.pay(issuer, PARTIES, per_holder * issuer_share[ledger.party_index[issuer]], "jgb_coupons")
        total = float(due.sum())
        returned = (1.0 - self.general_account_share) * total
        ledger.pay(BANKS, GOVERNMENT, returned, "fiscal_loan_fund_interest")
        on_bills = np.maximum(ledger.positions[ledger.instrument_index[TREASURY_BILLS]], 0.0)
        on_bills *= max(0.0, policy_rate_pct) / 1200.0
        ledger.pay(GOVERNMENT, PARTIES, on_bills, "treasury_bill_discount")
        received = {
            party.name: amount
            for party, amount in zip(ledger.parties, (per_holder + on_bills).tolist(), strict=True)
            if amount
        }
        special = total * float(issuer_share[ledger.party_index[AI_SPECIAL_ACCOUNT]])
        return received, total - returned - special + float(on_bills.sum()), special

    def coupons(self, ledger: Ledger) -> tuple[Array, Array, Array]:
        """A month's coupons by bucket (5), by holder (parties), and each party's share of what is owed (parties)."""
        due = self.ladder.coupon_due_trn_yen()
        held = ledger.positions[ledger.rows_of(JGB_BUCKETS)]
        owed = -np.minimum(held, 0.0)
        owned = np.maximum(held, 0.0)
        per_holder = (owned / np.maximum(owned.sum(axis=1, keepdims=True), 1e-12)).T @ due
        return due, per_holder, owed.sum(axis=0) / owed.sum()

    def revalue(self, ledger: Ledger, yields_pct: dict[float, float], policy_rate_pct: float) -> None:
        """Bring every bucket to its market value at today's curve."""
        knots = [policy_rate_pct + 0.05, *(yields_pct[float(years)] for years in KNOT_YEARS[1:])]
        self.yields_by_slot, self._known_price = yields_by_slot_pct(knots), None
        rates = self._values() / self._liabilities(ledger) - 1.0
        for bucket, rate in zip(JGB_BUCKETS, rates.tolist(), strict=True):
            ledger.revalue(bucket, rate)

    def redeem(self, ledger: Ledger) -> Redemption:
        """Repay what matures, at par, and move what grows shorter to the next bucket."""
        price, self._known_price = self._slot_price(), None
        maturing = float(self.ladder.face[1])
        stands = float(self._liabilities(ledger)[0])
        to_par = maturing * (1.0 - float(price[1]))
        ledger.revalue(JGB_BUCKETS[0], to_par / stands)
        ageing = self.ladder.age_one_month(price)
        share = ageing.redeemed_face_trn_yen / (stands + to_par)
        by_issuer = self._repay(ledger, share)
        for shorter, longer, crossing in zip(JGB_BUCKETS, JGB_BUCKETS[1:], ageing.crossing_share[1:], strict=False):
            ledger.reclassify(longer, shorter, float(crossing))
        self.last_redemption = Redemption(ageing.redeemed_face_trn_yen, by_issuer)
        return self.last_redemption

    @staticmethod
    def _repay(ledger: Ledger, share: float) -> dict[str, float]:
        bucket = JGB_BUCKETS[0]
        row = ledger.positions[ledger.instrument_index[bucket]]
        owed = {issuer: -float(row[ledger.party_index[issuer]]) for issuer in ISSUERS}
        total = sum(owed.values())
        due = share * np.maximum(row, 0.0)
        repaid = {}
        for issuer in ISSUERS:
            amounts = due * (owed[issuer] / total)
            ledger.trade(issuer, PARTIES, bucket, amounts, 1.0, "jgb_redemption")
            repaid[issuer] = float(amounts.sum())
        return repaid

    def issue(self, ledger: Ledger, needs: dict[str, float], bill_share: float) -> tuple[Array, float]:
        """Sell new bonds at par to primary dealers (banks) and bills to their holders.

        Parameters
        ----------
        needs : money each issuer must raise, trillion yen.
        bill_share : part of the general account's money raised in bills.

        Returns
        -------
        Bonds issued by bucket at market value (five), and bills issued, trillion yen.
        """
        bills = max(0.0, bill_share * needs[GOVERNMENT])
        amounts = {issuer: max(0.0, need) for issuer, need in needs.items()}
        amounts[GOVERNMENT] -= bills
        total, self._known_price = sum(amounts.values()), None
        by_bucket = self.ladder.issue_at_par(total, self.yields_by_slot, self.profile) if total > 0.0 else np.zeros(5)
        for issuer, amount in amounts.items():
            if total > 0.0:
                ledger.trade(BANKS, issuer, JGB_BUCKETS, by_bucket * (amount / total), 1.0, "jgb_auction")
        self._sell_bills(ledger, bills)
        return by_bucket, bills

    @staticmethod
    def _sell_bills(ledger: Ledger, amount: float) -> None:
        held = np.maximum(ledger.positions[ledger.instrument_index[TREASURY_BILLS]], 0.0)
        if amount > 0.0 and held.any():
            ledger.trade(PARTIES, GOVERNMENT, TREASURY_BILLS, held * (amount / held.sum()), 1.0, "bill_auction")

    def money_needed(self, ledger: Ledger, floor: float) -> dict[str, float]:
        """What each issuer must raise to hold its floor of cash, trillion yen."""
        return {
            GOVERNMENT: floor - ledger.position(GOVERNMENT_DEPOSITS, GOVERNMENT),
            AI_SPECIAL_ACCOUNT: -ledger.position(GOVERNMENT_DEPOSITS, AI_SPECIAL_ACCOUNT),
        }

    @staticmethod
    def _liabilities(ledger: Ledger) -> Array:
        return np.maximum(ledger.positions[ledger.rows_of(JGB_BUCKETS)], 0.0).sum(axis=1)

    def market_value_identity(self, ledger: Ledger) -> tuple[float, float]:
        """Bonds issued, valued from the ladder, and bonds held, from the balance sheets: equal, or the ledger leaks."""
        return float(self._values().sum()), float(self._liabilities(ledger).sum())


def trade_bonds(ledger: Ledger, wanted: dict[str, float]) -> None:
    """Let holders trade bonds with the primary dealers (banks), over buckets as the seller holds them.

    Parameters
    ----------
    wanted : net purchases by party, trillion yen, banks and the Bank of Japan among them; they add to zero, since the
        primary dealers have taken what is new.
    """
    # Sellers come first, so that dealers have what buyers take.
    for buying in (False, True):
        held = np.maximum(ledger.positions[ledger.rows_of(JGB_BUCKETS)], 0.0)
        for party, amount in wanted.items():
            if party == BANKS or (amount > 0.0) != buying:
                continue
            seller = held[:, ledger.party_index[BANKS if buying else party]]
            purpose = "boj_jgb_purchases" if party == BANK_OF_JAPAN else "jgb_secondary_market"
            ledger.trade(party, BANKS, JGB_BUCKETS, seller * (amount / max(float(seller.sum()), 1e-300)), 1.0, purpose)
