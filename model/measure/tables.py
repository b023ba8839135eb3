"""What a run leaves behind: tables of outcomes, prices, attribution, flows and edges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from itcho.agents.decisions import DECISION_COLUMNS, Decision
from itcho.agents.errors import InputError
from itcho.agents.named_importers import IMPORTER_LABELS
from itcho.agents.population import MemberRows
from itcho.agents.vocabulary import Sector
from itcho.model.chips.compiled_graph import label_of
from itcho.model.chips.edge_kinds import IMPORTER_TIERS, KINDS, kind_of
from itcho.model.finance.foreign_exchange import ATTRIBUTION
from itcho.model.finance.sessions import DAILY_COLUMNS
from itcho.model.ledger.ledger import Ledger
from itcho.model.ledger.records import MemberEdges
from itcho.model.month_records import SessionPrices
from itcho.model.world import World

if TYPE_CHECKING:
    import networkx
    from pandas import DataFrame

Codes: TypeAlias = NDArray[np.int64]
Cells: TypeAlias = NDArray[np.object_] | NDArray[np.float64]


class Records:
    """Monthly and daily figures, kept as plain lists until a table is asked for."""

    def __init__(self) -> None:
        self.dates: list[str] = []
        self.outcomes: list[dict[str, float]] = []
        self.prices: list[SessionPrices] = []
        self.attribution: list[list[float]] = []
        self.decisions: list[Sequence[Decision]] = []

    def add(
        self,
        date: str,
        outcomes: dict[str, float],
        prices: SessionPrices,
        parts: Mapping[str, float],
        decisions: Sequence[Decision] = (),
    ) -> None:
        """Keep the month just closed.

        Parameters
        ----------
        date : of its end.
        parts : log points of USD/JPY by who moved it.
        decisions : of the agents.
        """
        self.dates.append(date)
        self.outcomes.append(outcomes)
        self.prices.append(prices)
        self.attribution.append(list(parts.values()))
        self.decisions.append(decisions)

    def forget_months_after(self, closed: int) -> None:
        """Let go of months after so many."""
        del self.dates[closed:], self.outcomes[closed:], self.prices[closed:], self.attribution[closed:]
        del self.decisions[closed:]

    def monthly_table(self) -> DataFrame:
        """One row a month: ``month`` (ISO date of its end), then the outcomes."""
        import pandas as pd

        table = pd.DataFrame(self.outcomes)
        table.insert(0, "month", self.dates)
        return table

    def decision_table(self) -> DataFrame:
        """One row a decision, with :data:`itcho.agents.decisions.DECISION_COLUMNS`."""
        import pandas as pd

        rows = [decision.row() for month in self.decisions for decision in month]
        return pd.DataFrame(rows, columns=list(DECISION_COLUMNS))

    def daily_table(self) -> DataFrame:
        """One row a session: ``month``, ``session`` (1 to 21), then prices."""
        import pandas as pd

        blocks = [np.column_stack([p.usdjpy, p.equity, p.softbank, p.world, p.jgb_10y]) for p in self.prices]
        count = len(blocks[0]) if blocks else 0
        table = pd.DataFrame(np.vstack(blocks) if blocks else np.empty((0, 5)), columns=list(DAILY_COLUMNS))
        table.insert(0, "session", list(range(1, count + 1)) * len(blocks))
        table.insert(0, "month", [date for date in self.dates for _ in range(count)])
        return table

    def fx_attribution(self) -> DataFrame:
        """One row a month: ``month``, then log points of USD/JPY by who moved it; a row adds to the month's change."""
        import pandas as pd

        table = pd.DataFrame(self.attribution, columns=list(ATTRIBUTION))
        table.insert(0, "month", self.dates)
        return table


def flow_table(dates: Sequence[str], ledger: Ledger) -> DataFrame:
    """The flow matrix by month: ``month, kind, row, sector, amount_trn_yen`` (receipts and purchases positive)."""
    import pandas as pd

    sectors = [sector.value for sector in Sector]
    place = np.array([sectors.index(party.sector.value) for party in ledger.parties])
    to_sector = np.zeros((len(ledger.parties), len(sectors)))
    to_sector[np.arange(len(place)), place] = 1.0
    columns: dict[str, list[object]] = {"month": [], "kind": [], "row": [], "sector": [], "amount_trn_yen": []}
    for date, month in zip(dates, ledger.history, strict=True):
        parts = (
            ("current", month.current, ledger.purposes),
            ("financial", month.financial, ledger.instruments),
            ("revaluation", month.revaluation, ledger.instruments),
        )
        for kind, matrix, names in parts:
            sums = matrix @ to_sector
            rows, cells = np.nonzero(sums)
            columns["month"].extend([date] * rows.size)
            columns["kind"].extend([kind] * rows.size)
            columns["row"].extend(names[row] for row in rows.tolist())
            columns["sector"].extend(sectors[cell] for cell in cells.tolist())
            columns["amount_trn_yen"].extend(sums[rows, cells].tolist())
    return pd.DataFrame(columns)


def edge_table(dates: Sequence[str], ledger: Ledger, full: bool = False) -> DataFrame:
    """Who paid whom: ``month, payer, payee, instrument, purpose, amount_trn_yen``.

    With ``full``, chip importers appear one by one; the economy must have been built with ``member_edges=True``.

    Raises
    ------
    InputError : members are asked for and were not kept.

    In a trade the payer is the buyer and the instrument is what changed hands; a payment's instrument is ``deposits``.
    Anonymous members are summed by role or type.
    """
    import pandas as pd

    names = np.array([party.name for party in ledger.parties], dtype=object)
    purposes = np.array(ledger.purposes, dtype=object)
    instruments = np.array([*ledger.instruments, "deposits"], dtype=object)
    parts: list[list[Cells]] = [[], [], [], [], [], []]
    if full and not ledger.keep_member_edges:
        raise InputError(["members' edges were not kept: build the economy with member_edges=True"])
    by_month: dict[int, list[MemberEdges]] = {}
    for posting in ledger.member_edges:
        by_month.setdefault(posting.month, []).append(posting)
    for index, (date, month) in enumerate(zip(dates, ledger.history, strict=True)):
        for posting in by_month.get(index, []):
            for part, values in zip(parts, _member_block(date, posting, instruments, purposes), strict=True):
                part.append(values)
        payer, payee, purpose, instrument, amount = month.edges
        block = (
            np.full(payer.size, date, dtype=object),
            names[payer],
            names[payee],
            instruments[instrument],
            purposes[purpose],
            amount,
        )
        for part, values in zip(parts, block, strict=True):
            part.append(values)
    columns = ("month", "payer", "payee", "instrument", "purpose", "amount_trn_yen")
    empty = np.empty(0, dtype=object)
    return pd.DataFrame(
        {name: np.concatenate(part) if part else empty for name, part in zip(columns, parts, strict=True)}
    )


def _member_block(date: str, posting: MemberEdges, instruments: Cells, purposes: Cells) -> tuple[Cells, ...]:
    """Columns of the edge table for one vectorised posting, without members that paid nothing."""
    used = np.flatnonzero(posting.amounts)
    backwards = posting.amounts[used] < 0.0
    payer, payee = _side_names(posting.payer, used), _side_names(posting.payee, used)
    return (
        np.full(used.size, date, dtype=object),
        np.where(backwards, payee, payer),
        np.where(backwards, payer, payee),
        np.full(used.size, instruments[posting.instrument], dtype=object),
        np.full(used.size, purposes[posting.purpose], dtype=object),
        np.abs(posting.amounts[used]),
    )


def _side_names(side: str | MemberRows, used: NDArray[np.int64]) -> Cells:
    if isinstance(side, str):
        return np.full(used.size, side, dtype=object)
    rows = np.arange(len(side.population))[side.rows][used]
    return np.array([side.population.name_of_row(int(row)) for row in rows], dtype=object)


def graph_with_flows(world: World) -> networkx.MultiDiGraph:
    """A copy of the graph; edges have ``layer`` and ``kind``, and the payments of the last month that lie on them.

    Those of anonymous importers lie on the edges of the name under which they are booked.
    """
    graph = world.supply_graph.network.copy()
    for _, _, kind, data in graph.edges(keys=True, data=True):
        data["kind"], data["layer"], data["flow_trn_yen"] = kind, KINDS[kind].layer, 0.0
    for source, target, kind, value in _payments(world):
        ends = edge_of(graph, source, target, kind)
        if ends is not None:
            graph.edges[ends]["flow_trn_yen"] += value
    return graph


def graph_with_members(world: World) -> networkx.MultiDiGraph:
    """:func:`graph_with_flows` with adopters, the edges among them and their contracts."""
    graph, plain = graph_with_flows(world), world.supply_graph
    codes = world.adopters.columns["supplier"].astype(np.int32)
    sizes = plain.adopter_size.tolist()
    contracts = [(name, f"adopter_{row}", sizes[row]) for row, name in enumerate(plain.supplier_names(codes)) if name]
    members = plain.with_members(contracts)
    members.add_edges_from(graph.edges(keys=True, data=True))
    return members


def _payments(world: World) -> Iterator[tuple[str, str, str, float]]:
    """Payer, payee, kind and amount of each payment of the last month; members that are kept by name are named."""
    ledger = world.ledger
    if not ledger.history:
        return
    instruments, names = [*ledger.instruments, "deposits"], [party.name for party in ledger.parties]
    month = len(ledger.history) - 1
    for posting in ledger.member_edges:
        if posting.month == month:
            columns = _member_block(
                "", posting, np.array(instruments, dtype=object), np.array(ledger.purposes, dtype=object)
            )
            for _, payer, payee, instrument, purpose, amount in zip(*columns, strict=True):
                yield str(payer), str(payee), kind_of(str(instrument), str(purpose)), float(amount)
    for payer, payee, purpose, instrument, amount in zip(
        *(codes.tolist() for codes in ledger.history[-1].edges), strict=True
    ):
        yield names[payer], names[payee], kind_of(instruments[instrument], ledger.purposes[purpose]), amount


def edge_of(graph: networkx.MultiDiGraph, payer: str, payee: str, kind: str) -> tuple[str, str, str] | None:
    """The edge on which a payment lies, in either direction, or None.

    Anonymous importers have the edges of the name under which they are booked beside their own, and that name has
    theirs.
    """
    # Interest on debt of all forms is one payment.
    for one in ("loans", "bonds", "margin_loans") if kind == "loans" else (kind,):
        for source, target in ((payer, payee), (payee, payer)):
            for giver, taker in product(_also(graph, source), _also(graph, target)):
                if graph.has_edge(giver, taker, one):
                    return giver, taker, one
    return None


def _also(graph: networkx.MultiDiGraph, name: str) -> tuple[str, ...]:
    """A name, and that under which it is booked."""
    if name not in graph or name in _NAMED or graph.nodes[name]["tier"] not in IMPORTER_TIERS:
        return (name,)
    return name, label_of(name, IMPORTER_TIERS.index(graph.nodes[name]["tier"]))


_NAMED = frozenset(IMPORTER_LABELS)


def payments_off_edges(world: World) -> DataFrame:
    """Payments of the last month that lie on no edge of their kind: ``payer, payee, kind, amount_trn_yen``.

    Goods that were under way when their edge was cut lie on it until they have come.
    """
    import pandas as pd

    graph, off = world.supply_graph.network, []
    by_members = {"chips": _chip_pairs(world), "compute": _compute_pairs(world)}
    for payer, payee, kind, amount in _payments(world):
        if edge_of(graph, payer, payee, kind) is None and (payee, payer) not in by_members.get(kind, ()):
            off.append((payer, payee, kind, amount))
    return pd.DataFrame(off, columns=["payer", "payee", "kind", "amount_trn_yen"])


def _chip_pairs(world: World) -> set[tuple[str, str]]:
    """Sellers and buyers of chips, under their own names and those under which they are booked."""
    edges, importers = world.chip_tiers.edges, world.chip_importers
    names = [importers.name_of_row(row) for row in range(len(importers))]
    booked = [world.ledger.parties[place].name for place in world.ledger.parties_of_members(importers).tolist()]
    designers = [world.suppliers[row].name for row in edges.designer_row.tolist()]
    pairs: set[tuple[str, str]] = set()
    for seller, buyer in zip(edges.seller.tolist(), edges.buyer.tolist(), strict=True):
        place = seller - len(designers)
        sellers = (
            {designers[seller]} if place < 0 else {called[edges.distributor_row[place]] for called in (names, booked)}
        )
        pairs |= set(product(sellers, (names[buyer], booked[buyer])))
    return pairs


def _compute_pairs(world: World) -> set[tuple[str, str]]:
    """Clouds and developers on the edges of rented compute, under their own names and those of their bookings."""
    links, importers = world.chip_market.links.compute, world.chip_importers
    booked = [world.ledger.parties[place].name for place in world.ledger.parties_of_members(importers).tolist()]
    pairs: set[tuple[str, str]] = set()
    for developer, cloud in zip(links.developer.tolist(), links.cloud.tolist(), strict=True):
        ends = [(importers.name_of_row(row), booked[row]) for row in (cloud, developer)]
        pairs |= set(product(*ends))
    return pairs


def graph_table(world: World) -> DataFrame:
    """The graph by party: ``source, target, kind, layer, edges, share``, without the accounts of the whole economy.

    Anonymous importers are one for each role, as the ledger books them: ``edges`` is how many edges there are between
    two parties, and ``share`` their mean share.
    """
    import pandas as pd

    graph = world.supply_graph.network
    found: dict[tuple[str, str, str], tuple[int, float]] = {}
    for source, target, kind, share in graph.edges(keys=True, data="share"):
        if KINDS[kind].movable:
            place = _also(graph, source)[-1], _also(graph, target)[-1], kind
            edges, total = found.get(place, (0, 0.0))
            found[place] = edges + 1, total + share
    rows = [(*place, KINDS[place[2]].layer, edges, total / edges) for place, (edges, total) in sorted(found.items())]
    return pd.DataFrame(rows, columns=["source", "target", "kind", "layer", "edges", "share"])
