"""Equities: the Japanese market, SoftBank, and the holdings abroad whose prices come from outside.

Japanese equity is traded each session by fundamentalists and chartists (Franke and Westerhoff 2012, their S&P 500
parameters with noise scaled to the Nikkei 225) and by investors whose net orders move the price.  SoftBank's price
follows the value of its holdings, with a discount; unlisted holdings are marked once a quarter and late.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit
from itcho.agents.investors import trader_orders

Array = NDArray[np.float64]


class EquityMarket:
    """State of the market for Japanese equity.

    Attributes
    ----------
    log_price : logarithm of the index, 0 at the start.
    fundamental : logarithm of the value that fundamentalists believe in.
    """

    def __init__(self, parameters: Any) -> None:
        self.p = parameters
        self.log_price = 0.0
        self.fundamental = 0.0
        self.last_change = 0.0
        self.fundamentalist_share = 0.5
        self.trader_orders_trn_yen = 0.0
        self._scratch: Array = np.zeros(0)
        for _ in range(500):
            self.fundamentalist_share = 1.0 / (1.0 + math.exp(-self._attitude()))

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
        client_orders_trn_yen: float,
        traders: tuple[Array, ...],
        world_news: Array,
        news: Array,
        drift: float,
    ) -> tuple[Array, Array]:
        """Trade the month's sessions and return the log prices and log returns of each.

        Parameters
        ----------
        client_orders_trn_yen : net purchases in each session by investors other than speculative traders.
        traders : ``weight``, ``tilt`` and ``exposure`` of the speculative traders.
        world_news : standardised news of the world market, (sessions,).
        news : two standardised own shocks of each session, fundamentalists' and chartists', (sessions, 2).
        drift : expected price growth of a session, log points, at which the fundamental moves within the month.
        """
        p = self.p
        common = p.equity_world_news_loading
        prices, returns = np.empty(world_news.size), np.empty(world_news.size)
        if self._scratch.size != traders[0].size:
            self._scratch = np.zeros(traders[0].size)
        self.log_price, self.fundamental, self.last_change, self.fundamentalist_share, orders = _equity_sessions(
            traders,
            self._scratch,
            common * world_news,
            math.sqrt(1.0 - common**2) * news,
            client_orders_trn_yen,
            drift,
            (self.log_price, self.fundamental, self.last_change, self.fundamentalist_share),
            (p.equity_predisposition, p.equity_herding, p.equity_misalignment_weight),
            (p.equity_fundamentalist_pull, p.equity_chartist_extrapolation),
            (p.equity_fundamentalist_noise, p.equity_chartist_noise),
            p.equity_trader_impact,
            p.equity_impact_pct_per_trn_yen / 100.0,
            prices,
            returns,
        )
        self.trader_orders_trn_yen += orders
        return prices, returns


@njit(cache=True)
def _equity_sessions(  # type: ignore[no-untyped-def]
    traders,
    position,
    common,
    own,
    client_orders,
    drift,
    state,
    attitudes,
    responses,
    noises,
    trader_impact,
    impact,
    prices,
    returns,
):
    """The month's sessions of :meth:`EquityMarket.trade_month`; returns the state after them and the traders' orders.

    ``state`` is log price, fundamental, last change and fundamentalists' share.
    """
    weight, tilt, exposure = traders
    price, fundamental, change, share = state
    predisposition, herding, misalignment = attitudes
    pull, extrapolation = responses
    ordered = 0.0
    for s in range(prices.size):
        fundamental += drift
        gap = price - fundamental
        attitude = predisposition + herding * (2.0 * share - 1.0) + misalignment * gap * gap
        share, by_value, by_chart, by_news = trader_orders(
            weight,
            tilt,
            exposure,
            position,
            attitude,
            -pull * gap,
            extrapolation * (change - drift),
            noises[0] * (common[s] + own[s, 0]),
            noises[1] * (common[s] + own[s, 1]),
            trader_impact / impact,
        )
        orders = by_value + by_chart + by_news
        change = drift + impact * (orders + client_orders)
        price += change
        ordered += orders
        prices[s], returns[s] = price, change
    return price, fundamental, change, share, ordered


class SoftBankShares:
    """SoftBank Group's share price, start = 1."""

    def __init__(self, parameters: Any, market_value: float, net_asset_value: float) -> None:
        self.p = parameters
        self.log_price = 0.0
        self.log_value_start = float(np.log(net_asset_value))
        self.discount_start = 1.0 - market_value / net_asset_value
        self._log_value = self.log_value_start

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

    def trade_month(self, net_asset_value: Array, market_return: Array, news: Array) -> Array:
        """Move the price each session with the live net asset value, a pull to it, the home market and own news.

        Parameters
        ----------
        net_asset_value : trillion yen, (sessions,).
        market_return, news : log return of the home market and standardised own news, (sessions,).

        Returns
        -------
        Log prices, (sessions,).
        """
        p = self.p
        value = np.log(np.maximum(net_asset_value, 0.05 * math.exp(self.log_value_start)))
        other = p.softbank_market_loading * market_return
        other += p.softbank_own_volatility_pct_daily / 100.0 * news
        pull, start, prices = p.softbank_price_pull_daily, self.log_value_start, []
        price, before = self.log_price, self._log_value
        for now, moved in zip(value.tolist(), other.tolist(), strict=True):
            price += now - before + pull * (now - start - price) + moved
            before = now
            prices.append(price)
        self.log_price, self._log_value = price, before
        return np.array(prices)
