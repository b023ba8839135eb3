"""The graph that carries the economy: a networkx graph of the named, and arrays of the adopters.

The networkx graph is made first (:mod:`itcho.model.chips.links`, or by a user), and the arrays that a month runs on
are compiled from it (:mod:`itcho.model.chips.compiled_graph`).  Nodes are names, with ``label``, ``tier`` and
``domestic``; edges are keyed by their kind (:mod:`itcho.model.chips.edge_kinds`) and have a ``share``.  Adopters'
links to one another and to their suppliers are arrays, and edges only in the pictures of
:meth:`SupplyChainGraph.with_members`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, cast

import networkx as nx
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from itcho.agents.errors import InputError
from itcho.agents.supplier_codes import (
    FIRST_INTEGRATOR,
    FIRST_LABORATORY,
    FIRST_VENDOR_ABROAD,
    INTEGRATORS,
    VENDORS_ABROAD,
)
from itcho.agents.views import ParameterValues
from itcho.agents.vocabulary import FIRMS, FOREIGN_GOODS
from itcho.model.chips.compiled_graph import CompiledGraph, compile_graph
from itcho.model.chips.edge_kinds import IMPORTER_TIERS, KINDS, TIERS
from itcho.model.chips.edges import NamedSupplier, tier_shares
from itcho.model.chips.graph_checks import edges_of_the_accounts, mistakes_in
from itcho.model.chips.measures import FailureLoss, InputLayer, SparseClaims, debt_rank, failure_loss
from itcho.model.chips.rewiring import Rewiring, rewired

Array = NDArray[np.float64]
IntArray = NDArray[np.int32]

_LEVEL_OF_TIER = np.array([0, 1, 1, 2, 3, 4, 4, 5, 5, 6, 7])
PEERS, CONTRACTS = "peers", "contracts"
"""Blocks of edges of adopters: among them, and from their suppliers."""
_GOODS_DOWN = ("manufacturing", "memory", "equipment", "chips", "compute")


class Adoption(NamedTuple):
    """Adopters and their links as arrays.

    Attributes
    ----------
    size : (adopters,) weights, sum 1.
    peers : (indptr, indices), int32: adopter i's suppliers and peers are indices[indptr[i]:indptr[i + 1]].
    first_supplier : (adopters,) importer row, -1 - k for laboratory k, anything lower for none.
    """

    size: Array
    peers: tuple[IntArray, IntArray]
    first_supplier: IntArray


class EdgeBlock(NamedTuple):
    """Edges of one kind by numbers of nodes: (E,) source and target, and (E,) base shares of its flow, sum 1."""

    source: IntArray
    target: IntArray
    weight: Array


class NumberedGraph(NamedTuple):
    """All nodes by number and all edges by block, for measures.

    Attributes
    ----------
    names : of the named nodes; adopters have the numbers after them.
    tier : (nodes,) place in :data:`itcho.model.chips.edge_kinds.TIERS`.
    blocks : by kind, with :data:`PEERS` and :data:`CONTRACTS`.
    """

    names: list[str]
    tier: NDArray[np.int8]
    blocks: dict[str, EdgeBlock]

    def node(self, name: str) -> int:
        """Number of a node, by name (``adopter_<row>`` for adopters).

        Raises
        ------
        KeyError : no such node.
        """
        row = name.removeprefix("adopter_")
        if row != name and row.isdigit() and len(self.names) + int(row) < self.tier.size:
            return len(self.names) + int(row)
        if name not in self.names:
            raise KeyError(f"no node {name!r} in the graph")
        return self.names.index(name)


@dataclass
class SupplyChainGraph:
    """The graph of an economy.

    Parameters
    ----------
    network : the networkx graph of the named.
    importer_names : (n,) of the chip importers, by row.
    suppliers : the named foreign suppliers, in their order.
    adoption : adopters and their links.
    parameters : attribute access (``supply_...``).

    Attributes
    ----------
    compiled : the arrays of a month.

    Raises
    ------
    InputError : what is wrong with the graph, all of it.
    """

    network: nx.MultiDiGraph
    importer_names: tuple[str, ...]
    suppliers: tuple[NamedSupplier, ...]
    adoption: Adoption
    parameters: ParameterValues = field(repr=False)
    compiled: CompiledGraph = field(init=False, repr=False)

    def __post_init__(self) -> None:
        tier = self.network.nodes(data="tier")
        self._role = np.array([IMPORTER_TIERS.index(tier[name]) for name in self.importer_names], dtype=np.int8)
        self._known = dict(tier)
        self._accounts = edges_of_the_accounts(self.network)
        self._at_start = self.network
        self._equipment = self._equipment_at_start = equipment_of(self.network)
        self.compiled = self._compile(self.network)

    def _compile(self, network: nx.MultiDiGraph) -> CompiledGraph:
        return compile_graph(network, self.importer_names, self._role, self.suppliers)

    def take(self, network: nx.MultiDiGraph) -> None:
        """Put another graph in the place of this one, and compile it.

        Parameters
        ----------
        network : nodes with their ``tier`` and edges with their ``share``, of the names and kinds that :attr:`network`
            has; it is copied, and what else nodes and edges hold is put in its place.

        Raises
        ------
        InputError : what is wrong with it, all of it; this graph stays as it is then.
        """
        mistakes = mistakes_in(network, self._known, self._accounts)
        if mistakes:
            raise InputError(mistakes)
        taken = self._completed(network)
        self.compiled = self._compile(taken)
        self.network = taken
        self._equipment = equipment_of(taken)

    def _completed(self, network: nx.MultiDiGraph) -> nx.MultiDiGraph:
        """A copy in which all that is not a user's to choose is as at the start, and equipment weighs by its share."""
        taken, start = network.copy(), self._at_start
        for name, data in taken.nodes(data=True):
            data.pop("size", None)
            data.update(start.nodes[name])
        whole = {
            maker: data["weight"] / data["share"]
            for maker, _, kind, data in start.edges(keys=True, data=True)
            if kind == "equipment"
        }
        for source, target, kind, data in taken.edges(keys=True, data=True):
            data["share"] = float(data["share"])
            if kind != "equipment":
                continue
            usual = start.get_edge_data(source, target, kind)
            # As it was drawn where it is as it was: a product of the same numbers may round otherwise.
            as_drawn = usual is not None and usual["share"] == data["share"]
            data["weight"] = usual["weight"] if as_drawn else whole[source] * data["share"]
        return taken

    def rewire(self, change: Rewiring) -> None:
        """Change edges, and compile the graph.

        Raises
        ------
        InputError : what is wrong with the change, all of it; the graph stays as it is then.
        """
        self.take(rewired(self.network, change))

    def equipped(self, supplier: str, capacity: Mapping[str, float]) -> float:
        """Capacity of a foundry or memory maker over normal that its makers of equipment and materials leave it.

        Without all it has of Japan it loses the part ``supply_failure_dependence_makers``.

        Parameters
        ----------
        capacity : of makers, 1 = normal; those left out have all of theirs.
        """
        usual = self._equipment_at_start.get(supplier, {})
        if not usual or (self._equipment is self._equipment_at_start and not usual.keys() & capacity.keys()):
            return 1.0
        present = self._equipment.get(supplier, {})
        left = sum(weight * capacity.get(maker, 1.0) for maker, weight in present.items()) / sum(usual.values())
        return 1.0 - self.parameters.supply_failure_dependence_makers * max(1.0 - left, 0.0)

    @property
    def adopter_size(self) -> Array:
        """(adopters,) weights, sum 1."""
        return self.adoption.size

    @property
    def adopter_peers(self) -> tuple[IntArray, IntArray]:
        """(indptr, indices) of adopters' suppliers and peers."""
        return self.adoption.peers

    @property
    def n_adopters(self) -> int:
        """Number of adopters."""
        return int(self.adoption.size.size)

    def supplier_names(self, supplier: ArrayLike) -> list[str]:
        """Names by code of a supplier of adopters (:mod:`itcho.agents.supplier_codes`); "" for none."""
        laboratories = [one.name for one in self.suppliers if str(one.tier) == "laboratory"]

        def name(code: int) -> str:
            if code >= 0:
                return self.importer_names[code]
            if FIRST_LABORATORY - code < len(laboratories):
                return laboratories[FIRST_LABORATORY - code]
            if 0 <= FIRST_INTEGRATOR - code < INTEGRATORS:
                return FIRMS
            return FOREIGN_GOODS if 0 <= FIRST_VENDOR_ABROAD - code < VENDORS_ABROAD else ""

        return [name(code) for code in np.asarray(supplier).tolist()]

    def with_members(self, contracts: Sequence[tuple[str, str, float]]) -> nx.MultiDiGraph:
        """A copy of the graph with adopters, the edges among them and their contracts.

        Parameters
        ----------
        contracts : supplier, adopter (``adopter_<row>``) and size or payment of each, added up.
        """
        graph = self.network.copy()
        nodes = [f"adopter_{row}" for row in range(self.n_adopters)]
        graph.add_nodes_from(
            (name, {"name": name, "label": f"Adopter {row}", "tier": "adopter", "domestic": True})
            for row, name in enumerate(nodes)
        )
        indptr, indices = self.adoption.peers
        customers = np.repeat(np.arange(self.n_adopters), np.diff(indptr)).tolist()
        share = (1.0 / np.maximum(np.diff(indptr), 1)).tolist()
        graph.add_edges_from(
            (nodes[seller], nodes[customer], PEERS, {"share": share[customer], "kind": PEERS, "layer": "goods"})
            for seller, customer in zip(indices.tolist(), customers, strict=True)
        )
        bought: dict[tuple[str, str], float] = {}
        for seller, customer, size in contracts:
            bought[seller, customer] = bought.get((seller, customer), 0.0) + size
        graph.add_edges_from(
            (*ends, CONTRACTS, {"share": size, "kind": CONTRACTS, "layer": "services"}) for ends, size in bought.items()
        )
        return graph

    def numbered(self) -> NumberedGraph:
        """All nodes and edges by number, adopters with their first suppliers included."""
        names = list(self.network)
        number = {name: node for node, name in enumerate(names)}
        tiers = [TIERS.index(tier) for _, tier in self.network.nodes(data="tier")]
        found: dict[str, tuple[list[int], list[int], list[float]]] = {}
        for (source, target, kind), weight in self._base_flows().items():
            block = found.setdefault(kind, ([], [], []))
            block[0].append(number[source])
            block[1].append(number[target])
            block[2].append(weight)
        blocks = {kind: _block(*lists) for kind, lists in found.items()}
        first, sizes = len(names), self.adoption.size
        indptr, seller = self.adoption.peers
        customer = np.repeat(np.arange(self.n_adopters), np.diff(indptr))
        per_supplier = sizes[customer] / np.maximum(np.diff(indptr), 1)[customer]
        blocks[PEERS] = _block(seller + first, customer + first, per_supplier)
        sold = self.supplier_names(self.adoption.first_supplier)
        known = [row for row, name in enumerate(sold) if name in number]
        blocks[CONTRACTS] = _block(
            [number[sold[row]] for row in known], np.array(known, dtype=int) + first, sizes[known]
        )
        tier = np.array(tiers + [TIERS.index("adopter")] * self.n_adopters, dtype=np.int8)
        return NumberedGraph(names, tier, blocks)

    def _base_flows(self) -> dict[tuple[str, str, str], float]:
        """Base flow of each edge against others of its kind, by source, target and kind."""
        designers = [one.name for one in self.suppliers if str(one.tier) == "designer"]
        packaging = tier_shares(self.suppliers, "designer", self.parameters, prefix="supply_packaging_share_")
        by_designer = dict(zip(designers, packaging.tolist(), strict=True))
        scale = {"manufacturing": by_designer, "memory": by_designer}
        need = {
            name: float(self.network.nodes[name].get("size", 1.0))
            for name in self.importer_names
            if name in self.network
        }
        own, links = dict(need), list(self.network.edges(keys=True, data=True))
        for source, target, kind, data in links:
            # A distributor needs what it sells.
            if kind == "chips" and source in own:
                need[source] += float(data["share"]) * own[target]
        scale |= {"chips": need, "compute": need}
        return {
            (source, target, kind): (
                float(data["share"]) * scale[kind].get(target, 1.0)
                if kind in scale
                else float(data.get("weight", data["share"]))
            )
            for source, target, kind, data in links
        }

    def loss_given_failure(self, name: str) -> FailureLoss:
        """First-round and propagated share of downstream flow lost when a node stops (see :func:`failure_loss`)."""
        graph, p = self.numbered(), self.parameters
        dependence = {
            "equipment": p.supply_failure_dependence_makers,
            "compute": p.supply_failure_dependence_compute,
            CONTRACTS: p.supply_failure_dependence_services,
            PEERS: p.supply_failure_dependence_inputs,
        }
        layers = [
            InputLayer(*graph.blocks[kind], dependence.get(kind, 1.0))
            for kind in (*_GOODS_DOWN, CONTRACTS, PEERS)
            if kind in graph.blocks
        ]
        return failure_loss(graph.node(name), _LEVEL_OF_TIER[graph.tier], layers)

    def claims(self, positions: Mapping[str, ArrayLike]) -> SparseClaims:
        """Claims of nodes on nodes, (nodes, nodes), from values by edge of kinds of equity and credit."""
        graph = self.numbered()
        matrix = csr_array((graph.tier.size, graph.tier.size), dtype=float)
        for kind, values in positions.items():
            if kind not in KINDS or KINDS[kind].layer not in ("equity", "credit"):
                raise ValueError(f"edges of kind {kind!r} hold no claims")
            block = graph.blocks[kind]
            matrix = matrix + csr_array((np.asarray(values, dtype=float), (block.source, block.target)), matrix.shape)
        return cast(SparseClaims, matrix)

    def debt_rank(
        self, exposures: ArrayLike | SparseClaims, equity: ArrayLike, shocked: Mapping[int, float] | Sequence[int] | int
    ) -> float:
        """DebtRank of a shock to nodes (Battiston et al. 2012); see :func:`itcho.model.chips.measures.debt_rank`."""
        return debt_rank(exposures, equity, shocked)


def equipment_of(network: nx.MultiDiGraph) -> dict[str, dict[str, float]]:
    """Weight of each maker by customer, on the edges of equipment."""
    found: dict[str, dict[str, float]] = {}
    for source, target, kind, data in network.edges(keys=True, data=True):
        if kind == "equipment":
            found.setdefault(target, {})[source] = float(data.get("weight", data["share"]))
    return found


def _block(source: ArrayLike, target: ArrayLike, weight: ArrayLike) -> EdgeBlock:
    weights = np.asarray(weight, dtype=float)
    total = float(weights.sum())
    return EdgeBlock(
        np.asarray(source, dtype=np.int32),
        np.asarray(target, dtype=np.int32),
        weights / total if total > 0.0 else weights,
    )
