"""Monthly accounts of the AI firms: sales outside AI services, costs, investment, finance, tax and failure.

Receipts of AI services and chip payments are posted by their own markets, before this one.  Costs are role-specific
shares of expected sales that reproduce the sector's opening flows.  A gap is filled by loans, bonds of the named firms,
and owners' equity, each by those who lend to the firm and own it in the graph.  A firm fails that cannot pay, whose
debts exceed its assets, or that finds no money from outside (see :class:`itcho.agents.chip_importers.FailureLaw`):
survivors of the same role buy part of the capital, its lenders write off what exceeds their recovery or what an entrant
can carry.  A spin-out takes the row once its trade earns something; until then a trustee runs what is left.

Tax losses are carried forward; support for capital goods is untaxed, as Japan's compressed-entry bookkeeping has it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.agents.chip_importers import (
    FailureLaw,
    ImporterColumns,
    Importers,
    opening_growth_monthly,
    opening_month,
    programme_shares,
    rate_firms,
    role_weights,
    spin_outs,
)
from itcho.agents.compiled import plain, total
from itcho.agents.importer_rows import move_capital
from itcho.agents.named_importers import NAMED_IMPORTERS, ROLES
from itcho.agents.population import MemberRows
from itcho.agents.views import ParameterValues
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
from itcho.model.ai.firm_rows import (
    Accounts,
    AccountSums,
    CostLaws,
    CostLevels,
    FinanceLaws,
    FirmColumns,
    programme_activity,
    receive_sales,
    settle_accounts,
    split_interest,
    use_surplus,
)
from itcho.model.ai.records import IndustryDrivers
from itcho.model.chips.compiled_graph import CompiledGraph, GiverShares
from itcho.model.chips.market import ChipsMonth, electricity_cost_index
from itcho.model.ledger.ledger import Ledger
from itcho.model.randomness import Streams

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
NEW_LOANS, REPAYMENT = "new_loans", "loan_repayment"
NEW_BONDS, NEW_EQUITY = "new_bonds", "new_equity"

_COSTS = ("wage", "input", "licence")
_PAYEES = (HOUSEHOLDS, FIRMS, FOREIGN_GOODS, GOVERNMENT, FIRMS)
"""Who is paid what the accounts list first, interest apart."""
_SOLD = (
    *("compute", "programme_compute", "plant", "compute_book_trn_yen", "expected_revenue_trn_yen"),
    *("other_revenue_trn_yen", "size"),
)
"""Columns of which a failed firm's buyers take a part."""
_LEAST_DEMAND = 1e-9
"""Of the world, over the start's: sales of a month without any orders are next to nothing, and return with orders."""

_MONTHS_A_YEAR = 12
"""Uniform draws are made for a year at once, from the stream's generator of that number."""
_NOBODY = np.zeros(0, dtype=np.int64)
_PROFIT_ROW = Accounts._fields.index("profit")
_INTEREST_ROW = Accounts._fields.index("interest")
_INVESTMENT_ROW = Accounts._fields.index("investment")
_PROGRAMME_ROWS = (Accounts._fields.index("wages"), Accounts._fields.index("inputs"), Accounts._fields.index("tax"))
_PURPOSES = (WAGES, INPUTS, LICENCES, CORPORATE_TAX, INVESTMENT)


class ProgrammeActivity(NamedTuple):
    """Activity of a month that programme money funded, trillion yen.

    It is what the money itself is spent on, and of each recipient's own business the part that AI services have in its
    sales, times the part that programme money bought of the compute behind them.  What is imported is no part of it.

    Attributes
    ----------
    wages : paid to people in Japan.
    supplies : plant and inputs bought in Japan, without what their makers import.
    corporate_tax : paid on recipients' profits; a recipient with a loss pays none.
    """

    wages: float = 0.0
    supplies: float = 0.0
    corporate_tax: float = 0.0


class AiFirmMonth(NamedTuple):
    """The sector's month, sums over all AI firms in trillion yen unless said.

    Attributes
    ----------
    revenue : all sales, with AI services at home and abroad.
    other_revenue : of which data-centre and integration sales, posted here.
    wages, inputs, domestic_investment, licences, interest, corporate_tax, dividends : paid.
    loans_drawn, loans_repaid, bonds_issued, equity_issued, overdrafts : finance raised and repaid.
    equity_from_abroad : of which bought by foreign investors (dollars sold for yen).
    written_off : loans and bonds cancelled against lenders.
    failures, failed_rows : number of rows that failed, and which, in order.
    entered_rows : rows that a spin-out took, in order.
    programme_activity : programme money spent on wages, plant and inputs (chips are paid on delivery).
    programme : what programme money pays, and what is earned with the compute it bought.
    leverage : debt over assets of the sector, a share.
    """

    revenue: float
    other_revenue: float
    wages: float
    inputs: float
    domestic_investment: float
    licences: float
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
    failed_rows: NDArray[np.int64]
    entered_rows: NDArray[np.int64]
    programme_activity: float
    programme: ProgrammeActivity
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
    links : the compiled graph.

    Attributes
    ----------
    vacant : (n,) rows whose firm failed and which no spin-out has taken yet; a trustee runs what is left of it.
    """

    def __init__(
        self,
        population: Importers,
        opening: Mapping[str, float],
        parameters: ParameterValues,
        links: CompiledGraph,
    ) -> None:
        self.population = population
        self.parameters = parameters
        self.link(links)
        columns: ImporterColumns = population.columns
        n = columns["size"].size
        self._everyone = MemberRows(population)
        growth = opening_growth_monthly(opening, parameters)
        role, expected = columns["role"], columns["expected_revenue_trn_yen"]
        self._cost_share = np.empty((len(_COSTS), len(ROLES)))
        for place, (kind, key) in enumerate(zip(_COSTS, ("wages", "inputs", "licences"), strict=True)):
            weights = role_weights(kind, parameters)
            base = float((weights[role] * expected).sum())
            # Paid out of next month's expectation, so the share carries one month of growth less.
            # Firms that expect to sell nothing have no costs.
            self._cost_share[place] = weights * (opening_month(opening[key], growth) / base if base > 0.0 else 0.0)
        self._opening_revenue = float(expected.sum())
        # Firms start with the cash they want to hold.
        cash = float(columns["cash_trn_yen"].sum())
        self._buffer_months = cash / self._opening_revenue if self._opening_revenue > 0.0 else 0.0
        self._other_sales_share = self._other_revenue_payers(opening)
        self._payers = tuple(self._other_sales_share)
        self._payer_share = np.array([self._other_sales_share[payer] for payer in self._payers])
        self._sales_purposes = tuple(SALES_PURPOSE[payer] for payer in self._payers)
        fuel = parameters.ai_firm_electricity_in_inputs_share * parameters.electricity_imported_fuel_share
        self._made_at_home = 1.0 - fuel, 1.0 - parameters.investment_import_share
        imported, *self._parts = programme_shares(parameters)
        self._programme_activity_share = 1.0 - imported
        self._index = 1.0
        self.failure_law = FailureLaw(role, parameters)
        self.vacant = np.zeros(n, dtype=np.bool_)
        self._draws: Array | None = None
        self._nothing_guaranteed = np.zeros(n)
        equity_share = np.array([0.0, parameters.equity_share_of_gap_cloud, parameters.equity_share_of_gap_developer])
        issues_bonds = (np.arange(n) > 0) & (np.arange(n) < len(NAMED_IMPORTERS)) & columns["domestic_control"]
        bond_share = np.where(issues_bonds, parameters.ai_firm_bond_share, 0.0)
        self._finance_shares = equity_share, bond_share
        # Plain tuples, which compiled code takes in fastest; their arrays are the population's own.
        self._firms = plain(FirmColumns._make(population.arrays[name] for name in FirmColumns._fields))
        self._sold = tuple(population.numbers(name) for name in _SOLD)
        self._laws = plain(self._cost_laws(parameters)), plain(self._finance_laws(parameters))

    def link(self, links: CompiledGraph) -> None:
        """Have the owners, lenders and bondholders of another graph from now on."""
        self._owners, self._lenders, self._bondholders = links.owners, links.lenders, links.bondholders
        creditors = tuple(sorted({*self._lenders.parties, *self._bondholders.parties}))
        self._debt_shares = _shares_of(creditors, self._lenders), _shares_of(creditors, self._bondholders)
        self._payees = (*_PAYEES, *creditors)
        self._purposes = (*_PURPOSES, *[INTEREST] * len(creditors))
        abroad = _shares_of((FOREIGN_INVESTORS,), self._owners)
        self._owned_abroad = abroad[0]

    @staticmethod
    def _cost_laws(p: ParameterValues) -> CostLaws:
        _, for_wages, for_plant, for_inputs = programme_shares(p)
        return CostLaws(
            for_wages=for_wages,
            for_plant=for_plant,
            for_inputs=for_inputs,
            crowding_in=max(p.programme_additionality * (1.0 - p.data_centre_import_share), 0.0),
            chip_life_months=12.0 * p.chip_life_years,
            plant_life_months=12.0 * p.data_centre_plant_life_years,
        )

    def _finance_laws(self, p: ParameterValues) -> FinanceLaws:
        return FinanceLaws(
            buffer_months=self._buffer_months,
            leverage_target=p.equity_share_leverage_target,
            leverage_slope=p.equity_share_leverage_slope,
            leverage_limit=p.ai_firm_leverage_limit,
            target_utilisation=p.importer_target_utilisation,
            confidence_slope=p.equity_confidence_slope,
            call_limit=p.equity_call_limit_share,
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
        if not everyone > 0.0:
            return {FIRMS: 1.0}
        return {
            name: value / everyone
            for name, value in ((FIRMS, firms), (HOUSEHOLDS, households), (LOCAL_AND_SOCIAL_SECURITY, government))
            if value > 0.0
        }

    def other_sales(self, payer: str, other_revenue: float) -> float:
        """What ``payer`` buys of the sector's other sales of a month, trillion yen."""
        return other_revenue * self._other_sales_share.get(payer, 0.0)

    def step(
        self, month: int, drivers: IndustryDrivers, ledger: Ledger, chips: ChipsMonth, streams: Streams
    ) -> AiFirmMonth:
        """Run one month of accounts after AI services were sold and chips were paid.

        Parameters
        ----------
        month : index from 0.
        drivers : what the rest of the economy, the policy and the scenario say.
        ledger : posts payments, trades and write-offs, and moves the members' cash and debts.
        chips : the month of the chip market.
        streams : ``normals(name, month, shape)`` and ``uniforms``; failures and entrants' sizes are drawn for every
            row, whoever fails.
        """
        columns: ImporterColumns = self.population.columns
        revenue, sales, other_sales, expected = self._receive_sales(columns, drivers, ledger, chips)
        table, accounts, equity, unpaid, raised = self._settle(columns, drivers, ledger, chips, revenue, expected)
        programme = self._programme_activity(columns, chips.programme_spending_trn_yen, revenue, table)
        repaid, dividends = self._use_surplus(drivers.usdjpy, ledger)
        draws = self._failure_draws(month, revenue.size, streams)
        entered = self._enter(month, columns, table[_PROFIT_ROW], revenue, streams)
        self.failure_law.hear(drivers.funding_climate)
        self._close_for_want_of_funds(month, draws, unpaid)
        failures, written_off, leverage = self._fail(month, columns, ledger, chips, streams, unpaid)
        lent, bonded, equity_raised, overdrafts = raised
        from_abroad = total(self._owned_abroad * equity) if equity_raised else 0.0
        return AiFirmMonth(
            revenue=sales,
            other_revenue=other_sales,
            wages=accounts.wages,
            inputs=accounts.inputs,
            domestic_investment=accounts.investment,
            licences=accounts.licences,
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
            failed_rows=np.flatnonzero(unpaid) if failures else _NOBODY,
            entered_rows=entered,
            programme_activity=total(chips.programme_spending_trn_yen) * self._programme_activity_share,
            programme=programme,
            leverage=leverage,
        )

    def _settle(
        self,
        columns: ImporterColumns,
        drivers: IndustryDrivers,
        ledger: Ledger,
        chips: ChipsMonth,
        revenue: Array,
        expected: float,
    ) -> tuple[Array, AccountSums, Array, NDArray[np.bool_], tuple[float, float, float, float]]:
        """Work out what firms owe, raise what they lack, and pay it.

        Parameters
        ----------
        revenue, expected : all sales by row, and the sum of expected sales.

        Returns
        -------
        The accounts by row, (accounts and creditors, n), and their sums; owners' new equity by row; who could not pay;
        and sums of new loans, bonds and equity, and of overdrafts.
        """
        n = revenue.size
        # What each creditor gets is written below the accounts, so that all that is paid stands together.
        accounts_end, creditors = len(Accounts._fields), len(self._payees) - len(_PAYEES)
        table, sums = np.empty((accounts_end + creditors, n)), np.empty(accounts_end)
        loans, bonds, equity = np.empty(n), np.empty(n), np.empty(n)
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
        debt = columns["debt_trn_yen"], columns["bonds"]
        split_interest(table[_INTEREST_ROW], *debt, *self._debt_shares, table[accounts_end:])
        self._post_finance(ledger, loans, bonds, equity, raised)
        ledger.pay(self._everyone, self._payees, table[accounts_end - len(_PAYEES) :], self._purposes)
        plant = columns["plant"]
        plant += table[_INVESTMENT_ROW]
        return table, AccountSums(*sums.tolist()), equity, unpaid, raised

    def _failure_draws(self, month: int, rows: int, streams: Streams) -> Array:
        """The month's uniform draws of who finds no money from outside, (rows,)."""
        if month % _MONTHS_A_YEAR == 0 or self._draws is None:
            self._draws = streams.uniforms("AI firm failures", month // _MONTHS_A_YEAR, (_MONTHS_A_YEAR, rows))
        draws: Array = self._draws[month % _MONTHS_A_YEAR]
        return draws

    def _enter(
        self, month: int, columns: ImporterColumns, profit: Array, revenue: Array, streams: Streams
    ) -> NDArray[np.int64]:
        """Let spin-outs take rows whose firms failed in earlier months; returns which."""
        if not self.vacant.any():
            return _NOBODY
        draws = streams.uniforms("spin-outs", month, self.vacant.size)
        entered = spin_outs(self.vacant, columns, (profit, revenue), draws, self.parameters)
        self.vacant[entered] = False
        return entered

    def _close_for_want_of_funds(self, month: int, draws: Array, failed: NDArray[np.bool_]) -> None:
        """Add firms that find no money from outside to ``failed``; a trustee looks for none."""
        already = failed.copy()
        self.failure_law.close(month, draws, failed)
        failed[self.vacant & ~already] = False

    def _programme_activity(
        self, columns: ImporterColumns, spending: Array, revenue: Array, table: Array
    ) -> ProgrammeActivity:
        """What programme money funded this month, from recipients' sales and accounts in ``table``."""
        for_wages, for_plant, for_inputs = self._parts
        money, own_wages, own_inputs, tax = programme_activity(
            (columns["compute"], columns["programme_compute"]),
            (columns["revenue_trn_yen"], columns["foreign_revenue_trn_yen"]),
            revenue,
            spending,
            table,
            _PROGRAMME_ROWS,
            (for_wages, for_inputs),
        )
        inputs_at_home, plant_at_home = self._made_at_home
        return ProgrammeActivity(
            wages=money * for_wages + own_wages,
            supplies=inputs_at_home * (money * for_inputs + own_inputs) + plant_at_home * (money * for_plant),
            corporate_tax=tax,
        )

    def _receive_sales(
        self, columns: ImporterColumns, drivers: IndustryDrivers, ledger: Ledger, chips: ChipsMonth
    ) -> tuple[Array, float, float, float]:
        """Post sales outside AI services, which grow with nominal activity and world AI demand; move expectations.

        Returns all sales by row, and the sums of all, other and expected sales.
        """
        elasticity = self.parameters.other_revenue_world_demand_elasticity
        index = float(drivers.nominal_gdp_index * max(chips.world_ai_demand_index, _LEAST_DEMAND) ** elasticity)
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

    def _guaranteed(self, drivers: IndustryDrivers) -> Array:
        """Part of each row's debt that the state guarantees."""
        share = drivers.loan_guarantee_share
        if isinstance(share, np.ndarray):
            return share
        return self._nothing_guaranteed if share == 0.0 else np.full(self._nothing_guaranteed.size, share)

    def _cost_levels(self, drivers: IndustryDrivers, expected_sales: float) -> CostLevels:
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
            plant_price=drivers.cpi_index * drivers.data_centre_cost_factor,
            corporate_tax_rate=drivers.corporate_tax_rate,
        )
        return plain(levels)

    def _post_finance(
        self, ledger: Ledger, loans: Array, bonds: Array, equity: Array, raised: tuple[float, ...]
    ) -> None:
        """Post loans with overdrafts, bonds, and owners' equity."""
        lenders, bondholders, owners = self._lenders, self._bondholders, self._owners
        ledger.trade(lenders.side, self._everyone, LOANS, lenders.split(loans), 1.0, NEW_LOANS)
        if raised[1]:
            bought = bondholders.split(bonds)
            ledger.trade(bondholders.side, self._everyone, OTHER_DEBT_SECURITIES, bought, 1.0, NEW_BONDS)
        if raised[2]:
            ledger.trade(owners.side, self._everyone, AI_FIRM_EQUITY, owners.split(equity), 1.0, NEW_EQUITY)

    def _use_surplus(self, usdjpy: float, ledger: Ledger) -> tuple[float, float]:
        """Repay loans out of cash above the buffer; firms without loans pay part of it to their owners.

        Returns what is repaid and what is paid out, trillion yen.
        """
        n = self._nothing_guaranteed.size
        repaid, dividends = np.empty(n), np.empty(n)
        total_repaid, paid_out = use_surplus(self._firms, self._laws[1], usdjpy, repaid, dividends)
        if total_repaid:
            ledger.trade(self._lenders.side, self._everyone, LOANS, self._lenders.split(-repaid), 1.0, REPAYMENT)
        if paid_out:
            ledger.pay(self._everyone, self._owners.side, self._owners.split(dividends), DIVIDENDS)
        return total_repaid, paid_out

    def _fail(
        self,
        month: int,
        columns: ImporterColumns,
        ledger: Ledger,
        chips: ChipsMonth,
        streams: Streams,
        unpaid: NDArray[np.bool_],
    ) -> tuple[int, float, float]:
        """Rate firms, and close those in ``unpaid`` and those that owe more than they own, which are added to it.

        Returns their number, what was written off, and the leverage of the sector.
        """
        failures, debts, assets = rate_firms(columns, chips.yen_per_unit, self.parameters, unpaid)
        written_off = 0.0
        if failures:
            written_off = self._close(month, columns, ledger, chips, streams, unpaid)
            self.vacant |= unpaid
            _, debts, assets = rate_firms(columns, chips.yen_per_unit, self.parameters, unpaid)
        leverage = debts / max(assets, 1e-12) if math.isfinite(assets) else math.nan
        return failures, written_off, leverage

    def _close(
        self,
        month: int,
        columns: ImporterColumns,
        ledger: Ledger,
        chips: ChipsMonth,
        streams: Streams,
        failed: NDArray[np.bool_],
    ) -> float:
        """Sell part of failed firms' capital; return what is written off beyond recovery or what an entrant carries."""
        parameters = self.parameters
        value = columns["compute"] * chips.yen_per_unit + columns["plant"]
        debt = columns["debt_trn_yen"] + columns["bonds"]
        # Drawn for every row, so that who fails never shifts another row's draw.
        draws = streams.normals("importer entrants", month, failed.size)
        keep = np.minimum(parameters.entrant_size_share * np.exp(parameters.entrant_size_dispersion * draws), 0.9)
        for role in sorted(set(columns["role"][failed].tolist())):
            self._sell_collateral(columns, failed, role, keep, value, ledger)
        rows = np.flatnonzero(failed)
        left = columns["compute"][rows] * chips.yen_per_unit + columns["plant"][rows] + columns["cash_trn_yen"][rows]
        kept = np.minimum(parameters.entrant_leverage * left, parameters.ai_firm_recovery_share * debt[rows])
        excess = debt[rows] - kept
        bonds = np.minimum(columns["bonds"][rows], excess * columns["bonds"][rows] / np.maximum(debt[rows], 1e-15))
        loans = np.minimum(excess - bonds, columns["debt_trn_yen"][rows])
        members = MemberRows(self.population, rows)
        for creditors, instrument, lost in (
            (self._lenders, LOANS, loans),
            (self._bondholders, OTHER_DEBT_SECURITIES, bonds),
        ):
            for party, share in zip(creditors.parties, creditors.share[:, rows], strict=True):
                part = share * lost
                if part.any():
                    ledger.write_off(party, members, instrument, part)
        columns["losses_carried_trn_yen"][rows] = 0.0
        columns["failed_times"][rows] += 1
        return float(loans.sum() + bonds.sum())

    def _sell_collateral(
        self,
        columns: ImporterColumns,
        failed: NDArray[np.bool_],
        role: int,
        keep: Array,
        value: Array,
        ledger: Ledger,
    ) -> None:
        """Sell part of the capital of failed firms to survivors of their role, who also take over customers.

        Proceeds stay with the row and serve the debt that is left.
        """
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
        # Through the trustee's account at a bank.
        ledger.pay(MemberRows(self.population, buying), BANKS, weight * (offered * sold), COLLATERAL_SALE)
        proceeds = price * value[sellers] * part
        ledger.pay(BANKS, MemberRows(self.population, sellers), proceeds, COLLATERAL_SALE)
        move_capital(self._sold, sellers, part, buying, weight)


def _shares_of(parties: tuple[str, ...], givers: GiverShares) -> Array:
    """Shares of these parties, (parties, n); zeros for those who do not give."""
    nobody = np.zeros(givers.share.shape[1])
    return np.array(
        [givers.share[givers.parties.index(name)] if name in givers.parties else nobody for name in parties]
    )
