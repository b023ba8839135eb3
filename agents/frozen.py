"""Frozen behaviour: agents that go on as they did in the opening months, whatever happens.

Each class here stands in the place of the one it derives from, keeps all of its state, and replaces its decisions by
constants and trends.  What an agent is bound to (contracts, margin calls, maturities) stays as it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from itcho.agents.adopters import Adopters, AdoptionMonth
from itcho.agents.asset_allocation import (
    TYPES_BUYING_ABROAD,
    AssetAllocation,
    ForeignPurchases,
    ForeignStock,
    keeping_pace,
)
from itcho.agents.bank_of_japan import BankOfJapan
from itcho.agents.bond_arbitrage import ArbitrageFunds
from itcho.agents.bond_holders import BalanceSheets, BondMandates, Mandates, RatesAbroad
from itcho.agents.chip_importers import ImporterColumns, OrderFindings, PlanningConditions
from itcho.agents.contracts import Records
from itcho.agents.debt_office import DebtOffice
from itcho.agents.firms import Firms, WageView
from itcho.agents.foreign_suppliers import MONTHS_A_YEAR, ForeignSupplier, frontier_growth
from itcho.agents.government import Budget, FiscalYearToDate, Government
from itcho.agents.households import Households, SpendingOutlook
from itcho.agents.individuals import Individuals
from itcho.agents.pension_funds import Bands
from itcho.agents.rules.monetary import MonetaryRule
from itcho.agents.rules.rescue import DistressView, Rescue
from itcho.agents.rules.subsidy import ProgrammeView, Support
from itcho.agents.rules.trade import Deal
from itcho.agents.second_sources import SecondSources
from itcho.agents.softbank import GroupPlan, GroupPosition, SoftBankCorp, SoftBankGroup
from itcho.agents.softbank_holders import SoftBankHolders, SoftBankOrders
from itcho.agents.views import ParameterValues, WorldView

Array = NDArray[np.float64]


def nominal_trend(months: int, p: ParameterValues) -> float:
    """Nominal trend of the economy as it was known at the start: potential growth and the inflation target."""
    return float((1.0 + (p.trend_potential_growth_pct + p.inflation_target_pct) / 100.0) ** (months / 12.0))


class Trend:
    """A level that grows as was expected at the start: at its opening pace, which gives way to a long-run one.

    Parameters
    ----------
    opening_growth_monthly : natural logarithm a month.

    Attributes
    ----------
    level : 1 in the first month.
    """

    def __init__(self, opening_growth_monthly: float, p: ParameterValues) -> None:
        self.level = 1.0
        self._growth = opening_growth_monthly
        self._long_run = p.ai_world_spending_long_run_growth / MONTHS_A_YEAR
        self._left = 0.5 ** (1.0 / (MONTHS_A_YEAR * p.ai_world_spending_slowdown_half_life_years))

    def advance(self) -> float:
        """Grow by a month; returns the new level."""
        self.level *= math.exp(self._growth)
        self._growth = self._long_run + self._left * (self._growth - self._long_run)
        return self.level


class FrozenGovernment(Government):
    """The opening budget on trend, and the first month's support until the announced sum is spent.

    What a year brings that no budget foresaw is luck and no decision: it comes all the same.

    Attributes
    ----------
    opening_support : the first month's, once it is decided.
    usual_supplementary_trn_yen, unforeseen_trn_yen : of the supplementary budget; None before the first year.
    """

    opening_support: Support | None = None
    usual_supplementary_trn_yen: float | None = None
    unforeseen_trn_yen = 0.0

    def meet_a_new_year(self, news: float, gdp_trn_yen: float, is_first: bool) -> None:
        """Take the fiscal year's news, and spend it in the first."""
        self.politics.meet_surprise(news)
        self.unforeseen_trn_yen = self.politics.surprise_pct_gdp / 100.0 * gdp_trn_yen
        if is_first:
            self._plan_supplementary(self.budget.supplementary)

    def _plan_supplementary(self, usual_trn_yen: float) -> None:
        self.usual_supplementary_trn_yen = usual_trn_yen
        self.budget.plan_supplementary(max(0.0, usual_trn_yen + self.unforeseen_trn_yen))

    def start_fiscal_year(
        self, world: WorldView, bonds_face_trn_yen: float, gross_debt_trn_yen: float, p: ParameterValues
    ) -> None:
        """Let every line of the budget grow at trend; tax effort stays."""
        self.last_year = self.year
        self.history.append(self.year)
        self.year = FiscalYearToDate()
        self.market.start_fiscal_year()
        old = vars(self.budget)
        if self.usual_supplementary_trn_yen is not None:
            old = old | {"supplementary": self.usual_supplementary_trn_yen}
        self.budget = Budget(**{line: nominal_trend(12, p) * amount for line, amount in old.items()})
        self._plan_supplementary(self.budget.supplementary)

    def decide_support(self, view: ProgrammeView) -> Support:
        """The first month's support, without whatever hangs on results, while announced money is left."""
        if self.opening_support is None:
            self.opening_support = super().decide_support(view)
        announced = self.announced_trn_yen()
        spent_up = announced > 0.0 and self.programme_left_trn_yen <= 1e-9 * announced
        self.support = Support() if spent_up else self.opening_support
        return self.support

    def decide_rescue(self, view: DistressView) -> Rescue | None:
        """Nobody is rescued."""
        return None

    def decide_deal(self, month: int) -> Deal:
        """No deal."""
        return Deal()

    @property
    def stays_out(self) -> bool:
        """The ministry stays out of the currency market."""
        return True


class FrozenBankOfJapan(BankOfJapan):
    """The path of rates that was expected at the start.

    Attributes
    ----------
    planned_rates_pct, planned_end_pct : by quarter, and where they end.
    months : since the start.
    """

    planned_rates_pct: tuple[float, ...] = ()
    planned_end_pct = 0.0
    months = 0

    def plan_ahead(self, rates_pct: list[float], end_pct: float) -> None:
        """Take the path from which the bank does not depart."""
        self.planned_rates_pct, self.planned_end_pct = tuple(rates_pct), end_pct

    def _planned(self, quarter: int) -> float:
        rates = self.planned_rates_pct
        return rates[quarter] if quarter < len(rates) else self.planned_end_pct

    def watch(self, world: WorldView, p: ParameterValues) -> None:
        """Let a month pass, and see what is seen."""
        super().watch(world, p)
        self.months += 1

    def meet(self, world: WorldView, p: ParameterValues) -> None:
        """Go along the path, in the steps of the rule in force."""
        self.shadow_rate_pct = self._planned((self.months - 1) // 3)
        before = self.policy_rate_pct if self.meeting is None else self.meeting.before_pct
        self.policy_rate_pct = self.rule.decide_pct(self.policy_rate_pct, self.shadow_rate_pct, p)
        self._note(before, self._view(world.smoothed_gap_pct), self.shadow_rate_pct, announced=True)

    def purchases(self, month: int, reserves_trn_yen: float, nominal_gdp_index: float, p: ParameterValues) -> float:
        """The announced plan, whatever reserves it leaves."""
        return self.plan_purchases(month)

    def extra_purchases(
        self,
        yield_10y_pct: float,
        slope_trn_per_pp: float,
        private_trn_yen: float,
        own_trn_yen: float,
        left_trn_yen: float = 0.0,
    ) -> float:
        """No yield is defended."""
        return 0.0

    def expected_path_pct(
        self, world: WorldView, p: ParameterValues, quarters: int = 40, rule: MonetaryRule | None = None
    ) -> tuple[list[float], float]:
        """What is left of the path."""
        if not self.planned_rates_pct:
            return super().expected_path_pct(world, p, quarters, rule)
        first = self.months // 3
        return [self._planned(first + quarter) for quarter in range(quarters)], self.planned_end_pct


class FrozenSoftBankGroup(SoftBankGroup):
    """What is signed is paid with debt; nothing is sold and nothing else bought."""

    def learn(self, monthly_log_return: float, p: ParameterValues) -> None:
        """Prices teach nothing."""

    def hear(
        self, support_trn_yen: float, gate_waived: bool, rescues: int, year_ends: bool, p: ParameterValues
    ) -> None:
        """The belief in backing stays."""

    def plan(self, month: int, position: GroupPosition, usdjpy: float, p: ParameterValues) -> GroupPlan:
        """Borrow for what is signed, for cash up to its floor and for margin calls."""
        plan = super().plan(month, position, usdjpy, p)
        floor = p.softbank_cash_years_of_redemptions * position.bonds / p.softbank_bond_life_years
        margin = plan.new_asset_backed
        bonds = max(0.0, plan.commitment - margin + max(0.0, floor - position.cash))
        return GroupPlan(
            commitment=plan.commitment,
            new_bonds=bonds,
            new_asset_backed=margin,
            dollar_funded=margin + p.softbank_dollar_bond_share * bonds,
            distress=plan.distress,
        )


class FrozenSoftBankCorp(SoftBankCorp):
    """The data-centre plan, whatever the Group owes."""

    def data_centre_spending(self, group_ltv_pct: float) -> float:
        """The month's part of the plan."""
        return super().data_centre_spending(0.0)


class HeldSources(SecondSources):
    """Held importers look for no other designer."""

    def hold(self, held: NDArray[np.bool_]) -> None:
        """Hold these rows, (n,)."""
        self._free = ~held

    def look(self, single: NDArray[np.bool_], expected_fill: Array) -> NDArray[np.int64]:
        """Rows that take a second designer, the held ones left out."""
        return super().look(single & self._free, expected_fill)


class HeldOrders:
    """Chip orders of some rows on trend; the others plan as ever.

    Parameters
    ----------
    plan : the rule of the others.
    held : (n,) whose orders are held.
    """

    def __init__(
        self,
        plan: Callable[[ImporterColumns, PlanningConditions, ParameterValues, Array, Array, OrderFindings], Array],
        held: NDArray[np.bool_],
    ) -> None:
        self._plan, self._held = plan, held
        self._opening: Array | None = None
        self._trend: Trend | None = None

    def __call__(
        self,
        columns: ImporterColumns,
        conditions: PlanningConditions,
        parameters: ParameterValues,
        desired_bn_usd: Array,
        cancelled_bn_usd: Array,
        limits: OrderFindings,
    ) -> Array:
        """As :func:`itcho.agents.chip_importers.plan_orders`."""
        orders = self._plan(columns, conditions, parameters, desired_bn_usd, cancelled_bn_usd, limits)
        if self._opening is None or self._trend is None:
            self._opening, self._trend = orders.copy(), Trend(conditions.expected_growth_monthly, parameters)
            return orders
        level = self._trend.advance()
        cancelled_bn_usd[self._held] = 0.0
        return np.asarray(np.where(self._held, level * self._opening, orders))


class FrozenDesigner(ForeignSupplier):
    """A chip designer that asks list prices."""

    def decide_price(self, demand_over_capacity: float, parameters: ParameterValues) -> float:
        """What it asked at the start."""
        return self.price_markup


class FrozenLaboratory(ForeignSupplier):
    """A laboratory on the frontier's expected path."""

    months = 0

    def advance_quality(
        self, growth: float, common_shock: float, own_shock: float, parameters: ParameterValues
    ) -> float:
        """Move as was expected at the start."""
        growth = frontier_growth(self.months / MONTHS_A_YEAR, parameters) / MONTHS_A_YEAR
        self.months += 1
        return super().advance_quality(growth, 0.0, 0.0, parameters)


class FrozenAdopters(Adopters):
    """Adoption as diffusion has it."""

    def step(self, common_benefit: float, widening: float, subsidy_share_of_cost: float = 0.0) -> AdoptionMonth:
        """Adopt as on the path without surprises and without support."""
        return super().step(0.0, widening, 0.0)


class FrozenIndividuals(Individuals):
    """Use as diffusion has it."""

    def step(
        self, contracts: Records, offered_better: Array, real_price: float, frontier: float, employers: float
    ) -> None:
        """Let use spread towards its opening ceilings."""
        self._spread(np.zeros(self.use.size))
        self.write_usage()

    def follow_employers(self, gain: float) -> None:
        """Like tools from Japan as at the start."""
        super().follow_employers(0.0)


class FrozenHouseholds(Households):
    """Consumption on trend."""

    def consume(self, outlook: SpendingOutlook, transitory: float) -> float:
        """More by the trend growth of potential output."""
        self.consumption *= math.exp(self.p.trend_potential_growth_pct / 1200.0)
        return self.consumption


class FrozenFirms(Firms):
    """Investment on trend and prices that rise as in the first month."""

    def price_growth_pct(
        self, expected_inflation_pct: float, gap_log: float, import_inflation_pct: float, shock: float
    ) -> float:
        """What it was in the first month, without shocks."""
        return self.inflation_pct

    def invest(self, outlook: SpendingOutlook, output_over_usual_capital_log: float) -> float:
        """More by the trend growth of potential output."""
        self.investment *= math.exp(self.p.trend_potential_growth_pct / 1200.0)
        self.capital += self.investment - self._worn_out * self.capital
        return self.investment


class HeldWages:
    """Wages that rise as in the first month.

    Parameters
    ----------
    rule : by which they rise then.
    """

    def __init__(self, rule: Callable[[WageView, ParameterValues], float]) -> None:
        self._rule = rule
        self._growth_pct: float | None = None

    def __call__(self, view: WageView, p: ParameterValues) -> float:
        """As :func:`itcho.agents.firms.wage_growth_pct`."""
        if self._growth_pct is None:
            self._growth_pct = self._rule(view, p)
        return self._growth_pct


class FrozenAllocation(AssetAllocation):
    """Purchases abroad of one type on trend.

    Attributes
    ----------
    frozen_kind : the type.
    months : since the start.
    """

    frozen_kind = -1
    months = 0
    _opening_purchases: float | None = None

    def freeze(self, kind: int) -> None:
        """Hold this type."""
        self.frozen_kind = kind

    def foreign_purchases(self, stocks: Mapping[int, ForeignStock], mood: float) -> ForeignPurchases:
        """As planned, but for the type that goes on as in the first month."""
        bought = super().foreign_purchases(stocks, mood)
        if self.frozen_kind not in self._wanted_share:
            return bought
        if self._opening_purchases is None:
            held, assets = stocks[self.frozen_kind]
            missing = self._wanted_share[self.frozen_kind] * max(assets, 0.0) - held
            self._opening_purchases = keeping_pace(held, self.p) + self.p.foreign_share_speed_monthly * missing
        base, response = list(bought.base), list(bought.response)
        place = TYPES_BUYING_ABROAD.index(self.frozen_kind)
        base[place], response[place] = nominal_trend(self.months, self.p) * self._opening_purchases, 0.0
        self.months += 1
        return ForeignPurchases(tuple(base), tuple(response))


class FrozenMandates(BondMandates):
    """The JGBs that one type wants on trend.

    Attributes
    ----------
    frozen_kind : the type.
    months : since the start.
    """

    frozen_kind = -1
    months = 0
    _opening_mandate: float | None = None

    def freeze(self, kind: int) -> None:
        """Hold this type."""
        self.frozen_kind = kind

    def decide(
        self,
        sheets: BalanceSheets,
        holdings: dict[int, float],
        years: float,
        yield_10y_pct: float,
        policy_rate_pct: float,
        abroad: RatesAbroad,
    ) -> Mandates:
        """As ever, but for the type whose mandate grows with the economy and answers to nothing."""
        decided = super().decide(sheets, holdings, years, yield_10y_pct, policy_rate_pct, abroad)
        wanted, slopes = list(decided.wanted), list(decided.slopes)
        if self._opening_mandate is None:
            self._opening_mandate = wanted[self.frozen_kind]
        wanted[self.frozen_kind] = nominal_trend(self.months, self.p) * self._opening_mandate
        slopes[self.frozen_kind] = 0.0
        self.months += 1
        return Mandates(tuple(wanted), tuple(slopes))


class FrozenDebtOffice(DebtOffice):
    """A debt office that issues its usual mix."""

    def hear(self, tail_bp: float) -> None:
        """Take note of the tail, and cut nothing."""
        self.tail_bp = tail_bp


class FrozenArbitrage(ArbitrageFunds):
    """Funds between maturities that go on with what they had at the start, which is nothing."""

    def capital(self, income: float) -> Array:
        """None that they would use, (funds,)."""
        return np.zeros(self.weight.size)


class FrozenBands(Bands):
    """Pension funds that keep pace in a class of assets, wherever its weight goes."""

    def orders(self, held: Array, assets: Array, growth: float, speed: float = 0.0, flow: float = 0.0) -> Array:
        """What keeps pace, trillion yen, (funds,)."""
        return growth * held

    def edges(self, assets: Array) -> tuple[Array, Array]:
        """No edges, trillion yen, (funds,) each."""
        return np.zeros(assets.size), np.full(assets.size, np.inf)

    def slack(self, held: Array, assets: Array) -> Array:
        """All of it, (funds,)."""
        return np.ones(held.size)


class FrozenSoftBankHolders(SoftBankHolders):
    """Holders of SoftBank's shares that trade none."""

    def decide(self, price_index: float, risk_ratio: float, discount_pct: float) -> SoftBankOrders:
        """Nothing, at no further discount."""
        return SoftBankOrders.none()
