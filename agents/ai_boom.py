"""The boom's own finance: clouds, laboratories and chip designers abroad, and the buyers of their shares.

Buyers pay more for shares that have risen (Barberis, Greenwood, Jin and Shleifer 2015), and the more so the more they
have.  Clouds build for the growth that they have seen and for sentiment, as far as cash flow and lenders allow; what
they order, designers sell.  Laboratories earn what users pay.  Everybody decides here; the state is kept by
:mod:`itcho.model.ai.boom`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit
from itcho.agents.views import ParameterValues

Array = NDArray[np.float64]

MONTHS_A_YEAR = 12.0


class MemberKind(IntEnum):
    """What a member of the boom is."""

    CLOUD = 0
    LEVERAGED_CLOUD = 1
    LABORATORY = 2
    DESIGNER = 3


@dataclass(frozen=True)
class MemberFacts:
    """One line of the opening table; money in billion dollars, flows a year.

    Attributes
    ----------
    name : snake_case identifier, unique.
    kind : what it is.
    cash_flow : operating cash flow; of laboratories sales.
    spending : capital spending of clouds.
    debt : financial debt.
    market_value : of its shares.
    source : where the figures are from, and how well known.
    ai_share : of designers, the part of cash flow that goes with chips for AI.
    """

    name: str
    kind: MemberKind
    cash_flow: float
    spending: float
    debt: float
    market_value: float
    source: str
    ai_share: float = 1.0


_CLOUDS = "Company reports 2025 as carried by the press, from memory; with Oracle they add to Calcbench's 602.8 bn USD"
_LEVERAGED = "Company reports and press, end of 2025, from memory; Oracle's capex over cash flow 147% (LSEG)"
_LABS = "Press reports on rounds and sales 2025-26; own judgement"
_DESIGNERS = "Company reports 2025 as carried by the press, from memory; market values of spring 2026"

MEMBERS: tuple[MemberFacts, ...] = (
    MemberFacts("amazon", MemberKind.CLOUD, 139.0, 131.0, 68.0, 2300.0, _CLOUDS),
    MemberFacts("microsoft", MemberKind.CLOUD, 147.0, 115.0, 45.0, 3200.0, _CLOUDS),
    MemberFacts("alphabet", MemberKind.CLOUD, 165.0, 145.0, 46.0, 3500.0, _CLOUDS),
    MemberFacts("meta", MemberKind.CLOUD, 116.0, 105.0, 59.0, 1600.0, _CLOUDS),
    MemberFacts("clouds_of_china", MemberKind.CLOUD, 60.0, 36.0, 40.0, 900.0, "Own judgement"),
    MemberFacts("oracle", MemberKind.LEVERAGED_CLOUD, 22.0, 32.0, 105.0, 500.0, _LEVERAGED),
    MemberFacts("coreweave", MemberKind.LEVERAGED_CLOUD, 4.0, 6.0, 19.0, 40.0, _LEVERAGED),
    MemberFacts("other_leveraged_clouds", MemberKind.LEVERAGED_CLOUD, 3.0, 4.5, 12.0, 60.0, "Own judgement"),
    MemberFacts("openai", MemberKind.LABORATORY, 25.0, 0.0, 0.0, 800.0, _LABS),
    MemberFacts("anthropic", MemberKind.LABORATORY, 20.0, 0.0, 0.0, 380.0, _LABS),
    MemberFacts("xai", MemberKind.LABORATORY, 2.0, 0.0, 5.0, 230.0, _LABS),
    MemberFacts("other_laboratories", MemberKind.LABORATORY, 2.0, 0.0, 0.0, 90.0, "Own judgement"),
    MemberFacts("nvidia", MemberKind.DESIGNER, 95.0, 0.0, 8.0, 4400.0, _DESIGNERS, 0.9),
    MemberFacts("broadcom", MemberKind.DESIGNER, 27.0, 0.0, 65.0, 1600.0, _DESIGNERS, 0.5),
    MemberFacts("amd", MemberKind.DESIGNER, 6.0, 0.0, 3.0, 350.0, _DESIGNERS, 0.4),
)
"""Who carries the boom: five clouds, three leveraged ones, four laboratories, three designers."""


class Book(IntEnum):
    """Rows of the members' books; money in billion dollars, by month."""

    DEBT = 0
    CAPACITY = 1
    SEEN = 2
    """Demand in the month before."""
    GROWTH = 3
    """Of demand, as it is expected for a year."""
    EARNINGS = 4
    """Of the month, over the start's."""


class Share(IntEnum):
    """Rows of what is known of the members' shares."""

    SENTIMENT = 0
    PAID = 1
    """Premium for sentiment in the price, log points."""
    LOG_PRICE = 2
    """Over the expected path."""
    WORTH = 3
    """Earnings of the last twelve months over those expected, log points."""
    MOVED = 4
    """Log return of the month beyond the usual one, before the news of its sessions."""


class BoomRules(NamedTuple):
    """How members and buyers decide, in the order of the parameters' names."""

    extrapolation: float
    convexity: float
    convexity_from: float
    forget: float
    """Part of a memory that a month takes."""
    accelerator: float
    usual_utilisation: float
    sentiment_capex: float
    payout: float
    debt_limit: float
    leveraged_debt_limit: float
    borrowing_months: float
    wear: float
    usual_loss: float
    drought_loss: float
    lenders_limit: float

    @classmethod
    def of(cls, p: ParameterValues) -> BoomRules:
        """The rules with these parameters."""
        forget = 1.0 - 0.5 ** (1.0 / p.boom_memory_months)
        # Losses are told of a year; so much of a year's return is in sentiment at its end.
        of_a_year = 1.0 - (1.0 - forget) ** MONTHS_A_YEAR
        return cls(
            p.boom_extrapolation,
            p.boom_convexity,
            p.boom_convexity_from,
            forget,
            p.boom_accelerator_monthly,
            p.boom_usual_utilisation,
            p.boom_sentiment_capex_share,
            p.boom_payout_share,
            p.boom_debt_limit_years,
            p.boom_leveraged_debt_limit_years,
            p.boom_borrowing_months,
            1.0 / p.chip_life_years,
            p.venture_usual_log_loss_year * of_a_year,
            p.venture_drought_log_loss_year * of_a_year,
            1.0,
        )


@njit(cache=True)
def buyers_strength(sentiment: float, rules: BoomRules) -> float:
    """What buyers pay for a unit of sentiment, log points; their answer to a month is below its limit.

    Sentiment loses forget / (1 - f) of itself in a month, where f is the part of a month's move that answers the move.
    With f beyond 1 - forget prices would swing to and fro without news: buyers' money ends where half of it is lost.
    """
    carried_away = rules.convexity * max(0.0, sentiment - rules.convexity_from)
    steepest = (1.0 - 2.0 * rules.forget) / (MONTHS_A_YEAR * rules.forget)
    return min(rules.extrapolation + carried_away, steepest)


@njit(cache=True)
def clear_shares(news: float, sentiment: float, paid: float, rules: BoomRules) -> tuple[float, float, float]:
    """Find the month's price of a share whose buyers answer to that very price.

    With r = news + B (S' - S before's premium) and S' = (1 - b) S + 12 b r, solved for r.

    Parameters
    ----------
    news : log change of what the share is worth without sentiment.
    sentiment : S, smoothed yearly log return beyond the usual one.
    paid : premium for sentiment in last month's price, log points.

    Returns
    -------
    The month's log return beyond the usual one, sentiment and the premium after it.
    """
    strength = buyers_strength(sentiment, rules)
    kept = (1.0 - rules.forget) * sentiment
    moved = (news + strength * kept - paid) / (1.0 - MONTHS_A_YEAR * rules.forget * strength)
    after = kept + MONTHS_A_YEAR * rules.forget * moved
    return moved, after, strength * after


@njit(cache=True)
def funding_open(sentiment: float, rules: BoomRules) -> float:
    """How far lenders are open, from 1 to 0 in a drought: sentiment beyond an ordinary year's loss closes them."""
    loss = max(0.0, -sentiment - rules.usual_loss)
    return max(0.0, 1.0 - loss / (rules.drought_loss - rules.usual_loss))


@njit(cache=True)
def capex_plan(capacity: float, use: float, expected_growth: float, sentiment: float, rules: BoomRules) -> float:
    """A cloud's plan for the month: wear, expected growth, the gap of use to usual use, and sentiment."""
    yearly = rules.wear + expected_growth + rules.sentiment_capex * sentiment
    month = yearly / MONTHS_A_YEAR + rules.accelerator * (use - rules.usual_utilisation)
    return capacity * max(0.0, month)


@njit(cache=True)
def capex_limit(cash_flow: float, debt: float, debt_limit: float, opened: float, rules: BoomRules) -> float:
    """What a cloud can pay in the month: cash flow that owners leave, and new debt as far as lenders are open."""
    room = max(0.0, debt_limit * cash_flow - debt)
    return (1.0 - rules.payout) * cash_flow / MONTHS_A_YEAR + opened * room / rules.borrowing_months


@njit(cache=True)
def run_members(
    kind: NDArray[np.int8],
    opening: Array,
    books: Array,
    sentiment: Array,
    levels: tuple[float, float],
    demand: float,
    opened: float,
    ordered_before: float,
    rules: BoomRules,
) -> tuple[float, float, float]:
    """Let all members live through a month.

    Parameters
    ----------
    kind : (n,) what each is.
    opening : (3, n) cash flow, demand for compute in units of capacity, and the part of cash flow that goes with AI, at
        the start.
    books : (5, n) in the order of :class:`Book`; changed.
    sentiment : (n,) of each member's shares.
    levels : expected levels of users' demand and of clouds' cash flow over the start's.
    demand : users' demand over its expected path.
    opened : how far lenders are open.
    ordered_before : chips that are delivered this month over the start's.
    rules : of everybody.

    Returns
    -------
    Clouds' capex of the month, their cash flow of it, and clouds that money bound.
    """
    cash_flow0, share, ai_share = opening
    debt, capacity, seen, growth, earnings = books
    level, cash_level = levels
    capex, flow, bound = 0.0, 0.0, 0.0
    for i in range(kind.size):
        if kind[i] == MemberKind.LABORATORY:
            earnings[i] = level * demand
        if kind[i] == MemberKind.DESIGNER:
            earnings[i] = (1.0 - ai_share[i]) * cash_level + ai_share[i] * ordered_before
        if kind[i] > MemberKind.LEVERAGED_CLOUD:
            continue
        wanted = share[i] * level * demand
        leveraged = kind[i] == MemberKind.LEVERAGED_CLOUD
        earnings[i] = cash_level * (1.0 - ai_share[i] + ai_share[i] * min(wanted, capacity[i]) / (share[i] * level))
        own = cash_flow0[i] * earnings[i]
        growth[i] += rules.forget * (MONTHS_A_YEAR * math.log(wanted / seen[i]) - growth[i])
        seen[i] = wanted
        plan = capex_plan(capacity[i], wanted / capacity[i], growth[i], sentiment[i], rules)
        limit = rules.leveraged_debt_limit if leveraged else rules.debt_limit
        if rules.lenders_limit > 0.0:
            money = capex_limit(own, debt[i], limit, opened, rules)
            bound += 1.0 if plan > money else 0.0
            plan = min(plan, money)
        # What is not spent repays debt first, and goes to owners then.
        debt[i] = max(0.0, debt[i] + plan - (1.0 - rules.payout) * own / MONTHS_A_YEAR)
        capacity[i] += plan - rules.wear / MONTHS_A_YEAR * capacity[i]
        capex += plan
        flow += own / MONTHS_A_YEAR
    return capex, flow, bound


@njit(cache=True)
def year_earned(year: Array, month: int, earned: Array) -> Array:
    """Take a month's earnings in and return those of the last twelve months, (n,), as a monthly mean.

    Parameters
    ----------
    year : (12, n) by month of the year; the row of a year ago is replaced.
    month : from 0.
    earned : (n,) of the month.
    """
    year[month % year.shape[0]] = earned
    of_year = np.zeros(earned.size)
    for row in year:
        of_year += row
    of_year /= year.shape[0]
    return of_year


@njit(cache=True)
def price_members(
    worth_now: Array,
    worth_expected: Array,
    shares: Array,
    market_value: Array,
    rules: BoomRules,
) -> tuple[float, float]:
    """Clear every member's shares on what it earns over what was expected.

    Parameters
    ----------
    worth_now, worth_expected : (n,) earnings of the last twelve months, and those expected.
    shares : (5, n) in the order of :class:`Share`; changed.
    market_value : (n,) at the start, bn USD.

    Returns
    -------
    Log return of all shares beyond the usual one, and the sentiment of all, both weighted by what each is worth.
    """
    sentiment, paid, log_price, worth_before, moved = shares
    weights, gained, felt = 0.0, 0.0, 0.0
    for i in range(market_value.size):
        worth = math.log(worth_now[i] / worth_expected[i])
        news = worth - worth_before[i]
        weight = market_value[i] * math.exp(log_price[i])
        moved[i], sentiment[i], paid[i] = clear_shares(news, sentiment[i], paid[i], rules)
        log_price[i] += moved[i]
        worth_before[i] = worth
        weights += weight
        gained += weight * moved[i]
        felt += weight * sentiment[i]
    return gained / weights, felt / weights


@njit(cache=True)
def boom_month(
    members: tuple[NDArray[np.int8], Array, Array],
    books: tuple[Array, Array],
    years: tuple[Array, Array],
    month: int,
    shares: Array,
    levels: tuple[float, float],
    demand: float,
    felt: float,
    ordered_before: tuple[float, float],
    fields: tuple[float, ...],
    expected_fields: tuple[float, ...],
) -> tuple[tuple[float, float, float], float, float, float]:
    """Let members live through a month, once as expected and once as it is, and clear their shares.

    Parameters
    ----------
    members : kind, opening and market value, see :func:`run_members` and :func:`price_members`.
    books : as they are, and as expected.
    years : (12, n) earnings of the months before, as they are and as expected; changed.
    month : from 0.
    felt : sentiment of all shares before.
    ordered_before : chips that are delivered this month over the start's, as it is and as expected.
    fields, expected_fields : of :class:`BoomRules`; plain tuples are taken in fastest.

    Returns
    -------
    What :func:`run_members` returns, expected capex, and what :func:`price_members` returns.
    """
    kind, opening, market_value = members
    actual, expected = books
    rules, usual = BoomRules(*fields), BoomRules(*expected_fields)
    calm = np.zeros(kind.size)
    planned = run_members(kind, opening, expected, calm, levels, 1.0, 1.0, ordered_before[1], usual)
    opened = funding_open(felt, rules)
    clouds = run_members(kind, opening, actual, shares[0], levels, demand, opened, ordered_before[0], rules)
    worth = year_earned(years[0], month, actual[Book.EARNINGS])
    worth_expected = year_earned(years[1], month, expected[Book.EARNINGS])
    gained, felt = price_members(worth, worth_expected, shares, market_value, rules)
    return clouds, planned[0], gained, felt


@njit(cache=True)
def take_news(news: float, shares: Array, market_value: Array, fields: tuple[float, ...]) -> float:
    """Let buyers remember what the news of the month's sessions moved prices by; their answer is in that move.

    Returns the sentiment of all shares, weighted by what each is worth.
    """
    rules = BoomRules(*fields)
    sentiment, paid, log_price = shares[0], shares[1], shares[2]
    weights, felt = 0.0, 0.0
    for i in range(sentiment.size):
        strength = buyers_strength(sentiment[i], rules)
        sentiment[i] += MONTHS_A_YEAR * rules.forget * news
        paid[i] = strength * sentiment[i]
        log_price[i] += news
        weight = market_value[i] * math.exp(log_price[i])
        weights += weight
        felt += weight * sentiment[i]
    return felt / weights
