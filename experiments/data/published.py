"""Tables as publishers give them (FRED, Bank of Japan, Ministry of Finance, e-Stat, Cabinet Office), made quarterly.

What a file holds is found out, not told: its encoding (UTF-8, UTF-16 or cp932), the character between its cells, the
mark of its decimals, where its dates stand and how they are written, which columns are known series, and the unit that
its title names.  What was understood is kept beside the figures, and what was not needed is passed over with a word.
"""

from __future__ import annotations

import calendar
import codecs
import csv
import datetime
import hashlib
import io
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

from itcho.agents.errors import InputError, nearest_names
from itcho.experiments.evidence.hindcast_files import COLUMNS, GDP, POSITIVE
from itcho.model.input_files import csv_of, input_bytes, printable
from itcho.model.sizes import shortened
from itcho.model.start_states.units import GDP_BASE, GDP_BASES

MISSING = frozenset({"", "-", "--", "－", "―", "…", "...", ".", "..", "***", "x", "X", "ND", "NA", "N/A", "n/a", "NaN"})
"""What publishers write where there is no figure."""
ERAS = {
    "M": 1867,
    "T": 1911,
    "S": 1925,
    "H": 1988,
    "R": 2018,
    "明治": 1867,
    "大正": 1911,
    "昭和": 1925,
    "平成": 1988,
    "令和": 2018,
}
"""The year before each era's first."""
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
_LEAST_DATES = 2
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

    def sentence(self) -> str:
        """What was understood, in words."""
        unit = f", given in {self.unit.replace('_', ' ')}" if self.unit in TRN_YEN else ""
        base = f", prices of {self.base}" if self.base else ""
        return (
            f"{self.file}: '{self.heading}' is {self.column} ({self.publisher}): {self.figures} {self.frequency} "
            f"figures{unit}{base}, {RULES[self.rule]}, {self.first} to {self.last}"
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


def _read(path: Path, chosen: Mapping[str, str], gdp_base: int | None, found: Actuals) -> set[str]:
    """Add the series of one file; returns the columns that were chosen by heading."""
    name = printable(path)
    content = input_bytes(path, "file")
    text, encoding = _decoded(content, name)
    delimiter = _delimiter(text)
    rows = csv_of(text, name, delimiter)
    place, days = _dates(rows, name)
    first_row = min(days)
    titles = [" ".join(filter(None, map(_plain, row))) for row in rows[:first_row]]
    headings = _headings(rows[:first_row], len(rows[first_row]), path.stem)
    comma = _decimal_comma(rows, days, place, delimiter)
    frequency = _frequency(sorted(days.values()), name)
    mistakes: list[str] = []
    taken: set[str] = set()
    mine: dict[str, str] = {}
    unread = 0
    left: list[str] = []
    for column_place, heading in enumerate(headings):
        if column_place == place:
            continue
        series = _series_of(heading, path.stem, chosen)
        if series is None:
            if heading:
                left.append(heading)
            continue
        if series.column in mine or (series.column in found.quarters and series.column not in chosen):
            other = mine.get(series.column, "an earlier file")
            mistakes.append(
                f"{name}: '{heading}' and {other} are both {series.column}; choose with --column "
                f"{series.column}=HEADING"
            )
            continue
        figures: dict[datetime.date, float] = {}
        for row_place, day in days.items():
            cell = rows[row_place][column_place] if column_place < len(rows[row_place]) else ""
            value = _number(cell, comma=comma)
            if value is None:
                mistakes.append(f"{name}, line {row_place + 1}: {heading} is {shortened(cell)}, which is no number")
            elif math.isfinite(value):
                figures[day] = value
            else:
                unread += 1
        if not figures:
            mistakes.append(f"{name}: '{heading}' has no figures")
            continue
        unit = _unit(heading, titles, series.unit)
        base = _base(heading, titles, gdp_base) if series.column == GDP else None
        if series.column == GDP:
            mistakes += _wrong_gdp(name, heading, titles, base, frequency)
        quarters = _by_quarter(figures, frequency, series.rule)
        if unit in TRN_YEN:
            quarters = {quarter: value * TRN_YEN[unit] for quarter, value in quarters.items()}
        if not quarters:
            mistakes.append(f"{name}: '{heading}' covers no whole quarter")
            continue
        if series.column in POSITIVE and min(quarters.values()) <= 0.0:
            mistakes.append(
                f"{name}: '{heading}' is {series.column}, which is above 0, and holds {min(quarters.values()):g}"
            )
        mine[series.column] = f"'{heading}'"
        if series.column in chosen:
            taken.add(series.column)
        found.quarters[series.column] = quarters
        found.understood.append(
            Understood(
                file=path.name,
                sha256=hashlib.sha256(content).hexdigest(),
                heading=heading,
                column=series.column,
                publisher=series.publisher,
                frequency=frequency,
                rule=series.rule,
                unit=unit,
                encoding=encoding,
                first=quarter_name(min(quarters)),
                last=quarter_name(max(quarters)),
                figures=len(figures),
                base=base,
            )
        )
    if not mine and not mistakes:
        some = ", ".join(f"'{heading}'" for heading in left[:8])
        mistakes.append(f"{name}: no series is recognised; its columns are {some}; choose with --column NAME=HEADING")
    if mistakes:
        raise InputError(mistakes)
    _note_what_was_passed_over(found, path.name, rows, days, left, unread)
    return taken


def _note_what_was_passed_over(
    found: Actuals,
    name: str,
    rows: Sequence[Sequence[str]],
    days: Mapping[int, datetime.date],
    left: list[str],
    unread: int,
) -> None:
    if left:
        shown = ", ".join(left[:5]) + (", …" if len(left) > 5 else "")
        found.passed_over.append(f"{name}: {len(left)} columns that are not needed ({shown})")
    after = sum(1 for place in range(min(days), len(rows)) if place not in days and any(map(_plain, rows[place])))
    if after:
        found.passed_over.append(f"{name}: {after} rows without a date")
    if unread:
        found.passed_over.append(f"{name}: {unread} cells without a figure")


def _decoded(content: bytes, name: str) -> tuple[str, str]:
    """The text and its encoding: a mark decides, else UTF-8 if it is that, else cp932."""
    for mark, encoding in (
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
        (codecs.BOM_UTF8, "utf-8-sig"),
    ):
        if content.startswith(mark):
            try:
                return content.decode(encoding), encoding
            except UnicodeDecodeError:
                raise InputError(f"{name} begins as {encoding} and is not") from None
    if b"\0" in content:
        raise InputError(f"{name} holds zero bytes: it is no table of text (save a workbook as CSV first)")
    for encoding in ("utf-8", "cp932"):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise InputError(f"{name} is neither UTF-8, UTF-16 nor cp932 (Shift_JIS) text")


def _delimiter(text: str) -> str:
    """The character that stands in most lines, and as often in most of them."""
    lines = [line for line in text.splitlines()[:200] if line.strip()]
    # A semicolon or a tabulator between cells leaves commas free for decimals, so these are asked first.
    for candidate in ("\t", ";"):
        if sum(candidate in line for line in lines) > len(lines) / 2:
            return candidate
    return ","


def _plain(cell: str) -> str:
    """A cell without the blanks around it, full-width characters made narrow."""
    return unicodedata.normalize("NFKC", cell).strip().strip("\u3000'")


_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]00:00(?::00)?)?")
_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})|(\d{4})(\d{2})")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_QUARTER = re.compile(r"(\d{4})[ -]?Q([1-4])|Q([1-4])[ -](\d{4})")
_ERA = re.compile(r"([MTSHR]|明治|大正|昭和|平成|令和) ?(\d{1,2}|元)[./年-] ?(\d{1,2})(?:[./月-] ?(?:(\d{1,2})日?)?)?")
_JAPANESE = re.compile(r"(\d{4})年 ?(\d{1,2})月(?: ?(\d{1,2})日)?")
_JAPANESE_QUARTER = re.compile(r"(\d{4})年 ?(\d{1,2})[~-〜] ?(\d{1,2})月(?:期)?|(\d{4})年 ?第?([1-4])四半期")
_ESTAT = re.compile(r"(\d{4})00(\d{2})(\d{2})")
_ESRI = re.compile(r"(?:(\d{4})/ ?)?(\d{1,2})- ?(\d{1,2})\.?")
_ENGLISH = re.compile(r"([A-Z][a-z]{2})[a-z]*\.?[ -](\d{4})")
_ENGLISH_MONTHS = {name: number for number, name in enumerate(calendar.month_abbr) if name}


def published_day(cell: str, year_before: int | None = None) -> datetime.date | None:
    """The day that a cell names: the first of its month or quarter if it names that; None if it is no date.

    Parameters
    ----------
    cell : such as 2024-04-01, 2024/4/1, 202404, 2024Q2, R6.4.1, 令和6年4月, 2024年4月, 2024000404, 2024/ 4- 6. or
        Apr 2024.
    year_before : the year of the row above, where a row names months alone, such as " 7- 9.".

    Examples
    --------
    >>> published_day("R6.4.1"), published_day("2024Q2"), published_day("H元年5月")
    (datetime.date(2024, 4, 1), datetime.date(2024, 4, 1), datetime.date(1989, 5, 1))
    """
    day = _day_of(_plain(cell), year_before)
    return day if day is not None and _FIRST_YEAR <= day.year <= _LAST_YEAR else None


def _day_of(text: str, year_before: int | None) -> datetime.date | None:
    try:
        if match := _QUARTER.fullmatch(text):
            year, quarter = int(match[1] or match[4]), int(match[2] or match[3])
            return datetime.date(year, 3 * quarter - 2, 1)
        if match := _DAY.fullmatch(text) or _COMPACT_DAY.fullmatch(text):
            return datetime.date(int(match[1]), int(match[2]), int(match[3]))
        if match := _ESTAT.fullmatch(text):
            return datetime.date(int(match[1]), int(match[2]), 1)
        if match := _MONTH.fullmatch(text):
            return datetime.date(int(match[1] or match[3]), int(match[2] or match[4]), 1)
        if match := _ERA.fullmatch(text):
            year = ERAS[match[1]] + (1 if match[2] == "元" else int(match[2]))
            return datetime.date(year, int(match[3]), int(match[4] or 1))
        if match := _JAPANESE.fullmatch(text):
            return datetime.date(int(match[1]), int(match[2]), int(match[3] or 1))
        if match := _JAPANESE_QUARTER.fullmatch(text):
            month = int(match[2]) if match[2] else 3 * int(match[5]) - 2
            return datetime.date(int(match[1] or match[4]), month, 1)
        if match := _ESRI.fullmatch(text):
            year_named = int(match[1]) if match[1] else year_before
            if year_named is None or int(match[3]) - int(match[2]) != 2:
                return None
            return datetime.date(year_named, int(match[2]), 1)
        if (match := _ENGLISH.fullmatch(text)) and match[1] in _ENGLISH_MONTHS:
            return datetime.date(int(match[2]), _ENGLISH_MONTHS[match[1]], 1)
    except ValueError:
        return None
    return None


_FIRST_YEAR, _LAST_YEAR = 1868, 2199
_AMBIGUOUS = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{2}|\d{4})")


def _dates(rows: Sequence[Sequence[str]], name: str) -> tuple[int, dict[int, datetime.date]]:
    """The column of dates, and the day of each row that has one."""
    best: tuple[int, dict[int, datetime.date]] = (0, {})
    for place in range(min(6, max(map(len, rows), default=0))):
        days: dict[int, datetime.date] = {}
        year: int | None = None
        for number, row in enumerate(rows):
            if place < len(row) and (day := published_day(row[place], year)):
                days[number] = day
                year = day.year
        if len(days) > len(best[1]):
            best = place, days
    if len(best[1]) < _LEAST_DATES:
        cells = [_plain(cell) for row in rows for cell in row[:3]]
        if sum(bool(_AMBIGUOUS.fullmatch(cell)) for cell in cells) >= _LEAST_DATES:
            raise InputError(f"{name}: dates such as 04/05/2024 can be read in two ways; write them as 2024-04-05")
        raise InputError(f"{name}: has no column of dates (such as 2024-04-01, 2024/4, 2024Q2 or R6.4.1)")
    seen: dict[datetime.date, int] = {}
    twice = []
    for number, day in best[1].items():
        if day in seen:
            twice.append(f"{name}: {day} stands in lines {seen[day] + 1} and {number + 1}")
        seen[day] = number
    if twice:
        raise InputError(twice[:5])
    return best


_UNIT_ALONE = re.compile(r"\(?単位.*|\([^()]*(yen|円|%)[^()]*\)", re.IGNORECASE)


def _headings(above: Sequence[Sequence[str]], width: int, stem: str) -> list[str]:
    """The heading of each column: what stands above it, line by line; a file of one unnamed series is its name."""
    headings = []
    for place in range(width):
        words = [_plain(row[place]) for row in above if place < len(row) and len(row) > 1]
        headings.append(" / ".join(dict.fromkeys(word for word in words if word and not _UNIT_ALONE.fullmatch(word))))
    named = [heading for heading in headings[1:] if heading]
    if not named and width == 2:
        headings[1] = stem
    return headings


def _series_of(heading: str, stem: str, chosen: Mapping[str, str]) -> KnownSeries | None:
    """What a heading is, by the user's choice first."""
    for column, wanted in chosen.items():
        if _plain(wanted) in (heading, *heading.split(" / ")):
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


def _decimal_comma(
    rows: Sequence[Sequence[str]], days: Mapping[int, datetime.date], place: int, delimiter: str
) -> bool:
    """Whether the file's decimals are marked by a comma: only where cells are not divided by one."""
    if delimiter == ",":
        return False
    cells = [_plain(cell) for number in days for where, cell in enumerate(rows[number]) if where != place]
    points = sum(bool(re.fullmatch(r"-?\d+\.\d+", cell)) for cell in cells)
    commas = sum(bool(re.fullmatch(r"-?\d{1,3}(\.\d{3})*,\d+|-?\d+,\d+", cell)) for cell in cells)
    grouped = sum(bool(re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", cell)) for cell in cells)
    return commas > points and commas > grouped


def _number(cell: str, *, comma: bool) -> float | None:
    """A figure; NaN where there is none, None where something else stands."""
    text = _plain(cell)
    if text in MISSING:
        return math.nan
    text = text.replace(" ", "").replace("▲", "-").replace("△", "-").replace("\u2212", "-")
    text = text.rstrip("pre*") if re.fullmatch(r"[-\d.,]+[pre*]", text) else text
    if comma:
        text = text.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", text):
        text = text.replace(",", "")
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _frequency(days: Sequence[datetime.date], name: str) -> str:
    gaps = sorted((later - earlier).days for earlier, later in pairwise(days))
    typical = gaps[len(gaps) // 2]
    for longest, frequency in ((10, "daily"), (45, "monthly"), (100, "quarterly")):
        if typical <= longest:
            return frequency
    raise InputError(f"{name}: its dates lie about {typical} days apart; give daily, monthly or quarterly figures")


def _by_quarter(figures: Mapping[datetime.date, float], frequency: str, rule: str) -> dict[datetime.date, float]:
    """Figures by the first day of their quarter; a quarter needs all of its months."""
    members: dict[datetime.date, list[tuple[int, float]]] = {}
    for day, value in figures.items():
        members.setdefault(_quarter_of(day), []).append((day.month, value))
    months = 1 if frequency == "quarterly" else 3
    whole = {
        quarter: [value for _, value in values]
        for quarter, values in members.items()
        if len({month for month, _ in values}) >= months
    }
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
