"""The page of the worked study: what it says stands in the rows of the run that it rests on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from itcho.experiments.studies import which_support as study
from itcho.model.version import MODEL_VERSION

DOCS = Path(__file__).parent.parent / "docs"


def test_the_page_is_that_of_its_rows() -> None:
    text = (DOCS / study.PAGE).read_text(encoding="utf-8")
    version = re.search(r"of model version (\d+)\.\*\*", text)
    assert version
    assert int(version[1]) <= MODEL_VERSION
    assert text == study.page(study.read_rows(DOCS / study.FOLDER / study.ROWS), int(version[1]))


def test_every_row_stands_in_the_report() -> None:
    report = (DOCS / study.FOLDER / "report.md").read_text(encoding="utf-8")
    rows = study.read_rows(DOCS / study.FOLDER / study.ROWS)
    assert len(rows) == 8 * 6 * 4
    label = {name: label for label, name in re.findall(r"^\| \w+ \| (.+) \| `(.+)` \|$", report, flags=re.MULTILINE)}
    for row in rows:
        policy, scenario, outcome = (label[row[name]] for name in ("policy", "scenario", "outcome"))
        begins = f"- {policy} against {label['none']}, {scenario}, {row['n']} seeds: "
        (told,) = [line for line in report.splitlines() if line.startswith(begins)]
        assert f"{outcome} (" in told


def row(policy: str, scenario: str, outcome: str, mean: float, verdict: str) -> dict[str, str]:
    values = {"mean_difference": mean, "simultaneous_low": mean - 1.0, "simultaneous_high": mean + 1.0}
    texts = {"policy": policy, "scenario": scenario, "outcome": outcome, "n": "10", "verdict": verdict}
    return texts | {name: str(value) for name, value in values.items()}


def test_findings_name_who_leads_and_count_verdicts() -> None:
    shares = {"actual": 1.0, "content-rule": 5.0, "adoption-first": 0.1, "vouchers": 0.5}
    gains = {"actual": 0.0, "content-rule": -0.1, "adoption-first": 0.6, "vouchers": 0.0}
    rows = []
    for scenario in ("baseline", "ai-bust"):
        for policy, share in shares.items():
            # In a bust what is handed out leads while it is paid.
            first = 9.0 if (policy, scenario) == ("actual", "ai-bust") else share
            rows += [
                row(policy, scenario, study.SHARE_2030, first, "clear"),
                row(policy, scenario, study.SHARE, share, "clear"),
                row(policy, scenario, study.PRODUCTIVITY, gains[policy], "clear" if gains[policy] else "small"),
                row(policy, scenario, study.DEBT, 0.1, "clear" if policy == "actual" else "cannot-tell"),
            ]
    found = study.findings(rows)
    assert "Most of the share in FY2035 has `content-rule`**: +5.00 points (+4.00 to +6.00; `clear`)" in found[1]
    assert "it leads in 2 of 2 futures (in FY2030 in 1)" in found[1]
    assert "Most productivity has `adoption-first`**: +0.600" in found[2]
    assert "Of the 4 comparisons of the others but `content-rule`, 4 are `small` and 0 `clear`" in found[2]
    assert "`vouchers` +0.50 points (−0.50 to +1.50; `clear`)" in found[3]
    assert "Of all 8 comparisons of debt 2 are `clear` and 6 `cannot-tell`" in found[4]


@pytest.mark.parametrize(
    ("verdict", "shown"),
    [
        ("clear", "**+1.5 (+0.5 to +2.5)**"),
        ("same-sign", "*+1.5 (+0.5 to +2.5)*"),
        ("small", "small (+0.5 to +2.5)"),
        ("cannot-tell", "+1.5 (+0.5 to +2.5)"),
    ],
)
def test_a_cell_shows_its_verdict(verdict: str, shown: str) -> None:
    assert study.cell(row("actual", "baseline", study.SHARE, 1.5, verdict), 1) == shown
