"""The members of the AI boom abroad: their balance sheets, what they order, and what their shares are worth.

Everything is held against the same members undisturbed: a second set that lives through the expected path of demand,
with buyers who see nothing but usual returns.  What the two share is expected, and is in the paths of the outside
world already; how the first departs from the second is what happens to Japan.  With nothing disturbed both are equal to
the bit.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from itcho.agents.ai_boom import (
    MEMBERS,
    BoomRules,
    MemberFacts,
    MemberKind,
    Share,
    boom_month,
    funding_open,
    take_news,
)
from itcho.agents.compiled import plain, total
from itcho.agents.views import ParameterValues
from itcho.model.chips.market import world_ai_spending_bn_usd

Array = NDArray[np.float64]

_BASE_DATE = 2026.25
MONTHS_A_YEAR = 12.0


@dataclass
class AIBoom:
    """What lasts of the boom from month to month.

    Attributes
    ----------
    members : who they are.
    rules, expected_rules : how members and buyers decide, and how they would if nothing were disturbed.
    books, expected : (5, members) in the order of :class:`itcho.agents.ai_boom.Book`, as it is and undisturbed.
    years, expected_years : (12, members) earnings by month over the start's, of the last twelve months.
    opening_year : (members,) mean of those at the start.
    shares : (5, members) in the order of :class:`itcho.agents.ai_boom.Share`.
    pipeline, expected_pipeline : capex planned and not yet ordered as chips, oldest first, bn USD a month.
    sentiment : of all shares, weighted by what they are worth.
    usual_log : return of AI shares since the start that was expected.
    log_return : of AI shares over the month, beyond what the outside path expects and before the news of its sessions.
    chip_orders : world orders of AI chips over their expected path, 1 = on it.
    date : of the start, a decimal year.
    first_capex, first_level : capex and AI spending from which levels are counted, bn USD.
    ordered : chips ordered in the month before over first capex, as it is and as expected.
    cash_flow_power : growth of clouds' cash flow over that of AI spending: both slow together.
    capex_over_expected : clouds' capex of the month over that of the undisturbed members.
    capex, cash_flow, bound : of clouds, and clouds that money bound, in the month.
    """

    members: tuple[MemberFacts, ...]
    parameters: ParameterValues
    rules: BoomRules
    expected_rules: BoomRules
    books: Array
    expected: Array
    years: Array
    expected_years: Array
    opening_year: Array
    shares: Array
    pipeline: deque[float]
    expected_pipeline: deque[float]
    kind: NDArray[np.int8]
    opening: Array
    market_value: Array
    date: float
    first_capex: float
    first_level: float
    cash_flow_power: float
    ordered: tuple[float, float]
    sentiment: float = 0.0
    usual_log: float = 0.0
    log_return: float = 0.0
    chip_orders: float = 1.0
    capex_over_expected: float = 1.0
    capex: float = 0.0
    cash_flow: float = 0.0
    bound: float = 0.0

    @classmethod
    def at_start(
        cls, parameters: ParameterValues, date: float = _BASE_DATE, members: Sequence[MemberFacts] = MEMBERS
    ) -> AIBoom:
        """The members as their table has them, with capacity for which their capex is what demand's growth asks.

        Parameters
        ----------
        date : of the start, a decimal year.
        """
        rules, n = BoomRules.of(parameters), len(members)
        kind = np.array([one.kind for one in members], np.int8)
        cash_flow, spending, debt, market_value = (
            np.array([getattr(one, name) for one in members], np.float64)
            for name in ("cash_flow", "spending", "debt", "market_value")
        )
        large, designers = parameters.boom_ai_share_of_cash_flow, np.array([one.ai_share for one in members])
        growth = math.log(demand_level(12, date, parameters) / demand_level(0, date, parameters))
        clouds = kind <= MemberKind.LEVERAGED_CLOUD
        capacity = np.where(clouds, spending / (rules.wear + growth), 1.0)
        share = np.where(clouds, capacity * rules.usual_utilisation, 1.0)
        seen = share * math.exp(-growth / MONTHS_A_YEAR)
        books = np.array([debt, capacity, seen, np.full(n, growth), np.ones(n)])
        capex = float(spending[clouds].sum()) / MONTHS_A_YEAR
        months = round(parameters.boom_order_lag_months)
        past = [capex * math.exp(-growth / MONTHS_A_YEAR * ago) for ago in range(months, 0, -1)]
        cash_flow_power = parameters.boom_cash_flow_growth / growth
        earned = _earned_before(kind, designers, date, growth, cash_flow_power, parameters)
        return cls(
            members=tuple(members),
            parameters=parameters,
            rules=rules,
            expected_rules=rules,
            books=books,
            expected=books.copy(),
            years=earned,
            expected_years=earned.copy(),
            opening_year=earned.sum(axis=0) / len(earned),
            shares=np.zeros((len(Share), n)),
            pipeline=deque(past),
            expected_pipeline=deque(past),
            kind=kind,
            opening=np.array([cash_flow, share, np.where(kind == MemberKind.CLOUD, large, designers)]),
            market_value=market_value,
            first_capex=past[0],
            date=date,
            first_level=demand_level(0, date, parameters),
            cash_flow_power=cash_flow_power,
            ordered=(1.0, 1.0),
        )

    def advance(self, month: int, demand: float) -> None:
        """Let members decide, order and be priced in a month.

        Parameters
        ----------
        month : from 0.
        demand : users' demand for AI over its expected path.
        """
        level = demand_level(month, self.date, self.parameters) / self.first_level
        (self.capex, self.cash_flow, self.bound), expected_capex, self.log_return, self.sentiment = boom_month(
            (self.kind, self.opening, self.market_value),
            (self.books, self.expected),
            (self.years, self.expected_years),
            month,
            self.shares,
            (level, level**self.cash_flow_power),
            demand,
            self.sentiment,
            self.ordered,
            plain(self.rules),
            plain(self.expected_rules),
        )
        self.capex_over_expected = self.capex / expected_capex
        self.pipeline.append(self.capex)
        self.expected_pipeline.append(expected_capex)
        ordered, expected = self.pipeline.popleft(), self.expected_pipeline.popleft()
        self.ordered = ordered / self.first_capex, expected / self.first_capex
        self.chip_orders = ordered / expected

    def close_month(self, news_log: float, usual_log: float = 0.0) -> None:
        """Take in what the news of the month's sessions moved AI shares by, beyond their usual return."""
        self.usual_log += usual_log
        self.sentiment = take_news(news_log, self.shares, self.market_value, plain(self.rules))

    @property
    def funding_climate(self) -> float:
        """Readiness of funders and lenders, from 1 (usual) to 0 (drought)."""
        return float(funding_open(self.sentiment, self.rules))

    @property
    def multiple(self) -> float:
        """Price of AI shares over the cash flow of clouds and designers in the last twelve months.

        In opening multiples of earnings.  The price on the expected path grows with the usual return, as the parameter
        of world equity has it.
        """
        p, sells = self.parameters, self.kind != MemberKind.LABORATORY
        of_year, at_start = (
            total((self.opening[0] * months)[sells]) for months in (self.years.mean(axis=0), self.opening_year)
        )
        earned = of_year / at_start
        return p.boom_opening_multiple * math.exp(self.usual_log + self.index_log) / earned

    @property
    def index_log(self) -> float:
        """AI shares over their expected path, natural logarithm."""
        worth = total(self.market_value * np.exp(self.shares[Share.LOG_PRICE]))
        return math.log(worth / total(self.market_value))

    @property
    def capex_over_cash_flow(self) -> float:
        """Of all clouds in the month; 0 before the first."""
        return self.capex / self.cash_flow if self.cash_flow > 0.0 else 0.0

    def moved_beyond(self, who: str) -> float:
        """Log return of the month of a member's shares, or of all ``designers``, beyond that of AI shares."""
        rows = self.kind == MemberKind.DESIGNER if who == "designers" else np.arange(self.kind.size) == self.row(who)
        worth = self.market_value[rows] * np.exp(self.shares[Share.LOG_PRICE, rows])
        return total(worth * self.shares[Share.MOVED, rows]) / total(worth) - self.log_return

    def row(self, name: str) -> int:
        """Where a member stands."""
        return [one.name for one in self.members].index(name)

    def without_sentiment(self) -> None:
        """Let buyers pay nothing for past returns."""
        self.rules = self.rules._replace(extrapolation=0.0, convexity=0.0)

    def without_limit(self) -> None:
        """Let clouds build whether they find money or not."""
        self.rules = self.rules._replace(lenders_limit=0.0)


def _earned_before(
    kind: NDArray[np.int8],
    ai_share: Array,
    date: float,
    growth: float,
    cash_flow_power: float,
    parameters: ParameterValues,
) -> Array:
    """Earnings of each member in the twelve months before the start over the start's, as expected, (12, members).

    Clouds' go with their cash flow and laboratories' with users' spending; the part of designers' that is from AI
    goes with chips, whose orders grew as demand does.
    """
    months = -np.arange(int(MONTHS_A_YEAR), 0, -1)
    level = np.array([demand_level(month, date, parameters) for month in months.tolist()])
    level /= demand_level(0, date, parameters)
    cash_level, ordered = level**cash_flow_power, np.exp(growth / MONTHS_A_YEAR * months)
    earned = np.empty((months.size, kind.size))
    earned[:] = cash_level[:, None]
    earned[:, kind == MemberKind.LABORATORY] = level[:, None]
    designs = kind == MemberKind.DESIGNER
    earned[:, designs] = (1.0 - ai_share[designs]) * cash_level[:, None] + ai_share[designs] * ordered[:, None]
    return earned


def demand_level(month: int, date: float, parameters: ParameterValues) -> float:
    """Expected world AI spending a year in a month of a run that starts at ``date``, bn USD."""
    return world_ai_spending_bn_usd(date + month / MONTHS_A_YEAR, parameters)
