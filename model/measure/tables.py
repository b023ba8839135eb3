"""What a run leaves behind: tables of outcomes, prices, attribution, flows and edges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from itcho.agents.errors import InputError
from itcho.agents.population import MemberRows
from itcho.agents.vocabulary import Sector
from itcho.model.finance.foreign_exchange import ATTRIBUTION
from itcho.model.finance.sessions import DAILY_COLUMNS
from itcho.model.ledger.ledger import Ledger
from itcho.model.ledger.records import MemberEdges
from itcho.model.month_records import SessionPrices
from itcho.model.world import World

if TYPE_CHECKING:
    import networkx
    from pandas import DataFrame

Cells: TypeAlias = NDArray[np.object_] | NDArray[np.float64]


class Records:
    """Monthly and daily figures, kept as plain lists until a table is asked for."""

    def __init__(self) -> None:
        self.dates: list[str] = []
        self.outcomes: list[dict[str, float]] = []
        self.prices: list[SessionPrices] = []
        self.attribution: list[list[float]] = []

    def add(self, date: str, outcomes: dict[str, float], prices: SessionPrices, parts: Mapping[str, float]) -> None:
        """Keep the month just closed.

        Parameters
        ----------
        date : of its end.
        parts : log points of USD/JPY by who moved it.
        """
        self.dates.append(date)
        self.outcomes.append(outcomes)
        self.prices.append(prices)
        self.attribution.append(list(parts.values()))

    def forget_months_after(self, closed: int) -> None:
        """Let go of months after so many."""
        del self.dates[closed:], self.outcomes[closed:], self.prices[closed:], self.attribution[closed:]

    def monthly_table(self) -> DataFrame:
        """One row a month: ``month`` (ISO date of its end), then the outcomes."""
        import pandas as pd

        table = pd.DataFrame(self.outcomes)
        table.insert(0, "month", self.dates)
        return table

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


def graph_with_flows(world: World) -> networkx.Graph:
    """The supply chain as a networkx graph; payments of the last month between named nodes are on their edges."""
    graph = replace(
        world.supply_graph, adopter_supplier=world.adopters.columns["supplier"].astype(np.int32)
    ).to_networkx()
    if not world.ledger.history:
        return graph
    number = {data["name"]: node for node, data in graph.nodes(data=True)}
    payer, payee, _, _, amount = world.ledger.history[-1].edges
    names = [party.name for party in world.ledger.parties]
    for source, target, value in zip(payer.tolist(), payee.tolist(), amount.tolist(), strict=True):
        buyer, seller = number.get(names[source]), number.get(names[target])
        if buyer is None or seller is None:
            continue
        for edge in ((seller, buyer), (buyer, seller)):
            if graph.has_edge(*edge):
                graph.edges[edge]["flow_trn_yen"] = graph.edges[edge].get("flow_trn_yen", 0.0) + value
                break
    return graph
