"""The generated part of ``docs/forecasts.md``: ``python -m itcho.experiments.forecasts.page DRAWS --data FOLDER``.

Everything between the two marks is written anew from a folder of draws and a folder of history; the rest of the page
stays.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from itcho.agents.errors import InputError
from itcho.experiments.forecasts.draws import MANIFEST
from itcho.experiments.forecasts.protocol import CONDITIONAL, HORIZONS, MODEL, SERIES, TARGET_OF
from itcho.experiments.forecasts.show import (
    HEADINGS,
    READING,
    SAMPLE_NAMES,
    WEIGHTED,
    scores_of,
    shown,
    summary,
    summary_cells,
)
from itcho.experiments.markdown import markdown_table

if TYPE_CHECKING:
    from itcho.experiments.forecasts.scores import Scores

PAGE = Path("docs") / "forecasts.md"
BEGIN = "<!-- scores: python -m itcho.experiments.forecasts.page DRAWS --data FOLDER -->"
END = "<!-- end of scores -->"


def page_part(found: Scores, manifest: Mapping[str, Any]) -> str:
    """The tables of scores as Markdown, losses first."""
    return "\n".join([BEGIN, "", *_lines(found, manifest), "", END])


def _lines(found: Scores, manifest: Mapping[str, Any]) -> Iterator[str]:
    origins = list(manifest["origins"])
    yield (
        f"{len(origins)} origins, {origins[0]} to {origins[-1]}; {manifest['paths']} paths, {manifest['parameters']} "
        f"parameters, model version {manifest['model_version']}, protocol `{manifest['protocol_sha256'][:12]}`, code "
        f"`{manifest['code_sha256'][:12]}`. {len(manifest['collapsed'])} worlds collapsed. {READING}"
    )
    for sample, name in SAMPLE_NAMES.items():
        lines = summary(found.rows, sample)
        if lines:
            yield from ("", f"### Sample: {name}", "")
            yield from markdown_table(HEADINGS, [summary_cells(line) for line in lines])
    yield from ("", "### By horizon: RMSE of the model over that of the best simple forecast, sample all", "")
    heading = ("series", *(f"{horizon} quarter{'s' * (horizon > 1)}" for horizon in HORIZONS))
    yield from markdown_table(heading, [_by_horizon(found, series) for series in SERIES])
    yield from ("", "### Joint energy score of the headline series", "")
    yield from markdown_table(("model", *heading[1:]), _energy(found))
    yield from ("", "### Where what happened lies in the model's ensembles, by tenth", "")
    tenths = tuple(f"{10 * tenth}-{10 * tenth + 10}%" for tenth in range(10))
    rows = [(TARGET_OF[one["series"]].label, *map(str, one["counts"])) for one in found.pit if one["model"] == MODEL]
    yield from markdown_table(("series", *tenths), rows)
    yield from ("", "### Models that cannot be told from the best (10%)", "")
    yield from markdown_table(
        ("series", "n", "inside"),
        [
            (TARGET_OF[one["series"]].label, str(one["n"]), ", ".join(one["inside"]).replace("_", " "))
            for one in found.confidence
        ],
    )
    conditional = [
        one
        for one in found.rows
        if one["model"] == CONDITIONAL and one["horizon"] == WEIGHTED and one["sample"] == "all"
    ]
    if conditional:
        own = {
            one["series"]: one
            for one in found.rows
            if one["model"] == MODEL and one["horizon"] == WEIGHTED and one["sample"] == "all"
        }
        yield from ("", "### Apart: given the US policy rate as it was", "")
        yield from markdown_table(
            ("series", "n", "RMSE", "RMSE without"),
            [
                (
                    TARGET_OF[one["series"]].label,
                    str(one["n"]),
                    shown(one["rmse"], 2),
                    shown(own[one["series"]]["rmse"], 2),
                )
                for one in conditional
                if one["series"] in own
            ],
        )


def _by_horizon(found: Scores, series: str) -> tuple[str, ...]:
    cells = []
    for horizon in HORIZONS:
        here = [one for one in found.rows if one["series"] == series and one["sample"] == "all"]
        lines = summary([{**one, "horizon": WEIGHTED} for one in here if one["horizon"] == horizon], "all")
        cells.append(f"{lines[0]['ratio']:.2f} ({lines[0]['best'].replace('_', ' ')})" if lines else "–")
    return TARGET_OF[series].label, *cells


def _energy(found: Scores) -> list[tuple[str, ...]]:
    models = list(dict.fromkeys(str(one["model"]) for one in found.energy))
    at = {(one["model"], one["horizon"]): one["energy"] for one in found.energy}
    rows = [(model, [at.get((model, horizon)) for horizon in HORIZONS]) for model in models]
    return [(model.replace("_", " "), *(shown(value, 2) for value in values)) for model, values in rows]


def with_part(page: str, part: str) -> str:
    """A page with its generated part replaced.

    Raises
    ------
    InputError : the page does not have the two marks.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise InputError(f"the page has no part between '{BEGIN}' and '{END}'")
    return before + part + after


def main(arguments: Sequence[str] | None = None) -> int:
    """Score the draws and write the page; returns the exit code (0 done, 2 bad input)."""
    parser = argparse.ArgumentParser(prog="python -m itcho.experiments.forecasts.page", description=__doc__)
    parser.add_argument("draws", type=Path, help="folder that `itcho forecast run` wrote")
    parser.add_argument("--data", type=Path, required=True, help="folder of history")
    parser.add_argument("--page", type=Path, default=PAGE, help=f"page to be written into (default {PAGE})")
    given = parser.parse_args(arguments)
    try:
        manifest = json.loads((given.draws / MANIFEST).read_text(encoding="utf-8"))
        page = given.page.read_text(encoding="utf-8")
        text = with_part(page, page_part(scores_of(given.draws, given.data), manifest))
    except (OSError, ValueError) as error:
        print(f"{error}", file=sys.stderr)
        return 2
    given.page.write_text(text, encoding="utf-8")
    print(f"wrote {given.page}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
