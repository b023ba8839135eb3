"""Signs, dates and limits of the boom abroad, of makers at home and of SoftBank's named assets, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from itcho.agents import ai_boom
from itcho.agents.ai_boom import (
    MEMBERS,
    Book,
    BoomRules,
    MemberKind,
    Share,
    buyers_strength,
    capex_limit,
    capex_plan,
    clear_shares,
    funding_open,
    price_members,
    run_members,
    take_news,
    year_earned,
)
from itcho.agents.chip_makers import MAKERS, ChipMakers
from itcho.agents.softbank_assets import NamedAssets, OwnMoves, accepted_bid_bn_usd, bid_room_trn_yen
from itcho.model.ai.boom import AIBoom
from itcho.model.outside_world import OutsideWorld
from itcho.model.parameters import Parameters
from itcho.model.randomness import Streams
from tests.hand_softbank import P as HAND
from tests.hand_softbank import group

P = Parameters()
RULES = BoomRules.of(P)


def test_system_c_boom_finance_prices_by_hand() -> None:
    # b = 1 - 0.5^(1/12) = 0.05613; buyers' answer 12 x 0.05613 x 1 = 0.6735; 1 / (1 - 0.6735) = 3.063.
    moved, sentiment, paid = clear_shares(0.01, 0.0, 0.0, RULES)
    assert moved == pytest.approx(0.03063, abs=2e-5)
    assert sentiment == pytest.approx(12.0 * 0.056126 * moved, rel=1e-4)
    assert paid == pytest.approx(1.0 * sentiment)
    # A quiet month after a good year: sentiment fades and takes the price down with it.
    moved, sentiment, paid = clear_shares(0.0, 0.2, 1.0 * 0.2, RULES)
    assert moved == pytest.approx(-1.0 * 0.056126 * 0.2 / (1.0 - 0.67351), rel=1e-3)
    # Beyond its threshold buyers get carried away, up to where a quiet month takes half of what they feel:
    # 0.05613 / (1 - f) is 0.5 at f = 0.88775.
    assert buyers_strength(0.35, RULES) == pytest.approx(1.0 + 0.9 * 0.1)
    assert 12.0 * RULES.forget * buyers_strength(9.0, RULES) == pytest.approx(0.88775, abs=1e-5)
    _, sentiment, _ = clear_shares(0.0, 4.0, buyers_strength(4.0, RULES) * 4.0, RULES)
    assert sentiment == pytest.approx(2.0)
    assert buyers_strength(-0.6, RULES) == 1.0


def test_system_c_clouds_build_for_growth_and_use_as_far_as_money_goes() -> None:
    # 100 x [(0.2 + 0.1 + 0.1 x 0.5) / 12 + 0.045 x 0.1]
    assert capex_plan(100.0, 1.05, 0.1, 0.5, RULES) == pytest.approx(100.0 * (0.35 / 12.0 + 0.0045))
    assert capex_plan(100.0, 0.1, -0.5, -1.0, RULES) == 0.0
    # 0.7 x 120 / 12 of cash flow, and half open a sixth of the room 1.2 x 120 - 84.
    assert capex_limit(120.0, 84.0, 1.2, 0.5, RULES) == pytest.approx(7.0 + 5.0)
    assert capex_limit(120.0, 500.0, 1.2, 1.0, RULES) == pytest.approx(7.0)
    # A year in which 27.5 log points are lost, half of it still felt at its end, half closes lenders.
    assert funding_open(-0.1375, RULES) == pytest.approx(0.5)


def test_system_c_members_are_those_of_the_table_and_the_start_is_theirs() -> None:
    kinds = [one.kind for one in MEMBERS]
    assert [kinds.count(kind) for kind in MemberKind] == [5, 3, 4, 3]
    boom = AIBoom.at_start(P)
    assert boom.multiple == pytest.approx(P.boom_opening_multiple)
    boom.advance(0, 1.0)
    spending = sum(one.spending for one in MEMBERS if one.kind <= MemberKind.LEVERAGED_CLOUD)
    assert 12.0 * boom.capex == pytest.approx(spending, rel=0.02)
    # A year's earnings are a twelfth of 18.7% higher a month later, those of chips of a bit more.
    assert boom.multiple == pytest.approx(P.boom_opening_multiple * math.exp(-0.187 / 12.0), rel=1e-3)


def test_system_c_nothing_comes_of_nothing() -> None:
    boom = AIBoom.at_start(P)
    for month in range(120):
        boom.advance(month, 1.0)
        boom.close_month(0.0)
        assert (boom.log_return, boom.chip_orders, boom.sentiment) == (0.0, 1.0, 0.0)


def test_system_c_a_fall_of_users_demand_is_amplified_and_comes_to_chips_after_four_months() -> None:
    boom, orders = AIBoom.at_start(P), []
    for month in range(18):
        boom.advance(month, 0.8)
        boom.close_month(0.0)
        orders.append(boom.chip_orders)
        if month == 0:
            # Clouds lose 0.2 of the quarter of cash flow that is from AI, of a year's in a month a twelfth of
            # it, while laboratories' orders hold; then 3.063 of it.
            worth, price = (boom.shares[row, boom.row("amazon")] for row in (Share.WORTH, Share.LOG_PRICE))
            assert math.log(1.0 - 0.25 * 0.2 / 12.0) * 1.1 <= worth < 0.0
            assert price == pytest.approx(3.063 * worth, rel=1e-3)
    assert orders[:4] == [1.0] * 4
    assert min(orders) < 0.75
    designer, cloud = (boom.shares[Share.LOG_PRICE, boom.row(name)] for name in ("nvidia", "microsoft"))
    assert designer < cloud < 0.0


def test_system_c_lenders_limit_binds_in_a_run_up_and_damps_the_boom() -> None:
    usual, freed = AIBoom.at_start(P), AIBoom.at_start(P)
    freed.without_limit()
    for month in range(48):
        for one in (usual, freed):
            one.advance(month, 0.6 if month > 11 else 1.3)
            one.close_month(-0.05 if month > 11 else 0.03)
        if month == 11:
            assert usual.bound > 0.0
            assert usual.capex < 0.9 * freed.capex
    assert freed.chip_orders != usual.chip_orders


def test_system_j_makers_lose_with_world_capex_by_hand() -> None:
    makers = ChipMakers(P)
    assert sum(one.sales for one in MAKERS[:3]) == pytest.approx(4.9)
    for _ in range(3):
        assert makers.sell(0.76) == 0.0
    exported = makers.sell(0.76)
    # Equipment: 4.9 trn yen, world capex -24%: -1.2.
    assert makers.sales[:3].sum() - 4.9 == pytest.approx(-1.176)
    # And -24% of what memory and power chips sell for AI; four fifths of all of it abroad.
    assert exported == pytest.approx(-0.8 * 0.24 * (4.9 + 0.4 * 1.7 + 0.2 * 0.4 + 0.1 * 1.1))


def test_system_j_makers_cannot_sell_more_than_they_make_until_they_have_built() -> None:
    makers = ChipMakers(P)
    sold = []
    for _ in range(40):
        makers.sell(1.5)
        sold.append(float(makers.sales[0]))
    assert sold[2] == 2.4
    assert sold[3] == pytest.approx(2.4 / 0.85)
    assert sold[3] < sold[10] <= sold[39] <= 1.5 * 2.4


def test_system_d_bids_are_made_as_far_as_there_is_room_by_hand() -> None:
    # Net debt 8.02 on holdings of 38.92: (0.25 x 38.92 - 8.02) / 0.75 = 2.28.
    room = bid_room_trn_yen(8.02, 38.92, 0.0, P)
    assert room == pytest.approx(2.28, abs=0.005)
    assert accepted_bid_bn_usd((50.0,), room, 156.0) == 0.0
    assert accepted_bid_bn_usd((6.5,), room, 156.0) == 6.5
    assert accepted_bid_bn_usd((6.5, 50.0), room, 156.0) == 6.5
    # Signed payments of 2 take three quarters of that in debt: (0.25 x 40.92 - 10.02) / 0.75.
    assert bid_room_trn_yen(8.02, 38.92, 2.0, P) == pytest.approx(0.28, abs=0.005)
    assert bid_room_trn_yen(20.0, 38.92, 0.0, P) == 0.0


def test_system_d_arm_is_sold_last_and_openai_is_marked_a_third_of_the_way_and_at_rounds() -> None:
    named = NamedAssets(arm=16.8, openai=9.0)
    named.sell(17.0, 1.0, 0.0, 0.0)
    assert named.arm == 16.8, "other listed holdings go first"
    named.sell(12.0, 0.5, 1.5, 0.1)
    assert (named.arm, named.openai_true, named.openai_mark) == pytest.approx((10.8, 6.0, 6.0))
    assert named.move(1.0, 1.0, OwnMoves(math.log(1.1), math.log(0.5))) == pytest.approx((1.08, -3.0))
    assert named.mark(1.0 / 3.0, quarter_end=True, round_now=False) == 0.0
    assert named.openai_mark == pytest.approx(5.0)
    assert named.mark(1.0 / 3.0, quarter_end=False, round_now=True) == pytest.approx(-2.0)
    assert named.openai_mark == named.openai_true == pytest.approx(3.0)


def test_system_d_an_openai_that_halves_reaches_the_marks_of_the_group() -> None:
    its = group()
    its.open_books(17.8, 19.0, 1.9, arm=16.8, openai=8.0)
    its.mark(0.0, 1.0, 0.0, False, HAND, OwnMoves(openai_log=math.log(0.5)))
    assert (its.listed, its.unlisted_true, its.unlisted_mark) == pytest.approx((17.8, 15.0, 19.0))
    its.mark(0.0, 1.0, 0.0, False, HAND, OwnMoves(openai_round=True))
    assert its.unlisted_mark == pytest.approx(15.0)


def test_system_c_ai_shares_and_their_part_of_world_equity_move_with_the_members() -> None:
    outside = OutsideWorld(3.6, 4.2, 2.5)
    quiet = Streams(1, noise_off=True)
    usual_world, usual_ai, usual_news = outside.equity_returns(0, P, quiet)
    usual = outside.ai_usual_log
    world, ai, news = outside.equity_returns(0, P, quiet, boom_log=-0.21)
    assert ai - usual_ai == pytest.approx(np.full(21, -0.01))
    assert world - usual_world == pytest.approx(np.full(21, -0.003))
    assert (news < usual_news).all()
    # What the members did is known before the sessions: it is no news to their buyers.
    assert outside.ai_usual_log - usual == pytest.approx(-0.21)


# Members and their shares, with rules of round numbers.

HAND_RULES = BoomRules(
    extrapolation=0.5,
    convexity=1.0,
    convexity_from=1.0,
    forget=0.1,
    accelerator=0.05,
    usual_utilisation=0.9,
    sentiment_capex=0.1,
    payout=0.25,
    debt_limit=1.0,
    leveraged_debt_limit=4.0,
    borrowing_months=10.0,
    wear=0.24,
    usual_loss=0.1,
    drought_loss=0.6,
    lenders_limit=1.0,
)
"""Buyers answer to a month's return with 12 x 0.1 x 0.5 = 0.6 of it: prices move by two and a half times the news."""
ALL = np.array([MemberKind.CLOUD, MemberKind.LEVERAGED_CLOUD, MemberKind.LABORATORY, MemberKind.DESIGNER], np.int8)


def four(debts: tuple[float, float] = (150.0, 79.8)) -> tuple[np.ndarray, np.ndarray]:
    """A cloud, a leveraged one, a laboratory and a designer: their opening and their books."""
    opening = np.array([[120.0, 24.0, 12.0, 60.0], [90.0, 18.0, 1.0, 1.0], [0.5, 1.0, 1.0, 0.25]])
    books = np.zeros((len(Book), 4))
    books[Book.DEBT, :2], books[Book.CAPACITY, :2] = debts, (140.0, 20.0)
    # Users are about to want 126 and 25.2: more by 1% than the cloud has seen, less by 1% than the other one.
    books[Book.SEEN, :2] = 126.0 * math.exp(-0.01), 25.2 * math.exp(0.01)
    books[Book.GROWTH, :2] = 0.02, 0.38
    return opening, books


def a_month(books: np.ndarray, opening: np.ndarray, rules: BoomRules = HAND_RULES) -> tuple[float, ...]:
    sentiment = np.array([0.5, -0.2, -0.5, 0.0])
    return run_members(ALL, opening, books, sentiment, (2.0, 1.5), 0.7, 0.5, 0.6, rules)


def test_members_of_the_boom_live_through_a_month() -> None:
    opening, books = four()
    capex, cash_flow, bound = a_month(books, opening)
    # Laboratories earn with users' demand: 2 x 0.7.
    assert books[Book.EARNINGS, 2] == pytest.approx(1.4)
    # Users want 90 x 2 x 0.7 of the cloud, which has 140, and 25.2 of the other, which serves 20 of 36.
    assert books[Book.SEEN, :2] == pytest.approx([126.0, 25.2])
    assert books[Book.EARNINGS, :2] == pytest.approx([1.5 * (0.5 + 0.5 * 0.7), 1.5 * 20.0 / 36.0])
    # A tenth of the way from 2% to 12%, and from 38% to -12%.
    assert books[Book.GROWTH, :2] == pytest.approx([0.03, 0.33])
    # The cloud, which is in use as usual: 140 x (0.24 + 0.03 + 0.05) / 12 out of 0.75 x 153 / 12 of cash flow.
    plan = 140.0 * 0.32 / 12.0
    assert books[Book.DEBT, 0] == pytest.approx(150.0 + plan - 0.75 * 153.0 / 12.0)
    assert books[Book.CAPACITY, 0] == pytest.approx(140.0 + plan - 0.02 * 140.0)
    # The other would build 20 x (0.55 / 12 + 0.05 x 0.36) = 1.277, and has 0.75 x 20 / 12 and half of a tenth of 0.2.
    assert bound == 1.0
    assert books[Book.DEBT, 1] == pytest.approx(79.8 + 1.26 - 1.25)
    assert books[Book.CAPACITY, 1] == pytest.approx(20.0 + 1.26 - 0.4)
    assert capex == pytest.approx(plan + 1.26)
    assert cash_flow == pytest.approx((153.0 + 20.0) / 12.0)
    # The designer: three quarters go with clouds' cash flow, the rest with chips that are delivered.
    assert books[Book.EARNINGS, 3] == pytest.approx(0.75 * 1.5 + 0.25 * 0.6)


def test_without_a_limit_clouds_build_what_they_plan_and_debt_ends_at_nothing() -> None:
    opening, books = four((1.0, 401.0))
    capex, _, bound = a_month(books, opening, HAND_RULES._replace(lenders_limit=0.0))
    plan = 20.0 * ((0.24 + 0.33 - 0.02) / 12.0 + 0.05 * (25.2 / 20.0 - 0.9))
    assert bound == 0.0
    assert books[Book.DEBT, :2] == pytest.approx([0.0, 401.0 + plan - 1.25])
    assert capex == pytest.approx(140.0 * 0.32 / 12.0 + plan)


def test_a_share_moves_with_its_earnings() -> None:
    shares = np.zeros((len(Share), 2))
    shares[Share.LOG_PRICE, 0], shares[Share.WORTH, 0], shares[Share.MOVED] = math.log(2.0), 0.03, (7.0, -0.1)
    expected = np.array([2.0, 1.0])
    worth = expected * np.exp([0.05, -0.01])
    gained, felt = price_members(worth, expected, shares, np.array([100.0, 50.0]), HAND_RULES)
    # 2% more than last month, and two and a half times that.
    assert shares[Share.MOVED] == pytest.approx([0.05, -0.025])
    assert shares[Share.SENTIMENT] == pytest.approx([0.06, -0.03])
    assert shares[Share.PAID] == pytest.approx([0.03, -0.015])
    assert shares[Share.LOG_PRICE] == pytest.approx([math.log(2.0) + 0.05, -0.025])
    assert shares[Share.WORTH] == pytest.approx([0.05, -0.01])
    # Weighted by 200 and 50.
    assert (gained, felt) == (pytest.approx((200.0 * 0.05 - 50.0 * 0.025) / 250.0), pytest.approx(0.042))


def test_a_year_of_earnings_is_of_the_last_twelve_months() -> None:
    year = np.full((12, 2), 1.2)
    assert year_earned(year, 2, np.array([0.0, 2.4])) == pytest.approx([1.1, 1.3])
    assert year_earned(year, 13, np.array([0.0, 1.2])) == pytest.approx([1.0, 1.3])
    # The third month of the next year takes the place of that of this one.
    assert year_earned(year, 14, np.array([1.2, 1.2])) == pytest.approx([1.1, 1.2])


def test_a_month_without_orders_costs_a_designer_a_twelfth_of_a_year_and_comes_back_a_year_later() -> None:
    opening = np.array([[60.0], [1.0], [0.9]])
    books, expected = np.zeros((len(Book), 1)), np.zeros((len(Book), 1))
    years, shares, worth = (np.ones((12, 1)), np.ones((12, 1))), np.zeros((len(Share), 1)), []
    for month in range(14):
        ordered = (0.0 if month == 1 else 1.0, 1.0)
        ai_boom.boom_month(
            (ALL[3:], opening, np.array([4400.0])), (books, expected), years, month, shares,
            (1.0, 1.0), 1.0, 0.0, ordered, tuple(HAND_RULES), tuple(HAND_RULES),
        )  # fmt: skip
        worth.append(float(shares[Share.WORTH, 0]))
    # A tenth of its cash flow goes without AI: eleven months and a tenth of one.
    assert worth[1:13] == pytest.approx([math.log(11.1 / 12.0)] * 12)
    assert worth[0] == worth[13] == 0.0


def test_shares_of_members_are_parts_of_a_sum() -> None:
    boom = AIBoom.at_start(P)
    boom.shares[Share.LOG_PRICE] = np.linspace(-1.0, 1.0, len(MEMBERS))
    boom.shares[Share.MOVED] = np.linspace(0.3, -0.2, len(MEMBERS))
    worth = boom.market_value * np.exp(boom.shares[Share.LOG_PRICE])
    boom.log_return = float((worth * boom.shares[Share.MOVED]).sum() / worth.sum())
    # What some move beyond all, the others move below: parts of one whole, weighted by what each is worth.
    beyond = [boom.moved_beyond(one.name) for one in MEMBERS]
    assert float(worth @ beyond) == pytest.approx(0.0, abs=1e-9)
    designers = worth[boom.kind == MemberKind.DESIGNER]
    assert boom.moved_beyond("designers") == pytest.approx(float(designers @ beyond[-3:] / designers.sum()))
    assert boom.index_log == pytest.approx(math.log(worth.sum() / boom.market_value.sum()))


def test_buyers_remember_and_take_back_what_they_paid() -> None:
    # S = 0.9 x 0.4 + 1.2 r and r = 0.01 + 0.5 S - 0.3: r = -0.11 / 0.4.
    moved, sentiment, paid = clear_shares(0.01, 0.4, 0.3, HAND_RULES)
    assert (moved, sentiment, paid) == pytest.approx((-0.275, 0.03, 0.015))
    # Above 1 each unit adds one, up to (1 - 0.2) / 1.2.
    assert [buyers_strength(felt, HAND_RULES) for felt in (1.0, 1.1, 1.5)] == pytest.approx([0.5, 0.6, 2.0 / 3.0])


def test_lenders_close_between_an_ordinary_years_loss_and_a_drought() -> None:
    found = [funding_open(felt, HAND_RULES) for felt in (0.5, -0.1, -0.35, -0.6, -0.9)]
    assert found == pytest.approx([1.0, 1.0, 0.5, 0.0, 0.0])


def test_news_is_remembered_and_moves_every_share() -> None:
    shares = np.zeros((len(Share), 2))
    shares[Share.SENTIMENT], shares[Share.LOG_PRICE, 0] = (0.2, -0.1), math.log(2.0)
    felt = take_news(0.1, shares, np.array([100.0, 300.0]), tuple(HAND_RULES))
    assert shares[Share.SENTIMENT] == pytest.approx([0.32, 0.02])
    assert shares[Share.PAID] == pytest.approx([0.16, 0.01])
    assert shares[Share.LOG_PRICE] == pytest.approx([math.log(2.0) + 0.1, 0.1])
    assert felt == pytest.approx((200.0 * 0.32 + 300.0 * 0.02) / 500.0)


def one_cloud(sentiment: float = 0.0, felt: float = 0.0, demand: float = 0.5, **changed: float) -> tuple:
    """A month of one cloud at usual use, without growth, with debts of 100 and a cash flow of 120, half of it of AI."""
    opening = np.array([[120.0], [90.0], [0.5]])
    books = np.zeros((len(Book), 1))
    books[[Book.DEBT, Book.CAPACITY, Book.SEEN], 0] = 100.0, 100.0, 90.0
    actual, expected, shares = books.copy(), books.copy(), np.zeros((len(Share), 1))
    shares[Share.SENTIMENT] = sentiment
    found = ai_boom.boom_month(
        (ALL[:1], opening, np.array([500.0])), (actual, expected), (np.ones((12, 1)), np.ones((12, 1))), 3, shares,
        (1.0, 1.0), demand, felt, (1.0, 1.0), tuple(HAND_RULES._replace(**changed)), tuple(HAND_RULES),
    )  # fmt: skip
    return *found, actual, expected


def test_a_month_of_the_boom_is_held_against_the_undisturbed_one() -> None:
    month, planned, gained, felt, actual, expected = one_cloud()
    assert planned == pytest.approx(100.0 * 0.02)
    # Users want half: nothing is built, and the half of earnings that is AI's halves.
    assert month[0] == 0.0
    assert (expected[Book.EARNINGS, 0], actual[Book.EARNINGS, 0]) == pytest.approx((1.0, 0.75))
    # Of a year's earnings that is a quarter of a twelfth.
    assert gained == pytest.approx(2.5 * math.log(1.0 - 0.25 / 12.0))
    assert felt == pytest.approx(1.2 * gained)


def test_sentiment_opens_plans_and_closes_lenders() -> None:
    # 100 x (0.24 + 0.5) / 12 are planned; of a room of 20, half open lenders give half of a tenth in a month.
    month, planned, *_ = one_cloud(sentiment=5.0, felt=-0.35, demand=1.0, payout=1.0)
    assert month[0] == pytest.approx(1.0)
    assert month[2] == 1.0
    assert planned == pytest.approx(2.0)
