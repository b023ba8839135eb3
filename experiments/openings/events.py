"""What had been announced at a date: steps in force, and steps to come."""

from __future__ import annotations

import math
from datetime import date

from itcho.experiments.data.origin_data import OriginData
from itcho.model.start_states.start_state import Event

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
    return tuple(sorted([*in_force.values(), *ahead], key=lambda event: (event.date, event.event)))
