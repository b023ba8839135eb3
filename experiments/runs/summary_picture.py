"""One picture of a run, eight panels, for a reader who has a minute."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from itcho.experiments.studies.fiscal_years import MONTHS, by_fiscal_year, year_name
from itcho.model.measure.outcomes import OUTCOMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's colours, which the colour-blind can tell apart.
BLUE, ORANGE, GREEN, VERMILION, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#8C8C8C"
DOTS_PER_INCH = 110
LTV_LIMITS_PCT = (25.0, 35.0)


def summary_picture(
    monthly: pd.DataFrame, daily: pd.DataFrame, title: str, without_programme: pd.DataFrame | None = None
) -> bytes:
    """Draw a run.

    Parameters
    ----------
    monthly, daily : the run's tables.
    title : scenario, policy and seed.
    without_programme : the monthly table of the twin, drawn dashed in grey where one line stands alone.

    Returns
    -------
    The picture as PNG.
    """
    figure = Figure(figsize=(15.0, 7.6), dpi=DOTS_PER_INCH)
    canvas = FigureCanvasAgg(figure)
    panels = figure.subplots(2, 4).ravel()
    months = calendar_years(monthly["month"])
    twin = None if without_programme is None else without_programme.set_axis(months)
    run = monthly.set_axis(months)

    _yen(panels[0], run, daily)
    _lines(panels[1], run, {"gov_debt_to_gdp_pct": ("", BLUE)}, "General government gross debt", "% of GDP", twin)
    _deficit(panels[2], monthly)
    _rates(panels[3], run)
    prices = {
        "cpi_yoy_pct": (OUTCOMES["cpi_yoy_pct"].label, VERMILION),
        "real_gdp_growth_pct": (OUTCOMES["real_gdp_growth_pct"].label, BLUE),
    }
    _lines(panels[4], run, prices, "Inflation and growth", "%, on a year before")
    _legend(panels[4])
    panels[4].axhline(0.0, color=GREY, linewidth=0.8)
    _adoption(panels[5], run, twin)
    _lines(
        panels[6],
        run,
        {"chip_imports_trn_yen": ("", BLUE)},
        "Imports of chips and computers",
        "trn yen, last 12 months",
        twin,
    )
    panels[6].set_ylim(bottom=0.0)
    _softbank(panels[7], run, twin)

    for panel in panels:
        _finish(panel, float(months[0]), float(months[-1]))
    figure.suptitle(f"itcho: {title}", x=0.04, ha="left", fontsize=14, fontweight="bold")
    if twin is not None:
        figure.text(0.96, 0.965, "dashed grey: same seed, no programme", ha="right", color="#555555", fontsize=10)
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
    """Monthly outcomes as lines; the twin's first outcome behind them."""
    panel.set_title(title, loc="left", fontsize=10.5)
    panel.set_ylabel(unit, fontsize=9)
    for name, (label, colour) in shown.items():
        if twin is not None:
            panel.plot(twin.index, twin[name], color=GREY, linewidth=1.0, linestyle="--", zorder=1)
        panel.plot(run.index, run[name], color=colour, linewidth=1.6, label=label or None)


def _yen(panel: Axes, run: pd.DataFrame, daily: pd.DataFrame) -> None:
    panel.set_title("USD/JPY (up = weaker yen)", loc="left", fontsize=10.5)
    panel.set_ylabel("yen per dollar", fontsize=9)
    sessions = daily["session"] / daily["session"].max()
    when = calendar_years(daily["month"].str[:7]) + sessions / 12.0
    panel.plot(when, daily["usdjpy"], color=BLUE, linewidth=0.5, alpha=0.6, label="each session")
    panel.plot(run.index, run["usdjpy_average"], color=VERMILION, linewidth=1.4, label="mean of the month")
    _legend(panel)


def _deficit(panel: Axes, monthly: pd.DataFrame) -> None:
    years = by_fiscal_year(monthly)
    panel.set_title("Central government by fiscal year", loc="left", fontsize=10.5)
    panel.set_ylabel("trn yen", fontsize=9)
    middle = years.index + 0.75  # fiscal years begin in April
    bars = panel.bar(middle, years["deficit_trn_yen_fy"], width=0.7, color=ORANGE, label="deficit")
    for bar, (year, months) in zip(bars, years["months"].items(), strict=True):
        if months < MONTHS:
            bar.set(facecolor="none", edgecolor=ORANGE, hatch="//")
            where = (bar.get_x(), bar.get_height())
            panel.annotate(year_name(int(str(year)), int(months)), where, fontsize=7.5, rotation=90, va="bottom")
    if "primary_balance_trn_yen_fy" in years:
        balance = years["primary_balance_trn_yen_fy"]
        panel.plot(middle, balance, color=BLUE, marker="o", markersize=3, label="primary balance")
    panel.axhline(0.0, color=GREY, linewidth=0.8)
    _legend(panel)


def _rates(panel: Axes, run: pd.DataFrame) -> None:
    shown = {"jgb_30y_pct": ("30-year", GREEN), "jgb_10y_pct": ("10-year", BLUE), "jgb_2y_pct": ("2-year", ORANGE)}
    _lines(panel, run, {name: how for name, how in shown.items() if name in run}, "JGB yields and policy rate", "%")
    panel.step(run.index, run["policy_rate_pct"], where="mid", color="black", linewidth=1.2, label="policy rate")
    _legend(panel)


def _adoption(panel: Axes, run: pd.DataFrame, twin: pd.DataFrame | None) -> None:
    shown = {
        "adoption_pct": ("firms that use AI", GREEN),
        "domestic_ai_share_home_pct": ("domestic models", BLUE),
    }
    _lines(panel, run, shown, "AI use, and whose models", "% of firms; % of spending", twin)
    panel.set_ylim(0.0, 100.0)
    _legend(panel)
    panel.set_yticks(range(0, 101, 20))


def _softbank(panel: Axes, run: pd.DataFrame, twin: pd.DataFrame | None) -> None:
    _lines(panel, run, {"softbank_ltv_pct": ("", BLUE)}, "SoftBank Group, loan to value", "%", twin)
    for limit in LTV_LIMITS_PCT:
        panel.axhline(limit, color=VERMILION, linewidth=0.9, linestyle=":")
        label = f"own limit {limit:.0f}%"
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
