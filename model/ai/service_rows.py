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
def _ration_importers(
    sales: FloatArray,
    to_households: FloatArray,
    served_share: FloatArray,
    lost: FloatArray,
    sold: FloatArray,
    at_home: FloatArray,
    abroad: FloatArray,
) -> float:
    """Cut importers' sales to what their compute serves; adds to what is ``lost`` and ``sold`` by kind, (4,), and
    writes sales at home and abroad.  Returns what households do not get of models.
    """
    lost_of_households = 0.0
    for i in range(served_share.size):
        served = min(max(served_share[i], 0.0), 1.0)
        for kind in range(4):
            lost[kind] += sales[kind, i] * (1.0 - served)
            sales[kind, i] *= served
            sold[kind] += sales[kind, i]
        lost_of_households += to_households[i] * (1.0 - served)
        to_households[i] *= served
        at_home[i] = sales[MODEL_LAYER, i] + sales[CLOUD_LAYER, i] + sales[APPLICATION_LAYER, i]
        abroad[i] = sales[EXPORTS, i]
    return lost_of_households


@njit(cache=True, no_cpython_wrapper=True)
def _leave_out_foreign(
    sales: FloatArray, clouds: NDArray[np.int64], foreign_clouds: NDArray[np.int64], sold: FloatArray
) -> float:
    """Take out of what is ``sold`` what is not controlled in Japan: clouds from abroad, and models that are free, which
    clouds in Japan only run.  Returns what these get for running them.
    """
    hosted = 0.0
    for k in range(clouds.size):
        hosted += sales[MODEL_LAYER, clouds[k]]
    sold[MODEL_LAYER] -= hosted
    for k in range(foreign_clouds.size):
        sold[CLOUD_LAYER] -= sales[CLOUD_LAYER, foreign_clouds[k]]
        sold[MODEL_LAYER] -= sales[MODEL_LAYER, foreign_clouds[k]]
    # Parts of those sums: what is left is no less than nothing, whatever the order of the terms.
    sold[MODEL_LAYER], sold[CLOUD_LAYER] = max(sold[MODEL_LAYER], 0.0), max(sold[CLOUD_LAYER], 0.0)
    return hosted


@njit(cache=True, no_cpython_wrapper=True)
def _ration_laboratories(
    laboratories: FloatArray,
    to_households: FloatArray,
    served_share: FloatArray,
    diversion_share: float,
    lost: FloatArray,
    lost_of_households: float,
) -> tuple[float, float]:
    """Cut laboratories' sales to what they can serve, and give them their part of what buyers of models did not get.

    ``lost`` is added to.  Returns what households did not get of models at first, and the part of all that is diverted:
    none if no laboratory sells.
    """
    everywhere = 0.0
    for k in range(laboratories.size):
        served = min(max(served_share[k], 0.0), 1.0)
        lost[MODEL_LAYER] += laboratories[k] * (1.0 - served)
        lost_of_households += to_households[k] * (1.0 - served)
        laboratories[k] *= served
        to_households[k] *= served
        everywhere += laboratories[k]
    diverted = diversion_share if everywhere > 0.0 else 0.0
    for k in range(laboratories.size):
        part = diverted * laboratories[k] / max(everywhere, 1e-300)
        laboratories[k] += part * lost[MODEL_LAYER]
        to_households[k] += part * lost_of_households
    return lost_of_households, diverted


@njit(cache=True, no_cpython_wrapper=True)
def _cut_spending(
    spending: FloatArray,
    lost: FloatArray,
    lost_of_households: float,
    diversion_share: float,
    diverted_of_models: float,
    bought: FloatArray,
) -> None:
    """Take what is neither served nor diverted out of each payer's spending; writes what is bought by layer, (3,)."""
    for layer in range(3):
        kept = diverted_of_models if layer == MODEL_LAYER else diversion_share
        households, others = spending[layer, 1], spending[layer, 0] + spending[layer, 2]
        lost_here = lost_of_households if layer == MODEL_LAYER else lost[layer] * households / (households + others)
        spending[layer, 1] = households - (1.0 - kept) * lost_here
        left = 1.0 - (1.0 - kept) * (lost[layer] - lost_here) / others
        spending[layer, 0] *= left
        spending[layer, 2] *= left
        bought[layer] = spending[layer, 0] + spending[layer, 1] + spending[layer, 2]


@njit(cache=True)
def month_of_sales(
    sales: FloatArray,
    to_households: FloatArray,
    laboratories: FloatArray,
    laboratories_to_households: FloatArray,
    spending: FloatArray,
    sellers: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    prices: tuple[float, float, float],
    export_shares: FloatArray,
    opening_export_odds: FloatArray,
    standing: FloatArray,
    opening_standing: FloatArray,
    appeal: FloatArray,
    export_laws: tuple[float, float, float, float],
    served_share: FloatArray,
    served_by_laboratories: FloatArray,
    diversion_share: float,
    at_home: FloatArray,
    abroad: FloatArray,
    model_share: FloatArray,
    price_index: FloatArray,
) -> tuple[tuple[float, float, float], tuple[float, float, float], float, tuple[float, float], float]:
    """Ration what contracts and users abroad want by what can be served, and write each importer's columns.

    Parameters
    ----------
    sales : (layers and exports, importers) what contracts come to, trillion yen, exports not yet; afterwards sold.
    to_households : (importers,) the part of the model layer's that households buy; afterwards sold.
    laboratories, laboratories_to_households : (laboratories,) the same of laboratories.
    spending : (layers, payers), trillion yen wanted; afterwards what is bought.
    sellers : rows of developers, of clouds controlled in Japan, and of clouds controlled abroad.
    prices : of these, yen.
    export_shares, opening_export_odds : developers' shares of the accessible world market, which move towards odds /
        (1 + sum of odds), and their odds at the start.
    standing, opening_standing : quality of developers less the frontier, s.d., now and at the start.
    appeal : of each importer, utility.
    export_laws : weight of quality, utility of the price, monthly speed, and the accessible market, trillion yen.
    served_share, served_by_laboratories : part of demand that each importer's compute and each laboratory can serve.
    diversion_share : part of what cannot be served that buyers in Japan spend abroad at once; of the model layer with
        the laboratories, in proportion to their sales.
    at_home, abroad, model_share, price_index : columns written: sales in trillion yen, share of the model layer in
        Japan, and price.

    Returns
    -------
    Trillion yen by layer that is spent in Japan, and that suppliers controlled in Japan get, of models those who made
    them; what clouds controlled in Japan get for running models that are free; what is diverted to clouds and to
    applications abroad; exports, trillion yen.
    """
    developers, clouds, foreign_clouds = sellers
    _export(
        sales[EXPORTS],
        developers,
        standing - opening_standing,
        appeal,
        opening_export_odds,
        export_shares,
        export_laws,
    )
    for j in range(developers.size):
        price_index[developers[j]] = prices[0]
    for k in range(clouds.size):
        price_index[clouds[k]] = prices[1]
    for k in range(foreign_clouds.size):
        price_index[foreign_clouds[k]] = prices[2]
    lost, sold, bought = np.zeros(4), np.zeros(4), np.zeros(3)
    lost_of_households = _ration_importers(sales, to_households, served_share, lost, sold, at_home, abroad)
    hosted = _leave_out_foreign(sales, clouds, foreign_clouds, sold)
    lost_of_households, diverted_of_models = _ration_laboratories(
        laboratories, laboratories_to_households, served_by_laboratories, diversion_share, lost, lost_of_households
    )
    _cut_spending(spending, lost, lost_of_households, diversion_share, diverted_of_models, bought)
    for j in range(developers.size):
        model_share[developers[j]] = sales[MODEL_LAYER, developers[j]] / bought[MODEL_LAYER]
    diverted = diversion_share * lost[CLOUD_LAYER], diversion_share * lost[APPLICATION_LAYER]
    return (bought[0], bought[1], bought[2]), (sold[0], sold[1], sold[2]), hosted, diverted, sold[EXPORTS]
