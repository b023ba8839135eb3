"""The calendar of a run: months, Japanese fiscal years and the meetings of the Bank of Japan.

One step is one month.  The clock opens on the date of the start state, before month 0; a step begins by advancing it,
and afterwards it stands at the end of the month that was run.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

FIRST_FISCAL_MONTH = 4
MEETING_MONTHS = frozenset({1, 3, 4, 6, 7, 9, 10, 12})
"""Calendar months with a monetary policy meeting (Bank of Japan, meeting schedules since 2016: eight a year)."""

_MONTH_TEXT = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?")


@lru_cache(maxsize=4096)
def _last_day(calendar_year: int, month_of_year: int) -> date:
    return date(calendar_year, month_of_year, monthrange(calendar_year, month_of_year)[1])


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month.

    Attributes
    ----------
    calendar_year : four digits.
    month_of_year : 1 for January to 12 for December.

    Raises
    ------
    ValueError : a month outside 1 to 12.
    """

    calendar_year: int
    month_of_year: int

    def __post_init__(self) -> None:
        if not 1 <= self.month_of_year <= 12:
            raise ValueError(f"month {self.month_of_year} does not exist; months are 1 to 12")

    @classmethod
    def of(cls, when: date | Month | str) -> Month:
        """The month of a date or of text: ``"2027-04"`` or ``"2027-04-15"``.

        Raises
        ------
        ValueError : the text is no such month or date.
        """
        if isinstance(when, Month):
            return when
        if isinstance(when, date):
            return cls(when.year, when.month)
        match = _MONTH_TEXT.fullmatch(when.strip())
        if not match:
            raise ValueError(f"{when!r} is not a month; write it as 2027-04")
        year, month, day = (int(part) if part else 1 for part in match.groups())
        try:
            date(year, month, day)
        except ValueError:
            raise ValueError(f"{when!r} does not exist in the calendar; write a month as 2027-04") from None
        return cls(year, month)

    def __sub__(self, other: Month) -> int:
        """Months from ``other`` to this one."""
        return 12 * (self.calendar_year - other.calendar_year) + self.month_of_year - other.month_of_year

    def plus(self, months: int) -> Month:
        """The month that comes ``months`` later (earlier if negative)."""
        years, place = divmod(self.month_of_year - 1 + months, 12)
        return _month(self.calendar_year + years, place + 1)

    @property
    def end(self) -> date:
        """The last day."""
        return _last_day(self.calendar_year, self.month_of_year)

    @property
    def fiscal_year(self) -> int:
        """The Japanese fiscal year: 2026 runs from April 2026 to March 2027."""
        return self.calendar_year - (self.month_of_year < FIRST_FISCAL_MONTH)

    @property
    def month_of_fiscal_year(self) -> int:
        """0 for April to 11 for March."""
        return (self.month_of_year - FIRST_FISCAL_MONTH) % 12

    @property
    def is_fiscal_year_start(self) -> bool:
        """Whether it is April."""
        return self.month_of_fiscal_year == 0

    @property
    def is_fiscal_year_end(self) -> bool:
        """Whether it is March."""
        return self.month_of_fiscal_year == 11

    @property
    def meetings(self) -> int:
        """Monetary policy meetings of the Bank of Japan in it: 1 or 0."""
        return int(self.month_of_year in MEETING_MONTHS)

    @property
    def label(self) -> str:
        """Such as ``2026-04``."""
        return f"{self.calendar_year:04d}-{self.month_of_year:02d}"

    def __str__(self) -> str:
        return self.label


@lru_cache(maxsize=4096)
def _month(calendar_year: int, month_of_year: int) -> Month:
    return Month(calendar_year, month_of_year)


class Clock:
    """Where a run stands in time.

    Parameters
    ----------
    start : date of the start state, the last day of a month (also as text, ``"2026-03-31"`` or ``"2026-03"``).

    Attributes
    ----------
    month : index of the current month: −1 at the start state, 0 in the first month of the run.
    now : the current calendar month.

    Raises
    ------
    ValueError : the start is not the last day of a month.
    """

    __slots__ = ("month", "now", "opening")

    def __init__(self, start: date | str) -> None:
        self.opening = Month.of(start)
        given = start if isinstance(start, date) else _day_of(start)
        if given is not None and given != self.opening.end:
            raise ValueError(f"a run starts on the last day of a month: {self.opening.end}, not {given}")
        self.month = -1
        self.now = self.opening

    def advance(self) -> int:
        """Go on to the next month; returns its index."""
        return self.go_to(self.month + 1)

    def go_to(self, month: int) -> int:
        """Stand in month ``month`` (to take a saved run up again); returns it.

        Raises
        ------
        ValueError : a month before the start state.
        """
        if month < -1:
            raise ValueError(f"month {month} lies before the start state")
        self.month = month
        self.now = self.opening.plus(month + 1)
        return month

    @property
    def start(self) -> date:
        """The date of the start state."""
        return self.opening.end

    @property
    def date(self) -> date:
        """The end of the current month."""
        return self.now.end

    @property
    def calendar_year(self) -> int:
        """Calendar year of the current month."""
        return self.now.calendar_year

    @property
    def month_of_year(self) -> int:
        """1 for January to 12 for December."""
        return self.now.month_of_year

    @property
    def fiscal_year(self) -> int:
        """Fiscal year of the current month: 2026 from April 2026 to March 2027."""
        return self.now.fiscal_year

    @property
    def month_of_fiscal_year(self) -> int:
        """0 for April to 11 for March."""
        return self.now.month_of_fiscal_year

    @property
    def is_fiscal_year_start(self) -> bool:
        """Whether the current month is April."""
        return self.now.is_fiscal_year_start

    @property
    def is_fiscal_year_end(self) -> bool:
        """Whether the current month is March."""
        return self.now.is_fiscal_year_end

    @property
    def meetings_this_month(self) -> int:
        """Monetary policy meetings of the Bank of Japan in the current month: 1 or 0."""
        return self.now.meetings

    @property
    def label(self) -> str:
        """The current month, such as ``2026-04``."""
        return self.now.label

    def __repr__(self) -> str:
        return f"<Clock {self.label}, month {self.month}>"


def _day_of(text: str) -> date | None:
    """The day in the text of a date; None if only a month is written."""
    match = _MONTH_TEXT.fullmatch(text.strip())
    return date(*map(int, match.groups())) if match and match.group(3) else None
