"""One door out for files that a command writes beside one another: each whole or not at all, whenever it is stopped."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from itcho.agents.errors import InputError
from itcho.model.input_files import printable, user_path


def write_files(files: Mapping[Path, bytes | str], *, replace: bool = True) -> list[Path]:
    """Write all of them under other names, flush them to disk, and only then put them in place.

    Parameters
    ----------
    files : content by place; texts are written in UTF-8.  Missing folders are made.
    replace : whether older files give way; otherwise nothing that stands there is touched.

    Returns
    -------
    The places, in their order.

    Raises
    ------
    InputError : a place is taken, or the disk refuses; what stood there before stands there still, as long as the disk
        refuses before all files are on it.
    """
    places = {user_path(path).absolute(): content for path, content in files.items()}
    taken = [path for path in places if os.path.lexists(path) and (path.is_dir() or not replace)]
    if taken:
        raise InputError([_why_taken(path) for path in taken])
    parts: dict[Path, Path] = {}
    made: list[Path] = []
    path = Path()
    try:
        for path, content in places.items():
            made += [folder for folder in path.parents if not folder.exists() and folder not in made]
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f".{token_hex(6)}.part")
            parts[path] = part
            with part.open("wb") as stream:
                stream.write(content.encode() if isinstance(content, str) else content)
                stream.flush()
                os.fsync(stream.fileno())
        for path, part in parts.items():
            part.replace(path)
    except (OSError, ValueError) as error:
        _forget(parts.values())
        for folder in sorted(made, key=lambda one: -len(one.parts)):
            with suppress(OSError):  # somebody else put something there: it is theirs
                folder.rmdir()
        why = error.strerror if isinstance(error, OSError) else "no file can have this name"
        raise InputError([f"cannot write {printable(path)}: {why or error}"]) from None
    finally:
        _forget(parts.values())
    return [Path(path) for path in files]


def check_folder(out: Path | None, option: str = "--out") -> list[str]:
    """What is wrong with a folder that files shall be put into; empty if nothing is, or none is asked for."""
    if out is None:
        return []
    try:
        folder = user_path(out).absolute()
        with suppress(FileNotFoundError, NotADirectoryError):
            os.lstat(folder)  # unlike asking whether it exists, it tells a name that can be none
        nearest = next(one for one in (folder, *folder.parents) if os.path.lexists(one))
        if not nearest.is_dir():
            return [f"{option} = {printable(out)} cannot be a folder: {printable(nearest)} is a file"]
        if not os.access(nearest, os.W_OK | os.X_OK):
            return [f"{option} = {printable(out)} cannot be written: {printable(nearest)} is not writable"]
    except InputError as error:
        return error.messages
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no folder can have this name"
        return [f"{option} = {printable(out)} cannot be used: {why}"]
    return []


def _why_taken(path: Path) -> str:
    if path.is_dir():
        return f"cannot write {printable(path)}: it is a folder"
    return f"{printable(path)} is there already: name a new file"


def _forget(parts: Iterable[Path]) -> None:
    """Take away what was written under other names."""
    for part in parts:
        with suppress(OSError):
            part.unlink()
