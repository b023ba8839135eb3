"""What `itcho corridor` and `itcho quiet-start` do and print."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from itcho.agents.errors import InputError
from itcho.experiments.evidence.corridor import LAST_YEAR, CorridorResult, Panel, corridor
from itcho.experiments.evidence.projections import Beside, beside_projections
from itcho.experiments.evidence.quiet_start import QuietRow, run_quiet_start
from itcho.experiments.evidence.seed_runs import SeedRun, how_they_ended, run_seeds
from itcho.experiments.languages import Words, words
from itcho.experiments.progress import progress
from itcho.experiments.runs.run_spec import OPTION, RunSpec
from itcho.model.sizes import number_mistakes

SOME_FAILED = 1


def corridor_and_show(
    *, seeds: int, years: int, workers: int, policy: str, start: str, as_json: bool, lang: str = "en"
) -> None:
    """Run seeds 1 to ``seeds`` of the baseline, print every row of the corridor, and leave with code 1 if runs failed.

    A value outside its range is an answer, not an error: the exit code is 0.

    Raises
    ------
    InputError : listing all mistakes at once.
    """
    say = words(lang)
    spec = RunSpec(policy=policy, start=start, years=years)
    if mistakes := [*spec.mistakes(OPTION), *number_mistakes(OPTION, seeds=seeds, workers=workers)]:
        raise InputError(mistakes)
    tasks = [replace(spec, seed=seed) for seed in range(1, seeds + 1)]
    with progress(f"{seeds} runs of {years} years", seeds) as advance:
        runs = run_seeds(tasks, workers, advance)
    failed = [run for run in runs if run.failure]
    finished = [run for run in runs if not run.failure]
    results = corridor(runs) if finished else []
    beside = beside_projections(Panel(finished)) if finished else []
    if as_json:
        record = corridor_record(tasks[0], runs, results, beside)
        print(json.dumps(record, indent=2, allow_nan=False, ensure_ascii=False))
    else:
        _show_corridor(tasks[0], runs, results, say)
        _show_projections(beside, say)
    if failed:
        raise typer.Exit(SOME_FAILED)


def corridor_record(
    task: RunSpec, runs: list[SeedRun], results: list[CorridorResult], beside: list[Beside]
) -> dict[str, Any]:
    """Corridor and projections as plain data; an open end of a range, or a value not reached, is null."""
    residuals = [run.max_relative_residual for run in runs if not run.failure]
    return {
        "scenario": task.scenario,
        "policy": task.policy,
        "start": task.start,
        "years": task.years,
        "seeds": len(runs),
        "failed": [{"seed": run.seed, "failure": run.failure} for run in runs if run.failure],
        "max_relative_residual": max(residuals, default=None),
        "rows": [
            {
                "outcome": result.row.outcome,
                "statistic": result.row.statistic,
                "unit": result.row.unit,
                "low": _plain(result.row.low),
                "high": _plain(result.row.high),
                "value": _plain(result.value),
                "verdict": result.verdict,
            }
            for result in results
        ],
        "projections": [
            {
                "publisher": one.projection.publisher,
                "published": one.projection.published,
                "case": one.projection.case,
                "outcome": one.projection.outcome,
                "unit": one.projection.unit,
                "first_year": one.projection.first_year,
                "last_year": one.projection.last_year,
                "statistic": one.projection.statistic,
                "projected_low": one.projection.low,
                "projected_high": _plain(one.projection.high),
                "model_median": _plain(one.median),
                "model_low": _plain(one.low),
                "model_high": _plain(one.high),
                "note": one.projection.note,
            }
            for one in beside
        ],
    }


def quiet_start_and_show(*, start: str, seed: int, as_json: bool, lang: str = "en") -> None:
    """Run five quiet years and print how every outcome's first quarter compares with later ones.

    Raises
    ------
    InputError : the start state is unknown or does not close, or the seed is negative.
    """
    say = words(lang)
    if mistakes := RunSpec(start=start, seed=seed).mistakes(OPTION):
        raise InputError(mistakes)
    rows = run_quiet_start(start, seed)
    if as_json:
        print(json.dumps(quiet_start_record(start, seed, rows), indent=2, allow_nan=False))
    else:
        _show_quiet_start(start, rows, say)


def quiet_start_record(start: str, seed: int, rows: list[QuietRow]) -> dict[str, Any]:
    """The quiet start as plain data; an infinite ratio is null."""
    return {
        "start": start,
        "seed": seed,
        "quiet": all(row.quiet for row in rows),
        "outcomes": [
            {
                "outcome": row.outcome,
                "span": row.span,
                "before": _plain(row.before),
                "after": _plain(row.after),
                "change": _plain(row.change),
                "usual_change": _plain(row.usual),
                "ratio": _plain(row.ratio),
                "allowed": _plain(row.allowed),
                "quiet": row.quiet,
            }
            for row in rows
        ],
    }


def _show_corridor(task: RunSpec, runs: list[SeedRun], results: list[CorridorResult], say: Words) -> None:
    console = Console(highlight=False)
    title = say(
        "Corridor: {runs} runs of {years} years from {start}, {scenario}, policy {policy}",
        runs=len(runs),
        years=task.years,
        start=task.start,
        scenario=task.scenario,
        policy=task.policy,
    )
    console.print(title, style="bold")
    table = _table()
    for heading in ("outcome", "statistic"):
        table.add_column(say(heading), overflow="fold")
    for heading in ("range", "value"):
        table.add_column(say(heading), justify="right", no_wrap=True)
    table.add_column(say("verdict"), no_wrap=True)
    for result in results:
        row = result.row
        value = "-" if math.isnan(result.value) else f"{result.value:,.{row.decimals}f}"
        above, between = say("above {low}", low=f"{row.low:g}"), {"low": f"{row.low:g}", "high": f"{row.high:g}"}
        table.add_row(
            say.label(row.outcome),
            say("{what}, {unit}", what=say(row.statistic), unit=say(row.unit)),
            above if math.isinf(row.high) else say("{low} to {high}", **between),
            value,
            say(result.verdict),
            style="bold red" if result.verdict == "outside" else None,
        )
    console.print(table)
    if results:
        counts = {
            verdict: sum(one.verdict == verdict for one in results) for verdict in ("inside", "outside", "not reached")
        }
        console.print(say.counted(counts) + say("."))
        last = max(int(run.fiscal_year[-1] - (run.month_of_year[-1] != 3)) for run in runs if not run.failure)
        if last < LAST_YEAR:
            console.print(
                say(
                    "The runs end in FY{last}: medians up to FY{wanted} are over the years there are.",
                    last=last,
                    wanted=LAST_YEAR,
                ),
                style="dim",
            )
    if failures := [run.failure for run in runs if run.failure]:
        console.print(how_they_ended(failures, len(runs), say) + say("."), style="bold red")
    for run in runs:
        if run.failure:
            failed = say("FAILED  seed {seed}, {why}", seed=run.seed, why=run.failure)
            console.print(failed, style="bold red", soft_wrap=True)


def _show_projections(beside: list[Beside], say: Words) -> None:
    console = Console(highlight=False)
    console.print()
    console.print(say("Published projections beside the model: median of runs, and 90% of them"), style="bold")
    table = _table()
    for heading in ("by", "outcome"):
        table.add_column(say(heading), overflow="fold")
    for heading in ("years", "projected", "model"):
        table.add_column(say(heading), justify="right", overflow="fold")
    for one in beside:
        published, shown = one.projection, f".{one.projection.decimals}f"
        low, high = f"{published.low:{shown}}", f"{published.high:{shown}}"
        figure = say("{low} to {high}", low=low, high=high) if published.high > published.low else low
        ends = say("{low} to {high}", low=f"{one.low:{shown}}", high=f"{one.high:{shown}}")
        table.add_row(
            say.listed((say(published.publisher), published.published, say(published.case))),
            say("{what}, {unit}", what=say.outcome(published.outcome), unit=say(published.unit)),
            published.years_in(say),
            say("above {low}", low=low) if math.isinf(published.high) else figure,
            "-" if math.isnan(one.median) else f"{one.median:{shown}} ({ends})",
        )
    console.print(table)
    console.print(
        say("Other models' paths, made at their dates; nothing here aims at them. Notes on definitions are in --json."),
        style="dim",
    )


def _show_quiet_start(start: str, rows: list[QuietRow], say: Words) -> None:
    console = Console(highlight=False)
    title = say("Quiet start of {start}: five years without shocks, programme and dated events", start=start)
    console.print(title, style="bold")
    table = _table()
    table.add_column(say("outcome"), overflow="fold")
    for heading in ("before", "after", "change", "usual", "ratio"):
        table.add_column(say(heading), justify="right", no_wrap=True)
    table.add_column(say("verdict"), no_wrap=True)
    for row in rows:
        mark = {"opening to month 3": "", "month 1 to month 3": " ¹", "sum of months 1 to 3": " ²"}.get(row.span, " ³")
        ratio = "-" if row.usual == 0.0 else f"{row.ratio:.2f}"
        cells = (f"{value:.4g}" for value in (row.before, row.after, row.change, row.usual))
        table.add_row(
            say.outcome(row.outcome) + mark,
            *cells,
            ratio,
            say("quiet") if row.quiet else say("JOLT"),
            style=None if row.quiet else "bold red",
        )
    console.print(table)
    console.print(
        say(
            "Change from the opening to the end of month 3; usual: 95th percentile of the size of three-month changes "
            "in years 2 to 5.  Quiet: at most 1.5 times the usual, or 0.1% of the level before.  "
            "¹ not defined at the opening: from the end of month 1.  ² sum of the first three months against the same "
            "months of years 2 to 5.  ³ from the end of month 1, against the same months of years 2 to 5."
        ),
        style="dim",
    )
    jolts = sum(not row.quiet for row in rows)
    jolted = say("{count} of {total} outcomes start with a jolt.", count=jolts, total=len(rows))
    console.print(jolted if jolts else say("All {total} outcomes start quietly.", total=len(rows)))


def _table() -> Table:
    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))


def _plain(value: float) -> float | None:
    """A number as JSON can hold it."""
    return value if math.isfinite(value) else None
