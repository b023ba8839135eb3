"""Who moved the yen: each fiscal year's change of USD/JPY, stacked by whose orders moved it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from itcho.experiments.figures.language import ENGLISH, Language
from itcho.experiments.figures.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    headline,
    new_figure,
    whole_years,
)
from itcho.experiments.studies.fiscal_years import fiscal_year_of_months, parts_of_years
from itcho.model.finance.foreign_exchange import ATTRIBUTION

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class ClientGroup:
    """Clients that are drawn as one.

    Attributes
    ----------
    label : how it is shown.
    colour : one of Okabe and Ito's, or grey.
    parts : columns of the attribution table.
    """

    label: str
    colour: str
    parts: tuple[str, ...]


CLIENT_GROUPS = (
    ClientGroup("Goods trade and income", BLUE, ("goods_trade", "income_and_transfers")),
    ClientGroup("Chips and AI services", SKY, ("chip_imports", "ai_services")),
    ClientGroup(
        "Investors",
        GREEN,
        (
            *("households_and_funds", "insurers_and_pensions", "banks", "direct_investment"),
            *("foreign_investors", "added_agents"),
        ),
    ),
    ClientGroup("SoftBank", VERMILION, ("softbank",)),
    ClientGroup(
        "Traders and dealers",
        ORANGE,
        ("carry_traders", "fundamentalists", "chartists", "dealers_reversal", "held_by_dealers"),
    ),
    ClientGroup("Intervention", PURPLE, ("intervention",)),
    ClientGroup("Common shocks", GREY, ("news",)),
)
"""Six net groups and, last, the shocks that are common to a world and its twin.

Their order and colours hold for figures, pages and the view.  Every part of the attribution
stands in exactly one group, so that bars add up to the change."""
if sorted(part for group in CLIENT_GROUPS for part in group.parts) != sorted(ATTRIBUTION):
    raise RuntimeError("CLIENT_GROUPS must hold each part of the attribution once")


def yen_by_group(attribution: pd.DataFrame) -> pd.DataFrame:
    """Log percent by fiscal year (rows) and label of the group (columns); + is a weaker yen.

    Parameters
    ----------
    attribution : column ``month`` of ISO dates, then log points by client; ``added_agents`` may be left out.
    """
    years = fiscal_year_of_months(attribution["month"]).rename("fiscal_year")
    sums = 100.0 * attribution.reindex(columns=list(ATTRIBUTION), fill_value=0.0).groupby(years).sum()
    return pd.DataFrame({group.label: sums[list(group.parts)].sum(axis=1) for group in CLIENT_GROUPS})


def attribution_figure(
    attribution: pd.DataFrame,
    source: str,
    without_programme: pd.DataFrame | None = None,
    language: Language = ENGLISH,
) -> Figure:
    """Draw the run, and below it what the programme changed if its twin is given; call inside ``style.paper``."""
    tables = [(yen_by_group(attribution), language("change of USD/JPY, log %\n(up: weaker yen)"))]
    if without_programme is not None:
        change = tables[0][0] - yen_by_group(without_programme)
        tables.append((change, language("programme less no programme,\nlog percentage points")))
    figure = new_figure(height=2.9 if len(tables) == 1 else 4.8)
    axes = figure.subplots(len(tables), 1, sharex=True, squeeze=False)[:, 0]
    for axis, (table, label) in zip(axes, tables, strict=True):
        stacked(axis, table, language)
        axis.set_ylabel(label)
    whole_years(axes[-1], [int(year) for year in tables[0][0].index], most=12)
    parts = parts_of_years(attribution["month"])
    axes[-1].set_xlabel(language("fiscal year") + (f"; {parts}" if parts else ""))
    handles = {name: drawn for axis in axes for drawn, name in zip(*axis.get_legend_handles_labels(), strict=True)}
    order = [language(group.label) for group in CLIENT_GROUPS] + [language("all together")]
    shown = [name for name in order if name in handles]
    figure.legend([handles[name] for name in shown], shown, loc="outside right upper", alignment="left")
    headline(figure, language("Who moved the yen"), source)
    return figure


def stacked(axis: Any, table: pd.DataFrame, language: Language = ENGLISH) -> None:
    """Bars of a table of :func:`yen_by_group`, positive parts upwards and negative ones downwards, with their sum."""
    years = table.index.to_numpy()
    above, below = np.zeros(len(years)), np.zeros(len(years))
    for group in CLIENT_GROUPS:
        if not table[group.label].any():
            continue
        values = table[group.label].to_numpy()
        start = np.where(values >= 0.0, above, below)
        axis.bar(
            years, values, bottom=start, width=0.72, color=group.colour, edgecolor="white", linewidth=0.3,
            label=language(group.label),
        )  # fmt: skip
        above, below = above + np.maximum(values, 0.0), below + np.minimum(values, 0.0)
    axis.plot(
        years, table.sum(axis=1), color="black", marker="D", markersize=4.0, markerfacecolor="white", linewidth=1.0,
        label=language("all together"),
    )  # fmt: skip
    axis.axhline(0.0, color="black", linewidth=0.7)
    axis.grid(axis="y")
