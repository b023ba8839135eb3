"""Signs and limits of a session of the dollar–yen market and of the choice between home and foreign AI, by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from itcho.agents.speculative_traders import DollarValue
from itcho.model.ai.odds import log_odds, monthly_speed, share_of_odds
from itcho.model.finance.foreign_exchange import CLIENTS, ForeignExchangeMarket
from tests.hand_ledger import given

FX = {
    "initial_misalignment_pct": -10.0,
    "fx_long_run_daily_volatility_pct": 0.6,
    "fx_persistent_impact_pct_per_bn_usd": 0.02,
    "fx_transitory_impact_pct_per_bn_usd": 0.03,
    "fx_transitory_half_life_days": 1.0,
    "fx_volatility_half_life_days": 1.0,
    "fx_predisposition": -0.3,
    "fx_herding": 0.0,
    "fx_misalignment_weight": 0.0,
    "fx_fundamentalist_pull": 0.01,
    "fx_chartist_extrapolation": 0.3,
    "fx_fundamentalist_noise": 0.002,
    "fx_chartist_noise": 0.004,
    "fx_trader_impact": 0.4,
    "carry_adjustment_daily": 0.1,
    "carry_limit_ceiling": 1.5,
    "carry_pause_days": 5.0,
}


def market(noise_off: bool = True, **changed: float) -> ForeignExchangeMarket:
    return ForeignExchangeMarket(150.0, 100.0, given(**FX | changed), noise_off)


class Members:
    """One chartist and one carry trader."""

    def __init__(self, tilt: float = 9.0, held: float = 100.0) -> None:
        self.traders = tuple(np.array([value]) for value in (1.0, tilt, 1.0, 0.0))
        self.carry = tuple(np.array([value]) for value in (1.0, 1.0, 1.0, 0.02, 0.0, held))


def orders(sessions: int = 1, **bn_usd: float) -> np.ndarray:
    dollars = np.zeros((len(CLIENTS), sessions))
    for name, amount in bn_usd.items():
        dollars[CLIENTS.index(name)] = amount
    return dollars


def traded(
    its: ForeignExchangeMarket, dollars: np.ndarray, members: Members | None = None, appetite: float = 1.0, **more: Any
) -> Any:
    who = members or Members()
    news = np.zeros((dollars.shape[1], 2))
    yen = np.zeros(len(CLIENTS))
    yen[0] = more.pop("goods_trn_yen", 0.0)
    return its.trade_month(yen, dollars, who.traders, who.carry, appetite, more.pop("news", news), None, **more)


def test_clients_who_buy_dollars_make_them_dearer_and_part_of_it_fades() -> None:
    its = market(fx_trader_impact=0.0)
    found = traded(its, orders(2, chip_imports=4.0), goods_trn_yen=0.15)
    # 0.15 trillion yen at 150 are one billion: five at 0.05% in the first session.
    first = 0.0005 * 5.0
    now = 150.0 * math.exp(first)
    second = 0.0005 * (4.0 + 150.0 / now) - 0.5 * 0.0003 * 5.0
    assert found.log_prices == pytest.approx([math.log(150.0) + first, math.log(150.0) + first + second])
    assert its.transitory == pytest.approx(0.5 * 0.0015 + 0.0003 * (4.0 + 150.0 / now))
    parts = its.parts
    assert parts["chip_imports"] == pytest.approx(0.0005 * 8.0)
    assert parts["goods_trade"] == pytest.approx(0.0005 * (1.0 + 150.0 / now))
    assert parts["dealers_reversal"] == pytest.approx(-0.00075)
    assert sum(parts.values()) == pytest.approx(first + second)
    assert its.last_change == pytest.approx(second)
    # Half of the old variance, half of the new one.
    variance = 0.5 * (0.5 * 0.006**2 + 0.5 * first**2) + 0.5 * second**2
    assert its.volatility == pytest.approx(math.sqrt(variance))
    assert its.recent[-2:] == pytest.approx(found.log_prices)


def test_intervention_that_sells_dollars_strengthens_the_yen_and_brings_yen() -> None:
    its = market(fx_trader_impact=0.0)
    found = traded(its, orders(1, intervention=-20.0))
    assert found.log_prices == pytest.approx([math.log(150.0) - 0.01])
    assert found.intervention_bn_usd == -20.0
    # Worth the mean of the rates before and after.
    assert found.intervention_yen_trn == pytest.approx(-20.0 * 0.5 * (150.0 + 150.0 * math.exp(-0.01)) / 1000.0)


def test_the_ministry_may_order_before_each_session() -> None:
    its, asked = market(fx_trader_impact=0.0), []

    def intervene(price: float, bought: float) -> float:
        asked.append((price, bought))
        return -10.0 if len(asked) == 2 else 0.0

    who = Members()
    its.trade_month(
        np.zeros(len(CLIENTS)), orders(3, intervention=1.0), who.traders, who.carry, 1.0, np.zeros((3, 2)), intervene
    )
    first = math.log(150.0) + 0.0005
    second = first - 0.0005 * 9.0 - 0.5 * 0.0003
    assert asked == [(pytest.approx(math.log(150.0)), 0.0), (pytest.approx(first), 1.0), (pytest.approx(second), -8.0)]
    assert its.parts["intervention"] == pytest.approx(0.0005 * -7.0)


def test_fundamentalists_pull_to_their_value_and_chartists_follow_the_last_change() -> None:
    value = market()
    # The price stands 10% above what fundamentalists believe in.
    found = traded(value, orders(), Members(tilt=-9.0))
    scale = 0.4 / 0.0002
    assert found.log_prices == pytest.approx([math.log(150.0) + 0.0002 * scale * -0.01 * 0.1])
    assert value.fundamentalist_share == 1.0
    chart = market()
    chart.last_change = 0.02
    news = np.array([[7.0, 0.5]])
    found = traded(chart, orders(), Members(tilt=9.0), news=news)
    moved = 0.0002 * scale * (0.3 * 0.02 + 0.004 * 0.5)
    assert found.log_prices == pytest.approx([math.log(150.0) + moved])
    assert chart.parts["chartists"] == pytest.approx(0.4 * 0.006)
    assert chart.parts["news"] == pytest.approx(0.4 * 0.002)
    assert chart.trader_bn_usd == pytest.approx(scale * 0.008)
    assert found.trader_yen_trn == pytest.approx(scale * 0.008 * 75.0 * (1.0 + math.exp(moved)) / 1000.0)


def test_carry_traders_stop_out_when_the_dollar_has_fallen_in_five_sessions() -> None:
    its = market(fx_trader_impact=0.0)
    its.recent = [its.log_price + 0.03] + [its.log_price] * 5
    found = traded(its, orders())
    # A loss of 3% over a limit of 2%: half of 100.
    assert its.carry_bn_usd == -50.0
    assert found.log_prices == pytest.approx([math.log(150.0) - 0.025])
    assert found.carry_yen_trn == pytest.approx(-50.0 * 0.075 * (1.0 + math.exp(-0.025)))
    risen = market(fx_trader_impact=0.0)
    risen.recent = [risen.log_price - 0.03] + [risen.log_price] * 5
    traded(risen, orders())
    assert risen.carry_bn_usd == 0.0


def test_carry_limits_tighten_with_risk_up_to_a_ceiling() -> None:
    abroad = market(fx_trader_impact=0.0)
    traded(abroad, orders(), world_volatility_factor=2.0)
    # Half the limit: a tenth of the way from 100 to 50.
    assert abroad.carry_bn_usd == pytest.approx(-5.0)
    wild = market(noise_off=False, fx_trader_impact=0.0)
    wild.volatility = 0.0075
    traded(wild, orders())
    assert wild.carry_bn_usd == pytest.approx(-2.0)
    calm = market(noise_off=False, fx_trader_impact=0.0)
    calm.volatility = 0.001
    traded(calm, orders(), appetite=2.0)
    assert calm.carry_bn_usd == pytest.approx(5.0)


def test_a_rate_that_is_held_is_what_dealers_took() -> None:
    its = market(fx_trader_impact=0.0)
    found = traded(its, orders(2, chip_imports=4.0), held_log_price=np.array([math.log(150.0), math.nan]))
    assert found.log_prices[0] == pytest.approx(math.log(150.0))
    assert its.parts["held_by_dealers"] == pytest.approx(-0.002)
    assert found.log_prices[1] == pytest.approx(math.log(150.0) + 0.002 - 0.0006)


def test_traders_start_where_attitude_and_share_agree() -> None:
    its = market(fx_herding=1.5, fx_misalignment_weight=20.0)
    share = its.fundamentalist_share
    assert its.value.log_value == pytest.approx(math.log(150.0) - 0.1)
    assert math.log(share / (1.0 - share)) == pytest.approx(-0.3 + 1.5 * (2.0 * share - 1.0) + 20.0 * 0.01, abs=1e-6)


# The value of the dollar.


def dollar(learning: float = 0.0) -> DollarValue:
    terms = given(
        initial_misalignment_pct=-10.0, fx_fundamental_learning_monthly=learning, nfa_fundamental_response_pct=0.2
    )
    its = DollarValue(150.0, terms)
    its.open_at(math.log(150.0))
    return its


@pytest.mark.parametrize(
    ("prices", "assets", "doubt", "moved"),
    [
        (0.0, 0.0, 0.0, 0.0),
        (0.03, 0.0, 0.0, 0.03),  # Dearer goods at home: a dearer dollar.
        (-0.03, 0.0, 0.0, -0.03),
        (0.0, 0.5, 0.0, -0.1),  # More assets abroad: a dearer yen.
        (0.0, -0.5, 0.0, 0.1),
        (0.0, 0.0, 0.04, 0.04),  # Doubt about the state: a dearer dollar.
        (0.03, 0.5, 0.04, -0.03),
    ],
)
def test_the_dollars_value_rises_with_prices_and_doubt_and_falls_with_foreign_assets(
    prices: float, assets: float, doubt: float, moved: float
) -> None:
    its = dollar()
    assert its.log_value == pytest.approx(math.log(150.0) - 0.1)
    its.learn(math.log(200.0), prices, assets, doubt)
    assert its.log_value == pytest.approx(math.log(150.0) - 0.1 + moved)


def test_part_of_a_lasting_misalignment_is_taken_for_news_and_kept() -> None:
    its = dollar(learning=0.25)
    # The rate stands 0.1 above the value: a quarter is learned, of what is left a quarter in the next month.
    its.learn(math.log(150.0), 0.0, 0.0, 0.0)
    assert (its.learned, its.log_value) == pytest.approx((0.025, math.log(150.0) - 0.075))
    its.learn(math.log(150.0), 0.0, 0.0, 0.0)
    assert (its.learned, its.log_value) == pytest.approx((0.04375, math.log(150.0) - 0.05625))
    its.learn(its.log_value - 0.1, 0.0, 0.0, 0.0)
    assert its.learned == pytest.approx(0.01875)


# Shares and odds.


def test_speeds_and_odds() -> None:
    assert monthly_speed(2.0) == pytest.approx(1.0 - math.sqrt(0.5))
    assert log_odds(0.2) == pytest.approx(-math.log(4.0))
    assert share_of_odds(math.log(4.0)) == pytest.approx(0.8)
    assert log_odds(0.0) == pytest.approx(math.log(1e-9), rel=1e-6)
    assert log_odds(1.0) == pytest.approx(-math.log(1e-9), rel=1e-6)
    assert share_of_odds(-1e9) >= 0.0
    assert share_of_odds(1e9) == 1.0
