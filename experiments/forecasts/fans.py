"""Pictures of forecasts: the fans of all origins of a series, against what happened where that is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from itcho.agents.errors import InputError
from itcho.experiments.cli.errors import Mistakes
from itcho.experiments.figures.language import ENGLISH, Language
from itcho.experiments.figures.style import (
    BLACK,
    BLUE,
    PAGE_WIDTH_INCHES,
    as_bytes,
    headline,
    new_figure,
    panels,
    paper,
)
from itcho.experiments.forecasts.draws import read_draws
from itcho.experiments.forecasts.history import figure as figure_of
from itcho.experiments.forecasts.history import what_happened
from itcho.experiments.forecasts.protocol import HORIZONS, MODEL, QUARTERS, SERIES, TARGET_OF

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]

BANDS = ((5.0, 95.0), (25.0, 75.0))
_SHADES = (0.22, 0.35)
COLUMNS = 6
BEFORE = 8
"""Quarters before an origin that are drawn."""
_INCHES_A_ROW, _INCHES_OF_LEGEND, _DOTS_PER_INCH = 1.3, 0.25, 150
SAID = (
    "Bands hold 50 and 90% of the paths at 1, 2, 4, 8 and 12 quarters, with straight lines between; no path took the "
    "middle line. Black: what happened, in the figures of today."
)


def draw_fans(
    folders: Sequence[Path], data: Path, out: Path, series: Sequence[str], language: Language = ENGLISH
) -> list[Path]:
    """Write a picture for each series; returns the files.

    Parameters
    ----------
    folders : of draws; an origin that several have is drawn from the first.
    data : folder of history.
    out : folder of the pictures.

    Raises
    ------
    InputError : all mistakes at once, before anything is written.
    """
    mistakes, draws, happened = Mistakes(), dict[date, FloatArray](), pd.DataFrame()
    for name in series:
        if name not in SERIES:
            mistakes.add(f"--series = {name} is not one of {', '.join(SERIES)}")
    for folder in folders:
        with mistakes.caught():
            draws = read_draws(folder).of(MODEL) | draws
    with mistakes.caught():
        happened = what_happened(data)
    if out.exists() and not out.is_dir():
        mistakes.add(f"--out = {out} is a file, not a folder")
    mistakes.raise_if_any()
    written = {}
    with paper(language):
        for name in series:
            picture = fan_figure(name, draws, happened[name], language)
            suffix = "" if language.code == "en" else f".{language.code}"
            written[out / f"forecast_fans_{name}{suffix}.png"] = as_bytes(picture, "png", _DOTS_PER_INCH)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for path, picture_bytes in written.items():
            path.write_bytes(picture_bytes)
    except OSError as error:
        raise InputError(f"cannot write {error.filename}: {error.strerror}") from None
    return list(written)


def fan_figure(
    name: str, draws: Mapping[date, FloatArray], happened: pd.Series, language: Language = ENGLISH
) -> Figure:
    """One panel for each origin; call inside :func:`~itcho.experiments.figures.style.paper`.

    Parameters
    ----------
    name : of the series.
    draws : by origin, (paths, series, horizons).
    happened : the series by quarter.
    """
    target, origins = TARGET_OF[name], sorted(draws)
    rows = -(-len(origins) // COLUMNS)
    figure = new_figure(PAGE_WIDTH_INCHES, rows * _INCHES_A_ROW + 1.1)
    axes, strip = panels(figure, rows, COLUMNS, _INCHES_OF_LEGEND, y=True)
    for place, axis in enumerate(axes):
        if place >= len(origins):
            axis.axis("off")
            continue
        _panel(axis, draws[origins[place]][:, SERIES.index(name)], origins[place], happened, target.horizons)
        axis.tick_params(labelleft=place % COLUMNS == 0)
    _legend(strip, language)
    title = language("{series}: forecasts from {count} dates", series=language(target.label), count=len(origins))
    headline(figure, f"{title}, {language(target.unit)}", language(SAID))
    return figure


def _panel(axis: Any, paths: FloatArray, origin: date, happened: pd.Series, horizons: Sequence[int]) -> None:
    """The fan of an origin; quarters are counted from the one that ends there."""
    here = pd.Period(origin, freq="Q")
    around = np.arange(-BEFORE, QUARTERS + 1)
    known = np.array([figure_of(happened, here + int(quarter)) for quarter in around])
    points = np.isfinite(known)
    chosen = [HORIZONS.index(horizon) for horizon in horizons]
    ahead, drawn = np.array(horizons), paths[:, chosen]
    drawn = drawn[np.isfinite(drawn).all(axis=1)]
    if len(drawn):
        for shade, band in zip(_SHADES, BANDS, strict=True):
            low, high = np.percentile(drawn, band, axis=0)
            axis.fill_between(ahead, low, high, color=BLUE, alpha=shade, linewidth=0)
        axis.plot(ahead, np.median(drawn, axis=0), color=BLUE, linewidth=1.0)
    # A figure of a fiscal year stands in one quarter of four: its years are joined.
    axis.plot(around[points], known[points], color=BLACK, linewidth=0.8)
    axis.axvline(0.0, color="0.6", linewidth=0.6)
    axis.set_title(f"{origin:%Y-%m}", loc="left", pad=2.0)
    axis.set_xlim(-BEFORE, QUARTERS)
    axis.set_xticks([-4, 0, 4, 8, 12])
    axis.set_xticklabels(["", "0", "", "8", ""])
    axis.grid(axis="y")


def _legend(strip: Any, language: Language) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [
        Patch(facecolor=BLUE, alpha=_SHADES[0], label="90%"),
        Patch(facecolor=BLUE, alpha=1.0 - (1.0 - _SHADES[0]) * (1.0 - _SHADES[1]), label="50%"),
        Line2D([], [], color=BLUE, linewidth=1.0, label=language("median")),
        Line2D([], [], color=BLACK, linewidth=0.8, label=language("what happened")),
        Line2D([], [], color="0.6", linewidth=0.6, label=language("31 March; quarters from there")),
    ]
    strip.legend(handles=handles, loc="center left", ncols=len(handles), borderaxespad=0.0)
