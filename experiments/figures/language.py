"""The language of a figure: what its words are in Japanese, and a font that has them."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from itcho.agents.errors import InputError

LANGUAGES = ("en", "ja")

JAPANESE_FONTS = (
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "IPAexGothic",
    "IPAGothic",
    "Source Han Sans JP",
    "Source Han Sans",
    "BIZ UDPGothic",
    "Hiragino Sans",
    "Hiragino Kaku Gothic ProN",
    "Yu Gothic",
    "Meiryo",
    "MS Gothic",
    "TakaoPGothic",
    "TakaoGothic",
    "VL PGothic",
    "VL Gothic",
)
"""Fonts with Japanese glyphs, sans serif, the preferred ones first."""
_FILE_HINTS = ("cjk", "jp", "ipa", "hiragino", "yugoth", "meiryo", "msgothic", "takao", "vl-", "gothic", "sourcehan")


@dataclass(frozen=True)
class Language:
    """What the words of a figure are, and what they are set in.

    Attributes
    ----------
    code : one of :data:`LANGUAGES`.
    font : family of the platform that has the glyphs; None for matplotlib's own.
    words : English text to the language's.
    """

    code: str = "en"
    font: str | None = None
    words: dict[str, str] = field(default_factory=dict)

    def __call__(self, english: str) -> str:
        """``english`` in this language; what has no translation (names of firms, say) stays as it is."""
        return self.words.get(english, english)

    def outcome(self, name: str) -> str:
        """Short name of an outcome of the registry."""
        from itcho.model.measure.outcomes import OUTCOMES

        return OUTCOMES[name].label_in(self.code)

    def unit(self, name: str) -> str:
        """Unit of an outcome of the registry."""
        from itcho.model.measure.outcomes import OUTCOMES

        return self(OUTCOMES[name].unit)


ENGLISH = Language()


def language(code: str) -> Language:
    """The language of a code.

    Raises
    ------
    InputError : no such language, or the platform has no font for it.
    """
    if code == "en":
        return ENGLISH
    if code != "ja":
        raise InputError(f"--lang = {code} is unknown: write one of {', '.join(LANGUAGES)}")
    font = japanese_font()
    if font is None:
        raise InputError(
            "--lang ja: no font with Japanese characters is installed; install one, such as fonts-ipaexfont or "
            "fonts-noto-cjk (Debian and Ubuntu: apt install fonts-ipaexfont), or use --lang en"
        )
    return Language("ja", font, dict(japanese_words()))


def japanese_font() -> str | None:
    """The first of :data:`JAPANESE_FONTS` that the platform has; None if it has none."""
    from matplotlib import font_manager

    found = _first_known()
    if found is not None:
        return found
    # matplotlib lists fonts once and keeps the list: a font installed since then has to be shown to it.
    for file in font_manager.findSystemFonts():
        if any(hint in Path(file).name.lower() for hint in _FILE_HINTS):
            try:
                font_manager.fontManager.addfont(file)
            except (OSError, RuntimeError):
                continue
    return _first_known()


def _first_known() -> str | None:
    from matplotlib import font_manager

    known = {entry.name for entry in font_manager.fontManager.ttflist if Path(entry.fname).exists()}
    return next((name for name in JAPANESE_FONTS if name in known), None)


@cache
def japanese_words() -> dict[str, str]:
    """English texts that are no outcome to Japanese, from ``labels_ja.csv``."""
    with Path(__file__).with_name("labels_ja.csv").open(encoding="utf-8", newline="") as stream:
        return {row["text"]: row["japanese"] for row in csv.DictReader(stream)}
