"""Who holds what: compiled loops over investors and over the government's bonds against plain array formulas."""

from __future__ import annotations

import numpy as np
import pytest

from itcho.agents.asset_allocation import buy_assets
from itcho.agents.bond_demand import want_bonds
from itcho.agents.rules.intervention import NEVER
from itcho.agents.rules.monetary import Fading, InertialTaylor, MonetaryRule, MonetaryView
from itcho.model.economy import JapanEconomy
from itcho.model.finance.jgb_ladder import BUCKET_FIRST_MONTH, SLOTS, JGBLadder
from itcho.model.finance.portfolio_rows import hand_on, take_holdings
from itcho.model.parameters import Parameters
from itcho.model.public.treasury import _bonds_owned, _share_coupons, _split_as_held

CLOSE = {"rel": 1e-12, "abs": 1e-15}
BOUNDS = np.array([0, 50, 55, 60, 70, 75])
TYPE = np.repeat(np.arange(5), np.diff(BOUNDS))
MEMBERS = TYPE.size


def members(seed: int) -> tuple[np.random.Generator, np.ndarray, np.ndarray]:
    """Random numbers, and the weights and exposures of members of five types."""
    rng = np.random.default_rng(seed)
    weight = rng.random(MEMBERS)
    return rng, weight / np.bincount(TYPE, weight)[TYPE], 0.5 + rng.random(MEMBERS)


@pytest.mark.parametrize("excess", [-2.0, 0.0, 0.3])
def test_members_buy_what_their_type_plans(excess: float) -> None:
    rng, weight, exposure = members(1)
    base, response, stakes = (tuple(row) for row in (rng.random((3, 5)) - 0.3).tolist())
    foreign, deposits, equity = rng.random((3, MEMBERS))
    before, bought = (foreign.copy(), deposits.copy(), equity.copy()), np.empty(5)
    buy_assets(BOUNDS, weight, exposure, base, response, excess, stakes, foreign, deposits, equity, bought)
    orders = weight * (np.array(base)[TYPE] + np.array(response)[TYPE] * exposure * excess)
    orders = np.maximum(orders, -before[0])
    assert foreign == pytest.approx(before[0] + orders, **CLOSE)
    assert deposits == pytest.approx(before[1] - orders, **CLOSE)
    plan, held = np.array(stakes)[TYPE], before[2]
    by_holding = held / np.bincount(TYPE, held)[TYPE]
    assert equity == pytest.approx(held + plan * np.where(plan < 0.0, by_holding, weight), **CLOSE)
    assert bought == pytest.approx(np.bincount(TYPE, orders), rel=1e-12, abs=1e-14)


def test_nobody_sells_more_foreign_assets_than_it_has() -> None:
    _, weight, exposure = members(4)
    base, none = (-20.0,) * 5, (0.0,) * 5
    foreign, deposits, bought = np.full(MEMBERS, 0.1), np.zeros(MEMBERS), np.empty(5)
    for _ in range(9):
        buy_assets(BOUNDS, weight, exposure, base, none, 0.0, none, foreign, deposits, np.zeros(MEMBERS), bought)
    assert foreign.min() == 0.0
    assert foreign + deposits == pytest.approx(0.1, **CLOSE)
    assert (bought > -20.0).all()


def test_members_want_bonds_by_weight_and_exposure_and_take_them() -> None:
    rng, weight, exposure = members(2)
    mandates, slopes = (tuple(row) for row in rng.random((2, 5)).tolist())
    wanted, slope, bonds, deposits = rng.random((4, MEMBERS))
    want_bonds(BOUNDS, weight, exposure, mandates, slopes, wanted, slope)
    assert wanted == pytest.approx(weight * np.array(mandates)[TYPE], **CLOSE)
    assert slope == pytest.approx(weight * exposure * np.array(slopes)[TYPE], **CLOSE)
    orders, cash, bought = wanted - bonds, deposits.copy(), np.empty(5)
    take_holdings(BOUNDS, wanted, bonds, deposits, 4, bought)
    assert (bonds == wanted).all()
    assert deposits == pytest.approx(cash - np.where(TYPE == 4, 0.0, orders), **CLOSE)
    assert bought == pytest.approx(np.bincount(TYPE, orders), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("to_all", [False, True])
def test_members_hold_together_what_their_parties_hold(to_all: bool) -> None:
    rng, weight, _ = members(3)
    cash, bonds, equity = rng.random((3, MEMBERS))
    equity[TYPE == 1] = 0.0
    before = cash.copy(), bonds.copy(), equity.copy()
    kind, column, total = np.array([0, 2, 4, 0, 1]), np.array([0, 0, 1, 2, 2]), np.array([20.0, 0.1, 3.0, 7.0, 5.0])
    hand_on((cash, bonds, equity), weight, BOUNDS, kind, column, total, to_all)
    for place, of_type, owned in ((0, 0, 20.0), (0, 2, 0.1)):
        own = of_type == TYPE
        shared = np.maximum(before[place][own] + (owned - before[place][own].sum()) * weight[own], 0.0)
        assert cash[own] == pytest.approx(shared * owned / shared.sum(), **CLOSE)
    assert bonds[TYPE == 4] == pytest.approx(before[1][TYPE == 4] * 3.0 / before[1][TYPE == 4].sum(), **CLOSE)
    assert equity[TYPE == 0] == pytest.approx(before[2][TYPE == 0] * 7.0 / before[2][TYPE == 0].sum(), **CLOSE)
    assert equity[TYPE == 1] == pytest.approx(5.0 * weight[TYPE == 1] if to_all else np.zeros(5), **CLOSE)
    untouched = np.isin(TYPE, (1, 3, 4))
    assert (cash[untouched] == before[0][untouched]).all()


def test_coupons_follow_bonds_and_debt() -> None:
    rng = np.random.default_rng(4)
    positions, rows, due = rng.normal(size=(8, 12)), np.array([1, 3, 4, 6, 7]), rng.random(5)
    owned, owed = np.maximum(positions[rows], 0.0), -np.minimum(positions[rows], 0.0)
    per_holder, owed_share = np.zeros(12), np.zeros(12)
    _share_coupons(positions, rows, due, per_holder, owed_share)
    assert per_holder == pytest.approx((owned / owned.sum(axis=1, keepdims=True)).T @ due, **CLOSE)
    assert owed_share == pytest.approx(owed.sum(axis=0) / owed.sum(), **CLOSE)
    keepers = np.array([2, 9])
    assert _bonds_owned(positions, rows, keepers[:0]) == pytest.approx(owned.sum(axis=1), **CLOSE)
    assert _bonds_owned(positions, rows, keepers) == pytest.approx(np.delete(owned, keepers, 1).sum(axis=1), **CLOSE)
    assert _split_as_held(positions, rows, 5) == pytest.approx(owned[:, 5] / owned[:, 5].sum(), **CLOSE)
    assert not _split_as_held(np.zeros((8, 12)), rows, 5).any()


def test_a_ladder_ages_and_takes_new_bonds_as_the_array_formulas_say() -> None:
    rng = np.random.default_rng(5)
    face, coupon, price = rng.random((3, SLOTS))
    face[0] = coupon[0] = 0.0
    ladder = JGBLadder(face, coupon)
    months, amounts, coupons = np.array([24, 60, 24, 480]), rng.random(4), rng.random(4)
    ladder.issue(amounts, months, coupons)
    interest = face * coupon + np.bincount(months, amounts * coupons, SLOTS)
    held = face + np.bincount(months, amounts, SLOTS)
    assert ladder.face == pytest.approx(held, **CLOSE)
    assert ladder.coupon_pct[1:] == pytest.approx(interest[1:] / held[1:], **CLOSE)
    before, value = ladder.copy(), held * price
    ageing = ladder.age_one_month(price)
    assert ageing.crossing_share == pytest.approx(
        value[BUCKET_FIRST_MONTH] / np.add.reduceat(value, BUCKET_FIRST_MONTH), **CLOSE
    )
    assert ageing.redeemed_face_trn_yen == pytest.approx(held[1], **CLOSE)
    assert (ladder.face[1:-1] == before.face[2:]).all()
    assert (ladder.coupon_pct[1:-1] == before.coupon_pct[2:]).all()
    assert ladder.face[-1] == ladder.face[0] == 0.0


def test_the_taylor_path_is_that_of_any_rule() -> None:
    rule, p, fading = InertialTaylor(), Parameters(), Fading(0.8, 0.9)
    for now in (MonetaryView(3.0, 1.0, 0.75, 0.75, 2.0, 5.0, 0.4), MonetaryView(-4.0, -6.0, 0.1, 0.5, 0.0, 0.0, -0.3)):
        own, general = (project(now, fading, 40, p) for project in (rule.projected_rates_pct, _any_rule(rule)))
        assert own == general


def _any_rule(rule: InertialTaylor):  # type: ignore[no-untyped-def]
    return lambda *arguments: MonetaryRule.projected_rates_pct(rule, *arguments)


def test_a_ministry_that_stays_out_remembers_the_market_as_if_it_had_been_asked() -> None:
    asked, left_alone = (JapanEconomy(rng=1, investors=100, importers=30, adopters=50).government for _ in range(2))
    closes = np.random.default_rng(6).normal(5.0, 0.01, 42).tolist()
    assert asked.stays_out
    assert all(asked.intervene(close, 1000.0) == 0.0 for close in closes)
    left_alone.stay_out(closes[:21], 1000.0)
    left_alone.stay_out(closes[21:], 900.0)
    assert asked.market == left_alone.market
    assert asked.reserves_start_bn_usd == left_alone.reserves_start_bn_usd == 1000.0
    assert left_alone.market.since == NEVER
