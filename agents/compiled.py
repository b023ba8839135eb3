"""Compilation of inner loops by Numba, or their plain Python where Numba is missing or does not work.

Results are the same within rounding (see the tests); a run takes some forty times as long in plain Python.
"""

from __future__ import annotations

import warnings
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled_cache import CompiledCache, Decorator

__all__ = ["COMPILED", "njit", "plain", "total"]

_Function = TypeVar("_Function")
_Fields = TypeVar("_Fields", bound=tuple[object, ...])


def _as_it_is(**_: object) -> Decorator:
    """Numba's decorator without Numba: functions as they are, whatever its options."""
    return _unchanged


def _unchanged(function: _Function) -> _Function:
    return function


COMPILED = True
"""Whether inner loops are compiled."""

if TYPE_CHECKING:
    # Numba has no types; what a compiled function takes and gives is what its plain Python does.
    njit = _as_it_is
else:
    try:
        import numba

        # The wrapper left out serves callers in C, which there are none of; making it takes a tenth of all compilation.
        njit = CompiledCache().keeping(partial(numba.njit, no_cfunc_wrapper=True))
    except (ImportError, OSError, AttributeError, RuntimeError) as error:  # what missing and broken parts of it raise
        COMPILED, njit = False, _as_it_is
        warnings.warn(
            f"Numba cannot be loaded ({type(error).__name__}: {error}), so that a run takes some forty times as long; "
            "put it right with: python -m pip install --force-reinstall numba",
            stacklevel=2,
        )


def plain(fields: _Fields) -> _Fields:
    """The fields of a named tuple as a plain one, which compiled code takes in fastest; it names them again itself."""
    return cast(_Fields, tuple(fields))


@njit(cache=True)
def total(values: NDArray[np.float64]) -> float:
    """Sum of a short vector, member by member, at a third of the fixed cost of ``values.sum()``."""
    found = 0.0
    for k in range(values.size):
        found += values[k]
    return found
