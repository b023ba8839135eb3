"""Changes of the graph: edges added, removed and swapped, and nodes taken out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

import networkx as nx

from itcho.agents.errors import InputError, nearest_names
from itcho.model.chips.edge_kinds import KINDS
from itcho.model.chips.graph_checks import (
    NEEDED,
    SHARE_TOLERANCE,
    as_text,
    belongs_to_the_accounts,
    is_share,
    is_shared,
)
from itcho.model.disturbances import CheckedSettings, DisturbedMonth, kept_shock
from itcho.model.sizes import shortened

if TYPE_CHECKING:
    from itcho.model.world_layout import Json


class Edge(NamedTuple):
    """An edge by name; ``share`` is read of those that are added, and 1 unless given."""

    source: str
    target: str
    kind: str
    share: float = 1.0


EdgeLike = Edge | tuple[str, str, str] | tuple[str, str, str, float] | str
"""An edge as a user gives it: a tuple, or text such as ``"nvidia > kddi: chips = 0.5"``."""

_Given = TypeVar("_Given")


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
        source, arrow, rest = given.partition(">")
        target, colon, rest = rest.partition(":")
        kind, equals, text = rest.partition("=")
        source, target, kind = source.strip(), target.strip(), kind.strip()
        share = _number(text) if equals else 1.0
        named = (
            source and target and kind.isidentifier() and not set(":=") & set(source) and not set(">=") & set(target)
        )
        if not (arrow and colon and named) or share is None:
            raise InputError(f"{shortened(given)} is no edge: write 'source > target: kind', or with '= share'")
        return Edge(source, target, kind, share)
    if isinstance(given, Sequence) and 3 <= len(given) <= 4 and all(isinstance(part, str) for part in given[:3]):
        return Edge(*given)
    raise InputError(f"{shortened(given)} is no edge: give (source, target, kind) or (source, target, kind, share)")


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
    added, removed = (
        tuple(map(read, _several(field, given, mistakes))) for field, given in (("add", add), ("remove", remove))
    )
    for pair in _several("swap", swap, mistakes):
        if not isinstance(pair, Sequence) or isinstance(pair, (str, bytes)) or len(pair) != 2:
            mistakes.append(f"swap: {shortened(pair)} is no pair of edges")
        else:
            pairs.append((read(pair[0]), read(pair[1])))
    gone = tuple(_several("without", without, mistakes))
    mistakes += [f"without: {shortened(name)} is no name" for name in gone if not isinstance(name, str)]
    if mistakes:
        raise InputError(mistakes)
    return Rewiring(added, removed, tuple(pairs), gone)


_SUCH_AS = {
    "add": "['nvidia > kddi: chips = 0.5']",
    "remove": "['nvidia > kddi: chips']",
    "swap": "[('nvidia > kddi: chips', 'amd > iij: chips')]",
    "without": "['nvidia']",
}


def _several(field: str, given: Iterable[_Given], mistakes: list[str]) -> Iterable[_Given]:
    """What stands in a field one by one; an edge or a name alone is one of them."""
    if isinstance(given, str) and field != "swap":
        return cast("tuple[_Given]", (given,))
    # A tuple that names an edge alone is what a list of it means; texts of edges hold a mark between names.
    if field in ("add", "remove") and isinstance(given, tuple) and _is_edge_alone(given):
        return cast("tuple[_Given]", (given,))
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Iterable):
        mistakes.append(f"{field} must be a list, such as {_SUCH_AS[field]}, not {shortened(given)}")
        return ()
    return given


def _is_edge_alone(given: tuple[object, ...]) -> bool:
    return 3 <= len(given) <= 4 and all(isinstance(part, str) and ">" not in part for part in given[:3])


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
    InputError : edges or nodes that are not there, edges that cannot move, are there already or stand there twice,
        shares that leave nothing to others; all of them.
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
    mistakes = [one for (target, kind), added in touched.items() for one in _share_out(graph, target, kind, added)]
    if mistakes:
        raise InputError(mistakes)
    return graph


def _share_out(graph: nx.MultiDiGraph, target: str, kind: str, added: set[str]) -> Iterator[str]:
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
    left = sorted(source for source, _ in links if source not in added)
    if left and new >= 1.0:
        shown = ", ".join(as_text(source, target, kind) for source in sorted(added))
        yield f"add: {shown}: shares of {new:.6g} leave nothing to {', '.join(left)}: give less, or remove those edges"
        return
    for source, data in links:
        if source not in added:
            data["share"] *= (1.0 - new) / old
        elif not left:
            data["share"] /= new


def _mistakes(network: nx.MultiDiGraph, change: Rewiring) -> Iterator[str]:
    tiers = dict(network.nodes(data="tier"))
    swapped = [one for pair in change.swap for one in pair]
    for field, links in (("remove", change.remove), ("swap", swapped)):
        for each in links:
            if each.kind in KINDS and not KINDS[each.kind].movable:
                yield f"{field}: {as_text(*each[:3])}: {each.kind} belong to the accounts and stay"
            elif not network.has_edge(each.source, each.target, each.kind):
                yield f"{field}: {as_text(*each[:3])}: no such edge{_hint(network, each)}"
            elif belongs_to_the_accounts(each.target, each.kind, tiers):
                yield f"{field}: {as_text(*each[:3])}: edges between institutions belong to the accounts and stay"
    yield from _twice("remove or swap", [*change.remove, *swapped])
    yield from _twice("add", change.add)
    made = [
        Edge(source, target, one.kind)
        for one, other in change.swap
        for source, target in ((one.source, other.target), (other.source, one.target))
    ]
    for one, other in change.swap:
        if one.kind != other.kind:
            yield f"swap: {as_text(*one[:3])} and {as_text(*other[:3])} are of different kinds"
    for each in made:
        if network.has_edge(*each[:3]):
            yield f"swap: {as_text(*each[:3])} is there already"
    yield from _twice("add or swap, as what comes of it", [*set(change.add), *made] if made else [])
    gone = set(change.without)
    for each in swapped:
        yield from (
            f"swap: {as_text(*each[:3])}: {name!r} is taken out" for name in (each.source, each.target) if name in gone
        )
    removed = {each[:3] for each in change.remove}
    for each in change.add:
        shown = f"add: {as_text(*each[:3])}"
        if each.kind not in KINDS:
            yield f"{shown}: no such kind{nearest_names(each.kind, KINDS)}; kinds are {', '.join(KINDS)}"
            continue
        unknown = [name for name in (each.source, each.target) if name not in network]
        yield from (f"{shown}: nobody is called {name!r}{nearest_names(name, map(str, network))}" for name in unknown)
        if not KINDS[each.kind].movable:
            yield f"{shown}: {each.kind} belong to the accounts and stay"
        elif not unknown and belongs_to_the_accounts(each.target, each.kind, tiers):
            yield f"{shown}: edges between institutions belong to the accounts and stay"
        if each.source == each.target:
            yield f"{shown}: nobody supplies, owns or owes itself"
        if network.has_edge(*each[:3]) and each[:3] not in removed:
            yield f"{shown} is there already"
        if not is_share(each.share):
            yield f"{shown}: share = {shortened(each.share)} must be a number above 0 and at most 1"
    for name in change.without:
        if name not in network:
            yield f"without: nobody is called {name!r}{nearest_names(name, map(str, network))}"
        elif network.nodes[name]["tier"] == "institution":
            yield f"without: {name!r} is an institution: institutions stay"


def _twice(field: str, links: Iterable[Edge]) -> Iterator[str]:
    """Edges that stand in a change more than once."""
    count = Counter(each[:3] for each in links)
    yield from (f"{field}: {as_text(*name)} stands there {times} times" for name, times in count.items() if times > 1)


def _hint(network: nx.MultiDiGraph, each: Edge) -> str:
    for name in (each.source, each.target):
        if name not in network:
            return f"; nobody is called {name!r}{nearest_names(name, map(str, network))}"
    there = sorted(source for source, _, kind in network.in_edges(each.target, keys=True) if kind == each.kind)
    return f"; {each.kind} of {each.target} come from {', '.join(there[:5]) or 'nobody'}"


@kept_shock
@dataclass(frozen=True)
class GraphRewired(CheckedSettings):
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
        super().__post_init__()
        self.change()

    def __call__(self, month: DisturbedMonth) -> None:
        """Have the graph changed in its month."""
        if month.clock.month == self.month:
            month.disturbances.rewirings += (self.change(),)
