"""What ``itcho forecast score`` prints and writes."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from itcho.agents.errors import InputError
from itcho.experiments.forecasts.draws import MANIFEST
from itcho.experiments.forecasts.protocol import (
    ALL,
    BALANCED,
    CALM,
    CONDITIONAL,
    FROZEN,
    MODEL,
    PROTOCOL_SHA256,
    SERIES,
    TARGET_OF,
)
from itcho.experiments.languages import ENGLISH, Words, words
from itcho.experiments.progress import progress
from itcho.experiments.whole_files import check_folder, write_files

if TYPE_CHECKING:
    from itcho.experiments.forecasts.scores import Scores

WEIGHTED = "weighted"
ROW = ("series", "horizon", "sample", "model", "rmse", "crps", "cov50", "cov90", "n", "dm_p")
SAMPLE_NAMES = {ALL: "all", BALANCED: "balanced", CALM: "without 2008-09 and 2020-21"}
NEEDS = "scoring needs statsmodels, scoringrules and arch: pip install 'itcho[forecast]'"
HEADINGS = ("series", "n", "RMSE", "best simple", "ratio", "CRPS ratio", "frozen ratio", "in 50%", "in 90%", "p")
READING = (
    "RMSE of the median, weighted over horizons. Ratio: to the simple forecast with the lowest RMSE, chosen after the "
    "event (on the same origins where both have them; surely in the balanced sample); CRPS ratio: to the lowest CRPS "
    "of a simple forecast; frozen: to the model with its behaviour frozen at trend; above 1 the model loses. p: "
    "Diebold-Mariano against the best simple forecast."
)


def score_and_show(draws: Path, data: Path, out: Path | None, *, as_json: bool, lang: str = "en") -> None:
    """Score a folder of draws, print the scores, and write them to ``out``.

    Raises
    ------
    InputError : all mistakes at once.
    """
    say = words(lang)
    found = scores_of(draws, data, out)
    record = json.dumps(found.record(), indent=1, allow_nan=False, ensure_ascii=False)
    if out is not None:
        write_files({out / "scores.json": record + "\n", out / "scores.csv": rows_csv(found.rows)})
    if as_json:
        print(record)
        return
    _print(found, made_by(draws, say), say)
    if out is not None:
        print(say("Kept in {folder}: {files}", folder=out, files="scores.json, scores.csv"))


def scores_of(draws: Path, data: Path, out: Path | None = None) -> Scores:
    """The scores of a folder of draws.

    Raises
    ------
    InputError : the extra is not installed, a folder cannot be read, ``out`` is a file.
    """
    try:
        from itcho.experiments.forecasts.scores import score
    except ModuleNotFoundError as error:
        raise InputError(f"{NEEDS} (no {error.name})") from None
    from itcho.experiments.cli.errors import Mistakes
    from itcho.experiments.forecasts.draws import read_draws
    from itcho.experiments.forecasts.history import what_happened

    mistakes, read = Mistakes(), None
    with mistakes.caught():
        read = read_draws(draws)
    with mistakes.caught():
        what_happened(data)
    for message in check_folder(out):
        mistakes.add(message)
    mistakes.raise_if_any()
    assert read is not None
    origins = {origin for _, origin in read.values}
    with progress(f"Scores of {len(origins)} origins", len(origins)) as advance:
        return score(read, data, advance)


def rows_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows as a table; an empty cell where a figure does not exist."""
    text = io.StringIO()
    writer = csv.DictWriter(text, ROW, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: "" if row[name] is None else row[name] for name in ROW} for row in rows)
    return text.getvalue()


def summary(rows: Sequence[Mapping[str, Any]], sample: str) -> list[dict[str, Any]]:
    """One line for each series: the model against the best simple forecast and its frozen self, losses first."""
    lines = []
    for series in SERIES:
        here = [
            one for one in rows if one["series"] == series and one["sample"] == sample and one["horizon"] == WEIGHTED
        ]
        by_model = {str(one["model"]): one for one in here}
        own = by_model.get(MODEL)
        simple = {name: one for name, one in by_model.items() if name not in (MODEL, FROZEN, CONDITIONAL)}
        if own is None or not simple:
            continue
        best = min(simple, key=lambda name: float(simple[name]["rmse"]))
        crps = min(float(one["crps"]) for one in simple.values())
        frozen = by_model.get(FROZEN)
        lines.append(
            {
                "series": series,
                "n": own["n"],
                "rmse": own["rmse"],
                "best": best,
                "ratio": own["rmse"] / simple[best]["rmse"],
                "crps_ratio": own["crps"] / crps,
                "frozen_ratio": None if frozen is None else own["rmse"] / frozen["rmse"],
                "cov50": own["cov50"],
                "cov90": own["cov90"],
                "dm_p": simple[best]["dm_p"],
            }
        )
    return sorted(lines, key=lambda one: -float(one["ratio"]))


def summary_cells(line: Mapping[str, Any], say: Words = ENGLISH) -> tuple[str, ...]:
    """A line of :func:`summary` for people, in the order of :data:`HEADINGS`."""
    target = TARGET_OF[line["series"]]
    return (
        say("{what}, {unit}", what=say(target.label), unit=say(target.unit)),
        str(line["n"]),
        shown(line["rmse"], 2),
        say(str(line["best"]).replace("_", " ")),
        *(shown(line[name], 2) for name in ("ratio", "crps_ratio", "frozen_ratio")),
        *(f"{100.0 * line[name]:.0f}%" if line[name] is not None else "–" for name in ("cov50", "cov90")),
        shown(line["dm_p"], 2),
    )


def shown(value: float | None, decimals: int) -> str:
    """A figure for people; a dash if there is none."""
    return "–" if value is None or not math.isfinite(value) else f"{value:.{decimals}f}"


def made_by(folder: Path, say: Words = ENGLISH) -> str:
    """What draws were made by, as their manifest says it; empty if there is none that can be read."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        version, protocol = manifest["model_version"], str(manifest["protocol_sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    if protocol == PROTOCOL_SHA256:
        return say("Draws of model version {version}.", version=version)
    return say("Draws of model version {version}, made under protocol {protocol}.", version=version, protocol=protocol)


def _print(found: Scores, made: str, say: Words) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    for sample, name in SAMPLE_NAMES.items():
        lines = summary(found.rows, sample)
        if not lines:
            continue
        console.print(say("Sample: {name}", name=say(name)), style="bold")
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for place, heading in enumerate(HEADINGS):
            table.add_column(say(heading), justify="left" if place in (0, 3) else "right")
        for line in lines:
            table.add_row(*summary_cells(line, say))
        console.print(table)
        console.print()
    console.print(say(READING), style="dim")
    for note in found.notes:
        console.print(say(note), style="dim")
    if made:
        console.print(made, style="dim")
    console.print(say("Protocol {sha256}", sha256=PROTOCOL_SHA256), style="dim")
