"""`itcho start-state check`: do a start state's books close, and if not, where?  `make`: one for a date."""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from itcho.agents.errors import InputError
from itcho.experiments.cli.errors import BAD_INPUT
from itcho.experiments.languages import Words, words
from itcho.experiments.runs.run_spec import RunSpec
from itcho.model.start_states.checks import Residual, check, check_units
from itcho.model.start_states.loader import FLOW_SECTORS, StartState, load

SECTORS = {
    "households": "Households",
    "firms": "Other firms",
    "ai_firms": "AI firms",
    "softbank_group": "SoftBank Group",
    "government": "Government",
    "bank_of_japan": "Bank of Japan",
    "banks": "Banks",
    "investors": "Investors",
    "rest_of_world": "Rest of world",
}
"""What sectors are called in other languages than English, in which they are shown as files name them."""


def check_and_show(name_or_path: str, *, as_json: bool, lang: str = "en") -> None:
    """Print the residuals of a start state and figures in a wrong unit; leave with exit code 2 if there are any.

    Raises
    ------
    InputError : the files cannot be read or are malformed.
    """
    say = words(lang)
    state = load(name_or_path, checked=False)
    residuals, units = check(state), check_units(state)
    if not units and all(residual.closes for residual in residuals):
        RunSpec(start=name_or_path).economy()  # what a run finds wrong on its way to the first month
    if as_json:
        print(json.dumps(as_record(state, residuals) | {"units": units}, indent=2))
    else:
        _show(state, residuals, units, say)
    if units or not all(residual.closes for residual in residuals):
        raise typer.Exit(BAD_INPUT)


def make_and_show(day: str, data: Path | None, out: Path, *, as_json: bool, lang: str = "en") -> None:
    """Make a start state for a date, write its folder and say what is in it.

    Parameters
    ----------
    day : a 31 March, such as ``2013-03-31``.
    data : folder of history; the package's own tables if left out.
    out : the folder in which one named by the date is made.

    Raises
    ------
    InputError : everything that is wrong with the date, the folder or the place; nothing is written then.
    """
    from itcho.experiments.openings import make_start_state, own_tables, write_start_state

    say = words(lang)
    try:
        origin = date.fromisoformat(day)
    except ValueError:
        raise InputError(f"{day!r} is not a date such as 2013-03-31") from None
    folder = own_tables() if data is None else data
    target = out / origin.isoformat()
    mistakes = [f"{target} exists already: choose another --out"] if target.exists() else []
    try:
        made = make_start_state(folder, origin)
    except InputError as error:
        raise InputError([*mistakes, *error.messages]) from None
    if mistakes:
        raise InputError(mistakes)
    written = write_start_state(made.state, made.stocks, out)
    residuals = check(made.state)
    if as_json:
        record = as_record(made.state, residuals) | {
            "folder": str(written),
            "data_sha256": dict(made.hashes),
            "farthest": [{"cell": name, "tolerances": far} for name, far in made.farthest],
        }
        print(json.dumps(record, indent=2))
        return
    console = Console(highlight=False)
    console.print(say("Start state {name}", name=written), style="bold", soft_wrap=True)
    closed = say("{count} identities close; run it with --start {place}", count=len(residuals), place=written)
    console.print(closed, soft_wrap=True)
    table = _table(say("cells farthest from what is known of them"), say("tolerances"))
    for name, far in made.farthest:
        table.add_row(name, f"{far:+.1f}")
    console.print(table)


def as_record(state: StartState, residuals: list[Residual]) -> dict[str, object]:
    """The outcome of the check as plain data; a residual that is not a number is null."""
    return {
        "start": state.name,
        "date": state.date.isoformat(),
        "closes": all(residual.closes for residual in residuals),
        "residuals": [
            {
                "identity": residual.identity,
                "row": residual.row,
                "sector": residual.sector,
                "party": residual.party,
                "residual_trn_yen": None if math.isnan(residual.residual_trn_yen) else residual.residual_trn_yen,
                "tolerance_trn_yen": residual.tolerance_trn_yen,
                "closes": residual.closes,
            }
            for residual in residuals
        ],
    }


def _show(state: StartState, residuals: list[Residual], units: list[str], say: Words) -> None:
    """A table by identity, one by sector, every identity that is open, and every figure in a wrong unit."""
    console = Console(highlight=False)
    title = say("Start state {name} ({date}): what is left over, trillion yen", name=state.name, date=state.date)
    console.print(title, style="bold")
    by_identity = _table(*(say(heading) for heading in ("identity", "checked", "largest", "allowed")), "")
    for identity in dict.fromkeys(residual.identity for residual in residuals):
        group = [residual for residual in residuals if residual.identity == identity]
        verdict = "ok" if all(residual.closes for residual in group) else "OPEN"
        allowed = f"{group[0].tolerance_trn_yen:.0e}"
        by_identity.add_row(say(identity), str(len(group)), _largest(group), allowed, say(verdict))
    console.print(by_identity)
    console.print()
    flows = [one for one in residuals if one.row == "net_lending" and one.sector in FLOW_SECTORS]
    identities = list(dict.fromkeys(one.identity for one in flows))
    by_sector = _table(say("sector"), *map(say, identities))
    for sector in FLOW_SECTORS:
        cells = ([one for one in flows if (one.sector, one.identity) == (sector, name)] for name in identities)
        name = sector if say.code == "en" else say(SECTORS[sector])
        by_sector.add_row(name, *(_largest(cell) for cell in cells))
    console.print(by_sector)
    console.print()
    still_open = [residual for residual in residuals if not residual.closes]
    for residual in still_open:
        console.print(say("OPEN  {what}", what=residual), style="bold red", soft_wrap=True)
    some = say("{count} of {total} do not close.", count=len(still_open), total=len(residuals))
    console.print(some if still_open else say("All identities close."))
    for text in units:
        console.print(say("UNIT  {what}", what=text), style="bold red", soft_wrap=True)


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(first)
    for heading in others:
        table.add_column(heading, justify="right")
    return table


def _largest(residuals: list[Residual]) -> str:
    """The residual farthest from zero; one that is not a number counts as farthest."""
    values = [residual.residual_trn_yen for residual in residuals]
    if not values:
        return "-"
    value = max(values, key=lambda value: math.inf if math.isnan(value) else abs(value))
    return f"{value:,.1f}" if abs(value) >= 1.0 else f"{value:.2g}"
