"""The live view in a real browser: Debian's Chromium through Playwright, with no way out to the network."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from itcho.experiments.languages import words
from itcho.experiments.view.settings import AS_IN_POLICY
from tests.view_server import SMALL_WORLD, Server, served, wait_until

NEEDED = ("playwright", "solara", "solara_assets")
MISSING = [name for name in NEEDED if importlib.util.find_spec(name) is None]
CHROMIUM = os.environ.get("ITCHO_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--host-resolver-rules=MAP evil.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
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
        menus(self.page, False)
        self.page.get_by_role("button", name="Step").click()
        self.page.wait_for_function("m => document.querySelector('.itcho h1').innerText !== m", arg=before)

    def picture(self) -> str:
        return str(self.page.get_attribute(".itcho canvas", "aria-label"))


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
    with served("--policy", str(policy_file)) as server:
        opened = opened_at(browser, server.address, 1440, 900)
        yield opened
        opened.page.close()


def opened_at(browser: Any, address: str, width: int, height: int, **options: Any) -> View:
    """The view in a tab, at the size of a screen."""
    page = browser.new_page(viewport={"width": width, "height": height}, **options)
    opened = View(page, address)
    page.on("request", lambda request: opened.requests.append(request.url))
    page.on("websocket", lambda socket: opened.requests.append(socket.url))
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    page.on("console", lambda said: opened.complaints.append(said.text) if said.type == "error" else None)
    page.goto(address)
    page.wait_for_selector(".itcho canvas", timeout=90_000)
    if width < 1264:
        # Menus that lie over the page are put away by themselves.
        page.wait_for_function("!document.querySelector('.v-navigation-drawer--open')")
    return opened


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
    for off in ("equity", "credit"):
        assert view.page.locator(f"button[data-layer={off}]").get_attribute("aria-pressed") == "false"
    compute = view.page.locator("button[data-layer=compute]")
    assert compute.get_attribute("aria-pressed") == "true"
    compute.focus()
    view.page.keyboard.press("Enter")
    assert compute.get_attribute("aria-pressed") == "false"
    assert 0 < view.page.evaluate(edges) < before
    compute.click()
    assert view.page.evaluate(edges) == before


def test_a_click_shows_the_agent_as_the_ledger_has_it(view: View) -> None:
    from itcho.experiments.view.live_world import LiveWorld
    from itcho.experiments.view.settings import ViewSettings

    canvas = view.page.locator(".itcho canvas").first
    view.page.locator("[data-depth=firms]").click()
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
    flows = {(s, t, f) for s, t, f in zip(frame.source, frame.target, frame.flow, strict=True) if node.id in (s, t)}
    assert rows.count() == len(flows)


def test_the_network_can_be_walked_with_the_keyboard(view: View) -> None:
    canvas = view.page.locator(".itcho canvas").first
    canvas.focus()
    view.page.keyboard.press("Escape")
    view.page.wait_for_selector(".itcho-agent h2:has-text('Why did they act?')")
    view.page.keyboard.press("Home")
    view.page.keyboard.press("Enter")
    view.page.wait_for_selector(".itcho-agent caption:has-text('Flows of the month')")
    view.page.keyboard.press("Escape")


def test_html_in_a_name_is_shown_as_text(view: View) -> None:
    assert "<b>loud</b>" in view.page.inner_text(".itcho-head")
    assert view.page.locator(".itcho img, .itcho-head b:has-text('loud')").count() == 0


def test_a_new_start_takes_the_new_settings(view: View) -> None:
    view.page.get_by_role("textbox", name="Seed").fill("7")
    view.page.get_by_role("textbox", name="Seed").press("Enter")
    view.page.get_by_role("button", name="Start again", exact=True).click()
    view.page.wait_for_selector(".itcho-head p:has-text('0 months'):has-text('seed 7')")
    assert view.month() == "March 2026"
    view.step()
    assert view.complaints == []


def test_a_mistaken_setting_is_named_and_nothing_breaks(view: View) -> None:
    view.page.get_by_role("textbox", name="Investors").fill("many")
    view.page.get_by_role("textbox", name="Investors").press("Enter")
    view.page.get_by_role("button", name="Start again", exact=True).click()
    view.page.wait_for_selector("[role=alert]:has-text('investors')")
    assert "must be a whole number" in view.page.inner_text("[role=alert]")
    assert view.complaints == []


def test_pictures_have_text_alternatives(view: View) -> None:
    view.step()
    pictures = view.page.locator(".itcho svg")
    assert pictures.count() > 5
    assert all(pictures.nth(place).get_attribute("aria-label") for place in range(pictures.count()))


def test_a_huge_number_is_named_and_the_world_stays(view: View) -> None:
    before = view.month()
    for number in ("9" * 400, "999999999999"):
        view.page.get_by_role("textbox", name="Investors").fill(number)
        view.page.get_by_role("textbox", name="Investors").press("Enter")
        view.page.get_by_role("button", name="Start again", exact=True).click()
        view.page.wait_for_selector("[role=alert]:has-text('at most 5000000')")
    assert view.month() == before
    view.page.get_by_role("textbox", name="Investors").fill("2000")
    view.page.get_by_role("textbox", name="Investors").press("Enter")
    view.step()
    assert view.page.locator("[role=alert]").count() == 0
    assert view.complaints == []


def menus(page: Any, shown: bool) -> None:
    """Have the menus beside the picture shown, or put away, where they lie over the page."""
    if page.viewport_size["width"] < 1264 and (page.locator(".v-navigation-drawer--open").count() > 0) != shown:
        page.locator(".v-app-bar__nav-icon").evaluate("button => button.click()")
        page.wait_for_timeout(400)


def pick(page: Any, field: str, choice: str) -> None:
    """Choose from a menu beside the picture, which draws its later entries when it is scrolled."""
    menus(page, True)
    page.locator(f".v-input:has(label:text-is('{field}')) .v-select__slot").click()
    menu = page.locator(".menuable__content__active")
    menu.locator(".v-list-item").first.wait_for()
    menu.evaluate("menu => menu.scrollTo(0, menu.scrollHeight)")
    page.locator(f".menuable__content__active .v-list-item:has(:text-is('{choice}'))").first.click()


def head(page: Any) -> str:
    """What the header says is in force."""
    return str(page.inner_text(".itcho-head > div"))


@pytest.fixture(scope="module")
def small_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    told = tmp_path_factory.mktemp("worlds") / "told"
    with served(*SMALL_WORLD, told=told, SOLARA_KERNEL_CULL_TIMEOUT="2s") as server:
        yield server


@pytest.mark.parametrize(("width", "height", "notice"), [(1440, 900, ".itcho-pending"), (390, 844, ".itcho-aside")])
def test_a_chosen_policy_is_said_not_to_be_in_force_and_can_be_put_so(
    browser: Any, small_server: Server, width: int, height: int, notice: str
) -> None:
    """On a telephone the drawer with the menus covers the page, so it says itself what is not in force."""
    opened = opened_at(browser, small_server.address, width, height)
    page = opened.page
    try:
        assert page.locator(notice).count() == 0
        opened.step()
        pick(page, "Policy of A", "adoption-first")
        said = page.locator(notice)
        said.wait_for(state="visible")
        assert "not in force: Policy of A adoption-first" in " ".join(said.inner_text().split())
        assert "announced" in head(page)
        assert "Adoption first" not in head(page)
        inside = said.bounding_box()
        assert inside["x"] >= 0
        assert inside["x"] + inside["width"] <= width
        assert 0 <= inside["y"] <= height - inside["height"]
        for name in ("Start again with it", "Switch next month"):
            button = said.get_by_role("button", name=name)
            assert button.is_visible()
            assert button.bounding_box()["height"] >= 32
            assert button.evaluate("one => one.scrollWidth <= one.clientWidth + 1")

        said.get_by_role("button", name="Switch next month").click()
        page.wait_for_selector(".itcho-coming:has-text('From May 2026: Adoption first')", state="attached")
        assert page.locator(notice).count() == 0
        assert opened.month() == "April 2026"
        assert "announced" in head(page)
        opened.step()
        assert opened.month() == "May 2026"
        assert "Adoption first since May 2026" in head(page)
        assert "announced" not in head(page)
        assert page.locator(".itcho-coming").count() == 0

        pick(page, "Policy of A", "vouchers")
        said.get_by_role("button", name="Start again with it").click()
        page.wait_for_selector(".itcho-head p:has-text('0 months')")
        assert "Compute vouchers" in head(page)
        assert "Adoption first" not in head(page)
        assert page.locator(notice).count() == 0

        pick(page, "Scenario", "ai-bust")
        said.wait_for(state="visible")
        assert said.get_by_role("button", name="Start again with it").is_visible()
        assert said.get_by_role("button", name="Switch next month").count() == 0
        assert opened.complaints == []
    finally:
        page.close()


def test_playing_goes_on_through_a_switch_and_ends_with_a_new_start(browser: Any, small_server: Server) -> None:
    opened = opened_at(browser, small_server.address, 1440, 900)
    page = opened.page
    try:
        page.get_by_role("button", name="▶").click()
        page.wait_for_function("document.querySelector('.itcho h1').innerText !== 'March 2026'")
        assert page.get_by_role("button", name="Step").is_disabled()
        pick(page, "Policy of A", "vouchers")
        page.locator(".itcho-pending").get_by_role("button", name="Switch next month").click()
        page.wait_for_selector(".itcho-head p:has-text('since')")
        page.get_by_role("button", name="Start again", exact=True).click()
        page.wait_for_selector(".itcho h1:has-text('March 2026')")
        page.wait_for_timeout(1500)
        assert opened.month() == "March 2026"
        assert "Compute vouchers" in head(page)
        assert page.get_by_role("button", name="Step").is_enabled()
        assert opened.complaints == []
    finally:
        page.close()


def test_the_world_of_a_closed_tab_is_freed(browser: Any, small_server: Server) -> None:
    """One tab is closed, after new starts; one is torn down while it plays and says nothing."""
    assert wait_until(lambda: small_server.worlds() == 0, 30), f"{small_server.worlds()} worlds of other tests"
    closed, lost = (opened_at(browser, small_server.address, 1000, 700) for _ in range(2))
    assert small_server.worlds() == 2
    for _ in range(2):
        closed.step()
        closed.page.get_by_role("button", name="Start again", exact=True).click()
        closed.page.wait_for_selector(".itcho-head p:has-text('0 months')")
    assert wait_until(lambda: small_server.worlds() == 2, 30), "a new start keeps the old world"
    closed.page.close(run_before_unload=True)
    assert wait_until(lambda: small_server.worlds() == 1, 30)
    lost.page.get_by_role("button", name="▶").click()
    lost.page.wait_for_function("document.querySelector('.itcho h1').innerText !== 'March 2026'")
    lost.page.route("**/_solara/api/close/**", lambda route: route.abort())
    lost.page.close()
    assert wait_until(lambda: small_server.worlds() == 0, 30)


ATTACK = """async ([view, worldId]) => {
  const got = {};
  const settled = (promise) => Promise.race([promise, new Promise((done) => setTimeout(() => done("nothing"), 4000))]);
  const read = async (options) => {
    const answer = await fetch(view + "/", options);
    return answer.type === "opaque" ? "opaque" : answer.status + (await answer.text());
  };
  got.fetch = await settled(read({ credentials: "include" }).catch(() => "refused"));
  got.blind = await settled(read({ credentials: "include", mode: "no-cors" }).catch(() => "refused"));
  const blindly = { method: "POST", mode: "no-cors", credentials: "include" };
  const closing = fetch(`${view}/_solara/api/close/${worldId}?session_id=x`, blindly);
  got.post = await settled(closing.then((answer) => answer.status, () => "refused"));
  const element = (name, address) => settled(new Promise((done) => {
    const made = document.createElement(name);
    made.onload = () => done("loaded"); made.onerror = () => done("refused");
    made.src = view + address; document.body.append(made);
  }));
  got.image = await element("img", "/static/assets/favicon.png");
  got.script = await element("script", "/_solara/cdn/requirejs@2.3.6/require.js");
  got.socket = await settled(new Promise((done) => {
    const socket = new WebSocket(view.replace("http", "ws") + `/jupyter/api/kernels/${worldId}/channels?session_id=x`);
    socket.onopen = () => done("opened");
    socket.onerror = socket.onclose = () => done("refused");
  }));
  const frame = document.createElement("iframe");
  frame.src = view + "/"; document.body.append(frame);
  await new Promise((done) => setTimeout(done, 500));
  return got;
}"""
NOTHING = {"fetch": "refused", "image": "refused", "script": "refused", "socket": "refused"}


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[int]:
    """A web server that has nothing to do with the view; its port."""
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<!doctype html><title>elsewhere</title><body>a page"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    web = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    yield web.server_address[1]
    web.shutdown()
    web.server_close()


@pytest.mark.parametrize("origin", ["http://evil.example:{port}", "http://127.0.0.1:{port}"])
def test_a_page_of_another_origin_gets_nothing(browser: Any, small_server: Server, elsewhere: int, origin: str) -> None:
    """The browser holds the cookie, and to it another port of the same machine is even the same site."""
    view = f"http://{small_server.host}"
    context = browser.new_context()
    own = context.new_page()
    own.goto(small_server.address)
    own.wait_for_selector(".itcho canvas", timeout=60_000)
    worlds = small_server.worlds()
    page = context.new_page()
    page.goto(origin.format(port=elsewhere))
    got = page.evaluate(ATTACK, [view, "attack"])
    assert got | NOTHING == got, got
    # What is sent blindly is answered, and the answer is kept from the page; it did nothing.
    assert got["blind"] in ("refused", "opaque")
    assert got["post"] in ("refused", 0)
    frames = [frame for frame in page.frames if frame != page.main_frame]
    assert len(frames) == 1
    assert "solara" not in frames[0].content()
    assert small_server.worlds() == worlds
    assert page.evaluate(f"() => {{ const other = window.open('{view}/'); return other === null || !other.length; }}")
    page.wait_for_timeout(1500)
    assert small_server.worlds() == worlds, "a page of another origin built a world"
    own.get_by_role("button", name="Step").click()
    own.wait_for_selector(".itcho h1:has-text('April 2026')")

    theirs = own.evaluate(ATTACK, [view, "own"])
    assert {name: theirs[name] for name in ("image", "script", "socket")} == {
        "image": "loaded",
        "script": "loaded",
        "socket": "opened",
    }, "the attack would find nothing anywhere"
    assert theirs["fetch"].startswith("200")
    context.close()


def test_a_name_that_is_turned_to_this_machine_gets_nothing(browser: Any, small_server: Server) -> None:
    """A page whose name first led elsewhere and then here would be of the view's origin: the name gives it away."""
    page = browser.new_page()
    for address in ("/", f"/?token={small_server.token}"):
        answer = page.goto(f"http://evil.example:{small_server.port}{address}")
        assert answer.status == 421
        assert "solara" not in page.content()
    assert page.context.cookies(f"http://evil.example:{small_server.port}") == []
    page.close()


def test_the_cookie_is_out_of_reach_of_scripts_and_the_address_forgets_the_token(view: View) -> None:
    assert view.page.evaluate("document.cookie") == ""
    assert "token" not in view.page.url
    assert "token" not in view.page.evaluate("document.referrer")


@pytest.mark.slow
def test_a_million_investors_open(browser: Any) -> None:
    with served("--investors", "1000000") as server:
        page = browser.new_page()
        page.goto(server.address)
        page.wait_for_selector(".itcho canvas", timeout=120_000)
        assert "1,000,000" in page.inner_text(".itcho")
        page.close()


LOOKS = [
    (1440, 900, "light", "en"),
    (390, 844, "dark", "ja"),
    (1440, 900, "dark", "zh-Hant"),
    (390, 844, "light", "en"),
]
PAPER = "getComputedStyle(document.querySelector('.itcho-card')).backgroundColor"


@pytest.fixture(scope="module")
def two_policies() -> Iterator[Server]:
    """A view of two policies side by side, a year old."""
    with served(*SMALL_WORLD, "--beside", "vouchers", "--months", "13") as server:
        yield server


@pytest.mark.parametrize(("width", "height", "scheme", "code"), LOOKS)
def test_two_worlds_side_by_side_at_every_size_in_light_and_dark(
    browser: Any, two_policies: Server, width: int, height: int, scheme: str, code: str
) -> None:
    """The picture opens at the first depth; what is chosen is drawn; no label is left in English; nothing overflows."""
    opened = opened_at(browser, two_policies.address, width, height, color_scheme=scheme)
    page = opened.page
    page.wait_for_timeout(600)
    page.locator(f"[data-lang={code}]").click()
    drawer = page.locator(".v-navigation-drawer").first
    said = words(code)
    for text in ("World and rules", "Policy of A", "Monetary rule", "Adopting firms"):
        drawer.get_by_text(said(text), exact=True).first.wait_for(state="attached")
    chosen = drawer.locator(".v-select__selection").all_text_contents()
    assert said(AS_IN_POLICY) in chosen
    assert (AS_IN_POLICY in chosen) == (code == "en")
    assert page.locator("[data-depth=trillion]").get_attribute("aria-pressed") == "true"
    page.locator("[data-show=both]").click()
    page.locator(".itcho-second").wait_for(state="visible")
    page.wait_for_function("document.querySelector('.itcho-second').getAttribute('aria-label')")
    for depth in ("sectors", "firms", "trillion"):
        page.locator(f"[data-depth={depth}]").click()
        page.wait_for_timeout(150)
    page.locator('svg.lanes [data-lane="rate"]').first.click()
    page.locator(".itcho-event li").first.wait_for()
    page.locator("[data-show=difference]").click()
    page.wait_for_timeout(600)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("[...itchoWords.untranslated]") == []
    light = sum(int(part) for part in re.findall(r"\d+", page.evaluate(PAPER))[:3]) / 3
    assert (light > 200) == (scheme == "light")
    tall = "[...document.querySelectorAll('.itcho-six svg')].every((one) => one.clientHeight >= {})"
    page.wait_for_function(tall.format(150 if width > 700 else 180))
    # Another world speaks the language that was chosen, on the page as beside it.
    page.get_by_role("button", name=said("Start again"), exact=True).click()
    page.wait_for_timeout(2000)
    page.wait_for_selector(f"[data-lang={code}][aria-pressed=true]")
    assert said("World and rules") in drawer.text_content()
    assert [url for url in opened.requests if not LOCAL.match(url)] == []
    assert opened.complaints == []
    page.close()


@pytest.mark.parametrize("code", ["en", "ja", "zh-Hant"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_the_view_fits_its_screen_in_every_look(
    browser: Any, two_policies: Server, width: int, height: int, scheme: str, code: str
) -> None:
    """Nothing is wider than the screen, no chart too low to be read, no label left in English, the paper as chosen."""
    opened = opened_at(browser, two_policies.address, width, height, color_scheme=scheme)
    page = opened.page
    page.locator(f"[data-lang={code}]").click()
    page.wait_for_selector(f"[data-lang={code}][aria-pressed=true]")
    tall = "[...document.querySelectorAll('.itcho-six svg')].every((one) => one.clientHeight >= {})"
    page.wait_for_function(tall.format(150 if width > 700 else 180))
    assert page.locator(".itcho-six svg").count() == 6
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("[...itchoWords.untranslated]") == []
    light = sum(int(part) for part in re.findall(r"\d+", page.evaluate(PAPER))[:3]) / 3
    assert (light > 200) == (scheme == "light")
    assert opened.complaints == []
    page.close()


def test_the_scrubber_goes_to_any_month_that_was_played(browser: Any, two_policies: Server) -> None:
    opened = opened_at(browser, two_policies.address, 1440, 900)
    page = opened.page
    assert opened.month() == "April 2027"
    value = "document.querySelector('[data-value=usdjpy]').textContent"
    last = page.evaluate(value)
    page.locator(".itcho-controls input").fill("2")
    page.wait_for_selector(".itcho h1:has-text('May 2026')")
    page.wait_for_function("document.querySelector('.itcho canvas').getAttribute('aria-label').includes('2026-05-31')")
    page.wait_for_function(f"{value} !== '{last}'")
    opened.step()
    assert opened.month() == "June 2026", "a step into a month that was played shows it"
    page.get_by_role("button", name="Latest").click()
    page.wait_for_selector(".itcho h1:has-text('April 2027')")
    page.wait_for_function(f"{value} === '{last}'")
    page.close()


def test_nobody_is_asked_for_milliseconds(view: View) -> None:
    """Speed is chosen in months a second; no control is of threads."""
    assert view.page.locator(".v-slider").count() == 0
    assert "illisecond" not in view.page.inner_text("body")
    assert [one.inner_text() for one in view.page.locator("[data-speed]").all()] == ["×1", "×4", "×20"]


@pytest.mark.parametrize("speed", ["1", "4", "20"])
def test_a_speed_plays_month_after_month_until_it_is_stopped(browser: Any, small_server: Server, speed: str) -> None:
    """How many milliseconds a frame takes is measured by ``python -m benchmarks.view_frames``, not asserted here."""
    opened = opened_at(browser, small_server.address, 1440, 900)
    page = opened.page
    page.evaluate(
        "window.months_ = []; new MutationObserver(() => months_.push(document.querySelector('.itcho h1').innerText))"
        ".observe(document.querySelector('.itcho h1'), {characterData: true, childList: true, subtree: true})"
    )
    page.locator(f"[data-speed='{speed}']").click()
    page.get_by_role("button", name="▶").click()
    page.wait_for_function("new Set(months_).size >= 3", timeout=60_000)
    page.get_by_role("button", name="❚❚").click()
    page.wait_for_timeout(1500)
    stopped = opened.month()
    page.wait_for_timeout(1500)
    assert opened.month() == stopped
    seen = list(dict.fromkeys(page.evaluate("months_")))
    played = [datetime.strptime(month, "%B %Y") for month in seen]
    assert played == sorted(played), "months were played out of order"
    if speed == "1":
        assert [12 * one.year + one.month for one in played] == list(range(12 * 2026 + 4, 12 * 2026 + 4 + len(played)))
    assert opened.complaints == []
    page.close()
