"""Whose AI is used in Japan: a nested logit over domestic developers and foreign laboratories, with sluggish shares.

Demand has an open part and a regulated part (physical AI, public bodies, finance) that prefers suppliers controlled in
Japan.  Within a part, buyers choose between the domestic and the foreign nest, and within a nest between suppliers:

V_j = beta * (Q_j - Q_max) / s.d. - |eta| * ln(p_j / p_frontier) + appeal_j + network * share_j, plus a domestic
constant and, in the regulated part, a preference for home.

Appeals are found by inversion so that the opening shares are reproduced; the domestic constant by the opening domestic
share.  After that nothing pulls shares towards any path.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit
from itcho.agents.views import ParameterValues

FloatArray = NDArray[np.float64]

OPEN, REGULATED = 0, 1


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


class ModelLayerChoice:
    """Shares of the model layer in Japan.

    Parameters
    ----------
    parameters : attribute access to the parameter table.
    domestic_shares : opening shares among domestic developers, sum 1.
    foreign_shares : opening shares among laboratories, sum 1.
    domestic_total : opening domestic share of model-layer spending (fraction).
    standing : quality of developers and then laboratories less the frontier, s.d.
    drift : log-odds a month by which the domestic share is on the move at the start; the target leads by its lag.

    Attributes
    ----------
    shares : shape (2, developers + laboratories); present shares in the open and the regulated part; rows sum to 1.
    total_shares : shares of both parts together, developers and then laboratories; they sum to 1.
    domestic_share : present domestic share of model-layer spending (fraction).
    content_loss : ln price equivalent of the quality that a domestic-content rule made buyers forgo this month.
    """

    def __init__(
        self,
        parameters: ParameterValues,
        domestic_shares: FloatArray,
        foreign_shares: FloatArray,
        domestic_total: float,
        standing: FloatArray,
        drift: float = 0.0,
    ) -> None:
        self.parameters = parameters
        self.developers = domestic_shares.size
        self._scale = parameters.ai_choice_nest_dissimilarity
        regulated = parameters.ai_regulated_demand_share
        self.segment_weights = np.array([1.0 - regulated, regulated])
        self._constants = self._domestic_constants(domestic_total)
        inside = np.array([share_of_odds(constant) for constant in self._constants])
        self.shares = np.concatenate(
            [np.outer(inside, domestic_shares), np.outer(1.0 - inside, foreign_shares)], axis=1
        )
        self.total_shares = self.segment_weights @ self.shares
        self.domestic_share = float(self.total_shares[: self.developers].sum())
        self._speed = monthly_speed(parameters.ai_model_share_half_life_months)
        lead = drift * (1.0 / self._speed - 1.0)
        self._constants = self._constants[OPEN] + lead, self._constants[REGULATED] + lead
        nests = np.concatenate([domestic_shares, foreign_shares])
        self._appeal = (
            self._scale * np.log(np.maximum(nests, 1e-300))
            - parameters.ai_choice_quality_weight * standing
            - parameters.ai_choice_network_weight * self.total_shares
        )
        self._quality_and_network = parameters.ai_choice_quality_weight, parameters.ai_choice_network_weight
        self._loss_per_sd = regulated * parameters.ai_choice_quality_weight / abs(parameters.ai_own_price_elasticity)
        self.content_loss = 0.0

    def _domestic_constants(self, domestic_total: float) -> tuple[float, float]:
        """Constants of the two parts whose weighted domestic share is the opening share (bisection)."""
        preference = self.parameters.ai_regulated_home_preference
        low, high = -40.0, 40.0
        for _ in range(80):
            middle = 0.5 * (low + high)
            share = self.segment_weights[OPEN] * share_of_odds(middle) + self.segment_weights[
                REGULATED
            ] * share_of_odds(middle + preference)
            low, high = (middle, high) if share < domestic_total else (low, middle)
        return 0.5 * (low + high), 0.5 * (low + high) + preference

    def step(
        self,
        standing: FloatArray,
        log_relative_price: float,
        appeal_shift: FloatArray,
        rows: NDArray[np.int64],
        domestic_required: float = 0.0,
    ) -> None:
        """Move the shares by one month.

        Parameters
        ----------
        standing : quality of developers and then laboratories less the frontier, s.d.
        log_relative_price : ln of the domestic price over the frontier's, both in yen, 0 at the start.
        appeal_shift, rows : added appeal of each importer, utility, and the importers that are the developers.
        domestic_required : domestic share that a content rule requires of the regulated part (fraction).
        """
        forced, shortfall, self.domestic_share = _month_of_choice(
            self.shares,
            self.total_shares,
            self.segment_weights,
            self._constants,
            self._appeal,
            appeal_shift,
            rows,
            standing,
            self._quality_and_network,
            self.parameters.ai_own_price_elasticity * log_relative_price,
            self._scale,
            self._speed,
            min(domestic_required, 1.0),
        )
        self.content_loss = self._loss_per_sd * forced * max(shortfall, 0.0)


@njit(cache=True)
def _month_of_choice(
    shares: FloatArray,
    total: FloatArray,
    segments: FloatArray,
    constants: tuple[float, float],
    appeal: FloatArray,
    shift: FloatArray,
    rows: NDArray[np.int64],
    standing: FloatArray,
    weights: tuple[float, float],
    price_utility: float,
    scale: float,
    speed: float,
    required: float,
) -> tuple[float, float, float]:
    """Move shares towards their logit targets; `weights` are those of quality and of the network.

    Returns the share that a content rule forces in the regulated part, how far domestic developers there are behind the
    frontier, s.d., and the domestic share of both parts together.
    """
    quality_weight, network_weight = weights
    developers = rows.size
    weight, top = np.empty(total.size), -np.inf
    for j in range(total.size):
        weight[j] = quality_weight * standing[j] + appeal[j] + network_weight * total[j]
        if j < developers:
            weight[j] += price_utility + shift[rows[j]]
        top = max(top, weight[j])
    domestic, foreign = 1e-300, 1e-300  # a vanished nest keeps a negligible share
    for j in range(total.size):
        weight[j] = np.exp((weight[j] - top) / scale)
        if j < developers:
            domestic += weight[j]
        else:
            foreign += weight[j]
    # The inclusive value of a nest is scale * ln(sum).
    difference = scale * (np.log(domestic) - np.log(foreign))
    forced, behind, mass = 0.0, 0.0, 1e-300
    for j in range(total.size):
        total[j] = 0.0
    for part in range(segments.size):
        inside = 1.0 / (1.0 + np.exp(-(constants[part] + difference)))
        if part == REGULATED:
            for j in range(developers):
                mass += shares[part, j]
                behind -= shares[part, j] * standing[j]
            forced = max(required - inside, 0.0)
            inside += forced
        for j in range(total.size):
            target = weight[j] * (inside / domestic if j < developers else (1.0 - inside) / foreign)
            shares[part, j] += speed * (target - shares[part, j])
            total[j] += segments[part] * shares[part, j]
    at_home = 0.0
    for j in range(developers):
        at_home += total[j]
    return forced, behind / mass, at_home
