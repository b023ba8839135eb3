"""The end of a world: what is raised where an economy leaves the ranges in which its figures mean anything."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

from itcho.model.measure.outcomes import OUTCOMES


class WorldCollapsed(RuntimeError):  # noqa: N818 - what happened to the world, and no mistake in what was given
    """An outcome left its declared range or is no number: the months after it would mean nothing.

    It is an answer of the model and no fault of the program: a run ends with it, a study keeps and counts it.

    Parameters
    ----------
    month : such as 2031-07.
    outcome : its name.
    value : in the outcome's unit; may be infinite or no number.
    """

    def __init__(self, month: str, outcome: str, value: float) -> None:
        self.month, self.outcome, self.value = month, outcome, value
        declared = OUTCOMES[outcome]
        where = (
            f"outside [{declared.low:g}, {declared.high:g}] {declared.unit}" if math.isfinite(value) else "not a number"
        )
        super().__init__(f"the world collapsed in month {month}: {outcome} = {value:.6g} is {where}")

    def __reduce__(self) -> tuple[type[WorldCollapsed], tuple[object, ...]]:
        return type(self), (self.month, self.outcome, self.value)


_ROUNDING = 1e-12


def require(month: str, outcome: str, value: float) -> None:
    """Let no economy go on from a value outside the declared range of its outcome.

    Parameters
    ----------
    month : such as 2031-07.
    outcome, value : its name, and what it is now.

    Raises
    ------
    WorldCollapsed : the value is outside the range or not finite.
    """
    low, high = declared_ranges()[outcome]
    if not low <= value <= high:
        raise WorldCollapsed(month, outcome, value)


def require_all(month: str, outcomes: Mapping[str, float]) -> None:
    """Let no economy go on whose outcomes left their declared ranges.

    Parameters
    ----------
    month : such as 2031-07.
    outcomes : values by name, at the end of that month.

    Raises
    ------
    WorldCollapsed : naming the first outcome, in the order of the registry, that is outside its range or not finite.
    """
    for name, (low, high) in declared_ranges().items():
        if not low <= outcomes[name] <= high:
            raise WorldCollapsed(month, name, outcomes[name])


@cache
def declared_ranges() -> dict[str, tuple[float, float]]:
    """Declared ranges by outcome; a sum of shares may pass a whole by its last bits."""
    return {
        name: (one.low - _ROUNDING * abs(one.low), one.high + _ROUNDING * abs(one.high))
        for name, one in OUTCOMES.items()
    }
