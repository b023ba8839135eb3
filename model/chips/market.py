"""The chip market: orders, deliveries and dollars paid abroad, and what becomes of compute in Japan.

Each month the importers order, the chip tiers move goods for 21 sessions, deliveries are paid to the foreign suppliers
in dollars, and compute wears out and grows.  The dollar price of a unit of compute halves every 2.3 years (Epoch AI).
Chip and computer imports of all other firms in Japan (customs basis, Ministry of Finance) follow activity, world demand
and, with a lag, the yen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from itcho.agents.chip_importers import (
    ImporterColumns,
    Importers,
    OrderFindings,
    PlanningConditions,
    decay_per_month,
    desired_compute_bn_usd,
    opening_chip_price,
    opening_growth_monthly,
    opening_month,
    plan_orders,
    plan_projects,
    replacement_rate,
    run_compute,
)
from itcho.agents.compiled import njit, total
from itcho.agents.contracts import QUALIFIED, uniforms
from itcho.agents.data_centre_sites import site_of
from itcho.agents.distributors import stock_months
from itcho.agents.importer_rows import rent_compute, trade_idle_compute
from itcho.agents.limits import DISTRIBUTOR_MONEY, LimitReading
from itcho.agents.named_importers import SOFTBANK_CORP_SITES
from itcho.agents.population import MemberRows
from itcho.agents.second_sources import SecondSources
from itcho.agents.views import ParameterValues
from itcho.agents.vocabulary import FIRMS, FOREIGN_GOODS, LOANS
from itcho.model.ai.records import IndustryDrivers
from itcho.model.chips.compiled_graph import CompiledGraph
from itcho.model.chips.edges import ChipEdges, single_sources
from itcho.model.chips.power import PowerQueue, install
from itcho.model.ledger.ledger import Ledger

Array = NDArray[np.float64]

IMPORTS_CHIPS_BY_AI_FIRMS = "imports_chips_servers_by_ai_firms"
IMPORTS_CHIPS_BY_OTHER_FIRMS = "imports_chips_computers_by_other_firms"
CHIPS_FROM_DISTRIBUTORS = "chips_from_distributors"
IDLE_COMPUTE = "rent_of_idle_compute"
TRADE_CREDIT = "trade_credit"

SESSIONS = 21

OrderPlan: TypeAlias = Callable[
    [ImporterColumns, PlanningConditions, ParameterValues, Array, Array, OrderFindings], Array
]
"""How importers order chips, as :func:`itcho.agents.chip_importers.plan_orders` does."""


_FOR_GOOD = 2**31
"""Months between list prices of those who never change them."""
_WORLD_FROM, _WORLD_TO, _BASE_DATE = 2024.5, 2028.5, 2026.25
_END_OF_FY2026 = 2027.25


def world_ai_spending_bn_usd(date: float, parameters: ParameterValues) -> float:
    """Expected world AI spending a year at a decimal date: IDC's 2024 and 2028, then a gradual slowdown."""
    first, last = parameters.ai_world_spending_2024_bn_usd, parameters.ai_world_spending_2028_bn_usd
    growth = math.log(last / first) / (_WORLD_TO - _WORLD_FROM)
    if date <= _WORLD_TO:
        return float(first * math.exp(growth * (date - _WORLD_FROM)))
    after, half_life = date - _WORLD_TO, parameters.ai_world_spending_slowdown_half_life_years
    slow = parameters.ai_world_spending_long_run_growth
    faster = (growth - slow) * half_life / math.log(2.0) * (1.0 - 0.5 ** (after / half_life))
    return float(last * math.exp(slow * after + faster))


def electricity_cost_index(cpi_index: float, import_fuel_price_index: float, parameters: ParameterValues) -> float:
    """Price of electricity, 1 at the start; ``import_fuel_price_index`` is in yen."""
    fuel = parameters.electricity_imported_fuel_share
    return float((1.0 - fuel) * cpi_index + fuel * import_fuel_price_index)


def data_centre_cost_index(
    cpi_index: float, usdjpy_ratio: float, import_fuel_price_index: float, parameters: ParameterValues
) -> float:
    """Yen cost of building and running a given data centre, 1 at the start, with imported capital goods and fuel.

    ``usdjpy_ratio`` is the exchange rate over its start; quality gains of chips are not in this index.
    """
    imported = parameters.data_centre_import_share
    capital = imported * usdjpy_ratio + (1.0 - imported) * cpi_index
    power = parameters.data_centre_electricity_share
    electricity = electricity_cost_index(cpi_index, import_fuel_price_index, parameters)
    return float((1.0 - power) * capital + power * electricity)


def compute_cost_index(
    chip_price_ratio: float,
    cpi_index: float,
    usdjpy_ratio: float,
    import_fuel_price_index: float,
    parameters: ParameterValues,
    data_centre_cost_factor: float = 1.0,
) -> float:
    """Yen cost of a unit of compute, 1 at the start; ``chip_price_ratio`` is its dollar price over its start.

    A scenario's ``data_centre_cost_factor`` raises all of it but the chips.
    """
    chips = parameters.compute_cost_chip_share
    power = parameters.data_centre_electricity_share
    electricity = electricity_cost_index(cpi_index, import_fuel_price_index, parameters)
    rest = max(1.0 - chips - power, 0.0)
    return float(
        chips * chip_price_ratio * usdjpy_ratio
        + data_centre_cost_factor * power * electricity
        + data_centre_cost_factor * rest * cpi_index
    )


class ChipsMonth(NamedTuple):
    """What the chip market did in a month.

    Attributes
    ----------
    orders_bn_usd : orders placed by each importer at list prices, programme money included, (n,).
    programme_spending_trn_yen : programme money that each importer committed, (n,).
    plant_volume_trn_yen : plant that each importer builds for its own business, at start prices, (n,).
    delivered_bn_usd, payments_trn_yen : chips received, at list prices, and what each importer paid for them, (n,).
    shipped_by_supplier_bn_usd : the same by supplier; those that are no designers have nothing of their own to ship.
    trade_credit_trn_yen : letters of credit drawn because cash fell short, sum.
    ai_firm_imports_trn_yen, other_firms_imports_trn_yen : the two parts of chip and computer imports.
    chip_imports_trn_yen : semiconductors and computers, customs basis, all of Japan.
    dollar_payments_bn_usd_by_session : dollars bought for all these imports, (21,).
    ai_dollar_payments_bn_usd_by_session : the part of AI firms, (21,).
    chip_price_index : list price of a unit of compute in dollars, 1 in 2026.
    chip_price_markup : designers' prices over list prices.
    data_centre_cost_index, compute_cost_index : yen cost of a data centre and of a unit of compute, start = 1.
    world_ai_demand_index : level of world AI spending, 1 at the start.
    served_share : part of the demand for serving that each importer's compute can meet, (n,).
    yen_per_unit : what lenders value a unit of compute at (the slow exchange rate of budgets), trillion yen.
    installed_compute_bn_usd, desired_compute_bn_usd : value at today's chip price, sums.
    waiting_for_power_bn_usd : the same of chips that were delivered and have no power yet; they are no compute.
    idle_compute_rent_trn_yen : what developers paid clouds for compute that stood idle.
    own_orders_bn_usd, orders_wanted_bn_usd : for firms' own business, and what they would have been had nothing bound
        them, (n,).
    limits : what budgets, credit and cash did to orders and to distributors' stocks.
    """

    orders_bn_usd: Array
    programme_spending_trn_yen: Array
    plant_volume_trn_yen: Array
    delivered_bn_usd: Array
    payments_trn_yen: Array
    shipped_by_supplier_bn_usd: list[float]
    trade_credit_trn_yen: float
    ai_firm_imports_trn_yen: float
    other_firms_imports_trn_yen: float
    chip_imports_trn_yen: float
    dollar_payments_bn_usd_by_session: Array
    ai_dollar_payments_bn_usd_by_session: Array
    chip_price_index: float
    chip_price_markup: float
    data_centre_cost_index: float
    compute_cost_index: float
    world_ai_demand_index: float
    served_share: Array
    yen_per_unit: float
    installed_compute_bn_usd: float
    desired_compute_bn_usd: float
    own_orders_bn_usd: Array
    orders_wanted_bn_usd: Array
    limits: tuple[LimitReading, ...]
    waiting_for_power_bn_usd: float = 0.0
    idle_compute_rent_trn_yen: float = 0.0


class _Placed(NamedTuple):
    """What importers planned and ordered in a month, by importer.

    Attributes
    ----------
    desired_bn_usd : compute that they want, at today's chip price.
    own_orders_bn_usd, orders_bn_usd : for their own business; with the programme's and those under a trade deal.
    cancelled_bn_usd : what they want to take back of orders that nobody has started.
    programme_spending_trn_yen : programme money that they committed.
    findings : what limits did to their orders.
    """

    desired_bn_usd: Array
    own_orders_bn_usd: Array
    orders_bn_usd: Array
    cancelled_bn_usd: Array
    programme_spending_trn_yen: Array
    findings: OrderFindings


class Shipment(Protocol):
    """What is read of a month of the chip tiers; see :class:`itcho.model.chips.tiers.ChipMonth`."""

    @property
    def delivered_bn_usd(self) -> Array:
        """Received by final users, (importers,)."""

    @property
    def delivered_by_session(self) -> Array:
        """The same by session, (sessions,)."""

    @property
    def shipped_by_supplier_bn_usd(self) -> Array:
        """By the designer that is paid, (suppliers,)."""

    @property
    def edge_flow_bn_usd(self) -> Array:
        """Arrived on each edge of the chip trade, (edges,)."""

    @property
    def waiting_bn_usd(self) -> Array:
        """Ordered and started by nobody, (importers,)."""

    @property
    def filled_share(self) -> Array:
        """What each importer got of what it waited for, (importers,)."""

    @property
    def backlog_bn_usd(self) -> Array:
        """Ordered and not yet delivered, (importers,)."""


class Tiers(Protocol):
    """The chip tiers, as the market calls them; see :class:`itcho.model.chips.tiers.ChipTiers`."""

    @property
    def edges(self) -> ChipEdges:
        """The chip trade."""

    @property
    def distributor_stock_bn_usd(self) -> Array:
        """What distributors hold, (distributors,)."""

    @property
    def distributor_sales_bn_usd(self) -> Array:
        """What distributors expect to sell a month, (distributors,)."""

    def run_month(
        self,
        orders_bn_usd: Array,
        capacity: Array,
        sessions: int,
        cancel_bn_usd: Array,
        distributor_cover_months: Array,
    ) -> Shipment:
        """Move the tiers by one month."""


class ChipMarket:
    """Orders, deliveries and payments of chips, month by month.

    Parameters
    ----------
    population : the chip importers (``columns``, ``positions``, ``label_of_row``), registered with the ledger.
    suppliers : ledger party of each foreign supplier, in the order of the chip tiers' ``shipped_by_supplier_bn_usd``.
    opening : the sector's opening totals, as for ``make_importer_columns``; ``other_firms_chip_imports`` (trillion yen
        a year) may be added.
    parameters : parameters by attribute.
    links : the compiled graph.
    lead_time_months : of the chip tiers, if they say it.
    books_other_imports : whether the imports of other firms are posted here (from firms to foreign trade partners).

    Attributes
    ----------
    power : grid connections that are there and applied for.
    waiting_for_power : units of compute delivered to each importer that wait for them, and of which the programme's.
    plan_orders : how importers order chips.
    second_sources : who looks for another designer.
    single_source : (importers,) see :func:`itcho.model.chips.edges.single_sources`.
    full_stock_months : stock that distributors want, in months of sales.
    """

    def __init__(
        self,
        population: Importers,
        suppliers: Sequence[str],
        opening: Mapping[str, float],
        parameters: ParameterValues,
        links: CompiledGraph,
        lead_time_months: float | None = None,
        books_other_imports: bool = True,
        taste_key: int = 0,
    ) -> None:
        self.population = population
        self.suppliers = tuple(suppliers)
        self.parameters = parameters
        self.link(links)
        self.books_other_imports = books_other_imports
        self.plan_orders: OrderPlan = plan_orders
        draws = np.empty(len(population))
        uniforms(taste_key, QUALIFIED, np.arange(len(population)), draws)
        self.second_sources = SecondSources(draws, parameters)
        lead = parameters.chip_lead_time_months if lead_time_months is None else lead_time_months
        self.lead_time_months = float(lead)
        columns: ImporterColumns = population.columns
        self._everyone = MemberRows(population)
        self._wear, self._price_fall = decay_per_month(parameters)
        self._start_date = _BASE_DATE + float(opening.get("years_from_2026", 0.0))
        self._world_spending_start = world_ai_spending_bn_usd(self._start_date, parameters)
        self.world_ai_demand_index = 1.0
        growth = opening_growth_monthly(opening, parameters)
        self.chip_price_index_start = opening_chip_price(opening, parameters)
        self.chip_price_index = self.chip_price_index_start
        self.budget_usdjpy = float(opening["usdjpy"])
        self.lagged_usdjpy = float(opening["usdjpy"])
        self.list_usdjpy = np.full(links.chips.distributor_row.size, float(opening["usdjpy"]))
        no_rows = MemberRows(population, np.zeros(0, dtype=np.int64))
        self._trade: tuple[ChipEdges | None, tuple[MemberRows, MemberRows, tuple[str, ...]]] = (
            None,
            (no_rows, no_rows, ()),
        )
        self._price_months = max(round(parameters.supply_distributor_price_months), 1)
        self._fill_weight = 1.0 / parameters.supply_fill_memory_months
        at_sites = np.zeros(len(population))
        np.add.at(at_sites, self._site, columns["compute"])
        self.power: PowerQueue = PowerQueue(at_sites, parameters, *self._opening_power(columns, growth))
        self._without_power = np.zeros(len(population))
        self.waiting_for_power = np.zeros(columns["size"].size), np.zeros(columns["size"].size)
        self.full_stock_months = parameters.supply_distributor_inventory_days / SESSIONS
        self.expected_growth_monthly = growth
        self._last_desired = math.nan
        self._months = 0
        self._opening_plant_per_compute = self._plant_per_compute(columns, self.chip_price_index_start)
        self._set_plant_per_dollar(columns, growth)
        yearly = opening.get("other_firms_chip_imports", parameters.other_firms_chip_imports_opening_trn_yen)
        other_growth = math.log1p(parameters.other_firms_chip_imports_opening_growth_share) / 12.0
        self._other_opening_bn_usd = opening_month(yearly, other_growth) * 1000.0 / float(opening["usdjpy"])

    def _opening_power(self, columns: ImporterColumns, growth: float) -> tuple[float, float, Array, int]:
        """Price of chips, expected growth of compute, and power announced for SoftBank Corp's sites and its month."""
        announced = np.zeros(len(self.population))
        announced[SOFTBANK_CORP_SITES : SOFTBANK_CORP_SITES + 1] = self.parameters.power_softbank_sites_gw
        month = round(12.0 * (_END_OF_FY2026 - self._start_date))
        return self.chip_price_index_start, growth + self._price_fall, announced, month

    def _set_plant_per_dollar(self, columns: ImporterColumns, growth: float) -> None:
        """Plant per dollar of chips ordered, such that the opening plan grows with the orders it follows."""
        value = float(columns["compute"].sum()) * self.chip_price_index_start
        orders = value * replacement_rate(growth, self.parameters) * math.exp(growth * self.lead_time_months)
        # A smoothed plan stands behind what it follows by its memory times the growth.
        lag = 1.0 + growth * (self.parameters.data_centre_building_months - 1.0)
        plan = float(columns["plant_plan_trn_yen"].sum())
        self.plant_per_dollar = plan * (1.0 + growth) * lag / max(orders, 1e-12)

    @staticmethod
    def _plant_per_compute(columns: ImporterColumns, price: float) -> float:
        return max(total(columns["plant"]), 1e-12) / max(total(columns["compute"]) * price, 1e-12)

    def step(self, month: int, drivers: IndustryDrivers, ledger: Ledger, tiers: Tiers) -> ChipsMonth:
        """Run one month: plan, order, ship, pay, install.

        Parameters
        ----------
        month : index from 0.
        drivers : what the rest of the economy, the policy and the scenario say.
        ledger : posts payments.
        tiers : chip tiers with ``run_month(orders, capacity, sessions)``.
        """
        columns: ImporterColumns = self.population.columns
        usdjpy = drivers.usdjpy
        price = self.chip_price_index * drivers.chip_dollar_price_factor
        # Orders and deliveries are counted in dollars at list prices: a markup is paid on them and buys no more.
        # Buyers take it for passing: it is in no plan of the compute they want, but the yen of a budget order less.
        markup = drivers.chip_price_markup
        self.world_ai_demand_index = drivers.global_ai_demand_index * self._world_path(month + 1)
        centre_cost, compute_cost = self._costs(drivers, price)
        conditions = self._conditions(drivers, price, markup)
        placed = self._order(columns, conditions, drivers, centre_cost / drivers.cpi_index)
        stock_cover = self._stock_cover(columns, tiers, usdjpy * markup, price * self.budget_usdjpy / 1000.0)
        shipped = tiers.run_month(
            placed.orders_bn_usd, drivers.chip_capacity, SESSIONS, placed.cancelled_bn_usd, stock_cover
        )
        delivered = np.asarray(shipped.delivered_bn_usd, dtype=np.float64)
        expected_fill = columns["expected_fill"]
        expected_fill += (shipped.filled_share - expected_fill) * self._fill_weight
        columns["orders_waiting_bn_usd"][:] = shipped.waiting_bn_usd
        payments, shipped_by_supplier = np.empty(delivered.size), shipped.shipped_by_supplier_bn_usd.tolist()
        if month % self._price_months == 0 and self._price_months < _FOR_GOOD:
            self.list_usdjpy[:] = usdjpy * markup
        ai_imports, credit = self._pay_suppliers(
            ledger, columns, tiers.edges, shipped.edge_flow_bn_usd, usdjpy * markup, payments
        )
        other = self._other_imports(drivers, ledger)
        installed, waiting = self._install(columns, delivered, shipped.backlog_bn_usd, price)
        served, idle_rent = self._use_compute(ledger, columns, placed.desired_bn_usd, price, usdjpy)
        self._advance(usdjpy)
        ai_dollars = self._dollars_by_session(shipped, ai_imports * 1000.0 / usdjpy)
        return ChipsMonth(
            orders_bn_usd=placed.orders_bn_usd,
            programme_spending_trn_yen=placed.programme_spending_trn_yen,
            plant_volume_trn_yen=columns["plant_plan_trn_yen"].copy(),
            delivered_bn_usd=delivered,
            payments_trn_yen=payments,
            shipped_by_supplier_bn_usd=shipped_by_supplier,
            trade_credit_trn_yen=credit,
            ai_firm_imports_trn_yen=ai_imports,
            other_firms_imports_trn_yen=other,
            chip_imports_trn_yen=ai_imports + other,
            dollar_payments_bn_usd_by_session=ai_dollars + other * 1000.0 / (usdjpy * SESSIONS),
            ai_dollar_payments_bn_usd_by_session=ai_dollars,
            chip_price_index=price,
            data_centre_cost_index=centre_cost,
            compute_cost_index=compute_cost,
            world_ai_demand_index=self.world_ai_demand_index,
            served_share=served,
            chip_price_markup=markup,
            yen_per_unit=price * self.budget_usdjpy / 1000.0,
            installed_compute_bn_usd=installed * price,
            desired_compute_bn_usd=total(placed.desired_bn_usd),
            waiting_for_power_bn_usd=waiting * price,
            idle_compute_rent_trn_yen=idle_rent,
            own_orders_bn_usd=placed.own_orders_bn_usd,
            orders_wanted_bn_usd=placed.findings.wanted_bn_usd,
            limits=(
                *placed.findings.readings(conditions.usdjpy),
                *self._limits_of_stocks(stock_cover, tiers, usdjpy * markup),
            ),
        )

    def _order(
        self, columns: ImporterColumns, conditions: PlanningConditions, drivers: IndustryDrivers, real_cost_index: float
    ) -> _Placed:
        """Let importers plan and order; ``real_cost_index`` is what a data centre costs over the price level."""
        parameters, yen_per_dollar = self.parameters, drivers.usdjpy * drivers.chip_price_markup
        earmarked = columns["earmarked_trn_yen"]
        earmarked += columns["subsidy_trn_yen"]
        desired = desired_compute_bn_usd(columns, conditions, parameters)
        self._learn_growth(total(desired))
        cancelled, findings = np.empty(desired.size), OrderFindings.of(desired.size)
        own_orders = self.plan_orders(columns, conditions, parameters, desired, cancelled, findings)
        plant_per_dollar = self._plant_wanted_per_dollar(columns, real_cost_index)
        spending, orders = plan_projects(own_orders, columns, plant_per_dollar, yen_per_dollar, parameters)
        agreed = drivers.chip_purchases_trn_yen
        if agreed is not None:
            orders = orders + agreed * (1000.0 / yen_per_dollar)
        return _Placed(desired, own_orders, orders, cancelled, spending, findings)

    def _use_compute(
        self, ledger: Ledger, columns: ImporterColumns, desired: Array, price: float, usdjpy: float
    ) -> tuple[Array, float]:
        """Run what is installed and rent out what stands idle; returns the part of demand served, and all rent."""
        # Compute at the end of the month is held against what is wanted by then.
        wanted, next_price = desired * math.exp(self.expected_growth_monthly), price * math.exp(-self._price_fall)
        served = run_compute(columns, wanted, next_price, self.parameters)
        idle_rent = self._trade_idle_compute(ledger, columns, wanted, next_price, usdjpy, served)
        rented = self.parameters.supply_failure_dependence_compute
        rent_compute(*self.links.compute, rented, served, columns["training_share"])
        return served, idle_rent

    def _world_path(self, months: int) -> float:
        """Expected level of world AI spending against the start."""
        now = world_ai_spending_bn_usd(self._start_date + months / 12.0, self.parameters)
        return now / self._world_spending_start

    def _conditions(self, drivers: IndustryDrivers, price: float, markup: float) -> PlanningConditions:
        return PlanningConditions(
            usdjpy=drivers.usdjpy_average_3m * markup,
            budget_usdjpy=self.budget_usdjpy,
            usdjpy_start=drivers.usdjpy_start,
            chip_price_index=price,
            chip_price_index_start=self.chip_price_index_start,
            cpi_index=drivers.cpi_index,
            world_ai_demand_index=self.world_ai_demand_index,
            expected_growth_monthly=self.expected_growth_monthly,
            lead_time_months=self.lead_time_months,
        )

    def _learn_growth(self, desired: float) -> None:
        """Planners extrapolate the growth of desired compute that they have seen, with a long memory."""
        limit = self.parameters.chip_expected_growth_limit
        if self._months > 0 and desired > 0.0 and self._last_desired > 0.0:
            seen = min(max(math.log(desired / self._last_desired), -limit), limit)
            memory = self.parameters.chip_expected_growth_smoothing_months
            self.expected_growth_monthly += (seen - self.expected_growth_monthly) / memory
        self._last_desired = desired

    def _plant_wanted_per_dollar(self, columns: ImporterColumns, real_cost_index: float) -> float:
        """Plant wanted for the chips ordered, trillion yen for a bn USD.

        Less where plant has run ahead of compute and when a data centre is dear; ``real_cost_index`` is its cost index
        over the price level, 1 at the start.
        """
        parameters = self.parameters
        relative = self._plant_per_compute(columns, self.chip_price_index) / self._opening_plant_per_compute
        ample = relative**-parameters.data_centre_saturation_elasticity
        return float(self.plant_per_dollar * ample * real_cost_index**parameters.chip_price_elasticity)

    @property
    def without_power_pct(self) -> float:
        """Chips that were delivered and wait for power, percent of all that are there."""
        waiting = total(self.waiting_for_power[0])
        return 100.0 * waiting / max(total(self.population.columns["compute"]) + waiting, 1e-300)

    def order_by(self, plan: OrderPlan) -> None:
        """Let importers order by this plan from now on."""
        self.plan_orders = plan

    def keep_list_prices(self) -> None:
        """Let distributors ask the yen prices that they ask now for good."""
        self._price_months = _FOR_GOOD

    def link(self, links: CompiledGraph) -> None:
        """Follow another graph from now on."""
        self.links = links
        self.single_source = single_sources(links.chips, len(self.population))
        compute = links.compute
        self._site = site_of(len(self.population), compute.developer, compute.cloud, compute.share)
        self._renting = (
            MemberRows(self.population, compute.developer.astype(np.int64)),
            MemberRows(self.population, compute.cloud.astype(np.int64)),
        )

    @staticmethod
    def _dollars_by_session(shipped: Shipment, paid_bn_usd: float) -> Array:
        """Dollars paid to designers by session: as users' deliveries, which most of them are."""
        by_session = np.asarray(shipped.delivered_by_session, dtype=np.float64)
        delivered = total(by_session)
        return by_session * (paid_bn_usd / delivered) if delivered > 0.0 else np.full(SESSIONS, paid_bn_usd / SESSIONS)

    def _stock_cover(self, columns: ImporterColumns, tiers: Tiers, usdjpy: float, yen_per_unit: float) -> Array:
        """Stock that distributors may hold, in months of sales: what they want, or what their money buys."""
        cover = np.empty(tiers.edges.distributor_row.size)
        _stock_cover(
            tiers.edges.distributor_row,
            (columns["compute"], columns["plant"], columns["cash_trn_yen"]),
            (columns["debt_trn_yen"], columns["bonds"]),
            tiers.distributor_stock_bn_usd,
            tiers.distributor_sales_bn_usd,
            self.parameters.ai_firm_leverage_limit,
            yen_per_unit,
            usdjpy / 1000.0,
            self.full_stock_months,
            cover,
        )
        return cover

    def _limits_of_stocks(self, allowed_months: Array, tiers: Tiers, usdjpy: float) -> tuple[LimitReading, ...]:
        """What their money did to distributors' stocks."""
        sales = tiers.distributor_sales_bn_usd
        if not sales.size or not self.full_stock_months:
            return ()
        short = self.full_stock_months - allowed_months
        bound, slack = short > 1e-9 * self.full_stock_months, -short / self.full_stock_months
        return (DISTRIBUTOR_MONEY.of_members(sales + 1e-12, slack, bound, short * sales * (usdjpy / 1000.0)),)

    def _pay_suppliers(
        self, ledger: Ledger, columns: ImporterColumns, edges: ChipEdges, arrived: Array, usdjpy: float, payments: Array
    ) -> tuple[float, float]:
        """Pay along the edges: distributors and large users the designers in dollars, other users their distributors.

        Distributors charge their list price in yen.  A letter of credit steps in where cash falls short.  Writes what
        each importer's own chips cost; returns what is paid abroad, and the letters of credit drawn, trillion yen.
        """
        designers, first, n = edges.designer_row.size, edges.n_from_designers, payments.size
        bills, drawn = np.zeros((designers, n)), np.empty(n)
        sold = np.empty(edges.n_edges - first)
        paid, credit = _bill(
            (edges.seller, edges.buyer),
            first,
            edges.distributor_row,
            arrived,
            usdjpy / 1000.0,
            self.list_usdjpy / 1000.0,
            columns["cash_trn_yen"],
            payments,
            bills,
            sold,
            drawn,
        )
        if credit > 0.0:
            lenders = self.links.lenders
            ledger.trade(lenders.side, self._everyone, LOANS, lenders.split(drawn), 1.0, TRADE_CREDIT)
        customers, distributors, names = self._sides(edges)
        if sold.size:
            ledger.pay(customers, distributors, sold, CHIPS_FROM_DISTRIBUTORS)
        if paid > 0.0:
            ledger.pay(self._everyone, names, bills, IMPORTS_CHIPS_BY_AI_FIRMS)
        return paid, credit

    def _sides(self, edges: ChipEdges) -> tuple[MemberRows, MemberRows, tuple[str, ...]]:
        """Customers and distributors on each edge from a distributor, and the designers' names."""
        known, sides = self._trade
        if known is not edges:
            first, seller = edges.n_from_designers, edges.seller - edges.designer_row.size
            sides = (
                MemberRows(self.population, edges.buyer[first:].astype(np.int64)),
                MemberRows(self.population, edges.distributor_row[seller[first:]].astype(np.int64)),
                tuple([self.suppliers[row] for row in edges.designer_row.tolist()]),
            )
            self._trade = edges, sides
        return sides

    def _other_imports(self, drivers: IndustryDrivers, ledger: Ledger) -> float:
        """Chip and computer imports of all other firms, trillion yen."""
        parameters = self.parameters
        dollars = (
            self._other_opening_bn_usd
            * drivers.real_gdp_index**parameters.other_firms_chip_imports_activity_elasticity
            * self.world_ai_demand_index**parameters.other_firms_chip_imports_world_elasticity
            * (self.lagged_usdjpy / drivers.usdjpy_start) ** parameters.other_firms_chip_imports_rate_elasticity
            * drivers.chip_dollar_price_factor ** (1.0 + parameters.chip_price_elasticity)
        )
        amount = float(dollars * drivers.usdjpy / 1000.0)
        # A budget share cannot grow for ever: near its ceiling, dearer or more chips crowd out one another.
        opening = self._other_opening_bn_usd * drivers.usdjpy_start / 1000.0
        ratio = amount / (opening * max(drivers.nominal_gdp_index, 1e-6))
        ceiling = parameters.other_firms_chip_imports_ceiling_ratio
        amount *= (1.0 + 1.0 / ceiling) / (1.0 + ratio / ceiling)
        if self.books_other_imports:
            ledger.pay(FIRMS, FOREIGN_GOODS, amount, IMPORTS_CHIPS_BY_OTHER_FIRMS)
        return amount

    def _trade_idle_compute(
        self, ledger: Ledger, columns: ImporterColumns, wanted: Array, price: float, usdjpy: float, served: Array
    ) -> float:
        """Let developers rent what stands idle at their clouds, and pay for it along their edges; returns all rent.

        The rent is what a month of the compute costs its owner (wear, the fall of prices, and all that is not chips),
        less the discount of idle compute.
        """
        p, links = self.parameters, self.links.compute
        paid = np.empty(links.developer.size)
        cost = (self._wear + self._price_fall) / p.compute_cost_chip_share
        rent = trade_idle_compute(
            (links.developer, links.cloud, links.share),
            (columns["compute"], columns["programme_compute"]),
            wanted,
            price,
            p.importer_target_utilisation,
            p.compute_congestion_elasticity,
            cost * (1.0 - p.idle_compute_discount) * usdjpy / 1000.0,
            columns["cash_trn_yen"],
            columns["utilisation"],
            served,
            paid,
        )
        if rent > 0.0:
            ledger.pay(*self._renting, paid, IDLE_COMPUTE)
        return float(rent)

    def _install(self, columns: ImporterColumns, delivered: Array, backlog: Array, price: float) -> tuple[float, float]:
        """Wear out the old compute and add what was delivered, as far as it has power, the programme's part apart.

        Returns all units of compute, and those that wait for power.
        """
        units, waiting = install(
            (columns["compute"], columns["programme_compute"]),
            self.waiting_for_power,
            columns["own_compute_without_power"],
            columns["orders_outstanding_bn_usd"],
            columns["programme_orders_bn_usd"],
            delivered,
            np.asarray(backlog, dtype=np.float64),
            1.0 - self._wear,
            price,
            self._site,
            self.power.used,
            self.power.advance(),
            self.power.moving_share,
            self._without_power,
        )
        self.power.apply(self._without_power)
        return units, waiting

    def _costs(self, drivers: IndustryDrivers, price: float) -> tuple[float, float]:
        """Cost indices of a data centre and of a unit of compute."""
        parameters = self.parameters
        ratio, fuel = drivers.usdjpy / drivers.usdjpy_start, drivers.import_fuel_price_index
        centre = data_centre_cost_index(drivers.cpi_index, ratio, fuel, parameters)
        factor = drivers.data_centre_cost_factor
        centre *= factor
        chips = price / self.chip_price_index_start
        unit = compute_cost_index(chips, drivers.cpi_index, ratio, fuel, parameters, factor)
        return centre, unit

    def _advance(self, usdjpy: float) -> None:
        """Carry the slow rates and the price path to the next month."""
        parameters = self.parameters
        self.chip_price_index *= math.exp(-self._price_fall)
        self.budget_usdjpy += (usdjpy - self.budget_usdjpy) / parameters.chip_budget_rate_smoothing_months
        self.lagged_usdjpy += (usdjpy - self.lagged_usdjpy) / parameters.other_firms_chip_imports_rate_lag_months
        self._months += 1


@njit(cache=True)
def _stock_cover(
    distributor_row: NDArray[np.int32],
    assets: tuple[Array, Array, Array],
    debts: tuple[Array, Array],
    stock: Array,
    sales: Array,
    leverage_limit: float,
    yen_per_unit: float,
    yen_per_dollar: float,
    full_months: float,
    cover: Array,
) -> None:
    """Write the stock that distributors may hold, in months of expected sales.

    Their money is cash and what they may still borrow on all they own; ``assets`` are compute in units, plant and cash.
    """
    money = np.empty(distributor_row.size)
    for k in range(money.size):
        i = distributor_row[k]
        cash = assets[2][i]
        owned = assets[0][i] * yen_per_unit + assets[1][i] + cash + stock[k] * yen_per_dollar
        money[k] = cash + max(leverage_limit * owned - debts[0][i] - debts[1][i], 0.0)
    stock_months(full_months, money, yen_per_dollar, sales, cover)


@njit(cache=True)
def _bill(
    edges: tuple[NDArray[np.int32], NDArray[np.int32]],
    first: int,
    distributor_row: NDArray[np.int32],
    arrived: Array,
    yen_per_dollar: float,
    list_yen_per_dollar: Array,
    cash: Array,
    payments: Array,
    bills: Array,
    sold: Array,
    drawn: Array,
) -> tuple[float, float]:
    """Write what is paid on each edge for what ``arrived`` on it, and the credit drawn.

    Parameters
    ----------
    edges : seller and buyer of each edge; the ``first`` ones come from designers.
    yen_per_dollar, list_yen_per_dollar : in thousands, for amounts in billion dollars and trillion yen; the second
        by distributor.
    payments : (n,) what each importer's own chips cost; written.
    bills : (designers, n) zeros; what each importer pays each designer is added.
    sold : (edges from distributors,) what is paid on each; written.
    drawn : (n,) letters of credit; written.

    Returns
    -------
    Sums of what designers are paid, and of credit.
    """
    seller, buyer = edges
    designers, n = bills.shape
    is_distributor = np.zeros(n, dtype=np.bool_)
    for k in range(distributor_row.size):
        is_distributor[distributor_row[k]] = True
    due = np.zeros(n)
    paid, credit = 0.0, 0.0
    for i in range(n):
        payments[i] = 0.0
    for e in range(first):
        i, amount = buyer[e], arrived[e] * yen_per_dollar
        bills[seller[e], i] += amount
        due[i] += amount
        paid += amount
        if not is_distributor[i]:
            payments[i] += amount
    for e in range(first, arrived.size):
        i, k = buyer[e], seller[e] - designers
        row = distributor_row[k]
        if row == i:
            sold[e - first] = 0.0
            payments[i] += arrived[e] * yen_per_dollar
            continue
        amount = arrived[e] * list_yen_per_dollar[k]
        sold[e - first] = amount
        payments[i] += amount
        due[i] += amount
        due[row] -= amount
    for i in range(n):
        # A hair more than the gap, so that rounding of the payments cannot leave cash under zero.
        drawn[i] = max(due[i] * (1.0 + 1e-9) - cash[i], 0.0)
        credit += drawn[i]
    return paid, credit
