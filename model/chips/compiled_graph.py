"""The arrays that a month runs on, compiled from the networkx graph of the economy.

Every array is in an order of its own (sellers, importers' rows, names), whatever the order in which edges were added,
so that equal graphs give equal bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from itcho.agents.named_importers import IMPORTER_LABELS, NAMED_IMPORTERS
from itcho.agents.vocabulary import AI_SPECIAL_ACCOUNT, FIRMS, GOVERNMENT, SOFTBANK_CORP, SOFTBANK_GROUP
from itcho.model.chips.edges import CLOUD, DEVELOPER, DISTRIBUTOR, ChipEdges, NamedSupplier, chip_edges, tier_rows

Array = NDArray[np.float64]
IntArray = NDArray[np.int32]

INPUT_KINDS = ("manufacturing", "memory")
"""Kinds of edges that bring a designer what it cannot do without, by the number of the product."""


class GiverShares(NamedTuple):
    """Who gives to each importer (owns or lends), and what part each gives.

    Attributes
    ----------
    parties : (P,) names in the ledger.
    share : (P, importers), adding to one for each importer.
    """

    parties: tuple[str, ...]
    share: Array

    def split(self, amounts: Array) -> Array:
        """Amounts by importer, (n,), over the givers: (P, n); with one giver as they are, (n,)."""
        return amounts if len(self.parties) == 1 else self.share * amounts

    @property
    def side(self) -> str | tuple[str, ...]:
        """The givers as a side of a posting of :meth:`split`."""
        return self.parties[0] if len(self.parties) == 1 else self.parties


class UpstreamEdges(NamedTuple):
    """What designers buy of foundries and memory makers, sorted by product, supplier and designer.

    Attributes
    ----------
    supplier : (U,) positions in the list of suppliers.
    designer : (U,) places among the designers.
    product : (U,) places in :data:`INPUT_KINDS`.
    share : (U,) of what the designer needs of the product.
    """

    supplier: IntArray
    designer: IntArray
    product: IntArray
    share: Array


class RentedCompute(NamedTuple):
    """Clouds of which developers rent, sorted by developer and cloud.

    Attributes
    ----------
    developer, cloud : (R,) importer rows.
    share : (R,) of what the developer rents; what is rented abroad is left out.
    without : (W,) rows of developers who have no cloud, at home or abroad, although there are clouds.
    """

    developer: IntArray
    cloud: IntArray
    share: Array
    without: IntArray


class GroupLinks(NamedTuple):
    """SoftBank's edges.

    Attributes
    ----------
    lenders, bondholders, margin_lenders : of the Group, by name and part.
    may_be_rescued : whether the state supports the Group.
    has_stake_in_openai : whether the Group has.
    owns_data_centres : whether SoftBank Corp owns its data-centre business, and puts money into it.
    """

    lenders: tuple[tuple[str, float], ...]
    bondholders: tuple[tuple[str, float], ...]
    margin_lenders: tuple[tuple[str, float], ...]
    may_be_rescued: bool
    has_stake_in_openai: bool
    owns_data_centres: bool


@dataclass(frozen=True)
class CompiledGraph:
    """The arrays of a month.

    Attributes
    ----------
    chips : the chip trade in Japan.
    upstream : the trade above the designers.
    abroad : (rivals, D) part of each designer's normal output that each rival abroad orders, rivals by name.
    compute : rented compute.
    lenders, bondholders, owners : of importers.
    supported : (n,) whether the programme may pay an importer.
    firms_supported : whether it may pay other firms for adopting AI.
    group : SoftBank Group's edges.
    """

    chips: ChipEdges
    upstream: UpstreamEdges
    abroad: Array
    compute: RentedCompute
    lenders: GiverShares
    bondholders: GiverShares
    owners: GiverShares
    supported: NDArray[np.bool_]
    firms_supported: bool
    group: GroupLinks


def compile_graph(
    network: nx.MultiDiGraph,
    importer_names: Sequence[str],
    role: NDArray[np.int8],
    suppliers: Sequence[NamedSupplier],
) -> CompiledGraph:
    """Compile a graph that :func:`itcho.model.chips.graph_checks.mistakes_in` finds no fault with.

    Parameters
    ----------
    network : nodes by name, edges keyed by kind with a ``share``.
    importer_names, role : (n,) of the chip importers.
    suppliers : the named foreign suppliers, in their order.
    """
    by_kind: dict[str, list[tuple[str, str, float]]] = {}
    for source, target, kind, share in network.edges(keys=True, data="share"):
        by_kind.setdefault(kind, []).append((source, target, share))
    for links in by_kind.values():
        links.sort()
    rows = {name: row for row, name in enumerate(importer_names)}
    place = {supplier.name: position for position, supplier in enumerate(suppliers)}
    designer_row = tier_rows(suppliers, "designer")
    designers = {suppliers[row].name: k for k, row in enumerate(designer_row)}
    supported = _members_with("support", AI_SPECIAL_ACCOUNT, by_kind, importer_names, role)
    support = {(source, target) for source, target, _ in by_kind.get("support", ())}
    return CompiledGraph(
        chips=_chips(by_kind.get("chips", ()), rows, designers, designer_row, importer_names, role),
        upstream=_upstream(by_kind, place, designers),
        abroad=_abroad(by_kind.get("chips_abroad", ()), designers),
        compute=_compute(by_kind.get("compute", ()), rows, role),
        lenders=_givers("loans", by_kind, importer_names, role),
        bondholders=_givers("bonds", by_kind, importer_names, role),
        owners=_givers("ownership", by_kind, importer_names, role),
        supported=supported,
        firms_supported=(AI_SPECIAL_ACCOUNT, FIRMS) in support,
        group=GroupLinks(
            lenders=_lenders_of_the_group(by_kind.get("loans", ())),
            bondholders=_lenders_of_the_group(by_kind.get("bonds", ())),
            margin_lenders=_lenders_of_the_group(by_kind.get("margin_loans", ())),
            may_be_rescued=(GOVERNMENT, SOFTBANK_GROUP) in support,
            has_stake_in_openai=network.has_edge(SOFTBANK_GROUP, "openai", "stakes"),
            owns_data_centres=network.has_edge(SOFTBANK_CORP, "softbank_corp_data_centres", "ownership"),
        ),
    )


_Links = Sequence[tuple[str, str, float]]


def _lenders_of_the_group(links: _Links) -> tuple[tuple[str, float], ...]:
    return tuple((source, share) for source, target, share in links if target == SOFTBANK_GROUP)


def _chips(
    links: _Links,
    rows: Mapping[str, int],
    designers: Mapping[str, int],
    designer_row: list[int],
    importer_names: Sequence[str],
    role: NDArray[np.int8],
) -> ChipEdges:
    distributor_row = np.flatnonzero(np.asarray(role) == DISTRIBUTOR)
    sellers = dict(designers)
    sellers.update({importer_names[row]: len(designers) + k for k, row in enumerate(distributor_row.tolist())})
    found = [(sellers[source], rows[target], share) for source, target, share in links if target in rows]
    # A distributor's own row stands for what it uses and for customers outside the population.
    found += [(len(designers) + k, row, 1.0) for k, row in enumerate(distributor_row.tolist())]
    return chip_edges(found, np.array(designer_row, dtype=np.int32), distributor_row.astype(np.int32))


def _upstream(by_kind: Mapping[str, _Links], place: Mapping[str, int], designers: Mapping[str, int]) -> UpstreamEdges:
    found = sorted(
        (product, place[source], designers[target], share)
        for product, kind in enumerate(INPUT_KINDS)
        for source, target, share in by_kind.get(kind, ())
    )
    columns = np.array(found, dtype=float).reshape(-1, 4)
    product, supplier, designer = columns[:, :3].astype(np.int32).T
    return UpstreamEdges(supplier, designer, product, columns[:, 3].copy())


def _abroad(links: _Links, designers: Mapping[str, int]) -> Array:
    rivals = {name: r for r, name in enumerate(sorted({target for _, target, _ in links}))}
    share = np.zeros((len(rivals), len(designers)))
    for source, target, part in links:
        share[rivals[target], designers[source]] += part
    return share


def _compute(links: _Links, rows: Mapping[str, int], role: NDArray[np.int8]) -> RentedCompute:
    found = sorted(
        (rows[target], rows[source], share) for source, target, share in links if source in rows and target in rows
    )
    columns = np.array(found, dtype=float).reshape(-1, 3)
    roles, renting = np.asarray(role), np.zeros(len(rows), dtype=bool)
    renting[[rows[target] for _, target, _ in links if target in rows]] = True
    without = (roles == DEVELOPER) & ~renting if (roles == CLOUD).any() else np.zeros(len(rows), dtype=bool)
    return RentedCompute(
        developer=columns[:, 0].astype(np.int32),
        cloud=columns[:, 1].astype(np.int32),
        share=columns[:, 2].copy(),
        without=np.flatnonzero(without).astype(np.int32),
    )


def label_of(name: str, role: int) -> str:
    """The name under which the edges of an importer stand that it has not itself: its own, or that of its kind."""
    return name if name in _NAMED else IMPORTER_LABELS[len(NAMED_IMPORTERS) + role]


_NAMED = frozenset(firm.name for firm in NAMED_IMPORTERS)


def _givers(
    kind: str, by_kind: Mapping[str, _Links], importer_names: Sequence[str], role: NDArray[np.int8]
) -> GiverShares:
    """Shares of those who give by ``kind``; an anonymous importer without edges of its own has those of its kind."""
    own: dict[str, list[tuple[str, float]]] = {}
    for source, target, share in by_kind.get(kind, ()):
        own.setdefault(target, []).append((source, share))
    roles = np.asarray(role).tolist()
    of_row = [
        own.get(name) or own.get(label_of(name, part), []) for name, part in zip(importer_names, roles, strict=True)
    ]
    parties = sorted({party for givers in of_row for party, _ in givers})
    number = {party: k for k, party in enumerate(parties)}
    shares = np.zeros((len(parties), len(importer_names)))
    for row, givers in enumerate(of_row):
        for party, share in givers:
            shares[number[party], row] = share
    return GiverShares(tuple(parties), shares)


def _members_with(
    kind: str, giver: str, by_kind: Mapping[str, _Links], importer_names: Sequence[str], role: NDArray[np.int8]
) -> NDArray[np.bool_]:
    """Who has an edge of a kind from ``giver``, (n,); the anonymous by the edge of their kind."""
    targets = {target for source, target, _ in by_kind.get(kind, ()) if source == giver}
    return np.array(
        [
            name in targets or label_of(name, part) in targets
            for name, part in zip(importer_names, np.asarray(role).tolist(), strict=True)
        ],
        dtype=bool,
    )
