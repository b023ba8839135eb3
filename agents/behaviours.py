"""Behaviours that a user can replace by functions: what traders believe, what savers want, which supplier appeals.

A rule of a policy decides for one agent in office; a behaviour decides for many.  Each slot takes a plain function of
numbers or NumPy arrays, compiled or not, and its answer is checked.  A slot that is left alone is the model's own text.

::

    from itcho.agents.behaviours import behaviour

    @behaviour("expectations")
    def believe_what_is_seen(seen_pct, target_pct):
        return seen_pct
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from itcho.agents.errors import DecisionError, InputError, nearest_names

Array = NDArray[np.float64]
Function = TypeVar("Function")


@dataclass(frozen=True)
class Behaviours:
    """What stands in the place of the model's own behaviours; None keeps the model's.

    Attributes
    ----------
    currency_trader : ``(usdjpy, believed, relative_price, assets_to_gdp)`` at the end of a month to what speculative
        traders believe the dollar to be worth: yen per dollar at the close; what they believed; prices at home over
        prices abroad, 1 at the start; net foreign assets over yearly GDP less those of the start.  Yen per dollar.
    carry : ``(rate_gap_pp, expected_gap_pp)``, US less Japanese policy rate and what was expected of it at the start,
        to the carry book wanted over that of the start.
    saver : ``(income, wealth, real_rate_gap_pp)``, both real and 1 at the start, and the real lending rate over what is
        neutral, to the consumption that households want over that of the start; the rest of income is saved.
    expectations : ``(seen_pct, anchor_pct)``, inflation as households see it and as they expect it of the long run (the
        target where it is believed), to the inflation that households and firms expect, percent a year.
    supplier_choice : ``(utility, log_price, at_home)``, arrays over the suppliers of a layer: what each is worth to
        all buyers alike, ln of its yen price over that of the start, whether it is controlled in Japan; to the
        utilities that buyers choose by.
    """

    currency_trader: Callable[[float, float, float, float], float] | None = None
    carry: Callable[[float, float], float] | None = None
    saver: Callable[[float, float, float], float] | None = None
    expectations: Callable[[float, float], float] | None = None
    supplier_choice: Callable[[Array, Array, NDArray[np.bool_]], Array] | None = None

    @property
    def replaced(self) -> dict[str, str]:
        """Names of the functions by slot, of the slots that are not the model's own."""
        found = {slot: getattr(self, slot) for slot in BEHAVIOURS}
        return {slot: str(getattr(one, "__name__", one)) for slot, one in found.items() if one is not None}

    def number(self, slot: str, value: float, low: float, high: float) -> float:
        """An answer of one number.

        Raises
        ------
        DecisionError : it is no number from ``low`` to ``high``.
        """
        try:
            answer = float(value)
        except (TypeError, ValueError):
            answer = math.nan
        if not low <= answer <= high:
            called = f"behaviour {slot} ('{self.replaced[slot]}')"
            raise DecisionError(f"{called} returned {value!r}: it must be a number from {low:g} to {high:g}", called)
        return answer

    def utilities(self, utility: Array, log_price: Array, at_home: NDArray[np.bool_]) -> Array:
        """What suppliers are worth by ``supplier_choice``.

        Raises
        ------
        DecisionError : it is no array of as many finite numbers.
        """
        assert self.supplier_choice is not None
        answer = np.asarray(self.supplier_choice(utility.copy(), log_price.copy(), at_home.copy()))
        if answer.shape != utility.shape or answer.dtype.kind not in "fiu" or not np.isfinite(answer).all():
            called = f"behaviour supplier_choice ('{self.replaced['supplier_choice']}')"
            raise DecisionError(f"{called} must return {utility.size} finite numbers, one for each supplier", called)
        return answer.astype(np.float64)


BEHAVIOURS = tuple(field.name for field in fields(Behaviours))
"""The slots."""
AS_MODELLED = Behaviours()
"""The model's own."""
LARGEST_FACTOR = 100.0
"""A carry book or a consumption of so many times that of the start is a slip and no behaviour."""

_REGISTERED: dict[str, dict[str, object]] = {}


def behaviour(slot: str) -> Callable[[Function], Function]:
    """Mark a function of a rules file as what fills a slot.

    Raises
    ------
    InputError : no such slot.
    """
    if slot not in BEHAVIOURS:
        raise InputError(
            f"behaviour '{slot}' is unknown{nearest_names(slot, BEHAVIOURS) or '; one of ' + ', '.join(BEHAVIOURS)}"
        )

    def register(function: Function) -> Function:
        _REGISTERED.setdefault(function.__module__, {})[slot] = function
        return function

    return register


def behaviours_of(modules: Sequence[str]) -> Behaviours:
    """What the functions marked in some modules replace.

    Raises
    ------
    InputError : two modules fill the same slot.
    """
    found: dict[str, object] = {}
    for module in modules:
        for slot, function in _REGISTERED.get(module, {}).items():
            if slot in found:
                raise InputError(f"two rules files fill the behaviour '{slot}': name only one of them")
            found[slot] = function
    return Behaviours(**found)  # type: ignore[arg-type]  # what they answer is checked at each call


def forget(module: str) -> None:
    """Let go of the functions marked in a module: it is about to be run again."""
    _REGISTERED.pop(module, None)
