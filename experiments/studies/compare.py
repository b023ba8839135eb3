"""Policies compared, from the finished runs of a study.

Every interval covers chance alone (seeds, and the spread of uncertain parameters if the study has any): scenarios are
shown side by side and never averaged into an interval.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from itcho.agents.errors import InputError
from itcho.experiments.studies.design import Replicate
from itcho.experiments.studies.fiscal_years import complete_fiscal_years
from itcho.experiments.studies.kept_share import SHARE, KeptShare, kept_record, kept_share, supports_otherwise
from itcho.experiments.studies.robustness import Measure, ParetoSet, pareto_set, regret, robustness_card
from itcho.experiments.studies.statistics import (
    NO_INTERVAL,
    Interval,
    PairedSummary,
    bca_interval,
    paired_summary,
    rank_policies,
    simultaneous_intervals,
)
from itcho.experiments.studies.store import CellStore
from itcho.experiments.studies.study import OutcomePick, Study, picked
from itcho.experiments.studies.study_run import Panel, collapsed_worlds, collapses_text, collect
from itcho.experiments.studies.verdicts import CLEAR, SMALL, Verdict, in_words, sign_of, verdict_on
from itcho.model.start_states import load

FloatArray = NDArray[np.float64]

BOOTSTRAP_SEED = 20260331
"""The bootstrap's own seed: the same runs always give the same intervals."""
_JOINT_SEED, _KEPT_SEED = [BOOTSTRAP_SEED, 1], [BOOTSTRAP_SEED, 2]
"""Of what is drawn for the simultaneous intervals, and for what is kept: what other tables draw moves none of them."""
COST = "programme_cost_trn_yen"
BOUGHT = ("domestic_ai_share_home_pct", "productivity_gain_pct")
"""What money is meant to buy: cost per unit is computed for these where the study looks at them, and else for all
outcomes with a good direction."""


@dataclass(frozen=True)
class ComparisonRow:
    """One policy against the baseline in one scenario, one outcome.

    Attributes
    ----------
    policy, scenario, outcome : names; the outcome as written in the study.
    summary : paired statistics.
    simultaneous : interval that holds for all rows of the comparison at once.
    p_stepdown : p-value adjusted for all rows by stepdown: zero is outside the simultaneous interval exactly if it is
        below one less the study's level.
    p_holm : the same, adjusted by Holm: never below ``p_stepdown``.
    share_better : share of replicates in which the policy is better; NaN if neither way is.
    p_best : bootstrap probability of being best of all policies and the baseline; NaN if neither way is better.
    not_worse : whether it cannot be told from the best.
    smallest_effect : smallest effect of interest, in the outcome's unit.
    verdict : one of :data:`itcho.experiments.studies.verdicts.VERDICTS`.
    direction : what a ``clear`` or ``same-sign`` row is: ``better``, ``worse``, or where neither way is, ``higher`` or
        ``lower``; empty for the other verdicts.
    """

    policy: str
    scenario: str
    outcome: str
    summary: PairedSummary
    simultaneous: Interval
    p_stepdown: float
    p_holm: float
    share_better: float
    p_best: float
    not_worse: bool
    smallest_effect: float
    verdict: Verdict
    direction: str

    @property
    def said(self) -> str:
        """The verdict with its direction, such as ``clear: better``."""
        return f"{self.verdict}: {self.direction}" if self.direction else self.verdict


@dataclass(frozen=True)
class CostRow:
    """Programme money per unit of an outcome, policy against baseline.

    Attributes
    ----------
    cost_trn_yen : mean difference of programme cost.
    bought : mean difference of the outcome, with the sign that makes better positive.
    trn_yen_per_unit : their ratio; NaN unless what was bought is clear.
    interval : BCa interval of the ratio.
    verdict : on what was bought: that of the comparison's row.
    reading : what that means for the price, in words.
    """

    policy: str
    scenario: str
    outcome: str
    cost_trn_yen: float
    bought: float
    trn_yen_per_unit: float
    interval: Interval
    verdict: Verdict
    reading: str


@dataclass(frozen=True)
class Comparison:
    """All that is said about the policies of a study.

    Attributes
    ----------
    replicates, dropped : those compared, and those left out because a cell is missing, failed or collapsed.
    rows : policies × scenarios × outcomes.
    error_each : error rate of each row's simultaneous interval that makes them all hold together.
    best : by (scenario, outcome): policies, the baseline among them, that cannot be told from the best.
    robustness : measures by outcome; empty with one scenario.
    regrets : by outcome: (policies × scenarios), the first policy being the baseline.
    pareto : by scenario, over all outcomes that have a good direction.
    costs : money per unit.
    collapsed : worlds of the whole study that collapsed, by policy and scenario.
    kept : what is left of the domestic share that support has won, by policy whose support is not the baseline's.
    """

    study: Study
    replicates: int
    dropped: int
    rows: tuple[ComparisonRow, ...]
    error_each: float
    best: dict[tuple[str, str], tuple[str, ...]]
    robustness: dict[str, list[Measure]]
    regrets: dict[str, FloatArray]
    pareto: dict[str, ParetoSet]
    costs: tuple[CostRow, ...]
    collapsed: dict[tuple[str, str], int] = field(default_factory=dict)
    kept: tuple[KeptShare, ...] = ()

    @property
    def policies(self) -> tuple[str, ...]:
        """Names of the baseline and the other policies."""
        return tuple(one.name for one in self.study.all_policies)


def compare_study(study: Study, store: CellStore, chosen: Sequence[Replicate] | None = None) -> Comparison:
    """Compare the policies of a study on what its store holds.

    Raises
    ------
    InputError : no replicate is complete, or a number is not finite.
    """
    of_support = _picks_of_support(study)
    costs = (*study.outcomes, picked(COST, None, {"programme_cost_trn_yen": "lower"}))
    everything = collect(study, store, study.independent(chosen), (*costs, *of_support))
    if everything is None:
        raise InputError(_nothing_to_compare(study, store))
    panel = dataclasses.replace(everything, values=everything.values[..., : len(costs)])
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    looked_at = dataclasses.replace(panel, values=panel.values[..., :-1])
    rows, error_each = _rows(study, looked_at, rng)
    rows, best = _ranked(study, looked_at, rows, rng)
    robustness, regrets = _across_scenarios(study, looked_at)
    return Comparison(
        study=study,
        replicates=len(panel.replicates),
        dropped=panel.dropped,
        rows=tuple(rows),
        error_each=error_each,
        best=best,
        robustness=robustness,
        regrets=regrets,
        pareto=_pareto(study, looked_at, rng),
        costs=tuple(_costs(study, panel, rows, rng)),
        collapsed=collapsed_worlds(study, store),
        kept=_kept(study, everything.values[..., len(costs) :]),
    )


def _picks_of_support(study: Study) -> tuple[OutcomePick, ...]:
    """The domestic share in all complete years of the runs, then programme money; none if no support differs."""
    if not any(supports_otherwise(policy, study.baseline) for policy in study.policies):
        return ()
    years = complete_fiscal_years(load(study.template.start).date, study.template.years)
    return tuple(picked(f"{name}@{year}", None, {}) for name in (SHARE, COST) for year in years)


def _kept(study: Study, values: FloatArray) -> tuple[KeptShare, ...]:
    """What is left of what support has won; ``values`` are those of :func:`_picks_of_support`."""
    years = values.shape[-1] // 2
    if not years:
        return ()
    rng = np.random.default_rng(_KEPT_SEED)
    slots = {one.name: slot for slot, one in enumerate(study.all_policies)}
    return tuple(
        kept_share(
            study, policy, scenario.name, pair[..., :years].swapaxes(1, 2), pair[..., years:].swapaxes(1, 2), rng
        )
        for policy in study.policies
        if supports_otherwise(policy, study.baseline)
        for place, scenario in enumerate(study.scenarios)
        for pair in [values[:, place][:, [slots[policy.name], 0]]]
    )


def _nothing_to_compare(study: Study, store: CellStore) -> str:
    failures = store.failures()
    failed: dict[str, int] = {}
    example = ""
    for _, place, slot, cell in study.cells():
        if cell.key in failures:
            name = f"{study.all_policies[slot].name} in {study.scenarios[place].name}"
            failed[name] = failed.get(name, 0) + 1
            example = example or str(failures[cell.key].get("error", ""))
    if collapsed := collapsed_worlds(study, store):
        return (
            f"there is nothing to compare: every replicate has a failed or collapsed cell; {collapses_text(collapsed)}"
        )
    if not failed:
        return f"there is nothing to compare yet: no replicate of study '{study.name}' is complete; run it first"
    worst = ", ".join(f"{name} ({count})" for name, count in sorted(failed.items(), key=lambda item: -item[1])[:5])
    return f"there is nothing to compare: every replicate has a failed cell: {worst}; first error: {example}"


def _rows(study: Study, panel: Panel, rng: np.random.Generator) -> tuple[list[ComparisonRow], float]:
    """Rows without their ranking, and the error rate of each that makes their intervals hold at once."""
    slots = {one.name: slot for slot, one in enumerate(study.all_policies)}
    places = [
        (slots[policy.name], place, column)
        for policy in study.policies
        for place in range(len(study.scenarios))
        for column in range(len(study.outcomes))
    ]
    values = panel.values
    summaries = [
        paired_summary(values[:, place, slot, column], values[:, place, 0, column], rng, study.level)
        for slot, place, column in places
    ]
    differences = np.stack([values[:, p, s, c] - values[:, p, 0, c] for s, p, c in places], axis=1)
    joint = simultaneous_intervals(differences, np.random.default_rng(_JOINT_SEED), study.level)
    rows = []
    for number, (slot, place, column) in enumerate(places):
        pick, summary = study.outcomes[column], summaries[number]
        low, high = float(joint.low[number]), float(joint.high[number])
        share_lower = max(0.0, 1.0 - summary.share_higher - summary.share_zero)
        verdict = verdict_on(low, high, summary.share_higher, share_lower, summary.n, pick.smallest_effect)
        if slot == 0:
            verdict = SMALL  # the baseline differs from itself by nothing, in any number of seeds
        rows.append(
            ComparisonRow(
                policy=study.all_policies[slot].name,
                scenario=study.scenarios[place].name,
                outcome=pick.text,
                summary=summary,
                simultaneous=(low, high),
                p_stepdown=float(joint.p_stepdown[number]),
                p_holm=float(joint.p_holm[number]),
                share_better=(math.nan, summary.share_higher, share_lower)[pick.sign],
                p_best=math.nan,
                not_worse=True,
                smallest_effect=pick.smallest_effect,
                verdict=verdict,
                direction=in_words(sign_of(verdict, low, summary.share_higher), pick.sign),
            )
        )
    return rows, joint.error_each


def _ranked(
    study: Study, panel: Panel, rows: list[ComparisonRow], rng: np.random.Generator
) -> tuple[list[ComparisonRow], dict[tuple[str, str], tuple[str, ...]]]:
    """Rows with their ranking, and the sets of policies that cannot be told from the best."""
    names = [one.name for one in study.all_policies]
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    ranks: dict[tuple[str, str, str], tuple[float, bool]] = {}
    for place, scenario in enumerate(study.scenarios):
        for column, pick in enumerate(study.outcomes):
            if pick.sign == 0:
                continue
            ranking = rank_policies(pick.sign * panel.values[:, place, :, column], rng, study.level)
            inside = [name for name, keep in zip(names, ranking.not_worse, strict=True) if keep]
            found[scenario.name, pick.text] = tuple(inside)
            for name, p_best, keep in zip(names, ranking.p_best, ranking.not_worse, strict=True):
                ranks[name, scenario.name, pick.text] = (float(p_best), bool(keep))
    return [
        dataclasses.replace(row, p_best=rank[0], not_worse=rank[1])
        if (rank := ranks.get((row.policy, row.scenario, row.outcome)))
        else row
        for row in rows
    ], found


def _across_scenarios(study: Study, panel: Panel) -> tuple[dict[str, list[Measure]], dict[str, FloatArray]]:
    if len(study.scenarios) < 2:
        return {}, {}
    cards: dict[str, list[Measure]] = {}
    regrets: dict[str, FloatArray] = {}
    names = tuple(one.name for one in study.all_policies)
    for column, pick in enumerate(study.outcomes):
        if pick.sign == 0:
            continue
        levels = panel.values[..., column].mean(axis=0).T
        cards[pick.text] = robustness_card(
            levels, names, higher_is_better=pick.sign > 0, threshold=study.thresholds.get(pick.text)
        )
        regrets[pick.text] = regret(pick.sign * levels)
    return cards, regrets


def _pareto(study: Study, panel: Panel, rng: np.random.Generator) -> dict[str, ParetoSet]:
    columns = [column for column, pick in enumerate(study.outcomes) if pick.sign]
    if len(columns) < 2:
        return {}
    names = tuple(one.name for one in study.all_policies)
    texts = tuple(study.outcomes[column].text for column in columns)
    signs = np.array([study.outcomes[column].sign for column in columns])
    return {
        scenario.name: pareto_set(panel.values[:, place][:, :, columns] * signs, names, texts, rng)
        for place, scenario in enumerate(study.scenarios)
    }


def _costs(study: Study, panel: Panel, rows: Sequence[ComparisonRow], rng: np.random.Generator) -> list[CostRow]:
    """Money per unit; ``panel`` has the cost as its last outcome."""
    names = [one.name for one in study.outcomes]
    wanted = {name for name in names if name in BOUGHT} or {one.name for one in study.outcomes if one.sign}
    slots = {one.name: slot for slot, one in enumerate(study.all_policies)}
    places = {one.name: place for place, one in enumerate(study.scenarios)}
    columns = {one.text: column for column, one in enumerate(study.outcomes)}
    found = []
    for row in rows:
        pick = study.outcomes[columns[row.outcome]]
        if pick.name not in wanted or pick.sign == 0 or slots[row.policy] == 0 or pick.name == COST:
            continue
        levels = panel.values[:, places[row.scenario]]
        difference = levels[:, slots[row.policy]] - levels[:, 0]
        cost, bought = difference[:, -1], pick.sign * difference[:, columns[row.outcome]]
        found.append(_cost_row(row, cost, bought, rng, study.level))
    return found


def _cost_row(
    row: ComparisonRow, cost: FloatArray, bought: FloatArray, rng: np.random.Generator, level: float
) -> CostRow:
    means = float(cost.mean()), float(bought.mean())
    ratio, interval = math.nan, NO_INTERVAL
    if not cost.any():
        reading = "no programme money differs"
    elif row.verdict != CLEAR:
        reading = "no price"
    elif row.direction == "worse":
        reading = "it buys less than nothing: the outcome is worse"
    else:
        ratio = means[0] / means[1]
        interval = bca_interval(_ratios, np.stack([cost, bought], axis=1), rng, level)
        reading = "bought" if ratio > 0.0 else "better for less money"
    return CostRow(row.policy, row.scenario, row.outcome, *means, ratio, interval, row.verdict, reading)


def _ratios(samples: FloatArray) -> FloatArray:
    """Mean cost over mean of what was bought, by sample; a sample that buys nothing pays without end."""
    cost, bought = samples.mean(axis=1).T
    return np.where(bought > 0.0, cost / np.where(bought > 0.0, bought, 1.0), np.finfo(np.float64).max)


def row_record(row: ComparisonRow) -> dict[str, Any]:
    """A row as JSON can hold it; what does not exist is null."""
    summary = row.summary
    record = {
        "policy": row.policy,
        "scenario": row.scenario,
        "outcome": row.outcome,
        "n": summary.n,
        "baseline_mean": summary.baseline_mean,
        "policy_mean": summary.policy_mean,
        "mean_difference": summary.mean,
        "ci_low": summary.bca[0],
        "ci_high": summary.bca[1],
        "t_low": summary.t[0],
        "t_high": summary.t[1],
        "median_difference": summary.median,
        "median_low": summary.median_bca[0],
        "median_high": summary.median_bca[1],
        "sd_difference": summary.sd,
        "simultaneous_low": row.simultaneous[0],
        "simultaneous_high": row.simultaneous[1],
        "p_value": summary.p_value,
        "p_stepdown": row.p_stepdown,
        "p_holm": row.p_holm,
        "share_higher": summary.share_higher,
        "share_zero": summary.share_zero,
        "share_better": row.share_better,
        "correlation": summary.correlation,
        "variance_ratio": summary.variance_ratio,
        "p_best": row.p_best,
        "not_worse": row.not_worse,
        "smallest_effect": row.smallest_effect,
        "verdict": row.verdict,
        "direction": row.direction,
    }
    return {name: plain(value) for name, value in record.items()}


def plain(value: Any) -> Any:
    """``value``, or None for a number that JSON cannot hold."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def comparison_record(comparison: Comparison, runs: int, seconds: float) -> dict[str, Any]:
    """The whole comparison as JSON can hold it."""
    study = comparison.study
    scenarios = [one.name for one in study.scenarios]
    return {
        "baseline": study.baseline.name,
        "scenarios": scenarios,
        "policies": [one.name for one in study.policies],
        "seeds": comparison.replicates,
        "dropped": comparison.dropped,
        "collapsed": [
            {"policy": policy, "scenario": scenario, "worlds": count}
            for (policy, scenario), count in comparison.collapsed.items()
        ],
        "years": study.template.years,
        "level": study.level,
        "rows": [row_record(row) for row in comparison.rows],
        "best": [
            {"scenario": scenario, "outcome": outcome, "not_worse": list(names)}
            for (scenario, outcome), names in comparison.best.items()
        ],
        "robustness": {
            outcome: [
                {"measure": one.name, "values": {k: plain(v) for k, v in one.values.items()}, "best": list(one.best)}
                for one in card
            ]
            for outcome, card in comparison.robustness.items()
        },
        "regret": {
            outcome: {
                policy: dict(zip(scenarios, map(float, line), strict=True))
                for policy, line in zip(comparison.policies, table, strict=True)
            }
            for outcome, table in comparison.regrets.items()
        },
        "pareto": {
            scenario: {"outcomes": list(one.outcomes), "members": list(one.members), "p_member": dict(one.p_member)}
            for scenario, one in comparison.pareto.items()
        },
        "cost_per_unit": [
            {
                "policy": one.policy,
                "scenario": one.scenario,
                "outcome": one.outcome,
                "cost_trn_yen": plain(one.cost_trn_yen),
                "bought": plain(one.bought),
                "trn_yen_per_unit": plain(one.trn_yen_per_unit),
                "ci_low": plain(one.interval[0]),
                "ci_high": plain(one.interval[1]),
                "verdict": one.verdict,
                "reading": one.reading,
            }
            for one in comparison.costs
        ],
        "kept_share": [kept_record(one) for one in comparison.kept],
        "runs": runs,
        "seconds": round(seconds, 3),
    }
