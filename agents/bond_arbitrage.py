"""Funds that hold super-long bonds against shorter ones: arbitrageurs of limited wealth between maturities.

A fund buys super-longs, and sells shorter bonds of the same value, when their yields stand above what the 10-year yield
usually makes of them; the more, the wider the gap (preferred habitat: Vayanos and Vila 2021).  Its capital times its
leverage is the most that it holds.  What a wider gap costs it is gone from its capital, so that it has to sell when
super-longs are cheap (He and Krishnamurthy 2013); capital comes back slowly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from itcho.agents.views import ParameterValues

Array = NDArray[np.float64]


class ArbitrageFunds:
    """Capital of funds between maturities, by member.

    Parameters
    ----------
    weight : of the members, (funds,).
    strictness : place between the fund whose lenders ask least and the one whose lenders ask most, 0 to 1, (funds,).

    Attributes
    ----------
    leverage : most that each holds over its capital, (funds,).
    lost : since the start and not raised again, trillion yen, (funds,).
    """

    def __init__(self, weight: Array, strictness: Array, parameters: ParameterValues) -> None:
        self.p = p = parameters
        self.weight = weight
        self.leverage: Array = (
            p.bond_arbitrage_leverage_high
            * (p.bond_arbitrage_leverage_low / p.bond_arbitrage_leverage_high) ** strictness
        )
        self.lost = np.zeros(weight.size)

    def capital(self, income: float) -> Array:
        """Of each fund, trillion yen, (funds,).

        Parameters
        ----------
        income : nominal, 1 at the start, with which the capital that owners put in grows.
        """
        left: Array = np.maximum(self.p.bond_arbitrage_capital_trn_yen * income * self.weight - self.lost, 0.0)
        return left

    def make_alike(self) -> None:
        """Let all funds have the same leverage; what they may hold in all stays."""
        self.leverage[:] = (self.leverage * self.weight).sum() / self.weight.sum()

    def bear(self, position: Array, rise_pp: float) -> None:
        """Lose what a wider gap takes from the super-longs held, and raise part of older losses again.

        Parameters
        ----------
        position : super-longs held against shorter bonds, trillion yen, (funds,); below nought the other way round.
        rise_pp : of the gap in the month, percentage points.
        """
        p = self.p
        kept = 0.5 ** (1.0 / (12.0 * p.mandate_half_life_years))
        lost = kept * self.lost + p.superlong_duration_years / 100.0 * rise_pp * position
        # Gains beyond what its owners put in are paid out.
        self.lost = np.maximum(lost, 0.0)


def most_superlong_trn_yen(total: Array, most: Array, share: Array, risk_of_shorter: float) -> Array:
    """Super-longs that a holder's risk limit leaves room for beside what it holds in all, trillion yen, (members,).

    The limit was set for holdings of its usual mix: who holds fewer bonds than it allows may hold longer ones, who
    holds more has to hold shorter ones.

    Parameters
    ----------
    total : bonds held of all maturities, trillion yen.
    most : of its usual mix that the limit allows, trillion yen.
    share : of super-longs in the mix that the limit was set for, (members,).
    risk_of_shorter : of a shorter bond, over what a super-long has more.
    """
    room: Array = share * most + risk_of_shorter * (most - total)
    return np.maximum(room, 0.0)
