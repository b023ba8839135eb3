"""Investors' signs, dates and limits: what they buy abroad and hold in bonds, worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from itcho.agents.asset_allocation import (
    BUYBACKS,
    AssetAllocation,
    ForeignStock,
    ReturnOutlook,
    buy_assets,
    direct_investment_trn_yen,
    keeping_pace,
    offered_part,
    opening_pace_left,
)
from itcho.agents.bond_demand import unlimited
from itcho.agents.bond_holders import (
    BalanceSheets,
    RatesAbroad,
)
from itcho.agents.carry_traders import carry_orders
from itcho.agents.fiscal_doubt import FiscalDoubt
from itcho.agents.investors import (
    BANK,
    CARRY,
    FOREIGN,
    FUND,
    HOUSEHOLD,
    INSURER_PENSION,
    TRADER,
    TYPE_PARTIES,
    make_investor_columns,
    trading_capital_shares,
    type_slices,
)
from itcho.agents.speculative_traders import read_the_day, trader_orders
from itcho.agents.vocabulary import (
    BANKS,
    DEALERS_ABROAD,
    DEPOSITS,
    FIRMS,
    FOREIGN_INVESTORS,
    FUND_UNITS,
    GOVERNMENT,
    HOUSEHOLDS,
    INSURANCE_PENSION_CLAIMS,
    INSURERS_AND_PENSIONS,
    INVESTMENT_FUNDS,
    JAPANESE_EQUITY,
    OTHER_FOREIGN_ASSETS,
    PUBLIC_PENSION_CLAIM,
    RESERVES,
    WORLD_EQUITY,
)
from itcho.model import monthly_steps
from itcho.model.finance import portfolios as portfolios_file
from itcho.model.finance.portfolio_rows import hand_on, take_holdings
from itcho.model.finance.portfolios import JGB_TYPES, PortfolioMonth, Portfolios
from tests.hand_ledger import HandLedger, given

# Carry traders.


def carry(position: float, loss: float = 0.0, cooldown: float = 0.0, **changed: float) -> tuple[float, float, float]:
    """The order, position and cooldown after a session of one trader with a book of 100 and a stop at 10%."""
    terms = {"appetite": 1.0, "limit": 1.0, "headroom": 1.2, "exposure": 1.0, "speed": 0.1, "wealth": 2.5} | changed
    # Wealth of 2.5 trillion yen is 25 billion dollars, and its leverage of 4 is what the book needs.
    values = (1.0, terms["exposure"], terms["headroom"], 0.1, 4.0, cooldown, terms["wealth"], position, 0.0)
    columns = [np.array([value]) for value in values]
    rest = terms["limit"], 0.04, terms["speed"], loss, 5.0, 10.0
    order = carry_orders(*columns, 100.0, terms["appetite"], *rest)
    assert columns[8].item() == order
    return order, columns[7].item(), columns[5].item()


def test_a_stopped_out_carry_trader_sells_half_and_pauses() -> None:
    assert carry(100.0, loss=0.2) == (-50.0, 50.0, 5.0)
    assert carry(100.0, loss=0.05) == (0.0, 100.0, 0.0)
    assert carry(100.0, loss=-0.2) == (0.0, 100.0, 0.0)


def test_a_pausing_carry_trader_does_not_buy_but_may_sell() -> None:
    assert carry(50.0, cooldown=3.0) == (0.0, 50.0, 2.0)
    assert carry(50.0, cooldown=1.0) == (pytest.approx(5.0), pytest.approx(55.0), 0.0)
    assert carry(120.0, loss=0.2, cooldown=3.0) == (pytest.approx(-2.0), pytest.approx(118.0), 2.0)
    assert carry(0.0, loss=0.2) == (pytest.approx(10.0), pytest.approx(10.0), 0.0)


def test_carry_traders_follow_appetite_by_exposure_within_their_limit() -> None:
    # Wanted 100 x (1 + 2 x 0.05), a tenth of the way.
    assert carry(100.0, appetite=1.05, exposure=2.0)[0] == pytest.approx(1.0)
    assert carry(100.0, appetite=0.0, exposure=2.0)[0] == pytest.approx(-10.0)
    assert carry(100.0, appetite=2.0)[0] == pytest.approx(2.0)
    assert carry(100.0, limit=0.5)[0] == pytest.approx(-4.0)
    # Half of the wealth allows half of the position, whatever the margin.
    assert carry(100.0, wealth=1.25)[0] == pytest.approx(-4.0)
    # A headroom of ten would allow 4 x 10 x 2.5 of the position, the margin of a 25th 62.5.
    assert carry(100.0, wealth=0.25, headroom=10.0)[0] == pytest.approx(-3.75)


def test_a_broker_closes_whom_a_loss_has_left_less_than_half_of_the_margin() -> None:
    # Of 100 dollars a margin of 4: 2.1 of wealth keeps the position, 1.9 loses all of it, and a pause with it.
    assert carry(100.0, wealth=0.21)[1] > 90.0
    assert carry(100.0, wealth=0.19) == (-100.0, 0.0, 5.0)
    assert carry(100.0, wealth=-0.1) == (-100.0, 0.0, 5.0)
    # Who pauses and has nothing is left alone.
    assert carry(0.0, wealth=-0.1, cooldown=3.0) == (0.0, 0.0, 2.0)


def test_retail_accounts_are_the_most_leveraged_part_of_the_carry_book() -> None:
    terms = {"carry_leverage_low": 1.0, "carry_leverage_high": 4.0, "carry_margin_share": 0.04}
    terms |= {"retail_fx_share_of_carry": 0.5, "retail_fx_leverage_median": 9.0, "retail_fx_leverage_log_sd": 1.0}
    p = given(**terms, trader_leverage_low=1.0, trader_leverage_high=1.0)
    # Strata of an eighth to seven: accounts at three and one quarters of a lognormal, 9 e^±0.674, and no more than 25;
    # funds at one and three quarters between 4 and 1.
    of_carry, _ = trading_capital_shares(40, p)
    leverage = [9.0 * math.exp(0.6745), 9.0 * math.exp(-0.6745), 4.0 * 0.25**0.25, 4.0 * 0.25**0.75]
    assert of_carry == pytest.approx(sum(1.0 / own for own in leverage) / 4.0, rel=1e-3)
    capped, _ = trading_capital_shares(40, given(**vars(p) | {"retail_fx_leverage_median": 20.0}))
    assert capped == pytest.approx(
        (1.0 / 25.0 + 1.0 / (20.0 * math.exp(-0.6745)) + sum(1 / x for x in leverage[2:])) / 4, rel=1e-3
    )


# Speculative traders.


def test_fundamentalists_and_chartists_order_by_weight_exposure_and_their_own_news() -> None:
    # The first is a fundamentalist with a load of 9, the second a chartist with a load of 1.
    share, as_fundamentalists, as_chartists = read_the_day(
        np.array([0.6, 0.4]), np.array([0.0, 2.0]), np.array([9.0, 1.0]), 1.0
    )
    assert (share, as_fundamentalists, as_chartists) == (0.6, 9.0, 1.0)
    found = trader_orders(as_fundamentalists, as_chartists, -0.2, 0.3, 0.05, -0.1)
    assert found == pytest.approx((9.0 * -0.2, 1.0 * 0.3, 9.0 * 0.05 + 1.0 * -0.1))


# Purchases abroad.


def test_members_buy_more_abroad_when_it_yields_more_and_pay_with_deposits() -> None:
    bounds = np.array([0, 2, 3])
    weight, exposure = np.array([0.75, 0.25, 1.0]), np.array([1.0, 2.0, 1.0])
    foreign, deposits, equity = np.array([1.0, 1.0, 1.0]), np.array([10.0, 10.0, 10.0]), np.array([0.0, 0.0, 0.4])
    bought = np.empty(2)
    buy_assets(bounds, weight, exposure, (0.4, -0.8), (0.2, 0.0), 0.5, (0.2, -0.1), foreign, deposits, equity, bought)
    # Of 0.2 more a point, half a point: a tenth, by weight and exposure.
    first, second = 0.75 * (0.4 + 0.1), 0.25 * (0.4 + 0.2)
    assert foreign == pytest.approx([1.0 + first, 1.0 + second, 0.2])
    assert deposits == pytest.approx([10.0 - first, 10.0 - second, 10.8])
    assert equity == pytest.approx([0.15, 0.05, 0.3])
    assert bought == pytest.approx([first + second, -0.8])
    # Where home yields more, members sell.
    foreign[:], deposits[:] = 1.0, 10.0
    buy_assets(bounds, weight, exposure, (0.4, 0.0), (0.2, 0.0), -4.0, (0.0, 0.0), foreign, deposits, equity, bought)
    assert foreign == pytest.approx([1.0 - 0.75 * 0.4, 1.0 - 0.25 * 1.2, 1.0])
    assert deposits == pytest.approx([10.3, 10.3, 10.0])
    assert bought == pytest.approx([-0.6, 0.0])
    buy_assets(bounds, weight, exposure, (0.4, -0.8), (0.2, 0.0), -99.0, (0.0, 0.0), foreign, deposits, equity, bought)
    # Nobody sells more than it has.
    assert foreign == pytest.approx([0.0, 0.0, 0.2])
    assert bought == pytest.approx([-1.4, -0.8])


def test_members_sell_equity_by_what_they_have_of_it() -> None:
    bounds, equity = np.array([0, 4]), np.array([3.0, 0.5, 0.5, 8.0])
    # The last follows no plan: of the 4 of the others 1 is sold, a quarter of what each has, whatever its weight.
    weight, none = np.array([0.2, 0.7, 0.1, 0.0]), np.zeros(4)
    buy_assets(bounds, weight, none, (0.0,), (0.0,), 0.0, (-1.0,), none.copy(), none.copy(), equity, np.empty(1))
    assert equity == pytest.approx([2.25, 0.375, 0.375, 8.0])


def test_types_stand_in_order_and_each_has_a_member() -> None:
    assert [span.stop - span.start for span in type_slices(7)] == [1] * 7
    large = type_slices(200)
    assert [span.stop - span.start for span in large] == [100, 10, 10, 20, 10, 20, 30]
    assert large[TRADER].stop == 200
    assert [span.start for span in large[1:]] == [span.stop for span in large[:-1]]


def test_members_are_spread_over_sizes_tilts_and_limits() -> None:
    p = given(
        wealth_pareto_exponent=2.0,
        institution_size_pareto_exponent=1.0,
        carry_stop_loss_low=0.02,
        carry_stop_loss_high=0.06,
        carry_leverage_low=2.0,
        carry_leverage_high=8.0,
        retail_fx_share_of_carry=0.0,
        trader_leverage_low=0.5,
        trader_leverage_high=2.0,
        bank_rate_risk_headroom_log_sd=0.8,
        insurer_gains_to_bonds_spread=0.5,
        softbank_risk_room_log_sd=0.8,
        softbank_concentration_log_sd=1.0,
    )
    holdings = {
        HOUSEHOLD: {"deposits": 900.0, "jgb": 10.0},
        CARRY: {"position_usd": 80.0, "book": 12.0},
        TRADER: {"limit": 48.0},
    }
    columns = make_investor_columns(40, holdings, p, np.random.default_rng(1))
    rows = type_slices(40)
    quantile = (np.arange(20) + 0.5) / 20.0
    weight = (1.0 - quantile) ** -0.5
    assert np.sort(columns["weight"][rows[HOUSEHOLD]]) == pytest.approx(weight / weight.sum())
    # Two insurers, at a quarter and at three quarters of the power law of exponent one: 4/3 and 4.
    assert np.sort(columns["weight"][rows[INSURER_PENSION]]) == pytest.approx([0.25, 0.75])
    assert columns["weight"][rows[CARRY]] == pytest.approx([0.25] * 4)
    assert columns["position_usd"][rows[CARRY]] == pytest.approx([20.0] * 4)
    # Four carry traders between 8 and 2 times their wealth, the first to stop with the most borrowed money.
    leverage = [8.0 * 0.25**stratum for stratum in (0.125, 0.375, 0.625, 0.875)]
    by_stop = np.argsort(columns["stop_loss"][rows[CARRY]])
    assert columns["leverage"][rows[CARRY]][by_stop] == pytest.approx(leverage)
    assert columns["wealth"][rows[CARRY]][by_stop] == pytest.approx([3.0 / own for own in leverage])
    # Six speculative traders between half of their wealth and twice it.
    leverage = [0.5 * 4.0 ** ((place + 0.5) / 6.0) for place in range(6)]
    assert np.sort(columns["leverage"][rows[TRADER]]) == pytest.approx(leverage)
    assert np.sort(columns["wealth"][rows[TRADER]])[::-1] == pytest.approx([8.0 / own for own in leverage])
    assert not columns["wealth"][rows[HOUSEHOLD]].any()
    of_carry, of_traders = trading_capital_shares(40, p)
    assert 12.0 * of_carry == pytest.approx(columns["wealth"][rows[CARRY]].sum())
    assert 48.0 * of_traders == pytest.approx(columns["wealth"][rows[TRADER]].sum())
    assert columns["deposits"][rows[HOUSEHOLD]] == pytest.approx(900.0 * columns["weight"][rows[HOUSEHOLD]])
    assert np.sort(columns["stop_loss"][rows[CARRY]]) == pytest.approx([0.025, 0.035, 0.045, 0.055])
    assert np.sort(columns["headroom"][rows[CARRY]]) == pytest.approx([1.175, 1.425, 1.675, 1.925])
    assert np.sort(columns["tilt"][rows[CARRY]]) == pytest.approx([math.log(odds) for odds in (1 / 7, 3 / 5, 5 / 3, 7)])
    # Exposures of 5/8, 7/8, 9/8 and 11/8, whose weighted mean is one.
    assert np.sort(columns["exposure"][rows[CARRY]]) == pytest.approx([0.625, 0.875, 1.125, 1.375])
    for kind in (HOUSEHOLD, INSURER_PENSION, FUND):
        span = rows[kind]
        assert columns["weight"][span] @ columns["exposure"][span] == pytest.approx(1.0)
    assert list(columns["type"][rows[TRADER]]) == [TRADER] * 6


# Portfolios.

PLAN = {
    "portfolio_preference_persistence": 0.9,
    "portfolio_preference_sd_monthly": 0.1,
    "household_foreign_share_ratio": 1.5,
    "insurer_foreign_share_ratio": 1.0,
    "bank_foreign_share_ratio": 2.0,
    "fund_foreign_share_ratio": 0.5,
    "foreign_share_speed_monthly": 0.1,
    "foreign_share_response_per_pp": 0.05,
    "foreign_asset_gain_pct": 1.3,
    "trend_potential_growth_pct": 0.5,
    "inflation_target_pct": 2.0,
    "direct_investment_to_capital": 0.3,
    "direct_investment_speed_monthly": 0.02,
    "household_equity_purchases_trn_yen_year": -2.4,
    "insurer_equity_purchases_trn_yen_year": -6.0,
    "fund_equity_purchases_trn_yen_year": 1.2,
    "bank_equity_purchases_trn_yen_year": -1.2,
    "firm_buybacks_trn_yen_year": 12.0,
    "opening_flow_fade_years": 2.0,
    "equity_sale_limit_share_monthly": 0.1,
    "household_jgb_purchases_trn_yen_year": 2.4,
    "mandate_half_life_years": 1.0 / 12.0,
    "jgb_demand_slope_share_per_pp": 0.05,
    "jgb_foreign_yield_weight": 0.25,
    "bank_hurdle_pp": 0.5,
    "bank_hurdle_width_pp": 1.0,
    "bank_swap_adjustment_monthly": 0.25,
    "bank_reserve_swap_share": 0.6,
    "public_pension_saving_trn_yen_year": 6.0,
    "corporate_pension_band_pp": 4.0,
    "public_pension_bond_band_pp": 6.0,
    "public_pension_foreign_band_pp": 5.0,
    "public_pension_equity_band_pp": 6.0,
}

HELD = {
    (RESERVES, BANKS): 500.0,
    (DEPOSITS, BANKS): -1000.0,
    (INSURANCE_PENSION_CLAIMS, INSURERS_AND_PENSIONS): -300.0,
    (PUBLIC_PENSION_CLAIM, INSURERS_AND_PENSIONS): -200.0,
    (FUND_UNITS, INVESTMENT_FUNDS): -250.0,
    (JAPANESE_EQUITY, HOUSEHOLDS): 100.0,
    (JAPANESE_EQUITY, INSURERS_AND_PENSIONS): 4.0,
    (JAPANESE_EQUITY, INVESTMENT_FUNDS): 90.0,
    (OTHER_FOREIGN_ASSETS, FIRMS): 160.0,
    (WORLD_EQUITY, FIRMS): 40.0,
}
FOREIGN_START = {
    HOUSEHOLD: ForeignStock(20.0, 200.0),
    INSURER_PENSION: ForeignStock(60.0, 300.0),
    BANK: ForeignStock(50.0, 500.0),
    FUND: ForeignStock(30.0, 100.0),
}
ABROAD = RatesAbroad(us_10y_pct=4.0, us_policy_rate_pct=3.5, policy_path_10y_pct=1.5, income=1.0)
JGB_START = {HOUSEHOLD: 12.0, INSURER_PENSION: 300.0, BANK: 100.0, FUND: 20.0, FOREIGN: 70.0}


def portfolios(**changed: float) -> tuple[Portfolios, Any]:
    """Investors with one member of each type, and their ledger."""
    columns = {name: np.full(7, 50.0) for name in ("deposits", "jgb", "equity", "foreign", "softbank")}
    columns |= {"weight": np.ones(7), "exposure": np.ones(7), "strictness": np.full(7, 0.5), "mandate": np.zeros(7)}
    columns["equity"][:4] = 100.0, 4.0, 50.0, 90.0
    ledger: Any = HandLedger(HELD)
    # All bonds: 700, of which somebody who sold short owes 9.
    ledger.positions, ledger.rows_of = np.array([[400.0, 300.0, -9.0], [5.0, 5.0, 5.0]]), lambda names: [0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("itcho.model.finance.portfolios.HoldingCells", lambda *_: None)
        held = {kind: {"jgb": amount} for kind, amount in JGB_START.items()}
        patch.setattr("itcho.model.finance.portfolios.holdings_by_type", lambda *_: held)
        patch.setattr("itcho.model.finance.portfolios.foreign_stocks", lambda *_: FOREIGN_START)
        population = type("Seven", (), {"__len__": lambda self: 7, "columns": columns, "arrays": columns})()
        its = Portfolios(population, ledger, given(**PLAN | changed))  # type: ignore[arg-type]
    # Households, insurers, banks, funds, foreigners.
    held_now = np.array([12.0, 300.0, 100.0, 20.0, 70.0])
    its.mandates.open_with(ABROAD, 1.0)
    its._bond_cells = given(kind=np.array(JGB_TYPES), totals=lambda ledger: held_now)
    return its, ledger


def test_foreign_assets_keep_pace_with_the_economy_less_what_they_gain_by_themselves() -> None:
    # 0.5% of growth and 2% of prices less 1.3% of gains: 1.2% a year.
    assert keeping_pace(200.0, given(**PLAN)) == pytest.approx(0.2)
    assert keeping_pace(200.0, given(**PLAN | {"foreign_asset_gain_pct": 3.1})) == pytest.approx(-0.1)


def test_types_want_shares_of_their_assets_abroad_and_go_part_of_the_way() -> None:
    its = AssetAllocation(FOREIGN_START, given(**PLAN))
    plan = its.foreign_purchases(FOREIGN_START, 0.0)
    # Wanted: 1.5 x 10% of 200, 20% of 300, 2 x 10% of 500, half of 30% of 100; a tenth of what is missing.
    assert plan.base == pytest.approx((0.02 + 0.1 * 10.0, 0.06, 0.05 + 0.1 * 50.0, 0.03 - 0.1 * 15.0, 0.0))
    # A twentieth more is wanted for each point.
    assert plan.response == pytest.approx((0.15, 0.3, 0.5, 0.075, 0.0))
    # Shares are of what the type has now.
    richer = FOREIGN_START | {INSURER_PENSION: ForeignStock(60.0, 400.0)}
    assert its.foreign_purchases(richer, 0.0).base[INSURER_PENSION] == pytest.approx(0.06 + 0.1 * 20.0)
    broke = FOREIGN_START | {FUND: ForeignStock(30.0, -5.0)}
    assert its.foreign_purchases(broke, 0.0).base[FUND] == pytest.approx(0.03 - 3.0)


def test_a_liking_for_foreign_assets_lasts_and_is_wanted_in_stocks() -> None:
    its = AssetAllocation(FOREIGN_START, given(**PLAN))
    assert its.foreign_purchases(FOREIGN_START, 2.0).base[HOUSEHOLD] == pytest.approx(
        0.02 + 0.1 * (30.0 * math.exp(0.2) - 20.0)
    )
    later = its.foreign_purchases(FOREIGN_START, -1.0)
    assert its.preference == pytest.approx(0.18 - 0.1)
    assert later.response[HOUSEHOLD] == pytest.approx(0.1 * 30.0 * math.exp(0.08) * 0.05)


def test_firms_want_affiliates_abroad_in_proportion_to_their_capital_at_home() -> None:
    # 0.3 x 800 are wanted, 200 held: 2% of 40, and 0.2 to keep pace.
    assert direct_investment_trn_yen(200.0, 800.0, given(**PLAN)) == pytest.approx(0.2 + 0.8)
    assert direct_investment_trn_yen(200.0, 500.0, given(**PLAN)) == pytest.approx(0.2 - 1.0)


def test_the_pace_of_the_start_halves_in_its_half_life() -> None:
    assert [opening_pace_left(month, given(**PLAN)) for month in (0, 24, 48)] == pytest.approx([1.0, 0.5, 0.25])


def test_foreign_stocks_are_read_off_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    held = {kind: {"foreign": 10.0 * (kind + 1)} for kind in JGB_TYPES}
    monkeypatch.setattr(portfolios_file, "holdings_by_type", lambda *_: held)
    # What a party owes is none of its assets.
    positions = np.array([[100.0, 200.0, 300.0, 400.0], [5.0, -70.0, 7.0, -80.0]])
    column = {TYPE_PARTIES[kind]: place for place, kind in enumerate(JGB_TYPES[:-1])}
    found = portfolios_file.foreign_stocks(given(positions=positions, party_index=column), None)  # type: ignore[arg-type]
    assets = (105.0, 200.0, 307.0, 400.0)
    assert found == {kind: (10.0 * (kind + 1), amount) for kind, amount in zip(JGB_TYPES[:-1], assets, strict=True)}


def test_planned_purchases_follow_stocks_the_return_abroad_capital_and_the_reserves_income(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    its, ledger = portfolios()
    monkeypatch.setattr(portfolios_file, "foreign_stocks", lambda of, _: FOREIGN_START if of is ledger else None)
    plan = its.plan(ledger, 800.0, 0.33, ReturnOutlook(0.5), 2.0)
    like = math.exp(0.2)
    assert plan.foreign == {
        HOUSEHOLD: pytest.approx(0.02 + 0.1 * (30.0 * like - 20.0) + 0.075 * like),
        INSURER_PENSION: pytest.approx(0.06 + 0.1 * (60.0 * like - 60.0) + 0.15 * like),
        BANK: pytest.approx(0.05 + 0.1 * (100.0 * like - 50.0) + 0.25 * like),
        FUND: pytest.approx(0.03 + 0.1 * (15.0 * like - 30.0) + 0.0375 * like),
    }
    assert (plan.direct_investment, plan.official_reserves) == pytest.approx((1.0, 0.33))


def test_foreigners_take_the_equity_that_others_sell_and_flows_fade(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portfolios_file, "foreign_stocks", lambda *_: FOREIGN_START)
    its, ledger = portfolios()
    plan = its.plan(ledger, 800.0, 0.0, ReturnOutlook(0.0), 0.0)
    # Insurers can sell a tenth of 4 in a month, less than the half they plan.
    expected = {HOUSEHOLD: -0.2, INSURER_PENSION: -0.4, FUND: 0.1, BANK: -0.1, BUYBACKS: 1.0}
    assert plan.equity == pytest.approx(expected | {FOREIGN: -0.4})
    assert its.investors.columns["equity"][:5] == pytest.approx([99.8, 3.6, 50.0, 90.1, 49.6])
    its.month = 24
    assert its.plan(ledger, 800.0, 0.0, ReturnOutlook(0.0), 0.0).equity[-1] == pytest.approx(0.5)
    assert its.month == 25


def test_returned_units_are_paid_for_with_what_funds_have_abroad(monkeypatch: pytest.MonkeyPatch) -> None:
    # Of 2000 abroad households want 30: a tenth of the missing 1970 in a month is more than the 30 that
    # funds hold, who then sell nothing of their own.
    stocks = FOREIGN_START | {HOUSEHOLD: ForeignStock(2000.0, 200.0)}
    monkeypatch.setattr(portfolios_file, "foreign_stocks", lambda *_: stocks)
    its, ledger = portfolios()
    its.investors.columns["foreign"][0] = 2000.0
    plan = its.plan(ledger, 800.0, 0.0, ReturnOutlook(0.0), 0.0)
    returned = -(2.0 - 0.1 * 1970.0)
    assert plan.foreign[HOUSEHOLD] == pytest.approx(-returned)
    assert plan.foreign[FUND] == pytest.approx(returned - 30.0)


def test_foreigners_part_with_shares_at_the_pace_of_institutions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portfolios_file, "foreign_stocks", lambda *_: FOREIGN_START)
    its, ledger = portfolios()
    # A tenth of 3 is on offer beside the 0.7 that others sell: firms and funds want 1.1 and get ten elevenths.
    its.investors.columns["equity"][4] = 3.0
    plan = its.plan(ledger, 800.0, 0.0, ReturnOutlook(0.0), 0.0)
    assert plan.equity[FOREIGN] == pytest.approx(-0.3)
    assert (plan.equity[BUYBACKS], plan.equity[FUND]) == pytest.approx((10.0 / 11.0, 1.0 / 11.0))


def test_plans_are_posted_with_the_right_sellers() -> None:
    its, ledger = portfolios()
    foreign = {HOUSEHOLD: 1.0, INSURER_PENSION: 0.6, BANK: 0.3, FUND: 0.2}
    its.post(ledger, PortfolioMonth(foreign, 2.0, 0.1, {HOUSEHOLD: -0.2, -1: 1.0, FOREIGN: -0.8}))  # type: ignore[arg-type]
    traded = ledger.traded
    assert traded(HOUSEHOLDS, INVESTMENT_FUNDS, FUND_UNITS) == pytest.approx(1.0)
    assert traded(INVESTMENT_FUNDS, FOREIGN_INVESTORS, WORLD_EQUITY) == pytest.approx(1.2)
    assert traded(INSURERS_AND_PENSIONS, FOREIGN_INVESTORS, WORLD_EQUITY) == pytest.approx(0.3)
    assert traded(INSURERS_AND_PENSIONS, FOREIGN_INVESTORS, OTHER_FOREIGN_ASSETS) == pytest.approx(0.3)
    assert traded(BANKS, FOREIGN_INVESTORS, OTHER_FOREIGN_ASSETS) == pytest.approx(0.3)
    assert traded(FIRMS, FOREIGN_INVESTORS, OTHER_FOREIGN_ASSETS) == pytest.approx(2.0)
    assert traded(GOVERNMENT, FOREIGN_INVESTORS, OTHER_FOREIGN_ASSETS) == pytest.approx(0.1)
    assert traded(HOUSEHOLDS, DEALERS_ABROAD, JAPANESE_EQUITY) == pytest.approx(-0.2)
    assert traded(FIRMS, DEALERS_ABROAD, JAPANESE_EQUITY) == pytest.approx(1.0)
    assert traded(FOREIGN_INVESTORS, DEALERS_ABROAD, JAPANESE_EQUITY) == pytest.approx(-0.8)
    assert {each[5] for each in ledger.posted} == {1.0}


def test_mandates_grow_with_balance_sheets_and_banks_swap_reserves_they_lost() -> None:
    its, ledger = portfolios()
    its.month = 6
    ledger.holdings |= {(RESERVES, BANKS): 480.0, (DEPOSITS, BANKS): -1100.0, (FUND_UNITS, INVESTMENT_FUNDS): -275.0}
    ledger.holdings[INSURANCE_PENSION_CLAIMS, INSURERS_AND_PENSIONS] = -350.0
    # 10-year yield 1.75, policy rate 1.0, hurdle 0.5 over a width of 1: banks are a quarter willing.
    swapped = 0.6 * 20.0 * 0.25
    demand = its.jgb_mandates(ledger, 1.75, 1.0, ABROAD)
    # Half of the way from what the opening shares ask for to what is held.
    insurers, banks, funds = 0.5 * (330.0 + 300.0), 0.5 * (110.0 + 100.0 - swapped), 0.5 * (22.0 + 20.0)
    assert demand.wanted == pytest.approx([13.2, insurers, banks + swapped, funds, 70.0])
    assert demand.slope == pytest.approx([0.0, 0.05 * 550.0, 0.05 * 1100.0, 0.0, 0.05 * 70.0])
    assert demand.total_wanted == pytest.approx(13.2 + insurers + banks + swapped + funds + 70.0)
    assert demand.total_slope == pytest.approx(82.5 + 3.5)
    # Willingness of one at once, of which a quarter of the way is gone.
    swapped = 12.0 * 0.4375
    later = its.jgb_mandates(ledger, 9.0, 1.0, ABROAD)
    assert later.wanted[2] == pytest.approx(0.5 * (banks + 100.0 - swapped) + swapped)


def test_buyers_get_equal_parts_of_the_equity_that_others_part_with() -> None:
    its = AssetAllocation(FOREIGN_START, given(**PLAN))
    # Households sell 0.2, insurers 0.1 of 1, banks 0.1; funds want 0.1 and firms 1: 1.1 of the 0.4 + 0.15 on offer.
    found = its.equity_purchases(0, {HOUSEHOLD: 100.0, INSURER_PENSION: 1.0, FUND: 90.0}, 0.15)
    assert found == pytest.approx(
        {HOUSEHOLD: -0.2, INSURER_PENSION: -0.1, BANK: -0.1, FUND: 0.05, BUYBACKS: 0.5, FOREIGN: -0.15}
    )
    assert its.equity_wanted[FUND] == pytest.approx(0.1)
    # Pension funds' purchases come down alike; who sells sells all the same.
    assert offered_part(np.array([3.0, -1.0, 1.0]), 2.0) == pytest.approx([1.5, -1.0, 0.5])
    assert offered_part(np.array([3.0, -1.0, 1.0]), 4.0) == pytest.approx([3.0, -1.0, 1.0])
    assert offered_part(np.array([-1.0]), 0.0) == pytest.approx([-1.0])


def test_equity_that_can_be_sold_is_what_is_held() -> None:
    its, ledger = portfolios()
    assert its.equity_held == {HOUSEHOLD: 100.0, INSURER_PENSION: 4.0, FUND: 90.0}
    its.investors.columns["equity"][0] = -3.0
    assert its._equity_in_plan() == {HOUSEHOLD: 0.0, INSURER_PENSION: 4.0, FUND: 90.0}
    # Who trades by bands of its own has nothing to sell by the plan.
    its._weight_in_plan[1] = 0.0
    assert its._equity_in_plan()[INSURER_PENSION] == 0.0
    assert Portfolios._balance_sheets(ledger) == BalanceSheets(500.0, 1000.0, 500.0, 250.0)  # type: ignore[arg-type]


def test_the_market_clears_by_slope_and_nobody_goes_short() -> None:
    # 6 less than wanted, by slopes of 1, 2 and 0.
    assert unlimited(np.array([10.0, 10.0, 5.0]), np.array([1.0, 2.0, 0.0])).held_at(19.0) == pytest.approx(
        [8.0, 6.0, 5.0]
    )
    # Who would have 2 - 6 holds nothing, and the others give 12 - 8 more between them.
    held = unlimited(np.array([10.0, 2.0, 5.0]), np.array([1.0, 2.0, 0.0])).held_at(8.0)
    assert held == pytest.approx([3.0, 0.0, 5.0])
    assert unlimited(np.array([0.3, 0.1]), np.array([1.0, 1.0])).held_at(0.2) == pytest.approx([0.2, 0.0])
    found = unlimited(np.array([6.0, 3.0]), np.array([1.0, 1.0])).held_at(12.0)
    assert found == pytest.approx([7.5, 4.5])


def test_where_nobody_answers_to_yields_the_stock_is_held_in_proportion_to_mandates() -> None:
    assert unlimited(np.array([6.0, 3.0]), np.zeros(2)).held_at(12.0) == pytest.approx([8.0, 4.0])
    # The third would have 1 - 5 and is out; who is left does not answer.
    assert unlimited(np.array([6.0, 3.0, 1.0]), np.array([0.0, 0.0, 2.0])).held_at(5.0) == pytest.approx(
        [10.0 / 3.0, 5.0 / 3.0, 0.0]
    )


def test_members_take_bonds_out_of_deposits_and_foreigners_out_of_their_own() -> None:
    bonds, deposits, bought = np.array([1.0, 2.0, 3.0]), np.array([9.0, 9.0, 9.0]), np.empty(2)
    take_holdings(np.array([0, 2, 3]), np.array([1.5, 1.0, 4.0]), bonds, deposits, 1, bought)
    assert (bonds.tolist(), deposits.tolist(), bought.tolist()) == ([1.5, 1.0, 4.0], [8.5, 10.0, 9.0], [-0.5, 1.0])


def test_cash_comes_by_weight_other_holdings_in_proportion() -> None:
    deposits, bonds, weight = np.array([1.0, 3.0]), np.array([2.0, 6.0]), np.array([0.5, 0.5])
    pairs = (np.array([0, 2]), np.array([0, 0]), np.array([0, 1]))
    hand_on((deposits, bonds), weight, *pairs, np.array([6.0, 4.0]), False)
    assert (deposits.tolist(), bonds.tolist()) == ([2.0, 4.0], [1.0, 3.0])
    # Six less by weight would leave one member short; the other bears it.
    hand_on((deposits, bonds), weight, *pairs, np.array([0.5, 4.0]), False)
    assert deposits == pytest.approx([0.0, 0.5])
    bonds[:] = 0.0
    hand_on((deposits, bonds), weight, *pairs, np.array([0.5, 4.0]), False)
    assert bonds.tolist() == [0.0, 0.0]
    hand_on((deposits, bonds), weight, *pairs, np.array([0.5, 4.0]), True)
    assert bonds.tolist() == [2.0, 2.0]


def test_bonds_taken_are_named_by_party() -> None:
    its, _ = portfolios()
    assert its.take_bonds(np.array([51.0, 49.0, 50.0, 50.0, 53.0])) == dict(
        zip(TYPE_PARTIES, (1.0, -1.0, 0.0, 0.0, 3.0), strict=False)
    )
    assert its.investors.columns["deposits"][:5] == pytest.approx([49.0, 51.0, 50.0, 50.0, 50.0])


def test_savings_go_abroad_when_yields_abroad_rise_and_when_the_yen_is_doubted() -> None:
    asked, posted, saved = [], [], []
    economy: Any = given(
        state=given(yields_pct={10.0: 1.5}, domestic_price=1.1),
        goods=given(firms=given(capital=800.0)),
        ledger="ledger",
        portfolios=given(plan=lambda *terms: asked.append(terms) or "plan", post=lambda *terms: posted.append(terms)),
        structural=given(post=lambda *terms: saved.append(terms)),
        outside=given(us_10y_pct=4.5),
        opening=given(yield_gap_pp=2.0),
        streams=given(normals=lambda *asked: {("portfolio preference", 3, 1): [0.25]}[asked]),
        month=3,
        # Belief 0.5 against 0.3: a premium of 0.2 and a dollar dearer by 0.2%.
        fiscal_doubt=FiscalDoubt(0.0, 0.3),
        parameters=given(credibility_premium_pp=1.0, credibility_dollar_value_share=0.01),
    )
    incomes: Any = given(from_abroad={GOVERNMENT: 0.33, FIRMS: 1.2})
    assert monthly_steps.plan_portfolios(economy, incomes) == "plan"
    # Capital is worth a tenth more than at the start, and the reserves keep what they earn.
    assert asked == [("ledger", pytest.approx(880.0), 0.33, (pytest.approx(1.4),), 0.25)]
    assert posted == [("ledger", "plan")]
    assert saved == [("ledger", economy.state, 3)]
    economy.fiscal_doubt = None
    monthly_steps.plan_portfolios(economy, incomes)
    assert asked[1][3] == (pytest.approx(1.0),)
