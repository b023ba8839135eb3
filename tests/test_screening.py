"""Screening: groups that hold every parameter once, effects known by hand, and parameters that move nothing."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from itcho.experiments.evidence import screening
from itcho.experiments.evidence.screening import (
    FLOOR_PARAMETER,
    HEADLINES,
    REACH,
    Screened,
    Screening,
    groups,
    moving_nothing,
    page,
    screen,
    value_at,
    walks_over,
)
from itcho.experiments.studies.design import Cell
from itcho.experiments.studies.engine import SerialEngine
from itcho.experiments.studies.store import CellResult, CellStore, Collapse
from itcho.model.parameters import Parameters, registry

LEVEL, BOTH, EFFECT, STILL = (
    "wage_tightness_response",
    "phillips_slope",
    "programme_wage_share",
    "softbank_corp_plan_months",
)


def place(cell: Cell, name: str) -> float:
    """Where a parameter stands between its registered value (0) and its bounds (-1, 1)."""
    one = registry()[name]
    change = dict(cell.overrides).get(name, one.value) - one.value
    return change / ((one.high if change > 0.0 else one.low) - one.value) * np.sign(change) if change else 0.0


def made(cell: Cell) -> CellResult:
    """Debt rises by 4 from one end to the other of one parameter, the programme's effect by 8 of another."""
    paid = cell.policy.name == "actual"
    debt = 200.0 + 2.0 * place(cell, LEVEL) + place(cell, BOTH) + paid * (1.0 + 4.0 * place(cell, EFFECT))
    debt += 0.15 * (FLOOR_PARAMETER in dict(cell.overrides))
    values = np.array([[debt if name == "gov_debt_to_gdp_pct" else 1.0 for name in HEADLINES]])
    return CellResult(HEADLINES, np.array([2030]), values, values[0])


def test_every_parameter_is_in_one_group() -> None:
    members = [name for names in groups().values() for name in names]
    assert sorted(members) == sorted(registry())
    assert 30 < len(groups()) < 120
    assert "ai_contract_peer_weight" in groups()["ai: ai_contract"]


def test_walks_stay_within_reach_of_the_registered_values() -> None:
    for name in (LEVEL, "supply_maker_sales_rapidus", "capital_income_share"):
        one = registry()[name]
        assert value_at(name, 0.5) == one.value
        assert value_at(name, 1.0) == pytest.approx(one.value + REACH * (one.high - one.value))
        assert value_at(name, 0.0) == pytest.approx(one.value + REACH * (one.low - one.value))
    walks = walks_over(groups(), 2)
    assert walks.shares.shape == (2, len(groups()) + 1, len(groups()))
    for line in walks.points[0]:
        Parameters().replace(**line)  # refuses what is out of bounds
    # A step moves the parameters of one group, and no others.
    members = {name: label for label, names in groups().items() for name in names}
    for before, after, step in zip(
        walks.points[0], walks.points[0][1:], np.diff(walks.shares[0], axis=0), strict=False
    ):
        moved = {members[name] for name in before if before[name] != after[name]}
        assert moved <= {walks.names[int(np.flatnonzero(step)[0])]}


def test_effects_known_by_hand(tmp_path: Path) -> None:
    chosen = {name: (name,) for name in (LEVEL, BOTH, EFFECT, STILL)}
    found = screen(walks_over(chosen, 6), 1, CellStore(tmp_path), SerialEngine(), made)
    debt = HEADLINES.index("gov_debt_to_gdp_pct")
    # A share of 0 to 1 is half the way down to half the way up: 2 x 0.5 x (1 - -1) = 2 over the whole range of shares.
    assert found.levels[:4, debt] == pytest.approx([2.0, 1.0, 0.0, 0.0], abs=1e-9)
    assert found.effects[:4, debt] == pytest.approx([0.0, 0.0, 4.0, 0.0], abs=1e-9)
    assert found.still == (STILL,)
    # Next to nothing moves debt by 0.15 at once, 0.225 at the rate of a step: twice that is the limit of levels.  It
    # does not move the effect, whose limit is the smallest of interest, 0.1 points.
    assert (found.level_limits[debt], found.effect_limits[debt]) == pytest.approx((0.45, 0.1))
    assert found.moving() == (LEVEL, BOTH, EFFECT)
    assert (found.steps, found.lost) == (6 * 4, 0)


def test_what_moves_no_further_than_its_limit_does_not_count() -> None:
    levels = np.array([[3.0, 0.0], [1.9, 0.0], [np.nan, np.nan]])
    effects = np.array([[0.0, 0.0], [0.0, 0.1], [np.nan, np.nan]])
    limits = np.array([2.0, 0.1])
    found = Screened(("far", "near", "lost"), levels, effects, limits, limits, (), 1, 0)
    assert found.moving() == ("far",)
    assert dataclasses.replace(found, effect_limits=0.9 * limits).moving() == ("far", "near")


def test_steps_whose_runs_collapse_are_lost_and_counted(tmp_path: Path) -> None:
    def collapses(cell: Cell) -> CellResult | Collapse:
        return Collapse("2030-01", "usdjpy", 1e5) if place(cell, LEVEL) > 0.0 else made(cell)

    chosen = {name: (name,) for name in (LEVEL, EFFECT)}
    found = screen(walks_over(chosen, 4), 1, CellStore(tmp_path), SerialEngine(), collapses)
    assert 0 < found.lost < found.steps == 4 * 2
    debt = HEADLINES.index("gov_debt_to_gdp_pct")
    assert found.effects[1, debt] == pytest.approx(4.0)


def test_a_parameter_that_moves_a_bit_somewhere_moves_something(tmp_path: Path) -> None:
    def elsewhere(cell: Cell) -> CellResult:
        result = made(cell)
        moved = 1e-12 * place(cell, STILL) if cell.scenario.name == "ai-bust" else 0.0
        return dataclasses.replace(result, by_year=result.by_year + np.array([moved, 0, 0, 0, 0, 0]))

    asked = [LEVEL, STILL, "bank_hurdle_pp"]
    store = CellStore(tmp_path)
    assert moving_nothing(asked, store, SerialEngine(), elsewhere) == ("bank_hurdle_pp",)
    assert moving_nothing(asked, store, SerialEngine(), elsewhere, screening.WORLDS[:1]) == (STILL, "bank_hurdle_pp")


def test_the_page_counts_before_and_after(tmp_path: Path) -> None:
    members = {"one": (LEVEL, BOTH), "two": (EFFECT,), "three": (STILL,)}
    store = CellStore(tmp_path)
    by_group = screen(walks_over(members, 2), 1, store, SerialEngine(), made)
    assert by_group.moving() == ("one", "two")
    chosen = {name: (name,) for group in by_group.moving() for name in members[group]}
    by_parameter = screen(walks_over(chosen, 2), 1, store, SerialEngine(), made)
    text = page(Screening(members, by_group, by_parameter, (STILL,), (2, 2), 1))
    assert f"| registered parameters | {len(registry())} | 3 groups |" in text
    assert "| in groups that move a level or the effect | 3 | 2 groups |" in text
    assert "| in groups that move nothing here, to the last bit | 1 | three |" in text
    assert "| that move a level or the effect themselves | 3 |  |" in text
    assert f"- `{STILL}`:" in text
    assert f"| `{LEVEL}` |" in text
    assert "{" not in text
    without = page(Screening(members, by_group, None, (), (2, 0), 1))
    assert "by parameter" not in without
    assert without.rstrip().endswith("None.")
