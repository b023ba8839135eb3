"""Runs tests in one fresh process after the other: third-party packages are imported once, a child is forked each time.

Reads a list of tests (JSON) from each line of its input and answers each with a line: the first test that failed, or
null.  It is started in the folder of the tree under test, by ``tests.mutate``.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import sys

import pytest

PACKAGES = ("numpy", "pandas", "scipy.optimize", "scipy.stats", "numba", "mesa", "networkx", "hypothesis", "pydantic")
OURS = ("agents", "model", "experiments", "itcho")


class FirstFailure:
    """A plugin that keeps the name of the first test that failed."""

    def __init__(self) -> None:
        self.name: str | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep a failure."""
        if report.failed and self.name is None:
            self.name = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be imported any more fails as a whole."""
        if report.failed and self.name is None:
            self.name = report.nodeid


def run(tests: list[str], seconds: int) -> str | None:
    """The first of these tests that fails in a child of this process; None if none does in so much processor time."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            null = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(null, stream)
            failure = FirstFailure()
            pytest.main(["-x", "-q", "--tb=no", "-p", "no:cacheprovider", *tests], plugins=[failure])
            os.write(writing, json.dumps(failure.name).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return json.loads(said) if said else None


def main() -> None:
    """Answer line by line."""
    for package in PACKAGES:
        with contextlib.suppress(ImportError):
            importlib.import_module(package)
    if ours := [name for name in sys.modules if name.partition(".")[0] in OURS]:
        raise RuntimeError(f"sources were imported before they were changed: {', '.join(ours)}")
    for line in sys.stdin:
        tests, seconds = json.loads(line)
        print(json.dumps(run(tests, seconds)), flush=True)


if __name__ == "__main__":
    main()
