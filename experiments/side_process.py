"""Work done in a process of its own while the caller goes on."""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import TypeVar

from itcho.experiments.orphans import end_with_parent

Result = TypeVar("Result")

END_SECONDS = 5.0
"""How long a side process may take to end once it is no longer needed."""


@contextmanager
def beside(work: Callable[[], Result]) -> Iterator[Callable[[], Result]]:
    """Start ``work`` beside the caller; what is yielded waits for its result, or raises what it raised.

    The process is a fork: it shares what is already imported and needs nothing sent to it, and it ends with the block,
    however the block ends.  Anywhere but on Linux forks are not safe: there, work is done when its result is asked for.

    Examples
    --------
    >>> with beside(lambda: 6 * 7) as result:
    ...     result()
    42
    """
    if not sys.platform.startswith("linux"):
        yield work
        return
    # Mesa sets the start method of the whole process; an explicit context is not touched by that.
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(work, sender), daemon=True)
    process.start()
    sender.close()

    def result() -> Result:
        try:
            done, value = pickle.loads(receiver.recv_bytes())
        except EOFError:
            raise RuntimeError("a side process ended without a result (out of memory?)") from None
        if not done:
            raise value
        return value

    try:
        yield result
    finally:
        process.terminate()
        process.join(END_SECONDS)
        if process.is_alive():  # the request met code that swallowed it
            process.kill()
            process.join()
        receiver.close()


def _work(work: Callable[[], object], sender: Connection) -> None:
    # Ctrl-C reaches every process of the terminal: the parent answers it, and ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with_parent()
    try:
        answer = pickle.dumps((True, work()))
    except Exception as error:
        answer = pickle.dumps((False, error))
    sender.send_bytes(answer)
    sender.close()
