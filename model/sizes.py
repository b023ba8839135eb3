"""What an economy can be asked for: usual values, floors and ceilings of sizes, years and seeds, and their checks."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from numbers import Integral
from typing import NamedTuple

from itcho.agents.errors import InputError, require_list

DEFAULT_SCENARIO, DEFAULT_POLICY, DEFAULT_START = "baseline", "actual", "2026-03-31"
DEFAULT_PAIRS = 40
DEFAULT_YEARS, DEFAULT_INVESTORS, DEFAULT_IMPORTERS, DEFAULT_ADOPTERS = 10, 2000, 300, 1000

SMALLEST = {"investors": 7, "importers": 27, "adopters": 10, "years": 1}
"""Smallest sizes: one member of each type or named importer, and a network to speak of."""

LARGEST = {"investors": 200_000_000, "importers": 1_000_000, "adopters": 20_000_000}
"""Largest sizes: somewhat more than the people, AI firms and firms of a country; see ``docs/scaling.md``."""

MOST_IN_VIEW = {"investors": 5_000_000, "importers": 100_000, "adopters": 1_000_000}
"""Largest sizes of a world that is watched: it stands beside its twin, and each tab has both; some two gigabytes."""

LONGEST_WATCHED_YEARS = 30
"""Longest run of a world that is watched: a generation; later years are for ``itcho rest``."""

LONGEST_YEARS = 60
"""Longest run: long enough to see whether the economy comes to rest (``itcho rest`` shows where it does not).  Its
answers are made for ten years; what a run says of later ones is no better than where it rests."""

LARGEST_SEED = 2**63 - 1
"""Largest seed: what tables and other programs hold as a whole number."""

_MOST_DIGITS, _MOST_SHOWN = 20, 40


class Limits(NamedTuple):
    """The least and the greatest that a number may be, and what is not made for more."""

    least: int
    most: int
    made_for: str = "the model is made for"

    def too_small(self, field: str, shown: object) -> str:
        """The message about a number below the floor, or about what is no whole number."""
        said = "must not be negative: write" if self.least == 0 else "must be"
        return f"{field} = {shown} {said} a whole number of at least {self.least}"

    def too_large(self, field: str, shown: object) -> str:
        """The message about a number above the ceiling."""
        return f"{field} = {shown} is beyond what {self.made_for}: at most {self.most}"

    def mistake(self, field: str, value: object) -> str:
        """What is wrong with a value; empty if nothing is.

        Parameters
        ----------
        field : as whoever gave the value calls it.

        Examples
        --------
        >>> Limits(1, 30).mistake("--years", 0)
        '--years = 0 must be a whole number of at least 1'
        >>> Limits(1, 30).mistake("study.years", 31)
        'study.years = 31 is beyond what the model is made for: at most 30'
        """
        if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < self.least:
            return self.too_small(field, shortened(value))
        return self.too_large(field, shortened(value)) if int(value) > self.most else ""


RUN_LIMITS = {
    "years": Limits(SMALLEST["years"], LONGEST_YEARS),
    **{name: Limits(SMALLEST[name], most) for name, most in LARGEST.items()},
    "seed": Limits(0, LARGEST_SEED, "a seed can be"),
}
"""Floors and ceilings of a run's numbers."""

COUNT_LIMITS = Limits(1, 1_000_000, "one command is made for")
"""Floor and ceiling of how many runs are asked for."""

WORKERS_LIMITS = Limits(1, 1024, "one machine is made for")
"""Floor and ceiling of processes: each holds the whole model, some 200 MB."""

ASKED_LIMITS = RUN_LIMITS | {
    "seeds": COUNT_LIMITS,
    "pairs": COUNT_LIMITS,
    "paths": COUNT_LIMITS,
    "count": COUNT_LIMITS,
    "workers": WORKERS_LIMITS,
}
"""Floors and ceilings of every whole number that a command is asked for, under the name it has there."""

VIEW_LIMITS = RUN_LIMITS | {
    **{name: Limits(SMALLEST[name], most, "the view is made for") for name, most in MOST_IN_VIEW.items()},
    "months": Limits(0, 12 * LONGEST_WATCHED_YEARS),
}
"""Floors and ceilings of a watched world's numbers."""


def number_mistakes(prefix: str = "", least_seeds: int = 1, **numbers: object) -> list[str]:
    """What is wrong with the whole numbers that a command is asked for; empty if nothing is.

    Parameters
    ----------
    prefix : what their names begin with where they are asked for, such as ``--``.
    least_seeds : how many seeds the answer takes at least.
    numbers : by their names in :data:`ASKED_LIMITS`; None for one that was not given.

    Examples
    --------
    >>> number_mistakes("--", seeds=0, workers=2, years=None)
    ['--seeds = 0 must be a whole number of at least 1']
    """
    limits = ASKED_LIMITS | {"seeds": COUNT_LIMITS._replace(least=least_seeds)}
    given = {name: value for name, value in numbers.items() if value is not None}
    return [mistake for name, value in given.items() if (mistake := limits[name].mistake(prefix + name, value))]


def whole_number(name: str, text: object, limits: Limits) -> int:
    """A number that was typed, with or without signs between its thousands; its limits are for the caller to check.

    Raises
    ------
    InputError : it is no whole number, or one with too many digits for any limits.
    """
    digits = str(text).replace(",", "").replace("_", "").strip()
    if not digits.removeprefix("-").isdecimal():
        raise InputError(limits.too_small(name, shortened(text)))
    if len(digits) > _MOST_DIGITS:
        said = limits.too_small if digits.startswith("-") else limits.too_large
        raise InputError(said(name, digits[:_MOST_SHOWN] + "…"))
    return int(digits)


def shortened(value: object) -> str:
    """A value for a message, which a page has room for.

    Examples
    --------
    >>> shortened(7), shortened("seven"), shortened(10**30)
    ('7', "'seven'", '0xc9f2c9cd04674edea40000000')
    """
    text = repr(value) if not isinstance(value, int) or abs(value) < 10**_MOST_DIGITS else f"{value:#x}"
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


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
    InputError : sizes that are no whole numbers or beyond their limits, unknown channels; all mistakes at once.
    """
    mistakes = []
    given = {"investors": investors, "importers": importers, "adopters": adopters, "years": years}
    sizes: dict[str, int] = {}
    for name, value in given.items():
        if mistake := RUN_LIMITS[name].mistake(name, value):
            mistakes.append(mistake)
        elif isinstance(value, Integral):
            sizes[name] = int(value)
    require_list("without", without, f"['{next(iter(channels), 'carry')}']")
    for channel in without:
        if channel not in channels:
            near = difflib.get_close_matches(str(channel), channels, 2, 0.3) or sorted(channels)
            mistakes.append(f"channel '{channel}' is unknown; nearest: {', '.join(near)}")
    if mistakes:
        raise InputError(mistakes)
    return sizes
