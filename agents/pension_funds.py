"""Pension funds: policy weights with bands, inside which they do nothing.

The public pension fund trades out of cash flows first and comes back to the edge of its band over a quarter when a
class of assets has left it (Government Pension Investment Fund, policy asset mix since fiscal 2025); corporate funds do
alike with narrower bands.  The public fund is one member at every size of the population.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit
from itcho.agents.views import ParameterValues

Array = NDArray[np.float64]

MONTHS_TO_THE_EDGE = 3.0
"""Months over which a fund comes back to the edge of its band."""


class Bands:
    """One class of assets of pension funds: where their bands lie.

    Parameters
    ----------
    held, assets : of the class and in all at the start, trillion yen, (funds,).
    half_width : of the band, share of assets, (funds,).
    strictness : where in its band a fund stands at the start, from the lower edge at 0 to the upper at 1, (funds,).

    Attributes
    ----------
    pace : at which each fund goes back to its edge now, trillion yen a month, (funds,).
    """

    def __init__(self, held: Array, assets: Array, half_width: Array, strictness: Array) -> None:
        share = held / np.maximum(assets, 1e-12)
        self.lower: Array = np.maximum(share - 2.0 * half_width * strictness, 0.0)
        self.upper: Array = share + 2.0 * half_width * (1.0 - strictness)
        self.pace = np.zeros(held.size)

    def orders(self, held: Array, assets: Array, growth: float, speed: float = 0.0, flow: float = 0.0) -> Array:
        """Purchases of the month, trillion yen, (funds,).

        Parameters
        ----------
        growth : of what a fund holds by which the class keeps pace with the rest, a share.
        speed : part of the way to its policy weight that a fund goes with money that comes in, a month.
        flow : money that comes in, share of assets.
        """
        order = np.empty(held.size)
        rebalance(held, assets, self.lower, self.upper, self.pace, growth, speed, flow, order)
        return order

    def edges(self, assets: Array) -> tuple[Array, Array]:
        """Least and most of the class inside the bands, trillion yen, (funds,) each."""
        return self.lower * assets, self.upper * assets

    def slack(self, held: Array, assets: Array) -> Array:
        """What is left to the nearer edge, as a share of half the band's width, (funds,); negative outside it."""
        share, half = held / np.maximum(assets, 1e-12), 0.5 * (self.upper - self.lower)
        left: Array = np.minimum(self.upper - share, share - self.lower) / half
        return left


def half_widths(public: NDArray[np.bool_], public_pp: float, p: ParameterValues) -> Array:
    """Half of the width of the band of each fund, share of assets, (funds,).

    Parameters
    ----------
    public : which funds are the public one, (funds,).
    public_pp : half the width of its band, points of its assets.
    """
    pp: Array = np.where(public, public_pp, p.corporate_pension_band_pp)
    return pp / 100.0


@njit(cache=True)
def rebalance(
    held: Array,
    assets: Array,
    lower: Array,
    upper: Array,
    pace: Array,
    growth: float,
    speed: float,
    flow: float,
    order: Array,
) -> None:
    """Write each fund's purchases of a class of assets in a month, trillion yen.

    Inside its band a fund sells nothing for its weights' sake: it buys ``growth`` of what it holds, and more or less by
    ``speed`` of the way to the middle, its policy weight, but not by more than ``flow`` of its assets.  Outside it goes
    back to the edge in equal parts over a quarter; ``pace`` remembers the part.

    Parameters
    ----------
    held, assets : of the class, and in all, trillion yen, (funds,).
    lower, upper : edges of the band, shares of assets, (funds,).
    """
    for i in range(held.size):
        most, least = upper[i] * assets[i], lower[i] * assets[i]
        outside = held[i] - most if held[i] > most else held[i] - least if held[i] < least else 0.0
        if outside == 0.0:
            pace[i] = 0.0
            to_middle = speed * (0.5 * (least + most) - held[i])
            order[i] = growth * held[i] + min(max(to_middle, -flow * assets[i]), flow * assets[i])
        else:
            pace[i] = max(pace[i], abs(outside) / MONTHS_TO_THE_EDGE)
            step = min(pace[i], abs(outside))
            order[i] = -step if outside > 0.0 else step
