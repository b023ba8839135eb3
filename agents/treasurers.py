"""Corporate treasurers: when exporters sell the dollars of the year's trade, and importers buy theirs.

Each fiscal year they plan with a budget rate near what the rate was.  Within a member's threshold of it the member
keeps its usual part of the coming months hedged.  Beyond it, where the rate is better than budgeted, its limit order
stands: it sells (buys) forward what is not hedged yet, at the rate at which it said it would.  Where the rate is as
much worse it waits.  What is hedged is delivered over the coming months and not traded then: hedging moves trade in
time.

Evidence: rates that firms assume, Teikoku Databank 2024; hedging rises with size and sales abroad, RIETI 13-E-024;
invoicing currencies, RIETI 16-J-035 and Ministry of Finance.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit
from itcho.agents.limits import TREASURER_WAIT, LimitReading
from itcho.agents.views import ParameterValues

Array = NDArray[np.float64]

EXPORTERS, IMPORTERS = 0, 1
MEMBERS = 100
"""Of each of the two."""
QUARTER = 3
"""Months before a fiscal year over whose rates its budget rate is set."""
SESSIONS_A_MONTH = 21


class Treasurers:
    """Treasurers of exporters (row 0) and of importers (row 1).

    Parameters
    ----------
    usdjpy : yen per dollar at the start; the first budget rates are set by it.
    luck : from 0 to 1, (2, members).

    Attributes
    ----------
    threshold_log : distance between rate and budget at which a member acts, ascending, log points, (2, members).
    book_bn_usd : hedged and not yet delivered, (2, members).
    contracts_trn_yen : what was agreed on for it, (2,).
    budget_log : logarithm of the budget rates, (2,).
    own_bn_usd : a member's dollars of the coming months that can be hedged, (2,).
    """

    def __init__(self, usdjpy: float, luck: Array, parameters: ParameterValues) -> None:
        self.take_parameters(parameters)
        p, members = parameters, luck.shape[1]
        wide = p.treasurer_threshold_high - p.treasurer_threshold_low
        self.threshold_log = np.sort(p.treasurer_threshold_low + wide * luck, axis=1)
        self.book_bn_usd = np.zeros((2, members))
        self.contracts_trn_yen, self.budget_log, self.own_bn_usd = np.zeros(2), np.zeros(2), np.zeros(2)
        self._closes = deque([math.log(usdjpy)] * QUARTER, maxlen=QUARTER)
        self._opened = False
        self.set_budget()

    def take_parameters(self, parameters: ParameterValues) -> None:
        """Go by these parameters from here on; thresholds stay."""
        self.p = parameters

    @property
    def columns(self) -> tuple[Array, Array, Array, Array, Array]:
        """What sessions take: ``threshold_log``, ``budget_log``, ``own_bn_usd``; moved: books and contracts."""
        return self.threshold_log, self.budget_log, self.own_bn_usd, self.book_bn_usd, self.contracts_trn_yen

    @property
    def terms(self) -> tuple[float, float]:
        """The part usually hedged, and the part of a book that is delivered in a session."""
        return self.p.treasurer_hedged_share, 1.0 / (self.p.treasurer_horizon_months * SESSIONS_A_MONTH)

    def set_budget(self) -> None:
        """Set the budget rates of a fiscal year: the last quarter's rate, less what treasurers take off."""
        usual = sum(self._closes) / QUARTER
        off = self.p.exporter_budget_discount_pct, self.p.importer_budget_discount_pct
        self.budget_log[:] = usual - np.array(off) / 100.0

    def plan(self, exports_trn_yen: float, imports_trn_yen: float, usdjpy: float) -> None:
        """Count the dollars of the coming months, at the pace of this month's trade.

        In the first month the usual part of them is hedged already, at the rate of the start.
        """
        p, members = self.p, self.book_bn_usd.shape[1]
        months = p.treasurer_horizon_months * 1000.0 / (usdjpy * members)
        self.own_bn_usd[EXPORTERS] = p.exports_in_dollars_share * exports_trn_yen * months
        self.own_bn_usd[IMPORTERS] = p.imports_in_dollars_share * imports_trn_yen * months
        if not self._opened:
            self._opened = True
            self.book_bn_usd[:] = p.treasurer_hedged_share * self.own_bn_usd[:, None]
            self.contracts_trn_yen[:] = self.book_bn_usd.sum(axis=1) * usdjpy / 1000.0

    def waiting(self, log_price: float) -> tuple[Array, Array]:
        """Who waits for a better rate, and what of the usual hedges that keeps them from, (2, members) each.

        Parameters
        ----------
        log_price : logarithm of the rate.

        Returns
        -------
        What is left until a member waits, as a share of its threshold (at nought and below it waits), and dollars of
        the usual hedges that are not there, billion.
        """
        better = np.array([[1.0], [-1.0]]) * (log_price - self.budget_log[:, None])
        slack = np.clip(1.0 + better / self.threshold_log, -1.0, 1.0)
        missing = np.maximum(self.p.treasurer_hedged_share * self.own_bn_usd[:, None] - self.book_bn_usd, 0.0)
        return slack, np.where(slack <= 0.0, missing, 0.0)

    def reading(self, log_price: float) -> LimitReading:
        """What waiting did at the month's last rate, yen per dollar as a logarithm."""
        slack, withheld = self.waiting(log_price)
        size = np.repeat(self.own_bn_usd, slack.shape[1])
        in_yen = math.exp(log_price) / 1000.0
        return TREASURER_WAIT.of_members(size, slack.ravel(), slack.ravel() <= 0.0, in_yen * withheld.ravel())

    def see_close(self, log_price: float) -> None:
        """Remember a month's close."""
        self._closes.append(log_price)


@njit(cache=True)
def treasurer_orders(
    threshold: Array,
    budget: Array,
    own: Array,
    book: Array,
    price: float,
    quote: float,
    price_of_risk: float,
    usual: float,
    delivered: float,
    hedged: Array,
) -> float:
    """What treasurers' hedging adds to a session's purchases of dollars, billion dollars.

    Deliveries come first, and with them what keeps the usual part hedged of all who do not wait.  Then limit orders
    meet the quote, those that are nearest to the budget rate first, and each moves it back.

    Parameters
    ----------
    threshold, budget, own, book : as in :class:`Treasurers`; ``book`` is moved.
    price : logarithm of the rate before the session; ``quote`` where all other orders take it.
    price_of_risk : log points by which a purchase of a billion dollars moves it.
    usual, delivered : as in ``Treasurers.terms``.
    hedged : takes the dollars hedged in the session by exporters and importers, (2,).
    """
    flow = 0.0
    for side in range(2):
        sign = 1.0 - 2.0 * side
        better, gone, new = sign * (price - budget[side]), 0.0, 0.0
        for i in range(book.shape[1]):
            out = delivered * book[side, i]
            wanted = usual * own[side] if better > -threshold[side, i] else 0.0
            more = max(0.0, wanted - book[side, i] + out)
            book[side, i] += more - out
            gone += out
            new += more
        hedged[side] = new
        flow += sign * (gone - new)
    quote += price_of_risk * flow
    for side in range(2):
        sign = 1.0 - 2.0 * side
        for i in range(book.shape[1]):
            beyond = sign * (quote - budget[side]) - threshold[side, i]
            if beyond <= 0.0:
                break
            more = max(0.0, own[side] - book[side, i])
            if price_of_risk * more > beyond:
                more = beyond / price_of_risk
            book[side, i] += more
            hedged[side] += more
            flow -= sign * more
            quote -= sign * price_of_risk * more
    return flow
