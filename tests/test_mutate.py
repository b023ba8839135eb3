"""The tool that makes small wrong changes: what it draws, what it leaves alone, and that it notices who notices."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest

from tests import mutate
from tests.children import ROOT
from tests.mutants import DECIDING, NOT_DECIDING, Mutant, deciding_files, draw, mutants_of

RULE = b'''"""A rule - with words."""

LIMIT = 12


def order(position: float, month: int = 1, loss: float = 0.0) -> float:
    """Sell - or not."""
    if position < 0.0:
        raise ValueError(f"position is {position - 1}")
    assert loss >= 0.0
    if month > 3 and loss != 0.0:
        return -0.5 * position
    kept = max(0.0, position - loss)
    kept += 2.0
    return kept if month in (1, 2) else abs(loss)
'''


def changes(source: bytes) -> set[tuple[str, str, str]]:
    return {(each.kind, each.before, each.after) for each in mutants_of("rule.py", source)}


def test_each_kind_of_change_is_made() -> None:
    found = changes(RULE)
    head, kept = "if month > 3 and loss != 0.0:", "kept = max(0.0, position - loss)"
    assert found >= {
        ("sign", "return -0.5 * position", "return 0.5 * position"),
        ("dropped factor", "return -0.5 * position", "return (position)"),
        ("dropped factor", "return -0.5 * position", "return (-0.5)"),
        ("month", head, "if (month + 1) > 3 and loss != 0.0:"),
        ("comparison", head, "if (month < 3) and loss != 0.0:"),
        ("comparison", head, "if month > 3 and (loss == 0.0):"),
        ("logic", head, "if (month > 3 or loss != 0.0):"),
        ("constant", head, "if month > 4 and loss != 0.0:"),
        ("constant", head, "if month > 3 and loss != 1.0:"),
        ("limit", kept, "kept = (min(0.0, position - loss))"),
        ("dropped limit", kept, "kept = (position - loss)"),
        ("sign", kept, "kept = max(0.0, (position + loss))"),
        ("dropped term", kept, "kept = max(0.0, (position))"),
        ("dropped term", kept, "kept = max(0.0, (-loss))"),
        ("sign", "kept += 2.0", "kept -= 2.0"),
        ("dropped term", "kept += 2.0", "kept += 0.0"),
        ("constant", "kept += 2.0", "kept += 4.0"),
        ("branch", "return kept if month in (1, 2) else abs(loss)", "return (abs(loss) if month in (1, 2) else kept)"),
        (
            "dropped limit",
            "return kept if month in (1, 2) else abs(loss)",
            "return kept if month in (1, 2) else (loss)",
        ),
    }


def test_words_hints_defaults_and_checks_of_what_is_given_are_left_alone() -> None:
    touched = {each.line for each in mutants_of("rule.py", RULE)}
    lines = RULE.decode().splitlines()
    assert {lines[line - 1].strip() for line in touched} == {
        "if month > 3 and loss != 0.0:",
        "return -0.5 * position",
        "kept = max(0.0, position - loss)",
        "kept += 2.0",
        "return kept if month in (1, 2) else abs(loss)",
    }


def test_every_change_of_the_rules_is_another_program() -> None:
    for name in ("agents/investors.py", "agents/rules/intervention.py"):
        source = (ROOT / name).read_bytes()
        tree = ast.dump(ast.parse(source))
        for mutant in mutants_of(name, source):
            assert ast.dump(ast.parse(mutant.applied_to(source))) != tree, mutant


def test_a_seed_draws_the_same_changes_and_another_seed_others() -> None:
    first = draw(ROOT, 5, 20)
    assert first == draw(ROOT, 5, 20)
    assert first != draw(ROOT, 6, 20)
    assert len({(each.file, each.start, each.end, each.text) for each in first}) == 20


def test_the_list_of_files_is_true_to_the_tree(tmp_path: Path) -> None:
    files = deciding_files(ROOT)
    assert {"agents/investors.py", "agents/rules/fiscal.py", "model/public/rescue.py"} <= set(files)
    assert not set(files) & NOT_DECIDING
    assert [name for name in sorted(NOT_DECIDING) if not (ROOT / name).is_file()] == []
    everywhere = {path.relative_to(ROOT).as_posix() for path in (ROOT / "agents").rglob("*.py")}
    assert {name for name in everywhere if not name.endswith("__init__.py")} <= set(files) | NOT_DECIDING
    with pytest.raises(ValueError, match=r"names what is not there: agents/\*\.py"):
        deciding_files(tmp_path, DECIDING[:1])


def test_stored_runs_are_no_behaviour() -> None:
    tests = mutate.behaviour_tests(ROOT)
    assert "tests/test_signs_bank_of_japan.py" in tests
    assert not set(tests) & {"tests/test_model_version.py", "tests/test_cli.py", "tests/test_mutate.py"}


def test_tests_of_few_lines_come_first_as_long_as_there_is_time() -> None:
    mutant = Mutant("agents/rule.py", 3, 0, 0, "sign", "", "", "", 3, 4)
    known = {
        "seconds": {"wide": 20.0, "narrow": 5.0, "middle": 9.0, "other": 1.0},
        "lines": {"agents/rule.py": {"3": ["wide", "narrow"], "4": ["middle"], "5": ["other"]}},
    }
    assert mutate.tests_of(mutant, known, {"wide": 9, "narrow": 1, "middle": 2, "other": 1}) == ["narrow", "middle"]


@pytest.mark.slow
def test_a_change_is_caught_by_the_test_that_knows_better(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    tree = tmp_path / "tree"
    for room in ("agents", "itcho", "tests"):
        (tree / room).mkdir(parents=True)
        (tree / room / "__init__.py").touch()
    (tree / "itcho" / "agents").symlink_to("../agents")
    (tree / "agents" / "rule.py").write_bytes(RULE)
    for name in ("line_map.py", "fork_runner.py"):
        shutil.copy(ROOT / "tests" / name, tree / "tests" / name)
    (tree / "tests" / "test_rule.py").write_text(
        "import pytest\n"
        "from itcho.agents.rule import order\n\n\n"
        "@pytest.fixture(scope='module')\n"
        "def sold():\n"
        "    return order(100.0, 4, 1.0)\n\n\n"
        "def test_half_is_sold(sold):\n"
        "    assert sold == -50.0\n"
    )
    before = (tree / "agents" / "rule.py").read_bytes()
    found = mutate.mutate(1, 1000, workers=1, root=tree, patterns=("agents/*.py",))
    assert (tree / "agents" / "rule.py").read_bytes() == before
    assert found["caught"] + found["survived"] == found["count"] == len(mutants_of("agents/rule.py", RULE))
    by_change = {(each["before"], each["after"]): each["caught_by"] for each in found["mutants"]}
    assert by_change["return -0.5 * position", "return 0.5 * position"] == "tests/test_rule.py::test_half_is_sold"
    assert by_change["kept += 2.0", "kept -= 2.0"] is None
    assert found["share"] == found["caught"] / found["count"]
    # The second time nothing is measured again.
    monkeypatch.setattr(mutate, "measured_map", lambda *_: pytest.fail("measured again"))
    assert mutate.mutate(1, 3, workers=1, root=tree, patterns=("agents/*.py",))["count"] == 3
