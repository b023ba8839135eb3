"""A run's folder and a study's runs that are whole, to be damaged."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from pathlib import Path

from itcho.experiments.cli.run import run_and_show
from itcho.experiments.progress import silent
from itcho.experiments.runs.run_request import RunRequest
from itcho.experiments.studies.engine import SerialEngine
from itcho.experiments.studies.store import CellStore
from itcho.experiments.studies.study_file import checked_study
from itcho.experiments.studies.study_run import run_study

SIZES = {"years": 1, "investors": 60, "importers": 50, "adopters": 60}


def whole_run(folder: Path) -> Path:
    """The folder of a year of a small world."""
    silent.set(True)
    request = RunRequest(seed=1, out=folder / "whole-run", **SIZES)  # type: ignore[arg-type]
    with redirect_stdout(io.StringIO()):
        return run_and_show(request, as_json=True)


def whole_store(folder: Path) -> Path:
    """The folder of two pairs of small worlds."""
    content = {"name": "mine", "policies": ["actual"], "baseline": "none", "seeds": 2, **SIZES}
    study, store = checked_study({"study": content}), CellStore(folder / "whole-store")
    run_study(study, store, SerialEngine(), show_progress=False)
    return store.folder
