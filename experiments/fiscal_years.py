"""From months to Japanese fiscal years (April to March), and from two runs to the difference between them."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

Reading = Literal["mean", "end"]

_AVERAGED = ("usdjpy", "jgb_", "policy_rate", "us_policy_rate", "cpi_", "real_gdp", "output_gap", "unemployment")


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
    """What the programme changed in the last fiscal year: one row per outcome, indexed by its name.

    Parameters
    ----------
    with_programme, without : tables of :func:`by_fiscal_year` of two runs with the same seed.

    Returns
    -------
    Columns ``policy``, ``none`` and ``difference``.
    """
    last = pd.DataFrame({"policy": with_programme.iloc[-1], "none": without.iloc[-1]}).drop(index="months")
    return last.assign(difference=last["policy"] - last["none"]).rename_axis("outcome")


def yen_by_client(attribution: pd.DataFrame, most_columns: int = 5) -> pd.DataFrame:
    """Who moved the yen, in log percent: one row per client, one column per span of fiscal years, and the total.

    Parameters
    ----------
    attribution : column ``month`` of ISO dates, then log points by client.
    most_columns : longer runs are shown in spans of several years, so that the table fits a screen.

    Returns
    -------
    Positive is a weaker yen; largest movers first.  The last row, ``all``, is their sum: the change of USD/JPY.
    """
    years = fiscal_year_of_months(attribution["month"])
    first, last = int(years.min()), int(years.max())
    length = int(np.ceil((last - first + 1) / most_columns))
    spans = [(start, min(start + length - 1, last)) for start in range(first, last + 1, length)]
    clients = attribution.drop(columns="month").select_dtypes("number")
    moved = pd.DataFrame({_span(*span): 100.0 * clients[years.between(*span)].sum() for span in spans})
    moved["total"] = moved.sum(axis="columns")
    moved = moved.sort_values("total", key=abs, ascending=False, kind="stable")
    moved.loc["all"] = moved.sum()
    return moved.rename_axis("client")


def _span(first: int, last: int) -> str:
    """A heading such as ``FY2026`` or ``FY26-27``."""
    return f"FY{first}" if first == last else f"FY{first % 100:02d}-{last % 100:02d}"
