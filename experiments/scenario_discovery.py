"""Scenario discovery: in which futures does something happen, said as a box that people can read (PRIM).

The Patient Rule Induction Method peels small slices off the box of all cases, each time the slice whose removal raises
the share of cases of interest most (or lowers it least), until only such cases or too few are left; then it pastes
slices back where that costs nothing.  The whole trajectory is kept: which box is worth telling, a wide one that catches
most cases or a narrow one that holds hardly any others, is the reader's choice and not the algorithm's.

Sources: Friedman and Fisher, *Bump hunting in high-dimensional data*, Statistics and Computing 9 (1999); Bryant and
Lempert, *Thinking inside the box*, Technological Forecasting and Social Change 77 (2010), for coverage, density,
quasi-p-values and the resampling test; Kwakkel and Jaxa-Rozen, Environmental Modelling & Software 79 (2016), for gains
per removed mass, without which categories and continuous inputs cannot be weighed against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc

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
        return bool(np.issubdtype(self.values.dtype, np.number))


@dataclass(frozen=True)
class Limit:
    """One side of a box.

    Attributes
    ----------
    name : of the input.
    side : ``low``, ``high`` or ``among``.
    bound : the lowest or highest value inside; NaN for categories.
    categories : inside the box; empty for numbers.
    quasi_p : chance of a box with as many cases of interest if this limit did nothing (binomial).
    """

    name: str
    side: str
    bound: float
    categories: tuple[str, ...]
    quasi_p: float

    def text(self) -> str:
        """Such as ``a ≥ 0.7``."""
        if self.side == "among":
            return f"{self.name} is {' or '.join(self.categories)}"
        return f"{self.name} {'≥' if self.side == 'low' else '≤'} {self.bound:.4g}"


@dataclass(frozen=True)
class Box:
    """A point of the trajectory.

    Attributes
    ----------
    step : from 0, the box of all cases.
    made_by : ``all``, ``peel`` or ``paste``.
    cases, of_interest : inside.
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
    peel, paste : share of a box's cases that a slice holds, 0 to 0.5.
    least_mass : share of all cases below which nothing is peeled.
    resamples : halves of the cases, drawn without replacement, on which all is done again; 0 leaves the test out.

    Raises
    ------
    ValueError : an input is not finite (the message names case and input), lengths differ, a share is out of bounds, or
        no case or every case is of interest.
    """
    wanted = np.asarray(of_interest, dtype=np.bool_)
    _check(inputs, wanted, peel, paste, least_mass)
    path = [_described(inputs, wanted, box, number, made_by)
            for number, (made_by, box) in enumerate(_path(inputs, wanted, peel, paste, least_mass))]  # fmt: skip
    limited: list[dict[str, int]] = [dict.fromkeys((one.name for one in inputs), 0) for _ in path]
    done = 0
    for _ in range(resamples):
        half = np.sort(rng.choice(len(wanted), size=len(wanted) // 2, replace=False))
        part = [Input(one.name, one.values[half]) for one in inputs]
        if not 0 < wanted[half].sum() < len(half):
            continue
        done += 1
        again = [
            _described(part, wanted[half], box, 0, "") for _, box in _path(part, wanted[half], peel, paste, least_mass)
        ]
        scores = np.array([(box.coverage, box.density) for box in again])
        for counts, box in zip(limited, path, strict=True):
            near = again[int(np.argmin(((scores - (box.coverage, box.density)) ** 2).sum(axis=1)))]
            for name in near.dimensions:
                counts[name] += 1
    if not done:
        return path
    return [
        replace(box, reproducibility={name: count / done for name, count in counts.items()})
        for box, counts in zip(path, limited, strict=True)
    ]


def _check(inputs: Sequence[Input], wanted: BoolArray, peel: float, paste: float, least_mass: float) -> None:
    if not inputs:
        raise ValueError("a box needs at least one input")
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
_Path = list[tuple[str, _Rules]]


def _path(inputs: Sequence[Input], wanted: BoolArray, peel: float, paste: float, least_mass: float) -> _Path:
    rules: _Rules = tuple(np.ones(len(wanted), dtype=np.bool_) for _ in inputs)
    found: _Path = [("all", rules)]
    least = max(1, int(np.ceil(least_mass * len(wanted))))
    while (
        better := _best(_peels(inputs, rules, peel), rules, wanted, _gain_of_peel(wanted, rules, least))
    ) is not None:
        rules = better
        found.append(("peel", rules))
    for finer in (1.0, 2.0, 4.0, 8.0):
        # Thinner slices only where a whole one would let in too many others.
        while (
            better := _best(_pastes(inputs, rules, paste / finer), rules, wanted, _gain_of_paste(wanted, rules))
        ) is not None:
            rules = better
            found.append(("paste", rules))
    return found


def _inside(rules: _Rules) -> BoolArray:
    return np.asarray(np.logical_and.reduce(rules), dtype=np.bool_)


_Gain = Callable[[BoolArray], float | None]
"""Of the cases inside after a change; None if it must not be made."""


def _best(changes: Iterator[tuple[int, BoolArray]], rules: _Rules, wanted: BoolArray, gain: _Gain) -> _Rules | None:
    """The rules after the change of greatest gain, the first one of equals; None if no change is possible."""
    best, chosen = 0.0, None
    for place, rule in changes:
        changed = (*rules[:place], rule, *rules[place + 1 :])
        value = gain(_inside(changed))
        if value is not None and (chosen is None or value > best + 1e-12 * abs(best)):
            best, chosen = value, changed
    return chosen


def _gain_of_peel(wanted: BoolArray, rules: _Rules, least: int) -> _Gain:
    """Rise in density per share of the box's cases removed; where it falls, small slices do the least harm."""
    before = _inside(rules)
    cases, density = int(before.sum()), float(wanted[before].mean())

    def gain(after: BoolArray) -> float | None:
        left = int(after.sum())
        if left < least or left == cases or density == 1.0:
            return None
        rise, removed = float(wanted[after].mean()) - density, (cases - left) / cases
        return rise / removed if rise > 0.0 else rise * removed

    return gain


def _gain_of_paste(wanted: BoolArray, rules: _Rules) -> _Gain:
    """Density after pasting if it is no lower than before, so that the densest wins, more cases of interest first."""
    before = _inside(rules)
    cases, hits = int(before.sum()), int(wanted[before].sum())

    def gain(after: BoolArray) -> float | None:
        more, found = int(after.sum()), int(wanted[after].sum())
        # Whole numbers: rounding must not let the density creep down.
        if more == cases or found == hits or found * cases < hits * more:
            return None
        return found / more + 1e-6 * found / len(wanted)

    return gain


def _peels(inputs: Sequence[Input], rules: _Rules, share: float) -> Iterator[tuple[int, BoolArray]]:
    """Each slice that can be peeled: which input, and who keeps to the limits on it afterwards."""
    inside = _inside(rules)
    for place, one in enumerate(inputs):
        values = one.values[inside]
        if not one.numeric:
            kinds = np.unique(values)
            if len(kinds) > 1:
                yield from ((place, rules[place] & (one.values != kind)) for kind in kinds)
            continue
        ordered = np.sort(values)
        if ordered[0] == ordered[-1]:
            continue
        slice_ = max(1, int(share * len(ordered)))
        # Where many cases share the end value, the slice is all of them.
        low = max(ordered[slice_], ordered[np.searchsorted(ordered, ordered[0], side="right")])
        high = min(ordered[-1 - slice_], ordered[np.searchsorted(ordered, ordered[-1], side="left") - 1])
        yield place, rules[place] & (one.values >= low)
        yield place, rules[place] & (one.values <= high)


def _pastes(inputs: Sequence[Input], rules: _Rules, share: float) -> Iterator[tuple[int, BoolArray]]:
    """Each slice that can be pasted back."""
    size = max(1, int(share * _inside(rules).sum()))
    for place, one in enumerate(inputs):
        own = rules[place]
        others = _inside((*rules[:place], np.ones_like(own), *rules[place + 1 :]))
        if not one.numeric:
            yield from ((place, own | (one.values == kind)) for kind in np.unique(one.values[others & ~own]))
            continue
        kept = one.values[own]
        below = np.sort(one.values[others & (one.values < kept.min())])
        above = np.sort(one.values[others & (one.values > kept.max())])
        if len(below):
            yield place, own | ((one.values < kept.min()) & (one.values >= below[-min(size, len(below))]))
        if len(above):
            yield place, own | ((one.values > kept.max()) & (one.values <= above[min(size, len(above)) - 1]))


def _described(inputs: Sequence[Input], wanted: BoolArray, rules: _Rules, step: int, made_by: str) -> Box:
    inside = _inside(rules)
    cases, hits = int(inside.sum()), int(wanted[inside].sum())
    limits = []
    for place, one in enumerate(inputs):
        others = _inside((*rules[:place], np.ones_like(inside), *rules[place + 1 :]))
        kept = one.values[rules[place]]
        if one.numeric:
            sides = (("low", kept.min(), one.values <= kept.max()), ("high", kept.max(), one.values >= kept.min()))
            for side, bound, without in sides:
                if (one.values < bound if side == "low" else one.values > bound).any():
                    p_value = _quasi_p(wanted, others & without, cases, hits)
                    limits.append(Limit(one.name, side, float(bound), (), p_value))
        elif not rules[place].all():
            categories = tuple(str(kind) for kind in np.unique(kept))
            limits.append(Limit(one.name, "among", np.nan, categories, _quasi_p(wanted, others, cases, hits)))
    return Box(
        step=step,
        made_by=made_by,
        cases=cases,
        of_interest=hits,
        coverage=hits / int(wanted.sum()),
        density=hits / cases,
        mass=cases / len(wanted),
        limits=tuple(limits),
        reproducibility={},
        inside=inside,
    )


def _quasi_p(wanted: BoolArray, without: BoolArray, cases: int, hits: int) -> float:
    """Chance of at least ``hits`` of ``cases`` if each were of interest as often as in the box without the limit."""
    if hits == 0:
        return 1.0
    return float(bdtrc(hits - 1, cases, float(wanted[without].mean())))
