"""Options that mean the same in every command, and the headings under which `itcho --help` lists the commands.

Light imports only, as in ``cli_commands``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from itcho.experiments.cli.names import languages, python_files, start_states

LOOK, COMPARE, CHECKS, INPUTS = "Run and look", "Compare", "Hold against evidence", "What goes in"

AsJson = Annotated[bool, typer.Option("--json", help="Print only JSON on standard output.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but mistakes (and JSON if asked for).")]
Quick = Annotated[bool, typer.Option("--quick", help="Fewer seeds: under a minute, wider intervals.")]
Lang = Annotated[
    str,
    typer.Option(
        help="Language of tables, pages and pictures: en, ja or zh-Hant (figures need a font).",
        autocompletion=languages,
    ),
]
Rules = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE.py",
        help="A file with rules of your own, which is run; may be repeated; see `itcho new rule`.",
        autocompletion=python_files,
    ),
]
Workers = Annotated[int, typer.Option(help="Processes to run in, one thread each.")]
Start = Annotated[
    str,
    typer.Option(
        help="A start state's name, folder or TOML file; see `itcho list start-states`.", autocompletion=start_states
    ),
]
