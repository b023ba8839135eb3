"""`itcho list`: the names a user may give, with what they mean."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table

Record = dict[str, Any]


def show_list(what: str, *, as_json: bool) -> None:
    """Print one of :data:`LISTS` as a table, or as a JSON list of objects."""
    records = LISTS[what]()
    if as_json:
        print(json.dumps(records, indent=2, ensure_ascii=False))
        return
    Console().print(_table(what, records))


def scenarios() -> list[Record]:
    """Name, label, description and evidence of each scenario."""
    from model.scenarios import SCENARIOS

    return [
        {"name": one.name, "label": one.label, "description": one.description, "evidence": one.evidence}
        for one in SCENARIOS.values()
    ]


def policies() -> list[Record]:
    """Name, label, description and the rule in each slot of each policy."""
    from model.policies import POLICIES

    slots = ("subsidy", "fiscal", "monetary", "intervention", "trade")
    return [
        {"name": one.name, "label": one.label, "description": one.description}
        | {slot: type(getattr(one, slot)).__name__ for slot in slots}
        for one in POLICIES.values()
    ]


def parameters() -> list[Record]:
    """Every parameter with value, unit, bounds, how well it is known, source and note."""
    from model.parameters import registry

    return [dataclasses.asdict(parameter) for parameter in registry().values()]


def outcomes() -> list[Record]:
    """Every outcome with unit, definition and source."""
    from model.outcomes import OUTCOMES

    return [
        {field: getattr(one, field) for field in ("name", "label", "unit", "definition", "source")}
        for one in OUTCOMES.values()
    ]


LISTS: dict[str, Callable[[], list[Record]]] = {
    "scenarios": scenarios,
    "policies": policies,
    "parameters": parameters,
    "outcomes": outcomes,
}

_SHOWN = {
    "scenarios": ("name", "description"),
    "policies": ("name", "description"),
    "parameters": ("name", "value", "low", "high", "unit", "known", "source"),
    "outcomes": ("name", "unit", "definition"),
}


def _table(what: str, records: list[Record]) -> Table:
    table = Table(title=f"{len(records)} {what}", title_justify="left")
    for column in _SHOWN[what]:
        numeric = column in ("value", "low", "high")
        # Names are typed on the command line, so they must never be cut; a narrow terminal folds the rest.
        table.add_column(column, justify="right" if numeric else "left", overflow="fold", no_wrap=numeric)
    for record in records:
        table.add_row(*(f"{v:g}" if isinstance(v, float) else str(v) for v in (record[c] for c in _SHOWN[what])))
    return table
