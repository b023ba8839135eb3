"""The shocks of the response targets enter where they should, by the figure worked out by hand; outcomes they move."""

from __future__ import annotations

import dataclasses
from typing import Any, cast

import numpy as np
import pytest
from typer.testing import CliRunner

import itcho
from itcho.agents.errors import InputError
from itcho.agents.rules.monetary import InertialTaylor
from itcho.experiments.cli.commands import app
from itcho.experiments.evidence.respond import PairTask, make_pairs
from itcho.experiments.evidence.shocks import (
    HELD_RATE_MONTHS,
    KINDS,
    SHOCKS,
    ConsumptionTax,
    IncomeTaxCut,
    OilPrice,
    ShockPlan,
    ShortRate,
    Twin,
    WorldDemand,
)
from itcho.model.disturbances import Shock
from itcho.model.economy import JapanEconomy


def first_month(*shocks: Shock) -> JapanEconomy:
    economy = JapanEconomy(rng=3, investors=60, importers=50, adopters=60, shocks=shocks)
    economy.step()
    return economy


@pytest.fixture(scope="module")
def twin() -> JapanEconomy:
    return first_month()


def test_dearer_fuel_moves_import_prices_by_its_weight(twin: JapanEconomy) -> None:
    shocked, p = first_month(OilPrice(1.20)), twin.parameters
    assert shocked.outside.fuel_price_usd / twin.outside.fuel_price_usd == pytest.approx(1.20)
    assert shocked.outside.goods_price_log == twin.outside.goods_price_log
    # Fuel in Japan goes part of the way to what follows oil, at once.
    fuel = 1.20 ** (p.fuel_price_oil_share * p.fuel_price_speed_monthly)
    ratio = shocked.state.import_price / twin.state.import_price
    assert ratio == pytest.approx(fuel**p.import_fuel_share)
    assert shocked.state.consumer_price / twin.state.consumer_price == pytest.approx(fuel**p.consumer_energy_share)
    assert shocked.outside.foreign_price_level == twin.outside.foreign_price_level


def test_demand_abroad_raises_exports_by_the_elasticity_of_the_first_month(twin: JapanEconomy) -> None:
    shocked = first_month(WorldDemand(1.01))
    assert shocked.outside.demand / twin.outside.demand == pytest.approx(1.01)
    volumes = shocked.outcomes["export_volume_index"] / twin.outcomes["export_volume_index"]
    assert volumes == pytest.approx(1.01**twin.parameters.export_demand_elasticity_at_once)


def test_factors_on_the_outside_world_do_not_pile_up() -> None:
    economy = JapanEconomy(rng=3, investors=60, importers=50, adopters=60, noise=False, shocks=(WorldDemand(1.01),))
    economy.step()
    economy.step()
    twin = JapanEconomy(rng=3, investors=60, importers=50, adopters=60, noise=False)
    twin.step()
    twin.step()
    assert economy.outside.demand / twin.outside.demand == pytest.approx(1.01)


def test_a_point_of_consumption_tax_is_passed_on_and_collected(twin: JapanEconomy) -> None:
    shocked = first_month(ConsumptionTax(1.0))
    prices = shocked.state.consumer_price / twin.state.consumer_price
    assert prices == pytest.approx(1.0 + 0.71 * 1.0 / 110.0)
    assert shocked.state.domestic_price == twin.state.domestic_price
    base, spent = twin.incomes.base, shocked.closed_month.output.demand.consumption
    added = base["tax_consumption"] * spent / base["consumption"] / 7.8
    assert shocked.incomes.added_consumption_tax(shocked.state, spent) == pytest.approx(added)
    per_yen = base["tax_consumption"] / base["consumption"]
    ordinary = per_yen * (spent - twin.closed_month.output.demand.consumption)
    # A little more is paid in taxes that follow the value of output; on profits less, smoothed over a year.
    collected = shocked.government.year.tax - twin.government.year.tax
    assert collected == pytest.approx(added + ordinary, rel=0.05)
    # Profits have the higher prices and not the tax.
    sold = shocked.state.nominal_gdp - twin.state.nominal_gdp
    wages = shocked.closed_month.output.wage_bill - twin.closed_month.output.wage_bill
    potential = shocked.state.potential_gdp - twin.state.potential_gdp
    fixed = twin.incomes.fixed_cost_base / base["potential"] * twin.state.domestic_price * potential
    gained = sold * (1.0 - base["mixed"] / base["gdp"]) - wages - added - fixed
    assert shocked.state.profits - twin.state.profits == pytest.approx(gained, abs=1e-9)


def test_a_cut_of_income_tax_reaches_households_and_nobody_else(twin: JapanEconomy) -> None:
    shocked = first_month(IncomeTaxCut(1.0))
    cut = 0.01 / 12.0 * twin.state.nominal_gdp_four_quarters
    assert twin.government.year.tax - shocked.government.year.tax == pytest.approx(cut)
    # What they keep earns a month's interest on deposits, which banks with own funds in excess cannot pay out of these.
    moved = twin.state.policy_rate_pct - twin.incomes.policy_rate_start_pct
    rate = twin.incomes.deposit_yield["households"] + twin.parameters.deposit_rate_pass_through * moved / 100.0
    gained = shocked.incomes.disposable_income - twin.incomes.disposable_income
    paid_out = twin.parameters.excess_funds_payout_share_year / 12.0
    with_excess, without = (cut * (1.0 + rate / 12.0 * (1.0 - part)) for part in (paid_out, 0.0))
    assert gained in (pytest.approx(with_excess, rel=1e-9), pytest.approx(without, rel=1e-9))
    assert shocked.state.profits == twin.state.profits
    ratio = shocked.outcomes["fiscal_balance_pct_gdp"] - twin.outcomes["fiscal_balance_pct_gdp"]
    assert ratio == pytest.approx(-1.0 / 12.0, abs=2e-3)


def test_an_announced_rate_is_set_believed_and_then_left_to_the_rule(twin: JapanEconomy) -> None:
    bank, p = twin.bank_of_japan, twin.parameters
    rule = InertialTaylor()
    bank.announce([1.0, 1.5, 2.0, 3.0, 3.0, 3.0, 9.0])
    path, terminal = bank.expected_path_pct(twin.state, p, rule=rule)
    # Two whole quarters are believed; the odd month is no quarter.
    assert path[:2] == pytest.approx([1.5, 3.0])
    gap = twin.state.smoothed_gap_pct * p.expected_gap_persistence_quarterly**3
    excess = bank.average_inflation_pct - p.inflation_target_pct
    excess *= p.expected_inflation_persistence_quarterly**3
    excess -= bank.looked_through_pp * bank.looked_through_left**3
    neutral = bank.natural_real_rate_pct + p.inflation_target_pct
    wanted = neutral + rule.inflation_response * excess + rule.gap_response * gap
    assert path[2] == pytest.approx(rule.inertia * 3.0 + (1.0 - rule.inertia) * wanted)
    assert (len(path), terminal) == (40, pytest.approx(neutral))
    bank.announce(None)
    assert not bank.follow_announcement()


def test_the_short_rate_is_the_twins_and_a_point_more_for_twelve_quarters() -> None:
    made = make_pairs(PairTask(2, {"short-rate": 42}, noise=False))
    assert not made.failure
    pair = made.by_shock["short-rate"]
    rates, usual = pair.shocked.monthly["policy_rate_pct"], pair.twin.monthly["policy_rate_pct"]
    assert rates[:HELD_RATE_MONTHS] == pytest.approx(usual[:HELD_RATE_MONTHS] + 1.0)
    # The rule goes on in steps from where the promise left it.
    after = rates[HELD_RATE_MONTHS:]
    assert np.all(np.abs(np.diff(rates[HELD_RATE_MONTHS - 1 :])) <= 0.5)
    assert after[-1] < rates[HELD_RATE_MONTHS - 1]
    # Markets hear of it in the first month: twelve of forty quarters a point higher, and some of what follows.
    moved = pair.shocked.monthly["jgb_10y_pct"][0] - pair.twin.monthly["jgb_10y_pct"][0]
    assert 0.30 < moved < 0.60


def test_a_short_run_hears_the_whole_announcement() -> None:
    short = make_pairs(PairTask(2, {"short-rate": 1}, noise=False)).by_shock["short-rate"]
    assert short.twin.monthly["policy_rate_pct"].shape == (1,)
    longer = make_pairs(PairTask(2, {"short-rate": 3}, noise=False)).by_shock["short-rate"]
    assert short.shocked.monthly["jgb_10y_pct"][0] == longer.shocked.monthly["jgb_10y_pct"][0]
    assert ShortRate((0.5, 0.75)).points == 1.0


def test_outcomes_of_trade_income_and_balances_are_what_the_books_say(twin: JapanEconomy) -> None:
    seen, state, month = twin.outcomes, twin.state, twin.closed_month
    demand, base = month.output.demand, twin.goods.base
    assert seen["import_volume_index"] == pytest.approx(demand.imports / state.import_price / base.imports)
    assert seen["real_consumption_trn_yen"] == pytest.approx(12.0 * demand.consumption / state.consumer_price)
    assert seen["corporate_income_trn_yen"] == pytest.approx(12.0 * state.profits)
    assert seen["consumer_price_index"] == state.consumer_price
    current = twin.ledger.history[-1].current
    government = [twin.ledger.party_index[name] for name in ("government", "ai_special_account",
                                                             "local_and_social_security")]  # fmt: skip
    opening = twin.start_state.net_lending("government")
    year = 11.0 / 12.0 * opening + current[:, government].sum()
    assert seen["fiscal_balance_pct_gdp"] == pytest.approx(100.0 * year / state.nominal_gdp_four_quarters)
    ratio = 100.0 * seen["current_account_trn_yen"] / state.nominal_gdp_four_quarters
    assert seen["current_account_pct_gdp"] == pytest.approx(ratio)


def test_outcomes_at_the_start_are_the_published_year() -> None:
    economy = JapanEconomy(rng=1, investors=60, importers=50, adopters=60)
    seen = economy.outcomes
    assert seen["export_volume_index"] == seen["import_volume_index"] == seen["consumer_price_index"] == 1.0
    assert seen["real_consumption_trn_yen"] == pytest.approx(12.0 * economy.goods.base.consumption)
    assert seen["corporate_income_trn_yen"] == pytest.approx(12.0 * economy.incomes.profit_base)
    balance = 100.0 * economy.start_state.net_lending("government") / economy.state.nominal_gdp_four_quarters
    assert seen["fiscal_balance_pct_gdp"] == pytest.approx(balance)


TWIN = Twin(np.linspace(150.0, 160.0, 21 * 36), np.linspace(0.75, 1.5, 36))


@pytest.mark.parametrize(
    ("name", "size", "figure", "wanted"),
    [
        ("yen", -1.0, "factor", 0.90),
        ("yen", 0.5, "factor", 1.05),
        ("short-rate", 0.5, "points", 0.5),
        ("oil", -1.0, "factor", 0.80),
        ("world-demand", 2.0, "factor", 1.02),
        ("public-investment", -1.0, "pct_gdp", -1.0),
        ("consumption-tax", 2.0, "points", 2.0),
        ("income-tax-cut", 0.5, "pct_gdp", 0.5),
        ("chip-cut", 0.25, "capacity", 0.75),
        ("intervention", 0.5, "sold_bn_usd", 32.0),
    ],
)
def test_a_size_is_how_many_times_the_shock_is_away_from_none(
    name: str, size: float, figure: str, wanted: float
) -> None:
    assert getattr(SHOCKS[name].make(TWIN, size), figure) == pytest.approx(wanted)


def test_shocks_that_follow_the_twin_take_its_own_path() -> None:
    rate = SHOCKS["short-rate"].make(TWIN, 1.0)
    assert isinstance(rate, ShortRate)
    assert rate.twin_rates_pct == tuple(TWIN.policy_rate_pct)
    assert SHOCKS["yen"].make(TWIN, 1.0).twin_usdjpy == tuple(TWIN.usdjpy)  # type: ignore[attr-defined]


@pytest.mark.parametrize("plan", SHOCKS.values(), ids=SHOCKS)
def test_the_plain_size_is_the_shock_that_the_table_tells_of(plan: ShockPlan) -> None:
    given = plan.make(TWIN, 1.0)
    told = {field.name: field.default for field in dataclasses.fields(given)}  # type: ignore[arg-type]
    fields = {name: value for name, value in told.items() if value is not dataclasses.MISSING}
    assert {name: getattr(given, name) for name in fields} == pytest.approx(fields)


def test_a_stronger_yen_halved_and_turned_round_is_held() -> None:
    task = PairTask(2, {"yen": 2}, size=-1.0)
    pair = make_pairs(task).by_shock["yen"]
    assert pair.shocked.usdjpy / pair.twin.usdjpy == pytest.approx(np.full(42, 0.90))


def test_sizes_out_of_bounds_are_told() -> None:
    for arguments, told in (
        (["yen", "--size", "4"], "--size = 4 must be from -3 to 3 and not 0 for yen"),
        (["yen", "--size", "0"], "not 0 for yen"),
        (["chip-cut", "--size", "-1"], "--size = -1 must be from 0 to 1 and not 0 for chip-cut"),
        (["ltv", "--size", "2"], "--size = 2 must be 1 for ltv"),
    ):
        wrong = CliRunner().invoke(app, ["respond", *arguments])
        assert wrong.exit_code == 2
        assert told in wrong.output


_WRONG: tuple[object, ...] = ("x", None, float("nan"), float("inf"), 1e308, True, [1.0], 1j)


@pytest.mark.parametrize("name", list(KINDS))
def test_settings_that_are_no_numbers_or_names_are_told_when_a_shock_is_made(name: str) -> None:
    fields = {
        field.name: str(field.type) for field in dataclasses.fields(cast(Any, KINDS[name])) if field.name != "name"
    }
    paths = {field: (0.5,) for field, kind in fields.items() if kind == "tuple[float, ...]"}
    numbers = [field for field, kind in fields.items() if kind in ("int", "float")]
    itcho.shock(name, **paths)
    for field in numbers:
        for value in (*_WRONG, *((1.5, -1) if fields[field] == "int" else ())):
            with pytest.raises(InputError, match=f"shock '{name}': {field} is .*; it must be a"):
                itcho.shock(name, **paths, **{field: cast(Any, value)})
    for field in paths:
        with pytest.raises(InputError, match=f"{field} is .*; it must be a tuple of numbers"):
            itcho.shock(name, **{field: cast(Any, (0.5, "x"))})


@pytest.mark.parametrize(
    ("name", "settings", "told"),
    [
        ("supplier-stop", {"supplier": "nvidea"}, "supplier 'nvidea' is unknown; nearest: nvidia"),
        ("supplier-outage", {"supplier": "tmsc"}, "supplier 'tmsc' is unknown; nearest: tsmc"),
        ("supplier-stop", {"supplier": 5}, "supplier is 5; it must be a name"),
        ("supplier-stop", {"capacity": -0.1}, "capacity is -0.1; it must be a number not below 0"),
        ("oil", {"factor": 0.0}, "factor is 0.0; it must be a number above 0"),
        ("intervention", {"sessions": 0}, "sessions is 0; it must be a whole number above 0"),
        ("supplier-outage", {"restart_days": 0.0}, "restart_days is 0.0; it must be a number above 0"),
        ("graph-rewired", {"month": "6"}, "month is '6'; it must be a whole number not below 0"),
    ],
)
def test_a_shock_that_would_do_nothing_or_break_a_month_is_none(name: str, settings: Any, told: str) -> None:
    with pytest.raises(InputError) as caught:
        itcho.shock(name, **settings)
    assert str(caught.value) == f"shock '{name}': {told}"


def test_all_settings_of_a_shock_are_told_at_once_and_those_of_numpy_are_numbers() -> None:
    with pytest.raises(InputError) as caught:
        itcho.shock("supplier-stop", supplier="nvidea", capacity="all", months=-1)  # type: ignore[arg-type]
    assert len(caught.value.messages) == 3
    assert itcho.shock("policy-rate", points=np.float32(0.5), months=np.int64(6))  # type: ignore[arg-type]
    assert itcho.shock("supplier-stop", supplier="tokyo_electron")
