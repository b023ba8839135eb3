"""Workers and drivers killed at random moments: nothing is lost, spoilt, or done twice beyond what was under way.

``ITCHO_KILLS=30`` makes as many kills for each engine (default 6).
"""

from __future__ import annotations

import importlib.util
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from itcho.experiments.studies.design import Cell
from itcho.experiments.studies.engine import SerialEngine
from itcho.experiments.studies.store import CellResult, CellStore
from itcho.experiments.studies.study_run import run_study
from tests.children import itcho_environment
from tests.test_study import fake, study

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("ITCHO_KILLS", "6"))
SEEDS = 60 * KILLS
WORKERS = 2
UNDER_WAY = 2 * WORKERS
"""Runs that an engine with two workers has handed out at a time."""
DRIVER = """
import sys
from pathlib import Path
from itcho.experiments.studies.engine import engine_named
from itcho.experiments.studies.store import CellStore
from itcho.experiments.studies.study_run import run_study
from tests import test_kills, test_study

if __name__ == "__main__":
    engine = engine_named(sys.argv[1], 2)
    store = CellStore(Path(sys.argv[2]))
    run_study(test_study.study(seeds=test_kills.SEEDS), store, engine, work=test_kills.counted, show_progress=False)
"""


def counted(cell: Cell) -> CellResult:
    """As the made-up run of the study's tests, noted in a file and slow enough to be killed at work."""
    with Path(os.environ["ITCHO_TEST_LOG"]).open("a") as log:
        log.write(f"{cell.key}\n")
    time.sleep(0.02)
    return fake(cell)


@contextmanager
def driver(engine: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that runs the study, ended with all its children afterwards."""
    file = folder / "drive.py"
    file.write_text(DRIVER)
    environment = itcho_environment() | {"ITCHO_TEST_LOG": str(folder / "log"), "ITCHO_KILLS": str(KILLS)}
    with subprocess.Popen(
        [sys.executable, str(file), engine, str(folder / "store")],
        env=environment,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def children(parent: int) -> list[int]:
    """Processes below ``parent`` that do runs."""
    found = []
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                above = int((place / "stat").read_text().rsplit(")", 1)[1].split()[1])
                words = (place / "cmdline").read_bytes()
            except (OSError, ValueError, IndexError):
                continue
            if above == parent and b"spawn_main" in words:
                found.append(int(place.name))
    return found


def wait_for_work(process: subprocess.Popen[bytes], log: Path, lines: int) -> bool:
    """Wait until the study has begun ``lines`` runs in all; False if it ended before."""
    deadline = time.monotonic() + 300.0
    while time.monotonic() < deadline:
        if process.poll() is not None:
            return False
        if log.exists() and log.read_bytes().count(b"\n") >= lines:
            return True
        time.sleep(0.01)
    raise AssertionError("no run was begun within five minutes")


@pytest.mark.parametrize("engine", ["local", "dask"])
def test_killed_at_random_moments(engine: str, tmp_path: Path) -> None:
    if engine == "dask" and importlib.util.find_spec("distributed") is None:
        pytest.skip("the extra 'dask' is not installed")
    chance = random.Random(20260331)
    log, store = tmp_path / "log", CellStore(tmp_path / "store")
    begun, kills = 0, 0
    while kills < KILLS:
        with driver(engine, tmp_path) as process:
            if not wait_for_work(process, log, begun + 1):
                break
            for victim in ("worker", "driver"):
                time.sleep(chance.uniform(0.0, 1.0))
                if process.poll() is not None:
                    break
                if victim == "driver":
                    process.kill()
                else:
                    os.kill(chance.choice(children(process.pid)), signal.SIGKILL)
                    begun = log.read_bytes().count(b"\n")
                    if not wait_for_work(process, log, begun + 1):
                        break
                kills += 1
        time.sleep(0.3)
        begun = log.read_bytes().count(b"\n")
    assert kills >= KILLS, "the study ended before all kills: give it more seeds"

    whole = study(seeds=SEEDS)
    kept = len(store.keys())
    done = run_study(whole, store, SerialEngine(), work=fake, show_progress=False)
    assert 0 < kept < done.status.cells
    assert done.runs == done.status.cells - kept
    assert not store.failures()
    assert not list(store.folder.rglob("*.part"))

    undisturbed = CellStore(tmp_path / "undisturbed")
    run_study(whole, undisturbed, SerialEngine(), work=fake, show_progress=False)
    assert store.hash() == undisturbed.hash()

    times = Counter(log.read_text().split())
    assert sum(times.values()) - len(times) <= UNDER_WAY * kills


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk takes root")
def test_a_full_disk_stops_the_study_with_the_store_intact(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(small)], check=False)
    if mounted.returncode:
        pytest.skip("this machine allows no mount")
    try:
        full = _study_in(small / "store", tmp_path)
        assert full.returncode == 2, full.stderr
        assert "No space left on device" in full.stderr
        assert "Traceback" not in full.stderr
        store = CellStore(small / "store")
        assert store.keys()
        assert len(store.hash()) == 64
        assert not list(store.folder.rglob("*.part"))

        subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
        before = store.hash()
        closed = _study_in(small / "store", tmp_path)
        assert closed.returncode == 2, closed.stderr
        assert "Read-only file system" in closed.stderr
        assert "Traceback" not in closed.stderr
        assert store.hash() == before
    finally:
        subprocess.run(["umount", str(small)], check=False)


def _study_in(store: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """A real comparison of 40 one-year runs into ``store``."""
    words = ["compare", "actual", "--seeds", "20", "--years", "1", "--workers", "1", "--out", str(store)]
    return subprocess.run(
        [sys.executable, "-m", "itcho.experiments.cli.main", *words],
        cwd=folder,
        env=itcho_environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
