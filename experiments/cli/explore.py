"""The commands that look deeper into a study's runs: `itcho study sensitivity`, `discover`, `compact` and `same`.

Light imports only, as in ``cli_commands``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from itcho.experiments.cli.errors import clear_errors
from itcho.experiments.cli.help import ItchoCommand, examples
from itcho.experiments.cli.names import outcomes, policies, studies
from itcho.experiments.cli.options import AsJson, Lang, Quiet
from itcho.experiments.runs.places import study_folder

if TYPE_CHECKING:
    from itcho.experiments.languages import Words

StudyFile = Annotated[
    Path,
    typer.Argument(
        metavar="STUDY", help="A study file, or a worked study's name (`itcho list studies`).", autocompletion=studies
    ),
]
Out = Annotated[Path | None, typer.Option(help="The study's folder.", show_default="runs/studies/<name>")]

NOT_THE_SAME = 1


def register(app: typer.Typer) -> None:
    """Add the commands of this file to ``app``."""
    app.command(
        cls=ItchoCommand,
        epilog=examples(
            "itcho study sensitivity drives.toml", "itcho study sensitivity drives.toml --outcome usdjpy@2030 --json"
        ),
    )(sensitivity)
    app.command(
        cls=ItchoCommand,
        epilog=examples("itcho study discover futures.toml --where 'difference(usdjpy@2030) > 0.5'"),
    )(discover)
    app.command(cls=ItchoCommand, epilog=examples("itcho study compact futures.toml"))(compact)
    app.command(
        cls=ItchoCommand,
        epilog=examples("itcho study same studies/which-support elsewhere/which-support"),
    )(same)


def sensitivity(
    file: StudyFile,
    outcome: Annotated[
        list[str] | None,
        typer.Option(help="May be repeated.", show_default="the study's outcomes", autocompletion=outcomes),
    ] = None,
    out: Out = None,
    lang: Lang = "en",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Say which uncertain parameters drive the effect of the policies; needs a saltelli or morris design."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.figures.language import language_or_english
        from itcho.experiments.figures.style import lettered
        from itcho.experiments.languages import words
        from itcho.experiments.studies.sensitivity_study import (
            sensitivity_lines,
            sensitivity_picture,
            sensitivity_record,
            study_sensitivity,
        )
        from itcho.experiments.studies.store import CellStore
        from itcho.experiments.studies.study import picked
        from itcho.experiments.studies.study_file import read_study

        say = words(lang)
        study = read_study(file)
        store = CellStore(_folder(study.name, out))
        picks = [picked(text, study.template, {}) for text in dict.fromkeys(outcome)] if outcome else None
        found = study_sensitivity(study, store, picks)
        record = sensitivity_record(found)
        tongue = language_or_english(lang)
        with lettered(tongue):
            pictures = {"sensitivity.png": sensitivity_picture(found, say=tongue)}
        _show(store.folder, "sensitivity", sensitivity_lines(found, say), record, pictures, say, as_json=as_json)


def discover(
    file: StudyFile,
    where: Annotated[str, typer.Option(help="What to look for, such as 'difference(usdjpy@2030) > 0.5'.")],
    policy: Annotated[
        str | None, typer.Option(help="Whose runs.", show_default="the only one compared", autocompletion=policies)
    ] = None,
    box: Annotated[int | None, typer.Option(help="A box of the trajectory whose limits are shown.")] = None,
    peel: Annotated[float, typer.Option(help="Share of a box's cases peeled off at a time.")] = 0.05,
    least_mass: Annotated[float, typer.Option(help="Share of all cases that a box holds at least.")] = 0.05,
    least_hits: Annotated[
        int, typer.Option(help="Replicates of interest inside a box below which nothing is claimed of it.")
    ] = 5,
    permutations: Annotated[int, typer.Option(help="Searches on shuffled outcomes, at least 19.")] = 199,
    out: Out = None,
    lang: Lang = "en",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Find the futures in which a condition holds: boxes of parameters and scenarios, from wide to narrow."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.figures.language import language_or_english
        from itcho.experiments.figures.style import lettered
        from itcho.experiments.languages import words
        from itcho.experiments.studies.discovery_study import discover as found_boxes
        from itcho.experiments.studies.discovery_study import discovery_lines, discovery_picture, discovery_record
        from itcho.experiments.studies.expressions import condition
        from itcho.experiments.studies.store import CellStore
        from itcho.experiments.studies.study_file import read_study

        say = words(lang)
        study = read_study(file)
        store = CellStore(_folder(study.name, out))
        found = found_boxes(
            study,
            store,
            condition(where),
            policy,
            peel=peel,
            least_mass=least_mass,
            permutations=permutations,
            least_hits=least_hits,
        )
        lines, tongue = discovery_lines(found, box, say), language_or_english(lang)
        with lettered(tongue):
            pictures = {"discovery.png": discovery_picture(found, box, tongue)}
        _show(store.folder, "discovery", lines, discovery_record(found), pictures, say, as_json=as_json)


def compact(file: StudyFile, out: Out = None, lang: Lang = "en", quiet: Quiet = False, as_json: AsJson = False) -> None:
    """Write all finished runs as one Parquet table; needs the extra `data`."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.languages import words
        from itcho.experiments.studies.compact import compact as write_table
        from itcho.experiments.studies.store import CellStore
        from itcho.experiments.studies.study_file import read_study

        say = words(lang)
        study = read_study(file)
        done = write_table(study, CellStore(_folder(study.name, out)))
        if as_json:
            record = {"file": str(done.path), "cells": done.cells, "rows": done.rows, "missing": done.missing}
            print(json.dumps(record, indent=2))
            return
        written = "{file}: {rows} rows of {cells} cells"
        if done.missing:
            written = "{file}: {rows} rows of {cells} cells; {missing} cells are not finished and not in it"
        counts = {"rows": done.rows, "cells": done.cells} | ({"missing": done.missing} if done.missing else {})
        print(say(written, file=_shortest(done.path), **counts))


def same(
    first: Annotated[Path, typer.Argument(metavar="A", help="Folder of a study's runs.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Folder of runs of the same study, made elsewhere.")],
    lang: Lang = "en",
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Say whether two folders hold the same runs within 1e-9; exit code 1 if a run differs or is missing in one."""
    with clear_errors(quiet=quiet, as_json=as_json):
        from itcho.experiments.languages import words
        from itcho.experiments.studies.store import CellStore
        from itcho.experiments.studies.store_comparison import compare_stores, comparison_lines, same_record

        say = words(lang)
        found = compare_stores(CellStore(first), CellStore(second))
        if as_json:
            print(json.dumps(same_record(found, first, second), indent=2, allow_nan=False))
        else:
            print("\n".join(comparison_lines(found, first, second, say)))
    raise typer.Exit(0 if found.same else NOT_THE_SAME)


def _folder(name: str, out: Path | None) -> Path:
    return study_folder(name) if out is None else out


def _show(
    folder: Path,
    name: str,
    lines: list[str],
    record: Mapping[str, Any],
    pictures: Mapping[str, bytes],
    say: Words,
    *,
    as_json: bool,
) -> None:
    """Print what was found and write it under ``derived``: text, JSON and pictures, each whole or not at all."""
    from itcho.experiments.whole_files import write_files

    text = json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False)
    files = {f"{name}.txt": "\n".join(lines).encode() + b"\n", f"{name}.json": text.encode() + b"\n"}
    files |= {file: image for file, image in pictures.items() if image}
    written = write_files({folder / "derived" / file: content for file, content in files.items()})
    if as_json:
        print(text)
        return
    print("\n".join(lines))
    print("\n" + say("written: {files}", files=", ".join(str(_shortest(path)) for path in written)))


def _shortest(place: Path) -> Path:
    place = place.absolute()
    return place.relative_to(Path.cwd()) if place.is_relative_to(Path.cwd()) else place
