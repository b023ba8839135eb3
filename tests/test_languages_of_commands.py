"""Every command speaks Japanese and Chinese: it takes --lang, refuses others at once, and leaves no text in English."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from itcho.agents.ablation import KINDS
from itcho.experiments.claims import effects, levels
from itcho.experiments.claims.claim import FACT_VERDICTS, MODEL_VERDICTS, Answer, Claim
from itcho.experiments.claims.ensembles import Ensembles
from itcho.experiments.claims.page import REASONS, plain_unit
from itcho.experiments.claims.registry import EFFECTS, all_claims, entries
from itcho.experiments.cli.commands import app
from itcho.experiments.cli.names import shocks
from itcho.experiments.evidence.ablation import read_table as ablation_table
from itcho.experiments.evidence.corridor import CORRIDOR
from itcho.experiments.evidence.respond import Estimate
from itcho.experiments.evidence.response_targets import targets
from itcho.experiments.evidence.rest import DISPLACEMENTS, QuietPath, rest_criteria
from itcho.experiments.evidence.seed_runs import SeedRun
from itcho.experiments.evidence.shocks import SHOCKS
from itcho.experiments.evidence.stylised_facts import read_table
from itcho.experiments.evidence.validate import Accounting, Row, Size, Validation, verdict_of
from itcho.experiments.forecasts.protocol import CONDITIONAL, FROZEN, MODEL, SERIES
from itcho.experiments.languages import LANGUAGES, Sentence, Words, page_words, words
from itcho.experiments.studies.engine import SerialEngine
from itcho.experiments.studies.store import CellResult, CellStore
from itcho.experiments.studies.study_file import read_study
from itcho.experiments.studies.study_run import run_study
from itcho.experiments.studies.variants import VARIANTS
from itcho.model.measure.outcomes import OUTCOMES
from tests.children import ROOT
from tests.command_lines import stop_before_work, study_files

OTHERS = [code for code in LANGUAGES if code != "en"]
NO_SUCH_LANGUAGE = "tlh"
STUDIES = ("study.toml", "drives.toml", "futures.toml", "examples/first_study.toml")
"""Study files that examples of helps name."""
ENGLISH = re.compile(r"\b[a-z]{3,} [a-z]{3,} [a-z]{3,}\b")
"""Three words of English in a row: a sentence or a label, which names and paths are not."""
PUBLISHED = tuple(
    words(code)(text).partition("{")[0]
    for code in OTHERS
    for text in ("Known: {what}", "Claimed: {what} ({title})", "Claimed by: {title}")
)
"""What lines of a claim begin with that quote publishers and who claims it."""


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, by what is typed for it."""
    if hasattr(command, "commands"):
        for name, one in command.commands.items():
            yield from leaves(one, (*path, name))
    else:
        yield path, command


COMMANDS = dict(leaves(typer.main.get_command(app)))


def asked(*arguments: str) -> str:
    """What a command prints."""
    done = CliRunner().invoke(app, list(arguments), prog_name="itcho", env={"COLUMNS": "200"}, catch_exceptions=False)
    assert done.exit_code in (0, 1), done.output
    return done.stdout


@pytest.fixture
def untranslated(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Texts that are looked up in a language which has none for them; it fills as commands speak."""
    found: set[str] = set()
    usual = Words.__call__

    def noting(self: Words, english: str, **fields: object) -> str:
        whole = not isinstance(english, Sentence)
        if self.code != "en" and whole and english not in self.words and re.search("[A-Za-z]{2}", english):
            found.add(english)
        return usual(self, english, **fields)

    monkeypatch.setattr(Words, "__call__", noting)
    return found


def english_in(text: str, beside: Sequence[str] = ()) -> list[str]:
    """Lines that hold English sentences, those with one of ``beside`` left out."""
    return [line for line in text.splitlines() if ENGLISH.search(line) and not any(part in line for part in beside)]


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_takes_a_language(path: tuple[str, ...]) -> None:
    assert any("--lang" in option.opts for option in COMMANDS[path].params)


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_an_unknown_language_is_refused_before_anything_is_run(
    path: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    study_files(tmp_path, *STUDIES)
    reached = stop_before_work(monkeypatch)
    line = re.search(r"itcho [^\n]+", COMMANDS[path].epilog or "")
    assert line is not None
    given = [part.strip("'`") for part in re.findall(r"'[^']*'|\S+", line[0])][1:]
    given = [*(given[: given.index("--lang")] if "--lang" in given else given), "--lang", NO_SUCH_LANGUAGE]
    before = sorted(tmp_path.rglob("*"))
    done = CliRunner().invoke(app, given, prog_name="itcho")
    assert (done.exit_code, done.stdout, reached) == (2, "", [])
    assert re.search(f"--lang (= )?{NO_SUCH_LANGUAGE} is unknown: write one of en, ja, zh-Hant", done.stderr)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("code", OTHERS)
def test_no_label_of_the_evidence_is_untranslated(code: str) -> None:
    known = page_words(code)
    tables = ("response_table.csv", "stylised_facts.csv", "long_run_facts.csv")
    lines = [line for table in tables for line in read_table(table)]
    wanted = [line.get("fact") or line["response"] for line in lines] + [line["unit"] for line in lines]
    wanted += [line["cause"] for line in read_table("miss_causes.csv")] + [one.unit for one in targets()]
    wanted += [text for row in CORRIDOR for text in (row.outcome, row.statistic, row.unit)]
    wanted += [line[name] for line in read_table("projections.csv") for name in ("publisher", "case", "unit")]
    wanted += [line["publisher"] for line in read_table("published_series.csv")]
    wanted += [text for one in KINDS for text in (one.label, one.frozen, one.alike)]
    wanted += [plan.what for plan in SHOCKS.values()] + [one.what for one in DISPLACEMENTS.values()]
    wanted += [re.sub(r"-years-\d+-\d+$", "", one.id) for one in rest_criteria(QuietPath({}))]
    wanted += [f"half-life-{name}" for name in DISPLACEMENTS]
    wanted += [one.mechanism for one in VARIANTS.values()]
    wanted += [text for one in all_claims() for text in (one.claim, one.kind, one.period, plain_unit(one.unit))]
    wanted += [text for one in entries().values() for text in (one.note, *one.filed)]
    wanted += [plain_unit(one.unit) for one in (*effects.EFFECTS.values(), *levels.LEVELS.values())]
    wanted += [*FACT_VERDICTS, *MODEL_VERDICTS]
    assert sorted({text for text in wanted if re.search("[A-Za-z]{2}", text) and text not in known}) == []


@pytest.mark.parametrize("code", OTHERS)
def test_no_simple_forecast_is_untranslated(code: str) -> None:
    pytest.importorskip("statsmodels", reason="needs the extra itcho[forecast]")
    from itcho.experiments.forecasts.rivals import RIVALS

    assert {name.replace("_", " ") for name in RIVALS} <= set(page_words(code))


def validation_of_tables() -> Validation:
    """A validation whose rows are those of the tables, each with the middle of its range or a miss."""

    def row(line: dict[str, str], what: str, shock: str, place: int) -> Row:
        low, high = float(line["low"] or "-inf"), float(line["high"] or "inf")
        mean = (low if math.isfinite(low) else high) + (0.0 if place % 3 else 99.0)
        estimate = Estimate(mean, mean - 0.1, mean + 0.1, 2)
        verdict = verdict_of(low, high, estimate, line["by_construction"] == "yes")
        decimals, source = int(line["decimals"]), line["source"]
        return Row(line["id"], shock, what, line["unit"], decimals, low, high, source, estimate, verdict,
                   published=1.0, real=1.0, tolerance=line.get("tolerance", ""), noise_off=1.0)  # fmt: skip

    rows = [
        row(one, one["response"], one["shock"], place) for place, one in enumerate(read_table("response_table.csv"))
    ]
    of_facts = [*read_table("stylised_facts.csv"), *read_table("long_run_facts.csv")]
    facts = [row(one, one["fact"], "none", place) for place, one in enumerate(of_facts)]
    of_targets = []
    for place, one in enumerate(targets()):
        estimate = Estimate(one.central + 9.0 * (place % 2), 0.0, 1.0, 2)
        verdict = verdict_of(one.low, one.high, estimate, by_construction=False)
        of_targets.append(
            Row(one.id, one.shock, f"{OUTCOMES[one.outcome].label}, year {one.year}", one.unit, one.decimals, one.low,
                one.high, one.source, estimate, verdict, noise_off=1.0, outcome=one.outcome, year=one.year)
        )  # fmt: skip
    checks, size = Accounting(2, 24, 1e-15, same_bits_twice=True, idle_shock_same_bits=False), Size(2, 2, 1, 1)
    return Validation(tuple(rows), tuple(facts), checks, size, ("seed 3: month 2: KeyError: 'x'",), tuple(of_targets))


def page_without_sources(text: str, validation: Validation) -> str:
    """A page of a validation without what it quotes."""
    quoted = {part for row in (*validation.rows, *validation.facts, *validation.targets)
              for part in (row.source, row.tolerance) if part}  # fmt: skip
    for part in sorted(quoted, key=len, reverse=True):
        text = text.replace(part, "").replace(part.replace("'", "&#x27;"), "")
    return text


@pytest.mark.parametrize("code", OTHERS)
def test_validation(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, untranslated: set[str]) -> None:
    validation = validation_of_tables()
    monkeypatch.setattr("itcho.experiments.evidence.validate.validate", lambda *_, **__: validation)
    shown = asked("validate", "--quick", "--lang", code, "--out", str(tmp_path))
    pages = {name: (tmp_path / name).read_text(encoding="utf-8") for name in ("validation.md", "validation.html")}
    assert untranslated == set()
    assert english_in(shown) == []
    for name, page in pages.items():
        assert english_in(re.sub("<style>.*</style>", "", page_without_sources(page, validation))) == [], name
        assert words(code)("Stylised facts") in page
        assert all(row.id in page for row in (*validation.rows, *validation.facts, *validation.targets))
    assert f'<html lang="{code}">' in pages["validation.html"]


@pytest.mark.parametrize("code", OTHERS)
def test_hindcast(code: str, tmp_path: Path, untranslated: set[str]) -> None:
    happened = tmp_path / "happened.csv"
    happened.write_text("date,usdjpy,jgb_10y_pct\n2024-04-01,155.9,1.0\n", encoding="utf-8")
    arguments = ("validate", "--hindcast", "--actuals", str(happened), "--seeds", "2", "--workers", "1")
    shown = asked(*arguments, "--lang", code, "--out", str(tmp_path / "kept"))
    assert untranslated == set()
    assert english_in(shown) == []
    for name in ("hindcast.md", "hindcast.html"):
        page = (tmp_path / "kept" / name).read_text(encoding="utf-8")
        page = re.sub('<style>.*?</style>|base64,[^"]*', "", page, flags=re.DOTALL)
        assert english_in(page) == [], name


@pytest.mark.parametrize("code", OTHERS)
def test_responses(code: str, tmp_path: Path, untranslated: set[str]) -> None:
    arguments = ("respond", "policy-rate", "--seeds", "1", "--years", "1", "--workers", "1", "--size", "0.5")
    shown = asked(*arguments, "--out", str(tmp_path), "--lang", code)
    shown += asked("respond", "ltv", "--lang", code) + asked("respond", "debt-service", "--lang", code)
    assert untranslated == set()
    assert english_in(shown) == []


def made_up_run(seed: int, failure: str = "") -> SeedRun:
    """A run in which every outcome stands still."""
    months = 24
    if failure:
        return SeedRun(seed, failure=failure)
    flat = {name: np.full(months, 1.0) for name in OUTCOMES}
    years, calendar = 2026 + np.arange(months) // 12, (np.arange(months) + 3) % 12 + 1
    return SeedRun(seed, years, calendar, flat, np.full(21 * months + 1, 150.0), 0.0)


@pytest.mark.parametrize("code", OTHERS)
def test_corridor(code: str, monkeypatch: pytest.MonkeyPatch, untranslated: set[str]) -> None:
    made = [made_up_run(1), made_up_run(2), made_up_run(3, "month 3: KeyError: 'x'")]
    monkeypatch.setattr("itcho.experiments.evidence.checks_report.run_seeds", lambda *_: made)
    shown = asked("corridor", "--seeds", "3", "--years", "2", "--lang", code)
    assert untranslated == set()
    assert english_in(shown) == []
    assert shown.count(words(code)("not reached")) > 3


@pytest.mark.parametrize("code", OTHERS)
def test_quiet_start_and_rest(code: str, untranslated: set[str]) -> None:
    shown = asked("quiet-start", "--lang", code)
    shown += asked("rest", "--years", "1", "--lang", code, "--foreign-assets", "10")
    assert untranslated == set()
    assert english_in(shown) == []


@pytest.mark.parametrize("code", OTHERS)
def test_ablation(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, untranslated: set[str]) -> None:
    rows = ablation_table(ROOT / "docs" / "ablation.csv")
    monkeypatch.setattr("itcho.experiments.evidence.ablation_report.ablate", lambda *_: rows)
    shown = asked("ablate", "--lang", code, "--out", str(tmp_path))
    page = (tmp_path / "ablation.md").read_text(encoding="utf-8")
    assert untranslated == set()
    assert english_in(shown + page) == []
    assert all(words(code)(kind.label) in page for kind in KINDS)


def made_up_answer(claim: Claim, place: int) -> Answer:
    """An answer with a figure, an interval and the rows that a page picks out."""
    verdict = (*FACT_VERDICTS, *MODEL_VERDICTS)[place % 8]
    table = ((effects.MEDIAN, 1.0, None, None, ""), (effects.WITHOUT_EFFECT, 0.1, None, None, ""))
    table += ((effects.case_label(effects.DOSES[0], False), 1.0, 0.5, 1.5, ""),) if claim.kind in EFFECTS else ()
    return Answer(claim, verdict, "", claim.unit, 1.0, 0.5, 1.5, table=table)


@pytest.mark.parametrize("code", OTHERS)
def test_claims(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, untranslated: set[str]) -> None:
    def answered(asked_for: Sequence[Claim], *_: object) -> list[Answer]:
        return [made_up_answer(one, place) for place, one in enumerate(asked_for)]

    monkeypatch.setattr("itcho.experiments.claims.answers.make_runs", lambda *_: Ensembles({}, ()))
    monkeypatch.setattr("itcho.experiments.claims.answers.answer_all", answered)
    shown = asked("claims", "--quick", "--lang", code, "--out", str(tmp_path), "--variant", next(iter(VARIANTS)))
    shown += asked("claims", "yen-fall", "--quick", "--lang", code, "--out", str(tmp_path / "one.md"))
    page = (tmp_path / "claims.md").read_text(encoding="utf-8") + (tmp_path / "one.md").read_text(encoding="utf-8")
    assert untranslated == set()
    assert english_in(shown, PUBLISHED) == []
    assert english_in(page, PUBLISHED) == []
    assert all(words(code)(one.claim) in page for one in all_claims())
    assert words(code)(REASONS) in shown


@pytest.mark.parametrize("code", OTHERS)
def test_start_states_and_actuals(code: str, tmp_path: Path, untranslated: set[str]) -> None:
    shown = asked("start-state", "check", "2026-03-31", "--lang", code)
    shown += asked("start-state", "make", "2026-03-31", "--out", str(tmp_path), "--lang", code)
    inputs = sorted(map(str, (ROOT / "tests" / "inputs").glob("*.csv")))
    files = [one for one in inputs if Path(one).name in ("DEXJPUS.csv", "jgbcm.csv")]
    shown += asked("actuals", *files, "--lang", code)
    shown += asked("actuals", *files, "--lang", code, "--out", str(tmp_path / "quarters.csv"))
    assert untranslated == set()
    assert english_in(shown, ("financial.",)) == []


@pytest.mark.parametrize("code", OTHERS)
def test_forecasts(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, untranslated: set[str]) -> None:
    for needed in ("statsmodels", "scoringrules", "arch"):
        pytest.importorskip(needed, reason="needs the extra itcho[forecast]")
    from itcho.experiments.forecasts.rivals import RIVALS
    from itcho.experiments.forecasts.scores import Scores, _notes

    figures = {"rmse": 1.0, "crps": 0.5, "cov50": 0.5, "cov90": 0.9, "n": 9, "dm_p": 0.2}
    models = (MODEL, FROZEN, CONDITIONAL, *RIVALS)
    rows = [{"series": series, "horizon": "weighted", "sample": "all", "model": model} | figures
            | ({"rmse": 0.5} if model == RIVALS[place] else {})
            for place, series in enumerate(SERIES) for model in models]  # fmt: skip
    import pandas as pd

    notes = _notes([pd.Timestamp("2013-03-31").date()], set(), pd.DataFrame({"series": []}))
    found = Scores(tuple(rows), (), (), (), tuple(notes))
    monkeypatch.setattr("itcho.experiments.forecasts.show.scores_of", lambda *_: found)
    monkeypatch.setattr("itcho.experiments.forecasts.run.run_forecast", lambda _: (tmp_path, ("2013-03-31, path 2",)))
    shown = asked("forecast", "score", str(tmp_path), "--data", str(tmp_path), "--lang", code)
    shown += asked("forecast", "run", "--out", str(tmp_path), "--lang", code)
    assert untranslated == set()
    assert english_in(shown) == []


def made_up_cell(cell: Any) -> CellResult:
    """Noise that both policies share, and more of it with the programme."""
    noise = float(np.random.default_rng(cell.seed).normal(0.0, 3.0))
    effect = sum(dict(cell.overrides).values()) * (cell.policy.name != "none")
    names = ("usdjpy", "programme_cost_trn_yen", "domestic_ai_share_home_pct")
    values = np.array([[noise + effect + place, 0.0, 20.0 + noise] for place in range(1)])
    return CellResult(names, np.array([2026]), values, values[0])


STUDY = """[study]
policies = ["actual", "lump-sum"]
seeds = 2
years = 1
outcomes = ["usdjpy"]
scenarios = ["baseline", "ai-bust"]
variants = ["no-peers"]
"""
UNCERTAIN = "[uncertain.okun_coefficient]\n[uncertain.ai_peer_weight]\n"


@pytest.fixture
def study_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], str]:
    """A study file of a name, whose runs are made up and kept where commands look for them."""
    monkeypatch.chdir(tmp_path)

    def made(name: str, text: str) -> str:
        file = tmp_path / f"{name}.toml"
        file.write_text(text, encoding="utf-8")
        store = CellStore(tmp_path / "runs" / "studies" / name)
        run_study(read_study(file), store, SerialEngine(), work=made_up_cell, show_progress=False)
        return file.name

    return made


@pytest.mark.parametrize("code", OTHERS)
def test_studies(code: str, study_of: Callable[[str, str], str], untranslated: set[str]) -> None:
    compared = study_of("compared", STUDY)
    shown = asked("study", "status", compared, "--lang", code) + asked("study", "report", compared, "--lang", code)
    shown += asked("study", "run", compared, "--dry-run", "--lang", code)
    assert untranslated == set()
    assert english_in(shown) == []


@pytest.mark.parametrize("code", OTHERS)
def test_sensitivity_and_stores(
    code: str, study_of: Callable[[str, str], str], tmp_path: Path, untranslated: set[str]
) -> None:
    plain = STUDY.replace('variants = ["no-peers"]\n', "").replace('"ai-bust"', '"delayed-output"')
    shown = ""
    for kind in ("saltelli", "morris"):
        drives = study_of(f"drives-{kind}", f'{plain}{UNCERTAIN}[design]\nkind = "{kind}"\npoints = 4\n')
        shown += asked("study", "sensitivity", drives, "--lang", code)
    first, second = (str(tmp_path / "runs" / "studies" / f"drives-{kind}") for kind in ("saltelli", "morris"))
    shown += asked("study", "same", first, first, "--lang", code)
    shown += asked("study", "same", first, second, "--lang", code)
    assert untranslated == set()
    assert english_in(shown) == []


@pytest.mark.parametrize("code", OTHERS)
def test_discovery(code: str, study_of: Callable[[str, str], str], untranslated: set[str]) -> None:
    plain = STUDY.replace('variants = ["no-peers"]\n', "").replace(', "lump-sum"', "")
    futures = study_of("futures", f'{plain}{UNCERTAIN}[design]\nkind = "sobol"\npoints = 32\n')
    where = ("study", "discover", futures, "--where", "difference(usdjpy) > 0.8", "--permutations", "19")
    shown = asked(*where, "--lang", code) + asked(*where, "--box", "1", "--lang", code)
    assert untranslated == set()
    assert english_in(shown) == []


@pytest.mark.parametrize("code", OTHERS)
def test_small_commands(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, untranslated: set[str]) -> None:
    monkeypatch.chdir(tmp_path)
    shown = asked("new", "rule", "my-prize", "--lang", code)
    shown += asked("run", "--dry-run", "--investors", "60", "--importers", "50", "--adopters", "60", "--lang", code)
    for what in ("shocks", "claims"):
        shown += asked("list", what, "--lang", code)
    assert untranslated == set()
    assert english_in(shown) == []
    assert len(shocks("")) > 10


def test_a_sentence_is_said_in_any_language_with_what_it_was_made_of() -> None:
    inner = Sentence("{count} rows without a date", count=3)
    said = Sentence("{file}: {what}", file="a.csv", what=inner)
    assert said == "a.csv: 3 rows without a date"
    assert words("en")(said) == said
    assert words("zh-Hant")(said) == "a.csv：無日期的列3個"
    assert dataclasses.is_dataclass(Words)
