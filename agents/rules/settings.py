"""Settings of a rule: typed numbers and choices with unit and bounds, checked when a rule is built.

A rule declares its settings as dataclass fields with :func:`number`, :func:`whole`, :func:`amounts`, :func:`flag` and
:func:`choice`.  The same declarations check values given in code and in TOML, and write the reference pages.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping

from itcho.agents.errors import InputError, nearest_names


@dataclasses.dataclass(frozen=True)
class Setting:
    """What is allowed for one setting.

    Attributes
    ----------
    kind : "number", "whole", "amounts", "flag" or "choice".
    unit : in words; empty for flags and choices.
    low, high : bounds of a number, or of each of several.
    options : what can be chosen; empty if it is no choice.
    """

    kind: str
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    options: tuple[str, ...] = ()

    @property
    def bounds(self) -> str:
        """The bounds or the options, for people."""
        if self.kind == "choice":
            return ", ".join(self.options)
        return "true or false" if self.kind == "flag" else f"{self.low:g} to {self.high:g}"


def number(default: float, low: float, high: float, unit: str) -> float:
    """A number with bounds."""
    return dataclasses.field(default=default, metadata={"setting": Setting("number", unit, low, high)})


def whole(default: int, low: int, high: int, unit: str) -> int:
    """A whole number with bounds."""
    return dataclasses.field(default=default, metadata={"setting": Setting("whole", unit, low, high)})


def amounts(default: tuple[float, ...], low: float, high: float, unit: str) -> tuple[float, ...]:
    """Several numbers, each within the bounds."""
    return dataclasses.field(default=default, metadata={"setting": Setting("amounts", unit, low, high)})


def flag(default: bool) -> bool:
    """Yes or no."""
    return dataclasses.field(default=default, metadata={"setting": Setting("flag")})


def choice(default: str, options: tuple[str, ...]) -> str:
    """One of several names."""
    return dataclasses.field(default=default, metadata={"setting": Setting("choice", options=options)})


def settings_of(kind: type) -> dict[str, Setting]:
    """The settings that a class of rules declares, by name; a class that is no dataclass has none."""
    if not dataclasses.is_dataclass(kind):
        return {}
    return {field.name: field.metadata["setting"] for field in dataclasses.fields(kind) if "setting" in field.metadata}


def checked(setting: Setting, value: object) -> tuple[object, str]:
    """``value`` in the setting's own type, and what is wrong with it (empty if nothing is)."""
    if setting.kind == "flag":
        return value, "" if isinstance(value, bool) else f"is {value!r}, not true or false"
    if setting.kind == "choice":
        right = isinstance(value, str) and value in setting.options
        near = nearest_names(str(value), setting.options) or f"; one of: {', '.join(setting.options)}"
        return value, "" if right else f"is {value!r}, which cannot be chosen{near}"
    if setting.kind == "amounts":
        if not isinstance(value, (list, tuple)):
            return value, f"is {value!r}, not a list of numbers"
        pairs = [_checked_number(setting, each) for each in value]
        return tuple(one for one, _ in pairs), "; ".join(wrong for _, wrong in pairs if wrong)
    return _checked_number(setting, value)


def _checked_number(setting: Setting, value: object) -> tuple[object, str]:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or math.isnan(value):
        return value, f"is {value!r}, not a number"
    if not setting.low <= value <= setting.high:
        return value, f"is {value:g}{_unit(setting)}, outside {setting.bounds}"
    if setting.kind != "whole":
        return float(value), ""
    return int(value), "" if int(value) == value else f"is {value:g}, not a whole number"


def _unit(setting: Setting) -> str:
    return f" {setting.unit}" if setting.unit else ""


def mistakes_in(kind: type, values: Mapping[str, object]) -> Iterator[str]:
    """What is wrong with the given values of a rule's settings, one message each, unknown names among them."""
    known = settings_of(kind)
    for name, value in values.items():
        if name not in known:
            yield f"{name} is no setting{nearest_names(name, known) or _listed(known)}"
        elif wrong := checked(known[name], value)[1]:
            yield f"{name} {wrong}"


def _listed(known: Mapping[str, Setting]) -> str:
    return f"; it has: {', '.join(known)}" if known else "; it has none"


def check_rule(rule: object, where: str) -> None:
    """Check the settings of a rule just built and bring each into its own type.

    Raises
    ------
    InputError : a value of the wrong type or outside its bounds; names the rule, the setting, the value and the bounds.
    """
    values = {name: getattr(rule, name) for name in settings_of(type(rule))}
    if wrong := [f"{where}: {text}" for text in mistakes_in(type(rule), values)]:
        raise InputError(wrong)
    for name, setting in settings_of(type(rule)).items():
        object.__setattr__(rule, name, checked(setting, values[name])[0])
