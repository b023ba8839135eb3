"""Facts of a date: prices of its last day, the budget, debts and books; and constants as they stood."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import pandas as pd

from itcho.agents.errors import InputError
from itcho.experiments.data.origin_data import OriginData
from itcho.experiments.openings.flows import Flows, PublishedFlows
from itcho.experiments.openings.judged import JudgedTables, first_poll, initial_budget, last_poll
from itcho.experiments.openings.output_gap import output_gap, published_quarters
from itcho.experiments.openings.past_prices import past_consumer_prices_pct
from itcho.experiments.openings.stocks import PublishedStocks
from itcho.model.parameters import Parameters
from itcho.model.parameters.registry import registry
from itcho.model.start_states.start_state import Constant, Fact

YIELDS = {2: "jgb_2y", 5: "jgb_5y", 10: "jgb_10y", 20: "jgb_20y", 30: "jgb_30y", 40: "jgb_40y"}
_ZERO_WITHOUT_AI = ("softbank_", "ai_", "japan_ai_", "genai_")
_FISCAL_QUARTERS = 4
_ELECTION_YEAR, _ELECTION_MONTH, _YEARS_BETWEEN = 2013, 7, 3
LAW_OF_THE_CONSUMPTION_TAX = {5.0: 4.0, 8.0: 6.3, 10.0: 7.8}
"""The national part of the consumption tax at each rate of the law, percent."""
TAX_IN_PRICES_PP = {"2014-04-01": 2.0, "2019-10-01": 0.4}
"""What steps of the consumption tax added to inflation of the twelve months from then (Bank of Japan Outlook Reports,
from memory; that of 2019 net of free education)."""
YEN_AMOUNTS = (
    "household_jgb_purchases_trn_yen_year",
    "household_borrowing_trn_yen_year",
    "firm_borrowing_trn_yen_year",
    "foreign_borrowing_trn_yen_year",
    "public_pension_saving_trn_yen_year",
    "household_insurance_saving_trn_yen_year",
    "household_equity_purchases_trn_yen_year",
    "firm_buybacks_trn_yen_year",
    "insurer_equity_purchases_trn_yen_year",
    "fund_equity_purchases_trn_yen_year",
    "bank_equity_purchases_trn_yen_year",
    "fx_reserve_income_transfer_trn_yen_year",
    "treasury_cash_floor_trn_yen",
    "reserve_floor_trn_yen",
)
"""Parameters in yen of fiscal year 2025: other dates have them in proportion to gross domestic product."""
PURCHASES = {
    "household_borrowing_trn_yen_year": ("financial.loans", ("households", "nonprofits"), -1.0),
    "firm_borrowing_trn_yen_year": ("financial.loans", ("firms",), -1.0),
    "foreign_borrowing_trn_yen_year": ("financial.loans", ("rest_of_world",), -1.0),
    "household_jgb_purchases_trn_yen_year": ("financial.jgb", ("households", "nonprofits", "firms"), 1.0),
    "household_equity_purchases_trn_yen_year": ("financial.equity", ("households", "nonprofits"), 1.0),
    "firm_buybacks_trn_yen_year": ("financial.equity", ("firms",), 1.0),
    "boj_fund_sales_trn_yen_year": ("financial.fund_and_insurance_claims", ("bank_of_japan",), -1.0),
}
"""Of those, what the flow of funds shows: the mean of the last years is read where the folder has years that join."""
_MEAN_OF_YEARS = 3
_RESERVES_NEEDED_SHARE = 0.9
_SOURCE = "Cabinet Office and Bank of Japan, computed"


class _Add(Protocol):
    """Adds a constant."""

    def __call__(
        self, name: str, value: float, basis: str, publisher: str, low: float = ..., high: float = ...
    ) -> None: ...


@dataclass
class _Facts:
    """Facts by name, in the order in which they are added."""

    found: dict[str, Fact] = field(default_factory=dict)

    def add(self, name: str, value: float, unit: str, publisher: str) -> None:
        """Add a fact, or put another value in its place."""
        self.found[name] = Fact(name, round(value, 6) + 0.0, unit, publisher)


class Constants:
    """Constants of the origin as the folder has them."""

    def __init__(self, data: OriginData) -> None:
        self.where = f"dated_constants.csv, origin {data.origin}"
        columns = ["name", "value", "low", "high", "basis", "source", "vintage"]
        self.rows = {
            str(name): (float(value), float(low), float(high), str(basis), str(source), str(vintage))
            for name, value, low, high, basis, source, vintage in data.constants[columns].itertuples(index=False)
        }

    def get(self, name: str) -> float | None:
        """A value; None if it is not there or was not known."""
        value = self.rows[name][0] if name in self.rows else math.nan
        return value if math.isfinite(value) else None

    def need(self, name: str) -> float:
        """A value that a start state cannot do without.  Raises InputError."""
        value = self.get(name)
        if value is None:
            raise InputError(f"{self.where}: {name!r} is missing")
        return value

    def source(self, name: str) -> str:
        """Who published it."""
        return self.rows[name][4]

    def mistakes(self) -> list[str]:
        """What is missing that a start state cannot do without."""
        return [f"{self.where}: {name!r} is missing" for name in NEEDED_CONSTANTS if self.get(name) is None]


NEEDED_CONSTANTS = (
    "policy_rate_target_pct",
    "cpi_inflation_yoy_pct",
    "budget_initial_spending_trn_yen",
    "budget_initial_tax_trn_yen",
    "budget_initial_new_bonds_trn_yen",
    "consumption_tax_rate_pct",
    "effective_lower_bound_pct",
    "us_neutral_rate_pct",
    "real_growth_last_4q_pct",
    "nominal_growth_last_4q_pct",
    "potential_growth_boj_statement_pct",
    "labour_force_growth_trailing10y_pct",
    "real_short_rate_trailing40q_pct",
    "cpi_inflation_trailing40q_pct",
    "government_real_growth_trailing20q_pct",
    "market.us_policy_rate_last_month",
)
NEEDED_PRICES = (
    "usdjpy_eoq",
    "us_10y_yield_eoq",
    "nikkei225_eoq",
    "jgb_1y_yield_eoq",
    *(f"{name}_yield_eoq" for years, name in YIELDS.items() if years != 40),
)


def last_prices(data: OriginData) -> Mapping[str, float]:
    """Series of the quarter that ends on the origin, by name."""
    quarter = pd.Period(data.origin, freq="Q").start_time.date().isoformat()
    rows = data.quarterly[data.quarterly["date"] == quarter]
    return {str(name): float(value) for name, value in rows[["series", "value"]].itertuples(index=False)}


def price_mistakes(data: OriginData) -> list[str]:
    """Prices of the last day that are missing."""
    prices = last_prices(data)
    return [
        f"quarterly_long.csv: no {name!r} for the quarter that ends on {data.origin}"
        for name in NEEDED_PRICES
        if name not in prices
    ]


def curve_pct(prices: Mapping[str, float], policy_rate_pct: float) -> list[float]:
    """Yields of the day at the knots of the curve: bills, and bonds of two to forty years.

    Bills lie between the policy rate and the one-year yield; forty-year bonds have been sold since November 2007.
    """
    bill = 0.5 * (policy_rate_pct + prices["jgb_1y_yield_eoq"])
    longest = prices["jgb_30y_yield_eoq"]
    return [bill, *(prices.get(f"{name}_yield_eoq", longest) for name in YIELDS.values())]


def make_facts(
    data: OriginData, stocks: PublishedStocks, published: PublishedFlows, flows: Flows, judged: JudgedTables
) -> dict[str, Fact]:
    """All facts of a date.

    Facts that no table has are those judged for the same date, if it is one of the judged dates.

    Raises
    ------
    InputError : a figure is missing.
    """
    facts, constants, prices = _Facts(), Constants(data), last_prices(data)
    judged_here = judged.of == data.origin.isoformat()
    for name, (value, unit, publisher) in judged.facts.items():
        without = name.startswith(_ZERO_WITHOUT_AI)
        if judged_here or (without and judged.has_ai):
            facts.add(name, value, unit, publisher)
        elif without:
            facts.add(name, 0.0, unit, "inside other firms before 2024; nobody used AI")
    _prices(facts, constants, prices, data.origin, judged_here)
    for quarters, pct in enumerate(past_consumer_prices_pct(data), start=1):
        facts.add(f"consumer_prices_{quarters}_quarters_before_pct", pct, "pct", "Statistics Bureau, season taken out")
    _economy(facts, constants, data, published, judged, judged_here)
    _budget(facts, constants, data, published, stocks, judged_here)
    _debts(facts, data, stocks)
    lending = next(
        row.value_trn_yen for row in flows.rows if row.flow == "balance.net_lending" and row.payer == "government"
    )
    facts.add("general_government_net_lending_trn_yen_fy", lending, "trn_yen", "Bank of Japan, Flow of Funds")
    facts.add("boj_remittance_trn_yen_fy", flows.value("current.boj_remittance"), "trn_yen", "as in the flows")
    if "boj_jgb_purchases" in prices:
        monthly = prices["boj_jgb_purchases"] / 3000.0
        facts.add("boj_jgb_purchases_monthly_trn_yen", monthly, "trn_yen_per_month", "Bank of Japan operations")
    elif not judged_here:
        monthly = constants.need("boj_jgb_purchase_guide_trn_yen_a_year") / 12.0
        source = constants.source("boj_jgb_purchase_guide_trn_yen_a_year")
        facts.add("boj_jgb_purchases_monthly_trn_yen", monthly, "trn_yen_per_month", source)
    return facts.found


def _prices(facts: _Facts, constants: Constants, prices: Mapping[str, float], origin: date, judged_here: bool) -> None:
    rate = constants.need("policy_rate_target_pct")
    facts.add("usdjpy", prices["usdjpy_eoq"], "yen_per_usd", "Federal Reserve H.10, last trading day")
    facts.add("policy_rate_pct", rate, "pct", "Bank of Japan")
    bill, *yields = curve_pct(prices, rate)
    facts.add("treasury_bill_pct", bill, "pct", "between the policy rate and the one-year yield; judged")
    for years, value in zip(YIELDS, yields, strict=True):
        facts.add(f"jgb_{years}y_pct", value, "pct", "Ministry of Finance, last trading day")
    us_rate = constants.need("market.us_policy_rate_last_month")
    facts.add("us_policy_rate_pct", us_rate, "pct", "Federal Reserve H.15, mean of the last month")
    facts.add("us_10y_pct", prices["us_10y_yield_eoq"], "pct", "Yahoo Finance, last trading day")
    facts.add("nikkei225", prices["nikkei225_eoq"], "index", "Nikkei, last trading day")
    facts.add("cpi_inflation_yoy_pct", constants.need("cpi_inflation_yoy_pct"), "pct", "Statistics Bureau")
    if "cpi_core_ex_fresh_yoy" in prices:
        facts.add("core_cpi_inflation_yoy_pct", prices["cpi_core_ex_fresh_yoy"], "pct", "Statistics Bureau")
    core: float | None = prices.get("cpi_ex_fresh_energy_yoy", prices.get("cpi_core_ex_fresh_yoy"))
    if core is None and judged_here:
        core = facts.found["core_cpi_inflation_yoy_pct"].value
    if core is not None:
        taxed = math.fsum(
            points for day, points in TAX_IN_PRICES_PP.items() if 0 < (origin - date.fromisoformat(day)).days <= 365
        )
        facts.add(
            "underlying_inflation_pct", core - taxed, "pct", "Statistics Bureau; steps of the consumption tax taken out"
        )
    if "unemployment_rate" in prices:
        facts.add("unemployment_rate_pct", prices["unemployment_rate"], "pct", "Statistics Bureau, last quarter")
    elif (unemployment := constants.get("unemployment_rate_pct")) is not None:
        facts.add("unemployment_rate_pct", unemployment, "pct", "Statistics Bureau, fourth quarter before")
    elif not judged_here:
        raise InputError(f"{constants.where}: 'unemployment_rate_pct' is missing")


def _economy(
    facts: _Facts,
    constants: Constants,
    data: OriginData,
    published: PublishedFlows,
    judged: JudgedTables,
    judged_here: bool,
) -> None:
    gdp = published.total("gdp.gdp")
    facts.add("gdp_base_year", 2020.0, "year", "Cabinet Office, system of national accounts")
    vintage = constants.rows["real_growth_last_4q_pct"][5].replace("-", "")
    facts.add("gdp_vintage_year_month", float(vintage or 0), "yyyymm", "Cabinet Office, quarterly estimates")
    facts.add("nominal_gdp_trn_yen_fy", gdp, "trn_yen", published.source("gdp.gdp"))
    if (net := published.get("net_income_from_abroad")) is not None:
        facts.add("net_income_from_abroad_trn_yen_fy", net, "trn_yen", published.source("net_income_from_abroad"))
    if (current := published.get("bop.current_account")) is not None:
        facts.add("current_account_trn_yen_fy", current, "trn_yen", published.source("bop.current_account"))
    for name, low_high in (("real", "real_growth_last_4q_pct"), ("nominal", "nominal_growth_last_4q_pct")):
        value = constants.need(low_high)
        facts.add(f"{name}_gdp_growth_last_four_quarters_pct", value, "pct", constants.source(low_high))
    imports = _fiscal_year(data, "customs_imports")
    kinds = {"semiconductor": "imports_semiconductors_etc", "computer": "imports_computers"}
    for kind, series in kinds.items():
        fact = f"{kind}_imports_trn_yen_fy"
        bought = _fiscal_year(data, series)
        if bought is not None:
            facts.add(fact, bought, "trn_yen", "Ministry of Finance, Trade Statistics")
        elif not judged_here:
            share = judged.facts[fact][0] / judged.facts["customs_imports_trn_yen_fy"][0]
            base = imports if imports is not None else published.total("gdp.imports")
            facts.add(fact, share * base, "trn_yen", f"judged: its share of all imports in {judged.of[:4]}")
    if imports is not None:
        facts.add("customs_imports_trn_yen_fy", imports, "trn_yen", "Ministry of Finance, Trade Statistics")


def _fiscal_year(data: OriginData, series: str) -> float | None:
    """Sum of the four quarters to the origin, trillion yen; None if one is missing."""
    rows = data.quarterly[data.quarterly["series"] == series]
    if rows.empty:
        return None
    last = pd.Period(data.origin, freq="Q")
    quarters = data.series(series).reindex(pd.period_range(end=last, periods=_FISCAL_QUARTERS, freq="Q"))
    return None if quarters.isna().any() else float(quarters.sum()) / 1000.0


def _budget(
    facts: _Facts,
    constants: Constants,
    data: OriginData,
    published: PublishedFlows,
    stocks: PublishedStocks,
    judged_here: bool,
) -> None:
    lines, publisher = initial_budget(data.origin)
    spending = constants.need("budget_initial_spending_trn_yen")
    tax = constants.need("budget_initial_tax_trn_yen")
    bonds = constants.need("budget_initial_new_bonds_trn_yen")
    interest = published.total("mof.interest_on_ordinary_jgbs")
    if judged_here:
        interest = facts.found["budget_interest_trn_yen"].value
    for name, value in (
        ("spending", spending),
        ("tax", tax),
        ("new_bonds", bonds),
        ("other_revenue", spending - tax - bonds),
        ("debt_service", lines["debt_service"]),
        ("interest", interest),
        ("redemption", max(0.0, lines["debt_service"] - interest)),
        ("social_security", lines["social_security"]),
        ("local_allocation", lines["local_allocation"]),
        ("defence", lines["defence"]),
    ):
        facts.add(f"budget_{name}_trn_yen", value, "trn_yen", publisher)


def _debts(facts: _Facts, data: OriginData, stocks: PublishedStocks) -> None:
    memo, flow_of_funds = stocks.memo, "Bank of Japan, Flow of Funds"
    ordinary = memo("general_government", "jgb_liability_market")
    loan_fund = memo("fiscal_loan_fund", "jgb_liability_market")
    facts.add("gov_gross_debt_trn_yen", _gross_debt(data, stocks), "trn_yen", "IMF World Economic Outlook, at March")
    for name, value, unit, publisher in (
        (
            "jgb_ordinary_face_trn_yen",
            memo("central_government", "jgb_ordinary_face"),
            "trn_yen",
            "Ministry of Finance",
        ),
        ("jgb_average_coupon_pct", memo("central_government", "jgb_average_coupon_pct"), "pct", "Ministry of Finance"),
        (
            "jgb_average_maturity_years",
            memo("central_government", "jgb_average_maturity_years"),
            "years",
            "Ministry of Finance, computed from auctions",
        ),
        ("jgb_ordinary_market_value_trn_yen", ordinary, "trn_yen", flow_of_funds),
        ("jgb_fiscal_loan_fund_market_value_trn_yen", loan_fund, "trn_yen", flow_of_funds),
        ("local_bonds_trn_yen", memo("general_government", "local_bonds_liability"), "trn_yen", flow_of_funds),
        ("official_reserves_trn_yen", memo("rest_of_world", "official_reserves"), "trn_yen", flow_of_funds),
        ("public_pension_assets_trn_yen", memo("public_pensions", "total_assets"), "trn_yen", flow_of_funds),
        ("boj_jgb_holdings_market_trn_yen", memo("bank_of_japan", "jgb_market"), "trn_yen", flow_of_funds),
        ("reserves_trn_yen", memo("bank_of_japan", "reserves"), "trn_yen", flow_of_funds),
        ("household_financial_assets_trn_yen", memo("households", "financial_assets"), "trn_yen", flow_of_funds),
        ("household_net_financial_worth_trn_yen", memo("households", "net_financial_worth"), "trn_yen", flow_of_funds),
    ):
        facts.add(name, value, unit, publisher)


def _gross_debt(data: OriginData, stocks: PublishedStocks) -> float:
    """Gross debt at March: the end of the last calendar year and a quarter of that year's change.

    A folder without calendar years has it as a memorandum item.
    """
    rows = data.flows[data.flows["flow"] == "weo.gg_gross_debt"]
    ends = {int(year): float(value) for year, value in rows[["year", "value"]].itertuples(index=False)}
    last = data.origin.year - 1
    if last in ends and last - 1 in ends:
        return ends[last] + 0.25 * (ends[last] - ends[last - 1])
    return stocks.memo("general_government", "gross_debt_interpolated")


def make_constants(
    data: OriginData, stocks: PublishedStocks, published: PublishedFlows, judged: JudgedTables
) -> dict[str, Constant]:
    """Registered parameters as they stood at the date.

    A constant that the folder has under the parameter's own name is taken as it is; the others are computed.
    """
    known = Constants(data)
    found: dict[str, Constant] = {}

    def add(name: str, value: float, basis: str, publisher: str, low: float = math.nan, high: float = math.nan) -> None:
        if (own := known.get(name)) is not None:
            _, low, high, basis, publisher, _ = known.rows[name]
            value = own
        ends = [round(end, 4) + 0.0 if math.isfinite(end) else None for end in (low, high)]
        basis = basis if basis in ("read", "computed") else "judgement"
        found[name] = Constant(name, round(value, 4) + 0.0, ends[0], ends[1], registry()[name].unit, basis, publisher)

    need, source = known.need, known.source
    _gap(add, data, known)
    potential = need("potential_growth_boj_statement_pct")
    _, low, high, _, publisher, _ = known.rows["potential_growth_boj_statement_pct"]
    add("trend_potential_growth_pct", potential, "judgement", publisher, low, high)
    trend = found["trend_potential_growth_pct"].value
    real, nominal = need("real_growth_last_4q_pct"), need("nominal_growth_last_4q_pct")
    add("opening_growth_over_trend_pct", real - trend, "computed", source("real_growth_last_4q_pct"))
    add("opening_nominal_growth_pct", nominal, "computed", source("nominal_growth_last_4q_pct"))
    target, target_publisher = _target(known, data)
    add("inflation_target_pct", target, "read", target_publisher)
    target = found["inflation_target_pct"].value
    past = need("cpi_inflation_trailing40q_pct")
    of_experience = registry()["anchor_experience_share"].value
    anchor = (1.0 - of_experience) * target + of_experience * past
    add("opening_anchor_over_target_pp", anchor - target, "judgement", "half the target, half the mean of ten years")
    labour = "labour_force_growth_trailing10y_pct"
    add("labour_force_growth_pct", need(labour), "computed", source(labour))
    natural = "real_short_rate_trailing40q_pct"
    add("natural_real_rate_pct", need(natural), "judgement", f"{source(natural)}: a stand-in")
    add("us_neutral_rate_pct", need("us_neutral_rate_pct"), "judgement", source("us_neutral_rate_pct"))
    add(
        "effective_lower_bound_pct", need("effective_lower_bound_pct"), "judgement", source("effective_lower_bound_pct")
    )
    public = "government_real_growth_trailing20q_pct"
    add("government_real_growth_pct", need(public), "computed", source(public))
    rate = need("consumption_tax_rate_pct")
    add("consumption_tax_rate_pct", rate, "read", source("consumption_tax_rate_pct"))
    if rate not in LAW_OF_THE_CONSUMPTION_TAX:
        raise InputError(f"{known.where}: consumption_tax_rate_pct = {rate:g} is not one of the law's: 5, 8 or 10")
    add("consumption_tax_national_rate_pct", LAW_OF_THE_CONSUMPTION_TAX[rate], "read", "consumption tax law")
    _politics(add, data.origin)
    _yen_amounts(add, data, stocks, published, judged)
    return found


def _politics(add: _Add, origin: date) -> None:
    """Polls as they stood, and the months to the next election that the law calls for."""
    usual = Parameters()
    for name, unasked in (
        ("worry_start_pct", (first_poll("worry_start_pct"), "the first poll read, of a year without inflation")),
        ("approval_start_pct", (usual.approval_mean_pct, "no poll read: the mean of cabinets")),
    ):
        poll = last_poll(origin, name)
        value, publisher = poll or unasked
        add(name, value, "read" if poll else "judgement", publisher)
    # Half of the upper house is elected every third July, in 2025 and 2028 as in 2013.
    years = (origin.year + ahead for ahead in range(_YEARS_BETWEEN + 1))
    votes = (year for year in years if (year - _ELECTION_YEAR) % _YEARS_BETWEEN == 0)
    elections = (12 * (year - origin.year) + _ELECTION_MONTH - origin.month for year in votes)
    first = next(months for months in elections if months > 0)
    add("election_first_month", float(first), "computed", "next election of the upper house")


def _gap(add: _Add, data: OriginData, known: Constants) -> None:
    """The output gap by filters on quarters to the date; the folder's own figure where it has no quarters."""
    rows = data.quarterly["series"] == "gdp_real"
    quarters = published_quarters(data.series("gdp_real"), pd.Timestamp(data.origin)) if rows.any() else None
    gap = None if quarters is None else output_gap(quarters)
    if gap is not None:
        publisher = "Cabinet Office, quarterly estimates; median of three filters that look back only"
        add("opening_output_gap_pct", gap.median_pct, "computed", publisher, min(gap.all_pct), max(gap.all_pct))
        return
    known.need("output_gap_one_sided_pct")
    value, low, high, basis, publisher, _ = known.rows["output_gap_one_sided_pct"]
    add("opening_output_gap_pct", value, basis, publisher, low, high)


def _target(known: Constants, data: OriginData) -> tuple[float, str]:
    """What the Bank of Japan aimed at: its target, its goal, its understanding of price stability, or stable prices.

    Until March 2006 it had promised to hold its course until inflation is at zero or above.
    """
    for name in ("inflation_target_pct", "inflation_goal_pct"):
        if (value := known.get(name)) is not None:
            return value, known.source(name)
    rows = data.events[data.events["event"] == "boj.understanding_of_price_stability"]
    if len(rows):
        last = rows.sort_values("announced").iloc[-1]
        return float(last["value"]), str(last["source"])
    return 0.0, "Bank of Japan, commitment of March 2001"


def _yen_amounts(
    add: _Add, data: OriginData, stocks: PublishedStocks, published: PublishedFlows, judged: JudgedTables
) -> None:
    """Amounts in yen of 2025 in proportion to gross domestic product, and what the flow of funds shows of them."""
    usual = Parameters()
    ratio = published.total("gdp.gdp") / judged.newest_gdp_trn_yen
    for name in YEN_AMOUNTS:
        add(name, usual[name] * ratio, "judgement", "that of 2026 in proportion to gross domestic product")
    if judged.has_ai:
        return
    for name, (flow, sectors, sign) in PURCHASES.items():
        years = _mean_of_years(data, flow, sectors)
        if years is not None:
            add(name, sign * years, "computed", "Bank of Japan, Flow of Funds, mean of the last years")
    reserves = stocks.memo("bank_of_japan", "reserves")
    floor = min(usual.reserve_floor_trn_yen * ratio, _RESERVES_NEEDED_SHARE * reserves)
    add("reserve_floor_trn_yen", floor, "judgement", "banks needed no more than they held")
    institutions = _mean_of_years(data, "financial.equity", ("financial_institutions_other_than_boj",))
    if institutions is not None:
        names = [f"{kind}_equity_purchases_trn_yen_year" for kind in ("bank", "insurer", "fund")]
        whole = math.fsum(usual[name] for name in names)
        for name in names:
            share = usual[name] / whole
            add(name, share * institutions, "judgement", "Bank of Japan, Flow of Funds; parts as in 2026")


def _mean_of_years(data: OriginData, flow: str, sectors: tuple[str, ...]) -> float | None:
    """Mean of a flow over the last fiscal years that the folder has, trillion yen a year."""
    ends = [f"{data.origin.year - back}-03-31" for back in range(_MEAN_OF_YEARS)]
    rows = data.flows[(data.flows["flow"] == flow) & data.flows["sector"].isin(sectors)]
    by_year = [rows.loc[rows["period_end"] == end, "value"] for end in ends]
    sums = [math.fsum(values) for values in by_year if len(values)]
    return math.fsum(sums) / len(sums) if sums else None
