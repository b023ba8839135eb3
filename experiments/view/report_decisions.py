"""Why agents acted, for the page of a run: what they decided, in words, and what happened when, in lanes."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from itcho.agents.decisions import Decision
from itcho.agents.limits import CARRY_STOP
from itcho.agents.limits_of_holders import EVERY_LIMIT
from itcho.agents.vocabulary import BANKS, GOVERNMENT, LOANS, SOFTBANK_GROUP
from itcho.experiments.languages import LANGUAGES
from itcho.experiments.runs.decision_sentences import decision_sentences, decision_word
from itcho.experiments.view.frames import Scene
from itcho.model.public.rescue import PURPOSE as RESCUE

NUMBER, MONTH = "\ue000", "\ue001"
"""Signs that stand for a number and for the month in the pattern of a sentence; no text uses them."""
LANES = ("tranche", "rate", "sale", "loss_cut", "failure", "intervention", "rescue", "limit")
"""What is told apart in the lanes, from top to bottom."""
_MONTHS = {
    "en": re.compile(r"(?:January|February|March|April|May|June|July|August|September|October|November|December) \d{4}")
}
_EAST_ASIAN_MONTH = re.compile(r"\d{4}年\d{1,2}月")
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:e[+-]\d+)?")
_LIMIT_NAMES = frozenset(limit.name for limit in EVERY_LIMIT) - {CARRY_STOP.name}
_EVERY_NAME = frozenset(limit.name for limit in EVERY_LIMIT)
_MATTERS = 1e-9
_COMMITMENT = "softbank_commitment"
TIER_OF_GROUP = {"distributors": "distributor", "clouds": "cloud", "developers": "developer"}
"""Groups that decide as one and are several parties of the ledger."""
PARTY_OF_GROUP = {"adopters": "firms", "individuals": "households"}
"""Groups whose money is booked under a party of another name."""


def read_decisions(table: pd.DataFrame) -> list[Decision]:
    """Records from the lines of ``decisions.csv``."""
    found = []
    for row in table.to_dict("records"):
        what, _, rule_name = str(row["rule"]).partition(":")
        saw = {str(name): math.nan if value is None else float(value) for name, value in json.loads(row["saw"]).items()}
        bound_by = row["bound_by"] if isinstance(row["bound_by"], str) else ""
        found.append(
            Decision(
                str(row["month"]),
                str(row["agent"]),
                int(row["members"]),
                what,
                rule_name,
                saw,
                float(row["wanted"]),
                str(row["unit"]),
                bound_by,
                float(row["did"]),
            )
        )
    return found


def decisions_content(
    table: pd.DataFrame | None, edges: pd.DataFrame, flows: pd.DataFrame | None = None
) -> dict[str, Any] | None:
    """All that the page says of decisions.

    Sentences that differ in their numbers and months alone are kept once, as a pattern; the page puts the numbers back.

    Parameters
    ----------
    table : ``decisions.csv``; ``None`` if the run kept none.
    edges : who paid whom, by month.
    flows : ``flows.csv``, in which loans that are written off stand; ``None`` if there is none.

    Returns
    -------
    ``None`` without a table.  ``agents``: name and, by language, label.  ``records``: month, place of the agent.
    ``said``: by language ``patterns`` and, for each record, the pattern's place and its numbers as text; numbers that
    are those of the English sentence are left out.  ``lanes``: the name of each lane and its events, each a month, an
    agent's name, and the places of its decisions in ``records``; of failures also the loans written off, trillion yen.
    """
    if table is None or table.empty:
        return None
    records = read_decisions(table)
    names = list(dict.fromkeys(record.agent for record in records))
    place = {name: at for at, name in enumerate(names)}
    said, english = {}, []
    for code in LANGUAGES:
        patterns: dict[str, int] = {}
        lines: list[list[Any]] = []
        for at, sentence in enumerate(decision_sentences(records, code)):
            pattern, numbers = pattern_of(sentence, code)
            kept = patterns.setdefault(pattern, len(patterns))
            if code == "en":
                english.append(numbers)
            lines.append([kept] if code != "en" and numbers == english[at] else [kept, " ".join(numbers)])
        said[code] = {"patterns": list(patterns), "lines": lines}
    return {
        "agents": [[name, {code: decision_word("agent", name, code) for code in LANGUAGES}] for name in names],
        "records": [[record.month, place[record.agent]] for record in records],
        "said": said,
        "lanes": lanes(records, edges, flows),
    }


def limits_content(table: pd.DataFrame | None, scene: Scene) -> dict[str, Any] | None:
    """Limits that bound agents, by month: whose node carries the mark, and what the limit is called.

    Parameters
    ----------
    table : ``decisions.csv``; ``None`` if the run kept none.

    Returns
    -------
    ``None`` without a table.  ``labels``: of each limit by language.  ``months``: for each month with any, pairs of a
    node's id and of a place in ``labels``.
    """
    if table is None or table.empty:
        return None
    names: dict[str, int] = {}
    months: dict[str, list[list[int]]] = {}
    bound = table["bound_by"].fillna("").astype(str)
    for month, agent, text in zip(table["month"], table["agent"], bound, strict=True):
        for name in limits_in(text):
            marks = months.setdefault(str(month), [])
            at = names.setdefault(name, len(names))
            marks.extend([node, at] for node in nodes_of_agent(scene, str(agent)) if [node, at] not in marks)
    return {"labels": [limit_label(name) for name in names], "months": months}


def limits_in(bound_by: str) -> list[str]:
    """Names of limits among what stood between a wish and a deed."""
    return [name for name in bound_by.split() if name in _EVERY_NAME]


def limit_label(name: str) -> dict[str, str]:
    """What a limit is called, by language."""
    return {code: decision_word("bound", name, code) for code in LANGUAGES}


def nodes_of_agent(scene: Scene, agent: str) -> list[int]:
    """Ids of the nodes that an agent of the decisions stands for: itself, or all of a tier."""
    tier = TIER_OF_GROUP.get(agent)
    key = PARTY_OF_GROUP.get(agent, agent)
    return [node.id for node in scene.nodes if node.key == key or (tier is not None and node.tier == tier)]


def pattern_of(sentence: str, code: str) -> tuple[str, list[str]]:
    """A sentence with signs for its month and its numbers, and the numbers in their order.

    Examples
    --------
    >>> pattern, numbers = pattern_of("Bank of Japan, June 2026: kept 1.00. Saw a gap of -0.30.", "en")
    >>> pattern.replace(MONTH, "@").replace(NUMBER, "#"), numbers
    ('Bank of Japan, @: kept #. Saw a gap of #.', ['1.00', '-0.30'])
    """
    text = _MONTHS.get(code, _EAST_ASIAN_MONTH).sub(MONTH, sentence, count=1)
    return _NUMBER.sub(NUMBER, text), _NUMBER.findall(text)


def lanes(records: Sequence[Decision], edges: pd.DataFrame, flows: pd.DataFrame | None = None) -> list[dict[str, Any]]:
    """Events of each lane of :data:`LANES`, in the order of months; a lane without any is there, and empty.

    Parameters
    ----------
    edges : columns ``month``, ``payer``, ``purpose``.
    flows : ``flows.csv``.

    Notes
    -----
    A tranche is a month in which SoftBank pays what it has committed itself to.  A rate change, a sale and an
    intervention are decisions that moved something; a loss-cut is a carry trader's stop, a limit any other that
    bound somebody.  A failure is a month in which banks write loans off, a rescue one in which the state buys new
    shares of SoftBank Group.
    """
    tranches = set(edges.loc[edges["purpose"] == _COMMITMENT, "month"])
    rescues = set(edges.loc[edges["purpose"] == RESCUE, "month"])
    failures: dict[str, float] = {}
    if flows is not None:
        lost = (flows["kind"] == "revaluation") & (flows["row"] == LOANS) & (flows["sector"] == BANKS)
        written_off = flows[lost & (flows["amount_trn_yen"] < 0.0)]
        failures = dict(zip(written_off["month"], -written_off["amount_trn_yen"], strict=True))
    return lanes_of(records, tranches, rescues, failures)


def lanes_of_month(
    records: Sequence[Decision], month: str, purposes: Collection[str], written_off_trn_yen: float
) -> list[dict[str, Any]]:
    """The events of one month, as :func:`lanes` gives them.

    Parameters
    ----------
    purposes : of all payments of the month.
    written_off_trn_yen : loans that banks lost.
    """
    return lanes_of(
        records,
        {month} if _COMMITMENT in purposes else set(),
        {month} if RESCUE in purposes else set(),
        {month: written_off_trn_yen} if written_off_trn_yen > 0.0 else {},
    )


def lanes_of(
    records: Sequence[Decision], tranches: Collection[str], rescues: Collection[str], failures: Mapping[str, float]
) -> list[dict[str, Any]]:
    """Events of each lane, given the months of tranches and rescues, and loans written off by month."""
    found: dict[str, dict[tuple[str, str], list[int]]] = {name: {} for name in LANES}
    for at, record in enumerate(records):
        also = {
            "tranche": record.agent == SOFTBANK_GROUP and record.what == "investment" and record.month in tranches,
            "rescue": record.agent == GOVERNMENT and record.month in rescues,
            "failure": record.agent == BANKS and record.month in failures,
        }
        for lane in [*_lanes_of(record), *(name for name, there in also.items() if there)]:
            found[lane].setdefault((record.month, record.agent), []).append(at)
    return [
        {
            "name": name,
            "events": [
                [month, agent, at, *([failures[month]] if name == "failure" else [])]
                for (month, agent), at in events.items()
            ],
        }
        for name, events in found.items()
    ]


def _lanes_of(record: Decision) -> Iterator[str]:
    bound = set(record.bound_by.split())
    if record.what == "policy_rate" and abs(record.did - record.saw.get("before_pct", record.did)) > _MATTERS:
        yield "rate"
    if record.what == "asset_sales" and record.did > _MATTERS:
        yield "sale"
    if CARRY_STOP.name in bound:
        yield "loss_cut"
    if record.what == "intervention" and abs(record.did) > _MATTERS:
        yield "intervention"
    if bound & _LIMIT_NAMES:
        yield "limit"
