"""Investors' holdings row by row, in compiled code: what members take and are given.

Members of a type stand together: rows ``bounds[kind]`` to ``bounds[kind + 1]`` are those of type ``kind``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit

Array = NDArray[np.float64]
Rows = NDArray[np.int64]


@njit(cache=True)
def hand_on(
    columns: tuple[Array, ...], weight: Array, bounds: Rows, kind: Rows, column: Rows, total: Array, to_all: bool
) -> None:
    """Give members their part of what their parties hold.

    Holdings move in proportion to what a member has.  Cash that came in or went out is shared by weight, and the others
    help who would be short of it.

    Parameters
    ----------
    columns : what members hold; cash first.
    weight : each member's part of its type.
    kind, column, total : a type, one of its columns, and what its members hold of it together, for each such pair.
    to_all : whether members who have nothing together get what there is by weight, or stay without.
    """
    for k in range(total.size):
        first, last = bounds[kind[k]], bounds[kind[k] + 1]
        held, together = columns[column[k]], 0.0
        for i in range(first, last):
            together += held[i]
        if column[k] == 0:
            came_in, together = total[k] - together, 0.0
            for i in range(first, last):
                held[i] = max(held[i] + came_in * weight[i], 0.0)
                together += held[i]
        if together > 0.0:
            factor = total[k] / together
            for i in range(first, last):
                held[i] *= factor
        elif to_all and column[k] > 0:
            for i in range(first, last):
                held[i] = weight[i] * total[k]


@njit(cache=True)
def take_holdings(bounds: Rows, target: Array, bonds: Array, deposits: Array, pays_abroad: int, bought: Array) -> None:
    """Move members to their target, paid out of their deposits (abroad out of others'); writes purchases by kind."""
    for kind in range(bought.size):
        orders = 0.0
        for i in range(bounds[kind], bounds[kind + 1]):
            order = target[i] - bonds[i]
            bonds[i] = target[i]
            orders += order
            if kind != pays_abroad:
                deposits[i] -= order
        bought[kind] = orders
