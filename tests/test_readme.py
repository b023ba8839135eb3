"""README says what is so: its examples run, its commands exist, and .ci/run calls them as they stand there."""

from __future__ import annotations

import re
import shlex

import pytest

from experiments.cli_commands import app
from experiments.cli_run import RunRequest
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_python_examples_run(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), names)
    assert "carry_traders" in capsys.readouterr().out


def test_the_commands_are_read_as_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every `itcho` line of README passes the checks that come before a run."""
    asked: list[object] = []

    def check_only(request: RunRequest, **_: object) -> None:
        asked.append(request.checked_parameters())

    monkeypatch.setattr("experiments.cli_run.run_and_show", check_only)
    for long_work in ("corridor_and_show", "quiet_start_and_show"):
        monkeypatch.setattr(f"experiments.checks_report.{long_work}", lambda **_: None)
    for long_work in ("validate_and_show", "respond_and_show"):
        monkeypatch.setattr(f"experiments.validation_show.{long_work}", lambda *_, **__: None)
    monkeypatch.setattr("experiments.cli_study._run_and_report", lambda *_, **__: 0)
    monkeypatch.setattr("experiments.cli_study._report", lambda *_, **__: 0)
    monkeypatch.chdir(ROOT)
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("itcho ")]
    assert len(lines) >= 8
    for line in lines:
        with pytest.raises(SystemExit) as ended:
            app(shlex.split(line, comments=True)[1:], prog_name="itcho")
        assert ended.value.code == 0, line
    assert len(asked) == 5


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


def test_every_command_is_documented() -> None:
    commands = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    groups = {group.name for group in app.registered_groups}
    assert all(f"itcho {name}" in README for name in commands | {str(name) for name in groups})
