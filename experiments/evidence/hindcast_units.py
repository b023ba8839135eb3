"""Are the quarterly figures of a hindcast in the units that their columns name?

Each column is held against the start state where it comes nearest to it, and from there on quarter by quarter against
itself: a level may change by a factor of 3, a rate by 5 points.  What is beyond is refused, with the likely unit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from itcho.experiments.evidence.hindcast_files import GDP, US_RATE, QuarterlyFigures
from itcho.experiments.languages import Sentence
from itcho.model.clock import Month
from itcho.model.start_states import StartState
from itcho.model.start_states.units import (
    BASES_DIFFER,
    GDP_BASE,
    Unit,
    is_fraction,
    likely_unit,
    likely_unit_of_pct,
    units_of_money,
    units_of_usdjpy,
)

LARGEST_FACTOR = 3.0
LARGEST_CHANGE_POINTS = 5.0
QUARTERS_A_YEAR = 4
SUSPICIOUS_GAP = 0.025
"""Half the gap between the two bases: nearer to the other base than to the one that is named."""
LATEST_YEARS = 1.5
"""Later, growth may have opened such a gap."""


def expected_figures(start: StartState) -> dict[str, float]:
    """What each column should be near: the start state's own figure, in the column's unit."""
    fact = start.fact
    imports = fact("semiconductor_imports_trn_yen_fy") + fact("computer_imports_trn_yen_fy")
    return {
        "usdjpy": fact("usdjpy"),
        "jgb_10y_pct": fact("jgb_10y_pct"),
        "policy_rate_pct": fact("policy_rate_pct"),
        "cpi_yoy_pct": fact("cpi_inflation_yoy_pct"),
        GDP: fact("nominal_gdp_trn_yen_fy"),
        "chip_imports_trn_yen": imports / QUARTERS_A_YEAR,
        US_RATE: fact("us_policy_rate_pct"),
    }


def unit_mistakes(figures: QuarterlyFigures, start: StartState, where: str, *, before: bool = False) -> list[str]:
    """What is wrong with the units of a file, one message for each column.

    Parameters
    ----------
    figures : of the file.
    start : the state the run begins from.
    where : the file, as messages name it.
    before : whether the file is history; it is then read backwards, and without the US rate, which nobody reads there.

    Returns
    -------
    Messages with the column, the figure, the quarter, what it was held against, and the likely unit.
    """
    found = []
    for name, expected in expected_figures(start).items():
        if name not in figures.columns or (before and name == US_RATE):
            continue
        known = [
            (quarter, value)
            for quarter, value in zip(figures.quarters, figures.columns[name].tolist(), strict=True)
            if math.isfinite(value)
        ]
        if before:
            known.reverse()
        # A history that ends long before the start may have known lower rates in its last year.
        telling = known if before else known[:QUARTERS_A_YEAR]
        wrong = _fraction(name, telling, expected) or _far_figure(name, known, expected, start.fact("usdjpy"))
        if wrong:
            found.append(f"{where}: {wrong}")
    return [*found, *_base_mistakes(figures, start, where)]


def base_remark(figures: QuarterlyFigures, start: StartState, growth_pct: float) -> str:
    """A sentence if gross domestic product begins as if it were on another base than it says; else empty.

    Parameters
    ----------
    figures : of the file, from the start on.
    start : the state the run begins from.
    growth_pct : of nominal gross domestic product at the start, percent a year.
    """
    known = zip(figures.quarters, figures.columns.get(GDP, ()), strict=False)
    first = next(((quarter, float(value)) for quarter, value in known if math.isfinite(value)), None)
    if first is None:
        return ""
    # From the middle of the fiscal year before the start to the middle of the quarter.
    years = 0.5 + (first[0] - Month.of(start.date) + 0.5) / 12.0
    gap = first[1] / (start.fact("nominal_gdp_trn_yen_fy") * math.exp(growth_pct / 100.0 * years)) - 1.0
    if years > LATEST_YEARS or abs(gap) < SUSPICIOUS_GAP:
        return ""
    return Sentence(
        "{column} begins at {value}, {gap}% from where the start state leads: is it on base {base}? ({why}.)",
        column=GDP,
        value=f"{first[1]:.1f}",
        gap=f"{100.0 * gap:+.1f}",
        base=figures.gdp_base_year,
        why=Sentence(BASES_DIFFER),
    )


def _base_mistakes(figures: QuarterlyFigures, start: StartState, where: str) -> list[str]:
    if GDP not in figures.columns or not any(map(math.isfinite, figures.columns[GDP].tolist())):
        return []
    base, wanted = figures.gdp_base_year, int(start.fact(GDP_BASE))
    if base is None:
        return [f"{where}: {GDP} does not say on which base it is; the start state is on base {wanted}; {BASES_DIFFER}"]
    if base != wanted:
        return [
            f"{where}: {GDP} is on base {base}, the start state on base {wanted}: bases are not mixed; {BASES_DIFFER}"
        ]
    return []


def _fraction(name: str, known: Sequence[tuple[Month, float]], expected: float) -> str:
    """What is wrong with a column of rates whose figures all look like fractions; empty if they do not."""
    if not name.endswith("_pct") or not is_fraction([value for _, value in known], expected):
        return ""
    quarter, value = known[0]
    return (
        f"{name} = {value:g} in {quarter}-01, the start state has {expected:g}: looks like a fraction: multiply by 100"
    )


def _far_figure(name: str, known: Sequence[tuple[Month, float]], expected: float, usdjpy: float) -> str:
    """The first figure of a column that is too far from the one it stands beside; empty if none is."""
    is_rate = name.endswith("_pct")
    near, near_is = expected, "the start state has"
    for quarter, value in known:
        if is_rate:
            far, hint = abs(value - near) > LARGEST_CHANGE_POINTS, likely_unit_of_pct(name, value, expected)
        else:
            far = not 1.0 / LARGEST_FACTOR <= value / near <= LARGEST_FACTOR
            hint = likely_unit(value, expected, _units_of(name, usdjpy))
        if far:
            limit = f"{LARGEST_CHANGE_POINTS:g} points" if is_rate else f"a factor of {LARGEST_FACTOR:g}"
            return f"{name} = {value:g} in {quarter}-01, {near_is} {near:g}: more than {limit} apart{hint}"
        near, near_is = value, "the quarter next to it has"
    return ""


def _units_of(name: str, usdjpy: float) -> tuple[Unit, ...]:
    if name == "usdjpy":
        return units_of_usdjpy(usdjpy)
    if name == GDP:
        return (*units_of_money(usdjpy), Unit(0.25, "one quarter's flow", "give it at a yearly rate, times 4"))
    return (
        *units_of_money(usdjpy),
        Unit(4.0, "a year's sum or a yearly rate", "give the quarter's sum, a fourth of a yearly rate"),
    )
