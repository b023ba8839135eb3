"""Life insurers as holders of bonds: losses that gains on shares cover, and what they may realise of them.

Yields above those at which an insurer bought put its bonds under water.  It goes on buying while unrealised gains on
its shares cover what it has lost on bonds, and sells no more than its budget of realised losses allows; of bonds that
have lost half of their book value those that no liability is matched with are written down, out of the same gains.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit
from itcho.agents.views import ParameterValues

Array = NDArray[np.float64]

VINTAGES = ((0.4, 30.0), (0.5, 33.0), (0.7, 35.0), (1.0, 37.0), (1.4, 38.0), (2.2, 39.0))
"""Coupon, percent, and years left of the super-long bonds bought in the years of low yields (Ministry of Finance,
auctions of 30- and 40-year bonds), as of the start."""

IMPAIRED_BELOW = 0.5
"""Price over book value below which bonds are written down (accounting standard for financial instruments)."""


def bond_price(coupon_pct: float, years: float, yield_pct: float) -> float:
    """Price over face of a bond with half-yearly coupons."""
    periods = 2.0 * years
    if abs(yield_pct) < 1e-9:
        return 1.0 + coupon_pct / 200.0 * periods
    discount = math.exp(-periods * math.log1p(yield_pct / 200.0))
    return coupon_pct / yield_pct * (1.0 - discount) + discount


class InsurerMonth(NamedTuple):
    """What insurers see when they judge how many bonds to hold.

    Attributes
    ----------
    superlong_yield_pct : of 30-year bonds, percent.
    equity_gain : growth of the value of their shares since the start, a share of it.
    superlong_per_10y : points by which 30-year yields move with a point of 10-year yields.
    """

    superlong_yield_pct: float
    equity_gain: Array | float
    superlong_per_10y: float


class InsurerBooks:
    """Insurers' bonds at book value and the gains that stand behind them, by member.

    Parameters
    ----------
    bonds : at the start, trillion yen, (insurers,).
    room : gains behind its bonds that each insurer has over the mean, (insurers,).
    superlong_yield_pct : at the start.

    Attributes
    ----------
    book_yield_pct : at which the bonds were bought on average; new bonds bring it towards today's.
    written_down : losses realised because bonds had lost half of their book value, trillion yen, (insurers,).
    """

    def __init__(self, bonds: Array, room: Array, superlong_yield_pct: float, parameters: ParameterValues) -> None:
        self.p = parameters
        self.room = room
        self.bonds_at_start = bonds.copy()
        self.written_down = np.zeros(bonds.size)
        self.book_yield_pct = parameters.insurer_book_yield_pct
        prices = np.array([bond_price(coupon, years, superlong_yield_pct) for coupon, years in VINTAGES])
        # What had lost half of its price of issue before the start is written down in the opening books.
        self._book = np.where(prices < IMPAIRED_BELOW, prices, 1.0)

    def gains(self, equity_gain: Array | float) -> Array:
        """Unrealised gains on shares, less what write-downs have used up, trillion yen, (insurers,).

        Parameters
        ----------
        equity_gain : growth of the value of shares since the start, a share of it.
        """
        p = self.p
        cover = p.insurer_gains_to_bonds * self.room
        value = cover / p.insurer_equity_gain_share
        left: Array = self.bonds_at_start * np.maximum(cover + value * equity_gain, 0.0) - self.written_down
        return np.maximum(left, 0.0)

    def loss_share(self, superlong_yield_pct: float) -> float:
        """Unrealised loss over the value of bonds; negative if they stand above their book value."""
        p = self.p
        return p.insurer_bond_duration_years / 100.0 * (superlong_yield_pct - self.book_yield_pct)

    def grow_old(self, superlong_yield_pct: float) -> None:
        """Let a month's new bonds, bought at today's yield, take the place of what matured."""
        self.book_yield_pct += (superlong_yield_pct - self.book_yield_pct) / (12.0 * self.p.insurer_bond_duration_years)

    def write_down(self, bonds: Array, superlong_yield_pct: float) -> float:
        """Write down vintages that have lost half of their book value; returns what was realised, trillion yen.

        Each vintage is the same part of the super-long bonds; of these the part that is matched with liabilities is
        exempt.
        """
        p = self.p
        part = p.insurer_superlong_share * (1.0 - p.insurer_impairment_exempt_share) / len(VINTAGES)
        realised = 0.0
        for place, (coupon, years) in enumerate(VINTAGES):
            price, book = bond_price(coupon, years, superlong_yield_pct), float(self._book[place])
            if price < IMPAIRED_BELOW * book:
                loss = part * (book - price) * bonds
                self.written_down += loss
                self._book[place] = price
                realised += float(loss.sum())
        return realised

    def room_pp(self, month: InsurerMonth, bonds: Array) -> Array:
        """Points by which 10-year yields may rise before losses exceed the gains that cover them, (insurers,)."""
        duration = self.p.insurer_bond_duration_years / 100.0 * month.superlong_per_10y
        covered = np.empty(bonds.size)
        _room(self.gains(month.equity_gain), bonds, self.loss_share(month.superlong_yield_pct), duration, covered)
        return covered

    def least(self, month: InsurerMonth, bonds: Array) -> Array:
        """Bonds that each insurer keeps because it may realise no more losses in a month, trillion yen, (insurers,)."""
        budget = self.p.insurer_loss_budget_share_year / 12.0 * self.gains(month.equity_gain)
        return least_bonds_trn_yen(bonds, budget, self.loss_share(month.superlong_yield_pct))


def least_bonds_trn_yen(bonds: Array, budget: Array, loss_share: float) -> Array:
    """Bonds left when a budget of losses is used up, trillion yen.

    Parameters
    ----------
    bonds, budget : held, and losses that may be realised, trillion yen.
    loss_share : loss on a yen sold; nothing binds who sells at a gain.
    """
    if loss_share <= 0.0:
        return np.zeros(bonds.size)
    left: Array = np.maximum(bonds - budget / loss_share, 0.0)
    return left


@njit(cache=True)
def _room(gains: Array, bonds: Array, loss_share: float, loss_per_pp: float, room: Array) -> None:
    for i in range(bonds.size):
        lost = max(loss_share, 0.0) * bonds[i]
        below_book = max(-loss_share, 0.0) * bonds[i]
        room[i] = (gains[i] - lost + below_book) / max(loss_per_pp * bonds[i], 1e-12)
