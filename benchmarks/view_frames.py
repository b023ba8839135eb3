"""``python -m benchmarks.view_frames``: what a frame of the live view costs its page, and a step its server.

Needs the ``view`` and ``browser-test`` extras and a Chromium.  Script, layout and style are counted in the page's own
processor time and stand beside the same page's frames while nothing is played; a step is two worlds and what the page
is told of them.  Goals are 8 ms and 50 ms; how fast the machine is just now is printed with them.
"""

from __future__ import annotations

import json
import statistics
import time
from typing import Any

from itcho.experiments.view.live_components import Look, dashboard
from itcho.experiments.view.live_world import LiveWorld
from itcho.experiments.view.settings import ViewSettings
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


def frame_ms(page: Any, seconds: float) -> tuple[float, int]:
    """Script, layout and style of a frame, and the frames that were drawn."""
    client = page.context.new_cdp_session(page)
    client.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> float:
        found = {one["name"]: one["value"] for one in client.send("Performance.getMetrics")["metrics"]}
        return float(found["ScriptDuration"] + found["LayoutDuration"] + found["RecalcStyleDuration"])

    page.evaluate("window.frames_ = 0; (function turn() { frames_ += 1; requestAnimationFrame(turn); })()")
    page.wait_for_timeout(500)
    before, frames = spent(), page.evaluate("frames_")
    page.wait_for_timeout(1000.0 * seconds)
    drawn = page.evaluate("frames_") - frames
    return 1000.0 * (spent() - before) / drawn, drawn


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
        browser.close()


if __name__ == "__main__":
    main()
