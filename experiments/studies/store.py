"""The cell store: one immutable file for each run of a study, found by what determines it.

A cell is a scenario, a policy, parameters, sizes, a start state and a seed.  Its key is the SHA-256 of the canonical
JSON of all that, with the version of the model, and its file holds nothing but results: whoever computes a cell, on
whatever machine and in whatever order, writes the same content.  What belongs to the occasion stands in
``sessions.jsonl``.

::

    <folder>/cells/ab/ab12….npz    a cell: arrays without pickle
    <folder>/collapsed/ab12….json  a cell whose world collapsed: month, outcome and value
    <folder>/failed/ab12….json     a cell that failed: the error, its traceback, how often it was tried
    <folder>/plans/….json          what was asked for, with the key of every cell
    <folder>/sessions.jsonl        provenance: one line for each time somebody ran cells
    <folder>/LOCK                  held by the process that runs cells

Names of scenarios and policies are no part of a key: under a new name nothing is computed again.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import fcntl
import hashlib
import io
import json
import math
import os
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from itcho.agents.errors import InputError
from itcho.experiments.runs.rules_file import digest_of
from itcho.experiments.whole_files import check_folder
from itcho.model.input_files import decoded, input_bytes, json_of, read_json, user_path

SCHEMA = 3
"""Raised when the layout of a cell changes; part of every key."""
KEY_LENGTH = 32
_FAILED = {"cell": dict, "error": str, "tried": int}
_ARRAYS = ("outcomes", "fiscal_years", "by_year", "final")


class StoreError(InputError):
    """The store cannot be written or read: disk full, no permission, in use, or a damaged file."""


@dataclass(frozen=True)
class CellResult:
    """What is kept of a run.

    Attributes
    ----------
    outcomes : names, in the order of the columns.
    fiscal_years : Japanese fiscal years of which the run holds all twelve months, (years,).
    by_year : values by fiscal year as ``itcho.experiments.studies.fiscal_years`` reads them, (years × outcomes).
    final : values of the last month, (outcomes,).
    """

    outcomes: tuple[str, ...]
    fiscal_years: NDArray[np.int64]
    by_year: NDArray[np.float64]
    final: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.by_year.shape != (len(self.fiscal_years), len(self.outcomes)) or self.final.shape != (
            len(self.outcomes),
        ):
            raise ValueError(
                f"shapes do not fit: {self.by_year.shape} by year and {self.final.shape} at the end for "
                f"{len(self.fiscal_years)} years and {len(self.outcomes)} outcomes"
            )

    def to_bytes(self, key: str = "") -> bytes:
        """The file of the cell of ``key``, which stands in it: a file under the name of another cell is found out."""
        stream = io.BytesIO()
        np.savez(
            stream,
            key=np.frombuffer(key.encode(), dtype=np.uint8),
            # Bytes of UTF-8: numpy's own text takes four times the room.
            outcomes=np.frombuffer("\n".join(self.outcomes).encode(), dtype=np.uint8),
            fiscal_years=self.fiscal_years.astype("<i8"),
            by_year=self.by_year.astype("<f8"),
            final=self.final.astype("<f8"),
        )
        return stream.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes, key: str = "") -> CellResult:
        """Read the file of the cell of ``key``; in older ones, and with none asked for, it is not looked for.

        Raises ValueError, KeyError, OSError or BadZipFile if it is damaged, or the file of another cell.
        """
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            outcomes, years, by_year, final = (arrays[name] for name in _ARRAYS)
            own = arrays["key"].tobytes().decode() if "key" in arrays else ""
        if key and own and own != key:
            raise ValueError(f"it is the file of cell {own}")
        if not all(
            array.dtype.kind == kind for array, kind in zip((outcomes, years, by_year, final), "uiff", strict=True)
        ):
            raise ValueError("its figures are of another kind")
        return cls(tuple(outcomes.tobytes().decode().split("\n")), years, by_year, final)

    def digest(self) -> str:
        """SHA-256 of the content, whatever wrote the file."""
        found = hashlib.sha256("\n".join(self.outcomes).encode())
        for array, kind in ((self.fiscal_years, "<i8"), (self.by_year, "<f8"), (self.final, "<f8")):
            found.update(np.ascontiguousarray(array, dtype=kind).tobytes())
        return found.hexdigest()


@dataclass(frozen=True)
class Collapse:
    """What is kept of a run whose world collapsed: an answer like any other, and never tried again.

    Attributes
    ----------
    month, outcome, value : as in :class:`itcho.model.collapse.WorldCollapsed`.
    """

    month: str
    outcome: str
    value: float

    def to_bytes(self) -> bytes:
        """The file of the cell; a value that is not finite is text, which JSON has no number for."""
        value = self.value if math.isfinite(self.value) else str(self.value)
        record = {"month": self.month, "outcome": self.outcome, "value": value}
        return (json.dumps(record, indent=2, allow_nan=False) + "\n").encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Collapse:
        """Read a cell's file.  Raises ValueError, KeyError or TypeError if it is damaged."""
        record = json.loads(content)
        return cls(str(record["month"]), str(record["outcome"]), float(record["value"]))

    def __str__(self) -> str:
        return f"{self.outcome} = {self.value:.6g} in month {self.month}"


def canonical(value: Any) -> Any:
    """``value`` as plain JSON types, so that equal things give equal text.

    Dataclasses become objects with their type's name, and those of a user's rules file with its digest; arrays, tuples
    and sets become lists.

    Raises
    ------
    InputError : a number that is not finite, or something without a content of its own (a function, say).
    """
    if value is None or isinstance(value, bool | str):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, enum.Enum):
        return canonical(value.value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        if not math.isfinite(value):
            raise InputError(f"{value} cannot be part of a cell's key: numbers have to be finite")
        return float(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        content = {field.name: canonical(getattr(value, field.name)) for field in dataclasses.fields(value)}
        if (code := digest_of(type(value).__module__)) is not None:
            content["code"] = code
        return {"type": type(value).__qualname__} | content
    if isinstance(value, Mapping):
        return {str(canonical(key)): canonical(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return canonical(value.tolist())
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((canonical(item) for item in value), key=canonical_json)
    raise InputError(f"{value!r} cannot be part of a cell's key: it is a {type(value).__name__}, not data")


def canonical_json(value: Any) -> str:
    """The canonical JSON text of ``value``: sorted keys, no spaces, shortest decimals that give the same floats."""
    return json.dumps(canonical(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def content_key(value: Any) -> str:
    """The key of what ``value`` describes."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()[:KEY_LENGTH]


class CellStore:
    """A folder of cells.

    Parameters
    ----------
    folder : where it stands; it is created by the first write.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = user_path(folder).absolute()

    def path(self, key: str) -> Path:
        """Where the cell of ``key`` stands."""
        return self.folder / "cells" / key[:2] / f"{key}.npz"

    def __contains__(self, key: str) -> bool:
        return self.path(key).is_file()

    def keys(self) -> set[str]:
        """Keys of all finished cells; what lies in another drawer than its own is none."""
        found: set[str] = set()
        try:
            drawers = [entry.path for entry in os.scandir(self.folder / "cells") if entry.is_dir()]
        except OSError:
            return found
        for drawer in drawers:
            begin = os.path.basename(drawer)  # noqa: PTH119  of thousands of texts
            found.update(
                entry.name[:-4]
                for entry in os.scandir(drawer)
                if entry.name.endswith(".npz") and entry.name[:2] == begin and entry.name[0] != "."
            )
        return found

    def read(self, key: str) -> CellResult:
        """The result of a finished cell.

        Raises
        ------
        StoreError : it does not exist or is damaged.
        """
        path = self.path(key)
        if not os.path.lexists(path):
            raise StoreError(f"{self.folder} holds no cell {key}")
        try:
            return CellResult.from_bytes(input_bytes(path, "cell"), key)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise StoreError(f"cell {path} is damaged ({error}); run the study again, which makes it anew") from None

    def damaged(self, keys: Iterable[str]) -> list[str]:
        """Those of the finished cells ``keys`` that cannot be read back, sorted; reads every one of them."""
        found = []
        for key in sorted(keys):
            try:
                self.read(key)
            except StoreError:
                found.append(key)
        return found

    def put_aside(self, keys: Iterable[str]) -> int:
        """Move what is damaged to the folder ``damaged``, where it counts as nothing; how many files were moved.

        Parameters
        ----------
        keys : finished cells that are read to know; of collapsed worlds, all are.

        Raises
        ------
        StoreError : the disk refuses.
        """
        moved = 0
        collapsed = [path for path in self._collapse_files() if _damaged_collapse(path)]
        for path in (*map(self.path, self.damaged(keys)), *collapsed):
            try:
                (self.folder / "damaged").mkdir(exist_ok=True)
                path.replace(self.folder / "damaged" / path.name)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise _refused(path, error) from None
            moved += 1
        return moved

    def write(self, key: str, result: CellResult) -> None:
        """Keep a result; a failure noted before is forgotten.  A cell that exists already is left as it is.

        Raises
        ------
        StoreError : the disk refuses; the store is as it was before.
        """
        if key not in self:
            self._put(self.path(key), result.to_bytes(key))
        with suppress(OSError):
            self._failure_path(key).unlink()

    def write_collapse(self, key: str, collapse: Collapse) -> None:
        """Keep that a cell's world collapsed; a failure noted before is forgotten.

        Raises
        ------
        StoreError : the disk refuses; the store is as it was before.
        """
        self._put(self._collapse_path(key), collapse.to_bytes())
        with suppress(OSError):
            self._failure_path(key).unlink()

    def collapses(self) -> dict[str, Collapse]:
        """Collapsed cells by key.

        Raises
        ------
        StoreError : one is damaged.
        """
        found = {}
        for file in self._collapse_files():
            try:
                found[file.stem] = Collapse.from_bytes(input_bytes(file, "cell"))
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise StoreError(
                    f"cell {file} is damaged ({error}); run the study again, which makes it anew"
                ) from None
        return found

    def fail(self, key: str, cell: Mapping[str, Any], error: str, trace: str) -> None:
        """Note that a cell failed.

        Parameters
        ----------
        cell : what a reader needs to know of it (scenario, policy, seed, parameters).
        error, trace : the error in one line, and its traceback.

        Raises
        ------
        StoreError : the disk refuses.
        """
        before = self.failures().get(key, {})
        record = {
            "key": key,
            "cell": canonical(cell),
            "error": error,
            "traceback": trace,
            "tried": int(before.get("tried", 0)) + 1,
        }
        self._put(self._failure_path(key), (json.dumps(record, indent=2, ensure_ascii=False) + "\n").encode())

    def failures(self) -> dict[str, dict[str, Any]]:
        """Failed cells by key; a record that is none, as damage may leave it, is passed over and the cell run again."""
        found = {}
        for file in sorted(self.folder.glob("failed/*.json")):
            with suppress(InputError):
                record = read_json(file, "failed cell")
                if isinstance(record, dict) and all(
                    isinstance(record.get(name), kind) for name, kind in _FAILED.items()
                ):
                    found[file.stem] = record
        return found

    def hash(self) -> str:
        """SHA-256 of all finished and collapsed cells, in whatever order they were computed, and by whomever.

        Raises
        ------
        StoreError : a cell is damaged.
        """
        found = hashlib.sha256()
        for key in sorted(self.keys()):
            found.update(f"{key} {self.read(key).digest()}\n".encode())
        for key, collapse in self.collapses().items():
            found.update(f"{key} collapsed: {collapse.to_bytes().hex()}\n".encode())
        return found.hexdigest()

    def write_plan(self, plan: Mapping[str, Any]) -> Path:
        """Keep what was asked for, under the hash of its content."""
        text = json.dumps(canonical(plan), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        path = self.folder / "plans" / f"{content_key(plan)}.json"
        if not path.exists():
            self._put(path, text.encode())
        return path

    def add_session(self, record: Mapping[str, Any]) -> None:
        """Add a line of provenance.  Raises StoreError if the disk refuses."""
        line = json.dumps(canonical(record), ensure_ascii=False, sort_keys=True) + "\n"
        path = self.folder / "sessions.jsonl"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with path.open("ab") as stream:
                # A line cut short by a crash must not swallow this one.
                if stream.tell() and not path.read_bytes().endswith(b"\n"):
                    line = "\n" + line
                stream.write(line.encode())
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise _refused(path, error) from None

    def sessions(self) -> list[dict[str, Any]]:
        """Lines of provenance, oldest first; what is no such line, as a crash may leave it, is passed over."""
        found: list[dict[str, Any]] = []
        path = self.folder / "sessions.jsonl"
        with suppress(InputError):
            for number, line in enumerate(input_bytes(path, "sessions").split(b"\n"), start=1):
                name = f"{path}, line {number}"
                with suppress(InputError):
                    record = json_of(decoded(line, name), name)
                    if isinstance(record, dict):
                        found.append(record)
        return found

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only process that runs cells into this store; sweeps what a killed one left half-written.

        Raises
        ------
        StoreError : another process runs cells into it, or it cannot be written.
        """
        path = self.folder / "LOCK"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            stream = path.open("a")
        except OSError as error:
            raise _refused(path, error) from None
        with stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StoreError(f"{self.folder} is in use: another process is running cells into it") from None
            except OSError as error:
                raise _refused(path, error) from None
            for stale in self.folder.glob("*/**/.*.part"):
                with suppress(OSError):
                    stale.unlink()
            yield

    def require_usable(self) -> None:
        """Refuse what :meth:`locked` would refuse, without writing anything.

        Raises
        ------
        StoreError : another process runs cells into it, or it cannot be written.
        """
        if wrong := check_folder(self.folder, "the store's folder"):
            raise StoreError(*wrong)
        path = self.folder / "LOCK"
        if not path.exists():
            return
        try:
            with path.open("rb") as stream:
                fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreError(f"{self.folder} is in use: another process is running cells into it") from None
        except OSError as error:
            raise _refused(path, error) from None

    def _collapse_files(self) -> list[Path]:
        return [file for file in sorted(self.folder.glob("collapsed/*.json")) if not file.name.startswith(".")]

    def _collapse_path(self, key: str) -> Path:
        return self.folder / "collapsed" / f"{key}.json"

    def _failure_path(self, key: str) -> Path:
        return self.folder / "failed" / f"{key}.json"

    def _put(self, path: Path, content: bytes) -> None:
        """Write a file whole or not at all: under another name, flushed to disk, then renamed."""
        part = path.with_name(f".{path.name}-{os.getpid()}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            # The folder is not flushed: a power cut may lose the last cells, whole, and they are run again.
            part.replace(path)
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            raise _refused(path, error) from None


def _refused(path: Path, error: OSError) -> StoreError:
    return StoreError(f"cannot write {path}: {error.strerror}; what was stored before is intact")


def _damaged_collapse(path: Path) -> bool:
    try:
        Collapse.from_bytes(input_bytes(path, "cell"))
    except (OSError, ValueError, KeyError, TypeError):
        return True
    return False
