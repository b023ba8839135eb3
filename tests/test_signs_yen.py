"""Signs and limits of a session of the dollar–yen market and of the choice between home and foreign AI, by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from itcho.agents.behaviours import Behaviours
from itcho.agents.carry_traders import carry_orders
from itcho.agents.errors import DecisionError
from itcho.agents.speculative_traders import DollarValue
from itcho.agents.treasurers import EXPORTERS, IMPORTERS, Treasurers
from itcho.agents.vocabulary import FIRMS, FOREIGN_INVESTORS
from itcho.model.ai.odds import log_odds, monthly_speed, share_of_odds
from itcho.model.finance.currency_orders import settle_hedges
from itcho.model.finance.foreign_exchange import CLIENTS, CurrencyTerms, ForeignExchangeMarket
from tests.hand_ledger import HandLedger, given

FX = {
    "initial_misalignment_pct": 0.0,
    "fair_rate_learning_quarterly": 0.0,
    "nfa_fundamental_response_pct": 0.2,
    "fx_long_run_daily_volatility_pct": 0.6,
    "fx_volatility_half_life_days": 1.0,
    "fx_predisposition": -0.3,
    "fx_herding": 0.0,
    "fx_misalignment_weight": 0.0,
    "fx_fundamentalist_pull": 0.01,
    "fx_chartist_extrapolation": 0.3,
    "fx_fundamentalist_noise": 0.002,
    "fx_chartist_noise": 0.004,
    "fx_trader_impact": 0.0,
    "trader_value_slope_pct_gdp": 0.5,
    "trader_limit_pct_gdp": 8.0,
    "trader_leverage_limit": 5.0,
    "trader_adjustment_daily": 0.1,
    "trader_ruin_share": 0.1,
    "trader_capital_return_monthly": 0.05,
    "dealer_impact_pct_per_pct_gdp": 4.0,
    "dealer_capacity_pct_gdp": 5.0,
    "dealer_capital_pct_gdp": 2.5,
    "carry_adjustment_daily": 0.1,
    "carry_limit_ceiling": 1.5,
    "carry_pause_days": 5.0,
    "carry_margin_share": 0.04,
}
GDP = 600.0
"""Trillion yen: 4,000 billion dollars at 150.  Dealers ask 0.1% a billion, traders want 20 billion for each percent."""


def market(noise_off: bool = True, usdjpy: float = 150.0, **changed: float) -> ForeignExchangeMarket:
    return ForeignExchangeMarket(usdjpy, 100.0, GDP, given(**FX | changed), noise_off)


class Members:
    """One speculative trader, a chartist unless said otherwise, and one carry trader."""

    def __init__(self, tilt: float = 9.0, held: float = 100.0, wealth: float = 48.0, carry_wealth: float = 5.0) -> None:
        self.traders = tuple(np.array([value]) for value in (1.0, tilt, 1.0, 1.0, wealth, 0.0))
        self.carry = tuple(np.array([value]) for value in (1.0, 1.0, 1.0, 0.02, 3.0, 0.0, carry_wealth, held))

    @property
    def position(self) -> float:
        return float(self.traders[5][0])

    @property
    def wealth(self) -> float:
        return float(self.traders[4][0])


def orders(sessions: int = 1, **bn_usd: float) -> np.ndarray:
    dollars = np.zeros((len(CLIENTS), sessions))
    for name, amount in bn_usd.items():
        dollars[CLIENTS.index(name)] = amount
    return dollars


def traded(
    its: ForeignExchangeMarket,
    dollars: np.ndarray,
    members: Members | None = None,
    appetite: float = 1.0,
    world: float = 1.0,
    gap: float = 0.0,
    **more: Any,
) -> Any:
    who = members or Members()
    news = np.zeros((dollars.shape[1], 2))
    yen = np.zeros(len(CLIENTS))
    yen[0] = more.pop("goods_trn_yen", 0.0)
    terms = CurrencyTerms(appetite, gap, GDP, world)
    return its.trade_month(yen, dollars, who.traders, who.carry, terms, more.pop("news", news), None, **more)


# An order: dealers at once, traders for good.


def test_an_order_moves_the_rate_by_the_dealers_price_and_traders_take_part_of_it_back() -> None:
    its, who = market(), Members()
    dollars = orders(2)
    dollars[CLIENTS.index("chip_imports"), 0] = 4.0
    found = traded(its, dollars, who, goods_trn_yen=0.0)
    # 4 billion at 0.1%; then the trader, who wants -8 for 0.4%, sells a tenth of that.  Dealers are short 4 and paid
    # for 4 less a thousandth: they lean on nothing to speak of, but have lost a little of their capital.
    assert found.log_prices[0] == pytest.approx(math.log(150.0) + 0.004)
    assert who.position == pytest.approx(-0.8)
    required = 0.001 * (1.0 + (4.0 / 200.0) ** 2)
    lost = 4.0 * 150.0 * math.expm1(0.004) / 1000.0
    risk = required / ((15.0 - lost) / 15.0)
    leaning = 0.1 * risk * (4.0 - 0.004 / required)
    assert found.log_prices[1] == pytest.approx(math.log(150.0) + 0.004 - 0.8 * risk + leaning)
    assert its.inventory_bn_usd == pytest.approx(-3.2)
    parts = its.parts
    assert parts["chip_imports"] == pytest.approx(0.004)
    assert parts["fundamentalists"] == pytest.approx(-0.8 * risk)
    assert parts["dealers_reversal"] == pytest.approx(leaning)
    assert sum(parts.values()) == pytest.approx(found.log_prices[1] - math.log(150.0))


def test_what_stays_of_an_order_is_what_its_holders_ask_for() -> None:
    its, who = market(), Members(held=0.0)
    traded(its, orders(1, goods_trade=30.0), who, 0.0)
    assert its.log_price == pytest.approx(math.log(150.0) + 0.03)
    for _ in range(20):
        traded(its, orders(21), who, 0.0)
    # Traders ask a percent for 20 billion and dealers for 10: of 30, traders hold 20 and dealers 10, for 1%.
    assert its.log_price == pytest.approx(math.log(150.0) + 0.01, abs=2e-5)
    assert who.position == pytest.approx(-20.0, abs=0.05)
    assert its.inventory_bn_usd == pytest.approx(-10.0, abs=0.05)
    # Sold again, nothing is left of it.
    traded(its, orders(1, goods_trade=-30.0), who, 0.0)
    for _ in range(20):
        traded(its, orders(21), who, 0.0)
    assert its.log_price == pytest.approx(math.log(150.0), abs=1e-6)
    assert who.position == pytest.approx(0.0, abs=1e-3)


def test_yen_orders_buy_dollars_at_the_rate_of_the_session() -> None:
    its = market(trader_value_slope_pct_gdp=0.0)
    traded(its, orders(2), goods_trn_yen=0.15)
    assert its.client_bn_usd == pytest.approx(1.0 + math.exp(-0.001))


def test_without_news_and_with_orders_that_balance_the_rate_rests() -> None:
    its, who = market(), Members()
    dollars = orders(21, goods_trade=7.0, direct_investment=-7.0)
    for _ in range(24):
        traded(its, dollars, who)
    assert its.log_price == pytest.approx(math.log(150.0), abs=1e-12)
    assert (who.position, its.inventory_bn_usd) == (pytest.approx(0.0, abs=1e-9), pytest.approx(0.0, abs=1e-9))


def test_beyond_the_traders_limit_dealers_alone_are_asked() -> None:
    its, who = market(trader_limit_pct_gdp=0.5, trader_capital_return_monthly=0.0), Members(wealth=3.0)
    traded(its, orders(1, goods_trade=60.0), who)
    for _ in range(40):
        traded(its, orders(21), who)
    # Traders stop at 20 billion; dealers hold 40 at 0.1% each, more by a twenty-fifth for the fifth of capacity.
    assert who.position == pytest.approx(-20.0)
    assert its.log_price == pytest.approx(math.log(150.0) + 0.04 * 1.04, abs=1e-4)


# Wealth.


def test_nobody_holds_more_than_five_times_its_wealth_and_ruined_traders_hold_nothing() -> None:
    its, who = market(trader_adjustment_daily=0.0), Members(wealth=6.0)
    who.traders[5][0] = -240.0
    # Five times 6 trillion yen are 200 billion dollars: 40 are bought back at once.
    traded(its, orders(), who)
    assert who.position == pytest.approx(-200.0)
    assert its.trader_bn_usd == pytest.approx(40.0)
    # A tenth of the capital of 48 trillion is the last.
    ruined = Members(wealth=4.7)
    ruined.traders[5][0] = -20.0
    traded(market(), orders(), ruined)
    assert ruined.position == 0.0


def test_a_traders_wealth_moves_with_its_position_its_orders_and_the_rate_gap() -> None:
    its, who = market(trader_value_slope_pct_gdp=0.0, trader_adjustment_daily=0.5), Members()
    who.traders[5][0] = 10.0
    found = traded(its, orders(), who, gap=2.52)
    # It sells half of 10 dollars at the mean of the rates; 5 earn 0.01% of 150 yen.
    fall = 150.0 * -math.expm1(-0.005)
    assert its.log_price == pytest.approx(math.log(150.0) - 0.005)
    assert who.wealth == pytest.approx(48.0 + (5.0 * 150.0 * 0.0001 - 7.5 * fall) / 1000.0)
    assert found.trader_interest_trn == pytest.approx(5.0 * 150.0 * 0.0001 / 1000.0)
    assert found.trader_yen_trn == pytest.approx(-5.0 * (150.0 - fall / 2.0) / 1000.0)
    # Dealers, who bought 5, lose on them and earn the gap.
    assert its.dealer_wealth_trn_yen == pytest.approx(15.0 + 5.0 * (150.0 * 0.0001 - fall) / 1000.0)


def test_owners_restore_capital_slowly_and_replace_the_ruined_at_once() -> None:
    its = market()
    wealth = np.array([20.0, 2.0])
    put_in, _ = its.renew_capital(
        (np.array([0.5, 0.5]), np.ones(2), wealth), tuple(np.array([v]) for v in (1.0, 3.0, 5.0)), GDP
    )
    # Each is committed 24: a twentieth of what is missing, or all of it below 2.4.
    assert wealth == pytest.approx([20.2, 24.0])
    assert put_in == pytest.approx(22.2)


@pytest.mark.parametrize(("wealth", "after"), [(1.4, 15.0), (1.6, 1.6 + 0.05 * 13.4), (20.0, 20.0 - 0.05 * 5.0)])
def test_dealers_owners_do_as_traders_owners_do(wealth: float, after: float) -> None:
    its = market()
    # Committed are 2.5% of 600, of which a tenth is the last; else a twentieth of what is missing.
    its.dealer_wealth_trn_yen = wealth
    alone = tuple(np.array([value]) for value in (1.0, 1.0, 48.0))
    its.renew_capital(alone, alone, GDP)
    assert its.dealer_wealth_trn_yen == pytest.approx(after)


@pytest.mark.parametrize("held", [None, math.log(140.0)])
def test_all_positions_and_the_dealers_inventory_add_to_zero_in_every_session(held: float | None) -> None:
    its, who, rng = market(noise_off=False, fx_trader_impact=0.01), Members(), np.random.default_rng(3)
    opening = 100.0
    for session in range(120):
        dollars = orders(1, softbank=10.0 * rng.normal(), foreign_investors=10.0 * rng.normal())
        held_at = np.array([held]) if held is not None and 30 <= session < 60 else None
        traded(its, dollars, who, 1.0 + rng.normal(), news=rng.normal(size=(1, 2)), held_log_price=held_at)
        positions = its.client_bn_usd + its.held_bn_usd + who.position + float(who.carry[7][0]) - opening
        assert positions + its.inventory_bn_usd == pytest.approx(0.0, abs=1e-9)
    assert abs(its.client_bn_usd) > 1.0
    assert bool(its.held_bn_usd != 0.0) is (held is not None)


# The ministry.


def test_intervention_that_sells_dollars_strengthens_the_yen_and_brings_yen() -> None:
    its = market()
    found = traded(its, orders(1, intervention=-20.0))
    assert found.log_prices == pytest.approx([math.log(150.0) - 0.02])
    assert found.intervention_bn_usd == -20.0
    # Worth the mean of the rates before and after.
    assert found.intervention_yen_trn == pytest.approx(-20.0 * 0.5 * (150.0 + 150.0 * math.exp(-0.02)) / 1000.0)


def test_the_ministry_may_order_before_each_session() -> None:
    its, asked = market(trader_value_slope_pct_gdp=0.0, trader_adjustment_daily=0.0), []

    def intervene(price: float, bought: float) -> float:
        asked.append((price, bought))
        return -10.0 if len(asked) == 2 else 0.0

    who, terms = Members(carry_wealth=10.0), CurrencyTerms(1.0, 0.0, GDP)
    its.trade_month(
        np.zeros(len(CLIENTS)), orders(3, intervention=1.0), who.traders, who.carry, terms, np.zeros((3, 2)), intervene
    )
    first = math.log(150.0) + 0.001
    # Dealers are short one of the 200 that double their price, and have lost of 15 trillion what one has risen.
    risk = 0.001 * (1.0 + 0.005**2) / (1.0 - 150.0 * math.expm1(0.001) / 15e3)
    second = first - 9.0 * risk
    assert asked == [(pytest.approx(math.log(150.0)), 0.0), (pytest.approx(first), 1.0), (pytest.approx(second), -8.0)]
    assert its.inventory_bn_usd == pytest.approx(7.0)
    assert float(who.carry[6][0]) == pytest.approx(10.0 + 100.0 * (its.usdjpy - 150.0) / 1000.0)


# News, opinion and trend.


def test_news_is_quoted_without_a_trade() -> None:
    its, who = market(fx_trader_impact=0.4), Members()
    traded(its, orders(), who, news=np.array([[7.0, 0.5]]))
    # A chartist hears the second kind: 0.4 x 0.004 x 0.5.
    assert its.log_price == pytest.approx(math.log(150.0) + 0.0008)
    assert its.opinion == pytest.approx(0.0008)
    assert (who.position, its.inventory_bn_usd) == (0.0, 0.0)
    assert its.parts["news"] == pytest.approx(0.0008)
    fundamentalist = market(fx_trader_impact=0.4)
    traded(fundamentalist, orders(), Members(tilt=-9.0), news=np.array([[7.0, 0.5]]))
    assert fundamentalist.log_price == pytest.approx(math.log(150.0) + 0.4 * 0.002 * 7.0)


def test_fundamentalists_doubt_opinion_and_chartists_follow_the_last_change() -> None:
    its = market(fx_trader_impact=0.4)
    its.log_price += 0.1
    its.opinion = 0.1
    traded(its, orders(), Members(tilt=-9.0, held=0.0), 0.0)
    assert its.fundamentalist_share == 1.0
    assert its.opinion == pytest.approx(0.1 - 0.4 * 0.01 * 0.1)
    assert its.log_price == pytest.approx(math.log(150.0) + its.opinion)
    assert its.parts["fundamentalists"] == pytest.approx(-0.0004)
    chart = market(fx_trader_impact=0.4)
    chart.last_change = 0.02
    traded(chart, orders())
    assert chart.log_price == pytest.approx(math.log(150.0) + 0.4 * 0.3 * 0.02)
    assert chart.parts["chartists"] == pytest.approx(0.0024)
    assert chart.last_change == pytest.approx(0.0024)
    # Half of the old variance, half of the new one.
    assert chart.volatility == pytest.approx(math.sqrt(0.5 * 0.006**2 + 0.5 * 0.0024**2))


def test_the_days_before_the_start_are_read_without_a_trade() -> None:
    its = market(fx_trader_impact=0.4, fx_herding=1.0, fx_misalignment_weight=10.0)
    news = np.array([[[7.0, 1.0], [7.0, 0.5]]])
    # A chartist hears the second kind, 0.4 x 0.004 of it, and follows 0.4 x 0.3 of what was.
    returns, share = its.read_the_past((np.ones(1), np.array([9.0]), np.ones(1)), np.zeros(1), news)
    assert returns[0] == pytest.approx([0.0016, 0.12 * 0.0016 + 0.0008])
    assert share.tolist() == [0.0]
    # A fundamentalist the first, 0.4 x 0.002 of it, and follows nothing.
    returns, share = its.read_the_past((np.ones(1), np.array([-9.0]), np.ones(1)), np.zeros(1), news)
    assert returns[0] == pytest.approx([0.0056, 0.0056])
    assert share.tolist() == [1.0]
    # With a tilt of 0.05 it is one at -0.3 only where the rate is 20% off, which adds 0.4; then the herd adds 1.
    for misvalued, found in ((0.0, 0.0), (0.2, 1.0), (-0.2, 1.0)):
        _, share = its.read_the_past((np.ones(1), np.array([0.05]), np.ones(1)), np.array([misvalued]), news)
        assert share.tolist() == [found]


def test_an_opening_misalignment_is_opinion_at_which_the_market_rests() -> None:
    its = market(initial_misalignment_pct=-10.0, fx_herding=1.5, fx_misalignment_weight=20.0)
    share = its.fundamentalist_share
    assert its.value.log_value == pytest.approx(math.log(150.0) - 0.1)
    assert its.opinion == pytest.approx(0.1)
    assert math.log(share / (1.0 - share)) == pytest.approx(-0.3 + 1.5 * (2.0 * share - 1.0) + 20.0 * 0.01, abs=1e-6)
    who = Members()
    traded(its, orders(), who)
    assert (its.usdjpy, who.position) == (pytest.approx(150.0), pytest.approx(0.0, abs=1e-9))


# Carry traders.


def test_carry_traders_stop_out_when_the_dollar_has_fallen_in_five_sessions() -> None:
    its = market()
    its.recent = [its.log_price + 0.03] + [its.log_price] * 5
    found = traded(its, orders())
    # A loss of 3% over a limit of 2%: half of 100.
    assert its.carry_bn_usd == -50.0
    assert found.log_prices == pytest.approx([math.log(150.0) - 0.05])
    assert found.carry_yen_trn == pytest.approx(-50.0 * 0.075 * (1.0 + math.exp(-0.05)))
    risen = market()
    risen.recent = [risen.log_price - 0.03] + [risen.log_price] * 5
    traded(risen, orders())
    assert risen.carry_bn_usd == 0.0


def test_carry_limits_tighten_with_risk_up_to_a_ceiling_and_with_losses() -> None:
    abroad = market()
    traded(abroad, orders(), world=2.0)
    # Half the limit: a tenth of the way from 100 to 50.
    assert abroad.carry_bn_usd == pytest.approx(-5.0)
    wild = market(noise_off=False)
    wild.volatility = 0.0075
    traded(wild, orders())
    assert wild.carry_bn_usd == pytest.approx(-2.0)
    calm = market(noise_off=False)
    calm.volatility = 0.001
    traded(calm, orders(), appetite=2.0)
    assert calm.carry_bn_usd == pytest.approx(5.0)
    # A wealth of 4 instead of 5 trillion allows 80 instead of 100.
    poor = market()
    traded(poor, orders(), Members(carry_wealth=4.0))
    assert poor.carry_bn_usd == pytest.approx(-2.0)


def test_of_two_carry_traders_the_one_with_more_borrowed_money_is_cut_first() -> None:
    # Bought at 150 with a tenth and an eleventh of their own: at 138, of 100 dollars, 2.17 and 1.19 are their own. Two
    # are half of a 25th.
    position, order, one = np.array([100.0, 100.0]), np.zeros(2), np.ones(2)
    cooldown = np.zeros(2)

    def session(rate: float) -> float:
        wealth = np.array([15.0 / 10.0, 15.0 / 11.0]) - 0.1 * (150.0 - rate)
        return float(
            carry_orders(
                one, one, one, one, np.array([60.0, 120.0]), cooldown, wealth, position, order,
                100.0, 1.0, 1.0, 0.04, 0.0, 0.0, 5.0, 1000.0 / rate,
            )
        )  # fmt: skip

    assert session(141.0) == 0.0
    assert session(138.0) == -100.0
    assert position.tolist() == [100.0, 0.0]
    # At 8% and a little below, 1.5 - 1.22 trillion are 2.0 of 100 dollars at 137.8, and fewer at 137.7.
    assert session(137.8) == 0.0
    assert session(137.7) == -100.0
    assert not position.any()


def test_a_rate_that_is_held_is_what_its_holders_took() -> None:
    its = market(trader_value_slope_pct_gdp=0.0)
    found = traded(its, orders(2, chip_imports=4.0), held_log_price=np.array([math.log(150.0), math.nan]))
    assert found.log_prices[0] == pytest.approx(math.log(150.0))
    assert its.parts["held_by_dealers"] == pytest.approx(-0.004)
    assert its.held_bn_usd == -4.0
    assert found.log_prices[1] == pytest.approx(math.log(150.0) + 0.004)
    assert its.inventory_bn_usd == -4.0


# The value of the dollar.


def dollar(learning: float = 0.0) -> DollarValue:
    return DollarValue(
        150.0,
        given(initial_misalignment_pct=-10.0, fair_rate_learning_quarterly=learning, nfa_fundamental_response_pct=0.2),
    )


@pytest.mark.parametrize(
    ("prices", "assets", "doubt", "moved"),
    [
        (0.0, 0.0, 0.0, 0.0),
        (0.03, 0.0, 0.0, 0.03),  # Dearer goods at home: a dearer dollar.
        (-0.03, 0.0, 0.0, -0.03),
        (0.0, 0.5, 0.0, -0.1 / 12.0),  # More assets abroad: a dearer yen, as yearly accounts find them.
        (0.0, -0.5, 0.0, 0.1 / 12.0),
        (0.0, 0.0, 0.04, 0.04),  # Doubt about the state: a dearer dollar.
        (0.03, 6.0, 0.04, -0.03),
    ],
)
def test_the_dollars_value_rises_with_prices_and_doubt_and_falls_with_foreign_assets(
    prices: float, assets: float, doubt: float, moved: float
) -> None:
    its = dollar()
    assert its.log_value == pytest.approx(math.log(150.0) - 0.1)
    its.learn(math.log(200.0), prices, assets, doubt)
    assert its.log_value == pytest.approx(math.log(150.0) - 0.1 + moved)


def test_the_fair_rate_is_a_slow_mean_of_the_real_rate() -> None:
    # A quarter of the distance in three months is 1 - 0.75^(1/3) in one.
    its, month = dollar(learning=0.25), 1.0 - 0.75 ** (1.0 / 3.0)
    its.learn(math.log(150.0), 0.0, 0.0, 0.0)
    assert its.learned == pytest.approx(0.1 * month)
    its.learn(math.log(150.0), 0.0, 0.0, 0.0)
    its.learn(math.log(150.0), 0.0, 0.0, 0.0)
    assert (its.learned, its.log_value) == pytest.approx((0.025, math.log(150.0) - 0.075))
    # Dearer goods at home and a rate as much higher are the same real rate.
    same = dollar(learning=0.25)
    same.learn(math.log(150.0) + 0.05, 0.05, 0.0, 0.0)
    assert same.learned == pytest.approx(0.1 * month)
    assert same.log_value == pytest.approx(math.log(150.0) - 0.1 + 0.05 + same.learned)


def test_traders_believe_what_their_own_function_says_within_bounds() -> None:
    asked: list[tuple[float, ...]] = []

    def always_140(*seen: float) -> float:
        asked.append(seen)
        return 140.0

    its = dollar()
    its.behaviours = Behaviours(currency_trader=always_140)
    its.learn(math.log(160.0), math.log(1.02), 0.12, 0.01)
    # The close, what was believed, prices, and a twelfth of what net assets gained; doubt comes on top.
    assert asked == [pytest.approx((160.0, 150.0 * math.exp(-0.1), 1.02, 0.01))]
    assert its.log_value == pytest.approx(math.log(140.0) + 0.01)
    assert its.learned == 0.0
    for answer in (0.9, 10_001.0):
        its.behaviours = Behaviours(currency_trader=lambda *_, answer=answer: answer)
        with pytest.raises(DecisionError, match="from 1 to 10000"):
            its.learn(math.log(160.0), 0.0, 0.0, 0.0)


# Shares and odds.


def test_speeds_and_odds() -> None:
    assert monthly_speed(2.0) == pytest.approx(1.0 - math.sqrt(0.5))
    assert log_odds(0.2) == pytest.approx(-math.log(4.0))
    assert share_of_odds(math.log(4.0)) == pytest.approx(0.8)
    assert log_odds(0.0) == pytest.approx(math.log(1e-9), rel=1e-6)
    assert log_odds(1.0) == pytest.approx(-math.log(1e-9), rel=1e-6)
    assert share_of_odds(-1e9) >= 0.0
    assert share_of_odds(1e9) == 1.0


# Corporate treasurers.


def treasurers(*members: float, **changed: float) -> Treasurers:
    """Exporters and importers with 100 billion dollars a member to hedge in ten months, half of it hedged."""
    rules = {
        "exports_in_dollars_share": 0.5,
        "imports_in_dollars_share": 0.5,
        "exporter_budget_discount_pct": 0.0,
        "importer_budget_discount_pct": 0.0,
        "treasurer_hedged_share": 0.5,
        "treasurer_horizon_months": 10.0,
        "treasurer_threshold_low": 0.0,
        "treasurer_threshold_high": 1.0,
    }
    they = Treasurers(150.0, np.array([members, members]), given(**rules | changed))
    pace = 3.0 * len(members)
    they.plan(pace, pace, 150.0)
    return they


STILL = {"trader_value_slope_pct_gdp": 0.0, "trader_adjustment_daily": 0.0}
"""Nobody but treasurers answers to the rate."""


def test_treasurers_plan_dollars_at_a_budget_rate_near_the_last_quarters() -> None:
    they = treasurers(0.3, 0.1, exporter_budget_discount_pct=4.0, importer_budget_discount_pct=1.0)
    # Three trillion yen a member and month, half of it in dollars: 10 billion for each of ten months.
    assert they.own_bn_usd == pytest.approx([100.0, 100.0])
    assert they.book_bn_usd == pytest.approx(np.full((2, 2), 50.0))
    assert they.contracts_trn_yen == pytest.approx([15.0, 15.0])
    assert they.threshold_log.tolist() == [[0.1, 0.3], [0.1, 0.3]]
    assert they.budget_log == pytest.approx(math.log(150.0) - np.array([0.04, 0.01]))
    for close in (0.3, 5.0, 5.1, 5.2):
        they.see_close(close)
    they.set_budget()
    assert they.budget_log == pytest.approx([5.06, 5.09])


def test_at_the_budget_rate_hedging_trades_nothing() -> None:
    its, they = market(**STILL), treasurers(0.1)
    found = traded(its, orders(21), treasurers=they)
    assert found.usdjpy == pytest.approx(np.full(21, 150.0))
    assert they.book_bn_usd == pytest.approx(np.full((2, 1), 50.0))
    assert they.contracts_trn_yen == pytest.approx([7.5, 7.5])
    assert found.hedge_gain_trn_yen == pytest.approx(0.0, abs=1e-12)


def test_exporters_sell_ahead_when_the_yen_is_weaker_than_budgeted_and_only_what_is_not_sold() -> None:
    its, they = market(**STILL), treasurers(0.02, 0.5)
    found = traded(its, orders(chip_imports=40.0), treasurers=they)
    # 40 billion take the rate 4% up, which is 2% beyond the limit order: 20 billion at 0.1% each take it back there.
    assert found.log_prices == pytest.approx([math.log(150.0) + 0.02])
    assert they.book_bn_usd == pytest.approx(np.array([[70.0, 50.0], [50.0, 50.0]]))
    assert its.client_bn_usd == pytest.approx(20.0)
    assert its.parts["goods_trade"] == pytest.approx(-0.02)
    middle = 75.0 * (1.0 + math.exp(0.02)) / 1000.0
    due = 15.0 / 210.0
    assert they.contracts_trn_yen[0] == pytest.approx(15.0 - due + (20.0 + 100.0 / 210.0) * middle)
    # Beyond what is left they have nothing to sell.
    its, they = market(**STILL), treasurers(0.02, 0.5)
    found = traded(its, orders(chip_imports=100.0), treasurers=they)
    assert they.book_bn_usd[0] == pytest.approx([100.0, 50.0])
    assert found.log_prices == pytest.approx([math.log(150.0) + 0.05])


@pytest.mark.parametrize(("spot", "hedged"), [(145.0, 10.0), (135.0, 5.0 - 5.0 / 210.0)])
def test_an_exporter_with_a_budget_of_140_sells_all_at_145_and_waits_at_135(spot: float, hedged: float) -> None:
    its, they = market(usdjpy=spot, **STILL), treasurers(0.02)
    they.budget_log[:] = math.log(140.0)
    they.own_bn_usd[:], they.book_bn_usd[EXPORTERS], they.book_bn_usd[IMPORTERS] = [10.0, 0.0], 5.0, 0.0
    found = traded(its, orders(), treasurers=they)
    assert they.book_bn_usd[EXPORTERS] == pytest.approx([hedged])
    # What is hedged more is sold at once, at 4% for a percent of 600 trillion yen in dollars.
    price_a_bn_usd = 0.04 / (6000.0 / spot)
    assert found.log_prices == pytest.approx([math.log(spot) - (hedged - 5.0) * price_a_bn_usd])


def test_importers_buy_ahead_when_the_yen_is_stronger_than_budgeted() -> None:
    its, they = market(**STILL), treasurers(0.02, 0.5)
    found = traded(its, orders(chip_imports=-40.0), treasurers=they)
    assert found.log_prices == pytest.approx([math.log(150.0) - 0.02])
    assert they.book_bn_usd == pytest.approx(np.array([[50.0, 50.0], [70.0, 50.0]]))
    assert its.client_bn_usd == pytest.approx(-20.0)


def test_who_finds_the_rate_worse_than_budgeted_waits_while_hedges_are_delivered() -> None:
    its, they = market(**STILL), treasurers(0.2)
    they.budget_log[1] -= 0.3
    traded(its, orders(), treasurers=they)
    # Importers: the rate is 30% over budget.  A 210th of their hedges is delivered and not bought in the market.
    assert they.book_bn_usd[1] == pytest.approx([50.0 - 50.0 / 210.0])
    assert its.client_bn_usd == pytest.approx(-50.0 / 210.0)
    its, they = market(**STILL), treasurers(0.2)
    they.budget_log[0] += 0.3
    traded(its, orders(), treasurers=they)
    assert they.book_bn_usd[0] == pytest.approx([50.0 - 50.0 / 210.0])
    assert its.client_bn_usd == pytest.approx(50.0 / 210.0)


def test_hedging_moves_trade_in_time_and_adds_none() -> None:
    its, they = market(**STILL), treasurers(0.02, 0.1, 0.5)
    before = they.book_bn_usd.sum(axis=1)
    dollars = orders(21, chip_imports=3.0)
    traded(its, dollars, treasurers=they)
    sold, bought = they.book_bn_usd.sum(axis=1) - before
    assert sold > 10.0
    assert its.client_bn_usd == pytest.approx(63.0 - sold + bought)


def test_hedges_pay_what_the_rate_has_moved_against_trade_and_dealers_abroad_pay_it() -> None:
    its, they = market(**STILL, usdjpy=120.0), treasurers(0.5)
    they.budget_log[:] = math.log(120.0)
    they.book_bn_usd[1] = 0.0
    they.contracts_trn_yen[1] = they.own_bn_usd[1] = 0.0
    found = traded(its, orders(), treasurers=they)
    # Exporters sold 50 billion at 150, of which a 210th is delivered where the rate is 120.
    assert found.hedge_gain_trn_yen == pytest.approx(50.0 / 210.0 * (150.0 - 120.0) / 1000.0)
    ledger = HandLedger()
    settle_hedges(ledger, found)  # type: ignore[arg-type]
    assert ledger.paid(FOREIGN_INVESTORS, FIRMS, "currency_hedges") == pytest.approx(found.hedge_gain_trn_yen)


def test_a_held_rate_is_sold_at_whatever_is_left() -> None:
    its, they = market(**STILL), treasurers(0.02, 0.5)
    path = np.array([math.log(150.0) + 0.1])
    found = traded(its, orders(), treasurers=they, held_log_price=path)
    assert found.log_prices == pytest.approx(path.tolist())
    assert they.book_bn_usd[0] == pytest.approx([100.0, 50.0])
    assert its.inventory_bn_usd == 0.0
