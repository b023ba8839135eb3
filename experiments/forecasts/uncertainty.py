"""What is uncertain about the model itself, drawn for each path: parameters, and the settings of the bank's rule."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from itcho.agents.carry_traders import ExpectedRateGap
from itcho.agents.rules.monetary import InertialTaylor
from itcho.experiments.evidence.stylised_facts import read_table
from itcho.model.construction import open_expectations
from itcho.model.economy import JapanEconomy
from itcho.model.finance.bonds import BondMarket
from itcho.model.parameters import registry
from itcho.model.randomness import Streams
from itcho.model.start_states.start_state import Constant

ParameterMode = Literal["central", "plausible"]
CENTRAL: ParameterMode = "central"
PLAUSIBLE: ParameterMode = "plausible"
MODES: tuple[ParameterMode, ...] = (CENTRAL, PLAUSIBLE)
UNCERTAIN = ("memory", "judgement", "calibrated")
"""How well a parameter is known if it is drawn; what was read or computed stands."""


def drawn_parameters(seed: int, path: int) -> dict[str, float]:
    """Uncertain parameters of a path: each from a triangle over its bounds whose peak is the registered value."""
    rng = Streams(seed).generator("forecast parameters", path)
    uncertain = [one for one in registry().values() if one.known in UNCERTAIN and one.low < one.high]
    return {one.name: float(rng.triangular(one.low, one.value, one.high)) for one in uncertain}


def dated_constants(constants: Mapping[str, Constant], mode: ParameterMode, seed: int, path: int) -> dict[str, float]:
    """Parameters as they stood at the origin, for one path: those with a range from the triangle over it, in turn."""
    found = {name: one.value for name, one in constants.items()}
    if mode == PLAUSIBLE:
        rng = Streams(seed).generator("forecast constants", path)
        for name in sorted(constants):
            place, (low, value, high) = rng.random(), (constants[name].low, constants[name].value, constants[name].high)
            if low is not None and high is not None and low <= value <= high and low < high:
                found[name] = _triangular(place, low, value, high)
    return found


def _triangular(place: float, low: float, peak: float, high: float) -> float:
    """The value that a triangle over a range has this part of its probability below.

    Examples
    --------
    >>> _triangular(0.5, 0.0, 1.0, 2.0)
    1.0
    """
    rising = (peak - low) / (high - low)
    if place < rising:
        return low + math.sqrt(place * (high - low) * (peak - low))
    return high - math.sqrt((1.0 - place) * (high - low) * (high - peak))


def parameters_of_path(
    constants: Mapping[str, Constant], mode: ParameterMode, seed: int, path: int
) -> dict[str, float]:
    """Parameters of one path: what was known at the date from its own range, the rest around today's values."""
    drawn = drawn_parameters(seed, path) if mode == PLAUSIBLE else {}
    return {**drawn, **dated_constants(constants, mode, seed, path)}


def drawn_rule(seed: int, path: int) -> InertialTaylor:
    """The bank's rule of a path: each setting from a triangle over published estimates, peak at the registered one."""
    rng = Streams(seed).generator("forecast rule", path)
    usual = InertialTaylor()
    settings = {
        row["setting"]: float(rng.triangular(float(row["low"]), getattr(usual, row["setting"]), float(row["high"])))
        for row in read_table("forecast_rule_settings.csv")
        if row["rule"] == usual.name
    }
    return replace(usual, **settings)


def open_under_own_rule(economy: JapanEconomy) -> None:
    """Let the opening curve hold the path's own rule: that a rule's settings are uncertain is no news in month 1."""
    world = economy.world
    path, terminal = world.bank_of_japan.expected_path_pct(world.state, world.parameters)
    economy.world = replace(
        world,
        bonds=BondMarket(world.state.yields_pct, path, terminal, world.parameters),
        opening=replace(world.opening, expected_rate_gap=ExpectedRateGap(world.state.policy_rate_pct, path)),
    )
    open_expectations(economy.world)
