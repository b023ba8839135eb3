"""What the documentation site adds to the pages of this folder: first pages, changelog, contributing, API reference.

Everything is taken from where it is kept for readers of the repository, so nothing is written twice.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

ROOT = Path(__file__).parents[2]
TAKEN = {
    "README.md": "index.md",
    "README.ja.md": "index.ja.md",
    "README.zh-Hant.md": "index.zh-Hant.md",
    "CHANGELOG.md": "CHANGELOG.md",
    "CONTRIBUTING.md": "CONTRIBUTING.md",
}
"""Pages of the repository's root, and what they are called on the site."""
HOME_OF_DOCS = "documentation.md"
COPIED = ("LICENSE", "CITATION.cff", "examples/tour.ipynb")
"""Files that pages link to, served as they are."""
PACKAGES = (
    *("agents", "agents/rules"),
    *("model", "model/ai", "model/chips", "model/finance", "model/goods"),
    *("model/ledger", "model/measure", "model/public"),
    *("experiments/runs", "experiments/studies", "experiments/evidence"),
)
"""Packages whose modules are described, each on a page of its own."""
_LINK = re.compile(r"(\]\()([^)\s]+)(\))")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what stands outside this folder, and a page of reference for each package."""
    for page in [page for page in files if page.src_uri == "README.md"]:
        files.remove(page)
    files.append(File.generated(config, HOME_OF_DOCS, content=_links(_text("docs/README.md"), "docs")))
    for name, uri in TAKEN.items():
        if (ROOT / name).is_file():
            files.append(File.generated(config, uri, content=_links(_text(name), "")))
    for name in COPIED:
        files.append(File.generated(config, name, abs_src_path=str(ROOT / name)))
    files.append(File.generated(config, "reference/index.md", content=_reference_home()))
    for package in PACKAGES:
        files.append(File.generated(config, f"reference/{package.replace('/', '.')}.md", content=_reference(package)))
    return files


def on_page_markdown(markdown: str, page: object, config: MkDocsConfig, files: Files) -> str:
    """Let links that leave this folder lead to where the site has the page."""
    uri = page.file.src_uri  # type: ignore[attr-defined]
    generated = uri in (*TAKEN.values(), HOME_OF_DOCS) or uri.startswith("reference/")
    return markdown if generated else _links(markdown, "docs")


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _links(text: str, folder: str) -> str:
    """The links of a page that stands in ``folder``, as the site needs them."""

    def moved(match: re.Match[str]) -> str:
        target, _, part = match[2].partition("#")
        if not target or "://" in target or target.startswith("mailto:"):
            return match[0]
        path = f"{folder}/{target}" if folder else target
        while "/../" in f"/{path}":
            path = re.sub(r"(^|/)[^/]+/\.\./", r"\1", path, count=1)
        path = path.removeprefix("./")
        path = TAKEN.get(path, HOME_OF_DOCS if path == "docs/README.md" else path.removeprefix("docs/"))
        return f"{match[1]}{path}{'#' + part if part else ''}{match[3]}"

    return _LINK.sub(moved, text)


def _modules(package: str) -> list[str]:
    names = sorted(path.stem for path in (ROOT / package).glob("*.py") if path.stem != "__init__")
    return [f"itcho.{package.replace('/', '.')}.{name}" for name in names]


def _reference(package: str) -> str:
    dotted = f"itcho.{package.replace('/', '.')}"
    options = "    options:\n      heading_level: 2\n      show_root_heading: true\n"
    parts = [f"::: {module}\n{options}" for module in _modules(package)]
    return f"# `{dotted}`\n\n" + "\n".join(parts)


def _reference_home() -> str:
    names = {one.replace("/", "."): len(_modules(one)) for one in PACKAGES}
    packages = "\n".join(f"- [`itcho.{name}`]({name}.md): {modules} modules" for name, modules in names.items())
    return (
        "# Reference from docstrings\n\nWhat a program may lean on stands on [the Python page](../python_api.md); here "
        "is the rest, module by module.\n\n## `itcho`\n\n::: itcho\n    options:\n      heading_level: 3\n\n"
        f"## Packages\n\n{packages}\n"
    )
