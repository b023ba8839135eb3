"""The model's version: results do not change without it, and stored runs are found by it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from itcho.experiments.studies import design as study_design
from itcho.experiments.studies.design import Cell
from itcho.model.policies import POLICIES
from itcho.model.scenarios import SCENARIOS
from itcho.model.version import MODEL_VERSION
from tests import golden_runs
from tests.children import ROOT

WHAT_TO_DO = (
    "The model's results changed. If that was meant: raise MODEL_VERSION in model/version.py, say in CHANGELOG.md what "
    "changed and why, and run `python -m tests.golden_runs`. If it was not, this test has just found a fault."
)


def test_results_do_not_change_without_a_new_model_version() -> None:
    version, before = golden_runs.stored()
    assert version == MODEL_VERSION, "the stored figures are of another model version: run python -m tests.golden_runs"
    changed = golden_runs.differences(before, {key: golden_runs.run(key) for key in before})
    assert not changed, "\n".join([WHAT_TO_DO, *changed[:5]])


def test_the_golden_runs_cover_every_policy_and_scenario() -> None:
    _, figures = golden_runs.stored()
    assert set(figures) == set(golden_runs.keys()), "a policy or scenario came or went: run python -m tests.golden_runs"
    assert {key[1] for key in figures} == set(POLICIES)
    assert {key[0] for key in figures} == set(SCENARIOS)


def test_a_changed_result_is_noticed_and_rounding_is_not() -> None:
    _, before = golden_runs.stored()
    key = next(iter(before))
    moved = {key: before[key] | {"usdjpy": before[key]["usdjpy"] * (1.0 + 1e-7)}}
    assert len(golden_runs.differences(before, moved)) == 1
    rounded = {key: {name: value * (1.0 + 1e-12) for name, value in before[key].items()}}
    assert golden_runs.differences(before, rounded) == []
    lost = {key: before[key] | {"usdjpy": float("nan")}}
    assert len(golden_runs.differences(before, lost)) == 1


def test_the_golden_runs_react_to_a_small_change_of_a_parameter(monkeypatch: pytest.MonkeyPatch) -> None:
    from itcho.model.economy import JapanEconomy

    def bent(**arguments: object) -> JapanEconomy:
        return JapanEconomy(**arguments, parameters={"okun_coefficient": 0.2001})  # type: ignore[arg-type]

    _, before = golden_runs.stored()
    key = next(iter(before))
    monkeypatch.setattr(golden_runs, "JapanEconomy", bent)
    changed = golden_runs.differences(before, {key: golden_runs.run(key)})
    assert any(text.startswith("unemployment_pct") for text in changed)


def test_golden_figures_are_not_overwritten_under_the_same_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, before = golden_runs.stored()
    key = next(iter(before))
    text = golden_runs.STORED.read_text(encoding="utf-8")
    copied = tmp_path / golden_runs.STORED.name
    copied.write_text(text, encoding="utf-8")
    monkeypatch.setattr(golden_runs, "STORED", copied)
    monkeypatch.setattr(golden_runs, "keys", lambda: iter([key]))
    monkeypatch.setattr(golden_runs, "run", lambda _: before[key] | {"usdjpy": 1.0})
    assert golden_runs.main() == 1
    assert "raise MODEL_VERSION" in capsys.readouterr().err
    assert golden_runs.STORED.read_text(encoding="utf-8") == text


def test_a_stored_run_is_of_one_model_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def key() -> str:
        study_design._label_free_key.cache_clear()
        study_design._common.cache_clear()
        return Cell(SCENARIOS["baseline"], POLICIES["actual"], seed=1).key

    now = key()
    assert key() == now
    monkeypatch.setattr(study_design, "MODEL_VERSION", MODEL_VERSION + 1)
    assert key() != now
    monkeypatch.undo()
    assert key() == now


def test_the_changelog_says_what_each_model_version_changed() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    said = [int(number) for number in re.findall(r"^- Model version (\d+)[.:]", text, re.MULTILINE)]
    assert said == list(range(MODEL_VERSION, 0, -1))
