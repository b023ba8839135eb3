"""What is chosen beside the picture, and what of it is not in force in the world that is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from itcho.agents.errors import InputError
from itcho.agents.rules.rule import SLOTS
from itcho.experiments.view.live_world import LiveWorld
from itcho.experiments.view.settings import AS_IN_POLICY, NO_PROGRAMME, ViewSettings, rule_names
from itcho.model.policies import POLICIES
from itcho.model.scenarios import SCENARIOS
from itcho.model.sizes import LONGEST_WATCHED_YEARS

_LONGEST_TEXT = 1000
SWITCHABLE = ("policy", "beside", *SLOTS)
"""Fields that a running world can take over: what government and Bank of Japan do."""


@dataclass(frozen=True)
class Field:
    """A field beside the picture.

    Attributes
    ----------
    name : argument of :class:`itcho.experiments.view.live_world.LiveWorld`.
    label : its heading.
    values : what can be chosen; empty for a number.
    """

    name: str
    label: str
    values: tuple[str, ...] = ()


def fields(settings: ViewSettings) -> tuple[Field, ...]:
    """The fields, in their order; the policy that the view was started with may be a file and comes first."""
    rules = rule_names()
    return (
        Field("outside", "Scenario", tuple(dict.fromkeys([settings.scenario, *SCENARIOS]))),
        Field("policy", "Policy of A", tuple(dict.fromkeys([settings.policy, *POLICIES]))),
        Field("beside", "B, beside it", tuple(dict.fromkeys([NO_PROGRAMME, settings.beside, *POLICIES]))),
        *(Field(slot, f"{slot.capitalize()} rule", tuple(rules[slot])) for slot in SLOTS),
        Field("rng", "Seed"),
        Field("investors", "Investors"),
        Field("importers", "Chip importers"),
        Field("adopters", "Adopting firms"),
    )


def texts(settings: ViewSettings) -> dict[str, str]:
    """Settings as the fields show them."""
    return {
        "outside": settings.scenario,
        "policy": settings.policy,
        "beside": settings.beside,
        **{slot: settings.rules.get(slot, AS_IN_POLICY) for slot in SLOTS},
        "rng": str(settings.seed),
        "investors": str(settings.investors),
        "importers": str(settings.importers),
        "adopters": str(settings.adopters),
    }


def offered(fields: tuple[Field, ...], name: str, value: object) -> bool:
    """Whether a browser may ask for a value: a choice of the list, or a short text for a number."""
    field = next((field for field in fields if field.name == name), None)
    if field is None or not isinstance(value, str):
        return False
    return value in field.values if field.values else len(value) <= _LONGEST_TEXT


def new_world(settings: ViewSettings, chosen: Mapping[str, str]) -> LiveWorld:
    """A world of the choices at its opening.

    Raises
    ------
    InputError : a number that is none, or beyond its limits.
    """
    world = LiveWorld(settings, **dict(chosen))
    if world.problem:
        raise InputError(world.problem)
    return world


def pending(world: LiveWorld, chosen: Mapping[str, str], fields: tuple[Field, ...]) -> dict[str, Any] | None:
    """What is chosen and not in force, for the page; ``None`` for nothing.

    ``changes`` are the fields with their value in force and the chosen one; ``can_switch`` says whether the next month
    can begin with some of them, ``rest`` names the fields that only a new world can take over.
    """
    now = texts(world.settings)
    differing = [field for field in fields if _plain(field, chosen[field.name]) != now[field.name]]
    if not differing:
        return None
    ended = world.months >= 12 * LONGEST_WATCHED_YEARS
    return {
        "changes": [
            {"label": field.label, "now": now[field.name], "chosen": chosen[field.name][:40]} for field in differing
        ],
        "can_switch": not ended and any(field.name in SWITCHABLE for field in differing),
        "rest": [field.label for field in differing if field.name not in SWITCHABLE],
        "month": world.economy.clock.now.plus(1).label,
    }


def _plain(field: Field, text: str) -> str:
    return text if field.values else text.replace(",", "").replace("_", "").strip()
