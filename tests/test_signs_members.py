"""Members and what is shared among them, small rules of markets, and lots that are drawn: worked out by hand."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from itcho.agents.bond_demand import MemberDemand, unlimited
from itcho.agents.chip_importers import (
    DEVELOPER,
    FailureLaw,
    months_of_rounds,
    runway_months,
    venture_rows,
)
from itcho.agents.contracts import CONTRACT, NOBODY, Book, _follow_main, lock_by_tenure
from itcho.agents.government import Budget
from itcho.agents.investors import (
    CARRY,
    CORPORATE_PENSION,
    HOUSEHOLD,
    INSURER,
    INSURER_PENSION,
    PUBLIC_PENSION,
    _carry_leverage,
    _weigh_pensions,
    make_members_alike,
    retail_accounts,
    take_members,
    type_slices,
)
from itcho.agents.named_importers import NAMED_IMPORTERS
from itcho.agents.negotiator import FrozenNegotiator
from itcho.agents.rules.trade import Deal
from itcho.agents.softbank import _sold_for
from itcho.agents.softbank_assets import NamedAssets
from itcho.agents.softbank_holders import HOLDERS, SoftBankOrders
from itcho.agents.vocabulary import GOVERNMENT, JAPANESE_EQUITY, TREASURY_BILLS
from itcho.model import monthly_steps
from itcho.model.ai.contract_rows import contracted_sales, serve, value_offers
from itcho.model.finance.equities import EquityMarket, SoftBankShares
from itcho.model.goods.market import BaseFlows, GoodsMarket
from itcho.model.public import programme, trade_deal
from itcho.model.public.treasury import Treasury
from tests.hand_ledger import HandLedger, given
from tests.hand_softbank import accounts, group, position

ONE = np.ones(1)


# Bonds.


def limited(beyond: float = 0.5, least: tuple[float, float] = (4.0, 0.0)) -> MemberDemand:
    """Two members that want 10 and 2 and 10 more for each point; the first at most 12, at least ``least``."""
    wanted, slope = np.array([10.0, 2.0]), np.array([10.0, 10.0])
    return MemberDemand(wanted, slope, np.array(least), np.array([12.0, np.inf]), beyond, 12.0, 20.0)


def test_members_go_part_of_the_way_beyond_their_limits_and_nobody_below_nothing() -> None:
    its = limited()
    # 14 would be half of 2 beyond 12; 6 is within; 2 would be half of 2 below 4.
    assert its.at(0.4).tolist() == pytest.approx([13.0, 6.0])
    assert its.at(-0.4).tolist() == pytest.approx([6.0, 0.0])
    assert its.at(-0.8).tolist() == pytest.approx([3.0, 0.0])
    assert (its.slope_at(0.4), its.slope_at(-0.4), its.slope_at(-0.8)) == pytest.approx((15.0, 10.0, 5.0))
    assert its.slope_at(0.1) == pytest.approx(20.0)
    assert its.premium_pp(19.0) == pytest.approx(0.4)
    assert its.premium_pp(3.0) == pytest.approx(-0.8)
    assert its.held_at(3.0).tolist() == pytest.approx([3.0, 0.0])
    assert its.without_limits(-0.8).tolist() == pytest.approx([2.0, 0.0])
    assert limited(0.0).at(2.0).tolist() == pytest.approx([12.0, 22.0])
    assert limited(0.0).at(-2.0).tolist() == pytest.approx([4.0, 0.0])
    # Members that are short of what they must hold, whatever that is, hold no less than nothing.
    assert limited(1.0, (-50.0, -50.0)).at(-2.0).tolist() == [0.0, 0.0]


def test_a_premium_is_found_from_far_away_and_where_nobody_answers() -> None:
    its = unlimited(np.array([10.0, 2.0]), np.array([10.0, 1.0]))
    # Below a point down the first wants nothing: 2 - 1.5 of the other.
    assert its.premium_pp(0.5) == pytest.approx(-1.5)
    # A stock that gains 2 where the premium falls by a point: 0.5 - 2 m = 10 + 10 m + 2 + m.
    assert its.premium_pp(0.5, 2.0) == pytest.approx(-11.5 / 13.0)
    assert its.premium_pp(1e6) == pytest.approx((1e6 - 12.0) / 11.0)
    stubborn = unlimited(np.array([3.0, 1.0]), np.zeros(2))
    assert stubborn.premium_pp(8.0) == 0.0
    assert stubborn.held_at(8.0).tolist() == [6.0, 2.0]
    assert unlimited(np.zeros(2), np.zeros(2)).held_at(8.0).tolist() == [0.0, 0.0]
    # A stock that loses 8 for each point answers where members do not.
    assert stubborn.premium_pp(8.0, 8.0) == pytest.approx(0.5)


def test_a_small_stock_is_shared_like_a_large_one() -> None:
    assert unlimited(np.array([0.3, 0.1]), np.zeros(2)).held_at(0.5).tolist() == pytest.approx([0.375, 0.125])


def test_bills_are_sold_to_those_who_hold_them() -> None:
    ledger: Any = HandLedger()
    ledger.instrument_index, ledger.positions = {TREASURY_BILLS: 0}, np.array([[0.3, 0.1, -0.4]])
    Treasury._sell_bills(ledger, 0.2)
    ((kind, _, issuer, instrument, amounts, price, purpose),) = ledger.posted
    assert (kind, issuer, instrument, price, purpose) == ("trade", GOVERNMENT, TREASURY_BILLS, 1.0, "bill_auction")
    assert amounts == pytest.approx([0.15, 0.05, 0.0])
    assert ledger.positions.tolist() == [[0.3, 0.1, -0.4]]
    Treasury._sell_bills(ledger, 0.0)
    ledger.positions = np.zeros((1, 3))
    Treasury._sell_bills(ledger, 0.2)
    assert len(ledger.posted) == 1


def test_margin_calls_press_japanese_shares_by_what_is_sold_of_those_that_are_held() -> None:
    ledger = given(instrument_index={JAPANESE_EQUITY: 0}, positions=np.array([[30.0, -10.0, 20.0]]))
    world: Any = given(ledger=ledger, parameters=given(equity_sale_pressure=0.5))
    assert monthly_steps._equity_pressed_pct(world, 0.5) == pytest.approx(0.5)
    assert monthly_steps._equity_pressed_pct(world, 0.0) == 0.0


# Investors.


def test_pension_funds_together_weigh_what_they_have_of_all_claims() -> None:
    weight = np.array([0.4, 0.1, 0.1, 0.1, 0.3])
    mandate = np.array([PUBLIC_PENSION, CORPORATE_PENSION, CORPORATE_PENSION, INSURER, INSURER], dtype=np.int8)
    _weigh_pensions(weight, mandate, 0.25, given(corporate_pension_share_of_claims=0.15))
    assert weight == pytest.approx([0.25, 0.075, 0.075, 0.15, 0.45])
    insurers = np.array([0.4, 0.6])
    _weigh_pensions(insurers, np.full(2, INSURER, np.int8), 0.25, given(corporate_pension_share_of_claims=0.15))
    assert insurers.tolist() == [0.4, 0.6]


NUMBERS = (
    *("weight", "tilt", "exposure", "stop_loss", "headroom", "leverage", "deposits", "jgb", "equity", "foreign"),
    *("softbank", "softbank_cost", "position_usd", "wealth", "room", "strictness"),
)


def population(seed: int = 1, size: int = 40) -> Any:
    rng = np.random.default_rng(seed)
    columns = {name: rng.random(size) + 0.5 for name in NUMBERS}
    for span in type_slices(size):
        columns["weight"][span] /= columns["weight"][span].sum()
    return columns | {"type": np.zeros(size, np.int8), "mandate": np.zeros(size, np.int8)}


@pytest.mark.parametrize("kind", [HOUSEHOLD, CARRY])
def test_members_made_alike_have_together_what_they_had(kind: int) -> None:
    before, its = population(), population()
    rows = type_slices(40)[kind]
    make_members_alike(its, kind)
    weight, members = before["weight"][rows], rows.stop - rows.start
    for name in NUMBERS:
        assert np.ptp(its[name][rows]) == pytest.approx(0.0, abs=1e-15) or (name == "leverage" and kind == HOUSEHOLD)
        others = np.delete(np.arange(40), np.arange(rows.start, rows.stop))
        assert np.array_equal(its[name][others], before[name][others]), name
    assert its["weight"][rows] == pytest.approx(np.full(members, 1.0 / members))
    for name in ("deposits", "jgb", "equity", "foreign", "softbank", "softbank_cost", "position_usd", "wealth"):
        assert its[name][rows].sum() == pytest.approx(before[name][rows].sum())
    for name in ("tilt", "exposure", "stop_loss", "headroom"):
        assert its[name][rows] == pytest.approx(np.full(members, (weight * before[name][rows]).sum()))
    assert (its["room"][rows] == 1.0).all()
    assert (its["strictness"][rows] == 0.5).all()
    if kind == CARRY:
        # What they commit to a unit of book, by weight.
        assert its["leverage"][rows] == pytest.approx(np.full(members, 1.0 / (weight / before["leverage"][rows]).sum()))
    else:
        assert np.array_equal(its["leverage"], before["leverage"])


def test_members_under_another_mandate_stay_another_kind() -> None:
    its = population()
    rows = type_slices(40)[HOUSEHOLD]
    its["mandate"][rows.start] = 1
    alone = its["deposits"][rows.start]
    rest = its["deposits"][rows.start + 1 : rows.stop].mean()
    make_members_alike(its, HOUSEHOLD)
    assert its["deposits"][rows.start] == alone
    assert its["deposits"][rows.start + 1 : rows.stop] == pytest.approx(np.full(rows.stop - rows.start - 1, rest))


def test_other_draws_of_a_type_take_its_place_alone() -> None:
    its, others, before = population(), population(2), population()
    rows = type_slices(40)[INSURER_PENSION]
    take_members(its, others, INSURER_PENSION)
    for name in NUMBERS:
        assert np.array_equal(its[name][rows], others[name][rows])
        its[name][rows] = before[name][rows]
        assert np.array_equal(its[name], before[name])


def test_retail_accounts_are_those_that_stop_first() -> None:
    p = given(carry_stop_loss_low=0.02, carry_stop_loss_high=0.06, retail_fx_share_of_carry=0.25)
    # A quarter of the way from two to six percent.
    assert retail_accounts(np.array([0.02, 0.029, 0.031, 0.06]), p).tolist() == [True, True, False, False]


def test_retail_accounts_borrow_most_and_no_more_than_their_margin_allows() -> None:
    p = given(
        retail_fx_share_of_carry=0.5, retail_fx_leverage_median=9.0, retail_fx_leverage_log_sd=1.0,
        carry_leverage_high=8.0, carry_leverage_low=2.0, carry_margin_share=0.04,
    )  # fmt: skip
    found = _carry_leverage(np.array([0.05, 0.25, 0.4, 0.6, 0.9]), p)
    # The median account at 9; one with four fifths before it a standard normal -0.84 below, and the boldest at 25.
    below = 5.05 * (0.2**0.135 - 0.8**0.135)
    assert found == pytest.approx([25.0, 9.0, 9.0 * math.exp(below), 8.0 * 0.25**0.2, 8.0 * 0.25**0.8])
    alone = given(**vars(p) | {"retail_fx_share_of_carry": 0.0})
    assert _carry_leverage(np.array([0.0, 0.5, 1.0]), alone) == pytest.approx([8.0, 4.0, 2.0])


# Contracts.

LAWS = (2.0, 1.5, 0.5, 3.0, 0.25, 0.75, 0.1)
"""Responses to quality, to price by layer and to capacity; part billed from abroad; what quality is worth."""


@pytest.mark.parametrize(
    ("served", "abroad", "short"),
    [
        ((1.0, 1.2, 1.0), 0.5, False),  # A laboratory that is short leaves clouds and applications alone.
        ((0.5, 1.0, 1.0), 1.0, True),
        ((1.0, 0.5, 1.0), 1.0, True),
        ((1.0, 1.0, 0.5), 1.0, True),
        ((-0.1, 1.0, 1.0), 1.0, True),
    ],
)
def test_suppliers_serve_what_they_can(served: tuple[float, ...], abroad: float, short: bool) -> None:
    layers, worth = (np.empty(3), np.empty(2), np.ones(3)), np.empty(3)
    rows, hosting = (np.array([0]), np.array([1, 2])), np.array([0.25, 0.75])
    quality = np.array([1.0, -2.0, -3.0])
    found = serve(*rows, 1, hosting, np.array(served), np.array([abroad]), quality, LAWS, layers, worth)
    assert bool(found) is short
    own, home, other = (min(max(part, 0.0), 1.0) for part in served)
    # Open weights, last, run where their hosts can.
    hosted = 0.25 * home + 0.75 * other
    assert layers[0] == pytest.approx([own, abroad, hosted])
    assert worth == pytest.approx([math.exp(0.1) * own, math.exp(-0.2) * abroad, math.exp(-0.3) * hosted])
    # Of a cloud controlled abroad three quarters are billed, and served, from there.
    assert layers[1] == pytest.approx([home, 0.75 + 0.25 * other])
    assert layers[2] == pytest.approx([own, 1.0, 1.0])


def test_offers_are_worth_quality_what_is_served_price_and_compute() -> None:
    values = np.zeros(3), np.zeros(2), np.zeros(2), np.zeros(3)
    offered = np.zeros(3), np.zeros(2), np.zeros(2), np.zeros(3)
    value_offers(
        np.array([0]), np.array([1, 2]), 1, 1, (np.array([0.3, 0.0, -0.1]), np.array([0.1, 0.2, 0.1])),
        np.array([0.05, 9.0, 9.0]),
        (np.array([9.0, 3.0, 1.0]), np.array([1.0, 1.0])), np.array([0.75, 0.25]),
        (-0.1, -0.2, -0.3, 0.4), LAWS, (np.array([0.5, 1.0, 1.0]), np.array([1.0, 0.5]), np.array([0.5, 0.0])),
        (np.array([0.01, 0.02, 0.05]), np.zeros(2), np.zeros(2), np.array([0.03, 0.04, 0.06])),
        values, offered,
    )  # fmt: skip
    # A developer: 2 x 0.2, half served and a tenth cheaper at 1.5 each, its appeal; a laboratory: the price abroad.
    developer, laboratory = 0.4 + 1.5 * (math.log(0.5) + 0.1) + 0.05, -0.4 - 1.5 * 0.4
    # Open weights: 2 x -0.2, and what a cloud at home asks.
    free = -0.4 + 1.5 * 0.2
    assert values[0] == pytest.approx([0.01 + developer, 0.02 + laboratory, 0.05 + free])
    assert values[3] == pytest.approx([0.03 + developer, 0.04 + laboratory, 0.06 + free])
    assert [one.tolist() for one in offered] == [[-0.1, 0.4, -0.2], [-0.2, 0.4], [-0.3, 0.4], [-0.1, 0.4, -0.2]]
    # Clouds: compute that grew from 1 to 3 and stayed, a ten-thousandth of all on both sides, less the mean growth.
    growth = math.log(3.0004 / 1.0004)
    assert values[1] == pytest.approx(
        [0.25 * (growth - 0.75 * growth) + 0.5 * 0.2, -0.25 * 0.75 * growth + 0.5 * (math.log(0.5) - 0.4)]
    )
    # Who serves nothing is as good as one who serves a thousandth.
    assert values[2] == pytest.approx([3.0 * (math.log(0.5) + 0.3), 3.0 * (math.log(0.001) - 0.4)])


def test_contracts_come_to_sales_by_supplier() -> None:
    sales, people = np.zeros((4, 5)), np.zeros(5)
    laboratories, to_people = np.zeros(2), np.zeros(2)
    found = contracted_sales(
        (np.array([0]), np.array([1, 2]), np.array([3])),
        (
            np.array([0.5, 0.25, 0.15, 0.1]),
            np.array([0.4, 0.1, 0.5]),
            np.array([0.1, 0.2, 0.3, 0.4]),
            np.array([0.25, 0.25, 0.0, 0.5]),
        ),
        (10.0, 20.0, 30.0),
        (4.0, 0.0, 10.0),
        np.array([0.5, 0.2, 0.3]),
        2,
        0.75,
        sales,
        people,
        laboratories,
        to_people,
    )
    # Models: half of organisations' 10 and a quarter of people's 4; applications: a tenth of 40.
    # Of the 1 that organisations pay for open weights hosts get their parts, of people's 2 clouds as they sell.
    assert sales[0] == pytest.approx([6.0, 0.5 + 0.8, 0.2 + 0.2, 0.3 + 1.0, 0.0])
    assert people == pytest.approx([1.0, 0.8, 0.2, 1.0, 0.0])
    assert sales[2].tolist() == [4.0, 0.0, 0.0, 0.0, 0.0]
    assert laboratories == pytest.approx([3.5, 1.5])
    assert to_people == pytest.approx([1.0, 0.0])
    # Clouds: 8 and 2 at home; of the foreign one's 10 three quarters are billed from abroad.
    assert sales[1].tolist() == [0.0, 8.0, 2.0, 2.5, 0.0]
    # Paid abroad for clouds and for applications, and to two integrators at home: 0.2 and 0.3 of 40.
    assert found == (7.5, 16.0, 20.0)


def test_people_buy_clouds_as_well() -> None:
    sales, none = np.zeros((3, 1)), np.zeros(0, np.int64)
    contracted_sales(
        (none, np.array([0]), none), (ONE, ONE, np.zeros(0), ONE), (0.0, 2.0, 0.0), (0.0, 0.5, 0.0), ONE, 0,
        0.5, sales, np.zeros(1), np.zeros(0), np.zeros(0),
    )  # fmt: skip
    assert sales[1].tolist() == [2.5]


def test_a_lock_grows_with_tenure_to_what_changing_costs() -> None:
    its = lock_by_tenure(2.0, 6.0)
    assert its.size == 73
    assert its[:2] == pytest.approx([0.0, 2.0 * (1.0 - math.exp(-1.0 / 6.0))])
    assert its[6] == pytest.approx(2.0 * (1.0 - math.exp(-1.0)))


def test_the_main_supplier_is_the_one_with_most_and_of_equals_the_old_one() -> None:
    def main(before: int, *held: tuple[int, float]) -> int:
        contracts = np.zeros(len(held), dtype=CONTRACT)
        contracts["supplier"], contracts["weight"] = [who for who, _ in held], [part for _, part in held]
        buyers, scratch = SimpleNamespace(main=np.array([before])), np.zeros(4)
        follow_once(Book(np.array([0, len(held)]), contracts), buyers.main, scratch)
        assert not scratch.any()
        return int(buyers.main[0])

    assert main(1, (0, 0.3), (1, 0.3), (2, 0.4)) == 2
    assert main(1, (0, 0.3), (1, 0.3), (0, 0.4)) == 0
    assert main(1, (0, 0.5), (1, 0.5)) == 1
    assert main(3, (0, 0.5), (1, 0.5)) == 0
    assert main(NOBODY, (0, 0.4), (1, 0.6)) == 1
    # Contracts that nobody serves count for nobody.
    assert main(2, (NOBODY, 0.9), (0, 0.1)) == 0
    assert main(2, (NOBODY, 1.0)) == 2


def follow_once(book: Book, main: Any, scratch: Any) -> None:
    """The rule in plain Python, which compiled callers alone can call."""
    getattr(_follow_main, "py_func", _follow_main)(book, SimpleNamespace(main=main), 0, scratch)


# Firms that live on rounds.


LAW = given(
    venture_share_of_developers=0.5,
    venture_round_months=18.0,
    venture_round_failure_share=0.06,
    venture_round_failure_drought_share=0.2,
    ordinary_failure_pct=0.6,
    ordinary_failure_slump_share=1.5,
)


def roles(anonymous: int = 4) -> np.ndarray:
    return np.array([firm.role for firm in NAMED_IMPORTERS] + [DEVELOPER] * anonymous, dtype=np.int8)


def test_ventures_are_named_and_an_even_part_of_the_others_and_take_rounds_in_turn() -> None:
    role = roles()
    ventures = venture_rows(role, LAW)
    named = [firm.venture for firm in NAMED_IMPORTERS]
    assert ventures.tolist() == [*named, False, True, False, True]
    count = sum(named) + 2
    assert months_of_rounds(ventures, LAW).tolist() == [place % 18 for place in range(count)]
    runway = runway_months(role, 20, LAW)
    # Month 20 is the third of the interval: the first round is due in 16 months, the third one now.
    assert runway[ventures].tolist() == [(place - 20) % 18 for place in range(count)]
    assert np.isinf(runway[~ventures]).all()


def test_rounds_fail_more_in_a_drought_and_never_where_all_are_funded() -> None:
    law = FailureLaw(roles(), LAW)
    assert law.chances() == pytest.approx((0.06, 0.0005))
    law.hear(0.5)
    assert law.chances() == pytest.approx((0.16, 0.0005 * 1.75))
    law.fund_all()
    assert law.chances() == (0.0, 0.0)


def test_who_fails_is_whose_round_is_due_and_any_ordinary_firm() -> None:
    role = roles()
    law = FailureLaw(role, LAW)
    failed = np.zeros(role.size, np.bool_)
    law.close(18, np.zeros(role.size), failed)
    expected = np.arange(role.size) == int(np.flatnonzero(law.ventures)[0])
    assert law.ordinary.tolist() == [False] * len(NAMED_IMPORTERS) + [True, False, True, False]
    assert failed.tolist() == (expected | law.ordinary).tolist()


# SoftBank.


def test_a_sale_under_pressure_is_the_root_of_what_it_brings() -> None:
    # 5 sold of 20 with a pressure of 0.4 bring 5 x (1 - 0.4 x 5 / 40).
    assert _sold_for(4.75, 20.0, 0.4) == pytest.approx(5.0)
    assert _sold_for(4.75, 20.0, 0.0) == 4.75
    assert _sold_for(0.0, 20.0, 0.4) == 0.0
    # More than the most that any sale brings: the sale that brings the most.
    assert _sold_for(26.0, 20.0, 0.4) == pytest.approx(50.0)


def test_banks_lose_write_offs_and_what_a_wider_spread_takes_off_the_rest() -> None:
    its, softbank = accounts(HandLedger()), group()
    its.position = position(bonds=8.0, loans=6.0)
    softbank.spread_pct = 2.0
    assert its.lost_by_banks(softbank) == 0.0
    softbank.spread_pct = 2.5
    # A quarter of 8 and all of 6, three years, half a point.
    assert its.lost_by_banks(softbank) == pytest.approx(0.03 * 0.5 * 8.0)
    softbank.spread_pct, its._bank_write_offs_trn_yen = 1.5, 0.7
    assert its.lost_by_banks(softbank) == pytest.approx(0.7 - 0.03 * 8.0)
    assert its.lost_by_banks(softbank) == 0.0


def test_without_shares_nobody_trades_them() -> None:
    assert SoftBankOrders.none() == SoftBankOrders(dict.fromkeys(HOLDERS, 0.0), 0.0, 0.0)


def test_openai_is_marked_part_of_the_way_at_quarters_and_at_rounds() -> None:
    its = NamedAssets(arm=0.0, openai=8.0)
    its.openai_true = 5.0
    assert its.mark(0.5, quarter_end=True, round_now=False) == 0.0
    assert its.openai_mark == 6.5
    assert its.mark(0.5, quarter_end=True, round_now=True) == pytest.approx(-0.75)
    assert its.openai_mark == 5.0


def test_softbanks_discount_is_of_its_price_to_what_it_holds() -> None:
    its = SoftBankShares(given(), 15.0, 20.0)
    assert its.discount_pct == pytest.approx(25.0)
    its.log_price = math.log(0.8)
    assert its.discount_pct == pytest.approx(40.0)
    its._log_value = its.log_value_start + math.log(0.75)
    assert its.discount_pct == pytest.approx(20.0)
    its.close_at(0.8)
    assert its.index == 0.8


def test_the_equity_market_opens_where_it_is_told() -> None:
    its = EquityMarket.__new__(EquityMarket)
    its.open_at(0.1, 0.02, 0.4)
    assert (its.log_price, its.fundamental, its.last_change, its.fundamentalist_share) == (0.0, -0.1, 0.02, 0.4)


# The state and its lots.


def test_a_budget_names_what_is_initial_and_what_a_rule_can_cut() -> None:
    its = Budget(38.0, 20.0, 8.0, 28.0, 6.0, 17.0, 9.0, 13.0, 83.8)
    assert its.initial_spending == 124.0
    assert its.initial_bond_dependency_pct == pytest.approx(100.0 * (124.0 - 83.8 - 9.0) / 124.0)
    assert Budget(0.0, 0.0, 0.0, 0.0, 6.0, 0.0, 9.0).initial_bond_dependency_pct == 0.0
    # Half a trillion of spending is spending.
    assert Budget(0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1).initial_bond_dependency_pct == pytest.approx(80.0)
    its.cut(0.5)
    assert (its.defence, its.other, its.supplementary, its.discretionary) == (4.0, 14.0, 3.0, 21.0)
    assert (its.social_security, its.local_allocation, its.redemption) == (38.0, 20.0, 17.0)


def lots(noise_off: bool) -> tuple[Any, list[tuple[str, int]]]:
    drawn: list[tuple[str, int]] = []

    def generator(name: str, month: int) -> Any:
        drawn.append((name, month))
        return given(random=lambda: 0.125)

    return given(noise_off=noise_off, generator=generator), drawn


@pytest.mark.parametrize(("noise_off", "lot"), [(True, 0.5), (False, 0.125)])
def test_lots_are_drawn_by_month_and_are_half_without_noise(noise_off: bool, lot: float) -> None:
    streams, drawn = lots(noise_off)
    politics = given(stop_probability=lambda sunk: 0.4 - sunk)
    world: Any = given(streams=streams, month=7, government=given(politics=politics, sunk_share=0.1))
    seen = programme._gate(world)
    assert (seen.lot, seen.stop_probability) == (lot, pytest.approx(0.3))
    assert trade_deal._lot(world) == lot
    assert drawn == ([] if noise_off else [("gate", 7), ("tariff review", 7)])


def test_a_frozen_negotiator_grants_what_is_asked_for() -> None:
    its = FrozenNegotiator(9.0)
    assert its.answer(Deal(tariff_relief_pp=7.5), 0.0, 1, lambda: 0.0, given()) == 7.5
    assert its.struck is True
    assert its.kept is True


def test_data_centres_are_built_while_softbank_stands_and_owns_them() -> None:
    def built(stands: bool, owns: bool) -> float:
        ledger = HandLedger()
        world: Any = given(
            softbank_accounts=given(stands=stands, links=given(owns_data_centres=owns), position=given(ltv_pct=28.0)),
            softbank_corp=given(data_centre_spending=lambda ltv: ltv / 100.0),
            chip_importers=given(row_of_name={"softbank_corp_data_centres": 3}.__getitem__),
            parameters=None,
            ledger=ledger,
        )
        monthly_steps.build_data_centres(world)
        rows = [each[2].rows for each in ledger.posted]
        assert rows in ([], [slice(3, 4)])
        assert all(each[1] == "softbank_corp" for each in ledger.posted)
        return float(sum(each[4].sum() for each in ledger.posted))

    assert [built(*case) for case in ((True, True), (True, False), (False, True), (False, False))] == [
        0.28,
        0.0,
        0.0,
        0.0,
    ]


def test_prices_set_by_ones_own_expectations_stay_within_bounds() -> None:
    goods: Any = GoodsMarket.__new__(GoodsMarket)
    goods.p = given(adaptive_households_share=0.25)
    asked = []

    def number(slot: str, value: float, low: float, high: float) -> float:
        asked.append((slot, value, low, high))
        return value

    goods.behaviours = given(expectations=None)
    assert goods._believed_inflation_pct(4.0, 2.0) == pytest.approx(2.5)
    goods.behaviours = given(expectations=lambda seen, anchor: seen - anchor, number=number)
    assert goods._believed_inflation_pct(4.0, 2.5) == 1.5
    assert asked == [("expectations", 1.5, -50.0, 50.0)]


def test_the_opening_months_potential_is_its_output_less_its_gap() -> None:
    its = BaseFlows(25.0, 9.0, 2.0, 2.0, 8.0, 9.0, 10.0, 51.0, 30.0, 2.0)
    assert its.potential_gdp == pytest.approx(50.0)
    assert its.investment == pytest.approx(its.business_investment + its.housing_investment)
