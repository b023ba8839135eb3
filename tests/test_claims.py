"""Claims: every one has its answers, verdicts follow the rules, facts are right, and runs give what is reported."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from itcho.agents.errors import InputError
from itcho.experiments.claims import effects, facts, levels, mechanisms
from itcho.experiments.claims.answers import QUICK, answer_all, has_answer, make_runs, requests_of
from itcho.experiments.claims.claim import FACT_VERDICTS, MODEL_VERDICTS, Answer, Claim, Effort
from itcho.experiments.claims.effect_table import EFFECTS
from itcho.experiments.claims.ensembles import (
    START,
    UNCERTAIN,
    Arm,
    Ensembles,
    Request,
    Run,
    make_ensembles,
    sampled_parameters,
    tasks_of,
)
from itcho.experiments.claims.page import GROUPS, answer_picture, claims_record, explanation, markdown, summary_picture
from itcho.experiments.claims.registry import FACTS, KINDS, MECHANISMS, all_claims, entries, entry
from itcho.experiments.claims.verdicts import (
    Figure,
    Range,
    claimed_range,
    dose_beyond,
    dose_needed,
    effect_verdict,
    fact_verdict,
    level_verdict,
    share_interval,
    worst,
)
from itcho.model.parameters import registry as parameters
from itcho.model.policies import policy
from itcho.model.scenarios import SCENARIOS
from itcho.model.start_states import load
from tests.children import ROOT, Finished

KEYS = ["id", "kind", "verdict", "model", "low", "high", "unit", "probability", "why"]
PAGE = ROOT / "docs" / "claims.md"


def one(name: str, kind: str) -> Claim:
    return next(claim for claim in entry(name).claims if claim.kind == kind)


# Completeness -------------------------------------------------------------------------------------------------------


def test_every_claim_has_an_answer_of_each_of_its_kinds() -> None:
    assert len(entries()) == 52
    assert len(all_claims()) == 53
    missing = [(claim.id, claim.kind) for claim in all_claims() if not has_answer(claim)]
    assert not missing
    used = {kind: {claim.id for claim in all_claims() if claim.kind in kinds} for kind, kinds in GROUPS.items()}
    assert set(facts.facts()) == used["Facts"]
    assert set(levels.LEVELS) == used["Levels"]
    assert set(EFFECTS) == used["Effects"]
    assert set(mechanisms.MECHANISMS) == used["Mechanisms, tails, rules and decompositions"]


def test_kinds_of_the_file_are_answered_as_the_kinds_they_are_read_as() -> None:
    for row in entries().values():
        assert all(claim.kind in KINDS for claim in row.claims)
        for filed, claim in zip(row.filed, row.claims, strict=True):
            expected = {"exogenous": "start-value", "scenario": "scenario-effect", "policy-comparison": "policy-effect"}
            assert claim.kind == expected.get(filed, filed)
    assert [claim.kind for claim in entry("bond-dependency").claims] == ["level", "policy-effect"]


def test_a_level_filed_as_an_effect_is_read_as_the_change_it_implies() -> None:
    rebound = one("debt-ratio-2027-rebound", "policy-effect")
    assert (rebound.low, rebound.high, rebound.unit) == (232 - 228, 240 - 228, "pp")
    share = one("market-share-2027", "policy-effect")
    assert (share.low, share.high) == (8 - 3, 8 - 3)
    assert one("yen-path-2027", "scenario-effect").low == 155 - 160
    bonds = one("bond-dependency", "policy-effect")
    assert bonds.low == pytest.approx(100 * (29.584 / 122.309 - 28.584 / 121.309), abs=0.005)
    assert one("bond-dependency", "level").low == 24.2


def test_effects_and_levels_have_a_range_or_a_sign_and_runs_long_enough() -> None:
    for claim in all_claims():
        if claim.kind in ("level", "policy-effect", "scenario-effect"):
            assert claimed_range(claim.low, claim.high, claim.unit).low <= 1e9
    for name, effect in EFFECTS.items():
        for arm in effect.arms(3.0, True):
            assert arm.scenario in SCENARIOS, name
            assert (policy(arm.policy).name, arm.credibility) == (arm.policy, True)
        assert effect.treated != effect.control


def test_uncertain_parameters_exist_and_are_drawn_within_their_bounds() -> None:
    points = sampled_parameters(20)
    assert len(points) == 20
    for name in UNCERTAIN:
        known, drawn = parameters()[name], np.array([point[name] for point in points])
        assert ((known.low <= drawn) & (drawn <= known.high)).all()
        # A Latin hypercube has one point in each twentieth of the range.
        places = np.floor((drawn - known.low) / (known.high - known.low) * 20).astype(int)
        assert sorted(places) == list(range(20)), name


def test_an_unknown_claim_names_the_nearest() -> None:
    with pytest.raises(InputError, match=r"claim 'yen-fal' is unknown; nearest: yen-fall"):
        entry("yen-fal")


# Verdicts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figure", "unit", "low", "high"),
    [
        (20.0, "trn_yen", 18.0, 22.0),
        (160.0, "yen_per_usd", 157.5, 162.5),
        (-5.0, "yen_per_usd", -7.5, -2.5),
        (3.0, "pct", 2.5, 3.5),
        (24.2, "pct", 21.78, 26.62),
        (0.8, "pct", 0.3, 1.3),
        (5.0, "pp", 4.5, 5.5),
        (1.0, "trn_yen", 0.9, 1.1),
    ],
)
def test_tolerance_of_a_single_figure(figure: float, unit: str, low: float, high: float) -> None:
    found = claimed_range(figure, figure, unit)
    assert (found.low, found.high) == pytest.approx((low, high))


def test_a_range_has_no_tolerance_and_a_sign_no_end() -> None:
    assert claimed_range(5.0, 8.0, "pct") == Range(5.0, 8.0, 5.0)
    assert claimed_range(0.0, None, "pp") == Range(0.0, math.inf, 0.0)
    assert claimed_range(None, 0.0, "pp").sign == -1
    with pytest.raises(ValueError, match="without a figure"):
        claimed_range(None, None, "pct")


def figures(*values: tuple[float, str], claimed: Range | None = None) -> list[Figure]:
    return [Figure("all", claimed or Range(9.0, 11.0, 10.0), value, status) for value, status in values]


@pytest.mark.parametrize(
    ("known", "verdict"),
    [
        (figures((10.0, "current")), "true"),
        (figures((11.0, "current"), (3.0, "earlier")), "true"),
        (figures((10.0, "current"), (3.0, "current")), "depends on definition"),
        (figures((3.0, "current"), (10.0, "earlier")), "dated"),
        (figures((3.0, "current"), (10.0, "context")), "false"),
        (figures((3.0, "current"), (4.0, "earlier")), "false"),
    ],
)
def test_fact_verdict(known: list[Figure], verdict: str) -> None:
    assert fact_verdict(known) == verdict


def test_a_claim_of_several_parts_is_as_good_as_its_worst_part() -> None:
    right = figures((10.0, "current"))
    wrong = [Figure("second", Range(1.0, 2.0, 1.0), 5.0, "current")]
    assert fact_verdict([*right, *wrong]) == "false"
    with pytest.raises(ValueError, match="no current figure"):
        fact_verdict(figures((10.0, "earlier")))


def test_level_verdict_at_its_limits() -> None:
    assert [level_verdict(p) for p in (1.0, 0.5, 0.4999, 0.1, 0.0999, 0.0)] == [
        "holds",
        "holds",
        "partly",
        "partly",
        "fails",
        "fails",
    ]


FALL = Range(5.0, 8.0, 5.0)


@pytest.mark.parametrize(
    ("low", "high", "claimed", "verdict"),
    [
        (5.5, 7.0, FALL, "holds"),
        (4.0, 6.0, FALL, "partly"),
        (0.01, 0.02, FALL, "partly"),
        (9.0, 10.0, FALL, "partly"),
        (-0.3, -0.1, FALL, "fails"),
        (-0.5, 1.0, FALL, "fails"),
        (-1.2, 1.3, FALL, "cannot-tell"),
        (-3.0, 4.0, FALL, "cannot-tell"),
        (-6.0, -5.0, Range(-7.5, -2.5, 5.0), "holds"),
        (0.1, 0.2, Range(0.0, math.inf, 0.0), "holds"),
        (-0.2, -0.1, Range(0.0, math.inf, 0.0), "fails"),
        (-0.2, 0.1, Range(0.0, math.inf, 0.0), "cannot-tell"),
        (0.0, 0.0, Range(0.0, math.inf, 0.0), "fails"),
        (-0.2, -0.1, Range(-math.inf, 0.0, 0.0), "holds"),
        (math.nan, math.nan, FALL, "cannot-tell"),
    ],
)
def test_effect_verdict(low: float, high: float, claimed: Range, verdict: str) -> None:
    assert effect_verdict(low, high, claimed) == verdict


def test_the_worst_of_two_verdicts_counts() -> None:
    assert worst(["holds", "partly"]) == "partly"
    assert worst(["cannot-tell", "fails", "holds"]) == "fails"


def test_dose_that_a_claim_would_need() -> None:
    assert dose_needed([0.0, 1.0, 3.0, 10.0], [0.0, 0.5, 1.5, 8.5], FALL) == pytest.approx(6.5)
    assert dose_needed([0.0, 1.0], [0.0, 0.5], FALL) is None
    assert dose_beyond([0.0, 1.0], [0.0, 0.5], FALL) == pytest.approx(10.0)
    assert dose_beyond([0.0, 1.0], [0.0, -0.5], FALL) is None
    # A response that overshoots the range between two doses has been inside it.
    assert dose_needed([1.0, 3.0], [20.0, -20.0], FALL) == pytest.approx(1.6)


def test_share_interval_contains_the_share_and_stays_a_share() -> None:
    low, high = share_interval(0, 20)
    assert low == 0.0
    assert 0.0 < high < 0.2
    # Wilson 1927 at 95%: 8 of 10 gives 0.490 to 0.943.
    assert share_interval(8, 10) == pytest.approx((0.490, 0.943), abs=0.001)


# Facts --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "verdict", "figure"),
    [
        ("debt-ratio-2024", "true", 236.108),
        ("chip-imports-2023", "false", 4.686),
        ("budget-120", "true", 122.309),
        ("ai-tax-debt-cut", "false", 100 * 5 / 1456),
        ("market-arithmetic", "true", 1.8 * 1.37),
        ("five-years", "true", 1.0 / 5),
        ("budget-share", "depends on definition", 100 / 122.309),
        ("global-market-2026", "false", 2.528),
        ("debt-over-250", "dated", 229.572),
        ("revenue-gap", "true", 0.8),
        ("inflation-worry", "true", 73.0),
    ],
)
def test_facts(name: str, verdict: str, figure: float) -> None:
    found = facts.answer(entry(name).claims[0])
    assert found.verdict == verdict
    assert found.model == pytest.approx(figure, rel=0.002)
    assert found.verdict in FACT_VERDICTS


def test_every_fact_names_its_publisher_and_its_status() -> None:
    for name, rows in facts.facts().items():
        assert entry(name).claims[0].kind in FACTS
        for fact in rows:
            assert fact.publisher
            assert fact.definition
            assert fact.status in facts.STATUSES


def test_facts_agree_with_the_figures_the_model_starts_from() -> None:
    state = load(START)
    draft = next(fact for fact in facts.facts()["budget-120"])
    assert draft.value == pytest.approx(state.fact("budget_spending_trn_yen"), abs=0.1)
    bonds = state.fact("budget_new_bonds_trn_yen")
    assert 100 * bonds / draft.value == pytest.approx(24.2, abs=0.1)


# Runs ---------------------------------------------------------------------------------------------------------------


def test_tasks_are_made_once_and_as_long_as_the_longest_request() -> None:
    arm, other = Arm(), Arm(policy="none")
    tasks = tasks_of([Request(arm, 12, 3), Request(arm, 24, 1), Request(other, 12, 1), Request(arm, 6, 2)])
    assert sorted((task.arm.policy, task.replicate, task.months) for task in tasks) == [
        ("actual", 0, 24),
        ("actual", 1, 12),
        ("actual", 2, 12),
        ("none", 0, 12),
    ]
    assert [task.months for task in tasks] == sorted((task.months for task in tasks), reverse=True)


def test_claims_share_their_runs() -> None:
    both = [one("yen-fall", "policy-effect"), one("boj-sooner", "policy-effect")]
    assert len(tasks_of(requests_of(both, QUICK))) == len(tasks_of(requests_of(both[:1], QUICK)))


def test_a_calendar_year_is_read_with_the_months_before_the_start() -> None:
    months = np.arange(24.0)
    run = Run(
        {"usdjpy_average": months, "tax": np.tile(np.arange(1.0, 13.0), 2)}, {"usdjpy_average": 100.0}, np.zeros(505)
    )
    assert run.months == 24
    assert run.mean("usdjpy_average", 2026) == pytest.approx((3 * 100.0 + sum(range(9))) / 12)
    assert run.mean("usdjpy_average", 2026, fiscal=True) == pytest.approx(5.5)
    assert run.end("usdjpy_average", 2027) == 20.0
    # One a month since each April makes twelve in a calendar year that starts in the middle.
    assert run.year_sum("tax", 2027) == 12.0
    with pytest.raises(ValueError, match="ends before 2028"):
        run.mean("usdjpy_average", 2028)


def synthetic(values: dict[Arm, list[float]], name: str, months: int) -> Ensembles:
    """Runs whose outcome is constant at the given value, by arm and replicate."""
    runs = {
        (arm, place): Run({name: np.full(months, value)}, {name: value}, np.zeros(1 + 21 * months))
        for arm, levels_ in values.items()
        for place, value in enumerate(levels_)
    }
    return Ensembles(runs)


def test_an_effect_is_the_mean_of_pairs_with_its_interval_and_doses() -> None:
    claim = one("boj-sooner", "policy-effect")
    effect = EFFECTS[claim.id]
    values: dict[Arm, list[float]] = {}
    for dose in effects.DOSES:
        for on in (False, True):
            treated, control = effect.arms(dose, on)
            values[treated] = [1.0 + 0.01 * dose, 2.0 + 0.012 * dose, 3.0, 1.5 + 0.01 * dose]
            values[control] = [1.0, 2.0, 3.0, 1.5]
    found = effects.answer(claim, Effort(seeds=4), synthetic(values, "policy_rate_pct", 24))
    assert found.model == pytest.approx(0.008)
    half = 3.182446 * np.std([0.01, 0.012, 0.0, 0.01], ddof=1) / 2
    assert (found.low, found.high) == pytest.approx((0.008 - half, 0.008 + half), rel=1e-4)
    assert found.verdict == "fails"  # zero is inside, and the half-width is below a quarter of 0.05
    rows = {row[0]: row[1] for row in found.table}
    assert rows[effects.MEDIAN] == pytest.approx(0.01)
    assert rows[effects.WITHOUT_EFFECT] == 0.25
    # Two pairs at the other doses: 0.011 a dose, so that 0.05 needs 0.05 / 0.011 between x3 and x10.
    assert rows[effects.DOSE_NEEDED] == pytest.approx(0.05 / 0.011, rel=1e-6)
    assert "4.5 times" in found.why
    assert "dose ×30, credibility channel on (2 pairs)" in rows


def test_a_level_is_the_share_of_runs_in_the_range() -> None:
    claim = one("yen-path-2026", "level")
    ensembles = synthetic({levels.ARM: [150.0] * 6 + [160.0] * 3 + [162.4]}, "usdjpy_average", 12)
    found = levels.answer(claim, Effort(seeds=1), ensembles)
    assert (found.verdict, found.probability, found.runs) == ("partly", 0.4, 10)
    assert found.model == 150.0


def test_the_debt_ratio_is_answered_on_both_bases() -> None:
    claim = one("debt-ratio-2026", "level")
    found = levels.answer(claim, Effort(seeds=1), synthetic({levels.ARM: [220.0] * 10}, "gov_debt_to_gdp_pct", 12))
    rows = {row[0]: row[1] for row in found.table}
    assert found.model == pytest.approx(220.0 / 0.955)
    assert found.verdict == "holds"
    assert rows["2020 GDP base, end of 2026"] == pytest.approx(220.0)
    assert rows["probability of the range so read: 2020 GDP base, end of 2026"] == 0.0


def test_failed_runs_are_told_and_do_not_end_the_rest() -> None:
    ensembles = make_ensembles([Request(Arm(scenario="no-such-world"), 1, 1)])
    assert len(ensembles) == 0
    assert "no-such-world" in ensembles.failures[0]
    found = effects.answer(one("boj-sooner", "policy-effect"), Effort(seeds=3), ensembles)
    assert found.verdict == "cannot-tell"


@pytest.fixture(scope="module")
def really_run() -> list[Answer]:
    claims = [one("market-share-2026", "level"), one("bond-dependency", "policy-effect"), entry("budget-120").claims[0]]
    plan = type(QUICK)(Effort(seeds=3, quick=True), Effort(seeds=3, quick=True))
    return answer_all(claims, plan, make_runs(claims, plan))


def test_one_level_and_one_effect_run_for_real(really_run: list[Answer]) -> None:
    share, bonds, budget = really_run
    assert share.verdict == "fails"  # the model starts below one percent, against three claimed
    assert share.model is not None
    assert 0.3 < share.model < 2.0
    assert share.runs == 10
    # The programme is paid outside the general account: only feedback reaches bond dependency.
    assert bonds.model is not None
    assert abs(bonds.model) < 0.05
    assert bonds.verdict in MODEL_VERDICTS
    assert budget.runs == 0


def test_answers_as_json_page_and_pictures(really_run: list[Answer]) -> None:
    record = json.loads(json.dumps(claims_record(really_run), allow_nan=False))
    assert [list(claim) for claim in record["claims"]] == [KEYS] * 3
    page = markdown(really_run, "Some runs.", "claims.png")
    assert "![" in page
    for answer in really_run:
        assert f"### {answer.claim.id}, {answer.claim.kind}" in page
        assert answer.why in "\n".join(explanation(answer))
        assert answer_picture(answer).startswith(b"\x89PNG")
    assert summary_picture(really_run).startswith(b"\x89PNG")


# Command and page ---------------------------------------------------------------------------------------------------


def test_the_command_prints_only_json(itcho: Callable[..., Finished], tmp_path: Path) -> None:
    done = itcho("claims", "chip-imports-2023", "--quick", "--json", cwd=tmp_path)
    assert done.code == 0, done.err
    (claim,) = done.json["claims"]
    assert list(claim) == KEYS
    assert (claim["id"], claim["kind"], claim["verdict"]) == ("chip-imports-2023", "start-value", "false")
    assert not list(tmp_path.iterdir())


def test_one_claim_is_explained_with_its_picture(itcho: Callable[..., Finished], tmp_path: Path) -> None:
    done = itcho("claims", "budget-share", "--out", tmp_path / "found", cwd=tmp_path)
    assert done.code == 0, done.err
    assert "depends on definition" in done.out
    assert (tmp_path / "found" / "budget-share.png").read_bytes().startswith(b"\x89PNG")
    assert "budget-share.png" in done.out.replace("\n", "")


def test_bad_input_is_told_at_once(itcho: Callable[..., Finished], tmp_path: Path) -> None:
    done = itcho("claims", "yen-fal", "--workers", 0, cwd=tmp_path)
    assert done.code == 2
    assert "nearest: yen-fall" in done.err
    assert "--workers = 0" in done.err


def rows_of_the_page() -> list[tuple[str, str, str]]:
    """Id, kind and verdict of each row of the tables of answers."""
    text = PAGE.read_text(encoding="utf-8").split("## In full")[0]
    return re.findall(r"^\| `([\w-]+)` \| ([\w-]+) \| .*? \| \*\*([\w -]+)\*\* \|", text, re.MULTILINE)


def test_the_page_has_every_claim_and_no_other() -> None:
    found = rows_of_the_page()
    expected = [(claim.id, claim.kind) for kinds in GROUPS.values() for claim in all_claims() if claim.kind in kinds]
    assert [row[:2] for row in found] == expected
    headings = re.findall(r"^### ([\w-]+), ([\w-]+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert headings == [(claim.id, claim.kind) for claim in all_claims()]
    for name, kind, verdict in found:
        assert verdict in (FACT_VERDICTS if kind in FACTS else MODEL_VERDICTS), name


def test_the_facts_of_the_page_are_those_of_the_tables() -> None:
    verdicts = {name: verdict for name, kind, verdict in rows_of_the_page() if kind in FACTS}
    assert verdicts == {claim.id: facts.answer(claim).verdict for claim in all_claims() if claim.kind in FACTS}


def test_no_claim_is_in_two_rows_and_texts_are_whole() -> None:
    with (ROOT / "experiments" / "data" / "claims.csv").open(encoding="utf-8", newline="") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file))
    assert len({row["id"] for row in rows}) == len(rows)
    for row in rows:
        assert row["claim"].endswith("."), row["id"]
        assert row["source_title"]
        assert None not in row.values()
    assert {claim.kind for claim in all_claims()} >= set(MECHANISMS)
