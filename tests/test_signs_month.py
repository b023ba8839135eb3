"""The steps of a month: who is asked with what, what is posted, what is passed on, with numbers worked out by hand."""

from __future__ import annotations

import math
from collections import deque
from typing import Any

import mesa
import numpy as np
import pytest

from itcho.agents.fiscal_doubt import FiscalDoubt
from itcho.agents.foreign_suppliers import ForeignSupplier, SupplierTier
from itcho.agents.government import CentralSpending, FiscalYearToDate, Memory
from itcho.agents.tax_bases import TaxBases
from itcho.agents.vocabulary import (
    BANK_OF_JAPAN,
    BANKS,
    FIRMS,
    FOREIGN_GOODS,
    FOREIGN_INVESTORS,
    GOVERNMENT,
    HOUSEHOLDS,
    LOCAL_AND_SOCIAL_SECURITY,
    RESERVES,
    SOFTBANK_CORP,
    Sector,
)
from itcho.model import monthly_steps
from itcho.model.ai.firm_finance import ProgrammeActivity
from itcho.model.disturbances import Disturbances, DisturbedMonth
from itcho.model.goods.market import Demand
from itcho.model.measure.national_wealth import household_wealth
from itcho.model.month_records import OutputMonth, PublicDemand
from itcho.model.outside_world import OutsideWorld
from itcho.model.public.treasury import SHORTER_BUCKETS, SUPERLONG_BUCKETS
from itcho.model.scenarios.scenario import OutsidePath
from itcho.model.world import LocalDemand, TwelveMonths
from tests.hand_ledger import HandLedger, given, given_state
from tests.hand_softbank import LINKS


def test_demand_is_paid_by_who_wants_it_less_what_ai_firms_sold() -> None:
    ledger = HandLedger()
    world: Any = given(
        ledger=ledger,
        ai_firm_finance=given(
            other_sales=lambda party, sales: {HOUSEHOLDS: 0.04, LOCAL_AND_SOCIAL_SECURITY: 0.02}[party]
        ),
    )
    ai: Any = given(
        services=given(spending_trn_yen=np.array([[1.0, 0.2, 0.05], [1.0, 0.1, 0.03]])),
        firms=given(other_revenue=None),
    )
    demand = Demand(26.0, 2.0, 8.0, 9.0, 11.0, 33.0)
    public = PublicDemand(CentralSpending(5.0, 4.0, 1.0, 0.5, 0.1), 9.5, 2.5, 0.5)
    monthly_steps._post_demand(world, demand, public, ai)
    assert ledger.paid(HOUSEHOLDS, FIRMS, "consumption") == pytest.approx(26.0 - 0.34)
    assert ledger.paid(HOUSEHOLDS, FIRMS, "housing_investment") == 2.0
    assert ledger.paid(FOREIGN_GOODS, FIRMS, "exports") == 9.0
    assert ledger.paid(FIRMS, FOREIGN_GOODS, "imports") == 11.0
    assert ledger.paid(GOVERNMENT, FIRMS, "government_consumption") == 4.0
    assert ledger.paid(GOVERNMENT, FIRMS, "public_investment") == 1.0
    assert ledger.paid(LOCAL_AND_SOCIAL_SECURITY, FIRMS, "government_consumption") == pytest.approx(5.4)
    assert ledger.paid(LOCAL_AND_SOCIAL_SECURITY, FIRMS, "public_investment") == 1.5
    assert ledger.paid(LOCAL_AND_SOCIAL_SECURITY, FIRMS, "other_government_transfers") == 0.5


def test_the_fiscal_year_counts_taxes_interest_spending_and_revenue(monkeypatch: pytest.MonkeyPatch) -> None:
    year = FiscalYearToDate(
        tax=1.0, ai_tax=0.5, interest=0.2, special_interest=0.1, primary_spending=3.0, redemption=0.4, other_revenue=0.6
    )
    ledger = HandLedger()
    spent: list[float] = []
    state = given_state(policy_rate_pct=0.5, profits=0.0, consumer_price=1.1, nominal_gdp_four_quarters=600.0)
    # A cut of 0.05% of output less an effort of 0.03%, of output of 600, is 0.01 a month.
    shocks = Disturbances(household_tax_cut_pct_gdp=0.05)
    labour, learnt = [], []
    world: Any = given(
        parameters=given(ai_value_added_tax_share=0.3, fx_reserve_income_transfer_trn_yen_year=2.4),
        state=state,
        ledger=ledger,
        month=7,
        government=given(
            year=year,
            budget=given(redemption=18.0),
            memory=Memory(programme_return_trn_yen=0.5),
            tax_effort_pct_gdp=0.03,
        ),
        treasury=given(pay_coupons=lambda ledger, rate: ({BANKS: 0.2}, 0.9, 0.03)),
        streams=given(normals=lambda name, month, count: {("tax yields", 7, 1): [0.3]}[name, month, count]),
        incomes=given(
            learn_tax_yield=learnt.append,
            post_labour_and_transfers=lambda *terms: labour.append(terms[2:]),
            post_taxes=lambda *terms: given(total=terms[-2] + 6.0 - terms[-1], consumption=2.4),
            profits=lambda state, bill, consumption: 8.5 if consumption == 26.0 else None,
            post_property_income=lambda ledger, state, coupons: {BANK_OF_JAPAN: coupons[BANKS] / 4.0},
            labour_tax_share=0.4,
            count_spending=spent.append,
        ),
        opening=given(fees_from_firms_trn_yen=0.5),
    )
    programme = ProgrammeActivity(wages=0.05, supplies=0.1, corporate_tax=0.01)
    firms = given(wages=0.3, corporate_tax=0.07, revenue=2.0, inputs=0.8, licences=0.2, programme=programme)
    ai: Any = given(firms=firms)
    central = CentralSpending(5.0, 4.0, 0.9, 1.0, 0.1)
    public = PublicDemand(central, 9.0, 2.0, 0.5)
    output = OutputMonth(Demand(26.0, 2.0, 8.0, 9.0, 11.0, 33.0), public, 22.0)
    settled = []
    monkeypatch.setattr(
        monthly_steps, "_settle_with_the_bank_of_japan", lambda world, *terms: settled.append(terms) or 0.25
    )
    incomes = monthly_steps.pay_incomes_and_taxes(world, shocks, ai, output)
    assert (labour, learnt) == ([(22.0, 0.3, 7)], [0.3])
    assert settled == [({BANKS: 0.2}, {BANK_OF_JAPAN: 0.05})]
    assert (incomes.from_abroad, incomes.boj_remittance) == ({BANK_OF_JAPAN: 0.05}, 0.25)
    assert (year.tax, year.interest, year.special_interest) == pytest.approx((7.06, 1.1, 0.13))
    assert year.ai_tax == pytest.approx(0.5 + 0.3 * 1.0)
    # Of wages that the programme paid 0.4 come back, of other value added 0.3, and the tax on profits.
    assert world.government.memory.programme_return_trn_yen == pytest.approx(0.5 + 0.4 * 0.05 + 0.3 * 0.1 + 0.01)
    assert (state.profits, spent) == (8.5, [28.0])
    assert world.government.memory.tax_bases == TaxBases(22.0, 8.5, 2.4, 0.03)
    firms.revenue = 0.5
    assert monthly_steps.ai_taxes(world, ai) == 0.0
    monthly_steps.spend_public_money(world, public, incomes)
    assert ledger.paid(GOVERNMENT, LOCAL_AND_SOCIAL_SECURITY, "local_allocation_and_social_security") == 5.0
    assert ledger.paid(GOVERNMENT, FIRMS, "other_government_transfers") == 1.0
    assert ledger.paid(GOVERNMENT, FOREIGN_GOODS, "secondary_income") == 0.1
    assert ledger.paid(FIRMS, GOVERNMENT, "non_tax_revenue") == pytest.approx(0.55)
    assert year.primary_spending == pytest.approx(14.0)
    assert year.redemption == pytest.approx(1.9)
    # Fees, what the bank remits, and a twelfth of the reserves' income.
    assert year.other_revenue == pytest.approx(0.6 + 0.55 + 0.25 + 0.2)


def test_public_demand_grows_with_prices_and_an_announced_investment_is_a_share_of_output(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(monthly_steps, "spend_budget", lambda budget, p: CentralSpending(5.0, 4.0, 1.0, 0.5, 0.1))
    world: Any = given(
        parameters=given(
            government_real_growth_pct=1.2, trend_potential_growth_pct=0.4, public_growth_half_life_years=1.0
        ),
        state=given(domestic_price=1.25, nominal_gdp_four_quarters=600.0, potential_gdp=50.0),
        opening=given(local=LocalDemand(5.0, 1.0, 0.5), flows=given(gdp=50.0, potential_gdp=50.0)),
        government=given(budget=None),
        month=0,
    )
    found = monthly_steps._public_demand(world, Disturbances(public_investment_pct_gdp=1.0))
    # One percent of 600 a year is half a trillion a month.
    assert found.investment == pytest.approx(1.0 + 0.5 + 1.25)
    assert found.central.investment == pytest.approx(1.5)
    assert (found.consumption, found.local_transfers) == pytest.approx((4.0 + 6.25, 0.625))
    # Potential output 2% higher, and half of what public demand will ever gain on it at 0.8 points a year.
    world.month, world.state.potential_gdp = 12, 51.0
    grown = monthly_steps._public_demand(world, Disturbances())
    assert grown.investment == pytest.approx(1.0 + 1.25 * 1.02 * math.exp(0.004 / math.log(2.0)))


# The rest of the month.


def test_the_ministry_redeems_issues_and_the_bank_buys_within_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}
    treasury = given(
        redeem=lambda ledger: None,
        money_needed=lambda ledger, floor: asked.setdefault("floor", floor) and {GOVERNMENT: 9.0},
        issue=lambda ledger, needs, share: (np.array([2.0, 1.0, 3.0, 1.25, 0.75]), 1.5),
        shorten=lambda cut: asked.update(cut=cut),
        usual_profile=given(superlong_share=0.5),
        on_the_market_trn_yen=lambda ledger: (100.0, 20.0),
        last_redemption=given(face_trn_yen=7.0),
    )
    economy = given(
        ledger=HandLedger({(RESERVES, BANKS): 480.0}),
        treasury=treasury,
        parameters=given(treasury_cash_floor_trn_yen=2.0, bills_share_of_refunding=0.1),
        opening=given(treasury_cash_trn_yen=4.0),
        bank_of_japan=given(
            purchases=lambda month, reserves, index, p: (
                asked.update(reserves=reserves, month=month, index=index) or 5.0
            ),
            plan_purchases=lambda month: 4.0,
            superlong_purchases=lambda purchases, share, failed, there: min(share * purchases + 2.0 * failed, there),
        ),
        debt_office=given(hear=lambda tail: asked.update(tail=tail), cut_share=0.3, auction_failed=True),
        superlongs=given(tail_bp=6.0, take_supply=lambda beyond: asked.update(beyond=beyond)),
        state=given(nominal_gdp_index=1.04),
        month=8,
        issuance_expectations=given(learn=lambda issued, announced: asked.update(issued=issued, announced=announced)),
        government=given(programme_left_trn_yen=0.7),
    )
    monkeypatch.setattr(
        monthly_steps,
        "_clear_bonds",
        lambda world, shocks, supply: asked.update(supply=supply) or {"foreign_investors": 0.6},
    )
    bonds = monthly_steps.finance_the_government(economy, Disturbances())
    learned = {"issued": pytest.approx(2.5), "announced": 0.7}
    asked_bank = {"reserves": 480.0, "month": 8, "index": 1.04}
    # A fifth of the market is super-longs, which would be 1 of 5; the bank buys 2 more after a tail of 6.  Half of 8
    # would have been issued in them, but 2 are: 2 fewer by the ministry and 2 by the bank.
    of_tail = {"tail": 6.0, "cut": 0.3, "beyond": pytest.approx(-4.0)}
    assert asked == {"floor": 4.0, "supply": (95.0, 17.0, 5.0, 3.0)} | of_tail | asked_bank | learned
    assert (bonds.superlongs_issued, bonds.superlongs_usual, bonds.boj_superlongs) == pytest.approx((2.0, 4.0, 3.0))
    # Five and three of bonds and 1.5 of bills, less 7 repaid.
    assert (bonds.net_issuance, bonds.foreign_purchases) == pytest.approx((2.5, 0.6))
    assert (bonds.boj_planned, bonds.boj_wanted) == pytest.approx((4.0, 5.0))
    # It buys no more than there is.
    treasury.on_the_market_trn_yen = lambda ledger: (3.0, 1.5)
    monthly_steps.finance_the_government(economy, Disturbances())
    assert asked["supply"] == (0.0, 0.0, 3.0, 1.5)


def test_the_bond_market_is_asked_with_what_the_bank_leaves_and_its_purchases_are_posted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: dict[str, Any] = {}
    monkeypatch.setattr(monthly_steps, "supply_outlook", lambda world, announced: 40.0 + 8.0 * announced)
    monkeypatch.setattr(
        monthly_steps, "purchases_beyond_plan", lambda economy, private, own, clear: clear(private) * 0 + extra
    )
    bent = given(held_at=lambda stock: stock)
    recorded: list[Any] = []
    monkeypatch.setattr(monthly_steps, "trade_bonds", lambda ledger, net, of: seen.update({("usual", of): net}))
    monkeypatch.setattr(monthly_steps, "trade_with_the_bank", lambda ledger, net, of: seen.update({("large", of): net}))
    of_stock: list[Any] = []
    ledger = given(
        rows_of=lambda names: np.array([0, 1]), positions=np.array([[4.0], [3.0]]), party_index={FOREIGN_INVESTORS: 0}
    )
    gaps: list[float] = []
    economy: Any = given(
        ledger=ledger,
        parameters=given(credibility_premium_pp=1.0),
        fiscal_doubt=FiscalDoubt(0.0, 0.3),
        state=given(
            yields_pct={10.0: 1.5, 30.0: 2.5},
            policy_rate_pct=0.75,
            equity_index=1.1,
            usdjpy_index=1.25,
            nominal_gdp_index=1.04,
        ),
        superlongs=given(clear=lambda demand, held, stock: of_stock.append(stock) or 12.0, gap_pp=0.2),
        outside=given(
            us_10y_pct=4.5, natural_drift_pp=0.3, us_policy_rate_pct=3.5, foreign_price_level=1.2, demand_trend=1.1
        ),
        softbank_shares=given(index=0.9),
        holder_limits=given(
            bend=lambda demand, view: seen.update(view=view) or bent,
            record=lambda demand, premium: recorded.append(premium),
        ),
        portfolios=given(
            reconcile_bonds=lambda ledger: None,
            jgb_mandates=lambda ledger, long, short, abroad: seen.update(abroad=abroad) or "mandates",
            pension_assets_trn_yen=1000.0,
            take_bonds=lambda held: {FOREIGN_INVESTORS: held - 90.0},
            sums_by_party=lambda held: {FOREIGN_INVESTORS: held},
        ),
        bank_of_japan=given(expected_path_pct=lambda state, p: ([1.0], 2.0)),
        bonds=given(
            clear=lambda *terms: seen.update(terms=terms) or 1.7,
            demanded_premium_pp=0.4,
            take_superlong_gap=gaps.append,
        ),
    )
    extra = 0.0
    shocks = Disturbances(announced_deficit_pct_gdp=0.5)
    supply = monthly_steps.Supply(97.0, 30.0, 3.0, 1.0)
    bought = monthly_steps._clear_bonds(economy, shocks, supply)
    assert bought == {FOREIGN_INVESTORS: 7.0, BANK_OF_JAPAN: 3.0}
    # The US yield without what has drifted; one quarter at 1 and 39 half way to 2; 1.2 x 1.1 x 1.25.
    abroad_now = seen.pop("abroad")
    assert abroad_now == pytest.approx((4.2, 3.5, (1.0 + 39.0 * 1.5) / 40.0, 1.65))
    assert seen == {
        "terms": (97.0, bent, 44.0, [1.0], 2.0, pytest.approx(0.2)),
        "view": (0.4, 2.5, 1.1, 0.9, 1000.0),
        # Foreigners end up with 12 super-longs and have 7: of 7 bought 5 are super-longs; of the bank's 3 one is.
        ("usual", SHORTER_BUCKETS): {FOREIGN_INVESTORS: 2.0, BANK_OF_JAPAN: 2.0},
        ("usual", SUPERLONG_BUCKETS): {FOREIGN_INVESTORS: 5.0, BANK_OF_JAPAN: 1.0},
    }
    assert of_stock == [(30.0, 97.0, 1.04)]
    assert gaps == [0.2]
    extra = 2.0
    economy.fiscal_doubt = None
    monthly_steps._clear_bonds(economy, shocks, supply)
    assert seen["terms"][-1] == 0.0
    # Of the two more 30 in 97 are super-longs.
    more = 2.0 * 30.0 / 97.0
    assert of_stock[-1] == pytest.approx((30.0 - more, 95.0, 1.04))
    assert seen["large", SHORTER_BUCKETS] == pytest.approx({FOREIGN_INVESTORS: 0.0, BANK_OF_JAPAN: 4.0 - more})
    assert seen["large", SUPERLONG_BUCKETS] == pytest.approx({FOREIGN_INVESTORS: 5.0, BANK_OF_JAPAN: 1.0 + more})
    # Of the 1.5 less, a third as of what was planned.
    extra = -1.5
    monthly_steps._clear_bonds(economy, shocks, supply)
    assert of_stock[-1] == pytest.approx((30.5, 98.5, 1.04))
    assert seen["usual", SHORTER_BUCKETS][BANK_OF_JAPAN] == pytest.approx(1.0)
    assert seen["usual", SUPERLONG_BUCKETS][BANK_OF_JAPAN] == pytest.approx(0.5)


def test_prices_take_a_draw_for_firms_and_one_for_the_weather_and_the_corp_builds_with_its_own_equity() -> None:
    updated = []
    economy = given(
        streams=given(
            normals=lambda name, month, count: {("prices", 5, 1): [0.3], ("weather", 5, 1): [-0.7]}[name, month, count]
        ),
        month=5,
        goods=given(update_prices=lambda *terms: updated.append(terms)),
        state="state",
        outside="outside",
    )
    monthly_steps.set_prices(economy)
    assert updated == [("state", "outside", 0.3, -0.7)]
    ledger = HandLedger()
    importers = type("Importers", (), {"__len__": lambda self: 9, "row_of_name": lambda self, name: 4})()
    economy = given(
        parameters=None,
        softbank_corp=given(data_centre_spending=lambda ltv: ltv / 1000.0),
        softbank_accounts=given(stands=True, position=given(ltv_pct=20.0), links=LINKS),
        chip_importers=importers,
        ledger=ledger,
    )
    monthly_steps.build_data_centres(economy)
    ((kind, buyer, members, instrument, amount, price, purpose),) = ledger.posted
    assert (kind, buyer, instrument, amount.tolist(), price) == ("trade", SOFTBANK_CORP, "ai_firm_equity", [0.02], 1.0)
    assert members.numbers.tolist() == [4]
    assert purpose == "data_centre_plan"


def test_the_budget_is_passed_in_april_but_not_in_the_first_month(monkeypatch: pytest.MonkeyPatch) -> None:
    dated: list[Any] = []
    monkeypatch.setattr(monthly_steps, "put_in_force", lambda *terms: dated.append(terms))
    looked_for: list[Any] = []
    monkeypatch.setattr(monthly_steps, "take_second_sources", looked_for.append)
    passed: list[Any] = []

    def shock(month: DisturbedMonth) -> None:
        month.disturbances.us_rate_shift_pp = 0.5
        month.disturbances.consumption_tax_points = 1.5

    outside = OutsideWorld(
        us_policy_rate_pct=4.0, us_rate_path_pct=4.0, us_rate_start_pct=4.0, us_10y_pct=4.4, us_inflation_pct=2.0
    )
    outside.shift_pp = 0.25
    outside.advance = lambda *terms: None  # type: ignore[method-assign]
    outside.natural_drift_pp = 0.15
    state = given_state(consumption_tax_points=0.0, nominal_gdp_four_quarters=600.0)
    news: list[Any] = []
    government = given(
        start_fiscal_year=lambda *terms: passed.append(terms), meet_a_new_year=lambda *terms: news.append(terms)
    )
    world: Any = given(
        clock=given(month=0, is_fiscal_year_start=True, advance=lambda: None),
        opening=given(consumption_tax_points=lambda month: 0.5),
        ai_boom=None,
        outside=outside,
        policy="policy",
        bank_of_japan="bank",
        scenario=None,
        parameters=given(us_10y_pass_through=0.4, import_fuel_share=0.3),
        streams=given(
            normals=lambda name, month, count: {("supplementary budgets", count): [0.1 * month]}[name, count]
        ),
        treasury=given(general_account_bonds_face=lambda: 900.0, gross_debt_trn_yen=lambda ledger: 1300.0),
        government=government,
        state=state,
        ledger=None,
    )
    found = monthly_steps.begin_month(world, (shock,))
    assert (found.us_rate_shift_pp, found.chip_capacity) == (0.5, 1.0)
    assert looked_for == [world]
    assert dated == [("policy", world.clock, government, "bank")]
    # What last month's shock had added goes, this month's comes; the long rate moves with the difference.
    assert outside.us_policy_rate_pct == pytest.approx(4.25)
    assert outside.us_10y_pct == pytest.approx(4.4 + 0.4 * 0.25)
    # The first budget stands, and gets what the year brings.
    assert (passed, news) == ([], [(0.0, 600.0, True)])
    world.clock.month = 12
    monthly_steps.begin_month(world, (shock,))
    # Half a point by law and what the shock adds.
    assert (state.consumption_tax_points, state.natural_rate_drift_pp) == (2.0, 0.15)
    assert passed == [(state, 900.0, 1300.0, world.parameters)]
    assert news[1:] == [(pytest.approx(1.2), 600.0, False)]
    world.clock.month, world.clock.is_fiscal_year_start = 13, False
    monthly_steps.begin_month(world, (shock,))
    assert len(passed) == 1
    assert monthly_steps.begin_month(world, ()) == Disturbances()
    assert state.consumption_tax_points == 0.5
    assert outside.us_policy_rate_pct == pytest.approx(3.75)
    assert outside.us_10y_pct == pytest.approx(4.4 + 0.4 * 0.25 - 0.4 * 0.5)


def abroad() -> OutsideWorld:
    return OutsideWorld(us_policy_rate_pct=4.0, us_10y_pct=4.4, us_inflation_pct=2.0, us_rate_path_pct=4.0)


def test_an_experiment_makes_fuel_dearer_and_demand_abroad_weaker() -> None:
    outside = abroad()
    outside.foreign_price_level, outside.fuel_price_log, outside.demand_trend = 1.2, math.log(1.5), 1.1
    outside.bear(1.25, 0.8)
    assert outside.fuel_price_usd == pytest.approx(1.2 * 1.5 * 1.25)
    assert outside.demand == pytest.approx(1.1 * 0.8)
    # Neither other goods nor the trend of demand are moved.
    assert (outside.goods_price_log, outside.demand_trend) == (0.0, 1.1)


OUTSIDE: dict[str, float] = {
    "us_neutral_rate_pct": 4.0,
    "us_rate_years_to_neutral": 2.0,
    "us_rate_shock_persistence": 0.9,
    "us_rate_shock_sd_pp_monthly": 0.0,
    "us_10y_pass_through": 0.5,
    "natural_rate_drift_sd_pp_yearly": 0.0,
    "us_premium_persistence": 0.9,
    "us_premium_sd_pp_monthly": 0.0,
    "us_inflation_pct": 2.4,
    "fuel_price_persistence": 0.9,
    "fuel_price_sd_monthly": 0.05,
    "trend_potential_growth_pct": 0.6,
    "world_demand_growth_pct": 1.8,
    "world_growth_half_life_years": 1.0,
    "world_demand_persistence": 0.8,
    "world_demand_sd_monthly": 0.01,
    "ai_demand_persistence": 0.8,
    "ai_demand_sd_monthly": 0.0,
    "world_volatility_persistence_monthly": 0.9,
    "world_volatility_of_volatility_monthly": 0.0,
    "return_tail_degrees_of_freedom": 5.0,
    "world_equity_drift_pct": 7.0,
    "world_equity_volatility_pct": 16.0,
    "ai_equity_own_volatility_pct": 20.0,
    "ai_equity_beta": 1.5,
    "boom_world_equity_share": 0.3,
}


def bent(
    fuel: float = 0.0, demand: float = 0.0, natural_rate: float = 0.0, premium: float = 0.0, **bends: float
) -> tuple[Any, Any]:
    """A scenario with these bends and streams with this news on fuel, on demand and on long rates."""
    path = OutsidePath(**bends)
    news = {
        "outside world": np.array([0.0, fuel, demand, 0.0, 0.0, 0.0]),
        "long rates of the world": np.array([natural_rate, premium]),
    }
    return given(outside=lambda month: path), given(
        normals=lambda name, month, count: news[name], student_t=lambda name, month, shape, freedom: np.zeros(shape)
    )


def test_growth_abroad_comes_down_to_japans_own() -> None:
    outside, p = abroad(), given(**OUTSIDE)
    assert OutsideWorld.excess_left(11, p) == pytest.approx(0.5)
    outside.advance(11, bent()[0], p, bent()[1])
    # Half of what 1.8 is over 0.6 is left after a year.
    assert outside.demand_trend == pytest.approx(1.0 + 1.2 / 1200.0)
    outside.advance(9999, bent()[0], p, bent()[1])
    assert outside.demand_trend == pytest.approx((1.0 + 1.2 / 1200.0) * (1.0 + 0.6 / 1200.0))
    assert outside.demand_over_trend_log == 0.0


def test_a_natural_rate_that_drifts_stays_and_moves_short_and_long_rates_abroad_alike() -> None:
    outside, p = abroad(), given(**OUTSIDE | {"natural_rate_drift_sd_pp_yearly": 0.3})
    outside.us_rate_start_pct = 4.0
    step = 2.0 * 0.3 / math.sqrt(12.0)
    outside.advance(0, bent()[0], p, bent(natural_rate=2.0)[1])
    outside.advance(1, bent()[0], p, bent()[1])
    assert outside.natural_drift_pp == pytest.approx(step)
    assert outside.us_policy_rate_pct == pytest.approx(4.0 + step)
    assert outside.us_10y_pct == pytest.approx(4.4 + step)


def test_a_premium_abroad_fades_and_moves_the_long_rate_alone() -> None:
    outside, p = abroad(), given(**OUTSIDE | {"us_premium_sd_pp_monthly": 0.2})
    outside.us_rate_start_pct = 4.0
    outside.advance(0, bent()[0], p, bent(premium=1.5)[1])
    assert outside.us_10y_pct == pytest.approx(4.7)
    outside.advance(1, bent()[0], p, bent()[1])
    assert (outside.us_10y_pct, outside.us_policy_rate_pct) == pytest.approx((4.4 + 0.27, 4.0))


def test_prices_of_shares_abroad_come_down_to_what_is_made_there() -> None:
    outside, p = abroad(), given(**OUTSIDE)
    early, _, _ = outside.equity_returns(11, p, bent()[1])
    # Prices 2.4 and growth 0.6 in the end; half of what 7 is over 3.
    assert early == pytest.approx(np.full(21, 5.0 / (100.0 * 252.0)))
    late, ai, _ = outside.equity_returns(9999, p, bent()[1])
    assert late == pytest.approx(np.full(21, 3.0 / (100.0 * 252.0)))
    assert ai == pytest.approx(late)


def test_news_on_fuel_and_demand_last_and_bends_come_on_top() -> None:
    outside, p = abroad(), given(**OUTSIDE)
    outside.advance(0, *(bent(2.0, -3.0)[0], p, bent(2.0, -3.0)[1]))
    assert (outside.fuel_price_log, outside.demand_over_trend_log) == pytest.approx((0.1, -0.03))
    scenario, streams = bent(1.0, 1.0, import_price_factor=1.1, demand_factor=0.9)
    outside.advance(1, scenario, p, streams)
    # A scenario moves prices of all imports, fuel among them; news moves fuel.
    assert outside.goods_price_log == pytest.approx(math.log(1.1))
    assert outside.fuel_price_log == pytest.approx(0.9 * 0.1 + 0.05 + math.log(1.1))
    assert outside.demand_over_trend_log == pytest.approx(0.8 * -0.03 + 0.01 + math.log(0.9))
    assert outside.foreign_price_level == pytest.approx(1.002**2)


def test_the_books_close_with_real_wealth_and_what_the_public_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monthly_steps, "household_wealth", lambda ledger: 330.0)
    monkeypatch.setattr(monthly_steps, "count_households", lambda world: None)
    monkeypatch.setattr(monthly_steps, "total_of_columns", lambda flows, columns: flows * columns)
    heard: list[Any] = []
    done: list[str] = []
    world: Any = given(
        structural=given(
            square_dealers=lambda ledger: done.append("dealers"),
            cover_overdrafts=lambda *terms: done.append("overdrafts"),
        ),
        portfolios=given(reconcile=lambda ledger: done.append("members")),
        ledger=given(
            close_month=lambda: done.append("books"),
            history=[given(current=9.0), given(current=0.5)],
            of_sector=lambda sector: {Sector.REST_OF_WORLD: -3.0, Sector.GOVERNMENT: -8.0}[sector],
        ),
        treasury=None,
        state=given_state(consumer_price=1.1, wealth_real=0.0, potential_gdp=51.0),
        government=given(hear_the_public=lambda state, share: heard.append(share)),
        opening=given(wealth_trn_yen=200.0, flows=given(gdp=50.0, potential_gdp=50.0)),
        without=(),
        parameters=None,
        twelve_months=TwelveMonths(deque([1.0] * 2, maxlen=2), deque([0.1] * 2, maxlen=2), deque([-2.0] * 2, maxlen=2)),
    )
    ai: Any = given(services=given(domestic_ai_share_home_pct=12.0), chips=given(chip_imports_trn_yen=0.4))
    monthly_steps.close_the_books(world, ai)
    assert done == ["dealers", "overdrafts", "members", "books"]
    assert world.state.wealth_real == pytest.approx(1.5)
    # What the rest of the world has less, Japan has more; of the last month alone.
    assert list(world.twelve_months.current_account) == [1.0, 1.5]
    assert list(world.twelve_months.chip_imports) == [0.1, 0.4]
    assert list(world.twelve_months.fiscal_balance) == [-2.0, -4.0]
    ai.services.domestic_ai_share_home_pct = 12.5
    world.without = ("wealth",)
    monthly_steps.close_the_books(world, ai)
    assert heard == [12.0, 12.5]
    # Without the channel wealth grows as potential output does.
    assert world.state.wealth_real == pytest.approx(1.02)


def test_households_wealth_is_what_they_hold_less_what_they_owe() -> None:
    ledger: Any = given(positions=np.array([[5.0, 900.0], [7.0, -350.0]]), party_index={HOUSEHOLDS: 1})
    assert household_wealth(ledger) == pytest.approx(550.0)


def test_output_that_ai_firms_plan_by_is_three_months_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monthly_steps.programme, "guaranteed_share", lambda economy: 0.0)
    monkeypatch.setattr(monthly_steps, "_chip_price_markup", lambda world, last: 1.3)
    suppliers = [
        ForeignSupplier(mesa.Model(), "nvidia", SupplierTier.DESIGNER),
        ForeignSupplier(mesa.Model(), "openai", SupplierTier.LABORATORY),
    ]
    economy = given(
        state=given(
            real_gdp_history=deque([1.0, 50.0, 51.0, 55.0]),
            usdjpy=165.0,
            usdjpy_start=150.0,
            usdjpy_average_3m=160.0,
            usdjpy_index=1.1,
            consumer_price=1.02,
            nominal_gdp_index=1.05,
            wage=1.01,
            lending_rate_pct=1.5,
        ),
        outside=given(
            path=given(chip_capacity=0.5, chip_price_factor=1.2, data_centre_cost_factor=1.4),
            ai_demand=1.1,
            fuel_price_usd=1.5,
        ),
        supply_graph=given(equipped=lambda name, capacity: 1.0),
        suppliers=suppliers,
        opening=given(flows=given(gdp=50.0, potential_gdp=50.0)),
        parameters=given(corporate_tax_rate=0.25),
        ai_boom=given(chip_orders=0.7, funding_climate=0.4),
    )
    shocks = Disturbances(chip_capacity=0.8, supplier_capacity={"nvidia": 0.5, "openai": 0.9})
    ordered = np.array([0.1, 0.0])
    drivers = monthly_steps._industry_drivers(economy, shocks, ordered, None)
    assert drivers.chip_purchases_trn_yen is ordered
    assert drivers.funding_climate == 0.4
    assert drivers.global_ai_demand_index == 0.7
    assert drivers.real_gdp_index == pytest.approx(52.0 / 50.0)
    assert drivers.chip_capacity == pytest.approx([0.2, 0.9])
    assert [supplier.capacity for supplier in suppliers] == pytest.approx([0.2, 0.9])
    assert drivers.import_fuel_price_index == pytest.approx(1.65)
    assert drivers.chip_price_markup == 1.3


def test_what_is_paid_over_list_prices_is_weighted_by_what_was_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(monthly_steps, "designers_markup", lambda who, shares, there, p: asked.append(shares) or 1.0)
    economy: Any = given(
        opening=given(designer_shares=(0.8, 0.2)),
        chip_tiers=given(edges=given(designer_row=[2, 0]), availability=None),
        chip_designers=None,
        parameters=None,
    )
    monthly_steps._chip_price_markup(economy, None)
    for shipped in ([0.5, 9.0, 1.5], [0.0, 9.0, 0.0]):
        last: Any = given(chips=given(shipped_by_supplier_bn_usd=shipped))
        monthly_steps._chip_price_markup(economy, last)
    assert asked == [[0.8, 0.2], [1.5, 0.5], [0.8, 0.2]]
