"""Investors' holdings row by row, in compiled code: what members want, clear, take and are given."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.compiled import njit

Array = NDArray[np.float64]

_ROUNDS = 8


@njit(cache=True)
def scale(held: Array, total: float) -> bool:
    """Let members hold ``total`` together, in proportion to what they have; returns whether they have anything."""
    now = 0.0
    for i in range(held.size):
        now += held[i]
    if not now > 0.0:
        return False
    for i in range(held.size):
        held[i] *= total / now
    return True


@njit(cache=True)
def give_in_proportion(held: Array, weight: Array, total: float) -> None:
    """As :func:`scale`; by weight if they have nothing."""
    if not scale(held, total):
        for i in range(held.size):
            held[i] = weight[i] * total


@njit(cache=True)
def share_cash(held: Array, weight: Array, total: float) -> None:
    """Share what members got together by weight; who is short of cash is helped by the others."""
    now, after = 0.0, 0.0
    for i in range(held.size):
        now += held[i]
    for i in range(held.size):
        held[i] = max(held[i] + (total - now) * weight[i], 0.0)
        after += held[i]
    for i in range(held.size):
        held[i] *= total / after if after > 0.0 else 0.0


@njit(cache=True)
def want_bonds(
    kind: NDArray[np.int8], weight: Array, exposure: Array, mandates: Array, slopes: Array, wanted: Array, slope: Array
) -> tuple[float, float]:
    """Write what each member wants to hold and how much more per point of premium; returns the sums.

    ``mandates`` and ``slopes`` hold them by kind of member.
    """
    total_wanted, total_slope = 0.0, 0.0
    for i in range(wanted.size):
        wanted[i] = weight[i] * mandates[kind[i]]
        slope[i] = weight[i] * exposure[i] * slopes[kind[i]]
        total_wanted += wanted[i]
        total_slope += slope[i]
    return total_wanted, total_slope


@njit(cache=True)
def clear_stock(wanted: Array, slope: Array, stock: float, held: Array) -> None:
    """Write what every member ends up holding; see ``model.portfolios.clearing_holdings``."""
    active = np.empty(wanted.size, dtype=np.bool_)
    for i in range(wanted.size):
        active[i], held[i] = True, 0.0
    for _ in range(_ROUNDS):
        total_slope, total_wanted = 0.0, 0.0
        for i in range(wanted.size):
            if active[i]:
                total_slope += slope[i]
                total_wanted += wanted[i]
        if total_slope <= 0.0:
            break
        change, any_short = (stock - total_wanted) / total_slope, False
        for i in range(wanted.size):
            held[i] = wanted[i] + slope[i] * change if active[i] else 0.0
            if held[i] < 0.0:
                active[i] = False
                any_short = True
        if not any_short:
            break
    total = 0.0
    for i in range(wanted.size):
        held[i] = max(held[i], 0.0)
        total += held[i]
    for i in range(wanted.size):
        held[i] *= stock / total if total > 0.0 else 0.0


@njit(cache=True)
def take_holdings(
    kind: NDArray[np.int8], target: Array, bonds: Array, deposits: Array, pays_abroad: int, bought: Array
) -> None:
    """Move members to their target, paid out of their deposits (abroad out of others'); adds purchases by kind."""
    for i in range(target.size):
        order = target[i] - bonds[i]
        bonds[i] = target[i]
        if kind[i] != pays_abroad:
            deposits[i] -= order
        bought[kind[i]] += order
