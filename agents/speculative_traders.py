"""Speculative traders: fundamentalists and chartists, and the value of the dollar that fundamentalists believe in.

They follow the structural stochastic volatility model of Franke and Westerhoff (2012, "Structural stochastic volatility
in asset pricing dynamics", Journal of Economic Dynamics and Control 36), read as a discrete choice between a
fundamentalist and a chartist rule by members who differ in their predisposition.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit
from itcho.agents.views import ParameterValues

Array = NDArray[np.float64]


class DollarValue:
    """The value of the dollar in yen that fundamentalists believe in.

    Parameters
    ----------
    usdjpy : yen per dollar at the start.

    Attributes
    ----------
    log_value : natural logarithm of yen per dollar.
    learned : the part that they have taken over from where the rate has been, log points.
    """

    def __init__(self, usdjpy: float, parameters: ParameterValues) -> None:
        self.p = parameters
        self._log_opening = math.log(usdjpy)
        self.learned = 0.0
        self.log_value = 0.0

    def open_at(self, log_price: float) -> None:
        """Believe, at the start, in the opening rate and its misalignment."""
        self.log_value = log_price + self.p.initial_misalignment_pct / 100.0

    def learn(self, log_price: float, log_relative_price: float, assets_to_gdp: float, doubt_log: float) -> None:
        """Judge anew at the end of a month.

        Parameters
        ----------
        log_price : logarithm of yen per dollar at the close.
        log_relative_price : prices at home over prices abroad, logarithm; higher ones make a weaker yen.
        assets_to_gdp : net foreign assets over GDP less what they were at the start; more make a stronger yen.
        doubt_log : what doubt about fiscal policy adds to the value of the dollar, log points.
        """
        p = self.p
        # Fundamentalists take part of a lasting misalignment for news about the fundamental.
        self.learned += p.fx_fundamental_learning_monthly * (log_price - self.log_value)
        self.log_value = (
            self._log_opening
            + self.learned
            + p.initial_misalignment_pct / 100.0
            + log_relative_price
            - p.nfa_fundamental_response_pct * assets_to_gdp
            + doubt_log
        )


@njit(cache=True)
def trader_orders(
    weight: Array,
    tilt: Array,
    exposure: Array,
    position: Array,
    attitude: float,
    pull: float,
    trend: float,
    news_f: float,
    news_c: float,
    scale: float,
) -> tuple[float, float, float, float]:
    """Orders of speculative traders in one session.

    A member is a fundamentalist if the group's attitude exceeds its tilt, else a chartist.  Returns the
    fundamentalists' share by weight, and the group's orders by fundamentalists, by chartists, and on news (billion
    dollars, buying dollars positive); adds each order to ``position``.
    """
    share, by_value, by_chart = 0.0, 0.0, 0.0
    value_order, chart_order = pull + news_f, trend + news_c
    # Choices instead of branches: which way a member goes is hard to predict.
    for i in range(weight.size):
        load = weight[i] * exposure[i] * scale
        fundamentalist = attitude > tilt[i]
        share += weight[i] if fundamentalist else 0.0
        by_value += load if fundamentalist else 0.0
        by_chart += 0.0 if fundamentalist else load
        position[i] += load * (value_order if fundamentalist else chart_order)
    return share, by_value * pull, by_chart * trend, by_value * news_f + by_chart * news_c
