"""The opening of an economy: published stocks and flows, divided over parties and carried to the start date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from itcho.agents.chip_importers import IMPORTER_POSITIONS
from itcho.agents.investors import trading_capital_shares
from itcho.agents.lazy_agent_set import Column
from itcho.agents.views import ParameterValues
from itcho.agents.vocabulary import (
    AI_FIRM_EQUITY,
    CARRY_TRADERS,
    DEPOSITS,
    FOREIGN_INVESTORS,
    INSTRUMENTS,
    LOANS,
    OFFSHORE_DOLLARS,
    OFFSHORE_YEN,
    OTHER_CLAIMS,
    OTHER_DEBT_SECURITIES,
    SPECULATIVE_TRADERS,
)
from itcho.model.goods.market import BaseFlows
from itcho.model.start_states.loader import StartState

Array = NDArray[np.float64]


def opening_positions(
    state: StartState,
    party_names: list[str],
    importer_columns: Mapping[str, Column],
    labels: NDArray[np.int64],
    label_names: tuple[str, ...],
    carry_book_ratio: float,
) -> Array:
    """Net positions (instruments × parties) at the start: the state's, with AI firms divided over the importers'
    labels and the carry trade (dollars held against yen borrowed, both offshore) in its ratio to the state's.

    The AI firms' cell of each instrument is what the importers' columns add to; what rounding leaves goes to the
    importers' first label, so that every row still adds to zero.
    """
    index = {name: column for column, name in enumerate(party_names)}
    matrix = np.zeros((len(INSTRUMENTS), len(party_names)))
    for row, instrument in enumerate(INSTRUMENTS):
        for party in state.parties:
            if party in index:
                matrix[row, index[party]] += state.position(instrument, party)
        if instrument in (OFFSHORE_DOLLARS, OFFSHORE_YEN):
            matrix[row] *= carry_book_ratio
        held = IMPORTER_POSITIONS.get(instrument)
        if held is None:
            continue
        column, sign = held
        sums = sign * np.bincount(labels, importer_columns[column], len(label_names))
        for label, name in enumerate(label_names):
            matrix[row, index[name]] += sums[label]
    return matrix


def commit_trading_capital(
    matrix: Array, party_names: list[str], investors: int, nominal_gdp_trn_yen: float, parameters: ParameterValues
) -> None:
    """Put what owners abroad have committed to currency traders, claims in yen, on both their balance sheets.

    Parameters
    ----------
    matrix : net positions as :func:`opening_positions` returns them; changed.
    investors : number of members of the population of investors.
    """
    p, column = parameters, {name: place for place, name in enumerate(party_names)}
    book = matrix[INSTRUMENTS.index(OFFSHORE_DOLLARS), column[CARRY_TRADERS]]
    of_carry, of_traders = trading_capital_shares(investors, p)
    committed = {
        CARRY_TRADERS: book * of_carry,
        SPECULATIVE_TRADERS: p.trader_limit_pct_gdp / 100.0 * nominal_gdp_trn_yen * of_traders,
    }
    row = INSTRUMENTS.index(OFFSHORE_YEN)
    for party, capital in committed.items():
        matrix[row, column[party]] += capital
        matrix[row, column[FOREIGN_INVESTORS]] -= capital


def importer_opening(state: StartState) -> dict[str, float]:
    """The AI-firm sector's opening stocks and last year's flows, trillion yen, as the importers' files name them."""

    def flow(name: str, payer: str | None = None, payee: str | None = None) -> float:
        return state.flow(name, payer, payee)

    def held(instrument: str) -> float:
        return state.position(instrument, "ai_firms")

    return {
        "deposits": held(DEPOSITS),
        "loans": -held(LOANS),
        "bonds": -held(OTHER_DEBT_SECURITIES),
        "equity": -held(AI_FIRM_EQUITY),
        "other_claims": held(OTHER_CLAIMS),
        "capital": state.fact("ai_firms_capital_trn_yen"),
        "sales_to_households": flow("consumption", "households", "ai_firms"),
        "sales_to_government": flow("government_consumption", "government", "ai_firms"),
        "sales_to_firms": flow("ai_services_to_firms"),
        "inputs": flow("ai_firms_domestic_inputs"),
        "wages": flow("wages", "ai_firms"),
        "domestic_investment": flow("business_investment", "ai_firms"),
        "chip_imports": flow("imports_chips_servers_by_ai_firms"),
        "licences": flow("imports_cloud_licences_by_ai_firms"),
        "corporate_tax": flow("tax_corporate_central", "ai_firms"),
        "interest": flow("loan_interest", "ai_firms"),
        "support": flow("ai_support"),
    }


def implied_rate(yearly_flow: float, stock: float) -> float:
    """Yearly rate that a flow is on an opening stock; nothing is earned on what is not there."""
    return yearly_flow / stock if stock > 0.0 else 0.0


def month_scale(parameters: ParameterValues) -> float:
    """Factor from a yearly flow of the published fiscal year to the monthly run-rate at the start date."""
    return float(np.exp(parameters.opening_nominal_growth_pct / 100.0 * 0.5)) / 12.0


@dataclass(frozen=True)
class OpeningImports:
    """Yearly imports that other parts of the model pay, to be taken out of the rest, trillion yen."""

    chips_of_other_firms: float
    ai_services: float


def base_flows(
    state: StartState, imports: OpeningImports, disposable_income: float, parameters: ParameterValues
) -> BaseFlows:
    """Monthly run-rates of demand at the start date.

    Chips and computers that other firms import are part of investment and are bought abroad; they add to both sides and
    stand in neither the goods market's investment nor its imports.
    """
    k = month_scale(parameters)
    flow = state.flow
    return BaseFlows(
        consumption=k * flow("consumption"),
        government_consumption=k * flow("government_consumption"),
        public_investment=k * flow("public_investment"),
        housing_investment=k * flow("housing_investment"),
        business_investment=k * (flow("business_investment", "firms") - imports.chips_of_other_firms),
        exports=k * flow("exports"),
        imports=k * (flow("imports") - imports.chips_of_other_firms - imports.ai_services),
        gdp=k * state.gdp_by_expenditure(),
        disposable_income=disposable_income,
        output_gap_pct=parameters.opening_output_gap_pct,
    )
