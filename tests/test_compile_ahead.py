"""Compiling ahead on two cores: every function in one share, plain Python in its place, nothing left to compile."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import itcho.model.economy
from itcho.agents.compiled import COMPILED
from itcho.experiments.compile_ahead import is_compiled, plain, shares
from itcho.model.ledger.journal import FIRST_CELL, post_each, post_members

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(not COMPILED, reason="nothing is compiled without Numba")

LEFT_TO_COMPILE = """
from itcho.experiments.compile_ahead import ensure_compiled, is_compiled, kernels
assert not is_compiled()
ensure_compiled()
assert is_compiled()
from itcho.model.economy import JapanEconomy
JapanEconomy(rng=2).run(years=2)
print(sum(sum(kernel.stats.cache_misses.values()) for kernel in kernels()))
"""


@pytest.mark.parametrize("processes", [1, 2, 5])
def test_every_function_called_from_python_is_in_exactly_one_share(processes: int) -> None:
    names = [kernel.py_func.__qualname__ for share in shares(processes) for kernel in share]
    assert len(names) == len(set(names)) >= 30
    assert {"post_members", "flows_from_legs"} <= set(names)
    assert "_write" not in names, "compiled functions call it, and it goes where they go"
    assert all(shares(processes))


def test_plain_python_stands_in_for_a_function_and_for_what_it_calls() -> None:
    rng = np.random.default_rng(1)
    routes = np.zeros((2, 3, FIRST_CELL + 4), dtype=np.int64)
    routes[:, :, 0], routes[:, :, 1] = np.arange(3), 7
    routes[:, :, FIRST_CELL:] = 0, -1, 5, 1
    label, rows, amounts = rng.integers(0, 3, 9), np.arange(9), rng.normal(size=(2, 9))
    results = []
    for function in (post_members, plain(post_members)):
        written = np.zeros((8, 4), dtype=np.int32), np.zeros((8, 2)), np.zeros((2, 6)), np.zeros(9), np.zeros(0)
        codes, legs, books, cash, held = written
        count = function(codes, legs, 0, books, routes, label, rows, amounts, cash, held, 1.0, 0.0)
        results.append((count, written))
    (count, compiled), (count_of_plain, interpreted) = results
    assert count == count_of_plain == 6
    assert compiled[2].any()
    for one, other in zip(compiled, interpreted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-14)
    assert plain(post_members).__globals__["post_each"] is not post_each
    assert post_members.py_func.__globals__["post_each"] is post_each, "the module keeps its own"


def test_what_is_on_disk_tells_whether_anything_has_to_be_compiled(tmp_path: Path) -> None:
    JapanEconomy = itcho.model.economy.JapanEconomy  # noqa: N806
    JapanEconomy().step()
    assert is_compiled()
    asked = subprocess.run(
        [sys.executable, "-c", "from itcho.experiments.compile_ahead import is_compiled; print(is_compiled())"],
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
