"""One definition of a request: whoever asks, the same wrong value gets the same answer."""

from __future__ import annotations

import dataclasses
import inspect
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import itcho
from itcho.agents.errors import InputError
from itcho.experiments.cli.commands import app
from itcho.experiments.runs.run_request import RunRequest
from itcho.experiments.runs.run_spec import RunSpec
from itcho.experiments.studies.design import Cell
from itcho.experiments.studies.study_file import checked_study, read_study
from itcho.experiments.view.live_world import LiveWorld
from itcho.experiments.view.settings import ViewSettings
from itcho.model.economy import JapanEconomy
from itcho.model.sizes import LARGEST_SEED

USUAL = {"years": 10, "investors": 2000, "importers": 300, "adopters": 1000}
SMALL: dict[str, Any] = {"investors": 60, "importers": 50, "adopters": 60}
WRONG = [
    ("years", 0, "years = 0 must be a whole number of at least 1"),
    ("years", 61, "years = 61 is beyond what the model is made for: at most 60"),
    ("investors", 6, "investors = 6 must be a whole number of at least 7"),
    ("investors", 200_000_001, "investors = 200000001 is beyond what the model is made for: at most 200000000"),
    ("importers", 26, "importers = 26 must be a whole number of at least 27"),
    ("adopters", -5, "adopters = -5 must be a whole number of at least 10"),
    ("adopters", 20_000_001, "adopters = 20000001 is beyond what the model is made for: at most 20000000"),
    ("seed", -1, "seed = -1 must not be negative: write a whole number of at least 0"),
    ("seed", 2**63, "seed = 9223372036854775808 is beyond what a seed can be: at most 9223372036854775807"),
]


def said_by(door: Callable[[], object]) -> list[str]:
    """The mistakes that a door in Python answers with."""
    with pytest.raises(InputError) as refused:
        door()
    return refused.value.messages


def printed_by(line: str) -> list[str]:
    """The mistakes that a command prints, one to a line."""
    done = CliRunner().invoke(app, shlex.split(line))
    assert done.exit_code == 2, done.output
    return [text.removeprefix("itcho: ").removeprefix("  - ") for text in done.stderr.splitlines()]


def study_of(folder: Path, text: str) -> Path:
    """A study file with one more line in its first table."""
    file = folder / "wrong.toml"
    file.write_text(f'[study]\npolicies = ["actual"]\nseeds = 2\n{text}\n', encoding="utf-8")
    return file


@pytest.mark.parametrize(("field", "value", "message"), WRONG)
def test_a_wrong_number_gets_one_message_at_every_door(field: str, value: Any, message: str, tmp_path: Path) -> None:
    asked: dict[str, Any] = {field: value}
    assert said_by(lambda: itcho.run(**asked)) == [message]
    assert printed_by(f"run --{field} {value} --out {tmp_path / 'run'}") == [f"--{message}"]
    if field != "seed":
        assert said_by(lambda: JapanEconomy(**asked)) == [message]
        assert said_by(lambda: read_study(study_of(tmp_path, f"{field} = {value}"))) == [f"wrong.toml: study.{message}"]
    if field == "years":
        assert said_by(lambda: itcho.compare(["actual"], seeds=1, **asked)) == [message]
        for command in ("compare actual", "corridor", "respond policy-rate"):
            assert printed_by(f"{command} --{field} {value}") == [f"--{message}"]
    elif field == "seed":
        assert printed_by(f"quiet-start --seed {value}") == [f"--{message}"]
        assert printed_by(f"view --seed {value}") == [f"--{message}"]
        assert LiveWorld(ViewSettings(**SMALL), rng=str(value)).problem == f"--{message}"
    elif "at least" in message:
        assert printed_by(f"view --{field} {value}") == [f"--{message}"]
        assert LiveWorld(ViewSettings(**SMALL), **{field: str(value)}).problem == f"--{message}"


def test_a_view_has_lower_ceilings() -> None:
    assert printed_by("view --investors 5000001") == [
        "--investors = 5000001 is beyond what the view is made for: at most 5000000"
    ]


def test_a_seed_of_a_study_is_checked_as_every_seed_is() -> None:
    for seed, message in ((-1, "must not be negative"), (LARGEST_SEED + 1, "is beyond what a seed")):
        (said,) = said_by(lambda seed=seed: checked_study({"study": {"policies": ["actual"], "seeds": [1, seed]}}))  # type: ignore[misc]
        assert f"study.seeds: seed = {seed} {message}" in said


def test_wrong_names_and_parameters_get_the_same_messages_all_at_once(tmp_path: Path) -> None:
    asked: dict[str, Any] = {"scenario": "basline", "policy": "acutal", "start": "1999-12-31"}
    wrong = said_by(lambda: itcho.run(**asked, years=0, parameters={"okun_coefficient": 1e9, "okun": 1.0}))
    assert len(wrong) == 6
    options = f"--policy acutal --start 1999-12-31 --years 0 --set okun_coefficient=1e9 --set okun=1 --out {tmp_path}/x"
    assert printed_by(f"run basline {options}")[1:] == [
        message.replace("years = 0", "--years = 0") for message in wrong
    ]
    settings = ViewSettings(**asked, parameters={"okun_coefficient": 1e9, "okun": 1.0})
    assert said_by(settings.checked) == [message for message in wrong if not message.startswith("years")]
    tables = {
        "study": {"scenarios": ["basline"], "policies": ["acutal"], "start": "1999-12-31", "years": 0},
        "parameters": {"okun_coefficient": 1e9, "okun": 1.0},
    }
    assert {message.replace("years = 0", "study.years = 0") for message in wrong} <= set(
        said_by(lambda: checked_study(tables))
    )


def test_counts_of_runs_and_processes_are_checked_alike() -> None:
    for line in ("corridor", "respond policy-rate"):
        assert printed_by(f"{line} --seeds 0 --workers 0")[1:] == [
            "--seeds = 0 must be a whole number of at least 1",
            "--workers = 0 must be a whole number of at least 1",
        ]
    assert said_by(lambda: itcho.compare(["actual"], workers=0)) == ["workers = 0 must be a whole number of at least 1"]


def test_the_usual_sizes_are_the_same_wherever_they_are_asked_for() -> None:
    for asked in (RunSpec(), RunRequest(), ViewSettings()):
        assert {name: getattr(asked, name) for name in USUAL} == USUAL
    for function in (JapanEconomy.__init__, itcho.run):
        defaults = {name: one.default for name, one in inspect.signature(function).parameters.items()}
        assert {name: defaults[name] for name in USUAL} == USUAL
        assert (defaults["scenario"], defaults["policy"], defaults["start"]) == ("baseline", "actual", "2026-03-31")
    fields = {field.name: field.default for field in dataclasses.fields(Cell)}
    assert {name: fields[name] for name in USUAL} == USUAL
    command = typer.main.get_command(app).commands["run"]  # type: ignore[attr-defined]
    options = {option.name: option.default for option in command.params}
    assert {name: options[name] for name in USUAL} == USUAL


def test_a_request_builds_the_economy_that_its_words_say() -> None:
    asked = RunSpec(policy="none", seed=5, years=1, parameters={"okun_coefficient": 0.25}, **SMALL)
    built = asked.economy().run()
    given: dict[str, Any] = {"policy": "none", "rng": 5, "years": 1, "parameters": {"okun_coefficient": 0.25}}
    assert built.monthly_table().equals(JapanEconomy(**given, **SMALL).run().monthly_table())
