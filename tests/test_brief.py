"""The brief: its numbers are the comparison's, its ratios are Fieller's, its page has no blank and asks nobody."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from itcho.agents.errors import InputError
from itcho.experiments.answers.brief import Brief, Kept, brief_of, brief_record, kept_text, ratio_text, title
from itcho.experiments.answers.brief_page import brief_page
from itcho.experiments.answers.ratios import Ratio, fieller
from itcho.experiments.answers.words import LANGUAGES, figure, words
from itcho.experiments.cli.commands import app
from itcho.experiments.studies.compare import compare_study, row_record
from itcho.experiments.studies.design import Cell
from itcho.experiments.studies.engine import SerialEngine
from itcho.experiments.studies.store import CellResult, CellStore
from itcho.experiments.studies.study import Study
from itcho.experiments.studies.study_file import checked_study
from itcho.experiments.studies.study_run import run_study
from itcho.model.measure.outcomes import OUTCOMES
from itcho.model.policies import POLICIES
from itcho.model.scenarios import SCENARIOS

NAMES = (
    "domestic_ai_share_home_pct", "productivity_gain_pct", "gov_debt_to_gdp_pct", "usdjpy", "programme_cost_trn_yen",
)  # fmt: skip
YEARS = np.arange(2026, 2036)


def fake(cell: Cell) -> CellResult:
    """Ten years: `actual` pays 0.2 a year until FY2030 and keeps a quarter; `vouchers` pays to the end."""
    rng = np.random.default_rng(cell.seed)
    shared, own = rng.normal(size=(10, 5)), 0.01 * rng.normal(size=2)
    paid, share = np.zeros(10), np.zeros(10)
    if cell.policy.name == "actual":
        paid = 0.2 * np.minimum(np.arange(1, 11), 5)
        share = np.where(YEARS <= 2030, 4.0, 1.0) * (1.0 + own[0])
    elif cell.policy.name == "vouchers":
        paid, share = 0.1 * np.arange(1, 11), np.full(10, 1.0 + own[1])
    elif cell.policy.name == "content-rule":
        share = np.full(10, 2.0 + own[0])
    debt = np.where(cell.seed <= 3, 0.6, 0.4) * (cell.policy.name == "actual") * np.ones(10)
    yen = 1.5 * (cell.seed == 1) * (cell.policy.name == "vouchers") * np.ones(10)
    effects = np.stack([share, np.zeros(10), debt, yen, paid], axis=1)
    values = shared * [1.0, 1.0, 1.0, 1.0, 0.0] + effects
    return CellResult(NAMES, YEARS, values, values[-1])


def study(**common: Any) -> Study:
    outcomes = ["domestic_ai_share_home_pct@2030", "domestic_ai_share_home_pct", "productivity_gain_pct"]
    given = {"name": "made", "policies": ["actual", "vouchers", "content-rule"], "seeds": 8, "years": 10}
    return checked_study({"study": {**given, "scenarios": ["baseline", "ai-bust"], "outcomes": outcomes, **common}})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> CellStore:
    made = CellStore(tmp_path_factory.mktemp("made"))
    run_study(study(), made, SerialEngine(), work=fake, show_progress=False)
    return made


@pytest.fixture(scope="module")
def brief(store: CellStore) -> Brief:
    return brief_of(study(), store)


def test_every_effect_is_a_row_of_the_comparison(brief: Brief, store: CellStore) -> None:
    record = brief_record(brief, words("en"))
    rows = {(row.policy, row.scenario, row.outcome): row_record(row) for row in compare_study(study(), store).rows}
    assert len(record["grid"]) == 6
    for cell in record["grid"]:
        row = rows[cell["policy"], cell["scenario"], record["outcome"]]
        assert (cell["effect"], cell["low"], cell["high"], cell["p_best"], cell["verdict"]) == (
            row["mean_difference"], row["simultaneous_low"], row["simultaneous_high"], row["p_best"], row["verdict"],
        )  # fmt: skip
    for cell in record["rows"]:
        row = rows[cell["policy"], cell["scenario"], cell["outcome"]]
        assert (cell["effect"], cell["low"], cell["high"]) == (
            row["mean_difference"], row["simultaneous_low"], row["simultaneous_high"],
        )  # fmt: skip
    assert {"title", "rows", "grid", "risks"} <= record.keys()
    json.dumps(record, allow_nan=False)


def test_the_title_is_the_finding(brief: Brief, store: CellStore) -> None:
    said = title(brief, words("en"))
    assert said.startswith("The programme as announced does most for Domestic AI share in FY2030: +4.0 points (")
    assert said.endswith("it leads in 2 of 2 futures")
    nothing = brief_of(study(policies=["vouchers"], outcomes=["productivity_gain_pct"]), store)
    assert title(nothing, words("en")).startswith("No rule is clearly better than “No programme” for AI productivity")


def test_risks_are_counted_worlds(brief: Brief) -> None:
    # Debt is 0.6 points up in seeds 1 to 3 of 8, the yen 1.5 weaker in seed 1 alone.
    actual, vouchers = brief.risk_of("actual", "baseline"), brief.risk_of("vouchers", "ai-bust")
    assert (actual.worlds, actual.debt_up, actual.yen_weaker) == (8, 3, 0)
    assert (vouchers.debt_up, vouchers.yen_weaker) == (0, 1)
    assert actual.cost_p95_trn_yen == pytest.approx(1.0)


def test_what_is_left_is_counted_from_the_last_payment(brief: Brief) -> None:
    kept = {one.row.policy: one.kept for one in brief.rows if one.row.outcome == brief.main.text}
    assert (kept["actual"].reading, kept["actual"].last_payment_year) == ("ratio", 2030)
    assert kept["actual"].ratio is not None
    assert kept["actual"].ratio.value == pytest.approx(0.25)
    # It pays until FY2035: five years on is FY2040, the fifteenth year.
    assert (kept["vouchers"].reading, kept["vouchers"].years_needed) == ("longer", 15)
    assert kept["content-rule"].reading == "never-paid"
    assert "15-year runs" in kept_text(kept["vouchers"], brief.years, words("en"))


def test_a_run_that_ends_with_payments_due_asks_for_the_calendar(tmp_path: Path) -> None:
    made, short = CellStore(tmp_path), study(policies=["actual"], years=3, outcomes=["domestic_ai_share_home_pct"])
    run_study(short, made, SerialEngine(), work=fake, show_progress=False)
    kept = brief_of(short, made).rows[0].kept
    # The schedule pays until FY2030, so FY2035 is wanted: the tenth year from March 2026, and not the eighth.
    assert (kept.reading, kept.last_payment_year, kept.years_needed) == ("longer", 2030, 10)


def test_a_ratio_without_bound_reads_at_least(brief: Brief) -> None:
    free = next(one for one in brief.rows if one.row.policy == "content-rule" and one.row.outcome == brief.main.text)
    smallest = OUTCOMES["programme_cost_trn_yen"].smallest_effect.size
    # Two points, give or take the half-width of Student's interval, for less than the smallest money of interest.
    assert free.per_trillion.reading == "at-least"
    assert free.per_trillion.low == pytest.approx(free.row.summary.t[0] / smallest)
    assert ratio_text(free.per_trillion, words("en")).startswith("at least +")


def test_fieller_by_hand() -> None:
    """Ends of intervals worked out from sums: a r² − 2 b r + c = 0."""
    t = 4.302652729911275  # 97.5% of Student's law with two degrees of freedom
    # Numerator 1, 2, 3 over denominator 1, 1, 2: neither mean is two and a half standard errors from zero.
    open_one = fieller(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 2.0]), 0.01)
    assert (open_one.reading, open_one.value) == ("open", pytest.approx(1.5))
    # 9, 10, 11 over 5.1, 5, 4.9: variances 1 and 0.01, covariance -0.1, each over three worlds.
    a, b, c = 25 - t**2 * 0.01 / 3, 50 + t**2 * 0.1 / 3, 100 - t**2 / 3
    both = fieller(np.array([9.0, 10.0, 11.0]), np.array([5.1, 5.0, 4.9]), 0.01)
    root = math.sqrt(b**2 - a * c)
    assert (both.value, both.low, both.high) == pytest.approx((2.0, (b - root) / a, (b + root) / a))
    # With little noise: above = 2, below = 4/3 exactly known, half-width t × 0.1 / √3.
    half = t * 0.1 / math.sqrt(3.0)
    sharp = fieller(np.array([1.9, 2.0, 2.1]), np.full(3, 4 / 3), 0.01)
    assert (sharp.low, sharp.high) == (pytest.approx((2 - half) * 0.75), pytest.approx((2 + half) * 0.75))
    # Money that may be nothing and an effect that is not: only the lower end stands.
    wide = fieller(np.array([2.0, 2.1, 1.9]), np.array([0.1, -0.1, 0.3]), 0.01)
    assert wide.reading == "at-least"
    assert wide.low is not None
    assert 0.0 < wide.low < 20.0
    assert fieller(-np.array([2.0, 2.1, 1.9]), np.array([0.1, -0.1, 0.3]), 0.01).high == pytest.approx(-wide.low)
    assert fieller(np.array([2.0]), np.array([1.0]), 0.01).reading == "one-world"
    assert fieller(np.zeros(3), np.zeros(3), 0.01).reading == "nothing"


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_cell_is_a_dash_and_nothing_is_fetched(brief: Brief, code: str) -> None:
    page = brief_page(brief, words(code))
    cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", page, re.DOTALL)
    assert len(cells) > 40
    for cell in cells:
        text = re.sub(r"<[^>]*>", "", cell).strip()
        assert text not in {"", "–", "-", "—", "−", "nan", "None"}, page
    assert f'<html lang="{code}">' in page
    assert "<script" not in page
    assert not re.search(r"(?:src|href)=\"(?!data:)", page)
    assert "{" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)


def test_names_of_files_are_text_on_the_page(brief: Brief) -> None:
    evil = dataclasses.replace(brief.comparison.study, name="<b>x</b>")
    page = brief_page(
        dataclasses.replace(brief, comparison=dataclasses.replace(brief.comparison, study=evil)), words("en")
    )
    assert "<b>x" not in page
    assert "&lt;b&gt;x" in page


@pytest.mark.parametrize("reading", ["between", "at-least", "at-most", "open", "nothing", "one-world"])
def test_every_reading_has_words(reading: Any) -> None:
    ratio = Ratio(None if reading in ("open", "nothing") else 0.5, 0.4, 0.6, reading)
    for code in LANGUAGES:
        for text in (ratio_text(ratio, words(code)), kept_text(Kept("ratio", ratio, 2030, None), (2026,), words(code))):
            assert text not in ("", "–")
            assert "{" not in text


def test_words_have_the_same_places_in_every_language_and_name_what_the_package_has() -> None:
    tables = [words(code).texts for code in LANGUAGES]
    for key, english in tables[0].items():
        places = set(re.findall(r"{(\w+)}", english))
        for other in tables[1:]:
            assert other[key], key
            assert set(re.findall(r"{(\w+)}", other[key])) == places, key
    assert {f"policy:{name}" for name in POLICIES} <= tables[0].keys()
    assert {f"scenario:{name}" for name in SCENARIOS} <= tables[0].keys()
    for name, one in POLICIES.items():
        assert tables[0][f"policy:{name}"] == one.label


def test_a_figure_is_rounded_once() -> None:
    assert [figure(value, digits=2) for value in (0.996, -0.0449, 12345.6, 1e-9)] == ["1.0", "−0.045", "12,346", "0"]
    with pytest.raises(ValueError, match="no figure"):
        figure(math.nan)


def test_the_command_prints_only_json_and_refuses_what_is_not_there(tmp_path: Path) -> None:
    run = CliRunner().invoke
    refused = run(app, ["brief", "no-such-study"])
    assert refused.exit_code == 2
    assert "there is no study file no-such-study" in refused.stderr
    refused = run(app, ["brief", "which-support", "--lang", "fr", "--store", str(tmp_path)])
    assert (refused.exit_code, refused.stderr.strip()) == (
        2, "itcho: --lang fr is unknown: write one of en, ja, zh-Hant",
    )  # fmt: skip
    refused = run(app, ["brief", "which-support", "--store", str(tmp_path), "--out", str(tmp_path / "page.html")])
    assert refused.exit_code == 2
    assert "nothing to compare yet" in refused.stderr
    assert not list(tmp_path.iterdir())


def test_one_rule_at_least() -> None:
    with pytest.raises(InputError, match="holds no rule but its baseline"):
        brief_of(study(policies=["none"]), CellStore(Path("nowhere")))
