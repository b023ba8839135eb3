"""What the market for AI services is told and what it returns: its opening, its monthly drivers, its monthly record."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from itcho.agents.rules.subsidy import USUAL_TERMS, ContractTerms
from itcho.agents.views import ParameterValues
from itcho.model.ai.odds import log_odds, share_of_odds

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AIOpening:
    """Where the market stands at the start of a run.

    Attributes
    ----------
    usdjpy : yen per dollar.
    years_from_2026 : years from 2026-03-31 to the start (-2 for 2024-03-31).
    use_share, deep_share, policy_share, individual_use_share : fractions; the third of firms with a policy on AI.
    spending_trn_yen : last twelve months' spending by layer (model, cloud, application).
    exports_trn_yen : last twelve months' exports of AI services.
    """

    usdjpy: float
    years_from_2026: float
    use_share: float
    deep_share: float
    policy_share: float
    individual_use_share: float
    spending_trn_yen: tuple[float, float, float]
    exports_trn_yen: float


def ai_opening(parameters: ParameterValues, usdjpy: float, years_from_2026: float = 0.0) -> AIOpening:
    """The opening of a run from the parameter table.

    The shares of firms and people are those of 2026-03-31 and 2024-03-31, log-odds interpolated between and beyond;
    spending and exports are carried by the growth of 2023-25.
    """

    def between(now: float, two_years_ago: float) -> float:
        slope = (log_odds(now) - log_odds(two_years_ago)) / 2.0
        return share_of_odds(log_odds(now) + slope * years_from_2026)

    carried = math.exp(parameters.ai_spending_growth_2023_2025 * years_from_2026)
    return AIOpening(
        usdjpy=usdjpy,
        years_from_2026=years_from_2026,
        use_share=between(parameters.ai_use_share_start, parameters.ai_use_share_start_2024),
        deep_share=between(parameters.ai_deep_share_start, parameters.ai_deep_share_start_2024),
        policy_share=between(parameters.ai_policy_share_start, parameters.ai_policy_share_start_2024),
        individual_use_share=between(
            parameters.ai_individual_use_share_start, parameters.ai_individual_use_share_start_2024
        ),
        spending_trn_yen=(
            parameters.ai_spending_model_trn_yen * carried,
            parameters.ai_spending_cloud_trn_yen * carried,
            parameters.ai_spending_application_trn_yen * carried,
        ),
        exports_trn_yen=parameters.ai_service_exports_trn_yen * carried,
    )


@dataclass(frozen=True, slots=True)
class IndustryDrivers:
    """What the rest of the economy, the policy and the scenario tell the chip market and the AI firms this month.

    Attributes
    ----------
    usdjpy, usdjpy_start, usdjpy_average_3m : yen per dollar: now, at the start of the run, mean of three months.
    cpi_index, nominal_gdp_index, real_gdp_index, wage_index : 1 at the start.
    lending_rate_pct : base lending rate.
    global_ai_demand_index : world orders of AI chips over their expected path (1 = on the path).
    import_fuel_price_index : in yen, 1 at the start.
    corporate_tax_rate : a share.
    chip_capacity : capacity of each foreign supplier, 1 = normal, (suppliers,).
    loan_guarantee_share : part of debt that the state guarantees, one for all or by importer, (n,).
    chip_purchases_trn_yen : orders that a trade deal adds to each importer's own, (n,); None without a deal.
    chip_dollar_price_factor, data_centre_cost_factor : scenario's factors on the dollar price of chips and on the cost
        of data centres.
    chip_price_markup : designers' prices over the path of list prices.
    funding_climate : readiness to fund AI firms, from 1 (usual) to 0 (drought).
    """

    usdjpy: float
    usdjpy_start: float
    usdjpy_average_3m: float
    cpi_index: float
    nominal_gdp_index: float
    real_gdp_index: float
    wage_index: float
    lending_rate_pct: float
    global_ai_demand_index: float
    import_fuel_price_index: float
    corporate_tax_rate: float
    chip_capacity: FloatArray
    loan_guarantee_share: float | FloatArray = 0.0
    chip_purchases_trn_yen: FloatArray | None = None
    chip_dollar_price_factor: float = 1.0
    data_centre_cost_factor: float = 1.0
    chip_price_markup: float = 1.0
    funding_climate: float = 1.0


@dataclass(slots=True)
class AIDrivers:
    """What the rest of the economy and the policy tell the market this month.

    Attributes
    ----------
    usdjpy : yen per dollar.
    cpi_index, nominal_gdp_index, real_wage_index : 1 at the start.
    global_ai_demand_index : world AI spending over its mean path (1 = on the path).
    frontier_progress_multiplier : scenario's multiplier on the mean growth of the frontier.
    service_price_multiplier : scenario's multiplier on the level of service prices in dollars.
    adoption_subsidy_share_of_cost : part of firms' cost of integration that the state bears (0..1).
    domestic_content_share_required : part of regulated buyers that may take suppliers in Japan only (0..1).
    contract_terms : on which firms contract for models.
    algorithmic_progress_multiplier, catch_up_multiplier : scenario's multipliers on the speed of algorithms that
    everybody can use, and on the speed at which followers close their gap.
    usefulness_shift_sd : worth in use of AI on offer anywhere against its expected path, s.d. of quality.
    data_availability_index : data that domestic developers may train on, 1 at the start.
    served_share : per importer row, the part of demand its compute can serve (0..1); None = all.
    served_by_laboratories : the same of each laboratory; None = all.
    """

    usdjpy: float
    cpi_index: float = 1.0
    nominal_gdp_index: float = 1.0
    real_wage_index: float = 1.0
    global_ai_demand_index: float = 1.0
    frontier_progress_multiplier: float = 1.0
    service_price_multiplier: float = 1.0
    adoption_subsidy_share_of_cost: float = 0.0
    domestic_content_share_required: float = 0.0
    contract_terms: ContractTerms = USUAL_TERMS
    data_availability_index: float = 1.0
    algorithmic_progress_multiplier: float = 1.0
    catch_up_multiplier: float = 1.0
    usefulness_shift_sd: float = 0.0
    served_share: FloatArray | None = None
    served_by_laboratories: FloatArray | None = None


@dataclass(slots=True)
class AIServicesMonth:
    """What was bought this month and from whom (trn yen a month unless said), and the outcomes.

    Identity: spending_trn_yen.sum() = model_revenue + cloud_revenue + application_revenue (all rows)
    + laboratory_revenue.sum() + foreign_cloud + foreign_applications + integrators.

    Attributes
    ----------
    spending_trn_yen : shape (3, 3): layer (model, cloud, application) by payer (firms, households, government).
    sales_trn_yen : shape (4, importers): sales by layer to users in Japan, and to users abroad.
    model_revenue, cloud_revenue, application_revenue, export_revenue : its rows.
    model_sales_to_households : (importers,) the part of the model layer's sales that households buy.
    exports_bn_usd : sum of the last row in dollars.
    laboratory_revenue, laboratory_revenue_of_households : per laboratory, paid abroad; in all, and by households.
    foreign_cloud, foreign_applications : paid abroad.  (Foreign clouds with a row in Japan are in cloud_revenue.)
    integrators : domestic applications sold by other firms in Japan.
    integration_cost : firms' cost of becoming deep users, inside application spending; adoption_subsidy_due : the
    state's part of it; contract_vouchers_due : its part of what organisations pay under vouchers.
    world_spending_bn_usd : a year, at this month's rate.
    frontier_gap_months : the national company's gap to the frontier, in months of frontier progress at the start.
    *_pct : outcomes, 12-month sums for shares of spending; productivity_gain_pct against the start.
    """

    spending_trn_yen: FloatArray
    sales_trn_yen: FloatArray
    model_sales_to_households: FloatArray
    exports_bn_usd: float
    laboratory_revenue: FloatArray
    laboratory_revenue_of_households: FloatArray
    foreign_cloud: float
    foreign_applications: float
    integrators: float
    integration_cost: float
    adoption_subsidy_due: float
    contract_vouchers_due: float
    world_spending_bn_usd: float
    frontier_gap_months: float
    domestic_ai_share_home_pct: float
    domestic_ai_share_home_cloud_pct: float
    domestic_ai_share_home_applications_pct: float
    japan_share_global_ai_pct: float
    japan_share_global_ai_spending_pct: float
    adoption_pct: float
    deep_adoption_pct: float
    genai_individual_use_pct: float
    productivity_gain_pct: float
    ai_service_exports_trn_yen: float

    @property
    def model_revenue(self) -> FloatArray:
        """Sales of the model layer in Japan, per importer row."""
        return np.asarray(self.sales_trn_yen[0])

    @property
    def cloud_revenue(self) -> FloatArray:
        """Sales of clouds in Japan, per importer row."""
        return np.asarray(self.sales_trn_yen[1])

    @property
    def application_revenue(self) -> FloatArray:
        """Sales of applications in Japan, per importer row."""
        return np.asarray(self.sales_trn_yen[2])

    @property
    def export_revenue(self) -> FloatArray:
        """Sales to users abroad, per importer row."""
        return np.asarray(self.sales_trn_yen[3])
