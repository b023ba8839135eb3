"""Reference and method pages say what is so: signatures, functions behind formulas, commands, files, figures."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from itcho.experiments.cli.command_line_page import page as command_line_page
from itcho.experiments.cli.commands import app
from itcho.experiments.studies.robustness import robustness_card
from itcho.model.economy import JapanEconomy
from itcho.model.measure.outcomes import OUTCOMES
from itcho.model.parameters import registry
from tests.children import ROOT

DOCS = ROOT / "docs"
FENCE = re.compile(r"^```.*?^```\n", re.MULTILINE | re.DOTALL)


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows_by_heading(name: str) -> Iterator[tuple[str, str]]:
    """Heading, without its marks, and what stands in backticks first in each row of the tables under it."""
    heading = ""
    for line in text_of(name).splitlines():
        if line.startswith("## "):
            heading = line[3:].strip("` ")
        elif found := re.match(r"\| `([^`]+)`", line):
            yield heading, found[1]


API = [pair for pair in rows_by_heading("docs/python_api.md") if not pair[1].startswith("economy.")]
HELD = [name for _, name in rows_by_heading("docs/python_api.md") if name.startswith("economy.")]


def resolved(module: str, dotted: str) -> Any:
    found: Any = importlib.import_module(module)
    for name in filter(None, dotted.split(".")):
        found = getattr(found, name)
    return found


def described(signature: inspect.Signature) -> list[tuple[str, str, str]]:
    """Kind, name and default of each parameter; functions as defaults by name."""
    empty = inspect.Parameter.empty
    return [
        (
            one.kind.name,
            one.name,
            "" if one.default is empty else getattr(one.default, "__name__", repr(one.default)),
        )
        for one in signature.parameters.values()
        if one.name not in ("self", "cls")
    ]


def written(text: str) -> list[tuple[str, str, str]]:
    """The same of a signature as the page writes it."""
    tree = ast.parse(f"def f({text}): ...").body[0]
    assert isinstance(tree, ast.FunctionDef)
    arguments = tree.args
    blanks = [None] * (len(arguments.args) - len(arguments.defaults))
    found = [
        ("POSITIONAL_OR_KEYWORD", one.arg, "" if default is None else ast.unparse(default))
        for one, default in zip(arguments.args, [*blanks, *arguments.defaults], strict=True)
    ]
    found += [
        ("KEYWORD_ONLY", one.arg, "" if default is None else ast.unparse(default))
        for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    return found + ([("VAR_KEYWORD", arguments.kwarg.arg, "")] if arguments.kwarg else [])


@pytest.mark.parametrize(("module", "entry"), API, ids=[entry.split("(")[0] for _, entry in API])
def test_every_name_of_the_python_page_has_that_signature(module: str, entry: str) -> None:
    name, bracket, arguments = entry.partition("(")
    found = resolved(module, name)
    assert callable(found) == bool(bracket), f"{entry}: brackets are for what can be called"
    if bracket:
        assert written(arguments.removesuffix(")")) == described(inspect.signature(found))


def test_the_python_page_covers_the_public_methods_of_the_economy() -> None:
    own = {name for name, value in vars(JapanEconomy).items() if not name.startswith("_")}
    listed = {entry.split("(")[0].split(".")[1] for module, entry in API if entry.startswith("JapanEconomy.")}
    held = {name.split(".")[1] for name in HELD}
    for_the_steps = {"stand_failed"}
    public = {name for name in own if callable(getattr(JapanEconomy, name)) or name == "graph"}
    assert public <= listed | held | for_the_steps


def test_an_economy_holds_what_the_python_page_says() -> None:
    economy = JapanEconomy(rng=1, investors=100, importers=30, adopters=50)
    economy.step()
    for name in HELD:
        found: Any = economy
        for part in name.split(".")[1:]:
            found = getattr(found, part)
        assert found is not None, name
    assert set(economy.outcomes) == set(OUTCOMES)
    assert economy.ledger.positions.shape == (len(economy.ledger.instruments), len(economy.ledger.parties))
    assert abs(economy.ledger.positions.sum(axis=1)).max() < 1e-6
    monthly, daily = economy.monthly_table(), economy.daily_table()
    assert monthly.shape == (1, 1 + len(OUTCOMES))
    assert daily.shape == (21, 7)
    parts = economy.fx_attribution().drop(columns="month").sum(axis=1).iloc[0]
    assert parts == pytest.approx(economy.foreign_exchange.log_price - opening_log_price(), abs=1e-9)


def opening_log_price() -> float:
    economy = JapanEconomy(rng=1, investors=100, importers=30, adopters=50)
    return float(economy.foreign_exchange.log_price)


def commands(words: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, one in command.commands.items():
        if getattr(one, "commands", None):
            yield from commands((*words, name), one)
        else:
            yield (*words, name), one


def test_the_command_line_page_has_every_command_and_option() -> None:
    sections = dict(
        re.findall(r"^## (itcho .*?)\n(.*?)(?=^## )", text_of("docs/command_line.md"), re.MULTILINE | re.DOTALL)
    )
    every = {" ".join(words): command for words, command in commands(("itcho",), typer.main.get_command(app))}
    assert set(sections) == {name for name, command in every.items() if not command.hidden}
    for name, text in sections.items():
        for option in every[name].params:
            if option.name != "help" and not option.hidden and option.param_type_name == "option":
                flags = [*option.opts, *option.secondary_opts]
                assert all(f"`{flag}`" in text for flag in flags), (name, option.name)


def test_the_command_line_page_does_not_depend_on_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    before = list(command_line_page())
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert list(command_line_page()) == before
    assert "\x1b" not in "".join(before)


CALLS = re.compile(r"`([a-z_]+(?:\.[A-Za-z_]+)+)(?:\(\))?`")
PACKAGES = ("itcho.agents.", "itcho.model.", "itcho.experiments.")


@pytest.mark.parametrize("page", ["docs/statistics.md", "docs/limits.md", "CONTRIBUTING.md"])
def test_dotted_names_in_method_pages_exist(page: str) -> None:
    """``module.name`` is an object of the code, and every formula's function is named this way."""
    named = [name for name in CALLS.findall(FENCE.sub("", text_of(page))) if name.startswith(PACKAGES)]
    for dotted in named:
        parts = dotted.split(".")
        files = (ROOT.joinpath(*parts[1:place]) for place in range(2, len(parts) + 1))
        depth = 1 + sum(file.is_dir() or file.with_suffix(".py").is_file() for file in files)
        resolved(".".join(parts[:depth]), ".".join(parts[depth:]))
    assert len(named) >= {"docs/statistics.md": 25}.get(page, 0)


@pytest.mark.parametrize("page", ["docs/statistics.md", "docs/limits.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_files_named_in_pages_exist(page: str) -> None:
    for word in re.findall(r"`([^`\n]+)`", FENCE.sub("", text_of(page))):
        if re.fullmatch(r"(?:agents|model|experiments|tests|docs|examples|benchmarks)/[\w./-]*", word):
            assert (ROOT / word).exists(), f"{page} names {word}"


def test_the_statistics_page_explains_every_robustness_measure() -> None:
    import numpy as np

    page = text_of("docs/statistics.md")
    card = robustness_card(np.array([[1.0, 2.0], [2.0, 1.0]]), ("a", "b"), threshold=1.0)
    assert len(card) > 10
    for measure in card:
        assert f"| {measure.label} |" in page, measure.label


def test_the_limits_page_uses_names_that_exist() -> None:
    for word in re.findall(r"`([a-z][a-z0-9]*(?:_[a-z0-9]+)+)`", FENCE.sub("", text_of("docs/limits.md"))):
        assert word in registry() or word in OUTCOMES, word


def test_the_programme_is_as_small_as_the_limits_page_says() -> None:
    economy = JapanEconomy(rng=1, noise=False, investors=100, importers=30, adopters=50).run(years=5)
    cost = economy.outcomes["programme_cost_trn_yen"] / economy.monthly_table()["nominal_gdp_trn_yen"][11::12].sum()
    found = re.search(r"about (0\.\d+)% of GDP a year", " ".join(text_of("docs/limits.md").split()))
    assert found
    assert abs(100.0 * cost - float(found[1])) < 0.005


def test_the_limits_page_counts_what_is_so() -> None:
    page = " ".join(text_of("docs/limits.md").replace("**", "").split())
    missed, said = (re.search(r"(\d+) (?:rows are )?missed", text) for text in (text_of("docs/validation.md"), page))
    assert missed
    assert said
    assert missed[1] == said[1], "validation was run again: what it misses, in docs/limits.md, is of before"
    targets = re.search(r"(\d+) of (\d+) response targets met", text_of("docs/validation.md"))
    assert targets
    assert f"Of {targets[2]} response targets of years 1 to 5, {targets[1]} are met" in page
    verdicts: dict[str, list[bool]] = {}
    for shock, verdict in re.findall(
        r"^\| T-[\w-]+ \| ([\w-]+) \|.*\| (\**\w+\**) \| ", text_of("docs/validation.md"), re.M
    ):
        verdicts.setdefault(shock, []).append(verdict == "met")
    assert sum(map(len, verdicts.values())) == int(targets[2])
    for shock, met in verdicts.items():
        assert f"| `{shock}` | {sum(met)} of {len(met)} |" in page
    judged = [one.known == "judgement" for one in registry().values()]
    ai = [one.known == "judgement" for name, one in registry().items() if name.startswith("ai_")]
    assert "About six in ten are judgements" in page
    assert 0.55 < sum(judged) / len(judged) < 0.65
    assert "in AI services about eight in ten" in page
    assert 0.75 < sum(ai) / len(ai) < 0.85


@pytest.mark.parametrize("file", ["CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_of_the_contributing_pages_resolve(file: str) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", FENCE.sub("", text_of(file))):
        assert ":" in target or (ROOT / target).exists(), target


def imports_of(path: Path) -> set[str]:
    """Packages of itcho that a file imports anywhere, for types too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        found |= {parts[1] for parts in (name.split(".") for name in names) if parts[0] == "itcho"}
    return found


@pytest.mark.parametrize(("package", "forbidden"), [("agents", {"model", "experiments"}), ("model", {"experiments"})])
def test_arrows_point_one_way(package: str, forbidden: set[str]) -> None:
    """What CONTRIBUTING promises: experiments → model → agents, never back."""
    wrong = [str(path) for path in (ROOT / package).rglob("*.py") if imports_of(path) & forbidden]
    assert not wrong


def test_contributing_runs_the_checks_that_ci_runs() -> None:
    script, page = text_of(".ci/run"), text_of("CONTRIBUTING.md")
    for check in (
        "ruff check .",
        "ruff format --check .",
        "mypy",
        "-m slow",
        "--doctest-modules itcho",
        "-m tests.mutate --seed 1",
    ):
        assert check in script, check
        assert check in page, check
    assert ".ci/run" in page


def test_the_changelog_has_the_version_of_the_package() -> None:
    version = tomllib.loads(text_of("pyproject.toml"))["project"]["version"]
    assert re.search(rf"^## {re.escape(version)}\b", text_of("CHANGELOG.md"), re.MULTILINE)
