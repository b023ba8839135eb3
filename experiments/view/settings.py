"""What a view opens with: a world, checked before a browser sees anything."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from itcho.agents.errors import InputError
from itcho.agents.rules.rule import SLOTS, find_rule, rules_of
from itcho.experiments.cli_errors import Mistakes
from itcho.experiments.typical_world import default_seed
from itcho.model.policies import Policy
from itcho.model.policies import policy as find_policy
from itcho.model.sizes import SMALLEST

AS_IN_POLICY = "as in the policy"
VARIABLE = "ITCHO_VIEW_SETTINGS"
"""Environment variable that carries the settings to the server's page."""
LARGEST_SEED = 2**63 - 1
_MOST_DIGITS, _MOST_SHOWN = 20, 40
MOST_IN_VIEW = {"investors": 5_000_000, "importers": 100_000, "adopters": 1_000_000}
"""Largest sizes of a world that is watched: it stands beside its twin, and each tab has both; some two gigabytes."""

LONGEST_WATCHED_YEARS = 30
"""Longest run of a world that is watched: a generation; later years are for ``itcho rest``."""
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
    seed: int = field(default_factory=default_seed)
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
        for name, (least, most) in LIMITS.items():
            value = getattr(self, name)
            if not least <= value <= most:
                said = f"at least {least}" if value < least else f"at most {most} in the view"
                mistakes.add(f"--{name} = {shortened(value)} must be {said}")
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


LIMITS: Mapping[str, tuple[int, int]] = {
    "investors": (SMALLEST["investors"], MOST_IN_VIEW["investors"]),
    "importers": (SMALLEST["importers"], MOST_IN_VIEW["importers"]),
    "adopters": (SMALLEST["adopters"], MOST_IN_VIEW["adopters"]),
    "seed": (0, LARGEST_SEED),
    "months": (0, 12 * LONGEST_WATCHED_YEARS),
}
"""Least and greatest number of each setting that is one."""


def whole_number(name: str, text: object) -> int:
    """A number that was typed, with or without signs between its thousands.

    Raises
    ------
    InputError : it is no whole number, or one that no setting takes.
    """
    digits = str(text).replace(",", "").replace("_", "").strip()
    if not digits.removeprefix("-").isdecimal():
        raise InputError(f"{name} = '{shortened(text)}' must be a whole number")
    if len(digits) > _MOST_DIGITS:
        least, most = LIMITS[name]
        said = f"at least {least}" if digits.startswith("-") else f"at most {most} in the view"
        raise InputError(f"{name} = {shortened(digits)} must be {said}")
    return int(digits)


def shortened(value: object) -> str:
    """A value for a message, which a page has room for."""
    text = str(value) if not isinstance(value, int) or abs(value) < 10**_MOST_DIGITS else f"{value:#x}"
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def rule_names() -> dict[str, list[str]]:
    """The rules that a slot can be given, by slot, "as in the policy" first."""
    return {slot: [AS_IN_POLICY, *sorted(rules_of(slot))] for slot in SLOTS}


def _kept_files(folder: Path) -> dict[str, str]:
    """Which of scenario, policy and start state the run keeps as something else than what has their name."""
    from itcho.experiments.run_request import WORLD_FILE
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
    from itcho.experiments.run_folder import read_manifest

    manifest = read_manifest(folder)
    missing = [name for name in _FROM_MANIFEST if name not in manifest]
    if missing:
        raise InputError(f"{folder} is not the folder of a run: its manifest has no {', '.join(missing)}")
    files = _kept_files(folder)
    changed = {name: float(change["value"]) for name, change in manifest.get("parameters_changed", {}).items()}
    return ViewSettings(**({name: manifest[name] for name in _FROM_MANIFEST} | files), parameters=changed)
