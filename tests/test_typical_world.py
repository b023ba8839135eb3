"""The world that is shown first is typical, and every world of the default settings says where it lies."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from itcho.experiments.cli.commands import app
from itcho.experiments.runs import typical_world
from itcho.experiments.runs.run_request import RunRequest
from itcho.experiments.runs.typical_world import (
    COMMAND,
    OUTCOMES,
    SEEDS,
    TYPICAL_OF,
    WhereItLies,
    WorldSet,
    default_seed,
    where_it_lies,
    world_set,
)
from itcho.experiments.view.live_components import dashboard
from itcho.experiments.view.live_world import LiveWorld
from itcho.experiments.view.settings import ViewSettings
from itcho.model import policies
from itcho.model.economy import JapanEconomy
from itcho.model.measure.outcomes import OUTCOMES as REGISTRY
from itcho.model.version import MODEL_VERSION


@pytest.fixture(scope="module")
def typical() -> JapanEconomy:
    return JapanEconomy(rng=default_seed()).run(years=10)


def test_the_tables_are_of_this_model() -> None:
    assert world_set().model == MODEL_VERSION, f"the tables are of another model version: run {COMMAND}"
    (row,) = csv.DictReader((typical_world._data() / typical_world.WORLD).read_text().splitlines())
    assert int(row["model"]) == MODEL_VERSION, f"the tables are of another model version: run {COMMAND}"


def test_the_set_is_the_one_stated() -> None:
    known = world_set()
    assert known.seeds == tuple(range(1, SEEDS + 1))
    assert known.months == tuple(range(12, 121, 12))
    assert known.values.shape == (SEEDS, 10, len(OUTCOMES))
    assert np.isfinite(known.values).all()
    assert set(OUTCOMES) <= set(REGISTRY)
    assert set(TYPICAL_OF) <= set(OUTCOMES)


def test_the_default_seed_is_the_medoids() -> None:
    """The least sum of distances to all others, counted anew and without the function that found it."""
    known = world_set()
    columns = [OUTCOMES.index(name) for name in TYPICAL_OF]
    values = known.values[:, :, columns]
    scaled = (values / values.std(axis=0, ddof=1)).reshape(SEEDS, -1)
    apart = np.array([[np.linalg.norm(one - other) for other in scaled] for one in scaled]).sum(axis=1)
    assert default_seed() == known.seeds[int(np.argmin(apart))] == known.typical_seed()


def test_the_tables_are_what_the_model_gives(typical: JapanEconomy) -> None:
    known = world_set()
    row = known.values[known.seeds.index(default_seed())]
    for place, month in enumerate(known.months):
        told = {name: typical.records.outcomes[month - 1][name] for name in OUTCOMES}
        assert told == pytest.approx(dict(zip(OUTCOMES, row[place], strict=True)), rel=1e-5), f"run {COMMAND}"


def test_every_single_world_begins_there() -> None:
    assert RunRequest().seed == ViewSettings().seed == default_seed()


@pytest.fixture
def four_worlds(monkeypatch: pytest.MonkeyPatch, typical: JapanEconomy) -> None:
    known = around(typical)
    monkeypatch.setattr(typical_world, "world_set", lambda: known)


def around(typical: JapanEconomy) -> WorldSet:
    """Four worlds in months 12 and 24: one equal to the typical one, and three below it, then above it."""
    own = np.array([[typical.records.outcomes[month - 1][name] for name in OUTCOMES] for month in (12, 24)])
    own = np.vectorize(typical_world._shortened)(own)
    shifts = np.array([[0.0, 0.0], [-1.0, 1.0], [-2.0, 2.0], [-3.0, 3.0]])
    return WorldSet(MODEL_VERSION, (1, 2, 3, 4), (12, 24), own[None] + shifts[:, :, None])


@pytest.mark.usefixtures("four_worlds")
def test_percentiles_are_shares_of_worlds_below(typical: JapanEconomy) -> None:
    """Month 12: three of four below and one equal, 87.5; month 24: none below and one equal, 12.5."""
    place = where_it_lies(typical)
    assert place is not None
    assert set(place.percentiles) == set(OUTCOMES)
    assert all(by_month == {12: 87.5, 24: 12.5} for by_month in place.percentiles.values())
    assert place.months() == (24,)
    assert place.text().startswith(
        "This world, the typical one of 4 with the same settings (seeds 1 to 4), percentile "
    )
    assert "at month 24: USD/JPY 12th;" in place.text()


def test_months_60_and_120_are_said_where_a_run_reaches_them() -> None:
    known = {name: {month: float(month) / 2.0 for month in range(12, 121, 12)} for name in OUTCOMES}
    text = WhereItLies(100, (1, 100), known, typical=False).text()
    assert "This world among 100 with the same settings (seeds 1 to 100), percentile at months 60 and 120:" in text
    assert "USD/JPY 30th and 60th" in text
    short = {name: dict.fromkeys((12, 24), 61.0) for name in OUTCOMES}
    assert "percentile at month 24: USD/JPY 61st;" in WhereItLies(100, (1, 100), short, typical=False).text()


@pytest.mark.parametrize(
    "other",
    [
        {"policy": "none"},
        {"scenario": "ai-bust"},
        {"start": "2024-03-31"},
        {"investors": 1999},
        {"adopters": 1001},
        {"parameters": {"okun_coefficient": 0.2001}},
        {"without": {"carry"}},
        {"noise": False},
        {"dated_events": False},
    ],
    ids=lambda other: next(iter(other)),
)
def test_other_settings_say_nothing(other: dict[str, Any]) -> None:
    economy = JapanEconomy(**{"rng": 3, **other})
    economy.records.outcomes = [economy.outcomes] * 12
    assert where_it_lies(economy) is None


def test_default_settings_speak_from_the_first_year_on() -> None:
    economy = JapanEconomy(rng=3)
    economy.records.outcomes = [economy.outcomes] * 11
    assert where_it_lies(economy) is None
    economy.records.outcomes = [economy.outcomes] * 12
    place = where_it_lies(economy)
    assert place is not None
    assert list(place.percentiles["usdjpy"]) == [12]


def test_a_file_that_bears_a_packaged_name_is_not_it(tmp_path: Path) -> None:
    """The same name, other contents; and another name, the same contents."""
    folder = Path(policies.__file__).parent
    text = (folder / "actual.toml").read_text()
    (tmp_path / "actual.toml").write_text(text)
    same = JapanEconomy(policy=str(tmp_path / "actual.toml"), rng=3)
    (tmp_path / "actual.toml").write_text((folder / "lump-sum.toml").read_text())
    changed = JapanEconomy(policy=str(tmp_path / "actual.toml"), rng=3)
    assert same.policy.subsidy != changed.policy.subsidy
    for economy in (same, changed):
        economy.records.outcomes = [economy.outcomes] * 12
    assert where_it_lies(same) is not None
    assert where_it_lies(changed) is None


def test_a_set_of_another_model_says_nothing(monkeypatch: pytest.MonkeyPatch, typical: JapanEconomy) -> None:
    assert where_it_lies(typical) is not None
    monkeypatch.setattr("itcho.model.version.MODEL_VERSION", MODEL_VERSION + 1)
    assert where_it_lies(typical) is None


@pytest.mark.slow
def test_a_run_says_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = CliRunner().invoke(app, ["run", "--years", "1", "--no-twin", "--out", "one"])
    assert shown.exit_code == 0, shown.output
    said = " ".join(shown.stdout.split())
    assert f"seed {default_seed()}" in said
    assert re.search(
        r"This world, the typical one of \d+ with the same settings .* at month 12: USD/JPY \d+\w\w;", said
    )
    alone = ["run", "--years", "1", "--no-twin", "--json"]
    record = json.loads(CliRunner().invoke(app, [*alone, "--out", "two"]).stdout)
    place = record["where_it_lies"]
    assert record["seed"] == default_seed()
    assert place["typical"] is True
    assert set(place["percentiles"]) == set(OUTCOMES)
    assert 0.0 <= place["percentiles"]["usdjpy"]["12"] <= 100.0
    assert place["text"] in said
    manifest = json.loads((tmp_path / "one" / "manifest.json").read_text())
    assert manifest["where_it_lies"] == place
    other = json.loads(CliRunner().invoke(app, [*alone, "--policy", "none", "--out", "three"]).stdout)
    assert other["where_it_lies"] is None


def test_a_report_and_the_live_view_say_it_too(tmp_path: Path) -> None:
    from itcho.experiments.view.run_data import read_run

    made = CliRunner().invoke(app, ["run", "--years", "1", "--no-twin", "--out", str(tmp_path / "run")])
    assert made.exit_code == 0, made.output
    assert any(note.startswith("This world, the typical one") for note in read_run(tmp_path / "run").notes_in("en"))
    world = LiveWorld(ViewSettings(months=11))
    assert not dashboard(world)["title"]["where"]
    world.step()
    assert dashboard(world)["title"]["where"]["en"].startswith("This world, the typical one")


@pytest.mark.slow
def test_one_command_writes_both_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typical_world.main(["--seeds", "3", "--workers", "1", "--out", str(tmp_path)]) == 0
    known = world_set()
    with (tmp_path / typical_world.WORLDS).open() as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["seed"]) for row in rows] == [seed for seed in (1, 2, 3) for _ in range(10)]
    again = np.array([[float(row[name]) for name in OUTCOMES] for row in rows]).reshape(3, 10, -1)
    assert again == pytest.approx(known.values[:3], rel=1e-5)
    (world,) = csv.DictReader((tmp_path / typical_world.WORLD).read_text().splitlines())
    assert int(world["seed"]) in (1, 2, 3)
    assert (int(world["model"]), world["last_seed"], world["policy"]) == (MODEL_VERSION, "3", "actual")
    assert f"seed {world['seed']};" in capsys.readouterr().out
    assert sorted(file.name for file in tmp_path.iterdir()) == [typical_world.WORLD, typical_world.WORLDS]


def test_too_small_a_set_is_refused(tmp_path: Path) -> None:
    for wrong in (["--seeds", "2"], ["--out", str(tmp_path / "nowhere")]):
        with pytest.raises(SystemExit, match="2"):
            typical_world.main(wrong)
