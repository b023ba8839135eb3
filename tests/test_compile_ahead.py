"""Compiling ahead on two cores: every function in one share, plain Python in its place, nothing left to compile."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import model.economy
from agents.compiled import COMPILED
from experiments.compile_ahead import is_compiled, plain, shares
from model.journal import flows_from_legs, post, post_instruments

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(not COMPILED, reason="nothing is compiled without Numba")

LEFT_TO_COMPILE = """
from experiments.compile_ahead import ensure_compiled, is_compiled, kernels
assert not is_compiled()
ensure_compiled()
assert is_compiled()
from model.economy import JapanEconomy
JapanEconomy(rng=2).run(years=2)
print(sum(sum(kernel.stats.cache_misses.values()) for kernel in kernels()))
"""


@pytest.mark.parametrize("processes", [1, 2, 5])
def test_every_function_called_from_python_is_in_exactly_one_share(processes: int) -> None:
    names = [kernel.py_func.__qualname__ for share in shares(processes) for kernel in share]
    assert len(names) == len(set(names)) >= 30
    assert {"post_instruments", "flows_from_legs"} <= set(names)
    assert "_settle" not in names, "compiled functions call it, and it goes where they go"
    assert all(shares(processes))


def test_plain_python_stands_in_for_a_function_and_for_what_it_calls() -> None:
    rng = np.random.default_rng(1)
    place = np.zeros((3, 2, 2), dtype=np.int64)
    sign = np.zeros((3, 2))

    def books() -> tuple[np.ndarray, ...]:
        return np.zeros((4, 4), dtype=np.int32), np.zeros((4, 2)), np.zeros((2, 2, 3))

    amounts = rng.random(2)
    results = []
    for function in (post_instruments, plain(post_instruments)):
        codes, legs, both = books()
        count = function(codes, legs, 0, both, place, sign, 0, 2, 1, np.array([0, 1]), amounts)
        results.append((count, codes, legs, both))
    assert results[0][0] == results[1][0] == 2
    for compiled, interpreted in zip(results[0][1:], results[1][1:], strict=True):
        assert np.array_equal(compiled, interpreted)
    assert plain(post_instruments).__globals__["post"] is not post
    assert flows_from_legs.py_func.__globals__["post"] is post, "the module keeps its own"


def test_what_is_on_disk_tells_whether_anything_has_to_be_compiled(tmp_path: Path) -> None:
    JapanEconomy = model.economy.JapanEconomy  # noqa: N806
    JapanEconomy().step()
    assert is_compiled()
    asked = subprocess.run(
        [sys.executable, "-c", "from experiments.compile_ahead import is_compiled; print(is_compiled())"],
        cwd=ROOT,
        env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout.strip() == "False"


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks are not safe elsewhere")
def test_nothing_is_left_to_compile_after_two_processes_have_shared_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LEFT_TO_COMPILE],
        cwd=ROOT,
        env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "0"
