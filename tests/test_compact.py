"""The Parquet table of a study: everything in it, written whole or not at all, and of no further consequence."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from itcho.agents.errors import InputError
from itcho.experiments.cli.commands import app
from itcho.experiments.studies import compact as compacting
from itcho.experiments.studies.compact import compact
from itcho.experiments.studies.design import Cell
from itcho.experiments.studies.engine import SerialEngine
from itcho.experiments.studies.store import CellResult, CellStore, StoreError
from itcho.experiments.studies.study import Study
from itcho.experiments.studies.study_file import checked_study
from itcho.experiments.studies.study_run import run_study

PARAMETER = "okun_coefficient"


def fake(cell: Cell) -> CellResult:
    values = np.arange(4.0).reshape(2, 2) + cell.seed
    return CellResult(("usdjpy", "approval_pct"), np.array([2026, 2027]), values, values[-1] + 0.5)


def study(seeds: int = 2) -> Study:
    common = {"name": "small", "policies": ["actual"], "seeds": seeds, "years": 2, "outcomes": ["usdjpy"]}
    return checked_study({"study": common, "uncertain": {PARAMETER: {}}, "design": {"kind": "lhs", "points": 3}})


@pytest.fixture
def store(tmp_path: Path) -> CellStore:
    found = CellStore(tmp_path / "runs" / "studies" / "small")
    run_study(study(), found, SerialEngine(), work=fake, show_progress=False)
    return found


def test_the_table_holds_every_run(store: CellStore, monkeypatch: pytest.MonkeyPatch) -> None:
    duckdb = pytest.importorskip("duckdb", reason="needs the extra data: pip install 'itcho[data]'")
    monkeypatch.setattr(compacting, "CELLS_AT_ONCE", 5)  # several portions
    before = store.hash()
    done = compact(study(), store)
    assert (done.cells, done.rows, done.missing) == (12, 36, 0)
    table = duckdb.read_parquet(str(done.path)).df()
    assert list(table.columns) == ["key", "scenario", "policy", "replicate", "point", "seed",
                                   f"parameter_{PARAMETER}", "fiscal_year", "usdjpy", "approval_pct"]  # fmt: skip
    by_key = {cell.key: (replicate, cell) for replicate, _, _, cell in study().cells()}
    for row in table.itertuples():
        replicate, cell = by_key[row.key]
        assert (row.policy, row.scenario, row.seed, row.point) == (
            cell.policy.name, cell.scenario.name, replicate.seed, replicate.point,
        )  # fmt: skip
        assert row.parameter_okun_coefficient == dict(cell.overrides)[PARAMETER]
        result = store.read(row.key)
        year = row.fiscal_year
        line = result.final if pd.isna(year) else result.by_year[result.fiscal_years.tolist().index(int(year))]
        assert (row.usdjpy, row.approval_pct) == tuple(line)
    content = done.path.read_bytes()
    assert compact(study(), store).path.read_bytes() == content
    assert [file.name for file in done.path.parent.iterdir()] == ["small.parquet"]
    done.path.unlink()
    assert store.hash() == before
    assert compact(study(seeds=3), store).missing == 6


def test_a_disk_that_refuses_leaves_the_old_table(store: CellStore, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("duckdb", reason="needs the extra data: pip install 'itcho[data]'")
    old = compact(study(), store).path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(compacting.os, "fsync", full)
    with pytest.raises(StoreError, match="No space left on device"):
        compact(study(), store)
    (table,) = (store.folder / "derived").iterdir()
    assert table.read_bytes() == old


def test_without_the_extra_it_says_what_to_install(store: CellStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(InputError, match=r"pip install 'itcho\[data\]'"):
        compact(study(), store)
    assert not (store.folder / "derived").exists()


def test_the_command(store: CellStore, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("duckdb", reason="needs the extra data: pip install 'itcho[data]'")
    monkeypatch.chdir(store.folder.parent.parent.parent)
    Path("small.toml").write_text(
        f'[study]\npolicies = ["actual"]\nseeds = 2\nyears = 2\noutcomes = ["usdjpy"]\n[uncertain.{PARAMETER}]\n'
        '[design]\nkind = "lhs"\npoints = 3\n'
    )
    done = CliRunner().invoke(app, ["study", "compact", "small.toml", "--json"])
    assert json.loads(done.stdout)["rows"] == 36
    again = CliRunner().invoke(app, ["study", "compact", "small.toml"])
    assert "runs/studies/small/derived/small.parquet: 36 rows of 12 cells" in again.stdout
    assert CliRunner().invoke(app, ["study", "compact", "small.toml", "--out", "empty"]).exit_code == 2
