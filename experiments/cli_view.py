"""The commands for looking at runs: `itcho view` and `itcho export`.

Light imports only, as in ``cli_commands``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.cli_errors import clear_errors

Figures = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Write figures for papers (SVG and PNG) into this folder too."),
]
Lang = Annotated[str, typer.Option(help="Language of the figures: en or ja (needs a Japanese font).")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to ``app``."""
    app.command("export")(export)
    app.command("view")(view)


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run.")],
    graphml: Annotated[bool, typer.Option("--graphml", help="Payments as a graph, for Gephi, yEd, networkx.")] = False,
    gexf: Annotated[bool, typer.Option("--gexf", help="The same graph as GEXF.")] = False,
    csv: Annotated[
        bool, typer.Option("--csv", help="Edge ledger, outcomes, parties and balance sheets as CSV.")
    ] = False,
    parquet: Annotated[bool, typer.Option("--parquet", help="The same tables as Parquet (extra `data`).")] = False,
    out: Annotated[Path | None, typer.Option(help="New or empty folder.  [default: <run>-export]")] = None,
) -> None:
    """Export a run for other programs; without a format: GraphML, GEXF and CSV."""
    with clear_errors():
        from experiments.exports import ExportFormat, export_run
        from experiments.view.run_data import read_run

        wanted = {"graphml": graphml, "gexf": gexf, "csv": csv, "parquet": parquet}
        formats = {ExportFormat(name) for name, asked in wanted.items() if asked}
        default = run.absolute().with_name(f"{run.absolute().name}-export")
        place = export_run(read_run(run), formats or set(ExportFormat) - {ExportFormat.PARQUET}, out, default)
        print(f"exported to {place}: {', '.join(sorted(file.name for file in place.iterdir()))}")


def view(
    run: Annotated[
        Path | None, typer.Argument(metavar="[RUN]", help="Folder of a run whose settings the view opens with.")
    ] = None,
    port: Annotated[int, typer.Option(help="Port on localhost; 0 takes a free one.")] = 8765,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser window.")] = True,
    scenario: Annotated[str | None, typer.Option(help="The world outside Japan.  [default: baseline]")] = None,
    policy: Annotated[str | None, typer.Option(help="A policy's name or TOML file.  [default: actual]")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of all random streams.  [default: 1]")] = None,
    investors: Annotated[int | None, typer.Option(help="Members of the investor population.  [default: 2000]")] = None,
    importers: Annotated[int | None, typer.Option(help="Members of the importer population.  [default: 300]")] = None,
    adopters: Annotated[int | None, typer.Option(help="Members of the adopter population.  [default: 1000]")] = None,
    months: Annotated[int, typer.Option(help="Run so many months before the page opens.")] = 0,
) -> None:
    """Watch the economy in a browser, month by month, beside its twin without the programme; localhost only."""
    with clear_errors():
        from experiments.view.server import serve
        from experiments.view.settings import ViewSettings

        given = {
            "scenario": scenario, "policy": policy, "seed": seed, "investors": investors, "importers": importers,
            "adopters": adopters, "months": months,
        }  # fmt: skip
        settings = ViewSettings.of(run, {name: value for name, value in given.items() if value is not None})
        serve(settings, port=port, open_browser=browser)
