"""What each mechanism does to forecasts: one weakened or left out at a time, from every past origin.

``python -m itcho.experiments.forecasts.weakened --data FOLDER --paths N --out docs`` writes
``forecast_mechanisms.csv`` and the page ``forecast_mechanisms.md``.  All lines share seeds, laws and drawn parameters,
so that they differ by the mechanism alone.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from itcho.agents.errors import InputError
from itcho.experiments.arguments import existing_folder
from itcho.experiments.evidence.mechanisms import WEAKENED
from itcho.experiments.forecasts.paths import Origin, model_paths, path_tasks
from itcho.experiments.forecasts.protocol import HEADLINE, MODEL
from itcho.experiments.forecasts.run import ForecastRequest, origins_of
from itcho.experiments.forecasts.scores import own_crps
from itcho.experiments.forecasts.uncertainty import PLAUSIBLE

FILE, PAGE = "forecast_mechanisms.csv", "forecast_mechanisms.md"
AS_IT_IS = "as it is"
LEFT_OUT: dict[str, dict[str, float]] = {
    "every year opens at potential": {"opening_output_gap_pct": 0.0},
    "the year before leaves no momentum": {"opening_growth_over_trend_pct": 0.0},
    "today's inflation target at every date": {"inflation_target_pct": 2.0, "opening_anchor_over_target_pp": 0.0},
    "neutral rates hardly drift": {"natural_rate_drift_sd_pp_yearly": 0.05},
    "the US premium hardly moves": {"us_premium_sd_pp_monthly": 0.1},
    "yields abroad hardly move bonds": {"jgb_foreign_yield_weight": 0.1},
    "what was lived through hardly counts": {"anchor_experience_share": 0.25},
}
"""What openings and long rates have that they could do without, by what leaving it out means."""

CASES: dict[str, dict[str, float]] = {AS_IT_IS: {}} | LEFT_OUT | {k: v for k, v in WEAKENED.items() if v}
CALLED = {
    "real_gdp_growth_pct": "real GDP",
    "gdp_deflator_growth_pct": "deflator",
    "cpi_yoy_pct": "CPI",
    "usdjpy": "USD/JPY",
    "jgb_10y_pct": "10-year",
    "policy_rate_pct": "short rate",
    "unemployment_pct": "unemployment",
}
COUNTS_PCT = 1.0
"""A mechanism is said to count for a series if its CRPS moves by more than this, percent."""

TEXT = """# What each mechanism does to forecasts

*Written by `python -m itcho.experiments.forecasts.weakened`; do not edit.*

One mechanism weakened or left out at a time, in forecasts from {origins} origins ({first} to {last}), {paths} paths
each: the continuous ranked probability score over all horizons that have happened by 2020, weighted as in the
[protocol](forecast_protocol.md).  The first line is the model's own score in the units of the series; the others say by
how many percent the score changes. **Plus is worse**: the mechanism helps. Lines share seeds and drawn parameters, so
that what differs is the mechanism; how much of a difference is luck was not measured, and {paths} paths are few.
Model version {version}.

"""


def scores_without(
    origins: Sequence[Origin], settings: Mapping[str, float], paths: int, workers: int, folder: Path, seed: int = 1
) -> dict[str, float]:
    """CRPS by series of forecasts with some parameters set."""
    answers = model_paths(path_tasks(origins, [MODEL], PLAUSIBLE, seed, paths, settings), workers)
    return own_crps({date.fromisoformat(name): answer.values for (_, name), answer in answers.items()}, folder)


def rows_of(scores: Mapping[str, Mapping[str, float]]) -> list[dict[str, str]]:
    """One row for each case: the score of each series, and its change in percent against the model as it is.

    Examples
    --------
    >>> rows_of({"as it is": {"usdjpy": 8.0}, "no memory": {"usdjpy": 10.0}})[1]["usdjpy_change_pct"]
    '25.0'
    """
    whole = scores[AS_IT_IS]
    return [
        {"mechanism": case, "setting": ", ".join(f"{name}={value:g}" for name, value in CASES.get(case, {}).items())}
        | {name: f"{value:.4g}" for name, value in found.items()}
        | {f"{name}_change_pct": f"{100.0 * (value / whole[name] - 1.0):.1f}" for name, value in found.items()}
        for case, found in scores.items()
    ]


def page(rows: Sequence[Mapping[str, str]], **told: object) -> str:
    """The page that shows a table as read."""
    names = [name for name in CALLED if name in rows[0]]
    lines = [f"| mechanism | {' | '.join(CALLED[name] for name in names)} |", "|---" * (len(names) + 1) + "|"]
    for row in rows:
        setting = f" (`{row['setting'].replace(', ', '`, `')}`)" if row["setting"] else ""
        own = row["mechanism"] == AS_IT_IS
        cells = [row[name] if own else f"{float(row[f'{name}_change_pct']):+.1f}" for name in names]
        lines.append(f"| {row['mechanism']}{setting} | {' | '.join(cells)} |")
    help_, harm, nothing = _sorted_by_effect(rows)
    said = [
        f"Without them a headline series is forecast worse by more than {COUNTS_PCT:g}%, and none better: {help_}.",
        f"Without them one is better by as much: {harm}.",
        f"Forecasts of three years do not know them: {nothing}.",
    ]
    return TEXT.format(**told) + "\n".join(lines) + "\n\n" + "\n\n".join(said) + "\n"


def _sorted_by_effect(rows: Sequence[Mapping[str, str]]) -> tuple[str, str, str]:
    help_: list[str] = []
    harm: list[str] = []
    nothing: list[str] = []
    for row in rows:
        if row["mechanism"] == AS_IT_IS:
            continue
        changes = [float(row[f"{name}_change_pct"]) for name in HEADLINE if name in row]
        kind = harm if min(changes) < -COUNTS_PCT else help_ if max(changes) > COUNTS_PCT else nothing
        kind.append(row["mechanism"])
    listed = [", ".join(f"“{one}”" for one in kind) or "none" for kind in (help_, harm, nothing)]
    return listed[0], listed[1], listed[2]


def read(path: Path) -> Iterator[dict[str, str]]:
    """The lines of a table as written."""
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write table and page; 0, or 2 with a line on what is wrong with the request."""
    from itcho.model.version import MODEL_VERSION

    parser = argparse.ArgumentParser(prog="python -m itcho.experiments.forecasts.weakened", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of history")
    parser.add_argument("--paths", type=int, default=20, help="paths from each origin")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument(
        "--out", type=existing_folder, default=Path("docs"), help="folder that takes the table and the page"
    )
    given = parser.parse_args(arguments)
    try:
        origins = origins_of(ForecastRequest(given.data, given.out, paths=given.paths, workers=given.workers))
    except InputError as error:
        print(f"itcho: {error}", file=sys.stderr)
        return 2
    scores = {}
    for case, settings in CASES.items():
        scores[case] = scores_without(origins, settings, given.paths, given.workers, given.data)
        print(case, {name: round(value, 3) for name, value in scores[case].items()}, flush=True)
    rows = rows_of(scores)
    table = [list(rows[0]), *([row[name] for name in rows[0]] for row in rows)]
    with (given.out / FILE).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(table)
    days = sorted(origin.name for origin in origins)
    told = {"origins": len(days), "first": days[0], "last": days[-1], "paths": given.paths, "version": MODEL_VERSION}
    (given.out / PAGE).write_text(page(list(read(given.out / FILE)), **told), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
