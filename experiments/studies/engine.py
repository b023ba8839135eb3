"""Engines: how the runs of a study get done, whoever does the work.

Any ``concurrent.futures.Executor`` will do.  The engine hands out one run at a time to each worker, survives workers
that die, finds the run that killed them, and leaves keeping of results to the caller, in this process: an engine is
never trusted to remember anything.
"""

from __future__ import annotations

import os
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any, Generic, Protocol, TypeVar

from itcho.agents.errors import InputError
from itcho.experiments.compile_ahead import ensure_compiled
from itcho.experiments.processes import WorkerPool, one_thread_each
from itcho.model.sizes import number_mistakes

Task = TypeVar("Task", bound=Hashable)
Result = TypeVar("Result")

DEATHS_ALLOWED = 2
"""How often a run may kill its worker, alone, before it counts as failed."""
_SECONDS_TO_END = 5.0
ENGINES = ("local", "serial", "dask")


@dataclass(frozen=True)
class Failure:
    """A run that failed.

    Attributes
    ----------
    error : in one line.
    trace : the traceback, as far as there is one.
    """

    error: str
    trace: str = ""


class Engine(Protocol):
    """Where executors come from."""

    cores: int

    def open(self) -> Executor:
        """A new executor, ready for work."""
        ...

    def kill(self, executor: Executor) -> None:
        """Stop an executor now, whatever its workers are doing; called once for each executor."""
        ...


class SerialExecutor(Executor):
    """Does the work in this process, when it is handed over."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do the work; the future is finished when it is returned."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class SerialEngine:
    """One run after another in this process; a run that kills its process kills the study."""

    cores = 1

    def open(self) -> Executor:
        """A new executor."""
        return SerialExecutor()

    def kill(self, executor: Executor) -> None:
        """Nothing to stop."""


class _RecordingSpawn(SpawnContext):
    """Spawns processes and remembers them, so that the pool's own can be ended, and no others.

    Spawned: a fork would carry the threads' locks of numerical libraries along.
    """

    def __init__(self) -> None:
        super().__init__()
        self.started: list[SpawnProcess] = []

    def Process(self, *arguments: Any, **named: Any) -> SpawnProcess:  # type: ignore[override]  # noqa: N802
        """A process that is not started yet."""
        process = SpawnProcess(*arguments, **named)
        self.started.append(process)
        return process


class LocalEngine:
    """Processes on this machine, one thread each.

    Parameters
    ----------
    workers : processes; the cores this process may use if left out.

    Raises
    ------
    InputError : fewer than one worker.
    """

    def __init__(self, workers: int | None = None) -> None:
        if wrong := number_mistakes(workers=workers):
            raise InputError(wrong)
        self.cores = len(os.sched_getaffinity(0)) if workers is None else workers
        self._context = _RecordingSpawn()

    def open(self) -> Executor:
        """A new pool of processes."""
        ensure_compiled()  # or every process would compile everything
        self._context = _RecordingSpawn()
        return WorkerPool(self.cores, self._context)

    def kill(self, executor: Executor) -> None:
        """End the pool's processes."""
        for process in self._context.started:
            if process.pid is not None:
                process.terminate()
        # In a thread, because the pool's own clean-up has no time limit.
        leave = threading.Thread(target=executor.shutdown, kwargs={"cancel_futures": True}, daemon=True)
        leave.start()
        leave.join(_SECONDS_TO_END)


class DaskEngine:
    """Workers of a Dask cluster; needs the extra ``dask``.

    Parameters
    ----------
    scheduler : its address, such as ``tcp://10.0.0.1:8786``; a cluster on this machine if left out.
    workers : processes of the cluster on this machine.

    Raises
    ------
    InputError : Dask is not installed, or no scheduler answers.
    """

    def __init__(self, scheduler: str | None = None, workers: int | None = None) -> None:
        try:
            from distributed import Client, LocalCluster
        except ImportError:
            raise InputError("engine dask needs the extra: pip install 'itcho[dask]'") from None
        try:
            if scheduler is not None:
                self._client = Client(scheduler, timeout="20s")
            else:
                cores = len(os.sched_getaffinity(0)) if workers is None else workers
                cluster = LocalCluster(n_workers=cores, threads_per_worker=1, dashboard_address=None)
                self._client = Client(cluster)
        except (OSError, ValueError) as error:
            raise InputError(f"no Dask scheduler answers at {scheduler}: {error}") from None
        self.cores = max(1, sum(self._client.nthreads().values()))

    def open(self) -> Executor:
        """The cluster's executor; what one worker loses, another does again.

        Raises
        ------
        InputError : the scheduler is gone.
        """
        if self._client.status != "running":
            raise InputError("the Dask scheduler is gone; run the study again to go on where it stopped")
        executor: Executor = self._client.get_executor(pure=False)
        return executor

    def kill(self, executor: Executor) -> None:
        """Cancel what is under way and leave the cluster."""
        with suppress(Exception):
            executor.shutdown(wait=False)
        with suppress(Exception):
            self._client.close()
            if self._client.cluster is not None:
                self._client.cluster.close()


def engine_named(name: str, workers: int | None = None, scheduler: str | None = None) -> Engine:
    """The engine called ``name``.

    Raises
    ------
    InputError : no such engine, or one that cannot start; all mistakes at once.
    """
    mistakes = []
    if name not in ENGINES:
        mistakes.append(f"engine '{name}' is unknown; there are: {', '.join(ENGINES)}")
    mistakes += number_mistakes(workers=workers)
    if scheduler is not None and name != "dask":
        mistakes.append(f"a scheduler's address goes with engine dask, not {name}")
    if mistakes:
        raise InputError(mistakes)
    if name == "dask":
        return DaskEngine(scheduler, workers)
    return SerialEngine() if name == "serial" else LocalEngine(workers)


class Crew(Generic[Task, Result]):
    """Workers that stay for several batches.  Use as a context manager.

    Parameters
    ----------
    engine : where executors come from.
    work : the function of one task; it and the tasks travel to the workers, so both have to be importable there.
    """

    def __init__(self, engine: Engine, work: Callable[[Task], Result]) -> None:
        self._engine, self._work = engine, work
        self._executor: Executor | None = None

    def __enter__(self) -> Crew[Task, Result]:
        return self

    def __exit__(self, *_: object) -> None:
        if self._executor is not None:
            self._engine.kill(self._executor)
            self._executor = None

    def run(
        self,
        tasks: Iterable[Task],
        on_done: Callable[[Task, Result | Failure], None],
        until: float = float("inf"),
    ) -> None:
        """Do all tasks, calling ``on_done`` in this process as each ends, in whatever order they end.

        A worker that dies takes the other tasks under way with it: they are done again one at a time, so that the one
        that kills its worker is found and ends as a :class:`Failure` while all others are done.

        Parameters
        ----------
        until : ``time.monotonic()`` after which nothing new is begun.
        """
        waiting, suspects = deque(tasks), deque[Task]()
        deaths: dict[Task, int] = {}
        under_way: dict[Future[Result | Failure], Task] = {}
        while waiting or suspects or under_way:
            late = time.monotonic() >= until
            if not late:
                self._hand_out(waiting, suspects, under_way)
            elif not under_way:
                return
            done, _ = wait(under_way, return_when=FIRST_COMPLETED)
            lost = []
            for future in done:
                task = under_way.pop(future)
                try:
                    outcome = future.result()
                except (BrokenExecutor, CancelledError):
                    lost.append(task)
                except Exception as error:  # the engine's own, such as Dask giving up on a run that kills workers
                    on_done(task, _failure(error))
                else:
                    on_done(task, outcome)
            if lost:
                lost += under_way.values()
                under_way.clear()
                self._replace_executor()
                if len(lost) == 1:
                    deaths[lost[0]] = deaths.get(lost[0], 0) + 1
                    if deaths[lost[0]] >= DEATHS_ALLOWED:
                        on_done(lost.pop(), Failure(f"its worker died, {DEATHS_ALLOWED} times out of {DEATHS_ALLOWED}"))
                suspects.extend(lost)

    def _hand_out(
        self, waiting: deque[Task], suspects: deque[Task], under_way: dict[Future[Result | Failure], Task]
    ) -> None:
        """Keep every worker busy and one task in hand for each; a suspect works alone."""
        while waiting or suspects:
            suspected = bool(suspects)
            if len(under_way) >= (1 if suspected else 2 * self._engine.cores):
                return
            source = suspects if suspected else waiting
            try:
                with one_thread_each():
                    if self._executor is None:
                        self._executor = self._engine.open()
                    future = self._executor.submit(_attempt, self._work, source[0])
            except BrokenExecutor:  # a worker died while idle: no task's fault
                if not under_way:
                    self._replace_executor()
                return
            under_way[future] = source.popleft()
            if suspected:
                return

    def _replace_executor(self) -> None:
        if self._executor is not None:
            self._engine.kill(self._executor)
            self._executor = None


def _attempt(work: Callable[[Task], Result], task: Task) -> Result | Failure:
    """Do the work in the worker; an error of the run is part of the answer."""
    try:
        return work(task)
    except (Exception, SystemExit) as error:
        return _failure(error)


def _failure(error: BaseException) -> Failure:
    return Failure(f"{type(error).__name__}: {error}", "".join(traceback.format_exception(error)))
