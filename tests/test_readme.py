"""README says what is so: its examples run, its commands exist, its figures are those of the pages they come from."""

from __future__ import annotations

import importlib.util
import re
import shlex
import shutil
import signal
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from itcho.experiments.cli.commands import app
from tests.children import ROOT, itcho_environment
from tests.command_lines import called

README = (ROOT / "README.md").read_text(encoding="utf-8")
LINES = [line for line in README.splitlines() if line.startswith("itcho ")]


def blocks(language: str, text: str = README) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def section(title: str) -> str:
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_the_python_examples_run(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), names)
    assert "carry_traders" in capsys.readouterr().out


def test_every_block_is_one_that_the_tests_know() -> None:
    """Commands that begin with `itcho`, the two commands, Python, and the drawing of the house."""
    assert set(re.findall(r"^```(\w*)\n", README, re.MULTILINE)) == {"sh", "python", ""}
    for block in blocks("sh"):
        assert all(line.startswith(("itcho ", "python3 ")) for line in block.splitlines()), block
    folders = [line.split()[0] for line in blocks("", section("Where to go next"))[0].splitlines()]
    assert all((ROOT / folder).is_dir() for folder in folders)


LONG = (
    "itcho compare",
    "itcho brief",
    "itcho explain",
    "itcho explorer",
    "itcho claims",
    "itcho run chip-supply-disruption",
    "itcho run --set",
    "itcho run --again",
    "itcho respond",
    "itcho validate --quick",
    "itcho corridor",
    "itcho study run examples/first_study.toml --time-limit",
    "itcho study report",
)
"""What takes minutes on a slow machine, and what needs its results: run by the slow test alone."""


def run(line: str, folder: Path) -> int:
    """Exit code of an `itcho` line, carried out in full; a view is served until its page has come."""
    return served(line, folder) if line.startswith("itcho view") else called(line)


def served(line: str, folder: Path) -> int:
    """Start the server, fetch its page, and stop it as Ctrl-C does; on any free port, with no window."""
    if importlib.util.find_spec("solara") is None:
        return 0
    command = [
        sys.executable,
        "-m",
        "itcho.experiments.cli.main",
        *shlex.split(line)[1:],
        "--port",
        "0",
        "--no-browser",
    ]
    process = subprocess.Popen(command, cwd=folder, env=itcho_environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        address = re.search(r"http://\S+", process.stdout.readline())
        assert address, line
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with browser.open(address[0], timeout=120) as door:  # the key is taken, and the view opened without it
            assert door.status == 200
        with browser.open(urllib.parse.urljoin(address[0], "/"), timeout=120) as page:
            assert page.status == 200
            assert b"<!doctype html" in page.read().lower()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=120)
    return 0


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory that holds what a copy of the repository has for the commands: examples and inputs."""
    for folder in ("examples", "tests/inputs"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_shorter_commands_run(fresh: Path) -> None:
    """From top to bottom in one folder, as they stand but for the first run: two pairs of two years."""
    lines = [line for line in LINES if not line.startswith(LONG)]
    assert {" ".join(line.split()[:2]) for line in lines} >= {
        "itcho run",
        "itcho report",
        "itcho view",
        "itcho validate",
    }
    assert "itcho run --out first" in lines
    for line in lines:
        fewer = " --pairs 2 --years 2" if line == "itcho run --out first" else ""
        assert run(line + fewer, fresh) == 0, line
    assert (fresh / "first" / "manifest.json").is_file()
    assert (fresh / "runs" / "first.html").is_file()
    assert (fresh / "runs" / "first-export" / "payments.graphml").is_file()


@pytest.mark.slow
def test_all_commands_run_as_they_stand(fresh: Path) -> None:
    """Every `itcho` line of README from top to bottom, in full, in one folder."""
    for line in LINES:
        assert run(line, fresh) == 0, line
    assert (fresh / "rules" / "report.md").is_file()
    assert (fresh / "rules-brief.html").is_file()
    assert (fresh / "rules-explorer.html").is_file()
    assert (fresh / "runs" / "explain" / "actual.html").is_file()
    assert (fresh / "runs" / "claims" / "yen-fall.png").is_file()
    assert (fresh / "runs" / "responses" / "rate-gap" / "response.csv").is_file()
    assert (fresh / "runs" / "studies" / "first-study" / "report.md").is_file()
    assert (fresh / "figures").is_dir()
    (again,) = (fresh / "runs").glob("baseline-actual-seed*/")
    for file in ("monthly.csv", "edges.csv", "world.json"):
        assert (again / file).read_bytes() == (fresh / "first" / file).read_bytes()


def test_no_line_is_left_to_a_test_that_does_not_run() -> None:
    """A line of a kind that nobody has thought of would be run by the shorter test, and a kind that is gone is told."""
    for beginning in LONG:
        assert any(line.startswith(beginning) for line in LINES), beginning


def test_the_two_commands_stand_where_ci_finds_them() -> None:
    commands = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("python3 ")]
    assert len(commands) == 2
    script = (ROOT / ".ci" / "run").read_text()
    patterns = [re.compile(pattern) for pattern in re.findall(r"grep -m1 -E (?:-- )?'([^']+)' README\.md", script)]
    assert len(patterns) == 2
    for command, pattern in zip(reversed(commands), patterns, strict=True):
        assert [line for line in README.splitlines() if pattern.search(line)] == [command]


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target


def test_pictures_have_words_and_load_fast() -> None:
    pictures = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", README)
    assert len(pictures) == 3
    for words, target in pictures:
        assert len(words.split()) >= 8
        assert (ROOT / target).stat().st_size < 300_000
        assert (ROOT / target).read_bytes().startswith(b"\x89PNG")


def commands(command: Any, words: str = "itcho") -> Iterator[str]:
    below = getattr(command, "commands", None)
    if below is None:
        yield words
        return
    for name, one in below.items():
        yield from commands(one, f"{words} {name}")


def test_every_command_is_documented() -> None:
    documented = set(re.findall(r"`(itcho [^`]+)`", section("All commands")))
    assert documented - {"itcho COMMAND --help"} == set(commands(typer.main.get_command(app)))


def test_the_findings_are_those_of_the_pages() -> None:
    """A figure that has changed in ``docs/`` has to change here: the message says to what."""
    findings = section("What it finds, and what it cannot say")
    page = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
    effects = page[page.index("## Effects") : page.index("## Mechanisms")]
    rows = re.findall(r"^\| (`[\w-]+`) \| (.+?) \| (.+?) \| (.+?) \|$", findings, re.MULTILINE)
    assert len(rows) >= 5
    for row in rows:
        found = re.search(rf"^\| {row[0]} \| [\w-]+ \| (.+?) \| \*\*(.+?)\*\* \| (.+?) \|", effects, re.MULTILINE)
        assert found, row[0]
        assert row[1:] == (found[1], found[3].split(" median")[0], found[2]), "README against docs/claims.md"
    summary = page.splitlines()[2].split(". ")[0] + "."
    assert summary in one_line(findings)
    validation = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    assert validation.splitlines()[2].removesuffix(".") in one_line(findings)
    missed = re.findall(r"^\| ([\w-]+) \|.*\*\*missed\*\*", validation, re.MULTILINE)
    targets = re.search(r"(\d+) of (\d+) response targets met", validation)
    assert targets
    assert f"Of {targets[2]} published responses over five years it meets {targets[1]};" in one_line(findings)
    missed = [name for name in missed if not name.startswith("T-")]
    said = one_line(findings)
    said = said[said.index("it misses") : said.index("published responses over five years")]
    assert set(missed) == set(re.findall(r"`([\w-]+)`", said)), "README names them"
