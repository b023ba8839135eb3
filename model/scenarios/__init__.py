"""Scenarios: the world's part of an experiment, and nothing else.

A scenario bends the mean paths of what is exogenous: rates, prices, demand and equity abroad, and the capacity of
foreign chip suppliers.  It holds no path of anything that Japan's agents decide.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field

from agents.errors import InputError


@dataclass(frozen=True)
class OutsidePath:
    """How far the mean paths of the outside world are bent in one month; the defaults bend nothing."""

    us_rate_shift_pp: float = 0.0
    import_price_factor: float = 1.0
    demand_factor: float = 1.0
    ai_demand_factor: float = 1.0
    world_equity_drift_shift_pct: float = 0.0
    ai_equity_drift_shift_pct: float = 0.0
    chip_capacity: float = 1.0


_UNCHANGED = OutsidePath()


@dataclass(frozen=True)
class Episode:
    """A bend of the outside path from ``first_month`` on, for ``months`` months (0 is the first month of the run)."""

    first_month: int
    months: int
    path: OutsidePath


@dataclass(frozen=True)
class Scenario:
    """A named state of the world.

    Attributes
    ----------
    name, label, description, evidence : what it is and what it rests on.
    episodes : bends of the outside path; where two overlap, the later one in the list holds.
    """

    name: str
    label: str
    description: str
    evidence: str = ""
    episodes: tuple[Episode, ...] = field(default=())

    def outside(self, month: int) -> OutsidePath:
        """The outside path's bend in ``month``."""
        found = _UNCHANGED
        for episode in self.episodes:
            if episode.first_month <= month < episode.first_month + episode.months:
                found = episode.path
        return found


SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "baseline",
            "Baseline",
            "The world as expected at the start: US rates drift to neutral, world demand and AI demand grow on trend.",
            "Federal Reserve H.15; IMF World Economic Outlook, October 2025; IDC AI spending outlook",
        ),
        Scenario(
            "chip-supply-disruption",
            "Chip-supply disruption",
            "Foreign suppliers of AI chips lose 60% of their capacity for nine months, from the thirteenth month on.",
            "Severity and duration by judgement; range 30% for 3 months to 100% for 24",
            (Episode(12, 9, OutsidePath(chip_capacity=0.4)),),
        ),
    )
}
"""The scenarios that come with the model, by name."""


def scenario(name: str | Scenario) -> Scenario:
    """The scenario called ``name``.

    Raises
    ------
    InputError : no such scenario; the message lists the nearest names.
    """
    if isinstance(name, Scenario):
        return name
    if name in SCENARIOS:
        return SCENARIOS[name]
    near = difflib.get_close_matches(str(name), SCENARIOS, 3, 0.3) or sorted(SCENARIOS)
    raise InputError([f"scenario '{name}' is unknown; nearest: {', '.join(near)}"])
