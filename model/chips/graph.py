"""The graph of the economy: who supplies, serves, owns, lends to and supports whom.

Tiers from designers down to adopters, domestic hardware makers beside them, and layers for equity, credit and public
money.  Everything is held as arrays of edges by block; the networkx picture is made only when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, cast

import networkx as nx
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from itcho.model.chips.edges import ChipEdges
from itcho.model.chips.measures import FailureLoss, InputLayer, SparseClaims, debt_rank, failure_loss

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
            shares_of_sum(self.adopter_size[known]),
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

    def _nodes(self) -> Iterator[tuple[int, dict[str, str | bool]]]:
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

    def claims(self, positions: Mapping[str, ArrayLike]) -> SparseClaims:
        """Claims of nodes on nodes, (nodes, nodes), from values by edge of the blocks ``equity`` and ``credit``."""
        matrix = csr_array((self.n_nodes, self.n_nodes), dtype=float)
        for name, values in positions.items():
            block = self.blocks[name]
            if block.layer not in (EQUITY, CREDIT):
                raise ValueError(f"block {name!r} holds no claims")
            data = self._flow_by_edge(name, block, values)
            matrix = matrix + csr_array((data, (block.source, block.target)), shape=matrix.shape)
        return cast(SparseClaims, matrix)

    def debt_rank(
        self, exposures: ArrayLike | SparseClaims, equity: ArrayLike, shocked: Mapping[int, float] | Sequence[int] | int
    ) -> float:
        """DebtRank of a shock to nodes (Battiston et al. 2012); see :func:`itcho.model.chips.measures.debt_rank`."""
        return debt_rank(exposures, equity, shocked)


def shares_of_sum(weights: Array) -> Array:
    """Weights over their sum, as they are if that is not above zero."""
    total = float(np.sum(weights))
    return np.asarray(weights / total) if total > 0.0 else np.asarray(weights, dtype=float)
