"""The file of a saved economy: JSON whose parts are named by their content.

``itcho.model.kept_world`` says what stands in it.  Here it is only read and written, and its parts are held against
the sums that were kept with them.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from itcho.agents.errors import InputError

FORMAT = 1
"""Raised when the layout changes."""
PARTS = ("settings", "policy", "scenario", "start", "parameters", "shocks")
"""What determines a world; each has its sum."""


def plain(value: Any) -> Any:
    """A value as JSON can hold it: arrays, tuples and sets become lists, a number that is not finite its name."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else repr(float(value))
    return [plain(item) for item in value]


def sum_of(part: Any) -> str:
    """SHA-256 of a part's canonical text: sorted keys, no spaces, shortest decimals that give the same floats."""
    text = json.dumps(part, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def world_text(world: Mapping[str, Any]) -> str:
    """The text of the file."""
    return json.dumps(world, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def write_world(world: Mapping[str, Any], path: Path) -> None:
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


def read_world(path: Path) -> dict[str, Any]:
    """What the file of a saved economy holds.

    Raises
    ------
    InputError : it cannot be read, is no such file, has another layout, or a part is not what was kept.
    """
    try:
        world = json.loads(path.read_text(encoding="utf-8"))
        kept = dict(world["sha256"])
        layout = world["format"]
        parts = {name: world[name] for name in PARTS} if layout == FORMAT else {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is no saved economy: {error}") from None
    if layout != FORMAT:
        raise InputError(f"{path} has layout {layout!r}; this version of itcho reads layout {FORMAT}")
    changed = [name for name, part in parts.items() if kept.get(name) != sum_of(part)]
    if changed:
        raise InputError(
            f"{path}: {', '.join(changed)} changed since the economy was kept; restore the file, or build the economy "
            "that you want from files of your own"
        )
    return dict(world)
