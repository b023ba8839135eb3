"""The registry of parameters: every number a mechanism uses, with unit, bounds and source."""

from itcho.model.parameters.registry import (
    KNOWN,
    OutOfBounds,
    Parameter,
    Parameters,
    UnknownName,
    read_tables,
    registry,
    seeded_draws,
)

__all__ = [
    "KNOWN",
    "OutOfBounds",
    "Parameter",
    "Parameters",
    "UnknownName",
    "read_tables",
    "registry",
    "seeded_draws",
]
