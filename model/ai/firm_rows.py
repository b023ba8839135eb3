"""The AI firms' monthly accounts row by row, in compiled code: what is due, how it is financed, what is left over.

Amounts are trillion yen.  The rules are those of :mod:`itcho.model.ai.firm_finance`, which calls these
functions and posts what they decide.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit

Array = NDArray[np.float64]


class FirmColumns(NamedTuple):
    """Columns of the importers that their accounts read and write."""

    role: NDArray[np.int8]
    expected_revenue_trn_yen: Array
    cash_trn_yen: Array
    debt_trn_yen: Array
    bonds: Array
    compute: Array
    plant: Array
    compute_book_trn_yen: Array
    losses_carried_trn_yen: Array
    earmarked_trn_yen: Array
    programme_orders_bn_usd: Array
    utilisation: Array
    spread_pct: Array


class Accounts(NamedTuple):
    """One month's flows by row, (n,); what is paid to one party comes last."""

    own_investment: Array
    profit: Array
    interest: Array
    wages: Array
    inputs: Array
    licences: Array
    tax: Array
    investment: Array


class AccountSums(NamedTuple):
    """The same of all rows together."""

    own_investment: float
    profit: float
    interest: float
    wages: float
    inputs: float
    licences: float
    tax: float
    investment: float


class CostLaws(NamedTuple):
    """Constants of costs.

    Attributes
    ----------
    for_wages, for_plant, for_inputs : parts of programme money.
    crowding_in : own investment that a yen of programme money brings forth.
    """

    for_wages: float
    for_plant: float
    for_inputs: float
    crowding_in: float
    chip_life_months: float
    plant_life_months: float


class CostLevels(NamedTuple):
    """Scalars of a month's costs.

    Attributes
    ----------
    scale : factor on expected sales that scale economies give.
    wages, inputs, licences : cost of each over expected sales against the start.
    plant_price : of plant for a firm's own business, 1 at the start.
    """

    scale: float
    wages: float
    inputs: float
    licences: float
    lending_rate_pct: float
    plant_price: float
    corporate_tax_rate: float


class FinanceLaws(NamedTuple):
    """Constants of finance; see the parameters ``ai_firm_...`` and ``equity_...``."""

    buffer_months: float
    leverage_target: float
    leverage_slope: float
    leverage_limit: float
    target_utilisation: float
    confidence_slope: float
    call_limit: float
    repayment_rate: float
    payout_rate: float


@njit(cache=True)
def receive_sales(
    ai_services: tuple[Array, Array],
    other_revenue: Array,
    expected_revenue: Array,
    other_growth: float,
    payer_share: Array,
    expectation_months: float,
    by_payer: Array,
    revenue: Array,
) -> tuple[float, float, float]:
    """Let other sales grow, and move expected sales towards all sales of the month.

    Parameters
    ----------
    ai_services : sales at home and abroad.
    other_revenue, expected_revenue : changed.
    other_growth : other sales over those of the month before.
    payer_share : (payers,) who pays for other sales.
    by_payer : (payers, n) other sales; written.
    revenue : all sales; written.

    Returns
    -------
    All sales, other sales and expected sales, sums.
    """
    all_sales, all_other, all_expected = 0.0, 0.0, 0.0
    for i in range(revenue.size):
        other_revenue[i] *= other_growth
        revenue[i] = ai_services[0][i] + ai_services[1][i] + other_revenue[i]
        expected_revenue[i] += (revenue[i] - expected_revenue[i]) / expectation_months
        for k in range(payer_share.size):
            by_payer[k, i] = other_revenue[i] * payer_share[k]
        all_sales += revenue[i]
        all_other += other_revenue[i]
        all_expected += expected_revenue[i]
    return all_sales, all_other, all_expected


@njit(cache=True, no_cpython_wrapper=True)
def _plan_month(
    firms: FirmColumns,
    accounts: Accounts,
    revenue: Array,
    programme: Array,
    plant_volume: Array,
    chip_payments: Array,
    guaranteed: Array,
    cost_share: Array,
    laws: CostLaws,
    levels: CostLevels,
) -> None:
    """What each row owes, before finance; wears out plant and the book value of compute and uses up tax losses."""
    for i in range(revenue.size):
        role, money = firms.role[i], programme[i]
        paid = levels.scale * firms.expected_revenue_trn_yen[i]
        wages = cost_share[0, role] * levels.wages * paid + money * laws.for_wages
        inputs = cost_share[1, role] * levels.inputs * paid + money * laws.for_inputs
        licences = cost_share[2, role] * levels.licences * paid
        rate_pct = max(levels.lending_rate_pct + firms.spread_pct[i] * (1.0 - guaranteed[i]), 0.0)
        interest = (firms.debt_trn_yen[i] + firms.bonds[i]) * rate_pct / 1200.0
        own = plant_volume[i] * levels.plant_price + money * laws.crowding_in
        wear = firms.compute_book_trn_yen[i] / laws.chip_life_months
        plant_wear = firms.plant[i] / laws.plant_life_months
        firms.compute_book_trn_yen[i] += chip_payments[i] - wear
        firms.plant[i] -= plant_wear
        # Support and what it buys stay out of taxable profit.
        supported = money * (laws.for_wages + laws.for_inputs)
        profit = revenue[i] - (wages + inputs - supported) - licences - interest - (wear + plant_wear)
        losses = firms.losses_carried_trn_yen[i]
        firms.losses_carried_trn_yen[i] = max(losses - profit, 0.0)
        accounts.wages[i] = wages
        accounts.inputs[i] = inputs
        accounts.licences[i] = licences
        accounts.interest[i] = interest
        accounts.tax[i] = max(profit - losses, 0.0) * levels.corporate_tax_rate
        accounts.profit[i] = profit
        accounts.investment[i] = own + money * laws.for_plant
        accounts.own_investment[i] = own


@njit(cache=True, no_cpython_wrapper=True)
def _buffer(firms: FirmColumns, i: int, laws: FinanceLaws, usdjpy: float) -> float:
    """Cash that a firm holds against expected payments, with programme money not yet spent on top."""
    committed = firms.programme_orders_bn_usd[i] * (usdjpy / 1000.0)
    held: float = laws.buffer_months * firms.expected_revenue_trn_yen[i] + firms.earmarked_trn_yen[i] + committed
    return held


@njit(cache=True, no_cpython_wrapper=True)
def _raise_finance(
    firms: FirmColumns,
    accounts: Accounts,
    shares: tuple[Array, Array],
    laws: FinanceLaws,
    usdjpy: float,
    yen_per_unit: float,
    loans: Array,
    bonds: Array,
    equity: Array,
    unpaid: NDArray[np.bool_],
) -> tuple[float, float, float, float]:
    """Raise what is missing: owners' equity, loans and bonds up to the limit, fewer buildings, then overdrafts."""
    equity_share, bond_share = shares
    total_loans, total_bonds, total_equity, total_overdrafts = 0.0, 0.0, 0.0, 0.0
    for i in range(loans.size):
        cash, role = firms.cash_trn_yen[i], firms.role[i]
        due = accounts.wages[i] + accounts.inputs[i] + accounts.licences[i] + accounts.interest[i] + accounts.tax[i]
        need = max(due + accounts.investment[i] + _buffer(firms, i, laws, usdjpy) - cash, 0.0)
        assets = firms.compute[i] * yen_per_unit + firms.plant[i]
        debt = firms.debt_trn_yen[i] + firms.bonds[i]
        above = max(debt / max(assets + cash, 1e-12) - laws.leverage_target, 0.0)
        share = min(equity_share[role] + laws.leverage_slope * above, 1.0)
        # Owners of clouds and developers put in so much a month, and less when compute stands idle.
        purse = 0.0
        if role > 0:
            idle = 1.0 - firms.utilisation[i] / laws.target_utilisation
            confidence = min(max(1.0 - laws.confidence_slope * idle, 0.0), 1.0)
            purse = laws.call_limit * assets * confidence
        borrowed = min(need - min(need * share, purse), max(laws.leverage_limit * (assets + cash) - debt, 0.0))
        raised = min(need - borrowed, purse)
        bonds[i] = bond_share[i] * borrowed
        missing = max(due + accounts.investment[i] - cash - (raised + borrowed), 0.0)
        cut = min(missing, accounts.own_investment[i])
        accounts.investment[i] -= cut
        accounts.own_investment[i] -= cut
        overdraft = 0.0
        if missing > 0.0:
            # A hair more than the gap, so that rounding of the payments cannot leave cash under zero.
            overdraft = missing - cut + 1e-9 * due + 1e-15
        unpaid[i] = missing > cut + 1e-12
        loans[i] = borrowed - bonds[i] + overdraft
        equity[i] = raised
        total_loans += borrowed - bonds[i]
        total_bonds += bonds[i]
        total_equity += raised
        total_overdrafts += overdraft
    return total_loans, total_bonds, total_equity, total_overdrafts


@njit(cache=True)
def settle_accounts(
    firms: FirmColumns,
    revenue: Array,
    programme: Array,
    plant_volume: Array,
    chip_payments: Array,
    guaranteed: Array,
    cost_share: Array,
    shares: tuple[Array, Array],
    laws: tuple[CostLaws, FinanceLaws],
    levels: CostLevels,
    usdjpy: float,
    yen_per_unit: float,
    table: Array,
    sums: Array,
    loans: Array,
    bonds: Array,
    equity: Array,
    unpaid: NDArray[np.bool_],
) -> tuple[float, float, float, float]:
    """What each row owes this month, and what it raises to pay for it.

    Wears out plant and the book value of compute and uses up tax losses.  A gap is filled by owners' equity, by loans
    and bonds up to the limit, by fewer buildings, then by overdrafts.

    Parameters
    ----------
    firms, laws, levels : the fields of the types named, as plain tuples, which Numba takes in fastest.
    guaranteed : part of each row's debt that the state guarantees.
    cost_share : wages, inputs and licences over expected sales by role, (3, roles).
    shares : owners' part of a gap by role, and the part of borrowing that each row raises in bonds.
    yen_per_unit : what lenders value a unit of compute at, trillion yen.
    table, sums : :class:`Accounts` by row, in the first eight of (rows, n), and their sums, (8,); written.
    loans, bonds, equity : written, (n,).
    unpaid : written; rows that fail to pay without an overdraft.

    Returns
    -------
    Loans without overdrafts, bonds, equity and overdrafts, sums.
    """
    firm, rules = FirmColumns(*firms), FinanceLaws(*laws[1])
    accounts = Accounts(table[0], table[1], table[2], table[3], table[4], table[5], table[6], table[7])
    _plan_month(
        firm,
        accounts,
        revenue,
        programme,
        plant_volume,
        chip_payments,
        guaranteed,
        cost_share,
        CostLaws(*laws[0]),
        CostLevels(*levels),
    )
    raised = _raise_finance(firm, accounts, shares, rules, usdjpy, yen_per_unit, loans, bonds, equity, unpaid)
    for k in range(sums.size):
        sums[k] = 0.0
        for i in range(revenue.size):
            sums[k] += table[k, i]
    return raised


@njit(cache=True)
def split_interest(
    interest: Array, loans: Array, bonds: Array, loan_share: Array, bond_share: Array, by_creditor: Array
) -> None:
    """Write what each row pays each creditor, who have shares of its loans and of its bonds, (creditors, n)."""
    for i in range(interest.size):
        owed = loans[i] + bonds[i]
        per_yen = interest[i] / owed if owed > 0.0 else 0.0
        for c in range(by_creditor.shape[0]):
            by_creditor[c, i] = per_yen * (loan_share[c, i] * loans[i] + bond_share[c, i] * bonds[i])


@njit(cache=True)
def use_surplus(
    columns: FirmColumns, rules: FinanceLaws, usdjpy: float, repaid: Array, dividends: Array
) -> tuple[float, float]:
    """Repay loans out of cash above the buffer; firms without loans pay part of it to their owners.

    Parameters
    ----------
    columns, rules : the fields of the types named, as plain tuples.
    repaid, dividends : written, (n,).

    Returns
    -------
    Repaid and paid out, sums.
    """
    firms, laws = FirmColumns(*columns), FinanceLaws(*rules)
    total_repaid, total_dividends = 0.0, 0.0
    for i in range(repaid.size):
        surplus = max(firms.cash_trn_yen[i] - _buffer(firms, i, laws, usdjpy), 0.0)
        debt = firms.debt_trn_yen[i]
        repaid[i] = min(surplus * laws.repayment_rate, debt)
        payout = (surplus - repaid[i]) * laws.payout_rate if debt - repaid[i] <= 1e-12 else 0.0
        dividends[i] = payout
        total_repaid += repaid[i]
        total_dividends += payout
    return total_repaid, total_dividends


@njit(cache=True)
def programme_activity(
    compute: tuple[Array, Array],
    ai_sales: tuple[Array, Array],
    revenue: Array,
    spending: Array,
    table: Array,
    rows: tuple[int, int, int],
    parts: tuple[float, float],
) -> tuple[float, float, float, float]:
    """Sums over firms of what ``ai_firm_finance.ProgrammeActivity`` is made of.

    Parameters
    ----------
    compute : units of all kinds, and of which bought with programme money.
    ai_sales : at home and abroad.
    revenue : all sales.
    spending : programme money committed this month.
    table, rows : :class:`Accounts` by row, and which of its rows are wages, inputs and tax.
    parts : of programme money for wages and for inputs.

    Returns
    -------
    Programme money, and the parts of own wages, of own inputs and of tax that its compute has.
    """
    money, wages, inputs, tax = 0.0, 0.0, 0.0, 0.0
    for i in range(revenue.size):
        spent, bought = spending[i], compute[1][i]
        money += spent
        if bought <= 0.0:
            continue
        own = bought * (ai_sales[0][i] + ai_sales[1][i]) / max(compute[0][i] * revenue[i], 1e-30)
        wages += own * (table[rows[0], i] - spent * parts[0])
        inputs += own * (table[rows[1], i] - spent * parts[1])
        tax += own * table[rows[2], i]
    return money, wages, inputs, tax
