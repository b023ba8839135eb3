"""What drives the effect of a policy: sensitivity of the paired difference of a study whose design was made for it.

The output analysed is policy − baseline with the same parameters and the same seeds, averaged over the seeds of a
point; beside it the share of seeds in which the difference is above zero.  Rows of the design of which a run is missing
or failed are left out whole and counted: nothing is put in their place.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from itcho.agents.errors import InputError
from itcho.experiments.languages import ENGLISH, Words, padded
from itcho.experiments.studies.design import SENSITIVITY_DESIGNS, Replicate
from itcho.experiments.studies.sensitivity import Estimates, MorrisEffects, SobolIndices, morris_effects, sobol_indices
from itcho.experiments.studies.statistics import Interval
from itcho.experiments.studies.store import CellStore
from itcho.experiments.studies.study import OutcomePick, Study
from itcho.experiments.studies.study_run import collect

FloatArray = NDArray[np.float64]

BOOTSTRAP_SEED = 20260331
"""The bootstrap's own seed: the same runs always give the same intervals."""
RAREST_SIGN = 0.05
"""The share of positive differences is analysed if both signs have at least this share."""


TOO_WIDE = 0.5
"""Width of an index's interval above which the text says that there are too few rows: an index is a share."""


@dataclass(frozen=True)
class SensitivityRow:
    """What drives one outcome's difference between a policy and the baseline in one scenario.

    Attributes
    ----------
    policy, scenario, outcome : names; the outcome as written in the study.
    of : ``difference``, or ``positive`` for the share of seeds with a difference above zero.
    found : indices or effects, in the order of the study's uncertain parameters.
    """

    policy: str
    scenario: str
    outcome: str
    of: str
    found: SobolIndices | MorrisEffects

    @property
    def varies(self) -> bool:
        """Whether there is anything to explain."""
        if isinstance(self.found, SobolIndices):
            return self.found.variance > 0.0
        return bool(self.found.mu_star.value.any())


@dataclass(frozen=True)
class Sensitivity:
    """Sensitivity of all paired differences of a study.

    Attributes
    ----------
    rows : scenarios × policies × outcomes.
    design_rows, dropped : rows of the design that are complete, and those left out.
    seeds : of each point.
    """

    study: Study
    rows: tuple[SensitivityRow, ...]
    design_rows: int
    dropped: int
    seeds: int

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the uncertain parameters."""
        return tuple(one.name for one in self.study.uncertain)


def study_sensitivity(study: Study, store: CellStore, outcomes: Sequence[OutcomePick] | None = None) -> Sensitivity:
    """Analyse the paired differences of a study with a Saltelli or Morris design.

    Parameters
    ----------
    outcomes : those of the study if left out.

    Raises
    ------
    InputError : the design is another one, no row of it is complete, no policy differs from the baseline by name, or a
        stored number is not finite.
    """
    if study.design.kind not in SENSITIVITY_DESIGNS:
        raise InputError(
            f"sensitivity needs [design] kind = {' or '.join(map(repr, SENSITIVITY_DESIGNS))} in study '{study.name}', "
            f"not {study.design.kind!r}: its points must come in rows"
        )
    others = [
        (slot, one.name) for slot, one in enumerate(study.all_policies) if slot and one.name != study.baseline.name
    ]
    if not others:
        raise InputError(
            f"study '{study.name}' compares no policy with its baseline: there is no difference to explain"
        )
    picks = study.outcomes if outcomes is None else tuple(outcomes)
    complete, dropped = _complete_rows(study, store)
    panel = collect(study, store, complete, picks)
    if panel is None:
        raise InputError(f"no row of the design of study '{study.name}' is complete yet: run the study first")
    length = study.design.row_length(len(study.uncertain))
    rows = (len(complete) // len(study.seeds)) // length
    # Seeds outermost, then rows, then the points of a row.
    values = panel.values.reshape(len(study.seeds), rows, length, *panel.values.shape[1:])
    kept = sorted({replicate.point // length for replicate in complete})
    shares = study.design.shares(len(study.uncertain)).reshape(-1, length, len(study.uncertain))[kept]
    found = []
    for place, scenario in enumerate(study.scenarios):
        for slot, policy in others:
            for column, pick in enumerate(picks):
                levels = values[..., place, :, column]
                difference = levels[..., slot] - levels[..., 0]
                for of, outputs in _outputs(difference).items():
                    one = _analysed(study, shares, outputs)
                    found.append(SensitivityRow(policy, scenario.name, pick.text, of, one))
    return Sensitivity(study, tuple(found), rows, dropped, len(study.seeds))


def _complete_rows(study: Study, store: CellStore) -> tuple[list[Replicate], int]:
    """Replicates of the design's rows of which every run is there, in order; and how many rows are not complete."""
    length = study.design.row_length(len(study.uncertain))
    there = store.keys()
    lacking: set[int] = set()
    every: dict[Replicate, None] = {}
    for replicate, _, _, cell in study.cells():
        every[replicate] = None
        if cell.key not in there:
            lacking.add(replicate.point // length)
    return [one for one in every if one.point // length not in lacking], len(lacking)


def _outputs(difference: FloatArray) -> dict[str, FloatArray]:
    """What is analysed of differences (seeds × rows × points): by name, (rows × points)."""
    found = {"difference": difference.mean(axis=0)}
    positive = (difference > 0.0).mean(axis=0)
    if RAREST_SIGN <= positive.mean() <= 1.0 - RAREST_SIGN:
        found["positive"] = positive
    return found


def _analysed(study: Study, shares: FloatArray, outputs: FloatArray) -> SobolIndices | MorrisEffects:
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    if study.design.kind == "saltelli":
        return sobol_indices(outputs, rng, study.level)
    return morris_effects(shares, outputs, rng, study.level)


def _columns(found: SobolIndices | MorrisEffects) -> dict[str, Estimates]:
    if isinstance(found, SobolIndices):
        return {"first": found.first, "total": found.total}
    return {"mu": found.mu, "mu_star": found.mu_star}


def sensitivity_record(sensitivity: Sensitivity) -> dict[str, Any]:
    """All of it as JSON can hold it; what does not exist is null."""
    study = sensitivity.study
    return {
        "study": study.name,
        "baseline": study.baseline.name,
        "design": study.design.kind,
        "design_rows": sensitivity.design_rows,
        "dropped": sensitivity.dropped,
        "seeds_per_point": sensitivity.seeds,
        "level": study.level,
        "parameters": [{"name": one.name, "low": one.low, "high": one.high} for one in study.uncertain],
        "rows": [_row_record(row, sensitivity.parameters) for row in sensitivity.rows],
    }


def _row_record(row: SensitivityRow, parameters: Sequence[str]) -> dict[str, Any]:
    named: dict[str, dict[str, float | None]] = {name: {} for name in parameters}
    for column, one in _columns(row.found).items():
        for part, values in ((column, one.value), (f"{column}_low", one.low), (f"{column}_high", one.high)):
            for name, value in zip(parameters, values, strict=True):
                named[name][part] = float(value) if np.isfinite(value) else None
    whole: dict[str, Any] = {"varies": row.varies}
    if isinstance(row.found, SobolIndices):
        share = row.found.seed_share
        whole |= {"mean": row.found.mean, "variance": row.found.variance}
        whole["seed_share"] = share if np.isfinite(share) else None
    else:
        for name, value in zip(parameters, row.found.sigma, strict=True):
            named[name]["sigma"] = float(value) if np.isfinite(value) else None
    labels = {"policy": row.policy, "scenario": row.scenario, "outcome": row.outcome, "of": row.of}
    return labels | whole | {"parameters": named}


def sensitivity_lines(sensitivity: Sensitivity, say: Words = ENGLISH) -> list[str]:
    """The analysis for a terminal or a Markdown page in a block of code, parameters in the order of their weight."""
    from itcho.experiments.studies.compare_report import called_in, number

    study = sensitivity.study
    called, sobol = called_in(study, say), study.design.kind == "saltelli"
    lines = [
        say(
            "{kind} design: {rows} rows, {seeds} per point, shared by the points of a row; {level}% bootstrap "
            "intervals over rows",
            kind=study.design.kind,
            rows=sensitivity.design_rows,
            seeds=say.so_many(sensitivity.seeds, "{count} seed", "{count} seeds"),
            level=f"{100.0 * study.level:g}",
        )
    ]
    if not sobol:
        lines.append(say("effects are changes of the output, in its unit, over the whole range of a parameter"))
    if sensitivity.dropped:
        lines.append(say("{count} rows left out: a run of theirs is missing or failed", count=sensitivity.dropped))
    wide = max(map(len, sensitivity.parameters))
    heads = [say(head) for head in (("first order", "total") if sobol else ("mu", "mu*", "sigma"))]
    for row in sensitivity.rows:
        what = "difference" if row.of == "difference" else "share of seeds with a difference above zero"
        title = say(
            "{outcome}, {policy} − {baseline}, scenario {scenario}: {what}",
            outcome=called.outcome(row.outcome),
            policy=called.policy(row.policy),
            baseline=called.policy(study.baseline.name),
            scenario=called.scenario(row.scenario),
            what=say(what),
        )
        lines += ["", title]
        if not row.varies:
            lines.append("  " + say("the same at every point: there is nothing to explain"))
            continue
        lines.append(f"  {'':{wide}} " + "".join(f"  {padded(head, 34)}" for head in heads).rstrip())
        columns = _columns(row.found)
        weights = list(columns.values())[1].value
        for place in np.argsort(-weights, kind="stable"):
            cells = [
                f"{number(float(one.value[place]))} ({_ends((float(one.low[place]), float(one.high[place])), say)})"
                for one in columns.values()
            ]
            if isinstance(row.found, MorrisEffects):
                cells.append(number(float(row.found.sigma[place])))
            text = "".join(f"  {cell:<34}" for cell in cells)
            lines.append(f"  {sensitivity.parameters[place]:{wide}} {text}".rstrip())
        if isinstance(row.found, SobolIndices):
            shares = say(
                "the seeds alone: {seeds}; sum of first orders: {first}",
                seeds=number(row.found.seed_share),
                first=number(float(row.found.first.value.sum())),
            )
            lines.append(f"  {shares}")
            if float((row.found.total.high - row.found.total.low).max()) > TOO_WIDE:
                lines.append("  " + say("intervals this wide do not rank the parameters: the design needs more rows"))
    return lines


def _ends(ends: Interval, say: Words) -> str:
    from itcho.experiments.studies.compare_report import number

    return say("{low} to {high}", low=number(ends[0]), high=number(ends[1]))


def sensitivity_picture(sensitivity: Sensitivity, most: int = 12, say: Words = ENGLISH) -> bytes:
    """Bars of the first rows that vary: first-order and total indices, or mu* with sigma beside it.

    Returns
    -------
    A PNG file; empty if nothing varies.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from itcho.experiments.studies.compare_report import called_in

    shown, called = [row for row in sensitivity.rows if row.varies][:most], called_in(sensitivity.study, say)
    if not shown:
        return b""
    columns = min(3, len(shown))
    lines = -(-len(shown) // columns)
    height = 1.2 + 0.35 * len(sensitivity.parameters)
    figure = Figure(figsize=(4.5 * columns, height * lines), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(lines, columns, squeeze=False).ravel()
    for axis in axes[len(shown) :]:
        axis.set_visible(False)
    for axis, row in zip(axes, shown, strict=False):
        _bars(axis, row, sensitivity.parameters, say)
        of = "" if row.of == "difference" else say(" above zero")
        against = say(
            "{policy} − {baseline}, scenario {scenario}",
            policy=called.policy(row.policy),
            baseline=called.policy(sensitivity.study.baseline.name),
            scenario=called.scenario(row.scenario),
        )
        axis.set_title(f"{called.outcome(row.outcome)}{of}\n{against}", fontsize=8)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=110, metadata={"Software": None})
    return stream.getvalue()


def _bars(axis: Any, row: SensitivityRow, parameters: Sequence[str], say: Words) -> None:
    places = np.arange(len(parameters))
    columns = _columns(row.found)
    if isinstance(row.found, MorrisEffects):
        columns = {"mu_star": columns["mu_star"]}
    for number, (name, one) in enumerate(columns.items()):
        at = places + 0.4 * number
        # A percentile interval need not hold the estimate itself.
        reach = np.abs(np.stack([np.minimum(one.low - one.value, 0.0), np.maximum(one.high - one.value, 0.0)]))
        axis.barh(at, one.value, height=0.38, xerr=reach, label=say(name), error_kw={"linewidth": 0.8})
    if isinstance(row.found, MorrisEffects):
        axis.barh(places + 0.4, row.found.sigma, height=0.38, label=say("sigma"))
    axis.set_yticks(places + 0.2, parameters)
    axis.invert_yaxis()
    axis.tick_params(labelsize=7)
    axis.legend(fontsize=7)
