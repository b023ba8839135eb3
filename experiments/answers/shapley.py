"""Shapley shares: what each of several players adds to a worth, whatever the order in which they come in.

A permutation of the players is walked from nobody to everybody; each player's part is what the worth changes by when it
comes in.  The parts of one walk telescope: with what nobody is worth they add up to what everybody is worth, in every
walk and so in every mean of walks.  A walk and its reverse are taken together, which balances who comes early.

Sources: Shapley, in Contributions to the Theory of Games II (1953); Castro, Gómez and Tejada, Computers & Operations
Research 36 (2009), for permutation sampling.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np

Coalition = frozenset[str]
Order = tuple[str, ...]


def coalitions(order: Order) -> list[Coalition]:
    """Who is in at each step of a walk, from nobody to everybody.

    Examples
    --------
    >>> [sorted(one) for one in coalitions(("b", "a"))]
    [[], ['b'], ['a', 'b']]
    """
    return [frozenset(order[:place]) for place in range(len(order) + 1)]


def orders(players: Sequence[str], pairs: int, rng: np.random.Generator) -> list[Order]:
    """Walks to be taken: all of them where there are no more than asked for, else pairs of a walk and its reverse.

    Parameters
    ----------
    pairs : of walks, at least one.
    """
    if math.factorial(len(players)) <= 2 * pairs:
        return list(itertools.permutations(players))
    found: list[Order] = []
    for _ in range(pairs):
        walk = tuple(players[place] for place in rng.permutation(len(players)))
        found += [walk, walk[::-1]]
    return found


def shapley_parts(walks: Sequence[Order], worth: Callable[[Coalition], float]) -> dict[str, float]:
    """Each player's mean part over the walks.

    Examples
    --------
    Two gloves make a pair: whoever has the only left one gets more.

    >>> pair = lambda who: float("left" in who and len(who) > 1)
    >>> walks = orders(("left", "right", "other"), 3, np.random.default_rng(0))
    >>> {player: round(part, 4) for player, part in shapley_parts(walks, pair).items()}
    {'left': 0.6667, 'right': 0.1667, 'other': 0.1667}
    """
    parts = dict.fromkeys(walks[0], 0.0)
    for walk in walks:
        worths = [worth(one) for one in coalitions(walk)]
        for player, (before, after) in zip(walk, itertools.pairwise(worths), strict=True):
            parts[player] += (after - before) / len(walks)
    return parts
