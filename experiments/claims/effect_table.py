"""Which arms, figure and horizon answer each claimed effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from itcho.experiments.claims import readings as read
from itcho.experiments.claims.ensembles import Arm, Run

Reading = Callable[[Run], float]

CHIPS_ACT_DOSE = 7.5
NO_DOSE = frozenset({"none", "chip-deal"})
"""Policies without a programme: there is no dose to change."""


@dataclass(frozen=True)
class Effect:
    """How a claimed effect is measured.

    Attributes
    ----------
    treated, control : the two arms.
    reading : the figure of a run.
    unit, what : of the effect, and what it is.
    months : length of run that it needs.
    percent : whether the effect is in percent of the control.
    path : outcome or probe whose effect the picture shows over time.
    others : further effects by what they are, with their units; a unit of % means percent of the control.
    also : an effect that has to hold as well.
    note : what a reader has to know of the measure.
    """

    treated: Arm
    control: Arm
    reading: Reading
    unit: str
    what: str
    months: int
    percent: bool = False
    path: str = ""
    others: tuple[tuple[str, Reading, str], ...] = ()
    also: tuple[str, Reading, str] | None = None
    note: str = ""

    @property
    def dosed(self) -> bool:
        """Whether the programme's dose can be changed."""
        return self.treated.policy not in NO_DOSE

    def arms(self, dose: float, credibility: bool) -> tuple[Arm, Arm]:
        """Treated and control arm at a dose of the programme."""
        return self._arm(self.treated, dose, credibility), self._arm(self.control, dose, credibility)

    def _arm(self, arm: Arm, dose: float, credibility: bool) -> Arm:
        return replace(arm, dose=1.0 if arm.policy in NO_DOSE else dose, credibility=credibility)


NONE, ACTUAL = Arm(policy="none"), Arm()
DEAL = Arm(policy="chip-deal")


def _of_fiscal_year(name: str, year: int) -> Reading:
    return lambda run: run.end(name, year, fiscal=True)


def _of_year(name: str, year: int) -> Reading:
    return lambda run: run.mean(name, year)


EFFECTS: dict[str, Effect] = {
    "debt-ratio-2027-rebound": Effect(
        ACTUAL,
        NONE,
        partial(read.debt_ratio_former_base, year=2027),
        "pp",
        "gross debt over GDP at the end of 2027, former GDP base, programme against none",
        21,
        path="gov_debt_to_gdp_pct",
        others=(("the same on the 2020 GDP base", partial(read.debt_ratio, year=2027), "pp"),),
    ),
    "bond-dependency": Effect(
        ACTUAL,
        NONE,
        _of_fiscal_year("bond_dependency_pct", 2026),
        "pp",
        "bond dependency of the general account in FY2026, programme against none",
        12,
        path="bond_dependency_pct",
        note="The programme's own bonds are those of a special account and do not count in bond dependency.",
    ),
    "delay-deficit": Effect(
        Arm("delayed-output"),
        ACTUAL,
        _of_fiscal_year("deficit_trn_yen_fy", 2027),
        "trn yen",
        "deficit of FY2027, output delayed against baseline, both with the programme",
        24,
        path="deficit_trn_yen_fy",
    ),
    "yen-path-2027": Effect(
        Arm("breakthrough"),
        ACTUAL,
        _of_year("usdjpy_average", 2027),
        "yen per USD",
        "USD/JPY, mean of 2027, breakthrough against baseline, both with the programme",
        21,
        path="usdjpy_average",
    ),
    "yen-fall": Effect(
        ACTUAL,
        NONE,
        read.short_run_usdjpy,
        "%",
        "USD/JPY, mean of months 12 to 24, programme against none; up is a weaker yen",
        24,
        percent=True,
        path="usdjpy_average",
    ),
    "chip-imports-rise": Effect(
        ACTUAL,
        NONE,
        read.chip_imports_2026_27,
        "%",
        "chip imports of 2026 and 2027, programme against none",
        21,
        percent=True,
        path="chip_imports_trn_yen",
    ),
    "market-share-2027": Effect(
        ACTUAL,
        NONE,
        _of_year("japan_share_global_ai_pct", 2027),
        "pp",
        "Japan's share of world AI revenue, mean of 2027, programme against none",
        21,
        path="japan_share_global_ai_pct",
    ),
    "domestic-share": Effect(
        Arm("breakthrough"),
        ACTUAL,
        read.domestic_share,
        "pp",
        "domestic share of models at home, mean of 2027 to 2030, breakthrough against baseline",
        57,
        path="domestic_ai_share_home_pct",
    ),
    "boj-sooner": Effect(
        ACTUAL,
        NONE,
        read.policy_rate,
        "pp",
        "policy rate, mean of FY2026 and FY2027, programme against none",
        24,
        path="policy_rate_pct",
    ),
    "yen-jgb-volatility": Effect(
        Arm(policy="actual-early-normalisation"),
        ACTUAL,
        read.daily_yen_volatility,
        "pp",
        "daily standard deviation of USD/JPY in FY2026-27, early normalisation against the rule in force",
        24,
        path="policy_rate_pct",
        also=("monthly standard deviation of changes of the 10-year yield", read.monthly_yield_volatility, "pp"),
    ),
    "productivity-vs-debt": Effect(
        ACTUAL,
        NONE,
        read.fiscal_present_value,
        "trn yen",
        "present value of ten years of primary balances, programme against none",
        120,
        path="gov_debt_to_gdp_pct",
        others=(
            (
                "productivity from AI after ten years",
                lambda run: float(run.monthly["productivity_gain_pct"][119]),
                "pp",
            ),
            ("rise of consumer prices in ten years", read.consumer_prices, "pp"),
            (
                "gross debt over GDP after ten years",
                lambda run: float(run.monthly["gov_debt_to_gdp_pct"][119]),
                "pp",
            ),
        ),
    ),
    "stop-loss": Effect(
        Arm(policy="stop-loss"),
        ACTUAL,
        read.net_programme_value,
        "trn yen",
        "what the programme returns less what it costs in ten years, stages with stop-loss against the schedule",
        120,
        path="programme_cost_trn_yen",
        others=(
            (
                "domestic share of models at home in the tenth year",
                partial(read.at_ten_years, "domestic_ai_share_home_pct"),
                "pp",
            ),
            ("present value of ten years of primary balances", read.fiscal_present_value, "trn yen"),
        ),
    ),
    "adoption-crowd": Effect(
        Arm(dose=CHIPS_ACT_DOSE),
        NONE,
        partial(read.at_ten_years, "domestic_ai_revenue_trn_yen"),
        "trn yen",
        f"yearly revenue of AI firms controlled in Japan in the tenth year, dose of {CHIPS_ACT_DOSE:g} against none",
        120,
        path="domestic_ai_revenue_trn_yen",
        others=(
            (
                "domestic share of models at home in the tenth year",
                partial(read.at_ten_years, "domestic_ai_share_home_pct"),
                "pp",
            ),
            (
                "Japan's share of world AI revenue in the tenth year",
                partial(read.at_ten_years, "japan_share_global_ai_pct"),
                "pp",
            ),
        ),
    ),
    "private-match": Effect(
        ACTUAL,
        NONE,
        read.own_investment,
        "trn yen",
        "private investment of AI firms controlled in Japan over FY2026-30, programme against none",
        60,
        path="own_investment_trn_yen",
    ),
    "us-chip-purchase": Effect(
        DEAL,
        NONE,
        read.chip_imports_five_years,
        "trn yen",
        "chip imports of five years, purchase of US chips against none",
        60,
        path="chip_imports_trn_yen",
    ),
    "tariff-relief": Effect(
        DEAL,
        replace(DEAL, scenario="tariff-deadlock"),
        read.yearly_exports,
        "trn yen",
        "export receipts a year in years 2 and 3 under the deal, relief granted against deadlock",
        36,
        path="exports_trn_yen",
    ),
    "domestic-chip-squeeze": Effect(
        DEAL,
        NONE,
        read.general_purpose_chip_sales,
        "%",
        "purchases of general-purpose chips in years 2 to 5, purchase of US chips against none",
        60,
        percent=True,
        path="other_chip_purchases_trn_yen",
        note="The model holds the sales of makers of general-purpose chips at a fixed part of what other firms buy; it "
        "has no competition between chips for AI and general-purpose chips, so that only demand can squeeze them.",
    ),
    "us-supplier-gain": Effect(
        DEAL,
        NONE,
        read.designer_revenue,
        "bn USD",
        "what AI firms in Japan pay foreign chip designers in five years, purchase of US chips against none",
        60,
        path="designer_revenue_bn_usd",
        note="The model has no research of chip designers: revenue stands for it.",
    ),
    "bubble-bust": Effect(
        Arm("ai-bust"),
        ACTUAL,
        partial(read.second_year_of_bust, "real_gdp_trn_yen"),
        "%",
        "Japan's real GDP in the second year after the bust began, AI bust against baseline",
        30,
        percent=True,
        path="real_gdp_trn_yen",
        others=(
            ("Japanese equity in the same year", partial(read.second_year_of_bust, "japan_equity_index"), "%"),
            ("SoftBank shares in the same year", partial(read.second_year_of_bust, "softbank_equity_index"), "%"),
            ("USD/JPY in the same year", partial(read.second_year_of_bust, "usdjpy_average"), "%"),
        ),
        note="What happens to households in the United States is the scenario's input; what reaches Japan is the "
        "answer.",
    ),
}
"""Claimed effects by id."""
