"""Work shared out among processes of one thread each."""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.context import SpawnContext
from typing import Any, TypeVar

from itcho.experiments.compile_ahead import ensure_compiled
from itcho.experiments.orphans import work_for_parent
from itcho.experiments.stopping import requests_held_back

Task = TypeVar("Task")
Answer = TypeVar("Answer")

THREAD_LIMITS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)
"""Environment variables that libraries read when they are first imported: how many threads each may start."""


class WorkerPool(ProcessPoolExecutor):
    """Spawned processes that leave requests to stop to this one and end with it.

    Parameters
    ----------
    workers : processes.
    context : what starts them.
    """

    def __init__(self, workers: int, context: SpawnContext | None = None) -> None:
        # Spawned: a fork would carry the threads' locks of numerical libraries along.
        context = multiprocessing.get_context("spawn") if context is None else context
        super().__init__(workers, mp_context=context, initializer=work_for_parent)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand work over; the workers that start now meet no request before they are ready for it."""
        # The tracker starts with the first worker, and lets requests through again as it does.
        resource_tracker.ensure_running()
        with requests_held_back():
            return super().submit(fn, *args, **kwargs)

    def end(self) -> None:
        """End the workers whatever they are at, which may take minutes."""
        at_work = list((self._processes or {}).values())
        self.shutdown(wait=False, cancel_futures=True)
        for process in at_work:
            process.terminate()


def in_processes(
    work: Callable[[Task], Answer],
    tasks: Sequence[Task],
    workers: int = 1,
    on_done: Callable[[], None] = lambda: None,
) -> list[Answer]:
    """Do ``work``, which runs worlds, on every task, in ``workers`` processes of one thread each; answers in order.

    Raises
    ------
    BrokenProcessPool : a worker was killed (out of memory?).
    """
    ensure_compiled()
    if min(workers, len(tasks)) <= 1:
        answers = []
        for task in tasks:
            answers.append(work(task))
            on_done()
        return answers
    with one_thread_each(), WorkerPool(min(workers, len(tasks))) as pool:
        done: dict[int, Answer] = {}
        try:
            futures = {pool.submit(work, task): place for place, task in enumerate(tasks)}
            for future in as_completed(futures):
                done[futures[future]] = future.result()
                on_done()
        except BaseException:
            pool.end()
            raise
    return [done[place] for place in range(len(tasks))]


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Let processes started inside the block use one thread each; the environment is put back afterwards."""
    before = {name: os.environ.get(name) for name in THREAD_LIMITS}
    os.environ.update(dict.fromkeys(THREAD_LIMITS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def garbage_kept() -> Iterator[None]:
    """Let no collection interrupt the block, which makes few worlds; what they leave is collected at its end.

    A world is full of cycles, and each collection looks at all that libraries hold, which never goes: that can take a
    tenth of a short run.
    """
    enabled = gc.isenabled()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.collect()
        gc.unfreeze()
        if enabled:
            gc.enable()
