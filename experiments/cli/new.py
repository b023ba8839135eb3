"""`itcho new rule`: a file to begin a rule of one's own with.

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
from itcho.experiments.cli.options import INPUTS, AsJson, Lang, Quiet


class Slot(StrEnum):
    """What a rule of one's own can fill."""

    SUBSIDY = "subsidy"
    FISCAL = "fiscal"
    MONETARY = "monetary"
    INTERVENTION = "intervention"


def register(app: typer.Typer) -> None:
    """Add the commands of this file to ``app``."""
    new_app = typer.Typer(
        cls=ItchoGroup, help="Write a file to begin with.", epilog=examples("itcho new rule my-prize")
    )
    new_app.command(
        cls=ItchoCommand, epilog=examples("itcho new rule my-prize", "itcho new rule slow-bank --slot monetary")
    )(rule)
    # One command alone would be taken for the whole group.
    new_app.callback()(lambda: None)
    app.add_typer(new_app, name="new", rich_help_panel=INPUTS)


def rule(
    name: Annotated[str, typer.Argument(help="How policies will call it: lower-case words joined by hyphens.")],
    slot: Annotated[Slot, typer.Option(help="What it decides.")] = Slot.SUBSIDY,
    out: Annotated[Path | None, typer.Option(help="The file.", show_default="NAME.py, hyphens as underscores")] = None,
    lang: Lang = "en",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Write a rule that runs as it stands, and a policy that uses it; overwrites nothing."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.languages import words
        from itcho.experiments.runs.rule_template import write_rule

        say = words(lang)
        code, policy = write_rule(name, slot.value, out)
        line = f"itcho run --policy {policy} --rules {code}"
        if as_json:
            print(json.dumps({"rule": name, "slot": slot.value, "file": str(code), "policy": str(policy), "run": line}))
            return
        print(say("{code}: the rule '{name}'; {policy}: a policy with it", code=code, name=name, policy=policy))
        print(say("Run it: {command}", command=line))
