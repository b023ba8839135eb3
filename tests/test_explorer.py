"""The explorer: compare's rows in one page, doses of one rule together, and in a browser its state in its address."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from itcho.agents.errors import InputError
from itcho.experiments.answers import explorer
from itcho.experiments.answers.channels import CHANNELS
from itcho.experiments.answers.explorer import explorer_content, explorer_page, families
from itcho.experiments.answers.words import LANGUAGES, words
from itcho.experiments.cli.commands import app
from itcho.experiments.studies.compare import compare_study, row_record
from itcho.experiments.studies.engine import SerialEngine
from itcho.experiments.studies.store import CellStore
from itcho.experiments.studies.study import Study
from itcho.experiments.studies.study_run import run_study
from itcho.model.policies import POLICIES, Policy
from tests.children import ROOT
from tests.command_lines import called, stop_before_work
from tests.test_brief import fake, study
from tests.test_report_browser import browser as browser  # a fixture
from tests.test_report_browser import opened as opened  # a fixture


@pytest.fixture(autouse=True)
def double(monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy with twice the money."""
    twice = dataclasses.replace(POLICIES["actual"].subsidy, dose=2.0)  # type: ignore[type-var]
    monkeypatch.setitem(POLICIES, "double", Policy("double", "Double", "Twice the money.", subsidy=twice))


@pytest.fixture
def asked() -> Study:
    return study(policies=["actual", "vouchers", "double"])


@pytest.fixture
def store(tmp_path: Path, asked: Study) -> CellStore:
    made = CellStore(tmp_path / "runs")
    run_study(asked, made, SerialEngine(), work=fake, show_progress=False)
    return made


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="itcho-data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    read: dict[str, Any] = json.loads(found[1])
    return read


def test_the_page_holds_the_rows_of_the_comparison(asked: Study, store: CellStore) -> None:
    page = explorer_page(explorer_content(asked, store))
    rows = [row_record(row) for row in compare_study(asked, store).rows]
    assert data_of(page)["rows"] == json.loads(json.dumps(rows))
    assert len(rows) == 3 * 2 * 3
    assert len(page.encode()) < 5_000_000
    assert not re.search(r"(?:src|href)=\"(?!data:)|https?://(?!www\.w3\.org/2000/svg)", page)


def test_fans_are_percentiles_of_the_same_runs(asked: Study, store: CellStore) -> None:
    content = explorer_content(asked, store)
    fan = content["fans"]["baseline"]["domestic_ai_share_home_pct"]["actual"]
    found = []
    for replicate, place, slot, cell in asked.cells():
        if place == 0 and slot < 2:
            found.append((replicate.seed, slot, store.read(cell.key).by_year[:, 0]))
    levels = {slot: np.array([values for _, its, values in found if its == slot]) for slot in (0, 1)}
    assert fan["level"][2] == pytest.approx(np.median(levels[1], axis=0), rel=1e-4)
    assert fan["difference"][4] == pytest.approx(np.percentile(levels[1] - levels[0], 95, axis=0), rel=1e-4)


def test_doses_of_one_rule_stand_together(asked: Study) -> None:
    found = families(asked, {code: words(code) for code in LANGUAGES})
    assert [one["name"] for one in found] == ["actual", "vouchers"]
    assert found[0]["doses"] == [{"dose": 1.0, "policy": "actual"}, {"dose": 2.0, "policy": "double"}]
    assert found[0]["label"]["ja"] == "発表どおりの計画"


def test_a_page_too_large_is_refused(asked: Study, store: CellStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explorer, "MOST_BYTES", 1000)
    with pytest.raises(InputError, match="take fewer policies"):
        explorer_page(explorer_content(asked, store))


def test_the_command_refuses_before_it_writes(tmp_path: Path) -> None:
    place = tmp_path / "page.html"
    for arguments in (
        ["no-such-study"],
        ["which-support", "--lang", "de"],
        ["which-support", "--store", str(tmp_path)],
    ):
        done = CliRunner().invoke(app, ["explorer", *arguments, "--out", str(place)])
        assert done.exit_code == 2
        assert done.stderr.startswith("itcho: ")
    assert not place.exists()


def test_the_commands_of_the_page_of_answers_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes minutes is not run, but it is what the command line understands."""
    stop_before_work(monkeypatch)
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "answers.md").read_text(encoding="utf-8")
    lines = [
        line
        for block in re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
    ]
    assert len(lines) >= 8
    for line in lines:
        assert called(line) == 0, line
    for name, one in CHANNELS.items():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
        assert all(f"`{parameter}`" in row for parameter in one.parameters)


def test_in_a_browser(asked: Study, store: CellStore, tmp_path: Path, opened: Any) -> None:
    evil = dataclasses.replace(asked, name="</script><b>x</b>")
    place = tmp_path / "page.html"
    place.write_text(explorer_page(explorer_content(evil, store)), encoding="utf-8")
    page = opened.go(place)
    row = next(
        row
        for row in (row_record(row) for row in compare_study(asked, store).rows)
        if (row["policy"], row["scenario"], row["outcome"]) == ("actual", "baseline", asked.outcomes[0].text)
    )
    assert f"by +{row['mean_difference']:.1f} points" in page.locator("#effect").inner_text()
    assert page.locator("#level-chart polyline").count() == 2
    assert page.locator("#rules button").count() == 3
    # Another rule, future and language: the address holds them, and opens on them.
    page.locator("#choose-rule").select_option("vouchers")
    page.locator("#futures button").nth(1).click()
    page.locator("#choose-lang").select_option("ja")
    address = page.evaluate("location.hash")
    assert "rule=vouchers" in address
    assert "scenario=ai-bust" in address
    said = page.locator("#effect").inner_text()
    assert "計算資源の利用券" in said
    again = opened.go(place, address.lstrip("#"))
    assert again.locator("#effect").inner_text() == said
    assert again.evaluate("document.documentElement.lang") == "ja"
    # The dose is chosen among those that were run.
    again = opened.go(place, "rule=actual&dose=2&scenario=baseline")
    assert again.locator("#choose-dose option").all_inner_texts() == ["1 times", "2 times"]
    assert again.locator("#rules button[aria-pressed=true]").inner_text().startswith("The programme as announced ×2")
    # What is not there falls back on what is, and nothing was asked of any network.
    assert opened.go(place, "rule=nobody&dose=9&lang=xx").locator("#effect").inner_text()
    assert all(url.startswith(("file:", "data:", "about:")) for url in opened.requests)
    assert not opened.complaints
