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

from functools import cache
from pathlib import Path

from itcho.model.start_states.checks import require_consistent
from itcho.model.start_states.files import available, read_start_state
from itcho.model.start_states.start_state import FLOW_SECTORS, PARTIES, Event, Fact, FlowRow, StartState

__all__ = ["FLOW_SECTORS", "PARTIES", "Event", "Fact", "FlowRow", "StartState", "available", "load"]


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
    state = read_start_state(name)
    if checked:
        require_consistent(state)
    return state
