"""Smallest effects of interest: below which size an effect on an outcome is too small to matter, whatever it is.

Where an official statistic is published, an effect smaller than its last published digit could not be seen in it; where
there is none, or prices move by more every day, the reason stands beside the size.  They are judgements about what a
reader would act on, nothing that the model uses: studies and the command line may set others.
"""

from __future__ import annotations

from dataclasses import dataclass

from itcho.agents.household_groups import NAMES as GROUP_NAMES
from itcho.agents.limits_of_holders import EVERY_LIMIT


@dataclass(frozen=True)
class SmallestEffect:
    """The smallest effect on an outcome that is of interest.

    Attributes
    ----------
    size : in the outcome's unit, above zero.
    why : in a few words.
    """

    size: float
    why: str


_PUBLISHED = "last digit of the published figure"
_DAY_OF_YEN = "less than an ordinary day's move"
_BASIS_POINTS = "five basis points, an ordinary day's move of long yields"
_BUDGET = "a tenth of a trillion, the digit in which budgets are read"
_GDP = "a tenth of a percent of GDP"
_SURVEY = "sampling error of the surveys is larger"
_HOLDINGS = "less than an ordinary week's move of its holdings brings"
_PROGRAMME = "about a hundredth of the announced programme"

SMALLEST_EFFECTS: dict[str, SmallestEffect] = {
    "usdjpy": SmallestEffect(1.0, _DAY_OF_YEN),
    "usdjpy_average": SmallestEffect(1.0, _DAY_OF_YEN),
    "policy_rate_pct": SmallestEffect(0.05, "a fifth of the usual step of 0.25 points"),
    "jgb_2y_pct": SmallestEffect(0.05, _BASIS_POINTS),
    "jgb_5y_pct": SmallestEffect(0.05, _BASIS_POINTS),
    "jgb_10y_pct": SmallestEffect(0.05, _BASIS_POINTS),
    "jgb_30y_pct": SmallestEffect(0.05, _BASIS_POINTS),
    "superlong_gap_bp": SmallestEffect(5.0, _BASIS_POINTS),
    "auction_tail_bp": SmallestEffect(5.0, _BASIS_POINTS),
    "us_policy_rate_pct": SmallestEffect(0.05, "a fifth of the usual step of 0.25 points"),
    "ai_capex_abroad_bn_usd": SmallestEffect(10.0, "less than one company's plan is revised by in a quarter"),
    "ai_capex_over_cash_flow_pct": SmallestEffect(1.0, _PUBLISHED),
    "ai_shares_multiple": SmallestEffect(1.0, "less than an ordinary week's move"),
    "chip_makers_sales_trn_yen": SmallestEffect(0.1, "two percent of sales of chip equipment"),
    "chips_without_power_pct": SmallestEffect(0.5, "a week's deliveries of chips"),
    "grid_wait_years": SmallestEffect(0.25, "waits are told in years"),
    "cpi_yoy_pct": SmallestEffect(0.1, _PUBLISHED),
    "real_gdp_growth_pct": SmallestEffect(0.1, _PUBLISHED),
    "real_gdp_trn_yen": SmallestEffect(0.6, _GDP),
    "nominal_gdp_trn_yen": SmallestEffect(0.7, _GDP),
    "output_gap_pct": SmallestEffect(0.1, _PUBLISHED),
    "unemployment_pct": SmallestEffect(0.1, _PUBLISHED),
    "deficit_trn_yen_fy": SmallestEffect(0.1, _BUDGET),
    "primary_balance_trn_yen_fy": SmallestEffect(0.1, _BUDGET),
    "spending_trn_yen_fy": SmallestEffect(0.1, _BUDGET),
    "tax_revenue_trn_yen_fy": SmallestEffect(0.1, _BUDGET),
    "interest_trn_yen_fy": SmallestEffect(0.1, _BUDGET),
    "bond_dependency_pct": SmallestEffect(0.1, _PUBLISHED),
    "gov_debt_trn_yen": SmallestEffect(0.7, _GDP),
    "gov_debt_to_gdp_pct": SmallestEffect(0.1, _PUBLISHED),
    "current_account_trn_yen": SmallestEffect(0.1, "a tenth of a trillion, the digit in which it is reported"),
    "chip_imports_trn_yen": SmallestEffect(0.05, "about one percent of a year's imports"),
    "domestic_ai_share_home_pct": SmallestEffect(0.1, "a tenth of a point, finer than market shares are published"),
    "domestic_ai_share_home_cloud_pct": SmallestEffect(0.1, "as for the model layer"),
    "domestic_ai_share_home_applications_pct": SmallestEffect(0.1, "as for the model layer"),
    "japan_share_global_ai_pct": SmallestEffect(0.05, "world spending is not known to a finer share"),
    "japan_share_global_ai_spending_pct": SmallestEffect(0.05, "world spending is not known to a finer share"),
    "adoption_pct": SmallestEffect(0.5, _SURVEY),
    "deep_adoption_pct": SmallestEffect(0.1, "a tenth of a point of firms' activity"),
    "genai_individual_use_pct": SmallestEffect(0.5, _SURVEY),
    "productivity_gain_pct": SmallestEffect(0.01, "about 0.07 trillion yen of output a year"),
    "ai_service_exports_trn_yen": SmallestEffect(0.01, _PROGRAMME),
    "ai_tax_revenue_trn_yen_fy": SmallestEffect(0.01, _PROGRAMME),
    "programme_cost_trn_yen": SmallestEffect(0.01, _PROGRAMME),
    "programme_return_trn_yen": SmallestEffect(0.01, _PROGRAMME),
    "public_receipts_trn_yen": SmallestEffect(0.01, _PROGRAMME),
    "softbank_ltv_pct": SmallestEffect(0.5, _HOLDINGS),
    "softbank_ltv_with_margin_loans_pct": SmallestEffect(0.5, _HOLDINGS),
    "softbank_equity_index": SmallestEffect(0.01, "one percent of its start, less than an ordinary day's move"),
    "japan_equity_index": SmallestEffect(0.01, "one percent of its start, an ordinary day's move"),
    "worry_about_prices_pct": SmallestEffect(1.0, "polls are read in whole points"),
    "initial_budget_trn_yen": SmallestEffect(0.1, "a tenth of a trillion, the digit in which it is reported"),
    "initial_bond_dependency_pct": SmallestEffect(0.1, "the digit in which it is reported"),
    "supplementary_budget_trn_yen": SmallestEffect(0.1, "a tenth of a trillion, the digit in which it is reported"),
    "approval_pct": SmallestEffect(1.0, "polls are read in whole points"),
    "fiscal_doubt_pct": SmallestEffect(1.0, "a belief in whole percent"),
    "net_foreign_assets_trn_yen": SmallestEffect(0.7, _GDP),
    "export_volume_index": SmallestEffect(0.001, _PUBLISHED),
    "import_volume_index": SmallestEffect(0.001, _PUBLISHED),
    "real_consumption_trn_yen": SmallestEffect(0.3, "a tenth of a percent of consumption"),
    "corporate_income_trn_yen": SmallestEffect(0.1, "a tenth of a trillion, the digit in which it is reported"),
    "consumer_price_index": SmallestEffect(0.001, _PUBLISHED),
    "fiscal_balance_pct_gdp": SmallestEffect(0.1, _PUBLISHED),
    "current_account_pct_gdp": SmallestEffect(0.1, _PUBLISHED),
}
"""By outcome; every outcome of :data:`itcho.model.measure.outcomes.OUTCOMES` has one."""

SMALLEST_EFFECTS |= {
    f"{what}_{name}_trn_yen": SmallestEffect(0.01, _PROGRAMME) for name in GROUP_NAMES for what in ("gain", "burden")
}
SMALLEST_EFFECTS |= {
    f"bound_share_{limit.name}_pct": SmallestEffect(1.0, "a share in whole percent") for limit in EVERY_LIMIT
}
SMALLEST_EFFECTS |= {f"withheld_{limit.name}_trn_yen": SmallestEffect(0.01, _PROGRAMME) for limit in EVERY_LIMIT}
