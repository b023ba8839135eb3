"""Conditions on outcomes, such as ``difference(usdjpy@2030) > 0 and adoption_pct < 60``, read without running any code.

::

    condition   = both { "or" both }
    both        = single { "and" single }
    single      = "not" single | sum comparison sum | "(" condition ")"
    comparison  = "<" | "<=" | ">" | ">=" | "==" | "!="
    sum         = product { ("+" | "-") product }
    product     = signed { ("*" | "/") signed }
    signed      = "-" signed | number | outcome | function "(" sum ")" | "(" sum ")"
    function    = "difference" | "baseline" | "abs"

A bare outcome is its level under the policy, ``baseline(x)`` its level under the baseline with the same parameters and
seeds, ``difference(x)`` policy − baseline.  Outcomes are written as in a study: ``usdjpy``, ``usdjpy@2030``.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from itcho.agents.errors import InputError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Levels = Mapping[str, tuple[FloatArray, FloatArray]]
"""By outcome: levels under the policy and under the baseline, of the same cases."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*(?:@\w+)?)|(?P<sign><=|>=|==|!=|[-+*/()<>]))"
)
_COMPARISONS: dict[str, Callable[[FloatArray, FloatArray], BoolArray]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_ARITHMETIC: dict[str, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip
FUNCTIONS = ("difference", "baseline", "abs")
_WORDS = ("and", "or", "not", *FUNCTIONS)
_DEEPEST = 50
LONGEST = 2000
"""Signs of a condition: more than anybody reads, and a picture of it can show."""

_Number = Callable[[Levels], FloatArray]
_Truth = Callable[[Levels], BoolArray]


@dataclass(frozen=True)
class Condition:
    """A condition that can be asked of many cases at once.

    Attributes
    ----------
    text : as written.
    outcomes : the outcomes it looks at, in the order they come.
    holds : of levels by outcome to one truth value for each case.
    terms : by text, such as ``difference(usdjpy)``: the numbers that it compares, of levels by outcome.
    """

    text: str
    outcomes: tuple[str, ...]
    holds: Callable[[Levels], BoolArray]
    terms: Mapping[str, _Number]


def condition(text: str) -> Condition:
    """Read a condition.

    Raises
    ------
    InputError : it does not follow the grammar; the message points to the place.

    Examples
    --------
    >>> found = condition("difference(usdjpy) > 0 and not usdjpy@2030 >= 150")
    >>> found.outcomes
    ('usdjpy', 'usdjpy@2030')
    >>> rates = {"usdjpy": (np.array([151.0]), np.array([150.0])), "usdjpy@2030": (np.array([149.0]), np.array([1.0]))}
    >>> found.holds(rates).tolist()
    [True]
    """
    if not isinstance(text, str):
        raise InputError(f"a condition is a text, such as 'usdjpy > 150', not {text!r}")
    if len(text) > LONGEST:
        raise InputError(f"a condition has at most {LONGEST} signs; this one has {len(text)}")
    reader = _Reader(text)
    holds = reader.either(0)
    if reader.kind:
        raise reader.wrong("'and', 'or' or the end")
    return Condition(text, tuple(dict.fromkeys(reader.outcomes)), holds, dict(reader.terms))


class _Reader:
    """Goes through the text from left to right; each method reads one line of the grammar."""

    def __init__(self, text: str) -> None:
        self.text, self.outcomes = text, list[str]()
        self.terms = list[tuple[str, _Number]]()
        self.at = self.end = 0
        self.kind = self.token = ""
        self.next()

    def next(self) -> None:
        """Go to the next token; at the end its kind is empty."""
        rest = self.text[self.end :]
        self.at = self.end + len(rest) - len(rest.lstrip())
        if not rest.strip():
            self.kind, self.token = "", ""
            return
        found = _TOKEN.match(self.text, self.end)
        if found is None:
            raise InputError(
                f"condition {self.text!r}: character {self.at + 1}, {self.text[self.at]!r}, is not allowed"
            )
        self.end = found.end()
        self.kind = str(found.lastgroup)
        self.token = found[self.kind]

    def wrong(self, expected: str) -> InputError:
        there = repr(self.token) if self.kind else "the end"
        return InputError(f"condition {self.text!r}: at character {self.at + 1} stands {there}, not {expected}")

    def take(self, *tokens: str) -> str:
        """Take the token if it is one of these; else an empty string."""
        if self.kind not in ("name", "sign") or self.token not in tokens:
            return ""
        taken = self.token
        self.next()
        return taken

    def need(self, token: str) -> None:
        if not self.take(token):
            raise self.wrong(repr(token))

    def deeper(self, depth: int) -> int:
        if depth >= _DEEPEST:
            raise InputError(f"the condition is nested more than {_DEEPEST} deep")
        return depth + 1

    def either(self, depth: int) -> _Truth:
        parts = [self.both(depth)]
        while self.take("or"):
            parts.append(self.both(depth))
        return lambda levels: np.logical_or.reduce([part(levels) for part in parts])

    def both(self, depth: int) -> _Truth:
        parts = [self.single(depth)]
        while self.take("and"):
            parts.append(self.single(depth))
        return lambda levels: np.logical_and.reduce([part(levels) for part in parts])

    def single(self, depth: int) -> _Truth:
        depth = self.deeper(depth)
        if self.take("not"):
            inner = self.single(depth)
            return lambda levels: np.logical_not(inner(levels))
        if self.kind == "sign" and self.token == "(":
            # A bracket may open a condition or a sum: it is read as a sum first, and again if that does not fit.
            start, seen = (self.at, self.end, self.kind, self.token), len(self.outcomes)
            try:
                return self.comparison(depth)
            except InputError as as_sum:
                furthest = self.at
                (self.at, self.end, self.kind, self.token) = start
                # Each outcome that was read left a term.
                self.outcomes, self.terms = self.outcomes[:seen], self.terms[:seen]
                try:
                    self.need("(")
                    inner = self.either(depth)
                    self.need(")")
                except InputError as as_condition:
                    raise (as_condition if self.at >= furthest else as_sum) from None
                return inner
        return self.comparison(depth)

    def comparison(self, depth: int) -> _Truth:
        left = self.sum(depth)
        sign = self.take(*_COMPARISONS)
        if not sign:
            raise self.wrong("a comparison such as '>'")
        right, compare = self.sum(depth), _COMPARISONS[sign]
        return lambda levels: compare(left(levels), right(levels))

    def sum(self, depth: int) -> _Number:
        found = self.product(depth)
        while sign := self.take("+", "-"):
            found = _combined(sign, found, self.product(depth))
        return found

    def product(self, depth: int) -> _Number:
        found = self.signed(depth)
        while sign := self.take("*", "/"):
            found = _combined(sign, found, self.signed(depth))
        return found

    def signed(self, depth: int) -> _Number:
        depth = self.deeper(depth)
        if self.take("-"):
            inner = self.signed(depth)
            return lambda levels: -inner(levels)
        if self.take("("):
            inner = self.sum(depth)
            self.need(")")
            return inner
        if self.kind == "number":
            value = np.array(float(self.token))
            self.next()
            return lambda levels: value
        if function := self.take(*FUNCTIONS):
            return self.function(function, depth)
        return self.outcome("{}", lambda policy, baseline: policy)

    def function(self, name: str, depth: int) -> _Number:
        self.need("(")
        if name == "abs":
            inner = self.sum(depth)
            found: _Number = lambda levels: np.abs(inner(levels))  # noqa: E731
        elif name == "baseline":
            found = self.outcome("baseline({})", lambda policy, baseline: baseline)
        else:
            found = self.outcome("difference({})", lambda policy, baseline: policy - baseline)
        self.need(")")
        return found

    def outcome(self, written: str, of: Callable[[FloatArray, FloatArray], FloatArray]) -> _Number:
        if self.kind != "name" or self.token in _WORDS:
            raise self.wrong("an outcome")
        name = self.token
        self.next()

        def found(levels: Levels) -> FloatArray:
            return of(*levels[name])

        self.outcomes.append(name)
        self.terms.append((written.format(name), found))
        return found


def _combined(sign: str, left: _Number, right: _Number) -> _Number:
    combine = _ARITHMETIC[sign]

    def both(levels: Levels) -> FloatArray:
        with np.errstate(divide="ignore", invalid="ignore"):
            found = combine(left(levels), right(levels))
        if not np.isfinite(found).all():
            raise InputError(f"the condition's '{sign}' gives a number that is not finite in some case")
        return found

    return both
