"""Stylised facts: the same estimators on the model's runs and on real series.

Daily moments are published figures; quarterly ones are estimated on a small table of real figures too, over windows of
the same length as a run, so that like is compared with like.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from itcho.experiments.evidence.long_run_facts import MONTHLY, NOMINAL_GDP, REAL_YEN
from itcho.model.sizes import DEFAULT_POLICY, DEFAULT_START

if TYPE_CHECKING:
    from itcho.model.policies import Policy

FloatArray = NDArray[np.float64]

YEARS = 10
MONTHS_A_QUARTER, QUARTERS_A_YEAR = 3, 4
HP_SMOOTHING = 1600.0
USDJPY_LAGS = (1, 5, 20, 50, 100)
EQUITY_LAGS = (1, 5, 20, 100)
GRAPH_ADOPTERS = 20_000


def autocorrelation(values: FloatArray, lag: int) -> float:
    """Autocorrelation at a lag."""
    centred = values - values.mean()
    return float(centred[lag:] @ centred[:-lag] / (centred @ centred))


def hill_exponent(sizes: FloatArray, share: float = 0.05) -> float:
    """Hill's estimate of the tail exponent from the largest ``share`` of ``sizes``.

    Examples
    --------
    >>> round(hill_exponent((np.arange(1, 100_001) / 100_000.0) ** (-1 / 3.0)), 1)
    3.0
    """
    ordered = np.sort(sizes)[::-1]
    count = max(2, int(share * ordered.size))
    return float(1.0 / np.log(ordered[:count] / ordered[count]).mean())


def moment(values: FloatArray, power: int) -> float:
    """Standardised central moment."""
    centred = values - values.mean()
    return float((centred**power).mean() / (centred**2).mean() ** (power / 2.0))


def slope(x: FloatArray, y: FloatArray) -> float:
    """Least-squares slope of ``y`` on ``x``."""
    centred = x - x.mean()
    spread = float(centred @ centred)
    return float(centred @ (y - y.mean())) / spread if spread > 0.0 else np.nan


def hp_cycle(values: FloatArray, smoothing: float = HP_SMOOTHING) -> FloatArray:
    """Deviation from the Hodrick–Prescott trend."""
    second = np.diff(np.eye(values.size), 2, axis=0)
    trend = np.linalg.solve(np.eye(values.size) + smoothing * second.T @ second, values)
    return np.asarray(values - trend)


def daily_moments(name: str, log_prices: FloatArray, lags: tuple[int, ...]) -> dict[str, float]:
    """Moments of daily log changes, in percent; ids begin with ``name``."""
    changes = 100.0 * np.diff(log_prices)
    size = np.abs(changes)
    found = {
        f"{name}-daily-sd": float(changes.std(ddof=1)),
        f"{name}-daily-kurtosis": moment(changes, 4) - 3.0,
        f"{name}-daily-skew": moment(changes, 3),
        f"{name}-daily-hill": hill_exponent(size),
        f"{name}-daily-acf-1": autocorrelation(changes, 1),
    }
    return found | {f"{name}-daily-abs-acf-{lag}": autocorrelation(size, lag) for lag in lags}


def quarterly_moments(
    real_gdp: FloatArray, unemployment: FloatArray, usdjpy: FloatArray, rate: FloatArray, us_rate: FloatArray
) -> dict[str, float]:
    """Growth, cycle, Okun, and the yen against the rate gap, from quarterly means.

    Rates and unemployment in percent.
    """
    log_gdp = 100.0 * np.log(real_gdp)
    growth, yearly = np.diff(log_gdp), log_gdp[QUARTERS_A_YEAR:] - log_gdp[:-QUARTERS_A_YEAR]
    cycle = hp_cycle(log_gdp)
    log_yen, gap = 100.0 * np.log(usdjpy), us_rate - rate
    return {
        "growth-mean": float(growth.mean()),
        "growth-sd": float(growth.std(ddof=1)),
        "growth-acf-1": autocorrelation(growth, 1),
        "growth-yoy-sd": float(yearly.std(ddof=1)),
        "cycle-sd": float(cycle.std(ddof=1)),
        "cycle-acf-1": autocorrelation(cycle, 1),
        "okun": slope(cycle, hp_cycle(unemployment)),
        "fama-slope": slope(-gap[:-1] / QUARTERS_A_YEAR, np.diff(log_yen)),
        "rate-gap-slope": slope(
            gap[QUARTERS_A_YEAR:] - gap[:-QUARTERS_A_YEAR], log_yen[QUARTERS_A_YEAR:] - log_yen[:-QUARTERS_A_YEAR]
        ),
    }


def rate_step_spacing(rates: FloatArray) -> float:
    """Mean months between rises of a monthly rate with no cut between; NaN if there are not two such rises."""
    steps = np.diff(rates)
    moved = np.flatnonzero(np.abs(steps) > 1e-9)
    gaps = [
        late - early
        for early, late in zip(moved[:-1].tolist(), moved[1:].tolist(), strict=True)
        if steps[early] > 0.0 and steps[late] > 0.0
    ]
    return float(np.mean(gaps)) if gaps else np.nan


@dataclass(frozen=True)
class FactRun:
    """What facts need of a run.

    Attributes
    ----------
    seed : of all random streams.
    values : estimates from this run by id of the fact.
    max_relative_residual, months : of the ledger.
    failure : what ended the run, if anything did.
    monthly : figures that are estimated on all runs together, (months,) each.
    """

    seed: int
    values: dict[str, float] = field(default_factory=dict)
    max_relative_residual: float = np.nan
    months: int = 0
    failure: str = ""
    monthly: dict[str, FloatArray] = field(default_factory=dict)


@dataclass(frozen=True)
class FactTask:
    """A run to estimate from.

    Attributes
    ----------
    seed, start, overrides : as in ``JapanEconomy``.
    graph : whether the graph of 20,000 adopters is wanted instead of a run.
    frozen_rate : whether the policy rate stays where it stands at the start.
    """

    seed: int
    graph: bool = False
    frozen_rate: bool = False
    start: str = DEFAULT_START
    overrides: dict[str, float] = field(default_factory=dict)


def estimate_facts(task: FactTask) -> FactRun:
    """Run ten years (or build the large graph) and estimate."""
    try:
        return _graph_facts(task) if task.graph else _run_facts(task)
    except Exception as error:  # One bad seed must not lose the others.
        return FactRun(task.seed, failure=f"{type(error).__name__}: {error}")


def _run_facts(task: FactTask) -> FactRun:
    from itcho.model.economy import JapanEconomy

    policy = frozen_rate() if task.frozen_rate else DEFAULT_POLICY
    economy = JapanEconomy(policy=policy, start=task.start, rng=task.seed, years=YEARS, parameters=task.overrides)
    opening = economy.state.usdjpy
    demand: list[tuple[float, float]] = []
    besides: dict[str, list[float]] = {NOMINAL_GDP: [], REAL_YEN: []}

    def read(_: object) -> None:
        state = economy.state
        demand.append((economy.goods.households.consumption, economy.goods.firms.investment))
        besides[NOMINAL_GDP].append(state.nominal_gdp)
        prices_abroad = state.usdjpy_average * economy.outside.foreign_price_level
        besides[REAL_YEN].append(np.log(prices_abroad / state.consumer_price))

    economy.run(on_month=read)
    monthly, daily = economy.monthly_table(), economy.daily_table()
    usdjpy = np.log(np.concatenate([[opening], daily["usdjpy"].to_numpy(dtype=np.float64)]))
    equity = np.log(np.concatenate([[1.0], daily["japan_equity_index"].to_numpy(dtype=np.float64)]))

    def quarterly(values: Any) -> FloatArray:
        return np.asarray(values, dtype=np.float64).reshape(-1, MONTHS_A_QUARTER).mean(axis=1)

    names = ("real_gdp_trn_yen", "unemployment_pct", "usdjpy_average", "policy_rate_pct", "us_policy_rate_pct")
    found = daily_moments("usdjpy", usdjpy, USDJPY_LAGS) | daily_moments("equity", equity, EQUITY_LAGS)
    found["usdjpy-monthly-sd"] = 100.0 * float(np.diff(usdjpy[::21]).std(ddof=1))
    found |= quarterly_moments(*(quarterly(monthly[name]) for name in names))
    gdp = hp_cycle(np.log(quarterly(monthly["real_gdp_trn_yen"]))).std()
    for place, name in enumerate(("consumption", "investment")):
        cycle = hp_cycle(np.log(quarterly([month[place] for month in demand])))
        found[f"{name}-relative-sd"] = float(cycle.std() / gdp)
    found["rate-step-spacing"] = rate_step_spacing(monthly["policy_rate_pct"].to_numpy(dtype=np.float64))
    kept = {name: monthly[name].to_numpy(dtype=np.float64) for name in MONTHLY}
    kept |= {name: np.array(values) for name, values in besides.items()}
    return FactRun(task.seed, found, float(economy.ledger.max_relative_residual), len(demand), monthly=kept)


def frozen_rate() -> Policy:
    """The default policy with a policy rate that stays where it stands."""
    from itcho.agents.rules.monetary_targets import ConstantRate
    from itcho.model.policies import policy

    return replace(policy(DEFAULT_POLICY), name="frozen-rate", monetary=ConstantRate())


def _graph_facts(task: FactTask) -> FactRun:
    from itcho.model.chips.heavy_tails import estimate_cumulative_exponent
    from itcho.model.economy import JapanEconomy

    graph = JapanEconomy(start=task.start, rng=task.seed, adopters=GRAPH_ADOPTERS).supply_graph
    indptr, sellers = graph.adopter_peers
    suppliers, customers = np.diff(indptr), np.bincount(sellers, minlength=graph.n_adopters)
    partners = suppliers + customers
    size, largest = graph.adopter_size, graph.adopter_size.max()
    inside = (size < 0.999 * largest) & (partners > 0)
    return FactRun(
        task.seed,
        {
            "degree-suppliers": estimate_cumulative_exponent(suppliers).exponent,
            "degree-customers": estimate_cumulative_exponent(customers).exponent,
            "firm-size": hill_exponent(size),
            "sales-degree": slope(np.log(partners[inside]), np.log(size[inside])),
        },
    )


def read_table(name: str) -> list[dict[str, str]]:
    """Rows of one of the small tables that come with the project."""
    text = (files("itcho.experiments") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def real_quarterly_moments() -> dict[str, float]:
    """Mean of :func:`quarterly_moments` over the ten-year windows of Japan 1994-2019 that begin a year apart."""
    rows = read_table("japan_quarterly.csv")
    columns = ("real_gdp_trn_yen", "unemployment_pct", "usdjpy_average", "policy_rate_pct", "us_policy_rate_pct")
    series = [np.array([float(row[column]) for row in rows]) for column in columns]
    length = QUARTERS_A_YEAR * YEARS
    windows = [
        quarterly_moments(*(values[first : first + length] for values in series))
        for first in range(0, len(rows) - length + 1, QUARTERS_A_YEAR)
    ]
    return {name: float(np.mean([window[name] for window in windows])) for name in windows[0]}
