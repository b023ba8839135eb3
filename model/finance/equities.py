"""Equities: the Japanese market, SoftBank, and the holdings abroad whose prices come from outside.

Japanese equity is traded each session by fundamentalists and chartists (Franke and Westerhoff 2012, their S&P 500
parameters with noise scaled to the Nikkei 225).  SoftBank's price follows the value of its holdings, with a discount;
unlisted holdings are marked once a quarter and late.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit
from itcho.agents.speculative_traders import read_the_day, read_the_day_again, readings_to_keep, trader_orders
from itcho.agents.views import ParameterValues

Array = NDArray[np.float64]
Traders: TypeAlias = tuple[Array, Array, Array]
"""Weight, tilt and load of speculative traders, as ``read_the_day`` takes them."""
_NONE_KEPT: tuple[Array, Array] = (np.empty(0), np.empty((0, 3)))
"""No readings kept: in one month they do not come back."""


class EquityMarket:
    """State of the market for Japanese equity.

    Attributes
    ----------
    log_price : logarithm of the index, 0 at the start.
    fundamental : logarithm of the value that fundamentalists believe in.
    value_followed : logarithm of the value to which the market has moved so far, 0 at the start.
    """

    def __init__(self, parameters: ParameterValues) -> None:
        self.p = parameters
        self.log_price = 0.0
        self.fundamental = 0.0
        self.value_followed = 0.0
        self.last_change = 0.0
        self.fundamentalist_share = 0.5
        for _ in range(500):
            self.fundamentalist_share = 1.0 / (1.0 + math.exp(-self._attitude()))

    def take_parameters(self, parameters: ParameterValues) -> None:
        """Let traders go by these parameters from now on."""
        self.p = parameters

    def open_at(self, misvalued_log: float, last_change: float, fundamentalist_share: float) -> None:
        """Stand at the opening price, so far from the value that traders believe in, with their state of mind.

        Parameters
        ----------
        misvalued_log : the price over the value, log points.
        last_change : of the session before, log points.
        fundamentalist_share : by weight.
        """
        self.log_price, self.fundamental = 0.0, -misvalued_log
        self.last_change, self.fundamentalist_share = last_change, fundamentalist_share

    def drift_towards(self, log_value: float, speed: float, sessions: int) -> float:
        """Let the value that is traded in go part of the way to ``log_value``; returns its growth in a session."""
        growth = speed * (log_value - self.value_followed)
        self.value_followed += growth
        return growth / sessions

    def _attitude(self) -> float:
        p = self.p
        gap = self.log_price - self.fundamental
        return (
            p.equity_predisposition
            + p.equity_herding * (2.0 * self.fundamentalist_share - 1.0)
            + p.equity_misalignment_weight * gap * gap
        )

    def trade_month(
        self,
        traders: tuple[Array, ...],
        world_news: Array,
        news: Array,
        drift: float,
        pressed_pct: float = 0.0,
    ) -> tuple[Array, Array]:
        """Trade the month's sessions and return the log prices and log returns of each.

        Parameters
        ----------
        traders : ``weight``, ``tilt`` and ``exposure`` of the speculative traders.
        world_news : standardised news of the world market, (sessions,).
        news : two standardised own shocks of each session, fundamentalists' and chartists', (sessions, 2).
        drift : expected price growth of a session, log points, at which the fundamental moves within the month.
        pressed_pct : of its price that the market loses over the month to sales that could not wait; those who trade
            on value take it out again.
        """
        p = self.p
        common = p.equity_world_news_loading
        prices, returns = np.empty(world_news.size), np.empty(world_news.size)
        self.log_price, self.fundamental, self.last_change, self.fundamentalist_share = _equity_sessions(
            self._loaded(traders),
            _NONE_KEPT,
            common * world_news,
            math.sqrt(1.0 - common**2) * news,
            drift,
            pressed_pct / 100.0 / world_news.size,
            (self.log_price, self.fundamental, self.last_change, self.fundamentalist_share),
            (p.equity_predisposition, p.equity_herding, p.equity_misalignment_weight),
            (p.equity_fundamentalist_pull, p.equity_chartist_extrapolation),
            (p.equity_fundamentalist_noise, p.equity_chartist_noise),
            prices,
            returns,
        )
        return prices, returns

    def trade_the_past(self, traders: tuple[Array, ...], world_news: Array, news: Array) -> tuple[Array, Array]:
        """Trade months before the start, one after the other, at no drift.

        Parameters
        ----------
        traders : as for :meth:`trade_month`.
        world_news : standardised news of the world market, (months, sessions).
        news : fundamentalists' and chartists' own shocks, (2, months, sessions).

        Returns
        -------
        Log returns, (months, sessions), and after each month the price's distance from value, the last change and
        fundamentalists' share, (months, 3).
        """
        p = self.p
        common = p.equity_world_news_loading
        returns, states = np.empty(world_news.shape), np.empty((world_news.shape[0], 3))
        self.log_price, self.fundamental, self.last_change, self.fundamentalist_share = _equity_months(
            self._loaded(traders),
            readings_to_keep(traders[1]),
            common * world_news,
            np.ascontiguousarray(np.moveaxis(math.sqrt(1.0 - common**2) * news, 0, -1)),
            (self.log_price, self.fundamental, self.last_change, self.fundamentalist_share),
            (p.equity_predisposition, p.equity_herding, p.equity_misalignment_weight),
            (p.equity_fundamentalist_pull, p.equity_chartist_extrapolation),
            (p.equity_fundamentalist_noise, p.equity_chartist_noise),
            returns,
            states,
        )
        return returns, states

    def _loaded(self, traders: tuple[Array, ...]) -> Traders:
        """``weight``, ``tilt`` and ``exposure`` as weight, tilt and what each member's order moves."""
        weight, tilt, exposure = traders
        return weight, tilt, weight * exposure * self.p.equity_trader_impact


@njit(cache=True)
def _equity_sessions(
    traders: Traders,
    kept: tuple[Array, Array],
    common: Array,
    own: Array,
    drift: float,
    pressed: float,
    state: tuple[float, float, float, float],
    attitudes: tuple[float, float, float],
    responses: tuple[float, float],
    noises: tuple[float, float],
    prices: Array,
    returns: Array,
) -> tuple[float, float, float, float]:
    """The month's sessions of :meth:`EquityMarket.trade_month`; returns the state after them.

    ``kept`` are readings of days that may come back, see ``read_the_day_again``; ``pressed`` is what forced sales take
    off the log price in a session; ``state`` is log price, fundamental, last change and fundamentalists' share.
    """
    weight, tilt, load = traders
    ranked, known = kept
    price, fundamental, change, share = state
    predisposition, herding, misalignment = attitudes
    pull, extrapolation = responses
    for s in range(prices.size):
        fundamental += drift
        gap = price - fundamental
        attitude = predisposition + herding * (2.0 * share - 1.0) + misalignment * gap * gap
        if known.size > 0:
            share, as_fundamentalists, as_chartists = read_the_day_again(weight, tilt, load, attitude, ranked, known)
        else:
            share, as_fundamentalists, as_chartists = read_the_day(weight, tilt, load, attitude)
        by_value, by_chart, by_news = trader_orders(
            as_fundamentalists,
            as_chartists,
            -pull * gap,
            extrapolation * (change - drift),
            noises[0] * (common[s] + own[s, 0]),
            noises[1] * (common[s] + own[s, 1]),
        )
        change = drift + (by_value + by_chart + by_news) - pressed
        price += change
        prices[s], returns[s] = price, change
    return price, fundamental, change, share


@njit(cache=True)
def _equity_months(
    traders: Traders,
    kept: tuple[Array, Array],
    common: Array,
    own: Array,
    state: tuple[float, float, float, float],
    attitudes: tuple[float, float, float],
    responses: tuple[float, float],
    noises: tuple[float, float],
    returns: Array,
    states: Array,
) -> tuple[float, float, float, float]:
    """Months of :func:`_equity_sessions` one after the other; ``states`` are written at the end of each."""
    prices = np.empty(common.shape[1])
    for month in range(common.shape[0]):
        state = _equity_sessions(
            traders,
            kept,
            common[month],
            own[month],
            0.0,
            0.0,
            state,
            attitudes,
            responses,
            noises,
            prices,
            returns[month],
        )
        # One by one: Numba compiles the assignment of a row for as long as all the rest of this.
        states[month, 0], states[month, 1], states[month, 2] = state[0] - state[1], state[2], state[3]
    return state


class SoftBankShares:
    """SoftBank Group's share price.

    Attributes
    ----------
    index : at the close of the last month, start = 1.
    risk_ratio : volatility of the last months over what holders have planned for; at least 1.
    """

    def __init__(self, parameters: ParameterValues, market_value: float, net_asset_value: float) -> None:
        self.p = parameters
        self.log_price = 0.0
        # Shares of a company that does not stand apart have no price of their own.
        self._listed = market_value > 0.0
        self.log_value_start = math.log(net_asset_value) if self._listed else 0.0
        self.index = 1.0
        self._log_value = self.log_value_start
        self._log_price_to_value = math.log(market_value / net_asset_value) if self._listed else 0.0
        self.risk_ratio = 1.0

    @property
    def discount_pct(self) -> float:
        """By how much the price is below what the holdings are worth, percent; negative above it."""
        gap = self.log_price - (self._log_value - self.log_value_start)
        return -100.0 * math.expm1(self._log_price_to_value + gap)

    def close_at(self, index: float) -> None:
        """Take the month's closing price."""
        self.index = index

    def issue(self, raised_trn_yen: float, net_asset_value: float) -> None:
        """New shares at their value: what they bring in belongs to their buyers and moves no price.

        Parameters
        ----------
        raised_trn_yen : paid for them.
        net_asset_value : before, trillion yen.
        """
        diluted = math.log1p(raised_trn_yen / max(net_asset_value, 0.05 * math.exp(self.log_value_start)))
        self.log_value_start += diluted
        self._log_value += diluted

    def trade_month(
        self, net_asset_value: Array, market_return: Array, news: Array, discount_pct: float = 0.0
    ) -> Array:
        """Move the price each session with the live net asset value, a pull to it, the home market and own news.

        Parameters
        ----------
        net_asset_value : trillion yen, (sessions,).
        market_return, news : log return of the home market and standardised own news, (sessions,).
        discount_pct : at which holders took the month's forced sales; it comes in over the sessions, and the pull to
            value takes it out again.

        Returns
        -------
        Log prices, (sessions,).
        """
        if not self._listed:
            return np.zeros(net_asset_value.size)
        p = self.p
        value = np.log(np.maximum(net_asset_value, 0.05 * math.exp(self.log_value_start)))
        other = p.softbank_market_loading * market_return
        other += p.softbank_own_volatility_pct_daily / 100.0 * news
        other -= discount_pct / 100.0 / news.size
        pull, start, prices = p.softbank_price_pull_daily, self.log_value_start, []
        price, before, squares = self.log_price, self._log_value, 0.0
        for now, moved in zip(value.tolist(), other.tolist(), strict=True):
            change = now - before + pull * (now - start - price) + moved
            price += change
            squares += change * change
            before = now
            prices.append(price)
        self._judge_risk(squares / news.size)
        self.log_price, self._log_value = price, before
        return np.array(prices)

    def _judge_risk(self, mean_square: float) -> None:
        """Take the month's mean squared return of a session into what is known of volatility."""
        usual = (self.p.softbank_usual_volatility_pct_daily / 100.0) ** 2
        kept = 0.5 ** (1.0 / self.p.softbank_volatility_months)
        variance = kept * self.risk_ratio**2 * usual + (1.0 - kept) * mean_square
        self.risk_ratio = max(1.0, math.sqrt(variance / usual))
