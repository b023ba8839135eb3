"""Investors' holdings: what their plans and the bond market's clearing mean for members and for their parties.

What a type orders is the sum over its members, and the same call that books it for the type's party moves the members'
own columns.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from itcho.agents.asset_allocation import (
    BUYBACKS,
    AssetAllocation,
    ForeignStock,
    ReturnOutlook,
    buy_assets,
    direct_investment_trn_yen,
    keeping_pace,
    offered_part,
)
from itcho.agents.bond_demand import MemberDemand, unlimited, want_bonds
from itcho.agents.bond_holders import BalanceSheets, BondMandates, RatesAbroad
from itcho.agents.investors import (
    BANK,
    FOREIGN,
    FUND,
    HOUSEHOLD,
    INSURER,
    INSURER_PENSION,
    PUBLIC_PENSION,
    TYPE_PARTIES,
    InvestorColumns,
    type_slices,
)
from itcho.agents.limits import LimitReading
from itcho.agents.limits_of_holders import BAND_ABROAD, BAND_OF_SHARES
from itcho.agents.pension_funds import Bands, half_widths
from itcho.agents.population import Population
from itcho.agents.views import ParameterValues
from itcho.agents.vocabulary import (
    BANKS,
    DEALERS_ABROAD,
    DEPOSITS,
    FIRMS,
    FOREIGN_INVESTORS,
    FUND_UNITS,
    HOUSEHOLDS,
    INSURANCE_PENSION_CLAIMS,
    INSURERS_AND_PENSIONS,
    INVESTMENT_FUNDS,
    JAPANESE_EQUITY,
    JGB_BUCKETS,
    OTHER_FOREIGN_ASSETS,
    PUBLIC_PENSION_CLAIM,
    RESERVES,
    SOFTBANK_EQUITY,
    WORLD_EQUITY,
)
from itcho.model.finance.portfolio_rows import hand_on, take_holdings
from itcho.model.ledger.ledger import Ledger

Array = NDArray[np.float64]

JGB_TYPES = (HOUSEHOLD, INSURER_PENSION, BANK, FUND, FOREIGN)
"""Types that hold bonds; their members stand first."""

COLUMNS = ("deposits", "jgb", "equity", "foreign", "softbank")
"""Columns of members that their parties' balance sheets are handed on to, cash first."""

_COLUMN_INSTRUMENTS: dict[int, dict[str, tuple[str, ...]]] = {
    HOUSEHOLD: {
        "deposits": (DEPOSITS,),
        "jgb": JGB_BUCKETS,
        "equity": (JAPANESE_EQUITY,),
        "softbank": (SOFTBANK_EQUITY,),
        "foreign": (FUND_UNITS, WORLD_EQUITY, OTHER_FOREIGN_ASSETS),
    },
    BANK: {"deposits": (RESERVES,), "jgb": JGB_BUCKETS, "foreign": (WORLD_EQUITY, OTHER_FOREIGN_ASSETS)},
    FOREIGN: {"jgb": JGB_BUCKETS, "equity": (JAPANESE_EQUITY,), "softbank": (SOFTBANK_EQUITY,)},
}
_INSTITUTION = {
    "deposits": (DEPOSITS,),
    "jgb": JGB_BUCKETS,
    "equity": (JAPANESE_EQUITY,),
    "softbank": (SOFTBANK_EQUITY,),
    "foreign": (WORLD_EQUITY, OTHER_FOREIGN_ASSETS),
}


class HoldingCells:
    """Where each type's holdings stand in the ledger: what adds up to each column of its members.

    Attributes
    ----------
    kind, column : type and column (a place in :data:`COLUMNS`) of each sum, in order.
    """

    def __init__(self, ledger: Ledger, columns: Collection[str] = COLUMNS) -> None:
        kinds: list[int] = []
        places: list[int] = []
        cells: list[int] = []
        starts: list[int] = []
        for kind in JGB_TYPES:
            party = ledger.party_index[TYPE_PARTIES[kind]]
            for column, instruments in _COLUMN_INSTRUMENTS.get(kind, _INSTITUTION).items():
                if column not in columns:
                    continue
                kinds.append(kind)
                places.append(COLUMNS.index(column))
                starts.append(len(cells))
                cells += [ledger.instrument_index[name] * len(ledger.parties) + party for name in instruments]
        self.kind, self.column = np.array(kinds), np.array(places)
        self._cells, self._starts = np.array(cells), np.array(starts)

    def totals(self, ledger: Ledger) -> Array:
        """What each type holds for each of its columns now, trillion yen."""
        sums: Array = np.add.reduceat(ledger.positions.take(self._cells), self._starts)
        return sums


def holdings_by_type(ledger: Ledger, cells: HoldingCells) -> dict[int, dict[str, float]]:
    """What each type of investor holds, from its party's balance sheet, trillion yen."""
    holdings: dict[int, dict[str, float]] = {kind: {} for kind in JGB_TYPES}
    for kind, column, total in zip(cells.kind, cells.column, cells.totals(ledger).tolist(), strict=True):
        holdings[int(kind)][COLUMNS[column]] = total
    return holdings


def foreign_stocks(ledger: Ledger, cells: HoldingCells) -> dict[int, ForeignStock]:
    """Foreign assets of each domestic type, from its party's balance sheet, and its assets in all, trillion yen."""
    held, kinds = holdings_by_type(ledger, cells), JGB_TYPES[:-1]
    parties = [ledger.party_index[TYPE_PARTIES[kind]] for kind in kinds]
    # A row for each party, side by side in memory: a sum over it adds in the order of a party's own column.
    owned = ledger.positions.T.take(parties, axis=0)
    assets = np.maximum(owned, 0.0, out=owned).sum(axis=1).tolist()
    return {kind: ForeignStock(held[kind]["foreign"], own) for kind, own in zip(kinds, assets, strict=True)}


def direct_investment_held(ledger: Ledger) -> float:
    """Firms' assets abroad, trillion yen."""
    return ledger.position(OTHER_FOREIGN_ASSETS, FIRMS) + ledger.position(WORLD_EQUITY, FIRMS)


class PensionFunds:
    """Bands of the pension funds among insurers and pensions, which stand first among these.

    Attributes
    ----------
    rows : of the funds among all investors.
    bonds, foreign, equity : their bands.
    """

    def __init__(
        self, rows: slice[int, int, int], columns: Mapping[str, Array], assets: Array, p: ParameterValues
    ) -> None:
        self.rows = rows
        public, place = columns["mandate"][rows] == PUBLIC_PENSION, columns["strictness"][rows]

        def band(name: str, public_pp: float) -> Bands:
            return Bands(columns[name][rows], assets, half_widths(public, public_pp, p), place)

        self.bonds = band("jgb", p.public_pension_bond_band_pp)
        self.foreign = band("foreign", p.public_pension_foreign_band_pp)
        self.equity = band("equity", p.public_pension_equity_band_pp)


@dataclass(frozen=True, slots=True)
class PortfolioMonth:
    """Planned purchases of a month, trillion yen, positive buys.

    Attributes
    ----------
    foreign : purchases of foreign assets by type.
    direct_investment, official_reserves : by firms and by the government.
    equity : net purchases of Japanese equity by type, with firms' buybacks.
    """

    foreign: dict[int, float]
    direct_investment: float
    official_reserves: float
    equity: dict[int, float]


class Portfolios:
    """Investors' holdings by member and by party, month by month.

    Attributes
    ----------
    investors : the population.
    rows : rows of each type.
    allocation, mandates, pensions : how they decide.
    pension_assets_trn_yen : of insurers and pension funds together, when they last planned.
    """

    def __init__(self, investors: Population[InvestorColumns], ledger: Ledger, parameters: ParameterValues) -> None:
        self.p = parameters
        self.investors = investors
        self.rows = type_slices(len(investors))
        self._views: dict[tuple[int, tuple[str, ...]], tuple[Array, ...]] = {}
        self._bounds = np.array([0, *(self.rows[kind].stop for kind in JGB_TYPES)])
        self._weight, self._exposure, self._deposits, self._jgb, self._equity, self._foreign, self._softbank = (
            cast(Array, investors.arrays[name]) for name in ("weight", "exposure", *COLUMNS)
        )
        self._cells, self._bond_cells = HoldingCells(ledger), HoldingCells(ledger, ("jgb",))
        held, stocks = holdings_by_type(ledger, self._cells), foreign_stocks(ledger, self._cells)
        self.allocation = AssetAllocation(stocks, parameters)
        columns = cast(Mapping[str, Array], investors.arrays)
        both = self.rows[INSURER_PENSION]
        funds = int((columns["mandate"][both] != INSURER).sum())
        of_funds = slice(both.start, both.start + funds, 1)
        assets = self._weight[of_funds] * stocks[INSURER_PENSION].assets
        self.pensions = PensionFunds(of_funds, columns, assets, parameters)
        # What insurers and pensions buy by plan is the insurers'; pension funds trade by their bands.
        self._weight_in_plan = self._weight.copy()
        self._weight_in_plan[of_funds] = 0.0
        self._weight_in_plan[both] /= self._weight_in_plan[both].sum()
        self._response_in_plan = float((self._weight_in_plan[both] * self._exposure[both]).sum())
        self.pension_assets_trn_yen = stocks[INSURER_PENSION].assets
        self.mandates = BondMandates(
            {kind: held[kind]["jgb"] for kind in JGB_TYPES}, self._balance_sheets(ledger), parameters
        )
        self.equity_held = self._equity_in_plan()
        self.month = 0

    def make_pensions_alike(self) -> None:
        """Let every pension fund stand in the middle of its bands."""
        its, columns = self.pensions, cast(Mapping[str, Array], self.investors.arrays)
        middle = dict(columns) | {"strictness": np.full(len(self.investors), 0.5)}
        assets = self._weight[its.rows] * self.pension_assets_trn_yen
        alike = PensionFunds(its.rows, middle, assets, self.p)
        for mine, other in ((its.bonds, alike.bonds), (its.foreign, alike.foreign), (its.equity, alike.equity)):
            mine.lower[:], mine.upper[:] = other.lower, other.upper

    def __getstate__(self) -> dict[str, object]:
        # Views are taken anew: a copy of an array's part is no part of the array's copy.
        return self.__dict__ | {"_views": {}}

    def columns_of(self, kind: int, names: tuple[str, ...]) -> tuple[Array, ...]:
        """Columns of the investors of one type, as views."""
        found = self._views.get((kind, names))
        if found is None:
            found = tuple(cast(Array, self.investors.arrays[name][self.rows[kind]]) for name in names)
            self._views[kind, names] = found
        return found

    @staticmethod
    def _balance_sheets(ledger: Ledger) -> BalanceSheets:
        claims = -ledger.position(INSURANCE_PENSION_CLAIMS, INSURERS_AND_PENSIONS) - ledger.position(
            PUBLIC_PENSION_CLAIM, INSURERS_AND_PENSIONS
        )
        return BalanceSheets(
            reserves=ledger.position(RESERVES, BANKS),
            deposits=-ledger.position(DEPOSITS, BANKS),
            claims=claims,
            fund_units=-ledger.position(FUND_UNITS, INVESTMENT_FUNDS),
        )

    def _equity_in_plan(self) -> dict[int, float]:
        """Equity (SoftBank's apart) of the domestic members who trade by their type's plan, trillion yen."""
        held = np.where(self._weight_in_plan > 0.0, self._equity, 0.0)
        return {kind: max(0.0, float(held[self.rows[kind]].sum())) for kind in (HOUSEHOLD, INSURER_PENSION, FUND)}

    def plan(
        self,
        ledger: Ledger,
        capital_trn_yen: float,
        reserves_income_trn_yen: float,
        outlook: ReturnOutlook,
        mood: float,
    ) -> PortfolioMonth:
        """Purchases planned for the month.

        Parameters
        ----------
        capital_trn_yen : of firms at home, at today's prices.
        reserves_income_trn_yen : of the official reserves in the month, which stays in them.
        outlook : expected returns against the start.
        mood : standardised news on the group's liking for foreign assets.
        """
        stocks = foreign_stocks(ledger, self._cells)
        held, assets = stocks[INSURER_PENSION]
        self.pension_assets_trn_yen = assets
        abroad, shares = self._rebalance_pensions(assets)
        funds = self.pensions.rows
        stocks[INSURER_PENSION] = ForeignStock(
            held - float(self._foreign[funds].sum()), assets * (1.0 - float(self._weight[funds].sum()))
        )
        foreign = self.allocation.foreign_purchases(stocks, mood)
        self.equity_held = self._equity_in_plan()
        of_foreigners = self.p.equity_sale_limit_share_monthly * float(self._equity[self.rows[FOREIGN]].sum())
        shares = offered_part(shares, of_foreigners)
        of_foreigners -= float(shares.sum())
        equity = self.allocation.equity_purchases(self.month, self.equity_held, of_foreigners)
        # Banks hold equity as a party; their members have no column of it.
        stakes = (equity[HOUSEHOLD], equity[INSURER_PENSION], 0.0, equity[FUND], equity[FOREIGN])
        bought = np.empty(len(JGB_TYPES))
        buy_assets(
            self._bounds,
            self._weight_in_plan,
            self._exposure,
            foreign.base,
            tuple(
                response / (self._response_in_plan if kind == INSURER_PENSION else 1.0)
                for kind, response in enumerate(foreign.response)
            ),
            outlook.foreign_excess_pp,
            stakes,
            self._foreign,
            self._deposits,
            self._equity,
            bought,
        )
        # Units that households return are paid for with what funds have abroad, and with their deposits beyond that.
        bought[FUND] = max(bought[FUND], -max(0.0, stocks[FUND].foreign) - bought[HOUSEHOLD])
        bought[INSURER_PENSION] += self._take_orders(self._foreign, abroad, self._deposits)
        of_pensions = self._take_orders(self._equity, shares, None)
        equity[INSURER_PENSION] += of_pensions
        equity[FOREIGN] -= of_pensions
        self.month += 1
        return PortfolioMonth(
            foreign=dict(zip(JGB_TYPES[:-1], bought.tolist(), strict=False)),
            direct_investment=direct_investment_trn_yen(direct_investment_held(ledger), capital_trn_yen, self.p),
            official_reserves=reserves_income_trn_yen,
            equity=equity,
        )

    def _rebalance_pensions(self, assets_of_both_trn_yen: float) -> tuple[Array, Array]:
        """Pension funds' purchases abroad and of Japanese shares in the month, trillion yen, (funds,) each."""
        funds, its = self.pensions.rows, self.pensions
        assets = self._weight[funds] * assets_of_both_trn_yen
        flow = self.p.public_pension_saving_trn_yen_year / 12.0 / max(assets_of_both_trn_yen, 1e-12)
        speed = self.p.foreign_share_speed_monthly
        abroad, shares = self._foreign[funds], self._equity[funds]
        return (
            np.maximum(its.foreign.orders(abroad, assets, keeping_pace(1.0, self.p), speed, flow), -abroad),
            np.maximum(its.equity.orders(shares, assets, 0.0), -shares),
        )

    def limit_readings(self) -> tuple[LimitReading, ...]:
        """What the bands of pension funds did in the last month."""
        funds, its = self.pensions.rows, self.pensions
        weight = self._weight[funds]
        assets = weight * self.pension_assets_trn_yen
        return tuple(
            limit.of_members(weight, band.slack(held[funds], assets), band.pace > 0.0, band.pace)
            for limit, band, held in (
                (BAND_ABROAD, its.foreign, self._foreign),
                (BAND_OF_SHARES, its.equity, self._equity),
            )
            if weight.size
        )

    def _take_orders(self, held: Array, orders: Array, paid_from: Array | None) -> float:
        """Move pension funds' holdings by their orders; returns the sum, trillion yen."""
        held[self.pensions.rows] += orders
        if paid_from is not None:
            paid_from[self.pensions.rows] -= orders
        return float(orders.sum())

    def softbank_shares_of_equity(self, rows: slice[int, int, int]) -> Array:
        """SoftBank's part of Japanese shares that each of some members has, (members,)."""
        own = self._softbank[rows]
        part: Array = own / np.maximum(own + self._equity[rows], 1e-12)
        return part

    def post(self, ledger: Ledger, plan: PortfolioMonth) -> None:
        """Book the planned purchases of foreign assets and equity."""
        trade = ledger.trade
        bought = plan.foreign[HOUSEHOLD]
        trade(HOUSEHOLDS, INVESTMENT_FUNDS, FUND_UNITS, bought, 1.0, "fund_purchases")
        abroad = bought + plan.foreign[FUND]
        # Funds that sell shares abroad sell what they have, and other assets for the rest.
        shares = max(abroad, -max(0.0, ledger.position(WORLD_EQUITY, INVESTMENT_FUNDS)))
        trade(INVESTMENT_FUNDS, FOREIGN_INVESTORS, WORLD_EQUITY, shares, 1.0, "foreign_investment")
        if shares != abroad:
            rest = abroad - shares
            trade(INVESTMENT_FUNDS, FOREIGN_INVESTORS, OTHER_FOREIGN_ASSETS, rest, 1.0, "foreign_investment")
        half = 0.5 * plan.foreign[INSURER_PENSION]
        for instrument in (WORLD_EQUITY, OTHER_FOREIGN_ASSETS):
            trade(INSURERS_AND_PENSIONS, FOREIGN_INVESTORS, instrument, half, 1.0, "foreign_investment")
        trade(BANKS, FOREIGN_INVESTORS, OTHER_FOREIGN_ASSETS, plan.foreign[BANK], 1.0, "foreign_investment")
        trade(FIRMS, FOREIGN_INVESTORS, OTHER_FOREIGN_ASSETS, plan.direct_investment, 1.0, "direct_investment")
        trade("government", FOREIGN_INVESTORS, OTHER_FOREIGN_ASSETS, plan.official_reserves, 1.0, "official_reserves")
        for kind, amount in plan.equity.items():
            party = FIRMS if kind == BUYBACKS else TYPE_PARTIES[kind]
            trade(party, DEALERS_ABROAD, JAPANESE_EQUITY, amount, 1.0, "equity_trading")

    def jgb_mandates(
        self, ledger: Ledger, yield_10y_pct: float, policy_rate_pct: float, abroad: RatesAbroad
    ) -> MemberDemand:
        """What every member wants to hold at the opening premium, and how much more per point of premium."""
        cells = self._bond_cells
        held = dict(zip(cells.kind.tolist(), cells.totals(ledger).tolist(), strict=True))
        mandates, slopes = self.mandates.decide(
            self._balance_sheets(ledger), held, self.month / 12.0, yield_10y_pct, policy_rate_pct, abroad
        )
        members = self._bounds.item(-1)
        wanted, by_member = np.empty(members), np.empty(members)
        want_bonds(self._bounds, self._weight, self._exposure, mandates, slopes, wanted, by_member)
        return unlimited(wanted, by_member)

    def take_bonds(self, wanted: Array) -> dict[str, float]:
        """Move members to the holdings they want; returns net purchases by party, trillion yen."""
        bought = np.empty(len(JGB_TYPES))
        take_holdings(self._bounds, wanted, self._jgb, self._deposits, FOREIGN, bought)
        return dict(zip(TYPE_PARTIES, bought.tolist(), strict=False))

    def sums_by_party(self, of_members: Array) -> dict[str, float]:
        """Sums over the members that hold bonds, by party."""
        sums = np.add.reduceat(of_members, self._bounds[:-1]).tolist()
        return dict(zip(TYPE_PARTIES, sums, strict=False))

    def reconcile_bonds(self, ledger: Ledger) -> None:
        """Give members their part of what redemption, prices and auctions did to their party's JGBs."""
        self._hand_on(self._bond_cells, ledger, to_all=True)

    def reconcile(self, ledger: Ledger) -> None:
        """Give members their part of what their party received and of what prices did since the last call.

        Holdings move in proportion to what a member has; cash flows are shared by weight.
        """
        self._hand_on(self._cells, ledger, to_all=False)

    def _hand_on(self, cells: HoldingCells, ledger: Ledger, to_all: bool) -> None:
        columns = self._deposits, self._jgb, self._equity, self._foreign, self._softbank
        totals = cells.totals(ledger)
        hand_on(columns, self._weight, self._bounds, cells.kind, cells.column, totals, to_all)
