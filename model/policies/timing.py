"""When the dated parts of a policy and of a scenario act in a run, where that is not what a reader would expect."""

from __future__ import annotations

from itcho.model.clock import Month
from itcho.model.policies.policy import DatedChange, Policy
from itcho.model.scenarios.scenario import Scenario


def timing_notes(policy: Policy, scenario: Scenario, first: Month, months: int) -> list[str]:
    """Sentences on what is never in force in a run, and on rules that act later than they begin.

    Parameters
    ----------
    policy, scenario : of the run; the scenario as it was given, or placed on the run's calendar.
    first : the run's first month.
    months : how long it is.
    """
    last = first.plus(months - 1)
    notes = [note for change in policy.changes if (note := _of_change(policy.name, change, first, last))]
    placed = scenario.on_calendar(first)
    notes += [
        f"scenario '{scenario.name}': the episode from month {one.first_month + 1} on begins after this run's {months} "
        "months: it changes nothing"
        for one in placed.episodes
        if one.first_month >= months
    ]
    return notes


def _of_change(policy: str, change: DatedChange, first: Month, last: Month) -> str:
    block = f"policy '{policy}': {change.slot} {change.dates}"
    if change.first > last or (change.last is not None and change.last < first):
        return f"{block} is never in force: the run goes from {first} to {last}"
    if change.slot != "fiscal":
        return ""
    # Budgets are drawn up in April, but for the first of a run, which the start state has.
    begins = max(change.first, first.plus(1))
    acts = begins.plus((12 - begins.month_of_fiscal_year) % 12)
    end = last if change.last is None else min(last, change.last)
    if acts > end:
        return f"{block} never acts: fiscal rules act on budgets in April, and no April of the run lies in it"
    if acts != change.first:
        return f"{block} acts for the first time on the budget of fiscal year {acts.fiscal_year}, in {acts}"
    return ""
