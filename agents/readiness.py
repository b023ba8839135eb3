"""Firms' readiness: whether a firm has a policy on the use of AI.

Without one a firm does not make AI part of its work: the hazard of deep use is zero for units without a policy.  Use
itself needs none: in the survey that asks about both, more firms use AI than have a policy.

Policies spread as adoption does.  A unit has one once its firm's cumulative hazard has passed that of the unit's place;
small firms have one place each, spread evenly over all of them, so that a firm's gate is open or shut; a firm that
spreads over all places opens unit by unit.  The hazard is in proportion to the policies of others, the trading partners
of last month among them, times the firm's logistic in net benefit, which public support raises.  So support can only
bring a policy forward, and the number of members does not matter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit
from itcho.agents.views import ParameterValues

FloatArray = NDArray[np.float64]

MONTHS_A_YEAR = 12.0
_IRRATIONAL = 0.7320508075688772
"""Places a rank apart by this, sqrt(3) - 1, follow none of the traits that adoption has."""
_NEIGHBOURS = 16
"""Firms next to each other in the order of adoption among which policies follow size."""


def opening_policies(
    size: FloatArray, latent: FloatArray, width: FloatArray, offset: float, share: float, parameters: ParameterValues
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Which units have a policy at the start, so that the weighted share is met.

    Parameters
    ----------
    size : weights of firms, sum 1, (n,).
    latent : where in the order of adoption each firm's units begin, 0 to 1, (n,).
    width : how far they reach over all places, 0 to 1, (n,).
    offset : of the places, 0 to 1.
    share : weighted share of units with a policy at the start (fraction).
    parameters : `ai_policy_size_gap` (log-odds of large against small firms) and `ai_policy_large_part`.

    Returns
    -------
    Place of each firm's first unit (0 to 1); part of potential units yet to have a policy (0 to 1); part of its units
    that has one (0 to 1); (n,) each.
    """
    # By size among neighbours in the order of adoption, or a few larger ones would decide when deep use begins there.
    rank = np.empty(size.size)
    rank[np.argsort(latent, kind="stable")] = np.arange(size.size)
    rank[np.lexsort((-size, rank // _NEIGHBOURS))] = np.arange(size.size)
    position = np.where(width < 1.0, np.mod(rank * _IRRATIONAL + offset, 1.0), 0.0)
    by_size = np.argsort(-size, kind="stable")
    large = np.empty(size.size, dtype=bool)
    large[by_size] = np.cumsum(size[by_size]) - 0.5 * size[by_size] < parameters.ai_policy_large_part
    odds = np.where(large, np.exp(parameters.ai_policy_size_gap), 1.0)
    low, high = -30.0, 30.0
    for _ in range(48):
        middle = 0.5 * (low + high)
        survival = 1.0 / (1.0 + np.exp(middle) * odds)
        policy = np.clip((1.0 - survival - position) / width, 0.0, 1.0)
        low, high = (middle, high) if float(size @ policy) < share else (low, middle)
    return position, survival, policy


@njit(cache=True)
def _month_of_policies(
    indptr: NDArray[np.int64],
    indices: NDArray[np.uint32],
    size: FloatArray,
    position: FloatArray,
    per_width: FloatArray,
    resistance: FloatArray,
    hindrance: FloatArray,
    common_resistance: float,
    speed: float,
    peer_weight: float,
    mean: float,
    snapshot: NDArray[np.float32],
    survival: FloatArray,
    policy: FloatArray,
) -> float:
    """One month for all firms; see `Readiness.step`."""
    total = 0.0
    for i in range(size.size):
        snapshot[i] = policy[i]
    for i in range(size.size):
        if policy[i] < 1.0:
            start, stop = indptr[i], indptr[i + 1]
            others = mean
            if stop > start:
                peers = 0.0
                for k in range(start, stop):
                    peers += float(snapshot[indices[k]])
                others = (1.0 - peer_weight) * mean + peer_weight * peers / (stop - start)
            hazard = speed * others / (1.0 + resistance[i] * common_resistance * hindrance[i])
            # As in adoption, exp(-h) to the third order.
            survival[i] /= 1.0 + hazard + 0.5 * hazard * hazard
            policy[i] = max(policy[i], min((1.0 - survival[i] - position[i]) * per_width[i], 1.0))
        total += size[i] * policy[i]
    return total


class Readiness:
    """The policies of a population of firms, on its columns.

    Parameters
    ----------
    size, per_width, position, survival, policy : weights, one over the reach over places, and what
        :func:`opening_policies` makes, (n,) each; the last two are changed in place every month.
    indptr, indices : trading partners in CSR form.
    resistance : exp(-net benefit) at the start, (n,).
    parameters : `ai_policy_growth` (share a year at the start) and `ai_peer_weight`.

    Attributes
    ----------
    share : weighted share of units with a policy last month (fraction).
    """

    def __init__(
        self,
        size: FloatArray,
        per_width: FloatArray,
        position: FloatArray,
        survival: FloatArray,
        policy: FloatArray,
        indptr: NDArray[np.int64],
        indices: NDArray[np.uint32],
        resistance: FloatArray,
        parameters: ParameterValues,
    ) -> None:
        self._size, self._per_width, self._position = size, per_width, position
        self._survival, self._policy = survival, policy
        self._peers = indptr, indices
        self._peer_weight = parameters.ai_peer_weight
        self._snapshot = np.empty(size.size, dtype=np.float32)
        self.share = float(size @ policy)
        # What makes the share grow by as much as surveys found, were all to see the mean of others.
        pull = self.share * float((size * (1.0 - policy)) @ (1.0 / (1.0 + resistance)))
        self._speed = parameters.ai_policy_growth / MONTHS_A_YEAR / pull if pull > 0.0 else 0.0

    def stand_at(self, share: float) -> None:
        """Take this for last month's share of units with a policy, where columns are set anew."""
        self.share = share

    def open_all(self) -> None:
        """Give every firm a policy."""
        self._survival[:], self._policy[:] = 0.0, 1.0
        self.share = float(self._size.sum())

    def step(self, resistance: FloatArray, hindrance: FloatArray, common_resistance: float) -> None:
        """Let every firm decide for one month whether to have a policy.

        Parameters
        ----------
        resistance : exp(-net benefit), support counted, (n,).
        hindrance : factor on it of who may not buy of all, (n,).
        common_resistance : factor on it for all firms.
        """
        self.share = _month_of_policies(
            *self._peers,
            self._size,
            self._position,
            self._per_width,
            resistance,
            hindrance,
            common_resistance,
            self._speed,
            self._peer_weight,
            self.share,
            self._snapshot,
            self._survival,
            self._policy,
        )
