"""Impulse responses: the same world with and without a shock, seed by seed, with common random numbers.

Every random stream is drawn by name and month, so that a pair differs by the shock alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from itcho.agents.ablation import FROZEN, Ablation
from itcho.experiments.evidence.shocks import SHOCKS, Twin
from itcho.experiments.figures.language import ENGLISH, Language
from itcho.experiments.figures.style import lettered
from itcho.model.measure.outcomes import OUTCOMES
from itcho.model.sizes import DEFAULT_START

FloatArray = NDArray[np.float64]

IN_PERCENT = frozenset(
    {
        "usdjpy",
        "usdjpy_average",
        "real_gdp_trn_yen",
        "nominal_gdp_trn_yen",
        "real_consumption_trn_yen",
        "corporate_income_trn_yen",
        "export_volume_index",
        "import_volume_index",
        "consumer_price_index",
        "chip_imports_trn_yen",
        "japan_equity_index",
        "softbank_equity_index",
    }
)
"""Outcomes whose response is a percentage of the twin; the others respond in their own unit."""

SAME_CABINET = Ablation("politics", FROZEN)
"""Published responses hold supplementary budgets where they were, so that no cabinet answers a shock with one here."""

MONTHS_A_YEAR = 12
SUMS_OF_TWELVE_MONTHS = frozenset(
    {
        "nominal_gdp_trn_yen",
        "current_account_trn_yen",
        "current_account_pct_gdp",
        "fiscal_balance_pct_gdp",
        "chip_imports_trn_yen",
        "ai_service_exports_trn_yen",
    }
)
"""Outcomes that add up the last twelve months."""


@dataclass(frozen=True)
class Path:
    """What is kept of a run.

    Attributes
    ----------
    monthly : outcomes by name, (months,) each.
    usdjpy : rate of each session, (21 × months,).
    ai_output : sales of AI services made in Japan, trillion yen a month, (months,).
    chip_cover_months : cover of the tightest chip path at the start.
    max_relative_residual : of the ledger.
    """

    monthly: dict[str, FloatArray]
    usdjpy: FloatArray
    ai_output: FloatArray
    chip_cover_months: float
    max_relative_residual: float


@dataclass(frozen=True)
class Pair:
    """A run with a shock beside its twin, which is cut to the same length."""

    seed: int
    twin: Path
    shocked: Path


@dataclass(frozen=True)
class PairTask:
    """Pairs to make under one seed.

    Attributes
    ----------
    seed : of all random streams.
    months : length of the shocked run by name of the shock.
    policy, start : as in ``JapanEconomy``.
    overrides : parameters that differ from the registry, in twin and shocked run alike.
    noise : False for one path without random shocks.
    size : how many times its plan's every shock is.
    """

    seed: int
    months: dict[str, int]
    policy: str = "actual"
    start: str = DEFAULT_START
    overrides: dict[str, float] = field(default_factory=dict)
    noise: bool = True
    size: float = 1.0


@dataclass(frozen=True)
class Pairs:
    """The pairs of one seed by name of the shock; ``failure`` says what ended them, if anything did."""

    seed: int
    by_shock: dict[str, Pair] = field(default_factory=dict)
    failure: str = ""


def make_pairs(task: PairTask) -> Pairs:
    """Run the twins (one for each set of channels that are off) and every shock against its own."""
    try:
        return Pairs(task.seed, _pairs(task))
    except Exception as error:  # One bad seed must not lose the others.
        return Pairs(task.seed, failure=f"{type(error).__name__}: {error}")


def _pairs(task: PairTask) -> dict[str, Pair]:
    longest: dict[tuple[str, ...], int] = {}
    for name, months in task.months.items():
        without = SHOCKS[name].without
        longest[without] = max(months, SHOCKS[name].twin_months, longest.get(without, 0))
    twins = {without: run_path(task, months, without=without) for without, months in longest.items()}
    pairs = {}
    for name, months in task.months.items():
        plan = SHOCKS[name]
        whole = twins[plan.without]
        shock = plan.make(Twin(whole.usdjpy, whole.monthly["policy_rate_pct"]), task.size)
        shocked = run_path(task, months, shocks=(shock,), without=plan.without)
        pairs[name] = Pair(task.seed, _cut(whole, months), shocked)
    return pairs


def run_path(task: PairTask, months: int, shocks: Sequence[Any] = (), without: tuple[str, ...] = ()) -> Path:
    """Run the economy of ``task`` for ``months`` months."""
    from itcho.model.economy import JapanEconomy

    economy = JapanEconomy(
        policy=task.policy,
        start=task.start,
        rng=task.seed,
        parameters=task.overrides,
        without=without,
        noise=task.noise,
        shocks=shocks,
        ablation=SAME_CABINET,
    )
    cover = economy.chip_tiers.cover_months()[0]
    output = np.empty(months)
    rows: dict[str, FloatArray] = {name: np.empty(months) for name in economy.outcomes}
    usdjpy = []
    for month in range(months):
        economy.step()
        services = economy.closed_month.ai.services
        made = services.model_revenue + services.cloud_revenue + services.application_revenue + services.export_revenue
        output[month] = float(made.sum())
        usdjpy.append(economy.closed_month.prices.usdjpy)
        for name, value in economy.outcomes.items():
            rows[name][month] = value
    return Path(rows, np.concatenate(usdjpy), output, float(cover), float(economy.ledger.max_relative_residual))


def _cut(path: Path, months: int) -> Path:
    per_month = path.usdjpy.size // path.ai_output.size
    return Path(
        {name: values[:months] for name, values in path.monthly.items()},
        path.usdjpy[: per_month * months],
        path.ai_output[:months],
        path.chip_cover_months,
        path.max_relative_residual,
    )


def outcome_response(pair: Pair, outcome: str) -> FloatArray:
    """Response of an outcome, (months,): percent of the twin for prices and volumes, else in its own unit."""
    shocked, twin = pair.shocked.monthly[outcome], pair.twin.monthly[outcome]
    return 100.0 * (shocked / twin - 1.0) if outcome in IN_PERCENT else shocked - twin


def year_responses(pair: Pair, outcome: str) -> FloatArray:
    """Response of an outcome by year of the run, (whole years,): of the year's mean, or of its sum where it is one.

    Outcomes that add up twelve months or a fiscal year stand at the year's end for the year: start states are those of
    the last day of a fiscal year.
    """
    shocked, twin = (path.monthly[outcome] for path in (pair.shocked, pair.twin))
    years = shocked.size // MONTHS_A_YEAR
    shape = (years, MONTHS_A_YEAR)
    by_year = [values[: years * MONTHS_A_YEAR].reshape(shape) for values in (shocked, twin)]
    is_sum = outcome in SUMS_OF_TWELVE_MONTHS or outcome.endswith("_fy")
    ours, theirs = (values[:, -1] if is_sum else values.mean(axis=1) for values in by_year)
    return np.asarray(100.0 * (ours / theirs - 1.0) if outcome in IN_PERCENT else ours - theirs)


@dataclass(frozen=True)
class YearResponse:
    """Response of one outcome in one year; the first is 1."""

    outcome: str
    year: int
    estimate: Estimate


def yearly_responses(pairs: Sequence[Pair], outcomes: Sequence[str]) -> list[YearResponse]:
    """The responses of several outcomes by whole year, over the same pairs."""
    found = []
    for outcome in outcomes:
        by_year = np.array([year_responses(pair, outcome) for pair in pairs]).T
        found += [YearResponse(outcome, year, mean_with_interval(one)) for year, one in enumerate(by_year, start=1)]
    return found


def response_unit(outcome: str) -> str:
    """Unit of :func:`outcome_response`."""
    if outcome in IN_PERCENT:
        return "%"
    unit = OUTCOMES[outcome].unit
    return {"%": "pp", "% of GDP": "pp of GDP"}.get(unit, unit)


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds with its 95% interval."""

    mean: float
    low: float
    high: float
    seeds: int


def mean_with_interval(values: FloatArray) -> Estimate:
    """Mean of (seeds,) values with Student's interval; values that are not finite are left out.

    Examples
    --------
    >>> mean_with_interval(np.array([1.0, 2.0, 3.0, np.nan])).mean
    2.0
    """
    used = values[np.isfinite(values)]
    if used.size == 0:
        return Estimate(np.nan, np.nan, np.nan, 0)
    mean = float(used.mean())
    if used.size == 1:
        return Estimate(mean, np.nan, np.nan, 1)
    half = float(student.ppf(0.975, used.size - 1) * used.std(ddof=1) / np.sqrt(used.size))
    return Estimate(mean, mean - half, mean + half, int(used.size))


def ratio_with_interval(numerator: FloatArray, denominator: FloatArray) -> Estimate:
    """Ratio of two means over the same seeds, with the interval of its linear approximation."""
    ratio = float(numerator.mean() / denominator.mean())
    residual = mean_with_interval((numerator - ratio * denominator) / float(denominator.mean()))
    return Estimate(ratio, ratio + residual.low, ratio + residual.high, residual.seeds)


@dataclass(frozen=True)
class ResponsePath:
    """Response of one outcome over time: mean over seeds, its 95% interval, and the band of 90% of seeds."""

    outcome: str
    unit: str
    mean: FloatArray
    low: FloatArray
    high: FloatArray
    band_low: FloatArray
    band_high: FloatArray


def response_paths(pairs: Sequence[Pair], outcomes: Sequence[str]) -> list[ResponsePath]:
    """The paths of several outcomes over the same pairs."""
    found = []
    for outcome in outcomes:
        values = np.array([outcome_response(pair, outcome) for pair in pairs])
        by_month = [mean_with_interval(month) for month in values.T]
        band = np.nanpercentile(values, (5.0, 95.0), axis=0)
        found.append(
            ResponsePath(
                outcome,
                response_unit(outcome),
                np.array([one.mean for one in by_month]),
                np.array([one.low for one in by_month]),
                np.array([one.high for one in by_month]),
                band[0],
                band[1],
            )
        )
    return found


def response_picture(title: str, paths: Sequence[ResponsePath], language: Language = ENGLISH) -> bytes:
    """Draw response paths, one panel each: the band of 90% of seeds, the mean and its interval; PNG."""
    with lettered(language):
        return _response_picture(title, paths, language)


def _response_picture(title: str, paths: Sequence[ResponsePath], language: Language) -> bytes:
    import io

    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns = min(3, len(paths))
    lines = -(-len(paths) // columns)
    figure = Figure(figsize=(4.6 * columns, 3.1 * lines + 0.5), dpi=110)
    canvas = FigureCanvasAgg(figure)
    panels = np.atleast_1d(figure.subplots(lines, columns)).ravel()
    for panel, path in zip(panels, paths, strict=False):
        months = np.arange(1, path.mean.size + 1)
        panel.fill_between(months, path.band_low, path.band_high, color="#0072B2", alpha=0.15, linewidth=0)
        panel.fill_between(months, path.low, path.high, color="#0072B2", alpha=0.35, linewidth=0)
        panel.plot(months, path.mean, color="#0072B2")
        panel.axhline(0.0, color="#8C8C8C", linewidth=0.8)
        label = language("{what}, {unit}", what=language.outcome(path.outcome), unit=language(path.unit))
        panel.set_title(label, loc="left", fontsize=10)
        panel.set_xlabel(language("month"), fontsize=9)
        for side in ("top", "right"):
            panel.spines[side].set_visible(False)
    for panel in panels[len(paths) :]:
        panel.set_visible(False)
    weight = "normal" if language.fonts else "bold"
    figure.suptitle(title, x=0.02, ha="left", fontsize=11, fontweight=weight)
    figure.tight_layout()
    buffer = io.BytesIO()
    canvas.print_png(buffer)
    return buffer.getvalue()
