"""All commands of `itcho`: help with examples that hold, names that complete, and one clear word on every mistake."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from itcho.experiments.claims.registry import entries
from itcho.experiments.cli import names as cli_names
from itcho.experiments.cli.commands import app
from itcho.experiments.cli.help import FIRST_STEPS
from itcho.experiments.evidence.shocks import SHOCKS
from itcho.experiments.progress import progress, silent
from itcho.experiments.studies.study_file import packaged_studies
from itcho.model.measure.outcomes import OUTCOMES
from itcho.model.parameters import registry
from itcho.model.policies import POLICIES
from itcho.model.scenarios import SCENARIOS
from itcho.model.start_states import load
from itcho.model.version import MODEL_VERSION
from tests.children import Finished, itcho_environment
from tests.command_lines import called, stop_before_work, study_files

ROOT = Path(__file__).parents[1]
ESCAPE = "\x1b["
HELP = re.compile(r"^Examples?:\n((?:  .*\n)+)", re.MULTILINE)
STUDIES = ("examples/first_study.toml", "drives.toml", "futures.toml", "study.toml")


def tree(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from tree(below, (*path, name))


ALL = dict(tree(typer.main.get_command(app)))
LEAVES = {path: command for path, command in ALL.items() if not hasattr(command, "commands")}
WRONG = {
    ("run",): (["basline"], ["--policy", "acutal"], ["--years", "ten"], ["--set", "okun_coeficient=1"]),
    ("list",): (["outcome"], []),
    ("start-state", "check"): (["2026-03-30"], []),
    ("start-state", "make"): (["2026-03-30", "--out", "states"], ["2026-03-31"], ["March", "--out", "states"]),
    ("new", "rule"): (["My Prize"], ["lump-sum"], ["my-prize", "--slot", "subsidee"], []),
    ("forecast", "run"): (["--out", "f"], ["--data", "nowhere", "--out", "f"], ["--start", "2026-03-30", "--out", "f"]),
    ("forecast", "score"): (["nowhere"], []),
    ("forecast", "draw"): (["nowhere"], [], ["nowhere", "--data", "nowhere", "--out", "p", "--lang", "fr"]),
    ("corridor",): (["--policy", "acutal"], ["--seeds", "0"], ["--workers", "0"]),
    ("ablate",): (["--kind", "bank"], ["--scenario", "basline"], ["--seeds", "2"], ["--workers", "0"]),
    ("quiet-start",): (["--start", "2026-03-30"], ["--seed", "x"]),
    ("rest",): (["--displace", "gpa"], ["--years", "61"], ["--start", "2026-03-30"]),
    ("claims",): (["yen-fal"], ["--workers", "0"]),
    ("validate",): (["--seeds", "3"], ["--workers", "0"], ["--hindcast", "--actuals", "nowhere.csv"]),
    ("respond",): (["rate-gp"], ["rate-gap", "--years", "0"], []),
    ("compare",): (["acutal"], ["actual", "--outcome", "usdjp"], ["actual", "--scenario", "basline"], []),
    ("study", "run"): (["nowhere.toml"], ["x.toml", "--engine", "locl"]),
    ("study", "status"): (["nowhere.toml"], []),
    ("study", "report"): (["nowhere.toml"], ["--lang", "fr", "nowhere.toml"]),
    ("study", "sensitivity"): (["nowhere.toml"], []),
    ("study", "discover"): (["nowhere.toml", "--where", "1"], ["nowhere.toml"]),
    ("study", "compact"): (["nowhere.toml"], []),
    ("study", "same"): (["nowhere", "nowhere"], ["nowhere"]),
    ("brief",): (["nowhere"], ["which-support", "--lang", "fr"]),
    ("explain",): (["acutal"], ["actual", "--channel", "carri"], ["actual", "--seeds", "0"]),
    ("explorer",): (["nowhere"], ["which-support", "--lang", "fr"]),
    ("report",): (["nowhere"], []),
    ("export",): (["nowhere"], []),
    ("crate",): (["nowhere"], []),
    ("actuals",): (["nowhere.csv"], [], ["--column", "usdjpy", "nowhere.csv"]),
    ("view",): (["nowhere"], ["--scenario", "basline"], ["--port", "x"]),
}


def invoke(*arguments: str) -> Finished:
    done = CliRunner().invoke(app, list(arguments), prog_name="itcho", env={"NO_COLOR": "1", "TERMINAL_WIDTH": "80"})
    return Finished(done.exit_code, done.stdout, done.stderr)


def child(*arguments: str, **more: str) -> Finished:
    done = subprocess.run(
        [sys.executable, "-m", "itcho.experiments.cli.main", *arguments],
        env=itcho_environment() | more,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


def test_itcho_alone_says_what_to_do_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = invoke()
    assert (alone.code, alone.out, alone.err) == (0, FIRST_STEPS, "")
    assert max(map(len, FIRST_STEPS.splitlines())) <= 110
    stop_before_work(monkeypatch)
    monkeypatch.chdir(tmp_path)
    for line in re.findall(r"^  (itcho .*?)  ", FIRST_STEPS, re.MULTILINE):
        if "--help" not in line:
            assert called(line) == 0, line
    assert invoke("study").out == invoke("study", "--help").out


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_help_has_examples_that_hold(
    path: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = invoke(*path, "--help")
    assert (shown.code, shown.err) == (0, "")
    assert ESCAPE not in shown.out
    assert all(option.opts[0] in shown.out for option in ALL[path].params if option.opts[0].startswith("--"))
    lines = [line.strip() for block in HELP.findall(shown.out) for line in block.splitlines()]
    assert lines
    assert max(map(len, lines)) <= 78
    monkeypatch.chdir(tmp_path)
    study_files(tmp_path, *STUDIES)
    before = sorted(tmp_path.rglob("*"))
    reached = stop_before_work(monkeypatch)
    for line in lines:
        assert line.startswith(" ".join(["itcho", *path]))
        assert called(line) == 0, line
    assert sorted(file for file in tmp_path.rglob("*") if "studies" not in file.parts) == before
    assert len(reached) == len(lines) or path in {
        (),
        ("list",),
        ("start-state",),
        ("start-state", "check"),
        ("study", "status"),
    }


def test_exit_codes_are_told() -> None:
    shown = " ".join(invoke("--help").out.split())
    for text in (
        "0 done",
        "1 some of many runs failed",
        "2 something given is wrong",
        "130 stopped with Ctrl-C",
        "143",
    ):
        assert text in shown


def test_a_wrong_call_is_tried_of_every_command() -> None:
    assert set(WRONG) == set(LEAVES)


@pytest.mark.parametrize(
    "arguments",
    [
        *([*path, *wrong] for path, cases in WRONG.items() for wrong in cases),
        *([*path, "--no-such-option"] for path in ALL),
        ["rnu"],
        ["study", "sta"],
    ],
    ids=" ".join,
)
def test_a_mistake_is_one_message_and_nothing_written(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if arguments in (["claims"], ["validate"], ["run"]):
        pytest.fail("that is no mistake")
    monkeypatch.chdir(tmp_path)
    done = invoke(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert re.fullmatch(r"itcho: .+\n(See: itcho.* --help\n)?", done.err)
    assert not re.search("Traceback|pydantic|Value error", done.err)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "nearest"),
    [
        ("rnu", "'run'"),
        ("study sta", "'status'"),
        ("run --sede 3", "--seed"),
        ("run basline", "baseline"),
        ("run --policy stop-los", "stop-loss"),
        ("run --set okun_coeficient=0.2", "okun_coefficient"),
        ("run --start 2026-03-30", "2026-03-31"),
        ("claims yen-fal", "yen-fall"),
        ("respond rate-gp", "rate-gap"),
        ("compare actual --outcome usdjp", "usdjpy"),
        ("compare acutal", "actual"),
        ("corridor --policy acutal", "actual"),
        ("view --scenario basline", "baseline"),
        ("explain actual --channel carri", "carry"),
        ("compare actual --variant no-cary", "no-carry"),
    ],
)
def test_an_unknown_name_brings_the_nearest(arguments: str, nearest: str) -> None:
    done = invoke(*arguments.split())
    assert done.code == 2
    assert nearest in done.err


def test_names_that_complete_are_those_of_the_registries() -> None:
    def names(complete: Callable[[str], list[tuple[str, str]]]) -> set[str]:
        return {name for name, _ in complete("")}

    assert names(cli_names.scenarios) == set(SCENARIOS)
    assert names(cli_names.policies) == set(POLICIES)
    assert names(cli_names.outcomes) == set(OUTCOMES)
    assert names(cli_names.claims) == set(entries())
    assert {name for name, _ in cli_names.worked_studies()} == set(packaged_studies())
    assert names(cli_names.shocks) > set(SHOCKS)
    assert {name: float(value) for name, _, value in (n.partition("=") for n in names(cli_names.parameters))} == {
        name: one.value for name, one in registry().items()
    }
    assert all(load(name).name == name for name in names(cli_names.start_states))
    assert dict(cli_names.policies("")) == {name: one.label for name, one in POLICIES.items()}


def test_files_complete_where_a_file_can_be_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    study_files(tmp_path, "mine.toml", "deep/other.toml", ".hidden.toml")
    (tmp_path / "notes.txt").write_text("")
    assert cli_names.toml_files("") == [("deep/", ""), ("mine.toml", "")]
    assert cli_names.studies("mi") == [("mine.toml", "")]
    assert cli_names.studies("deep/") == [("deep/other.toml", "")]
    assert cli_names.policies("mi") == [("mine.toml", "")]
    assert cli_names.studies("nowhere/x") == []


def test_the_shell_completes(tmp_path: Path) -> None:
    """The installed function of a real bash, for what a user types."""
    (tmp_path / "itcho").write_text(f'#!/bin/sh\nexec {sys.executable} -m itcho.experiments.cli.main "$@"\n')
    (tmp_path / "itcho").chmod(0o755)
    environment = itcho_environment() | {"HOME": str(tmp_path), "PATH": f"{tmp_path}:{os.environ['PATH']}"}

    def bash(script: str) -> str:
        return subprocess.run(
            ["bash", "-c", script],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout

    assert "bash completion installed" in bash("itcho --install-completion; true")
    script = next(path for path in tmp_path.rglob("*.sh"))
    for words, expected in (
        ("itcho run chip", "chip-supply-disruption"),
        ("itcho run --policy voucher", "vouchers"),
        ("itcho respond rate", "rate-gap"),
    ):
        count = len(words.split()) - 1
        answer = bash(f". {script}; COMP_WORDS=({words}); COMP_CWORD={count}; _itcho_completion itcho; echo $COMPREPLY")
        assert answer.split() == [expected]


def heavy(text: str) -> set[str]:
    imported = {line.rpartition("|")[2].strip() for line in text.splitlines()}
    return imported & {"numpy", "pandas", "mesa", "numba", "matplotlib", "networkx"}


@pytest.mark.parametrize("words", ["itcho run --policy ", "itcho run ", "itcho run --set ", "itcho claims "])
def test_completing_imports_nothing_heavy(words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "itcho.experiments.cli.main"],
        env=itcho_environment()
        | {"_ITCHO_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()))},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert len(done.stdout.split()) >= 5
    assert not heavy(done.stderr)


def test_the_version_names_the_model() -> None:
    done = child("--version")
    assert re.fullmatch(rf"itcho \S+( \S+)?, model {MODEL_VERSION}\n", done.out)
    assert done.code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        *(
            ["list", what]
            for what in ("scenarios", "policies", "outcomes", "start-states", "claims", "shocks", "studies", "variants")
        ),
        ["start-state", "check", "2024-03-31"],
        ["respond", "ltv"],
    ],
    ids=" ".join,
)
def test_json_is_alone_on_standard_output(arguments: list[str]) -> None:
    done = invoke(*arguments, "--json")
    assert done.code == 0
    assert json.loads(done.out)
    assert done.err == ""


def test_every_command_that_answers_can_answer_in_json() -> None:
    without = {path for path, command in LEAVES.items() if not any("--json" in one.opts for one in command.params)}
    assert without == {("view",)}


def test_quiet_prints_nothing_but_mistakes(capfd: pytest.CaptureFixture[str]) -> None:
    assert invoke("respond", "ltv").out
    assert invoke("respond", "ltv", "--quiet") == Finished(0, "", "")
    assert json.loads(invoke("respond", "ltv", "--quiet", "--json").out)
    assert "rate-gap" in invoke("respond", "rate-gp", "--quiet").err
    assert not silent.get()
    token = silent.set(True)
    with progress("x", 2) as advance:
        advance()
    silent.reset(token)
    assert capfd.readouterr().err == ""


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """What a command writes to a terminal."""
    ours, theirs = pty.openpty()
    kept = {name: value for name, value in itcho_environment().items() if name not in {"NO_COLOR", "TERM"}}
    process = subprocess.Popen(
        [sys.executable, "-m", "itcho.experiments.cli.main", *arguments],
        env=kept | {"TERM": "xterm-256color"} | environment,
        stdout=theirs,
        stderr=theirs,
        stdin=subprocess.DEVNULL,
    )
    os.close(theirs)
    text = b""
    try:
        while part := os.read(ours, 65536):
            text += part
    except OSError:  # Linux says so when the other side has closed
        pass
    os.close(ours)
    assert process.wait(timeout=60) == 0
    return text.decode()


def test_colours_are_for_terminals_that_want_them() -> None:
    coloured = re.compile(r"\x1b\[[0-9;]*3[0-7]m|\x1b\[[0-9;]*9[0-7]m")
    assert coloured.search(on_a_terminal("--help"))
    assert not coloured.search(on_a_terminal("--help", NO_COLOR="1"))
    assert ESCAPE in on_a_terminal("list", "scenarios")
    for arguments in (["--help"], ["list", "scenarios"]):
        assert ESCAPE not in child(*arguments, NO_COLOR="", TERM="xterm-256color").out


def _itcho_lines() -> Iterator[tuple[str, str]]:
    """Commands in the code blocks of every page, with the page's name; lines that go on with a backslash are joined."""
    for page in (*ROOT.glob("README*.md"), *sorted((ROOT / "docs").glob("*.md"))):
        blocks = re.findall(r"^```(?:sh|text|console|bash)\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)
        for block in blocks:
            for line in block.replace("\\\n", " ").splitlines():
                if line.strip().startswith("itcho ") and " [OPTIONS]" not in line:
                    yield page.name, line.strip()


def test_commands_of_every_page_exist_with_their_options() -> None:
    seen, wrong, every = 0, [], typer.main.get_command(app)
    for page, line in _itcho_lines():
        command: Any = every
        words = shlex.split(line, comments=True)[1:]
        while words and words[0] in getattr(command, "commands", {}):
            command, words = command.commands[words[0]], words[1:]
        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        unknown = [
            word for word in words if re.match(r"--?[a-z]", word) and word.split("=")[0] not in {*known, "--help", "-h"}
        ]
        if (words and hasattr(command, "commands")) or unknown:
            wrong.append((page, line, unknown or words[:1]))
        seen += 1
    assert wrong == []
    assert seen > 100
