"""Scores of forecasts, from draws and a folder of history alone, beside those of simple forecasts from its figures.

Ensembles are scored by ``scoringrules`` (fair estimators, so that the number of paths does not matter), differences are
tested by statsmodels' Diebold-Mariano test with the correction of Harvey, Leybourne and Newbold (1997), and the models
that cannot be told from the best are ``arch``'s model confidence set (Hansen, Lunde and Nason 2011).  Origins are a
year apart, so that forecasts of up to four quarters do not overlap; longer ones overlap by whole years, and that is
the number of lags of the tests.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scoringrules
from arch.bootstrap import MCS
from numpy.typing import NDArray
from statsmodels.tsa.stattools import diebold_mariano_test

from itcho.agents.errors import InputError
from itcho.experiments.data.origin_data import OriginData, origin_data
from itcho.experiments.forecasts.draws import Draws
from itcho.experiments.forecasts.history import figure, figures_at, origins_in, what_happened
from itcho.experiments.forecasts.protocol import (
    ALL,
    BALANCED,
    CALM,
    CONDITIONAL,
    CRISIS_YEARS,
    FROZEN,
    HEADLINE,
    HORIZON_WEIGHTS,
    HORIZONS,
    MODEL,
    PATHS,
    PROTOCOL_SHA256,
    SAMPLES,
    SERIES,
    TARGET_OF,
)
from itcho.experiments.forecasts.rivals import RIVALS, rival_ensembles
from itcho.experiments.languages import Sentence

FloatArray = NDArray[np.float64]

WEIGHTED = "weighted"
"""The row of a series over all its horizons."""
MODELS = (MODEL, FROZEN, *RIVALS, CONDITIONAL)
FEWEST_FOR_A_TEST = 6
"""Fewest origins that forecasts are compared by a test on."""
PIT_BINS = 10
CONFIDENCE_SET_SIZE, CONFIDENCE_SET_REPETITIONS = 0.10, 1000
_WEIGHT_OF = dict(zip(HORIZONS, HORIZON_WEIGHTS, strict=True))


@dataclass(frozen=True)
class Scores:
    """What :func:`score` finds.

    Attributes
    ----------
    rows : one for each series, horizon (and ``weighted``), sample and model.
    energy : joint scores of the headline series, by horizon and model.
    pit : histograms of where what happened lies in the model's ensembles, by series.
    confidence : models that cannot be told from the best, by series.
    notes : what could not be scored, in sentences.
    """

    rows: tuple[dict[str, Any], ...]
    energy: tuple[dict[str, Any], ...]
    pit: tuple[dict[str, Any], ...]
    confidence: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "protocol_sha256": PROTOCOL_SHA256,
            "rows": list(self.rows),
            "energy": list(self.energy),
            "pit": list(self.pit),
            "confidence_set": list(self.confidence),
            "notes": list(self.notes),
        }


Forecasts = dict[str, dict[date, dict[str, FloatArray]]]
"""Ensembles (paths, horizons) by model, origin and series."""
After = dict[date, dict[str, list[float]]]
"""What happened at the horizons, by origin and series."""


def score(draws: Draws, folder: Path, on_origin: Callable[[], None] = lambda: None) -> Scores:
    """Score draws on what the folder holds; ``on_origin`` is called after each origin's rivals.

    Raises
    ------
    InputError : the folder cannot be read, or holds nothing of what was forecast.
    """
    happened, known = what_happened(folder), set(origins_in(folder))
    forecasts: Forecasts = {}
    origins = sorted({origin for _, origin in draws.values})
    scales: dict[date, dict[str, float]] = {}
    for variant in draws.variants:
        forecasts[variant] = {
            origin: {series: values[:, place] for place, series in enumerate(SERIES)}
            for origin, values in draws.of(variant).items()
        }
    for origin in origins:
        if origin in known:
            data = origin_data(folder, origin)
            scales[origin] = _scales(data)
            for rival, ensembles in rival_ensembles(data, PATHS).items():
                forecasts.setdefault(rival, {})[origin] = ensembles
        on_origin()
    after = {origin: _after(happened, origin) for origin in origins}
    cells = _cells(forecasts, after)
    if cells.empty:
        raise InputError(f"{folder} holds nothing yet of what was forecast from {', '.join(map(str, origins))}")
    notes = _notes(origins, known, cells)
    return Scores(
        tuple(_rows(cells)),
        tuple(_energy(forecasts, after, scales)),
        tuple(_pit(cells)),
        tuple(_confidence(cells)),
        tuple(notes),
    )


def own_crps(forecasts: Mapping[date, FloatArray], folder: Path) -> dict[str, float]:
    """CRPS of one model's draws by series, weighted over horizons, over all that has happened.

    Parameters
    ----------
    forecasts : draws by origin, (paths, series, horizons).
    folder : of history.
    """
    happened = what_happened(folder)
    by_origin = {day: {name: values[:, at] for at, name in enumerate(SERIES)} for day, values in forecasts.items()}
    cells = _cells({MODEL: by_origin}, {day: _after(happened, day) for day in forecasts})
    by_horizon = cells.groupby(["series", "horizon"])["crps"].mean()
    found = {}
    for series in SERIES:
        scores = by_horizon.get(series, pd.Series(dtype=float))
        weights = pd.Series({horizon: _WEIGHT_OF[horizon] for horizon in scores.index}, dtype=float)
        if len(scores):
            found[series] = float((scores * weights).sum() / weights.sum())
    return found


def _scales(data: OriginData) -> dict[str, float]:
    """By series, the standard deviation of its changes from quarter to quarter up to the origin."""
    changes = figures_at(data)[list(HEADLINE)].diff()
    return {name: float(np.nanstd(changes[name].to_numpy(dtype=np.float64), ddof=1)) for name in HEADLINE}


def _cells(forecasts: Forecasts, after: After) -> pd.DataFrame:
    """One row for each forecast that can be scored: model, origin, series, horizon, and what it is scored by."""
    found = []
    for model, by_origin in forecasts.items():
        for origin, ensembles in by_origin.items():
            here = pd.Period(origin, freq="Q")
            for series, values in ensembles.items():
                for place, horizon in enumerate(HORIZONS):
                    actual, members = after[origin][series][place], values[:, place]
                    members = members[np.isfinite(members)]
                    if math.isfinite(actual) and members.size:
                        year = (here + horizon).year
                        found.append((model, origin, series, horizon, year, actual, *_cell(members, actual)))
    columns = ["model", "origin", "series", "horizon", "year", "actual", "median", "crps", "in50", "in90", "pit"]
    return pd.DataFrame(found, columns=columns)


def _after(happened: pd.DataFrame, origin: date) -> dict[str, list[float]]:
    """What happened after an origin, by series, at the horizons; NaN where it has not, or where none is scored."""
    here = pd.Period(origin, freq="Q")
    return {
        series: [
            figure(happened[series], here + horizon) if horizon in TARGET_OF[series].horizons else math.nan
            for horizon in HORIZONS
        ]
        for series in SERIES
    }


def _cell(members: FloatArray, actual: float) -> tuple[float, ...]:
    """Median, CRPS, whether what happened lies in the central 50 and 90%, and where it lies in the ensemble."""
    if members.size == 1:
        return float(members[0]), abs(float(members[0]) - actual), math.nan, math.nan, math.nan
    low90, low50, median, high50, high90 = np.percentile(members, (5, 25, 50, 75, 95)).tolist()
    crps = float(scoringrules.crps_ensemble(actual, members, estimator="fair"))
    pit = float((members < actual).mean() + 0.5 * (members == actual).mean())
    return median, crps, float(low50 <= actual <= high50), float(low90 <= actual <= high90), pit


def samples(cells: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The cells of each sample of a series.

    The balanced one holds the origins for which every horizon of the series has happened, and for which all models that
    forecast all of them have done so.
    """
    horizons = TARGET_OF[str(cells["series"].iloc[0])].horizons
    reach = cells.groupby(["model", "origin"])["horizon"].nunique().unstack("origin") == len(horizons)
    full = reach.loc[reach.any(axis=1)]
    whole = set(full.columns[full.all(axis=0)])
    return {
        ALL: cells,
        BALANCED: cells[cells["origin"].isin(whole)],
        CALM: cells[~cells["year"].isin(CRISIS_YEARS)],
    }


def _rows(cells: pd.DataFrame) -> Iterable[dict[str, Any]]:
    for series in SERIES:
        own = cells[cells["series"] == series]
        if own.empty:
            continue
        horizons = TARGET_OF[series].horizons
        for sample, kept in samples(own).items():
            by_horizon = {horizon: _by_model(kept[kept["horizon"] == horizon], horizon) for horizon in horizons}
            joint = weighted_losses(kept) if len(kept) else pd.DataFrame()
            for model in MODELS:
                found = {horizon: rows[model] for horizon, rows in by_horizon.items() if model in rows}
                for horizon, row in found.items():
                    yield _named(series, horizon, sample, model, row)
                if len(found) == len(horizons):
                    p = _test(joint, model, overlap(max(HORIZONS)))
                    yield _named(series, WEIGHTED, sample, model, _weighted(found) | {"dm_p": p})


def _by_model(here: pd.DataFrame, horizon: int) -> dict[str, dict[str, Any]]:
    """Scores of a series at a horizon, by model."""
    if here.empty:
        return {}
    here = here.assign(loss=(here["median"] - here["actual"]) ** 2)
    losses = here.pivot(index="origin", columns="model", values="loss")
    found = {}
    for model, rows in here.groupby("model"):
        means = rows[["loss", "crps", "in50", "in90"]].mean()
        found[str(model)] = {
            "rmse": math.sqrt(float(means["loss"])),
            "crps": float(means["crps"]),
            "cov50": _or_none(float(means["in50"])),
            "cov90": _or_none(float(means["in90"])),
            "n": len(rows),
            "dm_p": _test(losses, str(model), overlap(horizon)),
        }
    return found


def _named(series: str, horizon: int | str, sample: str, model: str, row: Mapping[str, Any]) -> dict[str, Any]:
    return {"series": series, "horizon": horizon, "sample": sample, "model": model, **row}


def _weighted(rows: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """A series over its horizons: weighted means of scores, the fewest origins of any horizon."""
    total = math.fsum(_WEIGHT_OF[horizon] for horizon in rows)

    def mean(name: str) -> float | None:
        if any(row[name] is None for row in rows.values()):
            return None
        return math.fsum(_WEIGHT_OF[horizon] * row[name] for horizon, row in rows.items()) / total

    return {name: mean(name) for name in ("rmse", "crps", "cov50", "cov90")} | {
        "n": min(one["n"] for one in rows.values())
    }


def _or_none(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def overlap(horizon: int) -> int:
    """How many later origins lie within a forecast from one: lags of the tests."""
    return -(-horizon // 4) - 1


def _test(losses: pd.DataFrame, model: str, lags: int) -> float | None:
    """Two-sided p of equal losses of a model and of ours, by origin and model, on the origins that both have."""
    if model == MODEL or MODEL not in losses or model not in losses:
        return None
    pair = losses[[MODEL, model]].dropna().to_numpy(dtype=np.float64)
    return diebold_mariano_p(pair[:, 0], pair[:, 1], lags)


def weighted_losses(cells: pd.DataFrame) -> pd.DataFrame:
    """Squared errors of a series, weighted over its horizons, by origin and model; NaN where a horizon is missing."""
    horizons = TARGET_OF[str(cells["series"].iloc[0])].horizons
    weights = cells["horizon"].map(_WEIGHT_OF) / math.fsum(_WEIGHT_OF[one] for one in horizons)
    loss = cells.assign(loss=weights * (cells["median"] - cells["actual"]) ** 2)
    both = loss.groupby(["origin", "model"])["loss"].agg(["sum", "count"])
    return both["sum"].where(both["count"] == len(horizons)).unstack("model")


def diebold_mariano_p(losses: FloatArray, others: FloatArray, lags: int) -> float | None:
    """Two-sided p of equal expected losses, with the small-sample correction; None if there is nothing to tell.

    Parameters
    ----------
    losses, others : not negative, by origin.
    lags : of their difference, by which forecasts overlap.
    """
    if losses.size < max(FEWEST_FOR_A_TEST, lags + 2) or not np.ptp(losses - others) > 0.0:
        return None
    # The test squares errors: roots of losses are errors of a forecast of nothing.
    answer = diebold_mariano_test(
        np.zeros(losses.size), np.sqrt(losses), np.sqrt(others), lags=lags, harvey_adj=True, horizon=lags + 1
    )
    return _or_none(float(answer.pvalue))


def _energy(forecasts: Forecasts, after: After, scales: Mapping[date, Mapping[str, float]]) -> Iterable[dict[str, Any]]:
    """Joint energy scores of the headline series, each measured in its own changes up to the origin."""
    for place, horizon in enumerate(HORIZONS):
        for model in MODELS:
            found = []
            for origin, ensembles in forecasts.get(model, {}).items():
                if origin not in scales or not set(HEADLINE) <= ensembles.keys():
                    continue
                scale = np.array([scales[origin][series] for series in HEADLINE])
                actual = np.array([after[origin][series][place] for series in HEADLINE]) / scale
                members = np.column_stack([ensembles[series][:, place] for series in HEADLINE]) / scale
                members = members[np.isfinite(members).all(axis=1)]
                if np.isfinite(actual).all() and len(members) > 1:
                    found.append(float(scoringrules.es_ensemble(actual, members, estimator="fair")))
            if found:
                yield {"horizon": horizon, "model": model, "energy": float(np.mean(found)), "n": len(found)}


def _pit(cells: pd.DataFrame) -> Iterable[dict[str, Any]]:
    """How often what happened lies in each tenth of the model's ensembles, all horizons together."""
    for model in (MODEL, FROZEN, CONDITIONAL):
        for series in SERIES:
            here = cells[(cells["model"] == model) & (cells["series"] == series)]["pit"].dropna()
            if len(here):
                counts, _ = np.histogram(here, bins=PIT_BINS, range=(0.0, 1.0))
                yield {"series": series, "model": model, "counts": counts.tolist(), "n": len(here)}


def _confidence(cells: pd.DataFrame) -> Iterable[dict[str, Any]]:
    """The model confidence set of each series, on weighted squared errors of the balanced sample."""
    for series in SERIES:
        own = cells[(cells["series"] == series) & (cells["model"] != CONDITIONAL)]
        if own.empty:
            continue
        balanced = samples(own)[BALANCED]
        if balanced.empty:
            continue
        losses = weighted_losses(balanced).dropna(axis=1)
        # Two names of one forecast (the composite is made of others) differ by nothing, which no test can divide by.
        losses = losses.loc[:, ~losses.T.duplicated().to_numpy()]
        if len(losses) < FEWEST_FOR_A_TEST or losses.shape[1] < 2:
            continue
        found = MCS(losses, CONFIDENCE_SET_SIZE, CONFIDENCE_SET_REPETITIONS, block_size=2, seed=1)
        found.compute()
        p_values = found.pvalues["Pvalue"].to_dict()
        inside = [name for name in MODELS if p_values.get(name, 0.0) > CONFIDENCE_SET_SIZE]
        yield {
            "series": series,
            "inside": inside,
            "p": {name: float(p_values[name]) for name in MODELS if name in p_values},
            "n": len(losses),
        }


def _notes(origins: list[date], known: set[date], cells: pd.DataFrame) -> list[str]:
    notes: list[str] = []
    if unknown := [str(origin) for origin in origins if origin not in known]:
        told = "The folder has no figures at {origins}: no simple forecasts are made from there."
        notes.append(Sentence(told, origins=", ".join(unknown)))
    if missing := [name for name in SERIES if name not in set(cells["series"])]:
        told = "Nothing has happened yet, or is in the folder, of {series}."
        notes.append(Sentence(told, series=", ".join(missing)))
    notes.append(
        Sentence(
            "The exchange rate and the short rate stand still at their last month, the 10-year yield at its last day: "
            "its months are not in the folder."
        )
    )
    return notes


__all__ = ["MODELS", "SAMPLES", "Scores", "diebold_mariano_p", "overlap", "samples", "score", "weighted_losses"]
