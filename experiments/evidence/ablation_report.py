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
from itcho.experiments.languages import ENGLISH, Words, words
from itcho.experiments.markdown import markdown_table
from itcho.experiments.whole_files import write_files
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
    lang: str = "en",
) -> None:
    """Run, compare, and print the table.

    Raises
    ------
    InputError : listing all mistakes at once.
    """
    say = words(lang)
    rows = ablate(scenarios, kinds, seeds, years, workers, out)
    if out is not None:
        text = json.dumps(record(rows, seeds, years), indent=2) + "\n"
        table = page(rows, say)
        write_files({out / TABLE_FILE: table_text(rows), out / "ablation.json": text, out / "ablation.md": table})
    if as_json:
        print(json.dumps(record(rows, seeds, years), indent=2, allow_nan=False))
    else:
        _show(rows, say)


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


def _show(rows: Sequence[Row], say: Words) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=say("What counts when a kind of agent is frozen or its members are made alike"))
    for heading in ("kind", "ablation", "rows that count", "strongest", "mean shift, s.d.", "s.d. ratio"):
        table.add_column(say(heading))
    for kind, way, own in _summary(rows):
        table.add_row(_kind(kind, say), say(_SAID[way]), _counted(own, say), *_strongest_cells(own, say))
    console = Console()
    console.print(table)
    for way, kinds in without_a_row(rows).items():
        if kinds:
            named = say.listed(_kind(kind, say) for kind in kinds)
            console.print(say("No row counts when {way}: {kinds}", way=say(_SAID[way]), kinds=named), highlight=False)


def _kind(name: str, say: Words) -> str:
    """The name of a kind as it is typed; in other languages beside its label."""
    return name if say.code == "en" else f"{say(KIND_BY_NAME[name].label)} ({name})"


def _counted(own: Sequence[Row], say: Words) -> str:
    return say("{count} of {total}", count=sum(row.counts for row in own), total=len(own))


def _ends(low: float, high: float, say: Words, sign: str = "+") -> str:
    return say("{low} to {high}", low=f"{low:{sign}.2f}", high=f"{high:{sign}.2f}")


def _strongest_cells(own: Sequence[Row], say: Words) -> tuple[str, str, str]:
    best = _strongest(own)
    if best is None:
        return "", "", ""
    return (
        say.listed((_named(best, say), _world(best, say))),
        f"{best.mean_shift_sd:+.2f} ({_ends(best.low, best.high, say)})",
        f"{best.sd_ratio:.2f}",
    )


def _named(row: Row, say: Words) -> str:
    label = say.outcome(row.outcome)
    return label if row.statistic == MEAN else f"{label} ({say(row.statistic)})"


def _world(row: Row, say: Words) -> str:
    """The scenario, and the policy if it is another than the usual one."""
    if row.policy == DEFAULT_POLICY:
        return row.scenario
    return say("{scenario} under {policy}", scenario=row.scenario, policy=row.policy)


def page(rows: Sequence[Row], say: Words = ENGLISH) -> str:
    """The page of ablations, Markdown, in a language."""
    return "\n".join(_page(rows, say))


def _page(rows: Sequence[Row], say: Words) -> Iterator[str]:
    pairs = max((row.pairs for row in rows), default=0)
    yield f"# {say('Which agents matter')}"
    yield ""
    yield say(
        "Each kind of agent is frozen (it goes on as it did in the opening months: its decisions become constants or "
        "trends), and, where it has members, these are made alike. The same seeds are run with and without, and the "
        "mean of the second half of the years is compared; of what markets set, and of what a kind itself decides "
        "about, the volatility as well, the standard deviation of monthly changes over the whole run, for limits and "
        "thresholds act in months and leave few traces in means of years. A placebo redraws nothing but the luck of "
        "that kind's members. Written by `itcho ablate --out FOLDER`; all rows stand in [ablation.csv](ablation.csv)."
    )
    yield ""
    yield say(
        "Model version {versions}, {pairs} pairs, policy `{policy}` or the one that is named, outcomes {outcomes} and, "
        "of some kinds, what they decide about. Shifts are in standard deviations over seeds of the runs without "
        "ablation; two unrelated worlds would differ by 1.4 in root mean square. A row counts if its mean shift is at "
        "least 0.3, or the ratio of standard deviations leaves 0.8 to 1.25, with the interval of 95% (bootstrap of "
        "pairs) clear of the placebo's. Kinds without luck of their own have a placebo that changes nothing. In "
        "`bond-flood` public investment of {flood}% of GDP a year is paid by bonds in the baseline.",
        versions=_versions(rows, say),
        pairs=pairs,
        policy=DEFAULT_POLICY,
        outcomes=say.listed(f"`{name}`" for name in HEADLINES),
        flood=f"{FLOOD_PCT_GDP:.0f}",
    )
    yield ""
    yield f"## {say('By kind')}"
    yield ""
    cells = []
    for kind, way, own in _summary(rows):
        of_kind = KIND_BY_NAME[kind]
        placebo = max((row.placebo_rms_sd for row in own), default=0.0)
        cells.append(
            (
                say(of_kind.label),
                say("{way}: {how}", way=say(_SAID[way]), how=say(of_kind.frozen if way == FROZEN else of_kind.alike)),
                _counted(own, say),
                say(_counts_in(own)),
                *_strongest_cells(own, say),
                f"{placebo:.2f}",
            )
        )
    headings = (
        "kind", "ablation", "rows that count", "in", "strongest", "mean shift", "s.d. ratio", "largest placebo RMS",
    )  # fmt: skip
    yield from markdown_table([say(heading) for heading in headings], cells)
    for way in (FROZEN, ALIKE):
        yield f"**{say('What counts when {way}', way=say(_SAID[way]))}**"
        yield ""
        for what, kinds in by_what_they_count(rows, way).items():
            names = say.listed(say(KIND_BY_NAME[kind].label) for kind in kinds) or say("none")
            yield f"- {say('{what} ({count}): {names}', what=say(what), count=len(kinds), names=names)}"
        yield ""
    yield say(
        "Frozen decisions that become a constant have no spread, so that an outcome which is that decision has a ratio "
        "of 0.00 by construction: what counts only there shows that a kind decides, not that others feel it."
    )
    yield ""
    yield f"## {say('Rows that count')}"
    yield ""
    columns = (
        "kind", "ablation", "scenario", "outcome", "RMS", "mean shift", "s.d. ratio", "placebo RMS", "collapsed",
    )  # fmt: skip
    yield from markdown_table(
        [say(column) for column in columns],
        [
            (
                say(KIND_BY_NAME[row.kind].label),
                say(_SAID[row.ablation]),
                _world(row, say),
                f"`{row.outcome}`" + ("" if row.statistic == MEAN else say(", ") + say(row.statistic)),
                f"{row.rms_sd:.2f}",
                f"{row.mean_shift_sd:+.2f} ({_ends(row.low, row.high, say)})",
                f"{row.sd_ratio:.2f} ({_ends(row.ratio_low, row.ratio_high, say, '')})",
                f"{row.placebo_rms_sd:.2f}",
                say("{count} of {total}", count=row.collapsed, total=row.collapsed + row.pairs)
                if row.collapsed
                else "",
            )
            for row in rows
            if row.counts
        ],
    )


def _versions(rows: Sequence[Row], say: Words) -> str:
    return say(" and ").join(str(version) for version in sorted({row.model_version for row in rows}))


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
                f"{most.mean_shift_sd:+.2f} ({most.low:+.2f} to {most.high:+.2f}): "
                f"{_named(most, ENGLISH)}, {_world(most, ENGLISH)}",
                f"{spread.sd_ratio:.2f} ({spread.ratio_low:.2f} to {spread.ratio_high:.2f}): "
                f"{_named(spread, ENGLISH)}, {_world(spread, ENGLISH)}",
            )
        )
    pairs = max((row.pairs for row in rows), default=0)
    told = (
        "Kinds of agents and ablations without a row that counts in `itcho ablate` (model version "
        f"{_versions(rows, ENGLISH)}, {pairs} pairs): what they decide, or how their members differ, shows in no "
        "outcome that was compared beyond what chance and the luck of these members do. In these respects they are to "
        "be read as representative."
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
