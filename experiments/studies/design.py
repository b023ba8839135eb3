"""What a study runs: cells, the points of its uncertain parameters, and the order of the runs.

A **replicate** is a point of the design with a seed of its own: all policies and scenarios of a replicate share both,
so differences between policies are paired.  Seeds belong to replicates and never to single runs.

The points of a **sensitivity design** come in rows that belong together: a Saltelli row is A, B and A with each column
of B in turn, a Morris row is a walk that changes one parameter at a time.  Seeds belong to the row: all its points
share them, or noise would pass for an effect of the parameters.  Different rows, and the different points of all other
designs, have different seeds and are independent of each other.

Sources: Saltelli et al., Computer Physics Communications 181 (2010), for the rows of A, B and AB; Morris,
Technometrics 33 (1991), for the walks.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from itcho.agents.behaviours import AS_MODELLED, Behaviours
from itcho.experiments.runs.rules_file import digest_of
from itcho.experiments.runs.run_spec import RunSpec
from itcho.experiments.studies.store import KEY_LENGTH, SCHEMA, CellResult, Collapse, canonical, content_key
from itcho.model.parameters import Parameters
from itcho.model.parameters.registry import Parameter, registry
from itcho.model.sizes import (
    DEFAULT_ADOPTERS,
    DEFAULT_IMPORTERS,
    DEFAULT_INVESTORS,
    DEFAULT_START,
    DEFAULT_YEARS,
)
from itcho.model.version import MODEL_VERSION

if TYPE_CHECKING:
    from itcho.model.policies import Policy
    from itcho.model.scenarios import Scenario

DesignKind = Literal["none", "grid", "latin-hypercube", "sobol", "saltelli", "morris"]
DESIGNS: tuple[str, ...] = ("grid", "latin-hypercube", "sobol", "saltelli", "morris")
SENSITIVITY_DESIGNS = ("saltelli", "morris")
DISTRIBUTIONS = ("uniform", "log-uniform")
_LABELS = ("name", "label", "description", "evidence")


@dataclass(frozen=True)
class UncertainParameter:
    """A parameter that is not known for sure.

    Attributes
    ----------
    name : of the parameter.
    low, high : its range, within the parameter's own bounds.
    distribution : one of :data:`DISTRIBUTIONS`.
    """

    name: str
    low: float
    high: float
    distribution: str = "uniform"

    def at(self, share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values at the quantiles ``share`` (0 to 1)."""
        if self.distribution == "log-uniform":
            values = self.low * (self.high / self.low) ** share
        else:
            values = self.low + (self.high - self.low) * share
        # Rounding must not carry a value across a bound of the parameter.
        return np.clip(values, self.low, self.high)


@dataclass(frozen=True)
class Design:
    """How the space of uncertain parameters is covered.

    Attributes
    ----------
    kind : ``none`` (one point), ``grid`` (``points`` levels of each parameter, ends included), ``latin-hypercube`` or
        ``sobol`` (``points`` points in all), ``saltelli`` (``points`` rows of parameters + 2 points) or ``morris``
        (``points`` walks of parameters + 1 points).
    points : see ``kind``.
    seed : of the design itself.
    levels : of each parameter in a Morris design, an even number.
    """

    kind: DesignKind = "none"
    points: int = 1
    seed: int = 1
    levels: int = 4

    def row_length(self, parameters: int) -> int:
        """How many points belong together and share their seeds."""
        return parameters + {"saltelli": 2, "morris": 1}[self.kind] if self.kind in SENSITIVITY_DESIGNS else 1

    def size(self, parameters: int) -> int:
        """How many points there are for so many parameters."""
        if self.kind == "none" or parameters == 0:
            return 1
        if self.kind == "grid":
            return int(self.points**parameters)
        return self.points * self.row_length(parameters)

    def shares(self, parameters: int) -> NDArray[np.float64]:
        """Quantiles of each point, (points × parameters)."""
        if self.kind == "none" or parameters == 0:
            return np.empty((1, 0))
        if self.kind == "grid":
            levels = np.linspace(0.0, 1.0, self.points) if self.points > 1 else np.array([0.5])
            return np.array(list(itertools.product(levels, repeat=parameters)))
        rng = np.random.default_rng(self.seed)
        if self.kind == "morris":
            return morris_walks(self.points, parameters, self.levels, rng).reshape(-1, parameters)
        from scipy.stats import qmc  # slow to import

        if self.kind == "saltelli":
            return saltelli_rows(self.points, parameters, rng).reshape(-1, parameters)
        kind = qmc.LatinHypercube if self.kind == "latin-hypercube" else qmc.Sobol
        # `seed` is what releases before 1.15 call it, and later ones still take it.
        return np.asarray(kind(parameters, seed=rng).random(self.points), dtype=np.float64)


def saltelli_rows(rows: int, parameters: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Rows A, B, AB_1, AB_2, ...: AB_j is A with its column j taken from B; A and B are halves of one Sobol sequence.

    Parameters
    ----------
    rows : a power of two.

    Returns
    -------
    Quantiles, (rows × parameters + 2 × parameters).
    """
    from scipy.stats import qmc  # slow to import

    both = np.asarray(qmc.Sobol(2 * parameters, seed=rng).random(rows), dtype=np.float64)
    first, second = both[:, :parameters], both[:, parameters:]
    mixed = np.repeat(first[:, None], parameters, axis=1)
    every = np.arange(parameters)
    mixed[:, every, every] = second
    return np.concatenate([first[:, None], second[:, None], mixed], axis=1)


def morris_walks(walks: int, parameters: int, levels: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Walks over a grid of ``levels`` levels that change each parameter once, in random order and direction.

    Returns
    -------
    Quantiles, (walks × parameters + 1 × parameters).
    """
    low = rng.integers(0, levels // 2, size=(walks, parameters))
    upwards = rng.random((walks, parameters)) < 0.5
    turn = rng.permuted(np.tile(np.arange(parameters), (walks, 1)), axis=1)  # when each parameter's turn comes
    moved = np.arange(parameters + 1)[None, :, None] > turn[:, None, :]
    place = np.where(moved == upwards[:, None, :], (low + levels // 2)[:, None, :], low[:, None, :])
    return np.asarray(place / (levels - 1.0), dtype=np.float64)


def design_points(design: Design, uncertain: Sequence[UncertainParameter]) -> list[dict[str, float]]:
    """Values of the uncertain parameters at each point of the design."""
    shares = design.shares(len(uncertain))
    columns = [parameter.at(shares[:, place]) for place, parameter in enumerate(uncertain)]
    return [
        {parameter.name: float(column[row]) for parameter, column in zip(uncertain, columns, strict=True)}
        for row in range(len(shares))
    ]


@dataclass(frozen=True)
class Cell:
    """One run: everything that determines it.

    Attributes
    ----------
    scenario, policy : as bound before the first month; what they are called does not matter.
    seed, years, start, investors, importers, adopters : as in ``JapanEconomy``.
    overrides : parameters that differ from their default, sorted by name.
    without : channels of the economy that are off, sorted by name.
    behaviours : functions of the user's own in the place of the model's behaviours.
    """

    scenario: Scenario
    policy: Policy
    seed: int
    years: int = DEFAULT_YEARS
    start: str = DEFAULT_START
    investors: int = DEFAULT_INVESTORS
    importers: int = DEFAULT_IMPORTERS
    adopters: int = DEFAULT_ADOPTERS
    overrides: tuple[tuple[str, float], ...] = field(default=())
    without: tuple[str, ...] = ()
    behaviours: Behaviours = AS_MODELLED

    @cached_property
    def key(self) -> str:
        """The key of its result in a store.

        The names of scenario, policy and start state are left out, their contents are in; so are all parameters, the
        names of the outcomes, the version of the model and the channels that are off, if any are.
        """
        return cell_key(self.world_key(), parameters_key(self.overrides, self.start), self.seed)

    def world_key(self) -> str:
        """The part of the key that neither the seed nor the parameters change."""
        sizes = (self.years, self.investors, self.importers, self.adopters)
        named = (_label_free_key(_Same(one)) for one in (self.scenario, self.policy))
        code = [content_key(_code_of(self.behaviours))] if self.behaviours.replaced else []
        return " ".join((*named, _common(self.start, sizes), *self.without, *code))

    def __hash__(self) -> int:
        return hash(self.key)

    def __getstate__(self) -> dict[str, Any]:
        # The key is not sent to workers: they have no use for it.
        return {name: value for name, value in vars(self).items() if name != "key"}

    def spec(self) -> RunSpec:
        """The run as others ask for it, with all channels on."""
        given = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        del given["without"]
        return RunSpec(parameters=dict(given.pop("overrides")), **given)

    def described(self) -> dict[str, Any]:
        """What a reader needs to know of it."""
        names = {"scenario": self.scenario.name, "policy": self.policy.name, "overrides": dict(self.overrides)}
        names |= {"without": list(self.without)} if self.without else {}
        return names | {
            name: getattr(self, name) for name in ("seed", "years", "start", "investors", "importers", "adopters")
        }


def without_labels(named: Scenario | Policy) -> dict[str, Any]:
    """The content of a scenario or policy without what it is called."""
    content: dict[str, Any] = canonical(named)
    return {name: value for name, value in content.items() if name not in _LABELS}


def cell_key(world: str, parameters: str, seed: int) -> str:
    """The key of a cell of which the parts are known: see :meth:`Cell.world_key` and :func:`parameters_key`."""
    return hashlib.sha256(f"{world} {parameters} {seed}".encode()).hexdigest()[:KEY_LENGTH]


def parameters_key(overrides: Iterable[tuple[str, float]], start: str) -> str:
    """The part of a key that stands for all parameters; a value that holds at the start anyway changes nothing.

    Raises
    ------
    InputError : a name is unknown or a value out of bounds.
    """
    known, defaults = _parameter_defaults()
    holds = _parameters_of_start(start)
    differ = []
    for name, value in sorted(overrides):
        parameter = known.get(name)
        if parameter is None or not parameter.low <= value <= parameter.high:
            Parameters().replace(**dict(overrides))
        elif value != holds[name]:
            differ.append(f"{name}={float(value)!r}")
    return f"{defaults} {' '.join(differ)}"


@cache
def _parameter_defaults() -> tuple[dict[str, Parameter], str]:
    known = registry()
    return known, content_key({name: parameter.value for name, parameter in known.items()})


@lru_cache(maxsize=64)
def _parameters_of_start(start: str) -> Parameters:
    from itcho.model.start_states import load

    return load(start).parameters(Parameters())


@dataclass(frozen=True, eq=False)
class _Same:
    """Something that is equal to itself alone: hashing the content of a scenario takes longer than what is kept."""

    thing: Scenario | Policy

    def __hash__(self) -> int:
        return id(self.thing)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.thing is self.thing


def _code_of(behaviours: Behaviours) -> dict[str, Any]:
    """What says which code behaves; nothing where all is the model's own."""
    if not behaviours.replaced:
        return {}
    functions = {slot: getattr(behaviours, slot) for slot in behaviours.replaced}
    return {
        "behaviours": {
            slot: [behaviours.replaced[slot], digest_of(function.__module__) or function.__module__]
            for slot, function in functions.items()
        }
    }


@lru_cache(maxsize=4096)
def _label_free_key(same: _Same) -> str:
    return content_key(without_labels(same.thing))


@lru_cache(maxsize=64)
def _common(start: str, sizes: tuple[int, ...]) -> str:
    from itcho.model.measure.outcomes import OUTCOMES
    from itcho.model.start_states import load

    state = {name: value for name, value in canonical(load(start)).items() if name != "name"}
    return content_key(
        {"schema": SCHEMA, "sizes": sizes, "start": state, "outcomes": sorted(OUTCOMES), "model": MODEL_VERSION}
    )


def run_cell(cell: Cell) -> CellResult | Collapse:
    """Run the economy of a cell; a world that collapses is an answer too.

    Raises
    ------
    FloatingPointError : an outcome is not a finite number: such a run must not pass for a result.
    """
    from itcho.experiments.studies.fiscal_years import by_fiscal_year, complete_only
    from itcho.model.collapse import WorldCollapsed

    try:
        monthly = cell.spec().economy(without=cell.without).run().monthly_table()
    except WorldCollapsed as end:
        return Collapse(end.month, end.outcome, end.value)
    years = complete_only(by_fiscal_year(monthly)).drop(columns="months")
    values = years.to_numpy(dtype=np.float64)
    final = monthly[list(years.columns)].iloc[-1].to_numpy(dtype=np.float64)
    bad = ~(np.isfinite(values).all(axis=0) & np.isfinite(final))
    if bad.any():
        raise FloatingPointError(f"not finite: {', '.join(years.columns[bad])}")
    return CellResult(tuple(years.columns), years.index.to_numpy(dtype=np.int64), values, final)


@dataclass(frozen=True)
class Replicate:
    """A point of the design and a seed: what all policies and scenarios share.

    Attributes
    ----------
    number : from 0 on, in the order of the runs.
    point : row of the design.
    seed : of all its runs.
    """

    number: int
    point: int
    seed: int


def replicates(points: int, seeds: Sequence[int], row_length: int = 1) -> list[Replicate]:
    """Replicates in the order of the runs: seeds outermost, so that more seeds are added at the end.

    Parameters
    ----------
    points : points of the design.
    seeds : with one point, the seeds.  With more, the first is where the replicates' own seeds begin, and their number
        is how many each point gets.
    row_length : points in succession that share their seeds.
    """
    if points == 1:
        return [Replicate(number, 0, seed) for number, seed in enumerate(seeds)]
    return [
        Replicate(number, number % points, seeds[0] + number // row_length) for number in range(points * len(seeds))
    ]


def overrides_at(template: Cell, point: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """Parameters that differ from their default at a point of the design, sorted by name."""
    return tuple(sorted((dict(template.overrides) | dict(point)).items()))


def keys_of(
    template: Cell,
    scenarios: Sequence[Scenario],
    policies: Sequence[Policy],
    points: Sequence[Mapping[str, float]],
    chosen: Sequence[Replicate],
) -> Iterator[tuple[Replicate, int, int, str]]:
    """As :func:`cells_of` with the cells' keys alone, which is many times faster."""
    worlds = [
        (place, slot, dataclasses.replace(template, scenario=scenario, policy=policy).world_key())
        for (place, scenario), (slot, policy) in itertools.product(enumerate(scenarios), enumerate(policies))
    ]
    parameters: dict[int, str] = {}
    for replicate in chosen:
        if replicate.point not in parameters:
            parameters[replicate.point] = parameters_key(
                overrides_at(template, points[replicate.point]), template.start
            )
        own = parameters[replicate.point]
        for place, slot, world in worlds:
            yield replicate, place, slot, cell_key(world, own, replicate.seed)


def cells_of(
    template: Cell,
    scenarios: Sequence[Scenario],
    policies: Sequence[Policy],
    points: Sequence[Mapping[str, float]],
    chosen: Sequence[Replicate],
) -> Iterator[tuple[Replicate, int, int, Cell]]:
    """All cells, replicates outermost and policies innermost: every prefix is a balanced, paired design.

    Yields
    ------
    The replicate, the places of scenario and policy, and the cell.
    """
    for replicate in chosen:
        overrides = overrides_at(template, points[replicate.point])
        for (place, scenario), (slot, policy) in itertools.product(enumerate(scenarios), enumerate(policies)):
            cell = dataclasses.replace(
                template, scenario=scenario, policy=policy, seed=replicate.seed, overrides=overrides
            )
            yield replicate, place, slot, cell
