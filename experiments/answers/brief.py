"""The brief: what a study found, on one page: what money buys, in which future, at what risk, and what nobody can say.

Effects, intervals, verdicts and chances of being best are rows of :mod:`itcho.experiments.studies.compare`; nothing is
estimated here twice.  What is added is counted from the same paired runs: what a trillion yen buys, what is left five
years after the last payment, and in how many worlds something goes wrong.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from itcho.agents.errors import InputError
from itcho.experiments.answers.ratios import Ratio, fieller
from itcho.experiments.answers.words import MINUS, Words, figure
from itcho.experiments.studies.compare import BOUGHT, COST, Comparison, ComparisonRow, compare_study, plain
from itcho.experiments.studies.design import Replicate
from itcho.experiments.studies.fiscal_years import complete_fiscal_years
from itcho.experiments.studies.kept_share import last_year_due, length_to
from itcho.experiments.studies.store import CellStore
from itcho.experiments.studies.study import OutcomePick, Study
from itcho.experiments.studies.study_run import collect
from itcho.experiments.studies.verdicts import CANNOT_TELL, CLEAR
from itcho.model.start_states import load

FloatArray = NDArray[np.float64]

YEARS_AFTER = 5
"""How long after the last payment it is asked what is left."""
MOST_KEPT = 2.0
"""Beyond it, or below nothing, a share of what there was at the last payment says less than the two effects."""
DEBT, YEN = "gov_debt_to_gdp_pct", "usdjpy"
DEBT_POINTS, YEN_PER_DOLLAR, COST_QUANTILE = 0.5, 1.0, 0.95
"""From which size on a difference from the baseline counts as gone wrong."""

KeptReading = Literal["ratio", "longer", "never-paid", "no-effect"]


@dataclass(frozen=True)
class Kept:
    """What is left of an effect :data:`YEARS_AFTER` years after the last payment.

    Attributes
    ----------
    reading : a ratio; or why there is none: payments go on until the runs are too short to tell (``longer``), there
        were none (``never-paid``), or there was no effect to keep.
    ratio : share of the effect at the last payment that is left, 1 for all of it; None without one.
    last_payment_year : fiscal year; None without payments.
    years_needed : length of runs that would tell; None where these do, or no length would.
    at_last_payment, years_later : mean effects of which it is the ratio; None without one.
    """

    reading: KeptReading
    ratio: Ratio | None
    last_payment_year: int | None
    years_needed: int | None
    at_last_payment: float | None = None
    years_later: float | None = None


@dataclass(frozen=True)
class BriefRow:
    """What one rule does to one outcome in the study's first scenario.

    Attributes
    ----------
    row : of the comparison.
    cost_trn_yen : extra programme money, mean over worlds.
    per_trillion : effect per trillion yen of it.
    kept : what is left of it.
    """

    row: ComparisonRow
    cost_trn_yen: float
    per_trillion: Ratio
    kept: Kept


@dataclass(frozen=True)
class Risk:
    """In how many worlds of a scenario something goes wrong under a rule, against the baseline.

    Attributes
    ----------
    worlds : compared.
    debt_up : in which the debt ratio is more than half a point higher in the last fiscal year.
    yen_weaker : in which a dollar costs more than one yen more in the last fiscal year.
    cost_p95_trn_yen, cost_mean_trn_yen : 95th percentile and mean of extra programme money.
    """

    policy: str
    scenario: str
    worlds: int
    debt_up: int
    yen_weaker: int
    cost_p95_trn_yen: float
    cost_mean_trn_yen: float


@dataclass(frozen=True)
class Brief:
    """All that the page says.

    Attributes
    ----------
    comparison : the study's.
    main : the outcome of title and grid: the first of the study with a better way, else its first.
    rows : rules × what money is meant to buy, in the first scenario.
    risks : rules × scenarios.
    years : fiscal years of the runs.
    replicates : the worlds compared.
    dropped : worlds left out because a run is missing, failed or collapsed.
    """

    comparison: Comparison
    main: OutcomePick
    rows: tuple[BriefRow, ...]
    risks: tuple[Risk, ...]
    years: tuple[int, ...]
    replicates: tuple[Replicate, ...]
    dropped: int

    @property
    def seeds(self) -> tuple[int, ...]:
        """Of the worlds compared."""
        return tuple(replicate.seed for replicate in self.replicates)

    @property
    def rules(self) -> tuple[str, ...]:
        """Names of the rules that are held against the baseline."""
        return self.comparison.policies[1:]

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Names of the futures."""
        return tuple(one.name for one in self.comparison.study.scenarios)

    def row_of(self, policy: str, scenario: str) -> ComparisonRow:
        """The comparison's row of the main outcome."""
        return next(
            row
            for row in self.comparison.rows
            if (row.policy, row.scenario, row.outcome) == (policy, scenario, self.main.text)
        )

    def risk_of(self, policy: str, scenario: str) -> Risk:
        """The risk of a rule in a future."""
        return next(risk for risk in self.risks if (risk.policy, risk.scenario) == (policy, scenario))


def brief_of(study: Study, store: CellStore) -> Brief:
    """Read the brief off a study's finished runs.

    Raises
    ------
    InputError : the study compares nothing but its baseline, no replicate is complete, or a number is not finite.
    """
    if len(study.all_policies) < 2:
        raise InputError(f"study '{study.name}' holds no rule but its baseline: a brief needs one to hold against it")
    main = next((pick for pick in study.outcomes if pick.sign), study.outcomes[0])
    bought = _bought(study, main)
    years = _years(study)
    names = list(dict.fromkeys([COST, *(pick.name for pick in bought)]))
    picks = [OutcomePick("", name, "last", "neither") for name in (COST, DEBT, YEN)]
    picks += [OutcomePick("", name, str(year), "neither") for name in names for year in years]
    panel = collect(study, store, study.independent(None), [*study.outcomes, *picks])
    # The same worlds for both, though runs may be coming in; without any the comparison says what is missing.
    comparison = compare_study(study, store, None if panel is None else panel.replicates)
    assert panel is not None
    # (replicates × scenarios × rules × numbers), each against the baseline of the same world
    differences = panel.values[:, :, 1:] - panel.values[:, :, :1]
    shown = len(study.outcomes)
    last = differences[..., shown : shown + 3]
    by_year = differences[:, 0, :, shown + 3 :].reshape(len(differences), -1, len(names), len(years))
    opened = load(study.template.start).date
    rows = []
    for slot, policy in enumerate(comparison.policies[1:]):
        for pick in bought:
            effect = differences[:, 0, slot, study.outcomes.index(pick)]
            cost = last[:, 0, slot, 0]
            found = _row(comparison, policy, pick)
            ratio = fieller(effect, cost, smallest_cost(), study.level)
            due = last_year_due(study.all_policies[slot + 1], study.baseline, opened)
            kept = _kept(study, by_year[:, slot, 0], by_year[:, slot, names.index(pick.name)], years, pick, due)
            rows.append(BriefRow(found, float(cost.mean()), ratio, kept))
    risks = [
        _risk(policy, scenario.name, last[:, place, slot])
        for slot, policy in enumerate(comparison.policies[1:])
        for place, scenario in enumerate(study.scenarios)
    ]
    return Brief(comparison, main, tuple(rows), tuple(risks), years, panel.replicates, panel.dropped)


def _bought(study: Study, main: OutcomePick) -> list[OutcomePick]:
    """The main outcome, then others that money is meant to buy, one for each name."""
    found = {main.name: main}
    for pick in study.outcomes:
        if pick.name in BOUGHT:
            found.setdefault(pick.name, pick)
    return list(found.values())


def _years(study: Study) -> tuple[int, ...]:
    from itcho.model.start_states import load

    return tuple(complete_fiscal_years(load(study.template.start).date, study.template.years))


def smallest_cost() -> float:
    """What a rule without money is taken to cost in "at least", trillion yen."""
    from itcho.model.measure.outcomes import OUTCOMES

    return OUTCOMES[COST].smallest_effect.size


def _row(comparison: Comparison, policy: str, pick: OutcomePick) -> ComparisonRow:
    scenario = comparison.study.scenarios[0].name
    return next(
        row for row in comparison.rows if (row.policy, row.scenario, row.outcome) == (policy, scenario, pick.text)
    )


def _kept(
    study: Study, cost: FloatArray, effect: FloatArray, years: Sequence[int], pick: OutcomePick, due: int | None
) -> Kept:
    """What is left, from extra money so far and effects, (replicates × years) each; support is due until ``due``."""
    paid = np.abs(np.diff(cost, axis=1, prepend=0.0)).max(axis=0) > 1e-9
    if not paid.any():
        return Kept("never-paid", None, None, None)
    if due is not None and due > years[-1]:
        return Kept("longer", None, due, length_to(due + YEARS_AFTER, load(study.template.start).date))
    place = int(np.flatnonzero(paid)[-1])
    later = place + YEARS_AFTER
    if later >= len(years):
        return Kept("longer", None, years[place], study.template.years + later - len(years) + 1)
    if not effect[:, place].any():
        return Kept("no-effect", None, years[place], None)
    sign = math.copysign(1.0, float(effect[:, place].mean()))
    ratio = fieller(sign * effect[:, later], sign * effect[:, place], pick.smallest_effect, study.level)
    return Kept("ratio", ratio, years[place], None, float(effect[:, place].mean()), float(effect[:, later].mean()))


def _risk(policy: str, scenario: str, last: FloatArray) -> Risk:
    """From differences of cost, debt and yen, (replicates × 3)."""
    return Risk(
        policy,
        scenario,
        len(last),
        int((last[:, 1] > DEBT_POINTS).sum()),
        int((last[:, 2] > YEN_PER_DOLLAR).sum()),
        float(np.quantile(last[:, 0], COST_QUANTILE)),
        float(last[:, 0].mean()),
    )


def leading(brief: Brief) -> tuple[str, ...]:
    """The rules that do most for the main outcome in the first scenario, the first of them in the lead.

    They are those with a clear effect in the better direction that cannot be told from the best; none where no effect
    is clear.
    """
    scenario, main = brief.scenarios[0], brief.main
    sign = main.sign or 1
    rows = [brief.row_of(policy, scenario) for policy in brief.rules]
    clear = [row for row in rows if row.verdict == CLEAR and row.direction in ("better", "higher")]
    ranked = sorted(clear, key=lambda row: -sign * row.summary.mean)
    inside = brief.comparison.best.get((scenario, main.text))
    return tuple(row.policy for place, row in enumerate(ranked) if place == 0 or inside is None or row.policy in inside)


def lead_count(brief: Brief, policy: str) -> int:
    """In how many futures a rule has the largest effect in the better direction."""
    sign = brief.main.sign or 1
    count = 0
    for scenario in brief.scenarios:
        means = {name: sign * brief.row_of(name, scenario).summary.mean for name in brief.rules}
        count += means[policy] == max(means.values())
    return count


def outcome_text(pick: OutcomePick, years: Sequence[int], say: Words) -> str:
    """An outcome with its time, in words."""
    name = say.outcome(pick.name)
    if pick.when == "all":
        return say("mean_of_years", outcome=name, first=years[0], last=years[-1])
    if pick.when == "final":
        return say("at_the_end", outcome=name)
    return say("in_year", outcome=name, year=years[-1] if pick.when == "last" else pick.when)


def policy_label(brief: Brief, name: str, say: Words) -> str:
    """What a policy is called."""
    found = {one.name: one.label for one in brief.comparison.study.all_policies}
    return say.named("policy", name, found[name])


def scenario_label(brief: Brief, name: str, say: Words) -> str:
    """What a future is called."""
    found = {one.name: one.label for one in brief.comparison.study.scenarios}
    return say.named("scenario", name, found[name])


def title(brief: Brief, say: Words) -> str:
    """The finding, as one sentence."""
    study = brief.comparison.study
    outcome = outcome_text(brief.main, brief.years, say)
    first = leading(brief)
    if not first:
        return say(
            "title_none" if len(brief.scenarios) > 1 else "title_none_one_future",
            baseline=policy_label(brief, study.baseline.name, say),
            outcome=outcome,
            worlds=brief.comparison.replicates,
            futures=len(brief.scenarios),
        )
    leads = {"outcome": outcome, "leads": lead_count(brief, first[0]), "futures": len(brief.scenarios)}
    one = "" if len(brief.scenarios) > 1 else "_one_future"
    if len(first) > 1:
        several = say.listed([policy_label(brief, name, say) for name in first])
        return say(f"title_several{one}", policies=several, **leads)
    row = brief.row_of(first[0], brief.scenarios[0])
    low, high = row.simultaneous
    return say(
        f"title_one{one}",
        policy=policy_label(brief, first[0], say),
        effect=amount(row.summary.mean),
        unit=say.unit(brief.main.name),
        low=amount(low),
        high=amount(high),
        **leads,
    )


def ratio_text(ratio: Ratio, say: Words) -> str:
    """What a trillion yen buys, in words: never a blank."""
    value, ends = ratio_parts(ratio, say)
    return f"{value} ({ends})" if ends else value


def ratio_parts(ratio: Ratio, say: Words) -> tuple[str, str]:
    """The same with its interval apart; the second part is empty where the first says all."""
    if ratio.reading == "between":
        assert ratio.value is not None
        assert ratio.low is not None
        assert ratio.high is not None
        low, high = amount(ratio.low), amount(ratio.high)
        return amount(ratio.value), say("interval", low=low, high=high)
    if ratio.reading == "at-least":
        assert ratio.low is not None
        return say("at_least", low=amount(ratio.low)), ""
    if ratio.reading == "at-most":
        assert ratio.high is not None
        return say("at_most", high=amount(ratio.high)), ""
    if ratio.reading == "one-world":
        return (say("one_world_none") if ratio.value is None else say("one_world", value=amount(ratio.value))), ""
    return say(ratio.reading), ""


def amount(value: float) -> str:
    """An effect as a page shows it: signed, with two digits that count."""
    return figure(value, signed=True, digits=2)


def kept_text(kept: Kept, years: Sequence[int], say: Words) -> str:
    """What is left, in words: never a blank."""
    if kept.reading == "longer":
        return say("kept_longer", last=kept.last_payment_year, years=kept.years_needed)
    if kept.reading == "never-paid":
        return say("kept_never_paid", last=years[-1])
    ratio = kept.ratio
    if ratio is None or ratio.reading == "nothing":
        return say("kept_no_effect")

    def percent(share: float | None) -> str:
        assert share is not None
        return f"{100.0 * share:,.0f}".replace("-", MINUS)

    if ratio.value is not None and not 0.0 <= ratio.value <= MOST_KEPT:
        assert kept.at_last_payment is not None
        assert kept.years_later is not None
        return say("kept_levels", at=amount(kept.at_last_payment), later=amount(kept.years_later))
    if ratio.reading == "between":
        value, low, high = percent(ratio.value), percent(ratio.low), percent(ratio.high)
        return say("kept_between", value=value, low=low, high=high)
    if ratio.reading == "at-least":
        return say("kept_at_least", low=percent(ratio.low))
    if ratio.reading == "at-most":
        return say("kept_at_most", high=percent(ratio.high))
    if ratio.reading == "one-world":
        return say("kept_one_world", value=percent(ratio.value))
    return say("open_effect")


def subtitle(brief: Brief, say: Words) -> str:
    """What was compared."""
    study = brief.comparison.study
    return say(
        "subtitle" if len(brief.scenarios) > 1 else "subtitle_one_future",
        study=study.name,
        policies=len(brief.rules),
        baseline=policy_label(brief, study.baseline.name, say),
        futures=len(brief.scenarios),
        worlds=brief.comparison.replicates,
        first=brief.years[0],
        last=brief.years[-1],
    )


def rests_on(brief: Brief, say: Words) -> list[str]:
    """Seeds, sizes and parameters, in sentences."""
    from itcho.model.parameters import registry
    from itcho.model.version import MODEL_VERSION

    study, count = brief.comparison.study, len(registry())
    seeds = ", ".join(map(str, brief.seeds[:12])) + (", …" if len(brief.seeds) > 12 else "")
    template = study.template
    sizes = {name: f"{getattr(template, name):,}" for name in ("investors", "importers", "adopters")}
    lines = [
        say("foot_seeds", worlds=len(brief.seeds), seeds=seeds, dropped=brief.dropped),
        say("foot_model", model=MODEL_VERSION, start=template.start, years=template.years, **sizes),
    ]
    if template.overrides:
        given = ", ".join(f"{name} = {value:g}" for name, value in template.overrides)
        lines.append(say("foot_parameters_set", count=count, set=given))
    if study.uncertain:
        drawn = ", ".join(one.name for one in study.uncertain)
        lines.append(say("foot_parameters_drawn", count=count, drawn=drawn))
    if not template.overrides and not study.uncertain:
        lines.append(say("foot_parameters_default", count=count))
    return lines


def cannot_say(brief: Brief, say: Words) -> list[str]:
    """Three things that the study cannot say."""
    from itcho.model.parameters import registry

    study, rows = brief.comparison.study, brief.comparison.rows
    every = registry().values()
    if study.uncertain:
        drawn = len(study.uncertain)
        lines = [say("cannot_drawn", drawn=drawn, others=len(every) - drawn)]
    else:
        lines = [say("cannot_parameters", judged=sum(one.known == "judgement" for one in every), count=len(every))]
    if len(brief.scenarios) > 1:
        lines.append(say("cannot_odds"))
    else:
        lines.append(say("cannot_one_future", scenario=scenario_label(brief, brief.scenarios[0], say)))
    open_rows = [row for row in rows if row.verdict == CANNOT_TELL]
    if open_rows:
        one = open_rows[0]
        pick = next(pick for pick in study.outcomes if pick.text == one.outcome)
        example = f"{policy_label(brief, one.policy, say)}: {outcome_text(pick, brief.years, say)}"
        counts = {"count": len(open_rows), "total": len(rows), "last": brief.years[-1]}
        lines.append(say("cannot_tell", example=example, **counts))
    else:
        lines.append(say("cannot_tell_none", last=brief.years[-1]))
    return lines


def brief_record(brief: Brief, say: Words) -> dict[str, Any]:
    """The brief as JSON can hold it; every number of an effect is one of the comparison's rows."""
    study = brief.comparison.study
    return {
        "title": title(brief, say),
        "subtitle": subtitle(brief, say),
        "lang": say.code,
        "study": study.name,
        "baseline": study.baseline.name,
        "outcome": brief.main.text,
        "rows": [_row_record(one, brief, say) for one in brief.rows],
        "grid": [_grid_record(brief.row_of(policy, where)) for policy in brief.rules for where in brief.scenarios],
        "risks": [asdict(risk) for risk in brief.risks],
        "seeds": list(brief.seeds),
        "parameters": {
            "set": dict(study.template.overrides),
            "drawn": {one.name: [one.low, one.high] for one in study.uncertain},
        },
        "rests_on": rests_on(brief, say),
        "cannot_say": cannot_say(brief, say),
    }


def _row_record(one: BriefRow, brief: Brief, say: Words) -> dict[str, Any]:
    kept = asdict(one.kept)
    return {
        "policy": one.row.policy,
        "label": policy_label(brief, one.row.policy, say),
        "scenario": one.row.scenario,
        "outcome": one.row.outcome,
        "effect": one.row.summary.mean,
        "low": plain(one.row.simultaneous[0]),
        "high": plain(one.row.simultaneous[1]),
        "verdict": one.row.verdict,
        "direction": one.row.direction,
        "cost_trn_yen": one.cost_trn_yen,
        "per_trn_yen": asdict(one.per_trillion) | {"text": ratio_text(one.per_trillion, say)},
        "kept": kept | {"text": kept_text(one.kept, brief.years, say)},
    }


def _grid_record(row: ComparisonRow) -> dict[str, Any]:
    return {
        "policy": row.policy,
        "scenario": row.scenario,
        "effect": row.summary.mean,
        "low": plain(row.simultaneous[0]),
        "high": plain(row.simultaneous[1]),
        "p_best": plain(row.p_best),
        "verdict": row.verdict,
        "direction": row.direction,
    }
