"""The `itcho` command: its entry point.

Exit codes: 0 done, 2 bad input or an output that takes nothing, 3 a world that collapsed, 130 stopped with Ctrl-C, 143
stopped by a request to terminate.  Anything else is a fault of the programme and keeps its traceback.
"""

from __future__ import annotations

import errno
import gc
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from itcho.experiments.stopping import INTERRUPTED, TERMINATED, exit_code_asked, listen

BAD_INPUT = 2
_REFUSED_BY_OUTPUT = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)
"""What a full disk, a full device, a limit, a broken and a closed output say.  Files that are written have a name."""
_RUNNING_COMMANDS = frozenset({"run", "respond", "claims", "corridor", "ablate", "quiet-start", "forecast"})


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line (default: the process's own arguments) and exit with its code."""
    code: object = 0
    try:
        listen()
        given = sys.argv[1:] if arguments is None else list(arguments)
        _require_working_folder()
        _prepare(given)
        # Inside the try, so that Ctrl-C during a slow first import is answered like any other.
        from itcho.experiments.cli.commands import app

        app(given, prog_name="itcho")
    except KeyboardInterrupt:
        code = INTERRUPTED
        print("itcho: stopped", file=sys.stderr)
    except SystemExit as end:
        code = end.code
        if code == exit_code_asked() == TERMINATED:
            print("itcho: stopped", file=sys.stderr)
    except SystemError:
        code = exit_code_asked()
        if code is None:
            raise
        print("itcho: stopped", file=sys.stderr)
    except OSError as error:
        if error.filename is not None or error.errno not in _REFUSED_BY_OUTPUT:
            raise
        code = _say_refused(error)
    try:
        if sys.stdout is not None and code != BAD_INPUT:
            sys.stdout.flush()  # here, where a refusal can be said in words of one's own
    except BrokenPipeError:
        pass  # its reader has left, which Typer has answered
    except OSError as error:
        code = _say_refused(error)
    # Where Ctrl-C met a text being evaluated, as libraries do when they are imported, Python remembers it until
    # the next one, and ends by the signal instead of the code.
    eval("0")
    sys.exit(code)  # type: ignore[arg-type]


def _say_refused(error: OSError) -> int:
    """Say that standard output takes nothing, and the exit code."""
    print(f"itcho: the output cannot be written: {error.strerror}", file=sys.stderr)
    sys.stdout = None  # what is left unwritten would be tried once more at the very end, and reported by Python
    return BAD_INPUT


def _require_working_folder() -> None:
    """Refuse a working directory that was deleted: no path can be made out in it, not even by libraries."""
    try:
        Path.cwd()
    except OSError as error:
        print(
            f"itcho: the working directory cannot be used ({error.strerror}); was it deleted? change to another",
            file=sys.stderr,
        )
        sys.exit(BAD_INPUT)


def _prepare(given: Sequence[str]) -> None:
    """Let any terminal be written to, and make a run start sooner; measured at about 0.4 s of 3."""
    if os.environ.get("COLUMNS") == "0":
        del os.environ["COLUMNS"]  # a terminal that does not know its width has none of zero
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a sign that the terminal lacks is spelt out
    # Imports and runs make millions of objects and hardly a cycle: looking for cycles less often saves a tenth.
    gc.set_threshold(100_000, 50, 100)
    if given and given[0] in _RUNNING_COMMANDS and "--help" not in given:
        # Mesa reads the source of every caller on the stack when it is imported: here the stack is short.
        import mesa  # noqa: F401


if __name__ == "__main__":
    main()
