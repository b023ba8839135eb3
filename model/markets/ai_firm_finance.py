"""Monthly accounts of the AI firms: sales outside AI services, costs, investment, finance, tax and failure.

Receipts of AI services and chip payments are posted by their own markets, before this one.  Costs are role-specific
shares of expected sales that reproduce the sector's opening flows.  A gap is filled by loans, bonds of the named firms,
and owners' equity; a firm that cannot pay, or whose debts exceed its assets, fails: lenders write off, survivors of the
same role buy part of the capital, and an entrant takes the row.

Tax losses are carried forward; support for capital goods is untaxed, as Japan's compressed-entry bookkeeping has it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.agents.chip_importers import (
    Columns,
    opening_growth_monthly,
    opening_month,
    programme_shares,
    rate_firms,
    role_weights,
)
from itcho.agents.compiled import total
from itcho.agents.named_importers import NAMED_IMPORTERS, ROLES
from itcho.agents.population import MemberRows
from itcho.agents.vocabulary import (
    AI_FIRM_EQUITY,
    BANKS,
    FIRMS,
    FOREIGN_GOODS,
    FOREIGN_INVESTORS,
    GOVERNMENT,
    HOUSEHOLDS,
    LOANS,
    LOCAL_AND_SOCIAL_SECURITY,
    OTHER_DEBT_SECURITIES,
)
from itcho.model.markets.ai_firm_rows import (
    Accounts,
    CostLaws,
    CostLevels,
    FinanceLaws,
    FirmColumns,
    receive_sales,
    settle_accounts,
    use_surplus,
)
from itcho.model.markets.chips import ChipsMonth, electricity_cost_index

Array = NDArray[np.float64]

SALES_PURPOSE = {
    FIRMS: "ai_services_to_firms",
    HOUSEHOLDS: "consumption",
    LOCAL_AND_SOCIAL_SECURITY: "government_consumption",
}
"""What each kind of customer's purchase of data-centre and integration services counts as."""

WAGES = "wages"
INPUTS = "ai_firms_domestic_inputs"
INVESTMENT = "business_investment"
LICENCES = "imports_cloud_licences_by_ai_firms"
INTEREST = "loan_interest"
CORPORATE_TAX = "tax_corporate_central"
DIVIDENDS = "dividends"
COLLATERAL_SALE = "collateral_sale"
NEW_LOANS, REPAYMENT, OVERDRAFT = "new_loans", "loan_repayment", "overdraft"
NEW_BONDS, NEW_EQUITY = "new_bonds", "new_equity"

_COSTS = ("wage", "input", "licence")
_OWNERS = (FIRMS, HOUSEHOLDS, FOREIGN_INVESTORS)
_PAYEES = (HOUSEHOLDS, FIRMS, FOREIGN_GOODS, BANKS, GOVERNMENT, FIRMS)
"""Who is paid what the accounts list first."""
_INVESTMENT_ROW = Accounts._fields.index("investment")
_PURPOSES = (WAGES, INPUTS, LICENCES, INTEREST, CORPORATE_TAX, INVESTMENT)


class AiFirmMonth(NamedTuple):
    """The sector's month, sums over all AI firms in trillion yen unless said.

    Attributes
    ----------
    revenue : all sales, with AI services at home and abroad.
    other_revenue : of which data-centre and integration sales, posted here.
    wages, inputs, domestic_investment, licences, interest, corporate_tax, dividends : paid.
    licences_bn_usd : the licences in dollars.
    loans_drawn, loans_repaid, bonds_issued, equity_issued, overdrafts : finance raised and repaid.
    equity_from_abroad : of which bought by foreign investors (dollars sold for yen).
    written_off : loans and bonds cancelled against lenders.
    failures : number of rows that failed.
    programme_activity : programme money spent on wages, plant and inputs (chips are paid on delivery).
    profit_before_tax : sum of positive and negative profits.
    leverage : debt over assets of the sector, a share.
    """

    revenue: float
    other_revenue: float
    wages: float
    inputs: float
    domestic_investment: float
    licences: float
    licences_bn_usd: float
    interest: float
    corporate_tax: float
    dividends: float
    loans_drawn: float
    loans_repaid: float
    bonds_issued: float
    equity_issued: float
    equity_from_abroad: float
    overdrafts: float
    written_off: float
    failures: int
    programme_activity: float
    profit_before_tax: float
    leverage: float


class AiFirmFinance:
    """Monthly accounts and finance of the chip importers.

    Parameters
    ----------
    population : the chip importers, registered with the ledger; its columns must hold ``revenue_trn_yen`` and
        ``foreign_revenue_trn_yen``.
    opening : the sector's opening totals, as for ``make_importer_columns``.  Optional ``ai_services_to_households`` and
        ``ai_services_to_government`` say how much of AI services they buy (the rest is bought by firms).
    parameters : parameters by attribute.
    bond_holder : ledger party that buys AI firms' bonds.
    """

    def __init__(
        self, population: Any, opening: Mapping[str, float], parameters: Any, bond_holder: str = BANKS
    ) -> None:
        self.population = population
        self.parameters = parameters
        self.bond_holder = bond_holder
        columns: Columns = population.columns
        n = columns["size"].size
        self._everyone = MemberRows(population)
        growth = opening_growth_monthly(opening, parameters)
        role, expected = columns["role"], columns["expected_revenue_trn_yen"]
        self._cost_share = np.empty((len(_COSTS), len(ROLES)))
        for place, (kind, key) in enumerate(zip(_COSTS, ("wages", "inputs", "licences"), strict=True)):
            weights = role_weights(kind, parameters)
            base = float((weights[role] * expected).sum())
            # Paid out of next month's expectation, so the share carries one month of growth less.
            self._cost_share[place] = weights * (opening_month(opening[key], growth) / base)
        self._opening_revenue = float(expected.sum())
        # Firms start with the cash they want to hold.
        self._buffer_months = float(columns["cash_trn_yen"].sum()) / self._opening_revenue
        self._other_sales_share = self._other_revenue_payers(opening)
        self._payers = tuple(self._other_sales_share)
        self._payer_share = np.array([self._other_sales_share[payer] for payer in self._payers])
        self._sales_purposes = tuple(SALES_PURPOSE[payer] for payer in self._payers)
        self._programme_activity_share = 1.0 - programme_shares(parameters)[0]
        self._index = 1.0
        self._nothing_guaranteed = np.zeros(n)
        equity_share = np.array([0.0, parameters.equity_share_of_gap_cloud, parameters.equity_share_of_gap_developer])
        issues_bonds = (np.arange(n) > 0) & (np.arange(n) < len(NAMED_IMPORTERS)) & columns["domestic_control"]
        bond_share = np.where(issues_bonds, parameters.ai_firm_bond_share, 0.0)
        self._finance_shares = equity_share, bond_share
        # Plain tuples, which compiled code takes in fastest; their arrays are the population's own.
        self._firms = tuple(FirmColumns(*(columns[name] for name in FirmColumns._fields)))
        self._laws = tuple(self._cost_laws(parameters)), tuple(self._finance_laws(parameters))

    @staticmethod
    def _cost_laws(p: Any) -> CostLaws:
        _, for_wages, for_plant, for_inputs = programme_shares(p)
        return CostLaws(
            for_wages=for_wages,
            for_plant=for_plant,
            for_inputs=for_inputs,
            crowding_in=max(p.programme_additionality * (1.0 - p.data_centre_import_share), 0.0),
            chip_life_months=12.0 * p.chip_life_years,
            plant_life_months=12.0 * p.data_centre_plant_life_years,
        )

    def _finance_laws(self, p: Any) -> FinanceLaws:
        return FinanceLaws(
            buffer_months=self._buffer_months,
            leverage_target=p.equity_share_leverage_target,
            leverage_slope=p.equity_share_leverage_slope,
            leverage_limit=p.ai_firm_leverage_limit,
            target_utilisation=p.importer_target_utilisation,
            confidence_slope=p.equity_confidence_slope,
            call_limit=p.equity_call_limit_share,
            households_share=p.equity_from_households_share,
            abroad_share=p.equity_from_abroad_share,
            repayment_rate=p.ai_firm_repayment_rate,
            payout_rate=p.ai_firm_payout_rate,
        )

    @staticmethod
    def _other_revenue_payers(opening: Mapping[str, float]) -> dict[str, float]:
        """Who pays for data-centre and integration services, with shares that add to one."""
        households = opening["sales_to_households"] - opening.get("ai_services_to_households", 0.0)
        government = opening["sales_to_government"] - opening.get("ai_services_to_government", 0.0)
        bought = opening.get("ai_services_to_households", 0.0) + opening.get("ai_services_to_government", 0.0)
        firms = opening["sales_to_firms"] - (opening["ai_services"] - bought)
        everyone = households + government + firms
        return {
            name: value / everyone
            for name, value in ((FIRMS, firms), (HOUSEHOLDS, households), (LOCAL_AND_SOCIAL_SECURITY, government))
            if value > 0.0
        }

    def other_sales(self, payer: str, other_revenue: float) -> float:
        """What ``payer`` buys of the sector's other sales of a month, trillion yen."""
        return other_revenue * self._other_sales_share.get(payer, 0.0)

    def step(self, month: int, drivers: Any, ledger: Any, chips: ChipsMonth, streams: Any) -> AiFirmMonth:
        """Run one month of accounts after AI services were sold and chips were paid.

        Parameters
        ----------
        month : index from 0.
        drivers : usdjpy, usdjpy_start, cpi_index, nominal_gdp_index, wage_index, lending_rate_pct,
            import_fuel_price_index, corporate_tax_rate (a share).  Optional: ``ai_equity_price``
            (1 by default) and ``loan_guarantee_share`` (share of debt that the state guarantees, scalar or (n,)).
        ledger : posts payments, trades and write-offs, and moves the members' cash and debts.
        chips : the month of the chip market.
        streams : ``normals(name, month, shape)``; entrants' sizes are drawn for every row, whoever fails.
        """
        columns: Columns = self.population.columns
        revenue, sales, other_sales, expected = self._receive_sales(columns, drivers, ledger, chips)
        n = revenue.size
        table, sums = np.empty((len(Accounts._fields), n)), np.empty(len(Accounts._fields))
        loans, bonds, equity = np.empty(n), np.empty(n), np.empty((len(_OWNERS), n))
        unpaid = np.empty(n, dtype=np.bool_)
        raised = settle_accounts(
            self._firms,
            revenue,
            chips.programme_spending_trn_yen,
            chips.plant_volume_trn_yen,
            chips.payments_trn_yen,
            self._guaranteed(drivers),
            self._cost_share,
            self._finance_shares,
            self._laws,
            self._cost_levels(drivers, expected),
            drivers.usdjpy,
            chips.yen_per_unit,
            table,
            sums,
            loans,
            bonds,
            equity,
            unpaid,
        )
        self._post_finance(ledger, loans, bonds, equity, raised, float(getattr(drivers, "ai_equity_price", 1.0)))
        ledger.pay(self._everyone, _PAYEES, table[: len(_PAYEES)], _PURPOSES)
        accounts: Any = Accounts._make(sums.tolist())
        plant = columns["plant"]
        plant += table[_INVESTMENT_ROW]
        repaid, dividends = self._use_surplus(drivers.usdjpy, ledger)
        failures, written_off, leverage = self._fail(month, columns, ledger, chips, streams, unpaid)
        lent, bonded, equity_raised, from_abroad, overdrafts = raised
        return AiFirmMonth(
            revenue=sales,
            other_revenue=other_sales,
            wages=accounts.wages,
            inputs=accounts.inputs,
            domestic_investment=accounts.investment,
            licences=accounts.licences,
            licences_bn_usd=accounts.licences * 1000.0 / drivers.usdjpy,
            interest=accounts.interest,
            corporate_tax=accounts.tax,
            dividends=dividends,
            loans_drawn=lent,
            loans_repaid=repaid,
            bonds_issued=bonded,
            equity_issued=equity_raised,
            equity_from_abroad=from_abroad,
            overdrafts=overdrafts,
            written_off=written_off,
            failures=failures,
            programme_activity=total(chips.programme_spending_trn_yen) * self._programme_activity_share,
            profit_before_tax=accounts.profit,
            leverage=leverage,
        )

    def _receive_sales(
        self, columns: Columns, drivers: Any, ledger: Any, chips: ChipsMonth
    ) -> tuple[Array, float, float, float]:
        """Post sales outside AI services, which grow with nominal activity and world AI demand; move expectations.

        Returns all sales by row, and the sums of all, other and expected sales.
        """
        elasticity = self.parameters.other_revenue_world_demand_elasticity
        index = float(drivers.nominal_gdp_index * chips.world_ai_demand_index**elasticity)
        growth, self._index = index / self._index, index
        n = self._nothing_guaranteed.size
        revenue, by_payer = np.empty(n), np.empty((len(self._payers), n))
        sums = receive_sales(
            (columns["revenue_trn_yen"], columns["foreign_revenue_trn_yen"]),
            columns["other_revenue_trn_yen"],
            columns["expected_revenue_trn_yen"],
            growth,
            self._payer_share,
            self.parameters.importer_expectation_months,
            by_payer,
            revenue,
        )
        ledger.pay(self._payers, self._everyone, by_payer, self._sales_purposes)
        return revenue, *sums

    def _guaranteed(self, drivers: Any) -> Array:
        """Part of each row's debt that the state guarantees."""
        share = getattr(drivers, "loan_guarantee_share", 0.0)
        if isinstance(share, np.ndarray):
            return share
        return self._nothing_guaranteed if share == 0.0 else np.full(self._nothing_guaranteed.size, share)

    def _cost_levels(self, drivers: Any, expected_sales: float) -> tuple[float, ...]:
        """Scalars of the month's costs: the fields of :class:`CostLevels`."""
        parameters = self.parameters
        power = parameters.ai_firm_electricity_in_inputs_share
        electricity = electricity_cost_index(drivers.cpi_index, drivers.import_fuel_price_index, parameters)
        growth = expected_sales / self._opening_revenue / drivers.nominal_gdp_index
        levels = CostLevels(
            scale=max(growth, 1e-6) ** -parameters.ai_firm_scale_economies,
            wages=drivers.wage_index / drivers.nominal_gdp_index,
            inputs=1.0 - power + power * electricity / drivers.cpi_index,
            licences=(drivers.usdjpy / drivers.usdjpy_start) ** parameters.licence_exchange_rate_elasticity,
            lending_rate_pct=drivers.lending_rate_pct,
            cpi_index=drivers.cpi_index,
            corporate_tax_rate=drivers.corporate_tax_rate,
        )
        return tuple(levels)

    def _post_finance(
        self, ledger: Any, loans: Array, bonds: Array, equity: Array, raised: tuple[float, ...], price: float
    ) -> None:
        """Post loans with overdrafts, bonds, and owners' equity at its price of the day."""
        ledger.trade(BANKS, self._everyone, LOANS, loans, 1.0, NEW_LOANS)
        if raised[1]:
            ledger.trade(self.bond_holder, self._everyone, OTHER_DEBT_SECURITIES, bonds, 1.0, NEW_BONDS)
        if raised[2]:
            shares = equity if price == 1.0 else equity / price
            ledger.trade(_OWNERS, self._everyone, AI_FIRM_EQUITY, shares, price, NEW_EQUITY)

    def _use_surplus(self, usdjpy: float, ledger: Any) -> tuple[float, float]:
        """Repay loans out of cash above the buffer; firms without loans pay part of it to their owners."""
        n = self._nothing_guaranteed.size
        repaid, dividends = np.empty(n), np.empty((len(_OWNERS), n))
        total_repaid, paid_out = use_surplus(self._firms, self._laws[1], usdjpy, repaid, dividends)
        if total_repaid:
            ledger.trade(BANKS, self._everyone, LOANS, -repaid, 1.0, REPAYMENT)
        if paid_out:
            ledger.pay(self._everyone, _OWNERS, dividends, DIVIDENDS)
        return total_repaid, paid_out

    def _fail(
        self, month: int, columns: Columns, ledger: Any, chips: ChipsMonth, streams: Any, unpaid: NDArray[np.bool_]
    ) -> tuple[int, float, float]:
        """Rate firms, and close those that could not pay or owe more than they own.

        Returns their number, what was written off, and the leverage of the sector.
        """
        failures, debts, assets = rate_firms(columns, chips.yen_per_unit, self.parameters, unpaid)
        written_off = 0.0
        if failures:
            written_off = self._close(month, columns, ledger, chips, streams, unpaid)
            _, debts, assets = rate_firms(columns, chips.yen_per_unit, self.parameters, unpaid)
        leverage = debts / max(assets, 1e-12) if math.isfinite(assets) else math.nan
        return failures, written_off, leverage

    def _close(
        self, month: int, columns: Columns, ledger: Any, chips: ChipsMonth, streams: Any, failed: NDArray[np.bool_]
    ) -> float:
        """Sell the collateral of failed firms; return what is written off because an entrant cannot carry it."""
        parameters = self.parameters
        value = columns["compute"] * chips.yen_per_unit + columns["plant"]
        debt = columns["debt_trn_yen"] + columns["bonds"]
        # Drawn for every row, so that who fails never shifts another row's draw.
        draws = streams.normals("importer entrants", month, failed.size)
        keep = np.minimum(parameters.entrant_size_share * np.exp(parameters.entrant_size_dispersion * draws), 0.9)
        for role in range(len(ROLES)):
            self._sell_collateral(columns, failed, role, keep, value, ledger)
        rows = np.flatnonzero(failed)
        left = columns["compute"][rows] * chips.yen_per_unit + columns["plant"][rows] + columns["cash_trn_yen"][rows]
        excess = np.maximum(debt[rows] - parameters.entrant_leverage * left, 0.0)
        bonds = np.minimum(columns["bonds"][rows], excess * columns["bonds"][rows] / np.maximum(debt[rows], 1e-15))
        loans = np.minimum(excess - bonds, columns["debt_trn_yen"][rows])
        members = MemberRows(self.population, rows)
        ledger.write_off(BANKS, members, LOANS, loans)
        if bonds.any():
            ledger.write_off(self.bond_holder, members, OTHER_DEBT_SECURITIES, bonds)
        columns["losses_carried_trn_yen"][rows] = 0.0
        columns["failed_times"][rows] += 1
        return float(loans.sum() + bonds.sum())

    def _sell_collateral(
        self,
        columns: Columns,
        failed: NDArray[np.bool_],
        role: int,
        keep: Array,
        value: Array,
        ledger: Any,
    ) -> None:
        """Banks sell part of the capital of failed firms to survivors of their role, who also take over customers."""
        sellers = np.flatnonzero(failed & (columns["role"] == role))
        buying = np.flatnonzero(~failed & (columns["role"] == role))
        if not (sellers.size and buying.size):
            return
        price = self.parameters.fire_sale_price_share
        spare = np.maximum(
            columns["cash_trn_yen"][buying]
            - columns["earmarked_trn_yen"][buying]
            - 0.5 * self._buffer_months * columns["expected_revenue_trn_yen"][buying],
            0.0,
        )
        offered = float((value[sellers] * (1.0 - keep[sellers])).sum()) * price
        if offered <= 0.0 or spare.sum() <= 0.0:
            return
        sold = min(1.0, float(spare.sum()) / offered)
        part = (1.0 - keep[sellers]) * sold
        weight = spare / spare.sum()
        ledger.pay(MemberRows(self.population, buying), BANKS, weight * (offered * sold), COLLATERAL_SALE)
        for name in (
            "compute",
            "programme_compute",
            "plant",
            "compute_book_trn_yen",
            "expected_revenue_trn_yen",
            "other_revenue_trn_yen",
            "size",
        ):
            moved = columns[name][sellers] * part
            columns[name][sellers] -= moved
            columns[name][buying] += weight * float(moved.sum())
