"""The `itcho` command: its entry point.

Exit codes: 0 done, 2 bad input, 3 a world that collapsed, 130 stopped with Ctrl-C, 143 stopped by a request to
terminate.  Anything else is a fault of the programme and keeps its traceback.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from itcho.experiments.stopping import INTERRUPTED, exit_code_asked, listen

_RUNNING_COMMANDS = frozenset({"run", "respond", "claims", "corridor", "ablate", "quiet-start", "forecast"})


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line (default: the process's own arguments) and exit with its code."""
    try:
        listen()
        given = sys.argv[1:] if arguments is None else list(arguments)
        _prepare(given)
        # Inside the try, so that Ctrl-C during a slow first import is answered like any other.
        from itcho.experiments.cli.commands import app

        app(given, prog_name="itcho")
    except KeyboardInterrupt:
        print("itcho: stopped", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except SystemError:
        code = exit_code_asked()
        if code is None:
            raise
        print("itcho: stopped", file=sys.stderr)
        sys.exit(code)
    sys.exit(0)


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
