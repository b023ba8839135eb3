"""Outcomes: what is read off the economy each month, each with its definition, unit and source.

The registry is what tables, documents, views and reports read; a figure that is not here is not an outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from itcho.model.markets.ai_records import AIServicesMonth
from itcho.model.month_records import OutputMonth
from itcho.model.national_wealth import net_foreign_assets
from itcho.model.smallest_effects import SMALLEST_EFFECTS, SmallestEffect
from itcho.model.world import World


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
    read : gives it, at the end of a month.
    """

    name: str
    unit: str
    label: str
    definition: str
    source: str
    decimals: int
    read: Callable[[Observed], float]

    @property
    def smallest_effect(self) -> SmallestEffect:
        """The smallest effect on it that is of interest, and why."""
        return SMALLEST_EFFECTS[self.name]


class Observed(NamedTuple):
    """What outcomes are read from.

    Attributes
    ----------
    world : at the end of the month.
    services : the month of the market for AI services; None at the start.
    output : the month's demand and output; None at the start.
    """

    world: World
    services: AIServicesMonth | None
    output: OutputMonth | None


def _service(name: str) -> Callable[[Observed], float]:
    def read(seen: Observed) -> float:
        return float(getattr(seen.services, name)) if seen.services is not None else float("nan")

    return read


def _growth(seen: Observed) -> float:
    gdp = seen.world.state.real_gdp_history
    return 100.0 * ((gdp[-3] + gdp[-2] + gdp[-1]) / (gdp[-15] + gdp[-14] + gdp[-13]) - 1.0)


def _debt_ratio(seen: Observed) -> float:
    world = seen.world
    return 100.0 * world.treasury.gross_debt_trn_yen(world.ledger) / world.state.nominal_gdp_four_quarters


def _export_volume(seen: Observed) -> float:
    if seen.output is None:
        return 1.0
    goods = seen.world.goods
    price = seen.world.state.export_price * goods.export_margin
    return seen.output.demand.exports / price / goods.base.exports


def _import_volume(seen: Observed) -> float:
    if seen.output is None:
        return 1.0
    return seen.output.demand.imports / seen.world.state.import_price / seen.world.goods.base.imports


def _real_consumption(seen: Observed) -> float:
    if seen.output is None:
        return 12.0 * seen.world.goods.base.consumption
    return 12.0 * seen.output.demand.consumption / seen.world.state.consumer_price


def _corporate_income(seen: Observed) -> float:
    return 12.0 * (seen.world.incomes.profit_base if seen.output is None else seen.world.state.profits)


def _pct_gdp(flows: Iterable[float], world: World) -> float:
    return 100.0 * float(sum(flows)) / world.state.nominal_gdp_four_quarters


def _yield(years: float) -> Callable[[Observed], float]:
    return lambda seen: seen.world.state.yields_pct[years]


def _doubt(seen: Observed) -> float:
    doubt = seen.world.fiscal_doubt
    return 100.0 * (seen.world.parameters.credibility_opening_belief if doubt is None else doubt.belief)


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
            lambda seen: seen.world.state.usdjpy,
        ),
        Outcome(
            "usdjpy_average",
            "yen per USD",
            "USD/JPY, month",
            "Mean of the month's 21 sessions.",
            "Federal Reserve H.10",
            1,
            lambda seen: seen.world.state.usdjpy_average,
        ),
        Outcome(
            "policy_rate_pct",
            "%",
            "Policy rate",
            "The Bank of Japan's target for the overnight rate.",
            "Bank of Japan",
            2,
            lambda seen: seen.world.state.policy_rate_pct,
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
            lambda seen: seen.world.outside.us_policy_rate_pct,
        ),
        Outcome(
            "cpi_yoy_pct",
            "%",
            "CPI inflation",
            "Consumer prices against twelve months before.",
            "Statistics Bureau",
            2,
            lambda seen: seen.world.state.consumer_inflation_pct,
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
            lambda seen: 12.0 * seen.world.state.real_gdp,
        ),
        Outcome(
            "nominal_gdp_trn_yen",
            "trn yen",
            "Nominal GDP",
            "Nominal GDP of the last twelve months.",
            _CABINET,
            1,
            lambda seen: seen.world.state.nominal_gdp_four_quarters,
        ),
        Outcome(
            "output_gap_pct",
            "%",
            "Output gap",
            "Real GDP against potential.",
            "Bank of Japan; Cabinet Office",
            2,
            lambda seen: seen.world.state.output_gap_pct,
        ),
        Outcome(
            "unemployment_pct",
            "%",
            "Unemployment",
            "Unemployed as a share of the labour force.",
            "Statistics Bureau",
            2,
            lambda seen: seen.world.state.unemployment_pct,
        ),
        Outcome(
            "deficit_trn_yen_fy",
            "trn yen",
            "Deficit",
            "Net borrowing of central government with the AI special account, fiscal year to date: spending without "
            "redemption less revenue without bonds.",
            _MOF,
            2,
            lambda seen: seen.world.government.year.deficit,
        ),
        Outcome(
            "primary_balance_trn_yen_fy",
            "trn yen",
            "Primary balance",
            "Central government's balance without debt service, fiscal year to date.",
            _MOF,
            2,
            lambda seen: seen.world.government.year.primary_balance,
        ),
        Outcome(
            "spending_trn_yen_fy",
            "trn yen",
            "Spending",
            "General account, with debt service and supplementary budgets, fiscal year to date.",
            _MOF,
            1,
            lambda seen: seen.world.government.year.total_spending,
        ),
        Outcome(
            "tax_revenue_trn_yen_fy",
            "trn yen",
            "Tax revenue",
            "General account, fiscal year to date.",
            _MOF,
            1,
            lambda seen: seen.world.government.year.tax,
        ),
        Outcome(
            "interest_trn_yen_fy",
            "trn yen",
            "Interest",
            "Interest of the general account as the ladder has it, fiscal year to date.",
            _MOF,
            2,
            lambda seen: seen.world.government.year.interest,
        ),
        Outcome(
            "bond_dependency_pct",
            "%",
            "Bond dependency",
            "New bonds as a share of the general account's spending, fiscal year to date.",
            _MOF,
            1,
            lambda seen: seen.world.government.year.bond_dependency_pct,
        ),
        Outcome(
            "gov_debt_trn_yen",
            "trn yen",
            "Gross debt",
            "General government's gross debt at face.",
            "IMF World Economic Outlook",
            1,
            lambda seen: seen.world.treasury.gross_debt_trn_yen(seen.world.ledger),
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
            lambda seen: float(sum(seen.world.twelve_months.current_account)),
        ),
        Outcome(
            "chip_imports_trn_yen",
            "trn yen",
            "Chip imports",
            "Semiconductors and computers, customs basis, all of Japan, last twelve months.",
            "Ministry of Finance, Trade Statistics",
            2,
            lambda seen: float(sum(seen.world.twelve_months.chip_imports)),
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
            lambda seen: seen.world.government.year.ai_tax,
        ),
        Outcome(
            "programme_cost_trn_yen",
            "trn yen",
            "Programme cost",
            "Programme money paid since the start.",
            "METI",
            3,
            lambda seen: seen.world.government.memory.programme_spent_trn_yen,
        ),
        Outcome(
            "programme_return_trn_yen",
            "trn yen",
            "Programme return",
            "Royalties, fees, equity and repayments, and taxes paid on programme-funded activity, since the start.",
            _OWN,
            3,
            lambda seen: seen.world.government.memory.programme_return_trn_yen,
        ),
        Outcome(
            "softbank_ltv_pct",
            "%",
            "SoftBank LTV",
            "Net debt over holdings net of asset-backed loans, the company's definition.",
            "SoftBank Group",
            1,
            lambda seen: seen.world.softbank_accounts.position.ltv_pct,
        ),
        Outcome(
            "softbank_ltv_with_margin_loans_pct",
            "%",
            "SoftBank LTV with margin loans",
            "With asset-backed loans in debt and holdings gross.",
            "SoftBank Group",
            1,
            lambda seen: seen.world.softbank_accounts.position.ltv_with_margin_loans_pct,
        ),
        Outcome(
            "softbank_equity_index",
            "start = 1",
            "SoftBank shares",
            "Share price of SoftBank Group.",
            "Tokyo Stock Exchange",
            3,
            lambda seen: seen.world.softbank_shares.index,
        ),
        Outcome(
            "japan_equity_index",
            "start = 1",
            "Japanese equity",
            "Prices of Japanese equity.",
            "Nikkei 225; TOPIX",
            3,
            lambda seen: seen.world.state.equity_index,
        ),
        Outcome(
            "approval_pct",
            "%",
            "Approval",
            "Public approval of the government.",
            "opinion polls",
            1,
            lambda seen: seen.world.government.approval_pct,
        ),
        Outcome(
            "fiscal_doubt_pct",
            "%",
            "Doubt about fiscal policy",
            "Investors' belief that fiscal policy is loose; without the credibility channel it stays at its start.",
            "no statistic; see credibility_opening_belief",
            1,
            _doubt,
        ),
        Outcome(
            "net_foreign_assets_trn_yen",
            "trn yen",
            "Net foreign assets",
            "Claims on the rest of the world less debts to it.",
            "Ministry of Finance, international investment position",
            1,
            lambda seen: net_foreign_assets(seen.world.ledger),
        ),
        Outcome(
            "export_volume_index",
            "start = 1",
            "Export volume",
            "Exports of goods and services other than AI services, at start prices; the month against the start's run "
            "rate.",
            _CABINET,
            4,
            _export_volume,
        ),
        Outcome(
            "import_volume_index",
            "start = 1",
            "Import volume",
            "Imports of goods and services other than AI firms' chips and AI services, at start prices; the month "
            "against the start's run rate.",
            _CABINET,
            4,
            _import_volume,
        ),
        Outcome(
            "real_consumption_trn_yen",
            "trn yen a year",
            "Real consumption",
            "Households' consumption of the month at start prices, annualised.",
            _CABINET,
            1,
            _real_consumption,
        ),
        Outcome(
            "corporate_income_trn_yen",
            "trn yen a year",
            "Corporate income",
            "Profits before tax of all firms from what is made in Japan, of the month, annualised; without income from "
            "abroad.",
            "Cabinet Office, national accounts; Ministry of Finance, corporate statistics",
            1,
            _corporate_income,
        ),
        Outcome(
            "consumer_price_index",
            "start = 1",
            "Consumer prices",
            "Level of consumer prices, consumption tax included.",
            "Statistics Bureau",
            4,
            lambda seen: seen.world.state.consumer_price,
        ),
        Outcome(
            "fiscal_balance_pct_gdp",
            "% of GDP",
            "Fiscal balance",
            "Net lending of general government (general account, AI special account, local governments and social "
            "security) over the last twelve months, from the ledger, over their nominal GDP.",
            "Cabinet Office, national accounts; IMF World Economic Outlook",
            2,
            lambda seen: _pct_gdp(seen.world.twelve_months.fiscal_balance, seen.world),
        ),
        Outcome(
            "current_account_pct_gdp",
            "% of GDP",
            "Current account/GDP",
            "Current account of the last twelve months, from the ledger, over their nominal GDP.",
            "Ministry of Finance, balance of payments; Cabinet Office",
            2,
            lambda seen: _pct_gdp(seen.world.twelve_months.current_account, seen.world),
        ),
    )
}
"""All outcomes, in the order of the monthly table."""


_READERS = tuple((name, outcome.read) for name, outcome in OUTCOMES.items())


def observe(
    world: World, services: AIServicesMonth | None = None, output: OutputMonth | None = None
) -> dict[str, float]:
    """Read every outcome off the world as it stands, and off the month's records; there are none at the start."""
    seen = Observed(world, services, output)
    return {name: float(read(seen)) for name, read in _READERS}
