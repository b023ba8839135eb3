"""What drives outcomes: sensitivity indices against functions whose indices are known."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from itcho.agents.errors import InputError
from itcho.experiments.cli.commands import app
from itcho.experiments.studies.compare import compare_study
from itcho.experiments.studies.design import Cell, Design, replicates
from itcho.experiments.studies.engine import SerialEngine
from itcho.experiments.studies.sensitivity import morris_effects, sobol_indices
from itcho.experiments.studies.sensitivity_study import Sensitivity, study_sensitivity
from itcho.experiments.studies.store import CellResult, CellStore
from itcho.experiments.studies.study import Study
from itcho.experiments.studies.study_file import checked_study
from itcho.experiments.studies.study_run import run_study
from itcho.model.parameters import registry

FloatArray = NDArray[np.float64]
# Ishigami with a = 7 and b = 0.1; Sobol's G with (0, 1, 4.5, 9, 99, 99, 99, 99).
ISHIGAMI: dict[str, Any] = {
    "variance": 13.844588,
    "first": np.array([0.313905, 0.442411, 0.0]),
    "total": np.array([0.557589, 0.442411, 0.243684]),
}
G_WEIGHTS = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0])
G_FIRST, G_TOTAL = [0.71619, 0.17905, 0.02368, 0.00716], [0.78714, 0.24220, 0.03432, 0.01046]


def ishigami(shares: FloatArray) -> FloatArray:
    x = np.pi * (2.0 * shares - 1.0)
    first = np.sin(x[..., 0])
    return np.asarray(first + 7.0 * np.sin(x[..., 1]) ** 2 + 0.1 * x[..., 2] ** 4 * first)


def sobol_g(shares: FloatArray) -> FloatArray:
    return np.asarray(((np.abs(4.0 * shares - 2.0) + G_WEIGHTS) / (1.0 + G_WEIGHTS)).prod(axis=-1))


def linear(shares: FloatArray) -> FloatArray:
    """3a − 2b + 0.5c with a in [0, 1], b in [0, 2], c in [−1, 1]."""
    return np.asarray(3.0 * shares[..., 0] - 4.0 * shares[..., 1] + 0.5 * (2.0 * shares[..., 2] - 1.0))


def rows_of(kind: Any, points: int, parameters: int, seed: int = 1) -> FloatArray:
    design = Design(kind, points, seed)
    return design.shares(parameters).reshape(points, design.row_length(parameters), parameters)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_sobol_indices_of_ishigami() -> None:
    found = [sobol_indices(ishigami(rows_of("saltelli", 4096, 3, seed)), rng(), resamples=100) for seed in range(12)]
    assert np.mean([one.variance for one in found]) == pytest.approx(ISHIGAMI["variance"], rel=0.001)
    assert np.abs([one.seed_share for one in found]).max() < 3.0 / math.sqrt(4096)  # no seeds, no share
    for order, tolerance in (("first", 0.03), ("total", 0.01)):
        # First orders scatter more: their standard error is 0.014 for an input whose interactions weigh 0.24.
        estimates = [getattr(one, order) for one in found]
        values = np.array([one.value for one in estimates])
        assert values == pytest.approx(np.tile(ISHIGAMI[order], (12, 1)), abs=tolerance)
        error = values.std(axis=0, ddof=1) / math.sqrt(12)
        assert (np.abs(values.mean(axis=0) - ISHIGAMI[order]) < 3.0 * error + 1e-4).all()
        held = [(one.low <= ISHIGAMI[order]) & (ISHIGAMI[order] <= one.high) for one in estimates]
        assert np.mean(held) > 0.9


def test_sobol_indices_of_the_g_function() -> None:
    found = sobol_indices(sobol_g(rows_of("saltelli", 4096, 8)), rng(), resamples=50)
    assert found.first.value[:4] == pytest.approx(G_FIRST, abs=0.003)
    assert found.total.value[:4] == pytest.approx(G_TOTAL, abs=0.003)
    assert np.abs(found.total.value[4:]).max() < 0.0005


def test_noise_that_belongs_to_the_row_leaves_the_parameters_their_shares() -> None:
    """Noise as large as the signal: shares halve and the seeds get the other half; noise per run drowns everything."""
    outputs = ishigami(rows_of("saltelli", 4096, 3))
    scale, draw = math.sqrt(13.844588), np.random.default_rng(2)
    shared = sobol_indices(outputs + scale * draw.normal(size=(4096, 1)), rng(), resamples=50)
    assert shared.total.value == pytest.approx(ISHIGAMI["total"] / 2.0, abs=0.02)
    assert shared.first.value == pytest.approx(ISHIGAMI["first"] / 2.0, abs=0.02)
    assert shared.seed_share == pytest.approx(0.5, abs=0.02)
    apart = sobol_indices(outputs + scale * draw.normal(size=outputs.shape), rng(), resamples=50)
    assert apart.total.value.min() > 0.5


def test_morris_effects_of_a_linear_function_are_its_slopes() -> None:
    for seed in (0, 1):
        shares = rows_of("morris", 10, 3, seed)
        found = morris_effects(shares, linear(shares), rng(), resamples=50)
        assert found.mu.value == pytest.approx([3.0, -4.0, 1.0], abs=1e-12)
        assert found.mu_star.value == pytest.approx([3.0, 4.0, 1.0], abs=1e-12)
        assert found.sigma.max() < 1e-14
        sobol = sobol_indices(linear(rows_of("saltelli", 2048, 3, seed)), rng(), resamples=50)
        assert sobol.first.value == pytest.approx(np.array([9.0, 16.0, 1.0]) / 26.0, abs=0.005)
        assert sobol.total.value == pytest.approx(np.array([9.0, 16.0, 1.0]) / 26.0, abs=0.005)


def test_morris_tells_curved_from_straight() -> None:
    shares = rows_of("morris", 60, 3)
    product = shares[..., 0] * (shares[..., 1] - 0.5) + shares[..., 2]
    found = morris_effects(shares, product, rng(), resamples=50)
    assert found.sigma[0] > 0.2  # an effect of either sign, by the second input
    assert found.mu_star.value[0] > 2.0 * abs(found.mu.value[0])
    assert found.sigma[2] < 1e-14


def test_designs_are_what_the_estimators_need() -> None:
    rows = rows_of("saltelli", 8, 3)
    first, second, mixed = rows[:, 0], rows[:, 1], rows[:, 2:]
    for place in range(3):
        assert (mixed[:, place, place] == second[:, place]).all()
        others = [one for one in range(3) if one != place]
        assert (mixed[:, place, others] == first[:, others]).all()
    walks = Design("morris", 500, 3, levels=6).shares(4).reshape(500, 5, 4)
    steps = np.diff(walks, axis=1)
    assert np.unique(walks) == pytest.approx(np.arange(6) / 5.0)
    assert np.unique(np.abs(steps[steps != 0.0])) == pytest.approx(0.6)
    assert np.bincount(np.argmax(steps[:, 0] != 0.0, axis=1)).min() > 90  # each input's turn comes first as often
    assert (steps > 0.0).sum() == pytest.approx(1000, abs=100)
    for kind in ("saltelli", "morris", "latin-hypercube", "sobol"):  # 0 is a seed like any other
        zero = Design(kind, 8, 0).shares(3)
        assert (zero == Design(kind, 8, 0).shares(3)).all()
        assert (zero != Design(kind, 8, 1).shares(3)).any()


def test_the_points_of_a_row_share_their_seeds() -> None:
    found = replicates(6, (5, 6), row_length=3)
    assert [one.seed for one in found] == [5, 5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8]
    assert [one.point for one in found] == [0, 1, 2, 3, 4, 5] * 2


def test_what_is_not_finite_raises_and_names_its_row() -> None:
    outputs = ishigami(rows_of("saltelli", 16, 3))
    outputs[11, 3] = math.nan
    with pytest.raises(ValueError, match=r"row 11, point AB_2: the output is nan"):
        sobol_indices(outputs, rng())
    shares = rows_of("morris", 5, 3)
    effects = linear(shares)
    effects[2, 0] = math.inf
    with pytest.raises(ValueError, match=r"row 2, step 0: the output is inf"):
        morris_effects(shares, effects, rng())
    with pytest.raises(ValueError, match="every step of a walk"):
        morris_effects(np.zeros((5, 4, 3)), linear(shares), rng())


def test_an_output_that_does_not_vary_has_no_indices() -> None:
    found = sobol_indices(np.full((8, 5), 150.3), rng())
    assert np.isnan(found.total.value).all()
    assert np.isnan(found.first.low).all()
    assert found.variance == 0.0


def test_indices_agree_with_salib() -> None:
    sobol = pytest.importorskip("SALib.analyze.sobol", reason="SALib is only an oracle: pip install 'itcho[test]'")
    morris = pytest.importorskip("SALib.analyze.morris", reason="SALib is only an oracle: pip install 'itcho[test]'")
    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0.0, 1.0]] * 3}
    outputs = ishigami(rows_of("saltelli", 1024, 3))
    ours = sobol_indices(outputs, rng(), resamples=50)
    # SALib's row is A, AB_1, AB_2, ..., B.
    theirs = sobol.analyze(problem, outputs[:, [0, 2, 3, 4, 1]].ravel(), calc_second_order=False, seed=1)
    assert ours.total.value == pytest.approx(theirs["ST"], abs=1e-9)
    # SALib centres on the mean of all outputs, ours on that of A and B.
    assert ours.first.value == pytest.approx(theirs["S1"], abs=1e-5)
    shares = rows_of("morris", 30, 3)
    effects = ishigami(shares)
    found = morris_effects(shares, effects, rng(), resamples=50)
    other = morris.analyze(problem, shares.reshape(-1, 3), effects.ravel(), num_levels=4, seed=1)
    for name, mine in (("mu", found.mu.value), ("mu_star", found.mu_star.value), ("sigma", found.sigma)):
        assert mine == pytest.approx(np.asarray(other[name]), rel=1e-9), name


def chosen_parameters() -> list[str]:
    """Three real parameters with room between their bounds, in alphabetical order as a study keeps them."""
    return sorted(name for name, one in registry().items() if one.high > one.low)[:3]


def shares_of(cell: Cell) -> FloatArray:
    known, given = registry(), dict(cell.overrides)
    names = chosen_parameters()
    return np.array([(given[name] - known[name].low) / (known[name].high - known[name].low) for name in names])


def fake(cell: Cell) -> CellResult:
    """Much noise that both policies share; the policy's effect is linear in three parameters, or nothing at all."""
    noise = np.random.default_rng(cell.seed).normal(0.0, 50.0)
    effect = float(linear(shares_of(cell))) * (cell.policy.name == "actual")
    values = np.array([[noise + effect, noise, 20.0]])
    return CellResult(
        ("usdjpy", "programme_cost_trn_yen", "domestic_ai_share_home_pct"), np.array([2026]), values, values[0]
    )


def study(kind: str, points: int, seeds: int = 1, **more: Any) -> Study:
    given = {"name": "what-drives-it", "policies": ["actual"], "seeds": seeds, "years": 1,
             "outcomes": ["usdjpy", "programme_cost_trn_yen"]}  # fmt: skip
    tables = {"uncertain": {name: {} for name in chosen_parameters()}, "design": {"kind": kind, "points": points}}
    return checked_study({"study": given, **tables, **more})


def analysed(asked: Study, folder: Path, work: Any = fake) -> Sensitivity:
    store = CellStore(folder)
    run_study(asked, store, SerialEngine(), work=work, show_progress=False)
    return study_sensitivity(asked, store)


def test_a_study_explains_the_paired_difference_and_not_the_noise(tmp_path: Path) -> None:
    found = analysed(study("saltelli", 32, seeds=2), tmp_path / "sobol")
    rows = {(row.outcome, row.of): row for row in found.rows}
    assert rows["usdjpy", "difference"].found.total.value == pytest.approx(  # type: ignore[union-attr]
        np.array([9.0, 16.0, 1.0]) / 26.0, abs=0.03
    )
    assert set(rows) == {("usdjpy", "difference"), ("usdjpy", "positive"), ("programme_cost_trn_yen", "difference")}
    assert not rows["programme_cost_trn_yen", "difference"].varies
    walks = analysed(study("morris", 8), tmp_path / "morris").rows[0].found
    # Rounding only: the shared noise of 50 is gone.
    assert walks.mu.value == pytest.approx([3.0, -4.0, 1.0], abs=1e-9)  # type: ignore[union-attr]
    assert walks.sigma.max() < 1e-9  # type: ignore[union-attr]


def fails_once(cell: Cell) -> CellResult:
    if cell.seed == 3 and cell.policy.name == "actual" and shares_of(cell)[0] > 0.5:
        raise RuntimeError("does not run")
    return fake(cell)


def test_a_row_with_a_failed_run_is_left_out_whole_and_counted(tmp_path: Path) -> None:
    asked = study("morris", 8)
    found = analysed(asked, tmp_path, fails_once)
    assert (found.design_rows, found.dropped) == (7, 1)
    assert found.rows[0].found.mu.value == pytest.approx([3.0, -4.0, 1.0], abs=1e-9)  # type: ignore[union-attr]
    # Points of a row are no independent replicates: a comparison takes one of each.
    assert compare_study(asked, CellStore(tmp_path)).replicates == 8


def test_a_study_without_such_a_design_says_so(tmp_path: Path) -> None:
    asked = study("lhs", 8)
    assert asked.design.kind == "latin-hypercube"
    with pytest.raises(InputError, match="'saltelli' or 'morris'"):
        study_sensitivity(asked, CellStore(tmp_path))
    with pytest.raises(InputError, match="run the study first"):
        study_sensitivity(study("morris", 8), CellStore(tmp_path))
    with pytest.raises(InputError) as caught:
        study("saltelli", 12, design={"kind": "saltelli", "points": 12, "levels": 3},
              stop={"outcome": "usdjpy", "half_width": 1.0})  # fmt: skip
    text = "\n".join(caught.value.messages)
    assert all(part in text for part in ("power of two for saltelli", "design.levels = 3", "[stop] does not go"))


@pytest.mark.parametrize("kind", ["saltelli", "morris"])
def test_the_command_prints_and_writes(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    uncertain = "\n".join(f"[uncertain.{name}]" for name in chosen_parameters())
    (tmp_path / "drives.toml").write_text(
        f'[study]\npolicies = ["actual"]\nseeds = 1\nyears = 1\noutcomes = ["usdjpy"]\n{uncertain}\n'
        f'[design]\nkind = "{kind}"\npoints = 8\n'
    )
    refused = CliRunner().invoke(app, ["study", "sensitivity", "drives.toml"])
    assert (refused.exit_code, "run the study first" in refused.stderr) == (2, True)
    asked = checked_study(
        {"study": {"policies": ["actual"], "seeds": 1, "years": 1, "outcomes": ["usdjpy"]},
         "uncertain": {name: {} for name in chosen_parameters()}, "design": {"kind": kind, "points": 8}}
    )  # fmt: skip
    run_study(
        asked, CellStore(tmp_path / "runs" / "studies" / "drives"), SerialEngine(), work=fake, show_progress=False
    )
    shown = CliRunner().invoke(app, ["study", "sensitivity", "drives.toml"])
    assert shown.exit_code == 0, shown.output
    assert chosen_parameters()[1] in shown.stdout
    record = json.loads(CliRunner().invoke(app, ["study", "sensitivity", "drives.toml", "--json"]).stdout)
    assert record["design_rows"] == 8
    assert set(record["rows"][0]["parameters"]) == set(chosen_parameters())
    derived = tmp_path / "runs" / "studies" / "drives" / "derived"
    assert {file.name for file in derived.iterdir()} == {"sensitivity.txt", "sensitivity.json", "sensitivity.png"}
    assert CliRunner().invoke(app, ["study", "sensitivity", "drives.toml", "--outcome", "usdjyp"]).exit_code == 2
