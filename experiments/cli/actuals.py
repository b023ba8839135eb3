"""The command `itcho actuals`: published files made into the table of quarters that a hindcast reads.

Light imports only, as in ``commands``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from itcho.agents.errors import InputError
from itcho.experiments.cli.errors import clear_errors
from itcho.experiments.cli.help import ItchoCommand, examples
from itcho.experiments.cli.options import INPUTS, AsJson, Lang, Quiet


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command(
        "actuals",
        cls=ItchoCommand,
        rich_help_panel=INPUTS,
        epilog=examples(
            "itcho actuals DEXJPUS.csv jgbcm_all.csv --out quarters.csv",
            "itcho actuals gdp.csv --gdp-base 2020 --column 'nominal_gdp_trn_yen=GDP'",
        ),
    )(actuals)


def actuals(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="CSV files as published.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option(help="The table of quarters to write; its provenance stands beside it.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=HEADING", help="Take this series for this column. May be repeated."),
    ] = None,
    gdp_base: Annotated[
        int | None, typer.Option(help="Base year of gross domestic product, if its file is silent.")
    ] = None,
    lang: Lang = "en",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Read tables as published by FRED, the Bank of Japan, ministries or e-Stat, and make one table of quarters."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.data.published import read_actuals
        from itcho.experiments.data.published_write import provenance, write_actuals
        from itcho.experiments.languages import words

        say = words(lang)
        wrong = [f"--column {text} is no NAME=HEADING" for text in column or [] if not all(text.partition("="))]
        if wrong:
            raise InputError(wrong)
        chosen = {name.strip(): heading for name, _, heading in (text.partition("=") for text in column or [])}
        found = read_actuals(files, chosen, gdp_base)
        if out is not None:
            write_actuals(found, out)
        if as_json:
            print(
                json.dumps(provenance(found) | {"out": None if out is None else str(out)}, indent=2, ensure_ascii=False)
            )
            return
        for one in found.understood:
            print(one.sentence(say))
        for text in found.passed_over:
            print(say("passed over: {what}", what=say(text)))
        written = say("written: {files}", files=out)
        print(found.table() if out is None else written, end="" if out is None else "\n")
