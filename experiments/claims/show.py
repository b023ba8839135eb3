"""What `itcho claims` does and prints."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from itcho.agents.errors import InputError
from itcho.experiments.claims.answers import Plan
from itcho.experiments.claims.claim import Answer, Claim
from itcho.experiments.cli.errors import Mistakes
from itcho.experiments.languages import Words, words
from itcho.experiments.progress import progress
from itcho.experiments.runs.places import CLAIMS
from itcho.experiments.runs.run_spec import OPTION
from itcho.experiments.studies.variants import Variant, variant
from itcho.experiments.whole_files import check_folder, write_files
from itcho.model.sizes import number_mistakes

PAGE = "claims.md"


def claims_and_show(
    name: str | None,
    *,
    quick: bool,
    out: Path | None,
    workers: int,
    as_json: bool,
    variants: Sequence[str] = (),
    lang: str = "en",
) -> None:
    """Answer all claims or one, print the answers, and write page and picture.

    Parameters
    ----------
    name : a claim's id; ``None`` answers all.
    out : a folder, or a ``.md`` file (one claim: or a ``.png`` file); pictures are written beside it.
    variants : in which claims on levels and effects are answered once more.

    Raises
    ------
    InputError : an unknown claim, or options that make no sense; all mistakes at once.
    """
    from itcho.experiments.claims.answers import FULL, QUICK, answer_all, make_runs, steps_of
    from itcho.experiments.claims.registry import all_claims, entry

    say = words(lang)
    mistakes = Mistakes()
    claims = all_claims()
    with mistakes.caught():
        claims = list(entry(name).claims) if name is not None else claims
    with mistakes.caught():
        _check(out, workers, one=name is not None)
    others: list[Variant] = []
    for text in dict.fromkeys(variants):
        with mistakes.caught():
            others.append(variant(text))
    mistakes.raise_if_any()
    plan = (QUICK if quick else FULL).in_processes(workers)
    runs, experiments = steps_of(claims, plan)
    with progress("Paired runs", runs) as on_run:
        ensembles = make_runs(claims, plan, on_run)
    with progress("Experiments on mechanisms", experiments) as on_experiment:
        answers = answer_all(claims, plan, ensembles, on_experiment)
    flips = [record for one in others for record in _in_variant(one, claims, answers, plan)]
    effort = say(
        "{how}: {pairs} pairs of runs for short effects, fewer for long ones, {seeds} seeds for mechanisms.",
        how=say("Quick look" if quick else "In full"),
        pairs=plan.paired.seeds,
        seeds=plan.mechanisms.seeds,
    )
    written = _write(answers, effort, out, name, as_json, say)
    if as_json:
        from itcho.experiments.claims.page import claims_record

        record = claims_record(answers)
        if others:
            record["variants"] = flips
        print(json.dumps(record, indent=2, allow_nan=False, ensure_ascii=False))
    else:
        _show(answers, say, one=name is not None)
        _show_variants(others, flips, say)
        for path in written:
            print(say("written: {files}", files=path))
        for failure in ensembles.failures[:3]:
            print(say("a run failed: {what}", what=failure))


def _in_variant(one: Variant, claims: Sequence[Claim], usual: Sequence[Answer], plan: Plan) -> list[dict[str, Any]]:
    """Claims on levels and effects in a variant: their verdicts there, and whether they flip."""
    from itcho.experiments.claims.answers import answer_all, in_variants, make_runs, requests_of
    from itcho.experiments.claims.ensembles import tasks_of

    asked = in_variants(claims)
    with progress(f"Paired runs, {one.name}", len(tasks_of(requests_of(asked, plan)))) as on_run:
        ensembles = make_runs(asked, plan, on_run, one)
    before = {(answer.claim.id, answer.claim.kind): answer.verdict for answer in usual}
    return [
        {
            "variant": one.name,
            "mechanism": one.mechanism,
            "id": answer.claim.id,
            "kind": answer.claim.kind,
            "usual": before[answer.claim.id, answer.claim.kind],
            "verdict": answer.verdict,
            "flips": answer.verdict != before[answer.claim.id, answer.claim.kind],
        }
        for answer in answer_all(asked, plan, ensembles)
    ]


def _show_variants(variants: Sequence[Variant], flips: Sequence[dict[str, Any]], say: Words) -> None:
    """Which verdicts flip in which variant."""
    for one in variants:
        its = [record for record in flips if record["variant"] == one.name]
        flipped = [record for record in its if record["flips"]]
        told = "variant {name} ({mechanism}): {count} of {total} verdicts flip"
        print(say(told, name=one.name, mechanism=say(one.mechanism), count=len(flipped), total=len(its)))
        for record in flipped:
            here = say("{usual}, here {verdict}", usual=say(record["usual"]), verdict=say(record["verdict"]))
            print(f"  {record['id']} ({say(record['kind'])}): {here}")


def _check(out: Path | None, workers: int, one: bool) -> None:
    mistakes = number_mistakes(OPTION, workers=workers)
    if out is not None:
        mistakes += check_folder(out.parent if out.suffix in (".md", ".png") and not out.is_dir() else out)
    if out is not None and out.suffix == ".png" and not one:
        mistakes.append(f"--out = {out}: all claims together make a page; give a folder or a .md file")
    if mistakes:
        raise InputError(mistakes)


def _write(
    answers: Sequence[Answer], effort: str, out: Path | None, name: str | None, as_json: bool, say: Words
) -> list[Path]:
    """Write what was asked for; one claim on a terminal gets its picture without asking."""
    from itcho.experiments.claims.page import answer_picture, explanation, markdown, summary_picture
    from itcho.experiments.figures.language import language_or_english

    if out is None and (name is None or as_json):
        return []
    tongue = language_or_english(say.code)
    if name is None:
        page = out if out is not None and out.suffix == ".md" else (out or Path()) / PAGE
        picture = page.with_suffix(".png")
        return write_files(
            {page: markdown(answers, effort, picture.name, say), picture: summary_picture(answers, tongue)}
        )
    target = out if out is not None else CLAIMS
    stem = target if target.suffix in (".md", ".png") else target / f"{name}.png"
    files: dict[Path, bytes | str] = {}
    if target.suffix == ".md":
        lines = [line for answer in answers for line in explanation(answer, say)]
        files[target] = "\n".join(["# " + name, "", *lines])
    for answer in answers:
        mark = "" if len(answers) == 1 else f"-{answer.claim.kind}"
        files[stem.with_name(f"{stem.stem}{mark}.png")] = answer_picture(answer, tongue)
    return write_files(files)


def _show(answers: Sequence[Answer], say: Words, one: bool) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from itcho.experiments.claims.page import COLOURS, REASONS, counts, figure_text

    console = Console()
    if one:
        for answer in answers:
            _show_one(answer, console, say)
        if say.code != "en":
            console.print(say(REASONS))
        return
    table = Table(show_header=True, box=None, pad_edge=False, show_edge=False)
    for heading in ("id", "claim", "verdict", "figure", "why"):
        table.add_column(say(heading), overflow="fold")
    for answer in answers:
        table.add_row(
            f"{answer.claim.id}\n[dim]{say(answer.claim.kind)}[/dim]",
            escape(say(answer.claim.claim)),
            f"[{COLOURS[answer.verdict]}]{say(answer.verdict)}[/]",
            escape(figure_text(answer, say)),
            escape(say.made(answer.why)),
        )
    console.print(table)
    console.print(counts(answers, say))
    if say.code != "en":
        console.print(say(REASONS))


def _show_one(answer: Answer, console: Any, say: Words) -> None:
    from rich.markup import escape
    from rich.table import Table

    from itcho.experiments.claims.page import COLOURS, TABLE_HEADINGS, figure_text, number, plain_unit
    from itcho.experiments.claims.registry import entry

    claim = answer.claim
    about = say.listed((say(claim.kind), say(claim.period)))
    text, shown = escape(say(claim.claim)), escape(figure_text(answer, say))
    console.print(say("{name} ({about}): {claim}", name=f"[bold]{claim.id}[/bold]", about=about, claim=text))
    console.print(say("{name}: {meaning}", name=f"[{COLOURS[answer.verdict]}]{say(answer.verdict)}[/]", meaning=shown))
    console.print(escape(say.made(answer.why)))
    table = Table(show_header=True, box=None, pad_edge=False, show_edge=False)
    for heading in TABLE_HEADINGS:
        table.add_column(say(heading), overflow="fold")
    for label, value, low, high, unit in answer.table:
        interval = say("{low} to {high}", low=number(low), high=number(high)) if low is not None else "–"
        table.add_row(escape(say.made(label)), number(value), interval, escape(plain_unit(unit)))
    console.print(table)
    note = entry(claim.id).note
    known = claim.known and not any("Known" in one for one in answer.notes)
    lines = [say("Read as: {what}.", what=say(note))] if note else []
    lines += [say("Known: {what}.", what=claim.known)] if known else []
    for line in [*lines, *map(say.made, answer.notes)]:
        console.print(escape(line))
    console.print(escape(say("Claimed by: {title}", title=claim.source_title)))
