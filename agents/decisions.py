"""Decisions on record: what an agent saw, what its rule wanted, what bound it, and what it did.

A record is made once, when the month is over, and never changed; making it changes nothing.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision of a month.

    Attributes
    ----------
    month : ISO date of the month's end.
    agent : who decided: a single agent or the name of a group.
    members : how many decided together; figures are their sum, or their mean by weight where the unit is a rate.
    what : what was decided on, snake_case.
    rule_name : of the rule of the policy in force; empty where no policy chooses the rule.
    saw : figures it looked at, by name with unit.
    wanted, did : what its rule asked for, and what came of it, in ``unit``.
    unit : of both.
    bound_by : names of what stood between the two, separated by blanks; empty if nothing did.
    """

    month: str
    agent: str
    members: int
    what: str
    rule_name: str
    saw: Mapping[str, float] = field(hash=False)
    wanted: float
    unit: str
    bound_by: str
    did: float

    @property
    def rule(self) -> str:
        """What was decided on, and by which rule of the policy, such as ``policy_rate:inertial-taylor``."""
        return f"{self.what}:{self.rule_name}" if self.rule_name else self.what

    def __copy__(self) -> Decision:
        """Itself: a record does not change."""
        return self

    def __deepcopy__(self, memo: object) -> Decision:
        """Itself: a record does not change."""
        return self

    def row(self) -> dict[str, str | int | float]:
        """The record as a line of ``decisions.csv``."""
        return {
            "month": self.month,
            "agent": self.agent,
            "members": self.members,
            "rule": self.rule,
            "saw": json.dumps({name: _short(value) for name, value in self.saw.items()}),
            "wanted": self.wanted,
            "unit": self.unit,
            "bound_by": self.bound_by,
            "did": self.did,
        }


def _short(value: float) -> float | None:
    """Seven digits, as a table needs them; what is no number is null."""
    return float(f"{value:.7g}") if math.isfinite(value) else None


DECISION_COLUMNS = ("month", "agent", "members", "rule", "saw", "wanted", "unit", "bound_by", "did")
"""Columns of ``decisions.csv``; ``saw`` is a JSON object."""
