"""A run's folder appears complete or not at all, and never takes another's place."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from itcho.agents.errors import InputError
from itcho.experiments.runs.run_folder import RunFolder, check_output_folder, numbered_folders, read_manifest

TABLE = pd.DataFrame({"month": ["2026-04-30", "2026-05-31"], "usdjpy": [0.1 + 0.2, np.nan], "rows": [1, 2]})


def written(folder: RunFolder) -> None:
    folder.write_table(TABLE, "monthly.csv")
    folder.write_manifest({"seed": 1})


def test_a_committed_folder_holds_everything_and_leaves_no_trace_beside_it(tmp_path: Path) -> None:
    with RunFolder(tmp_path / "deep" / "run") as folder:
        written(folder)
        assert not (tmp_path / "deep" / "run").exists()
        place = folder.commit()
    assert place == tmp_path / "deep" / "run"
    assert sorted(path.name for path in place.iterdir()) == ["manifest.json", "monthly.csv"]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["run"]


def test_tables_give_the_same_floats_back(tmp_path: Path) -> None:
    with RunFolder(tmp_path / "run") as folder:
        written(folder)
        folder.commit()
    text = (tmp_path / "run" / "monthly.csv").read_text()
    assert text == "month,usdjpy,rows\n2026-04-30,0.30000000000000004,1\n2026-05-31,,2\n"


def test_the_manifest_holds_the_sums_of_the_files(tmp_path: Path) -> None:
    with RunFolder(tmp_path / "run") as folder:
        written(folder)
        folder.commit()
    manifest = read_manifest(tmp_path / "run")
    content = (tmp_path / "run" / "monthly.csv").read_bytes()
    assert manifest == {"seed": 1, "sha256": {"monthly.csv": hashlib.sha256(content).hexdigest()}}


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, SystemExit])
def test_whatever_stops_a_run_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    def stop() -> None:
        with RunFolder(tmp_path / "deep" / "run") as folder:
            written(folder)
            raise error

    with pytest.raises(error):
        stop()
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_gives_way_and_a_full_one_does_not(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with RunFolder(tmp_path / "empty") as folder:
        written(folder)
        folder.commit()
    with pytest.raises(InputError, match="already holds something"):
        RunFolder(tmp_path / "empty").__enter__()


def test_a_folder_taken_meanwhile_is_left_alone(tmp_path: Path) -> None:
    def run() -> None:
        with RunFolder(tmp_path / "run") as folder:
            written(folder)
            (tmp_path / "run").mkdir()
            (tmp_path / "run" / "theirs").write_text("x")
            folder.commit()

    with pytest.raises(InputError, match="taken by something else"):
        run()
    assert [path.name for path in tmp_path.rglob("*")] == ["run", "theirs"]


def test_default_names_count_up_even_if_taken_meanwhile(tmp_path: Path) -> None:
    for _ in range(2):
        with RunFolder(None, tmp_path / "run") as folder:
            written(folder)
            folder.commit()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run", "run-2"]
    names = numbered_folders(Path("a"))
    assert [str(next(names)) for _ in range(3)] == ["a", "a-2", "a-3"]


def test_folders_that_cannot_be_written_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.chdir(tmp_path)
    for place, message in (
        (tmp_path / "file", "is a file"),
        (tmp_path / "file" / "run", "is a file"),
        (Path(), "is the working directory"),
        (Path("/proc/itcho"), "cannot be created"),
    ):
        with pytest.raises(InputError, match=message):
            RunFolder(place).__enter__()
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(InputError, match="not writable"):
        check_output_folder(tmp_path / "run")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_is_a_clear_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with RunFolder(tmp_path / "run") as folder:
        monkeypatch.setattr(Path, "open", refuse)
        with pytest.raises(InputError, match="No space left on device"):
            folder.write_table(TABLE, "monthly.csv")


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not the folder of a run"):
        read_manifest(tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps({"seed": 3}))
    assert read_manifest(tmp_path) == {"seed": 3}
