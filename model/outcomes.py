"""Outcomes: what is read off the economy each month, each with its definition, unit and source.

The registry is what tables, documents, views and reports read; a figure that is not here is not an outcome.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from itcho.agents.vocabulary import Sector
from itcho.model.ledger_records import total_of_columns


@dataclass(frozen=True)
class Outcome:
    """One outcome.

    Attributes
    ----------
    name : snake_case with its unit.
    unit : as shown.
    label : short name for people.
    definition : what it is.
    source : the statistic it can be held against.
    decimals : shown in tables.
    read : function of the economy that gives it.
    """

    name: str
    unit: str
    label: str
    definition: str
    source: str
    decimals: int
    read: Callable[[Any], float]


def _service(name: str) -> Callable[[Any], float]:
    def read(economy: Any) -> float:
        return float(getattr(economy.services, name)) if economy.services is not None else float("nan")

    return read


def _growth(economy: Any) -> float:
    gdp = economy.state.real_gdp_history
    return 100.0 * ((gdp[-3] + gdp[-2] + gdp[-1]) / (gdp[-15] + gdp[-14] + gdp[-13]) - 1.0)


def _debt_ratio(economy: Any) -> float:
    return 100.0 * economy.treasury.gross_debt_trn_yen(economy.ledger) / economy.state.nominal_gdp_four_quarters


def _yield(years: float) -> Callable[[Any], float]:
    return lambda economy: economy.state.yields_pct[years]


def _current_account(economy: Any) -> float:
    """Receipts less payments of the rest of the world in the ledger's last month, with the sign turned."""
    history = economy.current_account_history
    if economy.ledger.history and len(economy.ledger.history) != economy.current_account_months:
        abroad = economy.ledger.of_sector(Sector.REST_OF_WORLD)
        history.append(-total_of_columns(economy.ledger.history[-1].current, abroad))
        economy.current_account_months = len(economy.ledger.history)
    return float(sum(history))


def _chip_imports(economy: Any) -> float:
    history = economy.chip_import_history
    if economy.ledger.history and economy.chip_import_months != len(economy.ledger.history):
        history.append(economy.chips.chip_imports_trn_yen)
        economy.chip_import_months = len(economy.ledger.history)
    return float(sum(history))


_MOF = "Ministry of Finance"
_CABINET = "Cabinet Office, quarterly GDP (2020 base)"
_OWN = "model definition; no official statistic"

OUTCOMES: dict[str, Outcome] = {
    outcome.name: outcome
    for outcome in (
        Outcome(
            "usdjpy",
            "yen per USD",
            "USD/JPY",
            "Yen per dollar at the month's last session; up is a weaker yen.",
            "Federal Reserve H.10",
            1,
            lambda e: e.state.usdjpy,
        ),
        Outcome(
            "usdjpy_average",
            "yen per USD",
            "USD/JPY, month",
            "Mean of the month's 21 sessions.",
            "Federal Reserve H.10",
            1,
            lambda e: e.state.usdjpy_average,
        ),
        Outcome(
            "policy_rate_pct",
            "%",
            "Policy rate",
            "The Bank of Japan's target for the overnight rate.",
            "Bank of Japan",
            2,
            lambda e: e.state.policy_rate_pct,
        ),
        Outcome("jgb_2y_pct", "%", "2-year yield", "Yield of JGBs of two years.", _MOF, 2, _yield(2.0)),
        Outcome("jgb_5y_pct", "%", "5-year yield", "Yield of JGBs of five years.", _MOF, 2, _yield(5.0)),
        Outcome(
            "jgb_10y_pct",
            "%",
            "10-year yield",
            "Expected policy path plus the premium that clears the market.",
            _MOF,
            2,
            _yield(10.0),
        ),
        Outcome("jgb_30y_pct", "%", "30-year yield", "Yield of JGBs of thirty years.", _MOF, 2, _yield(30.0)),
        Outcome(
            "us_policy_rate_pct",
            "%",
            "US policy rate",
            "Federal funds rate; exogenous.",
            "Federal Reserve H.15",
            2,
            lambda e: e.outside.us_policy_rate_pct,
        ),
        Outcome(
            "cpi_yoy_pct",
            "%",
            "CPI inflation",
            "Consumer prices against twelve months before.",
            "Statistics Bureau",
            2,
            lambda e: e.state.consumer_inflation_pct,
        ),
        Outcome(
            "real_gdp_growth_pct",
            "%",
            "Real growth",
            "Real GDP of three months against the same months a year before.",
            _CABINET,
            2,
            _growth,
        ),
        Outcome(
            "real_gdp_trn_yen",
            "trn yen a year",
            "Real GDP",
            "Real GDP of the month at start prices, annualised.",
            _CABINET,
            1,
            lambda e: 12.0 * e.state.real_gdp,
        ),
        Outcome(
            "nominal_gdp_trn_yen",
            "trn yen",
            "Nominal GDP",
            "Nominal GDP of the last twelve months.",
            _CABINET,
            1,
            lambda e: e.state.nominal_gdp_four_quarters,
        ),
        Outcome(
            "output_gap_pct",
            "%",
            "Output gap",
            "Real GDP against potential.",
            "Bank of Japan; Cabinet Office",
            2,
            lambda e: e.state.output_gap_pct,
        ),
        Outcome(
            "unemployment_pct",
            "%",
            "Unemployment",
            "Unemployed as a share of the labour force.",
            "Statistics Bureau",
            2,
            lambda e: e.state.unemployment_pct,
        ),
        Outcome(
            "deficit_trn_yen_fy",
            "trn yen",
            "Deficit",
            "Net borrowing of central government with the AI special account, fiscal year to date: spending without "
            "redemption less revenue without bonds.",
            _MOF,
            2,
            lambda e: e.government.year.deficit,
        ),
        Outcome(
            "primary_balance_trn_yen_fy",
            "trn yen",
            "Primary balance",
            "Central government's balance without debt service, fiscal year to date.",
            _MOF,
            2,
            lambda e: e.government.year.primary_balance,
        ),
        Outcome(
            "spending_trn_yen_fy",
            "trn yen",
            "Spending",
            "General account, with debt service and supplementary budgets, fiscal year to date.",
            _MOF,
            1,
            lambda e: e.government.year.total_spending,
        ),
        Outcome(
            "tax_revenue_trn_yen_fy",
            "trn yen",
            "Tax revenue",
            "General account, fiscal year to date.",
            _MOF,
            1,
            lambda e: e.government.year.tax,
        ),
        Outcome(
            "interest_trn_yen_fy",
            "trn yen",
            "Interest",
            "Interest of the general account as the ladder has it, fiscal year to date.",
            _MOF,
            2,
            lambda e: e.government.year.interest,
        ),
        Outcome(
            "bond_dependency_pct",
            "%",
            "Bond dependency",
            "New bonds as a share of the general account's spending, fiscal year to date.",
            _MOF,
            1,
            lambda e: e.government.year.bond_dependency_pct,
        ),
        Outcome(
            "gov_debt_trn_yen",
            "trn yen",
            "Gross debt",
            "General government's gross debt at face.",
            "IMF World Economic Outlook",
            1,
            lambda e: e.treasury.gross_debt_trn_yen(e.ledger),
        ),
        Outcome(
            "gov_debt_to_gdp_pct",
            "%",
            "Debt/GDP",
            "Gross debt at face over the last four quarters' nominal GDP "
            "(2020 base; the former base gives ratios about 4.7% higher).",
            "IMF World Economic Outlook",
            1,
            _debt_ratio,
        ),
        Outcome(
            "current_account_trn_yen",
            "trn yen",
            "Current account",
            "Last twelve months, from the ledger.",
            "Ministry of Finance, balance of payments",
            1,
            _current_account,
        ),
        Outcome(
            "chip_imports_trn_yen",
            "trn yen",
            "Chip imports",
            "Semiconductors and computers, customs basis, all of Japan, last twelve months.",
            "Ministry of Finance, Trade Statistics",
            2,
            _chip_imports,
        ),
        Outcome(
            "domestic_ai_share_home_pct",
            "%",
            "Domestic AI share",
            "Of what users in Japan pay for model-layer AI "
            "services (12 months), the part that goes to developers controlled in Japan.",
            _OWN,
            1,
            _service("domestic_ai_share_home_pct"),
        ),
        Outcome(
            "domestic_ai_share_home_cloud_pct",
            "%",
            "Domestic share, cloud",
            "The same for the cloud layer.",
            "JFTC on cloud services",
            1,
            _service("domestic_ai_share_home_cloud_pct"),
        ),
        Outcome(
            "domestic_ai_share_home_applications_pct",
            "%",
            "Domestic share, applications",
            "The same for applications.",
            _OWN,
            1,
            _service("domestic_ai_share_home_applications_pct"),
        ),
        Outcome(
            "japan_share_global_ai_pct",
            "%",
            "World share",
            "Revenue at home and abroad of suppliers controlled in "
            "Japan, all layers, over world AI spending (IDC boundary).",
            "IDC",
            2,
            _service("japan_share_global_ai_pct"),
        ),
        Outcome(
            "japan_share_global_ai_spending_pct",
            "%",
            "Share of world spending",
            "AI spending in Japan over world AI spending (IDC boundary).",
            "IDC",
            2,
            _service("japan_share_global_ai_spending_pct"),
        ),
        Outcome(
            "adoption_pct",
            "%",
            "Firms using AI",
            "Weighted share of firms that use AI.",
            "MIC White Paper",
            1,
            _service("adoption_pct"),
        ),
        Outcome(
            "deep_adoption_pct",
            "%",
            "Deep adoption",
            "Weighted share of firms' activity run on AI.",
            "OECD",
            1,
            _service("deep_adoption_pct"),
        ),
        Outcome(
            "genai_individual_use_pct",
            "%",
            "People using AI",
            "Individuals who have used generative AI.",
            "MIC White Paper",
            1,
            _service("genai_individual_use_pct"),
        ),
        Outcome(
            "productivity_gain_pct",
            "%",
            "AI productivity",
            "Level of labour productivity from AI against the start.",
            "OECD AI papers 29 and 41",
            2,
            _service("productivity_gain_pct"),
        ),
        Outcome(
            "ai_service_exports_trn_yen",
            "trn yen",
            "AI exports",
            "AI services sold abroad by developers in Japan, last twelve months.",
            _OWN,
            3,
            _service("ai_service_exports_trn_yen"),
        ),
        Outcome(
            "ai_tax_revenue_trn_yen_fy",
            "trn yen",
            "AI taxes",
            "All taxes on value added of the AI layers, fiscal year to date.",
            _OWN,
            2,
            lambda e: e.government.year.ai_tax,
        ),
        Outcome(
            "programme_cost_trn_yen",
            "trn yen",
            "Programme cost",
            "Programme money paid since the start.",
            "METI",
            3,
            lambda e: e.government.memory.programme_spent_trn_yen,
        ),
        Outcome(
            "programme_return_trn_yen",
            "trn yen",
            "Programme return",
            "Royalties, fees, equity and repayments, and taxes on programme-funded activity, since the start.",
            _OWN,
            3,
            lambda e: e.programme_return_trn_yen,
        ),
        Outcome(
            "softbank_ltv_pct",
            "%",
            "SoftBank LTV",
            "Net debt over holdings net of asset-backed loans, the company's definition.",
            "SoftBank Group",
            1,
            lambda e: e.softbank_position.ltv_pct,
        ),
        Outcome(
            "softbank_ltv_with_margin_loans_pct",
            "%",
            "SoftBank LTV with margin loans",
            "With asset-backed loans in debt and holdings gross.",
            "SoftBank Group",
            1,
            lambda e: e.softbank_position.ltv_with_margin_loans_pct,
        ),
        Outcome(
            "softbank_equity_index",
            "start = 1",
            "SoftBank shares",
            "Share price of SoftBank Group.",
            "Tokyo Stock Exchange",
            3,
            lambda e: e.softbank_index,
        ),
        Outcome(
            "japan_equity_index",
            "start = 1",
            "Japanese equity",
            "Prices of Japanese equity.",
            "Nikkei 225; TOPIX",
            3,
            lambda e: e.state.equity_index,
        ),
        Outcome(
            "approval_pct",
            "%",
            "Approval",
            "Public approval of the government.",
            "opinion polls",
            1,
            lambda e: e.government.approval_pct,
        ),
        Outcome(
            "fiscal_doubt_pct",
            "%",
            "Doubt about fiscal policy",
            "Investors' belief that fiscal policy is loose; without the credibility channel it stays at its start.",
            "no statistic; see credibility_opening_belief",
            1,
            lambda e: (
                100.0 * (e.parameters.credibility_opening_belief if e.fiscal_doubt is None else e.fiscal_doubt.belief)
            ),
        ),
        Outcome(
            "net_foreign_assets_trn_yen",
            "trn yen",
            "Net foreign assets",
            "Claims on the rest of the world less debts to it.",
            "Ministry of Finance, international investment position",
            1,
            lambda e: e.net_foreign_assets(),
        ),
    )
}
"""All outcomes, in the order of the monthly table."""


_READERS = tuple((name, outcome.read) for name, outcome in OUTCOMES.items())


def observe(economy: Any) -> dict[str, float]:
    """Read every outcome off the economy as it stands."""
    return {name: float(read(economy)) for name, read in _READERS}
