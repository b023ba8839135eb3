"""Scenario discovery: boxes that are known are found again, and what they are worth is said."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import binom
from typer.testing import CliRunner

from itcho.agents.errors import InputError
from itcho.experiments.cli.commands import app
from itcho.experiments.studies.design import Cell, Design
from itcho.experiments.studies.discovery_study import Discovery, discover, discovery_lines, seeds_share
from itcho.experiments.studies.engine import SerialEngine
from itcho.experiments.studies.expressions import condition
from itcho.experiments.studies.scenario_discovery import Box, Input, prim
from itcho.experiments.studies.store import CellResult, CellStore
from itcho.experiments.studies.study import Study
from itcho.experiments.studies.study_file import checked_study
from itcho.experiments.studies.study_run import run_study
from itcho.model.parameters import registry

FloatArray = NDArray[np.float64]


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def limits(box: Box) -> dict[tuple[str, str], float]:
    return {(limit.name, limit.side): limit.bound for limit in box.limits}


@pytest.fixture(scope="module")
def corner() -> tuple[FloatArray, NDArray[np.bool_], list[Box]]:
    """Five uniform inputs, of interest where the first is above 0.7 and the second below 0.4."""
    values = np.random.default_rng(0).random((2000, 5))
    wanted = (values[:, 0] > 0.7) & (values[:, 1] < 0.4)
    return values, wanted, prim([Input(name, values[:, place]) for place, name in enumerate("abcde")], wanted, rng())


def test_the_synthetic_box_is_found(corner: tuple[FloatArray, NDArray[np.bool_], list[Box]]) -> None:
    best = max(corner[2], key=lambda box: box.coverage + box.density)
    assert best.coverage >= 0.992
    assert best.density == 1.0
    assert set(limits(best)) == {("a", "low"), ("b", "high")}
    assert limits(best)["a", "low"] == pytest.approx(0.7, abs=0.01)
    assert limits(best)["b", "high"] == pytest.approx(0.4, abs=0.01)
    assert {best.reproducibility[name] for name in "ab"} == {1.0}
    assert max(best.reproducibility[name] for name in "cde") <= 0.2
    assert max(limit.quasi_p for limit in best.limits) < 1e-50


def test_the_whole_trajectory_is_kept_and_adds_up(corner: tuple[FloatArray, NDArray[np.bool_], list[Box]]) -> None:
    values, wanted, path = corner
    assert (path[0].made_by, path[0].mass, path[0].coverage, path[0].limits) == ("all", 1.0, 1.0, ())
    assert [box.step for box in path] == list(range(len(path)))
    kinds = [box.made_by for box in path]
    assert kinds == sorted(kinds, key=["all", "peel", "paste"].index)
    peels = [box for box in path if box.made_by != "paste"]
    assert (np.diff([box.density for box in peels]) > 0.0).all()
    assert np.diff([box.mass for box in peels]).min() > -0.0501
    for box in path:
        inside = np.ones(2000, dtype=np.bool_)
        for limit in box.limits:
            column = values[:, "abcde".index(limit.name)]
            inside &= (column >= limit.bound) if limit.side == "low" else (column <= limit.bound)
        assert (inside == box.inside).all()
        assert box.coverage == pytest.approx((inside & wanted).sum() / wanted.sum())
        assert box.density == pytest.approx(wanted[inside].mean())
        assert box.mass >= 0.05


def test_quasi_p_is_the_binomial_tail(corner: tuple[FloatArray, NDArray[np.bool_], list[Box]]) -> None:
    values, wanted, path = corner
    box = path[24]  # its second limit does next to nothing yet
    (low,) = [limit for limit in box.limits if limit.name == "a"]
    (high,) = [limit for limit in box.limits if limit.name == "b"]
    share = wanted[values[:, 0] >= low.bound].mean()
    assert high.quasi_p == pytest.approx(binom.sf(box.of_interest - 1, box.cases, share))
    assert high.quasi_p > 0.05


def test_pure_noise_gives_no_box_that_lasts() -> None:
    values = np.random.default_rng(3).random((1000, 4))
    wanted = np.random.default_rng(4).random(1000) < 0.2
    path = prim([Input(name, values[:, place]) for place, name in enumerate("abcd")], wanted, rng())
    assert max(box.density for box in path if box.coverage > 0.5) < 0.3


def test_categories_and_whole_numbers_limit_boxes_too() -> None:
    draw = np.random.default_rng(5)
    world = draw.choice(["bust", "calm", "boom"], size=1500)
    lag, other = draw.integers(0, 6, size=1500), draw.random(1500)
    wanted = (world != "calm") & (lag >= 3)
    path = prim([Input("world", world), Input("lag", lag), Input("other", other)], wanted, rng())
    best = max(path, key=lambda box: box.coverage + box.density)
    assert (best.coverage, best.density) == (1.0, 1.0)
    assert {limit.text() for limit in best.limits} == {"world is boom or bust", "lag ≥ 3"}


def test_pasting_gives_back_what_was_peeled_too_far() -> None:
    values = np.random.default_rng(6).random((400, 1))
    wanted = values[:, 0] > 0.55
    path = prim([Input("a", values[:, 0])], wanted, rng(), peel=0.3)
    last_peel = [box for box in path if box.made_by == "peel"][-1]
    assert last_peel.coverage < 0.9
    assert (path[-1].coverage, path[-1].density) == (1.0, 1.0)


def test_bad_cases_are_refused_by_name() -> None:
    values = np.array([0.1, math.nan, 0.3, 0.4])
    with pytest.raises(ValueError, match="case 1: a is nan"):
        prim([Input("a", values)], np.array([True, False, True, False]), rng())
    with pytest.raises(ValueError, match="4 of 4 cases are of interest"):
        prim([Input("a", np.arange(4.0))], np.ones(4, dtype=np.bool_), rng())
    with pytest.raises(ValueError, match=r"peel = 0\.9"):
        prim([Input("a", np.arange(4.0))], np.array([True, False, True, False]), rng(), peel=0.9)


def critical_phosphorus(removal: float, recycling: float) -> float:
    """The lake's tipping point: where recycling overtakes removal."""
    return float(brentq(lambda x: x**recycling / (1.0 + x**recycling) - removal * x, 0.01, 1.5))


def lake(removal: FloatArray, inflow: FloatArray, recycling: float = 2.0, years: int = 400) -> FloatArray:
    """Largest phosphorus in a lake with a constant inflow, starting clean."""
    level = highest = np.zeros_like(removal)
    for _ in range(years):
        level = level + inflow + level**recycling / (1.0 + level**recycling) - removal * level
        highest = np.maximum(highest, level)
    return highest


def test_the_lake_tips_where_theory_says() -> None:
    """Known tipping points; and PRIM finds the inflow above which no clean state is left."""
    assert critical_phosphorus(0.42, 2.0) == pytest.approx(0.544540, abs=1e-6)
    assert critical_phosphorus(0.42, 2.0) == pytest.approx((1.0 - math.sqrt(1.0 - 4.0 * 0.42**2)) / (2.0 * 0.42))
    assert critical_phosphorus(0.1, 2.0) == pytest.approx(0.101021, abs=1e-6)
    assert critical_phosphorus(0.42, 2.5) == pytest.approx(0.710226, abs=1e-6)
    assert lake(np.array([0.42]), np.array([0.04]), years=100)[0] == pytest.approx(0.142857, abs=1e-4)
    # A clean steady state needs inflow = 0.42 x − x²/(1+x²) for some x below the tipping point.
    most = -minimize_scalar(lambda x: x**2 / (1 + x**2) - 0.42 * x, bounds=(0.0, 0.5), method="bounded").fun
    draws = Design("sobol", 1024, 2).shares(3)
    inflow = 0.02 + 0.08 * draws[:, 0]
    tipped = lake(np.full(1024, 0.42), inflow) > critical_phosphorus(0.42, 2.0)
    inputs = [Input("inflow", inflow), Input("idle", draws[:, 1]), Input("quiet", draws[:, 2])]
    best = max(prim(inputs, tipped, rng()), key=lambda box: box.coverage + box.density)
    assert best.dimensions == ("inflow",)
    assert limits(best)["inflow", "low"] == pytest.approx(most, abs=0.001)


def levels(**given: tuple[float, float]) -> dict[str, tuple[FloatArray, FloatArray]]:
    return {name: (np.array([policy]), np.array([baseline])) for name, (policy, baseline) in given.items()}


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("a > 1", True),
        ("a > 2 or b <= 1", True),
        ("a > 2 or b <= 1 and a < 1", False),
        ("(a > 2 or b <= 1) and a < 1", False),
        ("not a > 2", True),
        ("difference(a) == 0.5", True),
        ("baseline(a) * 2 - 1 >= (a + b) / 2.5 - 1e-9", True),
        ("abs(-b) == 1 and -b < 0", True),
        ("((a)) != ((b))", True),
        ("(a + b) * 2 > 4.9 and not (a < b)", True),
    ],
)
def test_conditions_mean_what_they_say(text: str, truth: bool) -> None:
    assert condition(text).holds(levels(a=(1.5, 1.0), b=(1.0, 1.0))).tolist() == [truth]


@pytest.mark.parametrize(
    "text",
    ["", "a", "a >", "a > 1)", "(a > 1", "a > 1 b", "a.real > 1", "a[0] > 1", "__import__('os') > 1", "open(a) > 1",
     "difference(1) > 1", "difference > 1", "a > 1 and", "lambda: 1", "a = 1", "'a' > 1", "a > 1 < 2", "(" * 90 + "a"],
)  # fmt: skip
def test_anything_else_is_no_condition(text: str) -> None:
    with pytest.raises(InputError, match="condition"):
        condition(text)


def test_a_division_by_zero_is_no_answer() -> None:
    with pytest.raises(InputError, match="not finite"):
        condition("a / (b - b) > 1").holds(levels(a=(1.0, 1.0), b=(1.0, 1.0)))


def names() -> list[str]:
    return sorted(name for name, one in registry().items() if one.high > one.low)[:3]


def fake(cell: Cell) -> CellResult:
    """Noise that both policies share; the policy gains 1 where the first parameter is high and chips are not short."""
    known, given = registry()[names()[0]], dict(cell.overrides)
    high = (given[known.name] - known.low) / (known.high - known.low) > 0.6
    gain = float(high and not cell.scenario.episodes and cell.policy.name == "actual")
    noise = np.random.default_rng(cell.seed).normal(0.0, 30.0)
    values = np.array([[noise + gain]])
    return CellResult(("usdjpy",), np.array([2026]), values, values[0])


def study(**more: Any) -> Study:
    given = {"name": "futures", "policies": ["actual"], "seeds": 2, "years": 1, "outcomes": ["usdjpy"],
             "scenarios": ["baseline", "chip-supply-disruption"]}  # fmt: skip
    return checked_study(
        {"study": given | more, "uncertain": {name: {} for name in names()}, "design": {"kind": "sobol", "points": 64}}
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> CellStore:
    found = CellStore(tmp_path_factory.mktemp("futures") / "runs" / "studies" / "futures")
    run_study(study(), found, SerialEngine(), work=fake, show_progress=False)
    return found


def discovered(store: CellStore, text: str, **more: Any) -> Discovery:
    return discover(study(), store, condition(text), **{"permutations": 39} | more)


def test_a_study_tells_in_which_futures(store: CellStore) -> None:
    found = discovered(store, "difference(usdjpy) > 0.5")
    assert (len(found.of_interest), found.seeds, found.dropped) == (128, 2, 0)
    best = max(found.boxes, key=lambda box: box.coverage + box.density)
    assert (best.coverage, best.density) == (1.0, 1.0)
    assert set(best.dimensions) == {names()[0], "scenario"}
    assert "scenario is baseline" in {limit.text() for limit in best.limits}
    assert min(best.reproducibility[name] for name in best.dimensions) == 1.0
    # 64 points of two scenarios that share their seeds; a case of interest is in one of them.
    assert (best.cases, best.replicates, best.independent_hits) == (best.of_interest,) * 3
    assert found.hits == best.independent_hits
    assert found.starred[best.step]
    assert (found.chance.replicates, found.chance.search) == (64, 1 / 40)
    assert max(found.chance.parameters, found.chance.scenario) <= 0.05


def test_a_study_of_noise_gets_no_star_and_hears_that_it_is_noise(store: CellStore) -> None:
    """The level is the seeds' luck, which both scenarios of a point share; the difference holds none of it."""
    found = discovered(store, "usdjpy > 10 and difference(usdjpy) > -1")
    assert not any(found.starred)
    assert found.chance.search > 0.05
    assert found.seeds_share["usdjpy"].single_run > 0.8
    assert found.seeds_share["difference(usdjpy)"].single_run < 1e-12
    (noise,) = [line for line in discovery_lines(found) if line.startswith("the seeds' share")]
    assert "difference(usdjpy) 0%" in noise
    assert any(line.startswith("No box is told from chance") for line in discovery_lines(found))


def test_with_one_seed_a_point_the_seeds_share_cannot_be_told() -> None:
    values = np.random.default_rng(0).normal(size=(30, 1, 2))
    assert math.isnan(seeds_share(values).case)
    # Points of variance 4, seeds of variance 1: a fifth of single runs, a ninth of means of two seeds.
    draw = np.random.default_rng(1)
    many = 2.0 * draw.normal(size=(4000, 1, 1)) + draw.normal(size=(4000, 2, 1))
    assert seeds_share(many).single_run == pytest.approx(1 / 5, abs=0.02)
    assert seeds_share(many).case == pytest.approx(0.5 / 4.5, abs=0.02)


def test_too_few_replicates_are_refused_however_many_scenarios_they_have(tmp_path: Path) -> None:
    small = checked_study(
        {
            "study": {"name": "few", "policies": ["actual"], "seeds": 1, "years": 1, "outcomes": ["usdjpy"],
                      "scenarios": ["baseline", "chip-supply-disruption"]},
            "uncertain": {name: {} for name in names()},
            "design": {"kind": "latin-hypercube", "points": 12},
        }
    )  # fmt: skip
    few = CellStore(tmp_path / "few")
    run_study(small, few, SerialEngine(), work=fake, show_progress=False)
    with pytest.raises(InputError, match="only 12 points of the design are complete: at least 20"):
        discover(small, few, condition("difference(usdjpy) > 0.5"))


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("difference(a) > 0 and not baseline(a@2030) >= b", ["difference(a)", "baseline(a@2030)", "b"]),
        ("(a + b) * 2 > 4.9 and not (a < b)", ["a", "b"]),
    ],
)
def test_the_numbers_of_a_condition_are_known(text: str, terms: list[str]) -> None:
    found = condition(text)
    assert list(found.terms) == terms
    assert found.terms[terms[0]](levels(a=(1.5, 1.0), b=(1.0, 1.0))).tolist() == [0.5 if "diff" in terms[0] else 1.5]


def test_what_cannot_be_discovered_says_why(store: CellStore) -> None:
    for text, reason in (
        ("difference(usdjpy) > 9", "0 of 128 cases"),
        ("usdjyp > 1", "'usdjyp' is unknown; nearest: usdjpy"),
        ("1 > 2", "looks at no outcome"),
    ):
        with pytest.raises(InputError, match=reason):
            discovered(store, text)
    with pytest.raises(InputError, match="permutations = 18 must be at least 19"):
        discovered(store, "usdjpy > 1", permutations=18)
    with pytest.raises(InputError, match="'lump' is no policy"):
        discovered(store, "usdjpy > 1", policy="lump")
    with pytest.raises(InputError, match="run it first"):
        discover(study(), CellStore(store.folder / "nowhere"), condition("usdjpy > 1"))
    two = study(policies=["actual", "lump-sum"])
    with pytest.raises(InputError, match="--policy actual or lump-sum"):
        discover(two, store, condition("usdjpy > 1"))


@pytest.mark.slow
def test_the_command_prints_the_trajectory_and_writes_it(store: CellStore, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = store.folder.parent.parent.parent
    monkeypatch.chdir(folder)
    uncertain = "\n".join(f"[uncertain.{name}]" for name in names())
    (folder / "futures.toml").write_text(
        '[study]\npolicies = ["actual"]\nseeds = 2\nyears = 1\noutcomes = ["usdjpy"]\n'
        f'scenarios = ["baseline", "chip-supply-disruption"]\n{uncertain}\n[design]\nkind = "sobol"\npoints = 64\n'
    )
    asked = ["study", "discover", "futures.toml", "--where", "difference(usdjpy) > 0.5", "--permutations", "19"]
    shown = CliRunner().invoke(app, asked)
    assert shown.exit_code == 0, shown.output
    assert "--box NUMBER" in shown.stdout
    assert "64 replicates of 2 scenarios" in shown.stdout
    assert "the seeds' share of the variance between cases: difference(usdjpy)" in shown.stdout
    record = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)
    assert len(record["trajectory"]) > 5
    assert {"coverage", "density", "mass", "dimensions", "limits", "reproducibility"} <= set(record["trajectory"][-1])
    assert {"replicates", "independent_hits", "p_value", "star"} <= set(record["trajectory"][-1])
    assert (record["replicates"], record["cases_per_replicate"], record["p_search"]) == (64, 2, 1 / 20)
    one = CliRunner().invoke(app, [*asked, "--box", str(len(record["trajectory"]) - 1)])
    assert "scenario is baseline  (quasi-p" in one.stdout
    derived = store.folder / "derived"
    assert {file.name for file in derived.iterdir()} == {"discovery.txt", "discovery.json", "discovery.png"}
    assert CliRunner().invoke(app, [*asked, "--box", "99"]).exit_code == 2
    bad = CliRunner().invoke(app, [*asked[:4], "__import__('os').system('true')"])
    assert (bad.exit_code, "stands '('" in bad.stderr) == (2, True)
