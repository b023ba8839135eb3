"""One picture of many pairs of worlds: where they lie, and what the programme changes in them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from itcho.experiments.figures.language import ENGLISH, Language
from itcho.experiments.figures.style import BLUE, GREY, INK, VERMILION, paper
from itcho.experiments.runs.ensemble import OUTCOMES, Ensemble
from itcho.experiments.studies.fiscal_years import MONTHS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

SHOWN = ("usdjpy", "deficit_trn_yen_fy", "gov_debt_to_gdp_pct", "domestic_ai_share_home_pct")
DOTS_PER_INCH = 110
_BANDS = ((5.0, 95.0, 0.16), (25.0, 75.0, 0.28))


def ensemble_picture(found: Ensemble, title: str, language: Language = ENGLISH) -> bytes:
    """Draw the pairs: levels above, effects below, by complete fiscal year.

    Parameters
    ----------
    title : scenario and policy.

    Returns
    -------
    The picture as PNG.
    """
    with paper(language):
        figure = Figure(figsize=(15.0, 7.6), dpi=DOTS_PER_INCH)
        canvas = FigureCanvasAgg(figure)
        panels = figure.subplots(2, len(SHOWN), sharex=True, height_ratios=(1.5, 1.0))
        whole = np.array(found.months) == MONTHS
        kept = whole if whole.any() else np.ones(len(whole), bool)
        years = np.array(found.fiscal_years)[kept]
        typical = found.seeds.index(found.typical_seed)
        for place, name in enumerate(SHOWN):
            column = OUTCOMES.index(name)
            with_policy = found.with_policy[:, kept, column]
            without = found.without[:, kept, column]
            upper, lower = panels[0, place], panels[1, place]
            _fan(upper, years, with_policy, BLUE, language("with the programme, median"))
            upper.plot(
                years, np.median(without, axis=0), color=INK, linewidth=1.3, linestyle=(0, (4, 3)),
                label=language("without it, median"),
            )  # fmt: skip
            upper.plot(years, with_policy[typical], color=GREY, linewidth=1.0, label=language("the typical world"))
            upper.set_title(language.outcome(name), loc="left", fontsize=11)
            upper.set_ylabel(language.unit(name), fontsize=9.5)
            _fan(lower, years, with_policy - without, VERMILION, language("effect, median"))
            lower.axhline(0.0, color=INK, linewidth=0.8)
            lower.set_title(language("what the programme changes"), loc="left", fontsize=9.5)
            lower.set_ylabel(language.difference_unit(name), fontsize=9.5)
            _finish(upper, years)
            _finish(lower, years)
            lower.set_xlabel(language("fiscal year"), fontsize=9.5)
        pairs = language("{pairs} pairs of worlds", pairs=len(found.seeds))
        figure.suptitle(f"itcho: {title}, {pairs}", x=0.04, ha="left", fontsize=14)
        bands = language("dark band: half of the worlds; light band: nine of ten")
        handles, labels = panels[0, 0].get_legend_handles_labels()
        more, names = panels[1, 0].get_legend_handles_labels()
        figure.legend([*handles, *more], [*labels, *names], loc="lower left", ncols=4, fontsize=9.5,
                      bbox_to_anchor=(0.04, 0.0))  # fmt: skip
        figure.text(0.985, 0.02, bands, ha="right", color="#555555", fontsize=9.5)
        figure.subplots_adjust(left=0.05, right=0.985, top=0.89, bottom=0.13, wspace=0.26, hspace=0.2)
        buffer = io.BytesIO()
        canvas.print_png(buffer)
    return buffer.getvalue()


def _fan(panel: Axes, years: FloatArray, paths: FloatArray, colour: str, label: str) -> None:
    for low, high, shade in _BANDS:
        ends = np.percentile(paths, [low, high], axis=0)
        panel.fill_between(years, ends[0], ends[1], color=colour, alpha=shade, linewidth=0)
    panel.plot(years, np.median(paths, axis=0), color=colour, linewidth=1.8, label=label)


def _finish(panel: Axes, years: FloatArray) -> None:
    step = max(1, -(-len(years) // 5))
    panel.set_xticks(years[::step])
    panel.tick_params(labelsize=9)
    panel.grid(axis="y")
