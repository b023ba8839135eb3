"""``draws.csv`` and ``manifest.json``: what a forecast says, and hashes of all that it was made from.

Neither holds anything of the occasion (date, machine, time taken), so two equal forecasts are equal bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from itcho.agents.errors import InputError
from itcho.experiments.forecasts.protocol import (
    CONDITIONAL,
    FROZEN,
    HORIZONS,
    MODEL,
    PROTOCOL_SHA256,
    SERIES,
    TARGET_OF,
)

FloatArray = NDArray[np.float64]

COLUMNS = ("origin", "series", "horizon_quarters", "path", "value")
FILE_OF = {MODEL: "draws.csv", FROZEN: "draws_frozen.csv", CONDITIONAL: "draws_conditional.csv"}
"""The file of each variant."""
MANIFEST = "manifest.json"
MOST_PATHS = 100_000
"""Paths of an origin; a table with a higher number in it is damaged, and would take more memory than there is."""
_CODE = (".py", ".csv", ".toml")
_WRITTEN = "{:.9g}"
"""Nine digits: more than any figure means, and the same text on every machine that computes the same figure."""


@dataclass(frozen=True)
class Draws:
    """What a folder of draws says.

    Attributes
    ----------
    values : by variant and origin, (paths, series, horizons), NaN where there is none.
    """

    values: Mapping[tuple[str, date], FloatArray]

    @property
    def variants(self) -> tuple[str, ...]:
        """Those that are there, the model first."""
        return tuple(name for name in FILE_OF if any(variant == name for variant, _ in self.values))

    def of(self, variant: str) -> dict[date, FloatArray]:
        """Draws of a variant by origin, oldest first."""
        return {
            origin: self.values[variant, origin] for name, origin in sorted(self.values, key=str) if name == variant
        }


def draws_text(values: Mapping[str, FloatArray]) -> str:
    """The rows of a file of draws: by origin, series, horizon and path; paths without a figure have no row.

    Parameters
    ----------
    values : by origin, (paths, series, horizons).
    """
    lines = [",".join(COLUMNS)]
    for origin, paths in values.items():
        for place, series in enumerate(SERIES):
            for column, horizon in enumerate(HORIZONS):
                found = enumerate(paths[:, place, column].tolist(), start=1)
                lines += [
                    f"{origin},{series},{horizon},{path},{_WRITTEN.format(value)}"
                    for path, value in found
                    if value == value
                ]
    return "\n".join(lines) + "\n"


def read_draws(folder: Path) -> Draws:
    """The draws of a folder.

    Raises
    ------
    InputError : all mistakes at once: no ``draws.csv``, columns or cells that are not draws, a path that stands twice.
    """
    if not (folder / FILE_OF[MODEL]).is_file():
        raise InputError(f"{folder}: no {FILE_OF[MODEL]}; give a folder that `itcho forecast run` wrote")
    found: dict[tuple[str, date], FloatArray] = {}
    mistakes: list[str] = []
    for variant, name in FILE_OF.items():
        if (folder / name).is_file():
            for origin, values in _read(folder / name, mistakes).items():
                found[variant, origin] = values
    if mistakes:
        raise InputError(mistakes)
    return Draws(found)


def _read(path: Path, mistakes: list[str]) -> dict[date, FloatArray]:
    try:
        frame = pd.read_csv(path, dtype={"origin": str, "series": str}, encoding="utf-8")
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        mistakes.append(f"{path}: not a table of comma-separated values: {error}")
        return {}
    if tuple(frame.columns) != COLUMNS:
        mistakes.append(f"{path}: columns are {', '.join(frame.columns)}; they should be {', '.join(COLUMNS)}")
        return {}
    if frame.empty:
        mistakes.append(f"{path}: has a header and no draws")
        return {}
    numbers = frame[["horizon_quarters", "path", "value"]].apply(pd.to_numeric, errors="coerce")
    origins = pd.to_datetime(frame["origin"], format="%Y-%m-%d", errors="coerce")
    checks = {
        f"is not a whole number from 1 to {MOST_PATHS:,}": ~numbers["path"].between(1, MOST_PATHS)
        | (numbers["path"] % 1 != 0),
        "is not a finite number": ~np.isfinite(numbers["value"]),
        f"is not one of {', '.join(map(str, HORIZONS))}": ~numbers["horizon_quarters"].isin(HORIZONS),
        f"is not one of {', '.join(SERIES)}": ~frame["series"].isin(SERIES),
        "is not a date such as 2013-03-31": origins.isna(),
    }
    columns = ("path", "value", "horizon_quarters", "series", "origin")
    wrong = False
    for (said, bad), column in zip(checks.items(), columns, strict=True):
        for line in np.flatnonzero(bad.to_numpy())[:3]:
            mistakes.append(f"{path}, line {line + 2}: {column} = {frame[column].iloc[line]} {said}")
            wrong = True
    twice = frame.duplicated(["origin", "series", "horizon_quarters", "path"]).to_numpy()
    for line in np.flatnonzero(twice)[:3]:
        mistakes.append(f"{path}, line {line + 2}: this path of this series and horizon stands twice")
    if wrong or twice.any():
        return {}
    found = {}
    for origin, rows in frame.groupby("origin", sort=True):
        values = np.full((int(rows["path"].max()), len(SERIES), len(HORIZONS)), np.nan)
        series = rows["series"].map({name: place for place, name in enumerate(SERIES)}).to_numpy()
        horizons = rows["horizon_quarters"].map({name: place for place, name in enumerate(HORIZONS)}).to_numpy()
        values[rows["path"].to_numpy(dtype=np.int64) - 1, series, horizons] = rows["value"].to_numpy(dtype=np.float64)
        found[date.fromisoformat(str(origin))] = values
    return found


def manifest_text(
    *,
    seed: int,
    paths: int,
    parameters: str,
    parameters_sha256: str,
    origins: Mapping[str, Mapping[str, object]],
    files: Mapping[str, str],
    collapsed: Iterable[str],
) -> str:
    """The manifest.

    Parameters
    ----------
    seed, paths, parameters : as asked.
    parameters_sha256 : of the registry and of what is drawn and frozen.
    origins : by date: hashes of the data up to it and of the start state, and what was estimated.
    files : hash of each file of draws.
    collapsed : paths whose world collapsed.
    """
    from itcho.model.version import MODEL_VERSION

    record = {
        "protocol_sha256": PROTOCOL_SHA256,
        "code_sha256": code_sha256(),
        "parameters_sha256": parameters_sha256,
        "model_version": MODEL_VERSION,
        "seed": seed,
        "paths": paths,
        "parameters": parameters,
        "horizons_quarters": list(HORIZONS),
        "series": {name: TARGET_OF[name].unit for name in SERIES},
        "origins": origins,
        "draws_sha256": files,
        "collapsed": list(collapsed),
    }
    return json.dumps(record, indent=1, allow_nan=False, ensure_ascii=False) + "\n"


def sha256_of(text: str) -> str:
    """Of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def sha256_of_values(*values: object) -> str:
    """Of plain values: the same for equal ones, in whatever order their keys were given."""
    return sha256_of(json.dumps(values, sort_keys=True, allow_nan=False, ensure_ascii=False))


def code_sha256() -> str:
    """Of all code and tables of the package, by the names of their files."""
    found = hashlib.sha256()
    for package in ("agents", "model", "experiments"):
        for name, file in _files(resources.files(f"itcho.{package}"), package):
            found.update(f"{name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return found.hexdigest()


def _files(folder: Traversable, named: str) -> list[tuple[str, Traversable]]:
    """Files of code under a folder, in order of their names."""
    found: list[tuple[str, Traversable]] = []
    for item in sorted(folder.iterdir(), key=lambda one: one.name):
        if item.is_dir() and not item.name.startswith((".", "__pycache__")):
            found += _files(item, f"{named}/{item.name}")
        elif item.name.endswith(_CODE):
            found.append((f"{named}/{item.name}", item))
    return found
