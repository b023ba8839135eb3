"""What `itcho rest` does and prints."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from rich.console import Console
from rich.table import Table

from itcho.agents.errors import nearest_names
from itcho.experiments.cli.errors import Mistakes
from itcho.experiments.evidence.rest import DISPLACEMENTS, Rest, come_to_rest, path_by_year
from itcho.experiments.languages import Words, words
from itcho.model.sizes import LONGEST_YEARS
from itcho.model.start_states import load

SHOWN = {
    "gap_pct": "gap, %",
    "cpi_yoy_pct": "CPI, %",
    "policy_rate_pct": "rate, %",
    "usdjpy": "USD/JPY",
    "real_yen_pct": "real yen, %",
    "current_account_pct_gdp": "current account",
    "foreign_assets_pct_gdp": "foreign assets",
    "debt_pct_gdp": "debt",
}
SHOWN_EVERY_YEARS = 5
LARGEST_FOREIGN_ASSETS = 50.0


def rest_and_show(
    *, start: str, years: int, displace: str | None, as_json: bool, foreign_assets: float = 0.0, lang: str = "en"
) -> None:
    """Run the quiet path, or a displaced one, and print it with its criteria; a criterion that is missed is an answer.

    Raises
    ------
    InputError : listing all mistakes at once.
    """
    say = words(lang)
    mistakes = Mistakes()
    with mistakes.caught():
        load(start)
    if not 1 <= years <= LONGEST_YEARS:
        mistakes.add(f"--years = {years} must be from 1 to {LONGEST_YEARS}")
    if displace is not None and displace not in DISPLACEMENTS:
        mistakes.add(f"--displace = {displace} is unknown{nearest_names(displace, DISPLACEMENTS)}")
    if not abs(foreign_assets) <= LARGEST_FOREIGN_ASSETS:
        wanted = f"from -{LARGEST_FOREIGN_ASSETS:g} to {LARGEST_FOREIGN_ASSETS:g} (% of GDP)"
        mistakes.add(f"--foreign-assets = {foreign_assets:g} must be {wanted}")
    mistakes.raise_if_any()
    rest = come_to_rest(start, years, displace or "", foreign_assets_pct_gdp=foreign_assets)
    if as_json:
        print(json.dumps(rest_record(rest), indent=2, allow_nan=False))
    else:
        _show(rest, say)


def rest_record(rest: Rest) -> dict[str, Any]:
    """Path and criteria as plain data; a value that there is none of is null.

    ``broke`` says in which month and of what the run broke down, ``deviations`` how far a pushed path is from the quiet
    one at the ends of the years after the push.
    """
    record = {
        "start": rest.start,
        "years": rest.years,
        "displaced": rest.displaced or None,
        "foreign_assets_pct_gdp": rest.foreign_assets_pct_gdp,
        "broke": rest.path.broke or None,
        "path": path_by_year(rest.path),
        "criteria": [
            {"id": one.id, "value": _plain(one.value), "limit": _plain(one.limit), "met": one.met}
            for one in rest.criteria
        ],
    }
    if rest.deviations.size:
        record["deviations"] = [
            {"year": year, "value": float(value)} for year, value in enumerate(rest.deviations[11::12], start=1)
        ]
    return record


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _show(rest: Rest, say: Words) -> None:
    console = Console(highlight=False)
    title = [say("Quiet path from {start}: no noise, programme or dated events.", start=rest.start)]
    if rest.foreign_assets_pct_gdp:
        more = f"{rest.foreign_assets_pct_gdp:+g}"
        title.append(say("Foreign assets at the opening {more}% of GDP.", more=more))
    if rest.displaced in DISPLACEMENTS:
        title.append(say(DISPLACEMENTS[rest.displaced].what))
    console.print(say.sentences(title), style="bold")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(say("year"), justify="right")
    for heading in SHOWN.values():
        table.add_column(say(heading), justify="right")
    for row in path_by_year(rest.path):
        if row["year"] == 1 or row["year"] % SHOWN_EVERY_YEARS == 0:
            table.add_row(f"{row['year']:g}", *(f"{row[name]:.2f}" for name in SHOWN))
    console.print(table)
    console.print(
        say("Current account, foreign assets and debt in % of GDP; the yen falls as its figures rise."), style="dim"
    )
    if rest.path.broke:
        console.print(
            say(
                "The run broke down in {when}; criteria are of the {years} whole years before it, and none of them is "
                "met.",
                when=rest.path.broke,
                years=rest.path.months // 12,
            ),
            style="bold red",
            soft_wrap=True,
        )
    console.print()
    judged = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    judged.add_column(say("criterion"), overflow="fold")
    judged.add_column(say("value"), justify="right")
    judged.add_column(say("limit"), justify="right")
    judged.add_column(say("verdict"))
    for one in rest.criteria:
        value = f"{one.value:.2f}" if math.isfinite(one.value) else "-"
        verdict = say("met") if one.met else say("not met")
        limit = f"{one.limit:g}" if math.isfinite(one.limit) else say("at all")
        judged.add_row(_criterion(one.id, say), value, limit, verdict, style=None if one.met else "bold red")
    console.print(judged)
    met = sum(one.met for one in rest.criteria)
    console.print(say("{met} of {total} criteria met.", met=met, total=len(rest.criteria)), style="bold")


def _criterion(name: str, say: Words) -> str:
    """The id of a criterion; in other languages beside what it is of."""
    what = re.sub(r"-years-\d+-\d+$", "", name)
    return name if say.code == "en" else f"{say(what)} ({name})"
