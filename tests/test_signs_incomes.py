"""Who pays whom how much of wages, taxes, interest, dividends and credit, with numbers worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from itcho.agents.vocabulary import (
    BANK_OF_JAPAN,
    BANKS,
    DEALERS_ABROAD,
    DEPOSITS,
    FIRMS,
    FOREIGN_GOODS,
    FOREIGN_INVESTORS,
    FUND_UNITS,
    GOVERNMENT,
    HOUSEHOLDS,
    INSURANCE_PENSION_CLAIMS,
    INSURERS_AND_PENSIONS,
    INVESTMENT_FUNDS,
    JAPANESE_EQUITY,
    LOANS,
    LOCAL_AND_SOCIAL_SECURITY,
    OTHER_FOREIGN_ASSETS,
    PUBLIC_PENSION_CLAIM,
    RESERVES,
    SOFTBANK_CORP,
    SOFTBANK_GROUP,
    WORLD_EQUITY,
    Sector,
    Settlement,
)
from itcho.model.finance.structural_flows import StructuralFlows
from itcho.model.goods.incomes import IncomeFlows
from tests.hand_ledger import HandLedger, given, given_state

GROWTH = 200.0 * math.log(1.2)
"""Opening growth at which a twelfth of a year's flow is 0.1 of it."""

P = given(
    opening_output_gap_pct=0.0,
    opening_nominal_growth_pct=GROWTH,
    corporate_tax_rate=0.25,
    benefits_ageing_growth_pct=1.2,
    trend_potential_growth_pct=0.4,
    public_growth_half_life_years=2.0,
    property_income_counted_share=0.4,
    excess_funds_payout_share_year=0.0,
    affiliate_yield_pct=3.0,
    affiliate_yield_speed_monthly=0.0,
    foreign_income_speed_monthly=0.25,
    fx_share_of_foreign_assets=0.8,
    tax_profit_smoothing_monthly=0.5,
    budget_tax_elasticity=1.5,
    tax_yield_sd_monthly=0.1,
    tax_yield_persistence_monthly=0.9,
    local_tax_profit_share=0.4,
    deposit_rate_pass_through=0.4,
    ai_value_added_tax_share=0.3,
    softbank_corp_interest_pct=2.4,
    consumption_tax_national_rate_pct=7.5,
)

FLOWS: dict[tuple[Any, ...], float] = {
    ("wages",): 200.0,
    ("mixed_income_and_rents",): 50.0,
    ("government_own_depreciation",): 10.0,
    ("tax_income_central",): 24.0,
    ("tax_inheritance_central",): 3.0,
    ("tax_corporate_central", "firms"): 20.0,
    ("tax_consumption_central",): 30.0,
    ("tax_other_central",): 8.0,
    ("tax_special_accounts",): 4.0,
    ("tax_local_households",): 18.0,
    ("tax_local_firms",): 22.0,
    ("social_contributions",): 80.0,
    ("social_benefits_cash",): 90.0,
    ("financial_margin",): -6.0,
    ("secondary_income", "government"): 1.0,
    ("secondary_income", "firms"): 2.0,
    ("secondary_income", "households"): 3.0,
    ("dividends", "firms"): 40.0,
    ("consumption",): 300.0,
    ("attributed_income",): -15.0,
    ("primary_income_received", "rest_of_world", "firms"): 12.0,
    ("primary_income_received", "rest_of_world", "households"): 1.0,
    ("primary_income_received", "rest_of_world", "banks"): 6.0,
    ("primary_income_received", "rest_of_world", "bank_of_japan"): 0.5,
    ("primary_income_received", "rest_of_world", "government"): 4.0,
    ("primary_income_received", "rest_of_world", "investors"): 9.0,
    ("primary_income_paid", "firms"): 14.0,
    ("primary_income_paid", "banks"): 3.0,
    ("deposit_interest", "banks", "households"): 2.0,
    ("deposit_interest", "banks", "firms"): 1.0,
    ("deposit_interest", "banks", "government"): 0.3,
    ("loan_interest", "households"): 4.0,
    ("loan_interest", "firms"): 6.0,
    ("loan_interest", "government"): 1.5,
    ("bond_interest", "government"): 0.5,
    ("bond_interest", "firms"): 0.7,
    ("etf_distributions_to_boj",): 1.2,
    ("boj_lending_interest",): 0.6,
    ("boj_interest_on_reserves",): 2.5,
    ("pension_fund_income_to_government",): 3.0,
    ("dividends", "firms", "households"): 10.0,
    ("dividends", "firms", "investors"): 8.0,
    ("dividends", "firms", "banks"): 2.0,
    ("dividends", "firms", "government"): 1.0,
    ("dividends", "firms", "softbank_group"): 0.4,
    ("dividends", "softbank_group", "households"): 0.1,
    ("dividends", None, "households"): 10.1,
}

HELD = {
    (OTHER_FOREIGN_ASSETS, FIRMS): 200.0,
    (WORLD_EQUITY, FIRMS): 40.0,
    (OTHER_FOREIGN_ASSETS, HOUSEHOLDS): 20.0,
    (OTHER_FOREIGN_ASSETS, BANKS): 80.0,
    (WORLD_EQUITY, BANKS): 20.0,
    (OTHER_FOREIGN_ASSETS, BANK_OF_JAPAN): 10.0,
    (OTHER_FOREIGN_ASSETS, GOVERNMENT): 160.0,
    (OTHER_FOREIGN_ASSETS, INSURERS_AND_PENSIONS): 100.0,
    (WORLD_EQUITY, INSURERS_AND_PENSIONS): 50.0,
    (WORLD_EQUITY, INVESTMENT_FUNDS): 30.0,
    (JAPANESE_EQUITY, FOREIGN_INVESTORS): 280.0,
    (JAPANESE_EQUITY, INVESTMENT_FUNDS): 60.0,
    (JAPANESE_EQUITY, INSURERS_AND_PENSIONS): 20.0,
    (DEPOSITS, HOUSEHOLDS): 1000.0,
    (DEPOSITS, FIRMS): 250.0,
    (DEPOSITS, LOCAL_AND_SOCIAL_SECURITY): 100.0,
    (LOANS, HOUSEHOLDS): -400.0,
    (LOANS, FIRMS): -500.0,
    (LOANS, SOFTBANK_CORP): -10.0,
    (LOANS, BANK_OF_JAPAN): 60.0,
    (FUND_UNITS, BANK_OF_JAPAN): 60.0,
    (RESERVES, BANKS): 500.0,
    (PUBLIC_PENSION_CLAIM, LOCAL_AND_SOCIAL_SECURITY): 200.0,
}


def incomes(**changed: float) -> tuple[IncomeFlows, Any]:
    """Incomes of an economy whose banks have own funds of 40, and whose prices rose 2% in the year before."""
    ledger: Any = HandLedger(HELD)
    ledger.party_index, ledger.positions = {BANKS: 1}, np.array([[3.0, 65.0], [9.0, -25.0]])
    start: Any = given(
        flow=lambda *names: FLOWS[names],
        gdp_by_expenditure=lambda: 600.0,
        fact=lambda name: {"cpi_inflation_yoy_pct": 2.0}[name],
    )
    its = IncomeFlows(start, ledger, 0.75, 1.5, given(**vars(P) | changed))
    its.pension_claim_start, its.attribution_start_gap = 160.0, -0.1
    return its, ledger


def now(**values: Any) -> Any:
    usual = {
        "nominal_gdp": 66.0,
        "nominal_gdp_index": 1.05,
        "consumer_price": 1.02,
        "domestic_price": 1.01,
        "potential_gdp": 61.2,
        "policy_rate_pct": 1.25,
        "lending_rate_pct": 1.8,
        "consumption_tax_points": 0.0,
        "consumer_price_history": [1.0 + 0.001 * month for month in range(25)],
        "usdjpy_index": 1.0,
    }
    return given_state(**usual | values)


def test_a_months_run_rate_is_a_years_flow_with_half_a_years_growth() -> None:
    its, _ = incomes()
    assert its.scale == pytest.approx(0.1)
    assert (its.base["wages"], its.base["margin"], its.base["gdp"]) == pytest.approx((20.0, 0.6, 60.0))
    assert its.base["secondary_government"] == pytest.approx(0.1)
    # Profits are what a tax of 2 a month at 25% says; fixed costs the rest of 60 after 20, 5 and 8.
    assert (its.profit_base, its.fixed_cost_base) == pytest.approx((8.0, 27.0))
    names = ("own_depreciation", "tax_special", "tax_local_firms", "dividends", "consumption", "tax_other")
    assert [its.base[name] for name in names] == pytest.approx([1.0, 0.4, 2.2, 4.0, 30.0, 0.8])


def test_yields_are_flows_over_what_is_held() -> None:
    its, _ = incomes()
    assert its.foreign_yield == {
        FIRMS: pytest.approx(0.05),
        HOUSEHOLDS: pytest.approx(0.05),
        BANKS: pytest.approx(0.06),
        BANK_OF_JAPAN: pytest.approx(0.05),
        GOVERNMENT: pytest.approx(0.025),
        INSURERS_AND_PENSIONS: pytest.approx(0.05),
        INVESTMENT_FUNDS: pytest.approx(0.05),
    }
    assert (its.yield_paid_abroad, its.bank_rate_abroad) == pytest.approx((0.05, 0.03))
    assert list(its.deposit_yield.values()) == pytest.approx([0.002, 0.004, 0.003])
    assert list(its.loan_yield.values()) == pytest.approx([0.01, 0.012])
    assert (its.fund_yield, its.boj_lending_yield) == pytest.approx((0.02, 0.01))
    # 2.4% a year on 10.
    assert (its.corp_interest, its.lending_rate_start_pct) == pytest.approx((0.02, 1.5))
    assert (its.local_interest, its.local_bond_interest, its.firm_bond_interest) == pytest.approx((0.15, 0.05, 0.07))


def test_opening_income_of_households_and_what_of_it_property_yields() -> None:
    its, _ = incomes()
    received = 20.0 + 5.0 + 9.0 + 1.5 + 1.01 + 0.2 + 0.1
    paid = 2.4 + 0.3 + 1.8 + 8.0 + 0.3 + 0.4
    assert its.household_income_start(0.05) == pytest.approx(received + 0.05 - paid)
    # Attributed income, dividends, interest and income from abroad, coupons; less the interest they pay.
    assert its.open_property_income(0.05) == its.property_income == pytest.approx(1.5 + 1.01 + 0.2 + 0.1 + 0.05 - 0.4)


def test_wages_transfers_and_margins_and_what_households_have_left() -> None:
    its, ledger = incomes()
    its.post_labour_and_transfers(ledger, now(), 22.0, 0.5, 24)
    # Ageing is 0.8 points faster than potential output at first: two years at a half-life of two are worth half of
    # all that comes.  Prices are those of twelve months before, over those twelve months before the start.
    ageing, prices = math.exp(0.008 / math.log(2.0)), 1.012 / math.exp(-0.02)
    benefits, contributions, abroad = 9.0 * ageing * 1.02 * prices, 8.0 * 1.1, 0.3 * 1.05
    paid = ledger.paid
    assert paid(FIRMS, HOUSEHOLDS, "wages") == pytest.approx(21.5)
    assert paid(FIRMS, HOUSEHOLDS, "mixed_income_and_rents") == pytest.approx(5.5)
    assert paid(FIRMS, LOCAL_AND_SOCIAL_SECURITY, "government_own_depreciation") == pytest.approx(1.05)
    assert paid(LOCAL_AND_SOCIAL_SECURITY, HOUSEHOLDS, "social_benefits_cash") == pytest.approx(benefits)
    assert paid(HOUSEHOLDS, LOCAL_AND_SOCIAL_SECURITY, "social_contributions") == pytest.approx(contributions)
    assert paid(HOUSEHOLDS, FOREIGN_GOODS, "secondary_income") == pytest.approx(abroad)
    assert paid(FIRMS, FOREIGN_GOODS, "secondary_income") == pytest.approx(0.21)
    assert paid(BANKS, FIRMS, "financial_margin") == pytest.approx(0.63)
    assert its.disposable_income == pytest.approx(22.0 + 5.5 + benefits - contributions - abroad)


def test_profits_are_what_wages_mixed_income_and_fixed_costs_leave() -> None:
    its, _ = incomes()
    assert its.profits(now(), 22.0, 33.0) == pytest.approx(66.0 - 22.0 - 5.5 - 27.0 * 1.02 * 1.01)


def test_taxes_follow_their_bases() -> None:
    its, ledger = incomes()
    its.disposable_income = 30.0
    profit = 66.0 - 22.0 - 5.5 - 27.0 * 1.02 * 1.01
    taxes = its.post_taxes(ledger, now(), 22.0, 33.0, 0.2, 0.0)
    smoothed = 0.5 * (8.0 + profit)
    index, income = smoothed / 8.0, 27.5 / 25.0
    # Brackets keep pace with potential output at domestic prices.
    code = 1.02 * 1.01
    income_tax = 2.4 * code * (income / code) ** 1.5
    assert its.smoothed_profit == pytest.approx(smoothed)
    assert taxes.income == pytest.approx(income_tax)
    assert taxes.inheritance == pytest.approx(0.3 * 1.05)
    assert taxes.corporate == pytest.approx(2.0 * index)
    assert taxes.consumption == pytest.approx(3.3)
    assert taxes.other == pytest.approx(0.84)
    assert taxes.total == pytest.approx(income_tax + 0.315 + 2.0 * index + 3.3 + 0.84)
    paid = ledger.paid
    assert paid(HOUSEHOLDS, GOVERNMENT, "tax_income_central") == pytest.approx(taxes.income)
    assert paid(HOUSEHOLDS, GOVERNMENT, "tax_inheritance_central") == pytest.approx(0.315)
    assert paid(FIRMS, GOVERNMENT, "tax_corporate_central") == pytest.approx(2.0 * index - 0.2)
    assert paid(FIRMS, GOVERNMENT, "tax_consumption_central") == pytest.approx(3.3)
    assert paid(FIRMS, GOVERNMENT, "tax_other_central") == pytest.approx(0.84)
    assert paid(FIRMS, LOCAL_AND_SOCIAL_SECURITY, "tax_special_accounts") == pytest.approx(0.42)
    assert paid(HOUSEHOLDS, LOCAL_AND_SOCIAL_SECURITY, "tax_local_households") == pytest.approx(1.98)
    assert paid(FIRMS, LOCAL_AND_SOCIAL_SECURITY, "tax_local_firms") == pytest.approx(2.2 * (0.4 * index + 0.6 * 1.05))
    assert its.disposable_income == pytest.approx(30.0 - taxes.income - 0.315 - 1.98)
    # Contributions over wages, and income taxes over earned incomes.
    assert its.labour_tax_share == pytest.approx(0.4 + (taxes.income + 1.98) / 27.5)


def test_households_pay_income_taxes_on_what_property_yields() -> None:
    its, ledger = incomes()
    start = its.open_property_income(0.05)
    assert start == pytest.approx(2.46)
    # Of interest paid, 0.4 a month, nothing is deducted: 2.86 were taxed at the start.
    its.taxed_property = 3.69
    taxes = its.post_taxes(ledger, now(), 22.0, 33.0, 0.2, 0.0)
    taxed, code = (27.5 + 3.69) / (25.0 + 2.86), 1.02 * 1.01
    assert taxes.income == pytest.approx(2.4 * code * (taxed / code) ** 1.5)
    assert ledger.paid(HOUSEHOLDS, LOCAL_AND_SOCIAL_SECURITY, "tax_local_households") == pytest.approx(1.8 * taxed)


def test_incomes_that_grow_with_the_economy_meet_no_other_brackets() -> None:
    for growth in (1.0, 1.5):
        its, ledger = incomes()
        grown = now(nominal_gdp=60.0 * growth, potential_gdp=60.0, domestic_price=growth)
        taxes = its.post_taxes(ledger, grown, 20.0 * growth, 33.0, 0.0, 0.0)
        assert taxes.income == pytest.approx(2.4 * growth)


def test_a_higher_consumption_tax_is_paid_by_firms_and_a_cut_is_left_to_households() -> None:
    its, ledger = incomes()
    its.disposable_income = 30.0
    dearer = now(consumption_tax_points=1.5)
    # A fifth more than 7.5 points: 0.66 of 3.3, which is no profit.
    assert its.added_consumption_tax(dearer, 33.0) == pytest.approx(0.66)
    assert its.profits(now(), 22.0, 33.0) - its.profits(dearer, 22.0, 33.0) == pytest.approx(0.66)
    taxes = its.post_taxes(ledger, dearer, 22.0, 33.0, 0.2, 0.5)
    assert taxes.consumption == pytest.approx(3.96)
    assert taxes.income == pytest.approx(2.4 * 1.1**1.5 * (1.02 * 1.01) ** -0.5 - 0.5)
    assert ledger.paid(HOUSEHOLDS, GOVERNMENT, "tax_income_central") == pytest.approx(taxes.income)
    assert its.disposable_income == pytest.approx(30.0 - taxes.income - 0.315 - 1.98)


def test_dearer_loans_do_not_lower_what_households_are_taxed_on() -> None:
    found = []
    for lending_rate_pct in (1.8, 4.8):
        its, ledger = incomes()
        its.smoothed_profit = 12.0
        its.post_property_income(ledger, now(lending_rate_pct=lending_rate_pct), {HOUSEHOLDS: 0.01})
        found.append((its.property_income, its.taxed_property))
    (cheap, taxed), (dear, still_taxed) = found
    assert dear == pytest.approx(cheap - 0.03 * 400.0 / 12.0)
    assert still_taxed == taxed


def test_what_taxes_yield_moves_those_on_incomes_and_profits_alone() -> None:
    usual, ledger_usual = incomes()
    usual_taxes = usual.post_taxes(ledger_usual, now(), 22.0, 33.0, 0.2, 0.0)
    its, ledger = incomes()
    its.learn_tax_yield(2.0)
    its.learn_tax_yield(-1.0)
    # 0.9 of 0.1 times 2, less 0.1.
    assert its.tax_yield_log == pytest.approx(0.08)
    taxes, more = its.post_taxes(ledger, now(), 22.0, 33.0, 0.2, 0.0), math.exp(0.08)
    assert taxes.income == pytest.approx(usual_taxes.income * more)
    assert taxes.corporate == pytest.approx(usual_taxes.corporate * more)
    others = ("inheritance", "consumption", "other")
    assert [getattr(taxes, name) for name in others] == [getattr(usual_taxes, name) for name in others]
    assert ledger.paid(HOUSEHOLDS, LOCAL_AND_SOCIAL_SECURITY, "tax_local_households") == pytest.approx(1.98 * more)
    index = usual.smoothed_profit / usual.profit_base
    firms = ledger.paid(FIRMS, LOCAL_AND_SOCIAL_SECURITY, "tax_local_firms")
    assert firms == pytest.approx(2.2 * (0.4 * index * more + 0.6 * 1.05))


def test_a_loss_pays_no_tax_and_is_smoothed_as_no_profit() -> None:
    its, ledger = incomes()
    its.post_taxes(ledger, now(nominal_gdp=20.0), 22.0, 33.0, 0.0, 0.0)
    assert its.smoothed_profit == pytest.approx(4.0)


def test_interest_dividends_and_income_from_abroad() -> None:
    its, ledger = incomes()
    its.disposable_income, its.smoothed_profit = 10.0, 12.0
    state = now()
    coupons = {HOUSEHOLDS: 0.01, INSURERS_AND_PENSIONS: 0.3, INVESTMENT_FUNDS: 0.04}
    foreign = its.post_property_income(ledger, state, coupons)
    paid = ledger.paid
    # Deposits: 0.2% and four tenths of half a point; loans: 1% and 0.3 points.
    assert paid(BANKS, HOUSEHOLDS, "deposit_interest") == pytest.approx(0.004 * 1000.0 / 12.0)
    assert paid(BANKS, FIRMS, "deposit_interest") == pytest.approx(0.006 * 250.0 / 12.0)
    assert paid(BANKS, LOCAL_AND_SOCIAL_SECURITY, "deposit_interest") == pytest.approx(0.005 * 100.0 / 12.0)
    assert paid(HOUSEHOLDS, BANKS, "loan_interest") == pytest.approx(0.013 * 400.0 / 12.0)
    assert paid(FIRMS, BANKS, "loan_interest") == pytest.approx(0.015 * 500.0 / 12.0)
    assert paid(LOCAL_AND_SOCIAL_SECURITY, BANKS, "loan_interest") == pytest.approx(0.2)
    assert paid(FIRMS, BANKS, "bond_interest") == pytest.approx(0.07)
    # Dividends with profits at one and a half times their start; funds hold three quarters of what investors have.
    assert paid(FIRMS, HOUSEHOLDS, "dividends") == pytest.approx(1.5)
    assert paid(FIRMS, INVESTMENT_FUNDS, "dividends") == pytest.approx(0.9)
    assert paid(FIRMS, INSURERS_AND_PENSIONS, "dividends") == pytest.approx(0.3)
    assert paid(FIRMS, BANKS, "dividends") == pytest.approx(0.3)
    assert paid(FIRMS, LOCAL_AND_SOCIAL_SECURITY, "dividends") == pytest.approx(0.15)
    assert paid(SOFTBANK_CORP, SOFTBANK_GROUP, "dividends") == pytest.approx(0.04)
    assert paid(FIRMS, SOFTBANK_CORP, "telecom_income") == pytest.approx(0.12 + 0.02)
    assert paid(SOFTBANK_CORP, BANKS, "loan_interest") == pytest.approx(0.02)
    assert paid(SOFTBANK_GROUP, HOUSEHOLDS, "dividends") == pytest.approx(0.01)
    assert foreign == {
        FIRMS: pytest.approx(1.0),
        HOUSEHOLDS: pytest.approx(1.0 / 12.0),
        BANKS: pytest.approx(0.5),
        BANK_OF_JAPAN: pytest.approx(0.5 / 12.0),
        GOVERNMENT: pytest.approx(4.0 / 12.0),
        INSURERS_AND_PENSIONS: pytest.approx(7.5 / 12.0),
        INVESTMENT_FUNDS: pytest.approx(1.5 / 12.0),
    }
    assert paid(FOREIGN_INVESTORS, FIRMS, "primary_income_received") == pytest.approx(1.0)
    assert paid(FIRMS, FOREIGN_INVESTORS, "primary_income_paid") == pytest.approx(14.0 / 12.0)
    assert paid(BANKS, FOREIGN_INVESTORS, "primary_income_paid") == pytest.approx(0.25)
    # Public pensions have 200 of claims that were 160; the rest of investors' income is households'.
    claims = 0.3 * 200.0 / 160.0
    assert paid(INSURERS_AND_PENSIONS, LOCAL_AND_SOCIAL_SECURITY, "pension_fund_income_to_government") == pytest.approx(
        claims
    )
    income = 0.3 + 0.04 + 7.5 / 12.0 + 1.5 / 12.0 + 1.2
    attributed = income - claims - 0.1
    of_funds = (0.04 + 1.5 / 12.0 + 0.6) / income
    assert paid(INVESTMENT_FUNDS, HOUSEHOLDS, "attributed_income") == pytest.approx(of_funds * attributed)
    assert paid(INSURERS_AND_PENSIONS, HOUSEHOLDS, "attributed_income") == pytest.approx((1.0 - of_funds) * attributed)
    household = 0.01 + 4.0 / 12.0 - 5.2 / 12.0 + 1.5 + 0.01 + 1.0 / 12.0 + attributed
    assert its.disposable_income == pytest.approx(10.0 + household)
    assert state.disposable_income == its.disposable_income
    # Four tenths of what property yields count.
    assert its.property_income == pytest.approx(household)
    assert state.counted_income == pytest.approx(10.0 + 0.4 * household)


def paying_out(deposits: float, own_funds: float, index: float = 1.0) -> tuple[Any, float]:
    """The ledger after a month's property income at the start's profits, and what households have of it."""
    its, ledger = incomes(excess_funds_payout_share_year=0.6)
    ledger.holdings[DEPOSITS, FIRMS] = deposits
    ledger.positions = np.array([[3.0, own_funds], [9.0, 0.0]])
    its.post_property_income(ledger, now(nominal_gdp_index=index), {})
    return ledger, its.disposable_income


def test_companies_pay_all_their_shareholders_part_of_what_they_hold_beyond_the_usual() -> None:
    # A twentieth of 42 more than 250 is 2.1, on usual dividends of 2.1 at home and 14 a year abroad.
    more = 1.0 + 2.1 / (2.1 + 14.0 / 12.0)
    ledger, rich = paying_out(292.0, 40.0)
    assert ledger.paid(FIRMS, HOUSEHOLDS, "dividends") == pytest.approx(more)
    assert ledger.paid(FIRMS, INVESTMENT_FUNDS, "dividends") == pytest.approx(0.6 * more)
    assert ledger.paid(FIRMS, BANKS, "dividends") == pytest.approx(0.2 * more)
    assert ledger.paid(FIRMS, LOCAL_AND_SOCIAL_SECURITY, "dividends") == pytest.approx(0.1 * more)
    assert ledger.paid(FIRMS, FOREIGN_INVESTORS, "primary_income_paid") == pytest.approx(more * 14.0 / 12.0)
    # What is usual grows with the economy.
    ledger, usual = paying_out(262.5, 42.0, 1.05)
    assert ledger.paid(FIRMS, HOUSEHOLDS, "dividends") == pytest.approx(1.0)
    assert ledger.paid(BANKS, HOUSEHOLDS, "dividends") == 0.0
    assert rich > usual
    # Who has far too little pays nothing, and no shareholder pays in.
    ledger, _ = paying_out(150.0, 40.0)
    assert ledger.paid(FIRMS, HOUSEHOLDS, "dividends") == 0.0
    assert ledger.paid(FIRMS, FOREIGN_INVESTORS, "primary_income_paid") == 0.0


def test_banks_pay_households_part_of_own_funds_beyond_the_usual_and_are_not_paid_back() -> None:
    ledger, usual = paying_out(250.0, 40.0)
    assert ledger.paid(BANKS, HOUSEHOLDS, "dividends") == 0.0
    ledger, rich = paying_out(250.0, 52.0)
    assert ledger.paid(BANKS, HOUSEHOLDS, "dividends") == pytest.approx(0.6)
    assert rich - usual == pytest.approx(0.6)
    ledger, _ = paying_out(250.0, 20.0)
    assert ledger.paid(BANKS, HOUSEHOLDS, "dividends") == 0.0


def test_income_from_abroad_follows_the_dollar_late() -> None:
    its, ledger = incomes()
    weak = now(usdjpy_index=1.1)
    # The stock is in today's yen; income has gone a quarter of the way, eight tenths of it being dollars', and all of
    # shares', a sixth of what firms have.
    first = its.post_property_income(ledger, weak, {})
    assert first[HOUSEHOLDS] == pytest.approx(1.1 ** (-0.8 * 0.75) / 12.0)
    assert first[FIRMS] == pytest.approx((200.0 * 1.1 ** (-0.8 * 0.75) + 40.0 * 1.1**-0.75) / 240.0)
    second = its.post_property_income(ledger, weak, {})
    assert second[HOUSEHOLDS] == pytest.approx(1.1 ** (-0.8 * 0.5625) / 12.0)
    # The dollar is back, and income in yen has still to fall.
    third = its.post_property_income(ledger, now(), {})
    assert third[HOUSEHOLDS] == pytest.approx(1.1 ** (0.8 * 0.4375 * 0.75) / 12.0)


def test_what_affiliates_abroad_earn_comes_down_to_a_lasting_yield() -> None:
    its, ledger = incomes(affiliate_yield_speed_monthly=0.1)
    # From 5% a tenth of the way to 3%, on 240.
    found = its.post_property_income(ledger, now(), {})
    assert found[FIRMS] == pytest.approx(0.048 * 240.0 / 12.0)
    assert found[HOUSEHOLDS] == pytest.approx(1.0 / 12.0)
    assert its.post_property_income(ledger, now(), {})[FIRMS] == pytest.approx(0.0462 * 20.0)


def test_who_has_no_bonds_gets_no_coupons() -> None:
    left = []
    for coupons in ({HOUSEHOLDS: 0.01, INSURERS_AND_PENSIONS: 0.3, INVESTMENT_FUNDS: 0.04}, {}):
        its, ledger = incomes()
        its.post_property_income(ledger, now(), coupons)
        left.append(its.disposable_income)
    assert left[0] - left[1] == pytest.approx(0.35)


def test_interest_is_never_negative_nor_is_what_is_attributed() -> None:
    its, ledger = incomes()
    its.attribution_start_gap = -99.0
    its.post_property_income(ledger, now(policy_rate_pct=-9.0, lending_rate_pct=-9.0), {})
    for payer, payee, purpose in (
        (BANKS, HOUSEHOLDS, "deposit_interest"),
        (FIRMS, BANKS, "loan_interest"),
        (INVESTMENT_FUNDS, HOUSEHOLDS, "attributed_income"),
        (INSURERS_AND_PENSIONS, HOUSEHOLDS, "attributed_income"),
    ):
        assert ledger.paid(payer, payee, purpose) == 0.0


# Credit and saving.

CREDIT = given(
    trend_potential_growth_pct=0.4,
    inflation_target_pct=2.0,
    opening_flow_fade_years=2.0,
    credit_rate_semi_elasticity=0.2,
    household_borrowing_trn_yen_year=12.0,
    firm_borrowing_trn_yen_year=24.0,
    foreign_borrowing_trn_yen_year=6.0,
    boj_lending_runoff_share_year=0.3,
    household_insurance_saving_trn_yen_year=3.6,
    public_pension_saving_trn_yen_year=4.8,
    boj_fund_sales_trn_yen_year=0.6,
)


def structural(holdings: dict[tuple[str, str], float]) -> tuple[StructuralFlows, HandLedger]:
    ledger: Any = HandLedger(holdings)
    ledger.parties = (
        given(name=HOUSEHOLDS, settlement=Settlement.BANK_DEPOSIT, sector=Sector.HOUSEHOLDS),
        given(name=LOCAL_AND_SOCIAL_SECURITY, settlement=Settlement.BANK_DEPOSIT, sector=Sector.GOVERNMENT),
        given(name="an AI firm", settlement=Settlement.BANK_DEPOSIT, sector=Sector.AI_FIRMS),
        given(name=BANKS, settlement=None, sector=None),
    )
    ledger.instrument_index = {DEPOSITS: 0}
    ledger.columns_of = lambda names: [[HOUSEHOLDS, LOCAL_AND_SOCIAL_SECURITY].index(name) for name in names]
    ledger.positions = np.array(
        [[ledger.position(DEPOSITS, HOUSEHOLDS), ledger.position(DEPOSITS, LOCAL_AND_SOCIAL_SECURITY)]]
    )
    return StructuralFlows(ledger, 1.5, CREDIT), ledger


def test_credit_follows_the_economy_and_shrinks_as_lending_rates_rise() -> None:
    flows, ledger = structural({(LOANS, BANK_OF_JAPAN): 80.0, (FUND_UNITS, BANK_OF_JAPAN): 0.02})
    flows.post(ledger, given(nominal_gdp_index=1.1, lending_rate_pct=2.5), 0)  # type: ignore[arg-type]
    traded = ledger.traded
    assert traded(BANKS, HOUSEHOLDS, LOANS) == pytest.approx(1.1 * 0.8)
    assert traded(BANKS, FIRMS, LOANS) == pytest.approx(2.2 * 0.8)
    assert traded(BANKS, FOREIGN_INVESTORS, LOANS) == pytest.approx(0.55)
    assert traded(BANKS, BANK_OF_JAPAN, LOANS) == pytest.approx(2.0)
    assert traded(HOUSEHOLDS, INSURERS_AND_PENSIONS, INSURANCE_PENSION_CLAIMS) == pytest.approx(0.33)
    assert traded(LOCAL_AND_SOCIAL_SECURITY, INSURERS_AND_PENSIONS, PUBLIC_PENSION_CLAIM) == pytest.approx(0.44)
    assert traded(BANKS, BANK_OF_JAPAN, FUND_UNITS) == pytest.approx(0.02)
    assert {each[5] for each in ledger.posted} == {1.0}
    ledger.posted, ledger.holdings = [], {(LOANS, BANK_OF_JAPAN): -1.0, (FUND_UNITS, BANK_OF_JAPAN): 9.0}
    flows.post(ledger, given(nominal_gdp_index=1.0, lending_rate_pct=9.0), 0)  # type: ignore[arg-type]
    assert traded(BANKS, HOUSEHOLDS, LOANS) == 0.0
    assert traded(BANKS, BANK_OF_JAPAN, LOANS) == 0.0
    assert traded(BANKS, BANK_OF_JAPAN, FUND_UNITS) == pytest.approx(0.05)
    # Who has none sells none and buys none.
    ledger.posted, ledger.holdings = [], {(FUND_UNITS, BANK_OF_JAPAN): -1.0}
    flows.post(ledger, given(nominal_gdp_index=1.0, lending_rate_pct=1.5), 0)  # type: ignore[arg-type]
    assert traded(BANKS, BANK_OF_JAPAN, FUND_UNITS) == 0.0


def test_balances_grow_with_the_economy_as_the_pace_of_the_start_fades() -> None:
    owed = {(LOANS, HOUSEHOLDS): -400.0, (LOANS, FIRMS): -500.0, (LOANS, FOREIGN_INVESTORS): -100.0}
    flows, ledger = structural(owed | {(INSURANCE_PENSION_CLAIMS, HOUSEHOLDS): 300.0})
    # After two years half of the pace is left; the other half is 2.4% a year of what there is.
    flows.post(ledger, given(nominal_gdp_index=1.1, lending_rate_pct=1.5), 24)  # type: ignore[arg-type]
    traded = ledger.traded
    assert traded(BANKS, HOUSEHOLDS, LOANS) == pytest.approx((0.5 * 12.0 * 1.1 + 0.5 * 0.024 * 400.0) / 12.0)
    assert traded(BANKS, FIRMS, LOANS) == pytest.approx((0.5 * 24.0 * 1.1 + 0.5 * 0.024 * 500.0) / 12.0)
    assert traded(BANKS, FOREIGN_INVESTORS, LOANS) == pytest.approx((0.5 * 6.0 * 1.1 + 0.5 * 0.024 * 100.0) / 12.0)
    assert traded(HOUSEHOLDS, INSURERS_AND_PENSIONS, INSURANCE_PENSION_CLAIMS) == pytest.approx(
        (0.5 * 3.6 * 1.1 + 0.5 * 0.024 * 300.0) / 12.0
    )
    # Public pensions save less and less.
    assert traded(LOCAL_AND_SOCIAL_SECURITY, INSURERS_AND_PENSIONS, PUBLIC_PENSION_CLAIM) == pytest.approx(
        0.5 * 4.8 * 1.1 / 12.0
    )


def test_who_is_short_of_cash_borrows_it_with_a_hair_more() -> None:
    short = {(DEPOSITS, HOUSEHOLDS): -2.0, (DEPOSITS, LOCAL_AND_SOCIAL_SECURITY): -1.0, (RESERVES, BANKS): -3.0}
    flows, ledger = structural(short)
    owed = [5.0]
    treasury = given(take_other_debt=owed.append)
    flows.cover_overdrafts(ledger, treasury)  # type: ignore[arg-type]
    assert ledger.traded(BANKS, HOUSEHOLDS, LOANS) == pytest.approx(2.02)
    assert ledger.traded(BANKS, LOCAL_AND_SOCIAL_SECURITY, LOANS) == pytest.approx(1.01)
    assert ledger.traded(BANK_OF_JAPAN, BANKS, LOANS) == pytest.approx(3.03)
    assert owed == pytest.approx([5.0, 1.01])
    flows, ledger = structural({(DEPOSITS, HOUSEHOLDS): 2.0, (RESERVES, BANKS): 3.0})
    flows.cover_overdrafts(ledger, treasury)  # type: ignore[arg-type]
    assert ledger.posted == []
    assert owed == pytest.approx([5.0, 1.01])


def test_dealers_lend_what_they_have_beyond_the_start_and_funds_keep_nothing() -> None:
    flows, ledger = structural({(DEPOSITS, DEALERS_ABROAD): 4.0})
    ledger.holdings[DEPOSITS, DEALERS_ABROAD] = 5.5
    flows.square_dealers(ledger)  # type: ignore[arg-type]
    assert ledger.traded(DEALERS_ABROAD, BANKS, LOANS) == pytest.approx(1.5)
    ledger.holdings[FUND_UNITS, INVESTMENT_FUNDS] = -200.0
    flows.pass_fund_returns(ledger, 4.0)  # type: ignore[arg-type]
    assert ledger.revalued(FUND_UNITS) == pytest.approx(0.02)
