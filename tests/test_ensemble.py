"""Many pairs of worlds: the arithmetic of their table, what is kept of them, and what stops them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from itcho.experiments.cli.commands import app
from itcho.experiments.languages import words
from itcho.experiments.runs.ensemble import OUTCOMES, Ensemble, Pair, effect_row, ensemble_of
from itcho.experiments.runs.run_report import in_words
from itcho.model.collapse import WorldCollapsed
from itcho.model.economy import JapanEconomy
from tests.children import Finished, itcho_environment

Itcho = Callable[..., Finished]
SIZES: dict[str, int] = {"investors": 200, "importers": 60, "adopters": 100}
SMALL = [word for name, size in SIZES.items() for word in (f"--{name}", str(size))]


def pair(seed: int, usdjpy: float, path: float, years: int = 10) -> Pair:
    """A pair whose dollar costs ``usdjpy`` more with the policy, in every year."""
    without = np.full((years, len(OUTCOMES)), 100.0)
    with_policy = without.copy()
    with_policy[:, OUTCOMES.index("usdjpy")] += usdjpy
    fiscal_years = tuple(range(2026, 2026 + years))
    return Pair(seed, fiscal_years, (12,) * years, with_policy, without, np.full((years, 3), path))


def test_means_bands_and_shares_worked_out_by_hand() -> None:
    """Effects −1, 0, 1, 2, …, 9 yen: mean 4; the 5th percentile lies half a place above the first, at −0.5."""
    effects = np.arange(-1.0, 10.0)
    row = effect_row("usdjpy", 2030, 150.0 + effects, np.full(11, 150.0))
    assert (row.without, row.with_policy, row.effect) == (150.0, 154.0, 4.0)
    assert (row.low_90, row.high_90) == pytest.approx((-0.5, 8.5))
    # A dearer dollar is worse: nine of eleven; one world is as it was.
    assert row.share_worse == pytest.approx(9 / 11)


@pytest.mark.parametrize(
    ("outcome", "share"), [("adoption_pct", 1 / 3), ("deficit_trn_yen_fy", 2 / 3), ("cpi_yoy_pct", None)]
)
def test_which_way_is_worse_belongs_to_the_outcome(outcome: str, share: float | None) -> None:
    row = effect_row(outcome, 2030, np.array([51.0, 52.0, 49.0]), np.full(3, 50.0))
    assert row.share_worse == (None if share is None else pytest.approx(share))


def test_rounding_is_no_worse_world() -> None:
    row = effect_row("usdjpy", 2030, np.array([150.0 + 1e-12, 150.0]), np.full(2, 150.0))
    assert row.share_worse == 0.0


@pytest.mark.parametrize(
    ("years", "read"), [(10, (2030, 2035)), (3, (2028,)), (7, (2030, 2032)), (12, (2030, 2035, 2037))]
)
def test_effects_are_read_in_the_fifth_the_tenth_and_the_last_year(years: int, read: tuple[int, ...]) -> None:
    found = ensemble_of([pair(1, 1.0, 0.0, years), pair(2, 2.0, 1.0, years)])
    assert found.years_read == read
    assert {row.fiscal_year for row in found.rows()} == set(read)


def test_the_typical_world_is_the_medoid() -> None:
    """Paths at 0, 1, 2, 3 and 9: the summed distance is least from 2, whose seed is 13."""
    found = ensemble_of([pair(10 + place, 1.0, path) for place, path in enumerate((0.0, 1.0, 9.0, 2.0, 3.0))])
    assert found.typical_seed == 13


def test_a_collapsed_pair_is_left_out_and_said() -> None:
    collapse = WorldCollapsed("2031-07", "usdjpy", 1e9)
    found = ensemble_of([pair(1, 1.0, 0.0), Pair(2, collapse=collapse), pair(3, 3.0, 1.0)])
    assert (found.asked, found.seeds, list(found.collapsed)) == (3, (1, 3), [2])
    assert found.record()["pairs"] == 2
    assert next(row for row in found.rows() if row.outcome == "usdjpy").effect == 2.0
    with pytest.raises(WorldCollapsed, match="2031-07"):
        ensemble_of([pair(1, 1.0, 0.0), Pair(2, collapse=collapse)])


@pytest.mark.parametrize("code", ["en", "ja", "zh-Hant"])
def test_an_effect_in_words_has_its_numbers_in_every_language(code: str) -> None:
    row = effect_row("domestic_ai_share_home_pct", 2030, np.array([11.0, 13.0]), np.full(2, 10.0))
    text = in_words(row, words(code))
    assert all(number in text for number in ("2030", "10.0", "12.0", "+2.00", "+1.10", "+2.90", "0%"))
    assert "{" not in text


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """What ``itcho run --json`` prints of three small pairs of two years, and its folder."""
    place = tmp_path_factory.mktemp("ensemble") / "kept"
    shown = CliRunner().invoke(app, ["run", "--years", "2", "--pairs", "3", *SMALL, "--json", "--out", str(place)])
    assert shown.exit_code == 0, shown.output
    return json.loads(shown.stdout), place


def test_the_rows_are_those_of_the_worlds_themselves(made: tuple[dict[str, Any], Path]) -> None:
    record, _ = made
    assert list(record)[-1] == "ensemble"
    told = record["ensemble"]
    assert list(told) == ["pairs", "parameters", "typical_seed", "rows"]
    assert told["pairs"] == 3
    assert record["seed"] == told["typical_seed"]
    own = []
    for seed in (1, 2, 3):
        pair_of_runs = [JapanEconomy(rng=seed, policy=policy, years=2, **SIZES).run() for policy in ("actual", "none")]
        own.append([run.monthly_table()["usdjpy"].iloc[12:24].mean() for run in pair_of_runs])
    with_policy, without = np.array(own).T
    (row,) = [row for row in told["rows"] if row["outcome"] == "usdjpy"]
    assert list(row) == ["outcome", "fiscal_year", "without", "with", "effect", "low_90", "high_90", "share_worse"]
    assert row["fiscal_year"] == 2027
    assert row["without"] == pytest.approx(without.mean(), rel=1e-12)
    assert row["with"] == pytest.approx(with_policy.mean(), rel=1e-12)
    assert row["effect"] == pytest.approx((with_policy - without).mean(), abs=1e-10)
    assert row["low_90"] <= row["effect"] <= row["high_90"]
    assert row["share_worse"] in [pytest.approx(share / 3) for share in range(4)]
    assert all(0.0 <= one["share_worse"] <= 1.0 for one in told["rows"])


def test_the_typical_world_is_kept_whole_with_the_set(made: tuple[dict[str, Any], Path]) -> None:
    from itcho.experiments.view.run_data import read_run

    record, place = made
    files = {file.name for file in place.iterdir()}
    assert {"fan.png", "summary.png", "ensemble.csv", "ensemble_worlds.csv", "without_programme_monthly.csv"} <= files
    run = read_run(place)
    assert run.manifest["seed"] == record["ensemble"]["typical_seed"]
    assert run.manifest["ensemble"]["pairs"] == 3
    assert "--pairs 3" in run.manifest["asked"]
    assert "--seed" not in run.manifest["asked"]
    worlds = pd.read_csv(place / "ensemble_worlds.csv")
    typical = worlds[(worlds["seed"] == record["seed"]) & (worlds["fiscal_year"] == 2027)]
    assert float(typical["usdjpy"].iloc[0]) == pytest.approx(run.monthly["usdjpy"].iloc[12:24].mean(), rel=1e-12)


def test_words_name_the_kept_world_as_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = CliRunner().invoke(app, ["run", "--years", "1", "--pairs", "2", "--policy", "none", *SMALL])
    assert shown.exit_code == 0, shown.output
    said = " ".join(shown.stdout.split())
    assert "2 pairs of worlds" in said
    assert "the typical world of these 2" in said
    assert "What the programme changed" not in said
    (folder,) = (tmp_path / "runs").iterdir()
    assert f"seed {folder.name.rpartition('seed')[2]}, the typical world" in said
    # Without a programme the two worlds of a pair are one.
    rows = pd.read_csv(folder / "ensemble.csv")
    assert (rows["effect"] == 0.0).all()
    assert (rows["share_worse"] == 0.0).all()


def test_a_single_world_says_that_it_is_one_of_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = CliRunner().invoke(app, ["run", "--years", "1", "--seed", "5", *SMALL])
    assert shown.exit_code == 0, shown.output
    assert "One world of many" in " ".join(shown.stdout.split())
    assert not (tmp_path / "runs" / "baseline-actual-seed5" / "ensemble.csv").exists()


@pytest.mark.slow
@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_among_the_pairs_nothing_is_left(tmp_path: Path, how: signal.Signals, code: int) -> None:
    command = [sys.executable, "-m", "itcho.experiments.cli.main", "run", "--pairs", "500", "--out", "deep/a", *SMALL]
    process = subprocess.Popen(
        command, cwd=tmp_path, env=itcho_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    limit = time.monotonic() + 60.0
    while not list(tmp_path.rglob(".itcho-*")) and time.monotonic() < limit:
        time.sleep(0.02)
    time.sleep(2.0)
    process.send_signal(how)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert out == ""
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_an_ensemble_is_made_of_plain_numbers() -> None:
    found: Ensemble = ensemble_of([pair(1, 1.0, 0.0), pair(2, 2.0, 1.0)])
    assert json.loads(json.dumps(found.record(), allow_nan=False)) == found.record()
