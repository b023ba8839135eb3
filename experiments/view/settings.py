"""What a view opens with: a world, checked before a browser sees anything."""

from __future__ import annotations

import dataclasses
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from itcho.agents.errors import InputError
from itcho.agents.rules.rule import SLOTS, find_rule, rules_of
from itcho.experiments.cli_errors import Mistakes
from itcho.model.policies import Policy
from itcho.model.policies import policy as find_policy

AS_IN_POLICY = "as in the policy"
VARIABLE = "ITCHO_VIEW_SETTINGS"
"""Environment variable that carries the settings to the server's page."""
_FROM_MANIFEST = ("scenario", "policy", "start", "seed", "investors", "importers", "adopters")


@dataclass(frozen=True)
class ViewSettings:
    """A world to watch.

    Attributes
    ----------
    scenario, policy, start, seed, investors, importers, adopters : as in ``JapanEconomy``.
    rules : rule by slot where it differs from the policy's.
    parameters : overrides by name.
    months : to run before the page opens.
    """

    scenario: str = "baseline"
    policy: str = "actual"
    start: str = "2026-03-31"
    seed: int = 1
    investors: int = 2000
    importers: int = 300
    adopters: int = 1000
    rules: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, float] = field(default_factory=dict)
    months: int = 0

    @classmethod
    def of(cls, run: Path | None, given: Mapping[str, Any]) -> ViewSettings:
        """Settings of a run's folder (or the defaults), changed by what was given.

        Raises
        ------
        InputError : all mistakes at once.
        """
        found = cls() if run is None else _of_run(run)
        return dataclasses.replace(found, **given).checked()

    def checked(self) -> ViewSettings:
        """Itself.  Raises InputError with all mistakes."""
        from itcho.model.parameters import Parameters
        from itcho.model.scenarios import scenario
        from itcho.model.start_states import load

        mistakes = Mistakes()
        for check, value in ((scenario, self.scenario), (load, self.start)):
            with mistakes.caught():
                check(value)
        with mistakes.caught():
            self.resolved_policy()
        with mistakes.caught():
            Parameters().replace(**self.parameters)
        for name, least in (("investors", 1), ("importers", 1), ("adopters", 1), ("seed", 0), ("months", 0)):
            if getattr(self, name) < least:
                mistakes.add(f"--{name} = {getattr(self, name)} must be at least {least}")
        mistakes.raise_if_any()
        return self

    def resolved_policy(self) -> Policy:
        """The policy with the rules that replace its own; a replaced slot follows no dated change either.

        Raises
        ------
        InputError : an unknown policy or rule.
        """
        base = find_policy(self.policy)
        changed = {slot: rule for slot, rule in self.rules.items() if rule != AS_IN_POLICY}
        if not changed:
            return base
        rules: dict[str, Any] = {slot: find_rule(slot, rule)() for slot, rule in changed.items()}
        named = "-".join([base.name, *(rule for rule in changed.values())])
        label = f"{base.label}; {', '.join(f'{slot} {rule}' for slot, rule in changed.items())}"
        kept = tuple(change for change in base.changes if change.slot not in changed)
        return dataclasses.replace(base, name=named, label=label, changes=kept, **rules)

    def to_text(self) -> str:
        """As an environment variable holds it."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_text(cls, text: str) -> ViewSettings:
        """Read :meth:`to_text`; the defaults for an empty text."""
        return cls(**json.loads(text)) if text else cls()


def rule_names() -> dict[str, list[str]]:
    """The rules that a slot can be given, by slot, "as in the policy" first."""
    return {slot: [AS_IN_POLICY, *sorted(rules_of(slot))] for slot in SLOTS}


def _of_run(folder: Path) -> ViewSettings:
    from itcho.experiments.run_folder import read_manifest

    manifest = read_manifest(folder)
    missing = [name for name in _FROM_MANIFEST if name not in manifest]
    if missing:
        raise InputError(f"{folder} is not the folder of a run: its manifest has no {', '.join(missing)}")
    words = shlex.split(str(manifest.get("command", "")))
    # The manifest names policy and start; where they came from files, the command says which.
    files = {word[2:]: words[place + 1] for place, word in enumerate(words[:-1]) if word in ("--policy", "--start")}
    changed = {name: float(change["value"]) for name, change in manifest.get("parameters_changed", {}).items()}
    return ViewSettings(**({name: manifest[name] for name in _FROM_MANIFEST} | files), parameters=changed)
