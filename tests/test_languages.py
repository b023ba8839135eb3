"""Three languages: every label has its words, fields survive, and pages leave no label in English."""

from __future__ import annotations

import ast
import csv
import re
import string
from importlib.resources import files
from pathlib import Path

import pytest

from itcho.experiments.cli.lists import HEADINGS
from itcho.experiments.figures.attribution import CLIENT_GROUPS
from itcho.experiments.languages import LANGUAGES, code_of, difference_unit, page_words, translations, words
from itcho.experiments.runs.run_report import client_label
from itcho.experiments.view.depths import DEPTHS
from itcho.experiments.view.kinds import _BY_INSTRUMENT, _BY_PURPOSE, CONTRACTS, LAYERS
from itcho.experiments.view.kinds import words as named
from itcho.experiments.view.layout import COLUMNS
from itcho.model.economy import JapanEconomy
from itcho.model.measure.outcomes import OUTCOMES
from itcho.model.policies import POLICIES
from itcho.model.scenarios import SCENARIOS

VIEW = Path(str(files("itcho.experiments") / "view"))
OTHERS = [code for code in LANGUAGES if code != "en"]


def rows() -> list[dict[str, str]]:
    text = (files("itcho.experiments") / "data" / "words.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(keepends=True)))


def fields(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


def test_every_text_has_its_words_in_every_language_with_the_same_fields() -> None:
    found = rows()
    assert len({row["text"] for row in found}) == len(found)
    for row in found:
        for column in ("ja", "zh_hant"):
            assert row[column].strip(), row["text"]
            assert fields(row[column]) == fields(row["text"]), row["text"]
            assert row[column].count("#") == row["text"].count("#"), row["text"]


@pytest.mark.parametrize("code", OTHERS)
def test_no_label_of_the_model_is_untranslated(code: str) -> None:
    economy = JapanEconomy(rng=1, investors=60, importers=50, adopters=60)
    wanted = [one.unit for one in OUTCOMES.values()] + [difference_unit(one.unit) for one in OUTCOMES.values()]
    wanted += [one.label for one in (*LAYERS, *COLUMNS, *CLIENT_GROUPS, *POLICIES.values(), *SCENARIOS.values())]
    wanted += list(HEADINGS.values())
    wanted += [one.label for depth in DEPTHS for one in (depth, *depth.groups)] + list(CONTRACTS.values())
    wanted += [named(name) for name in (*_BY_PURPOSE, *_BY_INSTRUMENT, *economy.ledger.instruments)]
    wanted += [party.label for party in economy.ledger.parties]
    wanted += [client_label(name) for name in economy.fx_attribution().columns if name != "month"]
    known = page_words(code)
    assert sorted({text for text in wanted if re.search("[A-Za-z]{2}", text) and text not in known}) == []


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_that_a_page_looks_up_is_known(code: str) -> None:
    """What stands in a call of T or t, whole and without a field's value in it."""
    known = page_words(code)
    asked = set()
    for name in (
        "network.js",
        "charts.js",
        "network_paint.js",
        "live_draw.js",
        "report_base.js",
        "report_run.js",
        "report_figures.js",
        "report_study.js",
        "report_lesson.js",
        "report_decisions.js",
        "report_yen.js",
        "report_compare.js",
    ):
        asked |= set(re.findall(r'\bT\("((?:[^"\\]|\\.)+)"', (VIEW / name).read_text(encoding="utf-8")))
    counted = r'\b(?:counted|so_many)\([^"]+"([^"]+)", "([^"]+)"\)'
    for source in (VIEW / "report_study.js", *sorted(VIEW.parent.rglob("*.py"))):
        pairs = re.findall(counted, source.read_text(encoding="utf-8").replace("'", '"'))
        asked |= {text for pair in pairs for text in pair}
    assert {"{count} scenario", "{count} scenarios", "{count} paired seed"} <= asked
    asked |= set(re.findall(r"""\bt\(["'](.+?)["'](?:\)|, )""", (VIEW / "dashboard.vue").read_text(encoding="utf-8")))
    assert len(asked) > 60
    assert sorted(text for text in asked if re.search("[A-Za-z]{2}", text) and text not in known) == []


def test_every_text_that_python_looks_up_is_known() -> None:
    known = translations("ja")
    for file in ("runs/run_report.py", "runs/summary_picture.py", "runs/ensemble_picture.py", "view/live.py"):
        source = (VIEW.parent / file).read_text(encoding="utf-8")
        asked = re.findall(r'\b(?:words|said|language)\(\s*"((?:[^"\\]|\\.)+)"\s*[,)]', source)
        assert asked, file
        assert [text for text in asked if re.search("[A-Za-z]{2}", text) and text not in known] == [], file


def constants(node: ast.expr, named: dict[str, set[str]]) -> set[str]:
    """Texts that an expression may be: one, one of two, or what stands under a name or in a table of its module."""
    if isinstance(node, ast.Constant):
        return {node.value} if isinstance(node.value, str) else set()
    if isinstance(node, ast.IfExp):
        return constants(node.body, named) | constants(node.orelse, named)
    if isinstance(node, ast.Subscript):
        return constants(node.value, named)
    return named.get(node.id, set()) if isinstance(node, ast.Name) else set()


def looked_up(source: str) -> set[str]:
    """Texts that a module looks up, or keeps to be looked up where they are shown."""
    tree, named = ast.parse(source), dict[str, set[str]]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            values = node.value.values if isinstance(node.value, ast.Dict) else [node.value]
            found = {text for value in values for text in constants(value, {})}
            named[node.targets[0].id] = named.get(node.targets[0].id, set()) | found
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    asked = [one for one in calls if isinstance(one.func, ast.Name) and one.func.id in ("say", "Sentence")]
    return {text for one in asked for text in constants(one.args[0], named)}


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_that_a_command_or_a_sentence_looks_up_is_known(code: str) -> None:
    known, asked = page_words(code), set()
    for file in VIEW.parent.rglob("*.py"):
        source = file.read_text(encoding="utf-8")
        if "from itcho.experiments.languages import" in source:
            asked |= looked_up(source)
    assert {"The effect is {found}, against {wanted} claimed.", "{count} collapsed", "FY{years}"} <= asked
    assert sorted(text for text in asked if re.search("[A-Za-z]{2}", text) and text not in known) == []


def test_codes_and_their_other_names() -> None:
    assert [code_of(code) for code in ("en", "ja", "zh-Hant", "zh", "zh-TW")] == [
        "en",
        "ja",
        "zh-Hant",
        "zh-Hant",
        "zh-Hant",
    ]
    assert words("zh")("fiscal year") == "會計年度"
    assert words("ja").difference_unit("domestic_ai_share_home_pct") == "％ポイント"
    assert words("en").difference_unit("deficit_trn_yen_fy") == "trn yen"
    assert words("ja")("NoSuchFirm") == "NoSuchFirm"


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_readme_is_there_in_every_language(code: str) -> None:
    root = Path(__file__).parents[1]
    file = root / ("README.md" if code == "en" else f"README.{code}.md")
    text = file.read_text(encoding="utf-8")
    assert "itcho run" in text
    for other in LANGUAGES:
        if other != code:
            assert f"({'README.md' if other == 'en' else f'README.{other}.md'})" in text
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if not target.startswith("http"):
            assert (root / target).exists(), target
