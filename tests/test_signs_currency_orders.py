"""Who orders dollars, carry traders' appetite, and the drift of equity, with numbers worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from itcho.agents.behaviours import Behaviours
from itcho.agents.carry_traders import ExpectedRateGap, carry_appetite
from itcho.agents.investors import (
    BANK,
    FOREIGN,
    FUND,
    HOUSEHOLD,
    INSURER_PENSION,
)
from itcho.agents.vocabulary import (
    BANK_OF_JAPAN,
    BANKS,
    FIRMS,
    GOVERNMENT,
    HOUSEHOLDS,
    INSURERS_AND_PENSIONS,
    INVESTMENT_FUNDS,
)
from itcho.model.disturbances import Disturbances
from itcho.model.finance import currency_orders as orders
from itcho.model.finance.equities import EquityMarket
from itcho.model.finance.foreign_exchange import CLIENTS
from itcho.model.finance.portfolios import PortfolioMonth
from tests.hand_ledger import given

CLIENT_P = {
    "insurer_hedged_share": 0.7,
    "bank_exchanged_share": 0.2,
    "reinvested_earnings_share": 0.4,
    "foreign_equity_exchanged_share": 0.6,
    "foreign_bond_exchanged_share": 0.1,
    "carry_rate_response_per_pp": 0.5,
    "equity_profit_weight": 0.4,
    "equity_yield_duration": 20.0,
    "equity_trend_speed_monthly": 0.25,
    "us_rate_years_to_neutral": 2.0,
}


def trading_world() -> Any:
    return given(
        parameters=given(**CLIENT_P),
        incomes=given(base={"secondary_firms": 0.2, "secondary_households": 0.3}, paid_by_firms=0.7, paid_by_banks=0.2),
        state=given(nominal_gdp_index=1.1, usdjpy=160.0),
        without={"carry"},
    )


AI: Any = given(
    services_imports=0.16,
    service_exports=0.03,
    firms=given(equity_from_abroad=0.05),
    chips=given(dollar_payments_bn_usd_by_session=np.full(21, 0.25)),
)
OUTPUT: Any = given(demand=given(imports=11.0, exports=9.5), public=given(central=given(transfers_abroad=0.1)))
PLANNED = PortfolioMonth({HOUSEHOLD: 1.0, INSURER_PENSION: 0.5, BANK: 0.3, FUND: 0.2}, 2.0, 0.0, {FOREIGN: 0.4})
BONDS: Any = given(foreign_purchases=0.6)


def test_who_buys_dollars_and_who_sells_them() -> None:
    lines = orders._lines(trading_world(), AI, OUTPUT, PLANNED, BONDS)
    assert lines == {
        "goods_trade": pytest.approx(1.5),
        "ai_services": pytest.approx(0.12 + 0.04 - 0.03),
        "income_and_transfers": pytest.approx(0.1 + 1.1 * 0.5),
        "households_and_funds": pytest.approx(1.2),
        # What insurers hedge they borrow in dollars: three tenths are bought.
        "insurers_and_pensions": pytest.approx(0.15),
        "banks": pytest.approx(0.06),
        "direct_investment": pytest.approx(2.0),
        # Foreigners who buy Japan's equity and bonds sell dollars.
        "foreign_investors": pytest.approx(-0.24 - 0.06 - 0.05),
    }


RECEIVED: Any = given(
    from_abroad={
        FIRMS: 1.5,
        HOUSEHOLDS: 0.4,
        INSURERS_AND_PENSIONS: 0.3,
        INVESTMENT_FUNDS: 0.1,
        BANKS: 0.7,
        GOVERNMENT: 9.0,
        BANK_OF_JAPAN: 9.0,
    }
)


def test_income_is_exchanged_but_for_what_stays_abroad() -> None:
    p, paid = given(**CLIENT_P), given(paid_by_firms=0.7, paid_by_banks=0.2)
    # Affiliates keep four tenths of 1.5.
    assert orders.reinvested_earnings(RECEIVED, p) == pytest.approx(0.6)
    # Households, insurers and funds sell all; firms what is left after their own dividends abroad; banks a fifth of
    # what is theirs, net; the state and the Bank of Japan nothing.
    assert orders.exchanged_income(paid, RECEIVED, p) == pytest.approx(0.8 + 1.5 - 0.6 - 0.7 + 0.2 * (0.7 - 0.2))


def test_what_affiliates_keep_is_neither_sold_as_income_nor_bought_as_direct_investment() -> None:
    found = []
    for share in (0.4, 0.5):
        p: Any = given(**CLIENT_P | {"reinvested_earnings_share": share})
        income = orders.exchanged_income(given(paid_by_firms=0.7, paid_by_banks=0.2), RECEIVED, p)  # type: ignore[arg-type]
        found.append((income, income + orders.reinvested_earnings(RECEIVED, p)))
    assert found[0][0] - found[1][0] == pytest.approx(0.15)
    # Dollars bought net of dollars sold are the same whatever affiliates keep.
    assert found[0][1] == pytest.approx(found[1][1])


def test_income_from_abroad_is_sold_for_yen_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "_equity_drift", lambda world: 0.001)
    holders = given(bought={FOREIGN: 0.3}, discount_pct=4.0, others_sold_trn_yen=0.2)
    softbank: Any = given(dollars_bought=0.33, holders=holders, equity_pressed_pct=0.05)

    def month(disturbances: Disturbances, added: Any) -> Any:
        terms = disturbances, AI, OUTPUT, RECEIVED, PLANNED, softbank, added, BONDS
        return orders.currency_orders(trading_world(), *terms)

    found = month(Disturbances(), {})
    by_name = dict(zip(CLIENTS, found.yen_trn.tolist(), strict=True))
    assert by_name["income_and_transfers"] == pytest.approx(0.65 - 1.1)
    # Of 2.0 that firms invest affiliates have kept 0.6.
    assert by_name["direct_investment"] == pytest.approx(1.4)
    assert by_name["softbank"] == pytest.approx(0.33)
    assert by_name["chip_imports"] == 0.0
    dollars = dict(zip(CLIENTS, found.dollars_bn, strict=True))
    assert dollars["chip_imports"] == pytest.approx(np.full(21, 0.25))
    assert not dollars["direct_investment"].any()
    assert not dollars["added_agents"].any()
    assert (found.carry_appetite, found.equity_drift) == (1.0, 0.001)
    monkeypatch.setattr(orders, "dollars_ordered_bn_usd", lambda added: added["fund"])
    shocks = Disturbances(dollar_demand_bn_usd=4.2, intervention_bn_usd=np.array([-3.0, 1.0]))
    shocked = dict(zip(CLIENTS, month(shocks, {"fund": 2.1}).dollars_bn, strict=True))
    assert shocked["direct_investment"] == pytest.approx(np.full(21, 0.2))
    assert shocked["added_agents"] == pytest.approx(np.full(21, 0.1))
    assert shocked["intervention"].tolist() == [-3.0, 1.0] + [0.0] * 19


def test_carry_appetite_answers_to_the_rate_gap_beyond_what_was_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    p = given(**CLIENT_P)
    assert carry_appetite(3.0, 2.0, p) == pytest.approx(1.5)
    assert carry_appetite(2.0, 2.0, p) == 1.0
    assert carry_appetite(-0.5, 2.0, p) == 0.0
    monkeypatch.setattr(orders, "expected_rate_gap_pp", lambda world: 2.0)
    world: Any = given(
        without=frozenset(),
        outside=given(us_policy_rate_pct=4.0),
        parameters=p,
        state=given(policy_rate_pct=1.0),
        behaviours=Behaviours(),
    )
    found = []
    for world.state.policy_rate_pct in (1.0, 2.5, 9.0):
        found.append(orders.carry_appetite_now(world))
    assert found == pytest.approx([1.5, 0.75, 0.0])
    world.without = frozenset({"carry"})
    assert orders.carry_appetite_now(world) == 1.0


@pytest.mark.parametrize(
    ("month", "japan"),
    [
        (-1, 0.75),  # The start: 0.75.
        (0, 0.85),  # A third of the way to the first quarter's 1.05.
        (2, 1.05),
        (3, 1.15),  # A third of the way from 1.05 to 1.35.
        (5, 1.35),
        (6, 1.35),  # The path ends here.
        (30, 1.35),
    ],
)
def test_the_expected_gap_is_the_us_path_less_japans_between_quarters(month: int, japan: float) -> None:
    expected = ExpectedRateGap(0.75, [1.05, 1.35])
    assert expected.in_month(month, 4.0) == pytest.approx(4.0 - japan)
    world: Any = given(
        month=month,
        opening=given(expected_rate_gap=expected),
        outside=given(expected_us_rate_pct=lambda month, p: 4.0 - 0.05 * month),
        parameters=None,
    )
    assert orders.expected_rate_gap_pp(world) == pytest.approx(4.0 - 0.05 * month - japan)


def test_equity_drifts_to_profits_the_economy_and_away_from_higher_yields() -> None:
    its = EquityMarket(given(equity_predisposition=0.0, equity_herding=0.0, equity_misalignment_weight=0.0))
    its.value_followed = 0.05
    economy = given(
        parameters=given(**CLIENT_P),
        state=given(nominal_gdp_index=1.1, yields_pct={10.0: 2.5}, expected_inflation_pct=2.0),
        incomes=given(smoothed_profit=6.0, profit_base=5.0),
        opening=given(real_yield_pct=0.2),
        equities=its,
    )
    value = 0.6 * math.log(1.1) + 0.4 * math.log(1.2) - 0.2 * (2.5 - 2.0 - 0.2)
    growth = 0.25 * (value - 0.05)
    assert orders._equity_drift(economy) == pytest.approx(growth / 21.0)
    assert its.value_followed == pytest.approx(0.05 + growth)
    economy.incomes.smoothed_profit = -1.0
    value = 0.6 * math.log(1.1) + 0.4 * math.log(0.1) - 0.06
    left = value - its.value_followed
    assert orders._equity_drift(economy) == pytest.approx(0.25 * left / 21.0)
