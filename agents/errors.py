"""Errors in what a user gave: parameters, start states, policies, scenarios.

They gather every mistake of one input, so that a user mends a file once and not once per line.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class InputError(ValueError):
    """Something a user gave is wrong.

    Parameters
    ----------
    messages : one message, or several; each says what is wrong, where, and what would be right.

    Attributes
    ----------
    messages : all mistakes found, in the order found.
    """

    def __init__(self, messages: str | Iterable[str]) -> None:
        self.messages: list[str] = [messages] if isinstance(messages, str) else list(messages)
        super().__init__("\n".join(self.messages))

    def __reduce__(self) -> tuple[type[InputError], tuple[list[str]]]:
        return type(self), (self.messages,)


def nearest_names(name: str, known: Iterable[str], how_many: int = 3) -> str:
    """A hint such as ``; nearest: a, b`` for a name that is not known, or an empty string if nothing is near."""
    near = get_close_matches(name, list(known), n=how_many, cutoff=0.5)
    return f"; nearest: {', '.join(near)}" if near else ""
