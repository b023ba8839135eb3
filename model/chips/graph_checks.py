"""What may be wrong with a graph that a user gives or a rewiring makes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import networkx as nx

from itcho.agents.errors import nearest_names
from itcho.agents.named_importers import IMPORTER_LABELS, NAMED_IMPORTERS
from itcho.agents.vocabulary import SOFTBANK_GROUP
from itcho.model.chips.edge_kinds import KINDS

SHARE_TOLERANCE = 1e-9
"""How far shares that add to one may miss it: rounding."""

NEEDED = ("loans", "bonds", "ownership")
"""Kinds of which every importer must have an edge: somebody lends to it and owns it."""

_BOOKED = (*(firm.name for firm in NAMED_IMPORTERS), *IMPORTER_LABELS[len(NAMED_IMPORTERS) :])
"""Names under which importers' edges of credit and equity stand: the named, and the anonymous by role."""


def as_text(source: str, target: str, kind: str) -> str:
    """An edge as messages show it and as it can be written."""
    return f"{source} > {target}: {kind}"


def mistakes_in(network: nx.MultiDiGraph, known: Mapping[str, str]) -> list[str]:
    """Everything that is wrong with a graph; an empty list if nothing is.

    Parameters
    ----------
    network : what a user gave.
    known : tier by name of the nodes that the economy has.
    """
    if not isinstance(network, nx.MultiDiGraph):
        return [
            f"graph: has to be a networkx.MultiDiGraph with names as nodes and kinds as keys of edges, such as a copy "
            f"of economy.graph; it is a {type(network).__name__}"
        ]
    mistakes = [*_nodes(network, known)]
    if not mistakes:
        mistakes += _edges(network)
    if not mistakes:
        mistakes += _shares(network)
    return mistakes


def _nodes(network: nx.MultiDiGraph, known: Mapping[str, str]) -> Iterator[str]:
    for name, tier in network.nodes(data="tier"):
        if name not in known:
            near = nearest_names(str(name), known)
            yield f"graph: node {name!r} is nobody in this economy{near}"
        elif tier != known[name]:
            yield f"graph: node {name!r} has tier {tier!r}; it is a {known[name]}"
    yield from (
        f"graph: node {name!r} is missing; who takes no part has no edges" for name in known if name not in network
    )


def _edges(network: nx.MultiDiGraph) -> Iterator[str]:
    tiers = dict(network.nodes(data="tier"))
    for source, target, kind, data in network.edges(keys=True, data=True):
        shown = f"graph: edge {as_text(source, target, str(kind))}"
        if kind not in KINDS:
            yield f"{shown}: no such kind{nearest_names(str(kind), KINDS)}; kinds are {', '.join(KINDS)}"
            continue
        rule = KINDS[kind]
        if source == target:
            yield f"{shown}: nobody supplies, owns or owes itself"
        elif tiers[source] not in rule.sources or tiers[target] not in rule.targets:
            yield (
                f"{shown}: runs from a {tiers[source]} to a {tiers[target]}; {kind} run from "
                f"{' or '.join(rule.sources)} to {' or '.join(rule.targets)}"
            )
        elif kind == "chips" and tiers[source] == tiers[target]:
            yield f"{shown}: distributors buy from designers"
        share = data.get("share")
        if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0.0 < share <= 1.0 + SHARE_TOLERANCE:
            yield f"{shown}: share = {share!r} must be a number above 0 and at most 1"


def _shares(network: nx.MultiDiGraph) -> Iterator[str]:
    """Shares that do not add up, and importers whom nobody lends to or owns."""
    sums: dict[tuple[str, str, str], float] = {}
    tiers = dict(network.nodes(data="tier"))
    for source, target, kind, share in network.edges(keys=True, data="share"):
        if KINDS[kind].shared_by == "target" and is_shared(target, kind, tiers):
            sums["target", target, kind] = sums.get(("target", target, kind), 0.0) + share
        elif KINDS[kind].shared_by == "source":
            sums["source", source, kind] = sums.get(("source", source, kind), 0.0) + share
    for (end, name, kind), total in sums.items():
        if end == "target" and not math.isclose(total, 1.0, abs_tol=SHARE_TOLERANCE):
            yield f"graph: shares of {kind} to {name!r} add to {total:.6g}; they must add to 1"
        if end == "source" and total > 1.0 + SHARE_TOLERANCE:
            yield f"graph: shares of {kind} from {name!r} add to {total:.6g}, which is more than 1"
    for name in _BOOKED:
        for kind in NEEDED:
            if name in network and ("target", name, kind) not in sums:
                yield f"graph: {name!r} has no edge of {kind}: somebody has to lend to it and to own it"
    for kind in ("loans", "bonds", "margin_loans"):
        if ("target", SOFTBANK_GROUP, kind) not in sums:
            yield f"graph: {SOFTBANK_GROUP!r} has no edge of {kind}: somebody has to lend to it"


def is_shared(target: str, kind: str, tiers: Mapping[str, str]) -> bool:
    """Whether shares of a kind add to one at a target: at whoever is no institution, and of SoftBank Group's debt."""
    return tiers[target] != "institution" or (target == SOFTBANK_GROUP and kind in ("loans", "bonds", "margin_loans"))
