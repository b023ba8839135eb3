"""Files that are wrong, at every door that takes a file; damaged folders of runs and studies."""

from __future__ import annotations

import codecs
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.doors.tries import EITHER, REFUSED, Try

CONTENTS: dict[str, bytes] = {
    "nothing": b"",
    "a space": b" \n",
    "a mark alone": codecs.BOM_UTF8,
    "zero bytes": b"label = 'a'\0\0\n",
    "UTF-16": codecs.BOM_UTF16_LE + "label = 'a'".encode("utf-16-le"),
    "UTF-16 the other way": codecs.BOM_UTF16_BE + "label = 'a'".encode("utf-16-be"),
    "UTF-16 without a mark": "label = 'a'".encode("utf-16-le"),
    "UTF-32": codecs.BOM_UTF32_LE + "label = 'a'".encode("utf-32-le"),
    "cp932": "label = '日銀'\n".encode("cp932"),
    "bytes of nothing": bytes(range(256)),
    "nested lists": b"a = " + b"[" * 20_000 + b"]" * 20_000,
    "nested objects": b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    "nested tables": b"[" + b".".join([b"a"] * 3000) + b"]\nx = 1\n",
    "a number of 5,000 digits": b"a = " + b"9" * 5000,
    "a number of 400 digits": b"a = " + b"9" * 400,
    "no number": b"a = nan\nb = inf\n",
    "a list": b"[1, 2]",
    "a text": b'"text"',
    "null": b"null",
    "a cell of 200,000 characters": b'date,usdjpy\n"2020-01-01' + b"x" * 200_000,
    "a quotation mark left open": b'date,usdjpy\n"2020-01-01,1\n',
    "a page": b"<!DOCTYPE html><html><body>404</body></html>",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(64),
    "lines without end": b"a" * 300_000,
    "a key twice": b"label = 'a'\nlabel = 'b'\n",
    "line ends alone": b"\r\n" * 1000,
}
TAKEN_AS_TABLE = frozenset({"nothing", "a space", "a mark alone", "line ends alone"})

DOORS: dict[str, tuple[str, ...]] = {
    "scenario.toml": ("run", "{}", "--dry-run"),
    "policy.toml": ("run", "--policy", "{}", "--dry-run"),
    "state.toml": ("run", "--start", "{}", "--dry-run"),
    "checked.toml": ("start-state", "check", "{}"),
    "compared.toml": ("compare", "{}", "--dry-run"),
    "baseline.toml": ("compare", "actual", "--baseline", "{}", "--dry-run"),
    "study.toml": ("study", "run", "{}", "--dry-run"),
    "status.toml": ("study", "status", "{}"),
    "brief.toml": ("brief", "{}"),
    "explorer.toml": ("explorer", "{}"),
    "explained.toml": ("explain", "{}"),
    "report.toml": ("report", "{}"),
    "discover.toml": ("study", "discover", "{}", "--where", "usdjpy > 1"),
    "sensitivity.toml": ("study", "sensitivity", "{}"),
    "actuals.csv": ("actuals", "{}"),
    "quarters.csv": ("validate", "--hindcast", "--actuals", "{}"),
    "rules.py": ("run", "--rules", "{}", "--dry-run"),
    "view.toml": ("view", "--policy", "{}", "--no-browser"),
    "corridor.toml": ("corridor", "--policy", "{}", "--seeds", "1"),
    "quiet.toml": ("quiet-start", "--start", "{}"),
    "rest.toml": ("rest", "--start", "{}"),
    "respond.toml": ("respond", "yen", "--start", "{}"),
    "forecast.toml": ("forecast", "run", "--start", "{}", "--out", "kept"),
}


def _line(door: str, given: str) -> tuple[str, ...]:
    return tuple(given if word == "{}" else word for word in DOORS[door])


def contents(folder: Path) -> Iterator[Try]:
    """Every content at every door."""
    for door in DOORS:
        for name, content in CONTENTS.items():
            file = folder / name.replace(" ", "-").replace(",", "") / door
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(content)
            yield Try("what a file holds", f"{name} as {door}", _line(door, str(file)), codes=EITHER)


def places(folder: Path) -> Iterator[Try]:
    """What is no regular file, and names that can be none, at every door."""
    (folder / "dir").mkdir()
    for door in DOORS:
        suffix = Path(door).suffix
        os.mkfifo(folder / f"pipe{suffix}") if not (folder / f"pipe{suffix}").exists() else None
        if not (folder / f"round{suffix}").is_symlink():
            (folder / f"round{suffix}").symlink_to(folder / f"about{suffix}")
            (folder / f"about{suffix}").symlink_to(folder / f"round{suffix}")
            (folder / f"zero{suffix}").symlink_to("/dev/zero")
            (folder / f"gone{suffix}").symlink_to(folder / "nowhere")
            (folder / f"folder{suffix}").mkdir()
            with (folder / f"large{suffix}").open("wb") as stream:
                stream.truncate(2**40)
            with socket.socket(socket.AF_UNIX) as bound, _inside(folder):
                bound.bind(f"socket{suffix}")
        for name in ("pipe", "round", "zero", "gone", "folder", "large", "socket", "missing", "n" * 300, "a\nb", "円"):
            yield Try("what stands at a path", f"{name[:20]!r} as {door}", _line(door, f"{folder}/{name}{suffix}"))
        for path in ("/dev/zero", "/dev/null", "/proc/self/mem", "~nobody-here/a" + suffix, "", "\0", "-", "." * 5000):
            shown = path[:20]
            codes = EITHER if path == "-" else REFUSED
            yield Try("what stands at a path", f"{shown!r} as {door}", _line(door, path), codes=codes)


class _inside:  # noqa: N801  a name of a socket is short, so it is made from inside
    def __init__(self, folder: Path) -> None:
        self.folder, self.before = folder, Path.cwd()

    def __enter__(self) -> None:
        os.chdir(self.folder)

    def __exit__(self, *_: object) -> None:
        os.chdir(self.before)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda file: file.write_bytes(b""),
    "cut": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "of bytes": lambda file: file.write_bytes(bytes(range(256)) * 4),
    "gone": lambda file: file.unlink(),
    "a folder": lambda file: (file.unlink(), file.mkdir()),
    "a pipe": lambda file: (file.unlink(), os.mkfifo(file)),
    "a loop": lambda file: (file.unlink(), file.symlink_to(file)),
    "another's": lambda file: file.write_text('{"a": [1, 2]}\n' if file.suffix.startswith(".json") else "a,b\n1,2\n"),
    "one sign other": lambda file: file.write_bytes(_flipped(file.read_bytes())),
}
READ_RUN = (("report", "{}"), ("export", "{}", "--csv"), ("run", "--again", "{}", "--dry-run"), ("crate", "{}"))
READ_STUDY = (
    ("study", "status", "study.toml", "--out", "{}"),
    ("brief", "{}"),
    ("explorer", "{}"),
    ("report", "{}"),
    ("study", "same", "{}", "{}"),
    ("crate", "{}"),
)


def _flipped(content: bytes) -> bytes:
    place = len(content) // 2
    return content[:place] + bytes([content[place] ^ 0x15]) + content[place + 1 :] if content else content


def damaged(
    whole: Path, lines: tuple[tuple[str, ...], ...], kind: str, folder: Path, codes: frozenset[int]
) -> Iterator[Try]:
    """Each file of a folder in each damage, looked at by each command."""
    for file in sorted(
        path for path in whole.rglob("*") if path.is_file() and path.name not in ("LOCK", "summary.png")
    ):
        inside = file.relative_to(whole)
        for damage, harm in DAMAGES.items():
            copy = folder / f"{inside.as_posix().replace('/', '-')}-{damage.replace(' ', '-')}"
            shutil.copytree(whole, copy)
            harm(copy / inside)
            for line in lines:
                words = tuple(str(copy) if word == "{}" else word for word in line)
                yield Try(kind, f"{inside} {damage}: {' '.join(line)}", words, codes=codes)
