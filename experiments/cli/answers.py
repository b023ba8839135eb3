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
from itcho.experiments.cli.names import studies
from itcho.experiments.cli.options import COMPARE, AsJson, Quiet
from itcho.experiments.runs.places import RUNS, study_folder

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


def brief(
    study: AnyStudy,
    lang: PageLang = "en",
    out: Annotated[Path | None, typer.Option(help="The page.", show_default="runs/<name>-brief.html")] = None,
    store: Store = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Say on one A4 page what a study found: what money buys, in which future, at what risk, and what nobody can say."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.answers.words import words

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
        print(f"{place}: open it in a browser, or print it on one page")


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
