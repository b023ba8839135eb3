"""What is left of a share that support has won, five years after its end: worked out by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

import itcho
from itcho.agents.rules.subsidy import FiveYearSchedule, LumpSum
from itcho.agents.rules.subsidy_contracts import PublicProcurement
from itcho.agents.rules.subsidy_demand import DomesticContent
from itcho.experiments.studies.compare import Comparison, compare_study, comparison_record
from itcho.experiments.studies.compare_report import sections, show, to_markdown
from itcho.experiments.studies.design import Cell
from itcho.experiments.studies.engine import SerialEngine
from itcho.experiments.studies.kept_share import KeptShare, long_enough
from itcho.experiments.studies.store import CellResult, CellStore
from itcho.experiments.studies.study import Study
from itcho.experiments.studies.study_file import checked_study
from itcho.experiments.studies.study_run import run_study
from itcho.model.policies import POLICIES

NAMES = ("domestic_ai_share_home_pct", "usdjpy", "programme_cost_trn_yen")


def fake(cell: Cell) -> CellResult:
    """Ten points without support; four more by the end of FY2030 with it, and one point less each year from then."""
    years = np.arange(2026, 2026 + cell.years)
    noise = np.random.default_rng(cell.seed).normal()
    share = np.full(years.size, 10.0 + noise)
    cost = np.zeros(years.size)
    if cell.policy.subsidy.announced_trn_yen() > 0.0:
        share += np.select([years <= 2030], [0.8 * (years - 2025)], 4.0 - (years - 2030) * (0.5 + 0.01 * noise))
        cost = np.cumsum(np.where(years <= 2030, 0.2, 0.0))
    if cell.policy.subsidy.name == "domestic-content":
        share += 2.0
    by_year = np.column_stack([share, np.full(years.size, 150.0), cost])
    return CellResult(NAMES, years, by_year, by_year[-1])


def study(*policies: str, years: int = 10, **common: Any) -> Study:
    given = {"policies": list(policies), "seeds": 6, "years": years, "outcomes": list(NAMES[:2]), **common}
    return checked_study({"study": given})


def compared(asked: Study, folder: Path) -> Comparison:
    store = CellStore(folder)
    run_study(asked, store, SerialEngine(), work=fake, show_progress=False)
    return compare_study(asked, store)


def kept(comparison: Comparison) -> dict[str, KeptShare]:
    return {row.policy: row for row in comparison.kept}


def test_the_share_kept_five_years_after_the_last_payment(tmp_path: Path) -> None:
    """Four points in FY2030, 4 - 5 * (0.5 + 0.01 z) in FY2035, z the seed's: 37.5% less 1.25% times the mean z."""
    found = compared(study("actual"), tmp_path)
    row = kept(found)["actual"]
    drawn = np.mean([np.random.default_rng(seed).normal() for seed in range(1, 7)])
    assert (row.last_fiscal_year, row.years_after, row.years_needed) == (2030, 5, 10)
    assert row.at_end == pytest.approx(4.0)
    assert row.kept_pct == pytest.approx(37.5 - 1.25 * drawn)
    assert row.interval[0] <= row.kept_pct <= row.interval[1]
    assert row.reading == "some of it lasts"
    record = json.loads(json.dumps(comparison_record(found, 12, 1.0), allow_nan=False))
    assert record["kept_share"][0]["kept_share_pct"] == pytest.approx(row.kept_pct)
    console = Console(record=True, width=200)
    show(console, found)
    assert f"actual, baseline: {row.kept_pct:.0f}% (" in console.export_text()
    page = to_markdown(sections(found, "itcho compare actual", "done"))
    assert f"| FY2030 | +4.00 | {row.later:+.2f} | 5 | {row.kept_pct:.0f}% |" in page


def test_a_run_that_is_too_short_says_so_and_how_long_it_should_be(tmp_path: Path) -> None:
    """Seven years end in FY2032: 4 - 2 * 0.5 = 3 of 4 points are left then.  Five end with support."""
    row = kept(compared(study("actual", years=7), tmp_path))["actual"]
    assert (row.years_after, row.years_needed) == (2, 10)
    assert row.kept_pct == pytest.approx(75.0, abs=1.0)
    assert row.reading.endswith("2 of 5 years after support: too short for five years, which takes --years 10")
    ended = kept(compared(study("actual", years=5), tmp_path))["actual"]
    assert math.isnan(ended.kept_pct)
    assert ended.reading == "the run ends with support: too short for five years, which takes --years 10"


def test_rules_that_end_never_or_by_the_calendar_alone(tmp_path: Path) -> None:
    """The content rule holds on and on; the list at home for 36 months, so that FY2028 is its last year."""
    found = kept(compared(study("content-rule", "home-list", "actual-debt-brake"), tmp_path))
    assert "actual-debt-brake" in found, "its programme is the announced one, and the baseline has none"
    assert (found["content-rule"].last_fiscal_year, found["content-rule"].years_after) == (2035, 0)
    assert found["content-rule"].reading == "the run ends with support, which has no end"
    assert (found["home-list"].last_fiscal_year, found["home-list"].years_after) == (2028, 5)
    assert found["home-list"].reading == "support won nothing that could be kept"
    same = compared(study("actual-debt-brake", baseline="actual"), tmp_path)
    assert same.kept == (), "its support is the baseline's"


def test_runs_are_made_as_long_as_five_years_after_support_take() -> None:
    assert long_enough(study("actual", years=3)).template.years == 10
    assert long_enough(study("home-list", years=3)).template.years == 8
    assert long_enough(study("content-rule", "none", years=3)).template.years == 3
    assert long_enough(study("actual", years=12)).template.years == 12


def test_what_calendars_say() -> None:
    schedule = FiveYearSchedule(amounts_trn_yen=(0.1, 0.0), first_fiscal_year=2027)
    assert [schedule.is_due(0, year) for year in (2026, 2027, 2028)] == [False, True, False]
    assert [PublicProcurement(first_month=2, last_month=3).is_due(month, 2026) for month in range(1, 5)] == [
        False,
        True,
        True,
        False,
    ]
    assert DomesticContent(first_month=5).is_due(5, 2026)
    assert not DomesticContent(required_share=0.0).is_due(5, 2026)
    assert not LumpSum().is_due(0, 2026), "its payment tells"
    assert not POLICIES["none"].subsidy.is_due(0, 2026)


@pytest.mark.slow
def test_python_gives_the_same_rows() -> None:
    found = itcho.compare(["actual"], seeds=2, years=1, workers=1)
    assert [row.policy for row in found.kept] == ["actual"]
    assert found.kept[0].reading.startswith("the run ends with support")
