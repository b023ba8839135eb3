"""Studies: what is asked for, in which order it runs, and that it can stop and go on at any moment."""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from itcho.agents.errors import InputError
from itcho.experiments.cli.commands import app
from itcho.experiments.studies import design as study_design
from itcho.experiments.studies import study_run
from itcho.experiments.studies.design import Cell, Design, UncertainParameter, design_points, replicates
from itcho.experiments.studies.engine import Engine, LocalEngine, SerialEngine
from itcho.experiments.studies.store import CellResult, CellStore
from itcho.experiments.studies.study import Study
from itcho.experiments.studies.study_file import checked_study, read_study
from itcho.experiments.studies.study_run import (
    collect,
    dry_run,
    mixed_sources,
    other_model_versions,
    run_study,
    study_status,
)
from itcho.model.parameters import Parameters
from itcho.model.start_states import load
from tests.children import itcho_environment

SMALL = {"investors": 200, "importers": 60, "adopters": 100, "years": 1}
PARAMETER = "okun_coefficient"


def fake(cell: Cell) -> CellResult:
    """A run without an economy: the policy adds 1 to what the seed drew."""
    drawn = np.random.default_rng(cell.seed).normal(size=(cell.years, 2))
    shift = (float(cell.policy.name == "actual"), dict(cell.overrides).get(PARAMETER, 0.0))
    values = drawn + np.array(shift)
    return CellResult(("usdjpy", "approval_pct"), np.arange(2026, 2026 + cell.years), values, values[-1])


def fails_for_seed_two(cell: Cell) -> CellResult:
    if cell.seed == 2 and cell.policy.name == "actual":
        raise RuntimeError("seed two does not run")
    return fake(cell)


def kills_for_seed_two(cell: Cell) -> CellResult:
    if cell.seed == 2 and cell.policy.name == "actual":
        os.kill(os.getpid(), signal.SIGKILL)
    return fake(cell)


def study(**common: Any) -> Study:
    tables: dict[str, Any] = {
        name: common.pop(name) for name in ("uncertain", "design", "stop", "parameters") if name in common
    }
    given = {"policies": ["actual"], "seeds": 4, "outcomes": ["usdjpy", "approval_pct"], **SMALL, **common}
    return checked_study({"study": given, **tables})


@pytest.fixture
def store(tmp_path: Path) -> CellStore:
    return CellStore(tmp_path / "store")


def test_any_prefix_of_the_runs_is_a_balanced_paired_design() -> None:
    both = study(scenarios=["baseline", "chip-supply-disruption"])
    order = [(replicate.seed, place, slot) for replicate, place, slot, _ in both.cells()]
    assert order == [(seed, *rest) for seed in (1, 2, 3, 4) for rest in itertools.product((0, 1), (0, 1))]
    assert len({cell.key for *_, cell in both.cells()}) == 16


def test_a_key_holds_content_and_not_names() -> None:
    cell = study().cells()[0][-1]
    renamed = dataclasses.replace(cell, policy=dataclasses.replace(cell.policy, name="other", label="Other"))
    assert renamed.key == cell.key
    default = study(parameters={PARAMETER: Parameters()[PARAMETER]})
    assert default.cells()[0][-1].key == cell.key
    others: list[dict[str, Any]] = [
        {"seeds": [9]},
        {"investors": 201},
        {"start": "2024-03-31"},
        {"policies": ["none"], "baseline": "actual"},
    ]
    keys = {study(**other).cells()[0][-1].key for other in others}
    assert len(keys | {cell.key}) == 5


def test_designs_fill_their_space() -> None:
    box = (UncertainParameter("a", 0.0, 2.0), UncertainParameter("b", 1.0, 100.0, "log-uniform"))
    grid = design_points(Design("grid", 3), box)
    assert [(p["a"], round(p["b"], 9)) for p in grid] == list(itertools.product((0.0, 1.0, 2.0), (1.0, 10.0, 100.0)))
    cube = design_points(Design("latin-hypercube", 8, seed=3), box)
    assert sorted(int(point["a"] * 4) for point in cube) == list(range(8))
    assert cube == design_points(Design("latin-hypercube", 8, seed=3), box)
    assert cube != design_points(Design("latin-hypercube", 8, seed=4), box)
    sobol = design_points(Design("sobol", 16), box)
    assert sorted(int(point["a"] * 8) for point in sobol) == list(range(16))
    assert all(1.0 <= point["b"] <= 100.0 for point in sobol)


def test_every_point_has_seeds_of_its_own_and_more_seeds_come_last() -> None:
    two, three = replicates(4, (1, 2)), replicates(4, (1, 2, 3))
    assert [one.seed for one in two] == list(range(1, 9))
    assert [one.point for one in two] == [0, 1, 2, 3] * 2
    assert three[:8] == two


def test_adding_seeds_or_policies_computes_nothing_again(store: CellStore) -> None:
    assert run_study(study(), store, SerialEngine(), work=fake, show_progress=False).runs == 8
    assert run_study(study(), store, SerialEngine(), work=fake, show_progress=False).runs == 0
    assert run_study(study(seeds=5), store, SerialEngine(), work=fake, show_progress=False).runs == 2
    more = study(scenarios=["baseline", "chip-supply-disruption"])
    assert run_study(more, store, SerialEngine(), work=fake, show_progress=False).runs == 8
    assert [session["runs"] for session in store.sessions()] == [8, 0, 2, 8]
    assert not mixed_sources(store)
    assert len(list((store.folder / "plans").iterdir())) == 3


def test_runs_of_another_model_version_are_marked_and_do_not_count(
    store: CellStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study_design, "MODEL_VERSION", 1)
    monkeypatch.setattr(study_run, "MODEL_VERSION", 1)
    study_design._common.cache_clear()
    run_study(study(), store, SerialEngine(), work=fake, show_progress=False)
    assert other_model_versions(store) == []
    monkeypatch.undo()
    study_design._common.cache_clear()
    assert other_model_versions(store) == [1]
    assert study_status(study(), store).done == 0


def test_the_hash_does_not_depend_on_the_engine(tmp_path: Path) -> None:
    stores = [CellStore(tmp_path / name) for name in ("serial", "two")]
    engines: list[Engine] = [SerialEngine(), LocalEngine(2)]
    for place, engine in zip(stores, engines, strict=True):
        run_study(study(), place, engine, work=fake, show_progress=False)
    assert len({place.hash() for place in stores}) == 1


def test_a_failed_cell_is_recorded_and_retried_on_request(store: CellStore) -> None:
    done = run_study(study(), store, SerialEngine(), work=fails_for_seed_two, show_progress=False)
    assert (done.status.done, done.status.failed) == (7, 1)
    (record,) = store.failures().values()
    assert record["error"] == "RuntimeError: seed two does not run"
    assert "fails_for_seed_two" in record["traceback"]
    assert record["cell"]["seed"] == 2
    assert "1 failed" in done.line()
    panel = collect(study(), store)
    assert panel is not None
    assert [one.seed for one in panel.replicates] == [1, 3, 4]
    assert panel.dropped == 1
    assert run_study(study(), store, SerialEngine(), work=fake, show_progress=False).runs == 0
    again = run_study(study(), store, SerialEngine(), work=fake, retry=True, show_progress=False)
    assert (again.runs, again.status.failed) == (1, 0)


@pytest.mark.slow
def test_a_cell_that_kills_its_worker_fails_alone(store: CellStore) -> None:
    done = run_study(study(), store, LocalEngine(2), work=kills_for_seed_two, show_progress=False)
    assert (done.status.done, done.status.failed, done.status.pending) == (7, 1, 0)


def test_the_stopping_rule_looks_at_whole_blocks(tmp_path: Path) -> None:
    rule = {"outcome": "usdjpy", "half_width": 0.05, "minimum": 4, "block": 3}
    stopped = run_study(study(seeds=20, stop=rule), CellStore(tmp_path / "a"), SerialEngine(), work=fake,
                        show_progress=False)  # fmt: skip
    assert stopped.stopped == "stopping rule"  # the paired difference is exactly 1 with every seed
    assert len(stopped.replicates) == 4
    assert stopped.status.pending == 0
    wide = study(seeds=9, stop=rule, uncertain={PARAMETER: {}}, design={"kind": "grid", "points": 1})
    kept = run_study(wide, CellStore(tmp_path / "b"), SerialEngine(), work=_noisy, show_progress=False)
    assert (kept.stopped, kept.runs) == ("", 18)


def _noisy(cell: Cell) -> CellResult:
    found = fake(cell)
    shift = np.random.default_rng([cell.seed, cell.policy.name == "actual"]).normal()
    return CellResult(found.outcomes, found.fiscal_years, found.by_year + shift, found.final)


def test_the_time_limit_leaves_the_rest_for_later(store: CellStore) -> None:
    first = run_study(study(), store, SerialEngine(), time_limit=0.0, work=fake, show_progress=False)
    assert (first.runs, first.stopped) == (0, "time limit")
    assert run_study(study(), store, SerialEngine(), work=fake, show_progress=False).runs == 8


def test_what_is_not_finite_never_turns_into_a_number(store: CellStore) -> None:
    run_study(study(), store, SerialEngine(), work=_not_finite, show_progress=False)
    with pytest.raises(InputError, match="not finite"):
        collect(study(), store)


def _not_finite(cell: Cell) -> CellResult:
    found = fake(cell)
    return CellResult(found.outcomes, found.fiscal_years, found.by_year * np.nan, found.final)


def test_a_dry_run_says_what_it_takes_and_writes_nothing(store: CellStore) -> None:
    found = dry_run(study(years=3), store, cores=2, work=fake)
    assert found.status.cells == found.status.pending == 8
    assert found.seconds == pytest.approx(found.seconds_per_run * 8 / 2)
    assert 0.03 < found.megabytes < 0.1
    assert not store.folder.exists()


def test_a_file_with_ten_mistakes_names_all_ten(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(
        """
[study]
name = "../escape"
policies = ["actaul", "actual/x"]
scenarios = ["basline"]
seeds = [1, 1.5]
years = 99
outcomes = ["usdjpy@1999", "usdjyp"]
sedes = 3
[parameters]
okun_coefficient = 1e9
[uncertain.okun_coefficent]
low = 1
[design]
kind = "sobol"
points = 6
[stop]
outcome = "approval_pct"
half_width = -1
[beter]
usdjpy = "higher"
"""
    )
    with pytest.raises(InputError) as caught:
        read_study(file)
    text = "\n".join(caught.value.messages)
    for part in (
        "study.name", "actaul", "'actual/x' is no name", "basline", "study.seeds", "study.years = 99", "usdjyp",
        "study.sedes is unknown; nearest: seeds", "okun_coefficient = 1000000000.0 is outside",
        "uncertain.okun_coefficent is no parameter; nearest: okun_coefficient", "power of two", "stop.outcome",
        "stop.half_width", "[beter] is unknown; nearest: better",
    ):  # fmt: skip
        assert part in text, part
    assert all(message.startswith("bad.toml: ") for message in caught.value.messages)


def test_times_of_outcomes_are_checked_against_the_runs() -> None:
    assert study(years=3, outcomes=["usdjpy@2028"]).outcomes[0].when == "2028"
    for text in ("usdjpy@2029", "usdjpy@2025", "usdjpy@soon"):
        with pytest.raises(InputError, match="usdjpy@"):
            study(years=3, outcomes=[text])


def test_an_outcome_is_one_number_of_a_run() -> None:
    cell = study(years=3).cells()[0][-1]
    result = fake(cell)
    texts = ["usdjpy", "usdjpy@2027", "usdjpy@all", "usdjpy@final"]
    column = result.by_year[:, 0]
    found = [pick.of(result) for pick in study(years=3, outcomes=texts).outcomes]
    assert found == [column[2], column[1], column.mean(), result.final[0]]


def test_commands_refuse_bad_input_with_one_message_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["compare", "actaul", "--seeds", "0", "--outcome", "usdjyp"])
    assert done.exit_code == 2
    assert done.stderr.count("  - ") == 3
    assert CliRunner().invoke(app, ["study", "run", "nowhere.toml"]).exit_code == 2
    (tmp_path / "broken.toml").write_text("[study\n")
    broken = CliRunner().invoke(app, ["study", "status", "broken.toml"])
    assert (broken.exit_code, "is no TOML" in broken.stderr) == (2, True)
    assert not (tmp_path / "runs").exists()


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real study of one year, in a folder of its own."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "small.toml").write_text(
        '[study]\npolicies = ["actual"]\nscenarios = ["baseline", "chip-supply-disruption"]\nseeds = 3\nyears = 1\n'
        'investors = 200\nimporters = 60\nadopters = 100\noutcomes = ["usdjpy", "programme_cost_trn_yen"]\n'
    )
    return folder


def test_a_real_study_runs_reports_and_goes_on(real: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(real)
    run = CliRunner().invoke(app, ["study", "run", "small.toml", "--engine", "serial"])
    assert run.exit_code == 0, run.output
    assert "12 runs in" in run.stdout
    state = json.loads(CliRunner().invoke(app, ["study", "status", "small.toml", "--json"]).stdout)
    assert (state["cells"], state["done"], state["failed"], state["pending"]) == (12, 12, 0, 0)
    shown = CliRunner().invoke(app, ["study", "report", "small.toml", "--json"])
    record = json.loads(shown.stdout)
    assert (record["baseline"], record["seeds"], len(record["rows"])) == ("none", 3, 4)
    cost = next(row for row in record["rows"] if row["outcome"] == "programme_cost_trn_yen")
    assert cost["mean_difference"] == pytest.approx(0.3873, rel=1e-6)
    assert (cost["verdict"], cost["direction"]) == ("clear", "worse")
    folder = real / "runs" / "studies" / "small"
    assert {"report.md", "report.html", "comparison.json", "usdjpy.png"} <= {file.name for file in folder.iterdir()}
    assert '"kind":"study"' in (folder / "report.html").read_text(), "the page of a comparison is the study's"
    assert "itcho study run small.toml" in (folder / "report.md").read_text()
    # No chip is short in the first year: the two scenarios are the same bits.
    store = CellStore(folder)
    keys = store.keys()
    assert len({store.read(key).digest() for key in keys}) == 6


@pytest.mark.slow
def test_a_killed_driver_loses_nothing(tmp_path: Path) -> None:
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from itcho.experiments.studies.engine import LocalEngine\n"
        "from itcho.experiments.studies.store import CellStore\n"
        "from itcho.experiments.studies.study_run import run_study\n"
        "from tests import test_study\n"
        "if __name__ == '__main__':\n"
        "    run_study(test_study.study(seeds=40), CellStore(Path(sys.argv[1])), LocalEngine(2),\n"
        "              work=test_study.slow, show_progress=False)\n"
    )
    file, place = tmp_path / "drive.py", CellStore(tmp_path / "store")
    file.write_text(script)
    for _ in range(2):
        with subprocess.Popen(
            [sys.executable, str(file), str(place.folder)], env=itcho_environment(), stderr=subprocess.DEVNULL
        ) as driver:
            already = len(place.keys())
            deadline = time.monotonic() + 120.0
            while len(place.keys()) < already + 8 and time.monotonic() < deadline:
                time.sleep(0.01)
            driver.kill()
    kept = len(place.keys())
    assert 16 <= kept < 80
    done = run_study(study(seeds=40), place, SerialEngine(), work=fake, show_progress=False)
    assert done.runs == 80 - kept
    undisturbed = CellStore(tmp_path / "undisturbed")
    run_study(study(seeds=40), undisturbed, SerialEngine(), work=fake, show_progress=False)
    assert place.hash() == undisturbed.hash()


def slow(cell: Cell) -> CellResult:
    """As :func:`fake`, slowly enough to be killed at work."""
    time.sleep(0.02)
    return fake(cell)


def test_ctrl_c_ends_cleanly_with_130(tmp_path: Path) -> None:
    arguments = ["compare", "actual", "--seeds", "500", "--years", "2", "--workers", "1", "--out", "out"]
    with subprocess.Popen(
        [sys.executable, "-m", "itcho.experiments.cli.main", *arguments], cwd=tmp_path, env=itcho_environment(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        place = CellStore(tmp_path / "out")
        deadline = time.monotonic() + 60.0
        while not place.keys() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert place.sessions()[-1]["runs"] >= 1
    assert len(place.keys()) == place.sessions()[-1]["runs"]


def test_a_damaged_cell_is_not_done_and_is_made_anew(store: CellStore) -> None:
    whole = study(seeds=3)
    run_study(whole, store, SerialEngine(), work=fake, show_progress=False)
    sound = store.hash()
    key = min(store.keys())
    store.path(key).write_bytes(store.path(key).read_bytes()[:100])
    there = study_status(whole, store)
    assert (there.done, there.pending) == (there.cells - 1, 1)
    again = run_study(whole, store, SerialEngine(), work=fake, show_progress=False)
    assert again.runs == 1
    assert store.hash() == sound
    assert (store.folder / "damaged" / f"{key}.npz").is_file()


def test_keys_alone_are_those_of_the_cells() -> None:
    whole = study(seeds=3)
    slow = [(replicate, place, slot, cell.key) for replicate, place, slot, cell in whole.cells()]
    assert list(whole.cell_keys()) == slow
    assert len({key for *_, key in slow}) == len(slow)


def test_a_value_that_is_the_defaults_is_the_same_cell() -> None:
    cell = study().cells()[0][-1]
    default = Parameters()["carry_book_ratio"]
    assert dataclasses.replace(cell, overrides=(("carry_book_ratio", default),)).key == cell.key
    assert dataclasses.replace(cell, overrides=(("carry_book_ratio", default * 1.01),)).key != cell.key
    own = load(cell.start).parameters(Parameters())["opening_output_gap_pct"]
    assert own != Parameters()["opening_output_gap_pct"], "a constant of the start state's own"
    registered = (("opening_output_gap_pct", Parameters()["opening_output_gap_pct"]),)
    assert dataclasses.replace(cell, overrides=registered).key != cell.key
    assert dataclasses.replace(cell, overrides=(("opening_output_gap_pct", own),)).key == cell.key
    with pytest.raises(InputError, match="no parameter 'carry_book_ration'"):
        _ = dataclasses.replace(cell, overrides=(("carry_book_ration", 1.0),)).key


def test_status_counts_what_is_missing(store: CellStore) -> None:
    found = study_status(study(), store)
    assert (found.cells, found.pending) == (8, 8)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[stop]\n", "[stop] is empty"),
        ("[uncertain.okun_coefficient]\n[design]\n", "[design] is empty"),
        ('[stop]\noutcome = "usdjpy"\nhalf_width = 1.0\nminimum = 900\n', "stop.minimum = 900 is more than the 2"),
        ('[parameters]\nokun_coefficient = "0.2"\nzzz = 1\n', "okun_coefficient = '0.2' is outside"),
    ],
)
def test_study_tables_that_would_be_passed_over_are_told(tmp_path: Path, text: str, said: str) -> None:
    head = '[study]\npolicies = ["actual"]\nseeds = 2\nyears = 1\noutcomes = ["usdjpy"]\n'
    (tmp_path / "study.toml").write_text(head + text)
    with pytest.raises(InputError) as caught:
        read_study(tmp_path / "study.toml")
    assert any(said in message for message in caught.value.messages), caught.value.messages


def test_study_names_are_told_one_by_one(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(
        '[study]\npolicies = ["acutal", 3]\nbaseline = 1\nrules = ["absent.py"]\nseeds = 1\n'
    )
    with pytest.raises(InputError) as caught:
        read_study(tmp_path / "study.toml")
    told = "\n".join(caught.value.messages)
    for said in ("policy 'acutal' is unknown", "which 3 is not", "study.baseline must be the name", "study.rules = "):
        assert said in told
