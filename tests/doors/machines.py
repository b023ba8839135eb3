"""Odd machines and processes that end early: each try is a process of its own."""

from __future__ import annotations

import os
import resource
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.children import itcho_environment
from tests.doors.tries import DONE, Try, judged, walk
from tests.orphans import below, within

LIGHT = (
    "list policies --lang ja",
    "start-state check 2026-03-31",
    "run --dry-run --lang zh-Hant",
    "list outcomes --json",
)
ENVIRONMENTS: dict[str, dict[str, str | None]] = {
    "a cp932 terminal": {"PYTHONIOENCODING": "cp932"},
    "an ASCII terminal": {"PYTHONIOENCODING": "ascii"},
    "a Latin-1 terminal": {"PYTHONIOENCODING": "latin-1"},
    "the C locale": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "a dumb terminal": {"TERM": "dumb", "COLUMNS": "0"},
    "twelve columns": {"COLUMNS": "12"},
    "columns that are none": {"COLUMNS": "many"},
    "no home": {"HOME": None, "XDG_CACHE_HOME": None},
    "a home that is not there": {"HOME": "/nowhere/at/all"},
    "no temporary folder": {"TMPDIR": "/nowhere/at/all"},
    "warnings as errors": {"PYTHONWARNINGS": "error::UserWarning"},
    "no docstrings": {"PYTHONOPTIMIZE": "2"},
    "another time zone": {"TZ": "Asia/Tokyo"},
    "another clock": {"TZ": "nonsense"},
    "Turkish": {"LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"},
    "no TTY and no input": {},
}
NAMES = ("two words", "a\nb", "日本 円", "a'b\"c", "-x", "$HOME", "*", "a;b", "é" * 40, ".hidden", "per%cent", "a\tb")
FAST = ("--seed=1", "--years=1", "--investors=60", "--importers=50", "--adopters=60", "--no-twin")


def started(words: tuple[str, ...], **changed: str | None) -> tuple[list[str], dict[str, str]]:
    """The command and environment of an ``itcho`` of its own."""
    environment: dict[str, str | None] = {**itcho_environment(), **changed}
    known = {name: value for name, value in environment.items() if value is not None}
    return [sys.executable, "-m", "itcho.experiments.cli.main", *words], known


def environments(folder: Path) -> Iterator[Try]:
    """Light commands on machines that are set up in odd ways."""
    for name, changed in ENVIRONMENTS.items():
        for line in LIGHT:

            def ask(line: str = line, changed: dict[str, str | None] = changed) -> None:
                command, environment = started(tuple(shlex.split(line)), **changed)
                done = subprocess.run(
                    command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
                )
                told = [one.decode("latin-1") for one in (done.stdout, done.stderr)]
                fault = judged(Try("", "", codes=DONE), done.returncode, *told)
                assert not fault, fault
                assert done.stdout.strip(), "nothing was said"

            yield Try("odd machines", f"{name}: {line}", ask=ask, codes=DONE)


def names_of_folders(folder: Path) -> Iterator[Try]:
    """A run kept, reported on and made again in folders with odd names."""
    for number, name in enumerate(NAMES):

        def ask(name: str = name, number: int = number) -> None:
            place = folder / f"odd-{number}" / name
            for words in (
                ("run", *FAST, f"--out={place}", "-q"),
                ("report", str(place), f"--out={place}-page.html", "-q"),
                ("run", "--again", str(place), f"--out={place}-again", "-q"),
            ):
                command, environment = started(words)
                done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
                assert done.returncode == 0, done.stderr
            made = sorted(path.name for path in place.parent.iterdir())
            assert made == sorted([name, f"{name}-page.html", f"{name}-again"])
            assert (place / "monthly.csv").read_bytes() == (Path(f"{place}-again") / "monthly.csv").read_bytes()

        yield Try("odd names of folders", repr(name), ask=ask, codes=DONE, asked_for=(name,))


def _limited(what: int, most: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(what, (most, most))


def streams(folder: Path) -> Iterator[Try]:
    """Outputs that close early or are full, files that may not grow, few open files."""

    def shell(line: str, codes: tuple[int, ...]) -> Callable[[], None]:
        def ask() -> None:
            command, environment = started(())
            program = shlex.join(command)
            done = subprocess.run(
                ["bash", "-c", line.replace("itcho", program)],
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode in codes, (done.returncode, done.stderr[-300:])
            assert "Traceback" not in done.stderr, done.stderr[-500:]
            assert not [one for one in walk(folder) if Path(one).name.startswith(".itcho") or ".part" in one]

        return ask

    run = f"run {' '.join(FAST)} --out kept-{{}}"
    lines = {
        "a reader that leaves": ("set -o pipefail; itcho list parameters | head -1", (0, 1, 141)),
        "a reader that leaves JSON": ("set -o pipefail; itcho list parameters --json | head -c 10", (0, 1, 141)),
        "a reader that is gone": ("set -o pipefail; itcho list outcomes | true", (0, 1, 141)),
        "a full output": ("itcho list scenarios > /dev/full", (1, 2)),
        "a closed output": ("itcho list scenarios >&-", (0, 1, 2)),
        "a closed error output": ("itcho list scenarios 2>&- > /dev/null", (0,)),
        "all closed": ("itcho run --years 0 <&- >&- 2>&-", (2,)),
        "a closed output of a run": (f"itcho {run.format(1)} >&-", (0, 1, 2)),
        "a full output of a run": (f"itcho {run.format(2)} > /dev/full", (1, 2)),
        "files of 8 kB at most": (f"ulimit -f 8; itcho {run.format(3)}", (2,)),
        "few open files": (f"ulimit -n 24; itcho {run.format(4)}", (0, 2)),
        "a folder that is gone": ("mkdir gone; cd gone; rmdir ../gone; itcho run --dry-run", (0, 2)),
        "a folder that is gone, for a run": (f"mkdir gone; cd gone; rmdir ../gone; itcho {run.format(5)}", (2,)),
        "a mask of nothing": (f"umask 0777; itcho {run.format(6)}", (0, 2)),
    }
    for name, (line, codes) in lines.items():
        yield Try("outputs and limits", name, ask=shell(line, codes), codes=DONE)


SMALL = "--investors 300000 --importers 60 --adopters 100"
KILLED = {
    "run": f"run --seed 3 --years 30 {SMALL} --out deep/down/a",
    "run of pairs": "run --pairs 8 --years 10 --out deep/pairs",
    "study": "compare actual --seeds 40 --years 10 --workers 2 --out store",
    "corridor": "corridor --seeds 20 --years 10 --workers 2",
    "ablate": "ablate --kind banks --seeds 8 --workers 2 --out ablation",
    "respond": "respond yen --seeds 20 --years 5 --workers 2 --out response",
    "explain": "explain actual --seeds 4 --workers 2",
    "forecast": "forecast run --start 2026-03-31 --paths 40 --out draws --workers 2",
    "validate": "validate --quick --workers 2 --out validation",
    "claims": "claims yen-fall --quick --workers 2 --out claims",
}
SIGNALS = {
    "killed": signal.SIGKILL,
    "asked to end": signal.SIGTERM,
    "Ctrl-C": signal.SIGINT,
    "Ctrl-C at a terminal": signal.SIGINT,  # which reaches all processes of the command
}


def ended(folder: Path) -> Iterator[Try]:
    """Long commands ended from outside at two moments: no process goes on, nothing half-written stays."""
    for name, line in KILLED.items():
        for how, number in SIGNALS.items():
            for moment in (4.0, 11.0):

                def ask(
                    name: str = name, line: str = line, how: str = how, number: int = number, moment: float = moment
                ) -> None:
                    place = folder / f"{name}-{how}-{moment:.0f}".replace(" ", "-")
                    place.mkdir()
                    command, environment = started(tuple(line.split()))
                    process = subprocess.Popen(
                        command, cwd=place, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                        start_new_session=True, preexec_fn=_heed_ctrl_c,
                    )  # fmt: skip
                    try:
                        process.communicate(timeout=moment)
                    except subprocess.TimeoutExpired:
                        if how.endswith("terminal"):
                            os.killpg(process.pid, number)
                        else:
                            process.send_signal(number)
                    _, said = process.communicate(timeout=180)
                    codes = {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGINT: 130}
                    assert process.returncode in (0, codes[signal.Signals(number)]), (process.returncode, said[-300:])
                    assert b"Traceback" not in said, said[-500:]
                    assert process.returncode in (0, -9) or b"itcho: stopped" in said, said[-500:]
                    assert within(60.0, lambda: not below(process.pid)), "a process goes on"
                    assert within(60.0, lambda: not _half_written(place)), _half_written(place)

                yield Try("commands ended from outside", f"{name} {how} after {moment:.0f} s", ask=ask, codes=DONE)


def _heed_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _half_written(folder: Path) -> list[str]:
    """Hidden folders, and hidden files outside a store, which sweeps its own when it is next opened."""
    return [one for one in walk(folder) if Path(one).name.startswith(".") and "cells" not in Path(one).parts]


def first_runs(folder: Path) -> Iterator[Try]:
    """Two first runs at once share one empty cache, and come to the same bits."""

    def ask() -> None:
        cache = folder / "cache"
        running = []
        for place in ("one", "two"):
            command, environment = started(("run", *FAST, "--out", place, "-q"), XDG_CACHE_HOME=str(cache))
            running.append(subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True))
        for process in running:
            _, said = process.communicate(timeout=600)
            assert process.returncode == 0, said
        assert (folder / "one" / "monthly.csv").read_bytes() == (folder / "two" / "monthly.csv").read_bytes()
        kept = list((cache / "itcho").iterdir())
        assert len(kept) == 1, "both keep what they compiled in the folder of these sources"

    yield Try("first runs at once", "two first runs", ask=ask, codes=DONE)


def full_disk(folder: Path) -> Iterator[Try]:
    """A run, a page and an export onto a disk that is full, and one that may only be read."""
    if os.geteuid() != 0:
        return
    for name in ("full", "read-only"):

        def ask(name: str = name) -> None:
            disk = folder / name
            disk.mkdir()
            size = "64k" if name == "full" else "8m"
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)], check=True)
            try:
                if name == "read-only":
                    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
                for words in (
                    ("run", *FAST, "--out", f"{disk}/run"),
                    ("explorer", "store", "--out", f"{disk}/page.html"),
                ):
                    command, environment = started(words)
                    done = subprocess.run(
                        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
                    )
                    fault = judged(Try("", ""), done.returncode, done.stdout, done.stderr)
                    assert not fault, fault
                    assert not list(disk.iterdir())
            finally:
                subprocess.run(["umount", str(disk)], check=False)

        yield Try("disks", name, ask=ask, codes=DONE)
