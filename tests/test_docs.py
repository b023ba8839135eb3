"""The documentation says what is so: generated pages are fresh, names exist, links resolve, examples run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import itcho.agents.vocabulary as vocabulary
from itcho.experiments import reference_docs
from itcho.model.measure.outcomes import OUTCOMES
from itcho.model.parameters import registry
from tests.children import ROOT
from tests.test_tutorials import TUTORIALS

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```\n", re.MULTILINE | re.DOTALL)
SOURCES = [path for package in ("agents", "model", "experiments") for path in (ROOT / package).rglob("*.py")]


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def words_in_backticks(page: Path) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", FENCE.sub("", text_of(page))))


def anchors(page: Path) -> set[str]:
    """Anchors of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text_of(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_generated_pages_are_fresh() -> None:
    stale = reference_docs.stale_pages()
    assert not stale, f"{stale}: run python -m itcho.experiments.reference_docs"


def test_pages_are_written_once_and_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert reference_docs.main(["--out", str(tmp_path), "--check"]) == 1
    assert capsys.readouterr().err.count("is stale") == len(reference_docs.pages())
    assert reference_docs.main(["--out", str(tmp_path)]) == 0
    assert reference_docs.main(["--out", str(tmp_path), "--check"]) == 0
    (tmp_path / "outcomes.md").write_text("old", encoding="utf-8")
    assert reference_docs.stale_pages(tmp_path) == ["outcomes.md"]
    assert reference_docs.main(["--out", str(tmp_path / "nowhere")]) == 2


def test_every_parameter_and_outcome_has_its_row() -> None:
    for page, names in (("parameters.md", registry()), ("outcomes.md", OUTCOMES)):
        rows = re.findall(r"^\| `(\w+)` \|", text_of(DOCS / page), re.MULTILINE)
        assert rows == list(names)


def test_tables_keep_their_columns() -> None:
    for page in PAGES:
        for table in re.findall(r"(?:^\|.*\n)+", text_of(page), re.MULTILINE):
            widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
            assert len(widths) == 1, f"{page.name}: {table.splitlines()[0]}"


def test_names_in_the_odd_page_exist() -> None:
    """A bare snake_case name is a parameter or an outcome, `name()` a function, `a/b.py` a file, `name_*` a family."""
    code = "\n".join(text_of(source) for source in SOURCES)
    functions = set(re.findall(r"def (\w+)\(", code))
    parties = {party.name for party in vocabulary.CORE_PARTIES}
    used = 0
    for word in sorted(words_in_backticks(DOCS / "ODD.md")):
        if re.fullmatch(r"(?:\w+\.)?\w+\(\)", word):
            assert word[:-2].split(".")[-1] in functions, word
        elif word.endswith(".py"):
            assert (ROOT / word).is_file(), word
        elif "*" in word:
            family = re.compile(word.replace("*", r"\w+"))
            assert any(family.fullmatch(name) for name in registry()), word
        elif re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)+", word):
            assert word in registry() or word in OUTCOMES or word in parties, word
            used += word in registry()
    assert used > 150


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_relative_links_resolve(page: Path) -> None:
    for link in LINK.finditer(FENCE.sub("", text_of(page))):
        target = link[1] or link[2]
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.name} links to {target}"
        if anchor:
            assert anchor in anchors(file), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", [page for page in PAGES if page.name not in TUTORIALS], ids=lambda page: page.name)
def test_python_examples_run(page: Path) -> None:
    names: dict[str, object] = {}
    for block in re.findall(r"^```python\n(.*?)^```", text_of(page), re.MULTILINE | re.DOTALL):
        exec(compile(block, page.name, "exec"), names)


def test_the_odd_page_lists_the_steps_of_a_month_in_their_order() -> None:
    code = text_of(ROOT / "model" / "economy.py")
    body = code[code.index("def step(self)") : code.index("def run(self")]
    listed = re.findall(r"^\d+\. `(\w+)\(\)`", text_of(DOCS / "ODD.md"), re.MULTILINE)
    called = re.findall(r"\b(\w+)\(world\b(?!\.clock)", body)
    observed = ("observe", "_measure", "month_limits", "month_decisions", "add")
    assert listed == [name for name in called if name not in ("settle_dollars", *observed)]
