"""The commands of `itcho` and their options.

Only light imports stand at the top: whatever reads or runs the model is imported by the command that needs it, so that
`itcho --help` answers at once.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from itcho.experiments.cli_checks import register as register_checks
from itcho.experiments.cli_claims import register as register_claims
from itcho.experiments.cli_errors import clear_errors
from itcho.experiments.cli_help import EXIT_CODES, ItchoCommand, ItchoGroup, examples
from itcho.experiments.cli_names import parameters, policies, scenarios, start_states
from itcho.experiments.cli_options import INPUTS, LOOK, AsJson, Quiet, Start
from itcho.experiments.cli_report import register as register_report
from itcho.experiments.cli_study import register as register_studies
from itcho.experiments.cli_validate import register as register_validation
from itcho.experiments.cli_view import Figures, Lang
from itcho.experiments.cli_view import register as register_views

app = typer.Typer(
    name="itcho",
    help="Japan's one-trillion-yen AI programme in an agent-based economy: who acts, who pays, and what comes of it.",
    cls=ItchoGroup,
    epilog=examples("itcho run", "itcho compare actual --quick", "itcho list policies") + "\n\n" + EXIT_CODES,
    pretty_exceptions_enable=False,
)
start_state_app = typer.Typer(
    cls=ItchoGroup,
    help="Look at start states: Japan's books on the day a run begins.",
    epilog=examples("itcho start-state check 2026-03-31"),
)


class Listed(StrEnum):
    """What `itcho list` can list."""

    SCENARIOS = "scenarios"
    POLICIES = "policies"
    PARAMETERS = "parameters"
    OUTCOMES = "outcomes"
    START_STATES = "start-states"
    CLAIMS = "claims"
    SHOCKS = "shocks"
    STUDIES = "studies"


class Edges(StrEnum):
    """Which payers and payees `edges.csv` names."""

    NAMED = "named"
    FULL = "full"


def _show_version(wanted: bool) -> None:
    if wanted:
        from itcho.experiments.version import itcho_version
        from itcho.model.version import MODEL_VERSION

        print(f"itcho {itcho_version()}, model {MODEL_VERSION}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the versions of itcho and of the model."
        ),
    ] = False,
) -> None:
    """Take the options that belong to no command."""


@app.command(
    cls=ItchoCommand,
    rich_help_panel=LOOK,
    epilog=examples(
        "itcho run",
        "itcho run chip-supply-disruption --policy stop-loss --seed 7 --out disrupted",
        "itcho run --set okun_coefficient=0.2 --years 5 --json",
    ),
)
def run(
    scenario: Annotated[
        str,
        typer.Argument(
            help="The world outside Japan, a name or TOML file; see `itcho list scenarios`.", autocompletion=scenarios
        ),
    ] = "baseline",
    policy: Annotated[
        str,
        typer.Option(help="A policy's name or TOML file; see `itcho list policies`.", autocompletion=policies),
    ] = "actual",
    start: Start = "2026-03-31",
    seed: Annotated[int, typer.Option(help="Seed of all random streams.")] = 1,
    years: Annotated[int, typer.Option(help="How many years to run.")] = 10,
    investors: Annotated[int, typer.Option(help="Members of the investor population.")] = 2000,
    importers: Annotated[int, typer.Option(help="Members of the chip-importer population.")] = 300,
    adopters: Annotated[int, typer.Option(help="Members of the population of firms that may use AI.")] = 1000,
    overrides: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Change a parameter; may be repeated; see `itcho list parameters`.",
            autocompletion=parameters,
        ),
    ] = None,
    edges: Annotated[Edges, typer.Option(help="`full` names every anonymous member in edges.csv.")] = Edges.NAMED,
    out: Annotated[
        Path | None,
        typer.Option(help="The run's folder; new or empty.", show_default="runs/<scenario>-<policy>-seed<N>"),
    ] = None,
    twin: Annotated[
        bool, typer.Option("--twin/--no-twin", help="Run the same world without the programme too, and compare.")
    ] = True,
    figures: Figures = None,
    lang: Lang = "en",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Run the economy once; show what came of it, and keep everything in a folder."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.cli_run import run_and_show
        from itcho.experiments.run_request import RunRequest

        request = RunRequest(
            scenario=scenario,
            policy=policy,
            start=start,
            seed=seed,
            years=years,
            investors=investors,
            importers=importers,
            adopters=adopters,
            overrides=tuple(overrides or ()),
            full_edges=edges is Edges.FULL,
            out=out,
        )
        run_and_show(request, with_twin=twin, as_json=as_json, figures=figures, lang=lang)


@app.command(
    "list",
    cls=ItchoCommand,
    rich_help_panel=INPUTS,
    epilog=examples("itcho list scenarios", "itcho list policies", "itcho list parameters --json"),
)
def list_names(
    what: Annotated[Listed, typer.Argument(help="What to list.")],
    as_json: AsJson = False,
) -> None:
    """List scenarios, policies, parameters, outcomes, start states, claims, shocks or worked studies, with meanings."""
    with clear_errors():
        from itcho.experiments.cli_list import show_list

        show_list(what.value, as_json=as_json)


@start_state_app.command(cls=ItchoCommand, epilog=examples("itcho start-state check 2026-03-31 --json"))
def check(
    file: Annotated[
        str, typer.Argument(help="A start state's name, folder or TOML file.", autocompletion=start_states)
    ],
    as_json: AsJson = False,
) -> None:
    """Show what is left over in each row and sector of a start state; exit code 2 if it does not close."""
    with clear_errors():
        from itcho.experiments.cli_start_state import check_and_show

        check_and_show(file, as_json=as_json)


register_report(app)
register_views(app)
register_studies(app)
register_claims(app)
register_validation(app)
register_checks(app)
app.add_typer(start_state_app, name="start-state", rich_help_panel=INPUTS)
