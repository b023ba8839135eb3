"""Two settings of expectations: what a comparison of monetary or fiscal rules has to be read under.

How a rule works depends on what households and price setters believe of it.  In the *mixed* setting, the default, most
of them expect the inflation they have seen.  In the *anchored* one most expect what the Bank of Japan aims at; the rest
of the model is the same.  A comparison whose policies differ in the monetary or the fiscal rule reports both.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from itcho.experiments.studies.compare import Comparison, ComparisonRow
from itcho.experiments.studies.compare_report import Section, interval, number
from itcho.experiments.studies.study import Study

if TYPE_CHECKING:
    from rich.console import Console

PARAMETER = "adaptive_households_share"
"""Share of households and price setters that expect the inflation they have seen."""


def anchored_share() -> float:
    """The parameter in the anchored setting: the lower end of what it may be."""
    from itcho.model.parameters import registry

    return registry()[PARAMETER].low


def with_anchored_expectations(study: Study) -> Study | None:
    """The same study under anchored expectations.

    Returns
    -------
    ``None`` where the settings are not for this study to compare: no policy has a monetary or fiscal rule other than
    the baseline's, or the study sets or draws the parameter itself.
    """
    base = study.baseline
    differ = any(one.monetary != base.monetary or one.fiscal != base.fiscal for one in study.policies)
    own = PARAMETER in dict(study.template.overrides) or PARAMETER in {one.name for one in study.uncertain}
    if own or not differ:
        return None
    overrides = tuple(sorted({**dict(study.template.overrides), PARAMETER: anchored_share()}.items()))
    return dataclasses.replace(study, template=dataclasses.replace(study.template, overrides=overrides), stop=None)


def pairs(mixed: Comparison, anchored: Comparison) -> list[tuple[ComparisonRow, ComparisonRow]]:
    """Rows of both settings, matched by policy, scenario and outcome."""
    found = {(row.policy, row.scenario, row.outcome): row for row in anchored.rows}
    return [(row, found[row.policy, row.scenario, row.outcome]) for row in mixed.rows]


def reading(mixed: ComparisonRow, anchored: ComparisonRow) -> str:
    """Whether the setting changes what is said."""
    if mixed.said == anchored.said:
        return "the same under both"
    return f"depends on expectations: {mixed.said} when mixed, {anchored.said} when anchored"


def expectations_section(mixed: Comparison, anchored: Comparison) -> Section:
    """Both settings side by side."""
    lines = tuple(
        (
            one.outcome, one.policy, one.scenario, number(one.summary.mean, signed=True), interval(one.simultaneous),
            number(other.summary.mean, signed=True), interval(other.simultaneous), reading(one, other),
        )
        for one, other in pairs(mixed, anchored)
    )  # fmt: skip
    return Section(
        "Under mixed and under anchored expectations",
        (
            f"Rules work through what people expect of them. Mixed: the default share of households and price setters "
            f"expects the inflation they have seen. Anchored: {100.0 * anchored_share():g}% do, the others expect the "
            "Bank of Japan's target.",
        ),
        ("Outcome", "Policy", "Scenario", "Mixed", "Simultaneous", "Anchored", "Simultaneous", "Reading"),
        lines,
    )


def expectations_record(mixed: Comparison, anchored: Comparison) -> list[dict[str, Any]]:
    """Both settings as JSON can hold them."""
    return [
        {
            "policy": one.policy,
            "scenario": one.scenario,
            "outcome": one.outcome,
            "mixed": {"mean_difference": one.summary.mean, "verdict": one.verdict, "direction": one.direction},
            "anchored": {
                "mean_difference": other.summary.mean,
                "simultaneous_low": other.simultaneous[0],
                "simultaneous_high": other.simultaneous[1],
                "verdict": other.verdict,
                "direction": other.direction,
            },
            "reading": reading(one, other),
        }
        for one, other in pairs(mixed, anchored)
    ]


def show_expectations(console: Console, mixed: Comparison, anchored: Comparison) -> None:
    """Print what the setting changes."""
    changed = [(one, other) for one, other in pairs(mixed, anchored) if one.said != other.said]
    count = len(mixed.rows)
    console.print(
        f"mixed and anchored expectations agree in {count - len(changed)} of {count} verdicts", highlight=False
    )
    for one, other in changed:
        console.print(
            f"  {one.policy}, {one.scenario}, {one.outcome}: mixed {number(one.summary.mean, signed=True)}, anchored "
            f"{number(other.summary.mean, signed=True)} ({other.said})",
            highlight=False,
            soft_wrap=True,
        )
