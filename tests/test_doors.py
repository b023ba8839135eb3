"""Every door: a sample of the tries is made, and the page says how many there are."""

from __future__ import annotations

import gc
import re
from pathlib import Path

import pytest

from itcho.agents.errors import InputError
from itcho.experiments.whole_files import check_folder, write_files
from itcho.model.economy import JapanEconomy
from itcho.model.living import LIVING, MOST_UNSEEN
from tests.doors.all_tries import (
    EVERY_TRY,
    MADE_IN_SLOW_SUITE,
    MADE_IN_SUITE,
    SLOW,
    STUDY,
    leave_long_work_out,
    made,
    most_in_slow_suite,
    quick,
    sampled,
)
from tests.doors.machines import ENVIRONMENTS, KILLED, LIGHT, SIGNALS
from tests.doors.page import PAGE, counts
from tests.doors.whole import whole_run, whole_store

SMALL = {"years": 1, "investors": 60, "importers": 50, "adopters": 60}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("whole")
    return whole_run(folder), whole_store(folder)


def rows() -> dict[str, tuple[int, int, int]]:
    """The table of the page by kind: tries, made, handled."""
    found = re.findall(r"^\| ([^|]+) \|[^|]*\| (\d+) \| (\d+) \| (\d+) \|$", PAGE.read_text(encoding="utf-8"), re.M)
    return {kind: (int(there), int(tried), int(handled)) for kind, there, tried, handled in found}


@pytest.mark.parametrize("maker", list(quick(Path(), Path())))
def test_a_sample_of_tries_is_handled_and_counted_as_the_page_says(
    maker: str, whole: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_long_work_out(monkeypatch)
    given, work = tmp_path / "given", tmp_path / "work"
    given.mkdir()
    work.mkdir()
    (work / "study.toml").write_text(STUDY)
    tries = list(quick(*whole)[maker](work if maker == "outputs" else given))
    faults = [one for one in made(sampled(tries, MADE_IN_SUITE), work) if one.fault]
    assert not faults
    told = rows()
    for kind, count in counts(tries).items():
        assert told[kind][0] == count, "make the page again: python -m tests.doors"


def test_all_that_was_made_for_the_page_was_handled() -> None:
    told = rows()
    assert all(handled == tried >= 1 for _, tried, handled in told.values()), told
    kinds = {kind: counts for kind, counts in told.items() if kind != "all"}
    assert told["all"] == tuple(map(sum, zip(*kinds.values(), strict=True)))


@pytest.mark.slow
@pytest.mark.parametrize("maker", SLOW)
def test_machines_streams_disks_and_ended_commands(maker: str, whole: tuple[Path, Path], tmp_path: Path) -> None:
    tries = sampled(list(SLOW[maker](tmp_path)), most_in_slow_suite(maker))
    assert not [one for one in made(tries, tmp_path) if one.fault]


def test_a_sample_meets_every_machine_and_every_command_signal_and_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(EVERY_TRY, raising=False)
    names = {
        maker: [one.name for one in sampled(list(SLOW[maker](tmp_path)), most)]
        for maker, most in MADE_IN_SLOW_SUITE.items()
    }
    assert {maker: len(found) for maker, found in names.items()} == {
        maker: most_in_slow_suite(maker) for maker in names
    }
    ways = [
        re.fullmatch(r"(.+?) (killed|asked to end|Ctrl-C|Ctrl-C at a terminal) after (\d+) s", name)
        for name in names["ended"]
    ]
    commands, signals, moments = (set(found) for found in zip(*(way.groups() for way in ways if way), strict=True))
    assert (commands, signals) == (set(KILLED), set(SIGNALS))
    assert len(moments) == 2
    machines, lines = (set(found) for found in zip(*(name.split(": ") for name in names["machines"]), strict=True))
    assert (machines, lines) == (set(ENVIRONMENTS), set(LIGHT))
    monkeypatch.setenv(EVERY_TRY, "1")
    for maker in SLOW:
        tries = list(SLOW[maker](tmp_path))
        assert sampled(tries, most_in_slow_suite(maker)) == tries


def test_a_loop_holds_few_finished_worlds() -> None:
    gc.collect()
    held = len(LIVING)
    for seed in range(3 * MOST_UNSEEN):
        JapanEconomy(rng=seed, **SMALL)  # type: ignore[arg-type]
        assert len(LIVING) <= max(MOST_UNSEEN, 2 * held) + 1


def test_worlds_that_somebody_holds_are_not_looked_at_each_time() -> None:
    held = [JapanEconomy(rng=seed, **SMALL) for seed in range(2 * MOST_UNSEEN)]  # type: ignore[arg-type]
    assert LIVING.limit >= 2 * MOST_UNSEEN
    assert len(LIVING) >= len(held)


def test_files_are_written_all_or_none(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text("old")
    (tmp_path / "taken").mkdir()
    with pytest.raises(InputError, match="it is a folder"):
        write_files({tmp_path / "old.txt": "new", tmp_path / "taken": "b"})
    with pytest.raises(InputError, match=r"old\.txt is there already"):
        write_files({tmp_path / "a.txt": "a", tmp_path / "old.txt": "new"}, replace=False)
    with pytest.raises(InputError, match="cannot write"):
        write_files({tmp_path / "deep" / "a.txt": "a", tmp_path / "old.txt" / "b": "b"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old.txt", "taken"]
    assert (tmp_path / "old.txt").read_text() == "old"
    assert write_files({tmp_path / "old.txt": b"new"}) == [tmp_path / "old.txt"]
    assert (tmp_path / "old.txt").read_text() == "new"


def test_a_folder_that_cannot_be_one_is_told_before_anything_is_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert check_folder(None) == check_folder(tmp_path / "new" / "deep") == []
    for wrong in (tmp_path / "file", tmp_path / "file" / "deep", Path("~nobody-here/a"), Path("a\0b")):
        assert check_folder(wrong)
