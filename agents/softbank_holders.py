"""Holders of SoftBank's shares: who keeps them, who has to sell, who leaves, and who buys at what discount.

Households that bought on margin are called when the price has fallen through what they put up, and what they lost is
paid out of other shares that secured it; insurers write down and sell what has lost as much of its cost as their rule
says; investors abroad hold what their risk limit bears at today's volatility.  Households, funds and investors abroad
look at what the unlisted holdings, the Vision Funds, returned in a year: while that is less than a holder asks for, it
sells a part of its shares every month, unless they are so far below what they are worth that it would rather buy.
Whoever is free buys more, the further the price is below value.

Evidence: margin rules of the Tokyo Stock Exchange (30% to open, 20% to keep); accounting standard for financial
instruments (shares below half of their cost); volatility limits, Adrian and Shin 2014; slope of demand for single
shares, Koijen and Yogo 2019; discounts of 17-52% in 2025-26.
"""

from __future__ import annotations

import math
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit
from itcho.agents.investors import FOREIGN, FUND, HOUSEHOLD, INSURER_PENSION, InvestorColumns, stratified
from itcho.agents.limits import LimitReading
from itcho.agents.limits_of_holders import (
    SOFTBANK_IMPAIRMENT,
    SOFTBANK_MARGIN,
    SOFTBANK_RETURN,
    SOFTBANK_RISK,
)
from itcho.agents.population import Population
from itcho.agents.views import ParameterValues

Array = NDArray[np.float64]

HOLDERS = (HOUSEHOLD, INSURER_PENSION, FUND, FOREIGN)
"""Types of investors that hold its shares."""
MARGIN_TO_OPEN, MARGIN_TO_KEEP = 0.3, 0.2
"""Of the price of shares bought on margin: what a household puts up at least, and what it is called below."""
MONTHS_OF_RETURN = 12
"""Months over which holders judge what the funds returned; before so many are on record nobody judges."""
_NEVER = -1e30
_FARTHEST_PCT = 100.0
_HALVINGS = 60


class SoftBankOrders(NamedTuple):
    """What holders do in a month.

    Attributes
    ----------
    bought : by type of investor, trillion yen; they add to zero.
    discount_pct : further below what they are worth at which buyers take what others sell, percent.
    others_sold_trn_yen : of other Japanese shares, by households whose margin was called.
    """

    bought: dict[int, float]
    discount_pct: float
    others_sold_trn_yen: float = 0.0

    @classmethod
    def none(cls) -> SoftBankOrders:
        """What is done where there are no shares."""
        return cls(dict.fromkeys(HOLDERS, 0.0), 0.0)


class SoftBankHolders:
    """Holders' rules and what they remember; columns run over investors up to those abroad.

    Attributes
    ----------
    on_margin : shares that households hold on margin, trillion yen at the start's price, (households,).
    margin_price : index at which they bought these, (households,).
    asked_pct : return of a year below which each member leaves, percent, (members,); insurers never do for that.
    buys_from_pct : discount to what they are worth from which each buys whatever was returned, percent, (members,).
    forced : what each had to sell in the last month, trillion yen, (members,).
    leaving : what each sold because the funds returned too little, trillion yen, (members,).
    fund_returns : log returns in dollars of the Vision Funds in the last twelve months.
    """

    def __init__(
        self,
        investors: Population[InvestorColumns],
        rows: tuple[slice[int, int, int], ...],
        parameters: ParameterValues,
    ) -> None:
        self.p = p = parameters
        columns, members = investors.arrays, rows[FOREIGN].stop
        self.rows = {kind: rows[kind] for kind in HOLDERS}
        self._bounds = np.array([(span.start, span.stop) for span in self.rows.values()])
        self._columns = tuple(
            cast(Array, columns[name])
            for name in ("softbank", "softbank_cost", "equity", "strictness", "room", "weight")
        )
        held, _, _, strict, _, weight = self._columns
        patience = np.full(members, 0.5)
        for span in self.rows.values():
            # Members that are alike in the rest are alike in this.
            if strict[span].std() > 0.0:
                patience[span] = stratified(weight[span], 5)
        asked = p.softbank_return_asked_pct + p.softbank_return_asked_spread_pct * (2.0 * strict[:members] - 1.0)
        self.asked_pct = np.full(members, _NEVER)
        for kind in (HOUSEHOLD, FUND, FOREIGN):
            self.asked_pct[self.rows[kind]] = asked[self.rows[kind]]
        self._asking = np.r_[tuple(self.rows[kind] for kind in (HOUSEHOLD, FUND, FOREIGN))]
        low, high = p.softbank_value_discount_low_pct, p.softbank_value_discount_high_pct
        self.buys_from_pct = low + (high - low) * patience
        self.on_margin = p.softbank_margin_share * held[self.rows[HOUSEHOLD]]
        self.margin_price = np.ones(self.on_margin.size)
        self.forced, self.leaving, self._slack = np.zeros(members), np.zeros(members), np.ones(members)
        self.fund_returns: list[float] = []

    def make_alike(self) -> None:
        """Let holders of a type differ in nothing but size: each has its part of the shares, and mean rules."""
        p, (held, cost, other, strict, room, weight) = self.p, self._columns
        for span in self.rows.values():
            part = weight[span] / weight[span].sum()
            for holding in (held, cost):
                holding[span] = part * holding[span].sum()
        self.on_margin[:] = p.softbank_margin_share * held[self.rows[HOUSEHOLD]]
        self._columns = held, cost, other, np.full(strict.size, 0.5), np.ones(room.size), weight
        self.asked_pct[self._asking] = p.softbank_return_asked_pct
        self.buys_from_pct[:] = 0.5 * (p.softbank_value_discount_low_pct + p.softbank_value_discount_high_pct)

    def learn(self, fund_log_return: float) -> None:
        """Take what the Vision Funds returned in a month, in dollars, natural logarithm."""
        self.fund_returns = [*self.fund_returns, fund_log_return][-MONTHS_OF_RETURN:]

    @property
    def fund_return_pct(self) -> float | None:
        """What the Vision Funds returned in twelve months, percent; None before so many are on record."""
        if len(self.fund_returns) < MONTHS_OF_RETURN:
            return None
        return 100.0 * math.expm1(sum(self.fund_returns))

    def decide(self, price_index: float, risk_ratio: float, discount_pct: float) -> SoftBankOrders:
        """Orders of the month, and the discount at which they meet.

        Parameters
        ----------
        price_index : of the shares at the last close, start = 1.
        risk_ratio : today's over usual volatility.
        discount_pct : of the shares to what they are worth at the last close, percent.
        """
        p, forced = self.p, self.forced
        held, cost, other, strict, room, _ = self._columns
        others_sold = _forced_sales(
            self._bounds,
            (held, cost, other, strict, room),
            (self.on_margin, self.margin_price),
            (price_index, risk_ratio),
            (
                p.softbank_margin_share,
                1.0 / p.softbank_margin_rebuilding_months,
                p.impairment_judgement_share,
                p.impaired_sale_share,
                p.softbank_risk_room,
                p.softbank_risk_limited_share,
                p.softbank_risk_sale_share,
            ),
            forced,
            self._slack,
        )
        before, kept = held[: forced.size].copy(), held[: forced.size] - forced
        returned, leaves = self.fund_return_pct, np.zeros(forced.size, dtype=np.bool_)
        if returned is not None:
            leaves = self.asked_pct > returned
        # Who is forced to sell does not buy, but investors abroad do with what they hold without leverage.
        free = forced == 0.0
        free[self.rows[FOREIGN]] = True
        slope = np.where(free, p.softbank_demand_response / 100.0, 0.0)
        distance = np.maximum(self.buys_from_pct - discount_pct, 0.0)
        after = np.empty(forced.size)
        further = _meet(before, kept, leaves, distance, slope, p.softbank_exit_share_monthly, after)
        self.leaving[:] = np.where(leaves, np.maximum(kept - after, 0.0), 0.0)
        bought = {kind: float((after[span] - before[span]).sum()) for kind, span in self.rows.items()}
        # Sales take their part of the cost along.
        left = np.where(before > 0.0, np.minimum(after / np.maximum(before, 1e-300), 1.0), 1.0)
        cost[: forced.size] = cost[: forced.size] * left + np.maximum(after - before, 0.0)
        held[: forced.size] = after
        return SoftBankOrders(bought, further, others_sold)

    def readings(self) -> tuple[LimitReading, ...]:
        """What each limit did in the last month."""
        weight, returned = self._columns[-1], self.fund_return_pct
        found = [
            limit.of_members(weight[span], self._slack[span], self.forced[span] > 0.0, self.forced[span])
            for limit, span in ((limit, self.rows[kind]) for limit, kind in _LIMITS)
        ]
        who = self._asking
        asked = self.asked_pct[who]
        slack = np.ones(who.size) if returned is None else np.clip((returned - asked) / np.abs(asked), -1.0, 1.0)
        found.append(SOFTBANK_RETURN.of_members(weight[who], slack, self.leaving[who] > 0.0, self.leaving[who]))
        return tuple(found)


_LIMITS = ((SOFTBANK_MARGIN, HOUSEHOLD), (SOFTBANK_IMPAIRMENT, INSURER_PENSION), (SOFTBANK_RISK, FOREIGN))
"""Limits that force a type of holder to sell."""


@njit(cache=True)
def _wanted(
    before: float, kept: float, leaves: bool, distance: float, slope: float, exit_share: float, m: float
) -> float:
    """What a holder wants at a discount ``m`` percent further down, trillion yen."""
    if not leaves:
        return kept * (1.0 + slope * m)
    if m < distance:
        return min(kept, (1.0 - exit_share) * before)
    return kept * (1.0 + slope * (m - distance))


@njit(cache=True)
def _meet(
    before: Array,
    kept: Array,
    leaves: NDArray[np.bool_],
    distance: Array,
    slope: Array,
    exit_share: float,
    after: Array,
) -> float:
    """Write what each holder has when buyers have taken what sellers sell; returns how much further down, percent.

    Demand rises with the discount, in steps where somebody who would leave stays; at a step sellers sell what buyers
    take.

    Parameters
    ----------
    before, kept : held, and what is left of it after forced sales, trillion yen.
    leaves : who wants to leave at today's discount; ``distance`` points further down it would rather buy.
    slope : more wanted for each percent, as a share.
    exit_share : part of its shares that a holder who leaves sells.
    after : takes what each has then.
    """
    stock, low, high = before.sum(), 0.0, _FARTHEST_PCT
    for _ in range(_HALVINGS):
        # The first try is no discount at all: in most months nobody sells.
        middle, total = 0.5 * (low + high) if high < _FARTHEST_PCT or low > 0.0 else 0.0, 0.0
        for i in range(before.size):
            total += _wanted(before[i], kept[i], leaves[i], distance[i], slope[i], exit_share, middle)
        if total < stock * (1.0 - 1e-12):
            low = max(middle, 1e-12)
        else:
            high = middle
        if high == 0.0:
            low = 0.0
            break
    below, above = 0.0, 0.0
    for i in range(before.size):
        below += _wanted(before[i], kept[i], leaves[i], distance[i], slope[i], exit_share, low)
        above += _wanted(before[i], kept[i], leaves[i], distance[i], slope[i], exit_share, high)
    part = min(max((stock - below) / (above - below), 0.0), 1.0) if above > below else 1.0
    sold, bought = 0.0, 0.0
    for i in range(before.size):
        first = _wanted(before[i], kept[i], leaves[i], distance[i], slope[i], exit_share, low)
        last = _wanted(before[i], kept[i], leaves[i], distance[i], slope[i], exit_share, high)
        after[i] = first + part * (last - first)
        sold += max(before[i] - after[i], 0.0)
        bought += max(after[i] - before[i], 0.0)
    # If nobody takes the rest at any price, it stays where it is.
    traded = min(sold, bought)
    for i in range(before.size):
        moved = after[i] - before[i]
        whole = bought if moved > 0.0 else sold
        after[i] = before[i] + (moved * traded / whole if whole > 0.0 else 0.0)
    return high


@njit(cache=True)
def _forced_sales(
    bounds: NDArray[np.int64],
    columns: tuple[Array, Array, Array, Array, Array],
    own: tuple[Array, Array],
    market: tuple[float, float],
    rules: tuple[float, float, float, float, float, float, float],
    forced: Array,
    slack: Array,
) -> float:
    """Write what each holder has to sell and how far it is from having to, as a share.

    Margin positions are closed and taken up anew, and the cost of what is written down comes to its value.  Other
    shares pay for what was lost on margin; returns what is sold of these, trillion yen.

    Parameters
    ----------
    bounds : first and last row of households, insurers, funds and investors abroad, (4, 2).
    columns : shares held, their cost, other shares, strictness and room.
    own : shares on margin and their price by household.
    market : price index and risk ratio.
    rules : margin share, part rebuilt a month, judgement and sale of impaired shares, risk room, limited share, sale.
    """
    held, cost, other, strict, room = columns
    on_margin, margin_price = own
    index, risk = market
    margin_share, rebuilt, judgement, impaired_sale, risk_room, limited, risk_sale = rules
    total = 0.0
    for i in range(bounds[0, 0], bounds[0, 1]):
        h = i - bounds[0, 0]
        put_up = MARGIN_TO_OPEN + (1.0 - MARGIN_TO_OPEN) * (1.0 - strict[i])
        slack[i] = put_up - MARGIN_TO_KEEP - (1.0 - index / margin_price[h])
        forced[i] = 0.0
        if slack[i] < 0.0 and on_margin[h] > 0.0:
            forced[i] = min(on_margin[h] * index, held[i])
            lost = min(on_margin[h] * (margin_price[h] - index), other[i])
            other[i] -= lost
            total += lost
            on_margin[h], margin_price[h] = 0.0, index
        else:
            # New credit is taken up at today's price.
            new = max(margin_share * held[i] / max(index, 1e-9) - on_margin[h], 0.0) * rebuilt
            if new > 0.0:
                margin_price[h] = (on_margin[h] * margin_price[h] + new * index) / (on_margin[h] + new)
                on_margin[h] += new
    for i in range(bounds[1, 0], bounds[1, 1]):
        slack[i] = 0.5 - judgement * strict[i] - (1.0 - held[i] / max(cost[i], 1e-300))
        forced[i] = 0.0
        # Who has sold out is left with the rounding of its sales, of which nothing can be sold.
        if slack[i] < 0.0 and cost[i] > 0.0 and held[i] > 0.0:
            forced[i] = impaired_sale * held[i]
            cost[i] = held[i]
    for i in range(bounds[2, 0], bounds[2, 1]):
        forced[i] = 0.0
    for i in range(bounds[3, 0], bounds[3, 1]):
        excess = risk / (1.0 + risk_room * room[i]) - 1.0
        slack[i] = -excess
        forced[i] = risk_sale * limited * held[i] * excess / (1.0 + excess) if excess > 0.0 else 0.0
    return total
