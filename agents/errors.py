"""Errors in what a user gave: parameters, start states, policies, scenarios.

They gather every mistake of one input, so that a user mends a file once and not once per line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import TypeVar

_Kind = TypeVar("_Kind")

_LONGEST = 1000
"""Signs of a message that a reader still reads; the middle of a longer one is left out."""


def readable(message: str) -> str:
    r"""A message in one line of bearable length, whatever a user's input put into it.

    Signs that cannot be seen, such as line ends, colours of a terminal and marks that turn the reading round, are spelt
    out.

    Examples
    --------
    >>> print(readable("policy 'actual\n' is unknown"))
    policy 'actual\n' is unknown
    """
    if not message.isprintable():
        message = "".join(_spelt(sign) for sign in message)
    if len(message) <= _LONGEST:
        return message
    half = (_LONGEST - 3) // 2
    return f"{message[:half]} … {message[-half:]}"


def _spelt(sign: str) -> str:
    return sign if sign.isprintable() else sign.encode("unicode_escape").decode()


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
        given = [messages] if isinstance(messages, str) else list(messages)
        self.messages: list[str] = [readable(message) for message in given]
        super().__init__("\n".join(self.messages))

    def __reduce__(self) -> tuple[type[InputError], tuple[object, ...]]:
        return type(self), (self.messages,)


class DecisionError(InputError):
    """What a rule or an agent of the user's own decided cannot be carried out.

    Parameters
    ----------
    messages : as for :class:`InputError`; each names who decided, the month, the value and what would be right.
    decider : who decided, such as ``fiscal rule 'debt-brake'``.
    """

    def __init__(self, messages: str | Iterable[str], decider: str = "") -> None:
        super().__init__(messages)
        self.decider = decider

    def __reduce__(self) -> tuple[type[InputError], tuple[object, ...]]:
        return type(self), (self.messages, self.decider)


class FailedMonthError(InputError):
    """The economy stands in the middle of a month that failed, and can go no further."""


def require_mapping(name: str, given: object) -> None:
    """Refuse what is no mapping of names.

    Raises
    ------
    InputError : says what would be right.
    """
    if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
        raise InputError(f"{name} must be a dictionary of names, such as {{'okun_coefficient': 0.2}}, not {given!r}")


def require_list(name: str, given: object, such_as: str) -> None:
    """Refuse what is no list, tuple or set; a text is none.

    Raises
    ------
    InputError : says what would be right.
    """
    if not isinstance(given, Collection) or isinstance(given, (str, bytes, Mapping)) or not hasattr(given, "__iter__"):
        raise InputError(f"{name} must be a list, such as {such_as}, not {given!r}")


def checked_callables(name: str, given: Collection[_Kind], such_as: str, mistake: str) -> tuple[_Kind, ...]:
    """What a user gives to be called by the model, as a tuple.

    Parameters
    ----------
    name, such_as : of the argument, and an example of it.
    mistake : what is said of one that cannot be called.

    Raises
    ------
    InputError : it is no list, or some of it cannot be called; all mistakes at once.
    """
    require_list(name, given, such_as)
    if wrong := [f"{name}: {one!r} {mistake}" for one in given if not callable(one)]:
        raise InputError(wrong)
    return tuple(given)


def nearest_names(name: str, known: Iterable[str], how_many: int = 3) -> str:
    """A hint such as ``; nearest: a, b`` for a name that is not known, or an empty string if nothing is near."""
    near = get_close_matches(name, list(known), n=how_many, cutoff=0.5)
    return f"; nearest: {', '.join(near)}" if near else ""
