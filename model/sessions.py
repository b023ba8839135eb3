"""The month's 21 sessions: currency, equity and bond prices, session by session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.investors import CARRY, TRADER
from model.markets.foreign_exchange import CurrencyMonth
from model.outside_world import SESSIONS_A_MONTH
from model.reserves import reserves_bn_usd

Array = NDArray[np.float64]

DAILY_COLUMNS = ("usdjpy", "japan_equity_index", "softbank_equity_index", "world_equity_index", "jgb_10y_pct")


@dataclass(frozen=True)
class SessionOrders:
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


@dataclass
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
        _columns(economy, TRADER, ("weight", "tilt", "exposure")),
        world_news,
        equity_news,
        orders.equity_drift,
    )
    value = economy.softbank_value(np.cumsum(ai), currency.usdjpy)
    softbank = economy.softbank_shares.trade_month(value, own_returns, softbank_news)
    world_level = economy.world_equity_log + np.cumsum(world)
    bonds, glide = economy.bonds, np.arange(1, SESSIONS_A_MONTH + 1) / SESSIONS_A_MONTH
    target = bonds.yields_without_sentiment_pct
    fair = bonds.last_close_pct + glide * (target - bonds.last_close_pct) + bond_sentiment
    bonds.last_close_pct = target
    return SessionPrices(
        usdjpy=currency.usdjpy,
        equity=np.exp(equity),
        softbank=np.exp(softbank),
        world=np.exp(world_level),
        jgb_10y=np.maximum(fair, p.effective_lower_bound_pct),
        world_log_return=float(world.sum()),
        ai_log_return=float(ai.sum()),
        trader_yen_trn=currency.trader_yen_trn,
        carry_yen_trn=currency.carry_yen_trn,
    )


def _trade_currency(economy: Any, orders: SessionOrders, news: Array) -> CurrencyMonth:
    """Trade the currency, the ministry deciding before each session."""
    reserves = reserves_bn_usd(economy)
    month: CurrencyMonth = economy.foreign_exchange.trade_month(
        orders.yen_trn / SESSIONS_A_MONTH,
        orders.dollars_bn,
        _columns(economy, TRADER, ("weight", "tilt", "exposure", "position_usd")),
        _columns(economy, CARRY, ("weight", "exposure", "headroom", "stop_loss", "cooldown", "position_usd")),
        orders.carry_appetite,
        news,
        lambda log_price, bought: economy.government.intervene(log_price, reserves + bought),
        economy.disturbances.usdjpy_path,
        economy.outside.path.world_volatility_factor,
    )
    return month


def _columns(economy: Any, kind: int, names: tuple[str, ...]) -> tuple[Array, ...]:
    """Columns of the investors of one type, as views."""
    rows, columns = economy.portfolios.rows[kind], economy.investors.columns
    return tuple(columns[name][rows] for name in names)
