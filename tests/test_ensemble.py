"""Many pairs of worlds: the arithmetic of their table, what is kept of them, and what stops them."""

from __future__ import annotations

import json
import math
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
from itcho.experiments.figures.attribution import CLIENT_GROUPS
from itcho.experiments.languages import words
from itcho.experiments.runs.ensemble import OUTCOMES, Ensemble, Pair, effect_row, ensemble_of, run_pair
from itcho.experiments.runs.run_report import in_words, pulled_in_words
from itcho.experiments.runs.run_request import RunRequest
from itcho.experiments.runs.yen_parts import ALL_TOGETHER, YenWay, accounting_yen, effect_yen, yen_bands
from itcho.model.collapse import WorldCollapsed
from itcho.model.economy import JapanEconomy
from tests.children import Finished, itcho_environment

Itcho = Callable[..., Finished]
SIZES: dict[str, int] = {"investors": 200, "importers": 60, "adopters": 100}
SMALL = [word for name, size in SIZES.items() for word in (f"--{name}", str(size))]


def way(end: float, *logs: float) -> YenWay:
    """The yen from 100 to ``end``, moved by the first groups alone."""
    return YenWay(100.0, end, (*logs, *[0.0] * (len(CLIENT_GROUPS) - len(logs))))


def pair(seed: int, usdjpy: float, path: float, years: int = 10) -> Pair:
    """A pair whose dollar costs ``usdjpy`` more with the policy, in every year."""
    without = np.full((years, len(OUTCOMES)), 100.0)
    with_policy = without.copy()
    with_policy[:, OUTCOMES.index("usdjpy")] += usdjpy
    fiscal_years = tuple(range(2026, 2026 + years))
    yen = way(100.0, 0.5, -0.5), way(100.0, 0.2, -0.2)
    return Pair(seed, fiscal_years, (12,) * years, with_policy, without, np.full((years, 3), path), yen)


def test_means_bands_and_shares_worked_out_by_hand() -> None:
    """Effects −1, 0, 1, 2, …, 9 yen: mean 4; the 5th percentile lies half a place above the first, at −0.5."""
    effects = np.arange(-1.0, 10.0)
    row = effect_row("usdjpy", 2030, 150.0 + effects, np.full(11, 150.0))
    assert (row.without, row.with_policy, row.effect) == (150.0, 154.0, 4.0)
    assert (row.low_90, row.high_90) == pytest.approx((-0.5, 8.5))
    # A dearer dollar is worse: nine of eleven; one world is as it was.
    assert row.share_worse == pytest.approx(9 / 11)
    assert (row.median, row.farthest, row.is_pulled) == (4.0, -1.0, False)


@pytest.mark.parametrize("code", ["en", "ja", "zh-Hant"])
def test_a_mean_that_few_worlds_pull_out_of_the_band_is_explained(code: str) -> None:
    """39 worlds without an effect and one of −40 yen: mean −1, while nine in ten lie at 0."""
    effects = np.r_[np.zeros(39), -40.0]
    row = effect_row("usdjpy", 2035, 150.0 + effects, np.full(40, 150.0))
    assert (row.effect, row.low_90, row.high_90, row.median, row.farthest) == (-1.0, 0.0, 0.0, 0.0, -40.0)
    assert row.is_pulled
    text = pulled_in_words(row, words(code))
    assert all(number in text for number in ("2035", "-40.00", "0.00"))
    assert "{" not in text


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


LN2 = math.log(2.0)
THREE_PAIRS = (
    # Doubled, by 200 − 100; without it nothing came of +1 and −1: the first group made all of the difference.
    (way(200.0, 2 * LN2, -LN2), way(100.0, LN2, -LN2)),
    # At 100 to the end, where a log point is a yen: 50 − 50 with it, 20 − 20 without.
    (way(100.0, 0.5, -0.5), way(100.0, 0.2, -0.2)),
    # Halved, by −100 + 50: a log point is 50 / ln 2 yen.
    (way(50.0, -2 * LN2, LN2), way(100.0, -LN2, LN2)),
)


def test_bands_of_the_yen_over_three_pairs_worked_out_by_hand() -> None:
    """Of three values the 5th percentile lies a tenth of the way from the least to the middle one."""
    found = {(band.kind, band.group): band for band in yen_bands(THREE_PAIRS)}
    labels = [group.label for group in CLIENT_GROUPS]
    assert list(found) == [(kind, label) for kind in ("accounting", "effect") for label in (*labels, ALL_TOGETHER)]
    by_hand = {
        # 200, 50, −100; −100, −50, 50; 100, 0, −50
        ("accounting", labels[0]): (-85.0, 50.0, 185.0),
        ("accounting", labels[1]): (-95.0, -50.0, 40.0),
        ("accounting", ALL_TOGETHER): (-45.0, 0.0, 90.0),
        # 100, 30, −50; 0, −30, 0; 100, 0, −50
        ("effect", labels[0]): (-42.0, 30.0, 93.0),
        ("effect", labels[1]): (-27.0, 0.0, 0.0),
        ("effect", ALL_TOGETHER): (-45.0, 0.0, 90.0),
    }
    for key, band in found.items():
        wanted = by_hand.get(key, (0.0, 0.0, 0.0))
        assert (band.low_90, band.median, band.high_90) == pytest.approx(wanted, abs=1e-9), key
        assert band.pairs == 3
    assert list(found["effect", ALL_TOGETHER].record()) == [
        *("group", "kind", "low_90", "median", "high_90", "unit", "pairs")
    ]


def test_groups_add_up_in_every_pair_however_far_the_yen_moves() -> None:
    """Random log parts of up to 300%, which take the yen from 100 to anything between a few yen and thousands."""
    draws = np.random.default_rng(5)
    reached = []
    for _ in range(200):
        logs = draws.uniform(-3.0, 3.0, (2, len(CLIENT_GROUPS)))
        logs[:, -1] += draws.uniform(-3.0, 3.0, 2) - logs.sum(axis=1)
        one, other = (YenWay(100.0, 100.0 * math.exp(math.fsum(row)), tuple(row)) for row in logs.tolist())
        reached.append(one.end)
        assert sum(accounting_yen(one)) == pytest.approx(one.end - one.opening, rel=1e-9, abs=1e-9)
        assert sum(effect_yen(one, other)) == pytest.approx(one.end - other.end, rel=1e-9, abs=1e-9)
        assert [math.copysign(1.0, part) for part in accounting_yen(one)] == np.sign(logs[0]).tolist()
    assert min(reached) < 10.0 < 1000.0 < max(reached)


def test_groups_of_worlds_that_ran_add_up_to_the_change_of_the_yen() -> None:
    request = RunRequest(years=2, **SIZES)
    parameters = request.checked_parameters(check_folder=False)
    for seed in (1, 2, 3):
        yen = run_pair(request, parameters, request.resolved_policy(), seed).yen
        assert yen is not None
        with_policy, without = yen
        assert with_policy.opening == pytest.approx(without.opening, abs=1e-9), "the worlds of a pair open alike"
        for one in yen:
            assert sum(accounting_yen(one)) == pytest.approx(one.end - one.opening, abs=1e-9)
        assert sum(effect_yen(*yen)) == pytest.approx(with_policy.end - without.end, abs=1e-9)
        assert with_policy.end != without.end


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
    assert list(told) == ["pairs", "parameters", "typical_seed", "rows", "yen_bands"]
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


def test_the_bands_of_the_yen_are_those_of_the_worlds_themselves(made: tuple[dict[str, Any], Path]) -> None:
    record, place = made
    kept = pd.read_csv(place / "ensemble_yen.csv")
    assert kept.to_dict("records") == record["ensemble"]["yen_bands"]
    assert "ensemble_yen.csv" in json.loads((place / "manifest.json").read_text(encoding="utf-8"))["sha256"]
    yen = []
    for seed in (1, 2, 3):
        run = JapanEconomy(rng=seed, policy="actual", years=2, **SIZES).run()
        parts = run.fx_attribution()[list(CLIENT_GROUPS[0].parts)].to_numpy().sum()
        whole = run.fx_attribution().drop(columns="month").to_numpy().sum()
        end = run.monthly_table()["usdjpy"].iloc[-1]
        yen.append((end - end / math.exp(whole)) * parts / whole)
    row = kept[(kept["group"] == CLIENT_GROUPS[0].label) & (kept["kind"] == "accounting")].iloc[0]
    assert row[["low_90", "median", "high_90"]].tolist() == pytest.approx(np.percentile(yen, (5, 50, 95)), rel=1e-9)
    assert (row["unit"], row["pairs"]) == ("yen per dollar", 3)


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
    bands = pd.read_csv(folder / "ensemble_yen.csv").set_index("kind")
    assert (bands.loc["effect", ["low_90", "median", "high_90"]] == 0.0).all(axis=None)
    assert (bands.loc["accounting", "high_90"] != 0.0).any()


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
