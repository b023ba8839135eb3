"""Checks of the sizes and channels an economy is asked for."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from itcho.agents.errors import InputError

SMALLEST = {"investors": 7, "importers": 27, "adopters": 10, "years": 1}
"""Smallest sizes: one member of each type or named importer, and a network to speak of."""

LARGEST = {"investors": 200_000_000, "importers": 1_000_000, "adopters": 20_000_000}
"""Largest sizes: somewhat more than the people, AI firms and firms of a country; see ``docs/scaling.md``."""

LONGEST_YEARS = 60
"""Longest run: long enough to see whether the economy comes to rest (``itcho rest`` shows where it does not).  Its
answers are made for ten years; what a run says of later ones is no better than where it rests."""


def checked_sizes(
    investors: object,
    importers: object,
    adopters: object,
    years: object,
    without: Collection[str],
    channels: Collection[str],
) -> dict[str, int]:
    """Population sizes as integers.

    Raises
    ------
    InputError : sizes that are no whole numbers or too small, unknown channels; all mistakes at once.
    """
    mistakes = []
    given = {"investors": investors, "importers": importers, "adopters": adopters, "years": years}
    sizes: dict[str, int] = {}
    for name, value in given.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < SMALLEST[name]:
            mistakes.append(f"{name} must be a whole number of at least {SMALLEST[name]}, not {value!r}")
        elif name == "years" and value > LONGEST_YEARS:
            mistakes.append(f"years = {value} is beyond what the model is made for: at most {LONGEST_YEARS}")
        elif name in LARGEST and value > LARGEST[name]:
            mistakes.append(f"{name} = {value} is beyond what the model is made for: at most {LARGEST[name]}")
        else:
            sizes[name] = value
    for channel in without:
        if channel not in channels:
            near = difflib.get_close_matches(channel, channels, 2, 0.3) or sorted(channels)
            mistakes.append(f"channel '{channel}' is unknown; nearest: {', '.join(near)}")
    if mistakes:
        raise InputError(mistakes)
    return sizes
