"""One door for files: whatever is handed in, there is one clear sentence and no traceback."""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itcho.agents.errors import InputError
from itcho.experiments.evidence.hindcast_files import read_quarterly
from itcho.experiments.runs.run_folder import read_manifest
from itcho.experiments.studies.study_file import read_study
from itcho.model.input_files import csv_of, decoded, input_bytes, input_text, json_of, printable, read_json, toml_of
from itcho.model.policies.files import read_policy
from itcho.model.scenarios.files import read_scenario
from itcho.model.start_states.files import read_start_state
from itcho.model.world_file import read_world

READERS: dict[str, Callable[[Path], object]] = {
    "policy.toml": read_policy,
    "scenario.toml": read_scenario,
    "study.toml": read_study,
    "state.toml": lambda path: read_start_state(str(path)),
    "world.json": read_world,
    "quarters.csv": read_quarterly,
    "manifest.json": lambda path: read_manifest(path.parent),
}
CONTENTS: dict[str, bytes] = {
    "nothing": b"",
    "zero bytes": b"name = 'a'\0\0",
    "UTF-16": codecs.BOM_UTF16_LE + "label = 'a'".encode("utf-16-le"),
    "UTF-32": codecs.BOM_UTF32_LE + "label = 'a'".encode("utf-32-le"),
    "cp932": "label = '日銀'".encode("cp932"),
    "nested lists": b"a = " + b"[" * 20_000 + b"]" * 20_000,
    "nested objects": b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    "a number of 5,000 digits": b"a = " + b"9" * 5000,
    "a number of 400 digits": b"a = " + b"9" * 400,
    "a number of 400 digits in JSON": b'{"a": ' + b"9" * 400 + b"}",
    "not a number": b'{"a": NaN, "sha256": {}}',
    "a list": b"[1, 2]",
    "a cell of 200,000 characters": b'date,usdjpy\n"2020-01-01' + b"x" * 200_000,
}


@pytest.mark.parametrize("content", CONTENTS, ids=list(CONTENTS))
@pytest.mark.parametrize("name", READERS)
def test_whatever_a_file_holds_is_answered_in_sentences(tmp_path: Path, name: str, content: str) -> None:
    file = tmp_path / name
    file.write_bytes(CONTENTS[content])
    with pytest.raises(InputError) as told:
        READERS[name](file)
    for message in told.value.messages:
        assert name in message or str(tmp_path) in message
        assert len(message) < 1000
        assert "\n" not in message.strip()


def test_a_pipe_a_device_a_folder_a_loop_and_an_impossible_name_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "round.toml").symlink_to(tmp_path / "about.toml")
    (tmp_path / "about.toml").symlink_to(tmp_path / "round.toml")
    for path, why in [
        (tmp_path / "pipe.toml", "is a pipe"),
        (Path("/dev/zero"), "is a device"),
        (tmp_path, "is a folder"),
        (tmp_path / "round.toml", "cannot be read"),
        (tmp_path / ("n" * 5000 + ".toml"), "cannot be read: File name too long"),
        (tmp_path / "a\0b.toml", "cannot be the name"),
        (tmp_path / "missing.toml", "there is no"),
    ]:
        with pytest.raises(InputError, match=why):
            input_bytes(path)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "large.csv").open("wb") as stream:
        stream.truncate(2**40)  # a terabyte that takes no room
    with pytest.raises(InputError, match=r"large\.csv is larger than 64 MB"):
        input_bytes(tmp_path / "large.csv")


@pytest.mark.parametrize(
    ("content", "text"),
    [(b"\xef\xbb\xbfa\r\nb", "a\nb"), (b"a\rb\r\n", "a\nb\n"), ("円".encode(), "円"), (b"", "")],
)
def test_marks_and_line_ends_of_other_machines_are_taken(tmp_path: Path, content: bytes, text: str) -> None:
    (tmp_path / "a").write_bytes(content)
    assert input_text(tmp_path / "a") == text


def test_a_policy_saved_by_an_editor_with_mark_and_crlf_is_the_same_policy(tmp_path: Path) -> None:
    plain = b'base = "actual"\nlabel = "Mine"\nsubsidy = "compute-vouchers"\n'
    (tmp_path / "mine.toml").write_bytes(plain)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.toml").write_bytes(codecs.BOM_UTF8 + plain.replace(b"\n", b"\r\n"))
    assert read_policy(tmp_path / "other" / "mine.toml") == read_policy(tmp_path / "mine.toml")


def answer(ask: Callable[[], Any]) -> tuple[str, Any]:
    """What was said about bad input, or what was given."""
    try:
        return "", ask()
    except InputError as error:
        return error.messages[0], None


@given(st.binary(max_size=300))
def test_bytes_are_text_or_refused(content: bytes) -> None:
    said, text = answer(lambda: decoded(content, "it"))
    assert said.startswith("it ") or (not said and "\r" not in text)


@given(st.text(max_size=200))
def test_texts_are_content_or_refused(text: str) -> None:
    for parse in (toml_of, json_of, csv_of):
        said, _ = answer(lambda parse=parse: parse(text, "it"))
        assert not said or said.startswith("it")


@given(st.text(max_size=400))
def test_a_name_in_a_message_is_one_line(name: str) -> None:
    assert len(printable(name).splitlines()) <= 1
    assert len(printable(name)) <= 300


def test_numbers_that_json_has_none_for_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"a": -Infinity}')
    with pytest.raises(InputError, match="holds -Infinity"):
        read_json(tmp_path / "a.json")
