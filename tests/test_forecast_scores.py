"""Scores of forecasts: known answers of scores and tests, rivals that do what their names say."""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp
from typer.testing import CliRunner

from itcho.experiments.cli.commands import app
from itcho.experiments.data.origin_data import origin_data
from itcho.experiments.forecasts import draws as draws_file
from itcho.experiments.forecasts.history import figure, what_happened
from itcho.experiments.forecasts.protocol import HEADLINE, HORIZON_WEIGHTS, HORIZONS, PROTOCOL_SHA256, SERIES
from itcho.experiments.forecasts.show import summary
from tests.forecast_history import ORIGIN, scrambled, write_history

pytest.importorskip("statsmodels")
pytest.importorskip("scoringrules")
pytest.importorskip("arch")

from itcho.experiments.forecasts import page, rivals, scores

DAY = date.fromisoformat(ORIGIN)
QUARTER = pd.Period(DAY, freq="Q")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_history(tmp_path_factory.mktemp("history"))


@pytest.fixture(autouse=True)
def few_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rivals of fewer paths: what is tested here is not their noise."""
    monkeypatch.setattr(scores, "PATHS", 40)


def actuals(folder: Path) -> np.ndarray:
    """What happened after the origin, (series, horizons)."""
    happened = what_happened(folder)
    return np.array([[figure(happened[name], QUARTER + horizon) for horizon in HORIZONS] for name in SERIES])


def write_draws(to: Path, values: np.ndarray) -> Path:
    to.mkdir(parents=True, exist_ok=True)
    (to / "draws.csv").write_text(draws_file.draws_text({ORIGIN: values}), encoding="utf-8")
    return to


def test_without_overlap_the_test_is_students_of_the_difference() -> None:
    """With no lags the correction of Harvey, Leybourne and Newbold makes it the t-test of a mean."""
    rng = np.random.default_rng(4)
    ours, theirs = rng.chisquare(2, 14), rng.chisquare(3, 14)
    assert scores.diebold_mariano_p(ours, theirs, 0) == pytest.approx(ttest_1samp(ours - theirs, 0.0).pvalue)
    assert scores.diebold_mariano_p(ours, ours, 0) is None
    assert scores.diebold_mariano_p(ours[:5], theirs[:5], 0) is None


def test_lags_are_the_whole_years_by_which_forecasts_overlap() -> None:
    assert [scores.overlap(horizon) for horizon in HORIZONS] == [0, 0, 0, 1, 2]


def test_a_cell_is_scored_by_hand() -> None:
    median, crps, in50, in90, pit = scores._cell(np.array([0.0, 1.0, 2.0, 3.0, 4.0]), 3.5)
    assert (median, in50, in90) == (2.0, 0.0, 1.0)
    # Mean distance to 3.5 less half the mean distance of pairs, which is 2.
    assert crps == pytest.approx((3.5 + 2.5 + 1.5 + 0.5 + 0.5) / 5.0 - 1.0)
    assert pit == pytest.approx(0.8)
    assert scores._cell(np.array([2.0]), 3.5)[:2] == (2.0, 1.5)


def test_rivals_do_what_they_are_called(folder: Path) -> None:
    data = origin_data(folder, DAY)
    found = rivals.rival_ensembles(data, 200)
    assert tuple(found) == rivals.RIVALS

    def middle(rival: str, series: str) -> list[float]:
        return np.median(found[rival][series], axis=0).tolist()

    gdp = 400.0 * np.diff(np.log(data.series("gdp_real").to_numpy()))
    assert middle("no_change_quarter", "real_gdp_growth_pct") == pytest.approx([gdp[-1]] * 5)
    assert middle("mean_40_quarters", "real_gdp_growth_pct") == pytest.approx([gdp[-40:].mean()] * 5)
    assert middle("mean_history", "real_gdp_growth_pct") == pytest.approx([gdp.mean()] * 5)
    yen = data.series("usdjpy_last_month_avg").iloc[-1]
    assert middle("no_change_last_month", "usdjpy") == pytest.approx([yen] * 5)
    # Least squares by hand, iterated.
    slope, constant = np.polyfit(gdp[:-1], gdp[1:], 1)
    ahead, by_hand = gdp[-1], []
    for step in range(1, 13):
        ahead = constant + slope * ahead
        if step in HORIZONS:
            by_hand.append(ahead)
    assert middle("ar_1", "real_gdp_growth_pct") == pytest.approx(by_hand)
    assert found["composite"]["real_gdp_growth_pct"] is found["mean_40_quarters"]["real_gdp_growth_pct"]
    assert found["composite"]["cpi_yoy_pct"] is found["bvar_4"]["cpi_yoy_pct"]
    outlook = found["cabinet_office_outlook"]
    assert outlook["real_gdp_growth_pct"][0, :3] == pytest.approx(100.0 * math.log(1.013))
    assert outlook["gdp_deflator_growth_pct"][0, 0] == pytest.approx(100.0 * math.log(1.03 / 1.013))
    assert np.isnan(outlook["cpi_yoy_pct"][0, 3:]).all()
    deficit = found["no_change_quarter"]["government_deficit_trn_yen_fy"]
    assert np.isnan(deficit[:, :2]).all()
    last = what_happened(folder)["government_deficit_trn_yen_fy"].loc[:QUARTER].dropna().iloc[-1]
    assert np.median(deficit[:, 2:], axis=0) == pytest.approx([last] * 3)


def test_spread_of_no_change_grows_as_a_random_walk(folder: Path) -> None:
    found = rivals.rival_ensembles(origin_data(folder, DAY), 20_000)["no_change_quarter"]["usdjpy"]
    spread = found.std(axis=0)
    assert spread / spread[0] == pytest.approx(np.sqrt(HORIZONS), rel=0.03)


def test_rivals_see_nothing_that_comes_later(folder: Path, tmp_path: Path) -> None:
    ours = rivals.rival_ensembles(origin_data(folder, DAY), 50)
    noise = rivals.rival_ensembles(origin_data(scrambled(folder, tmp_path / "noise"), DAY), 50)
    for rival, ensembles in ours.items():
        for series, values in ensembles.items():
            assert values.tobytes() == noise[rival][series].tobytes()


def test_the_minnesota_prior_is_what_is_left_without_figures_that_tell() -> None:
    """Shocks far beyond the prior's scale tell little: growth is noise around a mean, a price a random walk."""
    rng = np.random.default_rng(2)
    walk = np.cumsum(rng.standard_normal((400, 2)), axis=0)
    noise = rng.standard_normal((400, 4))
    order = [noise[:, 0], noise[:, 1], walk[:, 0], walk[:, 1], noise[:, 2], noise[:, 3]]
    coefficients, covariance = rivals.minnesota(np.column_stack(order), np.ones(6), 4)
    assert coefficients.shape == (25, 6)
    assert coefficients[1, 0] == pytest.approx(0.0, abs=0.1)
    assert coefficients[1 + 3, 3] == pytest.approx(1.0, abs=0.1)
    assert np.diag(covariance) == pytest.approx([1.0] * 6, abs=0.2)
    few, _ = rivals.minnesota(np.column_stack(order)[:8], np.full(6, 1e6), 4)
    assert few[1 : 1 + 6] == pytest.approx(np.diag([0.0, 0.0, 1.0, 1.0, 1.0, 1.0]), abs=1e-6)


def test_scores_are_those_of_the_draws(folder: Path, tmp_path: Path) -> None:
    """Draws around what happened, off by two: the error is two wherever something has happened."""
    spread = np.linspace(-3.0, 3.0, 31)[:, None, None]
    draws = draws_file.read_draws(write_draws(tmp_path / "draws", actuals(folder) + 2.0 + spread))
    found = scores.score(draws, folder).record()
    assert set(found) == {"protocol_sha256", "rows", "energy", "pit", "confidence_set", "notes"}
    assert found["protocol_sha256"] == PROTOCOL_SHA256
    assert set(found["rows"][0]) == {
        "series",
        "horizon",
        "sample",
        "model",
        "rmse",
        "crps",
        "cov50",
        "cov90",
        "n",
        "dm_p",
    }
    ours = [row for row in found["rows"] if row["model"] == "itcho"]
    assert all(row["rmse"] == pytest.approx(2.0, rel=1e-6) and row["n"] == 1 for row in ours)
    assert all(row["cov50"] == 0.0 and row["cov90"] == 1.0 for row in ours)
    yen = what_happened(folder)["usdjpy"]
    errors = [figure(yen, QUARTER) - figure(yen, QUARTER + horizon) for horizon in HORIZONS]
    naive = {
        row["horizon"]: row["rmse"]
        for row in found["rows"]
        if (row["series"], row["sample"], row["model"]) == ("usdjpy", "all", "no_change_quarter")
    }
    assert [naive[horizon] for horizon in HORIZONS] == pytest.approx(np.abs(errors).tolist(), rel=1e-6)
    assert naive["weighted"] == pytest.approx(np.dot(HORIZON_WEIGHTS, np.abs(errors)), rel=1e-6)
    assert {row["model"] for row in found["energy"]} >= {"itcho", "ar_1", "var_1", "bvar_4"}
    assert sum(found["pit"][0]["counts"]) == found["pit"][0]["n"] == 5


def test_samples_leave_out_crises_and_what_is_not_complete() -> None:
    rows = [
        (model, date(year, 3, 31), "usdjpy", horizon, year + horizon // 4, 1.0, 1.0)
        for model in ("itcho", "ar_1")
        for year in (2006, 2007, 2010)
        for horizon in HORIZONS
        if not (model == "ar_1" and year == 2010 and horizon == 12)
    ]
    cells = pd.DataFrame(rows, columns=["model", "origin", "series", "horizon", "year", "actual", "median"])
    found = scores.samples(cells)
    assert len(found["all"]) == 29
    assert set(found["balanced"]["origin"]) == {date(2006, 3, 31), date(2007, 3, 31)}
    calm = found["without_2008_09_and_2020_21"]
    assert sorted(set(calm["year"])) == [2006, 2007, 2010, 2011, 2012, 2013]


def test_weighted_losses_need_every_horizon() -> None:
    rows = [("itcho", "a", "usdjpy", horizon, 1.0, 3.0) for horizon in HORIZONS]
    rows += [("itcho", "b", "usdjpy", horizon, 1.0, 3.0) for horizon in HORIZONS[:4]]
    cells = pd.DataFrame(rows, columns=["model", "origin", "series", "horizon", "actual", "median"])
    losses = scores.weighted_losses(cells)
    assert losses.at["a", "itcho"] == pytest.approx(4.0)
    assert math.isnan(losses.at["b", "itcho"])


def test_losses_come_first() -> None:
    def row(series: str, model: str, rmse: float) -> dict[str, object]:
        named = {"series": series, "horizon": "weighted", "sample": "all", "model": model}
        return named | {"rmse": rmse, "crps": rmse, "cov50": 0.5, "cov90": 0.9, "n": 16, "dm_p": 0.2}

    rows = [row("usdjpy", "itcho", 5.0), row("usdjpy", "ar_1", 4.0), row("usdjpy", "itcho_conditional", 1.0)]
    rows += [row("cpi_yoy_pct", "itcho", 3.0), row("cpi_yoy_pct", "ar_1", 2.0), row("cpi_yoy_pct", "ar_4", 1.0)]
    rows += [row("cpi_yoy_pct", "itcho_frozen", 6.0)]
    lines = summary(rows, "all")
    assert [(line["series"], line["best"], line["ratio"]) for line in lines] == [
        ("cpi_yoy_pct", "ar_4", 3.0),
        ("usdjpy", "ar_1", 1.25),
    ]
    assert lines[0]["frozen_ratio"] == 0.5
    assert lines[1]["frozen_ratio"] is None


def test_a_forecast_given_the_us_rate_stands_beside_the_same_sample() -> None:
    def row(model: str, sample: str, rmse: float) -> dict[str, object]:
        named = {"series": "usdjpy", "horizon": "weighted", "sample": sample, "model": model}
        return named | {"rmse": rmse, "crps": rmse, "cov50": 0.5, "cov90": 0.9, "n": 16, "dm_p": 0.2}

    found = [("itcho", "all", 7.0), ("itcho", "balanced", 9.0), ("ar_1", "all", 8.0), ("itcho_conditional", "all", 6.0)]
    manifest = {"origins": {ORIGIN: {}}, "paths": 5, "parameters": "central", "model_version": 4, "collapsed": []}
    hashes = {"protocol_sha256": "a" * 64, "code_sha256": "c" * 64}
    text = page.page_part(scores.Scores(tuple(row(*one) for one in found), (), (), (), ()), manifest | hashes)
    assert "| USD/JPY | 16 | 6.00 | 7.00 |" in text


@pytest.mark.slow
def test_the_page_has_its_part_written_anew(folder: Path, tmp_path: Path) -> None:
    spread = np.linspace(-1.0, 1.0, 5)[:, None, None]
    draws = write_draws(tmp_path / "draws", actuals(folder) + spread)
    manifest = {"origins": {ORIGIN: {}}, "paths": 5, "parameters": "central", "model_version": 4, "collapsed": []}
    manifest |= {"protocol_sha256": PROTOCOL_SHA256, "code_sha256": "c" * 64}
    (draws / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    kept = tmp_path / "page.md"
    kept.write_text(f"# Title\n{page.BEGIN}\nstale figures\n{page.END}\nend\n", encoding="utf-8")
    assert page.main([str(draws), "--data", str(folder), "--page", str(kept)]) == 0
    text = kept.read_text(encoding="utf-8")
    assert text.startswith("# Title\n")
    assert text.endswith("end\n")
    assert "stale figures" not in text
    assert f"protocol `{PROTOCOL_SHA256[:12]}`" in text
    assert "| USD/JPY, yen per dollar | 1 | 0.00 |" in text
    kept.write_text("no marks", encoding="utf-8")
    assert page.main([str(draws), "--data", str(folder), "--page", str(kept)]) == 2


def test_the_command_prints_json_and_keeps_tables(folder: Path, tmp_path: Path) -> None:
    spread = np.linspace(-1.0, 1.0, 5)[:, None, None]
    draws = write_draws(tmp_path / "draws", actuals(folder) + spread)
    asked = ["forecast", "score", str(draws), "--data", str(folder), "--out", str(tmp_path / "out"), "--json"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    assert record == json.loads((tmp_path / "out" / "scores.json").read_text(encoding="utf-8"))
    lines = (tmp_path / "out" / "scores.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "series,horizon,sample,model,rmse,crps,cov50,cov90,n,dm_p"
    assert len(lines) == 1 + len(record["rows"])
    wrong = CliRunner().invoke(app, ["forecast", "score", str(tmp_path), "--data", str(tmp_path / "nowhere")])
    assert wrong.exit_code == 2
    assert "no draws.csv" in wrong.stderr
    assert "no such file" in wrong.stderr


def test_own_scores_are_those_of_the_table(folder: Path, tmp_path: Path) -> None:
    """The score of a model's draws alone is the weighted row of the whole table."""
    rng = np.random.default_rng(11)
    values = actuals(folder) + rng.normal(size=(30, len(SERIES), len(HORIZONS)))
    found = scores.own_crps({DAY: values}, folder)
    table = scores.score(draws_file.read_draws(write_draws(tmp_path / "draws", values)), folder)
    for series, value in found.items():
        weighted = [
            row["crps"]
            for row in table.rows
            if (row["series"], row["horizon"], row["sample"], row["model"]) == (series, "weighted", "all", "itcho")
        ]
        if weighted:
            assert value == pytest.approx(weighted[0], rel=1e-6), series
    assert set(found) >= {"usdjpy", "cpi_yoy_pct"}


def test_a_mechanism_is_told_by_what_forecasts_lose_without_it() -> None:
    from itcho.experiments.forecasts import weakened

    headline = dict.fromkeys(HEADLINE, 2.0)
    rows = weakened.rows_of(
        {
            "as it is": headline,
            "yields abroad hardly move bonds": headline | {"jgb_10y_pct": 2.5},
            "neutral rates hardly drift": headline | {"usdjpy": 1.9, "cpi_yoy_pct": 2.2},
            "taxes do not answer to debt": headline | {"usdjpy": 2.01},
        }
    )
    assert rows[1]["setting"] == "jgb_foreign_yield_weight=0.1"
    text = weakened.page(rows, origins=3, first="2005-03-31", last="2007-03-31", paths=8, version=1)
    assert (
        "| yields abroad hardly move bonds (`jgb_foreign_yield_weight=0.1`) | +0.0 | +0.0 | +0.0 | +0.0 | +25.0 |"
        in text
    )
    assert "worse by more than 1%, and none better: “yields abroad hardly move bonds”." in text
    assert "better by as much: “neutral rates hardly drift”." in text
    assert "do not know them: “taxes do not answer to debt”." in text


def test_what_is_left_out_stands_in_the_registry() -> None:
    from itcho.experiments.forecasts.weakened import AS_IT_IS, CASES
    from itcho.model.parameters import registry

    assert CASES[AS_IT_IS] == {}
    for case, settings in CASES.items():
        for name, value in settings.items():
            one = registry()[name]
            assert one.low <= value <= one.high, (case, name)
