"""The file of a saved economy: JSON whose parts are named by their content.

``itcho.model.kept_world`` says what stands in it.  Here it is only read and written, and its parts are held against
the sums that were kept with them.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import cast

import numpy as np

from itcho.agents.errors import InputError
from itcho.model.input_files import read_json
from itcho.model.world_layout import Json, KeptParts, KeptWorld

FORMAT = 2
"""Raised when the layout changes."""
PARTS = ("settings", "policy", "scenario", "start", "parameters", "shocks", "graph")
"""What determines a world; each has its sum."""


def plain(value: object) -> Json:
    """A value as JSON can hold it: arrays, tuples and sets become lists, a number that is not finite its name.

    Raises
    ------
    TypeError : JSON can hold nothing of the kind.
    """
    if isinstance(value, Mapping):
        return plain_values(value)
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else repr(float(value))
    if not isinstance(value, Iterable):
        raise TypeError(f"{value!r} is nothing that JSON can hold")
    return [plain(item) for item in value]


def plain_values(values: Mapping[str, object]) -> dict[str, Json]:
    """A mapping as JSON can hold it; see :func:`plain`."""
    return {str(key): plain(item) for key, item in values.items()}


def sum_of(part: object) -> str:
    """SHA-256 of a part's canonical text: sorted keys, no spaces, shortest decimals that give the same floats."""
    text = json.dumps(part, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def sums_of(parts: KeptParts) -> dict[str, str]:
    """The sum of each part."""
    return {name: sum_of(part) for name, part in parts.items()}


def world_text(world: KeptWorld) -> str:
    """The text of the file."""
    return json.dumps(world, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def write_world(world: KeptWorld, path: Path) -> None:
    """Write the file whole or not at all.

    Raises
    ------
    InputError : the disk refuses.
    """
    temporary = path.with_name(f".{path.name}-{os.getpid()}.part")
    try:
        with temporary.open("w", encoding="utf-8") as stream:
            stream.write(world_text(world))
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise InputError(f"cannot write {path}: {error.strerror}") from None


def read_world(path: Path) -> KeptWorld:
    """What the file of a saved economy holds.

    Raises
    ------
    InputError : it cannot be read, is no such file, has another layout, or a part is not what was kept.
    """
    try:
        world = read_json(path, "saved economy")
        if not isinstance(world, dict):
            raise InputError(f"{path} is no saved economy: it holds no object")
        kept = dict(world["sha256"])
        layout = world["format"]
        parts = {name: world[name] for name in PARTS} if layout == FORMAT else {}
    except InputError:
        raise
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is no saved economy: {error}") from None
    if layout != FORMAT:
        raise InputError(f"{path} has layout {layout!r}; this version of itcho reads layout {FORMAT}")
    changed = [name for name, part in parts.items() if kept.get(name) != sum_of(part)]
    if changed:
        raise InputError(
            f"{path}: {', '.join(changed)} changed since the economy was kept; restore the file, or build the economy "
            "that you want from files of your own"
        )
    # The sums vouch that the parts are as they were kept.
    return cast(KeptWorld, world)
