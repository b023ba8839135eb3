"""Who buys AI chips from whom at the start, and the arrays in which the chip trade holds its edges.

Large importers, all distributors and row 0 (the national AI company) buy from designers, everyone else from
distributors.  Most have one source: named firms those of :data:`itcho.model.chips.named_links.CHIP_SOURCES`, the others
one that is drawn, and a small part of them a second one.  How much a buyer with several sources takes of each follows
from the designers' shares in Japan, which come out of all buyers together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from itcho.agents.views import ParameterValues
from itcho.model.chips.named_links import CHIP_SOURCES

Array = NDArray[np.float64]
IntArray = NDArray[np.int32]

DISTRIBUTOR, CLOUD, DEVELOPER = 0, 1, 2
_SMALLEST_PART = 0.01
_ROUNDS = 200
"""Rounds in which shares are fitted to both margins; they settle after some ten."""


class NamedSupplier(Protocol):
    """What is read of a foreign supplier (the records and the agents of ``agents/foreign_suppliers.py`` have it)."""

    @property
    def name(self) -> str:
        """Snake_case identifier."""

    @property
    def tier(self) -> str:
        """``designer``, ``foundry``, ``memory`` or ``laboratory``."""


@dataclass(frozen=True)
class ChipEdges:
    """Edges of the chip trade, sorted by seller: designers first, then distributors.

    Attributes
    ----------
    seller : (E,) 0..D-1 are designers, D + k is the k-th distributor.
    buyer : (E,) importer rows; a distributor's edge to its own row stands for customers outside the population.
    share : (E,) share of the buyer's orders; the shares of a buyer sum to 1 (a distributor's own row apart).  An edge
        whose share is 0 takes no orders: goods that are still under way arrive on it.
    seller_start : (sellers + 1,) where each seller's edges begin.
    n_from_designers : edges that come from designers; they come first.
    designer_row : (D,) positions of the designers in the list of suppliers.
    distributor_row : (K,) importer rows of the distributors.
    """

    seller: IntArray
    buyer: IntArray
    share: Array
    seller_start: NDArray[np.int64]
    n_from_designers: int
    designer_row: IntArray
    distributor_row: IntArray

    @property
    def n_edges(self) -> int:
        """Number of edges."""
        return int(self.seller.size)

    def keys(self) -> NDArray[np.int64]:
        """(E,) one number for each pair of seller and buyer, in rising order."""
        return self.seller.astype(np.int64) * (2**32) + self.buyer

    def with_edges(self, links: Iterable[tuple[int, int, float]]) -> ChipEdges:
        """The same sellers with other edges: seller, buyer and share of each."""
        return chip_edges(links, self.designer_row, self.distributor_row)


def chip_edges(links: Iterable[tuple[int, int, float]], designer_row: IntArray, distributor_row: IntArray) -> ChipEdges:
    """Edges from seller, buyer and share of each, in any order."""
    found = sorted(links)
    seller = np.array([link[0] for link in found], dtype=np.int32)
    start = np.concatenate([[0], np.cumsum(np.bincount(seller, minlength=designer_row.size + distributor_row.size))])
    return ChipEdges(
        seller,
        np.array([link[1] for link in found], dtype=np.int32),
        np.array([link[2] for link in found], dtype=float),
        start.astype(np.int64),
        int(start[designer_row.size]),
        designer_row,
        distributor_row,
    )


def single_sources(edges: ChipEdges, buyers: int) -> IntArray:
    """(buyers,) which designer is a user's only source of chips, -1 for those with others and for distributors."""
    count = np.bincount(edges.buyer, minlength=buyers)
    found = np.full(buyers, -1, dtype=np.int32)
    first = slice(0, edges.n_from_designers)
    found[edges.buyer[first]] = edges.seller[first]
    found[count != 1] = -1
    found[edges.distributor_row] = -1
    return found


def tier_rows(suppliers: Sequence[NamedSupplier], tier: str) -> list[int]:
    """Positions in the list of the suppliers of one tier."""
    return [row for row, supplier in enumerate(suppliers) if str(supplier.tier) == tier]


def tier_shares(
    suppliers: Sequence[NamedSupplier], tier: str, parameters: ParameterValues, prefix: str = "supply_share_"
) -> Array:
    """Shares of a tier's suppliers, summing to 1: parameters ``<prefix><name>``, or a supplier's ``opening_share``.

    Raises
    ------
    ValueError : the tier is empty, or its shares sum to zero.
    """
    rows = tier_rows(suppliers, tier)
    shares = np.array(
        [
            getattr(parameters, prefix + suppliers[row].name, getattr(suppliers[row], "opening_share", 0.0))
            for row in rows
        ],
        dtype=float,
    )
    if not rows or shares.sum() <= 0.0:
        raise ValueError(f"suppliers: no share for tier {tier!r} among {[supplier.name for supplier in suppliers]}")
    return np.asarray(shares / shares.sum())


def stratified_uniforms(count: int, rng: np.random.Generator) -> Array:
    """``count`` numbers in (0, 1), one in the middle half of each of ``count`` equal strata, in random order.

    Samples drawn with them follow a law as closely as their number allows, whatever the seed.
    """
    draws = (np.arange(count) + 0.25 + 0.5 * rng.random(count)) / max(count, 1)
    return rng.permutation(draws)


class ChipTrade(NamedTuple):
    """Edges of the chip trade by seller's kind, and what each buyer needs.

    Attributes
    ----------
    from_designers, from_distributors : seller (place among designers or distributors), buyer's row and share.
    need : (n,) size of what each row buys: users their own size, distributors what they sell.
    """

    from_designers: list[tuple[int, int, float]]
    from_distributors: list[tuple[int, int, float]]
    need: Array


def draw_chip_trade(
    role: NDArray[np.int8],
    size: Array,
    names: Sequence[str],
    suppliers: Sequence[NamedSupplier],
    parameters: ParameterValues,
    rng: np.random.Generator,
) -> ChipTrade:
    """Draw the edges of the chip trade.

    Parameters
    ----------
    role : (n,) 0 distributor, 1 cloud, 2 developer.
    size : (n,) positive sizes; only proportions matter.
    names : (n,) of the importers.
    suppliers : list with at least one designer.
    parameters : attribute access (``supply_...``).
    rng : generator for construction draws.

    Raises
    ------
    ValueError : arrays differ in length or are empty, or a size is not above zero.
    """
    role, size = np.asarray(role), np.asarray(size, dtype=float)
    if role.size == 0 or role.shape != size.shape or not np.all(size > 0.0):
        raise ValueError(f"importers: {role.size} roles and {size.size} sizes; need as many of both, sizes above zero")
    distributor = np.flatnonzero(role == DISTRIBUTOR)
    direct = _direct_buyers(role, size, parameters)
    served = np.flatnonzero(~direct)
    draws = stratified_uniforms(role.size, rng), stratified_uniforms(role.size, rng)
    second = stratified_uniforms(role.size, rng) < parameters.supply_multi_source_share
    sold, need = [(int(k), int(row), 1.0) for k, row in enumerate(distributor)], size.copy()
    if served.size:
        wants = _sources(draws[0], draws[1], second, size[distributor])
        for row in served.tolist():
            sources = wants[row]
            weight = size[distributor[sources]] / size[distributor[sources]].sum()
            sold += [(k, row, float(part)) for k, part in zip(sources, weight.tolist(), strict=True)]
            need[distributor[sources]] += weight * size[row]
    return ChipTrade(
        _from_designers(np.flatnonzero(direct), need, names, suppliers, parameters, draws, second), sold, need
    )


def _sources(first: Array, other: Array, second: NDArray[np.bool_], weight: Array) -> list[list[int]]:
    """One or two sellers for each buyer, found with a chance in proportion to ``weight``."""
    reach = np.cumsum(weight) / weight.sum()
    one = np.minimum(np.searchsorted(reach, first, side="right"), weight.size - 1)
    found = [[place] for place in one.tolist()]
    if weight.size < 2:
        return found
    for buyer in np.flatnonzero(second).tolist():
        left = np.where(np.arange(weight.size) == one[buyer], 0.0, weight)
        if left.sum() > 0.0:
            found[buyer].append(int(np.searchsorted(np.cumsum(left) / left.sum(), other[buyer], side="right")))
    return found


def _from_designers(
    buyers: NDArray[np.int64],
    need: Array,
    names: Sequence[str],
    suppliers: Sequence[NamedSupplier],
    parameters: ParameterValues,
    draws: tuple[Array, Array],
    second: NDArray[np.bool_],
) -> list[tuple[int, int, float]]:
    """Edges from designers to those who buy from them, whose shares make up the designers' shares in Japan."""
    shares = tier_shares(suppliers, "designer", parameters)
    place = {suppliers[row].name: k for k, row in enumerate(tier_rows(suppliers, "designer"))}
    # One after the other along the line of all they need, in random order: designers get their shares of it.
    line = np.argsort(draws[0][buyers], kind="stable")
    wanted = need[buyers][line]
    places = np.empty(buyers.size)
    places[line] = (np.cumsum(wanted) - 0.5 * wanted) / wanted.sum()
    drawn = _sources(places, draws[1][buyers], second[buyers], shares)
    buys = np.zeros((buyers.size, shares.size))
    for i, row in enumerate(buyers.tolist()):
        known = [place[name] for name in CHIP_SOURCES.get(names[row], ()) if name in place]
        buys[i, known or drawn[i]] = 1.0
    # Both margins are kept: what each buyer needs, and the part of all of it that each designer has.
    amount, total = buys * shares, float(need[buyers].sum())
    for _ in range(_ROUNDS):
        column = amount.sum(axis=0)
        amount *= np.divide(shares * total, column, out=np.ones_like(column), where=column > 0.0)
        amount *= (need[buyers] / amount.sum(axis=1))[:, np.newaxis]
    # A source that the margins leave next to nothing stays a source.
    part = np.where(buys > 0.0, np.maximum(amount / amount.sum(axis=1, keepdims=True), _SMALLEST_PART), 0.0)
    part /= part.sum(axis=1, keepdims=True)
    return [(int(k), int(buyers[i]), float(part[i, k])) for i, k in zip(*np.nonzero(buys), strict=True)]


def _direct_buyers(role: NDArray[np.int8], size: Array, parameters: ParameterValues) -> NDArray[np.bool_]:
    """Who buys from designers: distributors, the largest users, and row 0."""
    by_size = np.argsort(-size, kind="stable")
    users = by_size[role[by_size] != DISTRIBUTOR]
    direct: NDArray[np.bool_] = role == DISTRIBUTOR
    if direct.any():
        reached = np.cumsum(size[users])
        direct[users[reached <= parameters.supply_direct_purchase_share * reached[-1:].sum()]] = True
    else:
        direct[:] = True
    direct[0] = True
    return direct
