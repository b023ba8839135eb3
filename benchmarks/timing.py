"""How times are taken: the least of several, because whatever else a machine does can only add to a time."""

from __future__ import annotations

import time
from collections.abc import Callable


def least_seconds(work: Callable[[], object], repeats: int = 5, at_least: float = 0.02) -> float:
    """Least seconds of one call of ``work``; short calls are timed in bunches of at least ``at_least`` seconds."""
    work()
    calls = 1
    while True:
        began = time.perf_counter()
        for _ in range(calls):
            work()
        took = time.perf_counter() - began
        if took >= at_least:
            break
        calls *= max(2, int(at_least / max(took, 1e-9)))
    best = took / calls
    for _ in range(repeats - 1):
        began = time.perf_counter()
        for _ in range(calls):
            work()
        best = min(best, (time.perf_counter() - began) / calls)
    return best


def least_seconds_after(
    reset: Callable[[], object], work: Callable[[], object], calls: int = 24, repeats: int = 5
) -> float:
    """Least seconds of one call of ``work``, in bunches of ``calls`` that each begin with an untimed ``reset``.

    For rules that change what they work on: after thousands of months they would be timed on a world that no run sees.
    """
    best = float("inf")
    for _ in range(repeats):
        reset()
        began = time.perf_counter()
        for _ in range(calls):
            work()
        best = min(best, (time.perf_counter() - began) / calls)
    return best
