"""Policy trade-offs: what each policy changes in two outcomes at once, with intervals and the Pareto frontier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from itcho.agents.errors import InputError
from itcho.experiments.figures.language import ENGLISH, Language
from itcho.experiments.figures.style import (
    BLUE,
    GREY,
    INK,
    PAGE_WIDTH_INCHES,
    VERMILION,
    halo,
    headline,
    new_figure,
    panels,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from itcho.experiments.studies.compare import Comparison, ComparisonRow
    from itcho.experiments.studies.study import OutcomePick

_PRICES = ("programme_cost_trn_yen", "deficit_trn_yen_fy", "gov_debt_to_gdp_pct")
MOST_PANELS = 6
_ON_TOP = 0.035


def trade_off_figures(comparison: Comparison, source: str, language: Language = ENGLISH) -> list[tuple[str, Figure]]:
    """One figure for each scenario that has a frontier, named by it; call inside ``style.paper``."""
    return [(scenario, trade_off_figure(comparison, scenario, source, language)) for scenario in comparison.pareto]


def trade_off_figure(comparison: Comparison, scenario: str, source: str, language: Language = ENGLISH) -> Figure:
    """What policies change in one scenario: money across, every other outcome with a good direction upwards.

    The baseline is the square at zero; a cross is the mean paired difference with the interval that holds for all
    policies and outcomes at once; a filled point is a policy that no other one beats in all outcomes of the frontier.

    Raises
    ------
    InputError : the comparison has no frontier in this scenario.
    """
    if scenario not in comparison.pareto:
        raise InputError(f"scenario '{scenario}': a trade-off needs two outcomes that have a good direction")
    picks = [pick for pick in comparison.study.outcomes if pick.sign]
    across = _price(picks)
    upwards = [pick for pick in picks if pick.text != across.text][:MOST_PANELS]
    columns = min(len(upwards), 3)
    rows = -(-len(upwards) // columns)
    figure = new_figure(PAGE_WIDTH_INCHES if columns > 1 else 5.0, 1.9 + 2.4 * rows)
    axes, strip = panels(figure, rows, columns, 0.5 + 0.27 * -(-(3 + len(comparison.policies)) // 3))
    cells = {(row.policy, row.outcome): row for row in comparison.rows if row.scenario == scenario}
    for axis, pick in zip(axes, upwards, strict=False):
        _panel(axis, comparison, scenario, cells, across, pick, language)
    for axis in axes[len(upwards) :]:
        axis.axis("off")
    _legend(strip, comparison, scenario, language)
    label = next(one.label for one in comparison.study.scenarios if one.name == scenario)
    seeds = language.so_many(comparison.replicates, "{count} paired seed", "{count} paired seeds")
    headline(figure, f"{language('Policies and what they trade off')}: {language(label)}, {seeds}", source)
    return figure


def _price(picks: Sequence[OutcomePick]) -> OutcomePick:
    """What a policy costs: public money if the study looks at it, else its first outcome that is better lower."""
    for name in _PRICES:
        for pick in picks:
            if pick.name == name:
                return pick
    return next((pick for pick in picks if pick.sign < 0), picks[0])


def _panel(
    axis: Any,
    comparison: Comparison,
    scenario: str,
    cells: dict[tuple[str, str], ComparisonRow],
    across: OutcomePick,
    upwards: OutcomePick,
    language: Language,
) -> None:
    members = comparison.pareto[scenario].members
    axis.axhline(0.0, color=GREY, linewidth=0.7)
    axis.axvline(0.0, color=GREY, linewidth=0.7)
    spots = np.zeros((len(comparison.policies), 2))
    for number, policy in enumerate(comparison.policies):
        colour = BLUE if policy in members else VERMILION
        fill = colour if policy in members else "white"
        if number:
            x, y = cells[policy, across.text], cells[policy, upwards.text]
            spots[number] = x.summary.mean, y.summary.mean
            axis.hlines(y.summary.mean, *x.simultaneous, color=colour, linewidth=0.9, alpha=0.5)
            axis.vlines(x.summary.mean, *y.simultaneous, color=colour, linewidth=0.9, alpha=0.5)
        marker = "o" if number else "s"
        axis.plot(*spots[number], marker=marker, markersize=4.5, color=fill, markeredgecolor=colour, zorder=4)
    axis.margins(0.1)
    extent = np.array([np.ptp(axis.get_xlim()), np.ptp(axis.get_ylim())])
    for group in _together(spots / extent):
        text = axis.annotate(
            ", ".join(str(number) for number in group), spots[group[0]], (4, 4), textcoords="offset points",
            fontsize=7, zorder=5,
        )  # fmt: skip
        text.set_path_effects(halo())
    axis.set_xlabel(_label(across, comparison, language))
    axis.set_ylabel(_label(upwards, comparison, language))
    arrow = {(1, 1): "↗", (1, -1): "↘", (-1, 1): "↖", (-1, -1): "↙"}[across.sign, upwards.sign]
    axis.set_title(f"{language('better')} {arrow}", loc="left" if across.sign < 0 else "right", color="#555555")


def _together(spots: NDArray[np.float64]) -> list[list[int]]:
    """Numbers of points that lie on top of each other, as shares of the panel: they share a label."""
    groups: list[list[int]] = []
    for number, spot in enumerate(spots):
        for group in groups:
            if np.abs(spots[group[0]] - spot).max() < _ON_TOP:
                group.append(number)
                break
        else:
            groups.append([number])
    return groups


def _label(pick: OutcomePick, comparison: Comparison, language: Language) -> str:
    unit = language.unit(pick.name)
    unit = language("percentage points") if unit in ("%", "％") else unit
    when = "" if pick.when == "last" else f" @{pick.when}"
    name = language.outcome(pick.name) + when
    return f"{name},\n{language('change from')} {comparison.study.baseline.name}, {unit}"


def _legend(strip: Any, comparison: Comparison, scenario: str, language: Language) -> None:
    from matplotlib.lines import Line2D

    level = f"{100.0 * comparison.study.level:g}% {language('interval')} {language('of all policies at once')}"
    point: dict[str, Any] = {"linestyle": "", "markersize": 4.5}
    handles = [
        Line2D([], [], marker="o", color=BLUE, label=language("no other policy is better in everything"), **point),
        Line2D(
            [], [], marker="o", color="white", markeredgecolor=VERMILION,
            label=language("another policy is at least as good in everything"), **point,
        ),
        Line2D([], [], color=INK, linewidth=0.9, label=level),
    ]  # fmt: skip
    sure = comparison.pareto[scenario].p_member
    for number, policy in enumerate(comparison.policies):
        label = f"{number}  {policy} ({100.0 * sure[policy]:.0f}%)"
        handles.append(
            Line2D([], [], marker="o" if number else "s", color="white", markeredgecolor=INK, label=label, **point)
        )
    title = f"(%): {language('share of resamples in which it is on the frontier')}"
    legend = strip.legend(handles=handles, loc="upper left", ncols=3, title=title, alignment="left", title_fontsize=7)
    # The strip's height is given: a wide legend must not squeeze the panels.
    legend.set_in_layout(False)
