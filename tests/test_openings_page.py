"""The page on what the start states open with is that of the model, and leaves no jolt without a cause."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from itcho.experiments.evidence import openings
from itcho.model.version import MODEL_VERSION

PAGE = (Path(__file__).parents[1] / "docs" / openings.PAGE).read_text(encoding="utf-8")


def test_figures_that_were_repaired_stand_within_what_closing_may_move() -> None:
    assert f"Model version {MODEL_VERSION}." in PAGE
    assert "\n".join(openings.cells_table()).strip() in PAGE
    for cell in openings.CELLS:
        now = cell.now(openings.load(cell.start))
        # Read figures to 0.1%; the share of bonds is of face where it is published, and of market value in the books.
        assert now == pytest.approx(cell.published, rel=0.05 if "%" in cell.label else 0.002)
        assert abs(now - cell.published) < abs(cell.former - cell.published)


@pytest.mark.parametrize("start", openings.STARTS)
def test_what_moves_in_the_first_quarter_has_its_cause(start: str) -> None:
    moved = {row.outcome for row in openings.jolts(start)}
    assert moved == {outcome for of, outcome in openings.CAUSES if of == start}
    assert "\n".join(openings.quiet_table(start)).strip() in PAGE
    yield_pct, path_pct = openings.two_years_pct(start)
    assert path_pct == pytest.approx(yield_pct, abs=0.005)


@pytest.mark.slow
def test_volatility_of_the_first_month_is_that_of_the_page() -> None:
    told = re.findall(r"^\| (\d{4}-\d\d-\d\d) \| [^|]+ \| (\d\.\d+) \| (\d\.\d+) \| (\d\.\d+) \|$", PAGE, re.M)
    assert [one[0] for one in told] == [start for start in openings.STARTS for _ in range(2)]
    found = [pair for start in openings.STARTS for pair in openings.volatilities_pct(start, workers=2)]
    assert [(f"{month:.3f}", f"{year:.3f}") for month, year in found] == [(one[1], one[2]) for one in told]
    assert all(abs(month / year - 1.0) < 0.15 for month, year in found)
