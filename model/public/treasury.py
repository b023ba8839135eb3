"""The Treasury's operations: coupons, redemption, refunding, new bonds and bills, and who ends up holding them.

Interest and redemption run on face and follow the ladder; balance sheets stand at market value on both sides.  New
bonds are sold at par; what holders buy is what clears the bond market.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit, total
from itcho.agents.vocabulary import (
    AI_SPECIAL_ACCOUNT,
    BANK_OF_JAPAN,
    BANKS,
    FIRMS,
    GOVERNMENT,
    GOVERNMENT_DEPOSITS,
    JGB_BUCKETS,
    LOCAL_AND_SOCIAL_SECURITY,
    TREASURY_BILLS,
)
from itcho.model.finance.jgb_ladder import (
    FIRST_SUPERLONG_BUCKET,
    KNOT_YEARS,
    IssuanceProfile,
    JGBLadder,
    yields_by_slot_pct,
)
from itcho.model.ledger.ledger import PARTIES, Ledger

Array = NDArray[np.float64]
Rows = NDArray[np.int64]

ISSUERS = (GOVERNMENT, AI_SPECIAL_ACCOUNT)
SUPERLONG_BUCKETS = JGB_BUCKETS[FIRST_SUPERLONG_BUCKET:]
SHORTER_BUCKETS = JGB_BUCKETS[:FIRST_SUPERLONG_BUCKET]
OFF_THE_MARKET = (FIRMS, LOCAL_AND_SOCIAL_SECURITY, BANK_OF_JAPAN)
"""Holders of bonds who neither plan nor trade by the premium."""

_KNOTS_OF_BONDS: list[float] = KNOT_YEARS[1:].tolist()
_NOBODY: NDArray[np.int64] = np.empty(0, dtype=np.int64)


class Redemption(NamedTuple):
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
        self.usual_profile = self.profile = profile
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

    def take_other_debt(self, borrowed_trn_yen: float) -> None:
        """Count debt of general government that is neither ladder nor bills."""
        self.other_debt_trn_yen += borrowed_trn_yen

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
        coupons = total(due)
        returned = (1.0 - self.general_account_share) * coupons
        for issuer in ISSUERS:
            ledger.pay(issuer, PARTIES, per_holder * issuer_share.item(ledger.party_index[issuer]), "jgb_coupons")
        ledger.pay(BANKS, GOVERNMENT, returned, "fiscal_loan_fund_interest")
        on_bills = np.maximum(ledger.positions[ledger.instrument_index[TREASURY_BILLS]], 0.0)
        on_bills *= max(0.0, policy_rate_pct) / 1200.0
        ledger.pay(GOVERNMENT, PARTIES, on_bills, "treasury_bill_discount")
        per_holder += on_bills
        received = dict(zip(ledger.party_index, per_holder.tolist(), strict=True))
        special = coupons * issuer_share.item(ledger.party_index[AI_SPECIAL_ACCOUNT])
        return received, coupons - returned - special + total(on_bills), special

    def coupons(self, ledger: Ledger) -> tuple[Array, Array, Array]:
        """A month's coupons by bucket (5), by holder (parties), and each party's share of what is owed (parties)."""
        due, parties = self.ladder.coupon_due_trn_yen(), len(ledger.parties)
        per_holder, owed_share = np.zeros(parties), np.zeros(parties)
        _share_coupons(ledger.positions, ledger.rows_of(JGB_BUCKETS), due, per_holder, owed_share)
        return due, per_holder, owed_share

    def revalue(self, ledger: Ledger, yields_pct: dict[float, float], policy_rate_pct: float) -> None:
        """Bring every bucket to its market value at today's curve."""
        knots = [policy_rate_pct + 0.05, *(yields_pct[years] for years in _KNOTS_OF_BONDS)]
        self.yields_by_slot, self._known_price = yields_by_slot_pct(knots), None
        rates = self._values() / self._liabilities(ledger) - 1.0
        for bucket, rate in zip(JGB_BUCKETS, rates.tolist(), strict=True):
            ledger.revalue(bucket, rate)

    def redeem(self, ledger: Ledger) -> Redemption:
        """Repay what matures, at par, and move what grows shorter to the next bucket."""
        price, self._known_price = self._slot_price(), None
        maturing = self.ladder.face.item(1)
        stands = self._liabilities(ledger).item(0)
        to_par = maturing * (1.0 - price.item(1))
        ledger.revalue(JGB_BUCKETS[0], to_par / stands)
        ageing = self.ladder.age_one_month(price)
        share = ageing.redeemed_face_trn_yen / (stands + to_par)
        by_issuer = self._repay(ledger, share)
        leaving = ageing.crossing_share.tolist()[1:]
        for shorter, longer, crossing in zip(JGB_BUCKETS, JGB_BUCKETS[1:], leaving, strict=False):
            ledger.reclassify(longer, shorter, crossing)
        self.last_redemption = Redemption(ageing.redeemed_face_trn_yen, by_issuer)
        return self.last_redemption

    @staticmethod
    def _repay(ledger: Ledger, share: float) -> dict[str, float]:
        bucket = JGB_BUCKETS[0]
        owed = {issuer: -ledger.position(bucket, issuer) for issuer in ISSUERS}
        owed_in_all = sum(owed.values())
        due = np.maximum(ledger.positions[ledger.instrument_index[bucket]], 0.0)
        due *= share
        due_in_all, repaid = total(due), {}
        for issuer in ISSUERS:
            part = owed[issuer] / owed_in_all
            ledger.trade(issuer, PARTIES, bucket, due * part, 1.0, "jgb_redemption")
            repaid[issuer] = due_in_all * part
        return repaid

    def shorten(self, cut_share: float) -> None:
        """Issue a part of the usual super-longs in short bonds from here on."""
        self.profile = self.usual_profile.shortened(cut_share) if cut_share > 0.0 else self.usual_profile

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
        raised, self._known_price = sum(amounts.values()), None
        by_bucket = np.zeros(5)
        if raised > 0.0:
            by_bucket = self.ladder.issue_at_par(raised, self.yields_by_slot, self.profile)
            for issuer, amount in amounts.items():
                ledger.trade(BANKS, issuer, JGB_BUCKETS, by_bucket * (amount / raised), 1.0, "jgb_auction")
        self._sell_bills(ledger, bills)
        return by_bucket, bills

    @staticmethod
    def _sell_bills(ledger: Ledger, amount: float) -> None:
        held = np.maximum(ledger.positions[ledger.instrument_index[TREASURY_BILLS]], 0.0)
        held_in_all = total(held)
        if amount > 0.0 and held_in_all > 0.0:
            held *= amount / held_in_all
            ledger.trade(PARTIES, GOVERNMENT, TREASURY_BILLS, held, 1.0, "bill_auction")

    def money_needed(self, ledger: Ledger, floor: float) -> dict[str, float]:
        """What each issuer must raise to hold its floor of cash, trillion yen."""
        return {
            GOVERNMENT: floor - ledger.position(GOVERNMENT_DEPOSITS, GOVERNMENT),
            AI_SPECIAL_ACCOUNT: -ledger.position(GOVERNMENT_DEPOSITS, AI_SPECIAL_ACCOUNT),
        }

    @staticmethod
    def on_the_market_trn_yen(ledger: Ledger) -> tuple[float, float]:
        """Bonds of those who trade in them, at market value: of all holders but :data:`OFF_THE_MARKET`.

        Returns
        -------
        All of them, and the super-longs among them, trillion yen.
        """
        keepers = np.array([ledger.party_index[name] for name in OFF_THE_MARKET])
        owned = _bonds_owned(ledger.positions, ledger.rows_of(JGB_BUCKETS), keepers)
        return total(owned), total(owned[FIRST_SUPERLONG_BUCKET:])

    @staticmethod
    def _liabilities(ledger: Ledger) -> Array:
        owned: Array = _bonds_owned(ledger.positions, ledger.rows_of(JGB_BUCKETS), _NOBODY)
        return owned

    def market_value_identity(self, ledger: Ledger) -> tuple[float, float]:
        """Bonds issued, valued from the ladder, and bonds held, from the balance sheets: equal, or the ledger leaks."""
        return total(self._values()), total(self._liabilities(ledger))


def trade_bonds(ledger: Ledger, wanted: dict[str, float], buckets: tuple[str, ...] = JGB_BUCKETS) -> None:
    """Let holders trade bonds with the primary dealers (banks), over buckets as the seller holds them.

    Parameters
    ----------
    wanted : net purchases by party, trillion yen, banks and the Bank of Japan among them; they add to zero, since the
        primary dealers have taken what is new.
    buckets : those that are traded.
    """
    positions, rows, dealers = ledger.positions, ledger.rows_of(buckets), ledger.party_index[BANKS]
    # Sellers come first, so that dealers have what buyers take.
    for buying in (False, True):
        of_dealers = _split_as_held(positions, rows, dealers) if buying else None
        for party, amount in wanted.items():
            if party == BANKS or (amount > 0.0) != buying:
                continue
            parts = _split_as_held(positions, rows, ledger.party_index[party]) if of_dealers is None else of_dealers
            purpose = "boj_jgb_purchases" if party == BANK_OF_JAPAN else "jgb_secondary_market"
            ledger.trade(party, BANKS, buckets, parts * amount, 1.0, purpose)


@njit(cache=True)
def _bonds_owned(positions: Array, rows: Rows, but_not: Rows) -> Array:
    """What all parties ``but_not`` these hold of each bucket of bonds; ``rows`` are the buckets' rows."""
    owned = np.zeros(rows.size)
    for bucket in range(rows.size):
        for party in range(positions.shape[1]):
            owned[bucket] += max(positions[rows[bucket], party], 0.0)
        for k in range(but_not.size):
            owned[bucket] -= max(positions[rows[bucket], but_not[k]], 0.0)
    return owned


@njit(cache=True)
def _split_as_held(positions: Array, rows: Rows, party: int) -> Array:
    """Shares of the buckets in the bonds that a party holds; zero where it holds none."""
    parts, held = np.zeros(rows.size), 0.0
    for bucket in range(rows.size):
        parts[bucket] = max(positions[rows[bucket], party], 0.0)
        held += parts[bucket]
    per_yen = 1.0 / max(held, 1e-300)
    for bucket in range(rows.size):
        parts[bucket] *= per_yen
    return parts


@njit(cache=True)
def _share_coupons(positions: Array, rows: Rows, due: Array, per_holder: Array, owed_share: Array) -> None:
    """Add to ``per_holder`` each party's part of the coupons of each bucket, and to ``owed_share`` its part of debt."""
    owed = 0.0
    for bucket in range(rows.size):
        held = 0.0
        for party in range(positions.shape[1]):
            held += max(positions[rows[bucket], party], 0.0)
        per_yen = due[bucket] / max(held, 1e-12)
        for party in range(positions.shape[1]):
            position = positions[rows[bucket], party]
            per_holder[party] += max(position, 0.0) * per_yen
            owed_share[party] += max(-position, 0.0)
            owed += max(-position, 0.0)
    for party in range(owed_share.size):
        owed_share[party] /= owed
