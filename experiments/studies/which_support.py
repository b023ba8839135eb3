"""The page of the worked study `which-support`, written from what a run of it found.

``itcho study run which-support --quick`` and ``itcho study report which-support --quick`` make study and report;
``python -m itcho.experiments.studies.which_support FOLDER --out docs`` reads the folder and writes ``which_support.md``
and the rows that it tells, ``which_support/rows.csv``.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from itcho.experiments.markdown import markdown_table

PAGE, FOLDER, ROWS = "which_support.md", "which_support", "rows.csv"
COLUMNS = ("policy", "scenario", "outcome", "n", "mean_difference", "simultaneous_low", "simultaneous_high", "verdict")
SHARE_2030, SHARE, PRODUCTIVITY, DEBT = (
    "domestic_ai_share_home_pct@2030",
    "domestic_ai_share_home_pct",
    "productivity_gain_pct",
    "gov_debt_to_gdp_pct",
)
USUAL = "baseline"
TABLES = (
    (SHARE_2030, "Domestic share of the model layer in FY2030, percentage points", 2),
    (SHARE, "The same in FY2035", 2),
    (PRODUCTIVITY, "Productivity in FY2035, percentage points", 3),
    (DEBT, "Debt over GDP in FY2035, percentage points", 2),
)
FORMER = (
    ("2", "100", "+1.7", "−", "+1.9", "+0.66", "+0.7"),
    ("3", "20", "+1.9", "−0.04", "+1.6", "+0.66", "+0.9"),
    ("4", "10", "+2.05", "+0.54", "+5.49", "+0.62", "−0.81"),
)
"""Former model versions: version, seeds, share in FY2030 and FY2035 as announced, share that the content rule keeps in
FY2035, productivity by the subsidy of adoption, debt with it."""

TEXT = """# Which support, in which future?

*Written by `python -m itcho.experiments.studies.which_support`; do not edit.*

A worked study that comes with the package: eight ways of supporting home-grown AI, each against no programme, in six
worlds, with 100 paired seeds of ten years each. Nine policies, six scenarios, 5,400 runs.

```sh
itcho study run which-support
itcho study report which-support
```

**This page and its report rest on the first {seeds} seeds (`--quick`) of model version {version}.** The commands make
all 100. With so few intervals are wide: [the table of coverage](statistics.md#many-differences-at-once) says what that
costs. What is `cannot-tell` or `same-sign` here may be told with all seeds.

The whole report, with every interval, rank, regret measure and fan chart, is in
[which_support/report.md](which_support/report.md), and [a page to look around in](explorer.html) shows the same cells.
The intervals below hold for all {count} comparisons of the study at once; the words are the
[four verdicts](statistics.md#four-verdicts): in the tables **bold** is `clear`, *italic* is `same-sign`, *small* is
`small` and says so, the rest is `cannot-tell`.

## What was found

{findings}

## What former model versions found

{former}

Version 3 lost what was bought within five years, because shares followed quality alone; since version 4 firms sign
contracts and keep them, and a rule that binds contracts when they are signed keeps more.

{tables}
## How far to trust it

Differences are small beside what separates one world from another, and can be seen only because both runs of a pair
share their luck; [statistics](statistics.md) says what that buys. Intervals cover seeds, not parameters: the speed of
catch-up, the cost of adoption and what regulated demand can require are judgements ([parameters](parameters.md)), and a
study with `[uncertain]` parameters is the way to see what they do. Sizes of the scenarios are judgements too.
"""

Row = Mapping[str, str]


def signed(value: float, decimals: int) -> str:
    """A number with its sign, a minus as it is printed.

    Examples
    --------
    >>> signed(-0.5, 2), signed(0.25, 1)
    ('−0.50', '+0.2')
    """
    return f"{value:+.{decimals}f}".replace("-", "−")


def _interval(row: Row, decimals: int) -> str:
    low, high = (signed(float(row[name]), decimals) for name in ("simultaneous_low", "simultaneous_high"))
    return f"{low} to {high}"


def cell(row: Row, decimals: int) -> str:
    """A row as the tables of the page show it."""
    verdict, ends = row["verdict"], _interval(row, decimals)
    text = f"{signed(float(row['mean_difference']), decimals)} ({ends})"
    return {"clear": f"**{text}**", "same-sign": f"*{text}*", "small": f"small ({ends})"}.get(verdict, text)


def _told(row: Row, decimals: int) -> str:
    """A row in a sentence."""
    value = signed(float(row["mean_difference"]), decimals)
    return f"{value} points ({_interval(row, decimals)}; `{row['verdict']}`)"


def findings(rows: Sequence[Row]) -> list[str]:
    """What the rows say, in sentences."""
    by = {(row["policy"], row["scenario"], row["outcome"]): row for row in rows}
    policies = list(dict.fromkeys(row["policy"] for row in rows))
    scenarios = list(dict.fromkeys(row["scenario"] for row in rows))

    def leader(outcome: str, scenario: str) -> str:
        return max(policies, key=lambda name: float(by[name, scenario, outcome]["mean_difference"]))

    def leads(outcome: str, name: str) -> int:
        return sum(leader(outcome, scenario) == name for scenario in scenarios)

    kept, useful = leader(SHARE, USUAL), leader(PRODUCTIVITY, USUAL)
    others = [row for row in rows if row["outcome"] == PRODUCTIVITY and row["policy"] not in (useful, kept)]
    debts = [row for row in rows if row["outcome"] == DEBT]
    handed = [name for name in policies if name not in ("actual", kept, useful)]
    announced, content, users = (
        {outcome: _told(by[name, USUAL, outcome], 3 if outcome == PRODUCTIVITY else 2) for outcome, _, _ in TABLES}
        for name in ("actual", kept, useful)
    )
    verdicts = Counter(row["verdict"] for row in others)
    of_debt = Counter(row["verdict"] for row in debts)
    return [
        f"**The programme as announced** changes the domestic share in FY2030 by {announced[SHARE_2030]}, and "
        f"in FY2035, five years after its last tranche, by {announced[SHARE]}.",
        f"**Most of the share in FY2035 has `{kept}`**: {content[SHARE]}; it leads in {leads(SHARE, kept)} of "
        f"{len(scenarios)} futures (in FY2030 in {leads(SHARE_2030, kept)}). It moves productivity by "
        f"{content[PRODUCTIVITY]}: where that is a loss, share and productivity stand against each other.",
        f"**Most productivity has `{useful}`**: {users[PRODUCTIVITY]} by FY2035, first in "
        f"{leads(PRODUCTIVITY, useful)} of {len(scenarios)} futures. Of the {len(others)} comparisons of the others "
        f"but `{kept}`, {verdicts['small']} are `small` and {verdicts['clear']} `clear`. Of the domestic share it "
        f"moves {users[SHARE]}.",
        "**How money is handed over**, in FY2030: "
        + ", ".join(f"`{name}` {_told(by[name, USUAL, SHARE_2030], 2)}" for name in handed)
        + ".",
        f"**Debt over GDP in FY2035** changes by {announced[DEBT]} as announced and by {users[DEBT]} with "
        f"`{useful}`. Of all {len(debts)} comparisons of debt {of_debt['clear']} are `clear` and "
        f"{of_debt['cannot-tell']} `cannot-tell`.",
    ]


def page(rows: Sequence[Row], version: int) -> str:
    """The page that tells rows as read."""
    by = {(row["policy"], row["scenario"], row["outcome"]): row for row in rows}
    policies = list(dict.fromkeys(row["policy"] for row in rows))
    scenarios = list(dict.fromkeys(row["scenario"] for row in rows))
    tables = []
    for outcome, heading, decimals in TABLES:
        lines = [
            (f"`{policy}`", *(cell(by[policy, scenario, outcome], decimals) for scenario in scenarios))
            for policy in policies
        ]
        tables.append(f"## {heading}\n\n{_table(('policy', *scenarios), lines)}\n")
    now = (
        str(version),
        rows[0]["n"],
        *(
            signed(float(by[policy, USUAL, outcome]["mean_difference"]), 2)
            for policy, outcome in (
                ("actual", SHARE_2030),
                ("actual", SHARE),
                ("content-rule", SHARE),
                ("adoption-first", PRODUCTIVITY),
                ("adoption-first", DEBT),
            )
        ),
    )
    heads = (
        "model version",
        "seeds",
        "share FY2030, `actual`",
        "share FY2035, `actual`",
        "share FY2035, `content-rule`",
        "productivity, `adoption-first`",
        "debt, `adoption-first`",
    )
    return TEXT.format(
        seeds=rows[0]["n"],
        version=version,
        count=len(rows),
        findings="\n".join(f"- {one}" for one in findings(rows)),
        former=_table(heads, (*FORMER, now)),
        tables="\n".join(tables),
    )


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(markdown_table(header, rows)).rstrip("\n")


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows as written."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, its rows and the study's report; 0, or 2 if the folder holds no comparison."""
    from itcho.model.version import MODEL_VERSION

    parser = argparse.ArgumentParser(prog="python -m itcho.experiments.studies.which_support", description=__doc__)
    parser.add_argument("study", type=Path, help="the study's folder, with its report")
    parser.add_argument("--out", type=Path, default=Path("docs"), help="folder that takes the page")
    given = parser.parse_args(arguments)
    comparison = given.study / "comparison.json"
    if not comparison.is_file():
        print(f"itcho: {given.study} holds no comparison.json: run itcho study report first", file=sys.stderr)
        return 2
    record = json.loads(comparison.read_text(encoding="utf-8"))
    to = given.out / FOLDER
    to.mkdir(parents=True, exist_ok=True)
    with (to / ROWS).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        for row in record["rows"]:
            writer.writerow(
                {name: f"{row[name]:.6g}" if isinstance(row[name], float) else row[name] for name in COLUMNS}
            )
    for one in (given.study / "report.md", *sorted(given.study.glob("*.png"))):
        shutil.copyfile(one, to / one.name)
    (given.out / PAGE).write_text(page(read_rows(to / ROWS), MODEL_VERSION), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
