"""Published files as they come: what is understood, what is passed over, and what is refused.

The files under ``tests/inputs`` have the shapes of publishers' files and made-up figures.
"""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from itcho.agents.errors import InputError
from itcho.experiments.cli.commands import app
from itcho.experiments.data.published import read_actuals
from itcho.experiments.data.published_layout import published_day
from itcho.experiments.evidence.hindcast_files import read_quarterly

INPUTS = Path(__file__).parent / "inputs"
Q1, Q2 = datetime.date(2020, 1, 1), datetime.date(2020, 4, 1)


def one(name: str, **chosen: str) -> dict[str, dict[datetime.date, float]]:
    return read_actuals([INPUTS / name], chosen).quarters


def test_daily_dollars_of_fred_leave_out_the_quarter_that_is_not_over() -> None:
    quarters = one("DEXJPUS.csv")["usdjpy"]
    assert quarters == {Q1: pytest.approx(108.0), Q2: pytest.approx(107.0)}


def test_yields_in_cp932_with_era_dates_take_ten_years_alone() -> None:
    found = read_actuals([INPUTS / "jgbcm.csv"], {})
    assert found.quarters == {"jgb_10y_pct": {Q1: pytest.approx(0.01), Q2: pytest.approx(0.03)}}
    (series,) = found.understood
    assert (series.encoding, series.frequency, series.heading) == ("cp932", "daily", "10年")
    assert any("3 columns that are not needed" in text for text in found.passed_over)
    assert any("1 cells without a figure" in text for text in found.passed_over)


def test_monthly_call_rate_with_code_and_unit_rows_needs_all_three_months() -> None:
    assert one("boj_call_rate.csv") == {"policy_rate_pct": {Q1: pytest.approx(-0.03)}}


def test_an_index_of_consumer_prices_becomes_growth_on_the_year_before() -> None:
    quarters = one("cpi_stat.csv")["cpi_yoy_pct"]
    assert list(quarters) == [datetime.date(2020, month, 1) for month in (1, 4, 7, 10)]
    assert all(value == pytest.approx(2.0) for value in quarters.values())


def test_quarterly_accounts_with_years_in_first_quarters_and_thousands_become_trillions() -> None:
    found = read_actuals([INPUTS / "gaku-mk.csv"], {})
    quarters = found.quarters["nominal_gdp_trn_yen"]
    assert quarters[datetime.date(2019, 1, 1)] == pytest.approx(555.0005)
    assert quarters[Q2] == pytest.approx(510.0)
    assert len(quarters) == 6
    assert found.understood[0].base == 2015
    assert any("1 rows without a date" in text for text in found.passed_over)


def test_semicolons_leave_commas_to_decimals() -> None:
    assert one("fedfunds_semicolon.csv") == {
        "us_policy_rate_pct": {Q1: pytest.approx((1.55 + 1.58 + 0.65) / 3), Q2: pytest.approx(0.06)}
    }


def test_trade_with_time_codes_is_summed_from_millions() -> None:
    assert one("trade_estat.csv") == {"chip_imports_trn_yen": {Q1: pytest.approx(1.32)}}


def test_the_table_is_what_a_hindcast_reads(tmp_path: Path) -> None:
    names = ("DEXJPUS.csv", "jgbcm.csv", "boj_call_rate.csv", "cpi_stat.csv", "gaku-mk.csv", "fedfunds_semicolon.csv")
    out = tmp_path / "quarters.csv"
    done = CliRunner().invoke(app, ["actuals", *(str(INPUTS / name) for name in names), "--out", str(out), "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert {one["column"] for one in told["series"]} == {
        "usdjpy",
        "jgb_10y_pct",
        "policy_rate_pct",
        "cpi_yoy_pct",
        "nominal_gdp_trn_yen",
        "us_policy_rate_pct",
    }
    table = read_quarterly(out)
    assert table.gdp_base_year == 2015
    place = [str(quarter) for quarter in table.quarters].index("2020-01")
    assert table.columns["usdjpy"][place] == pytest.approx(108.0)
    kept = json.loads((tmp_path / "quarters.csv.provenance.json").read_text(encoding="utf-8"))
    assert {len(one["sha256"]) for one in kept["series"]} == {64}
    again = CliRunner().invoke(app, ["actuals", str(INPUTS / "DEXJPUS.csv"), "--out", str(out)])
    assert again.exit_code == 2
    assert "is there already" in again.stderr
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2024-04-01", (2024, 4, 1)),
        ("2024/4/30", (2024, 4, 30)),
        ("20240430", (2024, 4, 30)),
        ("202404", (2024, 4, 1)),
        ("2024/04", (2024, 4, 1)),
        ("2024Q2", (2024, 4, 1)),
        ("Q2 2024", (2024, 4, 1)),
        ("R6.4.1", (2024, 4, 1)),
        ("H31.4.30", (2019, 4, 30)),
        ("S64.1.7", (1989, 1, 7)),
        ("令和元年5月", (2019, 5, 1)),
        ("令和6年4月1日", (2024, 4, 1)),
        ("２０２４年４月", (2024, 4, 1)),
        ("2024年4~6月期", (2024, 4, 1)),
        ("2024年第2四半期", (2024, 4, 1)),
        ("2024000404", (2024, 4, 1)),
        ("2024/ 4- 6.", (2024, 4, 1)),
        ("2024年4-6月期", (2024, 4, 1)),
        ("2024年4月～6月", (2024, 4, 1)),
        ("2024/4-6", (2024, 4, 1)),
        ("令和元年4－6月期", (2019, 4, 1)),
        ("R1年7–9月", (2019, 7, 1)),
        ("平成31年第1四半期", (2019, 1, 1)),
        ("2024年4月分", (2024, 4, 1)),
        ("2024年4月(速報)", (2024, 4, 1)),
        ("2024/04p", (2024, 4, 1)),
        ("2024/04/30 0:00", (2024, 4, 30)),
        ("Apr 2024", (2024, 4, 1)),
    ],
)
def test_dates_are_read_as_publishers_write_them(cell: str, day: tuple[int, int, int]) -> None:
    assert published_day(cell) == datetime.date(*day)


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "2024-13-01",
        "R6.2.30",
        "04/05/2024",
        "1234.5",
        "10-12.",
        "total",
        "2024/ 4- 5.",
        "2024年1~12月",
        "2024年2-4月期",
        "R0.5.1",
        "2024/4-30",
    ],
)
def test_what_is_no_date_is_none(cell: str) -> None:
    assert published_day(cell) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("date,usdjpy\n04/05/2024,1\n05/05/2024,2\n", "can be read in two ways"),
        ("a,b\n1,2\n", "has no column of dates"),
        ("date,DEXJPUS\n2020-01-01,108\n2020-01-01,109\n", "stands in lines 2 and 3"),
        ("date,DEXJPUS\n2020-01-01,108\n2020-02-01,lots\n2020-03-01,108\n", "is 'lots', which is no number"),
        ("date,DEXJPUS\n2018-01-01,108\n2019-01-01,108\n2020-01-01,108\n", "about 365 days apart"),
        ("date,DEXJPUS\n2020-01-01,108\n2020-02-01,108\n", "covers no whole quarter"),
        ("date,DEXJPUS\n2020-01-01,-1\n2020-02-01,-1\n2020-03-01,-1\n", "is usdjpy, which is above 0"),
        ("date,apples\n2020-01-01,1\n2020-02-01,2\n", "no series is recognised; its columns are 'apples'"),
        ("date,JPNNGDP\n2020-01-01,1\n2020-04-01,2\n", "does not say its base"),
        ("date,10年,10Y\n2020-01-01,1,1\n2020-02-01,2,1\n2020-03-01,2,1\n", "are both jgb_10y_pct"),
    ],
)
def test_what_cannot_be_understood_is_said_in_one_sentence(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "given.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=why):
        read_actuals([tmp_path / "given.csv"], {})


def quarters_of(folder: Path, *rows: str) -> dict[datetime.date, float]:
    (folder / "given.csv").write_text("\n".join(("date,DEXJPUS", *rows)), encoding="utf-8")
    return read_actuals([folder / "given.csv"], {}).quarters["usdjpy"]


@pytest.mark.parametrize(
    ("rows", "passed_over"),
    [
        (["2020年1月,1", "2020年2月,2", "2020年3月,3", "2020年1-3月期,600"], "1 rows of quarters among the others"),
        (["2020年1-3月期,600", "2020年1月,1", "2020年2月,2", "2020年3月,3"], "1 rows of quarters among the others"),
        (["2020Q1,2", "2020Q2,3", "2020Q3,4", "2019-01-01,600"], "1 rows of days among the others"),
        (["2020年3月,3", "2020年2月,2", "2020年1月,1", "2020年,600", "2020年1~12月,600"], "2 rows without a date"),
    ],
)
def test_sums_among_months_or_quarters_are_passed_over(tmp_path: Path, rows: list[str], passed_over: str) -> None:
    assert quarters_of(tmp_path, *rows)[Q1] == pytest.approx(2.0)
    found = read_actuals([tmp_path / "given.csv"], {})
    assert found.passed_over == [f"given.csv: {passed_over}"]
    assert max(found.quarters["usdjpy"].values()) < 10.0


def test_daily_figures_give_no_quarter_of_which_they_have_a_part(tmp_path: Path) -> None:
    days = [datetime.date(2020, 1, 1) + datetime.timedelta(count) for count in range(366)]
    ends = datetime.date(2020, 1, 20), datetime.date(2020, 12, 5)
    assert list(quarters_of(tmp_path, *(f"{day},1" for day in days if ends[0] <= day <= ends[1]))) == [
        datetime.date(2020, month, 1) for month in (4, 7)
    ]
    ends = datetime.date(2020, 1, 6), datetime.date(2020, 12, 28)
    assert len(quarters_of(tmp_path, *(f"{day},1" for day in days if ends[0] <= day <= ends[1]))) == 4


@pytest.mark.parametrize("cell", ["106 1", "1_06", "1 06", "10 6"])
def test_figures_beside_the_number_of_a_note_are_no_other_figures(tmp_path: Path, cell: str) -> None:
    with pytest.raises(InputError, match="which is no number"):
        quarters_of(tmp_path, f"2020-01,{cell}", "2020-02,106", "2020-03,106")


@pytest.mark.parametrize(("cell", "figure"), [("1 234", 1234.0), ("1 234 567.5", 1234567.5), ("1,234", 1234.0)])
def test_thousands_are_parted_by_blanks_or_commas(tmp_path: Path, cell: str, figure: float) -> None:
    assert quarters_of(tmp_path, *(f'2020-0{month},"{cell}"' for month in (1, 2, 3))) == {Q1: figure}


def test_mistakes_of_all_files_come_together(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    (tmp_path / "b.csv").write_bytes(b"\x81\x00\x00")
    with pytest.raises(InputError) as told:
        read_actuals([tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "c.csv"], {"usdjpi": "x"})
    assert len(told.value.messages) == 4


def test_a_series_is_chosen_by_its_heading(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("month,Close\n2020-01,108\n2020-02,109\n2020-03,110\n")
    assert read_actuals([tmp_path / "mine.csv"], {"usdjpy": "Close"}).quarters == {"usdjpy": {Q1: pytest.approx(109.0)}}
    with pytest.raises(InputError, match="no series is recognised"):
        read_actuals([tmp_path / "mine.csv"], {"usdjpy": "Open"})


@given(st.lists(st.lists(st.text(max_size=8), min_size=1, max_size=4), max_size=6), st.sampled_from([",", ";", "\t"]))
def test_any_table_is_understood_or_refused(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], cut: str
) -> None:
    file = tmp_path_factory.mktemp("any") / "table.csv"
    file.write_text("\n".join(cut.join(row) for row in rows), encoding="utf-8", errors="replace")
    try:
        read_actuals([file], {})
    except InputError as error:
        told = error.messages
        assert all("table.csv" in message for message in told)
