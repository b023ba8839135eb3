"""`itcho` in processes of their own; light to import, as each worker that is started for a test imports it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Finished:
    """A finished `itcho` process."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def itcho_environment() -> dict[str, str]:
    """The environment of a child process that runs these sources, wherever its working directory is.

    Bytecode may be kept, whatever holds for the tests themselves: each child would else compile all sources anew.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPATH": str(ROOT), "COLUMNS": "80", "NO_COLOR": "1"}


def started(*arguments: object, cwd: Path) -> Finished:
    """Answer of a new interpreter."""
    done = subprocess.run(
        [sys.executable, "-m", "itcho.experiments.cli.main", *map(str, arguments)],
        cwd=cwd,
        env=itcho_environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


def forked(*arguments: object, cwd: Path) -> Finished:
    """Answer of a copy of this process."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        child = os.fork()
        if child == 0:
            _answer_and_exit([str(word) for word in arguments], cwd, out.fileno(), err.fileno())
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0)
        err.seek(0)
        return Finished(code, out.read(), err.read())


def _answer_and_exit(arguments: list[str], cwd: Path, out: int, err: int) -> NoReturn:
    """Be the command: with its own streams, signals, environment and warnings; nothing of pytest's ever runs again."""
    code: object = 1
    try:
        signal.alarm(300)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.environ.update(itcho_environment())
        os.chdir(cwd)
        warnings.resetwarnings()
        for kind in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
            warnings.simplefilter("ignore", kind)
        from itcho.experiments.cli.main import main

        main(arguments)
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError, AttributeError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)
