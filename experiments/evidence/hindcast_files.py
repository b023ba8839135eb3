"""Quarterly figures that a user brings to a hindcast: what happened, and the history before it.

A file is a table with a header: ``date`` (first day of a quarter) and any of :data:`COLUMNS`.  Rates, prices and the
exchange rate are means of the quarter, chip imports its sum, gross domestic product at a yearly rate.  An empty cell
means that the figure is not known.  Beside gross domestic product a column ``gdp_base_year`` names its base, one in a
file.  ``hindcast_units`` holds the figures against the start state.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from itcho.agents.errors import InputError, nearest_names
from itcho.model.clock import Month
from itcho.model.input_files import csv_of, input_text, printable
from itcho.model.sizes import shortened
from itcho.model.start_states.units import BASES_DIFFER, GDP_BASE, GDP_BASES

FloatArray = NDArray[np.float64]

SCORED = (
    "usdjpy",
    "jgb_10y_pct",
    "policy_rate_pct",
    "cpi_yoy_pct",
    "nominal_gdp_trn_yen",
    "chip_imports_trn_yen",
)
"""Columns that the model answers."""
US_RATE = "us_policy_rate_pct"
"""The column that the world outside Japan follows; it is given to the model and not scored."""
COLUMNS = (*SCORED, US_RATE)
POSITIVE = frozenset({"usdjpy", "nominal_gdp_trn_yen", "chip_imports_trn_yen"})
GDP = "nominal_gdp_trn_yen"
QUARTER_STARTS = "01-01, 04-01, 07-01 or 10-01"


@dataclass(frozen=True)
class QuarterlyFigures:
    """Figures by quarter.

    Attributes
    ----------
    quarters : first months, in order, none twice.
    columns : by name, (quarters,), NaN where nothing is known; only columns that the file has.
    gdp_base_year : base of the gross domestic product among them, if there is any.
    """

    quarters: tuple[Month, ...]
    columns: dict[str, FloatArray]
    gdp_base_year: int | None = None

    def where(self, kept: Sequence[bool]) -> QuarterlyFigures:
        """The quarters for which ``kept`` is true."""
        mask = np.array(kept, dtype=np.bool_)
        chosen = tuple(quarter for quarter, keep in zip(self.quarters, kept, strict=True) if keep)
        columns = {name: values[mask] for name, values in self.columns.items()}
        return QuarterlyFigures(chosen, columns, self.gdp_base_year)


def read_quarterly(path: Path) -> QuarterlyFigures:
    """Read a file of quarterly figures.

    Raises
    ------
    InputError : listing every mistake of the file with its line.
    """
    return parse_quarterly(input_text(path, "table of quarters"), printable(path))


def parse_quarterly(text: str, name: str) -> QuarterlyFigures:
    """The figures in the text of a file; ``name`` is how messages call it.

    Raises
    ------
    InputError : listing every mistake of the text with its line.
    """
    lines = csv_of(text, name)
    if not lines or not any(cell.strip() for cell in lines[0]):
        raise InputError([f"{name}: is empty; the first line must be a header such as date,usdjpy"])
    header = [cell.strip() for cell in lines[0]]
    mistakes = _header_mistakes(header, name)
    rows: dict[Month, dict[str, float]] = {}
    first_line: dict[Month, int] = {}
    bases: dict[int, int] = {}
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        where = f"{name}, line {number}"
        if len(cells) != len(header):
            mistakes.append(f"{where}: has {len(cells)} cells, the header has {len(header)}")
            continue
        cell_of = {column: cell.strip() for column, cell in zip(header, cells, strict=True)}
        quarter = _quarter(cell_of["date"], where, mistakes) if "date" in cell_of else None
        values = {
            column: _number(cell, column, where, mistakes) for column, cell in cell_of.items() if column in COLUMNS
        }
        if math.isfinite(values.get(GDP, math.nan)):
            _note_base(cell_of.get(GDP_BASE), where, number, bases, mistakes)
        if quarter is None:
            continue
        if quarter in rows:
            mistakes.append(f"{where}: date {cell_of['date']} is already in line {first_line[quarter]}")
            continue
        rows[quarter], first_line[quarter] = values, number
    if not rows and not mistakes:
        mistakes.append(f"{name}: has a header and no quarters")
    if len(bases) > 1:
        told = ", ".join(f"{base} from line {line}" for base, line in bases.items())
        mistakes.append(f"{name}: {GDP} has mixed bases ({told}): give one; {BASES_DIFFER}")
    if mistakes:
        raise InputError(mistakes)
    quarters = tuple(sorted(rows))
    known = [column for column in COLUMNS if column in header]
    columns = {column: np.array([rows[quarter][column] for quarter in quarters]) for column in known}
    return QuarterlyFigures(quarters, columns, next(iter(bases), None))


def _note_base(cell: str | None, where: str, line: int, bases: dict[int, int], mistakes: list[str]) -> None:
    """Note the base of a figure of gross domestic product, by the line that first names it."""
    if cell is None:
        return
    if cell not in map(str, GDP_BASES):
        said = f"{GDP_BASE} = '{cell}'" if cell else f"{GDP_BASE} is missing"
        mistakes.append(f"{where}: {said}; {GDP} is on base {' or '.join(map(str, GDP_BASES))}")
        return
    bases.setdefault(int(cell), line)


def _header_mistakes(header: list[str], name: str) -> list[str]:
    known = ("date", *COLUMNS, GDP_BASE)
    mistakes = []
    if GDP in header and GDP_BASE not in header:
        mistakes.append(
            f"{name}: {GDP} needs a column {GDP_BASE} that says {' or '.join(map(str, GDP_BASES))}: {BASES_DIFFER}"
        )
    if "date" not in header:
        mistakes.append(f"{name}: has no column date")
    for column in dict.fromkeys(header):
        if column not in known:
            near = nearest_names(column, known)
            mistakes.append(f"{name}: column {shortened(column)} is unknown{near}; columns are {', '.join(known)}")
        if header.count(column) > 1:
            mistakes.append(f"{name}: column {shortened(column)} is there {header.count(column)} times")
    if not set(header) & set(COLUMNS):
        mistakes.append(f"{name}: has no figures; give at least one of {', '.join(COLUMNS)}")
    return mistakes


def _quarter(text: str, where: str, mistakes: list[str]) -> Month | None:
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        mistakes.append(
            f"{where}: date {shortened(text)} is not a date; write the first day of a quarter as 2024-04-01"
        )
        return None
    if day.day != 1 or day.month not in (1, 4, 7, 10):
        mistakes.append(f"{where}: date {text} is not the first day of a quarter ({QUARTER_STARTS})")
        return None
    return Month.of(day)


def _number(text: str, column: str, where: str, mistakes: list[str]) -> float:
    if not text:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        mistakes.append(
            f"{where}: {column} = {shortened(text)} is not a number; leave the cell empty if it is not known"
        )
    elif column in POSITIVE and value <= 0.0:
        mistakes.append(f"{where}: {column} = {text} must be above 0")
    return value
