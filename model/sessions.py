"""The month's 21 sessions: currency, equity and bond prices, session by session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.agents.investors import CARRY, TRADER
from itcho.model.markets.foreign_exchange import CurrencyMonth
from itcho.model.outside_world import SESSIONS_A_MONTH
from itcho.model.reserves import reserves_bn_usd

Array = NDArray[np.float64]

_MONTH_GONE: Array = np.arange(1, SESSIONS_A_MONTH + 1) / SESSIONS_A_MONTH
"""Part of the month that is over after each session."""

DAILY_COLUMNS = ("usdjpy", "japan_equity_index", "softbank_equity_index", "world_equity_index", "jgb_10y_pct")


class SessionOrders(NamedTuple):
    """What clients bring to the sessions.

    Attributes
    ----------
    yen_trn : planned net purchases of dollars in the month by client, trillion yen, spread evenly.
    dollars_bn : net purchases by client and session fixed in dollars, (clients, 21).
    equity_trn : net purchases of Japanese equity by investors, trillion yen, spread evenly.
    carry_appetite : carry traders' wanted book relative to the start.
    equity_drift : expected growth of the equity fundamental in a session, log points.
    """

    yen_trn: Array
    dollars_bn: Array
    equity_trn: float
    carry_appetite: float
    equity_drift: float


@dataclass(slots=True)
class SessionPrices:
    """Prices of the month's sessions, (21,) each, and the flows they came from."""

    usdjpy: Array
    equity: Array
    softbank: Array
    world: Array
    jgb_10y: Array
    world_log_return: float
    ai_log_return: float
    trader_yen_trn: float
    carry_yen_trn: float


def run_sessions(economy: Any, orders: SessionOrders) -> SessionPrices:
    """Run the month's sessions on ``economy`` and return their prices."""
    month, p, streams = economy.clock.month, economy.parameters, economy.streams
    dof = p.return_tail_degrees_of_freedom
    world, ai, world_news = economy.outside.equity_returns(month, p, streams)
    fx_news = streams.student_t("currency traders", month, (SESSIONS_A_MONTH, 2), dof)
    equity_news = streams.student_t("equity traders", month, (SESSIONS_A_MONTH, 2), dof)
    softbank_news = streams.student_t("softbank shares", month, (SESSIONS_A_MONTH,), dof)
    bond_sentiment = economy.bonds.daily_sentiment(streams.normals("bond sentiment", month, SESSIONS_A_MONTH))
    currency = _trade_currency(economy, orders, fx_news)
    economy.intervention_bn_usd = currency.intervention_bn_usd
    economy.intervention_yen_trn = currency.intervention_yen_trn
    equity, own_returns = economy.equities.trade_month(
        orders.equity_trn / SESSIONS_A_MONTH,
        economy.portfolios.columns_of(TRADER, ("weight", "tilt", "exposure")),
        world_news,
        equity_news,
        orders.equity_drift,
    )
    ai, world = ai.cumsum(), world.cumsum()
    value = economy.softbank_value(ai, currency.usdjpy)
    softbank = economy.softbank_shares.trade_month(value, own_returns, softbank_news)
    bonds = economy.bonds
    target = bonds.yields_without_sentiment_pct
    jgb_10y = _MONTH_GONE * (target - bonds.last_close_pct)
    jgb_10y += bonds.last_close_pct
    jgb_10y += bond_sentiment
    bonds.last_close_pct = target
    return SessionPrices(
        usdjpy=currency.usdjpy,
        equity=np.exp(equity),
        softbank=np.exp(softbank),
        world=np.exp(economy.world_equity_log + world),
        jgb_10y=np.maximum(jgb_10y, p.effective_lower_bound_pct),
        world_log_return=world.item(-1),
        ai_log_return=ai.item(-1),
        trader_yen_trn=currency.trader_yen_trn,
        carry_yen_trn=currency.carry_yen_trn,
    )


def _trade_currency(economy: Any, orders: SessionOrders, news: Array) -> CurrencyMonth:
    """Trade the currency, the ministry deciding before each session."""
    reserves, government, market = reserves_bn_usd(economy), economy.government, economy.foreign_exchange
    before, stays_out, columns_of = market.log_price, government.stays_out, economy.portfolios.columns_of
    month: CurrencyMonth = market.trade_month(
        orders.yen_trn / SESSIONS_A_MONTH,
        orders.dollars_bn,
        columns_of(TRADER, ("weight", "tilt", "exposure", "position_usd")),
        columns_of(CARRY, ("weight", "exposure", "headroom", "stop_loss", "cooldown", "position_usd")),
        orders.carry_appetite,
        news,
        None if stays_out else lambda log_price, bought: government.intervene(log_price, reserves + bought),
        economy.disturbances.usdjpy_path,
        economy.outside.path.world_volatility_factor,
    )
    if stays_out:
        government.stay_out([before, *month.log_prices[:-1]], reserves)
    return month
