"""Comparisons: what is said about policies, and what is not said."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from itcho.agents.errors import InputError
from itcho.experiments.languages import words
from itcho.experiments.studies.compare import Comparison, compare_study, comparison_record
from itcho.experiments.studies.compare_report import (
    by_label,
    findings,
    number,
    sections,
    show,
    to_markdown,
    write_reports,
)
from itcho.experiments.studies.design import Cell
from itcho.experiments.studies.engine import SerialEngine
from itcho.experiments.studies.store import CellResult, CellStore
from itcho.experiments.studies.study import Study, default_better
from itcho.experiments.studies.study_file import checked_study
from itcho.experiments.studies.study_run import run_study
from itcho.experiments.studies.verdicts import VERDICTS
from itcho.model.policies import POLICIES, Policy

NAMES = ("domestic_ai_share_home_pct", "usdjpy", "cpi_yoy_pct", "approval_pct", "programme_cost_trn_yen")


def fake(cell: Cell) -> CellResult:
    """Large noise that all policies share, small noise of their own, and effects that are known."""
    shared = np.random.default_rng(cell.seed).normal(0.0, 5.0, size=len(NAMES))
    dose = float(getattr(cell.policy.subsidy, "dose", 0.0))
    own = np.random.default_rng([cell.seed, round(100 * dose)]).normal(size=len(NAMES)) * (dose > 0.0)
    world = len(cell.scenario.episodes)
    effect = np.array([2.0 * dose - 3.0 * world * (dose > 1.0), 0.01, 0.4, 0.0, dose])
    level = shared * [1, 1, 1, 1, 0] + effect * (dose > 0.0) + own * [0.1, 1.0, 0.1, 0.0, 0.0]
    return CellResult(NAMES, np.array([2026]), level[None], level)


def study(seeds: int = 40, policies: tuple[str, ...] = ("actual", "double"), **common: Any) -> Study:
    given = {"policies": list(policies), "seeds": seeds, "years": 1, "outcomes": list(NAMES[:4]), **common}
    return checked_study({"study": given})


@pytest.fixture(autouse=True)
def double(monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy with twice the money."""
    actual = POLICIES["actual"]
    twice = dataclasses.replace(actual.subsidy, dose=2.0)  # type: ignore[type-var]
    monkeypatch.setitem(POLICIES, "double", Policy("double", "Double", "Twice the money.", subsidy=twice))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store for all: equal cells are run once."""
    return tmp_path_factory.mktemp("store")


def compared(asked: Study, folder: Path) -> Comparison:
    store = CellStore(folder)
    run_study(asked, store, SerialEngine(), work=fake, show_progress=False)
    return compare_study(asked, store)


def rows(comparison: Comparison, outcome: str) -> dict[str, Any]:
    return {row.policy: row for row in comparison.rows if row.outcome == outcome}


def test_known_effects_are_found_and_the_others_not(folder: Path) -> None:
    found = compared(study(), folder)
    share = rows(found, "domestic_ai_share_home_pct")
    assert share["actual"].summary.mean == pytest.approx(2.0, abs=0.06)
    low, high = share["actual"].simultaneous
    assert low < share["actual"].summary.t[0] < 2.0 < share["actual"].summary.t[1] < high
    assert share["actual"].said == share["double"].said == "clear: better"
    assert (share["actual"].p_best, share["double"].p_best) == (0.0, 1.0)
    assert found.best["baseline", "domestic_ai_share_home_pct"] == ("double",)
    assert share["actual"].summary.variance_ratio > 20
    assert share["actual"].p_stepdown <= share["actual"].p_holm < 1e-6
    yen = rows(found, "usdjpy")["actual"]
    assert yen.said == "small"  # within a yen, whatever it is
    assert yen.p_best > 0.0
    wanted = study()
    finer = dataclasses.replace(
        wanted, outcomes=tuple(dataclasses.replace(pick, smallest_effect=0.1) for pick in wanted.outcomes)
    )
    assert rows(compare_study(finer, CellStore(folder)), "usdjpy")["actual"].said == "cannot-tell"


def test_an_outcome_with_no_good_direction_is_only_higher_or_lower(folder: Path) -> None:
    prices = rows(compared(study(), folder), "cpi_yoy_pct")["actual"]
    assert prices.said == "clear: higher"
    assert math.isnan(prices.share_better)
    assert math.isnan(prices.p_best)


def test_no_effect_is_exactly_zero(folder: Path) -> None:
    approval = rows(compared(study(), folder), "approval_pct")["actual"]
    assert (approval.summary.mean, approval.simultaneous, approval.summary.share_zero) == (0.0, (0.0, 0.0), 1.0)
    assert approval.said == "small"


def test_a_policy_against_itself_differs_by_exactly_zero(folder: Path) -> None:
    found = compared(study(seeds=5, policies=("actual",), baseline="actual"), folder)
    assert all(row.summary.mean == 0.0 and row.said == "small" for row in found.rows)
    assert all(row.summary.bca == row.simultaneous == (0.0, 0.0) for row in found.rows)


def test_one_seed_says_nothing(folder: Path) -> None:
    share = rows(compared(study(seeds=1), folder), "domestic_ai_share_home_pct")["actual"]
    assert share.said == "cannot-tell"
    assert all(map(math.isnan, (*share.simultaneous, *share.summary.bca)))


def test_the_same_runs_give_the_same_numbers(folder: Path) -> None:
    one = comparison_record(compared(study(), folder), 0, 0.0)
    assert one == comparison_record(compare_study(study(), CellStore(folder)), 0, 0.0)


def test_scenarios_regret_and_robustness(folder: Path) -> None:
    both = compared(study(scenarios=["baseline", "chip-supply-disruption"]), folder)
    # Twice the money is best in the first scenario (+4 against +2) and worse than once in the second (+1 against +2).
    regret = both.regrets["domestic_ai_share_home_pct"]
    assert regret == pytest.approx(np.array([[4.0, 2.0], [2.0, 0.0], [0.0, 1.0]]), abs=0.15)
    card = {one.name: one for one in both.robustness["domestic_ai_share_home_pct"]}
    assert card["minimax_regret"].best == ("double",)
    assert card["maximin"].best == ("actual",)
    assert "cpi_yoy_pct" not in both.robustness


def test_what_a_unit_costs(folder: Path) -> None:
    found = {(one.policy, one.outcome): one for one in compared(study(), folder).costs}
    assert set(found) == {(name, "domestic_ai_share_home_pct") for name in ("actual", "double")}
    actual = found["actual", "domestic_ai_share_home_pct"]
    assert actual.trn_yen_per_unit == pytest.approx(0.5, abs=0.02)
    assert actual.interval[0] < 0.5 < actual.interval[1]
    assert (actual.verdict, actual.reading) == ("clear", "bought")
    yen = compared(study(outcomes=["usdjpy"]), folder).costs[0]
    assert math.isnan(yen.trn_yen_per_unit)
    assert (yen.verdict, yen.reading) == ("small", "no price")


def test_the_pareto_set_holds_what_nobody_beats(folder: Path) -> None:
    outcomes = ["domestic_ai_share_home_pct", "programme_cost_trn_yen"]
    pareto = compared(study(outcomes=outcomes), folder).pareto["baseline"]
    assert pareto.members == ("none", "actual", "double")
    assert min(pareto.p_member.values()) == 1.0


def test_nothing_to_compare_says_why(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="run it first"):
        compare_study(study(), CellStore(tmp_path / "empty"))
    store = CellStore(tmp_path / "failed")
    run_study(study(seeds=2), store, SerialEngine(), work=_fails, show_progress=False)
    with pytest.raises(InputError, match=r"double in baseline \(2\).*no double"):
        compare_study(study(seeds=2), store)


def _fails(cell: Cell) -> CellResult:
    if getattr(cell.policy.subsidy, "dose", 0.0) == 2.0:
        raise RuntimeError("no double")
    return fake(cell)


def test_the_record_is_plain_json(folder: Path) -> None:
    record = comparison_record(compared(study(), folder), 120, 1.5)
    again = json.loads(json.dumps(record, allow_nan=False))
    assert {"baseline", "scenarios", "seeds", "rows", "runs", "seconds"} <= set(again)
    wanted = {"policy", "scenario", "outcome", "mean_difference", "ci_low", "ci_high", "simultaneous_low",
              "simultaneous_high", "share_better", "p_best", "p_holm", "p_stepdown", "smallest_effect", "verdict",
              "direction"}  # fmt: skip
    assert all(wanted <= set(row) for row in again["rows"])
    assert {row["verdict"] for row in (*again["rows"], *again["cost_per_unit"])} <= set(VERDICTS)
    assert next(row for row in again["rows"] if row["outcome"] == "cpi_yoy_pct")["p_best"] is None


def test_reports_say_only_what_the_intervals_bear_out(folder: Path, tmp_path: Path) -> None:
    found = compared(study(scenarios=["baseline", "chip-supply-disruption"]), folder)
    (first, *_) = findings(found)
    assert "40 seeds: clear in domestic_ai_share_home_pct (better: +1.99, +1.9" in first
    assert "small in usdjpy (-0." in first
    assert "approval_pct (no difference in any world)" in first
    pieces = sections(found, "itcho compare actual", "done")
    text = to_markdown(pieces)
    # The report calls all by their labels, and says once what they are called in files and commands.
    assert "- The programme as announced against No programme, Baseline, 40 seeds: clear in Domestic AI share (" in text
    assert "## Scenario: Chip-supply disruption" in text
    assert "| scenario | Chip-supply disruption | `chip-supply-disruption` |" in text
    before = text[: text.index("## Names in files and commands")]
    assert not re.findall(r"\bactual\b|chip-supply-disruption|usdjpy|_pct", before)
    assert "`itcho compare actual`" in text
    pictures, record = {"usdjpy.png": b"\x89PNG"}, {"rows": []}
    written = write_reports(
        tmp_path, found, pictures, record, "itcho compare actual", "done", page="<!doctype html>the study"
    )
    assert written[1].read_text() == "<!doctype html>the study"
    assert [file.name for file in written] == ["report.md", "report.html", "comparison.json", "usdjpy.png"]
    assert "![USD/JPY](usdjpy.png)" in written[0].read_text()
    console = Console(width=80, record=True)
    show(console, found)
    shown = console.export_text()
    assert "clear: zero is outside the interval" in shown
    assert "small: the whole interval is too small to matter" in shown
    assert "cannot-tell:" not in shown  # no row is
    ratios = shown[shown.index("Var(independent difference) / Var(paired difference):") :].replace("\n", " ")
    yen = next(row.summary.variance_ratio for row in found.rows if row.outcome == "usdjpy")
    assert f"usdjpy: actual in baseline {number(yen)}" in ratios


def test_one_of_a_thing_is_named_in_the_singular(folder: Path) -> None:
    found = compared(study(policies=("actual",)), folder)
    (about, *_) = sections(found, "itcho compare actual", "done")[0].text
    assert about.startswith("2 policies, 1 scenario, 40 paired seeds of 1 year each, start 2026-03-31; baseline: No ")
    for code, said in (("en", "Baseline: 40 paired seeds, 1 year, against none"), ("ja", "共通乱数40組、1年")):
        console = Console(width=80, record=True)
        show(console, found, words(code))
        assert said in console.export_text()


def test_labels_that_two_share_stand_with_their_names(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(POLICIES, "double", dataclasses.replace(POLICIES["double"], label=POLICIES["actual"].label))
    found = compared(study(), folder)
    assert by_label(found.study).policies == {
        "none": "No programme",
        "actual": "The programme as announced (actual)",
        "double": "The programme as announced (double)",
    }


@pytest.mark.parametrize(
    ("code", "policy", "outcomes"),
    [
        (
            "en",
            "The programme as announced",
            ("USD/JPY in FY2026", "USD/JPY, last month", "USD/JPY, mean of all years"),
        ),
        ("ja", "発表どおりの計画", ("ドル円相場（2026年度）", "ドル円相場（最終月）", "ドル円相場（全年度の平均）")),
        (
            "zh-Hant",
            "如宣布的計畫",
            ("美元兌日圓匯率（2026年度）", "美元兌日圓匯率（最後一個月）", "美元兌日圓匯率（各年度平均）"),
        ),
    ],
)
def test_labels_come_in_the_language(code: str, policy: str, outcomes: tuple[str, ...]) -> None:
    times = ("usdjpy@2026", "usdjpy@final", "usdjpy@all")
    called = by_label(study(outcomes=list(times)), words(code))
    assert called.policy("actual") == policy
    assert tuple(map(called.outcome, times)) == outcomes


def test_numbers_are_short() -> None:
    shown = [number(value) for value in (0.0, 12345.6, 1.23456, 0.00012345, math.nan, math.inf)]
    assert shown == ["0", "12,346", "1.23", "0.000123", "–", "∞"]
    assert number(0.5, signed=True) == "+0.500"


def test_every_direction_is_one_of_three() -> None:
    from itcho.model.measure.outcomes import OUTCOMES

    assert {default_better(name) for name in OUTCOMES} == {"higher", "lower", "neither"}
    assert default_better("domestic_ai_share_home_pct") == "higher"
    assert default_better("usdjpy") == "lower"
    assert default_better("policy_rate_pct") == "neither"
