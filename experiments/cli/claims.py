"""The command `itcho claims`.

Light imports only, as in ``cli_commands``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from itcho.experiments.cli.errors import clear_errors
from itcho.experiments.cli.help import ItchoCommand, examples
from itcho.experiments.cli.names import claims as claim_names
from itcho.experiments.cli.names import variants
from itcho.experiments.cli.options import CHECKS, AsJson, Lang, Quick, Quiet, Workers


def register(app: typer.Typer) -> None:
    """Add the command of this file to ``app``."""
    app.command(
        "claims",
        cls=ItchoCommand,
        rich_help_panel=CHECKS,
        epilog=examples(
            "itcho claims yen-fall --quick", "itcho claims --quick --out answers", "itcho claims --quick --json"
        ),
    )(claims)


def claims(
    claim: Annotated[
        str | None,
        typer.Argument(
            help="A claim's id, such as yen-fall, to see it in full; see `itcho list claims`.",
            show_default="all",
            autocompletion=claim_names,
        ),
    ] = None,
    quick: Quick = False,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder or .md file for the page and its pictures.  [default for one claim: runs/claims/]"),
    ] = None,
    variant: Annotated[
        list[str] | None,
        typer.Option(
            help="Claims on levels and effects once more with a mechanism in another form; may be repeated.",
            show_default="none",
            autocompletion=variants,
        ),
    ] = None,
    workers: Workers = 2,
    lang: Lang = "en",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Answer the claims of the public debate by published figures, by runs and by experiments."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.claims.show import claims_and_show

        claims_and_show(
            claim, quick=quick, out=out, workers=workers, as_json=as_json, variants=variant or (), lang=lang
        )
