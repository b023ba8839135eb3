"""Corners: does anything break where every parameter stands at one of its bounds?

Each run has a corner of all registered parameters (all at their highest, all at their lowest, or each at one of them
by lot), a start state, a scenario and a policy.  It may end in one of two ways: after its years, with the ledger closed
and every outcome in its declared range, or in a world that collapsed, which says of what.  Anything else is a fault.

::

    python -m itcho.experiments.evidence.corners --count 300 --years 10
"""

from __future__ import annotations

import argparse
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from itcho.agents.errors import InputError
from itcho.experiments.processes import in_processes
from itcho.experiments.progress import progress
from itcho.experiments.runs.run_spec import OPTION, RunSpec
from itcho.model.collapse import WorldCollapsed, declared_ranges
from itcho.model.ledger.checks import RELATIVE_TOLERANCE
from itcho.model.parameters import registry
from itcho.model.policies import POLICIES
from itcho.model.randomness import Streams
from itcho.model.scenarios import SCENARIOS
from itcho.model.sizes import number_mistakes
from itcho.model.start_states import available

End = Literal["finished", "collapsed", "broken"]
LOW, HIGH, DRAWN = "all-low", "all-high", "corner"
INVESTORS, IMPORTERS, ADOPTERS = 200, 60, 100
_BROKEN = 1


@dataclass(frozen=True)
class Corner:
    """A run to make.

    Attributes
    ----------
    name : ``all-low``, ``all-high`` or ``corner`` and its number; those of one number share their parameters.
    spec : what it runs.
    """

    name: str
    spec: RunSpec


@dataclass(frozen=True)
class CornerEnd:
    """How a run ended.

    Attributes
    ----------
    corner, start, scenario, policy, seed : what was run.
    end : finished, collapsed, or broken.
    months : closed.
    cause : outcome of a collapse, or exception and place of a fault; empty for a finished run.
    message : the whole of it.
    max_relative_residual : of the ledger; NaN where nothing was built.
    """

    corner: str
    start: str
    scenario: str
    policy: str
    seed: int
    end: End
    months: int
    cause: str
    message: str
    max_relative_residual: float


def corner_values(number: int, seed: int) -> dict[str, float]:
    """Every registered parameter at its lowest or highest value, by the lot of stream ``corners``."""
    high = Streams(seed).generator("corners", number).random(len(registry())) < 0.5
    known = registry().values()
    return {one.name: one.high if up else one.low for one, up in zip(known, high.tolist(), strict=True)}


def corners(count: int, seed: int, years: int) -> list[Corner]:
    """The runs: both ends under every start state and scenario, and ``count`` drawn corners.

    Policies and seeds take turns at the ends; drawn corners draw start state, scenario, policy and seed too.
    """
    starts, scenarios, policies = sorted(available()), sorted(SCENARIOS), sorted(POLICIES)
    usual = RunSpec(years=years, investors=INVESTORS, importers=IMPORTERS, adopters=ADOPTERS, seed=seed)
    ends = {
        LOW: {one.name: one.low for one in registry().values()},
        HIGH: {one.name: one.high for one in registry().values()},
    }
    found = []
    for name, values in ends.items():
        for turn, (start, scenario) in enumerate((start, scenario) for start in starts for scenario in scenarios):
            policy = policies[turn % len(policies)]
            spec = replace(usual, start=start, scenario=scenario, policy=policy, parameters=values)
            found.append(Corner(name, replace(spec, seed=seed + turn)))
    for number in range(count):
        draw = Streams(seed).generator("corners: worlds", number)
        start, scenario, policy = (names[draw.integers(len(names))] for names in (starts, scenarios, policies))
        spec = replace(usual, start=start, scenario=scenario, policy=policy, parameters=corner_values(number, seed))
        found.append(Corner(f"{DRAWN}-{number}", replace(spec, seed=int(draw.integers(1, 2**31)))))
    return found


def run_corner(corner: Corner) -> CornerEnd:
    """Run a corner to its end, whatever that is."""
    spec, economy = corner.spec, None
    asked = (corner.name, str(spec.start), str(spec.scenario), str(spec.policy), spec.seed)
    try:
        economy = spec.economy()
        economy.run()
        table = economy.monthly_table()
        for name, (low, high) in declared_ranges().items():
            wrong = table[name][~table[name].between(low, high)]
            if len(wrong):
                raise ArithmeticError(f"{name} = {wrong.iloc[0]:.6g} is outside [{low:g}, {high:g}]")
        if not economy.ledger.max_relative_residual <= RELATIVE_TOLERANCE:
            raise ArithmeticError(f"the ledger leaks {economy.ledger.max_relative_residual:.1e} of a gross flow")
    except WorldCollapsed as collapse:
        end, cause, message = "collapsed", collapse.outcome, str(collapse)
    except Exception as error:
        end, cause, message = "broken", f"{type(error).__name__} in {_place(error)}", f"{type(error).__name__}: {error}"
    else:
        end, cause, message = "finished", "", ""
    months, residual = (
        (0, math.nan) if economy is None else (len(economy.records.dates), float(economy.ledger.max_relative_residual))
    )
    return CornerEnd(*asked, end, months, cause, message, residual)  # type: ignore[arg-type]  # one of End


def _place(error: BaseException) -> str:
    """File and line where an exception came from."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"


def run_corners(
    todo: Sequence[Corner], workers: int = 2, on_done: Callable[[], None] = lambda: None
) -> list[CornerEnd]:
    """Run corners in processes; how each ended, in order."""
    return in_processes(run_corner, todo, workers, on_done)


def kind(corner: str) -> str:
    """What a corner counts as: ``all-low``, ``all-high`` or ``corner``."""
    return re.sub(r"-\d+$", "", corner)


def counts(ended: Sequence[CornerEnd]) -> dict[str, dict[str, int]]:
    """How many runs of each kind of corner ended how; and what the others ended in, most frequent first."""
    found: dict[str, dict[str, int]] = {}
    for name in (LOW, HIGH, DRAWN):
        ends = Counter(one.end for one in ended if kind(one.corner) == name)
        if ends:
            found[name] = {"runs": ends.total()} | {end: ends[end] for end in ("finished", "collapsed", "broken")}
    return found


def causes(ended: Sequence[CornerEnd]) -> dict[str, int]:
    """How often each cause ended a run, most frequent first."""
    return dict(Counter(f"{one.end}: {one.cause}" for one in ended if one.cause).most_common())


def _show(ended: Sequence[CornerEnd]) -> None:
    print(f"{'parameters':<12}{'runs':>7}{'finished':>10}{'collapsed':>11}{'broken':>8}")
    for name, row in counts(ended).items():
        print(f"{name:<12}{row['runs']:>7}{row['finished']:>10}{row['collapsed']:>11}{row['broken']:>8}")
    for cause, count in causes(ended).items():
        print(f"{count:>5}  {cause}")
    for one in ended:
        if one.end == "broken":
            print(
                f"BROKEN {one.corner}: start {one.start}, {one.scenario}, {one.policy}, seed {one.seed}, "
                f"after {one.months} months: {one.message}"
            )


def _json(ended: Sequence[CornerEnd]) -> str:
    def plain(one: CornerEnd) -> Mapping[str, object]:
        found = asdict(one)
        return found | {"max_relative_residual": found["max_relative_residual"] if one.months else None}

    record = {"counts": counts(ended), "causes": causes(ended), "runs": [plain(one) for one in ended]}
    return json.dumps(record, indent=1, allow_nan=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the corners, print how they ended; returns the exit code (1 if something broke)."""
    parser = argparse.ArgumentParser(prog="python -m itcho.experiments.evidence.corners", description=__doc__)
    parser.add_argument("--count", type=int, default=300, help="corners drawn by lot, beside all-low and all-high")
    parser.add_argument("--seed", type=int, default=1, help="of the lots")
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="print every run as JSON")
    given = parser.parse_args(arguments)
    spec = RunSpec(years=given.years, seed=given.seed)
    try:
        if mistakes := [*spec.mistakes(OPTION), *number_mistakes(OPTION, count=given.count, workers=given.workers)]:
            raise InputError(mistakes)
    except InputError as error:
        parser.error("; ".join(error.messages))
    todo = corners(given.count, given.seed, given.years)
    with progress(f"{len(todo)} corners of {given.years} years", len(todo)) as advance:
        ended = run_corners(todo, given.workers, advance)
    print(_json(ended)) if given.json else _show(ended)
    return _BROKEN if any(one.end == "broken" for one in ended) else 0


if __name__ == "__main__":
    raise SystemExit(main())
