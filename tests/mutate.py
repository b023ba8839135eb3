"""Does a test of behaviour notice a wrong sign?  ``python -m tests.mutate --seed 1 --count 60 --json``.

Draws one-line changes of what decides (see :mod:`tests.mutants`), makes each in a copy of the tree, runs the tests that
cover the line without compilation, and reports which a test catches.  Stored runs are no test of behaviour and are left
out.  A change that makes no difference counts as survived, as does one whose tests do not end in time.

The same seed draws the same changes of the same tree.  Which test covers which line is measured once and kept, until a
source or a test changes, in the cache folder (``$XDG_CACHE_HOME`` or ``~/.cache``, ``itcho/line_maps``).
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import math
import os
import queue
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests import line_map
from tests.mutants import DECIDING, Mutant, draw

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("agents", "model", "experiments", "itcho", "tests")
"""Folders whose Python files the map depends on."""

GOLDEN = ("tests/test_model_version.py",)
"""Tests against stored results, which say that something changed and not what is wrong."""

SECONDS_A_MUTANT = 30.0
"""Tests are run, those of fewest lines first, as long as together they took no more than this processor time when they
were measured.
"""

SECONDS_TO_START, TIMES_AS_LONG = 20.0, 4.0
"""Processor time after which tests of a changed tree are stopped: to be imported, and over what they took before."""

LEFT_OUT = (
    ".git",
    ".venv",
    "venv",
    "build",
    "dist",
    "runs",
    "studies",
    ".itcho-*",
    "*.egg-info",
    ".*_cache",
    ".hypothesis",
)


def environment(tree: Path, **more: str) -> dict[str, str]:
    """Of a child process that runs the sources of ``tree`` without compilation and leaves no compiled files behind."""
    own = {"PYTHONPATH": str(tree), "NUMBA_DISABLE_JIT": "1", "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    return os.environ | own | more


def pytest_command(*arguments: str) -> list[str]:
    """The test runner in a process of its own."""
    return [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--no-header",
        "--tb=no",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        *arguments,
    ]


def digest(root: Path) -> str:
    """Of all that a line map depends on."""
    found = hashlib.sha256(sys.version.encode())
    for room in ROOMS:
        folder = root / room
        files = (
            {path for path in folder.rglob("*") if path.suffix in {".py", ".csv", ".toml"}} if folder.is_dir() else ()
        )
        for path in sorted(files):
            found.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:24]


def cache_folder() -> Path:
    """Where line maps are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "itcho" / "line_maps"


def behaviour_tests(root: Path) -> list[str]:
    """Test files of behaviour: they import agents or the model and no experiments, and compare no stored runs."""
    found = []
    for path in sorted((root / "tests").glob("test_*.py")):
        nodes = list(ast.walk(ast.parse(path.read_bytes())))
        modules = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
        modules |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
        rooms = {part for module in modules for part in module.split(".")[:2]}
        name = path.relative_to(root).as_posix()
        if rooms & {"agents", "model"} and "experiments" not in rooms and name not in GOLDEN:
            found.append(name)
    return found


def copy_tree(root: Path, to: Path) -> Path:
    """A copy of the tree, compiled so that a changed file is noticed by its content."""
    shutil.copytree(root, to, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_OUT, "__pycache__"))
    rooms = [room for room in ROOMS if (to / room).is_dir()]
    compiled = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "checked-hash", *rooms]
    subprocess.run(compiled, cwd=to, check=True, stdout=subprocess.DEVNULL)
    return to


def measured_map(tree: Path, scratch: Path, workers: int) -> dict[str, Any]:
    """Run the tests of ``tree`` and see which lines each of them runs."""
    claims = scratch / "claims"
    claims.mkdir()
    command = pytest_command("-p", "tests.line_map", *behaviour_tests(tree))
    parts = [scratch / f"part {worker}.json" for worker in range(workers)]
    children = [
        subprocess.Popen(
            command,
            cwd=tree,
            env=environment(tree, **{line_map.CLAIMS: str(claims), line_map.FOUND: str(part)}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for part in parts
    ]
    said = [child.communicate()[0] for child in children]
    if not all(part.exists() for part in parts):
        raise RuntimeError("the tests could not be measured:\n" + "\n".join(said)[-2000:])
    return line_map.merged(json.loads(part.read_text()) for part in parts)


def known_map(tree: Path, scratch: Path, workers: int) -> dict[str, Any]:
    """The line map of these sources and tests, from the cache or measured."""
    kept = cache_folder() / f"{digest(tree)}.json"
    if kept.exists():
        known: dict[str, Any] = json.loads(kept.read_text())
        return known
    found = measured_map(tree, scratch, workers)
    kept.parent.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps(found))
    unfinished.replace(kept)
    return found


def tests_of(mutant: Mutant, known: dict[str, Any], breadth: dict[str, int]) -> list[str]:
    """Tests that run the changed statement, those that run the fewest lines first, within the time of a mutant."""
    by_line = known["lines"].get(mutant.file, {})
    covering = {test for line in range(mutant.first_line, mutant.last_line + 1) for test in by_line.get(str(line), ())}
    chosen, left = [], SECONDS_A_MUTANT
    for test in sorted(covering, key=lambda name: (breadth[name], name)):
        left -= known["seconds"][test]
        if left < 0.0:
            break
        chosen.append(test)
    return chosen


class Runner:
    """A process in a tree that runs tests on it as it stands at the moment."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        command = [sys.executable, "-m", "tests.fork_runner"]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=tree, env=environment(tree), stdin=pipe, stdout=pipe, text=True)

    def first_failure(self, tests: list[str], seconds: float) -> str | None:
        """The first of the tests that fails; None if none does, or none in so much processor time."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([tests, math.ceil(seconds)]) + "\n")
        self.process.stdin.flush()
        failed: str | None = json.loads(self.process.stdout.readline())
        return failed

    def caught_by(self, mutant: Mutant, tests: list[str], seconds: float) -> str | None:
        """The first test that fails on the changed tree, in so much processor time."""
        path = (self.tree / mutant.file).resolve()
        source = path.read_bytes()
        path.write_bytes(mutant.applied_to(source))
        try:
            return self.first_failure(tests, seconds) if tests else None
        finally:
            path.write_bytes(source)

    def close(self) -> None:
        """End the process."""
        self.process.communicate()


def mutate(
    seed: int, count: int, workers: int, root: Path = ROOT, patterns: Sequence[str] = DECIDING
) -> dict[str, Any]:
    """Draw the changes, run their tests, and say which were caught."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="itcho-mutate-")))
        trees = [copy_tree(root, scratch / "tree 0")]
        for worker in range(1, workers):
            trees.append(shutil.copytree(trees[0], scratch / f"tree {worker}", symlinks=True))
        mutants = draw(trees[0], seed, count, patterns)
        known = known_map(trees[0], scratch, workers)
        breadth: dict[str, int] = dict.fromkeys(known["seconds"], 0)
        for by_line in known["lines"].values():
            for tests in by_line.values():
                for test in tests:
                    breadth[test] += 1
        free: queue.SimpleQueue[Runner] = queue.SimpleQueue()
        for tree in trees:
            free.put(runner := Runner(tree))
            stack.callback(runner.close)

        def attempt(mutant: Mutant) -> str | None:
            runner = free.get()
            try:
                tests = tests_of(mutant, known, breadth)
                usual = sum(known["seconds"][test] for test in tests)
                caught = runner.caught_by(mutant, tests, SECONDS_TO_START + TIMES_AS_LONG * usual)
            finally:
                free.put(runner)
            print(f"{mutant.file}:{mutant.line} {caught or 'SURVIVED'}", file=sys.stderr, flush=True)
            return caught

        with ThreadPoolExecutor(workers) as pool:
            found = list(pool.map(attempt, mutants))
    caught = sum(test is not None for test in found)
    return {
        "seed": seed,
        "count": len(mutants),
        "caught": caught,
        "survived": len(mutants) - caught,
        "share": caught / max(len(mutants), 1),
        "mutants": [
            {
                "file": mutant.file,
                "line": mutant.line,
                "before": mutant.before,
                "after": mutant.after,
                "kind": mutant.kind,
                "caught_by": test,
            }
            for mutant, test in zip(mutants, found, strict=True)
        ],
    }


def main(arguments: list[str] | None = None) -> int:
    """The command line; 1 if the share of caught changes is below ``--at-least``."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutate", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--count", type=int, default=60, help="changes to draw")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes side by side")
    parser.add_argument("--at-least", type=float, default=0.0, help="share to be caught, 0 to 1")
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args(arguments)
    found = mutate(asked.seed, asked.count, asked.workers)
    if asked.json:
        print(json.dumps(found, indent=1, ensure_ascii=False))
    else:
        for each in found["mutants"]:
            print(f"{each['file']}:{each['line']} {each['kind']}: {each['before']}  ->  {each['after']}")
            print(f"    {each['caught_by'] or 'SURVIVED'}")
        print(f"seed {found['seed']}: {found['caught']} of {found['count']} caught, {found['share']:.0%}")
    return int(found["share"] < asked.at_least)


if __name__ == "__main__":
    sys.exit(main())
