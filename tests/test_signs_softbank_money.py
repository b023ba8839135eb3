"""SoftBank's needs, sources and bids one by one, and what its shares' holders are made to sell, by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from itcho.agents.importer_rows import limits_of_orders
from itcho.agents.investors import FUND, HOUSEHOLD
from itcho.agents.softbank import _sold_for
from itcho.agents.softbank_assets import OwnMoves
from itcho.agents.softbank_funding import Funding, Needs, Sources, fund
from itcho.agents.softbank_holders import _forced_sales, _wanted
from itcho.agents.vocabulary import BANKS, FOREIGN_INVESTORS
from tests.hand_ledger import HandLedger, given
from tests.hand_softbank import DEBTS, LINKS, P, accounts, group, position
from tests.test_signs_holder_limits import holders, returned


def test_a_credit_line_falls_due_when_it_ends_and_not_before() -> None:
    its = group()
    its.open_line(1.0, 12)
    its.line_drawn = 0.1
    due = [its._needs(month, position(), 2.0, 150.0, P).line_due for month in (11, 12, 13)]
    assert due == [0.0, 0.1, 0.1]
    # No more than it owes in loans.
    assert its._needs(12, position(loans=0.04), 2.0, 150.0, P).line_due == 0.04


def test_what_is_needed_is_signed_deferred_and_bid_for() -> None:
    its = group(commitments={3: 10.0})
    its.deferred_bn_usd, its.bid_bn_usd = 2.0, 4.0
    needs = its._needs(3, position(cash=1.5, asset_backed=9.0), 2.0, 150.0, P)
    # 16 billion at 150; a fifth of 5 a year; half of 10 and a fifth of 8 carry loans of 6.6; half a trillion of cash.
    assert needs.instalment == pytest.approx(2.4)
    assert its._signed_part == pytest.approx(0.75)
    assert needs.redemptions == pytest.approx(5.0 / 60.0)
    assert needs.margin_call == pytest.approx(9.0 - 6.6)
    assert needs.floor_missing == pytest.approx(0.5)
    its.bid_bn_usd = 0.0
    its._needs(3, position(), 2.0, 150.0, P)
    assert its._signed_part == 1.0
    # Without a stake nothing that was signed falls due.
    its.hold_openai(False)
    assert its._needs(3, position(), 2.0, 150.0, P).instalment == pytest.approx(0.3)


def test_new_holdings_are_sold_for_as_signed_payments_are() -> None:
    its, now = group(), position(cash=1.0)
    # Net debt 6 on 20 is beyond 24% already; what a trillion more makes beyond is what is bought.
    for needs in (Needs(investment=1.0), Needs(instalment=1.0), Needs(margin_call=1.0)):
        assert its._sale_wanted(needs, now, P) == pytest.approx(1.0)
    assert its._sale_wanted(Needs(instalment=0.25, investment=0.5, margin_call=0.25), now, P) == pytest.approx(1.0)
    assert its._sale_wanted(Needs(redemptions=1.0), now, P) == 0.0
    # In distress part of what is beyond its target of 20% is sold: a quarter of 2 / 0.8.
    its.distress = 1
    assert its._sale_wanted(Needs(), now, P) == pytest.approx(0.25 * 2.0 / 0.8)
    its.distress = 2
    assert its._sale_wanted(Needs(), now, P) == pytest.approx(0.5 * 2.0 / 0.8)


def test_sources_are_what_each_can_give() -> None:
    its = group()
    its.open_line(4.0, 12)
    its.line_drawn = 0.2
    found = its._sources(11, Needs(instalment=1.0), position(listed=2.0, asset_backed=1.0), 2.0, 0.4, 0.1, 150.0, P)
    # Cash of 3 over 2; sold 0.4 and four fifths of 0.1; 4 billion at 150 less 0.2; of collateral of 2.6 for 1.6, six
    # tenths of the instalment on what it buys; half of 2 is the most that is sold, and of the rest four fifths of 0.5.
    assert (found.cash, found.sale_planned, found.line) == pytest.approx((1.0, 0.48, 0.4))
    assert (found.on_purchase, found.on_assets) == pytest.approx((0.6, 1.0))
    assert (found.sale_more, found.unlisted) == pytest.approx((0.6, 0.4))
    assert its._sources(12, Needs(), position(), 2.0, 0.0, 0.0, 150.0, P).line == 0.0
    # A line that the yen has made smaller than what is drawn gives nothing.
    its.line_drawn = 0.7
    assert its._sources(11, Needs(), position(), 2.0, 0.0, 0.0, 150.0, P).line == 0.0
    # The market takes 1.2 in a month, or what is sold anyway.
    assert its._sources(0, Needs(), position(), 2.0, 0.4, 0.0, 150.0, P).sale_more == pytest.approx(0.8)
    assert its._sources(0, Needs(), position(), 2.0, 1.5, 0.0, 150.0, P).sale_more == 0.0
    its.distress = 2
    assert its._sources(0, Needs(), position(), 2.0, 0.0, 0.0, 150.0, P).line == 0.0


def test_what_is_left_over_repays_loans_first_and_bonds_then() -> None:
    its = group()
    its.line_drawn = 1.5

    def planned(left_over: float) -> tuple[float, float]:
        plan = its._as_plan(
            Needs(redemptions=0.5, line_due=0.25),
            Funding(Sources(), left_over, 0.0, 0.0),
            0.0,
            0.0,
            position(),
            150.0,
            P,
        )
        return plan.new_loans, plan.new_bonds

    assert planned(1.0) == pytest.approx((-0.25 - 1.0, -0.5))
    assert its.line_drawn == pytest.approx(0.25)
    assert planned(3.0) == pytest.approx((-0.25 - 1.75, -0.5 - 1.25))
    assert its.line_drawn == 0.0
    # No more than there is of either.
    assert planned(20.0) == pytest.approx((-2.0, -5.0))
    assert planned(0.0) == pytest.approx((-0.25, -0.5))


def test_what_is_left_over_leaves_nothing_uncovered() -> None:
    found = fund(Needs(redemptions=0.5), Sources(cash=9.0, sale_planned=0.8))
    assert (found.left_over, found.deferred, found.uncovered) == (pytest.approx(0.3), 0.0, 0.0)


def test_more_sales_come_on_top_of_those_planned() -> None:
    funding = Funding(Sources(sale_more=0.5, unlisted=0.4), 0.0, 0.0, 0.0)
    plan = group()._as_plan(Needs(), funding, 1.0, 0.2, position(), 150.0, P)
    assert (plan.sale_listed, plan.sale_unlisted) == pytest.approx((1.5, 0.2 + 0.5))
    # Under pressure 1 brings 0.98: 1.48 is the root of x (1 - 0.02 x).
    pressed = given(**vars(P) | {"softbank_sale_pressure": 0.4})
    plan = group()._as_plan(Needs(), funding, 1.0, 0.2, position(), 150.0, pressed)
    assert plan.sale_listed * (1.0 - 0.02 * plan.sale_listed) == pytest.approx(1.48)
    assert plan.price_pressure == pytest.approx(0.04 * plan.sale_listed)


def test_a_bid_counts_a_year_of_signed_and_all_deferred_payments() -> None:
    def accepted(offer: float, month: int = 3, deferred: float = 0.0, stake: bool = True) -> float:
        its = group(commitments={3: 10.0, 20: 500.0})
        its.deferred_bn_usd, its.has_stake_in_openai = deferred, stake
        its.consider_bids((offer,), month, position(cash=6.0), 150.0, P)
        assert (its.bids_paid_bn_usd, its.bids_refused_bn_usd) == (its.bid_bn_usd, offer - its.bid_bn_usd)
        return its.bid_bn_usd

    # Net debt 1 on 20, and 1.5 more on both: (0.25 x 21.5 - 2.5) / 0.75 = 3.833 trillion, 25.56 billion at 150.
    assert [accepted(offer) for offer in (25.5, 25.6)] == [25.5, 0.0]
    # Two billion more leave 3.533 trillion: 23.56.
    assert [accepted(offer, deferred=2.0) for offer in (23.5, 23.6)] == [23.5, 0.0]
    # Nothing is signed for the year of month 4, nor without a stake: 5.333 trillion.
    assert [accepted(offer, month=4) for offer in (35.5, 35.6)] == [35.5, 0.0]
    assert [accepted(offer, stake=False) for offer in (35.5, 35.6)] == [35.5, 0.0]
    # 500 billion signed for the last month of the year leave nothing; a month earlier they are not seen.
    assert (accepted(1.0, month=9), accepted(35.5, month=8)) == (0.0, 35.5)


def test_arm_and_openai_are_part_of_what_there_is_and_add_their_own_moves() -> None:
    its = group()
    its.open_books(3.0, 2.0, 0.0, arm=4.0, openai=5.0)
    assert (its.named.arm, its.named.openai_mark, its.named.openai_true) == (3.0, 2.0, 2.0)
    its.open_books(10.0, 8.0, 0.0, arm=4.0, openai=2.0)
    its.mark(0.0, 1.0, 0.0, False, P, OwnMoves(arm_log=math.log(1.1), openai_log=math.log(1.5)))
    assert (its.listed, its.unlisted_true, its.unlisted_mark) == pytest.approx((10.4, 9.0, 8.0))


def test_interest_leaves_japan_with_the_part_of_each_debt_that_is_owed_abroad() -> None:
    its, books = group(), accounts(HandLedger(DEBTS))
    its.asset_backed, its.spread_pct = 1.5, 2.0
    books.links = LINKS._replace(
        lenders=((BANKS, 0.9), (FOREIGN_INVESTORS, 0.1)), margin_lenders=((BANKS, 0.6), (FOREIGN_INVESTORS, 0.4))
    )
    # 3% on loans of 6, of which 1.5 on shares, and 4% on bonds of 8: 0.4 of 0.00375, 0.1 of 0.01125, 0.25 of 0.02667.
    left = books.pay_interest(HandLedger(DEBTS), its, 0.0)  # type: ignore[arg-type]
    assert left == pytest.approx(0.4 * 0.00375 + 0.1 * 0.01125 + 0.25 * 0.32 / 12.0)


def test_nothing_is_sold_of_nothing() -> None:
    assert _sold_for(0.0, 0.0, 0.4) == 0.0


# Holders of its shares.


def test_a_holder_wants_more_for_every_percent_and_one_who_leaves_stays_where_it_is_worth_it() -> None:
    # Has 10, keeps 8: 5% more for each percent.
    assert _wanted(10.0, 8.0, False, 2.0, 0.05, 0.5, 4.0) == pytest.approx(9.6)
    assert _wanted(10.0, 8.0, True, 2.0, 0.05, 0.5, 4.0) == pytest.approx(8.8)
    assert _wanted(10.0, 8.0, True, 2.0, 0.05, 0.5, 2.0) == pytest.approx(8.0)
    assert _wanted(10.0, 8.0, True, 2.0, 0.05, 0.5, 1.9) == pytest.approx(5.0)
    assert _wanted(10.0, 3.0, True, 2.0, 0.05, 0.5, 1.9) == pytest.approx(3.0)


def forced(index: float = 1.0, risk: float = 1.0, **changed: Any) -> dict[str, Any]:
    """A household with 2 of 10 on margin, an insurer, a fund and an investor abroad, of middle strictness and room."""
    its: dict[str, Any] = {
        "held": np.full(4, 10.0), "cost": np.full(4, 10.0), "other": np.full(4, 50.0), "strict": np.full(4, 1.0),
        "room": np.full(4, 1.0), "margin": np.array([2.0]), "price": np.array([1.0]), "share": 0.2,
    }  # fmt: skip
    its |= {name: np.array(value) if isinstance(value, list) else value for name, value in changed.items()}
    its["forced"], its["slack"] = np.full(4, 9.0), np.full(4, 9.0)
    bounds = np.array([[0, 1], [1, 2], [2, 3], [3, 4]])
    its["sold"] = _forced_sales(
        bounds, (its["held"], its["cost"], its["other"], its["strict"], its["room"]), (its["margin"], its["price"]),
        (index, risk), (its["share"], 0.25, 0.1, 0.5, 0.5, 0.8, 0.5), its["forced"], its["slack"],
    )  # fmt: skip
    return its


def test_new_margin_credit_is_taken_up_slowly_at_todays_price() -> None:
    # At half the price a fifth of 10 is 4 at the start's price: a quarter of the 3 that are missing.
    its = forced(0.5, margin=[1.0], price=[0.5])
    assert its["margin"] == pytest.approx([1.75])
    assert its["price"] == pytest.approx([0.5])
    its = forced(0.95, margin=[1.0], price=[1.0])
    new = 0.25 * (2.0 / 0.95 - 1.0)
    assert its["margin"] == pytest.approx([1.0 + new])
    assert its["price"] == pytest.approx([(1.0 + new * 0.95) / (1.0 + new)])
    # Who has more on margin than usual takes no more.
    assert forced(margin=[3.0])["margin"].tolist() == [3.0]


def test_a_margin_call_sells_what_was_bought_and_pays_the_loss_out_of_other_shares() -> None:
    its = forced(0.5)
    assert its["forced"][0] == pytest.approx(1.0)
    assert (its["sold"], its["other"][0]) == pytest.approx((1.0, 49.0))
    assert (its["margin"][0], its["price"][0]) == (0.0, 0.5)
    # No more than there is of either.
    its = forced(0.5, held=[0.4, 10.0, 10.0, 10.0], other=[0.3, 0.0, 0.0, 0.0])
    assert (its["forced"][0], its["sold"], its["other"][0]) == (0.4, 0.3, 0.0)
    # Nobody is called for what it has not bought on margin.
    its = forced(0.5, margin=[0.0], share=0.0)
    assert (its["forced"][0], its["sold"]) == (0.0, 0.0)


def test_each_household_is_called_for_what_it_bought_itself() -> None:
    bounds = np.array([[0, 2], [2, 2], [2, 2], [2, 2]])
    held, other, one = np.full(2, 10.0), np.full(2, 50.0), np.ones(2)
    margin, price, found, slack = np.array([2.0, 1.0]), np.array([1.0, 0.5]), np.empty(2), np.empty(2)
    sold = _forced_sales(
        bounds, (held, held.copy(), other, one, one), (margin, price), (0.5, 1.0), (0.2, 0.25, 0.1, 0.5, 0.5, 0.8, 0.5),
        found, slack,
    )  # fmt: skip
    # The first bought at 1 and is closed at half; the second bought at a half and takes a quarter of 3 more.
    assert found == pytest.approx([1.0, 0.0])
    assert (sold, other.tolist()) == (1.0, [49.0, 50.0])
    assert margin == pytest.approx([0.0, 1.75])


def test_impairment_and_risk_make_holders_sell() -> None:
    its = forced(cost=[10.0, 0.5, 0.0, 0.0], held=[10.0, 0.2, 10.0, 10.0])
    # Down by 60% where its rule says 40%: half is sold, the rest written down.
    assert its["slack"][1] == pytest.approx(0.5 - 0.1 - 0.6)
    assert (its["forced"][1], its["cost"][1]) == pytest.approx((0.1, 0.2))
    assert its["forced"][2] == 0.0
    # What rounding leaves of shares that were sold is not sold again.
    assert forced(held=[10.0, -1e-28, 10.0, 10.0])["forced"][1] == 0.0
    # Risk of 3 against a room of 1.5 is twice too much: half of half of the four fifths that mind.
    its = forced(risk=3.0)
    assert (its["slack"][3], its["forced"][3]) == pytest.approx((-1.0, 0.5 * 0.8 * 10.0 * 0.5))
    its = forced(risk=1.2)
    assert (its["slack"][3], its["forced"][3]) == (pytest.approx(0.2), 0.0)


def test_how_far_funds_returns_are_from_what_is_asked_is_a_share_of_it() -> None:
    its, _ = holders(softbank_margin_share=0.0)
    its.decide(1.0, 1.0, 0.0)
    assert its.readings()[-1].slack == 1.0
    its.asked_pct[[HOUSEHOLD, FUND]] = 20.0, -10.0
    returned(its, 12, 24.0)
    its.decide(1.0, 1.0, 0.0)
    # A fifth over 20, far over -10, and a twenty-fifth short of 25.
    assert its.readings()[-1].slack == pytest.approx((0.2 + 1.0 - 0.04) / 3.0)


# Orders of chips.


def test_who_gets_half_wants_twice_less_what_waits() -> None:
    zero = np.zeros(1)
    found, wanted = np.empty(9), np.empty(1)

    def limits(cash: float, on_order: float = 4.0) -> list[float]:
        limits_of_orders(
            (zero, zero, zero), (np.array([on_order]), zero),
            np.array([9.0]), (np.array([cash]), zero), (zero, zero), zero,
            (np.array([4.0]), np.array([0.5])), np.array([10.0]), 1.0, 100.0, 0.1, (1.0, 0.0, 1.0, 1.0, 0.1),
            (0.4, 0.6, 0.0), found, wanted,
        )  # fmt: skip
        return [float(found[8]), float(found[6]), float(wanted[0])]

    # Nothing is under way beside the 4 that wait: 10 are wanted, 20 claimed, 4 wait.
    assert limits(99.0) == pytest.approx([0.0, 1.0 - 0.4 / (99.0 + 0.6 * 108.0), 16.0])
    # Without a yen there is no room, and all is withheld.
    assert limits(-13.5) == pytest.approx([16.0, 0.0, 16.0])
