"""What all rules share, and how a rule is found by its name.

A class that derives from a slot's base class joins the catalogue when its file is imported.  Looking a rule up imports
every file of this folder, and, for a name that is still unknown, the packages that announce themselves under the entry
point ``itcho.rules``.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from functools import lru_cache
from importlib.metadata import entry_points
from typing import ClassVar

import itcho.agents.rules
from itcho.agents.errors import InputError, nearest_names
from itcho.agents.rules.settings import check_rule

SLOTS = ("subsidy", "fiscal", "monetary", "intervention", "trade", "rescue")
"""The slots of a policy."""

_MUST_ANSWER = {
    "subsidy": "support",
    "fiscal": "discretionary_factor",
    "monetary": "wanted_rate_pct",
    "intervention": "order_bn_usd",
    "trade": "deal",
    "rescue": "decide",
}
"""The question of each slot that has no answer of its own."""

_CATALOGUE: dict[str, dict[str, type[Rule]]] = {slot: {} for slot in SLOTS}


class Rule:
    """A rule of a policy: a frozen dataclass of settings.

    Attributes
    ----------
    slot : the slot it can fill; the slot's base class sets it.
    name : how it is called in policy files.
    """

    slot: ClassVar[str] = ""
    name: ClassVar[str] = ""

    def __init_subclass__(cls, **arguments: object) -> None:
        """Enter the class in the catalogue if it has a slot and a name of its own."""
        super().__init_subclass__(**arguments)
        if not (cls.slot and "name" in cls.__dict__):
            return
        known = _CATALOGUE[cls.slot].get(cls.name)
        if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise InputError(
                f"two {cls.slot} rules are called '{cls.name}': {known.__module__}.{known.__qualname__} and "
                f"{cls.__module__}.{cls.__qualname__}"
            )
        _CATALOGUE[cls.slot][cls.name] = cls

    def __post_init__(self) -> None:
        """Check the settings; see :func:`itcho.agents.rules.settings.check_rule`."""
        check_rule(self, f"{self.slot} rule '{self.name}'")


@lru_cache(maxsize=1)
def _import_own_rules() -> None:
    for module in pkgutil.iter_modules(itcho.agents.rules.__path__):
        importlib.import_module(f"itcho.agents.rules.{module.name}")


@lru_cache(maxsize=1)
def _import_announced_rules() -> None:
    for entry in entry_points(group="itcho.rules"):
        entry.load()


def rules_of(slot: str) -> dict[str, type[Rule]]:
    """The rules that can fill ``slot``, by name; those of this folder first, in the order of its files."""
    _import_own_rules()
    return dict(_CATALOGUE[slot])


def rules_of_module(module: str) -> list[type[Rule]]:
    """The rules of a module that are in the catalogue, in the order of the slots."""
    return [kind for rules in _CATALOGUE.values() for kind in rules.values() if kind.__module__ == module]


def forget_rules(module: str) -> None:
    """Take the rules of a module that cannot be used out of the catalogue."""
    for kind in rules_of_module(module):
        del _CATALOGUE[kind.slot][kind.name]


def mistakes_of_class(kind: type[Rule]) -> list[str]:
    """What keeps a class of rules from being named in a policy, built and asked; empty if nothing does."""
    called = f"{kind.slot} rule {kind.name!r} ({kind.__qualname__})"
    found = []
    if not isinstance(kind.name, str) or not kind.name.strip() or "_" in kind.name or not kind.name.isprintable():
        found.append(f"{called}: its name has to be a text such as 'my-rule', with hyphens in place of underscores")
    question = _MUST_ANSWER[kind.slot]
    if _definer(kind, question).__base__ in (Rule, None):  # the slot's own class, which answers nothing
        found.append(f"{called}: it has no {question}(), which every {kind.slot} rule has to answer")
    declared = [name for name, value in vars(kind).items() if isinstance(value, dataclasses.Field)]
    if declared:
        found.append(f"{called}: write @dataclass(frozen=True) above the class, which declares {', '.join(declared)}")
    if found:
        return found
    try:
        kind()
    except InputError as error:
        found += [f"{called} with its defaults: {message}" for message in error.messages]
    except Exception as error:
        found.append(f"{called} cannot be built from its defaults: {type(error).__name__}: {error}")
    return found


def _definer(kind: type[Rule], method: str) -> type:
    """The class that a method comes from."""
    return next((base for base in kind.__mro__ if method in base.__dict__), object)


def find_rule(slot: str, name: str) -> type[Rule]:
    """The class of rules called ``name`` (hyphens and underscores are the same).

    Raises
    ------
    InputError : no such rule; the message lists the nearest names.
    """
    wanted = name.replace("_", "-")
    if wanted not in rules_of(slot):
        _import_announced_rules()
    rules = rules_of(slot)
    if wanted in rules:
        return rules[wanted]
    raise InputError(
        f"{slot} rule '{name}' is unknown{nearest_names(wanted, rules) or '; known: ' + ', '.join(sorted(rules))}"
    )
