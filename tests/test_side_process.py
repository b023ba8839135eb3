"""Work beside the caller: its result, its failure, and its end."""

from __future__ import annotations

import os
import time

import pytest

from itcho.experiments.side_process import beside, side_by_side


def test_the_result_comes_back() -> None:
    here = [1, 2, 3]
    with beside(lambda: [2 * number for number in here]) as result:
        assert result() == [2, 4, 6]


def test_what_the_work_raised_is_raised() -> None:
    def fail() -> None:
        raise ValueError("row 3, sector banks")

    with beside(fail) as result, pytest.raises(ValueError, match="row 3, sector banks"):
        result()


def test_work_that_nobody_waits_for_is_ended() -> None:
    began = time.monotonic()
    with beside(lambda: time.sleep(60.0)):
        pass
    assert time.monotonic() - began < 30.0


def test_tasks_are_shared_out_and_answers_come_in_order() -> None:
    done = []
    assert side_by_side(lambda number: number * number, [3, 1, 2, 5, 4], 2, lambda: done.append(1)) == [9, 1, 4, 25, 16]
    assert len(done) == 5


def test_what_a_task_raised_is_raised_and_the_others_end() -> None:
    def fail(number: int) -> int:
        if number == 0:
            raise ValueError("row 3, sector banks")
        time.sleep(60.0)
        return number

    began = time.monotonic()
    with pytest.raises(ValueError, match="row 3, sector banks"):
        side_by_side(fail, [1, 0], 2)
    assert time.monotonic() - began < 30.0


def test_a_killed_fork_is_told() -> None:
    with pytest.raises(RuntimeError, match="ended without a result"):
        side_by_side(lambda number: os._exit(1), [1, 2], 2)
