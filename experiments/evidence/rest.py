"""Rest: does the economy, left alone, come to a state that it keeps, and come back to it when it is pushed?

The quiet path is a run without noise, programme and dated events.  It rests if gap, inflation, policy rate and the real
yen stand still within limits from year 10 on, and the ratios of demand, debt and foreign assets to GDP from year 40 on.
A push is a displacement of the quiet path at the end of year 10: what is left of it against the quiet path must be
halved for good within some years, or of stocks, which return slowly, at all.  A path that opens with other foreign
assets must rest itself.  A run that breaks down has not met what it did not reach.

Limits: half-lives of the current account and of the real exchange rate are 1.8 and 4.8 years in Japan, 1981-2020 and
1973-2020 (IMF World Economic Outlook; Global Macro Database); the others are judged.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from itcho.model.economy import JapanEconomy

FloatArray = NDArray[np.float64]

YEARS = 60
FIRST_YEAR, LATER_YEAR = 10, 40
"""Years from whose end on the economy must stand still, and from which on its ratios to GDP must."""
DISPLACED_AFTER_YEARS, WATCHED_YEARS, SLOW_WATCHED_YEARS = 10, 20, 50
"""When the quiet path is pushed, and for how long it is watched then."""
PEAK_MONTHS = 24
SLOWEST_PP = 0.05
"""Change of foreign assets over GDP in a year below which there is nothing left to slow down."""
PUSHED_STOCK_PCT_GDP = 10.0
FOREIGN_ASSETS_PCT_GDP = 20.0
"""Change of the opening's foreign assets, up or down, after which the path must still rest."""

RATIOS = ("consumption", "government", "investment", "exports", "imports")


@dataclass(frozen=True)
class Limits:
    """What a path at rest may still move by.

    Attributes
    ----------
    gap_pct, inflation_pp, rate_pp : output gap, inflation against target, policy rate against neutral; means of a year.
    yen_pct, late_yen_pct : change of the real yen in a year, from the first and from the later year on.
    ratio_pp, debt_pp, foreign_assets_pp : change of a ratio to GDP in a year.
    """

    gap_pct: float = 0.75
    inflation_pp: float = 0.3
    rate_pp: float = 0.5
    yen_pct: float = 1.0
    late_yen_pct: float = 0.3
    ratio_pp: float = 0.1
    debt_pp: float = 0.5
    foreign_assets_pp: float = 1.0


LIMITS = Limits()
WIDER_LIMITS = replace(LIMITS, gap_pct=1.0, rate_pp=1.0, yen_pct=1.5)
"""Limits of paths that open far from rest."""
LIMITS_BY_START = {"2024-03-31": WIDER_LIMITS}
"""Limits of start states that open far from rest; all others have :data:`LIMITS`."""


@dataclass(frozen=True)
class Criterion:
    """One criterion: the value must not be above the limit, and its years must have been reached.

    Attributes
    ----------
    id, value, limit : the largest size there was; NaN if there was none.
    reached : whether the path lasted as long as was asked for.
    """

    id: str
    value: float
    limit: float
    reached: bool = True

    @property
    def met(self) -> bool:
        """Whether the value is one of a whole path and within its limit."""
        return self.reached and self.value <= self.limit


@dataclass(frozen=True)
class QuietPath:
    """A run without noise, month by month.

    Attributes
    ----------
    monthly : figures by name, (months,) each; only closed months with finite figures.
    broke : why it broke down after its last month; empty if it did not.
    """

    monthly: dict[str, FloatArray]
    broke: str = ""

    @property
    def months(self) -> int:
        """Months that were closed."""
        return int(next(iter(self.monthly.values()), np.empty(0)).size)

    def by_year(self, name: str) -> FloatArray:
        """Means of whole years, (years,)."""
        years = self.months // 12
        values = self.monthly.get(name, np.empty(0))[: 12 * years]
        return np.asarray(values.reshape(-1, 12).mean(axis=1))

    def at_year_ends(self, name: str) -> FloatArray:
        """Values in the last months of whole years, (years,)."""
        return self.monthly.get(name, np.empty(0))[11::12]


def figures(economy: JapanEconomy) -> dict[str, float]:
    """What is looked at in a month.

    The real yen is a logarithm: USD/JPY times prices abroad over consumer prices at home; up is a weaker yen.  Ratios
    are percent of GDP, those of demand to the month's; AI services and AI firms' imports are in none of them.
    """
    state, outcomes, p = economy.state, economy.outcomes, economy.parameters
    output = economy.closed_month.output
    demand, public, gdp = output.demand, output.public, state.nominal_gdp
    neutral_pct = economy.bank_of_japan.natural_real_rate_pct + p.inflation_target_pct
    return {
        "gap_pct": state.output_gap_pct,
        "cpi_yoy_pct": state.consumer_inflation_pct,
        "excess_inflation_pp": state.consumer_inflation_pct - p.inflation_target_pct,
        "policy_rate_pct": state.policy_rate_pct,
        "neutral_rate_pct": neutral_pct,
        "excess_rate_pp": state.policy_rate_pct - neutral_pct,
        "usdjpy": state.usdjpy_average,
        "real_yen": math.log(state.usdjpy_average * economy.outside.foreign_price_level / state.consumer_price),
        "current_account_pct_gdp": outcomes["current_account_pct_gdp"],
        "fiscal_balance_pct_gdp": outcomes["fiscal_balance_pct_gdp"],
        "foreign_assets_pct_gdp": 100.0 * economy.net_foreign_assets() / state.nominal_gdp_four_quarters,
        "debt_pct_gdp": outcomes["gov_debt_to_gdp_pct"],
        "consumption_pct_gdp": 100.0 * demand.consumption / gdp,
        "government_pct_gdp": 100.0 * (public.consumption + public.investment) / gdp,
        "investment_pct_gdp": 100.0 * (demand.business_investment + demand.housing_investment) / gdp,
        "exports_pct_gdp": 100.0 * demand.exports / gdp,
        "imports_pct_gdp": 100.0 * demand.imports / gdp,
    }


def quiet_economy(start: str = "2026-03-31", overrides: Mapping[str, float] | None = None) -> JapanEconomy:
    """An economy without noise, programme and dated events; ``overrides`` are parameters that differ.

    Raises
    ------
    InputError : the start state is unknown or does not close.
    """
    from itcho.model.economy import JapanEconomy

    return JapanEconomy(
        policy="none", start=start, rng=1, years=YEARS, noise=False, dated_events=False, parameters=overrides
    )


def run_on(economy: JapanEconomy, months: int) -> QuietPath:
    """Run ``months`` months, or as many as there are before a figure is not finite or a month cannot be run."""
    rows: list[dict[str, float]] = []
    broke = ""
    for _ in range(months):
        try:
            economy.step()
            row = figures(economy)
        except Exception as error:  # What breaks an economy is an answer here, whatever it is.
            broke = f"month {economy.clock.date:%Y-%m}: {type(error).__name__}: {error}".splitlines()[0]
            break
        if wrong := [name for name, value in row.items() if not math.isfinite(value)]:
            broke = f"month {economy.clock.date:%Y-%m}: {wrong[0]} is not finite"
            break
        rows.append(row)
    names = list(rows[0]) if rows else []
    return QuietPath({name: np.array([row[name] for row in rows], dtype=np.float64) for name in names}, broke)


def rest_criteria(path: QuietPath, years: int = YEARS, limits: Limits = LIMITS) -> list[Criterion]:
    """The criteria of rest on a path that was to last ``years`` years.

    Values of a path that broke down, or that is too short, are of the years there are; such a criterion is not met.

    Examples
    --------
    >>> short = QuietPath({"gap_pct": np.zeros(12)})
    >>> rest_criteria(short, years=1)[0]
    Criterion(id='gap-years-10-60', value=nan, limit=0.75, reached=False)
    """
    early, late = f"years-{FIRST_YEAR}-{YEARS}", f"years-{LATER_YEAR}-{YEARS}"
    whole = path.months >= 12 * years

    def judged(name: str, values: FloatArray, limit: float, from_year: int) -> Criterion:
        span = early if from_year == FIRST_YEAR else late
        value = float(np.abs(values).max()) if values.size else math.nan
        return Criterion(f"{name}-{span}", value, limit, whole and values.size > 0)

    def level(name: str, values: FloatArray, limit: float) -> Criterion:
        return judged(name, values[FIRST_YEAR - 1 :], limit, FIRST_YEAR)

    def drift(name: str, values: FloatArray, limit: float, from_year: int = LATER_YEAR) -> Criterion:
        return judged(name, np.diff(values[from_year - 1 :]), limit, from_year)

    real_yen_pct = 100.0 * path.by_year("real_yen")
    foreign_assets = path.at_year_ends("foreign_assets_pct_gdp")
    changes = np.abs(np.diff(foreign_assets[LATER_YEAR - 1 :]))
    slowing = changes[-1:] / max(changes[0], SLOWEST_PP) if changes.size > 1 else np.empty(0)
    return [
        level("gap", path.by_year("gap_pct"), limits.gap_pct),
        level("inflation", path.by_year("excess_inflation_pp"), limits.inflation_pp),
        level("policy-rate", path.by_year("excess_rate_pp"), limits.rate_pp),
        drift("real-yen", real_yen_pct, limits.yen_pct, FIRST_YEAR),
        drift("real-yen", real_yen_pct, limits.late_yen_pct),
        *(drift(name, path.by_year(f"{name}_pct_gdp"), limits.ratio_pp) for name in RATIOS),
        drift("debt", path.at_year_ends("debt_pct_gdp"), limits.debt_pp),
        drift("foreign-assets", foreign_assets, limits.foreign_assets_pp),
        judged("foreign-assets-slowing", slowing, 1.0, LATER_YEAR),
    ]


def push_demand(economy: JapanEconomy) -> None:
    """Consumption 1% and investment 3% higher."""
    economy.goods.households.consumption *= 1.01
    economy.goods.firms.investment_ratio_log += math.log(1.03)


def push_inflation(economy: JapanEconomy) -> None:
    """Expected inflation a point higher, and inflation of the twelve months past as well: past prices are lower."""
    state = economy.state
    state.expected_inflation_pct += 1.0
    economy.goods.firms.inflation_pct += 1.0
    for history in (state.domestic_price_history, state.consumer_price_history):
        newest = len(history) - 1
        for place in range(len(history)):
            history[place] *= math.exp(-0.01 * min(newest - place, 12) / 12.0)
    state.underlying_inflation_pct = 100.0 * (state.domestic_price / state.domestic_price_history[-13] - 1.0)


def push_trade(economy: JapanEconomy) -> None:
    """Exports 3% higher and imports 3% lower, which fades as it always does."""
    economy.goods.exporters.volume_log += math.log(1.03)
    economy.goods.import_buyers.volume_log -= math.log(1.03)


def push_yen(economy: JapanEconomy) -> None:
    """Traders take the dollar to be worth 10% more."""
    economy.world.foreign_exchange.value.learned += 0.10


def push_foreign_assets(economy: JapanEconomy, pct_gdp: float) -> None:
    """Revalue what Japan has abroad, all holders alike, by ``pct_gdp`` percent of GDP, before a month."""
    from itcho.agents.vocabulary import INVESTMENT_FUNDS, OTHER_FOREIGN_ASSETS, WORLD_EQUITY, Sector

    ledger = economy.ledger
    rows = ledger.rows_of((WORLD_EQUITY, OTHER_FOREIGN_ASSETS))
    abroad = ledger.of_sector(Sector.REST_OF_WORLD)
    held = -float(ledger.positions[np.ix_(rows, abroad)].sum())
    rate = pct_gdp / 100.0 * economy.state.nominal_gdp_four_quarters / held
    funds = float(ledger.positions[rows, ledger.party_index[INVESTMENT_FUNDS]].sum())
    for instrument in (WORLD_EQUITY, OTHER_FOREIGN_ASSETS):
        ledger.revalue(instrument, rate)
    economy.world.structural.pass_fund_returns(ledger, rate * funds)


def push_debt(economy: JapanEconomy, pct_gdp: float) -> None:
    """Give every holder of government bonds more of them, in all ``pct_gdp`` percent of GDP at face, before a month."""
    from itcho.agents.vocabulary import INVESTMENT_FUNDS, JGB_BUCKETS

    ledger, ladder = economy.ledger, economy.world.treasury.ladder
    rate = pct_gdp / 100.0 * economy.state.nominal_gdp_four_quarters / ladder.face_outstanding_trn_yen
    funds = float(ledger.positions[ledger.rows_of(JGB_BUCKETS), ledger.party_index[INVESTMENT_FUNDS]].sum())
    ladder.face *= 1.0 + rate
    for bucket in JGB_BUCKETS:
        ledger.revalue(bucket, rate)
    economy.world.structural.pass_fund_returns(ledger, rate * funds)


@dataclass(frozen=True)
class Displacement:
    """A push of the quiet path.

    Attributes
    ----------
    what : one sentence for people.
    push : does it, between two months.
    figure : what must come back.
    limit_years : until half of it is gone for good; infinite if it must only come back at all.
    watched_years : how long it is watched.
    """

    what: str
    push: Callable[[JapanEconomy], None]
    figure: str
    limit_years: float = math.inf
    watched_years: int = WATCHED_YEARS


DISPLACEMENTS: dict[str, Displacement] = {
    "gap": Displacement("Consumption 1% and investment 3% higher.", push_demand, "gap_pct", 2.0),
    "inflation": Displacement("Inflation and expected inflation 1 point higher.", push_inflation, "cpi_yoy_pct", 2.0),
    "current-account": Displacement(
        "Exports 3% higher and imports 3% lower.", push_trade, "current_account_pct_gdp", 4.0
    ),
    "real-yen": Displacement("Traders take the dollar to be worth 10% more.", push_yen, "real_yen", 5.0),
    "net-foreign-assets": Displacement(
        "What Japan has abroad worth 10% of GDP more, all holders alike.",
        lambda economy: push_foreign_assets(economy, PUSHED_STOCK_PCT_GDP),
        "foreign_assets_pct_gdp",
        watched_years=SLOW_WATCHED_YEARS,
    ),
    "debt": Displacement(
        "Government bonds of 10% of GDP more in their holders' hands, all alike.",
        lambda economy: push_debt(economy, PUSHED_STOCK_PCT_GDP),
        "debt_pct_gdp",
        watched_years=SLOW_WATCHED_YEARS,
    ),
}


def half_life_years(deviations: FloatArray) -> float:
    """Years from the largest early deviation until what is left is below half of it for good; NaN if it never is.

    Parameters
    ----------
    deviations : by month, from the first after the push on, (months,).

    Examples
    --------
    >>> half_life_years(np.array([1.0, 0.9, 0.6, 0.4, 0.55, 0.3, 0.1]))
    0.4166666666666667
    """
    if deviations.size == 0:
        return math.nan
    sizes = np.abs(deviations)
    top = int(np.argmax(sizes[:PEAK_MONTHS]))
    last = top + int(np.flatnonzero(sizes[top:] > 0.5 * sizes[top]).max(initial=0))
    return (last + 1 - top) / 12.0 if last + 1 < sizes.size else math.nan


@dataclass(frozen=True)
class Rest:
    """What came out.

    Attributes
    ----------
    start, years, displaced, foreign_assets_pct_gdp : what was asked; ``displaced`` is empty for the quiet path.
    path : the path shown: the quiet one, or the displaced one.
    deviations : of a displaced path from the quiet one by month since the push, in the figure's unit; empty without.
    criteria : in their order.
    """

    start: str
    years: int
    displaced: str
    path: QuietPath
    deviations: FloatArray
    criteria: tuple[Criterion, ...]
    foreign_assets_pct_gdp: float = 0.0


def come_to_rest(
    start: str = "2026-03-31",
    years: int = YEARS,
    displace: str = "",
    overrides: Mapping[str, float] | None = None,
    foreign_assets_pct_gdp: float = 0.0,
) -> Rest:
    """Run the quiet path, or a displaced one beside it, and judge it.

    Parameters
    ----------
    start : a start state's name or the path of one.
    years : length of the run.
    displace : one of :data:`DISPLACEMENTS`; empty for none.
    overrides : parameters that differ from the registry.
    foreign_assets_pct_gdp : added to the opening's foreign assets, all holders alike, percent of GDP.

    Raises
    ------
    InputError : the start state is unknown or does not close, or a parameter is unknown or out of bounds.
    KeyError : an unknown displacement.
    """
    economy = quiet_economy(start, overrides)
    limits = LIMITS_BY_START.get(start, LIMITS)
    if foreign_assets_pct_gdp:
        push_foreign_assets(economy, foreign_assets_pct_gdp)
        limits = WIDER_LIMITS
    if displace:
        path, deviations, criterion = _displaced(economy, years, displace)
        criteria = [criterion]
    else:
        path, deviations = run_on(economy, 12 * years), np.empty(0)
        criteria = rest_criteria(path, years, limits)
    return Rest(start, years, displace, path, deviations, tuple(criteria), foreign_assets_pct_gdp)


def _displaced(economy: JapanEconomy, years: int, name: str) -> tuple[QuietPath, FloatArray, Criterion]:
    push = DISPLACEMENTS[name]
    before = run_on(economy, 12 * min(years, DISPLACED_AFTER_YEARS))
    left = min(12 * years - before.months, 12 * push.watched_years)
    if before.broke or left <= 0:
        return before, np.empty(0), Criterion(f"half-life-{name}", math.nan, push.limit_years, reached=False)
    other = economy.branch()
    push.push(other)
    twin, moved = run_on(economy, left), run_on(other, left)
    both = min(twin.months, moved.months)
    scale = 100.0 if push.figure == "real_yen" else 1.0
    deviations = scale * (moved.monthly[push.figure][:both] - twin.monthly[push.figure][:both])
    whole = {key: np.concatenate([values, moved.monthly[key]]) for key, values in before.monthly.items()}
    reached = both == left and (left > 12 * push.limit_years or math.isinf(push.limit_years))
    criterion = Criterion(f"half-life-{name}", half_life_years(deviations), push.limit_years, reached)
    return QuietPath(whole, moved.broke or twin.broke), deviations, criterion


def path_by_year(path: QuietPath) -> Sequence[dict[str, float]]:
    """The path's figures by whole year: means; ratios of stocks and twelve-month sums at the year's end; real yen in
    percent of the first year.
    """
    if path.months < 12:
        return []
    at_end = {"current_account_pct_gdp", "fiscal_balance_pct_gdp", "foreign_assets_pct_gdp", "debt_pct_gdp"}
    columns = {name: path.at_year_ends(name) if name in at_end else path.by_year(name) for name in path.monthly}
    yen = columns.pop("real_yen")
    columns["real_yen_pct"] = 100.0 * (yen - yen[0])
    del columns["excess_inflation_pp"], columns["excess_rate_pp"]
    years = path.months // 12
    return [
        {"year": year + 1, **{name: float(values[year]) for name, values in columns.items()}} for year in range(years)
    ]
