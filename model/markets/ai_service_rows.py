"""Inner loops of the market for AI services, over the rows of chip importers, compiled.

:mod:`model.markets.ai_services` says what they are for and calls them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.compiled import njit

FloatArray = NDArray[np.float64]

MODEL_LAYER, CLOUD_LAYER, APPLICATION_LAYER = 0, 1, 2


@njit(cache=True)
def follow_compute(
    weights: FloatArray, rows: NDArray[Any], compute: FloatArray, size: FloatArray, speed: float
) -> float:
    """Move weights towards the rows' shares of compute (of size if none has any); returns their compute."""
    total, total_size = 0.0, 0.0
    for k in range(rows.size):
        total += compute[rows[k]]
        total_size += size[rows[k]]
    for k in range(rows.size):
        target = compute[rows[k]] / total if total > 0.0 else size[rows[k]] / total_size
        weights[k] += speed * (target - weights[k])
    return total


@njit(cache=True)
def month_of_exports(
    dollars: FloatArray,
    shares: FloatArray,
    opening_odds: FloatArray,
    gain: FloatArray,
    appeal: FloatArray,
    rows: NDArray[Any],
    quality_weight: float,
    price_utility: float,
    speed: float,
    accessible: float,
) -> None:
    """Shares of the accessible world market move towards odds / (1 + sum of odds)."""
    odds = np.empty(rows.size)
    total = 0.0
    for j in range(rows.size):
        odds[j] = opening_odds[j] * np.exp(min(quality_weight * gain[j] + price_utility + appeal[rows[j]], 50.0))
        total += odds[j]
    for j in range(rows.size):
        shares[j] += speed * (odds[j] / (1.0 + total) - shares[j])
        dollars[rows[j]] = shares[j] * accessible


@njit(cache=True)
def split_revenue(
    revenue: FloatArray,
    developers: NDArray[Any],
    clouds: NDArray[Any],
    foreign_clouds: NDArray[Any],
    model_shares: FloatArray,
    cloud_weights: FloatArray,
    foreign_weights: FloatArray,
    model: float,
    cloud: float,
    foreign_cloud: float,
    application_per_share: float,
) -> None:
    """Write the revenue of importer rows by layer."""
    for j in range(developers.size):
        revenue[MODEL_LAYER, developers[j]] = model * model_shares[j]
        revenue[APPLICATION_LAYER, developers[j]] = application_per_share * model_shares[j]
    for k in range(clouds.size):
        revenue[CLOUD_LAYER, clouds[k]] = cloud * cloud_weights[k]
    for k in range(foreign_clouds.size):
        revenue[CLOUD_LAYER, foreign_clouds[k]] = foreign_cloud * foreign_weights[k]


@njit(cache=True)
def ration_sales(revenue: FloatArray, dollars: FloatArray, served_share: FloatArray) -> FloatArray:
    """Cut revenue by layer (3, importers) and exports to what compute can serve; returns what is lost by layer."""
    lost = np.zeros(revenue.shape[0])
    for i in range(dollars.size):
        served = min(max(served_share[i], 0.0), 1.0)
        dollars[i] *= served
        for layer in range(revenue.shape[0]):
            lost[layer] += revenue[layer, i] * (1.0 - served)
            revenue[layer, i] *= served
    return lost


@njit(cache=True)
def book_sales(
    revenue: FloatArray,
    dollars: FloatArray,
    yen_per_dollar: float,
    per_model_spending: float,
    sales: FloatArray,
    exports: FloatArray,
    model_share: FloatArray,
    foreign_clouds: NDArray[Any],
) -> tuple[tuple[float, float, float], float]:
    """Write each importer's sales at home and abroad, trillion yen, and its share of the model layer.

    Returns revenue by layer of suppliers controlled in Japan, and exports in billion dollars.
    """
    model, cloud, application, abroad = 0.0, 0.0, 0.0, 0.0
    for i in range(dollars.size):
        sales[i] = revenue[MODEL_LAYER, i] + revenue[CLOUD_LAYER, i] + revenue[APPLICATION_LAYER, i]
        exports[i] = dollars[i] * yen_per_dollar
        model_share[i] = revenue[MODEL_LAYER, i] * per_model_spending
        model += revenue[MODEL_LAYER, i]
        cloud += revenue[CLOUD_LAYER, i]
        application += revenue[APPLICATION_LAYER, i]
        abroad += dollars[i]
    for k in range(foreign_clouds.size):
        cloud -= revenue[CLOUD_LAYER, foreign_clouds[k]]
    return (model, cloud, application), abroad
