"""The corridor: ranges in which statistics over many runs of the baseline are expected to lie.

Nothing in the model aims at these ranges; they are a check from outside.  Each row says exactly what is computed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from itcho.experiments.evidence.seed_runs import SeedRun
from itcho.experiments.studies.fiscal_years import MONTHS
from itcho.model.measure.outcomes import OUTCOMES

FloatArray = NDArray[np.float64]
Verdict = Literal["inside", "outside", "not reached"]

SESSIONS_A_YEAR = 252
LTV_LIMIT_PCT = 25.0
FIRST_YEAR, LAST_YEAR = 2027, 2035
"""Fiscal years over which macroeconomic medians are taken: the first year still carries the opening."""


class Panel:
    """Runs of equal length side by side.

    Parameters
    ----------
    runs : finished runs, at least one; those that failed are left out by the caller.

    Attributes
    ----------
    fiscal_year, month_of_year : of each month, (months,).
    complete : whether all twelve months of its fiscal year were run, by month, (months,).
    """

    def __init__(self, runs: Sequence[SeedRun]) -> None:
        if not runs:
            raise ValueError("there is no finished run to compute statistics from")
        self.runs = tuple(runs)
        self.fiscal_year, self.month_of_year = runs[0].fiscal_year, runs[0].month_of_year
        _, place, months = np.unique(self.fiscal_year, return_inverse=True, return_counts=True)
        self.complete = months[place] == MONTHS

    def values(self, outcome: str) -> FloatArray:
        """Monthly values, (runs × months)."""
        return np.array([run.outcomes[outcome] for run in self.runs])

    def in_years(self, outcome: str, first: int, last: int) -> FloatArray:
        """Monthly values of the complete fiscal years ``first`` to ``last`` that were run, (runs × months)."""
        return self.values(outcome)[:, self._years(first, last)]

    def at_year_ends(self, outcome: str, first: int, last: int) -> FloatArray:
        """Values in March of the complete fiscal years ``first`` to ``last`` that were run, (runs × years)."""
        return self.values(outcome)[:, (self.month_of_year == 3) & self._years(first, last)]

    def _years(self, first: int, last: int) -> NDArray[np.bool_]:
        return np.asarray(self.complete & (self.fiscal_year >= first) & (self.fiscal_year <= last), dtype=np.bool_)

    def log_usdjpy_after(self, months: int) -> FloatArray:
        """Logarithm of USD/JPY ``months`` months after the start, (runs,); empty if the runs are shorter."""
        usdjpy = self.values("usdjpy")
        return np.log(usdjpy[:, months - 1]) if usdjpy.shape[1] >= months else np.empty(0)


@dataclass(frozen=True)
class CorridorRow:
    """One statistic and the range it is expected in.

    Attributes
    ----------
    outcome : what is looked at.
    statistic : what is computed, in words that leave nothing open.
    unit : of value and range.
    low, high : the range; ``high`` may be infinite.
    decimals : shown.
    measure : computes the value from a panel; NaN if the runs do not reach the years it needs.
    """

    outcome: str
    statistic: str
    unit: str
    low: float
    high: float
    decimals: int
    measure: Callable[[Panel], float]


@dataclass(frozen=True)
class CorridorResult:
    """A row with its value."""

    row: CorridorRow
    value: float

    @property
    def verdict(self) -> Verdict:
        """Whether the value lies in the range; ``not reached`` if the runs are too short to tell."""
        if math.isnan(self.value):
            return "not reached"
        return "inside" if self.row.low <= self.value <= self.row.high else "outside"


def corridor(runs: Sequence[SeedRun]) -> list[CorridorResult]:
    """Every row of :data:`CORRIDOR` for these runs.

    Raises
    ------
    ValueError : no run has finished.
    """
    panel = Panel([run for run in runs if not run.failure])
    return [CorridorResult(row, row.measure(panel)) for row in CORRIDOR]


def median(values: FloatArray) -> float:
    """The median of all values; NaN if there are none.

    Examples
    --------
    >>> median(np.array([[3.0, 1.0], [2.0, 10.0]])), median(np.empty((2, 0)))
    (2.5, nan)
    """
    return float(np.median(values)) if values.size else math.nan


def _daily_volatility_pct(panel: Panel) -> float:
    """Mean over runs, as daily volatility is estimated run by run."""
    each = [np.diff(np.log(run.daily_usdjpy)).std(ddof=1) for run in panel.runs]
    return 100.0 * float(np.mean(each)) * math.sqrt(SESSIONS_A_YEAR)


def _spread_pct(months: int) -> Callable[[Panel], float]:
    def measure(panel: Panel) -> float:
        logs = panel.log_usdjpy_after(months)
        return 100.0 * float(logs.std(ddof=1)) if logs.size > 1 else math.nan

    return measure


def _over_months(outcome: str, first: int, last: int) -> Callable[[Panel], float]:
    return lambda panel: median(panel.in_years(outcome, first, last))


def _at_year_ends(outcome: str, first: int, last: int) -> Callable[[Panel], float]:
    return lambda panel: median(panel.at_year_ends(outcome, first, last))


def yearly_medians(panel: Panel, outcome: str) -> FloatArray:
    """Median over runs and months of each complete fiscal year, (years,)."""
    years = np.unique(panel.fiscal_year[panel.complete]).tolist()
    return np.array([median(panel.in_years(outcome, year, year)) for year in years])


def _share_above_limit(panel: Panel) -> float:
    return 100.0 * float((panel.values("softbank_ltv_pct") > LTV_LIMIT_PCT).any(axis=1).mean())


def _chip_import_growth(panel: Panel) -> float:
    """Mean growth a year of the median from FY2026 to the last full fiscal year."""
    medians = np.median(panel.at_year_ends("chip_imports_trn_yen", 2026, LAST_YEAR), axis=0)
    if medians.size < 2:
        return math.nan
    return 100.0 * float((medians[-1] / medians[0]) ** (1.0 / (medians.size - 1)) - 1.0)


_MONTHS_27_35 = "median over runs and months, FY2027-35"

CORRIDOR: tuple[CorridorRow, ...] = (
    CorridorRow(
        OUTCOMES["usdjpy"].label,
        "daily volatility (sd of log changes × √252), mean over runs",
        "% a year",
        8.4,
        11.3,
        2,
        _daily_volatility_pct,
    ),
    CorridorRow(
        OUTCOMES["usdjpy"].label,
        "median over runs and months, FY2030",
        "yen",
        120.0,
        190.0,
        1,
        _over_months("usdjpy", 2030, 2030),
    ),
    CorridorRow(OUTCOMES["usdjpy"].label, "sd over runs of the log after 1 year", "%", 8.0, 14.0, 1, _spread_pct(12)),
    CorridorRow(OUTCOMES["usdjpy"].label, "sd over runs of the log after 5 years", "%", 13.0, 25.0, 1, _spread_pct(60)),
    CorridorRow(
        OUTCOMES["gov_debt_to_gdp_pct"].label,
        "median over runs, end of FY2035",
        "%",
        185.0,
        245.0,
        1,
        _at_year_ends("gov_debt_to_gdp_pct", 2035, 2035),
    ),
    CorridorRow(
        OUTCOMES["jgb_10y_pct"].label,
        "lowest of the yearly medians over runs and months",
        "%",
        1.5,
        4.5,
        2,
        lambda panel: min(yearly_medians(panel, "jgb_10y_pct").tolist(), default=math.nan),
    ),
    CorridorRow(
        OUTCOMES["jgb_10y_pct"].label,
        "highest of the yearly medians over runs and months",
        "%",
        1.5,
        4.5,
        2,
        lambda panel: max(yearly_medians(panel, "jgb_10y_pct").tolist(), default=math.nan),
    ),
    CorridorRow(
        OUTCOMES["cpi_yoy_pct"].label,
        _MONTHS_27_35,
        "%",
        0.5,
        3.5,
        2,
        _over_months("cpi_yoy_pct", FIRST_YEAR, LAST_YEAR),
    ),
    CorridorRow(
        OUTCOMES["real_gdp_growth_pct"].label,
        _MONTHS_27_35,
        "%",
        0.0,
        1.8,
        2,
        _over_months("real_gdp_growth_pct", FIRST_YEAR, LAST_YEAR),
    ),
    CorridorRow(
        OUTCOMES["bond_dependency_pct"].label,
        "median over runs and fiscal-year ends, FY2027-35",
        "%",
        18.0,
        34.0,
        1,
        _at_year_ends("bond_dependency_pct", FIRST_YEAR, LAST_YEAR),
    ),
    CorridorRow(
        OUTCOMES["softbank_ltv_pct"].label,
        "median over runs and all months",
        "%",
        12.0,
        30.0,
        1,
        lambda panel: median(panel.values("softbank_ltv_pct")),
    ),
    CorridorRow(
        OUTCOMES["softbank_ltv_pct"].label,
        f"share of runs above {LTV_LIMIT_PCT:.0f}% in some month",
        "% of runs",
        10.0,
        80.0,
        0,
        _share_above_limit,
    ),
    CorridorRow(
        "Chip imports",
        "median over runs, FY2026",
        "trn yen",
        8.0,
        13.0,
        2,
        _at_year_ends("chip_imports_trn_yen", 2026, 2026),
    ),
    CorridorRow(
        "Chip imports", "growth a year of that median up to FY2035", "%", 0.0, math.inf, 1, _chip_import_growth
    ),
    CorridorRow(
        "People using AI",
        "median over runs, end of FY2035",
        "%",
        60.0,
        90.0,
        1,
        _at_year_ends("genai_individual_use_pct", 2035, 2035),
    ),
    CorridorRow(
        "Domestic AI share",
        "median over runs, 12 months to the end of FY2030",
        "%",
        5.0,
        35.0,
        1,
        _at_year_ends("domestic_ai_share_home_pct", 2030, 2030),
    ),
)
"""What is checked, in the order it is printed."""
