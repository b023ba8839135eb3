"""The AI firms' monthly accounts row by row, in compiled code: what is due, how it is financed, what is left over.

Amounts are trillion yen.  The rules are those of :mod:`model.markets.ai_firm_finance`, which calls these functions and
posts what they decide.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.compiled import njit

Array = NDArray[np.float64]

OTHER_FIRMS, HOUSEHOLD_OWNERS, OWNERS_ABROAD = range(3)
"""Rows of amounts split over owners."""


class FirmColumns(NamedTuple):
    """Columns of the importers that their accounts read and write."""

    role: NDArray[np.int8]
    domestic_control: NDArray[np.bool_]
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
    """One month's flows by row, (n,); what is paid comes first."""

    wages: Array
    inputs: Array
    licences: Array
    interest: Array
    tax: Array
    investment: Array
    own_investment: Array
    profit: Array


class CostLaws(NamedTuple):
    """Scalars of a month's costs.

    Attributes
    ----------
    scale : factor on expected sales that scale economies give.
    for_wages, for_plant, for_inputs : parts of programme money.
    crowding_in : own investment that a yen of programme money brings forth.
    """

    scale: float
    for_wages: float
    for_plant: float
    for_inputs: float
    crowding_in: float
    lending_rate_pct: float
    cpi_index: float
    corporate_tax_rate: float
    chip_life_months: float
    plant_life_months: float


class FinanceLaws(NamedTuple):
    """Scalars of a month's finance; see the parameters ``ai_firm_...`` and ``equity_...``."""

    buffer_months: float
    usdjpy: float
    yen_per_unit: float
    leverage_target: float
    leverage_slope: float
    leverage_limit: float
    target_utilisation: float
    confidence_slope: float
    call_limit: float
    households_share: float
    abroad_share: float


@njit(cache=True)
def plan_month(
    firms: FirmColumns,
    accounts: Accounts,
    revenue: Array,
    programme: Array,
    plant_volume: Array,
    chip_payments: Array,
    guaranteed: Array,
    cost_share: Array,
    laws: CostLaws,
) -> None:
    """What each row owes, before finance; wears out plant and the book value of compute and uses up tax losses.

    Parameters
    ----------
    accounts : written.
    cost_share : wages, inputs and licences over expected sales by role, (3, roles).
    """
    for i in range(revenue.size):
        role, money = firms.role[i], programme[i]
        paid = laws.scale * firms.expected_revenue_trn_yen[i]
        wages = cost_share[0, role] * paid + money * laws.for_wages
        inputs = cost_share[1, role] * paid + money * laws.for_inputs
        licences = cost_share[2, role] * paid
        rate_pct = max(laws.lending_rate_pct + firms.spread_pct[i] * (1.0 - guaranteed[i]), 0.0)
        interest = (firms.debt_trn_yen[i] + firms.bonds[i]) * rate_pct / 1200.0
        own = plant_volume[i] * laws.cpi_index + money * laws.crowding_in
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
        accounts.tax[i] = max(profit - losses, 0.0) * laws.corporate_tax_rate
        accounts.profit[i] = profit
        accounts.investment[i] = own + money * laws.for_plant
        accounts.own_investment[i] = own


@njit(cache=True, no_cpython_wrapper=True)
def _buffer(firms: Any, i: int, laws: Any) -> float:
    """Cash that a firm holds against expected payments, with programme money not yet spent on top."""
    committed = firms.programme_orders_bn_usd[i] * (laws.usdjpy / 1000.0)
    return laws.buffer_months * firms.expected_revenue_trn_yen[i] + firms.earmarked_trn_yen[i] + committed


@njit(cache=True, no_cpython_wrapper=True)
def _split_over_owners(firms: Any, i: int, amount: float, laws: Any, owners: Array) -> None:
    """Write a row's amount by owner: other firms, households, and foreign investors, who own all of foreign firms."""
    home = amount if firms.domestic_control[i] else 0.0
    households = home * laws.households_share
    abroad = amount - home + home * laws.abroad_share
    owners[OTHER_FIRMS, i] = max(amount - households - abroad, 0.0)
    owners[HOUSEHOLD_OWNERS, i] = households
    owners[OWNERS_ABROAD, i] = abroad


@njit(cache=True)
def raise_finance(
    firms: FirmColumns,
    accounts: Accounts,
    equity_share: Array,
    bond_share: Array,
    laws: FinanceLaws,
    loans: Array,
    bonds: Array,
    equity: Array,
    unpaid: NDArray[np.bool_],
) -> tuple[float, float, float, float]:
    """Raise what is missing: owners' equity, loans and bonds up to the limit, fewer buildings, then overdrafts.

    Parameters
    ----------
    accounts : investment is cut where it cannot be paid.
    equity_share : owners' part of a gap by role.
    bond_share : part of borrowing that each row raises in bonds.
    loans, bonds : written, (n,).
    equity : written by owner, (3, n).
    unpaid : written; rows that fail to pay without an overdraft.

    Returns
    -------
    Loans without overdrafts, bonds, equity and overdrafts, sums.
    """
    total_loans, total_bonds, total_equity, total_overdrafts = 0.0, 0.0, 0.0, 0.0
    for i in range(loans.size):
        cash, role = firms.cash_trn_yen[i], firms.role[i]
        due = accounts.wages[i] + accounts.inputs[i] + accounts.licences[i] + accounts.interest[i] + accounts.tax[i]
        need = max(due + accounts.investment[i] + _buffer(firms, i, laws) - cash, 0.0)
        assets = firms.compute[i] * laws.yen_per_unit + firms.plant[i]
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
        _split_over_owners(firms, i, raised, laws, equity)
        total_loans += borrowed - bonds[i]
        total_bonds += bonds[i]
        total_equity += raised
        total_overdrafts += overdraft
    return total_loans, total_bonds, total_equity, total_overdrafts


@njit(cache=True)
def use_surplus(
    firms: FirmColumns, laws: FinanceLaws, repayment_rate: float, payout_rate: float, repaid: Array, dividends: Array
) -> tuple[float, float]:
    """Repay loans out of cash above the buffer; firms without loans pay part of it to their owners.

    Parameters
    ----------
    repaid : written, (n,).
    dividends : written by owner, (3, n).

    Returns
    -------
    Repaid and paid out, sums.
    """
    total_repaid, total_dividends = 0.0, 0.0
    for i in range(repaid.size):
        surplus = max(firms.cash_trn_yen[i] - _buffer(firms, i, laws), 0.0)
        debt = firms.debt_trn_yen[i]
        repaid[i] = min(surplus * repayment_rate, debt)
        payout = (surplus - repaid[i]) * payout_rate if debt - repaid[i] <= 1e-12 else 0.0
        _split_over_owners(firms, i, payout, laws, dividends)
        total_repaid += repaid[i]
        total_dividends += payout
    return total_repaid, total_dividends
