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

BY_HAND = (
    "## By hand",
    "",
    "Files and rules that users might write, tried one by one; *at first* is before what failed was mended, each kind",
    "with a test in the suite.",
    "",
    "| kind | tries | handled at first | what failed |",
    "|---|---|---|---|",
    "| policy files | 84 | 75 | empty tables, signs that cannot be seen, names without end |",
    "| scenario files | 32 | 29 | an episode that bends nothing |",
    "| study files | 62 | 56 | empty tables, a `minimum` beyond all seeds, mistakes that hid others |",
    "| rules files when they are loaded | 81 | 66 | `sys.exit`, what a class lacks, what its text raises |",
    "| rules in a month | 91 | 70 | exceptions and `SystemExit` of a user's rule |",
    "| rules in processes | 14 | 10 | the same in a fork; a rule that prints into JSON |",
    "| stores damaged or gone on with | 216 | 199 | another cell's file, cells of wrong types, damaged records |",
    "| commands killed and given again | 8 | 8 | |",
    "| start states | 90 | 80 | dates with a time or out of range, unknown keys, unpaired events |",
    "| published tables | 34 | 34 | |",
    "| edited draws of forecasts | 33 | 31 | a path number that took all memory |",
    "| all | 745 | 658 | |",
    "",
    "Still accepted: events of a start state under names that nobody knows (others' are for people), a cell whose",
    "figures were forged under its own key, a rule that writes to standard output by itself.",
    "",
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
    lines += ["", *BY_HAND, *NUMBAS]
    return "\n".join(lines) + "\n"
