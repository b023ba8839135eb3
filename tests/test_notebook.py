"""The tour notebook runs from top to bottom, without Jupyter."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests.children import ROOT

NOTEBOOK = ROOT / "examples" / "tour.ipynb"
CELLS: list[dict[str, Any]] = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
CODE = ["".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "code"]


def test_it_is_kept_without_outputs() -> None:
    for cell in CELLS:
        assert not cell.get("outputs"), cell["id"]
        assert cell.get("execution_count") is None, cell["id"]


def test_it_is_a_valid_notebook() -> None:
    nbformat = pytest.importorskip("nbformat")
    nbformat.validate(nbformat.read(NOTEBOOK, as_version=4))


def test_its_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", "".join("".join(cell["source"]) for cell in CELLS))
    assert links
    assert all((NOTEBOOK.parent / link).exists() for link in links), links


@pytest.mark.slow
def test_it_runs_from_top_to_bottom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: list[bytes] = []
    display = ModuleType("IPython.display")
    display.__dict__["Image"] = shown.append
    package = ModuleType("IPython")
    package.__dict__["version_info"] = (9, 0)  # matplotlib asks
    monkeypatch.setitem(sys.modules, "IPython", package)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    monkeypatch.chdir(tmp_path)
    names = SimpleNamespace(__name__="tour")
    for number, source in enumerate(CODE):
        exec(compile(source, f"tour.ipynb, code cell {number}", "exec"), names.__dict__)
    assert shown[0].startswith(b"\x89PNG")
    assert names.economy.ledger.max_relative_residual < 1e-9
    assert names.total.sum() == pytest.approx(names.parts.to_numpy().sum())
    rows = names.rows
    assert set(rows["policy"]) == {"actual", "vouchers"}
    money = rows[rows["outcome"] == "domestic_ai_share_home_pct"]
    assert (money["variance_ratio"] > 1.0).all()
    assert "0.818%" in capsys.readouterr().out
