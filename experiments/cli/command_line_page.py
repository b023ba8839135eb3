"""The reference page of the command line, written from the commands themselves."""

from __future__ import annotations

import enum
import inspect
import types
import typing
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import typer

from itcho.experiments.cli.commands import app
from itcho.experiments.cli.errors import BAD_INPUT, COLLAPSED
from itcho.experiments.cli.study import SOME_FAILED
from itcho.experiments.stopping import INTERRUPTED, TERMINATED

_KINDS: dict[type, str] = {str: "text", int: "whole number", float: "number", Path: "path"}


def page() -> Iterator[str]:
    """Lines of the page."""
    commands = list(_commands((), typer.main.get_command(app)))
    yield "# Command line"
    yield ""
    yield (
        "`itcho COMMAND --help` says the same in the terminal. Messages go to standard error; with `--json` a command "
        "prints only JSON on standard output."
    )
    yield ""
    yield "| command | does |"
    yield "|---|---|"
    for words, command in commands:
        name = " ".join(words)
        yield f"| [`{name}`](#{name.replace(' ', '-')}) | {_cell(_first_line(command))} |"
    yield ""
    for words, command in commands:
        yield from _section(words, command)
    yield from _exit_codes()


def _commands(words: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with the words that call it, groups entered in their order."""
    for name, one in getattr(command, "commands", {}).items():
        if getattr(one, "hidden", False):
            continue
        path = ("itcho", name) if not words else (*words, name)
        if getattr(one, "commands", None):
            yield from _commands(path, one)
        else:
            yield path, one


def _first_line(command: Any) -> str:
    return inspect.cleandoc(command.help or "").split("\n\n")[0].replace("\n", " ")


def _cell(text: str) -> str:
    """A text that is safe inside a table."""
    return " ".join(text.split()).replace("|", "\\|")


def _section(words: Sequence[str], command: Any) -> Iterator[str]:
    # What any command takes stands in no table.
    given = [one for one in command.params if one.name != "help" and not getattr(one, "hidden", False)]
    arguments = [one for one in given if one.param_type_name == "argument"]
    options = [one for one in given if one.param_type_name == "option"]
    usage = [*words, *map(_argument, arguments), *(["[OPTIONS]"] if options else [])]
    hints = _hints(command.callback)
    yield f"## {' '.join(words)}"
    yield ""
    yield "```text"
    yield " ".join(usage)
    yield "```"
    yield ""
    for text in (command.help, command.epilog):
        yield from _prose(text or "")
    if given:
        yield "| argument or option | takes | default | meaning |"
        yield "|---|---|---|---|"
        for one in (*arguments, *options):
            names = " ".join(f"`{name}`" for name in [*one.opts, *one.secondary_opts])
            if one.param_type_name == "argument":
                names = f"`{_argument(one).strip('[].')}`"
            takes = _takes(one, hints.get(one.name))
            yield f"| {_cell(names)} | {takes} | {_default(one)} | {_cell(_without_default(one.help or ''))} |"
        yield ""


def _prose(text: str) -> Iterator[str]:
    """Paragraphs of a help text; indented lines, such as examples, are shown as they stand."""
    # Cleaned by Typer already; cleaning again would take the indent of examples for that of the text.
    for paragraph in text.split("\n\n"):
        lines = [line.rstrip() for line in paragraph.replace("\b", "").splitlines() if line.strip()]
        words = [line for line in lines if not line.startswith(" ")]
        shown = [line.strip() for line in lines if line.startswith(" ")]
        if words:
            yield " ".join(" ".join(words).split())
            yield ""
        if shown:
            yield from ("```text", *shown, "```", "")


def _hints(callback: Any) -> dict[str, Any]:
    return typing.get_type_hints(inspect.unwrap(callback)) if callback else {}


def _argument(one: Any) -> str:
    name = (one.metavar or one.name.upper()).strip("[]")
    name = name if name.endswith("...") or one.nargs != -1 else f"{name}..."
    return name if one.required else f"[{name}]"


def _takes(one: Any, hint: Any) -> str:
    """What a value looks like: a kind, or the choices there are."""
    if getattr(one, "is_flag", False):
        return "–"
    kind = f"`{one.metavar}`" if one.metavar and one.param_type_name == "option" else _kind(hint)
    several = (one.multiple or one.nargs == -1) and "may be repeated" not in (one.help or "").lower()
    return f"{kind}, one or more" if several else kind


def _kind(hint: Any) -> str:
    inner = [part for part in typing.get_args(hint) if part is not type(None)]
    if inner and (isinstance(hint, types.UnionType) or typing.get_origin(hint) in (list, tuple, typing.Union)):
        return _kind(inner[0])
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return " or ".join(f"`{choice.value}`" for choice in hint)
    return _KINDS.get(hint, "text")


def _default(one: Any) -> str:
    """The default; the help text may name one that is worked out when the command runs."""
    value = one.default
    if "[default:" in (one.help or ""):
        return f"`{one.help.split('[default:')[1].rstrip().removesuffix(']').strip()}`"
    if one.required:
        return "needed"
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, bool):
        return f"`{(one.opts if value or not one.secondary_opts else one.secondary_opts)[0]}`" if value else "off"
    return "–" if value in (None, (), []) or callable(value) else f"`{value}`"


def _without_default(text: str) -> str:
    return text.split("[default:")[0]


def _exit_codes() -> Iterator[str]:
    yield "## Exit codes"
    yield ""
    yield "| code | means |"
    yield "|---|---|"
    yield "| 0 | done |"
    yield f"| {SOME_FAILED} | done, but some runs of a study failed; the others are kept |"
    yield f"| {BAD_INPUT} | bad input, or an output that takes nothing: standard error says what is wrong and why |"
    yield f"| {COLLAPSED} | the world of a run collapsed: an outcome left its declared range; nothing is kept of it |"
    yield f"| {INTERRUPTED} | stopped with Ctrl-C; nothing half-written is left |"
    yield f"| {TERMINATED} | stopped by a request to terminate (SIGTERM) |"
    yield ""
    yield "A traceback is a fault of the programme: please report it with the command that brought it about."
