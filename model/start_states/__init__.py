"""Opening balance sheets, flows of the year before, facts and dated events, at the dates a run may start from."""

from itcho.model.start_states.checks import InconsistentStartState, Residual, check, require_consistent
from itcho.model.start_states.loader import Event, Fact, FlowRow, StartState, available, load

__all__ = [
    "Event",
    "Fact",
    "FlowRow",
    "InconsistentStartState",
    "Residual",
    "StartState",
    "available",
    "check",
    "load",
    "require_consistent",
]
