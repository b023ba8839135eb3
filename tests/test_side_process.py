"""Work in forks: answers in order, turns taken by who is free, errors and ends of forks."""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from itcho.experiments.side_process import side_by_side

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks are used on Linux alone")


def test_who_is_free_takes_the_next_task() -> None:
    """One task takes as long as all others together: its worker does nothing else, and the answers stay in order."""

    def who(task: int) -> tuple[int, int]:
        if task == 0:
            time.sleep(1.5)
        return task, os.getpid()

    done = []
    answers = side_by_side(who, range(12), 2, lambda: done.append(1))
    assert [task for task, _ in answers] == list(range(12))
    assert len(done) == 12
    slow = answers[0][1]
    assert [worker for _, worker in answers].count(slow) == 1
    assert len({worker for _, worker in answers}) == 2


def test_more_tasks_than_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("itcho.experiments.side_process._MOST_TURNS", 5)
    assert side_by_side(lambda task: task**2, range(23), 2) == [task**2 for task in range(23)]


def test_an_error_and_a_killed_fork_are_raised() -> None:
    def fails(task: int) -> int:
        if task == 3:
            raise ValueError("the third")
        return task

    def ends(task: int) -> int:
        if task == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return task

    with pytest.raises(ValueError, match="the third"):
        side_by_side(fails, range(6), 2)
    gc.collect()
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(RuntimeError, match="ended without a result"):
        side_by_side(ends, range(6), 2)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
