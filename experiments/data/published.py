"""Tables as publishers give them (FRED, Bank of Japan, Ministry of Finance, e-Stat, Cabinet Office), made quarterly.

What a file holds is found out, not told: its encoding (UTF-8, UTF-16 or cp932), the character between its cells, the
mark of its decimals, where its dates stand and how they are written, which columns are known series, and the unit that
its title names.  What was understood is kept beside the figures, and what was not needed is passed over with a word.
"""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path

from itcho.agents.errors import InputError, nearest_names
from itcho.experiments.data.published_layout import (
    dates_of,
    delimiter_of,
    figure_of,
    frequency_of,
    has_decimal_commas,
    headings_of,
    plain,
    text_of,
)
from itcho.experiments.evidence.hindcast_files import COLUMNS, GDP, POSITIVE
from itcho.experiments.languages import ENGLISH, Sentence, Words
from itcho.model.input_files import csv_of, input_bytes, printable
from itcho.model.sizes import shortened
from itcho.model.start_states.units import GDP_BASE, GDP_BASES

TRN_YEN = {"trn_yen": 1.0, "bn_yen": 1e-3, "100mn_yen": 1e-4, "mn_yen": 1e-6, "thousand_yen": 1e-9, "yen": 1e-12}
"""Trillion yen in one unit of amount."""
_UNIT_WORDS = (
    (r"兆円|trillions? (of )?yen", "trn_yen"),
    (r"10億円|十億円|billions? (of )?yen", "bn_yen"),
    (r"(?<![\d十])億円|100 ?millions? (of )?yen", "100mn_yen"),
    (r"百万円|(?<!100 )millions? (of )?yen", "mn_yen"),
    (r"千円|thousands? (of )?yen", "thousand_yen"),
)
RULES = {
    "mean": "mean of the quarter",
    "sum": "sum of the quarter",
    "growth": "mean of the quarter against the same quarter a year before, percent",
}
_ADJUSTED = re.compile(r"季節調整|seasonally.?adjusted|annual rate|年率|JPNNGDP", re.IGNORECASE)


@dataclass(frozen=True)
class KnownSeries:
    """How a publisher's series becomes a column.

    Attributes
    ----------
    pattern : what its heading holds, a regular expression.
    column : as in the table of quarters.
    rule : one of ``RULES``.
    unit : of its figures unless the file says otherwise; empty if there is nothing to convert.
    publisher : who publishes it.
    """

    pattern: str
    column: str
    rule: str
    unit: str
    publisher: str


@dataclass(frozen=True)
class Understood:
    """One series as it was read.

    Attributes
    ----------
    file, sha256 : where it comes from.
    heading, column, publisher : the publisher's name of it, ours, and whose it is.
    frequency : daily, monthly or quarterly.
    rule : how quarters were made.
    unit : of the file's figures; empty if nothing was converted.
    encoding : of the file.
    first, last : quarters that it gives.
    figures : read from the file.
    base : year of prices of gross domestic product, if it is that.
    """

    file: str
    sha256: str
    heading: str
    column: str
    publisher: str
    frequency: str
    rule: str
    unit: str
    encoding: str
    first: str
    last: str
    figures: int
    base: int | None = None

    def sentence(self, say: Words = ENGLISH) -> str:
        """What was understood, in words."""
        unit = say(", given in {unit}", unit=say(self.unit.replace("_", " "))) if self.unit in TRN_YEN else ""
        base = say(", prices of {year}", year=self.base) if self.base else ""
        return say(
            "{file}: '{heading}' is {column} ({publisher}): {count} {frequency} figures{unit}{base}, {rule}, {first} "
            "to {last}",
            file=self.file,
            heading=self.heading,
            column=self.column,
            publisher=say(self.publisher),
            count=self.figures,
            frequency=say(self.frequency),
            unit=unit,
            base=base,
            rule=say(RULES[self.rule]),
            first=self.first,
            last=self.last,
        )


@dataclass
class Actuals:
    """Quarterly figures of several files.

    Attributes
    ----------
    quarters : by column, by the first day of the quarter.
    understood : one entry a series.
    passed_over : what was not needed, in sentences.
    """

    quarters: dict[str, dict[datetime.date, float]] = field(default_factory=dict)
    understood: list[Understood] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)

    def table(self) -> str:
        """The table of quarters that `itcho validate --hindcast --actuals` reads, as CSV."""
        columns = [column for column in COLUMNS if column in self.quarters]
        base = next((one.base for one in self.understood if one.column == GDP), None)
        header = [*columns, *([GDP_BASE] if GDP in columns else [])]
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["date", *header])
        for quarter in sorted({quarter for column in columns for quarter in self.quarters[column]}):
            cells = {column: self.quarters[column].get(quarter) for column in columns}
            row = ["" if (value := cells[column]) is None else f"{value:.10g}" for column in columns]
            extra = [str(base) if cells[GDP] is not None else ""] if GDP in columns else []
            writer.writerow([quarter.isoformat(), *row, *extra])
        return out.getvalue()


@cache
def known_series() -> tuple[KnownSeries, ...]:
    """The series that are recognised, in the order in which they are tried."""
    text = (files("itcho.experiments") / "data" / "published_series.csv").read_text(encoding="utf-8")
    return tuple(KnownSeries(**row) for row in csv.DictReader(io.StringIO(text)))


def read_actuals(paths: Sequence[Path], chosen: Mapping[str, str], gdp_base: int | None = None) -> Actuals:
    """Read published files and make one table of quarters of them.

    Parameters
    ----------
    paths : the files.
    chosen : heading of the series to take for a column, where it is not recognised or not the one that is meant.
    gdp_base : year of prices of gross domestic product, where its file does not say so.

    Raises
    ------
    InputError : all that cannot be understood, each with its file and what would be right.
    """
    mistakes = [
        f"--column {column}={heading}: column {column} is unknown{nearest_names(column, COLUMNS)}; columns are "
        f"{', '.join(COLUMNS)}"
        for column, heading in chosen.items()
        if column not in COLUMNS
    ]
    if gdp_base is not None and gdp_base not in GDP_BASES:
        mistakes.append(f"--gdp-base is {gdp_base}; known are {' and '.join(map(str, GDP_BASES))}")
    found, asked = Actuals(), set(chosen)
    for path in paths:
        try:
            taken = _read(path, chosen, gdp_base, found)
        except InputError as error:
            mistakes += error.messages
        else:
            asked -= taken
    mistakes += [
        f"--column {column}={chosen[column]}: no file has a series of this heading"
        for column in sorted(asked & set(COLUMNS))
        if not mistakes
    ]
    if mistakes:
        raise InputError(mistakes)
    return found


@dataclass
class _File:
    """One published file: what all its columns share, and what came of them.

    Attributes
    ----------
    name : as messages have it; ``file`` as the provenance has it.
    titles : texts above the headings.
    other_rows : what rows are of (days, months or quarters) that were left out, as most are of something else.
    mine : by column, the heading that it was taken from.
    left : headings that are not needed.
    unread : cells without a figure.
    """

    name: str
    path: Path
    content: bytes
    encoding: str
    rows: list[list[str]]
    days: dict[int, datetime.date]
    titles: list[str]
    comma: bool
    frequency: str
    gdp_base: int | None
    other_rows: dict[int, str]
    mine: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    unread: int = 0
    mistakes: list[str] = field(default_factory=list)

    def figures(self, place: int, heading: str) -> dict[datetime.date, float]:
        """The figures of a column by day."""
        found: dict[datetime.date, float] = {}
        for row_place, day in self.days.items():
            cell = self.rows[row_place][place] if place < len(self.rows[row_place]) else ""
            value = figure_of(cell, comma=self.comma)
            if value is None:
                wrong = f"{heading} is {shortened(cell)}, which is no number"
                self.mistakes.append(f"{self.name}, line {row_place + 1}: {wrong}")
            elif math.isfinite(value):
                found[day] = value
            else:
                self.unread += 1
        if not found:
            self.mistakes.append(f"{self.name}: '{heading}' has no figures")
        return found

    def take(self, place: int, heading: str, series: KnownSeries, found: Actuals) -> None:
        """Add a column to what was found, or note what is wrong with it."""
        figures = self.figures(place, heading)
        if not figures:
            return
        unit = _unit(heading, self.titles, series.unit)
        base = _base(heading, self.titles, self.gdp_base) if series.column == GDP else None
        if series.column == GDP:
            self.mistakes += _wrong_gdp(self.name, heading, self.titles, base, self.frequency)
        quarters = _by_quarter(figures, self.frequency, series.rule)
        if unit in TRN_YEN:
            quarters = {quarter: value * TRN_YEN[unit] for quarter, value in quarters.items()}
        if not quarters:
            self.mistakes.append(f"{self.name}: '{heading}' covers no whole quarter")
            return
        if series.column in POSITIVE and (least := min(quarters.values())) <= 0.0:
            self.mistakes.append(f"{self.name}: '{heading}' is {series.column}, which is above 0, and holds {least:g}")
        self.mine[series.column] = f"'{heading}'"
        found.quarters[series.column] = quarters
        found.understood.append(
            Understood(
                file=self.path.name,
                sha256=hashlib.sha256(self.content).hexdigest(),
                heading=heading,
                column=series.column,
                publisher=series.publisher,
                frequency=self.frequency,
                rule=series.rule,
                unit=unit,
                encoding=self.encoding,
                first=quarter_name(min(quarters)),
                last=quarter_name(max(quarters)),
                figures=len(figures),
                base=base,
            )
        )

    def passed_over(self) -> list[str]:
        """What was not needed, in sentences."""
        told, dated = [], self.days.keys() | self.other_rows.keys()
        if self.left:
            shown = ", ".join(self.left[:5]) + (", …" if len(self.left) > 5 else "")
            told.append(Sentence("{count} columns that are not needed ({names})", count=len(self.left), names=shown))
        after = [place for place in range(min(dated), len(self.rows)) if place not in dated]
        if undated := sum(any(map(plain, self.rows[place])) for place in after):
            told.append(Sentence("{count} rows without a date", count=undated))
        for spell, count in sorted(Counter(self.other_rows.values()).items()):
            told.append(Sentence(f"{{count}} rows of {spell} among the others", count=count))
        if self.unread:
            told.append(Sentence("{count} cells without a figure", count=self.unread))
        return [Sentence("{file}: {what}", file=self.path.name, what=sentence) for sentence in told]


def _opened(path: Path, gdp_base: int | None) -> tuple[_File, int, list[str]]:
    """A file with its layout found out, the place of its dates, and its headings."""
    name, content = printable(path), input_bytes(path, "file")
    text, encoding = text_of(content, name)
    delimiter = delimiter_of(text)
    rows = csv_of(text, name, delimiter)
    place, days, others = dates_of(rows, name)
    first = min(days.keys() | others.keys())
    titles = [" ".join(filter(None, map(plain, row))) for row in rows[:first]]
    comma = has_decimal_commas(rows, days, place, delimiter)
    frequency = frequency_of(sorted(days.values()), name)
    file = _File(name, path, content, encoding, rows, days, titles, comma, frequency, gdp_base, others)
    return file, place, headings_of(rows[:first], len(rows[first]), path.stem)


def _read(path: Path, chosen: Mapping[str, str], gdp_base: int | None, found: Actuals) -> set[str]:
    """Add the series of one file; returns the columns that were chosen by heading."""
    file, dates, headings = _opened(path, gdp_base)
    for place, heading in enumerate(headings):
        series = None if place == dates else _series_of(heading, path.stem, chosen)
        if series is None:
            if heading and place != dates:
                file.left.append(heading)
        elif series.column in file.mine or (series.column in found.quarters and series.column not in chosen):
            other = file.mine.get(series.column, "an earlier file")
            file.mistakes.append(
                f"{file.name}: '{heading}' and {other} are both {series.column}; choose with --column "
                f"{series.column}=HEADING"
            )
        else:
            file.take(place, heading, series, found)
    if not file.mine and not file.mistakes:
        some = ", ".join(f"'{heading}'" for heading in file.left[:8])
        file.mistakes.append(
            f"{file.name}: no series is recognised; its columns are {some}; choose with --column NAME=HEADING"
        )
    if file.mistakes:
        raise InputError(file.mistakes)
    found.passed_over += file.passed_over()
    return file.mine.keys() & chosen.keys()


def _series_of(heading: str, stem: str, chosen: Mapping[str, str]) -> KnownSeries | None:
    """What a heading is, by the user's choice first."""
    for column, wanted in chosen.items():
        if plain(wanted) in (heading, *heading.split(" / ")):
            known = next((series for series in known_series() if series.column == column), None)
            recognised = _recognised(heading, stem)
            if recognised is not None and recognised.column == column:
                return recognised
            unit = known.unit if known is not None and known.unit in TRN_YEN else ""
            rule = "sum" if column == "chip_imports_trn_yen" else "mean"
            return KnownSeries("", column, rule, unit, "chosen by the user")
    found = _recognised(heading, stem)
    return None if found is None or found.column in chosen else found


def _recognised(heading: str, stem: str) -> KnownSeries | None:
    # FRED gives a series the heading VALUE where it was fetched by an older address; its code is then the file's name.
    names = (*heading.split(" / "), heading) if heading.upper() not in ("VALUE", stem.upper()) else (stem,)
    for series in known_series():
        if any(re.search(series.pattern, name) for name in names if name):
            return series
    return None


_EDGE_DAYS = 10
"""Days of a quarter that daily figures may lack at an end of the file: holidays."""


def _by_quarter(figures: Mapping[datetime.date, float], frequency: str, rule: str) -> dict[datetime.date, float]:
    """Figures by the first day of their quarter; a quarter needs all of its months, daily ones to its ends."""
    members: dict[datetime.date, list[tuple[int, float]]] = {}
    for day, value in figures.items():
        members.setdefault(_quarter_of(day), []).append((day.month, value))
    months = 1 if frequency == "quarterly" else 3
    whole = {
        quarter: [value for _, value in values]
        for quarter, values in members.items()
        if len({month for month, _ in values}) >= months
    }
    if frequency == "daily":
        # A file that begins or ends within a quarter has a part of it.
        opened, closed = min(figures), max(figures)
        if (opened - (first := _quarter_of(opened))).days > _EDGE_DAYS:
            whole.pop(first, None)
        if _quarter_of(closed + datetime.timedelta(_EDGE_DAYS + 1)) == (last := _quarter_of(closed)):
            whole.pop(last, None)
    if rule == "sum":
        return {quarter: math.fsum(values) for quarter, values in whole.items()}
    means = {quarter: math.fsum(values) / len(values) for quarter, values in whole.items()}
    if rule == "mean":
        return means
    before = {quarter: means.get(quarter.replace(year=quarter.year - 1)) for quarter in means}
    return {quarter: 100.0 * (value / old - 1.0) for quarter, value in means.items() if (old := before[quarter])}


def _quarter_of(day: datetime.date) -> datetime.date:
    return datetime.date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def quarter_name(day: datetime.date) -> str:
    """Such as 2024Q2."""
    return f"{day.year}Q{(day.month + 2) // 3}"


def _unit(heading: str, titles: Iterable[str], usual: str) -> str:
    """The unit of amount that the heading or a title names, or the usual one."""
    if usual not in TRN_YEN:
        return usual
    for text in (heading, *titles):
        for pattern, unit in _UNIT_WORDS:
            if re.search(pattern, text, re.IGNORECASE):
                return unit
    return usual


def _base(heading: str, titles: Iterable[str], given: int | None) -> int | None:
    if given is not None:
        return given
    for text in (heading, *titles):
        for base in GDP_BASES:
            if re.search(
                rf"{base}(年)? ?(基準|暦年|base|prices|=100)|(benchmark|base) (year )?(of )?{base}", text, re.IGNORECASE
            ):
                return base
    return None


def _wrong_gdp(name: str, heading: str, titles: Sequence[str], base: int | None, frequency: str) -> list[str]:
    mistakes = []
    if base is None:
        known = " or ".join(map(str, GDP_BASES))
        mistakes.append(f"{name}: '{heading}' does not say its base; give --gdp-base {known}")
    if not any(_ADJUSTED.search(text) for text in (heading, *titles, name)):
        mistakes.append(
            f"{name}: '{heading}' does not say that it is seasonally adjusted at an annual rate, as the model's is; "
            "give that series"
        )
    if frequency != "quarterly":
        mistakes.append(f"{name}: '{heading}' is {frequency}; gross domestic product is quarterly")
    return mistakes
