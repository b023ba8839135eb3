"""Inner loops of the market for AI services, over layers of spending and rows of chip importers, compiled.

:mod:`itcho.model.ai.services` says what they are for and calls them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit

FloatArray = NDArray[np.float64]

MODEL_LAYER, CLOUD_LAYER, APPLICATION_LAYER, EXPORTS = 0, 1, 2, 3
"""Rows of the sales of importers; the first three are also the layers of spending."""


@njit(cache=True)
def follow_compute(
    weights: FloatArray, rows: NDArray[np.int64], compute: FloatArray, size: FloatArray, speed: float
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


@njit(cache=True, no_cpython_wrapper=True)
def _export(
    sales: FloatArray,
    developers: NDArray[np.int64],
    better: FloatArray,
    appeal: FloatArray,
    opening_odds: FloatArray,
    shares: FloatArray,
    laws: tuple[float, float, float, float],
) -> None:
    """Developers' sales abroad: their shares of the accessible market move towards odds / (1 + sum of odds)."""
    quality_weight, price_utility, speed, accessible = laws
    odds, all_odds = np.empty(developers.size), 1.0
    for j in range(developers.size):
        utility = quality_weight * better[j] + price_utility + appeal[developers[j]]
        odds[j] = opening_odds[j] * np.exp(min(utility, 50.0))
        all_odds += odds[j]
    for j in range(developers.size):
        shares[j] += speed * (odds[j] / all_odds - shares[j])
        sales[developers[j]] = shares[j] * accessible


@njit(cache=True, no_cpython_wrapper=True)
def _ration(sales: FloatArray, served_share: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Cut sales, (kinds, importers), to what compute can serve; returns what is lost and what is sold by kind."""
    lost, sold = np.zeros(len(sales)), np.zeros(len(sales))
    for i in range(served_share.size):
        served = min(max(served_share[i], 0.0), 1.0)
        for kind in range(len(sales)):
            lost[kind] += sales[kind, i] * (1.0 - served)
            sales[kind, i] *= served
            sold[kind] += sales[kind, i]
    return lost, sold


@njit(cache=True)
def month_of_sales(
    sales: FloatArray,
    spending: FloatArray,
    sellers: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    shares: tuple[FloatArray, FloatArray, FloatArray],
    prices: tuple[float, float, float],
    spent: tuple[float, float, float, float],
    export_shares: FloatArray,
    opening_export_odds: FloatArray,
    standing: FloatArray,
    opening_standing: FloatArray,
    appeal: FloatArray,
    export_laws: tuple[float, float, float, float],
    served_share: FloatArray,
    diversion_share: float,
    at_home: FloatArray,
    abroad: FloatArray,
    model_share: FloatArray,
    price_index: FloatArray,
) -> tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float], float]:
    """Sell to users in Japan and abroad, ration by what compute can serve, and write each importer's columns.

    Parameters
    ----------
    sales : (layers and exports, importers), zeros; afterwards the sales in trillion yen.
    spending : (layers, payers), trillion yen wanted; afterwards what is bought.
    sellers : rows of developers, of clouds controlled in Japan, and of clouds controlled abroad.
    shares, prices : shares of each of these, those of developers of the whole model layer; and their prices, yen.
    spent : on the model layer, on clouds of either control, and on developers' applications per unit of share, trillion
        yen.
    export_shares, opening_export_odds : developers' shares of the accessible world market, which move towards odds /
        (1 + sum of odds), and their odds at the start.
    standing, opening_standing : quality of developers less the frontier, s.d., now and at the start.
    appeal : of each importer, utility.
    export_laws : weight of quality, utility of the price, monthly speed, and the accessible market, trillion yen.
    served_share : part of demand that each importer's compute can serve.
    diversion_share : part of what cannot be served that buyers in Japan spend abroad.
    at_home, abroad, model_share, price_index : columns written: sales in trillion yen, share of the model layer in
        Japan, and price.

    Returns
    -------
    Trillion yen by layer that is spent in Japan, that suppliers controlled in Japan get, and that is diverted abroad;
    exports, trillion yen.
    """
    developers, clouds, foreign_clouds = sellers
    model_shares, cloud_weights, foreign_weights = shares
    model, cloud, foreign_cloud, application_per_share = spent
    for j in range(developers.size):
        i = developers[j]
        sales[MODEL_LAYER, i] = model * model_shares[j]
        sales[APPLICATION_LAYER, i] = application_per_share * model_shares[j]
        price_index[i] = prices[0]
    better = standing - opening_standing
    _export(sales[EXPORTS], developers, better, appeal, opening_export_odds, export_shares, export_laws)
    for k in range(clouds.size):
        sales[CLOUD_LAYER, clouds[k]] = cloud * cloud_weights[k]
        price_index[clouds[k]] = prices[1]
    for k in range(foreign_clouds.size):
        sales[CLOUD_LAYER, foreign_clouds[k]] = foreign_cloud * foreign_weights[k]
        price_index[foreign_clouds[k]] = prices[2]
    lost, sold = _ration(sales, served_share)
    for i in range(at_home.size):
        at_home[i] = sales[MODEL_LAYER, i] + sales[CLOUD_LAYER, i] + sales[APPLICATION_LAYER, i]
        abroad[i] = sales[EXPORTS, i]
    for k in range(foreign_clouds.size):
        sold[CLOUD_LAYER] -= sales[CLOUD_LAYER, foreign_clouds[k]]
    bought = np.zeros(3)
    for layer in range(3):
        wanted = spending[layer, 0] + spending[layer, 1] + spending[layer, 2]
        bought[layer] = wanted - (1.0 - diversion_share) * lost[layer]
        for payer in range(3):
            spending[layer, payer] *= bought[layer] / wanted
    for j in range(developers.size):
        model_share[developers[j]] = sales[MODEL_LAYER, developers[j]] / bought[MODEL_LAYER]
    diverted = diversion_share * lost[0], diversion_share * lost[1], diversion_share * lost[2]
    return (bought[0], bought[1], bought[2]), (sold[0], sold[1], sold[2]), diverted, sold[EXPORTS]
