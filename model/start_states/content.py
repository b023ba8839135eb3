"""A start state as plain data and back: what a saved economy keeps of where it began."""

from __future__ import annotations

import datetime
import math
from types import MappingProxyType

import numpy as np

from itcho.agents.errors import InputError
from itcho.agents.vocabulary import INSTRUMENTS
from itcho.model.start_states.start_state import (
    INSTRUMENT_ROWS,
    PARTY_COLUMNS,
    Constant,
    Event,
    Fact,
    FlowRow,
    StartState,
)
from itcho.model.world_layout import KeptStart


def content_of(state: StartState) -> KeptStart:
    """All tables of a start state as JSON can hold them.

    Returns
    -------
    ``name``, ``date``, ``stocks`` (party, instrument, trillion yen; cells of zero are left out), ``flows`` (flow,
    payer, payee, trillion yen, basis, publisher), ``facts`` (name, value, unit, publisher), ``events`` (date,
    event, value, unit, publisher) and ``constants`` (name, value, low, high, unit, basis, publisher).
    """
    cells = [
        (party, instrument, float(state.positions[row, column]))
        for row, instrument in enumerate(INSTRUMENTS)
        for column, party in enumerate(state.parties)
        # A negative zero has a sign that calculations can see.
        if state.positions[row, column] != 0.0 or math.copysign(1.0, state.positions[row, column]) < 0.0
    ]
    flows = [(row.flow, row.payer, row.payee, row.value_trn_yen, row.basis, row.publisher) for row in state.flows]
    facts = [(fact.name, fact.value, fact.unit, fact.publisher) for fact in state.facts.values()]
    events = [(one.date.isoformat(), one.event, one.value, one.unit, one.publisher) for one in state.events]
    return {
        "name": state.name,
        "date": state.date.isoformat(),
        "stocks": cells,
        "flows": flows,
        "facts": facts,
        "events": events,
        "constants": [
            (one.name, one.value, one.low, one.high, one.unit, one.basis, one.publisher)
            for one in state.constants.values()
        ],
    }


def state_from(content: KeptStart, where: str) -> StartState:
    """The start state that :func:`content_of` has described; the same to the last bit.

    Parameters
    ----------
    content : as :func:`content_of` gives it.
    where : the file it comes from, as messages name it.

    Raises
    ------
    InputError : a table is missing or malformed, or names parties or instruments that this version does not have.
    """
    positions = np.zeros((len(INSTRUMENTS), len(PARTY_COLUMNS)))
    unknown: list[str] = []
    try:
        for party, instrument, value in content["stocks"]:
            if party in PARTY_COLUMNS and instrument in INSTRUMENT_ROWS:
                positions[INSTRUMENT_ROWS[instrument], PARTY_COLUMNS[party]] = float(value)
            else:
                unknown.append(f"{where}: start state: no {instrument!r} of {party!r} in this version of itcho")
        state = StartState(
            str(content["name"]),
            datetime.date.fromisoformat(content["date"]),
            positions,
            tuple(FlowRow(*row) for row in content["flows"]),
            MappingProxyType({row[0]: Fact(*row) for row in content["facts"]}),
            tuple(Event(datetime.date.fromisoformat(row[0]), *row[1:]) for row in content["events"]),
            constants=MappingProxyType({row[0]: Constant(*row) for row in content["constants"]}),
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise InputError(f"{where}: its start state cannot be read: {error!r}") from None
    if unknown:
        raise InputError(unknown)
    positions.setflags(write=False)
    return state
