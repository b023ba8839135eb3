"""What is claimed in public of the outcomes, and for which years: drawn beside a run, and aimed at by nothing."""

from __future__ import annotations

import math
import re
from typing import Any

from itcho.experiments.claims.registry import all_claims
from itcho.experiments.evidence.projections import projections

OUTCOME_OF_QUANTITY = {
    "usdjpy": "usdjpy",
    "domestic_ai_share_of_home_market": "domestic_ai_share_home_pct",
    "japan_share_of_global_ai_market": "japan_share_global_ai_pct",
}
"""Claimed quantities that are outcomes as they stand; debt over GDP is claimed on another base of GDP."""
_OF_A_PATH = ("level", "start-value")
"""Kinds of claim that name a level; effects name changes."""
_YEARS = re.compile(r"(20\d\d)(?:-(20\d\d))?")


def claimed_ranges() -> dict[str, list[dict[str, Any]]]:
    """For each outcome ``from``, ``to`` (calendar years), ``low``, ``high``, ``who`` and ``years``."""
    found: dict[str, list[dict[str, Any]]] = {}
    for claim in all_claims():
        outcome, years = OUTCOME_OF_QUANTITY.get(claim.quantity), _YEARS.fullmatch(claim.period)
        if outcome is None or years is None or claim.kind not in _OF_A_PATH or claim.low is None or claim.high is None:
            continue
        first, last = int(years[1]), int(years[2] or years[1])
        found.setdefault(outcome, []).append(
            {"from": first, "to": last + 1, "low": claim.low, "high": claim.high, "who": "", "years": claim.period}
        )
    for one in projections():
        if not math.isfinite(one.low) or not math.isfinite(one.high):
            continue
        # A fiscal year begins a quarter into the calendar year of its number.
        start = one.last_year + 1.0 if one.statistic == "end" else one.first_year + 0.25
        found.setdefault(one.outcome, []).append(
            {
                "from": start, "to": one.last_year + 1.25, "low": one.low, "high": one.high,
                "who": one.publisher, "years": one.years,
            }
        )  # fmt: skip
    return found
