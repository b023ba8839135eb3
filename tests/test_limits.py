"""Economic limits: what markets, shares, sums and runs cannot go beyond, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from itcho.agents.speculative_traders import put_off
from itcho.agents.vocabulary import Party, Sector
from itcho.model.ai.service_year import ServiceYear
from itcho.model.economy import JapanEconomy
from itcho.model.finance.foreign_exchange import (
    CLIENTS,
    HIGHEST_USDJPY,
    CurrencyTerms,
    ForeignExchangeMarket,
    taken_share,
)
from itcho.model.ledger.ledger import Ledger, LedgerLeak
from itcho.model.measure.outcomes import OUTCOMES
from itcho.model.parameters import Parameters
from itcho.model.sizes import RUN_LIMITS

GDP = 600.0


@pytest.mark.parametrize(("ordered", "share"), [(50.0, 0.5), (-100.0, 0.25), (25.0, 1.0), (0.0, 1.0)])
def test_a_session_takes_no_more_than_the_margin_bears(ordered: float, share: float) -> None:
    assert taken_share(ordered, 25.0) == pytest.approx(share)


def test_what_is_not_taken_stays_with_its_holder() -> None:
    position, order = np.array([10.0, -4.0]), np.array([8.0, -2.0])  # they held 2 and -2
    assert put_off(position, order, 0.25) == pytest.approx(1.5)
    assert order == pytest.approx([2.0, -0.5])
    assert position == pytest.approx([4.0, -2.5])


def market(**changed: float) -> ForeignExchangeMarket:
    return ForeignExchangeMarket(150.0, 100.0, GDP, Parameters().replace(**changed), noise_off=True)


def one_session(its: ForeignExchangeMarket, **bn_usd: float) -> float:
    """Log change of the rate in a session with one chartist of ample wealth, and no carry trader."""
    dollars = np.zeros((len(CLIENTS), 1))
    for name, amount in bn_usd.items():
        dollars[CLIENTS.index(name)] = amount
    traders = tuple(np.array([value]) for value in (1.0, 9e9, 1.0, 1.0, 1e4, 0.0))
    nobody = tuple(np.array([value]) for value in (0.0, 1.0, 1.0, 0.1, 1.0, 0.0, 0.0, 0.0))
    found = its.trade_month(
        np.zeros(len(CLIENTS)), dollars, traders, nobody, CurrencyTerms(1.0, 0.0, GDP), np.zeros((1, 2)), None
    )
    return found.log_prices[0] - math.log(150.0)


@pytest.mark.parametrize(
    ("slope", "speed", "part"),
    [
        # 6% per 1% of GDP, and 0.1% of GDP per 1%: traders would close 0.6 of the distance, at a twentieth a session.
        (0.1, 0.05, 0.05 + 0.6 * 0.05),
        # Dealers close 0.3, and traders would add 4.32 * 0.3: together they stop at what they believe in.
        (0.72, 0.3, 1.0),
    ],
)
def test_nobody_carries_the_rate_beyond_belief(slope: float, speed: float, part: float) -> None:
    its = market(
        dealer_impact_pct_per_pct_gdp=6.0,
        trader_value_slope_pct_gdp=slope,
        trader_adjustment_daily=speed,
        initial_misalignment_pct=-5.0,
    )
    its.opinion = 0.0  # so that belief is 5% below the quote
    assert one_session(its) == pytest.approx(-0.05 * part, rel=1e-9)


def test_a_rate_that_leaves_its_range_closes_the_market() -> None:
    its = market()
    traders = tuple(np.array([value]) for value in (1.0, 9e9, 1.0, 1.0, 1e4, 0.0))
    nobody = tuple(np.array([value]) for value in (0.0, 1.0, 1.0, 0.1, 1.0, 0.0, 0.0, 0.0))
    dollars = np.zeros((len(CLIENTS), 3))
    dollars[0, 1] = 1e4
    found = its.trade_month(
        np.zeros(len(CLIENTS)), dollars, traders, nobody, CurrencyTerms(1.0, 0.0, GDP), np.zeros((3, 2)), None
    )
    assert found.usdjpy[0] == pytest.approx(150.0, rel=0.1)
    assert found.usdjpy[1] == found.usdjpy[2] > HIGHEST_USDJPY
    assert OUTCOMES["usdjpy"].high == HIGHEST_USDJPY


def test_what_japan_spends_is_part_of_what_the_world_spends() -> None:
    """Japan opens with 10 of the world's 100 bn dollars a month; then it spends ten times as much."""
    year = np.ones(12)
    its = ServiceYear(np.full((3, 12), 0.5), np.full((3, 12), 0.05), 0.0 * year, 0.0 * year, 100.0 * year, usdjpy=150.0)
    assert its.outcomes()[4] == pytest.approx(10.0)
    for month in range(12):
        its.book(month, (15.0, 0.0, 0.0), (3.0, 0.0, 0.0), 0.0, 0.0, 0.0, world=1200.0, usdjpy=150.0)
    # 100 bn at home beside 90 abroad; before any division by the other layers, which are empty.
    *_, world, sold, spent = its.sums()
    assert 100.0 * spent / world == pytest.approx(100.0 * 100.0 / 190.0)
    assert 100.0 * sold / world == pytest.approx(100.0 * 20.0 / 190.0)


@pytest.mark.parametrize(("left_over", "leaks"), [(7.5e-14, False), (9e-13, False), (2e-12, True)])
def test_a_residual_below_one_yen_is_rounding(left_over: float, leaks: bool) -> None:
    """Fifty million yen of loans, as large sums of other instruments were moved against them."""
    parties = [Party("lender", Sector.BANKS), Party("borrower", Sector.FIRMS)]
    opening = np.array([[5e-5, -5e-5 + left_over]])
    if leaks:
        with pytest.raises(LedgerLeak, match="instrument 'loans' does not add to zero"):
            Ledger(parties, opening, instruments=("loans",))
    else:
        Ledger(parties, opening, instruments=("loans",))


@pytest.mark.slow
def test_a_run_may_last_sixty_years() -> None:
    assert RUN_LIMITS["years"].mistake("--years", 60) == ""
    assert "at most 60" in RUN_LIMITS["years"].mistake("--years", 61)
    economy = JapanEconomy(rng=1, years=60, investors=40, importers=30, adopters=20).run()
    table = economy.monthly_table()
    assert len(table) == len(economy.ledger.history) == 720
    assert table["month"].iloc[-1] == "2086-03-31"
    assert len(economy.daily_table()) == 720 * 21
    assert economy.running is False
