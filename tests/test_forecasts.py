"""Forecasts: laws and rivals with known answers, draws that come back, a forecast that cannot see what comes later."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from itcho.agents.errors import InputError
from itcho.experiments.cli.commands import app
from itcho.experiments.data.origin_data import OriginData, origin_data
from itcho.experiments.forecasts import draws as draws_file
from itcho.experiments.forecasts import paths as model_paths
from itcho.experiments.forecasts.history import figures_at, last_figure, what_happened
from itcho.experiments.forecasts.laws import (
    first_order_law,
    laws_at,
    monthly_persistence,
    monthly_sd,
    parameters_with,
)
from itcho.experiments.forecasts.protocol import CONDITIONAL, FROZEN, HORIZONS, MODEL, SERIES
from itcho.experiments.forecasts.uncertainty import (
    _triangular,
    dated_constants,
    drawn_parameters,
    drawn_rule,
    parameters_of_path,
)
from itcho.experiments.openings.make import make_start_state
from itcho.model.parameters import registry
from itcho.model.randomness import Streams
from itcho.model.start_states import load
from itcho.model.start_states.start_state import Constant
from tests.forecast_history import ORIGIN, scrambled, write_history

DAY = date.fromisoformat(ORIGIN)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_history(tmp_path_factory.mktemp("history"))


@pytest.fixture(scope="module")
def data(folder: Path) -> OriginData:
    return origin_data(folder, DAY)


def with_series(data: OriginData, name: str, values: np.ndarray) -> OriginData:
    """The same data with other figures of one series, the last of them in the quarter that ends at the origin."""
    quarters = pd.period_range(end=pd.Period(data.origin, freq="Q"), periods=len(values), freq="Q")
    rows = pd.DataFrame(
        {"series": name, "date": [str(one.start_time.date()) for one in quarters], "value": values}
    ).reindex(columns=data.quarterly.columns, fill_value="")
    others = data.quarterly[data.quarterly["series"] != name]
    return replace(data, quarterly=pd.concat([others, rows], ignore_index=True))


def test_targets_are_growth_at_annual_rate_and_levels(data: OriginData) -> None:
    grown = with_series(data, "gdp_real", 100.0 * np.array([1.0, 1.01, 1.01]))
    figures = figures_at(grown)["real_gdp_growth_pct"].dropna()
    assert figures.tolist() == pytest.approx([400.0 * math.log(1.01), 0.0])
    assert figures.index[-1] == pd.Period("2024Q1", freq="Q")
    assert last_figure(data, "usdjpy") == pytest.approx(1.01 * figures_at(data)["usdjpy"].iloc[-1], rel=1e-6)
    assert last_figure(data, "cpi_yoy_pct") is None


def test_a_fiscal_year_stands_in_the_quarter_that_ends_it(data: OriginData) -> None:
    deficit = figures_at(data)["government_deficit_trn_yen_fy"].dropna()
    assert set(deficit.index.quarter) == {1}
    of_government = data.flows["sector"] == "general_government_incl_public_pensions"
    rows = data.flows[of_government & (data.flows["flow"] == "balance.net_lending")].sort_values("period_end")
    assert deficit.tolist() == (-rows["value"]).tolist()


def test_drift_is_the_mean_growth_of_forty_quarters(data: OriginData) -> None:
    grown = with_series(
        data, "gdp_real", np.exp(np.concatenate([np.arange(30) * 0.01, 0.29 + np.arange(1, 41) * 0.002]))
    )
    assert laws_at(grown)["trend_potential_growth_pct"] == pytest.approx(0.8)


def test_laws_carry_quarters_over_to_months(data: OriginData) -> None:
    assert first_order_law(np.array([8.0, 4.0, 2.0, 1.0])) == (0.5, 0.0)
    assert monthly_persistence(0.512) == pytest.approx(0.8)
    assert monthly_persistence(-0.3) == 0.0
    # Means of three months of a random walk: changes weigh its five months 1, 2, 3, 2, 1 thirds.
    assert monthly_sd(math.sqrt(1 + 4 + 9 + 4 + 1) / 3.0) == pytest.approx(1.0)
    rates = with_series(data, "us_policy_rate_avg", np.where(np.arange(60) % 2, 3.0, 2.0))
    # A rate that alternates has no persistence; it is kept where a path still has a memory.
    assert laws_at(rates)["us_rate_shock_persistence"] == registry()["us_rate_shock_persistence"].low


def test_laws_of_series_that_are_missing_are_left_to_the_registry(data: OriginData) -> None:
    without = replace(data, quarterly=data.quarterly[data.quarterly["series"] != "exports_real"])
    assert not any(name.startswith("world_demand") for name in laws_at(without))
    assert "us_rate_shock_sd_pp_monthly" in laws_at(without)


def test_estimates_may_lie_beyond_what_a_user_may_choose() -> None:
    assert parameters_with({"trend_potential_growth_pct": -1.5}).trend_potential_growth_pct == -1.5
    assert parameters_with({"us_neutral_rate_pct": 3.0}).us_neutral_rate_pct == 3.0


def test_what_is_drawn_is_the_same_at_every_origin_and_within_bounds() -> None:
    first, second = (drawn_parameters(1, path) for path in (1, 2))
    assert first == drawn_parameters(1, 1)
    assert first != second
    known = registry()
    assert all(known[name].low <= value <= known[name].high for name, value in first.items())
    assert {known[name].known for name in first} <= {"memory", "judgement", "calibrated"}
    rule = drawn_rule(1, 1)
    assert 0.80 <= rule.inertia <= 0.94
    assert 0.1 <= rule.gap_response <= 1.0
    gap = Constant("opening_output_gap_pct", 0.2, -0.5, 0.8, "pct", "computed", "made up")
    sure = replace(gap, name="inflation_target_pct", value=2.0, low=None, high=None)
    dated = {one.name: one for one in (gap, sure)}
    assert dated_constants(dated, "central", 1, 1) == {"opening_output_gap_pct": 0.2, sure.name: 2.0}
    drawn = [dated_constants(dated, "plausible", 1, path) for path in range(1, 400)]
    gaps = [one["opening_output_gap_pct"] for one in drawn]
    assert np.mean(gaps) == pytest.approx((-0.5 + 0.2 + 0.8) / 3.0, abs=0.05)
    assert -0.5 < min(gaps) < -0.3
    assert {one[sure.name] for one in drawn} == {2.0}
    together = parameters_of_path(dated, "plausible", 1, 1)
    assert together[sure.name] == 2.0
    assert together["okun_coefficient"] == first["okun_coefficient"]
    assert parameters_of_path(dated, "central", 1, 1) == dated_constants(dated, "central", 1, 1)
    # A triangle has the part of its peak below it, and a quarter of that below half the way.
    assert _triangular(0.25, 0.0, 1.0, 4.0) == pytest.approx(1.0)
    assert _triangular(0.0625, 0.0, 1.0, 4.0) == pytest.approx(0.5)


def test_draws_come_back(tmp_path: Path) -> None:
    values = np.arange(2 * len(SERIES) * len(HORIZONS), dtype=float).reshape(2, len(SERIES), len(HORIZONS)) / 7.0
    values[0, 8, :2] = np.nan
    (tmp_path / "draws.csv").write_text(draws_file.draws_text({ORIGIN: values}), encoding="utf-8")
    read = draws_file.read_draws(tmp_path)
    assert read.variants == (MODEL,)
    np.testing.assert_allclose(read.of(MODEL)[DAY], values, rtol=1e-8)


def test_all_mistakes_of_draws_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no draws\.csv"):
        draws_file.read_draws(tmp_path)
    (tmp_path / "draws.csv").write_text(
        "origin,series,horizon_quarters,path,value\n"
        "2024-03-31,usdjpy,1,1,150\n2024-03-31,usdjpy,1,1,151\n2024-03-31,yen,1,1,1\n2024-03-31,usdjpy,3,1,1\n"
        "2024-3,usdjpy,1,2,1\n2024-03-31,usdjpy,2,0,inf\n2024-03-31,usdjpy,4,2000000000,1\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        draws_file.read_draws(tmp_path)
    told = "\n".join(caught.value.messages)
    for said in (
        "line 3: this path of this series and horizon stands twice",
        "line 4: series = yen is not one of",
        "line 5: horizon_quarters = 3 is not one of 1, 2, 4, 8, 12",
        "line 6: origin = 2024-3 is not a date",
        "line 7: path = 0 is not",
        "line 8: path = 2000000000 is not a whole number from 1 to 100,000",
        "line 7: value = inf is not a finite number",
    ):
        assert said in told


def forecast(folder: Path, out: Path, *more: str) -> None:
    asked = ["forecast", "run", "--data", str(folder), "--origin", ORIGIN, "--paths", "2", "--workers", "1"]
    done = CliRunner().invoke(app, [*asked, "--out", str(out), *more])
    assert done.exit_code == 0, done.output


def test_a_forecast_cannot_see_what_comes_later(folder: Path, tmp_path: Path) -> None:
    """Everything after the origin replaced by noise, and another number of processes: the same files, bit for bit."""
    noise = scrambled(folder, tmp_path / "noise")
    variants = ("--variant", MODEL, "--variant", FROZEN)
    forecast(folder, tmp_path / "a", *variants)
    forecast(noise, tmp_path / "b", *variants, "--workers", "2")
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == ["draws.csv", "draws_frozen.csv", "manifest.json"]
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    manifest = json.loads((tmp_path / "a" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["origins"][ORIGIN]["data_sha256"]["quarterly_long.csv"]
    drift = figures_at(origin_data(folder, DAY))["real_gdp_growth_pct"].dropna().iloc[-40:].mean()
    assert manifest["origins"][ORIGIN]["estimated"]["trend_potential_growth_pct"] == pytest.approx(drift)
    happened = what_happened(folder), what_happened(noise)
    assert not happened[0].loc["2024Q2":].equals(happened[1].loc["2024Q2":])
    frozen = draws_file.read_draws(tmp_path / "a").of(FROZEN)[DAY]
    opened = make_start_state(folder, DAY).state.fact("unemployment_rate_pct")
    assert np.ptp(frozen[:, SERIES.index("policy_rate_pct")]) == 0.0
    # Nothing but who looks for work moves unemployment: its rate of the start, and news that is slowly forgotten.
    for path, found in enumerate(frozen[:, SERIES.index("unemployment_pct")].tolist(), start=1):
        lasts = drawn_parameters(1, path)["natural_unemployment_persistence"]
        streams, moved, months = Streams(model_paths.path_seed(1, path, ORIGIN)), 0.0, []
        for month in range(3 * HORIZONS[-1]):
            news = float(streams.normals("participation", month, 1)[0])
            moved = lasts * moved + registry()["natural_unemployment_sd_pp"].value * news
            months.append(opened + moved)
        assert found == pytest.approx([np.mean(months[3 * ahead - 3 : 3 * ahead]) for ahead in HORIZONS], abs=1e-6)
    assert np.ptp(frozen[:, SERIES.index("usdjpy")]) > 0.0


def test_the_conditional_track_is_given_the_us_rate_and_oil() -> None:
    origin = model_paths.Origin(ORIGIN, load(ORIGIN), {}, (7.0,) * 6, (math.log(2.0),) * 6)
    task = model_paths.PathTask(origin, CONDITIONAL, "central", 1, (1,))
    economy = model_paths.economy_of(task, 1)
    free = model_paths.economy_of(replace(task, variant=MODEL), 1)
    for _ in range(6):
        economy.step()
        free.step()
    outside = economy.world.outside
    assert outside.us_policy_rate_pct == pytest.approx(7.0)
    assert outside.fuel_price_usd == pytest.approx(2.0)
    assert free.world.outside.us_policy_rate_pct != pytest.approx(7.0, abs=0.5)


def test_settings_stand_over_what_is_drawn_and_estimated() -> None:
    """One path with and without a setting: the setting is in force, and setting what stands changes no bit."""
    origin = model_paths.Origin("2024-03-31", load("2024-03-31"), {"trend_potential_growth_pct": 0.6})
    task = model_paths.PathTask(origin, MODEL, "plausible", 1, (1,))
    usual = model_paths.economy_of(task, 1)
    assert usual.parameters.trend_potential_growth_pct == 0.6
    other = model_paths.economy_of(replace(task, settings={"trend_potential_growth_pct": 0.3}), 1)
    assert other.parameters.trend_potential_growth_pct == 0.3
    same = model_paths.economy_of(replace(task, settings={"trend_potential_growth_pct": 0.6}), 1)
    for economy in (usual, other, same):
        for _ in range(3):
            economy.step()
    pd.testing.assert_frame_equal(usual.monthly_table(), same.monthly_table(), check_exact=True)
    assert not usual.monthly_table().equals(other.monthly_table())


def test_rule_settings_are_no_news_of_the_first_month() -> None:
    """The opening curve holds the path's own rule: a rule that wants more does not jump at the opening."""
    origin = model_paths.Origin(ORIGIN, load(ORIGIN), {})
    yields = []
    for path in (1, 2, 3):
        economy = model_paths.economy_of(model_paths.PathTask(origin, MODEL, "plausible", 1, (path,)), path)
        before = economy.state.yields_pct[10.0]
        economy.world.bonds.curve()
        yields.append(economy.world.bonds.yields_pct[10.0] - before)
    assert yields == pytest.approx([0.0] * 3, abs=1e-12)


def test_all_mistakes_of_a_request_are_told_before_anything_is_run(folder: Path, tmp_path: Path) -> None:
    asked = ["forecast", "run", "--data", str(folder), "--origin", "2013-03-31", "--origin", "March", "--paths", "0"]
    done = CliRunner().invoke(app, [*asked, "--out", str(folder)])
    assert done.exit_code == 2
    for said in ("--paths = 0", "--origin March is not a date", "already holds something", "--origin 2013-03-31: the"):
        assert said in done.stderr
    nothing = CliRunner().invoke(app, ["forecast", "run", "--out", str(tmp_path / "new")])
    assert nothing.exit_code == 2
    assert "--data is missing" in nothing.stderr
    assert not (tmp_path / "new").exists()
