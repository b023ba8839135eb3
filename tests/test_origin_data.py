"""The one door to a folder of history lets in what had happened by a date, and nothing else."""

import math
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from itcho.agents.errors import InputError
from itcho.experiments.data.origin_data import origin_data
from tests.history import DATE_COLUMNS, VALUES, history

ORIGIN = date(2024, 3, 31)


def test_a_quarter_passes_when_it_has_ended_and_an_event_when_it_was_announced(tmp_path: Path) -> None:
    def more(file: str, found: pd.DataFrame) -> pd.DataFrame:
        if file == "quarterly_long.csv":
            row = {"series": "gdp_real", "unit": "bn yen", "source": "made up", "vintage": "", "base": ""}
            rows = [row | {"date": f"2024-{month}-01", "value": month, "first_published": ""} for month in ("01", "04")]
            return pd.concat([found, pd.DataFrame(rows)])
        if file == "policy_events.csv":
            row = {"effective": "2024-02-01", "event": "made.up", "unit": "pct", "source": "made up"}
            rows = [row | {"announced": f"2024-0{month}-31", "value": month} for month in (3, 5)]
            return pd.concat([found, pd.DataFrame(rows)])
        return found

    data = origin_data(history(tmp_path / "history", more), ORIGIN)
    quarters = data.series("gdp_real")
    assert [str(quarter) for quarter in quarters.index] == ["2024Q1"]
    assert quarters.tolist() == [1.0]
    assert data.events.loc[data.events["event"] == "made.up", "value"].tolist() == [3.0]
    assert set(data.stocks["date"]) == set(data.constants["origin"]) == {"2024-03-31"}
    # A constant that was not known has no value, and what nobody gave has no range.
    assert math.isnan(data.constants.set_index("name").loc["trend_real_growth_trailing40q_pct", "low"])
    assert data.outlooks.empty
    with pytest.raises(InputError, match="no series 'gdp_rael'"):
        data.series("gdp_rael")


def test_what_was_found_out_later_never_passes(tmp_path: Path) -> None:
    def later(file: str, found: pd.DataFrame) -> pd.DataFrame:
        if file == "dated_constants.csv":
            found.loc[found["name"] == "output_gap_one_sided_pct", "name"] = "output_gap_later_vintage_pct"
        return found

    names = set(origin_data(history(tmp_path / "history", later), ORIGIN).constants["name"])
    assert "us_neutral_rate_pct" in names
    assert not [name for name in names if "later_vintage" in name]


def test_hashes_are_of_what_passed(tmp_path: Path) -> None:
    def noise(day: str) -> Path:
        def change(file: str, found: pd.DataFrame) -> pd.DataFrame:
            rows = found[DATE_COLUMNS[file]] == day
            found.loc[rows & (found[VALUES[file]] != ""), VALUES[file]] = "123.5"
            return found

        return history(tmp_path / day, change)

    usual = origin_data(history(tmp_path / "usual"), ORIGIN).hashes
    assert origin_data(noise("2026-03-31"), ORIGIN).hashes == usual
    assert origin_data(noise("2024-03-31"), ORIGIN).hashes != usual


def test_all_mistakes_of_a_folder_come_at_once(tmp_path: Path) -> None:
    def wrong(file: str, found: pd.DataFrame) -> pd.DataFrame:
        if file == "annual_flows.csv":
            return found.drop(columns=["sector", "basis"])
        if file == "annual_march_stocks.csv":
            found.loc[0, "value_trn_yen"] = "much"
            found.loc[1, "date"] = "31 March 2024"
            return pd.concat([found, found.iloc[[2]]])
        return found

    folder = history(tmp_path / "history", wrong)
    (folder / "policy_events.csv").unlink()
    with pytest.raises(InputError) as caught:
        origin_data(folder, ORIGIN)
    text = str(caught.value)
    for part in (
        "columns are missing: sector, basis",
        "line 2: value_trn_yen 'much' is not a finite number",
        "line 3: date '31 March 2024' is not a date such as 2013-03-31",
        "stands twice: 2024-03-31, matrix, private",
        "policy_events.csv: no such file; it should have the columns announced",
    ):
        assert part in text
    with pytest.raises(InputError, match="no such folder of history"):
        origin_data(tmp_path / "nowhere", ORIGIN)
    with pytest.raises(InputError, match="for 2023-03-31; it has them for: 2024-03-31, 2026-03-31"):
        origin_data(history(tmp_path / "good"), date(2023, 3, 31))
