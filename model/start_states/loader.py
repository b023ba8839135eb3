"""Where a run starts from: positions of every party in every instrument, and what is known about the date.

A start state is a folder with ``stocks.csv``, ``flows.csv``, ``facts.csv`` and ``events.csv``.  Those of this package
are named by their date.  A user may give a folder of the same shape (named by its date, or with a ``state.toml`` that
holds ``date``), or one TOML file that changes a state::

    base = "2026-03-31"

    [facts]
    usdjpy = 150

    [stocks.deposits]
    households = 1030.0
    banks = -1599.0

    [[flows]]
    flow = "current.exports"
    payer = "rest_of_world"
    payee = "firms"
    value_trn_yen = 140.0

Stocks are net positions in trillion yen: an asset is positive, a liability negative.  Flows keep the sectors of the
published accounts (``households, firms, ai_firms, softbank_group, government, bank_of_japan, banks, investors,
rest_of_world``); a ``financial.`` flow is a sector's net purchase less its net issuance, paid to ``market``.
"""

from __future__ import annotations

import csv
import datetime
import io
import math
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from agents.errors import InputError, nearest_names
from agents.vocabulary import CORE_PARTIES, INSTRUMENTS, Sector

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
BASES = ("read", "computed", "judgement")

_ROW = {name: row for row, name in enumerate(INSTRUMENTS)}
_COLUMN = {name: column for column, name in enumerate(PARTIES)}
_HEADERS = {
    "stocks.csv": ("party", "instrument", "value_trn_yen", "basis", "publisher"),
    "flows.csv": ("flow", "payer", "payee", "value_trn_yen", "basis", "publisher"),
    "facts.csv": ("name", "value", "unit", "publisher"),
    "events.csv": ("date", "event", "value", "unit", "publisher"),
}


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
    """

    name: str
    date: datetime.date
    positions: npt.NDArray[np.float64]
    flows: tuple[FlowRow, ...]
    facts: Mapping[str, Fact]
    events: tuple[Event, ...]
    parties: tuple[str, ...] = PARTIES

    @cached_property
    def _rows_of_flow(self) -> dict[str, list[FlowRow]]:
        """The rows of each flow."""
        rows: dict[str, list[FlowRow]] = {}
        for row in self.flows:
            rows.setdefault(row.flow, []).append(row)
        return rows

    def position(self, instrument: str, party: str) -> float:
        """Net position of a party in an instrument, trillion yen.  Raises InputError for an unknown name."""
        _must_be_known(instrument, _ROW, "instrument")
        _must_be_known(party, _COLUMN, "party")
        return float(self.positions[_ROW[instrument], _COLUMN[party]])

    def net_worth(self, party: str) -> float:
        """Net financial worth of a party, trillion yen."""
        _must_be_known(party, _COLUMN, "party")
        return math.fsum(self.positions[:, _COLUMN[party]])

    def sector_net_worth(self, sector: str) -> float:
        """Net financial worth of a sector of the vocabulary, trillion yen."""
        _must_be_known(sector, [str(member) for member in Sector], "sector")
        return math.fsum(self.net_worth(party) for party in self.parties if SECTOR_OF_PARTY[party] == sector)

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

    def financial_flow(self, row: str, sector: str) -> float:
        """A sector's net purchase less net issuance of an instrument in the fiscal year, trillion yen.

        ``row`` is a row of the published accounts such as ``deposits``, ``jgb``, ``equity`` or ``foreign_assets``.
        """
        _must_be_known(f"financial.{row}", self._rows_of_flow, "flow")
        _must_be_known(sector, FLOW_SECTORS, "sector")
        return math.fsum(r.value_trn_yen for r in self.flows if r.flow == f"financial.{row}" and r.payer == sector)

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

    def fact(self, name: str) -> float:
        """The value of a fact.  Raises InputError with the nearest names if it is not there."""
        _must_be_known(name, self.facts, "fact")
        return self.facts[name].value

    def events_of(self, event: str) -> tuple[Event, ...]:
        """The dated events of one kind, in order; empty if there are none."""
        return tuple(item for item in self.events if item.event == event)


@cache
def available() -> tuple[str, ...]:
    """Names of the start states that come with the package, oldest first."""
    folder = resources.files("model.start_states")
    return tuple(sorted(item.name for item in folder.iterdir() if item.joinpath("stocks.csv").is_file()))


def load(name_or_path: str | Path, *, checked: bool = True) -> StartState:
    """Load a start state.

    Parameters
    ----------
    name_or_path : a name of :func:`available`, a folder, or a TOML file that changes a state.
    checked : refuse a state whose accounts do not close.  Without it, see ``check`` for what is wrong.

    Raises
    ------
    InputError
        listing all mistakes of the files at once.
    InconsistentStartState
        if the files are well formed but a row, a sector or GDP does not add up.
    """
    name = str(name_or_path)
    return _packaged(name, checked) if name in available() else _read(name, checked)


@cache
def _packaged(name: str, checked: bool) -> StartState:
    """A state that comes with the package, read once in a process: it is immutable."""
    return _read(name, checked)


def _read(name: str, checked: bool) -> StartState:
    state = _load(name, ())
    if checked:
        from model.start_states.checks import require_consistent  # checks.py reads states, so it cannot come first

        require_consistent(state)
    return state


def _load(name: str, builds_on: tuple[Path, ...]) -> StartState:
    """A state by name or path; ``builds_on`` holds the TOML files that led here."""
    if name in available():
        folder = resources.files("model.start_states").joinpath(name)
        return _from_folder(folder, name, datetime.date.fromisoformat(name))
    path = Path(name).expanduser()
    if path.is_dir():
        return _from_folder(path, path.name, _date_of_folder(path))
    if path.is_file() and path.suffix == ".toml":
        return _from_toml(path.resolve(), builds_on)
    hint = nearest_names(name, available())
    raise InputError(f"no start state {name!r}: give {', '.join(available())}, a folder or a .toml file{hint}")


def _date_of_folder(path: Path) -> datetime.date:
    settings = path / "state.toml"
    written = _read_toml(settings).get("date") if settings.is_file() else path.name
    try:
        return written if isinstance(written, datetime.date) else datetime.date.fromisoformat(str(written))
    except ValueError:
        raise InputError(f"{path}: name the folder by its date (2026-03-31), or give date in state.toml") from None


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not valid TOML: {error}") from None


def _from_folder(folder: Traversable, name: str, date: datetime.date) -> StartState:
    mistakes: list[str] = []
    positions = np.zeros((len(INSTRUMENTS), len(PARTIES)))
    given: set[tuple[str, str]] = set()
    for where, row, value in _rows(folder, "stocks.csv", mistakes):
        wrong = _unknown(row["instrument"], _ROW, "instrument") + _unknown(row["party"], _COLUMN, "party")
        if (row["instrument"], row["party"]) in given:
            wrong.append(f"{row['party']} in {row['instrument']} is given twice")
        mistakes += [f"{where}: {text}" for text in wrong + _unknown(row["basis"], BASES, "basis")]
        if not wrong:
            given.add((row["instrument"], row["party"]))
            positions[_ROW[row["instrument"]], _COLUMN[row["party"]]] = value
    flows = []
    for where, row, value in _rows(folder, "flows.csv", mistakes):
        mistakes += [f"{where}: {text}" for text in _wrong_flow(row) + _unknown(row["basis"], BASES, "basis")]
        flows.append(FlowRow(row["flow"], row["payer"], row["payee"], value, row["basis"], row["publisher"]))
    facts: dict[str, Fact] = {}
    for where, row, value in _rows(folder, "facts.csv", mistakes):
        if row["name"] in facts:
            mistakes.append(f"{where}: fact {row['name']} is given twice")
        facts[row["name"]] = Fact(row["name"], value, row["unit"], row["publisher"])
    events = []
    for where, row, value in _rows(folder, "events.csv", mistakes):
        try:
            day = datetime.date.fromisoformat(row["date"])
        except ValueError:
            mistakes.append(f"{where}: {row['date']!r} is not a date such as 2026-07-01")
            continue
        events.append(Event(day, row["event"], value, row["unit"], row["publisher"]))
    if mistakes:
        raise InputError(mistakes)
    positions.setflags(write=False)
    in_order = tuple(sorted(events, key=lambda event: event.date))
    return StartState(name, date, positions, tuple(flows), MappingProxyType(facts), in_order)


def _rows(folder: Traversable, file: str, mistakes: list[str]) -> Iterator[tuple[str, dict[str, str], float]]:
    """Rows of a table with where they stand and their value; mistakes of form go to the list and are left out."""
    try:
        text = folder.joinpath(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        mistakes.append(f"{folder}: {file} is missing or cannot be read")
        return
    reader = csv.DictReader(io.StringIO(text))
    if tuple(reader.fieldnames or ()) != _HEADERS[file]:
        mistakes.append(f"{file}: columns are {reader.fieldnames}, not {list(_HEADERS[file])}")
        return
    for row in reader:
        where = f"{file} line {reader.line_num}"
        if None in row or None in row.values():
            mistakes.append(f"{where}: needs {len(_HEADERS[file])} cells (quote a cell that holds a comma)")
            continue
        row = {key: cell.strip() for key, cell in row.items()}
        if not row["publisher"]:
            mistakes.append(f"{where}: publisher is missing")
        text_value = row.get("value_trn_yen", row.get("value", ""))
        value = _number(text_value)
        if value is None:
            mistakes.append(f"{where}: {text_value!r} is not a finite number")
            continue
        yield where, row, value


def _number(given: object) -> float | None:
    try:
        value = float(given)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return value if math.isfinite(value) and not isinstance(given, bool) else None


def _wrong_flow(row: Mapping[str, Any]) -> list[str]:
    """What is wrong with the names of a flow."""
    kind, payer, payee = str(row["flow"]).partition(".")[0], str(row["payer"]), str(row["payee"])
    if kind not in ("current", "financial", "balance"):
        return [f"flow {row['flow']!r} must start with current., financial. or balance."]
    payees = {"current": FLOW_SECTORS, "financial": (MARKET,), "balance": ("",)}[kind]
    return _unknown(payer, FLOW_SECTORS, "payer") + _unknown(payee, payees, "payee")


def _unknown(name: object, known: Mapping[str, Any] | tuple[str, ...], what: str) -> list[str]:
    return [] if name in known else [f"no {what} {name!r}{nearest_names(str(name), known)}"]


def _must_be_known(name: str, known: Any, what: str) -> None:
    if name not in known:
        raise InputError(f"no {what} {name!r}{nearest_names(name, known)}")


def _from_toml(path: Path, builds_on: tuple[Path, ...]) -> StartState:
    """A state with the changes of a TOML file."""
    if path in builds_on:
        raise InputError(f"{path}: this start state is built on itself")
    settings = _read_toml(path)
    mistakes = [
        f"no entry {key!r}{nearest_names(key, ('base', 'date', 'facts', 'stocks', 'flows'))}"
        for key in settings
        if key not in ("base", "date", "facts", "stocks", "flows")
    ]
    base = settings.get("base")
    if not isinstance(base, str):
        raise InputError([*mistakes, f"{path}: base must name a start state, such as base = {available()[-1]!r}"])
    beside = path.parent / base
    state = _load(base if base in available() or not beside.exists() else str(beside), (*builds_on, path))
    changes: tuple[tuple[str, Callable[[StartState, Any, list[str]], StartState]], ...] = (
        ("facts", _with_facts),
        ("stocks", _with_stocks),
        ("flows", _with_flows),
    )
    for section, change in changes:
        if section in settings:
            state = change(state, settings[section], mistakes)
    when = settings.get("date", state.date)
    try:
        when = when if isinstance(when, datetime.date) else datetime.date.fromisoformat(when)
    except (TypeError, ValueError):
        mistakes.append(f"date {when!r} is not a date such as 2026-03-31")
    if mistakes:
        raise InputError([f"{path.name}: {text}" for text in mistakes])
    return replace(state, name=path.stem, date=when)


_USER = "given by the user"


def _with_facts(state: StartState, given: Any, mistakes: list[str]) -> StartState:
    facts = dict(state.facts)
    for name, value in _table(given, "facts", mistakes).items():
        number, wrong = _number(value), _unknown(name, facts, "fact")
        if number is None:
            wrong.append(f"fact {name} = {value!r} is not a finite number")
        mistakes += wrong
        if not wrong and number is not None:
            facts[name] = replace(facts[name], value=number, publisher=_USER)
    return replace(state, facts=facts)


def _with_stocks(state: StartState, given: Any, mistakes: list[str]) -> StartState:
    positions = state.positions.copy()
    for instrument, row in _table(given, "stocks", mistakes).items():
        for party, value in _table(row, f"stocks.{instrument}", mistakes).items():
            number = _number(value)
            wrong = _unknown(instrument, _ROW, "instrument") + _unknown(party, _COLUMN, "party")
            if number is None:
                wrong.append(f"stocks.{instrument}.{party} = {value!r} is not a finite number")
            mistakes += wrong
            if not wrong and number is not None:
                positions[_ROW[instrument], _COLUMN[party]] = number
    positions.setflags(write=False)
    return replace(state, positions=positions)


def _with_flows(state: StartState, given: Any, mistakes: list[str]) -> StartState:
    flows = {(row.flow, row.payer, row.payee): row for row in state.flows}
    for place, row in enumerate(given if isinstance(given, list) else [None], start=1):
        if not isinstance(row, dict) or not {"flow", "payer", "value_trn_yen"} <= set(row):
            mistakes.append(f"[[flows]] {place} needs flow, payer, payee and value_trn_yen")
            continue
        row = {"payee": ""} | row
        number, wrong = _number(row["value_trn_yen"]), _wrong_flow(row)
        if number is None:
            wrong.append(f"{row['value_trn_yen']!r} is not a finite number")
        mistakes += [f"[[flows]] {place}: {text}" for text in wrong]
        if not wrong and number is not None:
            key = (row["flow"], row["payer"], row["payee"])
            flows[key] = FlowRow(*key, number, "judgement", _USER)
    return replace(state, flows=tuple(flows.values()))


def _table(given: Any, where: str, mistakes: list[str]) -> dict[str, Any]:
    if isinstance(given, dict):
        return given
    mistakes.append(f"{where} must be a table, not {given!r}")
    return {}
