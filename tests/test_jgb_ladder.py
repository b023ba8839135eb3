"""The ladder of coupon bonds: it opens on the accounts, ages without loss, and carries higher yields slowly."""

import numpy as np
import pytest

from itcho.agents.errors import InputError
from itcho.agents.vocabulary import JGB_BUCKETS
from itcho.model.finance.jgb_ladder import (
    KNOT_YEARS,
    SLOTS,
    IssuanceProfile,
    JGBLadder,
    opening_yields_by_slot_pct,
    yields_by_slot_pct,
)
from itcho.model.parameters import Parameters
from itcho.model.start_states import StartState, load

FLAT_1 = np.full(SLOTS, 1.0)
PROFILE = IssuanceProfile.from_parameters(Parameters())
SHORT_BONDS_TRN_YEN = 20.0


@pytest.fixture(scope="module", params=["2024-03-31", "2026-03-31"])
def state(request: pytest.FixtureRequest) -> StartState:
    return load(request.param)


def one_bond(months: int, face: float = 100.0, coupon: float = 2.0) -> JGBLadder:
    ladder = JGBLadder.empty()
    ladder.issue(face, months, coupon)
    return ladder


def run_years(ladder: JGBLadder, yields: np.ndarray, years: int, net_issue: float) -> list[tuple[float, float]]:
    """Refund what matures and add new bonds; (interest accrued, face issued) for each year."""
    found = []
    for _ in range(years):
        interest = issued = 0.0
        for _ in range(12):
            amount = ladder.age_one_month().redeemed_face_trn_yen + net_issue / 12
            ladder.issue_at_par(amount, yields, PROFILE)
            interest += float(ladder.coupon_due_trn_yen().sum())
            issued += amount
        found.append((interest, issued))
    return found


def test_curve_passes_through_its_knots_and_is_flat_below_three_months() -> None:
    knots = np.array([0.8, 1.3, 1.7, 2.2, 3.1, 3.5, 3.8])
    curve = yields_by_slot_pct(knots)
    assert np.allclose(curve[(KNOT_YEARS * 12).astype(int)], knots)
    assert np.allclose(curve[:4], 0.8)
    assert curve[90] == pytest.approx(1.95)


def mean_maturity_years(ladder: JGBLadder) -> float:
    return float(ladder.face @ np.arange(ladder.face.size) / ladder.face.sum()) / 12.0


def test_ladder_opens_on_the_accounts(state: StartState) -> None:
    ladder = JGBLadder.opening(state)
    cells = [-state.position(bucket, "government") for bucket in JGB_BUCKETS]
    assert np.allclose(ladder.bucket_values(opening_yields_by_slot_pct(state)), cells, rtol=0, atol=1e-10)
    assert ladder.average_coupon_pct == pytest.approx(state.fact("jgb_average_coupon_pct"), abs=1e-10)
    assert 8.5 < mean_maturity_years(ladder) < 9.8
    assert (ladder.face[1:] > 0).all()


def test_opening_face_is_near_the_published_one(state: StartState) -> None:
    bills = -state.position("treasury_bills", "government")
    bills_among_ordinary = bills - state.fact("financing_bills_face_trn_yen")
    ordinary, fund = (state.fact(f"jgb_{kind}_face_trn_yen") for kind in ("ordinary", "fiscal_loan_fund"))
    coupon_bonds = ordinary - bills_among_ordinary + fund
    # Yields of the quarter's mean and judged maturities leave about 2%.
    assert JGBLadder.opening(state).face_outstanding_trn_yen == pytest.approx(coupon_bonds, rel=0.025)


def test_market_value_stands_below_face_after_yields_rose() -> None:
    discount = {}
    for name in ("2024-03-31", "2026-03-31"):
        state = load(name)
        ladder = JGBLadder.opening(state)
        market = float(ladder.bucket_values(opening_yields_by_slot_pct(state)).sum())
        discount[name] = 100 * (1 - market / ladder.face_outstanding_trn_yen)
    assert -1.0 < discount["2024-03-31"] < 2.0
    assert 8.0 < discount["2026-03-31"] < 13.0


def test_a_bond_at_its_coupon_stands_at_par_and_a_zero_yield_pays_the_sum() -> None:
    ladder = one_bond(120, coupon=1.0)
    assert ladder.price(FLAT_1)[120] == pytest.approx(1.0, abs=1e-14)
    assert ladder.price(np.zeros(SLOTS))[120] == pytest.approx(1.10, abs=1e-9)
    by_hand = sum(1.0 / 1200 / 1.0025**month for month in range(1, 121)) + 1.0025**-120
    assert ladder.price(np.full(SLOTS, 3.0))[120] == pytest.approx(by_hand, rel=1e-12)


def test_issuing_blends_coupons_by_face() -> None:
    ladder = one_bond(24, face=30.0, coupon=1.0)
    ladder.issue([10.0, 5.0], [24, 24], [3.0, 1.0])
    assert ladder.face[24] == 45.0
    assert ladder.coupon_pct[24] == pytest.approx((30 + 30 + 5) / 45)
    assert ladder.coupon_due_trn_yen().sum() == pytest.approx(0.65 / 12)


def test_a_bond_lives_its_months_and_pays_back_its_face() -> None:
    ladder = one_bond(60)
    coupons, redeemed = 0.0, []
    for _ in range(60):
        coupons += ladder.coupon_due_trn_yen().sum()
        redeemed.append(ladder.age_one_month().redeemed_face_trn_yen)
    assert redeemed == [0.0] * 59 + [100.0]
    assert coupons == pytest.approx(10.0)
    assert ladder.face_outstanding_trn_yen == 0.0
    assert ladder.average_coupon_pct == 0.0


def test_value_that_crosses_moves_between_buckets_and_none_is_lost(state: StartState) -> None:
    ladder, yields = JGBLadder.opening(state), opening_yields_by_slot_pct(state)
    price = ladder.price(yields)
    before = ladder.bucket_values(yields)
    old_value = ladder.face * price
    ageing = ladder.age_one_month(price)
    # Kept at the old prices, each bucket loses what crosses out of it and gains what crosses into it.
    moved = np.append(old_value[1:], 0.0)
    crossing = ageing.crossing_share * before
    expected = before - crossing + np.append(crossing[1:], 0.0)
    assert np.allclose(np.add.reduceat(moved, [1, 13, 61, 121, 241]), expected, atol=1e-10)
    assert crossing[0] == pytest.approx(ageing.redeemed_face_trn_yen, rel=0.01)
    assert ((ageing.crossing_share > 0) & (ageing.crossing_share < 0.12)).all()


def test_wrong_bonds_are_refused() -> None:
    ladder = JGBLadder.empty()
    for face, months in ((1.0, 0), (1.0, 481), (-1.0, 12)):
        with pytest.raises(InputError):
            ladder.issue(face, months, 1.0)
    with pytest.raises(InputError):
        JGBLadder(np.ones(480), np.ones(480))
    with pytest.raises(InputError):
        JGBLadder(np.ones(SLOTS), np.ones(SLOTS))


def test_an_empty_ladder_has_no_value_and_ages() -> None:
    ladder = JGBLadder.empty()
    assert not ladder.bucket_values(FLAT_1).any()
    assert not ladder.age_one_month(ladder.price(FLAT_1)).crossing_share.any()


def test_a_copy_is_independent() -> None:
    ladder = one_bond(24)
    copy = ladder.copy()
    copy.age_one_month()
    assert ladder.face[24] == 100.0
    assert copy.face[23] == 100.0


def test_issuance_plan_keeps_the_mean_maturity_near_nine_years(state: StartState) -> None:
    ladder, yields = JGBLadder.opening(state), opening_yields_by_slot_pct(state)
    for _ in range(10):
        run_years(ladder, yields, 1, net_issue=11.3)
        assert 8.5 < mean_maturity_years(ladder) < 10.0
    assert PROFILE.shares.sum() == pytest.approx(1.0)


def test_higher_issue_yields_reach_debt_service_slowly() -> None:
    """All issue yields +1 pp: 0.7-1.0, 1.6-2.4, 2.6-3.8 trn yen in years 1 to 3 (Ministry of Finance sensitivities)."""
    state = load("2026-03-31")
    yields = opening_yields_by_slot_pct(state)
    opening = JGBLadder.opening(state)
    new_bonds = state.fact("budget_new_bonds_trn_yen") - state.fact("budget_redemption_trn_yen")
    base = run_years(opening.copy(), yields, 3, new_bonds)
    higher = run_years(opening.copy(), yields + 1.0, 3, new_bonds)
    extra = [after[0] - before[0] for after, before in zip(higher, base, strict=True)]
    # One-year bonds outside the ladder are refunded evenly over the year: half a year's rise in the first, then all.
    with_short = [x + SHORT_BONDS_TRN_YEN / 100 * share for x, share in zip(extra, (0.5, 1.0, 1.0), strict=True)]
    for rises in (extra, with_short):
        for rise, (low, high) in zip(rises, ((0.7, 1.0), (1.6, 2.4), (2.6, 3.8)), strict=True):
            assert low <= rise <= high
    # The plan issues 165 to 180; what retail holders and the Bank of Japan roll over is not auctioned.
    assert 145 <= base[0][1] + SHORT_BONDS_TRN_YEN <= 180


def test_interest_of_the_first_month_is_the_published_coupon(state: StartState) -> None:
    ladder = JGBLadder.opening(state)
    annual = 12 * ladder.coupon_due_trn_yen().sum()
    assert annual == pytest.approx(ladder.face_outstanding_trn_yen * state.fact("jgb_average_coupon_pct") / 100)
