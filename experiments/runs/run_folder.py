"""The folder of a run: everything needed to look at it and to make it again.

A folder appears complete or not at all: files are written to a hidden sibling, flushed to disk and moved into place by
one rename.  Nothing is ever overwritten.  Tables hold nothing but results, so two equal runs write equal bytes; what
belongs to the occasion (date, machine, versions) stands in ``manifest.json`` alone.
"""

from __future__ import annotations

import csv
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from itcho.agents.errors import InputError
from itcho.experiments.orphans import FolderGuard
from itcho.experiments.runs.spreadsheet_cells import as_cell
from itcho.model.input_files import read_json, user_path

if TYPE_CHECKING:
    import pandas as pd

MANIFEST = "manifest.json"
_OCCUPIED = (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR)


def numbered_folders(stem: Path) -> Iterator[Path]:
    """``stem``, ``stem-2``, ``stem-3`` and so on."""
    yield stem
    for number in count(2):
        yield stem.with_name(f"{stem.name}-{number}")


def occupied(folder: Path) -> bool:
    """Whether something stands where a run's folder should go; an empty folder does not count."""
    if folder.is_dir():
        return any(folder.iterdir())
    return folder.exists() or folder.is_symlink()


def check_output_folder(folder: Path) -> None:
    """Refuse a folder that a run cannot be written to.

    Raises
    ------
    InputError : it holds something, is a file, is the working directory, or cannot be created.
    """
    folder = user_path(folder).absolute()
    try:
        if folder.exists() and folder.resolve() == Path.cwd():
            raise InputError(f"output folder {folder} is the working directory: name a new folder inside it")
        if folder.is_dir() and occupied(folder):
            raise InputError(f"output folder {folder} already holds something: name a new or an empty folder")
        if occupied(folder):
            raise InputError(f"output folder {folder} is a file: name a new or an empty folder")
        nearest = next(parent for parent in folder.parents if parent.exists())
    except OSError as error:
        raise InputError(f"output folder {folder} cannot be used: {error.strerror}") from None
    if not nearest.is_dir():
        raise InputError(f"output folder {folder} cannot be created: {nearest} is a file")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise InputError(f"output folder {folder} cannot be created: {nearest} is not writable")


class RunFolder:
    """A folder being written.  Use as a context manager; without :meth:`commit` nothing remains.

    Parameters
    ----------
    target : where it shall stand; ``None`` for the first free of ``numbered_folders(default)``.
    default : the name if no target is given.

    Raises
    ------
    InputError : the folder cannot be created or written, or is taken.

    Attributes
    ----------
    path : where files go until the folder is committed; the final place afterwards.
    """

    def __init__(self, target: Path | None, default: Path = Path("runs/run")) -> None:
        self.target = None if target is None else user_path(target).absolute()
        self.default = default.absolute()
        beside = self.default if self.target is None else self.target
        self.path = beside.with_name(f".itcho-{beside.name}-{token_hex(4)}")
        self.committed = False
        self._created: list[Path] = []
        self._guard: FolderGuard | None = None

    def __enter__(self) -> Self:
        if self.target is not None:
            check_output_folder(self.target)
        try:
            missing = [parent for parent in self.path.parents if not parent.exists()]
            for parent in reversed(missing):
                self._created.append(parent)
                parent.mkdir(exist_ok=True)
            self._created.append(self.path)
            self.path.mkdir()
            self._guard = FolderGuard(self.path, [made for made in reversed(self._created) if made != self.path])
        except OSError as error:
            self._remove()
            raise InputError(
                f"output folder {self.target or self.default} cannot be created: {error.strerror}"
            ) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.committed:
            self._remove()
        if self._guard is not None:
            self._guard.release()

    def write_table(self, frame: pd.DataFrame, file: str) -> None:
        """Write a table as CSV: shortest decimals that give the same floats back, an empty cell for a missing value.

        Text that a spreadsheet would take for a formula is written as ``spreadsheet_cells`` says.

        Raises
        ------
        InputError : the disk refuses.
        """
        cells = [_cells(frame.iloc[:, place]) for place in range(frame.shape[1])]
        try:
            with (self.path / file).open("w", newline="", encoding="utf-8") as stream:
                writer = csv.writer(stream, lineterminator="\n")
                writer.writerow(map(as_cell, frame.columns))
                writer.writerows(zip(*cells, strict=True))
                stream.flush()
                _flush(stream.fileno())
        except OSError as error:
            raise _refused(self.path / file, error) from None

    def write_bytes(self, content: bytes, file: str) -> None:
        """Write a file as it is.  Raises InputError if the disk refuses."""
        try:
            with (self.path / file).open("wb") as stream:
                stream.write(content)
                stream.flush()
                _flush(stream.fileno())
        except OSError as error:
            raise _refused(self.path / file, error) from None

    def write_manifest(self, manifest: dict[str, Any]) -> None:
        """Write ``manifest.json`` with the SHA-256 of every file written so far."""
        sums = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(self.path.iterdir())}
        text = json.dumps(manifest | {"sha256": sums}, indent=2, ensure_ascii=False, allow_nan=False)
        self.write_bytes((text + "\n").encode(), MANIFEST)

    def commit(self) -> Path:
        """Move the folder into place and return where it stands.

        Raises
        ------
        InputError : the target was taken in the meantime.
        """
        _flush_folder(self.path)
        candidates = iter([self.target]) if self.target is not None else numbered_folders(self.default)
        for candidate in candidates:
            # Our own name is taken only by something with content; an empty folder the user made gives way.
            if self.target is None and candidate.exists():
                continue
            try:
                self.path.rename(candidate)
            except OSError as error:
                if error.errno not in _OCCUPIED:
                    raise _refused(candidate, error) from None
                continue
            self.committed = True
            self.path = candidate
            _flush_folder(candidate.parent)
            return candidate
        raise InputError(f"output folder {self.target} was taken by something else while the run was under way")

    def _remove(self) -> None:
        """Take away what was created, and nothing else."""
        for folder in reversed(self._created):
            if folder == self.path:
                shutil.rmtree(folder, ignore_errors=True)
            else:
                with suppress(OSError):  # someone else put something there: it is theirs now
                    folder.rmdir()


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a finished run.  Raises InputError if the folder is not a run."""
    try:
        content = read_json(folder / MANIFEST, "manifest")
    except InputError:
        raise InputError(f"{folder} is not the folder of a run: its {MANIFEST} is missing or cannot be read") from None
    if not isinstance(content, dict):
        raise InputError(f"{folder} is not the folder of a run: its {MANIFEST} holds no object")
    return content


def _cells(column: pd.Series) -> list[Any]:
    """Values of a column as plain Python objects; the csv module writes floats with ``repr``."""
    values = column.tolist()
    if column.dtype.kind in "biuf":
        return values if not column.isna().any() else [None if value != value else value for value in values]
    # Texts repeat: each is looked at once.
    texts = {value for value in values if isinstance(value, str)}
    marked = {text: cell for text in texts if (cell := as_cell(text)) != text}
    missing = column.isna()
    if missing.any():
        values = [None if gone else value for value, gone in zip(values, missing.tolist(), strict=True)]
    return [marked.get(value, value) if isinstance(value, str) else value for value in values] if marked else values


def _refused(path: Path, error: OSError) -> InputError:
    return InputError(f"cannot write {path}: {error.strerror}")


def _flush(descriptor: int) -> None:
    with suppress(OSError):  # some file systems cannot; the rename is still atomic
        os.fsync(descriptor)


def _flush_folder(folder: Path) -> None:
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
