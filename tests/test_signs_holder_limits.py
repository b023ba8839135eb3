"""Limits of bond holders and of SoftBank's holders, worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from itcho.agents.banks import BankCapital, BankMonth, most_bonds_trn_yen
from itcho.agents.bond_demand import MemberDemand, unlimited
from itcho.agents.frozen import FrozenBands, FrozenSoftBankHolders
from itcho.agents.insurers import InsurerBooks, InsurerMonth, bond_price, least_bonds_trn_yen
from itcho.agents.investors import (
    BANK,
    CORPORATE_PENSION,
    FOREIGN,
    FUND,
    HOUSEHOLD,
    INSURER,
    INSURER_PENSION,
    PUBLIC_PENSION,
    mandates_of,
    stratified,
    type_slices,
)
from itcho.agents.pension_funds import Bands
from itcho.agents.softbank_holders import SoftBankHolders, SoftBankOrders
from itcho.model.disturbances import DisturbedMonth
from itcho.model.economy import JapanEconomy
from tests.hand_ledger import given

P: Any = given(
    bank_rate_risk_limit_pct=20.0,
    bank_rate_risk_headroom=0.5,
    bank_bond_duration_years=5.0,
    bank_loss_recognised_share=0.5,
    bank_loss_half_life_years=1.0 / 12.0,
    insurer_book_yield_pct=2.0,
    insurer_bond_duration_years=12.0,
    insurer_gains_to_bonds=0.3,
    insurer_equity_gain_share=0.6,
    insurer_superlong_share=0.3,
    insurer_impairment_exempt_share=0.8,
    insurer_loss_budget_share_year=0.12,
    limit_beyond_response_share=0.1,
    softbank_return_asked_pct=15.0,
    softbank_return_asked_spread_pct=10.0,
    softbank_exit_share_monthly=0.3,
    softbank_value_discount_low_pct=20.0,
    softbank_value_discount_high_pct=50.0,
    softbank_margin_share=0.1,
    softbank_margin_rebuilding_months=12.0,
    softbank_demand_response=1.0,
    softbank_risk_room=0.5,
    softbank_risk_limited_share=0.4,
    softbank_risk_sale_share=0.5,
    impairment_judgement_share=0.2,
    impaired_sale_share=0.5,
)


# The market.


def capped(most: float, beyond: float = 0.0, least: float = 0.0) -> MemberDemand:
    """Two members that want 10 each and 10 more a point; the first has limits."""
    free = unlimited(np.array([10.0, 10.0]), np.array([10.0, 10.0]))
    return free._replace(most=np.array([most, np.inf]), least=np.array([least, 0.0]), beyond=beyond)


def test_a_member_at_its_limit_leaves_the_rest_to_the_other() -> None:
    # 26 to hold: the first stops at 12, the other takes 14 at 0.4 of a point.
    demand = capped(12.0)
    assert demand.premium_pp(26.0) == pytest.approx(0.4)
    assert demand.held_at(26.0) == pytest.approx([12.0, 14.0])
    assert float(demand.held_at(26.0).sum()) == pytest.approx(26.0, rel=1e-12)
    assert demand.slope_at(0.4) == pytest.approx(10.0)
    # Below its limit nobody notices it.
    assert demand.premium_pp(22.0) == pytest.approx(unlimited(demand.wanted, demand.slope).premium_pp(22.0)) == 0.1
    # Beyond it the first takes a tenth of its slope: 12 + 1 x (m - 0.2) + 10 + 10 m = 27.8 at m = 6 / 11.
    assert capped(12.0, 0.1).premium_pp(27.8) == pytest.approx(6.0 / 11.0)
    # A stock that loses 10 a point: 22 + 10 m = 26 - 10 m.
    assert demand.premium_pp(26.0, 10.0) == pytest.approx(0.2)


def test_a_member_that_may_not_sell_leaves_sales_to_the_other() -> None:
    # 14 to hold: the first keeps 9, the other goes to 5 at half a point less.
    demand = capped(np.inf, least=9.0)
    assert demand.held_at(14.0) == pytest.approx([9.0, 5.0])
    assert demand.premium_pp(14.0) == pytest.approx(-0.5)
    assert demand.without_limits(-0.5) == pytest.approx([5.0, 5.0])


# Banks.


def test_capital_of_ten_bears_forty_of_bonds() -> None:
    # A fifth of 10 is 2, which bonds of 40 lose at a duration of five years and a rise of one point.
    assert most_bonds_trn_yen(10.0, 20.0, 5.0) == pytest.approx(40.0)


def test_a_bank_holds_its_plan_and_headroom_less_what_it_lost() -> None:
    bank = BankCapital(np.array([0.75, 0.25]), np.array([0.8, 1.6]), P)
    assert bank.most(np.array([10.0, 5.0])) == pytest.approx([14.0, 9.0])
    # A rise of one point costs 5% of 12 and 4, half of which counts, and credit 0.4: 4 of bonds less for a yen lost.
    bank.bear(BankMonth(1.0, 0.4), np.array([12.0, 4.0]))
    assert bank.lost == pytest.approx([0.3 + 0.3, 0.1 + 0.1])
    assert bank.most(np.array([10.0, 5.0])) == pytest.approx([14.0 - 2.4, 9.0 - 0.8])
    # Half is earned back in a month; gains beyond it are no capital.
    bank.bear(BankMonth(0.0, 0.0), np.zeros(2))
    assert bank.lost == pytest.approx([0.3, 0.1])
    bank.bear(BankMonth(-2.0, 0.0), np.array([12.0, 4.0]))
    assert bank.lost == pytest.approx([0.0, 0.0])


# Insurers.


def test_a_bond_of_low_coupon_is_worth_half_of_face_at_less_than_three_percent() -> None:
    assert bond_price(0.4, 30.0, 2.90) > 0.5 > bond_price(0.4, 30.0, 2.93)
    # One year at 4%: coupons of 1 after half a year and 101 after one.
    assert bond_price(2.0, 1.0, 4.0) == pytest.approx(0.01 / 1.02 + 1.01 / 1.02**2)
    assert bond_price(2.0, 30.0, 2.0) == pytest.approx(1.0)
    assert bond_price(2.0, 30.0, 0.0) == pytest.approx(1.6)


def test_a_budget_of_losses_sells_twice_itself_of_bonds_at_half_their_price() -> None:
    # Losing half of face, 1 of losses is 2 of bonds sold: 10 less 2.
    assert least_bonds_trn_yen(np.array([10.0]), np.array([1.0]), 0.5) == pytest.approx([8.0])
    assert least_bonds_trn_yen(np.array([10.0]), np.array([9.0]), 0.5) == pytest.approx([0.0])
    assert least_bonds_trn_yen(np.array([10.0]), np.array([0.0]), -0.1) == pytest.approx([0.0])


def test_an_insurer_buys_until_losses_on_bonds_eat_its_gains_on_shares() -> None:
    books = InsurerBooks(np.array([10.0, 10.0]), np.array([1.0, 0.2]), 2.5, P)
    calm = InsurerMonth(2.5, 0.0, 1.5)
    # Gains of 3 and 0.6; at half a point above book, 6% of 10 are lost, and 18% more for each point of 10-year yields.
    assert books.room_pp(calm, np.array([10.0, 10.0])) == pytest.approx([2.4 / 1.8, 0.0])
    # Shares of 3 / 0.6 lose a quarter.
    assert books.gains(-0.25) == pytest.approx([3.0 - 1.25, 0.6 - 0.25])
    assert books.gains(-0.9) == pytest.approx([0.0, 0.0])
    # A month's budget of a hundredth of gains, at losses of 6%.
    assert books.least(calm, np.array([10.0, 10.0])) == pytest.approx([10.0 - 0.03 / 0.06, 10.0 - 0.006 / 0.06])
    # Bonds above their book value leave more room.
    assert books.room_pp(InsurerMonth(1.5, 0.0, 1.5), np.array([10.0, 10.0])) == pytest.approx([3.6 / 1.8, 1.2 / 1.8])


def test_bonds_that_have_lost_half_are_written_down_once_out_of_gains() -> None:
    books = InsurerBooks(np.array([10.0]), np.array([1.0]), 2.8, P)
    # At 2.95% the vintage of 0.4% and 30 years is below half, and that of 0.7% and 35 years is not, nor any other but
    # that of 0.5% and 33 years, which falls at 2.86%: each is a sixth of the third that a fifth of is not exempt.
    lost = 0.3 * 0.2 / 6.0 * 10.0 * (2.0 - bond_price(0.4, 30.0, 2.95) - bond_price(0.5, 33.0, 2.95))
    assert books.write_down(np.array([10.0]), 2.95) == pytest.approx(lost)
    assert books.write_down(np.array([10.0]), 2.95) == 0.0
    assert books.gains(0.0) == pytest.approx([3.0 - lost])
    # What stood below half before the start is written down in the opening books.
    later = InsurerBooks(np.array([10.0]), np.array([1.0]), 2.95, P)
    assert later.write_down(np.array([10.0]), 2.95) == 0.0
    # New bonds at 3% over twelve years.
    later.grow_old(3.44)
    assert later.book_yield_pct == pytest.approx(2.01)


# Pension funds.


def one_fund(held: float) -> tuple[Bands, Any]:
    """A fund with a quarter in a class, five points either way, and how it trades."""
    bands = Bands(np.array([25.0]), np.array([100.0]), np.array([0.05]), np.array([0.5]))
    return bands, lambda now: bands.orders(np.array([now]), np.array([100.0]), 0.0).item()


def test_a_fund_comes_back_to_the_edge_of_its_band_in_three_months_and_does_nothing_inside() -> None:
    _, order = one_fund(25.0)
    held = 32.0
    for left in (32.0 - 2.0 / 3.0, 32.0 - 4.0 / 3.0, 30.0, 30.0):
        held += order(held)
        assert held == pytest.approx(left)
    assert order(26.0) == 0.0
    assert order(17.0) == pytest.approx(1.0)


def test_new_money_goes_where_a_fund_is_below_its_weight() -> None:
    bands, _ = one_fund(25.0)
    # A tenth of the 3 to the middle, at most 0.1% of assets, and 1% of what it holds to keep pace.
    now = np.array([22.0]), np.array([100.0])
    assert bands.orders(*now, 0.01, 0.1, 0.01).item() == pytest.approx(0.22 + 0.3)
    assert bands.orders(*now, 0.01, 0.1, 0.001).item() == pytest.approx(0.22 + 0.1)
    least, most = bands.edges(np.array([200.0]))
    assert (least.item(), most.item()) == pytest.approx((40.0, 60.0))
    assert bands.slack(np.array([28.0]), np.array([100.0])).item() == pytest.approx(0.4)
    assert bands.slack(np.array([31.0]), np.array([100.0])).item() == pytest.approx(-0.2)
    # Who starts at the upper edge has the whole band below.
    high = Bands(np.array([25.0]), np.array([100.0]), np.array([0.05]), np.array([1.0]))
    assert (high.lower.item(), high.upper.item()) == pytest.approx((0.15, 0.25))


def test_the_public_fund_is_one_member_at_every_size() -> None:
    assert mandates_of(3).tolist() == [INSURER] * 3
    assert mandates_of(5).tolist() == [PUBLIC_PENSION, CORPORATE_PENSION, INSURER, INSURER, INSURER]
    for members in (300, 2000):
        economy = JapanEconomy(policy="none", rng=1, years=1, noise=False, investors=members)
        rows = type_slices(members)[INSURER_PENSION]
        weight, mandate = (economy.investors.arrays[name][rows] for name in ("weight", "mandate"))
        assert weight.sum() == pytest.approx(1.0)
        assert (mandate == PUBLIC_PENSION).sum() == 1
        assert weight[mandate == CORPORATE_PENSION].sum() == pytest.approx(0.1)


def test_a_frozen_fund_keeps_pace_wherever_its_weight_goes() -> None:
    bands, _ = one_fund(25.0)
    bands.__class__ = FrozenBands
    held, assets = np.array([32.0]), np.array([100.0])
    assert bands.orders(held, assets, 0.01, 0.5, 0.1) == pytest.approx([0.32])
    least, most = bands.edges(assets)
    assert (least.tolist(), most.tolist(), bands.slack(held, assets).tolist()) == ([0.0], [np.inf], [1.0])


def test_places_are_spread_alike_among_heavy_and_light_members() -> None:
    assert stratified(np.array([4.0, 3.0, 2.0, 1.0])) == pytest.approx([0.5, 0.25, 0.75, 0.125])
    assert stratified(np.array([1.0, 2.0, 3.0])) == pytest.approx([0.75, 0.25, 0.5])


# Holders of SoftBank.


def holders(**changed: float) -> tuple[SoftBankHolders, dict[str, np.ndarray]]:
    """One member of each type: 10 of SoftBank and 990 of other shares each."""
    columns = {name: np.full(7, value) for name, value in (("softbank", 10.0), ("softbank_cost", 10.0))}
    columns |= {"equity": np.full(7, 990.0), "weight": np.ones(7), "room": np.ones(7), "strictness": np.full(7, 1.0)}
    columns["strictness"][INSURER_PENSION] = 0.5
    columns["softbank"][BANK] = 0.0
    p = given(**vars(P) | changed)
    rows = tuple(slice(kind, kind + 1) for kind in range(7))
    return SoftBankHolders(given(arrays=columns), rows, p), columns  # type: ignore[arg-type]


def fallen(columns: dict[str, np.ndarray], index: float) -> None:
    columns["softbank"] *= index


def test_in_quiet_months_nobody_trades_softbank() -> None:
    its, columns = holders()
    orders = its.decide(1.0, 1.0, 0.0)
    assert orders == ({HOUSEHOLD: 0.0, INSURER_PENSION: 0.0, FUND: 0.0, FOREIGN: 0.0}, 0.0, 0.0)
    assert columns["softbank"][HOUSEHOLD] == 10.0


def test_frozen_holders_of_softbank_are_called_by_nobody_and_alike_ones_all_ask_for_the_mean() -> None:
    its, columns = holders()
    its.__class__ = FrozenSoftBankHolders
    fallen(columns, 0.5)
    assert its.decide(0.5, 9.0, 0.0) == SoftBankOrders.none()
    assert columns["softbank"][HOUSEHOLD] == 5.0
    # Two households of weights one and three, of whom the small one has all 10, and one member of each other type.
    columns = {name: np.array([10.0, *np.zeros(7)]) for name in ("softbank", "softbank_cost")}
    columns |= {"equity": np.full(8, 990.0), "weight": np.array([0.25, 0.75, *np.ones(6)])}
    columns |= {"room": np.array([1.5, 0.5, *np.ones(6)]), "strictness": np.array([0.9, 0.1, *np.full(6, 0.5)])}
    rows = (slice(0, 2), *(slice(kind, kind + 1) for kind in range(2, 8)))
    two = SoftBankHolders(given(arrays=columns), rows, P)  # type: ignore[arg-type]
    assert np.ptp(two.asked_pct[:2]) > 0.0
    two.make_alike()
    assert columns["softbank"][:2] == pytest.approx([2.5, 7.5])
    assert columns["softbank_cost"][:2] == pytest.approx([2.5, 7.5])
    assert [column[0] for column in two._columns[3:5]] == [0.5, 1.0]
    assert two.on_margin == pytest.approx(P.softbank_margin_share * np.array([2.5, 7.5]))
    assert two.asked_pct[:2] == pytest.approx([P.softbank_return_asked_pct] * 2)
    middle = 0.5 * (P.softbank_value_discount_low_pct + P.softbank_value_discount_high_pct)
    assert two.buys_from_pct == pytest.approx([middle] * two.buys_from_pct.size)
    # Other agents go on by their own room.
    assert columns["room"][:2].tolist() == [1.5, 0.5]


def test_a_household_that_put_up_least_is_called_when_a_tenth_is_gone() -> None:
    its, columns = holders()
    fallen(columns, 0.91)
    assert its.decide(0.91, 1.0, 0.0).discount_pct == 0.0
    its, columns = holders()
    fallen(columns, 0.89)
    # It sells the tenth bought on margin, 0.89; insurers, funds and investors abroad take it: 1% of 3 x 8.9 a percent.
    orders = its.decide(0.89, 1.0, 0.0)
    assert orders.bought[HOUSEHOLD] == pytest.approx(-0.89)
    assert orders.discount_pct == pytest.approx(0.89 / 0.267)
    assert sum(orders.bought.values()) == pytest.approx(0.0, abs=1e-12)
    assert columns["softbank"][HOUSEHOLD] == pytest.approx(8.01)
    # What it lost on the 1 bought on margin is paid out of other shares.
    assert orders.others_sold_trn_yen == pytest.approx(0.11)
    assert columns["equity"][HOUSEHOLD] == pytest.approx(989.89)
    assert its.readings()[0].bound_share == 1.0
    assert its.on_margin == pytest.approx([0.0])


def test_an_insurer_writes_down_what_lost_as_much_as_its_rule_says_and_sells_half() -> None:
    its, columns = holders(softbank_margin_share=0.0)
    fallen(columns, 0.61)
    assert its.decide(0.61, 1.0, 0.0).bought[INSURER_PENSION] == pytest.approx(0.0)
    its, columns = holders(softbank_margin_share=0.0)
    # Its own rule is half of the way from 50% to 30%.
    fallen(columns, 0.59)
    assert its.decide(0.59, 1.0, 0.0).bought[INSURER_PENSION] == pytest.approx(-0.5 * 5.9)
    # The rest stands at what it is worth: nothing more is sold at that price.
    assert columns["softbank_cost"][INSURER_PENSION] == pytest.approx(2.95)
    assert its.decide(0.59, 1.0, 0.0).discount_pct == 0.0


def returned(its: SoftBankHolders, months: int, pct: float) -> None:
    for _ in range(months):
        its.learn(math.log1p(pct / 100.0) / 12.0)


def test_nobody_judges_the_funds_before_a_year_is_on_record_and_then_by_their_last_twelve_months() -> None:
    its, _ = holders(softbank_margin_share=0.0)
    returned(its, 11, -50.0)
    assert its.fund_return_pct is None
    assert its.decide(1.0, 1.0, 0.0).discount_pct == 0.0
    returned(its, 12, 26.0)
    assert its.fund_return_pct == pytest.approx(26.0)
    # All ask for 25%, insurers for nothing.
    assert its.decide(1.0, 1.0, 0.0).discount_pct == 0.0
    assert its.readings()[-1].bound_share == 0.0


def test_who_asks_for_more_than_the_funds_returned_sells_until_the_discount_is_worth_it() -> None:
    its, _ = holders(softbank_margin_share=0.0)
    its.asked_pct[[FUND, FOREIGN]] = 23.0
    returned(its, 12, 24.0)
    # The household leaves: 3 of its 10, which three others take at 0.1 each for a percent.
    orders = its.decide(1.0, 1.0, 0.0)
    assert orders.discount_pct == pytest.approx(10.0)
    assert [orders.bought[kind] for kind in (HOUSEHOLD, INSURER_PENSION, FUND, FOREIGN)] == pytest.approx(
        [-3.0, 1.0, 1.0, 1.0]
    )
    assert its.readings()[-1].withheld_trn_yen == pytest.approx(3.0)
    # It buys from 35% on: at 30% it stops at five more, and sells no more than the 5 x 0.1 x 3 the others take there.
    its, _ = holders(softbank_margin_share=0.0)
    its.asked_pct[[FUND, FOREIGN]] = 23.0
    returned(its, 12, 24.0)
    orders = its.decide(1.0, 1.0, 30.0)
    assert orders.discount_pct == pytest.approx(5.0)
    assert orders.bought[HOUSEHOLD] == pytest.approx(-1.5)
    # Beyond it there is nothing that makes it sell.
    its, _ = holders(softbank_margin_share=0.0)
    returned(its, 12, -90.0)
    assert its.decide(1.0, 1.0, 36.0).bought[HOUSEHOLD] == 0.0


def test_what_is_asked_and_the_discount_that_is_worth_it_are_spread_over_members() -> None:
    economy = JapanEconomy(policy="none", rng=1, years=1, noise=False, investors=300)
    its = economy.world.softbank_holders
    for kind in (HOUSEHOLD, FUND, FOREIGN):
        asked = its.asked_pct[its.rows[kind]]
        assert 5.0 <= asked.min() < 10.0
        assert 20.0 < asked.max() <= 25.0
        worth = its.buys_from_pct[its.rows[kind]]
        assert 17.0 <= worth.min() < 26.0
        assert 43.0 < worth.max() <= 52.0
    assert (its.asked_pct[its.rows[INSURER_PENSION]] < -100.0).all()


class Fall:
    """SoftBank's holdings lose a part of their value in the second month."""

    def __call__(self, month: DisturbedMonth) -> None:
        if month.clock.month == 1:
            month.disturbances.softbank_holdings_log_return = math.log(0.5)


def test_a_fall_of_sixty_percent_is_traded_and_other_shares_fall_with_it() -> None:
    made = [JapanEconomy(policy="none", rng=1, years=1, noise=False, shocks=shocks) for shocks in ((), (Fall(),))]
    for one in made:
        for _ in range(2):
            one.step()
    assert -0.65 < made[1].world.softbank_shares.index / made[0].world.softbank_shares.index - 1.0 < -0.55
    before = made[1].portfolios.softbank_shares_of_equity(made[1].portfolios.rows[HOUSEHOLD]).copy()
    for one in made:
        one.step()
    sold = made[1].closed_month.softbank
    assert sold.holders.bought[HOUSEHOLD] < -0.05
    assert sold.holders.others_sold_trn_yen > 0.1
    assert sold.equity_pressed_pct > 0.02
    assert made[1].state.equity_index < made[0].state.equity_index * (1.0 - 0.0002)
    assert before.max() > 0.0
    assert made[1].ledger.max_relative_residual < 1e-9


# A flood of bonds.

OUTLOOK = 0.7 * 5.0
"""Bonds of a lasting deficit that count: five years of it, by seven tenths."""


def flood(members: int) -> dict[str, tuple[float, float]]:
    """Rise of the premium, basis points, for lasting deficits of 1% and 10% of GDP: limits as they are, the same limits
    in all with each member having the same part of what it wants, and without limits.
    """
    economy = JapanEconomy(policy="none", rng=1, years=1, noise=False, investors=members)
    economy.step()
    limits, p = economy.world.holder_limits, economy.parameters
    assert p.jgb_outlook_weight * p.jgb_outlook_years == OUTLOOK
    demand, premium = limits.cleared
    most, least = demand.most.copy(), demand.least.copy()
    for rows in (limits._rows_of_banks, limits._insurers, limits._pensions):
        wanted = demand.wanted[rows] / demand.wanted[rows].sum()
        most[rows], least[rows] = wanted * demand.most[rows].sum(), wanted * demand.least[rows].sum()
    found, stock = {}, float(demand.at(premium).sum())
    lost = p.jgb_duration_years / 100.0 * stock
    for name, one in (
        ("unequal", demand),
        ("equal", demand._replace(most=most, least=least)),
        ("none", unlimited(demand.wanted, demand.slope)),
    ):
        before = one.premium_pp(stock)
        more = [
            one.premium_pp(stock + share * OUTLOOK * economy.state.nominal_gdp_four_quarters + lost * before, lost)
            for share in (0.01, 0.1)
        ]
        found[name] = (100.0 * (more[0] - before), 100.0 * (more[1] - before))
    return found


def test_a_little_more_debt_costs_the_same_with_limits_and_a_flood_costs_more_the_more_unequal_they_are() -> None:
    found = flood(2000)
    assert 5.0 < found["unequal"][0] < 26.0
    assert found["unequal"][0] == pytest.approx(found["none"][0], rel=0.1)
    assert found["equal"][1] > 1.2 * found["none"][1]
    assert found["unequal"][1] > found["equal"][1]
    many = flood(100_000)
    assert many["unequal"][0] == pytest.approx(found["unequal"][0], rel=0.02)
    assert many["unequal"][1] == pytest.approx(found["unequal"][1], rel=0.1)


@pytest.mark.xfail(
    strict=True, reason="at the start unequal limits make a flood an eighth dearer than equal ones, not a fifth"
)
def test_unequal_limits_make_a_flood_of_bonds_a_fifth_dearer() -> None:
    found = flood(2000)
    assert found["unequal"][1] > 1.2 * found["equal"][1]
