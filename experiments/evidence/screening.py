"""What matters: Morris screening of all registered parameters, in groups, then one by one in the groups that move.

``python -m itcho.experiments.evidence.screening`` runs it and writes ``docs/screening.md``; runs are kept in
``runs/screening`` and not made twice.  Three questions are put to small worlds:

1. Which **groups** of parameters move headline levels, and which move the effect of the programme?  All parameters of
   a group change together, each up or down by lot, along Morris's walks.
2. Which **parameters** do, inside the groups that move?
3. Which parameters **move nothing**: not the last bit of any outcome, at either end of their range, in any of
   :data:`WORLDS`?

What an effect is held against is twice the **floor**, what a change of next to nothing does (one parameter by a
millionth of its range: a world with thresholds answers to that too), and the outcome's smallest effect of interest.
What moves an outcome no further than both does not count.

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
from itcho.model.version import MODEL_VERSION

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
FLOOR_PARAMETER, FLOOR_STEP = "okun_coefficient", 1e-6
MOVES = 2.0
"""How many times the floor an effect has to be before it counts as moving."""
SIZES = {"investors": 200, "importers": 60, "adopters": 100}
SMALLEST_GROUP = 3

WORLDS: tuple[tuple[str, str, str, int], ...] = (
    ("2026-03-31", "baseline", "actual", 1),
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
    names : of the groups.
    shares : (walks × groups + 1 × groups).
    points : what differs from the registry at each point, (walks × groups + 1).
    """

    names: tuple[str, ...]
    shares: FloatArray
    points: tuple[tuple[Values, ...], ...]


def walks_over(members: Mapping[str, Sequence[str]], count: int, seed: int = SEED) -> Walks:
    """Morris's walks in which all parameters of a group move together, each up or down by lot."""
    rng = np.random.default_rng([seed, len(members)])
    names = tuple(members)
    shares = morris_walks(count, len(names), LEVELS, rng)
    points = []
    for walk in shares:
        turned = {name: rng.random() < 0.5 for group in members.values() for name in group}
        lines = []
        for line in walk:
            lines.append(
                {
                    name: value_at(name, 1.0 - share if turned[name] else share)
                    for group, share in zip(members.values(), line, strict=True)
                    for name in group
                }
            )
        points.append(tuple(lines))
    return Walks(names, shares, tuple(points))


@dataclass(frozen=True)
class Screened:
    """What groups or parameters move.

    Attributes
    ----------
    names : of what was moved.
    levels, effects : mean absolute elementary effects over the half range, (names × headlines); NaN without any.
    level_limits, effect_limits : beyond which they count, (headlines,).
    still : names of what moved no bit of any outcome, in any step.
    steps, lost : steps taken, and those of which a run collapsed or failed.
    """

    names: tuple[str, ...]
    levels: FloatArray
    effects: FloatArray
    level_limits: FloatArray
    effect_limits: FloatArray
    still: tuple[str, ...]
    steps: int
    lost: int

    def moving(self) -> tuple[str, ...]:
        """Names of what moves a level or an effect by more than its limit."""
        over = (self.levels > self.level_limits).any(axis=1) | (self.effects > self.effect_limits).any(axis=1)
        return tuple(self.names[place] for place in np.flatnonzero(over))


def screen(
    walks: Walks, years: int, store: CellStore, engine: Engine, work: Callable[[Cell], object] = run_cell
) -> Screened:
    """Run the walks, each with the programme and without, and read the elementary effects."""
    cells = [[_pair_of(point, years, 1 + place) for point in walk] for place, walk in enumerate(walks.points)]
    nudged = [
        [_pair_of(point, years, 1 + place), _pair_of(_nudged(point), years, 1 + place)]
        for place, walk in enumerate(walks.points)
        for point in (walk[0], walk[len(walk) // 2], walk[-1])
    ]
    wanted = [cell for walk in (*cells, *nudged) for pair in walk for cell in pair]
    run_missing(wanted, store, engine, work)
    there = store.keys()
    results, least = (
        [[[store.read(cell.key) if cell.key in there else None for cell in pair] for pair in walk] for walk in every]
        for every in (cells, nudged)
    )
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
            sums[:, place] += _moved(pair, other_pair) / abs(float(step[place]))
            counts[place] += 1.0
    with np.errstate(invalid="ignore"):
        means = sums / counts[:, None]
    smallest = np.array([OUTCOMES[name].smallest_effect.size for name in HEADLINES])
    limits = np.maximum(smallest, MOVES * _floor(least))
    steps = walks.shares.shape[0] * (walks.shares.shape[1] - 1)
    quiet = tuple(name for name in walks.names if name in still)
    return Screened(walks.names, means[0], means[1], limits[0], limits[1], quiet, steps, lost)


def _moved(before: tuple[CellResult, CellResult], after: tuple[CellResult, CellResult]) -> FloatArray:
    """What a step changes: levels without the programme, and what the programme changes, (2 × headlines)."""
    first, second = _headlines(before), _headlines(after)
    return np.abs(np.stack([second[0] - first[0], (second[1] - second[0]) - (first[1] - first[0])]))


def _floor(nudged: Sequence[Sequence[Sequence[CellResult | None]]]) -> FloatArray:
    """What a change of next to nothing does, at the rate of a step, (2 × headlines); zero where no run is whole."""
    step = LEVELS / 2.0 / (LEVELS - 1.0)
    pairs = [(_pair(before), _pair(after)) for before, after in nudged]
    found = [_moved(before, after) for before, after in pairs if before is not None and after is not None]
    return np.mean(found, axis=0) / step if found else np.zeros((2, len(HEADLINES)))


def _nudged(point: Values) -> Values:
    """A point with one parameter changed by next to nothing, away from the nearer bound."""
    one = registry()[FLOOR_PARAMETER]
    value = point.get(FLOOR_PARAMETER, one.value)
    step = FLOOR_STEP * (one.high - one.low)
    return {**point, FLOOR_PARAMETER: value + step if value - one.low < one.high - value else value - step}


def _pair_of(point: Values, years: int, seed: int) -> tuple[Cell, Cell]:
    """A point without the programme and with it."""
    without, with_it = (_cell("2026-03-31", "baseline", arm, years, seed, point) for arm in ("none", "actual"))
    return without, with_it


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
    by_group, by_parameter : of groups, and of the parameters of the groups that move; None without walks over them.
    nothing : parameters that move nothing.
    walks : of groups and of parameters.
    years : of their runs.
    """

    members: Mapping[str, tuple[str, ...]]
    by_group: Screened
    by_parameter: Screened | None
    nothing: tuple[str, ...]
    walks: tuple[int, int]
    years: int


def screening(walks: tuple[int, int], years: int, store: CellStore, engine: Engine) -> Screening:
    """Put the three questions."""
    members = groups()
    by_group = screen(walks_over(members, walks[0]), years, store, engine)
    chosen = {name: (name,) for group in by_group.moving() for name in members[group]}
    by_parameter = screen(walks_over(chosen, walks[1]), years, store, engine) if walks[1] else None
    nothing = moving_nothing(list(registry()), store, engine)
    return Screening(members, by_group, by_parameter, nothing, walks, years)


def page(found: Screening) -> str:
    """The page."""
    moving, single = found.by_group.moving(), found.by_parameter
    inside = sum(len(found.members[group]) for group in moving)
    still = [group for group in found.by_group.names if group in found.by_group.still]
    counts = [
        ["registered parameters", str(len(registry())), f"{len(found.members)} groups"],
        ["in groups that move a level or the effect", str(inside), f"{len(moving)} groups"],
        ["in groups that move nothing here, to the last bit", str(sum(len(found.members[one]) for one in still)),
         ", ".join(still) or "no group"],
        *([["that move a level or the effect themselves", str(len(single.moving())), ""]] if single else []),
        ["that move no bit of anything", str(len(found.nothing)), f"in {len(WORLDS)} worlds, at both ends"],
    ]  # fmt: skip
    lost = sum(one.lost for one in (found.by_group, single) if one is not None)
    tables = [] if single is None else [
        "## Levels, by parameter", _table(single, single.levels, single.level_limits, None, 30),
        "## The effect of the programme, by parameter",
        _table(single, single.effects, single.effect_limits, None, 30),
    ]  # fmt: skip
    nothing = [f"- `{name}`: {registry()[name].note or registry()[name].source}." for name in found.nothing]
    return _TEXT.format(
        version=MODEL_VERSION,
        reach=f"{100.0 * REACH:.0f}",
        walks=found.walks[0],
        single=f", then {found.walks[1]} over single parameters of the groups that move" if single else "",
        years=found.years,
        sizes=", ".join(f"{size} {name}" for name, size in SIZES.items()),
        floor=FLOOR_PARAMETER,
        moves=f"{MOVES:g}",
        counts="\n".join(markdown_table(["", "parameters", ""], counts)),
        levels=_table(found.by_group, found.by_group.levels, found.by_group.level_limits, found.members),
        effects=_table(found.by_group, found.by_group.effects, found.by_group.effect_limits, found.members),
        parameters="".join(f"{text}\n\n" for text in tables),
        lost=lost,
        worlds="; ".join(f"{start}, `{world}`, `{arm}`, {years} years" for start, world, arm, years in WORLDS),
        nothing="\n".join(nothing) or "None.",
    )


def _table(
    found: Screened,
    values: FloatArray,
    limits: FloatArray,
    members: Mapping[str, tuple[str, ...]] | None,
    most: int | None = None,
) -> str:
    """Rows by how many times their limit they move anything; the others are counted."""
    times = np.nan_to_num(values / limits).max(axis=1)
    order = [place for place in np.argsort(-times, kind="stable").tolist() if times[place] > 1.0]
    units = [f"{OUTCOMES[name].label} ({OUTCOMES[name].unit})" for name in HEADLINES]
    heads = ["group" if members else "parameter", *(["parameters"] if members else []), *units, "times the limit"]
    rows = [["*counts beyond*", *([""] if members else []), *map(number, limits.tolist()), "1"]]
    for place in order[:most]:
        name = found.names[place]
        cells = [name if members else f"`{name}`", *([str(len(members[name]))] if members else [])]
        shown = [
            f"**{number(value)}**" if value > limit else number(value)
            for value, limit in zip(values[place].tolist(), limits.tolist(), strict=True)
        ]
        rows.append([*cells, *shown, f"{times[place]:.1f}"])
    rest = len(found.names) - len(order[:most])
    return "\n".join([*markdown_table(heads, rows), f"{rest} others move less." if most else f"{rest} others do not."])


_TEXT = """<!-- Written by `python -m itcho.experiments.evidence.screening`; change that file, not this page. -->

# What matters, and what does not

Which of the model's parameters move what people ask of it? Made with model version {version}, whose parameters it
names. Screening by Morris's method: mean absolute elementary effects, over {reach}% of the way from the
registered values to the bounds. {walks} walks over groups{single}; every
point is run with the programme and without it, {years} years, {sizes}, all points of a walk with one seed. Steps lost
because a world collapsed: {lost}.

```sh
python -m itcho.experiments.evidence.screening
```

A world with thresholds answers to a change of next to nothing: `{floor}` by a millionth of its range. What counts as
moving (bold) goes beyond {moves} times that, and beyond the [smallest effect of interest](outcomes.md). So few walks
rank and do not measure: a group at ten times the limit matters, one at one and a half may be luck.

Version 4 had 610 parameters, of which 11 are gone; 152 came with the systems of the debate since (failures, the boom's
finance, politics, super-longs, power, readiness). What moves nothing is listed below and mostly waits for a policy or a
scenario that asks for it.

{counts}
## Levels, by group

Without the programme, in the last fiscal year.

{levels}

## The effect of the programme, by group

{effects}

{parameters}## Parameters that move nothing

Not the last bit of any outcome, at either end of the range, one at a time, in any of these worlds: {worlds}. Most
are limits that do not bind there, and shares that measures of the graph alone read; before one is taken out, ask what
it is for.

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
    if min(given.walks, given.years) < 1 or given.walks_of_parameters < 0:
        parser.error("walks and years must be whole numbers of at least 1; --walks-of-parameters may be 0")
    found = screening(
        (given.walks, given.walks_of_parameters), given.years, CellStore(given.store), LocalEngine(given.workers)
    )
    given.out.write_text(page(found), encoding="utf-8")
    print(f"{given.out}: {len(found.nothing)} of {len(registry())} parameters move nothing")
    return 0


if __name__ == "__main__":
    sys.exit(main())
