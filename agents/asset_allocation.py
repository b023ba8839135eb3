"""What investors plan to buy abroad and of Japanese equity in a month."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit
from itcho.agents.investors import BANK, FOREIGN, FUND, HOUSEHOLD, INSURER_PENSION
from itcho.agents.views import ParameterValues

TYPES_BUYING_ABROAD = (HOUSEHOLD, INSURER_PENSION, BANK, FUND, FOREIGN)
"""Types in the order in which :func:`buy_assets` takes them; the last buys nothing abroad."""

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


class ForeignStock(NamedTuple):
    """What a type of investor has in foreign assets and in all, trillion yen."""

    foreign: float
    assets: float


@dataclass(frozen=True, slots=True)
class ForeignPurchases:
    """Purchases of foreign assets by type of investor, as :func:`buy_assets` takes them, trillion yen in the month.

    Attributes
    ----------
    base : at the start's return differential.
    response : more for each percentage point.
    """

    base: tuple[float, ...]
    response: tuple[float, ...]


class AssetAllocation:
    """Investors' plans by type: foreign assets and Japanese equity.

    Each type wants a share of its assets abroad: the opening share, times what home bias has still to give way, times
    its liking for foreign assets, and more when these yield more.  It buys what keeps pace with the economy and a part
    of what is missing.  So stocks, not flows, decide in the end how much is bought abroad.

    Evidence: portfolio balance, Tobin 1969; speed and shares, Flow of Funds (Bank of Japan).

    Parameters
    ----------
    opening : what the types have at the start.

    Attributes
    ----------
    preference : the group's liking for foreign assets, which swings for years; log points.
    equity_wanted : net purchases of Japanese equity last planned, before the limit of sales, trillion yen.
    """

    def __init__(self, opening: Mapping[int, ForeignStock], parameters: ParameterValues) -> None:
        self.p = p = parameters
        self.preference = 0.0
        self.equity_wanted: dict[int, float] = {}
        wanted = {
            HOUSEHOLD: p.household_foreign_share_ratio,
            INSURER_PENSION: p.insurer_foreign_share_ratio,
            BANK: p.bank_foreign_share_ratio,
            FUND: p.fund_foreign_share_ratio,
        }
        self._wanted_share = {
            kind: ratio * opening[kind].foreign / opening[kind].assets for kind, ratio in wanted.items()
        }
        self._equity_trn_yen_year = {
            HOUSEHOLD: p.household_equity_purchases_trn_yen_year,
            INSURER_PENSION: p.insurer_equity_purchases_trn_yen_year,
            FUND: p.fund_equity_purchases_trn_yen_year,
            BANK: p.bank_equity_purchases_trn_yen_year,
            BUYBACKS: p.firm_buybacks_trn_yen_year,
        }

    def foreign_purchases(self, stocks: Mapping[int, ForeignStock], mood: float) -> ForeignPurchases:
        """Purchases of foreign assets planned for the month.

        Parameters
        ----------
        stocks : what the types have.
        mood : standardised news on the liking for foreign assets.
        """
        p = self.p
        self.preference = (
            p.portfolio_preference_persistence * self.preference + p.portfolio_preference_sd_monthly * mood
        )
        base, response = [0.0] * len(TYPES_BUYING_ABROAD), [0.0] * len(TYPES_BUYING_ABROAD)
        for kind, share in self._wanted_share.items():
            held, assets = stocks[kind]
            wanted = share * math.exp(self.preference) * max(assets, 0.0)
            base[kind] = keeping_pace(held, p) + p.foreign_share_speed_monthly * (wanted - held)
            response[kind] = p.foreign_share_speed_monthly * wanted * p.foreign_share_response_per_pp
        return ForeignPurchases(tuple(base), tuple(response))

    def equity_purchases(
        self, month: int, held_trn_yen: dict[int, float], of_foreigners_trn_yen: float
    ) -> dict[int, float]:
        """Net purchases of Japanese equity by type, trillion yen; foreigners take what all others sell.

        They sell what all others buy as far as they have it; then buyers get equal parts of what they wanted.

        Parameters
        ----------
        month : of the run, 0 first; plans of the start fade.
        held_trn_yen : what those of each domestic type that follow its plan have to sell.
        of_foreigners_trn_yen : what foreigners can sell.
        """
        p = self.p
        monthly = opening_pace_left(month, p) / 12.0
        equity = {kind: yearly * monthly for kind, yearly in self._equity_trn_yen_year.items()}
        self.equity_wanted = equity.copy()
        for kind, held in held_trn_yen.items():
            equity[kind] = max(equity[kind], -p.equity_sale_limit_share_monthly * held)
        bought = sum(max(order, 0.0) for order in equity.values())
        offered = max(0.0, of_foreigners_trn_yen - sum(min(order, 0.0) for order in equity.values()))
        if bought > offered:
            equity = {kind: order * offered / bought if order > 0.0 else order for kind, order in equity.items()}
        equity[FOREIGN] = -sum(equity.values())
        return equity


def offered_part(orders: Array, offered_trn_yen: float) -> Array:
    """Orders of which the purchases come down to what is offered, in equal parts; sales stay, (members,)."""
    bought, offered = float(np.maximum(orders, 0.0).sum()), max(offered_trn_yen, 0.0)
    if bought <= offered:
        return orders
    part: Array = np.where(orders > 0.0, orders * (offered / bought), orders)
    return part


def opening_pace_left(month: int, p: ParameterValues) -> float:
    """What is left of the pace at which balance sheets grew at the start; it gives way to the economy's own."""
    return float(0.5 ** (month / (12.0 * p.opening_flow_fade_years)))


def keeping_pace(held_trn_yen: float, p: ParameterValues) -> float:
    """Purchases of a month by which foreign assets keep pace with the economy, given what they gain by themselves."""
    growth_pct = p.trend_potential_growth_pct + p.inflation_target_pct - p.foreign_asset_gain_pct
    return growth_pct / 1200.0 * held_trn_yen


def direct_investment_trn_yen(held_trn_yen: float, capital_trn_yen: float, p: ParameterValues) -> float:
    """Direct investment of firms in a month, reinvested earnings among it, trillion yen.

    Firms want affiliates abroad in proportion to their capital at home (Ministry of Finance, balance of payments).

    Parameters
    ----------
    held_trn_yen : of direct investment abroad.
    capital_trn_yen : at home, at today's prices.
    """
    missing = p.direct_investment_to_capital * capital_trn_yen - held_trn_yen
    return keeping_pace(held_trn_yen, p) + p.direct_investment_speed_monthly * missing


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

    A type's purchases of foreign assets are ``base`` at the start's return differential and ``response`` more for each
    percentage point of ``foreign_excess_pp``; a member's part follows its weight and, in the response, its exposure.
    It pays with deposits.  Members that sell sell no more than they have.  Of its
    type's purchases of equity, ``stakes``, a member takes a part by weight; of its sales, by what it has.

    Parameters
    ----------
    bounds : rows ``bounds[kind]`` to ``bounds[kind + 1]`` are the type's members.
    weight, exposure, foreign, deposits, equity : columns of the members; the last three are moved.  Members of no
        weight take no part.
    base, response, stakes : by type; ``bought`` takes what each buys of foreign assets.
    """
    for kind in range(len(base)):
        total, sellable, sold = 0.0, 0.0, 0.0
        if stakes[kind] < 0.0:
            for i in range(bounds[kind], bounds[kind + 1]):
                sellable += equity[i] if weight[i] > 0.0 else 0.0
            sold = -stakes[kind] / max(sellable, 1e-12)
        for i in range(bounds[kind], bounds[kind + 1]):
            order = weight[i] * (base[kind] + response[kind] * exposure[i] * foreign_excess_pp)
            order = max(order, -foreign[i])
            foreign[i] += order
            deposits[i] -= order
            if stakes[kind] >= 0.0:
                equity[i] += weight[i] * stakes[kind]
            elif weight[i] > 0.0:
                equity[i] -= sold * equity[i]
            total += order
        bought[kind] = total
