"""``python -m benchmarks``: a table of ratios, each measured in this run, and the goals met or missed."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import agent_rules, whole_runs


@dataclass(frozen=True)
class Goal:
    """A goal of the design, and what was measured.

    Attributes
    ----------
    what, unit : what is measured.
    goal, measured : at most, or with ``at_least`` at least.
    """

    what: str
    unit: str
    goal: float
    measured: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the goal was met."""
        return self.measured >= self.goal if self.at_least else self.measured <= self.goal

    @property
    def line(self) -> str:
        """Met or missed, and by how much."""
        ratio = self.measured / self.goal if self.at_least else self.goal / max(self.measured, 1e-12)
        return f"met ({ratio:.1f} times better)" if self.met else f"missed (by {1.0 / ratio:.2f} times)"


def rule_times(sizes: tuple[int, ...], mesa_up_to: int) -> list[agent_rules.RuleTimes]:
    """Every rule at every size; plain Mesa agents are left out above ``mesa_up_to``."""
    rules = (agent_rules.investor_sessions, agent_rules.adopter_months, agent_rules.importer_months)
    found = []
    for size in sizes:
        for rule in rules:
            say(f"{rule.__name__}, {size:,} agents")
            found.append(rule(size, with_mesa=size <= mesa_up_to))
    return found


def say(text: str) -> None:
    """Progress, on standard error."""
    print(f"benchmarks: {text}", file=sys.stderr, flush=True)


def measure(quick: bool) -> dict[str, Any]:
    """All measurements, as plain JSON types."""
    sizes = (1_000, 100_000) if quick else (1_000, 100_000, 1_000_000)
    times = rule_times(sizes, 100_000 if quick else 1_000_000)
    say("36 months")
    path = whole_runs.path_seconds(36, 2 if quick else 5)
    build = whole_runs.construction_seconds()
    say("contracts")
    contracts = whole_runs.contract_cost()
    say("growth of cost")
    grows = [
        whole_runs.growth("investors", (2_000, 50_000, 200_000) if quick else (2_000, 100_000, 1_000_000)),
        whole_runs.growth("importers", (300, 3_000, 10_000)),
        whole_runs.growth("adopters", (1_000, 10_000, 40_000) if quick else (1_000, 20_000, 200_000)),
        whole_runs.growth("months", (12, 60, 120)),
    ]
    say("start-up")
    help_cost = whole_runs.process_cost("--help", repeats=3)
    alone = ("run", "--seed", "7", "--out", "run")
    default = whole_runs.process_cost(*alone, repeats=2 if quick else 5)
    first = whole_runs.process_cost(*alone, first=True)
    pairs = whole_runs.process_cost("run", "--out", "run", repeats=1 if quick else 3)
    runs = 10 if quick else 60
    say("ensembles")
    one, two = (whole_runs.ensemble_runs_per_second(workers, runs) for workers in (1, 2))
    hundred_thousand = next(t for t in times if t.rule.startswith("investors") and t.agents > 90_000)
    goals = [
        Goal("36 months, default populations, one core", "s", 0.04, path),
        Goal(
            "times fewer ns per agent and session than plain Mesa agents, 100,000 investors", "times", 150.0,
            (hundred_thousand.mesa or 0.0) / hundred_thousand.model, at_least=True,
        ),
        Goal("contracts' part of a default month", "share", 0.15, contracts.share_of_month),
        Goal("100,000 contracts, ten years", "s", 10.0, contracts.ten_years_seconds),
        Goal("1,000 default ten-year runs on two cores", "s", 90.0, 1000.0 / two),
        Goal("itcho --help", "s", 0.3, help_cost.seconds),
        Goal("the first itcho run of one world, which compiles", "s", 15.0, first.seconds),
        Goal("a later itcho run of one world", "s", 3.0, default.seconds),
        Goal("itcho run: 40 pairs of worlds on two cores", "s", 15.0, pairs.seconds),
    ]  # fmt: skip
    found: dict[str, Any] = {
        "rules": [
            {
                "rule": t.rule,
                "agents": t.agents,
                "model_ns": t.model,
                "mesa_ns": t.mesa,
                "numpy_ns": t.numpy,
                "floor_ns": t.floor,
                "times_faster_than_mesa": None if t.mesa is None else t.mesa / t.model,
                "times_faster_than_numpy": t.numpy / t.model,
                "share_of_floor": t.floor / t.model,
            }
            for t in times
        ],
        "path_36_months_seconds": path,
        "rival_12_quarters_seconds": whole_runs.RIVAL_SECONDS,
        "construction_seconds": build,
        "growth": [{"what": g.what, "sizes": g.sizes, "seconds": g.seconds, "exponent": g.exponent} for g in grows],
        "help_seconds": help_cost.seconds,
        "first_run_seconds": first.seconds,
        "pairs_seconds": pairs.seconds,
        "run": {"seconds": default.seconds, "peak_megabytes": default.peak_megabytes},
        "runs_per_second": {"1": one, "2": two},
    }
    if not quick:
        say("a million investors for ten years")
        million = whole_runs.process_cost("run", "--investors", "1000000", "--out", "run")
        each = (million.peak_megabytes - default.peak_megabytes) * 1024.0**2 / 1e6
        found["million_investors"] = {
            "seconds": million.seconds,
            "peak_megabytes": million.peak_megabytes,
            "bytes_per_investor": each,
        }
        goals.append(Goal("1,000,000 investors, ten years with all outputs", "s", 60.0, million.seconds))
        goals.append(Goal("memory above the default run", "bytes per investor", 300.0, each))
        say("memory over 300 runs")
        early, late = whole_runs.megabytes_over_runs(300)
        found["memory_megabytes"] = {"after_30_runs": early, "after_300_runs": late}
    found["goals"] = [
        {
            "what": goal.what, "unit": goal.unit, "goal": goal.goal, "measured": goal.measured, "met": goal.met,
            "line": goal.line,
        }
        for goal in goals
    ]  # fmt: skip
    return found


def show(found: dict[str, Any]) -> None:
    """The tables."""
    console = Console(width=None if sys.stdout.isatty() else 120)
    table = Table(title="One agent's decision: nanoseconds, and ratios on the same work in this run")
    for column in ("rule", "agents", "model", "Mesa", "numpy", "floor", "× Mesa", "× numpy", "% of floor speed"):
        table.add_column(column, justify="left" if column == "rule" else "right")
    for row in found["rules"]:
        mesa = "–" if row["mesa_ns"] is None else f"{row['mesa_ns']:,.0f}"
        faster = "–" if row["mesa_ns"] is None else f"{row['times_faster_than_mesa']:,.0f}"
        table.add_row(
            row["rule"], f"{row['agents']:,}", f"{row['model_ns']:.1f}", mesa, f"{row['numpy_ns']:.1f}",
            f"{row['floor_ns']:.1f}", faster, f"{row['times_faster_than_numpy']:.1f}",
            f"{100.0 * row['share_of_floor']:.0f}",
        )  # fmt: skip
    console.print(table)
    table = Table(title="What grows how")
    for column in ("with", "sizes", "seconds", "exponent"):
        table.add_column(column)
    for row in found["growth"]:
        table.add_row(
            row["what"],
            " ".join(f"{size:,}" for size in row["sizes"]),
            " ".join(f"{seconds:.3f}" for seconds in row["seconds"]),
            f"{row['exponent']:.2f}",
        )
    console.print(table)
    console.print(
        f"36 months: {found['path_36_months_seconds']:.3f} s; a published rival takes "
        f"{found['rival_12_quarters_seconds']:.3f} s for 12 quarters. Construction: "
        f"{found['construction_seconds']:.3f} s. Runs a second: {found['runs_per_second']['1']:.1f} with one worker, "
        f"{found['runs_per_second']['2']:.1f} with two. A default run holds {found['run']['peak_megabytes']:.0f} MB."
    )
    table = Table(title="Goals")
    for column in ("what", "goal", "measured", ""):
        table.add_column(column)
    for goal in found["goals"]:
        table.add_row(goal["what"], f"{goal['goal']:g} {goal['unit']}", f"{goal['measured']:.3g}", goal["line"])
    console.print(table)


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print only JSON on standard output")
    parser.add_argument("--quick", action="store_true", help="small sizes, about a minute")
    arguments = parser.parse_args()
    found = measure(arguments.quick)
    if arguments.json:
        print(json.dumps(found, indent=2))
    else:
        show(found)


if __name__ == "__main__":
    main()
