"""What a start state is: positions, the flows of the year before, facts and dated events."""

from __future__ import annotations

import datetime
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import cast

import numpy as np
import numpy.typing as npt

from itcho.agents.errors import InputError, nearest_names
from itcho.agents.vocabulary import CORE_PARTIES, INSTRUMENTS, Sector
from itcho.model.parameters import Parameters

AI_FIRMS = "ai_firms"
"""All chip importers together; the economy shares this party's positions out among them."""
PARTIES: tuple[str, ...] = (*(party.name for party in CORE_PARTIES), AI_FIRMS)
SECTOR_OF_PARTY: dict[str, Sector] = {party.name: party.sector for party in CORE_PARTIES} | {AI_FIRMS: Sector.AI_FIRMS}
FLOW_SECTORS = (
    "households",
    "firms",
    "ai_firms",
    "softbank_group",
    "government",
    "bank_of_japan",
    "banks",
    "investors",
    "rest_of_world",
)
MARKET = "market"
INSTRUMENT_ROWS = {name: row for row, name in enumerate(INSTRUMENTS)}
PARTY_COLUMNS = {name: column for column, name in enumerate(PARTIES)}


@dataclass(frozen=True, slots=True)
class FlowRow:
    """One flow of the fiscal year before the start, trillion yen; a negative value runs the other way."""

    flow: str
    payer: str
    payee: str
    value_trn_yen: float
    basis: str
    publisher: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One number known at the start date."""

    name: str
    value: float
    unit: str
    publisher: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something already announced at the start date that takes effect on a day."""

    date: datetime.date
    event: str
    value: float
    unit: str
    publisher: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A registered parameter as it stood, or could be known, at the start date.

    Attributes
    ----------
    name, value, unit : of the parameter.
    low, high : how far it may have been from that; None where nobody has said.
    basis, publisher : how it is known, and from whom.
    """

    name: str
    value: float
    low: float | None
    high: float | None
    unit: str
    basis: str
    publisher: str


@dataclass(frozen=True)
class StartState:
    """A start state.

    Attributes
    ----------
    name : how it was asked for.
    date : the day before month 0 begins.
    positions : ``[len(INSTRUMENTS), len(parties)]``, trillion yen, assets positive; read-only.
    flows : flows of the fiscal year before.
    facts : by name.
    events : in order of their dates.
    parties : names of the columns of ``positions``.
    constants : parameters as they stood at the date, by name; those of the registry hold for all others.
    """

    name: str
    date: datetime.date
    positions: npt.NDArray[np.float64]
    flows: tuple[FlowRow, ...]
    facts: Mapping[str, Fact]
    events: tuple[Event, ...]
    parties: tuple[str, ...] = PARTIES
    constants: Mapping[str, Constant] = field(default_factory=lambda: MappingProxyType({}))

    def __getstate__(self) -> dict[str, object]:
        return self.__dict__ | {"facts": dict(self.facts), "constants": dict(self.constants)}

    def __setstate__(self, state: dict[str, object]) -> None:
        facts = MappingProxyType(cast(Mapping[str, Fact], state["facts"]))
        constants = MappingProxyType(cast(Mapping[str, Constant], state["constants"]))
        self.__dict__.update(state | {"facts": facts, "constants": constants})
        self.positions.setflags(write=False)

    def parameters(self, chosen: Parameters) -> Parameters:
        """Parameters as they stood at the date, where ``chosen`` has not been given another value."""
        return chosen.at_date({name: constant.value for name, constant in self.constants.items()})

    @cached_property
    def _rows_of_flow(self) -> dict[str, list[FlowRow]]:
        """The rows of each flow."""
        rows: dict[str, list[FlowRow]] = {}
        for row in self.flows:
            rows.setdefault(row.flow, []).append(row)
        return rows

    def position(self, instrument: str, party: str) -> float:
        """Net position of a party in an instrument, trillion yen.  Raises InputError for an unknown name."""
        _must_be_known(instrument, INSTRUMENT_ROWS, "instrument")
        _must_be_known(party, PARTY_COLUMNS, "party")
        return float(self.positions[INSTRUMENT_ROWS[instrument], PARTY_COLUMNS[party]])

    def net_worth(self, party: str) -> float:
        """Net financial worth of a party, trillion yen."""
        _must_be_known(party, PARTY_COLUMNS, "party")
        return math.fsum(self.positions[:, PARTY_COLUMNS[party]])

    def flow(self, name: str, payer: str | None = None, payee: str | None = None) -> float:
        """Sum of a current flow over the rows that match, trillion yen in the fiscal year.

        Parameters
        ----------
        name : with or without the prefix ``current.``.
        payer, payee : sectors of the published accounts; all of them if left out.

        Raises
        ------
        InputError
            if there is no such flow or sector; a flow that exists but not between the two is zero.
        """
        full = name if name.startswith("current.") else f"current.{name}"
        _must_be_known(full, self._rows_of_flow, "flow")
        for sector in (payer, payee):
            if sector is not None:
                _must_be_known(sector, FLOW_SECTORS, "sector")
        return math.fsum(
            row.value_trn_yen
            for row in self._rows_of_flow[full]
            if payer in (None, row.payer) and payee in (None, row.payee)
        )

    def net_lending(self, sector: str) -> float:
        """Published net lending of a sector in the fiscal year, trillion yen."""
        _must_be_known(sector, FLOW_SECTORS, "sector")
        return math.fsum(r.value_trn_yen for r in self.flows if r.flow == "balance.net_lending" and r.payer == sector)

    def gdp_by_expenditure(self) -> float:
        """Nominal GDP of the fiscal year from the flows, trillion yen.

        Chips and servers that AI firms import are investment and imports at once, so they cancel.
        """
        investment = ("public_investment", "housing_investment", "business_investment")
        spent = ("consumption", "government_consumption", *investment, "exports")
        imported = self.flow("imports") + self.flow("imports_cloud_licences_by_ai_firms")
        return math.fsum(self.flow(name) for name in spent) - imported

    @property
    def sells_ai(self) -> bool:
        """Whether anybody in Japan sold AI services in the year before the start."""
        kinds = (("ai_services_to_firms", None), ("consumption", "ai_firms"), ("government_consumption", "ai_firms"))
        return any(self.flow(name, None, payee) > 0.0 for name, payee in kinds)

    def fact(self, name: str) -> float:
        """The value of a fact.  Raises InputError with the nearest names if it is not there."""
        _must_be_known(name, self.facts, "fact")
        return self.facts[name].value

    def events_of(self, event: str) -> tuple[Event, ...]:
        """The dated events of one kind, in order; empty if there are none."""
        return tuple(item for item in self.events if item.event == event)


def _must_be_known(name: str, known: Collection[str], what: str) -> None:
    if name not in known:
        raise InputError(f"no {what} {name!r}{nearest_names(name, known)}")
