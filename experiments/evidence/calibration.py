"""Which target informs which parameter: the page ``docs/calibration.md``, from the registry and the validation rows.

Every parameter that the registry calls calibrated names its targets in ``data/calibration_targets.csv``: rows of the
response table and of the stylised facts, or another published figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from itcho.experiments.evidence.stylised_facts import read_table
from itcho.experiments.markdown import markdown_table
from itcho.model.parameters import Parameter, registry

HINDCAST_YEAR = 2024
"""Quarters from April of this year on are what the packaged hindcast is scored on."""
_FITTED = re.compile(r"\bfit(ted)?\b|two-point", re.IGNORECASE)
_YEARS = re.compile(r"\b(?:FY|in |to |-)?(20\d\d)(?:-(\d\d))?\b")


@dataclass(frozen=True)
class Target:
    """A published figure that parameters were fitted to.

    Attributes
    ----------
    name : id of a row of the validation, or the figure in words.
    published : its range, or an empty string for figures outside the validation.
    source : publisher or paper; empty for figures outside the validation, which the parameter's own source names.
    parameters : names, in the order of the registry.
    """

    name: str
    published: str
    source: str
    parameters: tuple[str, ...]


def targets_of_parameters() -> dict[str, tuple[str, ...]]:
    """Targets by calibrated parameter: ids of validation rows, then other figures."""
    return {
        row["parameter"]: (*row["rows"].split(), *([row["other_target"]] if row["other_target"] else []))
        for row in read_table("calibration_targets.csv")
    }


def validation_rows() -> dict[str, dict[str, str]]:
    """Rows of the response table, of the stylised facts and of the facts of years and decades by id."""
    tables = ("response_table.csv", "stylised_facts.csv", "long_run_facts.csv")
    return {row["id"]: row for name in tables for row in read_table(name)}


def calibrated() -> list[Parameter]:
    """Parameters that were fitted by running the model, in the order of the registry."""
    return [one for one in registry().values() if one.known == "calibrated"]


def targets() -> list[Target]:
    """Targets that inform a parameter: validation rows in their order, then other figures."""
    rows, informed = validation_rows(), targets_of_parameters()
    names = list(dict.fromkeys(name for found in informed.values() for name in found))
    ordered = [name for name in rows if name in names] + [name for name in names if name not in rows]
    return [
        Target(
            name,
            _range(rows[name]) if name in rows else "",
            rows[name]["source"] if name in rows else "",
            tuple(one.name for one in calibrated() if name in informed.get(one.name, ())),
        )
        for name in ordered
    ]


def rows_that_inform_nothing() -> list[str]:
    """Validation rows that no parameter was fitted to and that are not there by construction."""
    used = {name for found in targets_of_parameters().values() for name in found}
    return [name for name, row in validation_rows().items() if name not in used and row["by_construction"] != "yes"]


def last_year_of_evidence(parameter: Parameter) -> int:
    """The latest year that a parameter's source and note name; 0 if none is named."""
    years = [0]
    for year, end in _YEARS.findall(f"{parameter.source} {parameter.note}"):
        years += [int(year), int(year[:2] + end)] if end else [int(year)]
    return max(years)


def seen_quarters() -> list[Parameter]:
    """Calibrated or computed parameters whose evidence reaches into the years that the hindcast is scored on."""
    fitted = [one for one in registry().values() if one.known in ("calibrated", "computed")]
    return [one for one in fitted if last_year_of_evidence(one) >= HINDCAST_YEAR]


def page() -> Iterator[str]:
    """Lines of ``docs/calibration.md`` after its notice."""
    yield from _introduction()
    rows = validation_rows()
    yield "## Targets"
    yield ""
    yield from markdown_table(
        ("target", "what", "published", "informs", "source"),
        [
            (
                f"`{one.name}`" if one.name in rows else one.name,
                _what(rows[one.name]) if one.name in rows else "figure outside the validation",
                one.published or "–",
                ", ".join(f"`{name}`" for name in one.parameters),
                one.source or "named at the parameter below",
            )
            for one in targets()
        ],
    )
    yield "## Calibrated parameters"
    yield ""
    informed = targets_of_parameters()
    yield from markdown_table(
        ("parameter", "value", "bounds", "targets", "evidence as the registry has it"),
        [
            (
                f"`{one.name}`",
                f"{one.value:g}",
                f"{one.low:g} to {one.high:g}, {one.unit}",
                ", ".join(f"`{name}`" if name in rows else name for name in informed.get(one.name, ())),
                "; ".join(text for text in (one.source, one.note) if text),
            )
            for one in calibrated()
        ],
    )
    yield from _fitted_elsewhere()
    yield "## Rows that no parameter was fitted to"
    yield ""
    yield "No calibrated parameter names one of these as its target:"
    yield ""
    yield ", ".join(f"`{name}`" for name in rows_that_inform_nothing()) + "."
    yield ""
    yield from _hindcast()


def _introduction() -> Iterator[str]:
    yield "# Calibration"
    yield ""
    yield (
        f"{len(calibrated())} of the model's {len(registry())} parameters were fitted by running it, each inside its "
        "published bounds and each to the targets named here; the registry calls them *calibrated*. The others are "
        "read, computed, remembered or judged ([parameters](parameters.md)). How the model does on every target, met "
        "or missed, is in [validation](validation.md)."
    )
    yield ""


def _fitted_elsewhere() -> Iterator[str]:
    """Parameters fitted to data outside the model."""
    outside = [
        one
        for one in registry().values()
        if one.known != "calibrated" and _FITTED.search(f"{one.source} {one.note}") is not None
    ]
    yield "## Fitted to data outside the model"
    yield ""
    yield "These come from a fit to the figures named, without a run of the whole model."
    yield ""
    yield from markdown_table(
        ("parameter", "value", "known", "fitted to"),
        [
            (f"`{one.name}`", f"{one.value:g}", one.known, "; ".join(text for text in (one.source, one.note) if text))
            for one in outside
        ],
    )


def _hindcast() -> Iterator[str]:
    yield "## What the hindcast is not blind to"
    yield ""
    yield (
        "`itcho validate --hindcast` from 2024-03-31 gives the model no figure of Japan after that day, and no "
        "parameter is chosen for its scores. But the evidence behind the calibrated and computed parameters below "
        f"reaches into {HINDCAST_YEAR} or later: there the model knows more than a forecaster of March 2024 did. Of "
        "those that are read, `natural_real_rate_pct` matters most: the estimates are of March 2026."
    )
    yield ""
    yield from markdown_table(
        ("parameter", "known", "evidence"),
        [
            (f"`{one.name}`", one.known, "; ".join(text for text in (one.source, one.note) if text))
            for one in seen_quarters()
        ],
    )


def _what(row: dict[str, str]) -> str:
    what = row.get("response") or row["fact"]
    return what if row["unit"] == "-" or row["unit"] in what.split() else f"{what}, {row['unit']}"


def _range(row: dict[str, str]) -> str:
    low, high = row["low"], row["high"]
    text = f"{low} to {high}" if low and high else f"below {high}" if high else f"above {low}"
    return re.sub(r"(?<![\w.])-", "−", text)
