"""Scenario discovery: in which futures does something happen, said as a box that people can read (PRIM).

The Patient Rule Induction Method peels small slices off the box of all cases, each time the slice whose removal raises
the share of cases of interest most (or lowers it least), until only such cases or too few are left; then it pastes
slices back where that costs nothing.  The whole trajectory is kept: which box is worth telling, a wide one that catches
most cases or a narrow one that holds hardly any others, is the reader's choice and not the algorithm's.

Sources: Friedman and Fisher, *Bump hunting in high-dimensional data*, Statistics and Computing 9 (1999); Bryant and
Lempert, *Thinking inside the box*, Technological Forecasting and Social Change 77 (2010), for coverage, density,
quasi-p-values and the resampling test; Rao and Scott, Biometrics 48 (1992), for counts of cases that come in
replicates; Kwakkel and Jaxa-Rozen, Environmental Modelling & Software 79 (2016), for gains
per removed mass, without which categories and continuous inputs cannot be weighed against each other.

Cases may come in **replicates** that share their luck, such as the scenarios of one point and seed: four cases of one
lucky world are one piece of evidence.  Replicates are what is counted as evidence, drawn in resamples, and shuffled by
``itcho.experiments.studies.discovery_chance``, which says whether a search would have found as much by chance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from itcho.experiments.languages import ENGLISH, Words

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

PEEL, PASTE, LEAST_MASS = 0.05, 0.05, 0.05
RESAMPLES = 10


@dataclass(frozen=True)
class Input:
    """What may limit a box.

    Attributes
    ----------
    name : of a parameter, or of what the categories are.
    values : numbers, or texts, one for each case.
    """

    name: str
    values: NDArray[np.generic]

    @property
    def numeric(self) -> bool:
        """Whether it is a number; else it is a category."""
        return self.values.dtype.kind in "iuf"


@dataclass(frozen=True)
class Limit:
    """One side of a box.

    Attributes
    ----------
    name : of the input.
    side : ``low``, ``high`` or ``among``.
    bound : the lowest or highest value inside; NaN for categories.
    categories : inside the box; empty for numbers.
    quasi_p : chance of a box with as many cases of interest if this limit did nothing (binomial, with the cases counted
        as so many independent ones as their replicates make of them); it knows nothing of the search.
    """

    name: str
    side: str
    bound: float
    categories: tuple[str, ...]
    quasi_p: float

    def text(self, say: Words = ENGLISH) -> str:
        """Such as ``a ≥ 0.7``."""
        if self.side == "among":
            return say("{name} is {values}", name=self.name, values=say(" or ").join(self.categories))
        return f"{self.name} {'≥' if self.side == 'low' else '≤'} {self.bound:.4g}"


@dataclass(frozen=True)
class Box:
    """A point of the trajectory.

    Attributes
    ----------
    step : from 0, the box of all cases.
    made_by : ``all``, ``peel`` or ``paste``.
    cases, of_interest : inside.
    replicates, independent_hits : of which a case, or a case of interest, is inside.
    coverage : share of all cases of interest that are inside.
    density : share of the cases inside that are of interest.
    mass : share of all cases that are inside.
    limits : that leave a case out.
    reproducibility : by input: share of resamples in which the box of most similar coverage and density limits it.
    inside : by case.
    """

    step: int
    made_by: str
    cases: int
    of_interest: int
    replicates: int
    independent_hits: int
    coverage: float
    density: float
    mass: float
    limits: tuple[Limit, ...]
    reproducibility: dict[str, float]
    inside: BoolArray

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Inputs that the box limits."""
        return tuple(dict.fromkeys(limit.name for limit in self.limits))


def prim(
    inputs: Sequence[Input],
    of_interest: BoolArray,
    rng: np.random.Generator,
    *,
    per_replicate: int = 1,
    peel: float = PEEL,
    paste: float = PASTE,
    least_mass: float = LEAST_MASS,
    resamples: int = RESAMPLES,
) -> list[Box]:
    """The peeling trajectory, from the box of all cases to the smallest, and the boxes pasted from there.

    Parameters
    ----------
    inputs : with a value for each case.
    of_interest : by case.
    rng : for the resampling only; the trajectory itself holds no chance.
    per_replicate : cases stand replicate by replicate, so many of each; 1 if every case is independent.
    peel, paste : share of a box's cases that a slice holds, 0 to 0.5.
    least_mass : share of all cases below which nothing is peeled.
    resamples : halves of the replicates, drawn without replacement, on which all is done again; 0 leaves the test out.

    Raises
    ------
    ValueError : an input is not finite (the message names case and input), lengths differ, the cases are no whole
        number of replicates, a share is out of bounds, or no case or every case is of interest.
    """
    wanted = np.asarray(of_interest, dtype=np.bool_)
    _check(inputs, wanted, per_replicate, peel, paste, least_mass)
    found = trajectory(inputs, wanted, peel, paste, least_mass)
    path = [_described(inputs, wanted, per_replicate, point, number) for number, point in enumerate(found)]
    limited: list[dict[str, int]] = [dict.fromkeys((one.name for one in inputs), 0) for _ in path]
    done, many = 0, len(wanted) // per_replicate
    for _ in range(resamples):
        chosen = np.sort(rng.choice(many, size=many // 2, replace=False))
        half = (chosen[:, None] * per_replicate + np.arange(per_replicate)).ravel()
        part = [Input(one.name, one.values[half]) for one in inputs]
        if not 0 < wanted[half].sum() < len(half):
            continue
        done += 1
        again = trajectory(part, wanted[half], peel, paste, least_mass)
        total = int(wanted[half].sum())
        scores = np.array([(point.hits / total, point.hits / point.cases) for point in again])
        for counts, box in zip(limited, path, strict=True):
            near = again[int(np.argmin(((scores - (box.coverage, box.density)) ** 2).sum(axis=1)))]
            for one, rule in zip(part, near.rules, strict=True):
                counts[one.name] += not rule.all()
    if not done:
        return path
    return [
        replace(box, reproducibility={name: count / done for name, count in counts.items()})
        for box, counts in zip(path, limited, strict=True)
    ]


def _check(
    inputs: Sequence[Input], wanted: BoolArray, per_replicate: int, peel: float, paste: float, least_mass: float
) -> None:
    if not inputs:
        raise ValueError("a box needs at least one input")
    if per_replicate < 1 or len(wanted) % per_replicate:
        raise ValueError(f"{len(wanted)} cases are no whole number of replicates of {per_replicate}")
    for one in inputs:
        if one.values.shape != wanted.shape:
            raise ValueError(f"{one.name} has {one.values.shape} values for {wanted.shape} cases")
        if one.numeric and not np.isfinite(one.values.astype(np.float64)).all():
            case = int(np.flatnonzero(~np.isfinite(one.values.astype(np.float64)))[0])
            raise ValueError(f"case {case}: {one.name} is {one.values[case]}, not a finite number")
    for name, share in (("peel", peel), ("paste", paste), ("least_mass", least_mass)):
        if not 0.0 < share <= 0.5:
            raise ValueError(f"{name} = {share} must be above 0 and at most 0.5")
    count = int(wanted.sum())
    if not 0 < count < len(wanted):
        raise ValueError(f"{count} of {len(wanted)} cases are of interest: there is nothing to tell apart")


_Rules = tuple[BoolArray, ...]
"""By input: which cases keep to the box's limits on it; the box holds the cases that keep to all."""


class Point(NamedTuple):
    """A box of a trajectory, before it is described.

    Attributes
    ----------
    made_by : ``all``, ``peel`` or ``paste``.
    rules : by input: which cases keep to the box's limits on it.
    cases, hits : inside, and of interest among them.
    """

    made_by: str
    rules: tuple[BoolArray, ...]
    cases: int
    hits: int


class _Change(NamedTuple):
    """A slice that can be peeled or pasted: what would be inside afterwards, and who would keep to the limits."""

    place: int
    cases: int
    hits: int
    rule: Callable[[], BoolArray]


def trajectory(
    inputs: Sequence[Input],
    wanted: BoolArray,
    peel: float = PEEL,
    paste: float = PASTE,
    least_mass: float = LEAST_MASS,
) -> list[Point]:
    """The search alone: parameters as in :func:`prim`, of cases that :func:`prim` would take."""
    rules: _Rules = tuple(np.ones(len(wanted), dtype=np.bool_) for _ in inputs)
    found = [Point("all", rules, len(wanted), int(np.count_nonzero(wanted)))]
    least = max(1, int(np.ceil(least_mass * len(wanted))))
    while (better := _best(_peels(inputs, found[-1].rules, wanted, peel), _gain_of_peel(found[-1], least))) is not None:
        found.append(_after("peel", found[-1].rules, better))
    for finer in (1.0, 2.0, 4.0, 8.0):
        # Thinner slices only where a whole one would let in too many others.
        while (
            better := _best(_pastes(inputs, found[-1], wanted, paste / finer), _gain_of_paste(found[-1], len(wanted)))
        ) is not None:
            found.append(_after("paste", found[-1].rules, better))
    return found


def _after(made_by: str, rules: _Rules, change: _Change) -> Point:
    changed = (*rules[: change.place], change.rule(), *rules[change.place + 1 :])
    return Point(made_by, changed, change.cases, change.hits)


def _inside(rules: _Rules) -> BoolArray:
    return np.asarray(np.logical_and.reduce(rules), dtype=np.bool_)


_Gain = Callable[[int, int], float | None]
"""Of the cases inside after a change, and those of interest among them; None if it must not be made."""


def _best(changes: Iterator[_Change], gain: _Gain) -> _Change | None:
    """The change of greatest gain, the first one of equals; None if no change is possible."""
    best, chosen = 0.0, None
    for change in changes:
        value = gain(change.cases, change.hits)
        if value is not None and (chosen is None or value > best + 1e-12 * abs(best)):
            best, chosen = value, change
    return chosen


def _gain_of_peel(before: Point, least: int) -> _Gain:
    """Rise in density per share of the box's cases removed; where it falls, small slices do the least harm."""
    cases, density = before.cases, before.hits / before.cases

    def gain(left: int, hits: int) -> float | None:
        if left < least or left == cases or density == 1.0:
            return None
        rise, removed = hits / left - density, (cases - left) / cases
        return rise / removed if rise > 0.0 else rise * removed

    return gain


def _gain_of_paste(before: Point, all_cases: int) -> _Gain:
    """Density after pasting if it is no lower than before, so that the densest wins, more cases of interest first."""
    cases, hits = before.cases, before.hits

    def gain(more: int, found: int) -> float | None:
        # Whole numbers: rounding must not let the density creep down.
        if more == cases or found == hits or found * cases < hits * more:
            return None
        return found / more + 1e-6 * found / all_cases

    return gain


def _peels(inputs: Sequence[Input], rules: _Rules, wanted: BoolArray, share: float) -> Iterator[_Change]:
    """Each slice that can be peeled."""
    where = np.flatnonzero(_inside(rules))
    hit = wanted[where]
    for place, one in enumerate(inputs):
        values = one.values[where]
        if not one.numeric:
            kinds = np.unique(values)
            if len(kinds) > 1:
                for kind in kinds:
                    yield _change(place, values != kind, hit, rules[place], one.values, np.not_equal, kind)
            continue
        ordered = np.sort(values)
        if ordered[0] == ordered[-1]:
            continue
        slice_ = max(1, int(share * len(ordered)))
        # Where many cases share the end value, the slice is all of them.
        low = max(ordered[slice_], ordered[np.searchsorted(ordered, ordered[0], side="right")])
        high = min(ordered[-1 - slice_], ordered[np.searchsorted(ordered, ordered[-1], side="left") - 1])
        yield _change(place, values >= low, hit, rules[place], one.values, np.greater_equal, low)
        yield _change(place, values <= high, hit, rules[place], one.values, np.less_equal, high)


def _change(
    place: int,
    kept: BoolArray,
    hit: BoolArray,
    rule: BoolArray,
    values: NDArray[np.generic],
    side: np.ufunc,
    bound: Any,
) -> _Change:
    """A slice peeled off: ``kept`` and ``hit`` of the cases inside, the rest of all cases."""
    return _Change(
        place, int(np.count_nonzero(kept)), int(np.count_nonzero(kept & hit)), lambda: rule & side(values, bound)
    )


def _pastes(inputs: Sequence[Input], before: Point, wanted: BoolArray, share: float) -> Iterator[_Change]:
    """Each slice that can be pasted back."""
    rules = before.rules
    size = max(1, int(share * before.cases))
    for place, one in enumerate(inputs):
        own = rules[place]
        others = _inside((*rules[:place], np.ones_like(own), *rules[place + 1 :]))
        more = []
        if not one.numeric:
            more = [one.values == kind for kind in np.unique(one.values[others & ~own])]
        else:
            kept = one.values[own]
            below = np.sort(one.values[others & (one.values < kept.min())])
            above = np.sort(one.values[others & (one.values > kept.max())])
            if len(below):
                more.append((one.values < kept.min()) & (one.values >= below[-min(size, len(below))]))
            if len(above):
                more.append((one.values > kept.max()) & (one.values <= above[min(size, len(above)) - 1]))
        for slice_ in more:
            after = others & (own | slice_)
            yield _Change(
                place,
                int(np.count_nonzero(after)),
                int(np.count_nonzero(after & wanted)),
                lambda own=own, slice_=slice_: own | slice_,  # type: ignore[misc]
            )


def _described(inputs: Sequence[Input], wanted: BoolArray, per_replicate: int, point: Point, step: int) -> Box:
    rules, inside = point.rules, _inside(point.rules)
    cases, hits = point.cases, point.hits
    by_replicate = inside.reshape(-1, per_replicate)
    limits = []
    for place, one in enumerate(inputs):
        others = _inside((*rules[:place], np.ones_like(inside), *rules[place + 1 :]))
        kept = one.values[rules[place]]
        if one.numeric:
            sides = (("low", kept.min(), one.values <= kept.max()), ("high", kept.max(), one.values >= kept.min()))
            for side, bound, without in sides:
                if (one.values < bound if side == "low" else one.values > bound).any():
                    p_value = _quasi_p(wanted, others & without, per_replicate, cases, hits)
                    limits.append(Limit(one.name, side, float(bound), (), p_value))
        elif not rules[place].all():
            categories = tuple(str(kind) for kind in np.unique(kept))
            limits.append(
                Limit(one.name, "among", np.nan, categories, _quasi_p(wanted, others, per_replicate, cases, hits))
            )
    return Box(
        step=step,
        made_by=point.made_by,
        cases=cases,
        of_interest=hits,
        replicates=int(by_replicate.any(axis=1).sum()),
        independent_hits=int((by_replicate & wanted.reshape(-1, per_replicate)).any(axis=1).sum()),
        coverage=hits / int(wanted.sum()),
        density=hits / cases,
        mass=cases / len(wanted),
        limits=tuple(limits),
        reproducibility={},
        inside=inside,
    )


def _quasi_p(wanted: BoolArray, without: BoolArray, per_replicate: int, cases: int, hits: int) -> float:
    """Chance of at least ``hits`` of ``cases`` if each were of interest as often as in the box without the limit.

    Cases of a replicate that go together are worth fewer independent ones: both counts are divided by the design
    effect of the box without the limit.
    """
    if hits == 0:
        return 1.0
    share = float(wanted[without].mean())
    effect = _design_effect(wanted, without, per_replicate)
    # The binomial tail as an incomplete beta function, which also takes counts that are not whole.
    return float(betainc(hits / effect, (cases - hits) / effect + 1.0, share))


def _design_effect(wanted: BoolArray, among: BoolArray, per_replicate: int) -> float:
    """Variance of the share of interest with replicates as they are, over that with independent cases; at least 1."""
    counts = among.reshape(-1, per_replicate).sum(axis=1)
    hits = (among & wanted).reshape(-1, per_replicate).sum(axis=1)[counts > 0]
    counts = counts[counts > 0]
    share, many = hits.sum() / counts.sum(), len(counts)
    if per_replicate == 1 or many < 2 or not 0.0 < share < 1.0:
        return 1.0
    spread = many / (many - 1) * float(((hits - share * counts) ** 2).sum()) / float(counts.sum())
    return max(1.0, spread / float(share * (1.0 - share)))
