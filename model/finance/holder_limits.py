"""Limits of bond holders in the market: whose demand bends where, and what that withholds.

Banks' capital, insurers' covered losses and budgets, pension funds' bands: each is decided beside its agent in
:mod:`itcho.agents`; here they meet the month's mandates.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from itcho.agents.banks import BankCapital, BankMonth
from itcho.agents.bond_demand import MemberDemand
from itcho.agents.insurers import InsurerBooks, InsurerMonth
from itcho.agents.investors import BANK, FOREIGN, INSURER, INSURER_PENSION
from itcho.agents.limits import LimitReading
from itcho.agents.limits_of_holders import BAND_OF_BONDS, BANK_RATE_RISK, INSURER_COVER, INSURER_LOSS_BUDGET
from itcho.agents.views import ParameterValues
from itcho.model.finance.portfolios import Portfolios

Array = NDArray[np.float64]


class HolderView(NamedTuple):
    """What bond holders see when they judge their limits.

    Attributes
    ----------
    premium_pp : 10-year premium less the opening one and what is required beyond it, percentage points.
    superlong_yield_pct : of 30-year bonds.
    equity_index, softbank_index : start = 1.
    pension_assets_trn_yen : of insurers and pension funds together.
    """

    premium_pp: float
    superlong_yield_pct: float
    equity_index: float
    softbank_index: float
    pension_assets_trn_yen: float


class HolderLimits:
    """State of bond holders' limits.

    Attributes
    ----------
    banks, insurers : their capital and books.
    """

    def __init__(self, portfolios: Portfolios, superlong_yield_pct: float, parameters: ParameterValues) -> None:
        self.p = p = parameters
        self._rows_of_banks = portfolios.rows[BANK]
        columns = portfolios.investors.arrays
        bank, both = portfolios.rows[BANK], portfolios.rows[INSURER_PENSION]
        mandate = columns["mandate"][both]
        first = both.start + int((mandate != INSURER).sum())
        self._insurers, self._pensions = slice(first, both.stop), slice(both.start, first)
        weight, room = cast(Array, columns["weight"]), cast(Array, columns["room"])
        self._weight = weight
        self.banks = BankCapital(weight[bank], room[bank], p)
        bonds = cast(Array, columns["jgb"])
        self._bonds = bonds
        self.insurers = InsurerBooks(bonds[self._insurers], room[self._insurers], superlong_yield_pct, p)
        shares = portfolios.softbank_shares_of_equity(self._insurers)
        self._softbank_in_equity = shares
        self._bands = portfolios.pensions.bonds
        self._superlong_per_10y = p.premium_loading_30y
        members = portfolios.rows[FOREIGN].stop
        self._least, self._most = np.zeros(members), np.full(members, np.inf)
        self._cleared: tuple[MemberDemand, float] | None = None

    def _insurer_month(self, view: HolderView) -> InsurerMonth:
        other, own = view.equity_index - 1.0, view.softbank_index - 1.0
        gain = other + self._softbank_in_equity * (own - other)
        return InsurerMonth(view.superlong_yield_pct, gain, self._superlong_per_10y)

    def bend(self, demand: MemberDemand, view: HolderView) -> MemberDemand:
        """The month's demand with each member's own limits."""
        least, most = self._least, self._most
        bank, insurer, pension = self._rows_of_banks, self._insurers, self._pensions
        most[bank] = self.banks.most(demand.wanted[bank])
        month, bonds = self._insurer_month(view), self._bonds[insurer]
        room = np.maximum(self.insurers.room_pp(month, bonds), 0.0)
        most[insurer] = demand.wanted[insurer] + demand.slope[insurer] * (view.premium_pp + room)
        least[insurer] = np.minimum(self.insurers.least(month, bonds), most[insurer])
        assets = self._weight[pension] * view.pension_assets_trn_yen
        least[pension], most[pension] = self._bands.edges(assets)
        return demand._replace(least=least, most=most, beyond=self.p.limit_beyond_response_share)

    def record(self, demand: MemberDemand, premium_pp: float) -> None:
        """Keep the demand and the premium that cleared the market, percentage points, for :meth:`readings`."""
        self._cleared = demand, premium_pp

    @property
    def cleared(self) -> tuple[MemberDemand, float]:
        """Demand with its limits, and the premium beyond the opening one, percentage points, when the market last
        cleared.

        Raises
        ------
        RuntimeError : it has not cleared yet.
        """
        if self._cleared is None:
            raise RuntimeError("the bond market has not cleared yet: run a month first")
        return self._cleared

    def readings(self) -> tuple[LimitReading, ...]:
        """What the limits withheld when the market last cleared."""
        if self._cleared is None:
            return ()
        demand, premium = self._cleared
        free, weight = demand.without_limits(premium), self._weight
        withheld, found = np.abs(free - demand.at(premium)), []
        for limit, rows, buying, selling in (
            (BANK_RATE_RISK, self._rows_of_banks, True, False),
            (INSURER_COVER, self._insurers, True, False),
            (INSURER_LOSS_BUDGET, self._insurers, False, True),
            (BAND_OF_BONDS, self._pensions, True, True),
        ):
            wanted = free[rows]
            if not wanted.size:
                continue
            # Above the most purchases are withheld, below the least sales.
            beyond = wanted - demand.most[rows] if buying else demand.least[rows] - wanted
            if buying and selling:
                beyond = np.maximum(beyond, demand.least[rows] - wanted)
            slack = np.minimum(np.maximum(-beyond / np.maximum(wanted, 1e-12), -1.0), 1.0)
            bound = beyond > 0.0
            found.append(limit.of_members(weight[rows], slack, bound, np.where(bound, withheld[rows], 0.0)))
        return tuple(found)

    def close_month(self, month: BankMonth, superlong_yield_pct: float) -> float:
        """Bear the month's losses; returns what insurers wrote down, trillion yen."""
        self.banks.bear(month, self._bonds[self._rows_of_banks])
        self.insurers.grow_old(superlong_yield_pct)
        return self.insurers.write_down(self._bonds[self._insurers], superlong_yield_pct)
