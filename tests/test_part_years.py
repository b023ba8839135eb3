"""A year is a complete fiscal year, wherever a year is read; a part of one is named as such or refused."""

from __future__ import annotations

import datetime
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from itcho.agents.errors import InputError
from itcho.experiments.cli.commands import app
from itcho.experiments.evidence.corridor import Panel, yearly_medians
from itcho.experiments.evidence.seed_runs import SeedRun
from itcho.experiments.studies.compare import compare_study
from itcho.experiments.studies.design import Cell, run_cell
from itcho.experiments.studies.engine import SerialEngine
from itcho.experiments.studies.fiscal_years import (
    by_fiscal_year,
    complete_fiscal_years,
    fiscal_year_of_months,
    last_year,
    programme_effect,
    yen_by_client,
)
from itcho.experiments.studies.store import CellResult, CellStore
from itcho.experiments.studies.study import picked
from itcho.experiments.studies.study_file import checked_study
from itcho.experiments.studies.study_run import run_study
from itcho.model.clock import Month
from itcho.model.economy import JapanEconomy
from itcho.model.policies import policy
from itcho.model.scenarios import scenario

SIZES = {"investors": 60, "importers": 30, "adopters": 30}


@pytest.fixture
def june(tmp_path: Path) -> str:
    """Japan's books as they are, three months later: runs begin in July."""
    file = tmp_path / "june.toml"
    file.write_text('base = "2026-03-31"\ndate = 2026-06-30\n')
    return str(file)


def monthly(first: str, months: int) -> pd.DataFrame:
    """A month's number as every outcome: 1, 2, 3, ..."""
    when = pd.period_range(first, periods=months, freq="M").strftime("%Y-%m-28")
    counted = np.arange(1.0, months + 1.0)
    return pd.DataFrame({"month": when, "usdjpy": counted, "softbank_ltv_pct": counted})


@pytest.mark.parametrize("years", [1, 2, 5])
@pytest.mark.parametrize("month", range(1, 13))
def test_complete_years_are_those_of_which_the_calendar_holds_twelve_months(month: int, years: int) -> None:
    opened = Month(2026, month).end
    held = [
        opened_month.fiscal_year
        for opened_month in (Month.of(opened).plus(place) for place in range(1, 12 * years + 1))
    ]
    expected = [year for year in sorted(set(held)) if held.count(year) == 12]
    assert list(complete_fiscal_years(opened, years)) == expected


def test_a_run_from_march_holds_its_years_and_one_from_june_one_less() -> None:
    assert list(complete_fiscal_years(datetime.date(2026, 3, 31), 2)) == [2026, 2027]
    assert list(complete_fiscal_years(datetime.date(2026, 6, 30), 2)) == [2027]
    assert list(complete_fiscal_years(datetime.date(2026, 6, 30), 1)) == []


def test_a_stored_run_holds_complete_years_only(june: str) -> None:
    """July 2026 to June 2028: nine months of FY2026, FY2027, three months of FY2028."""
    cell = Cell(scenario("baseline"), policy("actual"), 3, years=2, start=june, **SIZES)
    stored = run_cell(cell)
    assert stored.fiscal_years.tolist() == [2027]
    table = JapanEconomy(start=june, rng=3, years=2, **SIZES).run().monthly_table()
    whole = table[fiscal_year_of_months(table["month"]) == 2027]
    assert len(whole) == 12
    column = stored.outcomes.index("usdjpy")
    assert stored.by_year[0, column] == pytest.approx(whole["usdjpy"].mean(), rel=1e-12)
    column = stored.outcomes.index("deficit_trn_yen_fy")
    assert stored.by_year[0, column] == whole["deficit_trn_yen_fy"].iloc[-1]
    assert stored.final[column] == table["deficit_trn_yen_fy"].iloc[-1]


def test_a_study_that_holds_no_complete_year_is_refused(june: str) -> None:
    with pytest.raises(
        InputError, match=r"study\.years = 1: runs from 2026-06-30 hold no complete fiscal year.* at least 2"
    ):
        checked_study({"study": {"policies": ["actual"], "years": 1, "start": june}})
    found = CliRunner().invoke(app, ["compare", "actual", "--years", "1", "--start", june, "--quick"])
    assert found.exit_code == 2
    assert "no complete fiscal year" in found.stderr
    assert "Traceback" not in found.output


def test_an_outcome_in_a_part_of_a_year_is_refused(june: str) -> None:
    template = Cell(scenario("baseline"), policy("actual"), 1, years=3, start=june)
    assert picked("usdjpy@2028", template, {}).when == "2028"
    for year in (2026, 2029):
        with pytest.raises(InputError, match=f"'usdjpy@{year}': the runs, from 2026-06-30, hold .* 2027 to 2028"):
            picked(f"usdjpy@{year}", template, {})


def test_the_last_month_of_an_amount_that_runs_up_is_no_year(june: str) -> None:
    """In June the deficit of the fiscal year to date is that of April to June."""
    template = Cell(scenario("baseline"), policy("actual"), 1, years=3, start=june)
    for name in ("deficit_trn_yen_fy", "bond_dependency_pct"):
        with pytest.raises(InputError, match=f"'{name}@final' runs up over the fiscal year.* write {name}@last"):
            picked(f"{name}@final", template, {})
        assert picked(f"{name}@final", Cell(scenario("baseline"), policy("actual"), 1), {}).when == "final"
    assert picked("usdjpy@final", template, {}).when == "final"


def test_a_comparison_from_june_reads_the_complete_year(june: str, tmp_path: Path) -> None:
    """The policy is better in the complete year and worse in the months after it."""
    study = checked_study(
        {
            "study": {
                "name": "june",
                "policies": ["actual"],
                "seeds": 4,
                "years": 2,
                "start": june,
                "outcomes": ["usdjpy"],
            }
        }
    )

    def work(cell: Cell) -> CellResult:
        helped = cell.policy.name == "actual"
        months = monthly("2026-07", 24)
        months["usdjpy"] = 150.0 + cell.seed / 100.0
        months.loc[:20, "usdjpy"] -= 1.0 * helped
        months.loc[21:, "usdjpy"] += 9.0 * helped
        months["programme_cost_trn_yen"] = 0.0
        months["domestic_ai_share_home_pct"] = 30.0
        years = by_fiscal_year(months)
        years = years[years["months"] == 12].drop(columns="months")
        final = months[list(years.columns)].iloc[-1].to_numpy(dtype=np.float64)
        return CellResult(tuple(years.columns), years.index.to_numpy(), years.to_numpy(), final)

    store = CellStore(tmp_path / "store")
    run_study(study, store, SerialEngine(), work=work, show_progress=False)
    (row,) = compare_study(study, store).rows
    assert row.summary.mean == pytest.approx(-1.0)


def test_no_complete_year_in_a_cell_is_an_answer_and_not_a_number() -> None:
    empty = CellResult(("usdjpy",), np.empty(0, np.int64), np.empty((0, 1)), np.array([150.0]))
    assert picked("usdjpy@final", None, {}).of(empty) == 150.0
    for text in ("usdjpy", "usdjpy@all", "usdjpy@2026"):
        with pytest.raises(InputError, match="no complete fiscal year"):
            picked(text, None, {}).of(empty)
    one = CellResult(("usdjpy",), np.array([2027]), np.array([[150.0]]), np.array([150.0]))
    with pytest.raises(InputError, match="hold the complete fiscal years 2027 to 2027"):
        picked("usdjpy@2026", None, {}).of(one)


def test_the_programmes_effect_is_read_in_the_last_complete_year() -> None:
    """Months 10 to 21 are FY2027: mean 15.5, end 21."""
    years = by_fiscal_year(monthly("2026-07", 24))
    assert years["months"].tolist() == [9, 12, 3]
    assert last_year(years) == (2027, 12)
    effect = programme_effect(years, years)
    assert effect["policy"].to_dict() == {"usdjpy": 15.5, "softbank_ltv_pct": 21.0}
    assert last_year(by_fiscal_year(monthly("2026-07", 12))) == (2027, 3)


def test_columns_of_the_yen_say_where_a_year_is_a_part() -> None:
    moved = yen_by_client(monthly("2026-07", 24)[["month", "usdjpy"]])
    assert list(moved.columns) == ["FY2026*", "FY2027", "FY2028*", "total"]
    assert list(yen_by_client(monthly("2026-04", 24)[["month", "usdjpy"]]).columns) == ["FY2026", "FY2027", "total"]


def test_the_corridor_knows_only_complete_years() -> None:
    months = monthly("2026-07", 24)
    run = SeedRun(
        1,
        fiscal_year_of_months(months["month"]).to_numpy(dtype=np.int64),
        months["month"].str[5:7].to_numpy(dtype=np.int64),
        {"usdjpy": months["usdjpy"].to_numpy()},
    )
    panel = Panel([run])
    assert panel.at_year_ends("usdjpy", 2026, 2028).tolist() == [[21.0]]
    assert panel.in_years("usdjpy", 2026, 2028).tolist() == [list(range(10, 22))]
    assert yearly_medians(panel, "usdjpy").tolist() == [15.5]


@pytest.mark.slow
def test_a_run_from_june_names_its_parts(june: str, tmp_path: Path) -> None:
    sizes = [word for name, size in SIZES.items() for word in (f"--{name}", str(size))]
    asked = ["run", "--start", june, "--years", "2", "--seed", "3", *sizes]
    shown = CliRunner().invoke(app, [*asked, "--out", str(tmp_path / "run"), "--figures", str(tmp_path / "figures")])
    assert shown.exit_code == 0, shown.output
    text = " ".join(shown.stdout.split())
    assert "What the programme changed by FY2027, in" in text
    assert "* part of a year" in text
    assert "FY2026*" in text
    effect = pd.read_csv(tmp_path / "run" / "programme_effect.csv")
    assert set(zip(effect["fiscal_year"], effect["months"], strict=True)) == {(2027, 12)}
    assert "FY2026 (9 months), FY2028 (3 months)" in (tmp_path / "figures" / "yen-attribution.svg").read_text()
    found = CliRunner().invoke(app, ["export", str(tmp_path / "run"), "--graphml", "--out", str(tmp_path / "graphs")])
    assert found.exit_code == 0, found.output
    graph = "".join(file.read_text() for file in (tmp_path / "graphs").glob("*.graphml"))
    assert "amount_trn_yen_fy2026_9_months" in graph
    assert 'amount_trn_yen_fy2027"' in graph
    record = json.loads(CliRunner().invoke(app, [*asked, "--json", "--out", str(tmp_path / "json")]).stdout)
    assert [(year["fiscal_year"], year["months"]) for year in record["fiscal_years"]] == [
        (2026, 9),
        (2027, 12),
        (2028, 3),
    ]
    assert all(math.isfinite(year["usdjpy"]) for year in record["fiscal_years"])
