"""Findings by model version: those of former versions as they were published, beside those of the pages of today.

``python -m itcho.experiments.claims.findings --freeze``, before the model version is raised, keeps what the pages on
claims, the worked study and validation say; without the option it writes ``docs/findings.md`` from what is kept and, if
the model's version is a newer one, from the pages as they stand.  What was kept is not changed any more.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from itcho.experiments.evidence.stylised_facts import read_table
from itcho.experiments.markdown import markdown_table
from itcho.model.version import MODEL_VERSION

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "findings.md"
TABLE = "findings.csv"
COLUMNS = ("model_version", "group", "id", "what", "figure", "verdict")

LEVELS, EFFECTS, MECHANISMS = "Claims: levels", "Claims: effects", "Claims: mechanisms, tails and rules"
STUDY, RESTS_ON = "Which support, in which future? (baseline)", "What they rest on"
_SECTIONS = {LEVELS: "## Levels", EFFECTS: "## Effects", MECHANISMS: "## Mechanisms, tails, rules and decompositions"}
_CLAIM = re.compile(r"^\| `([\w-]+)` \| [\w-]+ \| (.+?) \| \*\*(.+?)\*\* \| (.+?) \|", re.MULTILINE)
_POLICY = re.compile(r"^\| `([\w-]+)` \| (.+?) \|", re.MULTILINE)
_STUDY_TABLES = {
    "share-2030": ("Domestic share of the model layer in FY2030", "## Domestic share of the model layer in FY2030"),
    "share-2035": ("Domestic share of the model layer in FY2035", "## The same in FY2035"),
    "productivity-2035": ("Productivity in FY2035", "## Productivity in FY2035"),
    "debt-2035": ("Debt over GDP in FY2035", "## Debt over GDP in FY2035"),
}


@dataclass(frozen=True)
class Finding:
    """One finding as a page states it.

    Attributes
    ----------
    group, id, what : where it stands, its name, and what is found or claimed.
    figure, verdict : as printed on its page; the verdict is empty where the figure carries it.
    """

    group: str
    id: str
    what: str
    figure: str
    verdict: str


def findings_of(claims: str, study: str, validation: str) -> list[Finding]:
    """What the pages on claims, the worked study (world ``baseline``) and validation say.

    Facts are left out: they do not depend on the model.
    """
    summary, effort = re.findall(r"[^.]+\.", claims.splitlines()[2])[:2]
    seeds = re.search(r"rest on the first (\d+) seeds", study) or re.search(r"(\d+) paired seeds", study)
    found = [
        Finding(RESTS_ON, "claims", "Answers to claims", summary.removesuffix("."), ""),
        Finding(RESTS_ON, "claims-runs", "Runs behind the claims", effort.strip().removesuffix("."), ""),
        Finding(RESTS_ON, "study-seeds", "Paired seeds of the worked study", seeds[1] if seeds else "–", ""),
        Finding(RESTS_ON, "validation", "Responses and facts", validation.splitlines()[2].removesuffix("."), ""),
    ]
    if targets := re.search(r"(\d+ of \d+) response targets met", validation):
        found.append(Finding(RESTS_ON, "response-targets", "Response targets, years 1 to 5", f"{targets[1]} met", ""))
    for group, heading in _SECTIONS.items():
        for name, what, verdict, figure in _CLAIM.findall(_section(claims, heading)):
            found.append(Finding(group, name, what, figure.split(" median")[0], verdict))
    for key, (what, heading) in _STUDY_TABLES.items():
        for policy, cell in _POLICY.findall(_section(study, heading)):
            found.append(Finding(STUDY, f"{policy}-{key}", f"{what}, percentage points: {policy}", cell, ""))
    return found


def _section(page: str, heading: str) -> str:
    """Text from a heading to the next of its kind; empty if the page has none."""
    _, found, rest = page.partition(f"\n{heading}")
    return rest.partition("\n## ")[0] if found else ""


def current_findings() -> list[Finding]:
    """What the pages say today."""
    pages = ("claims.md", "which_support.md", "validation.md")
    return findings_of(*((ROOT / "docs" / name).read_text(encoding="utf-8") for name in pages))


def kept_findings() -> dict[int, list[Finding]]:
    """Findings of former versions, by model version."""
    found: dict[int, list[Finding]] = {}
    for row in read_table(TABLE):
        finding = Finding(row["group"], row["id"], row["what"], row["figure"], row["verdict"])
        found.setdefault(int(row["model_version"]), []).append(finding)
    return found


def page(versions: Mapping[int, Sequence[Finding]]) -> Iterator[str]:
    """The page, line by line; the newest version stands first."""
    order = sorted(versions, reverse=True)
    yield "# Findings by model version"
    yield ""
    yield (
        "What the pages said under each version of the model, beside one another. Columns of former versions are "
        "frozen: they are what was published then, from as many seeds as were run then, and are not computed again. "
        "Where versions differ, [the changelog](../CHANGELOG.md) says what was changed in between; the newest one "
        "stands for the model. A dash: that version's pages had no such row."
    )
    yield ""
    yield (
        "Stars in the worked study are those of its page: up to version 2 **bold** did not cover zero, later on "
        "**bold** is `clear`, *italic* `same-sign` and *small* `small` ([verdicts](statistics.md#four-verdicts))."
        + _repeated(versions)
    )
    yield ""
    yield "## Verdicts that changed"
    yield ""
    yield (
        "From version to version, with both figures. Most changed because an interval on few pairs went across a "
        "border and back; a version that set out to move one says so in the changelog."
    )
    yield ""
    yield from markdown_table(("version", "id", "before", "now"), _changed(versions))
    for group in dict.fromkeys(one.group for version in order for one in versions[version]):
        yield f"## {group}"
        yield ""
        by_id = {version: {one.id: one for one in versions[version] if one.group == group} for version in order}
        names = dict.fromkeys(name for version in order for name in by_id[version])
        rows = []
        for name in names:
            what = next(found[name].what for found in (by_id[version] for version in order) if name in found)
            rows.append((f"`{name}`", what, *(_cell(by_id[version].get(name)) for version in order)))
        yield from markdown_table(("id", "what", *(f"version {version}" for version in order)), rows)


def _changed(versions: Mapping[int, Sequence[Finding]]) -> list[tuple[str, str, str, str]]:
    """Claims with another verdict than in the version before, the newest first."""
    order, rows = sorted(versions), []
    for before, version in itertools.pairwise(order):
        old = {(one.group, one.id): one for one in versions[before] if one.verdict}
        for one in versions[version]:
            other = old.get((one.group, one.id))
            if other is not None and one.verdict and one.verdict != other.verdict:
                rows.append((str(version), f"`{one.id}`", _cell(other), _cell(one)))
    return sorted(rows, key=lambda row: -int(row[0]))


def _repeated(versions: Mapping[int, Sequence[Finding]]) -> str:
    """Which columns of the worked study repeat another version's, because its page was not written anew."""
    order = sorted(versions)
    study = {version: [one for one in versions[version] if one.group == STUDY] for version in order}
    first = {version: next(one for one in order if study[one] == study[version]) for version in order}
    said = ""
    for origin in order:
        again = [version for version in order if first[version] == origin and version != origin]
        if again and study[origin]:
            which = f"versions {again[0]} to {again[-1]} repeat" if len(again) > 1 else f"version {again[0]} repeats"
            said += f" In it, {which} what version {origin}'s runs gave: its page was not written anew for them."
    return said


def _cell(finding: Finding | None) -> str:
    if finding is None:
        return "–"
    return f"{finding.verdict}: {finding.figure}" if finding.verdict else finding.figure


def versions_shown() -> dict[int, list[Finding]]:
    """Kept versions, and the pages of today if the model is newer."""
    versions = kept_findings()
    return versions if MODEL_VERSION in versions else versions | {MODEL_VERSION: current_findings()}


def freeze() -> None:
    """Keep what the pages say today as the findings of the model's version.

    Raises
    ------
    ValueError : they are kept already.
    """
    if MODEL_VERSION in kept_findings():
        raise ValueError(f"the findings of model version {MODEL_VERSION} are kept already and are not changed any more")
    path = ROOT / "experiments" / "data" / TABLE
    with path.open("a", encoding="utf-8", newline="") as file:
        write = csv.writer(file, lineterminator="\n").writerow
        for one in current_findings():
            write((MODEL_VERSION, one.group, one.id, one.what, one.figure, one.verdict))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, after keeping today's findings if that was asked for; 2 if they are kept already."""
    parser = argparse.ArgumentParser(prog="python -m itcho.experiments.claims.findings", description=__doc__)
    parser.add_argument("--freeze", action="store_true", help="keep what the pages say under the model's version")
    if parser.parse_args(arguments).freeze:
        try:
            freeze()
        except ValueError as error:
            print(f"itcho: {error}", file=sys.stderr)
            return 2
    PAGE.write_text("\n".join(page(versions_shown())).rstrip() + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
