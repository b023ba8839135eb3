"""The network of agents on paper: who paid whom in a fiscal year, in the columns of the live picture."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np

from itcho.experiments.figures.language import ENGLISH, Language
from itcho.experiments.figures.style import INK, PAGE_WIDTH_INCHES, RULE, folded, halo, headline, new_figure, panels
from itcho.experiments.view.kinds import LAYERS
from itcho.experiments.view.layout import COLUMNS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from itcho.experiments.view.frames import Scene

_WIDEST_POINTS = 5.0
_MOST_DOTS = 180
_GOLDEN_ANGLE = np.pi * (3.0 - np.sqrt(5.0))


def network_figure(
    scene: Scene,
    edges: pd.DataFrame,
    sizes: np.ndarray[Any, np.dtype[np.float64]],
    title: str,
    source: str,
    layers: Collection[str] | None = None,
    language: Language = ENGLISH,
) -> Figure:
    """Draw one picture; call inside ``style.paper``.

    Parameters
    ----------
    scene : who stands where.
    edges : ``payer, payee, instrument, purpose, amount_trn_yen`` of the time that is drawn.
    sizes : (nodes,) financial assets, trillion yen.
    layers : kinds of flow to draw; default those that the live picture shows at first.
    """
    from itcho.experiments.view.kinds import layer_of

    wanted = {layer.key for layer in LAYERS if layer.shown} if layers is None else set(layers)
    kinds = [layer_of(*pair) for pair in zip(edges["instrument"], edges["purpose"], strict=True)]
    sums = edges.assign(layer=kinds).groupby(["layer", "payer", "payee"], as_index=False)["amount_trn_yen"].sum()
    inside = sums["payer"].isin(scene.id_of) & sums["payee"].isin(scene.id_of) & (sums["payer"] != sums["payee"])
    drawn = sums[inside & sums["layer"].isin(wanted)].sort_values("amount_trn_yen")
    figure = new_figure(PAGE_WIDTH_INCHES * 1.45, 6.6)
    (axis,), strip = panels(figure, 1, 1, 0.62)
    axis.set_xlim(-0.03, 1.045)
    axis.set_ylim(1.03, -0.05)
    axis.axis("off")
    for column in COLUMNS:
        axis.plot([column.x, column.x], [0.0, 1.0], color=RULE, linewidth=0.7, zorder=0)
        axis.text(column.x, -0.02, language(column.label), ha="center", va="bottom", fontsize=7, color="#555555")
    _links(axis, scene)
    _edges(axis, scene, drawn)
    _nodes(axis, scene, sizes, language)
    _legend(strip, drawn, language)
    left = sums[inside & ~sums["layer"].isin(wanted)]
    notes = [*scene.not_drawn]
    if len(left):
        kinds_left = left["layer"].nunique()
        notes.append(f"{len(left)} edges of {kinds_left} other kinds are left out.")
    headline(figure, title, "\n".join([" ".join(notes), source]))
    return figure


def _links(axis: Any, scene: Scene) -> None:
    """The graph itself: a hairline for each of its edges, paid on or not."""
    from matplotlib.collections import LineCollection

    spots = [(node.x, node.y) for node in scene.nodes]
    lines = [(spots[link.source], spots[link.target]) for link in scene.links]
    axis.add_collection(LineCollection(lines, colors=RULE, linewidths=0.35, zorder=0.5), autolim=False)


def _edges(axis: Any, scene: Scene, drawn: pd.DataFrame) -> None:
    from matplotlib.patches import FancyArrowPatch

    colours = {layer.key: layer.colour for layer in LAYERS}
    largest = drawn.groupby("layer")["amount_trn_yen"].max().to_dict()
    ends = (drawn[name].astype(str).tolist() for name in ("layer", "payer", "payee"))
    for layer, source, target, amount in zip(*ends, drawn["amount_trn_yen"].tolist(), strict=True):
        payer, payee = scene.nodes[scene.id_of[source]], scene.nodes[scene.id_of[target]]
        share = float(np.sqrt(amount / largest[layer]))
        if share * _WIDEST_POINTS < 0.15:
            continue
        far = np.hypot(payee.x - payer.x, payee.y - payer.y)
        bend = 0.3 if payer.column == payee.column else min(0.16, 0.03 / max(far, 0.05) + 0.06)
        arrow = FancyArrowPatch(
            (payer.x, payer.y), (payee.x, payee.y), connectionstyle=f"arc3,rad={bend}", color=colours[layer],
            linewidth=0.25 + _WIDEST_POINTS * share, alpha=0.25 + 0.4 * share, arrowstyle="-|>",
            mutation_scale=5.0 + 5.0 * share, shrinkA=3.0, shrinkB=6.0, zorder=1, capstyle="round",
        )  # fmt: skip
        axis.add_patch(arrow)


def _nodes(axis: Any, scene: Scene, sizes: np.ndarray[Any, np.dtype[np.float64]], language: Language) -> None:
    # Radius as in the live picture: assets to the power 0.2, so that a firm and the whole of the banks both show.
    radius = np.maximum(2.6, 3.3 * np.maximum(sizes, 0.0) ** 0.2)
    for node, r in zip(scene.nodes, radius.tolist(), strict=True):
        if node.members:
            count = min(node.members, _MOST_DOTS)
            turn, out = np.arange(count) * _GOLDEN_ANGLE, np.sqrt((np.arange(count) + 0.5) / count) * (r + 5.0)
            spots = np.column_stack([out * np.cos(turn), out * np.sin(turn)])
            _dots(axis, node.x, node.y, spots)
        else:
            axis.plot(
                [node.x], [node.y], marker="o", markersize=2.0 * r, color="#F4F6F8", markeredgecolor=INK,
                markeredgewidth=0.9, zorder=3,
            )  # fmt: skip
        text = language(node.label) + (f" ({node.members:,})" if node.members else "")
        below = r + (6.0 if node.members else 1.5)
        label = axis.annotate(
            folded(text), (node.x, node.y), (0.0, -below), textcoords="offset points", ha="center", va="top",
            fontsize=5.8, color=INK, zorder=5, linespacing=1.05,
        )  # fmt: skip
        label.set_path_effects(halo())


def _dots(axis: Any, x: float, y: float, spots: np.ndarray[Any, np.dtype[np.float64]]) -> None:
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path
    from matplotlib.transforms import Affine2D, IdentityTransform, ScaledTranslation

    figure = axis.figure
    place = Affine2D().scale(1.0 / 72.0) + figure.dpi_scale_trans + ScaledTranslation(x, y, axis.transData)
    dots = PathCollection(
        [Path.circle(radius=0.5)], sizes=None, offsets=spots, offset_transform=place, facecolors=INK, alpha=0.55,
        linewidths=0, zorder=3, transform=IdentityTransform(),
    )  # fmt: skip
    dots.set_sizes([1.1])
    axis.add_collection(dots, autolim=False)


def _legend(strip: Any, drawn: pd.DataFrame, language: Language) -> None:
    from matplotlib.lines import Line2D

    largest, total = (drawn.groupby("layer")["amount_trn_yen"].agg(how).to_dict() for how in ("max", "sum"))
    unit = language("trn yen")
    handles = [
        Line2D(
            [], [], color=layer.colour, linewidth=3.0,
            label=f"{language(layer.label)}: {total[layer.key]:,.3g} {unit}, "
            f"≤ {largest[layer.key]:,.2g}",
        )
        for layer in LAYERS
        if layer.key in total
    ]  # fmt: skip
    title = language("width: amount within a kind of flow, from payer to payee")
    title += "; " + language("circle: financial assets; dots: members booked together")
    legend = strip.legend(handles=handles, loc="upper left", ncols=3, title=title, alignment="left", title_fontsize=7)
    # The strip's height is given: a wide legend must not squeeze the panels.
    legend.set_in_layout(False)
