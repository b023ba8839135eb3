"""Where the trillion went: an alluvial picture of payments with the programme less payments without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from itcho.experiments.figures.language import ENGLISH, Language
from itcho.experiments.figures.style import INK, PAGE_WIDTH_INCHES, folded, halo, headline, new_figure, panels
from itcho.experiments.view.kinds import LAYERS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from itcho.experiments.view.flows import Sankey, SankeyLink

STAGES = ("lenders", "programme and earnings", "supported", "paid on to")
_NODE_WIDTH, _GAP = 0.018, 0.03


def trillion_figure(sankey: Sankey, source: str, language: Language = ENGLISH) -> Figure:
    """Draw the difference; call inside ``style.paper``.

    Ribbons go from payer to payee, coloured by kind of flow.
    """
    figure = new_figure(PAGE_WIDTH_INCHES * 1.15, 4.8)
    (axis,), strip = panels(figure, 1, 1, 0.5)
    axis.axis("off")
    places = _places(sankey)
    axis.set_xlim(-0.3, 1.34)
    axis.set_ylim(max(y + h for _, y, h in places) + 0.03, -0.07)
    stages = max(node.stage for node in sankey.nodes)
    for stage in range(stages + 1):
        axis.text(_x(stage, stages), -0.03, language(STAGES[stage]), ha="center", fontsize=7.5, color="#555555")
    _ribbons(axis, sankey, places)
    for number, (node, (x, y, height)) in enumerate(zip(sankey.nodes, places, strict=True)):
        text = f"{_label(node.label, language)}  {_through(sankey, number):,.3f}"
        _node(axis, text, node.stage, stages, x, y, height)
    _legend(strip, sankey, language)
    title = language("Where the trillion went")
    below = language("payments with the programme less payments without it, trn yen")
    headline(figure, f"{title}: {below}", source)
    return figure


def _x(stage: int, stages: int) -> float:
    return stage / max(stages, 1)


def _label(label: str, language: Language) -> str:
    """A node's name; what follows its last comma is a remark of its own ("less paid")."""
    name, comma, remark = label.rpartition(", ")
    if comma and remark in language.words:
        return f"{language(name)}（{language(remark)}）"
    return language(label)


def _through(sankey: Sankey, node: int) -> float:
    """What passes through a node, trillion yen: the larger of what comes in and what goes out."""
    into = sum(link.amount_trn_yen for link in sankey.links if link.target == node)
    out = sum(link.amount_trn_yen for link in sankey.links if link.source == node)
    return max(into, out)


def _places(sankey: Sankey) -> list[tuple[float, float, float]]:
    """x, y and height of each node, (0 to 1); the fullest stage fills the height."""
    stages = max(node.stage for node in sankey.nodes)
    through = [_through(sankey, number) for number in range(len(sankey.nodes))]
    groups: dict[int, list[int]] = {}
    for number, node in enumerate(sankey.nodes):
        groups.setdefault(node.stage, []).append(number)
    room = min(
        (1.0 - _GAP * (len(group) - 1)) / max(sum(through[place] for place in group), 1e-12)
        for group in groups.values()
    )
    places = [(0.0, 0.0, 0.0)] * len(through)
    for stage, group in sorted(groups.items()):
        order = sorted(group, key=lambda place: (round(_height_of_sources(sankey, place, places), 6), -through[place]))
        total = room * sum(through[place] for place in order) + _GAP * (len(order) - 1)
        y = (1.0 - total) / 2.0
        for place in order:
            places[place] = (_x(stage, stages), y, room * through[place])
            y += room * through[place] + _GAP
    return places


def _height_of_sources(sankey: Sankey, node: int, places: list[tuple[float, float, float]]) -> float:
    """Mean place of what flows into a node, so that ribbons cross little; what has no source comes last."""
    into = [(link.amount_trn_yen, places[link.source]) for link in sankey.links if link.target == node]
    total = sum(amount for amount, _ in into)
    return sum(amount * (y + height / 2.0) for amount, (_, y, height) in into) / total if total else 2.0


def _ribbons(axis: Any, sankey: Sankey, places: list[tuple[float, float, float]]) -> None:
    colours = {layer.key: layer.colour for layer in LAYERS}
    room = max(height / max(_through(sankey, number), 1e-12) for number, (_, _, height) in enumerate(places))
    start, end = [y for _, y, _ in places], [y for _, y, _ in places]
    begins: dict[SankeyLink, float] = {}
    for link in sorted(sankey.links, key=lambda link: (places[link.source][1], places[link.target][1])):
        begins[link] = start[link.source]
        start[link.source] += room * link.amount_trn_yen
    for link in sorted(sankey.links, key=lambda link: (places[link.target][1], places[link.source][1])):
        x0, x1 = places[link.source][0] + _NODE_WIDTH / 2.0, places[link.target][0] - _NODE_WIDTH / 2.0
        high = room * link.amount_trn_yen
        _ribbon(axis, (x0, begins[link]), (x1, end[link.target]), high, colours[link.layer])
        end[link.target] += high


def _ribbon(axis: Any, begin: tuple[float, float], end: tuple[float, float], high: float, colour: str) -> None:
    share = np.linspace(0.0, 1.0, 60)
    upper = begin[1] + (end[1] - begin[1]) * share**2 * (3.0 - 2.0 * share)
    x = begin[0] + (end[0] - begin[0]) * share
    axis.fill_between(x, upper, upper + high, color=colour, alpha=0.55, linewidth=0.0)


def _node(axis: Any, text: str, stage: int, stages: int, x: float, y: float, height: float) -> None:
    # A thin bar has room for one line only.
    text = folded(text, 30) if height > 0.06 else text
    axis.add_patch(_box(x - _NODE_WIDTH / 2.0, y, _NODE_WIDTH, height))
    side, where = (-1.0, "right") if stage < stages / 2.0 else (1.0, "left")
    written = axis.text(
        x + side * 0.015, y + height / 2.0, text, ha=where, va="center", fontsize=6.8, color=INK, zorder=4
    )
    written.set_path_effects(halo())
    written.set_in_layout(False)


def _box(x: float, y: float, width: float, height: float) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), width, height, facecolor=INK, linewidth=0.0, zorder=3)


def _legend(strip: Any, sankey: Sankey, language: Language) -> None:
    from matplotlib.patches import Patch

    used = {link.layer for link in sankey.links}
    handles = [
        Patch(facecolor=layer.colour, alpha=0.55, label=language(layer.label)) for layer in LAYERS if layer.key in used
    ]
    legend = strip.legend(handles=handles, loc="upper left", ncols=4)
    # The strip's height is given: a wide legend must not squeeze the panels.
    legend.set_in_layout(False)
