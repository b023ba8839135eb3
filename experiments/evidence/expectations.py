"""Two settings of expectations: what a comparison of monetary or fiscal rules has to be read under.

How a rule works depends on what households and price setters believe of it.  In the *anchored* setting, the default,
most of them expect what the Bank of Japan aims at.  In the *adaptive* one more of them expect the inflation they have
seen; the rest of the model is the same.  A comparison whose policies differ in the monetary or the fiscal rule reports
both.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from itcho.experiments.languages import ENGLISH, Words
from itcho.experiments.studies.compare import Comparison, ComparisonRow
from itcho.experiments.studies.compare_report import Section, by_label, called_in, interval, number, said_of
from itcho.experiments.studies.study import Study

if TYPE_CHECKING:
    from rich.console import Console

PARAMETER = "adaptive_households_share"
"""Share of households and price setters that expect the inflation they have seen."""


def adaptive_share() -> float:
    """The parameter in the adaptive setting: the upper end of what it may be."""
    from itcho.model.parameters import registry

    return registry()[PARAMETER].high


def with_adaptive_expectations(study: Study) -> Study | None:
    """The same study under adaptive expectations.

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
    overrides = tuple(sorted({**dict(study.template.overrides), PARAMETER: adaptive_share()}.items()))
    return dataclasses.replace(study, template=dataclasses.replace(study.template, overrides=overrides), stop=None)


def pairs(anchored: Comparison, adaptive: Comparison) -> list[tuple[ComparisonRow, ComparisonRow]]:
    """Rows of both settings, matched by policy, scenario and outcome."""
    found = {(row.policy, row.scenario, row.outcome): row for row in adaptive.rows}
    return [(row, found[row.policy, row.scenario, row.outcome]) for row in anchored.rows]


def reading(anchored: ComparisonRow, adaptive: ComparisonRow) -> str:
    """Whether the setting changes what is said."""
    if anchored.said == adaptive.said:
        return "the same under both"
    return f"depends on expectations: {anchored.said} when anchored, {adaptive.said} when adaptive"


def expectations_section(anchored: Comparison, adaptive: Comparison) -> Section:
    """Both settings side by side."""
    called = by_label(anchored.study)
    lines = tuple(
        (
            called.outcome(one.outcome), called.policy(one.policy), called.scenario(one.scenario),
            number(one.summary.mean, signed=True), interval(one.simultaneous),
            number(other.summary.mean, signed=True), interval(other.simultaneous), reading(one, other),
        )
        for one, other in pairs(anchored, adaptive)
    )  # fmt: skip
    return Section(
        "Under anchored and under adaptive expectations",
        (
            "Rules work through what people expect of them. Anchored: most households and price setters expect what "
            f"the Bank of Japan aims at. Adaptive: {100.0 * adaptive_share():g}% expect the inflation they have seen.",
        ),
        ("Outcome", "Policy", "Scenario", "Anchored", "Simultaneous", "Adaptive", "Simultaneous", "Reading"),
        lines,
    )


def expectations_record(anchored: Comparison, adaptive: Comparison) -> list[dict[str, Any]]:
    """Both settings as JSON can hold them."""
    return [
        {
            "policy": one.policy,
            "scenario": one.scenario,
            "outcome": one.outcome,
            "anchored": {"mean_difference": one.summary.mean, "verdict": one.verdict, "direction": one.direction},
            "adaptive": {
                "mean_difference": other.summary.mean,
                "simultaneous_low": other.simultaneous[0],
                "simultaneous_high": other.simultaneous[1],
                "verdict": other.verdict,
                "direction": other.direction,
            },
            "reading": reading(one, other),
        }
        for one, other in pairs(anchored, adaptive)
    ]


def show_expectations(console: Console, anchored: Comparison, adaptive: Comparison, say: Words = ENGLISH) -> None:
    """Print what the setting changes."""
    changed = [(one, other) for one, other in pairs(anchored, adaptive) if one.said != other.said]
    total = len(anchored.rows)
    told = "anchored and adaptive expectations agree in {count} of {total} verdicts"
    console.print(say(told, count=total - len(changed), total=total), highlight=False)
    called = called_in(anchored.study, say)
    for one, other in changed:
        both = say(
            "anchored {anchored}, adaptive {adaptive} ({said})",
            anchored=number(one.summary.mean, signed=True),
            adaptive=number(other.summary.mean, signed=True),
            said=said_of(other, say),
        )
        where = say.listed(called.all_of(one))
        console.print(f"  {where}: {both}", highlight=False, soft_wrap=True)
