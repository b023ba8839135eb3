"""The live view in a real browser: Debian's Chromium through Playwright, with no way out to the network."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import itcho_environment

NEEDED = ("playwright", "solara", "solara_assets", "altair")
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]
CHROMIUM = os.environ.get("ITCHO_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
LOCAL = re.compile(r"^(https?|ws)://127\.0\.0\.1[:/]|^(data|blob|about):")

pytestmark = [
    pytest.mark.skipif(bool(MISSING), reason=f"needs {', '.join(MISSING)}: pip install 'itcho[view]' playwright"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed: apt install chromium"),
]


@dataclass
class View:
    """An open page, what it asked for, and what it complained of."""

    page: Any
    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def month(self) -> str:
        return str(self.page.inner_text(".itcho h1"))

    def step(self) -> None:
        before = self.month()
        self.page.get_by_role("button", name="Step").click()
        self.page.wait_for_function("m => document.querySelector('.itcho h1').innerText !== m", arg=before)

    def picture(self) -> str:
        return str(self.page.get_attribute(".itcho canvas", "aria-label"))


def start_server(*arguments: str) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "itcho.experiments.cli", "view", "--port", "0", "--no-browser", *arguments]
    process = subprocess.Popen(command, env=itcho_environment(), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+/", line)
    assert found is not None, f"the server said {line!r}"
    return process, found.group(0)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="module")
def policy_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A policy whose label holds HTML."""
    path = tmp_path_factory.mktemp("policy") / "loud.toml"
    path.write_text('base = "actual"\nname = "loud"\nlabel = "<img src=x onerror=\'document.title=1\'><b>loud</b>"\n')
    return path


@pytest.fixture(scope="module")
def view(browser: Any, policy_file: Path) -> Iterator[View]:
    process, address = start_server("--policy", str(policy_file))
    try:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        opened = View(page, address)
        page.on("request", lambda request: opened.requests.append(request.url))
        page.on("websocket", lambda socket: opened.requests.append(socket.url))
        page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        page.on("console", lambda said: opened.complaints.append(said.text) if said.type == "error" else None)
        page.goto(address)
        page.wait_for_selector(".itcho canvas", timeout=60_000)
        yield opened
        page.close()
    finally:
        process.terminate()
        process.wait(20)


def test_the_view_opens_offline_steps_and_complains_of_nothing(view: View) -> None:
    assert view.month() == "March 2026"
    assert "press Step" in view.page.inner_text(".itcho")
    view.step()
    first = view.picture()
    assert view.month() == "April 2026"
    assert "pays" in first
    view.step()
    assert view.month() == "May 2026"
    assert view.picture() != first, "the flows of the second month are those of the first"
    outside = [url for url in view.requests if not LOCAL.match(url)]
    assert outside == []
    assert view.complaints == []


def test_layers_can_be_switched(view: View) -> None:
    edges = "() => +/: (\\d+) flows drawn/.exec(document.querySelector('.itcho canvas').getAttribute('aria-label'))[1]"
    before = view.page.evaluate(edges)
    credit = view.page.locator("button[data-layer=credit]")
    assert credit.get_attribute("aria-pressed") == "true"
    credit.focus()
    view.page.keyboard.press("Enter")
    assert credit.get_attribute("aria-pressed") == "false"
    assert 0 < view.page.evaluate(edges) < before
    credit.click()
    assert view.page.evaluate(edges) == before


def test_a_click_shows_the_agent_as_the_ledger_has_it(view: View) -> None:
    from itcho.experiments.view.live_world import LiveWorld
    from itcho.experiments.view.settings import ViewSettings

    canvas = view.page.locator(".itcho canvas")
    world = LiveWorld(ViewSettings())
    node = world.scene.nodes[world.scene.id_of["national_ai_company"]]
    box = canvas.bounding_box()
    canvas.click(position={"x": 20 + node.x * (box["width"] - 40), "y": 26 + node.y * (box["height"] - 40)})
    view.page.wait_for_selector(".itcho-agent h2:has-text('National AI company')")
    while world.economy.clock.date.strftime("%B %Y") != view.month():
        world.step()
    net = sum(world.economy.ledger.positions[:, world.economy.ledger.party_index[node.key]])
    shown = view.page.inner_text(".itcho-agent .itcho-sum td").replace("−", "-")
    assert float(shown) == pytest.approx(net, abs=1e-4)
    rows = view.page.locator(".itcho-agent table").nth(1).locator("tbody tr")
    assert "AI programme" in rows.first.inner_text()
    frame = world.frame()
    assert rows.count() == int(((frame.source == node.id) | (frame.target == node.id)).sum())


def test_the_network_can_be_walked_with_the_keyboard(view: View) -> None:
    canvas = view.page.locator(".itcho canvas")
    canvas.focus()
    view.page.keyboard.press("Escape")
    view.page.wait_for_selector(".itcho-agent h2:has-text('Balance sheets')")
    view.page.keyboard.press("Home")
    view.page.keyboard.press("Enter")
    view.page.wait_for_selector(".itcho-agent caption:has-text('Flows of the month')")
    view.page.keyboard.press("Escape")


def test_html_in_a_name_is_shown_as_text(view: View) -> None:
    assert "<b>loud</b>" in view.page.inner_text(".itcho-head")
    assert view.page.locator(".itcho img, .itcho-head b:has-text('loud')").count() == 0


def test_reset_takes_the_new_settings(view: View) -> None:
    view.page.get_by_role("textbox", name="Seed").fill("7")
    view.page.get_by_role("textbox", name="Seed").press("Enter")
    view.page.get_by_role("button", name="Reset").click()
    view.page.wait_for_selector(".itcho-head p:has-text('0 months'):has-text('seed 7')")
    assert view.month() == "March 2026"
    view.step()
    assert view.complaints == []


def test_a_mistaken_setting_is_named_and_nothing_breaks(view: View) -> None:
    view.page.get_by_role("textbox", name="Investors").fill("many")
    view.page.get_by_role("textbox", name="Investors").press("Enter")
    view.page.get_by_role("button", name="Reset").click()
    view.page.wait_for_selector("[role=alert]:has-text('investors')")
    assert "must be a whole number" in view.page.inner_text("[role=alert]")
    assert view.complaints == []


def test_pictures_have_text_alternatives(view: View) -> None:
    view.step()
    pictures = view.page.locator(".itcho svg")
    assert pictures.count() > 5
    assert all(pictures.nth(place).get_attribute("aria-label") for place in range(pictures.count()))


@pytest.mark.slow
def test_a_million_investors_open_in_seconds(browser: Any) -> None:
    import time

    process, address = start_server("--investors", "1000000")
    try:
        page = browser.new_page()
        began = time.monotonic()
        page.goto(address)
        page.wait_for_selector(".itcho canvas", timeout=60_000)
        assert time.monotonic() - began < 30.0
        assert "1,000,000" in page.inner_text(".itcho")
    finally:
        process.terminate()
        process.wait(20)
