"""The commands for looking at runs: `itcho view` and `itcho export`.

Light imports only, as in ``cli_commands``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from itcho.experiments.cli.errors import clear_errors
from itcho.experiments.cli.help import ItchoCommand, examples
from itcho.experiments.cli.names import policies, scenarios, toml_files
from itcho.experiments.cli.options import LOOK, AsJson, Lang, Quiet, Rules
from itcho.experiments.runs.typical_world import default_seed
from itcho.model.sizes import (
    DEFAULT_ADOPTERS,
    DEFAULT_IMPORTERS,
    DEFAULT_INVESTORS,
    DEFAULT_POLICY,
    DEFAULT_SCENARIO,
)

Figures = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Write figures for papers (SVG and PNG) into this folder too."),
]
Run = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run.", autocompletion=toml_files)]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to ``app``."""
    app.command(
        "view",
        cls=ItchoCommand,
        rich_help_panel=LOOK,
        epilog=examples(
            "itcho view",
            f"itcho view runs/baseline-actual-seed{default_seed()} --months 60",
            "itcho view --policy actual --beside vouchers",
            "itcho view --scenario ai-bust --seed 7",
        ),
    )(view)
    app.command(
        "export",
        cls=ItchoCommand,
        rich_help_panel=LOOK,
        epilog=examples(
            f"itcho export runs/baseline-actual-seed{default_seed()}",
            f"itcho export runs/baseline-actual-seed{default_seed()} --graphml --parquet --out mine",
        ),
    )(export)
    app.command(
        "crate",
        cls=ItchoCommand,
        rich_help_panel=LOOK,
        epilog=examples(f"itcho crate runs/baseline-actual-seed{default_seed()}"),
    )(crate)


def crate(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of a run or of a study.")],
    lang: Lang = "en",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Describe a folder as a Research Object Crate, for an archive: one more file, ro-crate-metadata.json."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.languages import words
        from itcho.experiments.runs.crate import write_crate

        say = words(lang)
        file = write_crate(folder)
        print(json.dumps({"file": str(file)}, indent=2) if as_json else say("written: {files}", files=file))


def export(
    run: Run,
    graphml: Annotated[bool, typer.Option("--graphml", help="Payments as a graph, for Gephi, yEd, networkx.")] = False,
    gexf: Annotated[bool, typer.Option("--gexf", help="The same graph as GEXF.")] = False,
    csv: Annotated[
        bool, typer.Option("--csv", help="Edge ledger, outcomes, parties and balance sheets as CSV.")
    ] = False,
    parquet: Annotated[bool, typer.Option("--parquet", help="The same tables as Parquet (extra `data`).")] = False,
    out: Annotated[Path | None, typer.Option(help="New or empty folder.", show_default="runs/<run>-export")] = None,
    lang: Lang = "en",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Export a run for other programs; without a format: GraphML, GEXF and CSV."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.languages import words
        from itcho.experiments.runs.exports import ExportFormat, export_run
        from itcho.experiments.runs.places import export_of
        from itcho.experiments.view.run_data import read_run

        say = words(lang)
        wanted = {"graphml": graphml, "gexf": gexf, "csv": csv, "parquet": parquet}
        formats = {ExportFormat(name) for name, asked in wanted.items() if asked}
        wanted_formats = formats or set(ExportFormat) - {ExportFormat.PARQUET}
        place = export_run(read_run(run), wanted_formats, out, export_of(run))
        names = sorted(file.name for file in place.iterdir())
        if as_json:
            print(json.dumps({"folder": str(place), "files": names}, indent=2))
            return
        print(say("exported to {folder}: {files}", folder=place, files=", ".join(names)))


def view(
    run: Annotated[
        Path | None, typer.Argument(metavar="[RUN]", help="Folder of a run whose settings the view opens with.")
    ] = None,
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 8765,
    host: Annotated[str, typer.Option(help="Address of this machine to listen on.")] = "127.0.0.1",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser window.")] = True,
    scenario: Annotated[
        str | None,
        typer.Option(help="The world outside Japan.", show_default=DEFAULT_SCENARIO, autocompletion=scenarios),
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option(help="A policy's name or TOML file.", show_default=DEFAULT_POLICY, autocompletion=policies),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of all random streams.", show_default=str(default_seed()))
    ] = None,
    investors: Annotated[
        int | None, typer.Option(help="Members of the investor population.", show_default=str(DEFAULT_INVESTORS))
    ] = None,
    importers: Annotated[
        int | None, typer.Option(help="Members of the importer population.", show_default=str(DEFAULT_IMPORTERS))
    ] = None,
    adopters: Annotated[
        int | None, typer.Option(help="Members of the adopter population.", show_default=str(DEFAULT_ADOPTERS))
    ] = None,
    beside: Annotated[
        str | None,
        typer.Option(
            metavar="POLICY",
            help="Policy of the world beside it.",
            show_default="the same without a programme",
            autocompletion=policies,
        ),
    ] = None,
    months: Annotated[int, typer.Option(help="Run so many months before the page opens.")] = 0,
    rules: Rules = None,
    lang: Lang = "en",
) -> None:
    """Watch the economy in a browser, month by month, beside its twin without the programme or another policy.

    Only a browser that opens the printed address sees the page: the address holds its key.
    """
    with clear_errors():
        from itcho.experiments.compile_ahead import ensure_compiled
        from itcho.experiments.languages import code_of
        from itcho.experiments.runs.rules_file import load_rules
        from itcho.experiments.view.server import serve
        from itcho.experiments.view.settings import ViewSettings

        code = code_of(lang)
        own_rules = load_rules(rules or ())
        given = {
            "scenario": scenario, "policy": policy, "seed": seed, "investors": investors, "importers": importers,
            "adopters": adopters, "beside": beside, "months": months, "lang": code,
            "modules": tuple(file.module for file in own_rules),
        }  # fmt: skip
        settings = ViewSettings.of(run, {name: value for name, value in given.items() if value is not None})
        # In the page the first month would take as long, with nothing said and no way to stop it.
        ensure_compiled()
        serve(settings, port=port, open_browser=browser, host=host)
