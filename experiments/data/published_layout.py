"""How publishers lay out tables: encoding, the sign between cells, dates, figures and headings as they write them."""

from __future__ import annotations

import calendar
import codecs
import datetime
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

from itcho.agents.errors import InputError

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
_LEAST_DATES = 2


def text_of(content: bytes, name: str) -> tuple[str, str]:
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


def delimiter_of(text: str) -> str:
    """The character that stands in most lines, and as often in most of them."""
    lines = [line for line in text.splitlines()[:200] if line.strip()]
    # A semicolon or a tabulator between cells leaves commas free for decimals, so these are asked first.
    for candidate in ("\t", ";"):
        if sum(candidate in line for line in lines) > len(lines) / 2:
            return candidate
    return ","


def plain(cell: str) -> str:
    """A cell without the blanks around it, full-width characters made narrow."""
    return unicodedata.normalize("NFKC", cell).strip().strip("\u3000'")


_DASH = r"[-~\u2010-\u2015\u2212\u301c]"
_ERA_YEAR = r"(?:(\d{4})|([MTSHR]|明治|大正|昭和|平成|令和) ?(\d{1,2}|元))"
_DAY = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[ T]0?0:00(?::00)?)?")
_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})|(\d{4})(\d{2})")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_QUARTER = re.compile(r"(\d{4})[ -]?Q([1-4])|Q([1-4])[ -](\d{4})")
_ERA = re.compile(r"([MTSHR]|明治|大正|昭和|平成|令和) ?(\d{1,2}|元)[./年-] ?(\d{1,2})(?:[./月-] ?(?:(\d{1,2})日?)?)?")
_JAPANESE = re.compile(r"(\d{4})年 ?(\d{1,2})月(?: ?(\d{1,2})日)?")
_MONTHS = re.compile(rf"{_ERA_YEAR}[年/] ?(\d{{1,2}})月? ?{_DASH} ?(\d{{1,2}})(?:月期?|\.)?")
_ORDINAL = re.compile(rf"{_ERA_YEAR}年 ?第?([1-4])四半期")
_ESTAT = re.compile(r"(\d{4})00(\d{2})(\d{2})")
_MONTHS_ALONE = re.compile(rf"(\d{{1,2}})月? ?{_DASH} ?(\d{{1,2}})(?:月期?|\.)?")
_ENGLISH = re.compile(r"([A-Z][a-z]{2})[a-z]*\.?[ -](\d{4})")
_ENGLISH_MONTHS = {name: number for number, name in enumerate(calendar.month_abbr) if name}
_MARK_OF_REVISION = re.compile(r"(?<=[月日期\d]) ?(?:分|[pr]|\(?(?:速報値?|改定値?|確報値?|訂正)\)?|\([pr]\))$")
_DAYS, _MONTHLY, _QUARTERLY = "days", "months", "quarters"


def published_day(cell: str, year_before: int | None = None) -> datetime.date | None:
    """The day that a cell names: the first of its month or quarter if it names that; None if it is no date.

    Parameters
    ----------
    cell : such as 2024-04-01, 2024/4/1, 202404, 2024Q2, R6.4.1, 令和6年4月, 2024年4月分, 2024年4-6月期, 2024000404,
        2024/ 4- 6. or Apr 2024.
    year_before : the year of the row above, where a row names months alone, such as " 7- 9.".

    Examples
    --------
    >>> published_day("R6.4.1"), published_day("2024Q2"), published_day("H元年5月")
    (datetime.date(2024, 4, 1), datetime.date(2024, 4, 1), datetime.date(1989, 5, 1))
    """
    found = _span_of(cell, year_before)
    return None if found is None else found[0]


def _span_of(cell: str, year_before: int | None) -> tuple[datetime.date, str] | None:
    """The first day of what a cell names, and whether that is a day, a month or a quarter."""
    found = _day_of(_MARK_OF_REVISION.sub("", plain(cell)), year_before)
    return found if found is not None and _FIRST_YEAR <= found[0].year <= _LAST_YEAR else None


def _day_of(text: str, year_before: int | None) -> tuple[datetime.date, str] | None:
    try:
        if match := _QUARTER.fullmatch(text):
            year, quarter = int(match[1] or match[4]), int(match[2] or match[3])
            return datetime.date(year, 3 * quarter - 2, 1), _QUARTERLY
        if match := _DAY.fullmatch(text):
            return datetime.date(int(match[1]), int(match[3]), int(match[4])), _DAYS
        if match := _COMPACT_DAY.fullmatch(text):
            return datetime.date(int(match[1]), int(match[2]), int(match[3])), _DAYS
        if match := _ESTAT.fullmatch(text):
            first, last = int(match[2]), int(match[3])
            return datetime.date(int(match[1]), first, 1), _MONTHLY if first == last else _QUARTERLY
        if match := _MONTH.fullmatch(text):
            return datetime.date(int(match[1] or match[3]), int(match[2] or match[4]), 1), _MONTHLY
        if match := _ERA.fullmatch(text):
            year, day = _year_of(None, match[1], match[2]), match[4]
            return datetime.date(year, int(match[3]), int(day or 1)), _DAYS if day else _MONTHLY
        if match := _JAPANESE.fullmatch(text):
            day = match[3]
            return datetime.date(int(match[1]), int(match[2]), int(day or 1)), _DAYS if day else _MONTHLY
        if match := _ORDINAL.fullmatch(text):
            return datetime.date(_year_of(*match.group(1, 2, 3)), 3 * int(match[4]) - 2, 1), _QUARTERLY
        if match := _MONTHS.fullmatch(text):
            return _quarter(_year_of(*match.group(1, 2, 3)), match[4], match[5])
        if match := _MONTHS_ALONE.fullmatch(text):
            return None if year_before is None else _quarter(year_before, match[1], match[2])
        if (match := _ENGLISH.fullmatch(text)) and match[1] in _ENGLISH_MONTHS:
            return datetime.date(int(match[2]), _ENGLISH_MONTHS[match[1]], 1), _MONTHLY
    except ValueError:
        return None
    return None


def _year_of(year: str | None, era: str, year_of_era: str) -> int:
    """The year; eras begin with their first year.

    Raises
    ------
    ValueError : a year nought.
    """
    if year:
        return int(year)
    number = 1 if year_of_era == "元" else int(year_of_era)
    if number < 1:
        raise ValueError
    return ERAS[era] + number


def _quarter(year: int, first: str, last: str) -> tuple[datetime.date, str] | None:
    """A quarter of the calendar; other spells of months, such as half-years and totals of a year, are none."""
    month = int(first)
    is_quarter = month in (1, 4, 7, 10) and int(last) - month == 2
    return (datetime.date(year, month, 1), _QUARTERLY) if is_quarter else None


_FIRST_YEAR, _LAST_YEAR = 1868, 2199
_AMBIGUOUS = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{2}|\d{4})")


def dates_of(rows: Sequence[Sequence[str]], name: str) -> tuple[int, dict[int, datetime.date], dict[int, str]]:
    """The column of dates, the day of each row that has one, and the rows that were left out with what they are of.

    Rows are of one spell: days, months or quarters, whichever are most; sums by quarter among months are left out.

    Raises
    ------
    InputError : no column of dates, or a date that stands there twice.
    """
    best: tuple[int, dict[int, tuple[datetime.date, str]]] = (0, {})
    for place in range(min(6, max(map(len, rows), default=0))):
        spans: dict[int, tuple[datetime.date, str]] = {}
        year: int | None = None
        for number, row in enumerate(rows):
            if place < len(row) and (span := _span_of(row[place], year)):
                spans[number] = span
                year = span[0].year
        if len(spans) > len(best[1]):
            best = place, spans
    if len(best[1]) < _LEAST_DATES:
        cells = [plain(cell) for row in rows for cell in row[:3]]
        if sum(bool(_AMBIGUOUS.fullmatch(cell)) for cell in cells) >= _LEAST_DATES:
            raise InputError(f"{name}: dates such as 04/05/2024 can be read in two ways; write them as 2024-04-05")
        raise InputError(f"{name}: has no column of dates (such as 2024-04-01, 2024/4, 2024Q2 or R6.4.1)")
    count = Counter(spell for _, spell in best[1].values())
    most = max((_DAYS, _MONTHLY, _QUARTERLY), key=lambda spell: count[spell])
    days = {number: day for number, (day, spell) in best[1].items() if spell == most}
    if len(days) < _LEAST_DATES:
        raise InputError(f"{name}: its rows are of {', '.join(sorted(count))}, one of each; give one kind of them")
    seen: dict[datetime.date, int] = {}
    twice = []
    for number, day in days.items():
        if day in seen:
            twice.append(f"{name}: {day} stands in lines {seen[day] + 1} and {number + 1}")
        seen[day] = number
    if twice:
        raise InputError(twice[:5])
    return best[0], days, {number: spell for number, (_, spell) in best[1].items() if spell != most}


_UNIT_ALONE = re.compile(r"\(?単位.*|\([^()]*(yen|円|%)[^()]*\)", re.IGNORECASE)


def headings_of(above: Sequence[Sequence[str]], width: int, stem: str) -> list[str]:
    """The heading of each column: what stands above it, line by line; a file of one unnamed series is its name."""
    headings = []
    for place in range(width):
        words = [plain(row[place]) for row in above if place < len(row) and len(row) > 1]
        headings.append(" / ".join(dict.fromkeys(word for word in words if word and not _UNIT_ALONE.fullmatch(word))))
    named = [heading for heading in headings[1:] if heading]
    if not named and width == 2:
        headings[1] = stem
    return headings


def has_decimal_commas(
    rows: Sequence[Sequence[str]], days: Mapping[int, datetime.date], place: int, delimiter: str
) -> bool:
    """Whether the file's decimals are marked by a comma: only where cells are not divided by one."""
    if delimiter == ",":
        return False
    cells = [plain(cell) for number in days for where, cell in enumerate(rows[number]) if where != place]
    points = sum(bool(re.fullmatch(r"-?\d+\.\d+", cell)) for cell in cells)
    commas = sum(bool(re.fullmatch(r"-?\d{1,3}(\.\d{3})*,\d+|-?\d+,\d+", cell)) for cell in cells)
    grouped = sum(bool(re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", cell)) for cell in cells)
    return commas > points and commas > grouped


def figure_of(cell: str, *, comma: bool) -> float | None:
    """A figure; NaN where there is none, None where something else stands."""
    text = plain(cell)
    if text in MISSING:
        return math.nan
    # Blanks are between thousands, or after a sign; elsewhere they part a figure from the number of a note.
    text = (
        re.sub(r"(?<=\d) (?=\d{3}(?!\d))|(?<=[-+▲△\u2212]) ", "", text)
        .replace("▲", "-")
        .replace("△", "-")
        .replace("\u2212", "-")
    )
    text = text.rstrip("pre*") if re.fullmatch(r"[-\d.,]+[pre*]", text) else text
    if comma:
        text = text.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", text):
        text = text.replace(",", "")
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?")


def frequency_of(days: Sequence[datetime.date], name: str) -> str:
    """Daily, monthly or quarterly, by the usual distance of dates."""
    gaps = sorted((later - earlier).days for earlier, later in pairwise(days))
    typical = gaps[len(gaps) // 2]
    for longest, frequency in ((10, "daily"), (45, "monthly"), (100, "quarterly")):
        if typical <= longest:
            return frequency
    raise InputError(f"{name}: its dates lie about {typical} days apart; give daily, monthly or quarterly figures")
