"""The graph of the economy: who supplies, serves, owns, lends to and supports whom.

Tiers from designers down to adopters, domestic hardware makers beside them, and layers for equity, credit and public
money.  Everything is held as arrays of edges by block; the networkx picture is made only when somebody asks for it.

Degrees are heavy-tailed as among Japanese firms (Fujiwara and Aoyama 2010), and sales grow with degree to the power 1.3
(Watanabe, Takayasu and Takayasu 2014).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import networkx as nx
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from agents.vocabulary import CORE_PARTIES, FIRMS, Sector
from model import named_links
from model.chip_edges import (
    CLOUD,
    DEVELOPER,
    ChipEdges,
    NamedSupplier,
    make_chip_edges,
    stratified_uniforms,
    tier_rows,
    tier_shares,
)
from model.heavy_tails import capped_shares, degrees_with_sum, paired_degrees, wire
from model.network_measures import FailureLoss, InputLayer, debt_rank, failure_loss, herfindahl

Array = NDArray[np.float64]
IntArray = NDArray[np.int32]

GOODS, SERVICES, EQUITY, CREDIT, PUBLIC_MONEY = "goods", "services", "equity", "credit", "public_money"
LAYERS = (GOODS, SERVICES, EQUITY, CREDIT, PUBLIC_MONEY)

TIERS = (
    "domestic_maker",
    "foundry",
    "memory",
    "designer",
    "distributor",
    "cloud_abroad",
    "cloud",
    "developer",
    "laboratory",
    "adopter",
    "institution",
)
"""Tiers in the order in which goods and services move down; the number of a tier is its place here."""
_LEVEL_OF_TIER = np.array([0, 1, 1, 2, 3, 4, 4, 5, 5, 6, 7])
_ROLE_TIERS = ("distributor", "cloud", "developer")


class ImporterColumns(Protocol):
    """What is read of the chip importers; a ``domestic_control`` column is used if there is one."""

    role: NDArray[Any]
    size: NDArray[Any]

    def name_of_row(self, row: int) -> str:
        """Name of the importer in a row."""


class EdgeBlock(NamedTuple):
    """Edges of one kind, from supplier to customer, or from who gives money to who gets it.

    Attributes
    ----------
    layer : one of :data:`LAYERS`.
    source, target : (E,) node numbers.
    weight : (E,) base share of the block's flow; sums to 1.
    """

    layer: str
    source: IntArray
    target: IntArray
    weight: Array


@dataclass
class SupplyChainGraph:
    """All layers as arrays.  Nodes: suppliers, domestic makers, clouds abroad, institutions, importers, adopters.

    Attributes
    ----------
    names, labels : of the named nodes (all before the adopters), in the order of node numbers.
    tier : (nodes,) place in :data:`TIERS`.
    domestic : (nodes,) whether controlled in Japan.
    blocks : edges by name of the block, all but ``services`` (which follow ``adopter_supplier``): ``manufacturing``,
        ``memory``, ``maker_exports``, ``maker_home_sales``, ``chips``, ``compute``, ``peers``, ``equity``, ``credit``,
        ``public_money``.
    chip_edges : the chip trade by importer row; the block ``chips`` has the same edges in the same order.
    first_importer, first_adopter : node numbers of row 0.
    laboratory_node : (laboratories,) node of laboratory k.
    adopter_supplier : (adopters,) importer row, -1 - k for laboratory k, anything lower for none; may be replaced.
    adopter_size : (adopters,) weights, sum 1.
    adopter_peers : (indptr, indices), int32: adopter i's suppliers and peers are indices[indptr[i]:indptr[i + 1]].
    """

    names: list[str]
    labels: list[str]
    tier: NDArray[np.int8]
    domestic: NDArray[np.bool_]
    blocks: dict[str, EdgeBlock]
    chip_edges: ChipEdges
    first_importer: int
    first_adopter: int
    laboratory_node: IntArray
    adopter_supplier: IntArray
    adopter_size: Array
    adopter_peers: tuple[IntArray, IntArray]
    dependence: dict[str, float]

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return int(self.tier.size)

    @property
    def n_adopters(self) -> int:
        """Number of adopters."""
        return int(self.adopter_size.size)

    def node(self, name: str) -> int:
        """Number of a node, by name (``adopter_<row>`` for adopters).

        Raises
        ------
        KeyError : no such node.
        """
        if name.startswith("adopter_") and name[8:].isdigit() and int(name[8:]) < self.n_adopters:
            return self.first_adopter + int(name[8:])
        if name not in self.names:
            raise KeyError(f"no node {name!r} in the graph")
        return self.names.index(name)

    def services(self) -> EdgeBlock:
        """Who sells AI services to which adopter, from ``adopter_supplier``; weights are sizes."""
        supplier = np.asarray(self.adopter_supplier)
        known = np.flatnonzero(supplier >= -self.laboratory_node.size)
        row = supplier[known]
        source = row + self.first_importer
        abroad = row < 0
        source[abroad] = self.laboratory_node[-1 - row[abroad]]
        return EdgeBlock(
            SERVICES,
            source.astype(np.int32),
            (known + self.first_adopter).astype(np.int32),
            _normalised(self.adopter_size[known]),
        )

    def all_blocks(self) -> dict[str, EdgeBlock]:
        """Every block of edges, services included."""
        return {**self.blocks, "services": self.services()}

    def to_networkx(self, flows: Mapping[str, ArrayLike] | None = None) -> nx.DiGraph:
        """The picture: nodes 0..n-1 (name, tier, label, domestic) and edges (layer, flow_trn_yen, weight, block).

        Parameters
        ----------
        flows : trillion yen by edge for blocks by name (``services``: by adopter); blocks left out have zero flow.

        Raises
        ------
        ValueError : an unknown block, or flows of another length than its edges.
        """
        blocks, given = self.all_blocks(), flows or {}
        if set(given) - set(blocks):
            raise ValueError(f"no blocks {sorted(set(given) - set(blocks))}; there are {sorted(blocks)}")
        picture = nx.DiGraph()
        picture.add_nodes_from(self._nodes())
        for name, block in blocks.items():
            flow = self._flow_by_edge(name, block, given.get(name))
            common = {"layer": block.layer, "block": name}
            picture.add_edges_from(
                (source, target, {**common, "flow_trn_yen": value, "weight": weight})
                for source, target, value, weight in zip(
                    block.source.tolist(), block.target.tolist(), flow.tolist(), block.weight.tolist(), strict=True
                )
            )
        return picture

    def _flow_by_edge(self, name: str, block: EdgeBlock, flow: ArrayLike | None) -> Array:
        if flow is None:
            return np.zeros(block.source.size)
        values = np.asarray(flow, dtype=float)
        if name == "services" and values.size == self.n_adopters:
            values = values[block.target - self.first_adopter]
        if values.shape != block.source.shape:
            raise ValueError(f"flows of block {name!r}: {values.shape} values for {block.source.size} edges")
        return values

    def _nodes(self) -> Iterator[tuple[int, dict[str, Any]]]:
        for number in range(self.n_nodes):
            if number < self.first_adopter:
                name, label = self.names[number], self.labels[number]
            else:
                name = f"adopter_{number - self.first_adopter}"
                label = f"Adopter {number - self.first_adopter}"
            yield (
                number,
                {
                    "name": name,
                    "tier": TIERS[self.tier[number]],
                    "label": label,
                    "domestic": bool(self.domestic[number]),
                },
            )

    def supplier_concentration_hhi(self, flows: Mapping[str, ArrayLike] | None = None) -> dict[str, float]:
        """Herfindahl index (0 to 1) of sellers: chips from abroad, manufacturing, memory, compute, AI services.

        Parameters
        ----------
        flows : values by edge, as for :meth:`to_networkx`; base shares if left out.
        """
        blocks = self.all_blocks()
        result = {}
        for name in ("chips", "manufacturing", "memory", "compute", "services"):
            block = blocks[name]
            value = block.weight if not flows or name not in flows else self._flow_by_edge(name, block, flows[name])
            sold = np.bincount(block.source, weights=value, minlength=self.n_nodes)
            if name == "chips":
                sold = sold[self.tier == TIERS.index("designer")]
            result[name] = herfindahl(sold)
        return result

    def loss_given_failure(self, node: int | str, flows: Mapping[str, ArrayLike] | None = None) -> FailureLoss:
        """First-round and propagated share of downstream flow lost when a node stops (see :func:`failure_loss`).

        Parameters
        ----------
        node : number or name.
        flows : values by edge, as for :meth:`to_networkx`; base shares (each block weighs the same) if left out.
        """
        failed = self.node(node) if isinstance(node, str) else int(node)
        layers = []
        for name, block in self.all_blocks().items():
            if block.layer in (GOODS, SERVICES):
                value = block.weight if not flows or name not in flows else self._flow_by_edge(name, block, flows[name])
                layers.append(InputLayer(block.source, block.target, value, self.dependence[name]))
        return failure_loss(failed, _LEVEL_OF_TIER[self.tier], layers)

    def claims(self, positions: Mapping[str, ArrayLike]) -> csr_array:
        """Claims of nodes on nodes, (nodes, nodes), from values by edge of the blocks ``equity`` and ``credit``."""
        matrix = csr_array((self.n_nodes, self.n_nodes), dtype=float)
        for name, values in positions.items():
            block = self.blocks[name]
            if block.layer not in (EQUITY, CREDIT):
                raise ValueError(f"block {name!r} holds no claims")
            data = self._flow_by_edge(name, block, values)
            matrix = matrix + csr_array((data, (block.source, block.target)), shape=matrix.shape)
        return matrix

    def debt_rank(self, exposures: Any, equity: ArrayLike, shocked: Mapping[int, float] | Sequence[int] | int) -> float:
        """DebtRank of a shock to nodes (Battiston et al. 2012); see :func:`model.network_measures.debt_rank`."""
        return debt_rank(exposures, equity, shocked)

    def financing_loops(self) -> list[list[str]]:
        """Circles of finance in the equity layer (laboratory → cloud → designer → laboratory), by names, sorted."""
        block = self.blocks["equity"]
        financed = nx.DiGraph(zip(block.source.tolist(), block.target.tolist(), strict=True))
        loops = [[self.names[node] for node in loop] for loop in nx.simple_cycles(financed)]
        return sorted(loop[loop.index(min(loop)) :] + loop[: loop.index(min(loop))] for loop in loops)


def build_graph(
    importers: ImporterColumns,
    suppliers: Sequence[NamedSupplier],
    n_adopters: int,
    parameters: Any,
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
        _normalised(sizes[customer] / suppliers_of[customer]),
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


def _normalised(weights: Array) -> Array:
    total = float(np.sum(weights))
    return np.asarray(weights / total) if total > 0.0 else np.asarray(weights, dtype=float)


def _dependence(parameters: Any) -> dict[str, float]:
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
    importers: ImporterColumns,
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


def _block(layer: str, source: Any, target: Any, weight: Any) -> EdgeBlock:
    return EdgeBlock(
        layer,
        np.asarray(source, dtype=np.int32),
        np.asarray(target, dtype=np.int32),
        _normalised(np.asarray(weight, dtype=float)),
    )


def _chip_blocks(
    suppliers: Sequence[NamedSupplier],
    edges: ChipEdges,
    size: Array,
    number: Mapping[str, int],
    first_importer: int,
    parameters: Any,
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


def _compute_block(role: NDArray[Any], size: Array, first_importer: int, rng: np.random.Generator) -> EdgeBlock:
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
    role: NDArray[Any],
    size: Array,
    suppliers: Sequence[NamedSupplier],
    adopter_size: Array,
    parameters: Any,
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
