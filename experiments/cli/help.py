"""How `itcho` helps: what it says when called alone, the examples of each command, and mistakes in the call itself.

Everything wrong with a call is told in the form of ``cli_errors``: one message on standard error and exit code 2.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from itcho.agents.errors import readable
from itcho.experiments.cli.errors import BAD_INPUT
from itcho.experiments.stopping import INTERRUPTED

FIRST_STEPS = """\
itcho: Japan's one-trillion-yen AI programme in an agent-based economy.

Start here:
  itcho run                          forty worlds with and without the programme: what it does, how surely
  itcho report runs/RUN              one page of that run to look around in, for any browser
  itcho compare actual --quick       the programme against none, in the same ten worlds
  itcho claims yen-fall --quick      a claim of the public debate, put to the model

Then:
  itcho list scenarios               what can be chosen; also policies, parameters, outcomes, claims, shocks
  itcho --help                       all commands; itcho COMMAND --help has examples
"""

EXIT_CODES = """\
Exit codes: 0 done; 1 some of many runs failed, or two studies are not the
same; 2 something given is wrong, nothing was run; 130 stopped with Ctrl-C
(143 by a request to terminate).
Running a command again after 130 or 143 is safe: no file is left half-written.

Every list of results has --json: only JSON on standard output, messages on
standard error. Colours: off outside a terminal and where NO_COLOR is set."""

# Typer keeps its parser to itself or takes it from Click, by version; what it gives away knows its ancestors.
_WrongCall: type[Any] = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")


def examples(*lines: str) -> str:
    """The end of a command's help, one example to a line."""
    return "\n".join(["Examples:" if len(lines) > 1 else "Example:", *(f"  {line}" for line in lines)])


class ItchoCommand(TyperCommand):
    """A command whose help ends with its epilog as it was written, line by line."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, then the examples."""
        _help_then_epilog(self, super().format_help, ctx, formatter)


class ItchoGroup(TyperGroup):
    """A group of commands that says what to do when nothing is asked, and what is wrong when something is."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, then the examples."""
        _help_then_epilog(self, super().format_help, ctx, formatter)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the call; called alone, say what to do and leave with exit code 0."""
        if not args and not ctx.resilient_parsing:
            typer.echo(FIRST_STEPS if ctx.parent is None else ctx.get_help(), nl=ctx.parent is not None)
            ctx.exit(0)
        return list(super().parse_args(ctx, args))

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command; a mistake in the call is one message on standard error and exit code 2."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode, windows_expand_args, **extra)
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        except _WrongCall as error:
            _show_wrong_call(error)
            sys.exit(BAD_INPUT)
        except typer.Abort:
            print("itcho: stopped", file=sys.stderr)
            sys.exit(INTERRUPTED)
        sys.exit(code if isinstance(code, int) else 0)


def _help_then_epilog(command: Any, write: Any, ctx: Any, formatter: Any) -> None:
    """Keep the epilog's lines, which Rich would run together."""
    epilog, command.epilog = command.epilog, None
    try:
        write(ctx, formatter)
    finally:
        command.epilog = epilog
    if epilog:
        typer.echo(epilog)


def _show_wrong_call(error: Any) -> None:
    message = readable(" ".join(error.format_message().split()).replace(" Value error,", ""))
    context = getattr(error, "ctx", None)
    asked = context.command_path if context is not None else "itcho"
    print(f"itcho: {message[:1].lower()}{message[1:]}\nSee: {asked} --help", file=sys.stderr)
