"""The cell store: nothing is lost, overwritten, or trusted when damaged."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest

from itcho.agents.errors import InputError
from itcho.experiments.studies.store import CellResult, CellStore, Collapse, StoreError, canonical_json, content_key


def result(seed: int = 1) -> CellResult:
    values = np.random.default_rng(seed).normal(size=(3, 2))
    return CellResult(("usdjpy", "approval_pct"), np.array([2026, 2027, 2028]), values, values[-1])


@pytest.fixture
def store(tmp_path: Path) -> CellStore:
    return CellStore(tmp_path / "store")


def test_a_cell_comes_back_bit_for_bit(store: CellStore) -> None:
    store.write("ab12", result())
    again = store.read("ab12")
    assert again.outcomes == ("usdjpy", "approval_pct")
    assert again.by_year.tobytes() == result().by_year.tobytes()
    assert again.digest() == result().digest()
    assert "ab12" in store
    assert store.keys() == {"ab12"}


def test_equal_cells_are_equal_files(store: CellStore) -> None:
    assert result().to_bytes() == result().to_bytes()
    assert result(1).digest() != result(2).digest()


def test_the_hash_does_not_depend_on_order_or_sessions(tmp_path: Path) -> None:
    one, two = CellStore(tmp_path / "one"), CellStore(tmp_path / "two")
    for seed in (1, 2, 3):
        one.write(f"a{seed}", result(seed))
    for seed in (3, 1, 2):
        two.write(f"a{seed}", result(seed))
    two.add_session({"runs": 3})
    two.fail("ff", {}, "error", "trace")
    assert one.hash() == two.hash()
    two.write("a4", result(4))
    assert one.hash() != two.hash()


def test_a_finished_cell_is_never_written_again(store: CellStore) -> None:
    store.write("ab12", result(1))
    before = store.path("ab12").stat().st_ino
    store.write("ab12", result(2))
    assert store.path("ab12").stat().st_ino == before
    assert store.read("ab12").digest() == result(1).digest()


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "pickle"])
def test_a_damaged_cell_is_named_and_not_trusted(store: CellStore, damage: str) -> None:
    store.write("ab12", result())
    path = store.path("ab12")
    content = bytearray(path.read_bytes())
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "flipped":
        place = content.find(result().by_year.tobytes())
        content[place] ^= 1
        path.write_bytes(content)
    elif damage == "pickle":
        np.savez(path, outcomes=np.array([{"a": 1}], dtype=object))
    else:
        path.write_bytes(b"")
    with pytest.raises(StoreError, match=r"damaged.*run the study again"):
        store.read("ab12")
    store.write("cd34", result())
    assert store.damaged(store.keys()) == ["ab12"]
    assert store.put_aside(store.keys()) == 1
    assert store.keys() == {"cd34"}
    assert [file.name for file in (store.folder / "damaged").iterdir()] == ["ab12.npz"]
    assert store.put_aside(store.keys()) == 0


def test_a_damaged_collapse_is_put_aside(store: CellStore) -> None:
    store.write_collapse("ab12", Collapse("2027-01", "usdjpy", 900.0))
    store.write_collapse("cd34", Collapse("2027-01", "usdjpy", 900.0))
    (store.folder / "collapsed" / "ab12.json").write_bytes(b"{")
    assert store.put_aside(()) == 1
    assert set(store.collapses()) == {"cd34"}


def test_failures_are_counted_and_forgotten_after_success(store: CellStore) -> None:
    store.fail("ab12", {"seed": 1}, "ValueError: no", "Traceback ...")
    store.fail("ab12", {"seed": 1}, "ValueError: no", "Traceback ...")
    assert store.failures()["ab12"]["tried"] == 2
    assert store.failures()["ab12"]["traceback"] == "Traceback ..."
    store.write("ab12", result())
    assert store.failures() == {}


def test_only_one_process_runs_cells_and_it_sweeps_leftovers(store: CellStore) -> None:
    store.write("ab12", result())
    stale = store.path("ab12").with_name(".ab99.npz-1.part")
    stale.write_bytes(b"half")
    assert store.keys() == {"ab12"}
    with store.locked():
        assert not stale.exists()
        with pytest.raises(StoreError, match="in use"), CellStore(store.folder).locked():
            pass
    with store.locked():
        pass


def test_a_full_disk_is_a_clear_error_and_leaves_the_store_intact(
    store: CellStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write("ab12", result())
    before = store.hash()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match=r"No space left on device.*intact"):
        store.write("cd34", result(2))
    monkeypatch.undo()
    assert store.hash() == before
    assert not list(store.folder.rglob("*.part"))


def test_a_place_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    store = CellStore(tmp_path / "file" / "store")
    with pytest.raises(StoreError, match="cannot write"):
        store.write("ab12", result())
    with pytest.raises(StoreError, match="cannot write"), store.locked():
        pass


def test_sessions_survive_a_line_cut_short(store: CellStore) -> None:
    store.add_session({"runs": 1})
    with (store.folder / "sessions.jsonl").open("a") as stream:
        stream.write('{"runs": 2')
    store.add_session({"runs": 3})
    assert [session["runs"] for session in store.sessions()] == [1, 3]


def test_canonical_json_is_the_same_for_equal_things() -> None:
    @dataclasses.dataclass(frozen=True)
    class Rule:
        dose: float
        years: tuple[int, ...]

    assert canonical_json(Rule(1.0, (1, 2))) == canonical_json(Rule(np.float64(1.0), (1, 2)))
    assert canonical_json({"b": 1, "a": {2, 1}}) == '{"a":[1,2],"b":1}'
    assert content_key({"dose": 0.1}) != content_key({"dose": 0.1 + 1e-17 + 1e-16})
    with pytest.raises(InputError, match="finite"):
        canonical_json({"dose": float("nan")})
    with pytest.raises(InputError, match="not data"):
        canonical_json({"rule": lambda: None})


def test_the_file_of_another_cell_is_damage(store: CellStore) -> None:
    store.write("ab12", result(1))
    store.write("ab34", result(2))
    store.path("ab12").write_bytes(store.path("ab34").read_bytes())
    with pytest.raises(StoreError, match="file of cell ab34"):
        store.read("ab12")
    assert store.damaged(["ab12", "ab34"]) == ["ab12"]


def test_cells_that_do_not_say_their_key_are_read(store: CellStore) -> None:
    store.write("ab12", result(1))
    store.path("ab12").write_bytes(result(1).to_bytes())
    assert store.read("ab12").digest() == result(1).digest()


@pytest.mark.parametrize("kind", ["<U4", "complex128"])
def test_figures_of_another_kind_are_damage(store: CellStore, kind: str) -> None:
    other = dataclasses.replace(result(), final=result().final.astype(kind))
    store.write("ab12", result())
    with store.path("ab12").open("wb") as stream:
        np.savez(
            stream,
            outcomes=np.frombuffer("\n".join(other.outcomes).encode(), dtype=np.uint8),
            fiscal_years=other.fiscal_years,
            by_year=other.by_year,
            final=other.final,
        )
    with pytest.raises(StoreError, match="another kind"):
        store.read("ab12")


def test_a_cell_in_the_wrong_drawer_is_run_again(store: CellStore) -> None:
    store.write("ab12", result())
    drawer = store.folder / "cells" / "zz"
    drawer.mkdir()
    store.path("ab12").rename(drawer / "ab12.npz")
    assert store.keys() == set()
    assert len(store.hash()) == 64


def test_a_damaged_record_of_a_failure_counts_as_none(store: CellStore) -> None:
    store.fail("ab12", {}, "error", "trace")
    (store.folder / "failed" / "ab12.json").write_text('{"cell": {}, "error": null, "tried": "a"}')
    assert store.failures() == {}
    store.fail("ab12", {}, "error", "trace")
    assert store.failures()["ab12"]["tried"] == 1
