"""Structural variants: the same study in a world in which one mechanism is another, and the verdicts that flip there.

Intervals of a study cover chance, and drawn parameters if there are any; they do not cover that a mechanism may be of
another kind.  A variant names such a kind: parameters at the end of their range at which the mechanism is absent or of
the other form, or a channel that the economy is built without.  Baseline and policies stand in the same variant, with
the same seeds.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from itcho.agents.errors import InputError, nearest_names
from itcho.experiments.studies.compare import Comparison, ComparisonRow, compare_study

if TYPE_CHECKING:
    from itcho.experiments.studies.store import CellStore
    from itcho.experiments.studies.study import Study

Flip = Literal["", "reverses", "lost", "gained"]


@dataclass(frozen=True)
class Variant:
    """One mechanism in another form.

    Attributes
    ----------
    name : of the variant.
    mechanism : ``currency market``, ``expectations``, ``choice of AI`` or ``learning``.
    label : what is so in it.
    parameters : values that differ from the registry's, by name.
    without : channels that the economy is built without.
    """

    name: str
    mechanism: str
    label: str
    parameters: tuple[tuple[str, float], ...] = ()
    without: tuple[str, ...] = ()


_CURRENCY, _EXPECTATIONS, _CHOICE, _LEARNING = "currency market", "expectations", "choice of AI", "learning"

VARIANTS: dict[str, Variant] = {
    one.name: one
    for one in (
        Variant("no-carry", _CURRENCY, "Nobody borrows yen to hold dollars", without=("carry",)),
        Variant(
            "fixed-fair-rate",
            _CURRENCY,
            "Traders' idea of the fair rate does not learn from the rate",
            (("fair_rate_learning_quarterly", 0.0),),
        ),
        Variant(
            "adaptive-expectations",
            _EXPECTATIONS,
            "Most households and price setters expect the inflation they have seen",
            (("adaptive_households_share", 0.6),),
        ),
        Variant(
            "fixed-natural-rate",
            _EXPECTATIONS,
            "The Bank of Japan's idea of the natural rate does not learn from gaps that last",
            (("natural_rate_learning_monthly", 0.0),),
        ),
        Variant(
            "no-peers",
            _CHOICE,
            "Nobody looks at what partners and neighbours use",
            (("ai_contract_peer_weight", 0.0), ("ai_peer_weight", 0.0)),
        ),
        Variant(
            "no-lock-in",
            _CHOICE,
            "Firms and people choose the supplier of a model anew, without attachment",
            (("ai_contract_attachment", 0.0), ("ai_contract_lock_in_models", 0.0), ("ai_individual_lock_in", 0.0)),
        ),
        Variant(
            "no-home-preference",
            _CHOICE,
            "Regulated users do not prefer suppliers from home",
            (("ai_regulated_home_preference", 0.0),),
        ),
        Variant("no-learning", _LEARNING, "Developers learn nothing from users", (("ai_learning_from_users", 0.0),)),
        Variant("strong-learning", _LEARNING, "Developers learn much from users", (("ai_learning_from_users", 0.6),)),
    )
}
"""By name, in the order in which they are listed."""


def variant(name: str) -> Variant:
    """The variant called ``name``.

    Raises
    ------
    InputError : there is none.
    """
    if name not in VARIANTS:
        raise InputError(f"no variant '{name}'{nearest_names(name, VARIANTS)}")
    return VARIANTS[name]


def clashes(one: Variant, taken: Mapping[str, object]) -> list[str]:
    """What a study sets or draws itself though a variant changes it, as mistakes."""
    return [
        f"variant '{one.name}' sets {name}, which the study sets or draws too"
        for name, _ in one.parameters
        if name in taken
    ]


def with_variant(study: Study, one: Variant) -> Study:
    """The study in a variant; it runs every seed, whatever a stopping rule said elsewhere."""
    overrides = tuple(sorted((dict(study.template.overrides) | dict(one.parameters)).items()))
    without = tuple(sorted({*study.template.without, *one.without}))
    template = dataclasses.replace(study.template, overrides=overrides, without=without)
    return dataclasses.replace(study, template=template, variants=(), stop=None)


def studies_in_variants(study: Study) -> dict[str, Study]:
    """The study in each of its variants, by the variant's name."""
    return {one.name: with_variant(study, one) for one in study.variants}


def comparisons_in_variants(study: Study, store: CellStore) -> dict[str, Comparison]:
    """Comparisons in the variants of which whole worlds are in the store."""
    from itcho.experiments.studies.study_run import collect

    return {
        name: compare_study(other, store)
        for name, other in studies_in_variants(study).items()
        if collect(other, store) is not None
    }


def flip(usual: ComparisonRow, other: ComparisonRow) -> Flip:
    """How a verdict's direction changes in a variant; empty if it does not."""
    if usual.direction == other.direction:
        return ""
    if not other.direction:
        return "lost"
    return "reverses" if usual.direction else "gained"


FLIPS: dict[Flip, str] = {
    "reverses": "the sign is the other one",
    "lost": "a sign that could be told can not",
    "gained": "a sign that could not be told can",
}


def pairs(usual: Comparison, other: Comparison) -> list[tuple[ComparisonRow, ComparisonRow]]:
    """Rows of both comparisons, matched by policy, scenario and outcome."""
    found = {(row.policy, row.scenario, row.outcome): row for row in other.rows}
    return [(row, found[row.policy, row.scenario, row.outcome]) for row in usual.rows]


def variants_record(usual: Comparison, others: Mapping[str, Comparison]) -> list[dict[str, Any]]:
    """Every row in every variant as JSON can hold it."""
    return [
        {
            "variant": name,
            "mechanism": VARIANTS[name].mechanism,
            "policy": row.policy,
            "scenario": row.scenario,
            "outcome": row.outcome,
            "usual": {
                "mean_difference": row.summary.mean,
                "verdict": row.verdict,
                "direction": row.direction,
            },
            "in_variant": {
                "mean_difference": other.summary.mean,
                "simultaneous_low": _finite(other.simultaneous[0]),
                "simultaneous_high": _finite(other.simultaneous[1]),
                "verdict": other.verdict,
                "direction": other.direction,
            },
            "flips": flip(row, other),
        }
        for name, comparison in others.items()
        for row, other in pairs(usual, comparison)
    ]


def _finite(value: float) -> float | None:
    from itcho.experiments.studies.compare import plain

    found: float | None = plain(value)
    return found
