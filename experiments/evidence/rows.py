"""Response targets and rest in seconds, without noise: the tool for work on the model's parts.

``python -m itcho.experiments.evidence.rows --start 2024-03-31 --set okun_coefficient=0.2`` runs every shock of the
response targets once against its twin, the yen's also turned round and halved, the quiet path with its displacements,
and prints a line for everything that is missed; ``--only facts --seeds 40`` asks for the facts of years and decades,
and for the bank's rule against a frozen rate.  The seeds' means of `itcho validate` are what counts in the end.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from itcho.agents.errors import InputError
from itcho.experiments.cli.errors import BAD_INPUT, show_mistakes
from itcho.experiments.evidence.respond import FloatArray, PairTask, make_pairs, year_responses
from itcho.experiments.evidence.response_targets import target_months, targets
from itcho.experiments.evidence.rest import DISPLACEMENTS, FOREIGN_ASSETS_PCT_GDP, Rest, come_to_rest
from itcho.experiments.evidence.stylised_facts import FactTask, estimate_facts
from itcho.experiments.evidence.validate import long_run_rows, rule_rows
from itcho.experiments.processes import in_processes
from itcho.experiments.runs.run_request import RunRequest
from itcho.model.sizes import DEFAULT_START
from itcho.model.start_states import load

TIMES = {-1.0: "yen-turned-round", 0.5: "yen-halved"}
"""Sizes of the yen's shock whose answer must be as many times the answer to the whole one."""
TIMES_TOLERANCE = 0.25
GDP = "real_gdp_trn_yen"
COUNT_MOST = tuple(f"T-{shock}-real-GDP" for shock in ("yen", "public-investment", "short-rate"))
TARGETS_THAT_COUNT_MOST = "targets of real GDP after yen, public investment and short rate"


@dataclass(frozen=True)
class Check:
    """One figure and where it must lie; what was not reached is not a number and not met.

    Attributes
    ----------
    id, value : the figure.
    low, high : where it must lie.
    group : what it is of: ``targets``, ``shape`` of responses, ``facts``, or ``rest`` and what was displaced.
    reached : whether the run was as long as it had to be.
    interval : 95% interval over seeds, where there is more than one.
    """

    id: str
    value: float
    low: float
    high: float
    group: str
    reached: bool = True
    interval: tuple[float, float] | None = None

    @property
    def met(self) -> bool:
        """Whether it was reached and lies there."""
        return self.reached and self.low <= self.value <= self.high


def target_checks(start: str, overrides: Mapping[str, float]) -> tuple[list[Check], dict[str, FloatArray]]:
    """The response targets without noise, and the answer of real GDP by shock and year, (5,).

    Raises
    ------
    RuntimeError : a run failed.
    """
    made = make_pairs(PairTask(1, target_months(), start=start, overrides=dict(overrides), noise=False))
    if made.failure:
        raise RuntimeError(made.failure)
    found = [
        Check(one.id, one.estimate([made.by_shock[one.shock]]).mean, one.low, one.high, "targets") for one in targets()
    ]
    return found, {name: year_responses(pair, GDP) for name, pair in made.by_shock.items()}


def shape_checks(start: str, overrides: Mapping[str, float], gdp: Mapping[str, FloatArray]) -> list[Check]:
    """What the bands leave open: that answers peak early, and that the yen's is in proportion to its shock.

    Parameters
    ----------
    start, overrides : as in ``PairTask``.
    gdp : answers of real GDP to the whole shocks of yen and public investment by year, (5,) each.

    Raises
    ------
    RuntimeError : a run failed.
    """
    yen, investment, low = gdp["yen"], gdp["public-investment"], float("-inf")
    found = [
        Check("yen-year-5-over-peak", float(yen[4] - yen[1:3].max()), low, 0.0, "shape"),
        Check("public-investment-year-5-over-1", float(investment[4] - investment[0]), low, 0.0, "shape"),
    ]
    for size, name in TIMES.items():
        months = {"yen": target_months()["yen"]}
        made = make_pairs(PairTask(1, months, start=start, overrides=dict(overrides), noise=False, size=size))
        if made.failure:
            raise RuntimeError(made.failure)
        ratios = year_responses(made.by_shock["yen"], GDP) / (size * yen)
        found += [
            Check(f"{name}-y{year}", ratio, 1.0 - TIMES_TOLERANCE, 1.0 + TIMES_TOLERANCE, "shape")
            for year, ratio in enumerate(ratios.tolist(), start=1)
        ]
    return found


def rests(start: str, overrides: Mapping[str, float], quiet_path_only: bool) -> dict[str, Rest]:
    """The quiet path (under an empty name), and unless it is wanted alone all displaced ones by name."""
    found = {"": come_to_rest(start, overrides=overrides)}
    if not quiet_path_only:
        for name in DISPLACEMENTS:
            found[name] = come_to_rest(start, displace=name, overrides=overrides)
        for pct_gdp in (FOREIGN_ASSETS_PCT_GDP, -FOREIGN_ASSETS_PCT_GDP):
            name = f"foreign-assets {pct_gdp:+g}"
            found[name] = come_to_rest(start, overrides=overrides, foreign_assets_pct_gdp=pct_gdp)
    return found


def rest_checks(found: Mapping[str, Rest]) -> list[Check]:
    """The criteria of rest, path by path."""
    return [
        Check(one.id, one.value, float("-inf"), one.limit, f"rest {name}".rstrip(), one.reached)
        for name, rest in found.items()
        for one in rest.criteria
    ]


def fact_checks(start: str, overrides: Mapping[str, float], seeds: int, workers: int) -> list[Check]:
    """The facts of years and decades over some seeds, and the bank's rule against a frozen rate over the same.

    Raises
    ------
    RuntimeError : a run failed.
    """
    both = [
        FactTask(seed, frozen_rate=frozen, start=start, overrides=dict(overrides))
        for frozen in (False, True)
        for seed in range(1, seeds + 1)
    ]
    runs = in_processes(estimate_facts, both, workers)
    if failed := [run for run in runs if run.failure]:
        raise RuntimeError(f"seed {failed[0].seed}: {failed[0].failure}")
    rows = [*long_run_rows(runs[:seeds]), *rule_rows(runs[:seeds], runs[seeds:])]
    return [
        Check(
            row.id,
            row.estimate.mean,
            row.low,
            row.high,
            "facts",
            interval=(row.estimate.low, row.estimate.high) if row.estimate.seeds > 1 else None,
        )
        for row in rows
    ]


def counts(checks: Sequence[Check]) -> dict[str, tuple[int, int]]:
    """How many checks of each group are met, and how many there are; of targets also those that count most."""
    found = {
        group: [one.met for one in checks if one.group == group] for group in dict.fromkeys(one.group for one in checks)
    }
    if most := [one.met for one in checks if one.id.startswith(COUNT_MOST)]:
        found[TARGETS_THAT_COUNT_MOST] = most
    return {group: (sum(met), len(met)) for group, met in found.items()}


def _where(check: Check) -> str:
    if math.isinf(check.low):
        return "at all" if math.isinf(check.high) else f"at most {check.high:g}"
    return f"above {check.low:g}" if math.isinf(check.high) else f"{check.low:g} to {check.high:g}"


def _text(checks: Sequence[Check], broke: Sequence[str], show_all: bool) -> str:
    lines = []
    for one in checks:
        if show_all or not one.met:
            where = _where(one)
            verdict = "met" if one.met else "missed" if one.reached else "not reached"
            place = "" if one.group in ("targets", "shape", "rest", "facts") else f" ({one.group})"
            span = f"   ({one.interval[0]:.3f} to {one.interval[1]:.3f})" if one.interval else ""
            lines.append(f"{one.id + place:<64}{one.value:9.3f}   {where:<18}{verdict}{span}")
    return "\n".join(
        [*lines, *broke, *(f"{group}: {met} of {total} met" for group, (met, total) in counts(checks).items())]
    )


def _json(checks: Sequence[Check], broke: Sequence[str]) -> str:
    def plain(value: float) -> float | None:
        return value if math.isfinite(value) else None

    rows = [
        {
            "id": one.id,
            "group": one.group,
            "value": plain(one.value),
            "low": plain(one.low),
            "high": plain(one.high),
            "met": one.met,
            "interval": list(one.interval) if one.interval else None,
        }
        for one in checks
    ]
    met = {group: {"met": met, "total": total} for group, (met, total) in counts(checks).items()}
    return json.dumps({"checks": rows, "groups": met, "broke": list(broke)}, indent=2, allow_nan=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what is missed, and how much is met; 2 for bad input."""
    parser = argparse.ArgumentParser(prog="python -m itcho.experiments.evidence.rows", description=__doc__)
    parser.add_argument("--start", default=DEFAULT_START, help="a start state's name, folder or TOML file")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="change a parameter")
    parser.add_argument("--only", choices=("targets", "rest", "facts"), help="one part; facts come with it alone")
    parser.add_argument(
        "--seeds", type=int, default=40, help="runs for facts, ten years each, with the rule and without"
    )
    parser.add_argument("--workers", type=int, default=2, help="processes for facts")
    parser.add_argument("--quiet-path", action="store_true", help="of rest only the quiet path, without displacements")
    parser.add_argument("--all", action="store_true", help="show also what is met")
    parser.add_argument("--json", action="store_true", help="print only JSON on standard output")
    given = parser.parse_args(arguments)
    try:
        differing = RunRequest(overrides=tuple(given.set)).resolved_parameters().differences()
        load(given.start)
    except InputError as error:
        show_mistakes(error)
        return BAD_INPUT
    overrides = {name: value for name, (_, value) in differing.items()}
    checks: list[Check] = []
    if given.only in (None, "targets"):
        of_targets, gdp = target_checks(given.start, overrides)
        checks += of_targets + shape_checks(given.start, overrides, gdp)
    broke = []
    if given.only in (None, "rest"):
        found = rests(given.start, overrides, given.quiet_path)
        broke = [
            f"{f'rest {name}'.rstrip()} broke down in {one.path.broke}" for name, one in found.items() if one.path.broke
        ]
        checks += rest_checks(found)
    if given.only == "facts":
        checks += fact_checks(given.start, overrides, given.seeds, given.workers)
    print(_json(checks, broke) if given.json else _text(checks, broke, given.all))
    return 0


if __name__ == "__main__":
    sys.exit(main())
