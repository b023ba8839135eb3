"""The figures of the target series, quarter by quarter, from a folder of history.

Growth is 400 times the change of the logarithm from one quarter to the next; consumer prices stand against the same
quarter of the year before; prices of the day are means of the quarter; a fiscal year's sum stands in the quarter that
ends it, and the other quarters have none.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from itcho.agents.errors import InputError
from itcho.experiments.data.origin_data import LATER_VINTAGE, TABLES, OriginData
from itcho.experiments.forecasts.protocol import SERIES

LEVELS = {
    "cpi_yoy_pct": "cpi_all_items_yoy",
    "usdjpy": "usdjpy_avg",
    "jgb_10y_pct": "jgb_10y_yield_avg",
    "policy_rate_pct": "policy_rate_spliced_avg",
    "unemployment_pct": "unemployment_rate",
}
"""Series of the folder that are forecast as they stand."""
GROWTH = {
    "real_gdp_growth_pct": "gdp_real",
    "gdp_deflator_growth_pct": "gdp_deflator",
    "nominal_gdp_growth_pct": "gdp_nominal",
}
"""Series of the folder whose growth is forecast."""
YEARLY = {
    "government_deficit_trn_yen_fy": "general_government_incl_public_pensions",
    "current_account_trn_yen_fy": "rest_of_world",
}
"""Sectors whose net borrowing of the fiscal year is forecast: what the rest of the world borrows is the current
account, capital transfers included."""
NET_LENDING = "balance.net_lending"
LAST_FIGURE = {
    "usdjpy": "usdjpy_last_month_avg",
    "policy_rate_pct": "call_rate_last_month",
    "jgb_10y_pct": "jgb_10y_yield_eoq",
}
"""The latest figure of a price of the day: the mean of the last month; of the 10-year yield, whose months are not in
the folder, the last day."""


def target_figures(quarterly: pd.DataFrame, flows: pd.DataFrame) -> pd.DataFrame:
    """The target series by quarter (``PeriodIndex``), one column each, NaN where nothing is known.

    Parameters
    ----------
    quarterly, flows : tables in the form of :class:`~itcho.experiments.data.origin_data.OriginData`.
    """
    columns = {name: _series(quarterly, source) for name, source in LEVELS.items()}
    columns |= {name: 400.0 * np.log(_series(quarterly, source)).diff() for name, source in GROWTH.items()}
    for name, sector in YEARLY.items():
        rows = flows[(flows["flow"] == NET_LENDING) & (flows["sector"] == sector)]
        ends = pd.PeriodIndex(pd.to_datetime(rows["period_end"]), freq="Q")
        columns[name] = pd.Series(-rows["value"].astype(float).to_numpy(), index=ends, dtype=float)
    frame = pd.DataFrame(columns).sort_index()
    if frame.empty:
        return frame.reindex(columns=list(SERIES))
    every = pd.period_range(frame.index[0], frame.index[-1], freq="Q")
    return frame.reindex(every)[list(SERIES)]


def _series(quarterly: pd.DataFrame, name: str) -> pd.Series:
    """One series on every quarter from its first to its last, NaN in the gaps."""
    rows = quarterly[quarterly["series"] == name]
    quarters = pd.PeriodIndex(pd.to_datetime(rows["date"]), freq="Q")
    found = pd.Series(rows["value"].astype(float).to_numpy(), index=quarters, dtype=float).sort_index()
    return found if found.empty else found.reindex(pd.period_range(found.index[0], found.index[-1], freq="Q"))


def figures_at(data: OriginData) -> pd.DataFrame:
    """The target series up to the origin."""
    return target_figures(data.quarterly, data.flows)


def last_figure(data: OriginData, name: str) -> float | None:
    """The latest figure of a price of the day before the origin; None for other series and where it is not known."""
    if name not in LAST_FIGURE:
        return None
    found = _series(data.quarterly, LAST_FIGURE[name])
    value = figure(found, pd.Period(data.origin, freq="Q"))
    return value if np.isfinite(value) else None


def figure(series: pd.Series, quarter: pd.Period) -> float:
    """The figure of a quarter; NaN where the series has none."""
    place = int(series.index.get_indexer(pd.PeriodIndex([quarter]))[0])
    return float(series.to_numpy(dtype=np.float64)[place]) if place >= 0 else float("nan")


def what_happened(folder: Path) -> pd.DataFrame:
    """The target series over all that the folder holds: what forecasts are scored on, and no forecast is made from.

    Raises
    ------
    InputError : a table is missing.
    """
    frames = []
    for name in ("quarterly", "flows"):
        path = folder / TABLES[name].file
        if not path.is_file():
            raise InputError(f"{path}: no such file; --data is a folder with {TABLES[name].file}")
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
        frames.append(frame[~frame[TABLES[name].name].str.contains(LATER_VINTAGE, regex=False)])
    return target_figures(*frames)


def origins_in(folder: Path) -> tuple[date, ...]:
    """The 31 Marches that the folder has constants and balance sheets for, oldest first.

    Raises
    ------
    InputError : a table is missing.
    """
    found: list[set[str]] = []
    for name in ("constants", "stocks"):
        path = folder / TABLES[name].file
        if not path.is_file():
            raise InputError(f"{path}: no such file; --data is a folder of history with {TABLES[name].file}")
        found.append(set(pd.read_csv(path, dtype=str, usecols=[TABLES[name].day])[TABLES[name].day]))
    return tuple(date.fromisoformat(day) for day in sorted(set.intersection(*found)))


US_RATE, OIL = "us_policy_rate_avg", "oil_price_usd_avg"
"""What the conditional track is given: series of the folder; oil may be missing."""


def whole_series(folder: Path, name: str) -> dict[pd.Period, float]:
    """A series by quarter, after the origin too: for the conditional track alone; empty if the folder lacks it."""
    path = folder / TABLES["quarterly"].file
    frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    found = _series(frame, name).dropna()
    return dict(zip(found.index, found.to_numpy(dtype=np.float64).tolist(), strict=True))
