"""Outcomes: what is read off the economy each month, each with its definition, unit and source.

The registry is what tables, documents, views and reports read; a figure that is not here is not an outcome.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from itcho.agents.household_groups import NAMES as GROUP_NAMES
from itcho.agents.limits import Limit, LimitReading
from itcho.agents.limits_of_holders import EVERY_LIMIT
from itcho.model.ai.records import AIServicesMonth
from itcho.model.measure.national_wealth import net_foreign_assets
from itcho.model.measure.smallest_effects import SMALLEST_EFFECTS, SmallestEffect
from itcho.model.month_records import OutputMonth
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
    label_ja, label_zh : the short name in Japanese, and in Traditional Chinese as Taiwan writes it.
    low, high : the declared range; a value outside is impossible by definition, or means a broken world.
    heading : of a narrow column; the label where nothing else is said.
    """

    name: str
    unit: str
    label: str
    definition: str
    source: str
    decimals: int
    read: Callable[[Observed], float]
    label_ja: str
    label_zh: str
    low: float
    high: float
    heading: str = ""

    def label_in(self, language: str) -> str:
        """The short name in a language: ``en``, ``ja``, or ``zh-Hant`` (``zh``)."""
        return {"en": self.label, "ja": self.label_ja, "zh": self.label_zh, "zh-Hant": self.label_zh}[language]

    @property
    def column(self) -> str:
        """The heading of a narrow column."""
        return self.heading or self.label

    def allows(self, value: float) -> bool:
        """Whether a value lies in the declared range; one that is not there (NaN) breaks no range."""
        return math.isnan(value) or self.low <= value <= self.high

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
    limits : what each limit did in the month, by its name; empty at the start.
    """

    world: World
    services: AIServicesMonth | None
    output: OutputMonth | None
    limits: Mapping[str, LimitReading]


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


def _receipts(seen: Observed) -> float:
    memory = seen.world.government.memory
    return memory.tax_bases.receipts_trn_yen(memory.programme_received_trn_yen, seen.world.parameters)


def _bound(name: str) -> Callable[[Observed], float]:
    def read(seen: Observed) -> float:
        return 100.0 * seen.limits[name].bound_share if name in seen.limits else 0.0

    return read


def _withheld(name: str) -> Callable[[Observed], float]:
    def read(seen: Observed) -> float:
        return seen.limits[name].withheld_trn_yen if name in seen.limits else 0.0

    return read


_AGE_LABELS = {
    "15_29": ("15-29", "15〜29歳", "15至29歲"),
    "30_44": ("30-44", "30〜44歳", "30至44歲"),
    "45_59": ("45-59", "45〜59歳", "45至59歲"),
    "60_74": ("60-74", "60〜74歳", "60至74歲"),
    "75_up": ("75 and older", "75歳以上", "75歲以上"),
}
_HALF_LABELS = {"lower": ("lower half", "資産下位", "資產較少"), "upper": ("upper half", "資産上位", "資產較多")}


def _of_group(what: str, place: int) -> Callable[[Observed], float]:
    return lambda seen: float(getattr(seen.world.household_groups, what)[place])


def group_outcomes() -> Iterator[Outcome]:
    """Gain and burden of each group of households."""
    for place, name in enumerate(GROUP_NAMES):
        age, half = name.rsplit("_", 1)
        en, ja, zh = (f"{a}, {h}" for a, h in zip(_AGE_LABELS[age], _HALF_LABELS[half], strict=True))
        yield Outcome(
            f"gain_{name}_trn_yen",
            "trn yen",
            f"Gain: {en}",
            "What the group of households (age, half of wealth) has spent since the start and owns beyond it, at "
            "prices of the start. Who gains is its difference between two runs.",
            _OWN,
            3,
            _of_group("gains_trn_yen", place),
            label_ja=f"受益：{ja}",
            label_zh=f"受益：{zh}",
            low=-1e6,
            high=1e6,
        )
        yield Outcome(
            f"burden_{name}_trn_yen",
            "trn yen",
            f"Burden: {en}",
            "Taxes and contributions that the group of households (age, half of wealth) has paid since the start, the "
            "central tax on consumption by what it spends, with its part of what public debt rose by, at prices of "
            "the start.",
            _OWN,
            3,
            _of_group("burdens_trn_yen", place),
            label_ja=f"負担：{ja}",
            label_zh=f"負擔：{zh}",
            low=-1e6,
            high=1e6,
        )


def limit_outcomes(limit: Limit) -> Iterator[Outcome]:
    """The outcomes of a limit: whom it bound, and what it withheld."""
    yield Outcome(
        f"bound_share_{limit.name}_pct",
        "%",
        f"Bound: {limit.label}",
        f"{limit.definition} Share of those it applies to, by weight, whom it bound in the month; of a single agent 0 "
        "or 100.",
        _OWN,
        1,
        _bound(limit.name),
        label_ja=f"制約に達した割合：{limit.label_ja}",
        label_zh=f"觸及限制比例：{limit.label_zh}",
        low=0.0,
        high=100.0,
    )
    yield Outcome(
        f"withheld_{limit.name}_trn_yen",
        "trn yen",
        f"Withheld: {limit.label}",
        f"{limit.definition} Orders wanted less orders sent because of it, in the month.",
        _OWN,
        3,
        _withheld(limit.name),
        label_ja=f"見送られた注文：{limit.label_ja}",
        label_zh=f"未送出委託：{limit.label_zh}",
        low=0.0,
        high=100_000.0,
    )


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
            label_ja="ドル円相場",
            label_zh="美元兌日圓匯率",
            low=1.0,
            high=10_000.0,
        ),
        Outcome(
            "usdjpy_average",
            "yen per USD",
            "USD/JPY, month",
            "Mean of the month's 21 sessions.",
            "Federal Reserve H.10",
            1,
            lambda seen: seen.world.state.usdjpy_average,
            label_ja="ドル円相場（月中平均）",
            label_zh="美元兌日圓匯率（月平均）",
            low=1.0,
            high=10_000.0,
            heading="USD/JPY",
        ),
        Outcome(
            "policy_rate_pct",
            "%",
            "Policy rate",
            "The Bank of Japan's target for the overnight rate.",
            "Bank of Japan",
            2,
            lambda seen: seen.world.state.policy_rate_pct,
            label_ja="政策金利",
            label_zh="日本央行政策利率",
            low=-5.0,
            high=100.0,
            heading="BOJ rate",
        ),
        Outcome(
            "jgb_2y_pct",
            "%",
            "2-year yield",
            "Yield of JGBs of two years.",
            _MOF,
            2,
            _yield(2.0),
            label_ja="国債利回り（2年）",
            label_zh="日本2年期公債殖利率",
            low=-5.0,
            high=100.0,
        ),
        Outcome(
            "jgb_5y_pct",
            "%",
            "5-year yield",
            "Yield of JGBs of five years.",
            _MOF,
            2,
            _yield(5.0),
            label_ja="国債利回り（5年）",
            label_zh="日本5年期公債殖利率",
            low=-5.0,
            high=100.0,
        ),
        Outcome(
            "jgb_10y_pct",
            "%",
            "10-year yield",
            "Expected policy path plus the premium that clears the market.",
            _MOF,
            2,
            _yield(10.0),
            label_ja="国債利回り（10年）",
            label_zh="日本10年期公債殖利率",
            low=-5.0,
            high=100.0,
            heading="10-year",
        ),
        Outcome(
            "jgb_30y_pct",
            "%",
            "30-year yield",
            "Yield of JGBs of thirty years.",
            _MOF,
            2,
            _yield(30.0),
            label_ja="国債利回り（30年）",
            label_zh="日本30年期公債殖利率",
            low=-5.0,
            high=100.0,
        ),
        Outcome(
            "superlong_gap_bp",
            "bp",
            "Gap of super-long yields",
            "Yield of JGBs of thirty years over what the premium of ten years usually makes of it: what holders of "
            "other maturities and funds of limited capital ask for taking super-longs.",
            _MOF,
            1,
            lambda seen: 100.0 * seen.world.superlongs.gap_pp,
            label_ja="超長期金利の乖離",
            label_zh="超長期殖利率乖離",
            low=-10000.0,
            high=10000.0,
        ),
        Outcome(
            "auction_tail_bp",
            "bp",
            "Tail of super-long auctions",
            "Yield by which holders' limits made super-longs clear higher than they would have without limits, beyond "
            "what they did so in the month before.",
            _MOF,
            1,
            lambda seen: seen.world.superlongs.tail_bp,
            label_ja="超長期債入札のテール",
            label_zh="超長債標售尾差",
            low=0.0,
            high=10000.0,
        ),
        Outcome(
            "us_policy_rate_pct",
            "%",
            "US policy rate",
            "Federal funds rate; exogenous.",
            "Federal Reserve H.15",
            2,
            lambda seen: seen.world.outside.us_policy_rate_pct,
            label_ja="米国政策金利",
            label_zh="美國政策利率",
            low=-5.0,
            high=100.0,
        ),
        Outcome(
            "ai_capex_abroad_bn_usd",
            "bn USD a year",
            "AI capex abroad",
            "Capital spending of the clouds that carry the AI boom abroad, at a yearly rate; 0 before there was one.",
            "Company reports",
            0,
            lambda seen: 0.0 if seen.world.ai_boom is None else 12.0 * seen.world.ai_boom.capex,
            label_ja="海外のAI設備投資",
            label_zh="海外AI資本支出",
            low=0.0,
            high=1e6,
        ),
        Outcome(
            "ai_capex_over_cash_flow_pct",
            "%",
            "AI capex over cash flow",
            "The same over the clouds' operating cash flow.",
            "Company reports",
            1,
            lambda seen: 0.0 if seen.world.ai_boom is None else 100.0 * seen.world.ai_boom.capex_over_cash_flow,
            label_ja="海外AI設備投資の営業キャッシュフロー比",
            label_zh="海外AI資本支出占營業現金流比率",
            low=0.0,
            high=10000.0,
        ),
        Outcome(
            "ai_shares_multiple",
            "times earnings",
            "Multiple of AI shares abroad",
            "Price over earnings of the members of the AI boom, from 40 at the start; 0 before there was one.",
            "Press",
            1,
            lambda seen: 0.0 if seen.world.ai_boom is None else seen.world.ai_boom.multiple,
            label_ja="海外AI株の株価収益率",
            label_zh="海外AI股本益比",
            low=0.0,
            high=10000.0,
        ),
        Outcome(
            "chip_makers_sales_trn_yen",
            "trn yen a year",
            "Sales of chip makers at home",
            "Japanese makers of chip equipment, memory, sensors and power chips, at start prices on their usual path.",
            "SEAJ; METI",
            2,
            lambda seen: float(seen.world.chip_makers.sales.sum()),
            label_ja="国内半導体関連メーカーの売上高",
            label_zh="日本國內半導體廠商銷售額",
            low=0.0,
            high=1000.0,
        ),
        Outcome(
            "chips_without_power_pct",
            "%",
            "Chips without power",
            "AI chips in Japan that were delivered and wait for a grid connection, of all by value.",
            "No statistic",
            1,
            lambda seen: seen.world.chip_market.without_power_pct,
            label_ja="電力待ちのAIチップ",
            label_zh="等待供電的AI晶片",
            low=0.0,
            high=100.0,
        ),
        Outcome(
            "grid_wait_years",
            "years",
            "Wait for a grid connection",
            "From an application for a data centre's grid connection to the connection, as the queue stands.",
            "Press on TEPCO Power Grid",
            1,
            lambda seen: seen.world.chip_market.power.wait_months / 12.0,
            label_ja="系統接続の待ち年数",
            label_zh="併網等待年數",
            low=0.0,
            high=1000.0,
        ),
        Outcome(
            "cpi_yoy_pct",
            "%",
            "CPI inflation",
            "Consumer prices against twelve months before.",
            "Statistics Bureau",
            2,
            lambda seen: seen.world.state.consumer_inflation_pct,
            label_ja="消費者物価上昇率（前年同月比）",
            label_zh="消費者物價年增率",
            low=-50.0,
            high=1000.0,
            heading="CPI",
        ),
        Outcome(
            "real_gdp_growth_pct",
            "%",
            "Real growth",
            "Real GDP of three months against the same months a year before.",
            _CABINET,
            2,
            _growth,
            label_ja="実質GDP成長率（前年同期比）",
            label_zh="實質GDP年增率",
            low=-90.0,
            high=100.0,
            heading="Growth",
        ),
        Outcome(
            "real_gdp_trn_yen",
            "trn yen a year",
            "Real GDP",
            "Real GDP of the month at start prices, annualised.",
            _CABINET,
            1,
            lambda seen: 12.0 * seen.world.state.real_gdp,
            label_ja="実質GDP（年率）",
            label_zh="實質GDP（年率）",
            low=1.0,
            high=10_000.0,
        ),
        Outcome(
            "nominal_gdp_trn_yen",
            "trn yen",
            "Nominal GDP",
            "Nominal GDP of the last twelve months.",
            _CABINET,
            1,
            lambda seen: seen.world.state.nominal_gdp_four_quarters,
            label_ja="名目GDP",
            label_zh="名目GDP",
            low=1.0,
            high=100_000.0,
        ),
        Outcome(
            "output_gap_pct",
            "%",
            "Output gap",
            "Real GDP against potential.",
            "Bank of Japan; Cabinet Office",
            2,
            lambda seen: seen.world.state.output_gap_pct,
            label_ja="需給ギャップ",
            label_zh="產出缺口",
            low=-90.0,
            high=100.0,
        ),
        Outcome(
            "unemployment_pct",
            "%",
            "Unemployment",
            "Unemployed as a share of the labour force.",
            "Statistics Bureau",
            2,
            lambda seen: seen.world.state.unemployment_pct,
            label_ja="完全失業率",
            label_zh="失業率",
            low=0.0,
            high=100.0,
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
            label_ja="財政赤字（国）",
            label_zh="中央政府財政赤字",
            low=-1000.0,
            high=10_000.0,
        ),
        Outcome(
            "primary_balance_trn_yen_fy",
            "trn yen",
            "Primary balance",
            "Central government's balance without debt service, fiscal year to date.",
            _MOF,
            2,
            lambda seen: seen.world.government.year.primary_balance,
            label_ja="基礎的財政収支（国）",
            label_zh="中央政府基本財政餘額",
            low=-10_000.0,
            high=1000.0,
        ),
        Outcome(
            "spending_trn_yen_fy",
            "trn yen",
            "Spending",
            "General account, with debt service and supplementary budgets, fiscal year to date.",
            _MOF,
            1,
            lambda seen: seen.world.government.year.total_spending,
            label_ja="一般会計歳出",
            label_zh="一般會計歲出",
            low=0.0,
            high=10_000.0,
        ),
        Outcome(
            "tax_revenue_trn_yen_fy",
            "trn yen",
            "Tax revenue",
            "General account, fiscal year to date.",
            _MOF,
            1,
            lambda seen: seen.world.government.year.tax,
            label_ja="一般会計税収",
            label_zh="一般會計稅收",
            low=0.0,
            high=10_000.0,
        ),
        Outcome(
            "interest_trn_yen_fy",
            "trn yen",
            "Interest",
            "Interest of the general account as the ladder has it, fiscal year to date.",
            _MOF,
            2,
            lambda seen: seen.world.government.year.interest,
            label_ja="利払費",
            label_zh="債務利息支出",
            low=-100.0,
            high=10_000.0,
        ),
        Outcome(
            "bond_dependency_pct",
            "%",
            "Bond dependency",
            "New bonds as a share of the general account's spending, fiscal year to date.",
            _MOF,
            1,
            lambda seen: seen.world.government.year.bond_dependency_pct,
            label_ja="公債依存度",
            label_zh="公債依存度",
            low=-100.0,
            high=100.0,
            heading="Bond dep.",
        ),
        Outcome(
            "gov_debt_trn_yen",
            "trn yen",
            "Gross debt",
            "General government's gross debt at face.",
            "IMF World Economic Outlook",
            1,
            lambda seen: seen.world.treasury.gross_debt_trn_yen(seen.world.ledger),
            label_ja="一般政府総債務",
            label_zh="一般政府債務總額",
            low=0.0,
            high=100_000.0,
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
            label_ja="一般政府総債務（対GDP比）",
            label_zh="一般政府債務總額占GDP比率",
            low=0.0,
            high=5000.0,
        ),
        Outcome(
            "current_account_trn_yen",
            "trn yen",
            "Current account",
            "Last twelve months, from the ledger.",
            "Ministry of Finance, balance of payments",
            1,
            lambda seen: float(sum(seen.world.twelve_months.current_account)),
            label_ja="経常収支",
            label_zh="經常帳餘額",
            low=-10_000.0,
            high=10_000.0,
        ),
        Outcome(
            "chip_imports_trn_yen",
            "trn yen",
            "Chip imports",
            "Semiconductors and computers, customs basis, all of Japan, last twelve months.",
            "Ministry of Finance, Trade Statistics",
            2,
            lambda seen: float(sum(seen.world.twelve_months.chip_imports)),
            label_ja="半導体・電算機類の輸入",
            label_zh="半導體與電腦進口額",
            low=0.0,
            high=1000.0,
            heading="Chip imp.",
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
            label_ja="国産AIの国内シェア",
            label_zh="國產AI國內市占率",
            low=0.0,
            high=100.0,
            heading="AI home",
        ),
        Outcome(
            "domestic_ai_share_home_cloud_pct",
            "%",
            "Domestic share, cloud",
            "The same for the cloud layer.",
            "JFTC on cloud services",
            1,
            _service("domestic_ai_share_home_cloud_pct"),
            label_ja="国産クラウドの国内シェア",
            label_zh="國產雲端服務國內市占率",
            low=0.0,
            high=100.0,
        ),
        Outcome(
            "domestic_ai_share_home_applications_pct",
            "%",
            "Domestic share, applications",
            "The same for applications.",
            _OWN,
            1,
            _service("domestic_ai_share_home_applications_pct"),
            label_ja="国産AIアプリケーションの国内シェア",
            label_zh="國產AI應用國內市占率",
            low=0.0,
            high=100.0,
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
            label_ja="日本企業の世界AI市場シェア",
            label_zh="日本企業全球AI市占率",
            low=0.0,
            high=100.0,
            heading="AI world",
        ),
        Outcome(
            "japan_share_global_ai_spending_pct",
            "%",
            "Share of world spending",
            "AI spending in Japan over world AI spending (IDC boundary).",
            "IDC",
            2,
            _service("japan_share_global_ai_spending_pct"),
            label_ja="世界AI支出に占める日本の割合",
            label_zh="日本占全球AI支出比重",
            low=0.0,
            high=100.0,
        ),
        Outcome(
            "adoption_pct",
            "%",
            "Firms using AI",
            "Weighted share of firms that use AI.",
            "MIC White Paper",
            1,
            _service("adoption_pct"),
            label_ja="AI利用企業の割合",
            label_zh="使用AI的企業比率",
            low=0.0,
            high=100.0,
            heading="Adoption",
        ),
        Outcome(
            "deep_adoption_pct",
            "%",
            "Deep adoption",
            "Weighted share of firms' activity run on AI.",
            "OECD",
            1,
            _service("deep_adoption_pct"),
            label_ja="AIの本格活用度",
            label_zh="AI深度應用率",
            low=0.0,
            high=100.0,
        ),
        Outcome(
            "genai_individual_use_pct",
            "%",
            "People using AI",
            "Individuals who have used generative AI.",
            "MIC White Paper",
            1,
            _service("genai_individual_use_pct"),
            label_ja="生成AIの個人利用率",
            label_zh="生成式AI個人使用率",
            low=0.0,
            high=100.0,
        ),
        Outcome(
            "productivity_gain_pct",
            "%",
            "AI productivity",
            "Level of labour productivity from AI against the start.",
            "OECD AI papers 29 and 41",
            2,
            _service("productivity_gain_pct"),
            label_ja="AIによる労働生産性の上昇",
            label_zh="AI帶動的勞動生產力增幅",
            low=-50.0,
            high=1000.0,
        ),
        Outcome(
            "ai_service_exports_trn_yen",
            "trn yen",
            "AI exports",
            "AI services sold abroad by developers in Japan, last twelve months.",
            _OWN,
            3,
            _service("ai_service_exports_trn_yen"),
            label_ja="AIサービスの輸出",
            label_zh="AI服務出口額",
            low=0.0,
            high=1000.0,
        ),
        Outcome(
            "ai_tax_revenue_trn_yen_fy",
            "trn yen",
            "AI taxes",
            "All taxes on value added of the AI layers, fiscal year to date.",
            _OWN,
            2,
            lambda seen: seen.world.government.year.ai_tax,
            label_ja="AI関連税収",
            label_zh="AI相關稅收",
            low=-10.0,
            high=1000.0,
        ),
        Outcome(
            "programme_cost_trn_yen",
            "trn yen",
            "Programme cost",
            "Programme money paid since the start.",
            "METI",
            3,
            lambda seen: seen.world.government.memory.programme_spent_trn_yen,
            label_ja="AI計画の支出累計",
            label_zh="AI計畫累計支出",
            low=0.0,
            high=1000.0,
        ),
        Outcome(
            "programme_return_trn_yen",
            "trn yen",
            "Programme return",
            "Royalties, fees, equity and repayments, and taxes paid on programme-funded activity, since the start.",
            _OWN,
            3,
            lambda seen: seen.world.government.memory.programme_return_trn_yen,
            label_ja="AI計画の回収累計",
            label_zh="AI計畫累計回收",
            low=0.0,
            high=1000.0,
        ),
        Outcome(
            "public_receipts_trn_yen",
            "trn yen",
            "Receipts by kind of tax",
            "Wages and profits since the start at marginal tax rates, consumption tax, royalties, fees, equity and "
            "repayments of the programme, less interest on its bonds. Against a twin without the programme it is what "
            "the programme returned.",
            _OWN,
            3,
            _receipts,
            label_ja="税目別の公的収入累計",
            label_zh="依稅目累計之公共收入",
            low=-1e6,
            high=1e6,
        ),
        Outcome(
            "softbank_ltv_pct",
            "%",
            "SoftBank LTV",
            "Net debt over holdings net of asset-backed loans, the company's definition.",
            "SoftBank Group",
            1,
            lambda seen: seen.world.softbank_accounts.position.ltv_pct,
            label_ja="ソフトバンクグループのLTV",
            label_zh="軟銀集團貸款價值比（LTV）",
            low=-1000.0,
            high=10_000.0,
            heading="SB LTV",
        ),
        Outcome(
            "softbank_ltv_with_margin_loans_pct",
            "%",
            "SoftBank LTV with margin loans",
            "With asset-backed loans in debt and holdings gross.",
            "SoftBank Group",
            1,
            lambda seen: seen.world.softbank_accounts.position.ltv_with_margin_loans_pct,
            label_ja="ソフトバンクグループのLTV（株式担保借入を含む）",
            label_zh="軟銀集團貸款價值比（含股票擔保借款）",
            low=-1000.0,
            high=10_000.0,
        ),
        Outcome(
            "softbank_equity_index",
            "start = 1",
            "SoftBank shares",
            "Share price of SoftBank Group.",
            "Tokyo Stock Exchange",
            3,
            lambda seen: seen.world.softbank_shares.index,
            label_ja="ソフトバンクグループ株価",
            label_zh="軟銀集團股價",
            low=1e-9,
            high=1e6,
        ),
        Outcome(
            "japan_equity_index",
            "start = 1",
            "Japanese equity",
            "Prices of Japanese equity.",
            "Nikkei 225; TOPIX",
            3,
            lambda seen: seen.world.state.equity_index,
            label_ja="日本株価",
            label_zh="日本股價",
            low=1e-9,
            high=1e6,
        ),
        Outcome(
            "approval_pct",
            "%",
            "Approval",
            "Public approval of the government.",
            "opinion polls",
            1,
            lambda seen: seen.world.government.approval_pct,
            label_ja="内閣支持率",
            label_zh="內閣支持率",
            low=0.0,
            high=100.0,
        ),
        Outcome(
            "worry_about_prices_pct",
            "%",
            "Worry about prices",
            "People who ask the government for measures against prices.",
            "Cabinet Office, opinion survey on the life of the people",
            1,
            lambda seen: seen.world.government.politics.worry_pct,
            label_ja="物価対策を求める割合",
            label_zh="要求物價對策之比例",
            low=0.0,
            high=100.0,
        ),
        Outcome(
            "initial_budget_trn_yen",
            "trn yen",
            "Initial budget",
            "Spending of the fiscal year's initial budget, with debt service.",
            "Ministry of Finance",
            1,
            lambda seen: seen.world.government.budget.initial_spending,
            label_ja="当初予算",
            label_zh="原始預算",
            low=0.0,
            high=1e6,
        ),
        Outcome(
            "initial_bond_dependency_pct",
            "%",
            "Bond dependency, initial budget",
            "New bonds of the initial budget as a share of it.",
            "Ministry of Finance",
            1,
            lambda seen: seen.world.government.budget.initial_bond_dependency_pct,
            label_ja="当初予算の公債依存度",
            label_zh="原始預算公債依存度",
            low=-1000.0,
            high=100.0,
        ),
        Outcome(
            "supplementary_budget_trn_yen",
            "trn yen",
            "Supplementary budget",
            "Spending that the fiscal year's supplementary budget adds.",
            "Ministry of Finance",
            1,
            lambda seen: seen.world.government.budget.supplementary,
            label_ja="補正予算",
            label_zh="追加預算",
            low=0.0,
            high=1e6,
        ),
        Outcome(
            "fiscal_doubt_pct",
            "%",
            "Doubt about fiscal policy",
            "Investors' belief that fiscal policy is loose; without the credibility channel it stays at its start.",
            "no statistic; see credibility_opening_belief",
            1,
            _doubt,
            label_ja="財政への不信",
            label_zh="財政疑慮",
            low=0.0,
            high=100.0,
        ),
        Outcome(
            "net_foreign_assets_trn_yen",
            "trn yen",
            "Net foreign assets",
            "Claims on the rest of the world less debts to it.",
            "Ministry of Finance, international investment position",
            1,
            lambda seen: net_foreign_assets(seen.world.ledger),
            label_ja="対外純資産",
            label_zh="對外淨資產",
            low=-100_000.0,
            high=100_000.0,
        ),
        Outcome(
            "export_volume_index",
            "start = 1",
            "Export volume",
            "Exports of goods and services other than AI services, at start prices; the month against the start's run "
            "rate.",
            _CABINET,
            3,
            _export_volume,
            label_ja="輸出数量",
            label_zh="出口量",
            low=0.0,
            high=1000000.0,
        ),
        Outcome(
            "import_volume_index",
            "start = 1",
            "Import volume",
            "Imports of goods and services other than AI firms' chips and AI services, at start prices; the month "
            "against the start's run rate.",
            _CABINET,
            3,
            _import_volume,
            label_ja="輸入数量",
            label_zh="進口量",
            low=0.0,
            high=1000000.0,
        ),
        Outcome(
            "real_consumption_trn_yen",
            "trn yen a year",
            "Real consumption",
            "Households' consumption of the month at start prices, annualised.",
            _CABINET,
            1,
            _real_consumption,
            label_ja="実質消費（年率）",
            label_zh="實質消費（年率）",
            low=0.0,
            high=10000.0,
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
            label_ja="企業所得（年率）",
            label_zh="企業所得（年率）",
            low=-10000.0,
            high=10000.0,
        ),
        Outcome(
            "consumer_price_index",
            "start = 1",
            "Consumer prices",
            "Level of consumer prices, consumption tax included.",
            "Statistics Bureau",
            3,
            lambda seen: seen.world.state.consumer_price,
            label_ja="消費者物価指数",
            label_zh="消費者物價指數",
            low=1e-06,
            high=1000000.0,
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
            label_ja="財政収支（一般政府、対GDP比）",
            label_zh="一般政府財政餘額占GDP比率",
            low=-1000.0,
            high=1000.0,
        ),
        Outcome(
            "current_account_pct_gdp",
            "% of GDP",
            "Current account/GDP",
            "Current account of the last twelve months, from the ledger, over their nominal GDP.",
            "Ministry of Finance, balance of payments; Cabinet Office",
            2,
            lambda seen: _pct_gdp(seen.world.twelve_months.current_account, seen.world),
            label_ja="経常収支（対GDP比）",
            label_zh="經常帳餘額占GDP比率",
            low=-1000.0,
            high=1000.0,
        ),
        *group_outcomes(),
        *(outcome for limit in EVERY_LIMIT for outcome in limit_outcomes(limit)),
    )
}
"""All outcomes, in the order of the monthly table."""


_READERS = tuple((name, outcome.read) for name, outcome in OUTCOMES.items())


_NO_LIMITS: Mapping[str, LimitReading] = {}


def observe(
    world: World,
    services: AIServicesMonth | None = None,
    output: OutputMonth | None = None,
    limits: Mapping[str, LimitReading] = _NO_LIMITS,
) -> dict[str, float]:
    """Read every outcome off the world as it stands, and off the month's records; there are none at the start."""
    seen = Observed(world, services, output, limits)
    return {name: float(read(seen)) for name, read in _READERS}
