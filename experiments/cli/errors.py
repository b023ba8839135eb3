"""How commands end when something is wrong: one clear message on standard error and an exit code, never a traceback."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout

import typer

from itcho.agents.errors import InputError
from itcho.experiments.stopping import INTERRUPTED, exit_code_asked

FAILED = 1
BAD_INPUT = 2
COLLAPSED = 3


@contextmanager
def clear_errors(*, quiet: bool = False, as_json: bool = False) -> Iterator[None]:
    """Turn bad input into exit code 2 with all its mistakes, a world's collapse into 3 and Ctrl-C into 130.

    What the code of a user's rules file raised, and where it would leave the programme, is bad input.  A process at
    work that was killed is 1.

    With ``quiet`` nothing is printed but mistakes and, where it was asked for, JSON: what a command keeps is in files.
    """
    try:
        with ExitStack() as silence:
            if quiet:
                _silence(silence, as_json=as_json)
            yield
    except InputError as error:
        show_mistakes(error)
        raise typer.Exit(BAD_INPUT) from None
    except (Exception, SystemExit) as error:
        said, code = _of_other(error)
        if not said:
            raise
        print(f"itcho: {said}", file=sys.stderr)
        raise typer.Exit(code) from None
    except KeyboardInterrupt:
        print("itcho: stopped; nothing half-written is left behind", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None


def _of_other(error: BaseException) -> tuple[str, int]:
    """What is said of an exception that is no InputError, and the exit code; no word of a fault of the programme."""
    if exit_code_asked() is not None:
        return "", 0
    # Model and rules are slow imports: what was raised by them has imported them.
    rules = sys.modules.get("itcho.experiments.runs.rules_file")
    if rules is not None and (said := str(rules.fault_of_rules(error))):
        return said, BAD_INPUT
    collapse = sys.modules.get("itcho.model.collapse")
    if collapse is not None and isinstance(error, collapse.WorldCollapsed):
        return str(error), COLLAPSED
    if isinstance(error, OSError) and error.filename is not None:
        from itcho.model.input_files import printable

        return f"{printable(error.filename)} cannot be used: {error.strerror}", BAD_INPUT
    # Both are RuntimeErrors of modules that are imported where processes are started.
    if type(error).__name__ in ("LostProcessError", "BrokenProcessPool"):
        return f"{error}; nothing was kept", FAILED
    return "", 0


def _silence(stack: ExitStack, *, as_json: bool) -> None:
    from itcho.experiments.progress import silent

    token = silent.set(True)
    stack.callback(silent.reset, token)
    if not as_json:
        stack.enter_context(redirect_stdout(io.StringIO()))


def show_mistakes(error: InputError) -> None:
    """Print the mistakes on standard error, one to a line."""
    if len(error.messages) == 1:
        print(f"itcho: {error.messages[0]}", file=sys.stderr)
        return
    print(f"itcho: {len(error.messages)} mistakes, nothing was run", file=sys.stderr)
    for message in error.messages:
        print(f"  - {message}", file=sys.stderr)


class Mistakes:
    """Gathers the mistakes of several checks, so that a user sees all of them at once.

    Examples
    --------
    >>> mistakes = Mistakes()
    >>> with mistakes.caught():
    ...     raise InputError("no policy 'acutal'")
    >>> mistakes.messages
    ["no policy 'acutal'"]
    """

    def __init__(self) -> None:
        self.messages: list[str] = []

    def add(self, message: str) -> None:
        """Note one mistake."""
        self.messages.append(message)

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Note the mistakes of an InputError and go on."""
        try:
            yield
        except InputError as error:
            self.messages.extend(error.messages)

    def raise_if_any(self) -> None:
        """Raise one InputError that holds all of them."""
        if self.messages:
            raise InputError(self.messages)
