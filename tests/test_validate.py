"""Responses and stylised facts: estimators on known series, shocks on short runs, and what the report says."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from itcho.experiments.cli.commands import app
from itcho.experiments.evidence.long_run_facts import TABLE as LONG_RUN
from itcho.experiments.evidence.respond import (
    Estimate,
    Pair,
    PairTask,
    make_pairs,
    mean_with_interval,
    outcome_response,
    ratio_with_interval,
    response_paths,
    run_path,
    year_responses,
)
from itcho.experiments.evidence.respond import Path as Path_
from itcho.experiments.evidence.response_targets import target_months, targets
from itcho.experiments.evidence.shocks import SHOCKS, debt_service_rise_trn_yen, loan_to_value_after_falls_pct
from itcho.experiments.evidence.stylised_facts import (
    FactRun,
    autocorrelation,
    hp_cycle,
    quarterly_moments,
    rate_step_spacing,
    read_table,
    real_quarterly_moments,
    slope,
)
from itcho.experiments.evidence.validate import (
    MEASURES,
    MONTHS,
    Accounting,
    Row,
    Size,
    Validation,
    _Idle,
    _same,
    fact_rows,
    response_rows,
    target_rows,
    verdict_of,
)
from itcho.experiments.evidence.validation_report import (
    html_page,
    id_without_year,
    markdown,
    miss_lines,
    validation_record,
)
from itcho.experiments.processes import in_processes

KEYS = {
    "id",
    "shock",
    "published_low",
    "published_high",
    "source",
    "model_mean",
    "model_low",
    "model_high",
    "seeds",
    "verdict",
    "outcome",
    "year",
}
SHORT = dict.fromkeys(MONTHS, 12) | {"intervention": 4, "deficit-news": 1}
FIVE_YEARS = target_months()


@pytest.fixture(scope="module")
def pairs() -> list:
    """Two seeds of every shock, no longer than a year."""
    made = in_processes(make_pairs, [PairTask(seed, SHORT) for seed in (1, 2)], workers=1)
    assert not any(one.failure for one in made)
    return made


@pytest.fixture(scope="module")
def target_pairs() -> list:
    """One seed of every shock of the response targets, five years."""
    made = [make_pairs(PairTask(1, FIVE_YEARS))]
    assert not made[0].failure
    return made


@pytest.fixture(scope="module")
def validation(pairs: list, target_pairs: list) -> Validation:
    facts = [FactRun(seed, dict.fromkeys((row["id"] for row in read_table("stylised_facts.csv")), 0.0 + seed), 0.0, 1)
             for seed in (1, 2)]  # fmt: skip
    # Five years of dollar demand are not run here: its last row is answered with the first year's path.
    months = MEASURES["dollar-demand-1y"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(MEASURES, "dollar-demand-5y", months)
        rows = response_rows(pairs, pairs[:1])
    targets = tuple(target_rows(target_pairs, target_pairs))
    checks, size = Accounting(2, 24, 1e-15, True, True), Size(2, 2, 1, 1)
    return Validation(tuple(rows), tuple(fact_rows(facts)), checks, size, (), targets)


def test_every_row_has_a_measure_and_every_shock_a_row() -> None:
    rows = read_table("response_table.csv")
    measured = {row["id"] for row in rows if row["by_construction"] == "no"}
    assert measured == set(MEASURES)
    assert {row["shock"] for row in rows if row["id"] in measured} == set(MONTHS)
    assert set(SHOCKS) == set(MONTHS) | set(FIVE_YEARS)
    for row in [*rows, *read_table("stylised_facts.csv")]:
        low, high = float(row["low"] or "-inf"), float(row["high"] or "inf")
        assert low <= high
        assert row["source"]


def test_undisturbed_runs_keep_every_bit() -> None:
    task = PairTask(3, {})
    assert _same(run_path(task, 3), run_path(task, 3, shocks=(_Idle(),)))


def test_shocks_begin_in_the_first_month_and_have_the_expected_sign(pairs: list) -> None:
    by_shock = pairs[0].by_shock
    assert outcome_response(by_shock["public-investment"], "real_gdp_trn_yen")[0] > 0.0
    assert outcome_response(by_shock["policy-rate"], "policy_rate_pct")[0] == pytest.approx(1.0)
    assert outcome_response(by_shock["rate-gap"], "us_policy_rate_pct")[0] == pytest.approx(1.0)
    assert outcome_response(by_shock["deficit-news"], "jgb_10y_pct")[0] > 0.0
    path = by_shock["intervention"]
    assert path.shocked.usdjpy[2] < 0.97 * path.twin.usdjpy[2]
    for pair in by_shock.values():
        assert pair.twin.max_relative_residual < 1e-9
        assert pair.shocked.max_relative_residual < 1e-9


def test_yen_is_held_at_ten_percent_over_the_twin_in_every_session(pairs: list) -> None:
    pair = pairs[1].by_shock["yen"]
    assert np.allclose(pair.shocked.usdjpy / pair.twin.usdjpy, 1.10, rtol=1e-12)


def test_chip_cut_reaches_deliveries_after_the_lead_time(pairs: list) -> None:
    pair = pairs[0].by_shock["chip-cut"]
    fall = outcome_response(pair, "chip_imports_trn_yen")
    lead = int(pair.twin.chip_cover_months)
    # Until then as much arrives as ever, and is dearer: designers of whom nothing can be had ask 4 ** 0.2 of list.
    level = pair.twin.monthly["chip_imports_trn_yen"]
    assert 0.0 <= fall[lead - 1] < (4.0**0.2 - 1.0) * level[lead - 1]
    assert (np.diff(fall[:lead]) >= 0.0).all()
    assert (np.diff(fall[lead - 1 :]) < 0.0).all()


def test_arithmetic_of_debt_service_and_loan_to_value() -> None:
    # 118.7, 118.4 and 140.2 trn yen mature in the three years; 11.3 a year are new: 130.0, 129.7 and 151.5 are issued.
    # Issued evenly, 13/24 of a year's issues are out on average in that year: 70.4; 130.0 + 70.3; 259.7 + 82.1, less
    # the first year's two-year bonds, 31% of 70.4 on average, which are issued anew.
    assert debt_service_rise_trn_yen() == pytest.approx([0.704, 2.003, 3.200], abs=0.05)
    ratios = loan_to_value_after_falls_pct((0.0, 17.6, 50.0))
    assert ratios[1] == pytest.approx(ratios[0] / 0.824)
    assert ratios[2] == pytest.approx(2.0 * ratios[0])


def test_intervals() -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0])
    found = mean_with_interval(values)
    assert (found.mean, found.seeds) == (2.5, 4)
    assert found.high - found.mean == pytest.approx(3.18245 * values.std(ddof=1) / 2.0, rel=1e-5)
    assert math.isnan(mean_with_interval(np.array([1.0])).low)
    assert mean_with_interval(np.array([np.nan])).seeds == 0
    exact = ratio_with_interval(3.0 * values, values)
    assert (exact.mean, exact.low, exact.high) == pytest.approx((3.0, 3.0, 3.0))


def test_estimators_on_known_series() -> None:
    rng = np.random.default_rng(1)
    noise = rng.standard_normal(20_000)
    series = np.zeros(20_000)
    for place in range(1, series.size):
        series[place] = 0.5 * series[place - 1] + noise[place]
    assert autocorrelation(series, 1) == pytest.approx(0.5, abs=0.02)
    assert autocorrelation(series, 3) == pytest.approx(0.125, abs=0.03)
    line = np.arange(40.0)
    assert np.abs(hp_cycle(3.0 + 2.0 * line)).max() < 1e-8
    assert slope(line, 5.0 - 2.0 * line) == pytest.approx(-2.0)
    assert math.isnan(slope(np.ones(5), line[:5]))
    # Rises after 4 and 6 months; the cut ends the count.
    rates = np.repeat([0.5, 0.75, 1.0, 1.25, 1.0, 1.25], [3, 4, 6, 5, 5, 3])
    assert rate_step_spacing(rates) == 5.0
    assert math.isnan(rate_step_spacing(np.ones(12)))


def test_quarterly_estimators_find_what_was_put_in() -> None:
    quarters = np.arange(40.0)
    gap = np.sin(quarters / 3.0)
    cycle = 0.01 * np.sin(quarters / 2.5)
    gdp = 500.0 * np.exp(0.002 * quarters + cycle)
    found = quarterly_moments(gdp, 2.5 - 20.0 * cycle, 150.0 * np.exp(0.03 * gap), np.ones(40), 1.0 + gap)
    assert found["rate-gap-slope"] == pytest.approx(3.0)
    assert found["okun"] == pytest.approx(-0.2)
    assert found["growth-mean"] == pytest.approx(100 * (0.002 * 39 + cycle[-1] - cycle[0]) / 39)


def test_real_series_give_the_published_moments() -> None:
    real = real_quarterly_moments()
    assert real["growth-sd"] == pytest.approx(0.96, rel=0.15)
    assert real["cycle-sd"] == pytest.approx(1.36, rel=0.15)
    assert -0.25 <= real["okun"] <= -0.10


def test_verdicts_follow_the_rule() -> None:
    inside = Estimate(1.0, -5.0, 7.0, 10)
    assert verdict_of(0.0, 2.0, inside, False) == "met"
    assert verdict_of(2.0, 6.0, inside, False) == "missed"
    assert verdict_of(-math.inf, 2.0, inside, False) == "met"
    assert verdict_of(2.0, 6.0, inside, True) == "by construction"
    assert verdict_of(0.0, 2.0, Estimate(math.nan, math.nan, math.nan, 0), False) == "not reached"


def test_record_has_the_agreed_form(validation: Validation) -> None:
    record = json.loads(json.dumps(validation_record(validation), allow_nan=False))
    assert set(record) == {"rows", "targets", "facts", "met", "missed", "targets_met", "targets_total"}
    rows = [*record["rows"], *record["facts"]]
    assert all(set(row) == KEYS for row in [*rows, *record["targets"]])
    assert {(row["outcome"], row["year"]) for row in rows} == {(None, None)}
    assert len({row["id"] for row in rows}) == len(rows)
    counted = [row for row in rows if row["verdict"] in ("met", "missed")]
    assert record["met"] + record["missed"] == len(counted)
    by_construction = {row["shock"] for row in record["rows"] if row["verdict"] == "by construction"}
    assert by_construction == {"debt-service", "ltv"}
    for row in counted:
        low = -math.inf if row["published_low"] is None else row["published_low"]
        high = math.inf if row["published_high"] is None else row["published_high"]
        assert (row["verdict"] == "met") == (low <= row["model_mean"] <= high)


def test_reports_hide_no_miss_and_load_nothing(validation: Validation) -> None:
    text, page = markdown(validation), html_page(validation)
    rows: tuple[Row, ...] = (*validation.rows, *validation.targets, *validation.facts)
    for row in rows:
        assert f"| {row.id} |" in text
        assert f"<strong>{row.id}</strong>" in page
    missed = sum(row.verdict == "missed" for row in rows)
    assert missed == text.count("**missed**") > 0
    for row in rows:
        assert (f"- {row.id}: " in text) == (f"<li>{row.id}: " in page) == (row.verdict == "missed")
    of_targets = [row.id for row in validation.targets if row.verdict == "missed"]
    assert f"{missed - len(of_targets)} missed" in text
    assert f"response targets met. Missed: {', '.join(of_targets)}." in text
    assert not re.search(r"(src|href)=|@import|url\(", page)


def test_targets_are_bands_of_what_their_shock_shows() -> None:
    rows = targets()
    assert len({row.id for row in rows}) == len(rows) == 79
    for row in rows:
        assert row.low <= row.central <= row.high, row.id
        assert row.outcome in SHOCKS[row.shock].outcomes or row.outcome == "usdjpy_average", row.id
        assert row.id.endswith(f"-y{row.year}")
        assert row.source


def test_every_target_is_counted_and_none_is_hidden(validation: Validation) -> None:
    record = validation_record(validation)
    assert record["targets_total"] == len(record["targets"]) == 79
    assert [row["id"] for row in record["targets"]] == [row.id for row in targets()]
    inside = [row["published_low"] <= row["model_mean"] <= row["published_high"] for row in record["targets"]]
    assert record["targets_met"] == sum(inside)
    assert [row["verdict"] for row in record["targets"]] == ["met" if met else "missed" for met in inside]


def test_a_year_is_a_mean_or_where_it_adds_up_its_end() -> None:
    months = np.arange(24.0)
    twin = {"real_gdp_trn_yen": np.full(24, 600.0), "current_account_pct_gdp": np.zeros(24), "unemployment_pct": months}
    moved = {"real_gdp_trn_yen": 600.0 + months, "current_account_pct_gdp": months, "unemployment_pct": 1.5 * months}
    pair = Pair(1, *(Path_(one, np.ones(24), np.ones(24), 1.0, 0.0) for one in (twin, moved)))
    # Means of months 0-11 and 12-23 are 5.5 and 17.5; the last months are 11 and 23.
    assert year_responses(pair, "real_gdp_trn_yen") == pytest.approx([100 * 5.5 / 600, 100 * 17.5 / 600])
    assert year_responses(pair, "current_account_pct_gdp") == pytest.approx([11.0, 23.0])
    assert year_responses(pair, "unemployment_pct") == pytest.approx([2.75, 8.75])


def test_a_cause_of_all_years_stands_at_each_that_misses(
    validation: Validation, monkeypatch: pytest.MonkeyPatch
) -> None:
    causes = [{"id": "T-oil-real-GDP", "cause": "All years."}, {"id": "T-oil-real-GDP-y2", "cause": "This year."}]
    monkeypatch.setattr("itcho.experiments.evidence.validation_report.read_table", lambda _: causes)
    missed = [
        replace(row, verdict="missed") for row in validation.targets if row.id.startswith(("T-oil-real-GDP", "T-world"))
    ][:4]
    lines = miss_lines(replace(validation, rows=(), facts=(), targets=tuple(missed)))
    assert lines[:3] == [
        "T-oil-real-GDP-y1: All years.",
        "T-oil-real-GDP-y2: This year.",
        "T-oil-real-GDP-y5: All years.",
    ]
    assert lines[3].endswith(": no cause found yet.")


def test_causes_are_of_rows_that_exist(validation: Validation) -> None:
    known = {row.id for row in (*validation.rows, *validation.facts)} | {row["id"] for row in read_table(LONG_RUN)}
    known |= {name for row in validation.targets for name in (row.id, id_without_year(row.id))}
    assert {row["id"] for row in read_table("miss_causes.csv")} <= known


def test_response_paths_have_an_interval_around_the_mean(pairs: list) -> None:
    path = response_paths([one.by_shock["public-investment"] for one in pairs], ["real_gdp_trn_yen"])[0]
    assert path.unit == "%"
    assert (path.low <= path.mean).all()
    assert (path.mean <= path.high).all()


def test_respond_writes_table_and_picture(tmp_path: Path) -> None:
    folder = tmp_path / "answer"
    options = ["--seeds", "2", "--years", "1", "--workers", "1", "--json", "--out", str(folder)]
    done = CliRunner().invoke(app, ["respond", "dollar-demand", *options])
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    assert (record["shock"], record["seeds"]) == ("dollar-demand", 2)
    assert {len(outcome["mean"]) for outcome in record["outcomes"]} == {12}
    assert [one["outcome"] for one in record["years"]] == [one["outcome"] for one in record["outcomes"]]
    assert {one["year"] for one in record["years"]} == {1}
    yen, by_month = record["years"][0], record["outcomes"][0]
    assert (yen["outcome"], by_month["outcome"]) == ("usdjpy", "usdjpy")
    assert yen["low"] < yen["mean"] < yen["high"]
    assert min(by_month["mean"]) < yen["mean"] < max(by_month["mean"])
    assert (folder / "response.png").read_bytes()[:4] == b"\x89PNG"
    lines = (folder / "response.csv").read_text().splitlines()
    assert len(lines) == 1 + 12 * len(record["outcomes"])


def test_respond_answers_arithmetic_and_bad_input() -> None:
    done = CliRunner().invoke(app, ["respond", "ltv", "--json"])
    assert json.loads(done.stdout)["verdict"] == "by construction"
    wrong = CliRunner().invoke(app, ["respond", "polcy-rate", "--seeds", "0"])
    assert wrong.exit_code == 2
    assert "policy-rate" in wrong.output
    assert "--seeds" in wrong.output
