"""States of mind at the start: how traders read the days before the opening, drawn with the noise on.

Speculators that stand at rest are at their most chartist, and a market that opens with them is more volatile than it
will ever be again.  So the months before the start are traded many times over, and one of them is drawn, the rather
the nearer its last quarter's volatility is to the one that was observed.  In the quiet path nothing is drawn.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.agents.views import ParameterValues
from itcho.model.finance.equities import EquityMarket
from itcho.model.finance.foreign_exchange import ForeignExchangeMarket
from itcho.model.outside_world import SESSIONS_A_MONTH
from itcho.model.randomness import Streams

Array = NDArray[np.float64]

QUARTER_SESSIONS = 3 * SESSIONS_A_MONTH
"""Sessions over which the volatility before the start is observed."""
PASTS = 300
"""Pasts among which one is drawn: enough for some to be near any volatility that the market can have."""
_WARMING_MONTHS = 24


class Past(NamedTuple):
    """A past that was drawn.

    Attributes
    ----------
    number : which of them.
    volatility_pct : of its last quarter, percent a session.
    """

    number: int
    volatility_pct: float


def draw_past(volatility_pct: Array, observed_pct: float, width_log: float, uniform: float) -> Past:
    """Draw a past, in proportion to how near its volatility is to the observed one.

    Parameters
    ----------
    volatility_pct : of the last quarter of each past, percent a session, (pasts,).
    observed_pct : of the quarter before the start.
    width_log : standard deviation with which a quarter's volatility says where a market stands, log points.
    uniform : a draw from 0 to 1.
    """
    distance = (np.log(volatility_pct) - math.log(observed_pct)) / width_log
    # Against the nearest one, so that some past has a weight however far all of them are.
    weight = np.exp(-0.5 * (distance**2 - (distance**2).min()))
    upto = weight.cumsum()
    number = min(int(np.searchsorted(upto, uniform * upto[-1], side="right")), upto.size - 1)
    return Past(number, float(volatility_pct[number]))


def quarterly_volatility_pct(returns: Array) -> Array:
    """Root mean square of the last quarter of returns, percent; log points, (pasts, sessions)."""
    squares = returns[:, -QUARTER_SESSIONS:] ** 2
    return np.asarray(100.0 * np.sqrt(squares.mean(axis=1)))


def burn_in_equities(
    market: EquityMarket,
    traders: tuple[Array, ...],
    observed_pct: float,
    p: ParameterValues,
    streams: Streams,
) -> float:
    """Let the equity market open where a past leaves it; returns the log of the world market's volatility there.

    Traders begin with the opening price at a distance from the value they believe in: nobody has seen that value.

    Parameters
    ----------
    traders : ``weight``, ``tilt`` and ``exposure``.
    observed_pct : standard deviation of the market's sessions in the quarter before the start, percent.
    """
    months, random = _WARMING_MONTHS + 3 * PASTS, streams.setup("equity traders before the start")
    dof = p.return_tail_degrees_of_freedom
    draws = random.standard_t(dof, (3, months, SESSIONS_A_MONTH)) * math.sqrt((dof - 2.0) / dof)
    log_volatility, world_news = 0.0, draws[0]
    risks = np.empty(months)
    for month, news in enumerate(random.standard_normal(months).tolist()):
        log_volatility *= p.world_volatility_persistence_monthly
        log_volatility += p.world_volatility_of_volatility_monthly * news
        risks[month] = log_volatility
    world_news *= np.exp(risks)[:, None]
    returns, states = market.trade_the_past(traders, world_news, draws[1:])
    quarters = returns[_WARMING_MONTHS:].reshape(PASTS, QUARTER_SESSIONS)
    past = draw_past(
        quarterly_volatility_pct(quarters), observed_pct, p.opening_volatility_width_log, float(random.random())
    )
    last = _WARMING_MONTHS + 3 * past.number + 2
    market.open_at(*states[last].tolist())
    return float(risks[last])


def burn_in_currency(
    market: ForeignExchangeMarket,
    traders: tuple[Array, ...],
    observed_pct: float,
    p: ParameterValues,
    streams: Streams,
    misalignment_pct: Array,
) -> None:
    """Let the currency market open where a past leaves it.

    Each past has a misalignment of its own out of the range in which it is believed to lie: the farther a rate is from
    its value, the fewer traders follow charts, so what the days before were like says something of both.

    Parameters
    ----------
    traders : ``weight``, ``tilt`` and ``exposure``.
    observed_pct : standard deviation of the rate's sessions in the quarter before the start, percent.
    misalignment_pct : fair value of the dollar over the opening rate by past, percent, (pasts,).
    """
    random, pasts = streams.setup("currency traders before the start"), misalignment_pct.size
    sessions, dof = SESSIONS_A_MONTH + QUARTER_SESSIONS, p.return_tail_degrees_of_freedom
    news = random.standard_t(dof, (pasts, sessions, 2)) * math.sqrt((dof - 2.0) / dof)
    returns, shares = market.read_the_past(traders, -misalignment_pct / 100.0, news)
    past = draw_past(
        quarterly_volatility_pct(returns), observed_pct, p.opening_volatility_width_log, float(random.random())
    )
    market.open_at(
        float(misalignment_pct[past.number]),
        float(returns[past.number, -1]),
        float(shares[past.number]),
        past.volatility_pct / 100.0,
    )
