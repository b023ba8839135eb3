"""Stopping on request: Ctrl-C and requests to terminate are remembered until somebody has answered them.

The exception that a signal raises is lost where compiled code calls back into Python, as in a first run's compilation,
is lost and printed where an object is being cleared away, and comes out as a SystemError where it meets a compiled
function that returns.  So the request is noted as well: long work looks at the note after each step, and the command
line before it reports a SystemError.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import NoReturn

INTERRUPTED, TERMINATED = 130, 143
_asked: list[int] = []


def listen() -> None:
    """Answer Ctrl-C and SIGTERM, unless whoever started the process wants Ctrl-C ignored."""
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
