"""Facts of years and decades: the estimators on figures worked out by hand, the table, and the rule against none."""

from __future__ import annotations

import math

import numpy as np
import pytest

from itcho.experiments.evidence.calibration import targets_of_parameters, validation_rows
from itcho.experiments.evidence.long_run_facts import (
    MEASURES,
    MONTHLY,
    NOMINAL_GDP,
    REAL_YEN,
    Panel,
    changes,
    estimate,
    panel_of,
    pooled_autocorrelation,
    pooled_sd,
    pooled_slope,
    trend_a_year,
)
from itcho.experiments.evidence.stylised_facts import FactRun, FactTask, estimate_facts, read_table
from itcho.experiments.evidence.validate import long_run_rows, loss_pp2, rule_gains_pp2, rule_rows
from itcho.model.measure.outcomes import OUTCOMES
from itcho.model.sizes import DEFAULT_START
from itcho.model.start_states import load

TABLE = read_table("long_run_facts.csv")


def quarters_of(*values: float) -> np.ndarray:
    """Months whose quarterly means are these, the months around them."""
    return np.concatenate([[value - 0.1, value, value + 0.1] for value in values])


def test_changes_are_of_quarterly_means_from_the_second_year_on_and_pooled() -> None:
    # The first year (four quarters) is left out, whatever it holds; then 100, 110, 121 and 200, 100, 100.
    one = quarters_of(1.0, 2.0, 3.0, 4.0, 100.0, 110.0, 121.0, 121.0)
    other = quarters_of(9.0, 9.0, 9.0, 9.0, 200.0, 100.0, 100.0, 100.0)
    panel = Panel({"x": np.array([one, other])})
    up, down = 100.0 * math.log(1.1), 100.0 * math.log(0.5)
    wanted = [up, up, 0.0, down, 0.0, 0.0]
    assert panel.log_changes("x", 1).ravel() == pytest.approx(wanted)
    mean = sum(wanted) / 6.0
    assert pooled_sd(panel.log_changes("x", 1)) == pytest.approx(
        math.sqrt(sum((value - mean) ** 2 for value in wanted) / 5.0)
    )
    # Over three quarters each run has one change: 121 by 100, and 100 by 200.
    assert panel.log_changes("x", 3).tolist() == [[pytest.approx(2 * up)], [pytest.approx(down)]]


def test_years_are_means_or_ends() -> None:
    panel = Panel({"x": np.arange(36.0)[None, :]})
    assert panel.years("x").tolist() == [[17.5, 29.5]]
    assert panel.year_ends("x").tolist() == [[23.0, 35.0]]
    assert changes(panel.year_ends("x"), 1).tolist() == [[12.0]]


def test_pooled_persistence_and_slope() -> None:
    # Around the common mean 0.5 the deviations are 0.5, 0.5, -1.5 and 1.5, -2.5, 1.5.
    values = np.array([[1.0, 1.0, -1.0], [2.0, -2.0, 2.0]])
    centred = values - 0.5
    products = [0.5 * 0.5, 0.5 * -1.5, 1.5 * -2.5, -2.5 * 1.5]
    assert values.mean() == 0.5
    assert pooled_autocorrelation(values, 1) == pytest.approx(np.mean(products) / np.mean(centred**2))
    # A run that is high throughout is persistent, although it does not move.
    assert pooled_autocorrelation(np.array([[1.0, 1.0, 1.0], [-1.0, -1.0, -1.0]]), 1) == pytest.approx(1.0)
    x = np.array([[0.0, 1.0], [2.0, 3.0]])
    assert pooled_slope(x, 4.0 - 0.5 * x) == pytest.approx(-0.5)
    assert math.isnan(pooled_slope(np.ones((2, 2)), x))
    assert trend_a_year(np.array([[0.0, 1.0, 2.0], [5.0, 5.0, 5.0]])) == pytest.approx(0.5)


def test_the_jackknife_is_the_usual_interval_for_a_mean() -> None:
    panel = Panel({"x": np.array([[1.0], [2.0], [6.0]])})
    found = estimate(lambda some: float(some.monthly["x"].mean()), panel)
    # sd of 1, 2, 6 is sqrt(7), error sqrt(7/3); the 97.5% point of Student's t with two degrees is 4.3027.
    assert (found.mean, found.seeds) == (3.0, 3)
    assert found.high - found.mean == pytest.approx(4.3027 * math.sqrt(7.0 / 3.0), rel=1e-4)
    assert math.isnan(estimate(lambda _: 1.0, Panel({"x": np.ones((1, 1))})).low)


def decade(**given: float) -> dict[str, np.ndarray]:
    """Ten years in which nothing moves."""
    return {name: np.full(120, given.get(name, 1.0)) for name in (*MONTHLY, NOMINAL_GDP, REAL_YEN)}


def test_every_row_of_the_table_has_an_estimator_and_a_range() -> None:
    assert {row["id"] for row in TABLE} == set(MEASURES)
    assert len({row["id"] for row in TABLE}) == len(TABLE)
    for row in TABLE:
        assert row["outcome"] in OUTCOMES, row["id"]
        assert float(row["low"] or "-inf") < float(row["high"]), row["id"]
        assert row["source"], row["id"]
        assert (row["after_2020"] == "yes") == ("after 2020" in row["tolerance"]), row["id"]


def test_nothing_is_chosen_on_years_after_2020() -> None:
    late = {row["id"] for row in TABLE if row["after_2020"] == "yes"}
    assert late
    assert late <= set(validation_rows())
    assert not late & {name for found in targets_of_parameters().values() for name in found}


def test_rows_of_decades_that_are_known() -> None:
    low, high = decade(policy_rate_pct=0.10), decade(policy_rate_pct=0.10, output_gap_pct=3.0)
    low["policy_rate_pct"][-3:] = 0.25
    high["policy_rate_pct"][:] = 0.5
    rows = {row.id: row for row in long_run_rows([FactRun(1, monthly=low), FactRun(2, monthly=high)])}
    assert list(rows) == [row["id"] for row in TABLE]
    share = rows["lower-bound-year-10"]
    # Nine of the 24 months of the two tenth years.
    assert (share.estimate.mean, share.year, share.outcome) == (pytest.approx(37.5), 10, "policy_rate_pct")
    assert share.verdict == "missed"
    # Nine years at 1 and nine at 3: mean 2, sum of squares 18.
    assert rows["gap-sd"].estimate.mean == pytest.approx(math.sqrt(18.0 / 17.0))
    assert (rows["gap-mean"].estimate.mean, rows["gap-mean"].verdict) == (2.0, "missed")
    assert rows["usdjpy-sd-4q"].estimate.mean == pytest.approx(0.0, abs=1e-12)
    assert rows["growth-ratio"].verdict == "not reached"
    assert long_run_rows([FactRun(1, failure="month 3")]) == []


def test_growth_of_potential_takes_the_gap_out() -> None:
    run = decade()
    years = np.arange(120) // 12
    run["output_gap_pct"] = 0.5 * years
    run["real_gdp_trn_yen"] = 600.0 * np.exp(0.006 * years + run["output_gap_pct"] / 100.0)
    assert MEASURES["potential-2024"](panel_of([run])) == pytest.approx(0.6)
    assert MEASURES["growth-trend"](panel_of([run])) == pytest.approx(1.1)


def test_the_rule_is_held_against_a_frozen_rate_seed_by_seed() -> None:
    # (4 - 2)^2 + 0.5 * 2^2 = 6 under the rule, and 9 + 0.5 = 9.5 or 0 with a frozen rate.
    assert loss_pp2({"cpi_yoy_pct": np.array([4.0]), "output_gap_pct": np.array([-2.0])}) == 6.0
    rule = [FactRun(seed, monthly=decade(cpi_yoy_pct=4.0, output_gap_pct=-2.0)) for seed in (1, 2, 3)]
    frozen = [
        FactRun(1, monthly=decade(cpi_yoy_pct=5.0, output_gap_pct=1.0)),
        FactRun(3, monthly=decade(cpi_yoy_pct=2.0, output_gap_pct=0.0)),
        FactRun(4, monthly=decade()),
        FactRun(2, failure="month 7"),
    ]
    assert rule_gains_pp2(rule, frozen).tolist() == [3.5, -6.0]
    row = rule_rows(rule, frozen)[0]
    assert (row.estimate.mean, row.estimate.seeds, row.verdict) == (-1.25, 2, "missed")
    assert rule_rows(rule, frozen[:1])[0].verdict == "met"
    assert rule_rows(rule, frozen[2:]) == []


def test_a_frozen_rate_stays_and_the_world_is_the_same_otherwise() -> None:
    rule, frozen = (estimate_facts(FactTask(5, frozen_rate=one)) for one in (False, True))
    assert (rule.failure, frozen.failure) == ("", "")
    assert np.ptp(frozen.monthly["policy_rate_pct"]) == 0.0
    assert frozen.monthly["policy_rate_pct"][0] == load(DEFAULT_START).fact("policy_rate_pct")
    # The rule moves by a step of a quarter of a point at most in the first month.
    assert abs(rule.monthly["policy_rate_pct"][0] - frozen.monthly["policy_rate_pct"][0]) in (0.0, 0.25)
    # Prices of the first month are set before the rate can answer or be felt.
    assert frozen.monthly["cpi_yoy_pct"][0] == rule.monthly["cpi_yoy_pct"][0]
    assert np.ptp(rule.monthly["policy_rate_pct"]) > 0.0
    assert {values.shape for values in rule.monthly.values()} == {(120,)}


def test_what_growth_does_not_explain_of_the_public_balance() -> None:
    run = decade()
    # From the second year growth is 1, 3, 1, 3, ... percent, and the balance moves by half of it and a surprise.
    growth = np.cumsum([0.0, 0.0, *([1.0, 3.0] * 4)])
    surprise = np.cumsum([0.0, 0.0, *([0.4, 0.4, -0.4, -0.4] * 2)])
    run["real_gdp_trn_yen"] = 600.0 * np.exp(np.repeat(growth, 12) / 100.0)
    run["fiscal_balance_pct_gdp"] = np.repeat(0.5 * growth + surprise, 12)
    panel = panel_of([run])
    assert MEASURES["balance-growth-slope"](panel) == pytest.approx(0.5)
    assert MEASURES["balance-surprise-sd"](panel) == pytest.approx(0.4 * math.sqrt(8.0 / 7.0))
