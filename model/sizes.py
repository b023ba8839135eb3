"""Checks of the sizes and channels an economy is asked for."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import Any

from itcho.agents.errors import InputError

SMALLEST = {"investors": 7, "importers": 27, "adopters": 10, "years": 1}
"""Smallest sizes: one member of each type or named importer, and a network to speak of."""

LONGEST_YEARS = 30
"""Longest run.  The model is made for ten years: income from abroad outgrows purchases abroad, and beyond a generation
the yen's rise has no counterpart in anything observed."""


def checked_sizes(
    investors: Any, importers: Any, adopters: Any, years: Any, without: Collection[str], channels: Collection[str]
) -> dict[str, int]:
    """Population sizes as integers.

    Raises
    ------
    InputError : sizes that are no whole numbers or too small, unknown channels; all mistakes at once.
    """
    mistakes = []
    given = {"investors": investors, "importers": importers, "adopters": adopters, "years": years}
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < SMALLEST[name]:
            mistakes.append(f"{name} must be a whole number of at least {SMALLEST[name]}, not {value!r}")
        elif name == "years" and value > LONGEST_YEARS:
            mistakes.append(f"years = {value} is beyond what the model is made for: at most {LONGEST_YEARS}")
    for channel in without:
        if channel not in channels:
            near = difflib.get_close_matches(channel, channels, 2, 0.3) or sorted(channels)
            mistakes.append(f"channel '{channel}' is unknown; nearest: {', '.join(near)}")
    if mistakes:
        raise InputError(mistakes)
    return {name: int(value) for name, value in given.items()}
