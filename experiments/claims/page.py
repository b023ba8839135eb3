"""Answers as plain data, as Markdown and as pictures."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any

from itcho.experiments.claims.claim import FACT_VERDICTS, MODEL_VERDICTS, Answer
from itcho.experiments.claims.effects import DOSE_NEEDED, DOSES, MEDIAN, WITHOUT_EFFECT, case_label
from itcho.experiments.claims.registry import EFFECTS, FACTS, LEVELS, MECHANISMS, entry
from itcho.experiments.figures.language import ENGLISH as PLAIN
from itcho.experiments.figures.language import Language
from itcho.experiments.figures.style import lettered
from itcho.experiments.languages import ENGLISH, Words

COLOURS = {
    "true": "#009E73",
    "holds": "#009E73",
    "partly": "#E69F00",
    "dated": "#E69F00",
    "depends on definition": "#E69F00",
    "cannot-tell": "#8C8C8C",
    "fails": "#D55E00",
    "false": "#D55E00",
}
GROUPS = {
    "Facts": FACTS,
    "Levels": LEVELS,
    "Effects": EFFECTS,
    "Mechanisms, tails, rules and decompositions": MECHANISMS,
}
RULES = {
    "Facts": "Held against published figures. True: the figure of every definition listed agrees; depends on "
    "definition: some do; dated: only an earlier publication does; else false.",
    "Levels": "Probability of the claimed range under the baseline, over seeds and uncertain parameters. Holds from "
    "50%, fails below 10%, else partly. The figure is the middle run, its interval holds 95% of the runs.",
    "Effects": "Mean of paired runs with common random numbers, and its 95% interval. Holds if the interval lies in "
    "the claimed range; partly if the sign is right and the size is not; fails if the sign is wrong, or if zero is "
    "inside and the half-width is below a quarter of the claim; else cannot-tell.",
    "Mechanisms, tails, rules and decompositions": "Each by the experiment that could have refuted it.",
}
TOLERANCE = (
    "A single figure means ±10% of it (USD/JPY ±2.5 yen; shares and ratios at least ±0.5 points). A level that is "
    "filed as an effect is read as the change it implies; calendar years are calendar years."
)
REMAKE = "itcho claims --out docs"
PICTURE = "Verdicts, and effects as a part of what is claimed"
REASONS = "Reasons from published figures and experiments, what is known and some labels are in English."
"""Said in other languages: these texts are made of figures, case by case."""


def answer_record(answer: Answer) -> dict[str, Any]:
    """An answer as JSON can hold it."""
    return {
        "id": answer.claim.id,
        "kind": answer.claim.kind,
        "verdict": answer.verdict,
        "model": _plain(answer.model),
        "low": _plain(answer.low),
        "high": _plain(answer.high),
        "unit": answer.unit,
        "probability": _plain(answer.probability),
        "why": answer.why,
    }


def claims_record(answers: Sequence[Answer]) -> dict[str, Any]:
    """All answers as JSON can hold them."""
    return {"claims": [answer_record(answer) for answer in answers]}


def _plain(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def number(value: float | None) -> str:
    """A figure for people, about four digits; a dash if there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    size = abs(value)
    text = f"{value:,.0f}" if size >= 1000.0 else f"{value:.4g}" if size >= 100.0 else f"{value:.3g}"
    return text.replace("-", "−")


def figure_text(answer: Answer, say: Words = ENGLISH) -> str:
    """An answer's figure with unit, interval and probability, as far as it has them."""
    unit = say(plain_unit(answer.unit))
    parts = [f"{number(answer.model)} {unit}".strip()] if answer.model is not None else []
    if answer.low is not None and answer.high is not None:
        parts.append(f"({_ends(answer.low, answer.high, say)})")
    if answer.probability is not None:
        parts.append(f"p = {answer.probability:.2f}")
    if answer.claim.kind in EFFECTS and answer.model is not None:
        rows = {row[0]: row[1] for row in answer.table}
        share = f"{rows[WITHOUT_EFFECT] or 0.0:.0%}"
        parts.append(say("median {median}, zero in {share} of pairs", median=number(rows[MEDIAN]), share=share))
    return " ".join(parts) or "–"


def _ends(low: float | None, high: float | None, say: Words) -> str:
    return say("{low} to {high}", low=number(low), high=number(high)) if low is not None else "–"


def plain_unit(unit: str) -> str:
    """A unit for people."""
    return {"pct": "%", "-": ""}.get(unit, unit.replace("_", " ").replace("usd", "USD"))


def counts(answers: Sequence[Answer], say: Words = ENGLISH) -> str:
    """How many answers have each verdict, in one sentence."""
    verdicts = [answer.verdict for answer in answers]
    found = {verdict: verdicts.count(verdict) for verdict in (*FACT_VERDICTS, *MODEL_VERDICTS)}
    return say("{count} answers: {verdicts}.", count=len(answers), verdicts=say.counted(found))


def markdown(answers: Sequence[Answer], effort: str, picture: str | None, say: Words = ENGLISH) -> str:
    """The page of all answers, in a language.

    Parameters
    ----------
    effort : one sentence on how much was run.
    picture : file name of the summary picture beside the page, if there is one.
    """
    remake = REMAKE if say.code == "en" else f"{REMAKE} --lang {say.code}"
    again = say("`{command}` writes this page again.", command=remake)
    parts = [f"# {say('Claims')}", "", say.sentences([counts(answers, say), effort, again]), "", say(TOLERANCE), ""]
    if say.code != "en":
        parts += [say(REASONS), ""]
    if picture is not None:
        parts += [f"![{say(PICTURE)}]({picture})", ""]
    for title, kinds in GROUPS.items():
        group = [answer for answer in answers if answer.claim.kind in kinds]
        if not group:
            continue
        parts += [f"## {say(title)}", "", say(RULES[title]), ""]
        heading = [say(text) for text in ("id", "kind", "claim", "verdict", "figure", "why")]
        rows = [
            (
                f"`{one.claim.id}`",
                say(one.claim.kind),
                say(one.claim.claim),
                f"**{say(one.verdict)}**",
                figure_text(one, say),
                say.made(one.why),
            )
            for one in group
        ]
        parts += [*_table(heading, rows), ""]
    parts += [*_dose_response(answers, say), f"## {say('In full')}", ""]
    for answer in answers:
        parts += explanation(answer, say)
    return "\n".join(parts)


def _dose_response(answers: Sequence[Answer], say: Words) -> list[str]:
    """Table of mean effects by dose, credibility channel off and on; empty if no answer has one."""
    cases = [(dose, on) for on in (False, True) for dose in DOSES]
    rows = []
    for answer in answers:
        found = {row[0].split(" (")[0]: row for row in answer.table}
        if answer.claim.kind not in EFFECTS or answer.model is None:
            continue
        dosed = case_label(DOSES[0], False) in found
        cells = [
            found.get(case_label(dose if dosed else None, on)) if dosed or dose == 1.0 else None for dose, on in cases
        ]
        needed = found.get(DOSE_NEEDED)
        values = [number(cell[1]) if cell is not None else "–" for cell in cells]
        unit = say(plain_unit(answer.unit))
        rows.append((f"`{answer.claim.id}`", unit, *values, number(needed[1]) if needed else "–"))
    if not rows:
        return []
    dosed_on = (say("×{dose}, on", dose=f"{dose:g}") for dose in DOSES)
    heading = [say("effect"), say("unit"), *(f"×{dose:g}" for dose in DOSES), *dosed_on, say(DOSE_NEEDED)]
    what = say(
        "Mean effects by dose of the programme, times the announced amounts, with the credibility channel off and "
        "*on*; where two arms both have the programme, the dose is that of both. Intervals are in the full answers."
    )
    return [f"## {say('Dose-response')}", "", what, "", *_table(heading, rows), ""]


def explanation(answer: Answer, say: Words = ENGLISH) -> list[str]:
    """One answer in full, as lines of Markdown."""
    claim = answer.claim
    filed = entry(claim.id)
    verdict = f"**{say(answer.verdict).capitalize()}{say('.')}**"
    lines = [f"### {claim.id}, {say(claim.kind)}", "", f"{say(claim.claim)} {verdict} {say.made(answer.why)}", ""]
    said = list(dict.fromkeys(number(end) for end in (claim.low, claim.high) if end is not None))
    wanted = say("{low} to {high}", low=said[0], high=said[1]) if len(said) == 2 else "".join(said)
    when = [f"{wanted} {say(plain_unit(claim.unit))}"] * bool(wanted) + [say(claim.period)]
    claimed = say("Claimed: {what} ({title})", what=say.listed(when), title=claim.source_title)
    lines.append(f"- {claimed}")
    lines += [f"- {say('Read as: {what}', what=say(filed.note))}"] if filed.note else []
    lines += [f"- {say('Known: {what}', what=claim.known)}"] if claim.known and claim.kind not in FACTS else []
    lines += [f"- {say.made(note)}" for note in answer.notes] + [""]
    if answer.table:
        rows = [
            (say.made(label), number(value), _ends(low, high, say), plain_unit(unit))
            for label, value, low, high, unit in answer.table
        ]
        lines += [*_table([say(text) for text in TABLE_HEADINGS], rows), ""]
    return lines


TABLE_HEADINGS = ("what", "figure", "95% interval", "unit")


def _table(heading: Sequence[str], lines: Sequence[Sequence[str]]) -> list[str]:
    rows = [tuple(heading), tuple("---" for _ in heading), *map(tuple, lines)]
    return ["| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in row) + " |" for row in rows]


def summary_picture(answers: Sequence[Answer], language: Language = PLAIN) -> bytes:
    """Verdicts by group, and each effect with a figure as a part of what is claimed; PNG."""
    with lettered(language):
        return _summary_picture(answers, language)


def _summary_picture(answers: Sequence[Answer], say: Words) -> bytes:
    figure, canvas = _figure(11.0, 6.2)
    left, right = figure.subplots(1, 2, width_ratios=(1.0, 1.6))
    for place, kinds in enumerate(GROUPS.values()):
        first = 0
        group = [answer.verdict for answer in answers if answer.claim.kind in kinds]
        for verdict, colour in COLOURS.items():
            count = group.count(verdict)
            if count:
                left.barh(place, count, left=first, color=colour, edgecolor="white")
                text = f"{count}\n{say(verdict)}" if count > 2 else str(count)
                left.text(first + count / 2.0, place, text, ha="center", va="center", fontsize=6.5)
                first += count
    left.set_yticks(range(len(GROUPS)), [say(title).replace(", rules", ",\nrules") for title in GROUPS], fontsize=8)
    left.invert_yaxis()
    left.set_title(say("Verdicts"), loc="left", fontsize=10)
    colours = say("green: true or holds; amber: partly, dated or by definition; grey: cannot-tell; red: no")
    left.set_xlabel(colours, fontsize=6.5)
    rows = [one for one in answers if one.claim.kind in EFFECTS and one.model is not None and _claimed_size(one) > 0.0]
    for place, one in enumerate(rows):
        size = _claimed_size(one) * (-1.0 if (one.claim.high or 0.0) <= 0.0 else 1.0)
        ends = sorted((end or 0.0) / size for end in (one.low, one.high))
        right.plot(ends, [place, place], color=COLOURS[one.verdict], linewidth=3)
        right.plot([(one.model or 0.0) / size], [place], "o", color=COLOURS[one.verdict])
    right.set_xscale("symlog", linthresh=0.01)
    right.axvline(1.0, color="#333333", linewidth=1.0)
    right.axvline(0.0, color="#8C8C8C", linewidth=0.8)
    right.set_yticks(range(len(rows)), [one.claim.id for one in rows], fontsize=8)
    right.invert_yaxis()
    right.set_title(say("Effects over what is claimed (1 = as claimed), 95% interval"), loc="left", fontsize=10)
    return _png(figure, canvas)


def _claimed_size(answer: Answer) -> float:
    ends = [abs(end) for end in (answer.claim.low, answer.claim.high) if end]
    return min(ends) if ends else 0.0


def answer_picture(answer: Answer, language: Language = PLAIN) -> bytes:
    """An answer's lines over time, its dose-response, or the bars of its table; PNG."""
    with lettered(language):
        return _answer_picture(answer, language)


def _answer_picture(answer: Answer, say: Language) -> bytes:
    doses = {name: path for name, path in answer.paths.items() if name.startswith("dose-response")}
    lines = {name: path for name, path in answer.paths.items() if name not in doses}
    panels = [draw for draw, wanted in ((_draw_lines, lines), (_draw_doses, doses)) if wanted]
    figure, canvas = _figure(5.6 * max(1, len(panels)), 4.0)
    axes = figure.subplots(1, max(1, len(panels)), squeeze=False)[0]
    for draw, axis in zip(panels, axes, strict=False):
        draw(axis, lines if draw is _draw_lines else doses, say(plain_unit(answer.unit)), say)
    if not panels:
        _draw_bars(axes[0], answer, say)
    title, weight = f"{answer.claim.id}: {say(answer.verdict)}", "normal" if say.fonts else "bold"
    figure.suptitle(title, x=0.02, ha="left", fontsize=11, fontweight=weight)
    return _png(figure, canvas)


def _draw_lines(axis: Any, lines: dict[str, Any], unit: str, say: Words) -> None:
    lines = dict(lines)
    if {"low", "middle", "high"} <= lines.keys():
        (x, low), (_, middle), (_, high) = (lines.pop(name) for name in ("low", "middle", "high"))
        axis.fill_between(x, low, high, color="#0072B2", alpha=0.25, linewidth=0, label=say("95% interval"))
        axis.plot(x, middle, color="#0072B2", label=say("middle"))
    for name, (x, y) in lines.items():
        claimed = name.startswith("claimed")
        axis.plot(
            x, y, label=say(name) if claimed else name, **({"color": "#D55E00", "linestyle": "--"} if claimed else {})
        )
    over = say("{what}, {unit}", what=say("Over time"), unit=unit) if unit else say("Over time")
    axis.set_title(over, loc="left", fontsize=9)
    axis.legend(fontsize=7, frameon=False)


def _draw_doses(axis: Any, doses: dict[str, Any], unit: str, say: Words) -> None:
    for (name, (x, y)), style in zip(doses.items(), ("o-", "s--"), strict=False):
        axis.plot(x, y, style, label=say(name.removeprefix("dose-response, ")))
    axis.set_xscale("log")
    axis.axhline(0.0, color="#8C8C8C", linewidth=0.8)
    axis.set_xlabel(say("dose, times the announced amounts"), fontsize=8)
    axis.set_title(say("{what}, {unit}", what=say("Effect by dose"), unit=unit), loc="left", fontsize=9)
    axis.legend(fontsize=7, frameon=False)


def _draw_bars(axis: Any, answer: Answer, say: Words) -> None:
    rows = [row for row in answer.table if row[1] is not None][:12]
    for place, (_, value, low, high, _unit) in enumerate(rows):
        axis.barh(place, value, color="#0072B2")
        if low is not None and high is not None:
            axis.plot([low, high], [place, place], color="#333333")
    axis.set_yticks(range(len(rows)), [say.made(row[0])[:60] for row in rows], fontsize=6)
    axis.invert_yaxis()


def _figure(width: float, height: float) -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=110)
    return figure, FigureCanvasAgg(figure)


def _png(figure: Any, canvas: Any) -> bytes:
    for axis in figure.axes:
        for side in ("top", "right"):
            axis.spines[side].set_visible(False)
        axis.tick_params(labelsize=7)
    figure.tight_layout()
    buffer = io.BytesIO()
    canvas.print_png(buffer)
    return buffer.getvalue()
