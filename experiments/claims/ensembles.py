"""The runs behind levels and effects, made once and shared between claims.

An *arm* is a world: scenario, policy, dose of the programme, credibility channel.  Claims ask for arms over so many
months and replicates; each run is made once, for the longest that anyone asked for.  Replicate k of every arm has seed
k: arms are paired, with common random numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from itcho.experiments.studies.variants import Variant
from itcho.model.sizes import DEFAULT_START

FloatArray = NDArray[np.float64]

START = DEFAULT_START
FIRST_YEAR, FIRST_MONTH = 2026, 4
YEAR = 12

UNCERTAIN: dict[str, str] = {
    "trader_value_slope_pct_gdp": "dollars held against a misvaluation: lasting impact of orders",
    "carry_book_ratio": "size of the carry book",
    "carry_stop_loss_low": "stop-loss of the tightest carry traders",
    "jgb_demand_slope_share_per_pp": "how much JGB demand answers to yields, and so yields to debt",
    "ai_national_company_gap_months": "opening gap of the national company to the frontier",
    "ai_choice_quality_weight": "weight of quality in the choice of a model",
    "ai_contract_peer_weight": "weight of trading partners' suppliers in that choice",
    "ai_domestic_model_share": "opening share of domestic models",
    "programme_additionality": "private money that a yen of support brings",
    "chip_budget_capacity_fixed_share": "part of chip budgets fixed in capacity, not in yen",
    "softbank_planning_ltv_pct": "loan-to-value that SoftBank plans with",
    "softbank_unlisted_volatility_pct": "volatility of SoftBank's unlisted holdings",
    "softbank_backing_belief": "belief in state backing",
    "ai_deep_innovation": "deep adoption by firms of their own accord",
    "ai_deep_imitation": "deep adoption by imitation",
    "chip_price_elasticity": "price elasticity of chip orders",
    "chip_lead_time_months": "lead time of chips",
}
"""The dozen uncertain quantities that a sensitivity analysis has to sample first; all other parameters stay central."""


@dataclass(frozen=True)
class Arm:
    """A world to run.

    Attributes
    ----------
    scenario, policy : names.
    dose : of the programme, times the announced amounts; policies without one have dose 1.
    credibility : whether the credibility channel is on.
    sampled : whether the uncertain parameters are drawn (replicate by replicate) instead of central.
    """

    scenario: str = "baseline"
    policy: str = "actual"
    dose: float = 1.0
    credibility: bool = False
    sampled: bool = False


@dataclass(frozen=True)
class Run:
    """What readings need of a run.

    Attributes
    ----------
    monthly : outcomes and probes by name, (months,) each; month 0 is April 2026.
    opening : outcomes before the first month.
    daily_usdjpy : rate of each session after the opening rate, (1 + 21 × months,).
    """

    monthly: Mapping[str, FloatArray]
    opening: Mapping[str, float]
    daily_usdjpy: FloatArray

    @property
    def months(self) -> int:
        """Length."""
        return self.daily_usdjpy.size // 21

    def months_of(self, year: int, fiscal: bool) -> tuple[int, int]:
        """First month and end of a year as positions; before the start is negative."""
        first = YEAR * (year - FIRST_YEAR) - (0 if fiscal else FIRST_MONTH - 1)
        return first, first + YEAR

    def values(self, name: str, year: int, fiscal: bool = False) -> FloatArray:
        """The twelve months of a year; months before the start have the opening value, or else that of month one.

        Raises
        ------
        ValueError : the run does not reach the end of the year.
        """
        first, end = self.months_of(year, fiscal)
        if end > self.months:
            raise ValueError(f"{name}: the run ends before {'FY' if fiscal else ''}{year} does")
        found, opening = self.monthly[name], self.opening.get(name, np.nan)
        before = np.full(max(0, -first), opening if np.isfinite(opening) else found[0])
        return np.concatenate([before, found[max(0, first) : end]])

    def mean(self, name: str, year: int, fiscal: bool = False) -> float:
        """Mean of a year."""
        return float(self.values(name, year, fiscal).mean())

    def end(self, name: str, year: int, fiscal: bool = False) -> float:
        """Last month of a year: stocks, and sums of the last twelve months."""
        return float(self.values(name, year, fiscal)[-1])

    def year_sum(self, name: str, year: int, fiscal: bool = False) -> float:
        """Sum over a year of an amount that is counted from each April on."""
        to_date = self.monthly[name]
        flow = np.diff(to_date, prepend=0.0)
        flow[::YEAR] = to_date[::YEAR]
        first, end = self.months_of(year, fiscal)
        if first < 0 or end > self.months:
            raise ValueError(f"{name}: the run does not hold all of {year}")
        return float(flow[first:end].sum())


def probes(economy: Any) -> dict[str, float]:
    """What claims need beside the outcomes, month by month.

    Exports and AI investment are trillion yen a month, what AI firms pay foreign designers is billion dollars a month;
    private investment is that of AI firms controlled in Japan without programme money.
    """
    month, state = economy.closed_month, economy.state
    chips = month.ai.chips
    columns = economy.chip_importers.columns
    home = columns["domestic_control"]
    bought = chips.orders_bn_usd * (state.usdjpy / 1000.0)
    plant = chips.plant_volume_trn_yen * state.consumer_price
    imported_part = economy.parameters.programme_import_share
    revenue = columns["revenue_trn_yen"] + columns["foreign_revenue_trn_yen"]
    own = np.maximum(bought - imported_part * chips.programme_spending_trn_yen, 0.0) + plant
    chips_bought = float(chips.ai_firm_imports_trn_yen)
    return {
        "exports_trn_yen": float(month.output.demand.exports),
        "own_investment_trn_yen": float(own[home].sum()),
        "ai_imports_trn_yen": chips_bought,
        "ai_investment_trn_yen": chips_bought + float(month.ai.firms.domestic_investment),
        "other_chip_purchases_trn_yen": float(chips.other_firms_imports_trn_yen) / state.import_price,
        "designer_revenue_bn_usd": float(chips.ai_dollar_payments_bn_usd_by_session.sum()),
        "domestic_ai_revenue_trn_yen": 12.0 * float(revenue[home].sum()),
    }


def make_run(
    arm: Arm, replicate: int, months: int, overrides: Mapping[str, float], without: tuple[str, ...] = ()
) -> Run:
    """Run an arm once.

    Parameters
    ----------
    replicate : 0, 1, 2, ...; the seed is one more.
    overrides : parameters that differ from the registry.
    without : channels that are off.
    """
    from itcho.model.economy import JapanEconomy
    from itcho.model.policies import policy as find_policy
    from itcho.model.scenarios import scenario as find_scenario

    policy, scenario = find_policy(arm.policy), find_scenario(arm.scenario)
    if arm.dose != 1.0:
        policy = replace(policy, subsidy=_with_dose(policy.subsidy, arm.dose))
    shaken = any(episode.path.sovereign_doubt_logit for episode in scenario.episodes)
    scenario = replace(scenario, credibility=arm.credibility or shaken)
    economy = JapanEconomy(
        scenario=scenario, policy=policy, start=START, rng=replicate + 1, parameters=overrides, without=without
    )
    opening, first_rate = dict(economy.outcomes), economy.state.usdjpy
    rows: list[dict[str, float]] = []
    rates = [np.array([first_rate])]
    for _ in range(months):
        economy.step()
        rows.append(economy.outcomes | probes(economy))
        rates.append(np.asarray(economy.closed_month.prices.usdjpy, dtype=np.float64))
    monthly = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    return Run(monthly, opening, np.concatenate(rates))


def _with_dose(rule: Any, dose: float) -> Any:
    """The same subsidy rule at another dose; every scheduled rule has one."""
    return replace(rule, dose=dose)


@dataclass(frozen=True)
class Task:
    """One run to make in a process of its own."""

    arm: Arm
    replicate: int
    months: int
    overrides: Mapping[str, float] = field(default_factory=dict)
    without: tuple[str, ...] = ()


def do_task(task: Task) -> Run | str:
    """Make the run; an error of the model is an answer, so that one bad seed does not lose the others."""
    try:
        return make_run(task.arm, task.replicate, task.months, task.overrides, task.without)
    except Exception as error:
        return f"{task.arm}, seed {task.replicate + 1}: {type(error).__name__}: {error}"


@dataclass(frozen=True)
class Request:
    """Runs that a claim needs: ``replicates`` of an arm over ``months`` months."""

    arm: Arm
    months: int
    replicates: int


def tasks_of(requests: Iterable[Request], variant: Variant | None = None) -> list[Task]:
    """The runs that satisfy all requests, each once and as long as the longest asks; longest first.

    Parameters
    ----------
    variant : a mechanism in another form, in every run; its parameters stand above those that are drawn.
    """
    longest: dict[tuple[Arm, int], int] = {}
    points: dict[bool, int] = {}
    for request in requests:
        for replicate in range(request.replicates):
            key = (request.arm, replicate)
            longest[key] = max(request.months, longest.get(key, 0))
        if request.arm.sampled:
            points[True] = max(request.replicates, points.get(True, 0))
    drawn = sampled_parameters(points[True]) if points else []
    changed = {} if variant is None else dict(variant.parameters)
    without = () if variant is None else variant.without
    tasks = [
        Task(arm, replicate, months, (drawn[replicate] if arm.sampled else {}) | changed, without)
        for (arm, replicate), months in longest.items()
    ]
    # Long runs first: the last minutes of a batch are then short ones, and no process waits for another.
    return sorted(tasks, key=lambda task: -task.months)


def sampled_parameters(points: int, seed: int = 1) -> list[dict[str, float]]:
    """A Latin hypercube over the bounds of the uncertain parameters, one point for each replicate."""
    from itcho.experiments.studies.design import Design, UncertainParameter, design_points
    from itcho.model.parameters import registry

    known = registry()
    uncertain = [UncertainParameter(name, known[name].low, known[name].high) for name in UNCERTAIN]
    return design_points(Design("latin-hypercube", points, seed), uncertain)


class Ensembles:
    """Runs by arm and replicate.

    Attributes
    ----------
    failures : what ended runs that failed.
    """

    def __init__(self, runs: Mapping[tuple[Arm, int], Run], failures: tuple[str, ...] = ()) -> None:
        self._runs = dict(runs)
        self.failures = failures

    def __len__(self) -> int:
        return len(self._runs)

    def runs(self, arm: Arm, months: int, replicates: int) -> dict[int, Run]:
        """Finished runs of an arm by replicate, as far as they are long enough."""
        found = {replicate: self._runs.get((arm, replicate)) for replicate in range(replicates)}
        return {replicate: run for replicate, run in found.items() if run is not None and run.months >= months}


def make_ensembles(
    requests: Iterable[Request],
    workers: int = 1,
    on_run: Callable[[], None] = lambda: None,
    variant: Variant | None = None,
) -> Ensembles:
    """Make all runs that the requests need, in ``workers`` processes; Ctrl-C ends them."""
    from itcho.experiments.processes import in_processes

    tasks = tasks_of(requests, variant)
    results = in_processes(do_task, tasks, workers, on_run)
    runs = {
        (task.arm, task.replicate): result
        for task, result in zip(tasks, results, strict=True)
        if isinstance(result, Run)
    }
    return Ensembles(runs, tuple(result for result in results if isinstance(result, str)))
