"""A policy as plain data and back: names of rules and their settings, never code."""

from __future__ import annotations

import dataclasses

from itcho.agents.errors import InputError
from itcho.agents.rules.rule import Rule, find_rule
from itcho.agents.rules.settings import settings_of
from itcho.model.clock import Month
from itcho.model.policies.policy import SLOTS, DatedChange, Policy
from itcho.model.world_file import plain_values
from itcho.model.world_layout import KeptPolicy, KeptRule

_PACKAGE_RULES = Rule.__module__.rpartition(".")[0]


def policy_content(policy: Policy, mistakes: list[str]) -> KeptPolicy:
    """A policy as JSON can hold it; rules that have no content of their own are added to ``mistakes``."""
    return {
        "name": policy.name,
        "label": policy.label,
        "description": policy.description,
        "rules": {slot: _rule_content(slot, getattr(policy, slot), mistakes) for slot in SLOTS},
        "changes": [
            {
                "slot": change.slot,
                "first": str(change.first),
                "last": None if change.last is None else str(change.last),
                "rule": _rule_content(change.slot, change.rule, mistakes),
            }
            for change in policy.changes
        ],
    }


def require_kept(policy: Policy) -> None:
    """Refuse a policy with rules that a run's folder could not keep.  Raises InputError with all of them."""
    mistakes: list[str] = []
    policy_content(policy, mistakes)
    if mistakes:
        raise InputError(mistakes)


def _rule_content(slot: str, rule: object, mistakes: list[str]) -> KeptRule:
    """A rule's name and settings; a rule that these do not give back is a mistake."""
    kind = type(rule)
    name = getattr(kind, "name", "")
    called = f"{slot} rule {name or kind.__qualname__!r}"
    try:
        known = find_rule(slot, name) is kind
    except (InputError, AttributeError):
        known = False
    if not (known and isinstance(rule, Rule)):
        mistakes.append(
            f"{called} ({kind.__module__}.{kind.__qualname__}) is code that no name leads back to, so it cannot be "
            "kept: derive it from the slot's class and give it a name"
        )
        return {"rule": called, "settings": {}}
    settings = {name: getattr(rule, name) for name in settings_of(kind)}
    if kind(**settings) != rule:
        mistakes.append(
            f"{called} holds more than its settings, so it cannot be kept: declare what it holds as settings"
        )
    content: KeptRule = {"rule": name, "settings": plain_values(settings)}
    if not kind.__module__.startswith(f"{_PACKAGE_RULES}."):
        content["module"] = kind.__module__
    return content


def policy_from(content: KeptPolicy, where: str) -> Policy:
    """The policy of a file.  Raises InputError with the rules that do not exist here."""
    mistakes: list[str] = []

    def rule(slot: str, kept: KeptRule) -> Rule | None:
        try:
            return find_rule(slot, kept["rule"])(**kept["settings"])
        except InputError as error:
            hint = f"; import {kept['module']} first, where its code is" if "module" in kept else ""
            mistakes.extend(f"{where}: {message}{hint}" for message in error.messages)
        except TypeError as error:
            mistakes.append(f"{where}: {slot} rule '{kept['rule']}' has other settings in this version: {error}")
        return None

    rules = {slot: made for slot, kept in content["rules"].items() if (made := rule(slot, kept)) is not None}
    changes = [
        DatedChange(
            kept["slot"],
            made,
            Month.of(kept["first"]),
            None if kept["last"] is None else Month.of(kept["last"]),
        )
        for kept in content["changes"]
        if (made := rule(kept["slot"], kept["rule"])) is not None
    ]
    if mistakes:
        raise InputError(mistakes)
    undated = Policy(content["name"], content["label"], content["description"]).with_rules(rules)
    return dataclasses.replace(undated, changes=tuple(changes))
