"""`itcho start-state check`: do a start state's books close, and if not, where?"""

from __future__ import annotations

import json
import math

import typer
from rich.console import Console
from rich.table import Table

from itcho.experiments.cli.errors import BAD_INPUT
from itcho.model.start_states.checks import Residual, check, check_units
from itcho.model.start_states.loader import FLOW_SECTORS, StartState, load


def check_and_show(name_or_path: str, *, as_json: bool) -> None:
    """Print the residuals of a start state and figures in a wrong unit; leave with exit code 2 if there are any.

    Raises
    ------
    InputError : the files cannot be read or are malformed.
    """
    state = load(name_or_path, checked=False)
    residuals, units = check(state), check_units(state)
    if as_json:
        print(json.dumps(as_record(state, residuals) | {"units": units}, indent=2))
    else:
        _show(state, residuals, units)
    if units or not all(residual.closes for residual in residuals):
        raise typer.Exit(BAD_INPUT)


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


def _show(state: StartState, residuals: list[Residual], units: list[str]) -> None:
    """A table by identity, one by sector, every identity that is open, and every figure in a wrong unit."""
    console = Console(highlight=False)
    console.print(f"Start state {state.name} ({state.date}): what is left over, trillion yen", style="bold")
    by_identity = _table("identity", "checked", "largest", "allowed", "")
    for identity in dict.fromkeys(residual.identity for residual in residuals):
        group = [residual for residual in residuals if residual.identity == identity]
        verdict = "ok" if all(residual.closes for residual in group) else "OPEN"
        by_identity.add_row(identity, str(len(group)), _largest(group), f"{group[0].tolerance_trn_yen:.0e}", verdict)
    console.print(by_identity)
    console.print()
    flows = [one for one in residuals if one.row == "net_lending" and one.sector in FLOW_SECTORS]
    identities = list(dict.fromkeys(one.identity for one in flows))
    by_sector = _table("sector", *identities)
    for sector in FLOW_SECTORS:
        cells = ([one for one in flows if (one.sector, one.identity) == (sector, name)] for name in identities)
        by_sector.add_row(sector, *(_largest(cell) for cell in cells))
    console.print(by_sector)
    console.print()
    still_open = [residual for residual in residuals if not residual.closes]
    for residual in still_open:
        console.print(f"OPEN  {residual}", style="bold red", soft_wrap=True)
    console.print(f"{len(still_open)} of {len(residuals)} do not close." if still_open else "All identities close.")
    for text in units:
        console.print(f"UNIT  {text}", style="bold red", soft_wrap=True)


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
