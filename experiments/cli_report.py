"""The command `itcho report`: one page for a run or a study.

Light imports only, as in ``cli_commands``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.cli_errors import clear_errors


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("report")(report)


def report(
    target: Annotated[
        Path, typer.Argument(metavar="RUN|STUDY", help="Folder of a run or study, or a study's TOML file.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="The page.  [default: <run>.html beside the run, page.html in the study]")
    ] = None,
    store: Annotated[
        Path | None, typer.Option(help="Folder of a study file's runs.  [default: studies/<name>]")
    ] = None,
) -> None:
    """Write one HTML page: who pays whom, what moved the yen, where the trillion went; opens without any network."""
    with clear_errors():
        from experiments.view.report import content_of, page, write_page

        content, default = content_of(target, store)
        text = page(content)
        place = default if out is None else out
        write_page(text, place)
        print(f"{place} ({len(text.encode()) / 1e6:.1f} MB): open it in a browser")
