"""What is estimated at each origin, on figures up to it: drift, and the laws of three paths of the world outside Japan.

The output gap, the fourth, comes with its range in the constants of the start state.

The model's laws are monthly and the figures quarterly means.  A random walk with a monthly standard deviation of one
has quarterly means whose changes have a variance of 19/9 (Working 1960): that is how spreads are carried over.
Persistence is estimated on distances from a 40-quarter log-linear trend and carried over as its third root.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from itcho.experiments.data.origin_data import OriginData
from itcho.experiments.forecasts.history import figures_at
from itcho.experiments.forecasts.protocol import DRIFT_QUARTERS
from itcho.model.parameters import Parameters, registry

FloatArray = NDArray[np.float64]

QUARTERLY_VARIANCE = 19.0 / 9.0
"""Variance of changes of quarterly means of a random walk whose monthly changes have a variance of one."""
MONTHS_A_QUARTER = 3
US_RATE_QUARTERS = 60
"""Quarters from which the law of the US rate is read: half a business cycle more than the drift's."""


def laws_at(data: OriginData) -> dict[str, float]:
    """Parameters as estimated at the origin; those whose series the folder lacks are left to the registry.

    Returns
    -------
    By name: the drift of output, growth, persistence and spread of demand abroad, the spread of import prices through
    that of fuel, and persistence and spread of the US policy rate.
    """
    registered = Parameters()
    found: dict[str, float] = {}
    growth = figures_at(data)["real_gdp_growth_pct"].dropna().to_numpy(dtype=np.float64)
    if growth.size >= DRIFT_QUARTERS:
        found["trend_potential_growth_pct"] = float(growth[-DRIFT_QUARTERS:].mean())
    exports = np.log(_figures(data, "exports_real"))
    if exports.size > DRIFT_QUARTERS:
        found["world_demand_growth_pct"] = 400.0 * float(np.diff(exports)[-DRIFT_QUARTERS:].mean())
        persistence, spread = first_order_law(_from_trend(exports[-DRIFT_QUARTERS:]))
        found["world_demand_persistence"] = monthly_persistence(persistence)
        # At once exports answer demand by an elasticity: what moves them is its multiple.
        found["world_demand_sd_monthly"] = monthly_sd(spread) / registered.export_demand_elasticity_at_once
    imports, exchange = _figures(data, "imports_deflator"), _figures(data, "usdjpy_avg")
    changes = min(imports.size, exchange.size) - 1
    if changes >= DRIFT_QUARTERS:
        prices, yen = np.diff(np.log(imports))[-changes:], np.diff(np.log(exchange))[-changes:]
        slope = float(np.cov(prices, yen)[0, 1] / yen.var(ddof=1))
        left = prices - prices.mean() - slope * (yen - yen.mean())
        of_fuel = registered.import_fuel_share * registered.fuel_price_oil_share
        found["fuel_price_sd_monthly"] = monthly_sd(float(left.std(ddof=2))) / of_fuel
    rates = _figures(data, "us_policy_rate_avg")[-US_RATE_QUARTERS:]
    if rates.size == US_RATE_QUARTERS:
        persistence, spread = first_order_law(rates - rates.mean())
        found["us_rate_shock_persistence"] = monthly_persistence(persistence)
        found["us_rate_shock_sd_pp_monthly"] = monthly_sd(spread)
    return {name: _stable(name, value) for name, value in found.items()}


def _figures(data: OriginData, name: str) -> FloatArray:
    """A quarterly series up to the origin; empty if the folder lacks it."""
    if name not in set(data.quarterly["series"]):
        return np.empty(0)
    return data.series(name).to_numpy(dtype=np.float64)


def _from_trend(values: FloatArray) -> FloatArray:
    time = np.arange(values.size) - (values.size - 1) / 2.0
    slope = float((time * (values - values.mean())).sum() / (time * time).sum())
    return np.asarray(values - values.mean() - slope * time)


def first_order_law(values: FloatArray) -> tuple[float, float]:
    """Persistence and standard deviation of the shocks of a first-order autoregression around zero, a quarter.

    Examples
    --------
    >>> first_order_law(np.array([1.0, 0.5, 0.25, 0.125]))
    (0.5, 0.0)
    """
    before, after = values[:-1], values[1:]
    persistence = float((before * after).sum() / (before * before).sum())
    left = after - persistence * before
    return persistence, float(np.sqrt((left * left).sum() / (left.size - 1)))


def monthly_persistence(quarterly: float) -> float:
    """What is left after a month of what is left after a quarter, never below nothing."""
    return max(0.0, quarterly) ** (1.0 / MONTHS_A_QUARTER)


def monthly_sd(quarterly: float) -> float:
    """Monthly standard deviation of a persistent path whose quarterly means change by ``quarterly``."""
    return quarterly / math.sqrt(QUARTERLY_VARIANCE)


def _stable(name: str, value: float) -> float:
    """A persistence stays within the registry's bounds, where a path neither explodes nor loses its memory."""
    known = registry()[name]
    return min(max(value, known.low), known.high) if name.endswith("persistence") else value


def parameters_with(values: Mapping[str, float]) -> Parameters:
    """The registry with values that may lie beyond the bounds that a user may choose from: they are estimates."""
    known = registry()
    wider = {
        name: replace(known[name], low=min(known[name].low, value), high=max(known[name].high, value))
        for name, value in values.items()
        if not known[name].low <= value <= known[name].high
    }
    return Parameters({**known, **wider} if wider else known).replace(**values)
