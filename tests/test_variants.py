"""Structural variants: what they change exists, a study runs in them with the same seeds, and flips are told."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from itcho.agents.errors import InputError
from itcho.experiments.claims import show
from itcho.experiments.claims.answers import in_variants
from itcho.experiments.claims.ensembles import Arm, Request, tasks_of
from itcho.experiments.claims.registry import all_claims
from itcho.experiments.cli.commands import app
from itcho.experiments.studies.compare import Comparison, compare_study
from itcho.experiments.studies.design import Cell
from itcho.experiments.studies.engine import SerialEngine
from itcho.experiments.studies.store import CellResult, CellStore
from itcho.experiments.studies.study import Study
from itcho.experiments.studies.study_file import checked_study
from itcho.experiments.studies.study_run import run_study
from itcho.experiments.studies.variants import (
    VARIANTS,
    comparisons_in_variants,
    flip,
    pairs,
    studies_in_variants,
    variants_record,
)
from itcho.experiments.studies.variants_report import variants_section
from itcho.experiments.view.report_study import read_study_folder
from itcho.model.economy import CHANNELS
from itcho.model.parameters import registry

SMALL = {"investors": 200, "importers": 60, "adopters": 100, "years": 1}


def fake(cell: Cell) -> CellResult:
    """The policy adds two; without learning it takes two away, without carry trades nobody can tell."""
    rng = np.random.default_rng(cell.seed)
    shared, own = rng.normal(size=2)
    effect = 2.0 + 0.01 * own
    if dict(cell.overrides).get("ai_learning_from_users") == 0.0:
        effect = -2.0 + 0.01 * own
    if "carry" in cell.without:
        effect = 20.0 * own
    level = np.array([shared + effect * (cell.policy.name == "actual"), 0.0])
    return CellResult(("domestic_ai_share_home_pct", "programme_cost_trn_yen"), np.array([2026]), level[None], level)


def study(**common: Any) -> Study:
    tables = {name: common.pop(name) for name in ("uncertain", "design", "parameters") if name in common}
    given = {"name": "made", "policies": ["actual"], "seeds": 12, "outcomes": ["domestic_ai_share_home_pct"], **SMALL}
    return checked_study({"study": {**given, **common}, **tables})


@pytest.fixture
def compared(tmp_path: Path) -> tuple[Comparison, dict[str, Comparison]]:
    asked = study(variants=["no-learning", "no-carry", "no-peers"])
    store = CellStore(tmp_path)
    for one in (asked, *list(studies_in_variants(asked).values())[:2]):
        run_study(one, store, SerialEngine(), work=fake, show_progress=False)
    return compare_study(asked, store), comparisons_in_variants(asked, store)


def test_what_variants_change_is_there() -> None:
    mechanisms = [one.mechanism for one in VARIANTS.values()]
    assert set(mechanisms) == {"currency market", "expectations", "choice of AI", "learning"}
    for one in VARIANTS.values():
        assert one.parameters or one.without
        assert set(one.without) <= CHANNELS
        for name, value in one.parameters:
            parameter = registry()[name]
            assert parameter.low <= value <= parameter.high
            assert value in (parameter.low, parameter.high)
            assert value != parameter.value


def test_verdicts_that_flip_are_marked(compared: tuple[Comparison, dict[str, Comparison]]) -> None:
    usual, others = compared
    assert list(others) == ["no-learning", "no-carry"]  # the third was not run
    (row,) = usual.rows
    assert row.said == "clear: better"
    flips = {name: flip(*pairs(usual, other)[0]) for name, other in others.items()}
    assert flips == {"no-learning": "reverses", "no-carry": "lost"}
    assert flip(others["no-carry"].rows[0], row) == "gained"
    assert flip(row, row) == ""
    record = variants_record(usual, others)
    assert [one["flips"] for one in record] == ["reverses", "lost"]
    assert record[0]["in_variant"]["direction"] == "worse"
    json.dumps(record, allow_nan=False)
    section = variants_section(usual, others)
    assert "Verdicts that flip: 2 of 2" in section.text[1]
    assert [line[3] for line in section.lines] == ["no-learning", "no-carry"]


def test_a_variant_is_another_world_with_the_same_seeds() -> None:
    asked = study(variants=["no-learning", "no-carry"])
    others = studies_in_variants(asked)
    keys = [{cell.key for *_, cell in one.cells()} for one in (asked, *others.values())]
    assert len(set.union(*keys)) == 3 * len(keys[0])
    assert [one.seeds for one in others.values()] == [asked.seeds] * 2
    # Baseline and policy stand in the same variant.
    assert {cell.without for *_, cell in others["no-carry"].cells()} == {("carry",)}
    # What has no variants is what it was: neither plan nor keys move.
    plain = study()
    assert plain.digest() == dataclasses.replace(asked, variants=()).digest() != asked.digest()
    assert {cell.key for *_, cell in plain.cells()} == keys[0]


def test_mistakes_are_told_at_once() -> None:
    with pytest.raises(InputError) as error:
        study(variants=["no-cary", "no-learning", "no-peers", "no-peers"], parameters={"ai_learning_from_users": 0.2})
    assert len(error.value.messages) == 3
    assert "no variant 'no-cary'" in str(error.value)
    assert "variant 'no-learning' sets ai_learning_from_users, which the study sets or draws too" in str(error.value)
    with pytest.raises(InputError, match="variants must be a list of names"):
        study(variants="no-carry")


@pytest.mark.slow
def test_compare_runs_the_variants_and_a_folder_remembers_them(tmp_path: Path) -> None:
    sizes = ["--years", "1", "--seeds", "1", "--workers", "1", "--quiet"]
    done = CliRunner().invoke(
        app,
        [
            "compare",
            "actual",
            "--variant",
            "no-learning",
            "--outcome",
            "usdjpy",
            "--out",
            str(tmp_path),
            "--json",
            *sizes,
        ],
    )
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    assert [(one["variant"], one["flips"]) for one in record["variants"]] == [("no-learning", "")]
    assert "In structural variants" in (tmp_path / "report.md").read_text(encoding="utf-8")
    sessions = CellStore(tmp_path).sessions()
    assert [session["runs"] for session in sessions] == [2, 2]
    assert len(CellStore(tmp_path).keys()) == 4


def test_a_study_is_read_back_from_its_folder_with_its_variants(tmp_path: Path) -> None:
    asked = study(variants=["no-carry"])
    run_study(asked, CellStore(tmp_path), SerialEngine(), work=fake, show_progress=False)
    for other in studies_in_variants(asked).values():
        run_study(other, CellStore(tmp_path), SerialEngine(), work=fake, show_progress=False)
    found, _, _ = read_study_folder(tmp_path)
    assert found.digest() == asked.digest()


def test_claims_are_asked_in_the_variant() -> None:
    tasks = tasks_of([Request(Arm(), 12, 2), Request(Arm(sampled=True), 12, 1)], VARIANTS["no-peers"])
    assert all(dict(VARIANTS["no-peers"].parameters).items() <= dict(task.overrides).items() for task in tasks)
    assert len([task for task in tasks if len(task.overrides) > 2]) == 1  # what is drawn is still drawn
    (task, _) = tasks_of([Request(Arm(), 12, 2)], VARIANTS["no-carry"])
    assert (task.without, dict(task.overrides)) == (("carry",), {})
    kinds = {claim.kind for claim in in_variants(all_claims())}
    assert kinds
    assert not kinds & {"fact", "mechanism"}


def test_an_unknown_variant_of_claims_runs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(show, "progress", None)
    done = CliRunner().invoke(app, ["claims", "yen-fall", "--quick", "--variant", "no-cary"])
    assert done.exit_code == 2
    assert "no variant 'no-cary'" in done.stderr


def test_variants_are_listed() -> None:
    done = CliRunner().invoke(app, ["list", "variants", "--json"])
    assert [one["name"] for one in json.loads(done.stdout)] == list(VARIANTS)
