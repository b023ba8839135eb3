"""An explanation as one page: the effect in words, a waterfall of its parts, and the table behind it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from itcho.experiments.answers.explain import Explanation, Part, in_words
from itcho.experiments.answers.page import bullets, document, table, table_line, text
from itcho.experiments.answers.words import Words, figure

_STYLE = """
@page{size:A4;margin:12mm}
main{max-width:186mm;margin:0 auto;padding:8mm 4mm}
h1{font-size:15pt;line-height:1.2;margin:0 0 2mm;text-wrap:balance}
h2{font-size:10.5pt;margin:5mm 0 1mm;border-bottom:1px solid var(--line);padding-bottom:.6mm}
p{margin:0 0 2mm;color:var(--soft)}
ul{margin:0;padding-left:5mm;font-size:10pt}
li{margin:0 0 1mm}
.step{display:grid;grid-template:"name track value"/minmax(0,2fr) minmax(0,3fr) 17mm;gap:0 3mm;align-items:center}
.track{grid-area:track;position:relative;height:5.2mm;
background:linear-gradient(var(--line),var(--line)) var(--zero) 0/1px 100% no-repeat}
.bar{position:absolute;top:.6mm;bottom:.6mm;min-width:1px;left:var(--from);width:var(--wide);print-color-adjust:exact;
-webkit-print-color-adjust:exact}
.up{background:var(--up)}.down{background:var(--down)}.total{background:var(--ink)}
.step b{grid-area:value;text-align:right;font-variant-numeric:tabular-nums}
.step .name{grid-area:name}.step .sum{font-weight:700}
.scroll{overflow-x:auto}
table{border-collapse:collapse;margin:4mm 0 2mm;font-size:9pt;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.8mm 3mm .8mm 0;border-bottom:1px solid var(--line)}
thead th{color:var(--soft)}tbody th{font-weight:400}
@media (max-width:640px){main{padding:5mm 4mm}
.step{grid-template:"name value" auto "track track" auto/1fr 17mm;margin-bottom:1.2mm}}
@media print{main{max-width:none;padding:0}table{font-size:8pt}th,td{padding:.4mm 3mm .4mm 0}}
"""


def explanation_page(found: Explanation, say: Words, decisions: Sequence[str] = ()) -> str:
    """The page.

    Parameters
    ----------
    decisions : sentences on what agents decided, as their records tell it; left out without any.
    """
    question = found.question
    policy = say.named("policy", question.template.policy.name, question.template.policy.label)
    scenario = say.named("scenario", question.template.scenario.name, question.template.scenario.label)
    baseline = say.named("policy", question.baseline.name, question.baseline.label)
    head = say("explain_title", policy=policy, outcome=say.outcome(question.pick.name))
    how = say(
        "explain_how",
        worlds=found.worlds,
        years=question.template.years,
        scenario=scenario,
        baseline=baseline,
    )
    parts = [
        f"<h1>{text(head)}</h1>",
        bullets(in_words(found, say)),
        f"<h2>{text(say('explain_picture'))}</h2>",
        waterfall([(say(f"channel:{part.channel}"), part.share) for part in ranked(found.parts)], found.effect, say),
        *([f"<h2>{text(say('explain_decisions'))}</h2>", bullets(decisions)] if decisions else []),
        _table(say("explain_channel"), "channel", found.parts, found, say),
        *([_table(say("explain_rule"), "slot", found.slots, found, say)] if found.slots else []),
        f"<p>{text(how)}</p>",
    ]
    return document(say.code, head, _STYLE, parts)


def ranked(parts: Sequence[Part]) -> list[Part]:
    """Parts from the largest on, either way."""
    return sorted(parts, key=lambda part: -abs(part.share))


def waterfall(steps: Sequence[tuple[str, float]], total: float, say: Words) -> str:
    """Bars that each begin where the one before ended, and the total that they add up to."""
    ends = [0.0]
    for _, share in steps:
        ends.append(ends[-1] + share)
    low, high = min(*ends, total), max(*ends, total)
    room = (high - low) or 1.0

    def percent(value: float) -> str:
        return f"{100.0 * (value - low) / room:.3f}%"

    def bar(kind: str, start: float, end: float) -> str:
        wide = f"{100.0 * abs(end - start) / room:.3f}%"
        return f'<i class="bar {kind}" style="--from:{percent(min(start, end))};--wide:{wide}"></i>'

    lines = []
    for (label, share), start in zip(steps, ends, strict=False):
        kind = "up" if share >= 0.0 else "down"
        lines.append(_step(label, bar(kind, start, start + share), share, ""))
    lines.append(_step(say("explain_total"), bar("total", 0.0, total), total, " sum"))
    return f'<div class="fall" style="--zero:{percent(0.0)}">{"".join(lines)}</div>'


def _step(label: str, bar: str, share: float, kind: str) -> str:
    amount = text(figure(share, signed=True, digits=2))
    name = f'<span class="name{kind}">{text(label)}</span>'
    return f'<div class="step">{name}<span class="track">{bar}</span><b>{amount}</b></div>'


def _table(head: str, kind: str, parts: Sequence[Part], found: Explanation, say: Words) -> str:
    unit = say.unit(found.question.pick.name)
    lines = [_line(say(f"{kind}:{part.channel}"), part.share, part.low, part.high, say) for part in parts]
    lines.append(_line(say("explain_total"), found.effect, found.low, found.high, say))
    return table("parts", (head, say("explain_part", unit=unit), say("explain_interval")), lines)


def _line(label: str, share: float, low: float, high: float, say: Words) -> str:
    ends = say("no_interval")
    if math.isfinite(low) and math.isfinite(high):
        ends = say("interval", low=figure(low, signed=True, digits=2), high=figure(high, signed=True, digits=2))
    return table_line(label, (f"<td>{text(figure(share, signed=True, digits=2))}</td>", f"<td>{text(ends)}</td>"))
