"""Facts of years and decades: spread and persistence of gap, growth, prices, yen and current account over ten years.

Each row of ``data/long_run_facts.csv`` is a range around a figure of Japan.  The model's figure is one estimate on the
runs of all seeds together, years 2 to 10, as the first year still carries the opening.  Annual figures are means of
twelve months (of what adds up twelve months, the value at the year's end), changes are those of quarterly means, and
all are pooled over runs around their common mean.  Ranges of years after 2020 are shown and nothing is chosen on them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from itcho.experiments.evidence.respond import Estimate

FloatArray = NDArray[np.float64]

TABLE = "long_run_facts.csv"
MONTHLY = (
    "output_gap_pct",
    "real_gdp_trn_yen",
    "cpi_yoy_pct",
    "usdjpy_average",
    "current_account_pct_gdp",
    "fiscal_balance_pct_gdp",
    "jgb_10y_pct",
    "unemployment_pct",
    "export_volume_index",
    "japan_equity_index",
    "policy_rate_pct",
)
"""Outcomes that the estimators read."""
NOMINAL_GDP, REAL_YEN = "nominal_gdp", "real_yen"
"""What they read besides: nominal GDP of the month, and the logarithm of the real yen per dollar."""
LOW_RATE_PCT = 0.10
"""The policy rate counts as at its lower bound up to here, as the call rate of the published share does."""
MONTHS_A_YEAR, MONTHS_A_QUARTER, QUARTERS_A_YEAR = 12, 3, 4


@dataclass(frozen=True)
class Panel:
    """Runs of equal length side by side; what is read off them begins with the second year.

    Attributes
    ----------
    monthly : figures by name, (runs × months), from the first month on.
    """

    monthly: Mapping[str, FloatArray]

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return int(next(iter(self.monthly.values())).shape[0])

    def without(self, run: int) -> Panel:
        """All runs but one."""
        return Panel({name: np.delete(values, run, axis=0) for name, values in self.monthly.items()})

    def quarters(self, name: str) -> FloatArray:
        """Quarterly means, (runs × quarters)."""
        return self._means(name, MONTHS_A_QUARTER)[:, QUARTERS_A_YEAR:]

    def years(self, name: str) -> FloatArray:
        """Annual means, (runs × years)."""
        return self._means(name, MONTHS_A_YEAR)[:, 1:]

    def year_ends(self, name: str) -> FloatArray:
        """Values in the last months of years, (runs × years)."""
        return self.monthly[name][:, MONTHS_A_YEAR - 1 :: MONTHS_A_YEAR][:, 1:]

    def log_changes(self, name: str, quarters: int) -> FloatArray:
        """Changes of the logarithm of quarterly means over some quarters, percent."""
        return 100.0 * changes(np.log(self.quarters(name)), quarters)

    def _means(self, name: str, months: int) -> FloatArray:
        values = self.monthly[name]
        return np.asarray(values.reshape(values.shape[0], -1, months).mean(axis=2))


def changes(values: FloatArray, periods: int) -> FloatArray:
    """Changes over some periods within each run."""
    return values[:, periods:] - values[:, :-periods]


def pooled_sd(values: FloatArray) -> float:
    """Standard deviation of all values around their common mean; NaN for fewer than two.

    Examples
    --------
    >>> pooled_sd(np.array([[1.0, 3.0], [5.0, 7.0]])) ** 2 * 3
    20.0
    """
    return float(values.std(ddof=1)) if values.size > 1 else math.nan


def pooled_autocorrelation(values: FloatArray, lag: int) -> float:
    """Mean product of deviations a lag apart within runs, by their mean square; deviations from the common mean."""
    centred = values - values.mean()
    spread = float((centred**2).mean())
    return float((centred[:, lag:] * centred[:, :-lag]).mean()) / spread if spread > 0.0 else math.nan


def pooled_slope(x: FloatArray, y: FloatArray) -> float:
    """Least-squares slope of ``y`` on ``x`` over all runs."""
    centred = x - x.mean()
    spread = float((centred**2).sum())
    return float((centred * (y - y.mean())).sum()) / spread if spread > 0.0 else math.nan


def trend_a_year(values: FloatArray) -> float:
    """Mean over runs of the least-squares trend of annual values."""
    time = np.arange(values.shape[1]) - (values.shape[1] - 1) / 2.0
    return float((values @ time).mean() / (time @ time))


def _potential(panel: Panel) -> FloatArray:
    return np.log(panel.years("real_gdp_trn_yen")) - panel.years("output_gap_pct") / 100.0


def _growth_a_year(log_levels: FloatArray) -> float:
    return 100.0 * float(changes(log_levels, 1).mean())


def _low_rates(panel: Panel) -> float:
    last = panel.monthly["policy_rate_pct"][:, -MONTHS_A_YEAR:]
    return 100.0 * float((last <= LOW_RATE_PCT + 1e-9).mean())


def _sd_of_log_changes(name: str, quarters: int) -> Callable[[Panel], float]:
    return lambda panel: pooled_sd(panel.log_changes(name, quarters))


def _ratio_of_sds(name: str) -> Callable[[Panel], float]:
    def measure(panel: Panel) -> float:
        short = pooled_sd(panel.log_changes(name, 4))
        return pooled_sd(panel.log_changes(name, 20)) / short if short > 0.0 else math.nan

    return measure


def _autocorrelation(read: Callable[[Panel, str], FloatArray], name: str, lag: int) -> Callable[[Panel], float]:
    return lambda panel: pooled_autocorrelation(read(panel, name), lag)


GAP, GDP, CPI, YEN = "output_gap_pct", "real_gdp_trn_yen", "cpi_yoy_pct", "usdjpy_average"
ACCOUNT, YIELD, JOBLESS, SHARES = "current_account_pct_gdp", "jgb_10y_pct", "unemployment_pct", "japan_equity_index"
BALANCE = "fiscal_balance_pct_gdp"


def _balance_and_growth(panel: Panel) -> tuple[FloatArray, FloatArray]:
    """Annual changes of the public balance over GDP, and real growth, percent."""
    return changes(panel.year_ends(BALANCE), 1), 100.0 * changes(np.log(panel.years(GDP)), 1)


def _balance_slope(panel: Panel) -> float:
    balance, growth = _balance_and_growth(panel)
    return pooled_slope(growth, balance)


def _balance_surprises(panel: Panel) -> float:
    balance, growth = _balance_and_growth(panel)
    return pooled_sd(balance - pooled_slope(growth, balance) * growth)


MEASURES: dict[str, Callable[[Panel], float]] = {
    "gap-sd": lambda panel: pooled_sd(panel.years(GAP)),
    "gap-mean": lambda panel: float(panel.years(GAP).mean()),
    "gap-ar1": _autocorrelation(Panel.years, GAP, 1),
    "growth-trend": lambda panel: _growth_a_year(np.log(panel.years(GDP))),
    "growth-ratio": _ratio_of_sds(GDP),
    "cpi-sd-1995to2012": lambda panel: pooled_sd(panel.quarters(CPI)),
    "cpi-sd-2013to2020": lambda panel: pooled_sd(panel.quarters(CPI)),
    "cpi-ar1-1995to2012": _autocorrelation(Panel.quarters, CPI, 1),
    "cpi-ar1-2013to2020": _autocorrelation(Panel.quarters, CPI, 1),
    "cpi-ar4": _autocorrelation(Panel.quarters, CPI, 4),
    "usdjpy-ratio": _ratio_of_sds(YEN),
    "reer-ar1": _autocorrelation(Panel.years, REAL_YEN, 1),
    "ca-sd": lambda panel: pooled_sd(panel.year_ends(ACCOUNT)),
    "ca-ar1": _autocorrelation(Panel.year_ends, ACCOUNT, 1),
    "ca-trend": lambda panel: trend_a_year(panel.year_ends(ACCOUNT)),
    "y10-sd-4q": lambda panel: pooled_sd(changes(panel.quarters(YIELD), 4)),
    "y10-sd-20q": lambda panel: pooled_sd(changes(panel.quarters(YIELD), 20)),
    "okun-annual": lambda panel: pooled_slope(changes(panel.years(GAP), 1), changes(panel.years(JOBLESS), 1)),
    "okun-quarterly": lambda panel: pooled_slope(panel.log_changes(GDP, 4), changes(panel.quarters(JOBLESS), 4)),
    "unemp-sd": lambda panel: pooled_sd(panel.quarters(JOBLESS)),
    "xm-sd": lambda panel: 100.0 * pooled_sd(changes(np.log(panel.years("export_volume_index")), 1)),
    "equity-yen-slope": lambda panel: pooled_slope(panel.log_changes(YEN, 1), panel.log_changes(SHARES, 1)),
    "potential-2024": lambda panel: _growth_a_year(_potential(panel)),
    "balance-growth-slope": _balance_slope,
    "balance-surprise-sd": _balance_surprises,
    "lower-bound-year-10": _low_rates,
    **{f"growth-sd-{k}q": _sd_of_log_changes(GDP, k) for k in (1, 4, 8, 12, 20)},
    **{f"nominal-sd-{k}q": _sd_of_log_changes(NOMINAL_GDP, k) for k in (4, 20)},
    **{f"usdjpy-sd-{k}q": _sd_of_log_changes(YEN, k) for k in (1, 4, 12, 20)},
    **{f"equity-sd-{k}q": _sd_of_log_changes(SHARES, k) for k in (4, 20)},
}
"""Estimators by the id of the fact."""


def estimate(measure: Callable[[Panel], float], panel: Panel) -> Estimate:
    """A measure on all runs, with the 95% interval of leaving out each run in turn (jackknife).

    Examples
    --------
    >>> runs = Panel({"x": np.array([[1.0], [2.0], [6.0]])})
    >>> of_mean = estimate(lambda panel: float(panel.monthly["x"].mean()), runs)
    >>> of_mean.mean, round(of_mean.high - of_mean.mean, 3)
    (3.0, 6.572)
    """
    value, runs = measure(panel), panel.runs
    if runs < 2:
        return Estimate(value, math.nan, math.nan, runs)
    left_out = np.array([measure(panel.without(run)) for run in range(runs)])
    error = math.sqrt((runs - 1) / runs * float(((left_out - left_out.mean()) ** 2).sum()))
    half = float(student.ppf(0.975, runs - 1)) * error
    return Estimate(value, value - half, value + half, runs)


def panel_of(runs: Sequence[Mapping[str, FloatArray]]) -> Panel:
    """Runs side by side, each with all monthly figures by name, (months,)."""
    return Panel({name: np.array([run[name] for run in runs]) for name in runs[0]})
