"""What `itcho validate` and `itcho respond` do and print."""

from __future__ import annotations

import difflib
import json
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from itcho.agents.errors import InputError
from itcho.experiments.cli.errors import Mistakes
from itcho.experiments.languages import ENGLISH, Words, words
from itcho.experiments.progress import progress
from itcho.experiments.runs.places import response_folder
from itcho.experiments.runs.run_spec import OPTION
from itcho.experiments.whole_files import check_folder, write_files
from itcho.model.sizes import number_mistakes

if TYPE_CHECKING:
    from rich.console import Console

    from itcho.experiments.evidence.respond import ResponsePath, YearResponse
    from itcho.experiments.evidence.validate import Validation

SOME_FAILED = 1
SHOWN_MONTHS = (1, 3, 6, 12, 24, 36, 60, 120)
ARITHMETIC = ("debt-service", "ltv")


def validate_and_show(
    *, start: str, quick: bool, out: Path | None, workers: int, as_json: bool, lang: str = "en"
) -> None:
    """Validate from a start state, print, write the report to ``out``, and leave with code 1 if runs failed.

    Raises
    ------
    InputError : listing all mistakes at once.
    """
    from itcho.experiments.evidence.validate import FULL, QUICK, steps
    from itcho.experiments.evidence.validate import validate as run_all
    from itcho.experiments.evidence.validation_report import accounting_record, html_page, markdown, validation_record
    from itcho.model.start_states import load

    say = words(lang)
    mistakes = Mistakes()
    with mistakes.caught():
        _check_numbers(out, workers=workers)
    with mistakes.caught():
        load(start)
    mistakes.raise_if_any()
    began = time.monotonic()
    size = QUICK if quick else FULL
    with progress("Validation", steps(size)) as advance:
        validation = run_all(size, workers, advance, start)
    record = validation_record(validation)
    if out is not None:
        write_files(
            {
                out / "validation.json": _json(record) + "\n",
                out / "accounting.json": _json(accounting_record(validation)) + "\n",
                out / "validation.md": markdown(validation, say),
                out / "validation.html": html_page(validation, say),
            }
        )
    if as_json:
        print(_json(record))
    else:
        _show_validation(validation, out, time.monotonic() - began, say)
    if validation.failures:
        raise typer.Exit(SOME_FAILED)


def respond_and_show(
    shock: str,
    *,
    start: str,
    seeds: int,
    years: int,
    out: Path | None,
    workers: int,
    as_json: bool,
    size: float = 1.0,
    lang: str = "en",
) -> None:
    """Run the pairs of a shock, print its response and keep table and picture; code 1 if pairs failed.

    Raises
    ------
    InputError : listing all mistakes at once.
    """
    from itcho.experiments.evidence.shocks import SHOCKS
    from itcho.model.start_states import load

    say = words(lang)
    mistakes = Mistakes()
    known = [*SHOCKS, *ARITHMETIC]
    if shock not in known:
        near = difflib.get_close_matches(shock, known, 3, 0.5)
        hint = f"nearest: {', '.join(near)}; " if near else ""
        mistakes.add(f"shock '{shock}' is unknown; {hint}all: {', '.join(known)}")
    elif shock in ARITHMETIC and size != 1.0:
        mistakes.add(f"--size = {size:g} must be 1 for {shock}")
    elif shock in SHOCKS and (wrong := SHOCKS[shock].size_mistake(size)):
        mistakes.add(wrong)
    with mistakes.caught():
        _check_numbers(out, seeds=seeds, years=years, workers=workers)
    with mistakes.caught():
        load(start)
    mistakes.raise_if_any()
    if shock in ARITHMETIC:
        _show_arithmetic(shock, say, as_json=as_json)
        return
    folder = out if out is not None or as_json else response_folder(shock)
    _respond(shock, start, seeds, years, size, folder, workers, as_json, say)


def _respond(
    shock: str,
    start: str,
    seeds: int,
    years: int,
    size: float,
    folder: Path | None,
    workers: int,
    as_json: bool,
    say: Words,
) -> None:
    from itcho.experiments.evidence.respond import (
        PairTask,
        make_pairs,
        response_paths,
        response_picture,
        yearly_responses,
    )
    from itcho.experiments.evidence.shocks import SHOCKS
    from itcho.experiments.figures.language import language_or_english
    from itcho.experiments.processes import in_processes

    plan, months = SHOCKS[shock], 12 * years
    what = _named(plan.what, size, ENGLISH)
    tasks = [PairTask(seed, {shock: months}, start=start, size=size) for seed in range(1, seeds + 1)]
    with progress(f"{seeds} pairs of {years} years", seeds) as advance:
        answers = in_processes(make_pairs, tasks, workers, advance)
    failures = [f"seed {one.seed}: {one.failure}" for one in answers if one.failure]
    pairs = [one.by_shock[shock] for one in answers if not one.failure]
    if not pairs:
        raise InputError([f"every pair failed; the first: {failures[0]}"])
    paths = response_paths(pairs, plan.outcomes)
    if folder is not None:
        tongue = language_or_english(say.code)
        title = tongue(
            "{what}  Mean of {pairs} pairs, its 95% interval, and the band of 90% of pairs.",
            what=_named(plan.what, size, tongue),
            pairs=len(pairs),
        )
        picture = response_picture(title, paths, tongue)
        write_files({folder / "response.csv": _response_csv(paths), folder / "response.png": picture})
    if as_json:
        by_year = yearly_responses(pairs, plan.outcomes)
        print(_json(_response_record(shock, what, size, len(pairs), failures, paths, by_year)))
    else:
        _show_response(_named(plan.what, size, say), len(pairs), paths, folder, failures, say)
    if failures:
        raise typer.Exit(SOME_FAILED)


def _named(what: str, size: float, say: Words) -> str:
    """What a shock is, in a language."""
    return say(what) if size == 1.0 else say.sentences([say(what), say("{size} times that.", size=f"{size:g}")])


def _check_numbers(out: Path | None, **numbers: int) -> None:
    if mistakes := [*number_mistakes(OPTION, **numbers), *check_folder(out)]:
        raise InputError(mistakes)


def _json(record: dict[str, Any]) -> str:
    return json.dumps(record, indent=2, allow_nan=False, ensure_ascii=False)


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _numbers(values: Any) -> list[float | None]:
    return [_number(value) for value in values.tolist()]


def _response_record(
    shock: str,
    what: str,
    size: float,
    seeds: int,
    failures: list[str],
    paths: list[ResponsePath],
    by_year: list[YearResponse],
) -> dict[str, Any]:
    return {
        "shock": shock,
        "what": what,
        "size": size,
        "seeds": seeds,
        "failed": failures,
        "outcomes": [
            {
                "outcome": path.outcome,
                "unit": path.unit,
                "mean": _numbers(path.mean),
                "low": _numbers(path.low),
                "high": _numbers(path.high),
                "band_low": _numbers(path.band_low),
                "band_high": _numbers(path.band_high),
            }
            for path in paths
        ],
        "years": [
            {
                "outcome": one.outcome,
                "year": one.year,
                "mean": _number(one.estimate.mean),
                "low": _number(one.estimate.low),
                "high": _number(one.estimate.high),
            }
            for one in by_year
        ],
    }


def _response_csv(paths: list[ResponsePath]) -> str:
    lines = ["outcome,unit,month,mean,low,high,band_low,band_high"]
    for path in paths:
        columns = zip(path.mean, path.low, path.high, path.band_low, path.band_high, strict=True)
        for month, values in enumerate(columns, start=1):
            lines.append(",".join([path.outcome, path.unit, str(month), *(f"{value:.8g}" for value in values)]))
    return "\n".join(lines) + "\n"


def _show_response(
    what: str, seeds: int, paths: list[ResponsePath], folder: Path | None, failures: list[str], say: Words
) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    console.print(what, style="bold")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    months = [month for month in SHOWN_MONTHS if month <= paths[0].mean.size]
    table.add_column(say("response"), overflow="fold")
    for month in months:
        table.add_column(say("month {month}", month=month), justify="right")
    for path in paths:
        cells = [f"{path.mean[m - 1]:.3g}\n± {path.high[m - 1] - path.mean[m - 1]:.2g}" for m in months]
        table.add_row(say("{what}, {unit}", what=say.outcome(path.outcome), unit=say(path.unit)), *cells)
    console.print(table)
    console.print(say("Mean of {seeds} pairs of runs, ± its 95% interval.", seeds=seeds), style="dim")
    if folder is not None:
        _show_kept(console, folder, "response.csv, response.png", say)
    for failure in failures:
        console.print(say("FAILED  {what}", what=failure), style="bold red", soft_wrap=True)


def _show_kept(console: Console, folder: Path, files: str, say: Words) -> None:
    console.print(say("Kept in {folder}: {files}", folder=folder, files=files), style="dim", soft_wrap=True)


def _show_arithmetic(shock: str, say: Words, *, as_json: bool) -> None:
    """Shocks whose answer follows from opening balance sheets."""
    from itcho.experiments.evidence.shocks import debt_service_rise_trn_yen, loan_to_value_after_falls_pct
    from itcho.experiments.evidence.validate import FALLS_PCT

    if shock == "ltv":
        what = "SoftBank Group's loan-to-value if its holdings fall before any month is run, %."
        found = dict(
            zip(map(str, (0.0, *FALLS_PCT)), loan_to_value_after_falls_pct((0.0, *FALLS_PCT)).tolist(), strict=True)
        )
        key = "fall_pct"
    else:
        what = "Interest added by all issue yields 1 point higher, the ladder alone, trn yen."
        found = {str(year): value for year, value in enumerate(debt_service_rise_trn_yen().tolist(), start=1)}
        key = "year"
    if as_json:
        values = [{key: float(at), "value": value} for at, value in found.items()]
        print(_json({"shock": shock, "what": what, "verdict": "by construction", "values": values}))
        return
    print(say(what))
    line = "  fall (%) {at}: {value}" if key == "fall_pct" else "  year {at}: {value}"
    for at, value in found.items():
        print(say(line, at=at, value=f"{value:.2f}"))


def _show_validation(validation: Validation, out: Path | None, seconds: float, say: Words) -> None:
    from rich.console import Console
    from rich.table import Table

    from itcho.experiments.evidence.validate import RULE
    from itcho.experiments.evidence.validation_report import (
        accounting_lines,
        range_text,
        shown,
        summary_line,
        targets_line,
        what_of,
    )

    console = Console(highlight=False)
    groups = (
        ("Responses", validation.rows),
        ("Response targets", validation.targets),
        ("Stylised facts", validation.facts),
    )
    for title, rows in groups:
        console.print(say(title), style="bold")
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        table.add_column(say("row"), overflow="fold")
        table.add_column(say("published"), justify="right", no_wrap=True)
        table.add_column(say("model, 95%"), justify="right", no_wrap=True)
        table.add_column(say("verdict"), no_wrap=True)
        for row in rows:
            half = (row.estimate.high - row.estimate.low) / 2.0 if row.estimate.seeds > 1 else float("nan")
            model = shown(row.estimate.mean, row.decimals)
            table.add_row(
                row.id if say.code == "en" else f"{what_of(row, say)} ({row.id})",
                range_text(row, say) + (f" {say(row.unit)}" if len(row.unit) < 3 and row.unit != "-" else ""),
                f"{model} ± {shown(half, row.decimals)}" if math.isfinite(half) else model,
                say(row.verdict),
                style="bold red" if row.verdict == "missed" else None,
            )
        console.print(table)
        console.print()
    console.print(summary_line(validation, say), style="bold")
    console.print(targets_line(validation, say), style="bold")
    console.print(say(RULE), style="dim")
    for line in accounting_lines(validation, say):
        console.print(line, style="dim")
    console.print(say("Took {seconds} seconds.", seconds=f"{seconds:.0f}"), style="dim")
    if out is not None:
        _show_kept(console, out, "validation.md, validation.html, validation.json, accounting.json", say)
