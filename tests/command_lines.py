"""`itcho` lines of pages and helps, checked as far as an `itcho` goes before it computes."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from itcho.experiments.cli.commands import app
from itcho.experiments.runs.run_again import KeptRun
from itcho.experiments.runs.run_request import RunRequest
from itcho.experiments.view.settings import ViewSettings

LONG_WORK = (
    "itcho.experiments.evidence.rest_report.come_to_rest",
    "itcho.experiments.evidence.checks_report.run_seeds",
    "itcho.experiments.evidence.ablation.in_processes",
    "itcho.experiments.evidence.checks_report.run_quiet_start",
    "itcho.experiments.claims.answers.make_runs",
    "itcho.experiments.evidence.validate.validate",
    "itcho.experiments.evidence.hindcast_report.hindcast_and_show",
    "itcho.experiments.forecasts.run.run_forecast",
    "itcho.experiments.forecasts.show.score_and_show",
    "itcho.experiments.forecasts.fans.draw_fans",
    "itcho.experiments.evidence.validation_show._respond",
    "itcho.experiments.evidence.validation_show._show_arithmetic",
    "itcho.experiments.cli.study._run_and_report",
    "itcho.experiments.cli.study._report",
    "itcho.experiments.openings.write_start_state",
    "itcho.experiments.studies.sensitivity_study.study_sensitivity",
    "itcho.experiments.studies.discovery_study.discover",
    "itcho.experiments.studies.compact.compact",
    "itcho.experiments.studies.store_comparison.compare_stores",
    "itcho.experiments.answers.brief.brief_of",
    "itcho.experiments.answers.explain.explain",
    "itcho.experiments.answers.explorer.explorer_content",
    "itcho.experiments.view.report.content_of",
    "itcho.experiments.view.report_compare.compare_folders",
    "itcho.experiments.view.run_data.read_run",
    "itcho.experiments.runs.crate.write_crate",
    "itcho.experiments.data.published.read_actuals",
    "itcho.experiments.view.server.serve",
    "itcho.experiments.runs.rule_template.write_files",
)
"""What a command calls after it has checked everything it was given."""


def stop_before_work(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let every command leave with exit code 0 where its work would begin; returns who got there."""
    reached: list[str] = []

    def stop_at(name: str) -> Any:
        def stop(*_: object, **__: object) -> None:
            reached.append(name)
            raise typer.Exit(0)

        return stop

    def check_run(request: RunRequest, **_: object) -> None:
        request.checked_parameters()
        reached.append("run")

    monkeypatch.setattr("itcho.experiments.cli.run.run_and_show", check_run)
    monkeypatch.setattr("itcho.experiments.view.settings._of_run", lambda _: ViewSettings())
    monkeypatch.setattr(
        "itcho.experiments.runs.run_again.kept_run", lambda *_: KeptRun(RunRequest(), {}, with_twin=True)
    )
    # Which fonts a machine has is none of a command line's business.
    monkeypatch.setattr("itcho.experiments.figures.language.fonts_for", lambda _: ("a font",))
    for name in LONG_WORK:
        monkeypatch.setattr(name, stop_at(name))
    return reached


def called(line: str) -> int:
    """Exit code of an `itcho` line in this process."""
    with pytest.raises(SystemExit) as ended:
        app(shlex.split(line, comments=True)[1:], prog_name="itcho")
    return int(ended.value.code or 0)


def study_files(folder: Path, *names: str) -> None:
    """Write small studies under the given names."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f'[study]\nname = "{path.stem.replace("_", "-")}"\npolicies = ["actual"]\nbaseline = "none"\nseeds = 2\n',
            encoding="utf-8",
        )
