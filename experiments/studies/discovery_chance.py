"""Whether a search for boxes would have found as much by chance: the whole search, done again on shuffled outcomes.

A box is found by looking at many, so what is unusual for one box is usual for the best of them.  The answer is a
permutation test of the search itself: outcomes are dealt out anew, the search runs again from the start, and the
largest excess of hits that it comes upon is kept.  What is dealt out are whole replicates, because the cases of a
replicate share their luck:

* **between** replicates, each with its outcomes in all scenarios as they are: nothing is left of parameters, while
  scenarios go on differing as they do;
* **within** a replicate, its scenarios shuffled: nothing is left of scenarios, while parameters go on mattering;
* **both**: nothing is left.

A box has to pass *both*, and of the other two those that concern its own limits, so that a scenario that matters lends
no parameter its evidence.  Testing the intersection first keeps the chance of any false find at the level of one test.

Sources: Westfall and Young, *Resampling-based multiple testing* (1993), for the largest statistic; Marcus, Peritz and
Gabriel, Biometrika 63 (1976), for closed testing; Besag and Clifford, Biometrika 78 (1991), for stopping early; Phipson
and Smyth, Statistical Applications in Genetics and Molecular Biology 9 (2010), for counting what was observed too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from itcho.experiments.studies.robustness import dominated
from itcho.experiments.studies.scenario_discovery import LEAST_MASS, PASTE, PEEL, Box, Input, Point, trajectory

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
Dealt = Literal["between", "within", "both"]

PERMUTATIONS = 199
FEWEST_PERMUTATIONS = 19
"""With fewer no p-value can reach :data:`LEVEL`."""
ENOUGH = 10
"""Searches on shuffled outcomes that did as well, after which there is nothing more to learn: the p-value is above
``ENOUGH / PERMUTATIONS``, which is above :data:`LEVEL`."""
LEVEL = 0.05
LEAST_HITS = 5
"""Replicates of interest inside a box below which nothing is claimed of it."""


@dataclass(frozen=True)
class Chance:
    """What chance would have found.

    Attributes
    ----------
    search : p-value of the whole search.
    parameters, scenario : p-values of the search with scenarios left as they are, and with parameters left as they are;
        NaN where the cases do not vary in one of them, or the search as a whole is no better than chance.
    boxes : p-value of each box, adjusted for the search.
    permutations : searches that were done on shuffled outcomes.
    replicates : independent ones.
    """

    search: float
    parameters: float
    scenario: float
    boxes: tuple[float, ...]
    permutations: int
    replicates: int


def chance_of_search(
    inputs: Sequence[Input],
    of_interest: BoolArray,
    boxes: Sequence[Box],
    rng: np.random.Generator,
    *,
    per_replicate: int = 1,
    peel: float = PEEL,
    paste: float = PASTE,
    least_mass: float = LEAST_MASS,
    permutations: int = PERMUTATIONS,
) -> Chance:
    """Hold the boxes of ``scenario_discovery.prim`` against searches on shuffled outcomes.

    Parameters
    ----------
    inputs, of_interest, per_replicate, peel, paste, least_mass : as given to ``prim``.
    boxes : what it found.
    permutations : at most so many searches for each way of dealing.
    """
    wanted = np.asarray(of_interest, dtype=np.bool_).reshape(-1, per_replicate)
    observed = excess(np.array([box.cases for box in boxes]), np.array([box.of_interest for box in boxes]), wanted.size)
    varies = {one.name: _varies_within(one, per_replicate) for one in inputs}
    found: dict[Dealt, FloatArray] = {}
    done = 0

    def searched(dealt: Dealt) -> float:
        """Deal in one way, keep the p-values of the boxes, return that of the search."""
        nonlocal done
        largest = _largest(inputs, wanted, dealt, observed.max(), rng, permutations, (peel, paste, least_mass))
        done += len(largest)
        as_good = (largest[:, None] >= observed - 1e-9).sum(axis=0)
        if len(largest) < permutations:
            found[dealt] = np.minimum(1.0, as_good / len(largest))
        else:
            found[dealt] = (1 + as_good) / (1 + permutations)
        return float(found[dealt].min())

    mixed = any(varies.values()) and not all(varies.values())
    search = searched("both" if any(varies.values()) else "between")
    parameters = scenario = math.nan
    if mixed and search <= LEVEL:
        parameters, scenario = searched("between"), searched("within")
    adjusted = []
    for place, box in enumerate(boxes):
        needed = {"both" if any(varies.values()) else "between"}
        if mixed:
            needed |= {"within" if varies[name] else "between" for name in box.dimensions}
        adjusted.append(max(float(values[place]) for dealt, values in found.items() if dealt in needed))
    return Chance(search, parameters, scenario, tuple(adjusted), done, len(wanted))


def excess(cases: NDArray[np.int64], hits: NDArray[np.int64], all_cases: int) -> FloatArray:
    """Hits of boxes above their share, in standard deviations of drawing as many cases without replacement.

    The first box is that of all cases.

    Examples
    --------
    >>> excess(np.array([100, 20]), np.array([50, 15]), 100).round(3).tolist()
    [0.0, 2.5]
    """
    share = hits[0] / all_cases
    variance = cases * share * (1.0 - share) * (all_cases - cases) / all_cases
    return np.asarray((hits - cases * share) / np.sqrt(np.where(variance > 0.0, variance, np.inf)), dtype=np.float64)


def stars(boxes: Sequence[Box], chance: Chance, least_hits: int = LEAST_HITS) -> list[bool]:
    """Which boxes may be told: beyond chance, borne out by enough replicates, and beaten by no other such box.

    Beaten means that another one has both more coverage and more density.
    """
    told = [
        place
        for place, (box, p_value) in enumerate(zip(boxes, chance.boxes, strict=True))
        if box.limits and p_value <= LEVEL and box.independent_hits >= least_hits
    ]
    if not told:
        return [False] * len(boxes)
    beaten = dominated(np.array([(boxes[place].coverage, boxes[place].density) for place in told]))
    kept = {place for place, worse in zip(told, beaten, strict=True) if not worse}
    return [place in kept for place in range(len(boxes))]


def _varies_within(one: Input, per_replicate: int) -> bool:
    """Whether an input tells the cases of one replicate apart, as the scenario does."""
    values = one.values.reshape(-1, per_replicate)
    return bool((values != values[:, :1]).any())


def _largest(
    inputs: Sequence[Input],
    wanted: BoolArray,
    dealt: Dealt,
    observed: float,
    rng: np.random.Generator,
    permutations: int,
    shares: tuple[float, float, float],
) -> FloatArray:
    """The largest excess of each search on shuffled outcomes; fewer than asked for once :data:`ENOUGH` did as well."""
    found: list[float] = []
    as_good = 0
    while len(found) < permutations and as_good < ENOUGH:
        shuffled = wanted
        if dealt != "within":
            shuffled = rng.permutation(shuffled)
        if dealt != "between":
            shuffled = rng.permuted(shuffled, axis=1)
        points: list[Point] = trajectory(inputs, shuffled.ravel(), *shares)
        cases, hits = (np.array([getattr(point, name) for point in points]) for name in ("cases", "hits"))
        found.append(float(excess(cases, hits, wanted.size).max()))
        as_good += found[-1] >= observed - 1e-9
    return np.array(found)
