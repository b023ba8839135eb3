"""The numbers that mechanisms use, each with its unit, bounds and source.

Every ``*.csv`` file of this package is one topic, with the columns ``name, value, unit, low, high, known, source,
note``.  All tables are checked at once when they are first read.  Mechanisms receive a :class:`Parameters` and read
plain floats from it by attribute.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from itcho.agents.errors import InputError, nearest_names, require_mapping

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("name", "value", "unit", "low", "high", "known", "source", "note")
KNOWN = ("read", "computed", "memory", "judgement", "calibrated")
"""How well a value is known: read in a source, computed from it, remembered, judged, or fitted to data by us."""

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


class UnknownName(InputError):  # noqa: N818
    """A parameter that does not exist was asked for."""


class OutOfBounds(InputError):  # noqa: N818
    """A parameter was given a value outside its bounds, or one that is not a number."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number and what is known about it.

    Attributes
    ----------
    name : snake_case, with its unit where there is one.
    value, low, high : the default and the bounds that a user may choose from, in ``unit``.
    unit : in words, such as ``pct`` or ``share``.
    known : one of :data:`KNOWN`.
    source : the publisher or paper; for a judgement, what it leans on.
    note : anything a user should know.
    """

    name: str
    value: float
    unit: str
    low: float
    high: float
    known: str
    source: str
    note: str = ""


def read_tables(tables: Iterable[tuple[str, str]]) -> dict[str, Parameter]:
    """Read parameter tables and check them together.

    Parameters
    ----------
    tables : pairs of (file name, text of the file).

    Returns
    -------
    Parameters by name, in the order of the tables.

    Raises
    ------
    InputError
        listing all mistakes of all tables: columns, numbers, bounds, ``known``, unit, source, names given twice.
    """
    found: dict[str, Parameter] = {}
    first_seen: dict[str, str] = {}
    mistakes: list[str] = []
    for file, text in tables:
        reader = csv.DictReader(io.StringIO(text))
        if tuple(reader.fieldnames or ()) != COLUMNS:
            mistakes.append(f"{file}: columns are {reader.fieldnames}, not {list(COLUMNS)}")
            continue
        for row in reader:
            where = f"{file} line {reader.line_num}"
            if None in row or None in row.values():
                mistakes.append(f"{where}: needs {len(COLUMNS)} cells (quote a cell that holds a comma)")
                continue
            parameter, wrong = _checked({key: value.strip() for key, value in row.items()})
            mistakes += [f"{where}: {text}" for text in wrong]
            name = row["name"].strip()
            if name in first_seen:
                mistakes.append(f"{where}: {name} is already given in {first_seen[name]}")
            first_seen.setdefault(name, where)
            if parameter is not None:
                found.setdefault(parameter.name, parameter)
    if mistakes:
        raise InputError(mistakes)
    return found


def _checked(row: Mapping[str, str]) -> tuple[Parameter | None, list[str]]:
    """The parameter of one row of a table, or what is wrong with the row."""
    name = row["name"]
    wrong: list[str] = []
    if not _NAME.match(name):
        wrong.append(f"name {name!r} is not snake_case")
    elif hasattr(Parameters, name):
        wrong.append(f"name {name!r} is a method of Parameters; choose another")
    numbers: dict[str, float] = {}
    for column in ("value", "low", "high"):
        try:
            numbers[column] = float(row[column])
        except ValueError:
            numbers[column] = math.nan
        if not math.isfinite(numbers[column]):
            wrong.append(f"{name}: {column} {row[column]!r} is not a finite number")
    if all(map(math.isfinite, numbers.values())) and not numbers["low"] <= numbers["value"] <= numbers["high"]:
        wrong.append(f"{name}: value {row['value']} is outside [{row['low']}, {row['high']}] {row['unit']}")
    if row["known"] not in KNOWN:
        wrong.append(f"{name}: known {row['known']!r} is not one of {', '.join(KNOWN)}")
    wrong += [f"{name}: {column} is missing" for column in ("unit", "source") if not row[column]]
    if wrong:
        return None, wrong
    parameter = Parameter(
        name=name,
        value=numbers["value"],
        unit=row["unit"],
        low=numbers["low"],
        high=numbers["high"],
        source=row["source"],
        known=row["known"],
        note=row["note"],
    )
    return parameter, []


@lru_cache(maxsize=1)
def registry() -> dict[str, Parameter]:
    """All parameters of the package, by name; read once per process.  Do not change the returned dictionary.

    Raises
    ------
    InputError
        if any table of the package has a mistake; all mistakes are listed.
    """
    files = sorted(
        (file for file in resources.files("itcho.model.parameters").iterdir() if file.name.endswith(".csv")),
        key=lambda file: file.name,
    )
    return read_tables((file.name, file.read_text(encoding="utf-8")) for file in files)


class Parameters(Mapping[str, float]):
    """An immutable set of parameter values, read by attribute: ``p.jgb_issue_share_10y``.

    Also a mapping from names to floats.  ``Parameters()`` holds the defaults; :meth:`replace` makes a changed copy.

    Parameters
    ----------
    definitions : what the names mean and how far they may go; the package's own tables if left out.
    """

    _definitions: Mapping[str, Parameter]
    _given: frozenset[str]

    def __init__(self, definitions: Mapping[str, Parameter] | None = None) -> None:
        known = registry() if definitions is None else definitions
        # Values live in the instance dictionary, so that p.name costs one dictionary look-up.
        vars(self)["_definitions"] = known
        vars(self)["_given"] = frozenset()
        vars(self).update((name, parameter.value) for name, parameter in known.items())

    def __getattr__(self, name: str) -> float:
        # Reached only if the instance holds no such name.
        if name.startswith("_"):
            raise AttributeError(name)
        raise AttributeError(f"no parameter {name!r}{nearest_names(name, self._definitions)}")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"parameters are immutable; use replace({name}=...)")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("parameters are immutable")

    def __getitem__(self, name: str) -> float:
        if name not in self._definitions:
            raise KeyError(f"no parameter {name!r}{nearest_names(name, self._definitions)}")
        value: float = vars(self)[name]
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._definitions)

    def __len__(self) -> int:
        return len(self._definitions)

    def __hash__(self) -> int:
        return hash(tuple(self.items()))

    def __repr__(self) -> str:
        changed = ", ".join(f"{name}={now:g}" for name, (_, now) in self.differences().items())
        return f"Parameters({changed})"

    def __reduce__(self) -> tuple[object, ...]:
        definitions = None if self._definitions is registry() else dict(self._definitions)
        values = {name: now for name, (_, now) in self.differences().items()}
        return _restored, (definitions, values, self._given)

    def replace(self, /, **overrides: float) -> Parameters:
        """A copy with some values changed.

        Raises
        ------
        UnknownName, OutOfBounds
            if one override is wrong: the message gives the nearest names, or value, bounds and unit.
        InputError
            if several are wrong; their messages in one list.
        """
        mistakes: list[InputError] = []
        values: dict[str, float] = {}
        for name, given in overrides.items():
            definition = self._definitions.get(name)
            if definition is None:
                mistakes.append(UnknownName(f"no parameter {name!r}{nearest_names(name, self._definitions)}"))
                continue
            try:
                # A text or a truth is a slip, even where Python makes a number of it.
                value = math.nan if isinstance(given, (str, bytes, bool)) else float(given)
            except (TypeError, ValueError, OverflowError):
                value = math.nan
            # A NaN fails the comparison too.
            if not definition.low <= value <= definition.high:
                bounds = f"[{definition.low:g}, {definition.high:g}] {definition.unit}"
                mistakes.append(OutOfBounds(f"{name} = {given!r} is outside {bounds}"))
                continue
            values[name] = value
        if len(mistakes) == 1:
            raise mistakes[0]
        if mistakes:
            raise InputError([message for mistake in mistakes for message in mistake.messages])
        return self._with(values, self._given | frozenset(values))

    def replaced_by(self, overrides: object) -> Parameters:
        """As :meth:`replace`, of a dictionary as a user gives it; None is empty.

        Raises
        ------
        InputError : it is no dictionary of names, or as :meth:`replace`.
        """
        if overrides is None:
            return self
        require_mapping("parameters", overrides)
        assert isinstance(overrides, Mapping)
        return self.replace(**overrides)

    @property
    def given(self) -> frozenset[str]:
        """Names that :meth:`replace` has set, whether or not to their default; a start state changes none of them."""
        return self._given

    def with_given(self, names: Iterable[str]) -> Parameters:
        """The same values, of which ``names`` and those that differ from their default count as given."""
        return self._with({}, frozenset(names) | frozenset(self.differences()))

    def at_date(self, values: Mapping[str, float]) -> Parameters:
        """A copy with values as they stood on a date, for all names that are not :attr:`given`.

        Parameters
        ----------
        values : by name; they may lie outside the bounds, which are those of today.

        Raises
        ------
        InputError : names that do not exist, values that are no finite numbers.
        """
        mistakes = [f"no parameter {name!r}{nearest_names(name, self)}" for name in values if name not in self]
        mistakes += [f"{name} = {value!r} is not finite" for name, value in values.items() if not math.isfinite(value)]
        if mistakes:
            raise InputError(mistakes)
        dated = {name: float(value) for name, value in values.items() if name not in self._given}
        return self._with(dated, self._given)

    def _with(self, values: Mapping[str, float], given: frozenset[str]) -> Parameters:
        copy = type(self).__new__(type(self))
        vars(copy).update(vars(self))
        vars(copy).update(values)
        vars(copy)["_given"] = given
        return copy

    def definition(self, name: str) -> Parameter:
        """What the registry says of a parameter.  Raises UnknownName."""
        if name not in self._definitions:
            raise UnknownName(f"no parameter {name!r}{nearest_names(name, self._definitions)}")
        return self._definitions[name]

    def differences(self) -> dict[str, tuple[float, float]]:
        """Parameters that differ from their default, as (default, value)."""
        return {
            name: (definition.value, self[name])
            for name, definition in self._definitions.items()
            if self[name] != definition.value
        }

    def to_frame(self) -> pd.DataFrame:
        """A table with one row per parameter, indexed by name: value, default, unit, low, high, known, source, note."""
        import pandas as pd  # slow to import, and only wanted by people who look at tables

        rows = [
            {"name": name, "value": self[name], "default": d.value}
            | {key: getattr(d, key) for key in ("unit", "low", "high", "known", "source", "note")}
            for name, d in self._definitions.items()
        ]
        columns = ["name", "value", "default", "unit", "low", "high", "known", "source", "note"]
        return pd.DataFrame(rows, columns=columns).set_index("name")


def _restored(
    definitions: Mapping[str, Parameter] | None, values: Mapping[str, float], given: frozenset[str]
) -> Parameters:
    return Parameters(definitions)._with(values, given)


def seeded_draws(
    n: int,
    names: Sequence[str] | None = None,
    *,
    rng: np.random.Generator,
    base: Parameters | None = None,
) -> list[Parameters]:
    """Parameter sets drawn evenly within the bounds, for property tests and sensitivity runs.

    Parameters
    ----------
    n : how many sets.
    names : which parameters to draw; all of them if left out.  The others keep the value of ``base``.
    rng : the only source of randomness.
    base : where to start from; the defaults if left out.

    Raises
    ------
    UnknownName
        if a name does not exist.
    """
    start = Parameters() if base is None else base
    drawn = [start.definition(name) for name in (start if names is None else names)]
    low = np.array([parameter.low for parameter in drawn])
    high = np.array([parameter.high for parameter in drawn])
    table = low + (high - low) * rng.random((n, len(drawn)))
    return [
        start._with(
            {p.name: float(min(max(x, p.low), p.high)) for p, x in zip(drawn, row, strict=True)},
            start.given | frozenset(p.name for p in drawn),
        )
        for row in table
    ]
