"""The government's coupon bonds as a ladder of monthly maturities.

Interest and redemption run on face, wealth and yields on market value.  A ladder holds, for every number of months to
maturity from 1 to 480, the face outstanding (trillion yen) and its mean coupon.  Coupons are paid monthly and a yield
is compounded monthly, so that a bond whose coupon equals its yield stands at par exactly.

Bills are no part of the ladder.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from itcho.agents.compiled import njit, total
from itcho.agents.errors import InputError
from itcho.agents.vocabulary import GOVERNMENT, JGB_BUCKETS
from itcho.model.parameters.registry import Parameters

if TYPE_CHECKING:
    from itcho.model.start_states.loader import StartState

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

LONGEST_MONTHS = 480
SLOTS = LONGEST_MONTHS + 1
BUCKET_FIRST_MONTH: IntArray = np.array([1, 13, 61, 121, 241])
"""Shortest maturity of each of the five buckets, in months."""
BUCKET_LAST_MONTH: IntArray = np.array([12, 60, 120, 240, 480])
FIRST_SUPERLONG_BUCKET = 3
LONGEST_NOT_SUPERLONG_MONTHS, LONGEST_SHORT_MONTHS = 120, 60
KNOT_YEARS: FloatArray = np.array([0.25, 2.0, 5.0, 10.0, 20.0, 30.0, 40.0])
"""Maturities of the yield curve that markets quote."""
KNOT_FACTS = ("treasury_bill_pct", *(f"jgb_{year}y_pct" for year in (2, 5, 10, 20, 30, 40)))
"""Facts of a start state that hold the curve at the knots."""
ISSUE_YEARS = (2, 5, 10, 20, 30, 40)
"""Tenors of the coupon bonds the ministry issues."""

_MONTHS: FloatArray = np.arange(SLOTS, dtype=np.float64)
_KNOT_MONTHS: FloatArray = 12.0 * KNOT_YEARS
_KNOT_BEFORE: IntArray = np.searchsorted(_KNOT_MONTHS[1:-1], _MONTHS, side="right")
_WAY_TO_NEXT_KNOT: FloatArray = np.clip(
    (_MONTHS - _KNOT_MONTHS[_KNOT_BEFORE]) / (_KNOT_MONTHS[1:] - _KNOT_MONTHS[:-1])[_KNOT_BEFORE], 0.0, 1.0
)
"""How far each slot's maturity lies on the way from the knot before it to the next, 0 to 1."""
_NEGLIGIBLE_RATE = 1e-300


class CurveFacts(Protocol):
    """Anything that knows the facts of a start date."""

    def fact(self, name: str) -> float:
        """The value of a fact."""
        ...


def yields_by_slot_pct(knot_yields_pct: npt.ArrayLike) -> FloatArray:
    """Yields at every number of months to maturity, linear between the knots and flat below three months.

    Parameters
    ----------
    knot_yields_pct : seven yields at :data:`KNOT_YEARS`, percent a year.

    Returns
    -------
    array of 481 yields; index = months to maturity.
    """
    knots = np.asarray(knot_yields_pct, dtype=np.float64)
    slots: FloatArray = (knots[1:] - knots[:-1]).take(_KNOT_BEFORE)
    slots *= _WAY_TO_NEXT_KNOT
    slots += knots.take(_KNOT_BEFORE)
    return slots


def opening_yields_by_slot_pct(state: CurveFacts) -> FloatArray:
    """The yield curve at the start date, by months to maturity (481 yields, percent a year)."""
    return yields_by_slot_pct([state.fact(name) for name in KNOT_FACTS])


def bond_price(coupon_pct: FloatArray, months: FloatArray, yield_pct: FloatArray) -> FloatArray:
    """Price per unit of face of bonds with monthly coupons.

    Parameters
    ----------
    coupon_pct, yield_pct : percent a year.
    months : months to maturity.
    """
    # The limit at a zero yield is reached through a negligible rate; expm1 and log1p keep it exact.
    rate = yield_pct / 1200.0 + _NEGLIGIBLE_RATE
    discount = np.log1p(rate)
    discount *= months
    lost_to_discount = np.expm1(np.negative(discount, out=discount), out=discount)
    price: FloatArray = coupon_pct / 1200.0
    price -= rate
    price /= rate
    price *= lost_to_discount
    return np.subtract(1.0, price, out=price)


@dataclass(frozen=True, slots=True)
class IssuanceProfile:
    """How an amount issued is spread over tenors.

    Attributes
    ----------
    months : tenors in months.
    shares : shares of face, adding to one.
    bucket_shares : the part of each of the five buckets.
    """

    months: IntArray
    shares: FloatArray
    bucket_shares: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        by_slot = np.bincount(self.months, self.shares, SLOTS).astype(np.float64)
        object.__setattr__(self, "bucket_shares", _by_bucket(by_slot))

    @property
    def superlong_share(self) -> float:
        """Part of the face that is issued in bonds of more than ten years."""
        return float(self.bucket_shares[FIRST_SUPERLONG_BUCKET:].sum())

    def shortened(self, cut_share: float) -> IssuanceProfile:
        """The profile with a part of its super-longs issued in tenors of up to five years instead, in proportion."""
        long, short = self.months > LONGEST_NOT_SUPERLONG_MONTHS, self.months <= LONGEST_SHORT_MONTHS
        moved = cut_share * self.shares * long
        into = self.shares * short
        return IssuanceProfile(self.months, self.shares - moved + moved.sum() * into / into.sum())

    @classmethod
    def from_parameters(cls, parameters: Parameters) -> IssuanceProfile:
        """The ministry's usual profile, from the parameters ``jgb_issue_share_*``; the shares are scaled to one."""
        shares = np.array([parameters[f"jgb_issue_share_{year}y"] for year in ISSUE_YEARS])
        return cls(np.array([12 * year for year in ISSUE_YEARS]), shares / shares.sum())


class Ageing(NamedTuple):
    """What a month's ageing does.

    Attributes
    ----------
    redeemed_face_trn_yen : face that matured and is to be repaid.
    crossing_share : for each of the five buckets, the share of its value that leaves it for the next shorter one; for
        the shortest bucket, the share that was redeemed.
    """

    redeemed_face_trn_yen: float
    crossing_share: FloatArray


@dataclass(slots=True)
class JGBLadder:
    """Coupon bonds by months to maturity.

    Attributes
    ----------
    face : 481 amounts of face, trillion yen; index = months to maturity, index 0 unused.
    coupon_pct : mean coupon of each slot, percent a year; zero where there is no face.
    """

    face: FloatArray
    coupon_pct: FloatArray

    def __post_init__(self) -> None:
        for name in ("face", "coupon_pct"):
            array = np.array(getattr(self, name), dtype=np.float64)
            if array.shape != (SLOTS,) or not np.isfinite(array).all():
                raise InputError(f"{name} must hold {SLOTS} finite numbers, index = months to maturity")
            setattr(self, name, array)
        if self.face.min() < 0.0 or self.face[0] != 0.0:
            raise InputError("face must not be negative, and slot 0 (already matured) must be empty")

    @classmethod
    def empty(cls) -> JGBLadder:
        """A ladder without bonds."""
        return cls(np.zeros(SLOTS), np.zeros(SLOTS))

    @classmethod
    def opening(
        cls,
        state: StartState,
        yields_pct: FloatArray | None = None,
        parameters: Parameters | None = None,
    ) -> JGBLadder:
        """The ladder at a start date.

        Each bucket's market value equals the government's liability in the accounts, and the average coupon on face
        equals the published one.  Coupons rise with the months left (bonds near maturity were issued at rates near
        zero); the shape is a judgement, its level is solved.

        Parameters
        ----------
        state : gives the market values, the fact ``jgb_average_coupon_pct`` and the curve.
        yields_pct : 481 yields by months to maturity; the state's own curve if left out.
        parameters : shape of coupons and of face; the defaults if left out.
        """
        p = Parameters() if parameters is None else parameters
        yields = opening_yields_by_slot_pct(state) if yields_pct is None else yields_pct
        market_value = np.array([-state.position(bucket, GOVERNMENT) for bucket in JGB_BUCKETS])
        if market_value.min() <= 0.0:
            raise InputError(f"the government must owe bonds in every bucket, not {market_value.tolist()} trn yen")
        target = state.fact("jgb_average_coupon_pct")
        profile, density = _opening_coupon_profile(p), _opening_face_density(p)

        def at_level(level: float) -> JGBLadder:
            coupon = level * profile
            value = _by_bucket(density * bond_price(coupon, _MONTHS, yields))
            face = density * np.repeat(market_value / value, BUCKET_LAST_MONTH - BUCKET_FIRST_MONTH + 1)[_SPREAD]
            face[0] = 0.0
            return cls(face, coupon)

        level = target / float(profile @ density / density.sum())
        for _ in range(60):
            # The average coupon is close to proportional to the level, so that this contracts fast.
            average = at_level(level).average_coupon_pct
            if abs(average - target) < 1e-13 or average <= 0.0:
                break
            level *= target / average
        return at_level(level)

    def copy(self) -> JGBLadder:
        """An independent copy."""
        return JGBLadder(self.face, self.coupon_pct)

    @property
    def face_outstanding_trn_yen(self) -> float:
        """Face of all bonds."""
        return float(total(self.face))

    @property
    def average_coupon_pct(self) -> float:
        """Mean coupon on face; zero for an empty ladder."""
        face = self.face_outstanding_trn_yen
        return float(self.face @ self.coupon_pct / face) if face > 0.0 else 0.0

    def price(self, yields_pct: FloatArray) -> FloatArray:
        """Price per unit of face in each of the 481 slots, from yields by months to maturity (percent a year)."""
        return bond_price(self.coupon_pct, _MONTHS, yields_pct)

    def bucket_values(self, yields_pct: FloatArray, slot_price: FloatArray | None = None) -> FloatArray:
        """Market value of each of the five buckets, trillion yen; ``slot_price`` if :meth:`price` is known already."""
        return _by_bucket(self.face * (self.price(yields_pct) if slot_price is None else slot_price))

    def coupon_due_trn_yen(self) -> FloatArray:
        """A month's coupons by bucket, trillion yen."""
        return _by_bucket(self.face * self.coupon_pct) / 1200.0

    def age_one_month(self, slot_price: FloatArray | None = None) -> Ageing:
        """Move every bond one month nearer to maturity and take out what matures.

        Parameters
        ----------
        slot_price : prices of the 481 slots, to value what crosses from bucket to bucket; face counts if left out.
        """
        crossing = np.empty(len(BUCKET_FIRST_MONTH))
        price = _AT_PAR if slot_price is None else slot_price
        redeemed = _age(self.face, self.coupon_pct, price, BUCKET_FIRST_MONTH, BUCKET_LAST_MONTH, crossing)
        return Ageing(redeemed, crossing)

    def issue(self, face_trn_yen: npt.ArrayLike, months: npt.ArrayLike, coupon_pct: npt.ArrayLike) -> None:
        """Add new bonds; a slot's coupon becomes the mean by face of the old and the new.

        Parameters
        ----------
        face_trn_yen, months, coupon_pct : one entry per bond issued; months from 1 to 480, face not negative.
        """
        amounts, coupons = (np.atleast_1d(np.asarray(x, dtype=np.float64)) for x in (face_trn_yen, coupon_pct))
        slots = np.atleast_1d(np.asarray(months, dtype=np.int64))
        if not amounts.shape == slots.shape == coupons.shape:
            raise InputError(f"face, months and coupons have shapes {amounts.shape}, {slots.shape}, {coupons.shape}")
        if slots.min() < 1 or slots.max() > LONGEST_MONTHS or amounts.min() < 0.0:
            raise InputError(f"bonds need 1 to {LONGEST_MONTHS} months and a face that is not negative")
        _add_bonds(self.face, self.coupon_pct, slots, amounts, coupons)

    def issue_at_par(self, total_face_trn_yen: float, yields_pct: FloatArray, profile: IssuanceProfile) -> FloatArray:
        """Issue an amount over the profile's tenors, each with the coupon of the day, so that money raised = face.

        Parameters
        ----------
        yields_pct : 481 yields by months to maturity.

        Returns
        -------
        face issued in each of the five buckets, trillion yen.
        """
        if total_face_trn_yen < 0.0:
            raise InputError(f"bonds need a face that is not negative, not {total_face_trn_yen:g} trn yen")
        # A bond is not issued with a negative coupon.
        coupons = np.maximum(yields_pct.take(profile.months), 0.0)
        _add_bonds(self.face, self.coupon_pct, profile.months, total_face_trn_yen * profile.shares, coupons)
        return total_face_trn_yen * profile.bucket_shares


_AT_PAR: FloatArray = np.ones(SLOTS)


@njit(cache=True)
def _age(
    face: FloatArray,
    coupon_pct: FloatArray,
    slot_price: FloatArray,
    first_month: IntArray,
    last_month: IntArray,
    crossing: FloatArray,
) -> float:
    """Move every bond a month nearer to maturity; returns the face that matured and writes what crosses.

    ``crossing`` is the share of each bucket's value, months ``first_month`` to ``last_month``, that leaves it.
    """
    for bucket in range(crossing.size):
        value = 0.0
        for month in range(first_month[bucket], last_month[bucket] + 1):
            value += face[month] * slot_price[month]
        leaving = face[first_month[bucket]] * slot_price[first_month[bucket]]
        crossing[bucket] = leaving / value if value > 0.0 else 0.0
    redeemed: float = face[1]
    for month in range(1, face.size - 1):
        face[month] = face[month + 1]
        coupon_pct[month] = coupon_pct[month + 1]
    face[0] = face[-1] = coupon_pct[0] = coupon_pct[-1] = 0.0
    return redeemed


@njit(cache=True)
def _add_bonds(
    face: FloatArray, coupon_pct: FloatArray, months: IntArray, amounts: FloatArray, coupons: FloatArray
) -> None:
    """Add new bonds to the slots of their maturities, whose coupon becomes the mean by face of old and new."""
    for k in range(months.size):
        slot = months[k]
        held = face[slot] + amounts[k]
        if held > 0.0:
            coupon_pct[slot] = (face[slot] * coupon_pct[slot] + amounts[k] * coupons[k]) / held
        face[slot] = held


_SPREAD: IntArray = np.r_[0, np.arange(LONGEST_MONTHS)]
"""Index that puts an empty slot 0 before the 480 months."""


def _by_bucket(by_slot: FloatArray) -> FloatArray:
    """Sums over the five buckets of an array over slots."""
    sums: FloatArray = np.add.reduceat(by_slot, BUCKET_FIRST_MONTH)
    return sums


def market_value_shares(
    face_shares: npt.ArrayLike, average_coupon_pct: float, yields_pct: FloatArray, parameters: Parameters
) -> FloatArray:
    """Shares of the five buckets in the market value of bonds whose shares of face are known.

    Parameters
    ----------
    face_shares : (5,), in proportion.
    average_coupon_pct : on all face; it rises with the months left as at every opening.
    yields_pct : 481 yields by months to maturity.
    """
    profile, density = _opening_coupon_profile(parameters), _opening_face_density(parameters)
    part = np.asarray(face_shares, dtype=np.float64) / _by_bucket(density)
    face = density * np.repeat(part, BUCKET_LAST_MONTH - BUCKET_FIRST_MONTH + 1)[_SPREAD]
    face[0] = 0.0
    coupon = average_coupon_pct * profile * (face.sum() / (profile * face).sum())
    value = _by_bucket(face * bond_price(coupon, _MONTHS, yields_pct))
    return np.asarray(value / value.sum())


def _opening_coupon_profile(p: Parameters) -> FloatArray:
    """Coupons by months to maturity at the start, up to a common factor."""
    years = [0, 5, 10, 20, 30, 40]
    return np.interp(_MONTHS / 12.0, years, [p[f"jgb_opening_coupon_profile_{year}y"] for year in years])


def _opening_face_density(p: Parameters) -> FloatArray:
    """Face by months to maturity at the start, up to a factor for each bucket."""
    density = np.ones(SLOTS)
    density[0] = 0.0
    for first_year, last_year in ((1, 5), (5, 10), (10, 20), (20, 30)):
        first, last = 12 * first_year + 1, 12 * last_year
        tilt = p[f"jgb_opening_face_tilt_{first_year}_to_{last_year}y"]
        density[first : last + 1] += tilt * np.linspace(1.0, -1.0, last - first + 1)
    density[361:] = p["jgb_opening_face_density_over_30y"]
    return density
