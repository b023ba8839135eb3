"""The rows without noise: what is compared with what, on figures known by hand and on the model once."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from itcho.experiments.evidence import rows
from itcho.experiments.evidence.respond import Pair, Pairs, PairTask, Path
from itcho.experiments.evidence.response_targets import target_months
from itcho.experiments.evidence.rows import TARGETS_THAT_COUNT_MOST, Check, counts, main, shape_checks


def test_a_check_is_met_inside_its_ends_and_only_if_it_was_reached() -> None:
    inf = math.inf
    checks = [
        Check("inside", 0.4, 0.1, 0.4, "targets"),
        Check("outside", 0.41, 0.1, 0.4, "targets"),
        Check("nothing", math.nan, -inf, inf, "rest"),
        Check("too short", 0.0, -inf, 1.0, "rest", reached=False),
        Check("half-life", 3.0, -inf, inf, "rest"),
    ]
    assert [one.met for one in checks] == [True, False, False, False, True]
    assert counts(checks) == {"targets": (1, 2), "rest": (1, 3)}


def answering(response: dict[float, float]) -> object:
    """A stand-in for the runs: real GDP moves by so many percent for a size of the yen's shock, five years long."""

    def made(task: PairTask) -> Pairs:
        months = task.months["yen"]
        twin, moved = np.full(months, 600.0), np.full(months, 600.0 * (1.0 + response[task.size] / 100.0))
        ends = (np.ones(21), np.ones(months), 1.0, 0.0)
        pair = Pair(task.seed, Path({"real_gdp_trn_yen": twin}, *ends), Path({"real_gdp_trn_yen": moved}, *ends))
        return Pairs(task.seed, {"yen": pair})

    return made


def test_proportion_is_of_the_whole_shock_and_the_peak_is_of_years_two_and_three(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rows, "make_pairs", answering({-1.0: -0.5, 0.5: 0.15}))
    gdp = {"yen": np.array([0.2, 0.4, 0.5, 0.5, 0.45]), "public-investment": np.array([0.9, 1.0, 0.8, 0.7, 1.1])}
    found = {one.id: one for one in shape_checks("2026-03-31", {}, gdp)}
    assert found["public-investment-year-5-over-1"].value == pytest.approx(0.2)
    assert not found["public-investment-year-5-over-1"].met
    assert found["yen-year-5-over-peak"].value == pytest.approx(-0.05)
    assert found["yen-year-5-over-peak"].met
    # -0.5 against -1 times 0.4 is 1.25, at the very end of what is allowed; 0.15 against half of 0.4 is 0.75.
    assert found["yen-turned-round-y2"].value == pytest.approx(1.25)
    assert found["yen-halved-y2"].value == pytest.approx(0.75)
    assert found["yen-turned-round-y1"].value == pytest.approx(2.5)
    assert not found["yen-turned-round-y1"].met
    assert found["yen-halved-y3"].value == pytest.approx(0.6)
    assert not found["yen-halved-y3"].met


@pytest.mark.slow
def test_the_tool_counts_every_target_and_takes_parameters(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: dict[str, object] = {}
    make_pairs = rows.make_pairs

    def once(task: PairTask) -> object:
        """The same question is the same answer; asking it again for the printed lines would take as long."""
        if str(task) not in made:
            made[str(task)] = make_pairs(task)
        return made[str(task)]

    monkeypatch.setattr(rows, "make_pairs", once)
    assert main(["--only", "targets", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["groups"]["targets"]["total"] == 79
    assert record["groups"]["shape"]["total"] == 12
    # Five years of the yen, four of public investment and four of the short rate.
    assert record["groups"][TARGETS_THAT_COUNT_MOST]["total"] == 13
    assert record["broke"] == []
    assert main(["--only", "targets", "--json", "--set", "okun_coefficient=0.2"]) == 0
    other = json.loads(capsys.readouterr().out)
    value = {one["id"]: one["value"] for one in record["checks"]}
    changed = {one["id"] for one in other["checks"] if one["value"] != value[one["id"]]}
    assert "T-yen-unemployment-y3" in changed
    missed = sum(not one["met"] for one in record["checks"])
    assert main(["--only", "targets"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == missed + 3
    assert set(target_months()) == {"yen", "public-investment", "short-rate", "oil", "world-demand"} | {
        "consumption-tax",
        "income-tax-cut",
    }


def test_facts_come_over_seeds_with_an_interval(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "facts", "--seeds", "2", "--workers", "1", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    facts = {one["id"]: one for one in record["checks"]}
    assert record["groups"]["facts"]["total"] == len(facts) == 40
    low, high = facts["usdjpy-sd-4q"]["interval"]
    assert low < facts["usdjpy-sd-4q"]["value"] < high
    assert "rule-over-frozen-rate" in facts


def test_bad_input_is_told_in_one_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--set", "okun=0.2", "--set", "okun_coefficient"]) == 2
    told = capsys.readouterr().err
    assert "2 mistakes" in told
    assert "NAME=VALUE" in told
    assert main(["--start", "2026-03-30"]) == 2
