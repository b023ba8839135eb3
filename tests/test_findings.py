"""Findings by model version: what is kept is frozen, what is new is what the pages say."""

from __future__ import annotations

import hashlib

import pytest

from itcho.experiments.claims import findings
from itcho.experiments.claims.findings import (
    Finding,
    current_findings,
    findings_of,
    kept_findings,
    main,
    page,
    versions_shown,
)
from itcho.experiments.evidence.stylised_facts import read_table
from itcho.model.version import MODEL_VERSION
from tests.children import ROOT

FROZEN = {2: "2db04377d309d1b9", 3: "01a2e20a3c3a04e5"}
"""Digests of what is kept: a version's rows never change once they are here."""


def digest(version: int) -> str:
    rows = [row for row in read_table("findings.csv") if row["model_version"] == str(version)]
    return hashlib.sha256(repr([list(row.values()) for row in rows]).encode()).hexdigest()[:16]


def test_what_is_kept_is_not_changed_any_more() -> None:
    kept = kept_findings()
    assert {version: digest(version) for version in FROZEN} == FROZEN
    assert set(FROZEN) <= set(kept)
    # No version between the first that is kept and the model's own is missing.
    assert set(range(min(kept), MODEL_VERSION)) <= set(kept)
    for version, rows in kept.items():
        assert len({(one.group, one.id) for one in rows}) == len(rows) > 50, version


def test_the_page_is_written_from_what_is_kept_and_from_the_pages_of_today() -> None:
    text = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
    assert text == "\n".join(page(versions_shown())).rstrip() + "\n", "run python -m itcho.experiments.claims.findings"
    assert versions_shown()[MODEL_VERSION] == current_findings(), "a page was written anew after its findings were kept"


CLAIMS = """# Claims

3 answers: 1 holds, 2 partly. In full: 9 pairs of runs. More.

## Facts

| `a-fact` | fact | Chips were imported. | **true** | 4 trn yen | why |

## Levels

| `both` | level | It is 3%. | **fails** | 0.9 % (0.8 to 0.9) p = 0.00 | why |

## Effects

| `both` | policy-effect | It falls. | **partly** | −0.1 pp (−0.2 to −0.1) median −0.1, zero in 0% of pairs | why |

## Mechanisms, tails, rules and decompositions

| `a-tail` | tail | It happens. | **holds** | 6 % of weeks (4 to 7) p = 0.92 | why |

## Dose-response

| `both` | 1 | 2 | **x** | 3 | |
"""
STUDY_PAGE = """# Which

100 paired seeds.

## Domestic share of the model layer in FY2030, percentage points

| policy | baseline | breakthrough |
|---|---|---|
| `actual` | **+1.7 (+0.6 to +2.8)** | +1.8 |

## The same in FY2035

| `actual` | small (−0.10 to +0.02) | +0.1 |
"""
VALIDATION_PAGE = "# Validation\n\n4 met, 1 missed.\n\nStart 2026: 29 of 79 response targets met."


def test_findings_are_read_off_the_pages() -> None:
    found = {(one.group, one.id): one for one in findings_of(CLAIMS, STUDY_PAGE, VALIDATION_PAGE)}
    level, effect = found[findings.LEVELS, "both"], found[findings.EFFECTS, "both"]
    assert (level.what, level.verdict, level.figure) == ("It is 3%.", "fails", "0.9 % (0.8 to 0.9) p = 0.00")
    assert (effect.verdict, effect.figure) == ("partly", "−0.1 pp (−0.2 to −0.1)")
    assert found[findings.MECHANISMS, "a-tail"].verdict == "holds"
    assert found[findings.STUDY, "actual-share-2030"].figure == "**+1.7 (+0.6 to +2.8)**"
    assert found[findings.STUDY, "actual-share-2035"].figure == "small (−0.10 to +0.02)"
    rests = {name: one.figure for (group, name), one in found.items() if group == findings.RESTS_ON}
    assert rests == {
        "claims": "3 answers: 1 holds, 2 partly",
        "claims-runs": "In full: 9 pairs of runs",
        "study-seeds": "100",
        "validation": "4 met, 1 missed",
        "response-targets": "29 of 79 met",
    }
    assert len(found) == 5 + 3 + 2
    fewer = findings_of(CLAIMS, f"{STUDY_PAGE}\nThis page rest on the first 20 seeds.", VALIDATION_PAGE)
    assert "20" in {one.figure for one in fewer}


def test_versions_stand_beside_one_another_and_gaps_are_dashes() -> None:
    old = [
        Finding("Group", "gone", "What was", "1 (0 to 2)", "partly"),
        Finding("Group", "stays", "Old words", "2", ""),
    ]
    new = [Finding("Group", "stays", "New words", "3", ""), Finding("Group", "comes", "What is", "4", "")]
    lines = list(page({2: old, 3: new}))
    assert "| id | what | version 3 | version 2 |" in lines
    assert lines[lines.index("| `stays` | New words | 3 | 2 |") :][:3] == [
        "| `stays` | New words | 3 | 2 |",
        "| `comes` | What is | 4 | – |",
        "| `gone` | What was | – | partly: 1 (0 to 2) |",
    ]


def test_verdicts_that_changed_stand_with_both_figures_the_newest_first() -> None:
    def claim(verdict: str, figure: str) -> list[Finding]:
        return [
            Finding("Claims", "it-falls", "It falls.", figure, verdict),
            Finding("Claims", "same", "So.", "1", "holds"),
        ]

    lines = list(
        page({2: claim("fails", "1"), 3: claim("partly", "2"), 4: claim("partly", "3"), 5: claim("holds", "4")})
    )
    first = lines.index("| version | id | before | now |")
    assert lines[first + 2 : first + 5] == [
        "| 5 | `it-falls` | partly: 3 | holds: 4 |",
        "| 3 | `it-falls` | fails: 1 | partly: 2 |",
        "",
    ]


def test_a_version_is_kept_once(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "MODEL_VERSION", 2)
    assert main(["--freeze"]) == 2
    assert "model version 2 are kept already" in capsys.readouterr().err
