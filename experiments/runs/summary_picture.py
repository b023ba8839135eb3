"""One picture of a run, eight panels, for a reader who has a minute."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from itcho.experiments.figures.language import ENGLISH, Language
from itcho.experiments.figures.style import paper
from itcho.experiments.studies.fiscal_years import MONTHS, by_fiscal_year, year_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's colours, which the colour-blind can tell apart.
BLUE, ORANGE, GREEN, VERMILION, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#8C8C8C"
DOTS_PER_INCH = 110
LTV_LIMITS_PCT = (25.0, 35.0)
INK = "#1D2733"
TWIN: dict[str, Any] = {"color": INK, "linewidth": 1.0, "linestyle": (0, (3, 2)), "zorder": 4}
"""How a twin is drawn: thin and dashed over the run, so that both are seen where they are one."""


def summary_picture(
    monthly: pd.DataFrame,
    daily: pd.DataFrame,
    title: str,
    without_programme: pd.DataFrame | None = None,
    language: Language = ENGLISH,
) -> bytes:
    """Draw a run.

    Parameters
    ----------
    monthly, daily : the run's tables.
    title : scenario, policy and seed.
    without_programme : the monthly table of the twin, drawn dashed.

    Returns
    -------
    The picture as PNG.
    """
    with paper(language):
        return _drawn(monthly, daily, title, without_programme, language)


def _drawn(
    monthly: pd.DataFrame, daily: pd.DataFrame, title: str, without: pd.DataFrame | None, language: Language
) -> bytes:
    figure = Figure(figsize=(15.0, 7.6), dpi=DOTS_PER_INCH)
    canvas = FigureCanvasAgg(figure)
    panels = figure.subplots(2, 4).ravel()
    months = calendar_years(monthly["month"])
    twin = None if without is None else without.set_axis(months)
    run = monthly.set_axis(months)
    said = language

    _yen(panels[0], run, daily, twin, said)
    debt = {"gov_debt_to_gdp_pct": ("", BLUE)}
    _lines(panels[1], run, debt, said.outcome("gov_debt_to_gdp_pct"), said.unit("gov_debt_to_gdp_pct"), twin)
    _deficit(panels[2], monthly, without, said)
    _rates(panels[3], run, twin, said)
    prices = {
        "cpi_yoy_pct": (said.outcome("cpi_yoy_pct"), VERMILION),
        "real_gdp_growth_pct": (said.outcome("real_gdp_growth_pct"), BLUE),
    }
    _lines(panels[4], run, prices, said("Inflation and growth"), said("%, on a year before"), twin)
    _legend(panels[4])
    panels[4].axhline(0.0, color=GREY, linewidth=0.8)
    _adoption(panels[5], run, twin, said)
    chips = "chip_imports_trn_yen"
    _lines(panels[6], run, {chips: ("", BLUE)}, said.outcome(chips), said("trn yen, last 12 months"), twin)
    panels[6].set_ylim(bottom=0.0)
    _softbank(panels[7], run, twin, said)

    for panel in panels:
        _finish(panel, float(months[0]), float(months[-1]))
    figure.suptitle(f"itcho: {title}", x=0.04, ha="left", fontsize=14)
    if twin is not None:
        figure.text(0.96, 0.965, said("dashed: same seed, no programme"), ha="right", color="#555555", fontsize=10)
    # Fixed margins: measuring every label would cost more than all the drawing.
    figure.subplots_adjust(left=0.045, right=0.985, top=0.89, bottom=0.06, wspace=0.24, hspace=0.32)
    buffer = io.BytesIO()
    canvas.print_png(buffer)
    return buffer.getvalue()


def calendar_years(dates: pd.Series) -> np.ndarray:
    """ISO dates as decimal calendar years at the month's (or the day's) place in the year.

    Examples
    --------
    >>> calendar_years(pd.Series(["2026-07-01", "2027-01"])).tolist()
    [2026.5, 2027.0]
    """
    text = dates.astype(str)
    year, month = text.str[:4].astype(float), text.str[5:7].astype(float)
    day = pd.to_numeric(text.str[8:10], errors="coerce").fillna(1.0)
    return (year + (month - 1.0) / 12.0 + (day - 1.0) / 372.0).to_numpy()


def _lines(
    panel: Axes,
    run: pd.DataFrame,
    shown: dict[str, tuple[str, str]],
    title: str,
    unit: str,
    twin: pd.DataFrame | None = None,
) -> None:
    """Monthly outcomes as lines; the twin's over them, dashed and darker, so that it is seen where the two are one."""
    panel.set_title(title, loc="left", fontsize=10.5)
    panel.set_ylabel(unit, fontsize=9)
    for name, (label, colour) in shown.items():
        panel.plot(run.index, run[name], color=colour, linewidth=2.0, alpha=0.75, label=label or None)
        if twin is not None:
            panel.plot(twin.index, twin[name], **TWIN)


def _yen(panel: Axes, run: pd.DataFrame, daily: pd.DataFrame, twin: pd.DataFrame | None, said: Language) -> None:
    panel.set_title(f"{said.outcome('usdjpy')} ({said('up: weaker yen')})", loc="left", fontsize=10.5)
    panel.set_ylabel(said.unit("usdjpy"), fontsize=9)
    sessions = daily["session"] / daily["session"].max()
    when = calendar_years(daily["month"].str[:7]) + sessions / 12.0
    panel.plot(when, daily["usdjpy"], color=BLUE, linewidth=0.5, alpha=0.6, label=said("each session"))
    panel.plot(run.index, run["usdjpy_average"], color=VERMILION, linewidth=1.6, label=said("mean of the month"))
    if twin is not None:
        panel.plot(twin.index, twin["usdjpy_average"], **TWIN)
    _legend(panel)


def _deficit(panel: Axes, monthly: pd.DataFrame, without: pd.DataFrame | None, said: Language) -> None:
    years = by_fiscal_year(monthly)
    panel.set_title(said("Central government by fiscal year"), loc="left", fontsize=10.5)
    panel.set_ylabel(said("trn yen"), fontsize=9)
    middle = years.index + 0.75  # fiscal years begin in April
    bars = panel.bar(middle, years["deficit_trn_yen_fy"], width=0.7, color=ORANGE, label=said("deficit"))
    for bar, (year, months) in zip(bars, years["months"].items(), strict=True):
        if months < MONTHS:
            bar.set(facecolor="none", edgecolor=ORANGE, hatch="//")
            where = (bar.get_x(), bar.get_height())
            panel.annotate(year_name(int(str(year)), int(months)), where, fontsize=7.5, rotation=90, va="bottom")
    if without is not None:
        amounts = by_fiscal_year(without)["deficit_trn_yen_fy"]
        panel.hlines(amounts, middle - 0.35, middle + 0.35, color=INK, linewidth=1.0, linestyle=(0, (3, 2)))
    if "primary_balance_trn_yen_fy" in years:
        balance = years["primary_balance_trn_yen_fy"]
        panel.plot(middle, balance, color=BLUE, marker="o", markersize=3, label=said("primary balance"))
    panel.axhline(0.0, color=GREY, linewidth=0.8)
    _legend(panel)


def _rates(panel: Axes, run: pd.DataFrame, twin: pd.DataFrame | None, said: Language) -> None:
    shown = {
        "jgb_30y_pct": (said("30-year"), GREEN),
        "jgb_10y_pct": (said("10-year"), BLUE),
        "jgb_2y_pct": (said("2-year"), ORANGE),
    }
    held = {name: how for name, how in shown.items() if name in run}
    _lines(panel, run, held, said("JGB yields and policy rate"), "%", twin)
    label = said("policy rate")
    panel.step(run.index, run["policy_rate_pct"], where="mid", color="black", linewidth=1.2, label=label)
    _legend(panel)


def _adoption(panel: Axes, run: pd.DataFrame, twin: pd.DataFrame | None, said: Language) -> None:
    shown = {
        "adoption_pct": (said("firms that use AI"), GREEN),
        "domestic_ai_share_home_pct": (said("domestic models"), BLUE),
    }
    _lines(panel, run, shown, said("AI use, and whose models"), said("% of firms; % of spending"), twin)
    panel.set_ylim(0.0, 100.0)
    _legend(panel)
    panel.set_yticks(range(0, 101, 20))


def _softbank(panel: Axes, run: pd.DataFrame, twin: pd.DataFrame | None, said: Language) -> None:
    _lines(panel, run, {"softbank_ltv_pct": ("", BLUE)}, said.outcome("softbank_ltv_pct"), "%", twin)
    for limit in LTV_LIMITS_PCT:
        panel.axhline(limit, color=VERMILION, linewidth=0.9, linestyle=":")
        label = said("own limit {limit}%", limit=f"{limit:.0f}")
        where = ("axes fraction", "data")
        panel.annotate(label, (0.01, limit), xycoords=where, va="bottom", fontsize=8, color=VERMILION)
    panel.set_ylim(0.0, max(LTV_LIMITS_PCT[-1] * 1.15, 1.05 * float(run["softbank_ltv_pct"].max())))


def _legend(panel: Axes) -> None:
    """A legend in room of its own above the lines, so that it hides none of them."""
    low, high = panel.get_ylim()
    panel.set_ylim(low, high + 0.22 * (high - low))
    panel.legend(fontsize=8.5, frameon=False, loc="upper left", ncols=2, columnspacing=1.2, borderaxespad=0.1)


def _finish(panel: Axes, first: float, last: float) -> None:
    """What all panels share: whole years below, no box, a light grid."""
    panel.set_xlim(first, last + 0.1)
    step = max(1, int(np.ceil((last - first) / 5.0)))
    ticks = np.arange(np.ceil(first), last + 0.1, step)
    panel.set_xticks(ticks, [f"{tick:.0f}" for tick in ticks])
    panel.tick_params(labelsize=8.5)
    panel.grid(axis="y", color="#E5E5E5", linewidth=0.7)
    panel.set_axisbelow(True)
    for side in ("top", "right"):
        panel.spines[side].set_visible(False)
