"""The quiet start: without shocks, programme and dated events, the first months move no more than later ones do.

An opening that does not fit the model's own motion shows as a jolt in the first months.  For each outcome, its change
over months 1 to 3 is held against its three-month changes in years 2 to 5 of the same run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from itcho.experiments.studies.fiscal_years import RATIOS_TO_DATE
from itcho.model.sizes import DEFAULT_START

FloatArray = NDArray[np.float64]
Span = Literal["opening to month 3", "month 1 to month 3", "sum of months 1 to 3", "same months, ratio to date"]

YEARS = 5
FIRST_LATER_MONTH, LAST_LATER_MONTH = 12, 12 * YEARS
"""Later changes begin and end between the end of month 12 and the end of month 60."""
USUAL_FACTOR = 1.5
USUAL_PERCENTILE = 95.0
LEVEL_SHARE = 0.001


@dataclass(frozen=True)
class QuietRow:
    """One outcome's first quarter.

    Attributes
    ----------
    outcome : its name.
    span : what was compared (see :func:`quiet_start_rows`).
    before, after : the values at both ends of the span; for sums, zero and the sum.
    usual : 95th percentile of absolute changes over the same span in years 2 to 5.
    """

    outcome: str
    span: Span
    before: float
    after: float
    usual: float

    @property
    def change(self) -> float:
        """What moved."""
        return self.after - self.before

    @property
    def ratio(self) -> float:
        """The change over the usual one; infinite where nothing moves later."""
        if self.usual > 0.0:
            return abs(self.change) / self.usual
        return math.inf if self.change else 0.0

    @property
    def allowed(self) -> float:
        """1.5 times the usual change, or 0.1% of the level if that is more."""
        return max(USUAL_FACTOR * self.usual, LEVEL_SHARE * abs(self.before))

    @property
    def quiet(self) -> bool:
        """Whether the change is within what is allowed."""
        return abs(self.change) <= self.allowed


def run_quiet_start(start: str = DEFAULT_START, seed: int = 1) -> list[QuietRow]:
    """Run five years without shocks, programme or dated events, and judge the first quarter.

    Raises
    ------
    InputError : the start state is unknown or does not close.
    """
    from itcho.model.economy import JapanEconomy

    economy = JapanEconomy(policy="none", start=start, rng=seed, years=YEARS, noise=False, dated_events=False)
    opening = dict(economy.outcomes)
    table = economy.run().monthly_table()
    months = np.array([int(str(date)[5:7]) for date in table["month"]])
    return quiet_start_rows(opening, {name: table[name].to_numpy(dtype=np.float64) for name in opening}, months)


def quiet_start_rows(
    opening: Mapping[str, float], monthly: Mapping[str, FloatArray], month_of_year: NDArray[np.int64]
) -> list[QuietRow]:
    """Judge the first quarter of a run of at least five years.

    With x(0) the opening and x(m) the end of month m, the change is x(3) − x(0), held against x(m) − x(m−3) for m from
    15 to 60.  Three kinds of outcome need another span:

    * not defined before the first month (NaN at the opening): x(3) − x(1), against x(m) − x(m−2), m from 14 to 60;
    * sums over the fiscal year (``_fy``): what was added in months 1 to 3, against the same months of years 2 to 5;
    * ratios over the fiscal year to date: x(3) − x(1), against the same months of years 2 to 5.

    Parameters
    ----------
    opening : values before the first month.
    monthly : values at the end of each month, (months,) each.
    month_of_year : 1 to 12 for each month.
    """
    return [_row(name, opening[name], monthly[name], month_of_year) for name in opening]


def _row(name: str, opening: float, closing: FloatArray, month_of_year: NDArray[np.int64]) -> QuietRow:
    same_months = [12 * year + 2 for year in range(YEARS)]
    if name.endswith("_fy"):
        added = np.diff(closing, prepend=0.0)
        # In April the sum begins again.
        added = np.where(month_of_year == 4, closing, added)
        sums = np.array([added[last - 2 : last + 1].sum() for last in same_months])
        return QuietRow(name, "sum of months 1 to 3", 0.0, float(sums[0]), _usual(sums[1:]))
    if name in RATIOS_TO_DATE:
        changes = np.array([closing[last] - closing[last - 2] for last in same_months])
        before, after = float(closing[0]), float(closing[2])
        return QuietRow(name, "same months, ratio to date", before, after, _usual(changes[1:]))
    path = np.concatenate([[opening], closing[:LAST_LATER_MONTH]])
    first = 0 if math.isfinite(opening) else 1
    later = path[FIRST_LATER_MONTH:]
    usual = _usual(later[3 - first :] - later[: -(3 - first)])
    span: Span = "month 1 to month 3" if first else "opening to month 3"
    return QuietRow(name, span, float(path[first]), float(path[3]), usual)


def _usual(changes: FloatArray) -> float:
    return float(np.percentile(np.abs(changes), USUAL_PERCENTILE))
