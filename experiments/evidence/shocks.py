"""The shocks of the response table: small frozen objects that write one month's disturbances each.

Each starts in the first month of the run.  `itcho respond` shows a shock's impulse response and `itcho validate` holds
it against published responses.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from itcho.agents.errors import nearest_names
from itcho.agents.foreign_suppliers import SUPPLIERS
from itcho.model.chips.named_links import DOMESTIC_MAKERS
from itcho.model.chips.rewiring import GraphRewired
from itcho.model.disturbances import CheckedSettings, DisturbedMonth, Shock, kept_shock
from itcho.model.outside_world import SESSIONS_A_MONTH
from itcho.model.sizes import DEFAULT_START, shortened

FloatArray = NDArray[np.float64]

YEAR = 12
_MONTH_DAYS, _NOT_AT_ONCE = 365.0 / 12.0, 0.9
"""Days of a month, and the part of capacity that comes back bit by bit after a stop."""
HELD_RATE_MONTHS = 36
"""How long the short rate is held."""


@kept_shock
@dataclass(frozen=True)
class PublicInvestment(CheckedSettings):
    """More public investment of the general account, paid by bonds and kept up."""

    pct_gdp: float = 1.0
    name: str = "public-investment"

    def __call__(self, month: DisturbedMonth) -> None:
        """Write the month's disturbance."""
        month.disturbances.public_investment_pct_gdp += self.pct_gdp


@kept_shock
@dataclass(frozen=True)
class PolicyRate(CheckedSettings):
    """The policy rate above what the rule sets, for some months; afterwards the rule alone."""

    points: float = 1.0
    months: int = YEAR
    name: str = "policy-rate"

    def __call__(self, month: DisturbedMonth) -> None:
        """Write the month's disturbance."""
        if month.clock.month < self.months:
            month.disturbances.policy_rate_shift_pp += self.points


@kept_shock
@dataclass(frozen=True)
class ShortRate(CheckedSettings):
    """The policy rate of the twin's first months and some points more, announced at the start; then the rule.

    Attributes
    ----------
    twin_rates_pct : policy rate of the twin by month, from the first on; the shock is as long as this is.
    points : added, percentage points.
    """

    twin_rates_pct: tuple[float, ...]
    points: float = 1.0
    name: str = "short-rate"

    def __call__(self, month: DisturbedMonth) -> None:
        """Write the month's disturbance."""
        left = self.twin_rates_pct[month.clock.month :]
        if left:
            month.disturbances.policy_rates_announced_pct = np.array(left) + self.points


@kept_shock
@dataclass(frozen=True)
class OilPrice(CheckedSettings):
    """Imported fuel dearer in dollars, for good."""

    factor: float = 1.20
    name: str = "oil"

    def __call__(self, month: DisturbedMonth) -> None:
        """Write the month's disturbance."""
        month.disturbances.fuel_price_factor *= self.factor


@kept_shock
@dataclass(frozen=True)
class WorldDemand(CheckedSettings):
    """More real demand abroad for Japan's exports, for good."""

    factor: float = 1.01
    name: str = "world-demand"

    def __call__(self, month: DisturbedMonth) -> None:
        """Write the month's disturbance."""
        month.disturbances.world_demand_factor *= self.factor


@kept_shock
@dataclass(frozen=True)
class ConsumptionTax(CheckedSettings):
    """A higher rate of the consumption tax, for good."""

    points: float = 1.0
    name: str = "consumption-tax"

    def __call__(self, month: DisturbedMonth) -> None:
        """Write the month's disturbance."""
        month.disturbances.consumption_tax_points += self.points


@kept_shock
@dataclass(frozen=True)
class IncomeTaxCut(CheckedSettings):
    """Less income tax of households, for good."""

    pct_gdp: float = 1.0
    name: str = "income-tax-cut"

    def __call__(self, month: DisturbedMonth) -> None:
        """Write the month's disturbance."""
        month.disturbances.household_tax_cut_pct_gdp += self.pct_gdp


@kept_shock
@dataclass(frozen=True)
class HeldYen(CheckedSettings):
    """Every session's USD/JPY at a multiple of the twin's, held by dealers abroad who take the difference.

    Attributes
    ----------
    twin_usdjpy : yen per dollar of the twin's sessions, from the first session on; the shock ends with them.
    factor : price over the twin's; above 1 is a weaker yen.
    """

    twin_usdjpy: tuple[float, ...]
    factor: float = 1.10
    name: str = "yen"

    def __call__(self, month: DisturbedMonth) -> None:
        """Write the month's disturbance."""
        first = SESSIONS_A_MONTH * month.clock.month
        sessions = self.twin_usdjpy[first : first + SESSIONS_A_MONTH]
        if len(sessions) == SESSIONS_A_MONTH:
            month.disturbances.usdjpy_path = np.log(sessions) + np.log(self.factor)


@kept_shock
@dataclass(frozen=True)
class RateGap(CheckedSettings):
    """A higher US policy rate for some months."""

    points: float = 1.0
    months: int = YEAR
    name: str = "rate-gap"

    def __call__(self, month: DisturbedMonth) -> None:
        """Write the month's disturbance."""
        if month.clock.month < self.months:
            month.disturbances.us_rate_shift_pp += self.points


@kept_shock
@dataclass(frozen=True)
class Intervention(CheckedSettings):
    """Dollars sold by the ministry in equal parts in the first sessions of the first month."""

    sold_bn_usd: float = 64.0
    sessions: int = 3
    name: str = "intervention"

    def __call__(self, month: DisturbedMonth) -> None:
        """Write the month's disturbance."""
        if month.clock.month == 0:
            month.disturbances.intervention_bn_usd = np.full(self.sessions, -self.sold_bn_usd / self.sessions)


@kept_shock
@dataclass(frozen=True)
class DollarDemand(CheckedSettings):
    """Dollars bought year after year in equal parts each session."""

    bn_usd_a_year: float = 6.5
    name: str = "dollar-demand"

    def __call__(self, month: DisturbedMonth) -> None:
        """Write the month's disturbance."""
        month.disturbances.dollar_demand_bn_usd += self.bn_usd_a_year / YEAR


@kept_shock
@dataclass(frozen=True)
class DeficitNews(CheckedSettings):
    """A lasting deficit that is announced and not yet spent."""

    pct_gdp: float = 1.0
    name: str = "deficit-news"

    def __call__(self, month: DisturbedMonth) -> None:
        """Write the month's disturbance."""
        month.disturbances.announced_deficit_pct_gdp += self.pct_gdp


@kept_shock
@dataclass(frozen=True)
class ChipCut(CheckedSettings):
    """Foreign chip suppliers' capacity at a fraction of what it was, for good."""

    capacity: float = 0.0
    name: str = "chip-cut"

    def __call__(self, month: DisturbedMonth) -> None:
        """Write the month's disturbance."""
        month.disturbances.chip_capacity *= self.capacity


class OfOneSupplier(CheckedSettings):
    """Base of shocks of one supplier abroad, or of one of its makers in Japan, by its name."""

    def _mistakes(self) -> Iterator[str]:
        yield from super()._mistakes()
        supplier: object = getattr(self, "supplier", None)
        if isinstance(supplier, str) and supplier not in _SUPPLIERS:
            near = nearest_names(supplier, _SUPPLIERS) or f"; known: {', '.join(_SUPPLIERS)}"
            yield f"shock '{getattr(self, 'name', '')}': supplier {shortened(supplier)} is unknown{near}"


_SUPPLIERS = (*(supplier.name for supplier in SUPPLIERS), *(maker for maker, *_ in DOMESTIC_MAKERS))


@kept_shock
@dataclass(frozen=True)
class SupplierStop(OfOneSupplier):
    """A foreign supplier at a part of its capacity for some months, and then at all of it again.

    Attributes
    ----------
    supplier : its name, such as ``nvidia``.
    capacity : what is left of it.
    first, months : when it begins, from 0, and how long it lasts.
    """

    supplier: str = "nvidia"
    capacity: float = 0.0
    first: int = 0
    months: int = YEAR
    name: str = "supplier-stop"

    def __call__(self, month: DisturbedMonth) -> None:
        """Write the month's disturbance."""
        if self.first <= month.clock.month < self.first + self.months:
            capacities = month.disturbances.supplier_capacity
            capacities[self.supplier] = self.capacity * capacities.get(self.supplier, 1.0)


@kept_shock
@dataclass(frozen=True)
class SupplierOutage(OfOneSupplier):
    """A foreign supplier is hit: it stands still for some days, and then starts again bit by bit.

    After the fire at Renesas' Naka plant of March 2021 production began again on day 29, and half of capacity was back
    on day 42 and 88% on day 73 (company); a tenth at once and a time constant of 22 days give both.

    Attributes
    ----------
    supplier : its name, such as ``tsmc``.
    first : month in which it is hit, on its first day, from 0.
    down_days : until it starts again.
    restart_days : time constant of the restart.
    """

    supplier: str = "tsmc"
    first: int = 0
    down_days: float = 29.0
    restart_days: float = 22.0
    name: str = "supplier-outage"

    def capacity_on(self, day: float) -> float:
        """Part of capacity that is there so many days after the hit."""
        since = day - self.down_days
        return 1.0 - _NOT_AT_ONCE * math.exp(-since / self.restart_days) if since >= 0.0 else 0.0

    def capacity_in(self, month: int) -> float:
        """Mean part of capacity over a month from the hit on, from 0."""
        begins, ends = (max(_MONTH_DAYS * each - self.down_days, 0.0) for each in (month, month + 1))
        missing = math.exp(-begins / self.restart_days) - math.exp(-ends / self.restart_days)
        return (ends - begins - _NOT_AT_ONCE * self.restart_days * missing) / _MONTH_DAYS

    def __call__(self, month: DisturbedMonth) -> None:
        """Write the month's disturbance."""
        since = month.clock.month - self.first
        if since >= 0 and (left := self.capacity_in(since)) < 1.0:
            capacities = month.disturbances.supplier_capacity
            capacities[self.supplier] = left * capacities.get(self.supplier, 1.0)


KINDS: dict[str, Callable[..., Shock]] = {
    kind.name: kind
    for kind in (
        PublicInvestment,
        PolicyRate,
        ShortRate,
        HeldYen,
        OilPrice,
        WorldDemand,
        ConsumptionTax,
        IncomeTaxCut,
        RateGap,
        Intervention,
        DollarDemand,
        DeficitNews,
        ChipCut,
        SupplierStop,
        SupplierOutage,
        GraphRewired,
    )
}
"""Classes of shocks by name."""


@dataclass(frozen=True)
class Twin:
    """What a shock may be made from: the undisturbed run of the same seed.

    Attributes
    ----------
    usdjpy : yen per dollar by session, (21 × months,).
    policy_rate_pct : by month, (months,).
    """

    usdjpy: FloatArray
    policy_rate_pct: FloatArray


@dataclass(frozen=True)
class ShockPlan:
    """A shock that can be asked for by name.

    Attributes
    ----------
    name : as `itcho respond` takes it.
    what : one sentence for people.
    make : builds the shock from the twin, at which only some shocks look, and its size: how many times the one that
        ``what`` tells of, below zero for its opposite.
    sizes : smallest and largest size that can be made.
    outcomes : outcomes that its picture and table show, most telling first.
    without : channels that are off in the twin and in the shocked run.
    twin_months : shortest twin from which the shock can be made, months.
    """

    name: str
    what: str
    make: Callable[[Twin, float], Shock]
    outcomes: tuple[str, ...]
    without: tuple[str, ...] = ()
    twin_months: int = 0
    sizes: tuple[float, float] = (-3.0, 3.0)

    def size_mistake(self, size: float) -> str:
        """What is wrong with a size; empty if nothing is."""
        least, most = self.sizes
        if least <= size <= most and size != 0.0:
            return ""
        return f"--size = {size:g} must be from {least:g} to {most:g} and not 0 for {self.name}"


def _times(size: float, factor: float) -> float:
    """A factor whose distance from 1 is ``size`` times that of ``factor``."""
    return 1.0 + size * (factor - 1.0)


SHOCKS: dict[str, ShockPlan] = {
    plan.name: plan
    for plan in (
        ShockPlan(
            "public-investment",
            "Public investment up by 1% of GDP, paid by bonds and kept up.",
            lambda _, size: PublicInvestment(size * PublicInvestment.pct_gdp),
            (
                "real_gdp_trn_yen",
                "cpi_yoy_pct",
                "policy_rate_pct",
                "jgb_10y_pct",
                "usdjpy",
                "gov_debt_to_gdp_pct",
                "consumer_price_index",
                "current_account_pct_gdp",
                "fiscal_balance_pct_gdp",
            ),
        ),
        ShockPlan(
            "policy-rate",
            "The rule's policy rate and 1 point more for four quarters, then the rule.",
            lambda _, size: PolicyRate(size * PolicyRate.points),
            ("real_gdp_trn_yen", "policy_rate_pct", "cpi_yoy_pct", "jgb_10y_pct", "usdjpy", "unemployment_pct"),
        ),
        ShockPlan(
            "yen",
            "Every session's USD/JPY 10% above the twin's, held by dealers abroad.",
            lambda twin, size: HeldYen(tuple(twin.usdjpy.tolist()), _times(size, HeldYen.factor)),
            (
                "cpi_yoy_pct",
                "real_gdp_trn_yen",
                "usdjpy",
                "current_account_trn_yen",
                "policy_rate_pct",
                "jgb_10y_pct",
                "consumer_price_index",
                "export_volume_index",
                "import_volume_index",
                "real_consumption_trn_yen",
                "corporate_income_trn_yen",
                "current_account_pct_gdp",
                "fiscal_balance_pct_gdp",
                "nominal_gdp_trn_yen",
                "unemployment_pct",
            ),
        ),
        ShockPlan(
            "short-rate",
            "The twin's policy rate and 1 point more for twelve quarters, announced at the start; then the rule.",
            lambda twin, size: ShortRate(
                tuple(twin.policy_rate_pct[:HELD_RATE_MONTHS].tolist()), size * ShortRate.points
            ),
            ("real_gdp_trn_yen", "policy_rate_pct", "consumer_price_index", "jgb_10y_pct", "usdjpy"),
            twin_months=HELD_RATE_MONTHS,
        ),
        ShockPlan(
            "oil",
            "Imported fuel 20% dearer in dollars, for good.",
            lambda _, size: OilPrice(_times(size, OilPrice.factor)),
            ("consumer_price_index", "real_gdp_trn_yen", "current_account_pct_gdp", "import_volume_index"),
        ),
        ShockPlan(
            "world-demand",
            "Real demand abroad for Japan's exports up by 1%, for good.",
            lambda _, size: WorldDemand(_times(size, WorldDemand.factor)),
            ("export_volume_index", "real_gdp_trn_yen", "current_account_pct_gdp", "consumer_price_index"),
        ),
        ShockPlan(
            "consumption-tax",
            "The rate of the consumption tax up by 1 point, for good.",
            lambda _, size: ConsumptionTax(size * ConsumptionTax.points),
            ("consumer_price_index", "real_gdp_trn_yen", "real_consumption_trn_yen", "fiscal_balance_pct_gdp"),
        ),
        ShockPlan(
            "income-tax-cut",
            "Households' income tax down by 1% of GDP, for good.",
            lambda _, size: IncomeTaxCut(size * IncomeTaxCut.pct_gdp),
            ("real_gdp_trn_yen", "real_consumption_trn_yen", "fiscal_balance_pct_gdp", "current_account_pct_gdp"),
        ),
        ShockPlan(
            "rate-gap",
            "The US policy rate up by 1 point for twelve months.",
            lambda _, size: RateGap(size * RateGap.points),
            ("usdjpy", "us_policy_rate_pct", "policy_rate_pct", "cpi_yoy_pct", "real_gdp_trn_yen", "jgb_10y_pct"),
        ),
        ShockPlan(
            "intervention",
            "10 trn yen (64 bn USD) of dollars sold by the ministry over the first three sessions.",
            lambda _, size: Intervention(size * Intervention.sold_bn_usd),
            ("usdjpy", "cpi_yoy_pct", "real_gdp_trn_yen", "policy_rate_pct"),
        ),
        ShockPlan(
            "dollar-demand",
            "6.5 bn USD a year bought in equal parts each session.",
            lambda _, size: DollarDemand(size * DollarDemand.bn_usd_a_year),
            ("usdjpy", "cpi_yoy_pct", "current_account_trn_yen", "net_foreign_assets_trn_yen"),
        ),
        ShockPlan(
            "deficit-news",
            "A lasting deficit of 1% of GDP a year announced and not yet spent, credibility channel off.",
            lambda _, size: DeficitNews(size * DeficitNews.pct_gdp),
            ("jgb_10y_pct", "jgb_2y_pct", "jgb_30y_pct", "usdjpy", "real_gdp_trn_yen"),
            without=("credibility",),
        ),
        ShockPlan(
            "chip-cut",
            "Foreign chip suppliers stop; lead times, stocks and substitution on.",
            lambda _, size: ChipCut(_times(size, ChipCut.capacity)),
            (
                "chip_imports_trn_yen",
                "domestic_ai_share_home_pct",
                "japan_share_global_ai_pct",
                "productivity_gain_pct",
            ),
            sizes=(0.0, 1.0),
        ),
    )
}
"""The shocks by name; debt service and loan-to-value are arithmetic on opening balance sheets and need no run."""


def debt_service_rise_trn_yen(start: str = DEFAULT_START, points: float = 1.0, years: int = 3) -> FloatArray:
    """Interest added in each year if all issue yields are higher from the first month on: the ladder alone, by accrual.

    New bonds are the budget's less the redemption transfer, spread over the year; what matures is refunded.
    """
    from itcho.model.finance.jgb_ladder import IssuanceProfile, JGBLadder, opening_yields_by_slot_pct
    from itcho.model.parameters import Parameters
    from itcho.model.start_states import load

    state = load(start)
    curve = opening_yields_by_slot_pct(state)
    profile = IssuanceProfile.from_parameters(Parameters())
    net = (state.fact("budget_new_bonds_trn_yen") - state.fact("budget_redemption_trn_yen")) / YEAR

    def interest(yields: FloatArray) -> FloatArray:
        ladder = JGBLadder.opening(state)
        accrued = np.zeros(years)
        for month in range(YEAR * years):
            ladder.issue_at_par(ladder.age_one_month().redeemed_face_trn_yen + net, yields, profile)
            accrued[month // YEAR] += float(ladder.coupon_due_trn_yen().sum())
        return accrued

    return interest(curve + points) - interest(curve)


def loan_to_value_after_falls_pct(falls_pct: tuple[float, ...], start: str = DEFAULT_START) -> FloatArray:
    """SoftBank Group's loan-to-value after its holdings fall, before any month is run."""
    from itcho.agents.softbank import loan_to_value_after_fall
    from itcho.model.economy import JapanEconomy

    position = JapanEconomy(start=start, rng=1, years=1).softbank_accounts.position
    return np.array([loan_to_value_after_fall(position, fall / 100.0) for fall in falls_pct])
