"""What the house looks like: counts taken from the syntax tree of the sources, and walks through them.

``python -m itcho.experiments.house`` writes ``docs/house.md``; with ``--check`` it only says whether the page is what
the sources now give, and exits with 1 if it is not.  ``--month`` first measures what a month crosses.
"""

from __future__ import annotations

import argparse
import ast
import csv
import io
import itertools
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, FrameType

from itcho.experiments.arguments import existing_folder
from itcho.experiments.markdown import markdown_table

ROOT = Path(__file__).resolve().parent.parent
"""Where the sources stand."""
PAGE = "house.md"
ROOMS = ("agents", "model", "experiments")
DECIDING = ("agents", "model")
LONG = 70
"""Lines beyond which a function is long."""
MONTH = Path("experiments", "data", "house_month.csv")
SEED = 0
MONTHS_BEFORE = 1
"""Months run before the one that is watched: the first compiles, and opens what later months find open."""
_TABLES = Path(__file__).resolve().parent / "data"
_LONGEST_SHOWN = 12
_NOTICE = "<!-- Written by `python -m itcho.experiments.house`; change the sources, not this page. -->"


@dataclass(frozen=True)
class Source:
    """One file of Python.

    Attributes
    ----------
    path : from the root, with slashes.
    lines : of its text.
    tree : its syntax.
    """

    path: str
    lines: int
    tree: ast.Module

    @property
    def room(self) -> str:
        """The folder of the root that it stands in."""
        return self.path.split("/")[0]

    @property
    def module(self) -> str:
        """Its name in imports, without that of the package."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@dataclass(frozen=True)
class Function:
    """A function of a file: ``name`` is written as in ``Class.method``, ``lines`` are its own and its docstring's."""

    path: str
    name: str
    lines: int


@dataclass(frozen=True)
class Assignment:
    """An attribute set on anything but ``self`` and ``cls``: ``target`` as it is written, ``function`` around it."""

    path: str
    line: int
    function: str
    target: str


@dataclass(frozen=True)
class Step:
    """One step of a walk.

    Attributes
    ----------
    walk : which.
    path, function : where it is.
    named_in : number of the earlier step whose function names this one, from 1; 0 for what is read off after the run.
    when : ``month`` (each month of a default world passes it), ``compiled`` (as part of compiled code), or ``after``.
    does : what happens there.
    """

    walk: str
    path: str
    function: str
    named_in: int
    when: str
    does: str


def sources(root: Path = ROOT, folders: Sequence[str] = ROOMS) -> list[Source]:
    """Every Python file in some folders of the root, in order."""
    found = []
    for folder in folders:
        for file in sorted((root / folder).rglob("*.py")):
            text = file.read_text(encoding="utf-8")
            found.append(Source(file.relative_to(root).as_posix(), len(text.splitlines()), ast.parse(text)))
    return found


@cache
def packaged() -> tuple[Source, ...]:
    """Every file of the package, read once."""
    return tuple(sources())


def deciding(all_sources: Sequence[Source]) -> list[Source]:
    """Those that decide and those of the world that is acted in."""
    return [source for source in all_sources if source.room in DECIDING]


def functions_of(source: Source) -> Iterator[tuple[Function, ast.AST]]:
    """Every function of a file with its syntax, those inside others too."""

    def look(node: ast.AST, names: tuple[str, ...]) -> Iterator[tuple[Function, ast.AST]]:
        for child in ast.iter_child_nodes(node):
            inside = names
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inside = (*names, child.name)
                if not isinstance(child, ast.ClassDef):
                    last = child.end_lineno or child.lineno
                    yield Function(source.path, ".".join(inside), last - child.lineno + 1), child
            yield from look(child, inside)

    return look(source.tree, ())


def long_functions(all_sources: Sequence[Source], more_than: int = LONG) -> list[Function]:
    """Functions of more lines than that, the longest first."""
    found = [one for source in all_sources for one, _ in functions_of(source) if one.lines > more_than]
    return sorted(found, key=lambda one: (-one.lines, one.path, one.name))


def parameters_of_any_type(all_sources: Sequence[Source]) -> int:
    """Parameters of functions whose type is ``Any`` and nothing more."""
    nodes = (node for source in all_sources for node in ast.walk(source.tree) if isinstance(node, ast.arg))
    return sum(isinstance(node.annotation, ast.Name) and node.annotation.id == "Any" for node in nodes)


def _imported(tree: ast.Module, modules: frozenset[str]) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.removeprefix("itcho.") for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            package = "" if node.module == "itcho" else node.module.removeprefix("itcho.")
            for alias in node.names:
                inner = f"{package}.{alias.name}".removeprefix(".")
                found.add(inner if inner in modules else package)
    return found & modules


def imported_once(all_sources: Sequence[Source]) -> list[str]:
    """Modules that exactly one other module of these imports; packages' own files are left out."""
    modules = frozenset(source.module for source in all_sources)
    importers: dict[str, int] = dict.fromkeys(modules, 0)
    for source in all_sources:
        for name in _imported(source.tree, modules - {source.module}):
            importers[name] += 1
    files = [source.module for source in all_sources if not source.path.endswith("__init__.py")]
    return sorted(name for name in files if importers[name] == 1)


def _targets(node: ast.AST) -> Iterator[ast.expr]:
    waiting: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        waiting = list(node.targets)
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        waiting = [node.target]
    while waiting:
        target = waiting.pop(0)
        if isinstance(target, ast.Tuple | ast.List):
            waiting = [*target.elts, *waiting]
        elif isinstance(target, ast.Starred):
            waiting = [target.value, *waiting]
        else:
            yield target


def set_from_outside(all_sources: Sequence[Source]) -> list[Assignment]:
    """Attributes that are set on anything but ``self`` and ``cls``, in the order of the sources."""
    found: list[Assignment] = []

    def look(source: Source, node: ast.AST, function: str) -> None:
        for child in ast.iter_child_nodes(node):
            inside = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else function
            for target in _targets(child):
                if not isinstance(target, ast.Attribute):
                    continue
                owner = target.value
                if not (isinstance(owner, ast.Name) and owner.id in ("self", "cls")):
                    found.append(Assignment(source.path, target.lineno, inside, ast.unparse(target)))
            look(source, child, inside)

    for source in all_sources:
        look(source, source.tree, "")
    return found


def crossed_in_a_month() -> set[tuple[str, str]]:
    """File and function of everything in agents and model that one month of a default world calls.

    What is compiled is not seen, and what is written inside a function (a comprehension, a lambda) counts with it.
    """
    from itcho.model.economy import JapanEconomy

    economy = JapanEconomy(rng=SEED)
    for _ in range(MONTHS_BEFORE):
        economy.step()
    called: set[CodeType] = set()

    def watch(frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            called.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        economy.step()
    finally:
        sys.setprofile(before)
    found = set()
    for code in called:
        path = os.path.relpath(os.path.realpath(code.co_filename), ROOT).replace(os.sep, "/")
        if path.split("/")[0] in DECIDING and not code.co_name.startswith("<"):
            found.add((path, code.co_qualname.replace("<locals>.", "")))
    return found


def month_rows(crossed: set[tuple[str, str]]) -> list[dict[str, str]]:
    """What a month crosses, by room."""
    rows = []
    for room in DECIDING:
        its = [place for place in crossed if place[0].split("/")[0] == room]
        rows.append({"room": room, "files": str(len({path for path, _ in its})), "functions": str(len(its))})
    return rows


def _table(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((_TABLES / name).read_text(encoding="utf-8").splitlines()))


def stored_month() -> list[dict[str, str]]:
    """What a month crossed when it was last measured, by room."""
    return _table(MONTH.name)


def steps() -> list[Step]:
    """All walks, step by step."""
    return [
        Step(row["walk"], row["file"], row["function"], int(row["named_in"] or 0), row["when"], row["does"])
        for row in _table("house_walks.csv")
    ]


def before() -> list[dict[str, str]]:
    """Counts at the start of version 2: measure, label, before, and what it means."""
    return _table("house_before.csv")


def walk_notes() -> list[dict[str, str]]:
    """Title of each walk, and where it zigzags."""
    return _table("house_walk_notes.csv")


@cache
def measures() -> dict[str, int]:
    """Figures of today under the names of ``house_before.csv``."""
    its, month = packaged(), stored_month()
    mine = deciding(its)
    return {
        "modules": len(its),
        "month_files": sum(int(row["files"]) for row in month),
        "month_functions": sum(int(row["functions"]) for row in month),
        "any": parameters_of_any_type(mine),
        "imported_once": len(imported_once(its)),
        "set_from_outside": len(set_from_outside(mine)),
        "long_functions": len(long_functions(mine)),
    }


@cache
def page() -> str:
    """The page about the house."""
    return "\n".join([_NOTICE, "", *_counts(), *_details(), *_walks()]).rstrip("\n") + "\n"


def _counts() -> Iterator[str]:
    now, then = measures(), before()
    worse = [row for row in then if now[row["measure"]] > int(row["before"])]
    better = [row for row in then if now[row["measure"]] < int(row["before"])]

    def listed(rows: list[dict[str, str]]) -> str:
        return "; ".join(f"{row['label']} {now[row['measure']]:,} (was {int(row['before']):,})" for row in rows)

    yield "# The house"
    yield ""
    yield (
        "How large the code is and how it hangs together, counted from its syntax tree, beside what was counted at the "
        "start of version 2 (with other code than now: the same up to two or three). Fewer is easier to read in every "
        "row. Tests let the last three only fall."
    )
    yield ""
    if worse:
        yield f"**Worse than before:** {listed(worse)}. Whoever reads a month reads more than then."
        yield ""
    if better:
        yield f"**Better than before:** {listed(better)}."
        yield ""
    yield from markdown_table(
        ("count", "before", "now", "means"),
        [(row["label"], f"{int(row['before']):,}", f"{now[row['measure']]:,}", row["means"]) for row in then],
    )


def _details() -> Iterator[str]:
    its = packaged()
    mine = deciding(its)
    yield "## By room"
    yield ""
    rooms = [(room, [one for one in its if one.room == room]) for room in ROOMS]
    rooms.append(("tests", sources(folders=("tests",))))
    month = {row["room"]: row for row in stored_month()}
    yield from markdown_table(
        ("room", "modules", "lines, thousands", "files a month crosses", "functions a month crosses"),
        [
            (
                f"`{room}/`",
                str(len(files)),
                f"{sum(one.lines for one in files) / 1000.0:.0f}",
                month[room]["files"] if room in month else "–",
                month[room]["functions"] if room in month else "–",
            )
            for room, files in rooms
        ],
    )
    yield "## The longest functions"
    yield ""
    yield f"Of `agents/` and `model/`, those of more than {LONG} lines, docstrings counted."
    yield ""
    yield from _longest(long_functions(mine))
    rest = [one for one in its if one.room not in DECIDING]
    longest = long_functions(rest)
    yield f"Of `experiments/`, the first of {len(longest)} such."
    yield ""
    yield from _longest(longest[:_LONGEST_SHOWN])
    yield "## Attributes set from outside"
    yield ""
    yield (
        "Each is a line on which something else than its owner changes what an object holds. A function that sets "
        "fields of a copy that it has just made is among them."
    )
    yield ""
    by_function: dict[tuple[str, str], list[str]] = {}
    for one in set_from_outside(mine):
        by_function.setdefault((one.path, one.function), []).append(one.target)
    yield from markdown_table(
        ("file", "function", "sets"),
        [
            (f"`{path}`", f"`{function}`", ", ".join(f"`{target}`" for target in dict.fromkeys(targets)))
            for (path, function), targets in by_function.items()
        ],
    )
    yield "## Modules that one other imports"
    yield ""
    names = imported_once(its)
    for room in ROOMS:
        inside = [name.removeprefix(f"{room}.") for name in names if name.split(".")[0] == room]
        yield f"- `{room}`, {len(inside)}: " + ", ".join(f"`{name}`" for name in inside)
    yield ""


def _longest(functions: Sequence[Function]) -> Iterator[str]:
    yield from markdown_table(
        ("lines", "function", "file"), [(str(one.lines), f"`{one.name}`", f"`{one.path}`") for one in functions]
    )


def _walks() -> Iterator[str]:
    notes = {row["walk"]: row for row in walk_notes()}
    yield "## Walks"
    yield ""
    yield (
        "Each step names its file and function, and the earlier step whose function names it (–: read off later). "
        "*Compiled* steps run inside compiled code; *after* steps when the run is over. A test finds all of them, and "
        "another that a month of a default world passes them."
    )
    yield ""
    by_walk: dict[str, list[Step]] = {}
    for step in steps():
        by_walk.setdefault(step.walk, []).append(step)
    for walk, its in by_walk.items():
        turns = sum(one.path.split("/")[0] != other.path.split("/")[0] for one, other in itertools.pairwise(its))
        yield f"### {notes[walk]['title']}"
        yield ""
        yield f"{len(its)} steps in {len({one.path for one in its})} files; from one room to another {turns} times."
        yield ""
        yield from markdown_table(
            ("step", "from", "file", "function", "when", "what happens"),
            [
                (
                    str(number),
                    str(one.named_in or "–"),
                    f"`{one.path}`",
                    f"`{one.function}`",
                    one.when,
                    one.does,
                )
                for number, one in enumerate(its, 1)
            ],
        )
        yield f"Where it zigzags: {notes[walk]['zigzag']}"
        yield ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or check it; returns the exit code (0 done, 1 stale)."""
    parser = argparse.ArgumentParser(prog="python -m itcho.experiments.house", description="Write docs/house.md.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if the page is stale")
    parser.add_argument(
        "--month", action="store_true", help="measure what a month crosses, and keep it, before writing"
    )
    parser.add_argument(
        "--out", type=existing_folder, default=ROOT / "docs", help="folder of the page (default: docs/)"
    )
    chosen = parser.parse_args(arguments)
    if chosen.month and not chosen.check:
        text = io.StringIO()
        rows = month_rows(crossed_in_a_month())
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        (ROOT / MONTH).write_text(text.getvalue(), encoding="utf-8")
    place = chosen.out / PAGE
    fresh = place.is_file() and place.read_text(encoding="utf-8") == page()
    if chosen.check:
        if not fresh:
            print(f"{place} is stale; run python -m itcho.experiments.house", file=sys.stderr)
        return 0 if fresh else 1
    if not fresh:
        place.write_text(page(), encoding="utf-8")
        print(f"wrote {place}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
