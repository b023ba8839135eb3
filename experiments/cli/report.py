"""The command `itcho report`: one page for a run or a study.

Light imports only, as in ``cli_commands``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from itcho.experiments.cli.errors import clear_errors
from itcho.experiments.cli.help import ItchoCommand, examples
from itcho.experiments.cli.names import studies
from itcho.experiments.cli.options import LOOK, AsJson, Lang, Quiet
from itcho.experiments.runs.typical_world import default_seed


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(
        "report",
        cls=ItchoCommand,
        rich_help_panel=LOOK,
        epilog=examples(
            f"itcho report runs/baseline-actual-seed{default_seed()}",
            "itcho report study.toml --out study.html",
            "itcho report runs/first runs/second",
        ),
    )(report)


def report(
    target: Annotated[
        Path,
        typer.Argument(
            metavar="RUN|STUDY", help="Folder of a run or study, or a study's TOML file.", autocompletion=studies
        ),
    ],
    other: Annotated[
        Path | None,
        typer.Argument(metavar="[RUN]", help="Folder of a second run: the page compares the two.", show_default=False),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The page.", show_default="runs/<name of the folder>.html")] = None,
    store: Annotated[
        Path | None, typer.Option(help="Folder of a study file's runs.", show_default="runs/studies/<name>")
    ] = None,
    lang: Lang = "en",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Write one HTML page: who pays whom, what moved the yen, where the trillion went; opens without any network."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.languages import words
        from itcho.experiments.view.report import content_of, page, write_page

        say = words(lang)
        if other is None:
            content, default = content_of(target, store)
        else:
            from itcho.experiments.runs.places import page_of
            from itcho.experiments.view.report_compare import compare_folders

            content = compare_folders(target, other)
            default = page_of(Path(f"{target.resolve().name}-and-{other.resolve().name}"))
        text = page(content, lang)
        place = default if out is None else out
        write_page(text, place)
        if as_json:
            print(json.dumps({"page": str(place), "bytes": len(text.encode())}, indent=2))
            return
        size = f"{len(text.encode()) / 1e6:.1f}"
        print(say("{file} ({size} MB): open it in a browser", file=place, size=size))
