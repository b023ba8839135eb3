"""Signs, dates and limits of bond and equity prices, revaluation and the treasury's operations, by hand."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

import numpy as np
import pytest

from itcho.agents.bond_demand import MemberDemand, unlimited
from itcho.agents.fiscal_doubt import FiscalDoubt
from itcho.agents.investors import CARRY, TRADER
from itcho.agents.softbank_assets import OwnMoves
from itcho.agents.speculative_traders import DollarValue
from itcho.agents.vocabulary import (
    AI_FIRM_EQUITY,
    AI_SPECIAL_ACCOUNT,
    BANK_OF_JAPAN,
    BANKS,
    CARRY_TRADERS,
    DEALERS_ABROAD,
    FIRMS,
    FOREIGN_INVESTORS,
    GOVERNMENT,
    GOVERNMENT_DEPOSITS,
    HOUSEHOLDS,
    JAPANESE_EQUITY,
    JGB_BUCKETS,
    LOCAL_AND_SOCIAL_SECURITY,
    OFFSHORE_DOLLARS,
    OFFSHORE_YEN,
    OTHER_FOREIGN_ASSETS,
    SOFTBANK_EQUITY,
    SPECULATIVE_TRADERS,
    TREASURY_BILLS,
    UNLISTED_EQUITY,
    WORLD_EQUITY,
)
from itcho.model.disturbances import Disturbances
from itcho.model.finance import revaluation
from itcho.model.finance.bonds import MATURITIES, BondMarket, path_averages_pct
from itcho.model.finance.equities import EquityMarket, SoftBankShares
from itcho.model.outside_world import OutsideWorld
from itcho.model.public.treasury import Treasury, trade_bonds
from itcho.model.state import EconomyState
from tests.hand_ledger import HandLedger, given

# Bonds.

BOND_P = {
    "premium_loading_2y": 0.2,
    "premium_loading_5y": 0.5,
    "premium_loading_30y": 1.4,
    "jgb_sentiment_half_life_days": 1.0,
    "jgb_sentiment_sd_pct_daily": 0.04,
    "jgb_duration_years": 8.0,
    "jgb_outlook_weight": 0.5,
    "effective_lower_bound_pct": -0.1,
}
OPENING = {2.0: 1.2, 5.0: 1.5, 10.0: 2.0, 20.0: 2.8, 30.0: 3.2, 40.0: 3.3}


def bonds() -> BondMarket:
    """A market in which the policy rate is expected to stay at 1%."""
    return BondMarket(OPENING, [1.0] * 40, 1.0, given(**BOND_P))


def test_the_first_month_begins_at_the_opening_ten_year_yield() -> None:
    its = bonds()
    assert its.last_close_pct == OPENING[10.0] != OPENING[20.0]
    assert its.term_premium_pct == pytest.approx(OPENING[10.0] - 1.0)


def test_an_expected_path_is_averaged_over_each_maturity() -> None:
    averages = path_averages_pct([1.0] * 8 + [2.0] * 12, 3.0)
    assert averages[2.0] == pytest.approx(1.0)
    assert averages[5.0] == pytest.approx((8.0 + 24.0) / 20.0)
    # Beyond its end half way between the last rate and where it goes.
    assert averages[10.0] == pytest.approx((32.0 + 20.0 * 2.5) / 40.0)
    assert averages[40.0] == pytest.approx((32.0 + 140.0 * 2.5) / 160.0)


def wanting(mandate: float, slope: float) -> MemberDemand:
    """Demand of one holder without limits."""
    return unlimited(np.array([mandate]), np.array([slope]))


def test_the_premium_clears_what_is_there_against_what_is_wanted() -> None:
    market = bonds()
    assert market.term_premium_pct == pytest.approx(1.0)
    market.outlook_start = 40.0
    # 10 too many now, half of 20 to come; 20 a point of demand and 8% of 500 of value: 20 / 60 of a point.
    found = market.clear(500.0, wanting(490.0, 20.0), 60.0, [1.0] * 40, 1.0)
    assert found == pytest.approx(2.0 + 20.0 / 60.0)
    assert market.yields_without_sentiment_pct == pytest.approx(found)
    # Again: what has been lost in value since the start lowers what there is to hold.
    again = market.clear(500.0, wanting(490.0, 20.0), 60.0, [1.0] * 40, 1.0)
    assert again == pytest.approx(2.0 + (20.0 + 40.0 * 20.0 / 60.0) / 60.0)
    calm = bonds()
    # Premium asked beyond the opening one: 20 a point for 0.3 of a point; the path is a quarter higher.
    assert calm.clear(500.0, wanting(500.0, 20.0), 0.0, [1.25] * 40, 1.25, 0.3) == pytest.approx(2.25 + 6.0 / 60.0)


def test_the_outlook_that_holders_take_at_the_opening_premium_grows_with_their_balance_sheets() -> None:
    market = bonds()
    market.open_outlook(40.0)
    # What the start expected is no news; 20 a point of demand is the start's.
    assert market.clear(500.0, wanting(500.0, 20.0), 40.0, [1.0] * 40, 1.0) == pytest.approx(2.0)
    # Balance sheets a quarter larger take an outlook of 50; one of 60 is 10 too much, of which half counts.
    assert market.clear(500.0, wanting(500.0, 25.0), 50.0, [1.0] * 40, 1.0) == pytest.approx(2.0)
    assert market.clear(500.0, wanting(500.0, 25.0), 60.0, [1.0] * 40, 1.0) == pytest.approx(2.0 + 5.0 / 65.0)


def test_the_curve_moves_by_loadings_and_has_a_floor() -> None:
    market = bonds()
    market.clear(500.0, wanting(488.0, 20.0), 0.0, [1.0] * 40, 1.0)
    market.sentiment_pct = 0.1
    market.take_superlong_gap(0.3)
    moved = 12.0 / 60.0 + 0.1
    curve = market.curve()
    # From ten to twenty years is ln 2 of the ln 3 to thirty.
    part = math.log(2.0) / math.log(3.0)
    loadings = {2.0: 0.2, 5.0: 0.5, 10.0: 1.0, 20.0: 1.0 + 0.4 * part, 30.0: 1.4, 40.0: 1.4}
    gaps = {2.0: 0.0, 5.0: 0.0, 10.0: 0.0, 20.0: 0.3 * part, 30.0: 0.3, 40.0: 0.3}
    assert curve == pytest.approx(
        {years: OPENING[years] + loadings[years] * moved + gaps[years] for years in MATURITIES}
    )
    assert market.clear(500.0, wanting(900.0, 20.0), 0.0, [1.0] * 40, 1.0) == -0.1
    # A premium that is no number shows, and does not pass for the floor.
    market.term_premium_pct = math.nan
    assert all(math.isnan(value) for value in market.curve().values())


def test_sentiment_comes_with_news_and_half_of_it_is_gone_the_next_day() -> None:
    market = bonds()
    market.sentiment_pct = 0.08
    assert market.daily_sentiment(np.array([0.0, 1.0, -1.0])) == pytest.approx([0.04, 0.06, -0.01])
    assert market.sentiment_pct == pytest.approx(-0.01)


# Japanese equity.

EQUITY_P = {
    "equity_predisposition": -0.3,
    "equity_herding": 1.5,
    "equity_misalignment_weight": 20.0,
    "equity_fundamentalist_pull": 0.05,
    "equity_chartist_extrapolation": 0.4,
    "equity_fundamentalist_noise": 0.02,
    "equity_chartist_noise": 0.03,
    "equity_world_news_loading": 0.6,
    "equity_trader_impact": 0.5,
    "equity_impact_pct_per_trn_yen": 2.0,
}


def equities() -> EquityMarket:
    market = EquityMarket(given(**EQUITY_P))
    market.log_price, market.fundamental, market.last_change, market.fundamentalist_share = 0.1, 0.05, 0.01, 0.6
    return market


def test_a_session_of_equity_moves_with_value_trend_news_and_orders() -> None:
    market = equities()
    # Attitude -0.3 + 1.5 x 0.2 + 20 x 0.0484 squared = 0.0469: one trader of each kind.
    traders = (np.array([0.7, 0.3]), np.array([0.0, 1.0]), np.array([1.0, 1.0]))
    prices, returns = market.trade_month(traders, np.array([1.0]), np.array([[0.5, -1.0]]), 0.0016)
    gap, scale = 0.1 - 0.0516, 0.5 / 0.02
    news = (0.02 * (0.6 + 0.8 * 0.5), 0.03 * (0.6 - 0.8))
    value, chart, surprise = (
        0.7 * scale * -0.05 * gap,
        0.3 * scale * 0.4 * (0.01 - 0.0016),
        scale * (0.7 * news[0] + 0.3 * news[1]),
    )
    orders = value + chart + surprise
    change = 0.0016 + 0.02 * orders
    assert returns == pytest.approx([change])
    assert prices == pytest.approx([0.1 + change])
    assert (market.log_price, market.last_change) == pytest.approx((0.1 + change, change))
    assert (market.fundamental, market.fundamentalist_share) == pytest.approx((0.0516, 0.7))


@pytest.mark.parametrize(
    ("gap", "share", "tilt", "fundamentalist"),
    [
        (0.0, 0.6, -0.01, True),  # Attitude 0: -0.3 + 1.5 x 0.2.
        (0.0, 0.6, 0.01, False),
        (0.1, 0.6, 0.19, True),  # 20 x 0.01 more far from the fundamental.
        (-0.1, 0.6, 0.21, False),
        (0.0, 0.2, -1.21, True),  # Few fundamentalists: -0.3 - 0.9.
        (0.0, 0.2, -1.19, False),
    ],
)
def test_traders_turn_to_value_far_from_it_and_follow_each_other(
    gap: float, share: float, tilt: float, fundamentalist: bool
) -> None:
    market = equities()
    market.log_price, market.fundamental, market.fundamentalist_share = gap, 0.0, share
    market.trade_month((np.ones(1), np.array([tilt]), np.ones(1)), np.zeros(1), np.zeros((1, 2)), 0.0)
    assert market.fundamentalist_share == float(fundamentalist)


def test_traders_start_where_attitude_and_share_agree() -> None:
    calm = EquityMarket(given(**EQUITY_P | {"equity_herding": 0.0}))
    assert calm.fundamentalist_share == pytest.approx(1.0 / (1.0 + math.exp(0.3)))
    share = EquityMarket(given(**EQUITY_P)).fundamentalist_share
    assert math.log(share / (1.0 - share)) == pytest.approx(-0.3 + 1.5 * (2.0 * share - 1.0), abs=1e-6)


# Revaluation.


PRICES: Any = given(
    world_log_return=math.log(1.1),
    softbank=np.array([0.5, 1.5]),
    ai_log_return=0.05,
    usdjpy=np.array([150.0, 156.0, 168.0]),
    currency=given(carry_yen_trn=0.7, trader_yen_trn=-0.3, carry_interest_trn=0.02, trader_interest_trn=-0.01),
)


def trading_columns(kind: int, names: tuple[str, ...]) -> tuple[np.ndarray, ...]:
    """Carry traders hold 40 billion dollars and speculative traders four."""
    held = {CARRY: np.array([30.0, 10.0]), TRADER: np.array([4.0])}[kind]
    return tuple(held if name == "position_usd" else np.ones(held.size) for name in names)


def closing_economy(month: int = 2) -> Any:
    shares = SoftBankShares(given(), 9.0, 15.0)
    shares.close_at(1.2)
    outside = OutsideWorld(us_policy_rate_pct=4.0, us_10y_pct=4.4, us_inflation_pct=2.0)
    outside.equity_log, outside.foreign_price_level = 0.3, 1.05
    ledger: Any = HandLedger()
    ledger.month_revaluation = np.zeros((1, 1))
    ledger.columns_of = lambda parties: None
    revalued: list[Any] = []
    p = given(
        fx_share_of_foreign_assets=0.75,
        fair_rate_learning_quarterly=0.271,
        initial_misalignment_pct=-10.0,
        nfa_fundamental_response_pct=0.2,
        credibility_dollar_value_share=0.1,
    )
    dollar = DollarValue(140.0, p)
    dollar.learned, dollar.log_value = 0.02, math.log(165.0) - 0.3
    return given(
        parameters=p,
        state=EconomyState(
            usdjpy=150.0,
            usdjpy_start=140.0,
            equity_index=1.25,
            policy_rate_pct=0.75,
            yields_pct={10.0: 1.5, 30.0: 2.5},
            domestic_price=1.1,
            nominal_gdp_history=deque([50.0] * 12),
            usdjpy_averages=deque([100.0, 140.0, 145.0], maxlen=3),
        ),
        ledger=ledger,
        foreign_exchange=given(
            usdjpy=165.0,
            carry_bn_usd=5.0,
            trader_bn_usd=-2.0,
            log_price=math.log(165.0),
            value=dollar,
            renew_capital=lambda traders, carry, gdp: (0.25, -0.125),
        ),
        equities=given(log_price=math.log(1.5)),
        chip_importers=given(columns={"equity_issued": np.array([1.0, 2.0])}),
        softbank_shares=shares,
        treasury=given(revalue=lambda *terms: revalued.append(terms)),
        bonds=given(curve=lambda: {10.0: 1.7, 30.0: 2.9}, yields_pct={10.0: 1.7, 30.0: 2.9}),
        holder_limits=given(close_month=lambda *terms: revalued.append(terms)),
        structural=given(pass_fund_returns=lambda ledger, gain: revalued.append(gain)),
        portfolios=given(columns_of=trading_columns),
        month=month,
        streams=given(normals=lambda name, at, count: {("unlisted marks", month, 1): [0.4]}[name, at, count]),
        softbank_group=given(learn=lambda change, p: revalued.append(("learn", change)), unlisted_mark=20.0),
        softbank_holders=given(learn=lambda log_return: revalued.append(("fund", log_return))),
        softbank_accounts=given(
            mark=lambda ledger, group, *terms: revalued.append(terms), lost_by_banks=lambda group: 0.3
        ),
        outside=outside,
        ai_boom=None,
        opening=given(foreign_assets_to_gdp=0.8),
        fiscal_doubt=None,
        revalued=revalued,
    )


def test_the_boom_closes_with_the_news_of_its_shares_and_what_was_expected_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(revaluation, "_revalued_sum", lambda ledger, party: 0.0)
    monkeypatch.setattr(revaluation, "_judge_the_dollar", lambda world: None)
    moved = {"designers": 0.07, "openai": -0.09}
    for month, is_round in ((4, False), (5, True), (6, False)):
        economy = closing_economy(month)
        economy.parameters.softbank_openai_round_months = 6.0
        economy.outside.ai_usual_log = 0.01
        closed: list[tuple[float, float]] = []
        economy.ai_boom = given(
            close_month=lambda *terms, closed=closed: closed.append(terms), log_return=0.03, moved_beyond=moved.get
        )
        revaluation.revalue_positions(economy, PRICES, Disturbances())
        # 5% against the usual 1%; and of that the members' own month is taken off.
        assert closed == [(pytest.approx(0.04), pytest.approx(-0.02))]
        assert economy.revalued[2][4] == OwnMoves(0.07, -0.09, is_round)


def test_everything_is_brought_to_closing_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    gains = iter((0.5, 0.9))
    monkeypatch.setattr(revaluation, "_revalued_sum", lambda ledger, party: next(gains))
    economy = closing_economy()
    monkeypatch.setattr(revaluation, "net_foreign_assets", lambda ledger: 420.0)
    monkeypatch.setattr(revaluation, "dollar_assets", lambda ledger, p: 300.0)
    revaluation.revalue_positions(economy, PRICES, Disturbances(softbank_holdings_log_return=-0.2))
    # The dollar is 10% dearer, Japanese equity 20%.
    expected = {
        WORLD_EQUITY: 0.21,
        OTHER_FOREIGN_ASSETS: 0.075,
        JAPANESE_EQUITY: 0.2,
        UNLISTED_EQUITY: 0.1,
        AI_FIRM_EQUITY: 0.2,
        SOFTBANK_EQUITY: 0.25,
    }
    assert {name: economy.ledger.revalued(name) for name in expected} == pytest.approx(expected)
    assert economy.chip_importers.columns["equity_issued"] == pytest.approx([1.2, 2.4])
    treasury, funds, marks, learned, fund, limits = economy.revalued
    assert treasury == (economy.ledger, {10.0: 1.7, 30.0: 2.9}, 0.75)
    assert limits == ((pytest.approx(0.2), 0.3), 2.9)
    assert funds == pytest.approx(0.4)
    # What hits SoftBank's holdings alone moves its marks and not what it learns of the market; March ends a quarter.
    assert marks == (pytest.approx(-0.15), pytest.approx(math.log(1.1)), 0.4, True, OwnMoves())
    assert learned == ("learn", 0.05)
    # Marks that stay in yen are a loss in dollars that are a tenth dearer.
    assert fund == ("fund", pytest.approx(-math.log(1.1)))
    other = closing_economy(month=3)
    revaluation._mark_softbank(other, PRICES, 1.1, Disturbances())
    assert other.revalued[0] == (0.05, pytest.approx(math.log(1.1)), 0.4, False, OwnMoves())
    assert economy.softbank_shares.index == 1.5
    assert (economy.outside.equity_log, economy.outside.ai_log_return) == (pytest.approx(0.3 + math.log(1.1)), 0.05)
    state = economy.state
    assert state.equity_index == pytest.approx(1.5)
    assert (state.usdjpy, state.usdjpy_average) == pytest.approx((165.0, 158.0))
    assert state.usdjpy_average_3m == pytest.approx((140.0 + 145.0 + 158.0) / 3.0)
    assert state.yields_pct == {10.0: 1.7, 30.0: 2.9}


def test_traders_gain_on_what_they_held_and_on_what_they_bought_below_the_close() -> None:
    economy = closing_economy()
    revaluation._post_traders(economy, PRICES, 150.0, 165.0)
    speculators, their_gain, their_interest, their_capital = economy.ledger.posted[:4]
    carry, carry_gain, carry_interest, carry_capital = economy.ledger.posted[4:]
    assert carry == ("trade", DEALERS_ABROAD, CARRY_TRADERS, OFFSHORE_YEN, 0.7, 1.0, "currency_trading")
    # 40 bn dollars now worth 6.6 trillion were 35 worth 5.25 and cost 0.7.
    assert carry_gain == ("revalue claim", OFFSHORE_DOLLARS, CARRY_TRADERS, DEALERS_ABROAD, pytest.approx(0.65))
    assert speculators[:5] == ("trade", DEALERS_ABROAD, SPECULATIVE_TRADERS, OFFSHORE_YEN, -0.3)
    assert their_gain[2:] == (SPECULATIVE_TRADERS, DEALERS_ABROAD, pytest.approx(0.66 - 0.9 + 0.3))
    # Dealers pay the interest, owners abroad the capital.
    assert carry_interest == ("revalue claim", OFFSHORE_YEN, CARRY_TRADERS, DEALERS_ABROAD, 0.02)
    assert their_interest == ("revalue claim", OFFSHORE_YEN, SPECULATIVE_TRADERS, DEALERS_ABROAD, -0.01)
    assert carry_capital == ("revalue claim", OFFSHORE_YEN, CARRY_TRADERS, FOREIGN_INVESTORS, -0.125)
    assert their_capital == ("revalue claim", OFFSHORE_YEN, SPECULATIVE_TRADERS, FOREIGN_INVESTORS, 0.25)


def test_the_dollars_value_follows_prices_foreign_assets_and_what_was_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revaluation, "net_foreign_assets", lambda ledger: 420.0)
    monkeypatch.setattr(revaluation, "dollar_assets", lambda ledger, p: 300.0)
    economy = closing_economy()
    revaluation._judge_the_dollar(economy)
    # A tenth of what the real rate stands above its mean is learned in a month.
    its, real = economy.foreign_exchange.value, math.log(165.0) - math.log(1.1 / 1.05)
    learned = 0.02 + 0.1 * (real - (math.log(140.0) - 0.1 + 0.02))
    assert its.learned == pytest.approx(learned)
    # The dollar stands 0.3 above its value, 0.2 more than at the start: of 300 in dollars, 54 are not counted.  So
    # foreign assets are 0.609 of output, and were 0.8; a twelfth of that is in the accounts.
    counted = 420.0 - 300.0 * (1.0 - math.exp(-0.2))
    value = math.log(140.0) - 0.1 + learned + math.log(1.1 / 1.05) - 0.2 * (counted / 600.0 - 0.8) / 12.0
    assert its.log_value == pytest.approx(value)
    # A belief of 0.5 against 0.3 adds 0.02.
    doubted = closing_economy()
    doubted.fiscal_doubt = FiscalDoubt(0.0, 0.3)
    revaluation._judge_the_dollar(doubted)
    assert doubted.foreign_exchange.value.log_value == pytest.approx(value + 0.02)


# The treasury.

PARTIES = (
    GOVERNMENT,
    AI_SPECIAL_ACCOUNT,
    BANKS,
    HOUSEHOLDS,
    BANK_OF_JAPAN,
    FIRMS,
    LOCAL_AND_SOCIAL_SECURITY,
    FOREIGN_INVESTORS,
)


class TableLedger(HandLedger):
    """A ledger whose bonds and bills stand in a table, too."""

    def __init__(self, holdings: dict[tuple[str, str], float]) -> None:
        super().__init__(holdings)
        self.parties = PARTIES
        self.party_index = {name: place for place, name in enumerate(PARTIES)}
        names = (*JGB_BUCKETS, TREASURY_BILLS)
        self.instrument_index = {name: place for place, name in enumerate(names)}
        self.positions = np.array([[self.position(name, party) for party in PARTIES] for name in names])

    def rows_of(self, names: tuple[str, ...]) -> Any:
        return np.array([self.instrument_index[name] for name in names])


SHORT, LONGER = JGB_BUCKETS[:2]
BONDS = {
    (SHORT, GOVERNMENT): -90.0,
    (SHORT, AI_SPECIAL_ACCOUNT): -10.0,
    (SHORT, BANKS): 60.0,
    (SHORT, HOUSEHOLDS): 40.0,
    (LONGER, GOVERNMENT): -200.0,
    (LONGER, BANKS): 50.0,
    (LONGER, BANK_OF_JAPAN): 120.0,
    (LONGER, FIRMS): 20.0,
    (LONGER, LOCAL_AND_SOCIAL_SECURITY): 10.0,
    (TREASURY_BILLS, GOVERNMENT): -30.0,
    (TREASURY_BILLS, BANKS): 20.0,
    (TREASURY_BILLS, FOREIGN_INVESTORS): 10.0,
    (GOVERNMENT_DEPOSITS, GOVERNMENT): 3.0,
    (GOVERNMENT_DEPOSITS, AI_SPECIAL_ACCOUNT): -0.25,
}


def treasury(due: tuple[float, ...] = (2.0, 4.0), **ladder: Any) -> tuple[Treasury, Any]:
    coupons = np.zeros(len(JGB_BUCKETS))
    coupons[: len(due)] = due
    bucket = np.array([101.0, 190.0] + [0.0] * (len(JGB_BUCKETS) - 2))
    parts = {
        "face_outstanding_trn_yen": 310.0,
        "coupon_due_trn_yen": lambda: coupons,
        "bucket_values": lambda yields, price: bucket,
        "price": lambda yields: np.array([1.0, 0.98, 0.97]),
    }
    ledger: Any = TableLedger(BONDS)
    return Treasury(given(**parts | ladder), None, np.zeros(3), 400.0, 30.0, 0.1), ledger  # type: ignore[arg-type]


def test_debts_are_ladder_bills_and_the_rest() -> None:
    its, ledger = treasury()
    assert its.other_debt_trn_yen == pytest.approx(60.0)
    assert its.gross_debt_trn_yen(ledger) == pytest.approx(400.0)
    assert (its.general_account_share, its.fiscal_loan_face) == pytest.approx((0.9, 31.0))
    assert its.general_account_bonds_face() == pytest.approx(279.0)
    its.fiscal_loan_face = 999.0
    assert its.general_account_bonds_face() == 0.0
    assert its.money_needed(ledger, 5.0) == {GOVERNMENT: 2.0, AI_SPECIAL_ACCOUNT: 0.25}
    # Without firms, local governments and the Bank of Japan.
    assert its.on_the_market_trn_yen(ledger) == pytest.approx((150.0, 0.0))
    assert its.market_value_identity(ledger) == pytest.approx((291.0, 300.0))


def test_super_longs_on_the_market_are_bonds_of_more_than_ten_years() -> None:
    its, _ = treasury()
    ledger: Any = TableLedger(BONDS | {(JGB_BUCKETS[3], BANKS): 7.0, (JGB_BUCKETS[4], FIRMS): 5.0})
    assert its.on_the_market_trn_yen(ledger) == pytest.approx((157.0, 7.0))


def test_coupons_go_to_holders_and_are_borne_by_debts() -> None:
    its, ledger = treasury()
    received, general, special = its.pay_coupons(ledger, 1.2)
    # Of 2 on short bonds banks have 60%, of 4 on longer ones a quarter; bills bring 0.1% a month.
    assert received[BANKS] == pytest.approx(1.2 + 1.0 + 0.02)
    assert received[HOUSEHOLDS] == pytest.approx(0.8)
    assert received[BANK_OF_JAPAN] == pytest.approx(2.4)
    assert received[FOREIGN_INVESTORS] == pytest.approx(0.01)
    # The special account owes 10 of 300; a tenth of coupons comes back from the fiscal loan fund.
    assert special == pytest.approx(0.2)
    assert general == pytest.approx(6.0 - 0.6 - 0.2 + 0.03)
    assert ledger.paid(BANKS, GOVERNMENT, "fiscal_loan_fund_interest") == pytest.approx(0.6)
    by_issuer = {each[1]: float(each[4].sum()) for each in ledger.posted if each[3] == "jgb_coupons"}
    assert by_issuer[AI_SPECIAL_ACCOUNT] == pytest.approx(0.2)
    (bills,) = (each for each in ledger.posted if each[3] == "treasury_bill_discount")
    assert bills[1] == GOVERNMENT
    its, ledger = treasury()
    received, general, _ = its.pay_coupons(ledger, -0.1)
    assert received[FOREIGN_INVESTORS] == 0.0
    assert general == pytest.approx(5.2)


def test_each_issuer_pays_its_share_of_the_coupons() -> None:
    its, ledger = treasury()
    due, holders, issuers = its.coupons(ledger)
    assert due.sum() == 6.0
    assert holders == pytest.approx([0.0, 0.0, 2.2, 0.8, 2.4, 0.4, 0.2, 0.0])
    assert issuers == pytest.approx([29.0 / 30.0, 1.0 / 30.0] + [0.0] * 6)


def test_what_matures_goes_to_par_is_repaid_and_the_rest_grows_shorter() -> None:
    ageing = given(redeemed_face_trn_yen=5.0, crossing_share=np.array([0.0, 0.03, 0.02, 0.0, 0.0]))
    moved: list[Any] = []
    its, ledger = treasury(face=np.array([0.0, 5.0]), age_one_month=lambda price: ageing)
    ledger.reclassify = lambda source, target, share: moved.append((source, target, share))
    redemption = its.redeem(ledger)
    # Five of face at 98 gain 0.1 on 100 of short bonds.
    assert ledger.revalued(SHORT) == pytest.approx(0.001)
    assert redemption.face_trn_yen == its.last_redemption.face_trn_yen == 5.0
    held = 100.0 * 5.0 / 100.1
    assert redemption.by_issuer == pytest.approx({GOVERNMENT: 0.9 * held, AI_SPECIAL_ACCOUNT: 0.1 * held})
    general, special = (each for each in ledger.posted if each[-1] == "jgb_redemption")
    assert (general[1], general[3], special[1]) == (GOVERNMENT, SHORT, AI_SPECIAL_ACCOUNT)
    assert general[4][2:4] == pytest.approx([0.9 * 60.0 * 5.0 / 100.1, 0.9 * 40.0 * 5.0 / 100.1])
    assert general[4][:2].tolist() == [0.0, 0.0]
    assert special[4][2] == pytest.approx(0.1 * 60.0 * 5.0 / 100.1)
    assert moved[:2] == [(LONGER, SHORT, 0.03), (JGB_BUCKETS[2], LONGER, 0.02)]


def test_new_money_is_raised_in_bills_and_bonds_by_who_needs_it() -> None:
    raised: list[float] = []

    def at_par(amount: float, yields: Any, profile: Any) -> Any:
        raised.append(amount)
        return np.array([0.25, 0.75, 0.0, 0.0, 0.0]) * amount

    its, ledger = treasury(issue_at_par=at_par)
    sold, bills = its.issue(ledger, {GOVERNMENT: 10.0, AI_SPECIAL_ACCOUNT: 2.0}, 0.2)
    assert (bills, raised) == (pytest.approx(2.0), [pytest.approx(10.0)])
    assert sold == pytest.approx([2.5, 7.5, 0.0, 0.0, 0.0])
    general, special, bill = ledger.posted
    assert general[:4] == ("trade", BANKS, GOVERNMENT, JGB_BUCKETS)
    assert general[4] == pytest.approx([2.0, 6.0, 0.0, 0.0, 0.0])
    assert special[2] == AI_SPECIAL_ACCOUNT
    assert special[4] == pytest.approx([0.5, 1.5, 0.0, 0.0, 0.0])
    # Bills go to those who hold them.
    assert (bill[2], bill[3]) == (GOVERNMENT, TREASURY_BILLS)
    assert bill[4] == pytest.approx([0.0, 0.0, 2.0 * 2.0 / 3.0, 0.0, 0.0, 0.0, 0.0, 2.0 / 3.0])
    its, ledger = treasury(issue_at_par=at_par)
    sold, bills = its.issue(ledger, {GOVERNMENT: -4.0, AI_SPECIAL_ACCOUNT: 2.0}, 0.2)
    assert (bills, raised[-1], len(ledger.posted)) == (0.0, 2.0, 2)
    sold, bills = its.issue(ledger, {GOVERNMENT: -4.0, AI_SPECIAL_ACCOUNT: -1.0}, 0.2)
    assert (sold.tolist(), len(raised)) == ([0.0] * 5, 2)


def test_bonds_are_brought_to_the_curve() -> None:
    seen: list[Any] = []
    its, ledger = treasury()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("itcho.model.public.treasury.yields_by_slot_pct", lambda knots: seen.append(knots) or np.zeros(3))
        patch.setattr("itcho.model.public.treasury._KNOTS_OF_BONDS", [2.0, 10.0])
        its._liabilities = lambda ledger: np.array([100.0, 200.0, 1.0, 1.0, 1.0])  # type: ignore[method-assign]
        its.revalue(ledger, {2.0: 1.0, 10.0: 2.0}, 0.75)
    assert seen == [[pytest.approx(0.8), 1.0, 2.0]]
    assert (ledger.revalued(SHORT), ledger.revalued(LONGER)) == pytest.approx((0.01, -0.05))


def test_holders_trade_bonds_with_dealers_as_the_seller_holds_them() -> None:
    ledger: Any = TableLedger(BONDS)
    trade_bonds(ledger, {HOUSEHOLDS: -4.0, BANK_OF_JAPAN: 11.0, FIRMS: 0.0, BANKS: -7.0})
    households, firms, boj = ledger.posted
    assert households[:3] == ("trade", HOUSEHOLDS, BANKS)
    assert households[4] == pytest.approx([-4.0, 0.0, 0.0, 0.0, 0.0])
    assert households[-1] == "jgb_secondary_market"
    assert firms[4] == pytest.approx([0.0] * 5)
    # Dealers have 60 and 50: six and five of eleven.
    assert boj[:3] == ("trade", BANK_OF_JAPAN, BANKS)
    assert boj[4] == pytest.approx([6.0, 5.0, 0.0, 0.0, 0.0])
    assert boj[-1] == "boj_jgb_purchases"
    ledger.posted = []
    trade_bonds(ledger, {FOREIGN_INVESTORS: 0.11}, JGB_BUCKETS[1:])
    assert ledger.posted.pop()[4] == pytest.approx([0.11, 0.0, 0.0, 0.0])
    trade_bonds(ledger, {FOREIGN_INVESTORS: 0.11})
    assert ledger.posted[0][4] == pytest.approx([0.06, 0.05, 0.0, 0.0, 0.0])
