"""What agents do whose behaviour is frozen: constants and trends, worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import mesa
import numpy as np
import pytest

from itcho.agents.ablation import ALIKE, FROZEN, REDRAWN, Ablation, ChangedParameters, does
from itcho.agents.asset_allocation import AssetAllocation, ForeignStock
from itcho.agents.bank_of_japan import BankOfJapan
from itcho.agents.contracts import CONTRACT
from itcho.agents.errors import InputError
from itcho.agents.foreign_suppliers import SupplierTier, frontier_growth
from itcho.agents.frozen import (
    FrozenAllocation,
    FrozenBankOfJapan,
    FrozenDesigner,
    FrozenFirms,
    FrozenGovernment,
    FrozenHouseholds,
    FrozenIndividuals,
    FrozenLaboratory,
    FrozenMandates,
    FrozenSoftBankCorp,
    FrozenSoftBankGroup,
    HeldOrders,
    HeldSources,
    HeldWages,
    Trend,
    nominal_trend,
)
from itcho.agents.individuals import Individuals
from itcho.agents.investors import BANK, FOREIGN, FUND, HOUSEHOLD, INSURER_PENSION
from itcho.agents.rules.fiscal import NoFiscalRule
from itcho.agents.rules.intervention import DefendLevel
from itcho.agents.rules.monetary import YieldCap
from itcho.agents.rules.monetary_targets import YieldCurveControl
from itcho.agents.rules.rescue import RescueAsBelieved
from itcho.agents.rules.subsidy import NoSubsidy, ProgrammeView, Support
from itcho.agents.rules.trade import Deal
from itcho.model.parameters import Parameters
from tests import (
    test_signs_bank_of_japan,
    test_signs_bond_holders,
    test_signs_government,
    test_signs_investors,
    test_signs_spending_and_pay,
    test_signs_suppliers,
)
from tests.hand_ledger import given
from tests.hand_softbank import P as HAND
from tests.hand_softbank import position

TREND = given(trend_potential_growth_pct=0.5, inflation_target_pct=2.0)


def test_the_nominal_trend_is_potential_growth_and_the_target() -> None:
    assert nominal_trend(0, TREND) == 1.0
    assert nominal_trend(24, TREND) == pytest.approx(1.025**2)


def test_a_trend_begins_at_the_pace_of_the_start_and_ends_at_the_long_run_one() -> None:
    # 12% a year in the long run; what is over it halves in two months.
    slow = given(ai_world_spending_long_run_growth=0.12, ai_world_spending_slowdown_half_life_years=2.0 / 12.0)
    its = Trend(0.05, slow)
    assert its.level == 1.0
    assert its.advance() == pytest.approx(math.exp(0.05))
    later = 0.01 + 0.04 * math.sqrt(0.5)
    assert its.advance() == its.level == pytest.approx(math.exp(0.05 + later))
    assert its.advance() == pytest.approx(math.exp(0.05 + later + 0.03))


# The state.


class Promised(NoSubsidy):
    """So much is announced, trillion yen; what is paid follows results."""

    def __init__(self, announced_trn_yen: float = 10.0) -> None:
        self._announced = announced_trn_yen

    def support(self, view: ProgrammeView) -> Support:
        return Support(adoption_budget_trn_yen=float(view.month), adoption_cost_share=0.5)

    def announced_trn_yen(self) -> float:
        return self._announced


def state(subsidy: Any = None) -> FrozenGovernment:
    usual = test_signs_government.government(rescue=RescueAsBelieved())
    return FrozenGovernment(
        mesa.Model(),
        subsidy or Promised(),
        NoFiscalRule(),
        DefendLevel(),
        usual.trade,
        RescueAsBelieved(),
        test_signs_government.BUDGET,
        usual.politics,
    )


def seen(month: int) -> Any:
    return given(month=month, importers={"size": np.ones(3)})


def test_the_frozen_budget_grows_at_trend() -> None:
    its = state()
    old = its.year
    its.start_fiscal_year(given(), 0.0, 0.0, test_signs_government.P)
    assert vars(its.budget) == pytest.approx(
        {line: 1.025 * amount for line, amount in vars(test_signs_government.BUDGET).items()}
    )
    assert its.last_year is old
    assert its.history[-1] is old
    assert its.year is not old


def test_frozen_support_is_that_of_the_first_month_until_the_money_is_gone() -> None:
    its = state()
    assert its.decide_support(seen(2)).adoption_budget_trn_yen == 2.0
    assert its.decide_support(seen(7)).adoption_budget_trn_yen == 2.0
    its.memory.programme_spent_trn_yen = 9.9
    assert its.decide_support(seen(7)).adoption_budget_trn_yen == 2.0
    its.memory.programme_spent_trn_yen = 10.0
    assert its.decide_support(seen(7)) == its.support == Support()
    # A rule that announces nothing cannot run out.
    silent = state(Promised(0.0))
    silent.decide_support(seen(3))
    silent.memory.programme_spent_trn_yen = 5.0
    assert silent.decide_support(seen(9)).adoption_budget_trn_yen == 3.0


def test_the_frozen_state_rescues_nobody_signs_nothing_and_stays_out() -> None:
    its = state()
    assert its.decide_rescue(given(depth=1.0)) is None
    assert its.decide_deal(3) == Deal()
    assert its.stays_out is True


# The Bank of Japan.


def bank(rule: Any = None) -> FrozenBankOfJapan:
    return FrozenBankOfJapan(mesa.Model(), rule or test_signs_bank_of_japan.Onlooker(), 1.0, {0: 3.0, 4: 2.5}, 1.0, 0.5)


def test_the_frozen_bank_goes_along_its_path() -> None:
    its, world, p = bank(), test_signs_bank_of_japan.world(), test_signs_bank_of_japan.P
    assert its.expected_path_pct(world, p, 2) == BankOfJapan.expected_path_pct(its, world, p, 2)
    its.plan_ahead([1.0, 1.5, 1.25], 2.0)
    found = []
    for month in range(1, 13):
        its.watch(world, p)
        assert its.months == month
        its.meet(world, p)
        found.append(its.shadow_rate_pct)
    # Three months a quarter; beyond the path where it ends.
    assert found == [1.0] * 3 + [1.5] * 3 + [1.25] * 3 + [2.0] * 3
    assert its.meeting is not None
    assert its.meeting.announced is True
    its.months = 3
    assert its.expected_path_pct(world, p, 4) == ([1.5, 1.25, 2.0, 2.0], 2.0)


def test_the_frozen_bank_moves_in_the_steps_of_its_rule_from_the_rate_before() -> None:
    class Steps(test_signs_bank_of_japan.Onlooker):
        def decide_pct(self, policy_rate_pct: float, shadow_rate_pct: float, p: Any) -> float:
            return policy_rate_pct + 0.25 if shadow_rate_pct > policy_rate_pct else policy_rate_pct

    its, world, p = bank(Steps()), test_signs_bank_of_japan.world(), test_signs_bank_of_japan.P
    its.plan_ahead([1.5], 1.5)
    its.watch(world, p)
    its.meet(world, p)
    assert its.meeting is not None
    assert (its.meeting.before_pct, its.policy_rate_pct) == (1.0, 1.25)
    # A second meeting of the month is told with the rate before the first.
    its.meet(world, p)
    assert (its.meeting.before_pct, its.policy_rate_pct) == (1.0, 1.5)


def test_the_frozen_bank_buys_what_it_announced() -> None:
    its = bank(YieldCurveControl())
    assert its.purchases(0, 0.0, 1.0, test_signs_bank_of_japan.P) == 3.0
    assert its.purchases(5, 0.0, 1.0, test_signs_bank_of_japan.P) == 2.5
    its.announced_cap = YieldCap(0.25, 0.9)
    assert its.extra_purchases(3.0, 10.0, 500.0, 400.0) == 0.0
    its.announced_cap = YieldCap(0.25, 0.9, 0.0)
    assert its.extra_purchases(-3.0, 10.0, 500.0, 400.0, 6.0) == 0.0


# SoftBank.


def test_frozen_softbank_borrows_for_what_it_signed_for_cash_and_for_margin() -> None:
    its = FrozenSoftBankGroup(mesa.Model(), {2: 10.0}, 0.3)
    its.learn(0.5, HAND)
    its.hear(9.0, True, 2, True, HAND)
    assert (its.momentum, its.belief_in_backing) == (0.0, 0.3)
    usual = its.__class__.__mro__[1](mesa.Model(), {2: 10.0}, 0.3).plan(2, position(cash=0.5), 150.0, HAND)
    plan = its.plan(2, position(cash=0.5), 150.0, HAND)
    assert plan.commitment == pytest.approx(1.5)
    # A floor of two years of redemptions, a fifth of 5 a year: 2; half a trillion is there.
    margin = usual.new_asset_backed
    assert plan.new_asset_backed == margin
    assert plan.new_bonds == pytest.approx(1.5 - margin + 1.5)
    assert plan.dollar_funded == pytest.approx(margin + 0.3 * plan.new_bonds)
    assert plan.distress == usual.distress
    assert sum(plan) == pytest.approx(1.5 + plan.new_bonds + margin + plan.dollar_funded + usual.distress)
    # Cash beyond the floor is kept and pays for nothing; and nothing signed needs nothing.
    rich = FrozenSoftBankGroup(mesa.Model(), {}, 0.3).plan(2, position(cash=9.0), 150.0, HAND)
    assert (rich.commitment, rich.new_bonds) == (0.0, 0.0)


def test_the_frozen_corp_builds_its_plan_whatever_the_group_owes() -> None:
    assert FrozenSoftBankCorp(mesa.Model(), 3.6, 72).data_centre_spending(90.0) == pytest.approx(0.05)


# The AI industry.


def test_held_importers_look_for_no_other_designer() -> None:
    terms: Any = given(supply_qualified_share=1.0, supply_qualifying_months=2, supply_search_fill=0.5)
    its = HeldSources(np.zeros(3), terms)
    its.hold(np.array([True, False, False]))
    assert its.look(np.array([True, True, False]), np.full(3, 0.1)).tolist() == [1]


def test_held_orders_follow_the_trend_of_the_start_and_take_nothing_back() -> None:
    slow = given(ai_world_spending_long_run_growth=0.12, ai_world_spending_slowdown_half_life_years=2.0 / 12.0)
    asked = iter([np.array([2.0, 3.0]), np.array([9.0, 4.0]), np.array([9.0, 5.0])])
    rule = HeldOrders(lambda *_: next(asked), np.array([True, False]))
    found, terms = [], given(expected_growth_monthly=0.05)
    for _ in range(3):
        cancelled = np.array([0.5, 0.7])
        found.append(rule({}, terms, slow, np.zeros(2), cancelled, given()).tolist())  # type: ignore[arg-type]
    assert cancelled.tolist() == [0.0, 0.7]
    later = 0.05 + 0.01 + 0.04 * math.sqrt(0.5)
    assert found[0] == [2.0, 3.0]
    assert found[1] == [pytest.approx(2.0 * math.exp(0.05)), 4.0]
    assert found[2] == [pytest.approx(2.0 * math.exp(later)), 5.0]


def test_frozen_suppliers_ask_list_prices_and_stay_on_the_expected_path() -> None:
    p = test_signs_suppliers.P
    designer = FrozenDesigner(mesa.Model(), "nvidia", SupplierTier.DESIGNER)
    assert designer.decide_price(4.0, p) == designer.price_markup == 1.0
    its = FrozenLaboratory(mesa.Model(), "openai", SupplierTier.LABORATORY)
    before = its.quality
    its.advance_quality(9.0, 5.0, 5.0, p)
    assert its.quality - before == pytest.approx(frontier_growth(0.0, p) / 12.0)
    its.advance_quality(9.0, 5.0, 5.0, p)
    assert its.quality - before == pytest.approx((frontier_growth(0.0, p) + frontier_growth(1.0 / 12.0, p)) / 12.0)
    assert its.months == 2


def test_frozen_people_spread_as_at_the_start() -> None:
    usual, its = Individuals(Parameters(), 0.54, 20), FrozenIndividuals(Parameters(), 0.54, 20)
    same = its.pull.copy()
    contracts = np.zeros(20, dtype=CONTRACT)
    usual.step(contracts, np.zeros(2), 0.0, 0.0, 0.0)
    its.step(contracts, np.ones(2), -5.0, 5.0, 3.0)
    assert its.use == pytest.approx(usual.use)
    assert its.usage.sum() == pytest.approx(its.use_share)
    its.follow_employers(0.4)
    assert its.pull.tolist() == same.tolist()


# Households, firms and holders.


def test_frozen_spending_grows_with_potential_output() -> None:
    tastes = given(**test_signs_spending_and_pay.TASTES | {"trend_potential_growth_pct": 1.2})
    month = math.exp(0.001)
    rich = test_signs_spending_and_pay.outlook(real_income_trn_yen=90.0, gap_log=0.1, real_rate_gap_pp=-2.0)
    people = FrozenHouseholds(25.0, 30.0, tastes)
    assert people.consume(rich, 3.0) == pytest.approx(25.0 * month)
    assert people.consume(rich, 3.0) == people.consumption == pytest.approx(25.0 * month**2)
    firms = FrozenFirms(10.0, 1000.0, 0.002, tastes)
    assert firms.invest(rich, 0.3) == firms.investment == pytest.approx(10.0 * month)
    # 0.8% of capital wear out.
    assert firms.capital == pytest.approx(1000.0 + 10.0 * month - 8.0)
    firms.start_prices(2.5)
    assert firms.price_growth_pct(9.0, 0.1, 5.0, 2.0) == 2.5


def test_held_wages_rise_as_in_the_first_month() -> None:
    rule = HeldWages(lambda view, p: view.expected_inflation_pct)
    assert [rule(given(expected_inflation_pct=rate), TREND) for rate in (1.5, 4.0, -1.0)] == [1.5] * 3  # type: ignore[arg-type]


def test_a_frozen_type_buys_abroad_on_trend_and_answers_to_no_return() -> None:
    plan, start = given(**test_signs_investors.PLAN), test_signs_investors.FOREIGN_START
    its = FrozenAllocation(start, plan)
    its.frozen_kind = HOUSEHOLD
    usual = AssetAllocation(start, plan).foreign_purchases(start, 0.0)
    first = its.foreign_purchases(start, 0.0)
    assert first.base == pytest.approx(usual.base)
    assert first.response == pytest.approx((0.0, *usual.response[1:]))
    # Ten times the assets, and in love with abroad: trend growth of a month, 2.5% a year.
    richer = start | {HOUSEHOLD: ForeignStock(5.0, 2000.0)}
    later = its.foreign_purchases(richer, 2.0)
    assert later.base[HOUSEHOLD] == pytest.approx(1.02 * 1.025 ** (1.0 / 12.0))
    assert later.base[BANK] != pytest.approx(first.base[BANK])
    assert its.months == 2
    # The mood of the first month is no reason to buy for good.
    moody = FrozenAllocation(start, plan)
    moody.frozen_kind = HOUSEHOLD
    assert moody.foreign_purchases(start, 5.0).base[HOUSEHOLD] == pytest.approx(1.02)
    # A type that buys nothing abroad has nothing to freeze.
    none = FrozenAllocation(start, plan)
    none.frozen_kind = FOREIGN
    assert none.foreign_purchases(start, 0.0) == AssetAllocation(start, plan).foreign_purchases(start, 0.0)
    assert none.months == 0


def test_a_frozen_holder_wants_bonds_on_trend() -> None:
    plan = given(**vars(test_signs_bond_holders.MANDATES) | vars(TREND))
    its = FrozenMandates(test_signs_bond_holders.JGB_START, test_signs_bond_holders.SHEETS, plan)
    its.open_with(test_signs_bond_holders.ABROAD, 1.0)
    its.frozen_kind = INSURER_PENSION
    asked = test_signs_bond_holders.SHEETS, test_signs_bond_holders.JGB_START, 0.0, 1.0, 1.0
    first = its.decide(*asked, test_signs_bond_holders.ABROAD)
    assert first.wanted == pytest.approx((12.0, 300.0, 100.0, 20.0, 70.0))
    assert first.slopes == pytest.approx((0.0, 0.0, 50.0, 0.0, 14.0))
    held = test_signs_bond_holders.JGB_START | {INSURER_PENSION: 400.0, FUND: 30.0}
    later = its.decide(test_signs_bond_holders.SHEETS, held, 0.0, 1.0, 1.0, test_signs_bond_holders.ABROAD)
    assert later.wanted[INSURER_PENSION] == pytest.approx(300.0 * 1.025 ** (1.0 / 12.0))
    assert later.wanted[FUND] == pytest.approx(25.0)
    assert its.months == 2


# Ablations as such.


def test_an_ablation_is_of_one_kind_and_one_way() -> None:
    its = Ablation("households", FROZEN)
    assert does(its, FROZEN, "households")
    assert not does(its, ALIKE, "households")
    assert not does(its, FROZEN, "firms")
    assert not does(None, FROZEN, "households")
    assert its.redrawn_streams == ()
    assert Ablation("speculative_traders", REDRAWN).redrawn_streams
    with pytest.raises(InputError, match="kind of agent 'household' is unknown; nearest: households"):
        Ablation("household", FROZEN)
    with pytest.raises(InputError, match="kind of agent 'xyzzy' is unknown; known: "):
        Ablation("xyzzy", FROZEN)
    with pytest.raises(InputError, match="ablation 'thawed' is unknown"):
        Ablation("households", "thawed")
    with pytest.raises(InputError, match="have no members that differ"):
        Ablation("government", ALIKE)


def test_changed_parameters_are_read_by_attribute() -> None:
    its = ChangedParameters(given(one=1.0, two=2.0), two=5.0)
    assert (its.one, its.two) == (1.0, 5.0)
    with pytest.raises(AttributeError):
        _ = its._three
