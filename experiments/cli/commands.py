"""The commands of `itcho` and their options.

Only light imports stand at the top: whatever reads or runs the model is imported by the command that needs it, so that
`itcho --help` answers at once.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from itcho.experiments.cli.actuals import register as register_actuals
from itcho.experiments.cli.answers import register as register_answers
from itcho.experiments.cli.checks import register as register_checks
from itcho.experiments.cli.claims import register as register_claims
from itcho.experiments.cli.errors import clear_errors
from itcho.experiments.cli.forecast import register as register_forecasts
from itcho.experiments.cli.help import EXIT_CODES, ItchoCommand, ItchoGroup, examples
from itcho.experiments.cli.names import parameters, policies, scenarios, start_states
from itcho.experiments.cli.new import register as register_new
from itcho.experiments.cli.options import INPUTS, LOOK, AsJson, Lang, Quiet, Rules, Start
from itcho.experiments.cli.report import register as register_report
from itcho.experiments.cli.study import register as register_studies
from itcho.experiments.cli.validate import register as register_validation
from itcho.experiments.cli.view import Figures
from itcho.experiments.cli.view import register as register_views
from itcho.experiments.runs.typical_world import default_seed
from itcho.model.sizes import (
    DEFAULT_ADOPTERS,
    DEFAULT_IMPORTERS,
    DEFAULT_INVESTORS,
    DEFAULT_PAIRS,
    DEFAULT_POLICY,
    DEFAULT_SCENARIO,
    DEFAULT_START,
    DEFAULT_YEARS,
)

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
    epilog=examples("itcho start-state check 2026-03-31", "itcho start-state make 2026-03-31 --out states"),
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
    VARIANTS = "variants"
    RULES = "rules"


class Edges(StrEnum):
    """Which payers and payees `edges.csv` names."""

    NAMED = "named"
    FULL = "full"


RunScenario = Annotated[
    str,
    typer.Argument(
        help="The world outside Japan, a name or TOML file; see `itcho list scenarios`.", autocompletion=scenarios
    ),
]
RunPolicy = Annotated[
    str,
    typer.Option(help="A policy's name or TOML file; see `itcho list policies`.", autocompletion=policies),
]
RunSeed = Annotated[
    int | None,
    typer.Option(help="One world alone: the seed of all its random streams.", show_default="many worlds"),
]
Pairs = Annotated[
    int | None,
    typer.Option(
        help="Worlds that are run with and without the programme; the typical one is kept.",
        show_default=str(DEFAULT_PAIRS),
    ),
]
Adopters = Annotated[int, typer.Option(help="Members of the population of firms that may use AI.")]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Change a parameter; may be repeated; see `itcho list parameters`.",
        autocompletion=parameters,
    ),
]
Again = Annotated[
    Path | None,
    typer.Option(metavar="RUN", help="Make the run of this folder again from what it keeps; takes no other input."),
]
RunOut = Annotated[
    Path | None,
    typer.Option(help="The run's folder; new or empty.", show_default="runs/<scenario>-<policy>-seed<N>"),
]
Twin = Annotated[
    bool,
    typer.Option(
        "--twin/--no-twin",
        help="Run the same world without the programme too, and compare; --no-twin is one world alone.",
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Check everything, build the world, and only say what would be run.")
]


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
        "itcho run --pairs 10 --policy vouchers",
        "itcho run chip-supply-disruption --policy stop-loss --seed 7 --out disrupted",
        "itcho run --set okun_coefficient=0.2 --years 5 --json",
        "itcho run --again disrupted",
    ),
)
def run(
    context: typer.Context,
    scenario: RunScenario = DEFAULT_SCENARIO,
    policy: RunPolicy = DEFAULT_POLICY,
    start: Start = DEFAULT_START,
    seed: RunSeed = None,
    pairs: Pairs = None,
    years: Annotated[int, typer.Option(help="How many years to run.")] = DEFAULT_YEARS,
    investors: Annotated[int, typer.Option(help="Members of the investor population.")] = DEFAULT_INVESTORS,
    importers: Annotated[int, typer.Option(help="Members of the chip-importer population.")] = DEFAULT_IMPORTERS,
    adopters: Adopters = DEFAULT_ADOPTERS,
    overrides: Overrides = None,
    rules: Rules = None,
    again: Again = None,
    edges: Annotated[Edges, typer.Option(help="`full` names every anonymous member in edges.csv.")] = Edges.NAMED,
    out: RunOut = None,
    twin: Twin = True,
    dry_run: DryRun = False,
    figures: Figures = None,
    lang: Lang = "en",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Run pairs of worlds with and without the programme; show what it does, and keep the typical world in a folder."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.agents.behaviours import behaviours_of
        from itcho.experiments.cli.run import run_and_show
        from itcho.experiments.languages import code_of
        from itcho.experiments.runs.rules_file import load_rules
        from itcho.experiments.runs.run_request import RunRequest

        code_of(lang)
        own_rules = load_rules(rules or ())
        if again is not None:
            from itcho.experiments.runs.run_again import kept_run

            _refuse_beside_again(context)
            kept = kept_run(again, out, own_rules)
            run_and_show(
                kept.request,
                with_twin=kept.with_twin,
                as_json=as_json,
                figures=figures,
                lang=lang,
                again=kept.world,
                dry_run=dry_run,
            )
            return
        alone = seed is not None or not twin
        if alone and pairs is not None:
            _refuse_pairs_of_one_world(seed)
        request = RunRequest(
            scenario=scenario,
            policy=policy,
            start=start,
            seed=default_seed() if seed is None else seed,
            pairs=0 if alone else DEFAULT_PAIRS if pairs is None else pairs,
            years=years,
            investors=investors,
            importers=importers,
            adopters=adopters,
            overrides=tuple(overrides or ()),
            full_edges=edges is Edges.FULL,
            out=out,
            rules=own_rules,
            behaviours=behaviours_of([file.module for file in own_rules]),
        )
        run_and_show(request, with_twin=twin, as_json=as_json, figures=figures, lang=lang, dry_run=dry_run)


def _refuse_pairs_of_one_world(seed: int | None) -> None:
    from itcho.agents.errors import InputError

    alone = "--no-twin" if seed is None else "--seed"
    raise InputError(f"--pairs does not go with {alone}, which keeps one world alone: leave one of them out")


_WITH_AGAIN = frozenset({"again", "rules", "out", "dry_run", "figures", "lang", "quiet", "as_json"})


def _refuse_beside_again(context: typer.Context) -> None:
    """Refuse whatever would say anew what the kept run already says."""
    from itcho.agents.errors import InputError

    given = [
        parameter.opts[0]
        for parameter in context.command.params
        if parameter.name not in _WITH_AGAIN
        and getattr(context.get_parameter_source(str(parameter.name)), "name", "DEFAULT") != "DEFAULT"
    ]
    if given:
        raise InputError([f"{name} does not go with --again, which makes the run as it was" for name in given])


@app.command(
    "list",
    cls=ItchoCommand,
    rich_help_panel=INPUTS,
    epilog=examples("itcho list scenarios", "itcho list policies", "itcho list parameters --json"),
)
def list_names(
    what: Annotated[Listed, typer.Argument(help="What to list.")],
    rules: Rules = None,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """List scenarios, policies, rules, parameters, outcomes, start states, claims, shocks, studies or variants."""
    with clear_errors():
        from itcho.experiments.cli.lists import show_list
        from itcho.experiments.languages import code_of
        from itcho.experiments.runs.rules_file import load_rules

        code_of(lang)
        load_rules(rules or ())
        show_list(what.value, as_json=as_json, lang=lang)


@start_state_app.command(cls=ItchoCommand, epilog=examples("itcho start-state check 2026-03-31 --json"))
def check(
    file: Annotated[
        str, typer.Argument(help="A start state's name, folder or TOML file.", autocompletion=start_states)
    ],
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Show what is left over in each row and sector of a start state; exit code 2 if it does not close."""
    with clear_errors():
        from itcho.experiments.cli.start_state import check_and_show

        check_and_show(file, as_json=as_json, lang=lang)


@start_state_app.command(cls=ItchoCommand, epilog=examples("itcho start-state make 2026-03-31 --out states"))
def make(
    date: Annotated[str, typer.Argument(help="A 31 March that the tables have, such as 2013-03-31.")],
    out: Annotated[Path, typer.Option(help="The folder in which one named by the date is made.")],
    data: Annotated[
        Path | None,
        typer.Option(help="A folder of Japan's history (docs/start_states.md); itcho's own two dates if left out."),
    ] = None,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Make a start state for a date: books that close, prices of its last day, constants and announced policy."""
    with clear_errors():
        from itcho.experiments.cli.start_state import make_and_show

        make_and_show(date, data, out, as_json=as_json, lang=lang)


register_report(app)
register_views(app)
register_studies(app)
register_answers(app)
register_claims(app)
register_validation(app)
register_checks(app)
register_actuals(app)
register_forecasts(app)
register_new(app)
app.add_typer(start_state_app, name="start-state", rich_help_panel=INPUTS)
