"""The graph of a new economy: a networkx graph of who supplies, serves, owns, lends to, works for and supports whom.

The importers' sources and clouds are drawn, the rest is named (:mod:`itcho.model.chips.named_links`).  Adopters are not
in it: there may be millions of them, so that their links are arrays.  Degrees among them are heavy-tailed as among
Japanese firms (Fujiwara and Aoyama 2010), and sales grow with degree to the power 1.3 (Watanabe, Takayasu and Takayasu
2014).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeAlias

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from itcho.agents.named_importers import IMPORTER_PARTIES, NAMED_IMPORTERS
from itcho.agents.views import ParameterValues
from itcho.agents.vocabulary import (
    BANKS,
    CORE_PARTIES,
    FIRMS,
    FOREIGN_INVESTORS,
    HOUSEHOLDS,
    INSURERS_AND_PENSIONS,
    SOFTBANK_CORP,
    SOFTBANK_GROUP,
    Sector,
)
from itcho.model.chips import named_links
from itcho.model.chips.edge_kinds import IMPORTER_TIERS
from itcho.model.chips.edges import (
    CLOUD,
    DEVELOPER,
    NamedSupplier,
    draw_chip_trade,
    stratified_uniforms,
    tier_rows,
    tier_shares,
)
from itcho.model.chips.graph import Adoption, SupplyChainGraph
from itcho.model.chips.heavy_tails import capped_shares, degrees_with_sum, paired_degrees, wire

Array = NDArray[np.float64]
IntArray = NDArray[np.int32]

NodeAttributes: TypeAlias = dict[str, str | bool | float]
Link: TypeAlias = tuple[str, str, str, dict[str, float]]
"""Source, target, kind and attributes of an edge."""


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
    names = [importers.name_of_row(row) for row in range(np.asarray(importers.role).size)]
    network = draw_network(importers, names, suppliers, parameters, rng)
    adoption = _draw_adoption(importers, suppliers, n_adopters, parameters, rng)
    return SupplyChainGraph(network, tuple(names), tuple(suppliers), adoption, parameters)


def draw_network(
    importers: NamedImporters,
    names: Sequence[str],
    suppliers: Sequence[NamedSupplier],
    parameters: ParameterValues,
    rng: np.random.Generator,
) -> nx.MultiDiGraph:
    """The graph of the named: nodes by name (label, tier, domestic), edges keyed by kind (share)."""
    network = nx.MultiDiGraph()
    nodes = list(_nodes(importers, names, suppliers))
    if len({name for name, _ in nodes}) != len(nodes):
        known = [name for name, _ in nodes]
        raise ValueError(f"names given twice: {sorted({name for name in known if known.count(name) > 1})}")
    network.add_nodes_from(nodes)
    present = {name for name, _ in nodes}
    for part in (
        _upstream(suppliers, parameters),
        _chips(importers, names, suppliers, parameters, rng),
        _compute(importers, names, suppliers, rng),
        _named(present, suppliers),
        _finance(importers, names, parameters),
        _of_importers(names),
    ):
        network.add_edges_from(part)
    return network


def _nodes(
    importers: NamedImporters, names: Sequence[str], suppliers: Sequence[NamedSupplier]
) -> Iterator[tuple[str, NodeAttributes]]:
    def node(name: str, label: str, tier: str, domestic: bool) -> tuple[str, NodeAttributes]:
        return name, {"name": name, "label": label, "tier": tier, "domestic": domestic}

    for supplier in suppliers:
        yield node(supplier.name, getattr(supplier, "label", "") or supplier.name, str(supplier.tier), False)
    for maker, label, _ in named_links.DOMESTIC_MAKERS:
        yield node(maker, label, "domestic_maker", True)
    for rival, label, _ in named_links.RIVALS_ABROAD:
        yield node(rival, label, "cloud_abroad", False)
    for party in CORE_PARTIES:
        yield node(party.name, party.label or party.name, "institution", party.sector is not Sector.REST_OF_WORLD)
    role = np.asarray(importers.role)
    control = np.asarray(getattr(importers, "domestic_control", np.ones(role.size, dtype=bool)))
    labels = {firm.name: firm.label for firm in NAMED_IMPORTERS}
    size = np.asarray(importers.size, dtype=float)
    for name, place, domestic, weight in zip(names, role.tolist(), control.tolist(), size.tolist(), strict=True):
        found, attributes = node(name, labels.get(name, name), IMPORTER_TIERS[place], bool(domestic))
        yield found, attributes | {"size": weight}
    # The anonymous, under whose names the ledger books them: an edge of theirs is one of each of them.
    for party, tier in zip(IMPORTER_PARTIES[-len(IMPORTER_TIERS) :], IMPORTER_TIERS, strict=True):
        yield node(party.name, party.label, tier, True)


def _upstream(suppliers: Sequence[NamedSupplier], parameters: ParameterValues) -> Iterator[Link]:
    """Foundries and memory makers to designers, and Japan's makers to them or to firms at home."""
    designers = [suppliers[row].name for row in tier_rows(suppliers, "designer")]
    for tier, kind in (("foundry", "manufacturing"), ("memory", "memory")):
        rows = tier_rows(suppliers, tier)
        for row, share in zip(rows, tier_shares(suppliers, tier, parameters).tolist() if rows else [], strict=True):
            if share > 0.0:
                yield from ((suppliers[row].name, designer, kind, {"share": share}) for designer in designers)
    for maker, _, customers in named_links.DOMESTIC_MAKERS:
        sales = getattr(parameters, f"supply_maker_sales_{maker}")
        for customer in customers:
            if customer == FIRMS:
                yield maker, FIRMS, "equipment", {"share": 1.0, "weight": sales}
                continue
            rows = tier_rows(suppliers, customer)
            for row, share in zip(
                rows, tier_shares(suppliers, customer, parameters).tolist() if rows else [], strict=True
            ):
                part = share / len(customers)
                if part > 0.0:
                    yield maker, suppliers[row].name, "equipment", {"share": part, "weight": sales * part}


def _chips(
    importers: NamedImporters,
    names: Sequence[str],
    suppliers: Sequence[NamedSupplier],
    parameters: ParameterValues,
    rng: np.random.Generator,
) -> Iterator[Link]:
    """Designers to importers in Japan and to their rivals abroad, and distributors to those they serve."""
    role = np.asarray(importers.role)
    trade = draw_chip_trade(role, np.asarray(importers.size, dtype=float), names, suppliers, parameters, rng)
    designers = [suppliers[row].name for row in tier_rows(suppliers, "designer")]
    distributors = [names[row] for row in np.flatnonzero(role == 0).tolist()]
    for sellers, links in ((designers, trade.from_designers), (distributors, trade.from_distributors)):
        for place, row, share in links:
            if sellers[place] != names[row]:
                yield sellers[place], names[row], "chips", {"share": share}
    abroad = 1.0 - parameters.supply_japan_share_of_world_orders
    for designer in designers:
        buyers = [name for name, _, sources in named_links.RIVALS_ABROAD if designer in sources]
        buyers = buyers or [named_links.RIVALS_ABROAD[-1][0]]
        # Those without a name of their own are the last, and take twice the part of a named one.
        parts = [2.0 if name == named_links.RIVALS_ABROAD[-1][0] else 1.0 for name in buyers]
        for name, part in zip(buyers, parts, strict=True):
            yield designer, name, "chips_abroad", {"share": abroad * part / sum(parts)}


def _compute(
    importers: NamedImporters, names: Sequence[str], suppliers: Sequence[NamedSupplier], rng: np.random.Generator
) -> Iterator[Link]:
    """Each developer rents compute of one cloud, a named one of its own, the others with a chance as its size."""
    role, size = np.asarray(importers.role), np.asarray(importers.size, dtype=float)
    clouds, developers = np.flatnonzero(role == CLOUD), np.flatnonzero(role == DEVELOPER)
    known = {names[row] for row in clouds.tolist()}
    chosen = np.zeros(developers.size, dtype=np.int64)
    if clouds.size:
        reach = np.cumsum(size[clouds])
        drawn = np.searchsorted(reach, stratified_uniforms(developers.size, rng) * reach[-1], side="right")
        chosen = clouds[np.minimum(drawn, clouds.size - 1)]
    for row, cloud in zip(developers.tolist(), chosen.tolist(), strict=True):
        partner = named_links.CLOUD_OF_DEVELOPER.get(names[row], "")
        if partner in known or clouds.size:
            yield partner if partner in known else names[cloud], names[row], "compute", {"share": 1.0}
    for laboratory in tier_rows(suppliers, "laboratory"):
        yield named_links.RIVALS_ABROAD[0][0], suppliers[laboratory].name, "compute", {"share": 1.0}


def _named(present: set[str], suppliers: Sequence[NamedSupplier]) -> Iterator[Link]:
    """Edges between institutions, stakes abroad, and what laboratories sell."""
    for kind, pairs in (*named_links.BETWEEN_INSTITUTIONS.items(), ("stakes", named_links.STAKES)):
        for source, target in pairs:
            if source in present and target in present:
                yield source, target, kind, {"share": 1.0}
    for row in tier_rows(suppliers, "laboratory"):
        for customer in named_links.OF_EVERY_LABORATORY:
            yield suppliers[row].name, customer, "services", {"share": 1.0}


def _finance(importers: NamedImporters, names: Sequence[str], parameters: ParameterValues) -> Iterator[Link]:
    """Who owns and lends to each importer, and to SoftBank Group."""
    role = np.asarray(importers.role)
    control = np.asarray(getattr(importers, "domestic_control", np.ones(role.size, dtype=bool)))
    at_home = {
        HOUSEHOLDS: parameters.equity_from_households_share,
        FOREIGN_INVESTORS: parameters.equity_from_abroad_share,
    }
    at_home[FIRMS] = 1.0 - sum(at_home.values())
    insured = parameters.supply_bonds_with_insurers_share
    lenders = {"loans": {BANKS: 1.0}, "bonds": {BANKS: 1.0 - insured, INSURERS_AND_PENSIONS: insured}}
    named = {firm.name for firm in NAMED_IMPORTERS}
    # The anonymous have the edges of those under whose name they are booked.
    known = [(name, domestic) for name, domestic in zip(names, control.tolist(), strict=True) if name in named]
    for name, domestic in (*known, *((party.name, True) for party in IMPORTER_PARTIES[-len(IMPORTER_TIERS) :])):
        owners = at_home if domestic else {FOREIGN_INVESTORS: 1.0}
        if name == "softbank_corp_data_centres":
            owners = {SOFTBANK_CORP: 1.0}
        elif name == "national_ai_company":
            part = parameters.supply_softbank_share_of_national_company
            owners = {SOFTBANK_CORP: part, **{party: share * (1.0 - part) for party, share in at_home.items()}}
        for kind, givers in (*lenders.items(), ("ownership", owners)):
            yield from ((giver, name, kind, {"share": share}) for giver, share in givers.items() if share > 0.0)
    retail, banks = parameters.supply_softbank_bonds_retail_share, parameters.supply_softbank_bonds_banks_share
    for giver, kind, share in (
        (BANKS, "loans", 1.0),
        (FOREIGN_INVESTORS, "margin_loans", 1.0),
        (HOUSEHOLDS, "bonds", retail),
        (BANKS, "bonds", banks),
        (FOREIGN_INVESTORS, "bonds", 1.0 - retail - banks),
    ):
        if share > 0.0:
            yield giver, SOFTBANK_GROUP, kind, {"share": share}


def _of_importers(names: Sequence[str]) -> Iterator[Link]:
    """Work, taxes, other goods and services, accounts and support: edges that every importer has."""
    named = {firm.name for firm in NAMED_IMPORTERS}
    booked = [name for name in names if name in named]
    booked += [party.name for party in IMPORTER_PARTIES[-len(IMPORTER_TIERS) :]]
    for kind, pairs in named_links.OF_EVERY_IMPORTER.items():
        for source, target in pairs:
            yield from ((source or name, target or name, kind, {"share": 1.0}) for name in booked)


def _draw_adoption(
    importers: NamedImporters,
    suppliers: Sequence[NamedSupplier],
    n_adopters: int,
    parameters: ParameterValues,
    rng: np.random.Generator,
) -> Adoption:
    """Adopters' sizes, the edges among them, and their first suppliers."""
    incoming, outgoing = paired_degrees(
        n_adopters,
        parameters.supply_degree_exponent_suppliers,
        parameters.supply_degree_exponent_customers,
        parameters.supply_degree_rank_correlation,
        rng,
    )
    seller, customer = wire(incoming, outgoing, rng)
    degree = incoming + outgoing
    sizes = (
        capped_shares(
            np.maximum(degree, 1).astype(float) ** parameters.supply_sales_degree_exponent,
            parameters.supply_largest_sales_share,
        )
        if n_adopters
        else np.zeros(0)
    )
    indptr = np.concatenate([[0], np.cumsum(np.bincount(customer, minlength=n_adopters))]).astype(np.int32)
    role, size = np.asarray(importers.role), np.asarray(importers.size, dtype=float)
    first = _first_suppliers(role, size, suppliers, sizes, parameters, rng)
    return Adoption(sizes, (indptr, seller.astype(np.int32)), first)


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
