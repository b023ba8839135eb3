"""What matters: Morris screening of all registered parameters, in groups, then one by one in the groups that move.

``python -m itcho.experiments.evidence.screening`` runs it and writes ``docs/screening.md``; runs are kept in
``runs/screening`` and not made twice.  Three questions are put to small worlds:

1. Which **groups** of parameters move headline levels, and which move the effect of the programme?  All parameters of
   a group change together, each up or down by lot, along Morris's walks.
2. Which **parameters** do, inside the groups that move?
3. Which parameters **move nothing**: not the last bit of any outcome, at either end of their range, in any of
   :data:`WORLDS`?

What a step is held against is a step of next to nothing: one parameter changed by a millionth of its range.  A world
with thresholds answers to that too, and what moves an outcome no further cannot be told from it.

Sources: Morris, Technometrics 33 (1991); Campolongo, Cariboni and Saltelli, Environmental Modelling & Software 22
(2007), for mu* and for groups.
"""

from __future__ import annotations

import argparse
import csv
import importlib.resources
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from itcho.experiments.markdown import markdown_table
from itcho.experiments.progress import progress
from itcho.experiments.runs.places import RUNS
from itcho.experiments.studies.compare_report import number
from itcho.experiments.studies.design import Cell, morris_walks, run_cell
from itcho.experiments.studies.engine import Crew, Engine, Failure, LocalEngine
from itcho.experiments.studies.store import CellResult, CellStore, Collapse
from itcho.model.measure.outcomes import OUTCOMES
from itcho.model.parameters import registry
from itcho.model.policies import policy
from itcho.model.scenarios import scenario

FloatArray = NDArray[np.float64]
Values = Mapping[str, float]

HEADLINES = (
    "domestic_ai_share_home_pct",
    "productivity_gain_pct",
    "usdjpy_average",
    "gov_debt_to_gdp_pct",
    "real_gdp_trn_yen",
    "cpi_yoy_pct",
)
"""Outcomes of which levels and effects are screened, in the last fiscal year."""
REACH = 0.5
"""Part of the way from the registered value to a bound that a walk may go: at the bounds of everything at once, worlds
collapse."""
LEVELS = 4
SEED = 20260331
FLOOR = "next to nothing"
FLOOR_PARAMETER, FLOOR_STEP = "approval_mean_pct", 1e-6
MOVES = 2.0
"""How many times the floor an effect has to be before it counts as moving."""
SIZES = {"investors": 200, "importers": 60, "adopters": 100}
SMALLEST_GROUP = 3

WORLDS: tuple[tuple[str, str, str, int], ...] = (
    ("2026-03-31", "baseline", "actual", 2),
    ("2024-03-31", "tariff-deadlock", "chip-deal", 2),
    ("2026-03-31", "fiscal-doubt", "stop-loss", 4),
    ("2026-03-31", "ai-bust", "guarantee", 5),
    ("2026-03-31", "chip-supply-disruption", "equity-stake", 3),
)
"""Start state, scenario, policy and years of the worlds in which a parameter may show that it moves something."""


def groups() -> dict[str, tuple[str, ...]]:
    """Registered parameters by topic and the first words of their names; small groups of a topic stand together.

    Every parameter is in one group.
    """
    found: dict[str, list[str]] = {}
    members: dict[tuple[str, str], list[str]] = {}
    for topic, names in _topics().items():
        for name in names:
            words = name.split("_")
            head = "_".join(words[:2]) if words[0] == topic.split("_")[0] or topic == "ai" else words[0]
            members.setdefault((topic, head), []).append(name)
    for (topic, head), names in members.items():
        label = f"{topic}: {head}" if len(names) >= SMALLEST_GROUP else f"{topic}: others"
        found.setdefault(label, []).extend(names)
    return {label: tuple(names) for label, names in found.items()}


def _topics() -> dict[str, list[str]]:
    """Names of the parameters by the table that holds them."""
    found: dict[str, list[str]] = {}
    for table in sorted(importlib.resources.files("itcho.model.parameters").iterdir(), key=lambda one: one.name):
        if table.name.endswith(".csv"):
            rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
            found[table.name.removesuffix(".csv")] = [row["name"] for row in rows]
    return found


def value_at(name: str, share: float) -> float:
    """A parameter's value at a share of 0 to 1: a half is the registered value, the ends are ``REACH`` towards bounds.

    Examples
    --------
    >>> value_at("okun_coefficient", 0.5) == registry()["okun_coefficient"].value
    True
    """
    one = registry()[name]
    bound = one.low if share < 0.5 else one.high
    return min(max(one.value + REACH * abs(2.0 * share - 1.0) * (bound - one.value), one.low), one.high)


@dataclass(frozen=True)
class Walks:
    """Points of grouped walks.

    Attributes
    ----------
    names : of the groups; the last is the floor.
    shares : (walks × groups + 1 × groups).
    points : what differs from the registry at each point, (walks × groups + 1).
    """

    names: tuple[str, ...]
    shares: FloatArray
    points: tuple[tuple[Values, ...], ...]


def walks_over(members: Mapping[str, Sequence[str]], count: int, seed: int = SEED) -> Walks:
    """Morris's walks in which all parameters of a group move together, each up or down by lot."""
    rng = np.random.default_rng([seed, len(members)])
    names = (*members, FLOOR)
    shares = morris_walks(count, len(names), LEVELS, rng)
    points = []
    for walk in shares:
        turned = {name: rng.random() < 0.5 for group in members.values() for name in group}
        lines = []
        for line in walk:
            values = {
                name: value_at(name, 1.0 - share if turned[name] else share)
                for group, share in zip(members.values(), line[:-1], strict=True)
                for name in group
            }
            floor = registry()[FLOOR_PARAMETER]
            before = values.get(FLOOR_PARAMETER, floor.value)
            step = FLOOR_STEP * (floor.high - floor.low) * float(line[-1])
            values[FLOOR_PARAMETER] = before - step if before > floor.value else before + step
            lines.append(values)
        points.append(tuple(lines))
    return Walks(names, shares, tuple(points))


@dataclass(frozen=True)
class Screened:
    """What groups or parameters move.

    Attributes
    ----------
    names : of what was moved; the floor last.
    levels, effects : mean absolute elementary effects over the half range, (names × headlines); NaN without any.
    still : names of what moved no bit of any outcome, in any step.
    steps, lost : steps taken, and those of which a run collapsed or failed.
    """

    names: tuple[str, ...]
    levels: FloatArray
    effects: FloatArray
    still: tuple[str, ...]
    steps: int
    lost: int

    def moving(self) -> tuple[str, ...]:
        """Names of what moves a level or an effect by more than the floor does, the floor itself left out."""
        found = []
        for place, name in enumerate(self.names[:-1]):
            over = [bool((table[place] > MOVES * table[-1]).any()) for table in (self.levels, self.effects)]
            if any(over):
                found.append(name)
        return tuple(found)


def screen(
    walks: Walks, years: int, store: CellStore, engine: Engine, work: Callable[[Cell], object] = run_cell
) -> Screened:
    """Run the walks, each with the programme and without, and read the elementary effects."""
    arms = ("none", "actual")
    cells = [
        [[_cell("2026-03-31", "baseline", arm, years, 1 + place, point) for arm in arms] for point in walk]
        for place, walk in enumerate(walks.points)
    ]
    run_missing([cell for walk in cells for point in walk for cell in point], store, engine, work)
    there = store.keys()
    results = [
        [[store.read(cell.key) if cell.key in there else None for cell in point] for point in walk] for walk in cells
    ]
    sums = np.zeros((2, len(walks.names), len(HEADLINES)))
    counts, still, lost = np.zeros(len(walks.names)), set(walks.names), 0
    for walk, shares in zip(results, walks.shares, strict=True):
        for before, after, step in zip(walk, walk[1:], np.diff(shares, axis=0), strict=False):
            place = int(np.flatnonzero(step)[0])
            pair, other_pair = _pair(before), _pair(after)
            if pair is None or other_pair is None:
                lost += 1
                continue
            if any(not np.array_equal(one.by_year, other.by_year) for one, other in zip(pair, other_pair, strict=True)):
                still.discard(walks.names[place])
            first, second = _headlines(pair), _headlines(other_pair)
            change = np.abs(second - first) / abs(float(step[place]))
            # The level is that without the programme; the effect is what the programme changes.
            sums[0, place] += change[0]
            sums[1, place] += np.abs((second[1] - second[0]) - (first[1] - first[0])) / abs(float(step[place]))
            counts[place] += 1.0
    with np.errstate(invalid="ignore"):
        means = sums / counts[:, None]
    steps = walks.shares.shape[0] * (walks.shares.shape[1] - 1)
    return Screened(walks.names, means[0], means[1], tuple(name for name in walks.names if name in still), steps, lost)


def _pair(point: Sequence[CellResult | None]) -> tuple[CellResult, CellResult] | None:
    without, with_it = point
    return None if without is None or with_it is None else (without, with_it)


def _headlines(pair: tuple[CellResult, CellResult]) -> FloatArray:
    """Last fiscal year of the headline outcomes, (arms × headlines)."""
    return np.array([[one.by_year[-1, one.outcomes.index(name)] for name in HEADLINES] for one in pair])


def _cell(start: str, world: str, arm: str, years: int, seed: int, values: Values) -> Cell:
    known = registry()
    overrides = tuple(sorted((name, value) for name, value in values.items() if value != known[name].value))
    investors, importers, adopters = (SIZES[name] for name in ("investors", "importers", "adopters"))
    return Cell(scenario(world), policy(arm), seed, years, start, investors, importers, adopters, overrides)


def run_missing(cells: Sequence[Cell], store: CellStore, engine: Engine, work: Callable[[Cell], object]) -> None:
    """Make the runs that the store does not hold; what fails is kept as a failure and counts as lost."""
    settled = store.keys() | store.collapses().keys() | store.failures().keys()
    missing = {cell.key: cell for cell in cells if cell.key not in settled}
    if not missing:
        return
    with store.locked(), progress(f"{len(missing)} runs", len(missing)) as advance, Crew(engine, work) as crew:

        def keep(cell: Cell, outcome: object) -> None:
            if isinstance(outcome, Failure):
                store.fail(cell.key, {"seed": cell.seed}, outcome.error, outcome.trace)
            elif isinstance(outcome, Collapse):
                store.write_collapse(cell.key, outcome)
            else:
                assert isinstance(outcome, CellResult)
                store.write(cell.key, outcome)
            advance()

        crew.run(missing.values(), keep)


def moving_nothing(
    names: Sequence[str],
    store: CellStore,
    engine: Engine,
    work: Callable[[Cell], object] = run_cell,
    worlds: Sequence[tuple[str, str, str, int]] = WORLDS,
) -> tuple[str, ...]:
    """Parameters of which neither end of the range moves a bit of any outcome in any of the worlds.

    A parameter that has moved something is not asked again; a run that collapses or fails has moved something.
    """
    left = list(names)
    for start, world, arm, years in worlds:
        usual = _cell(start, world, arm, years, 1, {})
        asked = {
            name: [
                _cell(start, world, arm, years, 1, {name: end})
                for end in (registry()[name].low, registry()[name].high)
                if end != registry()[name].value
            ]
            for name in left
        }
        run_missing([usual, *(cell for cells in asked.values() for cell in cells)], store, engine, work)
        there = store.keys()
        found = store.read(usual.key)
        left = [
            name
            for name, cells in asked.items()
            if all(cell.key in there and np.array_equal(store.read(cell.key).by_year, found.by_year) for cell in cells)
        ]
    return tuple(left)


@dataclass(frozen=True)
class Screening:
    """All that the page says.

    Attributes
    ----------
    members : parameters by group.
    by_group, by_parameter : of groups, and of the parameters of the groups that move.
    nothing : parameters that move nothing.
    walks : of groups and of parameters.
    years : of their runs.
    """

    members: Mapping[str, tuple[str, ...]]
    by_group: Screened
    by_parameter: Screened
    nothing: tuple[str, ...]
    walks: tuple[int, int]
    years: int


def screening(walks: tuple[int, int], years: int, store: CellStore, engine: Engine) -> Screening:
    """Put the three questions."""
    members = groups()
    by_group = screen(walks_over(members, walks[0]), years, store, engine)
    chosen = {name: (name,) for group in by_group.moving() for name in members[group]}
    by_parameter = screen(walks_over(chosen, walks[1]), years, store, engine)
    nothing = moving_nothing(list(registry()), store, engine)
    return Screening(members, by_group, by_parameter, nothing, walks, years)


def page(found: Screening) -> str:
    """The page."""
    moving, chosen = found.by_group.moving(), found.by_parameter.moving()
    screened = len(found.by_parameter.names) - 1
    counts = [
        ["registered parameters", str(len(registry())), f"{len(found.members)} groups"],
        ["in groups that move a level or the effect", str(screened), f"{len(moving)} groups"],
        ["of these, parameters that move one themselves", str(len(chosen)), f"at {found.walks[1]} walks"],
        ["parameters that move no bit of anything", str(len(found.nothing)), f"in {len(WORLDS)} worlds, both ends"],
    ]
    lost = f"{found.by_group.lost} of {found.by_group.steps} steps of groups and {found.by_parameter.lost} of "
    lost += f"{found.by_parameter.steps} of parameters"
    nothing = [f"- `{name}`: {registry()[name].note or registry()[name].source}." for name in found.nothing]
    return _TEXT.format(
        reach=f"{100.0 * REACH:.0f}",
        walks=found.walks[0],
        walks_of_parameters=found.walks[1],
        years=found.years,
        sizes=", ".join(f"{size} {name}" for name, size in SIZES.items()),
        floor=FLOOR_PARAMETER,
        moves=f"{MOVES:g}",
        counts="\n".join(markdown_table(["what", "parameters", ""], counts)),
        levels=_table(found.by_group, found.by_group.levels, found.members),
        effects=_table(found.by_group, found.by_group.effects, found.members),
        parameters=_table(found.by_parameter, found.by_parameter.levels, None, 30),
        parameter_effects=_table(found.by_parameter, found.by_parameter.effects, None, 30),
        lost=lost,
        worlds="; ".join(f"{start}, `{world}`, `{arm}`, {years} years" for start, world, arm, years in WORLDS),
        nothing="\n".join(nothing) or "None.",
    )


def _table(
    found: Screened, values: FloatArray, members: Mapping[str, tuple[str, ...]] | None, most: int | None = None
) -> str:
    """Rows by how far they move anything, in floors; what does not move more than the floor is counted."""
    floor = np.where(values[-1] > 0.0, values[-1], np.nan)
    times = np.nan_to_num(values / floor).max(axis=1)
    order = [place for place in np.argsort(-times[:-1], kind="stable") if times[place] > MOVES]
    units = [f"{OUTCOMES[name].label} ({OUTCOMES[name].unit})" for name in HEADLINES]
    heads = ["group" if members else "parameter", *(["parameters"] if members else []), *units, "times the floor"]
    rows = []
    for place in order[:most]:
        name = found.names[place]
        cells = [name if members else f"`{name}`", *([str(len(members[name]))] if members else [])]
        shown = [
            f"**{number(value)}**" if value > MOVES * low else number(value)
            for value, low in zip(values[place].tolist(), values[-1].tolist(), strict=True)
        ]
        rows.append([*cells, *shown, f"{times[place]:.0f}"])
    rows.append([FLOOR, *([""] if members else []), *map(number, values[-1].tolist()), "1"])
    rest = len(found.names) - 1 - len(order[:most])
    return "\n".join([*markdown_table(heads, rows), f"{rest} others move less or no further than the floor allows."])


_TEXT = """<!-- Written by `python -m itcho.experiments.evidence.screening`; change that file, not this page. -->

# What matters, and what does not

Which of the model's parameters move what people ask of it? Screening by Morris's method: mean absolute elementary
effects, each over {reach}% of the way from the registered values to the bounds. {walks} walks over groups, then
{walks_of_parameters} over single parameters of the groups that move; every point is run with the programme and without
it, {years} years, {sizes}, all points of a walk with one seed. Lost because a world collapsed: {lost}.

```sh
python -m itcho.experiments.evidence.screening
```

A world with thresholds answers to a change of next to nothing: `{floor}` by a millionth of its range. That is the
floor; what counts as moving (bold) is more than {moves} times as far. So few walks rank and do not measure: a group at
ten floors matters, one at three may be luck.

{counts}
## Levels, by group

Without the programme, in the last fiscal year.

{levels}

## The effect of the programme, by group

{effects}

## Levels, by parameter

The thirty that move most.

{parameters}

## The effect of the programme, by parameter

{parameter_effects}

## Parameters that move nothing

Not the last bit of any outcome, at either end of the range, one at a time, in any of these worlds: {worlds}. Some may
act in a world that is not among them; the others are numbers that the model carries and does not need.

{nothing}
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the screening and write its page; 0."""
    parser = argparse.ArgumentParser(prog="python -m itcho.experiments.evidence.screening", description=__doc__)
    parser.add_argument("--walks", type=int, default=4, help="walks over groups")
    parser.add_argument("--walks-of-parameters", type=int, default=2, help="walks over parameters of groups that move")
    parser.add_argument("--years", type=int, default=5)
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--store", type=Path, default=RUNS / "screening", help="folder of the runs")
    parser.add_argument("--out", type=Path, default=Path("docs") / "screening.md")
    given = parser.parse_args(arguments)
    if min(given.walks, given.walks_of_parameters, given.years) < 1:
        parser.error("walks and years must be whole numbers of at least 1")
    found = screening(
        (given.walks, given.walks_of_parameters), given.years, CellStore(given.store), LocalEngine(given.workers)
    )
    given.out.write_text(page(found), encoding="utf-8")
    print(f"{given.out}: {len(found.nothing)} of {len(registry())} parameters move nothing")
    return 0


if __name__ == "__main__":
    sys.exit(main())
