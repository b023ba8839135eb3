"""Compilation of inner loops by Numba, or their plain Python where Numba is missing or does not work.

Results are the same within rounding (see the tests); a run takes some twenty times as long in plain Python.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled_cache import CompiledCache

__all__ = ["COMPILED", "njit", "total"]


def _as_it_is(*arguments: Any, **_: Any) -> Any:
    """Numba's decorator without Numba: functions as they are, with or without its options."""
    if arguments:
        return arguments[0]
    return lambda function: function


COMPILED = True
"""Whether inner loops are compiled."""

njit: Callable[..., Any]
try:
    import numba

    # The wrapper left out serves callers in C, which there are none of; making it takes a tenth of all compilation.
    njit = CompiledCache().keeping(partial(numba.njit, no_cfunc_wrapper=True))
except (ImportError, OSError, AttributeError, RuntimeError) as error:  # what missing and broken parts of it raise
    COMPILED, njit = False, _as_it_is
    warnings.warn(
        f"Numba cannot be loaded ({type(error).__name__}: {error}), so that a run takes some twenty times as long; "
        "put it right with: python -m pip install --force-reinstall numba",
        stacklevel=2,
    )


@njit(cache=True)
def total(values: NDArray[np.float64]) -> float:
    """Sum of a short vector, member by member, at a third of the fixed cost of ``values.sum()``."""
    found = 0.0
    for k in range(values.size):
        found += values[k]
    return found
