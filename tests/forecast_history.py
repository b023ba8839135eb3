"""A folder of history for tests of forecasts: the package's own tables of two dates, and made-up series around them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd

from itcho.experiments.openings.make import own_tables

FIRST, LAST = "1994Q1", "2028Q4"
ORIGIN = "2024-03-31"
"""A date with a start state that comes with the package."""

_LEVELS = {
    "cpi_all_items_yoy": (1.0, 0.2),
    "jgb_10y_yield_avg": (1.0, 0.1),
    "jgb_10y_yield_eoq": (1.0, 0.1),
    "policy_rate_spliced_avg": (0.5, 0.1),
    "call_rate_last_month": (0.5, 0.1),
    "unemployment_rate": (3.0, 0.1),
    "us_policy_rate_avg": (3.0, 0.3),
}
_GROWING = {"gdp_real": (0.0025, 0.008), "gdp_nominal": (0.003, 0.01), "exports_real": (0.01, 0.03)}
_WANDERING = {"usdjpy_avg": 0.04, "imports_deflator": 0.03}


def write_history(folder: Path, seed: int = 1) -> Path:
    """The tables of a folder of history, with made-up series from 1994 to 2028."""
    rng = np.random.default_rng(seed)
    quarters = pd.period_range(FIRST, LAST, freq="Q")
    n, columns = len(quarters), {}
    for name, (level, sd) in _LEVELS.items():
        columns[name] = level + sd * rng.standard_normal(n)
    for name, (drift, sd) in _GROWING.items():
        columns[name] = 500_000.0 * np.exp(np.cumsum(drift + sd * rng.standard_normal(n)))
    for name, sd in _WANDERING.items():
        columns[name] = 110.0 * np.exp(np.cumsum(sd * rng.standard_normal(n)) * 0.3)
    columns["gdp_deflator"] = 100.0 * columns["gdp_nominal"] / columns["gdp_real"]
    columns["usdjpy_last_month_avg"] = columns["usdjpy_avg"] * 1.01
    days = [str(quarter.start_time.date()) for quarter in quarters]
    rows = [
        (name, day, f"{value:.6f}", "unit", "made up", "", "", "")
        for name, values in columns.items()
        for day, value in zip(days, values.tolist(), strict=True)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    for path in own_tables().glob("*.csv"):
        (folder / path.name).write_bytes(path.read_bytes())
    _append(folder / "quarterly_long.csv", rows, ("series", "date"))
    flows = [
        (str(year - 1), f"{year}-03-31", "balance.net_lending", sector, f"{level + rng.standard_normal():.4f}", *_UNIT)
        for year in range(2005, 2029)
        for sector, level in (("general_government_incl_public_pensions", -20.0), ("rest_of_world", -15.0))
    ]
    _append(folder / "annual_flows.csv", flows, ("period_end", "flow", "sector"))
    return folder


def _append(path: Path, rows: list[tuple[str, ...]], key: tuple[str, ...]) -> None:
    """Add rows to a table; what it has already stands."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    more = pd.DataFrame(rows, columns=list(table.columns))
    pd.concat([table, more]).drop_duplicates(list(key)).to_csv(path, index=False)


_UNIT = ("trn yen", "read", "made up", "")


_DATED = {
    "quarterly_long.csv": ("date", "value"),
    "annual_flows.csv": ("period_end", "value"),
    "annual_march_stocks.csv": ("date", "value_trn_yen"),
    "dated_constants.csv": ("origin", "value"),
}
"""Tables with figures of dates after the origin: column of the date and of the figure."""


def scrambled(folder: Path, to: Path, origin: str = ORIGIN, seed: int = 99) -> Path:
    """A copy of a folder in which every number after the origin is noise."""
    rng = np.random.default_rng(seed)
    to.mkdir(parents=True)
    for path in folder.iterdir():
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        day, number = _DATED.get(path.name, ("", ""))
        if day:
            days = pd.to_datetime(frame[day]) + (
                pd.offsets.QuarterEnd(0) if day == "date" and "_long" in path.name else pd.Timedelta(0)
            )
            later = days > pd.Timestamp(origin)
            assert later.any()
            assert not later.all()
            frame.loc[later, number] = [f"{math.exp(value):.6f}" for value in rng.normal(3.0, 2.0, int(later.sum()))]
        frame.to_csv(to / path.name, index=False)
    return to
