"""Figures in a wrong unit are refused with the likely unit, and figures in the right one are not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from itcho.agents.errors import InputError
from itcho.experiments.cli.commands import app
from itcho.experiments.evidence.hindcast import Plan, packaged_history, plan_hindcast
from itcho.experiments.evidence.hindcast_files import COLUMNS, SCORED, parse_quarterly
from itcho.experiments.evidence.hindcast_units import expected_figures, unit_mistakes
from itcho.model.start_states import available, check_units, load
from itcho.model.start_states.units import GDP_BASES, is_fraction, ranges

RIGHT = {
    "usdjpy": (155.8, 149.3, 152.4),
    "jgb_10y_pct": (1.0, 0.9, 1.0),
    "policy_rate_pct": (0.077, 0.19, 0.23),
    "cpi_yoy_pct": (2.7, 2.8, 2.9),
    "nominal_gdp_trn_yen": (637.0, 641.0, 650.0),
    "chip_imports_trn_yen": (1.8, 2.0, 2.1),
    "us_policy_rate_pct": (5.33, 5.26, 4.65),
}


def planned(columns: dict[str, Sequence[float]], base: str = "2020", start: str = "2024-03-31") -> Plan:
    """The plan for a file of so many quarters after the start."""
    header = ["date", *columns, *(["gdp_base_year"] if base else [])]
    first, length = date.fromisoformat(start).year, len(next(iter(columns.values())))
    days = [f"{first + (3 * n + 3) // 12}-{1 + (3 * n + 3) % 12:02d}-01" for n in range(length)]
    lines = [[day, *(f"{values[n]:.12g}" for values in columns.values()), *([base] if base else [])]
             for n, day in enumerate(days)]  # fmt: skip
    return plan_hindcast(start, parse_quarterly("\n".join(",".join(row) for row in [header, *lines]), "f.csv"))


def told(columns: dict[str, Sequence[float]], base: str = "2020", start: str = "2024-03-31") -> list[str]:
    with pytest.raises(InputError) as caught:
        planned(columns, base, start)
    return caught.value.messages


def scaled(name: str, factor: float) -> dict[str, Sequence[float]]:
    return {name: [factor * value for value in RIGHT[name]]}


def test_figures_in_their_units_pass() -> None:
    plan = planned(RIGHT)
    assert plan.us_rate_pct[:3] == (5.33,) * 3
    assert not any("base" in note for note in plan.notes)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (scaled("nominal_gdp_trn_yen", 1e3), "nominal_gdp_trn_yen = 637000 in 2024-04-01, the start state has 620.606: "
         "more than a factor of 3 apart: looks like billions of yen: divide by 1,000"),
        (scaled("nominal_gdp_trn_yen", 0.25), "looks like one quarter's flow: give it at a yearly rate, times 4"),
        (scaled("nominal_gdp_trn_yen", 1e6), "looks like millions of yen: divide by 1,000,000"),
        (scaled("nominal_gdp_trn_yen", 1 / 150), "looks like trillions of dollars"),
        ({"usdjpy": [1 / value for value in RIGHT["usdjpy"]]}, "looks like dollars per yen"),
        ({"usdjpy": [100 / value for value in RIGHT["usdjpy"]]}, "looks like dollars per 100 yen"),
        ({"cpi_yoy_pct": (108.1, 108.9, 110.0)}, "cpi_yoy_pct = 108.1 in 2024-04-01, the start state has 2.538: more "
         "than 5 points apart: looks like an index: give its change over a year in percent"),
        (scaled("us_policy_rate_pct", 0.01), "us_policy_rate_pct = 0.0533 in 2024-04-01, the start state has 5.33: "
         "looks like a fraction: multiply by 100"),
        (scaled("us_policy_rate_pct", 100.0), "looks like basis points: divide by 100"),
        (scaled("cpi_yoy_pct", 0.01), "cpi_yoy_pct = 0.027 in 2024-04-01, the start state has 2.538: looks like"),
        (scaled("jgb_10y_pct", 0.01), "jgb_10y_pct = 0.01 in 2024-04-01, the start state has 0.75: looks like"),
        # 0.05% at the start: even there a hundredth of it shows.
        (scaled("policy_rate_pct", 0.01), "policy_rate_pct = 0.00077 in 2024-04-01"),
        (scaled("chip_imports_trn_yen", 1e3), "looks like billions of yen"),
        (scaled("chip_imports_trn_yen", 4.0), "looks like a year's sum or a yearly rate"),
        (scaled("chip_imports_trn_yen", 6.7), "looks like billions of dollars"),
        # A column that changes its unit half-way.
        ({"usdjpy": (155.8, 14930.0, 152.4)}, "usdjpy = 14930 in 2024-07-01, the quarter next to it has 155.8"),
        ({"us_policy_rate_pct": (5.33, 5.26, 465.0)}, "us_policy_rate_pct = 465 in 2024-10-01"),
    ],
)  # fmt: skip
def test_a_column_in_a_wrong_unit_is_refused_by_its_likely_name(columns: dict[str, Sequence[float]], said: str) -> None:
    (message,) = told(columns)
    assert said in message


def test_all_wrong_columns_are_told_at_once() -> None:
    columns = RIGHT | scaled("nominal_gdp_trn_yen", 1e3) | scaled("us_policy_rate_pct", 0.01) | {"usdjpy": (0.006,) * 3}
    assert len(told(columns)) == 3


def test_what_is_unusual_and_possible_passes() -> None:
    """A crash and a disinflation are no unit: within a factor of 3, within 5 points, and one low quarter of four."""
    planned({"usdjpy": (100.0, 80.0, 60.0), "cpi_yoy_pct": (0.1, -0.5, 0.3), "us_policy_rate_pct": (1.0, 0.1, 0.1)})
    planned({"policy_rate_pct": (0.0, -0.1, -0.1)})


@pytest.mark.parametrize("start", available())
def test_each_columns_unit_is_that_of_the_start_state(start: str) -> None:
    """The figures that the model itself opens at are near the expected ones; published ones of 2020 are too."""
    from itcho.experiments.evidence.hindcast import HindcastTask, run_hindcast

    opening = run_hindcast(HindcastTask(1, start, "none", 0, ())).opening
    expected = expected_figures(load(start))
    assert set(expected) == set(COLUMNS)
    for name in SCORED:
        assert opening[name] == pytest.approx(expected[name], rel=0.05), name
    history = replace(packaged_history(), gdp_base_year=2020)
    assert unit_mistakes(history, load("2024-03-31"), "", before=True) == []


def test_history_is_read_backwards_from_the_start() -> None:
    text = "date,usdjpy\n2023-04-01,0.0073\n2023-07-01,0.0069\n2023-10-01,147.9\n2024-01-01,148.6\n"
    happened = parse_quarterly("date,usdjpy\n2024-04-01,155.8\n", "f.csv")
    with pytest.raises(InputError, match=r"--history: usdjpy = 0.0069 in 2023-07-01, the quarter next to it has 147.9"):
        plan_hindcast("2024-03-31", happened, parse_quarterly(text, "h.csv"))


def test_a_gdp_base_is_named_and_not_mixed() -> None:
    gdp = {"nominal_gdp_trn_yen": RIGHT["nominal_gdp_trn_yen"]}
    (unnamed,) = told(gdp, base="")
    assert "needs a column gdp_base_year that says 2015 or 2020" in unnamed
    assert "4.7% below" in unnamed
    (other,) = told(gdp, base="2015")
    assert "is on base 2015, the start state on base 2020: bases are not mixed" in other
    assert all("gdp_base_year = '2011'" in message for message in told(gdp, base="2011"))
    lines = "date,nominal_gdp_trn_yen,gdp_base_year\n2024-04-01,637,2020\n2024-07-01,612,2015\n2024-10-01,,\n"
    with pytest.raises(InputError, match=r"mixed bases \(2020 from line 2, 2015 from line 3\)"):
        parse_quarterly(lines, "f.csv")
    with pytest.raises(InputError, match="line 3: gdp_base_year is missing"):
        parse_quarterly(lines.replace("2015", ""), "f.csv")
    # Figures of the 2015 base under the name of the other one: possible, and said.
    (remark,) = [note for note in planned(scaled("nominal_gdp_trn_yen", 1 / 1.047)).notes if "base" in note]
    assert "begins at 608.4, -3.5% from where the start state leads: is it on base 2020?" in remark
    assert packaged_history().gdp_base_year == 2015


def test_the_command_refuses_a_file_in_wrong_units_before_any_run(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("date,usdjpy,us_policy_rate_pct\n2024-04-01,0.0064,0.0533\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["validate", "--hindcast", "--actuals", str(wrong), "--out", str(tmp_path / "out")])
    assert done.exit_code == 2
    assert "looks like dollars per yen" in done.output
    assert "looks like a fraction" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["wrong.csv"]


def start_file(folder: Path, text: str) -> str:
    (folder / "mine.toml").write_text(f'base = "2026-03-31"\n{text}\n', encoding="utf-8")
    return str(folder / "mine.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[facts]\nus_policy_rate_pct = 0.0364", "us_policy_rate_pct = 0.0364 %: looks like a fraction"),
        ("[facts]\nusdjpy = 0.0064", "outside 50 to 500 yen per dollar: looks like dollars per yen"),
        ("[facts]\ncpi_inflation_yoy_pct = 112.8", "outside -6 to 15 %: looks like an index"),
        ("[facts]\njgb_10y_pct = 221.5", "outside -2 to 12 %: looks like basis points"),
        ("[facts]\ngov_gross_debt_trn_yen = 1456000", "times GDP: looks like billions of yen"),
        ("[facts]\nnominal_gdp_trn_yen_fy = 168", "looks like one quarter's flow"),
        # Closes in every row, and is a thousand times too large on both sides.
        ("[stocks.loans]\nhouseholds = 100000.0\nbanks = -100000.0", "loans = "),
        ("[facts]\ngdp_base_year = 2011", "gdp_base_year = 2011 is not 2015 or 2020"),
    ],
)  # fmt: skip
def test_a_start_state_in_a_wrong_unit_is_refused_by_its_likely_name(text: str, said: str, tmp_path: Path) -> None:
    file = start_file(tmp_path, text)
    with pytest.raises(InputError) as caught:
        load(file)
    assert any(said in message for message in caught.value.messages)
    shown = CliRunner().invoke(app, ["start-state", "check", file], env={"COLUMNS": "300"})
    assert shown.exit_code == 2
    assert any(line.startswith("UNIT") and said in line for line in shown.output.splitlines())


def test_start_states_that_are_possible_pass(tmp_path: Path) -> None:
    for name in available():
        assert check_units(load(name)) == []
        assert load(name).fact("gdp_base_year") in GDP_BASES
    facts = "usdjpy = 110\npolicy_rate_pct = 0.05\ncpi_inflation_yoy_pct = 0.0\nus_10y_pct = 6"
    assert load(start_file(tmp_path, f"[facts]\n{facts}")).fact("us_10y_pct") == 6.0


def test_ranges_hold_the_packaged_states_with_room() -> None:
    states = [load(name) for name in available()]
    for one in ranges():
        assert one.low < one.high
        assert one.of in ("stock over GDP", "fact over GDP", "fact")
        if one.of != "stock over GDP":
            assert all(one.quantity in state.facts for state in states)


def test_fractions() -> None:
    assert is_fraction([0.0533, math.nan, 0.05], 5.33)
    assert not is_fraction([0.0533, 0.3], 5.33)
    assert not is_fraction([0.1, 0.15], 0.05)
    assert not is_fraction([], 5.33)
    assert not is_fraction([0.0, np.nan], 5.33)
