"""The explorer: one page over a study's finished runs, for any browser, without a server, an installation or a network.

Its numbers are the comparison's rows; its fans are percentiles of the same paired runs.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import html
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from itcho.agents.errors import InputError
from itcho.agents.rules.subsidy import ScheduledRule
from itcho.experiments.answers.brief import Brief, brief_of, cannot_say, outcome_text, rests_on, subtitle, title
from itcho.experiments.answers.page import COLOURS
from itcho.experiments.answers.words import LANGUAGES, Words, words
from itcho.experiments.studies.compare import row_record
from itcho.experiments.studies.design import without_labels
from itcho.experiments.studies.store import CellStore, content_key
from itcho.experiments.studies.study import OutcomePick, Study
from itcho.experiments.studies.study_run import collect
from itcho.experiments.version import itcho_version
from itcho.model.policies import Policy

FloatArray = NDArray[np.float64]

PERCENTILES = (5, 25, 50, 75, 95)
MOST_BYTES = 5_000_000
_PARTS = Path(__file__).parent
_LANGUAGE_NAMES = {"en": "English", "ja": "日本語", "zh-Hant": "繁體中文"}
_SHOWN_WORDS = ("without_end", "no_interval")


def explorer_content(study: Study, store: CellStore, lang: str = "en") -> dict[str, Any]:
    """All that the page shows.

    Parameters
    ----------
    lang : the language that it opens in.

    Raises
    ------
    InputError : no such language, no replicate is complete, or the study holds nothing but its baseline.
    """
    languages = {code: words(code) for code in LANGUAGES}
    opens_in = words(lang).code
    brief = brief_of(study, store)
    return {
        "itcho": itcho_version(),
        "study": study.name,
        "lang": opens_in,
        "languages": [{"code": code, "name": name} for code, name in _LANGUAGE_NAMES.items()],
        "title": {code: title(brief, say) for code, say in languages.items()},
        "subtitle": {code: subtitle(brief, say) for code, say in languages.items()},
        "baseline": study.baseline.name,
        "families": families(study, languages),
        "scenarios": [
            {
                "name": one.name,
                "label": {code: say.named("scenario", one.name, one.label) for code, say in languages.items()},
            }
            for one in study.scenarios
        ],
        "outcomes": [_outcome(pick, brief, languages) for pick in study.outcomes],
        "rows": [row_record(row) for row in brief.comparison.rows if row.policy != study.baseline.name],
        "costs": _costs(brief),
        "years": list(brief.years),
        "percentiles": list(PERCENTILES),
        "fans": _fans(study, store, brief),
        "rests_on": {code: rests_on(brief, say) for code, say in languages.items()},
        "cannot_say": {code: cannot_say(brief, say) for code, say in languages.items()},
        "words": {
            code: {key: text for key, text in say.texts.items() if key.startswith("explorer:") or key in _SHOWN_WORDS}
            for code, say in languages.items()
        },
    }


def families(study: Study, languages: dict[str, Words]) -> list[dict[str, Any]]:
    """Rules of the study; policies that differ in their dose alone are one rule with several doses."""
    found: dict[str, list[tuple[float, Policy]]] = {}
    for policy in study.all_policies[1:]:
        rule, dose = policy.subsidy, 1.0
        if isinstance(rule, ScheduledRule):
            rule, dose = dataclasses.replace(rule, dose=1.0), rule.dose
        key = content_key(without_labels(dataclasses.replace(policy, subsidy=rule)))
        found.setdefault(key, []).append((dose, policy))
    named = []
    for members in found.values():
        members.sort(key=lambda member: member[0])
        first = next((policy for dose, policy in members if dose == 1.0), members[0][1])
        label = {code: say.named("policy", first.name, first.label) for code, say in languages.items()}
        doses = [{"dose": dose, "policy": policy.name} for dose, policy in members]
        named.append({"name": first.name, "label": label, "doses": doses})
    return named


def _outcome(pick: OutcomePick, brief: Brief, languages: dict[str, Words]) -> dict[str, Any]:
    from itcho.model.measure.outcomes import OUTCOMES

    unit = OUTCOMES[pick.name].unit
    return {
        "name": pick.text,
        "series": pick.name,
        "decimals": OUTCOMES[pick.name].decimals,
        "label": {code: outcome_text(pick, brief.years, say) for code, say in languages.items()},
        "plain": {code: say.outcome(pick.name) for code, say in languages.items()},
        "unit": {code: say.unit(pick.name) for code, say in languages.items()},
        "level_unit": {code: say.texts.get(f"unit:{unit}", unit) for code, say in languages.items()},
    }


def _costs(brief: Brief) -> dict[str, dict[str, float]]:
    """Extra programme money by rule and future."""
    found: dict[str, dict[str, float]] = {}
    for risk in brief.risks:
        found.setdefault(risk.policy, {})[risk.scenario] = risk.cost_mean_trn_yen
    return found


def _fans(study: Study, store: CellStore, brief: Brief) -> dict[str, Any]:
    """Percentiles by scenario, outcome and policy: levels and differences, (percentiles × years) each."""
    names = list(dict.fromkeys(pick.name for pick in study.outcomes))
    picks = [OutcomePick("", name, str(year), "neither") for name in names for year in brief.years]
    panel = collect(study, store, brief.replicates, picks)
    assert panel is not None  # the brief has found these replicates
    shape = (*panel.values.shape[:3], len(names), len(brief.years))
    values = panel.values.reshape(shape)
    return {
        scenario.name: {
            name: {
                policy.name: {
                    "level": _percentiles(values[:, place, slot, column]),
                    "difference": _percentiles(values[:, place, slot, column] - values[:, place, 0, column]),
                }
                for slot, policy in enumerate(study.all_policies)
            }
            for column, name in enumerate(names)
        }
        for place, scenario in enumerate(study.scenarios)
    }


def _percentiles(paths: FloatArray) -> list[list[float]]:
    lines: list[list[float]] = np.percentile(paths, PERCENTILES, axis=0).tolist()
    return [[float(f"{value:.5g}") for value in line] for line in lines]


def explorer_page(content: dict[str, Any]) -> str:
    """The page that shows ``content``.

    Raises
    ------
    InputError : it would be five megabytes or more.
    """
    from itcho.experiments.view.report import embedded_json

    script = (_PARTS / "explorer.js").read_text(encoding="utf-8")
    # The browser runs this script and no other, and may fetch nothing.
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; script-src 'sha256-{allowed}'; style-src 'unsafe-inline'; img-src data:"
    parts = {
        "SECURITY": html.escape(policy),
        "TITLE": html.escape(content["title"][content["lang"]]),
        "STYLE": COLOURS + (_PARTS / "explorer.css").read_text(encoding="utf-8"),
        "DATA": embedded_json(content),
        "SCRIPT": script,
    }
    pieces = (_PARTS / "explorer.html").read_text(encoding="utf-8").split("%%")
    # Odd pieces are names: each is replaced once, so text inside the content is never taken for a name.
    whole = "".join(parts[piece] if place % 2 else piece for place, piece in enumerate(pieces))
    size = len(whole.encode())
    if size >= MOST_BYTES:
        raise InputError(
            f"the page would be {size / 1e6:.1f} MB, more than {MOST_BYTES / 1e6:.0f}: take fewer policies, scenarios "
            "or outcomes"
        )
    return whole
