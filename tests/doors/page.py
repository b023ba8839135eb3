"""The table of ``docs/doors.md``: kinds of tries, how many there are, how many were made, and how many were handled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.doors.tries import Answer, Try

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "doors.md"
WHAT = {
    "what a file holds": "nothing, other encodings, nesting, endless digits, pictures, at every command that reads one",
    "what stands at a path": "pipes, devices, sockets, loops, folders, a terabyte, names that no file can have",
    "numbers asked for": "every number of every command: negative, endless, no number, other digits",
    "names asked for": "every name of every command: misspelt, empty, paths, control signs, thousands of signs",
    "--set": "parameters that are none, out of bounds, twice, or no parameter at all",
    "conditions": "conditions on outcomes: unfinished, nested, endless",
    "calls in Python": "every argument of the public functions in every wrong kind",
    "entries of a policy": "every entry in every wrong kind, and one that nobody knows",
    "entries of a scenario": "the same",
    "entries of a study": "the same",
    "entries of a start state": "the same",
    "places to write": "files, taken folders, devices and impossible names, at every command that writes",
    "damaged folders of runs": "every file empty, cut, gone, another's, or one sign other",
    "damaged folders of studies": "the same, of cells, plans and sessions",
    "odd machines": "terminals in cp932 and ASCII, no home, no TTY, other locales and time zones",
    "odd names of folders": "a run kept, reported on and made again: spaces, line feeds, quotation marks",
    "outputs and limits": "pipes that close, full outputs, closed streams, limits on files",
    "disks": "full and read-only",
    "first runs at once": "two first runs with one empty cache",
    "commands ended from outside": "killed, asked to end, Ctrl-C to one or all: nothing goes on, nothing half-written",
}


INTRODUCTION = (
    "Tries at breaking itcho, by kind. A try is handled if it ends in an answer or in one clear word (exit code 2, or",
    "`InputError`) with no traceback, no endless wait, no line too long to read, no process and no half-written file",
    "left behind. `python -m tests.doors` makes them and writes this table; with `--most N` at most N of each maker of",
    "tries, evenly spread. The suite makes a sample and holds the counts against this page.",
)

NUMBAS = (
    "Two versions of Numba on one cache folder were tried by hand (0.68.1, 0.67.0, 0.68.1 again; numpy 2.4.6). Each",
    "compiles once into a folder of its own and starts at once after that, neither touches what the other keeps, and a",
    "year of the same world has the same bits in both. The suite holds the names of those folders apart.",
)


def counts(tries: Iterable[Try]) -> dict[str, int]:
    """How many tries there are of each kind."""
    return dict(Counter(one.kind for one in tries))


def page(there: dict[str, int], answers: Sequence[Answer]) -> str:
    """The page."""
    made = Counter(one.tried.kind for one in answers)
    handled = Counter(one.tried.kind for one in answers if not one.fault)
    lines = [
        "# Every door",
        "",
        *INTRODUCTION,
        "",
        "| kind | what is tried | tries | made for this page | handled |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {kind} | {WHAT[kind]} | {there[kind]} | {made[kind]} | {handled[kind]} |" for kind in there]
    lines.append(f"| all | | {sum(there.values())} | {made.total()} | {handled.total()} |")
    faults = [f"- {one.tried.kind}, {one.tried.name}: {one.fault}" for one in answers if one.fault]
    if faults:
        lines += ["", "Not handled:", "", *faults]
    lines += ["", *NUMBAS]
    return "\n".join(lines) + "\n"
