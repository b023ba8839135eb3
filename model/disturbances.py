"""Disturbances: what an experiment does to the economy in a month, at one fixed point of the step.

A shock is a small frozen object that is called at the start of every month with a :class:`DisturbedMonth` and writes
into its :class:`Disturbances`; the steps read them.  An undisturbed month has the defaults, which change nothing, bit
for bit.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from itcho.agents.errors import InputError
from itcho.model.clock import Clock
from itcho.model.outside_world import OutsideWorld
from itcho.model.sizes import shortened

if TYPE_CHECKING:
    from itcho.model.chips.rewiring import Rewiring


@dataclass
class Disturbances:
    """Disturbances of one month.

    Attributes
    ----------
    public_investment_pct_gdp : extra public investment of the general account, percent of GDP at a yearly rate.
    policy_rate_shift_pp : added to the rate that the monetary rule sets; ``None`` leaves the rule alone.
    us_rate_shift_pp : added to the US policy rate.
    dollar_demand_bn_usd : extra purchases of dollars in the month, in equal parts each session.
    intervention_bn_usd : dollars bought by the ministry, by session; longer arrays are cut, ``None`` is none.
    usdjpy_path : log prices at which dealers abroad hold USD/JPY in the month's sessions (21), or ``None``.
    announced_deficit_pct_gdp : a lasting deficit that is announced and not yet spent, percent of GDP a year.
    policy_rates_announced_pct : policy rates of this month and of months to come that the Bank of Japan has announced
        and keeps to instead of its rule, percent; ``None`` leaves it to the rule.
    fuel_price_factor : factor on the dollar price of imported fuel.
    world_demand_factor : factor on real demand abroad for Japan's exports.
    consumption_tax_points : added to the rate of the consumption tax, percentage points.
    household_tax_cut_pct_gdp : taken off households' income tax, percent of GDP at a yearly rate.
    chip_capacity : factor on foreign chip suppliers' capacity.
    supplier_capacity : further factors on the capacity of single chip suppliers, and of their makers, by name.
    softbank_holdings_log_return : added to the month's return on SoftBank Group's holdings abroad, and to no other's.
    rewirings : changes of the graph at the beginning of the month, in order.
    """

    public_investment_pct_gdp: float = 0.0
    policy_rate_shift_pp: float = 0.0
    us_rate_shift_pp: float = 0.0
    dollar_demand_bn_usd: float = 0.0
    intervention_bn_usd: NDArray[np.float64] | None = None
    usdjpy_path: NDArray[np.float64] | None = None
    announced_deficit_pct_gdp: float = 0.0
    policy_rates_announced_pct: NDArray[np.float64] | None = None
    fuel_price_factor: float = 1.0
    world_demand_factor: float = 1.0
    consumption_tax_points: float = 0.0
    household_tax_cut_pct_gdp: float = 0.0
    chip_capacity: float = 1.0
    supplier_capacity: dict[str, float] = field(default_factory=dict)
    softbank_holdings_log_return: float = 0.0
    rewirings: tuple[Rewiring, ...] = ()


class DisturbedMonth(NamedTuple):
    """What a shock sees and writes into.

    Attributes
    ----------
    disturbances : of the month, to be written.
    clock : the month.
    outside : the world outside Japan in it, before shocks.
    """

    disturbances: Disturbances
    clock: Clock
    outside: OutsideWorld


class Shock(Protocol):
    """A shock: called at the start of each month, after the calendar and the outside world moved."""

    @property
    def name(self) -> str:
        """How the shock is called."""
        ...

    def __call__(self, month: DisturbedMonth) -> None:
        """Write this month's disturbances into ``month.disturbances``."""
        ...


_NOT_BELOW_ZERO = frozenset({"capacity", "down_days", "first", "month", "months"})
_ABOVE_ZERO = frozenset({"factor", "restart_days", "sessions"})


class CheckedSettings:
    """Base of shocks whose settings are numbers and names: what is none of them is told when the shock is made."""

    def __post_init__(self) -> None:
        """Check the settings.

        Raises
        ------
        InputError : what is wrong with them, all of it.
        """
        if wrong := list(self._mistakes()):
            raise InputError(wrong)

    def _mistakes(self) -> Iterator[str]:
        called = getattr(self, "name", type(self).__name__)
        for setting in dataclasses.fields(self):  # type: ignore[arg-type]
            value, kind = getattr(self, setting.name), str(setting.type)
            shown = f"shock '{called}': {setting.name} is {shortened(value)}"
            if kind in ("int", "float"):
                yield from (f"{shown}; it must be {right}" for right in _wrong_number(setting.name, kind, value))
            elif kind == "str" and not isinstance(value, str):
                yield f"{shown}; it must be a name"
            elif kind == "tuple[float, ...]" and not _are_numbers(value):
                yield f"{shown}; it must be a tuple of numbers"


def _wrong_number(name: str, kind: str, value: object) -> Iterator[str]:
    """What would be right, if a setting is no number of its kind within its bound."""
    whole = kind == "int"
    right = "a whole number" if whole else "a number"
    fits = _is_number(value) and (isinstance(value, Integral) or not whole)
    if name in _NOT_BELOW_ZERO:
        right, fits = f"{right} not below 0", fits and float(value) >= 0.0  # type: ignore[arg-type]
    if name in _ABOVE_ZERO:
        right, fits = f"{right} above 0", fits and float(value) > 0.0  # type: ignore[arg-type]
    if not fits:
        yield right


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and bool(value <= _MOST and not value < -_MOST)


_MOST = 1e15
"""Numbers beyond this are none that anybody means, and overflow further on."""


def _are_numbers(value: object) -> bool:
    return isinstance(value, (Sequence, np.ndarray)) and not isinstance(value, str) and all(map(_is_number, value))


Kind = TypeVar("Kind", bound=type)
_KEPT_SHOCKS: dict[str, type] = {}


def kept_shock(kind: Kind) -> Kind:
    """Class decorator: shocks of this class can be kept in files, by the name of the class and its settings.

    Raises
    ------
    TypeError : it is no frozen dataclass, whose settings say all there is, or another class has its name.
    """
    # Types of the library do not know where it keeps how a dataclass was made.
    if not (dataclasses.is_dataclass(kind) and kind.__dataclass_params__.frozen):  # type: ignore[attr-defined]
        raise TypeError(f"{kind.__qualname__} must be a frozen dataclass: a shock is kept by its settings")
    known = _KEPT_SHOCKS.get(kind.__qualname__)
    if known is not None and known.__module__ != kind.__module__:
        raise TypeError(f"two kinds of shocks are called {kind.__qualname__}: in {known.__module__}, {kind.__module__}")
    _KEPT_SHOCKS[kind.__qualname__] = kind
    return kind


def kept_shock_kinds() -> dict[str, type]:
    """The kinds of shocks that can be kept and whose files have been imported, by name."""
    return dict(_KEPT_SHOCKS)
