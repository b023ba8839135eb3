"""The commands that answer a question on one page: `itcho brief`, `itcho explain` and `itcho explorer`.

Light imports only, as in ``cli_commands``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from itcho.experiments.cli.errors import clear_errors
from itcho.experiments.cli.help import ItchoCommand, examples
from itcho.experiments.cli.names import outcomes, policies, scenarios, studies
from itcho.experiments.cli.options import COMPARE, LOOK, AsJson, Quiet, Start
from itcho.experiments.runs.places import RUNS, study_folder
from itcho.model.sizes import (
    DEFAULT_ADOPTERS,
    DEFAULT_IMPORTERS,
    DEFAULT_INVESTORS,
    DEFAULT_SCENARIO,
    DEFAULT_START,
    DEFAULT_YEARS,
)

if TYPE_CHECKING:
    from itcho.experiments.studies.store import CellStore
    from itcho.experiments.studies.study import Study

AnyStudy = Annotated[
    Path,
    typer.Argument(
        metavar="STUDY",
        help="A study file, a worked study's name (`itcho list studies`), or the folder of a study's runs.",
        autocompletion=studies,
    ),
]
Store = Annotated[
    Path | None, typer.Option(help="Folder of the study's runs.", show_default="runs/studies/<name>, or STUDY itself")
]
PageLang = Annotated[str, typer.Option(help="Language: en, ja or zh-Hant.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to ``app``."""
    app.command(
        "brief",
        cls=ItchoCommand,
        rich_help_panel=COMPARE,
        epilog=examples("itcho brief which-support", "itcho brief which-support --lang ja --out brief.html"),
    )(brief)
    app.command(
        "explain",
        cls=ItchoCommand,
        rich_help_panel=COMPARE,
        epilog=examples(
            "itcho explain actual --seeds 4 --years 5",
            "itcho explain actual-debt-brake --outcome gov_debt_to_gdp_pct --lang zh-Hant",
        ),
    )(explain)
    app.command(
        "explorer",
        cls=ItchoCommand,
        rich_help_panel=LOOK,
        epilog=examples("itcho explorer which-support --out explorer.html"),
    )(explorer)


def brief(
    study: AnyStudy,
    lang: PageLang = "en",
    out: Annotated[Path | None, typer.Option(help="The page.", show_default="runs/<name>-brief.html")] = None,
    store: Store = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Say on one A4 page what a study found: what money buys, in which future, and at what risk."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.answers.words import words
        from itcho.experiments.languages import words as terminal

        say = words(lang)
        asked, runs = _study(study, store)

        from itcho.experiments.answers.brief import brief_of, brief_record, title
        from itcho.experiments.answers.brief_page import brief_page

        found = brief_of(asked, runs)
        if as_json:
            if out is not None:
                _write(brief_page(found, say), out)
            print(json.dumps(brief_record(found, say), indent=2, ensure_ascii=False, allow_nan=False))
            return
        place = RUNS / f"{asked.name}-brief.html" if out is None else out
        _write(brief_page(found, say), place)
        print(title(found, say))
        print(terminal(lang)("{file}: open it in a browser, or print it on one page", file=place))


def explain(
    policy: Annotated[
        str, typer.Argument(metavar="POLICY", help="A policy's name or TOML file.", autocompletion=policies)
    ],
    outcome: Annotated[
        str,
        typer.Option(
            help="NAME is the last complete fiscal year, NAME@2030 another, NAME@all their mean.",
            autocompletion=outcomes,
        ),
    ] = "domestic_ai_share_home_pct",
    baseline: Annotated[str, typer.Option(help="What it is held against.", autocompletion=policies)] = "none",
    scenario: Annotated[
        str, typer.Option(help="The world outside Japan.", autocompletion=scenarios)
    ] = DEFAULT_SCENARIO,
    channel: Annotated[
        list[str] | None, typer.Option(help="May be repeated.", show_default="every channel there is")
    ] = None,
    seeds: Annotated[int, typer.Option(help="How many worlds.")] = 8,
    years: Annotated[int, typer.Option(help="How many years to run.")] = DEFAULT_YEARS,
    pairs: Annotated[int, typer.Option(help="Orders of the channels in each world, each with its reverse.")] = 1,
    start: Start = DEFAULT_START,
    investors: Annotated[int, typer.Option(help="Members of the investor population.")] = DEFAULT_INVESTORS,
    importers: Annotated[int, typer.Option(help="Members of the importer population.")] = DEFAULT_IMPORTERS,
    adopters: Annotated[int, typer.Option(help="Members of the adopter population.")] = DEFAULT_ADOPTERS,
    workers: Annotated[
        int | None, typer.Option(help="Processes, one thread each.", show_default="the cores there are")
    ] = None,
    lang: PageLang = "en",
    out: Annotated[Path | None, typer.Option(help="The page.", show_default="runs/explain/<policy>.html")] = None,
    store: Annotated[
        Path | None, typer.Option(help="Folder of the runs, which are not made twice.", show_default="runs/explain")
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Say why a policy does what it does: its effect split over channels, each off in both runs of a pair."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.answers.asked import checked_question
        from itcho.experiments.answers.words import words
        from itcho.experiments.languages import words as terminal

        say = words(lang)
        sizes = {"years": years, "investors": investors, "importers": importers, "adopters": adopters}
        question = checked_question(
            policy, baseline, scenario, start, outcome, seeds, pairs, tuple(dict.fromkeys(channel or ())), sizes
        )

        from itcho.experiments.answers.explain import explain as explained
        from itcho.experiments.answers.explain import explanation_record, in_words
        from itcho.experiments.answers.explain_page import explanation_page
        from itcho.experiments.studies.engine import engine_named
        from itcho.experiments.studies.store import CellStore

        folder = RUNS / "explain" if store is None else store
        found = explained(question, CellStore(folder), engine_named("local", workers))
        if as_json:
            if out is not None:
                _write(explanation_page(found, say), out)
            print(json.dumps(explanation_record(found), indent=2, ensure_ascii=False, allow_nan=False))
            return
        place = RUNS / "explain" / f"{question.template.policy.name}.html" if out is None else out
        _write(explanation_page(found, say), place)
        print("\n".join(in_words(found, say)))
        print(terminal(lang)("{file}: open it in a browser", file=place))


def explorer(
    study: AnyStudy,
    lang: Annotated[str, typer.Option(help="Language that it opens in: en, ja or zh-Hant.")] = "en",
    out: Annotated[Path | None, typer.Option(help="The page.", show_default="runs/<name>-explorer.html")] = None,
    store: Store = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Write one page to explore a study in: rules, doses and futures, without a server and without any network."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.answers.words import words
        from itcho.experiments.languages import words as terminal

        words(lang)
        asked, runs = _study(study, store)

        from itcho.experiments.answers.explorer import explorer_content, explorer_page

        page = explorer_page(explorer_content(asked, runs, lang))
        place = RUNS / f"{asked.name}-explorer.html" if out is None else out
        _write(page, place)
        size = len(page.encode())
        if as_json:
            print(json.dumps({"page": str(place), "bytes": size}, indent=2))
            return
        shown = f"{size / 1e6:.1f}"
        print(terminal(lang)("{file} ({size} MB): open it in a browser", file=place, size=shown))


def _study(given: Path, store: Path | None) -> tuple[Study, CellStore]:
    """The study and its runs, from a file, a name or a folder.

    Raises
    ------
    InputError : it is none of these.
    """
    from itcho.experiments.studies.store import CellStore
    from itcho.experiments.studies.study_file import read_study
    from itcho.experiments.view.report_study import read_study_folder

    if given.is_dir():
        study, runs, _ = read_study_folder(given)
        return study, runs if store is None else CellStore(store)
    study = read_study(given)
    return study, CellStore(study_folder(study.name) if store is None else store)


def _write(text: str, place: Path) -> None:
    from itcho.experiments.view.report import write_page

    write_page(text, place)
