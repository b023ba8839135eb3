"""A scenario as plain data and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from itcho.agents.errors import InputError
from itcho.model.clock import Month
from itcho.model.scenarios.scenario import Episode, OutsidePath, Scenario


def scenario_content(scenario: Scenario) -> dict[str, Any]:
    """A scenario as JSON can hold it."""
    episodes = []
    for one in scenario.episodes:
        content = dataclasses.asdict(one)
        for end in ("first", "last"):
            month = getattr(one, end)
            content[end] = None if month is None else str(month)
        episodes.append(content)
    return dataclasses.asdict(dataclasses.replace(scenario, episodes=())) | {"episodes": episodes}


def scenario_from(content: Mapping[str, Any], where: str) -> Scenario:
    """The scenario of a file.  Raises InputError if it bends what cannot be bent here."""
    try:
        episodes = tuple(
            Episode(
                **{
                    **one,
                    "path": OutsidePath(**one["path"]),
                    "first": None if one["first"] is None else Month.of(one["first"]),
                    "last": None if one["last"] is None else Month.of(one["last"]),
                }
            )
            for one in content["episodes"]
        )
        return Scenario(**{**content, "episodes": episodes})
    except TypeError as error:
        raise InputError(f"{where}: its scenario has what this version does not know: {error}") from None
