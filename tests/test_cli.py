"""The command line: what it prints, what it keeps, and what it says when something is wrong."""

from __future__ import annotations

import csv
import json
import math
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from itcho.experiments.cli.commands import app
from itcho.experiments.cli.main import main
from itcho.experiments.runs.typical_world import default_seed
from itcho.model.measure.outcomes import OUTCOMES
from tests.children import Finished, itcho_environment

Itcho = Callable[..., Finished]
SMALL = ("--years", "2", "--investors", "200", "--importers", "60", "--adopters", "100")
RESULTS = ("monthly.csv", "daily.csv", "flows.csv", "edges.csv")


def in_process(*arguments: str) -> Finished:
    """Call a command without a new process: for what ends before anything is run."""
    result = CliRunner().invoke(app, list(arguments), prog_name="itcho", terminal_width=200)
    return Finished(result.exit_code, result.stdout, result.stderr)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def shown(fresh_itcho: Itcho, folder: Path) -> Finished:
    """A run in words."""
    return fresh_itcho("run", *SMALL, "--seed", 3, "--out", "a", cwd=folder)


@pytest.fixture(scope="module")
def as_json(itcho: Itcho, folder: Path) -> Finished:
    """The same run as JSON, in another process."""
    return itcho("run", *SMALL, "--seed", 3, "--out", "b", "--json", cwd=folder)


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_help_names_the_commands_and_imports_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "itcho.experiments.cli.main", "--help"],
        env=itcho_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert all(command in done.stdout for command in ("run", "list", "start-state"))
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert not imported & {"numpy", "pandas", "mesa", "numba", "matplotlib"}
    assert {name for name in imported if name.startswith("itcho.model")} == {"itcho.model", "itcho.model.sizes"}


def test_a_run_shows_years_effect_yen_and_folder(shown: Finished) -> None:
    assert shown.code == 0, shown.err
    for text in ("2026", "2027", "Bond dep.", "SB LTV", "What the programme changed", "Who moved the yen", "a/"):
        assert text in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80


def test_a_run_keeps_everything(shown: Finished, folder: Path) -> None:
    assert {file.name for file in (folder / "a").iterdir()} == {
        *RESULTS,
        "manifest.json",
        "world.json",
        "parameters.csv",
        "parties.csv",
        "balance_sheets.csv",
        "decisions.csv",
        "graph.csv",
        "programme_effect.csv",
        "summary.png",
        "usdjpy_attribution.csv",
        "without_programme_edges.csv",
        "without_programme_monthly.csv",
        "without_programme_usdjpy_attribution.csv",
    }
    assert (folder / "a" / "summary.png").read_bytes().startswith(b"\x89PNG")
    assert len(rows(folder / "a" / "monthly.csv")) == 24
    assert len(rows(folder / "a" / "daily.csv")) == 24 * 21
    assert not list(folder.glob(".itcho-*"))


def test_equal_runs_write_equal_bytes(shown: Finished, as_json: Finished, folder: Path) -> None:
    for file in (
        *RESULTS,
        "parameters.csv",
        "parties.csv",
        "balance_sheets.csv",
        "decisions.csv",
        "graph.csv",
        "usdjpy_attribution.csv",
    ):
        assert (folder / "a" / file).read_bytes() == (folder / "b" / file).read_bytes(), file


def test_json_is_all_there_is_on_standard_output(as_json: Finished, folder: Path) -> None:
    assert as_json.code == 0, as_json.err
    record = as_json.json
    assert list(record) == [
        "scenario",
        "policy",
        "seed",
        "start",
        "years",
        "out",
        "final",
        "ledger",
        "where_it_lies",
        "fiscal_years",
    ]
    assert (record["scenario"], record["policy"], record["seed"]) == ("baseline", "actual", 3)
    assert (record["start"], record["years"], record["out"]) == ("2026-03-31", 2, "b")
    assert record["ledger"]["months"] == 24
    assert 0.0 <= record["ledger"]["max_relative_residual"] <= 1e-9
    assert [year["fiscal_year"] for year in record["fiscal_years"]] == [2026, 2027]
    assert set(record["final"]) <= set(OUTCOMES)
    last = rows(folder / "b" / "monthly.csv")[-1]
    assert all(value is None or float(last[name]) == value for name, value in record["final"].items())


def test_the_manifest_makes_the_run_again(itcho: Itcho, fresh_itcho: Itcho, tmp_path: Path) -> None:
    """Byte for byte, from inside the folder, elsewhere, after its inputs were edited and taken away."""
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    (inputs / "mine.toml").write_text('base = "actual"\nfiscal = "debt-brake"\n', encoding="utf-8")
    (inputs / "world.toml").write_text(
        'label = "Dear chips"\n[[episodes]]\nwhen = "2026-06..2026-09"\nchip_price_factor = 1.5\n', encoding="utf-8"
    )
    # It bears the name of a state that comes with the package, and is another one.
    (inputs / "2026-03-31.toml").write_text('base = "2026-03-31"\n[facts]\nusdjpy = 160\n', encoding="utf-8")
    arguments = ["run", "inputs/world.toml", "--policy", "inputs/mine.toml", "--start", "inputs/2026-03-31.toml"]
    more = ("--years", 1, "--pairs", 2, "--set", "okun_coefficient=0.2", "--edges", "full")
    done = itcho(*arguments, *SMALL, *more, cwd=tmp_path)
    assert done.code == 0, done.err
    assert {path.name for path in tmp_path.iterdir()} == {"inputs", "runs"}
    (inputs / "mine.toml").write_text('base = "none"\n', encoding="utf-8")
    (inputs / "world.toml").unlink()
    (inputs / "2026-03-31.toml").write_text('base = "2026-03-31"\n', encoding="utf-8")
    (kept,) = (tmp_path / "runs").iterdir()
    assert kept.name in ("world-mine-seed1", "world-mine-seed2")
    moved = kept.rename(tmp_path / "moved")
    manifest = json.loads((moved / "manifest.json").read_text())
    assert manifest["command_runs_in"] == "the folder of this file"
    words = manifest["command"].split()
    assert words[0] == "itcho"
    again = fresh_itcho(*words[1:], cwd=moved)
    assert again.code == 0, again.err
    made = moved / "runs" / kept.name
    assert (made / "ensemble.csv").is_file()
    assert {file.name for file in made.iterdir()} == {file.name for file in moved.iterdir()} - {"runs"}
    for file in made.iterdir():
        if file.name != "manifest.json":
            assert file.read_bytes() == (moved / file.name).read_bytes(), file.name
    occasion = {"written": ""}
    assert json.loads((made / "manifest.json").read_text()) | occasion == manifest | occasion


def test_a_run_made_again_takes_nothing_else_and_must_come_out_the_same(
    itcho: Itcho, as_json: Finished, folder: Path, tmp_path: Path
) -> None:
    told = in_process("run", "ai-bust", "--again", str(folder / "b"), "--seed", "4", "--no-twin")
    assert told.code == 2
    for given in ("scenario", "--seed", "--twin"):
        assert f"{given} does not go with --again" in told.err
    assert "keeps no inputs" not in told.err
    kept = json.loads((folder / "b" / "world.json").read_text())
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "manifest.json").write_text((folder / "b" / "manifest.json").read_text())
    assert "keeps no inputs" in in_process("run", "--again", str(broken)).err
    kept["state"]["digests"]["ledger"] = "0" * 64
    (broken / "world.json").write_text(json.dumps(kept))
    done = itcho("run", "--again", "broken", "--out", "new", cwd=tmp_path)
    assert done.code == 2
    assert "the same inputs give another world: ledger differ after 24 months of model version" in done.err
    kept["settings"]["seed"] = 5
    (broken / "world.json").write_text(json.dumps(kept))
    assert "settings changed since the economy was kept" in in_process("run", "--again", str(broken)).err
    assert [path.name for path in tmp_path.iterdir()] == ["broken"]


def test_the_yens_parts_add_up_to_its_change(as_json: Finished, folder: Path) -> None:
    parts = rows(folder / "b" / "usdjpy_attribution.csv")
    daily = rows(folder / "b" / "daily.csv")
    closes = [float(row["usdjpy"]) for row in daily[20::21]]
    for month in range(1, len(parts)):
        moved = math.fsum(float(value) for name, value in parts[month].items() if name != "month")
        assert moved == pytest.approx(math.log(closes[month] / closes[month - 1]), abs=1e-12)


def test_a_parameter_can_be_set(itcho: Itcho, tmp_path: Path) -> None:
    done = itcho("run", *SMALL, "--years", 1, "--set", "okun_coefficient=0.2", "--no-twin", cwd=tmp_path)
    assert done.code == 0, done.err
    manifest = json.loads((tmp_path / "runs" / f"baseline-actual-seed{default_seed()}" / "manifest.json").read_text())
    assert manifest["parameters_changed"] == {"okun_coefficient": {"default": 0.14, "value": 0.2}}
    assert "--set okun_coefficient=0.2" in manifest["asked"]


@pytest.mark.parametrize("what", ["scenarios", "policies", "parameters", "outcomes"])
def test_lists(what: str) -> None:
    records: list[dict[str, Any]] = json.loads(in_process("list", what, "--json").out)
    assert len(records) >= 2
    assert all(record["name"] for record in records)
    table = in_process("list", what)
    assert table.code == 0
    assert f"{len(records)} {what}" in table.out


@pytest.mark.parametrize(
    ("arguments", "messages"),
    [
        (("run", "basline"), ("'basline'", "baseline")),
        (("run", "--policy", "acutal"), ("'acutal'", "actual")),
        (("run", "--set", "okun_coeficient=0.2"), ("okun_coeficient", "okun_coefficient")),
        (("run", "--set", "okun_coefficient=7"), ("okun_coefficient = 7", "[0.1, 0.25]")),
        (("run", "--set", "okun_coefficient"), ("NAME=VALUE",)),
        (("run", "--set", "okun_coefficient=nan"), ("NAME=VALUE",)),
        (("run", "--years", "-1"), ("--years = -1", "at least 1")),
        (("run", "--investors", "0"), ("--investors = 0", "at least 7")),
        (("run", "--seed", "-1"), ("--seed = -1", "not be negative")),
        (("run", "--start", "2025-03-31"), ("2025-03-31", "2026-03-31")),
        (("run", "--out", "/proc/itcho"), ("/proc/itcho",)),
        (("run", "--out", __file__), ("is a file",)),
        (("run", "--years", "ten"), ("--years",)),
        (("run", "--pairs", "1"), ("--pairs = 1", "at least 2")),
        (("run", "--pairs", "9", "--seed", "3"), ("--pairs does not go with --seed",)),
        (("run", "--pairs", "9", "--no-twin"), ("--pairs does not go with --no-twin",)),
        (("run", "--lang", "de"), ("--lang = de", "zh-Hant")),
        (("list", "outcome"), ("outcomes",)),
        (("start-state", "check", "nowhere.toml"), ("nowhere.toml",)),
    ],
)
def test_bad_input_is_told_clearly(
    arguments: tuple[str, ...], messages: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = in_process(*arguments)
    assert done.code == 2
    assert done.out == ""
    for message in messages:
        assert message in done.err
    assert "Traceback" not in done.err
    assert list(tmp_path.iterdir()) == []


def test_all_mistakes_are_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    wrong = ("run", "basline", "--policy", "acutal", "--start", "x", "--years", "0", "--adopters", "-5", "--seed", "-1")
    done = in_process(*wrong, "--set", "nothing=1", "--set", "okun_coefficient=9", "--set", "odd", "--out", ".")
    assert done.code == 2
    assert "10 mistakes, nothing was run" in done.err
    assert done.err.count("\n  - ") == 10
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("x")
    done = in_process("run", "--out", "mine")
    assert done.code == 2
    assert "already holds something" in done.err
    assert [path.name for path in tmp_path.rglob("*")] == ["mine", "notes.txt"]


def test_start_states_of_the_package_close() -> None:
    for name in ("2026-03-31", "2024-03-31"):
        done = in_process("start-state", "check", name)
        assert done.code == 0
        assert "All identities close." in done.out


def test_an_inconsistent_start_state_names_residual_and_sector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text('base = "2026-03-31"\n[stocks.deposits]\nhouseholds = 1.0\n')
    checked = in_process("start-state", "check", "mine.toml", "--json")
    assert checked.code == 2
    record = json.loads(checked.out)
    assert not record["closes"]
    assert {one["row"] for one in record["residuals"] if not one["closes"]} == {"deposits", "net_worth"}
    assert "OPEN" in in_process("start-state", "check", "mine.toml").out
    refused = in_process("run", "--start", "mine.toml")
    assert refused.code == 2
    assert "row deposits leaves" in refused.err
    assert "banks" in refused.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.toml"]


@pytest.mark.parametrize(("asked", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (None, None)])
def test_a_signal_that_meets_a_compiled_function_is_answered_like_any_other(
    monkeypatch: pytest.MonkeyPatch, asked: signal.Signals | None, code: int | None
) -> None:
    def returns_with_an_exception_set(*_: object, **__: object) -> None:
        raise SystemError("returned a result with an exception set")

    monkeypatch.setattr("itcho.experiments.stopping._asked", [] if asked is None else [asked])
    monkeypatch.setattr("itcho.experiments.cli.main.listen", lambda: None)
    monkeypatch.setattr("itcho.experiments.cli.commands.app", returns_with_an_exception_set)
    with pytest.raises(SystemError if code is None else SystemExit) as stopped:
        main(["list"])
    assert getattr(stopped.value, "code", None) == code


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_that_meets_an_object_being_cleared_away_is_answered_without_a_trace(
    how: signal.Signals, code: int
) -> None:
    program = f"""
import os, time
from itcho.experiments.stopping import exit_code_asked, listen

class Cleared:
    def __del__(self):
        os.kill(os.getpid(), {int(how)})
        time.sleep(1.0)

class Broken:
    def __del__(self):
        raise ValueError("said as ever")

listen()
Broken()
Cleared()
print(exit_code_asked())
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=itcho_environment()
    )
    assert done.stdout == f"{code}\n"
    assert "said as ever" in done.stderr
    assert done.stderr.count("Traceback") == 1


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_who_is_done_says_so_though_asked_to_stop_while_clearing_up(how: signal.Signals) -> None:
    """Python puts the system's own answer to signals back before it clears the last objects away."""
    program = """
import time
from itcho.experiments.stopping import listen

class Last:
    def __del__(self, write=print, sleep=time.sleep):
        write("last", flush=True)
        sleep(2.0)

listen()
kept = Last()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=itcho_environment()
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"last\n"
    process.send_signal(how)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, b"")


def test_ctrl_c_in_a_text_that_is_evaluated_is_answered_like_any_other(tmp_path: Path) -> None:
    """As when a library is imported; Python would end by the signal, and without its code."""
    (tmp_path / "asked.py").write_text(
        "import itcho.experiments.cli.commands as commands\n"
        "from itcho.experiments.cli.main import main\n"
        "def app(*_, **__):\n"
        "    exec('import os, signal, time; os.kill(os.getpid(), signal.SIGINT); time.sleep(5)')\n"
        "commands.app = app\n"
        "main(['list'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "asked"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=itcho_environment() | {"PYTHONPATH": f"{tmp_path}:{itcho_environment()['PYTHONPATH']}"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert (done.returncode, done.stderr) == (130, "itcho: stopped\n")


def test_an_output_that_takes_nothing_is_told_in_a_line(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no device that is always full")
    command = [sys.executable, "-m", "itcho.experiments.cli.main"]
    for words in (["list", "scenarios"], ["--version"]):
        for unbuffered in ("", "1"):
            with open("/dev/full", "w") as full:  # noqa: PTH123  a device
                environment = itcho_environment() | {"PYTHONUNBUFFERED": unbuffered}
                done = subprocess.run(
                    [*command, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=environment
                )
            assert (done.returncode, done.stderr) == (
                2,
                "itcho: the output cannot be written: No space left on device\n",
            )


def test_a_working_directory_that_was_deleted_is_told_in_a_line(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    command = [sys.executable, "-c", "import os; os.rmdir(os.getcwd()); from itcho.experiments.cli.main import main; "]
    for words in (["run", "--dry-run"], ["list", "policies"]):
        gone.mkdir(exist_ok=True)
        done = subprocess.run(
            [*command[:2], f"{command[2]}main({words})"],
            cwd=gone,
            capture_output=True,
            text=True,
            check=False,
            env=itcho_environment(),
        )
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert done.stderr.startswith("itcho: the working directory cannot be used")


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_leaves_nothing(tmp_path: Path, how: signal.Signals, code: int) -> None:
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "itcho.experiments.cli.main",
            "run",
            "--years",
            "30",
            "--out",
            "deep/a",
        ],
        cwd=tmp_path,
        env=itcho_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    limit = time.monotonic() + 60.0
    while not list(tmp_path.rglob(".itcho-*")) and time.monotonic() < limit:
        time.sleep(0.02)
    time.sleep(0.5)
    process.send_signal(how)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert out == ""
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []
