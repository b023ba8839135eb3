"""Banks as holders of bonds: how much rate risk their capital bears.

A bank may lose no more than a part of its capital if yields rise by a point (interest-rate risk in the banking book,
Basel Committee 2016; Financial Services Agency).  Each has planned its capital for the bonds of its mandate and keeps a
buffer of its own; losses that it has not earned back since leave less for bonds beyond the plan.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit
from itcho.agents.views import ParameterValues

Array = NDArray[np.float64]


class BankMonth(NamedTuple):
    """What a month did to banks' capital.

    Attributes
    ----------
    yield_rise_pp : of 10-year bonds.
    credit_losses_trn_yen : on what banks lent, by all banks together.
    """

    yield_rise_pp: float
    credit_losses_trn_yen: float


def most_bonds_trn_yen(capital_trn_yen: float, limit_pct: float, duration_years: float) -> float:
    """Bonds whose loss at a rise of one point is ``limit_pct`` of capital, trillion yen."""
    return capital_trn_yen * limit_pct / duration_years


class BankCapital:
    """Banks' capital for rate risk, by member.

    Parameters
    ----------
    weight : of the members, (banks,).
    room : below its limit that each bank has over the mean, (banks,).

    Attributes
    ----------
    lost : since the start and not earned back, trillion yen, (banks,); gains beyond the plan are no capital.
    """

    def __init__(self, weight: Array, room: Array, parameters: ParameterValues) -> None:
        self.p = parameters
        self.weight = weight
        self.room = room
        self.lost = np.zeros(weight.size)

    @property
    def headroom(self) -> Array:
        """Bonds beyond its mandate that each bank's planned capital bears, as a share of the mandate, (banks,)."""
        share: Array = self.p.bank_rate_risk_headroom * self.room
        return share

    def bear(self, month: BankMonth, bonds: Array) -> None:
        """Add the month's losses on ``bonds``, trillion yen by member, and on credit; earn back part of older ones."""
        p = self.p
        on_bonds = p.bank_loss_recognised_share * p.bank_bond_duration_years / 100.0 * month.yield_rise_pp
        kept = 0.5 ** (1.0 / (12.0 * p.bank_loss_half_life_years))
        _bear_losses(self.lost, bonds, self.weight, on_bonds, month.credit_losses_trn_yen, kept)

    def most(self, wanted: Array) -> Array:
        """Bonds that each bank's capital bears, trillion yen, (banks,).

        Parameters
        ----------
        wanted : of its mandate, for which its capital was planned, trillion yen, (banks,).
        """
        p = self.p
        per_yen = most_bonds_trn_yen(1.0, p.bank_rate_risk_limit_pct, p.bank_bond_duration_years)
        found: Array = np.maximum(wanted * (1.0 + self.headroom) - per_yen * self.lost, 0.0)
        return found


@njit(cache=True)
def _bear_losses(
    lost: Array, bonds: Array, weight: Array, loss_per_bond: float, credit_losses: float, kept: float
) -> None:
    for i in range(lost.size):
        lost[i] = max(kept * lost[i] + loss_per_bond * bonds[i] + credit_losses * weight[i], 0.0)
