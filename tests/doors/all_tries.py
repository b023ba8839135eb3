"""All tries by where they are made: in this process, with long work left out, or each in a process of its own."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import pytest
import typer

from tests.command_lines import LONG_WORK
from tests.doors import files, machines, requests, texts
from tests.doors.tries import EITHER, Answer, Try, answer

SECONDS = 120
"""Longer than any try may take on a busy machine: reading a device without end is found so."""
TIMES = {"first runs at once": 5, "odd names of folders": 3}
"""Of that, for kinds whose tries are several runs, or compile."""
MADE_IN_SUITE = 12
"""Tries of each maker that the suite makes in its own process."""
MADE_IN_SLOW_SUITE = {"machines": 16, "names of folders": 4, "streams": 14, "ended": 10}
"""Tries in processes of their own that the slow suite makes: every machine, output and command once."""
EVERY_TRY = "ITCHO_EVERY_TRY"
"""Set to anything, it lets the suite make all tries of these."""
ALL = 10**9
_STEP = 3
STUDY = """[study]
name = "mine"
policies = ["actual"]
baseline = "none"
seeds = 2
years = 1
investors = 60
importers = 50
adopters = 60
"""
LOOKS = (
    "report",
    "brief",
    "explorer",
    "compact",
    "compare_stores",
    "crate",
    "read_run",
    "read_actuals",
    "write_files",
    "run_forecast",
    "score_and_show",
    "hindcast_and_show",
)
"""What reads files and folders, or writes what was asked for, is done."""
LATER = (
    "itcho.experiments.forecasts.run.in_processes",
    "itcho.experiments.forecasts.run.model_paths",
    "itcho.experiments.evidence.hindcast.hindcast",
    "itcho.experiments.evidence.rest_report.come_to_rest",
)
"""Where the hours of those that check first begin."""

Makers = dict[str, Callable[[Path], Iterator[Try]]]


def quick(run: Path, store: Path) -> Makers:
    """Tries in this process, given a run and a study's runs that are whole."""
    return {
        "contents": files.contents,
        "places": files.places,
        "numbers": lambda _: requests.numbers(),
        "names": lambda _: requests.names(),
        "parameters": lambda _: requests.parameters(),
        "conditions": lambda _: requests.conditions(),
        "calls": lambda _: requests.calls(),
        "entries": texts.entries,
        "outputs": requests.outputs,
        "runs": lambda folder: files.damaged(run, files.READ_RUN, "damaged folders of runs", folder, EITHER),
        "studies": lambda folder: files.damaged(
            store, files.READ_STUDY, "damaged folders of studies", folder, EITHER | {1}
        ),
    }


SLOW: Makers = {
    "machines": machines.environments,
    "names of folders": machines.names_of_folders,
    "streams": machines.streams,
    "disks": machines.full_disk,
    "first runs": machines.first_runs,
    "ended": machines.ended,
}


def sampled(tries: Sequence[Try], most: int) -> list[Try]:
    """At most so many of them, evenly spread, and each time another place in its stretch.

    Makers vary one thing within another, so that steps of equal length would meet the same value of the inner one
    every time: every command, but killed each time, and never asked to end.
    """
    if len(tries) <= most:
        return list(tries)
    width = len(tries) // most
    return [tries[place * len(tries) // most + place * _STEP % width] for place in range(most)]


def made(tries: Sequence[Try], folder: Path) -> Iterator[Answer]:
    """What comes of each, one after another."""
    before = signal.signal(signal.SIGALRM, _too_long)
    try:
        for tried in tries:
            signal.setitimer(signal.ITIMER_REAL, SECONDS * TIMES.get(tried.kind, 1))
            yield answer(tried, folder)
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def most_in_slow_suite(maker: str) -> int:
    """How many tries of a maker of :data:`SLOW` the suite makes."""
    return ALL if os.environ.get(EVERY_TRY) else MADE_IN_SLOW_SUITE.get(maker, ALL)


def leave_long_work_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands leave where hours would begin; all that can be refused before is done."""

    def stop(*_: object, **__: object) -> NoReturn:
        raise typer.Exit(0)

    def built(request: Any, parameters: Any, *_: object, **__: object) -> dict[str, Any]:
        request.economy(request.policy, parameters)
        return dict.fromkeys(("pairs", "worlds", "years", "core_seconds", "seed"), 1) | dict.fromkeys(
            ("scenario", "policy", "start", "out"), ""
        )

    for name in LONG_WORK:
        if not any(look in name for look in LOOKS):
            monkeypatch.setattr(name, stop)
    for name in LATER:
        monkeypatch.setattr(name, stop)
    monkeypatch.setattr("itcho.experiments.cli.run.dry_record", built)


def _too_long(number: int, frame: FrameType | None) -> NoReturn:
    raise TimeoutError(f"no answer within {SECONDS} seconds")
