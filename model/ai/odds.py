"""Shares and their log-odds."""

from __future__ import annotations

import math


def monthly_speed(half_life_months: float) -> float:
    """Part of a gap closed in a month, from its half-life."""
    return 1.0 - float(0.5 ** (1.0 / half_life_months))


def log_odds(share: float) -> float:
    """ln(share / (1 - share)), share kept inside (1e-9, 1 - 1e-9)."""
    inside = min(max(share, 1e-9), 1.0 - 1e-9)
    return math.log(inside / (1.0 - inside))


def share_of_odds(odds: float) -> float:
    """The share with these log-odds."""
    return 1.0 / (1.0 + math.exp(-min(max(odds, -700.0), 700.0)))
