"""What a run leaves behind: tables of outcomes, prices, attribution, flows and edges, and the way back to a month."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from itcho.agents.errors import InputError
from itcho.agents.vocabulary import Sector
from itcho.model.markets.foreign_exchange import ATTRIBUTION
from itcho.model.sessions import DAILY_COLUMNS


class Records:
    """Monthly and daily figures, kept as plain lists until a table is asked for."""

    def __init__(self) -> None:
        self.dates: list[str] = []
        self.outcomes: list[dict[str, float]] = []
        self.prices: list[Any] = []
        self.attribution: list[list[float]] = []
        self.changes: list[float] = []

    def add(self, economy: Any) -> None:
        """Keep the month just closed."""
        self.dates.append(economy.clock.date.isoformat())
        self.outcomes.append(economy.outcomes)
        self.prices.append(economy.prices)
        self.attribution.append(list(economy.foreign_exchange.parts.values()))

    def monthly_table(self) -> Any:
        """One row a month: ``month`` (ISO date of its end), then the outcomes."""
        import pandas as pd

        table = pd.DataFrame(self.outcomes)
        table.insert(0, "month", self.dates)
        return table

    def daily_table(self) -> Any:
        """One row a session: ``month``, ``session`` (1 to 21), then prices."""
        import pandas as pd

        blocks = [np.column_stack([p.usdjpy, p.equity, p.softbank, p.world, p.jgb_10y]) for p in self.prices]
        count = len(blocks[0]) if blocks else 0
        table = pd.DataFrame(np.vstack(blocks) if blocks else np.empty((0, 5)), columns=list(DAILY_COLUMNS))
        table.insert(0, "session", list(range(1, count + 1)) * len(blocks))
        table.insert(0, "month", [date for date in self.dates for _ in range(count)])
        return table

    def fx_attribution(self) -> Any:
        """One row a month: ``month``, then log points of USD/JPY by who moved it; a row adds to the month's change."""
        import pandas as pd

        table = pd.DataFrame(self.attribution, columns=list(ATTRIBUTION))
        table.insert(0, "month", self.dates)
        return table


def flow_table(economy: Any) -> Any:
    """The flow matrix by month: ``month, kind, row, sector, amount_trn_yen`` (receipts and purchases positive)."""
    import pandas as pd

    ledger = economy.ledger
    sectors = [sector.value for sector in Sector]
    place = np.array([sectors.index(party.sector.value) for party in ledger.parties])
    to_sector = np.zeros((len(ledger.parties), len(sectors)))
    to_sector[np.arange(len(place)), place] = 1.0
    columns: dict[str, list[Any]] = {"month": [], "kind": [], "row": [], "sector": [], "amount_trn_yen": []}
    for date, month in zip(economy.records.dates, ledger.history, strict=True):
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


def edge_table(economy: Any, full: bool = False) -> Any:
    """Who paid whom: ``month, payer, payee, instrument, purpose, amount_trn_yen``.

    With ``full``, chip importers appear one by one; the economy must have been built with ``member_edges=True``.

    Raises
    ------
    InputError : members are asked for and were not kept.

    In a trade the payer is the buyer and the instrument is what changed hands; a payment's instrument is ``deposits``.
    Anonymous members are summed by role or type.
    """
    import pandas as pd

    ledger = economy.ledger
    names = np.array([party.name for party in ledger.parties], dtype=object)
    purposes = np.array(ledger.purposes, dtype=object)
    instruments = np.array([*ledger.instruments, "deposits"], dtype=object)
    parts: list[list[Any]] = [[], [], [], [], [], []]
    if full and not ledger.keep_member_edges:
        raise InputError(["members' edges were not kept: build the economy with member_edges=True"])
    by_month: dict[int, list[Any]] = {}
    for posting in ledger.member_edges:
        by_month.setdefault(posting.month, []).append(posting)
    for index, (date, month) in enumerate(zip(economy.records.dates, ledger.history, strict=True)):
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


def _member_block(date: str, posting: Any, instruments: Any, purposes: Any) -> tuple[Any, ...]:
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


def _side_names(side: Any, used: Any) -> Any:
    if isinstance(side, str):
        return np.full(used.size, side, dtype=object)
    rows = np.arange(len(side.population))[side.rows][used]
    return np.array([side.population.name_of_row(int(row)) for row in rows], dtype=object)


def graph_with_flows(economy: Any) -> Any:
    """The supply chain as a networkx graph; payments of the last month between named nodes are on their edges."""
    economy.supply_graph.adopter_supplier = economy.adopters.columns["supplier"]
    graph = economy.supply_graph.to_networkx()
    if not economy.ledger.history:
        return graph
    number = {data["name"]: node for node, data in graph.nodes(data=True)}
    payer, payee, _, _, amount = economy.ledger.history[-1].edges
    names = [party.name for party in economy.ledger.parties]
    for source, target, value in zip(payer.tolist(), payee.tolist(), amount.tolist(), strict=True):
        buyer, seller = number.get(names[source]), number.get(names[target])
        if buyer is None or seller is None:
            continue
        for edge in ((seller, buyer), (buyer, seller)):
            if graph.has_edge(*edge):
                graph.edges[edge]["flow_trn_yen"] = graph.edges[edge].get("flow_trn_yen", 0.0) + value
                break
    return graph


_SAVED = (
    "scenario",
    "policy",
    "start",
    "seed",
    "months",
    "investors",
    "importers",
    "adopters",
    "parameters",
    "without",
    "noise",
    "dated_events",
)


def save(economy: Any, path: Path) -> None:
    """Write the arguments and the month of ``economy`` as JSON, through a temporary name.

    Raises
    ------
    InputError : the policy, the scenario or an agent is the user's own, which has no name to come back to.
    """
    from itcho.model.policies import POLICIES
    from itcho.model.scenarios import SCENARIOS

    if POLICIES.get(economy.policy.name) != economy.policy or SCENARIOS.get(economy.scenario.name) != economy.scenario:
        raise InputError(["only economies with a named scenario and policy can be saved"])
    if economy.added_agents:
        raise InputError(["an economy with added agents cannot be saved: run it again to the month you want"])
    content = dict(
        zip(
            _SAVED,
            (
                economy.scenario.name,
                economy.policy.name,
                economy.start_state.name,
                economy.seed,
                len(economy.ledger.history),
                len(economy.investors),
                len(economy.chip_importers),
                len(economy.adopters),
                {name: pair[1] for name, pair in economy.parameters.differences().items()},
                sorted(economy.without),
                not economy.streams.noise_off,
                economy.dated_events,
            ),
            strict=True,
        )
    )
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("w") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def load(kind: type, path: Path) -> Any:
    """Run an economy again to the month at which it was saved.

    Raises
    ------
    InputError : the file is missing or is no saved economy.
    """
    try:
        content = json.loads(path.read_text())
        months = int(content.pop("months"))
        seed = content.pop("seed")
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise InputError([f"{path} is no saved economy: {error}"]) from error
    economy = kind(rng=seed, **content)
    for _ in range(months):
        economy.step()
    return economy
