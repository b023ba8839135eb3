"""The page about the house is what the sources give, its walks lead through what is there, and its counts only fall."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from itcho.experiments import house
from tests.children import ROOT, itcho_environment

MOST = {"imported_once": 106, "set_from_outside": 8, "long_functions": 7}
"""Counts that may only fall; whoever brings one down writes the new one here."""


def source_of(text: str, path: str = "agents/made_up.py") -> house.Source:
    return house.Source(path, len(text.splitlines()), ast.parse(text))


def test_the_page_is_what_the_sources_give() -> None:
    written = (ROOT / "docs" / house.PAGE).read_text(encoding="utf-8")
    assert written == house.page(), "run python -m itcho.experiments.house"


def test_a_stale_page_is_noticed_and_written_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert house.main(["--out", str(tmp_path), "--check"]) == 1
    assert "is stale" in capsys.readouterr().err
    assert house.main(["--out", str(tmp_path)]) == 0
    assert house.main(["--out", str(tmp_path), "--check"]) == 0


@pytest.mark.parametrize("count", MOST)
def test_counts_only_fall(count: str) -> None:
    now = house.measures()[count]
    assert now <= MOST[count], f"{count}: {now}, at most {MOST[count]}; docs/house.md lists them"
    assert now == MOST[count], f"{count} has fallen to {now}: let MOST in this file say so, so that it stays there"


@pytest.mark.parametrize(
    ("body", "targets"),
    [
        ("self.a = 1", []),
        ("cls.a = 1", []),
        ("a = 1", []),
        ("other.a[0] = 1", []),
        ("other.a = 1", ["other.a"]),
        ("other.a += 1", ["other.a"]),
        ("other.a: int = 1", ["other.a"]),
        ("self.part.a = 1", ["self.part.a"]),
        ("self.a, (other.b, *other.c) = x", ["other.b", "other.c"]),
        ("self.a = other.b = 1", ["other.b"]),
    ],
)
def test_what_counts_as_set_from_outside(body: str, targets: list[str]) -> None:
    found = house.set_from_outside([source_of(f"class A:\n    def f(self):\n        {body}\n")])
    assert [(one.function, one.target) for one in found] == [("f", target) for target in targets]


def test_a_module_is_imported_once_by_one_other() -> None:
    files = {
        "model/a.py": "from itcho.model import b\nfrom itcho.model.b import c\nimport itcho.model.d\n",
        "model/b.py": "from itcho.model.d import thing\nfrom itcho.model.b import itself\n",
        "model/d.py": "",
        "model/e.py": "from itcho import JapanEconomy\nfrom itcho.model.e import itself\n",
    }
    assert house.imported_once([source_of(text, path) for path, text in files.items()]) == ["model.b"]


def test_long_functions_and_types_are_counted() -> None:
    text = "class A:\n    def f(self, a: Any, b: list[Any]):\n" + "        x = 1\n" * 4 + "def g(): ...\n"
    source = source_of(text)
    assert house.long_functions([source], 4) == [house.Function(source.path, "A.f", 5)]
    assert house.long_functions([source], 5) == []
    assert house.parameters_of_any_type([source]) == 1


def bodies() -> dict[tuple[str, str], ast.AST]:
    return {
        (function.path, function.name): body
        for source in house.packaged()
        for function, body in house.functions_of(source)
    }


def test_every_step_of_a_walk_exists_and_is_named_where_the_walk_says() -> None:
    there = bodies()
    walks: dict[str, list[house.Step]] = {}
    for step in house.steps():
        walks.setdefault(step.walk, []).append(step)
    assert set(walks) == {"subsidy", "bonds", "dollars"}
    for steps in walks.values():
        for number, step in enumerate(steps, 1):
            assert (step.path, step.function) in there, f"{step.path} has no {step.function}"
            assert step.when in ("month", "compiled", "after")
            if not step.named_in:
                assert number == 1 or step.when == "after", f"nothing leads to {step.function}"
                continue
            assert step.named_in < number
            before = steps[step.named_in - 1]
            called = {
                node.attr if isinstance(node, ast.Attribute) else node.id
                for node in ast.walk(there[before.path, before.function])
                if isinstance(node, ast.Attribute | ast.Name)
            }
            assert step.function.split(".")[-1] in called, f"{before.function} does not name {step.function}"


def test_notes_name_steps_of_their_walk() -> None:
    names = {(step.walk, step.function) for step in house.steps()}
    for row in house.walk_notes():
        for name in row["zigzag"].split("`")[1::2]:
            assert any(walk == row["walk"] and function.endswith(name) for walk, function in names), name


def test_the_limits_page_says_how_large_the_house_is() -> None:
    now = house.measures()
    text = " ".join((ROOT / "docs" / "limits.md").read_text(encoding="utf-8").split())
    assert (
        f"{now['modules']} modules; one month runs {now['month_functions']} functions of {now['month_files']} files, "
        f"and {now['set_from_outside']} attributes are set from outside their class"
    ) in text
    before = {row["measure"]: row["before"] for row in house.before()}
    assert f"were {before['modules']}, {before['month_functions']} and {before['month_files']} at the start" in text


@pytest.mark.slow
def test_a_month_crosses_what_the_table_says_and_passes_every_step() -> None:
    # In a process of its own: what is remembered from a call to the next is not called again.
    code = "import json; from itcho.experiments.house import crossed_in_a_month as c; print(json.dumps(sorted(c())))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=itcho_environment(), capture_output=True, text=True, check=True, cwd=ROOT
    )
    crossed = {(path, function) for path, function in json.loads(done.stdout)}
    assert house.month_rows(crossed) == house.stored_month(), "run python -m itcho.experiments.house --month"
    missed = {(step.path, step.function) for step in house.steps() if step.when == "month"} - crossed
    assert not missed
