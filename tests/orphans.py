"""What tests of ended processes look for."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path


def below(session: int) -> list[int]:
    """Processes of a session that still live, zombies left out."""
    found = []
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                words = (place / "stat").read_text().rsplit(")", 1)[1].split()
            except (OSError, IndexError):
                continue
            if int(words[3]) == session and words[0] not in "ZX":
                found.append(int(place.name))
    return found


def within(seconds: float, true: Callable[[], bool]) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if true():
            return True
        time.sleep(0.05)
    return true()
