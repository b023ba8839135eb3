"""One door for every file that a user hands in: regular, of a sensible size, text in UTF-8, and well formed.

Everything that can be wrong with a file before its meaning matters is said here, in one sentence that names the file
and what would be right.  What the entries mean is checked by who asked for them.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import os
import stat
import tomllib
from pathlib import Path

from itcho.agents.errors import InputError

LARGEST_INPUT_BYTES = 64 * 2**20
"""Beyond this a file is taken for a mistake: the largest table the project reads has a few megabytes."""

_UTF32 = ((codecs.BOM_UTF32_LE, "UTF-32"), (codecs.BOM_UTF32_BE, "UTF-32"))
_MARKS = (*_UTF32, (codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16"))
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


def input_bytes(path: Path, kind: str = "file", largest: int = LARGEST_INPUT_BYTES) -> bytes:
    """What a regular file holds.

    Parameters
    ----------
    path : the file; a link is followed.
    kind : what messages call it, such as "policy file".
    largest : bytes it may have.

    Raises
    ------
    InputError : there is none, its name cannot be one, it is no regular file, too large, or cannot be read.
    """
    where = printable(path)
    try:
        # Without blocking: opening a pipe would wait for somebody to write to it.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except FileNotFoundError:
        raise InputError([f"there is no {kind} {where}"]) from None
    except OSError as error:
        raise InputError([f"{kind} {where} cannot be read: {error.strerror or error}"]) from None
    except ValueError:  # a name that holds a zero byte or half a character
        raise InputError([f"{where!r} cannot be the name of a {kind}"]) from None
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        what = next((name for test, name in _KINDS if test(mode)), "no regular file")
        raise InputError([f"{kind} {where} is {what}; give a regular file"])
    with os.fdopen(descriptor, "rb") as stream:
        try:
            content = stream.read(largest + 1)
        except OSError as error:
            raise InputError([f"{kind} {where} cannot be read: {error.strerror or error}"]) from None
    if len(content) > largest:
        raise InputError([f"{kind} {where} is larger than {largest / 2**20:.0f} MB, more than any {kind} needs"])
    return content


def input_text(path: Path, kind: str = "file", largest: int = LARGEST_INPUT_BYTES) -> str:
    """The text of a file in UTF-8, with or without a byte order mark, its lines ended by line feeds.

    Raises
    ------
    InputError : as :func:`input_bytes`, or it is no text in UTF-8.
    """
    return decoded(input_bytes(path, kind, largest), f"{kind} {printable(path)}")


def decoded(content: bytes, name: str) -> str:
    """Bytes in UTF-8 as text, its lines ended by line feeds.

    Raises
    ------
    InputError : it is in another encoding, or no text; says which if it can be told.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            raise InputError([f"{name} is in {encoding}; save it in UTF-8"])
    if b"\0" in content:
        raise InputError([f"{name} holds zero bytes: it is no text in UTF-8"])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError([f"{name} is no text in UTF-8 (line {line}); save it in UTF-8"]) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def toml_of(text: str, name: str) -> dict[str, object]:
    """The content of a TOML text.

    Raises
    ------
    InputError : it is no TOML, or is nested or its numbers are longer than can be read.
    """
    try:
        content: dict[str, object] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError([f"{name} is no TOML: {error}"]) from None
    except RecursionError:
        raise InputError([f"{name} is no TOML that can be read: it is nested too deeply"]) from None
    except ValueError:  # integers of thousands of digits
        raise InputError([f"{name} is no TOML that can be read: it holds a number of too many digits"]) from None
    _refuse_what_no_float_holds(content, name)
    return content


def read_toml(path: Path, kind: str = "file") -> dict[str, object]:
    """The content of a TOML file; errors as :func:`input_text` and :func:`toml_of`."""
    return toml_of(input_text(path, kind), f"{kind} {printable(path)}")


def json_of(text: str, name: str) -> object:
    """The content of a JSON text; ``NaN`` and ``Infinity`` are no JSON.

    Raises
    ------
    InputError : it is no JSON, or is nested or its numbers are longer than can be read.
    """

    def refuse(constant: str) -> object:
        raise InputError([f"{name} holds {constant}, which is no number in JSON"])

    try:
        content: object = json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise InputError([f"{name} is no JSON: {error}"]) from None
    except RecursionError:
        raise InputError([f"{name} is no JSON that can be read: it is nested too deeply"]) from None
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError([f"{name} is no JSON that can be read: it holds a number of too many digits"]) from None
    _refuse_what_no_float_holds(content, name)
    return content


def read_json(path: Path, kind: str = "file") -> object:
    """The content of a JSON file; errors as :func:`input_text` and :func:`json_of`."""
    return json_of(input_text(path, kind), f"{kind} {printable(path)}")


def csv_of(text: str, name: str, delimiter: str = ",") -> list[list[str]]:
    """Rows of cells of a CSV text.

    Raises
    ------
    InputError : a cell is longer than can be read, mostly a quotation mark that is not closed.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return list(reader)
    except csv.Error as error:
        raise InputError([f"{name}, line {reader.line_num}: {error} (is a quotation mark left open?)"]) from None


def user_path(given: str | Path) -> Path:
    """The path that a user means: ``~`` is a home.

    Raises
    ------
    InputError : there is no such home.
    """
    try:
        return Path(given).expanduser()
    except RuntimeError:
        raise InputError([f"{printable(given)}: there is no home of this name"]) from None


def resolved(path: Path) -> Path:
    """A path without links and detours, as far as it exists; one that goes round in circles stays as it is."""
    try:
        return Path(os.path.realpath(path))
    except (OSError, ValueError):
        return path


def is_folder(path: Path) -> bool:
    """Whether there is such a folder; a name that can be none is no folder."""
    return os.path.isdir(path)  # noqa: PTH112  Path.is_dir raises where a name is too long


def is_file(path: Path) -> bool:
    """Whether there is such a regular file; a name that can be none is no file."""
    return os.path.isfile(path)  # noqa: PTH113  Path.is_file raises where a name is too long


def _refuse_what_no_float_holds(content: object, name: str) -> None:
    """Refuse integers beyond 64 bits, which no figure of the model is and no float may hold."""
    waiting = [content]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, int) and not -(2**63) <= item < 2**63:
            raise InputError([f"{name} holds an integer of {len(str(abs(item)))} digits; the largest has 19"])


def printable(path: Path | str) -> str:
    """A path as a message can hold it: one line, however the name is made."""
    text = str(path)
    shown = text if text.isprintable() else ascii(text)[1:-1]
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[: _LONGEST_SHOWN - 1]}…"


_LONGEST_SHOWN = 300
