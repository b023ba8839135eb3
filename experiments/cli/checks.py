"""The commands that check the model from outside: `itcho corridor`, `ablate`, `quiet-start` and `rest`.

Light imports only, as in ``cli_commands``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from itcho.experiments.cli.errors import clear_errors
from itcho.experiments.cli.help import ItchoCommand, examples
from itcho.experiments.cli.names import displacements, kinds, policies, scenarios
from itcho.experiments.cli.options import CHECKS, AsJson, Lang, Quick, Quiet, Rules, Start, Workers
from itcho.model.sizes import DEFAULT_POLICY, DEFAULT_START, DEFAULT_YEARS


def register(app: typer.Typer) -> None:
    """Add the commands of this file to ``app``."""
    app.command(
        "corridor",
        cls=ItchoCommand,
        rich_help_panel=CHECKS,
        epilog=examples("itcho corridor --quick", "itcho corridor --seeds 200 --workers 8 --json"),
    )(show_corridor)
    app.command(
        "ablate",
        cls=ItchoCommand,
        rich_help_panel=CHECKS,
        epilog=examples(
            "itcho ablate --kind softbank --seeds 8",
            "itcho ablate --kind banks --kind carry_traders --scenario carry-unwind --json",
            "itcho ablate --out ablation --workers 8",
        ),
    )(show_ablation)
    app.command(
        "quiet-start",
        cls=ItchoCommand,
        rich_help_panel=CHECKS,
        epilog=examples("itcho quiet-start", "itcho quiet-start --start 2024-03-31 --json"),
    )(show_quiet_start)
    app.command(
        "rest",
        cls=ItchoCommand,
        rich_help_panel=CHECKS,
        epilog=examples(
            "itcho rest",
            "itcho rest --start 2024-03-31 --json",
            "itcho rest --displace real-yen",
            "itcho rest --foreign-assets -20",
        ),
    )(show_rest)


def show_corridor(
    seeds: Annotated[
        int | None,
        typer.Option(help="How many runs; their seeds are 1, 2, 3, ...", show_default="200, or 20 with --quick"),
    ] = None,
    quick: Quick = False,
    years: Annotated[int, typer.Option(help="How many years to run.")] = DEFAULT_YEARS,
    workers: Workers = 2,
    policy: Annotated[
        str, typer.Option(help="A policy's name; see `itcho list policies`.", autocompletion=policies)
    ] = DEFAULT_POLICY,
    start: Start = DEFAULT_START,
    rules: Rules = None,
    lang: Lang = "en",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Run the baseline under many seeds; hold it against ranges expected of Japan and beside published projections."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.evidence.checks_report import corridor_and_show
        from itcho.experiments.languages import code_of
        from itcho.experiments.runs.rules_file import load_rules

        code_of(lang)
        load_rules(rules or ())
        number = seeds if seeds is not None else (20 if quick else 200)
        corridor_and_show(
            seeds=number, years=years, workers=workers, policy=policy, start=start, as_json=as_json, lang=lang
        )


def show_ablation(
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            help="May be repeated.",
            show_default="the baseline, and the one in which a kind ought to matter",
            autocompletion=scenarios,
        ),
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(help="A kind of agent; may be repeated.", show_default="all", autocompletion=kinds),
    ] = None,
    seeds: Annotated[int, typer.Option(help="How many pairs of runs; their seeds are 1, 2, 3, ...")] = 48,
    years: Annotated[int, typer.Option(help="How many years to run; the second half is compared.")] = DEFAULT_YEARS,
    workers: Workers = 2,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the table (JSON, CSV, Markdown); it keeps the runs, and goes on with them."),
    ] = None,
    lang: Lang = "en",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Freeze each kind of agent, make its members alike, and show which outcomes that changes beyond chance."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.evidence.ablation_report import ablate_and_show

        ablate_and_show(
            scenarios=tuple(dict.fromkeys(scenario or ())),
            kinds=tuple(dict.fromkeys(kind or ())),
            seeds=seeds,
            years=years,
            workers=workers,
            out=out,
            as_json=as_json,
            lang=lang,
        )


def show_rest(
    start: Start = "2026-03-31",
    years: Annotated[int, typer.Option(help="How many years to run; criteria of years beyond are not met.")] = 60,
    displace: Annotated[
        str | None,
        typer.Option(
            help="Push the path in year 10 (gap, inflation, current-account, real-yen, net-foreign-assets, debt), and "
            "see whether it comes back.",
            autocompletion=displacements,
        ),
    ] = None,
    foreign_assets: Annotated[
        float, typer.Option(help="Open with so much more abroad, % of GDP, such as 20 or -20, all holders alike.")
    ] = 0.0,
    lang: Lang = "en",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Run without noise, programme and dated events: does the economy come to rest, and come back when it is pushed?"""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.evidence.rest_report import rest_and_show

        rest_and_show(
            start=start, years=years, displace=displace, foreign_assets=foreign_assets, as_json=as_json, lang=lang
        )


def show_quiet_start(
    start: Start = DEFAULT_START,
    seed: Annotated[int, typer.Option(help="Seed of the construction draws; there are no others.")] = 1,
    lang: Lang = "en",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Run without shocks, programme and dated events: do the first months move more than later ones?"""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.evidence.checks_report import quiet_start_and_show

        quiet_start_and_show(start=start, seed=seed, as_json=as_json, lang=lang)
