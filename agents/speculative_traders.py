"""Speculative traders: what they believe the dollar to be worth, and the stock of dollars they hold on that belief.

How they read news follows the structural stochastic volatility model of Franke and Westerhoff (2012, "Structural
stochastic volatility in asset pricing dynamics", Journal of Economic Dynamics and Control 36), read as a discrete
choice between a fundamentalist and a chartist rule by members who differ in their predisposition.  It moves the opinion
that is quoted; positions answer to the distance between quote and belief, within wealth.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from itcho.agents.behaviours import AS_MODELLED, Behaviours
from itcho.agents.compiled import njit
from itcho.agents.views import ParameterValues

Array = NDArray[np.float64]


_NOT_READ = -1.0
"""In the place of a share that is not known."""
_BEYOND = 1.0 + 1e-9
"""What is more than so many times a limit is beyond it; less is rounding."""
ACCOUNTS_MONTHS = 12
"""Accounts of foreign assets are yearly: what is known of them is an average of about a year."""


class DollarValue:
    """The fair value of the dollar in yen that traders believe in.

    The fair real rate is a slow mean of the real rate, less what net foreign assets gained since the start are worth.

    Parameters
    ----------
    usdjpy : yen per dollar at the start.

    Attributes
    ----------
    log_value : natural logarithm of yen per dollar.
    opening_misvalued_log : the opening rate over it, log points.
    learned : the part that they have taken over from where the real rate has been, log points.
    assets_to_gdp : net foreign assets over GDP less what they were at the start, as accounts have them.
    behaviours : whose ``currency_trader`` says what they believe, where it is not the model's own.
    """

    def __init__(self, usdjpy: float, parameters: ParameterValues) -> None:
        self.p = parameters
        self._log_mean = math.log(usdjpy) + parameters.initial_misalignment_pct / 100.0
        self._speed = 1.0 - (1.0 - parameters.fair_rate_learning_quarterly) ** (1.0 / 3.0)
        self.opening_misvalued_log = -parameters.initial_misalignment_pct / 100.0
        self.behaviours = AS_MODELLED
        self.learned = 0.0
        self.assets_to_gdp = 0.0
        self.log_value = self._log_mean

    def follow(self, behaviours: Behaviours) -> None:
        """Believe from now on what these say."""
        self.behaviours = behaviours

    def open_at(self, log_price: float, misvalued_log: float) -> None:
        """Believe at the start that the opening rate is so far over its fair value, log points."""
        self.opening_misvalued_log = misvalued_log
        self._log_mean = self.log_value = log_price - misvalued_log

    def learn(self, log_price: float, log_relative_price: float, assets_to_gdp: float, doubt_log: float) -> None:
        """Judge anew at the end of a month.

        Parameters
        ----------
        log_price : logarithm of yen per dollar at the close.
        log_relative_price : prices at home over prices abroad, logarithm; higher ones make a weaker yen.
        assets_to_gdp : net foreign assets over GDP less what they were at the start; more make a stronger yen.
        doubt_log : what doubt about fiscal policy adds to the value of the dollar, log points.
        """
        self.assets_to_gdp += (assets_to_gdp - self.assets_to_gdp) / ACCOUNTS_MONTHS
        trader = self.behaviours.currency_trader
        if trader is not None:
            seen = math.exp(log_price), math.exp(self.log_value), math.exp(log_relative_price)
            believed = self.behaviours.number("currency_trader", trader(*seen, self.assets_to_gdp), 1.0, 10_000.0)
            self.log_value = math.log(believed) + doubt_log
            return
        self.learned += self._speed * (log_price - log_relative_price - self._log_mean - self.learned)
        self.log_value = (
            self._log_mean
            + self.learned
            + log_relative_price
            - self.p.nfa_fundamental_response_pct * self.assets_to_gdp
            + doubt_log
        )


@njit(cache=True)
def currency_trader_orders(
    weight: Array,
    tilt: Array,
    exposure: Array,
    leverage: Array,
    wealth: Array,
    position: Array,
    order: Array,
    attitude: float,
    wanted_by_all: float,
    limit_of_all: float,
    speed: float,
    dollars_per_wealth: float,
    most_of_wealth: float,
    ruin: float,
) -> tuple[float, float, float, float]:
    """Orders of speculative traders in one session of the currency market.

    A member wants its part of the stock of dollars ``wanted_by_all``, at most its part of ``limit_of_all`` either way,
    and goes ``speed`` of the distance.  Nobody holds more than ``most_of_wealth`` times its wealth: what a loss leaves
    beyond it goes at once, and everything if no more than ``ruin`` of the committed capital is left.

    Parameters
    ----------
    leverage : limit over committed capital.
    wealth, position : trillion yen and billion dollars by member; ``position`` is moved.
    order : takes each member's order, billion dollars, buying dollars positive.
    attitude : of the group; a member above whose tilt it is reads the day as a fundamentalist, else as a chartist.
    dollars_per_wealth : billion dollars per trillion yen.

    Returns
    -------
    Fundamentalists' share by weight, what fundamentalists and what chartists weigh in the group's opinion, and the sum
    of orders.
    """
    share, as_fundamentalists, as_chartists, total = 0.0, 0.0, 0.0, 0.0
    # Choices instead of branches: which way a member goes is hard to predict.
    for i in range(weight.size):
        load, limit = weight[i] * exposure[i], weight[i] * limit_of_all
        fundamentalist = attitude > tilt[i]
        share += weight[i] if fundamentalist else 0.0
        as_fundamentalists += load if fundamentalist else 0.0
        as_chartists += 0.0 if fundamentalist else load
        backed, held = wealth[i] * dollars_per_wealth, position[i]
        most = most_of_wealth * backed if leverage[i] * backed > ruin * limit else 0.0
        wanted = min(max(load * wanted_by_all, -limit), limit)
        after = min(max(held + speed * (wanted - held), -most), most)
        order[i] = after - held
        position[i] = after
        total += order[i]
    return share, as_fundamentalists, as_chartists, total


@njit(cache=True)
def read_the_day(weight: Array, tilt: Array, load: Array, attitude: float) -> tuple[float, float, float]:
    """How the group reads a day: a member above whose tilt its attitude is, as a fundamentalist, else as a chartist.

    Parameters
    ----------
    load : (members,) what each weighs in the group's opinion, its weight times its exposure, in any unit.

    Returns
    -------
    Fundamentalists' share by weight, and what fundamentalists and what chartists weigh.
    """
    share, as_fundamentalists, as_chartists = 0.0, 0.0, 0.0
    # Choices instead of branches: which way a member goes is hard to predict.
    for i in range(weight.size):
        fundamentalist = attitude > tilt[i]
        share += weight[i] if fundamentalist else 0.0
        as_fundamentalists += load[i] if fundamentalist else 0.0
        as_chartists += 0.0 if fundamentalist else load[i]
    return share, as_fundamentalists, as_chartists


def readings_to_keep(tilt: Array) -> tuple[Array, Array]:
    """Tilts from the lowest, and room for a reading of each way in which an attitude can lie between them.

    For :func:`read_the_day_again`; the room is (members + 1, 3) and holds no reading yet.
    """
    return np.sort(tilt), np.full((tilt.size + 1, 3), _NOT_READ)


@njit(cache=True)
def read_the_day_again(
    weight: Array, tilt: Array, load: Array, attitude: float, ranked: Array, known: Array
) -> tuple[float, float, float]:
    """:func:`read_the_day`, to the bit, but only once for all days whose attitudes lie between the same two tilts.

    For thousands of days of the same members, who read them in no more ways than there are members and one.

    Parameters
    ----------
    ranked, known : see :func:`readings_to_keep`; readings are written into ``known``.
    """
    low, high = 0, ranked.size
    while low < high:
        middle = (low + high) // 2
        if ranked[middle] < attitude:
            low = middle + 1
        else:
            high = middle
    if known[low, 0] == _NOT_READ:
        known[low, 0], known[low, 1], known[low, 2] = read_the_day(weight, tilt, load, attitude)
    return known[low, 0], known[low, 1], known[low, 2]


@njit(cache=True)
def currency_trader_limits(
    weight: Array,
    exposure: Array,
    leverage: Array,
    wealth: Array,
    position: Array,
    wanted_by_all: float,
    limit_of_all: float,
    dollars_per_wealth: float,
    most_of_wealth: float,
    ruin: float,
    found: Array,
) -> None:
    """Write what the limits of :func:`currency_trader_orders`, which takes the same, do to members as they stand.

    ``found`` is (2, 3) of the largest position and of wealth: room as a share of the limit (mean by weight, between -1
    and 1), weight of those bound, and billion dollars that are wanted and not held because of it; written.
    """
    found[:] = 0.0
    total = 0.0
    for i in range(weight.size):
        own, limit = weight[i], weight[i] * limit_of_all
        total += own
        backed = wealth[i] * dollars_per_wealth
        most = most_of_wealth * backed if leverage[i] * backed > ruin * limit else 0.0
        wanted = abs(own * exposure[i] * wanted_by_all)
        within = min(wanted, limit)
        found[0, 0] += own * (min(max(1.0 - wanted / limit, -1.0), 1.0) if limit > 0.0 else -1.0)
        found[1, 0] += own * (min(max(1.0 - abs(position[i]) / most, -1.0), 1.0) if most > 0.0 else -1.0)
        if wanted > limit * _BEYOND:
            found[0, 1] += own
            found[0, 2] += wanted - limit
        if within > most * _BEYOND:
            found[1, 1] += own
            found[1, 2] += within - most
    for k in range(2):
        found[k, 0] /= total
        found[k, 1] = min(found[k, 1] / total, 1.0)


@njit(cache=True)
def put_off(position: Array, order: Array, share: float) -> float:
    """Let only a ``share`` of every member's order be done in the session, and take the rest out of ``position``.

    Returns the sum of what is done.
    """
    total = 0.0
    for i in range(order.size):
        position[i] -= (1.0 - share) * order[i]
        order[i] *= share
        total += order[i]
    return total


@njit(cache=True)
def mark_to_market(position: Array, order: Array, wealth: Array, before: float, now: float, carry: float) -> None:
    """Add a session's gains to ``wealth``, trillion yen.

    Orders are done at the mean of the rates ``before`` and ``now``, yen per dollar; dollars earn ``carry`` over yen,
    a share of their value in the session.
    """
    half = 0.0005 * (now - before)
    gained = 2.0 * half + carry * before / 1000.0
    for i in range(position.size):
        wealth[i] += position[i] * gained - order[i] * half


@njit(cache=True)
def renew_capital(
    weight: Array, leverage: Array, wealth: Array, limit_of_all: float, ruin: float, speed: float
) -> float:
    """Let owners move ``wealth`` towards the capital they commit; returns what they put in, trillion yen.

    A member is committed its part of ``limit_of_all`` over its ``leverage``.  Owners go ``speed`` of the distance; a
    member below ``ruin`` times its capital is replaced by one with new capital.
    """
    total = 0.0
    for i in range(wealth.size):
        capital = weight[i] * limit_of_all / leverage[i]
        put_in = (1.0 if wealth[i] < ruin * capital else speed) * (capital - wealth[i])
        wealth[i] += put_in
        total += put_in
    return total


@njit(cache=True)
def trader_orders(
    as_fundamentalists: float, as_chartists: float, pull: float, trend: float, news_f: float, news_c: float
) -> tuple[float, float, float]:
    """Orders of speculative traders in one session of the equity market, as log points by which they move it.

    Parameters
    ----------
    as_fundamentalists, as_chartists : what they weigh, see :func:`read_the_day`.
    pull, trend : what one order of each follows: the way back to value, and the last change.
    news_f, news_c : news as each reads it.

    Returns
    -------
    On value, on the trend, and on news.
    """
    return as_fundamentalists * pull, as_chartists * trend, as_fundamentalists * news_f + as_chartists * news_c
