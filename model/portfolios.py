"""Investors' monthly plans: purchases abroad, equity, and JGBs that clear the bond market.

Orders come from the population of investors; what a type orders is the sum over its members, and the same call that
books it for the type's party moves the members' own columns.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.investors import (
    BANK,
    FOREIGN,
    FUND,
    HOUSEHOLD,
    INSURER_PENSION,
    TYPE_PARTIES,
    ReturnOutlook,
    plan_foreign_purchases,
    type_slices,
)
from agents.vocabulary import (
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
from model.ledger import Ledger
from model.portfolio_rows import clear_stock, give_in_proportion, scale, share_cash, take_holdings, want_bonds

Array = NDArray[np.float64]

JGB_TYPES = (HOUSEHOLD, INSURER_PENSION, BANK, FUND, FOREIGN)
_COLUMN_INSTRUMENTS: dict[int, dict[str, tuple[str, ...]]] = {
    HOUSEHOLD: {
        "deposits": (DEPOSITS,),
        "jgb": JGB_BUCKETS,
        "equity": (JAPANESE_EQUITY, SOFTBANK_EQUITY),
        "foreign": (FUND_UNITS, WORLD_EQUITY, OTHER_FOREIGN_ASSETS),
    },
    BANK: {"deposits": (RESERVES,), "jgb": JGB_BUCKETS, "foreign": (WORLD_EQUITY, OTHER_FOREIGN_ASSETS)},
    FOREIGN: {"jgb": JGB_BUCKETS, "equity": (JAPANESE_EQUITY, SOFTBANK_EQUITY)},
}
_INSTITUTION = {
    "deposits": (DEPOSITS,),
    "jgb": JGB_BUCKETS,
    "equity": (JAPANESE_EQUITY, SOFTBANK_EQUITY),
    "foreign": (WORLD_EQUITY, OTHER_FOREIGN_ASSETS),
}


class HoldingCells:
    """Where each type's holdings stand in the ledger: what adds up to each column of its members.

    Attributes
    ----------
    kind, column : type and column of each sum, in order.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.kind: list[int] = []
        self.column: list[str] = []
        cells: list[int] = []
        starts: list[int] = []
        for kind in JGB_TYPES:
            party = ledger.party_index[TYPE_PARTIES[kind]]
            for column, instruments in _COLUMN_INSTRUMENTS.get(kind, _INSTITUTION).items():
                self.kind.append(kind)
                self.column.append(column)
                starts.append(len(cells))
                cells += [ledger.instrument_index[name] * len(ledger.parties) + party for name in instruments]
        self._cells, self._starts = np.array(cells), np.array(starts)

    def totals(self, ledger: Ledger) -> list[float]:
        """What each type holds for each of its columns now, trillion yen."""
        sums: list[float] = np.add.reduceat(ledger.positions.ravel()[self._cells], self._starts).tolist()
        return sums


def holdings_by_type(ledger: Ledger) -> dict[int, dict[str, float]]:
    """What each type of investor holds, from its party's balance sheet, trillion yen."""
    cells = HoldingCells(ledger)
    holdings: dict[int, dict[str, float]] = {kind: {} for kind in JGB_TYPES}
    for kind, column, total in zip(cells.kind, cells.column, cells.totals(ledger), strict=True):
        holdings[kind][column] = total
    return holdings


def clearing_holdings(wanted: Array, slope: Array, stock: float) -> Array:
    """What every member ends up holding when the stock is what members want to hold together.

    Each holds its mandate plus its slope times a common yield change.  Nobody sells short: who would go below zero
    holds nothing and the others clear the rest, in proportion to their mandates where nobody responds to yields.
    """
    held = np.empty_like(wanted)
    clear_stock(wanted, slope, stock, held)
    return held


@dataclass(frozen=True)
class JGBDemand:
    """What members with mandates want to hold, and how much more per point of premium, trillion yen.

    Attributes
    ----------
    wanted, slope : by member, (members,).
    total_wanted, total_slope : their sums.
    """

    wanted: Array
    slope: Array
    total_wanted: float
    total_slope: float


@dataclass(frozen=True)
class PortfolioMonth:
    """Planned purchases of a month, trillion yen, positive buys.

    Attributes
    ----------
    foreign : purchases of foreign assets by type.
    direct_investment, official_reserves : by firms and by the government.
    equity : net purchases of Japanese equity by type; firms' buybacks under −1.
    """

    foreign: dict[int, float]
    direct_investment: float
    official_reserves: float
    equity: dict[int, float]


class Portfolios:
    """The investors' planning, month by month.

    Attributes
    ----------
    investors : the population.
    rows : rows of each type.
    """

    def __init__(self, investors: Any, ledger: Ledger, parameters: Any) -> None:
        self.p = parameters
        self.investors = investors
        self.rows = type_slices(len(investors))
        # Members of the types that hold bonds come first.
        self._bond_members = slice(0, self.rows[JGB_TYPES[-1]].stop)
        self._cells = HoldingCells(ledger)
        held = holdings_by_type(ledger)
        self.jgb_start = {kind: held[kind]["jgb"] for kind in JGB_TYPES}
        self.reserves_start = ledger.position(RESERVES, BANKS)
        self.deposits_start = -ledger.position(DEPOSITS, BANKS)
        self.claims_start = self._claims(ledger)
        self.fund_units_start = -ledger.position(FUND_UNITS, INVESTMENT_FUNDS)
        self.equity_held = self._equity_held(ledger)
        self.month = 0
        self.preference = 0.0
        self.willingness: float | None = None

    @staticmethod
    def _claims(ledger: Ledger) -> float:
        return -ledger.position(INSURANCE_PENSION_CLAIMS, INSURERS_AND_PENSIONS) - ledger.position(
            PUBLIC_PENSION_CLAIM, INSURERS_AND_PENSIONS
        )

    @staticmethod
    def _equity_held(ledger: Ledger) -> dict[int, float]:
        """Japanese equity other than SoftBank's that domestic holders can sell, trillion yen."""
        kinds = (HOUSEHOLD, INSURER_PENSION, FUND)
        return {kind: max(0.0, ledger.position(JAPANESE_EQUITY, TYPE_PARTIES[kind])) for kind in kinds}

    def plan(self, income_index: float, outlook: ReturnOutlook, mood: float) -> PortfolioMonth:
        """Purchases planned for the month.

        Parameters
        ----------
        income_index : the nominal economy against the start.
        outlook : expected returns against the start.
        mood : standardised news on the group's liking for foreign assets, which swings for years.
        """
        p, columns = self.p, self.investors.columns
        self.preference = (
            p.portfolio_preference_persistence * self.preference + p.portfolio_preference_sd_monthly * mood
        )
        liking = math.exp(self.preference)
        bases = {
            HOUSEHOLD: (p.household_foreign_purchases_trn_yen_year, p.household_foreign_response),
            INSURER_PENSION: (p.insurer_foreign_purchases_trn_yen_year, p.insurer_foreign_response),
            FUND: (p.fund_foreign_purchases_trn_yen_year, p.fund_foreign_response),
            BANK: (p.bank_foreign_purchases_trn_yen_year, p.bank_foreign_response),
        }
        foreign = {}
        for kind, (base, response) in bases.items():
            span = self.rows[kind]
            orders = plan_foreign_purchases(
                columns["weight"][span],
                columns["exposure"][span],
                base / 12.0 * income_index * liking,
                response,
                outlook,
            )
            columns["foreign"][span] += orders
            columns["deposits"][span] -= orders
            foreign[kind] = float(orders.sum())
        fade = 0.5 ** (self.month / (12.0 * p.equity_flow_fade_years))
        equity = {kind: yearly / 12.0 * fade for kind, yearly in self._equity_plans().items()}
        for kind in (HOUSEHOLD, INSURER_PENSION, FUND):
            equity[kind] = max(equity[kind], -p.equity_sale_limit_share_monthly * self.equity_held[kind])
        equity[FOREIGN] = -sum(equity.values())
        self.month += 1
        return PortfolioMonth(
            foreign=foreign,
            direct_investment=p.direct_investment_trn_yen_year / 12.0 * income_index,
            official_reserves=p.official_reserve_purchases_trn_yen_year / 12.0,
            equity=equity,
        )

    def _equity_plans(self) -> dict[int, float]:
        """Planned net purchases of Japanese equity by type at the start, trillion yen a year; buybacks under −1."""
        p = self.p
        return {
            HOUSEHOLD: p.household_equity_purchases_trn_yen_year,
            INSURER_PENSION: p.insurer_equity_purchases_trn_yen_year,
            FUND: p.fund_equity_purchases_trn_yen_year,
            BANK: p.bank_equity_purchases_trn_yen_year,
            -1: p.firm_buybacks_trn_yen_year,
        }

    def opening_foreign_equity_trn_yen_year(self) -> float:
        """Foreigners' purchases of Japanese equity at the start: what all others sell, trillion yen a year."""
        return -sum(self._equity_plans().values())

    def post(self, ledger: Ledger, plan: PortfolioMonth) -> None:
        """Book the planned purchases of foreign assets and equity."""
        trade = ledger.trade
        bought = plan.foreign[HOUSEHOLD]
        trade(HOUSEHOLDS, INVESTMENT_FUNDS, FUND_UNITS, bought, 1.0, "fund_purchases")
        trade(INVESTMENT_FUNDS, FOREIGN_INVESTORS, WORLD_EQUITY, bought + plan.foreign[FUND], 1.0, "foreign_investment")
        half = 0.5 * plan.foreign[INSURER_PENSION]
        for instrument in (WORLD_EQUITY, OTHER_FOREIGN_ASSETS):
            trade(INSURERS_AND_PENSIONS, FOREIGN_INVESTORS, instrument, half, 1.0, "foreign_investment")
        trade(BANKS, FOREIGN_INVESTORS, OTHER_FOREIGN_ASSETS, plan.foreign[BANK], 1.0, "foreign_investment")
        trade(FIRMS, FOREIGN_INVESTORS, OTHER_FOREIGN_ASSETS, plan.direct_investment, 1.0, "direct_investment")
        trade("government", FOREIGN_INVESTORS, OTHER_FOREIGN_ASSETS, plan.official_reserves, 1.0, "official_reserves")
        for kind, amount in plan.equity.items():
            party = FIRMS if kind == -1 else TYPE_PARTIES[kind]
            trade(party, DEALERS_ABROAD, JAPANESE_EQUITY, amount, 1.0, "equity_trading")
        for kind, amount in plan.equity.items():
            if kind in _COLUMN_INSTRUMENTS or kind in (INSURER_PENSION, FUND):
                self._spread(kind, "equity", amount)

    def _spread(self, kind: int, column: str, amount: float) -> None:
        if kind == BANK:
            return
        span = self.rows[kind]
        self.investors.columns[column][span] += amount * self.investors.columns["weight"][span]

    def jgb_mandates(self, ledger: Ledger, yield_10y_pct: float, policy_rate_pct: float) -> JGBDemand:
        """What every member wants to hold at the opening premium, and how much more per point of premium."""
        p, columns = self.p, self.investors.columns
        years = self.month / 12.0
        released = self.reserves_start - ledger.position(RESERVES, BANKS)
        spread = (yield_10y_pct - policy_rate_pct - p.bank_hurdle_pp) / p.bank_hurdle_width_pp
        willing = min(max(spread, 0.0), 1.0)
        if self.willingness is None:
            self.willingness = willing
        self.willingness += p.bank_swap_adjustment_monthly * (willing - self.willingness)
        swapped = p.bank_reserve_swap_share * released * self.willingness
        deposits = -ledger.position(DEPOSITS, BANKS)
        claims = self._claims(ledger)
        start = self.jgb_start
        totals = {
            HOUSEHOLD: start[HOUSEHOLD] + p.household_jgb_purchases_trn_yen_year * years,
            INSURER_PENSION: start[INSURER_PENSION] * claims / self.claims_start,
            BANK: start[BANK] * deposits / self.deposits_start + swapped,
            FUND: start[FUND] * -ledger.position(FUND_UNITS, INVESTMENT_FUNDS) / self.fund_units_start,
            FOREIGN: start[FOREIGN] * math.exp(p.foreign_jgb_growth_pct / 100.0 * years),
        }
        slope = p.jgb_demand_slope_share_per_pp
        slopes = {
            HOUSEHOLD: 0.0,
            INSURER_PENSION: slope * claims,
            BANK: slope * deposits,
            FUND: 0.0,
            FOREIGN: p.foreign_jgb_slope_share_per_pp * totals[FOREIGN],
        }
        members = self._bond_members
        wanted, slope_of_member = np.empty(members.stop), np.empty(members.stop)
        sums = want_bonds(
            columns["type"][members],
            columns["weight"][members],
            columns["exposure"][members],
            np.array([totals[kind] for kind in JGB_TYPES]),
            np.array([slopes[kind] for kind in JGB_TYPES]),
            wanted,
            slope_of_member,
        )
        return JGBDemand(wanted, slope_of_member, total_wanted=sums[0], total_slope=sums[1])

    def take_bonds(self, wanted: Array) -> dict[str, float]:
        """Move members to the holdings they want; returns net purchases by party, trillion yen."""
        columns, members, bought = self.investors.columns, self._bond_members, np.zeros(len(JGB_TYPES))
        kinds = columns["type"][members]
        take_holdings(kinds, wanted, columns["jgb"][members], columns["deposits"][members], FOREIGN, bought)
        return dict(zip((TYPE_PARTIES[kind] for kind in JGB_TYPES), bought.tolist(), strict=True))

    def reconcile_bonds(self, ledger: Ledger) -> None:
        """Give members their part of what redemption, prices and auctions did to their party's JGBs."""
        cells, columns = self._cells, self.investors.columns
        for kind, column, total in zip(cells.kind, cells.column, cells.totals(ledger), strict=True):
            if column == "jgb":
                give_in_proportion(columns["jgb"][self.rows[kind]], columns["weight"][self.rows[kind]], total)

    def reconcile(self, ledger: Ledger) -> None:
        """Give members their part of what their party received and of what prices did since the last call.

        Holdings move in proportion to what a member has; cash flows are shared by weight.
        """
        self.equity_held = self._equity_held(ledger)
        cells, columns = self._cells, self.investors.columns
        for kind, column, total in zip(cells.kind, cells.column, cells.totals(ledger), strict=True):
            held = columns[column][self.rows[kind]]
            if column == "deposits":
                share_cash(held, columns["weight"][self.rows[kind]], total)
            else:
                scale(held, total)
