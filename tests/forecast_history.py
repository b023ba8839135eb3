"""A small folder of history, made up, for tests of forecasts."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd

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
    """The tables of a folder of history, 1994 to 2028, for one origin."""
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
    names = ["series", "date", "value", "unit", "source", "vintage", "base", "first_published"]
    folder.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows, columns=names).to_csv(folder / "quarterly_long.csv", index=False)
    flows = [
        (year - 1, f"{year}-03-31", "balance.net_lending", sector, f"{level + rng.standard_normal():.4f}", *_UNIT)
        for year in range(2005, 2029)
        for sector, level in (("general_government_incl_public_pensions", -20.0), ("rest_of_world", -15.0))
    ]
    names = ["year", "period_end", "flow", "sector", "value", "unit", "basis", "source", "note"]
    pd.DataFrame(flows, columns=names).to_csv(folder / "annual_flows.csv", index=False)
    (folder / "annual_march_stocks.csv").write_text(
        "date,level,sector,instrument,value_trn_yen,basis,source,note\n"
        f"{ORIGIN},matrix,private,deposits,1.0,read,made up,\n",
        encoding="utf-8",
    )
    constants = [
        (ORIGIN, "output_gap_one_sided_pct", "0.2", "-0.5", "0.8"),
        (ORIGIN, "government_outlook_real_growth_pct", "1.3", "", ""),
        (ORIGIN, "government_outlook_nominal_growth_pct", "3.0", "", ""),
        (ORIGIN, "government_outlook_cpi_pct", "2.5", "", ""),
    ]
    head = "origin,name,value,low,high,unit,basis,vintage,source,note\n"
    text = head + "".join(",".join(row) + ",pct,read,,made up,\n" for row in constants)
    (folder / "dated_constants.csv").write_text(text, encoding="utf-8")
    (folder / "policy_events.csv").write_text("announced,effective,event,value,unit,source\n", encoding="utf-8")
    return folder


_UNIT = ("trn yen", "read", "made up", "")


def scrambled(folder: Path, to: Path, origin: str = ORIGIN, seed: int = 99) -> Path:
    """A copy of a folder in which every number after the origin is noise."""
    rng = np.random.default_rng(seed)
    to.mkdir(parents=True)
    for path in folder.iterdir():
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        if path.name in ("quarterly_long.csv", "annual_flows.csv"):
            day, many = ("date", pd.offsets.QuarterEnd(0)) if path.name[0] == "q" else ("period_end", pd.Timedelta(0))
            later = (pd.to_datetime(frame[day]) + many) > pd.Timestamp(origin)
            assert later.any()
            assert not later.all()
            frame.loc[later, "value"] = [f"{math.exp(value):.6f}" for value in rng.normal(3.0, 2.0, int(later.sum()))]
        frame.to_csv(to / path.name, index=False)
    return to
