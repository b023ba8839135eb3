"""Whole runs: a path of 36 months, what grows how, memory, start-up, ensembles on one and two workers."""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from itcho.experiments.evidence.seed_runs import run_seeds
from itcho.experiments.runs.run_spec import RunSpec
from itcho.model.economy import JapanEconomy

RIVAL_SECONDS = 0.085
"""A 12-quarter path of about 3,000 agents, as published for the US version of BeforeIT.jl."""


def path_seconds(months: int = 36, repeats: int = 3, **sizes: int) -> float:
    """Seconds of the steps of a default path, warm and without construction, in process time; the least of several."""
    best = float("inf")
    for seed in range(1, repeats + 1):
        economy = JapanEconomy(rng=seed, **sizes)
        economy.step()
        began = time.process_time()
        for _ in range(months):
            economy.step()
        best = min(best, time.process_time() - began)
    return best


@dataclass(frozen=True)
class ContractCost:
    """What contracts cost.

    Attributes
    ----------
    share_of_month : part of a default month that deciding and adding them up takes.
    ten_years_seconds : the same for 100,000 contracts and 120 months.
    """

    share_of_month: float
    ten_years_seconds: float


def contract_cost(months: int = 24) -> ContractCost:
    """Cost of contracts, warm; the least of several months, and of whole months beside it."""
    part, whole = _contract_month(JapanEconomy(rng=1), months)
    large = JapanEconomy(rng=1, adopters=30_000, investors=200, importers=60)
    count = sum(layer.book.contracts.size for layer in large.world.ai_services.contracts.layers)
    many, _ = _contract_month(large, months)
    return ContractCost(part / whole, many * 120.0 * 100_000.0 / count)


def _contract_month(economy: JapanEconomy, months: int) -> tuple[float, float]:
    """Least seconds of a month's contracts, and of a whole month."""
    contracts, whole = float("inf"), float("inf")
    layers = economy.world.ai_services.contracts.layers
    for _ in range(months):
        began = time.process_time()
        economy.step()
        whole = min(whole, time.process_time() - began)
    for _ in range(months):
        began = time.process_time()
        for layer in layers:
            layer.decide()
            layer.settle()
        contracts = min(contracts, time.process_time() - began)
    return contracts, whole


def construction_seconds(repeats: int = 3) -> float:
    """Seconds to build a default economy, warm."""
    JapanEconomy(rng=1)
    best = float("inf")
    for seed in range(2, 2 + repeats):
        began = time.process_time()
        JapanEconomy(rng=seed)
        best = min(best, time.process_time() - began)
    return best


@dataclass(frozen=True)
class Growth:
    """How cost grows with something.

    Attributes
    ----------
    what : grows.
    sizes, seconds : what was measured.
    exponent : slope of log seconds on log size between the two largest sizes; 1 is linear, 0 is free.
    """

    what: str
    sizes: tuple[int, ...]
    seconds: tuple[float, ...]

    @property
    def exponent(self) -> float:
        """Slope of log seconds on log size between the two largest sizes."""
        return float(np.log(self.seconds[-1] / self.seconds[-2]) / np.log(self.sizes[-1] / self.sizes[-2]))


def growth(what: str, sizes: Sequence[int], months: int = 6) -> Growth:
    """Seconds of ``months`` months at each size of one population, or for each number of months."""
    if what == "months":
        seconds = [path_seconds(size, 1) for size in sizes]
    else:
        seconds = [path_seconds(months, 1, **{what: size}) for size in sizes]
    return Growth(what, tuple(sizes), tuple(seconds))


@dataclass(frozen=True)
class ProcessCost:
    """A process of its own: seconds from start to end, and the most memory it held."""

    seconds: float
    peak_megabytes: float


def process_cost(*arguments: str, repeats: int = 1, first: bool = False) -> ProcessCost:
    """Least seconds and largest memory of ``itcho`` with these arguments; its files go to a folder that is removed.

    With ``first`` nothing is compiled yet, as after installing.
    """
    best, peak = float("inf"), 0.0
    places = {"PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    for _ in range(repeats):
        folder = Path(tempfile.mkdtemp())
        try:
            began = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, "-m", "itcho.experiments.cli.main", *arguments],
                cwd=folder,
                env=os.environ | places | ({"NUMBA_CACHE_DIR": str(folder / "compiled")} if first else {}),
                stdout=subprocess.DEVNULL,
            )
            while process.poll() is None:
                peak = max(peak, _peak_megabytes(process.pid))
                time.sleep(0.005)
            seconds = time.perf_counter() - began
            if process.returncode:
                raise RuntimeError(f"itcho {' '.join(arguments)} ended with {process.returncode}")
            best = min(best, seconds)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return ProcessCost(best, peak)


def _peak_megabytes(pid: int) -> float:
    """Most memory the process itself held so far; what ``wait4`` says would count the parent's too."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) / 1024.0 for line in lines if line.startswith("VmHWM")), 0.0)


def ensemble_runs_per_second(workers: int, runs: int = 40, years: int = 10) -> float:
    """Default runs a second with ``workers`` processes, the start of the processes not counted."""
    began = time.perf_counter()
    run_seeds([RunSpec(seed=seed, years=1) for seed in range(workers)], workers)
    start = time.perf_counter() - began
    began = time.perf_counter()
    run_seeds([RunSpec(seed=seed, years=years) for seed in range(1, runs + 1)], workers)
    return runs / max(time.perf_counter() - began - start, 1e-9)


def megabytes_over_runs(runs: int, years: int = 1) -> tuple[float, float]:
    """Memory of a process that makes ``runs`` runs, after a tenth of them and after all, megabytes.

    A process of its own: what other benchmarks left in this one is none of theirs.
    """
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_memory_of_runs, runs, years).result()


def _memory_of_runs(runs: int, years: int) -> tuple[float, float]:
    small = {"investors": 200, "importers": 60, "adopters": 100}
    held = []
    for count in range(1, runs + 1):
        JapanEconomy(rng=count, years=years, **small).run()
        if count in (max(1, runs // 10), runs):
            held.append(_resident_megabytes())
    return held[0], held[-1]


def _resident_megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6
