"""A validation as plain data, as Markdown and as a page that stands by itself."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Sequence
from typing import Any

from itcho.experiments.evidence.seed_runs import how_they_ended
from itcho.experiments.evidence.stylised_facts import read_table
from itcho.experiments.evidence.validate import RULE, Row, Validation
from itcho.experiments.languages import ENGLISH, Words

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


def range_text(row: Row, say: Words = ENGLISH) -> str:
    """The published range."""
    low, high = (f"{end:g}".replace("-", "−") for end in (row.low, row.high))
    if math.isinf(row.low):
        return say("below {high}", high=high)
    if math.isinf(row.high):
        return say("above {low}", low=low)
    return f"{row.low:g}" if row.low == row.high else say("{low} to {high}", low=low, high=high)


def interval_text(row: Row, say: Words = ENGLISH) -> str:
    """The 95% interval of the mean; a dash for figures without one."""
    if row.estimate.seeds < 2:
        return "–"
    low, high = (shown(end, row.decimals) for end in (row.estimate.low, row.estimate.high))
    return say("{low} to {high}", low=low, high=high)


def what_of(row: Row, say: Words = ENGLISH) -> str:
    """What a row measures; of response targets the outcome and the year."""
    if row.year is None:
        return say(row.what)
    return say("{outcome}, year {year}", outcome=say.outcome(row.outcome), year=row.year)


def _with_unit(row: Row, say: Words) -> str:
    return say("{what}, {unit}", what=what_of(row, say), unit=say(row.unit))


def summary_line(validation: Validation, say: Words = ENGLISH) -> str:
    """How many rows are met, missed and by construction."""
    kinds = ("met", "missed", "by construction", "not reached")
    counts = {kind: sum(row.verdict == kind for row in (*validation.rows, *validation.facts)) for kind in kinds}
    return say.counted(counts) + say(".")


def targets_line(validation: Validation, say: Words = ENGLISH) -> str:
    """How many response targets are met, from which start, and which are missed."""
    total = len(validation.targets)
    missed = [row.id for row in validation.targets if row.verdict != "met"]
    said = say(
        "Start {start}: {met} of {total} response targets met.",
        start=validation.start,
        met=validation.targets_met,
        total=total,
    )
    return say.sentences([said, *([say("Missed: {names}.", names=say.listed(missed))] if missed else [])])


def targets_section(validation: Validation, say: Words = ENGLISH) -> list[str]:
    """The response targets as Markdown, heading included."""
    heading = ("id", "shock", "response", "band", "likeliest", "model", INTERVAL, "noise off", "seeds", "verdict")
    return [
        f"## {say('Response targets')}",
        "",
        targets_line(validation, say),
        "",
        say(TARGETS_RULE),
        "",
        *_markdown_table(
            _headings((*heading, "source"), say),
            [
                (
                    row.id,
                    row.shock,
                    _with_unit(row, say),
                    range_text(row, say),
                    shown(row.central, row.decimals),
                    shown(row.estimate.mean, row.decimals),
                    interval_text(row, say),
                    shown(row.noise_off, row.decimals),
                    str(row.estimate.seeds),
                    _strong(row, say),
                    row.source,
                )
                for row in validation.targets
            ],
        ),
        "",
    ]


def accounting_lines(validation: Validation, say: Words = ENGLISH) -> list[str]:
    """The accounting and noise-off report in sentences."""
    checks, size = validation.accounting, validation.size
    twice = "the same" if checks.same_bits_twice else "NOT the same"
    idle = "changes no bit" if checks.idle_shock_same_bits else "CHANGES the run"
    lines = [
        say(
            "Accounting: {months} months of {runs} runs closed; the largest residual of a row or column is {residual} "
            "of its own gross flow.",
            months=f"{checks.months:,}",
            runs=f"{checks.runs:,}",
            residual=f"{checks.max_relative_residual:.1e}",
        ),
        say(
            "Noise off: a run made twice is {twice} bit for bit; with noise, a shock that does nothing {idle}.",
            twice=say(twice),
            idle=say(idle),
        ),
        say(
            "Seeds: {pairs} pairs for responses, {runs} ten-year runs for facts and {frozen} with a frozen policy "
            "rate, {graphs} large graphs, {targets} five-year pairs for response targets.",
            pairs=size.pairs,
            runs=size.runs,
            frozen=size.frozen,
            graphs=size.graphs,
            targets=size.targets,
        ),
    ]
    if validation.failures:
        ended = how_they_ended(validation.failures, checks.runs + len(validation.failures), say)
        lines.append(ended + say("."))
    return lines + [say("Did not finish: {what}", what=failure) for failure in validation.failures]


def miss_lines(validation: Validation, say: Words = ENGLISH) -> list[str]:
    """A sentence or more on each row that misses: its cause, as far as it was found.

    A cause may be of a response target of one year, or of all years of its shock and outcome (the id without the year).
    """
    causes = {row["id"]: row["cause"] for row in read_table("miss_causes.csv")}
    return [
        f"{row.id}: {say(causes.get(row.id) or causes.get(id_without_year(row.id), 'no cause found yet.'))}"
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


def markdown(validation: Validation, say: Words = ENGLISH) -> str:
    """The report as Markdown, in a language."""
    parts = [f"# {say('Validation')}", "", summary_line(validation, say), "", say(RULE), ""]
    parts += [*in_english(say), f"## {say('Responses')}", ""]
    heading = ("id", "response", "published", "model", INTERVAL, "noise off", "seeds", "verdict", "source")
    parts += _markdown_table(
        _headings(heading, say),
        [
            (
                row.id,
                _with_unit(row, say),
                range_text(row, say),
                shown(row.estimate.mean, row.decimals),
                interval_text(row, say),
                shown(row.noise_off, row.decimals),
                str(row.estimate.seeds),
                _strong(row, say),
                row.source,
            )
            for row in validation.rows
        ],
    )
    parts.append("")
    if validation.targets:
        parts += targets_section(validation, say)
    parts += [f"## {say('Stylised facts')}", ""]
    same = "same estimator on Japan"
    columns = ("id", "fact", "published", "range", "model", INTERVAL, same, "seeds", "verdict", "source and tolerance")
    parts += _markdown_table(
        _headings(columns, say),
        [
            (
                row.id,
                what_of(row, say) if row.unit == "-" else _with_unit(row, say),
                shown(row.published, 2),
                range_text(row, say),
                shown(row.estimate.mean, row.decimals),
                interval_text(row, say),
                shown(row.real, row.decimals),
                str(row.estimate.seeds),
                _strong(row, say),
                f"{row.source}; {row.tolerance}",
            )
            for row in validation.facts
        ],
    )
    parts += [
        "",
        say(
            "*Same estimator on Japan*: the mean over ten-year windows of quarterly figures, 1994-2019 (Cabinet "
            "Office, Statistics Bureau, Bank of Japan, Federal Reserve)."
        ),
        "",
        say(LONG_RUN_RULE),
        "",
    ]
    if misses := miss_lines(validation, say):
        parts += [f"## {say('What misses, and why')}", "", *(f"- {line}" for line in misses), ""]
    parts += [f"## {say('Accounting and noise off')}", ""]
    return "\n".join([*parts, *(f"- {line}" for line in accounting_lines(validation, say)), ""])


def in_english(say: Words) -> list[str]:
    """In other languages: that sources stand as they were published, with an empty line; nothing in English."""
    return [] if say.code == "en" else [say("Sources and tolerances are in English."), ""]


def _headings(heading: Sequence[str], say: Words) -> tuple[str, ...]:
    return tuple(say(text) for text in heading)


def _strong(row: Row, say: Words) -> str:
    return f"**{say(row.verdict)}**" if row.verdict == "missed" else say(row.verdict)


def _markdown_table(heading: tuple[str, ...], lines: list[tuple[str, ...]]) -> list[str]:
    rows = [heading, tuple("---" for _ in heading), *lines]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]


_STYLE = """body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;color:#222}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;min-width:64rem;table-layout:fixed}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #ddd;vertical-align:top;overflow-wrap:break-word}
th.n,td.n{text-align:right}td.n,td.v{white-space:nowrap}td.v{font-weight:600}small{color:#555}
h1{margin-bottom:.2rem}col.p,col.m{width:10rem}col.b{width:13rem}col.s{width:4.5rem}col.v{width:9.5rem}"""


def html_page(validation: Validation, say: Words = ENGLISH) -> str:
    """The report as one HTML page that loads nothing, in a language."""
    reading = say(
        "Grey: published range; thin line: zero. Dot and bar: the model's mean and the 95% interval of the mean. Noise "
        "off: the same response on the one path without random shocks."
    )
    body = [
        f"<h1>{say('Validation')}</h1>",
        f"<p><strong>{html.escape(summary_line(validation, say))}</strong> {html.escape(say(RULE))}</p>",
        f"<p><small>{reading}</small></p>",
        *(f"<p><small>{line}</small></p>" for line in in_english(say) if line),
    ]
    if validation.targets:
        body.insert(2, f"<p>{html.escape(targets_line(validation, say))}</p>")
    groups = (
        ("Responses", validation.rows),
        ("Response targets", validation.targets),
        ("Stylised facts", validation.facts),
    )
    for title, rows in groups:
        if rows is validation.facts:
            body.append(f"<p><small>{html.escape(say(LONG_RUN_RULE).replace('`', ''))}</small></p>")
        body += [f"<h2>{say(title)}</h2>", '<div class="wide"><table>', _columns(say), "<tbody>"]
        body += [*(_html_row(row, say) for row in rows), "</tbody></table></div>"]
    if misses := miss_lines(validation, say):
        heading = say("What misses, and why")
        body += [f"<h2>{heading}</h2><ul>", *(f"<li>{html.escape(line)}</li>" for line in misses), "</ul>"]
    body.append(f"<h2>{say('Accounting and noise off')}</h2><ul>")
    body += [f"<li>{html.escape(line)}</li>" for line in accounting_lines(validation, say)]
    return (
        f'<!DOCTYPE html>\n<html lang="{say.code}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{say('itcho: validation')}</title>"
        f"<style>{_STYLE}</style></head><body>\n" + "\n".join(body) + "\n</ul></body></html>\n"
    )


def _columns(say: Words) -> str:
    return (
        '<colgroup><col><col class="p"><col class="m"><col class="b"><col class="s"><col class="v"></colgroup>'
        f'<thead><tr><th>{say("what")}</th><th class="n">{say("published")}</th><th class="n">{say("model")}</th>'
        f'<th></th><th class="n">{say("seeds")}</th><th>{say("verdict")}</th></tr></thead>'
    )


def _html_row(row: Row, say: Words) -> str:
    notes = [f"{row.shock}: {row.source}"] if row.year is not None else [row.source]
    if math.isfinite(row.noise_off):
        notes.append(say("noise off {value}", value=shown(row.noise_off, row.decimals)))
    if math.isfinite(row.real):
        notes.append(say("same estimator on Japan {value}", value=shown(row.real, row.decimals)))
    what = what_of(row, say) if row.unit == "-" or row.unit in row.what.split() else _with_unit(row, say)
    published = say("figure {value}", value=shown(row.published, 2))
    figure = f"<br><small>{published}</small>" if math.isfinite(row.published) else ""
    interval = f"<br><small>{interval_text(row, say)}</small>" if row.estimate.seeds > 1 else ""
    return (
        f"<tr><td><strong>{html.escape(row.id)}</strong><br>{html.escape(what)}<br>"
        f"<small>{html.escape('; '.join(notes))}</small></td>"
        f'<td class="n">{range_text(row, say)}{figure}</td>'
        f'<td class="n">{shown(row.estimate.mean, row.decimals)}{interval}</td>'
        f'<td>{_bar(row, say)}</td><td class="n">{row.estimate.seeds}</td>'
        f'<td class="v" style="color:{COLOURS[row.verdict]}">{say(row.verdict)}</td></tr>'
    )


def _bar(row: Row, say: Words, width: int = 180) -> str:
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
    return f'<svg width="{width}" height="20" role="img" aria-label="{say(row.verdict)}">{"".join(marks)}</svg>'
