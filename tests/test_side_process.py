"""Work beside the caller: its result, its failure, and its end."""

from __future__ import annotations

import time

import pytest

from itcho.experiments.side_process import beside


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
