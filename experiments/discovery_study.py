"""In which futures does it happen: scenario discovery on the finished runs of a study.

A case is a point of the design in a scenario, its outcomes averaged over the seeds of the point: what happens with one
seed is mostly that seed's luck.  What may limit a box are the uncertain parameters and, where there is more than one,
the scenario.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from itcho.agents.errors import InputError, nearest_names
from itcho.experiments.expressions import Condition
from itcho.experiments.robustness import dominated
from itcho.experiments.scenario_discovery import LEAST_MASS, PASTE, PEEL, Box, Input, prim
from itcho.experiments.store import CellStore
from itcho.experiments.study import Study, picked
from itcho.experiments.study_run import collect

FloatArray = NDArray[np.float64]

RESAMPLING_SEED = 20260331
"""The resampling's own seed: the same runs always give the same shares."""
FEWEST_CASES = 20


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
    """

    study: Study
    policy: str
    where: Condition
    inputs: tuple[Input, ...]
    of_interest: NDArray[np.bool_]
    seeds: int
    dropped: int
    boxes: tuple[Box, ...]


def discover(
    study: Study,
    store: CellStore,
    where: Condition,
    policy: str | None = None,
    *,
    peel: float = PEEL,
    paste: float = PASTE,
    least_mass: float = LEAST_MASS,
) -> Discovery:
    """Find boxes in which a condition holds.

    Parameters
    ----------
    policy : whose runs are looked at; may be left out if the study compares only one with its baseline.
    peel, paste, least_mass : as in ``itcho.experiments.scenario_discovery.prim``.

    Raises
    ------
    InputError : the policy or an outcome is unknown, nothing varies, too few cases are complete, or the condition holds
        nowhere or everywhere.
    """
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
    if len(points) * len(study.scenarios) < FEWEST_CASES:
        raise InputError(
            f"only {len(points) * len(study.scenarios)} cases are complete: at least {FEWEST_CASES} are needed"
        )
    # (points × scenarios × policies × outcomes)
    means = np.array([panel.values[seeds[point]].mean(axis=0) for point in points])
    levels = {
        pick.text: (means[:, :, slot, column].ravel(), means[:, :, 0, column].ravel())
        for column, pick in enumerate(picks)
    }
    of_interest = np.broadcast_to(where.holds(levels), (len(points) * len(study.scenarios),)).copy()
    inputs = _inputs(study, points)
    rng = np.random.default_rng(RESAMPLING_SEED)
    try:
        boxes = prim(inputs, of_interest, rng, peel=peel, paste=paste, least_mass=least_mass)
    except ValueError as error:
        raise InputError(f"condition {where.text!r}: {error}") from None
    dropped = len({one.point for one in study.independent()}) - len(points)
    name = study.all_policies[slot].name
    return Discovery(study, name, where, inputs, of_interest, len(study.seeds), dropped, tuple(boxes))


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
        "seeds_per_case": discovery.seeds,
        "dropped_points": discovery.dropped,
        "inputs": [one.name for one in discovery.inputs],
        "trajectory": [_box_record(box) for box in discovery.boxes],
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
        "dimensions": len(box.dimensions),
        "limits": [
            {"input": limit.name, "side": limit.side, "quasi_p": limit.quasi_p}
            | ({"among": list(limit.categories)} if limit.categories else {"bound": limit.bound})
            for limit in box.limits
        ],
        "reproducibility": box.reproducibility,
    }


def discovery_lines(discovery: Discovery, box: int | None = None) -> list[str]:
    """The trajectory as a table for a terminal, and the limits of one box if it was chosen.

    Raises
    ------
    InputError : there is no such box.
    """
    hits, cases = int(discovery.of_interest.sum()), len(discovery.of_interest)
    lines = [
        f"{discovery.policy}: {discovery.where.text}: {hits} of {cases} cases ({100.0 * hits / cases:.1f}%), each the "
        f"mean of {discovery.seeds} seeds",
    ]
    if discovery.dropped:
        lines.append(f"{discovery.dropped} points left out: a run of theirs is missing or failed")
    beaten = dominated(np.array([(one.coverage, one.density) for one in discovery.boxes]))
    lines += ["", "    box  by     coverage  density   mass  inputs limited"]
    for one, worse in zip(discovery.boxes, beaten, strict=True):
        lines.append(
            f"  {' ' if worse else '*'} {one.step:3d}  {one.made_by:5}  {100.0 * one.coverage:7.1f}%  "
            f"{100.0 * one.density:6.1f}%  {100.0 * one.mass:5.1f}%  {len(one.dimensions)}: "
            f"{', '.join(one.dimensions) or 'none'}"
        )
    lines += ["", "* no other box has both more coverage and more density"]
    if box is None:
        return [*lines, "Choose a box to see its limits: --box NUMBER"]
    found = chosen_box(discovery, box)
    lines += ["", f"Box {box}: {found.of_interest} of its {found.cases} cases are of interest"]
    lines += [
        f"  {limit.text()}  (quasi-p {limit.quasi_p:.2g}; limited in "
        f"{100.0 * found.reproducibility.get(limit.name, np.nan):.0f}% of resamples)"
        for limit in found.limits
    ]
    weak = [limit.text() for limit in found.limits if limit.quasi_p > 0.05]
    if weak:
        lines.append(f"  no better than chance: {'; '.join(weak)}")
    return lines


def discovery_picture(discovery: Discovery, box: int | None = None) -> bytes:
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
    left.set_xlabel("coverage: share of the cases of interest inside")
    left.set_ylabel("density: share of the cases inside that are of interest")
    figure.colorbar(points, ax=left, label="inputs limited", ticks=range(len(discovery.inputs) + 1))
    _cases(right, discovery, shown)
    figure.suptitle(f"{discovery.policy}: {discovery.where.text}", fontsize=10)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=110, metadata={"Software": None})
    return stream.getvalue()


def _cases(axis: Any, discovery: Discovery, box: Box) -> None:
    surest = [limit.name for limit in sorted(box.limits, key=lambda limit: limit.quasi_p)]
    names = list(dict.fromkeys([*surest, *(one.name for one in discovery.inputs)]))[:2]
    inputs = {one.name: one for one in discovery.inputs}
    across = inputs[names[0]].values
    # With one input, cases stand in their order.
    upwards = inputs[names[1]].values if len(names) > 1 else np.arange(len(across))
    for mask, colour, label in (
        (~discovery.of_interest, "0.75", "other cases"),
        (discovery.of_interest, "tab:red", "cases of interest"),
    ):
        axis.scatter(across[mask], upwards[mask], s=9, color=colour, label=label)
    ring = {"facecolors": "none", "edgecolors": "tab:blue", "linewidths": 0.6}
    axis.scatter(across[box.inside], upwards[box.inside], s=26, label=f"inside box {box.step}", **ring)
    axis.set_xlabel(names[0])
    axis.set_ylabel(names[1] if len(names) > 1 else "case")
    axis.legend(fontsize=7, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False)
