"""Revaluation: balance sheets at the prices with which the month closed."""

from __future__ import annotations

import math
from typing import Any

from itcho.agents.compiled import total
from itcho.agents.investors import CARRY, TRADER
from itcho.agents.vocabulary import (
    AI_FIRM_EQUITY,
    CARRY_TRADERS,
    DEALERS_ABROAD,
    INVESTMENT_FUNDS,
    JAPANESE_EQUITY,
    OFFSHORE_DOLLARS,
    OFFSHORE_YEN,
    OTHER_FOREIGN_ASSETS,
    SOFTBANK_EQUITY,
    SPECULATIVE_TRADERS,
    UNLISTED_EQUITY,
    WORLD_EQUITY,
)
from itcho.model.credibility import dollar_value_log
from itcho.model.ledger_records import total_of_columns


def revalue_positions(economy: Any) -> None:
    """Post the traders' month and revalue every priced instrument."""
    p, state, ledger, prices = economy.parameters, economy.state, economy.ledger, economy.prices
    before = state.usdjpy
    now = economy.foreign_exchange.usdjpy
    fx = now / before
    _post_traders(economy, prices, before, now)
    equity = math.exp(economy.equities.log_price) / state.equity_index
    funds_before = _revalued_sum(ledger, INVESTMENT_FUNDS)
    ledger.revalue(WORLD_EQUITY, math.exp(prices.world_log_return) * fx - 1.0)
    ledger.revalue(OTHER_FOREIGN_ASSETS, p.fx_share_of_foreign_assets * (fx - 1.0))
    ledger.revalue(JAPANESE_EQUITY, equity - 1.0)
    ledger.revalue(UNLISTED_EQUITY, 0.5 * (equity - 1.0))
    ledger.revalue(AI_FIRM_EQUITY, equity - 1.0)
    issued = economy.chip_importers.columns["equity_issued"]
    issued *= equity
    ledger.revalue(SOFTBANK_EQUITY, float(prices.softbank[-1]) / economy.softbank_index - 1.0)
    economy.treasury.revalue(ledger, economy.bonds.curve(), state.policy_rate_pct)
    economy.structural.pass_fund_returns(ledger, _revalued_sum(ledger, INVESTMENT_FUNDS) - funds_before)
    _mark_softbank(economy, prices, fx)
    _close_prices(economy, prices, now, equity)


def _revalued_sum(ledger: Any, party: str) -> float:
    """Price gains of a party so far this month, trillion yen."""
    return float(total_of_columns(ledger.month_revaluation, ledger.columns_of((party,))))


def _post_traders(economy: Any, prices: Any, before: float, now: float) -> None:
    """Traders' and carry traders' dollars against yen, with the dealers on the other side, and their revaluation."""
    ledger, fx = economy.ledger, economy.foreign_exchange
    columns, rows = economy.investors.columns, economy.portfolios.rows
    moves = (
        (CARRY_TRADERS, CARRY, prices.carry_yen_trn, fx.carry_bn_usd),
        (SPECULATIVE_TRADERS, TRADER, prices.trader_yen_trn, fx.trader_bn_usd),
    )
    for party, kind, yen, bought in moves:
        held = total(columns["position_usd"][rows[kind]])
        gain = (held * now - (held - bought) * before) / 1000.0 - yen
        ledger.trade(DEALERS_ABROAD, party, OFFSHORE_YEN, yen, 1.0, "currency_trading")
        ledger.revalue_claim(OFFSHORE_DOLLARS, party, DEALERS_ABROAD, gain)


def _mark_softbank(economy: Any, prices: Any, fx: float) -> None:
    month = economy.clock.month
    news = float(economy.streams.normals("unlisted marks", month, 1)[0])
    group = economy.softbank_group
    ai_log_return = prices.ai_log_return + economy.disturbances.softbank_holdings_log_return
    economy.softbank_accounts.mark(
        economy.ledger, group, ai_log_return, math.log(fx), news, economy.clock.month % 3 == 2
    )
    group.learn(prices.ai_log_return, economy.parameters)


def _close_prices(economy: Any, prices: Any, usdjpy: float, equity: float) -> None:
    state, p = economy.state, economy.parameters
    economy.world_equity_log += prices.world_log_return
    economy.softbank_index = float(prices.softbank[-1])
    state.equity_index *= equity
    averages = economy.usdjpy_averages
    averages.append(total(prices.usdjpy) / prices.usdjpy.size)
    state.usdjpy = usdjpy
    state.usdjpy_average = averages[-1]
    state.usdjpy_average_3m = sum(averages[-3:]) / len(averages[-3:])
    state.yields_pct = dict(economy.bonds.yields_pct)
    relative = math.log(state.domestic_price / economy.outside.foreign_price_level)
    assets = economy.net_foreign_assets() / state.nominal_gdp_four_quarters - economy.foreign_assets_start_to_gdp
    market = economy.foreign_exchange
    # Fundamentalists take part of a lasting misalignment for news about the fundamental.
    market.learned += p.fx_fundamental_learning_monthly * (market.log_price - market.fundamental)
    market.fundamental = (
        math.log(state.usdjpy_start)
        + market.learned
        + p.initial_misalignment_pct / 100.0
        + float(relative)
        - p.nfa_fundamental_response_pct * assets
        + dollar_value_log(economy)
    )
