"""Scenario files in TOML: the world's part of an experiment, with the evidence it rests on.

```toml
label = "Chip-supply disruption"
description = "Foreign suppliers of AI chips lose 60% of their capacity for nine months."
evidence = "Severity and duration by judgement"
credibility = true                  # whether fiscal policy's credibility moves bonds and the yen

[[episodes]]
when = "13..21"                     # months of the run, 1 first; or "2027-04..2027-12"; or "13.."
chip_capacity = 0.4                 # see OutsidePath for what can be bent

[[episodes]]
when = "2028-04.."
ramp_months = 6                     # grows to its full size in equal steps; fade_months at the end
us_rate_shift_pp = -1.5
```

A file holds data only: nothing in it can run code, and nothing inside Japan has a name in it.  All mistakes of a file
are reported at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, cast

from itcho.agents.errors import InputError, nearest_names
from itcho.agents.rules.settings import mistakes_in, settings_of
from itcho.model.clock import Month
from itcho.model.scenarios.content import scenario_from
from itcho.model.scenarios.scenario import LONGEST_MONTHS, Episode, OutsidePath, Scenario
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

_TEXTS = ("name", "label", "description", "evidence")
_KEYS = (*_TEXTS, "credibility", "episodes")
_SHAPE = ("ramp_months", "fade_months")
_MONTHS = re.compile(r"(\d{1,4})\.\.(\d{1,4})?")
_INSIDE_JAPAN = "a scenario bends the world outside Japan only"


def scenario(name: str | Path | Scenario) -> Scenario:
    """The scenario called ``name``, or the one in the TOML file of that path.

    Parameters
    ----------
    name : hyphens and underscores of a name are the same; what ends in ``.toml`` or holds a slash is a path.

    Raises
    ------
    InputError : no such scenario or file; all mistakes of the file.
    """
    if isinstance(name, Scenario):
        return name
    if is_path(name):
        return read_scenario(Path(name))
    return find_by_name("scenario", str(name), SCENARIOS)


def read_scenario(path: Path) -> Scenario:
    """Read a scenario file, or the scenario of a saved economy (``world.json`` in a run's folder).

    Raises
    ------
    InputError : all mistakes of the file, each with the file's name.
    """
    if path.suffix == ".json":
        return scenario_from(read_world(path)["scenario"], str(path))
    content = toml_content("scenario", path)
    if not content:
        raise InputError([f"{path}: is empty; a scenario has at least one of {', '.join(_KEYS)}"])
    return _Reader(str(path), name_of_file("scenario", path)).scenario(content)


class _Span(NamedTuple):
    """When an episode is: first month and length, and its dates if it is dated."""

    first_month: int
    months: int
    first: Month | None = None
    last: Month | None = None


class _Reader(FileReader):
    """Reads the content of one scenario file and gathers its mistakes."""

    def scenario(self, content: Mapping[str, object]) -> Scenario:
        """The scenario, or all mistakes as one error."""
        for key in content:
            if key not in _KEYS:
                near = nearest_names(key, _KEYS) or f"; it has: {', '.join(_KEYS)}"
                self.wrong(f"'{key}' has no place in a scenario ({_INSIDE_JAPAN}){near}")
        texts = self.texts(content, {"description": "", "evidence": ""})
        credibility = content.get("credibility", True)
        if not isinstance(credibility, bool):
            self.wrong(f"credibility is {credibility!r}, not true or false")
            credibility = True
        given = content.get("episodes", [])
        if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
            self.wrong("episodes must be written as [[episodes]] tables")
            given = []
        episodes = [self._episode(f"episode {place}", table) for place, table in enumerate(given, 1)]
        self.raise_mistakes()
        whole = tuple(one for one in episodes if one is not None)
        return Scenario(**texts, episodes=whole, credibility=credibility)

    def _episode(self, where: str, table: Mapping[str, object]) -> Episode | None:
        known = {**settings_of(OutsidePath)}
        before = len(self.mistakes)
        bends = {key: value for key, value in table.items() if key not in ("when", *_SHAPE)}
        for key in [key for key in bends if key not in known]:
            near = nearest_names(key, ("when", *_SHAPE, *known)) or f"; it has: when, {', '.join((*_SHAPE, *known))}"
            self.wrong(f"{where}: '{key}' is nothing that can be bent ({_INSIDE_JAPAN}){near}")
            del bends[key]
        for text in mistakes_in(OutsidePath, bends):
            self.wrong(f"{where}: {text}")
        if not bends and len(self.mistakes) == before:
            self.wrong(f"{where}: it bends nothing; it has: {', '.join(known)}")
        ramp, fade = (self._whole(where, key, table.get(key, 0)) for key in _SHAPE)
        span = self._span(where, table.get("when"))
        if span is None or len(self.mistakes) > before:
            return None
        try:
            # The settings were checked above.
            path = OutsidePath(**cast(dict[str, float], bends))
            return Episode(span.first_month, span.months, path, ramp, fade, span.first, span.last)
        except InputError as error:
            for message in error.messages:
                self.wrong(f"{where}: {message}")
            return None

    def _whole(self, where: str, key: str, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LONGEST_MONTHS:
            self.wrong(f"{where}: {key} is {value!r}, not a whole number from 0 to {LONGEST_MONTHS}")
            return 0
        return value

    def _span(self, where: str, when: object) -> _Span | None:
        """First month and length of an episode, and its dates if it is dated."""
        text = when if isinstance(when, str) else ""
        numbered, dated = _MONTHS.fullmatch(text), DATES.fullmatch(text)
        if numbered:
            first = int(numbered[1])
            last = int(numbered[2]) if numbered[2] else LONGEST_MONTHS
            if not 1 <= first <= last <= LONGEST_MONTHS:
                self.wrong(f"{where}: when is '{text}'; months of the run count from 1 to {LONGEST_MONTHS}, in order")
                return None
            return _Span(first - 1, last - first + 1)
        if dated:
            try:
                begin, end = Month.of(dated[1]), None if dated[2] is None else Month.of(dated[2])
            except ValueError as error:
                self.wrong(f"{where}: when is '{text}': {error}")
                return None
            if end is not None and end < begin:
                self.wrong(f"{where}: when is '{text}', which ends before it begins")
                return None
            return _Span(0, LONGEST_MONTHS if end is None else end - begin + 1, begin, end)
        forms = 'months of the run ("13..21", "13..") or dates ("2027-04..2027-12")'
        self.wrong(f"{where}: when is {when!r}; write {forms}")
        return None


def _shipped() -> dict[str, Scenario]:
    """The scenarios of this package: the baseline first, then by name."""
    return {
        name: _Reader(f"{name}.toml", name).scenario(content)
        for name, content in shipped_contents("itcho.model.scenarios", ("baseline",)).items()
    }


SCENARIOS: dict[str, Scenario] = _shipped()
"""The scenarios that come with the model, by name."""
