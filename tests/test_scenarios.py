"""Scenarios: each bends the world as it says, in the right direction, and files report all their mistakes at once."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from itcho.agents.errors import InputError
from itcho.model.clock import Month
from itcho.model.economy import JapanEconomy
from itcho.model.outside_world import OutsideWorld
from itcho.model.parameters import Parameters
from itcho.model.randomness import Streams
from itcho.model.scenarios import SCENARIOS, Episode, OutsidePath, Scenario, read_scenario, scenario

SMALL = {"investors": 200, "importers": 60, "adopters": 150}
NAMES = (
    "baseline",
    "ai-bust",
    "breakthrough",
    "carry-unwind",
    "chip-supply-disruption",
    "data-centre-cost",
    "delayed-output",
    "early-us-easing",
    "fiscal-doubt",
    "tariff-deadlock",
)


def path_of(name: str | Scenario, years: int = 2, policy: str = "actual") -> pd.DataFrame:
    economy = JapanEconomy(scenario=name, policy=policy, rng=3, years=years, noise=False, **SMALL)
    table = economy.run().monthly_table().set_index("month")
    assert economy.ledger.max_relative_residual < 1e-9
    return table


@pytest.fixture(scope="module")
def baseline() -> pd.DataFrame:
    return path_of("baseline")


def test_the_scenarios_of_the_design_are_there_with_their_evidence() -> None:
    assert tuple(SCENARIOS) == NAMES
    for one in SCENARIOS.values():
        assert one.description
        assert one.evidence


@pytest.mark.parametrize(
    ("name", "outcome", "month", "sign"),
    [
        ("ai-bust", "softbank_equity_index", 23, -1),
        ("ai-bust", "softbank_ltv_pct", 23, 1),
        ("ai-bust", "chip_imports_trn_yen", 23, -1),
        ("ai-bust", "real_gdp_trn_yen", 23, -1),
        ("breakthrough", "domestic_ai_share_home_pct", 23, 1),
        ("breakthrough", "genai_individual_use_pct", 23, 1),
        ("carry-unwind", "usdjpy", 8, -1),
        ("chip-supply-disruption", "chip_imports_trn_yen", 23, -1),
        ("delayed-output", "genai_individual_use_pct", 23, -1),
        ("delayed-output", "domestic_ai_share_home_pct", 23, -1),
        ("early-us-easing", "us_policy_rate_pct", 8, -1),
        ("early-us-easing", "usdjpy", 12, -1),
        ("fiscal-doubt", "jgb_10y_pct", 14, 1),
        ("fiscal-doubt", "usdjpy", 20, 1),
        ("tariff-deadlock", "current_account_trn_yen", 23, -1),
    ],
)
def test_each_moves_what_it_says(baseline: pd.DataFrame, name: str, outcome: str, month: int, sign: int) -> None:
    moved = path_of(name)[outcome].iloc[month] - baseline[outcome].iloc[month]
    assert np.sign(moved) == sign, f"{outcome} moved by {moved:+.4g}"


BENDS = {
    "baseline": set(),
    "ai-bust": {
        *("world_equity_drift_shift_pct", "world_volatility_factor"),
        *("ai_demand_factor", "chip_price_factor", "demand_factor", "us_rate_shift_pp"),
    },
    "breakthrough": {"algorithmic_progress_factor", "catch_up_factor", "data_availability", "usefulness_shift_sd"},
    "carry-unwind": {"world_equity_drift_shift_pct", "world_volatility_factor", "us_rate_shift_pp"},
    "chip-supply-disruption": {"chip_capacity"},
    "data-centre-cost": {"data_centre_cost_factor"},
    "delayed-output": {"usefulness_shift_sd", "algorithmic_progress_factor", "catch_up_factor", "chip_capacity"},
    "early-us-easing": {"us_rate_shift_pp"},
    "fiscal-doubt": {"sovereign_doubt_logit"},
    "tariff-deadlock": {"tariff_relief_share", "us_tariff_pp"},
}
"""What each scenario's name and description speak of."""

REACHES = {
    "us_rate_shift_pp": {"us_policy_rate_pct", "us_10y_pct", "us_rate_path_pct"},
    "import_price_factor": {"goods_price_log", "fuel_price_log"},
    "demand_factor": {"demand_over_trend_log"},
    "ai_demand_factor": {"ai_demand"},
    "world_equity_drift_shift_pct": {"world equity", "AI equity", "news"},
    "ai_equity_drift_shift_pct": {"AI equity"},
    "world_volatility_factor": {"world equity", "AI equity", "news"},
}
"""What of the world outside each bend moves; those that are not here act where they are read."""


def world_of(scenario: Scenario, months: int = 70) -> dict[str, list[object]]:
    """Every series of the world outside in the months of a run under one seed, without the bends themselves."""
    parameters, streams = Parameters(), Streams(4)
    world = OutsideWorld(3.6, 4.2, 2.5, us_rate_path_pct=3.6, us_rate_start_pct=3.6)
    seen: dict[str, list[object]] = {}
    for month in range(months):
        world.advance(month, scenario, parameters, streams)
        returns = zip(
            ("world equity", "AI equity", "news"), world.equity_returns(month, parameters, streams), strict=True
        )
        for name, value in (*vars(world).items(), *((name, each.tolist()) for name, each in returns)):
            if name != "path":
                seen.setdefault(name, []).append(value)
    return seen


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_bends_what_it_names_and_nothing_else(name: str) -> None:
    one, straight = SCENARIOS[name], OutsidePath()
    bent = {
        field.name
        for month in range(120)
        for field in dataclasses.fields(OutsidePath)
        if getattr(one.outside(month), field.name) != getattr(straight, field.name)
    }
    assert bent == BENDS[name]
    assert one.credibility
    before, after = world_of(SCENARIOS["baseline"]), world_of(one)
    moved = {series for series in before if before[series] != after[series]}
    assert moved == set().union(*(REACHES.get(field, set()) for field in bent))


@pytest.mark.parametrize("field", dataclasses.fields(OutsidePath), ids=lambda field: field.name)
def test_one_bend_moves_its_own_series_of_the_world_outside(field: dataclasses.Field[float]) -> None:
    halfway = 0.5 * (float(str(field.default)) + field.metadata["setting"].low)
    bend = Episode(2, 60, OutsidePath(**{field.name: halfway}))
    before, after = world_of(SCENARIOS["baseline"]), world_of(Scenario("x", "X", "x", "x", (bend,)))
    assert {series for series in before if before[series] != after[series]} == REACHES.get(field.name, set())


def test_a_dearer_data_centre_costs_its_builders_and_leaves_import_prices_alone() -> None:
    usual, dearer = (
        JapanEconomy(scenario=name, rng=3, noise=False, **SMALL) for name in ("baseline", "data-centre-cost")
    )
    for _ in range(24):
        usual.step()
        dearer.step()
        assert dearer.outside.goods_price_log == usual.outside.goods_price_log
        assert dearer.outside.fuel_price_usd == usual.outside.fuel_price_usd
    # 35% dearer in real terms: 1.35 ** -0.8 of the plant a month's orders call for, at 1.35 times the price.
    dear, plain = dearer.closed_month.ai, usual.closed_month.ai
    volume = dear.chips.plant_volume_trn_yen.sum() / plain.chips.plant_volume_trn_yen.sum()
    paid = dear.firms.domestic_investment / plain.firms.domestic_investment
    assert 1.35**-0.8 < volume < 0.9
    assert paid == pytest.approx(1.35 * volume, rel=0.02)
    # 44% of the cost of compute is not chips.
    assert dear.chips.compute_cost_index / plain.chips.compute_cost_index > 1.0 + 0.44 * 0.35


def test_a_scenario_touches_nothing_before_it_begins(baseline: pd.DataFrame) -> None:
    for name, months in (("ai-bust", 6), ("carry-unwind", 4), ("chip-supply-disruption", 12)):
        early = path_of(name, 1).iloc[:months]
        pd.testing.assert_frame_equal(early, baseline.iloc[:months], check_exact=True)


def test_episodes_ramp_fade_and_add_up() -> None:
    slope = Episode(0, 6, OutsidePath(us_rate_shift_pp=-2.0), ramp_months=1, fade_months=1)
    level = Episode(2, 2, OutsidePath(us_rate_shift_pp=0.5, chip_capacity=0.5))
    world = Scenario("x", "X", "x", "x", (slope, level))
    assert [world.outside(month).us_rate_shift_pp for month in range(7)] == [-1.0, -2.0, -1.5, -1.5, -2.0, -1.0, 0.0]
    assert [world.outside(month).chip_capacity for month in (1, 2, 4)] == [1.0, 0.5, 1.0]


def test_a_dated_episode_finds_its_months(tmp_path: Path) -> None:
    file = tmp_path / "dated.toml"
    file.write_text(
        'label = "Dated"\ndescription = "x"\nevidence = "x"\n'
        '[[episodes]]\nwhen = "2027-04..2027-06"\nchip_capacity = 0.5\n'
    )
    placed = scenario(file).on_calendar(Month.of("2026-04"))
    assert [placed.outside(month).chip_capacity for month in (11, 12, 14, 15)] == [1.0, 0.5, 0.5, 1.0]
    with pytest.raises(InputError, match="lies outside"):
        scenario(file).on_calendar(Month.of("2027-07"))


def test_all_mistakes_of_a_file_at_once(tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(
        'label = 3\ncredibility = "yes"\nusdjpy = 160\n'
        '[[episodes]]\nwhen = "9..3"\nchip_capacity = 0.5\n'
        '[[episodes]]\nwhen = "1..3"\nchip_capasity = 0.5\nus_rate_shift_pp = 99.0\n'
    )
    with pytest.raises(InputError) as caught:
        read_scenario(file)
    text = "\n".join(caught.value.messages)
    for named in ("label", "credibility", "usdjpy", "9..3", "chip_capasity", "us_rate_shift_pp"):
        assert named in text
    with pytest.raises(InputError, match="carry-unwind"):
        scenario("cary-unwind")
    with pytest.raises(InputError, match="no scenario file"):
        scenario(tmp_path / "missing.toml")


def test_designers_ask_more_while_chips_are_short_and_only_then() -> None:
    name = "chip-supply-disruption"
    answering = JapanEconomy(scenario=name, rng=2)
    silent = JapanEconomy(scenario=name, rng=2, parameters={"ai_chip_price_tightness_elasticity": 0.0})
    markups, paid = [], []
    for month in range(36):
        answering.step()
        silent.step()
        markups.append(answering.closed_month.ai.chips.chip_price_markup)
        paid.append(
            answering.closed_month.ai.chips.ai_firm_imports_trn_yen
            / silent.closed_month.ai.chips.ai_firm_imports_trn_yen
        )
        if month <= 12:
            assert answering.state.usdjpy == pytest.approx(silent.state.usdjpy, rel=1e-12), "nothing is short yet"
    # Capacity falls by 60% in the thirteenth month, and prices follow a month later: 2.5 ** 0.2 at the most.
    assert markups[:13] == pytest.approx([1.0] * 13, abs=1e-9)
    assert 1.1 < markups[13] <= 2.5**0.2 + 1e-9
    assert markups[-1] == pytest.approx(1.0, abs=1e-9)
    assert paid[13] == pytest.approx(markups[13], rel=1e-6), "what is under way is paid at today's price"


def test_an_episode_has_to_bend_something(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[[episodes]]\nwhen = "13..21"\n')
    with pytest.raises(InputError, match="episode 1: it bends nothing"):
        scenario(file)
