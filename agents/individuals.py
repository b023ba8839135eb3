"""Individuals who use AI: ten groups by age and wealth, how many of each use it, and what draws them to a tool.

Use spreads in each group as Bass has it.  The odds of taking it up and its ceiling, in log-odds, move with the price
that the group's own tools have (the poorer half minds it more), with how good they are, and, as far as the group works,
with what draws its employers, support for their costs among it.
Which tool a person uses by default is a contract of its own; see :mod:`itcho.agents.contracts`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit, total
from itcho.agents.contracts import Records
from itcho.agents.views import ParameterValues

FloatArray = NDArray[np.float64]

MONTHS_A_YEAR = 12.0


class Group(NamedTuple):
    """People of an age and a half of wealth.

    Attributes
    ----------
    name : snake_case.
    people : part of all people.
    age : 0 for the youngest to 1 for the oldest.
    rich : 1 for the upper half, -1 for the lower.
    working : part that works.
    """

    name: str
    people: float
    age: float
    rich: float
    working: float


_AGES = (
    ("15_29", 0.17, 0.65),
    ("30_44", 0.20, 0.85),
    ("45_59", 0.25, 0.85),
    ("60_74", 0.22, 0.50),
    ("75_up", 0.16, 0.10),
)
"""Part of the people of 15 and more, and part that works: population estimates and labour force survey of the
Statistics Bureau for 2024, rounded, from memory."""

GROUPS: tuple[Group, ...] = tuple(
    Group(f"{name}_{half}", 0.5 * people, 0.25 * place, rich, working)
    for place, (name, people, working) in enumerate(_AGES)
    for half, rich in (("lower", -1.0), ("upper", 1.0))
)


class Individuals:
    """Use of AI by the groups.

    Parameters
    ----------
    parameters : attribute access (``ai_individual_...``).
    use_share : part of all people who use it at the start, met exactly.
    persons : choosers of default tools; person i is of group i modulo ten.
    alike : whether all groups have the mean of age, wealth and work.

    Attributes
    ----------
    use : (groups,) fraction.
    usage : (persons,) users that each stands for, fractions of all people.
    pull : (persons,) utility of tools from Japan beyond that of others.
    """

    def __init__(self, parameters: ParameterValues, use_share: float, persons: int, alike: bool = False) -> None:
        p = parameters
        self.people = np.array([group.people for group in GROUPS])
        age, rich = np.array([group.age for group in GROUPS]), np.array([group.rich for group in GROUPS])
        self._working = np.array([group.working for group in GROUPS])
        if alike:
            age, rich, self._working = (
                np.full(len(GROUPS), float(self.people @ trait)) for trait in (age, rich, self._working)
            )
        tilt = -p.ai_individual_age_gap * age + 0.5 * p.ai_individual_wealth_gap * rich
        self._ceiling_odds = _odds_with_mean(tilt, self.people, p.ai_individual_ceiling)
        self.use = 1.0 / (1.0 + np.exp(-_odds_with_mean(tilt, self.people, use_share)))
        # Below its ceiling, however the start is spread.
        self.use = np.minimum(self.use, 0.98 / (1.0 + np.exp(-self._ceiling_odds)))
        self._price_response = p.ai_individual_price_response * (1.0 - 0.5 * rich)
        self._bass = p.ai_individual_innovation, p.ai_individual_imitation
        self._language = p.ai_individual_language_pull * (age - float(self.people @ age))
        self._employers = p.ai_individual_employer_pull * self._working
        self._group = np.arange(persons) % len(GROUPS)
        self._quality_response = p.ai_individual_quality_response
        counts = np.bincount(self._group, minlength=len(GROUPS))
        self._users = self.people / counts
        self._price, self._quality, self._shift = np.zeros((3, len(GROUPS)))
        self.usage = np.empty(persons)
        self.pull = np.empty(persons)
        self.write_usage()
        self.follow_employers(0.0)

    def write_usage(self) -> None:
        """Let persons stand for the users there are."""
        np.take(self._users * self.use, self._group, out=self.usage)

    def follow_employers(self, gain: float) -> None:
        """Let tools from Japan be liked by age and by what people have at work.

        Parameters
        ----------
        gain : part of organisations' demand that goes to suppliers at home, less that of the start.
        """
        np.take(self._language + self._employers * gain, self._group, out=self.pull)

    @property
    def use_share(self) -> float:
        """People who use AI (fraction)."""
        return total(self.people * self.use)

    def flow(self) -> float:
        """New users a month at the opening's ceilings (fraction of people)."""
        before, share = self.use.copy(), self.use_share
        self._spread(np.zeros(self.use.size))
        found = self.use_share - share
        self.use[:] = before
        return found

    def _spread(self, shift: FloatArray) -> None:
        spread(self.use, self._ceiling_odds, shift, *self._bass)

    def step(
        self,
        contracts: Records,
        offered_better: FloatArray,
        real_price: float,
        frontier: float,
        employers: float,
    ) -> None:
        """Let use spread for one month.

        Parameters
        ----------
        contracts : of individuals, type :data:`itcho.agents.contracts.CONTRACT`.
        offered_better : (suppliers,) quality less the frontier, less the same at the start, s.d.
        real_price : ln of the common part of prices over consumer prices, against its expected path.
        frontier : quality of the frontier against its expected path, s.d.
        employers : what moves the ceiling of firms' use, log-odds.
        """
        tools_of_groups(contracts, offered_better, self._price, self._quality)
        move_use(
            self.use,
            self._ceiling_odds,
            (self._price, self._quality),
            (self._price_response, self._working),
            (self._quality_response, real_price, frontier, employers),
            self._bass,
            self._shift,
        )
        self.write_usage()


def _odds_with_mean(tilt: FloatArray, weight: FloatArray, mean: float) -> FloatArray:
    """Log-odds that differ by `tilt` and whose shares have this mean (bisection)."""
    low, high = -40.0, 40.0
    for _ in range(80):
        middle = 0.5 * (low + high)
        found = float(weight @ (1.0 / (1.0 + np.exp(-(middle + tilt)))))
        low, high = (middle, high) if found < mean else (low, middle)
    return np.asarray(0.5 * (low + high) + tilt)


@njit(cache=True)
def tools_of_groups(contracts: Records, better: FloatArray, price: FloatArray, quality: FloatArray) -> None:
    """Write, by group, the mean locked price of its tools and how much better they are than at the start.

    Parameters
    ----------
    contracts : of persons, type :data:`itcho.agents.contracts.CONTRACT`; person i is of group i modulo the groups.
    better : (suppliers,) s.d.
    price, quality : (groups,) written: ln yen price over the start's; s.d.
    """
    groups = price.size
    count = np.zeros(groups)
    for g in range(groups):
        price[g] = 0.0
        quality[g] = 0.0
    for i in range(contracts.size):
        j = contracts["supplier"][i]
        if j >= 0:
            g = i % groups
            count[g] += 1.0
            price[g] += contracts["locked"][i]
            quality[g] += better[j]
    for g in range(groups):
        price[g] /= max(count[g], 1.0)
        quality[g] /= max(count[g], 1.0)


@njit(cache=True)
def spread(use: FloatArray, ceiling_odds: FloatArray, shift: FloatArray, innovation: float, imitation: float) -> None:
    """Let use spread for one month, by the mid-point rule; `shift` moves ceilings in log-odds and speed in logs."""
    for g in range(use.size):
        speed = np.exp(shift[g]) / MONTHS_A_YEAR
        ceiling = 1.0 / (1.0 + np.exp(-(ceiling_odds[g] + shift[g])))
        at = use[g]
        for _ in range(2):
            growth = (innovation + imitation * at / ceiling) * max(ceiling - at, 0.0) * speed
            at = use[g] + 0.5 * growth
        use[g] += growth


@njit(cache=True)
def move_use(
    use: FloatArray,
    ceiling_odds: FloatArray,
    tools: tuple[FloatArray, FloatArray],
    groups: tuple[FloatArray, FloatArray],
    common: tuple[float, float, float, float],
    bass: tuple[float, float],
    shift: FloatArray,
) -> None:
    """Let use spread for one month; see `Individuals.step`.

    Parameters
    ----------
    use, ceiling_odds : (groups,) the first changed.
    tools : prices and quality of the groups' tools.
    groups : their response to prices, and the part of them that works.
    common : response to quality, real price, frontier, and what moves employers' ceiling.
    bass : innovation and imitation.
    shift : (groups,) scratch.
    """
    quality_response, real_price, frontier, employers = common
    for g in range(use.size):
        shift[g] = quality_response * (frontier + tools[1][g]) - groups[0][g] * (real_price + tools[0][g])
        shift[g] += groups[1][g] * employers
    spread(use, ceiling_odds, shift, bass[0], bass[1])
