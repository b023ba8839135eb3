"""The market for AI services in Japan: adoption, spending by layer and payer, whose services are bought, exports.

The market moves quantities and shares and returns what is to be paid; it posts nothing.  Market share and productivity
are separate channels: productivity depends on adoption, depth and the best quality on offer anywhere, never on who
sells it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from itcho.agents.adopters import AdopterPopulation, Adopters, AdoptionMonth
from itcho.agents.chip_importers import Importers
from itcho.agents.foreign_suppliers import ForeignSupplier
from itcho.agents.views import ParameterValues
from itcho.model.ai.capability import CLOUD, NATIONAL_COMPANY_ROW, Capability, draw_shocks
from itcho.model.ai.choice import ModelLayerChoice, log_odds, monthly_speed, share_of_odds
from itcho.model.ai.records import AIDrivers, AIOpening, AIServicesMonth, ai_opening, bass_share
from itcho.model.ai.service_rows import (
    APPLICATION_LAYER,
    CLOUD_LAYER,
    MODEL_LAYER,
    follow_compute,
    month_of_sales,
)
from itcho.model.ai.service_year import ServiceYear
from itcho.model.chips.market import world_ai_spending_bn_usd
from itcho.model.randomness import Streams

__all__ = ["AIDrivers", "AIOpening", "AIServicesMarket", "AIServicesMonth", "ai_opening", "bass_share"]

FloatArray = NDArray[np.float64]

MONTHS_A_YEAR = 12
_BASE_DATE = 2026.25


class AIServicesMarket:
    """The market for AI services.

    Parameters
    ----------
    parameters : attribute access to the parameter table.
    importers : population with `role`, `domestic_control`, `compute`, `training_share`, `size` and the columns of
        `add_service_columns`; its service columns are updated every month.
    adopters : population with the columns of `add_adopter_columns`.
    peers_indptr, peers_indices : adopters' trading partners in CSR form.
    laboratories : frontier laboratories, in order.
    opening : where the market stands at the start.

    Attributes
    ----------
    capability : quality of laboratories and developers.
    adoption : the adopters' decisions.
    choice : shares of the model layer.
    individual_use : individuals who use generative AI (fraction).
    laboratories : the laboratories' names, in order.

    Raises
    ------
    ValueError : if there is no developer or no cloud controlled in Japan.
    """

    def __init__(
        self,
        parameters: ParameterValues,
        importers: Importers,
        adopters: AdopterPopulation,
        peers_indptr: ArrayLike,
        peers_indices: ArrayLike,
        laboratories: list[ForeignSupplier],
        opening: AIOpening,
    ) -> None:
        self.parameters = parameters
        self.importers = importers
        self.opening = opening
        self.adoption = Adopters(adopters.columns, peers_indptr, peers_indices, parameters)
        self.capability = Capability(importers, laboratories, parameters)
        columns = importers.columns
        clouds = columns["role"] == CLOUD
        self._clouds = np.flatnonzero(clouds & columns["domestic_control"])
        self._foreign_clouds = np.flatnonzero(clouds & ~columns["domestic_control"])
        if not self.capability.rows.size or not self._clouds.size:
            raise ValueError("AI services: the importers need at least one developer and one cloud controlled in Japan")
        self.laboratories = tuple(laboratory.name for laboratory in laboratories)
        self._sellers = self.capability.rows, self._clouds, self._foreign_clouds
        self._served_in_full = np.ones(columns["role"].size)
        self._drift = parameters.ai_choice_quality_weight * self.capability.opening_drift()
        self.choice = self._opening_choice(laboratories)
        self._opening_model_share = self.choice.domestic_share
        self._domestic_weights = np.zeros(self._clouds.size)
        self._foreign_weights = np.zeros(self._foreign_clouds.size)
        self._opening_capacity = self._follow_capacity(1.0)
        self._cloud_share = parameters.ai_domestic_cloud_share
        self._application_share = parameters.ai_domestic_application_share
        self._opening_odds = tuple(
            log_odds(share)
            for share in (
                self._opening_model_share,
                self._cloud_share,
                self._application_share,
                parameters.ai_individual_ceiling,
            )
        )
        self._speeds = (
            monthly_speed(parameters.ai_cloud_share_half_life_months),
            monthly_speed(parameters.ai_application_share_half_life_months),
            monthly_speed(parameters.ai_export_half_life_months),
        )
        self._paying_speed = monthly_speed(parameters.ai_paying_half_life_years * MONTHS_A_YEAR)
        self._import_shares = (
            parameters.ai_developer_import_cost_share,
            parameters.ai_cloud_import_cost_share,
            parameters.ai_application_import_cost_share,
        )
        self._codes = np.concatenate([self.capability.rows, -1 - np.arange(len(laboratories))])
        self.individual_use = opening.individual_use_share
        self._paying = parameters.ai_paying_individuals_start
        self._opening_paying_users = opening.individual_use_share * parameters.ai_paying_individuals_start
        long_run = math.log(2.0) / parameters.chip_price_halving_years
        excess = math.log(2.0) / parameters.ai_token_price_half_life_years - long_run
        self._price_declines = (
            long_run / MONTHS_A_YEAR,
            excess / MONTHS_A_YEAR,
            parameters.ai_frontier_maturation_half_life_years * MONTHS_A_YEAR,
        )
        self._log_technical_price = 0.0
        self._relative_price = 0.0
        self._prices = 1.0, 1.0, 1.0
        self._months = 0
        self._opening_usage = self._usage()
        self._opening_world = self._world(0.0)
        self._fill_histories()
        self._write_opening_sales()
        for month in range(MONTHS_A_YEAR):
            self._choose_suppliers(month)

    def _opening_choice(self, laboratories: list[ForeignSupplier]) -> ModelLayerChoice:
        """Shares at the start: the national company's own share, other developers by size."""
        parameters, rows = self.parameters, self.capability.rows
        shares = np.maximum(self.importers.columns["size"][rows].astype(float), 1e-12)
        if rows[0] == NATIONAL_COMPANY_ROW and rows.size > 1:
            others = 1.0 - parameters.ai_national_company_domestic_share
            shares *= others / shares[1:].sum()
            shares[0] = parameters.ai_national_company_domestic_share
        else:
            shares /= shares.sum()
        foreign = np.array([laboratory.opening_share for laboratory in laboratories])
        # The stated share is that of the past twelve months; the share has been moving as it is about to.
        domestic = share_of_odds(log_odds(parameters.ai_domestic_model_share) + 0.5 * (MONTHS_A_YEAR - 1) * self._drift)
        choice = ModelLayerChoice(
            parameters,
            shares,
            foreign / foreign.sum(),
            domestic,
            self.capability.standing,
            self._drift,
        )
        self.importers.columns["model_share"][rows] = choice.total_shares[: rows.size]
        return choice

    def _follow_capacity(self, speed: float) -> float:
        """Let the clouds' shares follow installed compute; returns ln of domestic over foreign compute in Japan."""
        columns = self.importers.columns
        compute, size = columns["compute"], columns["size"]
        domestic = follow_compute(self._domestic_weights, self._clouds, compute, size, speed)
        if not self._foreign_clouds.size:
            return 0.0
        foreign = follow_compute(self._foreign_weights, self._foreign_clouds, compute, size, speed)
        return math.log(max(domestic, 1e-6) / max(foreign, 1e-6))

    def _fill_histories(self) -> None:
        """Twelve months before the start, on the growth the market is about to have; sets the monthly bases."""
        parameters, opening = self.parameters, self.opening
        price = self._technical_price_change() * (1.0 + parameters.ai_own_price_elasticity)
        common = price + parameters.ai_nominal_gdp_growth_history / MONTHS_A_YEAR
        growth_firms = common + self.adoption.trial_growth(self._usage)
        individual = self._bass_flow(self.individual_use, parameters.ai_individual_ceiling) / self.individual_use
        paying = (parameters.ai_paying_individuals_long_run / self._paying - 1.0) * self._paying_speed
        growth_households = common + individual + paying
        back = np.arange(MONTHS_A_YEAR - 1, -1, -1.0)
        firms, households = np.exp(-growth_firms * back), np.exp(-growth_households * back)
        household_share = np.array(
            [parameters.ai_household_model_share, 0.0, parameters.ai_household_application_share]
        )
        yearly = np.array(opening.spending_trn_yen)
        base_firms = yearly * (1.0 - household_share) / firms.sum()
        base_households = yearly * household_share / households.sum()
        self._bases = tuple(zip(base_firms.tolist(), base_households.tolist(), strict=True))
        self._base_spending = float(base_firms.sum() + base_households.sum())
        history = np.outer(base_firms, firms) + np.outer(base_households, households)
        world = np.array([self._world(-float(month) / MONTHS_A_YEAR) for month in back]) / MONTHS_A_YEAR
        drift = parameters.ai_export_quality_weight * self.capability.opening_drift()
        path = world / world[-1] * np.exp(-drift * back)
        export_base = opening.exports_trn_yen / float(path.sum())
        exports = export_base * path
        accessible = parameters.ai_export_accessible_share * self._opening_world / MONTHS_A_YEAR
        export_share = export_base * 1000.0 / opening.usdjpy / accessible
        self._export_shares = export_share * self._developer_shares()
        lead = math.exp(drift * (1.0 / self._speeds[2] - 1.0))
        self._opening_export_odds = self._export_shares / (1.0 - export_share) * lead
        self._opening_standing = self.capability.standing.copy()
        odds = log_odds(self.choice.domestic_share)
        domestic = history * np.array([[self._cloud_share], [self._cloud_share], [self._application_share]])
        domestic[MODEL_LAYER] = history[MODEL_LAYER] / (1.0 + np.exp(-(odds - self._drift * back)))
        self._year = ServiceYear(history, domestic, exports, world, opening.usdjpy)

    def _write_opening_sales(self) -> None:
        """Put the sales of the last month before the start in the importers' columns."""
        columns = self.importers.columns
        spent, *_ = self._spent_on_suppliers(*map(sum, self._bases))
        model, cloud, foreign_cloud, application_per_share = spent
        developers = self.choice.total_shares[: self.choice.developers] * (model + application_per_share)
        columns["revenue_trn_yen"][self.capability.rows] = developers
        columns["revenue_trn_yen"][self._clouds] = cloud * self._domestic_weights
        columns["revenue_trn_yen"][self._foreign_clouds] = foreign_cloud * self._foreign_weights
        accessible = self.parameters.ai_export_accessible_share * self._opening_world / MONTHS_A_YEAR
        columns["foreign_revenue_trn_yen"][self.capability.rows] = (
            self._export_shares * accessible * self.opening.usdjpy / 1000.0
        )

    def step(self, month: int, drivers: AIDrivers, streams: Streams) -> AIServicesMonth:
        """Run one month and return what is to be paid.

        Parameters
        ----------
        month : month of the run, 0 first.
        drivers : the rest of the economy and the policy.
        streams : `generator(name, month)` and `noise_off`; the stream drawn is `ai_capability`.
        """
        capability, columns = self.capability, self.importers.columns
        shocks = draw_shocks(streams, month, capability)
        self._log_technical_price += self._technical_price_change()
        self._months += 1
        capability.step(
            shocks,
            drivers.data_availability_index,
            drivers.frontier_progress_multiplier,
            drivers.algorithmic_progress_multiplier,
            drivers.catch_up_multiplier,
        )
        depreciation = drivers.usdjpy / self.opening.usdjpy
        multiplier = drivers.service_price_multiplier
        self._set_prices(depreciation, drivers.cpi_index, multiplier)
        self.choice.step(
            capability.standing,
            self._relative_price,
            columns["market_utility_shift"],
            capability.rows,
            drivers.domestic_content_share_required,
        )
        self._move_layers(depreciation, drivers.cpi_index)
        price_surprise = math.log(depreciation * multiplier / drivers.cpi_index)
        adoption = self._adopt(drivers, price_surprise)
        self._individuals(price_surprise, drivers.usefulness_shift_sd)
        self._choose_suppliers(month)
        return self._sell(month, drivers, adoption)

    def _technical_price_change(self) -> float:
        """Monthly ln change of quality-adjusted service prices in dollars; its pace falls to that of chips."""
        long_run, excess, half_life_months = self._price_declines
        return float(-(long_run + excess * 0.5 ** (self._months / half_life_months)))

    def _set_prices(self, depreciation: float, cpi: float, multiplier: float) -> None:
        """Yen prices of developers and of clouds controlled in Japan and abroad.

        Domestic cost follows prices at home, the imported part the dollar.
        """
        parameters = self.parameters
        technical = math.exp(self._log_technical_price) * multiplier
        developer = _cost(parameters.ai_developer_import_cost_share, depreciation, cpi)
        cloud = _cost(parameters.ai_cloud_import_cost_share, depreciation, cpi)
        self._prices = technical * developer, technical * cloud, technical * depreciation
        self._relative_price = math.log(developer / depreciation)

    def _move_layers(self, depreciation: float, cpi: float) -> None:
        """Sluggish domestic shares of clouds and applications."""
        parameters = self.parameters
        cloud_speed, application_speed, _ = self._speeds
        model = self.choice.domestic_share
        cloud_price = math.log(_cost(parameters.ai_cloud_import_cost_share, depreciation, cpi) / depreciation)
        capacity = self._follow_capacity(cloud_speed) - self._opening_capacity
        model_odds, cloud_odds, application_odds, _ = self._opening_odds
        cloud = (
            cloud_odds
            + parameters.ai_cloud_capacity_elasticity * capacity
            + parameters.ai_cloud_price_elasticity * cloud_price
            + parameters.ai_cloud_model_pull * (model - self._opening_model_share)
        )
        self._cloud_share += cloud_speed * (share_of_odds(cloud) - self._cloud_share)
        price = math.log(_cost(parameters.ai_application_import_cost_share, depreciation, cpi) / depreciation)
        application = (
            application_odds
            + parameters.ai_application_price_elasticity * price
            + parameters.ai_application_model_pull * (log_odds(model) - model_odds)
        )
        self._application_share += application_speed * (share_of_odds(application) - self._application_share)

    def _adopt(self, drivers: AIDrivers, price_surprise: float) -> AdoptionMonth:
        """Firms' adoption.  The best quality on offer anywhere counts, not who sells it."""
        parameters = self.parameters
        benefit = (
            parameters.ai_benefit_quality_weight * (self.capability.surprise() + drivers.usefulness_shift_sd)
            - parameters.ai_benefit_price_weight * (price_surprise + self.choice.content_loss)
            + parameters.ai_benefit_wage_weight * math.log(drivers.real_wage_index)
        )
        advance = self.capability.advance() + drivers.usefulness_shift_sd
        widening = 1.0 + parameters.ai_exposure_widening * (
            1.0 - math.exp(-max(advance, 0.0) / parameters.ai_exposure_widening_scale_sd)
        )
        return self.adoption.step(benefit, widening, drivers.adoption_subsidy_share_of_cost)

    def _bass_flow(self, use: float, ceiling: float) -> float:
        """New individual users a month (fraction of people)."""
        innovation, imitation = self.parameters.ai_individual_innovation, self.parameters.ai_individual_imitation
        growth = (innovation + imitation * use / ceiling) * max(ceiling - use, 0.0) / MONTHS_A_YEAR
        middle = use + 0.5 * growth
        return (innovation + imitation * middle / ceiling) * max(ceiling - middle, 0.0) / MONTHS_A_YEAR

    def _individuals(self, price_surprise: float, usefulness_shift_sd: float) -> None:
        """Individuals' use: Bass, with a ceiling that responds mildly to price and quality."""
        parameters = self.parameters
        shift = (
            parameters.ai_individual_quality_response * (self.capability.surprise() + usefulness_shift_sd)
            - parameters.ai_individual_price_response * price_surprise
        )
        ceiling = share_of_odds(self._opening_odds[3] + shift)
        self.individual_use += self._bass_flow(self.individual_use, ceiling)
        self._paying += self._paying_speed * (parameters.ai_paying_individuals_long_run - self._paying)

    def _choose_suppliers(self, month: int) -> None:
        """A twelfth of the firms renew their contracts."""
        self.adoption.choose_suppliers(month, self.choice.shares, self._codes)

    def _usage(self) -> float:
        """Firms' use of AI: light users count 1, deep users more."""
        return self.adoption.use + (self.parameters.ai_deep_spending_ratio - 1.0) * self.adoption.deep

    def _world(self, years: float) -> float:
        """Mean path of world AI spending, bn USD a year, `years` after the start."""
        return world_ai_spending_bn_usd(_BASE_DATE + self.opening.years_from_2026 + years, self.parameters)

    def _developer_shares(self) -> FloatArray:
        """Shares among domestic developers, sum 1."""
        shares = self.choice.total_shares[: self.choice.developers]
        return np.asarray(shares / max(float(shares.sum()), 1e-300))

    def _spending(self, drivers: AIDrivers) -> list[tuple[float, float, float]]:
        """Spending by layer and payer, trn yen this month, before any shortage.  Volume has elasticity eta in price."""
        parameters = self.parameters
        technical = self._log_technical_price + math.log(drivers.service_price_multiplier / drivers.cpi_index)
        depreciation = math.log(drivers.usdjpy / self.opening.usdjpy)
        usage = self._usage() / self._opening_usage
        individuals = self.individual_use * self._paying / self._opening_paying_users
        domestic_shares = self.choice.domestic_share, self._cloud_share, self._application_share
        response = 1.0 + parameters.ai_own_price_elasticity
        organisations, households = [], []
        for domestic, import_share, (firms, people) in zip(
            domestic_shares, self._import_shares, self._bases, strict=True
        ):
            in_dollars = 1.0 - domestic * (1.0 - import_share)
            scale = math.exp(response * (technical + depreciation * in_dollars)) * drivers.nominal_gdp_index
            organisations.append(firms * scale * usage)
            households.append(people * scale * individuals)
        # A budget share cannot grow for ever: near its ceiling, cheaper services crowd out one another.
        ratio = (sum(organisations) + sum(households)) / (self._base_spending * drivers.nominal_gdp_index)
        ceiling = parameters.ai_spending_ceiling_ratio
        crowded = (1.0 + 1.0 / ceiling) / (1.0 + ratio / ceiling)
        government = crowded * parameters.ai_government_share
        private = crowded - government
        return [
            (private * organisation, crowded * household, government * organisation)
            for organisation, household in zip(organisations, households, strict=True)
        ]

    def _export_laws(self, world: float, usdjpy: float) -> tuple[float, float, float, float]:
        """Weight of quality, utility of the price, monthly speed, and the accessible world market, trn yen a month."""
        parameters = self.parameters
        return (
            parameters.ai_export_quality_weight,
            parameters.ai_export_price_elasticity * self._relative_price,
            self._speeds[2],
            parameters.ai_export_accessible_share * world / MONTHS_A_YEAR * usdjpy / 1000.0,
        )

    def _market_shares(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Shares of the model layer, and weights of clouds controlled in Japan and abroad."""
        return self.choice.total_shares, self._domestic_weights, self._foreign_weights

    def _spent_on_suppliers(
        self, model: float, cloud: float, application: float
    ) -> tuple[tuple[float, float, float, float], float, float, float]:
        """Split spending by layer among kinds of suppliers, before any shortage.

        Returns what is spent on suppliers with rows (see `month_of_sales`), and what is paid for clouds abroad, for
        applications abroad and to integrators in Japan.
        """
        parameters = self.parameters
        domestic = application * self._application_share
        by_developers = domestic * parameters.ai_application_developer_share
        foreign_cloud = cloud * (1.0 - self._cloud_share)
        local = 0.0
        if self._foreign_clouds.size:
            local = foreign_cloud * (1.0 - parameters.ai_foreign_cloud_offshore_share)
        spent = model, cloud * self._cloud_share, local, by_developers / self.choice.domestic_share
        return spent, foreign_cloud - local, application - domestic, domestic - by_developers

    def _sell(self, month: int, drivers: AIDrivers, adoption: AdoptionMonth) -> AIServicesMonth:
        """Split spending among suppliers, ration by what compute can serve, and keep the books of twelve months."""
        parameters, columns, choice = self.parameters, self.importers.columns, self.choice
        wanted = self._spending(drivers)
        layers = tuple(map(sum, wanted))
        spending = np.array(wanted)
        spent, foreign_cloud, foreign_applications, integrators = self._spent_on_suppliers(*layers)
        world = self._world(self._months / MONTHS_A_YEAR) * drivers.global_ai_demand_index
        served = self._served_in_full if drivers.served_share is None else drivers.served_share
        sales = np.zeros((4, self._served_in_full.size))
        bought, domestic, diverted, exports = month_of_sales(
            sales,
            spending,
            self._sellers,
            self._market_shares(),
            self._prices,
            spent,
            self._export_shares,
            self._opening_export_odds,
            self.capability.standing,
            self._opening_standing,
            columns["market_utility_shift"],
            self._export_laws(world, drivers.usdjpy),
            np.ascontiguousarray(served, dtype=np.float64),
            parameters.ai_capacity_diversion_share,
            columns["revenue_trn_yen"],
            columns["foreign_revenue_trn_yen"],
            columns["model_share"],
            columns["price_index"],
        )
        laboratories = choice.total_shares[choice.developers :]
        per_share = layers[MODEL_LAYER] + diverted[MODEL_LAYER] / max(1.0 - choice.domestic_share, 1e-300)
        self._year.book(
            month,
            bought,
            domestic,
            exports,
            integrators,
            world,
            drivers.usdjpy,
        )
        home, home_cloud, home_applications, sold_of_world, spent_of_world, year_of_exports = self._year.outcomes()
        cost = parameters.ai_integration_cost_trn_yen * drivers.nominal_gdp_index * adoption.integration_effort
        return AIServicesMonth(
            spending_trn_yen=spending,
            sales_trn_yen=sales,
            exports_bn_usd=exports * 1000.0 / drivers.usdjpy,
            laboratory_revenue=laboratories * per_share,
            foreign_cloud=foreign_cloud + diverted[CLOUD_LAYER],
            foreign_applications=foreign_applications + diverted[APPLICATION_LAYER],
            integrators=integrators,
            integration_cost=cost,
            adoption_subsidy_due=cost * min(max(drivers.adoption_subsidy_share_of_cost, 0.0), 1.0),
            world_spending_bn_usd=world,
            frontier_gap_months=-self.capability.standing.item(0) * MONTHS_A_YEAR,
            domestic_ai_share_home_pct=home,
            domestic_ai_share_home_cloud_pct=home_cloud,
            domestic_ai_share_home_applications_pct=home_applications,
            japan_share_global_ai_pct=sold_of_world,
            japan_share_global_ai_spending_pct=spent_of_world,
            ai_service_exports_trn_yen=year_of_exports,
            adoption_pct=100.0 * adoption.use_share,
            deep_adoption_pct=100.0 * adoption.deep_share,
            genai_individual_use_pct=100.0 * self.individual_use,
            productivity_gain_pct=100.0 * (adoption.productivity_level / self.adoption.opening_level - 1.0),
        )


def _cost(import_share: float, depreciation: float, cpi: float) -> float:
    """Yen cost with an imported part, 1 at the start."""
    return (1.0 - import_share) * cpi + import_share * depreciation
