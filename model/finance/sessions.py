"""The month's 21 sessions: currency, equity and bond prices, session by session."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.agents.investors import CARRY, TRADER
from itcho.model.clock import FIRST_FISCAL_MONTH
from itcho.model.disturbances import Disturbances
from itcho.model.finance.foreign_exchange import CARRY_COLUMNS, TRADER_COLUMNS, CurrencyMonth, CurrencyTerms
from itcho.model.month_records import SessionPrices
from itcho.model.outside_world import SESSIONS_A_MONTH
from itcho.model.public.reserves import reserves_bn_usd
from itcho.model.world import World

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
    carry_appetite : carry traders' wanted book relative to the start.
    equity_drift : expected growth of the equity fundamental in a session, log points.
    softbank_discount_pct : at which what holders of SoftBank's shares sold was taken.
    exports_trn_yen, imports_trn_yen : the month's trade other than in AI, which treasurers hedge ahead of.
    equity_pressed_pct : of their price that Japanese shares lose to what margin calls made households sell.
    """

    yen_trn: Array
    dollars_bn: Array
    carry_appetite: float
    equity_drift: float
    exports_trn_yen: float
    imports_trn_yen: float
    softbank_discount_pct: float = 0.0
    equity_pressed_pct: float = 0.0


def run_sessions(world: World, orders: SessionOrders, disturbances: Disturbances) -> SessionPrices:
    """Run the month's sessions and return their prices."""
    month, p, streams = world.month, world.parameters, world.streams
    dof = p.return_tail_degrees_of_freedom
    boom = 0.0 if world.ai_boom is None else world.ai_boom.log_return
    world_returns, ai, world_news = world.outside.equity_returns(month, p, streams, boom)
    fx_news = streams.student_t("currency traders", month, (SESSIONS_A_MONTH, 2), dof)
    equity_news = streams.student_t("equity traders", month, (SESSIONS_A_MONTH, 2), dof)
    softbank_news = streams.student_t("softbank shares", month, (SESSIONS_A_MONTH,), dof)
    bonds = world.bonds
    bond_sentiment = bonds.daily_sentiment(streams.normals("bond sentiment", month, SESSIONS_A_MONTH))
    currency = _trade_currency(world, orders, fx_news, disturbances)
    equity, own_returns = world.equities.trade_month(
        world.portfolios.columns_of(TRADER, ("weight", "tilt", "exposure")),
        world_news,
        equity_news,
        orders.equity_drift,
        orders.equity_pressed_pct,
    )
    ai, world_log = ai.cumsum(), world_returns.cumsum()
    value = _softbank_value(world, ai + disturbances.softbank_holdings_log_return, currency.usdjpy)
    softbank = world.softbank_shares.trade_month(value, own_returns, softbank_news, orders.softbank_discount_pct)
    jgb_10y = bonds.close_month(_MONTH_GONE, bond_sentiment)
    return SessionPrices(
        usdjpy=currency.usdjpy,
        equity=np.exp(equity),
        softbank=np.exp(softbank),
        world=np.exp(world.outside.equity_log + world_log),
        jgb_10y=np.maximum(jgb_10y, p.effective_lower_bound_pct),
        world_log_return=world_log.item(-1),
        ai_log_return=ai.item(-1),
        currency=currency,
    )


def _softbank_value(world: World, own_log_return: Array, usdjpy: Array) -> Array:
    """SoftBank Group's live net asset value in the month's sessions, trillion yen."""
    group, position = world.softbank_group, world.softbank_accounts.position
    moved = np.exp(own_log_return) * usdjpy / world.state.usdjpy
    live = (group.listed + group.unlisted_true) * moved
    return live + (position.telecom - position.asset_backed - position.net_debt)


def _trade_currency(world: World, orders: SessionOrders, news: Array, disturbances: Disturbances) -> CurrencyMonth:
    """Trade the currency, the ministry deciding before each session."""
    reserves, government, market = reserves_bn_usd(world), world.government, world.foreign_exchange
    terms = CurrencyTerms(
        carry_appetite=orders.carry_appetite,
        rate_gap_pct=world.outside.us_policy_rate_pct - world.state.policy_rate_pct,
        nominal_gdp_trn_yen=world.state.nominal_gdp_four_quarters,
        world_volatility_factor=world.outside.path.world_volatility_factor,
    )
    if world.clock.date.month == FIRST_FISCAL_MONTH:
        world.treasurers.set_budget()
    world.treasurers.plan(orders.exports_trn_yen, orders.imports_trn_yen, world.state.usdjpy)
    before, stays_out, columns_of = market.log_price, government.stays_out, world.portfolios.columns_of
    month = market.trade_month(
        orders.yen_trn / SESSIONS_A_MONTH,
        orders.dollars_bn,
        columns_of(TRADER, TRADER_COLUMNS),
        columns_of(CARRY, CARRY_COLUMNS),
        terms,
        news,
        None if stays_out else lambda log_price, bought: government.intervene(log_price, reserves + bought),
        disturbances.usdjpy_path,
        world.treasurers,
    )
    world.treasurers.see_close(month.log_prices[-1])
    if stays_out:
        government.stay_out([before, *month.log_prices[:-1]], reserves)
    return month
