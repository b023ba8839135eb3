"""The brief as one A4 page of HTML: no script, no network, black on white when printed."""

from __future__ import annotations

import math

from itcho.experiments.answers.brief import (
    Brief,
    BriefRow,
    amount,
    cannot_say,
    kept_text,
    outcome_text,
    policy_label,
    ratio_parts,
    rests_on,
    scenario_label,
    smallest_cost,
    subtitle,
    title,
)
from itcho.experiments.answers.page import bullets, document, table, table_line, text
from itcho.experiments.answers.words import Words, figure
from itcho.experiments.studies.compare import ComparisonRow

_DARKEST = 0.55
"""Opacity of a cell that is certainly best: text stays readable on it."""

_STYLE = """
@page{size:A4;margin:9mm 11mm}
main{max-width:186mm;margin:0 auto;padding:8mm 4mm}
h1{font-size:15pt;line-height:1.2;margin:0 0 1.5mm;text-wrap:balance}
h2{font-size:10pt;margin:3.5mm 0 .8mm;border-bottom:1px solid var(--line);padding-bottom:.6mm}
p{margin:0 0 1.2mm;color:var(--soft)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:8pt;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.7mm 1.4mm;border-bottom:1px solid var(--line)}
thead th{color:var(--soft);font-weight:600}
tbody th{font-weight:600;min-width:25mm;position:sticky;left:0;background:var(--paper)}
td.text{min-width:30mm}
td.number{white-space:nowrap}
td small{display:block;color:var(--soft);font-size:7pt}
td.cell{text-align:center;background:rgba(var(--shade),var(--chance,0));print-color-adjust:exact;
-webkit-print-color-adjust:exact}
td.cell small{color:inherit}
.grid thead th+th{text-align:center}
ul{margin:0;padding-left:4.5mm}
li{margin:0 0 .6mm}
.foot{display:grid;grid-template-columns:1fr 1fr;gap:0 6mm;font-size:8pt}
@media (max-width:640px){main{padding:5mm 4mm}h1{font-size:14pt}.foot{grid-template-columns:1fr}
thead th+th,td{min-width:19mm}}
@media print{body{font-size:8pt;line-height:1.24}main{max-width:none;padding:0}
table{font-size:6.9pt;min-width:0}td small{font-size:6.2pt}.scroll{overflow:visible}
h1{font-size:14pt}h2{margin-top:2.2mm}.foot{font-size:7.2pt;grid-template-columns:1fr 1fr}th,td{padding:.3mm 1.2mm}
h2,tr,li{break-inside:avoid}}
"""


def brief_page(brief: Brief, say: Words) -> str:
    """The page."""
    head = title(brief, say)
    level = f"{100.0 * brief.comparison.study.level:g}"
    first = scenario_label(brief, brief.scenarios[0], say)
    main = outcome_text(brief.main, brief.years, say)
    baseline = policy_label(brief, brief.comparison.study.baseline.name, say)
    parts = [
        f"<h1>{text(head)}</h1>",
        f"<p>{text(subtitle(brief, say))}</p>",
        f"<h2>{text(say('rows_heading', scenario=first))}</h2>",
        f"<p>{text(say('rows_note', level=level, smallest=f'{smallest_cost():g}'))}</p>",
        _rows(brief, say),
        f"<h2>{text(say('grid_heading', outcome=main, unit=say.unit(brief.main.name)))}</h2>",
        f"<p>{text(say('grid_note'))}</p>",
        _grid(brief, say),
        f"<h2>{text(say('risks_heading', baseline=baseline))}</h2>",
        f"<p>{text(say('risks_note', worlds=brief.comparison.replicates))}</p>",
        _risks(brief, say),
        f"<h2>{text(say('foot_heading'))}</h2>",
        f'<div class="foot">{bullets(rests_on(brief, say))}{bullets(cannot_say(brief, say))}</div>',
    ]
    return document(say.code, head, _STYLE, parts)


def effect_text(row: ComparisonRow, say: Words) -> tuple[str, str]:
    """An effect and its interval, in words."""
    low, high = row.simultaneous
    value = amount(row.summary.mean)
    if math.isnan(low):
        return say("one_world", value=value), ""
    return value, say("interval", low=_end(low, say), high=_end(high, say))


def _end(value: float, say: Words) -> str:
    return amount(value) if math.isfinite(value) else say("without_end")


def _cell(value: str, ends: str) -> str:
    """A number with its interval, or a text that stands for both."""
    if not ends:
        return f"<td>{text(value)}</td>"
    return f'<td class="number">{text(value)}<small>{text(ends)}</small></td>'


def _rows(brief: Brief, say: Words) -> str:
    outcomes = list(dict.fromkeys(one.row.outcome for one in brief.rows))
    picks = {pick.text: pick for pick in brief.comparison.study.outcomes}
    heads = [say("rule"), say("cost")]
    for outcome in outcomes:
        named = outcome_text(picks[outcome], brief.years, say)
        heads += [f"{named}, {say.unit(picks[outcome].name)}", say("per_trillion")]
    heads.append(say("kept"))
    lines = []
    for policy in brief.rules:
        its: list[BriefRow] = [one for one in brief.rows if one.row.policy == policy]
        cells = [f'<td class="number">{text(figure(its[0].cost_trn_yen, digits=2))}</td>']
        for one in its:
            cells += [_cell(*effect_text(one.row, say)), _cell(*ratio_parts(one.per_trillion, say))]
        cells.append(f'<td class="text">{text(kept_text(its[0].kept, brief.years, say))}</td>')
        lines.append(table_line(policy_label(brief, policy, say), cells))
    return table("rows", heads, lines)


def _grid(brief: Brief, say: Words) -> str:
    heads = [say("rule"), *(scenario_label(brief, name, say) for name in brief.scenarios)]
    lines = []
    for policy in brief.rules:
        cells = []
        for scenario in brief.scenarios:
            row = brief.row_of(policy, scenario)
            known = math.isfinite(row.p_best)
            chance = say("best_chance", share=f"{100.0 * row.p_best:.0f}") if known else say("neither")
            shade = f"{_DARKEST * row.p_best:.3f}" if known else "0"
            effect = text(amount(row.summary.mean))
            cells.append(f'<td class="cell" style="--chance:{shade}">{effect}<small>{text(chance)}</small></td>')
        lines.append(table_line(policy_label(brief, policy, say), cells))
    return table("grid", heads, lines)


def _risks(brief: Brief, say: Words) -> str:
    heads = [say("rule"), say("risk:debt"), say("risk:yen"), say("risk:cost")]
    lines = []
    for policy in brief.rules:
        cells = [_count_cell(brief, policy, "debt_up", say), _count_cell(brief, policy, "yen_weaker", say)]
        risks = [brief.risk_of(policy, scenario) for scenario in brief.scenarios]
        worst = max(risks, key=lambda risk: risk.cost_p95_trn_yen)
        said = figure(risks[0].cost_p95_trn_yen, digits=2)
        if figure(worst.cost_p95_trn_yen, digits=2) != said:
            named = scenario_label(brief, worst.scenario, say)
            said = say("cost_cell", value=said, worst=figure(worst.cost_p95_trn_yen, digits=2), scenario=named)
        cells.append(f"<td>{text(said)}</td>")
        lines.append(table_line(policy_label(brief, policy, say), cells))
    return table("risks", heads, lines)


def _count_cell(brief: Brief, policy: str, what: str, say: Words) -> str:
    risks = [brief.risk_of(policy, scenario) for scenario in brief.scenarios]
    counts = [int(getattr(risk, what)) for risk in risks]
    most = counts.index(max(counts))
    if counts[most] > counts[0]:
        named = scenario_label(brief, risks[most].scenario, say)
        said = say("risk_cell", count=counts[0], worlds=risks[0].worlds, worst=counts[most], scenario=named)
    else:
        said = say("risk_cell_one", count=counts[0], worlds=risks[0].worlds)
    return f"<td>{text(said)}</td>"
