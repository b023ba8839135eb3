"""From months to fiscal years, and who moved the yen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from itcho.experiments.studies.fiscal_years import (
    by_fiscal_year,
    fiscal_year_of_months,
    programme_effect,
    yen_by_client,
)


def test_fiscal_years_run_from_april_to_march() -> None:
    months = pd.Series(["2026-03-31", "2026-04-30", "2027-03", "2027-04"])
    assert fiscal_year_of_months(months).tolist() == [2025, 2026, 2026, 2027]


def test_prices_are_averaged_and_amounts_read_at_the_end(months: pd.DataFrame) -> None:
    years = by_fiscal_year(months)
    assert years.index.tolist() == [2026, 2027]
    assert years["months"].tolist() == [12, 12]
    assert years["usdjpy"].tolist() == [155.5, 167.5]
    assert years["deficit_trn_yen_fy"].tolist() == [12.0, 12.0]
    assert years["softbank_ltv_pct"].tolist() == [31.0, 43.0]


def test_a_part_of_a_year_is_counted_as_such(months: pd.DataFrame) -> None:
    assert by_fiscal_year(months.iloc[6:15])["months"].tolist() == [6, 3]


def test_a_missing_last_value_is_not_replaced_by_an_older_one(months: pd.DataFrame) -> None:
    months.loc[11, "softbank_ltv_pct"] = np.nan
    assert np.isnan(by_fiscal_year(months).loc[2026, "softbank_ltv_pct"])


def test_the_effect_is_the_difference_in_the_last_year(months: pd.DataFrame) -> None:
    without = months.assign(usdjpy=months["usdjpy"] - 2.0)
    effect = programme_effect(by_fiscal_year(months), by_fiscal_year(without))
    assert effect.loc["usdjpy"].to_dict() == {"policy": 167.5, "none": 165.5, "difference": 2.0}
    assert effect.loc["softbank_ltv_pct", "difference"] == 0.0


@pytest.mark.parametrize("years", [1, 2, 5, 7, 10, 31])
def test_the_parts_of_the_yens_move_add_up(years: int) -> None:
    when = pd.period_range("2026-04", periods=12 * years, freq="M").strftime("%Y-%m")
    draws = np.random.default_rng(1).normal(0.0, 0.01, (12 * years, 3))
    moved = yen_by_client(pd.DataFrame(draws, columns=["banks", "carry_traders", "news"]).assign(month=when))
    assert len(moved.columns) <= 6
    assert moved.columns[-1] == "total"
    assert moved.index[-1] == "all"
    assert moved.loc["all", "total"] == pytest.approx(100.0 * draws.sum(), abs=1e-10)
    assert moved.drop(index="all").sum().to_numpy() == pytest.approx(moved.loc["all"].to_numpy(), abs=1e-10)
