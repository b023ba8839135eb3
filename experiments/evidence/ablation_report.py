"""What `itcho ablate` prints, and the page of ablations.

``python -m itcho.experiments.evidence.ablation_report docs/ablation.csv`` writes the page beside a table that
`itcho ablate --out` made, and into ``ODD.md`` beside it which kinds of agents are representative: those without a row
that counts.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from math import log
from pathlib import Path

from itcho.agents.ablation import ALIKE, FROZEN, KIND_BY_NAME, KINDS
from itcho.experiments.arguments import existing_file
from itcho.experiments.evidence.ablation import (
    FLOOD_PCT_GDP,
    HEADLINES,
    MEAN,
    TABLE_FILE,
    Row,
    ablate,
    plain_row,
    read_table,
    table_text,
    without_a_row,
)
from itcho.experiments.markdown import markdown_table
from itcho.experiments.whole_files import write_files
from itcho.model.measure.outcomes import OUTCOMES
from itcho.model.sizes import DEFAULT_POLICY
from itcho.model.version import MODEL_VERSION

_SAID = {FROZEN: "frozen", ALIKE: "made alike"}


def ablate_and_show(
    *,
    scenarios: Sequence[str],
    kinds: Sequence[str],
    seeds: int,
    years: int,
    workers: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Run, compare, and print the table.

    Raises
    ------
    InputError : listing all mistakes at once.
    """
    rows = ablate(scenarios, kinds, seeds, years, workers, out)
    if out is not None:
        text = json.dumps(record(rows, seeds, years), indent=2) + "\n"
        write_files({out / TABLE_FILE: table_text(rows), out / "ablation.json": text, out / "ablation.md": page(rows)})
    if as_json:
        print(json.dumps(record(rows, seeds, years), indent=2, allow_nan=False))
    else:
        _show(rows)


def record(rows: Sequence[Row], seeds: int, years: int) -> dict[str, object]:
    """The table as plain data."""
    return {
        "model": MODEL_VERSION,
        "seeds": seeds,
        "years": years,
        "rows": [plain_row(row) for row in rows],
        "without_a_counting_row": without_a_row(rows),
    }


def _strongest(rows: Sequence[Row]) -> Row | None:
    """Of the rows that count, the one with the largest root mean square."""
    return max((row for row in rows if row.counts), key=lambda row: row.rms_sd, default=None)


def _summary(rows: Sequence[Row]) -> Iterator[tuple[str, str, Sequence[Row]]]:
    for kind in KINDS:
        for way in (FROZEN, ALIKE):
            own = [row for row in rows if (row.kind, row.ablation) == (kind.name, way)]
            if own:
                yield kind.name, way, own


def by_what_they_count(rows: Sequence[Row], way: str) -> dict[str, list[str]]:
    """Kinds by what of theirs counts: a mean of a headline, else a headline's volatility, else their own, else nothing.

    Parameters
    ----------
    rows : the table.
    way : frozen or made alike.
    """
    found: dict[str, list[str]] = {IN_MEANS: [], IN_VOLATILITY: [], IN_OWN: [], IN_NOTHING: []}
    for kind, how, own in _summary(rows):
        if how == way:
            found[_counts_in(own)].append(kind)
    return found


def _counts_in(own: Sequence[Row]) -> str:
    good = {(row.outcome in HEADLINES, row.statistic) for row in own if row.counts}
    if (True, MEAN) in good:
        return IN_MEANS
    if any(headline for headline, _ in good):
        return IN_VOLATILITY
    return IN_OWN if good else IN_NOTHING


IN_MEANS = "the mean of a headline"
IN_VOLATILITY = "the volatility of a headline, no mean"
IN_OWN = "what they decide about alone"
IN_NOTHING = "nothing"
"""What of a kind counts, the first that holds."""


def _show(rows: Sequence[Row]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title="What counts when a kind of agent is frozen or its members are made alike")
    for heading in ("kind", "ablation", "rows that count", "strongest", "mean shift, s.d.", "s.d. ratio"):
        table.add_column(heading)
    for kind, way, own in _summary(rows):
        table.add_row(kind, _SAID[way], f"{sum(row.counts for row in own)} of {len(own)}", *_strongest_cells(own))
    console = Console()
    console.print(table)
    for way, kinds in without_a_row(rows).items():
        if kinds:
            console.print(f"No row counts when {_SAID[way]}: {', '.join(kinds)}", highlight=False)


def _strongest_cells(own: Sequence[Row]) -> tuple[str, str, str]:
    best = _strongest(own)
    if best is None:
        return "", "", ""
    return (
        f"{_named(best)}, {_world(best)}",
        f"{best.mean_shift_sd:+.2f} ({best.low:+.2f} to {best.high:+.2f})",
        f"{best.sd_ratio:.2f}",
    )


def _named(row: Row) -> str:
    label = OUTCOMES[row.outcome].label
    return label if row.statistic == MEAN else f"{label} ({row.statistic})"


def _world(row: Row) -> str:
    """The scenario, and the policy if it is another than the usual one."""
    return row.scenario if row.policy == DEFAULT_POLICY else f"{row.scenario} under {row.policy}"


def page(rows: Sequence[Row]) -> str:
    """The page of ablations, Markdown."""
    return "\n".join(_page(rows))


def _page(rows: Sequence[Row]) -> Iterator[str]:
    pairs = max((row.pairs for row in rows), default=0)
    versions = " and ".join(str(version) for version in sorted({row.model_version for row in rows}))
    yield "# Which agents matter"
    yield ""
    yield (
        "Each kind of agent is frozen (it goes on as it did in the opening months: its decisions become constants or "
        "trends), and, where it has members, these are made alike. The same seeds are run with and without, and the "
        "mean of the second half of the years is compared; of what markets set, and of what a kind itself decides "
        "about, the volatility as well, the standard deviation of monthly changes over the whole run, for limits and "
        "thresholds act in months and leave few traces in means of years. A placebo redraws nothing but the luck of "
        "that kind's members. Written by `itcho ablate --out FOLDER`; all rows stand in [ablation.csv](ablation.csv)."
    )
    yield ""
    yield (
        f"Model version {versions}, {pairs} pairs, policy `{DEFAULT_POLICY}` or the one that is named, outcomes "
        + ", ".join(f"`{name}`" for name in HEADLINES)
        + " and, of some kinds, what they decide about"
        + ". Shifts are in standard deviations over seeds of the runs without ablation; two unrelated worlds would "
        "differ by 1.4 in root mean square. A row counts if its mean shift is at least 0.3, or the ratio of standard "
        "deviations leaves 0.8 to 1.25, with the interval of 95% (bootstrap of pairs) clear of the placebo's. Kinds "
        "without luck of their own have a placebo that changes nothing. In `bond-flood` public investment of "
        f"{FLOOD_PCT_GDP:.0f}% of GDP a year is paid by bonds in the baseline."
    )
    yield ""
    yield "## By kind"
    yield ""
    cells = []
    for kind, way, own in _summary(rows):
        of_kind = KIND_BY_NAME[kind]
        placebo = max((row.placebo_rms_sd for row in own), default=0.0)
        cells.append(
            (
                of_kind.label,
                f"{_SAID[way]}: {of_kind.frozen if way == FROZEN else of_kind.alike}",
                f"{sum(row.counts for row in own)} of {len(own)}",
                _counts_in(own),
                *_strongest_cells(own),
                f"{placebo:.2f}",
            )
        )
    yield from markdown_table(
        ("kind", "ablation", "rows that count", "in", "strongest", "mean shift", "s.d. ratio", "largest placebo RMS"),
        cells,
    )
    for way in (FROZEN, ALIKE):
        yield f"**What counts when {_SAID[way]}**"
        yield ""
        for what, kinds in by_what_they_count(rows, way).items():
            names = ", ".join(KIND_BY_NAME[kind].label for kind in kinds) or "none"
            yield f"- {what} ({len(kinds)}): {names}"
        yield ""
    yield (
        "Frozen decisions that become a constant have no spread, so that an outcome which is that decision has a ratio "
        "of 0.00 by construction: what counts only there shows that a kind decides, not that others feel it."
    )
    yield ""
    yield "## Rows that count"
    yield ""
    yield from markdown_table(
        ("kind", "ablation", "scenario", "outcome", "RMS", "mean shift", "s.d. ratio", "placebo RMS", "collapsed"),
        [
            (
                KIND_BY_NAME[row.kind].label,
                _SAID[row.ablation],
                _world(row),
                f"`{row.outcome}`" + ("" if row.statistic == MEAN else f", {row.statistic}"),
                f"{row.rms_sd:.2f}",
                f"{row.mean_shift_sd:+.2f} ({row.low:+.2f} to {row.high:+.2f})",
                f"{row.sd_ratio:.2f} ({row.ratio_low:.2f} to {row.ratio_high:.2f})",
                f"{row.placebo_rms_sd:.2f}",
                f"{row.collapsed} of {row.collapsed + row.pairs}" if row.collapsed else "",
            )
            for row in rows
            if row.counts
        ],
    )


BEGIN, END = "<!-- ablation: begin -->", "<!-- ablation: end -->"
"""Between these lines of ``ODD.md`` stands what :func:`representative` gives."""


def representative(rows: Sequence[Row]) -> str:
    """Kinds of agents without a row that counts, and the farthest that any of their rows goes, Markdown."""
    cells = []
    for kind, way, own in _summary(rows):
        if any(row.counts for row in own):
            continue
        most = max(own, key=lambda row: abs(row.mean_shift_sd) if row.mean_shift_sd == row.mean_shift_sd else 0.0)
        spread = max(own, key=lambda row: abs(log(row.sd_ratio)) if row.sd_ratio > 0.0 else 0.0)
        cells.append(
            (
                KIND_BY_NAME[kind].label,
                _SAID[way],
                f"{most.mean_shift_sd:+.2f} ({most.low:+.2f} to {most.high:+.2f}): {_named(most)}, {_world(most)}",
                f"{spread.sd_ratio:.2f} ({spread.ratio_low:.2f} to {spread.ratio_high:.2f}): "
                f"{_named(spread)}, {_world(spread)}",
            )
        )
    pairs = max((row.pairs for row in rows), default=0)
    versions = " and ".join(str(version) for version in sorted({row.model_version for row in rows}))
    told = (
        "Kinds of agents and ablations without a row that counts in `itcho ablate` (model version "
        f"{versions}, {pairs} pairs): what they decide, or how their members differ, shows in no outcome that was "
        "compared beyond what chance and the luck of these members do. In these respects they are to be read as "
        "representative."
    )
    headings = ("kind", "ablation", "largest mean shift, s.d.", "farthest ratio of s.d.")
    return "\n".join([BEGIN, told, "", *markdown_table(headings, cells)]).rstrip("\n") + f"\n{END}"


def put_in(text: str, rows: Sequence[Row]) -> str:
    """A text with what stands between the two marks made again.

    Raises
    ------
    ValueError : the text has not both marks.
    """
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"the text has no lines {BEGIN} and {END}")
    return before + representative(rows) + after


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page beside the table that is named, and the kinds that are representative into ODD."""
    parser = argparse.ArgumentParser(prog="python -m itcho.experiments.evidence.ablation_report", description=__doc__)
    parser.add_argument("table", type=existing_file, help="table that `itcho ablate --out` wrote (ablation.csv)")
    table = parser.parse_args(arguments).table
    rows = read_table(table)
    table.with_name("ablation.md").write_text(page(rows), encoding="utf-8")
    odd = table.with_name("ODD.md")
    if odd.is_file():
        odd.write_text(put_in(odd.read_text(encoding="utf-8"), rows), encoding="utf-8")


if __name__ == "__main__":
    main()
