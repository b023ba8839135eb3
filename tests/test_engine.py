"""Engines: every task is answered once, whatever happens to the workers."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from itcho.agents.errors import InputError
from itcho.experiments.studies.engine import Crew, Engine, Failure, LocalEngine, SerialEngine, engine_named
from tests.children import itcho_environment

Answers = dict[int, "int | Failure"]


def square(number: int) -> int:
    if number == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 7:
        raise ValueError("seven is not squared")
    if number == 8:
        sys.exit("a run may not end its worker")
    return number * number


def kills_once(path: str) -> str:
    """Kill the worker the first time a file is worked on."""
    if not Path(path).exists():
        Path(path).write_text("tried")
        os.kill(os.getpid(), signal.SIGKILL)
    return Path(path).read_text()


def answers(engine: Engine, numbers: list[int]) -> Answers:
    found: Answers = {}

    def keep(number: int, answer: int | Failure) -> None:
        assert number not in found, "answered twice"
        found[number] = answer

    with Crew(engine, square) as crew:
        crew.run(numbers, keep)
    return found


def test_serial_answers_and_failures() -> None:
    found = answers(SerialEngine(), [1, 7, 8, 3])
    assert (found[1], found[3]) == (1, 9)
    seven, eight = found[7], found[8]
    assert isinstance(seven, Failure)
    assert isinstance(eight, Failure)
    assert seven.error == "ValueError: seven is not squared"
    assert "test_engine.py" in seven.trace
    assert eight.error.startswith("SystemExit")


def test_a_task_that_always_kills_its_worker_fails_and_the_rest_finish() -> None:
    found = answers(LocalEngine(2), [*range(6), 13, 9, 10, 7])
    assert {number for number, answer in found.items() if isinstance(answer, Failure)} == {7, 13}
    died = found[13]
    assert isinstance(died, Failure)
    assert "worker died" in died.error
    assert all(found[number] == number * number for number in (*range(6), 9, 10))


def test_a_worker_killed_once_is_survived(tmp_path: Path) -> None:
    found = {}
    with Crew(LocalEngine(2), kills_once) as crew:
        crew.run([str(tmp_path / "one"), str(tmp_path / "two")], lambda task, answer: found.update({task: answer}))
    assert list(found.values()) == ["tried", "tried"]


def test_no_worker_is_left_when_the_caller_fails() -> None:
    before = {child.pid for child in multiprocessing.active_children()}

    def refuse(number: int, answer: int | Failure) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"), Crew(LocalEngine(1), square) as crew:
        crew.run([1, 2, 3], refuse)
    assert {child.pid for child in multiprocessing.active_children()} <= before


def test_nothing_new_is_begun_after_the_time_limit() -> None:
    found: list[int] = []
    with Crew(SerialEngine(), square) as crew:
        crew.run([1, 2, 3], lambda number, _: found.append(number), until=time.monotonic() - 1.0)
    assert found == []


def test_workers_end_when_their_parent_is_killed() -> None:
    script = (
        "import os, time\n"
        "from itcho.experiments.studies.engine import LocalEngine\n"
        "if __name__ == '__main__':\n"
        "    pool = LocalEngine(1).open()\n"
        "    print(pool.submit(os.getpid).result(), flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        env=itcho_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.kill()
    for _ in range(100):
        if not Path(f"/proc/{worker}").exists() or " Z " in Path(f"/proc/{worker}/stat").read_text():
            return
        time.sleep(0.05)
    os.kill(worker, signal.SIGKILL)
    pytest.fail("the worker outlived its parent")


def test_all_mistakes_of_an_engine_at_once() -> None:
    with pytest.raises(InputError) as caught:
        engine_named("locla", workers=0, scheduler="tcp://x:1")
    assert len(caught.value.messages) == 3
    assert isinstance(engine_named("serial"), SerialEngine)
    assert engine_named("local", workers=3).cores == 3
