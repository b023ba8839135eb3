"""The dollar–yen market: each session the quote moves with what is public and with the orders left with dealers.

Clients (trade, income, investment, SoftBank, intervention) order what they have decided before.  Carry and speculative
traders hold stocks of dollars within their wealth and order what they lack of them.  Dealers take the rest on their
books: an order moves the quote by their price of risk, and they lean against their inventory until others hold it.  So
a client's order moves the rate by the dealers' price at once, and for good by what traders ask for holding it.  News
moves what traders and dealers alike believe, and with it the quote, without a trade.

Dealers: Gabaix and Maggiori (2015).  Lasting impact: Adler, Lisack and Mano (IMF WP/15/130).  News: Franke and
Westerhoff (2012).  Quote: yen per dollar, up is a weaker yen.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from itcho.agents.carry_traders import carry_orders
from itcho.agents.compiled import njit
from itcho.agents.speculative_traders import (
    DollarValue,
    currency_trader_orders,
    mark_to_market,
    put_off,
    read_the_day_again,
    readings_to_keep,
    renew_capital,
)
from itcho.agents.treasurers import Treasurers, treasurer_orders
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
_TRADE = CLIENTS.index("goods_trade")
_NOT_HELD: Array = np.empty(0)

Traders: TypeAlias = tuple[Array, Array, Array, Array, Array, Array]
"""Columns of speculative traders as ``currency_trader_orders`` takes them."""
Carry: TypeAlias = tuple[Array, Array, Array, Array, Array, Array, Array, Array]
"""Columns of carry traders as ``carry_orders`` takes them."""
TRADER_COLUMNS = ("weight", "tilt", "exposure", "leverage", "wealth", "position_usd")
CARRY_COLUMNS = ("weight", "exposure", "headroom", "stop_loss", "leverage", "cooldown", "wealth", "position_usd")
_Wealth: TypeAlias = tuple[Array, Array, Array]
_Two: TypeAlias = tuple[float, float]
_Three: TypeAlias = tuple[float, float, float]
_Four: TypeAlias = tuple[float, float, float, float]
_Five: TypeAlias = tuple[float, float, float, float, float]
_Six: TypeAlias = tuple[float, float, float, float, float, float]
_State: TypeAlias = tuple[float, float, float, float, float, float, float]
_Hedgers: TypeAlias = tuple[Array, Array, Array, Array, Array]
_NO_HEDGERS: _Hedgers = (np.empty((2, 0)), np.zeros(2), np.zeros(2), np.empty((2, 0)), np.zeros(2))
_Month: TypeAlias = tuple[Array, Array, Array, Traders, Carry, _Hedgers, _Two, _Four, _Four, _Six, Array, Array, Array]

INTEREST_SESSIONS = 252
"""Sessions of a year, over which the rate gap is earned."""
LOWEST_USDJPY, HIGHEST_USDJPY = 1.0, 10_000.0
"""A quote that leaves this range is none: the market is closed for the rest of the month."""
_LOWEST_LOG, _HIGHEST_LOG = math.log(LOWEST_USDJPY), math.log(HIGHEST_USDJPY)
_FARTHEST_LOG = 50.0
"""Farther than this it need not be told apart, which no number could be beyond 709."""
_LEAST_WEALTH_INDEX = 0.5
"""Dealers' owners do not let them trade on less than this part of the capital they commit."""


class CurrencyTerms(NamedTuple):
    """What traders and dealers find at the beginning of a month.

    Attributes
    ----------
    carry_appetite : carry traders' wanted book relative to the start.
    rate_gap_pct : US over Japanese policy rate, which a dollar held against yen earns, percent a year.
    nominal_gdp_trn_yen : four quarters' GDP; capital committed to currency trading grows with it.
    world_volatility_factor : risk abroad against its norm; carry traders' limits tighten with it.
    """

    carry_appetite: float
    rate_gap_pct: float
    nominal_gdp_trn_yen: float
    world_volatility_factor: float = 1.0


class _Traded(NamedTuple):
    """What :func:`_month_of_sessions` returns.

    Attributes
    ----------
    clients, impacts : dollars bought by client, and by how much they moved the log price.
    state : log price, opinion, last change, fundamentalists' share, volatility, dealers' inventory and their wealth.
    moved : log points by carry traders, fundamentalists, chartists, dealers' reversal, news and holders of the rate.
    bought : billion dollars, by speculative and by carry traders and by holders of the rate.
    yen : trillion yen paid by the ministry, by speculative and by carry traders.
    interest : on dollars of speculative and of carry traders, trillion yen.
    hedge_gain : of treasurers on what they delivered, trillion yen.
    """

    clients: Array
    impacts: Array
    state: _State
    moved: _Six
    bought: _Three
    yen: _Three
    interest: _Two
    hedge_gain: float


class CurrencyMonth(NamedTuple):
    """A month of sessions.

    Attributes
    ----------
    usdjpy : yen per dollar after each session, (sessions,); ``log_prices`` their natural logarithms.
    intervention_bn_usd : bought by the ministry.
    intervention_yen_trn, trader_yen_trn, carry_yen_trn : yen paid for dollars by the ministry, by speculative traders
        and by carry traders.
    trader_interest_trn, carry_interest_trn : what their dollars earned over yen, trillion yen.
    hedge_gain_trn_yen : what treasurers' deliveries of the month were worth more to them than at its rates.
    """

    usdjpy: Array
    log_prices: list[float]
    intervention_bn_usd: float
    intervention_yen_trn: float
    trader_yen_trn: float
    carry_yen_trn: float
    trader_interest_trn: float
    carry_interest_trn: float
    hedge_gain_trn_yen: float


class ForeignExchangeMarket:
    """State of the dollar–yen market.

    Attributes
    ----------
    log_price : natural logarithm of USD/JPY.
    value : the fair value of the dollar that traders believe in.
    opinion : what they believe beyond it, log points: news that fades as fundamentalists doubt it.
    carry_book_bn_usd : carry traders' book at the start.
    inventory_bn_usd : dollars on dealers' books beyond what they had at the start.
    dealer_wealth_trn_yen : dealers' capital.
    client_bn_usd, held_bn_usd : dollars that clients, and holders of the rate abroad, have bought since the start.
    fundamentalist_share : share of speculative traders, by weight.
    volatility : exponentially weighted standard deviation of session changes, log points.
    carry_bn_usd, trader_bn_usd : net purchases of dollars in the month by carry and by speculative traders.
    """

    def __init__(
        self,
        usdjpy: float,
        carry_book_bn_usd: float,
        nominal_gdp_trn_yen: float,
        parameters: ParameterValues,
        noise_off: bool,
    ) -> None:
        p = parameters
        self.take_parameters(p)
        self.log_price = float(np.log(usdjpy))
        self.value = DollarValue(usdjpy, p)
        # The opening rate is where belief stands: a misalignment is opinion, and fades like any.
        self.opinion = self.log_price - self.value.log_value
        self.carry_book_bn_usd = carry_book_bn_usd
        self.dealer_wealth_trn_yen = p.dealer_capital_pct_gdp / 100.0 * nominal_gdp_trn_yen
        self.inventory_bn_usd = self.client_bn_usd = self.held_bn_usd = 0.0
        self.noise_off = noise_off
        self.long_run_volatility = p.fx_long_run_daily_volatility_pct / 100.0
        self.volatility = self.long_run_volatility
        self.last_change = 0.0
        self.fundamentalist_share = self._resting_share()
        self.recent = [self.log_price] * 6
        self._start_attribution()

    def take_parameters(self, parameters: ParameterValues) -> None:
        """Let traders and dealers go by these parameters from now on."""
        p = self.p = parameters
        self._memory = 0.5 ** (1.0 / p.fx_volatility_half_life_days)
        self._laws = (
            (p.fx_predisposition, p.fx_herding, p.fx_misalignment_weight),
            (p.fx_trader_impact * p.fx_fundamentalist_pull, p.fx_trader_impact * p.fx_chartist_extrapolation),
            (p.fx_trader_impact * p.fx_fundamentalist_noise, p.fx_trader_impact * p.fx_chartist_noise),
        )

    @property
    def usdjpy(self) -> float:
        """Yen per dollar."""
        return math.exp(self.log_price)

    @property
    def parts(self) -> dict[str, float]:
        """Log points of the month by the names of :data:`ATTRIBUTION`."""
        return dict(zip(ATTRIBUTION, (*self._impacts.tolist(), *self._moved), strict=True))

    def risk_limit(self, world_risk: float) -> float:
        """Carry traders' limit against the usual, as the market's volatility has it.

        Parameters
        ----------
        world_risk : risk abroad against its norm.
        """
        volatility = self.long_run_volatility if self.noise_off else self.volatility
        return float(min(self.p.carry_limit_ceiling, self.long_run_volatility / (world_risk * volatility)))

    def _start_attribution(self) -> None:
        self._impacts: Array = np.zeros(len(CLIENTS))
        self._moved: _Six = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        self.carry_bn_usd = self.trader_bn_usd = 0.0

    def read_the_past(self, traders: tuple[Array, ...], misvalued_log: Array, news: Array) -> tuple[Array, Array]:
        """What quotes did before the start, if traders alone moved them, at so many misalignments.

        Parameters
        ----------
        traders : ``weight``, ``tilt`` and ``exposure``.
        misvalued_log : the rate over its fair value in each past, log points, (pasts,).
        news : two standardised shocks of each session, (pasts, sessions, 2).

        Returns
        -------
        Log returns, (pasts, sessions), and the fundamentalists' share at the end of each.
        """
        returns, shares = np.empty(news.shape[:2]), np.empty(misvalued_log.size)
        weight, tilt, exposure = cast(_Wealth, traders)
        members = weight, tilt, weight * exposure, *readings_to_keep(tilt)
        _past_sessions(members, misvalued_log, news, *self._laws, returns, shares)
        return returns, shares

    def open_at(
        self, misalignment_pct: float, last_change: float, fundamentalist_share: float, volatility: float
    ) -> None:
        """Stand at the opening rate with this fair value of the dollar over it and this state of mind."""
        self.value.open_at(self.log_price, -misalignment_pct / 100.0)
        self.opinion = self.log_price - self.value.log_value
        self.last_change, self.fundamentalist_share, self.volatility = last_change, fundamentalist_share, volatility

    def renew_capital(self, traders: tuple[Array, ...], carry: tuple[Array, ...], nominal_gdp_trn_yen: float) -> _Two:
        """Let owners renew what they commit to speculative and to carry traders; returns it in turn, trillion yen.

        Parameters
        ----------
        traders, carry : ``weight``, ``leverage`` and ``wealth``.
        """
        p, speed = self.p, self.p.trader_capital_return_monthly
        limit = p.trader_limit_pct_gdp / 100.0 * nominal_gdp_trn_yen
        book = self.carry_book_bn_usd * self.usdjpy / 1000.0
        for_traders = renew_capital(*cast(_Wealth, traders), limit, p.trader_ruin_share, speed)
        for_carry = renew_capital(*cast(_Wealth, carry), book, p.trader_ruin_share, speed)
        dealers = p.dealer_capital_pct_gdp / 100.0 * nominal_gdp_trn_yen
        ruined = self.dealer_wealth_trn_yen < p.trader_ruin_share * dealers
        self.dealer_wealth_trn_yen += (1.0 if ruined else speed) * (dealers - self.dealer_wealth_trn_yen)
        return for_traders, for_carry

    def trade_month(
        self,
        yen_trn: Array,
        dollars_bn: Array,
        traders: tuple[Array, ...],
        carry: tuple[Array, ...],
        terms: CurrencyTerms,
        news: Array,
        intervene: Callable[[float, float], float] | None,
        held_log_price: Array | None = None,
        treasurers: Treasurers | None = None,
    ) -> CurrencyMonth:
        """Trade the month's sessions.

        The ministry decides before each session, and mostly stays out.  So the rest of the month is traded as if it
        did, and traded again from the same start whenever it turns out to order.

        Parameters
        ----------
        yen_trn : net purchases of dollars by the names of :data:`CLIENTS` in each session, trillion yen.
        dollars_bn : the same fixed in dollars, (clients, sessions).
        traders, carry : :data:`TRADER_COLUMNS` and :data:`CARRY_COLUMNS` of the two trading types.
        terms : what they find.
        news : two standardised shocks of each session, fundamentalists' and chartists', (sessions, 2).
        intervene : the ministry's order, given the last log price and the dollars it has bought this month; None if it
            stays out whatever happens.
        held_log_price : log prices at which holders abroad keep the rate, taking all that is ordered, (sessions,).
        treasurers : of exporters and importers, whose hedging is part of trade in goods; None hedges nothing.
        """
        sessions = dollars_bn.shape[1]
        ordered, log_prices = np.zeros(sessions), np.empty(sessions)
        held = _NOT_HELD if held_log_price is None else held_log_price[:sessions]
        month = (
            yen_trn,
            dollars_bn,
            ordered,
            cast(Traders, traders),
            cast(Carry, carry),
            _NO_HEDGERS if treasurers is None else treasurers.columns,
            (0.0, 0.0) if treasurers is None else treasurers.terms,
            *self._depth(terms),
            news,
            held,
            log_prices,
        )
        planned: list[float] = dollars_bn[_INTERVENTION].tolist()
        if intervene is None:
            traded, intervened = self._run_sessions(*month), sum(planned)
        else:
            traded, intervened = self._with_the_ministry(month, intervene, planned)
        closes = log_prices.tolist()
        self._take_over(traded, closes)
        return CurrencyMonth(np.exp(log_prices), closes, intervened, *traded.yen, *traded.interest, traded.hedge_gain)

    def _depth(self, terms: CurrencyTerms) -> tuple[_Four, _Four, _Six]:
        """How deep the market is this month: of dealers, of speculative traders' stocks and of the carry book.

        As :func:`_month_of_sessions` takes them.
        """
        p, gdp = self.p, terms.nominal_gdp_trn_yen
        # At the rate believed to be fair: what is wanted must not swing with the rate of the day.
        gdp_bn_usd = gdp * 1000.0 / math.exp(self.value.log_value)
        dealers = (
            p.dealer_impact_pct_per_pct_gdp / gdp_bn_usd,
            p.dealer_capacity_pct_gdp / 100.0 * gdp_bn_usd,
            p.dealer_capital_pct_gdp / 100.0 * gdp,
            terms.rate_gap_pct / (100.0 * INTEREST_SESSIONS),
        )
        stocks = (
            p.trader_value_slope_pct_gdp * gdp_bn_usd,
            p.trader_adjustment_daily,
            p.trader_limit_pct_gdp / 100.0 * gdp_bn_usd,
            self._memory,
        )
        book = (
            self.carry_book_bn_usd,
            terms.carry_appetite,
            terms.world_volatility_factor,
            p.carry_limit_ceiling,
            p.carry_pause_days,
            p.carry_adjustment_daily,
        )
        return dealers, stocks, book

    def _take_over(self, traded: _Traded, closes: list[float]) -> None:
        """Stand where the month's sessions have left the market, whose log prices were ``closes``."""
        self._impacts, self._moved = traded.impacts, traded.moved
        self.log_price, self.opinion, self.last_change, self.fundamentalist_share, self.volatility, *dealing = (
            traded.state
        )
        self.inventory_bn_usd, self.dealer_wealth_trn_yen = dealing
        self.trader_bn_usd, self.carry_bn_usd, held_bn_usd = traded.bought
        self.held_bn_usd += held_bn_usd
        self.client_bn_usd += sum(traded.clients.tolist())
        self.recent = [*self.recent, *closes][-len(self.recent) :]

    def _with_the_ministry(
        self, month: _Month, intervene: Callable[[float, float], float], planned: list[float]
    ) -> tuple[_Traded, float]:
        """The month with the ministry's orders, and the dollars it bought, ``planned`` ones among them.

        ``month`` is what :meth:`_run_sessions` takes.
        """
        _, _, ordered, traders, carry, hedgers, *_, log_prices = month
        moving = *traders[-2:], *carry[-3:], *hedgers[-2:]
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
        hedgers: _Hedgers,
        hedging: _Two,
        dealers: _Four,
        stocks: _Four,
        book: _Six,
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
            hedgers,
            hedging,
            _TRADE,
            news,
            held,
            log_prices,
            np.array(self.recent),
            (
                self.log_price,
                self.opinion,
                self.last_change,
                self.fundamentalist_share,
                self.volatility,
                self.inventory_bn_usd,
                self.dealer_wealth_trn_yen,
            ),
            self.value.log_value,
            *self._laws,
            dealers,
            stocks,
            book,
            (self.p.trader_leverage_limit, self.p.trader_ruin_share),
            self.p.carry_margin_share,
            self.long_run_volatility,
            self.noise_off,
        )
        return _Traded(*traded)

    def _resting_share(self) -> float:
        """Fundamentalists' share at which attitude and share agree at the opening misalignment."""
        p = self.p
        gap = self.log_price - self.value.log_value
        share = 0.5
        for _ in range(500):
            attitude = p.fx_predisposition + p.fx_herding * (2.0 * share - 1.0) + p.fx_misalignment_weight * gap * gap
            share = 1.0 / (1.0 + float(np.exp(-attitude)))
        return share


@njit(cache=True)
def _past_sessions(
    members: tuple[Array, Array, Array, Array, Array],
    misvalued_log: Array,
    news: Array,
    attitudes: _Three,
    responses: _Two,
    noises: _Two,
    returns: Array,
    shares: Array,
) -> None:
    """Write the returns and last shares of :meth:`ForeignExchangeMarket.read_the_past`.

    ``members`` are weight, tilt and load, and what is kept of readings; see ``read_the_day_again``.
    """
    weight, tilt, load, ranked, known = members
    for past in range(misvalued_log.size):
        gap, share, change = misvalued_log[past], 0.5, 0.0
        for s in range(news.shape[1]):
            attitude = attitudes[0] + attitudes[1] * (2.0 * share - 1.0) + attitudes[2] * gap * gap
            share, as_fundamentalists, as_chartists = read_the_day_again(weight, tilt, load, attitude, ranked, known)
            change = (
                responses[1] * as_chartists * change
                + noises[0] * as_fundamentalists * news[past, s, 0]
                + noises[1] * as_chartists * news[past, s, 1]
            )
            returns[past, s] = change
        shares[past] = share


# Called from compiled code alone: entrances from Python would take Numba as long as the rest.
@njit(cache=True, no_cpython_wrapper=True)
def _client_flows(
    yen_trn: Array,
    dollars_bn: Array,
    ordered: float,
    intervention: int,
    usdjpy: float,
    price_of_risk: float,
    clients: Array,
    impacts: Array,
) -> _Two:
    """Clients' dollar purchases of a session, added to ``clients``, and by how much they move the log price, added to
    ``impacts``; returns their sum and the ministry's part.
    """
    total, intervened = 0.0, 0.0
    for client in range(yen_trn.size):
        flow = yen_trn[client] * 1000.0 / usdjpy + dollars_bn[client]
        if client == intervention:
            flow += ordered
            intervened = flow
        clients[client] += flow
        impacts[client] += price_of_risk * flow
        total += flow
    return total, intervened


@njit(cache=True)
def taken_share(ordered: float, most: float) -> float:
    """The part of traders' orders that a session takes: no more than ``most``, billion dollars, either way."""
    return most / abs(ordered) if abs(ordered) > most else 1.0


@njit(cache=True, no_cpython_wrapper=True)
def _dealers_price(dealers: _Four, inventory: float, wealth: float) -> _Two:
    """What dealers ask for taking a billion dollars, log points: with the capital committed to them, and with theirs.

    ``dealers`` as for :func:`_month_of_sessions`.
    """
    impact, capacity, capital, _ = dealers
    used = min(1.0, abs(inventory) / capacity)
    required = impact * (1.0 + used * used)
    return required, required / max(_LEAST_WEALTH_INDEX, wealth / capital)


@njit(cache=True, no_cpython_wrapper=True)
def _traders_orders(
    traders: Traders,
    carry: Carry,
    trader_order: Array,
    carry_order: Array,
    attitude: float,
    distance: float,
    stocks: _Four,
    book: _Six,
    bounds: _Two,
    margin: float,
    calm: float,
    loss: float,
    risk: float,
    leaning_speed: float,
    dollars_per_wealth: float,
) -> _Five:
    """Orders of both kinds of traders in a session, as far as it takes them; moves members and writes their orders.

    Parameters
    ----------
    stocks, book, bounds, margin : as for :func:`_month_of_sessions`.
    attitude : of speculative traders; ``distance`` from the quote to what they believe, log points.
    calm : the usual over the present volatility; ``loss`` of the dollar in five sessions, log points.
    risk : by how much a billion dollars moves the quote; ``leaning_speed`` the part of it that dealers take back.

    Returns
    -------
    Fundamentalists' share, what fundamentalists and what chartists weigh in the group's opinion, and billion dollars
    bought by speculative and by carry traders.
    """
    slope, speed, limit, _ = stocks
    carry_book, appetite, _, ceiling, pause, carry_speed = book
    # Nobody buys at a quote beyond what the dollar is believed to be worth: traders go no faster than the market is
    # deep, and dealers keep the first part of the way.
    deep = risk * slope
    trader_speed = min(speed, (1.0 - leaning_speed) / deep) if deep > 0.0 else speed
    share, as_fundamentalists, as_chartists, speculative = currency_trader_orders(
        *traders, trader_order, attitude, slope * distance, limit, trader_speed, dollars_per_wealth, *bounds
    )
    carry_flow = carry_orders(
        *carry, carry_order, carry_book, appetite, min(ceiling, calm), margin, carry_speed, loss, pause,
        dollars_per_wealth,
    )  # fmt: skip
    # A sale that moved the quote by more than the margin would lose what secures it: brokers let the rest wait.
    taken = taken_share(speculative + carry_flow, 1.0 / (bounds[0] * risk))
    if taken < 1.0:
        speculative = put_off(traders[5], trader_order, taken)
        carry_flow = put_off(carry[7], carry_order, taken)
    return share, as_fundamentalists, as_chartists, speculative, carry_flow


@njit(cache=True, no_cpython_wrapper=True)
def _deliver_hedges(hedging: _Two, contracts: Array, book: Array, hedged: Array, middle: float) -> float:
    """Settle what treasurers' books deliver in a session; returns their gain on it, trillion yen.

    Parameters
    ----------
    hedging : ``Treasurers.terms``.
    contracts : trillion yen agreed on, exporters' and importers'; moved.
    book : billion dollars hedged after the session, (2, members); ``hedged`` of it in the session, (2,).
    middle : trillion yen for a billion dollars, the mean of before and after the session.
    """
    gain = 0.0
    for side in range(2):
        due = hedging[1] * contracts[side]
        # What was hedged before this session and is delivered in it; contracts and books shrink alike.
        dollars = hedging[1] / (1.0 - hedging[1]) * (book[side].sum() - hedged[side])
        gain += (1.0 - 2.0 * side) * (due - dollars * middle)
        contracts[side] += hedged[side] * middle - due
    return gain


@njit(cache=True)
def _month_of_sessions(
    yen_trn: Array,
    dollars_bn: Array,
    ordered: Array,
    intervention: int,
    traders: Traders,
    carry: Carry,
    hedgers: _Hedgers,
    hedging: _Two,
    trade: int,
    news: Array,
    held: Array,
    log_prices: Array,
    recent: Array,
    state: _State,
    fair_price: float,
    attitudes: _Three,
    responses: _Two,
    noises: _Two,
    dealers: _Four,
    stocks: _Four,
    book: _Six,
    bounds: _Two,
    margin: float,
    long_run_volatility: float,
    noise_off: bool,
) -> tuple[Array, Array, _State, _Six, _Three, _Three, _Two, float]:
    """The sessions of :meth:`ForeignExchangeMarket.trade_month`; returns what :class:`_Traded` holds.

    ``hedgers`` and ``hedging``: ``Treasurers.columns`` and ``Treasurers.terms``; ``trade`` the client whose they are.
    ``dealers``: their price of risk per billion dollars, capacity, committed capital, and interest on dollars over yen
    in a session.  ``stocks``: dollars wanted per log point of distance between belief and quote, the speed at which
    traders and dealers order, the largest position of all traders at the capital committed to them, and the memory of
    volatility.  ``bounds``: their largest position over wealth and the part of their capital below which they are
    ruined.
    """
    price, opinion, change, share, volatility, inventory, dealer_wealth = state
    interest = dealers[3]
    speed, memory = stocks[1], stocks[3]
    world_risk = book[2]
    clients, impacts = np.zeros(yen_trn.size), np.zeros(yen_trn.size)
    trader_order, carry_order = np.empty(traders[0].size), np.empty(carry[0].size)
    by_carry, by_value, by_chart, by_dealers, by_news, by_holders = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    traded, carried, taken = 0.0, 0.0, 0.0
    ministry_yen, trader_yen, carry_yen = 0.0, 0.0, 0.0
    trader_interest, carry_interest = 0.0, 0.0
    trader_held, carry_held = traders[5].sum(), carry[7].sum()
    threshold, budget, own, book_of_hedges, contracts = hedgers
    hedged, hedge_gain = np.zeros(2), 0.0
    usdjpy = np.exp(price)
    for s in range(log_prices.size):
        required, risk = _dealers_price(dealers, inventory, dealer_wealth)
        total, intervened = _client_flows(
            yen_trn, dollars_bn[:, s], ordered[s], intervention, usdjpy, risk, clients, impacts
        )
        gap, distance = price - fair_price, fair_price + opinion - price
        attitude = attitudes[0] + attitudes[1] * (2.0 * share - 1.0) + attitudes[2] * gap * gap
        five_sessions_ago = recent[s] if s < recent.size else log_prices[s - recent.size]
        calm = long_run_volatility / (world_risk * (long_run_volatility if noise_off else volatility))
        share, as_fundamentalists, as_chartists, speculative, carry_flow = _traders_orders(
            traders, carry, trader_order, carry_order, attitude, distance, stocks, book, bounds, margin, calm,
            five_sessions_ago - price, risk, min(1.0, risk / required * speed), 1000.0 / usdjpy,
        )  # fmt: skip
        doubted = -responses[0] * as_fundamentalists * opinion
        followed = responses[1] * as_chartists * change
        surprise = noises[0] * as_fundamentalists * news[s, 0] + noises[1] * as_chartists * news[s, 1]
        opinion += doubted + followed + surprise
        # Dealers keep what the distance between belief and quote pays for, and lean off the rest.
        leaning = risk * speed * (distance / required - inventory)
        ordered_now = total + carry_flow + speculative
        moved = price + doubted + followed + surprise + risk * ordered_now + leaning
        is_held = held.size > 0 and not np.isnan(held[s])
        # Limit orders meet the rate that all others make, or the one at which it is held whatever they sell.
        ahead = treasurer_orders(
            threshold, budget, own, book_of_hedges, price, held[s] if is_held else moved, 0.0 if is_held else risk,
            *hedging, hedged,
        )  # fmt: skip
        clients[trade] += ahead
        impacts[trade] += risk * ahead
        moved += risk * ahead
        ordered_now += ahead
        if is_held:
            by_holders += held[s] - moved
            moved = held[s]
            taken += inventory - ordered_now
            inventory = 0.0
        else:
            inventory -= ordered_now
        change, price = moved - price, moved
        volatility = np.sqrt(memory * volatility**2 + (1.0 - memory) * change**2)
        log_prices[s] = price
        by_carry += risk * carry_flow
        by_value += risk * speculative + doubted
        by_chart += followed
        by_dealers += leaning
        by_news += surprise
        traded += speculative
        carried += carry_flow
        # Flows are worth the mean of the rates before and after the session.
        now = np.exp(price)
        mark_to_market(traders[5], trader_order, traders[4], usdjpy, now, interest)
        mark_to_market(carry[7], carry_order, carry[6], usdjpy, now, interest)
        trader_held, carry_held = trader_held + speculative, carry_held + carry_flow
        trader_interest += trader_held * usdjpy * interest / 1000.0
        carry_interest += carry_held * usdjpy * interest / 1000.0
        dealer_wealth += inventory * (now - usdjpy + usdjpy * interest) / 1000.0
        middle = 0.5 * (usdjpy + now) / 1000.0
        usdjpy = now
        hedge_gain += _deliver_hedges(hedging, contracts, book_of_hedges, hedged, middle)
        ministry_yen += intervened * middle
        trader_yen += speculative * middle
        carry_yen += carry_flow * middle
        if not _LOWEST_LOG < price < _HIGHEST_LOG:
            log_prices[s:] = min(max(price, -_FARTHEST_LOG), _FARTHEST_LOG)
            break
    return (
        clients,
        impacts,
        (price, opinion, change, share, volatility, inventory, dealer_wealth),
        (by_carry, by_value, by_chart, by_dealers, by_news, by_holders),
        (traded, carried, taken),
        (ministry_yen, trader_yen, carry_yen),
        (trader_interest, carry_interest),
        hedge_gain,
    )
