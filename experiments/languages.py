"""English, Japanese and Traditional Chinese: what people read is written in English in the code and looked up here.

``data/words.csv`` holds every text in the three languages; outcomes have their names in the registry.  A text may hold
fields in braces, which are filled after it was looked up, so that each language has its own order of words.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from itcho.agents.errors import InputError

LANGUAGES: Mapping[str, str] = {"en": "English", "ja": "日本語", "zh-Hant": "繁體中文"}
"""Codes (BCP 47) and what speakers call their language."""
ALIASES: Mapping[str, str] = {"zh": "zh-Hant", "zh-hant": "zh-Hant", "zh-TW": "zh-Hant", "zh-tw": "zh-Hant"}


class Sentence(str):
    """English that remembers what it was made of, so that it can be said in another language where it is shown.

    Attributes
    ----------
    english : the text with its fields in braces.
    fields : what fills them; a field that is a sentence is said in the other language too.

    Examples
    --------
    >>> made = Sentence("{count} rows without a date", count=3)
    >>> made, words("ja")(made)
    ('3 rows without a date', '日付のない行3本')
    """

    english: str
    fields: Mapping[str, object]

    def __new__(cls, english: str, **fields: object) -> Sentence:
        """Fill ``fields`` into ``english``."""
        said = super().__new__(cls, english.format(**fields) if fields else english)
        said.english, said.fields = english, fields
        return said


def joined(sentences: Sequence[Sentence]) -> Sentence:
    """Sentences as one, with a space between them in English.

    Examples
    --------
    >>> joined([Sentence("None."), Sentence("{count} failed", count=2)])
    'None. 2 failed'
    """
    first, *others = sentences
    return Sentence("{first} {others}", first=first, others=joined(others)) if others else first


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
        if isinstance(english, Sentence):
            made = {name: self(one) if isinstance(one, Sentence) else one for name, one in english.fields.items()}
            return self(english.english, **made)
        text = self.words.get(english, english)
        return text.format(**fields) if fields else text

    def made(self, text: str) -> str:
        """A :class:`Sentence` in this language; other texts as they stand, in the English that they were written in."""
        return self(text) if isinstance(text, Sentence) else text

    def listed(self, parts: Iterable[str]) -> str:
        """Parts one after another, as the language separates them.

        Examples
        --------
        >>> words("zh-Hant").listed(["甲", "乙"]), words("en").listed(["one", "two"])
        ('甲、乙', 'one, two')
        """
        return self(", ").join(parts)

    def sentences(self, said: Iterable[str]) -> str:
        """Sentences one after another; Japanese and Chinese leave no space between them."""
        return (" " if self.code == "en" else "").join(said)

    def counted(self, counts: Mapping[str, int]) -> str:
        """How many there are of each, by what they are called in English; those that there are none of are left out."""
        return self.listed(
            self("{count} {what}", count=count, what=self(what)) for what, count in counts.items() if count
        )

    def label(self, english: str) -> str:
        """A name in this language, be it of an outcome of the registry or another text."""
        return self(english) if english in self.words else page_words(self.code).get(english, english)

    def so_many(self, count: int, one: str, many: str) -> str:
        """So many of a thing: ``one`` and ``many`` hold ``{count}`` and name it in the singular and in the plural.

        Examples
        --------
        >>> forms = ("{count} scenario", "{count} scenarios")
        >>> words("en").so_many(1, *forms), words("en").so_many(6, *forms), words("zh-Hant").so_many(6, *forms)
        ('1 scenario', '6 scenarios', '6個情境')
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


ENGLISH = Words()
"""Every text as it stands in the code: what a function speaks unless it is told."""


def padded(text: str, width: int, *, right: bool = False) -> str:
    """``text`` filled with spaces to a width on a terminal, on which a Chinese or Japanese sign takes two places.

    Examples
    --------
    >>> padded("合計", 6), padded("合計", 6, right=True)
    ('合計  ', '  合計')
    """
    from rich.cells import cell_len

    space = " " * (width - cell_len(text))
    return space + text if right else text + space


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
