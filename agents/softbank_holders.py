"""Holders of SoftBank's shares: who keeps them, who has to sell, and who buys at what discount.

Households that bought on margin are called when the price has fallen through what they put up; insurers write down and
sell what has lost as much of its cost as their rule says; funds hold no more of one company than their single-name
limit; investors abroad hold what their risk limit bears at today's volatility.  Whoever is free and below the limit for
one company buys more, the further the price is below what the holdings are worth.

Evidence: margin rules of the Tokyo Stock Exchange (30% to open, 20% to keep); accounting standard for financial
instruments (shares below half of their cost); limits for one issuer of the Investment Trusts Association; volatility
limits, Adrian and Shin 2014; slope of demand for single shares, Koijen and Yogo 2019.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from itcho.agents.bond_demand import MemberDemand
from itcho.agents.compiled import njit
from itcho.agents.investors import FOREIGN, FUND, HOUSEHOLD, INSURER_PENSION, InvestorColumns
from itcho.agents.limits import LimitReading
from itcho.agents.limits_of_holders import (
    SOFTBANK_IMPAIRMENT,
    SOFTBANK_MARGIN,
    SOFTBANK_RISK,
    SOFTBANK_SINGLE_NAME,
)
from itcho.agents.population import Population
from itcho.agents.views import ParameterValues

Array = NDArray[np.float64]

HOLDERS = (HOUSEHOLD, INSURER_PENSION, FUND, FOREIGN)
"""Types of investors that hold its shares."""
MARGIN_TO_OPEN, MARGIN_TO_KEEP = 0.3, 0.2
"""Of the price of shares bought on margin: what a household puts up at least, and what it is called below."""


class SoftBankOrders(NamedTuple):
    """What holders do in a month.

    Attributes
    ----------
    bought : by type of investor, trillion yen; they add to zero.
    discount_pct : below what they are worth at which buyers take what others have to sell, percent.
    """

    bought: dict[int, float]
    discount_pct: float

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
    most_share : part of its shares that each member may have in one company, (members,).
    forced : what each had to sell in the last month, trillion yen, (members,).
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
        held, _, other, *_ = self._columns
        opening = held[:members] / np.maximum(held[:members] + other[:members], 1e-12)
        # Who had more of one company than the limit before the start may keep that part.
        self.most_share = np.maximum(p.single_name_limit_pct / 100.0, opening)
        self.on_margin = p.softbank_margin_share * held[self.rows[HOUSEHOLD]]
        self.margin_price = np.ones(self.on_margin.size)
        self.forced, self._slack = np.zeros(members), np.ones(members)

    def decide(self, price_index: float, risk_ratio: float) -> SoftBankOrders:
        """Orders of the month, and the discount at which they meet.

        Parameters
        ----------
        price_index : of the shares at the last close, start = 1.
        risk_ratio : today's over usual volatility.
        """
        p, forced = self.p, self.forced
        held, cost, other, strict, room, _ = self._columns
        sold = _forced_sales(
            self._bounds,
            (held, cost, other, strict, room),
            (self.on_margin, self.margin_price, self.most_share),
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
        nobody = SoftBankOrders(dict.fromkeys(self.rows, 0.0), 0.0)
        if sold == 0.0:
            return nobody
        before = held[: forced.size].copy()
        wanted = before - forced
        # Who is forced to sell does not buy, but investors abroad do with what they hold without leverage.
        free = forced == 0.0
        free[self.rows[FOREIGN]] = True
        slope = np.where(free, p.softbank_demand_response * wanted / 100.0, 0.0)
        if not slope.any():
            return nobody
        most = np.maximum(self.most_share * (before + other[: forced.size]), wanted)
        demand = MemberDemand(
            wanted, slope, np.zeros(wanted.size), most, p.limit_beyond_response_share, 0.0, float(slope.sum())
        )
        stock = float(before.sum())
        after = demand.held_at(stock)
        bought = {kind: float((after[span] - before[span]).sum()) for kind, span in self.rows.items()}
        # Sales take their part of the cost along.
        kept = np.where(before > 0.0, np.minimum(after / np.maximum(before, 1e-300), 1.0), 1.0)
        cost[: forced.size] = cost[: forced.size] * kept + np.maximum(after - before, 0.0)
        held[: forced.size] = after
        return SoftBankOrders(bought, demand.premium_pp(stock))

    def readings(self) -> tuple[LimitReading, ...]:
        """What each limit did in the last month."""
        weight = self._columns[-1]
        return tuple(
            limit.of_members(weight[span], self._slack[span], self.forced[span] > 0.0, self.forced[span])
            for limit, span in zip(_LIMITS, self.rows.values(), strict=True)
        )


_LIMITS = (SOFTBANK_MARGIN, SOFTBANK_IMPAIRMENT, SOFTBANK_SINGLE_NAME, SOFTBANK_RISK)
"""The limit of each type of holder, in the order of their rows."""


@njit(cache=True)
def _forced_sales(
    bounds: NDArray[np.int64],
    columns: tuple[Array, Array, Array, Array, Array],
    own: tuple[Array, Array, Array],
    market: tuple[float, float],
    rules: tuple[float, float, float, float, float, float, float],
    forced: Array,
    slack: Array,
) -> float:
    """Write what each holder has to sell and how far it is from having to, as a share; returns the sum sold.

    Margin positions are closed and taken up anew, and the cost of what is written down comes to its value.

    Parameters
    ----------
    bounds : first and last row of households, insurers, funds and investors abroad, (4, 2).
    columns : shares held, their cost, other shares, strictness and room.
    own : shares on margin and their price by household, and the most of one company by member.
    market : price index and risk ratio.
    rules : margin share, part rebuilt a month, judgement and sale of impaired shares, risk room, limited share, sale.
    """
    held, cost, other, strict, room = columns
    on_margin, margin_price, most_share = own
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
            on_margin[h], margin_price[h] = 0.0, index
        else:
            # New credit is taken up at today's price.
            new = max(margin_share * held[i] / max(index, 1e-9) - on_margin[h], 0.0) * rebuilt
            if new > 0.0:
                margin_price[h] = (on_margin[h] * margin_price[h] + new * index) / (on_margin[h] + new)
                on_margin[h] += new
        total += forced[i]
    for i in range(bounds[1, 0], bounds[1, 1]):
        slack[i] = 0.5 - judgement * strict[i] - (1.0 - held[i] / max(cost[i], 1e-300))
        forced[i] = 0.0
        if slack[i] < 0.0 and cost[i] > 0.0:
            forced[i] = impaired_sale * held[i]
            cost[i] = held[i]
        total += forced[i]
    for i in range(bounds[2, 0], bounds[2, 1]):
        most = most_share[i] * (held[i] + other[i])
        slack[i] = 1.0 - held[i] / max(most, 1e-300)
        forced[i] = held[i] - most if held[i] > most * (1.0 + 1e-9) else 0.0
        total += forced[i]
    for i in range(bounds[3, 0], bounds[3, 1]):
        excess = risk / (1.0 + risk_room * room[i]) - 1.0
        slack[i] = -excess
        forced[i] = risk_sale * limited * held[i] * excess / (1.0 + excess) if excess > 0.0 else 0.0
        total += forced[i]
    return total
