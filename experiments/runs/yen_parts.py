"""Who moved the yen, in yen per dollar: parts of a log change, scaled by the logarithmic mean of two rates.

The log change of USD/JPY is a sum over groups of clients.  Times the logarithmic mean of the two rates between which it
lies, ``(b - a) / ln(b / a)``, each part is in yen, and the parts add up to ``b - a`` exactly and in any order.  A part
has the sign and the proportion that it has in logarithms.  Parts are changes: they may be larger than the rate itself
where groups pull against each other, so that no level on the way from one part to the next means anything.

What a programme changed is divided between the two ends, with it and without it, by the differences of log parts.  To
subtract the yen of two worlds instead would count the higher rate of one of them as a deed of every group.

Source: Ang, Energy Policy 32 (2004), for the logarithmic mean in decompositions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from itcho.experiments.figures.attribution import CLIENT_GROUPS

FloatArray = NDArray[np.float64]

ACCOUNTING, EFFECT = "accounting", "effect"
"""Kinds of contributions: who moved the yen in a world, and what the programme changed of that."""
ALL_TOGETHER = "USD/JPY, all together"
UNIT = "yen per dollar"
BAND_PCT = (5.0, 50.0, 95.0)


@dataclass(frozen=True)
class YenWay:
    """The way of USD/JPY through a run.

    Attributes
    ----------
    opening, end : yen per dollar.
    logs : log points by group, in the order of :data:`CLIENT_GROUPS`; they add up to the whole log change.
    """

    opening: float
    end: float
    logs: tuple[float, ...]


@dataclass(frozen=True)
class YenBand:
    """A group's contribution over pairs of worlds, yen per dollar.

    Attributes
    ----------
    group : its label, or :data:`ALL_TOGETHER`.
    kind : :data:`ACCOUNTING` or :data:`EFFECT`.
    low_90, median, high_90 : 5th, 50th and 95th percentile over pairs.
    pairs : how many.
    """

    group: str
    kind: str
    low_90: float
    median: float
    high_90: float
    pairs: int

    def record(self) -> dict[str, Any]:
        """As JSON and a table hold it."""
        return {
            "group": self.group,
            "kind": self.kind,
            "low_90": self.low_90,
            "median": self.median,
            "high_90": self.high_90,
            "unit": UNIT,
            "pairs": self.pairs,
        }


def yen_way(attribution: pd.DataFrame, usdjpy: pd.Series) -> YenWay:
    """The way of the yen through a run.

    Parameters
    ----------
    attribution : column ``month``, then log points by client; each row adds up to the month's log change.
    usdjpy : yen per dollar at the end of the same months.

    Examples
    --------
    >>> table = pd.DataFrame({"month": ["2026-04-30"], "banks": [2 * np.log(1.1)], "news": [-np.log(1.1)]})
    >>> way = yen_way(table, pd.Series([110.0]))
    >>> round(way.opening, 9), way.end, [round(part, 3) for part in way.logs]
    (100.0, 110.0, [0.0, 0.0, 0.191, 0.0, 0.0, 0.0, -0.095])
    """
    rates = usdjpy.to_numpy(dtype=np.float64)
    columns = [name for name in attribution.columns if name != "month"]
    logs: FloatArray = attribution[columns].to_numpy(dtype=np.float64)
    by_client = dict(zip(columns, logs.sum(axis=0).tolist(), strict=True))
    parts = tuple(sum((by_client.get(name, 0.0) for name in group.parts), 0.0) for group in CLIENT_GROUPS)
    return YenWay(float(rates[0] / np.exp(logs[0].sum())), float(rates[-1]), parts)


def logarithmic_mean(first: float, second: float) -> float:
    """The number by which a log change between two rates is multiplied to give yen; it lies between them.

    Examples
    --------
    >>> round(logarithmic_mean(100.0, 200.0) * math.log(2.0), 9), logarithmic_mean(150.0, 150.0)
    (100.0, 150.0)
    """
    moved = (second - first) / first
    return first if moved == 0.0 else (second - first) / math.log1p(moved)


def accounting_yen(way: YenWay) -> list[float]:
    """What each group did to the yen in a world, by group; they add up to ``end - opening``.

    Examples
    --------
    >>> [round(part, 9) for part in accounting_yen(YenWay(100.0, 200.0, (3 * math.log(2.0), -2 * math.log(2.0))))]
    [300.0, -200.0]
    """
    scale = logarithmic_mean(way.opening, way.end)
    return [scale * part for part in way.logs]


def effect_yen(way: YenWay, without: YenWay) -> list[float]:
    """What each group did to the yen more than in another world; with :func:`opening_yen` they add up to both ends.

    Parameters
    ----------
    way, without : of the two worlds; the parts lead from the end of ``without`` to the end of ``way``.

    Examples
    --------
    >>> one, other = YenWay(100.0, 200.0, (math.log(2.0), 0.0)), YenWay(100.0, 100.0, (math.log(2.0), -math.log(2.0)))
    >>> [round(part, 9) for part in effect_yen(one, other)]
    [0.0, 100.0]
    """
    scale = logarithmic_mean(without.end, way.end)
    return [scale * (part - other) for part, other in zip(way.logs, without.logs, strict=True)]


def opening_yen(way: YenWay, without: YenWay) -> float:
    """What another opening rate adds to the difference of the ends; nothing in worlds that open alike."""
    return logarithmic_mean(without.end, way.end) * math.log(way.opening / without.opening)


def yen_bands(pairs: Sequence[tuple[YenWay, YenWay]]) -> list[YenBand]:
    """Percentiles over pairs of each group's contributions, first of the accounting, then of the effect.

    Parameters
    ----------
    pairs : of each pair the world with the policy and the one without the programme.

    Examples
    --------
    >>> still, moved = YenWay(100.0, 100.0, (0.0,) * 7), YenWay(100.0, 200.0, (0.0,) * 6 + (math.log(2.0),))
    >>> last = yen_bands([(still, still), (moved, still), (moved, moved)])[7]
    >>> last.group, last.kind, round(last.median, 9), last.pairs
    ('USD/JPY, all together', 'accounting', 100.0, 3)
    """
    labels = [*(group.label for group in CLIENT_GROUPS), ALL_TOGETHER]
    found = []
    for kind, parts in (
        (ACCOUNTING, [accounting_yen(way) for way, _ in pairs]),
        (EFFECT, [effect_yen(way, without) for way, without in pairs]),
    ):
        table = np.array([[*row, sum(row)] for row in parts])
        for label, ends in zip(labels, np.percentile(table, BAND_PCT, axis=0).T.tolist(), strict=True):
            low, median, high = ends
            found.append(YenBand(label, kind, low, median, high, len(pairs)))
    return found
