"""The language of a figure: its words, and fonts that have their characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from itcho.agents.errors import InputError
from itcho.experiments.languages import Words, code_of, translations

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
CHINESE_FONTS = (
    "Noto Sans CJK TC",
    "Noto Sans TC",
    "Source Han Sans TC",
    "Source Han Sans",
    "PingFang TC",
    "Heiti TC",
    "Microsoft JhengHei",
    "AR PL UMing TW",
    "AR PL UKai TW",
    "WenQuanYi Zen Hei",
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
)
"""Fonts with the glyphs of Traditional Chinese, those of Taiwan first; the last have them all in another style."""
_FILE_HINTS = (
    "cjk", "jp", "ipa", "hiragino", "yugoth", "meiryo", "msgothic", "takao", "vl-", "gothic", "sourcehan", "notosanstc",
    "pingfang", "heiti", "jhenghei", "msjh", "uming", "ukai", "wqy",
)  # fmt: skip
_NEEDS = {
    "ja": ("Japanese", "fonts-ipaexfont or fonts-noto-cjk", "fonts-ipaexfont"),
    "zh-Hant": ("Traditional Chinese", "fonts-noto-cjk", "fonts-noto-cjk"),
}


@dataclass(frozen=True)
class Language(Words):
    """What the words of a figure are, and what they are set in.

    Attributes
    ----------
    fonts : families of the platform that have the glyphs together; none for matplotlib's own.
    """

    fonts: tuple[str, ...] = ()


ENGLISH = Language()


def language(code: str) -> Language:
    """The language of a code.

    Raises
    ------
    InputError : no such language, or the platform has no font for it.
    """
    found = code_of(code)
    if found == "en":
        return ENGLISH
    fonts = fonts_for(found)
    if not fonts:
        name, packages, package = _NEEDS[found]
        raise InputError(
            f"--lang {found}: no font with {name} characters is installed; install one, such as {packages} "
            f"(Debian and Ubuntu: apt install {package}), or use --lang en"
        )
    return Language(found, translations(found), fonts)


def language_or_english(code: str) -> Language:
    """The language of a code, or English where the platform has no font for it: for pictures that nobody asked for.

    Raises
    ------
    InputError : no such language.
    """
    known = code_of(code)
    try:
        return language(known)
    except InputError:
        return ENGLISH


def fonts_for(code: str) -> tuple[str, ...]:
    """Fonts that have a language's characters together; none if the platform's have not all of them."""
    if code == "ja":
        font = japanese_font()
        return (font,) if font else ()
    characters = {sign for text in translations(code).values() for sign in text if ord(sign) > 0x2E80}
    chosen: list[str] = []
    for name in _known(CHINESE_FONTS) + _known(JAPANESE_FONTS):
        found = _characters(name)
        if characters & found:
            chosen.append(name)
            characters -= found
        if not characters:
            return tuple(chosen)
    return ()


def japanese_font() -> str | None:
    """The first of :data:`JAPANESE_FONTS` that the platform has; None if it has none."""
    return next(iter(_known(JAPANESE_FONTS)), None)


def _known(names: Sequence[str]) -> list[str]:
    from matplotlib import font_manager

    def among() -> list[str]:
        known = {entry.name for entry in font_manager.fontManager.ttflist if Path(entry.fname).exists()}
        return [name for name in names if name in known]

    if found := among():
        return found
    # matplotlib lists fonts once and keeps the list: a font installed since then has to be shown to it.
    for file in font_manager.findSystemFonts():
        if any(hint in Path(file).name.lower() for hint in _FILE_HINTS):
            try:
                font_manager.fontManager.addfont(file)
            except (OSError, RuntimeError):
                continue
    return among()


def _characters(font: str) -> set[str]:
    """What a font of the platform can write."""
    from matplotlib import font_manager, ft2font

    file = next(entry.fname for entry in font_manager.fontManager.ttflist if entry.name == font)
    return {chr(code) for code in ft2font.FT2Font(str(file)).get_charmap()}
