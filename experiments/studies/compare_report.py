"""A comparison in words: on the terminal and as Markdown; its page is that of the study."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from itcho.experiments.languages import ENGLISH, Words, padded
from itcho.experiments.studies.compare import Comparison, ComparisonRow, comparison_record
from itcho.experiments.studies.design import SENSITIVITY_DESIGNS
from itcho.experiments.studies.kept_share import YEARS_AFTER, KeptShare
from itcho.experiments.studies.robustness import disagreement
from itcho.experiments.studies.simultaneous import OPEN_ZERO
from itcho.experiments.studies.study_run import collapses_text
from itcho.experiments.studies.verdicts import CANNOT_TELL, CLEAR, MEANING, ONE_WORLD, SAME_SIGN, SMALL, VERDICTS
from itcho.experiments.whole_files import write_files
from itcho.model.measure.outcomes import OUTCOMES

if TYPE_CHECKING:
    from rich.console import Console

    from itcho.experiments.studies.study import OutcomePick, Study


@dataclass(frozen=True)
class Section:
    """A piece of a report.

    Attributes
    ----------
    heading : of the piece.
    text : paragraphs.
    columns, lines : of its table; empty without one.
    picture : name of a picture under the text; empty without one.
    """

    heading: str
    text: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    lines: tuple[tuple[str, ...], ...] = ()
    picture: str = ""


@dataclass(frozen=True)
class Called:
    """What policies, scenarios and outcomes of a study are called; who is not there is called by its own name.

    Attributes
    ----------
    policies, scenarios, outcomes : by the names under which a study's file has them.
    """

    policies: Mapping[str, str] = field(default_factory=dict)
    scenarios: Mapping[str, str] = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)

    def policy(self, name: str) -> str:
        """A policy."""
        return self.policies.get(name, name)

    def scenario(self, name: str) -> str:
        """A scenario."""
        return self.scenarios.get(name, name)

    def outcome(self, text: str) -> str:
        """An outcome at its time."""
        return self.outcomes.get(text, text)

    def all_of(self, row: ComparisonRow) -> tuple[str, str, str]:
        """Policy, scenario and outcome of a row."""
        return self.policy(row.policy), self.scenario(row.scenario), self.outcome(row.outcome)


BY_NAME = Called()
"""All called by the names of the study's file."""


def by_label(study: Study, say: Words = ENGLISH) -> Called:
    """All called by their labels in the registries; where two have the same label, their names stand behind it."""
    return Called(
        _distinct({one.name: say(one.label) for one in study.all_policies}),
        _distinct({one.name: say(one.label) for one in study.scenarios}),
        _distinct({pick.text: _outcome_label(pick, say) for pick in study.outcomes}),
    )


def called_in(study: Study, say: Words) -> Called:
    """What a terminal calls them: names in English, which are its words; labels in other languages."""
    return BY_NAME if say.code == "en" else by_label(study, say)


def _outcome_label(pick: OutcomePick, say: Words) -> str:
    name = say.outcome(pick.name)
    if pick.when == "last":
        return name
    if pick.when == "final":
        return say("{outcome}, last month", outcome=name)
    if pick.when == "all":
        return say("{outcome}, mean of all years", outcome=name)
    return say("{outcome} in FY{year}", outcome=name, year=pick.when)


def _distinct(labels: Mapping[str, str]) -> dict[str, str]:
    taken = list(labels.values())
    return {name: label if label and taken.count(label) == 1 else f"{label} ({name})" for name, label in labels.items()}


def number(value: float, signed: bool = False) -> str:
    """Three significant digits, and no more than a reader can use; ``–`` for a number that does not exist."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if value == 0.0:
        return "0"
    if abs(value) <= OPEN_ZERO:
        return "+0" if value > 0.0 else "-0"  # the end of an interval without zero itself
    size = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:+,.{size}f}" if signed else f"{value:,.{size}f}"
    return text if size <= 6 else f"{value:+.2e}" if signed else f"{value:.2e}"


def interval(ends: tuple[float, float], say: Words = ENGLISH) -> str:
    """An interval, such as ``+0.10 to +0.31``."""
    if math.isnan(ends[0]):
        return "–"
    return say("{low} to {high}", low=number(ends[0], signed=True), high=number(ends[1], signed=True))


def percent(share: float) -> str:
    """A share in percent."""
    return "–" if math.isnan(share) else f"{100.0 * share:.0f}%"


def findings(comparison: Comparison, called: Called = BY_NAME) -> list[str]:
    """What can be said in a sentence for each policy and scenario, verdict by verdict."""
    found = []
    for scenario in comparison.study.scenarios:
        for policy in comparison.study.policies:
            if policy.name == comparison.study.baseline.name:
                continue
            rows = [row for row in comparison.rows if (row.policy, row.scenario) == (policy.name, scenario.name)]
            parts = [
                f"{verdict} in {', '.join(_finding(row, called) for row in some)}"
                for verdict in VERDICTS
                if (some := [row for row in rows if row.verdict == verdict])
            ]
            found.append(
                f"{called.policy(policy.name)} against {called.policy(comparison.study.baseline.name)}, "
                f"{called.scenario(scenario.name)}, {_seeds(comparison.replicates)}: {'; '.join(parts)}."
            )
    return found


def _seeds(count: int) -> str:
    return ENGLISH.so_many(count, "{count} seed", "{count} seeds")


def _finding(row: ComparisonRow, called: Called) -> str:
    """A row with the figures that bear its verdict out."""
    share = max(row.summary.share_higher, 1.0 - row.summary.share_higher - row.summary.share_zero)
    mean, ends, name = number(row.summary.mean, signed=True), interval(row.simultaneous), called.outcome(row.outcome)
    if row.verdict == CLEAR:
        return f"{name} ({row.direction}: {mean}, {ends})"
    if row.verdict == SAME_SIGN:
        return f"{name} ({row.direction} in {percent(share)} of worlds: {mean}, {ends})"
    if row.verdict == SMALL and row.summary.share_zero == 1.0:
        return f"{name} (no difference in any world)"
    return f"{name} ({ends})"


def said_of(row: ComparisonRow, say: Words) -> str:
    """The verdict of a row with its direction, in a language."""
    if not row.direction:
        return say(row.verdict)
    return say("{verdict}: {direction}", verdict=say(row.verdict), direction=say(row.direction))


def vocabulary(comparison: Comparison, say: Words = ENGLISH) -> list[str]:
    """What the verdicts of a comparison mean, those that it uses."""
    used = [verdict for verdict in VERDICTS if any(row.verdict == verdict for row in comparison.rows)]
    meaning = {verdict: MEANING[verdict] if comparison.replicates > 1 else ONE_WORLD for verdict in used}
    return [say("{name}: {meaning}", name=say(verdict), meaning=say(text)) for verdict, text in meaning.items()]


def sections(comparison: Comparison, command: str, closing: str) -> list[Section]:
    """The whole report, piece by piece."""
    study, called = comparison.study, by_label(comparison.study)
    so_many, years = ENGLISH.so_many, study.template.years
    level = f"{100.0 * study.level:g}%"
    about = [
        f"{so_many(len(study.all_policies), '{count} policy', '{count} policies')}, "
        f"{so_many(len(study.scenarios), '{count} scenario', '{count} scenarios')}, "
        f"{so_many(comparison.replicates, '{count} paired seed', '{count} paired seeds')} of "
        f"{so_many(years, '{count} year', '{count} years')}{' each' if comparison.replicates > 1 else ''}, "
        f"start {study.template.start}; baseline: {called.policy(study.baseline.name)}.",
        f"Differences are policy − baseline with the same seed. Simultaneous {level} intervals hold for all "
        f"{so_many(len(comparison.rows), '{count} row', '{count} rows')} at once. Verdicts are "
        f"{'; '.join(vocabulary(comparison))}.",
        f"Too small to matter is what is below, in absolute terms: {_smallest(comparison)}.",
    ]
    if study.uncertain:
        about.append(
            "Intervals cover seeds and the spread of uncertain parameters: "
            + ", ".join(f"{one.name} ({one.low:g} to {one.high:g})" for one in study.uncertain)
            + "."
        )
    if study.design.kind in SENSITIVITY_DESIGNS:
        about.append(
            f"Of each row of the {study.design.kind} design one point is compared: the others share its seeds."
        )
    if comparison.dropped:
        about.append(f"Left out because a cell is missing, failed or collapsed: {_seeds(comparison.dropped)}.")
    if comparison.collapsed:
        about.append(f"{collapses_text(comparison.collapsed).capitalize()}.")
    found = [
        Section(f"Study {study.name}", tuple(about)),
        Section("What was found", tuple(findings(comparison, called))),
        *(_rows_section(comparison, scenario.name, level, called) for scenario in study.scenarios),
        _best_section(comparison, called),
        *_robustness_sections(comparison, called),
        _pareto_section(comparison, called),
        _cost_section(comparison, level, called),
        _kept_section(comparison, level, called),
        _names_section(called),
        Section("How to make it again", (f"`{command}`", closing)),
    ]
    return [section for section in found if section.text or section.lines]


def _smallest(comparison: Comparison) -> str:
    sizes = {pick.name: pick.smallest_effect for pick in comparison.study.outcomes}
    said = (f"{ENGLISH.outcome(name)} {size:g} {ENGLISH.difference_unit(name)}" for name, size in sizes.items())
    return ", ".join(said)


def _names_section(called: Called) -> Section:
    """What labels are called in files and commands."""
    lines = tuple(
        (kind, label, f"`{name}`")
        for kind, some in (
            ("policy", called.policies),
            ("scenario", called.scenarios),
            ("outcome", called.outcomes),
        )
        for name, label in some.items()
    )
    return Section("Names in files and commands", (), ("Kind", "Label", "Name"), lines)


def _rows_section(comparison: Comparison, scenario: str, level: str, called: Called) -> Section:
    columns = (
        "Outcome", "Policy", "Level", "Difference", f"Simultaneous {level}", f"BCa {level}", f"t {level}", "Median",
        "Better", "Zero", "Stepdown p", "P(best)", "Corr.", "Variance ratio", "Verdict",
    )  # fmt: skip
    lines = tuple(
        (
            called.outcome(row.outcome),
            called.policy(row.policy),
            number(row.summary.policy_mean),
            number(row.summary.mean, signed=True),
            interval(row.simultaneous),
            interval(row.summary.bca),
            interval(row.summary.t),
            f"{number(row.summary.median, signed=True)} ({interval(row.summary.median_bca)})",
            percent(row.share_better),
            percent(row.summary.share_zero),
            number(row.p_stepdown),
            percent(row.p_best),
            number(row.summary.correlation),
            number(row.summary.variance_ratio),
            row.said,
        )
        for row in sorted(
            (row for row in comparison.rows if row.scenario == scenario),
            key=lambda row: [pick.text for pick in comparison.study.outcomes].index(row.outcome),
        )
    )
    note = (
        "Corr. and variance ratio are what common random numbers bought: the correlation of policy and baseline over "
        "seeds, and how many times the variance of the difference would be larger with independent seeds.",
    )
    return Section(f"Scenario: {called.scenario(scenario)}", note, columns, lines)


def _best_section(comparison: Comparison, called: Called) -> Section:
    lines = tuple(
        (called.scenario(scenario), called.outcome(outcome), ", ".join(map(called.policy, names)))
        for (scenario, outcome), names in comparison.best.items()
    )
    text = ("Policies that cannot be told from the best one; the baseline competes too.",) if lines else ()
    return Section("Best, or not worse than the best", text, ("Scenario", "Outcome", "Policies"), lines)


def _robustness_sections(comparison: Comparison, called: Called) -> list[Section]:
    found = []
    for outcome, card in comparison.robustness.items():
        lines = tuple(
            (one.label, one.meaning, *(number(one.values[name]) for name in comparison.policies),
             ", ".join(map(called.policy, one.best)))
            for one in card
        )  # fmt: skip
        firsts = disagreement(card).items()
        sides = "; ".join(f"{called.policy(policy)}: {', '.join(labels)}" for policy, labels in firsts)
        scenarios = [called.scenario(one.name) for one in comparison.study.scenarios]
        shortfalls = tuple(
            f"Regret of {called.policy(policy)}: "
            + ", ".join(f"{number(float(value))} in {name}" for value, name in zip(line, scenarios, strict=True))
            + "."
            for policy, line in zip(comparison.policies, comparison.regrets[outcome], strict=True)
        )
        columns = ("Measure", "Meaning", *map(called.policy, comparison.policies), "Best")
        text = (*shortfalls, f"Who puts whom first: {sides}.")
        found.append(Section(f"Across scenarios: {called.outcome(outcome)}", text, columns, lines))
    return found


def _pareto_section(comparison: Comparison, called: Called) -> Section:
    lines = tuple(
        (called.scenario(scenario), called.policy(policy), "yes" if policy in one.members else "no", percent(share))
        for scenario, one in comparison.pareto.items()
        for policy, share in one.p_member.items()
    )
    outcomes = next((", ".join(map(called.outcome, one.outcomes)) for one in comparison.pareto.values()), "")
    text = (f"A policy belongs to the Pareto set if no other is at least as good in all of: {outcomes}.",)
    columns = ("Scenario", "Policy", "In the Pareto set", "Bootstrap probability")
    return Section("Trade-offs", text if lines else (), columns, lines)


def _cost_section(comparison: Comparison, level: str, called: Called) -> Section:
    lines = tuple(
        (
            called.scenario(one.scenario),
            called.policy(one.policy),
            called.outcome(one.outcome),
            number(one.cost_trn_yen, signed=True),
            number(one.bought, signed=True),
            number(one.trn_yen_per_unit),
            interval(one.interval),
            one.verdict,
            one.reading,
        )
        for one in comparison.costs
    )
    columns = (
        "Scenario",
        "Policy",
        "Outcome",
        "Cost, trn yen",
        "Bought",
        "Trn yen per unit",
        f"BCa {level}",
        "Verdict",
        "Reading",
    )
    text = (
        ("Programme money per unit of an outcome, policy against baseline; a price only where what it buys is clear.",)
        if lines
        else ()
    )
    return Section("What a unit costs", text, columns, lines)


def kept_text(row: KeptShare) -> str:
    """The figure of a row, or why there is none."""
    if math.isnan(row.kept_pct):
        return row.reading
    return f"{row.kept_pct:.0f}%"


def _kept_section(comparison: Comparison, level: str, called: Called) -> Section:
    lines = tuple(
        (
            called.scenario(one.scenario),
            called.policy(one.policy),
            "none" if one.last_fiscal_year is None else f"FY{one.last_fiscal_year}",
            number(one.at_end, signed=True),
            number(one.later, signed=True),
            str(one.years_after),
            kept_text(one),
            "none" if math.isnan(one.interval[0]) else f"{one.interval[0]:.0f} to {one.interval[1]:.0f}%",
            one.reading,
        )
        for one in comparison.kept
    )
    columns = (
        "Scenario", "Policy", "Support ended", "Share won, points", "Later, points", "Years after", "Kept",
        f"BCa {level}", "Reading",
    )  # fmt: skip
    text = (
        f"Domestic share of AI models that support has won by its last fiscal year, against the baseline, and what is "
        f"left of it {YEARS_AFTER} years after.",
    )
    return Section(f"What is kept {YEARS_AFTER} years after support", text if lines else (), columns, lines)


def to_markdown(pieces: Sequence[Section]) -> str:
    """The report as Markdown; pictures are files beside it."""
    blocks = []
    for place, piece in enumerate(pieces):
        blocks.append(f"{'#' if place == 0 else '##'} {piece.heading}")
        many = len(piece.text) > 1 and place > 0
        blocks.append("\n".join(f"- {text}" for text in piece.text) if many else "\n\n".join(piece.text))
        if piece.picture:
            blocks.append(f"![{piece.heading}]({piece.picture})")
        if piece.lines:
            table = [piece.columns, ("---",) * len(piece.columns), *piece.lines]
            blocks.append(
                "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in table)
            )
    return "\n\n".join(block for block in blocks if block) + "\n"


def write_reports(
    folder: Path, comparison: Comparison, pictures: Mapping[str, bytes], record: Mapping[str, Any], command: str,
    closing: str, more: Sequence[Section] = (), *, page: str,
) -> list[Path]:  # fmt: skip
    """Write ``report.md`` with its pictures, ``report.html`` and ``comparison.json``; older ones are replaced.

    Parameters
    ----------
    page : the study's page, as :func:`itcho.experiments.view.report.page` makes it.

    Raises
    ------
    InputError : the disk refuses.
    """
    pieces = sections(comparison, command, closing)
    drawn = [Section(_picture_heading(name), picture=name) for name in pictures]
    pieces = [*pieces[:2], *drawn, *pieces[2:-1], *more, pieces[-1]]
    files = {
        "report.md": to_markdown(pieces).encode(),
        "report.html": page.encode(),
        "comparison.json": (json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode(),
        **pictures,
    }
    return write_files({folder / name: content for name, content in files.items()})


def _picture_heading(file: str) -> str:
    """What a fan chart shows; further pictures of an outcome are numbered."""
    outcome, _, place = file.removesuffix(".png").partition("-")
    return f"{ENGLISH.outcome(outcome)}{f', {place}' if place else ''}" if outcome in OUTCOMES else outcome


def show(console: Console, comparison: Comparison, words: Words = ENGLISH) -> None:
    """Print the verdicts so that they fit a terminal of 80 columns."""
    study, count = comparison.study, comparison.replicates
    wide = max(8, *(len(policy.name) for policy in study.policies))
    level = words("{level}% for all rows", level=f"{100.0 * study.level:g}")
    for scenario in study.scenarios:
        title = words(
            "{scenario}: {seeds}, {years}, against {baseline}",
            scenario=words(scenario.label),
            seeds=words.so_many(count, "{count} paired seed", "{count} paired seeds"),
            years=words.so_many(study.template.years, "{count} year", "{count} years"),
            baseline=study.baseline.name,
        )
        console.print(title, style="bold", highlight=False)
        heads = (
            f"  {'':{wide}} {padded(words('difference'), 10, right=True)}  {level:^22} "
            f"{padded(words('better'), 6, right=True)} {padded(words('P(best)'), 7, right=True)}"
        )
        console.print(heads, style="dim", highlight=False)
        before = ""
        for row in _by_outcome(comparison, scenario.name):
            if row.outcome != before:
                name = row.outcome.partition("@")[0]
                said = row.outcome if words.code == "en" else f"{words.outcome(name)} [{row.outcome}]"
                console.print(f"{said} ({words.unit(name)})", highlight=False, markup=False)
                before = row.outcome
            console.print(
                f"  {row.policy:{wide}} {number(row.summary.mean, signed=True):>10}  "
                f"{interval(row.simultaneous, words):^22} "
                f"{percent(row.share_better):>6} {percent(row.p_best):>7}  {said_of(row, words)}",
                style="dim" if row.verdict in (SMALL, CANNOT_TELL) else None,
                highlight=False,
                soft_wrap=True,
            )
        console.print()
    for text in vocabulary(comparison, words):
        console.print(text, highlight=False)
    called = called_in(study, words)
    for name, label in called.policies.items():
        console.print(words("{name}: {meaning}", name=name, meaning=label), highlight=False)
    _show_variance_ratios(console, comparison, words)
    for one in comparison.costs:
        if math.isfinite(one.trn_yen_per_unit):
            price = words(
                "{policy}, {scenario}: {price} trn yen of programme per unit of {outcome} ({interval})",
                policy=called.policy(one.policy),
                scenario=called.scenario(one.scenario),
                price=number(one.trn_yen_per_unit),
                outcome=called.outcome(one.outcome),
                interval=interval(one.interval, words),
            )
            console.print(price, highlight=False)
    for left in comparison.kept:
        console.print(_kept_line(left, words, called), highlight=False, soft_wrap=True)
    for text, card in comparison.robustness.items():
        sides = "; ".join(f"{called.policy(name)}: {len(labels)}" for name, labels in disagreement(card).items())
        told = "across scenarios, {outcome}: measures that put a policy first: {sides}"
        console.print(words(told, outcome=called.outcome(text), sides=sides), highlight=False)
    if comparison.dropped:
        seeds = words.so_many(comparison.dropped, "{count} seed", "{count} seeds")
        told = "{seeds} left out: a cell is missing, failed or collapsed"
        console.print(words(told, seeds=seeds), highlight=False)
    if comparison.collapsed:
        where = {
            (called.policy(policy), called.scenario(scenario)): seeds
            for (policy, scenario), seeds in comparison.collapsed.items()
        }
        console.print(collapses_text(where, words), highlight=False, soft_wrap=True)


def _kept_line(row: KeptShare, say: Words, called: Called) -> str:
    """What is kept of a policy's gain, in a line."""
    if math.isnan(row.kept_pct):
        return say(
            "{policy}, {scenario}: share kept {years} years after support: {reading}",
            policy=called.policy(row.policy),
            scenario=called.scenario(row.scenario),
            years=YEARS_AFTER,
            reading=say(row.reading),
        )
    low, high = (f"{end:.0f}" for end in row.interval)
    ends = "" if math.isnan(row.interval[0]) else say(" ({low} to {high}%)", low=low, high=high)
    return say(
        "{policy}, {scenario}: {kept}%{ends} of the domestic share won by FY{year} is kept {years} years after: "
        "{reading}",
        policy=called.policy(row.policy),
        scenario=called.scenario(row.scenario),
        kept=f"{row.kept_pct:.0f}",
        ends=ends,
        year=row.last_fiscal_year,
        years=row.years_after,
        reading=say(row.reading),
    )


def _show_variance_ratios(console: Console, comparison: Comparison, say: Words) -> None:
    """What the common random numbers bought, by outcome."""
    shown = [row for row in comparison.rows if not math.isnan(row.summary.variance_ratio) and row.summary.sd > 0.0]
    if not shown:
        return
    console.print(say("Var(independent difference) / Var(paired difference):"), highlight=False)
    called, many = called_in(comparison.study, say), len(comparison.study.scenarios) > 1
    for pick in comparison.study.outcomes:
        ratios = []
        for row in shown:
            if row.outcome == pick.text:
                policy, scenario, _ = called.all_of(row)
                whose = say("{policy} in {scenario}", policy=policy, scenario=scenario) if many else policy
                ratios.append(f"{whose} {number(row.summary.variance_ratio)}")
        if ratios:
            outcome = called.outcome(pick.text)
            console.print(f"  {outcome}: {', '.join(ratios)}", highlight=False, soft_wrap=True)


def _by_outcome(comparison: Comparison, scenario: str) -> list[ComparisonRow]:
    order = [pick.text for pick in comparison.study.outcomes]
    return sorted(
        (row for row in comparison.rows if row.scenario == scenario), key=lambda row: order.index(row.outcome)
    )


__all__ = ["comparison_record", "findings", "number", "sections", "show", "to_markdown", "write_reports"]
