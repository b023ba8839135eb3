"""Output gaps by filters that look back only, and growth up to a date."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

HODRICK_PRESCOTT_QUARTERLY = 1600.0
TREND_QUARTERS = 40
HAMILTON_AHEAD, HAMILTON_LAGS = 8, 4
_FEWEST_QUARTERS = TREND_QUARTERS + 1


@dataclass(frozen=True)
class OutputGap:
    """Output over potential in the last quarter that had been published, percent, by three filters."""

    hodrick_prescott_pct: float
    log_linear_pct: float
    hamilton_pct: float

    @property
    def all_pct(self) -> tuple[float, float, float]:
        """The three."""
        return self.hodrick_prescott_pct, self.log_linear_pct, self.hamilton_pct

    @property
    def median_pct(self) -> float:
        """The one in the middle."""
        return float(median(self.all_pct))


def published_quarters(series: pd.Series, origin: pd.Timestamp) -> pd.Series:
    """A series of the accounts up to what had come out at a 31 March: the fourth quarter of the year before."""
    return series[series.index <= pd.Period(origin, freq="Q") - 1]


def output_gap(real_gdp: pd.Series) -> OutputGap | None:
    """The gap in the last quarter of a series, by filters that use that series and nothing later.

    The Hodrick-Prescott filter at its last point, a log-linear trend through the last 40 quarters, and the residual of
    output on four of its values eight to eleven quarters before (Hamilton 2018, "Why You Should Never Use the
    Hodrick-Prescott Filter", Review of Economics and Statistics 100).

    Parameters
    ----------
    real_gdp : quarterly, seasonally adjusted, in order.

    Returns
    -------
    None if there are too few quarters.
    """
    log = 100.0 * np.log(real_gdp.to_numpy(dtype=np.float64))
    if len(log) < _FEWEST_QUARTERS:
        return None
    return OutputGap(_hodrick_prescott(log), _log_linear(log), _hamilton(log))


def _hodrick_prescott(log: FloatArray) -> float:
    quarters = len(log)
    second = np.diff(np.eye(quarters), n=2, axis=0)
    trend = np.linalg.solve(np.eye(quarters) + HODRICK_PRESCOTT_QUARTERLY * second.T @ second, log)
    return float(log[-1] - trend[-1])


def _log_linear(log: FloatArray) -> float:
    last = log[-TREND_QUARTERS:]
    time = np.arange(TREND_QUARTERS, dtype=np.float64)
    slope, level = np.polyfit(time, last, 1)
    return float(last[-1] - level - slope * time[-1])


def _hamilton(log: FloatArray) -> float:
    first = HAMILTON_AHEAD + HAMILTON_LAGS - 1
    wanted = log[first:]
    lags = [log[first - HAMILTON_AHEAD - lag : len(log) - HAMILTON_AHEAD - lag] for lag in range(HAMILTON_LAGS)]
    regressors = np.column_stack([np.ones(len(wanted)), *lags])
    weights = np.linalg.lstsq(regressors, wanted, rcond=None)[0]
    return float(wanted[-1] - regressors[-1] @ weights)
