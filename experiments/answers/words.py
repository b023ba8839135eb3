"""The words of the answers in three languages, from ``words.csv``; outcomes bring their own labels."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from itcho.agents.errors import InputError

LANGUAGES = ("en", "ja", "zh-Hant")
_COLUMNS = {"en": "en", "ja": "ja", "zh-Hant": "zh", "zh": "zh"}
MINUS = "−"


@dataclass(frozen=True)
class Words:
    """Texts of one language.

    Attributes
    ----------
    code : as HTML names it, one of :data:`LANGUAGES`.
    texts : by key, with places to fill in braces.
    """

    code: str
    texts: dict[str, str]

    def __call__(self, key: str, **filled: object) -> str:
        """The text of a key, filled in.

        Raises
        ------
        KeyError : there is none.
        """
        return self.texts[key].format(**filled)

    def named(self, kind: str, name: str, label: str) -> str:
        """The label of a ``policy``, ``scenario`` or ``channel``; what has no words of its own keeps its label."""
        return self.texts.get(f"{kind}:{name}", label)

    def outcome(self, name: str) -> str:
        """Short name of an outcome of the registry."""
        from itcho.model.measure.outcomes import OUTCOMES

        return OUTCOMES[name].label_in(_COLUMNS[self.code])

    def unit(self, name: str) -> str:
        """Unit of a difference of an outcome."""
        from itcho.model.measure.outcomes import OUTCOMES

        unit = "percentage points" if OUTCOMES[name].unit == "%" else OUTCOMES[name].unit
        return self.texts.get(f"unit:{unit}", unit)

    def listed(self, items: list[str]) -> str:
        """Items as a list in a sentence."""
        if len(items) < 2:
            return "".join(items)
        return self("list_comma").join(items[:-1]) + self("list_and") + items[-1]


def words(code: str) -> Words:
    """The words of a language.

    Raises
    ------
    InputError : no such language.
    """
    if code not in _COLUMNS:
        raise InputError(f"--lang {code} is unknown: write one of {', '.join(LANGUAGES)}")
    column = _COLUMNS[code]
    return Words("zh-Hant" if column == "zh" else code, {key: row[column] for key, row in _table().items()})


@cache
def _table() -> dict[str, dict[str, str]]:
    with Path(__file__).with_name("words.csv").open(encoding="utf-8", newline="") as stream:
        return {row["key"]: row for row in csv.DictReader(stream)}


def figure(value: float, *, signed: bool = False, digits: int = 3) -> str:
    """A number for people: so many digits that count, a true minus sign, zero as ``0``.

    Examples
    --------
    >>> figure(-0.123456), figure(2.0, signed=True), figure(1234.5), figure(0.0, signed=True), figure(0.99999)
    ('−0.123', '+2.00', '1,234', '0', '1.00')
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} is no figure to be read")
    shown = float(f"{value:.{digits - 1}e}") if abs(value) < 10.0**digits else value
    if shown == 0.0:
        return "0"
    size = min(max(0, digits - 1 - math.floor(math.log10(abs(shown)))), 6)
    text = f"{shown:+,.{size}f}" if signed else f"{shown:,.{size}f}"
    return ("0" if not text.strip("+-0.,") else text).replace("-", MINUS)
