"""Two stores of one study: the same within rounding, or not, and what is missing in which."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from itcho.experiments.cli.commands import app
from itcho.experiments.studies.store import CellResult, CellStore

KEYS = tuple(letter * 32 for letter in "abc")
VALUES = np.array([[150.0, 0.0, -0.25], [160.0, 1e-15, 3.0]])


def result(values: np.ndarray = VALUES, years: tuple[int, ...] = (2026, 2027)) -> CellResult:
    names = ("usdjpy", "output_gap_pct", "current_account_trn_yen")
    return CellResult(names, np.array(years), values, values[-1])


def store(folder: Path, cells: dict[str, CellResult]) -> Path:
    for key, content in cells.items():
        CellStore(folder).write(key, content)
    return folder


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return store(tmp_path / "first", {key: result() for key in KEYS})


def asked(first: Path, second: Path) -> tuple[int, str]:
    found = CliRunner().invoke(app, ["study", "same", str(first), str(second)])
    assert "Traceback" not in found.output
    return found.exit_code, found.output


def changed(row: int, column: int, factor: float) -> CellResult:
    values = VALUES.copy()
    values[row, column] *= factor
    return result(values)


def test_equal_stores_are_the_same_bits(first: Path, tmp_path: Path) -> None:
    code, said = asked(first, store(tmp_path / "second", {key: result() for key in reversed(KEYS)}))
    assert code == 0
    assert said.startswith("the same bits: 3 runs in both, 3 of them equal to the last bit")


def test_rounding_is_no_difference(first: Path, tmp_path: Path) -> None:
    """One part in ten thousand million, and a zero that is 1e-15 here and 7e-15 there."""
    rounded = VALUES * np.array([1.0 + 1e-10, 7.0, 1.0 - 1e-10])
    code, said = asked(first, store(tmp_path / "second", {key: result(rounded) for key in KEYS}))
    assert code == 0
    assert said.startswith("the same within 1e-09: 3 runs in both, 0 of them equal to the last bit")
    assert "1.0e-10" in said


@pytest.mark.parametrize(
    ("row", "column", "factor", "where"),
    [(0, 0, 1.0 + 2e-9, "usdjpy FY2026"), (0, 2, 1.0 - 1e-8, "current_account_trn_yen FY2026")],
)
def test_one_number_beyond_rounding_is_found(
    first: Path, tmp_path: Path, row: int, column: int, factor: float, where: str
) -> None:
    """Whatever its size: the second is a small number beside large ones."""
    cells = {KEYS[0]: result(), KEYS[1]: changed(row, column, factor), KEYS[2]: result()}
    code, said = asked(first, store(tmp_path / "second", cells))
    assert code == 1
    assert said.startswith("not the same: 3 runs in both, 2 of them equal to the last bit, 1 further apart")
    assert f"{KEYS[1]}: {where}:" in said
    assert not any(f"{key}: " in said for key in (KEYS[0], KEYS[2]))


def test_what_either_side_lacks_is_named(first: Path, tmp_path: Path) -> None:
    other = "d" * 32
    second = store(tmp_path / "second", {KEYS[0]: result(), KEYS[1]: result(), other: result()})
    CellStore(second).fail(KEYS[2], {"seed": 3}, "ValueError: no", "trace")
    code, said = asked(first, second)
    assert code == 1
    assert f"1 runs of {first} are missing in {second}, 1 of them failed there: {KEYS[2]}" in said
    assert f"1 runs of {second} are missing in {first}: {other}" in said
    found = CliRunner().invoke(app, ["study", "same", str(first), str(second), "--json"])
    record = json.loads(found.stdout)
    assert found.exit_code == 1
    assert (record["same"], record["common"], record["only_first"], record["only_second"]) == (
        False, 2, [KEYS[2]], [other],
    )  # fmt: skip


def test_other_years_or_outcomes_are_no_rounding(first: Path, tmp_path: Path) -> None:
    cells = {key: result() for key in KEYS[1:]} | {KEYS[0]: result(VALUES[:1], (2026,))}
    code, said = asked(first, store(tmp_path / "second", cells))
    assert code == 1
    assert f"{KEYS[0]}: not the same fiscal years:" in said
    record = json.loads(
        CliRunner().invoke(app, ["study", "same", str(first), str(tmp_path / "second"), "--json"]).stdout
    )
    assert record["apart"][0]["relative"] is None


def test_a_folder_without_runs_is_refused(first: Path, tmp_path: Path) -> None:
    code, said = asked(first, tmp_path / "nowhere")
    assert code == 2
    assert "nowhere holds no finished run of a study" in said
    assert not (tmp_path / "nowhere").exists()
