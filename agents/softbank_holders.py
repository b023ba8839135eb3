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
    """Holders' rules and what they remember.

    Attributes
    ----------
    on_margin : shares that households hold on margin, trillion yen at the start's price, (households,).
    margin_price : index at which they bought these, (households,).
    readings : limits on record of the last month.
    """

    def __init__(
        self,
        investors: Population[InvestorColumns],
        rows: tuple[slice[int, int, int], ...],
        parameters: ParameterValues,
    ) -> None:
        self.p = p = parameters
        columns = investors.arrays
        self._columns = {
            name: cast(Array, columns[name])
            for name in ("weight", "strictness", "room", "softbank", "softbank_cost", "equity")
        }
        self.rows = {kind: rows[kind] for kind in HOLDERS}
        self.members = np.concatenate([np.arange(span.start, span.stop) for span in self.rows.values()])
        ends = np.cumsum([span.stop - span.start for span in self.rows.values()]).tolist()
        starts = [0, *ends[:-1]]
        self._parts = {kind: slice(a, b) for kind, a, b in zip(self.rows, starts, ends, strict=True)}
        held, other = self._of("softbank"), self._of("equity")
        opening = held / np.maximum(held + other, 1e-12)
        # Who had more of one company than the limit before the start may keep that part.
        self.most_share = np.maximum(p.single_name_limit_pct / 100.0, opening)
        households = self._parts[HOUSEHOLD]
        self.on_margin = p.softbank_margin_share * held[households]
        self.margin_price = np.ones(self.on_margin.size)
        self.readings: tuple[LimitReading, ...] = ()

    def _of(self, name: str) -> Array:
        found: Array = self._columns[name][self.members]
        return found

    def decide(self, price_index: float, risk_ratio: float) -> SoftBankOrders:
        """Orders of the month, and the discount at which they meet.

        Parameters
        ----------
        price_index : of the shares at the last close, start = 1.
        risk_ratio : today's over usual volatility.
        """
        held = self._of("softbank")
        forced = np.zeros(held.size)
        strict, weight = self._of("strictness"), self._of("weight")
        most = self.most_share * (held + self._of("equity"))
        readings = [
            self._call_margins(held, forced, strict, weight, price_index),
            self._write_down(held, forced, strict, weight),
            self._cut_to_single_name(held, forced, most, weight),
            self._cut_to_risk(held, forced, self._of("room"), weight, risk_ratio),
        ]
        self.readings = tuple(readings)
        wanted = held - np.minimum(forced, held)
        # Who is forced to sell does not buy, but investors abroad do with what they hold without leverage.
        free = forced == 0.0
        free[self._parts[FOREIGN]] = True
        slope = np.where(free, self.p.softbank_demand_response * wanted / 100.0, 0.0)
        if not forced.any() or not slope.any():
            return SoftBankOrders(dict.fromkeys(self.rows, 0.0), 0.0)
        least, beyond = np.zeros(held.size), self.p.limit_beyond_response_share
        demand = MemberDemand(
            wanted, slope, least, np.maximum(most, wanted), beyond, float(wanted.sum()), float(slope.sum())
        )
        stock = float(held.sum())
        discount = demand.premium_pp(stock)
        after = demand.held_at(stock)
        self._take(held, after)
        bought = {kind: float((after[part] - held[part]).sum()) for kind, part in self._parts.items()}
        return SoftBankOrders(bought, discount)

    def _take(self, held: Array, after: Array) -> None:
        """Move members to what they hold after the trades; sales take their part of the cost along."""
        cost, columns = self._of("softbank_cost"), self._columns
        kept = np.where(held > 0.0, np.minimum(after / np.maximum(held, 1e-300), 1.0), 1.0)
        columns["softbank_cost"][self.members] = cost * kept + np.maximum(after - held, 0.0)
        columns["softbank"][self.members] = after

    def _call_margins(self, held: Array, forced: Array, strict: Array, weight: Array, index: float) -> LimitReading:
        """Sell what was bought on margin where the price has fallen through what was put up; buy new in time."""
        part = self._parts[HOUSEHOLD]
        put_up = MARGIN_TO_OPEN + (1.0 - MARGIN_TO_OPEN) * (1.0 - strict[part])
        fall = 1.0 - index / self.margin_price
        called = (fall > put_up - MARGIN_TO_KEEP) & (self.on_margin > 0.0)
        sold = np.where(called, np.minimum(self.on_margin * index, held[part]), 0.0)
        forced[part] += sold
        self.on_margin[called] = 0.0
        reading = SOFTBANK_MARGIN.of_members(weight[part], put_up - MARGIN_TO_KEEP - fall, called, sold)
        # New credit is taken up at today's price.
        usual = self.p.softbank_margin_share * (held[part] - sold) / max(index, 1e-9)
        new = np.maximum(usual - self.on_margin, 0.0) * np.where(
            called, 0.0, 1.0 / self.p.softbank_margin_rebuilding_months
        )
        total = self.on_margin + new
        self.margin_price = np.where(
            total > 0.0, (self.on_margin * self.margin_price + new * index) / np.maximum(total, 1e-300), index
        )
        self.on_margin = total
        return reading

    def _write_down(self, held: Array, forced: Array, strict: Array, weight: Array) -> LimitReading:
        """Insurers sell part of what has lost as much of its cost as their rule says, and write the rest down."""
        p, part, members = self.p, self._parts[INSURER_PENSION], self.members[self._parts[INSURER_PENSION]]
        cost = self._columns["softbank_cost"][members]
        lost = 1.0 - held[part] / np.maximum(cost, 1e-300)
        threshold = 0.5 - p.impairment_judgement_share * strict[part]
        hit = (lost > threshold) & (cost > 0.0)
        forced[part] += np.where(hit, p.impaired_sale_share * held[part], 0.0)
        self._columns["softbank_cost"][members] = np.where(hit, held[part], cost)
        return SOFTBANK_IMPAIRMENT.of_members(weight[part], threshold - lost, hit, forced[part])

    def _cut_to_single_name(self, held: Array, forced: Array, most: Array, weight: Array) -> LimitReading:
        """Funds sell what they hold of one company beyond their limit."""
        part = self._parts[FUND]
        beyond = np.maximum(held[part] - most[part] * (1.0 + 1e-9), 0.0)
        forced[part] += beyond
        slack = 1.0 - held[part] / np.maximum(most[part], 1e-300)
        return SOFTBANK_SINGLE_NAME.of_members(weight[part], slack, beyond > 0.0, beyond)

    def _cut_to_risk(self, held: Array, forced: Array, room: Array, weight: Array, ratio: float) -> LimitReading:
        """Investors abroad sell of what they hold on leverage what today's volatility makes too risky."""
        p, part = self.p, self._parts[FOREIGN]
        borne = 1.0 + p.softbank_risk_room * room[part]
        excess = np.maximum(ratio / borne - 1.0, 0.0)
        leveraged = p.softbank_risk_limited_share * held[part]
        sold = p.softbank_risk_sale_share * leveraged * excess / (1.0 + excess)
        forced[part] += sold
        return SOFTBANK_RISK.of_members(weight[part], 1.0 - ratio / borne, excess > 0.0, sold)
