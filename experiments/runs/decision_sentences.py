"""Decisions in plain words, in English, Japanese and Traditional Chinese.

The words stand in ``experiments/data/decision_words.csv``, those of limits in :mod:`itcho.agents.limits_of_holders`.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from importlib.resources import files

from itcho.agents.decisions import Decision
from itcho.agents.errors import InputError
from itcho.agents.limits_of_holders import EVERY_LIMIT

LANGUAGES = ("en", "ja", "zh")
_ALSO = {"zh-hant": "zh", "zh-tw": "zh"}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_INSIDE = frozenset({"before_pct", "shadow_rate_pct"})
"""What a sentence needs and does not list among what was seen."""
_MATTERS = 1e-6

Words = Callable[[str, str], str]


def decision_sentences(records: Iterable[Decision], lang: str = "en") -> list[str]:
    """One or two sentences for each decision, in their order.

    Parameters
    ----------
    records : such as ``economy.decisions``.
    lang : ``en``, ``ja`` or ``zh`` (also ``zh-Hant``).

    Raises
    ------
    InputError : another language.

    Examples
    --------
    >>> saw = {"inflation_pct": 1.8, "gap_pct": -0.3, "before_pct": 1.0, "shadow_rate_pct": 1.05}
    >>> one = Decision("2026-06-30", "bank_of_japan", 1, "policy_rate", "", saw, 1.25, "%", "inertia step", 1.0)
    >>> for said in decision_sentences([one])[0].split("; "):
    ...     print(said)
    Bank of Japan, June 2026: kept 1.00. Saw inflation 1.80 and a gap of -0.30
    its rule wants 1.25
    inertia held 0.20.
    """
    code = _ALSO.get(lang.lower(), lang)
    if code not in LANGUAGES:
        raise InputError(f"lang = {lang} is unknown: write one of {', '.join(LANGUAGES)}")

    def words(kind: str, key: str) -> str:
        return decision_word(kind, key, code)

    return [_SAY[code](record, words) for record in records]


def decision_word(kind: str, key: str, lang: str = "en") -> str:
    """The word of a language for what decisions name; the name itself with blanks if there is none.

    Parameters
    ----------
    kind : ``agent``, ``what``, ``saw``, ``unit`` or ``bound``.
    key : a name of that kind, such as ``bank_of_japan``.

    Examples
    --------
    >>> decision_word("agent", "bank_of_japan", "zh-Hant"), decision_word("what", "my_own_thing")
    ('日本央行', 'my own thing')
    """
    return _words().get((kind, key), {}).get(_ALSO.get(lang.lower(), lang)) or key.replace("_", " ")


@lru_cache(maxsize=1)
def _words() -> dict[tuple[str, str], dict[str, str]]:
    text = (files("itcho.experiments") / "data" / "decision_words.csv").read_text(encoding="utf-8")
    found = {
        (line["kind"], line["key"]): {code: line[code] for code in LANGUAGES}
        for line in csv.DictReader(text.splitlines())
    }
    for limit in EVERY_LIMIT:
        found["bound", limit.name] = {"en": limit.label, "ja": limit.label_ja, "zh": limit.label_zh}
    return found


def _number(value: float) -> str:
    """Two decimals; two digits where that would be nothing."""
    shown = f"{value:.2f}" if abs(value) >= 0.1 or value == 0.0 else f"{value:.2g}"
    return "0.00" if float(shown) == 0.0 else shown


def _held(record: Decision) -> tuple[list[str], float]:
    """Names of what bound a decision, and how much it held back; of a policy rate, what inertia held."""
    names, missing = record.bound_by.split(), record.wanted - record.did
    if record.what == "policy_rate" and "inertia" in names and "shadow_rate_pct" in record.saw:
        return ["inertia"], record.wanted - record.saw["shadow_rate_pct"]
    return (names, missing) if abs(missing) > _MATTERS * max(abs(record.wanted), 1.0) else ([], 0.0)


def _list(parts: Sequence[str], comma: str, last: str) -> str:
    return parts[0] if len(parts) == 1 else comma.join(parts[:-1]) + last + parts[-1]


def _rate_verb(record: Decision, kept: str, raised: str, cut: str) -> str:
    moved = record.did - record.saw.get("before_pct", record.did)
    return (raised if moved > _MATTERS else cut if moved < -_MATTERS else kept).format(_number(record.did))


def _seen(record: Decision, words: Words, between: str) -> list[str]:
    return [
        f"{words('saw', name)}{between}{_number(value)}" for name, value in record.saw.items() if name not in _INSIDE
    ]


def _english_deed(phrase: str, did: float, unit: str) -> str:
    """What was done, in words that go with its sign."""
    if "{}" in phrase:
        return phrase.format(_number(did))
    for given, taken in (("bought", "sold"), ("borrowed", "repaid")):
        if did < 0.0 and phrase.startswith(given):
            phrase, did = taken + phrase.removeprefix(given), -did
    return f"{phrase} {_number(did)} {unit}"


def _english(record: Decision, words: Words) -> str:
    year, month = record.month[:4], _MONTHS[int(record.month[5:7]) - 1]
    if record.what == "policy_rate":
        did = _rate_verb(record, "kept {}", "raised to {}", "cut to {}")
    else:
        did = _english_deed(words("what", record.what), record.did, words("unit", record.unit))
    who = words("agent", record.agent) + (f" ({record.members:,})" if record.members > 1 else "")
    whose = "their" if record.members > 1 else "its"
    names, held = _held(record)
    parts, seen = [], _seen(record, words, " ")
    if seen:
        parts.append("saw " + _list(seen, ", ", " and "))
    if names or abs(record.wanted - record.did) > _MATTERS * max(abs(record.wanted), 1.0):
        parts.append(f"{whose} rule wants {_number(record.wanted)}")
    if names:
        parts.append(f"{_list([words('bound', name) for name in names], ', ', ' and ')} held {_number(abs(held))}")
    rest = "; ".join(parts)
    return f"{who}, {month} {year}: {did}." + (f" {rest[0].upper()}{rest[1:]}." if rest else "")


def _japanese(record: Decision, words: Words) -> str:
    if record.what == "policy_rate":
        did = _rate_verb(record, "{}％に据え置いた", "{}％に引き上げた", "{}％に引き下げた")
    else:
        did = f"{words('what', record.what)}は{_number(record.did)}{words('unit', record.unit)}"
    return _east_asian(record, words, did, "、", ("確認したのは{}。", "ルールが求めるのは{}。", "{}が{}を抑えた。"))


def _chinese(record: Decision, words: Words) -> str:
    if record.what == "policy_rate":
        did = _rate_verb(record, "維持在{}％", "升至{}％", "降至{}％")
    else:
        did = f"{words('what', record.what)}{_number(record.did)}{words('unit', record.unit)}"
    return _east_asian(record, words, did, "，", ("看到的是{}。", "規則要求{}。", "{}壓住了{}。"))


def _east_asian(record: Decision, words: Words, did: str, comma: str, phrases: tuple[str, str, str]) -> str:
    """Agent, month and deed, then what was seen, wanted and held back, in the words of ``phrases``."""
    saw, wants, held_back = phrases
    when = f"{record.month[:4]}年{int(record.month[5:7])}月"
    said = f"{words('agent', record.agent)}{comma}{when}：{did}。"
    if seen := _seen(record, words, ""):
        said += saw.format("、".join(seen))
    names, held = _held(record)
    if names or abs(record.wanted - record.did) > _MATTERS * max(abs(record.wanted), 1.0):
        said += wants.format(_number(record.wanted))
    if names:
        said += held_back.format("、".join(words("bound", name) for name in names), _number(abs(held)))
    return said


_SAY: dict[str, Callable[[Decision, Words], str]] = {"en": _english, "ja": _japanese, "zh": _chinese}
