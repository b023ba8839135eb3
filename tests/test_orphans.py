"""Killed outright: no process goes on for nobody, no half-written folder stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from itcho.experiments.orphans import FolderGuard
from tests.children import itcho_environment
from tests.orphans import below, within

SMALL = ("--importers", "60", "--adopters", "100")


@pytest.mark.parametrize("command", [("run", "--seed", "3", "--years", "60", *SMALL, "--out", "deep/down/a")])
def test_a_command_killed_outright_leaves_no_process_and_no_folder(tmp_path: Path, command: tuple[str, ...]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "itcho.experiments.cli.main", *command],
        cwd=tmp_path,
        env=itcho_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert within(120.0, lambda: bool(list(tmp_path.rglob(".itcho-*"))))
    assert within(30.0, lambda: len(below(process.pid)) >= 2), "the world without the programme runs beside"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert within(20.0, lambda: not below(process.pid))
    assert within(20.0, lambda: not list(tmp_path.iterdir()))


def test_what_was_put_beside_a_guarded_folder_stays(tmp_path: Path) -> None:
    inner = tmp_path / "made" / "folder"
    inner.mkdir(parents=True)
    (inner / "half.csv").write_text("a")
    (tmp_path / "made" / "mine.txt").write_text("kept")
    program = f"""
import os
from pathlib import Path
from itcho.experiments.orphans import FolderGuard
FolderGuard(Path({str(inner)!r}), [Path({str(inner.parent)!r})])
os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", program], env=itcho_environment(), check=False)
    assert within(20.0, lambda: not inner.exists())
    assert (tmp_path / "made" / "mine.txt").read_text() == "kept"


def test_a_released_guard_takes_nothing_away(tmp_path: Path) -> None:
    folder = tmp_path / "whole"
    folder.mkdir()
    guard = FolderGuard(folder)
    assert guard._process is not None
    number = guard._process.pid
    guard.release()
    guard.release()
    assert folder.is_dir()
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


def test_who_is_stopped_does_not_wait_for_what_its_workers_are_at(tmp_path: Path) -> None:
    program = tmp_path / "long.py"
    program.write_text(
        "import time\n"
        "from itcho.experiments.processes import in_processes\n"
        "from itcho.experiments.stopping import listen\n"
        "def sleep(_):\n"
        "    open('begun', 'w').close()\n"
        "    time.sleep(600)\n"
        "if __name__ == '__main__':\n"
        "    listen()\n"
        "    in_processes(sleep, [1, 2], 2)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "long.py"], cwd=tmp_path, env=itcho_environment(), start_new_session=True
    )
    assert within(120.0, (tmp_path / "begun").exists)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 143
    assert within(10.0, lambda: not below(process.pid))


def test_a_worker_that_is_still_starting_leaves_requests_to_its_parent(tmp_path: Path) -> None:
    """Ctrl-C at a terminal reaches all processes: one that is importing would answer with a traceback of its own."""
    program = tmp_path / "starting.py"
    program.write_text(
        "import time\n"
        "if __name__ != '__main__':\n"
        "    open('starting', 'w').close()\n"
        "    time.sleep(3.0)\n"
        "from itcho.experiments.processes import in_processes\n"
        "from itcho.experiments.stopping import listen\n"
        "def nothing(_):\n"
        "    time.sleep(600)\n"
        "if __name__ == '__main__':\n"
        "    listen()\n"
        "    try:\n"
        "        in_processes(nothing, [1, 2], 2)\n"
        "    except KeyboardInterrupt:\n"
        "        raise SystemExit(130)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "starting.py"],
        cwd=tmp_path,
        env=itcho_environment(),
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert within(120.0, (tmp_path / "starting").exists)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, b"")
    assert within(10.0, lambda: not below(process.pid))
