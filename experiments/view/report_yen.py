"""Who moved the yen, in yen: each month's change divided among clients by their parts of its logarithm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from itcho.experiments.figures.attribution import CLIENT_GROUPS


@dataclass(frozen=True)
class YenParts:
    """The way of USD/JPY from the opening to the end of a run.

    Attributes
    ----------
    opening, end : yen per dollar.
    parts : yen per dollar by client; they add up to ``end - opening``.
    """

    opening: float
    end: float
    parts: pd.Series


def yen_parts(attribution: pd.DataFrame, usdjpy: pd.Series) -> YenParts:
    """Divide the whole change among clients.

    A client's part of a month is its part of the log change times the logarithmic mean of the month's two rates, so
    that parts add up to the change in yen whatever their order.

    Parameters
    ----------
    attribution : column ``month``, then log points by client; each row adds up to the month's log change.
    usdjpy : yen per dollar at the end of the same months.

    Examples
    --------
    >>> table = pd.DataFrame({"month": ["2026-04-30"], "banks": [2 * np.log(1.1)], "news": [-np.log(1.1)]})
    >>> found = yen_parts(table, pd.Series([110.0]))
    >>> round(found.opening, 9), found.parts.round(9).to_dict()
    (100.0, {'banks': 20.0, 'news': -10.0})
    """
    logs = attribution.drop(columns="month")
    rates: NDArray[np.float64] = usdjpy.to_numpy(dtype=np.float64)
    opening = float(rates[0] / np.exp(logs.iloc[0].sum()))
    before = np.concatenate([[opening], rates[:-1]])
    moved = np.log(rates / before)
    still = np.abs(moved) < 1e-12
    mean = np.where(still, rates, (rates - before) / np.where(still, 1.0, moved))
    return YenParts(opening, float(rates[-1]), logs.mul(mean, axis=0).sum())


def waterfall(parts: YenParts, without: YenParts | None = None) -> dict[str, Any]:
    """The steps that a page draws, in the order of the groups.

    Parameters
    ----------
    without : of the same world without the programme.

    Returns
    -------
    ``opening`` and ``end`` in yen per dollar, ``run`` by group; with a twin its ``twin_end`` and ``twin`` too.
    """
    found: dict[str, Any] = {"opening": parts.opening, "end": parts.end, "run": _by_group(parts)}
    if without is not None:
        found |= {"twin_end": without.end, "twin": _by_group(without)}
    return found


def groups() -> list[dict[str, Any]]:
    """The groups of clients: ``label``, ``colour``, ``parts``."""
    return [{"label": group.label, "colour": group.colour, "parts": list(group.parts)} for group in CLIENT_GROUPS]


def _by_group(parts: YenParts) -> list[float]:
    return [float(parts.parts.reindex(list(group.parts), fill_value=0.0).sum()) for group in CLIENT_GROUPS]
