"""What investors plan to buy abroad and of Japanese equity in a month."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit
from itcho.agents.investors import BANK, FOREIGN, FUND, HOUSEHOLD, INSURER_PENSION
from itcho.agents.views import ParameterValues

BUYBACKS = -1
"""Stands for firms that buy back their shares, among types of investors."""

Array = NDArray[np.float64]


class ReturnOutlook(NamedTuple):
    """What investors expect, relative to the start of the run.

    Attributes
    ----------
    foreign_excess_pp : change since the start in the yield of foreign over Japanese assets, percentage points.
    """

    foreign_excess_pp: float


@dataclass(frozen=True, slots=True)
class ForeignPurchases:
    """Purchases of foreign assets by type of investor, as :func:`buy_assets` takes them.

    Attributes
    ----------
    base : at the start's return differential, trillion yen in the month.
    response : share more or less for each percentage point.
    """

    base: tuple[float, ...]
    response: tuple[float, ...]


class AssetAllocation:
    """Investors' plans by type: foreign assets and Japanese equity.

    Attributes
    ----------
    preference : the group's liking for foreign assets, which swings for years; log points.
    """

    def __init__(self, parameters: ParameterValues) -> None:
        self.p = p = parameters
        self.preference = 0.0
        self._equity_trn_yen_year = {
            HOUSEHOLD: p.household_equity_purchases_trn_yen_year,
            INSURER_PENSION: p.insurer_equity_purchases_trn_yen_year,
            FUND: p.fund_equity_purchases_trn_yen_year,
            BANK: p.bank_equity_purchases_trn_yen_year,
            BUYBACKS: p.firm_buybacks_trn_yen_year,
        }

    def foreign_purchases(self, income_index: float, mood: float) -> ForeignPurchases:
        """Purchases of foreign assets planned for the month.

        Parameters
        ----------
        income_index : the nominal economy against the start.
        mood : standardised news on the liking for foreign assets.
        """
        p = self.p
        self.preference = (
            p.portfolio_preference_persistence * self.preference + p.portfolio_preference_sd_monthly * mood
        )
        monthly = income_index * math.exp(self.preference) / 12.0
        return ForeignPurchases(
            base=(
                p.household_foreign_purchases_trn_yen_year * monthly,
                p.insurer_foreign_purchases_trn_yen_year * monthly,
                p.bank_foreign_purchases_trn_yen_year * monthly,
                p.fund_foreign_purchases_trn_yen_year * monthly,
                0.0,
            ),
            response=(
                p.household_foreign_response,
                p.insurer_foreign_response,
                p.bank_foreign_response,
                p.fund_foreign_response,
                0.0,
            ),
        )

    def equity_purchases(self, month: int, held_trn_yen: dict[int, float]) -> dict[int, float]:
        """Net purchases of Japanese equity by type, trillion yen; foreigners take what all others sell.

        Parameters
        ----------
        month : of the run, 0 first; plans of the start fade.
        held_trn_yen : what domestic types have to sell.
        """
        p = self.p
        monthly = 0.5 ** (month / (12.0 * p.equity_flow_fade_years)) / 12.0
        equity = {kind: yearly * monthly for kind, yearly in self._equity_trn_yen_year.items()}
        for kind, held in held_trn_yen.items():
            equity[kind] = max(equity[kind], -p.equity_sale_limit_share_monthly * held)
        equity[FOREIGN] = -sum(equity.values())
        return equity

    def opening_foreign_equity_trn_yen_year(self) -> float:
        """Foreigners' purchases of Japanese equity at the start: what all others sell, trillion yen a year."""
        return -sum(self._equity_trn_yen_year.values())


@njit(cache=True)
def buy_assets(
    bounds: NDArray[np.int64],
    weight: Array,
    exposure: Array,
    base: tuple[float, ...],
    response: tuple[float, ...],
    foreign_excess_pp: float,
    stakes: tuple[float, ...],
    foreign: Array,
    deposits: Array,
    equity: Array,
    bought: Array,
) -> None:
    """Let the members of each type that stands first buy their month's foreign assets and equity, trillion yen.

    A type's purchases of foreign assets are ``base`` at the start's return differential and ``response`` more or less
    for each percentage point of ``foreign_excess_pp``; a member's part follows its weight and, in the response, its
    exposure.  It pays with deposits.  Where ``base`` is below zero members sell, each no more than it has.  Of its
    type's purchases of equity, ``stakes``, a member takes a part by weight.

    Parameters
    ----------
    bounds : rows ``bounds[kind]`` to ``bounds[kind + 1]`` are the type's members.
    weight, exposure, foreign, deposits, equity : columns of the members; the last three are moved.
    base, response, stakes : by type; ``bought`` takes what each buys of foreign assets.
    """
    for kind in range(len(base)):
        total = 0.0
        for i in range(bounds[kind], bounds[kind + 1]):
            order = weight[i] * base[kind] * max(0.0, 1.0 + response[kind] * exposure[i] * foreign_excess_pp)
            order = max(order, -foreign[i])
            foreign[i] += order
            deposits[i] -= order
            equity[i] += weight[i] * stakes[kind]
            total += order
        bought[kind] = total
