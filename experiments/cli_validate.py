"""The commands `itcho validate` and `itcho respond`.

Light imports only, as in ``cli_commands``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.cli_errors import clear_errors

AsJson = Annotated[bool, typer.Option("--json", help="Print only JSON on standard output.")]
Workers = Annotated[int, typer.Option(help="Processes to run in, one thread each.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to ``app``."""
    app.command("validate")(validate)
    app.command("respond")(respond)


def validate(
    quick: Annotated[bool, typer.Option("--quick", help="Fewer seeds: under a minute, wider intervals.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder for validation.md, validation.html and the figures as JSON.")
    ] = None,
    workers: Workers = 2,
    as_json: AsJson = False,
) -> None:
    """Hold responses to shocks and stylised facts against published ones; a miss is an answer, not an error."""
    with clear_errors():
        from experiments.validation_show import validate_and_show

        validate_and_show(quick=quick, out=out, workers=workers, as_json=as_json)


def respond(
    shock: Annotated[str, typer.Argument(help="Such as policy-rate; an unknown name lists them all.")],
    seeds: Annotated[int, typer.Option(help="How many pairs of runs; their seeds are 1, 2, 3, ...")] = 50,
    years: Annotated[int, typer.Option(help="How many years to run.")] = 3,
    out: Annotated[
        Path | None, typer.Option(help="Folder for response.csv and response.png.  [default: responses/SHOCK]")
    ] = None,
    workers: Workers = 2,
    as_json: AsJson = False,
) -> None:
    """Run the same world with and without a shock, seed by seed, and show what the shock does."""
    with clear_errors():
        from experiments.validation_show import respond_and_show

        respond_and_show(shock, seeds=seeds, years=years, out=out, workers=workers, as_json=as_json)
