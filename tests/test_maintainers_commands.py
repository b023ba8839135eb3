"""The commands `python -m itcho.experiments...`: all say what they take, and refuse before they compute."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.children import ROOT

COMMANDS = sorted(
    "itcho." + ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (ROOT / "experiments").rglob("*.py")
    if path.name != "main.py" and '__name__ == "__main__"' in path.read_text(encoding="utf-8")
)
WRITES_INTO = ("evidence.mechanisms", "evidence.openings", "evidence.systems", "studies.which_lasts")


def ran(module: str, *arguments: str, within: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments], capture_output=True, text=True, timeout=120, cwd=within
    )


def test_all_of_them_are_found() -> None:
    assert len(COMMANDS) >= 14


@pytest.mark.slow
@pytest.mark.parametrize("module", COMMANDS)
def test_each_says_what_it_takes_and_refuses_what_it_does_not_know(module: str, tmp_path: Path) -> None:
    told = ran(module, "--help", within=tmp_path)
    assert (told.returncode, told.stderr) == (0, "")
    assert re.search(r"usage: python -m itcho\.|usage: \w+\.py", told.stdout)
    refused = ran(module, "--nothing-of-the-kind", within=tmp_path)
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
    assert "error: " in refused.stderr.splitlines()[-1]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "module",
    [
        pytest.param(f"itcho.experiments.{name}", marks=[] if name == WRITES_INTO[0] else pytest.mark.slow)
        for name in WRITES_INTO
    ],
)
def test_a_folder_that_is_not_there_is_refused_before_anything_is_computed(module: str, tmp_path: Path) -> None:
    refused = ran(module, "--out", "missing", within=tmp_path)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.splitlines()[-1].endswith("argument --out: 'missing' is no folder: make it first")
