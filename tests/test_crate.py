"""The folder of a run or of a study as a Research Object Crate."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from itcho.agents.errors import InputError
from itcho.experiments.runs.crate import METADATA, write_crate
from itcho.experiments.studies.engine import SerialEngine
from itcho.experiments.studies.store import CellStore
from itcho.experiments.studies.study_run import run_study
from tests.test_study import fake, study

rocrate = pytest.importorskip("rocrate.rocrate")


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "monthly.csv").write_text("month,usdjpy\n2026-04,158.0\n")
    (folder / "without_programme_monthly.csv").write_text("month,usdjpy\n2026-04,158.0\n")
    (folder / "ensemble_yen.csv").write_text("group,kind,low_90,median,high_90,unit,pairs\n")
    manifest = {"itcho": "0.1.0", "model": 4, "asked": "itcho run", "scenario_label": "Baseline", "seed": 3, "years": 1}
    manifest |= {
        "policy_label": "The programme as announced",
        "start": "2026-03-31",
        "written": "2026-11-29T19:45:04+00:00",
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_a_run_is_described_file_by_file_and_nothing_else_changes(run_folder: Path) -> None:
    before = {file.name: file.read_bytes() for file in run_folder.iterdir()}
    write_crate(run_folder)
    assert {file.name: file.read_bytes() for file in run_folder.iterdir() if file.name != METADATA} == before
    crate = rocrate.ROCrate(run_folder)  # reading checks what a crate needs
    assert crate.name == "itcho: Baseline, The programme as announced"
    assert str(crate.root_dataset["datePublished"]).startswith("2026-11-29")
    table = crate.get("monthly.csv")
    assert table["sha256"] == hashlib.sha256(before["monthly.csv"]).hexdigest()
    assert table["encodingFormat"] == "text/csv"
    assert "without the programme" in crate.get("without_programme_monthly.csv")["description"]
    assert "over pairs of worlds" in crate.get("ensemble_yen.csv")["description"]
    assert crate.get("#run")["name"] == "itcho run"
    assert crate.get("#itcho")["softwareVersion"] == "0.1.0"
    with pytest.raises(InputError, match="described already"):
        write_crate(run_folder)


def test_a_study_is_described_with_its_cells(tmp_path: Path) -> None:
    store = CellStore(tmp_path / "study")
    run_study(study(seeds=1), store, SerialEngine(), work=fake, show_progress=False)
    write_crate(store.folder)
    crate = rocrate.ROCrate(store.folder)
    assert crate.name == "itcho study study"
    cells = [entity for entity in crate.get_entities() if entity.id.endswith(".npz")]
    assert len(cells) == len(store.keys())


def test_another_folder_is_refused_and_left_alone(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no run and of no study"):
        write_crate(tmp_path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match="no run and of no study"):
        write_crate(tmp_path / "missing")
