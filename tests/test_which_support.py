"""The page of the worked study: what it says of the model version in force is in that version's report."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"


def test_every_figure_of_model_version_4_stands_in_its_report() -> None:
    page = (DOCS / "which_support.md").read_text(encoding="utf-8")
    said = page[page.index("## What changes with model version 4") : page.index("## What changed with model version 3")]
    report = (DOCS / "which_support" / "version_4.md").read_text(encoding="utf-8")
    figures = re.findall(r"[+-]\d+\.\d+", said)
    assert len(figures) >= 12
    for figure in figures:
        assert figure in report, figure
