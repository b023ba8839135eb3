"""The commands `itcho validate` and `itcho respond`.

Light imports only, as in ``cli_commands``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from itcho.agents.errors import InputError
from itcho.experiments.cli.errors import clear_errors
from itcho.experiments.cli.forecast import ParameterSet
from itcho.experiments.cli.help import ItchoCommand, examples
from itcho.experiments.cli.names import shocks, start_states
from itcho.experiments.cli.options import CHECKS, AsJson, Lang, Quick, Quiet, Start, Workers

START, HINDCAST_START = "2026-03-31", "2024-03-31"


def register(app: typer.Typer) -> None:
    """Add the commands of this file to ``app``."""
    app.command(
        "validate",
        cls=ItchoCommand,
        rich_help_panel=CHECKS,
        epilog=examples(
            "itcho validate --quick",
            "itcho validate --out validation --workers 8",
            "itcho validate --quick --start 2024-03-31 --json",
            "itcho validate --hindcast --quick --actuals quarters.csv",
        ),
    )(validate)
    app.command(
        "respond",
        cls=ItchoCommand,
        rich_help_panel=CHECKS,
        epilog=examples(
            "itcho respond rate-gap --quick",
            "itcho respond yen --size -1 --years 5",
            "itcho respond policy-rate --years 5 --out rate --json",
        ),
    )(respond)


def validate(
    quick: Quick = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the page (HTML), the tables (Markdown) and the figures (JSON).")
    ] = None,
    hindcast: Annotated[
        bool, typer.Option("--hindcast", help="Run from a past start instead and score the fan on what happened since.")
    ] = False,
    start: Annotated[
        str | None,
        typer.Option(
            help="A start state's name, folder or TOML file; see `itcho list start-states`.",
            show_default="2026-03-31; 2024-03-31 with --hindcast",
            autocompletion=start_states,
        ),
    ] = None,
    actuals: Annotated[
        Path | None, typer.Option(help="CSV of what happened by quarter: date, usdjpy, jgb_10y_pct, ... (any subset).")
    ] = None,
    history: Annotated[
        Path | None, typer.Option(help="CSV of quarters before the start, for the random walk and the AR(1).")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(help="Runs of each track of the hindcast; 200 unless told, 40 with --quick.")
    ] = None,
    parameters: Annotated[
        ParameterSet | None,
        typer.Option(
            help="Of the hindcast: `plausible` draws rule settings and uncertain parameters for each run.",
            show_default="central",
        ),
    ] = None,
    workers: Workers = 2,
    lang: Lang = "en",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Hold responses to shocks and stylised facts against published ones; a miss is an answer, not an error."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.languages import code_of

        code_of(lang)
        if hindcast:
            from itcho.experiments.evidence.hindcast_report import hindcast_and_show

            hindcast_and_show(
                start=start or HINDCAST_START,
                actuals=actuals,
                history=history,
                seeds=seeds,
                quick=quick,
                out=out,
                workers=workers,
                parameters="central" if parameters is None else parameters.value,
                as_json=as_json,
                lang=lang,
            )
            return
        options = {"--actuals": actuals, "--history": history, "--seeds": seeds, "--parameters": parameters}
        alone = [f"{name} goes with --hindcast only" for name, value in options.items() if value is not None]
        if alone:
            raise InputError(alone)
        from itcho.experiments.evidence.validation_show import validate_and_show

        validate_and_show(start=start or START, quick=quick, out=out, workers=workers, as_json=as_json, lang=lang)


def respond(
    shock: Annotated[str, typer.Argument(help="Such as policy-rate; see `itcho list shocks`.", autocompletion=shocks)],
    seeds: Annotated[
        int | None,
        typer.Option(
            help="How many pairs of runs; their seeds are 1, 2, 3, ...", show_default="50, or 10 with --quick"
        ),
    ] = None,
    quick: Quick = False,
    years: Annotated[int, typer.Option(help="How many years to run.")] = 3,
    size: Annotated[
        float, typer.Option(help="How many times the shock that is described, such as 0.5; -1 for its opposite.")
    ] = 1.0,
    start: Start = START,
    out: Annotated[
        Path | None, typer.Option(help="Folder for response.csv and response.png.", show_default="runs/responses/SHOCK")
    ] = None,
    workers: Workers = 2,
    lang: Lang = "en",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Run the same world with and without a shock, seed by seed, and show what the shock does."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.evidence.validation_show import respond_and_show

        number = seeds if seeds is not None else (10 if quick else 50)
        respond_and_show(
            shock,
            start=start,
            seeds=number,
            years=years,
            size=size,
            out=out,
            workers=workers,
            as_json=as_json,
            lang=lang,
        )
