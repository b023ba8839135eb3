"""In which futures does it happen: scenario discovery on the finished runs of a study.

A case is a point of the design in a scenario, its outcomes averaged over the seeds of the point: what happens with one
seed is mostly that seed's luck.  All scenarios of a point share its parameters and its seeds: they are one replicate,
and replicates are what is counted as evidence.  What may limit a box are the uncertain parameters and, where there is
more than one, the scenario.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from itcho.agents.errors import InputError, nearest_names
from itcho.experiments.languages import ENGLISH, Words
from itcho.experiments.studies.compare import plain
from itcho.experiments.studies.discovery_chance import (
    FEWEST_PERMUTATIONS,
    LEAST_HITS,
    LEVEL,
    PERMUTATIONS,
    Chance,
    chance_of_search,
    stars,
)
from itcho.experiments.studies.expressions import Condition, Levels
from itcho.experiments.studies.scenario_discovery import LEAST_MASS, PASTE, PEEL, Box, Input, prim
from itcho.experiments.studies.store import CellStore
from itcho.experiments.studies.study import OutcomePick, Study, picked
from itcho.experiments.studies.study_run import collect

FloatArray = NDArray[np.float64]

RESAMPLING_SEED = 20260331
"""The resampling's own seed: the same runs always give the same shares."""
FEWEST_REPLICATES = 20


@dataclass(frozen=True)
class Discovery:
    """A trajectory of boxes.

    Attributes
    ----------
    policy : whose cases they are.
    where : the condition that makes a case one of interest.
    inputs : of the cases.
    of_interest : by case.
    seeds : of each case.
    dropped : points of the design left out because a run of theirs is missing or failed.
    boxes : from the box of all cases on.
    chance : what a search would have found by chance.
    starred : by box: beyond chance, borne out by ``least_hits`` replicates, and beaten by no other such box.
    least_hits : independent hits below which nothing is claimed of a box.
    seeds_share : by term of the condition, such as ``difference(usdjpy)``: see :class:`SeedsShare`.
    """

    study: Study
    policy: str
    where: Condition
    inputs: tuple[Input, ...]
    of_interest: NDArray[np.bool_]
    seeds: int
    dropped: int
    boxes: tuple[Box, ...]
    chance: Chance
    starred: tuple[bool, ...]
    least_hits: int
    seeds_share: dict[str, SeedsShare]

    @property
    def per_replicate(self) -> int:
        """Cases of a replicate: scenarios."""
        return len(self.study.scenarios)

    @property
    def hits(self) -> int:
        """Replicates that are of interest in some scenario."""
        return int(self.of_interest.reshape(-1, self.per_replicate).any(axis=1).sum())


@dataclass(frozen=True)
class SeedsShare:
    """How much of what differs between points of the design is the luck of their seeds, and not their parameters.

    Attributes
    ----------
    single_run, case : share of the variance within a scenario, of single runs and of means over a point's seeds; NaN
        with one seed for each point, where the two cannot be told apart, and where nothing varies.
    """

    single_run: float
    case: float


def discover(
    study: Study,
    store: CellStore,
    where: Condition,
    policy: str | None = None,
    *,
    peel: float = PEEL,
    paste: float = PASTE,
    least_mass: float = LEAST_MASS,
    permutations: int = PERMUTATIONS,
    least_hits: int = LEAST_HITS,
) -> Discovery:
    """Find boxes in which a condition holds.

    Parameters
    ----------
    policy : whose runs are looked at; may be left out if the study compares only one with its baseline.
    peel, paste, least_mass : as in ``itcho.experiments.studies.scenario_discovery.prim``.
    permutations : as in ``itcho.experiments.studies.discovery_chance.chance_of_search``.
    least_hits : replicates of interest inside a box below which nothing is claimed of it.

    Raises
    ------
    InputError : the policy or an outcome is unknown, a number is out of bounds, nothing varies, too few replicates are
        complete, or the condition holds nowhere or everywhere.
    """
    _check_numbers(permutations, least_hits)
    slot = _slot(study, policy)
    if not study.uncertain and len(study.scenarios) < 2:
        raise InputError(f"nothing varies in study '{study.name}': name parameters in [uncertain] or more scenarios")
    picks = [picked(text, study.template, {}) for text in where.outcomes]
    if not picks:
        raise InputError(f"condition {where.text!r} looks at no outcome")
    panel = collect(study, store, study.independent(), picks)
    if panel is None:
        raise InputError(f"no replicate of study '{study.name}' is complete yet: run it first")
    seeds: dict[int, list[int]] = {}
    for row, replicate in enumerate(panel.replicates):
        seeds.setdefault(replicate.point, []).append(row)
    points = sorted(point for point, rows in seeds.items() if len(rows) == len(study.seeds))
    if len(points) < FEWEST_REPLICATES:
        raise InputError(
            f"only {len(points)} points of the design are complete: at least {FEWEST_REPLICATES} are needed, for the "
            "scenarios of a point share its seeds and are one piece of evidence"
        )
    # (points × seeds × scenarios × policies × outcomes)
    runs = np.array([panel.values[seeds[point]] for point in points])
    levels = _levels(picks, runs.mean(axis=1).reshape(-1, *runs.shape[3:]), slot)
    of_interest = np.broadcast_to(where.holds(levels), (len(points) * len(study.scenarios),)).copy()
    inputs = _inputs(study, points)
    rng = np.random.default_rng(RESAMPLING_SEED)
    many = len(study.scenarios)
    try:
        boxes = prim(inputs, of_interest, rng, per_replicate=many, peel=peel, paste=paste, least_mass=least_mass)
    except ValueError as error:
        raise InputError(f"condition {where.text!r}: {error}") from None
    chance = chance_of_search(
        inputs, of_interest, boxes, rng,
        per_replicate=many, peel=peel, paste=paste, least_mass=least_mass, permutations=permutations,
    )  # fmt: skip
    dropped = len({one.point for one in study.independent()}) - len(points)
    name = study.all_policies[slot].name
    return Discovery(
        study=study,
        policy=name,
        where=where,
        inputs=inputs,
        of_interest=of_interest,
        seeds=len(study.seeds),
        dropped=dropped,
        boxes=tuple(boxes),
        chance=chance,
        starred=tuple(stars(boxes, chance, least_hits)),
        least_hits=least_hits,
        seeds_share=_seeds_shares(where, picks, runs, slot),
    )


def _check_numbers(permutations: int, least_hits: int) -> None:
    if permutations < FEWEST_PERMUTATIONS:
        raise InputError(
            f"permutations = {permutations} must be at least {FEWEST_PERMUTATIONS}: with fewer nothing can "
            "be told from chance"
        )
    if least_hits < 1:
        raise InputError(f"least_hits = {least_hits} must be at least 1")


def _levels(picks: Sequence[OutcomePick], values: FloatArray, slot: int) -> Levels:
    """Levels by outcome under the policy and the baseline; ``values`` is (cases × policies × outcomes)."""
    return {pick.text: (values[:, slot, column], values[:, 0, column]) for column, pick in enumerate(picks)}


def _seeds_shares(where: Condition, picks: Sequence[OutcomePick], runs: FloatArray, slot: int) -> dict[str, SeedsShare]:
    """Shares by term; ``runs`` is (points × seeds × scenarios × policies × outcomes)."""
    levels = _levels(picks, runs.reshape(-1, *runs.shape[3:]), slot)
    return {text: seeds_share(of(levels).reshape(runs.shape[:3])) for text, of in where.terms.items()}


def seeds_share(values: FloatArray) -> SeedsShare:
    """Components of variance of a one-way layout, pooled over scenarios.

    Source: Searle, Casella and McCulloch, *Variance components* (1992), the analysis-of-variance estimator.

    Parameters
    ----------
    values : (points × seeds × scenarios).

    Examples
    --------
    Within points 2; means 2 and 6, of variance 8, of which 1 is luck:

    >>> seeds_share(np.array([[[1.0], [3.0]], [[5.0], [7.0]]]))
    SeedsShare(single_run=0.2222222222222222, case=0.125)
    """
    count = values.shape[1]
    if count < 2:
        return SeedsShare(math.nan, math.nan)
    within = float(values.var(axis=1, ddof=1).mean())
    of_means = float(values.mean(axis=1).var(axis=0, ddof=1).mean())
    points = max(0.0, of_means - within / count)
    if within + points == 0.0:
        return SeedsShare(math.nan, math.nan)
    return SeedsShare(within / (within + points), min(1.0, within / count / of_means) if of_means else 1.0)


def _slot(study: Study, policy: str | None) -> int:
    names = [one.name for one in study.all_policies]
    if policy is None:
        others = names[1:] or names
        if len(others) > 1:
            raise InputError(f"say whose cases are meant: --policy {', '.join(others[:-1])} or {others[-1]}")
        return names.index(others[0])
    if policy not in names:
        raise InputError(f"'{policy}' is no policy of study '{study.name}'{nearest_names(policy, names)}")
    return names.index(policy)


def _inputs(study: Study, points: Sequence[int]) -> tuple[Input, ...]:
    every, many = study.points(), len(study.scenarios)
    found = [
        Input(one.name, np.repeat(np.array([every[point][one.name] for point in points]), many))
        for one in study.uncertain
    ]
    if many > 1:
        found.append(Input("scenario", np.tile(np.array([one.name for one in study.scenarios]), len(points))))
    return tuple(found)


def chosen_box(discovery: Discovery, step: int) -> Box:
    """A box of the trajectory.  Raises InputError if there is no such step."""
    if not 0 <= step < len(discovery.boxes):
        raise InputError(f"there is no box {step}: the trajectory holds 0 to {len(discovery.boxes) - 1}")
    return discovery.boxes[step]


def discovery_record(discovery: Discovery) -> dict[str, Any]:
    """The whole trajectory as JSON can hold it."""
    return {
        "study": discovery.study.name,
        "policy": discovery.policy,
        "baseline": discovery.study.baseline.name,
        "where": discovery.where.text,
        "cases": len(discovery.of_interest),
        "of_interest": int(discovery.of_interest.sum()),
        "replicates": discovery.chance.replicates,
        "cases_per_replicate": discovery.per_replicate,
        "replicates_of_interest": discovery.hits,
        "seeds_per_case": discovery.seeds,
        "dropped_points": discovery.dropped,
        "p_search": plain(discovery.chance.search),
        "p_parameters": plain(discovery.chance.parameters),
        "p_scenario": plain(discovery.chance.scenario),
        "permutations": discovery.chance.permutations,
        "least_hits": discovery.least_hits,
        "seeds_share_of_variance": {
            term: {"single_run": plain(share.single_run), "case": plain(share.case)}
            for term, share in discovery.seeds_share.items()
        },
        "inputs": [one.name for one in discovery.inputs],
        "trajectory": [
            _box_record(box) | {"p_value": p_value, "star": star}
            for box, p_value, star in zip(discovery.boxes, discovery.chance.boxes, discovery.starred, strict=True)
        ],
    }


def _box_record(box: Box) -> dict[str, Any]:
    return {
        "box": box.step,
        "made_by": box.made_by,
        "coverage": box.coverage,
        "density": box.density,
        "mass": box.mass,
        "cases": box.cases,
        "of_interest": box.of_interest,
        "replicates": box.replicates,
        "independent_hits": box.independent_hits,
        "dimensions": len(box.dimensions),
        "limits": [
            {"input": limit.name, "side": limit.side, "quasi_p": limit.quasi_p}
            | ({"among": list(limit.categories)} if limit.categories else {"bound": limit.bound})
            for limit in box.limits
        ],
        "reproducibility": box.reproducibility,
    }


def discovery_lines(discovery: Discovery, box: int | None = None, say: Words = ENGLISH) -> list[str]:
    """The trajectory as a table for a terminal, and the limits of one box if it was chosen.

    Raises
    ------
    InputError : there is no such box.
    """
    from itcho.experiments.studies.compare_report import called_in

    hits, cases = int(discovery.of_interest.sum()), len(discovery.of_interest)
    chance = discovery.chance
    seeds = say("the mean of {seeds} seeds", seeds=discovery.seeds) if discovery.seeds > 1 else say("one seed")
    lines = [
        say(
            "{policy}: {where}: {hits} of {cases} cases ({share}%), each {seeds}",
            policy=called_in(discovery.study, say).policy(discovery.policy),
            where=discovery.where.text,
            hits=hits,
            cases=cases,
            share=f"{100.0 * hits / cases:.1f}",
            seeds=seeds,
        ),
        say(
            "{replicates} replicates of {scenarios} at one point with the same seeds; {hits} of them are of interest",
            replicates=chance.replicates,
            scenarios=say.so_many(discovery.per_replicate, "{count} scenario", "{count} scenarios"),
            hits=discovery.hits,
        ),
    ]
    if discovery.dropped:
        lines.append(say("{count} points left out: a run of theirs is missing or failed", count=discovery.dropped))
    lines += [_seeds_line(discovery, say), *_chance_lines(chance, say)]
    lines += ["", say("    box  by     coverage  density   mass   hits      p  inputs limited")]
    for one, star, p_value in zip(discovery.boxes, discovery.starred, chance.boxes, strict=True):
        lines.append(
            f"  {'*' if star else ' '} {one.step:3d}  {one.made_by:5}  {100.0 * one.coverage:7.1f}%  "
            f"{100.0 * one.density:6.1f}%  {100.0 * one.mass:5.1f}%  {one.independent_hits:5d}  {p_value:5.3f}  "
            f"{len(one.dimensions)}: {say.listed(one.dimensions) or say('none')}"
        )
    lines.append("")
    if any(discovery.starred):
        told = say(
            "* beyond chance (p at most {level} for the whole search), with at least {hits} independent hits, and no "
            "other such box has both more coverage and more density",
            level=f"{LEVEL:g}",
            hits=discovery.least_hits,
        )
    else:
        told = say(
            "No box is told from chance: p above {level} for the whole search, or fewer than {hits} independent hits",
            level=f"{LEVEL:g}",
            hits=discovery.least_hits,
        )
    reading = say("hits: replicates of interest inside; p: share of searches on shuffled replicates that found as much")
    lines += [told, reading]
    if box is None:
        return [*lines, say("Choose a box to see its limits: --box NUMBER")]
    found = chosen_box(discovery, box)
    inside = say(
        "Box {box}: {hits} of its {cases} cases are of interest, from {independent} of its {replicates} replicates",
        box=box,
        hits=found.of_interest,
        cases=found.cases,
        independent=found.independent_hits,
        replicates=found.replicates,
    )
    lines += ["", inside]
    for limit in found.limits:
        share = 100.0 * found.reproducibility.get(limit.name, np.nan)
        how = say("(quasi-p {p}; limited in {share}% of resamples)", p=f"{limit.quasi_p:.2g}", share=f"{share:.0f}")
        lines.append(f"  {limit.text(say)}  {how}")
    weak = [limit.text(say) for limit in found.limits if limit.quasi_p > 0.05]
    if weak:
        lines.append("  " + say("no better than chance: {limits}", limits="; ".join(weak)))
    return lines


def _seeds_line(discovery: Discovery, say: Words) -> str:
    if discovery.seeds < 2:
        return say(
            "the seeds' share of the variance between cases cannot be told with one seed a point: give a point several"
        )
    parts = [
        f"{term} {'-' if math.isnan(share.case) else f'{100.0 * share.case:.0f}%'}"
        for term, share in discovery.seeds_share.items()
    ]
    return say("the seeds' share of the variance between cases: {parts}", parts=say.listed(parts))


def _chance_lines(chance: Chance, say: Words) -> list[str]:
    lines = [
        say(
            "the whole search against chance: p = {p} ({count} searches)",
            p=f"{chance.search:.3f}",
            count=chance.permutations,
        )
    ]
    if not math.isnan(chance.parameters):
        parameters, scenario = f"{chance.parameters:.3f}", f"{chance.scenario:.3f}"
        lines.append("  " + say("parameters, scenarios left as they are: p = {p}", p=parameters))
        lines.append("  " + say("scenario, parameters left as they are: p = {p}", p=scenario))
    return lines


def discovery_picture(discovery: Discovery, box: int | None = None, say: Words = ENGLISH) -> bytes:
    """Coverage against density along the trajectory; beside it the cases over the two inputs a box limits most surely.

    Returns
    -------
    A PNG file.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    shown = chosen_box(discovery, len(discovery.boxes) - 1 if box is None else box)
    figure = Figure(figsize=(10.0, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    coverage, density = ([getattr(one, name) for one in discovery.boxes] for name in ("coverage", "density"))
    points = left.scatter(coverage, density, c=[len(one.dimensions) for one in discovery.boxes], cmap="viridis", s=25)
    for one in discovery.boxes[:: max(1, len(discovery.boxes) // 10)]:
        left.annotate(str(one.step), (one.coverage, one.density), fontsize=7, xytext=(3, 3), textcoords="offset points")
    left.set_xlabel(say("coverage: share of the cases of interest inside"))
    left.set_ylabel(say("density: share of the cases inside that are of interest"))
    figure.colorbar(points, ax=left, label=say("inputs limited"), ticks=range(len(discovery.inputs) + 1))
    _cases(right, discovery, shown, say)
    figure.suptitle(f"{discovery.policy}: {discovery.where.text}", fontsize=10)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=110, metadata={"Software": None})
    return stream.getvalue()


def _cases(axis: Any, discovery: Discovery, box: Box, say: Words) -> None:
    surest = [limit.name for limit in sorted(box.limits, key=lambda limit: limit.quasi_p)]
    names = list(dict.fromkeys([*surest, *(one.name for one in discovery.inputs)]))[:2]
    inputs = {one.name: one for one in discovery.inputs}
    across = inputs[names[0]].values
    # With one input, cases stand in their order.
    upwards = inputs[names[1]].values if len(names) > 1 else np.arange(len(across))
    for mask, colour, label in (
        (~discovery.of_interest, "0.75", say("other cases")),
        (discovery.of_interest, "tab:red", say("cases of interest")),
    ):
        axis.scatter(across[mask], upwards[mask], s=9, color=colour, label=label)
    ring = {"facecolors": "none", "edgecolors": "tab:blue", "linewidths": 0.6}
    axis.scatter(across[box.inside], upwards[box.inside], s=26, label=say("inside box {box}", box=box.step), **ring)
    axis.set_xlabel(names[0])
    axis.set_ylabel(names[1] if len(names) > 1 else say("case"))
    axis.legend(fontsize=7, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False)
