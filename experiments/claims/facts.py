"""Claims of fact: the claimed figure beside published ones, by publisher, date and definition."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from itcho.experiments.claims.claim import Answer, Claim
from itcho.experiments.claims.verdicts import Figure, Range, claimed_range, fact_verdict
from itcho.experiments.languages import Sentence

STATUSES = ("current", "earlier", "context")


@dataclass(frozen=True)
class Fact:
    """A published figure that a claim is held against.

    Attributes
    ----------
    part : the part of the claim that it answers.
    claimed : the claimed range of that part, tolerance included.
    value, unit, definition : the right figure and what exactly it is.
    status : one of :data:`STATUSES`.
    publisher, title, published : where it stands, and when it came out (year, or year and month).
    """

    part: str
    claimed: Range
    value: float
    unit: str
    definition: str
    status: str
    publisher: str
    title: str
    published: str

    @property
    def source(self) -> str:
        """Publisher, title and date in one line."""
        return f"{self.publisher}, {self.title}" + (f" ({self.published})" if self.published else "")


@cache
def facts() -> dict[str, tuple[Fact, ...]]:
    """The right figures by claim, most telling first."""
    text = (files("itcho.experiments") / "data" / "claim_facts.csv").read_text(encoding="utf-8")
    found: dict[str, list[Fact]] = {}
    for row in csv.DictReader(text.splitlines()):
        ends = [float(row[end]) if row[end] else None for end in ("claimed_low", "claimed_high")]
        found.setdefault(row["claim_id"], []).append(
            Fact(
                part=row["part"],
                claimed=claimed_range(ends[0], ends[1], row["unit"]),
                value=float(row["value"]),
                unit=row["unit"],
                definition=row["definition"],
                status=row["status"],
                publisher=row["publisher"],
                title=row["title"],
                published=row["published"],
            )
        )
    return {name: tuple(rows) for name, rows in found.items()}


def answer(claim: Claim) -> Answer:
    """Check a claim of fact; nothing is run.

    Raises
    ------
    KeyError : there is no figure for the claim.
    """
    known = facts()[claim.id]
    verdict = fact_verdict([Figure(fact.part, fact.claimed, fact.value, fact.status) for fact in known])
    compared = [fact for fact in known if fact.status == "current"]
    matching = [fact for fact in compared if fact.claimed.holds(fact.value)]
    shown = matching[0] if matching and verdict == "true" else compared[0]
    return Answer(
        claim=claim,
        verdict=verdict,
        why=_why(verdict, known),
        unit=shown.unit,
        model=shown.value,
        table=tuple(
            (f"{fact.part}: {fact.definition}", fact.value, None, None, f"{fact.unit}, {fact.status}; {fact.source}")
            for fact in known
        ),
        notes=tuple(part for part in (Sentence("Known: {what}.", what=claim.known) if claim.known else "",) if part),
    )


def _why(verdict: str, known: tuple[Fact, ...]) -> str:
    def said(fact: Fact) -> str:
        return f"{_number(fact)} by {fact.publisher}: {fact.definition}"

    compared = [fact for fact in known if fact.status == "current"]
    right = [fact for fact in compared if fact.claimed.holds(fact.value)]
    wrong = [fact for fact in compared if not fact.claimed.holds(fact.value)]
    if verdict == "true":
        return f"The published figure agrees: {said(compared[0])}."
    if verdict == "depends on definition":
        return f"It is right as {said(right[0])}; it is wrong as {said(wrong[0])}."
    if verdict == "dated":
        old = next(fact for fact in known if fact.status == "earlier" and fact.claimed.holds(fact.value))
        return f"An earlier publication agrees ({old.published}: {said(old)}); today's figure is {said(wrong[0])}."
    part = next(fact.part for fact in wrong if not any(other.part == fact.part for other in right))
    nearest = _nearest([fact for fact in wrong if fact.part == part])
    return f"No published figure agrees on the {part}; the nearest: {said(nearest)}."


def _nearest(wrong: list[Fact]) -> Fact:
    def distance(fact: Fact) -> float:
        end = fact.claimed.low if fact.value < fact.claimed.low else fact.claimed.high
        return abs(fact.value - end) / max(abs(end), 1e-12)

    return min(wrong, key=distance)


def _number(fact: Fact) -> str:
    unit = fact.unit.replace("_", " ").replace("usd", "USD").replace("gw", "GW")
    return f"{fact.value:.4g}%" if unit == "pct" else f"{fact.value:,.4g} {unit}"
