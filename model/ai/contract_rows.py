"""Inner loops over suppliers of AI services: what each serves, and what buyers see of it.

:mod:`itcho.model.ai.contract_market` says what they are for and calls them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from itcho.agents.compiled import njit

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_LEAST_SERVED = 1e-3
"""Who serves less than this part of demand is as good as one who serves so much."""


@njit(cache=True)
def serve(
    developers: IntArray,
    cloud_rows: IntArray,
    clouds_at_home: int,
    hosting: FloatArray,
    served: FloatArray,
    served_abroad: FloatArray,
    standing: FloatArray,
    laws: tuple[float, ...],
    by_layer: tuple[FloatArray, FloatArray, FloatArray],
    worth: FloatArray,
) -> bool:
    """Write what suppliers serve by layer, and what models are worth; whether any cloud or application is short.

    Clouds controlled abroad serve from there what they bill from there.  Applications stand or fall with the models of
    developers; others sell without limit.  The open-weight model, last, is served as its hosts in Japan can.

    Parameters
    ----------
    developers, cloud_rows, clouds_at_home : rows; how many of the clouds, the first, are controlled in Japan.
    hosting : (clouds,) part of the open-weight model's use that each runs, sum 1.
    served, served_abroad : part of demand, by importer and by laboratory.
    standing : quality of developers, laboratories and the open-weight model less the frontier, s.d.
    laws : see :func:`value_offers`.
    by_layer : (suppliers,) each; written.
    worth : exp(gamma * standing) times what is served, of models; written.
    """
    _, _, _, _, _, offshore, gamma = laws
    models, clouds, applications = by_layer
    short, hosted = False, 0.0
    for j in range(clouds.size):
        hosted += hosting[j] * min(max(served[cloud_rows[j]], 0.0), 1.0)
    for j in range(models.size):
        found = hosted
        if j < models.size - 1:
            found = served[developers[j]] if j < developers.size else served_abroad[j - developers.size]
        models[j] = min(max(found, 0.0), 1.0)
        worth[j] = np.exp(gamma * standing[j]) * models[j]
        if j < developers.size:
            applications[j] = models[j]
            short = short or models[j] < 1.0
    for j in range(clouds.size):
        clouds[j] = min(max(served[cloud_rows[j]], 0.0), 1.0)
        if j >= clouds_at_home:
            clouds[j] = offshore + (1.0 - offshore) * clouds[j]
        short = short or clouds[j] < 1.0
    return short


@njit(cache=True)
def value_offers(
    developers: IntArray,
    cloud_rows: IntArray,
    clouds_at_home: int,
    applications_at_home: int,
    standings: tuple[FloatArray, FloatArray],
    appeal: FloatArray,
    computes: tuple[FloatArray, FloatArray],
    cloud_shares: FloatArray,
    prices: tuple[float, float, float, float],
    laws: tuple[float, ...],
    by_layer: tuple[FloatArray, FloatArray, FloatArray],
    constants: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    values: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    offered: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
) -> None:
    """Write what suppliers are worth to all buyers alike, and what they ask.

    A supplier that serves a part of demand only is as one whose price is higher by as much.  The last model,
    the open-weight one, costs what a cloud in Japan costs.

    Parameters
    ----------
    developers, cloud_rows, clouds_at_home : as in :func:`serve`.
    applications_at_home : how many suppliers of applications, the first, are in Japan; developers come first.
    standings : quality less the frontier, s.d., now and at the start.
    appeal : (importers,) utility.
    computes : of importers now, and of clouds at the start.
    cloud_shares : of clouds, now.
    prices : ln yen price over that of the start of developers, of clouds at home, of applications from home, and of
        all that comes from abroad.
    laws : utility per s.d. of quality; per ln price of models, clouds and applications; per ln compute of clouds;
        part of foreign clouds' sales billed from abroad; loss of gain per s.d. of quality.
    by_layer : part of demand served by models, clouds and applications.
    constants : of models, clouds, applications and the models of individuals.
    values, offered : the same order; written: utility, and ln price.
    """
    quality, of_models, of_clouds, of_applications, capacity, _, _ = laws
    developer_price, cloud_price, application_price, abroad = prices
    for j in range(by_layer[0].size):
        price = developer_price if j < developers.size else (abroad if j < by_layer[0].size - 1 else cloud_price)
        utility = quality * (standings[0][j] - standings[1][j])
        utility += of_models * (np.log(max(by_layer[0][j], _LEAST_SERVED)) - price)
        if j < developers.size:
            utility += appeal[developers[j]]
        values[0][j] = constants[0][j] + utility
        values[3][j] = constants[3][j] + utility
        offered[0][j] = price
        offered[3][j] = price
    everything = 0.0
    for j in range(cloud_rows.size):
        everything += computes[0][cloud_rows[j]]
    least, mean = 1e-4 * everything, 0.0
    for j in range(cloud_rows.size):
        growth = np.log((computes[0][cloud_rows[j]] + least) / (computes[1][j] + least))
        mean += cloud_shares[j] * growth
        price = cloud_price if j < clouds_at_home else abroad
        values[1][j] = constants[1][j] + capacity * growth
        values[1][j] += of_clouds * (np.log(max(by_layer[1][j], _LEAST_SERVED)) - price)
        offered[1][j] = price
    for j in range(cloud_rows.size):
        values[1][j] -= capacity * mean
    for j in range(by_layer[2].size):
        price = application_price if j < applications_at_home else abroad
        utility = of_applications * (np.log(max(by_layer[2][j], _LEAST_SERVED)) - price)
        values[2][j] = constants[2][j] + utility
        offered[2][j] = price


@njit(cache=True)
def contracted_sales(
    sellers: tuple[IntArray, IntArray, IntArray],
    shares: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    organisations: tuple[float, float, float],
    households: tuple[float, float, float],
    hosting: FloatArray,
    integrators: int,
    offshore: float,
    sales: FloatArray,
    to_households: FloatArray,
    laboratories: FloatArray,
    laboratories_to_households: FloatArray,
) -> tuple[float, float, float]:
    """Write what contracts come to by supplier, trillion yen, before any shortage.

    What is paid for open-weight models, last of the models, goes to the clouds in Japan that run them.

    Parameters
    ----------
    sellers : rows of developers, of clouds controlled in Japan, and of clouds controlled abroad.
    shares : of suppliers of models, clouds and applications in what organisations pay, and of models in what
        individuals pay.
    organisations, households : what they spend by layer, trillion yen.
    hosting : (clouds,) part of what organisations pay for open-weight models that each gets; what individuals pay for
        them goes to clouds as they sell.
    integrators : how many suppliers of applications come after the developers; those after them are abroad.
    offshore : part of foreign clouds' sales billed from abroad.
    sales : (layers and exports, importers) zeros; written but for exports.
    to_households : (importers,) zeros; written: of the model layer's.
    laboratories, laboratories_to_households : (laboratories,) written.

    Returns
    -------
    What is paid for clouds abroad, for applications abroad and to integrators in Japan, trillion yen.
    """
    developers, clouds, foreign_clouds = sellers
    models, cloud, applications, people = shares
    count = developers.size
    both = organisations[2] + households[2]
    for j in range(count):
        i = developers[j]
        to_households[i] = households[0] * people[j]
        sales[0, i] = organisations[0] * models[j] + to_households[i]
        sales[2, i] = both * applications[j]
    for k in range(laboratories.size):
        laboratories_to_households[k] = households[0] * people[count + k]
        laboratories[k] = organisations[0] * models[count + k] + laboratories_to_households[k]
    at_home, abroad = 0.0, 0.0
    for k in range(count, applications.size):
        if k < count + integrators:
            at_home += both * applications[k]
        else:
            abroad += both * applications[k]
    both, from_abroad, last = organisations[1] + households[1], 0.0, models.size - 1
    for k in range(cloud.size):
        paid = both * cloud[k]
        if k < clouds.size:
            i = clouds[k]
            sales[1, i] = paid
        else:
            i = foreign_clouds[k - clouds.size]
            sales[1, i] = paid * (1.0 - offshore)
            from_abroad += paid * offshore
        to_households[i] = households[0] * people[last] * cloud[k]
        sales[0, i] = organisations[0] * models[last] * hosting[k] + to_households[i]
    return from_abroad, abroad, at_home
