"""Start states read from their files, whether or not their accounts close."""

from __future__ import annotations

import csv
import datetime
import io
import math
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType

import numpy as np

from itcho.agents.errors import InputError, nearest_names
from itcho.agents.vocabulary import INSTRUMENTS
from itcho.model.clock import Month
from itcho.model.input_files import csv_of, input_text, is_file, is_folder, read_toml, resolved, user_path
from itcho.model.parameters.registry import registry
from itcho.model.start_states.content import state_from
from itcho.model.start_states.start_state import (
    FLOW_SECTORS,
    INSTRUMENT_ROWS,
    MARKET,
    PARTIES,
    PARTY_COLUMNS,
    Constant,
    Event,
    Fact,
    FlowRow,
    StartState,
)
from itcho.model.world_file import read_world

FIRST_YEAR, LAST_YEAR = 1955, 2100
"""Years of a start state: from the first national accounts to the end of what rules can be dated in."""
_TOGETHER = ("softbank_bridge_facility_limit", "softbank_bridge_facility_end")
"""Events that say one thing together."""
BASES = ("read", "computed", "judgement")
MOST_BASES = 50
"""Start states that one may be built on in a row."""

_HEADERS = {
    "stocks.csv": ("party", "instrument", "value_trn_yen", "basis", "publisher"),
    "flows.csv": ("flow", "payer", "payee", "value_trn_yen", "basis", "publisher"),
    "facts.csv": ("name", "value", "unit", "publisher"),
    "events.csv": ("date", "event", "value", "unit", "publisher"),
    "constants.csv": ("name", "value", "low", "high", "unit", "basis", "publisher"),
}


@cache
def available() -> tuple[str, ...]:
    """Names of the start states that come with the package, oldest first."""
    folder = resources.files("itcho.model.start_states")
    return tuple(sorted(item.name for item in folder.iterdir() if item.joinpath("stocks.csv").is_file()))


def read_start_state(name: str, builds_on: tuple[Path, ...] = ()) -> StartState:
    """A state by name or path; ``builds_on`` holds the TOML files that led here."""
    if name in available():
        folder = resources.files("itcho.model.start_states").joinpath(name)
        return _from_folder(folder, name, datetime.date.fromisoformat(name))
    path = user_path(name)
    if is_folder(path):
        return _from_folder(path, path.name, _date_of_folder(path))
    if path.suffix == ".toml" and os.path.lexists(path):
        return _from_toml(resolved(path), builds_on)
    if is_file(path) and path.suffix == ".json":
        return state_from(read_world(path)["start"], str(path))
    hint = nearest_names(name, available())
    raise InputError(f"no start state {name!r}: give {', '.join(available())}, a folder or a .toml file{hint}")


def _date_of_folder(path: Path) -> datetime.date:
    settings = path / "state.toml"
    given = _read_toml(settings) if is_file(settings) else {"date": path.name}
    if unknown := [key for key in given if key != "date"]:
        raise InputError([f"{settings}: '{key}' has no place in it; it has: date" for key in unknown])
    date = _as_date(given.get("date"))
    if date is None:
        raise InputError(f"{path}: name the folder by its date (2026-03-31), or give date in state.toml")
    if wrong := _wrong_date(date):
        raise InputError(f"{path}: {wrong}")
    return date


def _as_date(written: object) -> datetime.date | None:
    """A date as TOML or a text has it; a time of the day is none."""
    if isinstance(written, datetime.date) and not isinstance(written, datetime.datetime):
        return written
    try:
        return datetime.date.fromisoformat(str(written))
    except ValueError:
        return None


def _wrong_date(date: datetime.date) -> str:
    """What is wrong with the date of a start state; empty if nothing is."""
    if not FIRST_YEAR <= date.year <= LAST_YEAR:
        return f"date {date} lies outside {FIRST_YEAR} to {LAST_YEAR}"
    end = Month.of(date).end
    return "" if date == end else f"a run starts on the last day of a month: {end}, not {date}"


def _read_toml(path: Path) -> dict[str, object]:
    return read_toml(path, "start state")


def _from_folder(folder: Traversable, name: str, date: datetime.date) -> StartState:
    mistakes: list[str] = []
    positions = np.zeros((len(INSTRUMENTS), len(PARTIES)))
    given: set[tuple[str, str]] = set()
    for where, row, value in _rows(folder, "stocks.csv", mistakes):
        wrong = _unknown(row["instrument"], INSTRUMENT_ROWS, "instrument") + _unknown(
            row["party"], PARTY_COLUMNS, "party"
        )
        if (row["instrument"], row["party"]) in given:
            wrong.append(f"{row['party']} in {row['instrument']} is given twice")
        mistakes += [f"{where}: {text}" for text in wrong + _unknown(row["basis"], BASES, "basis")]
        if not wrong:
            given.add((row["instrument"], row["party"]))
            positions[INSTRUMENT_ROWS[row["instrument"]], PARTY_COLUMNS[row["party"]]] = value
    flows = []
    for where, row, value in _rows(folder, "flows.csv", mistakes):
        mistakes += [f"{where}: {text}" for text in _wrong_flow(row) + _unknown(row["basis"], BASES, "basis")]
        flows.append(FlowRow(row["flow"], row["payer"], row["payee"], value, row["basis"], row["publisher"]))
    facts: dict[str, Fact] = {}
    for where, row, value in _rows(folder, "facts.csv", mistakes):
        if row["name"] in facts:
            mistakes.append(f"{where}: fact {row['name']} is given twice")
        facts[row["name"]] = Fact(row["name"], value, row["unit"], row["publisher"])
    events: list[Event] = []
    for where, row, value in _rows(folder, "events.csv", mistakes):
        try:
            day = datetime.date.fromisoformat(row["date"])
        except ValueError:
            mistakes.append(f"{where}: {row['date']!r} is not a date such as 2026-07-01")
            continue
        event = Event(day, row["event"], value, row["unit"], row["publisher"])
        if event in events:
            mistakes.append(f"{where}: {row['event']} on {day} is given twice")
        events.append(event)
    limits, ends = (sum(one.event == name for one in events) for name in _TOGETHER)
    if limits != ends:
        mistakes.append(f"events.csv: {limits} {_TOGETHER[0]} and {ends} {_TOGETHER[1]}; there has to be one for each")
    constants = _constants(folder, mistakes)
    if mistakes:
        raise InputError(mistakes)
    positions.setflags(write=False)
    in_order = tuple(sorted(events, key=lambda event: event.date))
    return StartState(
        name,
        date,
        positions,
        tuple(flows),
        MappingProxyType(facts),
        in_order,
        constants=MappingProxyType(constants),
    )


def _constants(folder: Traversable, mistakes: list[str]) -> dict[str, Constant]:
    """Parameters as they stood at the date; a folder may lack them."""
    constants: dict[str, Constant] = {}
    if not folder.joinpath("constants.csv").is_file():
        return constants
    for where, row, value in _rows(folder, "constants.csv", mistakes):
        name = row["name"]
        wrong = _unknown(name, registry(), "parameter") + _unknown(row["basis"], BASES, "basis")
        if name in constants:
            wrong.append(f"{name} is given twice")
        low, high = (_number(row[column]) if row[column] else None for column in ("low", "high"))
        wrong += [
            f"{column} {row[column]!r} of {name} is not a finite number"
            for column, number in (("low", low), ("high", high))
            if row[column] and number is None
        ]
        if not (value if low is None else low) <= value <= (value if high is None else high):
            wrong.append(f"{name} = {value:g} is outside its own range of {row['low']} to {row['high']}")
        mistakes += [f"{where}: {text}" for text in wrong]
        constants[name] = Constant(name, value, low, high, row["unit"], row["basis"], row["publisher"])
    return constants


def _rows(folder: Traversable, file: str, mistakes: list[str]) -> Iterator[tuple[str, dict[str, str], float]]:
    """Rows of a table with where they stand and their value; mistakes of form go to the list and are left out."""
    table = folder.joinpath(file)
    try:
        text = (
            input_text(table, "start state's table") if isinstance(table, Path) else table.read_text(encoding="utf-8")
        )
        csv_of(text, file)
    except InputError as error:
        mistakes += error.messages
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
        value = float(given)  # type: ignore[arg-type]  # what is no number raises TypeError
    except (TypeError, ValueError):
        return None
    return value if math.isfinite(value) and not isinstance(given, bool) else None


def _wrong_flow(row: Mapping[str, object]) -> list[str]:
    """What is wrong with the names of a flow."""
    kind, payer, payee = str(row["flow"]).partition(".")[0], str(row["payer"]), str(row["payee"])
    if kind not in ("current", "financial", "balance"):
        return [f"flow {row['flow']!r} must start with current., financial. or balance."]
    payees = {"current": FLOW_SECTORS, "financial": (MARKET,), "balance": ("",)}[kind]
    return _unknown(payer, FLOW_SECTORS, "payer") + _unknown(payee, payees, "payee")


def _unknown(name: object, known: Mapping[str, object] | tuple[str, ...], what: str) -> list[str]:
    return [] if name in known else [f"no {what} {name!r}{nearest_names(str(name), known)}"]


def _from_toml(path: Path, builds_on: tuple[Path, ...]) -> StartState:
    """A state with the changes of a TOML file."""
    if path in builds_on:
        raise InputError(f"{path}: this start state is built on itself")
    if len(builds_on) >= MOST_BASES:
        raise InputError(f"{path}: start states are built on more than {MOST_BASES} others")
    settings = _read_toml(path)
    mistakes = [f"no entry {key!r}{nearest_names(key, _SECTIONS)}" for key in settings if key not in _SECTIONS]
    base = settings.get("base")
    if not isinstance(base, str):
        raise InputError([*mistakes, f"{path}: base must name a start state, such as base = {available()[-1]!r}"])
    beside = path.parent / base
    state = read_start_state(base if base in available() or not beside.exists() else str(beside), (*builds_on, path))
    changes: tuple[tuple[str, Callable[[StartState, object, list[str]], StartState]], ...] = (
        ("facts", _with_facts),
        ("stocks", _with_stocks),
        ("flows", _with_flows),
        ("constants", _with_constants),
    )
    for section, change in changes:
        if section in settings:
            state = change(state, settings[section], mistakes)
    when, date = settings.get("date", state.date), state.date
    if (given := _as_date(when)) is None:
        mistakes.append(f"date {when!r} is not a date such as 2026-03-31")
    elif wrong := _wrong_date(given):
        mistakes.append(wrong)
    else:
        date = given
    if mistakes:
        raise InputError([f"{path.name}: {text}" for text in mistakes])
    return replace(state, name=path.stem, date=date)


_SECTIONS = ("base", "date", "facts", "stocks", "flows", "constants")
_USER = "given by the user"


def _with_facts(state: StartState, given: object, mistakes: list[str]) -> StartState:
    facts = dict(state.facts)
    for name, value in _table(given, "facts", mistakes).items():
        number, wrong = _number(value), _unknown(name, facts, "fact")
        if number is None:
            wrong.append(f"fact {name} = {value!r} is not a finite number")
        mistakes += wrong
        if not wrong and number is not None:
            facts[name] = replace(facts[name], value=number, publisher=_USER)
    return replace(state, facts=facts)


def _with_constants(state: StartState, given: object, mistakes: list[str]) -> StartState:
    constants = dict(state.constants)
    for name, value in _table(given, "constants", mistakes).items():
        number, wrong = _number(value), _unknown(name, registry(), "parameter")
        if number is None:
            wrong.append(f"constant {name} = {value!r} is not a finite number")
        mistakes += wrong
        if not wrong and number is not None:
            constants[name] = Constant(name, number, None, None, registry()[name].unit, "judgement", _USER)
    return replace(state, constants=constants)


def _with_stocks(state: StartState, given: object, mistakes: list[str]) -> StartState:
    positions = state.positions.copy()
    for instrument, row in _table(given, "stocks", mistakes).items():
        for party, value in _table(row, f"stocks.{instrument}", mistakes).items():
            number = _number(value)
            wrong = _unknown(instrument, INSTRUMENT_ROWS, "instrument") + _unknown(party, PARTY_COLUMNS, "party")
            if number is None:
                wrong.append(f"stocks.{instrument}.{party} = {value!r} is not a finite number")
            mistakes += wrong
            if not wrong and number is not None:
                positions[INSTRUMENT_ROWS[instrument], PARTY_COLUMNS[party]] = number
    positions.setflags(write=False)
    return replace(state, positions=positions)


def _with_flows(state: StartState, given: object, mistakes: list[str]) -> StartState:
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


def _table(given: object, where: str, mistakes: list[str]) -> dict[str, object]:
    if isinstance(given, dict):
        return given
    mistakes.append(f"{where} must be a table, not {given!r}")
    return {}
