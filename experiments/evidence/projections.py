"""Published projections of Japan's economy beside what the runs of the corridor give for the same years.

A projection is another model's path, made at its date; it is no range to be met and nothing here aims at it.  Calendar
years of the publisher stand beside the fiscal years of the same number, which begin a quarter later.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from itcho.experiments.evidence.corridor import FloatArray, Panel
from itcho.experiments.evidence.stylised_facts import read_table
from itcho.experiments.languages import ENGLISH, Words

TABLE = "projections.csv"
BAND = (5.0, 95.0)
"""Percentiles of runs that are shown beside the median."""


@dataclass(frozen=True)
class Projection:
    """One published figure.

    Attributes
    ----------
    publisher, published, case : whose, of when, and which scenario or report of theirs.
    outcome, unit, decimals : what it is of.
    first_year, last_year : fiscal years.
    statistic : ``mean`` of the months of these years, or the value at their ``end``.
    low, high : the figure, twice, or its range; infinite where it is only said to be above.
    note : how it differs from the outcome.
    """

    publisher: str
    published: str
    case: str
    outcome: str
    unit: str
    first_year: int
    last_year: int
    statistic: str
    low: float
    high: float
    decimals: int
    note: str

    @property
    def years(self) -> str:
        """Years as people write them."""
        return self.years_in(ENGLISH)

    def years_in(self, say: Words) -> str:
        """Years as people write them in a language."""
        more = "" if self.first_year == self.last_year else f"-{self.last_year % 100:02d}"
        text = "end of FY{years}" if self.statistic == "end" else "FY{years}"
        return say(text, years=f"{self.first_year}{more}")


@dataclass(frozen=True)
class Beside:
    """A projection and the model's figure: median of runs and the band of 90% of them; NaN if no run gets there."""

    projection: Projection
    median: float
    low: float
    high: float


def projections() -> list[Projection]:
    """All projections, in the order of the table."""
    return [
        Projection(
            line["publisher"],
            line["published"],
            line["case"],
            line["outcome"],
            line["unit"],
            int(line["first_year"]),
            int(line["last_year"]),
            line["statistic"],
            float(line["low"]),
            float(line["high"] or "inf"),
            int(line["decimals"]),
            line["note"],
        )
        for line in read_table(TABLE)
    ]


def beside_projections(panel: Panel) -> list[Beside]:
    """The model's figure for every projection."""
    return [_beside(projection, panel) for projection in projections()]


def _beside(projection: Projection, panel: Panel) -> Beside:
    by_run = _by_run(projection, panel)
    if not by_run.size:
        return Beside(projection, math.nan, math.nan, math.nan)
    low, high = np.percentile(by_run, BAND)
    return Beside(projection, float(np.median(by_run)), float(low), float(high))


def _by_run(projection: Projection, panel: Panel) -> FloatArray:
    """The figure of each run, (runs,); empty if the runs do not hold all of the years."""
    first, last = projection.first_year, projection.last_year
    ends = panel.at_year_ends(projection.outcome, first, last)
    if ends.shape[1] < last - first + 1:
        return np.empty(0)
    if projection.statistic == "end":
        return np.asarray(ends[:, -1])
    return np.asarray(panel.in_years(projection.outcome, first, last).mean(axis=1))
