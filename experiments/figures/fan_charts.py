"""Fan charts: levels of an outcome by policy, and paired differences from the baseline, over fiscal years."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from itcho.experiments.figures.language import ENGLISH, Language
from itcho.experiments.figures.style import (
    BLUE,
    GREY,
    PAGE_WIDTH_INCHES,
    VERMILION,
    as_bytes,
    headline,
    new_figure,
    paper,
)
from itcho.experiments.studies.design import Replicate
from itcho.experiments.studies.medoids import medoids
from itcho.experiments.studies.store import CellStore
from itcho.experiments.studies.study import OutcomePick, Study
from itcho.experiments.studies.study_run import collect

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]

BANDS = ((5, 95), (10, 90), (25, 75))
_SHADES = (0.15, 0.2, 0.3)
MOST_PICTURES = 12
MOST_COLUMNS = 5
_SCREEN_DOTS_PER_INCH = 130


@dataclass(frozen=True)
class Fan:
    """One outcome by fiscal year.

    Attributes
    ----------
    outcome : name in the registry.
    years : fiscal years.
    policies : names; the first is the baseline.
    values : (replicates × policies × years), paired.
    scenario : label.
    """

    outcome: str
    years: tuple[int, ...]
    policies: tuple[str, ...]
    values: FloatArray
    scenario: str


def fans(study: Study, store: CellStore, chosen: Sequence[Replicate] | None = None) -> list[Fan]:
    """What there is to draw of a study: its outcomes (the first :data:`MOST_PICTURES`) in its first scenario."""
    first = dataclasses.replace(study, scenarios=study.scenarios[:1])
    names = list(dict.fromkeys(pick.name for pick in study.outcomes))[:MOST_PICTURES]
    years = _years(study, store, chosen)
    if not years:
        return []
    picks = [OutcomePick("", name, str(year), "neither") for name in names for year in years]
    panel = collect(first, store, study.independent(chosen), picks)
    if panel is None:
        return []
    values = panel.values[:, 0].reshape(len(panel.replicates), len(study.all_policies), len(names), len(years))
    policies = tuple(one.name for one in study.all_policies)
    return [
        Fan(name, tuple(years), policies, values[:, :, place], study.scenarios[0].label)
        for place, name in enumerate(names)
    ]


def fan_charts(study: Study, store: CellStore, chosen: Sequence[Replicate] | None = None) -> dict[str, bytes]:
    """The pictures of a report: PNG files by name."""
    pictures = {}
    with paper():
        for fan in fans(study, store, chosen):
            for suffix, figure in fan_figures(fan, ""):
                pictures[f"{fan.outcome}{suffix}.png"] = as_bytes(figure, "png", _SCREEN_DOTS_PER_INCH)
    return pictures


def fan_figures(fan: Fan, source: str, language: Language = ENGLISH) -> Iterator[tuple[str, Figure]]:
    """Draw a fan: levels above, paired differences below; call inside :func:`style.paper`.

    Bands are pointwise quantiles over seeds; the thick line is the pointwise median, which is no path that any run
    took; the thin ones are three runs that stand for all (medoids).

    Yields
    ------
    A suffix for the file's name and the figure; more than one where the policies do not fit side by side.
    """
    others = range(1, len(fan.policies))
    groups = [list(others[first : first + MOST_COLUMNS - 1]) for first in range(0, len(others), MOST_COLUMNS - 1)]
    for number, group in enumerate(groups or [[]]):
        yield ("" if number == 0 else f"-{number + 1}"), _figure(fan, [0, *group], source, language)


def _figure(fan: Fan, shown: list[int], source: str, language: Language) -> Figure:
    columns = len(shown)
    figure = new_figure(PAGE_WIDTH_INCHES if columns > 2 else 4.6, 4.0)
    axes = figure.subplots(2, columns, sharex=True, sharey="row", squeeze=False)
    for column, policy in enumerate(shown):
        upper, lower = axes[0][column], axes[1][column]
        _fan(upper, fan.years, fan.values[:, policy], BLUE)
        upper.set_title(fan.policies[policy], loc="left")
        upper.grid(axis="y")
        if column == 0:
            _legend(lower, language)
            continue
        _fan(lower, fan.years, fan.values[:, policy] - fan.values[:, 0], VERMILION)
        lower.axhline(0.0, color=GREY, linewidth=0.8)
        lower.grid(axis="y")
        lower.set_xlabel(language("fiscal year"))
        lower.tick_params(labelleft=column == 1)
    if columns == 1:
        axes[0][0].set_xlabel(language("fiscal year"))
    step = max(1, -(-len(fan.years) // (3 if columns > 3 else 5)))
    axes[0][0].set_xticks(fan.years[::step])
    axes[0][0].tick_params(labelbottom=True)
    axes[0][0].set_ylabel(f"{language.outcome(fan.outcome)},\n{language.unit(fan.outcome)}")
    if columns > 1:
        unit = language.difference_unit(fan.outcome)
        axes[1][1].set_ylabel(f"{language('difference from')} {fan.policies[0]},\n{unit}")
    seeds = language.so_many(len(fan.values), "{count} paired seed", "{count} paired seeds")
    headline(figure, f"{language.outcome(fan.outcome)}: {language(fan.scenario)}, {seeds}", source)
    return figure


def _fan(axis: Any, years: Sequence[int], paths: FloatArray, colour: str) -> None:
    for shade, (low, high) in zip(_SHADES, BANDS, strict=True):
        ends = np.percentile(paths, [low, high], axis=0)
        axis.fill_between(years, ends[0], ends[1], color=colour, alpha=shade, linewidth=0)
    for row in medoids(paths):
        axis.plot(years, paths[row], color="0.25", linewidth=0.5)
    axis.plot(years, np.median(paths, axis=0), color=colour, linewidth=1.5)


def _legend(axis: Any, language: Language) -> None:
    """The baseline differs from itself by nothing: its lower panel says what bands and lines are."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    axis.axis("off")
    opacity = 0.0
    handles: list[Any] = []
    for shade, (low, high) in zip(_SHADES, BANDS, strict=True):
        opacity = 1.0 - (1.0 - opacity) * (1.0 - shade)
        handles.append(Patch(facecolor="black", alpha=opacity, label=f"{low}–{high}%"))
    handles.append(Line2D([], [], color="black", linewidth=1.5, label=language("median")))
    handles.append(Line2D([], [], color="0.25", linewidth=0.5, label=language("typical runs")))
    title = f"{language('blue: level')}\n{language('red: difference,')}\n{language('same seed')}"
    axis.legend(handles=handles, title=title, loc="center left", alignment="left", title_fontsize=7.5)


def _years(study: Study, store: CellStore, chosen: Sequence[Replicate] | None) -> list[int]:
    """Fiscal years that the stored runs hold."""
    for *_, cell in study.cells(chosen):
        if cell.key in store:
            return [int(year) for year in store.read(cell.key).fiscal_years]
    return []
