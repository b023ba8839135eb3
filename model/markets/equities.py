"""Equities: the Japanese market, SoftBank, and the holdings abroad whose prices come from outside.

Japanese equity is traded each session by fundamentalists and chartists (Franke and Westerhoff 2012, their S&P 500
parameters with noise scaled to the Nikkei 225) and by investors whose net orders move the price.  SoftBank's price
follows the value of its holdings, with a discount; unlisted holdings are marked once a quarter and late.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.investors import trader_orders


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
        self._scratch: np.ndarray | None = None
        for _ in range(500):
            self.fundamentalist_share = 1.0 / (1.0 + float(np.exp(-self._attitude())))

    def _attitude(self) -> float:
        p = self.p
        gap = self.log_price - self.fundamental
        return (
            p.equity_predisposition
            + p.equity_herding * (2.0 * self.fundamentalist_share - 1.0)
            + p.equity_misalignment_weight * gap * gap
        )

    def session(
        self, client_orders_trn_yen: float, traders: dict, world_news: float, news: np.ndarray, drift: float
    ) -> float:
        """Trade one session and return the log return.

        Parameters
        ----------
        client_orders_trn_yen : net purchases by investors other than speculative traders.
        traders : column views of the speculative traders.
        world_news : standardised news of the world market.
        news : two standardised own shocks, fundamentalists' and chartists'.
        drift : expected price growth of the session, log points, at which the fundamental moves within the month.
        """
        p = self.p
        impact = p.equity_impact_pct_per_trn_yen / 100.0
        common = p.equity_world_news_loading
        own = np.sqrt(1.0 - common**2)
        if self._scratch is None or self._scratch.size != traders["weight"].size:
            self._scratch = np.zeros(traders["weight"].size)
        self.fundamental += drift
        share, fundamental, chart, surprise = trader_orders(
            traders["weight"],
            traders["tilt"],
            traders["exposure"],
            self._scratch,
            self._attitude(),
            -p.equity_fundamentalist_pull * (self.log_price - self.fundamental),
            p.equity_chartist_extrapolation * (self.last_change - drift),
            p.equity_fundamentalist_noise * (common * world_news + own * news[0]),
            p.equity_chartist_noise * (common * world_news + own * news[1]),
            p.equity_trader_impact / impact,
        )
        self.fundamentalist_share = share
        orders = fundamental + chart + surprise
        self.last_change = drift + impact * (orders + client_orders_trn_yen)
        self.log_price += self.last_change
        self.trader_orders_trn_yen += orders
        return self.last_change


class SoftBankShares:
    """SoftBank Group's share price, start = 1."""

    def __init__(self, parameters: Any, market_value: float, net_asset_value: float) -> None:
        self.p = parameters
        self.log_price = 0.0
        self.log_value_start = float(np.log(net_asset_value))
        self.discount_start = 1.0 - market_value / net_asset_value
        self._log_value = self.log_value_start

    def session(self, net_asset_value: float, market_return: float, news: float) -> float:
        """Move the price with the live net asset value, a pull to it, the home market's return and own news."""
        p = self.p
        value = float(np.log(max(net_asset_value, 0.05 * np.exp(self.log_value_start))))
        fair = value - self.log_value_start
        change = (
            (value - self._log_value)
            + p.softbank_price_pull_daily * (fair - self.log_price)
            + p.softbank_market_loading * market_return
            + p.softbank_own_volatility_pct_daily / 100.0 * news
        )
        self._log_value = value
        self.log_price += change
        return change
