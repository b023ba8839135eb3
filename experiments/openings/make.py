"""A start state from a folder of history: assembled, checked, and written as the folder that ``--start`` reads."""

from __future__ import annotations

import csv
import math
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

import numpy as np

from itcho.agents.errors import InputError
from itcho.agents.vocabulary import INSTRUMENTS
from itcho.experiments.data.origin_data import OriginData, origin_data
from itcho.experiments.openings.events import make_events
from itcho.experiments.openings.facts import (
    Constants,
    curve_pct,
    last_prices,
    make_constants,
    make_facts,
    price_mistakes,
)
from itcho.experiments.openings.flows import PublishedFlows, make_flows
from itcho.experiments.openings.judged import OWN_TABLES, JudgedTables, initial_budget
from itcho.experiments.openings.stocks import PublishedStocks, Stocks, make_stocks, maturity_shares
from itcho.model.start_states import StartState, require_consistent
from itcho.model.start_states.start_state import INSTRUMENT_ROWS, PARTIES, PARTY_COLUMNS

COUPON_SECTORS = {
    "households": ("households",),
    "firms": ("firms",),
    "bank_of_japan": ("bank_of_japan",),
    "banks": ("banks",),
    "investors": ("insurers_and_pensions", "investment_funds"),
    "rest_of_world": ("foreign_investors",),
}
"""Parties whose coupon bonds make up what a sector of the accounts holds."""
HEADERS = {
    "stocks.csv": ("party", "instrument", "value_trn_yen", "basis", "publisher"),
    "flows.csv": ("flow", "payer", "payee", "value_trn_yen", "basis", "publisher"),
    "facts.csv": ("name", "value", "unit", "publisher"),
    "events.csv": ("date", "event", "value", "unit", "publisher"),
    "constants.csv": ("name", "value", "low", "high", "unit", "basis", "publisher"),
}
_FARTHEST_SHOWN = 5
_STOCK_PUBLISHERS = {
    "read": "Bank of Japan, Flow of Funds",
    "computed": "Bank of Japan, Flow of Funds; bonds by maturity from Ministry of Finance auctions",
    "judgement": "Bank of Japan, Flow of Funds; this part judged",
}


def own_tables() -> Path:
    """The folder of tables that comes with the package: those of its own two start states."""
    return OWN_TABLES


@dataclass(frozen=True)
class MadeState:
    """A start state and how it came about.

    Attributes
    ----------
    state : closed and checked.
    stocks : its positions with how each is known.
    farthest : the cells farthest from what is known of them, in tolerances, the farthest first.
    hashes : by file, the SHA-256 of the rows of the folder that were let in.
    """

    state: StartState
    stocks: Stocks
    farthest: tuple[tuple[str, float], ...]
    hashes: Mapping[str, str]


def make_start_state(folder: Path, origin: date) -> MadeState:
    """A closed start state for a 31 March.

    Parameters
    ----------
    folder : tables as :mod:`itcho.experiments.data.origin_data` reads them.
    origin : the date; nothing in the folder that is dated after it is used.

    Raises
    ------
    InputError : listing everything that is wrong with the date, the folder or its figures.
    """
    if (origin.month, origin.day) != (3, 31):
        raise InputError(f"{origin} is not a 31 March: balance sheets and budgets are of the end of a fiscal year")
    data = origin_data(folder, origin)
    stocks, flows, constants = PublishedStocks(data), PublishedFlows(data), Constants(data)
    mistakes = [*stocks.mistakes(), *flows.mistakes(), *constants.mistakes(), *price_mistakes(data)]
    try:
        initial_budget(origin)
    except InputError as error:
        mistakes += error.messages
    if mistakes:
        raise InputError([f"{folder}: {text}" for text in mistakes])
    try:
        made = _assembled(data, stocks, flows, constants)
        require_consistent(made.state)
    except InputError as error:
        raise InputError([f"{folder}: {text}" for text in error.messages]) from None
    return made


def _assembled(
    data: OriginData, published: PublishedStocks, published_flows: PublishedFlows, constants: Constants
) -> MadeState:
    judged = JudgedTables(data.origin, published_flows.total("gdp.gdp"))
    rate = constants.need("policy_rate_target_pct")
    stocks = make_stocks(published, judged, maturity_shares(published, curve_pct(last_prices(data), rate)))
    holders = {
        sector: math.fsum(
            value for (party, name), value in stocks.cells.items() if party in parties and name.startswith("jgb_")
        )
        for sector, parties in COUPON_SECTORS.items()
    }
    flows = make_flows(published_flows, published, holders, judged, rate)
    positions = np.zeros((len(INSTRUMENTS), len(PARTIES)))
    for (party, instrument), value in stocks.cells.items():
        positions[INSTRUMENT_ROWS[instrument], PARTY_COLUMNS[party]] = value
    positions.setflags(write=False)
    state = StartState(
        data.origin.isoformat(),
        data.origin,
        positions,
        flows.rows,
        MappingProxyType(make_facts(data, published, published_flows, flows, judged)),
        make_events(data),
        constants=MappingProxyType(make_constants(data, published, published_flows, judged)),
    )
    farthest = sorted([*stocks.farthest, *flows.farthest], key=lambda one: -abs(one[1]))
    return MadeState(state, stocks, tuple(farthest[:_FARTHEST_SHOWN]), data.hashes)


def write_start_state(state: StartState, stocks: Stocks, out: Path) -> Path:
    """Write a start state as a folder that ``--start`` reads, whole or not at all.

    Parameters
    ----------
    state : to be written.
    stocks : its positions with how each is known.
    out : the folder in which one named by the date is made.

    Returns
    -------
    The folder of the start state.

    Raises
    ------
    InputError : it exists already, or cannot be written.
    """
    target = out / state.date.isoformat()
    if target.exists():
        raise InputError(f"{target} exists already: choose another --out")
    unfinished = out / f".{state.date.isoformat()}.unfinished"
    try:
        unfinished.mkdir(parents=True, exist_ok=True)
        for file, rows in _tables(state, stocks).items():
            _write(unfinished / file, HEADERS[file], rows)
        unfinished.rename(target)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise InputError(f"{target} cannot be written: {error}") from None
    return target


def _tables(state: StartState, stocks: Stocks) -> dict[str, list[tuple[object, ...]]]:
    positions = [
        (party, name, value, stocks.basis[(party, name)], _STOCK_PUBLISHERS[stocks.basis[(party, name)]])
        for name in INSTRUMENTS
        for party in PARTIES
        if (value := state.position(name, party)) != 0.0
    ]
    return {
        "stocks.csv": [*positions],
        "flows.csv": [
            (one.flow, one.payer, one.payee, one.value_trn_yen, one.basis, one.publisher) for one in state.flows
        ],
        "facts.csv": [(one.name, one.value, one.unit, one.publisher) for one in state.facts.values()],
        "events.csv": [(one.date.isoformat(), one.event, one.value, one.unit, one.publisher) for one in state.events],
        "constants.csv": [
            (one.name, one.value, one.low, one.high, one.unit, one.basis, one.publisher)
            for one in state.constants.values()
        ],
    }


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
