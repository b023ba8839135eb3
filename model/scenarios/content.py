"""A scenario as plain data and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from itcho.agents.errors import InputError
from itcho.model.clock import Month
from itcho.model.scenarios.scenario import Episode, OutsidePath, Scenario
from itcho.model.world_layout import KeptEpisode, KeptScenario


def scenario_content(scenario: Scenario) -> KeptScenario:
    """A scenario as JSON can hold it."""
    return {
        "name": scenario.name,
        "label": scenario.label,
        "description": scenario.description,
        "evidence": scenario.evidence,
        "episodes": [_episode_content(one) for one in scenario.episodes],
        "credibility": scenario.credibility,
    }


def _episode_content(episode: Episode) -> KeptEpisode:
    return {
        "first_month": episode.first_month,
        "months": episode.months,
        "path": dataclasses.asdict(episode.path),
        "ramp_months": episode.ramp_months,
        "fade_months": episode.fade_months,
        "first": None if episode.first is None else str(episode.first),
        "last": None if episode.last is None else str(episode.last),
    }


def scenario_from(content: KeptScenario, where: str) -> Scenario:
    """The scenario of a file.  Raises InputError if it bends what cannot be bent here."""
    parts: list[tuple[Mapping[str, object], type]] = [(content, Scenario)]
    parts += [(one, Episode) for one in content["episodes"]]
    parts += [(one["path"], OutsidePath) for one in content["episodes"]]
    unknown = {name for part, kind in parts for name in set(part) - {field.name for field in dataclasses.fields(kind)}}
    if unknown:
        raise InputError(f"{where}: its scenario has what this version does not know: {', '.join(sorted(unknown))}")
    return Scenario(
        content["name"],
        content["label"],
        content["description"],
        content["evidence"],
        tuple(_episode_from(one) for one in content["episodes"]),
        content["credibility"],
    )


def _episode_from(content: KeptEpisode) -> Episode:
    first, last = content["first"], content["last"]
    return Episode(
        content["first_month"],
        content["months"],
        OutsidePath(**content["path"]),
        content["ramp_months"],
        content["fade_months"],
        None if first is None else Month.of(first),
        None if last is None else Month.of(last),
    )
