"""Rules of a user's own: written, named, run, told apart by their text, and never run unasked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from itcho.agents.errors import InputError
from itcho.agents.rules.rule import find_rule
from itcho.experiments.cli.commands import app
from itcho.experiments.runs.rules_file import load_rules
from itcho.experiments.studies.study_file import read_study

SMALL = ["--years", "1", "--investors", "60", "--importers", "50", "--adopters", "60"]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [*__import__("sys").path])
    return tmp_path


def called(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize("slot", ["subsidy", "fiscal", "monetary", "intervention"])
def test_what_new_rule_writes_runs_as_it_stands(slot: str, here: Path) -> None:
    name = f"written-{slot}"
    made = called("new", "rule", name, "--slot", slot, "--json")
    assert made.exit_code == 0, made.output
    record = json.loads(made.stdout)
    assert {path.name for path in here.iterdir()} == {f"written_{slot}.py", f"written_{slot}.toml"}
    ran = called(*record["run"].split()[1:], *SMALL, "--seed", "3", "--json", "--out", "run")
    assert ran.exit_code == 0, ran.output
    assert json.loads(ran.stdout)["policy"] == name
    manifest = json.loads((here / "run" / "manifest.json").read_text())
    assert [rule["file"] for rule in manifest["rules"]] == [f"written_{slot}.py"]
    assert manifest["rules"][0]["sha256"] == manifest["sha256"][f"written_{slot}.py"]
    assert (here / "run" / f"written_{slot}.py").read_bytes() == (here / f"written_{slot}.py").read_bytes()


def test_the_written_subsidy_pays_what_it_says(here: Path) -> None:
    """0.02 trillion yen a month from April 2026 to March 2027: 0.24."""
    assert called("new", "rule", "twelve-payments").exit_code == 0
    line = ["run", "--policy", "twelve_payments.toml", "--rules", "twelve_payments.py", *SMALL, "--no-twin", "--json"]
    final = json.loads(called(*line).stdout)["final"]
    assert final["programme_cost_trn_yen"] == pytest.approx(0.24)


def test_nothing_is_overwritten_and_names_are_checked(here: Path) -> None:
    (here / "my_prize.toml").write_text("mine")
    refused = called("new", "rule", "my-prize")
    assert refused.exit_code == 2
    assert "my_prize.toml exists already" in refused.stderr
    assert [path.name for path in here.iterdir()] == ["my_prize.toml"]
    assert (here / "my_prize.toml").read_text() == "mine"
    assert "no name of a rule" in called("new", "rule", "My Prize").stderr
    assert "already" in called("new", "rule", "lump-sum").stderr


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("absent.py", None, "no such file"),
        ("rule.txt", "x = 1", "Python file"),
        ("broken_rule.py", "x = 1\ny = = 2\n", "line 2: SyntaxError"),
        ("failing_rule.py", "x = 1\ny = x / 0\n", "line 2: ZeroDivisionError"),
        ("json.py", "x = 1\n", "another module is called 'json'"),
        ("my-rule.py", "x = 1\n", "letters, digits and underscores"),
    ],
)
def test_mistakes_are_told_before_anything_is_written(here: Path, file: str, text: str | None, said: str) -> None:
    if text is not None:
        (here / file).write_text(text)
    done = called("run", "--rules", file, "--seed", "1", *SMALL)
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.output
    assert not (here / "runs").exists()


def test_code_is_run_only_where_it_is_named(here: Path) -> None:
    """A policy's file names a rule; without --rules nothing leads to the code that lies beside it."""
    assert called("new", "rule", "named-only").exit_code == 0
    text = (here / "named_only.py").read_text()
    (here / "named_only.py").write_text(f'{text}\nopen("was_run", "w").close()\n')
    refused = called("run", "--policy", "named_only.toml", "--seed", "1", *SMALL)
    assert refused.exit_code == 2
    assert "'named-only' is unknown" in refused.stderr
    assert not (here / "was_run").exists()
    made = called("run", "--policy", "named_only.toml", "--rules", "named_only.py", *SMALL, "--seed", "1", "--out", "r")
    assert made.exit_code == 0, made.output
    assert (here / "was_run").exists()
    told = called("run", "--again", "r")
    assert told.exit_code == 2
    assert "--rules r/named_only.py" in told.stderr
    again = called("run", "--again", "r", "--rules", "named_only.py", "--out", "s")
    assert again.exit_code == 0, again.output
    assert (here / "s" / "monthly.csv").read_bytes() == (here / "r" / "monthly.csv").read_bytes()


def test_a_study_names_its_rules_and_other_code_is_another_cell(here: Path) -> None:
    assert called("new", "rule", "of-a-study").exit_code == 0
    (here / "study.toml").write_text(
        '[study]\nrules = "of_a_study.py"\npolicies = ["of_a_study.toml"]\nseeds = 1\nyears = 1\n'
        'investors = 60\nimporters = 50\nadopters = 60\noutcomes = ["usdjpy"]\n'
    )
    keys = {cell.key for *_, cell in read_study(here / "study.toml").cells()}
    ran = called("study", "run", "study.toml", "--engine", "serial", "--quiet")
    assert ran.exit_code == 0, ran.output
    code = here / "of_a_study.py"
    code.write_text(
        code.read_text().replace("number(0.02, 0.0", "number(0.03, 0.0").replace("left <= 0.0", "left <= 1e-9")
    )
    changed = {cell.key for *_, cell in read_study(here / "study.toml").cells()}
    assert len(keys & changed) == 1, "the baseline's cell is the same, that of the rule is another"
    assert find_rule("subsidy", "of-a-study")().monthly_trn_yen == 0.03
    (here / "study.toml").write_text('[study]\nrules = ["absent.py"]\npolicies = ["actual"]\n')
    with pytest.raises(InputError, match="no such file"):
        read_study(here / "study.toml")


def test_rules_are_listed_with_their_settings(here: Path) -> None:
    assert called("new", "rule", "to-be-listed").exit_code == 0
    listed = json.loads(called("list", "rules", "--rules", "to_be_listed.py", "--json").stdout)
    mine = next(record for record in listed if record["name"] == "to-be-listed")
    assert mine["slot"] == "subsidy"
    assert mine["settings"][0] == {
        "name": "monthly_trn_yen", "default": 0.02, "unit": "trn yen a month", "low": 0.0, "high": 10.0, "options": [],
    }  # fmt: skip
    assert {"lump-sum", "taylor"} <= {record["name"] for record in listed}
    assert all(record["description"] for record in listed)


def test_a_file_that_has_changed_is_read_anew(here: Path) -> None:
    file = here / "anew_rules.py"
    file.write_text("VALUE = 1\n")
    (first,) = load_rules([file])
    file.write_text("VALUE = 2\n")
    (second,) = load_rules([file])
    assert first.sha256 != second.sha256
    assert __import__("sys").modules["anew_rules"].VALUE == 2


_FLAWED = """from dataclasses import dataclass
from typing import ClassVar
from itcho.agents.rules.settings import number
from itcho.agents.rules.subsidy import SubsidyRule, Support


@dataclass(frozen=True)
class Flawed(SubsidyRule):
    name: ClassVar[str] = "flawed"
    monthly_trn_yen: float = number(0.02, 0.0, 10.0, "trn yen a month")

    def support(self, view):
        return Support()
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import sys\nsys.exit(0)\n", "line 2: SystemExit: 0"),
        ("raise GeneratorExit\n", "line 1: GeneratorExit"),
        ("raise ValueError('a\\nb\\x1b[31m')\n", "line 1: ValueError: a\\nb\\x1b[31m"),
        (
            "class E(Exception):\n    def __str__(self):\n        raise OSError\n\nraise E\n",
            "E: it has no text of its own",
        ),
        (_FLAWED.replace("@dataclass(frozen=True)\n", ""), "write @dataclass(frozen=True)"),
        (_FLAWED.replace("def support", "def suport"), "has no support()"),
        (_FLAWED.replace('"flawed"', '"my_flaw"'), "hyphens in place of underscores"),
        (_FLAWED.replace('"flawed"', "3"), "has to be a text"),
        (_FLAWED.replace("number(0.02", "number(20.0"), "outside 0 to 10"),
        (_FLAWED.replace('= number(0.02, 0.0, 10.0, "trn yen a month")', ""), "cannot be built from its defaults"),
    ],
)
def test_what_no_policy_could_use_is_told_when_it_is_loaded(here: Path, text: str, said: str) -> None:
    (here / "flawed_rules.py").write_text(text)
    done = called("run", "--rules", "flawed_rules.py", "--seed", "1", *SMALL)
    assert done.exit_code == 2
    assert done.stderr.startswith("itcho: --rules flawed_rules.py: ")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (here / "runs").exists()


@pytest.mark.parametrize(("twin", "raised"), [("--no-twin", "1 / 0"), ("--twin", "raise SystemExit(0)")])
def test_what_a_rule_raises_in_a_month_is_one_line(here: Path, twin: str, raised: str) -> None:
    code = _FLAWED.replace("        return", f"        if view.month == 6:\n            {raised}\n        return")
    name = f"raising-{'pair' if twin == '--twin' else 'alone'}"
    (here / f"{name.replace('-', '_')}.py").write_text(code.replace("flawed", name))
    (here / "policy.toml").write_text(f'subsidy = "{name}"\n')
    line = ["run", "--policy", "policy.toml", "--rules", f"{name.replace('-', '_')}.py", "--seed", "1", *SMALL, twin]
    done = called(*line, "--out", "kept")
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1].startswith(f"itcho: --rules {name.replace('-', '_')}.py: line 14: ")
    assert f"(month 2026-10 failed in subsidy rule '{name}')" in done.stderr
    assert not (here / "kept").exists()


def test_what_a_rules_file_prints_is_no_part_of_json(here: Path) -> None:
    code = _FLAWED.replace("flawed", "printing").replace("        return", "        print('a month')\n        return")
    (here / "printing_rules.py").write_text(f"print('loaded')\n{code}")
    (here / "policy.toml").write_text('subsidy = "printing"\n')
    done = called("run", "--policy", "policy.toml", "--rules", "printing_rules.py", "--seed", "1", *SMALL, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["policy"] == "policy"
    assert "loaded" in done.stderr


def test_every_question_without_an_answer_of_its_own_is_asked_for() -> None:
    from itcho.agents.rules.rule import SLOTS, Rule, mistakes_of_class, rules_of

    for slot in SLOTS:
        (base,) = {one for kind in rules_of(slot).values() for one in kind.__mro__ if one.__base__ is Rule}
        empty = type("Empty", (base,), {})
        empty.name = "empty-rule"  # set afterwards: it shall not join the catalogue
        assert any("it has no " in text for text in mistakes_of_class(empty)), slot
        assert not [text for kind in rules_of(slot).values() for text in mistakes_of_class(kind) if "has no" in text]
