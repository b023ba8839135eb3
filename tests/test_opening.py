"""The opening: what stocks and rates imply for the first year is what the published year lists."""

from __future__ import annotations

import pytest

from itcho.agents.rules.monetary import STEP_PP, InertialTaylor
from itcho.agents.vocabulary import (
    BANK_OF_JAPAN,
    BANKS,
    DEPOSITS,
    FIRMS,
    FUND_UNITS,
    GOVERNMENT,
    HOUSEHOLDS,
    INSURERS_AND_PENSIONS,
    INVESTMENT_FUNDS,
    LOANS,
    OTHER_FOREIGN_ASSETS,
    WORLD_EQUITY,
)
from itcho.model.economy import JapanEconomy
from itcho.model.finance.currency_orders import expected_rate_gap_pp

STARTS = ("2026-03-31", "2024-03-31")
WITHIN = 0.02


@pytest.fixture(scope="module", params=STARTS)
def economy(request: pytest.FixtureRequest) -> JapanEconomy:
    return JapanEconomy(start=request.param, rng=1)


def foreign_stock(economy: JapanEconomy, party: str) -> float:
    return economy.ledger.position(OTHER_FOREIGN_ASSETS, party) + economy.ledger.position(WORLD_EQUITY, party)


def test_interest_on_deposits_and_loans(economy: JapanEconomy) -> None:
    incomes, held, flow = economy.incomes, economy.ledger.position, economy.start_state.flow
    for party in (HOUSEHOLDS, FIRMS):
        deposits = incomes.deposit_yield[party] * held(DEPOSITS, party)
        assert deposits == pytest.approx(flow("deposit_interest", "banks", party), rel=WITHIN)
        loans = incomes.loan_yield[party] * -held(LOANS, party)
        assert loans == pytest.approx(flow("loan_interest", party), rel=WITHIN)


def test_income_from_abroad(economy: JapanEconomy) -> None:
    incomes, flow = economy.incomes, economy.start_state.flow
    for sector, parties in {
        "firms": (FIRMS,),
        "households": (HOUSEHOLDS,),
        "banks": (BANKS,),
        "bank_of_japan": (BANK_OF_JAPAN,),
        "government": (GOVERNMENT,),
        "investors": (INSURERS_AND_PENSIONS, INVESTMENT_FUNDS),
    }.items():
        received = sum(incomes.foreign_yield[party] * foreign_stock(economy, party) for party in parties)
        assert received == pytest.approx(flow("primary_income_received", "rest_of_world", sector), rel=WITHIN)


def test_income_of_the_bank_of_japan(economy: JapanEconomy) -> None:
    incomes, held, flow = economy.incomes, economy.ledger.position, economy.start_state.flow
    funds = incomes.fund_yield * held(FUND_UNITS, BANK_OF_JAPAN)
    assert funds == pytest.approx(flow("etf_distributions_to_boj"), rel=WITHIN)


def test_interest_on_ordinary_bonds_in_2026() -> None:
    """The ladder without the fiscal loan fund's bonds, and the refunding bills, bear the listed interest of FY2025."""
    economy = JapanEconomy(rng=1)
    treasury, fact = economy.treasury, economy.start_state.fact
    coupons = 12.0 * float(treasury.ladder.coupon_due_trn_yen().sum()) * treasury.general_account_share
    bills = fact("treasury_bill_pct") / 100.0 * fact("bills_in_refunding_trn_yen")
    assert coupons + bills == pytest.approx(economy.start_state.flow("jgb_coupons"), rel=WITHIN)


def test_gdp_runs_at_the_published_year(economy: JapanEconomy) -> None:
    assert economy.state.nominal_gdp_four_quarters == pytest.approx(economy.start_state.gdp_by_expenditure(), rel=1e-9)


def test_no_drift_that_nobody_trades_for(economy: JapanEconomy) -> None:
    """Carry traders start where they want to be, but for the steps in which the bank goes where it is expected."""
    economy.clock.go_to(0)
    gap = economy.outside.us_policy_rate_pct - economy.state.policy_rate_pct
    assert expected_rate_gap_pp(economy.world) == pytest.approx(gap, abs=0.15)


def test_the_two_year_yield_is_the_path_that_the_bank_projects(economy: JapanEconomy) -> None:
    bank = economy.bank_of_japan
    path, _ = bank.expected_path_pct(economy.state, economy.parameters, 8, InertialTaylor())
    assert sum(path) / 8.0 == pytest.approx(economy.start_state.fact("jgb_2y_pct"), abs=0.15)
    assert abs(bank.shadow_rate_pct - bank.policy_rate_pct) <= STEP_PP / 2.0


def test_no_bank_moves_in_the_first_month(economy: JapanEconomy) -> None:
    later = JapanEconomy(start=economy.start_state, rng=2)
    later.step()
    assert later.state.policy_rate_pct == economy.state.policy_rate_pct
