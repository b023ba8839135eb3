"""Stopping on request: Ctrl-C and requests to terminate are remembered until somebody has answered them.

The exception that a signal raises is lost where compiled code calls back into Python, as in a first run's compilation,
is lost and printed where an object is being cleared away, and comes out as a SystemError where it meets a compiled
function that returns.  So the request is noted as well: long work looks at the note after each step, and the command
line before it reports a SystemError.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

INTERRUPTED, TERMINATED = 130, 143
_REQUESTS = (signal.SIGINT, signal.SIGTERM)
_asked: list[int] = []


def listen() -> None:
    """Answer Ctrl-C and SIGTERM until the process has gone, unless whoever started it wants Ctrl-C ignored."""
    # Registered first, and so called last: Python puts the system's own answer, to end at once with another code, back
    # in force before it clears all objects away, which takes a second where there are millions.
    atexit.register(_let_requests_be, os.getpid())
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _note)
    signal.signal(signal.SIGTERM, _note)
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _print_unless_noted


def stop_if_asked() -> None:
    """Raise what was asked for, if anything was.

    Raises
    ------
    KeyboardInterrupt : Ctrl-C.
    SystemExit : a request to terminate, with exit code 143, so that temporary folders are cleared away.
    """
    if _asked:
        _raise(_asked[0])


def exit_code_asked() -> int | None:
    """The exit code of what was asked for; None if nobody asked."""
    if not _asked:
        return None
    return TERMINATED if _asked[0] == signal.SIGTERM else INTERRUPTED


@contextmanager
def requests_held_back() -> Iterator[None]:
    """Start processes inside the block: until they call :func:`leave_requests_to_the_parent` nothing asked meets them.

    Ctrl-C reaches every process of a terminal; one that is still importing would answer with a traceback of its own.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _REQUESTS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def leave_requests_to_the_parent() -> None:
    """In a process at work for another: Ctrl-C is for the parent to answer, who ends this one with SIGTERM."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _REQUESTS)


def _let_requests_be(owner: int) -> None:
    """What was to be done is done: the exit code shall say so."""
    if os.getpid() == owner:
        for number in _REQUESTS:
            signal.signal(number, signal.SIG_IGN)


def _note(number: int, frame: FrameType | None) -> NoReturn:
    _asked.append(number)
    _raise(number)


def _print_unless_noted(lost: sys.UnraisableHookArgs) -> None:
    if not (_asked and issubclass(lost.exc_type, (KeyboardInterrupt, SystemExit))):
        sys.__unraisablehook__(lost)


def _raise(number: int) -> NoReturn:
    if number == signal.SIGTERM:
        raise SystemExit(TERMINATED)
    raise KeyboardInterrupt
