"""Revaluation: balance sheets at the prices with which the month closed."""

from __future__ import annotations

import math

from itcho.agents.banks import BankMonth
from itcho.agents.compiled import total
from itcho.agents.investors import CARRY, TRADER
from itcho.agents.softbank_assets import OwnMoves
from itcho.agents.vocabulary import (
    AI_FIRM_EQUITY,
    CARRY_TRADERS,
    DEALERS_ABROAD,
    FOREIGN_INVESTORS,
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
from itcho.model.disturbances import Disturbances
from itcho.model.ledger.ledger import Ledger
from itcho.model.ledger.records import total_of_columns
from itcho.model.measure.national_wealth import dollar_assets, net_foreign_assets
from itcho.model.month_records import SessionPrices
from itcho.model.world import World


def revalue_positions(world: World, prices: SessionPrices, disturbances: Disturbances) -> None:
    """Post the traders' month and revalue every priced instrument."""
    p, state, ledger = world.parameters, world.state, world.ledger
    before = state.usdjpy
    now = world.foreign_exchange.usdjpy
    fx = now / before
    _post_traders(world, prices, before, now)
    equity = math.exp(world.equities.log_price) / state.equity_index
    funds_before = _revalued_sum(ledger, INVESTMENT_FUNDS)
    ledger.revalue(WORLD_EQUITY, math.exp(prices.world_log_return) * fx - 1.0)
    ledger.revalue(OTHER_FOREIGN_ASSETS, p.fx_share_of_foreign_assets * (fx - 1.0))
    ledger.revalue(JAPANESE_EQUITY, equity - 1.0)
    ledger.revalue(UNLISTED_EQUITY, 0.5 * (equity - 1.0))
    ledger.revalue(AI_FIRM_EQUITY, equity - 1.0)
    issued = world.chip_importers.columns["equity_issued"]
    issued *= equity
    softbank = float(prices.softbank[-1])
    ledger.revalue(SOFTBANK_EQUITY, softbank / world.softbank_shares.index - 1.0)
    world.treasury.revalue(ledger, world.bonds.curve(), state.policy_rate_pct)
    world.structural.pass_fund_returns(ledger, _revalued_sum(ledger, INVESTMENT_FUNDS) - funds_before)
    _mark_softbank(world, prices, fx, disturbances)
    world.softbank_shares.close_at(softbank)
    world.outside.close_month(prices.world_log_return, prices.ai_log_return)
    if world.ai_boom is not None:
        boom, usual = world.ai_boom, world.outside.ai_usual_log
        boom.close_month(prices.ai_log_return - usual, usual - boom.log_return)
    rise = world.bonds.yields_pct[10.0] - state.yields_pct[10.0]
    state.take_asset_prices(equity, world.bonds.yields_pct)
    state.take_rates(now, total(prices.usdjpy) / prices.usdjpy.size)
    world.holder_limits.close_month(
        BankMonth(rise, world.softbank_accounts.lost_by_banks(world.softbank_group)), state.yields_pct[30.0]
    )
    _judge_the_dollar(world)


def _revalued_sum(ledger: Ledger, party: str) -> float:
    """Price gains of a party so far this month, trillion yen."""
    return float(total_of_columns(ledger.month_revaluation, ledger.columns_of((party,))))


def _post_traders(world: World, prices: SessionPrices, before: float, now: float) -> None:
    """Traders' and carry traders' dollars against yen, with the dealers on the other side, their gains, and the capital
    that their owners abroad renew.
    """
    ledger, fx, currency = world.ledger, world.foreign_exchange, prices.currency
    columns_of = world.portfolios.columns_of
    new_capital = fx.renew_capital(
        columns_of(TRADER, ("weight", "leverage", "wealth")),
        columns_of(CARRY, ("weight", "leverage", "wealth")),
        world.state.nominal_gdp_four_quarters,
    )
    moves = (
        (SPECULATIVE_TRADERS, TRADER, currency.trader_yen_trn, fx.trader_bn_usd, currency.trader_interest_trn),
        (CARRY_TRADERS, CARRY, currency.carry_yen_trn, fx.carry_bn_usd, currency.carry_interest_trn),
    )
    for (party, kind, yen, bought, interest), put_in in zip(moves, new_capital, strict=True):
        held = total(columns_of(kind, ("position_usd",))[0])
        gain = (held * now - (held - bought) * before) / 1000.0 - yen
        ledger.trade(DEALERS_ABROAD, party, OFFSHORE_YEN, yen, 1.0, "currency_trading")
        ledger.revalue_claim(OFFSHORE_DOLLARS, party, DEALERS_ABROAD, gain)
        ledger.revalue_claim(OFFSHORE_YEN, party, DEALERS_ABROAD, interest)
        ledger.revalue_claim(OFFSHORE_YEN, party, FOREIGN_INVESTORS, put_in)


def _mark_softbank(world: World, prices: SessionPrices, fx: float, disturbances: Disturbances) -> None:
    news = float(world.streams.normals("unlisted marks", world.month, 1)[0])
    group = world.softbank_group
    ai_log_return = prices.ai_log_return + disturbances.softbank_holdings_log_return
    before = group.unlisted_mark
    world.softbank_accounts.mark(
        world.ledger, group, ai_log_return, math.log(fx), news, world.month % 3 == 2, _own_moves(world)
    )
    group.learn(prices.ai_log_return, world.parameters)
    if before > 0.0:
        world.softbank_holders.learn(math.log(group.unlisted_mark / before / fx))


def _own_moves(world: World) -> OwnMoves:
    """What Arm and OpenAI gained beyond AI shares: Arm is of the designers' kind, OpenAI a member of the boom."""
    boom, p = world.ai_boom, world.parameters
    if boom is None:
        return OwnMoves()
    return OwnMoves(
        arm_log=boom.moved_beyond("designers"),
        openai_log=boom.moved_beyond("openai"),
        openai_round=(world.month + 1) % round(p.softbank_openai_round_months) == 0,
    )


def _judge_the_dollar(world: World) -> None:
    """Let traders judge what the dollar is worth, now that the month's prices are known.

    They value foreign assets at the rate that they believe to be fair: a dollar held to be too dear makes nobody rich.
    """
    state, market, doubt, ledger, p = (
        world.state,
        world.foreign_exchange,
        world.fiscal_doubt,
        world.ledger,
        world.parameters,
    )
    # Less the opening misalignment, at which the opening assets were valued.
    too_dear = market.log_price - market.value.log_value - market.value.opening_misvalued_log
    assets = net_foreign_assets(ledger) - dollar_assets(ledger, p) * -math.expm1(-too_dear)
    market.value.learn(
        market.log_price,
        math.log(state.domestic_price / world.outside.foreign_price_level),
        assets / state.nominal_gdp_four_quarters - world.opening.foreign_assets_to_gdp,
        0.0 if doubt is None else doubt.dollar_value_log(p),
    )
