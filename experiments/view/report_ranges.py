"""What is claimed in public of the outcomes, and for which years: drawn beside a run, and aimed at by nothing."""

from __future__ import annotations

import math
import re
from typing import Any

from itcho.experiments.claims.registry import all_claims
from itcho.experiments.evidence.projections import projections
from itcho.model.measure.outcomes import OUTCOMES

OUTCOME_OF_QUANTITY = {
    "usdjpy": "usdjpy",
    "domestic_ai_share_of_home_market": "domestic_ai_share_home_pct",
    "japan_share_of_global_ai_market": "japan_share_global_ai_pct",
}
"""Claimed quantities that are outcomes as they stand; debt over GDP is claimed on another base of GDP."""
_OF_A_PATH = ("level", "start-value")
"""Kinds of claim that name a level; effects name changes."""
_OF_A_CHANGE = ("policy-effect", "scenario-effect")
_YEARS = re.compile(r"(20\d\d)(?:-(20\d\d))?")
_FISCAL_YEARS = re.compile(r"FY20(\d\d)(?:-(\d\d))?")
_FIRST_MONTHS = re.compile(r"first (\d+)-(\d+) months")


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


def claimed_changes(scenario: str, policy: str, first_month: str) -> dict[str, list[dict[str, Any]]]:
    """What is claimed of the difference that a policy makes to none, as :func:`claimed_ranges` gives levels.

    Parameters
    ----------
    scenario, policy : of the run; what is claimed of others is not drawn beside it.
    first_month : of the run, such as 2026-04, from whose beginning some claims count months.

    Returns
    -------
    With ``percent``: whether ``low`` and ``high`` are percent of the world without the programme, not the outcome's
    own unit.  A claim of a sign alone has no range, and what is measured of no outcome has no chart.
    """
    from itcho.experiments.claims.effect_table import EFFECTS, NONE

    found: dict[str, list[dict[str, Any]]] = {}
    for claim in all_claims():
        effect = EFFECTS.get(claim.id) if claim.kind in _OF_A_CHANGE else None
        if effect is None or effect.path not in OUTCOMES or claim.low is None or claim.high is None:
            continue
        of_this = (effect.treated.scenario, effect.treated.policy, effect.control) == (scenario, policy, NONE)
        span = _span(claim.period, first_month)
        if of_this and span is not None:
            found.setdefault(_drawn_as(effect.path), []).append(
                {
                    "from": span[0], "to": span[1], "low": claim.low, "high": claim.high, "who": "",
                    "years": claim.period, "percent": effect.percent,
                }
            )  # fmt: skip
    return found


def _drawn_as(outcome: str) -> str:
    """A month's mean is claimed of, and its last day is drawn."""
    ends = outcome.removesuffix("_average")
    return ends if ends in OUTCOMES else outcome


def _span(period: str, first_month: str) -> tuple[float, float] | None:
    """Calendar years between which a period lies; None if its words are no years.

    Examples
    --------
    >>> _span("2027", "2026-04"), _span("FY2026-27", "2026-04"), _span("first 12-24 months", "2026-04")
    ((2027.0, 2028.0), (2026.25, 2028.25), (2027.25, 2028.25))
    """
    if years := _YEARS.fullmatch(period):
        return float(years[1]), float(years[2] or years[1]) + 1.0
    if fiscal := _FISCAL_YEARS.fullmatch(period):
        return 2000.25 + int(fiscal[1]), 2001.25 + int(fiscal[2] or fiscal[1])
    if months := _FIRST_MONTHS.fullmatch(period):
        year, month = map(int, first_month.split("-"))
        opened = year + (month - 1) / 12.0
        return opened + int(months[1]) / 12.0, opened + int(months[2]) / 12.0
    return None
