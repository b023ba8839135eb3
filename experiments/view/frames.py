"""The picture of who pays whom: a :class:`Scene` that stays, and a :class:`Frame` for each month.

Both are pure functions of the ledger and of the outcome registry: nothing economic is computed here.  A scene's nodes
are the parties of the ledger; members that are booked together are one node that says how many it stands for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from itcho.agents.investors import TYPE_PARTIES
from itcho.agents.named_importers import NAMED_IMPORTERS, ROLES
from itcho.agents.vocabulary import FIRMS
from itcho.experiments.view.depths import depths_content, shown_label
from itcho.experiments.view.kinds import CONTRACTS, LAYERS, layer_of, words
from itcho.experiments.view.layout import COLUMNS, column_of, places
from itcho.model.measure.tables import graph_table

if TYPE_CHECKING:
    from itcho.model.economy import JapanEconomy

HEADLINE = (
    "usdjpy",
    "deficit_trn_yen_fy",
    "gov_debt_to_gdp_pct",
    "domestic_ai_share_home_pct",
    "japan_share_global_ai_pct",
    "softbank_ltv_pct",
)
"""Outcomes that a frame carries; names of the registry."""

_ROLE_OF_IMPORTER = {firm.name: ROLES[firm.role] for firm in NAMED_IMPORTERS} | {
    f"other_{role}s": role for role in ROLES
}


@dataclass(frozen=True)
class Node:
    """A party in the picture.

    Attributes
    ----------
    id : its place in ``Scene.nodes``, from 0.
    key : the ledger's name.
    label : how it is shown.
    sector : column of the accounts.
    tier : of the supply chain, or ``institution``.
    column : place in ``layout.COLUMNS``.
    members : how many members of a population are booked under it; 0 for a single agent.
    member_kind : what they are: ``chip importers``, ``investors`` or ``adopting firms``; empty for a single agent.
    x, y : place from 0 to 1, y down.
    """

    id: int
    key: str
    label: str
    sector: str
    tier: str
    column: int
    members: int
    member_kind: str
    x: float
    y: float


@dataclass(frozen=True)
class Link:
    """An edge of the graph that carries the economy, between two nodes of the picture.

    Attributes
    ----------
    source, target : node ids; from who gives to who gets.
    kind : of the edge.
    edges : how many edges of members there are.
    """

    source: int
    target: int
    kind: str
    edges: int


@dataclass(frozen=True)
class Scene:
    """What stays from month to month.

    Attributes
    ----------
    nodes : in the order of their ids.
    links : the graph between them.
    not_drawn : sentences that say what the picture leaves out, with how much of it there is.
    """

    nodes: tuple[Node, ...]
    not_drawn: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    id_of: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id_of", {node.key: node.id for node in self.nodes})

    def to_json(self) -> dict[str, Any]:
        """As the page reads it; a link is ``[source, target, kind, edges]``."""
        return {
            "nodes": [vars(node) for node in self.nodes],
            "links": [list(vars(link).values()) for link in self.links],
            "columns": [vars(column) for column in COLUMNS],
            "layers": [vars(layer) for layer in LAYERS],
            "depths": depths_content(self.nodes),
            "contracts": dict(CONTRACTS),
            "not_drawn": list(self.not_drawn),
        }


@dataclass(frozen=True)
class Frame:
    """One month.

    Attributes
    ----------
    month : ISO date of its end.
    size : (nodes,) financial assets, trillion yen.
    flows : (instrument, purpose, layer) that the edges point to.
    source, target : (edges,) node ids; money moves from source to target.
    flow : (edges,) place in ``flows``.
    amount : (edges,) trillion yen, above zero.
    headline : outcomes by name; missing values are left out.
    left_out : how many edges touch a party that the scene does not draw.
    """

    month: str
    size: NDArray[np.float64]
    flows: tuple[tuple[str, str, str], ...]
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    flow: NDArray[np.int64]
    amount: NDArray[np.float64]
    headline: Mapping[str, float]
    left_out: int = 0

    def to_json(self) -> dict[str, Any]:
        """As the page reads it; an edge is ``[source, target, flow, amount]``."""
        return {
            "month": self.month,
            "size": self.size.tolist(),
            "flows": [list(flow) for flow in self.flows],
            "edges": [
                list(edge)
                for edge in zip(
                    self.source.tolist(), self.target.tolist(), self.flow.tolist(), self.amount.tolist(), strict=True
                )
            ],
            "headline": dict(self.headline),
            "left_out": self.left_out,
        }

    def to_table(self, scene: Scene) -> pd.DataFrame:
        """The edges as a table: ``month, payer, payee, instrument, purpose, amount_trn_yen``, as in ``edges.csv``."""
        keys = np.array([node.key for node in scene.nodes], dtype=object)
        what = np.array([flow[:2] for flow in self.flows], dtype=object).reshape(-1, 2)
        return pd.DataFrame(
            {
                "month": self.month,
                "payer": keys[self.source],
                "payee": keys[self.target],
                "instrument": what[self.flow, 0],
                "purpose": what[self.flow, 1],
                "amount_trn_yen": self.amount,
            }
        )


def party_table(economy: JapanEconomy) -> pd.DataFrame:
    """The ledger's parties: ``name, label, sector, tier, members, member_kind``."""
    parties = economy.ledger.parties
    members = dict.fromkeys((party.name for party in parties), 0)
    kinds = dict.fromkeys(members, "")
    named = {firm.name for firm in NAMED_IMPORTERS}
    booked = economy.ledger.parties_of_members(economy.chip_importers)
    for party, count in zip(*np.unique(booked, return_counts=True), strict=True):
        name = parties[int(party)].name
        if name not in named:
            members[name], kinds[name] = int(count), "chip importers"
    types = np.bincount(economy.investors.columns["type"], minlength=len(TYPE_PARTIES))
    for name, count in zip(TYPE_PARTIES, types.tolist(), strict=True):
        members[name], kinds[name] = members[name] + int(count), "investors"
    members[FIRMS], kinds[FIRMS] = len(economy.adopters), "adopting firms"
    tiers = {supplier.name: str(supplier.tier) for supplier in economy.suppliers} | _ROLE_OF_IMPORTER
    return pd.DataFrame(
        {
            "name": [party.name for party in parties],
            "label": [party.label or words(party.name) for party in parties],
            "sector": [party.sector.value for party in parties],
            "tier": [tiers.get(party.name, "institution") for party in parties],
            "members": list(members.values()),
            "member_kind": list(kinds.values()),
        }
    )


def make_scene(parties: pd.DataFrame, graph: pd.DataFrame) -> Scene:
    """The scene of a table of :func:`party_table` and one of :func:`itcho.model.measure.tables.graph_table`."""
    rows: list[Any] = list(parties.fillna({"member_kind": ""}).itertuples(index=False))
    columns = [column_of(row.name, row.tier) for row in rows]
    nodes = tuple(
        Node(
            number, row.name, shown_label(row.name, row.label), row.sector, row.tier, column, int(row.members),
            row.member_kind, x, y,
        )
        for number, (row, column, (x, y)) in enumerate(zip(rows, columns, places(columns), strict=True))
    )  # fmt: skip
    id_of = {node.key: node.id for node in nodes}
    links: list[Link] = []
    left: dict[str, int] = {}
    for source, target, kind, edges in graph[["source", "target", "kind", "edges"]].itertuples(index=False, name=None):
        if source in id_of and target in id_of:
            links.append(Link(id_of[source], id_of[target], kind, int(edges)))
        else:
            for name in {source, target} - set(id_of):
                left[name] = left.get(name, 0) + int(edges)
    return Scene(nodes, _not_drawn(nodes, left), tuple(links))


def _not_drawn(nodes: Sequence[Node], left: Mapping[str, int]) -> tuple[str, ...]:
    groups: dict[str, list[Node]] = {}
    for node in nodes:
        if node.members:
            groups.setdefault(node.member_kind, []).append(node)
    said = [
        f"{sum(node.members for node in held):,} {kind} are booked together in {len(held)} "
        f"node{'s' if len(held) > 1 else ''} and drawn as density."
        for kind, held in groups.items()
    ]
    if left:
        said.append(
            f"{len(left)} makers in Japan and rivals abroad of the graph, with {sum(left.values())} edges, have no "
            "accounts here and are not drawn."
        )
    return tuple(said)


def scene_of(economy: JapanEconomy) -> Scene:
    """The scene of a living economy."""
    return make_scene(party_table(economy), graph_table(economy.world))


def frame_of(economy: JapanEconomy, scene: Scene) -> Frame:
    """The last closed month of a living economy; before the first month, balance sheets without flows."""
    ledger = economy.ledger
    node_of_party = np.array([scene.id_of.get(party.name, -1) for party in ledger.parties])
    assets = np.maximum(ledger.positions, 0.0).sum(axis=0)
    size = np.zeros(len(scene.nodes))
    size[node_of_party[node_of_party >= 0]] = assets[node_of_party >= 0]
    month = economy.clock.date.isoformat()
    headline = _headline(economy.outcomes)
    if not ledger.history:
        nothing = np.empty(0, np.int64)
        return Frame(month, size, (), nothing, nothing, nothing, np.empty(0), headline)
    payer, payee, purpose, instrument, amount = ledger.history[-1].edges
    if ledger.keep_member_edges:
        return _frame_of_table(scene, economy, size, headline)
    names = (*ledger.instruments, "deposits")
    code = purpose * len(names) + instrument % len(names)
    codes, flow = np.unique(code, return_inverse=True)
    flows = tuple(
        _flow(names[what], ledger.purposes[why])
        for why, what in zip((codes // len(names)).tolist(), (codes % len(names)).tolist(), strict=True)
    )
    source, target = node_of_party[payer], node_of_party[payee]
    seen = (source >= 0) & (target >= 0)
    return Frame(month, size, flows, source[seen], target[seen], flow[seen], amount[seen], headline, int((~seen).sum()))


def _frame_of_table(
    scene: Scene, economy: JapanEconomy, size: NDArray[np.float64], headline: Mapping[str, float]
) -> Frame:
    """The last month of an economy that keeps members' edges, booked by party again."""
    table = economy.edge_table(full=True)
    date = economy.records.dates[-1]
    last = table[table["month"] == date]
    party = {
        economy.chip_importers.name_of_row(row): economy.ledger.parties[int(place)].name
        for row, place in enumerate(economy.ledger.parties_of_members(economy.chip_importers))
    }
    return frames_of_edges(scene, by_party(last, party), {date: size}, {date: headline})[0]


def by_party(edges: pd.DataFrame, party_of_member: Mapping[str, str]) -> pd.DataFrame:
    """Edges that name members, summed under the parties that members are booked under."""
    sides = {side: edges[side].map(lambda name: party_of_member.get(name, name)) for side in ("payer", "payee")}
    keys = ["month", "payer", "payee", "instrument", "purpose"]
    return edges.assign(**sides).groupby(keys, sort=False)["amount_trn_yen"].sum().reset_index()


def frames_of_edges(
    scene: Scene,
    edges: pd.DataFrame,
    sizes: Mapping[str, NDArray[np.float64]],
    headlines: Mapping[str, Mapping[str, float]],
) -> list[Frame]:
    """Frames of a table of edges, one for each month that ``sizes`` holds, in its order.

    Parameters
    ----------
    edges : as ``edges.csv``, by party.
    sizes : (nodes,) financial assets by month.
    headlines : outcomes by month.
    """
    source = edges["payer"].map(scene.id_of).fillna(-1).to_numpy(dtype=np.int64)
    target = edges["payee"].map(scene.id_of).fillna(-1).to_numpy(dtype=np.int64)
    instruments, instrument_names = pd.factorize(edges["instrument"])
    purposes, purpose_names = pd.factorize(edges["purpose"])
    codes, flow = np.unique(purposes * (len(instrument_names) or 1) + instruments, return_inverse=True)
    flows = tuple(
        _flow(str(instrument_names[code % len(instrument_names)]), str(purpose_names[code // len(instrument_names)]))
        for code in codes.tolist()
    )
    amount = edges["amount_trn_yen"].to_numpy(dtype=np.float64)
    rows_of: dict[Any, Any] = edges.groupby("month", sort=False).indices
    frames = []
    for month, size in sizes.items():
        rows = rows_of.get(month, np.empty(0, np.int64))
        seen = rows[(source[rows] >= 0) & (target[rows] >= 0)]
        frames.append(
            Frame(
                month,
                size,
                flows,
                source[seen],
                target[seen],
                flow[seen],
                amount[seen],
                headlines.get(month, {}),
                len(rows) - len(seen),
            )
        )
    return frames


def _flow(instrument: str, purpose: str) -> tuple[str, str, str]:
    return instrument, purpose, layer_of(instrument, purpose)


def _headline(outcomes: Mapping[str, float]) -> dict[str, float]:
    return {name: float(outcomes[name]) for name in HEADLINE if name in outcomes and np.isfinite(outcomes[name])}
