"""The calendar: months, fiscal years, meetings and dates in text."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import date

import pytest

from itcho.model.clock import Clock, Month


def test_the_clock_opens_before_the_first_month() -> None:
    clock = Clock(date(2026, 3, 31))
    assert (clock.month, clock.date, clock.start, clock.label) == (-1, date(2026, 3, 31), date(2026, 3, 31), "2026-03")
    assert clock.advance() == 0
    assert (clock.month, clock.date, clock.label) == (0, date(2026, 4, 30), "2026-04")
    assert clock.start == date(2026, 3, 31)


def test_ten_years() -> None:
    clock = Clock("2026-03-31")
    dates, starts, ends, meetings = [], 0, 0, 0
    for _ in range(120):
        clock.advance()
        dates.append(clock.date)
        starts += clock.is_fiscal_year_start
        ends += clock.is_fiscal_year_end
        meetings += clock.meetings_this_month
    assert (starts, ends, meetings) == (10, 10, 80)
    assert dates[-1] == date(2036, 3, 31)
    assert dates[22] == date(2028, 2, 29)
    assert dates == sorted(set(dates))


def test_fiscal_year() -> None:
    clock = Clock("2026-03-31")
    assert (clock.fiscal_year, clock.month_of_fiscal_year, clock.is_fiscal_year_end) == (2025, 11, True)
    clock.advance()
    assert (clock.fiscal_year, clock.month_of_fiscal_year, clock.is_fiscal_year_start) == (2026, 0, True)
    clock.go_to(11)
    assert (clock.fiscal_year, clock.calendar_year, clock.month_of_year, clock.label) == (2026, 2027, 3, "2027-03")
    clock.advance()
    assert clock.fiscal_year == 2027


def test_eight_meetings_a_year() -> None:
    assert [month for month in range(1, 13) if Month(2027, month).meetings] == [1, 3, 4, 6, 7, 9, 10, 12]


def test_dates_in_text() -> None:
    clock = Clock("2026-03")
    assert Month.of("2027-04") == Month.of(" 2027-4 ") == Month.of("2027-04-15") == Month.of(date(2027, 4, 1))
    assert clock.month_index("2026-04") == 0
    assert clock.month_index("2027-04") == 12
    assert clock.month_index(date(2026, 3, 31)) == -1
    clock.go_to(12)
    assert clock.is_month("2027-04")
    assert not clock.is_month("2027-05")


@pytest.mark.parametrize("text", ["2027", "April 2027", "2027-13", "2027-00", "2027-02-30", "", "27-04"])
def test_wrong_dates_are_named(text: str) -> None:
    with pytest.raises(ValueError, match="2027-04"):
        Month.of(text)


def test_wrong_starts_and_months() -> None:
    for start in (date(2026, 3, 30), "2026-04-01"):
        with pytest.raises(ValueError, match="last day of a month"):
            Clock(start)
    with pytest.raises(ValueError, match="before the start"):
        Clock("2026-03-31").go_to(-2)
    with pytest.raises(ValueError, match="1 to 12"):
        Month(2026, 0)


def test_months_are_frozen_and_count() -> None:
    month = Month(2026, 12)
    with pytest.raises(FrozenInstanceError):
        month.calendar_year = 2027  # type: ignore[misc]
    assert month.plus(1) == Month(2027, 1)
    assert month.plus(-12) == Month(2025, 12)
    assert Month(2027, 1) - month == 1
    assert month < Month(2027, 1)
    assert str(month) == "2026-12"
