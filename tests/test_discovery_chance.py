"""Stars of scenario discovery: rarely on noise, whatever the number of scenarios, and on boxes that are there."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from itcho.experiments.studies import discovery_chance
from itcho.experiments.studies.discovery_chance import LEAST_HITS, LEVEL, Chance, chance_of_search, excess, stars
from itcho.experiments.studies.scenario_discovery import Box, Input, prim

FloatArray = NDArray[np.float64]
WORLDS = "abcd"


def trial(
    seed: int, scenarios: int, shift: float = 0.0, points: int = 60, permutations: int = 199
) -> tuple[list[Box], Chance]:
    """Three inputs; outcomes are a replicate's own luck, shared by its scenarios, and a little of each scenario's own.

    Of interest is the highest quarter.  ``shift`` raises outcomes where the first input is above 0.6.
    """
    draw = np.random.default_rng([seed, scenarios])
    values = draw.random((points, 3))
    luck = draw.normal(size=points)[:, None] + 0.3 * draw.normal(size=(points, scenarios))
    outcome = luck + shift * (values[:, :1] > 0.6)
    wanted = (outcome > np.quantile(outcome, 0.75)).ravel()
    inputs = [Input(f"input_{place}", np.repeat(values[:, place], scenarios)) for place in range(3)]
    if scenarios > 1:
        inputs.append(Input("scenario", np.tile(np.array(list(WORLDS[:scenarios])), points)))
    boxes = prim(inputs, wanted, draw, per_replicate=scenarios, resamples=0)
    return boxes, chance_of_search(inputs, wanted, boxes, draw, per_replicate=scenarios, permutations=permutations)


def share_of_stars(trials: int, scenarios: int, **more: Any) -> float:
    return float(np.mean([any(stars(*trial(seed, scenarios, **more))) for seed in range(trials)]))


@pytest.mark.parametrize("scenarios", [1, 4])
def test_noise_seldom_gets_a_star(scenarios: int) -> None:
    """A sample of the long check: more than 3 of 8 would come up three times in ten thousand."""
    assert share_of_stars(8, scenarios, points=40, permutations=39) <= 3 / 8


@pytest.mark.slow
@pytest.mark.parametrize("scenarios", [1, 2, 4])
def test_at_most_seven_in_a_hundred_noises_get_a_star(scenarios: int) -> None:
    assert share_of_stars(400, scenarios) <= 0.07


@pytest.mark.parametrize("scenarios", [1, 4])
def test_a_box_that_is_there_gets_a_star(scenarios: int) -> None:
    for seed in range(2):
        boxes, chance = trial(seed, scenarios, shift=4.0, permutations=39)
        told = [box for box, star in zip(boxes, stars(boxes, chance), strict=True) if star]
        assert told
        assert all("input_0" in box.dimensions for box in told)
        best = max(told, key=lambda box: box.coverage + box.density)
        assert best.coverage >= 0.8
        low = next(limit for limit in best.limits if (limit.name, limit.side) == ("input_0", "low"))
        assert low.bound == pytest.approx(0.6, abs=0.1)


def cases(points: int, hit: NDArray[np.bool_]) -> tuple[list[Input], NDArray[np.bool_]]:
    """One idle input and a scenario; ``hit`` is (points × scenarios)."""
    idle = np.random.default_rng(3).random(points)
    many = hit.shape[1]
    inputs = [Input("idle", np.repeat(idle, many)), Input("scenario", np.tile(np.array(list(WORLDS[:many])), points))]
    return inputs, hit.ravel()


def test_a_scenario_that_matters_lends_no_parameter_its_evidence() -> None:
    """It happens in scenario b, whatever the parameter is: a star for b alone, and none for a box that limits idle."""
    draw = np.random.default_rng(1)
    inputs, wanted = cases(60, draw.random((60, 3)) < np.array([0.05, 0.7, 0.05]))
    boxes = prim(inputs, wanted, draw, per_replicate=3, resamples=0)
    chance = chance_of_search(inputs, wanted, boxes, draw, per_replicate=3, permutations=39)
    told = {box.dimensions for box, star in zip(boxes, stars(boxes, chance), strict=True) if star}
    assert told == {("scenario",)}
    assert chance.search == chance.scenario == pytest.approx(1 / 40)
    assert chance.parameters > LEVEL


def test_what_is_dealt_out_keeps_what_it_should(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[FloatArray] = []

    def kept(inputs: object, wanted: FloatArray, *shares: float) -> list[Any]:
        seen.append(wanted.reshape(-1, 3))
        return []

    hit = np.random.default_rng(6).random((30, 3)) < np.array([0.1, 0.5, 0.9])
    rows = sorted(map(tuple, hit.tolist()))
    for dealt in ("between", "within", "both"):
        seen.clear()
        with monkeypatch.context() as patch:
            patch.setattr(discovery_chance, "trajectory", kept)
            patch.setattr(discovery_chance, "excess", lambda *_: np.zeros(1))
            draw = np.random.default_rng(7)
            discovery_chance._largest([], hit, dealt, 1.0, draw, 20, (0.05, 0.05, 0.05))  # type: ignore[arg-type]
        assert len(seen) == 20
        assert all((one != hit).any() for one in seen)
        whole_rows = [sorted(map(tuple, one.tolist())) == rows for one in seen]
        own_counts = [(one.sum(axis=1) == hit.sum(axis=1)).all() for one in seen]
        scenarios = [(one.sum(axis=0) == hit.sum(axis=0)).all() for one in seen]
        assert all(whole_rows) == (dealt == "between")
        assert all(own_counts) == (dealt == "within")
        assert all(scenarios) == (dealt == "between")


def test_the_excess_is_the_hypergeometric_one() -> None:
    """20 of 100 cases of which 50 are of interest: mean 10, variance 20 · 0.5 · 0.5 · 0.8 = 4 (times 100/99)."""
    assert excess(np.array([100, 20]), np.array([50, 15]), 100).tolist() == pytest.approx([0.0, 2.5])


def test_one_lucky_world_is_one_hit() -> None:
    """Two of forty replicates are of interest, in all four scenarios: eight cases, two independent hits, no star."""
    hit = np.zeros((40, 4), dtype=np.bool_)
    hit[[3, 17]] = True
    inputs, wanted = cases(40, hit)
    boxes = prim(inputs, wanted, np.random.default_rng(0), per_replicate=4, resamples=0)
    assert max(box.of_interest for box in boxes) == 8
    assert max(box.independent_hits for box in boxes) == 2
    told = Chance(0.005, 0.005, 0.005, (0.005,) * len(boxes), 199, 40)
    assert LEAST_HITS == 5
    assert not any(stars(boxes, told))
    assert any(stars(boxes, told, least_hits=2))


def test_cases_that_go_together_are_worth_one() -> None:
    """Four copies of each case: quasi-p is that of single cases, and not of four times as many."""
    draw = np.random.default_rng(8)
    values, wanted = draw.random(80), draw.random(80) < 0.3
    single = prim([Input("a", values)], wanted, draw, resamples=0)
    copies = prim([Input("a", np.repeat(values, 4))], np.repeat(wanted, 4), draw, per_replicate=4, resamples=0)
    first, again = single[3].limits[0], next(
        limit for box in copies for limit in box.limits
        if (box.replicates, limit.bound, limit.side, len(box.limits))
        == (single[3].cases, single[3].limits[0].bound, single[3].limits[0].side, len(single[3].limits))
    )  # fmt: skip
    # The spread is estimated with n − 1 in place of n.
    assert again.quasi_p == pytest.approx(first.quasi_p, rel=0.1)
    assert not math.isclose(again.quasi_p, 1.0)


def test_cases_must_be_whole_replicates() -> None:
    with pytest.raises(ValueError, match="9 cases are no whole number of replicates of 2"):
        prim([Input("a", np.arange(9.0))], np.arange(9) > 4, np.random.default_rng(0), per_replicate=2)
