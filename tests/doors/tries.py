"""What a try is, and when it is handled."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from itcho.agents.errors import InputError
from itcho.experiments.cli.commands import app

REFUSED, DONE = frozenset({2}), frozenset({0})
EITHER = REFUSED | DONE
LONGEST_LINE = 1200
PROGRESS = re.compile(r"^.*: [\d,]+ of [\d,]+, .* left\n", re.MULTILINE)
"""Lines that say how far long work is, before it is refused."""


@dataclass(frozen=True)
class Try:
    """One try at one door.

    Attributes
    ----------
    kind : the row of the table that it counts in.
    name : what is tried.
    line : words of a command; empty if ``ask`` is a call in Python.
    ask : a call in Python.
    codes : exit codes that are an answer.
    says : what the answer has to hold, if more is asked of it than to be one.
    asked_for : how names of files and folders begin that were asked for, though they look half-written.
    """

    kind: str
    name: str
    line: tuple[str, ...] = ()
    ask: Callable[[], object] | None = None
    codes: frozenset[int] = REFUSED
    says: str = ""
    asked_for: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What came of a try: ``fault`` is empty if it was handled."""

    tried: Try
    fault: str


def answer(tried: Try, folder: Path) -> Answer:
    """Make the try in ``folder`` and judge what comes of it."""
    before = set(walk(folder))
    with contextlib.chdir(folder):
        fault = _command(tried) if tried.line else _call(tried)
    left = sorted(set(walk(folder)) - before)
    if not fault and tried.codes == REFUSED and left:
        fault = f"left behind: {left[:3]}"
    if not fault and (hidden := [name for name in left if half_written(Path(name), tried.asked_for)]):
        fault = f"half-written: {hidden[:3]}"
    return Answer(tried, fault)


def half_written(path: Path, asked_for: tuple[str, ...] = ()) -> bool:
    """Whether it has the name of something that was not finished, and nobody asked for such a name.

    Examples
    --------
    >>> half_written(Path("a/.itcho-run-1f")), half_written(Path("a/.hidden"), (".hidden",)), half_written(Path("b"))
    (True, False, False)
    """
    if path.name.startswith(asked_for or "\0"):
        return False
    return path.name.startswith(".") or ".part" in path.name


def walk(folder: Path) -> Iterator[str]:
    """Everything below a folder."""
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            yield os.path.join(place, name)  # noqa: PTH118  names of any length


def _command(tried: Try) -> str:
    out, said = io.StringIO(), io.StringIO()
    code: object = 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
            app(list(tried.line), prog_name="itcho")
    except SystemExit as end:
        code = end.code or 0
    except BaseException as error:
        return f"{type(error).__name__}: {error}"[:300]
    return judged(tried, int(code) if isinstance(code, int) else 1, out.getvalue(), said.getvalue())


def judged(tried: Try, code: int, out: str, said: str) -> str:
    """What is wrong with the end of a command; empty if nothing is."""
    if code not in tried.codes:
        return f"exit code {code}: {(said or out)[:200]!r}"
    if "Traceback (most recent call last)" in said + out:
        return f"a traceback: {said[-200:]!r}"
    if code == 2 and not PROGRESS.sub("", said).startswith(("itcho: ", "Usage: ")):
        return f"no clear word: {said[:200]!r}"
    if code == 2 and out.strip():
        return f"an answer beside a refusal: {out[:100]!r}"
    if code == 2 and max(map(len, said.splitlines())) > LONGEST_LINE:
        return "a line too long to read"
    if tried.says and tried.says not in said + out:
        return f"does not say {tried.says!r}: {(said + out)[:200]!r}"
    return ""


def _call(tried: Try) -> str:
    assert tried.ask is not None
    try:
        tried.ask()
    except InputError as error:
        text = "\n".join(error.messages)
        if 2 not in tried.codes:
            return f"refused: {text[:200]}"
        if not text.strip() or max(map(len, text.splitlines())) > LONGEST_LINE:
            return "no message that can be read"
        return "" if tried.says in text else f"does not say {tried.says!r}: {text[:200]!r}"
    except BaseException as error:
        return f"{type(error).__name__}: {error}"[:300]
    return "" if 0 in tried.codes else "it was taken"


def counted(answers: Iterable[Answer]) -> dict[str, tuple[int, int]]:
    """Tries and handled ones, by kind, in the order of the kinds."""
    tries, handled = Counter[str](), Counter[str]()
    for one in answers:
        tries[one.tried.kind] += 1
        handled[one.tried.kind] += not one.fault
    return {kind: (count, handled[kind]) for kind, count in tries.items()}
