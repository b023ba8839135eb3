"""Comparisons of monetary or fiscal rules are read under two settings of expectations."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from itcho.experiments.cli.commands import app
from itcho.experiments.evidence.expectations import PARAMETER, adaptive_share, with_adaptive_expectations
from itcho.experiments.studies.study_file import checked_study, packaged_studies, read_study
from itcho.model.parameters import Parameters

SMALL = {"investors": 200, "importers": 60, "adopters": 100, "years": 1, "seeds": 3, "outcomes": ["cpi_yoy_pct"]}


def test_only_monetary_and_fiscal_rules_need_both_settings() -> None:
    support = checked_study({"study": {"policies": ["actual", "vouchers"], **SMALL}})
    assert with_adaptive_expectations(support) is None
    rules = checked_study({"study": {"policies": ["actual-price-level"], "baseline": "actual", **SMALL}})
    adaptive = with_adaptive_expectations(rules)
    assert adaptive is not None
    assert dict(adaptive.template.overrides) == {PARAMETER: adaptive_share()}
    assert adaptive_share() > getattr(Parameters(), PARAMETER)


def test_a_study_that_sets_expectations_itself_is_left_alone() -> None:
    given = {"study": {"policies": ["actual-price-level"], "baseline": "actual", **SMALL}}
    assert with_adaptive_expectations(checked_study({**given, "parameters": {PARAMETER: 0.5}})) is None
    drawn = {"uncertain": {PARAMETER: {}}, "design": {"kind": "latin-hypercube", "points": 2}}
    assert with_adaptive_expectations(checked_study({**given, **drawn})) is None


@pytest.mark.parametrize("as_json", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_comparison_of_rules_reports_both(tmp_path: Path, as_json: bool) -> None:
    file, out = tmp_path / "rules.toml", tmp_path / "out"
    file.write_text(
        '[study]\npolicies = ["actual-price-level"]\nbaseline = "actual"\nseeds = 3\nyears = 1\n'
        'investors = 200\nimporters = 60\nadopters = 100\noutcomes = ["cpi_yoy_pct", "usdjpy"]\n'
    )
    ran = CliRunner().invoke(app, ["study", "run", str(file), "--engine", "serial", "--out", str(out)])
    assert ran.exit_code == 0, ran.output
    assert "12 runs" in ran.output
    arguments = ["study", "report", str(file), "--out", str(out), *(["--json"] if as_json else [])]
    told = CliRunner().invoke(app, arguments)
    assert told.exit_code == 0, told.output
    if as_json:
        rows = json.loads(told.stdout)["expectations"]
        assert {row["outcome"] for row in rows} == {"cpi_yoy_pct", "usdjpy"}
    else:
        assert "of 2 verdicts" in told.output
        assert "Under anchored and under adaptive expectations" in (out / "report.md").read_text(encoding="utf-8")


def test_the_worked_study_comes_with_the_package() -> None:
    assert "which-support" in packaged_studies()
    study = read_study(Path("which-support"))
    assert len(study.all_policies) == 9
    assert len(study.scenarios) == 6
