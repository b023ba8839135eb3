"""The dollar–yen market: each session the price moves with the net order flow of those who trade.

Impact is linear in flow, so each month's change divides exactly among clients, dealers' reversal and news.  Clients'
flows (trade, income, investment, carry, SoftBank, intervention) have a persistent impact and a transitory one that
fades as dealers hand on the stock they took; speculative traders' flows have the persistent one only.

Persistent impact: Adler, Lisack and Mano (IMF WP/15/130).  Transitory impact: difference to the impact of interventions
within five days.  Speculative traders: Franke and Westerhoff (2012).  Quote: yen per dollar, up is a weaker yen.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.investors import carry_orders, trader_orders

Array = NDArray[np.float64]

CLIENTS = (
    "goods_trade",
    "chip_imports",
    "ai_services",
    "income_and_transfers",
    "households_and_funds",
    "insurers_and_pensions",
    "banks",
    "direct_investment",
    "foreign_investors",
    "softbank",
    "intervention",
    "added_agents",
)
"""Clients whose flows are known or decided before the session; carry and speculative traders decide inside it."""

ATTRIBUTION = (*CLIENTS, "carry_traders", "fundamentalists", "chartists", "dealers_reversal", "news", "held_by_dealers")
"""The parts into which each month's log change of USD/JPY is divided."""


class ForeignExchangeMarket:
    """State of the dollar–yen market.

    Attributes
    ----------
    log_price : natural logarithm of USD/JPY.
    fundamental : logarithm of the rate that fundamentalists believe in.
    learned : part of it that they have taken over from where the rate has been, log points.
    transitory : transitory impact still in the price, log points.
    fundamentalist_share : share of speculative traders, by weight.
    volatility : exponentially weighted standard deviation of session changes, log points.
    parts : log points of the month by the names of :data:`ATTRIBUTION`.
    flows_bn_usd : net purchases of dollars in the month by client and by the traders.
    """

    def __init__(self, usdjpy: float, parameters: Any, noise_off: bool) -> None:
        p = parameters
        self.p = p
        self.log_price = float(np.log(usdjpy))
        self.fundamental = self.log_price + p.initial_misalignment_pct / 100.0
        self.learned = 0.0
        self.transitory = 0.0
        self.noise_off = noise_off
        self.long_run_volatility = p.fx_long_run_daily_volatility_pct / 100.0
        self.volatility = self.long_run_volatility
        self.last_change = 0.0
        self.fundamentalist_share = self._resting_share()
        self.recent = [self.log_price] * 6
        self.parts = dict.fromkeys(ATTRIBUTION, 0.0)
        self.carry_bn_usd = 0.0
        self.news_bn_usd = 0.0

    @property
    def usdjpy(self) -> float:
        """Yen per dollar."""
        return float(np.exp(self.log_price))

    def start_month(self, world_volatility_factor: float = 1.0) -> None:
        """Begin a month's attribution; carry traders reckon with the world's risk in this month."""
        self.world_volatility_factor = world_volatility_factor
        self.parts = dict.fromkeys(ATTRIBUTION, 0.0)
        self.carry_bn_usd = 0.0
        self.trader_bn_usd = 0.0

    def session(
        self,
        client_flows_bn_usd: Array,
        traders: dict,
        carry: dict,
        appetite: float,
        news: Array,
        held_log_price: float | None = None,
    ) -> float:
        """Trade one session and return the new log price.

        Parameters
        ----------
        client_flows_bn_usd : net dollar purchases by the names of :data:`CLIENTS`.
        traders, carry : column views of the two trading types.
        appetite : carry traders' wanted book relative to the start.
        news : two standardised shocks, fundamentalists' and chartists'.
        held_log_price : log price at which dealers abroad hold the rate in this session, taking the difference.
        """
        p, parts = self.p, self.parts
        persistent = p.fx_persistent_impact_pct_per_bn_usd / 100.0
        full = persistent + p.fx_transitory_impact_pct_per_bn_usd / 100.0
        before = self.log_price
        fundamental, chart, surprise = self._speculate(traders, news, persistent)
        ordered = self._carry(carry, appetite)
        fading = -(1.0 - 0.5 ** (1.0 / p.fx_transitory_half_life_days)) * self.transitory
        client_total = float(client_flows_bn_usd.sum())
        self.transitory += fading + (full - persistent) * (client_total + ordered)
        for name, flow in zip(CLIENTS, client_flows_bn_usd.tolist(), strict=True):
            parts[name] += full * flow
        parts["carry_traders"] += full * ordered
        parts["fundamentalists"] += persistent * fundamental
        parts["chartists"] += persistent * chart
        parts["news"] += persistent * surprise
        parts["dealers_reversal"] += fading
        self.log_price = (
            before + full * (client_total + ordered) + persistent * (fundamental + chart + surprise) + fading
        )
        if held_log_price is not None:
            parts["held_by_dealers"] += held_log_price - self.log_price
            self.log_price = held_log_price
        self.carry_bn_usd += ordered
        self.trader_bn_usd += fundamental + chart + surprise
        self._remember(before)
        return self.log_price

    def _speculate(self, traders: dict, news: Array, persistent: float) -> tuple[float, float, float]:
        p = self.p
        gap = self.log_price - self.fundamental
        attitude = (
            p.fx_predisposition
            + p.fx_herding * (2.0 * self.fundamentalist_share - 1.0)
            + p.fx_misalignment_weight * gap * gap
        )
        share, fundamental, chart, surprise = trader_orders(
            traders["weight"],
            traders["tilt"],
            traders["exposure"],
            traders["position_usd"],
            attitude,
            -p.fx_fundamentalist_pull * gap,
            p.fx_chartist_extrapolation * self.last_change,
            p.fx_fundamentalist_noise * news[0],
            p.fx_chartist_noise * news[1],
            p.fx_trader_impact / persistent,
        )
        self.fundamentalist_share = share
        return fundamental, chart, surprise

    def _carry(self, carry: dict, appetite: float) -> float:
        p = self.p
        now = self.long_run_volatility if self.noise_off else self.volatility
        # Margins and limits are set for whole books: they tighten when markets abroad become riskier.
        now *= self.world_volatility_factor
        limit = min(p.carry_limit_ceiling, self.long_run_volatility / now)
        return carry_orders(
            carry["weight"],
            carry["exposure"],
            carry["headroom"],
            carry["stop_loss"],
            carry["cooldown"],
            carry["position_usd"],
            self.carry_book_bn_usd,
            appetite,
            limit,
            p.carry_adjustment_daily,
            self.recent[0] - self.log_price,
            p.carry_pause_days,
        )

    def _remember(self, before: float) -> None:
        self.last_change = self.log_price - before
        decay = 0.5 ** (1.0 / self.p.fx_volatility_half_life_days)
        self.volatility = float(np.sqrt(decay * self.volatility**2 + (1.0 - decay) * self.last_change**2))
        self.recent = [*self.recent[1:], self.log_price]

    world_volatility_factor: float = 1.0
    carry_book_bn_usd: float = 0.0
    trader_bn_usd: float = 0.0

    def _resting_share(self) -> float:
        """Fundamentalists' share at which attitude and share agree when the price stands at its fundamental."""
        p = self.p
        gap = self.log_price - self.fundamental
        share = 0.5
        for _ in range(500):
            attitude = p.fx_predisposition + p.fx_herding * (2.0 * share - 1.0) + p.fx_misalignment_weight * gap * gap
            share = 1.0 / (1.0 + float(np.exp(-attitude)))
        return share
