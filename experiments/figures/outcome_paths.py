"""A run's headline outcomes month by month, beside the same world without the programme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from itcho.experiments.figures.language import ENGLISH, Language
from itcho.experiments.figures.style import BLUE, GREY, VERMILION, headline, new_figure
from itcho.experiments.runs.summary_picture import calendar_years
from itcho.experiments.studies.fiscal_years import MONTHS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

Array = NDArray[np.float64]

SHOWN = (
    "usdjpy",
    "gov_debt_to_gdp_pct",
    "deficit_trn_yen_fy",
    "domestic_ai_share_home_pct",
    "productivity_gain_pct",
    "softbank_ltv_pct",
)


def outcome_figure(
    monthly: pd.DataFrame,
    source: str,
    without_programme: pd.DataFrame | None = None,
    language: Language = ENGLISH,
    outcomes: Sequence[str] = SHOWN,
) -> Figure:
    """Draw a panel for each outcome that the table holds; call inside ``style.paper``.

    Parameters
    ----------
    monthly, without_programme : monthly tables of the run and of its twin.
    """
    shown = [name for name in outcomes if name in monthly]
    columns = min(3, len(shown))
    bands = -(-len(shown) // columns)
    heights = (1.7,) if without_programme is None else (1.7, 1.0)
    figure = new_figure(height=0.8 + bands * sum(heights))
    grid = figure.add_gridspec(bands * len(heights), columns, height_ratios=heights * bands)
    for place, name in enumerate(shown):
        row, column = place // columns * len(heights), place % columns
        upper = figure.add_subplot(grid[row, column])
        _levels(upper, monthly, without_programme, name, language)
        if without_programme is not None:
            lower = figure.add_subplot(grid[row + 1, column], sharex=upper)
            _difference(lower, monthly, without_programme, name, language)
            upper.tick_params(labelbottom=False)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower right", ncols=2)
    headline(figure, language("Outcomes by month"), source)
    return figure


def _points(monthly: pd.DataFrame, name: str) -> tuple[Array, Array]:
    """When and how much: every month, or the end of each complete fiscal year for amounts that run up over it."""
    table = monthly
    if name.endswith("_fy"):
        ends = (monthly["month"].astype(str).str[5:7] == "03").to_numpy()
        table = monthly[ends & (np.arange(len(monthly)) >= MONTHS - 1)]
    return calendar_years(table["month"]), table[name].to_numpy()


def _levels(axis: Any, monthly: pd.DataFrame, twin: pd.DataFrame | None, name: str, language: Language) -> None:
    marker = "o" if name.endswith("_fy") else ""
    if twin is not None:
        axis.plot(
            *_points(twin, name), color=GREY, linewidth=1.1, linestyle="--", marker=marker, markersize=2.5,
            label=language("no programme, same seed"),
        )  # fmt: skip
    when, values = _points(monthly, name)
    label = language("with the programme")
    axis.plot(when, values, color=BLUE, linewidth=1.2, marker=marker, markersize=2.5, label=label)
    axis.set_title(language.outcome(name), loc="left")
    axis.set_ylabel(language.unit(name))
    axis.grid(axis="y")
    months = calendar_years(monthly["month"])
    ticks = np.arange(np.ceil(months[0]), months[-1] + 0.01, max(1, round((months[-1] - months[0]) / 4.0)))
    axis.set_xticks(ticks, [f"{tick:.0f}" for tick in ticks])
    axis.set_xlim(months[0] - 0.1, months[-1] + 0.1)


def _difference(axis: Any, monthly: pd.DataFrame, twin: pd.DataFrame, name: str, language: Language) -> None:
    when, values = _points(monthly, name)
    difference = values - _points(twin, name)[1]
    axis.axhline(0.0, color=GREY, linewidth=0.8)
    axis.plot(
        when, difference, color=VERMILION, linewidth=1.0, marker="o" if name.endswith("_fy") else "", markersize=2.5
    )
    axis.set_ylabel(f"{language('difference')}, {language.difference_unit(name)}")
    axis.grid(axis="y")
