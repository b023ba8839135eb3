"""Hindcast: scores with known answers, quarters from months, files with mistakes, and what the model may not see."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm
from typer.testing import CliRunner

from itcho.agents.errors import InputError
from itcho.experiments.cli.commands import app
from itcho.experiments.evidence.calibration import (
    calibrated,
    rows_that_inform_nothing,
    targets_of_parameters,
    validation_rows,
)
from itcho.experiments.evidence.forecast_scores import (
    GaussianForecast,
    coverage,
    fair_ensemble_crps,
    first_order_autoregression,
    gaussian_crps,
    lognormal_crps,
    pit_counts,
    random_walk,
)
from itcho.experiments.evidence.hindcast import (
    HindcastTask,
    KnownUSRate,
    by_quarter,
    hindcast,
    packaged_history,
    plan_hindcast,
    run_hindcast,
    us_rate_by_month,
)
from itcho.experiments.evidence.hindcast_files import COLUMNS, SCORED, QuarterlyFigures, parse_quarterly
from itcho.experiments.evidence.hindcast_report import fan_csv, html_page, markdown
from itcho.model.clock import Month
from itcho.model.economy import JapanEconomy
from itcho.model.start_states import load

HAPPENED = """date,usdjpy,jgb_10y_pct,policy_rate_pct,cpi_yoy_pct,nominal_gdp_trn_yen,gdp_base_year,chip_imports_trn_yen
2024-04-01,155,1.0,0.1,2.7,630,2020,1.8
2024-07-01,150,0.9,0.2,2.8,635,2020,1.9
"""
SCORES = (
    *("coverage_50", "coverage_90", "crps", "rmse", "rw_crps", "rw_rmse", "ar1_crps", "ar1_rmse"),
    *("last_month_crps", "last_month_rmse"),
)
TRACKS = ("conditional", "unconditional")


@pytest.fixture(scope="module")
def happened() -> QuarterlyFigures:
    return parse_quarterly(HAPPENED, "happened")


def quarterly(first: str, values: np.ndarray, column: str = "usdjpy") -> QuarterlyFigures:
    begin = Month.of(first)
    return QuarterlyFigures(tuple(begin.plus(3 * place) for place in range(len(values))), {column: values})


def test_gaussian_crps_is_the_integral_that_defines_it() -> None:
    grid = np.linspace(-40.0, 60.0, 400_001)
    for mean, sd, actual in ((0.0, 1.0, 0.0), (5.0, 3.0, 11.0), (2.0, 0.5, -1.0)):
        integrand = (norm.cdf(grid, mean, sd) - (grid >= actual)) ** 2
        assert gaussian_crps(mean, sd, actual) == pytest.approx(np.trapezoid(integrand, grid), rel=1e-4)
    assert gaussian_crps(1.0, 0.0, 3.5) == 2.5


def test_ensemble_crps_agrees_with_the_closed_form_and_does_not_reward_small_ensembles() -> None:
    rng = np.random.default_rng(3)
    assert fair_ensemble_crps(rng.normal(5.0, 3.0, 200_000), 9.0) == pytest.approx(
        gaussian_crps(5.0, 3.0, 9.0), rel=0.01
    )
    small = np.mean([fair_ensemble_crps(members, 9.0) for members in rng.normal(5.0, 3.0, (40_000, 3))])
    assert small == pytest.approx(gaussian_crps(5.0, 3.0, 9.0), rel=0.02)
    members = np.array([1.0, 4.0, 2.0])
    pairs = np.mean([abs(a - b) for i, a in enumerate(members) for j, b in enumerate(members) if i != j])
    assert fair_ensemble_crps(members, 3.0) == pytest.approx(np.abs(members - 3.0).mean() - pairs / 2.0)
    with pytest.raises(ValueError, match="two members"):
        fair_ensemble_crps(np.array([1.0]), 1.0)


def test_coverage_counts_quarters_inside_the_band() -> None:
    members = np.tile(np.arange(101.0)[:, None], (1, 4))
    actuals = np.array([50.0, 20.0, 3.0, 25.0])
    assert coverage(members, actuals, 0.5) == 0.5
    assert coverage(members, actuals, 0.9) == 0.75
    rng = np.random.default_rng(5)
    truth = rng.normal(size=4000)
    assert coverage(rng.normal(size=(400, 4000)), truth, 0.9) == pytest.approx(0.9, abs=0.02)


def test_random_walk_stands_still_and_spreads_with_the_root_of_the_horizon() -> None:
    rng = np.random.default_rng(7)
    history = np.cumsum(rng.normal(0.0, 2.0, 4000))
    history[10] = math.nan
    walk = random_walk(history, 150.0, np.array([1, 4, 9]))
    assert walk is not None
    assert walk.mean.tolist() == [150.0] * 3
    assert walk.sd / walk.sd[0] == pytest.approx([1.0, 2.0, 3.0])
    assert walk.sd[0] == pytest.approx(2.0, rel=0.05)
    assert random_walk(history[:6], 150.0, np.array([1])) is None
    assert random_walk(history, math.nan, np.array([1])) is None


def test_autoregression_recovers_its_law_and_forgets_where_it_began() -> None:
    rng = np.random.default_rng(11)
    history = np.zeros(20_000)
    for place in range(1, history.size):
        history[place] = 1.0 + 0.8 * history[place - 1] + rng.normal(0.0, 0.5)
    found = first_order_autoregression(history, 0.0, np.array([1, 2, 60]))
    assert found is not None
    assert found.mean == pytest.approx([1.0, 1.8, 5.0], abs=0.1)
    assert found.sd == pytest.approx([0.5, 0.5 * math.sqrt(1.64), 0.5 / 0.6], rel=0.03)
    assert first_order_autoregression(np.full(30, 0.1), 0.1, np.array([1])) is None
    assert first_order_autoregression(history[:10], 0.1, np.array([1])) is None


def test_a_gaussian_forecast_is_scored_quarter_by_quarter() -> None:
    forecast = GaussianForecast(np.array([1.0, 2.0]), np.array([1.0, 2.0]))
    assert forecast.crps(np.array([1.0, 2.0])) == pytest.approx(1.5 * gaussian_crps(0.0, 1.0, 0.0))
    assert forecast.rmse(np.array([4.0, 6.0])) == pytest.approx(math.sqrt(12.5))


def test_quarters_are_means_and_chip_imports_sums() -> None:
    months = np.array([1.0, 2.0, 3.0, 10.0, 10.0, 13.0])
    assert by_quarter("usdjpy", months).tolist() == [2.0, 11.0]
    assert by_quarter("nominal_gdp_trn_yen", months).tolist() == [2.0, 11.0]
    assert by_quarter("chip_imports_trn_yen", months).tolist() == [6.0, 33.0]


def test_monthly_figures_are_those_of_the_economy() -> None:
    """Gross domestic product at a yearly rate and a quarter's chip imports from the trailing outcomes' own months."""
    run = run_hindcast(HindcastTask(1, "2024-03-31", "none", 12, (math.nan,) * 12))
    economy = JapanEconomy(start="2024-03-31", policy="none", rng=1)
    assert run.opening["nominal_gdp_trn_yen"] == pytest.approx(4.0 * sum(list(economy.state.nominal_gdp_history)[-3:]))
    assert 1.0 < run.opening["nominal_gdp_trn_yen"] / load("2024-03-31").fact("nominal_gdp_trn_yen_fy") < 1.03
    economy.run(1)
    table = economy.monthly_table()
    assert by_quarter("nominal_gdp_trn_yen", run.monthly["nominal_gdp_trn_yen"]).mean() == pytest.approx(
        table["nominal_gdp_trn_yen"].iloc[-1]
    )
    assert run.monthly["chip_imports_trn_yen"].sum() == pytest.approx(table["chip_imports_trn_yen"].iloc[-1])
    assert run.monthly["usdjpy"] == pytest.approx(table["usdjpy_average"].to_numpy())
    daily = economy.daily_table().groupby("month")["jgb_10y_pct"].mean()
    assert run.monthly["jgb_10y_pct"] == pytest.approx(daily.to_numpy())


def test_the_us_rate_is_what_it_was_and_goes_on_from_there() -> None:
    known = (5.33, 5.0, 4.0)
    free = JapanEconomy(start="2024-03-31", policy="none", rng=4)
    held = JapanEconomy(start="2024-03-31", policy="none", rng=4, shocks=(KnownUSRate(known),))
    p, moves, ten_years, lasting = held.parameters, [], [], []
    for month in range(6):
        outside = held.outside
        before = outside.us_policy_rate_pct, outside.us_10y_pct, outside.natural_drift_pp, outside.us_premium_pp
        free.step()
        held.step()
        # The long rate held the path expected at the start.
        expected = held.outside.expected_us_rate_pct(month, p) - held.outside.expected_us_rate_pct(month - 1, p)
        moves.append(held.outside.us_policy_rate_pct - before[0] - expected)
        ten_years.append(held.outside.us_10y_pct - before[1])
        # What drifts moves it by all, a premium by itself.
        drifted, premium = held.outside.natural_drift_pp - before[2], held.outside.us_premium_pp - before[3]
        lasting.append((1.0 - p.us_10y_pass_through) * drifted + premium)
        if len(moves) <= 3:
            assert held.outside.us_policy_rate_pct == pytest.approx(known[len(moves) - 1])
    gap = held.outside.us_policy_rate_pct - free.outside.us_policy_rate_pct
    assert gap == pytest.approx(4.0 - free.monthly_table()["us_policy_rate_pct"].iloc[2])
    assert ten_years == pytest.approx(
        [p.us_10y_pass_through * move + rest for move, rest in zip(moves, lasting, strict=True)]
    )


def test_the_us_rate_comes_from_the_file_and_else_from_the_table() -> None:
    actuals = QuarterlyFigures(
        (Month(2024, 7), Month(2024, 10)), {"us_policy_rate_pct": np.array([9.0, math.nan]), "usdjpy": np.zeros(2)}
    )
    rates = us_rate_by_month(Month(2024, 4), 24, actuals)
    assert rates[:9] == (5.33, 5.33, 5.33, 9.0, 9.0, 9.0, 4.83, 4.58, 4.33)
    assert rates[16:21] == (4.33, 4.08, 3.83, 3.83, 3.58)
    assert all(math.isnan(rate) for rate in rates[21:])
    assert all(math.isnan(rate) for rate in us_rate_by_month(Month(2026, 4), 6, QuarterlyFigures((), {})))


def test_packaged_history_ends_before_any_hindcast() -> None:
    history = packaged_history()
    assert set(history.columns) == set(COLUMNS)
    assert (history.quarters[0], history.quarters[-1]) == (Month(2000, 1), Month(2020, 10))
    assert np.isfinite(history.columns["chip_imports_trn_yen"]).sum() == 15


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    text = "date,usdjpy,dollar,cpi_yoy_pct\n2024-04-01,155,1,x\n2024-05-01,1,1,1\nApril,1,1,1\n2024-04-01,-3,1,inf\n1\n"
    with pytest.raises(InputError) as caught:
        parse_quarterly(text, "f.csv")
    told = "\n".join(caught.value.messages)
    parts = ("'dollar' is unknown", "line 2: cpi_yoy_pct = 'x'", "line 3: date 2024-05-01 is not the first day",
                 "line 4: date 'April' is not a date", "line 5: date 2024-04-01 is already in line 2",
                 "line 5: usdjpy = -3 must be above 0", "line 5: cpi_yoy_pct = 'inf'",
             "line 6: has 1 cells")  # fmt: skip
    assert all(part in told for part in parts)
    assert len(caught.value.messages) == 8
    for broken in ("", "usdjpy\n1\n", "date\n2024-04-01\n", "date,usdjpy\n", "date,usdjpy,usdjpy\n2024-04-01,1,1\n"):
        with pytest.raises(InputError):
            parse_quarterly(broken, "f.csv")


def test_empty_cells_and_order_do_not_matter() -> None:
    figures = parse_quarterly("usdjpy,date\n,2024-07-01\n\n155 ,2024-04-01\n", "f.csv")
    assert figures.quarters == (Month(2024, 4), Month(2024, 7))
    assert figures.columns["usdjpy"][0] == 155.0
    assert math.isnan(figures.columns["usdjpy"][1])


def test_quarters_before_the_start_are_refused_and_later_history_is_left_out(happened: QuarterlyFigures) -> None:
    with pytest.raises(
        InputError, match=r"2024-01-01 lie before the start 2024-03-31; the first full quarter is 2024-04"
    ):
        plan_hindcast("2024-03-31", quarterly("2024-01-01", np.full(3, 150.0)))
    with pytest.raises(InputError, match="has no figure"):
        plan_hindcast("2024-03-31", quarterly("2024-04-01", np.full(2, math.nan)))
    with pytest.raises(InputError, match="more than 80 quarters"):
        plan_hindcast("2024-03-31", quarterly("2024-04-01", np.full(90, 150.0)))
    history = quarterly("2019-01-01", np.linspace(100.0, 150.0, 26))
    plan = plan_hindcast("2024-03-31", happened, history)
    assert plan.months == 6
    assert plan.policy == "none"
    assert plan.history is not None
    assert plan.history.quarters[-1] == Month(2024, 1)
    assert any("5 quarters that end after the start" in note for note in plan.notes)
    later = plan_hindcast("2026-03-31", quarterly("2026-07-01", np.full(1, 150.0)))
    assert (later.months, later.policy) == (6, "actual")


def test_a_start_inside_a_quarter_scores_whole_quarters_only(
    monkeypatch: pytest.MonkeyPatch, happened: QuarterlyFigures
) -> None:
    from datetime import date

    state = replace(load("2024-03-31"), date=date(2024, 4, 30))
    monkeypatch.setattr("itcho.model.start_states.load", lambda start: state)
    plan = plan_hindcast("mine", happened)
    assert (plan.first, plan.months) == (Month(2024, 7), 5)
    assert any("only in part" in note for note in plan.notes)
    assert len(plan.us_rate_pct) == 5
    with pytest.raises(InputError, match="before the start"):
        plan_hindcast("mine", quarterly("2024-01-01", np.full(3, 150.0)))


def test_the_fan_does_not_read_what_happened(happened: QuarterlyFigures) -> None:
    """Other figures inside Japan change the scores and not one bit of the fan; the US rate changes the fan."""
    shifted = replace(happened, columns={name: 1.5 * column for name, column in happened.columns.items()})
    abroad = {**happened.columns, "us_policy_rate_pct": np.array([1.0, 1.0])}
    made = [
        hindcast(plan_hindcast("2024-03-31", figures), seeds=3)
        for figures in (happened, shifted, replace(happened, columns=abroad))
    ]
    assert [(one.name, one.track) for one in made[0].series] == [(name, track) for track in TRACKS for name in SCORED]
    for one, other in zip(made[0].series, made[1].series, strict=True):
        assert np.array_equal(one.members, other.members)
        if one.name != "nominal_gdp_trn_yen":
            assert one.scores()["crps"] != other.scores()["crps"]
    assert not np.array_equal(made[0].series[0].members, made[2].series[0].members)
    free = len(SCORED)
    assert np.array_equal(made[0].series[free].members, made[2].series[free].members)
    assert not np.array_equal(made[0].series[0].members, made[0].series[free].members)


def test_first_value_of_the_naive_forecasts(happened: QuarterlyFigures) -> None:
    near = hindcast(
        plan_hindcast("2024-03-31", happened, quarterly("2018-01-01", 100.0 + np.arange(25.0) % 7)), seeds=2
    )
    walk, regression = near.series[0].random_walk, near.series[0].autoregression
    assert walk is not None
    assert regression is not None
    assert walk.mean.tolist() == [103.0, 103.0]
    assert near.series[1].autoregression is None
    far = hindcast(plan_hindcast("2024-03-31", happened), seeds=2)
    walk = far.series[0].random_walk
    assert walk is not None
    assert walk.mean[0] == load("2024-03-31").fact("usdjpy")
    # The yen walks in logarithms.
    assert walk.sd[0] == pytest.approx(np.diff(np.log(packaged_history().columns["usdjpy"])).std(ddof=1))
    last = far.series[0].last_month
    assert last is not None
    assert last.mean[0] == load("2024-03-31").fact("usdjpy")
    assert far.series[0].autoregression is None


def test_the_command_prints_and_keeps_a_hindcast(tmp_path: Path) -> None:
    happened, history = tmp_path / "happened.csv", tmp_path / "history.csv"
    happened.write_text(HAPPENED, encoding="utf-8")
    lines = [f"{2018 + n // 4}-{1 + 3 * (n % 4):02d}-01,{100 + n % 5}" for n in range(25)]
    history.write_text("date,usdjpy\n" + "\n".join(lines) + "\n", encoding="utf-8")
    arguments = ["validate", "--hindcast", "--actuals", str(happened), "--history", str(history), "--seeds", "3"]
    shown = CliRunner().invoke(app, [*arguments, "--workers", "1", "--json", "--out", str(tmp_path / "kept")])
    assert shown.exit_code == 0
    record = json.loads(shown.stdout)
    assert list(record) == ["start", "seeds", "parameters", "series"]
    assert [one["track"] for one in record["series"]] == [track for track in TRACKS for _ in SCORED]
    assert (record["start"], record["seeds"]) == ("2024-03-31", 3)
    for series in record["series"]:
        assert list(series) == ["name", "track", "scored_as", "quarters", *SCORES, "pit"]
        assert series["quarters"] == sum(series["pit"]) == 2
        assert (series["last_month_rmse"] is None) == (
            series["name"] not in ("usdjpy", "jgb_10y_pct", "policy_rate_pct")
        )
        assert (series["ar1_crps"] is None) == (series["name"] != "usdjpy")
        assert series["rw_crps"] is not None
    kept = {path.name for path in (tmp_path / "kept").iterdir()}
    assert kept == {"hindcast.json", "hindcast.csv", "hindcast.md", "hindcast.html"}
    page = (tmp_path / "kept" / "hindcast.html").read_text(encoding="utf-8")
    assert "data:image/png;base64," in page
    assert "http" not in page


def test_the_command_tells_all_mistakes_at_once(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("date,usdjpi\n2024-02-01,1\n", encoding="utf-8")
    told = CliRunner().invoke(app, ["validate", "--hindcast", "--actuals", str(wrong), "--history", "nowhere.csv",
                                    "--seeds", "1", "--start", "2023-03-31"])  # fmt: skip
    assert told.exit_code == 2
    for part in ("--seeds = 1", "usdjpi", "2024-02-01", "nowhere.csv", "2023-03-31"):
        assert part in told.output
    alone = CliRunner().invoke(app, ["validate", "--actuals", str(wrong), "--seeds", "5"])
    assert alone.exit_code == 2
    assert alone.output.count("goes with --hindcast only") == 2
    assert CliRunner().invoke(app, ["validate", "--hindcast"]).exit_code == 2


def test_reports_hold_every_quarter(happened: QuarterlyFigures) -> None:
    result = hindcast(plan_hindcast("2024-03-31", happened), seeds=2)
    lines = fan_csv(result).splitlines()
    assert len(lines) == 1 + 2 * 2 * len(SCORED)
    assert {line.count(",") for line in lines} == {14}
    assert markdown(result).count("| 2024 Q3 |") == 2 * len(SCORED)
    assert html_page(result).count("<td>2024 Q3</td>") == 2 * len(SCORED)


def test_output_is_scored_by_its_growth(happened: QuarterlyFigures) -> None:
    """630 after 620 and 635 after 630: a level's base does not matter, and what is not known has no growth."""
    history = replace(quarterly("2023-01-01", np.array([600.0, 610.0, 615.0, 618.0, 620.0]), "nominal_gdp_trn_yen"))
    history = replace(history, gdp_base_year=2020)
    plan = plan_hindcast("2024-03-31", happened, history)
    found = next(one for one in hindcast(plan, seeds=2).series if one.name == "nominal_gdp_trn_yen")
    grown = [400.0 * math.log(630.0 / 620.0), 400.0 * math.log(635.0 / 630.0)]
    assert found.actuals.tolist() == pytest.approx(grown)
    run = run_hindcast(HindcastTask(1, "2024-03-31", "none", 6, plan.us_rate_pct))
    levels = [
        run.opening["nominal_gdp_trn_yen"],
        *by_quarter("nominal_gdp_trn_yen", run.monthly["nominal_gdp_trn_yen"]),
    ]
    assert found.members[0].tolist() == pytest.approx([400.0 * math.log(b / a) for a, b in pairwise(levels)])
    gap = replace(happened, columns={**happened.columns, "nominal_gdp_trn_yen": np.array([math.nan, 635.0])})
    rest = hindcast(plan_hindcast("2024-03-31", gap, history), seeds=2)
    assert "nominal_gdp_trn_yen" not in {one.name for one in rest.series if len(one.quarters)}


def test_plausible_runs_have_their_own_parameters() -> None:
    central, plausible = (
        run_hindcast(HindcastTask(1, "2024-03-31", "none", 3, (), mode)) for mode in ("central", "plausible")
    )
    assert not central.failure
    assert not plausible.failure
    assert central.opening["usdjpy"] == plausible.opening["usdjpy"]
    assert not np.array_equal(central.monthly["usdjpy"], plausible.monthly["usdjpy"])


def test_the_crps_of_a_lognormal_is_the_integral_that_defines_it() -> None:
    grid = np.linspace(1e-6, 600.0, 600_001)
    for middle, sd, actual in ((150.0, 0.1, 140.0), (100.0, 0.3, 170.0)):
        integrand = (norm.cdf((np.log(grid) - math.log(middle)) / sd) - (grid >= actual)) ** 2
        found = lognormal_crps(math.log(middle), sd, actual)
        assert found == pytest.approx(np.trapezoid(integrand, grid), rel=1e-4)
    assert lognormal_crps(math.log(100.0), 0.0, 103.0) == pytest.approx(3.0)


def test_where_what_happened_lies_is_counted() -> None:
    members = np.tile(np.arange(10.0)[:, None], (1, 4))
    assert pit_counts(members, np.array([-5.0, 0.5, 8.5, 50.0])) == [1, 1, 0, 0, 0, 0, 0, 0, 0, 2]


def test_every_calibrated_parameter_names_its_target() -> None:
    informed, rows = targets_of_parameters(), validation_rows()
    assert set(informed) == {one.name for one in calibrated()}
    assert all(informed.values())
    page = (Path(__file__).resolve().parent.parent / "docs" / "calibration.md").read_text(encoding="utf-8")
    for name, targets in informed.items():
        assert f"| `{name}` |" in page
        assert all(target in page for target in targets)
    ids = {target for targets in informed.values() for target in targets if " " not in target}
    assert ids <= set(rows)
    assert not set(rows_that_inform_nothing()) & ids
