"""Verdicts in structural variants, for reports and the terminal: which of them flip, and where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from itcho.experiments.languages import ENGLISH, Words
from itcho.experiments.studies.compare import Comparison
from itcho.experiments.studies.compare_report import Section, by_label, called_in, interval, number, said_of
from itcho.experiments.studies.variants import FLIPS, VARIANTS, flip, pairs

if TYPE_CHECKING:
    from rich.console import Console


def variants_section(usual: Comparison, others: Mapping[str, Comparison]) -> Section:
    """Every verdict that flips, and how many do not."""
    called = by_label(usual.study)
    lines = tuple(
        (
            called.outcome(row.outcome), called.policy(row.policy), called.scenario(row.scenario), name,
            number(row.summary.mean, signed=True), row.said,
            number(other.summary.mean, signed=True), interval(other.simultaneous), other.said, flip(row, other),
        )
        for name, comparison in others.items()
        for row, other in pairs(usual, comparison)
        if flip(row, other)
    )  # fmt: skip
    told = "; ".join(f"`{name}`: {VARIANTS[name].label.lower()}" for name in others)
    meaning = "; ".join(f"{name}: {text}" for name, text in FLIPS.items())
    return Section(
        "In structural variants",
        (
            f"The whole study once more, each time with a mechanism in another form. {told}.",
            f"Verdicts that flip: {len(lines)} of {len(usual.rows) * len(others)} ({meaning}). Others are as above.",
        ),
        ("Outcome", "Policy", "Scenario", "Variant", "Usual", "Verdict", "In the variant", "Simultaneous", "Verdict",
         "Flips"),
        lines,
    )  # fmt: skip


def show_variants(console: Console, usual: Comparison, others: Mapping[str, Comparison], say: Words = ENGLISH) -> None:
    """Print what the variants change."""
    called = called_in(usual.study, say)
    for name, comparison in others.items():
        flipped = [(row, other) for row, other in pairs(usual, comparison) if flip(row, other)]
        told = say(
            "variant {name} ({mechanism}): {count} of {total} verdicts flip",
            name=name,
            mechanism=say(VARIANTS[name].mechanism),
            count=len(flipped),
            total=len(usual.rows),
        )
        console.print(told, highlight=False)
        for row, other in flipped:
            both = say(
                "{usual} ({said}), here {other} ({said_here}): {flip}",
                usual=number(row.summary.mean, signed=True),
                said=said_of(row, say),
                other=number(other.summary.mean, signed=True),
                said_here=said_of(other, say),
                flip=say(flip(row, other)),
            )
            where = say.listed(called.all_of(row))
            console.print(f"  {where}: {both}", highlight=False, soft_wrap=True)
