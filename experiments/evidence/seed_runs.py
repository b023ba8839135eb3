"""The same experiment under many seeds, in processes of their own: what a statistic over runs is computed from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from itcho.experiments.languages import ENGLISH, Words
from itcho.experiments.processes import in_processes
from itcho.experiments.runs.run_spec import RunSpec
from itcho.model.collapse import WorldCollapsed

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class SeedRun:
    """What statistics need of a run.

    Attributes
    ----------
    seed : its seed.
    fiscal_year, month_of_year : Japanese fiscal year and calendar month (1 to 12) of each month, (months,).
    outcomes : monthly values by outcome, (months,) each.
    daily_usdjpy : the opening rate, then the rate of each session, (1 + 21 × months,).
    max_relative_residual : of the ledger.
    failure : empty, or the month and the error that ended the run; the arrays are empty then.
    """

    seed: int
    fiscal_year: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    month_of_year: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    outcomes: dict[str, FloatArray] = field(default_factory=dict)
    daily_usdjpy: FloatArray = field(default_factory=lambda: np.empty(0))
    max_relative_residual: float = float("nan")
    failure: str = ""


def how_they_ended(failures: Sequence[str], runs: int, say: Words = ENGLISH) -> str:
    """How many runs did not finish, and in how many of them the world collapsed, in a language.

    Examples
    --------
    >>> how_they_ended(["month 3: WorldCollapsed: the world collapsed", "month 1: KeyError: 'x'"], 20)
    '2 of 20 runs did not finish: 1 world collapsed, 1 failed'
    >>> how_they_ended([], 20)
    'all 20 runs finished'
    """
    if not failures:
        return say("all {runs} runs finished", runs=runs)
    collapsed = sum(WorldCollapsed.__name__ in failure for failure in failures)
    of_worlds = "{count} worlds collapsed" if collapsed > 1 else "{count} world collapsed"
    parts = [say(of_worlds, count=collapsed)] * (collapsed > 0)
    parts += [say("{count} failed", count=len(failures) - collapsed)] * (collapsed < len(failures))
    return say("{count} of {runs} runs did not finish: {how}", count=len(failures), runs=runs, how=say.listed(parts))


def run_seed(task: RunSpec) -> SeedRun:
    """Make one run; an error of the model is part of the answer, so that one bad seed does not lose the others."""
    from itcho.experiments.studies.fiscal_years import fiscal_year_of_months

    economy = None
    try:
        economy = task.economy()
        opening = economy.state.usdjpy
        economy.run()
    except Exception as error:
        when = "construction" if economy is None else f"month {economy.ledger.months + 1}"
        return SeedRun(task.seed, failure=f"{when}: {type(error).__name__}: {error}")
    monthly = economy.monthly_table()
    daily = economy.daily_table()["usdjpy"].to_numpy(dtype=np.float64)
    return SeedRun(
        seed=task.seed,
        fiscal_year=fiscal_year_of_months(monthly["month"]).to_numpy(dtype=np.int64),
        month_of_year=monthly["month"].str[5:7].to_numpy(dtype=np.int64),
        outcomes={name: monthly[name].to_numpy(dtype=np.float64) for name in monthly.columns if name != "month"},
        daily_usdjpy=np.concatenate([[opening], daily]),
        max_relative_residual=float(economy.ledger.max_relative_residual),
    )


def run_seeds(tasks: Sequence[RunSpec], workers: int = 1, on_run: Callable[[], None] = lambda: None) -> list[SeedRun]:
    """Make all runs and return them in the order of ``tasks``.

    Parameters
    ----------
    tasks : runs to make.
    workers : processes, each with one thread; 1 makes the runs in this process.
    on_run : called after each run.

    Raises
    ------
    BrokenProcessPool : a worker was killed (out of memory?).
    """
    return in_processes(run_seed, tasks, workers, on_run)
