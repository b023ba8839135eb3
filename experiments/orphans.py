"""What a process that is killed outright would leave behind: processes at work for nobody, and half-written folders.

SIGKILL cannot be answered by who is killed, so others watch: a process at work waits for the end of its parent, and a
small guard beside each folder being written takes it away when the process that writes has gone.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import wait as wait_for_process
from pathlib import Path

from itcho.experiments.stopping import leave_requests_to_the_parent

_GUARD = """
import os, shutil, sys
word = sys.stdin.buffer.read()
if word != b"done":
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    for folder in sys.argv[2:]:
        try:
            os.rmdir(folder)
        except OSError:
            pass
"""


def work_for_parent() -> None:
    """Begin a process at work for another: leave what is asked of it to the parent, and do not outlive it.

    The answer is the parent's to give, perhaps as JSON alone: what code prints here goes where messages go.
    """
    sys.stdout = sys.stderr
    leave_requests_to_the_parent()
    end_with_parent()


def end_with_parent() -> None:
    """End this process at once, without clearing up, when the process that started it has gone."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), name="parent watch", daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait_for_process([sentinel])
    os._exit(1)


class FolderGuard:
    """A process of its own that removes a folder if this process dies before :meth:`release`.

    Parameters
    ----------
    folder : the folder being written, removed with all its content.
    made_above : folders made for it, the innermost first, removed if nothing else was put there.
    """

    def __init__(self, folder: Path, made_above: Sequence[Path] = ()) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        # Where no process can be started the folder is written all the same: only an outright kill would leave it.
        with suppress(OSError):
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _GUARD, str(folder), *map(str, made_above)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=Path(folder.anchor or os.sep),
                start_new_session=True,
            )

    def release(self) -> None:
        """The folder needs no guard any more: it is complete, or taken away."""
        if self._process is None:
            return
        with suppress(OSError):
            self._process.communicate(b"done")
        self._process = None
