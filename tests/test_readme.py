"""README says what is so: its examples run, its commands exist, its figures are those of the pages they come from."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from itcho.experiments.cli_commands import app
from tests.command_lines import called, stop_before_work
from tests.conftest import ROOT

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


@pytest.mark.parametrize("line", LINES)
def test_the_commands_are_read_as_they_stand(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every `itcho` line of README passes the checks that come before its work."""
    reached = stop_before_work(monkeypatch)
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    assert called(line) == 0
    assert reached or line.startswith(("itcho list", "itcho start-state", "itcho study status"))


@pytest.mark.slow
def test_the_five_minutes_are_as_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tour from top to bottom, but for the live view, which would not end."""
    monkeypatch.chdir(tmp_path)
    for block in blocks("sh", section("Five minutes")):
        for line in block.splitlines():
            if not line.startswith("itcho view"):
                assert called(line) == 0, line
    assert (tmp_path / "first" / "manifest.json").is_file()
    assert (tmp_path / "first.html").is_file()
    assert (tmp_path / "rules" / "report.md").is_file()
    assert (tmp_path / "claims" / "yen-fall.png").is_file()


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
    assert set(missed) == {"usdjpy-daily-abs-acf-100", "equity-daily-abs-acf-100", "growth-mean"}, "README names them"
