"""`itcho list`: the names a user may give, with what they mean."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.padding import Padding

from itcho.experiments.languages import words

Record = dict[str, Any]


def show_list(what: str, *, as_json: bool, lang: str = "en") -> None:
    """Print one of :data:`LISTS` in words, or as a JSON list of objects; labels in a language."""
    tongue = words(lang)
    records = LISTS[what]()
    for record in records:
        if record.get("label") and what != "claims":
            record["label"] = tongue.outcome(record["name"]) if what == "outcomes" else tongue(record["label"])
        if what == "outcomes":
            record["unit"] = tongue(record["unit"])
    if as_json:
        print(json.dumps(records, indent=2, ensure_ascii=False))
        return
    for record in records:
        if "description" in record:
            record["description"] = tongue(record["description"])
        if what == "claims":
            record["label"] = tongue.listed(map(tongue, record["label"].split(", ")))
    console = Console(highlight=False, markup=False)
    heading = "{count} study" if what == "studies" and len(records) == 1 else HEADINGS[what]
    console.print(tongue(heading, count=len(records)), style="bold")
    for record in records:
        # Whole on one line, so that it can be searched and copied; the terminal folds what is too long.
        console.print(_headline(what, record), soft_wrap=True)
        console.print(Padding(_details(what, record), (0, 0, 0, 4)), style="dim")


def scenarios() -> list[Record]:
    """Name, label, description and evidence of each scenario."""
    from itcho.model.scenarios import SCENARIOS

    return [
        {"name": one.name, "label": one.label, "description": one.description, "evidence": one.evidence}
        for one in SCENARIOS.values()
    ]


def policies() -> list[Record]:
    """Name, label, description and the rule in each slot of each policy."""
    from itcho.agents.rules.rule import SLOTS
    from itcho.model.policies import POLICIES

    return [
        {"name": one.name, "label": one.label, "description": one.description}
        | {slot: type(getattr(one, slot)).__name__ for slot in SLOTS}
        for one in POLICIES.values()
    ]


def parameters() -> list[Record]:
    """Every parameter with value, unit, bounds, how well it is known, source and note."""
    from itcho.model.parameters import registry

    return [dataclasses.asdict(parameter) for parameter in registry().values()]


def rules() -> list[Record]:
    """Every rule of every slot: what it does in a sentence, its settings with defaults, units and bounds."""
    from itcho.agents.rules.rule import SLOTS, rules_of

    found = []
    for slot in SLOTS:
        for name, kind in rules_of(slot).items():
            said = (kind.__doc__ or "").strip().split("\n\n")[0]
            found.append(
                {
                    "name": name,
                    "label": slot,
                    "slot": slot,
                    "description": " ".join(said.split()),
                    "module": kind.__module__,
                    "settings": _settings(kind),
                }
            )
    return found


def _settings(kind: type) -> list[Record]:
    from itcho.agents.rules.settings import settings_of

    defaults = {field.name: field.default for field in dataclasses.fields(kind)}
    return [
        {"name": name, "default": defaults[name], "unit": one.unit, "low": one.low, "high": one.high}
        | {"options": list(one.options)}
        for name, one in settings_of(kind).items()
    ]


def outcomes() -> list[Record]:
    """Every outcome with unit, definition and source."""
    from itcho.model.measure.outcomes import OUTCOMES

    return [
        {field: getattr(one, field) for field in ("name", "label", "unit", "definition", "source")}
        for one in OUTCOMES.values()
    ]


def start_states() -> list[Record]:
    """Name and description of each start state."""
    from itcho.experiments.cli.names import start_states as names

    return [{"name": name, "label": label, "description": f"`itcho run --start {name}`"} for name, label in names("")]


def studies() -> list[Record]:
    """Name and question of each worked study that comes with the package."""
    from itcho.experiments.cli.names import worked_studies

    return [{"name": name, "label": "", "description": question} for name, question in worked_studies()]


def variants() -> list[Record]:
    """Name, mechanism and content of each structural variant."""
    from itcho.experiments.studies.variants import VARIANTS

    return [
        {
            "name": one.name,
            "label": one.mechanism,
            "description": one.label,
            "parameters": dict(one.parameters),
            "without": list(one.without),
        }
        for one in VARIANTS.values()
    ]


def claims() -> list[Record]:
    """Id, claim and kinds of each claim of the public debate."""
    from itcho.experiments.claims.registry import entries

    return [
        {"name": name, "label": ", ".join(entry.filed), "description": entry.claims[0].claim}
        for name, entry in entries().items()
    ]


def shocks() -> list[Record]:
    """Name and description of each shock."""
    from itcho.experiments.cli.names import shocks as names

    return [{"name": name, "label": "", "description": what} for name, what in names("")]


LISTS: dict[str, Callable[[], list[Record]]] = {
    "scenarios": scenarios,
    "policies": policies,
    "parameters": parameters,
    "outcomes": outcomes,
    "start-states": start_states,
    "claims": claims,
    "shocks": shocks,
    "studies": studies,
    "variants": variants,
    "rules": rules,
}


HEADINGS = {
    "scenarios": "{count} scenarios",
    "policies": "{count} policies",
    "parameters": "{count} parameters",
    "outcomes": "{count} outcomes",
    "start-states": "{count} start states",
    "claims": "{count} claims",
    "shocks": "{count} shocks",
    "studies": "{count} studies",
    "variants": "{count} variants of mechanisms",
    "rules": "{count} rules",
}
"""What stands above each list, as :data:`itcho.experiments.languages` knows it."""


def _headline(what: str, record: Record) -> str:
    """What a user types, then what is known at a glance."""
    if what == "parameters":
        low, high = f"{record['low']:g}", f"{record['high']:g}"
        return f"{record['name']} = {record['value']:g} {record['unit']}  [{low} to {high}], {record['known']}"
    if what == "outcomes":
        return f"{record['name']}  {record['label']}, {record['unit']}"
    return f"{record['name']}  {record['label']}"


def _details(what: str, record: Record) -> str:
    if what == "rules":
        settings = [f"{one['name']} = {one['default']} {one['unit']}".rstrip() for one in record["settings"]]
        return " ".join([record["description"], *([f"Settings: {'; '.join(settings)}."] if settings else [])])
    if what == "parameters":
        return ". ".join(text for text in (record["source"], record["note"]) if text)
    if what == "outcomes":
        return f"{record['definition']} ({record['source']})"
    return str(record["description"])
