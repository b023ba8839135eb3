"""Ten groups of households, five ages by two halves of wealth: what part of incomes, taxes and assets each has.

They are the groups of :mod:`itcho.agents.individuals`.  Parts are fixed; they multiply what all households earn, pay
and own, so that groups add up to households exactly.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import total
from itcho.agents.individuals import GROUPS

Array = NDArray[np.float64]


class _Age(NamedTuple):
    """Per head of an age, relative to others: earnings of who works, pensions, deposits, shares, funds, debt, food."""

    earnings: float
    benefits: float
    deposits: float
    shares: float
    funds: float
    debt: float
    food: float


_AGES = (
    _Age(0.70, 0.10, 0.3, 0.24, 0.31, 0.4, 0.92),
    _Age(1.00, 0.15, 0.6, 1.15, 0.66, 1.8, 0.96),
    _Age(1.20, 0.20, 0.9, 2.54, 1.76, 1.2, 0.96),
    _Age(0.80, 1.60, 1.6, 3.40, 3.73, 0.4, 1.06),
    _Age(0.60, 2.30, 1.7, 3.40, 3.73, 0.1, 1.10),
)
"""Shares and funds: J-FLEC 2024, single households (24, 115, 254, 340 and 31, 66, 176, 373 in 10,000 yen; the oldest as
those before them).  The rest from memory, rounded: wage census, Family Income and Expenditure Survey."""

_UPPER = _Age(1.35, 1.10, 1.60, 1.80, 1.76, 1.10, 0.92)
"""Of the upper half of wealth over the mean; the lower has what is left of two.  Deposits, shares and funds: Nomura
Research Institute 2023 (the top 3% hold 26% of assets, the lower four fifths 40%); the rest by judgement."""


def _parts(per_age: tuple[float, ...], upper: float, weight: Array) -> Array:
    """Parts of a total, (10,), that add up to one."""
    per_head = np.array(
        [per_age[place // 2] * (upper if group.rich > 0.0 else 2.0 - upper) for place, group in enumerate(GROUPS)]
    )
    found = per_head * weight
    return np.asarray(found / found.sum())


class GroupParts:
    """Parts of the groups, (10,) each, adding up to one.

    Parameters
    ----------
    alike : whether all groups have per head the same.

    Attributes
    ----------
    people : of all people; the part of what is levied or paid per head.
    earned, benefits : of wages and mixed income, and of cash benefits.
    deposits, shares, funds, debt : of what households hold and owe.
    food : food and energy in what a group buys, over the mean (not a part).
    rich : 1 in the upper half of wealth, else 0.
    """

    def __init__(self, alike: bool = False) -> None:
        self.people = np.array([group.people for group in GROUPS])
        working = self.people * np.array([group.working for group in GROUPS])
        ages = list(zip(*_AGES, strict=True))

        def part(place: int, weight: Array) -> Array:
            return self.people if alike else _parts(ages[place], _UPPER[place], weight)

        self.earned, self.benefits = part(0, working), part(1, self.people)
        self.deposits, self.shares, self.funds = (part(place, self.people) for place in (2, 3, 4))
        self.debt = part(5, self.people)
        food = part(6, self.people) / self.people
        self.food = food / total(self.people * food)
        self.rich = np.zeros(self.people.size) if alike else np.array([float(group.rich > 0.0) for group in GROUPS])


NAMES = tuple(group.name for group in GROUPS)
