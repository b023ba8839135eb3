"""Carry traders: they borrow yen to hold dollars while that pays, and are stopped out when it does not.

Some of them are retail accounts, which work with far more borrowed money than funds do; their brokers close them when
half of the margin is gone (loss-cut rule of retail currency trading in Japan, leverage of 25 at most).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit
from itcho.agents.views import ParameterValues

Array = NDArray[np.float64]

LOSS_CUT = 0.5
"""Part of the margin below which brokers close a position (Financial Services Agency: loss-cut of retail currency
trading; half is what most brokers set)."""
_BEYOND = 1.0 + 1e-9
"""What is more than so many times a limit is beyond it; less is rounding."""


@dataclass(frozen=True)
class ExpectedRateGap:
    """The gap between US and Japanese policy rates that was expected at the start of a run.

    Attributes
    ----------
    policy_rate_pct : the Bank of Japan's at the start.
    path_pct : its expected rates at the end of each quarter; the last one stays.
    """

    policy_rate_pct: float
    path_pct: Sequence[float]

    def in_month(self, month: int, us_rate_pct: float) -> float:
        """The gap that was expected for ``month`` (0 first), with the US rate that was expected for it, points."""
        path = self.path_pct
        quarter, part = divmod(month + 1, 3)
        if quarter >= len(path):
            return float(us_rate_pct - path[-1])
        before = self.policy_rate_pct if quarter == 0 else path[quarter - 1]
        return float(us_rate_pct - (before + part / 3.0 * (path[quarter] - before)))


def carry_appetite(rate_gap_pp: float, expected_gap_pp: float, p: ParameterValues) -> float:
    """Wanted carry book against the start: it answers to the rate gap beyond what was expected at the start."""
    return max(0.0, 1.0 + p.carry_rate_response_per_pp * (rate_gap_pp - expected_gap_pp))


@njit(cache=True)
def carry_orders(
    weight: Array,
    exposure: Array,
    headroom: Array,
    stop_loss: Array,
    leverage: Array,
    cooldown: Array,
    wealth: Array,
    position: Array,
    order: Array,
    book: float,
    appetite: float,
    limit: float,
    margin: float,
    speed: float,
    loss: float,
    pause: float,
    dollars_per_wealth: float,
) -> float:
    """Orders of carry traders in one session, billion dollars in all (buying dollars positive).

    A member wants ``book × weight`` times its response to the group's ``appetite`` (1 at the start): the rate gap over
    the long-run variance, times the capital committed to it.  Value at risk allows ``leverage × headroom`` times its
    wealth, moving with ``limit`` (long-run over current volatility).  It closes ``speed`` of the distance in a session.
    After a loss of more than its ``stop_loss`` over five sessions it sells half of what it has and stays out for
    ``pause`` sessions.  It buys nothing for which it has not ``margin`` of the position in wealth; a broker closes
    whom a loss has left less than :data:`LOSS_CUT` of that, and it stays out as long.

    Parameters
    ----------
    wealth, position : trillion yen and billion dollars by member; ``position`` and ``cooldown`` are moved.
    order : takes each member's order, billion dollars.
    dollars_per_wealth : billion dollars per trillion yen.
    """
    total = 0.0
    for i in range(weight.size):
        if cooldown[i] > 0.0:
            cooldown[i] -= 1.0
        own, backed, held = book * weight[i], max(0.0, wealth[i]) * dollars_per_wealth, position[i]
        wanted = min(own * max(0.0, 1.0 + exposure[i] * (appetite - 1.0)), backed * leverage[i] * headroom[i] * limit)
        wanted = min(wanted, backed / margin)
        ordered = 0.0
        if backed < LOSS_CUT * margin * held:
            ordered = -held
            cooldown[i] = pause
        elif loss > stop_loss[i] and cooldown[i] == 0.0 and held > 0.0:
            ordered = -0.5 * held
            cooldown[i] = pause
        elif cooldown[i] == 0.0 or wanted < held:
            ordered = speed * (wanted - held)
        order[i] = ordered
        position[i] = held + ordered
        total += order[i]
    return total


@njit(cache=True)
def carry_limits(
    weight: Array,
    exposure: Array,
    headroom: Array,
    stop_loss: Array,
    leverage: Array,
    cooldown: Array,
    wealth: Array,
    position: Array,
    book: float,
    appetite: float,
    limit: float,
    margin: float,
    loss: float,
    stopped_above: float,
    dollars_per_wealth: float,
    found: Array,
) -> None:
    """Write what the limits of :func:`carry_orders`, which takes the same, do to members as they stand.

    Parameters
    ----------
    stopped_above : sessions left out, above which the stop came in this month.
    found : (3, 3) of stop, value at risk and margin: room as a share of the limit (mean by weight, between -1 and 1),
        weight of those bound, and billion dollars that are wanted and not held because of it; written.
    """
    found[:] = 0.0
    total = 0.0
    for i in range(weight.size):
        own, backed, held = weight[i], max(0.0, wealth[i]) * dollars_per_wealth, position[i]
        total += own
        wanted = book * own * max(0.0, 1.0 + exposure[i] * (appetite - 1.0))
        at_risk, secured = backed * leverage[i] * headroom[i] * limit, backed / margin
        within = min(wanted, at_risk)
        found[0, 0] += own * min(max(1.0 - loss / stop_loss[i], -1.0), 1.0)
        found[1, 0] += own * (min(max(1.0 - wanted / at_risk, -1.0), 1.0) if at_risk > 0.0 else -1.0)
        found[2, 0] += own * (min(max(1.0 - LOSS_CUT * held / secured, -1.0), 1.0) if secured > 0.0 else -1.0)
        # Who was stopped has half of its dollars left, whom a broker closed none.
        why = 2 if held == 0.0 else 0
        if cooldown[i] > stopped_above:
            found[why, 1] += own
        if cooldown[i] > 0.0:
            found[why, 2] += max(min(within, secured) - held, 0.0)
        if wanted > at_risk * _BEYOND:
            found[1, 1] += own
            found[1, 2] += wanted - at_risk
        if within > secured * _BEYOND:
            found[2, 1] += own
            found[2, 2] += within - secured
    for k in range(3):
        found[k, 0] /= total
        found[k, 1] = min(found[k, 1] / total, 1.0)
