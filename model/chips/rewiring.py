"""Changes of the graph: edges added, removed and swapped, and nodes taken out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, cast

import networkx as nx

from itcho.agents.errors import InputError, nearest_names
from itcho.model.chips.edge_kinds import KINDS
from itcho.model.chips.graph_checks import NEEDED, SHARE_TOLERANCE, as_text, is_shared
from itcho.model.disturbances import DisturbedMonth, kept_shock

if TYPE_CHECKING:
    from itcho.model.world_layout import Json

_EDGE = re.compile(
    r"^\s*(?P<source>[^>:=]+?)\s*>\s*(?P<target>[^>:=]+?)\s*:\s*(?P<kind>\w+)\s*(?:=\s*(?P<share>\S+))?\s*$"
)


class Edge(NamedTuple):
    """An edge by name; ``share`` is read of those that are added, and 1 unless given."""

    source: str
    target: str
    kind: str
    share: float = 1.0


EdgeLike = Edge | tuple[str, str, str] | tuple[str, str, str, float] | str
"""An edge as a user gives it: a tuple, or text such as ``"nvidia > kddi: chips = 0.5"``."""


def edge(given: EdgeLike) -> Edge:
    """The edge that is meant.

    Raises
    ------
    InputError : no edge.

    Examples
    --------
    >>> edge("nvidia > kddi: chips = 0.5")
    Edge(source='nvidia', target='kddi', kind='chips', share=0.5)
    """
    if isinstance(given, str):
        found = _EDGE.match(given)
        share = 1.0 if found is None or found["share"] is None else _number(found["share"])
        if found is None or share is None:
            raise InputError(f"{given!r} is no edge: write 'source > target: kind', or with '= share'")
        return Edge(found["source"], found["target"], found["kind"], share)
    if isinstance(given, Sequence) and 3 <= len(given) <= 4 and all(isinstance(part, str) for part in given[:3]):
        return Edge(*given)
    raise InputError(f"{given!r} is no edge: give (source, target, kind) or (source, target, kind, share)")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class Rewiring:
    """A change of the graph.

    Attributes
    ----------
    add : edges that are new; the target's other edges of that kind keep their proportions in what is left.
    remove : edges that go; the target's other edges of that kind take their part.
    swap : pairs of edges of a kind that exchange their targets, so that everybody keeps as many edges.
    without : nodes whose trade goes, and support: all edges but those of their accounts, owners and lenders.
    """

    add: tuple[Edge, ...] = ()
    remove: tuple[Edge, ...] = ()
    swap: tuple[tuple[Edge, Edge], ...] = ()
    without: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """As JSON can hold it."""
        return {
            "add": [list(one) for one in self.add],
            "remove": [list(one) for one in self.remove],
            "swap": [[list(one), list(other)] for one, other in self.swap],
            "without": list(self.without),
        }


def rewiring(
    add: Iterable[EdgeLike] = (),
    remove: Iterable[EdgeLike] = (),
    swap: Iterable[tuple[EdgeLike, EdgeLike]] = (),
    without: Iterable[str] = (),
) -> Rewiring:
    """The change that a user means.

    Raises
    ------
    InputError : what is no edge, all of it.
    """
    mistakes: list[str] = []

    def read(given: EdgeLike) -> Edge:
        try:
            return edge(given)
        except InputError as error:
            mistakes.extend(error.messages)
            return Edge("", "", "")

    pairs: list[tuple[Edge, Edge]] = []
    added, removed = tuple(map(read, _several(add))), tuple(map(read, _several(remove)))
    for pair in swap:
        if isinstance(pair, str) or len(pair) != 2:
            mistakes.append(f"swap: {pair!r} is no pair of edges")
        else:
            pairs.append((read(pair[0]), read(pair[1])))
    gone = (without,) if isinstance(without, str) else tuple(without)
    if mistakes:
        raise InputError(mistakes)
    return Rewiring(added, removed, tuple(pairs), gone)


def _several(given: Iterable[EdgeLike]) -> Iterable[EdgeLike]:
    return (given,) if isinstance(given, str) else given


def rewiring_from(content: Mapping[str, Json]) -> Rewiring:
    """The change of :meth:`Rewiring.to_json`."""
    pairs = cast(list[list[tuple[str, str, str, float]]], content["swap"])
    return Rewiring(
        tuple(Edge(*one) for one in cast(list[tuple[str, str, str, float]], content["add"])),
        tuple(Edge(*one) for one in cast(list[tuple[str, str, str, float]], content["remove"])),
        tuple((Edge(*one), Edge(*other)) for one, other in pairs),
        tuple(cast(list[str], content["without"])),
    )


def rewired(network: nx.MultiDiGraph, change: Rewiring) -> nx.MultiDiGraph:
    """A changed copy of a graph; the copy is not yet checked by its schema.

    Raises
    ------
    InputError : edges or nodes that are not there, edges that cannot move or are there already; all of them.
    """
    mistakes = [*_mistakes(network, change)]
    if mistakes:
        raise InputError(mistakes)
    graph = network.copy()
    touched: dict[tuple[str, str], set[str]] = {}
    for gone in change.remove:
        graph.remove_edge(gone.source, gone.target, gone.kind)
        touched.setdefault((gone.target, gone.kind), set())
    for name in change.without:
        for source, target, kind in [*graph.in_edges(name, keys=True), *graph.out_edges(name, keys=True)]:
            # The accounts of who is taken out stay: somebody owns it, lends to it and works for it.
            if KINDS[kind].movable and kind not in NEEDED:
                graph.remove_edge(source, target, kind)
                touched.setdefault((target, kind), set())
    for one, other in change.swap:
        first, second = (dict(graph.edges[each.source, each.target, each.kind]) for each in (one, other))
        for each in (one, other):
            graph.remove_edge(each.source, each.target, each.kind)
        # The share is the target's: whoever serves it takes the part of the one before.
        graph.add_edge(one.source, other.target, one.kind, **(first | {"share": second["share"]}))
        graph.add_edge(other.source, one.target, one.kind, **(second | {"share": first["share"]}))
    for new in change.add:
        graph.add_edge(new.source, new.target, new.kind, share=float(new.share))
        touched.setdefault((new.target, new.kind), set()).add(new.source)
    for (target, kind), added in touched.items():
        _share_out(graph, target, kind, added)
    return graph


def _share_out(graph: nx.MultiDiGraph, target: str, kind: str, added: set[str]) -> None:
    """Let a target's shares of a kind add to one: those added as they are, the others in proportion."""
    tiers = dict(graph.nodes(data="tier"))
    if KINDS[kind].shared_by != "target" or not is_shared(target, kind, tiers):
        return
    links = [(source, data) for source, _, key, data in graph.in_edges(target, keys=True, data=True) if key == kind]
    total = sum(data["share"] for _, data in links)
    if abs(total - 1.0) <= SHARE_TOLERANCE:
        return
    new = sum(data["share"] for source, data in links if source in added)
    old = total - new
    for source, data in links:
        if source not in added:
            data["share"] *= (1.0 - new) / old
        elif old <= 0.0:
            data["share"] /= new


def _mistakes(network: nx.MultiDiGraph, change: Rewiring) -> Iterable[str]:
    for field, links in (("remove", change.remove), ("swap", [one for pair in change.swap for one in pair])):
        for each in links:
            if each.kind in KINDS and not KINDS[each.kind].movable:
                yield f"{field}: {as_text(*each[:3])}: {each.kind} belong to the accounts and stay"
            elif not network.has_edge(each.source, each.target, each.kind):
                yield f"{field}: {as_text(*each[:3])}: no such edge{_hint(network, each)}"
            elif _of_the_accounts(network, each):
                yield f"{field}: {as_text(*each[:3])}: edges between institutions belong to the accounts and stay"
    for one, other in change.swap:
        if one.kind != other.kind:
            yield f"swap: {as_text(*one[:3])} and {as_text(*other[:3])} are of different kinds"
        for source, target in ((one.source, other.target), (other.source, one.target)):
            if network.has_edge(source, target, one.kind):
                yield f"swap: {as_text(source, target, one.kind)} is there already"
    removed = {each[:3] for each in change.remove}
    for each in change.add:
        shown = f"add: {as_text(*each[:3])}"
        if each.kind not in KINDS:
            yield f"{shown}: no such kind{nearest_names(each.kind, KINDS)}; kinds are {', '.join(KINDS)}"
            continue
        if not KINDS[each.kind].movable:
            yield f"{shown}: {each.kind} belong to the accounts and stay"
        for name in (each.source, each.target):
            if name not in network:
                yield f"{shown}: nobody is called {name!r}{nearest_names(name, map(str, network))}"
        if network.has_edge(*each[:3]) and each[:3] not in removed:
            yield f"{shown} is there already"
        if not isinstance(each.share, (int, float)) or not 0.0 < each.share <= 1.0:
            yield f"{shown}: share = {each.share!r} must be a number above 0 and at most 1"
    for name in change.without:
        if name not in network:
            yield f"without: nobody is called {name!r}{nearest_names(name, map(str, network))}"
        elif network.nodes[name]["tier"] == "institution":
            yield f"without: {name!r} is an institution: institutions stay"


def _of_the_accounts(network: nx.MultiDiGraph, each: Edge) -> bool:
    tiers = network.nodes(data="tier")
    shared = KINDS[each.kind].shared_by == "target"
    return shared and tiers[each.target] == "institution" and not is_shared(each.target, each.kind, dict(tiers))


def _hint(network: nx.MultiDiGraph, each: Edge) -> str:
    for name in (each.source, each.target):
        if name not in network:
            return f"; nobody is called {name!r}{nearest_names(name, map(str, network))}"
    there = sorted(source for source, _, kind in network.in_edges(each.target, keys=True) if kind == each.kind)
    return f"; {each.kind} of {each.target} come from {', '.join(there[:5]) or 'nobody'}"


@kept_shock
@dataclass(frozen=True)
class GraphRewired:
    """An experiment's change of the graph at a date, as a shock.

    Attributes
    ----------
    month : of the run, from 0, at whose beginning the graph changes.
    add, remove : edges as text, such as ``"nvidia > kddi: chips"``.
    swap : edges as text, the first of a pair and then the second.
    without : names of nodes.
    name : how the shock is called.
    """

    month: int = 0
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    swap: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    name: str = "graph-rewired"

    def change(self) -> Rewiring:
        """The change that is made.

        Raises
        ------
        InputError : what is no edge, all of it.
        """
        if len(self.swap) % 2:
            raise InputError(f"{self.name}: swap holds pairs of edges; it has {len(self.swap)}")
        return rewiring(self.add, self.remove, list(zip(self.swap[::2], self.swap[1::2], strict=True)), self.without)

    def __post_init__(self) -> None:
        self.change()

    def __call__(self, month: DisturbedMonth) -> None:
        """Have the graph changed in its month."""
        if month.clock.month == self.month:
            month.disturbances.rewirings += (self.change(),)
