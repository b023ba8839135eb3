"""Why: Shapley shares by hand, parts that add up, channels that are really off, and no effect that gives zeros."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from itcho.agents.errors import InputError
from itcho.experiments.answers.asked import checked_question
from itcho.experiments.answers.channels import CHANNELS, DIRECT, at_work
from itcho.experiments.answers.explain import (
    Explanation,
    Question,
    explain,
    explanation_record,
    in_words,
    switched_off,
    with_slots_of,
)
from itcho.experiments.answers.explain_page import explanation_page, waterfall
from itcho.experiments.answers.shapley import coalitions, orders, shapley_parts
from itcho.experiments.answers.words import LANGUAGES, words
from itcho.experiments.cli.commands import app
from itcho.experiments.studies.design import Cell, run_cell
from itcho.experiments.studies.engine import SerialEngine
from itcho.experiments.studies.store import CellResult, CellStore, Collapse
from itcho.experiments.studies.study import OutcomePick
from itcho.model.economy import CHANNELS as SWITCHES
from itcho.model.parameters import registry
from itcho.model.policies import POLICIES
from itcho.model.scenarios import SCENARIOS

SIZES = {"years": 1, "investors": 200, "importers": 60, "adopters": 100}
PICK = OutcomePick("usdjpy", "usdjpy", "last", "lower", 1.0)


def toy(who: frozenset[str]) -> float:
    """2 for a, 3 for b, and 5 more for both of a and c."""
    return 2.0 * ("a" in who) + 3.0 * ("b" in who) + 5.0 * ({"a", "c"} <= who)


def test_shapley_by_hand() -> None:
    # The five that a and c make together are halved; b's three are its own.
    walks = orders(("a", "b", "c"), 3, np.random.default_rng(0))
    assert sorted(walks) == list(itertools.permutations("abc"))
    assert shapley_parts(walks, toy) == pytest.approx({"a": 4.5, "b": 3.0, "c": 2.5})


def test_a_walk_and_its_reverse_telescope_and_halve_an_interaction() -> None:
    (walk, reverse) = orders(tuple("abcdefgh"), 1, np.random.default_rng(3))
    assert walk == reverse[::-1]
    rng = np.random.default_rng(7)
    worths = {one: rng.normal() for order in (walk, reverse) for one in coalitions(order)}
    parts = shapley_parts((walk, reverse), worths.__getitem__)
    everybody, nobody = frozenset("abcdefgh"), frozenset[str]()
    assert sum(parts.values()) == pytest.approx(worths[everybody] - worths[nobody], abs=1e-12)
    # Of two that come in one way round and then the other, each gets half of what they make together.
    assert shapley_parts((walk, reverse), toy) == pytest.approx(
        dict.fromkeys("defgh", 0.0) | {"a": 4.5, "b": 3.0, "c": 2.5}
    )


def made(cell: Cell) -> CellResult:
    """Learning adds 1 to an effect of 2, carry trades halve what there is, and the debt brake takes 0.5."""
    off = dict(cell.overrides)
    learning = off.get("ai_learning_from_users", 0.1) != 0.0
    effect = (2.0 + learning) * (0.5 if "carry" not in cell.without else 1.0)
    effect += 0.01 * np.random.default_rng(cell.seed).normal()
    paid = cell.policy.subsidy.name != "none"
    level = 150.0 + cell.seed + effect * paid - 0.5 * (cell.policy.fiscal.name == "debt-brake")
    return CellResult(("usdjpy",), np.array([2026]), np.array([[level]]), np.array([level]))


def question(policy: str = "actual", **changed: object) -> Question:
    template = Cell(SCENARIOS["baseline"], POLICIES[policy], 1, **SIZES)
    asked = Question(template, POLICIES["none"], PICK, (1, 2, 3, 4), channels=("carry", "learning", "peers"))
    return dataclasses.replace(asked, **changed)  # type: ignore[arg-type]


def explained(asked: Question, folder: Path, work: Callable[[Cell], CellResult | Collapse] = made) -> Explanation:
    return explain(asked, CellStore(folder), SerialEngine(), work)


def test_parts_of_a_known_world(tmp_path: Path) -> None:
    # All six orders are taken.  Two is there with neither; carry halves 2 or 3, by 1.25
    # on average; learning adds 1 or a half, 0.75.
    found = explained(question(pairs=3), tmp_path)
    parts = {part.channel: part for part in found.parts}
    assert list(parts) == ["carry", "learning", "peers", DIRECT]
    assert found.effect == pytest.approx(1.5, abs=0.02)
    assert parts["carry"].share == pytest.approx(-1.25)
    assert parts["learning"].share == pytest.approx(0.75)
    assert (parts["peers"].share, parts["peers"].low, parts["peers"].high) == (0.0, 0.0, 0.0)
    assert parts[DIRECT].share == pytest.approx(2.0, abs=0.02)
    assert sum(part.share for part in found.parts) == pytest.approx(found.effect, abs=1e-9)
    assert abs(found.residual) < 1e-9
    assert [part.channel for part in found.slots] == ["subsidy"]
    said = in_words(found, words("en"))
    assert said[0].startswith("The programme as announced moves USD/JPY by +1.5 yen per USD (")
    assert (
        said[1]
        == f"It comes through the rest of the model ({found.parts[-1].share:+.1f}) and learning from users (+0.75)."
    )
    assert said[2] == "Against it work carry trades (−1.2)." or said[2] == "Against it work carry trades (−1.3)."


def test_rules_are_split_too(tmp_path: Path) -> None:
    found = explained(question("actual-debt-brake"), tmp_path)
    slots = {part.channel: part.share for part in found.slots}
    assert slots == pytest.approx({"subsidy": 1.5, "fiscal": -0.5}, abs=0.02)
    assert sum(slots.values()) == pytest.approx(found.effect, abs=1e-9)


@pytest.mark.slow
def test_a_policy_without_effect_gives_zeros(tmp_path: Path) -> None:
    found = explained(question("none"), tmp_path, run_cell)
    record = explanation_record(found)
    assert record["effect"] == record["residual"] == 0.0
    assert {(part["share"], part["low"], part["high"]) for part in record["parts"]} == {(0.0, 0.0, 0.0)}
    assert record["slots"] == []
    assert in_words(found, words("en")) == [
        "No programme changes nothing in USD/JPY, in none of 4 worlds: every part is zero."
    ]


def test_runs_that_are_there_are_not_made_again(tmp_path: Path) -> None:
    explained(question(), tmp_path)

    def never(cell: Cell) -> CellResult:
        raise AssertionError(cell)

    other = explained(question(), tmp_path, never)
    assert other == explained(question(), tmp_path, never)


def test_a_world_that_collapses_is_left_out_whole(tmp_path: Path) -> None:
    def collapses(cell: Cell) -> CellResult | Collapse:
        return Collapse("2026-09", "usdjpy", 1e5) if cell.seed == 2 and "carry" in cell.without else made(cell)

    found = explained(question(), tmp_path, collapses)
    assert (found.dropped, found.worlds) == (1, 3)
    assert abs(found.residual) < 1e-9
    with pytest.raises(InputError, match="in every world a run collapsed"):
        explained(question(seeds=(2,)), tmp_path, collapses)


def test_a_failed_run_is_told_and_nothing_is_split(tmp_path: Path) -> None:
    def fails(cell: Cell) -> CellResult:
        if cell.without:
            raise RuntimeError("no carry, no run")
        return made(cell)

    with pytest.raises(InputError, match=r"seed 1 without carry.*no carry, no run"):
        explained(question(seeds=(1,)), tmp_path, fails)


def test_switches_exist_and_stand_at_nothing() -> None:
    """Every switch is one of the model's, and its parameter stands at the zero at which the mechanism does nothing."""
    for one in CHANNELS.values():
        assert bool(one.without) + bool(one.parameters) + one.rate_stands_still == 1
        assert one.without in {"", *SWITCHES}
        for name, value in one.parameters.items():
            assert (value, registry()[name].low <= 0.0 <= registry()[name].high) == (0.0, True)
            assert registry()[name].value != 0.0
    assert {one.without for one in CHANNELS.values()} - {""} == SWITCHES
    for code in LANGUAGES:
        for name in (*CHANNELS, DIRECT):
            assert words(code)(f"channel:{name}")
    assert "credibility" in at_work(SCENARIOS["baseline"])
    assert "credibility" not in at_work(dataclasses.replace(SCENARIOS["baseline"], credibility=False))


def test_a_channel_is_off_in_both_arms_and_no_run_keeps_its_key(tmp_path: Path) -> None:
    seen: list[Cell] = []

    def watched(cell: Cell) -> CellResult:
        seen.append(cell)
        return made(cell)

    explained(question(seeds=(1,)), tmp_path, watched)
    arms: dict[tuple[object, ...], set[str]] = {}
    for cell in seen:
        arms.setdefault((cell.seed, cell.without, cell.overrides), set()).add(cell.policy.subsidy.name)
    assert all(names == {"five-year-schedule", "none"} for names in arms.values())
    cell = Cell(SCENARIOS["baseline"], POLICIES["actual"], 1, **SIZES)
    assert len({switched_off(cell, [one]).key for one in CHANNELS.values()} | {cell.key}) == len(CHANNELS) + 1
    assert switched_off(cell, []).key == cell.key
    still = switched_off(cell, [CHANNELS["monetary"]]).policy
    assert (still.monetary.name, still.subsidy) == ("constant", cell.policy.subsidy)


def test_without_carry_a_world_is_another(tmp_path: Path) -> None:
    """The switch reaches the economy: a run without carry trades is not the run with them."""
    cell = Cell(SCENARIOS["baseline"], POLICIES["none"], 1, **SIZES)
    usual, off = run_cell(cell), run_cell(switched_off(cell, [CHANNELS["carry"]]))
    assert isinstance(usual, CellResult)
    assert isinstance(off, CellResult)
    column = usual.outcomes.index("usdjpy")
    assert usual.by_year[0, column] != off.by_year[0, column]


def test_rules_come_slot_by_slot() -> None:
    none, brake = POLICIES["none"], POLICIES["actual-debt-brake"]
    mixed = with_slots_of(none, brake, ["fiscal"])
    assert (mixed.fiscal, mixed.subsidy) == (brake.fiscal, none.subsidy)
    # A rule of the policy's own on the rate is a rule, and no channel.
    early = question("actual-early-normalisation", channels=tuple(CHANNELS))
    assert "monetary" not in early.players
    assert "monetary" in early.slots


def test_bars_begin_where_the_one_before_ended() -> None:
    bars = waterfall([("first", 3.0), ("second", -1.0)], 2.0, words("en"))
    assert "--from:0.000%;--wide:100.000%" in bars  # 0 to 3
    assert "--from:66.667%;--wide:33.333%" in bars  # 3 back to 2
    assert bars.count("--wide:66.667%") == 1  # the total
    assert "−1.0" in bars


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_has_the_parts_and_asks_nobody(tmp_path: Path, code: str) -> None:
    found = explained(question(), tmp_path)
    page = explanation_page(found, words(code), decisions=["A <b>decision</b>."])
    assert "A &lt;b&gt;decision" in page
    assert "<script" not in page
    assert page.count('class="bar ') == 5
    assert words(code)("explain_decisions") not in explanation_page(found, words(code))


def test_all_mistakes_at_once() -> None:
    with pytest.raises(InputError) as error:
        checked_question("acutal", "none", "baselin", "2026-03-31", "usdjpyy", 0, 1, ["carri"], SIZES)
    assert len(error.value.messages) == 5
    assert "'acutal'" in str(error.value)
    assert "--channel carri is unknown; did you mean carry?" in str(error.value) or "carry" in str(error.value)
    with pytest.raises(InputError, match="complete fiscal years 2026 to 2026"):
        checked_question("actual", "none", "baseline", "2026-03-31", "usdjpy@2030", 1, 1, [], SIZES)


def test_the_command(tmp_path: Path) -> None:
    sizes = [text for name, value in SIZES.items() for text in (f"--{name}", str(value))]
    asked = ["explain", "actual", "--channel", "learning", "--seeds", "1", "--store", str(tmp_path / "runs"), *sizes]
    done = CliRunner().invoke(app, [*asked, "--workers", "1", "--json"])
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    assert record["outcome"] == "domestic_ai_share_home_pct"
    assert [part["channel"] for part in record["parts"]] == ["learning", DIRECT]
    assert {"channel", "share", "low", "high"} == record["parts"][0].keys()
    assert sum(part["share"] for part in record["parts"]) == pytest.approx(record["effect"], abs=1e-9)
    assert record["parts"][0]["low"] is None  # one world has no interval
    refused = CliRunner().invoke(app, ["explain", "acutal"])
    assert refused.exit_code == 2
    assert math.isfinite(record["effect"])
