"""Claimed levels: how probable their range is under the baseline, with the uncertain parameters uncertain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from itcho.experiments.claims import readings as read
from itcho.experiments.claims.claim import Answer, Claim, Effort
from itcho.experiments.claims.ensembles import UNCERTAIN, Arm, Ensembles, Request, Run
from itcho.experiments.claims.verdicts import Range, claimed_range, level_verdict, share_interval
from itcho.experiments.languages import Sentence

FloatArray = NDArray[np.float64]
Reading = Callable[[Run], float]
Row = tuple[str, float | None, float | None, float | None, str]

ARM = Arm(sampled=True)
POINTS_PER_SEED, LONG_POINTS_PER_SEED, LONG = 3.0, 0.7, 36
SHOWN_QUANTILES = (0.025, 0.5, 0.975)


@dataclass(frozen=True)
class Level:
    """How a claimed level is read.

    Attributes
    ----------
    reading : the figure of a run.
    unit, what : of the figure, and what it is.
    months : length of run that it needs.
    path : outcome whose path the picture shows, and the factor on it.
    others : further readings by what they are (other definitions, other years), in the same unit.
    happened : whether a run does what is claimed, if that is more than the figure lying in the range.
    """

    reading: Reading
    unit: str
    what: str
    months: int
    path: tuple[str, float]
    others: tuple[tuple[str, Reading], ...] = ()
    happened: Callable[[Run], bool] | None = None


def _adoption_goes_to(run: Run) -> bool:
    """Use has got to 50% within the first year and is at 80% at the end of 2035, each within its tolerance."""
    first, last = (claimed_range(goal, goal, "pct") for goal in (50.0, 80.0))
    gets_there = bool((run.monthly["genai_individual_use_pct"][: read.YEAR] >= first.low).any())
    return gets_there and last.holds(run.end("genai_individual_use_pct", 2035))


LEVELS: dict[str, Level] = {
    "debt-ratio-2026": Level(
        partial(read.debt_ratio_former_base, year=2026),
        "%",
        "gross debt over GDP at the end of 2026, former GDP base",
        9,
        ("gov_debt_to_gdp_pct", read.FORMER_BASE),
        (
            ("2020 GDP base, end of 2026", partial(read.debt_ratio, year=2026)),
            (
                "former GDP base, end of FY2026",
                lambda run: read.FORMER_BASE * run.end("gov_debt_to_gdp_pct", 2026, fiscal=True),
            ),
        ),
    ),
    "bond-dependency": Level(
        lambda run: run.end("bond_dependency_pct", 2026, fiscal=True),
        "%",
        "new bonds over spending of the general account in FY2026, supplementary budget included",
        12,
        ("bond_dependency_pct", 1.0),
    ),
    "ai-tax-2027": Level(
        lambda run: run.year_sum("ai_tax_revenue_trn_yen_fy", 2027),
        "trn yen",
        "taxes on value added of the AI layers in 2027",
        24,
        ("ai_tax_revenue_trn_yen_fy", 1.0),
        (("fiscal year 2027", lambda run: run.end("ai_tax_revenue_trn_yen_fy", 2027, fiscal=True)),),
    ),
    "yen-path-2026": Level(
        lambda run: run.mean("usdjpy_average", 2026),
        "yen per USD",
        "mean of 2026; January to March are the figures of the Federal Reserve",
        12,
        ("usdjpy_average", 1.0),
        (("mean of FY2026", lambda run: run.mean("usdjpy_average", 2026, fiscal=True)),),
    ),
    "import-dependence": Level(
        read.import_share_of_ai_investment,
        "%",
        "imported chips and computers over all investment of AI firms, April 2026 to December 2027",
        21,
        ("chip_imports_trn_yen", 1.0),
    ),
    "market-share-2026": Level(
        lambda run: run.mean("japan_share_global_ai_pct", 2026),
        "%",
        "revenue of suppliers controlled in Japan over world AI spending (IDC boundary), mean of 2026",
        12,
        ("japan_share_global_ai_pct", 1.0),
        (
            (
                "by who buys: AI spending in Japan over the same",
                lambda run: run.mean("japan_share_global_ai_spending_pct", 2026),
            ),
            ("mean of FY2026", lambda run: run.mean("japan_share_global_ai_pct", 2026, fiscal=True)),
        ),
    ),
    "adoption-path": Level(
        lambda run: run.end("genai_individual_use_pct", 2035),
        "%",
        "individuals who have used generative AI, end of 2035",
        117,
        ("genai_individual_use_pct", 1.0),
        (("end of FY2026", lambda run: run.end("genai_individual_use_pct", 2026, fiscal=True)),),
        _adoption_goes_to,
    ),
}
"""Claimed levels by id."""


def replicates(months: int, effort: Effort) -> int:
    """How many points of the parameter space a level gets."""
    return max(10, round(effort.seeds * (LONG_POINTS_PER_SEED if months > LONG else POINTS_PER_SEED)))


def requests(claim: Claim, effort: Effort) -> list[Request]:
    """The runs that a level needs."""
    level = LEVELS[claim.id]
    return [Request(ARM, level.months, replicates(level.months, effort))]


def answer(claim: Claim, effort: Effort, ensembles: Ensembles) -> Answer:
    """Probability of the claimed range over the runs."""
    level = LEVELS[claim.id]
    runs = list(ensembles.runs(ARM, level.months, replicates(level.months, effort)).values())
    claimed = claimed_range(claim.low, claim.high, claim.unit)
    values = np.array([level.reading(run) for run in runs])
    if not np.isfinite(values).all():
        raise ValueError(f"claim '{claim.id}': {level.what} is not a number in some runs")
    happened = [claimed.holds(value) for value in values] if level.happened is None else map(level.happened, runs)
    successes = int(sum(happened))
    if not runs:
        return Answer(claim, "cannot-tell", Sentence("Every run failed."), level.unit, notes=ensembles.failures[:1])
    probability = successes / len(runs)
    low, middle, high = np.quantile(values, SHOWN_QUANTILES)
    verdict = level_verdict(probability)
    wanted = f"{_range_text(claimed)} {level.unit}" if level.happened is None else claim.claim.rstrip(".")
    asked = f"probability of what is claimed ({wanted})"
    rows: list[Row] = [(asked, probability, *share_interval(successes, len(runs)), "share of runs")]
    for label, reading in ((level.what, level.reading), *level.others):
        quantiles = np.quantile([reading(run) for run in runs], SHOWN_QUANTILES)
        rows.append((label, float(quantiles[1]), float(quantiles[0]), float(quantiles[2]), level.unit))
        if reading is not level.reading:
            inside = float(np.mean([claimed.holds(reading(run)) for run in runs]))
            rows.append((f"probability of the range so read: {label}", inside, None, None, "share of runs"))
    return Answer(
        claim=claim,
        verdict=verdict,
        why=Sentence(
            "What is claimed comes true in {share} of {runs} runs; the middle run gives {middle} {unit} and 95% of "
            "them lie between {low} and {high}.",
            share=f"{probability:.0%}",
            runs=len(runs),
            middle=f"{middle:.4g}",
            unit=Sentence(level.unit),
            low=f"{low:.4g}",
            high=f"{high:.4g}",
        ),
        unit=level.unit,
        model=float(middle),
        low=float(low),
        high=float(high),
        probability=probability,
        runs=len(runs),
        table=tuple(rows),
        notes=(
            Sentence(
                "{runs} runs of the baseline with the actual policy, each with its own seed and its own values of "
                "{count} uncertain parameters (Latin hypercube over their bounds); all others central.",
                runs=len(runs),
                count=len(UNCERTAIN),
            ),
            Sentence("The figure is the middle run, its interval holds 95% of the runs."),
        ),
        paths=_fan(runs, level, claimed),
    )


def _range_text(claimed: Range) -> str:
    if np.isinf(claimed.high):
        return f"above {claimed.low:.4g}"
    return f"below {claimed.high:.4g}" if np.isinf(claimed.low) else f"{claimed.low:.4g} to {claimed.high:.4g}"


def _fan(runs: list[Run], level: Level, claimed: Range) -> dict[str, tuple[tuple[float, ...], tuple[float, ...]]]:
    """Middle run and 95% band by month, and the claimed range if it is in the unit of the path."""
    name, factor = level.path
    months = min(run.months for run in runs)
    values = factor * np.array([run.monthly[name][:months] for run in runs])
    x = tuple((2026.25 + (np.arange(months) + 0.5) / 12.0).tolist())
    low, middle, high = (tuple(row.tolist()) for row in np.quantile(values, SHOWN_QUANTILES, axis=0))
    paths = {"low": (x, low), "middle": (x, middle), "high": (x, high)}
    if name != "chip_imports_trn_yen" and np.isfinite([claimed.low, claimed.high]).all():
        ends = (x[0], x[-1])
        paths |= {"claimed low": (ends, (claimed.low,) * 2), "claimed high": (ends, (claimed.high,) * 2)}
    return paths
