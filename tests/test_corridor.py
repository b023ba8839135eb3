"""The checks from outside: every row of the corridor, and what counts as a quiet start."""

from __future__ import annotations

import json
import math
import os
import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from itcho.experiments.cli.commands import app
from itcho.experiments.evidence.corridor import CORRIDOR, CorridorResult, Panel, corridor
from itcho.experiments.evidence.projections import beside_projections, projections
from itcho.experiments.evidence.quiet_start import quiet_start_rows, run_quiet_start
from itcho.experiments.evidence.seed_runs import SeedRun, run_seed, run_seeds
from itcho.experiments.processes import one_thread_each
from itcho.experiments.runs.run_spec import RunSpec
from itcho.model.measure.outcomes import OUTCOMES


@pytest.fixture(scope="module")
def runs() -> list[SeedRun]:
    return run_seeds([RunSpec(seed=seed, years=2) for seed in (1, 2, 3, 4)], workers=2)


def flat(seed: int, value: float, years: int = 10) -> SeedRun:
    """A made-up run in which every outcome has one value."""
    months = 12 * years
    return SeedRun(
        seed,
        2026 + np.arange(months) // 12,
        (np.arange(months) + 3) % 12 + 1,
        {name: np.full(months, value) for name in OUTCOMES},
        np.full(21 * months + 1, value),
        0.0,
    )


def test_two_years_give_every_row(runs: list[SeedRun]) -> None:
    assert [run.seed for run in runs] == [1, 2, 3, 4]
    assert not any(run.failure for run in runs)
    results = corridor(runs)
    assert [result.row for result in results] == list(CORRIDOR)
    verdicts = {(result.row.outcome, result.row.statistic[:16]): result.verdict for result in results}
    assert verdicts["USD/JPY", "median over runs"] == "not reached"
    assert verdicts["Debt/GDP", "median over runs"] == "not reached"
    assert sum(verdict == "not reached" for verdict in verdicts.values()) == 5
    assert all(math.isfinite(result.value) for result in results if result.verdict != "not reached")


def test_processes_change_no_bit(runs: list[SeedRun]) -> None:
    here = run_seed(RunSpec(seed=2, years=2))
    assert all((here.outcomes[name] == runs[1].outcomes[name]).all() for name in here.outcomes)
    assert (here.daily_usdjpy == runs[1].daily_usdjpy).all()


def test_statistics_of_known_runs() -> None:
    panel = [flat(1, 10.0), flat(2, 30.0)]
    value = {(one.row.outcome, one.row.statistic): one.value for one in corridor(panel)}
    assert value["USD/JPY", "median over runs and months, FY2030"] == 20.0
    assert value["USD/JPY", "sd over runs of the log after 5 years"] == pytest.approx(100 * math.log(3) / math.sqrt(2))
    assert value["SoftBank LTV", "share of runs above 25% in some month"] == 50.0
    assert value["Chip imports", "growth a year of that median up to FY2035"] == 0.0
    daily = next(one for key, one in value.items() if key[1].startswith("daily volatility"))
    assert daily == 0.0


def test_year_ends_are_the_marches_that_are_there() -> None:
    run = flat(1, 0.0, years=2)
    run.outcomes["usdjpy"] = np.arange(24.0)
    assert Panel([run]).at_year_ends("usdjpy", 2020, 2040).tolist() == [[11.0, 23.0]]
    assert Panel([run]).in_years("usdjpy", 2027, 2035).tolist() == [list(range(12, 24))]


def test_a_failed_run_is_told_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from itcho.model.economy import JapanEconomy

    def fail(economy: JapanEconomy) -> None:
        raise RuntimeError("row 3, sector banks")

    monkeypatch.setattr("itcho.model.monthly_steps.set_prices", fail)
    failed = run_seed(RunSpec(seed=7, years=1))
    assert failed.failure == "month 1: RuntimeError: row 3, sector banks"
    assert len(corridor([failed, flat(1, 1.0)])) == len(CORRIDOR)
    with pytest.raises(ValueError, match="no finished run"):
        corridor([failed])


@pytest.mark.parametrize(("value", "verdict"), [(8.0, "inside"), (7.9, "outside"), (math.nan, "not reached")])
def test_verdicts(value: float, verdict: str) -> None:
    row = next(row for row in CORRIDOR if row.low == 8.0)
    assert CorridorResult(row, value).verdict == verdict


def test_the_environment_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    with one_thread_each():
        assert os.environ["OMP_NUM_THREADS"] == os.environ["MKL_NUM_THREADS"] == "1"
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "MKL_NUM_THREADS" not in os.environ


# Published projections.


def test_a_projection_stands_beside_the_same_years_of_the_runs() -> None:
    runs = [flat(seed, float(seed)) for seed in (1, 2, 9)]
    for run in runs:
        # Growth of 0.5 more in the second fiscal year of the five, 2027.
        run.outcomes["real_gdp_growth_pct"] = run.outcomes["real_gdp_growth_pct"] + np.where(
            run.fiscal_year == 2027, 0.5, 0.0
        )
        run.outcomes["gov_debt_to_gdp_pct"] = run.outcomes["gov_debt_to_gdp_pct"] + np.arange(120.0)
    found = {
        (one.projection.publisher, one.projection.outcome, one.projection.years): one
        for one in beside_projections(Panel(runs))
    }
    growth = found["IMF", "real_gdp_growth_pct", "FY2026-30"]
    # Runs of 1.1, 2.1 and 9.1: the median, and 5% and 95% between the neighbours.
    assert growth.median == pytest.approx(2.1)
    assert growth.low == pytest.approx(1.1 + 0.1 * 1.0)
    assert growth.high == pytest.approx(2.1 + 0.9 * 7.0)
    # March 2031 is the 60th month.
    assert found["IMF", "gov_debt_to_gdp_pct", "end of FY2030"].median == 2.0 + 59.0


def test_years_that_are_not_run_have_no_figure() -> None:
    found = beside_projections(Panel([flat(1, 1.0, years=2)]))
    known = {one.projection.years for one in found if math.isfinite(one.median)}
    assert known == {"FY2026", "end of FY2027"}


def test_projections_name_publisher_date_and_outcome() -> None:
    table = projections()
    assert {one.publisher for one in table} == {
        "Cabinet Office",
        "Daiwa Institute of Research",
        "NLI Research Institute",
        "IMF",
    }
    for one in table:
        assert one.outcome in OUTCOMES
        assert one.low <= one.high
        assert one.first_year <= one.last_year
        assert one.statistic in ("mean", "end")
        assert re.fullmatch(r"20\d\d-\d\d(-\d\d)?", one.published)


# Quiet start.


def made_up(jolt: float) -> tuple[dict[str, float], dict[str, np.ndarray], np.ndarray]:
    """Five years in which everything grows by one a month, but for a jolt in month 2."""
    months = np.arange(1.0, 61.0)
    month_of_year = (np.arange(60) + 3) % 12 + 1
    path = 100.0 + months + np.where(months >= 2, jolt, 0.0)
    year_to_date = (months - 1) % 12 + 1 + np.where((months >= 2) & (months <= 12), jolt, 0.0)
    opening = {"known": 100.0, "later": math.nan, "sum_fy": 0.0, "bond_dependency_pct": 0.0}
    return (
        opening,
        dict.fromkeys(("known", "later"), path)
        | {
            "sum_fy": year_to_date,
            "bond_dependency_pct": year_to_date,
        },
        month_of_year,
    )


def test_steady_growth_is_quiet_and_a_jolt_is_not() -> None:
    steady = quiet_start_rows(*made_up(0.0))
    assert [row.ratio for row in steady] == pytest.approx([1.0] * 4)
    assert [row.change for row in steady] == [3.0, 2.0, 3.0, 2.0]
    assert all(row.quiet for row in steady)
    jolted = quiet_start_rows(*made_up(1.6))
    assert [row.quiet for row in jolted] == [False, False, False, False]


def test_a_tenth_of_a_percent_of_the_level_is_quiet() -> None:
    opening, monthly, months = made_up(0.0)
    monthly["known"] = np.full(60, 100.09)
    assert quiet_start_rows(opening, monthly, months)[0].quiet
    monthly["known"] = np.full(60, 100.11)
    row = quiet_start_rows(opening, monthly, months)[0]
    assert not row.quiet
    assert row.ratio == math.inf


def test_every_outcome_is_judged() -> None:
    rows = run_quiet_start()
    assert [row.outcome for row in rows] == list(OUTCOMES)
    assert all(math.isfinite(row.change) and math.isfinite(row.usual) for row in rows)


# Commands.


def test_the_commands_print_every_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = CliRunner().invoke(app, ["corridor", "--seeds", "2", "--years", "1", "--workers", "1", "--json"])
    assert shown.exit_code == 0, shown.stderr
    record = json.loads(shown.stdout)
    assert len(record["rows"]) == len(CORRIDOR)
    assert [one["outcome"] for one in record["projections"]] == [one.outcome for one in projections()]
    assert {one["model_median"] for one in record["projections"] if one["last_year"] > 2026} == {None}
    assert record["max_relative_residual"] < 1e-9
    words = CliRunner().invoke(app, ["corridor", "--seeds", "1", "--years", "1"]).stdout
    assert "8.4 to 11.3" in words
    assert "not reached" in words
    assert "Published projections" in words
    assert "above 4.0" in words
    quiet = CliRunner().invoke(app, ["quiet-start", "--json"])
    assert [one["outcome"] for one in json.loads(quiet.stdout)["outcomes"]] == list(OUTCOMES)
    assert "outcomes start" in CliRunner().invoke(app, ["quiet-start", "--start", "2024-03-31"]).stdout
    assert not list(tmp_path.iterdir())


def test_bad_input_is_told_at_once() -> None:
    bad = CliRunner().invoke(app, ["corridor", "--seeds", "0", "--policy", "acutal", "--start", "1999"])
    assert bad.exit_code == 2
    assert all(text in bad.stderr for text in ("3 mistakes", "--seeds = 0", "actual", "1999"))
    assert CliRunner().invoke(app, ["quiet-start", "--seed", "-1"]).exit_code == 2
