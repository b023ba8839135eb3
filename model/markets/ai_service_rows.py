"""Inner loops of the market for AI services, over layers of spending and rows of chip importers, compiled.

:mod:`model.markets.ai_services` says what they are for and calls them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.compiled import njit

FloatArray = NDArray[np.float64]

MODEL_LAYER, CLOUD_LAYER, APPLICATION_LAYER, EXPORTS = 0, 1, 2, 3
"""Rows of the sales of importers; the first three are also the layers of spending."""


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
def month_of_spending(
    bases: FloatArray,
    domestic_shares: tuple[float, float, float],
    import_shares: tuple[float, float, float],
    log_price: float,
    log_depreciation: float,
    activity_of_firms: float,
    activity_of_households: float,
    nominal_gdp_index: float,
    laws: tuple[float, float, float],
) -> tuple[FloatArray, tuple[float, float, float]]:
    """Spending by layer and payer (firms, households, government), trillion yen this month, before any shortage.

    Parameters
    ----------
    bases : (layers, 2), spending of organisations and of households in the month before the start, trillion yen.
    domestic_shares, import_shares : by layer, what is bought at home, and the imported part of its cost.
    log_price, log_depreciation : ln of dollar prices over consumer prices, and of yen per dollar, 0 at the start.
    activity_of_firms, activity_of_households : their use, 1 at the start.
    nominal_gdp_index : 1 at the start.
    laws : elasticity of volume in price, government's part of organisations, and the budget share, over that of the
        start, near which cheaper services crowd out one another: no budget share can grow for ever.

    Returns
    -------
    (layers, payers), and its sums by layer.
    """
    elasticity, government, ceiling = laws
    spending = np.empty((3, 3))
    opening, wanted = 0.0, 0.0
    for layer in range(3):
        in_dollars = 1.0 - domestic_shares[layer] * (1.0 - import_shares[layer])
        price = (1.0 + elasticity) * (log_price + log_depreciation * in_dollars)
        scale = np.exp(price) * nominal_gdp_index
        organisations = bases[layer, 0] * scale * activity_of_firms
        spending[layer, 0] = (1.0 - government) * organisations
        spending[layer, 1] = bases[layer, 1] * scale * activity_of_households
        spending[layer, 2] = government * organisations
        opening += bases[layer, 0] + bases[layer, 1]
        wanted += organisations + spending[layer, 1]
    crowded = (1.0 + 1.0 / ceiling) / (1.0 + wanted / (opening * nominal_gdp_index) / ceiling)
    for layer in range(3):
        for payer in range(3):
            spending[layer, payer] *= crowded
    return spending, _by_layer(spending)


@njit(cache=True, no_cpython_wrapper=True)
def _by_layer(spending: FloatArray) -> tuple[float, float, float]:
    """Sums over payers."""
    return (
        spending[0, 0] + spending[0, 1] + spending[0, 2],
        spending[1, 0] + spending[1, 1] + spending[1, 2],
        spending[2, 0] + spending[2, 1] + spending[2, 2],
    )


@njit(cache=True, no_cpython_wrapper=True)
def _month_of_exports(
    dollars: FloatArray,
    shares: FloatArray,
    opening_odds: FloatArray,
    standing: FloatArray,
    opening_standing: FloatArray,
    appeal: FloatArray,
    rows: NDArray[Any],
    laws: tuple[float, float, float, float],
) -> None:
    """Shares of the accessible world market move towards odds / (1 + sum of odds).

    Writes each developer's sales abroad, bn USD.  `laws` are the weight of quality, the utility of the price, the
    monthly speed and the accessible market, bn USD a month.
    """
    quality_weight, price_utility, speed, accessible = laws
    odds = np.empty(rows.size)
    total = 0.0
    for j in range(rows.size):
        utility = quality_weight * (standing[j] - opening_standing[j]) + price_utility + appeal[rows[j]]
        odds[j] = opening_odds[j] * np.exp(min(utility, 50.0))
        total += odds[j]
    for j in range(rows.size):
        shares[j] += speed * (odds[j] / (1.0 + total) - shares[j])
        dollars[rows[j]] = shares[j] * accessible


@njit(cache=True)
def split_revenue(
    revenue: FloatArray,
    sellers: tuple[NDArray[Any], NDArray[Any], NDArray[Any]],
    shares: tuple[FloatArray, FloatArray, FloatArray],
    spent: tuple[float, float, float, float],
) -> None:
    """Write the revenue of importer rows by layer, before any shortage.

    Parameters
    ----------
    revenue : (layers, importers), zeros where somebody sells nothing.
    sellers : rows of developers, of clouds controlled in Japan, and of clouds controlled abroad.
    shares : shares of each of these; those of developers are of the whole model layer.
    spent : on the model layer, on clouds of either control, and on developers' applications per unit of share.
    """
    developers, clouds, foreign_clouds = sellers
    model_shares, cloud_weights, foreign_weights = shares
    model, cloud, foreign_cloud, application_per_share = spent
    for j in range(developers.size):
        revenue[MODEL_LAYER, developers[j]] = model * model_shares[j]
        revenue[APPLICATION_LAYER, developers[j]] = application_per_share * model_shares[j]
    for k in range(clouds.size):
        revenue[CLOUD_LAYER, clouds[k]] = cloud * cloud_weights[k]
    for k in range(foreign_clouds.size):
        revenue[CLOUD_LAYER, foreign_clouds[k]] = foreign_cloud * foreign_weights[k]


@njit(cache=True, no_cpython_wrapper=True)
def _ration(
    sales: FloatArray, spending: FloatArray, served_share: FloatArray, diversion_share: float
) -> tuple[float, float, float]:
    """Cut sales (layers and exports, importers) to what compute can serve, and spending (layers, payers) with them.

    Returns what is spent abroad instead, by layer: a part of what is lost.
    """
    lost = np.zeros(3)
    for i in range(served_share.size):
        served = min(max(served_share[i], 0.0), 1.0)
        for layer in range(3):
            lost[layer] += sales[layer, i] * (1.0 - served)
            sales[layer, i] *= served
        sales[EXPORTS, i] *= served
    before = _by_layer(spending)
    for layer in range(3):
        kept = 1.0 - (1.0 - diversion_share) * lost[layer] / before[layer]
        for payer in range(spending.shape[1]):
            spending[layer, payer] *= kept
    return diversion_share * lost[0], diversion_share * lost[1], diversion_share * lost[2]


@njit(cache=True)
def month_of_sales(
    sales: FloatArray,
    spending: FloatArray,
    sellers: tuple[NDArray[Any], NDArray[Any], NDArray[Any]],
    shares: tuple[FloatArray, FloatArray, FloatArray],
    spent: tuple[float, float, float, float],
    export_shares: FloatArray,
    opening_export_odds: FloatArray,
    standing: FloatArray,
    opening_standing: FloatArray,
    appeal: FloatArray,
    export_laws: tuple[float, float, float, float],
    served_share: FloatArray,
    diversion_share: float,
    yen_per_dollar: float,
    at_home: FloatArray,
    abroad: FloatArray,
    model_share: FloatArray,
) -> tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float], float]:
    """Sell to users in Japan and abroad, ration by what compute can serve, and write each importer's columns.

    Parameters
    ----------
    sales : (layers and exports, importers), zeros; afterwards the sales in trillion yen.
    spending : (layers, payers), trillion yen wanted; afterwards bought.
    sellers, shares, spent : as for :func:`split_revenue`.
    export_shares, opening_export_odds : developers' shares of the accessible world market, which move, and their odds
        at the start.
    standing, opening_standing : quality of developers less the frontier, s.d., now and at the start.
    appeal : of each importer, utility.
    export_laws : as for the exports: weight of quality, utility of the price, monthly speed, accessible market.
    served_share : part of demand that each importer's compute can serve.
    diversion_share : part of what is lost at home that buyers spend abroad.
    yen_per_dollar : trillion yen per bn USD.
    at_home, abroad, model_share : columns written: sales in trillion yen, and share of the model layer in Japan.

    Returns
    -------
    Trillion yen by layer that is spent, that suppliers controlled in Japan get, and that is diverted abroad; exports,
    bn USD.
    """
    developers, _, foreign_clouds = sellers
    split_revenue(sales, sellers, shares, spent)
    _month_of_exports(
        sales[EXPORTS],
        export_shares,
        opening_export_odds,
        standing,
        opening_standing,
        appeal,
        developers,
        export_laws,
    )
    diverted = _ration(sales, spending, served_share, diversion_share)
    bought = _by_layer(spending)
    model, cloud, application, dollars = 0.0, 0.0, 0.0, 0.0
    for i in range(at_home.size):
        at_home[i] = sales[MODEL_LAYER, i] + sales[CLOUD_LAYER, i] + sales[APPLICATION_LAYER, i]
        model_share[i] = sales[MODEL_LAYER, i] / bought[MODEL_LAYER]
        model += sales[MODEL_LAYER, i]
        cloud += sales[CLOUD_LAYER, i]
        application += sales[APPLICATION_LAYER, i]
        dollars += sales[EXPORTS, i]
        sales[EXPORTS, i] *= yen_per_dollar
        abroad[i] = sales[EXPORTS, i]
    for k in range(foreign_clouds.size):
        cloud -= sales[CLOUD_LAYER, foreign_clouds[k]]
    return bought, (model, cloud, application), diverted, dollars
