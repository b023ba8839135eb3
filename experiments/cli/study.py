"""The commands that compare policies: `itcho compare` and `itcho study`.

Light imports only, as in ``cli_commands``.
"""

from __future__ import annotations

import dataclasses
import json
import math
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from itcho.experiments.cli.errors import clear_errors
from itcho.experiments.cli.explore import register as register_exploration
from itcho.experiments.cli.help import ItchoCommand, ItchoGroup, examples
from itcho.experiments.cli.names import outcomes, policies, scenarios, studies, variants
from itcho.experiments.cli.options import COMPARE, AsJson, Lang, Quick, Quiet, Rules, Start
from itcho.experiments.cli.view import Figures
from itcho.experiments.languages import ENGLISH, Sentence, Words, words
from itcho.experiments.runs.places import study_folder
from itcho.model.sizes import DEFAULT_SCENARIO, DEFAULT_START, DEFAULT_YEARS

if TYPE_CHECKING:
    from itcho.experiments.studies.compare import Comparison
    from itcho.experiments.studies.store import CellStore
    from itcho.experiments.studies.study import Study
    from itcho.experiments.studies.study_run import DryRun, StudyRun, StudyStatus

SOME_FAILED = 1


class EngineName(StrEnum):
    """Who does the runs."""

    LOCAL = "local"
    SERIAL = "serial"
    DASK = "dask"


Workers = Annotated[int | None, typer.Option(help="Processes, one thread each.", show_default="the cores there are")]
EngineOption = Annotated[EngineName, typer.Option("--engine", help="Who does the runs.")]
Scheduler = Annotated[str | None, typer.Option(help="Address of a Dask scheduler, such as tcp://10.0.0.1:8786.")]
TimeLimit = Annotated[float | None, typer.Option(help="Seconds after which no new run is begun.")]
Retry = Annotated[bool, typer.Option("--retry", help="Run failed cells again.")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Only say how many cells there are, and what time and disk they take.")
]
StudyFile = Annotated[
    Path,
    typer.Argument(
        metavar="STUDY", help="A study file, or a worked study's name (`itcho list studies`).", autocompletion=studies
    ),
]
Out = Annotated[
    Path | None, typer.Option(help="The study's folder; may hold runs already.", show_default="runs/studies/<name>")
]

SmallestEffect = Annotated[
    list[str] | None,
    typer.Option(
        metavar="OUTCOME=SIZE",
        help="Effects smaller than this do not matter, in the outcome's unit; may be repeated.",
        show_default="the outcome's own",
    ),
]

Variants = Annotated[
    list[str] | None,
    typer.Option(
        "--variant",
        help="Once more with a mechanism in another form; may be repeated (`itcho list variants`).",
        show_default="none",
        autocompletion=variants,
    ),
]

FirstSeeds = Annotated[
    bool,
    typer.Option("--quick", help="Only the first 10 seeds: wider intervals; the runs count for the whole study, too."),
]
QUICK_SEEDS = 10

study_app = typer.Typer(
    cls=ItchoGroup,
    help="Run a study file, see how far it is, report on it, look deeper into it.",
    epilog=examples("itcho study run examples/first_study.toml", "itcho study report examples/first_study.toml"),
)


def register(app: typer.Typer) -> None:
    """Add the commands of this file to ``app``."""
    app.command(
        "compare",
        cls=ItchoCommand,
        rich_help_panel=COMPARE,
        epilog=examples(
            "itcho compare actual --quick",
            "itcho compare stop-loss vouchers --baseline actual --scenario ai-bust --quick",
            "itcho compare actual --outcome usdjpy@2030 --seeds 200 --dry-run",
        ),
    )(compare)
    register_exploration(study_app)
    app.add_typer(study_app, name="study", rich_help_panel=COMPARE)


def compare(
    compared: Annotated[
        list[str], typer.Argument(metavar="POLICY...", help="Names or files of policies.", autocompletion=policies)
    ],
    baseline: Annotated[str, typer.Option(help="What they are compared with.", autocompletion=policies)] = "none",
    scenario: Annotated[
        list[str] | None, typer.Option(help="May be repeated.", show_default=DEFAULT_SCENARIO, autocompletion=scenarios)
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(help="How many seeds: 1, 2, 3, ...", show_default="100, or 10 with --quick")
    ] = None,
    quick: Quick = False,
    years: Annotated[
        int | None,
        typer.Option(
            help="How many years to run.", show_default=f"{DEFAULT_YEARS}, or what five years after support takes"
        ),
    ] = None,
    outcome: Annotated[
        list[str] | None,
        typer.Option(
            help="May be repeated; NAME is the last complete fiscal year, NAME@2030 another, NAME@all their mean.",
            autocompletion=outcomes,
        ),
    ] = None,
    smallest_effect: SmallestEffect = None,
    variant: Variants = None,
    start: Start = DEFAULT_START,
    rules: Rules = None,
    workers: Workers = None,
    engine: EngineOption = EngineName.LOCAL,
    scheduler: Scheduler = None,
    time_limit: TimeLimit = None,
    retry: Retry = False,
    dry_run: DryRunOption = False,
    out: Out = None,
    figures: Figures = None,
    lang: Lang = "en",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Compare policies with a baseline in the same worlds: differences with intervals, and what they cannot tell."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.runs.run_spec import OPTION
        from itcho.experiments.studies.kept_share import long_enough
        from itcho.experiments.studies.study_file import checked_study, smallest_effects_of

        _check_language(lang, figures)
        content: dict[str, Any] = {
            "name": "compare",
            "policies": list(dict.fromkeys(compared)),
            "baseline": baseline,
            "scenarios": list(dict.fromkeys(scenario or [DEFAULT_SCENARIO])),
            "seeds": seeds if seeds is not None else (QUICK_SEEDS if quick else 100),
            "years": DEFAULT_YEARS if years is None else years,
            "start": start,
        }
        if outcome:
            content["outcomes"] = list(dict.fromkeys(outcome))
        if variant:
            content["variants"] = list(dict.fromkeys(variant))
        if rules:
            content["rules"] = [str(file.absolute()) for file in rules]
        study = checked_study(
            {"study": content, "smallest_effects": smallest_effects_of(smallest_effect or [])}, prefix=OPTION
        )
        if years is None:
            study = long_enough(study)
        options = _Options(workers, engine, scheduler, time_limit, retry, dry_run, out, as_json, figures, lang)
        code = _run_and_report(study, options, report=True)
    raise typer.Exit(code)


@study_app.command(
    "run",
    cls=ItchoCommand,
    epilog=examples("itcho study run examples/first_study.toml", "itcho study run examples/first_study.toml --dry-run"),
)
def run_file(
    file: StudyFile,
    quick: FirstSeeds = False,
    workers: Workers = None,
    engine: EngineOption = EngineName.LOCAL,
    scheduler: Scheduler = None,
    time_limit: TimeLimit = None,
    retry: Retry = False,
    dry_run: DryRunOption = False,
    out: Out = None,
    lang: Lang = "en",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Run what is missing of a study; may be stopped at any moment and run again."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.studies.study_file import read_study

        words(lang)
        options = _Options(workers, engine, scheduler, time_limit, retry, dry_run, out, as_json, None, lang)
        code = _run_and_report(_first_seeds(read_study(file), quick), options, report=False)
    raise typer.Exit(code)


@study_app.command(cls=ItchoCommand, epilog=examples("itcho study status examples/first_study.toml"))
def status(file: StudyFile, out: Out = None, lang: Lang = "en", quiet: Quiet = False, as_json: AsJson = False) -> None:
    """Say how many cells of a study are done, failed and pending, and which failed."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.languages import words
        from itcho.experiments.studies.store import StoreError
        from itcho.experiments.studies.study_file import read_study
        from itcho.experiments.studies.study_run import mixed_sources, other_model_versions, study_status
        from itcho.model.version import MODEL_VERSION

        say = words(lang)
        study = read_study(file)
        store = _store(study, out)
        others = other_model_versions(store)
        found, mixed = study_status(study, store), mixed_sources(store)
        for other in _other_settings(study).values():
            found = found.and_also(study_status(other, store))
        failures = _failures(study, store)
        try:
            digest, spoilt = store.hash(), ""
        except StoreError as error:
            digest, spoilt = None, str(error)
        if as_json:
            record = _status_record(found) | {"store": str(store.folder), "hash": digest, "mixed_sources": mixed}
            record |= {"damaged": spoilt}
            record |= {"model": MODEL_VERSION, "other_models": others}
            print(json.dumps(record | {"failures": failures, "sessions": store.sessions()}, indent=2))
        else:
            told = "study {name} in {folder}: {status}"
            print(say(told, name=study.name, folder=store.folder, status=_status_line(found, say)))
            print(
                say("hash of the store: {hash}", hash=digest)
                if digest
                else say("no hash of the store: {why}", why=spoilt)
            )
            for failure in failures:
                print(_failed(failure, say))
            if mixed:
                told = "warning: the store's runs were made with different sources of the model"
                print(f"itcho: {say(told)}", file=sys.stderr)
            if others:
                told = say(
                    "warning: the store also holds runs of model version {others}, which version {version} does not "
                    "count",
                    others=say.listed(map(str, others)),
                    version=MODEL_VERSION,
                )
                print(f"itcho: {told}", file=sys.stderr)
    raise typer.Exit(SOME_FAILED if found.failed else 0)


@study_app.command(cls=ItchoCommand, epilog=examples("itcho study report examples/first_study.toml --figures figures"))
def report(
    file: StudyFile,
    quick: FirstSeeds = False,
    out: Out = None,
    smallest_effect: SmallestEffect = None,
    figures: Figures = None,
    lang: Lang = "en",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Compare the policies of a study on the runs there are, and write its report."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.studies.study_file import read_study, smallest_effects_of
        from itcho.experiments.studies.study_run import study_status

        _check_language(lang, figures)
        study = _first_seeds(read_study(file, smallest_effects_of(smallest_effect or [])), quick)
        store = _store(study, out)
        found = study_status(study, store)
        command = " ".join(
            ["itcho study run", str(file), *(["--quick"] if quick else []), *([f"--out {out}"] if out else [])]
        )
        _report(
            study, store, command, _status_line(found, ENGLISH), runs=0, seconds=0.0, as_json=as_json, figures=figures,
            lang=lang,
        )  # fmt: skip
    raise typer.Exit(SOME_FAILED if found.failed else 0)


def _first_seeds(study: Study, quick: bool) -> Study:
    """The study, or the same with its first seeds only."""
    return dataclasses.replace(study, seeds=study.seeds[:QUICK_SEEDS]) if quick else study


class _Options:
    """How a study is to be run."""

    def __init__(
        self,
        workers: int | None,
        engine: EngineName,
        scheduler: str | None,
        time_limit: float | None,
        retry: bool,
        dry_run: bool,
        out: Path | None,
        as_json: bool,
        figures: Path | None = None,
        lang: str = "en",
    ) -> None:
        self.figures, self.lang, self.say = figures, lang, words(lang)
        self.workers, self.engine, self.scheduler = workers, engine, scheduler
        self.time_limit = math.inf if time_limit is None else time_limit
        self.retry, self.dry_run, self.out, self.as_json = retry, dry_run, out, as_json


def _run_and_report(study: Study, options: _Options, *, report: bool) -> int:
    """Run a study (or only say what it takes), show what came of it, and return the exit code."""
    from itcho.experiments.studies.engine import engine_named
    from itcho.experiments.studies.study_run import dry_run, run_study, study_status

    store = _store(study, options.out)
    engine = engine_named(options.engine.value, options.workers, options.scheduler)
    if options.dry_run:
        engine.kill(engine.open())  # a scheduler that is gone is told here as by the run
        store.require_usable()
        found = dry_run(study, store, engine.cores)
        for other in _other_settings(study).values():
            found = found.and_also(study_status(other, store))
        _show_dry_run(found, engine.cores, store, options.say, as_json=options.as_json)
        return 0
    command = _command()
    done = run_study(study, store, engine, time_limit=options.time_limit, retry=options.retry, command=command)
    for setting, other in _other_settings(study).items():
        if done.stopped == "time limit":
            break
        print(f"itcho: {options.say('the same {setting}', setting=options.say(setting))}", file=sys.stderr)
        again = engine_named(options.engine.value, options.workers, options.scheduler)
        left = options.time_limit - done.seconds
        more = run_study(other, store, again, time_limit=left, retry=options.retry, command=command)
        for one in _failures(other, store):
            told = options.say(
                "failed, {setting}: {policy}, seed {seed}: {error}",
                setting=options.say(setting),
                policy=one["policy"],
                seed=one["seed"],
                error=one["error"],
            )
            print(f"itcho: {told}", file=sys.stderr)
        done = done.and_then(more)
    for one in _failures(study, store):
        print(f"itcho: {_failed(one, options.say)}", file=sys.stderr)
    if report and done.status.done:
        _report(
            study, store, command, done.line(), runs=done.status.cells, seconds=done.seconds, as_json=options.as_json,
            run=done, figures=options.figures, lang=options.lang,
        )  # fmt: skip
    elif options.as_json:
        record = _status_record(done.status) | {"runs": done.runs, "seconds": round(done.seconds, 3)}
        print(json.dumps(record | {"cores": done.cores, "stopped": done.stopped, "store": str(store.folder)}, indent=2))
    print(f"itcho: {done.line(options.say)}", file=sys.stderr if options.as_json else sys.stdout)
    return SOME_FAILED if done.status.failed else 0


def _report(
    study: Study,
    store: CellStore,
    command: str,
    closing: str,
    *,
    runs: int,
    seconds: float,
    as_json: bool,
    run: StudyRun | None = None,
    figures: Path | None = None,
    lang: str = "en",
) -> None:
    from itcho.experiments.evidence.expectations import expectations_record, expectations_section, show_expectations
    from itcho.experiments.figures.fan_charts import fan_charts
    from itcho.experiments.studies.compare import compare_study, comparison_record
    from itcho.experiments.studies.compare_report import write_reports
    from itcho.experiments.studies.variants import comparisons_in_variants, variants_record
    from itcho.experiments.studies.variants_report import show_variants, variants_section
    from itcho.experiments.view.report_study import study_page

    chosen = None if run is None else run.replicates
    comparison: Comparison = compare_study(study, store, chosen)
    record = comparison_record(comparison, runs, seconds)
    adaptive, more = _adaptive(study, store), []
    if adaptive is not None:
        more = [expectations_section(comparison, adaptive)]
        record["expectations"] = expectations_record(comparison, adaptive)
    others = comparisons_in_variants(study, store)
    if others:
        more.append(variants_section(comparison, others))
        record["variants"] = variants_record(comparison, others)
    pictures = fan_charts(study, store, chosen)
    page = study_page(study, store, command, comparison, chosen, lang)
    written = write_reports(store.folder, comparison, pictures, record, command, closing, more, page=page)
    if figures is not None:
        from itcho.experiments.figures.language import language
        from itcho.experiments.figures.write import write_study_figures

        write_study_figures(study, store, comparison, figures, chosen, language(lang))
    if as_json:
        print(json.dumps(record, indent=2, allow_nan=False))
        return
    from rich.console import Console

    from itcho.experiments.studies.compare_report import show

    console, say = Console(), words(lang)
    show(console, comparison, say)
    if adaptive is not None:
        show_expectations(console, comparison, adaptive, say)
    if others:
        show_variants(console, comparison, others, say)
    print(say("report: {file} and {page}", file=_shortest(written[0]), page=written[1].name))


def _other_settings(study: Study) -> dict[str, Study]:
    """The same study in other settings, by what is so in them: what a run of the study runs too."""
    from itcho.experiments.evidence.expectations import with_adaptive_expectations
    from itcho.experiments.studies.variants import studies_in_variants

    adaptive = with_adaptive_expectations(study)
    reason = "under adaptive expectations, because monetary or fiscal rules differ"
    found: dict[str, Study] = {} if adaptive is None else {Sentence(reason): adaptive}
    return found | {
        Sentence("in variant {name}", name=name): other for name, other in studies_in_variants(study).items()
    }


def _adaptive(study: Study, store: CellStore) -> Comparison | None:
    """The comparison under adaptive expectations, where the study has one and its runs are there."""
    from itcho.experiments.evidence.expectations import with_adaptive_expectations
    from itcho.experiments.studies.compare import compare_study
    from itcho.experiments.studies.study_run import study_status

    other = with_adaptive_expectations(study)
    if other is None or not study_status(other, store).done:
        return None
    return compare_study(other, store)


def _show_dry_run(found: DryRun, cores: int, store: CellStore, say: Words, *, as_json: bool) -> None:
    if as_json:
        record = _status_record(found.status) | {
            "seconds_per_run": found.seconds_per_run,
            "seconds": found.seconds,
            "megabytes": found.megabytes,
            "cores": cores,
            "store": str(store.folder),
        }
        print(json.dumps(record, indent=2))
        return
    print(say("{status} in {folder}", status=_status_line(found.status, say), folder=_shortest(store.folder)))
    print(
        say(
            "about {each} s per run: {minutes} minutes on {cores} cores; {megabytes} MB of disk",
            each=f"{found.seconds_per_run:.2f}",
            minutes=f"{found.seconds / 60.0:.1f}",
            cores=cores,
            megabytes=f"{found.megabytes:.1f}",
        )
    )


def _store(study: Study, out: Path | None) -> CellStore:
    from itcho.experiments.studies.store import CellStore

    return CellStore(study_folder(study.name) if out is None else out)


def _failures(study: Study, store: CellStore) -> list[dict[str, Any]]:
    """The failed cells of a study, at most twenty."""
    known = store.failures()
    if not known:
        return []
    found: dict[str, dict[str, Any]] = {}
    for *_, cell in study.cells():
        if cell.key in known and cell.key not in store:
            names = {"policy": cell.policy.name, "scenario": cell.scenario.name, "seed": cell.seed}
            found[cell.key] = {"key": cell.key, **names, "error": known[cell.key].get("error", "")}
    return list(found.values())[:20]


def _status_record(found: StudyStatus) -> dict[str, Any]:
    return {
        "cells": found.cells,
        "done": found.done,
        "collapsed": found.collapsed,
        "failed": found.failed,
        "pending": found.pending,
    }


def _status_line(found: StudyStatus, say: Words) -> str:
    counts = [say("{count} done", count=found.done)]
    counts += [say("{count} collapsed", count=found.collapsed)] * bool(found.collapsed)
    counts += [say("{count} failed", count=found.failed), say("{count} to be done", count=found.pending)]
    return say("{cells} cells: {counts}", cells=found.cells, counts=say.listed(counts))


def _failed(one: Mapping[str, Any], say: Words) -> str:
    told = "failed: {policy} in {scenario}, seed {seed}: {error}"
    return say(told, policy=one["policy"], scenario=one["scenario"], seed=one["seed"], error=one["error"])


def _check_language(code: str, figures: Path | None) -> None:
    """Refuse a language, or one that figures have no font for, before anything is run."""
    words(code)
    if figures is not None:
        from itcho.experiments.figures.language import language

        language(code)


def _command() -> str:
    import shlex

    return shlex.join(["itcho", *sys.argv[1:]])


def _shortest(place: Path) -> Path:
    place = place.absolute()
    return place.relative_to(Path.cwd()) if place.is_relative_to(Path.cwd()) else place
