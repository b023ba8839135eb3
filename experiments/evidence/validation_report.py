"""A validation as plain data, as Markdown and as a page that stands by itself."""

from __future__ import annotations

import html
import math
import re
from typing import Any

from itcho.experiments.evidence.seed_runs import how_they_ended
from itcho.experiments.evidence.stylised_facts import read_table
from itcho.experiments.evidence.validate import RULE, Row, Validation

COLOURS = {"met": "#009E73", "missed": "#D55E00", "by construction": "#8C8C8C", "not reached": "#8C8C8C"}

INTERVAL = "95% interval of the mean"
TARGETS_RULE = (
    "A target is met if the mean over seeds lies in its band, which is judged from the published figures beside it "
    "(ESRI: Economic and Social Research Institute, Cabinet Office; Q-JEM: Bank of Japan). Year 1 is the first twelve "
    "months; levels answer in percent of the twin, rates and ratios in points. Nothing in the model is fitted to them."
)

LONG_RUN_RULE = (
    "Facts of years and decades (from `gap-sd` on) are one estimate on all runs together, from years 2 to 10: annual "
    "figures, or changes of quarterly means, around their common mean; the interval is that of leaving out each run in "
    "turn. Nothing is chosen on ranges of years after 2020."
)


def validation_record(validation: Validation) -> dict[str, Any]:
    """Rows, targets, facts and counts as JSON can hold them; an open end of a range is null."""
    return {
        "rows": [_record(row) for row in validation.rows],
        "facts": [_record(row) for row in validation.facts],
        "targets": [_record(row) for row in validation.targets],
        "met": validation.count("met"),
        "missed": validation.count("missed"),
        "targets_met": validation.targets_met,
        "targets_total": len(validation.targets),
    }


def accounting_record(validation: Validation) -> dict[str, Any]:
    """The accounting and noise-off report as plain data."""
    checks = validation.accounting
    return {
        "runs": checks.runs,
        "months": checks.months,
        "max_relative_residual": checks.max_relative_residual,
        "same_bits_twice": checks.same_bits_twice,
        "idle_shock_same_bits": checks.idle_shock_same_bits,
        "noise_off": {
            row.id: _plain(row.noise_off)
            for row in (*validation.rows, *validation.targets)
            if math.isfinite(row.noise_off)
        },
        "failures": list(validation.failures),
    }


def _record(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "shock": row.shock,
        "published_low": _plain(row.low),
        "published_high": _plain(row.high),
        "source": row.source,
        "model_mean": _plain(row.estimate.mean),
        "model_low": _plain(row.estimate.low),
        "model_high": _plain(row.estimate.high),
        "seeds": row.estimate.seeds,
        "verdict": row.verdict,
        "outcome": row.outcome or None,
        "year": row.year,
    }


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None


def shown(value: float, decimals: int) -> str:
    """A figure for people; a dash if there is none."""
    return f"{value:.{decimals}f}".replace("-", "−") if math.isfinite(value) else "–"


def range_text(row: Row) -> str:
    """The published range."""
    if math.isinf(row.low):
        return f"below {row.high:g}".replace("-", "−")
    if math.isinf(row.high):
        return f"above {row.low:g}".replace("-", "−")
    return f"{row.low:g}" if row.low == row.high else f"{row.low:g} to {row.high:g}".replace("-", "−")


def interval_text(row: Row) -> str:
    """The 95% interval of the mean; a dash for figures without one."""
    if row.estimate.seeds < 2:
        return "–"
    return f"{shown(row.estimate.low, row.decimals)} to {shown(row.estimate.high, row.decimals)}"


def summary_line(validation: Validation) -> str:
    """How many rows are met, missed and by construction."""
    kinds = ("met", "missed", "by construction", "not reached")
    counts = {kind: sum(row.verdict == kind for row in (*validation.rows, *validation.facts)) for kind in kinds}
    return ", ".join(f"{count} {kind}" for kind, count in counts.items() if count) + "."


def targets_line(validation: Validation) -> str:
    """How many response targets are met, from which start, and which are missed."""
    total = len(validation.targets)
    missed = [row.id for row in validation.targets if row.verdict != "met"]
    names = f" Missed: {', '.join(missed)}." if missed else ""
    return f"Start {validation.start}: {validation.targets_met} of {total} response targets met.{names}"


def targets_section(validation: Validation) -> list[str]:
    """The response targets as Markdown, heading included."""
    heading = ("id", "shock", "response", "band", "likeliest", "model", INTERVAL, "noise off", "seeds", "verdict")
    return [
        "## Response targets",
        "",
        targets_line(validation),
        "",
        TARGETS_RULE,
        "",
        *_markdown_table(
            (*heading, "source"),
            [
                (
                    row.id,
                    row.shock,
                    f"{row.what}, {row.unit}",
                    range_text(row),
                    shown(row.central, row.decimals),
                    shown(row.estimate.mean, row.decimals),
                    interval_text(row),
                    shown(row.noise_off, row.decimals),
                    str(row.estimate.seeds),
                    _strong(row),
                    row.source,
                )
                for row in validation.targets
            ],
        ),
        "",
    ]


def accounting_lines(validation: Validation) -> list[str]:
    """The accounting and noise-off report in sentences."""
    checks, size = validation.accounting, validation.size
    lines = [
        f"Accounting: {checks.months:,} months of {checks.runs:,} runs closed; the largest residual of a row or column "
        f"is {checks.max_relative_residual:.1e} of its own gross flow.",
        f"Noise off: a run made twice is {'the same' if checks.same_bits_twice else 'NOT the same'} bit for bit; with "
        f"noise, a shock that does nothing {'changes no bit' if checks.idle_shock_same_bits else 'CHANGES the run'}.",
        f"Seeds: {size.pairs} pairs for responses, {size.runs} ten-year runs for facts and {size.frozen} with a frozen "
        f"policy rate, {size.graphs} large graphs, "
        f"{size.targets} five-year pairs for response targets.",
    ]
    if validation.failures:
        lines.append(f"{how_they_ended(validation.failures, checks.runs + len(validation.failures))}.")
    return lines + [f"Did not finish: {failure}" for failure in validation.failures]


def miss_lines(validation: Validation) -> list[str]:
    """A sentence or more on each row that misses: its cause, as far as it was found.

    A cause may be of a response target of one year, or of all years of its shock and outcome (the id without the year).
    """
    causes = {row["id"]: row["cause"] for row in read_table("miss_causes.csv")}
    return [
        f"{row.id}: {causes.get(row.id) or causes.get(id_without_year(row.id), 'no cause found yet.')}"
        for row in (*validation.rows, *validation.targets, *validation.facts)
        if row.verdict == "missed"
    ]


def id_without_year(name: str) -> str:
    """Id of a response target for all years of its shock and outcome.

    Examples
    --------
    >>> id_without_year("T-oil-real-GDP-y2")
    'T-oil-real-GDP'
    """
    return re.sub(r"-y\d+$", "", name)


def markdown(validation: Validation) -> str:
    """The report as Markdown."""
    parts = ["# Validation", "", summary_line(validation), "", RULE, "", "## Responses", ""]
    parts += _markdown_table(
        ("id", "response", "published", "model", INTERVAL, "noise off", "seeds", "verdict", "source"),
        [
            (
                row.id,
                f"{row.what}, {row.unit}",
                range_text(row),
                shown(row.estimate.mean, row.decimals),
                interval_text(row),
                shown(row.noise_off, row.decimals),
                str(row.estimate.seeds),
                _strong(row),
                row.source,
            )
            for row in validation.rows
        ],
    )
    parts.append("")
    if validation.targets:
        parts += targets_section(validation)
    parts += ["## Stylised facts", ""]
    same = "same estimator on Japan"
    parts += _markdown_table(
        ("id", "fact", "published", "range", "model", INTERVAL, same, "seeds", "verdict", "source and tolerance"),
        [
            (
                row.id,
                row.what if row.unit == "-" else f"{row.what}, {row.unit}",
                shown(row.published, 2),
                range_text(row),
                shown(row.estimate.mean, row.decimals),
                interval_text(row),
                shown(row.real, row.decimals),
                str(row.estimate.seeds),
                _strong(row),
                f"{row.source}; {row.tolerance}",
            )
            for row in validation.facts
        ],
    )
    parts += [
        "",
        "*Same estimator on Japan*: the mean over ten-year windows of quarterly figures, 1994-2019 (Cabinet Office, "
        "Statistics Bureau, Bank of Japan, Federal Reserve).",
        "",
        LONG_RUN_RULE,
        "",
    ]
    if misses := miss_lines(validation):
        parts += ["## What misses, and why", "", *(f"- {line}" for line in misses), ""]
    parts += ["## Accounting and noise off", ""]
    return "\n".join([*parts, *(f"- {line}" for line in accounting_lines(validation)), ""])


def _strong(row: Row) -> str:
    return f"**{row.verdict}**" if row.verdict == "missed" else row.verdict


def _markdown_table(heading: tuple[str, ...], lines: list[tuple[str, ...]]) -> list[str]:
    rows = [heading, tuple("---" for _ in heading), *lines]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]


_STYLE = """body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;color:#222}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;min-width:64rem;table-layout:fixed}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #ddd;vertical-align:top;overflow-wrap:break-word}
th.n,td.n{text-align:right}td.n,td.v{white-space:nowrap}td.v{font-weight:600}small{color:#555}
h1{margin-bottom:.2rem}col.p,col.m{width:10rem}col.b{width:13rem}col.s{width:4.5rem}col.v{width:9.5rem}"""


def html_page(validation: Validation) -> str:
    """The report as one HTML page that loads nothing."""
    body = [
        "<h1>Validation</h1>",
        f"<p><strong>{html.escape(summary_line(validation))}</strong> {html.escape(RULE)}</p>",
        "<p><small>Grey: published range; thin line: zero. Dot and bar: the model's mean and the 95% interval of the "
        "mean. Noise off: the same response on the one path without random shocks.</small></p>",
    ]
    if validation.targets:
        body.insert(2, f"<p>{html.escape(targets_line(validation))}</p>")
    groups = (
        ("Responses", validation.rows),
        ("Response targets", validation.targets),
        ("Stylised facts", validation.facts),
    )
    for title, rows in groups:
        if rows is validation.facts:
            body.append(f"<p><small>{html.escape(LONG_RUN_RULE.replace('`', ''))}</small></p>")
        body += [f"<h2>{title}</h2>", '<div class="wide"><table>', _COLUMNS, "<tbody>", *map(_html_row, rows)]
        body.append("</tbody></table></div>")
    if misses := miss_lines(validation):
        body += ["<h2>What misses, and why</h2><ul>", *(f"<li>{html.escape(line)}</li>" for line in misses), "</ul>"]
    body.append("<h2>Accounting and noise off</h2><ul>")
    body += [f"<li>{html.escape(line)}</li>" for line in accounting_lines(validation)]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>itcho: validation</title>'
        f"<style>{_STYLE}</style></head><body>\n" + "\n".join(body) + "\n</ul></body></html>\n"
    )


_COLUMNS = (
    '<colgroup><col><col class="p"><col class="m"><col class="b"><col class="s"><col class="v"></colgroup>'
    '<thead><tr><th>what</th><th class="n">published</th><th class="n">model</th><th></th>'
    '<th class="n">seeds</th><th>verdict</th></tr></thead>'
)


def _html_row(row: Row) -> str:
    notes = [f"{row.shock}: {row.source}"] if row.year is not None else [row.source]
    if math.isfinite(row.noise_off):
        notes.append(f"noise off {shown(row.noise_off, row.decimals)}")
    if math.isfinite(row.real):
        notes.append(f"same estimator on Japan {shown(row.real, row.decimals)}")
    unit = "" if row.unit == "-" or row.unit in row.what.split() else f", {row.unit}"
    figure = f"<br><small>figure {shown(row.published, 2)}</small>" if math.isfinite(row.published) else ""
    interval = f"<br><small>{interval_text(row)}</small>" if row.estimate.seeds > 1 else ""
    return (
        f"<tr><td><strong>{html.escape(row.id)}</strong><br>{html.escape(row.what + unit)}<br>"
        f"<small>{html.escape('; '.join(notes))}</small></td>"
        f'<td class="n">{range_text(row)}{figure}</td>'
        f'<td class="n">{shown(row.estimate.mean, row.decimals)}{interval}</td>'
        f'<td>{_bar(row)}</td><td class="n">{row.estimate.seeds}</td>'
        f'<td class="v" style="color:{COLOURS[row.verdict]}">{row.verdict}</td></tr>'
    )


def _bar(row: Row, width: int = 180) -> str:
    """Published range and model interval on one line, as SVG."""
    estimate = row.estimate
    ends = [x for x in (row.low, row.high, estimate.mean, estimate.low, estimate.high, 0.0) if math.isfinite(x)]
    least, most = min(ends), max(ends)
    span = (most - least) or 1.0
    least, most = least - 0.08 * span, most + 0.08 * span

    def place(value: float) -> float:
        return width * (min(max(value, least), most) - least) / (most - least)

    first, last = place(row.low), place(row.high)
    marks = [f'<rect x="{first:.1f}" y="4" width="{max(last - first, 2.0):.1f}" height="12" fill="#d8d8d8"/>']
    if least < 0.0 < most:
        marks.append(f'<line x1="{place(0):.1f}" x2="{place(0):.1f}" y1="0" y2="20" stroke="#999" stroke-width="1"/>')
    colour = COLOURS[row.verdict]
    if math.isfinite(estimate.low):
        bar = f'x1="{place(estimate.low):.1f}" x2="{place(estimate.high):.1f}" y1="10" y2="10"'
        marks.append(f'<line {bar} stroke="{colour}" stroke-width="3"/>')
    if math.isfinite(estimate.mean):
        marks.append(f'<circle cx="{place(estimate.mean):.1f}" cy="10" r="4" fill="{colour}"/>')
    return f'<svg width="{width}" height="20" role="img" aria-label="{row.verdict}">{"".join(marks)}</svg>'
