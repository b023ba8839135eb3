"""Who moved the yen, in yen, as a page draws it: bars of the groups, and their bands over pairs of worlds."""

from __future__ import annotations

from typing import Any

import pandas as pd

from itcho.experiments.figures.attribution import CLIENT_GROUPS
from itcho.experiments.runs.yen_parts import (
    ACCOUNTING,
    ALL_TOGETHER,
    EFFECT,
    YenWay,
    accounting_yen,
    effect_yen,
    opening_yen,
)


def yen_bars(way: YenWay, without: YenWay | None = None) -> dict[str, Any]:
    """The bars of a run, in the order of the groups.

    Parameters
    ----------
    without : of the same world without the programme.

    Returns
    -------
    ``opening`` and ``end`` in yen per dollar, ``log_pct`` and ``yen`` by group, and ``twin``: its ``end`` and
    ``log_pct``, and in ``effect`` what the programme changed in yen, by group.
    """
    twin = None
    if without is not None:
        twin = {"end": without.end, "log_pct": _log_pct(without), "effect": effect_yen(way, without)}
    return {
        "opening": way.opening,
        "end": way.end,
        "log_pct": _log_pct(way),
        "yen": accounting_yen(way),
        "twin": twin,
    }


def yen_between(first: YenWay, second: YenWay) -> dict[str, Any]:
    """The bars from the end of one run to the end of another: ``opening`` and by group ``yen``, which add up."""
    return {
        "ends": [first.end, second.end],
        "openings": [first.opening, second.opening],
        "log_pct": [_log_pct(first), _log_pct(second)],
        "opening": opening_yen(second, first),
        "yen": effect_yen(second, first),
    }


def band_record(table: pd.DataFrame | None) -> dict[str, Any] | None:
    """The bands over pairs: ``pairs``, and for each kind ``[low, median, high]`` by group and last of all together.

    Parameters
    ----------
    table : ``ensemble_yen.csv``; None for a single world and for older folders.
    """
    if table is None:
        return None
    wanted = [*(group.label for group in CLIENT_GROUPS), ALL_TOGETHER]
    return {
        "pairs": int(table["pairs"].iloc[0]),
        **{
            kind: table[table["kind"] == kind].set_index("group").loc[wanted, ["low_90", "median", "high_90"]]
            .to_numpy(dtype=float).tolist()
            for kind in (ACCOUNTING, EFFECT)
        },
    }  # fmt: skip


def groups() -> list[dict[str, Any]]:
    """The groups of clients: ``label``, ``colour``, ``parts``."""
    return [{"label": group.label, "colour": group.colour, "parts": list(group.parts)} for group in CLIENT_GROUPS]


def _log_pct(way: YenWay) -> list[float]:
    return [100.0 * part for part in way.logs]
