"""The one door to a folder of history: only what a date has behind it comes through.

Start states and forecasts for a past date read their figures here and nowhere else, so that nothing later can reach
them.  The folder holds these tables (comma-separated, UTF-8; more columns may follow):

- ``quarterly_long.csv``: series, date, value, unit, source, vintage, base, first_published.  A row passes if its
  quarter (``date`` is its first day) has ended.
- ``annual_march_stocks.csv``: date, level, sector, instrument, value_trn_yen, basis, source, note.  Passes if ``date``
  is not later.
- ``annual_flows.csv``: year, period_end, flow, sector, value, unit, basis, source, note.  Passes if ``period_end`` is
  not later.
- ``dated_constants.csv``: origin, name, value, low, high, unit, basis, vintage, source, note.  Passes if ``origin`` is
  the date itself.
- ``policy_events.csv``: announced, effective, event, value, unit, source.  Passes if ``announced`` is not later.
- ``weo_vintages.csv`` (may be missing): vintage, area, concept, year, value.  Passes if the month has ended.

A row whose name holds ``later_vintage`` was not known at its date and never passes.  The figures are those of the last
revision: what passes is what had *happened* by the date, not what had been published.  The quarter that ends on the
date itself is there; its prices were known that day, its national accounts came out some weeks later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from itcho.agents.errors import InputError

LATER_VINTAGE = "later_vintage"
"""A row with this in its name holds what was found out after its date."""


@dataclass(frozen=True)
class _Table:
    """How one file is laid out.

    Attributes
    ----------
    file : its name in the folder.
    columns : those it must have, in the order in which they are handed on.
    key : columns that tell one row from another.
    name : the column whose text tells whether a row was found out later.
    day : the column with the date that decides.
    last_day : from that column, the day from which on the row may pass (its last day).
    numbers : columns of numbers; the first must be a number in every row unless ``may_be_empty``.
    may_be_empty : numbers may be left out (a constant that was not known, an event without a size).
    may_be_missing : the folder may lack the file.
    """

    file: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    name: str
    day: str
    last_day: Callable[[pd.Series], pd.Series]
    numbers: tuple[str, ...]
    may_be_empty: bool = False
    may_be_missing: bool = False


def _same_day(days: pd.Series) -> pd.Series:
    return pd.to_datetime(days, format="%Y-%m-%d", errors="coerce")


def _end_of_quarter(days: pd.Series) -> pd.Series:
    return _same_day(days) + pd.offsets.QuarterEnd(0)


def _end_of_month(months: pd.Series) -> pd.Series:
    return pd.to_datetime(months, format="%Y-%m", errors="coerce") + pd.offsets.MonthEnd(0)


_SOURCE = ("basis", "source", "note")
TABLES: Mapping[str, _Table] = MappingProxyType(
    {
        "quarterly": _Table(
            "quarterly_long.csv",
            ("series", "date", "value", "unit", "source", "vintage", "base", "first_published"),
            ("series", "date"),
            "series",
            "date",
            _end_of_quarter,
            ("value",),
        ),
        "stocks": _Table(
            "annual_march_stocks.csv",
            ("date", "level", "sector", "instrument", "value_trn_yen", *_SOURCE),
            ("date", "level", "sector", "instrument"),
            "instrument",
            "date",
            _same_day,
            ("value_trn_yen",),
        ),
        "flows": _Table(
            "annual_flows.csv",
            ("year", "period_end", "flow", "sector", "value", "unit", *_SOURCE),
            ("year", "period_end", "flow", "sector"),
            "flow",
            "period_end",
            _same_day,
            ("value",),
        ),
        "constants": _Table(
            "dated_constants.csv",
            ("origin", "name", "value", "low", "high", "unit", "basis", "vintage", "source", "note"),
            ("origin", "name"),
            "name",
            "origin",
            _same_day,
            ("value", "low", "high"),
            may_be_empty=True,
        ),
        "events": _Table(
            "policy_events.csv",
            ("announced", "effective", "event", "value", "unit", "source"),
            ("announced", "effective", "event"),
            "event",
            "announced",
            _same_day,
            ("value",),
            may_be_empty=True,
        ),
        "outlooks": _Table(
            "weo_vintages.csv",
            ("vintage", "area", "concept", "year", "value"),
            ("vintage", "area", "concept", "year"),
            "concept",
            "vintage",
            _end_of_month,
            ("value",),
            may_be_missing=True,
        ),
    }
)
"""The tables by the name that :class:`OriginData` gives them."""


@dataclass(frozen=True)
class OriginData:
    """What a folder of history holds up to a date.

    Dates stay text as the files have them (``2013-03-31``); numbers are floats, ``NaN`` where a table may be empty;
    all other cells are text, empty where the file has nothing.  Rows keep the order of the file.

    Attributes
    ----------
    origin : the date.
    quarterly : one row for each series and quarter; columns as in ``quarterly_long.csv``.
    stocks : balance sheets of every 31 March up to the date, trillion yen.
    flows : flows of years that have ended.
    constants : what could be known at the date itself, with low and high where there is a range.
    events : what had been announced.
    outlooks : editions of the IMF World Economic Outlook that had come out; no rows if the folder has none.
    hashes : by file, the SHA-256 of the rows that passed; what comes after the date changes none of them.
    """

    origin: date
    quarterly: pd.DataFrame
    stocks: pd.DataFrame
    flows: pd.DataFrame
    constants: pd.DataFrame
    events: pd.DataFrame
    outlooks: pd.DataFrame
    hashes: Mapping[str, str]

    def series(self, name: str) -> pd.Series:
        """One quarterly series up to the date, indexed by quarter (``PeriodIndex``).

        Raises
        ------
        InputError : there is no such series up to the date.
        """
        rows = self.quarterly[self.quarterly["series"] == name]
        if rows.empty:
            raise InputError(f"quarterly_long.csv has no series {name!r} up to {self.origin}")
        quarters = pd.PeriodIndex(pd.to_datetime(rows["date"]), freq="Q")
        return pd.Series(rows["value"].to_numpy(), index=quarters, name=name).sort_index()


def origin_data(folder: Path, origin: date) -> OriginData:
    """Read a folder of history up to a date.

    Parameters
    ----------
    folder : holds the tables that this module's text names.
    origin : a 31 March that the folder has constants and balance sheets for.

    Raises
    ------
    InputError : all mistakes at once: a table or a column that is missing, a date or a number that cannot be read, a
        row that stands twice, a date that the folder has no figures for.  What comes after ``origin`` is not looked at.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder of history")
    mistakes: list[str] = []
    frames = {name: _read(folder / table.file, table, origin, mistakes) for name, table in TABLES.items()}
    if not mistakes:
        mistakes += _nothing_at(origin, frames, folder)
    if mistakes:
        raise InputError(mistakes)
    hashes = {TABLES[name].file: _hash(frame) for name, frame in frames.items()}
    return OriginData(origin=origin, **frames, hashes=MappingProxyType(hashes))


def _read(path: Path, table: _Table, origin: date, mistakes: list[str]) -> pd.DataFrame:
    """The rows of a file that pass the door, in its order."""
    nothing = pd.DataFrame({name: pd.Series(dtype=float if name in table.numbers else str) for name in table.columns})
    if not path.is_file():
        if not table.may_be_missing:
            mistakes.append(f"{path}: no such file; it should have the columns {', '.join(table.columns)}")
        return nothing
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        mistakes.append(f"{path}: not a table of comma-separated values: {error}")
        return nothing
    missing = [name for name in table.columns if name not in frame.columns]
    if missing:
        mistakes.append(f"{path}: columns are missing: {', '.join(missing)}; it has {', '.join(frame.columns)}")
        return nothing
    days = table.last_day(frame[table.day])
    mistakes += [
        f"{path}, line {int(line) + 2}: {table.day} {frame[table.day].iloc[line]!r} is not a date such as "
        f"{_EXAMPLES[table.day]}"
        for line in np.flatnonzero(days.isna())[:_MISTAKES_SHOWN]
    ]
    known = ~frame[table.name].str.contains(LATER_VINTAGE, regex=False)
    reached = days <= pd.Timestamp(origin) if table.day != "origin" else days == pd.Timestamp(origin)
    passed = frame.loc[known & reached, list(table.columns)]
    mistakes += [
        f"{path}, line {int(str(line)) + 2}: stands twice: {', '.join(passed.loc[line, list(table.key)])}"
        for line in passed.index[passed.duplicated(list(table.key))]
    ][:_MISTAKES_SHOWN]
    for name in table.numbers:
        passed = passed.assign(**{name: _numbers(path, passed[name], table, mistakes)})
    return passed.reset_index(drop=True)


_EXAMPLES = dict.fromkeys(("date", "period_end", "origin", "announced"), "2013-03-31") | {"vintage": "2013-04"}
_MISTAKES_SHOWN = 5
"""Mistakes of one kind in one file: a file in another form would list every line."""


def _numbers(path: Path, texts: pd.Series, table: _Table, mistakes: list[str]) -> pd.Series:
    """A column as floats to the last bit; an empty cell is NaN where the table allows it."""
    values, wrong = [], []
    for line, text in texts.items():
        try:
            value = float(text) if text else float("nan")
        except ValueError:
            value = float("inf")
        if value in (float("inf"), float("-inf")) or (value != value and (text or not table.may_be_empty)):
            wrong.append(f"{path}, line {int(str(line)) + 2}: {texts.name} {text!r} is not a finite number")
        values.append(value)
    mistakes += wrong[:_MISTAKES_SHOWN]
    return pd.Series(values, index=texts.index, dtype=float)


def _nothing_at(origin: date, frames: Mapping[str, pd.DataFrame], folder: Path) -> list[str]:
    """What says that the folder has nothing for this date."""
    there = set(frames["constants"]["origin"]) & set(frames["stocks"]["date"])
    if origin.isoformat() in there:
        return []
    known = [
        pd.read_csv(folder / TABLES[name].file, dtype=str, usecols=[column])[column]
        for name, column in (("constants", "origin"), ("stocks", "date"))
    ]
    both = sorted(set(known[0]) & set(known[1]))
    return [
        f"{folder} has no balance sheets and constants for {origin}; it has them for: {', '.join(both) or 'no date'}"
    ]


def _hash(frame: pd.DataFrame) -> str:
    """SHA-256 of a table's rows; numbers by their shortest text that reads back to the same bits."""
    return hashlib.sha256(frame.to_csv(index=False, lineterminator="\n").encode()).hexdigest()
