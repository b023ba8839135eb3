"""The documentation site: it is built without a warning, and reads nothing from a network."""

from __future__ import annotations

import html
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.children import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("mkdocs") is None, reason="the extra 'docs' is not installed"),
]
_ELSEWHERE = r"[^>]*=\"(?:https?:)?//"
_ASKED_FOR = re.compile(rf"<(?:script|img|iframe|source){_ELSEWHERE}|<link[^>]*stylesheet{_ELSEWHERE}")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "built"
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_page_of_the_documentation_is_on_the_site(site: Path) -> None:
    pages = {page.with_suffix(".html").name for page in (ROOT / "docs").glob("*.md")} - {"README.html"}
    assert pages <= {page.name for page in site.glob("*.html")}
    assert (site / "index.html").is_file()
    assert 'class="doc doc-heading"' in (site / "reference" / "agents.html").read_text(encoding="utf-8")


def test_every_link_leads_somewhere_on_the_site(site: Path) -> None:
    anchors = {
        page: set(re.findall(r"\bid=\"?([^\s\">]+)", page.read_text(encoding="utf-8"))) for page in site.rglob("*.html")
    }
    followed = 0
    for page in anchors:
        for target in re.findall(r"<a\s[^>]*\bhref=\"([^\"]*)\"", page.read_text(encoding="utf-8")):
            if re.match(r"[a-z]+:|//|/|#$", target) or not target:
                continue
            path, _, anchor = unquote(html.unescape(target)).partition("#")
            place = (page.parent / path).resolve() if path else page
            place = place / "index.html" if place.is_dir() else place
            assert place.is_file(), f"{page.relative_to(site)} links to {target}"
            if anchor and place in anchors:
                assert anchor in anchors[place], f"{page.relative_to(site)} links to {target}"
            followed += 1
    assert followed > 1000


def test_the_explorer_and_the_lesson_are_reached_from_every_page(site: Path) -> None:
    for page in (site / "index.html", site / "limits.html", site / "reference" / "agents.html"):
        text = page.read_text(encoding="utf-8")
        menu = text[text.index("md-nav--primary") :]
        for name in ("explorer.html", "lesson.html"):
            assert re.search(rf"<a href=\"(?:\.\./)*{name}\"", menu), f"{page.name} does not lead to {name}"


def test_nothing_is_fetched_when_a_page_is_read(site: Path) -> None:
    for page in site.rglob("*.html"):
        assert not _ASKED_FOR.search(page.read_text(encoding="utf-8")), page.name
