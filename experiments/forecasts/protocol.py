"""The forecast protocol as the code uses it; ``docs/forecast_protocol.md`` says it in words and is hashed into results.

A change of anything here is a change of the protocol: the page is changed with it, and its new hash tells results under
one protocol from those under another.
"""

from __future__ import annotations

from dataclasses import dataclass

PROTOCOL_SHA256 = "53ba667339642d83c84ed47171b297781f8ea3e0addd9a1be9ceda1521904496"
"""SHA-256 of ``docs/forecast_protocol.md``, which the installed package does not hold."""

HORIZONS = (1, 2, 4, 8, 12)
"""Quarters ahead: 1 is the quarter that begins on the day after the origin."""
HORIZON_WEIGHTS = (0.30, 0.25, 0.20, 0.15, 0.10)
QUARTERS = HORIZONS[-1]
PATHS = 500

CRISIS_YEARS = frozenset({2008, 2009, 2020, 2021})
"""Calendar years whose quarters the third sample leaves out."""
ALL, BALANCED, CALM = "all", "balanced", "without_2008_09_and_2020_21"
SAMPLES = (ALL, BALANCED, CALM)

MODEL, FROZEN, CONDITIONAL = "itcho", "itcho_frozen", "itcho_conditional"

DRIFT_QUARTERS = 40
"""Quarters over which the drift is the mean."""


@dataclass(frozen=True)
class Target:
    """A series that is forecast.

    Attributes
    ----------
    name : in ``draws.csv`` and in the scores.
    label, unit : for people.
    headline : whether it counts among the five of the joint score.
    yearly : a sum over a fiscal year, known where a horizon ends with one.
    """

    name: str
    label: str
    unit: str
    headline: bool = True
    yearly: bool = False

    @property
    def horizons(self) -> tuple[int, ...]:
        """The horizons at which it is scored; origins are ends of fiscal years."""
        return tuple(one for one in HORIZONS if one % 4 == 0) if self.yearly else HORIZONS


TARGETS = (
    Target("real_gdp_growth_pct", "Real GDP", "% at annual rate"),
    Target("gdp_deflator_growth_pct", "GDP deflator", "% at annual rate"),
    Target("cpi_yoy_pct", "Consumer prices", "% on the year before"),
    Target("usdjpy", "USD/JPY", "yen per dollar"),
    Target("jgb_10y_pct", "10-year yield", "%"),
    Target("nominal_gdp_growth_pct", "Nominal GDP", "% at annual rate", headline=False),
    Target("policy_rate_pct", "Short rate", "%", headline=False),
    Target("unemployment_pct", "Unemployment", "%", headline=False),
    Target("government_deficit_trn_yen_fy", "Government deficit", "trn yen, fiscal year", headline=False, yearly=True),
    Target("current_account_trn_yen_fy", "Current account", "trn yen, fiscal year", headline=False, yearly=True),
)
HEADLINE = tuple(one.name for one in TARGETS if one.headline)
SERIES = tuple(one.name for one in TARGETS)
TARGET_OF = {one.name: one for one in TARGETS}
