"""The pictures of `docs/walk.md` and of README: made by walking through the pages in a browser.

    python -m tests.walk_pictures RUN OTHER STUDY.html

RUN and OTHER are folders of runs of the same world under two policies, STUDY.html is a study's page.  Needs the extras
`view` and `browser-test`, Pillow (which Matplotlib brings) and a Chromium.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.view_server import served

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
SCREEN, PHONE = (1440, 900), (390, 844)
SHOWN_WIDTH, COLOURS = {SCREEN: 1080, PHONE: 390}, 256
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


class Camera:
    """Takes pictures of pages and keeps them small."""

    def __init__(self, browser: Any) -> None:
        self.browser = browser

    def page(self, address: str, size: tuple[int, int], scheme: str = "light") -> Any:
        page = self.browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
        page.goto(address)
        return page

    def take(self, page: Any, name: str) -> None:
        from PIL import Image

        page.wait_for_timeout(900)
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        width = SHOWN_WIDTH[(page.viewport_size["width"], page.viewport_size["height"])]
        if picture.width != width:
            picture = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
        picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
            PICTURES / f"{name}.png", optimize=True
        )
        print(f"{name}.png: {(PICTURES / f'{name}.png').stat().st_size // 1024} kB")


def of_report(camera: Camera, report: str) -> None:
    """The page of a run."""
    page = camera.page(report, SCREEN)
    camera.take(page, "report_network")
    page.evaluate("itchoPage.set({ sel: 'national_ai_company', depth: 'firms', show: 'level' })")
    camera.take(page, "walk_firm")
    page.evaluate("itchoPage.set({ tab: 'yen' })")
    camera.take(page, "walk_yen")
    page.close()
    page = camera.page(f"{report}#lang=ja", PHONE, "dark")
    page.locator(".canvas-box").scroll_into_view_if_needed()
    camera.take(page, "walk_phone")
    page.close()
    page = camera.page(f"{report}#tab=lesson&lang=zh-Hant", PHONE)
    camera.take(page, "walk_lesson")
    page.close()


def of_view(camera: Camera) -> None:
    """The live view of two policies."""
    with served("--beside", "vouchers", "--months", "30") as server:
        page = camera.page(server.address, SCREEN)
        page.locator(".itcho canvas").first.wait_for(timeout=90_000)
        camera.take(page, "live_view")
        page.locator("[data-show=both]").click()
        page.wait_for_timeout(800)
        page.locator(".itcho-pair").scroll_into_view_if_needed()
        camera.take(page, "walk_side_by_side")
        page.locator('svg.lanes [data-lane="rate"]').nth(1).click()
        page.locator(".itcho-event").scroll_into_view_if_needed()
        camera.take(page, "walk_decision")
        page.close()
        page = camera.page(server.address, SCREEN, "dark")
        page.locator(".itcho canvas").first.wait_for(timeout=90_000)
        page.locator(".v-input:has(label:text-is('Monetary rule')) .v-select__slot").click()
        page.locator(".menuable__content__active .v-list-item:has(:text-is('constant'))").first.click()
        page.locator(".itcho-pending").wait_for()
        camera.take(page, "walk_switch")
        page.close()
        page = camera.page(server.address, SCREEN)
        page.locator(".itcho canvas").first.wait_for(timeout=90_000)
        page.locator(".itcho-six").scroll_into_view_if_needed()
        camera.take(page, "live_charts")
        page.close()


def main(run: Path, other: Path, study: Path) -> None:
    """Make every picture."""
    import shutil

    from playwright.sync_api import sync_playwright

    from itcho.experiments.view.report import content_of, page, write_page
    from itcho.experiments.view.report_compare import compare_folders

    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        report, both = Path(scratch) / "report.html", Path(scratch) / "both.html"
        write_page(page(content_of(run)[0]), report)
        write_page(page(compare_folders(run, other)), both)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        camera = Camera(browser)
        of_report(camera, f"file://{report}")
        for address, name, size, scheme in (
            (f"file://{both}", "walk_two_runs", SCREEN, "light"),
            (f"file://{study.absolute()}", "walk_study", SCREEN, "dark"),
            (f"file://{study.absolute()}#tab=drivers", "walk_drivers", SCREEN, "light"),
        ):
            opened = camera.page(address, size, scheme)
            camera.take(opened, name)
            opened.close()
        of_view(camera)
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*(Path(text) for text in sys.argv[1:]))
