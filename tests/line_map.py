"""Which tests run which line: a pytest plugin that measures it, and the map that is kept until sources or tests change.

What a fixture shared by several tests runs counts for each of them.  Left out is what is too slow without compilation
to be run for every change: tests that build a whole economy, that start a process, or that take longer than
:data:`SECONDS_A_TEST`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any

import pytest

SECONDS_A_TEST = 1.5
"""Processor time that a test may take, its fixtures included."""

CLAIMS, FOUND = "ITCHO_LINE_MAP_CLAIMS", "ITCHO_LINE_MAP_FOUND"
"""Environment: the folder in which processes claim test files, and the file to which one of them writes."""


class TooSlow(BaseException):
    """A test takes too long to be run for every change."""


def _stop(*_: object, **__: object) -> None:
    raise TooSlow


class LineMap:
    """The plugin: measures the tests of the files that this process is the first to claim."""

    def __init__(self, root: Path, claims: Path, found: Path) -> None:
        self.root, self.claims, self.found = root.resolve(), claims, found
        self.mine: dict[str, bool] = {}
        self.seconds: dict[str, float] = {}
        self.needs: dict[str, set[str]] = {}
        self.failed: set[str] = set()
        self.fixture_seconds: dict[str, float] = {}
        self.context = ""
        import coverage  # Only those who measure need it.

        self.coverage = coverage.Coverage(
            data_file=None, config_file=False, include=[f"{self.root}/*"], omit=["*/tests/*"]
        )
        self.coverage.start()

    def switch(self, context: str) -> str:
        """Count lines for ``context`` from here on; returns what they were counted for."""
        before, self.context = self.context, context
        self.coverage.switch_context(context)
        return before

    def claim(self, name: str) -> bool:
        """Whether the test file ``name`` is this process's to run."""
        if name not in self.mine:
            try:
                os.close(os.open(self.claims / name.replace("/", "+"), os.O_CREAT | os.O_EXCL))
                self.mine[name] = True
            except FileExistsError:
                self.mine[name] = False
        return self.mine[name]

    def pytest_collection_finish(self) -> None:
        """From here on nobody builds an economy or starts a process."""
        subprocess.Popen.__init__ = _stop  # type: ignore[method-assign]
        for name, module in tuple(sys.modules.items()):
            if name.endswith("itcho.model.economy"):
                module.JapanEconomy.__init__ = _stop

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:
        """Leave other processes' tests to them."""
        return None if self.claim(item.nodeid.partition("::")[0]) else True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Begin to measure a test, and remember the shared fixtures it needs."""
        info = getattr(item, "_fixtureinfo", None)
        defined = info.name2fixturedefs.values() if info else ()
        self.needs[item.nodeid] = {_name(each[-1]) for each in defined if each and each[-1].scope != "function"}
        self.switch(item.nodeid)
        signal.setitimer(signal.ITIMER_PROF, SECONDS_A_TEST)
        begun = time.process_time()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = time.process_time() - begun

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Measure the test itself."""
        begun = time.process_time()
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0.0)
            self.seconds[item.nodeid] += time.process_time() - begun

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self) -> Generator[None, Any, Any]:
        """Stop the clock, also of a test whose setup failed."""
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        self.switch("")
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Generator[None, Any, Any]:
        """Count what a shared fixture runs for all who use it."""
        if fixturedef.scope == "function":
            return (yield)
        before, begun = self.switch(_name(fixturedef)), time.process_time()
        try:
            return (yield)
        finally:
            self.fixture_seconds[_name(fixturedef)] = time.process_time() - begun
            self.switch(before)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test that fails or skips cannot notice a change."""
        if not report.passed or hasattr(report, "wasxfail"):
            self.failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write what was found."""
        self.coverage.stop()
        data, lines = self.coverage.get_data(), defaultdict(lambda: defaultdict(list))
        users = defaultdict(list)
        for test, fixtures in self.needs.items():
            for each in (test, *fixtures):
                users[each].append(test)
        for file in data.measured_files():
            name = Path(file).resolve().relative_to(self.root).as_posix()
            for line, contexts in data.contexts_by_lineno(file).items():
                tests = {test for context in contexts for test in users[context]} - self.failed
                if tests:
                    lines[name][str(line)] = sorted(tests)
        seconds = {
            test: own + sum(self.fixture_seconds.get(each, 0.0) for each in self.needs[test])
            for test, own in self.seconds.items()
            if test not in self.failed
        }
        self.found.write_text(json.dumps({"seconds": seconds, "lines": lines}))


def _name(fixturedef: Any) -> str:
    return f"fixture {fixturedef.baseid}::{fixturedef.argname}"


def pytest_configure(config: pytest.Config) -> None:
    """Begin to measure if a process was told where to write."""
    if FOUND in os.environ:
        signal.signal(signal.SIGPROF, _stop)
        root, claims, found = config.rootpath, Path(os.environ[CLAIMS]), Path(os.environ[FOUND])
        config.pluginmanager.register(LineMap(root, claims, found))


def merged(parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """One map of several processes' parts."""
    seconds: dict[str, float] = {}
    lines: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for part in parts:
        seconds |= part["seconds"]
        for file, by_line in part["lines"].items():
            for line, tests in by_line.items():
                lines[file][line] += tests
    return {"seconds": seconds, "lines": lines}
