"""Start states made from a folder of history: ``itcho start-state make``."""

from itcho.experiments.openings.make import make_start_state, own_tables, write_start_state

__all__ = ["make_start_state", "own_tables", "write_start_state"]
