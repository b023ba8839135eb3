"""The market for AI services in Japan: adoption, spending by layer and payer, whose services are bought, exports.

The market moves quantities and returns what is to be paid; it posts nothing.  Whose services are bought is the sum over
contracts.  Productivity depends on adoption, depth and the best quality on offer anywhere, and on how far behind it a
firm's own supplier is, and how much of its demand it can serve.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from itcho.agents.adopters import AdopterPopulation, Adopters, AdoptionMonth
from itcho.agents.chip_importers import Importers
from itcho.agents.foreign_suppliers import ForeignSupplier
from itcho.agents.individuals import Individuals
from itcho.agents.supplier_codes import INTEGRATORS
from itcho.agents.views import ParameterValues
from itcho.model.ai.capability import CLOUD as CLOUD_ROLE
from itcho.model.ai.capability import Capability, draw_shocks
from itcho.model.ai.contract_market import (
    CLOUD,
    LARGEST_BUYER,
    MODEL,
    PEOPLE,
    PERSONS,
    ContractMarket,
    MarketView,
)
from itcho.model.ai.contract_rows import contracted_sales
from itcho.model.ai.learning import Experience
from itcho.model.ai.odds import monthly_speed
from itcho.model.ai.records import AIDrivers, AIOpening, AIServicesMonth, ai_opening
from itcho.model.ai.service_rows import month_of_sales
from itcho.model.ai.service_year import ServiceYear
from itcho.model.chips.market import world_ai_spending_bn_usd
from itcho.model.randomness import Streams

__all__ = ["AIDrivers", "AIOpening", "AIServicesMarket", "AIServicesMonth", "ai_opening"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Layers: TypeAlias = tuple[float, float, float]

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
    taste_key : of members' tastes.
    alike_individuals : whether groups of individuals differ in nothing but number.
    asleep : nobody sells AI services yet; see :meth:`fall_asleep`.

    Attributes
    ----------
    capability : quality of laboratories and developers.
    adoption : the adopters' decisions.
    contracts : who buys of whom.
    individuals : their use of generative AI.
    asleep : nobody sells AI services yet: nothing is offered, used or paid.
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
        taste_key: int = 0,
        alike_individuals: bool = False,
        asleep: bool = False,
    ) -> None:
        self.parameters = parameters
        self.importers = importers
        self.opening = opening
        self.adoption = Adopters(adopters.columns, peers_indptr, peers_indices, parameters)
        self.capability = Capability(importers, laboratories, parameters)
        self._sellers = self._find_sellers()
        self.laboratories = tuple(laboratory.name for laboratory in laboratories)
        self._served_in_full = np.ones(importers.columns["role"].size)
        self._laboratories_serve_in_full = np.ones(len(laboratories))
        self._export_speed = monthly_speed(parameters.ai_export_half_life_months)
        self._import_shares = (
            parameters.ai_developer_import_cost_share,
            parameters.ai_cloud_import_cost_share,
            parameters.ai_application_import_cost_share,
        )
        self._paying_speed = monthly_speed(parameters.ai_paying_half_life_years * MONTHS_A_YEAR)
        self.individuals = Individuals(parameters, opening.individual_use_share, PERSONS, alike_individuals)
        self._paying = parameters.ai_paying_individuals_start
        self._opening_paying = parameters.ai_paying_individuals_start
        self._price_declines = _price_declines(parameters)
        self._log_technical_price = 0.0
        self._relative_price = 0.0
        self._prices = 1.0, 1.0, 1.0
        self._months = 0
        self._opening_usage = self._usage()
        self._opening_world = self._world(0.0)
        self._opening_standing = self.capability.standing.copy()
        # What one buyer decides must not be the market's, or its luck would grow with the number of firms.
        size = np.minimum(adopters.columns["size"], LARGEST_BUYER)
        self._buyer_size = size / size.sum()
        usage = np.zeros(size.size)
        self._demand = usage
        self._write_demand()
        self.contracts = ContractMarket(
            parameters,
            importers,
            self._sellers,
            [(laboratory.name, laboratory.opening_share) for laboratory in laboratories],
            adopters.columns,
            self._buyer_size,
            self.adoption.peers,
            usage,
            self.individuals,
            self._opening_standing,
            taste_key,
            asleep,
        )
        self._opening_share, self.experience = self._open_contracts()
        self._fill_histories()
        self._write_opening_sales()
        self.asleep = False
        if asleep:
            self.fall_asleep()

    def _find_sellers(self) -> tuple[IntArray, IntArray, IntArray]:
        """Rows of developers, of clouds controlled in Japan, and of clouds controlled abroad."""
        columns = self.importers.columns
        clouds = columns["role"] == CLOUD_ROLE
        at_home = np.flatnonzero(clouds & columns["domestic_control"])
        if not self.capability.rows.size or not at_home.size:
            raise ValueError("AI services: the importers need at least one developer and one cloud controlled in Japan")
        return self.capability.rows, at_home, np.flatnonzero(clouds & ~columns["domestic_control"])

    def _open_contracts(self) -> tuple[float, Experience]:
        """Take what opening contracts come to for the start; returns the domestic share, and developers' experience."""
        self.contracts.settle()
        share = self.domestic_share
        self.contracts.judge(self._view(AIDrivers(usdjpy=self.opening.usdjpy)))
        experience = Experience(self._shares_of_use(), self.parameters)
        self.adoption.measure_opening()
        return share, experience

    def fall_asleep(self) -> None:
        """Stand where nobody has sold AI services: no use, no sales, no contracts that are paid."""
        columns = self.importers.columns
        self.asleep = True
        for name in ("revenue_trn_yen", "foreign_revenue_trn_yen", "model_share"):
            columns[name][:] = 0.0
        self.adoption.use_nothing()
        self.individuals.use[:] = 0.0
        self.individuals.write_usage()
        self._organisations = 0.0, 0.0, 0.0

    def _sleep(self) -> AIServicesMonth:
        """A month in which nobody sells AI services."""
        self._months += 1
        importers, laboratories = self._served_in_full.size, len(self.laboratories)
        return AIServicesMonth(
            spending_trn_yen=np.zeros((3, 3)),
            sales_trn_yen=np.zeros((4, importers)),
            model_sales_to_households=np.zeros(importers),
            exports_bn_usd=0.0,
            laboratory_revenue=np.zeros(laboratories),
            laboratory_revenue_of_households=np.zeros(laboratories),
            foreign_cloud=0.0,
            foreign_applications=0.0,
            integrators=0.0,
            integration_cost=0.0,
            contract_vouchers_due=0.0,
            adoption_subsidy_due=0.0,
            world_spending_bn_usd=0.0,
            frontier_gap_months=-self.capability.standing.item(0) * MONTHS_A_YEAR,
            domestic_ai_share_home_pct=0.0,
            domestic_ai_share_home_cloud_pct=0.0,
            domestic_ai_share_home_applications_pct=0.0,
            japan_share_global_ai_pct=0.0,
            japan_share_global_ai_spending_pct=0.0,
            ai_service_exports_trn_yen=0.0,
            adoption_pct=0.0,
            deep_adoption_pct=0.0,
            genai_individual_use_pct=0.0,
            productivity_gain_pct=0.0,
        )

    def _write_demand(self) -> None:
        """Firms' demand: light users count 1, deep users more, in proportion to size."""
        columns = self.adoption.columns
        deeper = self.parameters.ai_deep_spending_ratio - 1.0
        np.multiply(columns["deep"], deeper, out=self._demand)
        self._demand += columns["use_share"]
        self._demand *= self._buyer_size

    def _view(self, drivers: AIDrivers) -> MarketView:
        """What buyers see of suppliers this month."""
        columns = self.importers.columns
        depreciation = drivers.usdjpy / self.opening.usdjpy
        served, abroad = drivers.served_share, drivers.served_by_laboratories
        imported = math.log(depreciation)
        prices = tuple(math.log(_cost(share, depreciation, drivers.cpi_index)) for share in self._import_shares)
        return MarketView(
            standing=self.capability.standing,
            appeal=columns["market_utility_shift"],
            prices=(prices[0], prices[1], prices[2], imported),
            served=self._served_in_full if served is None else np.ascontiguousarray(served, dtype=np.float64),
            served_abroad=self._laboratories_serve_in_full if abroad is None else abroad,
            compute=columns["compute"],
            bound=min(max(drivers.domestic_content_share_required, 0.0), 1.0),
            terms=drivers.contract_terms,
        )

    @property
    def domestic_share(self) -> float:
        """Present domestic share of model-layer spending by organisations (fraction): the sum over their contracts."""
        return self.contracts.layers[MODEL].home_share

    def contract_edges(self) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
        """Contracts of the last month added up by firm, supplier and layer.

        Returns
        -------
        Rows of firms; codes of suppliers (an importer row from 0 up, otherwise see
        :mod:`itcho.agents.supplier_codes`); layers (0 model, 1 cloud, 2 application); payments of the month, trillion
        yen, government's part included.  Before the first month: at the demand of the start.
        """
        found = []
        for layer, (wanted, served) in enumerate(zip(self._organisations, self.contracts.served, strict=True)):
            contracts = self.contracts.layers[layer]
            firm, place, amount = contracts.edges()
            amount *= wanted / max(float(contracts.paid.sum()), 1e-300)
            amount *= served[place]
            codes = contracts.suppliers.codes[place]
            if layer == MODEL:
                self.contracts.name_hosts(codes, self.contracts.layers[CLOUD].buyers.main[firm])
            found.append((firm, codes, np.full(firm.size, layer), amount))
        firms, codes, layers, amounts = zip(*found, strict=True)
        return np.concatenate(firms), np.concatenate(codes), np.concatenate(layers), np.concatenate(amounts)

    def _fill_histories(self) -> None:
        """Twelve months before the start, on the growth the market is about to have; sets the monthly bases."""
        parameters, opening = self.parameters, self.opening
        price = self._technical_price_change() * (1.0 + parameters.ai_own_price_elasticity)
        common = price + parameters.ai_nominal_gdp_growth_history / MONTHS_A_YEAR
        growth_firms = common + self.adoption.trial_growth(self._usage)
        individual = self.individuals.flow() / self.individuals.use_share
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
        lead = math.exp(drift * (1.0 / self._export_speed - 1.0))
        self._opening_export_odds = self._export_shares / (1.0 - export_share) * lead
        shares = np.array([layer.home_share for layer in self.contracts.layers[:PEOPLE]])
        shares[MODEL] += (self.contracts.layers[PEOPLE].home_share - shares[MODEL]) * household_share[MODEL]
        domestic = history * shares[:, np.newaxis]
        of_organisations, of_households = self.contracts.hosted_at_home()
        hosted = of_organisations + (of_households - of_organisations) * household_share[MODEL]
        self._year = ServiceYear(history, domestic, hosted * history[MODEL], exports, world, opening.usdjpy)

    def _write_opening_sales(self) -> None:
        """Put the sales of the last month before the start in the importers' columns."""
        columns = self.importers.columns
        (m, c, a) = self._bases
        self._organisations = m[0], c[0], a[0]
        sales, *_ = self._contracted(self._organisations, (m[1], c[1], a[1]))
        columns["revenue_trn_yen"][:] = sales.sum(axis=0)
        rows = self.capability.rows
        columns["model_share"][rows] = sales[MODEL, rows] / sum(self._bases[MODEL])
        accessible = self.parameters.ai_export_accessible_share * self._opening_world / MONTHS_A_YEAR
        columns["foreign_revenue_trn_yen"][rows] = self._export_shares * accessible * self.opening.usdjpy / 1000.0

    def step(self, month: int, drivers: AIDrivers, streams: Streams) -> AIServicesMonth:
        """Run one month and return what is to be paid.

        Parameters
        ----------
        month : month of the run, 0 first.
        drivers : the rest of the economy and the policy.
        streams : `generator(name, month)` and `noise_off`; the stream drawn is `ai_capability`.
        """
        if self.asleep:
            return self._sleep()
        capability = self.capability
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
        view = self._view(drivers)
        self.contracts.judge(view)
        price_surprise = math.log(depreciation * multiplier / drivers.cpi_index)
        adoption = self._adopt(drivers, price_surprise)
        self._individuals(drivers)
        self._write_demand()
        self.contracts.decide(view)
        self._hinder(view)
        self.experience.add(self._shares_of_use(), self.capability.learned)
        return self._sell(month, drivers, adoption, view)

    def _shares_of_use(self) -> FloatArray:
        """Developers' shares in what organisations use and is served."""
        count = self.capability.rows.size
        return self.contracts.layers[MODEL].shares[:count] * self.contracts.served[MODEL][:count]

    def close(self, importer_row: int) -> None:
        """Close an importer that failed to new contracts: its clients choose anew in the next month."""
        self.contracts.fail(importer_row)

    def restart(self, importer_row: int) -> None:
        """Let a spin-out take the row of a firm that failed: a developer begins behind, and nobody is used to it."""
        self.contracts.enter(importer_row)
        self.capability.restart(importer_row)
        for place in np.flatnonzero(self.capability.rows == importer_row).tolist():
            self.experience.restart(place)

    def _hinder(self, view: MarketView) -> None:
        """Hold back the firms that may not buy of all, by what that costs them."""
        hindrance = self.adoption.columns["hindrance"]
        bound = 1.0 if view.terms.certified_at_home_only else view.bound
        if bound == 0.0:
            hindrance.fill(1.0)
            return
        loss = self.parameters.ai_benefit_price_weight * self.contracts.hindrance()
        hindrance[:] = np.where(self.contracts.bound_firms(bound), math.exp(loss), 1.0)

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

    def _adopt(self, drivers: AIDrivers, price_surprise: float) -> AdoptionMonth:
        """Firms' adoption.  The best quality on offer anywhere counts, not who sells it."""
        parameters = self.parameters
        benefit = (
            parameters.ai_benefit_quality_weight * (self.capability.surprise() + drivers.usefulness_shift_sd)
            - parameters.ai_benefit_price_weight * price_surprise
            + parameters.ai_benefit_wage_weight * math.log(drivers.real_wage_index)
        )
        advance = self.capability.advance() + drivers.usefulness_shift_sd
        widening = 1.0 + parameters.ai_exposure_widening * (
            1.0 - math.exp(-max(advance, 0.0) / parameters.ai_exposure_widening_scale_sd)
        )
        return self.adoption.step(benefit, widening, drivers.adoption_subsidy_share_of_cost)

    def _individuals(self, drivers: AIDrivers) -> None:
        """Individuals' use, and the part of them that pays."""
        parameters, people = self.parameters, self.contracts.layers[PEOPLE]
        self.individuals.step(
            people.book.contracts,
            self.capability.standing - self._opening_standing,
            math.log(drivers.service_price_multiplier / drivers.cpi_index),
            self.capability.surprise() + drivers.usefulness_shift_sd,
            self.adoption.ceiling_shift,
        )
        self.individuals.follow_employers(self.domestic_share - self._opening_share)
        self._paying += self._paying_speed * (parameters.ai_paying_individuals_long_run - self._paying)

    def _usage(self) -> float:
        """Firms' use of AI: light users count 1, deep users more."""
        return self.adoption.use + (self.parameters.ai_deep_spending_ratio - 1.0) * self.adoption.deep

    def _world(self, years: float) -> float:
        """Mean path of world AI spending, bn USD a year, `years` after the start."""
        return world_ai_spending_bn_usd(_BASE_DATE + self.opening.years_from_2026 + years, self.parameters)

    def _developer_shares(self) -> FloatArray:
        """Shares among domestic developers at the start, sum 1."""
        target = self.contracts.layers[MODEL].suppliers.target[: self.capability.rows.size]
        return np.asarray(target / max(float(target.sum()), 1e-300))

    def _spending(self, drivers: AIDrivers, contracted: tuple[float, ...]) -> tuple[Layers, Layers]:
        """Spending by layer of organisations and of households, trn yen this month, before any shortage.

        Contracts hold the yen price they were signed at; the technical part of prices is in all of them at once.
        Volume has elasticity eta in price.  ``contracted`` is each layer's sum over contracts, 1 at the start.
        """
        parameters = self.parameters
        technical = self._log_technical_price + math.log(drivers.service_price_multiplier / drivers.cpi_index)
        scale = math.exp((1.0 + parameters.ai_own_price_elasticity) * technical) * drivers.nominal_gdp_index
        paying = self._paying / self._opening_paying
        users = self.individuals.use_share / self.opening.individual_use_share
        per_use = self._opening_usage / self._usage()
        organisations, households = [], []
        for layer, (firms, people) in enumerate(self._bases):
            organisations.append(firms * scale * contracted[layer])
            own = contracted[PEOPLE] if layer == MODEL else contracted[layer] * per_use * users
            households.append(people * scale * paying * own)
        # A budget share cannot grow for ever: near its ceiling, cheaper services crowd out one another.
        ratio = (sum(organisations) + sum(households)) / (self._base_spending * drivers.nominal_gdp_index)
        ceiling = parameters.ai_spending_ceiling_ratio
        crowded = (1.0 + 1.0 / ceiling) / (1.0 + ratio / ceiling)
        firms, cloud, application = organisations
        own, own_cloud, own_application = households
        return (
            (crowded * firms, crowded * cloud, crowded * application),
            (crowded * own, crowded * own_cloud, crowded * own_application),
        )

    def _export_laws(self, world: float, usdjpy: float) -> tuple[float, float, float, float]:
        """Weight of quality, utility of the price, monthly speed, and the accessible world market, trn yen a month."""
        parameters = self.parameters
        return (
            parameters.ai_export_quality_weight,
            parameters.ai_export_price_elasticity * self._relative_price,
            self._export_speed,
            parameters.ai_export_accessible_share * world / MONTHS_A_YEAR * usdjpy / 1000.0,
        )

    def _contracted(
        self, organisations: Layers, households: Layers
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, tuple[float, float, float]]:
        """What contracts come to by supplier, trillion yen, before any shortage.

        Returns
        -------
        Sales by layer and importer, (4, importers), the last kind zero; of the model layer's, what households buy; what
        laboratories sell, and of that to households; and what is paid for clouds abroad, for applications abroad and to
        integrators in Japan.
        """
        sales, to_households = np.zeros((4, self._served_in_full.size)), np.zeros(self._served_in_full.size)
        laboratories, of_households = np.empty(len(self.laboratories)), np.empty(len(self.laboratories))
        models, clouds, applications, people = (layer.shares for layer in self.contracts.layers)
        others = contracted_sales(
            self._sellers,
            (models, clouds, applications, people),
            organisations,
            households,
            self.contracts.hosting,
            INTEGRATORS,
            self.parameters.ai_foreign_cloud_offshore_share,
            sales,
            to_households,
            laboratories,
            of_households,
        )
        return sales, to_households, laboratories, of_households, others

    def _sell(self, month: int, drivers: AIDrivers, adoption: AdoptionMonth, view: MarketView) -> AIServicesMonth:
        """Sum contracts by supplier, ration by what compute can serve, and keep the books of twelve months."""
        parameters, columns = self.parameters, self.importers.columns
        organisations, households = self._spending(drivers, self.contracts.settle())
        government = parameters.ai_government_share
        spending = np.array(
            [
                ((1.0 - government) * wanted, people, government * wanted)
                for wanted, people in zip(organisations, households, strict=True)
            ]
        )
        sales, to_households, laboratories, of_households, others = self._contracted(organisations, households)
        foreign_cloud, foreign_applications, integrators = others
        self._organisations = organisations
        world = self._world(self._months / MONTHS_A_YEAR) * drivers.global_ai_demand_index
        bought, domestic, hosted, diverted, exports = month_of_sales(
            sales,
            to_households,
            laboratories,
            of_households,
            spending,
            self._sellers,
            self._prices,
            self._export_shares,
            self._opening_export_odds,
            self.capability.standing,
            self._opening_standing,
            columns["market_utility_shift"],
            self._export_laws(world, drivers.usdjpy),
            view.served,
            view.served_abroad,
            parameters.ai_capacity_diversion_share,
            columns["revenue_trn_yen"],
            columns["foreign_revenue_trn_yen"],
            columns["model_share"],
            columns["price_index"],
        )
        self._year.book(
            month,
            bought,
            domestic,
            hosted,
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
            model_sales_to_households=to_households,
            exports_bn_usd=exports * 1000.0 / drivers.usdjpy,
            laboratory_revenue=laboratories,
            laboratory_revenue_of_households=of_households,
            foreign_cloud=foreign_cloud + diverted[0],
            foreign_applications=foreign_applications + diverted[1],
            integrators=integrators,
            integration_cost=cost,
            contract_vouchers_due=organisations[MODEL] * self.contracts.vouchers_share(),
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
            genai_individual_use_pct=100.0 * self.individuals.use_share,
            productivity_gain_pct=100.0 * (adoption.productivity_level / self.adoption.opening_level - 1.0),
        )


def _price_declines(parameters: ParameterValues) -> tuple[float, float, float]:
    """Fall of quality-adjusted service prices a month, ln: in the long run, beyond it at first, and its half-life."""
    long_run = math.log(2.0) / parameters.chip_price_halving_years
    excess = math.log(2.0) / parameters.ai_token_price_half_life_years - long_run
    return (
        long_run / MONTHS_A_YEAR,
        excess / MONTHS_A_YEAR,
        parameters.ai_frontier_maturation_half_life_years * MONTHS_A_YEAR,
    )


def _cost(import_share: float, depreciation: float, cpi: float) -> float:
    """Yen cost with an imported part, 1 at the start."""
    return (1.0 - import_share) * cpi + import_share * depreciation
