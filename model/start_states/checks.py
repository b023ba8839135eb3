"""Does a start state close?  A residual at the start compounds at the interest rate, so none is let through."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from itcho.agents.errors import InputError
from itcho.agents.vocabulary import INSTRUMENTS
from itcho.model.start_states.files import available, read_start_state
from itcho.model.start_states.start_state import FLOW_SECTORS, MARKET, SECTOR_OF_PARTY, StartState
from itcho.model.start_states.units import gdp_base_mistakes, unit_mistakes

STOCK_TOLERANCE_TRN_YEN = 1e-11
"""Stocks must close to the last bits of a double (positions reach 1,800)."""
FLOW_TOLERANCE_TRN_YEN = 1e-3
"""Published flows are rounded to the fourth decimal."""
GDP_TOLERANCE_TRN_YEN = 0.01
POSITIVE_FACTS = ("usdjpy", "nominal_gdp_trn_yen_fy", "gov_gross_debt_trn_yen", "jgb_average_coupon_pct")
NEEDED_FACTS = (
    *POSITIVE_FACTS,
    "gdp_base_year",
    "policy_rate_pct",
    "treasury_bill_pct",
    "jgb_2y_pct",
    "jgb_5y_pct",
    "jgb_10y_pct",
    "jgb_20y_pct",
    "jgb_30y_pct",
    "jgb_40y_pct",
    "us_policy_rate_pct",
    "us_10y_pct",
    "cpi_inflation_yoy_pct",
    "unemployment_rate_pct",
    "semiconductor_imports_trn_yen_fy",
    "computer_imports_trn_yen_fy",
    "budget_spending_trn_yen",
    "budget_social_security_trn_yen",
    "budget_local_allocation_trn_yen",
    "budget_defence_trn_yen",
    "budget_debt_service_trn_yen",
    "budget_redemption_trn_yen",
    "budget_new_bonds_trn_yen",
    "budget_other_revenue_trn_yen",
    "jgb_ordinary_market_value_trn_yen",
    "jgb_fiscal_loan_fund_market_value_trn_yen",
    "boj_jgb_purchases_monthly_trn_yen",
    "boj_remittance_trn_yen_fy",
    "softbank_market_value_trn_yen",
    "softbank_holding_arm_trn_yen",
    "softbank_holding_t_mobile_and_deutsche_telekom_trn_yen",
    "softbank_debt_margin_loan_on_arm_trn_yen",
    "softbank_debt_loan_on_softbank_corp_shares_trn_yen",
    "ai_firms_capital_trn_yen",
    "ai_programme_total_trn_yen",
)
"""Facts that an economy, a shock or a hindcast reads; others are for people."""


class InconsistentStartState(InputError):  # noqa: N818
    """A start state whose accounts do not add up; each message names the residual, the row and the sector."""


@dataclass(frozen=True, slots=True)
class Residual:
    """One identity of a start state.

    Attributes
    ----------
    identity : what should be zero.
    row : the row of the accounts.
    sector : the sector to look at first (the one with the largest cell), or all.
    party : likewise the party, if the row is one of stocks.
    residual_trn_yen : what is left over.
    tolerance_trn_yen : what rounding may leave.
    """

    identity: str
    row: str
    sector: str
    party: str
    residual_trn_yen: float
    tolerance_trn_yen: float

    @property
    def closes(self) -> bool:
        """Whether what is left is within rounding.  A residual that is not a number does not close."""
        return abs(self.residual_trn_yen) <= self.tolerance_trn_yen

    def __str__(self) -> str:
        where = f"{self.sector} ({self.party})" if self.party and self.party != self.sector else self.sector
        return f"{self.identity}: row {self.row} leaves {self.residual_trn_yen:.6g} trn yen; largest cell: {where}"


def check(state: StartState) -> list[Residual]:
    """All identities of a start state with what they leave over; ``.closes`` tells which hold.

    Instruments (assets = liabilities), net worth over sectors, current and financial flows by row and by sector, GDP by
    expenditure against the published figure, and facts that are missing (a residual that is not a number).
    """
    return [*_stocks(state), *_flow_rows(state), *_flow_columns(state), *_gdp(state), *_facts(state)]


def check_units(state: StartState) -> list[str]:
    """Figures that are likely to be in another unit than the model reads; see :mod:`itcho.model.start_states.units`.

    They are held against the packaged state that is nearest in time.
    """
    nearest = min(_packaged_states(), key=lambda one: abs(one.date - state.date))
    return [*gdp_base_mistakes(state), *unit_mistakes(state, nearest)]


@cache
def _packaged_states() -> tuple[StartState, ...]:
    """The states that come with the package, read once in a process: many runs begin from states of other dates."""
    return tuple(map(read_start_state, available()))


def require_consistent(state: StartState) -> None:
    """Raise InconsistentStartState, listing every identity that fails and every figure in a wrong unit."""
    open_rows = [str(residual) for residual in check(state) if not residual.closes] + check_units(state)
    if open_rows:
        raise InconsistentStartState([f"start state {state.name}: {text}" for text in open_rows])


def _stocks(state: StartState) -> list[Residual]:
    found = []
    for row, instrument in enumerate(INSTRUMENTS):
        cells = state.positions[row]
        party = state.parties[int(np.argmax(np.abs(cells)))]
        left = math.fsum(cells)
        found.append(
            Residual("assets = liabilities", instrument, SECTOR_OF_PARTY[party], party, left, STOCK_TOLERANCE_TRN_YEN)
        )
    worth = {party: state.net_worth(party) for party in state.parties}
    largest = max(worth, key=lambda party: abs(worth[party]))
    total = math.fsum(worth.values())
    # One tolerance for each instrument: the sum of net worth holds all their roundings.
    tolerance = len(INSTRUMENTS) * STOCK_TOLERANCE_TRN_YEN
    found.append(Residual("net worth adds to zero", "net_worth", SECTOR_OF_PARTY[largest], largest, total, tolerance))
    return found


def _flow_rows(state: StartState) -> list[Residual]:
    """Financial rows: what some buy, others sell; net lending of all sectors adds to zero."""
    found = []
    names = sorted({row.flow for row in state.flows if row.payee == MARKET or row.flow.startswith("balance.")})
    for name in names:
        rows = [row for row in state.flows if row.flow == name]
        largest = max(rows, key=lambda row: abs(row.value_trn_yen)).payer
        left = math.fsum(row.value_trn_yen for row in rows)
        found.append(Residual("flows add to zero", name, largest, "", left, FLOW_TOLERANCE_TRN_YEN))
    return found


def _flow_columns(state: StartState) -> list[Residual]:
    """Each sector: receipts less payments = net lending = net acquisition of claims."""
    found = []
    for sector in FLOW_SECTORS:
        current = [row for row in state.flows if row.flow.startswith("current.")]
        saved = math.fsum(row.value_trn_yen for row in current if row.payee == sector) - math.fsum(
            row.value_trn_yen for row in current if row.payer == sector
        )
        financed = math.fsum(row.value_trn_yen for row in state.flows if row.payee == MARKET and row.payer == sector)
        lending = state.net_lending(sector)
        for identity, value in (("receipts less payments = net lending", saved), ("claims = net lending", financed)):
            found.append(Residual(identity, "net_lending", sector, "", value - lending, FLOW_TOLERANCE_TRN_YEN))
    return found


def _gdp(state: StartState) -> list[Residual]:
    try:
        left = state.gdp_by_expenditure() - state.fact("nominal_gdp_trn_yen_fy")
    except InputError:
        left = math.nan
    identity = "GDP by expenditure = published"
    return [Residual(identity, "nominal_gdp_trn_yen_fy", "all", "", left, GDP_TOLERANCE_TRN_YEN)]


def _facts(state: StartState) -> list[Residual]:
    """Facts that are needed and missing, and facts that must be positive and are not."""
    wrong = [name for name in NEEDED_FACTS if name not in state.facts]
    wrong += [name for name in POSITIVE_FACTS if name in state.facts and not state.facts[name].value > 0.0]
    return [Residual("fact is missing or not positive", name, "all", "", math.nan, 0.0) for name in wrong]
