"""Whether two stores of a study hold the same results, as two machines can give them.

The same model, on the same type of processor with the same libraries, gives the same bits.  Another processor, or
another release of numpy, numba or the mathematical library, may round the last bits of a sum otherwise; in ten years
that grows to about 1e-11 of a number.  A difference beyond :data:`TOLERANCE` is a difference of the model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from itcho.agents.errors import InputError
from itcho.experiments.languages import ENGLISH, Sentence, Words
from itcho.experiments.studies.store import CellResult, CellStore

FloatArray = NDArray[np.float64]

TOLERANCE = 1e-9
"""Relative: of the larger of the two numbers."""
NOTHING = 1e-12
"""In an outcome's own unit: both numbers are zero but for rounding."""
MOST_NAMED = 20


@dataclass(frozen=True)
class Apart:
    """The number of a cell that differs most between two stores.

    Attributes
    ----------
    key : of the cell.
    outcome, when : where: a fiscal year, or ``final``; ``when`` says in words what differs if the layouts do.
    first, second : the numbers; NaN if the layouts differ.
    relative : their distance over the larger of the two; infinite if the layouts differ.
    """

    key: str
    outcome: str
    when: str
    first: float
    second: float
    relative: float


@dataclass(frozen=True)
class StoreComparison:
    """What two stores have in common, and what they have not.

    Attributes
    ----------
    common : cells in both.
    same_bits : of these, equal to the last bit.
    apart : of these, the ones further apart than the tolerance, the furthest first.
    furthest : the largest relative distance in any cell that both hold.
    only_first, only_second : keys of cells that the other does not hold.
    failed_first, failed_second : of the cells that a store does not hold, those that failed in it.
    """

    common: int
    same_bits: int
    apart: tuple[Apart, ...]
    furthest: float
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    failed_first: tuple[str, ...]
    failed_second: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether both hold the same cells with the same numbers, within the tolerance."""
        return not (self.apart or self.only_first or self.only_second)


def compare_stores(first: CellStore, second: CellStore) -> StoreComparison:
    """Hold every cell of two stores against each other.

    Raises
    ------
    InputError : a folder holds no finished cell.
    StoreError : a cell is damaged.
    """
    keys = first.keys(), second.keys()
    empty = [store.folder for store, found in zip((first, second), keys, strict=True) if not found]
    if empty:
        raise InputError(
            [f"{folder} holds no finished run of a study: name a study's folder" for folder in dict.fromkeys(empty)]
        )
    common = sorted(keys[0] & keys[1])
    found, furthest, same_bits = [], 0.0, 0
    for key in common:
        results = first.read(key), second.read(key)
        if results[0].digest() == results[1].digest():
            same_bits += 1
            continue
        apart = _apart(key, *results)
        furthest = max(furthest, apart.relative)
        if apart.relative > TOLERANCE:
            found.append(apart)
    return StoreComparison(
        common=len(common),
        same_bits=same_bits,
        apart=tuple(sorted(found, key=lambda one: -one.relative)),
        furthest=furthest,
        only_first=tuple(sorted(keys[0] - keys[1])),
        only_second=tuple(sorted(keys[1] - keys[0])),
        failed_first=tuple(sorted((keys[1] - keys[0]) & first.failures().keys())),
        failed_second=tuple(sorted((keys[0] - keys[1]) & second.failures().keys())),
    )


def _apart(key: str, first: CellResult, second: CellResult) -> Apart:
    for name, sides in (
        ("outcomes", (first.outcomes, second.outcomes)),
        ("fiscal years", (first.fiscal_years.tolist(), second.fiscal_years.tolist())),
    ):
        if sides[0] != sides[1]:
            return Apart(key, "", f"not the same {name}", math.nan, math.nan, math.inf)
    one, other = (np.vstack([result.by_year, result.final]) for result in (first, second))
    relative = relative_distance(one, other)
    row, column = np.unravel_index(int(np.argmax(relative)), relative.shape)
    when = [*(Sentence("FY{years}", years=year) for year in first.fiscal_years.tolist()), "final"][int(row)]
    where = int(row), int(column)
    return Apart(key, first.outcomes[where[1]], when, float(one[where]), float(other[where]), float(relative[where]))


def relative_distance(first: FloatArray, second: FloatArray) -> FloatArray:
    """Distance over the larger of two numbers; 0 where both are zero but for rounding, infinite where one is no number.

    Examples
    --------
    >>> relative_distance(np.array([100.0, 1e-15, 0.0, np.nan]), np.array([99.0, -1e-14, 1.0, 1.0])).tolist()
    [0.01, 0.0, 1.0, inf]
    """
    size = np.maximum(np.abs(first), np.abs(second))
    with np.errstate(invalid="ignore"):
        distance = np.abs(first - second) / np.where(size > NOTHING, size, np.inf)
    both = np.isnan(first) & np.isnan(second)
    return np.asarray(np.where(both, 0.0, np.where(np.isnan(distance), np.inf, distance)), dtype=np.float64)


def comparison_lines(found: StoreComparison, first: Path, second: Path, say: Words = ENGLISH) -> list[str]:
    """For a terminal: the verdict first, then what is missing and what differs."""
    if not found.same:
        verdict = say("not the same")
    elif found.same_bits == found.common:
        verdict = say("the same bits")
    else:
        verdict = say("the same within {tolerance}", tolerance=f"{TOLERANCE:g}")
    lines = [
        say(
            "{verdict}: {common} runs in both, {same} of them equal to the last bit, {apart} further apart than "
            "{tolerance}; largest relative distance {distance}",
            verdict=verdict,
            common=found.common,
            same=found.same_bits,
            apart=len(found.apart),
            tolerance=f"{TOLERANCE:g}",
            distance=f"{found.furthest:.1e}",
        )
    ]
    for keys, failed, here, there in (
        (found.only_first, found.failed_second, first, second),
        (found.only_second, found.failed_first, second, first),
    ):
        if keys:
            why = say(", {count} of them failed there", count=len(failed)) if failed else ""
            lines.append(
                say(
                    "{count} runs of {here} are missing in {there}{why}: {keys}",
                    count=len(keys),
                    here=here,
                    there=there,
                    why=why,
                    keys=_named(keys, say),
                )
            )
    for one in found.apart[:MOST_NAMED]:
        apart = {"first": repr(one.first), "second": repr(one.second), "distance": f"{one.relative:.1e}"}
        numbers = say("{first} and {second}, {distance} apart", **apart) if one.outcome else ""
        when = f"{say(one.when)}:"
        lines.append(f"{one.key}: " + " ".join(word for word in (one.outcome, when, numbers) if word))
    if len(found.apart) > MOST_NAMED:
        lines.append(say("and {count} more", count=len(found.apart) - MOST_NAMED))
    return lines


def _named(keys: Sequence[str], say: Words) -> str:
    named = ", ".join(keys[:MOST_NAMED])
    if len(keys) <= MOST_NAMED:
        return named
    return f"{named} {say('and {count} more', count=len(keys) - MOST_NAMED)}"


def same_record(found: StoreComparison, first: Path, second: Path) -> dict[str, Any]:
    """As JSON can hold it: every key, and the runs that are apart."""
    return {
        "same": found.same,
        "tolerance": TOLERANCE,
        "stores": [str(first), str(second)],
        "common": found.common,
        "same_bits": found.same_bits,
        "largest_relative_distance": found.furthest if math.isfinite(found.furthest) else None,
        "only_first": list(found.only_first),
        "only_second": list(found.only_second),
        "failed_first": list(found.failed_first),
        "failed_second": list(found.failed_second),
        "apart": [
            {
                "key": one.key,
                "outcome": one.outcome,
                "when": one.when,
                "first": one.first if math.isfinite(one.first) else None,
                "second": one.second if math.isfinite(one.second) else None,
                "relative": one.relative if math.isfinite(one.relative) else None,
            }
            for one in found.apart
        ],
    }
