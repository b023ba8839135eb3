"""The month's 21 sessions: currency, equity and bond prices, session by session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.investors import CARRY, TRADER
from model.markets.foreign_exchange import CLIENTS
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
    fx, equities, shares = economy.foreign_exchange, economy.equities, economy.softbank_shares
    dof = p.return_tail_degrees_of_freedom
    world, ai, world_news = economy.outside.equity_returns(month, p, streams)
    fx_news = streams.student_t("currency traders", month, (SESSIONS_A_MONTH, 2), dof)
    equity_news = streams.student_t("equity traders", month, (SESSIONS_A_MONTH, 2), dof)
    softbank_news = streams.student_t("softbank shares", month, (SESSIONS_A_MONTH,), dof)
    bond_sentiment = economy.bonds.daily_sentiment(streams.normals("bond sentiment", month, SESSIONS_A_MONTH))
    traders = _views(economy.investors, economy.portfolios.rows[TRADER])
    carry = _views(economy.investors, economy.portfolios.rows[CARRY])
    prices = np.empty((SESSIONS_A_MONTH, 5))
    before_yield = economy.bonds.last_close_pct
    target_yield = economy.bonds.yields_without_sentiment_pct
    world_level, ai_total = economy.world_equity_log, 0.0
    trader_yen = carry_yen = 0.0
    intervention, reserves = CLIENTS.index("intervention"), reserves_bn_usd(economy)
    fx.start_month(economy.outside.path.world_volatility_factor)
    for session in range(SESSIONS_A_MONTH):
        usdjpy = fx.usdjpy
        flows = orders.yen_trn / SESSIONS_A_MONTH * 1000.0 / usdjpy + orders.dollars_bn[:, session]
        left = reserves + economy.intervention_bn_usd
        flows[intervention] += economy.government.intervene(fx.log_price, left)
        economy.intervention_bn_usd += flows[intervention]
        carry_before, trader_before = fx.carry_bn_usd, fx.trader_bn_usd
        held = economy.disturbances.usdjpy_path
        fx.session(
            flows,
            traders,
            carry,
            orders.carry_appetite,
            fx_news[session],
            None if held is None else float(held[session]),
        )
        mid = 0.5 * (usdjpy + fx.usdjpy) / 1000.0
        economy.intervention_yen_trn += flows[intervention] * mid
        carry_yen += (fx.carry_bn_usd - carry_before) * mid
        trader_yen += (fx.trader_bn_usd - trader_before) * mid
        own = equities.session(
            orders.equity_trn / SESSIONS_A_MONTH,
            traders,
            world_news[session],
            equity_news[session],
            orders.equity_drift,
        )
        world_level += world[session]
        ai_total += ai[session]
        value = economy.softbank_value(ai_total, fx.usdjpy)
        shares.session(value, own, softbank_news[session])
        glide = (session + 1) / SESSIONS_A_MONTH
        fair = before_yield + glide * (target_yield - before_yield) + bond_sentiment[session]
        prices[session] = (
            fx.usdjpy,
            np.exp(equities.log_price),
            np.exp(shares.log_price),
            np.exp(world_level),
            max(p.effective_lower_bound_pct, fair),
        )
    economy.bonds.last_close_pct = target_yield
    return SessionPrices(
        usdjpy=prices[:, 0].copy(),
        equity=prices[:, 1].copy(),
        softbank=prices[:, 2].copy(),
        world=prices[:, 3].copy(),
        jgb_10y=prices[:, 4].copy(),
        world_log_return=world_level - economy.world_equity_log,
        ai_log_return=ai_total,
        trader_yen_trn=trader_yen,
        carry_yen_trn=carry_yen,
    )


def _views(population: Any, rows: slice) -> dict[str, Array]:
    names = ("weight", "tilt", "exposure", "position_usd", "headroom", "stop_loss", "cooldown")
    return {name: population.columns[name][rows] for name in names}
