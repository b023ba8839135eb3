"""Whatever the parameters within their bounds: finite outcomes, closed books, nothing negative that cannot be."""

from __future__ import annotations

from itertools import cycle, islice, product

import numpy as np
import pytest

from itcho.model.collapse import WorldCollapsed
from itcho.model.measure.outcomes import OUTCOMES
from itcho.model.parameters.registry import Parameters, seeded_draws
from itcho.model.scenarios import SCENARIOS
from tests.soundness import run_soundly

CELLS = tuple(product(("2026-03-31", "2024-03-31"), SCENARIOS, ("actual", "none")))


def vectors(count: int) -> list[tuple[int, Parameters]]:
    return list(enumerate(seeded_draws(count, rng=np.random.default_rng(2026))))


def cases(count: int) -> list[object]:
    return [
        pytest.param(number, parameters, *cell, id=f"{number}-{'-'.join(cell)}")
        for (number, parameters), cell in zip(vectors(count), cycle(CELLS), strict=False)
    ]


@pytest.mark.parametrize(("number", "parameters", "start", "scenario", "policy"), cases(20))
def test_any_parameters_are_sound(number: int, parameters: Parameters, start: str, scenario: str, policy: str) -> None:
    run_soundly(24, rng=number, parameters=parameters, start=start, scenario=scenario, policy=policy)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_any_parameters_are_sound_for_ten_years(part: int) -> None:
    """Of fifty worlds with any parameters at most two end before their ten years, and those with a word why."""
    collapsed = []
    worlds = zip(vectors(200), cycle(CELLS), strict=False)
    for (number, parameters), cell in islice(worlds, 50 * part, 50 * part + 50):
        start, scenario, policy = cell
        where = f"world {number}, {', '.join(cell)}"
        try:
            run_soundly(120, rng=number, parameters=parameters, start=start, scenario=scenario, policy=policy)
        except WorldCollapsed as collapse:
            collapsed.append((where, collapse))
        except AssertionError as wrong:
            raise AssertionError(f"{where}: {wrong}") from wrong
    assert len(collapsed) <= 2, collapsed
    for where, collapse in collapsed:
        declared = OUTCOMES[collapse.outcome]
        assert not declared.low <= collapse.value <= declared.high, where


@pytest.mark.parametrize("bound", ["low", "high"])
def test_all_parameters_at_one_bound_are_sound(bound: str) -> None:
    p = Parameters()
    run_soundly(12, rng=1, parameters=p.replace(**{name: getattr(p.definition(name), bound) for name in p}))
