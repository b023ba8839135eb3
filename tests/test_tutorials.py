"""The tutorials do what they say: their files are written, their commands and Python are run, in order."""

from __future__ import annotations

import importlib
import json
import math
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from itcho.experiments.cli.commands import app
from itcho.experiments.studies.statistics import t_interval
from itcho.experiments.studies.store_comparison import StoreComparison
from itcho.model.economy import JapanEconomy
from itcho.model.policies import policy
from itcho.model.start_states import load
from tests.children import ROOT

DOCS = ROOT / "docs"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# ([\w-]+\.(?:toml|py))\n")
TUTORIALS = ("first_experiment.md", "comparing_rules.md", "adding_an_agent.md", "changing_a_start_state.md",
             "lesson.md", "replacing_behaviour.md")  # fmt: skip
"""Pages that are executed as a whole; Python of the other pages is executed by ``test_docs``."""
MINUTES = "# minutes"
"""What a command ends with that is read and not run."""


def blocks(page: str) -> list[tuple[str, str]]:
    """Language and text of the page's blocks, in order."""
    return BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))


def call(line: str) -> int:
    """Exit code of an `itcho` line, run in this process."""
    arguments = shlex.split(line, comments=True)[1:]
    if arguments[0] == "compare":
        arguments += ["--engine", "serial"]
    with pytest.raises(SystemExit) as ended:
        app(arguments, prog_name="itcho")
    return int(ended.value.code or 0)


@dataclass
class Walk:
    """What came of a tutorial: the folder it was done in, its Python names, and what it printed."""

    folder: Path
    names: dict[str, Any]
    printed: str


def walk(page: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Walk:
    """Do what the page says, block by block."""
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))
    importlib.invalidate_caches()
    names: dict[str, Any] = {"__name__": "tutorial"}
    for language, text in blocks(page):
        named = FILE.match(text)
        if named:
            (folder / named[1]).write_text(text[named.end() :], encoding="utf-8")
        elif language == "python":
            exec(compile(text, page, "exec"), names)
        elif language == "sh":
            for line in text.splitlines():
                expected = 2 if line.endswith("# exit code 2") else 0
                assert line.endswith(MINUTES) or call(line) == expected, line
    return Walk(folder, names, capsys.readouterr().out)


def test_the_first_experiment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done = walk("first_experiment.md", tmp_path, monkeypatch, capsys)
    named = set(re.findall(r"^\| `(\S+)` \|", (DOCS / "first_experiment.md").read_text(), re.MULTILINE))
    written = {file.name for file in (tmp_path / "first").iterdir()}
    assert named <= written
    assert "books closed in all 36 months" in " ".join(done.printed.split())
    monthly, moved = done.names["monthly"], done.names["moved"]
    start = load("2026-03-31").fact("usdjpy")
    assert moved.sum() == pytest.approx(100.0 * math.log(monthly["usdjpy"].iloc[-1] / start), abs=1e-6)
    # The second world of the command and the one made in Python are the same.
    again = pd.read_csv(tmp_path / "first" / "without_programme_monthly.csv")
    assert again["usdjpy"].tolist() == pytest.approx(done.names["without"]["usdjpy"].tolist(), rel=1e-12)
    both = done.names["ranges"]
    assert all(a != b for a, b in zip(both["all channels"], both["without carry"], strict=True))


@pytest.mark.slow
def test_comparing_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    walk("comparing_rules.md", tmp_path, monkeypatch, capsys)
    report = (tmp_path / "support" / "report.md").read_text(encoding="utf-8")
    header = next(line for line in report.splitlines() if line.startswith("| Outcome | Policy |"))
    columns = [cell.strip() for cell in header.strip("|").split("|")]
    page = (DOCS / "comparing_rules.md").read_text(encoding="utf-8")
    explained = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", page, re.MULTILINE)
    assert [column for column in explained if column not in ("column", "---")] == columns
    assert "## Best, or not worse than the best" in report
    # "The yen swings by tens of yen from world to world, and the programme moves it by less than one."
    for row in json.loads((tmp_path / "support" / "comparison.json").read_text())["rows"]:
        if row["outcome"] == "usdjpy_average":
            assert row["sd_difference"] * row["variance_ratio"] ** 0.5 > 5.0
            assert abs(row["mean_difference"]) < 1.0
            assert -1.0 < row["t_low"] < row["t_high"] < 1.0


@pytest.mark.slow
def test_adding_an_agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delitem(sys.modules, "wealth_fund", raising=False)
    done = walk("adding_an_agent.md", tmp_path, monkeypatch, capsys)
    monkeypatch.delitem(sys.modules, "wealth_fund")
    assert (tmp_path / "wealth_fund.py").read_text() == (ROOT / "examples" / "wealth_fund.py").read_text()
    assert "books closed: True" in done.printed
    # What the page says of its figures: the fund pushes the yen down, and others take most of it back.
    push, answer = done.names["push"], done.names["answer"]
    assert push > 0.0
    assert -push < answer < -0.5 * push


@pytest.mark.slow
def test_changing_a_start_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done = walk("changing_a_start_state.md", tmp_path, monkeypatch, capsys)
    usual, wave = done.names["usual"], done.names["wave"]
    assert usual["usdjpy"] != wave["usdjpy"]
    checks = [text.split("do not close.")[0] for text in done.printed.split("Start state ")[1:]]
    assert "row world_equity leaves 30 trn yen" in checks[0]
    assert "All identities close." in checks[1]
    assert [line for line in checks[2].splitlines() if line.startswith("OPEN")] == [
        "OPEN  receipts less payments = net lending: row net_lending leaves 1.3 trn yen; largest cell: households",
        "OPEN  receipts less payments = net lending: row net_lending leaves -1.3 trn yen; largest cell: rest_of_world",
    ]
    assert "All identities close." in checks[3]
    JapanEconomy(start="nisa_wave_reinvested.toml", rng=1, investors=70, importers=40, adopters=40).step()
    # What the page says stood there before is what stands in the base.
    base, page = load("2026-03-31"), (DOCS / "changing_a_start_state.md").read_text(encoding="utf-8")
    before = [
        *(base.position("world_equity", party) for party in ("households", "foreign_investors")),
        *(base.position("deposits", party) for party in ("households", "dealers_abroad")),
        *(base.net_lending(sector) for sector in ("households", "rest_of_world")),
        *(
            row.value_trn_yen
            for row in base.flows
            if row.flow == "financial.foreign_assets" and row.payer in ("households", "rest_of_world")
        ),
    ]
    assert all(f"was {value:.8g}\n" in page for value in before)


@pytest.mark.slow
def test_what_the_wealth_fund_does_to_the_yen() -> None:
    """The figures of many worlds in "Adding an agent"."""
    from examples.wealth_fund import WealthFund

    def yen(seed: int, added: list[Any]) -> float:
        sizes = {"investors": 200, "importers": 60, "adopters": 100}
        economy = JapanEconomy(policy="none", rng=seed, added_agents=added, **sizes).run(years=3)
        return float(economy.monthly_table()["usdjpy_average"].tail(12).mean())

    effects = np.array([yen(seed, [WealthFund]) - yen(seed, []) for seed in range(1, 121)])
    page = " ".join((DOCS / "adding_an_agent.md").read_text(encoding="utf-8").split())
    told = re.search(r"weaker by about ([\d.]+) yen per dollar, with a 95% interval of ([\d.]+) to ([\d.]+)\.", page)
    assert told
    # A changed model moves these figures: then the page has to be changed, as its model version says.
    assert (effects.mean(), *t_interval(effects)) == pytest.approx(
        [float(figure) for figure in told.groups()], abs=0.06
    )


@pytest.mark.parametrize("page", ["studies.md", "comparing_rules.md"])
def test_commands_are_read_as_they_stand(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes minutes is not run, but it is what the command line understands."""
    for long_work in ("_run_and_report", "_report"):
        monkeypatch.setattr(f"itcho.experiments.cli.study.{long_work}", lambda *_, **__: 0)
    same = StoreComparison(1, 1, (), 0.0, (), (), (), ())
    monkeypatch.setattr("itcho.experiments.studies.store_comparison.compare_stores", lambda *_: same)
    monkeypatch.chdir(ROOT)
    lines = [line for language, text in blocks(page) if language == "sh" for line in text.splitlines()]
    long = [line for line in lines if line.startswith("itcho ") and (page == "studies.md" or line.endswith(MINUTES))]
    assert long
    for line in long:
        with pytest.raises(SystemExit) as ended:
            app(shlex.split(line, comments=True)[1:], prog_name="itcho")
        assert ended.value.code == 0, line


def test_the_policy_file_of_adding_a_rule_is_a_policy(tmp_path: Path) -> None:
    (text,) = [text for language, text in blocks("adding_a_rule.md") if language == "toml" and "base =" in text]
    (tmp_path / "tight-stages.toml").write_text(text, encoding="utf-8")
    found = policy(str(tmp_path / "tight-stages.toml"))
    assert found.label == "Tight stages"
    assert found.subsidy.stop_gap_months == 27


def test_the_index_lists_every_page() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(([\w.]+\.md)", index))
    assert linked == {page.name for page in DOCS.glob("*.md")} - {"README.md"}


@pytest.mark.slow
def test_the_lesson_has_its_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    walk("lesson.md", tmp_path, monkeypatch, capsys)
    assert 'lang="ja"' in (tmp_path / "runs" / "class.html").read_text(encoding="utf-8")[:200]
    assert {"ensemble.csv", "usdjpy_attribution.csv", "without_programme_monthly.csv"} <= {
        file.name for file in (tmp_path / "class").iterdir()
    }
    assert (tmp_path / "runs" / "other.html").is_file()


@pytest.mark.slow
def test_replacing_how_investors_learn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done = walk("replacing_behaviour.md", tmp_path, monkeypatch, capsys)
    assert not (done.names["learning"] == done.names["usual"]).all()
    assert done.names["economy"].world.behaviours.replaced == {"expectations": "<lambda>"}
    assert "my-prize" in done.printed
    assert (tmp_path / "prize" / "my_prize.py").is_file()
