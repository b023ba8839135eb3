"""English, Japanese and Traditional Chinese: what people read is written in English in the code and looked up here.

``data/words.csv`` holds every text in the three languages; outcomes have their names in the registry.  A text may hold
fields in braces, which are filled after it was looked up, so that each language has its own order of words.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from itcho.agents.errors import InputError

LANGUAGES: Mapping[str, str] = {"en": "English", "ja": "日本語", "zh-Hant": "繁體中文"}
"""Codes (BCP 47) and what speakers call their language."""
ALIASES: Mapping[str, str] = {"zh": "zh-Hant", "zh-hant": "zh-Hant", "zh-TW": "zh-Hant", "zh-tw": "zh-Hant"}


@dataclass(frozen=True)
class Words:
    """The words of a language.

    Attributes
    ----------
    code : one of :data:`LANGUAGES`.
    words : English text to the language's.
    """

    code: str = "en"
    words: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, english: str, **fields: object) -> str:
        """``english`` in this language, its fields filled; a text without translation (a firm's name) stays as it is.

        Examples
        --------
        >>> words("ja")("fiscal year"), words("en")("{count} pairs of worlds", count=40)
        ('年度', '40 pairs of worlds')
        """
        text = self.words.get(english, english)
        return text.format(**fields) if fields else text

    def counted(self, count: int, one: str, many: str) -> str:
        """So many of a thing: ``one`` and ``many`` hold ``{count}`` and name it in the singular and in the plural.

        Examples
        --------
        >>> say = words("en").counted
        >>> say(1, "{count} scenario", "{count} scenarios"), say(6, "{count} scenario", "{count} scenarios")
        ('1 scenario', '6 scenarios')
        """
        return self(one if count == 1 else many, count=count)

    def outcome(self, name: str) -> str:
        """Short name of an outcome of the registry."""
        from itcho.model.measure.outcomes import OUTCOMES

        return OUTCOMES[name].label_in(self.code)

    def column(self, name: str) -> str:
        """An outcome's heading of a narrow column."""
        from itcho.model.measure.outcomes import OUTCOMES

        return OUTCOMES[name].column if self.code == "en" else self.outcome(name)

    def unit(self, name: str) -> str:
        """Unit of an outcome of the registry."""
        from itcho.model.measure.outcomes import OUTCOMES

        return self(OUTCOMES[name].unit)

    def difference_unit(self, name: str) -> str:
        """Unit of a difference of an outcome: of percentages it is percentage points."""
        from itcho.model.measure.outcomes import OUTCOMES

        return self(difference_unit(OUTCOMES[name].unit))


def difference_unit(unit: str) -> str:
    """The unit of a difference.

    Examples
    --------
    >>> difference_unit("%"), difference_unit("% of GDP"), difference_unit("trn yen")
    ('pp', 'pp of GDP', 'trn yen')
    """
    return f"pp{unit[1:]}" if unit.startswith("%") else unit


def code_of(code: str) -> str:
    """A language's code as it stands in :data:`LANGUAGES`.

    Raises
    ------
    InputError : no such language.
    """
    found = ALIASES.get(code, code)
    if found not in LANGUAGES:
        raise InputError(f"--lang = {code} is unknown: write one of {', '.join(LANGUAGES)}")
    return found


def words(code: str = "en") -> Words:
    """The words of a language.

    Raises
    ------
    InputError : no such language.
    """
    found = code_of(code)
    return Words(found, translations(found))


@cache
def translations(code: str) -> Mapping[str, str]:
    """English texts to those of a language; empty for English."""
    if code == "en":
        return {}
    column = code.replace("-", "_").lower()
    text = (files("itcho.experiments") / "data" / "words.csv").read_text(encoding="utf-8")
    return {row["text"]: row[column] for row in csv.DictReader(text.splitlines(keepends=True))}


def page_words(code: str) -> dict[str, str]:
    """All that a page may say in a language, by English text: the words, and the registry's names of outcomes."""
    from itcho.model.measure.outcomes import OUTCOMES

    if code == "en":
        return {}
    return {**translations(code), **{one.label: one.label_in(code) for one in OUTCOMES.values()}}
