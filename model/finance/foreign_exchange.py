"""The dollar–yen market: each session the price moves with the net order flow of those who trade.

Impact is linear in flow, so each month's change divides exactly among clients, dealers' reversal and news.  Clients'
flows (trade, income, investment, carry, SoftBank, intervention) have a persistent impact and a transitory one that
fades as dealers hand on the stock they took; speculative traders' flows have the persistent one only.

Persistent impact: Adler, Lisack and Mano (IMF WP/15/130).  Transitory impact: difference to the impact of interventions
within five days.  Speculative traders: Franke and Westerhoff (2012).  Quote: yen per dollar, up is a weaker yen.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from itcho.agents.carry_traders import carry_orders
from itcho.agents.compiled import njit
from itcho.agents.speculative_traders import DollarValue, trader_orders
from itcho.agents.views import ParameterValues

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


_INTERVENTION = CLIENTS.index("intervention")
_NOT_HELD: Array = np.empty(0)

Traders: TypeAlias = tuple[Array, Array, Array, Array]
"""Columns of speculative traders as ``trader_orders`` takes them."""
Carry: TypeAlias = tuple[Array, Array, Array, Array, Array, Array]
"""Columns of carry traders as ``carry_orders`` takes them."""
_Two: TypeAlias = tuple[float, float]
_Three: TypeAlias = tuple[float, float, float]
_Five: TypeAlias = tuple[float, float, float, float, float]
_Month: TypeAlias = tuple[Array, Array, Array, Traders, Carry, _Five, Array, Array, Array]


class _Traded(NamedTuple):
    """What :func:`_month_of_sessions` returns."""

    clients: Array
    traders: _Three
    state: _Five
    sums: _Three
    yen: _Three


class CurrencyMonth(NamedTuple):
    """A month of sessions.

    Attributes
    ----------
    usdjpy : yen per dollar after each session, (sessions,); ``log_prices`` their natural logarithms.
    intervention_bn_usd : bought by the ministry.
    intervention_yen_trn, trader_yen_trn, carry_yen_trn : yen paid for dollars by the ministry, by speculative traders
        and by carry traders.
    """

    usdjpy: Array
    log_prices: list[float]
    intervention_bn_usd: float
    intervention_yen_trn: float
    trader_yen_trn: float
    carry_yen_trn: float


class ForeignExchangeMarket:
    """State of the dollar–yen market.

    Attributes
    ----------
    log_price : natural logarithm of USD/JPY.
    value : the value of the dollar that fundamentalists believe in.
    carry_book_bn_usd : carry traders' book at the start.
    transitory : transitory impact still in the price, log points.
    fundamentalist_share : share of speculative traders, by weight.
    volatility : exponentially weighted standard deviation of session changes, log points.
    carry_bn_usd, trader_bn_usd : net purchases of dollars in the month by carry and by speculative traders.
    """

    def __init__(self, usdjpy: float, carry_book_bn_usd: float, parameters: ParameterValues, noise_off: bool) -> None:
        p = parameters
        self.p = p
        self.log_price = float(np.log(usdjpy))
        self.value = DollarValue(usdjpy, p)
        self.value.open_at(self.log_price)
        self.carry_book_bn_usd = carry_book_bn_usd
        self.transitory = 0.0
        self.noise_off = noise_off
        self.long_run_volatility = p.fx_long_run_daily_volatility_pct / 100.0
        self.volatility = self.long_run_volatility
        self.last_change = 0.0
        self.fundamentalist_share = self._resting_share()
        self.recent = [self.log_price] * 6
        self._persistent = p.fx_persistent_impact_pct_per_bn_usd / 100.0
        self._full = self._persistent + p.fx_transitory_impact_pct_per_bn_usd / 100.0
        self._fading = 1.0 - 0.5 ** (1.0 / p.fx_transitory_half_life_days)
        self._memory = 0.5 ** (1.0 / p.fx_volatility_half_life_days)
        self._laws = (
            (p.fx_predisposition, p.fx_herding, p.fx_misalignment_weight),
            (p.fx_fundamentalist_pull, p.fx_chartist_extrapolation),
            (p.fx_fundamentalist_noise, p.fx_chartist_noise),
            (self._persistent, self._full, p.fx_trader_impact),
            (self._fading, self._memory, p.carry_adjustment_daily),
        )
        self._start_attribution()

    @property
    def usdjpy(self) -> float:
        """Yen per dollar."""
        return math.exp(self.log_price)

    @property
    def parts(self) -> dict[str, float]:
        """Log points of the month by the names of :data:`ATTRIBUTION`."""
        parts = dict(zip(CLIENTS, (self._full * self._client_bn_usd).tolist(), strict=True))
        parts["carry_traders"] = self._full * self.carry_bn_usd
        for name, ordered in zip(("fundamentalists", "chartists", "news"), self._trader_bn_usd, strict=True):
            parts[name] = self._persistent * ordered
        parts["dealers_reversal"] = self._reversal
        parts["held_by_dealers"] = self._held_by_dealers
        return {name: parts[name] for name in ATTRIBUTION}

    @property
    def trader_bn_usd(self) -> float:
        """Net purchases of dollars by speculative traders in the month."""
        return sum(self._trader_bn_usd)

    def _start_attribution(self) -> None:
        self._client_bn_usd: Array = np.zeros(len(CLIENTS))
        self._trader_bn_usd: tuple[float, ...] = (0.0, 0.0, 0.0)
        self.carry_bn_usd = self._reversal = self._held_by_dealers = 0.0

    def trade_month(
        self,
        yen_trn: Array,
        dollars_bn: Array,
        traders: tuple[Array, ...],
        carry: tuple[Array, ...],
        appetite: float,
        news: Array,
        intervene: Callable[[float, float], float] | None,
        held_log_price: Array | None = None,
        world_volatility_factor: float = 1.0,
    ) -> CurrencyMonth:
        """Trade the month's sessions.

        The ministry decides before each session, and mostly stays out.  So the rest of the month is traded as if it
        did, and traded again from the same start whenever it turns out to order.

        Parameters
        ----------
        yen_trn : net purchases of dollars by the names of :data:`CLIENTS` in each session, trillion yen.
        dollars_bn : the same fixed in dollars, (clients, sessions).
        traders, carry : columns of the two trading types, as ``trader_orders`` and ``carry_orders`` take them.
        appetite : carry traders' wanted book relative to the start.
        news : two standardised shocks of each session, fundamentalists' and chartists', (sessions, 2).
        intervene : the ministry's order, given the last log price and the dollars it has bought this month; None if it
            stays out whatever happens.
        held_log_price : log prices at which dealers abroad hold the rate, taking the difference, (sessions,).
        world_volatility_factor : risk abroad against its norm; carry traders' margins and limits tighten with it.
        """
        sessions = dollars_bn.shape[1]
        ordered, log_prices = np.zeros(sessions), np.empty(sessions)
        held = _NOT_HELD if held_log_price is None else held_log_price[:sessions]
        p = self.p
        terms = (self.carry_book_bn_usd, appetite, world_volatility_factor, p.carry_limit_ceiling, p.carry_pause_days)
        month = (
            yen_trn,
            dollars_bn,
            ordered,
            cast(Traders, traders),
            cast(Carry, carry),
            terms,
            news,
            held,
            log_prices,
        )
        planned: list[float] = dollars_bn[_INTERVENTION].tolist()
        if intervene is None:
            traded, bought = self._run_sessions(*month), sum(planned)
        else:
            traded, bought = self._with_the_ministry(month, intervene, planned)
        clients, self._trader_bn_usd, state, sums, yen = traded
        self._client_bn_usd = clients
        self.log_price, self.transitory, self.last_change, self.fundamentalist_share, self.volatility = state
        self.carry_bn_usd, self._reversal, self._held_by_dealers = sums
        closes = log_prices.tolist()
        self.recent = [*self.recent, *closes][-len(self.recent) :]
        return CurrencyMonth(np.exp(log_prices), closes, bought, *yen)

    def _with_the_ministry(
        self, month: _Month, intervene: Callable[[float, float], float], planned: list[float]
    ) -> tuple[_Traded, float]:
        """The month with the ministry's orders, and the dollars it bought, ``planned`` ones among them.

        ``month`` is what :meth:`_run_sessions` takes.
        """
        _, _, ordered, traders, carry, *_, log_prices = month
        moving = traders[-1], *carry[-2:]
        start = [column.copy() for column in moving]
        before, bought, traded = self.log_price, 0.0, self._run_sessions(*month)
        for session, fixed in enumerate(planned):
            order = intervene(before, bought)
            if order != 0.0:
                ordered[session] = order
                for column, values in zip(moving, start, strict=True):
                    column[:] = values
                traded = self._run_sessions(*month)
            bought += fixed + order
            before = log_prices.item(session)
        return traded, bought

    def _run_sessions(
        self,
        yen_trn: Array,
        dollars_bn: Array,
        ordered_bn_usd: Array,
        traders: Traders,
        carry: Carry,
        carry_terms: _Five,
        news: Array,
        held: Array,
        log_prices: Array,
    ) -> _Traded:
        """Trade the sessions with the ministry's orders as given; moves the members and writes ``log_prices``."""
        traded = _month_of_sessions(
            yen_trn,
            dollars_bn,
            ordered_bn_usd,
            _INTERVENTION,
            traders,
            carry,
            news,
            held,
            log_prices,
            np.array(self.recent),
            (self.log_price, self.transitory, self.last_change, self.fundamentalist_share, self.volatility),
            self.value.log_value,
            *self._laws,
            carry_terms,
            self.long_run_volatility,
            self.noise_off,
        )
        return _Traded(*traded)

    def _resting_share(self) -> float:
        """Fundamentalists' share at which attitude and share agree when the price stands at its fundamental."""
        p = self.p
        gap = self.log_price - self.value.log_value
        share = 0.5
        for _ in range(500):
            attitude = p.fx_predisposition + p.fx_herding * (2.0 * share - 1.0) + p.fx_misalignment_weight * gap * gap
            share = 1.0 / (1.0 + float(np.exp(-attitude)))
        return share


# Called from compiled code alone: entrances from Python would take Numba as long as the rest.
@njit(cache=True, no_cpython_wrapper=True)
def _client_flows(
    yen_trn: Array, dollars_bn: Array, ordered: float, intervention: int, usdjpy: float, clients: Array
) -> _Two:
    """Clients' dollar purchases of a session, added to ``clients``; returns their sum and the ministry's part."""
    total, intervened = 0.0, 0.0
    for client in range(yen_trn.size):
        flow = yen_trn[client] * 1000.0 / usdjpy + dollars_bn[client]
        if client == intervention:
            flow += ordered
            intervened = flow
        clients[client] += flow
        total += flow
    return total, intervened


@njit(cache=True, no_cpython_wrapper=True)
def _speculative_flows(
    traders: Traders, state: _Three, rules: tuple[_Three, _Two, _Two], news: Array, scale: float
) -> tuple[float, float, float, float]:
    """Speculative traders' orders of a session, as ``trader_orders`` returns them.

    ``state`` is the gap between price and fundamental, the last change and fundamentalists' share; ``rules`` are the
    coefficients of the attitude, of the two responses and of the two kinds of noise.
    """
    gap, change, share = state
    attitudes, responses, noises = rules
    attitude = attitudes[0] + attitudes[1] * (2.0 * share - 1.0) + attitudes[2] * gap * gap
    weight, tilt, exposure, position = traders
    return trader_orders(
        weight,
        tilt,
        exposure,
        position,
        attitude,
        -responses[0] * gap,
        responses[1] * change,
        noises[0] * news[0],
        noises[1] * news[1],
        scale,
    )


@njit(cache=True)
def _month_of_sessions(
    yen_trn: Array,
    dollars_bn: Array,
    ordered: Array,
    intervention: int,
    traders: Traders,
    carry: Carry,
    news: Array,
    held: Array,
    log_prices: Array,
    recent: Array,
    state: _Five,
    fundamental_price: float,
    attitudes: _Three,
    responses: _Two,
    noises: _Two,
    impacts: _Three,
    speeds: _Three,
    carry_terms: _Five,
    long_run_volatility: float,
    noise_off: bool,
) -> tuple[Array, _Three, _Five, _Three, _Three]:
    """The sessions of :meth:`ForeignExchangeMarket.trade_month`.

    Returns the month's flows by client and by speculative traders (by value, by chart, on news), billion dollars; the
    state after it, like ``state``: log price, transitory impact, last change, fundamentalists' share, volatility; carry
    traders' purchases, dealers' reversal and what dealers held; and yen paid, trillion: by the ministry, by speculative
    and by carry traders.
    """
    price, transitory, change, share, volatility = state
    persistent, full, trader_impact = impacts
    fading, memory, speed = speeds
    book, appetite, world_risk, ceiling, pause = carry_terms
    clients = np.zeros(yen_trn.size)
    by_value, by_chart, by_news = 0.0, 0.0, 0.0
    carried, reversal, held_by_dealers = 0.0, 0.0, 0.0
    ministry_yen, trader_yen, carry_yen = 0.0, 0.0, 0.0
    usdjpy = np.exp(price)
    for s in range(log_prices.size):
        total, intervened = _client_flows(yen_trn, dollars_bn[:, s], ordered[s], intervention, usdjpy, clients)
        share, fundamental, chart, surprise = _speculative_flows(
            traders,
            (price - fundamental_price, change, share),
            (attitudes, responses, noises),
            news[s],
            trader_impact / persistent,
        )
        five_sessions_ago = recent[s] if s < recent.size else log_prices[s - recent.size]
        limit = min(ceiling, long_run_volatility / (world_risk * (long_run_volatility if noise_off else volatility)))
        carry_flow = carry_orders(*carry, book, appetite, limit, speed, five_sessions_ago - price, pause)
        faded = -fading * transitory
        transitory += faded + (full - persistent) * (total + carry_flow)
        speculative = fundamental + chart + surprise
        moved = price + full * (total + carry_flow) + persistent * speculative + faded
        if held.size > 0 and not np.isnan(held[s]):
            held_by_dealers += held[s] - moved
            moved = held[s]
        change, price = moved - price, moved
        volatility = np.sqrt(memory * volatility**2 + (1.0 - memory) * change**2)
        log_prices[s] = price
        by_value += fundamental
        by_chart += chart
        by_news += surprise
        carried += carry_flow
        reversal += faded
        # Flows are worth the mean of the rates before and after the session.
        now = np.exp(price)
        middle = 0.5 * (usdjpy + now) / 1000.0
        usdjpy = now
        ministry_yen += intervened * middle
        trader_yen += speculative * middle
        carry_yen += carry_flow * middle
    return (
        clients,
        (by_value, by_chart, by_news),
        (price, transitory, change, share, volatility),
        (carried, reversal, held_by_dealers),
        (ministry_yen, trader_yen, carry_yen),
    )
