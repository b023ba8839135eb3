"""Simple forecasts that the model has to beat, each as an ensemble of paths from figures up to the origin.

Shocks are drawn in pairs of opposite sign, so that the middle of an ensemble is the forecast itself and not a draw of
it.  AR models are statsmodels' ``AutoReg``, the VAR its ``VAR``; the Bayesian VAR has the Minnesota prior in the form
of added observations (Doan, Litterman and Sims 1984; Bańbura, Giannone and Reichlin 2010).
"""

from __future__ import annotations

from collections.abc import Callable
from zlib import crc32

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from statsmodels.tsa.api import VAR
from statsmodels.tsa.ar_model import AutoReg

from itcho.experiments.data.origin_data import OriginData
from itcho.experiments.forecasts.history import figures_at, last_figure
from itcho.experiments.forecasts.protocol import DRIFT_QUARTERS, HORIZONS, QUARTERS, SERIES, TARGET_OF

FloatArray = NDArray[np.float64]
Ensemble = FloatArray
"""(paths, horizons of the protocol)."""

NO_CHANGE, LAST_MONTH, MEAN, MEAN_40 = "no_change_quarter", "no_change_last_month", "mean_history", "mean_40_quarters"
AR_1, AR_4, VAR_1, BVAR_4 = "ar_1", "ar_4", "var_1", "bvar_4"
COMPOSITE, GOVERNMENT = "composite", "cabinet_office_outlook"
RIVALS = (NO_CHANGE, LAST_MONTH, MEAN, MEAN_40, AR_1, AR_4, VAR_1, BVAR_4, COMPOSITE, GOVERNMENT)

SYSTEM = ("real_gdp_growth_pct", "gdp_deflator_growth_pct", "cpi_yoy_pct", "usdjpy", "jgb_10y_pct", "policy_rate_pct")
"""Series of the VAR and of the Bayesian VAR; the exchange rate is in logarithms there."""
OF_COMPOSITE = {"real_gdp_growth_pct": MEAN_40, "gdp_deflator_growth_pct": BVAR_4, "cpi_yoy_pct": BVAR_4}
"""The composite that was named in advance: the 40-quarter mean for output, the Bayesian VAR for prices."""
OUTLOOKS = {
    "real_gdp_growth_pct": "government_outlook_real_growth_pct",
    "nominal_gdp_growth_pct": "government_outlook_nominal_growth_pct",
    "cpi_yoy_pct": "government_outlook_cpi_pct",
}
"""Constants of the folder with the government's outlook of January for the fiscal year that begins at the origin."""
OUTLOOK_QUARTERS = 4

TIGHTNESS, LAG_DECAY, CONSTANT_TIGHTNESS = 0.2, 1.0, 1e3
"""Minnesota prior: overall tightness of the first own lag, power at which later lags are held closer to zero, and the
looseness of the constant."""
PERSISTENT = frozenset({"usdjpy", "jgb_10y_pct", "policy_rate_pct", "cpi_yoy_pct"})
"""Series that the prior takes for random walks; growth rates are taken for noise around a mean."""
FEWEST = 12
"""Fewest figures, or fewest beyond the coefficients, that a law is estimated from."""
FEWEST_YEARS = 3
"""Fewest fiscal years whose changes or distances from a mean give a spread."""
_AT = np.array(HORIZONS) - 1


def rival_ensembles(data: OriginData, paths: int) -> dict[str, dict[str, Ensemble]]:
    """Forecasts of every rival that can be made from the figures up to the origin.

    Parameters
    ----------
    data : what the folder holds up to the origin.
    paths : members of each ensemble, even.

    Returns
    -------
    By rival and series; a yearly series has NaN at horizons that do not end a fiscal year.
    """
    figures = figures_at(data).loc[: pd.Period(data.origin, freq="Q")]
    found: dict[str, dict[str, Ensemble]] = {name: {} for name in RIVALS}
    for series in SERIES:
        known = figures[series].dropna()
        if known.empty:
            continue
        behind = (pd.Period(data.origin, freq="Q") - known.index[-1]).n
        make = _of_years if TARGET_OF[series].yearly else _of_quarters
        latest = last_figure(data, series)
        for rival, ensemble in make(known, behind, latest, _draws(data, series, paths)).items():
            found[rival][series] = ensemble
    system = figures[list(SYSTEM)].dropna()
    if len(system) and system.index[-1] == pd.Period(data.origin, freq="Q"):
        found[VAR_1] = _vector(system, paths, _draws(data, VAR_1, paths), _var_paths)
        found[BVAR_4] = _vector(system, paths, _draws(data, BVAR_4, paths), _bvar_paths)
    found[COMPOSITE] = {series: found[part][series] for series, part in OF_COMPOSITE.items() if series in found[part]}
    found[GOVERNMENT] = _government(data)
    return {name: ensembles for name, ensembles in found.items() if ensembles}


def _draws(data: OriginData, name: str, paths: int) -> Callable[[int], FloatArray]:
    """Standard normal shocks (paths, quarters, n), in pairs of opposite sign, the same for an origin and a name."""
    rng = np.random.default_rng(np.random.SeedSequence(crc32(name.encode()), spawn_key=(data.origin.toordinal(),)))

    def draw(width: int) -> FloatArray:
        half = rng.standard_normal((paths // 2, 2 * QUARTERS, width))
        return np.concatenate([half, -half])

    return draw


def _of_quarters(
    known: pd.Series, behind: int, latest: float | None, draw: Callable[[int], FloatArray]
) -> dict[str, Ensemble]:
    """Forecasts of a quarterly series by itself; ``behind`` quarters lie between its last figure and the origin."""
    values = known.to_numpy(dtype=np.float64)
    if values.size < FEWEST:
        return {}
    shocks = draw(1)[:, :, 0]
    steps = _AT + behind
    walk = np.cumsum(shocks, axis=1) * np.diff(values).std(ddof=1)
    found = {NO_CHANGE: (values[-1] + walk)[:, steps]}
    if latest is not None:
        found[LAST_MONTH] = (latest + walk)[:, _AT]
    for name, sample in ((MEAN, values), (MEAN_40, values[-DRIFT_QUARTERS:])):
        found[name] = (sample.mean() + sample.std(ddof=1) * shocks)[:, steps]
    for name, lags in ((AR_1, 1), (AR_4, 4)):
        if values.size >= 2 * lags + 1 + FEWEST and np.ptp(values) > 0.0:
            fitted = AutoReg(values, lags=lags, trend="c").fit()
            sd = float(np.sqrt(fitted.sigma2 * fitted.nobs / max(1.0, fitted.nobs - lags - 1)))
            found[name] = _iterate(values[-lags:], np.asarray(fitted.params), sd * shocks)[:, steps]
    return found


def _iterate(last: FloatArray, parameters: FloatArray, shocks: FloatArray) -> FloatArray:
    """Paths of an autoregression: ``parameters`` are its constant and its lags, ``last`` the last figures."""
    lags = len(parameters) - 1
    paths = np.empty((shocks.shape[0], lags + shocks.shape[1]))
    paths[:, :lags] = last
    for step in range(shocks.shape[1]):
        before = paths[:, step : step + lags][:, ::-1]
        paths[:, lags + step] = parameters[0] + (before * parameters[1:]).sum(axis=1) + shocks[:, step]
    return paths[:, lags:]


def _of_years(
    known: pd.Series, behind: int, latest: float | None, draw: Callable[[int], FloatArray]
) -> dict[str, Ensemble]:
    """Forecasts of a yearly series by itself, at the horizons that end a fiscal year."""
    values, years = known.to_numpy(dtype=np.float64), behind // 4
    if values.size < FEWEST_YEARS:
        return {}
    shocks = draw(1)[:, :, 0]
    walk = np.cumsum(shocks, axis=1) * np.diff(values).std(ddof=1)
    found = {}
    for name, paths in (
        (NO_CHANGE, values[-1] + walk),
        (MEAN, values.mean() + values.std(ddof=1) * shocks),
        (MEAN_40, values[-DRIFT_QUARTERS // 4 :].mean() + values[-DRIFT_QUARTERS // 4 :].std(ddof=1) * shocks),
    ):
        ensemble = np.full((paths.shape[0], len(HORIZONS)), np.nan)
        for place, horizon in enumerate(HORIZONS):
            if horizon % 4 == 0:
                ensemble[:, place] = paths[:, horizon // 4 - 1 + years]
        found[name] = ensemble
    return found


def _vector(
    system: pd.DataFrame,
    paths: int,
    draw: Callable[[int], FloatArray],
    make: Callable[[FloatArray, FloatArray, FloatArray], FloatArray],
) -> dict[str, Ensemble]:
    """Forecasts of a system; nominal growth is that of output and its price."""
    values = system.to_numpy(dtype=np.float64).copy()
    exchange = SYSTEM.index("usdjpy")
    values[:, exchange] = 100.0 * np.log(values[:, exchange])
    # A scale for each series: the residual of its own first-order autoregression.
    scales = np.array([np.sqrt(AutoReg(column, lags=1, trend="c").fit().sigma2) for column in values.T])
    made = make(values, scales, draw(len(SYSTEM))[:, :QUARTERS])
    made[:, :, exchange] = np.exp(made[:, :, exchange] / 100.0)
    found = {series: made[:, _AT, place] for place, series in enumerate(SYSTEM)}
    found["nominal_gdp_growth_pct"] = found["real_gdp_growth_pct"] + found["gdp_deflator_growth_pct"]
    return found


def _var_paths(values: FloatArray, scales: FloatArray, shocks: FloatArray) -> FloatArray:
    """Paths of a VAR(1) by least squares, (paths, quarters, series)."""
    fitted = VAR(values).fit(1, trend="c")
    root = np.linalg.cholesky(np.asarray(fitted.sigma_u))
    return _iterate_system(values[-1:], np.asarray(fitted.params), shocks @ root.T)


def _bvar_paths(values: FloatArray, scales: FloatArray, shocks: FloatArray, lags: int = 4) -> FloatArray:
    """Paths of a Bayesian VAR at the middle of its posterior, (paths, quarters, series)."""
    coefficients, covariance = minnesota(values, scales, lags)
    root = np.linalg.cholesky(covariance)
    return _iterate_system(values[-lags:], coefficients, shocks @ root.T)


def minnesota(values: FloatArray, scales: FloatArray, lags: int) -> tuple[FloatArray, FloatArray]:
    """Coefficients and covariance of shocks in the middle of the posterior under the Minnesota prior.

    Parameters
    ----------
    values : (quarters, series) in the order of :data:`SYSTEM`.
    scales : of the series' own shocks, (series,).

    Returns
    -------
    (1 + lags × series, series): the constants, then lag by lag; and (series, series).
    """
    quarters, width = values.shape
    left = values[lags:]
    right = np.hstack(
        [np.ones((quarters - lags, 1)), *(values[lags - lag : quarters - lag] for lag in range(1, lags + 1))]
    )
    persistence = np.array([1.0 if name in PERSISTENT else 0.0 for name in SYSTEM[:width]])
    prior_left = np.zeros((lags * width + width + 1, width))
    prior_right = np.zeros((lags * width + width + 1, 1 + lags * width))
    for lag in range(1, lags + 1):
        rows = slice((lag - 1) * width, lag * width)
        prior_right[rows, 1 + (lag - 1) * width : 1 + lag * width] = np.diag(scales) * lag**LAG_DECAY / TIGHTNESS
    prior_left[:width] = np.diag(persistence * scales) / TIGHTNESS
    prior_left[lags * width : lags * width + width] = np.diag(scales)
    prior_right[-1, 0] = 1.0 / CONSTANT_TIGHTNESS
    all_left, all_right = np.vstack([left, prior_left]), np.vstack([right, prior_right])
    coefficients = np.linalg.lstsq(all_right, all_left, rcond=None)[0]
    residuals = all_left - all_right @ coefficients
    # The middle of an inverse Wishart with as many degrees of freedom as there are quarters and the prior's two more.
    return coefficients, residuals.T @ residuals / (quarters - lags + 2)


def _iterate_system(last: FloatArray, coefficients: FloatArray, shocks: FloatArray) -> FloatArray:
    """Paths of a system: ``coefficients`` are constants, then lag by lag, ``last`` the last quarters, oldest first."""
    lags, width = last.shape
    paths = np.empty((shocks.shape[0], lags + shocks.shape[1], width))
    paths[:, :lags] = last
    for step in range(shocks.shape[1]):
        before = paths[:, step : step + lags][:, ::-1].reshape(shocks.shape[0], lags * width)
        paths[:, lags + step] = coefficients[0] + before @ coefficients[1:] + shocks[:, step]
    return paths[:, lags:]


def _government(data: OriginData) -> dict[str, Ensemble]:
    """The government's outlook for the fiscal year, as the rate of each of its quarters: one path, without a spread."""
    constants = dict(zip(data.constants["name"], data.constants["value"], strict=True))
    found = {}
    for series, name in OUTLOOKS.items():
        rate = float(constants.get(name, np.nan))
        if np.isfinite(rate):
            inside = np.array(HORIZONS) <= OUTLOOK_QUARTERS
            # Published rates are yearly changes; growth here is logarithmic.
            value = rate if series == "cpi_yoy_pct" else 100.0 * np.log1p(rate / 100.0)
            found[series] = np.where(inside, value, np.nan)[None, :]
    if {"real_gdp_growth_pct", "nominal_gdp_growth_pct"} <= found.keys():
        found["gdp_deflator_growth_pct"] = found["nominal_gdp_growth_pct"] - found["real_gdp_growth_pct"]
    return found
