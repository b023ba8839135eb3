"""The commands that check the model from outside: `itcho corridor` and `itcho quiet-start`.

Light imports only, as in ``cli_commands``.
"""

from __future__ import annotations

from typing import Annotated

import typer

from experiments.cli_errors import clear_errors

Start = Annotated[str, typer.Option(help="A start state's name, folder or TOML file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print only JSON on standard output.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to ``app``."""
    app.command("corridor")(show_corridor)
    app.command("quiet-start")(show_quiet_start)


def show_corridor(
    seeds: Annotated[int, typer.Option(help="How many runs; their seeds are 1, 2, 3, ...")] = 200,
    years: Annotated[int, typer.Option(help="How many years to run.")] = 10,
    workers: Annotated[int, typer.Option(help="Processes to run in, one thread each.")] = 2,
    policy: Annotated[str, typer.Option(help="A policy's name; see `itcho list policies`.")] = "actual",
    start: Start = "2026-03-31",
    as_json: AsJson = False,
) -> None:
    """Run the baseline under many seeds and hold what comes out against the ranges expected of Japan."""
    with clear_errors():
        from experiments.checks_report import corridor_and_show

        corridor_and_show(seeds=seeds, years=years, workers=workers, policy=policy, start=start, as_json=as_json)


def show_quiet_start(
    start: Start = "2026-03-31",
    seed: Annotated[int, typer.Option(help="Seed of the construction draws; there are no others.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Run without shocks, programme and dated events: do the first months move more than later ones?"""
    with clear_errors():
        from experiments.checks_report import quiet_start_and_show

        quiet_start_and_show(start=start, seed=seed, as_json=as_json)
