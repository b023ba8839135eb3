"""The claims of the public debate: what is claimed, in our words, with figure, unit, period and source.

``experiments/data/claims.csv`` has one row for each claim, filed under one kind or several.  A level that is filed as
an effect is read as the change it implies (columns ``change_*``).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from itcho.agents.errors import InputError, nearest_names
from itcho.experiments.claims.claim import Claim

ANSWERED_AS = {"exogenous": "start-value", "scenario": "scenario-effect", "policy-comparison": "policy-effect"}
"""Kinds of the file that are answered like another kind."""

FACTS = ("start-value", "arithmetic")
LEVELS = ("level",)
EFFECTS = ("policy-effect", "scenario-effect")
MECHANISMS = ("mechanism", "tail", "rule", "decomposition")
KINDS = (*FACTS, *LEVELS, *EFFECTS, *MECHANISMS)


@dataclass(frozen=True)
class Entry:
    """A row of the registry.

    Attributes
    ----------
    filed : kinds as filed.
    claims : one :class:`Claim` for each kind of answer, in the order filed.
    note : how the claim is read.
    """

    filed: tuple[str, ...]
    claims: tuple[Claim, ...]
    note: str

    @property
    def id(self) -> str:
        """Name of the claim."""
        return self.claims[0].id


@cache
def entries() -> dict[str, Entry]:
    """All rows by id, in the order of the file.

    Raises
    ------
    InputError : an unknown kind, or an id that is given twice.
    """
    text = (files("experiments") / "data" / "claims.csv").read_text(encoding="utf-8")
    found: dict[str, Entry] = {}
    mistakes = []
    for row in csv.DictReader(text.splitlines()):
        filed = tuple(row["kinds"].split("+"))
        kinds = [ANSWERED_AS.get(kind, kind) for kind in filed]
        mistakes += [f"claim '{row['id']}': kind '{kind}' is unknown" for kind in kinds if kind not in KINDS]
        if row["id"] in found:
            mistakes.append(f"claim '{row['id']}' is given twice")
        found[row["id"]] = Entry(filed, tuple(_claim(row, kind) for kind in kinds), row["note"])
    if mistakes:
        raise InputError(mistakes)
    return found


def _claim(row: dict[str, str], kind: str) -> Claim:
    as_change = kind in EFFECTS and bool(row["change_unit"])
    low, high, unit = (
        (row["change_low"], row["change_high"], row["change_unit"])
        if as_change
        else (row["low"], row["high"], row["unit"])
    )
    return Claim(
        id=row["id"],
        topic=row["topic"],
        claim=row["claim"],
        quantity=row["quantity"],
        unit=unit,
        period=row["period"],
        kind=kind,
        low=float(low) if low else None,
        high=float(high) if high else None,
        known=row["known"],
        source_title=row["source_title"],
    )


def all_claims() -> list[Claim]:
    """Every claim once for each kind of answer, in the order of the file."""
    return [claim for entry in entries().values() for claim in entry.claims]


def entry(name: str) -> Entry:
    """The row called ``name``.

    Raises
    ------
    InputError : no such claim; the message names the nearest.
    """
    known = entries()
    if name not in known:
        hint = nearest_names(name, known) or f"; all: {', '.join(known)}"
        raise InputError([f"claim '{name}' is unknown{hint}"])
    return known[name]
