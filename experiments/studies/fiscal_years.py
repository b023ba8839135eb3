"""From months to Japanese fiscal years (April to March), and from two runs to the difference between them.

A fiscal year is complete if all its twelve months were run.  A part of one is no year: the mean of three months is not
held against the mean of twelve, and an amount that runs up over the year has not run up.  So what is compared are
complete years, and where a part is shown at all its name says how many months it holds.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

MONTHS = 12
Reading = Literal["mean", "end"]

_AVERAGED = ("usdjpy", "jgb_", "policy_rate", "us_policy_rate", "cpi_", "real_gdp", "output_gap", "unemployment")


RATIOS_TO_DATE = frozenset({"bond_dependency_pct"})
"""Outcomes that are ratios of sums over the fiscal year to date."""


def to_date(outcome: str) -> bool:
    """Whether an outcome runs up over the fiscal year, so that it says nothing of a year before March."""
    return outcome.endswith("_fy") or outcome in RATIOS_TO_DATE


def reading(outcome: str) -> Reading:
    """How a year is read: the mean of prices, rates, growth and annualised real GDP, the last month of all else.

    Amounts of a fiscal year (``_fy``) run up to the year's end, and other amounts are sums of the last twelve months:
    the last month holds the whole year.
    """
    return "mean" if outcome.startswith(_AVERAGED) else "end"


def fiscal_year_of_months(month: pd.Series) -> pd.Series:
    """Fiscal years of ISO dates (``2027-03-31`` or ``2027-03`` lie in 2026)."""
    text = month.astype(str)
    return text.str[:4].astype(int) - (text.str[5:7].astype(int) < 4).astype(int)


def complete_fiscal_years(opened: date, years: int) -> range:
    """The fiscal years of which a run holds all twelve months.

    Parameters
    ----------
    opened : date of the start state, the end of the month before the first.
    years : how long the run is.

    Examples
    --------
    >>> complete_fiscal_years(date(2026, 3, 31), 2)
    range(2026, 2028)
    >>> complete_fiscal_years(date(2026, 6, 30), 2)  # July 2026 to June 2028
    range(2027, 2028)
    """
    to_april = (3 - opened.month) % MONTHS
    first = opened.year + (opened.month > 3)
    return range(first, first + (MONTHS * years - to_april) // MONTHS)


def year_name(year: int, months: int = MONTHS) -> str:
    """A fiscal year by name, a part of one with its months.

    Examples
    --------
    >>> year_name(2026), year_name(2026, 9)
    ('FY2026', 'FY2026 (9 months)')
    """
    held = "" if months == MONTHS else f" ({months} month{'s' if months > 1 else ''})"
    return f"FY{year}{held}"


def months_by_year(month: pd.Series) -> dict[int, int]:
    """How many months of each fiscal year there are, by year; ISO dates, each month once or more often."""
    months = month.astype(str).str[:7].drop_duplicates()
    years, counts = np.unique(fiscal_year_of_months(months), return_counts=True)
    return dict(zip(years.tolist(), counts.tolist(), strict=True))


def parts_of_years(month: pd.Series) -> str:
    """Which fiscal years are only parts; empty if none is.

    Examples
    --------
    >>> parts_of_years(pd.Series(["2027-01-31", "2027-02-28", "2027-03-31"]))
    'FY2026 (3 months)'
    """
    return ", ".join(year_name(year, held) for year, held in months_by_year(month).items() if held < MONTHS)


def complete_only(years: pd.DataFrame) -> pd.DataFrame:
    """The complete years of a table of :func:`by_fiscal_year`."""
    return years[years["months"] == MONTHS]


def last_year(years: pd.DataFrame) -> tuple[int, int]:
    """The last complete year of a table of :func:`by_fiscal_year`, or else the last part of one, and its months."""
    found = complete_only(years)
    row = (found if len(found) else years).iloc[[-1]]
    return int(row.index[0]), int(row["months"].iloc[0])


def by_fiscal_year(monthly: pd.DataFrame) -> pd.DataFrame:
    """One row for each fiscal year, indexed by it.

    Parameters
    ----------
    monthly : a run's monthly table: column ``month``, then outcomes.

    Returns
    -------
    Column ``months`` (how many of the year's months the run holds), then the outcomes, read as :func:`reading` says.
    """
    outcomes = monthly.drop(columns="month").select_dtypes("number")
    years = fiscal_year_of_months(monthly["month"]).rename("fiscal_year")
    groups = outcomes.groupby(years)
    means, ends = groups.mean(), groups.tail(1).set_index(years.loc[groups.tail(1).index])
    table = pd.DataFrame({name: (means if reading(name) == "mean" else ends)[name] for name in outcomes.columns})
    table.insert(0, "months", groups.size())
    return table


def programme_effect(with_programme: pd.DataFrame, without: pd.DataFrame) -> pd.DataFrame:
    """What the programme changed in the last complete fiscal year: one row per outcome, indexed by its name.

    A run that holds no complete year is read in its last part of one: :func:`last_year` says which year it is.

    Parameters
    ----------
    with_programme, without : tables of :func:`by_fiscal_year` of two runs with the same seed.

    Returns
    -------
    Columns ``policy``, ``none`` and ``difference``.
    """
    year, _ = last_year(with_programme)
    last = pd.DataFrame({"policy": with_programme.loc[year], "none": without.loc[year]}).drop(index="months")
    return last.assign(difference=last["policy"] - last["none"]).rename_axis("outcome")


def yen_by_client(attribution: pd.DataFrame, most_columns: int = 5) -> pd.DataFrame:
    """Who moved the yen, in log percent: one row per client, one column per span of fiscal years, and the total.

    Parameters
    ----------
    attribution : column ``month`` of ISO dates, then log points by client.
    most_columns : longer runs are shown in spans of several years, so that the table fits a screen.

    Returns
    -------
    Positive is a weaker yen; largest movers first.  The last row, ``all``, is their sum: the change of USD/JPY.  A
    column that holds a part of a year ends in ``*``.
    """
    years = fiscal_year_of_months(attribution["month"])
    first, last = int(years.min()), int(years.max())
    length = int(np.ceil((last - first + 1) / most_columns))
    spans = [(start, min(start + length - 1, last)) for start in range(first, last + 1, length)]
    clients = attribution.drop(columns="month").select_dtypes("number")
    held = months_by_year(attribution["month"])
    parts = {year for year, months in held.items() if months < MONTHS}
    moved = pd.DataFrame(
        {
            _span(*span) + "*" * any(span[0] <= year <= span[1] for year in parts): (
                100.0 * clients[years.between(*span)].sum()
            )
            for span in spans
        }
    )
    moved["total"] = moved.sum(axis="columns")
    moved = moved.sort_values("total", key=abs, ascending=False, kind="stable")
    moved.loc["all"] = moved.sum()
    return moved.rename_axis("client")


def _span(first: int, last: int) -> str:
    """A heading such as ``FY2026`` or ``FY26-27``."""
    return f"FY{first}" if first == last else f"FY{first % 100:02d}-{last % 100:02d}"
