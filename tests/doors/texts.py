"""Entries of policy, scenario, study and start-state files, each with each wrong value."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from tests.doors.tries import EITHER, Try

VALUES = (
    '""', "0", "-1", "1e308", "-1e308", "nan", "inf", "true", "[]", "{}", "[[]]", "2026-03-31", "'a'", "[1, 'a']",
    "9223372036854775807", "'" + "a" * 3000 + "'", "{a = 1}", "[{}]", "1979-05-27T07:32:00Z", "'\\u0000'",
)  # fmt: skip
STUDY = """[study]
name = "mine"
policies = ["actual"]
baseline = "none"
scenarios = ["baseline"]
seeds = 2
years = 1
start = "2026-03-31"
outcomes = ["usdjpy"]
level = 0.95
investors = 60
importers = 50
adopters = 60
variants = []

[thresholds]
usdjpy = 150.0

[smallest_effects]
usdjpy = 1.0

[parameters]
okun_coefficient = 0.2

[uncertain]
okun_coefficient = [0.1, 0.3]

[design]
kind = "latin-hypercube"
points = 2

[stop]
outcome = "usdjpy"
half_width = 1.0
minimum = 2
block = 2
"""
STATE = """base = "2026-03-31"

[facts]
usdjpy = 150

[stocks.deposits]
households = 1030.0
banks = -1599.0

[[flows]]
flow = "current.exports"
payer = "rest_of_world"
payee = "firms"
value_trn_yen = 140.0

[[events]]
date = "2026-10-01"
event = "policy_rate_pct"
value = 1.0
"""
LINES = {
    "policy": ("run", "--dry-run", "--policy"),
    "scenario": ("run", "--dry-run"),
    "study": ("study", "run", "--dry-run"),
    "start state": ("start-state", "check"),
}


def _entries(table: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in table.items():
        yield (*above, key)
        if isinstance(value, Mapping):
            yield from _entries(value, (*above, key))


def _text(table: Mapping[str, Any]) -> str:
    """A TOML text in one line for each entry, tables inline."""
    return "".join(f"{key} = {_value(value)}\n" for key, value in table.items())


def _value(value: Any) -> str:
    if isinstance(value, _Raw):
        return value.text
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_value(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)


class _Raw:
    def __init__(self, text: str) -> None:
        self.text = text


def _with(table: Mapping[str, Any], path: tuple[str, ...], raw: str) -> dict[str, Any]:
    first, *rest = path
    return dict(table) | {first: _with(table[first], tuple(rest), raw) if rest else _Raw(raw)}


def _packaged(room: str, names: tuple[str, ...]) -> dict[str, str]:
    folder = resources.files(f"itcho.model.{room}")
    return {name: folder.joinpath(f"{name}.toml").read_text(encoding="utf-8") for name in names}


def entries(folder: Path) -> Iterator[Try]:
    """Each entry of a file of each kind in each value, and beside an entry that nobody knows."""
    files = {
        "policy": _packaged("policies", ("stop-loss-adoption", "actual-price-level", "guarantee", "chip-deal")),
        "scenario": _packaged("scenarios", ("ai-bust", "fiscal-doubt", "chip-supply-disruption")),
        "study": {"study": STUDY},
        "start state": {"state": STATE},
    }
    for kind, texts in files.items():
        place = folder / kind.replace(" ", "-")
        place.mkdir()
        for name, text in texts.items():
            whole = tomllib.loads(text)
            for path in [*_entries(whole), ("unknown_entry",)]:
                for number, raw in enumerate(VALUES):
                    table = dict(whole) | {path[0]: _Raw(raw)} if len(path) == 1 else _with(whole, path, raw)
                    file = place / f"{name}-{'-'.join(path)}-{number}.toml"
                    file.write_text(_text(table), encoding="utf-8")
                    shown = f"{name}: {'.'.join(path)} = {raw[:20]}"
                    yield Try(f"entries of a {kind}", shown, (*LINES[kind], str(file)), codes=EITHER)
