"""``python -m benchmarks.view_frames``: what a frame of the live view costs its page, and a step its server.

Needs the ``view`` and ``browser-test`` extras and a Chromium.  Script, layout and style are counted in the page's own
processor time and stand beside the same page's frames while nothing is played; a step is two worlds and what the page
is told of them.  Goals are 8 ms and 50 ms; how fast the machine is just now is printed with them.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from itcho.experiments.view.live_components import Look, dashboard
from itcho.experiments.view.live_world import LiveWorld
from itcho.experiments.view.settings import ViewSettings
from tests.many_edges import MANY_EDGES
from tests.test_view_browser import CHROMIUM, FLAGS, opened_at
from tests.view_server import served


def addition_ns(count: int = 2_000_000) -> float:
    """One addition in a plain Python loop."""
    began, total = time.perf_counter(), 0
    for one in range(count):
        total += one
    return 1e9 * (time.perf_counter() - began) / count


def step_ms(months: int = 24) -> float:
    """Median of a step of both worlds and of what the page shows of it, at full size."""
    shown = LiveWorld(ViewSettings(beside="vouchers", months=months))
    spent = []
    for _ in range(months):
        before = time.thread_time()
        shown.step()
        json.dumps(dashboard(shown, Look(nodes=(0, 1, 2))))
        spent.append(1000.0 * (time.thread_time() - before))
    return statistics.median(spent)


def meter(page: Any) -> Callable[[], float]:
    """Reads the page's seconds of script, layout and style so far."""
    client = page.context.new_cdp_session(page)
    client.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> float:
        found = {one["name"]: one["value"] for one in client.send("Performance.getMetrics")["metrics"]}
        return float(found["ScriptDuration"] + found["LayoutDuration"] + found["RecalcStyleDuration"])

    return spent


def frame_ms(page: Any, seconds: float) -> tuple[float, int]:
    """Script, layout and style of a frame, and the frames that were drawn."""
    spent = meter(page)
    page.evaluate("window.frames_ = 0; (function turn() { frames_ += 1; requestAnimationFrame(turn); })()")
    page.wait_for_timeout(500)
    before, frames = spent(), page.evaluate("frames_")
    page.wait_for_timeout(1000.0 * seconds)
    drawn = page.evaluate("frames_") - frames
    return 1000.0 * (spent() - before) / drawn, drawn


def many_edges_ms(browser: Any) -> tuple[float, int]:
    """The same of a network of 300 nodes and 1,500 edges on the page of a run."""
    with tempfile.TemporaryDirectory() as folder:
        for line in ("run --seed 7 --years 1 --out run --quiet", "report run --out run.html --quiet"):
            subprocess.run([sys.executable, "-m", "itcho.experiments.cli.main", *line.split()], cwd=folder, check=True)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto((Path(folder) / "run.html").as_uri())
        page.wait_for_function("globalThis.itchoNetwork")
        spent = meter(page)
        before = spent()
        drawn = page.evaluate(MANY_EDGES)["drawn"]
        cost = 1000.0 * (spent() - before) / drawn
        page.close()
    return cost, drawn


def main() -> None:
    """Measure and print."""
    from playwright.sync_api import sync_playwright

    print(f"one addition in a Python loop: {addition_ns():.0f} ns")
    print(f"a step of two worlds and its page: {step_ms():.1f} ms (goal 50)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with served("--beside", "vouchers") as server:
            for speed in ("", "1", "4", "20"):
                opened = opened_at(browser, server.address, 1440, 900)
                opened.step()
                if speed:
                    opened.page.locator(f"[data-speed='{speed}']").click()
                    opened.page.get_by_role("button", name="▶").click()
                cost, frames = frame_ms(opened.page, 4.0)
                played = f"played at ×{speed}" if speed else "at rest"
                print(f"{played}: {cost:.1f} ms a frame over {frames} frames (goal 8)")
                opened.page.close()
        cost, frames = many_edges_ms(browser)
        print(f"300 nodes, 1,500 edges: {cost:.1f} ms a frame over {frames} frames")
        browser.close()


if __name__ == "__main__":
    main()
