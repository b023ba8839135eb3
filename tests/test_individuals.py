"""Individuals by age and wealth: how many use AI, and what moves them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from itcho.agents.contracts import CONTRACT, NOBODY
from itcho.agents.individuals import GROUPS, Individuals, tools_of_groups
from itcho.model.parameters.registry import Parameters

P = Parameters()
BETTER = np.array([0.0, 1.0])


def contracts(persons: int = 20, supplier: int = 0, locked: float = 0.0) -> np.ndarray:
    found = np.zeros(persons, dtype=CONTRACT)
    found["supplier"], found["locked"] = supplier, locked
    return found


def people(**changed: float) -> Individuals:
    return Individuals(P.replace(**changed), 0.54, 20)


def after(months: int, tools: np.ndarray | None = None, *rest: float) -> Individuals:
    its = people()
    for _ in range(months):
        its.step(contracts() if tools is None else tools, BETTER, *(rest or (0.0, 0.0, 0.0)))
    return its


def test_groups_are_all_people_and_the_opening_is_met() -> None:
    assert sum(group.people for group in GROUPS) == pytest.approx(1.0)
    its = people()
    assert its.use_share == pytest.approx(0.54, rel=1e-9)
    assert its.usage.sum() == pytest.approx(0.54, rel=1e-9)
    odds = np.log(its.use / (1.0 - its.use))
    # From the youngest to the oldest 1.5 less, and half a point between the halves of wealth.
    assert odds[0] - odds[8] == pytest.approx(1.5)
    assert odds[1] - odds[0] == pytest.approx(0.5)
    assert (np.diff(its.use[::2]) < 0.0).all()


def test_use_spreads_as_bass_has_it_to_its_ceiling() -> None:
    its = people()
    flow = its.flow()
    its.step(contracts(), BETTER, 0.0, 0.0, 0.0)
    assert its.use_share == pytest.approx(0.54 + flow)
    assert its.usage.sum() == pytest.approx(its.use_share)
    p, q = P.ai_individual_innovation, P.ai_individual_imitation
    even = people(ai_individual_age_gap=0.0, ai_individual_wealth_gap=0.0)
    assert even.flow() == pytest.approx((p + q * 0.54 / 0.8) * 0.26 / 12.0, rel=0.02)
    assert after(400).use_share == pytest.approx(0.8, rel=1e-3)


@pytest.mark.parametrize(
    ("tools", "rest", "sign"),
    [
        (None, (0.2, 0.0, 0.0), -1),
        (contracts(locked=0.2), (0.0, 0.0, 0.0), -1),
        (None, (0.0, 1.0, 0.0), 1),
        (contracts(supplier=1), (0.0, 0.0, 0.0), 1),
        (None, (0.0, 0.0, 0.3), 1),
    ],
)
def test_price_quality_and_employers_move_use(tools: np.ndarray | None, rest: tuple[float, ...], sign: int) -> None:
    usual, moved = after(24), after(24, tools, *rest)
    assert np.sign(moved.use - usual.use).tolist() == [sign] * 10


def test_ceilings_move_by_their_responses_and_the_poor_mind_prices_more() -> None:
    usual, dear, led = after(900), after(900, None, 0.4, 0.0, 0.0), after(900, None, 0.0, 0.0, 0.5)

    def odds(its: Individuals) -> np.ndarray:
        return np.log(its.use / (1.0 - its.use))

    fall = odds(usual) - odds(dear)
    assert fall[0::2] == pytest.approx(np.full(5, 1.5 * P.ai_individual_price_response * 0.4), rel=1e-3)
    assert fall[1::2] == pytest.approx(np.full(5, 0.5 * P.ai_individual_price_response * 0.4), rel=1e-3)
    working = np.array([group.working for group in GROUPS])
    assert odds(led) - odds(usual) == pytest.approx(0.5 * working, rel=1e-3)


def test_the_old_and_those_who_have_it_at_work_like_tools_from_japan() -> None:
    its = people()
    assert its.pull[8] - its.pull[0] == pytest.approx(P.ai_individual_language_pull)
    assert its.pull[:10] @ its.people == pytest.approx(0.0, abs=1e-12)
    before = its.pull.copy()
    its.follow_employers(0.1)
    working = np.array([group.working for group in GROUPS])
    assert its.pull[:10] - before[:10] == pytest.approx(0.1 * P.ai_individual_employer_pull * working)
    assert its.pull[10:].tolist() == its.pull[:10].tolist()


def test_tools_of_a_group_are_those_of_its_persons() -> None:
    held = contracts(6)
    held["supplier"] = [0, 1, 1, NOBODY, 0, NOBODY]
    held["locked"] = [0.1, 0.2, 0.3, 9.0, 0.4, 9.0]
    price, quality = np.empty((2, 3))
    tools_of_groups(held, np.array([0.0, 2.0]), price, quality)
    # Persons 0 and 3, 1 and 4, 2 and 5.
    assert price == pytest.approx([0.1, 0.3, 0.3])
    assert quality == pytest.approx([0.0, 1.0, 2.0])
    assert math.isfinite(price.sum())
