"""The command `itcho claims`.

Light imports only, as in ``cli_commands``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.cli_errors import clear_errors


def register(app: typer.Typer) -> None:
    """Add the command of this file to ``app``."""
    app.command("claims")(claims)


def claims(
    claim: Annotated[
        str | None, typer.Argument(help="A claim's id, such as yen-fall, to see it in full.  [default: all]")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer seeds: under a minute, wider intervals.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder or .md file for the page and its pictures.  [default for one claim: claims/]"),
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes to run in, one thread each.")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="Print only JSON on standard output.")] = False,
) -> None:
    """Answer the claims of the public debate by published figures, by runs and by experiments."""
    with clear_errors():
        from experiments.claims.show import claims_and_show

        claims_and_show(claim, quick=quick, out=out, workers=workers, as_json=as_json)
