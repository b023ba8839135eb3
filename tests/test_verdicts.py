"""Verdicts say what the numbers beside them say, in every table that has both."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from itcho.agents.errors import InputError
from itcho.experiments.cli import study as cli_study
from itcho.experiments.cli.commands import app
from itcho.experiments.studies.simultaneous import OPEN_ZERO, simultaneous_intervals
from itcho.experiments.studies.study_file import checked_study, smallest_effects_of
from itcho.experiments.studies.verdicts import FEWEST_SAME_SIGN, VERDICTS, in_words, sign_of, verdict_on
from itcho.model.measure.outcomes import OUTCOMES
from itcho.model.measure.smallest_effects import SMALLEST_EFFECTS


@pytest.mark.parametrize(
    ("low", "high", "higher", "expected"),
    [
        (0.2, 0.9, 0.8, "clear"),
        (-0.9, -0.2, 0.2, "clear"),
        (OPEN_ZERO, 0.9, 0.8, "clear"),
        (-0.9, -OPEN_ZERO, 0.2, "clear"),
        (-0.2, 0.9, 0.95, "same-sign"),
        (-0.9, 0.2, 0.05, "same-sign"),
        (-0.2, 0.9, 0.94, "cannot-tell"),
        (0.0, 0.9, 0.5, "cannot-tell"),
        (-0.09, 0.09, 0.5, "small"),
        (0.01, 0.09, 1.0, "small"),
        (0.01, 0.1, 1.0, "clear"),
        (0.0, 0.0, 0.0, "small"),
        (math.nan, math.nan, 1.0, "same-sign"),
    ],
)
def test_the_rule(low: float, high: float, higher: float, expected: str) -> None:
    assert verdict_on(low, high, higher, 1.0 - higher, 100, 0.1) == expected


def test_one_sign_in_few_worlds_is_luck() -> None:
    """A coin shows one side five times in a row in 6% of tries, six times in 3%."""
    assert 2.0 * 0.5 ** (FEWEST_SAME_SIGN - 1) > 0.05 > 2.0 * 0.5**FEWEST_SAME_SIGN
    found = [verdict_on(-1.0, 9.0, 1.0, 0.0, n, 0.1) for n in (1, FEWEST_SAME_SIGN - 1, FEWEST_SAME_SIGN)]
    assert found == ["cannot-tell", "cannot-tell", "same-sign"]


def test_without_a_smallest_effect_only_nothing_is_small() -> None:
    assert verdict_on(1e-9, 2e-9, 1.0, 0.0, 50, 0.0) == "clear"
    assert verdict_on(0.0, 0.0, 0.0, 0.0, 50, 0.0) == "small"


def test_words_of_a_sign() -> None:
    assert [in_words(sign, -1) for sign in (1, -1, 0)] == ["worse", "better", ""]
    assert [in_words(sign, 0) for sign in (1, -1)] == ["higher", "lower"]


def test_words_never_contradict_the_numbers() -> None:
    """Over generated studies of all shapes and sizes."""
    rng = np.random.default_rng(21)
    seen = set()
    for study in range(80):
        n = int(rng.choice([1, 2, 5, 10, 30, 90]))
        values = rng.normal(size=(n, 9)) * rng.choice([0.01, 1.0], size=9) + rng.choice([0.0, 0.4, 1.5], size=9)
        values[:, :3] = np.exp(1.5 * values[:, :3]) - rng.choice([0.0, 2.0])
        values[:, 3] *= rng.uniform(size=n) < 0.3
        values[:, 4] = 0.0
        ends = simultaneous_intervals(values, np.random.default_rng(study), resamples=400)
        for column in range(9):
            low, high, difference = float(ends.low[column]), float(ends.high[column]), values[:, column]
            higher, lower = float((difference > 0.0).mean()), float((difference < 0.0).mean())
            smallest = float(rng.choice([0.0, 0.1, 1.0]))
            verdict = verdict_on(low, high, higher, lower, n, smallest)
            sign = sign_of(verdict, low, higher)
            seen.add(verdict)
            covers_zero = math.isnan(low) or low <= 0.0 <= high
            inside = (low, high) == (0.0, 0.0) or (-smallest < low and high < smallest)
            assert (verdict == "small") == inside
            assert (verdict == "clear") == (not covers_zero and not inside)
            if verdict == "clear" and n > 1 and difference.std() > 0.0:
                assert ends.p_stepdown[column] < 0.05
                assert sign == np.sign(difference.mean())
            elif verdict == "same-sign":
                assert (higher if sign > 0 else lower) >= 0.95
                assert n >= FEWEST_SAME_SIGN
            else:
                assert verdict in ("clear", "small", "cannot-tell")
            if verdict == "cannot-tell":
                assert sign == 0
                assert n < FEWEST_SAME_SIGN or max(higher, lower) < 0.95
    assert seen == set(VERDICTS)


def test_every_outcome_has_a_smallest_effect_with_its_reason() -> None:
    assert set(SMALLEST_EFFECTS) == set(OUTCOMES)
    assert all(one.size > 0.0 and one.why for one in SMALLEST_EFFECTS.values())
    assert OUTCOMES["usdjpy"].smallest_effect.size == 1.0


def test_a_study_sets_its_own_smallest_effects() -> None:
    tables = {"study": {"policies": ["actual"], "outcomes": ["usdjpy@all", "usdjpy", "cpi_yoy_pct"]}}
    own = checked_study({**tables, "smallest_effects": {"usdjpy": 2.5}})
    assert [pick.smallest_effect for pick in own.outcomes] == [2.5, 2.5, SMALLEST_EFFECTS["cpi_yoy_pct"].size]
    with pytest.raises(InputError) as wrong:
        checked_study({**tables, "smallest_effects": {"usdjpy": -1.0, "usdjpi": 1.0, "cpi_yoy_pct": "much"}})
    assert wrong.value.messages == [
        "smallest_effects.usdjpy = -1.0 must be a number of zero or more, in the outcome's unit",
        "smallest_effects.cpi_yoy_pct = 'much' must be a number of zero or more, in the outcome's unit",
        "smallest_effects.usdjpi is no outcome of the study; nearest: usdjpy",
    ]


def test_smallest_effects_of_the_command_line() -> None:
    assert smallest_effects_of(["usdjpy=2", "cpi_yoy_pct = 0.5"]) == {"usdjpy": 2.0, "cpi_yoy_pct": 0.5}
    with pytest.raises(InputError) as wrong:
        smallest_effects_of(["usdjpy", "cpi_yoy_pct=much"])
    assert len(wrong.value.messages) == 2


def test_the_command_line_overrules_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same runs: what is paid is small against a hundred trillion and not against nothing."""
    assert cli_study.QUICK_SEEDS == 10
    monkeypatch.setattr(cli_study, "QUICK_SEEDS", 2)
    file, out = tmp_path / "small.toml", tmp_path / "out"
    file.write_text(
        '[study]\npolicies = ["vouchers"]\nseeds = 3\nyears = 1\ninvestors = 200\nimporters = 60\nadopters = 100\n'
        'outcomes = ["programme_cost_trn_yen"]\n[smallest_effects]\nprogramme_cost_trn_yen = 100.0\n'
    )
    ran = CliRunner().invoke(
        app, ["study", "run", str(file), "--quick", "--engine", "serial", "--out", str(out), "--json"]
    )
    assert ran.exit_code == 0, ran.output
    assert json.loads(ran.stdout)["cells"] == 4  # two of the three seeds, two policies
    found = []
    for more in ([], ["--smallest-effect", "programme_cost_trn_yen=0"]):
        told = CliRunner().invoke(app, ["study", "report", str(file), "--quick", "--out", str(out), "--json", *more])
        assert told.exit_code == 0, told.output
        (row,) = json.loads(told.stdout)["rows"]
        found.append((row["n"], row["smallest_effect"], row["verdict"], row["direction"]))
    assert found == [(2, 100.0, "small", ""), (2, 0.0, "clear", "worse")]
