"""What may be wrong with a graph that a user gives or a rewiring makes."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from numbers import Real

import networkx as nx

from itcho.agents.errors import nearest_names
from itcho.agents.named_importers import IMPORTER_LABELS, NAMED_IMPORTERS
from itcho.agents.vocabulary import SOFTBANK_GROUP
from itcho.model.chips.edge_kinds import KINDS
from itcho.model.sizes import shortened

SHARE_TOLERANCE = 1e-9
"""How far shares that add to one may miss it: rounding."""

NEEDED = ("loans", "bonds", "ownership")
"""Kinds of which every importer must have an edge: somebody lends to it and owns it."""

MOST_ALIKE = 40
"""Mistakes of one sort that are told one by one; of the others, how many they are."""

_BOOKED = (*(firm.name for firm in NAMED_IMPORTERS), *IMPORTER_LABELS[len(NAMED_IMPORTERS) :])
"""Names under which importers' edges of credit and equity stand: the named, and the anonymous by role."""

EdgeName = tuple[str, str, str]
"""Source, target and kind."""


def as_text(source: str, target: str, kind: str) -> str:
    """An edge as messages show it and as it can be written."""
    return f"{source} > {target}: {kind}"


def is_share(given: object) -> bool:
    """Whether a value can be the share of an edge: a real number of any kind, above 0 and at most 1.

    Examples
    --------
    >>> is_share(1), is_share(0.3), is_share(True), is_share("0.3"), is_share(0.0)
    (True, True, False, False, False)
    """
    return (
        isinstance(given, Real)
        and not isinstance(given, bool)
        and bool(given <= 1.0 + SHARE_TOLERANCE and not given <= 0.0)
    )


def edges_of_the_accounts(network: nx.MultiDiGraph) -> frozenset[EdgeName]:
    """Edges on which the accounts of the whole economy are paid: they stay, whatever is moved."""
    tiers = dict(network.nodes(data="tier"))
    return frozenset(
        (source, target, kind)
        for source, target, kind in network.edges(keys=True)
        if belongs_to_the_accounts(target, kind, tiers)
    )


def belongs_to_the_accounts(target: str, kind: str, tiers: Mapping[str, str]) -> bool:
    """Whether edges of a kind to ``target`` can neither be added nor removed."""
    rule = KINDS[kind]
    between = rule.shared_by == "target" and tiers[target] == "institution" and not is_shared(target, kind, tiers)
    return not rule.movable or between


def mistakes_in(network: nx.MultiDiGraph, known: Mapping[str, str], accounts: Collection[EdgeName]) -> list[str]:
    """Everything that is wrong with a graph; an empty list if nothing is.

    Parameters
    ----------
    network : what a user gave.
    known : tier by name of the nodes that the economy has.
    accounts : edges of the accounts that the economy has; the graph has these and no other ones of the kind.
    """
    if not isinstance(network, nx.MultiDiGraph):
        return [
            f"graph: has to be a networkx.MultiDiGraph with names as nodes and kinds as keys of edges, such as a copy "
            f"of economy.graph; it is a {type(network).__name__}"
        ]
    told: dict[str, list[str]] = {}
    for sort, message in (*_nodes(network, known), *_edges(network, known, accounts), *_shares(network, known)):
        told.setdefault(sort, []).append(message)
    mistakes = []
    for messages in told.values():
        mistakes += messages[:MOST_ALIKE]
        if len(messages) > MOST_ALIKE:
            mistakes.append(f"graph: {len(messages) - MOST_ALIKE:,} more mistakes are like the one above")
    return mistakes


_Told = tuple[str, str]
"""The sort of a mistake, and its message."""


def _nodes(network: nx.MultiDiGraph, known: Mapping[str, str]) -> Iterator[_Told]:
    for name, tier in network.nodes(data="tier"):
        if name not in known:
            near = nearest_names(name, known) if isinstance(name, str) and len(name) <= _LONGEST_NAME else ""
            yield "nobody", f"graph: node {shortened(name)} is nobody in this economy{near}"
        elif not isinstance(tier, str) or tier != known[name]:
            yield "tier", f"graph: node {name!r} has tier {shortened(tier)}; it is a {known[name]}"
    for name in known:
        if name not in network:
            yield "missing", f"graph: node {name!r} is missing; who takes no part has no edges"


_LONGEST_NAME = 100


def _edges(network: nx.MultiDiGraph, known: Mapping[str, str], accounts: Collection[EdgeName]) -> Iterator[_Told]:
    for source, target, kind, data in network.edges(keys=True, data=True):
        if source not in known or target not in known:
            continue
        shown = f"graph: edge {as_text(source, target, kind if isinstance(kind, str) else shortened(kind))}"
        if not isinstance(kind, str) or kind not in KINDS:
            near = nearest_names(kind, KINDS) if isinstance(kind, str) and len(kind) <= _LONGEST_NAME else ""
            yield "kind", f"{shown}: no such kind{near}; kinds are {', '.join(KINDS)}"
            continue
        rule = KINDS[kind]
        if source == target:
            yield "loop", f"{shown}: nobody supplies, owns or owes itself"
        elif known[source] not in rule.sources or known[target] not in rule.targets:
            yield (
                "ends",
                f"{shown}: runs from a {known[source]} to a {known[target]}; {kind} run from "
                f"{' or '.join(rule.sources)} to {' or '.join(rule.targets)}",
            )
        elif kind == "chips" and known[source] == known[target]:
            yield "ends", f"{shown}: distributors buy from designers"
        elif (source, target, kind) not in accounts and belongs_to_the_accounts(target, kind, known):
            yield "account", f"{shown}: belongs to no account of this economy; {kind} stay as they are"
        if not is_share(share := data.get("share")):
            yield "share", f"{shown}: share = {shortened(share)} must be a number above 0 and at most 1"
    for source, target, kind in sorted(accounts):
        if source in network and target in network and not network.has_edge(source, target, kind):
            shown = as_text(source, target, kind)
            yield "gone", f"graph: edge {shown} is missing: {kind} belong to the accounts and stay"


def _shares(network: nx.MultiDiGraph, known: Mapping[str, str]) -> Iterator[_Told]:
    """Shares that do not add up, and importers whom nobody lends to or owns."""
    sums: dict[tuple[str, str, str], float] = {}
    unread: set[tuple[str, str, str]] = set()
    for source, target, kind, share in network.edges(keys=True, data="share"):
        if not isinstance(kind, str) or kind not in KINDS or target not in known:
            continue
        end = KINDS[kind].shared_by
        if end == "target" and not is_shared(target, kind, known):
            continue
        if end:
            place = (end, source if end == "source" else target, kind)
            sums.setdefault(place, 0.0)
            if is_share(share):
                sums[place] += float(share)
            else:
                unread.add(place)
    for (end, name, kind), total in sums.items():
        # A share that is wrong by itself is told as that, and not once more by its sum.
        if (end, name, kind) in unread:
            continue
        if end == "target" and not math.isclose(total, 1.0, abs_tol=SHARE_TOLERANCE):
            yield "sum", f"graph: shares of {kind} to {name!r} add to {total:.6g}; they must add to 1"
        if end == "source" and total > 1.0 + SHARE_TOLERANCE:
            yield "sum", f"graph: shares of {kind} from {name!r} add to {total:.6g}, which is more than 1"
    for name in _BOOKED:
        for kind in NEEDED:
            if name in network and ("target", name, kind) not in sums:
                yield (
                    "needed",
                    f"graph: {name!r} has no edge of {kind}: somebody has to lend to it and to own it",
                )
    for kind in ("loans", "bonds", "margin_loans"):
        if SOFTBANK_GROUP in network and ("target", SOFTBANK_GROUP, kind) not in sums:
            yield "needed", f"graph: {SOFTBANK_GROUP!r} has no edge of {kind}: somebody has to lend to it"


def is_shared(target: str, kind: str, tiers: Mapping[str, str]) -> bool:
    """Whether shares of a kind add to one at a target: at whoever is no institution, and of SoftBank Group's debt."""
    return tiers[target] != "institution" or (target == SOFTBANK_GROUP and kind in ("loans", "bonds", "margin_loans"))
