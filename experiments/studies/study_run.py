"""Running a study: what is missing is computed, what is there is left alone, and any moment is a good one to stop."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import math
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from itcho.agents.errors import InputError
from itcho.experiments.languages import ENGLISH, Words
from itcho.experiments.progress import progress
from itcho.experiments.studies.design import Cell, Replicate, run_cell
from itcho.experiments.studies.engine import Crew, Engine, Failure
from itcho.experiments.studies.statistics import half_width
from itcho.experiments.studies.store import CellResult, CellStore, Collapse
from itcho.experiments.studies.study import OutcomePick, Study
from itcho.experiments.version import itcho_version
from itcho.model.version import MODEL_VERSION

RunCell = Callable[[Cell], CellResult | Collapse]
_PILOT_YEARS = 3
MOST_VERIFIED = 20_000
"""Cells that are read back to say where a study stands, which takes some seconds; with more, being there counts."""
_BLOCK_BYTES = 4096
"""What files are rounded up to on common file systems."""


@dataclass(frozen=True)
class StudyStatus:
    """Where a study stands.

    Attributes
    ----------
    cells : different cells of the whole plan.
    done, failed, pending, collapsed : they add up to ``cells``; a world that collapsed is an answer.
    """

    cells: int
    done: int
    failed: int
    pending: int
    collapsed: int = 0

    def and_also(self, other: StudyStatus) -> StudyStatus:
        """Both counted together."""
        return StudyStatus(
            self.cells + other.cells,
            self.done + other.done,
            self.failed + other.failed,
            self.pending + other.pending,
            self.collapsed + other.collapsed,
        )


@dataclass(frozen=True)
class StudyRun:
    """What running a study came to.

    Attributes
    ----------
    status : afterwards; with a stopping rule that was met, of the replicates it kept.
    runs : cells computed now.
    seconds : taken.
    cores : used.
    stopped : why not every cell was run: empty, ``time limit`` or ``stopping rule``.
    replicates : kept, in order.
    """

    status: StudyStatus
    runs: int
    seconds: float
    cores: int
    stopped: str
    replicates: tuple[Replicate, ...]

    def and_then(self, other: StudyRun) -> StudyRun:
        """Both runs, of the same replicates, counted together."""
        return dataclasses.replace(
            self,
            status=self.status.and_also(other.status),
            runs=self.runs + other.runs,
            seconds=self.seconds + other.seconds,
            stopped=self.stopped or other.stopped,
        )

    def line(self, say: Words = ENGLISH) -> str:
        """One line for people."""
        seconds = {"seconds": f"{self.seconds:.1f}", "runs": self.runs, "cores": self.cores}
        made = say("{runs} runs in {seconds} s on {cores} cores", **seconds)
        if self.runs:
            each = f"{self.seconds * self.cores / self.runs:.2f}"
            told = "{runs} runs in {seconds} s on {cores} cores, {each} core-seconds per run"
            made = say(told, each=each, **seconds)
        there = self.status.done + self.status.collapsed + self.status.failed - self.runs
        parts = [made]
        parts += [say("{count} were there already", count=there)] * (there > 0)
        parts += [say("{count} worlds collapsed", count=self.status.collapsed)] * (self.status.collapsed > 0)
        parts += [say("{count} failed", count=self.status.failed)] * (self.status.failed > 0)
        parts += [say("{count} to be done", count=self.status.pending)] * (self.status.pending > 0)
        parts += [say("ended by the {reason}", reason=say(self.stopped))] * bool(self.stopped)
        return say("; ").join(parts)


def study_status(study: Study, store: CellStore, chosen: Sequence[Replicate] | None = None) -> StudyStatus:
    """Count the cells of a study (or of some of its replicates) in a store.

    Cells that cannot be read back are not done: up to ``MOST_VERIFIED`` are read to know.
    """
    keys = {key for *_, key in study.cell_keys(chosen)}
    there = keys & store.keys()
    if len(there) <= MOST_VERIFIED:
        there -= set(store.damaged(there))
    done = len(there)
    open_keys, collapses = keys - there, store.collapses().keys()
    collapsed = len(open_keys & collapses)
    failed = len((open_keys & store.failures().keys()) - collapses)
    return StudyStatus(len(keys), done, failed, len(keys) - done - failed - collapsed, collapsed)


def run_study(
    study: Study,
    store: CellStore,
    engine: Engine,
    *,
    time_limit: float = math.inf,
    retry: bool = False,
    work: RunCell = run_cell,
    show_progress: bool = True,
    command: str = "",
) -> StudyRun:
    """Compute what the store does not hold yet.

    Parameters
    ----------
    time_limit : seconds after which no new run is begun.
    retry : run failed cells again; otherwise they count as answered, as collapsed worlds always do.
    work : runs a cell; importable in the workers.
    command : what started this, for the provenance.

    Raises
    ------
    StoreError : the store cannot be written or another process runs cells into it; what was stored is intact.
    """
    began = time.monotonic()
    with store.locked():
        store.write_plan(study.plan())
        record = _provenance(study, engine, command)
        store.put_aside({key for *_, key in study.cell_keys()} & store.keys())
        runner = _Runner(study, store, retry)
        try:
            stopped = runner.run(engine, work, began + time_limit, show_progress)
        finally:
            # Written in any case: an interrupted session has computed cells too.
            seconds = time.monotonic() - began
            store.add_session(record | {"runs": runner.runs, "seconds": round(seconds, 3), "ended": _now()})
    return StudyRun(
        study_status(study, store, runner.kept), runner.runs, seconds, engine.cores, stopped, tuple(runner.kept)
    )


class _Runner:
    """The batches of one session."""

    def __init__(self, study: Study, store: CellStore, retry: bool) -> None:
        self.study, self.store = study, store
        self.settled = store.keys() | store.collapses().keys() | (set() if retry else store.failures().keys())
        self.kept: list[Replicate] = []
        self.runs = 0

    def batches(self) -> list[list[Replicate]]:
        """All replicates at once, or in blocks that the stopping rule looks at one by one.

        The looks are at fixed numbers of replicates, so that where it stops does not depend on who was fastest.
        """
        every = self.study.replicates()
        stop = self.study.stop
        if stop is None:
            return [every]
        edges = [0, *range(stop.minimum, len(every), stop.block), len(every)]
        return [every[first:last] for first, last in itertools.pairwise(edges) if first < last]

    def run(self, engine: Engine, work: RunCell, until: float, show_progress: bool) -> str:
        """Run all batches; returns why it stopped early, if it did."""
        missing = {key for *_, key in self.study.cell_keys()} - self.settled
        bar = progress if show_progress else _silent
        with bar(f"{len(missing)} runs", max(1, len(missing))) as advance, Crew(engine, work) as crew:
            for batch in self.batches():
                cells = {cell.key: cell for *_, cell in self.study.cells(batch) if cell.key not in self.settled}

                def keep(cell: Cell, outcome: CellResult | Collapse | Failure) -> None:
                    if isinstance(outcome, Failure):
                        self.store.fail(cell.key, cell.described(), outcome.error, outcome.trace)
                    elif isinstance(outcome, Collapse):
                        self.store.write_collapse(cell.key, outcome)
                    else:
                        self.store.write(cell.key, outcome)
                    self.settled.add(cell.key)
                    self.runs += 1
                    advance()

                crew.run(cells.values(), keep, until)
                self.kept += batch
                if cells.keys() - self.settled:
                    return "time limit"
                if len(self.kept) < len(self.study.replicates()) and self._enough():
                    return "stopping rule"
        return ""

    def _enough(self) -> bool:
        """Whether every paired difference is known as exactly as the stopping rule wants."""
        stop = self.study.stop
        if stop is None:
            return False
        panel = collect(self.study, self.store, self.kept, (stop.outcome,))
        if panel is None:
            return False
        differences = panel.values[:, :, 1:, 0] - panel.values[:, :, :1, 0]
        return all(
            half_width(differences[:, place, slot]) <= stop.half_width
            for place in range(differences.shape[1])
            for slot in range(differences.shape[2])
        )


@dataclass(frozen=True)
class Panel:
    """Numbers of a study's finished runs.

    Attributes
    ----------
    values : (replicates × scenarios × policies × outcomes); the first policy is the baseline.
    replicates : those of which every cell is there, in order.
    dropped : how many others were looked at.
    """

    values: np.ndarray[Any, np.dtype[np.float64]]
    replicates: tuple[Replicate, ...]
    dropped: int


def collect(
    study: Study,
    store: CellStore,
    chosen: Sequence[Replicate] | None = None,
    outcomes: Sequence[OutcomePick] | None = None,
) -> Panel | None:
    """Read the replicates that are complete: only they are paired in every policy and scenario.

    Returns
    -------
    The panel; None if no replicate is complete.

    Raises
    ------
    StoreError : a cell is damaged.
    InputError : a number is missing or not finite; it never turns into a zero.
    """
    wanted = study.outcomes if outcomes is None else outcomes
    every = study.replicates() if chosen is None else chosen
    there = store.keys()
    shape = (len(study.scenarios), len(study.all_policies), len(wanted))
    cells: dict[Replicate, list[str]] = {}
    for replicate, _, _, key in study.cell_keys(every):
        cells.setdefault(replicate, []).append(key)
    complete = [replicate for replicate in every if there.issuperset(cells[replicate])]
    if not complete:
        return None
    read: dict[str, list[float]] = {}
    for key in {key for replicate in complete for key in cells[replicate]}:
        result = store.read(key)
        read[key] = [pick.of(result) for pick in wanted]
        if not all(map(math.isfinite, read[key])):
            path = store.path(key)
            raise InputError(f"cell {path} holds an outcome that is not finite; take it away and run the study again")
    values = np.array([[read[key] for key in cells[replicate]] for replicate in complete])
    return Panel(values.reshape(len(complete), *shape), tuple(complete), len(every) - len(complete))


@dataclass(frozen=True)
class DryRun:
    """What a study would take.

    Attributes
    ----------
    status : of its cells.
    seconds_per_run : from a timed pilot.
    seconds : for all cells that are missing, on the engine's cores.
    megabytes : that they add to the store.
    """

    status: StudyStatus
    seconds_per_run: float
    seconds: float
    megabytes: float

    def and_also(self, other: StudyStatus) -> DryRun:
        """With more cells of the same kind."""
        share = (self.status.pending + other.pending) / max(self.status.pending, 1)
        return DryRun(self.status.and_also(other), self.seconds_per_run, self.seconds * share, self.megabytes * share)


def dry_run(study: Study, store: CellStore, cores: int, work: RunCell = run_cell) -> DryRun:
    """Time a pilot and say what the study would take; nothing is written.

    The pilot runs the first cell for a year to warm up, then for up to three years to be timed.
    """
    pilot = dataclasses.replace(study.template, policy=study.all_policies[-1], years=1)
    result = work(pilot)
    years = min(_PILOT_YEARS, study.template.years)
    each = _seconds(work, dataclasses.replace(pilot, years=years)) * study.template.years / years
    status = study_status(study, store)
    outcomes = 0 if isinstance(result, Collapse) else len(result.outcomes)
    size = len(result.to_bytes()) + 8 * outcomes * (study.template.years - 1)
    blocks = math.ceil(size / _BLOCK_BYTES) * _BLOCK_BYTES
    return DryRun(status, each, each * status.pending / cores, status.pending * blocks / 1e6)


def _seconds(work: RunCell, cell: Cell) -> float:
    began = time.perf_counter()
    work(cell)
    return time.perf_counter() - began


def collapsed_worlds(study: Study, store: CellStore) -> dict[tuple[str, str], int]:
    """How many of a study's worlds collapsed, by policy and scenario; those without any are left out."""
    ended = store.collapses().keys() - store.keys()
    counts: dict[tuple[str, str], set[str]] = {}
    for _, place, slot, key in study.cell_keys():
        if key in ended:
            counts.setdefault((study.all_policies[slot].name, study.scenarios[place].name), set()).add(key)
    return {where: len(keys) for where, keys in counts.items()}


def collapses_text(collapsed: Mapping[tuple[str, str], int], say: Words = ENGLISH) -> str:
    """A sentence on collapsed worlds; empty if there are none.

    Examples
    --------
    >>> collapses_text({("none", "baseline"): 2})
    'worlds that collapsed, which no comparison holds: none in baseline (2)'
    """
    if not collapsed:
        return ""
    each = say.listed(
        f"{say('{policy} in {scenario}', policy=policy, scenario=scenario)} ({count})"
        for (policy, scenario), count in collapsed.items()
    )
    return say("worlds that collapsed, which no comparison holds: {each}", each=each)


def source_digest() -> str:
    """Hash of the sources of agents and model: a store whose sessions differ in it mixes states of the code."""
    from itcho import agents, model

    found = hashlib.sha256()
    for package in (agents, model):
        root = Path(str(package.__file__)).parent
        for file in sorted(file for file in root.rglob("*") if file.suffix in {".py", ".csv", ".toml"}):
            found.update(str(file.relative_to(root)).encode() + file.read_bytes())
    return found.hexdigest()[:16]


def other_model_versions(store: CellStore) -> list[int]:
    """Versions of the model, other than this one, of which a store holds runs; they are no answer here."""
    made = [session.get("model") for session in store.sessions() if session.get("runs")]
    return sorted({version for version in made if isinstance(version, int) and version != MODEL_VERSION})


def mixed_sources(store: CellStore) -> bool:
    """Whether cells of a store were computed by different states of the model's source."""
    return len({str(session.get("source")) for session in store.sessions() if session.get("runs")}) > 1


def _provenance(study: Study, engine: Engine, command: str) -> dict[str, Any]:
    return {
        "began": _now(),
        "study": study.name,
        "plan": study.digest(),
        "itcho": itcho_version(),
        "model": MODEL_VERSION,
        "source": source_digest(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "machine": platform.platform(),
        "engine": type(engine).__name__,
        "cores": engine.cores,
        "command": command or " ".join(Path(word).name if place == 0 else word for place, word in enumerate(sys.argv)),
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


class _silent:  # noqa: N801
    """A progress bar that shows nothing."""

    def __init__(self, description: str, total: int) -> None:
        del description, total

    def __enter__(self) -> Callable[[], None]:
        return lambda: None

    def __exit__(self, *_: object) -> None:
        return None
