"""Where a world ends: an outcome beyond its declared range is a result with a name, for runs, studies and commands."""

from __future__ import annotations

import dataclasses
import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer

import itcho
from itcho.agents.errors import FailedMonthError
from itcho.experiments.cli.errors import COLLAPSED, clear_errors
from itcho.experiments.evidence.corners import HIGH, LOW, Corner, causes, corner_values, corners, counts, run_corner
from itcho.experiments.evidence.seed_runs import run_seed
from itcho.experiments.runs.run_spec import RunSpec
from itcho.experiments.studies.design import Cell, run_cell
from itcho.experiments.studies.engine import SerialEngine
from itcho.experiments.studies.store import CellResult, CellStore, Collapse, StoreError
from itcho.experiments.studies.study import Study
from itcho.experiments.studies.study_file import checked_study
from itcho.experiments.studies.study_run import (
    collapsed_worlds,
    collapses_text,
    collect,
    run_study,
    study_status,
)
from itcho.model.collapse import WorldCollapsed, require, require_all
from itcho.model.disturbances import DisturbedMonth
from itcho.model.economy import JapanEconomy
from itcho.model.measure.outcomes import OUTCOMES
from itcho.model.parameters import registry
from itcho.model.policies import POLICIES
from itcho.model.scenarios import SCENARIOS

SMALL: dict[str, Any] = {"rng": 1, "investors": 40, "importers": 30, "adopters": 20}
END = WorldCollapsed("2026-06", "usdjpy", 20_000.0)
SAID = "the world collapsed in month 2026-06: usdjpy = 20000 is outside [1, 10000] yen per USD"


@dataclasses.dataclass(frozen=True)
class HeldAt:
    """The rate is held at so many yen in the third month."""

    usdjpy: float
    name: str = "held"

    def __call__(self, month: DisturbedMonth) -> None:
        if month.clock.month == 2:
            month.disturbances.usdjpy_path = np.full(21, math.log(self.usdjpy))


def test_the_message_names_month_outcome_value_and_range() -> None:
    assert str(END) == SAID
    again = pickle.loads(pickle.dumps(END))
    assert (again.month, again.outcome, again.value, str(again)) == ("2026-06", "usdjpy", 20_000.0, SAID)
    assert str(WorldCollapsed("2031-07", "cpi_yoy_pct", math.nan)).endswith("cpi_yoy_pct = nan is not a number")
    assert itcho.WorldCollapsed is WorldCollapsed


@pytest.mark.parametrize("value", [100.0001, -0.0001, math.nan, math.inf])
def test_a_share_outside_its_range_is_the_end(value: float) -> None:
    require("2031-07", "adoption_pct", 100.0)
    require("2031-07", "adoption_pct", 0.0)
    with pytest.raises(WorldCollapsed) as caught:
        require("2031-07", "adoption_pct", value)
    assert caught.value.outcome == "adoption_pct"


def test_the_first_outcome_of_the_registry_is_named() -> None:
    inside = {name: 0.5 * (one.low + one.high) for name, one in OUTCOMES.items()}
    require_all("2031-07", inside)
    with pytest.raises(WorldCollapsed, match=r"policy_rate_pct = 101 is outside \[-5, 100\] %"):
        require_all("2031-07", inside | {"policy_rate_pct": 101.0, "adoption_pct": -3.0})


def test_an_economy_stands_after_the_month_before_its_collapse() -> None:
    economy, sound = (JapanEconomy(**SMALL, shocks=[HeldAt(rate)]) for rate in (20_000.0, 9_000.0))
    with pytest.raises(WorldCollapsed) as caught:
        economy.run(years=1)
    assert str(caught.value) == SAID
    assert economy.steps == len(economy.records.dates) == 2
    assert 100.0 < economy.outcomes["usdjpy"] < 200.0
    with pytest.raises(FailedMonthError, match=r"month 2026-06 failed in .*the world collapsed in month 2026-06"):
        economy.step()
    for _ in range(3):
        sound.step()
    assert sound.outcomes["usdjpy"] == pytest.approx(9_000.0)


def collapses(*_: object) -> Any:
    raise WorldCollapsed("2026-06", "usdjpy", 20_000.0)


def test_a_command_says_so_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as left, clear_errors():
        collapses()
    assert left.value.exit_code == COLLAPSED == 3
    assert capsys.readouterr().err == f"itcho: {SAID}\n"
    with pytest.raises(RuntimeError, match="another"), clear_errors():
        raise RuntimeError("another")


def test_runs_and_cells_hold_it_as_their_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(JapanEconomy, "run", collapses)
    spec = RunSpec(seed=1, years=1, investors=40, importers=30, adopters=20)
    assert run_seed(spec).failure == f"month 1: WorldCollapsed: {SAID}"
    cell = Cell(
        scenario=SCENARIOS["baseline"],
        policy=POLICIES["none"],
        seed=1,
        years=1,
        investors=40,
        importers=30,
        adopters=20,
    )
    assert run_cell(cell) == Collapse("2026-06", "usdjpy", 20_000.0)


def fake(cell: Cell) -> CellResult | Collapse:
    """Seed two collapses under the programme."""
    if cell.seed == 2 and cell.policy.name == "actual":
        return Collapse("2027-01", "usdjpy", 20_000.0)
    values = np.full((cell.years, 1), float(cell.seed))
    return CellResult(("usdjpy",), np.arange(2026, 2026 + cell.years), values, values[-1])


def study() -> Study:
    given = {"policies": ["actual"], "seeds": 3, "outcomes": ["usdjpy"], "years": 1}
    return checked_study({"study": given | {"investors": 200, "importers": 60, "adopters": 100}})


def test_a_study_counts_it_and_never_tries_it_again(tmp_path: Path) -> None:
    asked, store = study(), CellStore(tmp_path)
    done = run_study(asked, store, SerialEngine(), work=fake, show_progress=False)
    assert (done.status.done, done.status.collapsed, done.status.failed, done.status.pending) == (5, 1, 0, 0)
    assert "1 worlds collapsed" in done.line()
    again = run_study(asked, store, SerialEngine(), work=fake, retry=True, show_progress=False)
    assert (again.runs, again.status) == (0, done.status)
    assert store.failures() == {}
    panel = collect(asked, store)
    assert panel is not None
    assert ([one.seed for one in panel.replicates], panel.dropped) == ([1, 3], 1)
    assert collapsed_worlds(asked, store) == {("actual", "baseline"): 1}
    assert collapses_text({("actual", "baseline"): 1}).endswith("actual in baseline (1)")
    assert study_status(asked, store).collapsed == 1


def test_a_store_keeps_it_to_the_digit(tmp_path: Path) -> None:
    store = CellStore(tmp_path)
    empty = store.hash()
    for key, value in (("ab", 0.1 + 0.2), ("cd", math.inf)):
        store.fail(key, {}, "RuntimeError: x", "")
        store.write_collapse(key, Collapse("2027-01", "usdjpy", value))
    assert [one.value for one in store.collapses().values()] == [0.1 + 0.2, math.inf]
    assert store.failures() == {}
    assert store.hash() != empty
    (tmp_path / "collapsed" / "ab.json").write_text("{}")
    with pytest.raises(StoreError, match="damaged"):
        store.collapses()


def test_corners_stand_at_the_bounds_and_the_same_lot_falls_again() -> None:
    known = registry()
    drawn = corner_values(3, seed=1)
    assert drawn == corner_values(3, seed=1) != corner_values(4, seed=1)
    assert drawn.keys() == known.keys()
    assert all(value in (known[name].low, known[name].high) for name, value in drawn.items())
    high = sum(value == known[name].high for name, value in drawn.items())
    assert 0.4 < high / len(known) < 0.6
    todo = corners(2, 1, 10)
    ends = [one.name for one in todo]
    assert ends.count(LOW) == ends.count(HIGH) == 2 * len(SCENARIOS)
    assert ends[-2:] == ["corner-0", "corner-1"]


def test_a_corner_run_tells_collapse_and_fault_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = RunSpec(seed=1, years=1, investors=40, importers=30, adopters=20)
    ended = [run_corner(Corner(HIGH, spec))]
    for stopped in (collapses, lambda *_: 1 // 0):
        monkeypatch.setattr(JapanEconomy, "run", stopped)
        ended.append(run_corner(Corner("corner-7", spec)))
    assert [(one.end, one.months) for one in ended] == [("finished", 12), ("collapsed", 0), ("broken", 0)]
    assert counts(ended) == {
        HIGH: {"runs": 1, "finished": 1, "collapsed": 0, "broken": 0},
        "corner": {"runs": 2, "finished": 0, "collapsed": 1, "broken": 1},
    }
    first, second = causes(ended)
    assert first == "collapsed: usdjpy"
    assert second.startswith("broken: ZeroDivisionError in test_collapse.py:")


def test_a_sum_of_shares_may_pass_a_whole_by_its_last_bits() -> None:
    require("2030-01", "domestic_ai_share_home_pct", 100.00000000000001)
    with pytest.raises(WorldCollapsed):
        require("2030-01", "domestic_ai_share_home_pct", 100.00001)
