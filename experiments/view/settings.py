"""What a view opens with: a world, checked before a browser sees anything."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from itcho.agents.behaviours import behaviours_of
from itcho.agents.errors import InputError
from itcho.agents.rules.rule import SLOTS, find_rule, rules_of
from itcho.experiments.runs.run_spec import OPTION, RunSpec
from itcho.model.policies import Policy
from itcho.model.policies import policy as find_policy
from itcho.model.sizes import DEFAULT_POLICY, DEFAULT_SCENARIO, DEFAULT_START, VIEW_LIMITS

AS_IN_POLICY = "as in the policy"
NO_PROGRAMME = "the same without a programme"
"""The world beside it that has the same policy, and luck, but for the programme."""
VARIABLE = "ITCHO_VIEW_SETTINGS"
"""Environment variable that carries the settings to the server's page."""
_FROM_MANIFEST = ("scenario", "policy", "start", "seed", "investors", "importers", "adopters")


@dataclass(frozen=True)
class ViewSettings(RunSpec):
    """A world to watch; it runs until it is stopped, whatever its ``years`` are.

    Attributes
    ----------
    scenario, policy, start : names or files.
    rules : rule by slot where it differs from the policy's.
    beside : policy of the world beside it, by name or file, or :data:`NO_PROGRAMME`.
    months : to run before the page opens.
    lang : language the page opens in.
    modules : of rules files that were imported; what they mark as behaviours is in force.
    """

    scenario: str = DEFAULT_SCENARIO
    policy: str = DEFAULT_POLICY
    start: str = DEFAULT_START
    rules: Mapping[str, str] = field(default_factory=dict)
    beside: str = NO_PROGRAMME
    months: int = 0
    lang: str = "en"
    modules: tuple[str, ...] = ()

    @classmethod
    def of(cls, run: Path | None, given: Mapping[str, Any]) -> ViewSettings:
        """Settings of a run's folder (or the defaults), changed by what was given.

        Raises
        ------
        InputError : all mistakes at once.
        """
        found = cls() if run is None else _of_run(run)
        return dataclasses.replace(found, **given).with_behaviours().checked()

    def with_behaviours(self) -> ViewSettings:
        """The same with the behaviours of its :attr:`modules`.  Raises InputError if two fill the same slot."""
        return dataclasses.replace(self, behaviours=behaviours_of(self.modules))

    def checked(self) -> ViewSettings:
        """Itself.  Raises InputError with all mistakes."""
        found = self.mistakes(OPTION, VIEW_LIMITS)
        if self.beside != NO_PROGRAMME:
            try:
                find_policy(self.beside)
            except InputError as error:
                found = [*found, *(one for one in error.messages if one not in found)]
        if found:
            raise InputError(found)
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
        return json.dumps({name: value for name, value in dataclasses.asdict(self).items() if name != "behaviours"})

    @classmethod
    def from_text(cls, text: str) -> ViewSettings:
        """Read :meth:`to_text`; the defaults for an empty text."""
        return cls(**json.loads(text)).with_behaviours() if text else cls()


def rule_names() -> dict[str, list[str]]:
    """The rules that a slot can be given, by slot, "as in the policy" first."""
    return {slot: [AS_IN_POLICY, *sorted(rules_of(slot))] for slot in SLOTS}


def _kept_files(folder: Path) -> dict[str, str]:
    """Which of scenario, policy and start state the run keeps as something else than what has their name."""
    from itcho.experiments.runs.run_request import WORLD_FILE
    from itcho.model.kept_world import arguments_of
    from itcho.model.policies import POLICIES
    from itcho.model.scenarios import SCENARIOS
    from itcho.model.start_states import available, content_of, load
    from itcho.model.world_file import read_world

    file = folder / WORLD_FILE
    if not file.is_file():
        return {}
    kept = arguments_of(read_world(file), str(file))
    start = kept["start"]
    same = {
        "scenario": SCENARIOS.get(kept["scenario"].name) == kept["scenario"],
        "policy": POLICIES.get(kept["policy"].name) == kept["policy"],
        "start": start.name in available() and content_of(load(start.name)) == content_of(start),
    }
    return {name: str(file) for name, equal in same.items() if not equal}


def _of_run(folder: Path) -> ViewSettings:
    from itcho.experiments.runs.run_folder import read_manifest

    manifest = read_manifest(folder)
    missing = [name for name in _FROM_MANIFEST if name not in manifest]
    if missing:
        raise InputError(f"{folder} is not the folder of a run: its manifest has no {', '.join(missing)}")
    files = _kept_files(folder)
    changed = {name: float(change["value"]) for name, change in manifest.get("parameters_changed", {}).items()}
    return ViewSettings(**({name: manifest[name] for name in _FROM_MANIFEST} | files), parameters=changed)
