"""The months that a live view has played: what was paid, held and decided in each, to be shown again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from itcho.agents.decisions import Decision
from itcho.agents.vocabulary import BANKS, LOANS
from itcho.experiments.view.frames import Scene
from itcho.experiments.view.kinds import layer_of
from itcho.experiments.view.report_decisions import lanes_of_month, limit_label, limits_in, nodes_of_agent

if TYPE_CHECKING:
    from itcho.model.economy import JapanEconomy

SPANS = ("month", "year", "all")
"""What a picture sums: the month, the fiscal year to date, all months since the opening."""
_NODES, _FLOWS = 1 << 12, 1 << 16
_ROUNDING_TRN_YEN = 1e-10
"""Differences of sums below a hundred yen are rounding."""


@dataclass(frozen=True)
class Payments:
    """Sums by payer, payee and flow.

    Attributes
    ----------
    codes : (edges,) sorted; each holds a flow and two nodes.
    amounts : (edges,) trillion yen.
    """

    codes: NDArray[np.int64]
    amounts: NDArray[np.float64]

    @classmethod
    def none(cls) -> Payments:
        """No payment."""
        return cls(np.empty(0, np.int64), np.empty(0))

    def plus(self, other: Payments, sign: float = 1.0) -> Payments:
        """Both together, the other one times ``sign``."""
        codes, place = np.unique(np.concatenate([self.codes, other.codes]), return_inverse=True)
        return Payments(codes, _sums(place, np.concatenate([self.amounts, sign * other.amounts]), len(codes)))


def _sums(place: NDArray[np.int64], amounts: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """(count,) sums of the amounts at each place."""
    found = np.zeros(count)
    np.add.at(found, place, amounts)
    return found


class MonthsPlayed:
    """The months of one world, the opening first.

    Parameters
    ----------
    scene : whose nodes payments are told of.
    flows : numbers of pairs (instrument, purpose), shared by the worlds that are compared.
    """

    def __init__(self, scene: Scene, flows: dict[tuple[str, str], int]) -> None:
        self.scene, self.flows = scene, flows
        self.positions: list[NDArray[np.float64]] = []
        self._sums: list[Payments] = []
        self._lanes: list[list[dict[str, Any]]] = []
        self._limits: list[list[tuple[int, dict[str, str]]]] = []

    def add(self, economy: JapanEconomy) -> None:
        """Keep the last closed month; before the first one, the opening."""
        ledger = economy.ledger
        self.positions.append(ledger.positions.copy())
        if not ledger.history:
            self._sums.append(Payments.none())
            self._lanes.append([])
            self._limits.append([])
            return
        self._sums.append(self._sums[-1].plus(self._payments(economy)))
        records = economy.records.decisions[-1]
        self._lanes.append(_lanes_of_month(economy, records))
        marks = {
            (node, name): limit_label(name)
            for one in records
            for name in limits_in(one.bound_by)
            for node in nodes_of_agent(self.scene, one.agent)
        }
        self._limits.append([(node, label) for (node, _), label in marks.items()])

    def _payments(self, economy: JapanEconomy) -> Payments:
        """The last month's edges between nodes of the scene."""
        ledger = economy.ledger
        node = np.array([self.scene.id_of.get(party.name, -1) for party in ledger.parties])
        payer, payee, purpose, instrument, amount = (np.asarray(column) for column in ledger.history[-1].edges)
        names = (*ledger.instruments, "deposits")
        pairs, which = np.unique(purpose * len(names) + instrument % len(names), return_inverse=True)
        flow = np.array(
            [
                self.flows.setdefault((names[pair % len(names)], ledger.purposes[pair // len(names)]), len(self.flows))
                for pair in pairs.tolist()
            ],
            dtype=np.int64,
        )
        source, target = node[payer], node[payee]
        seen = (source >= 0) & (target >= 0)
        codes = (source * _NODES + target)[seen] * _FLOWS + flow[which][seen]
        unique, place = np.unique(codes, return_inverse=True)
        return Payments(unique, _sums(place, np.asarray(amount)[seen], len(unique)))

    def between(self, first: int, last: int) -> Payments:
        """What was paid from one month to another, both included; month 0 is the opening."""
        if last == 0:
            return Payments.none()
        return self._sums[last].plus(self._sums[max(0, first - 1)], -1.0)

    def size(self, place: int, parties: Sequence[str]) -> NDArray[np.float64]:
        """(nodes,) financial assets at the end of a month, trillion yen."""
        assets = np.maximum(self.positions[place], 0.0).sum(axis=0)
        found = np.zeros(len(self.scene.nodes))
        for column, name in enumerate(parties):
            if (node := self.scene.id_of.get(name)) is not None:
                found[node] = assets[column]
        return found

    def lanes(self) -> dict[str, list[list[Any]]]:
        """For each lane its events so far: the month's place, and who it met."""
        found: dict[str, list[list[Any]]] = {}
        for place, month in enumerate(self._lanes):
            for lane in month:
                if lane["events"]:
                    found.setdefault(lane["name"], []).append([place, [event[1] for event in lane["events"]]])
        return found

    def events(self, place: int, lane: str) -> list[list[Any]]:
        """Events of a lane in a month, as :func:`itcho.experiments.view.report_decisions.lanes` gives them."""
        return next((one["events"] for one in self._lanes[place] if one["name"] == lane), [])

    def limits(self, place: int) -> list[tuple[int, dict[str, str]]]:
        """Nodes at which a limit binds in a month, and its name by language."""
        return self._limits[place]

    def flow_list(self) -> list[tuple[str, str, str]]:
        """Instrument, purpose and layer of each number of a flow."""
        return [(*pair, layer_of(*pair)) for pair in self.flows]


def frame(
    payments: Payments, size: NDArray[np.float64], month: str, flows: Sequence[tuple[str, str, str]], signed: bool
) -> dict[str, Any]:
    """As the page reads it; an edge is ``[source, target, flow, amount]``."""
    kept = np.abs(payments.amounts) > (_ROUNDING_TRN_YEN if signed else 1e-13)
    rest, flow = np.divmod(payments.codes[kept], _FLOWS)
    source, target = np.divmod(rest, _NODES)
    used, place = np.unique(flow, return_inverse=True)
    amounts = [float(f"{amount:.7g}") for amount in payments.amounts[kept].tolist()]
    edges = zip(source.tolist(), target.tolist(), place.tolist(), amounts, strict=True)
    return {
        "month": month,
        "size": [float(f"{one:.5g}") for one in size.tolist()],
        "flows": [list(flows[one]) for one in used.tolist()],
        "edges": [list(edge) for edge in edges],
        "signed": signed,
    }


def _lanes_of_month(economy: JapanEconomy, records: Sequence[Decision]) -> list[dict[str, Any]]:
    """The lanes' events of the last month."""
    ledger, month = economy.ledger, economy.records.dates[-1]
    purposes = {ledger.purposes[number] for number in np.unique(np.asarray(ledger.history[-1].edges[2])).tolist()}
    row, banks = list(ledger.instruments).index(LOANS), ledger.party_index[BANKS]
    return lanes_of_month(records, month, purposes, -float(ledger.history[-1].revaluation[row, banks]))
