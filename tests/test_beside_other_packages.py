"""Installed beside a package that is imported as `agents` too, both work: the wheel holds one package, `itcho`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.children import ROOT

pytestmark = pytest.mark.slow

OTHER = "openai-agents"
"""A package of the public registry whose import name is that of a folder of ours."""
_FOLDERS, _FILES = ("agents", "model", "experiments", "itcho"), ("pyproject.toml", "README.md", "LICENSE")
"""What a wheel is built from; a copy, because building leaves files beside its sources."""


def environment() -> dict[str, str]:
    """Of a user who has nothing of these sources on the path."""
    hidden = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return kept | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "COLUMNS": "80", "NO_COLOR": "1"}


def ran(*command: object, within: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=within,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a new environment in which the other package was installed after ours."""
    folder = tmp_path_factory.mktemp("beside")
    made = ran(sys.executable, "-m", "venv", folder / "venv", within=folder)
    python = folder / "venv" / "bin" / "python"
    if made.returncode != 0 or not python.is_file():
        pytest.skip(f"no environment with pip can be made here: {(made.stdout + made.stderr).strip()[-200:]}")
    found = ran(python, "-m", "pip", "download", "-q", "--no-deps", "-d", folder / "found", OTHER, within=folder)
    if found.returncode != 0:
        pytest.skip(f"the package registry gives no {OTHER}: {found.stderr.strip()[-200:]}")
    for name in _FOLDERS:
        shutil.copytree(
            ROOT / name, folder / "sources" / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__")
        )
    for name in _FILES:
        shutil.copyfile(ROOT / name, folder / "sources" / name)
    built = ran(
        python, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder / "built", folder / "sources", within=folder
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = (folder / "built").glob("itcho-*.whl")
    parts = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {part for part in parts if not part.endswith(".dist-info")} == {"itcho"}
    for what in (wheel, OTHER):
        installed = ran(python, "-m", "pip", "install", "-q", what, within=folder)
        assert installed.returncode == 0, installed.stderr
    return python.parent


def test_both_are_imported_and_each_is_its_own(programs: Path, tmp_path: Path) -> None:
    code = "import agents, itcho; print(agents.Agent.__module__, itcho.JapanEconomy.__module__, agents.__file__)"
    done = ran(programs / "python", "-c", code, within=tmp_path)
    assert done.returncode == 0, done.stderr
    theirs, ours, file = done.stdout.split()
    assert theirs.split(".")[0] == "agents"
    assert ours == "itcho.model.economy"
    assert Path(file).parent == next(programs.parent.glob("lib/python*/site-packages")) / "agents"


def test_a_year_is_run(programs: Path, tmp_path: Path) -> None:
    done = ran(programs / "itcho", "run", "--years", "1", within=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("runs/*/monthly.csv"))) == 1
