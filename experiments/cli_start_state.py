"""`itcho start-state check`: do a start state's books close, and if not, where?"""

from __future__ import annotations

import json
import math

import typer
from rich.console import Console
from rich.table import Table

from experiments.cli_errors import BAD_INPUT
from model.start_states.checks import Residual, check
from model.start_states.loader import StartState, load


def check_and_show(name_or_path: str, *, as_json: bool) -> None:
    """Print the residuals of a start state and leave with exit code 2 if any is open.

    Raises
    ------
    InputError : the files cannot be read or are malformed.
    """
    state = load(name_or_path, checked=False)
    residuals = check(state)
    if as_json:
        print(json.dumps(as_record(state, residuals), indent=2))
    else:
        _show(state, residuals)
    if not all(residual.closes for residual in residuals):
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


def _show(state: StartState, residuals: list[Residual]) -> None:
    table = Table(title=f"Start state {state.name} ({state.date}): what each identity leaves over", title_justify="left")
    for column in ("identity", "row", "largest cell"):
        table.add_column(column, overflow="fold")
    for column in ("residual\ntrn yen", "allowed\ntrn yen"):
        table.add_column(column, justify="right")
    table.add_column("")
    # What does not close comes first: nobody should have to look for it.
    for residual in sorted(residuals, key=lambda one: one.closes):
        table.add_row(
            residual.identity,
            residual.row,
            residual.party or residual.sector,
            f"{residual.residual_trn_yen:.3g}",
            f"{residual.tolerance_trn_yen:.0e}",
            "ok" if residual.closes else "OPEN",
            style=None if residual.closes else "bold red",
        )
    console = Console()
    console.print(table)
    still_open = sum(not residual.closes for residual in residuals)
    console.print(f"{still_open} of {len(residuals)} identities do not close." if still_open else "All identities close.")
