"""A progress bar with the time left, on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from itcho.experiments.stopping import stop_if_asked

SECONDS_BETWEEN_LINES = 10.0

silent: ContextVar[bool] = ContextVar("silent", default=False)
"""Whether no progress is shown: what `--quiet` asks for."""


@contextmanager
def progress(description: str, total: int) -> Iterator[Callable[[], None]]:
    """Show how far ``total`` equal steps have come; call what is yielded once after each step.

    On a terminal it is a bar that moves; elsewhere (a log, a pipe) one line every ten seconds, so that short work
    leaves no trace there.  A step also answers a request to stop (``itcho.experiments.stopping``).
    """
    if silent.get():
        yield stop_if_asked
        return
    with (_bar if sys.stderr.isatty() else _lines)(description, total) as show:

        def advance() -> None:
            stop_if_asked()
            show()

        yield advance


@contextmanager
def _bar(description: str, total: int) -> Iterator[Callable[[], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
        TextColumn("left"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(description, total=total)
        yield lambda: bar.advance(task)


@contextmanager
def _lines(description: str, total: int) -> Iterator[Callable[[], None]]:
    last = time.monotonic()
    began = last
    done = 0

    def advance() -> None:
        nonlocal began, last, done
        done += 1
        now = time.monotonic()
        if done == 1:
            began = now  # the first step compiles and builds; it says nothing about the others
        elif now - last >= SECONDS_BETWEEN_LINES and done < total:
            last = now
            left = (now - began) / (done - 1) * (total - done)
            print(f"{description}: {done} of {total}, {left:.0f} s left", file=sys.stderr, flush=True)

    yield advance
