"""SoftBank's signs, dates and limits, with numbers worked out by hand."""

from __future__ import annotations

import math

import mesa
import numpy as np
import pytest

from itcho.agents.softbank import GroupPlan, SoftBankCorp, SoftBankGroup, loan_to_value_after_fall
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
from itcho.model.finance.equities import SoftBankShares
from itcho.model.finance.softbank_accounts import group_position, open_group
from tests.hand_ledger import HandLedger, given
from tests.hand_softbank import DEBTS, P, accounts, group, position


def test_ratios_count_asset_backed_loans_where_they_say() -> None:
    its = position()
    # Holdings 10 + 8 + 4 - 2, net debt 5 + 2 - 3.
    assert (its.holdings, its.net_debt, its.net_asset_value) == (20.0, 4.0, 16.0)
    assert its.ltv_pct == pytest.approx(20.0)
    assert its.ltv_with_margin_loans_pct == pytest.approx(100.0 * 6.0 / 22.0)
    assert loan_to_value_after_fall(its, 0.5) == pytest.approx(40.0)
    assert position(listed=0.0, unlisted=0.0, telecom=0.0).ltv_pct > 1e6


def test_a_new_group_has_no_debt_on_assets_no_momentum_and_pays_two_points_over_the_policy_rate() -> None:
    its = group()
    assert (its.spread_pct, its.momentum, its.distress) == (2.0, 0.0, 0)
    assert (its.listed, its.unlisted_mark, its.unlisted_true, its.asset_backed) == (0.0, 0.0, 0.0, 0.0)
    assert not its.rating_cut
    assert not its.rescue_considered


def test_it_steers_higher_after_gains() -> None:
    its = group()
    its.learn(0.06, P)
    assert its.momentum == pytest.approx(0.01)
    # 20 + 100 x 0.25 x 12 x 0.01, within 5 and 25.
    assert its.target_ltv_pct(P) == pytest.approx(23.0)
    its.learn(-0.05, P)
    assert its.momentum == pytest.approx(0.0)
    assert its.target_ltv_pct(P) == pytest.approx(20.0)
    its.momentum = 0.02
    assert its.target_ltv_pct(P) == 25.0
    its.momentum = -0.01
    assert its.target_ltv_pct(P) == pytest.approx(17.0)
    its.momentum = -0.1
    assert its.target_ltv_pct(P) == 5.0


def test_it_steers_higher_the_more_it_counts_on_the_state() -> None:
    targets = [group(belief).target_ltv_pct(P) for belief in (0.1, 0.3, 0.5)]
    assert targets == sorted(targets)
    assert len(set(targets)) == 3


def test_spreads_rise_with_debt_and_a_downgrade_and_fall_with_backing() -> None:
    its = group(belief=0.5)
    assert its.credit_spread_pct(20.0, P) == pytest.approx((1.0 + 0.8) * 0.8)
    assert its.credit_spread_pct(35.0, P) == pytest.approx((1.0 + 1.4 + 50.0 * 0.01) * 0.8)
    its.rating_cut = True
    assert its.credit_spread_pct(20.0, P) == pytest.approx(2.55 * 0.8)


def test_a_downgrade_comes_above_one_limit_and_goes_below_another() -> None:
    its, cuts = group(), []
    for net_debt in (5.8, 6.2, 5.8, 5.2, 4.8, 5.8):
        its.plan(0, position(bonds=net_debt, loans=3.0), 150.0, P)
        cuts.append(its.rating_cut)
    # Loan-to-value is 29, 31, 29, 26, 24 and 29%.
    assert cuts == [False, True, True, True, False, False]
    assert its.spread_pct == pytest.approx((1.0 + 4.0 * 0.29 + 50.0 * 0.0016) * (1.0 - 0.12))


def test_a_calm_month_pays_a_commitment_and_borrows_for_what_loans_on_assets_do_not_cover() -> None:
    its = group(commitments={3: 10.0})
    # Loan-to-value is 2 / 20 = 10%, the target 20%: invests 0.1 x 0.1 x 20, which is the most in a month.
    plan = its.plan(3, position(bonds=4.0, loans=1.0), 150.0, P)
    assert plan.commitment == pytest.approx(1.5)
    assert plan.investment == pytest.approx(0.2)
    # Haircuts allow 5 + 1.6 on assets, of which 2 are used; six tenths of the commitment are less.
    assert plan.new_asset_backed == pytest.approx(0.9)
    # Cash of 3 is above two years of redemptions of 4 / 5; nothing is sold.
    assert (plan.sale_listed, plan.sale_unlisted, plan.new_loans, plan.distress) == (0.0, 0.0, 0.0, 0)
    assert plan.new_bonds == pytest.approx(0.8)
    assert plan.dollar_funded == pytest.approx(0.9 + 0.3 * 0.8)
    assert its.plan(4, position(bonds=4.0, loans=1.0), 150.0, P).commitment == 0.0


def test_a_short_of_cash_group_borrows_up_to_its_floor() -> None:
    # Two years of redemptions of 5 / 5 are 2; cash is 1.5, loan-to-value 4 / 20 = 20%.
    plan = group().plan(0, position(cash=1.5, bonds=5.0, loans=0.5), 150.0, P)
    assert plan.new_bonds == pytest.approx(0.5)
    assert plan.distress == 0
    assert group().plan(0, position(cash=0.9, bonds=5.0, loans=0.0), 150.0, P).distress == 2


def test_near_the_limit_part_of_the_money_comes_from_sales() -> None:
    # Loan-to-value 4.4 / 20 = 22%: 2 of the 5 points to the limit; two fifths of a need of 0.6 x 1 are sold.
    plan = group(commitments={0: 6.0}).plan(0, position(cash=2.6), 150.0, P)
    assert plan.commitment == pytest.approx(0.9)
    assert plan.new_asset_backed == pytest.approx(0.54)
    # Net debt 4.4 + 0.36 stays below 24% of 20.36, so that only the share by sale counts.
    assert plan.sale_listed == pytest.approx(0.4 * 0.36)
    assert plan.new_bonds == pytest.approx(0.6 * 0.36)


def test_purchases_are_planned_below_the_limit() -> None:
    # Commitment 3, loans on assets 1.8: debt 4 + 1.2 against 24% of 21.2 = 5.088; selling x closes 0.112 = 0.76 x.
    plan = group(commitments={0: 20.0}).plan(0, position(), 150.0, P)
    assert plan.new_asset_backed == pytest.approx(1.8)
    assert plan.sale_listed == pytest.approx(0.112 / 0.76)
    assert plan.new_bonds == pytest.approx(1.2 - 0.112 / 0.76)


def test_above_the_normal_limit_it_sells_slowly_and_repays_loans_first() -> None:
    # Debt 6 on 20: to 20% sells (6 - 4) / 0.8 = 2.5, a quarter a month; no purchase, no need of money.
    plan = group().plan(0, position(bonds=8.5, loans=0.5, cash=3.0 + 0.4, asset_backed=2.0, telecom=4.0), 150.0, P)
    gap = (5.6 - 0.2 * 20.0) / 0.8
    assert (plan.distress, plan.investment) == (1, 0.0)
    assert plan.sale_listed == pytest.approx(0.25 * gap)
    assert plan.sale_unlisted == 0.0
    assert plan.new_loans == pytest.approx(-0.5)
    assert plan.new_bonds == pytest.approx(0.0, abs=1e-12)
    more = group().plan(0, position(bonds=8.5, loans=0.3, cash=3.4), 150.0, P)
    gap = (5.4 - 4.0) / 0.8
    assert more.new_loans == pytest.approx(-0.3)
    assert more.new_bonds == pytest.approx(-(0.25 * gap - 0.3))


def test_in_distress_it_sells_fast_listed_first_then_unlisted_at_a_discount() -> None:
    # Debt 12 on 20, 60%: gap (12 - 4) / 0.8 = 10, half of it 5 wanted; half of the listed 2 is 1, and 0.1 x 16 or
    # half the market's 1.2 a month of the unlisted.
    its = position(listed=2.0, unlisted=16.0, bonds=12.0, loans=5.0, cash=5.0)
    assert SoftBankGroup._sales(2, its, 0.2, P) == pytest.approx((1.0, 0.6))
    assert SoftBankGroup._sales(1, its, 0.2, P) == pytest.approx((1.0, 0.0))
    assert SoftBankGroup._sales(0, its, 0.2, P) == (0.0, 0.0)
    assert SoftBankGroup._sales(2, its._replace(unlisted=3.0), 0.2, P)[1] == pytest.approx(0.3)
    assert SoftBankGroup._sales(2, its._replace(bonds=1.0), 0.2, P) == (0.0, 0.0)
    plan = group().plan(0, its, 150.0, P)
    assert plan.distress == 2
    assert plan.new_asset_backed == pytest.approx(0.0)
    # 1.0 and 0.6 less a fifth repay loans.
    assert (plan.sale_listed, plan.sale_unlisted) == pytest.approx((1.0, 0.6))
    assert plan.new_loans == pytest.approx(-1.48)


def test_sales_stop_at_half_the_holding_and_at_what_the_market_takes() -> None:
    its = position(listed=1.0, unlisted=17.0, bonds=9.0, loans=0.0, cash=3.6)
    # Distress 1 (5.4 / 20 = 27%): gap 1.4 / 0.8 = 1.75, a quarter is 0.4375, half of what is listed 0.5.
    assert group().plan(0, its, 150.0, P).sale_listed == pytest.approx(0.4375)
    # A commitment of 3 of which loans on assets pay 1.8: of the other 1.2 half of what is listed is sold.
    plan = group(commitments={0: 20.0}).plan(0, its, 150.0, P)
    assert (plan.distress, plan.sale_listed) == (1, pytest.approx(0.5))
    assert plan.new_bonds == pytest.approx(0.7)
    big = position(listed=100.0, unlisted=0.0, telecom=2.0, bonds=50.0, loans=0.0, cash=22.0)
    assert group().plan(0, big, 150.0, P).sale_listed == pytest.approx(1.2)


def test_a_margin_call_is_what_loans_on_assets_exceed_the_collateral_by() -> None:
    # Collateral carries 0.5 x 2 + 0.2 x 3 = 1.6 of loans of 2: 0.4 are called back.
    its = position(listed=2.0, unlisted=3.0)
    assert SoftBankGroup._margin_loans(1.0, its, P) == pytest.approx(-0.4)
    # With 2.2 carried, 0.2 can still be borrowed although six tenths of 1 are wanted.
    assert SoftBankGroup._margin_loans(1.0, position(listed=3.2, unlisted=3.0), P) == pytest.approx(0.2)
    assert SoftBankGroup._margin_loans(0.1, position(listed=3.2, unlisted=3.0), P) == pytest.approx(0.06)


def test_it_invests_the_room_slowly_and_never_negatively() -> None:
    assert SoftBankGroup._investment(0.05, 20.0, P) == pytest.approx(0.1)
    assert SoftBankGroup._investment(0.5, 20.0, P) == pytest.approx(0.2)
    assert SoftBankGroup._investment(-0.05, 20.0, P) == 0.0


def test_the_corp_spends_its_plan_evenly_and_cuts_it_as_the_group_gets_into_debt() -> None:
    corp = SoftBankCorp(mesa.Model(), 3.6, 72)
    assert corp.data_centre_spending(20.0, P) == pytest.approx(0.05)
    # One point above 25%: 3 x 0.01 / 0.1 off.
    assert corp.data_centre_spending(26.0, P) == pytest.approx(0.035)
    assert corp.data_centre_spending(40.0, P) == 0.0
    assert corp.data_centre_plan_trn_yen == pytest.approx(3.515)
    corp.data_centre_plan_trn_yen = 0.02
    assert corp.data_centre_spending(20.0, P) == pytest.approx(0.02)
    assert corp.data_centre_plan_trn_yen == 0.0
    assert SoftBankCorp(mesa.Model(), 3.6, 0).monthly_plan_trn_yen == 0.0


# Its accounts.


def test_interest_goes_to_lenders_at_home_and_abroad_and_follows_rates_and_half_the_spread() -> None:
    ledger, its = HandLedger(DEBTS), group()
    its.asset_backed, its.spread_pct = 1.5, 2.0
    books = accounts(ledger)
    # Loans at 3%, bonds at 4%; a quarter of the loans and a quarter of the bonds are owed abroad.
    left = books.pay_interest(ledger, its, 0.0)  # type: ignore[arg-type]
    loans, bonds = 0.03 * 6.0 / 12.0, 0.04 * 8.0 / 12.0
    assert left == pytest.approx(0.25 * loans + 0.25 * bonds)
    assert ledger.paid(SOFTBANK_GROUP, BANKS, "loan_interest") == pytest.approx(0.75 * loans)
    assert ledger.paid(SOFTBANK_GROUP, FOREIGN_INVESTORS, "loan_interest") == pytest.approx(0.25 * loans)
    assert ledger.paid(SOFTBANK_GROUP, HOUSEHOLDS, "bond_interest") == pytest.approx(0.5 * bonds)
    assert ledger.paid(SOFTBANK_GROUP, BANKS, "bond_interest") == pytest.approx(0.25 * bonds)
    assert ledger.paid(SOFTBANK_GROUP, FOREIGN_INVESTORS, "bond_interest") == pytest.approx(0.25 * bonds)
    assert ledger.paid(SOFTBANK_GROUP, FIRMS, "softbank_running_costs") == pytest.approx(0.05)
    # Half a point more by the policy rate, half of one point by the spread.
    ledger.posted, its.spread_pct = [], 3.0
    books.pay_interest(ledger, its, 0.5)  # type: ignore[arg-type]
    assert ledger.paid(SOFTBANK_GROUP, BANKS, "loan_interest") == pytest.approx(0.75 * 0.04 * 6.0 / 12.0)
    assert ledger.paid(SOFTBANK_GROUP, HOUSEHOLDS, "bond_interest") == pytest.approx(0.5 * 0.05 * 8.0 / 12.0)
    ledger.posted, its.spread_pct = [], 2.0
    books.pay_interest(ledger, its, -9.0)  # type: ignore[arg-type]
    assert ledger.paid(SOFTBANK_GROUP, BANKS, "loan_interest") == 0.0
    assert ledger.paid(SOFTBANK_GROUP, HOUSEHOLDS, "bond_interest") == 0.0


def test_without_loans_nothing_of_them_is_paid_abroad() -> None:
    ledger, its = HandLedger(DEBTS), group()
    books = accounts(ledger)
    ledger.holdings[LOANS, SOFTBANK_GROUP] = 0.0
    assert books.pay_interest(ledger, its, 0.0) == pytest.approx(0.25 * 0.32 / 12.0)  # type: ignore[arg-type]


def test_the_opening_splits_foreign_holdings_and_loans_on_assets() -> None:
    facts = {
        "softbank_holding_arm_trn_yen": 12.0,
        "softbank_holding_t_mobile_and_deutsche_telekom_trn_yen": 3.0,
        "softbank_debt_margin_loan_on_arm_trn_yen": 1.2,
        "softbank_debt_loan_on_softbank_corp_shares_trn_yen": 0.5,
    }
    its = group()
    held = {(FOREIGN_AI_EQUITY, SOFTBANK_GROUP): 24.0, (JAPANESE_EQUITY, SOFTBANK_GROUP): 7.7}
    ledger = HandLedger(DEBTS | held)
    open_group(its, given(fact=facts.__getitem__), ledger, P)  # type: ignore[arg-type]
    # Bonds 8 and loans 6 less 1.7 on 24 + 7.7 - 1.7: 41%; of a belief of 0.3 four tenths count.
    assert its.spread_pct == pytest.approx((1.0 + 4.0 * 0.41 + 50.0 * 0.0256) * (1.0 - 0.12))
    assert (its.listed, its.unlisted_mark, its.unlisted_true) == (15.0, 9.0, 9.0)
    assert its.asset_backed == pytest.approx(1.7)


def test_the_position_is_read_with_debts_as_positive_amounts() -> None:
    its = group()
    its.listed, its.unlisted_mark, its.asset_backed = 10.0, 8.0, 1.5
    held = {(JAPANESE_EQUITY, SOFTBANK_GROUP): 4.0, (DEPOSITS, SOFTBANK_GROUP): 3.0}
    found = group_position(its, HandLedger(DEBTS | held))  # type: ignore[arg-type]
    assert found == (10.0, 8.0, 4.0, 3.0, 8.0, 4.5, 1.5)


def test_a_plan_is_posted_and_buys_dollars_for_what_is_neither_borrowed_nor_sold_in_dollars() -> None:
    ledger, its = HandLedger(DEBTS), group()
    its.listed, its.unlisted_mark, its.unlisted_true, its.asset_backed = 10.0, 8.0, 6.0, 1.5
    plan = GroupPlan(1.5, 0.2, 0.4, 0.8, 0.6, -0.3, 0.5, 0.7, 0)
    dollars = accounts(ledger).carry_out(ledger, its, plan)  # type: ignore[arg-type]
    assert dollars == pytest.approx(1.5 + 0.2 - 0.7 - 0.4 - 0.8 * 0.8)
    assert ledger.traded(SOFTBANK_GROUP, FOREIGN_INVESTORS, FOREIGN_AI_EQUITY) == pytest.approx(1.7)
    assert ledger.traded(FOREIGN_INVESTORS, SOFTBANK_GROUP, FOREIGN_AI_EQUITY) == pytest.approx(1.2)
    prices = [each[5] for each in ledger.posted if each[-1] == "softbank_asset_sale"]
    assert prices == pytest.approx([1.0, 0.8])
    # What is sold at a discount has first lost it.
    assert (
        "revalue claim",
        FOREIGN_AI_EQUITY,
        SOFTBANK_GROUP,
        FOREIGN_INVESTORS,
        pytest.approx(-0.16),
    ) in ledger.posted
    for holder, share in ((HOUSEHOLDS, 0.5), (BANKS, 0.25), (FOREIGN_INVESTORS, 0.25)):
        assert ledger.traded(holder, SOFTBANK_GROUP, OTHER_DEBT_SECURITIES) == pytest.approx(share * 0.6)
    assert ledger.traded(BANKS, SOFTBANK_GROUP, LOANS) == pytest.approx(-0.3)
    assert ledger.traded(FOREIGN_INVESTORS, SOFTBANK_GROUP, LOANS) == pytest.approx(0.5)
    assert (its.asset_backed, its.listed) == pytest.approx((2.0, 9.8))
    # A tenth of the marks is sold, and a tenth of what they are worth.
    assert (its.unlisted_mark, its.unlisted_true) == pytest.approx((7.2 + 1.5, 5.4 + 1.5))


def test_without_unlisted_holdings_a_plan_leaves_nothing_to_scale() -> None:
    ledger, its = HandLedger(DEBTS), group()
    accounts(ledger).carry_out(ledger, its, GroupPlan(commitment=1.0))  # type: ignore[arg-type]
    assert (its.unlisted_mark, its.unlisted_true) == (1.0, 1.0)


def test_creditors_write_off_what_exceeds_the_share_they_keep() -> None:
    ledger = HandLedger(DEBTS | {(DEPOSITS, SOFTBANK_GROUP): 1.0})
    its = group()
    its.listed, its.unlisted_mark, its.asset_backed = 4.0, 3.0, 2.0
    # Debt 8 + 4 less cash 1 on holdings of 5: 220%.  Kept are 80% of 5 and the cash: 5 of 12.
    books = accounts(ledger, its)
    loss = books.restructure(ledger, its)  # type: ignore[arg-type]
    assert loss == books.written_off_trn_yen == pytest.approx(7.0)
    bonds = 7.0 * 8.0 / 12.0
    for holder, share in ((HOUSEHOLDS, 0.5), (BANKS, 0.25), (FOREIGN_INVESTORS, 0.25)):
        assert ledger.written_off(holder, SOFTBANK_GROUP, OTHER_DEBT_SECURITIES) == pytest.approx(share * bonds)
    assert ledger.written_off(BANKS, SOFTBANK_GROUP, LOANS) == pytest.approx(7.0 - bonds)
    assert its.asset_backed == 2.0


def test_lenders_on_assets_lose_what_the_assets_no_longer_cover() -> None:
    ledger = HandLedger(DEBTS | {(DEPOSITS, SOFTBANK_GROUP): 1.0, (JAPANESE_EQUITY, SOFTBANK_GROUP): 0.5})
    its = group()
    its.listed, its.unlisted_mark, its.asset_backed = 1.0, 0.25, 2.0
    loss = accounts(ledger, its).restructure(ledger, its)  # type: ignore[arg-type]
    assert ledger.written_off(FOREIGN_INVESTORS, SOFTBANK_GROUP, LOANS) == pytest.approx(0.25)
    assert its.asset_backed == pytest.approx(1.75)
    # Nothing is left of the holdings: of debts of 8 + 4.25 the cash of 1 is kept.
    assert loss == pytest.approx(0.25 + 11.25)


def test_a_solvent_group_keeps_its_debts() -> None:
    ledger = HandLedger(DEBTS)
    its = group()
    its.listed, its.unlisted_mark, its.asset_backed = 10.0, 5.0, 2.0
    books = accounts(ledger, its)
    assert books.restructure(ledger, its) == books.written_off_trn_yen == 0.0  # type: ignore[arg-type]
    assert not any(each[-1] for each in ledger.posted)


def test_listed_holdings_move_at_once_and_unlisted_marks_at_a_quarters_end_half_way() -> None:
    ledger, its = HandLedger(DEBTS), group()
    its.listed, its.unlisted_mark, its.unlisted_true = 10.0, 10.0, 10.0
    books = accounts(ledger)
    books.mark(ledger, its, math.log(1.1), math.log(1.02), 0.0, quarter_end=False)  # type: ignore[arg-type]
    assert (its.listed, its.unlisted_true, its.unlisted_mark) == pytest.approx((11.22, 11.22, 10.2))
    assert ledger.revalued(FOREIGN_AI_EQUITY) == pytest.approx(21.42 / 20.0 - 1.0)
    books.mark(ledger, its, 0.0, 0.0, 0.0, quarter_end=True)  # type: ignore[arg-type]
    assert its.unlisted_mark == pytest.approx(10.71)
    # Own news of one: a year's 40% over the square root of twelve.
    books.mark(ledger, its, 0.0, 0.0, 1.0, quarter_end=False)  # type: ignore[arg-type]
    assert its.unlisted_true == pytest.approx(11.22 * math.exp(0.4 / math.sqrt(12.0)))


# Its shares.


def test_shares_follow_the_value_of_holdings_the_market_and_a_pull() -> None:
    shares = SoftBankShares(P, market_value=9.0, net_asset_value=15.0)
    value = np.array([15.0, 15.0, 15.0]) * np.exp([0.1, 0.1, 0.1])
    news = np.array([0.0, 1.0, 0.0])
    market = np.array([0.0, 0.0, -0.02])
    prices = shares.trade_month(value, market, news)
    # 0.1 at once with the value and 0.1 x 0.1 of pull; then 1.5% of own news; then 0.6 of the market's fall.
    first = 0.1 + 0.1 * 0.1
    second = first + 0.1 * (0.1 - first) + 0.015
    third = second + 0.1 * (0.1 - second) - 0.012
    assert prices == pytest.approx([first, second, third])
    assert shares.trade_month(value[:1], np.zeros(1), np.zeros(1)) == pytest.approx([third + 0.1 * (0.1 - third)])


def test_shares_of_a_company_worth_nothing_fall_to_a_twentieth() -> None:
    shares = SoftBankShares(P, market_value=9.0, net_asset_value=15.0)
    prices = shares.trade_month(np.array([-3.0]), np.zeros(1), np.zeros(1))
    assert prices == pytest.approx([1.1 * math.log(0.05)])


def test_new_shares_move_no_price() -> None:
    shares = SoftBankShares(P, market_value=9.0, net_asset_value=15.0)
    shares.issue(3.0, 15.0)
    assert shares.trade_month(np.array([18.0]), np.zeros(1), np.zeros(1)) == pytest.approx([0.0], abs=1e-12)
    deep = SoftBankShares(P, market_value=9.0, net_asset_value=15.0)
    deep.issue(1.5, -2.0)
    assert deep.log_value_start == pytest.approx(math.log(15.0) + math.log(3.0))
