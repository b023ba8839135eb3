"""Who is linked to whom in a new graph of the economy: draws and named links, block by block.

Degrees are heavy-tailed as among Japanese firms (Fujiwara and Aoyama 2010), and sales grow with degree to the power 1.3
(Watanabe, Takayasu and Takayasu 2014).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from itcho.agents.views import ParameterValues
from itcho.agents.vocabulary import CORE_PARTIES, FIRMS, Sector
from itcho.model.chips import named_links
from itcho.model.chips.edges import (
    CLOUD,
    DEVELOPER,
    ChipEdges,
    NamedSupplier,
    make_chip_edges,
    stratified_uniforms,
    tier_rows,
    tier_shares,
)
from itcho.model.chips.graph import (
    CREDIT,
    EQUITY,
    GOODS,
    PUBLIC_MONEY,
    SERVICES,
    TIERS,
    EdgeBlock,
    SupplyChainGraph,
    shares_of_sum,
)
from itcho.model.chips.heavy_tails import capped_shares, degrees_with_sum, paired_degrees, wire

Array = NDArray[np.float64]
IntArray = NDArray[np.int32]

_ROLE_TIERS = ("distributor", "cloud", "developer")


class NamedImporters(Protocol):
    """What is read of the chip importers; a ``domestic_control`` column is used if there is one."""

    role: NDArray[np.int8]
    size: Array

    def name_of_row(self, row: int) -> str:
        """Name of the importer in a row."""


def build_graph(
    importers: NamedImporters,
    suppliers: Sequence[NamedSupplier],
    n_adopters: int,
    parameters: ParameterValues,
    rng: np.random.Generator,
) -> SupplyChainGraph:
    """Draw the graph of an economy.

    Parameters
    ----------
    importers : columns ``role`` (0 distributor, 1 cloud, 2 developer), ``size``; ``name_of_row(row)``.
    suppliers : named foreign suppliers with ``name``, ``tier`` and, if it has one, ``label``.
    n_adopters : number of adopters.
    parameters : attribute access (``supply_...`` and ``ai_domestic_model_share``).
    rng : generator for construction draws; equal generators give equal graphs.

    Raises
    ------
    ValueError : no designer, no importer, sizes not above zero, a name given twice.
    """
    role, size = np.asarray(importers.role), np.asarray(importers.size, dtype=float)
    chip_edges = make_chip_edges(role, size, suppliers, parameters, rng)
    names, labels, tier, domestic = _named_nodes(importers, suppliers)
    if len(set(names)) != len(names):
        raise ValueError(f"names given twice: {sorted({name for name in names if names.count(name) > 1})}")
    number = {name: node for node, name in enumerate(names)}
    first_importer = len(names) - role.size
    blocks = _chip_blocks(suppliers, chip_edges, size, number, first_importer, parameters)
    blocks["compute"] = _compute_block(role, size, first_importer, rng)

    indegree, outdegree = paired_degrees(
        n_adopters,
        parameters.supply_degree_exponent_suppliers,
        parameters.supply_degree_exponent_customers,
        parameters.supply_degree_rank_correlation,
        rng,
    )
    seller, customer = wire(indegree, outdegree, rng)
    degree = indegree + outdegree
    sizes = (
        capped_shares(
            np.maximum(degree, 1).astype(float) ** parameters.supply_sales_degree_exponent,
            parameters.supply_largest_sales_share,
        )
        if n_adopters
        else np.zeros(0)
    )
    indptr = np.concatenate([[0], np.cumsum(np.bincount(customer, minlength=n_adopters))]).astype(np.int32)
    suppliers_of = np.maximum(np.diff(indptr), 1)
    first_adopter = len(names)
    blocks["peers"] = EdgeBlock(
        GOODS,
        (seller + first_adopter).astype(np.int32),
        (customer + first_adopter).astype(np.int32),
        shares_of_sum(sizes[customer] / suppliers_of[customer]),
    )
    blocks.update(_money_blocks(number, first_importer, size))
    laboratories = tier_rows(suppliers, "laboratory")
    adopter_supplier = _first_suppliers(role, size, suppliers, sizes, parameters, rng)
    return SupplyChainGraph(
        names,
        labels,
        np.concatenate([tier, np.full(n_adopters, TIERS.index("adopter"), dtype=np.int8)]),
        np.concatenate([domestic, np.ones(n_adopters, dtype=bool)]),
        blocks,
        chip_edges,
        first_importer,
        first_adopter,
        np.array(laboratories, dtype=np.int32),
        adopter_supplier,
        sizes,
        (indptr, seller.astype(np.int32)),
        _dependence(parameters),
    )


def _dependence(parameters: ParameterValues) -> dict[str, float]:
    """Share of output that a customer loses when all of an input fails, by block."""
    makers = parameters.supply_failure_dependence_makers
    return {
        "manufacturing": 1.0,
        "memory": 1.0,
        "chips": 1.0,
        "maker_exports": makers,
        "maker_home_sales": makers,
        "compute": parameters.supply_failure_dependence_compute,
        "services": parameters.supply_failure_dependence_services,
        "peers": parameters.supply_failure_dependence_inputs,
    }


def _named_nodes(
    importers: NamedImporters,
    suppliers: Sequence[NamedSupplier],
) -> tuple[list[str], list[str], NDArray[np.int8], NDArray[np.bool_]]:
    """Names, labels, tiers and control of all nodes before the adopters."""
    rows = [(s.name, getattr(s, "label", "") or s.name, TIERS.index(str(s.tier)), False) for s in suppliers]
    rows += [(name, label, TIERS.index("domestic_maker"), True) for name, label, _ in named_links.DOMESTIC_MAKERS]
    rows += [(name, label, TIERS.index("cloud_abroad"), False) for name, label in named_links.CLOUDS_ABROAD]
    rows += [
        (party.name, party.label or party.name, TIERS.index("institution"), party.sector is not Sector.REST_OF_WORLD)
        for party in CORE_PARTIES
    ]
    role = np.asarray(importers.role)
    control = np.asarray(getattr(importers, "domestic_control", np.ones(role.size, dtype=bool)))
    importer_names = [importers.name_of_row(row) for row in range(role.size)]
    names = [row[0] for row in rows] + importer_names
    labels = [row[1] for row in rows] + importer_names
    roles = np.array([TIERS.index(tier) for tier in _ROLE_TIERS], dtype=np.int8)
    tier = np.concatenate([np.array([row[2] for row in rows], dtype=np.int8), roles[role]])
    return names, labels, tier, np.concatenate([np.array([row[3] for row in rows]), control.astype(bool)])


def _block(layer: str, source: ArrayLike, target: ArrayLike, weight: ArrayLike) -> EdgeBlock:
    return EdgeBlock(
        layer,
        np.asarray(source, dtype=np.int32),
        np.asarray(target, dtype=np.int32),
        shares_of_sum(np.asarray(weight, dtype=float)),
    )


def _chip_blocks(
    suppliers: Sequence[NamedSupplier],
    edges: ChipEdges,
    size: Array,
    number: Mapping[str, int],
    first_importer: int,
    parameters: ParameterValues,
) -> dict[str, EdgeBlock]:
    """Goods above the importers: foundry and memory to designers, makers to both, and the chip trade."""
    blocks = {}
    designers = tier_rows(suppliers, "designer")
    packaging = tier_shares(suppliers, "designer", parameters, prefix="supply_packaging_share_")
    makers: dict[str, list[list[float]]] = {"exports": [], "home": []}
    for tier, name in (("foundry", "manufacturing"), ("memory", "memory")):
        rows = tier_rows(suppliers, tier)
        share = tier_shares(suppliers, tier, parameters) if rows else np.zeros(0)
        blocks[name] = _block(
            GOODS, np.repeat(rows, len(designers)), np.tile(designers, len(rows)), np.outer(share, packaging).ravel()
        )
    for maker, _, customers in named_links.DOMESTIC_MAKERS:
        sales = getattr(parameters, f"supply_maker_sales_{maker}")
        for tier in customers:
            if tier == FIRMS:
                makers["home"].append([number[maker], number[FIRMS], sales])
                continue
            rows = tier_rows(suppliers, tier)
            makers["exports"] += [
                [number[maker], row, sales * share / len(customers)]
                for row, share in zip(rows, tier_shares(suppliers, tier, parameters) if rows else (), strict=True)
            ]
    blocks["maker_exports"] = _block(GOODS, *np.array(makers["exports"]).reshape(-1, 3).T)
    blocks["maker_home_sales"] = _block(GOODS, *np.array(makers["home"]).reshape(-1, 3).T)
    # Base flows: users buy in proportion to size, a distributor buys what it sells; its own row stands for other firms.
    designer_count, first = len(designers), edges.n_from_designers
    need = size.copy()
    sold_by = edges.seller[first:] - designer_count
    sold = np.bincount(sold_by, weights=size[edges.buyer[first:]], minlength=edges.distributor_row.size)
    need[edges.distributor_row] = sold
    flow = np.concatenate([need[edges.buyer[:first]] * edges.share[:first], size[edges.buyer[first:]]])
    seller_node = np.concatenate([edges.designer_row, edges.distributor_row + first_importer])[edges.seller]
    buyer_node = edges.buyer + first_importer
    buyer_node = np.where(seller_node == buyer_node, number[FIRMS], buyer_node)
    blocks["chips"] = _block(GOODS, seller_node, buyer_node, flow)
    return blocks


def _compute_block(role: NDArray[np.int8], size: Array, first_importer: int, rng: np.random.Generator) -> EdgeBlock:
    """Each developer rents compute from one cloud, found with a chance in proportion to its size."""
    clouds, developers = np.flatnonzero(role == CLOUD), np.flatnonzero(role == DEVELOPER)
    if not clouds.size:
        return _block(SERVICES, [], [], [])
    reach = np.cumsum(size[clouds])
    chosen = np.searchsorted(reach, stratified_uniforms(developers.size, rng) * reach[-1], side="right")
    return _block(
        SERVICES,
        clouds[np.minimum(chosen, clouds.size - 1)] + first_importer,
        developers + first_importer,
        size[developers],
    )


def _money_blocks(number: Mapping[str, int], first_importer: int, size: Array) -> dict[str, EdgeBlock]:
    """Layers of equity, credit and public money: named links, and those that every importer has."""
    rows = np.arange(first_importer, first_importer + size.size)
    blocks = {}
    for layer, links in (
        (EQUITY, named_links.EQUITY_LINKS),
        (CREDIT, named_links.CREDIT_LINKS),
        (PUBLIC_MONEY, named_links.PUBLIC_MONEY_LINKS),
    ):
        known = [(number[giver], number[taker]) for giver, taker in links if giver in number and taker in number]
        source, target = [pair[0] for pair in known], [pair[1] for pair in known]
        for giver in named_links.TO_EVERY_IMPORTER.get(layer, ()):
            fresh = [row for row in rows.tolist() if row not in target] if layer == EQUITY else rows.tolist()
            source += [number[giver]] * len(fresh)
            target += fresh
        blocks[layer] = _block(layer, source, target, np.ones(len(source)))
    return blocks


def _first_suppliers(
    role: NDArray[np.int8],
    size: Array,
    suppliers: Sequence[NamedSupplier],
    adopter_size: Array,
    parameters: ParameterValues,
    rng: np.random.Generator,
) -> IntArray:
    """First supplier of each adopter: developers in Japan with heavy-tailed numbers of customers, laboratories abroad.

    Adopters are taken in order of size, so that developers in Japan serve their share of small and of large ones.
    """
    count = adopter_size.size
    developers, laboratories = np.flatnonzero(role == DEVELOPER), tier_rows(suppliers, "laboratory")
    share = parameters.ai_domestic_model_share if laboratories else 1.0
    at_home = round(share * count) if developers.size else 0
    by_rank = np.argsort(-size[developers], kind="stable")
    customers = np.zeros(developers.size, dtype=np.int64)
    customers[by_rank] = degrees_with_sum(
        at_home,
        0.25 + 0.5 * rng.random(developers.size),
        parameters.supply_degree_exponent_customers,
        max(1, at_home // 2),
    )
    supplier = np.full(count, -1 - len(laboratories), dtype=np.int32)
    by_size = np.argsort(-adopter_size, kind="stable")
    home = _evenly_spread(adopter_size[by_size], at_home, rng.random())
    supplier[by_size[home]] = rng.permutation(np.repeat(developers, customers))
    if laboratories:
        reach = np.cumsum(tier_shares(suppliers, "laboratory", parameters))
        drawn = np.searchsorted(reach, stratified_uniforms(count - at_home, rng), side="right")
        supplier[by_size[~home]] = -1 - np.minimum(drawn, len(laboratories) - 1)
    return supplier


def _evenly_spread(weights: Array, chosen: int, offset: float) -> NDArray[np.bool_]:
    """Choose ``chosen`` of the ordered members at even distances, so that their weight is near their number's share.

    Of 64 starting points, the first being ``offset`` (0 to 1), the one with the best weight is taken.
    """
    best, smallest = np.zeros(weights.size, dtype=bool), np.inf
    if chosen == 0:
        return best
    distance, aim = weights.size / chosen, weights.sum() * chosen / weights.size
    for start in (offset + np.arange(64) / 64.0) % 1.0:
        at = np.minimum(((np.arange(chosen) + start) * distance).astype(np.int64), weights.size - 1)
        miss = abs(float(weights[at].sum()) - aim)
        if miss < smallest:
            smallest = miss
            best[:] = False
            best[at] = True
    return best
