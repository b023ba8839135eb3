"""Claimed effects: a world with what is claimed against its twin without, seed by seed, at several doses."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from itcho.experiments.claims.claim import Answer, Claim, Effort
from itcho.experiments.claims.effect_table import EFFECTS, NO_DOSE, Effect, Reading
from itcho.experiments.claims.ensembles import Ensembles, Request
from itcho.experiments.claims.verdicts import Range, claimed_range, dose_beyond, dose_needed, effect_verdict, worst
from itcho.experiments.evidence.respond import Estimate, mean_with_interval
from itcho.experiments.languages import Sentence, joined

FloatArray = NDArray[np.float64]
Row = tuple[str, float | None, float | None, float | None, str]

DOSES = (1.0, 3.0, 10.0, 30.0)
LONG = 36
LONG_PART, DOSE_PART = 0.27, 1.0 / 3.0
"""Runs over more than three years get this part of the seeds, and other doses and the credibility channel this part."""
MEDIAN, WITHOUT_EFFECT = Sentence("median effect"), Sentence("pairs without any effect")
DOSE_NEEDED = Sentence("dose that the claim would need")
"""Labels of rows that the page picks out."""
FEWEST, FEWEST_BESIDE = 3, 2
"""Pairs at least, for the claimed case and beside it."""


def replicates(months: int, effort: Effort, main: bool) -> int:
    """How many pairs an effect gets: fewer for long runs, and for doses beside the claimed one."""
    part = (LONG_PART if months > LONG else 1.0) * (1.0 if main else DOSE_PART)
    return max(FEWEST if main else FEWEST_BESIDE, round(part * effort.seeds))


def _cases(effect: Effect) -> list[tuple[float, bool]]:
    """Doses and whether the credibility channel is on; the claimed case first."""
    doses = (effect.treated.dose, *(dose for dose in DOSES if dose != effect.treated.dose)) if effect.dosed else (1.0,)
    return [(dose, credibility) for credibility in (False, True) for dose in doses]


def requests(claim: Claim, effort: Effort) -> list[Request]:
    """The runs that an effect needs."""
    effect = EFFECTS[claim.id]
    wanted = []
    for place, (dose, credibility) in enumerate(_cases(effect)):
        count = replicates(effect.months, effort, main=place == 0)
        wanted += [Request(arm, effect.months, count) for arm in effect.arms(dose, credibility)]
    return wanted


class _Pairs:
    """Treated and control runs of one effect at one dose, replicate by replicate."""

    def __init__(self, effect: Effect, dose: float, credibility: bool, count: int, ensembles: Ensembles) -> None:
        treated, control = (ensembles.runs(arm, effect.months, count) for arm in effect.arms(dose, credibility))
        both = sorted(treated.keys() & control.keys())
        self.treated, self.control = [treated[key] for key in both], [control[key] for key in both]

    def effects(self, reading: Reading, percent: bool) -> FloatArray:
        """Effect of each pair."""
        with_it, without = self.levels(reading)
        return 100.0 * (with_it / without - 1.0) if percent else with_it - without

    def levels(self, reading: Reading) -> tuple[FloatArray, FloatArray]:
        """Figures of the treated and of the control runs."""
        return np.array([reading(run) for run in self.treated]), np.array([reading(run) for run in self.control])


def answer(claim: Claim, effort: Effort, ensembles: Ensembles) -> Answer:
    """The paired effect, its interval, its dose-response and the verdict."""
    effect = EFFECTS[claim.id]
    claimed = claimed_range(claim.low, claim.high, claim.unit)
    cases = _cases(effect)
    pairs = {
        case: _Pairs(effect, *case, replicates(effect.months, effort, main=place == 0), ensembles)
        for place, case in enumerate(cases)
    }
    main = pairs[cases[0]]
    values = main.effects(effect.reading, effect.percent)
    if values.size < 2:
        why = Sentence("Too few pairs of runs were finished.")
        return Answer(claim, "cannot-tell", why, effect.unit, notes=ensembles.failures[:1])
    estimate = mean_with_interval(values)
    verdict = effect_verdict(estimate.low, estimate.high, claimed)
    rows = _main_rows(effect, main, values, estimate)
    sentences = [_why(verdict, estimate, claimed, effect, main)]
    if effect.also is not None:
        label, reading, unit = effect.also
        second = mean_with_interval(main.effects(reading, unit == "%"))
        verdict = worst([verdict, effect_verdict(second.low, second.high, claimed)])
        sentences = [_why(verdict, estimate, claimed, effect, main)]
        rows.append((label, second.mean, second.low, second.high, unit))
        beside = _with_interval(second, unit)
        sentences.append(Sentence("{what}: {effect}.", what=Sentence(label.capitalize()), effect=beside))
    responses = {case: mean_with_interval(one.effects(effect.reading, effect.percent)) for case, one in pairs.items()}
    rows += _dose_rows(effect, responses)
    needed, sentence = _needed(effect, responses, claimed)
    if needed is not None:
        rows.append((DOSE_NEEDED, needed, None, None, "times the announced amounts"))
    if sentence:
        sentences.append(sentence)
    return Answer(
        claim=claim,
        verdict=verdict,
        why=joined(sentences),
        unit=effect.unit,
        model=estimate.mean,
        low=estimate.low,
        high=estimate.high,
        runs=2 * sum(len(one.treated) for one in pairs.values()),
        table=tuple(rows),
        notes=tuple(note for note in (_method(effect, len(values)), effect.note) if note),
        paths=_paths(effect, main, responses),
    )


def _main_rows(effect: Effect, main: _Pairs, values: FloatArray, estimate: Estimate) -> list[Row]:
    with_it, without = (float(level.mean()) for level in main.levels(effect.reading))
    level_unit = "" if effect.percent else effect.unit.replace("pp", "%")
    rows: list[Row] = [
        (effect.what, estimate.mean, estimate.low, estimate.high, effect.unit),
        (MEDIAN, float(np.median(values)), None, None, effect.unit),
        (WITHOUT_EFFECT, float(np.mean(values == 0.0)), None, None, "share of pairs"),
        (Sentence("mean level with it"), with_it, None, None, level_unit),
        (Sentence("mean level without it"), without, None, None, level_unit),
    ]
    for label, reading, unit in effect.others:
        other = mean_with_interval(main.effects(reading, unit == "%"))
        rows.append((label, other.mean, other.low, other.high, unit))
    return rows


def _dose_rows(effect: Effect, responses: Mapping[tuple[float, bool], Estimate]) -> list[Row]:
    rows: list[Row] = []
    for dose, credibility in sorted(responses, key=lambda case: (case[1], case[0])):
        found = responses[dose, credibility]
        case = case_label(dose if effect.dosed else None, credibility)
        label = Sentence("{case} ({count} pairs)", case=case, count=found.seeds)
        rows.append((label, _known(found.mean), _known(found.low), _known(found.high), effect.unit))
    return rows


def case_label(dose: float | None, credibility: bool) -> Sentence:
    """How a case is called in the table of an answer; no dose where there is no programme."""
    channel = Sentence("credibility channel on" if credibility else "credibility channel off")
    return channel if dose is None else Sentence("dose ×{dose}, {channel}", dose=f"{dose:g}", channel=channel)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _needed(
    effect: Effect, responses: Mapping[tuple[float, bool], Estimate], claimed: Range
) -> tuple[float | None, Sentence | None]:
    """The dose at which the mean effect reaches the claim, and a sentence on it."""
    if not effect.dosed or claimed.size == 0.0:
        return None, None
    off = sorted((dose, found.mean) for (dose, on), found in responses.items() if not on and np.isfinite(found.mean))
    # No programme has no effect; where both arms have one, the line starts at the smallest dose run.
    points = [(0.0, 0.0), *off] if effect.control.policy in NO_DOSE else off
    doses, means = [dose for dose, _ in points], [mean for _, mean in points]
    claimed_case = responses[effect.treated.dose, False].mean
    if claimed_case > claimed.high if claimed.sign >= 0 else claimed_case < claimed.low:
        return None, None  # more than is claimed already
    needed = dose_needed(doses, means, claimed)
    if needed is not None:
        if needed <= effect.treated.dose:
            return needed, None
        return needed, Sentence("It would take about {dose} times the announced amounts.", dose=_round_dose(needed))
    drawn_on = dose_beyond(doses, means, claimed)
    if drawn_on is None:
        told = "No dose up to ×{dose} brings it, nor does a larger one look likely to."
        return None, Sentence(told, dose=f"{doses[-1]:g}")
    told = "No dose up to ×{dose} brings it; drawn on in a straight line it would take ×{drawn}."
    return None, Sentence(told, dose=f"{doses[-1]:g}", drawn=_round_dose(drawn_on))


def _round_dose(dose: float) -> str:
    """A dose to two digits."""
    return f"{float(f'{dose:.2g}'):,.10g}"


def _why(verdict: str, estimate: Estimate, claimed: Range, effect: Effect, main: _Pairs) -> Sentence:
    unit = effect.unit
    size: str = ""
    if claimed.size == 0.0 and not effect.percent:
        without = float(main.levels(effect.reading)[1].mean())
        if without:
            share, level = f"{abs(100.0 * estimate.mean / without):.2g}", f"{without:.3g}".replace("-", "−")
            size = Sentence("; {share}% of {level} without it", share=share.replace("-", "−"), level=level)
    found = _with_interval(estimate, unit, size)
    wanted = _range_text(claimed, unit)
    if estimate.low == estimate.high == 0.0:
        return Sentence("No pair of runs shows any effect; claimed: {wanted}.", wanted=wanted)
    return Sentence(REASONS[verdict], found=found, wanted=wanted)


REASONS = {
    "holds": "The effect is {found}, inside what is claimed ({wanted}).",
    "partly": "The sign is right but the size is not: {found} against {wanted}.",
    "fails": "The effect is {found}, against {wanted} claimed.",
    "cannot-tell": "The effect of {found} is too uncertain to tell it from zero; claimed: {wanted}.",
}
"""Why an effect has its verdict."""


def _with_interval(estimate: Estimate, unit: str, more: str = "") -> Sentence:
    """A mean with its interval, for a sentence."""
    mean, low, high = (f"{end:+.3g}".replace("-", "−") for end in (estimate.mean, estimate.low, estimate.high))
    told = "{mean} {unit} ({low} to {high}{more})"
    return Sentence(told, mean=mean, unit=Sentence(unit), low=low, high=high, more=more)


def _range_text(claimed: Range, unit: str) -> Sentence:
    if np.isinf(claimed.high):
        return Sentence("above {low}", low=f"{claimed.low:g}")
    if np.isinf(claimed.low):
        return Sentence("below {high}", high=f"{claimed.high:g}")
    low, high = (f"{end:.3g}".replace("-", "−") for end in (claimed.low, claimed.high))
    return Sentence("{low} to {high} {unit}", low=low, high=high, unit=Sentence(unit))


def _method(effect: Effect, pairs: int) -> Sentence:
    told = (
        "{pairs} pairs of runs of {months} months, each pair with one seed and central parameters; a third of them for "
        "the credibility channel{doses} beside the claimed case. Intervals are Student's, of the mean."
    )
    doses = Sentence(" and doses") if effect.dosed else ""
    return Sentence(told, pairs=pairs, months=effect.months, doses=doses)


def _paths(
    effect: Effect, main: _Pairs, responses: Mapping[tuple[float, bool], Estimate]
) -> dict[str, tuple[tuple[float, ...], tuple[float, ...]]]:
    paths: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {}
    if effect.path:
        with_it, without = (
            np.array([run.monthly[effect.path][: effect.months] for run in runs])
            for runs in (main.treated, main.control)
        )
        change = 100.0 * (with_it / without - 1.0) if effect.percent else with_it - without
        by_month = [mean_with_interval(month) for month in change.T]
        x = tuple((2026.25 + (np.arange(effect.months) + 0.5) / 12.0).tolist())
        for name, end in (("low", "low"), ("middle", "mean"), ("high", "high")):
            paths[name] = (x, tuple(float(getattr(one, end)) for one in by_month))
    if effect.dosed:
        for on in (False, True):
            points = sorted((dose, found.mean) for (dose, with_it), found in responses.items() if with_it is on)
            points = [point for point in points if np.isfinite(point[1])]
            if points:
                x, y = zip(*points, strict=True)
                paths[f"dose-response, credibility {'on' if on else 'off'}"] = (tuple(x), tuple(y))
    return paths
