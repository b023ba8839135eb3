"""The report in a real browser: opens from disk, follows the slider, gives the ledger's numbers, keeps its address."""

from __future__ import annotations

import calendar
import csv
import json
import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from itcho.experiments.answers.brief import brief_of
from itcho.experiments.answers.brief_page import brief_page
from itcho.experiments.answers.words import LANGUAGES, words
from itcho.experiments.cli.run import write_run
from itcho.experiments.runs.run_folder import RunFolder
from itcho.experiments.runs.run_request import RunRequest, run_economy
from itcho.experiments.runs.run_tables import RunTables, TwinTables
from itcho.experiments.studies.engine import SerialEngine
from itcho.experiments.studies.store import CellStore
from itcho.experiments.studies.study_file import packaged_studies, read_study
from itcho.experiments.studies.study_run import run_study
from itcho.experiments.view.kinds import LAYERS
from itcho.experiments.view.report import content_of, page, write_page
from itcho.experiments.view.report_compare import compare_folders
from itcho.experiments.view.report_yen import band_record
from itcho.model.policies import POLICIES
from itcho.model.scenarios import SCENARIOS
from tests import test_brief
from tests.many_edges import MANY_EDGES
from tests.test_report import EVIL, run_small_study

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed (extra `browser-test`)")

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
TABS = ("network", "outcomes", "yen", "why", "programme", "sheets", "made")
ALL_LAYERS = ".".join(layer.key for layer in LAYERS)
NETWORK = "globalThis.itchoNetwork"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium: the system's if there is one, else Playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("ITCHO_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    with playwright.sync_playwright() as engine:
        try:
            running = engine.chromium.launch(executable_path=found, args=FLAGS)
        except playwright.Error as error:
            pytest.skip(
                f"no browser: install Debian's chromium or run `playwright install chromium` ({error.message[:80]})"
            )
        yield running
        running.close()


class Opened:
    """A page with what it asked for and what it complained of."""

    def __init__(self, browser: Any, **options: Any) -> None:
        self.page = browser.new_page(viewport={"width": 1440, "height": 900}, **options)
        self.requests: list[str] = []
        self.next_download = 0.0
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.complaints.append("dialog"), dialog.dismiss()))

    def go(self, file: Path, fragment: str = "") -> Any:
        """Open the file anew, with its state in the address."""
        self.page.goto("about:blank")
        self.page.goto(f"file://{file}{'#' + fragment if fragment else ''}")
        return self.page

    def saved(self, selector: str) -> list[dict[str, str]]:
        """Rows of the CSV file that a button gives.

        Chromium drops a page's eleventh download within a second without a word, and no reader clicks so fast.
        """
        self.page.wait_for_timeout(max(0.0, 1000 * (self.next_download - time.monotonic())))
        with self.page.expect_download() as download:
            self.page.locator(selector).first.click()
        self.next_download = time.monotonic() + 0.12
        with Path(download.value.path()).open(newline="", encoding="utf-8") as stream:
            return list(csv.DictReader(stream))


@pytest.fixture
def opened(browser: Any) -> Iterator[Opened]:
    """A page on which nothing moves by itself."""
    one = Opened(browser, reduced_motion="reduce")
    yield one
    one.page.close()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of two years."""
    request = RunRequest(seed=7, years=2, investors=60, importers=50, adopters=60)
    place: Path = tmp_path_factory.mktemp("runs") / "run"
    parameters = request.checked_parameters(check_folder=False)
    twin = TwinTables.of(run_economy(request, "none", parameters))
    ran = run_economy(request, "actual", parameters, keep_decisions=True)
    with RunFolder(place) as writing:
        write_run(writing, request, ran, RunTables.of(ran, full_edges=False), twin)
        writing.commit()
    return place


@pytest.fixture(scope="module")
def report(run: Path) -> Path:
    """The run's page."""
    place = run.with_name("page.html")
    write_page(page(content_of(run)[0]), place)
    return place


@pytest.fixture(scope="module")
def comparison(run: Path) -> Path:
    """The page of that run and of the same world under another policy."""
    request = RunRequest(seed=7, years=1, policy="vouchers", investors=60, importers=50, adopters=60)
    parameters = request.checked_parameters(check_folder=False)
    twin = TwinTables.of(run_economy(request, "none", parameters))
    ran = run_economy(request, "vouchers", parameters)
    other = run.with_name("vouchers")
    with RunFolder(other) as writing:
        write_run(writing, request, ran, RunTables.of(ran, full_edges=False), twin)
        writing.commit()
    place = run.with_name("comparison.html")
    write_page(page(compare_folders(run, other)), place)
    return place


@pytest.fixture(scope="module")
def study_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a small study."""
    place: Path = tmp_path_factory.mktemp("studies") / "study.html"
    write_page(page(content_of(run_small_study(place.with_name("small")))[0]), place)
    return place


def test_every_part_opens_from_disk_without_a_request_or_a_complaint(opened: Opened, report: Path) -> None:
    for tab in TABS:
        shown = opened.go(report, f"tab={tab}")
        assert shown.locator(f"#panel-{tab}").is_visible()
        assert len(shown.locator(f"#panel-{tab}").inner_text()) > 100
        opened.page.wait_for_timeout(50)
    assert [url for url in opened.requests if not url.startswith(("file:", "about:"))] == []
    assert opened.complaints == []


def test_the_slider_moves_the_network(opened: Opened, report: Path) -> None:
    shown = opened.go(report, "m=2026-04-30&show=level")
    picture = f"{NETWORK}.picture().toDataURL()"
    before = (
        shown.locator("#month-name").inner_text(),
        shown.evaluate(f"{NETWORK}.frame.month"),
        shown.evaluate(picture),
    )
    shown.locator("#month").focus()
    for _ in range(5):
        shown.keyboard.press("ArrowRight")
    after = (
        shown.locator("#month-name").inner_text(),
        shown.evaluate(f"{NETWORK}.frame.month"),
        shown.evaluate(picture),
    )
    assert before[:2] == ("April 2026 (FY2026)", "2026-04-30")
    assert after[:2] == ("September 2026 (FY2026)", "2026-09-30")
    assert before[2] != after[2]
    headline = shown.locator(".strip").inner_text()
    assert "USD/JPY" in headline
    assert "no programme" in headline


def test_play_goes_on_by_itself(opened: Opened, report: Path) -> None:
    shown = opened.go(report)
    shown.locator("#play").click()
    playwright.expect(shown.locator("#month-name")).to_have_text("June 2026 (FY2026)", timeout=10_000)
    shown.locator("#play").click()
    assert shown.locator("#play").inner_text() == "Play"


def test_the_csv_of_a_month_is_the_ledgers(opened: Opened, run: Path, report: Path) -> None:
    opened.go(report, f"m=2027-02-28&layers={ALL_LAYERS}&span=month&show=level")
    given = opened.saved("#panel-network .stage > div .table-head button.csv")
    with (run / "edges.csv").open(newline="", encoding="utf-8") as stream:
        kept = [row for row in csv.DictReader(stream) if row["month"] == "2027-02-28"]

    def exact(rows: list[dict[str, str]]) -> list[tuple[Any, ...]]:
        names = ("month", "payer", "payee", "instrument", "purpose")
        return sorted((*(row[name] for name in names), float(row["amount_trn_yen"])) for row in rows)

    assert len(kept) > 300
    assert exact(given) == exact(kept)


def test_the_csv_of_all_months_is_the_whole_ledger(opened: Opened, run: Path, report: Path) -> None:
    opened.go(report)
    given = opened.saved("text=CSV, all months and kinds")
    with (run / "edges.csv").open(newline="", encoding="utf-8") as stream:
        kept = list(csv.DictReader(stream))
    amounts = {tuple(row.values())[:5]: float(row["amount_trn_yen"]) for row in kept}
    assert len(amounts) == len(kept) == len(given)
    assert all(amounts[tuple(row.values())[:5]] == float(row["amount_trn_yen"]) for row in given)


def test_layers_take_flows_away_and_bring_them_back(opened: Opened, report: Path) -> None:
    shown = opened.go(report)
    drawn = f"{NETWORK}.edges.length"
    every = shown.evaluate(drawn)
    shown.get_by_label("Compute", exact=True).uncheck()
    fewer = shown.evaluate(drawn)
    assert 0 < fewer < every
    assert shown.evaluate(f"{NETWORK}.edges.every((edge) => edge.layer !== 'compute')")
    shown.get_by_label("Compute", exact=True).check()
    assert shown.evaluate(drawn) == every


def test_goods_move_the_other_way(opened: Opened, report: Path) -> None:
    shown = opened.go(report)
    first = f"(() => {{ const edge = {NETWORK}.edges.at(-1); return [edge.a.x, edge.b.x]; }})()"
    money = shown.evaluate(first)
    shown.get_by_role("button", name="Goods").click()
    assert shown.evaluate(first) == money[::-1]


def test_a_click_shows_the_agent(opened: Opened, report: Path) -> None:
    shown = opened.go(report, "depth=firms&show=level")
    spot = shown.evaluate(
        f"{NETWORK}.place({NETWORK}.scene.nodes.find((node) => node.key === 'national_ai_company').id)"
    )
    shown.locator("#network").click(position={"x": spot["x"], "y": spot["y"]})
    assert shown.locator("#agent").inner_text() == "National AI company"
    panel = shown.locator("aside").inner_text()
    assert "AI special account" in panel
    assert "Deposits" in panel
    assert "sel=national_ai_company" in shown.url


def test_the_keyboard_reaches_agents_and_tabs(opened: Opened, report: Path) -> None:
    shown = opened.go(report)
    shown.locator("#network").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        shown.keyboard.press(key)
    focused = shown.evaluate(f"{NETWORK}.nodes[{NETWORK}.focused].label")
    assert focused in shown.locator(".canvas-box [aria-live]").inner_text()
    shown.keyboard.press("Enter")
    assert shown.locator("#agent").inner_text() == focused
    shown.keyboard.press("Escape")
    assert shown.locator("#agent").count() == 0
    shown.locator("#tab-network").focus()
    shown.keyboard.press("ArrowRight")
    assert shown.locator("#panel-outcomes").is_visible()


def test_drill_down_goes_from_sectors_to_transactions(opened: Opened, report: Path) -> None:
    shown = opened.go(report)
    side = shown.locator("aside")
    for step in ("AI firms", "Developer", "NEC"):
        side.get_by_role("button", name=step, exact=True).click()
    assert shown.locator("#agent").inner_text() == "NEC"
    assert "Transactions of the month" in side.inner_text()


def test_the_address_brings_the_view_back(opened: Opened, browser: Any, report: Path) -> None:
    shown = opened.go(report, "show=level")
    shown.locator("#month").fill("9")
    shown.get_by_role("button", name="Goods").click()
    shown.get_by_label("Equity", exact=True).uncheck()
    shown.get_by_label("Taxes and contributions").check()
    shown.evaluate(f"{NETWORK}.select(3)")
    address = shown.url
    state = f"[{NETWORK}.frame.month, {NETWORK}.mode, [...{NETWORK}.layers].sort(), {NETWORK}.selected]"
    before = shown.evaluate(state)
    other = Opened(browser)
    other.page.goto(address)
    assert other.page.evaluate(state) == before
    assert other.page.locator("#agent").inner_text() == shown.locator("#agent").inner_text()
    other.page.close()
    assert before[0] == "2026-12-31"
    assert "taxes" in before[2]


def test_html_in_names_is_shown_as_text(opened: Opened, run: Path, tmp_path: Path) -> None:
    content = json.loads(json.dumps(content_of(run)[0]))
    content["title"] = EVIL
    content["manifest"] |= {"policy": EVIL, "scenario": EVIL, "command": EVIL}
    content["labels"] = dict.fromkeys(content["labels"], EVIL)
    content["words"] = dict.fromkeys(content["words"], EVIL)
    content["parameters"][0] |= {"name": EVIL, "note": EVIL}
    for node in content["scene"]["nodes"]:
        node["label"] = EVIL
    for outcome in content["outcomes"]:
        outcome["label"] = outcome["definition"] = EVIL
    for node in content["sankey"]["nodes"]:
        node["label"] = EVIL
    content["decisions"]["agents"] = [
        [name, dict.fromkeys(said, EVIL)] for name, said in content["decisions"]["agents"]
    ]
    content["decisions"]["said"]["en"]["patterns"] = [EVIL] * len(content["decisions"]["said"]["en"]["patterns"])
    place = tmp_path / "evil.html"
    write_page(page(content), place)
    for tab in TABS:
        shown = opened.go(place, f"tab={tab}&sel=banks")
        shown.wait_for_timeout(50)
        assert shown.locator("h1").inner_text() == EVIL
        assert shown.locator("img").count() == 0
    opened.go(place).mouse.move(400, 500)
    assert opened.complaints == []


def test_an_address_from_a_stranger_does_no_harm(opened: Opened, report: Path) -> None:
    evil = "%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E"
    for tab in (*TABS, evil):
        names = ("m", "layers", "sel", "at", "mode", "outcome", "party", "find", "yen", "diff", "who", "lane")
        for value in (evil, "constructor"):
            shown = opened.go(report, f"tab={tab}&" + "&".join(f"{name}={value}" for name in names))
            assert shown.locator("main [role=tabpanel]:visible").count() == 1
            assert shown.locator("img").count() == 0
    assert opened.complaints == []


def test_pictures_have_words_and_tables_beside_them(opened: Opened, report: Path) -> None:
    shown = opened.go(report)
    assert "Largest:" in (shown.locator("#network").get_attribute("aria-label") or "")
    for tab in TABS:
        shown = opened.go(report, f"tab={tab}")
        pictures = shown.locator(f"#panel-{tab} svg")
        for at in range(pictures.count()):
            assert len(pictures.nth(at).get_attribute("aria-label") or "") > 20
        assert shown.locator(f"#panel-{tab} table").count() >= 1
        assert shown.locator(f"#panel-{tab} button.csv").count() >= 1


def test_what_moved_the_yen_adds_up(opened: Opened, report: Path) -> None:
    opened.go(report, "tab=yen")
    rows = opened.saved("#panel-yen > div:last-of-type button.csv")
    for name in rows[0]:
        if name != "client":
            parts = [float(row[name]) for row in rows[:-1]]
            assert float(rows[-1][name]) == pytest.approx(sum(parts), abs=1e-9)


def test_parameters_can_be_found(opened: Opened, report: Path) -> None:
    shown = opened.go(report, "tab=made")
    shown.get_by_label("Find a parameter").fill("okun_coefficient")
    table = shown.locator("#panel-made .scroll tbody tr")
    assert table.count() == 1
    assert "okun_coefficient" in table.inner_text()
    assert shown.locator("#command").inner_text().startswith("itcho run --again")


def test_a_study_says_what_drives_it(opened: Opened, study_page: Path) -> None:
    """One without a design that can tell says so; the page of a comparison is this page, and speaks in labels."""
    shown = opened.go(study_page, "tab=drivers")
    panel = shown.locator("#panel-drivers").inner_text()
    assert "What drives the differences" in panel
    assert "no design that can tell" in panel
    assert "In which futures it goes otherwise" in panel
    found = opened.go(study_page, "tab=compare").locator("#panel-compare .findings").inner_text()
    assert "usdjpy" not in found
    assert opened.complaints == []


def test_a_study_compares_policies_with_fan_charts(opened: Opened, tmp_path: Path) -> None:
    place = tmp_path / "study.html"
    write_page(page(content_of(run_small_study(tmp_path / "small"))[0]), place)
    for tab in ("compare", "fans", "costs", "made"):
        shown = opened.go(place, f"tab={tab}")
        assert shown.locator(f"#panel-{tab} table").count() >= 1
    shown = opened.go(place, "tab=fans&outcome=usdjpy")
    assert shown.locator("#panel-fans svg").count() == 5, "three levels and two differences"
    rows = opened.saved("#panel-fans button.csv")
    assert {row["policy"] for row in rows} == {"none", "actual", "vouchers"}
    shown.get_by_label("Outcome").select_option("deficit_trn_yen_fy")
    assert "outcome=deficit_trn_yen_fy" in shown.url
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith(("file:", "about:", "blob:"))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_brief_of_eight_rules_and_six_futures_prints_on_one_page(browser: Any, tmp_path: Path, language: str) -> None:
    asked = replace(read_study(packaged_studies()["which-support"]), seeds=(1, 2, 3, 4))
    store = CellStore(tmp_path / "made")
    run_study(asked, store, SerialEngine(), work=test_brief.fake, show_progress=False)
    place = tmp_path / "brief.html"
    place.write_text(brief_page(brief_of(asked, store), words(language)), encoding="utf-8")
    shown = browser.new_page()
    shown.goto(f"file://{place}")
    printed = shown.pdf(format="A4", prefer_css_page_size=True)
    shown.set_viewport_size({"width": 390, "height": 844})
    assert shown.evaluate("document.documentElement.scrollWidth") <= 390
    shown.close()
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) == 1


def test_a_network_of_300_nodes_and_1500_edges_moves_within_its_bounds(browser: Any, report: Path) -> None:
    """What a frame of it costs is measured by ``python -m benchmarks.view_frames``."""
    moving = Opened(browser)
    shown = moving.go(report)
    stats = shown.evaluate(MANY_EDGES)
    assert stats["drawn"] > 3, "nothing moves"
    assert stats["edges"] > 1400
    assert 1400 < stats["particles"] <= 3300
    assert moving.complaints == []
    moving.page.close()


@pytest.mark.parametrize("code", ["ja", "zh-Hant"])
def test_no_label_of_a_page_is_left_in_english(opened: Opened, report: Path, study_page: Path, code: str) -> None:
    """Of both kinds of page, on every tab: the texts for which the language has no words are names of the user's."""
    for page_file in (report, study_page):
        shown = opened.go(page_file, f"lang={code}")
        assert shown.locator("html").get_attribute("lang") == code
        for tab in shown.evaluate("itchoPage.tabs.map((tab) => tab.key)"):
            shown.evaluate(f"itchoPage.set({{ tab: '{tab}' }})")
            if tab != "made":  # the registry of parameters and what made the run are in English
                said = shown.locator(f"#panel-{tab}").inner_text()
                assert re.findall(r"(?:[A-Za-z'’]{2,}[ ,;:]+){5,}", said) == [], tab
        shown.evaluate("itchoPage.set({ tab: itchoPage.tabs[0].key, diff: 'difference', yen: 'difference' })")
        left = shown.evaluate("[...itchoWords.untranslated]")
        assert set(left) <= {*POLICIES, *SCENARIOS, "none"} | {one for one in left if EVIL in one}


def test_the_switch_of_languages_keeps_the_state(opened: Opened, report: Path) -> None:
    shown = opened.go(report, "tab=outcomes")
    assert shown.locator("#tab-outcomes").inner_text() == "Outcomes"
    shown.locator('[data-lang="ja"]').click()
    shown.wait_for_function("document.documentElement.lang === 'ja'")
    assert shown.locator("#tab-outcomes").inner_text() == "結果"
    assert shown.locator("#panel-outcomes").is_visible()
    shown.locator('[data-lang="en"]').click()
    shown.wait_for_function("document.documentElement.lang === 'en'")
    assert opened.requests
    assert all(url.startswith(("file:", "about:")) for url in opened.requests)
    assert opened.complaints == []


def test_values_under_the_pointer_and_whole_years(opened: Opened, report: Path) -> None:
    """The deficit has one point for each whole fiscal year; the box under the pointer says the registry's number."""
    shown = opened.go(report, "tab=outcomes")
    picture = shown.locator("#panel-outcomes figure").nth(1)
    assert "whole fiscal years" in picture.inner_text()
    assert picture.locator("svg circle").count() == 2
    frame = picture.locator("svg").bounding_box()
    shown.mouse.move(frame["x"] + 0.95 * frame["width"], frame["y"] + 0.5 * frame["height"])
    said = picture.locator("svg g.hover").text_content()
    value = shown.evaluate("itchoPage.content.outcomes.find((one) => one.name === 'deficit_trn_yen_fy').by_year[1]")
    assert "FY2027" in said
    assert f"actual {value:.2f}" in said


def test_what_is_claimed_of_a_difference_is_drawn_beside_it(opened: Opened, report: Path) -> None:
    """5 to 8 percent of the yen of the twin, as the mean of those months that are in the run."""
    shown = opened.go(report, "tab=outcomes&diff=difference")
    place = shown.evaluate("itchoPage.content.headline.indexOf('usdjpy')")
    text = shown.locator("#panel-outcomes figure").nth(place).locator("svg rect.range title").text_content()
    twin = shown.evaluate("itchoPage.content.outcomes.find((one) => one.name === 'usdjpy').twin")
    low, high = (float(word) for word in re.findall(r"[+]([0-9.]+)", text))
    mean = sum(twin[12:24]) / 12
    assert "first 12-24 months" in text
    assert (low, high) == (pytest.approx(0.05 * mean, rel=0.02), pytest.approx(0.08 * mean, rel=0.02))
    assert opened.complaints == []


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_is_wider_than_the_screen(browser: Any, report: Path, width: int) -> None:
    shown = browser.new_page(viewport={"width": width, "height": 844})
    shown.goto(f"file://{report}")
    for tab in TABS:
        shown.evaluate(f"itchoPage.set({{ tab: '{tab}' }})")
        assert shown.evaluate("document.documentElement.scrollWidth") <= width, tab
    shown.evaluate("itchoPage.set({ tab: 'outcomes' })")
    assert shown.locator("#panel-outcomes figure svg").first.bounding_box()["height"] >= (180 if width < 640 else 140)
    shown.close()


@pytest.mark.parametrize("code", ["en", "ja", "zh-Hant"])
def test_the_lesson_asks_first_and_answers_with_the_runs_numbers(opened: Opened, report: Path, code: str) -> None:
    """One question at a time; an answer stays; all is read from the page itself."""
    shown = opened.go(report, f"tab=lesson&lang={code}")
    panel = shown.locator("#panel-lesson")
    assert panel.locator(".question").count() == 1
    assert panel.locator("svg").count() == 0, "nothing is shown before somebody has decided"
    usdjpy = shown.evaluate("itchoPage.content.outcomes.find((one) => one.name === 'usdjpy')")
    right = 0 if usdjpy["run"][-1] > usdjpy["run"][0] else 1
    panel.locator(f'[data-question="0"] [data-option="{1 - right}"]').click()
    assert panel.locator(f'[data-question="0"] [data-option="{right}"]').get_attribute("class") == "right"
    assert panel.locator(f'[data-question="0"] [data-option="{1 - right}"]').get_attribute("class") == "wrong"
    assert panel.locator('[data-question="0"] button').first.is_disabled()
    assert f"{usdjpy['run'][-1]:.0f}" in panel.locator('[data-question="0"] .answer').inner_text()
    asked = 1
    while panel.locator("#lesson-end").count() == 0:
        panel.locator(f'[data-question="{asked}"] [data-option="0"]').click()
        asked += 1
    assert asked == 4, "a single world has no question on many"
    gap = abs(usdjpy["run"][-1] - usdjpy["twin"][-1])
    size = sum(gap >= limit for limit in (0.1, 1, 5))
    assert panel.locator(f'[data-question="3"] [data-option="{size}"]').get_attribute("class") == "right"
    assert set(shown.evaluate("[...itchoWords.untranslated]")) <= {"actual"}
    assert [url for url in opened.requests if not url.startswith(("file:", "about:"))] == []
    panel.locator("#lesson-end button").click()
    assert panel.locator(".question").count() == 1


def first_rate(run: Path) -> tuple[str, dict[str, str]]:
    """The month in which the Bank of Japan first moves its rate, and how its sentence begins."""
    with (run / "decisions.csv").open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if row["rule"].startswith("policy_rate"):
                before = json.loads(row["saw"]).get("before_pct", float(row["did"]))
                if abs(float(row["did"]) - before) > 1e-9:
                    break
    year, month = int(row["month"][:4]), int(row["month"][5:7])
    did = "raised to " if float(row["did"]) > before else "cut to "
    return row["month"], {
        "en": f"Bank of Japan, {calendar.month_name[month]} {year}: {did}",
        "ja": f"日本銀行、{year}年{month}月：",
        "zh-Hant": f"日本央行，{year}年{month}月：",
    }


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("code", ["en", "ja", "zh-Hant"])
def test_a_mark_in_the_lanes_leads_to_the_decision_and_its_flows(
    browser: Any, report: Path, run: Path, code: str, width: int
) -> None:
    one = Opened(browser, reduced_motion="reduce")
    one.page.set_viewport_size({"width": width, "height": 844})
    shown = one.go(report, f"lang={code}")
    mark = shown.locator('#panel-network svg.lanes [data-lane="rate"]').first
    moved, begins = first_rate(run)
    assert mark.get_attribute("data-month") == moved
    mark.scroll_into_view_if_needed()
    mark.click()
    event = shown.locator("#panel-network .chosen-event")
    assert event.locator("li").first.inner_text().startswith(begins[code])
    rows = one.saved("#panel-network .chosen-event button.csv")
    with (run / "edges.csv").open(newline="", encoding="utf-8") as stream:
        kept = [
            row for row in csv.DictReader(stream)
            if row["month"] == moved and "bank_of_japan" in (row["payer"], row["payee"])
        ]  # fmt: skip
    assert sorted(float(row["amount_trn_yen"]) for row in rows) == sorted(float(row["amount_trn_yen"]) for row in kept)
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    assert set(shown.evaluate("[...itchoWords.untranslated]")) <= {"actual", "none"}
    assert one.complaints == []
    one.page.close()


def test_an_agent_and_a_month_are_chosen_and_told_of(opened: Opened, run: Path, report: Path) -> None:
    shown = opened.go(report, "tab=why&m=2026-06-30")
    panel = shown.locator("#panel-why")
    panel.get_by_label("Agent").select_option("softbank_group")
    said = panel.locator("ul.decisions li").all_inner_texts()
    assert len(said) == 3
    assert all(one.startswith("SoftBank Group, June 2026: ") for one in said)
    assert "who=softbank_group" in shown.url
    rows = opened.saved("#panel-why button.csv")
    with (run / "decisions.csv").open(newline="", encoding="utf-8") as stream:
        assert len(rows) == sum(row["agent"] == "softbank_group" for row in csv.DictReader(stream))
    panel.locator('[data-lane="rate"]').nth(0).focus()
    shown.keyboard.press("Enter")
    assert panel.locator("ul.decisions li").first.inner_text().startswith(first_rate(run)[1]["en"])
    assert opened.complaints == []


@pytest.fixture(scope="module")
def banded(run: Path) -> Path:
    """The page of the run as if it were the typical world of three pairs whose yen moved far."""
    content = content_of(run)[0]
    labels = [group["label"] for group in content["attribution"]["groups"]]
    rows = [
        {"group": group, "kind": kind, "low_90": -400.0 - place, "median": 0.5 * place, "high_90": 200.0, "pairs": 3}
        for kind in ("accounting", "effect")
        for place, group in enumerate([*labels, "USD/JPY, all together"])
    ]
    content["attribution"]["bands"] = band_record(pd.DataFrame(rows))
    place = run.with_name("banded.html")
    write_page(page(content), place)
    return place


def test_the_page_says_in_yen_who_moved_the_yen(opened: Opened, run: Path, report: Path) -> None:
    shown = opened.go(report, "tab=yen")
    rows = opened.saved("#yen-bars button.csv")
    assert len(rows) == 8, "six groups, common shocks, all together"
    assert rows[-2]["group"] == "Common shocks"
    names = [name for name in rows[0] if name != "group"]
    assert names == ["with_log_pct", "with_yen", "without_log_pct", "difference_log_pct", "effect_yen"]
    for name in names:
        assert float(rows[-1][name]) == pytest.approx(sum(float(row[name]) for row in rows[:-1]), abs=1e-9)
    ends = [pd.read_csv(run / f"{twin}monthly.csv")["usdjpy"].iloc[-1] for twin in ("", "without_programme_")]
    opening = shown.evaluate("itchoPage.content.attribution.yen.opening")
    assert float(rows[-1]["with_yen"]) == pytest.approx(ends[0] - opening, abs=1e-9)
    assert float(rows[-1]["effect_yen"]) == pytest.approx(ends[0] - ends[1], abs=1e-9)
    # A yen column is its log column times one number, between the two rates.
    for log, yen, rates in (
        ("with_log_pct", "with_yen", (opening, ends[0])),
        ("difference_log_pct", "effect_yen", ends),
    ):
        scales = [100 * float(row[yen]) / float(row[log]) for row in rows if float(row[log])]
        assert scales == pytest.approx([scales[0]] * len(scales), rel=1e-6)
        assert min(rates) * (1 - 1e-6) < scales[0] < max(rates) * (1 + 1e-6)
    drawn = shown.locator("#yen-bars svg .bar").evaluate_all("(all) => all.map((one) => one.getAttribute('fill'))")
    groups = shown.evaluate("itchoPage.content.attribution.groups.map((one) => one.colour)")
    assert drawn == [*groups, "#14375e"] * 2, "one order, one palette"
    assert shown.locator("#yen-bars svg .whisker").count() == 0, "a single world has no band"


PLACED = """(svg) => {
    const all = (chosen) => [...svg.querySelectorAll(chosen)];
    const upright = (line) => line.getAttribute('x1') === line.getAttribute('x2');
    const zero = Number(all('line.axis').find(upright).getAttribute('x1'));
    const atZero = (bar) => Math.min(Math.abs(bar.x - zero), Math.abs(bar.x + bar.width - zero)) < 1;
    const box = (one) => one.getBBox();
    const low = Math.max(...all('text[x="0"]').map(box).map((one) => one.x + one.width));
    const values = all('text.ink[text-anchor=end], text.strong[text-anchor=end]');
    const high = Math.min(...values.map(box).map((one) => one.x));
    const between = (one) => one.x > low && one.x + one.width < high;
    return [all('.bar').map(box).every(atZero), all('.bar, .whisker').map(box).every(between)];
}"""
"""Whether bars begin or end at zero, and whether all that is drawn lies between the labels and the values."""


@pytest.mark.parametrize(("width", "code"), [(1440, "en"), (390, "ja"), (390, "zh-Hant")])
def test_whiskers_show_the_pairs_and_say_their_values(browser: Any, banded: Path, width: int, code: str) -> None:
    one = Opened(browser, reduced_motion="reduce")
    one.page.set_viewport_size({"width": width, "height": 844})
    shown = one.go(banded, f"tab=yen&lang={code}")
    rows = one.saved("#yen-bars button.csv")
    assert [float(row["with_yen_low_90"]) for row in rows] == [-400.0 - place for place in range(8)]
    assert [float(row["effect_yen_median"]) for row in rows] == [0.5 * place for place in range(8)]
    assert {row["effect_yen_high_90"] for row in rows} == {"200"}
    pictures = shown.locator("#yen-bars svg")
    assert pictures.count() == 2
    for at in range(2):
        picture = pictures.nth(at)
        assert picture.locator(".median").count() == 8
        inside = picture.evaluate(PLACED)
        assert inside == [True, True]
    picture = pictures.first
    tall = picture.evaluate("(svg) => svg.clientHeight")
    picture.scroll_into_view_if_needed()
    picture.hover(position={"x": width / 5, "y": tall * 0.42}, force=True)
    told = picture.locator(".hover text").all_text_contents()
    first = one.page.evaluate("itchoPage.content.attribution.yen.yen")
    at = [row["group"] for row in rows].index(told[0])
    assert told[1].endswith(f"{abs(first[at]):.1f}")
    assert told[2].endswith(f"+{0.5 * at:.1f}")
    assert told[3].endswith(f"−{400 + at}.0 … +200.0")
    assert "3" in told[2]
    note = " ".join(shown.locator("#yen-bars p.note").all_inner_texts())
    assert ("nine of ten of the 3 pairs" in note) == (code == "en")
    assert set(shown.evaluate("[...itchoWords.untranslated]")) <= {"actual", "none"}
    assert one.complaints == []
    one.page.close()


@pytest.mark.parametrize("width", [1440, 390])
def test_two_runs_are_compared_payment_by_payment(browser: Any, comparison: Path, width: int) -> None:
    one = Opened(browser, reduced_motion="reduce")
    one.page.set_viewport_size({"width": width, "height": 844})
    shown = one.go(comparison)
    assert "2026" in shown.locator("#panel-edges .lead").inner_text()
    every = one.saved("#panel-edges button.csv")
    for row in every:
        a, b = float(row["a_trn_yen"]), float(row["b_trn_yen"])
        assert float(row["difference_trn_yen"]) == pytest.approx(b - a, abs=1e-15)
        assert row["change"] == ("added" if a == 0 else "removed" if b == 0 else "grown" if b > a else "shrunk")
    shown.locator('#panel-edges [data-key="removed"]').click()
    left = one.saved("#panel-edges button.csv")
    assert 0 < len(left) < len(every)
    assert ("ai_special_account", "national_ai_company") in {(row["payer"], row["payee"]) for row in left}
    shown.evaluate("itchoPage.set({ change: 'all' })")
    by_month: dict[tuple[str, ...], float] = {}
    for year in shown.evaluate("itchoPage.content.years"):
        shown.locator("#panel-edges select").first.select_option(str(year))
        choice = shown.locator("#panel-edges select").nth(1)
        for month in choice.locator("option").evaluate_all("(all) => all.map((one) => one.value).slice(1)"):
            choice.select_option(month)
            for row in one.saved("#panel-edges button.csv"):
                key = (row["payer"], row["payee"], row["purpose"], row["instrument"])
                by_month[key] = by_month.get(key, 0.0) + float(row["difference_trn_yen"])
    for row in every:
        key = (row["payer"], row["payee"], row["purpose"], row["instrument"])
        assert by_month[key] == pytest.approx(float(row["difference_trn_yen"]), abs=1e-12)
    for tab in ("edges", "outcomes", "yen", "made"):
        shown.evaluate(f"itchoPage.set({{ tab: '{tab}' }})")
        assert shown.evaluate("document.documentElement.scrollWidth") <= width, tab
        assert shown.locator(f"#panel-{tab}").is_visible()
    shown.evaluate("itchoPage.set({ tab: 'yen' })")
    yen = one.saved("#yen-bars button.csv")
    ends = shown.evaluate("itchoPage.content.attribution.yen.ends")
    assert float(yen[-1]["difference_yen"]) == pytest.approx(ends[1] - ends[0], abs=1e-9)
    picture = shown.locator("#yen-bars svg")
    picture.scroll_into_view_if_needed()
    picture.hover(position={"x": width / 5, "y": 0.9 * picture.evaluate("(svg) => svg.clientHeight")}, force=True)
    assert picture.locator(".hover text").last.text_content().startswith("B less A ")
    for code in ("ja", "zh-Hant"):
        other = one.go(comparison, f"lang={code}")
        for tab in ("edges", "outcomes", "yen", "made"):
            other.evaluate(f"itchoPage.set({{ tab: '{tab}' }})")
        assert other.evaluate("[...itchoWords.untranslated]") == []
    assert one.complaints == []
    assert [url for url in one.requests if not url.startswith(("file:", "about:", "blob:"))] == []
    one.page.close()


def test_dark_paper_has_light_ink(browser: Any, report: Path, comparison: Path) -> None:
    """Letters of every part stand at least 4.5 to 1 against the page, as WCAG asks."""
    ratio = """() => {
        const light = (text) => {
            const parts = text.match(/[0-9.]+/g).map(Number).map((part) => part / 255)
                .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
            return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
        };
        const paper = light(getComputedStyle(document.documentElement).backgroundColor);
        const open = [...document.querySelectorAll('main > :not([hidden])')];
        const least = (chosen, name) => Math.min(99, ...open.flatMap((panel) => [...panel.querySelectorAll(chosen)])
            .map((one) => (light(getComputedStyle(one)[name]) + 0.05) / (paper + 0.05)));
        return [paper, least('p, td, th, h2, h3, li', 'color'), least('svg text:not([style])', 'fill')];
    }"""
    dark = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="dark")
    for file, tabs in ((report, ("outcomes", "yen", "why", "programme", "sheets")), (comparison, ("edges", "yen"))):
        dark.goto(f"file://{file}")
        for tab in tabs:
            dark.evaluate(f"itchoPage.set({{ tab: '{tab}' }})")
            paper, letters, pictures = dark.evaluate(ratio)
            assert paper < 0.02
            assert min(letters, pictures) >= 4.5, tab
    dark.close()


def test_the_difference_on_the_edges_is_the_flows(opened: Opened, run: Path, report: Path) -> None:
    """Sums on edges of every depth are those of edges.csv less without_programme_edges.csv, to 1e-9."""
    expected: dict[tuple[str, str], float] = {}
    for name, sign in (("edges", 1.0), ("without_programme_edges", -1.0)):
        with (run / f"{name}.csv").open(newline="", encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                key = row["payer"], row["payee"]
                expected[key] = expected.get(key, 0.0) + sign * float(row["amount_trn_yen"])
    shown = opened.go(report, f"layers={ALL_LAYERS}")
    for depth in ("trillion", "sectors", "firms"):
        shown.evaluate(f"itchoPage.set({{ depth: '{depth}', show: 'twin', span: 'all' }})")
        drawn = shown.evaluate(f"{NETWORK}.allEdges.map((edge) => [edge.source, edge.target, edge.signed])")
        node = shown.evaluate(
            f"Object.fromEntries({NETWORK}.scene.nodes.map((one) => [one.key, {NETWORK}.of[one.id]]))"
        )
        sums: dict[tuple[int, int], float] = {}
        for (payer, payee), amount in expected.items():
            if node[payer] != node[payee]:
                key2 = node[payer], node[payee]
                sums[key2] = sums.get(key2, 0.0) + amount
        found: dict[tuple[int, int], float] = {}
        for source, target, amount in drawn:
            found[source, target] = found.get((source, target), 0.0) + amount
        assert len(found) > 20
        for pair, total in sums.items():
            assert found.get(pair, 0.0) == pytest.approx(total, abs=1e-9)


LOOKS = [(1440, "light", "en"), (390, "dark", "ja"), (1440, "dark", "zh-Hant"), (390, "light", "en")]


@pytest.mark.parametrize(("width", "scheme", "code"), LOOKS)
def test_the_network_tells_at_every_size_in_light_and_dark(
    browser: Any, report: Path, width: int, scheme: str, code: str
) -> None:
    """It opens at the first depth, with equity and credit off; every depth and mode draws, in the page's colours."""
    one = Opened(browser, reduced_motion="reduce", color_scheme=scheme)
    one.page.set_viewport_size({"width": width, "height": 900 if width > 700 else 844})
    shown = one.go(report, f"lang={code}")
    assert shown.evaluate(f"{NETWORK}.depth") == "trillion"
    assert shown.evaluate(f"{NETWORK}.nodes.length") <= 14
    assert shown.evaluate(f"[...{NETWORK}.layers].sort()") == ["ai_services", "chips", "compute", "public_money"]
    pictures = set()
    for depth in ("trillion", "sectors", "firms"):
        for show in ("level", "twin"):
            shown.evaluate(f"itchoPage.set({{ depth: '{depth}', show: '{show}', span: 'year' }})")
            pictures.add(shown.evaluate(f"{NETWORK}.picture().toDataURL()"))
    assert len(pictures) == 6
    corner = shown.evaluate(f"[...{NETWORK}.picture().getContext('2d').getImageData(2, 40, 1, 1).data]")
    assert (sum(corner[:3]) / 3 > 200) == (scheme == "light")
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    assert set(shown.evaluate("[...itchoWords.untranslated]")) <= {"actual", "none"}
    assert [url for url in one.requests if not url.startswith(("file:", "about:"))] == []
    assert one.complaints == []
    one.page.close()


EVERY_LOOK = [
    (width, scheme, code) for width in (1440, 390) for scheme in ("light", "dark") for code in ("en", "ja", "zh-Hant")
]
CHARTS = """[...document.querySelectorAll('[role=tabpanel]:not([hidden]) figure > svg:not(.lanes)')]
    .map((one) => one.clientHeight)"""


@pytest.mark.parametrize(("width", "scheme", "code"), EVERY_LOOK)
def test_every_part_fits_its_screen_in_every_look(
    browser: Any, banded: Path, width: int, scheme: str, code: str
) -> None:
    """Nothing is wider than the screen, no chart too low to be read, no label left in English, the paper as chosen."""
    one = Opened(browser, reduced_motion="reduce", color_scheme=scheme)
    one.page.set_viewport_size({"width": width, "height": 900 if width > 700 else 844})
    shown = one.go(banded, f"lang={code}")
    charts = 0
    for tab in TABS:
        shown.evaluate(f"itchoPage.set({{ tab: '{tab}' }})")
        assert shown.evaluate("document.documentElement.scrollWidth") <= width, tab
        heights = shown.evaluate(CHARTS)
        assert all(height >= 180 for height in heights), (tab, heights)
        charts += len(heights)
    assert charts > 8
    paper = shown.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert (sum(int(part) for part in re.findall(r"[0-9]+", paper)[:3]) / 3 > 200) == (scheme == "light")
    assert set(shown.evaluate("[...itchoWords.untranslated]")) <= {"actual", "none"}
    assert one.complaints == []
    one.page.close()


def test_contracts_and_limits_stand_at_the_nodes(opened: Opened, report: Path) -> None:
    shown = opened.go(report)
    clouds = f"{NETWORK}.nodes.findIndex((node) => node.key === 'group:clouds')"
    assert shown.evaluate(f"Object.keys({NETWORK}.contracts[{clouds}]).includes('compute')")
    bound = shown.evaluate("Object.entries(itchoPage.content.limits.months)")
    month, marks = bound[0]
    shown.evaluate(f"itchoPage.set({{ m: '{month}' }})")
    lines = shown.evaluate(f"{NETWORK}._nodeLines({NETWORK}.of[{marks[0][0]}])")
    assert any(line.startswith("Limit reached: ") for line in lines)
    assert "issuers of world assets" in " ".join(shown.evaluate(f"{NETWORK}.scene.nodes.map((node) => node.label)"))
