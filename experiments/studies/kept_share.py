"""What is left of a domestic share that support has won, five years after its last payment.

Support ends with the last fiscal year in which it pays, or in which its rule holds by the calendar.  What it has won by
then, against the baseline with the same seeds, is held against the same difference five years on.  A run that ends
sooner is read at its end, and the row says how many years that is.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from itcho.experiments.languages import Sentence
from itcho.experiments.studies.fiscal_years import MONTHS, complete_fiscal_years
from itcho.experiments.studies.statistics import NO_INTERVAL, Interval, bca_interval, t_interval
from itcho.model.clock import Month
from itcho.model.sizes import LONGEST_YEARS
from itcho.model.start_states import load

if TYPE_CHECKING:
    from itcho.experiments.studies.study import Study
    from itcho.model.policies.policy import Policy

FloatArray = NDArray[np.float64]

SHARE = "domestic_ai_share_home_pct"
YEARS_AFTER = 5
_SUPPORT_SLOTS = ("subsidy", "trade")
"""Slots whose rules pay AI firms or those who buy from them."""
_PART_OF_PAYMENTS = 0.01
"""A fiscal year with less than this part of all payments is no year of support: late claims on a guarantee, say."""


@dataclass(frozen=True)
class KeptShare:
    """What is left of the domestic share that a policy's support has won.

    Attributes
    ----------
    policy, scenario : names.
    last_fiscal_year : of support; None if there was none.
    years_after : how many years after it the run was read: five, or fewer if it ends sooner.
    at_end, later : mean difference of :data:`SHARE` from the baseline in that year and so many years on, points.
    kept_pct : ``later`` in percent of ``at_end``; NaN if nothing was won or the run ends with support.
    interval : of ``kept_pct``; NaN unless what was won is clear.
    years_needed : length of a run that holds five years after.
    reading : what can be said, in words.
    """

    policy: str
    scenario: str
    last_fiscal_year: int | None
    years_after: int
    at_end: float
    later: float
    kept_pct: float
    interval: Interval
    years_needed: int
    reading: str


def years_needed(policies: Sequence[Policy], opened: date, years: int) -> int:
    """Length of a run that holds five years after the last month of support that the policies' calendars name.

    Support without an end, and support whose end only payments tell, ask for no more than ``years``.

    Parameters
    ----------
    opened : date of the start state.
    years : the least length.

    Examples
    --------
    >>> from itcho.model.policies import policy
    >>> years_needed([policy("actual")], date(2026, 3, 31), 3), years_needed([policy("none")], date(2026, 3, 31), 3)
    (10, 3)
    """
    found = years
    for policy in policies:
        last = last_year_due(policy, None, opened)
        if last is not None:
            found = max(found, length_to(last + YEARS_AFTER, opened))
    return min(found, LONGEST_YEARS)


def last_year_due(policy: Policy, baseline: Policy | None, opened: date) -> int | None:
    """Last fiscal year in which the subsidy rule gives support by the calendar; None if there is none, or no end.

    Parameters
    ----------
    baseline : months in which its rule is the same do not count; None counts all.
    opened : date of the start state.

    Examples
    --------
    >>> from itcho.model.policies import policy
    >>> last_year_due(policy("actual"), policy("none"), date(2026, 3, 31))
    2030
    """
    due = _due_years(policy, baseline, opened, LONGEST_YEARS)
    return due[-1] if due and due[-1] < complete_fiscal_years(opened, LONGEST_YEARS)[-1] else None


def long_enough(study: Study) -> Study:
    """The study, or the same with runs so long that they hold five years after support."""
    opened = load(study.template.start).date
    years = years_needed(study.all_policies, opened, study.template.years)
    return dataclasses.replace(study, template=dataclasses.replace(study.template, years=years))


def supports_otherwise(policy: Policy, baseline: Policy) -> bool:
    """Whether a policy's support of AI differs from the baseline's."""
    ours, theirs = (
        [(slot, one.rule(slot)) for slot in _SUPPORT_SLOTS]
        + [(change.slot, change) for change in one.changes if change.slot in _SUPPORT_SLOTS]
        for one in (policy, baseline)
    )
    return ours != theirs


def kept_share(
    study: Study,
    policy: Policy,
    scenario: str,
    shares: FloatArray,
    costs: FloatArray,
    rng: np.random.Generator,
) -> KeptShare:
    """What is left of what one policy's support has won in one scenario.

    Parameters
    ----------
    shares, costs : the domestic share, and programme money paid since the start, of the policy and of the baseline,
        (replicates, complete fiscal years, 2).
    """
    opened = load(study.template.start).date
    years = complete_fiscal_years(opened, study.template.years)
    differs = np.diff(costs, axis=1, prepend=0.0)
    paid = np.abs((differs[..., 0] - differs[..., 1]).mean(axis=0))
    paying = [year for year, amount in zip(years, paid, strict=True) if amount > _PART_OF_PAYMENTS * paid.sum()]
    due = [year for year in _due_years(policy, study.baseline, opened, LONGEST_YEARS) if year >= years[0]]
    if not (paying or due):
        return KeptShare(policy.name, scenario, None, 0, 0.0, 0.0, math.nan, NO_INTERVAL, study.template.years,
                         "no support in the run")  # fmt: skip
    ends = max(paying + due)
    needed = length_to(ends + YEARS_AFTER, opened)
    last = min(ends, years[-1])
    after = min(YEARS_AFTER, years[-1] - last)
    gain = shares[..., 0] - shares[..., 1]
    at_end, later = gain[:, last - years[0]], gain[:, last - years[0] + after]
    means = float(at_end.mean()), float(later.mean())
    row = (policy.name, scenario, last, after, *means)
    if after == 0:
        reading = Sentence("the run ends with support{longer}", longer=_longer(needed))
        return KeptShare(*row, math.nan, NO_INTERVAL, needed, reading)
    if means[0] == 0.0:
        return KeptShare(*row, math.nan, NO_INTERVAL, needed, "support won nothing that could be kept")
    won = t_interval(at_end, study.level)
    clear = won[0] > 0.0 or won[1] < 0.0
    pairs = np.stack([later, at_end], axis=1)
    interval = bca_interval(_percent, pairs, rng, study.level) if clear else NO_INTERVAL
    reading = Sentence(_in_words(interval) if clear else "what was won cannot be told from nothing")
    if after < YEARS_AFTER:
        reading = Sentence(
            "{reading}; {after} of {years} years after support{longer}",
            reading=reading,
            after=after,
            years=YEARS_AFTER,
            longer=_longer(needed),
        )
    return KeptShare(*row, 100.0 * means[1] / means[0], interval, needed, reading)


def kept_record(row: KeptShare) -> dict[str, Any]:
    """A row as JSON can hold it; what does not exist is null, and ``reading`` says why."""
    record = {
        "policy": row.policy,
        "scenario": row.scenario,
        "last_fiscal_year_of_support": row.last_fiscal_year,
        "years_after": row.years_after,
        "share_won_at_end_points": row.at_end,
        "share_won_later_points": row.later,
        "kept_share_pct": row.kept_pct,
        "ci_low": row.interval[0],
        "ci_high": row.interval[1],
        "years_needed": row.years_needed,
        "reading": row.reading,
    }
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in record.items()
    }


def _percent(samples: FloatArray) -> FloatArray:
    """Mean of what is left in percent of the mean of what was won, by sample."""
    later, at_end = samples.mean(axis=1).T
    return np.asarray(100.0 * later / np.where(at_end == 0.0, np.finfo(np.float64).tiny, at_end))


def _in_words(interval: Interval) -> str:
    low, high = interval
    if math.isnan(low):
        return "too few seeds for an interval"
    if low > 0.0:
        return "some of it lasts" if high < 100.0 else "it lasts"
    return "cannot tell whether any lasts" if high > 0.0 else "it turns round"


def _longer(needed: int) -> Sentence:
    if needed > LONGEST_YEARS:
        return Sentence(", which has no end")
    return Sentence(": too short for five years, which takes --years {years}", years=needed)


def length_to(fiscal_year: int, opened: date) -> int:
    """Years of a run, from the date of its start state, that holds a fiscal year whole."""
    last_month = Month(fiscal_year + 1, 3)
    return math.ceil((last_month - Month.of(opened)) / MONTHS)


def _due_years(policy: Policy, baseline: Policy | None, opened: date, years: int) -> list[int]:
    """Fiscal years in which the subsidy rule, if another than the baseline's, gives support by the calendar."""
    found = []
    begins = Month.of(opened).plus(1)
    for month in range(MONTHS * years):
        now = begins.plus(month)
        rule = policy.rule("subsidy", now)
        if baseline is not None and rule == baseline.rule("subsidy", now):
            continue
        if rule.is_due(month, now.fiscal_year) and now.fiscal_year not in found:
            found.append(now.fiscal_year)
    return found
