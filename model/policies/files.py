"""Policy files in TOML: a whole policy, or what is different from another one.

```toml
base = "actual"                     # a policy's name, or a file beside this one
label = "Stages, then nothing"
fiscal = "debt-brake"               # a rule with its defaults

[subsidy]                           # a rule and its settings; without `rule`, the base's rule with other settings
rule = "stage-gated"
stop_gap_months = 27

["2028-04..2030-03".monetary]       # in force in these months only; "2028-04.." to the end of the run
rule = "constant"
```

A file holds data only: nothing in it can run code.  All mistakes of a file are reported at once.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from itcho.agents.errors import InputError, nearest_names
from itcho.agents.rules.rule import SLOTS, Rule, find_rule
from itcho.agents.rules.settings import mistakes_in, settings_of
from itcho.model.clock import Month
from itcho.model.input_files import resolved
from itcho.model.policies.content import policy_from
from itcho.model.policies.policy import DatedChange, Policy
from itcho.model.toml_files import (
    DATES,
    FileReader,
    find_by_name,
    is_path,
    name_of_file,
    shipped_contents,
    toml_content,
)
from itcho.model.world_file import read_world

MOST_BASES = 50
"""Policies that one may build on in a row."""

_TEXTS = ("name", "label", "description")
_BEGINS_AS_DATE = re.compile(r"\d{4}-\d{2}")
_DATED_FORM = '; what is dated must be written as ["2027-04..2029-03".subsidy] or ["2027-04..".subsidy]'


def policy(name: str | Path | Policy) -> Policy:
    """The policy called ``name``, or the one in the TOML file of that path.

    Parameters
    ----------
    name : hyphens and underscores of a name are the same; what ends in ``.toml`` or holds a slash is a path.

    Raises
    ------
    InputError : no such policy or file; all mistakes of the file.
    """
    if isinstance(name, Policy):
        return name
    if is_path(name):
        return read_policy(Path(name))
    return find_by_name("policy", str(name), POLICIES)


def read_policy(path: Path, readers: tuple[Path, ...] = ()) -> Policy:
    """Read a policy file, or the policy of a saved economy (``world.json`` in a run's folder).

    Parameters
    ----------
    path : of the file.
    readers : files that are being read because they build on one another.

    Raises
    ------
    InputError : all mistakes of the file, each with the file's name.
    """
    own = resolved(path)
    if own in readers:
        raise InputError([f"{path}: it builds on itself"])
    if len(readers) >= MOST_BASES:
        raise InputError([f"{path}: policies build on more than {MOST_BASES} others in a row"])
    if path.suffix == ".json":
        return policy_from(read_world(path)["policy"], str(path))
    content = toml_content("policy", path)
    if not content:
        raise InputError([f'{path}: is empty; a policy names a base or a rule, such as base = "actual"'])

    def base(name: str) -> Policy:
        beside = path.parent / name
        if name.endswith(".toml"):
            return read_policy(beside, (*readers, own))
        return policy(name)

    return _Reader(str(path), name_of_file("policy", path), base).policy(content)


class _Reader(FileReader):
    """Reads the content of one policy file and gathers its mistakes."""

    def __init__(self, where: str, stem: str, base: Callable[[str], Policy]) -> None:
        super().__init__(where, stem)
        self.find_base = base

    def policy(self, content: Mapping[str, object]) -> Policy:
        """The policy, or all mistakes as one error."""
        found = self._base(content)
        texts = self.texts(content, {"description": found.description})
        dated = {key: value for key, value in content.items() if DATES.fullmatch(key) or ".." in key}
        for key in content:
            if key not in ("base", *_TEXTS, *SLOTS, *dated):
                near = nearest_names(key, ("base", *_TEXTS, *SLOTS)) or (
                    _DATED_FORM if _BEGINS_AS_DATE.match(key) else ""
                )
                self.wrong(f"'{key}' has no place in a policy{near}")
        rules = {slot: self._rule(slot, content[slot], getattr(found, slot), slot) for slot in SLOTS if slot in content}
        given = {slot: rule for slot, rule in rules.items() if rule is not None}
        undated = dataclasses.replace(
            found.with_rules(given), name=texts["name"], label=texts["label"], description=texts["description"]
        )
        changes = [change for key, table in dated.items() for change in self._dated(key, table, undated)]
        self._check_overlaps(changes)
        self.raise_mistakes()
        if changes:
            named = {change.slot for change in changes}
            kept = [change for change in found.changes if change.slot not in named]
            return dataclasses.replace(undated, changes=(*kept, *changes))
        return undated

    def _base(self, content: Mapping[str, object]) -> Policy:
        empty = Policy(self.stem, self.stem, "")
        name = content.get("base")
        if name is None:
            return empty
        if not isinstance(name, str):
            self.wrong(f"base is {name!r}, not the name of a policy")
            return empty
        try:
            return self.find_base(name)
        except InputError as error:
            for message in error.messages:
                self.wrong(f"base: {message}")
            return empty

    def _rule(self, slot: str, given: object, base: Rule, where: str) -> Rule | None:
        """The rule that a slot is given, or None after noting what is wrong with it."""
        values = {"rule": given} if isinstance(given, str) else given
        if not isinstance(values, dict):
            self.wrong(f"{where} is {given!r}, not a rule's name or a table")
            return None
        if not values:
            self.wrong(f"{where} is empty; name a rule or settings of the base's rule, or leave the table out")
            return None
        values = dict(values)
        name = values.pop("rule", type(base).name)
        if not isinstance(name, str):
            self.wrong(f"{where}.rule is {name!r}, not a name")
            return None
        try:
            kind = find_rule(slot, name)
        except InputError as error:
            for message in error.messages:
                self.wrong(message)
            return None
        wrong = list(mistakes_in(kind, values))
        for text in wrong:
            self.wrong(f"{where} rule '{kind.name}': {text}")
        if wrong:
            return None
        if kind is type(base):
            values = {setting: getattr(base, setting) for setting in settings_of(kind)} | values
        try:
            return kind(**values)
        except InputError as error:
            self.mistakes += [f"{self.where}: {message}" for message in error.messages]
            return None

    def _dated(self, dates: str, table: object, undated: Policy) -> list[DatedChange]:
        match = DATES.fullmatch(dates)
        months: list[Month | None] = []
        for text in match.groups() if match else ():
            try:
                months.append(None if text is None else Month.of(text))
            except ValueError as error:
                self.wrong(f"'{dates}': {error}")
        if len(months) != 2 or months[0] is None or not isinstance(table, dict):
            if not match or not isinstance(table, dict):
                self.wrong(f'\'{dates}\' must be written as ["2027-04..2029-03".subsidy] or ["2027-04..".subsidy]')
            return []
        first, last = months[0], months[1]
        if not table:
            self.wrong(f"'{dates}' is empty; name a slot in it, such as [\"{dates}\".subsidy], or leave it out")
        if last is not None and last < first:
            self.wrong(f"'{dates}' ends before it begins")
        changes = []
        for slot, given in table.items():
            if slot not in SLOTS:
                near = nearest_names(slot, SLOTS) or f"; one of {', '.join(SLOTS)}"
                self.wrong(f"'{dates}': '{slot}' is no slot{near}")
                continue
            rule = self._rule(slot, given, getattr(undated, slot), f"'{dates}'.{slot}")
            if rule is not None:
                changes.append(DatedChange(slot, rule, first, last))
        return changes

    def _check_overlaps(self, changes: list[DatedChange]) -> None:
        ordered = sorted(changes, key=lambda change: (change.slot, change.first))
        for one, other in itertools.pairwise(ordered):
            if one.slot == other.slot and (one.last is None or other.first <= one.last):
                self.wrong(f"two {one.slot} rules hold in {other.first}: '{one.dates}' and '{other.dates}'")


def _shipped() -> dict[str, Policy]:
    """The policies of this package: `actual` and `none` first, then by name."""
    contents = shipped_contents("itcho.model.policies", ("actual", "none"))
    found: dict[str, Policy] = {}

    def get(name: str) -> Policy:
        if name not in found:
            found[name] = _Reader(f"{name}.toml", name, get).policy(contents[name])
        return found[name]

    return {name: get(name) for name in contents}


POLICIES: dict[str, Policy] = _shipped()
"""The policies that come with the model, by name."""
