"""Chip importers: the distributors, clouds and developers that buy chips abroad and turn them into compute.

The population is a set of columns, one row per firm; the named firms come first, the national AI company in row 0.  The
decision rules below are pure functions of columns and of what planners know, the same text for one firm and for a
million.  Money is in trillion yen, dollar amounts in billion US dollars, compute in billion US dollars at the chip
prices of 2026 (quality-adjusted).

Sources: life and price path of chips, Epoch AI; cost shares, Bernstein; additionality of support, the meta-regression
of Dimos, Pugh and others (2022).  Sizes of single firms are judgement.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import NamedTuple, TypeAlias, TypedDict

import numpy as np
from numpy.typing import NDArray

from itcho.agents import importer_rows
from itcho.agents.limits import IMPORTER_BUDGET, IMPORTER_CASH, IMPORTER_CREDIT, LimitReading
from itcho.agents.named_importers import DEVELOPER, NAMED_IMPORTERS, ROLES
from itcho.agents.population import Member, Population
from itcho.agents.views import ParameterValues
from itcho.agents.vocabulary import AI_FIRM_EQUITY, DEPOSITS, LOANS, OTHER_CLAIMS, OTHER_DEBT_SECURITIES

Array = NDArray[np.float64]

_NATIONAL_COMPANY_ROW = 0


class ImporterColumns(TypedDict, total=False):
    """The importers' columns, one entry per firm.

    Attributes
    ----------
    role : DISTRIBUTOR, CLOUD or DEVELOPER.
    domestic_control : whether it is controlled in Japan.
    size : share of the sector.
    cash_trn_yen, debt_trn_yen, bonds, equity_issued, other_claims : held and owed, trillion yen.
    compute, programme_compute : units of compute, and of which bought with programme money.
    plant, compute_book_trn_yen : buildings and the book value of compute, trillion yen.
    orders_outstanding_bn_usd, programme_orders_bn_usd : chips ordered and not yet there, and those of the programme.
    plant_plan_trn_yen : plant it plans to build a month.
    training_share, utilisation : parts of compute.
    expected_revenue_trn_yen, other_revenue_trn_yen : a month.
    compute_intensity : compute at list prices over expected sales, bn USD for a trillion yen.
    orders_waiting_bn_usd : of those outstanding, what nobody has started, or what a distributor owes.
    expected_fill : part of its waiting and new chip orders that it expects to get in a month, from its own experience.
    price_index : yen price of its services, 1 at the start.
    failed_times : how often the firm in this row has failed.
    subsidy_trn_yen, earmarked_trn_yen : programme money got this month, and not yet committed.
    losses_carried_trn_yen : tax losses.
    spread_pct : credit spread.
    quality, research_luck, market_utility_shift, model_share : see ``itcho.model.ai.capability.add_service_columns``.
    revenue_trn_yen, foreign_revenue_trn_yen : sales of AI services this month, at home and abroad.
    """

    role: NDArray[np.int8]
    domestic_control: NDArray[np.bool_]
    size: Array
    cash_trn_yen: Array
    debt_trn_yen: Array
    bonds: Array
    equity_issued: Array
    other_claims: Array
    compute: Array
    programme_compute: Array
    plant: Array
    compute_book_trn_yen: Array
    orders_outstanding_bn_usd: Array
    programme_orders_bn_usd: Array
    own_compute_without_power: Array
    plant_plan_trn_yen: Array
    training_share: Array
    utilisation: Array
    expected_revenue_trn_yen: Array
    other_revenue_trn_yen: Array
    compute_intensity: Array
    orders_waiting_bn_usd: Array
    expected_fill: Array
    price_index: Array
    failed_times: NDArray[np.int32]
    subsidy_trn_yen: Array
    earmarked_trn_yen: Array
    losses_carried_trn_yen: Array
    spread_pct: Array
    quality: Array
    research_luck: Array
    market_utility_shift: Array
    model_share: Array
    revenue_trn_yen: Array
    foreign_revenue_trn_yen: Array


Importers: TypeAlias = Population[ImporterColumns]
"""The population of chip importers."""

IMPORTER_POSITIONS: dict[str, tuple[str, int]] = {
    DEPOSITS: ("cash_trn_yen", 1),
    LOANS: ("debt_trn_yen", -1),
    OTHER_DEBT_SECURITIES: ("bonds", -1),
    AI_FIRM_EQUITY: ("equity_issued", -1),
    OTHER_CLAIMS: ("other_claims", 1),
}
"""Column and sign that hold each instrument: the ledger moves these columns, the rules only read them."""


class ChipImporter(Member):
    """One chip importer: a distributor, a cloud or a developer of AI; a view of its row."""

    @property
    def cash(self) -> float:
        """Bank deposits, trillion yen."""
        return float(self._deposits[self.row])

    @cash.setter
    def cash(self, trn_yen: float) -> None:
        self._deposits[self.row] = trn_yen

    @property
    def _deposits(self) -> Array:
        return self.population.numbers("cash_trn_yen")


OPENING_KEYS: tuple[str, ...] = (
    *("deposits", "loans", "bonds", "equity", "other_claims", "capital", "sales_to_households", "sales_to_government"),
    *("sales_to_firms", "ai_services", "inputs", "wages", "domestic_investment", "chip_imports", "licences", "usdjpy"),
)
"""What the opening must say: stocks of the sector, flows of the past fiscal year (trillion yen), yen per dollar.

Optional: ``growth_share`` (growth of the flows around the start, a year), ``years_from_2026`` (years from 2026-03-31 to
the start, -2 for 2024-03-31; 0 unless given).
"""


class PlanningConditions(NamedTuple):
    """What planners know when they order.

    Attributes
    ----------
    usdjpy : yen per dollar of chips at list prices that orders are valued at: the exchange rate and, where chips are
        short, what designers ask over list prices.
    budget_usdjpy : the exchange rate at which the budgets in force were drawn up.
    usdjpy_start : the rate at the start of the run.
    chip_price_index : list price of a unit of compute in dollars, 1 in 2026.
    chip_price_index_start : the same at the start of the run.
    cpi_index, world_ai_demand_index : 1 at the start; the second is the level of world AI spending.
    expected_growth_monthly : growth of the dollar value of desired compute that planners extrapolate, a month.
    lead_time_months : order to delivery.
    """

    usdjpy: float
    budget_usdjpy: float
    usdjpy_start: float
    chip_price_index: float
    chip_price_index_start: float
    cpi_index: float
    world_ai_demand_index: float
    expected_growth_monthly: float
    lead_time_months: float


def split_exactly(total: float, weights: Array) -> Array:
    """Split ``total`` in proportion to ``weights`` so that the parts add up to it to the last bit that floats allow."""
    parts: Array = total * (weights / weights.sum())
    largest = int(np.argmax(np.abs(parts)))
    for _ in range(4):
        parts[largest] += total - float(parts.sum())
    return parts


def role_weights(kind: str, parameters: ParameterValues) -> Array:
    """Weights of the three roles, (3,), from the parameters ``importer_<kind>_weight_<role>``."""
    return np.array([getattr(parameters, f"importer_{kind}_weight_{role}") for role in ROLES])


def decay_per_month(parameters: ParameterValues) -> tuple[float, float]:
    """Monthly rates at which compute wears out and at which its dollar price falls."""
    return 1.0 / (12.0 * parameters.chip_life_years), math.log(2.0) / (12.0 * parameters.chip_price_halving_years)


def replacement_rate(growth: float, parameters: ParameterValues) -> float:
    """Monthly deliveries over the dollar value of compute that let that value grow at ``growth`` (log) a month."""
    wear, fall = decay_per_month(parameters)
    return max(math.exp(growth) - (1.0 - wear) * math.exp(-fall), 0.0)


def pipeline_months(lead_time_months: float, growth: float) -> float:
    """Orders outstanding over monthly deliveries when both grow at ``growth`` (log) a month."""
    if abs(growth) < 1e-9:
        return lead_time_months
    return math.expm1(growth * lead_time_months) / math.expm1(growth)


def opening_orders_bn_usd(columns: ImporterColumns, opening: Mapping[str, float], parameters: ParameterValues) -> Array:
    """Orders of the month before the start that the opening path implies, (n,); the chip tiers start from them.

    They grew at :func:`opening_growth_monthly` in the months before.
    """
    growth = opening_growth_monthly(opening, parameters)
    ahead = math.exp(growth * (parameters.chip_lead_time_months - 1.0)) * opening_chip_price(opening, parameters)
    return np.asarray(columns["compute"] * (replacement_rate(growth, parameters) * ahead))


def opening_growth_monthly(opening: Mapping[str, float], parameters: ParameterValues) -> float:
    """Growth of the sector's flows a month around the start."""
    return math.log1p(opening.get("growth_share", parameters.ai_firm_opening_growth_share)) / 12.0


def opening_month(yearly: float, growth: float) -> float:
    """Flow of the month before the start, if the past year's sum is ``yearly`` and it grows at ``growth`` a month."""
    return yearly * growth / -math.expm1(-12.0 * growth) if abs(growth) > 1e-9 else yearly / 12.0


def opening_chip_price(opening: Mapping[str, float], parameters: ParameterValues) -> float:
    """Dollar price of a unit of compute at the start, 1 in 2026."""
    return float(2.0 ** (-opening.get("years_from_2026", 0.0) / parameters.chip_price_halving_years))


def make_importer_columns(
    n: int,
    opening: Mapping[str, float],
    parameters: ParameterValues,
    rng: np.random.Generator,
    alike_roles: Collection[int] = (),
) -> ImporterColumns:
    """Columns of ``n`` importers whose sums equal the sector's opening balance sheet.

    Compute is what the past year's chip imports amount to on a growing path; the rest of the capital is plant.

    Parameters
    ----------
    n : number of firms, at least 1.
    opening : see :data:`OPENING_KEYS`.
    parameters : parameters by attribute.
    rng : construction draws (roles of the anonymous firms, spread of leverage).
    alike_roles : roles whose firms, but for the national company, all have the same size and mean leverage.

    Raises
    ------
    ValueError : ``n`` below 1, or keys missing in ``opening``.
    """
    missing = [key for key in OPENING_KEYS if key not in opening]
    if missing or n < 1:
        raise ValueError(f"importers: n is {n}, at least 1 needed; missing in opening: {', '.join(missing) or 'none'}")
    firms = _draw_firms(n, parameters, rng, alike_roles)
    columns: ImporterColumns = {
        "role": firms.role,
        "domestic_control": firms.domestic_control,
        "size": firms.size,
        "training_share": np.full(n, parameters.training_share_developer),
        "utilisation": np.full(n, float(parameters.importer_target_utilisation)),
        "orders_waiting_bn_usd": np.zeros(n),
        "expected_fill": np.ones(n),
        "failed_times": np.zeros(n, dtype=np.int32),
        "subsidy_trn_yen": np.zeros(n),
        "earmarked_trn_yen": np.zeros(n),
        "programme_compute": np.zeros(n),
        "programme_orders_bn_usd": np.zeros(n),
        "own_compute_without_power": np.zeros(n),
        "losses_carried_trn_yen": np.zeros(n),
        "spread_pct": np.empty(n),
    }
    _split_opening(columns, firms.leverage, opening, parameters)
    yen_per_unit = opening_chip_price(opening, parameters) * opening["usdjpy"] / 1000.0
    rate_firms(columns, yen_per_unit, parameters, np.zeros(n, dtype=np.bool_))
    return columns


class _Firms(NamedTuple):
    """What importers are before they have anything; ``leverage`` is over that of their role."""

    role: NDArray[np.int8]
    domestic_control: NDArray[np.bool_]
    size: Array
    leverage: Array


def _draw_firms(n: int, parameters: ParameterValues, rng: np.random.Generator, alike_roles: Collection[int]) -> _Firms:
    """Roles, owners, sizes and leverage; the firms of ``alike_roles`` differ in neither size nor leverage."""
    # The named firms draw first, so that they are the same firms in a population of any size.
    draws = rng.standard_normal(len(NAMED_IMPORTERS))
    role, domestic, size = _roles_and_sizes(n, parameters, rng)
    draws = np.concatenate([draws, rng.standard_normal(max(n - draws.size, 0))])[:n]
    # Nobody starts insolvent: the draws are cut at two standard deviations.
    leverage = np.exp(parameters.importer_leverage_dispersion * np.clip(draws, -2.0, 2.0))
    for each in alike_roles:
        rows = np.flatnonzero(role == each)
        rows = rows[rows != _NATIONAL_COMPANY_ROW]
        size[rows], leverage[rows] = size[rows].sum() / max(rows.size, 1), 1.0
    return _Firms(role, domestic, size, leverage)


def _split_opening(
    columns: ImporterColumns, leverage: Array, opening: Mapping[str, float], parameters: ParameterValues
) -> None:
    """Split the sector's opening stocks and flows among its firms: money by sales, capital and debt by capital."""
    role, size = columns["role"], columns["size"]
    growth = opening_growth_monthly(opening, parameters)
    by_sales = size * role_weights("revenue", parameters)[role]
    by_capital = size * role_weights("compute", parameters)[role]

    sales = sum(opening[key] for key in ("sales_to_households", "sales_to_government", "sales_to_firms"))
    month_sales = opening_month(sales, growth)
    deliveries = opening_month(opening["chip_imports"], growth) * math.exp(growth)
    compute_value = deliveries / replacement_rate(growth, parameters)
    if compute_value > 0.0 and compute_value >= opening["capital"]:
        raise ValueError(f"importers: opening capital {opening['capital']} is not above compute of {compute_value:.3f}")
    price = opening_chip_price(opening, parameters)
    deliveries_usd = deliveries * 1000.0 / opening["usdjpy"]
    compute = split_exactly(compute_value * 1000.0 / (opening["usdjpy"] * price), by_capital)
    # Smoothed values stand behind the actual ones by their memory times the growth.
    lag = 1.0 + growth * (parameters.importer_expectation_months - 1.0)
    expected = split_exactly(month_sales / lag, by_sales)
    # Firms that sell nothing have no other business either.
    other_share = 1.0 - opening["ai_services"] / sales if sales > 0.0 else 0.0
    columns |= {
        "cash_trn_yen": split_exactly(opening["deposits"], by_sales),
        "debt_trn_yen": split_exactly(opening["loans"], by_capital * leverage),
        "bonds": split_exactly(opening["bonds"], by_capital * _bond_issuers(columns["domestic_control"])),
        "equity_issued": split_exactly(opening["equity"], by_capital),
        "other_claims": split_exactly(opening["other_claims"], by_sales),
        "compute": compute,
        "plant": split_exactly(opening["capital"] - compute_value, by_capital),
        "compute_book_trn_yen": split_exactly(compute_value, by_capital),
        "orders_outstanding_bn_usd": split_exactly(
            deliveries_usd * pipeline_months(parameters.chip_lead_time_months, growth), by_capital
        ),
        "plant_plan_trn_yen": split_exactly(opening_month(opening["domestic_investment"], growth), by_capital),
        "expected_revenue_trn_yen": expected,
        "other_revenue_trn_yen": split_exactly(month_sales * other_share, by_sales),
        "compute_intensity": np.divide(compute * price, expected, out=np.zeros(size.size), where=expected > 0.0),
    }


def _bond_issuers(domestic: NDArray[np.bool_]) -> Array:
    """1 for the firms large enough for the bond market (named, controlled in Japan), all firms if there is none."""
    rows = np.arange(domestic.size)
    issuers = (rows < len(NAMED_IMPORTERS)) & (rows > 0) & domestic
    return issuers.astype(float) if issuers.any() else np.ones(domestic.size)


def _roles_and_sizes(
    n: int, parameters: ParameterValues, rng: np.random.Generator
) -> tuple[NDArray[np.int8], NDArray[np.bool_], Array]:
    named = NAMED_IMPORTERS[:n]
    anonymous = n - len(named)
    relative = np.array([getattr(parameters, f"relative_size_{firm.name}") for firm in named])
    share = parameters.anonymous_importer_share if anonymous else 0.0
    # Sizes are quantiles of the power law, so that a larger population is a finer picture of the same law.
    quantile = (np.arange(anonymous) + 0.5) / max(anonymous, 1)
    sizes = quantile ** (-1.0 / parameters.importer_size_exponent)
    size = np.concatenate([(1.0 - share) * relative / relative.sum(), share * sizes / max(float(sizes.sum()), 1e-300)])
    # Roles by thirds, shuffled within blocks of six sizes so that every role has large and small firms.
    pattern = np.resize(np.array([1, 2, 2, 1, 0, 2], dtype=np.int8), anonymous)
    roles = np.concatenate([rng.permutation(block) for block in np.split(pattern, range(6, anonymous, 6))])
    role = np.concatenate([np.array([firm.role for firm in named], dtype=np.int8), roles.astype(np.int8)])
    domestic = np.concatenate([np.array([firm.domestic_control for firm in named]), np.ones(anonymous, dtype=bool)])
    return role, domestic, size


def venture_rows(role: NDArray[np.int8], parameters: ParameterValues) -> NDArray[np.bool_]:
    """Developers that live on rounds of venture funding, (n,): named ones, and an even part of the anonymous ones."""
    named = NAMED_IMPORTERS[: role.size]
    anonymous = np.flatnonzero((np.arange(role.size) >= len(named)) & (role == DEVELOPER))
    # Whole steps of an even line, so that the part is the same among large and small firms.
    steps = np.floor(np.arange(anonymous.size + 1) * parameters.venture_share_of_developers)
    ventures = np.zeros(role.size, dtype=np.bool_)
    ventures[: len(named)] = [firm.venture for firm in named]
    ventures[anonymous[np.diff(steps) > 0.0]] = True
    return ventures


def months_of_rounds(ventures: NDArray[np.bool_], parameters: ParameterValues) -> NDArray[np.int64]:
    """Month of the interval in which each of the ventures has its round of funding, one after the other, by venture."""
    return np.arange(int(ventures.sum())) % round(parameters.venture_round_months)


def runway_months(role: NDArray[np.int8], month: int, parameters: ParameterValues) -> Array:
    """Months until importers need new money from outside, (n,): ventures until their next round, others for ever.

    Parameters
    ----------
    month : from 0; a venture whose round is in it has no runway left.
    """
    ventures = venture_rows(role, parameters)
    found = np.full(role.size, np.inf)
    due = months_of_rounds(ventures, parameters)
    found[ventures] = (due - month) % round(parameters.venture_round_months)
    return found


class FailureLaw:
    """Who fails for want of money from outside, whatever its books say.

    A venture needs a new round at regular intervals, and closes if it finds none, which is more likely in a drought of
    funding.  Ordinary anonymous firms fail at the rate of Japan's companies.  Large firms, which the other named ones
    are or belong to, fail only when they cannot pay or owe more than they own.

    Parameters
    ----------
    role : (n,) of each importer.
    parameters : parameters by attribute.

    Attributes
    ----------
    climate : readiness to fund AI firms, from 1 (usual) to 0 (drought); see ``itcho.agents.ai_boom.funding_open``.
    """

    def __init__(self, role: NDArray[np.int8], parameters: ParameterValues) -> None:
        p = parameters
        self.climate = 1.0
        self.ventures = venture_rows(role, p)
        self.ordinary = ~self.ventures & (np.arange(role.size) >= len(NAMED_IMPORTERS))
        self._interval = round(p.venture_round_months)
        self._rounds = p.venture_round_failure_share, p.venture_round_failure_drought_share
        self._ordinary = p.ordinary_failure_pct / 1200.0, p.ordinary_failure_slump_share
        self._round_due = np.where(self.ordinary, importer_rows.ORDINARY, importer_rows.LARGE)
        self._round_due[self.ventures] = months_of_rounds(self.ventures, p)

    def hear(self, climate: float) -> None:
        """Take the month's readiness to fund AI firms."""
        self.climate = climate

    def fund_all(self) -> None:
        """Let every round succeed and no firm run out of money."""
        self._rounds = self._ordinary = 0.0, 0.0

    def chances(self) -> tuple[float, float]:
        """Chances that a venture's round fails, and that an ordinary firm fails in the month."""
        missing = 1.0 - self.climate
        calm, added = self._rounds
        rate, slump = self._ordinary
        return calm + added * missing, rate * (1.0 + slump * missing)

    def close(self, month: int, draws: Array, failed: NDArray[np.bool_]) -> None:
        """Add those who fail this month to ``failed``.

        Parameters
        ----------
        month : from 0; a venture has its round every interval, ventures one after the other.
        draws : (n,) uniform, one for every row, so that who fails never shifts another row's draw.
        """
        importer_rows.close_firms(self._round_due, month % self._interval, *self.chances(), draws, failed)


def spin_outs(
    vacant: NDArray[np.bool_],
    columns: ImporterColumns,
    profit_and_sales: tuple[Array, Array],
    draws: Array,
    parameters: ParameterValues,
) -> NDArray[np.int64]:
    """Rows of failed firms that a spin-out takes this month, where those in its trade earn something and are busy.

    The chance is one in ``entry_months`` at usual utilisation of the trade's compute, in proportion to it, and nothing
    where the trade makes losses.  Without a firm in its trade nobody knows what could be earned, and somebody tries.

    Parameters
    ----------
    vacant : rows without a firm, (n,).
    profit_and_sales : of each row this month, trillion yen.
    draws : (n,) uniform, one for every row, so that who enters never shifts another row's draw.
    """
    role, target = columns["role"], parameters.importer_target_utilisation
    chances = np.zeros(len(ROLES))
    for trade in range(len(ROLES)):
        others = ~vacant & (role == trade)
        profit, sales = (float(values[others].sum()) for values in profit_and_sales)
        compute = columns["compute"][others]
        busy = float((columns["utilisation"][others] * compute).sum()) / max(float(compute.sum()), 1e-300) / target
        chances[trade] = busy if profit > 0.0 else float(sales == 0.0)
    return np.flatnonzero(vacant & (draws < chances[role] / parameters.entry_months))


def align_expectations(
    columns: ImporterColumns, chip_price_index: float, growth_monthly: float, parameters: ParameterValues
) -> None:
    """Make each row's expected revenue agree with its opening sales of all kinds, in place.

    Call it once, after the opening sales of AI services are in ``revenue_trn_yen`` and ``foreign_revenue_trn_yen``.
    """
    lag = 1.0 + growth_monthly * (parameters.importer_expectation_months - 1.0)
    expected = np.maximum(total_revenue(columns) / lag, 1e-12)
    columns["expected_revenue_trn_yen"][:] = expected
    columns["compute_intensity"][:] = columns["compute"] * chip_price_index / expected


def total_revenue(columns: ImporterColumns) -> Array:
    """Sales of each row this month, trillion yen: AI services at home and abroad, and everything else."""
    return columns["revenue_trn_yen"] + columns["foreign_revenue_trn_yen"] + columns["other_revenue_trn_yen"]


def rate_firms(
    columns: ImporterColumns, yen_per_unit: float, parameters: ParameterValues, failed: NDArray[np.bool_]
) -> tuple[int, float, float]:
    """Set each firm's credit spread, and add to ``failed`` (who could not pay) who owes more than it may.

    Leverage L is debt over assets: compute at ``yen_per_unit`` trillion yen a unit, plant and cash; at most 2 counts.
    The spread over the base lending rate, % a year, is base + slope × L + convexity × max(0, L − threshold)².  A firm
    in debt fails when its net worth, other claims included, falls below a share of its capital.

    Returns
    -------
    Number of failed firms, and the sector's debts and assets, trillion yen.
    """
    failures, debts, assets = importer_rows.rate_firms(
        (columns["compute"], columns["plant"], columns["cash_trn_yen"], columns["other_claims"]),
        (columns["debt_trn_yen"], columns["bonds"]),
        yen_per_unit,
        parameters.ai_firm_failure_net_worth_share,
        (
            parameters.ai_firm_spread_base_pct,
            parameters.ai_firm_spread_slope_pct,
            parameters.ai_firm_spread_threshold,
            parameters.ai_firm_spread_convexity_pct,
        ),
        failed,
        columns["spread_pct"],
    )
    return failures, debts, assets


def desired_compute_bn_usd(
    columns: ImporterColumns, conditions: PlanningConditions, parameters: ParameterValues
) -> Array:
    """Dollar value, at today's chip price, of the compute that firms want for their own business.

    Expected real sales and world AI demand raise it; the relative yen price of compute lowers the units by
    ``chip_price_elasticity``, at the exchange rate of the budgets in force.
    """
    price = (
        conditions.chip_price_index
        / conditions.chip_price_index_start
        * conditions.budget_usdjpy
        / (conditions.usdjpy_start * conditions.cpi_index)
    )
    scale = (
        conditions.world_ai_demand_index**parameters.importer_world_demand_elasticity
        * price**parameters.chip_price_elasticity
        * conditions.chip_price_index
        / (conditions.chip_price_index_start * conditions.cpi_index)
    )
    wanted: Array = columns["compute_intensity"] * columns["expected_revenue_trn_yen"] * scale
    return wanted


def budget_factor(conditions: PlanningConditions, parameters: ParameterValues) -> float:
    """Units that this year's budgets buy against plan: the yen-fixed part gives way one for one to a weaker yen."""
    fixed = parameters.chip_budget_capacity_fixed_share
    return float(fixed + (1.0 - fixed) * conditions.budget_usdjpy / conditions.usdjpy)


class OrderFindings(NamedTuple):
    """What limits did to a month's orders.

    Attributes
    ----------
    found : (9,) of budget, credit and cash: slack, part bound, and bn USD withheld.
    wanted_bn_usd : (n,) what each firm would have ordered without limits.
    """

    found: Array
    wanted_bn_usd: Array

    @classmethod
    def of(cls, firms: int) -> OrderFindings:
        """Empty ones, to be written."""
        return cls(np.zeros(9), np.zeros(firms))

    def readings(self, usdjpy: float) -> tuple[LimitReading, ...]:
        """The same as readings; ``usdjpy`` is yen per dollar of chips."""
        return tuple(
            limit.reading(slack, min(bound, 1.0), withheld * usdjpy / 1000.0)
            for limit, (slack, bound, withheld) in zip(
                (IMPORTER_BUDGET, IMPORTER_CREDIT, IMPORTER_CASH), self.found.reshape(3, 3).tolist(), strict=True
            )
        )


def plan_orders(
    columns: ImporterColumns,
    drivers: PlanningConditions,
    parameters: ParameterValues,
    desired_bn_usd: Array | None = None,
    cancelled_bn_usd: Array | None = None,
    limits: OrderFindings | None = None,
) -> Array:
    """Chip orders of each firm this month for its own business, bn USD (programme money comes on top).

    An order-up-to rule: what wears out and grows at the date of delivery, plus a slow correction of the gaps between
    desired and owned compute and between the pipeline needed and the orders outstanding; then the budget rule, and what
    cash and lenders allow.  A firm that expects to get a part of what it has in a queue keeps as much more in it, and
    takes back what is then too much once it is served better.

    Parameters
    ----------
    desired_bn_usd : what :func:`desired_compute_bn_usd` says, if it is known.
    cancelled_bn_usd : (n,) what each firm wants to take back of what it has ordered; written.
    limits : what limits did; written.
    """
    growth, lead = drivers.expected_growth_monthly, drivers.lead_time_months
    rate = replacement_rate(growth, parameters)
    desired = desired_compute_bn_usd(columns, drivers, parameters) if desired_bn_usd is None else desired_bn_usd
    orders = np.empty(desired.size)
    cancelled = np.empty(desired.size) if cancelled_bn_usd is None else cancelled_bn_usd
    seen = (
        (columns["compute"], columns["programme_compute"], columns["own_compute_without_power"]),
        (columns["orders_outstanding_bn_usd"], columns["programme_orders_bn_usd"]),
        columns["plant"],
        (columns["cash_trn_yen"], columns["earmarked_trn_yen"]),
        (columns["debt_trn_yen"], columns["bonds"]),
        columns["expected_revenue_trn_yen"],
        (columns["orders_waiting_bn_usd"], columns["expected_fill"]),
        desired,
        drivers.chip_price_index,
        drivers.usdjpy,
        # Lenders value compute at the slow rate, so that a falling yen does not loosen credit overnight.
        drivers.chip_price_index * drivers.budget_usdjpy / 1000.0,
        (
            1.0 + rate * pipeline_months(lead, growth),
            rate * math.exp(growth * lead),
            parameters.chip_order_adjustment_months,
            budget_factor(drivers, parameters),
            1.0 / parameters.supply_order_inflation_limit,
        ),
        (
            parameters.ai_firm_leverage_soft_limit,
            parameters.ai_firm_leverage_limit,
            lead * parameters.ai_firm_expected_margin_share,
        ),
    )
    importer_rows.order_chips(*seen, orders, cancelled)
    if limits is not None:
        importer_rows.limits_of_orders(*seen, limits.found, limits.wanted_bn_usd)
    return orders


def programme_shares(parameters: ParameterValues) -> tuple[float, float, float, float]:
    """Parts of programme money spent on imported chips, wages, plant and other inputs; they add to one."""
    imported, wages = parameters.programme_import_share, parameters.programme_wage_share
    plant = parameters.programme_plant_share
    total = max(imported + wages + plant, 1.0)
    return imported / total, wages / total, plant / total, max(1.0 - (imported + wages + plant) / total, 0.0)


def plan_projects(
    own_orders_bn_usd: Array,
    columns: ImporterColumns,
    plant_per_dollar: float,
    usdjpy: float,
    parameters: ParameterValues,
) -> tuple[Array, Array]:
    """Plan plant for the chips ordered, commit earmarked programme money, and order the chips that it buys.

    Plant, in trillion yen at start prices, goes with the chips that it will house, smoothed over the building time.
    Programme money is committed over ``programme_spending_months``.  Support brings forth a little private investment
    of its own; chips bought with both are tracked apart from the firm's own capacity, so that planners do not cut their
    own orders for them.

    Parameters
    ----------
    own_orders_bn_usd : chip orders for the firms' own business.
    plant_per_dollar : plant wanted for them, trillion yen for a bn USD.

    Returns
    -------
    Programme money committed (trillion yen) and all orders (bn USD), by firm.
    """
    imported = programme_shares(parameters)[0] + (
        parameters.programme_additionality * parameters.data_centre_import_share
    )
    spending, orders = np.empty_like(own_orders_bn_usd), np.empty_like(own_orders_bn_usd)
    importer_rows.plan_projects(
        own_orders_bn_usd,
        columns["plant_plan_trn_yen"],
        columns["earmarked_trn_yen"],
        columns["programme_orders_bn_usd"],
        plant_per_dollar,
        parameters.data_centre_building_months,
        parameters.programme_spending_months,
        max(imported, 0.0) * 1000.0 / usdjpy,
        spending,
        orders,
    )
    return spending, orders


def run_compute(
    columns: ImporterColumns,
    desired_bn_usd: Array,
    chip_price_index: float,
    parameters: ParameterValues,
) -> Array:
    """Set utilisation and training share; return the part of demand that each firm meets, (n,).

    Utilisation is the target when compute is as desired, more when it is short.  Tight serving capacity draws compute
    away from training, while compute bought with programme money trains a foundation model and keeps its own share.
    Only developers' training share is asked for.  Short compute turns away demand at peak hours before it is in use
    around the clock.
    """
    served = np.empty(desired_bn_usd.size)
    importer_rows.use_compute(
        (columns["compute"], columns["programme_compute"]),
        desired_bn_usd,
        chip_price_index,
        parameters.importer_target_utilisation,
        (
            parameters.training_share_developer,
            parameters.training_utilisation_response,
            parameters.training_share_programme,
        ),
        parameters.compute_congestion_elasticity,
        columns["utilisation"],
        columns["training_share"],
        served,
    )
    return served
