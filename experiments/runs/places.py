"""Where commands put what they make if nobody says: under ``runs/`` of the working directory, never beside an input."""

from __future__ import annotations

from pathlib import Path

RUNS = Path("runs")


def study_folder(name: str) -> Path:
    """The runs and reports of a study."""
    return RUNS / "studies" / name


def page_of(target: Path) -> Path:
    """The page of a run or study, by the name of its folder."""
    return RUNS / f"{target.resolve().name}.html"


def export_of(run: Path) -> Path:
    """What a run is exported to."""
    return RUNS / f"{run.resolve().name}-export"


def response_folder(shock: str) -> Path:
    """The response to a shock."""
    return RUNS / "responses" / shock


CLAIMS = RUNS / "claims"
"""Pictures of single claims."""
