"""The first run after installing compiles the model: here on two cores, each half of the inner loops.

Numba compiles a function when it is first called, in every process that calls it.  Two runs side by side would both
compile everything; instead each of two processes runs a short world in which its half of the functions is compiled and
the other half is plain Python, and both leave what they compiled where :mod:`itcho.agents.compiled_cache` says.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from itcho.experiments.progress import silent
from itcho.experiments.side_process import beside

_PROCESSES = 2
_BY_THE_THOUSAND = ("month_of_contracts", "payments")
"""Functions that opening a world calls so often that plain Python would take longer than compiling them again."""
_COMPILING = "itcho: the first run after installing compiles the model: half a minute or more; later ones start at once"


def ensure_compiled(run_a_year: Callable[[], object] | None = None) -> None:
    """Compile ahead if no run has done so, and say so; ``run_a_year`` runs a world, by default the baseline's."""
    if not is_compiled():
        if not silent.get():
            print(_COMPILING, file=sys.stderr)
        compile_ahead(run_a_year if run_a_year is not None else _run_baseline)


def is_compiled() -> bool:
    """Whether a run has left anything compiled on disk, or there is nothing to compile."""
    found = kernels()
    return not found or any(_index_files(kernel) for kernel in found)


def compile_ahead(run_a_year: Callable[[], object], processes: int = _PROCESSES) -> None:
    """Compile what ``run_a_year`` calls, shared out among processes; one core alone has nothing to share.

    The results are kept on disk.  A function that the short world never calls is compiled when a run calls it.
    """
    from itcho.agents.compiled import COMPILED

    processes = min(processes, os.cpu_count() or 1)
    if processes < 2 or not COMPILED or not sys.platform.startswith("linux"):
        return
    with ExitStack() as stack:
        waits = [stack.enter_context(beside(partial(_compile_share, share, run_a_year))) for share in shares(processes)]
        for wait in waits:
            wait()


def shares(processes: int) -> list[list[Any]]:
    """The functions that Python calls, in shares of about equal length of code: the longest first."""
    called_by_others = {id(inner) for inner in _called_by_kernels()}
    found: list[list[Any]] = [[] for _ in range(processes)]
    length = [0] * processes
    for kernel in sorted(kernels(), key=_length, reverse=True):
        if id(kernel) not in called_by_others:
            shortest = length.index(min(length))
            found[shortest].append(kernel)
            everywhere = kernel.py_func.__name__ in _BY_THE_THOUSAND
            for place in range(processes) if everywhere else (shortest,):
                length[place] += _length(kernel)
    return found


def kernels() -> list[Any]:
    """The compiled functions of the model, each once."""
    import itcho.model.economy  # noqa: F401  it imports them all, and before a fork, so that both processes share them

    found = {id(value): value for module in _modules() for value in vars(module).values() if _is_kernel(value)}
    return list(found.values())


def plain(kernel: Any) -> FunctionType:
    """The function as plain Python, and so what it calls."""
    function = kernel.py_func
    called = {inner.py_func.__name__: plain(inner) for inner in _inner(kernel)}
    return FunctionType(function.__code__, function.__globals__ | called, function.__name__, function.__defaults__)


def _compile_share(own: Sequence[Any], run_a_year: Callable[[], object]) -> None:
    """Run a short world with these functions compiled and the others, in this process for good, plain Python."""
    # Compiling makes millions of objects that live to its end: looking among them for what can go takes a sixth of it.
    gc.freeze()
    gc.disable()
    # What compiled functions call has to stay compiled for them.
    often = [kernel for kernel in kernels() if kernel.py_func.__name__ in _BY_THE_THOUSAND]
    keep = {id(kernel) for kernel in (*own, *often, *_called_by_kernels())}
    for module in _modules():
        for name, value in list(vars(module).items()):
            if _is_kernel(value) and id(value) not in keep:
                setattr(module, name, plain(value))
    run_a_year()


def _run_baseline() -> None:
    from itcho.model.economy import JapanEconomy

    # What is compiled is the same for any size, and half of it runs as plain Python.
    JapanEconomy(investors=300, importers=300, adopters=300).run(years=1)


def _length(kernel: Any) -> int:
    """Bytes of code of a function and of the compiled functions that it calls: what it takes to compile it."""
    return len(kernel.py_func.__code__.co_code) + sum(_length(inner) for inner in _inner(kernel))


def _inner(kernel: Any) -> list[Any]:
    """The compiled functions that a compiled function calls."""
    names, known = kernel.py_func.__code__.co_names, kernel.py_func.__globals__
    return [known[name] for name in names if _is_kernel(known.get(name))]


def _called_by_kernels() -> list[Any]:
    return [inner for kernel in kernels() for inner in _inner(kernel)]


def _modules() -> list[ModuleType]:
    """Modules of the model that are imported."""
    return [module for name, module in list(sys.modules.items()) if name.startswith(("itcho.agents.", "itcho.model."))]


def _is_kernel(value: object) -> bool:
    from itcho.agents.compiled import COMPILED

    if not COMPILED:
        return False
    from numba.core.registry import CPUDispatcher

    return isinstance(value, CPUDispatcher)


def _index_files(kernel: Any) -> list[Path]:
    """What is kept on disk of a function; nothing of one that is written into its callers."""
    if kernel.stats.cache_path is None:
        return []
    return list(Path(kernel.stats.cache_path).glob(f"*.{kernel.py_func.__qualname__}-*.nbi"))
