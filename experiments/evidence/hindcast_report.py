"""What `itcho validate --hindcast` does, prints and keeps: scores, the fan by quarter, and a page with pictures."""

from __future__ import annotations

import base64
import html
import io
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from itcho.agents.errors import InputError
from itcho.experiments.cli.errors import Mistakes
from itcho.experiments.languages import ENGLISH, Words, words
from itcho.experiments.progress import progress
from itcho.experiments.runs.run_spec import OPTION
from itcho.experiments.whole_files import check_folder, write_files
from itcho.model.measure.outcomes import OUTCOMES
from itcho.model.sizes import number_mistakes

if TYPE_CHECKING:
    from itcho.experiments.evidence.hindcast import Hindcast, HindcastSeries
    from itcho.experiments.evidence.hindcast_files import QuarterlyFigures
    from itcho.experiments.forecasts.uncertainty import ParameterMode

UNITS = {
    "usdjpy": "yen",
    "nominal_gdp_trn_yen": "growth, % at annual rate",
    "chip_imports_trn_yen": "trn yen a quarter",
}
"""Units of quarterly figures that are not those of the monthly outcome."""
SOME_FAILED = 1
HEADINGS = (
    "series",
    "track",
    "quarters",
    "in 50%",
    "in 90%",
    *("CRPS", "RW", "AR(1)", "last month"),
    *("RMSE", "RW", "AR(1)", "last month"),
)
READING = (
    "In 50% and 90%: share of quarters inside the model's bands. CRPS and RMSE (of the median) are in the unit of the "
    "series, lower is better; RW is a random walk, AR(1) an autoregression on the history given, last month no change "
    "from the price of the day that the start state knows. Conditional: the US policy rate is given; unconditional: "
    "nothing is."
)
PIT_READING = (
    "Where what happened lies in the fan: quarters in each tenth. An even row is right; much at the ends says that the "
    "fan is too narrow, much in the middle that it is too wide, much on one side that it leans."
)


def hindcast_and_show(
    *,
    start: str,
    actuals: Path | None,
    history: Path | None,
    seeds: int | None,
    quick: bool,
    out: Path | None,
    workers: int,
    parameters: ParameterMode,
    as_json: bool,
    lang: str = "en",
) -> None:
    """Run and score a hindcast, print it, keep it in ``out``; code 1 if runs failed.

    Raises
    ------
    InputError : listing all mistakes at once.
    """
    from itcho.experiments.evidence.hindcast import (
        LEAST_SEEDS,
        QUICK_SEEDS,
        SEEDS,
        hindcast,
        hindcast_record,
        plan_hindcast,
        tracks_of,
    )

    say = words(lang)
    number = seeds if seeds is not None else QUICK_SEEDS if quick else SEEDS
    mistakes = Mistakes()
    for message in [*number_mistakes(OPTION, LEAST_SEEDS, seeds=number, workers=workers), *check_folder(out)]:
        mistakes.add(message)
    happened, before = _files(start, actuals, history, mistakes)
    plan = None
    if happened is not None and not mistakes.messages:
        with mistakes.caught():
            plan = plan_hindcast(start, happened, before)
    mistakes.raise_if_any()
    assert plan is not None
    runs = number * len(tracks_of(plan))
    with progress(f"Hindcast, {runs} runs of {plan.months} months", runs) as advance:
        try:
            result = hindcast(plan, number, workers, advance, parameters)
        except ValueError as error:
            raise InputError([str(error)]) from None
    record = _json(hindcast_record(result))
    if out is not None:
        write_files(
            {
                out / "hindcast.json": record + "\n",
                out / "hindcast.csv": fan_csv(result),
                out / "hindcast.md": markdown(result, say),
                out / "hindcast.html": html_page(result, say),
            }
        )
    if as_json:
        print(record)
    else:
        _show(result, out, say)
    if result.failures:
        raise typer.Exit(SOME_FAILED)


def _files(
    start: str, actuals: Path | None, history: Path | None, mistakes: Mistakes
) -> tuple[QuarterlyFigures | None, QuarterlyFigures | None]:
    """Both files, with the mistakes of both and of the start noted."""
    from itcho.experiments.evidence.hindcast_files import COLUMNS, read_quarterly
    from itcho.model.start_states import load

    with mistakes.caught():
        load(start)
    happened = before = None
    if actuals is None:
        mistakes.add(f"--hindcast needs --actuals FILE, a table of quarters: date, and any of {', '.join(COLUMNS)}")
    else:
        with mistakes.caught():
            happened = read_quarterly(actuals)
    if history is not None:
        with mistakes.caught():
            before = read_quarterly(history)
    return happened, before


def _json(record: object) -> str:
    return json.dumps(record, indent=2, allow_nan=False, ensure_ascii=False)


def _labelled(name: str, say: Words = ENGLISH) -> tuple[str, int]:
    """Label with unit, and decimals, of an outcome's quarterly figures."""
    outcome = OUTCOMES[name]
    unit = say(UNITS.get(name, outcome.unit))
    return say("{what}, {unit}", what=say.outcome(name), unit=unit), outcome.decimals


def shown(value: float | None, decimals: int) -> str:
    """A figure for people; a dash if there is none."""
    return "–" if value is None or not math.isfinite(value) else f"{value:.{decimals}f}".replace("-", "−")


def score_cells(series: HindcastSeries, say: Words = ENGLISH) -> tuple[str, ...]:
    """One row of the table of scores, in the order of :data:`HEADINGS`."""
    label, decimals = _labelled(series.name, say)
    scores = series.scores()

    def share(name: str) -> str:
        return f"{100.0 * (scores[name] or 0.0):.0f}%"

    order = [f"{kind}{score}" for score in ("crps", "rmse") for kind in ("", "rw_", "ar1_", "last_month_")]
    figures = (shown(scores[name], decimals + 1) for name in order)
    return (
        label,
        say(series.track),
        str(len(series.quarters)),
        share("coverage_50"),
        share("coverage_90"),
        *figures,
    )


def fan_csv(result: Hindcast) -> str:
    """The fan by quarter beside what happened and the naive forecasts."""
    lines = [
        "series,track,quarter,actual,p05,p25,median,p75,p95,random_walk,random_walk_sd,ar1,ar1_sd,last_month,last_month_sd"
    ]
    for series in result.series:
        columns = [series.actuals, *(series.percentile(at) for at in (5, 25, 50, 75, 95))]
        for place, quarter in enumerate(series.quarters):
            cells = [f"{column[place]:.6g}" for column in columns]
            for naive in (series.random_walk, series.autoregression, series.last_month):
                cells += [f"{naive.mean[place]:.6g}", f"{naive.sd[place]:.6g}"] if naive is not None else ["", ""]
            lines.append(",".join([series.name, series.track, f"{quarter}-01", *cells]))
    return "\n".join(lines) + "\n"


def title_of(result: Hindcast, say: Words = ENGLISH) -> str:
    """What was run."""
    return say(
        "Hindcast from {start}: {seeds} runs, policy {policy}, parameters {parameters}",
        start=result.start,
        seeds=result.seeds,
        policy=result.policy,
        parameters=say(result.parameters),
    )


def markdown(result: Hindcast, say: Words = ENGLISH) -> str:
    """The hindcast as Markdown: scores, then every quarter."""
    scores = _table(_said(HEADINGS, say), [score_cells(one, say) for one in result.series])
    lines = [f"# {title_of(result, say)}", "", say(READING), "", *scores]
    lines += ["", *(f"- {note}" for note in _remarks(result, say))]
    lines += ["", f"## {say('Where what happened lies')}", "", say(PIT_READING), ""]
    lines += _table(_said(PIT_HEADINGS, say), [pit_cells(one, say) for one in result.series])
    for series in result.series:
        label, decimals = _labelled(series.name, say)
        lines += ["", f"## {say('{what}: {track}', what=label, track=say(series.track))}", ""]
        lines += _table(_said(QUARTER_HEADINGS, say), quarter_cells(series, decimals, say))
    return "\n".join(lines) + "\n"


def _said(headings: tuple[str, ...], say: Words) -> tuple[str, ...]:
    return tuple(say(heading) for heading in headings)


def quarter_cells(series: HindcastSeries, decimals: int, say: Words = ENGLISH) -> list[tuple[str, ...]]:
    """Quarter, what happened, and the fan."""
    low, lower, middle, upper, high = (series.percentile(at) for at in (5, 25, 50, 75, 95))
    return [
        (
            quarter_name(str(quarter)),
            shown(series.actuals[place], decimals),
            shown(middle[place], decimals),
            say("{low} to {high}", low=shown(lower[place], decimals), high=shown(upper[place], decimals)),
            say("{low} to {high}", low=shown(low[place], decimals), high=shown(high[place], decimals)),
        )
        for place, quarter in enumerate(series.quarters)
    ]


QUARTER_HEADINGS = ("quarter", "actual", "median", "50% band", "90% band")
PIT_HEADINGS = ("series", "track", *(f"{10 * tenth}-{10 * tenth + 10}%" for tenth in range(10)))


def pit_cells(series: HindcastSeries, say: Words = ENGLISH) -> tuple[str, ...]:
    """One row of the table of where what happened lies."""
    return say.outcome(series.name), say(series.track), *map(str, series.pit())


def quarter_name(month: str) -> str:
    """Such as ``2024 Q2`` for ``2024-04``."""
    return f"{month[:4]} Q{(int(month[5:7]) + 2) // 3}"


def _remarks(result: Hindcast, say: Words) -> list[str]:
    return [*map(say, result.notes), *(say("Failed: {what}", what=failure) for failure in result.failures)]


def _table(heading: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    lines = [heading, tuple("---" for _ in heading), *rows]
    return ["| " + " | ".join(cells) + " |" for cells in lines]


_STYLE = """body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:66rem;padding:0 1rem;color:#222}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{padding:.3rem .6rem;text-align:right;
border-bottom:1px solid #ddd;white-space:nowrap}th:first-child,td:first-child{text-align:left}
small{color:#555}h1{margin-bottom:.2rem}img{max-width:100%;height:auto}"""


def html_page(result: Hindcast, say: Words = ENGLISH) -> str:
    """The hindcast as one page that loads nothing."""
    from itcho.experiments.figures.language import language_or_english
    from itcho.experiments.figures.style import lettered

    tongue = language_or_english(say.code)
    with lettered(tongue):
        picture = base64.b64encode(fan_picture(result, tongue)).decode("ascii")
        histograms = base64.b64encode(pit_picture(result, tongue)).decode("ascii")
    names = say.listed(dict.fromkeys(say.outcome(one.name) for one in result.series))
    fans = html.escape(say("Fans of {names} against what happened", names=names))
    lies = html.escape(say("Histograms of where what happened lies"))
    body = [
        f"<h1>{html.escape(title_of(result, say))}</h1>",
        f"<p><small>{html.escape(say(READING))}</small></p>",
        _html_table(_said(HEADINGS, say), [score_cells(one, say) for one in result.series]),
        f'<p><img alt="{fans}" src="data:image/png;base64,{picture}"></p>',
        "<ul>" + "".join(f"<li>{html.escape(note)}</li>" for note in _remarks(result, say)) + "</ul>",
        f"<h2>{say('Where what happened lies')}</h2>",
        f"<p><small>{html.escape(say(PIT_READING))}</small></p>",
        f'<p><img alt="{lies}" src="data:image/png;base64,{histograms}"></p>',
        _html_table(_said(PIT_HEADINGS, say), [pit_cells(one, say) for one in result.series]),
    ]
    for series in result.series:
        label, decimals = _labelled(series.name, say)
        title = say("{what}: {track}", what=label, track=say(series.track))
        body += [f"<h2>{title}</h2>", _html_table(_said(QUARTER_HEADINGS, say), quarter_cells(series, decimals, say))]
    return (
        f'<!DOCTYPE html>\n<html lang="{say.code}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{say('itcho: hindcast')}</title>"
        f"<style>{_STYLE}</style></head><body>\n" + "\n".join(body) + "\n</body></html>\n"
    )


def _html_table(heading: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in heading)
    lines = ("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'


def fan_picture(result: Hindcast, say: Words = ENGLISH) -> bytes:
    """One panel for each series: bands of 50% and 90%, the median, what happened and the random walk; PNG."""
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns = min(2, len(result.series))
    lines = -(-len(result.series) // columns)
    figure = Figure(figsize=(5.4 * columns, 3.2 * lines + 0.4), dpi=110)
    canvas = FigureCanvasAgg(figure)
    panels = np.atleast_1d(figure.subplots(lines, columns)).ravel()
    for panel, series in zip(panels, result.series, strict=False):
        label, _ = _labelled(series.name, say)
        at = np.array([quarter - series.quarters[0] for quarter in series.quarters]) / 3.0
        panel.fill_between(at, series.percentile(5), series.percentile(95), color="#0072B2", alpha=0.15, linewidth=0)
        panel.fill_between(at, series.percentile(25), series.percentile(75), color="#0072B2", alpha=0.3, linewidth=0)
        panel.plot(at, series.median, color="#0072B2", label=say("model: median, 50% and 90%"))
        if series.random_walk is not None:
            panel.plot(at, series.random_walk.mean, color="#8C8C8C", linestyle="--", label=say("random walk"))
        panel.plot(at, series.actuals, color="#D55E00", marker="o", markersize=4, label=say("what happened"))
        panel.set_title(say("{what}: {track}", what=label, track=say(series.track)), loc="left", fontsize=9)
        every = max(1, -(-len(at) // 5))
        names = [quarter_name(str(quarter)) for quarter in series.quarters]
        panel.set_xticks(at[::every], names[::every], fontsize=8)
        panel.tick_params(axis="y", labelsize=8)
        for side in ("top", "right"):
            panel.spines[side].set_visible(False)
    panels[0].legend(frameon=False, fontsize=8)
    for panel in panels[len(result.series) :]:
        panel.set_visible(False)
    figure.tight_layout()
    buffer = io.BytesIO()
    canvas.print_png(buffer)
    return buffer.getvalue()


def pit_picture(result: Hindcast, say: Words = ENGLISH) -> bytes:
    """One panel for each series: quarters in each tenth of the fan, and what an even row would have; PNG."""
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns = min(3, len(result.series))
    lines = -(-len(result.series) // columns)
    figure = Figure(figsize=(3.6 * columns, 2.2 * lines + 0.3), dpi=110)
    canvas = FigureCanvasAgg(figure)
    panels = np.atleast_1d(figure.subplots(lines, columns)).ravel()
    tenths = np.arange(10) / 10.0 + 0.05
    for panel, series in zip(panels, result.series, strict=False):
        panel.bar(tenths, series.pit(), width=0.09, color="#0072B2")
        panel.axhline(len(series.quarters) / 10.0, color="#8C8C8C", linestyle="--")
        title = say("{what}: {track}", what=say.outcome(series.name), track=say(series.track))
        panel.set_title(title, loc="left", fontsize=9)
        panel.tick_params(labelsize=8)
        for side in ("top", "right"):
            panel.spines[side].set_visible(False)
    for panel in panels[len(result.series) :]:
        panel.set_visible(False)
    figure.tight_layout()
    buffer = io.BytesIO()
    canvas.print_png(buffer)
    return buffer.getvalue()


def _show(result: Hindcast, out: Path | None, say: Words) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    console.print(title_of(result, say), style="bold")
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for place, heading in enumerate(HEADINGS):
        table.add_column(say(heading), justify="right" if place > 1 else "left", no_wrap=True)
    for series in result.series:
        table.add_row(say.outcome(series.name), *score_cells(series, say)[1:])
    console.print(table)
    console.print(say(READING), style="dim")
    for note in result.notes:
        console.print(say(note), style="dim")
    for failure in result.failures:
        console.print(say("FAILED  {what}", what=failure), style="bold red", soft_wrap=True)
    if out is not None:
        files = "hindcast.html, hindcast.md, hindcast.csv, hindcast.json"
        console.print(say("Kept in {folder}: {files}", folder=out, files=files), style="dim", soft_wrap=True)
