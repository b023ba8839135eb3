"""Who buys AI chips from whom: edges from designers to importers, and from distributors to the importers they serve.

Large importers, all distributors and row 0 (the national AI company) buy from designers; the largest of them from every
designer, the others from one.  Everyone else buys from one distributor, found with a chance in proportion to its size.
Distributors also sell to customers outside the population, which is the last edge of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from itcho.agents.views import ParameterValues

Array = NDArray[np.float64]
IntArray = NDArray[np.int32]

DISTRIBUTOR, CLOUD, DEVELOPER = 0, 1, 2


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
    share : (E,) share of the buyer's orders at the start; the shares of a buyer's designers sum to 1.
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


def make_chip_edges(
    role: NDArray[np.int8],
    size: Array,
    suppliers: Sequence[NamedSupplier],
    parameters: ParameterValues,
    rng: np.random.Generator,
) -> ChipEdges:
    """Draw the edges of the chip trade.

    Parameters
    ----------
    role : (n,) 0 distributor, 1 cloud, 2 developer.
    size : (n,) positive sizes; only proportions matter.
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
    designers = tier_rows(suppliers, "designer")
    shares = tier_shares(suppliers, "designer", parameters)
    distributor = np.flatnonzero(role == DISTRIBUTOR)
    direct, rank = _direct_buyers(role, size, parameters)
    multi = direct & (rank < parameters.supply_multi_source_importers)

    many, single = np.flatnonzero(multi), np.flatnonzero(direct & ~multi)
    drawn = np.searchsorted(np.cumsum(shares), stratified_uniforms(single.size, rng), side="right")
    single_designer = np.minimum(drawn, shares.size - 1)
    served = np.flatnonzero(~direct)
    seller_of_served = np.empty(0, dtype=np.int64)
    if served.size:
        reach = np.cumsum(size[distributor])
        seller_of_served = np.searchsorted(reach, stratified_uniforms(served.size, rng) * reach[-1], side="right")

    seller = np.concatenate(
        [
            np.repeat(np.arange(shares.size), many.size),
            single_designer,
            shares.size + seller_of_served,
            shares.size + np.arange(distributor.size),
        ]
    )
    buyer = np.concatenate([np.tile(many, shares.size), single, served, distributor])
    share = np.concatenate([np.repeat(shares, many.size), np.ones(single.size + served.size + distributor.size)])
    order = np.lexsort((buyer, seller))
    seller, buyer, share = seller[order], buyer[order], share[order]
    n_sellers = shares.size + distributor.size
    start = np.concatenate([[0], np.cumsum(np.bincount(seller, minlength=n_sellers))])
    return ChipEdges(
        seller.astype(np.int32),
        buyer.astype(np.int32),
        share,
        start,
        int(start[shares.size]),
        np.array(designers, dtype=np.int32),
        distributor.astype(np.int32),
    )


def _direct_buyers(
    role: NDArray[np.int8], size: Array, parameters: ParameterValues
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Who buys from designers, and everyone's rank by size (distributors before all others)."""
    by_size = np.argsort(-size, kind="stable")
    users = by_size[role[by_size] != DISTRIBUTOR]
    direct = role == DISTRIBUTOR
    if direct.any():
        reached = np.cumsum(size[users])
        direct[users[reached <= parameters.supply_direct_purchase_share * reached[-1:].sum()]] = True
    else:
        direct[:] = True
    direct[0] = True
    rank = np.empty(role.size, dtype=np.int64)
    rank[np.concatenate([np.flatnonzero(role == DISTRIBUTOR), users])] = np.arange(role.size)
    return direct, rank
