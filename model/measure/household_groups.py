"""Who gains and who pays: ten groups of households, whose incomes, spending and wealth add up to those of all.

A satellite of the ledger: what households were paid, paid and own is split by parts that add up to one
(:mod:`itcho.agents.household_groups`), so that no posting needs ten holders and sums are exact.  Nothing in the economy
depends on it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit
from itcho.agents.household_groups import GroupParts
from itcho.agents.views import ParameterValues
from itcho.agents.vocabulary import (
    FUND_UNITS,
    HOUSEHOLDS,
    JAPANESE_EQUITY,
    LOANS,
    OTHER_FOREIGN_ASSETS,
    SOFTBANK_EQUITY,
    WORLD_EQUITY,
)
from itcho.model.ledger.ledger import Ledger
from itcho.model.measure.national_wealth import household_wealth

Array = NDArray[np.float64]


class HouseholdMonth(NamedTuple):
    """What all households received and paid in a month, trillion yen.

    Attributes
    ----------
    earned : wages, mixed income and rents.
    benefits : in cash.
    property : income from property less interest paid.
    contributions, taxes : to social security; on income and wealth.
    consumption_tax : the central one, which is in the prices of what they buy.
    disposable : what is left, other transfers included.
    spent : on consumption and housing.
    """

    earned: float
    benefits: float
    property: float
    contributions: float
    taxes: float
    consumption_tax: float
    disposable: float
    spent: float


class HouseholdGroups:
    """What the groups earned, spent, own and paid since the start.

    Parameters
    ----------
    parameters : ``household_wealth_spending_rich``, ``household_wealth_spending_others``.
    ledger : at the opening.
    public_debt_trn_yen : at the opening.

    Attributes
    ----------
    wealth : (10,) net financial wealth, trillion yen.
    spent, paid : (10,) since the start, at prices of the start; spending, and taxes with contributions.
    wealth_gain : (10,) revaluation a month as it is remembered over a year, trillion yen.
    """

    def __init__(self, parameters: ParameterValues, ledger: Ledger, public_debt_trn_yen: float) -> None:
        p, self.parts = parameters, GroupParts()
        held = ledger.position
        shares = held(JAPANESE_EQUITY, HOUSEHOLDS) + held(SOFTBANK_EQUITY, HOUSEHOLDS)
        funds = sum(held(name, HOUSEHOLDS) for name in (FUND_UNITS, WORLD_EQUITY, OTHER_FOREIGN_ASSETS))
        debt, self._all = -held(LOANS, HOUSEHOLDS), household_wealth(ledger)
        parts, other = self.parts, self._all - shares - funds + debt
        owned = shares * parts.shares + funds * parts.funds + other * parts.deposits
        self.wealth = owned - debt * parts.debt
        self._owned = owned / owned.sum()
        risky = shares * parts.shares + funds * parts.funds
        self._risky = risky / risky.sum()
        self._out_of_wealth = np.where(
            parts.rich > 0.0, p.household_wealth_spending_rich, p.household_wealth_spending_others
        )
        self.wealth_gain, self.spent, self.paid, self._taxed = np.zeros((4, self.wealth.size))
        self._wealth_start, self._debt_start = self.wealth.copy(), public_debt_trn_yen
        self._price, self._debt = 1.0, public_debt_trn_yen

    def live(self, month: HouseholdMonth, ledger: Ledger, consumer_price: float, public_debt_trn_yen: float) -> None:
        """Split a month among the groups, books closed."""
        parts, now = self.parts, household_wealth(ledger)
        split_month(
            month,
            now - self._all,
            consumer_price,
            (parts.earned, parts.benefits, parts.people, self._owned, self._risky, self._out_of_wealth),
            (self.wealth, self.wealth_gain, self.spent, self.paid, self._taxed),
        )
        self._all, self._price, self._debt = now, consumer_price, public_debt_trn_yen

    @property
    def gains_trn_yen(self) -> Array:
        """What groups have spent since the start and own beyond it, at prices of the start, trillion yen, (10,)."""
        return np.asarray(self.spent + self.wealth / self._price - self._wealth_start)

    @property
    def burdens_trn_yen(self) -> Array:
        """Taxes and contributions paid, with their part of what public debt rose by, at prices of the start, (10,)."""
        return np.asarray(self.paid + self._taxed * (self._debt / self._price - self._debt_start))


@njit(cache=True)
def split_month(
    month: HouseholdMonth,
    richer: float,
    consumer_price: float,
    parts: tuple[Array, Array, Array, Array, Array, Array],
    state: tuple[Array, Array, Array, Array, Array],
) -> None:
    """Split a month of all households among the groups.

    Parameters
    ----------
    month : of all households.
    richer : change of their net financial wealth, trillion yen.
    consumer_price : 1 at the start.
    parts : (groups,) of what is earned, of benefits, of people, of what is owned, of what is at risk, and spending out
        of a yen gained.
    state : (groups,) wealth, remembered gain, spent, paid, and part of taxes; changed.
    """
    earned, _, people, owned, risky, out_of_wealth = parts
    wealth, wealth_gain, spent, paid, taxed = state
    base = 0.0
    for g in range(people.size):
        taxed[g] = month.earned * earned[g] + month.property * owned[g]
        base += taxed[g]
    other = month.disposable - month.earned - month.benefits - month.property + month.contributions + month.taxes
    wishes = 0.0
    for g in range(people.size):
        taxed[g] /= base
        wishes += max(_income(month, other, parts, taxed, g) + out_of_wealth[g] * wealth_gain[g], 0.0)
    revalued = richer - month.disposable + month.spent
    for g in range(people.size):
        income = _income(month, other, parts, taxed, g)
        spending = max(income + out_of_wealth[g] * wealth_gain[g], 0.0) * month.spent / wishes
        wealth[g] += income - spending + revalued * risky[g]
        wealth_gain[g] += (revalued * risky[g] - wealth_gain[g]) / 12.0
        spent[g] += spending / consumer_price
        direct = month.contributions * earned[g] + month.taxes * taxed[g]
        paid[g] += (direct + month.consumption_tax * spending / month.spent) / consumer_price


@njit(cache=True)
def _income(
    month: HouseholdMonth,
    other: float,
    parts: tuple[Array, Array, Array, Array, Array, Array],
    taxed: Array,
    g: int,
) -> float:
    """A group's disposable income, trillion yen."""
    earned, benefits, people, owned = parts[0][g], parts[1][g], parts[2][g], parts[3][g]
    income = month.earned * earned + month.benefits * benefits + month.property * owned + other * people
    return float(income - month.contributions * earned - month.taxes * taxed[g])
