"""Is a start state in the units that the model reads?  Stocks and facts against declared ranges, and the likely unit.

A figure in the wrong unit can close in every row: what is entered in billions on both sides adds to zero like anything
else.  ``ranges.csv`` declares how far stocks over gross domestic product, prices and rates may go.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from itcho.model.start_states.start_state import INSTRUMENT_ROWS, StartState

GDP = "nominal_gdp_trn_yen_fy"
GDP_BASE = "gdp_base_year"
"""The fact that names the base of a start state's gross domestic product."""
GDP_BASES = (2015, 2020)
"""Bases of Japan's national accounts that figures may have; they are never mixed."""
BASES_DIFFER = "in 2024 gross domestic product on the 2015 base stands 4.7% below that on the 2020 base"
"""Cabinet Office, quarterly estimates before and after the change of base (December 2025)."""
NEAR_DAYS = 366
"""Beyond this many days rates of one date say nothing of another's: 0.14% was the US policy rate of March 2013."""
FRACTION_BELOW = 0.2
"""Percentages below this, and below a tenth of what is expected, are likely to be fractions."""


@dataclass(frozen=True)
class Unit:
    """A wrong unit that a figure may be in.

    Attributes
    ----------
    factor : the figure over what it would be in the right unit.
    name : such as ``billions of yen``.
    remedy : what makes it right.
    """

    factor: float
    name: str
    remedy: str


@dataclass(frozen=True)
class Range:
    """How far a quantity of a start state may go.

    Attributes
    ----------
    quantity : an instrument or a fact.
    of : ``stock over GDP`` (all positive positions), ``fact over GDP`` or ``fact``.
    low, high, unit : the range.
    """

    quantity: str
    of: str
    low: float
    high: float
    unit: str


@cache
def ranges() -> tuple[Range, ...]:
    """The declared ranges."""
    text = resources.files("itcho.model.start_states").joinpath("ranges.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(io.StringIO(text))
    return tuple(Range(row["quantity"], row["of"], float(row["low"]), float(row["high"]), row["unit"]) for row in rows)


def units_of_money(usdjpy: float) -> tuple[Unit, ...]:
    """Units in which trillions of yen may have been given by mistake."""
    return (
        Unit(1e3, "billions of yen", "divide by 1,000"),
        Unit(1e6, "millions of yen", "divide by 1,000,000"),
        Unit(1e9, "thousands of yen", "divide by 1,000,000,000"),
        Unit(1e12, "yen", "divide by 1,000,000,000,000"),
        Unit(1e3 / usdjpy, "billions of dollars", "divide by 1,000 and multiply by yen per dollar"),
        Unit(1.0 / usdjpy, "trillions of dollars", "multiply by yen per dollar"),
    )


def units_of_usdjpy(usdjpy: float) -> tuple[Unit, ...]:
    """Units in which yen per dollar may have been given by mistake."""
    return (
        Unit(usdjpy**-2, "dollars per yen", "give yen per dollar, one divided by it"),
        Unit(100.0 * usdjpy**-2, "dollars per 100 yen", "give yen per dollar, 100 divided by it"),
    )


def likely_unit(value: float, expected: float, units: Sequence[Unit]) -> str:
    """Such as ``: looks like billions of yen: divide by 1,000``; empty if no unit comes within a factor of 3."""
    if not units or value * expected <= 0.0:
        return ""
    ratio = math.log(value / expected)
    nearest = min(units, key=lambda unit: abs(ratio - math.log(unit.factor)))
    if abs(ratio - math.log(nearest.factor)) > math.log(3.0):
        return ""
    return f": looks like {nearest.name}: {nearest.remedy}"


def likely_unit_of_pct(name: str, value: float, expected: float) -> str:
    """The likely unit of a percentage called ``name`` that is far from what is expected."""
    if "cpi" in name and 50.0 <= value <= 200.0:
        return ": looks like an index: give its change over a year in percent"
    if 1.0 / 3.0 <= abs(value) / (100.0 * max(abs(expected), 0.1)) <= 3.0:
        return ": looks like basis points: divide by 100"
    return ""


def is_fraction(values: Sequence[float], expected: float) -> bool:
    """Whether percentages look like fractions: 0.025 where about 2.5 is expected."""
    known = [abs(value) for value in values if math.isfinite(value) and value != 0.0]
    return bool(known) and max(known) < min(FRACTION_BELOW, abs(expected) / 10.0)


def unit_mistakes(state: StartState, expected: StartState) -> list[str]:
    """Figures of a start state that lie outside their declared range, or look like fractions of percentages.

    Parameters
    ----------
    state : to be checked.
    expected : a state in the right units, which tells what a figure should be near.

    Returns
    -------
    One message for each figure: its name, its value, the range, and the likely unit.
    """
    if GDP not in state.facts or not state.fact(GDP) > 0.0:
        return []
    found = []
    near = abs((state.date - expected.date).days) <= NEAR_DAYS
    gdp, known = state.fact(GDP), [one for one in ranges() if one.of == "stock over GDP" or one.quantity in state.facts]
    for one in sorted(known, key=lambda one: one.quantity != GDP):
        value, usual = _value(state, one), _value(expected, one)
        over = one.of != "fact"
        ratio = value / gdp if over else value
        if not one.low <= ratio <= one.high:
            told = f"{value:g} trn yen, {ratio:.3g} times GDP" if over else f"{value:g} {one.unit}"
            hint = _hint(one, value, usual, expected.fact("usdjpy"))
            found.append(f"{one.quantity} = {told}, outside {one.low:g} to {one.high:g} {one.unit}{hint}")
            if one.quantity == GDP:
                # What is measured by it cannot be judged.
                return found
        elif near and one.unit == "%" and is_fraction([value], usual) and 1.0 / 3.0 <= 100.0 * value / usual <= 3.0:
            found.append(f"{one.quantity} = {value:g} %: looks like a fraction: multiply by 100")
    return found


def _hint(one: Range, value: float, usual: float, usdjpy: float) -> str:
    """The likely unit of a figure outside its range."""
    if one.unit == "%":
        return likely_unit_of_pct(one.quantity, value, usual)
    if one.quantity == "usdjpy":
        return likely_unit(value, usual, units_of_usdjpy(usual))
    if one.unit not in ("times GDP", "trn yen"):
        return ""
    quarter = Unit(0.25, "one quarter's flow", "give the sum of the fiscal year")
    return likely_unit(value, usual, (*units_of_money(usdjpy), *((quarter,) if one.quantity.endswith("_fy") else ())))


def gdp_base_mistakes(state: StartState) -> list[str]:
    """What is wrong with the base that a start state names for its gross domestic product."""
    if GDP_BASE in state.facts and state.facts[GDP_BASE].value not in GDP_BASES:
        known = " or ".join(map(str, GDP_BASES))
        return [f"{GDP_BASE} = {state.facts[GDP_BASE].value:g} is not {known}, the bases of Japan's national accounts"]
    return []


def _value(state: StartState, one: Range) -> float:
    if one.of != "stock over GDP":
        return state.fact(one.quantity)
    cells = state.positions[INSTRUMENT_ROWS[one.quantity]]
    return float(np.where(cells > 0.0, cells, 0.0).sum())
