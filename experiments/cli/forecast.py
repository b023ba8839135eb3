"""The commands `itcho forecast run` and `itcho forecast score`.

Light imports only, as in ``cli_commands``.
"""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from itcho.experiments.cli.errors import clear_errors
from itcho.experiments.cli.help import ItchoCommand, ItchoGroup, examples
from itcho.experiments.cli.names import start_states
from itcho.experiments.cli.options import CHECKS, AsJson, Lang, Quiet, Workers
from itcho.experiments.forecasts.protocol import CONDITIONAL, FROZEN, HEADLINE, MODEL, PATHS

forecast_app = typer.Typer(
    cls=ItchoGroup,
    help="Forecasts from past 31 Marches under a protocol fixed beforehand, and their scores.",
    epilog=examples(
        "itcho forecast run --data history --out forecasts", "itcho forecast score forecasts --data history"
    ),
)


class ParameterSet(StrEnum):
    """Whether rule settings and uncertain parameters are drawn for each path."""

    CENTRAL = "central"
    PLAUSIBLE = "plausible"


class Variant(StrEnum):
    """Variants of the model that are run."""

    MODEL = MODEL
    FROZEN = FROZEN
    CONDITIONAL = CONDITIONAL


ParameterOption = Annotated[
    ParameterSet,
    typer.Option(
        "--parameters",
        help="`plausible` draws rule settings and uncertain parameters for each path, around the registered values.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to ``app``."""
    app.add_typer(forecast_app, name="forecast", rich_help_panel=CHECKS)


@forecast_app.command(
    "run",
    cls=ItchoCommand,
    epilog=examples(
        "itcho forecast run --data history --out forecasts",
        "itcho forecast run --data history --origin 2013-03-31 --paths 60 --out one",
        "itcho forecast run --start 2026-03-31 --out forecasts/2026-03-31",
    ),
)
def run(
    out: Annotated[Path, typer.Option(help="Folder for draws.csv and manifest.json; new or empty.")],
    data: Annotated[
        Path | None, typer.Option(help="Folder of history; without one, forecasts begin from --start alone.")
    ] = None,
    origin: Annotated[
        list[str] | None,
        typer.Option(help="A 31 March; may be repeated.", show_default="every one that the folder has"),
    ] = None,
    start: Annotated[
        list[str] | None,
        typer.Option(
            help="A start state for the origin of its date, in place of one made from the folder; may be repeated.",
            autocompletion=start_states,
        ),
    ] = None,
    paths: Annotated[int, typer.Option(help="Paths from each origin.")] = PATHS,
    variant: Annotated[
        list[Variant] | None,
        typer.Option(
            help="The model, the model with its behaviour frozen at trend, or the model given the US policy rate as it "
            "was; may be repeated.",
            show_default="itcho",
        ),
    ] = None,
    parameters: ParameterOption = ParameterSet.PLAUSIBLE,
    seed: Annotated[int, typer.Option(help="Seed of the paths.")] = 1,
    workers: Workers = 2,
    lang: Lang = "en",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Run the model from past 31 Marches and keep what it says of the next twelve quarters."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.forecasts.run import ForecastRequest, run_forecast
        from itcho.experiments.languages import words

        say = words(lang)
        folder, collapsed = run_forecast(
            ForecastRequest(
                data=data,
                out=out,
                origins=tuple(origin or ()),
                starts=tuple(start or ()),
                paths=paths,
                seed=seed,
                workers=workers,
                parameters=parameters.value,
                variants=tuple(one.value for one in variant or (Variant.MODEL,)),
            )
        )
        if as_json:
            print(json.dumps({"folder": str(folder), "collapsed": list(collapsed)}, indent=2, ensure_ascii=False))
            return
        for text in collapsed:
            print(say("collapsed: {what}", what=text))
        print(say("Kept in {folder}: draws and manifest.json", folder=folder))


@forecast_app.command(
    "score",
    cls=ItchoCommand,
    epilog=examples(
        "itcho forecast score forecasts --data history", "itcho forecast score forecasts --data history --json"
    ),
)
def score(
    draws: Annotated[Path, typer.Argument(help="Folder that `itcho forecast run` wrote.")],
    data: Annotated[Path, typer.Option(help="Folder of history with what has happened since.")],
    out: Annotated[Path | None, typer.Option(help="Folder for scores.json and scores.csv.")] = None,
    lang: Lang = "en",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Score forecasts on what has happened since, beside simple forecasts; reads draws and data only."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.forecasts.show import score_and_show
        from itcho.experiments.languages import code_of

        code_of(lang)
        score_and_show(draws, data, out, as_json=as_json, lang=lang)


@forecast_app.command(
    "draw",
    cls=ItchoCommand,
    epilog=examples(
        "itcho forecast draw forecasts --data history --out pictures",
        "itcho forecast draw forecasts --data history --out pictures --lang ja",
    ),
)
def draw(
    draws: Annotated[list[Path], typer.Argument(help="Folders that `itcho forecast run` wrote.")],
    data: Annotated[Path, typer.Option(help="Folder of history with what has happened since.")],
    out: Annotated[Path, typer.Option(help="Folder for the pictures (PNG).")],
    series: Annotated[
        list[str] | None,
        typer.Option(help="A series of the protocol; may be repeated.", show_default="the five headline series"),
    ] = None,
    lang: Lang = "en",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Draw the fans of all origins against what happened, a picture for each series."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.figures.language import language
        from itcho.experiments.forecasts.fans import draw_fans

        say = language(lang)
        written = draw_fans(draws, data, out, tuple(series or HEADLINE), say)
        if as_json:
            print(json.dumps({"pictures": [str(path) for path in written]}, indent=2, ensure_ascii=False))
            return
        for path in written:
            print(say("Kept: {file}", file=path))
