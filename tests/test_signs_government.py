"""The government's signs, dates and limits: budgets, fiscal rules, intervention, approval, rescue, by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from math import inf, log
from typing import Any

import mesa
import pytest

from itcho.agents.government import (
    Budget,
    CentralSpending,
    FiscalYearToDate,
    Government,
    public_growth_over_potential,
    spend_budget,
)
from itcho.agents.politics import Politics
from itcho.agents.rules.fiscal import (
    DebtBrake,
    DebtFeedback,
    FiscalRule,
    FiscalView,
    FixedTaxes,
    GoldenRule,
    IssuanceCap,
    NoFiscalRule,
    PrimaryBalance,
)
from itcho.agents.rules.intervention import (
    DefendLevel,
    InterventionRule,
    InterventionView,
    ItoYabuThresholds,
    NoIntervention,
)
from itcho.agents.rules.rescue import DistressView, NoRescue, Rescue, RescueAsBelieved, RescueRule
from itcho.agents.rules.subsidy import NoSubsidy
from itcho.agents.rules.trade import StatusQuo
from tests.hand_ledger import given

BUDGET = Budget(38.0, 20.0, 8.0, 28.0, 6.0, 17.0, 9.0)

P = given(
    trend_potential_growth_pct=0.5,
    public_growth_half_life_years=1.0,
    debt_feedback_response=0.04,
    debt_feedback_inertia=0.75,
    social_security_ageing_growth_pct=1.0,
    local_allocation_share_of_taxes=0.25,
    defence_real_growth_pct=2.0,
    other_spending_real_growth_pct=-0.5,
    supplementary_budget_trn_yen=6.0,
    supplementary_worry_response_trn_yen=1.4,
    supplementary_no_majority_trn_yen=0.7,
    redemption_share_of_bonds=1.0 / 60.0,
    central_consumption_share=0.4,
    central_investment_share=0.2,
    central_abroad_share=0.1,
    supplementary_consumption_share=0.3,
    supplementary_investment_share=0.25,
    supplementary_local_share=0.15,
    approval_persistence=0.9,
    approval_start_pct=50.0,
    approval_mean_pct=40.0,
    approval_worry_response=0.5,
    worry_norm_pct=60.0,
    worry_start_pct=60.0,
    worry_inflation_response=0.4,
    worry_memory_months=12.0,
    election_first_month=100.0,
    election_interval_months=36.0,
    election_approval_limit_pct=33.0,
    gate_stop_probability=0.05,
    gate_worry_weight=0.5,
    gate_disapproval_weight=0.7,
    gate_sunk_weight=2.0,
    approval_unemployment_response=4.0,
    approval_unemployment_norm_pct=2.5,
    supplementary_surprise_sd_pct_gdp=0.5,
    supplementary_surprise_persistence=0.6,
    approval_bail_out_response=3.0,
    approval_missed_target_response=0.2,
    approval_ai_response=0.5,
    inflation_target_pct=2.0,
)


def government(
    fiscal: FiscalRule | None = None,
    intervention: InterventionRule | None = None,
    budget: Budget = BUDGET,
    rescue: RescueRule | None = None,
) -> Government:
    rules = NoSubsidy(), fiscal or NoFiscalRule(), intervention or NoIntervention(), StatusQuo(), rescue or NoRescue()
    politics = Politics(P, 600.0)
    return Government(mesa.Model(), *rules, budget, politics)


def test_a_new_government_has_traded_nothing_and_remembers_nothing() -> None:
    its = government()
    assert (its.market.since, its.market.running, its.market.last_order_bn_usd) == (inf, 0, 0.0)
    assert (its.memory.bail_outs, its.memory.programme_spent_trn_yen, its.memory.deal_bought_trn_yen) == (0, 0.0, 0.0)
    assert its.memory.guarantee.share == its.memory.guarantee.fee_pct == 0.0
    assert its.remembered_by(its.subsidy) == {}


def test_a_year_brings_what_no_budget_foresaw() -> None:
    its, usual = government(budget=replace(BUDGET)), Politics(P, 600.0).supplementary_trn_yen(660.0)
    its.meet_a_new_year(2.0, 660.0, is_first=True)
    # Two times half a percent of 660 on the budget that stands when a world begins.
    assert its.budget.supplementary == pytest.approx(usual + 6.6)
    its.meet_a_new_year(-1.0, 660.0, is_first=False)
    # 0.6 of one percent are left, less half a percent; the new budget takes it when it is passed.
    assert its.politics.surprise_pct_gdp == pytest.approx(0.1)
    assert its.budget.supplementary == pytest.approx(usual + 6.6)
    assert its.politics.supplementary_trn_yen(660.0) == pytest.approx(usual + 0.66)
    its.politics.meet_surprise(-1000.0)
    assert its.politics.supplementary_trn_yen(660.0) == 0.0


def test_a_deficit_is_spending_and_interest_less_revenue_and_what_the_programme_returns() -> None:
    year = FiscalYearToDate(100.0, 13.0, 0.2, 17.0, 84.0, 9.0, 0.5, 0.1)
    assert year.total_spending == pytest.approx(130.0)
    assert year.new_bonds == pytest.approx(130.0 - 93.0)
    assert year.deficit == pytest.approx(100.0 + 13.0 + 0.2 + 0.5 - 84.0 - 9.0 - 0.1)
    assert year.primary_balance == pytest.approx(84.0 + 9.0 + 0.1 - 100.0 - 0.5)
    assert year.bond_dependency_pct == pytest.approx(100.0 * 37.0 / 130.0)
    assert FiscalYearToDate().bond_dependency_pct == 0.0
    assert BUDGET.discretionary == 42.0


def test_a_month_of_the_budget_is_divided_by_kind() -> None:
    month = spend_budget(BUDGET, P)
    # Three of own programmes and half a trillion of supplementary ones a month.
    assert month == CentralSpending(
        transfers_to_local_and_social_security=pytest.approx(58.0 / 12.0 + 0.075),
        consumption=pytest.approx(1.2 + 0.15),
        investment=pytest.approx(0.6 + 0.125),
        transfers_to_firms=pytest.approx(3.5 - 1.35 - 0.725 - 0.3 - 0.075),
        transfers_abroad=pytest.approx(0.3),
    )
    assert month.total == pytest.approx(100.0 / 12.0)


class HalfOf(FiscalRule):
    """Lets half of discretionary spending through, and keeps what it saw."""

    seen: list[FiscalView]

    def discretionary_factor(self, view: FiscalView) -> float:
        self.seen = [*getattr(self, "seen", []), view]
        return 0.5


def test_april_passes_a_budget_from_the_years_outturn() -> None:
    rule = HalfOf()
    its = government(rule)
    its.year = FiscalYearToDate(100.0, 13.0, 0.2, 17.0, 84.0, 9.0, 0.5, 0.1)
    its.market.bought_bn_usd, its.market.sold_bn_usd = 3.0, 4.0
    its.memory.open_debt(215.0)
    world: Any = given(
        consumer_inflation_pct=2.0, nominal_gdp_four_quarters=600.0, smoothed_gap_pct=0.7, potential_growth_pct=1.0
    )
    its.start_fiscal_year(world, 900.0, 1320.0, P)
    # Prices, potential output, and half of all that a kind will ever gain on it: 1.0, 2.0 and -0.5 less 0.5 points a
    # year, over a half-life of a year.
    social, defence, other = (
        amount * 1.02 * 1.01 * math.exp(0.5 * beyond / math.log(2.0))
        for amount, beyond in ((38.0, 0.005), (8.0, 0.015), (28.0, -0.01))
    )
    assert its.budget.social_security == pytest.approx(social)
    assert its.budget.local_allocation == pytest.approx(21.0)
    assert (its.budget.defence, its.budget.other) == pytest.approx((0.5 * defence, 0.5 * other))
    assert (its.budget.supplementary, its.budget.redemption) == pytest.approx((3.0, 15.0))
    assert its.budget.other_revenue == pytest.approx(9.18)
    assert (its.market.bought_bn_usd, its.market.sold_bn_usd) == (0.0, 0.0)
    assert its.year == FiscalYearToDate()
    assert its.last_year is its.history[-1]
    (view,) = rule.seen
    discretionary = defence + other + 6.0
    planned = social + 21.0 + discretionary + 13.0 - 84.0 - 9.18
    own = defence + other
    assert view == FiscalView(
        planned_deficit_trn_yen=pytest.approx(planned),
        programme_deficit_trn_yen=pytest.approx(0.5 + 0.2 - 0.1),
        discretionary_trn_yen=pytest.approx(discretionary),
        public_investment_trn_yen=pytest.approx(0.2 * own + 0.25 * 6.0),
        interest_trn_yen=13.0,
        redemption_trn_yen=pytest.approx(15.0),
        nominal_gdp_trn_yen=600.0,
        output_gap_pct=0.7,
        debt_to_gdp_pct=pytest.approx(220.0),
        debt_to_gdp_start_pct=pytest.approx(220.0),
        debt_to_gdp_opening_pct=215.0,
        primary_balance_start_pct=pytest.approx(100.0 * (13.0 - planned - 0.6) / 600.0),
        tax_effort_pct_gdp=0.0,
    )
    assert view.whole_deficit_trn_yen == pytest.approx(planned + 0.6)
    assert view.primary_balance_pct == pytest.approx(100.0 * (13.0 - planned - 0.6) / 600.0)
    # Taxes answer to five points more of debt than at the start of the run, by a quarter of 0.2 in the first year.
    assert its.tax_effort_pct_gdp == pytest.approx(0.05)
    defence_before = its.budget.defence
    its.start_fiscal_year(world, 900.0, 1380.0, P)
    assert its.tax_effort_pct_gdp == pytest.approx(0.75 * 0.05 + 0.25 * 0.6)
    # In the second year half as much is gained.
    assert its.budget.defence == pytest.approx(
        0.5 * defence_before * 1.02 * 1.01 * math.exp(0.25 * 0.015 / math.log(2.0))
    )
    assert (rule.seen[1].debt_to_gdp_pct, rule.seen[1].debt_to_gdp_start_pct) == pytest.approx((230.0, 220.0))
    assert rule.seen[1].primary_balance_start_pct == rule.seen[0].primary_balance_start_pct


def test_budgets_do_not_shrink_with_falling_prices() -> None:
    its = government()
    world: Any = given(
        consumer_inflation_pct=-3.0, nominal_gdp_four_quarters=600.0, smoothed_gap_pct=0.0, potential_growth_pct=0.0
    )
    its.start_fiscal_year(world, 900.0, 1320.0, given(**vars(P) | {"social_security_ageing_growth_pct": 0.5}))
    assert its.budget.social_security == pytest.approx(38.0)


def test_what_public_spending_grows_beyond_potential_output_gives_way() -> None:
    p = given(trend_potential_growth_pct=0.5, public_growth_half_life_years=2.0)
    # 0.7 points more than potential: after two years half of 0.7% times 2 / ln 2, in the end all of it.
    all_of_it = 0.014 / math.log(2.0)
    assert public_growth_over_potential(1.2, 0, p) == 1.0
    assert public_growth_over_potential(1.2, 24, p) == pytest.approx(math.exp(0.5 * all_of_it))
    assert public_growth_over_potential(1.2, 9999, p) == pytest.approx(math.exp(all_of_it))
    assert public_growth_over_potential(-0.2, 24, p) == pytest.approx(math.exp(-0.5 * all_of_it))
    # At first it grows at its own pace.
    assert math.log(public_growth_over_potential(1.2, 1, p)) == pytest.approx(0.007 / 12.0, rel=0.02)


# Fiscal rules.


def view(**changed: float) -> FiscalView:
    usual = {
        "planned_deficit_trn_yen": 20.0,
        "programme_deficit_trn_yen": 1.0,
        "discretionary_trn_yen": 50.0,
        "public_investment_trn_yen": 10.0,
        "interest_trn_yen": 12.0,
        "redemption_trn_yen": 15.0,
        "nominal_gdp_trn_yen": 600.0,
        "output_gap_pct": 0.0,
        "debt_to_gdp_pct": 220.0,
        "debt_to_gdp_start_pct": 210.0,
        "debt_to_gdp_opening_pct": 205.0,
        "primary_balance_start_pct": -1.0,
        "tax_effort_pct_gdp": 0.4,
    }
    return FiscalView(**usual | changed)


def test_a_factor_saves_what_is_asked_up_to_the_largest_change() -> None:
    assert view().factor(2.0, 0.1) == pytest.approx(0.96)
    assert view().factor(9.0, 0.1) == pytest.approx(0.9)
    assert view().factor(-2.0, 0.1) == pytest.approx(1.04)
    assert view().factor(-9.0, 0.1) == pytest.approx(1.1)
    assert view(discretionary_trn_yen=0.0).factor(2.0, 0.1) == 1.0


@pytest.mark.parametrize(
    ("rule", "changed", "saving"),
    [
        (IssuanceCap(33.0), {}, 2.0),  # 20 of deficit and 15 of redemption.
        (IssuanceCap(40.0), {}, 0.0),
        # Half a percent of 600 allows 3, a slump of one point 0.35% more, a boom as much less.
        (DebtBrake(3.0, 0.5), {}, 3.0),
        (DebtBrake(3.0, 0.5), {"output_gap_pct": -0.5}, 1.5),
        (DebtBrake(3.0, 0.5), {"output_gap_pct": 0.5}, 4.5),
        (DebtBrake(5.0, 0.5), {}, 0.0),
        # The primary balance is 12 - 21 = -9, or -1.5%.
        (PrimaryBalance(0.0, 0.25), {}, 1.5),
        (PrimaryBalance(-1.4, 0.25), {}, 0.6),
        (PrimaryBalance(-2.0, 0.25), {}, 0.0),
        # 1.7 x 10 of investment is allowed; at most half a percent of 600 is saved.
        (GoldenRule(0.7, 1.0), {}, 3.0),
        (GoldenRule(0.2, 0.5), {}, 3.0),
        (GoldenRule(0.7, 1.0), {"planned_deficit_trn_yen": 9.0}, 0.0),
        # Ten points of debt ask for 0.4 more than -1: -0.6, and -1.5 are planned.
        (DebtFeedback(0.04, 0.5), {}, 5.4),
        (DebtFeedback(0.04, 0.5), {"debt_to_gdp_pct": 185.0}, -3.0),
        (NoFiscalRule(), {}, 0.0),
    ],
)
def test_what_fiscal_rules_save(rule: FiscalRule, changed: dict[str, float], saving: float) -> None:
    assert rule.discretionary_factor(view(**changed)) == pytest.approx(1.0 - saving / 50.0)


def test_taxes_answer_to_debt_above_where_it_stood_unless_the_rule_says_otherwise() -> None:
    # 15 points above the start of the run at 0.04, whatever stood when the rule came.
    for rule in (NoFiscalRule(), DebtBrake(3.0, 0.5), GoldenRule(0.7, 1.0), PrimaryBalance(0.0, 0.25)):
        # Three quarters of last year's 0.4, and a quarter of what fifteen points more of debt ask for, or 25 less.
        assert rule.tax_effort_pct_gdp(view(), P) == pytest.approx(0.3 + 0.25 * 0.6)
        assert rule.tax_effort_pct_gdp(view(debt_to_gdp_pct=180.0), P) == pytest.approx(0.3 - 0.25)
    # Taxes that are fixed do not; with debt feedback spending answers instead.
    assert FixedTaxes().tax_effort_pct_gdp(view(), P) == DebtFeedback(0.04, 0.5).tax_effort_pct_gdp(view(), P) == 0.0
    assert FixedTaxes().discretionary_factor(view()) == 1.0


# Intervention.


def market(price: float = 160.0, average: float = 160.0, before: float = 160.0, **changed: float) -> InterventionView:
    usual = {
        "sessions_running": 0,
        "last_order_bn_usd": 0.0,
        "sessions_since": inf,
        "bought_this_year_bn_usd": 0.0,
        "sold_this_year_bn_usd": 0.0,
        "reserves_bn_usd": 1000.0,
        "reserves_start_bn_usd": 1200.0,
    }
    return InterventionView(log(price), log(average), log(before), **usual | changed)  # type: ignore[arg-type]


ITO = ItoYabuThresholds(level_pct=8.0, speed_pct=5.0, size_bn_usd=20.0, sessions=3, pause_sessions=42)


@pytest.mark.parametrize(
    ("seen", "order"),
    [
        (market(160.0), 0.0),
        (market(175.0, 160.0, 170.0), -20.0),  # 9% above the average: dollars are sold.
        (market(172.0, 160.0, 170.0), 0.0),
        (market(170.0, 168.0, 160.0), -20.0),  # 6% up in twenty sessions.
        (market(147.0, 160.0, 150.0), 20.0),  # 8.5% below: dollars are bought.
        (market(149.0, 160.0, 150.0), 0.0),
        (market(150.0, 152.0, 160.0), 20.0),
        (market(175.0, 160.0, 160.0, sessions_since=41.0), 0.0),
        (market(175.0, 160.0, 160.0, sessions_since=42.0), -20.0),
        (market(160.0, sessions_running=2, last_order_bn_usd=-20.0, sessions_since=0.0), -20.0),
        (market(160.0, sessions_running=2, last_order_bn_usd=5.0, sessions_since=0.0), 20.0),
        (market(175.0, sessions_running=3, last_order_bn_usd=-20.0, sessions_since=0.0), 0.0),
        # A tenth of 1200 in a year, on either side.
        (market(175.0, sold_this_year_bn_usd=110.0, sessions_since=99.0), -10.0),
        (market(175.0, sold_this_year_bn_usd=130.0, sessions_since=99.0), 0.0),
        (market(175.0, reserves_bn_usd=5.0), -5.0),
        (market(175.0, reserves_bn_usd=-5.0), 0.0),
        (market(145.0, bought_this_year_bn_usd=112.0), 8.0),
        (market(145.0, bought_this_year_bn_usd=130.0), 0.0),
    ],
)
def test_large_and_infrequent_intervention(seen: InterventionView, order: float) -> None:
    assert ITO.order_bn_usd(seen) == pytest.approx(order)


def test_one_sided_intervention_lets_a_strong_yen_be() -> None:
    assert ItoYabuThresholds(both_sides=False).order_bn_usd(market(140.0)) == 0.0
    assert NoIntervention().order_bn_usd(market(999.0)) == 0.0


def test_a_level_is_defended_the_more_the_further_until_reserves_run_low() -> None:
    ceiling, floor = DefendLevel(160.0, "ceiling", 5.0, 20.0, 0.5), DefendLevel(160.0, "floor", 5.0, 20.0, 0.5)
    above, below = market(160.0 * math.exp(0.02)), market(160.0 * math.exp(-0.02))
    assert (ceiling.order_bn_usd(above), ceiling.order_bn_usd(below)) == (pytest.approx(-10.0), 0.0)
    assert (floor.order_bn_usd(above), floor.order_bn_usd(below)) == (0.0, pytest.approx(10.0))
    assert ceiling.order_bn_usd(market(200.0)) == -20.0
    assert floor.order_bn_usd(market(100.0)) == 20.0
    # Half of 1200 is kept.
    assert ceiling.order_bn_usd(market(200.0, reserves_bn_usd=604.0)) == pytest.approx(-4.0)
    assert ceiling.order_bn_usd(market(200.0, reserves_bn_usd=500.0)) == 0.0


class Scripted(InterventionRule):
    """Orders from a list, and keeps what it saw."""

    def __init__(self, *orders: float) -> None:
        self.orders, self.seen = list(orders), []

    def order_bn_usd(self, view: InterventionView) -> float:
        self.seen.append(view)
        return self.orders.pop(0)


def test_the_ministry_remembers_its_trades_the_average_and_twenty_sessions() -> None:
    rule = Scripted(-20.0, 5.0, 0.0, 0.0)
    its = government(intervention=rule)
    assert its.intervene(5.0, 1000.0) == -20.0
    assert its.intervene(5.252, 980.0) == 5.0
    assert its.intervene(5.1, 985.0) == 0.0
    assert its.intervene(5.1, 985.0) == 0.0
    first, second, third, fourth = rule.seen
    assert first == pytest.approx((5.0, 5.0, 5.0, 0, 0.0, inf, 0.0, 0.0, 1000.0, 1000.0))
    assert second == pytest.approx((5.252, 5.001, 5.0, 1, -20.0, 0.0, 0.0, 20.0, 980.0, 1000.0))
    assert third[3:8] == pytest.approx((2, 5.0, 0.0, 5.0, 20.0))
    assert fourth[3:8] == pytest.approx((0, 0.0, 1.0, 5.0, 20.0))
    rule.orders = [0.0] * 20
    for _ in range(20):
        its.intervene(5.3, 985.0)
    # Twenty sessions before the last of twenty.
    assert rule.seen[-1].log_price_20_sessions_ago == 5.1
    assert not its.stays_out


def test_a_ministry_that_stays_out_counts_sessions() -> None:
    its = government()
    assert its.stays_out
    its.market.since, its.market.running, its.market.last_order_bn_usd = 3.0, 2, 4.0
    its.stay_out([5.0, 5.252], 900.0)
    assert (its.market.since, its.market.running, its.market.last_order_bn_usd) == (5.0, 0, 0.0)
    assert its.market.log_average == pytest.approx(5.001)
    assert (its.reserves_start_bn_usd, list(its.market.log_prices)) == (900.0, [5.0, 5.252])


# Approval and programme money.


def test_approval_fades_to_its_mean_and_falls_with_inflation_unemployment_and_rescues() -> None:
    its = government()
    world: Any = given(consumer_inflation_pct=3.0, unemployment_pct=3.5)
    its.memory.bail_outs, its.memory.domestic_ai_share_pct = 1, 10.0
    its.hear_the_public(world, 12.0)
    # A twelfth of a point is remembered: worry goes from log-odds 0.4055 to 0.4388, 60.80%.
    assert its.politics.worry_pct == pytest.approx(60.80, abs=0.01)
    assert its.approval_pct == pytest.approx(45.0 + 4.0 - 0.1 * 0.5 * 0.80 - 0.4 - 3.0 + 1.0, abs=0.001)
    its.politics.force_approval(50.0)
    # As far below target: what is remembered is 11/12 of a twelfth less a twelfth, and worry 59.93%.
    its.hear_the_public(given(consumer_inflation_pct=1.0, unemployment_pct=2.0), 11.0)  # type: ignore[arg-type]
    assert its.approval_pct == pytest.approx(45.0 + 4.0 + 0.1 * 0.5 * 0.07 + 0.2 - 0.5, abs=0.001)
    its.hear_the_public(world, 999.0)
    assert its.approval_pct == 100.0
    its.hear_the_public(world, 0.0)
    assert its.approval_pct == 0.0


def test_worry_and_a_lost_majority_swell_supplementary_budgets() -> None:
    its = government()
    world: Any = given(consumer_inflation_pct=2.0, unemployment_pct=2.5)
    assert its.politics.supplementary_trn_yen(600.0) == pytest.approx(6.0)
    its.politics.worry[:] = 67.0
    # Seven points of worry are 1.4, and output a twelfth above the start's takes all along.
    assert its.politics.supplementary_trn_yen(650.0) == pytest.approx(7.4 * 650.0 / 600.0)
    its.politics.months_to_election = 1
    its.politics.force_approval(30.0)
    its.hear_the_public(world, 10.0)
    assert (its.politics.majority, its.politics.months_to_election) == (False, 36)
    assert its.politics.supplementary_trn_yen(600.0) == pytest.approx(6.7, abs=0.01)
    its.politics.months_to_election = 1
    its.politics.force_approval(40.0)
    its.hear_the_public(world, 10.0)
    assert its.politics.majority


def test_a_cabinet_stops_a_project_sooner_if_people_worry_or_disapprove_and_later_if_much_is_sunk() -> None:
    cabinet = government().politics
    odds = 0.05 / 0.95
    assert cabinet.stop_probability(0.0) == pytest.approx(0.05)
    assert cabinet.stop_probability(0.5) == pytest.approx(odds * math.exp(-1.0) / (1.0 + odds * math.exp(-1.0)))
    cabinet.worry[:] = 67.0
    assert cabinet.stop_probability(0.0) == pytest.approx(odds * math.exp(0.5) / (1.0 + odds * math.exp(0.5)))
    cabinet.force_approval(20.0)
    assert cabinet.stop_probability(0.0) == pytest.approx(odds * math.exp(1.2) / (1.0 + odds * math.exp(1.2)))


def test_a_rescue_and_a_rise_of_ai_are_judged_once() -> None:
    its = government()
    usual: Any = given(consumer_inflation_pct=2.0, unemployment_pct=2.5)
    # The first share of AI is no success: there is nothing to compare it with.
    its.hear_the_public(usual, 30.0)
    assert its.approval_pct == pytest.approx(49.0)
    its.memory.bail_outs += 2
    its.hear_the_public(usual, 30.0)
    # Two rescues in a month are judged as one.
    assert its.approval_pct == pytest.approx(0.9 * 49.0 + 4.0 - 3.0)
    before = its.approval_pct
    its.hear_the_public(usual, 29.0)
    assert its.approval_pct == pytest.approx(0.9 * before + 4.0 - 0.5)
    assert (its.memory.bail_outs_judged, its.memory.domestic_ai_share_pct) == (2, 29.0)


def test_a_project_behind_its_target_costs_approval_while_it_is_paid_for() -> None:
    its = government()
    usual: Any = given(consumer_inflation_pct=2.0, unemployment_pct=2.5)
    its.memory.watch_project(paid=True, given_up=False, finished=False, behind=True)
    its.hear_the_public(usual, 30.0)
    # 0.9 x 50 + 0.1 x 40 - 0.2; who earns twice the mean minds half as much again.
    assert its.approval_pct == pytest.approx(48.8)
    parts = its.politics.parts
    lost = 49.0 - its.politics.approval
    assert lost == pytest.approx(0.2 * 0.5 * (1.0 + parts.earned / parts.people))
    # Money that waits at its gate is still promised to the project; ahead of its target it costs nothing.
    its.memory.watch_project(paid=False, given_up=False, finished=False, behind=True)
    its.memory.watch_project(paid=True, given_up=False, finished=False, behind=False)
    assert (its.memory.months_behind, its.memory.project_behind) == (2, False)
    before = its.approval_pct
    its.hear_the_public(usual, 30.0)
    assert its.approval_pct == pytest.approx(0.9 * before + 4.0)
    # Given up, or paid to the end, it is no longer held against the cabinet.
    its.memory.watch_project(paid=False, given_up=True, finished=False, behind=True)
    its.memory.watch_project(paid=True, given_up=False, finished=False, behind=True)
    assert (its.memory.project_open, its.memory.project_given_up, its.memory.months_behind) == (False, True, 2)
    other = government()
    other.memory.watch_project(paid=True, given_up=False, finished=True, behind=True)
    assert (other.memory.project_open, other.memory.months_behind) == (False, 0)


def test_what_the_programme_has_left_is_what_it_announced_less_what_it_spent() -> None:
    its = government()
    its.announced_trn_yen = lambda: 1.0  # type: ignore[method-assign]
    its.book_programme(spent_trn_yen=0.3)
    assert its.programme_left_trn_yen == pytest.approx(0.7)
    its.book_programme(spent_trn_yen=0.9)
    assert its.programme_left_trn_yen == 0.0


# Rescue.


def distress(lot: float, belief: float = 0.5, reaches: float = 0.4) -> DistressView:
    return DistressView(10.0, 20.0, 35.0, belief, reaches, lot)


@pytest.mark.parametrize(
    ("view", "rescued"),
    [
        (distress(0.19), True),  # A chance of 0.5 x 0.4.
        (distress(0.2), False),  # Below the chance, not at it.
        (distress(0.0, belief=0.0), False),
        (distress(0.39, belief=1.0), True),
        (distress(0.41, belief=1.0), False),
        (distress(0.5, belief=0.9, reaches=0.6), True),
        (distress(0.5, belief=0.5, reaches=1.0), False),
        (distress(0.999, belief=1.0, reaches=1.0), True),
    ],
)
def test_a_rescue_comes_with_the_chance_that_is_believed_in_and_pays_back_to_the_limit(
    view: DistressView, rescued: bool
) -> None:
    # 10 less 35% of 20.
    assert RescueAsBelieved().decide(view) == (Rescue(pytest.approx(3.0)) if rescued else None)
    assert NoRescue().decide(view) is None
    its = government(rescue=RescueAsBelieved())
    assert (its.decide_rescue(view) is not None) is rescued
    assert its.memory.bail_outs == int(rescued)
    assert government().decide_rescue(view) is None


def test_programme_money_is_booked_in_the_year_and_since_the_start() -> None:
    its = government()
    its.book_programme(spent_trn_yen=0.3)
    its.book_programme(received_trn_yen=0.1)
    its.year = FiscalYearToDate()
    its.book_programme(0.2, 0.05)
    assert (its.year.programme, its.year.programme_revenue) == (0.2, 0.05)
    memory = its.memory
    assert (memory.programme_spent_trn_yen, memory.programme_received_trn_yen) == pytest.approx((0.5, 0.15))
