"""What had been announced at a date: steps in force, and steps to come."""

from __future__ import annotations

import math
from datetime import date

from itcho.experiments.data.origin_data import OriginData
from itcho.model.start_states.start_state import Event

_STATED_GOALS = ("boj.understanding_of_price_stability", "boj.inflation_goal", "boj.inflation_target")
_EASING_UNTIL_THE_GOAL = ("boj.comprehensive_easing", "boj.qqe_net_jgb_purchases", "boj.yield_curve_control_10y")
UNSTATED_RANGE_PP = 0.1
"""Either side of the 10-year yield's target before the range was stated: it was then doubled (Bank of Japan, press
conference of 31 July 2018)."""

RENAMED = {
    "tax.consumption_tax_rate": ("consumption_tax_rate_pct", "pct"),
    "boj.jgb_purchases": ("boj_jgb_purchases_monthly", "trn_yen_per_month"),
}
"""Announcements that the model acts on, under its own names and units; others keep theirs, with ``_`` for a dot."""
_AHEAD_ONLY = {"consumption_tax_rate_pct", "boj_jgb_purchases_monthly"}
"""What is in force of these stands in the facts and constants."""


def make_events(data: OriginData) -> tuple[Event, ...]:
    """Announced steps: those to come after the origin, and of each kind the last that is in force.

    A step that has been put off stands at the date last announced: one level of a kind has one date, that of its last
    announcement.  Events without a size are left out: they are the start or the end of what others measure.
    """
    last: dict[tuple[str, float], tuple[str, Event]] = {}
    for row in data.events.itertuples(index=False):
        effective, value = date.fromisoformat(str(row.effective)), float(str(row.value))
        if math.isnan(value):
            continue
        kind, unit = RENAMED.get(str(row.event), (str(row.event).replace(".", "_"), str(row.unit)))
        event = Event(effective, kind, value, unit, f"{row.source}; announced {row.announced}")
        # Payments of one size on several days are several events; a rate is reached once.
        key = (kind, value) if kind == "consumption_tax_rate_pct" else (f"{kind} {effective}", value)
        if key not in last or str(row.announced) >= last[key][0]:
            last[key] = (str(row.announced), event)
    ahead = [event for _, event in last.values() if event.date > data.origin]
    in_force: dict[str, Event] = {}
    for _, event in sorted(last.values(), key=lambda one: (one[1].date, one[0])):
        if event.date <= data.origin and event.event not in _AHEAD_ONLY:
            in_force[event.event] = event
    commitment = monetary_commitment(data)
    return tuple(sorted([*in_force.values(), *ahead, *commitment], key=lambda event: (event.date, event.event)))


def monetary_commitment(data: OriginData) -> list[Event]:
    """What the Bank of Japan had promised of its rate and of the 10-year yield, if a promise stood at the origin.

    Under quantitative easing it promised not to raise its rate before inflation is stably at zero or above (statement
    of 19 March 2001), under comprehensive and all later easing not before inflation is where it wants it (statements of
    5 October 2010, 4 April 2013 and 21 September 2016).  A rise of the policy rate ends a promise.
    """
    until = cap = floor = None
    goal, rate, centre, told = 0.0, math.inf, 0.0, ("", "")
    for row in data.events.sort_values(["announced", "effective"], kind="stable").itertuples(index=False):
        event, value = str(row.event), float(str(row.value))
        if date.fromisoformat(str(row.effective)) > data.origin:
            continue
        if event in _STATED_GOALS:
            goal = value
            until = None if until is None else goal
        elif event in _EASING_UNTIL_THE_GOAL:
            until = goal
        elif event == "boj.quantitative_easing_start":
            until = 0.0
        elif event == "boj.policy_rate" or event.endswith("easing_end"):
            until, cap, floor = (None, None, None) if not value <= rate else (until, cap, floor)
            rate = rate if math.isnan(value) else value
        if event == "boj.yield_curve_control_10y":
            centre, cap, floor = value, value + UNSTATED_RANGE_PP, value - UNSTATED_RANGE_PP
        elif event == "boj.yield_curve_control_range" and cap is not None:
            cap, floor = centre + value, centre - value
        if event.startswith("boj."):
            told = (str(row.effective), f"{row.source}; announced {row.announced}")
    found = [
        ("boj_rate_kept_until_inflation", until),
        ("boj_cap_on_10y_yield", cap),
        ("boj_floor_on_10y_yield", floor),
    ]
    return [
        Event(date.fromisoformat(told[0]), name, value, "pct", told[1]) for name, value in found if value is not None
    ]
