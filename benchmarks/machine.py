"""The machine's floor: how fast memory streams through one core, and how fast it is read at random places."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from benchmarks.timing import least_seconds


@njit(cache=True)
def _triad(a: Any, b: Any, c: Any) -> None:
    for i in range(a.size):
        a[i] = b[i] + 0.5 * c[i]


@njit(cache=True)
def _gather(table: Any, places: Any) -> float:
    total = 0.0
    for i in range(places.size):
        total += table[places[i]]
    return total


@dataclass(frozen=True)
class Floor:
    """What one core moves.

    Attributes
    ----------
    stream_gb_per_second : bytes read and written by a fused multiply-add over arrays of the working set's size.
    gather_ns : one read of eight bytes at a random place of a table with as many entries as there are agents.
    """

    stream_gb_per_second: float
    gather_ns: float


@cache
def floor(agents: int, bytes_per_agent: int) -> Floor:
    """Measure with arrays as large as those of ``agents`` agents with ``bytes_per_agent``."""
    length = max(1000, agents * bytes_per_agent // 24)
    a, b, c = np.zeros(length), np.ones(length), np.ones(length)
    seconds = least_seconds(lambda: _triad(a, b, c), repeats=7)
    rng = np.random.default_rng(1)
    table: NDArray[np.float64] = rng.random(agents)
    places = rng.integers(0, agents, size=max(agents, 100_000), dtype=np.int32)
    gathering = least_seconds(lambda: _gather(table, places), repeats=7)
    return Floor(24.0 * length / seconds / 1e9, gathering / places.size * 1e9)


def floor_ns(agents: int, streamed_bytes: int, gathers: float = 0.0) -> float:
    """Nanoseconds that one agent's ``streamed_bytes`` and ``gathers`` cost at least, with ``agents`` of them."""
    measured = floor(agents, streamed_bytes)
    return streamed_bytes / measured.stream_gb_per_second + gathers * measured.gather_ns
